"""The prover's parts by tables: where it looks, what it takes for equal, its second witness."""

from types import SimpleNamespace

import mpmath
import pytest
import sympy as sp

from nnbook.proof.budget import Clock, countdown
from nnbook.proof.comparison import Statement, _Comparison, far_terms, gap, short, value_at
from nnbook.proof.enclosure import Evaluator
from nnbook.proof.estimates import agree
from nnbook.proof.functions import concrete, differentiated, with_functions
from nnbook.proof.sampling import (
    Points,
    _admits,
    _special,
    enclosed_roots,
    equalities_of,
    jumps_of,
    ladder,
    roots_of,
    seams_of,
)
from nnbook.proof.slopes import Unknown, slope

R, oo, Integral, Sum = sp.Rational, sp.oo, sp.Integral, sp.Sum
x, y = sp.symbols("x y", real=True)
k, m = sp.symbols("k m", integer=True)
n = sp.Symbol("n", integer=True, positive=True)
X = sp.IndexedBase("X")


def piece(condition):
    return sp.Piecewise((1, condition), (0, True))


# --- where to look ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("e", "wanted"),
    [
        (sp.Abs(x - 1) + sp.sign(y), {x - 1, y}),
        (sp.Heaviside(x - 2) + sp.DiracDelta(x - 3), {x - 2, x - 3}),
        (sp.Max(x, y, 1) + sp.Min(x**2, 3), {x - y, x - 1, y - 1, x**2 - 3}),
        (piece(sp.And(x > y, x <= 7)), {x - y, x - 7}),
        (sp.floor(x) + sp.sin(x) + sp.Abs(sp.Integer(-3)), set()),
    ],
)
def test_seams(e, wanted):
    found = seams_of(e)
    assert all(s in wanted or -s in wanted for s in found)
    assert all(s in found or -s in found for s in wanted)


def test_jumps():
    assert set(jumps_of(sp.floor(x / 2))) == {x / 2, x / 2 - 1, x / 2 + 1}
    assert set(jumps_of(sp.ceiling(x), sp.frac(y))) == {x, x - 1, x + 1, y, y - 1, y + 1}
    assert set(jumps_of(sp.Mod(x, 7))) == {x, x - 7, x + 7}
    assert jumps_of(sp.Abs(x)) == []
    assert equalities_of(piece(sp.Eq(x, 2)) + piece(sp.Ne(y, x))) in (
        [x - 2, -x + y],
        [-x + y, x - 2],
        [x - 2, x - y],
    )


@pytest.mark.parametrize(
    ("seam", "wanted"),
    [
        (x**2 - 2, {sp.sqrt(2), -sp.sqrt(2)}),
        (3 * x - 1, {R(1, 3)}),
        (1 / x - 4, {R(1, 4)}),
        (sp.exp(x) - 2, {sp.log(2)}),
        (x**2 + 1, set()),
        (x + y, set()),
    ],
)
def test_roots(seam, wanted):
    assert roots_of(seam, x) == wanted


@pytest.mark.parametrize("at", [0, -7, 800, 10**8])
def test_a_root_without_a_formula_is_between_two_rationals(at):
    seam = x - at + sp.atan(x - at) + R(1, 3) * sp.cos(x - at)
    root = mpmath.findroot(lambda v: v + mpmath.atan(v) + mpmath.cos(v) / 3, -0.15)
    low, high = sorted(roots_of(seam, x))
    assert high - low <= R(1, 10**20)
    assert low - R(1, 10**12) < at + R(str(root)) < high + R(1, 10**12)
    assert enclosed_roots(seam, x) == [(low, high)]


def test_what_encloses_no_root():
    assert len(enclosed_roots((x**5 - x - 1) * (x**2 + 1), x)) == 1
    assert len(enclosed_roots((x**5 - x - 1) * (x**3 - 5), x)) == 2
    assert enclosed_roots(sp.floor(x) + R(1, 2), x) == enclosed_roots(x + y, x) == []
    assert enclosed_roots(sp.tan(x) - 1, x) == enclosed_roots(x**2 + 1, x) == []


def test_exceptions_lie_within_the_domain():
    seam = x**5 - x - 1
    ((low, high),) = enclosed_roots(seam, x)
    middle = (low + high) / 2
    for ends, count in (((0, 5), 1), ((middle, 5), 0), ((0, middle), 0), ((-5, 0), 0)):
        points = Points({x}, [], {x: tuple(map(sp.sympify, ends))})
        assert len(list(points.exceptions([seam]))) == count


