"""The controls of an explorer: what they offer, where their thumbs stand, how their values read.

A control is given as ipywidgets' `interact` takes it: `(low, high)` is continuous, or every integer
between two integers; `(low, high, step)` is stepped; a list is its own stops; strings are a choice.
`log(low, high)` is continuous on a logarithmic scale.
"""

import itertools
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

MOST_STOPS = 2000


@dataclass(frozen=True)
class Log:
    """What `log` gives: both ends of a continuous control on a logarithmic scale."""

    low: float
    high: float


def log(low, high):
    """A continuous control from low to high on a logarithmic scale: `kappa=log(1, 100)`.

    Raises ValueError unless both are finite, and 0 < low < high.
    """
    for name, end in (("low", low), ("high", high)):
        if not _is_real(end) or end <= 0:
            raise ValueError(f"{name} must be a finite number above 0, got {end!r}")
    if low >= high:
        raise ValueError(f"high must be above low = {low!r}, got {high!r}")
    return Log(float(low), float(high))


@dataclass(frozen=True)
class Control:
    """One control. Numbers are placed on a scale: u = 0 is its left end, u = 1 its right.

    `values` are the stops in ascending order, or the choices as given; a continuous control has
    none. `marks` are pairs (label, value) that a slider catches; `play` says that it is time.
    """

    name: str
    label: str
    kind: str  # "continuous", "stops" or "choice"
    first: float | int | str  # where it begins, unless it is told otherwise
    low: float | int | None = None
    high: float | int | None = None
    scale: str = "linear"  # or "log"
    values: tuple = ()
    marks: tuple = ()
    play: bool = False

    def at(self, u):
        """The value at a place u in [0, 1]: for stops and choices, that of the nearest one."""
        u = min(max(u, 0.0), 1.0)
        if self.kind == "choice":
            return self.values[round(u * (len(self.values) - 1))]
        if self.kind == "stops":
            return min(self.values, key=lambda value: abs(self.place(value) - u))
        if u in (0, 1):
            return self.high if u else self.low
        if self.scale == "log":
            return self.low * (self.high / self.low) ** u
        return self.low + u * (self.high - self.low)

    def place(self, value):
        """Where a value stands, in [0, 1]; a choice stands at its place in the row."""
        if self.kind == "choice":
            return self.values.index(value) / max(len(self.values) - 1, 1)
        if self.scale == "log":
            u = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            u = (value - self.low) / (self.high - self.low)
        return min(max(u, 0.0), 1.0)

    def on_scale(self, value):
        """The value itself, or its decimal logarithm: what the slider's place grows with."""
        return math.log10(value) if self.scale == "log" else value

    @property
    def grid(self):
        """A hand moves a continuous control to multiples of this, or to three digits on a log
        scale (0): a power of ten, 200 to 2,000 of which make the range.
        """
        if self.scale == "log":
            return 0
        return 10.0 ** math.floor(math.log10((self.high - self.low) / 200) + 1e-9)

    def text(self, value, short=False):
        """How a value reads: with the digits that a hand can set; short without their last zeros.

        The page's script says the same (`text` in controls.js).
        """
        if self.kind == "choice":
            return value
        if self.kind == "stops":
            return texts(self.values)[self.values.index(value)]
        if self.scale == "log":
            return _number(float(f"{value:.3g}"), 0)
        text = f"{value:.{max(0, round(-math.log10(self.grid)))}f}"
        if float(text) == 0:
            text = text.lstrip("-")
        if short and "." in text:
            text = text.rstrip("0").rstrip(".")
        return text.replace("-", "\N{MINUS SIGN}")

    def nearest(self, value):
        """The value of this control that is nearest to a number: clipped, or the nearest stop."""
        if self.kind == "continuous":
            return min(max(float(value), self.low), self.high)
        return min(self.values, key=lambda stop: abs(stop - value))


# ---- What is given


