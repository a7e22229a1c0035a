"""Activations: against SciPy, against mpmath far out, and by the rules every one of them keeps.

What holds for all formulas is tested over `ALL`, so that a new one needs no test of its own.
"""

import re

import mpmath
import numpy as np
import pytest
import scipy.special
import scipy.stats
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnbook import activations
from nnbook.activations import (
    ALL,
    elu,
    gelu,
    gelu_tanh,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    softmax,
    softplus,
    swish,
    tanh,
)
from nnbook.autodiff import Tensor, check_gradients, grad, jacobian
from nnbook.formula import Formula

# Parameters other than the defaults, for the formulas that have some.
OTHERS = [
    (leaky_relu, {"negative_slope": 0.2}),
    (leaky_relu, {"negative_slope": 0}),
    (leaky_relu, {"negative_slope": -0.5}),
    (leaky_relu, {"negative_slope": 1.5}),
    (elu, {"alpha": 0.1}),
    (elu, {"alpha": 3}),
    (swish, {"beta": 0}),
    (swish, {"beta": 0.5}),
    (swish, {"beta": 10}),
    (swish, {"beta": -1}),
]
EVERY = [(f, {}) for f in ALL] + OTHERS
every_formula = pytest.mark.parametrize(
    "f, parameters", EVERY, ids=[f"{f.name}{list(p.values()) or ''}" for f, p in EVERY]
)
GRID = np.concatenate([np.linspace(-60, 60, 481), [-1e4, -300.5, -1e-8, 1e-8, 300.5, 1e4]])
EXTREMES = [1e4, 1e200, 1e300, np.finfo(float).max, np.inf]


@pytest.fixture(autouse=True)
def warnings_are_errors():
    with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
        yield


def test_all_holds_every_formula_of_the_module():
    formulas = [f for f in vars(activations).values() if isinstance(f, Formula)]
    assert list(ALL) == formulas
    assert [f.name for f in ALL] == (
        ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "gelu_tanh", "swish", "softplus"]
    )
    for f in ALL:
        assert getattr(activations, f.name) is f
        assert "Any shape" in f.__doc__ and "erivative" in f.__doc__
        assert all(symbol.is_real for symbol in f.expr.free_symbols)


def test_every_parameter_is_tried_at_another_value():
    for f in ALL:
        tried = {name for g, parameters in OTHERS if g is f for name in parameters}
        assert tried == set(f.defaults)


@every_formula
def test_the_ways_agree(f, parameters):
    verification = f.verify(**parameters)
    assert verification, str(verification)


SCIPY = [
    (sigmoid, {}, scipy.special.expit),
    (tanh, {}, lambda x: 2 * scipy.special.expit(2 * x) - 1),
    (relu, {}, lambda x: np.maximum(0, x)),
    (leaky_relu, {}, lambda x: np.maximum(0.01 * x, x)),
    (leaky_relu, {"negative_slope": 1.5}, lambda x: np.minimum(1.5 * x, x)),
    (elu, {}, lambda x: np.maximum(x, 0) + scipy.special.expm1(np.minimum(x, 0))),
    (elu, {"alpha": 3}, lambda x: np.maximum(x, 0) + 3 * scipy.special.expm1(np.minimum(x, 0))),
    (gelu, {}, lambda x: x * scipy.special.ndtr(x)),
    (gelu_tanh, {}, lambda x: x * (1 + np.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x**3))) / 2),
    (swish, {}, lambda x: x * scipy.special.expit(x)),
    (swish, {"beta": 3}, lambda x: x * scipy.special.expit(3 * x)),
    (softplus, {}, lambda x: np.logaddexp(0, x)),
]
SCIPY_GRAD = [
    (sigmoid, {}, scipy.stats.logistic.pdf),
    (tanh, {}, lambda x: 4 * scipy.stats.logistic.pdf(2 * x)),
    (relu, {}, lambda x: np.heaviside(x, 0)),
    (leaky_relu, {}, lambda x: 0.01 + 0.99 * np.heaviside(x, 0)),
    (elu, {}, lambda x: np.exp(np.minimum(x, 0))),
    (elu, {"alpha": 3}, lambda x: np.where(x > 0, 1, 3 * np.exp(np.minimum(x, 0)))),
    (gelu, {}, lambda x: scipy.stats.norm.cdf(x) + x * scipy.stats.norm.pdf(x)),
    (swish, {}, lambda x: scipy.special.expit(x) + x * scipy.stats.logistic.pdf(x)),
    (softplus, {}, scipy.stats.logistic.cdf),
]


