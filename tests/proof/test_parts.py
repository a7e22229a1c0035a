"""The prover's parts by tables: where it looks, what it takes for equal, its second witness."""

from fractions import Fraction
from types import SimpleNamespace

import mpmath
import pytest
import sympy as sp

from nnbook.proof import comparison
from nnbook.proof.budget import Clock, countdown
from nnbook.proof.comparison import (
    Statement,
    _both_numbers,
    _Comparison,
    _comparisons,
    _numbered,
    entries_used,
    far_terms,
    gap,
    short,
    value_at,
)
from nnbook.proof.enclosure import Evaluator, entry_of
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
from nnbook.proof.slopes import Unknown, _broken, _ratio, slope

R, oo, Integral, Sum = sp.Rational, sp.oo, sp.Integral, sp.Sum
x, y, z = sp.symbols("x y z", real=True)
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
        (sp.exp(x) + 2, set()),
        (x**2 + 1, set()),
        (x + y, set()),
        (sp.erf(x) - 2, set()),  # SymPy answers erfinv(2), which is no number
        (sp.erf(x) ** 2 + 1, set()),
    ],
)
def test_roots(seam, wanted):
    assert roots_of(seam, x) == wanted


@pytest.mark.parametrize("at", [0, -13, 800, 10**8])
def test_a_root_without_a_formula_is_between_two_rationals(at):
    seam = x - at + sp.atan(x - at) + R(1, 3) * sp.cos(x - at)
    root = mpmath.findroot(lambda v: v + mpmath.atan(v) + mpmath.cos(v) / 3, -0.15)
    low, high = sorted(roots_of(seam, x))
    assert high - low <= R(1, 10**20)
    assert low - R(1, 10**12) < at + R(str(root)) < high + R(1, 10**12)
    assert enclosed_roots(seam, x) == [(low, high)]


def test_roots_that_are_rational_or_beside_an_integer():
    quintic = x**5 - x - 1
    (root,) = roots_of(quintic, x)
    assert root.is_Rational and abs(quintic.subs(x, root)) < R(1, 10**38)
    assert roots_of(m + sp.atan(m) - 300, m) == {298, 299}


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


def test_boxes_and_the_ends_of_an_interval_among_seams():
    a, b = sp.symbols("a b", real=True)
    low, high = sp.Integer(2), 2 + R(1, 10**9)
    walls = [v - end for v in (x, y, a) for end in (low, high)]
    inside = [p for p in Points({x, y, a, b}, walls, {}).telling() if low < p[x] < high]
    assert any(low < p[y] < high and low < p[a] < high for p in inside)
    points = Points({x, y}, [x - 3], {x: (R(0), R(10))})
    assert {R(3), R(3, 2), R(13, 2)} <= {p[x] for p in points.telling()}


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
        (Fraction(1, 3), Fraction(1, 3), 30, ("same", 30)),
        (Fraction(1, 3), Fraction(1, 3) + Fraction(1, 10**99), 30, ("apart", 0)),
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
    ("e", "width", "verdict", "digits"),
    [
        *((x, "1e-40", "same", 30), (x, "2e-12", "open", 30)),
        *((Integral(x, x), "2e-12", "same", 11), (Integral(x, x), "1e-9", "open", 30)),
    ],
)
def test_the_digits_that_agree(e, width, verdict, digits, monkeypatch):
    values = {e: interval(1, width), x + 1: interval(1, 0)}
    monkeypatch.setattr(comparison, "value_at", lambda e, point, digits: values[e])
    c = _Comparison(e, x + 1, Points({x}, [], {}), False, {})
    assert c.compare({x: R(1)}, (50,)) == verdict
    assert c.digits == digits


def test_each_unclear_point_is_looked_at_closer():
    points = [{x: R(place)} for place in range(4)]
    c = _Comparison(x, x + 1, SimpleNamespace(at_random=lambda count: []), False, {})
    c.unclear = points
    c.compare = lambda point, digits: "apart" if (point[x], digits) == (2, (600,)) else "close"
    c.look_closer()
    assert c.found[0] == points[2]


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


@pytest.mark.parametrize("known", [True, False])
def test_a_witness_that_disagrees_is_asked_once(known):
    statement, asked = Statement(None, x, x), []
    statement.known_where_blurred = lambda clock: asked.append(clock) or known
    comparison = SimpleNamespace(compared=range(9), found=None, look_closer=lambda: None)
    statement.comparisons = [comparison]
    assert statement.witnesses(Clock(1)) == (9 if known else 0)
    assert statement.look_closer(1.0) is False
    assert (len(asked), statement.doubtful) == (2 if known else 1, not known)


