"""Scaling: against scikit-learn, against fractions, invariances, columns without spread."""

import re
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
    normalize,
)

from nnbook.autodiff import Tensor, check_gradients, grad
from nnbook.scaling import l1_normalize, l2_normalize, log, max_abs, min_max, robust, z_score

COLUMNS = [min_max, z_score, max_abs, robust]
ROWS = [l1_normalize, l2_normalize]
SKLEARN = [
    (min_max, MinMaxScaler()),
    (lambda x: min_max(x, -1, 3), MinMaxScaler((-1, 3))),
    (z_score, StandardScaler()),
    (max_abs, MaxAbsScaler()),
    (robust, RobustScaler()),
    (l1_normalize, lambda x: normalize(x, norm="l1")),
    (l2_normalize, lambda x: normalize(x, norm="l2")),
]
against_sklearn = pytest.mark.parametrize("ours, theirs", SKLEARN)

tables = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=7),
    elements=st.integers(-1000, 1000).map(lambda v: v / 8),
)


@pytest.fixture(autouse=True)
def warnings_are_errors():
    with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
        yield


def refused(text):
    return pytest.raises(ValueError, match="^" + re.escape(text))


def scaled(theirs, x):
    return theirs(x) if callable(theirs) else theirs.fit_transform(x)


# Against scikit-learn


@against_sklearn
@given(tables)
def test_the_same_as_scikit_learn(ours, theirs, x):
    np.testing.assert_allclose(ours(x), scaled(theirs, x), rtol=1e-11, atol=1e-13)


@against_sklearn
def test_the_same_as_scikit_learn_with_outliers_ties_and_units(ours, theirs):
    x = np.random.default_rng(0).standard_t(1, size=(101, 4)) * [1e-6, 1, 1e6, 30]
    x[:40, 3] = 2
    np.testing.assert_allclose(ours(x), scaled(theirs, x), rtol=1e-10, atol=1e-12)


@against_sklearn
def test_columns_and_rows_without_spread_as_in_scikit_learn(ours, theirs):
    x = np.array([[0, 2, -3, 0.1, 1], [0, 2, -3, 0.1, 4], [0, 2, -3, 0.1, 4]])
    x = np.vstack([x, x, np.where(x == 0.1, 0.1, x)])
    np.testing.assert_allclose(ours(x), scaled(theirs, x), rtol=1e-13, atol=1e-15)
    zeros = np.zeros((3, 2))
    np.testing.assert_array_equal(ours(zeros), scaled(theirs, zeros))


def test_where_scikit_learn_differs():
    """What rounding alone could have made, it takes as constant; here only what is constant is.

    A column of tiny numbers keeps its unit there in robust and in max_abs (and in min_max, with
    spans below 2e-15), and a column that varies in its last digit becomes 0 or stays tiny there in
    z_score.
    """
    x = 1e-18 * np.array([[1.0], [2], [3], [4], [5]])
    np.testing.assert_allclose(robust(x)[:, 0], [-1, -0.5, 0, 0.5, 1], rtol=1e-12)
    assert np.max(np.abs(RobustScaler().fit_transform(x))) < 1e-17
    np.testing.assert_allclose(max_abs(x)[:, 0], [0.2, 0.4, 0.6, 0.8, 1], rtol=1e-15)
    assert np.max(np.abs(MaxAbsScaler().fit_transform(x))) < 1e-17
    np.testing.assert_allclose(min_max(x)[:, 0], [0, 0.25, 0.5, 0.75, 1], rtol=1e-15)
    assert np.max(np.abs(MinMaxScaler().fit_transform(x))) < 1e-17
    x = np.array([[1e8], [1e8], [1e8 + 2**-26]])
    np.testing.assert_allclose(z_score(x)[:, 0], np.array([-1, -1, 2]) / 2**0.5, rtol=1e-14)
    assert np.max(np.abs(StandardScaler().fit_transform(x))) < 1e-7


# Exactly