@pytest.mark.parametrize("f, parameters, reference", SCIPY)
def test_values_against_scipy(f, parameters, reference):
    wanted = reference(GRID)
    np.testing.assert_allclose(f(GRID, **parameters), wanted, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("f, parameters, reference", SCIPY_GRAD)
def test_derivatives_against_scipy(f, parameters, reference):
    wanted = reference(GRID)
    np.testing.assert_allclose(f.grad(GRID, **parameters), wanted, rtol=1e-12, atol=1e-15)


@every_formula
def test_digits_far_out(f, parameters):
    """Relative error at most 5e-13 down to 1e-290, at derivatives too, but around their roots.

    The tail of GELU is the hardest: rounding x²/2 alone costs x² ulps of its exponential.
    """
    points = np.concatenate([np.linspace(-37, -3, 60), np.linspace(3, 37, 60), [-600.5, 600.5]])
    symbols = {s.name: s for s in f.expr.free_symbols}
    exact = {symbols[name]: sp.Rational(value) for name, value in parameters.items()}
    defaults = {symbols[name]: sp.Rational(v) for name, v in f.defaults.items()}
    for expr, computed in [
        (f.expr, f(points, **parameters)),
        (f.dexpr, f.grad(points, **parameters)),
    ]:
        evaluate = sp.lambdify(f.symbol, expr.subs(exact).subs(defaults), "mpmath")
        with mpmath.workdps(700):
            wanted = np.array([float(evaluate(mpmath.mpf(p))) for p in points])
        np.testing.assert_allclose(computed, wanted, rtol=5e-13, atol=1e-290)


LIMITS = {  # at -inf and +inf: value and derivative
    "sigmoid": (0, 1, 0, 0),
    "tanh": (-1, 1, 0, 0),
    "relu": (0, np.inf, 0, 1),
    "leaky_relu": (-np.inf, np.inf, 0.01, 1),
    "elu": (-1, np.inf, 0, 1),
    "gelu": (0, np.inf, 0, 1),
    "gelu_tanh": (0, np.inf, 0, 1),
    "swish": (0, np.inf, 0, 1),
    "softplus": (0, np.inf, 0, 1),
}


@pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)
def test_limits(f):
    low, high, slope_low, slope_high = LIMITS[f.name]
    for far in EXTREMES:
        # What grows without bound is x, or slope · x; the rest has reached its limit at 1e4.
        assert f(-far) == (-far * slope_low if low == -np.inf else low)
        assert f(far) == (far if high == np.inf else high)
        assert f.grad(-far) == slope_low and f.grad(far) == slope_high
    assert np.isnan(f(np.nan)) and np.isnan(f.grad(np.nan))


@every_formula
@np.errstate(all="raise")
def test_nothing_is_raised(f, parameters):
    big = np.array(EXTREMES[:3])
    for points in (big, -big, np.array([np.inf, -np.inf]), np.array([5e-324, -5e-324, 0, -0.0])):
        for result in (f(points, **parameters), f.grad(points, **parameters)):
            assert not np.any(np.isnan(result))
    assert np.all(np.isfinite(f.grad(np.array([*EXTREMES, -np.inf]), **parameters)))


def test_where_the_tails_round_and_underflow():
    assert sigmoid(37) == tanh(19.1) == -elu(-38) == 1
    assert sigmoid(36) < 1 and tanh(18) < 1 and elu(-36) > -1
    for f in (sigmoid, softplus):
        assert 0 == f(-746) < f(-745) == 5e-324


