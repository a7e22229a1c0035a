"""Draw a figure for every combination of some values, and keep only what changes.

A figure is drawn once in full. After that, matplotlib itself knows what each `update` touched (its
artists turn "stale"), so only those are drawn again: a few milliseconds a frame, and 300 frames
for the weight of a picture. At a few combinations the whole figure is drawn as well, and must
equal what was put together.
"""

import re
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.figure import FigureBase
from matplotlib.legend import Legend
from matplotlib.text import Text

from nnbook import plotting, vector


class Frames(NamedTuple):
    """A base figure, the drawings of each group that changes, and which of them make a frame."""

    base: str  # SVG; group k is <g data-nn="k">, drawn as in the start combination
    parts: list[list[str]]  # parts[k]: the different drawings of group k
    frames: list[
        list[int]
    ]  # frames[i][k]: the number, in parts[k], of the drawing of group k in frame i


def draw(fig, update, combinations, start):
    """Frames of `fig`, which `update(**values)` changes, for a list of combinations (dicts).

    `start` is the number of the combination that the base shows, and that the figure is left in.
    """
    call(update, combinations[start])
    with vector.page(fig) as (renderer, _):
        fig.draw(renderer)  # the layout engine finds its places; from here on nothing moves
    with frozen_layout(fig), vector.page(fig) as (renderer, text):
        drawn = _draw_all(fig, update, combinations, start, renderer)
    body, definitions = plotting.page_parts(text.getvalue())
    names_and_chunks = re.split(r"<!-- nn:(\S+) -->", body)[1:]
    sections = _sections(names_and_chunks[::2], names_and_chunks[1::2])

    base, states = sections["base"], []
    state = {name: chunk for name, chunk in base if name != "/"}
    for i, values in enumerate(combinations):
        state = state | {name: chunk for name, chunk in sections[f"frame:{i}"] if name in state}
        states.append(state)
        if f"check:{i}" in sections:
            _check(base, sections[f"check:{i}"], state, drawn, values)
    _check(base, sections["again"], states[start], drawn, combinations[start])

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
        f'<g data-nn="{changing.index(name)}">{chunk}</g>' if name in changing else chunk
        for name, chunk in base
    )
    return Frames(vector.assemble(fig, body, definitions), parts, frames)


def call(update, values):
    """update(**values), with the combination named when it fails."""
    try:
        update(**values)
    except Exception as error:
        raise ValueError(f"{_call(values)} failed: {type(error).__name__}: {error}") from error


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


def _call(values):
    return f"update({', '.join(f'{name}={value!r}' for name, value in values.items())})"


def _containers(artist):
    """The figure, its axes, and theirs: what draws its children in order. (3-D axes do not.)"""
    yield artist
    for child in artist.get_children():
        if isinstance(child, FigureBase) or (isinstance(child, Axes) and child.name != "3d"):
            yield from _containers(child)


def _place(container, renderer):
    """Where an axes is, and what it shows: when this changes, everything in it is drawn anew."""
    if not isinstance(container, Axes):
        return []
    locator = container.get_axes_locator()
    container.apply_aspect(locator(container, renderer) if locator else None)
    (left, bottom), (right, top) = container.viewLim.get_points()
    points = [(left, bottom), ((left + right) / 2, (bottom + top) / 2), (right, top)]
    return [left, bottom, right, top, *container.transData.transform(points).flat]


def _frame_switches(container):
    on = [container.axison, container.get_frame_on()] if isinstance(container, Axes) else []
    return [container.get_visible(), *on]


