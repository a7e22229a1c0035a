"""The steps of a symbolic proof by tables: what each may do, and what it must leave alone."""

import pytest
import sympy as sp

from nnbook.proof import rewriting
from nnbook.proof.budget import Clock
from nnbook.proof.rewriting import (
    _aligned,
    _cases,
    _decided,
    _first_method,
    _on_interval,
    _split,
    _with_signs,
    reduce,
)

R, oo, sin = sp.Rational, sp.oo, sp.sin
x, y, t = sp.symbols("x y t", real=True)
m = sp.Symbol("m", integer=True)


k, i = sp.symbols("k i", integer=True)
n = sp.Symbol("n", integer=True, positive=True)
X = sp.IndexedBase("X")
ONE = sin(x) ** 2 + sp.cos(x) ** 2
INTEGRAL, SLOPE = (sp.Integral(f, (t, 0, 1)) for f in (sp.exp(x * t), t * sp.exp(x * t)))
SERIES = sp.Sum(x**k / sp.factorial(k), (k, 0, oo))
GEOMETRIC = sp.Sum(2**-k, (k, 0, oo))
f, g = (sp.Function(name, real=True)(x) for name in "fg")
D = sp.Derivative
BY, TRIG = "SymPy's differentiation", "by trigonometric identities"


@pytest.mark.parametrize(
    ("lhs", "rhs", "wanted"),
    [
        (x, x, ("computed", "both sides are the same expression", True, False)),
        (D(x**2, x), 2 * x, ("computed", BY, True, False)),
        (D(x * f, x), f + x * D(f, x), ("computed", BY, True, False)),
        (D(f * g, x) * ONE, f * D(g, x) + g * D(f, x), ("proved", TRIG, False, False)),
        # the order of two limits was exchanged
        (D(INTEGRAL, x), SLOPE, ("computed", BY, False, False)),
        (SLOPE, D(INTEGRAL, x), ("computed", BY, False, False)),
        (D(INTEGRAL, x) * ONE, SLOPE, ("computed", f"{BY}, then {TRIG}", False, False)),
        (SLOPE * ONE, D(INTEGRAL, x), ("computed", f"{BY}, then {TRIG}", False, False)),
        (ONE * sp.Sum(X[i], (i, 1, n)), sp.Sum(X[i], (i, 1, n)), ("proved", TRIG, False, False)),
        (sp.Sum(k, (k, 1, n)), n * (n + 1) / 2, ("proved", "by induction", False, False)),
        # what the system says of it, if a number agrees
        (D(SERIES, x), SERIES, ("computed", "SymPy's sum", False, True)),
        (INTEGRAL.subs(x, 0), sp.S.One, ("computed", "SymPy's integral", False, True)),
        (GEOMETRIC, sp.S(2), ("computed", "SymPy's sum", False, True)),
        (GEOMETRIC + INTEGRAL.subs(x, 0), sp.S(3),
         ("computed", "SymPy's integral and sum", False, True)),
        (sp.Product(k, (k, 1, n)), sp.factorial(n), ("computed", "SymPy's product", False, True)),
        (GEOMETRIC, 2 * ONE, ("computed", "SymPy's sum", False, True)),
        (GEOMETRIC, ONE, None),
        (sp.Sum(1 / k, (k, 1, oo)), sp.S.Zero, None),
        *((side, x, None) for side in (x + 1, x + oo, sp.zoo, oo * x, sp.nan)),
        *((x, side, None) for side in (x + 1, x + oo, sp.zoo, oo * x, sp.nan)),
    ],
)  # fmt: skip
def test_what_reduces_a_difference_to_0_and_what_that_is_worth(lhs, rhs, wanted):
    assert reduce(lhs, rhs, {}, Clock(20)) == wanted


@pytest.mark.parametrize("failing", [0, 1])
def test_a_side_that_cannot_be_rewritten_in_time_ends_the_attempt(failing, monkeypatch):
    for step in ("_differentiated", "_aligned"):
        calls = iter(range(9))
        later = lambda e, calls=calls: 1 / 0 if next(calls) == failing else e + x  # noqa: E731
        with monkeypatch.context() as patched:
            patched.setattr(rewriting, step, later)
            assert reduce(x, ONE * x, {}, Clock(20)) is None


def test_only_what_has_one_sign_in_its_interval_is_known_to_have_it():
    ends = ((0, 1), (1, oo), (-oo, 0), (-R(1, 2), 1), (-oo, 1), (-1, R(1, 2)))
    known = [next(iter(_with_signs(x + 1, {x: sp.Tuple(*pair)}).free_symbols)) for pair in ends]
    assert [v.is_positive for v in known] == [True, True, False, None, None, None]
    assert [v.is_negative for v in known] == [False, False, True, None, None, None]


