// One control: its values, its place on a scale, its native input, and the hand, the keys and the marks that move it.

// What is said, in English unless the page says it otherwise; `signs`: numbers are spoken as they are written.
const WORDS = {
  play: "Play", pause: "Pause", pale: "pale", between: ", ", copy: "Copy link", copied: "Copied", failed: "Copy failed",
  saidCopied: "Link copied", saidFailed: "The link could not be copied", signs: false, ...globalThis.explorableWords,
};
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

// The same as Control.text and spoken in Python.
const textOf = (control, value) => {
  if (control.values) return control.texts[control.values.indexOf(value)];
  if (control.grid) {
    const text = value.toFixed(Math.max(0, Math.round(-Math.log10(control.grid))));
    return (+text ? text : text.replace("-", "")).replace("-", "−");
  }
  const short = +value.toPrecision(3), power = short.toExponential().replace("e+", "e");
  return (short < 0.01 || short >= 1e5) && power.length < `${short}`.length ? power : `${short}`;
};
const spokenNumber = (text) => WORDS.signs ? text :
  text.replace(/e[-−](\d+)$/, " times 10 to the minus $1").replace(/e(\d+)$/, " times 10 to the $1").replace("−", "minus ");

const CATCH = 9, MOVE = 6; // pixels: a mark catches the thumb so near; a finger that moved so far along moves it

const controlOf = (row, control, moved) => {
  const slider = row.querySelector("input[type=range]"), output = row.querySelector("output");
  const { values, low, high, grid, marks = [] } = control, numeric = control.kind !== "choice";
  const onScale = control.scale === "log" ? Math.log10 : (x) => x;
  const offScale = control.scale === "log" ? (x) => 10 ** x : (x) => x;
  const place = (value) => clamp((onScale(value) - onScale(low)) / (onScale(high) - onScale(low)), 0, 1);
  const near = (places, u) => places.reduce((best, v) => Math.abs(place(v) - u) < Math.abs(place(best) - u) ? v : best);
  const tidy = (value) => clamp(grid ? +(Math.round(value / grid) * grid).toPrecision(12) : +value.toPrecision(3), low, high);
  // The value that a hand means at a place; `reach` is how far a mark catches, in the same measure.
  const at = (u, reach = 0) => {
    if (values) return near(values, u);
    const caught = marks.length ? near(marks.map((mark) => mark[1]), u) : NaN;
    if (Math.abs(place(caught) - u) <= reach) return caught;
    return u <= 0 ? low : u >= 1 ? high : tidy(offScale(onScale(low) + u * (onScale(high) - onScale(low))));
  };

  const say = (value) => {
    if (!slider) return;
    const text = textOf(control, value), mark = marks.find((each) => each[1] === value);
    slider.value = onScale(value);
    slider.setAttribute("aria-valuetext", spokenNumber(text) + (mark ? `, ${mark[2]}` : ""));
    slider.style.setProperty("--explorer-at", place(value).toFixed(5));
    output.textContent = text;
    row.querySelectorAll(".explorer-scale b").forEach((b, k) => b.classList.toggle("here", mark === marks[k]));
  };

  const self = {
    control, place, at, value: null,
    // What another script, an address or a handle asks for; false when that is no value of this control.
    set(wanted) {
      if (!numeric) {
        const k = values.indexOf(wanted);
        if (k < 0) return false;
        const input = row.querySelector(`select, input[value="${k}"]`);
        if (input.type === "radio") input.checked = true;
        else input.value = k;
      } else {
        if (typeof wanted !== "number" || !Number.isFinite(wanted)) return false;
        // Of two stops that are equally near, the first.
        wanted = values ? values.reduce((best, v) => Math.abs(v - wanted) < Math.abs(best - wanted) ? v : best) : clamp(wanted, low, high);
        say(wanted);
      }
      self.value = wanted;
      return true;
    },
    // The next value to the right or left: by one stop, or by about a fiftieth of the scale.
    next(steps) {
      if (values) return values[clamp(values.indexOf(self.value) + steps, 0, values.length - 1)];
      const from = place(self.value);
      let to = clamp(at(clamp(from + steps * 0.02, 0, 1)), low, high);
      if (grid) { // round numbers, as the eye counts them
        const unit = grid * Math.max(1, [1, 2, 5, 10, 20, 50].findLast((n) => n * grid <= (high - low) / 49) ?? 1);
        const k = self.value / unit, whole = steps > 0 ? Math.floor(k + 1e-9) : Math.ceil(k - 1e-9);
        to = clamp(+((whole + steps) * unit).toPrecision(12), low, high);
      }
      const between = marks.map((mark) => mark[1]).filter((v) => (v - self.value) * steps > 0 && (to - v) * steps > 0);
      return between.length ? (steps > 0 ? Math.min(...between) : Math.max(...between)) : to;
    },
  };
  const go = (value) => { if (value !== self.value) { self.set(value); moved(self); } };

  if (!slider) {
    row.addEventListener("input", () => go(values[+(row.querySelector("select, input:checked").value)]));
    return self;
  }

  slider.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = values ? Math.max(1, Math.round(values.length / 10)) : 5;
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: page, PageDown: -page }[event.key];
    if (steps) go(self.next(steps));
    else if (event.key === "Home") go(low);
    else if (event.key === "End") go(high);
    else return;
    event.preventDefault();
  });
  // From an assistive tool or a script. A step too small to reach the next stop goes there all the same.
  slider.addEventListener("input", (event) => {
    event.stopPropagation();
    const u = place(offScale(+slider.value)), before = place(self.value);
    let value = values ? near(values, u) : offScale(+slider.value);
    if (!values) value = Math.abs(value - tidy(value)) < 1e-9 * Math.abs(value) ? tidy(value) : clamp(value, low, high);
    if (value === self.value && Math.abs(u - before) > 1e-9) value = self.next(Math.sign(u - before));
    go(value);
    say(self.value);
  });

  // The hand. The native slider would take a finger that only wants to scroll, so the track around it does this.
  const track = row.querySelector(".explorer-track");
  let down = null;
  const follow = (event) => {
    const box = slider.getBoundingClientRect(), length = Math.max(box.width - 22, 1); // 22: the thumb
    go(at((event.clientX - box.left - 11) / length, CATCH / length));
  };
  track.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary || slider.matches(":disabled")) return;
    down = { x: event.clientX, y: event.clientY, id: event.pointerId, moves: event.pointerType !== "touch" };
    track.setPointerCapture(event.pointerId);
    if (!down.moves) return; // a finger: is it going to scroll?
    event.preventDefault();
    slider.focus({ preventScroll: true, focusVisible: false });
    follow(event);
  });
  track.addEventListener("pointermove", (event) => {
    if (event.pointerId !== down?.id) return;
    const dx = Math.abs(event.clientX - down.x), dy = Math.abs(event.clientY - down.y);
    down.moves ||= dx >= MOVE && dx > dy;
    if (down.moves) follow(event);
    else if (dy > MOVE) down.scrolls = true;
  });
  track.addEventListener("pointerup", (event) => {
    if (event.pointerId === down?.id && !down.moves && !down.scrolls) follow(event); // a tap
    down = null;
  });
  track.addEventListener("pointercancel", () => { down = null; });
  track.addEventListener("click", (event) => event.preventDefault()); // the label would focus, and the page scroll
  return self;
};
