// Every explorer of the page comes to life. The script comes with each explorer and runs once for each, so it takes
// only those that nobody has taken yet.
//
// For other scripts: an explorer's `data-state` is the values of its controls, as JSON. It takes the event
// "explorer:set", whose detail is {control: value}: a number is clipped to the range or goes to the nearest stop (of two
// that are equally near, to the first), and what is unknown or no choice is left out, with a warning on the console. It
// sends the event "explorer:drawn", with the values as detail, when the figure shows them.

const REST = 600, SHORT = 250, RUN = 6000; // milliseconds: a hand that rests; ... ; how long time is played
const still = matchMedia("(prefers-reduced-motion: reduce)");

// ---- The address: #fig-descent?eta=1.9&w0=-2

// JupyterLab and editors have addresses of their own.
const addressed = /^(https?|file):$/.test(location.protocol) && !document.getElementById("jupyter-config-data");
const nameOf = (explorer) => {
  const owner = explorer.closest("figure[id]") ?? explorer.parentElement.closest("figure[id], .cell[id]");
  return owner?.id || `explorer-${[...document.querySelectorAll("figure.explorer")].indexOf(explorer) + 1}`;
};
const written = (explorer, state) => `#${encodeURIComponent(nameOf(explorer))}?${new URLSearchParams(state)}`;
const asked = (explorer) => {
  const cut = location.hash.indexOf("?");
  if (!addressed || cut < 0) return null;
  let name = location.hash.slice(1, cut);
  try { name = decodeURIComponent(name); } catch { /* as it stands */ }
  return name === nameOf(explorer) ? new URLSearchParams(location.hash.slice(cut + 1)) : null;
};

