"""The native inputs of the controls: sliders with their scales, rows of buttons, menus."""

import html
import math

from matplotlib.ticker import MaxNLocator

from explorable.controls import texts
from explorable.words import spoken

_ROOM = 240  # pixels: a track is at least so long; labels of its scale must not meet
_WIDTH = 6.5  # pixels: a digit at the size of these labels


def few(values):
    """Whether these strings fit in a row of buttons; otherwise they make a menu."""
    return len(values) <= 5 and sum(map(len, values)) <= 36


def described(control):
    """What the script must know of a control."""
    about = {"label": control.label, "kind": control.kind}
    if control.kind != "choice":
        about |= {"low": control.low, "high": control.high, "scale": control.scale}
        about["marks"] = [[label, value, spoken(label)] for label, value in control.marks]
        about["play"] = control.play
    if control.kind == "continuous":
        about["grid"] = control.grid
    else:
        about["values"] = list(control.values)
        about["texts"] = texts(control.values)
    return about


def markup(control, start):
    """A slider for numbers, buttons or a menu for strings."""
    if control.kind != "choice":
        return _slider(control, start)
    chosen = control.values.index(start)
    options = [html.escape(value) for value in control.values]
    label, name = html.escape(control.label), html.escape(control.name)
    return (
        _buttons(name, label, options, chosen)
        if few(control.values)
        else _menu(name, label, options, chosen)
    )


def _named(control):
    """aria-label, where the visible label has signs that read badly."""
    said = spoken(control.label)
    return f' aria-label="{html.escape(said)}"' if said != control.label else ""


def _slider(control, start):
    text, at = control.text(start), control.place(start)
    low, high, value = map(control.on_scale, (control.low, control.high, start))
    shown = (
        texts(control.values) if control.values else map(control.text, (control.low, control.high))
    )
    width = max(map(len, [*shown, text]))
    return (
        f'<div class="explorer-control" data-name="{control.name}">'
        f'<label><span>{html.escape(control.label)}</span><span class="explorer-track">'
        f'<input type="range" min="{low!r}" max="{high!r}" step="any" value="{value!r}" '
        f'aria-valuetext="{html.escape(spoken(text))}" style="--explorer-at:{at:.5f}"'
        f"{_named(control)}>"
        f"{_scale(control)}</span></label>"
        f'<output aria-live="off" style="min-width:{width}ch">{text}</output></div>'
    )


def _scale(control):
    """Ticks, their numbers and the marks: only to be seen, as the slider says its value."""
    parts, taken = [], []
    for label, value in control.marks:
        at = control.place(value)
        parts.append(f'<b style="--at:{at:.5f}">{html.escape(label)}</b>')
        taken.append((at, len(label)))
    places = ticks(control)
    # The ends come first, as they say where the scale begins and ends.
    for value in [*places[:1], *places[-1:], *places[1:-1]]:
        at, text = control.place(value), control.text(value, short=True)
        free = all(
            abs(at - other) * _ROOM > (len(text) + length) / 2 * _WIDTH + 6
            for other, length in taken
        )
        parts.append(f'<i style="--at:{at:.5f}">{text if free else ""}</i>')
        if free:
            taken.append((at, len(text)))
    return f'<span class="explorer-scale" aria-hidden="true">{"".join(parts)}</span>'


def ticks(control):
    """Round values along the scale; all stops where these are few."""
    if 0 < len(control.values) <= 13:
        return list(control.values)
    if control.scale == "log":
        first, last = math.log10(control.low), math.log10(control.high)
        digits = (1,) if last - first >= 2 else (1, 2, 5)
        powers = range(math.floor(first), math.ceil(last) + 1)
        step = max(1, round(len(powers) / 7))
        found = [d * 10.0**p for p in powers if p % step == 0 for d in digits]
    else:
        found = MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(control.low, control.high)
    slack = 1e-9 * (control.high - control.low)
    found = [float(v) for v in found if control.low - slack <= v <= control.high + slack]
    if control.kind == "stops":
        stops = [stop for stop in control.values if any(_same(stop, value) for value in found)]
        found = stops if len(stops) > 3 else sorted({_near(control, value) for value in found})
    return found


def _same(a, b):
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def _near(control, value):
    """The stop at a value; else the one of the nearest few that is written shortest."""
    nearest = control.nearest(value)
    i = control.values.index(nearest)
    few = [nearest] if _same(nearest, value) else control.values[max(i - 2, 0) : i + 3]
    at = control.place(value)
    return min(few, key=lambda s: (len(control.text(s, short=True)), abs(control.place(s) - at)))


def _buttons(name, label, options, chosen):
    buttons = "".join(
        f'<label><input type="radio" name="{name}" value="{i}"{" checked" * (i == chosen)}>'
        f"<span>{option}</span></label>"
        for i, option in enumerate(options)
    )
    return (
        f'<div class="explorer-control" data-name="{name}" role="radiogroup" aria-label="{label}">'
        f'<span aria-hidden="true">{label}</span><div class="explorer-choice">{buttons}</div></div>'
    )


def _menu(name, label, options, chosen):
    items = "".join(
        f'<option value="{i}"{" selected" * (i == chosen)}>{option}</option>'
        for i, option in enumerate(options)
    )
    return (
        f'<div class="explorer-control" data-name="{name}"><label><span>{label}</span>'
        f"<select>{items}</select></label></div>"
    )


def actions(controls):
    """The buttons below: play, pin, reset, a link."""
    plays = [control for control in controls if control.play]
    buttons = []
    for control in plays:
        what = f" {html.escape(control.label)}" if len(plays) > 1 else ""
        said = html.escape(spoken(control.label))
        buttons.append(
            f'<button type="button" data-do="play" data-name="{control.name}" '
            f'aria-label="Play {said}"><span aria-hidden="true">▶</span> Play{what}</button>'
        )
    buttons += [
        '<button type="button" data-do="pin" aria-pressed="false" '
        'title="Keep these curves, pale, to compare">Pin</button>',
        '<button type="button" data-do="reset" title="Back to the first setting">Reset</button>',
        '<button type="button" data-do="link" title="Copy a link to this setting">Copy link'
        "</button>",
    ]
    return (
        f'<div class="explorer-actions">{"".join(buttons)}<span class="explorer-pinned"></span>'
        "</div>"
    )
