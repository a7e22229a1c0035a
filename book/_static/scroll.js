// What scrolls inside itself can be reached by keyboard, and only that. (The theme does the same for code.)
document.addEventListener("DOMContentLoaded", () => {
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  const scrolling = "div.math, .nn-fourway, #cheat-sheet .cell_output p";
  document.querySelectorAll(`article :is(${scrolling})`).forEach((e) => watch.observe(e));
});
