// Paper is white: what is printed from a dark page is printed as from a light one.
(() => {
  const root = document.documentElement, paper = matchMedia("print");
  let before = null;
  paper.addEventListener("change", () => {
    if (paper.matches) [before, root.dataset.theme] = [root.dataset.theme, "light"];
    else if (before) root.dataset.theme = before;
  });
})();
