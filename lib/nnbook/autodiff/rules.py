"""The derivatives of NumPy's functions: a page of calculus, one line a function.

For z = f(x, y) and a loss L, a rule takes g = ∂L/∂z, then z, x, y and the options of the call, and
gives ∂L/∂x; the next one gives ∂L/∂y. Where the result of an elementwise function was broadcast,
the rule may give the broadcast shape: the engine sums it back. `None` stands where an argument has
no derivative.

The rules are plain NumPy, and so have derivatives themselves: that is where second derivatives come
from. At a kink: the derivative of |x| at 0 is 0, and arguments that tie for the maximum or the
minimum share the gradient equally. Steps (`sign`, `floor`, ...) have derivative 0, at the jump too.
"""

import operator

import numpy as np
from scipy.special import erf, erfc, expit

# What an index may hold for x[index] to be a view, in which no entry comes twice.
BASIC = (slice, int, np.integer, type(None), type(...))


def is_tensor(g):
    return not isinstance(g, np.ndarray | np.generic)


def spread(g, x, axis):
    """g, a reduction of x over `axis`, in a shape that broadcasts against x."""
    if axis is None:
        return g
    shape = list(x.shape)
    for i in axis if isinstance(axis, tuple) else (axis,):
        shape[i] = 1
    return g.reshape(shape)


def filled(g, shape):
    """g, repeated up to `shape`; written out, because BLAS cannot read one number as many."""
    if is_tensor(g):
        return np.broadcast_to(g, shape)
    result = np.empty(shape)
    result[...] = g
    return result


def extremum(g, z, x, axis=None, *, keepdims=False):
    """The entries that attain the maximum or minimum z share g equally."""
    attained = x == spread(z, x, axis)
    return spread(g, x, axis) * (attained / attained.sum(axis=axis, keepdims=True))


def share(x, y):
    """1 where x > y, 0 where x < y, ½ where they tie."""
    larger, tie = x > y, x == y
    return larger + tie / 2 if tie.any() else larger


def matmul_x(g, z, x, y):
    """x @ y by x: g yᵀ, for stacks of matrices and for vectors as well."""
    if y.ndim == 1:
        return np.expand_dims(g, -1) * y
    if x.ndim == 1:
        return np.matmul(y, np.expand_dims(g, -1))[..., 0]
    return np.matmul(g, np.swapaxes(y, -1, -2))


def matmul_y(g, z, x, y):
    """x @ y by y: xᵀ g, for stacks of matrices and for vectors as well."""
    if x.ndim == 1 and y.ndim == 1:
        return g * x
    if x.ndim == 1:
        return np.expand_dims(x, -1) * np.expand_dims(g, -2)
    if y.ndim == 1:
        return np.matmul(np.swapaxes(x, -1, -2), np.expand_dims(g, -1))[..., 0]
    if y.ndim == 2 and x.ndim == 2 and y.strides[0] < y.strides[1]:
        return np.matmul(g.T, x).T  # y is laid out by columns, as Wᵀ is: its gradient as well
    return np.matmul(np.swapaxes(x, -1, -2), g)


def einsum_rule(this, other):
    """einsum of two operands by one of them: an einsum of g with the other one.

    The letters of the output and of the other operand are summed back into those of this one;
    a letter that stands in this operand alone was summed over, and its gradient is repeated.
    """

    def rule(g, z, subscripts, *operands):
        letters, output = einsum_letters(subscripts)
        mine, theirs = letters[this], letters[other]
        kept = "".join(letter for letter in mine if letter in output + theirs)
        result = np.einsum(f"{output},{theirs}->{kept}", g, operands[other])
        lengths = iter(result.shape)
        result = np.reshape(result, tuple(next(lengths) if a in kept else 1 for a in mine))
        return filled(result, np.broadcast_shapes(result.shape, operands[this].shape))

    return rule


def einsum_letters(subscripts):
    """The letters of the operands and of the output of an einsum of two operands."""
    if not isinstance(subscripts, str):
        raise TypeError(f"np.einsum needs its subscripts as a string first, got {subscripts!r}")
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    letters = inputs.split(",")
    if len(letters) != 2 or "." in subscripts or any(len(set(a)) < len(a) for a in letters):
        raise TypeError(
            "np.einsum has a derivative for two operands, without an ellipsis and without a letter "
            f"repeated in one operand, got {subscripts!r}"
        )
    if not arrow:
        both = "".join(letters)
        output = "".join(sorted(letter for letter in set(both) if both.count(letter) == 1))
    return letters, output


def scatter(g, index, shape):
    """Zeros of `shape` with g added at `index`; repeated indices add up."""
    if is_tensor(g):  # ask it, as NumPy's own functions do
        return g.__array_function__(scatter, (type(g),), (g, index, shape), {})
    result = np.zeros(shape)
    if all(isinstance(i, BASIC) for i in (index if isinstance(index, tuple) else (index,))):
        result[index] = g
    else:
        np.add.at(result, index, g)
    return result


