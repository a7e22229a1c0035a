"""Enclosures by their functions: they hold the value, are narrow, and say where there is none."""

import random
from fractions import Fraction

import mpmath
import pytest
import sympy as sp

from nnbook.proof.enclosure import Evaluator, _is_zero
from nnbook.proof.quadrature import Blurred, Undefined

R, Sum, Product, Integral = sp.Rational, sp.Sum, sp.Product, sp.Integral
t, y = sp.symbols("t y", real=True)
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
    """It holds the values at all places within; it is narrow, or abstains where that is wide."""
    for q in places(low, high, 4, 1):
        start, end = max(low, q - width), min(high, q + width)
        evaluator = Evaluator({}, DIGITS)
        evaluator.values[x] = evaluator.ctx.mpf(
            [mpmath.mpf(end.numerator) / end.denominator for end in (start, end)]
        )
        try:
            value = evaluator(e)
        except (Blurred, Undefined):
            assert width > Fraction(1, 10**9) or e in (sp.LambertW(x / 14), sp.factorial(x))
            continue
        with mpmath.workdps(60):
            a, b = ends(value)
            assert width > Fraction(1, 10**9) or b - a <= 1e-7 * (1 + abs(a))
            for inside in places(start, end, 3, 2):
                wanted = true_value(e, inside)
                slack = mpmath.mpf(10) ** -45 * (1 + abs(wanted))
                assert a - slack <= wanted <= b + slack


