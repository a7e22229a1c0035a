"""Comparing two expressions point by point, until a counterexample is found or the points have
been used up.
"""

import itertools
from dataclasses import dataclass, field
from fractions import Fraction

import mpmath
import sympy as sp

from nnbook.proof.budget import Clock, within
from nnbook.proof.enclosure import Blurred, Evaluator, Undefined
from nnbook.proof.points import (
    Points,
    concrete,
    roots_of,
    seams_of,
    undefined_functions,
    with_functions,
)
from nnbook.proof.reduction import reduce

PRECISIONS = (50, 150, 600, 2500, 6000)  # digits, tried in this order until a point is decided
DIGITS = 30  # agreement that counts as a check
QUADRATURES = 10  # points at which an integral is computed
CLOSE_LOOK = 12  # points that are compared to thousands of digits
FIRST_LOOK, SECOND_LOOK = 60, 140  # random points before and after the attempts to prove


def value_at(e, point, digits):
    """Enclosure of e at a point; None where it has no real value; Blurred is raised when that is
    not known.
    """
    exact = {v: Fraction(int(x.p), int(x.q)) for v, x in point.items() if x.is_Rational}
    rest = {v: x for v, x in point.items() if not x.is_Rational}
    try:
        evaluator = Evaluator(exact, digits)
        value = evaluator(e.xreplace(rest) if rest else e)
    except Undefined:
        return None
    except (ZeroDivisionError, OverflowError, TypeError, ValueError, RecursionError) as error:
        raise Blurred from error
    if evaluator.is_complex(value) and 0 in value.imag:
        narrow = value.imag.delta <= abs(value.real) * mpmath.mpf(10) ** (10 - digits)
        if not narrow:
            raise Blurred
        value = value.real
    return value


def gap(a, b, digits, least=DIGITS):
    """Two enclosures are "apart" (certainly different), the "same" (to `least` significant digits),
    "close" (to 30 places behind the point, where significant digits cancel) or "open".

    Returns the word and the number of significant digits, at most 30.
    """
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return ("same", DIGITS) if a == b else ("apart", 0)
    shared = Evaluator({}, digits)
    a, b = shared.interval(a), shared.interval(b)
    difference = a - b
    if 0 not in difference:
        return "apart", 0
    size, width = _top(max(abs(a).b, abs(b).b)), _top(abs(difference).b)
    if width == 0:
        return "same", DIGITS
    if width < size:
        agreed = int(mpmath.floor(mpmath.log10(size) - mpmath.log10(width)))
        if agreed >= least:
            return "same", min(agreed, DIGITS)
    return ("close" if width < mpmath.mpf(10) ** -least else "open"), 0


def _top(interval):
    return mpmath.mp.make_mpf(interval._mpi_[1])


