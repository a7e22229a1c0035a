"""The controls of an explorer: the values they offer, how these read, their inputs in a page."""

import html
import itertools
import json
import math
from collections.abc import Mapping

import numpy as np


def checked_values(name, given):
    """The values of a control as Python numbers or strings; a ValueError says what is wrong."""
    if isinstance(given, np.ndarray) and given.ndim == 1:
        given = given.tolist()
    if not isinstance(given, list | tuple | range):
        raise ValueError(
            f"control {name} must be a list, tuple, range or 1-D array of numbers or of strings, "
            f"got {given!r}"
        )
    values = [v.item() if isinstance(v, np.generic) else v for v in given]
    if len(values) < 2:
        raise ValueError(f"control {name} needs at least two values to choose from, got {values!r}")
    texts = [isinstance(v, str) for v in values]
    reals = [isinstance(v, int | float) and not isinstance(v, bool) for v in values]
    if not (all(texts) or all(reals)):
        raise ValueError(f"control {name} must hold only numbers or only strings, got {values!r}")
    for value in values:
        if isinstance(value, str) and not value.strip():
            raise ValueError(f"control {name} holds an empty string, which nobody could choose")
        if not isinstance(value, str) and not math.isfinite(value):
            raise ValueError(f"control {name} must hold finite numbers, got {value!r}")
        if values.count(value) > 1:
            raise ValueError(f"control {name} holds {value!r} more than once")
    return values


def checked_start(start, controls):
    """{control: value to begin with}: what `start` names, else the first value."""
    first = {name: values[0] for name, values in controls.items()}
    for name, value in _mapping("start", start, controls):
        same = [v for v in controls[name] if _same(v, value)]
        if not same:
            raise ValueError(
                f"start has {name}={value!r}, which is not among its values {controls[name]!r}"
            )
        first[name] = same[0]
    return first


def _same(a, b):
    numbers = isinstance(a, int | float) and isinstance(b, int | float | np.number)
    return math.isclose(a, b, rel_tol=1e-12) if numbers else isinstance(b, str) and a == b


def checked_labels(labels, controls):
    """{control: its label}: what `labels` names, else the control's name."""
    names = {name: name.replace("_", " ") for name in controls}
    for name, label in _mapping("labels", labels, controls):
        if not isinstance(label, str) or not label.strip():
            raise ValueError(f"labels must give {name} a text, got {label!r}")
        names[name] = label
    return names


def _mapping(argument, given, controls):
    if given is not None and not isinstance(given, Mapping):
        raise ValueError(
            f"{argument} must be a mapping from controls to their {argument} "
            f"(a control cannot have this name), got {given!r}"
        )
    for name in given or {}:
        if name not in controls:
            raise ValueError(f"{argument} has {name!r}, but the controls are {', '.join(controls)}")
    return (given or {}).items()


def texts(values):
    """How the values read: a number as it is written, or with the digits that set it apart."""
    if isinstance(values[0], str):
        return list(values)
    step = min(b - a for a, b in itertools.pairwise(sorted(values)))
    return [_number(value, step / 20) for value in values]


def _number(value, tolerance):
    # Six digits come first: what is written out, such as 0.12345, reads as it is written.
    for digits in (6, 1, 2, 3, 4, 5, 6, 9, 12, 17):
        text = f"{value:.{digits}g}"
        error = abs(float(text) - value)
        written_out = error <= min(1e-12 * abs(value), tolerance)
        if written_out or (error <= tolerance and digits != 6):
            break
    plain = np.format_float_positional(float(text), trim="-")
    mantissa, exponent = f"{float(text):.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    power = f"{mantissa}e{int(exponent)}"
    extreme = value != 0 and not 0.01 <= abs(value) < 1e5
    text = power if extreme and len(power) < len(plain) else plain
    return f"\N{MINUS SIGN}{text[1:]}" if value < 0 else text


def few(values):
    """Whether these strings fit in a row of buttons; otherwise they make a menu."""
    return len(values) <= 5 and sum(map(len, values)) <= 36


def markup(name, label, values, start):
    """The native input of a control: a slider for numbers, buttons or a menu for strings."""
    chosen, label = values.index(start), html.escape(label)
    if not isinstance(start, str):
        return _slider(label, texts(values), chosen)
    options = [html.escape(value) for value in values]
    if not few(values):
        return _menu(label, options, chosen)
    return _buttons(html.escape(name), label, options, chosen)


def _slider(label, options, chosen):
    last, width = len(options) - 1, max(map(len, options))
    return (
        f'<div class="explorer-control"><label><span>{label}</span>'
        f'<input type="range" min="0" max="{last}" step="1" value="{chosen}" '
        f'aria-valuetext="{options[chosen]}" data-texts="{html.escape(json.dumps(options))}" '
        f'style="--explorer-at:{chosen / last:.4f}"></label>'
        f'<output aria-live="off" style="min-width:{width}ch">{options[chosen]}</output></div>'
    )


def _buttons(name, label, options, chosen):
    buttons = "".join(
        f'<label><input type="radio" name="{name}" value="{i}"{" checked" * (i == chosen)}>'
        f"<span>{option}</span></label>"
        for i, option in enumerate(options)
    )
    return (
        f'<div class="explorer-control" role="radiogroup" aria-label="{label}">'
        f'<span aria-hidden="true">{label}</span><div class="explorer-choice">{buttons}</div></div>'
    )


def _menu(label, options, chosen):
    items = "".join(
        f'<option value="{i}"{" selected" * (i == chosen)}>{option}</option>'
        for i, option in enumerate(options)
    )
    return (
        f'<div class="explorer-control"><label><span>{label}</span>'
        f"<select>{items}</select></label></div>"
    )