Y = sp.IndexedBase(sp.Symbol("Y#1", real=True))
NONE = [
    *(sp.log(x), 1 / x, x**-3, sp.gamma(x - 2), sp.gamma(x), sp.factorial(x - 1), sp.DiracDelta(x)),
    *(sp.atan2(x, x), sp.zeta(x + 1), x ** -R(1, 2), sp.Piecewise((1, x > 0)), sp.loggamma(x)),
    *(sp.atanh(x + 1), sp.Max(sp.sqrt(x - 1), x, evaluate=False)),
]
UNKNOWN = [
    *(sp.sqrt(sp.sin(1) ** 2 + sp.cos(1) ** 2 - 1), sp.besselj(1, sp.exp(x + 1))),
    *(sp.exp(10**31 + x), sp.binomial(x + 1, 3000), Sum(k, (k, 1, 3000)), Sum(k, (k, 1, R(3, 2)))),
    *(sp.LambertW(x - R(2, 5)), sp.sin(sp.exp(100) * sp.pi), sp.gamma(x - R(401, 2))),
    *(Sum(Y[k] / 2**k, (k, 1, sp.oo)), Sum(Sum(3 ** (-j - k), (j, 0, 3)), (k, 0, sp.oo))),
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
null = sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1  # 0, as SymPy says and no enclosure
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
    *(
        (sp.binomial(x, 7 - 4 * x), 0),
        (sp.binomial(x, 9 - 4 * x), 1),
        (sp.binomial(8 - 4 * x, 3), -1),
    ),
    *((sp.sign(null), 0), (sp.Heaviside(null), "1/2"), (sp.Heaviside(-null, 3), 3)),
    *((sp.sinc(x - R(9, 4)), 1), (sp.Mod(x, R(-7, 2)), "-5/4")),
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
            on_seam = sum(abs(v) == Fraction(7, 3) for v in values)
            assert 5 < on_seam < 34 if fact != "integer" else not on_seam
            assert all(v.denominator == 1 for v in values) or fact != "integer"


@pytest.mark.parametrize("at", [-2, -1, 0, 1, 2])
def test_at_whole_numbers(at):
    """Where formulas have their exceptions: the value, or none where SymPy has none."""
    for e, low, high in CASES:
        if not low < at < high:
            continue
        with mpmath.workdps(70):
            wanted = e.subs(x, at).doit()
            if wanted.has(sp.zoo, sp.oo, sp.nan, sp.DiracDelta):
                with pytest.raises(Undefined):
                    Evaluator({x: Fraction(at)}, DIGITS)(e)
                continue
            a, b = ends(Evaluator({x: Fraction(at)}, DIGITS)(e))
            wanted = mpmath.mpf(str(sp.N(wanted, 60)))
            assert a - mpmath.mpf(10) ** -55 <= wanted <= b + mpmath.mpf(10) ** -55
            assert b - a <= mpmath.mpf(10) ** -44 * (1 + abs(wanted))


INFINITE = [
    (Sum(1 / sp.factorial(k), (k, 0, sp.oo)), sp.E),
    (Sum(R(4, 5) ** k, (k, 0, sp.oo)), sp.Integer(5)),
    (Sum((-1) ** k * R(4, 5) ** k, (k, 1, sp.oo)), -R(4, 9)),
    (Sum(k / 2**k, (k, 1, sp.oo)), sp.Integer(2)),
]


@pytest.mark.parametrize(("e", "wanted"), INFINITE, ids=[str(e) for e, _ in INFINITE])
def test_infinite_sums_are_narrow(e, wanted):
    with mpmath.workdps(70):
        a, b = ends(Evaluator({}, DIGITS)(e))
        assert a <= mpmath.mpf(str(sp.N(wanted, 60))) + mpmath.mpf(10) ** -58
        assert b >= mpmath.mpf(str(sp.N(wanted, 60))) - mpmath.mpf(10) ** -58
        assert b - a < mpmath.mpf(10) ** -40


CONDITIONS = [
    *((sp.true, True), (sp.false, False), (x > 2, True), (x > 3, False)),
    *((sp.And(x > 2, x < 3), True), (sp.And(x > 2, x < R(11, 5)), False)),
    *((sp.Or(x < 2, x > R(11, 5)), True), (sp.Or(x < 2, x > 3), False)),
    *((sp.Not(sp.And(x > 1, x < 3)), False), (sp.ITE(x > 2, j > 3, j > 5), True)),
    *((sp.ITE(x > 3, j > 3, j > 5), False), (sp.ITE(x > 3, j > 5, j > 3), True)),
    *((sp.ITE(x > 2, j > 5, j > 3), False), (sp.Le(x, R(9, 4)), True), (sp.Ge(x, R(9, 4)), True)),
    *((sp.Eq(x, R(9, 4)), True), (sp.Ne(x, R(9, 4)), False), (sp.Lt(x, R(9, 4)), False)),
    *((sp.Gt(x, R(9, 4)), False), (sp.Lt(x, sp.oo, evaluate=False), True)),
    *((sp.Gt(-sp.oo, x, evaluate=False), False), (sp.Ge(sp.oo, x, evaluate=False), True)),
    *((sp.Eq(null, 0), True), (sp.sin(x) > 0, True), (sp.Ne(null, 0), False)),
]


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS, ids=[str(c) for c, _ in CONDITIONS])
def test_conditions(condition, holds):
    assert Evaluator({x: Fraction(9, 4), j: Fraction(4)}, DIGITS).holds(condition) is holds


def test_a_zero_is_taken_for_one_only_where_sympy_says_so():
    with pytest.raises(Blurred):
        Evaluator({x: Fraction(9, 4)}, 250)(sp.sign(null))  # too many digits to ask
    assert Evaluator({x: Fraction(9, 4)}, DIGITS)(sp.sign(null + R(1, 10**30))) == 1
    assert _is_zero(sp.sqrt(2) + sp.sqrt(3) - sp.sqrt(5 + 2 * sp.sqrt(6)))
    assert not _is_zero(sp.sqrt(2) + sp.sqrt(3) - sp.sqrt(5))
    assert not _is_zero(sp.sin(1) + sp.sin(sp.sqrt(2)) - sp.sin(2))


def over(e, low, high):
    """The ends of an enclosure over an interval."""
    evaluator = Evaluator({}, DIGITS)
    evaluator.values[x] = evaluator.ctx.mpf([low, high])
    return ends(evaluator(e))


