"""Normalization layers: subtract a mean, divide by a standard deviation, stretch and shift.

All of them are `normalize` and differ in the axes they average over. For images x (N, C, H, W):

batch_norm     axes (0, 2, 3)   each channel, over the batch and all places
layer_norm     axes (-1,)       as it comes, each row; (1, 2, 3) for each image as a whole
instance_norm  axes (2, 3)      each channel of each image
group_norm                      each group of channels of each image
rms_norm       axes (-1,)       as layer_norm, without subtracting the mean

and then comes gamma · (what is normalized) + beta. gamma and beta broadcast against x, from the
last axis on, and may be left out: for one number per channel of images they have shape (C, 1, 1),
for one per feature of (N, D) or (N, L, D) shape (D,), for one per position shape (L, 1).

Variances are those of the entries at hand, divided by their number n, not n - 1; `eps` is added to
the variance, within the root. Float64 in and out; inputs are not modified. NaN gives NaN in all
that is averaged with it; so does, with NumPy's warning, an infinity, or a span beyond 1.8e308.

`.vjp(g, x, ...)` takes the arguments of the layer after the cotangent g, of the shape of x: the
gradient of Σ g · layer(x, ...) by x or, where gamma or beta are given, the tuple of the gradients
by x, by gamma and by beta, of what was given, in their shapes. Called with tensors, for gamma and
beta as well, by position or by name, the layers are differentiated by these derivatives.
"""

import math
import numbers
from typing import NamedTuple

import numpy as np

from nnbook._arrays import as_floats, as_number, cotangent
from nnbook.autodiff import Tensor, with_rule


@np.errstate(under="ignore")
def normalize(x, axes, eps=1e-5):
    """(x - m) / √(v + eps), with the mean m and the variance v of x over `axes`.

    Any shape -> same shape. Over `axes` the result has mean 0 and variance v / (v + eps): a little
    less than 1, much less where v is not large against eps. Entries that are all equal, a single
    one among them, give exactly 0. A shift of x changes nothing, nor does a positive factor c, up
    to eps: normalize(c x, eps = c² eps) = normalize(x, eps).

    axes   one axis or a tuple of several, each once, negative ones counted from the end
    eps    at least 0, in the unit of x squared

    `normalize.vjp(g, x, axes, eps)` is the gradient by x. Raises ValueError for axes that x does
    not have or that are empty, for an eps below 0, and for eps = 0 where x does not vary: there,
    0 / 0 has no limit.

    Computed after x - min, which is exactly 0 where x is constant (the mean rounds), and in units
    of the span, so that no square overflows.
    """
    x, axes, eps = _arguments(x, axes, eps)
    centred, root, _ = _centred(x, axes, eps)
    return centred / root


@np.errstate(under="ignore")
def _normalize_vjp(g, x, axes, eps=1e-5):
    """Vector-Jacobian product of normalize: (g - mean(g) - y · mean(g · y)) / √(v + eps).

    y = normalize(x, axes, eps), v the variance of x, means over `axes`; exact for every eps.
    g and x of one shape -> that shape. The result has mean 0, as a shift of x changes nothing. With
    eps = 0 it is orthogonal to x as well, as a stretch changes nothing either.
    Raises ValueError for unequal shapes, and where normalize does.
    """
    x, axes, eps = _arguments(x, axes, eps)
    g = cotangent(g, x=x)
    centred, root, scale = _centred(x, axes, eps)
    y = centred / root
    return (g - _mean(g, axes) - y * _mean(g * y, axes)) / root / scale


@np.errstate(under="ignore")
def _rms_normalize(x, axes, eps):
    x, axes, eps = _arguments(x, axes, eps)
    shrunk, root, _ = _shrunk(x, axes, eps)
    return shrunk / root


@np.errstate(under="ignore")
def _rms_normalize_vjp(g, x, axes, eps):
    x, axes, eps = _arguments(x, axes, eps)
    g = cotangent(g, x=x)
    shrunk, root, scale = _shrunk(x, axes, eps)
    y = shrunk / root
    return (g - y * _mean(g * y, axes)) / root / scale


