// One key each: n next page, p previous page, / search, ? this list, in which they can be switched off (a voice
// that is typed, or a hand that slips, would press them unasked).
(() => {
  const store = { get off() { try { return localStorage.getItem("keys") === "off"; } catch { return false; } },
    set off(off) { try { localStorage.setItem("keys", off ? "off" : "on"); } catch {} } };
  let list;
  const help = () => {
    if (!list) {
      const words = JSON.parse(document.getElementById("words").textContent);
      const rows = [["n", words.next], ["p", words.previous], ["/", words.search], ["?", words.help]];
      list = Object.assign(document.createElement("dialog"), { id: "keys" });
      list.setAttribute("aria-label", words.keys);
      list.innerHTML = `<form method="dialog"><button class="btn drawer-close">×</button></form><h2></h2><dl></dl>
        <label><input type="checkbox"> <span></span></label>`;
      list.querySelector("button").setAttribute("aria-label", words.close);
      list.querySelector("h2").textContent = words.keys;
      list.querySelector("span").textContent = words.single;
      for (const [key, what] of rows) {
        const term = document.createElement("dt"), name = document.createElement("kbd"), text = document.createElement("dd");
        [name.textContent, text.textContent] = [key, what];
        term.append(name);
        list.querySelector("dl").append(term, text);
      }
      const box = list.querySelector("input");
      box.addEventListener("change", () => { store.off = !box.checked; });
      list.addEventListener("click", (event) => { if (event.target === list) list.close(); });
      document.body.append(list);
    }
    list.querySelector("input").checked = !store.off;
    list.showModal();
  };
  const go = (selector) => { const link = document.querySelector(selector); if (link) location.href = link.href; };
  const DO = {
    n: () => go("link[rel=next]"),
    p: () => go("link[rel=prev]"),
    "/": () => document.querySelector(".search-button__button")?.click(),
    "?": help,
  };
  document.addEventListener("keydown", (event) => {
    const act = DO[event.key], at = event.target;
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (at.isContentEditable || at.closest?.("input:not([type=range], [type=checkbox], [type=radio]), textarea, select, dialog[open]")) return;
    if (store.off && event.key !== "?") return;
    event.preventDefault();
    act();
  });
})();