@dataclass
class _Comparison:
    """What comparing two expressions point by point has shown so far."""

    lhs: sp.Expr
    rhs: sp.Expr
    points: Points
    explicit_complex: bool
    functions: dict  # undefined function: what stands for it
    compared: set = field(default_factory=set)
    digits: int = DIGITS
    agreed: list = field(default_factory=list)
    unclear: list = field(default_factory=list)
    found: tuple | None = None  # (point, lhs value, rhs value) of a counterexample

    @property
    def least(self):
        """Significant digits that count as agreement; quadrature gives fewer than arithmetic."""
        return 10 if self.lhs.has(sp.Integral) or self.rhs.has(sp.Integral) else DIGITS

    def look(self, enough=None):
        """The telling points and some random ones, all of them or until so many agree."""
        points = itertools.chain(self.points.telling(), self.points.at_random(FIRST_LOOK))
        if self.least < DIGITS:  # quadrature takes its time
            points = itertools.islice(points, QUADRATURES)
        for point in points:
            if self.try_point(point, PRECISIONS[:2]) or len(self.compared) == enough:
                return

    def look_closer(self):
        """More random points; and thousands of digits where the sides are close but not known to
        be equal.
        """
        if self.least < DIGITS:
            return
        for point in self.points.at_random(SECOND_LOOK):
            if self.try_point(point, PRECISIONS[:2]):
                return
        for point in self.unclear[:40]:
            if self.try_point(point, PRECISIONS[2:3], again=True):
                return
        for point in self.agreed[:CLOSE_LOOK] + self.unclear[:CLOSE_LOOK]:
            if self.try_point(point, PRECISIONS[-1:], again=True):
                return

    def try_point(self, point, precisions, again=False):
        """Compare at one point; True when it is a counterexample."""
        verdict = self.compare(point, precisions)
        if verdict == "apart" or (verdict == "half" and self.is_region(point)):
            self.found = (point, *_both_numbers(self.lhs, self.rhs, point))
            return True
        if verdict in ("same", "close"):
            self.compared.add(tuple(point.values()))
        if not again and verdict in ("close", "open"):
            self.unclear.append(point)
        if not again and verdict == "same":
            self.agreed.append(point)
        return False

    def compare(self, point, precisions):
        """ "same", "apart", "half" (one side undefined), "none" (nothing to compare), "close",
        "open" or "blurred" (not decided with so many digits).
        """
        for digits in precisions:
            try:
                a, b = (value_at(e, point, digits) for e in (self.lhs, self.rhs))
            except Blurred:
                verdict = "blurred"
                continue
            if a is None and b is None:
                return "none"
            if a is None or b is None:
                return "half"
            complexes = sum(is_complex(x) for x in (a, b))
            if complexes and not self.explicit_complex:
                if complexes == 2:
                    return "none"
                return "half"
            if complexes:
                return self.compare_complex(a, b, digits)
            verdict, agreed = gap(a, b, digits, self.least)
            if verdict == "same":
                self.digits = min(self.digits, agreed)
            elif verdict == "close":
                self.digits = min(self.digits, self.least)
            if verdict in ("same", "apart"):
                break
        return verdict

    def compare_complex(self, a, b, digits):
        shared = Evaluator({}, digits)
        difference = shared.interval(a) - shared.interval(b)
        if 0 not in difference:
            return "apart"
        return "same" if _top(abs(difference).b) < mpmath.mpf(10) ** -DIGITS else "open"

    def is_region(self, point):
        """Whether one side is undefined on a whole neighbourhood of, or next to, the point."""
        if not point:
            return True
        for reach in (sp.Rational(1, 1000), sp.Rational(1, 10**12)):
            for near in self.points.beside(point, reach, 6):
                if self.compare(near, (50, 150)) == "half":
                    around = list(self.points.beside(near, reach / 10**6, 4))
                    if around and all(self.compare(p, (50, 150)) == "half" for p in around):
                        return True
        return False


def is_complex(value):
    return (
        not isinstance(value, Fraction) and hasattr(value, "_mpci_") and not hasattr(value, "_mpi_")
    )


def _both_numbers(lhs, rhs, point):
    """The values of both sides as SymPy numbers, with the digits it takes to tell them apart; nan
    if undefined.
    """
    for digits in PRECISIONS:
        try:
            a, b = (value_at(e, point, digits) for e in (lhs, rhs))
        except Blurred:
            continue
        if (
            a is None
            or b is None
            or is_complex(a)
            or is_complex(b)
            or gap(a, b, digits)[0] == "apart"
        ):
            break
    return _number(a, digits), _number(b, digits)


def _number(value, digits):
    if value is None:
        return sp.nan
    if isinstance(value, Fraction):
        return sp.Rational(value.numerator, value.denominator)
    if is_complex(value):
        return _number(value.real, digits) + sp.I * _number(value.imag, digits)
    return sp.Float(mpmath.mp.make_mpf(value.mid._mpi_[0]), precision=value.ctx.prec)