def test_where_a_seam_is_stationary():
    assert _special((x - 1) ** 2 + (y + 2) ** 2 - 3) == [{x: 1, y: -2}]
    assert _special(x**2 - 3 * x) == _special(sp.exp(x) + y) == []


def test_the_ladder_of_two_roots():
    tiny = [R(1, 10**e) for e in (3, 12, 30)]
    beside = {r + s * t for r in (2, 3) for t in tiny for s in (1, -1)}
    steps = ladder([sp.Integer(3), sp.Integer(2), sp.Integer(3)])
    assert steps[:5] == [2, 3, R(5, 2), 1, 4]
    assert set(steps) == {2, 3, R(5, 2), 1, 4, *beside, R(3, 2), 6}
    assert set(ladder([sp.S.Zero])) == {0, -1, 1, *tiny, *(-t for t in tiny)}
    assert ladder([]) == []


def test_an_interval_is_open_and_facts_are_kept():
    inside = {x: (R(0), R(1))}
    assert [_admits(x, v, inside) for v in (R(-1), R(0), R(1, 2), R(1), R(2))] == [0, 0, 1, 0, 0]
    even, none = sp.Symbol("e", even=True), {}
    assert [_admits(even, sp.Integer(v), none) for v in (1, 2)] == [False, True]
    assert not _admits(n, sp.Integer(0), none) and _admits(n, sp.Integer(1), none)


@pytest.mark.parametrize(
    ("interval", "low", "high"),
    [((-oo, 5), -oo, 5), ((3, oo), 3, oo), ((3, R(31, 10)), 3, R(31, 10)), (None, -oo, oo)],
)
def test_random_points_fill_the_interval(interval, low, high):
    points = Points({x}, [], {x: tuple(map(sp.sympify, interval))} if interval else {})
    drawn = [point[x] for point in points.at_random(100)]
    assert len(drawn) == 100 and len(set(drawn)) > 60
    assert all(low < v < high for v in drawn)
    if low > -oo:
        assert min(drawn) - low < (1 if high == oo else (high - low) / 10)
    assert drawn == [point[x] for point in Points({x}, [], points.intervals).at_random(100)]


def test_points_at_the_ends_of_an_interval_and_far_out():
    values = [p[x] for p in Points({x}, [], {x: (R(2), R(3))}).telling()]
    shares = (R(1, 2), R(1, 4), R(3, 4), R(1, 10), R(9, 10))
    assert {2 + s for s in shares} <= set(values)
    for t in (R(1, 100), R(1, 10**6), R(1, 10**30)):
        assert {2 + t, 3 - t} <= set(values)
    values = {p[x] for p in Points({x}, [], {}).telling()}
    for size in ("1e-100", "1e-30", "1e-10", "1e-3", "710", "1e3", "1e4", "1e6", "1e8", "1e40"):
        assert {R(size), -R(size)} <= values
    assert list(Points(set(), [], {}).telling()) == [{}]


def test_few_values_are_exhausted():
    def exhausted(symbols, **ends):
        by_name = {s.name: s for s in symbols}
        intervals = {by_name[s]: tuple(map(sp.sympify, pair)) for s, pair in ends.items()}
        return Points(symbols, [], intervals).exhausted()

    assert exhausted({m}, m=(-3, 4))
    assert not exhausted({m}, m=(-4, 4)) and not exhausted({m}, m=(-3, 5))
    assert not exhausted({x}, x=(0, 1)) and not exhausted({m, k}, m=(0, 2), k=(0, 2))


def test_points_beside_a_point():
    points = Points({x, m}, [], {})
    near = list(points.beside({x: sp.sqrt(2), m: sp.Integer(5)}, R(1, 1000), 30))
    assert len(near) == 30
    assert all(0 < abs(p[x] - sp.sqrt(2)) <= R(1, 1000) for p in near)
    assert {p[m] for p in near} == {3, 4, 6, 7}
    assert list(Points({x}, [], {x: (R(0), R(1))}).beside({x: R(-5)}, R(1, 1000), 9)) == []


# --- what is taken for equal --------------------------------------------------------------------

SHARED = Evaluator({}, 50)


def interval(low, width):
    with mpmath.workdps(60):
        return SHARED.ctx.mpf([mpmath.mpf(low), mpmath.mpf(low) + mpmath.mpf(width)])


