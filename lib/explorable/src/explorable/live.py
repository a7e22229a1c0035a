"""An explorer where a kernel runs: its controls as ipywidgets, the figure drawn at each move."""

import html
import itertools
import math
import sys
from importlib.util import find_spec

from explorable import frames, page, svg
from explorable.controls import texts
from explorable.inputs import few


def possible():
    """Is this a notebook's kernel, and are there ipywidgets? (Neither is imported to find out.)"""
    ipython = sys.modules.get("IPython")
    kernel = ipython is not None and hasattr(ipython.get_ipython(), "kernel")
    return kernel and find_spec("ipywidgets") is not None


def widget(figure, update, controls, start, handles, alt, colours, css):
    """A box with the figure, a line for what goes wrong, an input for each control, and buttons."""
    import ipywidgets as widgets

    width = f"{min(max(len(c.label) for c in controls), 24) * 0.6 + 1:.1f}em"
    inputs = {c.name: _input(widgets, c, start[c.name], width) for c in controls}
    by_name = {control.name: control for control in controls}
    picture, message = _picture(widgets), widgets.HTML()
    moving = False  # several inputs at once make one drawing

    def value(name):
        control, given = by_name[name], inputs[name].value
        return given if control.kind == "choice" else control.nearest(given)

    def show(_=None):
        if moving:
            return
        values = {name: value(name) for name in inputs}
        try:
            frames.call(update, values)
            with frames.frozen_layout(figure):
                drawing = svg.draw(figure, colours)
            drag = [{**handle.scales(), "at": list(handle.where())} for handle in handles]
            picture.show(drawing, drag, values)
            message.value = ""
        except Exception as error:  # the last good picture stays, and says why it does not follow
            text = html.escape(str(error))
            message.value = f'<pre role="alert" style="white-space:pre-wrap">{text}</pre>'

    def take(values):
        nonlocal moving
        moving = True
        try:
            for name, given in values.items():
                control = by_name[name]
                inputs[name].value = given if control.kind == "choice" else control.nearest(given)
        finally:
            moving = False
        show()

    picture.prepare(alt, page.style(css), figure, take)
    # The browser sends one change at a time and drops those it overtakes: a drag does not queue up.
    for control in inputs.values():
        control.observe(show, names="value")
    show()
    buttons = [_play(widgets, c, inputs[c.name]) for c in controls if c.play]
    pin = widgets.ToggleButton(description="Pin", tooltip="Keep these curves, pale, to compare")
    pin.observe(lambda change: picture.pin(change["new"]), names="value")
    reset = widgets.Button(description="Reset", tooltip="Back to the first setting")
    reset.on_click(lambda _: take(start))
    for button in (pin, reset):
        button.layout.width = "auto"
    row = widgets.HBox([*buttons, pin, reset])
    layout = widgets.Layout(max_width="620px")
    return widgets.VBox([picture.view, message, *inputs.values(), row], layout=layout)


def _input(widgets, control, start, width):
    common = {
        "description": control.label,
        "style": {"description_width": width},
        "layout": widgets.Layout(width="auto"),
        "value": start,
    }
    if control.kind == "choice":
        kind = widgets.ToggleButtons if few(control.values) else widgets.Dropdown
        made = kind(options=list(control.values), **common)
        if kind is widgets.ToggleButtons:
            made.style.button_width = "auto"
        return made
    common["continuous_update"] = True
    ends = {"min": control.low, "max": control.high}
    if control.kind == "continuous" and control.scale == "log":
        low, high = math.log10(control.low), math.log10(control.high)
        step = (high - low) / 200
        return widgets.FloatLogSlider(
            min=low, max=high, step=step, readout_format=".3g", **common
        )  # fmt: skip
    if control.kind == "continuous":
        digits = max(0, round(-math.log10(control.grid)))
        return widgets.FloatSlider(
            **ends, step=control.grid, readout_format=f".{digits}f", **common
        )
    gaps = [b - a for a, b in itertools.pairwise(control.values)]
    if max(gaps) - min(gaps) > 1e-9 * max(gaps):
        options = list(zip(texts(control.values), control.values, strict=True))
        return widgets.SelectionSlider(options=options, **common)
    if all(isinstance(value, int) for value in control.values):
        return widgets.IntSlider(**ends, step=gaps[0], **common)
    digits = max(len(text.partition(".")[2]) for text in texts(control.values))
    step = (control.high - control.low) / len(gaps)
    return widgets.FloatSlider(**ends, step=step, readout_format=f".{digits}f", **common)


def _play(widgets, control, target):
    """A player that moves the control from its place to its end, and stops there."""
    last = len(control.values) - 1 if control.values else 100
    interval = 60 if not control.values else min(700, max(60, 6000 // max(last, 1)))
    play = widgets.Play(min=0, max=last, interval=interval)

    def go(change):
        k = change["new"]
        target.value = control.values[k] if control.values else control.at(k / last)

    play.observe(go, names="value")
    return play


def _picture(widgets):
    """What shows the figure: with handles where there is anywidget, as plain HTML otherwise."""
    if find_spec("anywidget") is not None:
        from explorable.anypicture import Picture

        return Picture()
    return _Plain(widgets)


class _Plain:
    """The figure as HTML, in which nothing can be dragged."""

    def __init__(self, widgets):
        self.view, self.ghost, self.drawing = widgets.HTML(), "", ""

    def prepare(self, alt, style, figure, take):
        self.alt, self.style, self.figure = alt, style, figure

    def show(self, drawing, drag, values):
        self.drawing = drawing
        self.view.value = self.style + page.picture(drawing, self.alt, self.figure, self.ghost)

    def pin(self, on):
        self.ghost = self.drawing if on else ""
        self.show(self.drawing, [], {})
