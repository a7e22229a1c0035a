"""Initializers: their distributions, the fans of a shape, and what they refuse.

A statistical test here would fail for a right initializer with probability `ALARM` (about: some
limits are those of a normal approximation). The seeds are fixed, so a red one is a change in the
code or in NumPy's generator.
"""

import functools
import re

import numpy as np
import pytest
from scipy import stats

from nnbook import initializers
from nnbook.activations import leaky_relu, relu
from nnbook.initializers import (
    constant,
    fan_in_fan_out,
    kaiming_normal,
    kaiming_uniform,
    normal,
    uniform,
    xavier_normal,
    xavier_uniform,
    zeros,
)
from nnbook.networks import initialize, layers

ALARM = 1e-6
DENSE, KERNEL = (150, 250), (40, 30, 3, 5)

# (initializer, options, shape, variance): the variances as the papers write them, by hand.
NORMAL = [
    (normal, {}, DENSE, 1),
    (normal, {"std": 0.02}, (20_000,), 0.0004),
    (xavier_normal, {}, DENSE, 2 / (250 + 150)),
    (xavier_normal, {}, KERNEL, 2 / (30 * 15 + 40 * 15)),
    (xavier_normal, {"gain": 5 / 3}, DENSE, 25 / 9 * 2 / 400),
    (kaiming_normal, {}, DENSE, 2 / 250),
    (kaiming_normal, {}, KERNEL, 2 / 450),
    (kaiming_normal, {"mode": "fan_out"}, DENSE, 2 / 150),
    (kaiming_normal, {"mode": "fan_out"}, KERNEL, 2 / 600),
    (kaiming_normal, {"negative_slope": 0.5}, DENSE, 2 / (1.25 * 250)),
    (kaiming_normal, {"negative_slope": -2, "mode": "fan_out"}, DENSE, 2 / (5 * 150)),
]
UNIFORM = [
    (uniform, {}, DENSE, 1),
    (uniform, {"bound": 0.02}, (20_000,), 0.02),
    (xavier_uniform, {}, DENSE, (6 / 400) ** 0.5),
    (xavier_uniform, {}, KERNEL, (6 / 1050) ** 0.5),
    (xavier_uniform, {"gain": 4}, DENSE, 4 * (6 / 400) ** 0.5),
    (kaiming_uniform, {}, DENSE, (6 / 250) ** 0.5),
    (kaiming_uniform, {"mode": "fan_out"}, KERNEL, (6 / 600) ** 0.5),
    (kaiming_uniform, {"negative_slope": 0.5}, DENSE, (6 / (1.25 * 250)) ** 0.5),
    # what PyTorch does with a linear layer
    (kaiming_uniform, {"negative_slope": 5**0.5}, DENSE, 1 / 250**0.5),
]
RANDOM = [normal, uniform, xavier_normal, xavier_uniform, kaiming_normal, kaiming_uniform]


def names(case):
    return getattr(case, "__name__", None) or str(case)


@pytest.mark.parametrize(("initializer", "options", "shape", "variance"), NORMAL, ids=names)
def test_normal_ones(initializer, options, shape, variance):
    w = initializer(shape, np.random.default_rng(1), **options)
    assert w.shape == shape and w.dtype == np.float64
    # Σ w² / variance has a χ² distribution: the mean is known to be 0.
    low, high = stats.chi2(w.size).ppf([ALARM / 2, 1 - ALARM / 2])
    assert low < np.sum(w**2) / variance < high
    assert stats.kstest(w.ravel(), stats.norm(scale=variance**0.5).cdf).pvalue > ALARM


@pytest.mark.parametrize(("initializer", "options", "shape", "bound"), UNIFORM, ids=names)
def test_uniform_ones(initializer, options, shape, bound):
    w = initializer(shape, np.random.default_rng(2), **options)
    assert w.shape == shape and w.dtype == np.float64
    assert np.max(np.abs(w)) <= bound
    # All n draws stay below c · bound with probability ((1 + c) / 2)^n.
    reach = 2 * (1 - ALARM ** (1 / w.size)) * bound
    assert np.max(w) > bound - reach and np.min(w) < -bound + reach
    # w² has mean bound²/3 and variance 4 bound⁴/45; the sum of so many is normal.
    far = stats.norm.isf(ALARM / 2) * bound**2 * (4 / 45 / w.size) ** 0.5
    assert abs(np.mean(w**2) - bound**2 / 3) < far
    assert stats.kstest(w.ravel(), stats.uniform(-bound, 2 * bound).cdf).pvalue > ALARM