def test_limits_with_other_parameters():
    assert leaky_relu(-np.inf, 0) == 0 and leaky_relu(np.inf, 0) == np.inf
    assert leaky_relu(-np.inf, -1) == np.inf
    assert np.isnan(leaky_relu(np.nan, 0)) and np.isnan(leaky_relu.grad(np.nan, 0))
    assert elu(-np.inf, 2.5) == -2.5 and elu.grad(-np.inf, 2.5) == 0
    assert swish(-np.inf, -1) == -np.inf and swish(np.inf, -1) == 0
    assert swish(np.inf, 0) == np.inf and swish(-np.inf, 0) == -np.inf
    assert swish.grad(np.inf, 0) == swish.grad(-np.inf, 0) == 0.5
    assert swish.grad(-np.inf, -1) == 1 and swish.grad(np.inf, -1) == 0


def test_values_at_the_kinks():
    assert relu(0) == leaky_relu(0) == elu(0) == 0
    assert relu.grad(0) == relu.grad(-0.0) == 0
    assert leaky_relu.grad(0) == leaky_relu.grad(-0.0) == 0.01
    assert leaky_relu.grad(0, 0.3) == 0.3
    assert elu.grad(0) == 1 and elu.grad(0, 2) == elu.grad(-0.0, 2) == 2
    for f in (relu, leaky_relu, elu):
        assert f.grad(5e-324) == 1
    assert relu.grad(-5e-324) == 0


def test_defaults():
    assert leaky_relu(-1) == leaky_relu(-1, 0.01) == -0.01
    assert elu(-np.inf) == elu(-np.inf, 1) == -1
    assert swish(1) == swish(1, 1) == sigmoid(1)


@pytest.mark.parametrize(
    "f, name, bad, wanted",
    [
        (elu, "alpha", 0, "a finite number > 0"),
        (elu, "alpha", -1, "a finite number > 0"),
        (elu, "alpha", np.nan, "a finite number > 0"),
        (leaky_relu, "negative_slope", np.inf, "a finite number"),
        (leaky_relu, "negative_slope", "0.1", "a finite number"),
        (swish, "beta", None, "a finite number"),
        (swish, "beta", [1.0], "a finite number"),
    ],
)
def test_bad_parameters(f, name, bad, wanted):
    for call in (f, f.grad):
        with pytest.raises(ValueError, match=re.escape(f"{name} must be {wanted}, got {bad!r}")):
            call(1.0, **{name: bad})


@pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)
def test_shapes_and_inputs(f):
    rng = np.random.default_rng(1)
    base = rng.normal(size=(4, 6)) * 5
    base[0, 0] = 0
    for call in (f, f.grad):
        flat = np.array([call(float(v)) for v in base.ravel()]).reshape(base.shape)
        for array in (base, np.asfortranarray(base), base[::-1, ::2], base.T, base[1], base[:, :0]):
            kept = array.copy()
            array.flags.writeable = False
            result = call(array)
            assert result.shape == array.shape and result.dtype == np.float64
            assert np.array_equal(array, kept)
            assert not np.shares_memory(result, array)
            assert np.array_equal(result, call(array.tolist()))
            array.flags.writeable = True
        np.testing.assert_allclose(call(base), flat, rtol=1e-14)
        for scalar in (2, 2.0, np.float32(2), np.array(2)):
            result = call(scalar)
            assert type(result) is np.float64 and result == call(2.0)
        assert call(np.array([1, -2])).dtype == np.float64
        for bad in ("1", None, 1j, ["a"], [None]):
            with pytest.raises(ValueError, match="^x must be an array of real numbers, got"):
                call(bad)