def test_powers_are_joined_where_that_is_wanted():
    zero = sp.Symbol("zero", zero=True)
    assert all(map(rewriting._numerator_vanishes, (2**x * 3**x - 6**x, zero, x - x)))
    assert not rewriting._numerator_vanishes(2**x * 3**x - 5**x)


@pytest.mark.parametrize("end", [R(1, 2), -R(1, 2), sp.S.Zero], ids=str)
@pytest.mark.parametrize("facts", [{}, {"positive": True}, {"negative": True}], ids=str)
def test_the_cases_at_a_seam_leave_nothing_out(end, facts):
    v, a = sp.Symbol("v", real=True, **facts), sp.Symbol("a", real=True)
    on, *sides = _split(3 * v - 3 * end, v)
    assert on == end
    ways = [sp.solve(side - a, *side.free_symbols)[0] for side in sides]  # where a side is a
    values = [sign * R(k, 8) for k in (1, 3, 4, 5, 7, 24) for sign in (1, -1)] + [sp.S.Zero]
    for value in values:
        if not facts or (value > 0 if "positive" in facts else value < 0):
            found = sum(bool(way.subs(a, value) > 0) for way in ways)
            assert found + (value == end) == 1, value


def test_relations_that_the_signs_of_symbols_decide():
    square, z = x**2 + 2 * x + 1, sp.Symbol("z", real=True, nonzero=True)
    p = sp.Symbol("p", positive=True)
    for relation, truth in (
        *((square >= 0, 1), (square < 0, 0), (-square <= 0, 1), (-square > 0, 0)),
        *((sp.Eq(z * p + z, 0), 0), (sp.Ne(z * p + z, 0), 1), (p**2 * x + p**2 > p**2 * x, 1)),
    ):
        assert _decided(sp.Piecewise((1, relation), (0, True))) == truth
        assert _decided(relation) == bool(truth)  # a case of its own may be turned around
    for relation in (square > 0, square <= 0, -square < 0, -square >= 0, sp.Eq(x * p + x, 0)):
        assert _decided(sp.Piecewise((1, relation), (0, True))).has(sp.Piecewise)


def test_what_no_case_can_split():
    assert _split(x**2 + y, y) and not _split(x**2 + y, x)
    assert not _split(x * y, x + y) and not _split(m - 1, m) and not _split(sp.exp(x), x)
    assert not _split(x * y - 1, x)  # y may be 0


@pytest.mark.parametrize("words", [words for words, *_ in rewriting._METHODS])
def test_no_method_takes_for_zero_what_is_not(words):
    method = {words: method for words, method, _ in rewriting._METHODS}[words]
    n = sp.Symbol("n", integer=True, positive=True)
    for d in (
        *(sp.log(x), sp.log(x * y) - sp.log(x), sp.exp(x) - x, sin(x) ** 2 - 1, sp.sqrt(y) - 1),
        *(sp.factorial(n) - n, sp.erf(x) + sp.erfc(x), sp.tanh(x) - 1, sp.Max(x, 1) - x, x - 1),
    ):
        assert not method(d), d


def test_logarithms_by_their_exponential():
    """That is 1 at 2πi as well: only for what is known to be real."""
    p = sp.Symbol("p", positive=True)
    by, root = rewriting._logarithms, sp.sqrt(3)
    zero = sp.log(2 + root) + sp.log(2 - root)
    assert by(zero) and by(zero / p) and by(sp.asinh(p) - sp.log(p + sp.sqrt(p**2 + 1)))
    assert not by(zero + 1) and not by(zero / p + 1) and not by(zero - sp.log(3))
    assert not by(sp.log(x) - sp.log(-x))
    around = sp.log(sp.exp(2 * sp.pi * sp.I * p))  # exp of it is 1 at p = 1, 2, 3, ...
    assert not by(around - 2 * sp.pi * sp.I * p)


def test_what_is_hidden_is_real_where_its_inside_is():
    for inside, real in ((sp.exp(-t), True), (f, True), (sp.log(t), None), (sp.I * t, None)):
        hidden = rewriting._hidden(2 * sp.Integral(inside, (t, 0, 1)) + x)
        (u,) = hidden.atoms(sp.Dummy)
        assert hidden == 2 * u + x and u.is_real is real
    assert rewriting._hidden(INTEGRAL - INTEGRAL) == 0
    assert len(rewriting._hidden(INTEGRAL + SLOPE - 2 * INTEGRAL * x).atoms(sp.Dummy)) == 2


