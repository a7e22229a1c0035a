// Puts the drawn frames of every explorer on the page in place as its controls move. The script comes with each
// explorer and runs once for each, so it takes only those that nobody has taken yet.
//
// For other scripts: an explorer's `data-state` is the values of its controls, as JSON. It takes the event
// "explorer:set", whose detail is {control: value}: a number goes to the nearest stop (of two that are equally near,
// to the first), and what is unknown or no choice is left out, with a warning on the console. It sends the event
// "explorer:drawn", with the values as detail, when the figure shows them.
(() => {
  const unpack = async (text) => {
    const bytes = Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Response(stream).json();
  };

  const nearest = (values, wanted) =>
    values.reduce((best, value, i) => Math.abs(value - wanted) < Math.abs(values[best] - wanted) ? i : best, 0);

  const start = (explorer) => {
    const form = explorer.querySelector("form.explorer-controls");
    const groups = [...explorer.querySelectorAll("svg [data-part]")];
    const controls = JSON.parse(explorer.dataset.controls), names = Object.keys(controls);
    const inputs = [...form.querySelectorAll(".explorer-control")];
    let data = null, loading = null, shown = null, waiting = false;

    const position = (control) => +(control.querySelector("input[type=range], select, input:checked").value);
    // Frames are numbered as an odometer counts: the last control turns fastest.
    const frame = () => names.reduce((n, name, i) => n * controls[name].length + position(inputs[i]), 0);
    const state = () => Object.fromEntries(names.map((name, i) => [name, controls[name][position(inputs[i])]]));

    // What is read and heard beside the controls follows them at once.
    const say = () => {
      for (const slider of form.querySelectorAll("input[type=range]")) {
        const text = JSON.parse(slider.dataset.texts)[slider.value];
        slider.setAttribute("aria-valuetext", text);
        slider.style.setProperty("--explorer-at", slider.value / slider.max);
        slider.closest(".explorer-control").querySelector("output").textContent = text;
      }
      explorer.dataset.state = JSON.stringify(state());
    };

    const load = () => {
      loading ??= unpack(explorer.querySelector('script[type="application/x-explorer-frames"]').textContent)
        .then((decoded) => { shown = decoded.frames[explorer.dataset.frame].slice(); data = decoded; })
        .catch((error) => {
          console.error("explorer: its frames cannot be read, so the figure stays as it is", error);
          form.hidden = true;
          form.reset();
          say();
        });
      return loading;
    };

    const draw = () => {
      waiting = false;
      const wanted = frame();
      data.frames[wanted].forEach((part, k) => {
        if (part !== shown[k]) groups[k].innerHTML = data.parts[k][part];
        shown[k] = part;
      });
      explorer.dataset.frame = wanted;
      explorer.dispatchEvent(new CustomEvent("explorer:drawn", { bubbles: true, detail: state() }));
    };

    const moved = () => {
      say();
      // However fast the hand, one drawing for each frame of the screen.
      if (!waiting) {
        waiting = true;
        load().then(() => data && requestAnimationFrame(draw));
      }
    };

    const put = (name, value) => {
      const values = Object.hasOwn(controls, name) ? controls[name] : [];
      const number = typeof values[0] === "number";
      const at = number && Number.isFinite(value) ? nearest(values, value) : number ? -1 : values.indexOf(value);
      if (at < 0 || form.hidden) return console.warn("explorer:set: left out", name, value);
      const input = inputs[names.indexOf(name)].querySelector(`input[type=range], select, input[value="${at}"]`);
      if (input.type === "radio") input.checked = true;
      else input.value = at;
    };

    explorer.addEventListener("explorer:set", (event) => {
      Object.entries(event.detail ?? {}).forEach(([name, value]) => put(name, value));
      moved();
      if (data) draw(); // a script finds the figure as it set it
    });
    form.addEventListener("input", moved);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.querySelector("fieldset").disabled = false;
    // Nothing is unpacked for a reader who never comes near.
    const near = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) { near.disconnect(); load(); }
    }, { rootMargin: "600px" });
    near.observe(explorer);
    explorer.dataset.ready = "true";
  };

  document.querySelectorAll("figure.explorer[data-controls]:not([data-ready])").forEach(start);
})();