def quantile(values, p):
    """Linear between neighbours in order; the i-th of n, from 0, stands at i / (n - 1)."""
    values, place = sorted(values), p * (len(values) - 1)
    i = int(place)
    upper = values[min(i + 1, len(values) - 1)]
    return values[i] + (place - i) * (upper - values[i])


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=9))
def test_the_definitions_in_fractions(column):
    v = [Fraction(n, 64) for n in column]
    x = np.array(v, dtype=float)[:, None]
    span, mean, largest = max(v) - min(v), sum(v) / len(v), max(map(abs, v))
    variance = sum((n - mean) ** 2 for n in v) / len(v)
    squares = float(sum(n * n for n in v))
    q1, median, q3 = (quantile(v, Fraction(k, 4)) for k in (1, 2, 3))
    exact = [
        (min_max(x), [(n - min(v)) / (span or 1) for n in v]),
        (min_max(x, -2, 0.5), [-2 + Fraction(5, 2) * (n - min(v)) / (span or 1) for n in v]),
        (max_abs(x), [n / (largest or 1) for n in v]),
        (robust(x), [(n - median) / ((q3 - q1) or 1) for n in v]),
        (z_score(x), [float(n - mean) / (float(variance) or 1) ** 0.5 for n in v]),
        (l1_normalize(x, axis=0), [n / (sum(map(abs, v)) or 1) for n in v]),
        (l2_normalize(x, axis=0), [float(n) / (squares or 1) ** 0.5 for n in v]),
    ]
    for ours, wanted in exact:
        wanted = np.array(wanted, dtype=float)
        np.testing.assert_allclose(ours[:, 0], wanted, rtol=1e-12, atol=1e-14)


def test_values_by_hand():
    x = [[1, 10], [2, 20], [3, 60]]
    np.testing.assert_allclose(min_max(x), [[0, 0], [0.5, 0.2], [1, 1]], rtol=1e-15)
    np.testing.assert_allclose(min_max(x, -1, 1), [[-1, -1], [0, -0.6], [1, 1]], rtol=1e-15)
    np.testing.assert_allclose(max_abs([[-4, 1], [2, 0]]), [[-1, 1], [0.5, 0]], rtol=1e-15)
    np.testing.assert_allclose(robust([0, 1, 2, 3, 1000]), [-1, -0.5, 0, 0.5, 499], rtol=1e-15)
    np.testing.assert_allclose(z_score([1, 3]), [-1, 1], rtol=1e-15)  # n, not n - 1
    np.testing.assert_allclose(log([0, np.e - 1], 1), [0, 1], rtol=1e-15)
    np.testing.assert_allclose(log([2], 0), [np.log(2)], rtol=1e-15)
    np.testing.assert_allclose(l1_normalize([3, -1]), [0.75, -0.25], rtol=1e-15)
    np.testing.assert_allclose(l2_normalize([[3, -4], [0, 2]]), [[0.6, -0.8], [0, 1]], rtol=1e-15)


def test_one_outlier_moves_the_others_in_all_but_robust():
    x = np.arange(9.0)
    far = np.append(x[:-1], 1e6)
    np.testing.assert_array_equal(robust(far)[:-1], robust(x)[:-1])
    for scaler in (min_max, z_score, max_abs):
        assert np.ptp(scaler(far)[:-1]) < 1e-4 < 0.5 < np.ptp(scaler(x)[:-1])


# What they keep, and what they do not


@given(tables, st.integers(-(10**6), 10**6), st.sampled_from([0.25, 2, 4096]))
def test_units_and_shifts(x, shift, factor):
    for scaler in (min_max, z_score):
        np.testing.assert_array_equal(scaler(factor * x + shift), scaler(x))
    np.testing.assert_array_equal(max_abs(factor * x), max_abs(x))
    varies = np.quantile(x, 0.75, axis=0) > np.quantile(x, 0.25, axis=0)
    np.testing.assert_allclose(
        robust(factor * x + shift)[:, varies], robust(x)[:, varies], rtol=1e-12, atol=1e-14
    )
    for scaler in ROWS:
        np.testing.assert_array_equal(scaler(factor * x), scaler(x))
        np.testing.assert_array_equal(scaler(-x), -scaler(x))


