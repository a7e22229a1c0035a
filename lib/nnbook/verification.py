"""The check that compares several statements of one formula: how it is made, and its outcome."""

import html
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from nnbook._arrays import as_floats, same_shape


class Way(NamedTuple):
    """One line of a verification: the largest error, relative as `verify` says, and its place."""

    name: str
    tolerance: float
    points: int
    error: float
    where: float

    @property
    def agrees(self):
        """Is the largest error within the tolerance?"""
        return bool(self.error <= self.tolerance)  # NaN does not


class Verification:
    """The outcome of `Formula.verify`: true when all ways agree.

    ways          a `Way` a line, with the actual error and where it is largest
    disagreeing   the names of the ways that do not agree
    odd_one_out   what stands alone against the rest: "value" (`fn`), "derivative by hand" (`dfn`),
                  "expression" (`expr`), "autodiff" (the body of `fn` has the right values, but not
                  the right slopes: a kink or a step of its own), or None where all agree or where
                  it cannot be told
    """

    def __init__(self, name, symbol, ways, function_and_hand_agree):
        self.name, self.symbol, self.ways = name, symbol, ways
        self.disagreeing = [way.name for way in ways if not way.agrees]
        self.odd_one_out = None
        if self.disagreeing in (["derivative by hand"], ["autodiff"]):
            self.odd_one_out = self.disagreeing[0]
        elif self.disagreeing and "derivative by hand" not in self.disagreeing:
            self.odd_one_out = "value"
        elif "value" in self.disagreeing and function_and_hand_agree:
            self.odd_one_out = "expression"

    def __bool__(self):
        return not self.disagreeing

    @property
    def points(self):
        """At how many points each way was compared, at least."""
        return min(way.points for way in self.ways)

    def _rows(self):
        for way in self.ways:
            # The actual error would differ in its last digits from one processor to another.
            mark = "✓" if way.agrees else f"✗ {way.error:.1e} at {self.symbol} = {way.where:.6g}"
            yield way.name, f"{way.tolerance:.0e}", str(way.points), mark

    def _verdict(self):
        if self:
            return "all ways agree"
        if self.odd_one_out:
            return f"the odd one out: {self.odd_one_out}"
        return f"disagreeing: {', '.join(self.disagreeing)}"

    def __str__(self):
        rows = [(self.name, "error ≤", "points", "agrees"), *self._rows()]
        lines = [f"{a:20} {b:>8} {c:>7}  {d}" for a, b, c, d in rows]
        return "\n".join([*lines, self._verdict()])

    __repr__ = __str__

    def _repr_html_(self):
        return _html(
            (self.name, "error ≤", "points", "agrees"), list(self._rows()), self._verdict()
        )


class Summary:
    """Several verifications in one table, a line each; true when all of them are."""

    def __init__(self, *verifications):
        if not verifications:
            raise ValueError("Summary needs at least one verification, got none")
        self.verifications = verifications
        self._head = (
            "formula",
            *(f"{w.name}, error ≤ {w.tolerance:.0e}" for w in verifications[0].ways),
        )

    def __bool__(self):
        return all(self.verifications)

    def _rows(self):
        for v in self.verifications:
            yield v.name, *(f"✓ {w.points} points" if w.agrees else "✗" for w in v.ways)

    def __str__(self):
        rows = [self._head, *self._rows()]
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = [
            "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows
        ]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self):
        caption = "all ways agree" if self else "some ways disagree"
        return _html(self._head, list(self._rows()), caption)


def _html(head, rows, caption):
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in head)
    body = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th>'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for name, *cells in rows
    )
    return (
        f'<table class="nn-fourway"><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def grid(kinks):
    """Where to compare: a grid, decades from ±1e-8 to ±1e4, kinks and beside them, random ones."""
    kinks = as_floats(kinks, "kinks")
    rng = np.random.default_rng(0)
    decades = np.array([float(f"1e{n}") for n in range(-8, 5)])
    beside = np.add.outer(kinks, [-1e-3, -1e-8, 0, 1e-8, 1e-3]).ravel()
    far = rng.choice([-1, 1], 100) * 10 ** rng.uniform(-8, 4, 100)
    near = rng.uniform(-40, 40, 150)
    grid = np.linspace(-20, 20, 161)
    return np.unique(np.concatenate([grid, decades, -decades, beside, far, near]))


def evaluate(function, points):
    """`function` at the points; NaN where it overflows, divides by 0 or has no value."""
    if not callable(function):
        raise ValueError(f"function must be one of an array, got {function!r:.60}")
    points = as_floats(points, "points")
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        with suppress(FloatingPointError):
            return function(points)
        values = np.full(points.shape, np.nan)
        for i, point in enumerate(points):
            with suppress(FloatingPointError):
                values[i] = function(point)
    return values


def compare(name, computed, wanted, points, tolerance, floor):
    """The `Way` of this name: the largest |computed - wanted| / max(|wanted|, floor)."""
    computed, wanted = as_floats(computed, "computed"), as_floats(wanted, "wanted")
    same_shape(computed=computed, wanted=wanted, points=as_floats(points, "points"))
    if not len(points):
        raise ValueError("points must hold one at least, got none")
    # An infinite error is one, and so is inf - inf: NaN counts as the worst error of all.
    with np.errstate(all="ignore"):
        error = np.abs(computed - wanted) / np.maximum(np.abs(wanted), floor)
    worst = int(np.argmax(error))
    return Way(name, tolerance, len(points), float(error[worst]), float(points[worst]))
