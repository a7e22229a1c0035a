"""Activation functions, elementwise and over vectors, with their derivatives derived by hand.

The elementwise ones are formulas (see `formula`): `sigmoid(x)`, `sigmoid.grad(x)`,
`sigmoid.expr`, `sigmoid.verify()`; any shape in, the same shape out, in float64. NaN gives NaN and
an infinity gives the limit. `softmax` and `log_softmax` act on vectors along an axis and have a
vector-Jacobian product, `.vjp`, in place of `.grad`. Called with a `Tensor`, all of them are
recorded and differentiated by these derivatives.
"""

import numpy as np
import sympy as sp
from scipy.special import erfc

from nnbook._arrays import as_floats, check_axis, cotangent
from nnbook.autodiff import with_rule
from nnbook.formula import formula

_x = sp.Symbol("x", real=True)
_slope = sp.Symbol("negative_slope", real=True)
_alpha = sp.Symbol("alpha", positive=True)
_beta = sp.Symbol("beta", real=True)
_u = sp.sqrt(2 / sp.pi) * (_x + sp.Rational("0.044715") * _x**3)

# Below, the square of e^-x, in the slope of 1 / (1 + e^-x), would overflow; 1 + e^x is 1 there.
_NEAR = np.float64(-350)
# Beyond ±_FAR a logistic tail is 0 in float64: e^-745 is the smallest number there is.
_FAR = np.float64(800)
# Stands in for infinity where a product 0 · inf would come up.
_HUGE = 1e300


@formula(1 / (1 + sp.exp(-_x)), _x)
def sigmoid(x):
    """Logistic sigmoid, σ(x) = 1 / (1 + e^-x).

    Any shape -> same shape, values in (0, 1); rounds to 1 from x = 37 on, underflows to 0 from
    x = -746 on. Smooth, σ(-x) = 1 - σ(x). Derivative σ(x) σ(-x), at most 1/4.

    Computed as 1 / (1 + e^-x) and, where that would overflow, as e^x, which is the same there.
    Raises ValueError for anything but real numbers.
    """
    far = x < _NEAR
    if not np.count_nonzero(far):  # half the time of far.any()
        return 1 / (1 + np.exp(-x))
    return np.where(far, np.exp(np.minimum(x, 0)), 1 / (1 + np.exp(-np.maximum(x, _NEAR))))


@sigmoid.derivative
def _(x):
    # σ(-x) in place of 1 - σ(x), which loses its digits for large x.
    return sigmoid.fn(x) * sigmoid.fn(-x)


@formula(sp.tanh(_x), _x)
def tanh(x):
    """Hyperbolic tangent, (e^x - e^-x) / (e^x + e^-x) = 2σ(2x) - 1.

    Any shape -> same shape, values in (-1, 1); rounds to ±1 from |x| = 19.1 on. Smooth and odd.
    Derivative 1 - tanh²(x) = 4σ(2x) σ(-2x), at most 1; computed in the second form.

    Raises ValueError for anything but real numbers.
    """
    return np.tanh(x)


@tanh.derivative
def _(x):
    t = 2 * np.minimum(np.maximum(x, -_FAR), _FAR)  # np.clip is slower
    return 4 * sigmoid.fn(t) * sigmoid.fn(-t)


@formula(sp.Piecewise((_x, _x > 0), (0, True)), _x)
def relu(x):
    """Rectified linear unit, max(0, x).

    Any shape -> same shape, values in [0, ∞). Kink at 0, where the derivative is taken as 0:
    ReLU'(x) = 1 for x > 0 and 0 for x <= 0.

    Raises ValueError for anything but real numbers.
    Source: Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, 2010.
    """
    return np.maximum(x, 0.0)


@relu.derivative
def _(x):
    positive, unknown = x > 0, x != x  # comparisons are ten times faster than np.heaviside(x, 0)
    return np.where(unknown, x, positive) if np.count_nonzero(unknown) else positive


@formula(sp.Piecewise((_x, _x > 0), (_slope * _x, True)), _x)
def leaky_relu(x, negative_slope=0.01):
    """Leaky ReLU: x for x > 0 and negative_slope · x for x <= 0.

    Any shape -> same shape, values in (-∞, ∞) for a positive slope. Any finite slope is taken;
    the form max(negative_slope · x, x) is the same up to a slope of 1, and not beyond. Kink at 0
    (unless the slope is 1), where the derivative is taken as negative_slope.

    Raises ValueError for a slope that is not finite and for anything but real numbers.
    Sources: Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models,
    2013; with a learned slope, He et al., Delving Deep into Rectifiers, 2015 (PReLU).
    """
    if negative_slope == 0:
        return np.where(x <= 0, 0, x)  # 0 · -inf would be NaN
    return np.where(x > 0, x, negative_slope * np.where(x > 0, 0, x))


