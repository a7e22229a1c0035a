"""Where the panels of a figure are, so that a narrow page can put them one under another."""

import itertools
from contextlib import contextmanager

_NAME = "explorable-axes-"  # svg.py makes data-axes="0" of such an id


@contextmanager
def named(fig):
    """Meanwhile, each axes draws its group under a name by which the page's script finds it."""
    before = {ax: ax.get_gid() for ax in fig.axes}
    try:
        for number, ax in enumerate(fig.axes):
            ax.set_gid(f"{_NAME}{number}")
        yield
    finally:
        for ax, gid in before.items():
            ax.set_gid(gid)


def labelled(fig):
    """Numbers at the ticks of axes that leave them to a neighbour: on a narrow page they stand far
    from it.
    """
    for ax in fig.axes:
        for name, side in (("x", "labelbottom"), ("y", "labelleft")):
            siblings = getattr(ax, f"get_shared_{name}_axes")().get_siblings(ax)
            if any(other is not ax and other.figure is fig for other in siblings):
                ax.tick_params(name, which="both", **{side: True})


def panels(fig, renderer):
    """[{"box": [x, y, width, height], "axes": numbers in fig.axes, "row": r}, ...] in points.

    The boxes lie in rows, from the left, and cover the figure. A figure is one panel when it has
    anything that belongs to no axes (a title above all, a legend for all), or when nothing parts
    its axes.
    """
    width, height = (float(inches) * 72 for inches in fig.get_size_inches())
    boxes = []
    for number, ax in enumerate(fig.axes):
        if ax.get_visible():
            box = ax.get_tightbbox(renderer)
            if box is None:
                continue
            boxes.append((number, box.x0, height - box.y1, box.x1, height - box.y0))
    whole = [
        {"box": [0, 0, round(width, 2), round(height, 2)], "axes": [b[0] for b in boxes], "row": 0}
    ]
    owned = [*fig.texts, *fig.legends, *fig.lines, *fig.images, *fig.patches, *fig.artists]
    if any(artist.get_visible() for artist in owned) or fig.subfigs:
        return whole
    found = []
    for row, (members, top, bottom) in enumerate(_apart(boxes, 2, 4, height)):
        for inside, left, right in _apart(_with_their_colorbars(fig, members), 1, 3, width):
            numbers = [n for member in inside for n in member[0]]
            box = [left, top, right - left, bottom - top]
            found.append({"box": [round(float(v), 2) for v in box], "axes": numbers, "row": row})
    return found if len(found) > 1 else whole


def _with_their_colorbars(fig, boxes):
    """Boxes with lists of numbers; a colour bar goes with the axes to its left."""
    joined = []
    for number, x0, y0, x1, y1 in sorted(boxes, key=lambda box: box[1]):
        if joined and fig.axes[number].get_label() == "<colorbar>":
            before = joined[-1]
            joined[-1] = ([*before[0], number], before[1], y0, max(before[3], x1), y1)
        else:
            joined.append(([number], x0, y0, x1, y1))
    return joined


def _apart(boxes, low, high, end, overlap=6):
    """Groups of boxes that do not meet along an axis: [(boxes, from, to), ...] from 0 to `end`.

    Edges of text may overlap by some points, as nothing is cut off where the panels part.
    """
    groups = []
    for box in sorted(boxes, key=lambda box: box[low]):
        if groups and box[low] < groups[-1][1] - overlap:
            groups[-1][0].append(box)
            groups[-1][1] = max(groups[-1][1], box[high])
        else:
            groups.append([[box], box[high], box[low]])
    cuts = [0, *((a[1] + b[2]) / 2 for a, b in itertools.pairwise(groups)), end]
    ends = itertools.pairwise(cuts)
    return [(group[0], *both) for group, both in zip(groups, ends, strict=True)]
