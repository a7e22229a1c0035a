"""Rigorous quadrature: Taylor coefficients, pieces and tails hold what they bound."""

import math
import random
from fractions import Fraction

import mpmath
import pytest
import sympy as sp

from nnbook.proof.quadrature import (
    Blurred,
    Undefined,
    _decay,
    _exactly,
    _jet,
    _power,
    _real_power,
    _tail_bound,
    _wave,
    integral,
    series_tail,
    stays_large,
)

R, oo, iv = sp.Rational, sp.oo, mpmath.iv
x = sp.Symbol("x", real=True)
p = sp.Symbol("x", positive=True)
k = sp.Symbol("k", integer=True, positive=True)

JETS = [
    *(f(x / 2 + R(1, 3)) for f in (sp.exp, sp.sin, sp.cos, sp.tanh, sp.erf, sp.erfc, sp.atan)),
    *(sp.sinh(x), sp.cosh(2 * x), sp.log(x + 5), sp.sqrt(x + 4), (x + 4) ** -R(3, 2), x**3 - 2 * x),
    *(1 / (1 + x**2), (2 - x) ** -3, 2**x, (x + 5) ** x, sp.pi * x**2, x * sp.exp(-(x**2) / 2)),
    *(sp.Abs(x - 4), sp.Max(x, 9, 3 - x), sp.Min(x, 9), sp.sign(x - 5) * x, sp.Heaviside(x + 5)),
    sp.Piecewise((x**2, x > 4), (sp.sin(x), sp.And(x > -4, x < 9)), (0, True)),
    sp.Piecewise((1, sp.Or(x > 4, sp.Not(x > -4))), (sp.exp(x), sp.Ne(x, 7)), (0, True)),
]


def coefficients(e, at, order):
    with mpmath.workdps(60):
        return mpmath.taylor(sp.lambdify(x, e, "mpmath"), at, order)


@pytest.mark.parametrize("e", JETS, ids=str)
def test_taylor_coefficients(e):
    rng = random.Random(0)
    for at in (0.0, -1.25, rng.uniform(-1.5, 1.5)):
        found = _jet(e, x, (at, at), 6)
        for n, wanted in enumerate(coefficients(e, at, 6)):
            low, high = found[n] if n < len(found) else (0.0, 0.0)
            size = 1e-10 * (1 + abs(wanted))
            assert low - size / 1e8 <= wanted <= high + size / 1e8
            assert high - low <= size
    found = _jet(e, x, (-0.5, 0.25), 6)
    for at in (-0.5, -0.1, 0.0, 0.25):
        for n, wanted in enumerate(coefficients(e, at, 6)):
            low, high = found[n] if n < len(found) else (0.0, 0.0)
            assert low - 1e-18 <= wanted <= high + 1e-18


def test_a_root_of_a_step_that_is_0():
    root = sp.sqrt(sp.Heaviside(4 - x))
    for n, (low, high) in enumerate(_jet(sp.exp(x) + root, x, (5.0, 5.0), 6)):
        assert low <= math.exp(5) / math.factorial(n) <= high < low + 1e-9


KINKS = (sp.Abs(x), sp.sign(x), sp.Heaviside(x), sp.Max(x, -x, 0), sp.Min(2 * x, x))
PIECE = sp.Piecewise((x + 3, x > 0), (sp.exp(x), True))


@pytest.mark.parametrize("e", [*KINKS, PIECE, sp.Piecewise((1, sp.Eq(x, 0)), (2, True))], ids=str)
def test_over_a_kink_there_are_values_and_no_slopes(e):
    ((low, high),) = _jet(e, x, (-1.0, 0.5), 0)
    for at in (-1, -R(1, 2), 0, R(1, 2)):
        assert low <= e.subs(x, at) <= high
    assert high - low <= 4
    with pytest.raises(Blurred):
        _jet(e, x, (-1.0, 0.5), 1)


@pytest.mark.parametrize(
    "e", [sp.log(x), 1 / x, sp.sqrt(x), x**x, sp.gamma(x), sp.floor(x)], ids=str
)
def test_what_has_no_taylor_polynomial(e):
    with pytest.raises(Blurred):
        _jet(e, x, (-1.0, 1.0), 2)