@pytest.mark.parametrize(
    ("a", "b", "least", "wanted"),
    [
        (interval(1, 0), interval(1, 0), 30, ("same", 30)),
        (interval(1, "1e-40"), interval(1, "1e-40"), 30, ("same", 30)),
        (interval(1, "1e-35"), interval(1, 0), 30, ("same", 30)),
        (interval(1, "0.9e-30"), interval(1, 0), 30, ("same", 30)),
        (interval(1, "2e-30"), interval(1, 0), 30, ("open", 0)),
        (interval(1, "2e-12"), interval(1, 0), 10, ("same", 11)),
        (interval("1e-40", "1e-41"), interval("1e-40", 0), 30, ("close", 0)),
        (interval("1e-40", "1e-41"), interval("1e-40", 0), 42, ("open", 0)),
        (interval(1, 1), interval(3, 1), 30, ("apart", 0)),
        (interval(1, 1), interval(2, 1), 30, ("open", 0)),
        (interval(-1, "1e-40"), interval(-1, "1e-40"), 30, ("same", 30)),
        (interval(0, "1e-31"), interval(0, 0), 30, ("close", 0)),
    ],
)
def test_gap(a, b, least, wanted):
    assert gap(a, b, 50, least) == gap(b, a, 50, least) == wanted


@pytest.mark.parametrize(
    ("verdict", "compared", "blurred", "unclear", "agreed"),
    [
        ("same", 1, 0, 0, 1),
        ("close", 1, 0, 1, 0),
        ("open", 0, 1, 1, 0),
        ("blurred", 0, 1, 0, 0),
        ("none", 0, 0, 0, 0),
        ("apart", 0, 0, 0, 0),
    ],
)
@pytest.mark.parametrize("again", [False, True])
def test_what_a_point_counts_for(verdict, compared, blurred, unclear, agreed, again):
    c = _Comparison(x, x + 1, Points({x}, [], {}), False, {})
    c.compare = lambda point, precisions: verdict
    assert c.try_point({x: R(1)}, (50,), again=again) == (verdict == "apart")
    assert len(c.compared) == compared
    first = (blurred, unclear, agreed) if not again else (0, 0, 0)
    assert (len(c.blurred), len(c.unclear), len(c.agreed)) == first
    assert (c.found is not None) == (verdict == "apart")


@pytest.mark.parametrize(
    ("tried", "blurred", "least", "missing", "few", "enough"),
    [
        *((8, 0, 30, False, False, True), (7, 0, 30, False, False, False)),
        *((5, 0, 10, False, False, True), (4, 0, 10, False, False, False)),
        *((9, 9, 30, False, False, True), (9, 10, 30, False, False, False)),
        *((50, 0, 30, True, False, False), (1, 0, 30, False, True, True)),
        *((0, 0, 30, False, True, False), (3, 1, 30, False, True, False)),
    ],
)
def test_how_many_points_are_enough(tried, blurred, least, missing, few, enough):
    statement = Statement(None, x, x)
    points = SimpleNamespace(exhausted=lambda: few)
    statement.comparisons = [
        SimpleNamespace(compared=range(tried), blurred=range(blurred), least=least,
                        missing=missing, points=points)
    ]  # fmt: skip
    statement.finished = True
    assert statement.enough == enough
    assert Statement(None, sp.S.One, sp.S.One).enough is False


def test_values_at_points_that_are_no_fractions():
    for e, wanted in ((x**2, 2), (x**2 + y, R(7, 3)), (x * 0 + y, R(1, 3))):
        value = SHARED.interval(value_at(e, {x: sp.sqrt(2), y: R(1, 3)}, 50))
        with mpmath.workdps(60):
            assert abs(mpmath.mpf(str(sp.N(wanted, 60))) - mpmath.mpf(value.mid.a)) < 1e-45
    assert value_at(sp.log(x), {x: sp.S.Zero}, 50) is None
    seam = x**5 - x - 1
    (ends,) = enclosed_roots(seam, x)
    zero = sp.Piecewise((1, sp.Eq(seam, 0)), (2, True))
    assert value_at(zero, {}, 50, (x, ends, seam)) == 1
    assert value_at(zero, {x: R(1)}, 50) == 2


