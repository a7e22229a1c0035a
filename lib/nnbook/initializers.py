"""Starting values for weights: which distribution, and how wide, given the shape of the layer.

A shape is (fan_out, fan_in), or (fan_out, fan_in, *kernel) for a convolution: the layout in which a
layer computes W x. With n_in and n_out from `fan_in_fan_out`, all weights are independent, of mean
0, and

    Xavier (Glorot)   Var(w) = gain² · 2 / (n_in + n_out)
    Kaiming (He)      Var(w) = 2 / ((1 + α²) n), n = n_in or n_out, α the slope for negative inputs

A uniform distribution on (-bound, bound) has the variance bound² / 3, so bound = √3 · std gives the
`_uniform` twin of a `_normal` the same variance. Biases start at 0: `zeros((fan_out,))`.

The same distributions under other names, and what some frameworks take when none is named:

    PyTorch   `Linear` and the convolutions: kaiming_uniform with negative_slope = √5, which is
              U(±1/√n_in), Var(w) = 1/(3 n_in); biases from the same interval, not 0.
              `kaiming_uniform_` itself has the default slope 0; for leaky ReLU pass its slope.
    Keras     `Dense` and `Conv2D`: glorot_uniform = `xavier_uniform`; biases 0. `glorot_normal` and
              `he_normal` are cut off at two standard deviations and then widened, so that the
              variance is the one above; the shape of the distribution is not.
    Flax      `Dense` and `Conv`: lecun_normal, Var(w) = 1/n_in, cut off and widened likewise;
              biases 0.

Keras and Flax keep the transposed layout, (*kernel, fan_in, fan_out).
"""

import math
import numbers

import numpy as np

from nnbook._arrays import as_number, check_rng


def fan_in_fan_out(shape):
    """(n_in, n_out): how many inputs a unit sums over, how many sums an input enters.

    (fan_out, fan_in) -> (fan_in, fan_out); with a kernel of k = k_1 · k_2 · ... places, both times
    k. For a convolution n_out is exact for stride 1 and away from the border.

    Raises ValueError for fewer than two axes and for lengths that are not positive integers.
    """
    shape = _checked_shape(shape)
    if len(shape) < 2:
        raise ValueError(f"shape must be (fan_out, fan_in, *kernel), two axes or more, got {shape}")
    fan_out, fan_in, *kernel = shape
    places = math.prod(kernel)
    return fan_in * places, fan_out * places


def normal(shape, rng, std=1.0):
    """w ~ N(0, std²), independent; any shape of one axis or more, float64. std >= 0.

    Raises ValueError for a bad shape, rng or std.
    """
    shape = _checked_shape(shape)
    std = as_number(std, "std", at_least=0)
    check_rng(rng)
    return std * rng.standard_normal(shape)


def uniform(shape, rng, bound=1.0):
    """w ~ U(-bound, bound), independent: Var(w) = bound² / 3; any shape of one axis or more.

    Values in [-bound, bound), float64; bound >= 0. Raises ValueError for a bad shape, rng or bound.
    """
    shape = _checked_shape(shape)
    bound = as_number(bound, "bound", at_least=0)
    check_rng(rng)
    return bound * rng.uniform(-1, 1, shape)


def xavier_normal(shape, rng, gain=1.0):
    """w ~ N(0, gain² · 2 / (n_in + n_out)), independent, of shape (fan_out, fan_in, *kernel).

    The variance lies between 1/n_in, which keeps the variance of a linear layer's outputs, and
    1/n_out, which keeps that of its gradients. gain >= 0 makes up for the activation: 1 for a
    linear one or for tanh close to 0, 4 for a sigmoid there.

    Raises ValueError for a bad shape, rng or gain.
    Source: Glorot and Bengio, Understanding the Difficulty of Training Deep Feedforward Neural
    Networks, 2010, who give the uniform form with gain 1.
    """
    return normal(shape, rng, _xavier_std(shape, gain))


def xavier_uniform(shape, rng, gain=1.0):
    """w ~ U(-bound, bound), bound = gain · √(6 / (n_in + n_out)).

    Of shape (fan_out, fan_in, *kernel), with the variance of `xavier_normal`; errors as
    `xavier_normal`.
    Source: Glorot and Bengio, 2010, equation 16, with gain 1.
    """
    return uniform(shape, rng, math.sqrt(3) * _xavier_std(shape, gain))


def kaiming_normal(shape, rng, negative_slope=0.0, mode="fan_in"):
    """w ~ N(0, 2 / ((1 + α²) n)), α = negative_slope, n = n_in or, in mode "fan_out", n_out.

    Of shape (fan_out, fan_in, *kernel), independent. For ReLU, α = 0, and leaky ReLU. "fan_in"
    keeps E[activation²] and the variance of the sums before it from layer to layer; "fan_out" keeps
    the second moment of the gradients.

    Raises ValueError for a bad shape, rng, negative_slope (any finite number) or mode.
    Source: He, Zhang, Ren and Sun, Delving Deep into Rectifiers, 2015, who give the normal form.
    """
    return normal(shape, rng, _kaiming_std(shape, negative_slope, mode))


def kaiming_uniform(shape, rng, negative_slope=0.0, mode="fan_in"):
    """w ~ U(-bound, bound), bound = √(6 / ((1 + α²) n)), α and n as in `kaiming_normal`.

    Of shape (fan_out, fan_in, *kernel), with the variance of `kaiming_normal`; errors as
    `kaiming_normal`.
    Source: He, Zhang, Ren and Sun, 2015, for the variance; the uniform form is that of frameworks.
    """
    return uniform(shape, rng, math.sqrt(3) * _kaiming_std(shape, negative_slope, mode))


def constant(shape, value):
    """All weights equal to `value`, a finite number; any shape of one axis or more, float64.

    For biases, and to see what goes wrong: units that start equal stay equal.
    Raises ValueError for a bad shape or value.
    """
    return np.full(_checked_shape(shape), as_number(value, "value"))


def zeros(shape):
    """All weights 0: `constant(shape, 0)`; any shape of one axis or more, float64.

    Raises ValueError for a bad shape.
    """
    return constant(shape, 0)


def _xavier_std(shape, gain):
    return as_number(gain, "gain", at_least=0) * math.sqrt(2 / sum(fan_in_fan_out(shape)))


def _kaiming_std(shape, negative_slope, mode):
    fan_in, fan_out = fan_in_fan_out(shape)
    if not isinstance(mode, str) or mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode must be 'fan_in' or 'fan_out', got {mode!r}")
    n = fan_in if mode == "fan_in" else fan_out
    # hypot, because α² may overflow
    return math.sqrt(2 / n) / math.hypot(1, as_number(negative_slope, "negative_slope"))


def _checked_shape(shape):
    if not (
        isinstance(shape, tuple | list)
        and shape
        and all(isinstance(n, numbers.Integral) and not isinstance(n, bool) for n in shape)
        and min(shape) > 0
    ):
        raise ValueError(
            f"shape must be a tuple of positive integers, (fan_out, fan_in, *kernel), got {shape!r}"
        )
    return tuple(int(n) for n in shape)
