"""Scaling of data before training: each feature on its own, or each example as a vector.

Columns are features: with axis=0 each column of x (N, D) is scaled by its own statistics, which are
those of the N rows at hand. `l1_normalize` and `l2_normalize` divide each row by its own length.
Any number of axes is taken, along which `axis` runs; the shape stays.

Where a statistic would divide by 0 the answer is stated, and is never NaN: a constant column gives
`low` in min_max, 0 in z_score and robust, its sign in max_abs; a zero row stays zero. Float64 in
and out; inputs are not modified. All raise ValueError for anything but finite real numbers and for
an axis that x does not have or that is empty; `min_max`, `z_score` and `robust` also for a column
whose max - min exceeds 1.8e308.

Called with a tensor, all but `robust` (quartiles have no rule) are recorded operation by operation.
The derivative of the last two at a zero row, where there is none, is taken as 0.
"""

import numpy as np

from nnbook._arrays import as_floats, as_number, check_axis, in_units, unit


def min_max(x, low=0.0, high=1.0, axis=0):
    """low + (high - low) · (x - min) / (max - min), in each column.

    The smallest entry gives `low` and the largest `high`, exactly, the others what is between, up
    to rounding; a constant column gives `low`. An affine map with a positive slope: order, rounded
    numbers included, and shape of the distribution stay. One outlier decides the slope.

    Any shape with at least one axis -> same shape. Raises ValueError unless low < high, for entries
    that are not finite, for a bad axis and for a span beyond 1.8e308.
    """
    low, high = as_number(low, "low"), as_number(high, "high")
    if not low < high:
        raise ValueError(f"low must be below high, got low={low} and high={high}")
    u = _within(*_spanned(x, axis))
    # low (1 - u) + high u would round neighbours out of their order. In halves: no overflow.
    scaled = 2 * (low / 2 + (high / 2 - low / 2) * u)
    return np.where((u == 1) | (scaled > high), high, scaled)


@np.errstate(under="ignore")
def z_score(x, axis=0):
    """Standardization, (x - mean) / standard deviation, in each column.

    Mean 0 and variance 1, with the variance of the entries at hand, divided by n, not n - 1. A
    constant column gives 0. An affine map with a positive slope: the shape of the distribution
    stays, it does not become normal.

    Any shape with at least one axis -> same shape. Raises ValueError for entries that are not
    finite, for a bad axis and for a span beyond 1.8e308.
    """
    u = _within(*_spanned(x, axis))  # which changes nothing, and no square can overflow
    centred = u - np.mean(u, axis=axis, keepdims=True)
    variance = np.mean(np.square(centred), axis=axis, keepdims=True)
    return centred / np.sqrt(_or_one(variance))


@np.errstate(under="ignore")
def max_abs(x, axis=0):
    """x / max|x|, in each column: into [-1, 1].

    A linear map: zeros stay zeros, nothing is shifted. A constant column gives its sign, a column
    of zeros stays zero.

    Any shape with at least one axis -> same shape. Raises ValueError for entries that are not
    finite and for a bad axis.
    """
    x = _checked(x, axis)
    return x / _or_one(np.max(np.abs(x), axis=axis, keepdims=True))


@np.errstate(under="ignore")
def robust(x, axis=0):
    """(x - median) / (Q3 - Q1), in each column.

    Q1 and Q3 are the quartiles, interpolated linearly between neighbours. Half of the result lies
    within a span of 1, and the median at 0: not in a fixed interval. Less than a quarter of the
    entries can run away and not take the scale along. An interquartile range of 0 counts as 1: a
    constant column gives 0, one with more than half of its entries equal keeps its unit.

    Any shape with at least one axis -> same shape. Raises ValueError for entries that are not
    finite, for a bad axis, for a span beyond 1.8e308 and for an outlier that far out in units of
    the interquartile range.
    """
    x, *_ = _spanned(x, axis)
    q1, median, q3 = np.quantile(x, [0.25, 0.5, 0.75], axis=axis, keepdims=True)
    with np.errstate(over="ignore"):
        scaled = (x - median) / _or_one(q3 - q1)
    if not np.all(np.isfinite(scaled)):
        raise ValueError(
            f"x must lie within 1.8e308 interquartile ranges of its median along axis {axis}, "
            f"got a range of {np.min(q3 - q1, where=q3 > q1, initial=np.inf)}"
        )
    return scaled


def log(x, eps):
    """log(x + eps), the natural logarithm, entry by entry: large values move together.

    Not affine: it changes the shape of a distribution, and the result depends on the unit of x
    unless eps is 0. eps, at least 0, is in the unit of x.

    Any shape -> same shape. Raises ValueError for x <= -eps, for entries that are not finite and
    for a negative eps.
    """
    x = _finite(x)
    eps = as_number(eps, "eps", at_least=0)
    if np.any(x <= -eps):
        raise ValueError(f"x must be above -eps everywhere, got {np.min(x)} for eps={eps}")
    return np.log(x + eps)


@np.errstate(under="ignore")
def l1_normalize(x, axis=-1):
    """x / Σ|x| along `axis`: the absolute values of each row sum to 1; a zero row stays zero.

    Any shape with at least one axis -> same shape. Raises ValueError for entries that are not
    finite and for a bad axis.
    """
    u, largest = in_units(_checked(x, axis), axis)
    norm = np.sum(np.abs(u), axis=axis, keepdims=True)
    return np.where(largest == 0, 0, u / _or_one(norm))


@np.errstate(under="ignore")
def l2_normalize(x, axis=-1):
    """x / √(Σx²) along `axis`: each row gets length 1 and keeps its direction; a zero row stays.

    Any shape with at least one axis -> same shape. Raises ValueError for entries that are not
    finite and for a bad axis.
    """
    return unit(_checked(x, axis), axis)


def _spanned(x, axis):
    """x, its smallest entries along `axis`, and max - min: 0, exactly, in a constant column."""
    x = _checked(x, axis)
    low = np.min(x, axis=axis, keepdims=True)
    with np.errstate(over="ignore"):
        span = np.max(x, axis=axis, keepdims=True) - low
    if np.any(np.isinf(span)):
        raise ValueError(f"x must span less than 1.8e308 along axis {axis}: max - min overflows")
    return x, low, span


def _within(x, low, span):
    return (x - low) / _or_one(span)


def _or_one(scale):
    return np.where(scale == 0, 1, scale)


def _finite(x):
    x = as_floats(x, "x")
    if not np.all(np.isfinite(x)):
        raise ValueError(f"x must be finite, got {np.count_nonzero(~np.isfinite(x))} that are not")
    return x


def _checked(x, axis):
    x = _finite(x)
    check_axis(x, axis, "x")
    return x
