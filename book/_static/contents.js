// Where the reader is: the section being read is lit in the contents beside the page and named in the bar above it,
// with the share of the page that lies behind and, of a chapter, the minutes that lie ahead.
document.addEventListener("DOMContentLoaded", () => {
  const list = document.querySelector("#page-contents"), article = document.querySelector("article.bd-article");
  if (!list || !article) return;
  const links = [...list.querySelectorAll("a[href^='#']")];
  const sections = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  const { left } = JSON.parse(document.getElementById("words").textContent);
  const minutes = +(article.querySelector(".reading-time")?.dataset.minutes ?? 0);
  const bar = document.querySelector(".header-article__inner"), where = document.createElement("div");
  where.className = "where";
  where.innerHTML = "<a href='#' hidden></a> <span><span class='part'></span><span class='minutes'></span></span>";
  bar?.firstElementChild?.after(where);

  // The section that a link led to stays lit until the reader moves on: near the end of a page it cannot reach the top.
  let led = null, ledAt = 0, lit;
  const lead = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    led = null;
    for (let at = target || null; at && !led; at = at.parentElement?.closest("section")) led = sections.indexOf(at) < 0 ? null : at;
    look();
    setTimeout(() => { ledAt = scrollY; }, 500); // when the window has come to rest
    ledAt = null;
  };
  const reading = () => {
    const page = document.scrollingElement, ahead = page.scrollHeight - innerHeight - page.scrollTop;
    // A line across the window, a third below its top; over the last windowful it moves down to the end of the text.
    const top = innerHeight / 3, last = Math.max(0, 1 - ahead / innerHeight);
    const line = top + last * (innerHeight - top);
    return sections.findLastIndex((section) => section && section.getBoundingClientRect().top <= line);
  };

  const look = () => {
    const now = led ? sections.indexOf(led) : reading(), { top, height } = article.getBoundingClientRect();
    const share = Math.max(0, Math.min(1, -top / Math.max(1, height - innerHeight)));
    bar?.style.setProperty("--read", share); // on the root it would style the whole page anew
    const part = `${Math.round(100 * share)}%`, ahead = Math.ceil(minutes * (1 - share));
    where.querySelector(".part").textContent = part;
    if (minutes) where.querySelector(".minutes").textContent = ` · ${ahead} ${left}`;
    if (now === lit) return;
    lit = now;
    links.forEach((link, i) => {
      link.classList.toggle("active", i === now);
      if (i === now) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    for (const entry of list.querySelectorAll(".toc-entry")) entry.classList.toggle("active", entry.contains(links[now] ?? null));
    where.firstElementChild.hidden = now < 0;
    where.firstElementChild.textContent = links[now]?.textContent ?? "";
    where.firstElementChild.href = links[now]?.hash ?? "#";
    follow();
  };

  // The list is as long as it is; the section being read stays in view.
  const follow = () => {
    const now = links[lit], box = list.closest(".bd-sidebar-secondary, dialog");
    if (!now || !box || box.scrollHeight <= box.clientHeight) return;
    const { top, bottom } = now.getBoundingClientRect(), { top: from, bottom: to } = box.getBoundingClientRect();
    if (top < from + 40 || bottom > to - 40) box.scrollTop += (top + bottom - from - to) / 2;
  };

  let waiting = false;
  const soon = () => {
    if (waiting) return;
    waiting = true;
    if (ledAt !== null && Math.abs(scrollY - ledAt) > innerHeight / 4) led = null;
    requestAnimationFrame(() => { waiting = false; look(); });
  };
  for (const moved of ["wheel", "touchmove", "pointerdown"]) addEventListener(moved, () => { led = null; soon(); }, { passive: true });
  addEventListener("keydown", ({ key }) => { if (/^(Arrow|Page|Home|End| )/.test(key)) { led = null; soon(); } });
  addEventListener("scroll", soon, { passive: true });
  addEventListener("resize", soon);
  addEventListener("hashchange", lead);
  // The same link once more changes no address.
  addEventListener("click", ({ target }) => { if (target.closest?.("a")?.hash === location.hash) lead(); });
  document.querySelector(".secondary-toggle")?.addEventListener("click", () => setTimeout(follow));
  lead();
});