def controls_of(given, labels=None, marks=None, play=None):
    """The controls that {name: what it offers} describes; a ValueError names what is wrong."""
    if not isinstance(given, Mapping):
        raise ValueError(f"controls must be a mapping from names to values, got {given!r}")
    for name in ("figure", "update"):
        if name in given:
            raise ValueError(
                f"a control cannot be called {name!r}: figure and update are arguments of explore, "
                "given first and without their names"
            )
    if not given:
        raise ValueError("explore needs a control: a keyword with values, such as eta=(0.0, 2.2)")
    for name in given:
        if not isinstance(name, str) or not name.isidentifier():
            raise ValueError(f"a control must be called by a name of Python's, got {name!r}")
    offers = {name: _offer(name, what) for name, what in given.items()}
    labels = _checked_labels(labels, offers)
    marks = _checked_marks(marks, offers)
    play = _checked_play(play, offers)
    return [
        Control(
            name, labels[name], **offer, marks=marks.get(name, ()), play=name in play
        )
        for name, offer in offers.items()
    ]  # fmt: skip


def checked_start(start, controls):
    """{control: value to begin with}: what `start` names, else the first value."""
    by_name = {control.name: control for control in controls}
    begin = {control.name: control.first for control in controls}
    for name, value in _mapping("start", start, by_name):
        begin[name] = _value_of(by_name[name], value, f"start has {name}={value!r}")
    return begin


def _value_of(control, value, said):
    """`value` as this control offers it, but for rounding; a ValueError that begins with `said`."""
    if control.kind == "continuous":
        ends = [_same(end, value) for end in (control.low, control.high)]
        if not any(ends) and not (_is_real(value) and control.low < value < control.high):
            raise ValueError(f"{said}, which is not between {control.low} and {control.high}")
        return control.nearest(value)
    same = [v for v in control.values if _same(v, value)]
    if not same:
        raise ValueError(f"{said}, which is not among its values {list(control.values)!r}")
    return same[0]


def _offer(name, given):
    """What a control offers, as fields of Control."""
    if isinstance(given, Log):
        return {"kind": "continuous", "first": given.low, "low": given.low, "high": given.high,
                "scale": "log"}  # fmt: skip
    if isinstance(given, tuple) and given and all(map(_is_number, given)):
        given = tuple(v.item() if isinstance(v, np.generic) else v for v in given)
        _check_range(name, given)
        low, high = given[:2]
        if len(given) == 2 and not all(isinstance(v, int) for v in given):
            low, high = float(low), float(high)
            return {"kind": "continuous", "first": low, "low": low, "high": high}
        return _stops(name, _steps(name, *given))
    values = _checked_values(name, given)
    if isinstance(values[0], str):
        return {"kind": "choice", "first": values[0], "values": tuple(values)}
    return _stops(name, values)


def _check_range(name, given):
    if len(given) not in (2, 3):
        raise ValueError(
            f"control {name} must be (low, high), (low, high, step) or a list of its stops, "
            f"got {given!r}"
        )
    for value in given:
        if not _is_real(value):
            raise ValueError(f"control {name} must hold finite numbers, got {value!r}")
    if given[0] >= given[1]:
        raise ValueError(f"control {name} must have low below high, got {given!r}")
    if len(given) == 3 and given[2] <= 0:
        raise ValueError(f"control {name} must have a step above 0, got {given!r}")
    if len(given) == 3 and given[2] > given[1] - given[0]:
        raise ValueError(
            f"control {name} must have a step that fits between low and high, got {given!r} "
            "(a list of numbers makes them stops)"
        )


def _steps(name, low, high, step=1):
    """low, low + step, ... up to high, without the rounding of sums."""
    begin, end, by = (Decimal(repr(v)) for v in (low, high, step))
    count = int((end - begin) / by) + 1
    if count > MOST_STOPS:
        raise ValueError(
            f"control {name} must have at most {MOST_STOPS} stops, got {count}; "
            "two floats (low, high) make it continuous"
        )
    number = int if all(isinstance(v, int) for v in (low, step)) else float
    return [number(begin + k * by) for k in range(count)]