def _draw_all(fig, update, combinations, start, renderer):
    """Draw all on one page, where comments name sections and units (artists drawn one by one)."""

    def mark(name):
        renderer.writer.comment(f"nn:{name}")

    containers = list(_containers(fig))
    children = {c: [(a, a.zorder) for a in c.get_children()] for c in containers}
    units = [a for pairs in children.values() for a, _ in pairs if a not in children]
    number = {unit: k for k, unit in enumerate(units)}
    inside = {c: [a for a, _ in children[c] if a in number] for c in containers}
    watched = [(unit, artist) for unit in units for artist in unit.findobj()]
    places = {c: _place(c, renderer) for c in containers}
    switches = {c: _frame_switches(c) for c in containers}
    arrays = {
        artist: artist.get_array() for _, artist in watched if isinstance(artist, ScalarMappable)
    }

    def wrapped(unit, original):
        def draw(renderer):
            mark(number[unit])
            original(renderer)
            mark("/")

        return draw

    def draw_whole(name):
        mark(f"={name}")
        with ExitStack() as stack:
            for unit in units:
                unit.draw = wrapped(unit, unit.draw)
                stack.callback(delattr, unit, "draw")
            fig.draw(renderer)

    draw_whole("base")
    last = len(combinations) - 1
    to_check = {0, last // 3, last // 2, last}
    for i, values in enumerate(combinations):
        for _, artist in watched:
            artist.stale = False
        call(update, values)
        for c in containers:
            _same_artists(children[c], [(a, a.zorder) for a in c.get_children()], values)
            if _frame_switches(c) != switches[c]:
                raise ValueError(
                    f"{_call(values)} shows or hides a whole {type(c).__name__} or its frame; "
                    "set_visible the artists in it instead"
                )
        stale = _touched(watched, arrays)
        for c in containers:
            place = _place(c, renderer)
            if place != places[c]:
                places[c] = place
                stale.update(inside[c], inside[fig])
            if any(unit in stale for unit in inside[c] if isinstance(unit, Axis)):
                c._update_title_position(renderer)  # titles stand above the ticks
                stale.update(unit for unit in inside[c] if isinstance(unit, Text))
            if not stale.isdisjoint(inside[c]):  # loc="best" looks at everything around it
                stale.update(unit for unit in inside[c] if isinstance(unit, Legend))
        mark(f"=frame:{i}")
        for unit in units:
            if unit in stale:
                wrapped(unit, unit.draw)(renderer)
        if i in to_check:
            draw_whole(f"check:{i}")
    call(update, combinations[start])
    draw_whole("again")
    return units


def _touched(watched, arrays):
    """The units in which something was changed since `stale` was reset."""
    touched = {unit for unit, artist in watched if artist.stale}
    for unit, artist in watched:
        # set_array gives new colours without turning anything stale.
        if artist in arrays and artist.get_array() is not arrays[artist]:
            arrays[artist] = artist.get_array()
            touched.add(unit)
        # Nor does a view in three dimensions say that it was turned.
        if isinstance(unit, Axes):
            touched.add(unit)
    return touched


def _same_artists(before, after, values):
    if before == after:
        return
    old, new = dict(before), dict(after)
    added = [type(a).__name__ for a in new if a not in old]
    removed = [type(a).__name__ for a in old if a not in new]
    what = [f"adds {', '.join(added)}"] * bool(added) + [f"removes {', '.join(removed)}"] * bool(
        removed
    )
    raise ValueError(
        f"{_call(values)} {' and '.join(what) or 'changes the order (zorder) of artists'}; "
        "it must change the artists that are there, by set_data, set_offsets, set_segments, "
        "set_verts, set_text, set_visible or the like"
    )


def _sections(names, chunks):
    """{section: [(unit, its drawing) or ("/", what lies between units), ...]}, as drawn."""
    sections = {}
    for name, chunk in zip(names, chunks, strict=True):
        if name.startswith("="):
            current = sections.setdefault(name[1:], [])
            name = "/"
        current.append((name, chunk))
    return sections


def _check(base, whole, state, units, values):
    """The base with its groups replaced must be the figure as matplotlib draws it."""
    for (name, chunk), (name_now, now) in zip(base, whole, strict=True):
        if name != name_now or now != state.get(name, chunk):
            what = "the figure" if name == "/" else f"a {type(units[int(name)]).__name__}"
            raise ValueError(
                f"at {_call(values)}, {what} is not drawn as before, or not as matplotlib knows: "
                "update must depend on its values alone, and change artists by their set_ methods "
                "rather than their data in place"
            )
