"""Enclosures by their functions: they hold the value, are narrow, and say where there is none."""

import random
from fractions import Fraction

import mpmath
import pytest
import sympy as sp

from nnbook.proof.enclosure import Evaluator
from nnbook.proof.quadrature import Blurred, Undefined

R, Sum, Product = sp.Rational, sp.Sum, sp.Product
x = sp.Symbol("x", real=True)
j, k = sp.symbols("j k", integer=True)
DIGITS = 50

LINE = [  # from -5 to 5
    *(f(x) for f in (sp.exp, sp.sin, sp.cos, sp.tan, sp.cot, sp.sec, sp.csc, sp.sinh, sp.cosh)),
    *(f(x) for f in (sp.tanh, sp.coth, sp.sech, sp.csch, sp.atan, sp.acot, sp.asinh, sp.acsch)),
    *(f(x) for f in (sp.erf, sp.erfc, sp.erfi, sp.sinc, sp.Abs, sp.sign, sp.floor, sp.ceiling)),
    *(
        sp.frac(x),
        sp.Mod(x, 3),
        sp.Mod(x, -R(7, 2)),
        sp.Heaviside(x),
        sp.gamma(x),
        sp.DiracDelta(x),
    ),
    *(sp.Max(x, 1, x**2 - 3), sp.Min(x, 1, 2 - x**2), sp.Max(sp.sin(x), sp.cos(x), R(1, 2))),
    *(sp.LambertW(x / 14), sp.CRootOf(x**5 - x - 1, 0) * x, sp.cbrt(sp.Abs(x)) ** 2),
    *(sp.Min(sp.sin(x), sp.cos(x)), sp.atan2(x, 2), sp.atan2(2, x), sp.atan2(-2, x), x**7, x**-3),
    *(sp.atan2(x, -2), sp.binomial(x, 3), sp.binomial(x, 0), sp.digamma(x), sp.exp(-(x**2) / 2)),
    *(Sum(x**k, (k, 1, 5)), Sum(x**k, (k, 6, 1)), Sum(sp.sin(k * x), (k, -2, 3)), (x**2 + 1) ** -x),
    *(
        Product(x + k, (k, 1, 4)),
        Product(x - k - 7, (k, 5, 1)),
        Sum(x**k * j, (j, 1, k), (k, 1, 3)),
    ),
    sp.Piecewise((sp.sin(x), sp.And(x > -1, x <= 2)), (sp.exp(x), sp.Or(x > 3, x < -2)), (7, True)),
    sp.Piecewise((1, sp.Not(sp.And(x > 1, sp.sin(x) > 0))), (2, sp.Ne(x, 2)), (3, True)),
]
POSITIVE = [  # from 0 to 6
    *(f(x) for f in (sp.log, sp.sqrt, sp.cbrt, sp.loggamma, sp.digamma, sp.Ei, sp.LambertW)),
    *(sp.polygamma(1, x), sp.harmonic(x), sp.factorial(x), x ** R(3, 2), x ** -R(5, 3), x**x, 2**x),
    *(sp.zeta(x + R(11, 10)), sp.acosh(x + 1), sp.asech(1 / (1 + x)), sp.acoth(1 + x), sp.pi**x),
    *(sp.asec(1 + x), sp.acsc(1 + x), x**sp.pi, sp.binomial(7, x)),
]
UNIT = [f(x) for f in (sp.asin, sp.acos, sp.atanh, sp.erfinv)]
CASES = [*((e, -5, 5) for e in LINE), *((e, 0, 6) for e in POSITIVE), *((e, -1, 1) for e in UNIT)]
every_function = pytest.mark.parametrize(
    ("e", "low", "high"), CASES, ids=[str(c[0]) for c in CASES]
)


def places(low, high, count, seed=0):
    rng = random.Random(seed)
    return [low + (high - low) * Fraction(rng.randint(1, 999), 1000) for _ in range(count)]