def _checked_values(name, given):
    """A list of numbers or of strings as Python knows them."""
    if isinstance(given, np.ndarray) and given.ndim == 1:
        given = given.tolist()
    if not isinstance(given, list | tuple | range):
        raise ValueError(
            f"control {name} must be a list, tuple, range or 1-D array of numbers or of strings, "
            f"or log(low, high), got {given!r}"
        )
    values = [v.item() if isinstance(v, np.generic) else v for v in given]
    if len(values) < 2:
        raise ValueError(f"control {name} needs at least two values to choose from, got {values!r}")
    if not (all(isinstance(v, str) for v in values) or all(map(_is_number, values))):
        raise ValueError(f"control {name} must hold only numbers or only strings, got {values!r}")
    for value in values:
        if isinstance(value, str) and not value.strip():
            raise ValueError(f"control {name} holds an empty string, which nobody could choose")
        if not isinstance(value, str) and not _is_real(value):
            raise ValueError(f"control {name} must hold finite numbers, got {value!r}")
    for value, count in {v: values.count(v) for v in values}.items():
        if count > 1:
            raise ValueError(f"control {name} holds {value!r} more than once")
    return values


def _stops(name, values):
    ordered = tuple(sorted(values))
    if len(ordered) > MOST_STOPS:
        raise ValueError(f"control {name} must have at most {MOST_STOPS} stops, got {len(ordered)}")
    return {
        "kind": "stops", "first": values[0], "values": ordered, "low": ordered[0],
        "high": ordered[-1], "scale": _scale(ordered),
    }  # fmt: skip


def _scale(stops):
    """A logarithmic scale for stops that are about evenly spaced there: 1, 3, 10, 30."""
    if stops[0] <= 0 or len(stops) < 3:
        return "linear"
    plain, logs = _unevenness(stops), _unevenness([math.log(v) for v in stops])
    return "log" if logs < 1.5 < plain else "linear"


def _unevenness(places):
    gaps = [b - a for a, b in itertools.pairwise(places)]
    return max(gaps) / min(gaps) if min(gaps) > 0 else math.inf


def _checked_labels(labels, offers):
    """{control: its label}: what `labels` names, else the control's name."""
    names = {name: name.replace("_", " ") for name in offers}
    for name, label in _mapping("labels", labels, offers):
        if not isinstance(label, str) or not label.strip():
            raise ValueError(f"labels must give {name} a text, got {label!r}")
        names[name] = label
    return names


def _checked_marks(marks, offers):
    """{control: ((label, value), ...)}, in the order of the values."""
    checked = {}
    for name, given in _mapping("marks", marks, offers):
        if offers[name]["kind"] == "choice":
            raise ValueError(f"marks has {name!r}, which is a choice and has no scale")
        if not isinstance(given, Mapping):
            raise ValueError(f"marks must give {name} a mapping {{label: value}}, got {given!r}")
        control = Control(name, name, **offers[name])
        pairs = []
        for label, value in given.items():
            if not isinstance(label, str) or not label.strip():
                raise ValueError(f"marks must give {name} labels that are texts, got {label!r}")
            said = f"marks has {label!r} at {name}={value!r}"
            pairs.append((label, _value_of(control, value, said)))
        checked[name] = tuple(sorted(pairs, key=lambda pair: pair[1]))
    return checked


def _checked_play(play, offers):
    """The names of the controls that are time."""
    if play is None:
        return ()
    names = [play] if isinstance(play, str) else play
    if not isinstance(names, list | tuple):
        raise ValueError(f"play must be a control or a list of controls, got {play!r}")
    for name in names:
        if not isinstance(name, str) or name not in offers:
            raise ValueError(f"play has {name!r}, but the controls are {', '.join(offers)}")
        if offers[name]["kind"] == "choice":
            raise ValueError(f"play has {name!r}, which is a choice and cannot be time")
    return tuple(names)


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


def _is_number(value):
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def _is_real(value):
    return _is_number(value) and abs(value) <= sys.float_info.max  # also for very long integers


def _same(a, b):
    numbers = isinstance(a, int | float) and _is_number(b)
    return math.isclose(a, b, rel_tol=1e-12) if numbers else isinstance(b, str) and a == b


def record(control):
    """What a control offers, as JSON can hold it."""
    about = {"label": control.label, "kind": control.kind, "values": list(control.values)}
    if control.kind == "choice":
        return about
    return about | {
        "low": control.low,
        "high": control.high,
        "scale": control.scale,
        "marks": dict(control.marks),
        "play": control.play,
    }


# ---- How values read


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
