"""Draw a figure for every combination of some values, and keep only what changes.

A figure is drawn once in full. After that, matplotlib itself knows what each `update` touched (its
artists turn "stale"), so only those are drawn again: a few milliseconds a frame, and 300 frames
for the weight of a picture. At a few combinations the whole figure is drawn as well, and must
equal what was put together.

All is drawn on one canvas, one after the other, with a comment between any two pieces:

    =base   the whole figure, as at the start         =frame:3   what the third update touched
    =check:3   the whole figure after it              =again     the start once more

A number is a unit (an artist that is drawn as one piece), "/" what lies between units.
"""

import math
import re
from contextlib import ExitStack, contextmanager
from itertools import product, zip_longest
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.figure import FigureBase
from matplotlib.legend import Legend
from matplotlib.text import Text

from explorable import svg

MOST_COMBINATIONS = 2000


class Frames(NamedTuple):
    """A base figure, the drawings of each group that changes, and which of them make a frame."""

    nodes: dict  # {control: the values at which it is drawn}
    base: str  # SVG; group k is <g data-part="k">, drawn as in the start combination
    parts: list[list[str]]  # parts[k]: the different drawings of group k
    frames: list[list[int]]  # frames[i][k]: the number, in parts[k], of group k in frame i

    @property
    def count(self):
        return len(self.frames)


def draw(fig, update, controls, start, colours=svg.COLOURS):
    """Frames of `fig`, which `update(**values)` changes, for a list of controls.

    `start` are the values that the base shows, and that the figure is left in.
    `colours` is as for `svg.draw`.
    """
    nodes = _nodes(controls, start)
    combinations = [dict(zip(nodes, each, strict=True)) for each in product(*nodes.values())]
    start = combinations.index(start)
    call(update, combinations[start])
    with svg.canvas(fig) as (renderer, _):
        fig.draw(renderer)  # the layout engine finds its places; from here on nothing moves
    with frozen_layout(fig), svg.canvas(fig) as (renderer, text):
        units = _draw_all(fig, update, combinations, start, renderer)

    body, definitions = svg.taken_apart(text.getvalue(), colours)
    sections = _sections(body)
    states = _states(sections, units, combinations, start)
    body, parts, frames = _apart(sections["base"], states)
    base, parts = svg.put_together(fig, body, definitions, parts)
    return Frames(nodes, base, parts, frames)


def _nodes(controls, start):
    """The values at which each control is drawn, when there are not too many combinations."""
    values = {}
    for control in controls:
        places = control.values or [control.at(k / 12) for k in range(13)]
        values[control.name] = sorted({*places, start[control.name]}, key=control.place)
    count = math.prod(map(len, values.values()))
    if count > MOST_COMBINATIONS:
        each = " × ".join(f"{len(values)} ({name})" for name, values in values.items())
        raise ValueError(
            f"{each} = {count} combinations, more than the limit of {MOST_COMBINATIONS}; "
            "give fewer values"
        )
    return values


def call(update, values):
    """update(**values), with the combination named when it fails."""
    try:
        update(**values)
    except Exception as error:
        raise ValueError(f"{_call(values)} failed: {type(error).__name__}: {error}") from error


def _call(values):
    return f"update({', '.join(f'{name}={value!r}' for name, value in values.items())})"


@contextmanager
def frozen_layout(fig):
    """Keep the axes where they are: a longer tick label in one frame must not shift the figure."""
    engine = fig.get_layout_engine()
    try:
        if engine is not None:
            fig.set_layout_engine("none")
        yield
    finally:
        if engine is not None:
            fig.set_layout_engine(engine)


# ---- Drawing


