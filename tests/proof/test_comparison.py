"""Comparing point by point: what a point says, what is asked next, who is a witness."""

from fractions import Fraction
from types import SimpleNamespace

import mpmath
import pytest
import sympy as sp

from nnbook.proof import comparison
from nnbook.proof.budget import Clock
from nnbook.proof.comparison import (
    PRECISIONS,
    Statement,
    _both_numbers,
    _Comparison,
    value_at,
)
from nnbook.proof.enclosure import Blurred, Evaluator
from nnbook.proof.sampling import Points

R = sp.Rational
x, t = sp.symbols("x t", real=True)
SHARED = Evaluator({}, 50)
HALF_I = Evaluator({}, 50)(sp.I / 2)  # an enclosure of a number that is not real


def pair(lhs=x, rhs=x + 1):
    return _Comparison(lhs, rhs, Points({x}, [], {}), False, {})


def ends(interval):
    return [mpmath.mp.make_mpf(end) for end in interval._mpi_]


def test_a_zero_lies_within_its_bounds_rounded_outward():
    bounds = R(1, 3), R(2, 3)
    low, high = ends(value_at(x, {}, 50, (x, bounds, x - R(1, 2))))
    with mpmath.workdps(100):
        third = mpmath.mpf(1) / 3
        assert third - mpmath.mpf(10) ** -48 < low < third
        assert 2 * third < high < 2 * third + mpmath.mpf(10) ** -48


@pytest.mark.parametrize("turns", [1, 1000])
def test_what_is_real_but_for_the_last_digits_is_real(turns):
    value = value_at(sp.exp(sp.I * sp.pi * x), {x: sp.Integer(2 * turns)}, 50)
    assert value.mid == 1 and not comparison.is_complex(value)


@pytest.mark.parametrize("turns", [10**20, 10**35])
def test_what_may_well_be_not_real_is_not_known(turns):
    with pytest.raises(Blurred):
        value_at(sp.exp(sp.I * sp.pi * x), {x: sp.Integer(2 * turns)}, 50)


def told(monkeypatch, *values):
    """Values one after the other for both sides, point after point; the digits asked for."""
    asked, waiting = [], iter(values)

    def value(e, point, digits, near=None):
        asked.append(digits)
        found = next(waiting)
        if found is Blurred:
            raise Blurred
        return found

    monkeypatch.setattr(comparison, "value_at", value)
    return asked


ONE, TWO = Fraction(1), Fraction(2)


@pytest.mark.parametrize(
    ("values", "verdict", "digits"),
    [
        ((ONE, ONE), "same", [50, 50]),
        ((ONE, TWO), "apart", [50, 50]),
        ((Blurred, ONE, ONE), "same", [50, 150, 150]),
        ((Blurred, ONE, TWO), "apart", [50, 150, 150]),
        ((Blurred, Blurred), "blurred", [50, 150]),
        ((SHARED.ctx.mpf([1, 2]), ONE, ONE, ONE), "same", [50, 50, 150, 150]),
        ((SHARED.ctx.mpf([1, 2]), ONE, Blurred), "blurred", [50, 50, 150]),
        ((None, None), "none", [50, 50]),
        ((None, ONE), "half", [50, 50]),
        ((ONE, None), "half", [50, 50]),
        ((HALF_I, HALF_I), "none", [50, 50]),
        ((HALF_I, ONE), "half", [50, 50]),
    ],
)
def test_more_digits_are_asked_for_until_a_point_is_decided(values, verdict, digits, monkeypatch):
    asked = told(monkeypatch, *values)
    assert pair().compare({x: R(1)}, (50, 150)) == verdict
    assert asked == digits


@pytest.mark.parametrize(
    "values", [(None, ONE), (ONE, None), (HALF_I, ONE), (ONE, HALF_I), (Blurred,), (ONE, ONE)]
)
def test_an_exception_that_says_nothing_is_passed_by(values, monkeypatch):
    told(monkeypatch, *values, ONE, TWO)
    c = pair()
    places = [({}, x, (R(k), R(k)), x - k) for k in (1, 2)]
    c.points = SimpleNamespace(exceptions=lambda equalities: places)
    c.try_exceptions()
    assert (float(c.found[0][x]), *c.found[1:]) == (2, 1, 2)


@pytest.mark.parametrize(
    ("values", "digits"),
    [
        ((None, ONE), 50),
        ((ONE, None), 50),
        ((HALF_I, ONE), 50),
        ((ONE, HALF_I), 50),
        ((ONE, TWO), 50),
        ((Blurred, ONE, TWO), 150),
        ((ONE, Blurred, ONE, TWO), 150),
    ],
)
def test_the_digits_of_a_counterexample(values, digits, monkeypatch):
    asked = told(monkeypatch, *values)
    _both_numbers(x, x + 1, {x: R(1)})
    assert asked[-1] == digits and len(asked) == len(values)


