// What a link leads to, shown beside it: on a pointer that rests on it, on focus, and on a tap, where the card has a
// link to go there. Escape closes it; it can be pointed at, and stays as long as it is (WCAG 1.4.13).
(() => {
  const root = document.documentElement.dataset.content_root ?? "./", here = decodeURIComponent(location.pathname);
  const REST = 250, LEAVE = 250; // milliseconds
  const SMALL = "(max-width: 576px)";
  let card, shown = null, timer = 0, asked = null;

  // [page, id] of a link within the book, else nothing.
  const base = new URL(root, location.href).pathname;
  const target = (link) => {
    const url = new URL(link.href, location.href), path = url.pathname;
    if (link.matches(".headerlink, .nav-link, .prev-next-area a") || url.origin !== location.origin || url.protocol !== location.protocol) return null;
    if (!path.startsWith(base) || !path.endsWith(".html")) return null;
    const page = decodeURIComponent(path.slice(base.length, -5));
    return [page, decodeURIComponent(url.hash.slice(1).split(":~:")[0])];
  };
  const known = {};
  const load = (page) => known[page] ??= new Promise((done) => {
    const script = Object.assign(document.createElement("script"), { onload: done, onerror: done });
    script.src = `${root}_static/previews/${page}.js`;
    document.head.append(script);
  }).then(() => globalThis.PREVIEWS?.[page] ?? {});

  const make = () => {
    card = Object.assign(document.createElement("div"), { id: "preview", hidden: true });
    card.setAttribute("role", "tooltip");
    card.innerHTML = "<div class='preview-text' id='preview-text'></div><p class='preview-go'><a></a> <button type='button' class='btn'></button></p>";
    const words = JSON.parse(document.getElementById("words").textContent);
    card.querySelector("a").textContent = words.go;
    card.querySelector("button").textContent = words.close;
    card.querySelector("button").addEventListener("click", close);
    card.querySelector("a").addEventListener("click", close);
    card.addEventListener("pointerenter", () => clearTimeout(timer));
    card.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") later(); });
    document.body.append(card);
  };
  const close = () => {
    clearTimeout(timer);
    asked = null;
    if (!shown) return;
    shown.removeAttribute("aria-describedby");
    card.hidden = true;
    shown = null;
  };
  const later = () => { clearTimeout(timer); timer = setTimeout(close, LEAVE); };

  const place = (link) => {
    card.style.cssText = "";
    if (matchMedia(SMALL).matches) return; // at the foot of the window, by its style
    const gap = 6, edge = 8, line = link.getClientRects()[0] ?? link.getBoundingClientRect();
    const last = [...link.getClientRects()].at(-1) ?? line;
    const width = card.offsetWidth, below = innerHeight - last.bottom - gap - edge, above = line.top - gap - edge;
    const under = card.offsetHeight <= below || below >= above;
    card.style.maxHeight = `${under ? below : above}px`;
    card.style.left = `${Math.max(edge, Math.min(line.left, innerWidth - width - edge))}px`;
    if (under) card.style.top = `${last.bottom + gap}px`;
    else card.style.bottom = `${innerHeight - line.top + gap}px`;
  };

  const show = async (link, by) => {
    const [page, id] = target(link) ?? [];
    if (page === undefined) return false;
    asked = link;
    const markup = (await load(page))[id];
    if (!markup || asked !== link) return false;
    if (shown === link) return true;
    if (!card) make();
    close();
    asked = shown = link;
    card.classList.toggle("tapped", by === "touch");
    card.querySelector(".preview-text").innerHTML = markup;
    card.querySelector("a").href = link.href;
    card.hidden = false;
    link.setAttribute("aria-describedby", "preview-text");
    place(link);
    return true;
  };

  const linkOf = (event) => event.target.closest?.("article a[href]");
  document.addEventListener("pointerover", (event) => {
    const link = linkOf(event);
    if (!link || event.pointerType !== "mouse") return;
    clearTimeout(timer);
    if (link !== shown) timer = setTimeout(show, REST, link, "mouse");
  });
  document.addEventListener("pointerout", (event) => {
    if (event.pointerType !== "mouse" || !linkOf(event) || linkOf(event).contains(event.relatedTarget)) return;
    if (shown) later();
    else { clearTimeout(timer); asked = null; }
  });
  document.addEventListener("focusin", (event) => {
    const link = linkOf(event);
    if (link && link.matches(":focus-visible")) show(link, "focus");
    else if (shown && !card.contains(event.target)) close();
  });
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape") close(); });
  document.addEventListener("click", (event) => {
    const link = linkOf(event);
    if (link && event.pointerType === "touch" && link !== shown && target(link)) {
      event.preventDefault();
      show(link, "touch").then((there) => { if (!there && asked === link) link.ownerDocument.location = link.href; });
    } else if (shown && !card.contains(event.target)) close();
  });
  addEventListener("resize", close);
  addEventListener("hashchange", close);
})();