@pytest.mark.parametrize(
    ("e", "far"),
    [
        (Sum(sp.Max(k, 10**5), (k, 1, n)), True),
        (Sum(sp.Max(k, 2001), (k, 1, n)), True),
        (Sum(sp.Max(k, 2000), (k, 1, n)), False),
        (Sum(X[k], (k, 1, n)) + sp.Abs(n - 10**5), True),
        (sp.Product(sp.Abs(k - 5000), (k, 1, n)), True),
        (Sum(sp.floor(k / 10**4), (k, 1, n)), True),
        (Sum(sp.Max(k, 10**5), (k, 1, 9)), False),
        (Sum(sp.Max(k, x), (k, 1, n)), False),
        (sp.Max(n, 10**5), False),
    ],
    ids=str,
)
def test_what_is_beyond_the_terms_that_can_be_added(e, far):
    assert far_terms(e, sp.S.One) == far_terms(sp.S.One, e) == far


def test_short():
    assert short(x + 1) == "x + 1"
    long = sp.Symbol("a" * 81)
    assert short(sp.Symbol("a" * 80)) == "a" * 80 and short(long) == "a" * 77 + "..."
    assert short(sp.Integer(10) ** 10**4) == "a Integer"


# --- the second witness -------------------------------------------------------------------------

GAUSS = sp.exp(-(x**2))
WITNESSED = [
    (Integral(sp.sin(x), (x, 0, sp.pi)), sp.Integer(2)),
    (Integral(GAUSS, (x, -oo, oo)), sp.sqrt(sp.pi)),
    (Integral(sp.Abs(x - R(1, 3)), (x, 0, 1)), R(5, 18)),
    (Integral(x * y, (x, 0, y), (y, 0, 1)), R(1, 8)),
    (Integral(sp.exp(-x), (x, 0, oo)) + 1, sp.Integer(2)),
    (Integral(sp.sin(x), (x, 0, 2 * sp.pi)), sp.S.Zero),
    (Integral(sp.exp(x), (x, 0, 30)), sp.exp(30) - 1),
    (Sum(1 / k**2, (k, 1, oo)), sp.pi**2 / 6),
    (Sum(k, (k, 1, 10)), sp.Integer(55)),
    (sp.Product(1 - 1 / k**2, (k, 2, oo)), R(1, 2)),
    (sp.Product(k, (k, 1, 5)), sp.Integer(120)),
    (sp.Limit(sp.sin(x) / x, x, 0), sp.S.One),
    (sp.Limit(sp.sign(x), x, 0, "-"), -sp.S.One),
    (sp.Limit((1 + 1 / x) ** x, x, oo), sp.E),
    (sp.Limit(sp.atan(x), x, -oo), -sp.pi / 2),
]
NOT_WITNESSED = [
    Integral(1 / x, (x, 0, 1)),
    Integral(sp.sqrt(x - 2), (x, 0, 1)),
    Integral(Integral(x * y, (x, 0, y)) * y, (y, 0, 1)),
    Sum(sp.I**k / k, (k, 1, oo)),
    Sum(1 / (1 + k**2), (k, -oo, oo)),
    sp.Limit(1 / x, x, 0),
    sp.Limit(sp.sign(x), x, 0, "+-"),
    sp.Limit(sp.sin(x), x, oo),
    sp.Limit(sp.sqrt(x - 1), x, 0),
    sp.Limit(Sum(x, (k, 1, 3)), x, 0),
]


@pytest.mark.parametrize(("e", "value"), WITNESSED, ids=str)
def test_a_number_agrees(e, value):
    assert agree(e, value, {}) is agree(value, e, {}) is True
    for error in (R(1, 10**7), R(-1, 10**7), R(1, 10**9)):
        assert agree(e, value + error * (1 + abs(value)), {}) is (error == R(1, 10**9))


@pytest.mark.parametrize("e", NOT_WITNESSED, ids=str)
def test_where_no_number_can_be_had(e):
    for value in (0, 1, sp.oo):
        assert agree(e, sp.sympify(value), {}) is None


def test_a_number_at_a_point():
    e = Integral(sp.cos(x * y), (x, 0, 1))
    assert agree(e, sp.sin(y) / y, {y: R(3, 2)}) is True
    assert agree(e, sp.sin(y), {y: R(3, 2)}) is False


# --- undefined functions, the budget ------------------------------------------------------------


def test_functions_differ_from_one_another_and_by_variant():
    f, g, h = sp.symbols("f g h", cls=sp.Function)
    bodies = []
    for variant in range(4):
        chosen = concrete({f: {1}, g: {1}, h: {2}}, variant)
        assert [len(chosen[each].variables) for each in (f, g, h)] == [1, 1, 2]
        bodies += [chosen[f].expr, chosen[g].expr]
        a, b = chosen[h].variables
        assert sp.expand(chosen[h].expr - chosen[h](b, a)) != 0  # not symmetric
        assert chosen[h].expr.diff(a).has(b)  # and no sum of two
    assert len(set(bodies)) == 4
    assert all(bodies[2 * i] != bodies[2 * i + 1] for i in range(4))


