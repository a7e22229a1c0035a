// Puts the drawn frames of every explorer on the page in place as its controls move. The script comes with each
// explorer and runs once for each, so it takes only those that nobody has taken yet.
(() => {
  const unpack = async (text) => {
    const bytes = Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Response(stream).json();
  };

  const start = (explorer) => {
    const form = explorer.querySelector("form.nn-controls");
    const groups = [...explorer.querySelectorAll("svg [data-nn]")];
    const controls = Object.values(JSON.parse(explorer.dataset.controls));
    const inputs = [...form.querySelectorAll(".nn-control")];
    let data = null, loading = null, shown = null, waiting = false;

    const position = (control) => +(control.querySelector("input[type=range], select, input:checked").value);
    // Frames are numbered as an odometer counts: the last control turns fastest.
    const frame = () => controls.reduce((n, values, i) => n * values.length + position(inputs[i]), 0);

    const load = () => {
      loading ??= unpack(explorer.querySelector('script[type="application/x-nn-frames"]').textContent)
        .then((decoded) => { shown = decoded.frames[explorer.dataset.frame].slice(); data = decoded; })
        .catch((error) => {
          console.error("explorer: its frames cannot be read, so the figure stays as it is", error);
          form.hidden = true;
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
    };

    const moved = (event) => {
      const slider = event.target;
      if (slider.type === "range") {
        const text = JSON.parse(slider.dataset.texts)[slider.value];
        slider.setAttribute("aria-valuetext", text);
        slider.style.setProperty("--nn-at", slider.value / slider.max);
        slider.closest(".nn-control").querySelector("output").textContent = text;
      }
      // However fast the hand, one drawing for each frame of the screen.
      if (!waiting) {
        waiting = true;
        load().then(() => data && requestAnimationFrame(draw));
      }
    };

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

  document.querySelectorAll(".nn-explorer:not([data-ready])").forEach(start);
})();