def concatenate_rule(i):
    def rule(g, z, *xs, axis=0):
        if axis is None:
            start = sum(x.size for x in xs[:i])
            return np.reshape(g[start : start + xs[i].size], xs[i].shape)
        start = sum(x.shape[axis] for x in xs[:i])
        piece = slice(start, start + xs[i].shape[axis])
        return g[(slice(None),) * (axis % z.ndim) + (piece,)]

    return rule


def stack_rule(i):
    return lambda g, z, *xs, axis=0: g[(slice(None),) * (axis % z.ndim) + (i,)]


def as_it_was(g, z, x, shape=None):
    """The entries stay in their order, only the shape changes: change it back."""
    return np.reshape(g, x.shape)


def transposed(g, z, x, axes=None):
    return np.transpose(g, None if axes is None else np.argsort(np.asarray(axes) % x.ndim))


def power_slope(x, y):
    """y x^(y-1), and 0 where y is 0, for every x."""
    if isinstance(y, int | float):
        return y * x ** (y - 1) if y else 0 * x
    return y * x ** np.where(y == 0, 1, y - 1)


def log_or_zero(x):
    """log x, and 0 where x is 0: 0^y is 0 for every y > 0."""
    return np.log(np.where(x == 0, 1, x))


# fmt: off
RULES = {
    # arithmetic
    np.add:          (lambda g, z, x, y: g,           lambda g, z, x, y: g),
    np.subtract:     (lambda g, z, x, y: g,           lambda g, z, x, y: -g),
    np.multiply:     (lambda g, z, x, y: g * y,       lambda g, z, x, y: g * x),
    np.divide:       (lambda g, z, x, y: g / y,       lambda g, z, x, y: -g * z / y),
    np.power:        (lambda g, z, x, y: g * power_slope(x, y),     # y x^(y-1)
                      lambda g, z, x, y: g * z * log_or_zero(x)),   # x^y log x
    np.negative:     (lambda g, z, x: -g,),
    np.positive:     (lambda g, z, x: g,),
    np.square:       (lambda g, z, x: g * (2 * x),),
    np.sqrt:         (lambda g, z, x: g / (2 * z),),
    np.reciprocal:   (lambda g, z, x: -g * z * z,),
    np.hypot:        (lambda g, z, x, y: g * x / z,   lambda g, z, x, y: g * y / z),

    # exponentials and logarithms
    np.exp:          (lambda g, z, x: g * z,),
    np.exp2:         (lambda g, z, x: g * z * np.log(2),),
    np.expm1:        (lambda g, z, x: g * (z + 1),),
    np.log:          (lambda g, z, x: g / x,),
    np.log2:         (lambda g, z, x: g / (x * np.log(2)),),
    np.log10:        (lambda g, z, x: g / (x * np.log(10)),),
    np.log1p:        (lambda g, z, x: g / (1 + x),),
    np.logaddexp:    (lambda g, z, x, y: g * np.exp(x - z), lambda g, z, x, y: g * np.exp(y - z)),

    # circular and hyperbolic functions, the normal distribution
    np.sin:          (lambda g, z, x: g * np.cos(x),),
    np.cos:          (lambda g, z, x: -g * np.sin(x),),
    np.tan:          (lambda g, z, x: g * (1 + z * z),),
    np.arcsin:       (lambda g, z, x: g / np.sqrt(1 - x * x),),
    np.arccos:       (lambda g, z, x: -g / np.sqrt(1 - x * x),),
    np.arctan:       (lambda g, z, x: g / (1 + x * x),),
    np.sinh:         (lambda g, z, x: g * np.cosh(x),),
    np.cosh:         (lambda g, z, x: g * np.sinh(x),),
    np.tanh:         (lambda g, z, x: g * (1 - z * z),),
    expit:           (lambda g, z, x: g * z * expit(-x),),
    erf:             (lambda g, z, x: g * (2 / np.sqrt(np.pi)) * np.exp(-x * x),),
    erfc:            (lambda g, z, x: g * (-2 / np.sqrt(np.pi)) * np.exp(-x * x),),

    # kinks, steps and choices
    np.absolute:     (lambda g, z, x: g * np.sign(x),),
    np.maximum:      (lambda g, z, x, y: g * share(x, y), lambda g, z, x, y: g * share(y, x)),
    np.minimum:      (lambda g, z, x, y: g * share(y, x), lambda g, z, x, y: g * share(x, y)),
    np.where:        (None, lambda g, z, c, x, y: np.where(c, g, 0),
                      lambda g, z, c, x, y: np.where(c, 0, g)),
    np.sign:         (lambda g, z, x: 0 * g,),
    np.floor:        (lambda g, z, x: 0 * g,),
    np.ceil:         (lambda g, z, x: 0 * g,),
    np.heaviside:    (lambda g, z, x, y: 0 * g, lambda g, z, x, y: np.where(x == 0, g, 0)),

    # sums and their kin: the options are those of the call
    np.sum:          (lambda g, z, x, axis=None, *, keepdims=False:
                      filled(spread(g, x, axis), x.shape),),
    np.mean:         (lambda g, z, x, axis=None, *, keepdims=False:
                      filled(spread(g, x, axis) * (z.size / x.size), x.shape),),
    np.var:          (lambda g, z, x, axis=None, *, ddof=0, keepdims=False:
                      spread(g, x, axis) * (2 / (x.size / z.size - ddof))
                      * (x - np.mean(x, axis=axis, keepdims=True)),),
    np.max:          (extremum,),
    np.min:          (extremum,),
    np.amax:         (extremum,),
    np.amin:         (extremum,),
    np.cumsum:       (lambda g, z, x, axis=None:
                      np.reshape(np.flip(np.cumsum(np.flip(g, axis), axis), axis), x.shape),),

    # products of matrices
    np.matmul:       (matmul_x, matmul_y),
    np.einsum:       (None, einsum_rule(0, 1), einsum_rule(1, 0)),

    # the same entries in another place or shape
    np.reshape:      (as_it_was,),
    np.ravel:        (as_it_was,),
    np.squeeze:      (lambda g, z, x, axis=None: np.reshape(g, x.shape),),
    np.expand_dims:  (lambda g, z, x, axis: np.reshape(g, x.shape),),
    np.transpose:    (transposed,),
    np.swapaxes:     (lambda g, z, x, axis1, axis2: np.swapaxes(g, axis1, axis2),),
    np.moveaxis:     (lambda g, z, x, source, destination: np.moveaxis(g, destination, source),),
    np.flip:         (lambda g, z, x, axis=None: np.flip(g, axis),),
    np.broadcast_to: (lambda g, z, x, shape: g,),
    operator.getitem: (lambda g, z, x, index: scatter(g, index, x.shape),),
    scatter:         (lambda g, z, x, index, shape: g[index],),
}

