"""An explorer where a kernel runs: its controls as ipywidgets, the figure drawn at each move."""

import html
import sys
import uuid
from importlib.util import find_spec

from explorable import frames, page, svg
from explorable.controls import few, texts


def possible():
    """Is this a notebook's kernel, and are there ipywidgets? (Neither is imported to find out.)"""
    ipython = sys.modules.get("IPython")
    kernel = ipython is not None and hasattr(ipython.get_ipython(), "kernel")
    return kernel and find_spec("ipywidgets") is not None


def still(svg, alt):
    """A picture for a notebook that was saved, and the rule by which a widget that lives hides it.

    Without a kernel JupyterLab has an error message in place of the widget; that is hidden too.
    """
    name = f"explorer-still-{uuid.uuid4().hex}"
    dead = f".jp-OutputArea-child:has(.{name}) + .jp-OutputArea-child:not(:has(.explorer-figure))"
    picture = page.still(svg, alt)
    markup = f'<div class="{name}"><style>{dead}{{display:none}}</style>{picture}</div>'
    return markup, f".{name}{{display:none}}"


def widget(figure, update, controls, start, labels, alt, colours, css):
    """A box with the figure, a line for what goes wrong, and an input for each control."""
    import ipywidgets as widgets

    width = f"{min(max(map(len, labels.values())), 24) * 0.6 + 1:.1f}em"
    inputs = {}
    for name, values in controls.items():
        if not isinstance(values[0], str):
            kind = widgets.SelectionSlider
        else:
            kind = widgets.ToggleButtons if few(values) else widgets.Dropdown
        inputs[name] = kind(
            options=list(zip(texts(values), values, strict=True)),
            value=start[name],
            description=labels[name],
            style={"description_width": width},
            layout=widgets.Layout(width="auto"),
        )
        if kind is widgets.ToggleButtons:
            inputs[name].style.button_width = "auto"
    picture, message = widgets.HTML(), widgets.HTML()

    def show(_=None):
        values = {name: control.value for name, control in inputs.items()}
        try:
            frames.call(update, values)
            with frames.frozen_layout(figure):
                drawing = page.picture(svg.draw(figure, colours), alt)
            picture.value = f"{page.style(css)}{drawing}"
            message.value = ""
        except Exception as error:  # the last good picture stays, and says why it does not follow
            text = html.escape(str(error))
            message.value = f'<pre role="alert" style="white-space:pre-wrap">{text}</pre>'

    # The browser sends one change at a time and drops those it overtakes: a drag does not queue up.
    for control in inputs.values():
        control.observe(show, names="value")
    show()
    layout = widgets.Layout(max_width="620px")
    return widgets.VBox([picture, message, *inputs.values()], layout=layout)