@leaky_relu.derivative
def _(x, negative_slope):
    return np.select([x > 0, x <= 0], [1, negative_slope], np.nan)


@formula(sp.Piecewise((_x, _x > 0), (_alpha * (sp.exp(_x) - 1), True)), _x)
def elu(x, alpha=1.0):
    """Exponential linear unit: x for x > 0 and alpha (e^x - 1) for x <= 0, alpha > 0.

    Any shape -> same shape, values in (-alpha, ∞); rounds to -alpha from x = -38 on. At 0 the
    derivative is alpha, the slope from the left: a kink, unless alpha is 1.

    Raises ValueError for alpha <= 0 and for anything but real numbers.
    Source: Clevert, Unterthiner and Hochreiter, Fast and Accurate Deep Network Learning by
    Exponential Linear Units, 2016.
    """
    return np.where(x > 0, x, alpha * np.expm1(np.where(x > 0, 0, x)))


@elu.derivative
def _(x, alpha):
    return np.where(x > 0, 1, alpha * np.exp(np.where(x > 0, 0, x)))


@formula(_x * (1 + sp.erf(_x / sp.sqrt(2))) / 2, _x)
def gelu(x):
    """Gaussian error linear unit, x Φ(x), Φ the standard normal distribution function.

    Any shape -> same shape, values from -0.17 (near x = -0.75) to ∞. Smooth.
    Derivative Φ(x) + x φ(x), φ the standard normal density.

    Computed with erfc, since 1 + erf loses its digits for x << 0. Raises ValueError for anything
    but real numbers.
    Source: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016.
    """
    x = np.maximum(x, -40)  # Φ(-40) is 0 in float64, and stays so under a multiplication
    return x * (erfc(-x / np.sqrt(2)) / 2)


@gelu.derivative
def _(x):
    x = np.clip(x, -40, 40)  # φ(40) is 0 in float64 as well
    return erfc(-x / np.sqrt(2)) / 2 + x * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


@formula(_x * (1 + sp.tanh(_u)) / 2, _x)
def gelu_tanh(x):
    """GELU in its tanh form, x (1 + tanh u) / 2 with u = √(2/π) (x + 0.044715 x³).

    An approximation of `gelu`, and a function in its own right. Any shape -> same shape, values
    from -0.17 to ∞. Smooth. Derivative σ(2u) + 2 x u' σ(2u) σ(-2u).

    Computed as x σ(2u), which is the same and keeps its digits for x << 0. Raises ValueError for
    anything but real numbers.
    Source: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016.
    """
    c = np.clip(x, -40, 40)  # beyond, σ(2u) is 0 or 1, and x³ may overflow
    u = np.sqrt(2 / np.pi) * c * (1 + 0.044715 * c**2)
    return np.maximum(x, -40) * sigmoid.fn(2 * u)


@gelu_tanh.derivative
def _(x):
    x = np.clip(x, -40, 40)
    u = np.sqrt(2 / np.pi) * x * (1 + 0.044715 * x**2)
    du = np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2)
    return sigmoid.fn(2 * u) * (1 + 2 * x * du * sigmoid.fn(-2 * u))


@formula(_x / (1 + sp.exp(-_beta * _x)), _x)
def swish(x, beta=1.0):
    """Swish, x σ(beta x); with beta = 1 also known as SiLU.

    Any shape -> same shape; values from -0.28 / beta (near x = -1.28 / beta) to ∞ for beta > 0.
    Any finite beta is taken: 0 gives x / 2, and large ones come close to ReLU. Smooth.
    Derivative σ(t) (1 + t σ(-t)) with t = beta x.

    Raises ValueError for a beta that is not finite and for anything but real numbers.
    Sources: Ramachandran, Zoph and Le, Searching for Activation Functions, 2017; Elfwing, Uchibe
    and Doya, Sigmoid-Weighted Linear Units, 2018.
    """
    t = beta * np.clip(x, -_HUGE, _HUGE)
    return np.where(t < -_FAR, 0, x) * sigmoid.fn(t)


@swish.derivative
def _(x, beta):
    t = np.clip(beta * np.clip(x, -_HUGE, _HUGE), -_FAR, _FAR)
    return sigmoid.fn(t) * (1 + t * sigmoid.fn(-t))


@formula(sp.log(1 + sp.exp(_x)), _x)
def softplus(x):
    """Softplus, log(1 + e^x): a smooth ReLU.

    Any shape -> same shape, values in (0, ∞); underflows to 0 from x = -746 on. Smooth.
    Derivative σ(x).

    Computed as max(0, x) + log(1 + e^-|x|), one branch at a time. Raises ValueError for anything
    but real numbers.
    Source: Dugas et al., Incorporating Second-Order Functional Knowledge for Better Option
    Pricing, 2001.
    """
    return np.where(x > 0, x, 0) + np.log1p(np.exp(np.where(x > 0, -x, x)))


@softplus.derivative
def _(x):
    return sigmoid.fn(x)


