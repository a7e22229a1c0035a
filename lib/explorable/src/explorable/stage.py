"""The artists of a figure, and which of them an update touched.

matplotlib itself knows what each `update` touched (its artists turn "stale"), so only these are
drawn again. A unit is an artist that is drawn as one piece.
"""

from contextlib import contextmanager

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.figure import FigureBase
from matplotlib.legend import Legend
from matplotlib.text import Text


def call(update, values):
    """update(**values), with the combination named when it fails; a sentence, if it returns one."""
    try:
        return update(**values)
    except Exception as error:
        raise ValueError(f"{named(values)} failed: {type(error).__name__}: {error}") from error


def named(values):
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


class Stage:
    """Containers (the figure, its axes, and theirs) draw their children in order; a unit is what is
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
        self.axes = [c for c in self.containers if isinstance(c, Axes)]
        self.limits = {}
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
                    f"{named(values)} shows or hides a whole {type(c).__name__} or its frame; "
                    "set_visible the artists in it instead"
                )

    def settle(self):
        """Put all axes and titles where they belong, without asking what was touched."""
        for ax in self.axes:
            limits = _limits(ax)
            if ax.get_axes_locator() or limits != self.limits.get(ax):
                self._place(ax)
                self.limits[ax] = _limits(ax)
            if ax.xaxis.stale or ax.yaxis.stale:
                ax._update_title_position(self.renderer)
                ax.xaxis.stale = ax.yaxis.stale = False

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


def _limits(ax):
    """By what it is known that an axes shows what it did, where it did."""
    boxes = ax.viewLim, ax.get_position(original=True), ax.get_position()
    scales = ax.xaxis.get_transform(), ax.yaxis.get_transform()
    return *(box.get_points().tobytes() for box in boxes), *scales, ax.get_aspect()


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
        f"{named(values)} {' and '.join(said) or 'changes the order (zorder) of artists'}; "
        "it must change the artists that are there, by set_data, set_offsets, set_segments, "
        "set_verts, set_text, set_visible or the like"
    )