@pytest.mark.parametrize("shift", [0, math.pi / 2])
def test_waves_hold_their_crests(shift):
    rng = random.Random(1)
    for _ in range(300):
        low = rng.uniform(-20, 20)
        high = low + rng.choice((1e-3, 0.5, 2, 4, 7))
        a, b = _wave((low, high), shift)
        values = [math.sin(low + (high - low) * j / 400 + shift) for j in range(401)]
        assert a <= min(values) + 1e-13 and max(values) - 1e-13 <= b
        assert min(values) - a < 1e-3 and b - max(values) < 1e-3  # and no more


f = sp.exp(-(x**2))
INTEGRALS = [
    (sp.sin(x), 0, 2, 1 - sp.cos(2)),
    (sp.exp(x), 1, -1, sp.exp(-1) - sp.E),
    (f, -oo, oo, sp.sqrt(sp.pi)),
    (f, oo, -oo, -sp.sqrt(sp.pi)),
    (x**2 * f, 0, oo, sp.sqrt(sp.pi) / 4),
    (sp.exp(-x), 3, oo, sp.exp(-3)),
    (x**5 * sp.exp(-2 * x), 0, oo, R(15, 8)),
    (sp.cos(3 * x) * f, -oo, oo, sp.sqrt(sp.pi) * sp.exp(-R(9, 4))),
    (sp.Max(x, 0) * sp.exp(-(x**2) / 2), -oo, oo, 1),
    (sp.Piecewise((1, x < R(1, 4)), (3, True)), 0, 1, R(5, 2)),
    (sp.log(x), 1, sp.E, 1),
    (sp.exp(-x) / (1 + sp.exp(-x)), 0, oo, sp.log(2)),
    (1 / (1 + x**2), 0, 1, sp.pi / 4),
    (x**40, 0, 1, R(1, 41)),
    (sp.Abs(x - R(1, 4)), 0, 1, R(5, 16)),  # bounds between which no cut is made beforehand
    (sp.Max(0, x - R(1, 3)), 0, R(3, 4), R(25, 288)),
    (sp.Abs(x - R(10, 7)), R(11, 10), 2, (R(10, 7) - R(11, 10)) ** 2 / 2 + R(8, 49)),
]


def number(end):
    return end if end in (oo, -oo) else iv.mpf(str(sp.N(end, 40)))


@pytest.mark.parametrize(("e", "low", "high", "wanted"), INTEGRALS, ids=str)
def test_integrals(e, low, high, wanted):
    a, b = integral(e, x, *(number(sp.sympify(end)) for end in (low, high)))
    wanted = sp.N(wanted, 40)
    assert a <= wanted <= b and b - a < 1e-10 * max(1, abs(wanted))


@pytest.mark.parametrize(
    ("e", "low", "high", "error"),
    [
        (1 / x, -1, 1, Blurred),
        (sp.log(x), 0, 1, Blurred),
        (1 / (1 + x**2), 0, oo, Blurred),  # it falls too slowly
        (sp.exp(x), 0, oo, Undefined),
        (1 + f, -oo, 0, Undefined),
        (f / (x - R(8005, 1000)), 0, oo, Blurred),  # a pole beyond the first reach
        (f / (x - 8), 0, oo, Blurred),
        (sp.Heaviside(x - 64) * x**170 * sp.exp(-11 * x), 0, oo, Blurred),  # all of it is tail
    ],
)
def test_what_has_no_enclosure(e, low, high, error):
    with pytest.raises(error):
        integral(e, x, *(number(sp.sympify(end)) for end in (low, high)))


TAILS = [
    *(sp.exp(-p), p**3 * sp.exp(-2 * p), sp.exp(-(p**2)), p * sp.exp(-(p**2) + 3 * p), p**-3),
    *(sp.exp(-p) / (p - 5), sp.exp(-p) / sp.sqrt(p - 7), sp.exp(-p) / (p**2 + p - 3)),
    *(sp.exp(-2 * p) * sp.log(1 + sp.exp(p / 10**6 - 1)), sp.exp(-p) * sp.log(1 + sp.exp(p))),
    *(p ** -R(3, 2), 2**-p, p**9 * 3**-p, sp.exp(-p) * (sp.cos(p) + 5), sp.erfc(p) * sp.exp(-p)),
    *((2 * p + 3) ** 2 * 2**-p, p**60 * sp.exp(-11 * p), sp.exp(-(p**3)) * p, 5 * sp.exp(-p / 9)),
    sp.sqrt(sp.exp(-p) + sp.exp(-2 * p)),
    *(sp.Max(sp.exp(-p), p * sp.exp(-p)), sp.Piecewise((sp.exp(-p), p > 9), (2**-p, True))),
]


