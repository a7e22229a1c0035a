"""Is this formula equal to that one? `prove` answers, and can be asked why.

Five answers, never mixed up:

*proved*: the difference was reduced to 0 by exact, finite steps: rewriting (one expression for
another that is equal wherever both are defined), normal forms (0 is the only one for 0), and cases
(a symbol on a seam, above it and below it: nothing is left out). Integrals, infinite sums and
limits are unknown numbers in such a proof: what holds for all numbers holds for theirs. Derivatives
are taken by the rules of calculus; at a seam the slope is the one that both sides share, or there
is none (`slopes`). Floats are their exact decimals.

*computed*: nothing was left to prove (the two sides are the same expression, as they came or after
differentiation); or the system's own antiderivative, sum or limit gave the other side, and numbers
found by another method agree.

*refuted*: at a point two enclosures are apart. An enclosure is certain to hold the true value
(Moore, Interval Analysis, 1966): each operation maps the whole of its arguments, monotone or not,
and is rounded outwards, so lost digits widen an interval and cannot move it (`enclosure`; for
integrals `quadrature`). What has no enclosure refutes nothing. Rational numbers stay exact as long
as possible, so that a kink is met exactly. A sequence X[i] is tried as several sequences.

*checked*: neither, but the enclosures overlap at many points and are narrow.

*undecided*: too little of this could be done in the time that a call has.
"""

from dataclasses import dataclass, field, replace

import sympy as sp

from nnbook.proof.budget import SECONDS, Clock, TimeUp, countdown, limited
from nnbook.proof.comparison import DIGITS, Statement, entries_used
from nnbook.proof.decimals import show, show_apart
from nnbook.proof.question import (
    check_functions,
    entries_of,
    expression,
    intervals_of,
    real_sequences,
    real_symbols,
    shape,
)

_ORDER = ("proved", "computed", "checked", "undecided")


def worst(statuses):
    """The weakest of some answers; "proved" for none."""
    statuses = list(statuses)
    if odd := [each for each in statuses if each not in _ORDER]:
        raise ValueError(f"statuses must be among {', '.join(_ORDER)}, got {odd[0]!r}")
    return max(statuses, key=_ORDER.index, default="proved")


@dataclass(frozen=True)
class Proof:
    """The answer of `prove`; false in a condition when the statement was refuted or not decided.

    status: "proved", "computed", "checked", "refuted" or "undecided"; method: how, in words;
    points: how many points were compared; digits: the digits to which they agree (for "checked");
    counterexample: {symbol: value} or None, with both values (`nan` for a side that is undefined
    there); entry: (row, column) of the matrix entry refuted, counted from 0;
    statement: (lhs, rhs, domain) as they were given.
    """

    status: str
    method: str
    points: int
    digits: int = DIGITS
    counterexample: dict | None = None
    lhs_value: sp.Expr | None = None
    rhs_value: sp.Expr | None = None
    entry: tuple | None = None
    statement: tuple | None = field(default=None, compare=False, repr=False)

    def __bool__(self):
        return self.status not in ("refuted", "undecided")

    def __str__(self):
        if self.status == "checked":
            at = f" at {self.points} points" if self.points > 1 else ""
            return f"checked{at} to {self.digits} digits"
        if self.status == "refuted":
            return f"refuted{self.where()}: {' against '.join(self.values())}"
        return f"{self.status}: {self.method}"

    __repr__ = __str__

    def where(self):
        """The counterexample in words: " at x = 0, y = 1/2", with the entry of a matrix."""
        at = ", ".join(f"{name} = {show(value)}" for name, value in self.counterexample.items())
        entry = f" in entry {self.entry}" if self.entry else ""
        return entry + (f" at {at}" if at else "")

    def values(self):
        """Both values as text, with as many digits as it takes to tell them apart."""
        return show_apart(self.lhs_value, self.rhs_value)


