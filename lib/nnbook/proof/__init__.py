"""Is this formula equal to that one? `prove` answers, and can be asked why.

Three answers, never mixed up: *proved* (the difference was reduced to 0 by symbolic steps),
*refuted* (here is a point where the two sides differ), and *checked* (neither, but the sides agree
at many points).

Refutation comes first, because it is cheap. Numbers are enclosed in intervals that are certain to
hold the true value (Moore, Interval Analysis, 1966), so a difference is believed only when the two
intervals are apart: lost digits widen an interval, they cannot move it. Rational numbers stay exact
as long as possible, so that a kink is met exactly.
"""

import itertools
from dataclasses import dataclass

import mpmath
import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from nnbook.proof.budget import SECONDS, Clock, countdown
from nnbook.proof.comparison import DIGITS, Statement
from nnbook.proof.points import FACTS


@dataclass(frozen=True)
class Proof:
    """The answer of `prove`; false in a condition only when the statement was refuted.

    status: "proved", "checked" or "refuted"; method: how, in words; points: how many points were
    compared; digits: the digits to which they agree (for "checked"); counterexample: {symbol:
    value} or None, with both values (`nan` for a side that is undefined there); entry: (row,
    column) of the matrix entry refuted, counted from 0.
    """

    status: str
    method: str
    points: int
    digits: int = DIGITS
    counterexample: dict | None = None
    lhs_value: sp.Expr | None = None
    rhs_value: sp.Expr | None = None
    entry: tuple | None = None

    def __bool__(self):
        return self.status != "refuted"

    def __str__(self):
        if self.status == "proved":
            return f"proved: {self.method}"
        if self.status == "checked":
            at = f" at {self.points} points" if self.points > 1 else ""
            return f"checked{at} to {self.digits} digits"
        return f"refuted{self.where()}: {' against '.join(self.values())}"

    __repr__ = __str__

    def where(self):
        """The counterexample in words: " at x = 0, y = 1/2", with the entry of a matrix."""
        at = ", ".join(f"{name} = {_show(value)}" for name, value in self.counterexample.items())
        entry = f" in entry {self.entry}" if self.entry else ""
        return entry + (f" at {at}" if at else "")

    def values(self):
        """Both values as text, with as many digits as it takes to tell them apart."""
        return _show_apart(self.lhs_value, self.rhs_value)


def prove(lhs, rhs, *, domain=None):
    """Is lhs = rhs wherever both are defined? -> Proof.

    lhs, rhs: numbers, SymPy expressions or matrices of one shape (compared entry by entry). A
    symbol counts as real unless it says more (positive, integer, ...), and as the same symbol as
    its real namesake; a float counts as the decimal it prints. Unevaluated derivatives, integrals
    and sums are carried out; f(x) of an undefined function f stands for every smooth f. domain:
    {symbol: (low, high)}, open intervals.

    An isolated point where a side is undefined (nan, infinite, or complex where the other is real)
    is left out; a region where exactly one side is undefined refutes. Every call ends within about
    20 s of processor time.

    Raises ValueError for what is not a pair of expressions, for shapes that differ, for a domain
    that names no symbol of the statement or is empty, and when no point can be compared.
    """
    left, right = expression(lhs, "lhs"), expression(rhs, "rhs")
    if getattr(left, "shape", None) != getattr(right, "shape", None):
        raise ValueError(
            f"lhs and rhs must have the same shape, got {_shape(left)} and {_shape(right)}"
        )
    entries = _entries(left, right)
    intervals = _domain(domain, entries)
    names = _real_symbols(entries)
    restore = {new: old for old, new in names.items()}
    intervals = {names[symbol]: interval for symbol, interval in intervals.items()}
    clock = Clock(SECONDS)
    statements = [Statement(where, a.xreplace(names), b.xreplace(names)) for where, a, b in entries]
    for left_over, statement in countdown(statements):
        if statement.look(intervals, clock.share(0.5, left_over)):
            return _refutation(statement, restore)
    for left_over, statement in countdown(statements):
        statement.reduce(intervals, clock.share(0.9, left_over))
    for left_over, statement in countdown([s for s in statements if not s.method]):
        if statement.look_closer(clock.share(1.0, left_over)):
            return _refutation(statement, restore)
    checked = [s for s in statements if not s.method]
    return Proof(
        "checked" if checked else "proved",
        "by numbers" if checked else "; ".join(dict.fromkeys(s.method for s in statements)),
        min(s.tried for s in checked or statements),
        min((s.digits for s in checked), default=DIGITS),
    )


