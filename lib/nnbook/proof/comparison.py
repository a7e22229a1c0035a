"""Comparing two expressions point by point, until a counterexample is found or the points have
been used up.
"""

import itertools
from dataclasses import dataclass, field
from fractions import Fraction

import mpmath
import sympy as sp

from nnbook.proof import estimates
from nnbook.proof.budget import Clock, check, within
from nnbook.proof.enclosure import MOST_TERMS, Evaluator, entry_of
from nnbook.proof.functions import concrete, undefined_functions, with_functions
from nnbook.proof.quadrature import Blurred, Missing, Undefined
from nnbook.proof.question import symbols_of
from nnbook.proof.rewriting import reduce
from nnbook.proof.sampling import FACTS, Points, equalities_of, jumps_of, ladder, roots_of, seams_of

PRECISIONS = (50, 150, 600, 2500, 6000)  # digits, tried in this order until a point is decided
DIGITS = 30  # agreement that counts as a check
QUADRATURES = 10  # points at which an integral is computed
CLOSE_LOOK = 12  # points that are compared to thousands of digits
FIRST_LOOK, SECOND_LOOK = 60, 140  # random points before and after the attempts to prove


def value_at(e, point, digits, near=None):
    """Enclosure of e at a point; None where it has no real value; Blurred is raised when that is
    not known. near: (symbol, (low, high), expression) for a symbol that is a zero of the
    expression between two bounds.
    """
    exact = {v: Fraction(int(x.p), int(x.q)) for v, x in point.items() if x.is_Rational}
    rest = {v: x for v, x in point.items() if not x.is_Rational}
    try:
        evaluator = Evaluator(exact, digits)
        if near:
            symbol, ends, zero = near
            low, high = (evaluator.interval(Fraction(int(x.p), int(x.q))) for x in ends)
            both = evaluator.ctx.mpf([evaluator.end(low, 0), evaluator.end(high, 1)])
            evaluator = Evaluator({**exact, symbol: both}, digits, {zero})
            evaluator(zero)  # Blurred unless it is continuous there
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
    blurred: list = field(default_factory=list)  # points at which a side is not known
    missing: bool = False  # a point at which a slope is not known
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
            points = list(points)  # the first ones, and some of all kinds
            points = points[:QUADRATURES] + points[QUADRATURES :: max(1, len(points) // 8)]
        for point in points:
            if self.try_point(point, PRECISIONS[:2]) or len(self.compared) == enough:
                return
        self.try_exceptions()

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

    def try_exceptions(self):
        """Zeros that a condition names and no number hits: compared over an interval around them,
        with the condition taken to hold.
        """
        equalities = equalities_of(self.lhs, self.rhs)
        for point, symbol, ends, zero in itertools.islice(self.points.exceptions(equalities), 40):
            try:
                a, b = (value_at(e, point, 50, (symbol, ends, zero)) for e in (self.lhs, self.rhs))
            except Blurred:
                continue
            if a is None or b is None or is_complex(a) or is_complex(b):
                continue
            if gap(a, b, 50)[0] == "apart":
                at = point | {symbol: sp.Float(ends[0], 20)}
                self.found = (at, _number(a, 50), _number(b, 50))
                return

    def try_point(self, point, precisions, again=False):
        """Compare at one point; True when it is a counterexample."""
        check()
        verdict = self.compare(point, precisions)
        if verdict == "apart" or (verdict == "half" and self.is_region(point)):
            self.found = (point, *_both_numbers(self.lhs, self.rhs, point))
            return True
        if verdict in ("same", "close"):
            self.compared.add(tuple(point.values()))
        elif verdict in ("open", "blurred") and not again:
            self.blurred.append(point)
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
            except Blurred as error:
                self.missing |= isinstance(error, Missing)
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
    status: str | None = None  # "proved", "computed", or None as long as only numbers agree
    method: str | None = None
    trivial: bool = False  # the same expression on both sides, or by differentiation alone
    comparisons: list = field(default_factory=list)
    finished: bool = False
    doubtful: bool = False  # a side may have no value where it is not known

    def __post_init__(self):
        for f in undefined_functions(self.lhs, self.rhs):
            if f.is_real is not True:  # undefined functions are real (else a property stands here)
                real = sp.Function(f.__name__, real=True)
                self.lhs, self.rhs = self.lhs.replace(f, real), self.rhs.replace(f, real)

    @property
    def symbols(self):
        return symbols_of(self.lhs, self.rhs)

    @property
    def has_limits(self):
        return self.lhs.has(*estimates.UNEVALUATED) or self.rhs.has(*estimates.UNEVALUATED)

    @property
    def tried(self):
        return sum(len(c.compared) for c in self.comparisons)

    @property
    def digits(self):
        return min((c.digits for c in self.comparisons if c.compared), default=DIGITS)

    @property
    def enough(self):
        """Whether so many points were compared that their agreement says something: all that
        there are, or several, and not only where it is easy.
        """
        if not self.symbols:
            return self.tried > 0
        if self.finished and all(c.points.exhausted() for c in self.comparisons):
            return self.tried > 0 and not any(c.blurred for c in self.comparisons)
        if self.doubtful or any(c.missing for c in self.comparisons):
            return False
        least = 5 if any(c.least < DIGITS for c in self.comparisons) else 8
        blurred = sum(len(c.blurred) for c in self.comparisons)
        return self.tried >= max(least, blurred) and not far_terms(self.lhs, self.rhs)

    def look(self, intervals, seconds):
        """True if a counterexample was found among the first points."""
        self.comparisons = (
            within(seconds, _comparisons, self.lhs, self.rhs, self.symbols, intervals) or []
        )
        enough = 1 if self.lhs == self.rhs else None
        for comparison in self.comparisons:
            within(seconds / len(self.comparisons), comparison.look, enough)
            if comparison.found:
                return True
        return False

    def reduce(self, intervals, seconds):
        clock = Clock(seconds)
        if not any(c.compared or c.unclear for c in self.comparisons) and not self.has_limits:
            return
        found = reduce(self.lhs, self.rhs, intervals, clock)
        if found is None:
            return
        self.status, words, self.trivial, witness = found
        if witness:
            count = self.witnesses(clock)
            if not count:
                self.status = None
                return
            one = "1 point" if self.symbols else "a number"
            words += f"; {count} points agree" if self.symbols and count > 1 else f"; {one} agrees"
        self.method = words

    def witnesses(self, clock):
        """How many independent numbers agree; 0 if too few, or if one does not."""
        least = 3 if self.symbols else 1
        if self.tried >= least:
            self.doubtful = not self.known_where_blurred(clock)
            return 0 if self.doubtful else self.tried
        count = 0
        intervals = self.comparisons[0].points.intervals if self.comparisons else {}
        points = Points(self.symbols, [], intervals)
        on_seams = Points(self.symbols, self.seams_of_limits(), intervals)
        told = list(itertools.islice(on_seams.telling(), 8)) if on_seams.seams else []
        for point in [*told, *points.at_random(6)] if self.symbols else [{}]:
            answer = within(clock.at_most(2.0), estimates.agree, self.lhs, self.rhs, point)
            if answer is False:
                return 0
            count += answer is True
            if count == 4 and not told:
                break
        return count if count >= min(least, 2) else 0

    def seams_of_limits(self):
        """Where a seam lies at the place that a limit goes to: floor(x + t) for t -> 0 has x."""
        found = []
        for node in self.lhs.atoms(sp.Limit) | self.rhs.atoms(sp.Limit):
            function, t, to, _ = node.args
            seams = [s.subs(t, to) for s in seams_of(function) + jumps_of(function)]
            found += [s for s in seams if s.free_symbols and s.is_finite is not False]
        return found

    def look_closer(self, seconds):
        """True if a counterexample was found with more points and digits; ValueError if nothing
        was compared.
        """
        for comparison in self.comparisons:
            within(seconds / len(self.comparisons), comparison.look_closer)
            if comparison.found:
                return True
        self.finished = True
        if not self.doubtful:
            self.doubtful = not self.known_where_blurred(Clock(seconds / 4))
        return False

    def known_where_blurred(self, clock):
        """Whether ordinary numerics agree at most of the points of ordinary size where an integral,
        a sum or a limit has no enclosure: it may have no value there, and the other side may.
        """
        if not self.has_limits:
            return True
        answers = []
        for c in self.comparisons:
            points = [p for p in c.blurred if all(0.01 <= abs(x) <= 100 for x in p.values() if x)]
            for point in points[:: max(1, len(points) // 6)]:
                answers.append(within(clock.at_most(1.0), estimates.agree, c.lhs, c.rhs, point))
        return False not in answers and 2 * answers.count(True) >= len(answers)

    def must_be_comparable(self):
        if not self.tried:
            where = "" if self.entry is None else f" in entry {self.entry}"
            raise ValueError(
                f"lhs and rhs cannot be compared{where}: no admissible point was found where "
                f"both have a value (lhs is {short(self.lhs)}, rhs is {short(self.rhs)})"
            )


def far_terms(*expressions):
    """Whether a sum or a product of unknown length meets a seam, in its terms or by its length,
    beyond the terms that can be added: the first thousand say nothing of those behind it.
    """
    lengths = set()
    for node in set().union(*(e.atoms(sp.Sum, sp.Product) for e in expressions)):
        for index, *ends in node.limits:
            symbols = set().union(*(end.free_symbols for end in ends))
            lengths |= symbols | {index} if symbols else set()
    if not lengths:
        return False
    seams = [s for s in seams_of(*expressions) + jumps_of(*expressions) if len(s.free_symbols) == 1]
    return any(
        abs(root) > MOST_TERMS for s in seams for v in lengths & s.free_symbols
        for root in roots_of(s, v)
    )  # fmt: skip


def short(e):
    try:
        text = str(e)
    except (ValueError, RecursionError):  # an integer of thousands of digits, a deep expression
        text = f"a {type(e).__name__}"
    return text if len(text) <= 80 else text[:77] + "..."


def _comparisons(lhs, rhs, symbols, intervals):
    functions = undefined_functions(lhs, rhs)
    sequences = lhs.atoms(sp.IndexedBase) | rhs.atoms(sp.IndexedBase)
    found = []
    for variant in range(4 if functions or sequences else 1):
        chosen = concrete(functions, variant)
        complex_numbers = lhs.has(sp.I) or rhs.has(sp.I)
        a, b = with_functions(lhs, chosen), with_functions(rhs, chosen)
        seams = seams_of(a, b) + jumps_of(a, b)
        swap = {s: _numbered(s, variant, seams) for s in sequences}
        a, b = a.xreplace(swap), b.xreplace(swap)
        seams = [s.xreplace(swap) for s in seams]
        points = Points(symbols, seams, intervals)
        found.append(_Comparison(a, b, points, complex_numbers, chosen))
    return found


def _numbered(base, variant, seams):
    """A sequence by the number of the variant, which its name tells `entry_of`, together with the
    values at which an entry alone meets a seam.
    """
    v, roots = sp.Dummy("v", real=True), set()
    for seam in seams:
        entries = {x for x in seam.atoms(sp.Indexed) if x.base == base}
        if len(entries) == 1:
            roots |= roots_of(seam.xreplace({entries.pop(): v}), v)
    roots = sorted({str(r) for r in ladder(roots) if r.is_Rational})
    known = {k: v for k, v in base.label.assumptions0.items() if k in FACTS}
    name = "#".join([base.label.name, str(variant), *roots])
    return sp.IndexedBase(sp.Symbol(name, **known, real=True))


def entries_used(comparison):
    """{entry: value} of the sequences, as far as a counterexample reads them."""
    point = comparison.found[0]
    read = {}
    for e in (comparison.lhs, comparison.rhs):
        for base in e.atoms(sp.IndexedBase):
            last = max((int(v) for s, v in point.items() if s.is_integer), default=1)
            name = base.label.name.partition("#")[0]
            if all(len(x.indices) == 1 for x in e.atoms(sp.Indexed)):
                for k in range(1, min(last, 4) + 1):
                    value = entry_of(base, (k,))
                    number = sp.Rational(value.numerator, value.denominator)
                    read[sp.Symbol(f"{name}[{k}]")] = number
    return read