def _group_normalize(x, groups, eps):
    x = as_floats(x, "x")
    grouped = np.reshape(x, _grouped_shape(x, groups))
    return np.reshape(normalize(grouped, tuple(range(2, grouped.ndim)), eps), x.shape)


def _group_normalize_vjp(g, x, groups, eps):
    x = as_floats(x, "x")
    g = cotangent(g, x=x)
    shape = _grouped_shape(x, groups)
    axes = tuple(range(2, len(shape)))
    return np.reshape(normalize.vjp(np.reshape(g, shape), np.reshape(x, shape), axes, eps), x.shape)


# A tensor goes by the product derived by hand; `__wrapped__` is the body, which can be traced.
normalize = with_rule(normalize, _normalize_vjp)
normalize.vjp = _normalize_vjp
_rms_normalize = with_rule(_rms_normalize, _rms_normalize_vjp)
_rms_normalize.vjp = _rms_normalize_vjp
_group_normalize.vjp = _group_normalize_vjp  # its body is a normalize already


def batch_norm(x, gamma=None, beta=None, eps=1e-5, axes=(0, 2, 3)):
    """Batch normalization as in training: gamma · normalize(x, axes, eps) + beta.

    Each channel of (N, C, H, W) by its own N · H · W values; gamma and beta (C, 1, 1). For (N, D)
    give axes=(0,); for (N, L, D) axes=(0, 1), features as channels, or (0, 2), positions as
    channels. The result for one example depends on the others in its batch; one value alone in its
    channel gives beta, whatever it is, and has gradient 0. For inference see `RunningStatistics`.

    Raises ValueError for axes that x does not have (as the default ones for a 2-D x), for gamma and
    beta that do not broadcast against x, and where normalize does.
    Source: Ioffe and Szegedy, Batch Normalization: Accelerating Deep Network Training by Reducing
    Internal Covariate Shift, 2015.
    """
    return _affine(normalize(x, axes, eps), gamma, beta)


def layer_norm(x, gamma=None, beta=None, eps=1e-5, axes=(-1,)):
    """Layer normalization: gamma · normalize(x, axes, eps) + beta, within each example.

    Each row of (N, D) or (N, L, D) by its own D values, gamma and beta (D,); with axes=(1, 2, 3)
    each image of (N, C, H, W) by its C · H · W values, gamma and beta (C, H, W). The batch plays no
    part: training and inference are the same.

    Raises ValueError for axes that x does not have, for gamma and beta that do not broadcast
    against x, and where normalize does.
    Source: Ba, Kiros and Hinton, Layer Normalization, 2016.
    """
    return _affine(normalize(x, axes, eps), gamma, beta)


def instance_norm(x, gamma=None, beta=None, eps=1e-5, axes=(2, 3)):
    """Instance normalization: gamma · normalize(x, axes, eps) + beta, channel by channel.

    Each channel of each image of (N, C, H, W) by its own H · W values; gamma and beta (C, 1, 1).
    For (N, L, D) give axes=(1,), features as channels, gamma and beta (D,), or axes=(2,), positions
    as channels, gamma and beta (L, 1). The batch plays no part.

    Raises ValueError for axes that x does not have (as the default ones for a 3-D x), for gamma and
    beta that do not broadcast against x, and where normalize does.
    Source: Ulyanov, Vedaldi and Lempitsky, Instance Normalization: The Missing Ingredient for Fast
    Stylization, 2016.
    """
    return _affine(normalize(x, axes, eps), gamma, beta)


def group_norm(x, groups, gamma=None, beta=None, eps=1e-5):
    """Group normalization: gamma · (each group of channels, normalized) + beta.

    The C channels of x (N, C, ...) are cut into `groups` groups of neighbours, and each group of
    each example is normalized over its channels and all places. groups = C is instance
    normalization, groups = 1 layer normalization of the whole example. gamma and beta are not cut:
    (C, 1, 1) for images, one number per channel. The batch plays no part.

    Raises ValueError for an x without channels, for a number of groups that does not divide theirs,
    for gamma and beta that do not broadcast against x, and where normalize does.
    Source: Wu and He, Group Normalization, 2018.
    """
    return _affine(_group_normalize(x, groups, eps), gamma, beta)


