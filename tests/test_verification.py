"""Tests of the checker: a broken record must be caught, and the check must say what is wrong."""

import numpy as np
import pytest
import sympy as sp
from scipy.special import expit

from nnbook.activations import elu, gelu, gelu_tanh, leaky_relu, sigmoid, softplus, swish, tanh
from nnbook.autodiff import grad
from nnbook.formula import formula
from nnbook.verification import Summary, Way, compare, evaluate, grid

x = sp.Symbol("x", real=True)
slope = sp.Symbol("slope", real=True)
SIGMOID = 1 / (1 + sp.exp(-x))
RELU = sp.Piecewise((x, x > 0), (0, True))
VALUE, HAND, AUTODIFF = "value", "derivative by hand", "autodiff"
DIFFERENCES = "central differences"
ALL_WAYS = [VALUE, HAND, AUTODIFF, DIFFERENCES]
OF_THE_BODY = [VALUE, AUTODIFF, DIFFERENCES]


def record(expr, fn, dfn):
    made = formula(expr, x)(fn)
    made.derivative(dfn)
    return made


def phi(x):
    return np.exp(-(np.clip(x, -40, 40) ** 2) / 2) / np.sqrt(2 * np.pi)


def relu(x):
    return np.where(x <= 0, 0, x)


def relu_as_maximum(x):
    return np.maximum(x, 0)