@given(tables)
def test_ranges(x):
    varies = np.ptp(x, axis=0) > 0
    for low, high in ((0, 1), (-1, 1), (-0.1, 0.3), (1e-3, 1e5)):
        y = min_max(x, low, high)
        assert np.all(y >= low - 1e-16 * high) and np.all(y <= high + 1e-16 * high)
        assert np.all(y[x == np.min(x, axis=0)] == low)
        assert np.all(y[(x == np.max(x, axis=0)) & varies] == high)
    assert np.all((min_max(x) >= 0) & (min_max(x) <= 1))
    y = z_score(x)
    assert np.all(np.abs(np.mean(y, axis=0)) < 1e-14)
    np.testing.assert_allclose(np.var(y, axis=0), varies, rtol=1e-13)
    assert np.all(np.max(np.abs(max_abs(x)), axis=0) == np.any(x, axis=0))
    np.testing.assert_allclose(np.sum(np.abs(l1_normalize(x)), axis=1), np.any(x, axis=1))
    np.testing.assert_allclose(np.sum(l2_normalize(x) ** 2, axis=1), np.any(x, axis=1))
    q1, median, q3 = np.quantile(robust(x), [0.25, 0.5, 0.75], axis=0)
    np.testing.assert_allclose(median, 0, atol=1e-13)
    assume(np.all(np.quantile(x, 0.75, axis=0) > np.quantile(x, 0.25, axis=0)))
    np.testing.assert_allclose(q3 - q1, 1, rtol=1e-12)


def test_affine_scalers_keep_the_shape_of_a_distribution_and_log_does_not():
    x = np.random.default_rng(1).lognormal(size=(500, 1))
    skew, kurtosis = scipy.stats.skew(x), scipy.stats.kurtosis(x)
    for scaler in COLUMNS:
        y = scaler(x)
        np.testing.assert_allclose(scipy.stats.skew(y), skew, rtol=1e-10)
        np.testing.assert_allclose(scipy.stats.kurtosis(y), kurtosis, rtol=1e-10)
        np.testing.assert_array_equal(np.argsort(y, axis=0), np.argsort(x, axis=0))
    assert abs(scipy.stats.skew(log(x, 0))[0]) < 0.3 < 3 < skew[0]


def test_zeros_stay_zeros_where_nothing_is_shifted():
    x = np.array([[0, 1, 2], [3, 0, -4], [0, 5, 0]])
    for scaler in (max_abs, l1_normalize, l2_normalize):
        np.testing.assert_array_equal(scaler(x) == 0, x == 0)


# Columns without spread, numbers far out


@pytest.mark.parametrize("value", [0, 0.1, -3, 1e8 + 0.1, -1e308, 5e-324])
def test_constant_columns(value):
    for n in (1, 3, 10):
        x = np.full((n, 2), value)
        np.testing.assert_array_equal(min_max(x), np.zeros((n, 2)))
        np.testing.assert_array_equal(min_max(x, -0.7, 2), np.full((n, 2), -0.7))
        np.testing.assert_array_equal(z_score(x), np.zeros((n, 2)))
        np.testing.assert_array_equal(robust(x), np.zeros((n, 2)))
        np.testing.assert_array_equal(max_abs(x), np.full((n, 2), np.sign(value)))


def test_an_interquartile_range_of_0_counts_as_1():
    np.testing.assert_array_equal(robust([5, 5, 5, 5, 5, 8, 1]), [0, 0, 0, 0, 0, 3, -4])


def test_zero_rows_stay_zero():
    x = np.array([[0.0, 0, 0], [0, -2, 0], [-0.0, 0, 0]])
    for scaler in ROWS:
        np.testing.assert_array_equal(scaler(x), [[0, 0, 0], [0, -1, 0], [0, 0, 0]])