@pytest.mark.parametrize("e", TAILS, ids=str)
@pytest.mark.parametrize("reach", [8.0, 64.0])
def test_a_tail_is_below_its_bound(e, reach):
    size, m, c, d = _decay(e, p, reach)
    value = sp.lambdify(p, e, "mpmath")
    with mpmath.workdps(30):
        for at in (reach, reach + 0.5, 1.5 * reach, 4 * reach):
            assert abs(value(mpmath.mpf(at))) <= size * mpmath.mpf(at) ** m * mpmath.exp(-c * at**d)
        bound = _tail_bound((size, m, c, d), reach)
        ends = [reach, reach + 1, reach + 4, 2 * reach + 20, 4 * reach + 80, mpmath.inf]
        true = mpmath.quad(lambda v: abs(value(v)), ends)
        assert true <= bound
        if e in TAILS[:5]:
            assert bound <= max(1e4 * true, 1e-295)  # and of its order


SERIES = [
    *(2**-k, k**3 * sp.exp(-k), 1 / k**2, 1 / sp.factorial(k)),
    *((-1) ** k / k**3, k ** -R(3, 2), (-R(1, 2)) ** k),
]


@pytest.mark.parametrize("e", SERIES, ids=str)
@pytest.mark.parametrize("start", [30, 100])
def test_the_rest_of_a_series_is_below_its_bound(e, start):
    value = sp.lambdify(k, e, "mpmath")
    with mpmath.workdps(30):
        true = mpmath.fsum(abs(value(mpmath.mpf(j))) for j in range(start + 1, start + 4000))
        bound = series_tail(e, k, start)
        assert true <= bound <= 1e-290 + 1e4 * true


@pytest.mark.parametrize("e", [1 / k, k, sp.Integer(1), sp.sqrt(k) ** -1, (-1) ** k], ids=str)
def test_a_series_without_a_bound(e):
    with pytest.raises(Blurred):
        series_tail(e, k, 30)


def test_what_stays_large():
    for e in (sp.S.One, x, sp.exp(x), (-1) ** x, -x, (-2) ** x, 1 + 1 / x):
        assert stays_large(e, x, 30), e
    both = (sp.sin(x) + R(1, 2)) * (sp.cos(x) + R(1, 2))  # each of both signs
    for e in (both, 1 / x, sp.exp(-x), 1 + sp.sin(x), x - 40, R(1, 2) ** x, sp.sin(x), sp.floor(x)):
        assert not stays_large(e, x, 30), e


@pytest.mark.parametrize("seed", range(20))
def test_differences_of_floats_are_enclosed_and_narrow(seed):
    rng = random.Random(seed)
    low = rng.uniform(-1, 1) * 10.0 ** rng.randint(-9, 9)
    high = low + rng.random() * 10.0 ** rng.randint(-12, 9)
    below, above = _exactly(high - low, low, high)
    assert below <= Fraction(high) - Fraction(low) <= above
    assert above - below <= 4 * math.ulp(high - low)
    assert _exactly(2.0, 1.0, 3.0) == (math.nextafter(2, 0), math.nextafter(2, 3))


def test_powers_of_intervals():
    assert _power((-1.0, 2.0), 2)[0] <= 0 and 4 <= _power((-1.0, 2.0), 2)[1] < 4.001
    assert -1.001 < _power((-1.0, 2.0), 3)[0] <= -1
    (root,) = _real_power([(0.0, 0.5)], (0.4, 0.6), 0)
    assert root[0] == 0 and 0.5**0.4 <= root[1] < 0.759
    (root,) = _real_power([(0.0, 2.0)], (0.4, 0.6), 0)
    assert 2**0.6 <= root[1] < 1.52


def test_the_power_in_a_bound_is_that_of_the_function():
    assert _decay(p**2 * sp.exp(-p), p, 8.0)[1:] == (2, 0.999, 1)
    assert _decay(sp.exp(-(p**2)) * 3**-p, p, 8.0)[3] == 2