class Dual:
    """A number and its slope, carried through NumPy's functions: forward-mode differentiation.

    It stands in for any tracer: it shows that a body can be followed, and has no kink of its own.
    At a kink of the formula itself it may give another slope than the convention: a tie of maximum
    is shared, which makes 1/2 of ReLU'(0).
    """

    __array_priority__ = 1000

    SLOPES = {
        np.add: lambda a, b: (1, 1),
        np.subtract: lambda a, b: (1, -1),
        np.multiply: lambda a, b: (b, a),
        np.divide: lambda a, b: (1 / b, -a / b**2),
        np.power: lambda a, b: (b * a ** (b - 1), 0),
        np.maximum: lambda a, b: ((np.sign(a - b) + 1) / 2, (np.sign(b - a) + 1) / 2),
        np.minimum: lambda a, b: ((np.sign(b - a) + 1) / 2, (np.sign(a - b) + 1) / 2),
        np.negative: lambda a: (-1,),
        np.exp: lambda a: (np.exp(a),),
        np.expm1: lambda a: (np.exp(a),),
        np.log1p: lambda a: (1 / (1 + a),),
        np.tanh: lambda a: (1 - np.tanh(a) ** 2,),
        np.absolute: lambda a: (np.sign(a),),
        scipy.special.erfc: lambda a: (-2 / np.sqrt(np.pi) * np.exp(-np.minimum(a**2, 700)),),
    }

    def __init__(self, value, slope):
        self.value, self.slope = value, slope

    def __array__(self, *args, **kwargs):
        raise TypeError("a slope would be lost")

    def __array_ufunc__(self, ufunc, method, *inputs):
        values = [getattr(a, "value", a) for a in inputs]
        if ufunc in (np.greater, np.greater_equal, np.less, np.less_equal):
            return ufunc(*values)
        parts = self.SLOPES[ufunc](*values)
        return Dual(
            ufunc(*values),
            sum(p * getattr(a, "slope", 0) for p, a in zip(parts, inputs, strict=True)),
        )

    def __array_function__(self, function, types, args, kwargs):
        values = [getattr(a, "value", a) for a in args]
        slopes = [getattr(a, "slope", 0) for a in args]
        if function is np.where:
            return Dual(np.where(*values), np.where(values[0], slopes[1], slopes[2]))
        if function is np.clip:
            return np.minimum(np.maximum(args[0], args[1]), args[2])
        raise TypeError(f"no rule for {function}")


for _name, _ufunc in {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide, "pow": np.power,
}.items():  # fmt: skip
    setattr(Dual, f"__{_name}__", lambda a, b, ufunc=_ufunc: ufunc(a, b))
    setattr(Dual, f"__r{_name}__", lambda a, b, ufunc=_ufunc: ufunc(b, a))
for _name, _ufunc in {
    "gt": np.greater,
    "ge": np.greater_equal,
    "lt": np.less,
    "le": np.less_equal,
}.items():
    setattr(Dual, f"__{_name}__", lambda a, b, ufunc=_ufunc: ufunc(a, b))
Dual.__neg__ = lambda a: np.negative(a)


@every_formula
def test_a_tracer_can_follow_the_body(f, parameters):
    points = np.concatenate([np.linspace(-30, 30, 241), [-1e-8, 1e-8, -1e4, 1e4]])
    traced = f.fn(Dual(points, np.ones_like(points)), **{**f.defaults, **parameters})
    assert np.array_equal(traced.value, f(points, **parameters))
    wanted = f.grad(points, **parameters)
    if f is relu:
        wanted[points == 0] = 0.5
    np.testing.assert_allclose(traced.slope, wanted, rtol=1e-11, atol=1e-13)


def test_the_tracer_sees_a_kink_that_the_function_does_not_have():
    def fn(x):
        e = np.exp(-abs(x))
        return np.where(x >= 0, 1, e) / (1 + e)

    Dual.__abs__ = lambda a: np.absolute(a)
    traced = fn(Dual(np.array([0.0, 1.0]), np.ones(2)))
    assert np.array_equal(traced.value, sigmoid([0, 1]))
    assert traced.slope[0] == 0 != sigmoid.grad(0)
    assert traced.slope[1] == pytest.approx(sigmoid.grad(1))


# Recorded by the automatic differentiator