#: The elementwise ones.
ALL = (sigmoid, tanh, relu, leaky_relu, elu, gelu, gelu_tanh, swish, softplus)


@np.errstate(under="ignore")
def softmax(z, axis=-1):
    """softmax(z)_i = e^z_i / Σ_j e^z_j along `axis`.

    Any shape with at least one axis -> same shape, values in [0, 1] (rounded from (0, 1)), sum 1.
    The largest logit is subtracted first, so that nothing overflows; it does not change the result.
    A logit of -inf has probability 0. A NaN makes its whole vector NaN.

    `softmax.vjp(g, z, axis)` is the gradient by z, `softmax.jacobian(z)` the matrix of a vector.
    Raises ValueError for a vector with +inf or of -inf alone (there is no limit), for an axis that
    z does not have or that is empty, and for anything but real numbers.

    Source: Bridle, Probabilistic Interpretation of Feedforward Classification Network Outputs,
    with Relationships to Statistical Pattern Recognition, 1990.
    """
    z, axis = _logits(z, axis)
    e = np.exp(_shifted(z, axis))
    return e / np.sum(e, axis=axis, keepdims=True)


@np.errstate(under="ignore")
def _softmax_vjp(g, z, axis=-1):
    """Vector-Jacobian product of softmax: s · (g - Σ_j g_j s_j) along `axis`, s = softmax(z).

    g and z of one shape -> that shape; the gradient by z of Σ g · softmax(z).
    Raises ValueError for unequal shapes, and where softmax does.
    """
    s = softmax(z, axis)
    g = cotangent(g, z=s)
    return s * (g - np.sum(g * s, axis=axis, keepdims=True))


@np.errstate(under="ignore")
def _softmax_jacobian(z):
    """Jacobian of softmax at a vector: J_ij = ∂s_i/∂z_j = s_i (δ_ij - s_j).

    (n,) -> (n, n), symmetric, every row and column of sum 0.
    Raises ValueError for any other shape, and where softmax does.
    """
    z = as_floats(z, "z")
    if z.ndim != 1:
        raise ValueError(f"z must be a vector, of shape (n,), got shape {z.shape}")
    s = softmax(z)
    return np.diag(s) - np.outer(s, s)


@np.errstate(under="ignore")
def log_softmax(z, axis=-1):
    """log softmax(z)_i = z_i - log Σ_j e^z_j along `axis`.

    Any shape with at least one axis -> same shape, values in [-∞, 0]. Not the logarithm of softmax,
    which would be -inf where that underflows: finite for finite logits, and accurate near 0, where
    one logit is far above the rest. A logit of -inf gives -inf. A NaN makes its whole vector NaN.

    `log_softmax.vjp(g, z, axis)` is the gradient by z. Raises ValueError where softmax does.
    """
    z, axis = _logits(z, axis)
    shifted = _shifted(z, axis)
    return shifted - log_sum(shifted, axis)


@np.errstate(under="ignore")
def _log_softmax_vjp(g, z, axis=-1):
    """Vector-Jacobian product of log_softmax: g - s Σ_j g_j along `axis`, s = softmax(z).

    g and z of one shape -> that shape; the gradient by z of Σ g · log_softmax(z).
    Raises ValueError for unequal shapes, and where softmax does.
    """
    s = softmax(z, axis)
    g = cotangent(g, z=s)
    return g - s * np.sum(g, axis=axis, keepdims=True)


# A tensor goes by the product derived by hand; `__wrapped__` is the body, which can be traced.
softmax = with_rule(softmax, _softmax_vjp)
log_softmax = with_rule(log_softmax, _log_softmax_vjp)
softmax.vjp = _softmax_vjp
softmax.jacobian = _softmax_jacobian
log_softmax.vjp = _log_softmax_vjp


def _logits(z, axis):
    z = as_floats(z, "z")
    check_axis(z, axis, "z")
    if np.any(z == np.inf):
        raise ValueError("z must not hold +inf: softmax has no limit there")
    if np.any(np.all(z == -np.inf, axis=axis)):
        raise ValueError(f"z must hold a logit other than -inf in every vector along axis {axis}")
    return z, axis


def _shifted(z, axis):
    # A spread beyond 1e308 overflows to -inf, whose exponential is 0, as it should be.
    with np.errstate(over="ignore"):
        return z - np.max(z, axis=axis, keepdims=True)


def log_sum(shifted, axis):
    """log Σ e^shifted along `axis`, which stays with length 1; the largest of `shifted` is 0."""
    shifted = as_floats(shifted, "shifted")
    largest = shifted == 0
    # The largest contribute 1 each: one of these is the 1 of log1p.
    rest = np.sum(np.where(largest, 0, np.exp(shifted)), axis=axis, keepdims=True)
    return np.log1p(rest + (np.sum(largest, axis=axis, keepdims=True) - 1))
