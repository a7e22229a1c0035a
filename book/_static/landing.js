// Who follows a link to a place sees the place: what is folded around it opens, and it is scrolled to.
(() => {
  const land = () => {
    const id = decodeURIComponent(location.hash.slice(1)), target = id && document.getElementById(id);
    if (!target) return;
    let opened = false;
    for (let fold = target.closest("details:not([open])"); fold; fold = fold.parentElement.closest("details:not([open])"))
      opened = fold.open = true;
    if (opened) target.scrollIntoView();
  };
  addEventListener("hashchange", land);
  document.addEventListener("DOMContentLoaded", land);
})();