def mirrored_sigmoid(x):
    """The right values; but -|x| has a kink at 0, where the traced slope is 0 in place of 1/4."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def fine_steps(x):
    """x itself, all digits of it: the steps are finer than any number here, but they are steps."""
    return np.floor(x * 2.0**100) / 2.0**100


# what is broken, the expression, fn, dfn, the ways that must disagree, the odd one out
BROKEN = [
    # the derivative
    ("factor 2", SIGMOID, sigmoid.fn, lambda x: 2 * expit(x) * expit(-x), [HAND], HAND),
    ("sign", SIGMOID, sigmoid.fn, lambda x: -expit(x) * expit(-x), [HAND], HAND),
    ("σ(1 + σ)", SIGMOID, sigmoid.fn, lambda x: expit(x) * (1 + expit(x)), [HAND], HAND),
    ("σ for σ′", SIGMOID, sigmoid.fn, lambda x: expit(x), [HAND], HAND),
    ("no chain factor", sp.tanh(2 * x), lambda x: np.tanh(2 * x),
     lambda x: 1 - np.tanh(2 * x) ** 2, [HAND], HAND),
    ("half of the product rule", swish.expr.subs(swish._symbols["beta"], 1),
     lambda x: swish.fn(x), lambda x: expit(x), [HAND], HAND),
    ("GELU without xφ", gelu.expr, gelu.fn, lambda x: gelu.dfn(x) - x * phi(x), [HAND], HAND),
    ("φ without 1/√(2π)", gelu.expr, gelu.fn,
     lambda x: gelu.dfn(x) + x * phi(x) * (np.sqrt(2 * np.pi) - 1), [HAND], HAND),
    ("1/2 at the kink", RELU, relu, lambda x: np.heaviside(x, 0.5), [HAND], HAND),
    ("1 at the kink", RELU, relu, lambda x: np.heaviside(x, 1.0), [HAND], HAND),
    ("kink beside 0", RELU, relu, lambda x: np.where(x > 1e-7, 1, 0), [HAND], HAND),
    ("wrong below 0", softplus.expr, softplus.fn,
     lambda x: np.where(x < 0, np.exp(np.minimum(x, 0)), expit(x)), [HAND], HAND),
    ("wrong beyond 30", softplus.expr, softplus.fn,
     lambda x: np.where(x > 30, 1.001, expit(x)), [HAND], HAND),
    ("wrong below -5000", RELU, relu, lambda x: np.where((x > 0) | (x < -5000), 1, 0),
     [HAND], HAND),
    ("off by 1e-6", SIGMOID, sigmoid.fn, lambda x: (1 + 1e-6) * sigmoid.dfn(x), [HAND], HAND),
    ("off by 1e-11", SIGMOID, sigmoid.fn, lambda x: (1 + 1e-11) * sigmoid.dfn(x), [HAND], HAND),
    ("derivative overflows", SIGMOID, sigmoid.fn,
     lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2, [HAND], HAND),
    ("derivative 0/0", x**2, lambda x: x**2, lambda x: 2 * x * x / x, [HAND], HAND),
    # the function
    ("value overflows", SIGMOID, lambda x: 1 / (1 + np.exp(-x)), sigmoid.dfn,
     OF_THE_BODY, VALUE),
    ("value NaN at 0", x, lambda x: x * x / x, lambda x: np.ones_like(x),
     OF_THE_BODY, VALUE),
    ("a constant too many", softplus.expr, lambda x: softplus.fn(x) + 1, softplus.dfn,
     [VALUE], VALUE),
    ("tail lost", softplus.expr,
     lambda x: np.where(x > 37, x, np.log(1 + np.exp(np.minimum(x, 37)))),
     softplus.dfn, [VALUE], VALUE),
    ("digits lost beside 0", sp.exp(-(x**2)) - 1, lambda x: np.exp(-np.minimum(x**2, 800)) - 1,
     lambda x: -2 * x * np.exp(-np.minimum(x**2, 700)), [VALUE], VALUE),
    ("value off by 1e-6", sp.tanh(x), lambda x: (1 + 1e-6) * np.tanh(x), tanh.dfn,
     OF_THE_BODY, VALUE),
    ("tanh form given as GELU", gelu.expr, gelu_tanh.fn, gelu.dfn, OF_THE_BODY, VALUE),
    # the body: right values everywhere, but slopes of its own
    ("a kink of its own", SIGMOID, mirrored_sigmoid, sigmoid.dfn, [AUTODIFF], AUTODIFF),
    ("a kink of its own at 3", SIGMOID.subs(x, x - 3), lambda x: mirrored_sigmoid(x - 3),
     lambda x: sigmoid.dfn(x - 3), [AUTODIFF], AUTODIFF),
    ("steps finer than the digits", x, fine_steps, lambda x: np.ones_like(x),
     [AUTODIFF], AUTODIFF),
    ("a factor held fixed", x**2, lambda x: x * fine_steps(x), lambda x: 2 * x,
     [AUTODIFF], AUTODIFF),
    ("one point by a constant", sp.tanh(x), lambda x: np.where(x == 0, 0, np.tanh(x)),
     tanh.dfn, [AUTODIFF], AUTODIFF),
    ("slope 0/0", x**2, lambda x: np.sqrt(x**2) ** 2, lambda x: 2 * x, [AUTODIFF], AUTODIFF),
    ("a kink and a wrong derivative", SIGMOID, mirrored_sigmoid, lambda x: expit(x),
     [HAND, AUTODIFF], None),
    # the expression
    ("tanh(x/2) published as tanh", (1 - sp.exp(-x)) / (1 + sp.exp(-x)), tanh.fn, tanh.dfn,
     ALL_WAYS, "expression"),
    ("sign in the expression", 1 / (1 + sp.exp(x)), sigmoid.fn, sigmoid.dfn,
     ALL_WAYS, "expression"),
    ("another slope in the expression", sp.Piecewise((x, x > 0), (x / 100, True)),
     lambda x: leaky_relu.fn(x, 0.1), lambda x: leaky_relu.dfn(x, 0.1),
     ALL_WAYS, "expression"),
    ("swapped branches", sp.Piecewise((0, x > 0), (x, True)), relu,
     lambda x: np.heaviside(x, 0), ALL_WAYS, "expression"),
    # more than one at a time
    ("all different", SIGMOID, tanh.fn, softplus.fn, ALL_WAYS, None),
]  # fmt: skip


@pytest.mark.parametrize(
    "expr, fn, dfn, disagreeing, odd", [case[1:] for case in BROKEN], ids=[c[0] for c in BROKEN]
)
def test_a_broken_record_is_caught(expr, fn, dfn, disagreeing, odd):
    verification = record(expr, fn, dfn).verify()
    assert not verification
    assert verification.disagreeing == disagreeing
    assert verification.odd_one_out == odd
    text = str(verification)
    for way in verification.ways:
        (line,) = [line for line in text.splitlines() if line.startswith(f"{way.name} ")]
        assert ("✗" in line) == (way.name in disagreeing)
        assert ("✓" in line) == (way.name not in disagreeing)
    verdict = f"the odd one out: {odd}" if odd else f"disagreeing: {', '.join(disagreeing)}"
    assert text.splitlines()[-1] == verdict
    assert f"<caption>{verdict}</caption>" in verification._repr_html_()


@pytest.mark.parametrize(
    "dfn",
    [
        lambda x: 1 - np.tanh(x) ** 2,
        lambda x: (1 - np.tanh(x)) * (1 + np.tanh(x)),
        lambda x: np.cosh(np.clip(x, -300, 300)) ** -2,
        tanh.dfn,
    ],
)
def test_right_forms_of_one_derivative_are_all_accepted(dfn):
    verification = record(sp.tanh(x), tanh.fn, dfn).verify()
    assert verification and verification.disagreeing == [] and verification.odd_one_out is None


def test_the_traced_slope_is_that_of_the_body_and_not_the_one_by_hand():
    made = record(SIGMOID, mirrored_sigmoid, sigmoid.dfn)
    autodiff = made.verify().ways[2]
    assert (autodiff.name, autodiff.error, autodiff.where) == (AUTODIFF, 1, 0)
    assert grad(made)(0.0) == 0.25 and grad(made.fn)(0.0) == 0


def test_a_kink_of_the_formula_is_left_to_the_convention():
    assert grad(relu_as_maximum)(0.0) == 0.5
    made = record(RELU, relu_as_maximum, lambda x: np.heaviside(x, 0))
    verification = made.verify()
    assert verification
    points = {way.name: way.points for way in verification.ways}
    assert points[AUTODIFF] == points[VALUE] - 1


@pytest.mark.parametrize(
    "fn, message",
    [
        (lambda x: np.interp(x, [-1e5, 1e5], [-1e5, 1e5]), "interp has no derivative rule"),
        (lambda x: np.asarray([float(v) for v in x.ravel()]).reshape(x.shape), "plain number"),
    ],
)
def test_a_body_that_cannot_be_traced_says_so(fn, message):
    with pytest.raises(TypeError, match=message):
        record(x, fn, lambda x: np.ones_like(x)).verify()


def test_the_places_of_the_errors():
    by_name = {case[0]: record(*case[1:4]).verify() for case in BROKEN}

    def where(name, way):
        return by_name[name].ways[ALL_WAYS.index(way)].where

    assert where("1/2 at the kink", HAND) == 0
    assert where("1 at the kink", HAND) == 0
    assert where("value NaN at 0", VALUE) == 0
    assert where("derivative 0/0", HAND) == 0
    assert 0 < where("kink beside 0", HAND) <= 1e-7
    assert where("a kink of its own", AUTODIFF) == 0
    assert where("a kink of its own at 3", AUTODIFF) == 3
    assert where("slope 0/0", AUTODIFF) == 0
    assert where("wrong beyond 30", HAND) > 30
    assert where("wrong below -5000", HAND) < -5000
    assert where("value overflows", VALUE) < -700
    assert where("tail lost", VALUE) < -20
    # Where a number is not finite, no size of the error is claimed.
    assert np.isnan(by_name["value overflows"].ways[0].error)


def test_a_parameter_forgotten_in_the_derivative_needs_another_value_to_show():
    def fn(x, slope=1.0):
        return np.where(x > 0, x, slope * np.expm1(np.minimum(x, 0)))

    def forgetful(x, slope):
        return np.where(x > 0, 1, np.exp(np.minimum(x, 0)))

    made = record(sp.Piecewise((x, x > 0), (slope * (sp.exp(x) - 1), True)), fn, forgetful)
    assert made.verify()
    assert made.verify(slope=2).odd_one_out == HAND
    assert elu.verify(alpha=2)


def linear(slope_of_expr, slope_of_fn, slope_of_dfn):
    return record(
        slope_of_expr * x, lambda x: slope_of_fn * x, lambda x: slope_of_dfn * np.ones_like(x)
    ).verify()


def traced(slope, error):
    """A record of slope · x with the right values, whose body has the slope with this error."""
    number = float(slope)

    def fn(x):
        return number * x + error * (x - fine_steps(x))

    return record(slope * x, fn, lambda x: number * np.ones_like(x)).verify()


def test_the_tolerances_are_those_that_are_stated():
    # value: 1e-12 of the value
    assert linear(1, 1 + 5e-13, 1)
    assert linear(1, 1 + 2e-12, 1).disagreeing == [VALUE, AUTODIFF]
    assert linear(sp.Rational(1, 1024), (1 + 2e-12) / 1024, 1 / 1024).disagreeing == [VALUE]
    # derivative by hand: 1e-12 of the derivative, and of 0.01 where it is smaller
    assert linear(1024, 1024, 1024 + 5e-10)
    assert linear(1024, 1024, 1024 + 2e-9).disagreeing == [HAND]
    assert linear(sp.Rational(1, 1024), 1 / 1024, 1 / 1024 + 5e-15)
    assert linear(sp.Rational(1, 1024), 1 / 1024, 1 / 1024 + 1.5e-14).disagreeing == [HAND]
    # autodiff: the same
    assert traced(1024, 5e-10)
    assert traced(1024, 2e-9).disagreeing == [AUTODIFF]
    assert traced(sp.Rational(1, 1024), 5e-15)
    assert traced(sp.Rational(1, 1024), 1.5e-14).disagreeing == [AUTODIFF]
    # central differences: 1e-7 of the derivative, and of 1 where it is smaller
    assert linear(8, 8 * (1 + 5e-8), 8).disagreeing == [VALUE, AUTODIFF]
    assert linear(8, 8 * (1 + 1.5e-7), 8).disagreeing == OF_THE_BODY
    assert linear(1, 1 + 1.5e-7, 1).disagreeing == OF_THE_BODY
    assert linear(sp.Rational(1, 8), 1 / 8 + 5e-8, 1 / 8).disagreeing == [VALUE, AUTODIFF]
    # The function and the derivative by hand are held against one another like that too.
    assert linear(2, 1, 1 + 5e-8).odd_one_out == "expression"
    assert linear(2, 1, 1 + 1.5e-7).odd_one_out is None


def test_a_way_on_the_edge_of_its_tolerance():
    assert Way("", 1.0, 1, 1.0, 0.0).agrees
    assert not Way("", 1.0, 1, np.nextafter(1, 2), 0.0).agrees
    assert not Way("", 1.0, 1, np.nan, 0.0).agrees


@pytest.mark.parametrize("setting", ["raise", "ignore"])
def test_the_outcome_does_not_depend_on_the_settings_for_warnings(setting):
    with np.errstate(all=setting):
        assert swish.verify(beta=10)
        unstable = record(SIGMOID, lambda x: 1 / (1 + np.exp(-x)), sigmoid.dfn).verify()
    assert unstable.disagreeing == OF_THE_BODY


def test_a_default_of_the_derivative_is_never_used():
    def fn(x, slope=0.5):
        return slope * x

    def dfn(x, slope=7.0):
        return slope * np.ones_like(x)

    made = record(slope * x, fn, dfn)
    assert made.grad(1) == 0.5
    assert made.verify()


def test_a_default_other_than_that_of_the_function_is_a_wrong_parameter():
    def hard_coded(x, slope=0.5):
        return 0.01 * x

    made = record(slope * x, hard_coded, lambda x, slope: slope * np.ones_like(x))
    assert made.verify().odd_one_out == VALUE


def test_an_infinity_without_a_warning_is_an_error_too():
    with np.errstate(all="raise"):
        made = record(x, lambda x: np.where(x > 5, np.inf, x), lambda x: np.ones_like(x))
        assert made.verify().disagreeing == OF_THE_BODY


def test_a_summary_is_true_only_when_every_line_is():
    good, bad = sigmoid.verify(), record(SIGMOID, sigmoid.fn, lambda x: expit(x)).verify()
    assert Summary(good) and not Summary(good, bad)
    assert "✓" in str(Summary(good)) and "✗" not in str(Summary(good))
    assert "✗" in Summary(good, bad)._repr_html_()
    with pytest.raises(ValueError, match="at least one"):
        Summary()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grid("ab"), "kinks must be"),
        (lambda: evaluate(3, [1.0]), "function must be"),
        (lambda: evaluate(abs, "x"), "points must be"),
        (lambda: compare("w", [1.0], [1.0, 2], [1.0], 0, 1), "wanted must have"),
        (lambda: compare("w", [], [], [], 0, 1), "points must hold one"),
    ],
)
def test_helpers_name_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