def rational(q):
    return R(q.numerator, q.denominator)


def ends(value):
    """The two ends of an enclosure, as numbers of mpmath."""
    if isinstance(value, Fraction):
        value = Evaluator({}, 80).interval(value)
    return [mpmath.mp.make_mpf(end) for end in value._mpi_]


def true_value(e, q):
    return mpmath.mpf(str(sp.N(e.subs(x, sp.Float(rational(q), 90)).doit(), 60)))


@every_function
def test_at_a_point(e, low, high):
    beside_0 = [q for q in (Fraction(-1, 3), Fraction(1, 3)) if low < q < high]
    for q in places(low, high, 4) + beside_0:
        with mpmath.workdps(70):
            a, b = ends(Evaluator({x: q}, DIGITS)(e))
            wanted = true_value(e, q)
            slack = mpmath.mpf(10) ** -57 * (1 + abs(wanted))
            assert a - slack <= wanted <= b + slack
            assert b - a <= mpmath.mpf(10) ** -44 * (abs(wanted) + mpmath.mpf(10) ** -3)


@every_function
@pytest.mark.parametrize("width", [Fraction(1, 10**9), Fraction(1, 10)])
def test_over_an_interval(e, low, high, width):
    """It holds the values at all places within, or it abstains."""
    for q in places(low, high, 4, 1):
        start, end = max(low, q - width), min(high, q + width)
        evaluator = Evaluator({}, DIGITS)
        evaluator.values[x] = evaluator.ctx.mpf(
            [mpmath.mpf(end.numerator) / end.denominator for end in (start, end)]
        )
        try:
            value = evaluator(e)
        except (Blurred, Undefined):
            continue
        with mpmath.workdps(60):
            a, b = ends(value)
            for inside in places(start, end, 3, 2):
                wanted = true_value(e, inside)
                slack = mpmath.mpf(10) ** -45 * (1 + abs(wanted))
                assert a - slack <= wanted <= b + slack


NONE = [
    *(sp.log(x), 1 / x, x**-3, sp.gamma(x - 2), sp.gamma(x), sp.factorial(x - 1), sp.DiracDelta(x)),
    *(sp.atan2(x, x), sp.zeta(x + 1), x ** -R(1, 2), sp.Piecewise((1, x > 0)), sp.loggamma(x)),
    *(sp.atanh(x + 1), sp.Max(sp.sqrt(x - 1), x, evaluate=False)),
]
UNKNOWN = [
    *(sp.sqrt(sp.sin(1) ** 2 + sp.cos(1) ** 2 - 1), sp.besselj(1, sp.exp(x + 1))),
    *(sp.exp(10**31 + x), sp.binomial(x + 1, 3000), Sum(k, (k, 1, 3000)), Sum(k, (k, 1, R(3, 2)))),
    *(sp.LambertW(x - R(2, 5)), sp.sin(sp.exp(100) * sp.pi), sp.gamma(x - R(401, 2))),
]


@pytest.mark.parametrize("e", NONE, ids=str)
def test_where_there_is_no_value(e):
    with pytest.raises(Undefined):
        Evaluator({x: Fraction(0)}, DIGITS)(e)


@pytest.mark.parametrize("e", UNKNOWN, ids=str)
def test_where_the_value_is_not_known(e):
    with pytest.raises(Blurred):
        Evaluator({x: Fraction(0)}, DIGITS)(e)