@pytest.mark.parametrize("factor", [1e200, 2.0**1020, 1e-200, 1e-300, 2.0**-1060])
def test_far_out(factor):
    x = np.array([[3.0, -1, 2], [0, 5, 1], [-4, 2, 2], [1, 1, 7], [2, 0, 3]])
    rtol = 1e-14 if factor > 1e-300 else 1e-3
    for scaler in (*COLUMNS, *ROWS):
        with np.errstate(all="raise", under="ignore"):
            np.testing.assert_allclose(scaler(factor * x), scaler(x), rtol=rtol, atol=1e-15)


def test_a_large_offset_costs_no_digits():
    x = np.array([[0.25], [0.5], [1.5], [-2], [3]])
    for scaler in (min_max, z_score):
        np.testing.assert_array_equal(scaler(x + 2.0**40), scaler(x))
    np.testing.assert_allclose(robust(x + 2.0**40), robust(x), rtol=1e-15)


# Axes, tensors, arguments


@pytest.mark.parametrize("scaler", [*COLUMNS, *ROWS])
def test_axes(scaler):
    x = np.random.default_rng(2).normal(size=(3, 4, 5))
    default = 0 if scaler in COLUMNS else -1
    np.testing.assert_array_equal(scaler(x), scaler(x, axis=default))
    for axis in range(3):
        y = scaler(x, axis=axis)
        np.testing.assert_array_equal(scaler(x, axis=np.int64(axis - 3)), y)
        for i in range(4):
            if axis != 1:
                np.testing.assert_allclose(
                    y[:, i], scaler(x[:, i], axis=min(axis, 1)), rtol=1e-13, atol=1e-15
                )
        np.testing.assert_allclose(
            np.moveaxis(y, axis, 0)[:, 1, 2],
            scaler(np.moveaxis(x, axis, 0)[:, 1, 2], axis=0),
            rtol=1e-13,
            atol=1e-15,
        )
    assert scaler(np.zeros((2, 0)), axis=0).shape == (2, 0)


@pytest.mark.parametrize("scaler", [min_max, z_score, max_abs, l1_normalize, l2_normalize])
def test_derivatives(scaler):
    x = np.random.default_rng(3).normal(size=(5, 3))
    assert check_gradients(scaler, x) < 1e-7
    assert check_gradients(lambda x: log(x**2, 0.1), x) < 1e-7
    with pytest.raises(TypeError, match="no derivative rule"):
        robust(Tensor(x))


@pytest.mark.parametrize("scaler", ROWS)
def test_the_derivative_at_a_zero_row_is_0(scaler):
    x = np.array([[0.0, 0], [3, 4]])
    slope = grad(lambda x: np.sum(scaler(x) * [[1, 2], [3, -1]]))(x)
    np.testing.assert_array_equal(slope[0], [0, 0])
    assert np.all(slope[1] != 0)
    assert check_gradients(lambda row: scaler(np.stack([x[0], row])), x[1]) < 1e-8


@pytest.mark.parametrize("scaler", [*COLUMNS, *ROWS, lambda x: log(x, 9)])
def test_inputs_stay_as_they_are(scaler):
    x = np.array([[1, -2], [3, 4], [0, 8]])
    x.flags.writeable = False
    y = scaler(x)
    assert y.dtype == np.float64 and y.flags.writeable
    np.testing.assert_array_equal(scaler(x.tolist()), y)
    floats = x.astype(float)
    floats.flags.writeable = False
    assert not np.shares_memory(scaler(floats), floats)


@pytest.mark.parametrize("scaler", [*COLUMNS, *ROWS])
def test_bad_arguments(scaler):
    x = np.ones((2, 3))
    for axis in (2, -3, 1.0, None, "0", True, (0,)):
        with refused("axis must be an integer from -2 to 1 for x of shape (2, 3), got"):
            scaler(x, axis=axis)
    with refused("x must have at least one axis, got the scalar 2.0"):
        scaler(2)
    with refused("x must have entries along axis 0, got shape (0, 3)"):
        scaler(np.zeros((0, 3)), axis=0)
    for bad in ("ab", None, [1j], [[1], [2, 3]]):
        with refused("x must be an array of real numbers"):
            scaler(bad)
    for bad in (np.nan, np.inf, -np.inf):
        with refused("x must be finite, got 2 that are not"):
            scaler([1, bad, bad])