def _refutation(statement, restore):
    comparison = next(c for c in statement.comparisons if c.found)
    point, lhs_value, rhs_value = comparison.found
    named = {restore.get(v, v): point[v] for v in comparison.points.symbols}
    return Proof(
        "refuted",
        "by a counterexample",
        statement.tried + 1,
        counterexample=named | comparison.functions,
        lhs_value=lhs_value,
        rhs_value=rhs_value,
        entry=statement.entry,
    )


def expression(given, name):
    """The argument as a SymPy expression or explicit matrix, floats as exact decimals."""
    wanted = "a number, a SymPy expression or a SymPy matrix is wanted"
    if isinstance(given, (str, bool)):
        raise ValueError(f"{name} is {given!r}: {wanted}")
    if isinstance(given, float):
        given = _decimal(repr(float(given)), name)
    try:
        value = sp.sympify(given, strict=True)
    except (sp.SympifyError, TypeError, ValueError) as error:
        raise ValueError(f"{name} is {given!r}: {wanted}") from error
    if isinstance(value, sp.MatrixBase | sp.MatrixExpr):
        try:
            value = sp.ImmutableDenseMatrix(value.doit().as_explicit())
        except (ValueError, TypeError) as error:
            raise ValueError(f"{name} is a matrix without explicit entries: {value}") from error
    if isinstance(value, Relational | Boolean) and not isinstance(value, sp.Symbol):
        raise ValueError(f"{name} is the relation {value}: {wanted}; give its sides as lhs and rhs")
    if not isinstance(value, sp.Expr | sp.MatrixBase):
        raise ValueError(f"{name} is {given!r}: {wanted}")
    if value.has(sp.nan):
        raise ValueError(f"{name} is {value}, which has no value: {wanted}")
    floats = {number: _decimal(str(number), name) for number in value.atoms(sp.Float)}
    return value.xreplace(floats) if floats else value


def _decimal(text, name):
    if text in ("inf", "+inf", "oo"):
        return sp.oo
    if text in ("-inf", "-oo"):
        return -sp.oo
    try:
        return sp.Rational(text)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} holds the number {text}: a finite number is wanted") from error


def _shape(value):
    return f"{value.rows}×{value.cols}" if isinstance(value, sp.MatrixBase) else "a scalar"


def _entries(left, right):
    """[(position or None, lhs, rhs), ...]: one statement an entry, elements of matrix symbols as
    plain symbols.
    """
    if isinstance(left, sp.MatrixBase):
        if not len(left):
            raise ValueError("lhs and rhs are matrices without entries: there is nothing to prove")
        places = itertools.product(range(left.rows), range(left.cols))
        triples = [((i, j), left[i, j], right[i, j]) for i, j in places]
    else:
        triples = [(None, left, right)]
    loose = set()
    for _, a, b in triples:
        for e in (a, b):
            loose |= {x for x in e.atoms(sp.matrices.expressions.matexpr.MatrixElement)}
            loose |= {x for x in e.atoms(sp.Indexed) if all(i.is_Integer for i in x.indices)}
    swap = {x: sp.Symbol(str(x).replace(" ", ""), real=True) for x in loose}
    return [(where, a.xreplace(swap), b.xreplace(swap)) for where, a, b in triples]


def _free(entries):
    return set().union(*(e.free_symbols for _, a, b in entries for e in (a, b)))


def _real_symbols(entries):
    """{symbol as given: symbol that SymPy knows to be real}; names of undefined functions
    likewise.
    """
    every = set().union(*(e.atoms(sp.Symbol) for _, a, b in entries for e in (a, b)))
    free = _free(entries)
    summed = set()
    for _, a, b in entries:
        for series in a.atoms(sp.Sum, sp.Product) | b.atoms(sp.Sum, sp.Product):
            summed |= {limit[0] for limit in series.limits}
            for bound in itertools.chain.from_iterable(limit[1:] for limit in series.limits):
                if bound.is_integer is None and bound.free_symbols - summed:
                    raise ValueError(
                        f"the bound {bound} of {series} must be an integer: "
                        f"declare its symbols with integer=True"
                    )
    swap, seen = {}, {}
    for symbol in sorted(every, key=lambda s: (s.name, str(s.assumptions0))):
        new = symbol
        if symbol.is_real is None:
            if symbol.is_complex and "extended_real" not in symbol.assumptions0:
                raise ValueError(f"the symbol {symbol} is complex: real symbols are wanted")
            kind = {"integer": True} if symbol in summed - free else {"real": True}
            given = symbol.assumptions0
            new = sp.Symbol(symbol.name, **{k: v for k, v in given.items() if k in FACTS}, **kind)
        elif symbol.is_real is False:
            raise ValueError(f"the symbol {symbol} is not real: real symbols are wanted")
        if symbol in free and seen.setdefault(symbol.name, new) != new:
            raise ValueError(
                f"two different symbols are called {symbol.name}: {_facts(seen[symbol.name])} and "
                f"{_facts(new)}; one symbol is wanted"
            )
        swap[symbol] = new
    return swap


