// The contents beside the page list every section, and stay where they are; the section being read stays in view.
document.addEventListener("DOMContentLoaded", () => {
  const list = document.querySelector("#pst-page-toc-nav");
  if (!list) return;
  const follow = () => {
    const now = list.querySelector("[aria-current]"), box = list.closest(".bd-sidebar-secondary");
    if (!now || !box || box.scrollHeight <= box.clientHeight) return;
    const { top, bottom } = now.getBoundingClientRect(), { top: from, bottom: to } = box.getBoundingClientRect();
    if (top < from + 40 || bottom > to - 40) box.scrollTop += (top + bottom - from - to) / 2;
  };
  new MutationObserver(follow).observe(list, { subtree: true, attributeFilter: ["aria-current"] });
});