def _draw_all(fig, update, combinations, start, renderer):
    """Draw all on one canvas; gives the units, in the order of their numbers."""
    stage = _Stage(fig, renderer)
    pen = _Pen(stage.units, renderer)
    last = len(combinations) - 1
    to_check = {0, last // 3, last // 2, last}
    pen.draw_whole(fig, "base")
    for i, values in enumerate(combinations):
        stage.forget()
        call(update, values)
        stage.check_same(values)
        pen.draw_units(stage.touched(), f"frame:{i}")
        if i in to_check:
            pen.draw_whole(fig, f"check:{i}")
    call(update, combinations[start])
    pen.draw_whole(fig, "again")
    return stage.units


class _Pen:
    """Draws units and whole figures on the canvas, and writes before each piece what it is."""

    def __init__(self, units, renderer):
        self.renderer = renderer
        self.numbers = {unit: number for number, unit in enumerate(units)}

    def mark(self, name):
        self.renderer.writer.comment(f"explorable:{name}")

    def draw_units(self, chosen, name):
        self.mark(f"={name}")
        for unit in self.numbers:
            if unit in chosen:
                self._marking(unit)(self.renderer)

    def draw_whole(self, fig, name):
        """As matplotlib draws it: each unit's `draw` is exchanged meanwhile for one that marks."""
        self.mark(f"={name}")
        with ExitStack() as stack:
            for unit in self.numbers:
                unit.draw = self._marking(unit)
                stack.callback(delattr, unit, "draw")
            fig.draw(self.renderer)

    def _marking(self, unit):
        original = unit.draw

        def draw(renderer):
            self.mark(self.numbers[unit])
            original(renderer)
            self.mark("/")

        return draw


class _Stage:
    """The artists of a figure, and which of them an update touched.

    Containers (the figure, its axes, and theirs) draw their children in order; a unit is what is
    not a container.
    """

    def __init__(self, fig, renderer):
        self.fig, self.renderer = fig, renderer
        self.containers = list(_containers(fig))
        self.children = {c: _in_order(c) for c in self.containers}
        self.inside = {
            c: [artist for artist, _ in pairs if artist not in self.children]
            for c, pairs in self.children.items()
        }
        self.units = [unit for units in self.inside.values() for unit in units]
        self.watched = [(unit, artist) for unit in self.units for artist in unit.findobj()]
        self.places = {c: self._place(c) for c in self.containers}
        self.switches = {c: _switches(c) for c in self.containers}
        self.arrays = {
            artist: artist.get_array()
            for _, artist in self.watched
            if isinstance(artist, ScalarMappable)
        }

    def forget(self):
        """From here on, what turns stale was touched."""
        for _, artist in self.watched:
            artist.stale = False

    def check_same(self, values):
        """The same artists in the same order, the same axes on show, or a ValueError."""
        for c in self.containers:
            _check_same_artists(self.children[c], _in_order(c), values)
            if _switches(c) != self.switches[c]:
                raise ValueError(
                    f"{_call(values)} shows or hides a whole {type(c).__name__} or its frame; "
                    "set_visible the artists in it instead"
                )

    def touched(self):
        """The units to draw anew."""
        touched = {unit for unit, artist in self.watched if self._is_touched(unit, artist)}
        for c in self.containers:
            place = self._place(c)
            if place != self.places[c]:  # then all that is placed by this axes moves, also
                self.places[c] = place  # what the figure holds: a line from one axes to another
                touched.update(self.inside[c], self.inside[self.fig])
            if any(isinstance(unit, Axis) and unit in touched for unit in self.inside[c]):
                c._update_title_position(self.renderer)  # titles stand above the ticks
                touched.update(unit for unit in self.inside[c] if isinstance(unit, Text))
            if not touched.isdisjoint(self.inside[c]):  # loc="best" looks at all around it
                touched.update(unit for unit in self.inside[c] if isinstance(unit, Legend))
        return touched

    def _is_touched(self, unit, artist):
        # set_array gives new colours without turning anything stale.
        recoloured = artist in self.arrays and artist.get_array() is not self.arrays[artist]
        if recoloured:
            self.arrays[artist] = artist.get_array()
        # Nor does a view in three dimensions say that it was turned.
        return artist.stale or recoloured or isinstance(unit, Axes)

    def _place(self, container):
        """Where an axes is, and what it shows: when this changes, all in it is drawn anew."""
        if not isinstance(container, Axes):
            return []
        locator = container.get_axes_locator()
        container.apply_aspect(locator(container, self.renderer) if locator else None)
        (left, bottom), (right, top) = container.viewLim.get_points()
        middle = (left + right) / 2, (bottom + top) / 2  # moves when the scale changes
        points = container.transData.transform([(left, bottom), middle, (right, top)])
        return [left, bottom, right, top, *points.flat]


def _containers(artist):
    """The figure, its axes, and theirs: what draws its children in order. (3-D axes do not.)"""
    yield artist
    for child in artist.get_children():
        if isinstance(child, FigureBase) or (isinstance(child, Axes) and child.name != "3d"):
            yield from _containers(child)


def _in_order(container):
    return [(artist, artist.zorder) for artist in container.get_children()]


def _switches(container):
    on = [container.axison, container.get_frame_on()] if isinstance(container, Axes) else []
    return [container.get_visible(), *on]


def _check_same_artists(before, after, values):
    if before == after:
        return
    old, new = dict(before), dict(after)
    changes = {
        "adds": [type(artist).__name__ for artist in new if artist not in old],
        "removes": [type(artist).__name__ for artist in old if artist not in new],
    }
    said = [f"{verb} {', '.join(names)}" for verb, names in changes.items() if names]
    raise ValueError(
        f"{_call(values)} {' and '.join(said) or 'changes the order (zorder) of artists'}; "
        "it must change the artists that are there, by set_data, set_offsets, set_segments, "
        "set_verts, set_text, set_visible or the like"
    )


# ---- What was drawn


def _sections(body):
    """{section: [(unit, its drawing) or ("/", what lies between units), ...]}, as drawn."""
    pieces = re.split(r"<!-- explorable:(\S+) -->", body)[1:]
    sections = {}
    for name, chunk in zip(pieces[::2], pieces[1::2], strict=True):
        if name.startswith("="):
            current = sections.setdefault(name[1:], [])
            name = "/"
        current.append((name, chunk))
    return sections


def _states(sections, units, combinations, start):
    """{unit: its drawing} for each combination; a ValueError where a check finds another figure."""
    base, states = sections["base"], []
    state = {name: chunk for name, chunk in base if name != "/"}
    for i, values in enumerate(combinations):
        state = state | {name: chunk for name, chunk in sections[f"frame:{i}"] if name in state}
        states.append(state)
        if f"check:{i}" in sections:
            _check(base, sections[f"check:{i}"], state, units, values)
    _check(base, sections["again"], states[start], units, combinations[start])
    return states


def _check(base, whole, state, units, values):
    """The base with its groups replaced must be the figure as matplotlib draws it."""
    for (name, chunk), (name_now, now) in zip_longest(base, whole, fillvalue=("/", None)):
        if name != name_now or now != state.get(name, chunk):
            what = "the figure" if name == "/" else f"a {type(units[int(name)]).__name__}"
            raise ValueError(
                f"at {_call(values)}, {what} is not drawn as before, or not as matplotlib knows: "
                "update must depend on its values alone, and change artists by their set_ methods "
                "rather than their data in place"
            )


def _apart(base, states):
    """What changes, apart from what stays: -> the base with groups, their drawings, the frames."""
    changing = [name for name, _ in base if len({state.get(name) for state in states}) > 1]
    if not changing:
        raise ValueError(
            f"update changes nothing that is drawn, in any of its {len(states)} combinations; "
            "it should change artists of the figure it was given (set_data, set_text, ...)"
        )
    parts = [list(dict.fromkeys(state[name] for state in states)) for name in changing]
    numbers = [{part: i for i, part in enumerate(group)} for group in parts]
    frames = [[n[state[k]] for k, n in zip(changing, numbers, strict=True)] for state in states]
    body = "".join(
        f'<g data-part="{changing.index(name)}">{chunk}</g>' if name in changing else chunk
        for name, chunk in base
    )
    return body, parts, frames