X = sp.IndexedBase(sp.Symbol("X#1", real=True))
EXACT = [  # at 9/4: rational numbers stay rational
    *((sp.sqrt(x), "3/2"), (x ** R(-3, 2), "8/27"), (sp.exp(x - R(9, 4)), 1), (x**-2, "16/81")),
    *((sp.log(x - R(5, 4)), 0), (sp.sin(x - R(9, 4)), 0), (sp.erf(x - R(9, 4)), 0), (1**-x, 1)),
    *((sp.Max(x, 2), "9/4"), (sp.Min(x, 2), 2), (sp.sign(x - 3), -1), (sp.Abs(-x), "9/4")),
    *((sp.floor(x), 2), (sp.ceiling(x), 3), (sp.frac(x), "1/4"), (sp.Mod(-x, 2), "7/4")),
    *((sp.factorial(4 * x), 362880), (sp.binomial(4 * x, 7), 36), (sp.binomial(x, 2), "45/32")),
    *((sp.binomial(5, 4 * x), 0), (sp.binomial(x, -2), 0), ((x - R(9, 4)) ** R(1, 3), 0)),
    *((sp.LambertW(x - R(9, 4)), 0), (sp.atan2(x - R(9, 4), x), 0), (sp.Heaviside(-x), 0)),
    *((Sum(x, (k, 5, 2)), "-9/2"), (Product(x, (k, 5, 2)), "16/81"), (Product(x, (k, 3, 2)), 1)),
    *((Sum(k * x, (k, 1, 4)), "45/2"), (sp.Heaviside(x - R(9, 4)), "1/2"), (sp.DiracDelta(x), 0)),
    *((X[4 * x] - X[9], 0), (Sum(X[k], (k, 1, 2)) - X[1] - X[2], 0), (sp.I * 0 + x, "9/4")),
    (sp.Piecewise((1, x < 2), (2, sp.Eq(x, R(9, 4))), (3, True)), 2),
]
COMPLEX = [  # at -1/2
    *(sp.log(x), sp.sqrt(x), x ** R(1, 3), sp.exp(sp.I * x), sp.sin(sp.I * x + 1), sp.I**x),
    *(sp.cos(1 + sp.I * x), 1 / (x + sp.I) ** 3, (1 + sp.I) ** sp.pi, sp.tanh(x + sp.I)),
    *(sp.re(sp.sqrt(x)) + 2, sp.im(sp.sqrt(x)) + 2, sp.conjugate(sp.sqrt(x)), sp.pi ** sp.sqrt(x)),
]


@pytest.mark.parametrize("e", COMPLEX, ids=str)
def test_complex_values(e):
    with mpmath.workdps(70):
        value = Evaluator({x: Fraction(-1, 2)}, DIGITS)(e)
        parts = (value.real, value.imag) if hasattr(value, "_mpci_") else (value,)
        wanted = sp.N(e.subs(x, -R(1, 2)), 60).as_real_imag()
        for part, true in zip(parts, wanted, strict=False):
            a, b = ends(part)
            true = mpmath.mpf(str(true))
            assert a - mpmath.mpf(10) ** -57 <= true <= b + mpmath.mpf(10) ** -57
            assert b - a <= mpmath.mpf(10) ** -44


@pytest.mark.parametrize(("e", "wanted"), EXACT, ids=[str(e) for e, _ in EXACT])
def test_what_is_rational_stays_exact(e, wanted):
    value = Evaluator({x: Fraction(9, 4)}, DIGITS)(e)
    assert isinstance(value, Fraction) and value == Fraction(wanted)


def test_entries_of_sequences():
    at = Evaluator({x: Fraction(9, 4)}, DIGITS)
    assert at(X[1]) == at(X[1]) and len({at(X[j]) for j in range(1, 30)}) > 20
    for place in (x, sp.sin(x)):
        with pytest.raises(Undefined):
            at(X[place])
    facts = {"positive": 1, "negative": -1, "nonnegative": 1, "nonpositive": -1, "integer": 0}
    for fact, sign in facts.items():
        for variant in range(4):
            base = sp.IndexedBase(sp.Symbol(f"X#{variant}#7/3", **{fact: True}))
            values = [at(base[j]) for j in range(1, 40)]
            assert all(sign * v >= 0 for v in values)
            if fact in ("positive", "negative"):
                assert 0 not in values
            assert any(abs(v) == Fraction(7, 3) for v in values) == (fact != "integer")
            assert all(v.denominator == 1 for v in values) or fact != "integer"
