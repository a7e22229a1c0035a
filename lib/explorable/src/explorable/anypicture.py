"""The figure of a live explorer with points to drag: a widget by way of anywidget, where there is
one.
"""

from functools import cache
from importlib import resources
from importlib.util import find_spec

# After hand.js, the part of the page's script that drags.
_RENDER = """
export default { render({ model, el }) {
  const explorer = document.createElement("div");
  explorer.className = "explorer";
  Object.assign(explorer.dataset, { panels: "[]", letters: "10" });
  el.append(explorer);
  let handles = null;
  const take = (wanted) => { model.set("wanted", wanted); model.save_changes(); };
  const show = () => {
    const fresh = document.createElement("div");
    fresh.innerHTML = model.get("value");
    const frame = explorer.querySelector(".explorer-figure");
    if (frame) { // the rings stay in the hand, the drawings are exchanged
      frame.querySelectorAll(":scope > div").forEach((each) => each.remove());
      frame.prepend(...fresh.querySelectorAll(".explorer-figure > div"));
    } else {
      explorer.append(...fresh.childNodes);
      explorer.dataset.drag = JSON.stringify(model.get("drag"));
      const point = (k) => model.get("drag")[k].at;
      handles = handlesOf(explorer, point, () => model.get("state"), take);
    }
    handles.show();
  };
  model.on("change:value", show);
  show();
} };
"""


def possible():
    return find_spec("anywidget") is not None


def widget():
    """A widget with the traits value (the figure as HTML), drag (its points, as in a page), state
    (the values), wanted (what a hand asked for).
    """
    return _kind()()


@cache
def _kind():
    import anywidget
    import traitlets

    class Picture(anywidget.AnyWidget):
        _esm = (resources.files("explorable") / "hand.js").read_text(encoding="utf-8") + _RENDER
        value = traitlets.Unicode().tag(sync=True)
        drag = traitlets.List().tag(sync=True)
        state = traitlets.Dict().tag(sync=True)
        wanted = traitlets.Dict().tag(sync=True)

    return Picture
