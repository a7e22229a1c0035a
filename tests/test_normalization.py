"""Normalization layers: axes by explicit loops, gradients by five routes, invariances."""

import inspect
import re
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnbook import normalization
from nnbook.autodiff import Tensor, check_gradients, grad, jacobian
from nnbook.normalization import (
    RunningStatistics,
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    normalize,
    rms_norm,
)

rng = np.random.default_rng(0)
IMAGES = rng.normal(3, 2, size=(3, 4, 2, 5))
TEXT = rng.normal(-1, 3, size=(3, 4, 5))
ROWS = rng.normal(size=(6, 3))

# layer, x, its options, the axes it averages over (of x, cut into groups), shapes for gamma
LAYERS = [
    (batch_norm, IMAGES, {}, (0, 2, 3), [(4, 1, 1), (), (1, 4, 1, 1), (2, 5), (3, 4, 2, 5)]),
    (batch_norm, ROWS, {"axes": (0,)}, (0,), [(3,), (1, 3), (6, 1)]),
    (batch_norm, ROWS, {"axes": 0, "eps": 0}, (0,), [(3,)]),
    (batch_norm, TEXT, {"axes": (0, 1)}, (0, 1), [(5,)]),
    (batch_norm, TEXT, {"axes": [0, -1], "eps": 0.5}, (0, 2), [(4, 1)]),
    (layer_norm, ROWS, {}, (1,), [(3,), (1,)]),
    (layer_norm, TEXT, {"eps": 2}, (2,), [(5,), (4, 1)]),
    (layer_norm, IMAGES, {"axes": (1, 2, 3)}, (1, 2, 3), [(4, 2, 5), (4, 1, 1)]),
    (instance_norm, IMAGES, {}, (2, 3), [(4, 1, 1)]),
    (instance_norm, TEXT, {"axes": (1,)}, (1,), [(5,)]),
    (instance_norm, TEXT, {"axes": (2,)}, (2,), [(4, 1)]),
    (group_norm, IMAGES, {"groups": 2}, None, [(4, 1, 1), (3, 1, 1, 1)]),
    (group_norm, ROWS, {"groups": np.int64(1), "eps": 0.1}, None, [(3,)]),
    (rms_norm, ROWS, {}, (1,), [(3,)]),
    (rms_norm, TEXT, {"axes": (0, -2), "eps": 0}, (0, 1), [(5,), (4, 1)]),
]
every_layer = pytest.mark.parametrize(
    "layer, x, options, axes, shapes",
    LAYERS,
    ids=[f"{f.__name__}-{x.ndim}-{list(options.values())}" for f, x, options, *_ in LAYERS],
)


@pytest.fixture(autouse=True)
def warnings_are_errors():
    with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
        yield


def refused(text):
    return pytest.raises(ValueError, match=re.escape(text))


def defined(layer, x, options, axes):
    """The layer without gamma and beta, as its definition reads; also for tensors."""
    eps = options.get("eps", 1e-5)
    if layer is rms_norm:
        return x / np.sqrt(np.mean(x * x, axis=axes, keepdims=True) + eps)
    if layer is not group_norm:
        mean = np.mean(x, axis=axes, keepdims=True)
        variance = np.mean((x - mean) ** 2, axis=axes, keepdims=True)
        return (x - mean) / np.sqrt(variance + eps)
    size = x.shape[1] // options["groups"]
    parts = [x[:, k : k + size] for k in range(0, x.shape[1], size)]
    axes = tuple(range(1, x.ndim))
    return np.concatenate([defined(normalize, part, options, axes) for part in parts], axis=1)


# Values


