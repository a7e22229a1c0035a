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
    for q in places(low, high, 4):
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