# Functions of a list of arrays: the rule of the i-th one.
LIST_RULES = {
    np.concatenate:  concatenate_rule,
    np.stack:        stack_rule,
}
# fmt: on


def dot(x, y):
    if np.ndim(x) == 0 or np.ndim(y) == 0:
        return x * y
    if np.ndim(y) > 2:
        raise TypeError(f"np.dot has a derivative for y of at most 2 axes, got {np.ndim(y)}")
    return np.matmul(x, y)


def clip(x, a_min=None, a_max=None, *, min=None, max=None):
    low, high = (min if a_min is None else a_min), (max if a_max is None else a_max)
    x = x if low is None else np.maximum(x, low)
    return x if high is None else np.minimum(x, high)


def take(x, indices, axis=None):
    if axis is None:
        return np.reshape(x, -1)[np.asarray(indices)]
    return x[(slice(None),) * (axis % x.ndim) + (np.asarray(indices),)]


def take_along_axis(x, indices, axis=-1):
    if axis is None:
        return np.reshape(x, -1)[indices]
    index = list(np.ogrid[tuple(slice(n) for n in x.shape)])
    index[axis] = indices
    return x[tuple(index)]


def select(condlist, choicelist, default=0):
    result = default
    for condition, choice in zip(condlist[::-1], choicelist[::-1], strict=True):
        result = np.where(condition, choice, result)
    return result


# Functions that are differentiated as they are written out here, in terms of those above.
WRITTEN_OUT = {
    np.clip: clip,
    np.copy: lambda x: +x,
    np.dot: dot,
    np.select: select,
    np.take: take,
    np.take_along_axis: take_along_axis,
    np.outer: lambda x, y: np.reshape(x, (-1, 1)) * np.reshape(y, (1, -1)),
    np.std: lambda x, axis=None, **options: np.sqrt(np.var(x, axis, **options)),
    np.vstack: lambda xs: np.concatenate(
        [x if np.ndim(x) > 1 else np.reshape(x, (1, -1)) for x in xs]
    ),
    np.hstack: lambda xs: np.concatenate(
        [np.reshape(x, -1) if np.ndim(x) < 2 else x for x in xs], axis=int(np.ndim(xs[0]) > 1)
    ),
}

# Questions: the answer is a boolean, a position or a shape, plain and without a derivative.
QUESTIONS = {
    *(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal),
    *(np.isnan, np.isinf, np.isfinite, np.signbit, np.logical_not, np.logical_and, np.logical_or),
    *(np.any, np.all, np.argmax, np.argmin, np.argsort, np.count_nonzero, np.nonzero),
    *(np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.full_like, np.empty_like),
    *(np.allclose, np.isclose, np.array_equal, np.result_type, np.iscomplexobj, np.isrealobj),
}
