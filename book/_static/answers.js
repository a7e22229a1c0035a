// Answers in the page: forms, what is remembered, and the engine, which loads with the first answer.
(() => {
  const SECONDS = 20;
  const about = document.querySelector("#nn-engine")?.dataset;
  if (!about) return;
  const element = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  const words = JSON.parse(document.getElementById("words").textContent).answers;
  const filled = (text, ...values) => text.replace(/\{(\d)\}/g, (_, n) => values[n]);
  // The prover speaks English. In another edition its sentences are matched, longest first, with what fills their places.
  const known = [];
  const said = (line) => {
    for (const [pattern, instead] of known) {
      const found = pattern.exec(line);
      if (found) return filled(instead, ...found.slice(1).map(said));
    }
    return line.replace(/(?<=\p{Script=Han}[”）]?)\.$/u, "。");
  };
  window.nnSentences = (pairs) => {
    const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&").replace(/\\\{\d\\\}/g, "(.+?)");
    known.push(...pairs.map(([english, instead]) => [new RegExp(`^${escaped(english)}$`, "s"), instead]));
  };
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

  // --- the engine: pieces are scripts, which a disk gives as well as a server -------------------------------
  const pieces = [];
  let blob, code, worker, ready, used = false, count = 0;
  window.nnEngine = (place, content) => {
    if (place === "worker") code = content;
    else pieces[place] = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
  };
  const quiet = { bytes() {}, starting() {}, checking() {}, read() {} };
  window.nnEngine.ask = (task) => ask(task, quiet);
  const script = (name) =>
    new Promise((loaded, failed) => {
      const tag = element("script", { src: name, onload: loaded });
      tag.onerror = () => failed(new Error(words.unloaded));
      document.head.append(tag);
      tag.remove();
    });

  async function load(tell) {
    const waiting = [...Array(+about.pieces).keys()].filter((n) => !pieces[n]);
    const got = () => pieces.reduce((sum, piece) => sum + piece.length, 0);
    const one = async () => {
      for (let n; (n = waiting.shift()) !== undefined; ) {
        await script(`${about.folder}${about.version}-${n}.js`);
        tell(got(), +about.bytes);
      }
    };
    tell(got(), +about.bytes);
    const sentences = about.sentences && !known.length ? [script(about.sentences)] : [];
    await Promise.all([script(`${about.folder}${about.version}-worker.js`), one(), one(), one(), ...sentences]);
    blob = new Blob(pieces);
    pieces.length = 0;
    // From here on neither page nor worker reaches a network: the browser sees to it.
    const policy = "connect-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:";
    document.head.append(element("meta", { httpEquiv: "Content-Security-Policy", content: policy }));
  }

  function begin() {
    const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    const mine = (worker = new Worker(address));
    used = false;
    ready = new Promise((started, failed) => {
      mine.onmessage = ({ data }) => (data.ready ? started() : failed(new Error(data.failed)));
      mine.onerror = (event) => failed(new Error(event.message || words.unstarted));
    }).finally(() => URL.revokeObjectURL(address));
    mine.postMessage({ blob });
    return ready;
  }

  function end() {
    worker?.terminate();
    worker = ready = undefined;
  }

  let loading, turn = Promise.resolve();
  async function engine(tell) {
    if (!blob) await (loading ??= load(tell.bytes).finally(() => (loading = undefined)));
    tell.starting();
    try {
      await (ready ?? begin());
    } catch (error) {
      end();
      throw error;
    }
  }

  // One task at a time; a worker that is stuck is ended, and the next one started at once.
  function ask(task, tell) {
    const mine = turn.then(async () => {
      const writes = task.question?.kind === "code";
      if (used && !writes) end(); // what a reader's program left behind judges nothing else
      await engine(tell);
      used ||= writes;
      tell.checking();
      const id = ++count;
      return await new Promise((done) => {
        const stop = (found) => {
          clearTimeout(clock);
          done(found);
        };
        const stuck = (why) => {
          end();
          begin().catch(() => {});
          stop({ state: "undecided", lines: [why] });
        };
        const clock = setTimeout(() => stuck(`Not decided in ${SECONDS} s.`), SECONDS * 1000);
        worker.onerror = () => stuck("Not decided: the prover stopped.");
        worker.onmessage = ({ data }) => {
          if (data.id !== id) return;
          if (data.echo) tell.read(data.echo);
          else if (data.verdict) stop(data.verdict);
          else stuck(`Not decided: the prover stopped. ${data.failed}`);
        };
        worker.postMessage({ id, task });
      });
    });
    turn = mine.catch(() => {});
    return mine;
  }

  // --- what is remembered: right answers, in this browser ----------------------------------------------------
  const memory = {
    read() {
      try {
        return JSON.parse(localStorage.getItem("nn-answers")) ?? {};
      } catch {
        return {};
      }
    },
    write(answers) {
      try {
        localStorage.setItem("nn-answers", JSON.stringify(answers));
      } catch {} // some browsers keep nothing for files
    },
  };

  // --- forms ---------------------------------------------------------------------------------------------
  const STATES = { unreadable: "unread", open: "unread" };
  const LOOKS = { right: "nn-right", wrong: "nn-wrong" };

  function show(form, state, lines) {
    const status = form.querySelector("[role=status]"), box = form.closest(".nn-exercise, .nn-try");
    status.dataset.verdict = STATES[state] ?? state;
    form.dataset.verdict = status.dataset.verdict;
    const [first, ...rest] = lines.filter((line) => !line.startsWith("I read:")).map(said);
    status.replaceChildren(
      element("p", {}, element("strong", { textContent: first })),
      ...rest.map((line) => element("p", { textContent: line })),
    );
    box.classList.remove("nn-open", ...Object.values(LOOKS));
    box.classList.add(LOOKS[state] ?? "nn-open");
  }

  async function submit(form) {
    const text = form.elements.answer.value;
    const { other } = JSON.parse(form.dataset.record);
    if (!text.trim() && !other) {
      show(form, "open", [words.open]);
      form.elements.answer.focus();
      return;
    }
    if (form.dataset.verdict === "waiting") return;
    const bar = form.querySelector("progress"), bytes = form.querySelector(".nn-bytes");
    const wait = (words) => show(form, "waiting", [words]);
    const meter = (shown) => {
      bar.hidden = bytes.hidden = !shown;
    };
    const tell = {
      bytes(got, all) {
        meter(true);
        Object.assign(bar, { max: all, value: got });
        bytes.textContent = filled(words.bytes, megabytes(got), megabytes(all));
        if (!got) wait(words.loading);
      },
      starting() {
        meter(false);
        wait(words.starting);
      },
      checking: () => wait(words.checking),
      read(echo) {
        const reading = form.querySelector(".nn-read");
        reading.hidden = !echo.mathml;
        reading.innerHTML = echo.mathml ? `${words.read} ${echo.mathml}` : "";
      },
    };
    form.querySelector(".nn-read").hidden = true;
    wait(words.waiting);
    try {
      const { state, lines } = await ask(taskOf(form, text), tell);
      show(form, state, lines);
      if (state === "right") remember(form, text);
    } catch (error) {
      meter(false);
      show(form, "undecided", [error.message]);
    }
  }

  function taskOf(form, answer) {
    const record = JSON.parse(form.dataset.record);
    if (form.dataset.exercise) return { kind: "answer", question: record, answer };
    const line = form.elements.line ? record.lines[form.elements.line.value] : record.lines.at(-1);
    const { names, domain, other } = record;
    return { kind: "step", line, names, domain, other, answer };
  }

  function remember(form, text) {
    if (!form.dataset.exercise) return;
    const { exercise, key } = form.dataset;
    memory.write({ ...memory.read(), [exercise]: { key, text } });
    progress();
  }

  function recall() {
    const answered = memory.read();
    for (const form of document.querySelectorAll("form[data-exercise]")) {
      const { exercise, key } = form.dataset;
      if (answered[exercise]?.key !== key) continue;
      form.elements.answer.value = answered[exercise].text;
      show(form, "right", [words.before]);
    }
  }

  // "3 of 9 answered", at a chapter's exercises and on the first page for all chapters
  function progress() {
    const answered = memory.read();
    for (const place of document.querySelectorAll(".nn-progress")) {
      const chapters = JSON.parse(place.dataset.chapters);
      const rows = chapters.map(({ title, href, keys }) => {
        const right = Object.entries(keys).filter(([exercise, key]) => answered[exercise]?.key === key).length;
        const all = Object.keys(keys).length, score = filled(words.right, right, all);
        const bar = element("progress", { max: all, value: right });
        bar.setAttribute("aria-label", `${title}: ${score}`);
        const name = href ? element("a", { href, textContent: title }) : title;
        return element("li", {}, element("span", {}, name), bar, element("span", { textContent: score }));
      });
      const forget = element("button", { type: "button", textContent: words.forget });
      forget.onclick = () => {
        const left = memory.read();
        chapters.forEach(({ keys }) => Object.keys(keys).forEach((exercise) => delete left[exercise]));
        memory.write(left);
        for (const form of document.querySelectorAll("form[data-exercise]")) reset(form);
        progress();
      };
      const any = chapters.some(({ keys }) => Object.keys(keys).some((exercise) => exercise in answered));
      place.replaceChildren(element("ul", {}, ...rows), ...(any ? [forget] : []));
    }
  }

  function reset(form) {
    form.reset();
    delete form.dataset.verdict;
    const status = form.querySelector("[role=status]");
    delete status.dataset.verdict;
    status.replaceChildren();
    form.querySelector(".nn-read").hidden = true;
    const box = form.closest(".nn-exercise");
    box.classList.remove(...Object.values(LOOKS));
    box.classList.add("nn-open");
  }

  // --- a row of keys, where there is no keyboard ---------------------------------------------------------------
  function keys(form) {
    if (form.querySelector(".nn-keys")) return;
    const names = JSON.parse(form.dataset.keys ?? "[]");
    const row = element("div", { className: "nn-keys" });
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", words.signs);
    for (const sign of ["^", "(", ")", "/", "√", "π", "−", ...names]) {
      const button = element("button", { type: "button", textContent: sign });
      button.onpointerdown = (event) => event.preventDefault(); // the keyboard stays open
      button.onclick = () => {
        const { answer } = form.elements;
        answer.setRangeText(sign, answer.selectionStart, answer.selectionEnd, "end");
        answer.focus();
      };
      row.append(button);
    }
    form.querySelector(".nn-row").after(row);
  }

  const ours = (event) => event.target.closest?.("form[data-record]");
  document.addEventListener("submit", (event) => {
    const form = ours(event);
    if (!form) return;
    event.preventDefault();
    submit(form);
  });
  document.addEventListener("focusin", (event) => {
    const form = ours(event);
    if (form && event.target.name === "answer" && matchMedia("(pointer: coarse)").matches) keys(form);
  });
  document.addEventListener("keydown", (event) => {
    const form = ours(event);
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  recall();
  progress();
})();