@pytest.mark.parametrize(
    ("symbols", "count", "words"),
    [
        *(({x}, 0, None), ({x}, 1, "a rule; 1 point agrees"), ({x}, 2, "a rule; 2 points agree")),
        *((set(), 1, "a rule; a number agrees"), (set(), 0, None)),
    ],
)
def test_what_is_said_of_witnesses(symbols, count, words, monkeypatch):
    monkeypatch.setattr(comparison, "reduce", lambda *_: ("computed", "a rule", False, True))
    e = sum(symbols, sp.S.One)
    statement = Statement(None, e, e)
    statement.comparisons = [SimpleNamespace(compared=[1], unclear=[])]
    statement.witnesses = lambda clock: count
    statement.reduce({}, 1.0)
    assert statement.method == words
    assert statement.status == ("computed" if count else None)


def test_the_seams_that_a_limit_goes_to():
    e = sp.Limit(sp.Abs(y) + sp.floor(x + y), y, 0, "+")
    assert Statement(None, e, x).seams_of_limits() == [x, x + 1, x - 1]


def test_a_side_with_i_may_be_complex():
    for lhs, rhs, complex_numbers in ((sp.I * x, x, 1), (x, sp.I + x, 1), (x, x + 1, 0)):
        (comparison,) = _comparisons(lhs, rhs, {x}, {})
        assert comparison.explicit_complex == complex_numbers
        assert comparison.compare({x: R(1)}, (50,)) == "apart"
    root = _comparisons(sp.sqrt(x), sp.I * sp.sqrt(-x), {x}, {})[0]
    assert root.compare({x: R(-2)}, (50,)) == "same"
    assert _comparisons(sp.sqrt(x), sp.sqrt(-x), {x}, {})[0].compare({x: R(-2)}, (50,)) == "half"


def test_undefined_functions_are_real():
    f = sp.Function("f")
    statement = Statement(None, f(x), sp.Abs(f(x)))
    assert statement.lhs.is_real and statement.rhs == sp.Abs(statement.lhs)


def test_complex_values_of_a_counterexample():
    a, b = _both_numbers(3 * sp.sqrt(x) + 1, x, {x: R(-4)})
    assert abs(a - (1 + 6 * sp.I)) < 1e-30 and b == -4


def test_the_entries_that_a_counterexample_reads():
    base = _numbered(X, 1, [])
    for point, last in (({n: sp.Integer(3)}, 3), ({n: sp.Integer(9)}, 4), ({x: R(5)}, 1)):
        sides = {"lhs": Sum(base[k], (k, 1, n)), "rhs": sp.S.Zero}
        read = entries_used(SimpleNamespace(found=(point, 0, 0), **sides))
        assert [str(entry) for entry in read] == [f"X[{place}]" for place in range(1, last + 1)]
        assert list(read.values()) == [entry_of(base, (place,)) for place in range(1, last + 1)]


def test_the_seams_that_an_entry_of_a_sequence_may_meet():
    entry = X[k]
    for seam, met in ((entry - 7, "7"), (sp.Max(entry, 3) - 9, "9"), (sp.Abs(entry) - 5, "-5")):
        assert {"X", "2", met} <= set(_numbered(X, 2, [seam]).label.name.split("#"))
    for seam in (entry - x, entry - X[m], X[k + 1] * X[k] - 4):
        assert _numbered(X, 0, [seam]).label.name == "X#0"


def test_values_at_points_that_are_no_fractions():
    for e, wanted in ((x**2, 2), (x**2 + y, R(7, 3)), (x * 0 + y, R(1, 3))):
        value = SHARED.interval(value_at(e, {x: sp.sqrt(2), y: R(1, 3)}, 50))
        with mpmath.workdps(60):
            assert abs(mpmath.mpf(str(sp.N(wanted, 60))) - mpmath.mpf(value.mid.a)) < 1e-45
    assert value_at(sp.log(x), {x: sp.S.Zero}, 50) is None
    assert value_at(sp.I * x + x, {x: sp.S.Zero}, 50) == 0
    i, same = (sp.Piecewise((sp.I, x > low), (0, True)) for low in (0, -1))
    assert value_at(i * same + 1, {x: R(1)}, 50) == 0  # a complex 0
    seam = x**5 - x - 1
    (ends,) = enclosed_roots(seam, x)
    zero = sp.Piecewise((1, sp.Eq(seam, 0)), (2, True))
    assert value_at(zero, {}, 50, (x, ends, seam)) == 1
    assert value_at(zero, {x: R(1)}, 50) == 2