def each(f):
    """The elementwise derivative of an elementwise f."""
    return grad(lambda x: np.sum(f(x)))


@every_formula
def test_a_tensor_goes_by_the_derivative_by_hand(f, parameters):
    points = np.array([-1e4, -30.5, -2, -1e-8, -0.0, 0, 1e-8, 0.7, 40.5, 1e4, 1e200, np.inf])
    y = f(Tensor(points), **parameters)
    assert y.function is f and np.array_equal(y.value, f(points, **parameters))
    slope = each(lambda x: f(x, **parameters))(points)
    assert np.array_equal(slope, f.grad(points, **parameters))
    assert np.isnan(each(f)(np.array([np.nan]))).all()


@every_formula
def test_second_derivatives(f, parameters):
    points = np.array([-12.5, -3, -0.4, 0.3, 1, 2.25, 9])
    values = f.defaults | parameters
    exact = {s: sp.Rational(values[s.name]) for s in f.expr.free_symbols - {f.symbol}}
    second = sp.diff(f.dexpr, f.symbol).subs(exact)
    wanted = [float(second.subs(f.symbol, sp.Rational(p)).evalf(30)) for p in points]
    by_rule = each(each(lambda x: f(x, **parameters)))(points)
    by_body = each(each(lambda x: f.fn(x, **values)))(points)
    for computed in (by_rule, by_body, each(lambda x: f.grad(x, **parameters))(points)):
        np.testing.assert_allclose(computed, wanted, rtol=1e-10, atol=1e-14)


def test_the_convention_at_a_kink_holds_for_tensors():
    for f in (relu, leaky_relu, elu):
        assert grad(f)(0.0) == f.grad(0.0)
    assert grad(relu)(0.0) == 0 and grad(relu.fn)(0.0) == 0.5


# Softmax and log-softmax

logits = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=5),
    elements=st.floats(-700, 700),
)