@every_layer
def test_the_definition(layer, x, options, axes, shapes):
    y = layer(x, **options)
    assert y.shape == x.shape and y.dtype == np.float64
    wanted = defined(layer, x, options, axes)
    np.testing.assert_allclose(y, wanted, rtol=1e-11, atol=1e-13)
    for shape in shapes:
        gamma, beta = rng.normal(size=(2, *shape))
        scaled = layer(x, gamma=gamma, beta=beta, **options)
        np.testing.assert_allclose(scaled, gamma * wanted + beta, rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(layer(x, gamma=gamma, **options), gamma * y, rtol=1e-15)
        np.testing.assert_allclose(layer(x, beta=beta, **options), y + beta, rtol=1e-15)


def standardized(x, eps=1e-5):
    return (x - np.mean(x)) / np.sqrt(np.var(x) + eps)


def test_what_each_layer_averages_over_in_images():
    by_channel, by_image, by_both, by_group = (np.empty_like(IMAGES) for _ in range(4))
    for c in range(4):
        by_channel[:, c] = standardized(IMAGES[:, c])
    for n in range(3):
        by_image[n] = standardized(IMAGES[n])
        for c in range(4):
            by_both[n, c] = standardized(IMAGES[n, c])
        for channels in ([0, 1], [2, 3]):
            by_group[n, channels] = standardized(IMAGES[n, channels])
    close = {"rtol": 1e-12, "atol": 1e-14}
    np.testing.assert_allclose(batch_norm(IMAGES), by_channel, **close)
    np.testing.assert_allclose(layer_norm(IMAGES, axes=(1, 2, 3)), by_image, **close)
    np.testing.assert_allclose(instance_norm(IMAGES), by_both, **close)
    np.testing.assert_allclose(group_norm(IMAGES, 2), by_group, **close)
    np.testing.assert_allclose(group_norm(IMAGES, 4), by_both, **close)
    np.testing.assert_allclose(group_norm(IMAGES, 1), by_image, **close)


def test_what_each_layer_averages_over_in_text():
    by_feature, by_position, by_word, by_sequence = (np.empty_like(TEXT) for _ in range(4))
    for d in range(5):
        by_feature[:, :, d] = standardized(TEXT[:, :, d])
    for i in range(4):
        by_position[:, i] = standardized(TEXT[:, i])
    for n in range(3):
        for i in range(4):
            by_word[n, i] = standardized(TEXT[n, i])
        for d in range(5):
            by_sequence[n, :, d] = standardized(TEXT[n, :, d])
    close = {"rtol": 1e-12, "atol": 1e-14}
    np.testing.assert_allclose(batch_norm(TEXT, axes=(0, 1)), by_feature, **close)
    np.testing.assert_allclose(batch_norm(TEXT, axes=(0, 2)), by_position, **close)
    np.testing.assert_allclose(layer_norm(TEXT), by_word, **close)
    np.testing.assert_allclose(instance_norm(TEXT, axes=(2,)), by_word, **close)
    np.testing.assert_allclose(instance_norm(TEXT, axes=(1,)), by_sequence, **close)


def test_shapes_of_gamma_and_beta():
    gamma, beta = rng.normal(size=(2, 4))
    y = batch_norm(IMAGES, gamma[:, None, None], beta[:, None, None])
    for c in range(4):
        by_hand = gamma[c] * standardized(IMAGES[:, c]) + beta[c]
        np.testing.assert_allclose(y[:, c], by_hand, rtol=1e-12, atol=1e-13)
    # Positions as channels: instance norm and layer norm differ in nothing but these shapes.
    word = layer_norm(TEXT)
    by_position, by_feature = rng.normal(size=(4, 1)), rng.normal(size=5)
    np.testing.assert_array_equal(instance_norm(TEXT, by_position, axes=(2,)), by_position * word)
    np.testing.assert_array_equal(layer_norm(TEXT, by_feature), by_feature * word)


def test_known_values():
    np.testing.assert_allclose(normalize([1, 2, 3], 0, 0), np.array([-1, 0, 1]) * 1.5**0.5)
    np.testing.assert_allclose(normalize([0, 2], 0, eps=3), [-0.5, 0.5], rtol=1e-15)  # 1 + 3 = 2²
    np.testing.assert_allclose(rms_norm([3, 4], eps=0), np.array([3, 4]) / 12.5**0.5, rtol=1e-15)
    np.testing.assert_allclose(rms_norm([1, 1], eps=3), [0.5, 0.5], rtol=1e-15)
    np.testing.assert_allclose(normalize([[0, 2], [10, 30]], (0, 1), 0), standardized_exactly())


def standardized_exactly():
    values = [Fraction(v) for v in (0, 2, 10, 30)]
    mean = sum(values) / 4
    variance = sum((v - mean) ** 2 for v in values) / 4
    return np.array([float(v - mean) for v in values]).reshape(2, 2) / float(variance) ** 0.5


# Gradients


@every_layer
def test_vjp_by_autodiff(layer, x, options, axes, shapes):
    g = rng.normal(size=x.shape)

    def by_definition(x, gamma, beta):
        return np.sum(g * (gamma * defined(layer, x, options, axes) + beta))

    def by_rule(x, gamma, beta):
        return np.sum(g * layer(x, gamma=gamma, beta=beta, **options))

    close = {"rtol": 1e-10, "atol": 1e-12}
    for shape in shapes:
        gamma, beta = rng.normal(size=(2, *shape))
        by_hand = layer.vjp(g, x, gamma=gamma, beta=beta, **options)
        assert [np.shape(part) for part in by_hand] == [x.shape, shape, shape]
        for f in (by_definition, by_rule):
            for ours, traced in zip(by_hand, grad(f, (0, 1, 2))(x, gamma, beta), strict=True):
                np.testing.assert_allclose(ours, traced, **close)
        by_x, by_gamma = layer.vjp(g, x, gamma=gamma, **options)
        np.testing.assert_array_equal(by_x, by_hand[0])
        np.testing.assert_array_equal(by_gamma, by_hand[1])
        plain, by_beta = layer.vjp(g, x, beta=beta, **options)
        np.testing.assert_array_equal(by_beta, by_hand[2])
        np.testing.assert_array_equal(plain, layer.vjp(g, x, **options))
    traced = grad(lambda x: np.sum(g * defined(layer, x, options, axes)))(x)
    np.testing.assert_allclose(plain, traced, **close)


@every_layer
def test_vjp_by_differences_along_random_directions(layer, x, options, axes, shapes):
    g = rng.normal(size=x.shape)
    point = (x, *rng.normal(size=(2, *shapes[0])))
    direction = [rng.normal(size=np.shape(part)) for part in point]

    def along(h):
        x, gamma, beta = (p + h * d for p, d in zip(point, direction, strict=True))
        return np.sum(g * layer(x, gamma=gamma, beta=beta, **options))

    h = 1e-5
    slope = (along(h) - along(-h)) / (2 * h)
    by_hand = layer.vjp(g, point[0], gamma=point[1], beta=point[2], **options)
    projected = sum(np.sum(p * d) for p, d in zip(by_hand, direction, strict=True))
    assert projected == pytest.approx(slope, rel=1e-6, abs=1e-7)


@every_layer
def test_tensors_in_any_place(layer, x, options, axes, shapes):
    gamma, beta = rng.normal(size=(2, *shapes[0]))
    assert check_gradients(lambda x: layer(x, **options), x) < 1e-6
    assert check_gradients(lambda c: layer(x, gamma=c, **options), gamma) < 1e-8
    assert check_gradients(lambda b: layer(x, gamma=gamma, beta=b, **options), beta) < 1e-8
    t = Tensor(x)
    y = layer(t, gamma=gamma, beta=beta, **options)
    assert type(y) is Tensor
    np.testing.assert_array_equal(y.value, layer(x, gamma=gamma, beta=beta, **options))
    assert len(operations(y)) <= 5  # the product by hand is the rule, not the body
    assert "min" not in operations(y)


def operations(tensor):
    """The names of the functions in the record of a tensor."""
    names = [tensor.function.__name__] if tensor.function else []
    return names + [name for parent in tensor.parents for name in operations(parent)]


@pytest.mark.parametrize("eps", [0, 1e-5, 2.0])
@pytest.mark.parametrize("core", [normalize, normalization._rms_normalize])
def test_the_bodies_can_be_traced(core, eps):
    x, g = rng.normal(size=(2, 4, 3, 5))
    x[0, :, 0] = x.max() + 1  # a tie for the largest entry
    x[1, 1, 0] = x[2, 0, 0] = x.min() - 9  # and for the smallest
    for axes in (0, (0, 2), -1):
        y = core.__wrapped__(Tensor(x), axes, eps)
        assert len(operations(y)) > 5 and core.__name__ not in operations(y)
        traced = grad(lambda x, axes=axes: np.sum(g * core.__wrapped__(x, axes, eps)))(x)
        np.testing.assert_allclose(core.vjp(g, x, axes, eps), traced, rtol=1e-11, atol=1e-14)
        assert operations(core(Tensor(x), axes, eps)) == [core.__name__]


def symbolic_jacobian(centred, eps, point):
    """By SymPy, from the definition over three numbers, in exact arithmetic."""
    x, e = sp.symbols("x1:4", real=True), sp.Symbol("epsilon", nonnegative=True)
    mean = sum(x) / 3 if centred else 0
    root = sp.sqrt(sum((v - mean) ** 2 for v in x) / 3 + e)
    jacobian = sp.Matrix([(v - mean) / root for v in x]).jacobian(x)
    at = dict(zip(x, map(sp.Rational, point), strict=True)) | {e: sp.Rational(eps)}
    return np.array(jacobian.subs(at).evalf(30), dtype=float)


@pytest.mark.parametrize("eps", [0, 1e-5, 0.7])
@pytest.mark.parametrize("point", [(1, 2, 4), (-3, 0.5, 0.5), (1e-3, -2e-3, 0), (1e6, 1e6 + 1, 7)])
def test_vjp_against_the_symbolic_jacobian_of_three_numbers(point, eps):
    point = np.array(point, dtype=float)
    for centred, layer in ((True, layer_norm), (False, rms_norm)):
        wanted = symbolic_jacobian(centred, eps, point)
        rows = [layer.vjp(g, point, eps=eps) for g in np.eye(3)]
        scale = np.max(np.abs(wanted))
        np.testing.assert_allclose(rows, wanted, rtol=1e-9, atol=1e-14 * scale)
        traced = jacobian(lambda x, f=layer: f(x, eps=eps))(point)
        np.testing.assert_allclose(traced, rows, rtol=1e-12, atol=1e-15 * scale)


@pytest.mark.parametrize("layer", [layer_norm, rms_norm])
def test_second_derivatives(layer):
    g, x, c, b = rng.normal(size=(4, 4))

    def by_definition(x, c, b):
        return np.sum(np.sin(c * defined(layer, x, {}, (0,)) + b))

    def ours(x, c, b):
        return np.sum(np.sin(layer(x, c, b)))

    for wrt in range(3):
        ours_twice = jacobian(grad(ours), wrt)(x, c, b)
        wanted = jacobian(grad(by_definition), wrt)(x, c, b)
        np.testing.assert_allclose(ours_twice, wanted, rtol=1e-9, atol=1e-11)
    assert check_gradients(lambda g, x: layer.vjp(g, x), g, x) < 1e-7
    assert check_gradients(lambda g, x, c: layer.vjp(g, x, c, b)[1], g, x, c) < 1e-7


# Invariances


groups = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 3), st.integers(2, 6)), elements=st.integers(-50, 50)
)