def test_a_closer_look_leaves_the_record_as_it_is():
    points = [{x: R(k)} for k in range(5)]
    for where in ("unclear", "agreed"):
        c, seen = pair(), []
        c.points = SimpleNamespace(at_random=lambda count: [])
        setattr(c, where, list(points))
        c.compare = lambda point, digits, seen=seen: seen.append((point[x], digits)) or "open"
        c.look_closer()
        assert getattr(c, where) == points and c.blurred == []
        finest = [(k, PRECISIONS[-1:]) for k in range(5)]
        assert seen[-5:] == finest
        assert seen[:-5] == ([(k, (600,)) for k in range(5)] if where == "unclear" else [])


def test_the_finest_look_goes_on_until_a_point_is_apart():
    c = pair()
    c.points = SimpleNamespace(at_random=lambda count: [])
    c.agreed = [{x: R(k)} for k in range(5)]
    c.compare = lambda point, digits: "apart" if point[x] == 3 else "same"
    c.look_closer()
    assert c.found[0] == {x: 3}


@pytest.mark.parametrize(
    ("half", "region"),
    [(lambda v: True, True), (lambda v: False, False), (lambda v: v.q < 10**4, False)],
)
def test_a_side_without_a_value_on_a_whole_neighbourhood(half, region):
    """Beside the point, and beside that place as well."""
    c = pair()
    c.compare = lambda point, digits: "half" if half(point[x]) else "same"
    assert c.is_region({x: R(1, 3)}) is region
    assert c.is_region({}) is True


# --- the second witness


def statement(symbols=True, compared=0, limits=True):
    e = sp.Limit((x if symbols else 1) + t, t, 0)
    made = Statement(None, e if limits else x, x if symbols else sp.S.One)
    points = Points({x}, [], {x: (R(1), R(2))})
    made.comparisons = [
        SimpleNamespace(compared=range(compared), points=points, blurred=[], lhs=x, rhs=x)
    ]
    return made


def answering(monkeypatch, *answers):
    asked, waiting = [], iter(answers)
    monkeypatch.setattr(
        comparison.estimates, "agree", lambda lhs, rhs, point: asked.append(point) or next(waiting)
    )
    return asked


@pytest.mark.parametrize(
    ("answers", "count"),
    [
        ((True, True, True, True), 4),
        ((True, None, True, None, True, None), 3),
        ((None, None, True, None, True, None), 2),
        ((None, None, True, None, None, None), 0),
        ((None,) * 6, 0),
        ((True, True, False), 0),
    ],
)
def test_witnesses_of_a_statement_with_symbols(answers, count, monkeypatch):
    asked = answering(monkeypatch, *answers)
    assert statement().witnesses(Clock(9)) == count
    assert len(asked) == len(answers)
    assert all(1 < point[x] < 2 for point in asked)


@pytest.mark.parametrize(("answer", "count"), [(True, 1), (None, 0), (False, 0)])
def test_witnesses_of_a_statement_without(answer, count, monkeypatch):
    asked = answering(monkeypatch, answer)
    assert statement(symbols=False).witnesses(Clock(9)) == count
    assert asked == [{}]


def test_points_that_were_compared_are_witnesses(monkeypatch):
    answering(monkeypatch)
    assert statement(compared=3).witnesses(Clock(9)) == 3
    assert statement(symbols=False, compared=1).witnesses(Clock(9)) == 1


@pytest.mark.parametrize(
    ("answers", "known"),
    [
        ((True, True, None, None), True),
        ((True, None, None), False),
        ((True, True, True, False), False),
        ((), True),
    ],
)
def test_where_nothing_is_enclosed_most_numbers_must_agree(answers, known, monkeypatch):
    made = statement()
    made.comparisons[0].blurred = [{x: R(k)} for k in range(1, len(answers) + 1)]
    asked = answering(monkeypatch, *answers)
    assert made.known_where_blurred(Clock(9)) is known
    assert len(asked) == len(answers)


def test_only_limits_are_asked_for_again(monkeypatch):
    asked = answering(monkeypatch)
    made = statement(limits=False)
    made.comparisons[0].blurred = [{x: R(1)}]
    assert made.known_where_blurred(Clock(9)) is True and asked == []


def test_seconds_are_shared_among_the_comparisons(monkeypatch):
    given = []
    made = statement(limits=False)
    two = [SimpleNamespace(found=None, look=None, look_closer=None, compared=[])] * 2
    monkeypatch.setattr(
        comparison, "within", lambda seconds, f, *args: given.append(seconds) or two
    )
    made.look({}, 8.0)
    assert given == [8, 4, 4]
    given.clear()
    made.look_closer(8.0)
    assert given == [4, 4] and made.finished


def test_undefined_functions_are_real_unless_they_say_more():
    f = sp.Function("f")(x)
    assert Statement(None, f, f).lhs.is_real is True
    positive = sp.Function("f", positive=True)(x)
    assert Statement(None, positive, x).lhs == positive
    assert Statement(None, x, x).trivial is False