@given(logits, st.data())
def test_softmax_against_scipy_along_any_axis(z, data):
    axis = data.draw(st.integers(-z.ndim, z.ndim - 1))
    probability = scipy.special.softmax(z, axis=axis)
    logarithm = scipy.special.log_softmax(z, axis=axis)
    np.testing.assert_allclose(softmax(z, axis), probability, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(log_softmax(z, axis), logarithm, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(
        np.exp(log_softmax(z, axis)), softmax(z, axis), rtol=1e-11, atol=1e-300
    )
    np.testing.assert_allclose(np.sum(softmax(z, axis), axis=axis), 1, rtol=1e-14)


@given(logits, st.integers(-1000, 1000))
def test_a_shift_changes_nothing(z, shift):
    z = np.round(z)  # so that the sums are exact
    assert np.array_equal(softmax(z + shift), softmax(z))
    assert np.array_equal(log_softmax(z + shift), log_softmax(z))


@pytest.mark.parametrize("call", [softmax, log_softmax])
def test_default_axis_is_the_last(call):
    z = np.random.default_rng(2).normal(size=(2, 3, 4))
    assert np.array_equal(call(z), call(z, axis=2))
    assert np.array_equal(call(z), call(z, axis=-1))
    assert not np.allclose(call(z), call(z, axis=1))
    g = np.random.default_rng(3).normal(size=z.shape)
    assert np.array_equal(call.vjp(g, z), call.vjp(g, z, axis=2))
    assert np.array_equal(call.vjp(g, z, np.int64(1)), call.vjp(g, z, axis=-2))


@np.errstate(all="raise")
def test_softmax_far_out():
    assert np.array_equal(softmax([1e4, 0, -1e4]), [1, 0, 0])
    assert np.array_equal(softmax([1e200, -1e200]), [1, 0])
    assert np.array_equal(softmax([1.7e308, -1.7e308]), [1, 0])
    assert np.array_equal(softmax([[1e4, 1e4], [-1e4, -1e4]]), np.full((2, 2), 0.5))
    assert np.array_equal(softmax([3.0, -np.inf, 3.0]), [0.5, 0, 0.5])
    assert np.array_equal(log_softmax([1e4, 0, -1e4]), [0, -1e4, -2e4])
    assert np.array_equal(log_softmax([1e200, -1e200]), [0, -2e200])
    assert np.array_equal(log_softmax([3.0, -np.inf]), [0, -np.inf])
    assert np.array_equal(
        softmax([[np.nan, 1], [0, 0]]), [[np.nan] * 2, [0.5, 0.5]], equal_nan=True
    )
    assert np.isnan(log_softmax([np.nan, 1])).all()
    for call in (softmax, log_softmax):
        assert call(np.zeros((0, 3))).shape == (0, 3)
        assert call([7]) == (1 if call is softmax else 0)


def test_gradients_of_softmax_far_out():
    z, g = [740.0, 0.0, -1e4], [1e-200, 1, -1]
    with np.errstate(all="raise"):
        jacobian, by_z, by_z_of_log = softmax.jacobian(z), softmax.vjp(g, z), log_softmax.vjp(g, z)
    assert np.array_equal(jacobian[2], [0, 0, 0])
    tail = np.exp(-740.0)
    assert np.array_equal(by_z, [0, tail, 0])
    assert np.array_equal(by_z_of_log, g)
    for call in (softmax, log_softmax):
        with np.errstate(all="raise"):
            rounded = call.vjp([0.3, 0.7, 0.9], z)  # 0.7 e^-740 is not a float64
        wanted = [0, 0.4 * tail, 0] if call is softmax else [-1.6, 0.7, 0.9]
        np.testing.assert_allclose(rounded, wanted, rtol=1e-15, atol=1e-323)


def test_log_softmax_keeps_its_digits_near_0():
    for n in (1, 2, 3):
        z = np.array([0.0] + [-50.0] * n)
        exact = -float(mpmath.log1p(n * mpmath.exp(-50)))
        assert log_softmax(z)[0] == pytest.approx(exact, rel=1e-14, abs=0)
    for ties in (2, 3):
        z = np.array([1.0] * ties + [-2.0, -3.0])
        with mpmath.workdps(40):
            total = ties + mpmath.exp(-3) + mpmath.exp(-4)
            exact = [float(v - 1 - mpmath.log(total)) for v in z]
        np.testing.assert_allclose(log_softmax(z), exact, rtol=1e-15)


def symbolic_jacobian(log, point):
    z = sp.symbols("z1:4", real=True)
    s = [sp.exp(v) / sum(sp.exp(w) for w in z) for v in z]
    jacobian = sp.Matrix([sp.log(v) if log else v for v in s]).jacobian(z)
    return np.array(
        jacobian.subs(dict(zip(z, map(sp.Rational, point), strict=True))).evalf(30), dtype=float
    )


@pytest.mark.parametrize("point", [(0, 0, 0), (1, -2, 0.5), (30, 0, -30), (-3, 4, 4)])
def test_softmax_against_the_symbolic_jacobian(point):
    point = np.array(point, dtype=float)
    jacobian = symbolic_jacobian(False, point)
    np.testing.assert_allclose(softmax.jacobian(point), jacobian, rtol=1e-13, atol=1e-16)
    log_jacobian = symbolic_jacobian(True, point)
    for g in np.eye(3):
        np.testing.assert_allclose(softmax.vjp(g, point), g @ jacobian, rtol=1e-13, atol=1e-16)
        np.testing.assert_allclose(
            log_softmax.vjp(g, point), g @ log_jacobian, rtol=1e-13, atol=1e-16
        )


@pytest.mark.parametrize("call", [softmax, log_softmax])
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
def test_vjp_by_random_projection_and_differences(call, axis):
    rng = np.random.default_rng(4)
    z, g, direction = rng.normal(size=(3, 2, 5, 3))
    h = 1e-5
    slope = np.sum(g * (call(z + h * direction, axis) - call(z - h * direction, axis))) / (2 * h)
    assert np.sum(call.vjp(g, z, axis) * direction) == pytest.approx(slope, rel=1e-8)


@pytest.mark.parametrize("call", [softmax, log_softmax])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_vjp_by_autodiff(call, axis):
    g, z = np.random.default_rng(6).normal(size=(2, 3, 4))
    z[0, :2] = z.max() + 1  # a tie for the largest logit
    for given_axis in (lambda f, z: f(z, axis), lambda f, z: f(z, axis=axis)):
        y = given_axis(call, Tensor(z))
        assert len(y.parents) == 1 and np.array_equal(y.value, call(z, axis))
        y.backward(g)
        assert np.array_equal(y.parents[0].grad, call.vjp(g, z, axis))
        # The body, operation by operation: a route that shares nothing with the product by hand.
        y = given_axis(call.__wrapped__, Tensor(z))
        assert len(operations(y)) > 5 and call.__name__ not in operations(y)
        traced = grad(lambda z, f=given_axis: np.sum(g * f(call.__wrapped__, z)))(z)
        np.testing.assert_allclose(traced, call.vjp(g, z, axis), rtol=1e-13, atol=1e-15)


def operations(tensor):
    """The names of the functions in the record of a tensor."""
    names = [tensor.function.__name__] if tensor.function else []
    return names + [name for parent in tensor.parents for name in operations(parent)]


def test_jacobian_of_softmax_by_autodiff():
    z = np.array([0.3, -2, 1.5, 40])
    s = softmax(z)
    np.testing.assert_allclose(jacobian(softmax)(z), softmax.jacobian(z), rtol=1e-13, atol=1e-17)
    np.testing.assert_allclose(jacobian(log_softmax)(z), np.eye(4) - s, rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("call", [softmax, log_softmax])
def test_second_derivatives_of_softmax(call):
    g, z = np.random.default_rng(7).normal(size=(2, 4))
    hessian = jacobian(grad(lambda z: np.sum(g * call(z))))(z)
    by_body = jacobian(grad(lambda z: np.sum(g * call.__wrapped__(z))))(z)
    np.testing.assert_allclose(hessian, by_body, rtol=1e-11, atol=1e-14)
    assert check_gradients(lambda z: call.vjp(g, z), z) < 1e-8
    assert check_gradients(lambda g: call.vjp(g, z), g) < 1e-8


def test_cross_entropy_through_log_softmax():
    labels, z = np.array([2, 0, 1]), np.random.default_rng(8).normal(size=(3, 4))
    gradient = grad(lambda z: -np.mean(log_softmax(z)[np.arange(3), labels]))(z)
    np.testing.assert_allclose(gradient, (softmax(z) - np.eye(4)[labels]) / 3, atol=1e-16)


@pytest.mark.parametrize("call", [softmax, log_softmax])
def test_a_tensor_is_checked_as_an_array_is(call):
    t = Tensor(np.zeros((2, 3)))
    with pytest.raises(ValueError, match=re.escape(f"{BAD_AXIS}2")):
        call(t, 2)
    with pytest.raises(ValueError, match="z must not hold"):
        call(Tensor([0, np.inf]))
    with pytest.raises(TypeError, match="pass the tensor z by position"):
        call(z=t)


@given(logits)
def test_the_gradient_of_a_softmax_sums_to_0(z):
    g = np.cos(np.arange(z.size)).reshape(z.shape)
    for call in (softmax, log_softmax):
        assert np.all(np.abs(np.sum(call.vjp(g, z), axis=-1)) < 1e-14)
    if z.ndim == 1:
        jacobian = softmax.jacobian(z)
        assert jacobian.shape == (z.size, z.size)
        assert np.array_equal(jacobian, jacobian.T)
        assert np.all(np.abs(jacobian.sum(axis=0)) < 1e-15)


def test_softmax_leaves_its_inputs_alone():
    z, g = np.random.default_rng(5).normal(size=(2, 3, 4))
    for array in (z, g):
        array.flags.writeable = False
    for call in (softmax, log_softmax):
        assert np.array_equal(call(z.T), call(z.T.tolist()))
        assert np.array_equal(call.vjp(g.T, z.T), call.vjp(g.T.tolist(), z.T.tolist()))
        assert call([1, 2]).dtype == np.float64
    assert np.array_equal(softmax.jacobian([1, 2]), softmax.jacobian(np.array([1.0, 2.0])))


BAD_AXIS = "axis must be an integer from -2 to 1 for z of shape (2, 3), got "


@pytest.mark.parametrize("call", [softmax, log_softmax])
def test_bad_logits(call):
    z = np.zeros((2, 3))

    def refused(text):
        return pytest.raises(ValueError, match="^" + re.escape(text))

    for both in (call, lambda z, axis=-1: call.vjp(z, z, axis)):
        for axis in (2, -3, 1.0, None, "0", True, (0, 1)):
            with refused(f"{BAD_AXIS}{axis!r}"):
                both(z, axis)
        with refused("z must have at least one axis, got the scalar 1.0"):
            both(1)
        with refused("z must have entries along axis -1, got shape (0,)"):
            both([])
        with refused("z must have entries along axis 0, got shape (0, 3)"):
            both(np.zeros((0, 3)), 0)
        with refused("z must not hold +inf"):
            both([0, np.inf])
        with refused("z must hold a logit other than -inf in every vector along axis 1"):
            both([[0, 1], [-np.inf, -np.inf]], 1)
        for bad in ("ab", None, [1j, 2], [[1], [2, 3]]):
            with refused("z must be an array of real numbers"):
                both(bad)
    with refused("g must have the shape of z, (2, 3), got (3,)"):
        call.vjp(np.zeros(3), z)
    with refused("g must be an array of real numbers"):
        call.vjp("g", z)


def test_bad_jacobian():
    for shape in [(), (2, 3)]:
        with pytest.raises(
            ValueError, match=re.escape(f"z must be a vector, of shape (n,), got shape {shape}")
        ):
            softmax.jacobian(np.zeros(shape))
    with pytest.raises(ValueError, match="z must be an array of real numbers"):
        softmax.jacobian("z")
    with pytest.raises(ValueError, match="z must have entries"):
        softmax.jacobian([])


def test_documentation():
    for call in (softmax, log_softmax, softmax.vjp, softmax.jacobian, log_softmax.vjp):
        assert "ValueError" in call.__doc__ and "shape" in call.__doc__, call
    assert "vjp" in softmax.__doc__ and "jacobian" in softmax.__doc__


def test_the_ends_of_the_range():
    with np.errstate(over="raise", invalid="raise"):
        assert swish(1e308, beta=1e7) == 1e308 and swish(-1e308, beta=1e7) == 0
        assert swish(1e306, beta=100.0) == 1e306
    with np.errstate(over="ignore"):
        assert swish.grad(1e300, beta=1e10) == 1
        assert swish.grad(-np.inf, beta=1e10) == 0
    for x in (-740.0, -400.0, -350.0, -349.0):
        with mpmath.workdps(40):
            wanted = float(1 / (1 + mpmath.exp(-mpmath.mpf(x))))
        assert abs(sigmoid(x) - wanted) <= max(5e-324, 1e-15 * wanted)
        assert abs(sigmoid([x, 0.5])[0] - wanted) <= max(5e-324, 1e-15 * wanted)
    assert np.isnan(relu.grad([np.nan, 1.0])[0]) and relu.grad([np.nan, 1.0])[1] == 1
    assert relu.grad([-1.0, 0.0, 2.0]).dtype == np.float64


def test_softmax_looks_along_its_axis():
    z = np.array([[-np.inf, -np.inf], [0.0, 1.0]])  # a row without a logit, but no such column
    assert softmax(z, axis=0).tolist() == [[0, 0], [1, 1]]
    with pytest.raises(ValueError, match="other than -inf in every vector along axis -1"):
        softmax(z)
    with pytest.raises(ValueError, match="other than -inf in every vector along axis 0"):
        softmax(z.T, axis=0)