def rms_norm(x, gamma=None, beta=None, eps=1e-5, axes=(-1,)):
    """Root mean square normalization: gamma · x / √(mean(x²) + eps) + beta, mean over `axes`.

    layer_norm without the mean: a positive factor of x changes nothing, up to eps; a shift does. A
    row of zeros stays zero. Each row of (N, D) or (N, L, D) by default, gamma and beta (D,).

    Raises ValueError for axes that x does not have, for gamma and beta that do not broadcast
    against x, for an eps below 0, and for eps = 0 with zeros alone, where 0 / 0 has no limit.
    Source: Zhang and Sennrich, Root Mean Square Layer Normalization, 2019, where eps is not
    mentioned and gamma is the gain; usually there is no beta.
    """
    return _affine(_rms_normalize(x, axes, eps), gamma, beta)


def _batch_norm_vjp(g, x, gamma=None, beta=None, eps=1e-5, axes=(0, 2, 3)):
    """By x, or the tuple by x and what is given of gamma and beta; errors as batch_norm."""
    return _affine_vjp(g, x, gamma, beta, normalize, axes, eps)


def _layer_norm_vjp(g, x, gamma=None, beta=None, eps=1e-5, axes=(-1,)):
    """By x, or the tuple by x and what is given of gamma and beta; errors as layer_norm."""
    return _affine_vjp(g, x, gamma, beta, normalize, axes, eps)


def _instance_norm_vjp(g, x, gamma=None, beta=None, eps=1e-5, axes=(2, 3)):
    """By x, or the tuple by x and what is given of gamma and beta; errors as instance_norm."""
    return _affine_vjp(g, x, gamma, beta, normalize, axes, eps)


def _group_norm_vjp(g, x, groups, gamma=None, beta=None, eps=1e-5):
    """By x, or the tuple by x and what is given of gamma and beta; errors as group_norm."""
    return _affine_vjp(g, x, gamma, beta, _group_normalize, groups, eps)


def _rms_norm_vjp(g, x, gamma=None, beta=None, eps=1e-5, axes=(-1,)):
    """By x, or the tuple by x and what is given of gamma and beta; errors as rms_norm."""
    return _affine_vjp(g, x, gamma, beta, _rms_normalize, axes, eps)


batch_norm.vjp = _batch_norm_vjp
layer_norm.vjp = _layer_norm_vjp
instance_norm.vjp = _instance_norm_vjp
group_norm.vjp = _group_norm_vjp
rms_norm.vjp = _rms_norm_vjp