@pytest.mark.parametrize(("places", "digits"), [(10, 50), (100, 150), (400, 600)])
def test_a_counterexample_has_the_digits_that_tell_it_apart(places, digits):
    point = {x: R(1, 3)}
    a, b = _both_numbers(sp.exp(x), sp.exp(x) + R(1, 10**places), point)
    assert a != b and sp.N(b - a, 10) == R(1, 10**places).n(10)
    assert {a._prec, b._prec} == {value_at(sp.exp(x), point, digits).ctx.prec}


@pytest.mark.parametrize(
    ("e", "far"),
    [
        (Sum(sp.Max(k, 10**6), (k, 1, n)), True),
        (Sum(sp.Max(k, 10), (k, 1, n)), False),
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
    (sp.Limit(sp.sin(x) / x, x, 0, "+-"), sp.S.One),
    (sp.Limit(x / (1 + sp.exp(1 / x)), x, 0, "+-"), sp.S.Zero),
    (sp.Limit(3 + sp.sign(x) / 10**11, x, 0, "+-"), sp.Integer(3)),
    (Integral(sp.exp(-((x - 60) ** 2)), (x, -oo, oo)), sp.sqrt(sp.pi)),
    (Integral(sp.exp(-((x + 60) ** 2)), (x, -oo, oo)), sp.sqrt(sp.pi)),
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
    sp.Limit(3 + sp.sign(x) / 10**7, x, 0, "+-"),
    Integral(x, (x, 0, 1)) * sp.I,
    Integral(x, (x, 0, 1)) + y,
    Sum(Sum(2 ** (-k - m), (m, 0, 3)), (k, 0, oo)),
    Integral(x * y * z, (x, 0, 1), (y, 0, 1), (z, 0, 1)),
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


@pytest.mark.parametrize(
    ("size", "error", "wanted"),
    [(1, 0, True), (1, 1e-10, True), (1, 1e-8, None), (1, 1, None), (10**6, 1e-4, True)],
)
def test_sums_from_two_starts_agree_or_there_is_no_number(size, error, wanted, monkeypatch):
    def wrong_from_7_on(f, ends):
        return 2 * f(ends[0]) + (error if ends[0] > 6 else 0)

    monkeypatch.setattr(mpmath, "nsum", wrong_from_7_on)
    assert agree(Sum(size / 2**k, (k, 0, oo)), sp.Integer(2 * size), {}) is wanted


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
        for arity in (2, 3):
            (mixed,) = concrete({h: {arity}}, variant).values()
            assert mixed(*range(1, arity + 1)).is_finite
    assert len(set(bodies)) == 4
    assert all(bodies[2 * i] != bodies[2 * i + 1] for i in range(4))
    for body in bodies:  # smooth: no pole, no corner
        (u,) = body.free_symbols
        assert all(
            body.diff(u, order).subs(u, at).is_finite for at in range(-3, 4) for order in (0, 1)
        )
        assert body.diff(u, 2) != 0 and {type(body.subs(u, at)) for at in (-1, 1)}


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
    corner = with_functions(sp.Derivative(sp.Max(g(x), 3), g(x)), {g: sp.Lambda(x, x**3)})
    assert [corner.subs(x, at) for at in (-2, 1, 2)] == [0, 0, 1]


def test_a_derivative_or_a_substitution_leaves_an_integral_as_it_is():
    wrong = Integral(sp.Abs(sp.sin(y)), (y, 2 * sp.pi, 4 * sp.pi))  # 0 by SymPy's antiderivative
    assert differentiated(sp.Subs(x * wrong, x, z)) == z * wrong
    assert differentiated(sp.Subs(Integral(x * y, (y, 0, 1)), x, z)) == Integral(z * y, (y, 0, 1))
    assert differentiated(sp.Subs(sp.Limit(x * y, y, 0), x, z)) == sp.Limit(z * y, y, 0)
    power = sp.Derivative(x * wrong, (x, n))
    assert differentiated(power).has(Integral) and differentiated(sp.Subs(power, x, z)).has(
        Integral
    )
    f = sp.Function("f", real=True)
    assert differentiated(sp.Subs(sp.Derivative(f(y), y), y, x * wrong)).has(Integral)
    to_z, constant = sp.Limit(x * y, y, z), sp.Limit(x, y, 0)
    assert differentiated(sp.Subs(to_z, z, k)) == sp.Limit(x * y, y, k)
    assert differentiated(sp.Subs(constant, x, z)) == sp.Limit(z, y, 0)
    assert differentiated(sp.Subs(x * z**2, (x, z), (z, x))) == z * x**2  # all at once
    for taken in (sp.Limit(x * y, y, 0), Integral(x * y, (y, 0, 1)), Sum(x * k, (k, 0, 2))):
        bound = k if taken.has(k) else y
        for variable, value in ((x, bound**2), (bound, x)):
            with pytest.raises(NotImplementedError, match="taken for the variable of"):
                differentiated(sp.Subs(taken, variable, value))


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
        (filled((sp.exp(x) - 1 - x) / x**2, R(1, 2)), R(1, 6)),
        (filled((x - sp.sin(x)) / x**3, R(1, 6)), 0),
        (filled(sp.sin(x) / x, 2), sp.nan),
        (filled(x, 1), sp.nan),
        (filled(x**2, 0), 0),
        (sp.Abs(x), sp.nan),
        (x * sp.Abs(x) + 3 * x, 3),
        (sp.Max(x, x**2 + x), 1),
        (sp.Max(0, 2 * x), sp.nan),
        (sp.Max(x**2, x**3), 0),
        (piece(x > 0), sp.nan),
        (piece(x >= 0), sp.nan),
        (sp.Piecewise((x**2, x > 0), (-(x**3), True)), 0),
        (sp.Piecewise((x**2, -x > 0), (x, True)), sp.nan),
        (sp.Piecewise((x, -x > 0), (x**2, True)), sp.nan),
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
        filled(sp.sin(x**7) / x**7, 1),  # a hole of higher order than the coefficients tried
        sp.floor(x),
        Integral(sp.Abs(x - y), (y, 0, 1)),
        Integral(sp.sign(y), (y, -1, x)),
        Sum(sp.Abs(x - k), (k, 0, n)),
    ],
    ids=str,
)
def test_where_no_slope_is_known(f):
    assert slope(f, x).subs({x: 0, y: 0}, simultaneous=True).has(Unknown)


