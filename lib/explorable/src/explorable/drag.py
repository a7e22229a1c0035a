"""Points of a figure that a hand may drag: each sets one or two controls."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D


@dataclass(frozen=True)
class Handle:
    """A point that stands where its controls say: x, y or both are names of controls."""

    artist: Artist
    names: dict  # {"x": control, "y": control}, one or both

    def place(self):
        """The point in the artist's data, (x, y)."""
        if isinstance(self.artist, Line2D):
            x, y = self.artist.get_data(orig=False)
        else:
            x, y = np.ma.getdata(self.artist.get_offsets()).T
        if len(x) != 1:
            raise ValueError(f"drag must name lines or scatters of one point, got {len(x)} points")
        return float(x[0]), float(y[0])

    def where(self):
        """The point in the SVG's coordinates, points from the upper left corner."""
        return _in_svg(self.artist.axes, [self.place()])[0]

    def described(self):
        """What the script must know: the scales, and where the point is drawn at first."""
        return {**self.scales(), "at": [round(at, 4) for at in self.where()]}

    def scales(self):
        """{"x": [name, SVG coordinates of two values, these values, "linear" or "log"], ...}."""
        ax = self.artist.axes
        limits = {"x": ax.get_xlim(), "y": ax.get_ylim()}
        corners = _in_svg(ax, list(zip(limits["x"], limits["y"], strict=True)))
        return {
            way: [name, *(round(corner["xy".index(way)], 4) for corner in corners),
                  *map(float, limits[way]), _scale(ax, way)]
            for way, name in self.names.items()
        }  # fmt: skip


def _in_svg(ax, points):
    fig = ax.get_figure(root=True)
    height = fig.get_size_inches()[1] * 72
    shown = np.asarray(ax.transData.transform(points)) * 72 / fig.dpi
    return [(float(x), float(height - y)) for x, y in shown]


def _scale(ax, way):
    return getattr(ax, f"get_{way}scale")()


def checked_drag(drag, controls, fig):
    """The handles that {artist: {"x": control, "y": control}} describes."""
    if drag is None:
        return []
    if not isinstance(drag, Mapping):
        raise ValueError(
            f'drag must be a mapping {{artist: {{"x": control, "y": control}}}}, got {drag!r}'
        )
    numeric = {control.name for control in controls if control.kind != "choice"}
    names = [control.name for control in controls]
    handles = []
    for artist, ways in drag.items():
        what = type(artist).__name__
        if not isinstance(artist, Line2D | PathCollection):
            raise ValueError(
                "drag must name lines or scatters of one point (Line2D, PathCollection), "
                f"got {what}"
            )
        if artist.axes is None or artist.axes not in fig.axes:
            raise ValueError(f"drag has a {what} that stands in no axes of this figure")
        if not isinstance(ways, Mapping) or not ways or not set(ways) <= {"x", "y"}:
            raise ValueError(
                f'drag must give a {what} {{"x": control}}, {{"y": control}} or both, got {ways!r}'
            )
        for way, name in ways.items():
            if not isinstance(name, str) or name not in names:
                raise ValueError(f"drag has {name!r}, but the controls are {', '.join(names)}")
            if name not in numeric:
                raise ValueError(f"drag has {name!r}, which is a choice and cannot be dragged")
            if (
                _scale(artist.axes, way) not in ("linear", "log")
                or artist.axes.name != "rectilinear"
            ):
                raise ValueError(
                    f"drag needs axes with a linear or a log scale, got {artist.axes.name} axes "
                    f"with {_scale(artist.axes, way)} {way}"
                )
        if len(set(ways.values())) < len(ways):
            raise ValueError(f"drag must set two different controls by x and y, got {dict(ways)!r}")
        handles.append(Handle(artist, dict(ways)))
    return handles


def check_places(handles, call, controls, start):
    """Try the ends of each control: a point that is not where its controls say runs from the hand.

    call: call(values) updates the figure.
    """
    by_name = {control.name: control for control in controls}
    ends = [
        {**start, name: end}
        for handle in handles
        for name in handle.names.values()
        for end in (by_name[name].low, by_name[name].high)
    ]
    call(start)
    scales = [handle.scales() for handle in handles]
    for values in [start, *ends]:
        call(values)
        for handle, as_before in zip(handles, scales, strict=True):
            _check_place(handle, values)
            if handle.scales() != as_before:
                raise ValueError(
                    f"drag needs axes whose limits stay, but at {values!r} they have changed"
                )
    call(start)


def _check_place(handle, values):
    for way, value in zip("xy", handle.place(), strict=True):
        name = handle.names.get(way)
        if name and not math.isclose(value, values[name], rel_tol=1e-6, abs_tol=1e-9):
            raise ValueError(
                f"drag must name one point whose {way} is {name}, but at {values!r} it is {value:g}"
            )
