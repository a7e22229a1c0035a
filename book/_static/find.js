// The search field, in its dialog and on its page. What it knows is loaded when it is first used, as scripts: a page
// that was opened from disk can fetch nothing.
(() => {
  const SHOWN = 15; // results in the dialog; the page shows all
  const root = document.documentElement.dataset.content_root ?? "./";
  const says = () => JSON.parse(document.getElementById("words").textContent);

  let loaded;
  const load = () => loaded ??= ["minisearch", "places", "language", "search"].reduce(
    (before, name) => before.then(() => new Promise((done, failed) => {
      const script = Object.assign(document.createElement("script"), { onload: done, onerror: failed });
      script.src = `${root}_static/search/${name}.js`;
      document.head.append(script);
    })), Promise.resolve());

  const element = (name, text, className) => Object.assign(document.createElement(name), { textContent: text, className: className ?? "" });
  const fill = (parent, parts) => {
    for (const [text, marked] of parts) parent.append(marked ? element("mark", text) : text);
    return parent;
  };

  const item = (place, asked, typing, kinds) => {
    const line = element("li", "", "find-result"), link = element("a", ""), found = SEARCH.excerpt(place.text, asked, typing);
    link.href = `${root}${place.page}.html#${encodeURIComponent(place.id)}`;
    // A number that has its kind in it ("Fig. 3.2") is said alone.
    const kind = /^\p{L}/u.test(place.number) && place.kind === "figure" ? place.number : `${kinds[place.kind]} ${place.number}`;
    link.append(element("span", kind.trim(), "find-kind"), " ");
    link.append(fill(element("span", "", "find-title"), SEARCH.marked(place.title, asked, typing)));
    line.append(link);
    if (place.trail) line.append(element("p", place.trail, "find-trail"));
    if (place.text) line.append(fill(element("p", "", "context"), found.parts));
    // A section that does not have the words in its name is entered where they stand, if the browser can.
    const heading = LANGUAGE.words(`${place.number} ${place.title}`);
    const words = found.parts.find(([, marked]) => marked)?.[0];
    if (words && ["section", "chapter", "page"].includes(place.kind) && !asked.some((word) => heading.includes(word)))
      link.addEventListener("click", () => { link.hash += `:~:text=${encodeURIComponent(words)}`; });
    return line;
  };

  const show = (box, question, typing) => {
    const status = box.querySelector(".find-status"), list = box.querySelector("ul.search"), words = says();
    const dialog = box.closest("dialog"), { places, asked, instead, some } = SEARCH.find(question, typing);
    list.replaceChildren(...places.slice(0, dialog ? SHOWN : undefined).map((place) => item(place, asked, typing, words.kinds)));
    status.replaceChildren();
    if (!question.trim()) return;
    if (!places.length) return status.append(words.none);
    if (instead) {
      const link = element("a", instead);
      link.href = `${root}search.html?q=${encodeURIComponent(instead)}`;
      status.append(words.instead, " ", link, ". ");
    } else if (some) status.append(words.some, " ");
    status.append(`${places.length} ${places.length === 1 ? words.place : words.places}`);
    if (dialog && places.length > SHOWN) {
      const more = element("a", words.all);
      more.href = `${root}search.html?q=${encodeURIComponent(question)}`;
      status.append(" · ", more);
    }
  };

  const begin = (box) => {
    const input = box.querySelector("input"), dialog = box.closest("dialog");
    const look = (typing) => load().then(() => show(box, input.value, typing));
    input.addEventListener("focus", () => { load(); input.select(); });
    input.addEventListener("input", () => look(true));
    box.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const stops = [input, ...box.querySelectorAll("li a")], at = stops.indexOf(document.activeElement);
      if (at < 0) return;
      event.preventDefault();
      stops[Math.max(0, Math.min(stops.length - 1, at + step))].focus();
    });
    box.addEventListener("click", ({ target }) => { if (dialog && target.closest("li a, .drawer-close")) dialog.close(); });
    if (dialog) return;
    input.value = new URLSearchParams(location.search).get("q") ?? "";
    if (input.value) look(false);
    else input.focus();
  };
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".find").forEach(begin));
})();