const start = (explorer) => {
  const form = explorer.querySelector("form.explorer-controls"), said = explorer.querySelector(".explorer-said");
  const specs = JSON.parse(explorer.dataset.controls), first = JSON.parse(explorer.dataset.state);
  const rows = new Map([...form.querySelectorAll(".explorer-control")].map((row) => [row.dataset.name, row]));
  const controls = Object.entries(specs).map(([name, spec]) => [name, controlOf(rows.get(name), spec, (self) => { if (self === playing?.self) stop(); moved(true); })]);
  const by = Object.fromEntries(controls), drawing = picture(explorer);
  let ready = false, loading = null, waiting = false, resting = 0, playing = null, heard = "";

  const state = () => Object.fromEntries(controls.map(([name, control]) => [name, control.value]));
  const setting = () => controls.map(([, { control, value }]) => `${control.label} = ${textOf(control, value)}`).join(WORDS.between);
  const say = () => {
    explorer.dataset.state = JSON.stringify(state());
    explorer.querySelector(".explorer-setting").textContent = setting() + (ghost.kept ? ` (${WORDS.pale}: ${ghost.setting})` : "");
  };

  const load = () => {
    loading ??= drawing.load().then(() => { ready = true; }).catch((error) => {
      console.error("explorer: its frames cannot be read, so the figure stays as it is", error);
      stop();
      form.hidden = true;
      explorer.dataset.broken = "";
      controls.forEach(([name, control]) => control.set(first[name]));
      say();
      handles.show();
    });
    return loading;
  };

  const draw = () => {
    waiting = false;
    drawing.draw(state());
    handles.show();
    explorer.dispatchEvent(new CustomEvent("explorer:drawn", { bubbles: true, detail: state() }));
  };

  // byHand: a reader moved it, so what it shows now is told once the hand rests, and kept.
  const moved = (byHand) => {
    say();
    // However fast the hand, one drawing for each frame of the screen.
    if (!waiting) {
      waiting = true;
      load().then(() => ready && requestAnimationFrame(() => waiting && draw()));
    }
    if (byHand && !playing) rest();
  };
  const rest = () => {
    clearTimeout(resting);
    resting = setTimeout(() => { keep(); tell(); }, REST);
  };
  const tell = (text = (ready && drawing.words(state())) || setting()) => {
    if (text !== heard) said.textContent = heard = text;
  };
  const keep = (address = written(explorer, state())) => {
    if (!addressed || explorer.dataset.broken !== undefined) return;
    const explorers = { ...history.state?.explorers, [nameOf(explorer)]: state() };
    try { history.replaceState({ ...history.state, explorers }, "", address); } catch { /* too often */ }
  };

  // ---- Play, pin, reset, link

  const stop = () => {
    if (!playing) return;
    cancelAnimationFrame(playing.request);
    const { button } = playing;
    playing = null;
    mark(button, false);
    rest();
  };
  const mark = (button, plays) => {
    const [sign, text] = button.childNodes;
    sign.textContent = plays ? "❚❚" : "▶";
    const turned = (words) => words.replace(...(plays ? [WORDS.play, WORDS.pause] : [WORDS.pause, WORDS.play]));
    text.textContent = turned(text.textContent);
    button.setAttribute("aria-label", turned(button.getAttribute("aria-label")));
  };
  const play = (button) => {
    const mine = playing?.button === button;
    stop();
    if (mine) return;
    const self = by[button.dataset.name], { values, high, low } = self.control;
    if (self.value === high) self.set(low);
    // Stops take their turns, up to one for each frame; who wants less motion gets eight pictures, a second each.
    const from = values ? values.indexOf(self.value) / (values.length - 1) : self.place(self.value);
    const duration = still.matches ? 8000 : values ? Math.min(RUN, 700 * (values.length - 1)) : RUN;
    playing = { button, self };
    const run = playing;
    mark(button, true);
    let began = null;
    const step = (now) => {
      if (playing !== run) return;
      began ??= now;
      let t = Math.min(from + (now - began) / duration, 1);
      if (still.matches && t < 1) t = from + Math.floor((t - from) * 8) / 8;
      const value = values ? values[Math.floor(t * (values.length - 1) + 1e-9)] : self.at(t);
      if (value !== self.value) { self.set(value); moved(true); }
      if (t >= 1) stop();
      else run.request = requestAnimationFrame(step);
    };
    moved(true);
    load().then(() => { if (ready && playing === run) run.request = requestAnimationFrame(step); });
  };

  const ghost = ghostOf(explorer), note = explorer.querySelector(".explorer-pinned");
  const pin = (button) => {
    if (ghost.kept) ghost.release();
    else { if (ready && waiting) draw(); ghost.setting = setting(); ghost.keep(); }
    button.setAttribute("aria-pressed", ghost.kept);
    note.textContent = ghost.kept ? `${WORDS.pale}: ${ghost.setting}` : "";
    say();
  };

  const link = async (button) => {
    keep();
    const text = location.href.split("#")[0] + written(explorer, state());
    let done = true;
    try { await navigator.clipboard.writeText(text); } catch {
      const box = document.createElement("textarea");
      box.value = text;
      form.append(box);
      box.select();
      done = document.execCommand("copy");
      box.remove();
      button.focus();
    }
    button.textContent = done ? WORDS.copied : WORDS.failed;
    tell(done ? WORDS.saidCopied : WORDS.saidFailed);
    setTimeout(() => { button.textContent = WORDS.copy; }, 2000);
  };

  const take = (wanted, byHand) => {
    stop();
    for (const [name, value] of Object.entries(wanted)) by[name].set(value);
    moved(byHand);
  };
  const actions = { play, pin, link, reset: () => take(first, true) };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (button) actions[button.dataset.do](button);
  });

  // ---- From elsewhere

  controls.forEach(([name, control]) => control.set(first[name]));
  const handles = handlesOf(explorer, (k) => ready ? drawing.point(k) : null, state, (wanted) => {
    stop();
    const before = JSON.stringify(state());
    for (const [name, value] of Object.entries(wanted)) by[name].set(by[name].at(by[name].place(value), 0.012));
    if (JSON.stringify(state()) !== before) moved(true);
  });

  explorer.addEventListener("explorer:set", (event) => {
    stop();
    Object.entries(event.detail ?? {}).forEach(([name, value]) => {
      if (!Object.hasOwn(by, name) || form.hidden || !by[name].set(value)) console.warn("explorer:set: left out", name, value);
    });
    moved(false);
    if (ready) draw(); // a script finds the figure as it set it
  });

  // What the address or the history of the page asks for; what it asks wrongly is left out.
  const open = (scroll) => {
    const kept = addressed && history.state?.explorers?.[nameOf(explorer)], query = asked(explorer);
    if (!kept && !query) return;
    const wanted = {};
    for (const [name, { control }] of controls) {
      const given = query?.has(name) ? query.get(name).trim() : null;
      const value = given === null ? kept?.[name] : control.kind === "choice" ? given : given === "" ? NaN : +given;
      if (control.kind === "choice" ? control.values.includes(value) : Number.isFinite(value)) wanted[name] = value;
    }
    take(wanted, false);
    keep(location.hash);
    if (query && scroll) explorer.scrollIntoView({ block: "center" });
  };
  if (addressed) {
    addEventListener("hashchange", () => open(true));
    addEventListener("popstate", () => open(false));
    open(false);
    if (asked(explorer) && !history.state?.explorers) addEventListener("load", () => explorer.scrollIntoView({ block: "center" }));
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector("fieldset").disabled = false;
  say();
  // Nothing is unpacked for a reader who never comes near; nothing plays for one who went away.
  new IntersectionObserver((entries) => {
    if (!entries.at(-1).isIntersecting) stop();
    else load();
  }, { rootMargin: "600px" }).observe(explorer);
  explorer.dataset.ready = "true";
};

document.querySelectorAll("figure.explorer[data-controls]:not([data-ready])").forEach(start);