@given(groups, st.integers(-(10**8), 10**8), st.sampled_from([0.25, 0.5, 2, 1024]))
def test_a_shift_changes_nothing_and_a_stretch_is_a_change_of_eps(x, shift, factor):
    y = layer_norm(x)
    np.testing.assert_array_equal(layer_norm(x + shift), y)
    np.testing.assert_array_equal(layer_norm(factor * x, eps=factor**2 * 1e-5), y)
    np.testing.assert_allclose(layer_norm(-x), -y, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(rms_norm(factor * x, eps=factor**2 * 1e-5), rms_norm(x))
    assert np.all(np.abs(np.mean(y, axis=-1)) < 1e-14)


@given(groups, st.sampled_from([1e-12, 1e-5, 1, 1e3]))
def test_what_eps_does_to_the_variance(x, eps):
    v = np.var(x, axis=-1)
    np.testing.assert_allclose(np.var(layer_norm(x, eps=eps), axis=-1), v / (v + eps), rtol=1e-12)
    m = np.mean(x**2, axis=-1)
    shrunk = np.mean(rms_norm(x, eps=eps) ** 2, axis=-1)
    np.testing.assert_allclose(shrunk, m / (m + eps), rtol=1e-12)


def test_eps_is_within_the_root():
    """At σ = 0.01 it shrinks the result by 5%; beside the root it would be 0.1%."""
    x = np.array([-1e-2, 1e-2])
    np.testing.assert_allclose(layer_norm(x), x / np.sqrt(1e-4 + 1e-5), rtol=1e-14)
    np.testing.assert_allclose(rms_norm(x), x / np.sqrt(1e-4 + 1e-5), rtol=1e-14)


@given(groups, st.sampled_from([0, 1e-5, 1]))
def test_the_gradient_of_what_a_shift_or_a_stretch_leaves_alone(x, eps):
    x = x + np.arange(x.shape[1]) * 1e-3  # no row is constant, none zero
    g = np.cos(np.arange(x.size)).reshape(x.shape)
    v = np.var(x, axis=-1)
    by_x = layer_norm.vjp(g, x, eps=eps)
    bound = 1e-12 / np.sqrt(v + eps)
    assert np.all(np.abs(np.mean(by_x, axis=-1)) < bound)
    # By Euler: x · gradient = (g · y) eps / (v + eps), 0 without eps.
    left = np.sum(g * layer_norm(x, eps=eps), axis=-1) * eps / (v + eps)
    centred = x - np.mean(x, axis=-1, keepdims=True)
    np.testing.assert_allclose(np.sum(centred * by_x, axis=-1), left, rtol=1e-9, atol=1e-12)


def test_the_scale_of_the_weights_before_it_does_not_matter():
    x, w, g = rng.normal(size=(8, 5)), rng.normal(size=(3, 5)), rng.normal(size=(8, 3))

    def loss(w):
        return np.sum(g * batch_norm(x @ np.transpose(w), eps=0, axes=(0,)))

    for factor in (1e-3, 7, 1e5):
        np.testing.assert_allclose(loss(factor * w), loss(w), rtol=1e-11)
        np.testing.assert_allclose(factor * grad(loss)(factor * w), grad(loss)(w), rtol=1e-10)
    assert abs(np.sum(w * grad(loss)(w))) < 1e-12


def test_batch_norm_depends_on_the_batch_and_the_others_do_not():
    changed = IMAGES.copy()
    changed[1:] *= 3
    assert not np.allclose(batch_norm(changed)[0], batch_norm(IMAGES)[0], rtol=0.1)
    for y, z in (
        (layer_norm(changed), layer_norm(IMAGES)),
        (instance_norm(changed), instance_norm(IMAGES)),
        (group_norm(changed, 2), group_norm(IMAGES, 2)),
        (rms_norm(changed), rms_norm(IMAGES)),
    ):
        np.testing.assert_array_equal(y[0], z[0])


def test_a_batch_of_one():
    x, beta = np.array([[0.3, -7, 1e8]]), np.array([1.0, 2, 3])
    g = np.array([[1.0, -2, 5]])
    np.testing.assert_array_equal(batch_norm(x, 9 * beta, beta, axes=(0,)), [beta])
    by_x, by_gamma, by_beta = batch_norm.vjp(g, x, beta, beta, axes=(0,))
    np.testing.assert_array_equal(by_x, 0 * x)
    np.testing.assert_array_equal(by_gamma, [0, 0, 0])
    np.testing.assert_array_equal(by_beta, g[0])
    one = IMAGES[:1]  # an image still has H · W values a channel
    np.testing.assert_array_equal(batch_norm(one), instance_norm(one))


# Numbers far out


def exactly(x, eps, centred=True):
    with mpmath.workdps(60):
        x = [mpmath.mpf(float(v)) for v in x]
        mean = sum(x) / len(x) if centred else 0
        root = mpmath.sqrt(sum((v - mean) ** 2 for v in x) / len(x) + mpmath.mpf(eps))
        return np.array([float((v - mean) / root) for v in x])


BASE = np.random.default_rng(1).normal(size=7)


@pytest.mark.parametrize(
    "x, eps",
    [
        (BASE + 1e8, 1e-5),
        (BASE + 1e8, 0),
        (1e-3 * BASE - 1e12, 0),
        (1e8 + np.array([0, 0, 0, 2**-26]), 0),
        (np.array([1e16, 1, 2, 3]), 0),
        (np.array([-1e16, 1, 2, 3]), 1e-5),
        (1e200 * BASE, 1e-5),
        (1e307 * BASE, 0),
        (1e-200 * BASE, 0),
        (1e-200 * BASE, 1e-5),
        (1e-200 * BASE, 1e-300),
        (1e-160 * BASE, 1e-320),
        (np.array([0, 5e-324]), 0),
        (np.array([1e200, -1e-200, 0]), 1e200),
        (BASE, 1e300),
    ],
)
@np.errstate(over="raise", divide="raise", invalid="raise", under="ignore")
def test_far_out(x, eps):
    # Relative to the largest entry: digits of what lies near the mean are lost in x itself.
    for layer, centred in ((layer_norm, True), (rms_norm, False)):
        wanted = exactly(x, eps, centred)
        atol = 1e-15 * np.max(np.abs(wanted))
        np.testing.assert_allclose(layer(x, eps=eps), wanted, rtol=1e-14, atol=atol)


@every_layer
def test_an_underflow_is_no_error(layer, x, options, axes, shapes):
    gamma = np.full(shapes[0], 1e-200)
    with np.errstate(all="raise"):
        assert not np.any(layer(1e-190 * x, gamma=gamma, **options | {"eps": 1}))
        assert not np.any(layer.vjp(1e-190 * x, x, gamma=gamma, **options)[0])
        layer(1e-170 * x, **options)
        layer.vjp(1e-300 * x, 1e-170 * x, **options | {"eps": 1e-5})


def test_eps_by_default():
    layers = (normalize, batch_norm, layer_norm, instance_norm, group_norm, rms_norm)
    for function in (*layers, *(layer.vjp for layer in layers), RunningStatistics.start):
        assert inspect.signature(function).parameters["eps"].default == 1e-5


def test_gradients_far_out():
    g = np.cos(np.arange(7))
    for layer in (layer_norm, rms_norm):
        for factor in (1e-200, 1e-100, 1e100, 1e200, 1e300):
            wanted = layer.vjp(g, BASE, eps=0)
            with np.errstate(all="raise"):
                scaled = layer.vjp(g, factor * BASE, eps=0) * factor
            np.testing.assert_allclose(scaled, wanted, rtol=1e-12, atol=1e-14)
    far = BASE + 2.0**26
    shifted, wanted = layer_norm.vjp(g, far, eps=0), layer_norm.vjp(g, far - 2**26, eps=0)
    np.testing.assert_allclose(shifted, wanted, rtol=1e-12)


@pytest.mark.parametrize("value", [0.1, 1e8 + 0.1, -1e200, 5e-324, 0])
def test_entries_that_are_equal_give_0(value):
    x = np.full((3, 10), value)  # ten times 0.1 is not 1 in float64
    for layer in (layer_norm, lambda x: batch_norm(x, axes=(0,))):
        np.testing.assert_array_equal(layer(x), 0 * x)
    g = np.cos(np.arange(10.0))
    by_x = layer_norm.vjp(np.tile(g, (3, 1)), x)
    np.testing.assert_allclose(by_x[0], (g - np.mean(g)) / np.sqrt(1e-5), rtol=1e-13)
    tiny = layer_norm.vjp(g, x[0], eps=1e-320)
    np.testing.assert_allclose(tiny, (g - np.mean(g)) / np.sqrt(1e-320), rtol=1e-13)
    np.testing.assert_array_equal(rms_norm(np.zeros((2, 3))), np.zeros((2, 3)))
    np.testing.assert_array_equal(rms_norm.vjp([1, 2], [0, 0], eps=4), [0.5, 1])


def test_eps_of_0_needs_entries_that_vary():
    with refused("eps must be above 0 where x is constant along axes (0,), got 0"):
        normalize([[1, 2], [1, 3]], 0, eps=0)
    with refused("eps must be above 0 where x is constant along axes (1,), got 0"):
        layer_norm.vjp([[1, 2]], [[3, 3]], eps=0)
    with refused("eps must be above 0 where x is zero along axes (1,), got 0"):
        rms_norm([[1, 1], [0, 0]], eps=0)
    np.testing.assert_array_equal(rms_norm([2, 2], eps=0), [1, 1])  # constant, but not zero


def test_nan_and_infinity_stay_in_their_group():
    x = np.array([[1.0, np.nan, 2], [1, 2, 4]])
    for layer in (layer_norm, rms_norm):
        y = layer(x)
        assert np.isnan(y[0]).all()
        np.testing.assert_array_equal(y[1], layer(x[1]))
    for far in ([1, np.inf], [1.7e308, -1.7e308]):
        with pytest.warns(RuntimeWarning), np.errstate(all="warn"):
            y = layer_norm(np.array([far, [1, 3]]))
        assert np.isnan(y[0]).any()
        np.testing.assert_array_equal(y[1], layer_norm([1, 3]))


# Arguments


@every_layer
def test_inputs_stay_as_they_are(layer, x, options, axes, shapes):
    x, g = np.round(10 * x), np.round(10 * rng.normal(size=x.shape))
    gamma, beta = rng.normal(size=(2, *shapes[0]))
    before = [part.copy() for part in (x, g, gamma, beta)]
    for part in (x, g):
        part.flags.writeable = False
    y = layer(x, gamma=gamma, beta=beta, **options)
    assert y.flags.writeable and not np.shares_memory(y, x)
    parts = layer.vjp(g, x, gamma=gamma, beta=beta, **options)
    lists = layer(
        x.astype(int).tolist(), gamma=gamma.tolist(), beta=np.asarray(beta).tolist(), **options
    )
    np.testing.assert_array_equal(lists, y)
    from_integers = layer.vjp(g.astype(int), x.astype(int), gamma=gamma, beta=beta, **options)
    for ours, wanted in zip(from_integers, parts, strict=True):
        np.testing.assert_array_equal(ours, wanted)
    for part, wanted in zip((x, g, gamma, beta), before, strict=True):
        np.testing.assert_array_equal(part, wanted)


def test_layouts_of_memory_do_not_matter():
    x = np.asfortranarray(IMAGES)[::-1, ::2]
    np.testing.assert_allclose(batch_norm(x), batch_norm(x.copy()), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(group_norm(x, 2), group_norm(x.copy(), 2), rtol=1e-13, atol=1e-15)


def test_an_empty_batch_is_empty_where_it_is_not_averaged():
    assert layer_norm(np.zeros((0, 3))).shape == (0, 3)
    assert group_norm(np.zeros((0, 4, 2)), 2).shape == (0, 4, 2)
    assert layer_norm.vjp(np.zeros((0, 3)), np.zeros((0, 3)), np.ones(3))[1].tolist() == [0, 0, 0]


WANTED = "axes must be one or more different integers from -2 to 1 for x of shape (6, 3), got "


@pytest.mark.parametrize(
    "call",
    [
        lambda axes: normalize(ROWS, axes),
        lambda axes: normalize.vjp(ROWS, ROWS, axes),
        lambda axes: batch_norm(ROWS, axes=axes),
        lambda axes: layer_norm.vjp(ROWS, ROWS, np.ones(3), axes=axes),
        lambda axes: instance_norm(Tensor(ROWS), axes=axes),
        lambda axes: rms_norm(ROWS, axes=axes),
    ],
)
def test_bad_axes(call):
    for axes in (2, -3, (0, 2), (), 1.0, None, "0", True, (0, 0), (1, -1), (0, None)):
        with refused(WANTED):
            call(axes)
    with refused(WANTED + "array([0, 2])"):
        call(np.array([0, 2]))


def test_bad_axes_of_running_statistics():
    for axes in (2, -3, (0, 2), (1, -1)):  # others might have them
        with refused(WANTED):
            RunningStatistics.start(axes).update(ROWS)
    for axes in ((), 1.0, None, "0", True, (0, 0), (0, None), np.array([0.0])):
        with refused(f"axes must be one or more different integers, got {axes!r}"):
            RunningStatistics.start(axes)


def test_axes_in_an_array():
    x = rng.normal(size=(2, 3, 4))
    for axes in (np.array([0, 2]), np.array(1), [0, -1]):
        given = tuple(axes) if np.ndim(axes) else int(axes)
        np.testing.assert_array_equal(normalize(x, axes), normalize(x, given))
    t = Tensor(x)
    axes = [0]
    y = normalize(t, axes)
    axes[0] = 1
    y.backward(x**2)
    np.testing.assert_allclose(t.grad, normalize.vjp(x**2, x, 0), atol=1e-14)


def test_bad_axes_by_default():
    with refused(WANTED + "(0, 2, 3): batch_norm needs axes=(0,) for (N, D)"):
        batch_norm(ROWS)
    with refused("batch_norm needs axes=(0,) for (N, D), (0, 1) or (0, 2) for (N, L, D)"):
        batch_norm.vjp(TEXT, TEXT)
    with refused("got (2, 3): instance_norm needs axes=(1,) or (2,) for (N, L, D)"):
        instance_norm(TEXT)
    with refused("batch_norm needs axes=(0,)"):
        RunningStatistics.start().update(ROWS)


@pytest.mark.parametrize(
    "layer, options",
    [(batch_norm, {"axes": 0}), (layer_norm, {}), (group_norm, {"groups": 1}), (rms_norm, {})],
)
def test_bad_arguments(layer, options):
    for call in (
        lambda x, *args, **kw: layer(x, *args, **kw, **options),
        lambda x, *args, **kw: layer.vjp(np.zeros(np.shape(x)), x, *args, **kw, **options),
    ):
        for bad in ("ab", None, [[1j, 2]], np.array([["a", "b"]])):
            with refused("x must be an array of real numbers"):
                call(bad) if bad is not None else layer(bad, **options)
        for eps in (-1e-9, np.nan, np.inf, "0", None, True):
            with refused("eps must be a finite number >= 0"):
                call(ROWS, eps=eps)
        for name in ("gamma", "beta"):
            with refused(f"{name} must be an array of real numbers"):
                call(ROWS, **{name: "ab"})
            for shape in [(6,), (2, 3), (1, 6, 3), (0,), (3, 1)]:
                with refused(f"{name} must broadcast against x, of shape (6, 3), got {shape}"):
                    call(ROWS, **{name: np.ones(shape)})
    with refused("g must have the shape of x, (6, 3), got (3,)"):
        layer.vjp(np.zeros(3), ROWS, **options)
    with refused("g must be an array of real numbers"):
        layer.vjp("g", ROWS, **options)


def test_gamma_by_channel_needs_its_axes():
    with refused("gamma must broadcast against x, of shape (3, 4, 2, 5), got (4,)"):
        batch_norm(IMAGES, np.ones(4))
    with refused("beta must broadcast against x, of shape (3, 4, 2, 5), got (4, 1, 2)"):
        group_norm.vjp(IMAGES, IMAGES, 2, beta=np.ones((4, 1, 2)))


def test_gamma_does_not_enlarge_x():
    for call in (layer_norm, lambda *args: layer_norm.vjp(ROWS[:, :1], *args)):
        with refused("gamma must broadcast against x, of shape (6, 1), got (3,)"):
            call(ROWS[:, :1], np.ones(3))


def test_x_without_entries_to_average():
    for call in (layer_norm, rms_norm, lambda x: layer_norm.vjp(x, x)):
        with refused("x must have entries along axes (1,), got shape (3, 0)"):
            call(np.zeros((3, 0)))
        with refused("x must have at least one axis, got the scalar 2.0"):
            call(2)
    with refused("x must have entries along axes (2,), got shape (0, 1, 0)"):
        group_norm(np.zeros((0, 0)), 1)


def test_bad_groups():
    for groups in (3, 0, -2, 8, 2.0, None, True):
        for call in (group_norm, lambda x, groups: group_norm.vjp(x, x, groups)):
            with refused("groups must be a positive integer that divides the 4 channels of x"):
                call(IMAGES, groups)
    for bad in (1.0, [1, 2]):
        with refused("x must have shape (N, C, ...), got shape"):
            group_norm(bad, 1)


def test_tensors_by_name():
    t = Tensor(ROWS)
    assert type(layer_norm(x=t, gamma=Tensor(2.0))) is Tensor
    with pytest.raises(TypeError, match="pass the tensor x by position"):
        normalize(x=t, axes=0)


# Inference


def test_running_statistics_by_hand():
    """PyTorch's figures: momentum 0.1 for the newest batch, the variance divided by n - 1."""
    statistics = RunningStatistics.start(axes=0)
    assert (statistics.mean, statistics.var) == (0, 1)
    assert (statistics.momentum, statistics.eps) == (0.1, 1e-5)
    statistics = statistics.update([[1, 10], [2, 10], [3, 10], [4, 10]])
    np.testing.assert_allclose(statistics.mean, [[0.25, 1]], rtol=1e-14)
    # 0.9 · 1 + 0.1 · 5/3, the sum of squares 5 divided by 3 and not by 4
    np.testing.assert_allclose(statistics.var, [[0.9 + 0.5 / 3, 0.9]], rtol=1e-14)
    statistics = statistics.update([[0, 0], [2, 4]])
    np.testing.assert_allclose(statistics.mean, [[0.325, 1.1]], rtol=1e-14)
    np.testing.assert_allclose(statistics.var, [[0.81 + 0.15 + 0.2, 0.81 + 0.8]], rtol=1e-14)
    y = statistics.normalize([[0.325, 0]])
    np.testing.assert_allclose(y, [[0, -1.1 / np.sqrt(1.61 + 1e-5)]], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("x, axes", [(IMAGES, (0, 2, 3)), (TEXT, [0, -1]), (TEXT, (1, 0))])
def test_running_statistics_follow_the_recursion_exactly(x, axes):
    momentum, batches = Fraction(1, 4), [np.round(64 * (x + i)) / 64 for i in range(3)]
    statistics = RunningStatistics.start(axes, momentum=0.25, eps=0.5)
    for batch in batches:
        statistics = statistics.update(batch)
    averaged = [axis % x.ndim for axis in axes]
    (channels,) = set(range(x.ndim)) - set(averaged)
    wanted = []
    for channel in range(x.shape[channels]):
        mean, var = Fraction(0), Fraction(1)
        for batch in batches:
            values = [Fraction(float(v)) for v in np.take(batch, channel, channels).ravel()]
            middle = sum(values) / len(values)
            spread = sum((v - middle) ** 2 for v in values) / (len(values) - 1)
            mean = (1 - momentum) * mean + momentum * middle
            var = (1 - momentum) * var + momentum * spread
        wanted.append((float(mean), float(var)))
    shape = [1 if axis in averaged else n for axis, n in enumerate(x.shape)]
    mean, var = np.array(wanted).T.reshape(2, *shape)
    np.testing.assert_allclose(statistics.mean, mean, rtol=1e-13)
    np.testing.assert_allclose(statistics.var, var, rtol=1e-13)
    y = statistics.normalize(x, gamma=3, beta=2)
    np.testing.assert_allclose(y, 3 * (x - mean) / np.sqrt(var + 0.5) + 2, rtol=1e-12)


def test_inference_and_training_meet():
    """With one batch seen over and over, they differ by n against n - 1 alone."""
    statistics = RunningStatistics.start(axes=0, momentum=0.5, eps=0)
    for _ in range(60):
        statistics = statistics.update(ROWS)
    train, inference = batch_norm(ROWS, eps=0, axes=0), statistics.normalize(ROWS)
    np.testing.assert_allclose(inference, train * np.sqrt(5 / 6), rtol=1e-12)
    last = RunningStatistics.start(axes=0, momentum=1).update(ROWS + 5).update(ROWS)
    np.testing.assert_allclose(last.mean, np.mean(ROWS, axis=0, keepdims=True), rtol=1e-12)


def test_the_variance_of_a_batch_is_unbiased():
    """Over all 125 batches of 3 from {0, 1, 2, 3, 7}: their mean is the variance of the five."""
    values = np.array([0.0, 1, 2, 3, 7])
    start = RunningStatistics.start(axes=0, momentum=1)
    batches = np.stack(np.meshgrid(values, values, values), axis=-1).reshape(-1, 3)
    mean = np.mean([start.update(batch[:, None]).var for batch in batches])
    assert mean == pytest.approx(np.var(values), rel=1e-13)


def test_in_inference_an_example_stands_alone():
    statistics = RunningStatistics.start().update(IMAGES)
    y = statistics.normalize(IMAGES)
    np.testing.assert_array_equal(statistics.normalize(IMAGES[1:2]), y[1:2])
    fresh = RunningStatistics.start().normalize(IMAGES)
    np.testing.assert_allclose(fresh, IMAGES / np.sqrt(1 + 1e-5), rtol=1e-15)


def test_running_statistics_are_immutable():
    start = RunningStatistics.start(axes=(0,))
    first = start.update(ROWS)
    assert (start.mean, start.var) == (0, 1)
    kept = first.mean.copy(), first.var.copy()
    first.update(5 * ROWS)
    np.testing.assert_array_equal((first.mean, first.var), kept)
    with pytest.raises(ValueError, match="read-only"):
        first.mean[...] = 0
    with pytest.raises(ValueError, match="read-only"):
        first.var += 1
    with pytest.raises(AttributeError):
        first.momentum = 0.5


def test_inference_is_differentiable():
    statistics = RunningStatistics.start(axes=0).update(ROWS)
    gamma, beta = rng.normal(size=(2, 3))
    assert check_gradients(statistics.normalize, ROWS, gamma, beta) < 1e-8
    slope = grad(lambda x: np.sum(statistics.normalize(x, gamma)))(ROWS)
    constant = np.broadcast_to(gamma / np.sqrt(statistics.var + 1e-5), (6, 3))
    np.testing.assert_allclose(slope, constant, rtol=1e-13)
    with pytest.raises(TypeError, match="running statistics have no derivative"):
        statistics.update(Tensor(ROWS))


def test_variance_far_out():
    statistics = RunningStatistics.start(axes=0, momentum=1)
    for n in range(2, 9):  # 0.1 + 0.1 + 0.1 is not 0.3 in float64
        assert statistics.update(np.full((n, 1), 0.1)).var == 0
    shifted = statistics.update(np.array([[1e8], [1e8 + 2**-20]]))
    assert shifted.var == 2.0**-41


def test_bad_statistics():
    for momentum in (0, -0.1, 1.1, np.nan, "0.1", None):
        with refused("momentum must be a"):
            RunningStatistics.start(momentum=momentum)
    with refused("eps must be a finite number >= 0"):
        RunningStatistics.start(eps=-1)
    start = RunningStatistics.start(axes=0)
    with refused("x must have more than one value along axes (0,) for a variance, got shape"):
        start.update(ROWS[:1])
    for bad in (np.nan, np.inf, 1e200):
        x = ROWS.copy()
        x[2, 1] = bad
        with refused("x must be finite and have a finite variance"):
            start.update(x)
    with refused("x must have entries along axes (0,), got shape (0, 3)"):
        start.update(ROWS[:0])
    with refused("x must be an array of real numbers"):
        start.update("x")
    first = start.update(ROWS)
    for call in (first.update, first.normalize):
        with refused("x must have statistics of shape (1, 3), as the batches before, got shape"):
            call(np.zeros((6, 4)))
        with refused("x must have statistics of shape (1, 3), as the batches before, got shape"):
            call(np.zeros((6, 2, 3)))
    with refused("gamma must broadcast against x, of shape (6, 3), got (6,)"):
        first.normalize(ROWS, np.ones(6))
    flat = RunningStatistics.start(axes=0, momentum=1, eps=0).update([[2.0], [2]])
    with refused("eps must be above 0 where the running variance is 0, got 0"):
        flat.normalize([[1.0]])


def test_documentation():
    for call in (normalize, batch_norm, layer_norm, instance_norm, group_norm, rms_norm):
        assert "ValueError" in call.__doc__ and call.vjp.__doc__
        if call is not normalize:
            assert "Source:" in call.__doc__ and "gamma" in call.__doc__
    for call in (RunningStatistics.start, RunningStatistics.update, RunningStatistics.normalize):
        assert "ValueError" in call.__doc__
    assert "n - 1" in RunningStatistics.update.__doc__