class RunningStatistics(NamedTuple):
    """Means and variances gathered in training, for the inference mode of `batch_norm`.

    In inference an example must not depend on those beside it: what stands in for the mean and
    variance of the batch are averages over the batches of the training, older ones forgotten.

    statistics = RunningStatistics.start(axes=(0, 2, 3))     mean 0 and variance 1
    statistics = statistics.update(x)                        after each batch of the training
    statistics.normalize(x, gamma, beta)                     in inference

    Immutable: `update` gives new statistics. The methods raise ValueError, each as it says.

    mean, var   0 and 1 at the start, then of the shape of x with axes of length 1: (1, C, 1, 1)
    axes        those of batch_norm
    momentum    weight of the newest batch, in (0, 1]; some call 1 - momentum by this name
    eps         that of batch_norm

    Source: Ioffe and Szegedy, 2015, algorithm 2: the mean over batches of the unbiased variance.
    The exponential average, its start and its momentum are PyTorch's; ONNX and Keras weigh the old
    value by `momentum`, and ONNX averages the variance divided by n.
    """

    mean: np.ndarray
    var: np.ndarray
    axes: tuple
    momentum: float
    eps: float

    @classmethod
    def start(cls, axes=(0, 2, 3), momentum=0.1, eps=1e-5):
        """Mean 0 and variance 1, before the first batch. See the class for the arguments.

        Raises ValueError for axes that are not different integers, a momentum outside of (0, 1] and
        an eps below 0.
        """
        momentum = as_number(momentum, "momentum", above=0)
        if momentum > 1:
            raise ValueError(f"momentum must be a number in (0, 1], got {momentum!r}")
        axes, eps = _whole_axes(axes), as_number(eps, "eps", at_least=0)
        return cls(np.float64(0), np.float64(1), axes, momentum, eps)

    def update(self, x):
        """The statistics after one more batch, (1 - momentum) · old + momentum · (of the batch).

        The variance of the batch is the unbiased one, divided by n - 1, n the number of values that
        are averaged: it estimates the variance of all data, not of these. batch_norm itself, in
        training, divides by n.

        Raises ValueError for an x with another number of channels than before, for n = 1, which
        says nothing about a variance, and for entries that are not finite or whose square is not:
        they would stay in the averages for ever. Raises TypeError for a tensor.
        """
        if type(x) is Tensor:
            raise TypeError("x must be plain numbers: running statistics have no derivative")
        x, axes = self._fitted(x)
        n = math.prod(x.shape[axis] for axis in axes)
        if n == 1:
            raise ValueError(
                f"x must have more than one value along axes {axes} for a variance, "
                f"got shape {x.shape}"
            )
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            mean = np.mean(x, axis=axes, keepdims=True)
            var = np.var(x - np.min(x, axis=axes, keepdims=True), axis=axes, ddof=1, keepdims=True)
        if not (np.all(np.isfinite(mean)) and np.all(np.isfinite(var))):
            raise ValueError("x must be finite and have a finite variance")
        mean = (1 - self.momentum) * self.mean + self.momentum * mean
        var = (1 - self.momentum) * self.var + self.momentum * var
        mean.flags.writeable = var.flags.writeable = False
        return self._replace(mean=mean, var=var)

    def normalize(self, x, gamma=None, beta=None):
        """gamma · (x - mean) / √(var + eps) + beta, of the shape of x: an affine map of x.

        Raises ValueError for an x, gamma or beta that do not fit, and for var + eps = 0.
        """
        x, _ = self._fitted(x)
        if np.any(self.var + self.eps == 0):
            raise ValueError("eps must be above 0 where the running variance is 0, got 0")
        return _affine((x - self.mean) / np.sqrt(self.var + self.eps), gamma, beta)

    def _fitted(self, x):
        x, axes, _ = _arguments(x, self.axes, self.eps)
        shape = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
        if self.mean.ndim and self.mean.shape != shape:
            raise ValueError(
                f"x must have statistics of shape {self.mean.shape}, as the batches before, "
                f"got shape {x.shape} with statistics of shape {shape}"
            )
        return x, axes


def _arguments(x, axes, eps):
    x = as_floats(x, "x")
    eps = as_number(eps, "eps", at_least=0)
    given = _listed(axes)
    if not all(_is_whole(axis) and -x.ndim <= axis < x.ndim for axis in given) or not given:
        raise ValueError(_wanted_axes(x, axes))
    axes = tuple(sorted(int(axis) % x.ndim for axis in given))
    if len(set(axes)) < len(axes):
        raise ValueError(_wanted_axes(x, given))
    if any(x.shape[axis] == 0 for axis in axes):
        raise ValueError(f"x must have entries along axes {axes}, got shape {x.shape}")
    return x, axes, eps


def _listed(axes):
    """One axis or several, in a tuple, a list or an array, as a tuple."""
    if isinstance(axes, np.ndarray):
        axes = axes.tolist()
    return tuple(axes) if isinstance(axes, tuple | list) else (axes,)


def _is_whole(value):
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _whole_axes(axes):
    given = _listed(axes)
    if not given or not all(map(_is_whole, given)) or len(set(given)) < len(given):
        raise ValueError(f"axes must be one or more different integers, got {axes!r}")
    return tuple(map(int, given))