def test_methods_that_have_one_way_or_another():
    trigonometry = dict((words, method) for words, method, _ in rewriting._METHODS)[
        "by trigonometric identities"
    ]
    assert trigonometry(sin(x) ** 2 + sp.cos(x) ** 2 - 1)
    assert trigonometry(sp.exp(sp.I * x) - sp.cos(x) - sp.I * sin(x))
    whole, half = sp.Integral(x, (x, 0, 1)), R(1, 2)
    assert reduce(whole, half, {}, Clock(3.0)) == ("computed", "SymPy's integral", False, True)
    assert reduce(whole, half + 1, {}, Clock(3.0)) is None


def test_short_sums_are_written_out_and_the_others_counted_from_0():
    j = sp.Symbol("j", integer=True)
    assert _aligned(sp.Sum(k, (k, 3, 2))) == 0
    assert _aligned(sp.Sum(k, (k, 3, 1))).limits[0][1:] == (0, -2)  # left to the system
    assert _aligned(sp.Sum(k, (k, -150, 49))) == sum(range(-150, 50))
    for first, last in ((-150, 50), (5, 205)):
        assert _aligned(sp.Sum(k, (k, first, last))).limits[0][1:] == (0, 200)
    nested = sp.Sum(sp.Sum(X[i], (i, k, n)) * k, (k, 2, n))
    assert {str(v) for v in _aligned(nested).atoms(sp.Symbol)} == {"X", "n", "_k0", "_k1"}
    assert _aligned(sp.Sum(k * x, (k, 1, 3))) == 6 * x
    assert _aligned(sp.Product(k * x, (k, 1, 3))) == 6 * x**3
    assert _aligned(sp.Sum(k, (k, 3, n))) == _aligned(sp.Sum(j, (j, 3, n))) != sp.Sum(k, (k, 3, n))
    twice = sp.Sum(k * j, (k, 1, 3), (j, 1, 3))
    assert _aligned(twice) == twice


def test_a_slope_at_a_corner_counts_on_its_seam_alone():
    corner = sp.Piecewise((sp.nan, sp.Eq(x, 0)), (0, True))
    assert _cases(corner)
    assert _cases(sp.Piecewise((corner, y > 0), (corner.subs(x, y), True)))
    assert not _cases(sp.nan)
    assert not _cases(sp.Piecewise((sp.nan, x > 0), (1, True)))


def test_what_an_interval_tells_of_a_symbol():
    for low, high in ((0, oo), (0, 5), (-3, -1), (-oo, -1), (2, oo)):
        e = _on_interval(x, {x: (sp.sympify(low), sp.sympify(high))})
        (t,) = e.free_symbols
        assert (e.is_positive, e.is_negative) == ((True, False) if high > 0 else (False, True))
        ends = sorted([e.subs(t, 0), sp.limit(e, t, oo)])
        assert ends == [low, high]
    bounded = {m: (sp.S.Zero, sp.Integer(5)), y: (sp.S.Zero, sp.S.One)}
    assert _on_interval(m + x, bounded) == m + x  # an integer stays one
    for low, high, sign in ((0, oo, "positive"), (-oo, 0, "negative"), (-2, -1, "negative")):
        v = _with_signs(x, {x: (sp.sympify(low), sp.sympify(high))})
        assert getattr(v, f"is_{sign}")
    assert _with_signs(x, {x: (-sp.S.One, sp.S.One)}) == x
    assert _with_signs(m, {m: (sp.S.Zero, oo)}) == m


def test_without_a_clock_only_what_is_known_to_end(monkeypatch):
    methods = [("slow", lambda d: True, 3.0), ("quick", lambda d: True, 2.0)]
    monkeypatch.setattr(rewriting, "_METHODS", methods)
    assert _first_method(x, Clock(3.0)) == "slow"
    monkeypatch.setattr(rewriting, "interruptible", lambda: False)
    assert _first_method(x, Clock(3.0)) == "quick"


def test_integrals_that_differ_in_a_name_are_one():
    a, b = (_aligned(sp.Integral(sp.exp(sin(v)), (v, 0, y))) for v in (x, t))
    assert a == b
    of_x, of_t = (sp.Integral(sin(v), v) for v in (x, t))  # each depends on its own variable
    assert (_aligned(of_x), _aligned(of_t)) == (of_x, of_t)