def prove(lhs, rhs, *, domain=None):
    """Is lhs = rhs wherever both are defined? -> Proof.

    lhs, rhs: numbers, SymPy expressions or matrices of one shape (compared entry by entry). A
    symbol counts as real unless it says more (positive, integer, ...), and as the same symbol as
    its real namesake; a float counts as the decimal it prints. Unevaluated derivatives, integrals
    and sums are carried out; f(x) of an undefined function f stands for every smooth f, X[i] for
    the entries of every sequence. domain: {symbol: (low, high)}, open intervals.

    An isolated point where a side is undefined (a pole, the slope at a corner, complex where the
    other is real) is left out; a region where exactly one side is undefined refutes. Every call
    ends within 20 s of processor time.

    Raises ValueError for what is not a pair of expressions, for shapes that differ, for a domain
    that names no symbol of the statement or is empty, and when no point can be compared.
    """
    work = _Work()
    try:
        proof = limited(SECONDS, work.answer, lhs, rhs, domain)
    except TimeUp:
        proof = work.so_far("the time ran out")
    except RecursionError:
        proof = work.so_far("an expression is nested too deeply")
    except (MemoryError, OverflowError) as error:
        proof = work.so_far(str(error) or "a number is too large")
    return replace(proof, statement=(lhs, rhs, domain))


class _Work:
    """The statements of one call, and what is known when the time is up."""

    def __init__(self):
        self.statements, self.restore = [], {}

    def answer(self, lhs, rhs, domain):
        left, right = expression(lhs, "lhs"), expression(rhs, "rhs")
        if shape(left) != shape(right):
            raise ValueError(
                f"lhs and rhs must have the same shape, got {shape(left)} and {shape(right)}"
            )
        entries = entries_of(left, right)
        check_functions(entries)
        intervals = intervals_of(domain, entries)
        names = real_symbols(entries)
        self.restore = {new: old for old, new in names.items()}
        intervals = {names[symbol]: interval for symbol, interval in intervals.items()}
        names |= real_sequences(entries)
        clock = Clock(SECONDS)
        self.statements = [
            Statement(where, a.xreplace(names), b.xreplace(names)) for where, a, b in entries
        ]
        for left_over, statement in countdown(self.statements):
            if statement.look(intervals, clock.share(0.5, left_over)):
                return self.refutation(statement)
        for left_over, statement in countdown(self.statements):
            statement.reduce(intervals, clock.share(0.9, left_over))
        rest = [s for s in self.statements if not s.status or not s.tried and s.trivial]
        for left_over, statement in countdown(rest):
            if statement.look_closer(clock.share(1.0, left_over)):
                return self.refutation(statement)
        for statement in rest:
            if statement.comparisons and not statement.has_limits:
                statement.must_be_comparable()
        return self.so_far("too few points could be compared")

    def so_far(self, why):
        open_ones = [s for s in self.statements if not s.status]
        if not self.statements or any(not s.enough for s in open_ones):
            tried = [s for s in open_ones if not s.enough]
            words = f"{why}; {min((s.tried for s in tried), default=0)} points agree"
            if len(self.statements) > 1:
                words += f" in {len(tried)} of {len(self.statements)} entries"
            return Proof("undecided", words, min((s.tried for s in tried), default=0))
        if open_ones:
            points = min(s.tried for s in open_ones)
            return Proof("checked", "by numbers", points, min(s.digits for s in open_ones))
        told = [s for s in self.statements if not s.trivial] or self.statements
        status = worst([s.status for s in told])
        words = "; ".join(dict.fromkeys(s.method for s in told))
        return Proof(status, words, min(s.tried for s in self.statements))

    def refutation(self, statement):
        comparison = next(c for c in statement.comparisons if c.found)
        point, lhs_value, rhs_value = comparison.found
        named = {self.restore.get(v, v): point[v] for v in comparison.points.symbols}
        return Proof(
            "refuted",
            "by a counterexample",
            statement.tried + 1,
            counterexample=named | comparison.functions | entries_used(comparison),
            lhs_value=lhs_value,
            rhs_value=rhs_value,
            entry=statement.entry,
        )
