// Menus of the header: the theme leaves them to Bootstrap, which is sixty times as long.
(() => {
  const opened = () => document.querySelector(".dropdown-toggle[aria-expanded=true]");
  const set = (button, open) => {
    button.setAttribute("aria-expanded", open);
    button.parentElement.querySelector(".dropdown-menu").classList.toggle("show", open);
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-bs-toggle=dropdown]"), before = opened();
    if (before && before !== button) set(before, false);
    if (button) set(button, button !== before);
  });
  document.addEventListener("keydown", (event) => {
    const button = opened();
    if (!button) return;
    const items = [...button.parentElement.querySelectorAll(".dropdown-item")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      set(button, false);
      button.focus();
    } else if (step && button.parentElement.contains(document.activeElement)) {
      event.preventDefault();
      const at = items.indexOf(document.activeElement);
      items[at < 0 && step < 0 ? items.length - 1 : (at + step + items.length) % items.length].focus();
    }
  });
  document.addEventListener("focusout", (event) => {
    const button = opened();
    if (button && event.relatedTarget && !button.parentElement.contains(event.relatedTarget)) set(button, false);
  });
})();