@pytest.mark.parametrize(
    ("low", "high"), [(0, 3), (0.01, 0.02), (0.3, 0.5), (5, 5.5), (-0.2, -0.1)]
)
def test_the_w_of_a_wide_argument_is_near_or_not_known(low, high):
    try:
        a, b = over(sp.LambertW(x), low, high)
    except Blurred:
        return
    assert a <= mpmath.lambertw(low).real <= mpmath.lambertw(high).real <= b
    assert b - a < 3 * (high - low) and a > -1


CANCELLING = [  # as x comes near to 0
    *(f(1 - x) for f in (sp.acos, sp.asin, sp.atanh, sp.erfinv, sp.loggamma, sp.erf, sp.asech)),
    *(f(1 + x) for f in (sp.acosh, sp.loggamma, sp.asec, sp.log)),
    *(f(x) for f in (sp.harmonic, sp.erf, sp.erfi, sp.tanh, sp.asinh, sp.sinh, sp.LambertW)),
    *(sp.loggamma(2 + x), sp.acsch(1 / x), sp.acoth(1 / x), sp.acosh(1 + sp.exp(-500))),
]


@pytest.mark.parametrize("e", CANCELLING, ids=str)
def test_digits_that_cancel_are_not_made_up(e):
    """An enclosure with few digits holds that with more."""
    at = {x: Fraction(1, 3 * 10**100)}
    with mpmath.workdps(200):
        (a, b), (low, high) = (ends(Evaluator(at, digits)(e)) for digits in (30, 45))
        assert a <= low <= high <= b


INTEGRALS = [
    (Integral(sp.sin(t), (t, 0, 1)), 1 - sp.cos(1)),
    (Integral(t**2, (t, 1, x)), R(1, 3) * (R(9, 4) ** 3 - 1)),
    (Integral(sp.exp(-t), (t, 0, sp.oo)), sp.S.One),
]


@pytest.mark.parametrize(("e", "wanted"), INTEGRALS, ids=[str(e) for e, _ in INTEGRALS])
def test_integrals(e, wanted):
    a, b = ends(Evaluator({x: Fraction(9, 4)}, DIGITS)(e))
    assert a <= mpmath.mpf(str(sp.N(wanted, 20))) <= b and b - a < 1e-9


def test_integrals_that_are_not_known():
    for limits in ((t,), ((t, 0, 1), (y, 0, 1)), ((t, 0, y),), ((t, 1),)):
        with pytest.raises(Blurred):
            Evaluator({x: Fraction(9, 4)}, DIGITS)(Integral(t * y, *limits))
    with pytest.raises(Blurred):
        over(Integral(t * x, (t, 0, 1)), 1, 2)


def test_around_places_of_exception():
    assert over(sp.floor(x), 2.2, 2.4) == [2, 2] and over(sp.ceiling(x), -2.4, -2.2) == [-2, -2]
    for e, low, high in ((x**-2, -1, 1), (sp.floor(x), 1.9, 2.1), (1 / x, -1, 1), (x**x, -1, 1)):
        with pytest.raises(Blurred):
            over(e, low, high)


def test_beyond_the_ends_of_a_domain():
    for e, low, high in (
        (sp.zeta(x), 0.5, 1.5),
        (sp.zeta(x), 0.25, 0.75),
        (sp.asin(x), 0.5, 1.5),
        (sp.acosh(x), 0.5, 1.5),
        (sp.log(x), -1, 1),
    ):
        with pytest.raises(Blurred):
            over(e, low, high)
    low, high = over(sp.acosh(x), 2, 3)
    assert low < 1.32 < 1.76 < high
    with pytest.raises(Blurred):
        Evaluator({x: Fraction(1, 2)}, DIGITS)(sp.acosh(x))  # not a real number


def test_the_sign_of_what_a_condition_names_as_0():
    for zeros in ({x - 1}, {1 - x}):
        assert Evaluator({x: Fraction(3)}, DIGITS, zeros)(sp.sign(x - 1)) == 0
        assert Evaluator({x: Fraction(3)}, DIGITS, zeros)(sp.sign(x - 2)) == 1