def _wanted_axes(x, axes):
    if x.ndim == 0:
        return f"x must have at least one axis, got the scalar {x}"
    text = (
        f"axes must be one or more different integers from {-x.ndim} to {x.ndim - 1} "
        f"for x of shape {x.shape}, got {axes!r}"
    )
    if _listed(axes) == (0, 2, 3):
        text += ": batch_norm needs axes=(0,) for (N, D), (0, 1) or (0, 2) for (N, L, D)"
    if _listed(axes) == (2, 3):
        text += ": instance_norm needs axes=(1,) or (2,) for (N, L, D)"
    return text


def _mean(x, axes):
    return np.mean(x, axis=axes, keepdims=True)


def _centred(x, axes, eps):
    """(x - mean) / scale, √(variance + eps) / scale, and the scale, which is about the span."""
    low = np.min(x, axis=axes, keepdims=True)
    scale = _scale(np.max(x, axis=axes, keepdims=True) - low, axes, eps, "constant")
    unit = (x - low) / scale
    centred = unit - _mean(unit, axes)
    return centred, _root(centred, scale, axes, eps), scale


def _shrunk(x, axes, eps):
    """x / scale, √(mean(x²) + eps) / scale, and the scale, which is about the largest |x|."""
    scale = _scale(np.max(np.abs(x), axis=axes, keepdims=True), axes, eps, "zero")
    shrunk = x / scale
    return shrunk, _root(shrunk, scale, axes, eps), scale


def _scale(size, axes, eps, without):
    scale = np.maximum(size, np.sqrt(eps))  # never so small that eps / scale² overflows
    if np.any(scale == 0):
        raise ValueError(f"eps must be above 0 where x is {without} along axes {axes}, got 0")
    return scale


def _root(scaled, scale, axes, eps):
    return np.sqrt(_mean(np.square(scaled), axes) + eps / scale / scale)


def _grouped_shape(x, groups):
    if x.ndim < 2:
        raise ValueError(f"x must have shape (N, C, ...), got shape {x.shape}")
    n, channels, *places = x.shape
    if not _is_whole(groups) or groups < 1 or channels % groups:
        raise ValueError(
            f"groups must be a positive integer that divides the {channels} channels "
            f"of x, of shape {x.shape}, got {groups!r}"
        )
    return (n, int(groups), channels // int(groups), *places)


@np.errstate(under="ignore")
def _affine(normalized, gamma, beta):
    """gamma · normalized + beta, without what is None."""
    if gamma is not None:
        normalized = _fitting(gamma, "gamma", normalized.shape) * normalized
    if beta is not None:
        normalized = normalized + _fitting(beta, "beta", normalized.shape)
    return normalized


@np.errstate(under="ignore")
def _affine_vjp(g, x, gamma, beta, core, *options):
    """By x, and by what is given of gamma and beta, of gamma · core(x, *options) + beta."""
    x = as_floats(x, "x")
    g = cotangent(g, x=x)
    by_core, others = g, []
    if gamma is not None:
        gamma = _fitting(gamma, "gamma", x.shape)
        by_core = g * gamma
        others.append(_summed(g * core(x, *options), gamma.shape))
    if beta is not None:
        others.append(_summed(g, _fitting(beta, "beta", x.shape).shape))
    by_x = core.vjp(by_core, x, *options)
    return (by_x, *others) if others else by_x


def _fitting(value, name, shape):
    value = as_floats(value, name)
    if not _broadcasts(value.shape, shape):
        raise ValueError(f"{name} must broadcast against x, of shape {shape}, got {value.shape}")
    return value


def _broadcasts(shape, to):
    """Does an array of this shape stretch to the shape `to`, and no further?"""
    return len(shape) <= len(to) and all(
        n in (1, m) for n, m in zip(shape[::-1], to[::-1], strict=False)
    )


def _summed(g, shape):
    """g, summed over the axes along which an array of this shape was repeated."""
    more = g.ndim - len(shape)
    repeated = [more + i for i, n in enumerate(shape) if n == 1]
    return np.reshape(np.sum(g, axis=(*range(more), *repeated)), shape)