def _facts(symbol):
    return (
        ", ".join(k for k, v in sorted(symbol.assumptions0.items()) if v and k in FACTS) or "real"
    )


def _domain(domain, entries):
    if domain is None:
        return {}
    if not isinstance(domain, dict):
        raise ValueError(f"domain is {domain!r}: a dict {{symbol: (low, high)}} is wanted")
    free, intervals = _free(entries), {}
    namesakes = {(s.name, s.is_real is not None and _facts(s)): s for s in free}
    for symbol, interval in domain.items():
        if not isinstance(symbol, sp.Symbol):
            raise ValueError(f"domain has the key {symbol!r}: a SymPy symbol is wanted")
        if symbol not in free:  # x and Symbol("x", real=True) are one symbol here
            others = [s for s in free if s.name == symbol.name and _facts(s) == _facts(symbol)]
            if not others:
                known = ", ".join(sorted(s.name for s in free)) or "none"
                raise ValueError(
                    f"domain names {symbol}, but the symbols of the statement are: {known}"
                )
            symbol = others[0]
        try:
            low, high = (expression(end, f"domain[{symbol}]") for end in interval)
        except TypeError as error:
            raise ValueError(f"domain[{symbol}] is {interval!r}: (low, high) is wanted") from error
        except ValueError as error:
            raise ValueError(f"domain[{symbol}] is {interval!r}: (low, high) is wanted") from error
        if not (
            low.is_extended_real and high.is_extended_real and low.is_number and high.is_number
        ):
            raise ValueError(f"domain[{symbol}] is {interval!r}: two real numbers are wanted")
        if not low < high:
            raise ValueError(f"domain[{symbol}] is {interval!r}: low < high is wanted")
        intervals[symbol] = (low, high)
    del namesakes
    return intervals


def _show(value, digits=6):
    """A number (or a Lambda standing for a function) as short text, the same on every machine."""
    if isinstance(value, sp.Lambda):
        return f"({', '.join(map(str, value.variables))} -> {value.expr})"
    if value is sp.nan:
        return "undefined"
    if value.is_Integer and abs(value) < 10**9:
        return str(value)
    if value.is_Rational:
        if abs(value.p) < 10**6 and value.q <= 10**4:
            return str(value)
        significant, power = _scientific(value, 40)
        if sp.Rational(significant) * sp.Rational(10) ** power == value:
            return _fixed(significant, power)
    if value.is_Rational or value.is_Float:
        return _fixed(*_scientific(value, digits))
    return str(value)


def _scientific(value, digits):
    """("d.ddd", power of ten): the significant digits, without trailing zeros."""
    if value == 0:
        return "0", 0
    with mpmath.workdps(digits + 20):
        number = (
            mpmath.mpf(value.p) / value.q if value.is_Rational else value._to_mpmath(mpmath.mp.prec)
        )
        text = mpmath.libmp.to_str(
            number._mpf_, digits, min_fixed=0, max_fixed=0, show_zero_exponent=True
        )
    significant, power = text.split("e")
    return significant.rstrip("0").rstrip("."), int(power)


def _fixed(significant, power):
    """12.5 for ("1.25", 1); numbers far from 1 keep their power of ten."""
    if not -5 < power < 9:
        return f"{significant}e{power}"
    sign, digits = ("-" if significant[0] == "-" else ""), significant.lstrip("-").replace(".", "")
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    digits = digits.ljust(power + 1, "0")
    return sign + (digits[: power + 1] + "." + digits[power + 1 :]).rstrip(".")


def _show_apart(a, b):
    if a is sp.nan or b is sp.nan:
        return [_show(a), _show(b)]
    if not (a.is_real and b.is_real):
        if a.is_real or b.is_real:
            return [_show(x) if x.is_real else "not a real number" for x in (a, b)]
        return [f"{_show(x.as_real_imag()[0])} + {_show(x.as_real_imag()[1])}*I" for x in (a, b)]
    for digits in (6, 12, 24, 40):
        texts = [_show(x, digits) for x in (a, b)]
        if texts[0] != texts[1]:
            return texts
    precision = max(x._prec if x.is_Float else 0 for x in (a, b))
    with mpmath.workprec(precision):
        gap = sp.Float(b._to_mpmath(precision) - a._to_mpmath(precision), precision=precision)
    return [_show(a), f"{_show(a)} {'+' if gap > 0 else '-'} {_show(abs(gap), 3)}"]