def test_the_bounds_tell_a_wrong_factor():
    """The checks above would be worth nothing if a factor of 1.08 in the variance passed them."""
    w = 1.08**0.5 * normal(DENSE, np.random.default_rng(1))
    assert np.sum(w**2) > stats.chi2(w.size).isf(ALARM / 2)
    assert stats.kstest(1.1 * w.ravel(), stats.norm().cdf).pvalue < ALARM


@pytest.mark.parametrize("initializer", RANDOM, ids=names)
def test_weights_are_independent(initializer):
    w = initializer((200, 300), np.random.default_rng(3))
    w = (w - w.mean()) / w.std()
    limit = stats.norm.isf(ALARM / 4) / w.size**0.5
    assert abs(np.mean(w[:, 1:] * w[:, :-1])) < limit
    assert abs(np.mean(w[1:] * w[:-1])) < limit


@pytest.mark.parametrize(
    ("by_normal", "by_uniform"),
    [(xavier_normal, xavier_uniform), (kaiming_normal, kaiming_uniform)],
    ids=names,
)
@pytest.mark.parametrize("shape", [(3, 5), (7, 2, 3, 3)])
def test_twins_have_one_variance(by_normal, by_uniform, shape):
    """Exactly, not by a sample: the same draw, divided by what the generator gives."""
    std = by_normal(shape, np.random.default_rng(4)) / np.random.default_rng(4).standard_normal(
        shape
    )
    bound = by_uniform(shape, np.random.default_rng(4)) / np.random.default_rng(4).uniform(
        -1, 1, shape
    )
    np.testing.assert_allclose(bound**2 / 3, std**2, rtol=1e-12)


@pytest.mark.parametrize(
    ("shape", "fans"),
    [
        ((3, 5), (5, 3)),
        ([3, 5], (5, 3)),
        ((1, 1), (1, 1)),
        ((16, 8, 3, 3), (72, 144)),
        ((4, 2, 5), (10, 20)),
        ((4, 2, 1, 2, 3), (12, 24)),
        ((np.int64(3), np.int32(5)), (5, 3)),
        ((np.int8(100), np.int8(2), np.int8(90)), (180, 9000)),  # no overflow
    ],
)
def test_fans(shape, fans):
    assert fan_in_fan_out(shape) == fans


def test_fans_count_what_a_convolution_does():
    """By brute force: inputs that one output depends on, outputs that one inner input reaches."""
    shape, size = (3, 2, 3, 5), 11
    reach = np.zeros((3, size, size, 2, size, size), dtype=bool)
    for i in range(size - 2):
        for j in range(size - 4):
            reach[:, i, j, :, i : i + 3, j : j + 5] = True
    fan_in, fan_out = fan_in_fan_out(shape)
    assert reach[0, 4, 4].sum() == fan_in
    assert reach[:, :, :, 0, 5, 5].sum() == fan_out


@pytest.mark.parametrize("initializer", RANDOM, ids=names)
def test_the_generator_alone_decides(initializer):
    one, two = np.random.default_rng(5), np.random.default_rng(5)
    first = initializer((4, 6), one)
    np.testing.assert_array_equal(first, initializer([4, 6], two))
    assert not np.any(first == initializer((4, 6), one))
    assert len(np.unique(first)) == first.size


def test_constant_and_zeros():
    np.testing.assert_array_equal(constant((2, 3), -0.5), [[-0.5] * 3] * 2)
    np.testing.assert_array_equal(zeros((2, 3, 1, 1)), np.zeros((2, 3, 1, 1)))
    np.testing.assert_array_equal(constant((2,), 7), [7.0, 7.0])
    assert constant((2,), 7).dtype == zeros((1,)).dtype == np.float64


def test_width_zero_is_allowed_and_extremes_stay_finite():
    rng = np.random.default_rng(6)
    for w in (normal((2, 3), rng, 0), uniform((2, 3), rng, 0), xavier_uniform((2, 3), rng, 0)):
        np.testing.assert_array_equal(w, 0)
    assert np.isfinite(uniform((50, 50), rng, 1e308)).all()
    tiny = kaiming_normal((50, 50), rng, negative_slope=1e200)
    assert 0 < np.abs(tiny).max() < 1e-199
    assert np.isfinite(xavier_normal((10**6, 1), rng)).all()