def test_a_seam_lies_where_both_sides_of_a_relation_meet():
    f = sp.Piecewise((x, x > 1), (1, True))
    assert [slope(f, x).subs(x, at) for at in (-1, 0, 1, 2)] == [0, 0, sp.nan, 1]
    f = sp.Piecewise((x**2 + 1, x > 1), (2 * x, True))
    assert [slope(f, x).subs(x, at) for at in (-1, 1, 2)] == [2, 2, 4]


def test_the_sign_of_a_condition_by_the_side_of_its_seam():
    for s in (x, sp.Max(x, y)):
        assert _ratio(s, s, x, None) == (1, 1) and _ratio(-s, s, x, None) == (-1, 1)
    assert _ratio(-3 * x**2, x, x, None) == (-1, 2) and _ratio(x**5, x, x, None) is None
    assert _ratio(x * y, x, x, None) is None and _ratio(sp.Abs(x), x, x, None) is None
    assert _ratio(x, x + sp.Max(x, y), x, None) is None
    assert _ratio(x * (x + 2), x, x, sp.S.Zero) == (1, 1)


def test_where_a_limit_or_an_integral_moves_its_seams():
    jump = sp.floor(y)
    assert _broken(sp.Limit(jump, y, x), x) and not _broken(sp.Limit(jump, y, 0), x)
    assert _broken(Integral(jump, (y, 0, x)), x) and not _broken(Integral(jump, (y, 0, 1)), x)
    assert not _broken(Integral(jump, (x, 0, 1)), x)  # its own variable
    assert not _broken(Integral(y**2, (y, 0, x)), x)


def test_a_kink_under_an_integral_up_to_x():
    assert slope(Integral(sp.Abs(y), (y, -1, x)), x) == sp.Abs(x)


def test_shares_of_the_budget():
    assert Clock(10).at_most(3) == 3
    assert 9 < Clock(10).at_most(100) <= 10
    assert Clock(-1).at_most(3) == 0.05
    assert 3.4 < Clock(14).share(0.5, 2) <= 3.5 and 0.4 < Clock(1).share(0.5, 1) <= 0.5
    assert countdown("abc") == [(3, "a"), (2, "b"), (1, "c")]