@dataclass
class Statement:
    """lhs = rhs for two scalars (entry: which one of a matrix), and what is known about it so
    far.
    """

    entry: tuple | None
    lhs: sp.Expr
    rhs: sp.Expr
    method: str | None = None
    comparisons: list = field(default_factory=list)

    def __post_init__(self):
        for f in undefined_functions(self.lhs, self.rhs):
            if f.is_real is None:  # undefined functions are real
                real = sp.Function(f.__name__, real=True)
                self.lhs, self.rhs = self.lhs.replace(f, real), self.rhs.replace(f, real)

    @property
    def tried(self):
        return sum(len(c.compared) for c in self.comparisons)

    @property
    def digits(self):
        return min(c.digits for c in self.comparisons if c.compared)

    def look(self, intervals, seconds):
        """True if a counterexample was found among the first points."""
        symbols = self.lhs.free_symbols | self.rhs.free_symbols
        self.comparisons = (
            within(seconds, _comparisons, self.lhs, self.rhs, symbols, intervals) or []
        )
        enough = 1 if self.lhs == self.rhs else None
        for comparison in self.comparisons:
            within(seconds / len(self.comparisons), comparison.look, enough)
            if comparison.found:
                return True
        return False

    def reduce(self, intervals, seconds):
        if any(c.compared or c.unclear for c in self.comparisons):
            self.method = reduce(self.lhs, self.rhs, intervals, Clock(seconds))

    def look_closer(self, seconds):
        """True if a counterexample was found with more points and digits; ValueError if nothing
        was compared.
        """
        for comparison in self.comparisons:
            within(seconds / len(self.comparisons), comparison.look_closer)
            if comparison.found:
                return True
        if not self.tried:
            where = "" if self.entry is None else f" in entry {self.entry}"
            raise ValueError(
                f"lhs and rhs cannot be compared{where}: no admissible point was found where "
                f"both have a value (lhs is {short(self.lhs)}, rhs is {short(self.rhs)})"
            )
        return False


def short(e):
    text = str(e)
    return text if len(text) <= 80 else text[:77] + "..."


def _comparisons(lhs, rhs, symbols, intervals):
    functions = undefined_functions(lhs, rhs)
    found = []
    for variant in range(4 if functions else 1):
        chosen = concrete(functions, variant)
        complex_numbers = lhs.has(sp.I) or rhs.has(sp.I)
        a, b = with_functions(lhs, chosen), with_functions(rhs, chosen)
        if a.has(sp.Integral) or b.has(sp.Integral):  # by SymPy's antiderivatives as well
            done = [within(2.0, lambda e=e: e.doit()) for e in (a, b)]
            if None not in done and not any(e.has(sp.Integral) for e in done):
                points = Points(symbols, seams_of(*done), intervals)
                found.append(_Comparison(*done, points, complex_numbers, chosen))
        a, b = (_in_pieces(e) if _countable(e) else e.doit() for e in (a, b))
        points = Points(symbols, seams_of(a, b), intervals)
        found.append(_Comparison(a, b, points, complex_numbers, chosen))
    return found


def _countable(e):
    """Whether e can be evaluated as it stands: no limits, no infinite sums, no integrals over
    several variables.
    """
    for node in e.atoms(sp.Limit, sp.Sum, sp.Product, sp.Integral, sp.Derivative):
        if isinstance(node, sp.Limit | sp.Derivative) or any(
            len(limit) != 3 for limit in node.limits
        ):
            return False
        if isinstance(node, sp.Integral):
            if len(node.limits) > 1:
                return False
        elif any(bound.is_infinite for limit in node.limits for bound in limit[1:]):
            return False
    return True


def _in_pieces(e):
    """Integrals cut at their seams, where quadrature would lose its digits."""

    def cut(function, limit):
        x, low, high = limit
        found = set().union(*(roots_of(seam, x) for seam in seams_of(function)))
        inner = sorted(r for r in found if (low < r) == sp.true and (r < high) == sp.true)
        ends = [low, *inner, high]
        return sp.Add(*(sp.Integral(function, (x, *ab)) for ab in itertools.pairwise(ends)))

    return e.replace(sp.Integral, cut)
