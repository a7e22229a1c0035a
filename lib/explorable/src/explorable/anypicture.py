"""The figure of a live explorer with handles to drag: a widget by way of anywidget."""

from importlib import resources

import anywidget
import traitlets

from explorable import page

_RENDER = """
export default { render({ model, el }) {
  const explorer = document.createElement("div");
  explorer.dataset.panels = "[]";
  explorer.dataset.letters = "10";
  explorer.dataset.drag = "[]";
  explorer.className = "explorer";
  el.append(explorer);
  let handles = null;
  const show = () => {
    explorer.dataset.drag = JSON.stringify(model.get("drag"));
    const frame = explorer.querySelector(".explorer-figure");
    if (!frame) {
      explorer.innerHTML = model.get("html");
      handles = handlesOf(explorer, (k) => model.get("drag")[k].at, () => model.get("state"), (wanted) => {
        model.set("wanted", wanted);
        model.save_changes();
      });
      return;
    }
    const fresh = document.createElement("div");
    fresh.innerHTML = model.get("html");
    const before = frame.querySelectorAll(":scope > div"), after = fresh.querySelectorAll(".explorer-figure > div");
    before.forEach((each) => each.remove());
    frame.prepend(...after);
    handles.show();
  };
  model.on("change:html", show);
  show();
} };
"""


class Picture:
    """As live._Plain, but what is dragged in it is taken."""

    def __init__(self):
        self.view, self.ghost, self.drawing = View(), "", ""

    def prepare(self, alt, style, figure, take):
        self.alt, self.style, self.figure = alt, style, figure
        self.view.observe(lambda change: take(change["new"]), names="wanted")

    def show(self, drawing, drag, values):
        self.drawing = drawing
        with self.view.hold_sync():
            self.view.drag, self.view.state = drag, values
            self.view.html = self.style + page.picture(drawing, self.alt, self.figure, self.ghost)

    def pin(self, on):
        self.ghost = self.drawing if on else ""
        self.show(self.drawing, self.view.drag, self.view.state)


class View(anywidget.AnyWidget):
    """Traits: html (the drawing), drag (as in a page), state (the values), wanted (by the hand)."""

    _esm = (resources.files("explorable") / "hand.js").read_text(encoding="utf-8") + _RENDER
    html = traitlets.Unicode().tag(sync=True)
    drag = traitlets.List().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    wanted = traitlets.Dict().tag(sync=True)