@pytest.mark.parametrize(
    ("activation", "slope"), [(relu, 0.0), (lambda z: leaky_relu(z, 0.3), 0.3)], ids=["relu", "0.3"]
)
@pytest.mark.parametrize("initializer", [kaiming_normal, kaiming_uniform], ids=names)
def test_kaiming_keeps_the_second_moment(initializer, activation, slope):
    """The ratio of two layers' mean squares has mean 1: nine layers of 100 rectifiers, 100 draws.

    One layer of n ReLUs multiplies the mean square of an example by a factor of variance 5/n.
    """
    start = functools.partial(initializer, negative_slope=slope)
    ratios = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        computed = layers(
            initialize([100] * 12, start, rng), rng.standard_normal((30, 100)), activation
        )
        ratios.append(np.mean(computed[-2] ** 2) / np.mean(computed[1] ** 2))
    spread = ((1 + 5 / 100) ** 9 - 1) ** 0.5
    assert abs(np.mean(ratios) - 1) < stats.norm.isf(ALARM / 2) * spread / 10
    assert np.std(ratios) < spread


def test_xavier_keeps_a_linear_signal_both_ways_when_the_fans_agree():
    rng = np.random.default_rng(7)
    w = xavier_normal((1000, 1000), rng)
    x = rng.standard_normal((1000, 50))
    # Each mean square has a relative standard deviation below 1%.
    assert np.mean((w @ x) ** 2) == pytest.approx(1, abs=0.06)
    assert np.mean((w.T @ x) ** 2) == pytest.approx(1, abs=0.06)
    tall = xavier_normal((1500, 500), rng)
    assert np.mean((tall @ x[:500]) ** 2) == pytest.approx(0.5, abs=0.03)
    assert np.mean((tall.T @ rng.standard_normal((1500, 50))) ** 2) == pytest.approx(1.5, abs=0.1)


RNG = np.random.default_rng(8)
BAD_SHAPES = [(), 5, (3, 0), (3, -1), (3, 2.0), (True, 3), "ab", None, (3, np.nan)]


@pytest.mark.parametrize("shape", BAD_SHAPES, ids=repr)
@pytest.mark.parametrize(
    "call",
    [
        fan_in_fan_out,
        zeros,
        lambda shape: constant(shape, 1),
        *(lambda shape, f=f: f(shape, RNG) for f in RANDOM),
    ],
)
def test_bad_shapes(call, shape):
    with pytest.raises(ValueError, match="^shape must be"):
        call(shape)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fan_in_fan_out((5,)), "shape must be (fan_out, fan_in, *kernel)"),
        (lambda: xavier_normal((5,), RNG), "shape must be (fan_out, fan_in, *kernel)"),
        (lambda: normal((2, 3), RNG, -1), "std must be a finite number >= 0, got -1"),
        (lambda: normal((2, 3), RNG, np.inf), "std must be"),
        (lambda: normal((2, 3), RNG, [1, 2]), "std must be"),
        (lambda: uniform((2, 3), RNG, -0.1), "bound must be a finite number >= 0, got -0.1"),
        (lambda: uniform((2, 3), RNG, np.nan), "bound must be"),
        (lambda: xavier_normal((2, 3), RNG, "relu"), "gain must be a finite number >= 0"),
        (lambda: xavier_uniform((2, 3), RNG, -1), "gain must be"),
        (lambda: kaiming_normal((2, 3), RNG, np.nan), "negative_slope must be a finite number"),
        (lambda: kaiming_uniform((2, 3), RNG, None), "negative_slope must be"),
        (
            lambda: kaiming_normal((2, 3), RNG, 0, "fan_avg"),
            "mode must be 'fan_in' or 'fan_out', got 'fan_avg'",
        ),
        (lambda: kaiming_uniform((2, 3), RNG, mode=1), "mode must be"),
        (lambda: constant((2, 3), np.nan), "value must be a finite number, got nan"),
        (lambda: constant((2, 3), "0"), "value must be"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        call()


@pytest.mark.parametrize(
    "rng", [None, 0, np.random, np.random.RandomState(0)], ids=["None", "seed", "module", "legacy"]
)
@pytest.mark.parametrize("initializer", RANDOM, ids=names)
def test_bad_generators(initializer, rng):
    with pytest.raises(ValueError, match="^rng must be a numpy.random.Generator"):
        initializer((2, 3), rng)


def test_every_public_function_is_tested_here():
    public = {
        n
        for n, f in vars(initializers).items()
        if callable(f) and f.__module__ == initializers.__name__ and not n.startswith("_")
    }
    assert public == {f.__name__ for f in (*RANDOM, fan_in_fan_out, constant, zeros)}
