"""An explorer where a kernel runs: its controls as ipywidgets, the figure drawn at each move."""

import html
import itertools
import math
import sys
import uuid
from importlib.util import find_spec

from explorable import anypicture, frames, page, svg
from explorable.controls import texts
from explorable.inputs import few


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


def widget(figure, update, controls, start, handles, alt, colours, css):
    """A box: the figure, a line for what goes wrong, an input for each control, buttons."""
    import ipywidgets as widgets

    width = f"{min(max(len(c.label) for c in controls), 24) * 0.6 + 1:.1f}em"
    by_name = {control.name: control for control in controls}
    inputs = {c.name: _input(widgets, c, start[c.name], width) for c in controls}
    draggable = anypicture.possible()
    picture = anypicture.widget() if draggable else widgets.HTML()
    message = widgets.HTML()
    drawn, kept, moving = "", "", False

    def offered(name, given):
        control = by_name[name]
        return given if control.kind == "choice" else control.nearest(given)

    def put():
        picture.value = page.style(css) + page.picture(drawn, alt, figure, kept)

    def show(_=None):
        nonlocal drawn
        if moving:
            return
        values = {name: offered(name, each.value) for name, each in inputs.items()}
        try:
            frames.call(update, values)
            with frames.frozen_layout(figure):
                drawn = svg.draw(figure, colours)
            with picture.hold_sync():
                if draggable:
                    picture.state, picture.drag = values, [each.described() for each in handles]
                put()
            message.value = ""
        except Exception as error:  # the last good picture stays, and says why it does not follow
            text = html.escape(str(error))
            message.value = f'<pre role="alert" style="white-space:pre-wrap">{text}</pre>'

    def take(values):
        """Several inputs at once, and one drawing."""
        nonlocal moving
        moving = True
        try:
            for name, given in values.items():
                inputs[name].value = offered(name, given)
        finally:
            moving = False
        show()

    def pin(change):
        nonlocal kept
        kept = drawn if change["new"] else ""
        put()

    # The browser sends one change at a time and drops those it overtakes: a drag does not queue up.
    for each in inputs.values():
        each.observe(show, names="value")
    if draggable:
        picture.observe(lambda change: take(change["new"]), names="wanted")
    show()
    plays = [_play(widgets, c, inputs[c.name]) for c in controls if c.play]
    layout = {"layout": widgets.Layout(width="auto")}
    pins = widgets.ToggleButton(description="Pin", tooltip="Keep these curves, pale", **layout)
    pins.observe(pin, names="value")
    reset = widgets.Button(description="Reset", tooltip="Back to the first setting", **layout)
    reset.on_click(lambda _: take(start))
    row = widgets.HBox([*plays, pins, reset])
    box = widgets.Layout(max_width="620px")
    return widgets.VBox([picture, message, *inputs.values(), row], layout=box)


def _input(widgets, control, start, width):
    """The input that `interact` would make: a slider of the control's kind, buttons or a menu."""
    common = {
        "value": start,
        "description": control.label,
        "style": {"description_width": width},
        "layout": widgets.Layout(width="auto"),
    }
    if control.kind == "choice":
        kind = widgets.ToggleButtons if few(control.values) else widgets.Dropdown
        made = kind(options=list(control.values), **common)
        if kind is widgets.ToggleButtons:
            made.style.button_width = "auto"
        return made
    common["continuous_update"] = True
    low, high = control.low, control.high
    if control.kind == "continuous" and control.scale == "log":
        low, high = math.log10(low), math.log10(high)
        step = (high - low) / 200
        return widgets.FloatLogSlider(min=low, max=high, step=step, readout_format=".3g", **common)
    if control.kind == "continuous":
        digits = f".{max(0, round(-math.log10(control.grid)))}f"
        return widgets.FloatSlider(
            min=low, max=high, step=control.grid, readout_format=digits, **common
        )
    read, gaps = texts(control.values), [b - a for a, b in itertools.pairwise(control.values)]
    if max(gaps) - min(gaps) > 1e-9 * max(gaps):
        options = list(zip(read, control.values, strict=True))
        return widgets.SelectionSlider(options=options, **common)
    if all(isinstance(value, int) for value in control.values):
        return widgets.IntSlider(min=low, max=high, step=gaps[0], **common)
    digits = f".{max(len(text.partition('.')[2]) for text in read)}f"
    step = (high - low) / len(gaps)
    return widgets.FloatSlider(min=low, max=high, step=step, readout_format=digits, **common)


def _play(widgets, control, target):
    """Moves the control to its end, and stops there."""
    last = len(control.values) - 1 if control.values else 100
    play = widgets.Play(min=0, max=last, interval=min(700, max(60, 6000 // last)))

    def go(change):
        k = change["new"]
        target.value = control.values[k] if control.values else control.at(k / last)

    play.observe(go, names="value")
    return play
