// What scrolls inside itself shows that it does (narrow.css), and can be reached by keyboard, and only that.
document.addEventListener("DOMContentLoaded", () => {
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const scrolls = target.scrollWidth > target.clientWidth + 1;
      target.classList.toggle("scrolls", scrolls);
      if (scrolls) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  const scrolling = "pre, div.math, .cell_output .output, .pst-scrollable-table-container, .nn-fourway, #cheat-sheet .cell_output p";
  document.querySelectorAll(`article :is(${scrolling})`).forEach((e) => watch.observe(e));
});