def test_a_span_that_overflows():
    far = [[1.7e308], [-1.7e308]]
    for scaler in (min_max, z_score, robust):
        with refused("x must span less than 1.8e308 along axis 0"):
            scaler(far)
    np.testing.assert_array_equal(max_abs(far), [[1], [-1]])
    np.testing.assert_allclose(l2_normalize(far, axis=0), np.array([[1], [-1]]) / 2**0.5)


def test_bad_bounds():
    for low, high in ((1, 0), (1, 1)):
        with refused(f"low must be below high, got low={float(low)} and high={float(high)}"):
            min_max([1, 2], low, high)
    with refused("low must be a finite number"):
        min_max([1, 2], "a")
    with refused("high must be a finite number"):
        min_max([1, 2], 0, np.inf)


def test_bad_logarithms():
    for bad, eps in ((-1, 1), (-1.5, 1), (0, 0), (-1e-300, 0)):
        with refused(f"x must be above -eps everywhere, got {float(bad)} for eps={float(eps)}"):
            log([3, bad], eps)
        with refused("x must be above -eps everywhere"):
            log(Tensor([3, bad]), eps)
    for eps in (-1, np.nan, None):
        with refused("eps must be a finite number >= 0"):
            log([1], eps)
    with refused("x must be finite"):
        log([1, np.nan], 1)
    with refused("x must be an array of real numbers"):
        log("x", 1)
    assert log(np.nextafter(-1, 0), 1) == np.log(2.0**-53)


def test_documentation():
    for scaler in (*COLUMNS, log):
        assert "ffine" in scaler.__doc__ or "linear" in scaler.__doc__
    for scaler in (*COLUMNS, *ROWS):
        assert "constant column" in scaler.__doc__ or "zero row" in scaler.__doc__


def test_min_max_keeps_the_order_of_neighbours():
    x = np.array([0, 0.2, np.nextafter(0.2, 9), 1])
    assert np.all(np.diff(min_max(x, 5, 6)) >= 0)
    rng = np.random.default_rng(0)
    for low, high in ((5, 6), (-1, 1), (0.1, 0.3), (-1e308, 1e308), (1e9, 1e9 + 1), (-3e-320, 1)):
        near = np.sort(rng.uniform(size=50))
        x = np.sort(np.concatenate([near, np.nextafter(near, 2), np.nextafter(near, -1)]))
        scaled = min_max(x, low, high)
        assert scaled[0] == low and scaled[-1] == high
        assert np.all(np.diff(scaled) >= 0) and np.all((low <= scaled) & (scaled <= high))
    assert check_gradients(lambda x: min_max(x, 5, 6), rng.normal(size=(6, 2))) < 1e-6


def test_robust_with_a_tiny_range_of_quartiles():
    x = np.array([0, 1e-310, 2e-310, 3e-310, 1.0])
    with refused("x must lie within 1.8e308 interquartile ranges of its median along axis 0, got"):
        robust(x)
    np.testing.assert_allclose(robust(x[:4] * 1e300), robust(np.arange(4.0)), rtol=1e-9)


def test_directions_at_the_ends_of_the_range():
    for size in (5e-324, 1e-310, 1e308, 1.7e308):
        np.testing.assert_allclose(l2_normalize([size, -size]), np.sqrt([0.5, 0.5]) * [1, -1])
        np.testing.assert_allclose(l1_normalize([size, -size]), [0.5, -0.5])


def test_log_has_no_hidden_epsilon():
    with pytest.raises(TypeError, match="eps"):
        log([1.0])


def test_masked_arrays_are_refused():
    masked = np.ma.array([1.0, 2.0], mask=[False, True])
    for f in (min_max, z_score, max_abs, robust, l1_normalize, l2_normalize):
        with refused("x must be an array of real numbers, got a masked array"):
            f(masked)