def test_derivatives_are_carried_out():
    i, j = sp.symbols("i j", integer=True)
    delta = sp.Piecewise((1, sp.Eq(i, j)), (0, True))
    assert differentiated(sp.KroneckerDelta(i, j) + x) == delta + x
    assert differentiated(sp.Derivative(x**4, (x, 2))) == 12 * x**2
    assert differentiated(sp.Derivative(x**2 * y**3, x, y)) == 6 * x * y**2
    assert differentiated(sp.Subs(sp.Derivative(sp.sin(y), y), y, x**2)) == sp.cos(x**2)
    f, g = sp.symbols("f g", cls=sp.Function)
    for variant in range(4):
        chosen = concrete({f: {1}, g: {1}}, variant)
        chain = with_functions(f(g(x)).diff(x) * f(x).diff(x, 2), chosen)
        outer, inner = chosen[f], chosen[g]
        wanted = outer(inner(x)).diff(x) * outer(x).diff(x, 2)
        assert abs(sp.N((chain - wanted).subs(x, R(3, 7)), 30)) < 1e-25
        assert abs(sp.N(wanted.subs(x, R(3, 7)))) > 1e-3


def filled(e, value):
    return sp.Piecewise((e, sp.Ne(x, 0)), (value, True))


@pytest.mark.parametrize(
    ("f", "at_0"),
    [
        (filled(sp.sin(x) / x, 1), 0),
        (filled((sp.exp(x) - 1) / x, 1), R(1, 2)),
        (filled(((1 + x) ** 3 - 1) / x, 3), 3),
        (filled((1 - sp.cos(x)) / x, 0), R(1, 2)),
        (filled((sp.exp(x) - 1) / (x + x**2), 1), -R(1, 2)),
        (filled((sp.exp(2 * x) - 1) / sp.sin(x), 2), 2),
        (filled(sp.sin(x) / x, 2), sp.nan),
        (filled(x, 1), sp.nan),
        (filled(x**2, 0), 0),
        (sp.Abs(x), sp.nan),
        (x * sp.Abs(x) + 3 * x, 3),
        (sp.Max(x, x**2 + x), 1),
        (sp.Max(0, 2 * x), sp.nan),
        (piece(x > 0), sp.nan),
        (sp.Piecewise((x**2, x > 0), (-(x**3), True)), 0),
        (sp.Piecewise((x, x >= 0), (sp.sin(x), True)), 1),
        (sp.Piecewise((x, x < 0), (7, sp.Eq(x, 0)), (sp.sin(x), True)), sp.nan),
        (sp.Piecewise((x, x**3 > 0), (2 * x, True)), sp.nan),
    ],
    ids=str,
)
def test_slopes_at_a_seam(f, at_0):
    d = slope(f, x)
    assert d.subs(x, 0).doit() == at_0
    for at in (-R(1, 3), R(1, 5)):  # beside it: the slope of its piece
        h = R(1, 10**12)
        rise = (f.subs(x, at + h) - f.subs(x, at - h)) / (2 * h)
        assert abs(sp.N(d.subs(x, at) - rise, 30)) < 1e-9


@pytest.mark.parametrize(
    "f",
    [
        sp.Abs(x) * sp.Abs(x - y),  # two seams that meet
        filled(sp.exp(-1 / x**2), 0),  # flat to all orders
        sp.floor(x),
        Integral(sp.Abs(x - y), (y, 0, 1)),
        Integral(sp.sign(y), (y, -1, x)),
        Sum(sp.Abs(x - k), (k, 0, n)),
    ],
    ids=str,
)
def test_where_no_slope_is_known(f):
    assert slope(f, x).subs({x: 0, y: 0}, simultaneous=True).has(Unknown)


def test_shares_of_the_budget():
    assert Clock(10).at_most(3) == 3
    assert 9 < Clock(10).at_most(100) <= 10
    assert Clock(-1).at_most(3) == 0.05
    assert 3.4 < Clock(14).share(0.5, 2) <= 3.5 and 0.4 < Clock(1).share(0.5, 1) <= 0.5
    assert countdown("abc") == [(3, "a"), (2, "b"), (1, "c")]
