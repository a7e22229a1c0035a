// A line of the page under each search result. The texts come as a script: a page that was opened from disk
// may not fetch another.
(() => {
  const words = (new URLSearchParams(location.search).get("q") ?? "").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

  const excerpt = (text) => {
    const low = text.toLowerCase();
    const at = words.map((word) => [low.indexOf(word), word.length]).filter(([start]) => start >= 0);
    if (!at.length) return null;
    const [start, length] = at[0];
    const from = start < 70 ? 0 : text.indexOf(" ", start - 70) + 1;
    const to = text.indexOf(" ", start + 130);
    const line = document.createElement("p");
    const mark = document.createElement("mark");
    mark.textContent = text.slice(start, start + length);
    line.append(from ? "… " : "", text.slice(from, start), mark, text.slice(start + length, to < 0 ? undefined : to));
    if (to >= 0) line.append(" …");
    line.className = "context";
    return line;
  };

  const add = (item) => {
    const page = item.querySelector("a")?.getAttribute("href").split("#")[0].replace(/\.html$/, "");
    const line = TEXTS[page] && !item.querySelector(".context") && excerpt(TEXTS[page]);
    if (line) item.append(line);
  };

  document.addEventListener("DOMContentLoaded", () => {
    const results = document.getElementById("search-results");
    const look = () => results.querySelectorAll("ul.search > li").forEach(add);
    new MutationObserver(look).observe(results, { childList: true, subtree: true });
    look();
  });
})();
