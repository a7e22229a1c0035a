// The contents of the book and of the page, where they open over the text: a choice closes them, and so does a button.
document.addEventListener("DOMContentLoaded", () => {
  const { close } = JSON.parse(document.getElementById("words").textContent);
  for (const side of ["primary", "secondary"]) {
    const drawer = document.getElementById(`pst-${side}-sidebar-modal`), bar = document.getElementById(`pst-${side}-sidebar`);
    if (!drawer || !bar) continue;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn drawer-close", textContent: "×" });
    button.setAttribute("aria-label", close);
    bar.prepend(button); // the theme moves all that is in the bar into the drawer, and back
    drawer.addEventListener("click", ({ target }) => { if (target.closest(".drawer-close, a[href]")) drawer.close(); });
  }
});
