"""The derivatives of NumPy's functions: a page of calculus, a line for each function.

For z = f(x, y) and a loss L, a rule takes g = ∂L/∂z, then z, x, y and the options of the call, and
gives ∂L/∂x; the next one gives ∂L/∂y. Where the result of an elementwise function was broadcast,
the rule may give the broadcast shape: the engine sums it back. `None` stands where an argument has
no derivative.

The rules are plain NumPy, and so have derivatives themselves: that is where second derivatives come
from. A rule names its options as NumPy does and in NumPy's order; what it does not name is refused.

At a kink: the derivative of |x| at 0 is 0, and so is that of a length (`hypot`, `linalg.norm`) or
of a standard deviation where they are 0; arguments that tie for the maximum or the minimum share
the gradient equally, and NaN gets none in `maximum` and `minimum`, since it compares as neither
larger nor equal; entries that tie in `sort` keep their order. Steps (`sign`, `floor`, ...) have
derivative 0, at the jump too. x^y by y is NaN for x < 0, where x^y is no function of y. The slope
of the root at 0 is infinite, and NaN once it is multiplied by 0, as in √(x²).
"""

import functools
import inspect
import math
import operator

import numpy as np
from scipy.special import erf, erfc, expit

EINSUM_MOST = 3  # operands

# What an index may hold for x[index] to be a view, in which no entry comes twice.
BASIC = (slice, int, np.integer, type(None), type(...))


def is_tensor(x):
    return getattr(x, "is_traced", False)


def plain(x):
    """The numbers of x, as a constant of the derivative."""
    return x.value if is_tensor(x) else x


def spread(g, x, axis):
    """g, a reduction of x over `axis`, in a shape that broadcasts against x."""
    if axis is None or x.ndim == 0:
        return g
    shape = list(x.shape)
    for i in axis if isinstance(axis, tuple) else (axis,):
        shape[i] = 1
    return np.reshape(g, tuple(shape))


def filled(g, shape):
    """g, repeated up to `shape`; written out, because BLAS cannot read one number as many."""
    if is_tensor(g):
        return np.broadcast_to(g, shape)
    result = np.empty(shape)
    result[...] = g
    return result


def count(x, axis):
    """How many entries a reduction over `axis` makes one: a float, by which 1 / 0 is inf."""
    if axis is None or x.ndim == 0:
        return np.float64(x.size)
    axes = axis if isinstance(axis, tuple) else (axis,)
    return np.float64(math.prod(x.shape[i] for i in axes))


def extremum(g, z, x, axis=None, *, keepdims=False):
    """The entries that attain the maximum or minimum z share g equally."""
    attained = x == spread(z, x, axis)
    return spread(g, x, axis) * (attained / attained.sum(axis=axis, keepdims=True))


def deviation(g, z, x, axis=None, *, ddof=0, keepdims=False):
    """The standard deviation z: (x - mean) / (n - ddof) / z, and 0 where all entries are equal."""
    over = {"axis": axis, "keepdims": True}
    equal = np.max(plain(x), **over) == np.min(plain(x), **over)
    z = spread(z, x, axis)
    slope = (x - np.mean(x, **over)) / np.where(equal, 1, z) / np.maximum(count(x, axis) - ddof, 0)
    return spread(g, x, axis) * np.where(equal, 0 * z, slope)


def share(x, y):
    """1 where x > y, 0 where x < y, ½ where they tie."""
    larger, tie = x > y, x == y
    return larger + tie / 2 if np.count_nonzero(tie) else larger


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


def einsum_rule(this):
    """einsum by one of its operands: an einsum of g with the other ones.

    The letters of the output and of the others are summed back into those of this operand. A letter
    that stands in it alone was summed over, and its gradient is repeated; one that stands in it
    twice took the diagonal, and off the diagonal the gradient is 0.
    """

    def rule(g, z, subscripts, *operands):
        letters, output = einsum_letters(subscripts, len(operands))
        mine, x = letters[this], operands[this]
        others = [i for i in range(len(operands)) if i != this]
        there = output + "".join(letters[i] for i in others)
        kept = "".join(a for a in dict.fromkeys(mine) if a in there)
        inputs = ",".join([output, *(letters[i] for i in others)])
        result = np.einsum(f"{inputs}->{kept}", g, *(operands[i] for i in others))
        lengths = dict(zip(kept, result.shape, strict=True))
        first = [mine.index(a) for a in mine]
        shape = [lengths.get(a, 1) if first[i] == i else 1 for i, a in enumerate(mine)]
        result = np.reshape(result, tuple(shape))
        for i, j in enumerate(first):
            if i != j:
                shape = [n if k in (i, j) else 1 for k, n in enumerate(x.shape)]
                result = result * np.eye(x.shape[i]).reshape(shape)
        return filled(result, np.broadcast_shapes(result.shape, x.shape))

    return rule


def einsum_letters(subscripts, count):
    """The letters of the operands and of the output of an einsum of `count` operands."""
    if not isinstance(subscripts, str):
        raise TypeError(f"np.einsum needs its subscripts as a string first, got {subscripts!r}")
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    letters = inputs.split(",")
    if "." in subscripts or count > EINSUM_MOST:
        raise TypeError(
            f"np.einsum has a derivative for at most {EINSUM_MOST} operands and without an "
            f"ellipsis, got {subscripts!r} with {count} operands"
        )
    if not arrow:
        every = "".join(letters)
        output = "".join(sorted(letter for letter in set(every) if every.count(letter) == 1))
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


def transposed(g, z, x, axes=None):
    return np.transpose(g, None if axes is None else np.argsort(np.asarray(axes) % x.ndim))


def power_slope(x, y):
    """y x^(y-1), and 0 where y is 0, for every x."""
    if isinstance(y, int | float):
        return y * x ** (y - 1) if y else np.zeros_like(x)
    return y * x ** np.where((x == 0) & (y == 0), 1, y - 1)


def log_or_zero(x):
    """log x, and 0 where x is 0: 0^y is 0 for every y > 0."""
    return np.log(np.where(x == 0, 1, x))


def over(x, length):
    """x / length, and 0 where the length is 0."""
    return x / np.where(length == 0, 1, length)


def in_units(x, largest):
    """x / largest, whose squares neither overflow nor vanish; 0 / 0 is 0 here, and ∞ / ∞ is ±1."""
    far = np.isinf(largest)
    return np.where(far, np.sign(x) * np.isinf(x), x / np.where(far | (largest == 0), 1, largest))


def hypot_slope(x, y):
    """x / √(x² + y²), and 0 where both are 0."""
    largest = np.maximum(np.abs(plain(x)), np.abs(plain(y)))  # a constant: the ratio has no unit
    x, y = in_units(x, largest), in_units(y, largest)
    return over(x, np.hypot(x, y))


def logaddexp_slope(x, y):
    """The slope of log(e^x + e^y) by x, σ(x - y); infinities that are alike share, as ties do."""
    alike = np.isinf(x) & (x == y)
    return expit(np.where(alike, 0, x) - np.where(alike, 0, y))


def log_sum_exp(x, axis=0, *, keepdims=False):
    """log Σ e^x, as np.logaddexp.reduce has it: axis 0 where none is named."""
    if is_tensor(x):  # ask it, as NumPy's own functions do
        options = {"axis": axis, "keepdims": keepdims}
        return x.__array_function__(log_sum_exp, (type(x),), (x,), options)
    return np.logaddexp.reduce(x, axis=axis, keepdims=keepdims)


def log_sum_exp_rule(g, z, x, axis=0, *, keepdims=False):
    """The softmax of x; infinities that are alike share, as in logaddexp."""
    top = np.max(plain(x), axis=axis, keepdims=True)
    far = np.isinf(top)
    e = np.where(far, x == top, np.exp(x - np.where(far, 0, top)))
    return spread(g, x, axis) * e / np.sum(e, axis=axis, keepdims=True)


# Products: the others of each entry, found without a division, which a 0 would forbid.


def before(x):
    """The product of all entries before each one, along the last axis; 1 for the first."""
    return np.cumprod(np.concatenate([np.ones((*x.shape[:-1], 1)), x], -1)[..., :-1], -1)


def after(x):
    """The product of all entries after each one, along the last axis; 1 for the last."""
    return np.flip(before(np.flip(x, -1)), -1)


def prod_rule(g, z, x, axis=None, *, keepdims=False):
    """The product by an entry is the product of the others: of those before and of those after."""
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(i % x.ndim for i in axes if x.ndim)
    last = tuple(range(x.ndim - len(axes), x.ndim))
    moved = np.moveaxis(x, axes, last)
    rows = np.reshape(moved, (*moved.shape[: x.ndim - len(axes)], int(count(x, axes))))
    others = np.reshape(before(rows) * after(rows), moved.shape)
    return spread(g, x, axis) * np.moveaxis(others, last, axes)


def cumprod_rule(g, z, x, axis=None):
    """x_i by all partial products from i on: those before i, times r_i = g_i + x_(i+1) r_(i+1)."""
    if axis is None or not x.ndim:
        return np.reshape(cumprod_rule(np.ravel(g), z, np.ravel(x), 0), x.shape)
    if x.size == 0:
        return g
    x, g = np.swapaxes(x, axis, -1), np.swapaxes(g, axis, -1)
    r = [g[..., -1:]]
    for i in range(x.shape[-1] - 1, 0, -1):
        r.append(g[..., i - 1 : i] + x[..., i : i + 1] * r[-1])
    return np.swapaxes(before(x) * np.concatenate(r[::-1], -1), axis, -1)


def norm_rule(g, z, x, ord=None, axis=None, keepdims=False):
    """The norms of vectors, and of matrices along two axes. By the length, x / ‖x‖, and 0 at 0."""
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    g, size = spread(g, x, axes), np.abs(x)
    if ord in (None, "fro") or (ord == 2 and len(axes) == 1):
        x = in_units(x, np.max(plain(size), axis=axes, keepdims=True, initial=0))
        return g * over(x, np.sqrt(nonzero(np.sum(x * x, axis=axes, keepdims=True))))
    if ord in (2, -2, "nuc"):  # singular values
        u, _, vt = np.linalg.svd(np.moveaxis(x, axes, (-2, -1)), full_matrices=False)
        these = {2: slice(0, 1), -2: slice(-1, None), "nuc": slice(None)}[ord]
        return g * np.moveaxis(np.matmul(u[..., these], vt[..., these, :]), (-2, -1), axes)
    if len(axes) == 2:  # the largest or smallest sum of a column, of a row
        summed, axes = axes if abs(ord) == 1 else axes[::-1]
        size = np.sum(size, axis=summed, keepdims=True)
    if abs(ord) == np.inf or isinstance(axes, int):
        best = np.max if ord > 0 else np.min
        return extremum(g, best(size, axis=axes, keepdims=True), size, axes) * np.sign(x)
    size = in_units(size, np.max(plain(size), axis=axes, keepdims=True, initial=0))
    length = nonzero(np.sum(size**ord, axis=axes, keepdims=True)) ** (1 / ord)
    return g * np.sign(x) * over(size, length) ** (ord - 1)


def nonzero(x):
    return np.where(x == 0, 1, x)


def norm_orders(x, ord=None, axis=None, keepdims=False):
    """Raise for what is no norm, or has no derivative: the number of entries other than 0."""
    vectors = (np.ndim(x) if axis is None else np.size(axis)) == 1
    if isinstance(ord, str) or ord is None or not vectors or ord >= 1 or ord == -np.inf:
        return
    raise TypeError(
        "np.linalg.norm of vectors has a derivative for ord None, a number >= 1, inf and -inf, "
        f"got ord={ord!r}"
    )


# Matrices: solutions, inverses and determinants, for stacks of matrices as well.


def turned(x):
    return np.swapaxes(x, -1, -2)


def solve_a(g, z, a, b):
    """a⁻¹ b by a: -(a⁻ᵀ g) zᵀ."""
    h = solve_b(g, z, a, b)
    if b.ndim == 1:
        return -np.expand_dims(h, -1) * np.expand_dims(z, -2)
    return -np.matmul(h, turned(z))


def solve_b(g, z, a, b):
    """a⁻¹ b by b: a⁻ᵀ g."""
    if b.ndim == 1:
        return np.linalg.solve(turned(a), np.expand_dims(g, -1))[..., 0]
    return np.linalg.solve(turned(a), g)


def inv_rule(g, z, a):
    return -np.matmul(np.matmul(turned(z), g), turned(z))


def det_rule(g, z, a):
    """The determinant by a: the cofactors, det(a) a⁻ᵀ, which a singular matrix has as well."""
    return np.expand_dims(g, (-1, -2)) * cofactors(a)


def cofactors(a):
    """det(a) a⁻ᵀ; by a = u s vᵀ it is det(u) det(v) u (products of the other s) vᵀ."""
    if is_tensor(a):
        return np.expand_dims(np.linalg.det(a), (-1, -2)) * turned(np.linalg.inv(a))
    u, s, vt = np.linalg.svd(a)
    others = before(s) * after(s)
    sign = np.linalg.det(u) * np.linalg.det(vt)
    return np.expand_dims(sign, (-1, -2)) * np.matmul(u * np.expand_dims(others, -2), vt)


def log_abs_det(a):
    """log |det(a)|, the second of what np.linalg.slogdet gives."""
    if is_tensor(a):  # ask it, as NumPy's own functions do
        return a.__array_function__(log_abs_det, (type(a),), (a,), {})
    return np.linalg.slogdet(a).logabsdet


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
    np.hypot:        (lambda g, z, x, y: g * hypot_slope(x, y),
                      lambda g, z, x, y: g * hypot_slope(y, x)),

    # exponentials and logarithms
    np.exp:          (lambda g, z, x: g * z,),
    np.exp2:         (lambda g, z, x: g * z * np.log(2),),
    np.expm1:        (lambda g, z, x: g * np.exp(x),),
    np.log:          (lambda g, z, x: g / x,),
    np.log2:         (lambda g, z, x: g / x / np.log(2),),
    np.log10:        (lambda g, z, x: g / x / np.log(10),),
    np.log1p:        (lambda g, z, x: g / (1 + x),),
    np.logaddexp:    (lambda g, z, x, y: g * logaddexp_slope(x, y),
                      lambda g, z, x, y: g * logaddexp_slope(y, x)),

    log_sum_exp:     (log_sum_exp_rule,),

    # circular and hyperbolic functions, the normal distribution
    np.sin:          (lambda g, z, x: g * np.cos(x),),
    np.cos:          (lambda g, z, x: -g * np.sin(x),),
    np.tan:          (lambda g, z, x: g * (1 + z * z),),
    np.arcsin:       (lambda g, z, x: g / np.sqrt((1 - x) * (1 + x)),),
    np.arccos:       (lambda g, z, x: -g / np.sqrt((1 - x) * (1 + x)),),
    np.arctan:       (lambda g, z, x: g / np.hypot(1, x) / np.hypot(1, x),),
    np.sinh:         (lambda g, z, x: g * np.cosh(x),),
    np.cosh:         (lambda g, z, x: g * np.sinh(x),),
    np.tanh:         (lambda g, z, x: g * 4 * expit(2 * x) * expit(-2 * x),),
    expit:           (lambda g, z, x: g * z * expit(-x),),
    erf:             (lambda g, z, x: g * (2 / np.sqrt(np.pi)) * np.exp(-x * x),),
    erfc:            (lambda g, z, x: g * (-2 / np.sqrt(np.pi)) * np.exp(-x * x),),

    # kinks, steps and choices
    np.absolute:     (lambda g, z, x: g * np.sign(x),),
    np.maximum:      (lambda g, z, x, y: g * share(x, y), lambda g, z, x, y: g * share(y, x)),
    np.minimum:      (lambda g, z, x, y: g * share(y, x), lambda g, z, x, y: g * share(x, y)),
    np.where:        (None, lambda g, z, c, x, y: np.where(c, g, 0),
                      lambda g, z, c, x, y: np.where(c, 0, g)),
    np.sign:         (lambda g, z, x: np.zeros_like(g),),
    np.floor:        (lambda g, z, x: np.zeros_like(g),),
    np.ceil:         (lambda g, z, x: np.zeros_like(g),),
    np.heaviside:    (lambda g, z, x, y: np.zeros_like(g),
                      lambda g, z, x, y: np.where(x == 0, g, 0)),

    # sums and their kin: the options are those of the call
    np.sum:          (lambda g, z, x, axis=None, *, keepdims=False:
                      filled(spread(g, x, axis), x.shape),),
    np.mean:         (lambda g, z, x, axis=None, *, keepdims=False:
                      filled(spread(g, x, axis) / count(x, axis), x.shape),),
    np.var:          (lambda g, z, x, axis=None, *, ddof=0, keepdims=False:
                      spread(g, x, axis) * (2 / np.maximum(count(x, axis) - ddof, 0))
                      * (x - np.mean(x, axis=axis, keepdims=True)),),
    np.std:          (deviation,),
    np.prod:         (prod_rule,),
    np.max:          (extremum,),
    np.min:          (extremum,),
    np.amax:         (extremum,),
    np.amin:         (extremum,),
    np.cumsum:       (lambda g, z, x, axis=None:
                      np.reshape(np.flip(np.cumsum(np.flip(g, axis), axis), axis), x.shape),),

    np.cumprod:      (cumprod_rule,),
    np.linalg.norm:  (norm_rule,),

    # products of matrices, and what is undone by them
    np.matmul:       (matmul_x, matmul_y),
    np.einsum:       (None, *(einsum_rule(i) for i in range(EINSUM_MOST))),
    np.linalg.solve: (solve_a, solve_b),
    np.linalg.inv:   (inv_rule,),
    np.linalg.det:   (det_rule,),
    log_abs_det:     (lambda g, z, a: np.expand_dims(g, (-1, -2)) * turned(np.linalg.inv(a)),),

    # the same entries in another place or shape
    np.reshape:      (lambda g, z, x, shape: np.reshape(g, x.shape),),
    np.ravel:        (lambda g, z, x: np.reshape(g, x.shape),),
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


# A norm that has no derivative, an einsum that has no rule: found before it is recorded.
CHECKS = {
    np.einsum: lambda subscripts, *operands: einsum_letters(subscripts, len(operands)),
    np.linalg.norm: norm_orders,
}


# What only moves entries is asked where it moves them. It is given the numbers 1, 2, 3, ... of the
# entries in their places, and a 0 among its results stands for the number 0.


def moving(function):
    parameters = inspect.signature(function)

    @functools.wraps(function)
    def moved(*args, **options):
        given = parameters.bind(*args, **options).arguments
        x = given.pop(next(iter(given)))
        wrong = [name for name, value in given.items() if name == "out" or is_tensor(value)]
        if wrong or not is_tensor(x):
            raise TypeError(
                f"np.{function.__name__} has a derivative by its first argument alone, and writes "
                f"into no other array: give plain numbers for {', '.join(wrong) or 'the others'}"
            )
        numbers = np.arange(1, x.size + 1).reshape(x.shape)
        places = function(numbers, **given)
        if np.size(places) == 0 or np.min(places) > 0:
            return np.reshape(x, -1)[places - 1]
        return np.concatenate([np.zeros(1), np.reshape(x, -1)])[places]

    return moved


def pad(array, pad_width, mode="constant", *, constant_values=0):
    modes = ("constant", "edge", "reflect", "symmetric", "wrap")
    if not isinstance(mode, str) or mode not in modes:
        raise TypeError(f"np.pad has a derivative for the modes {', '.join(modes)}, got {mode!r}")
    if mode != "constant":
        return moving(np.pad)(array, pad_width, mode)
    frame = np.pad(np.zeros(array.shape), pad_width, constant_values=constant_values)
    return moving(np.pad)(array, pad_width) + frame


def sort(a, axis=-1, kind=None):
    if axis is None:
        return sort(np.reshape(a, -1), 0, kind)
    order = np.argsort(a, axis=axis, kind=kind or "stable")
    return np.take_along_axis(a, order, axis)


def clip(a, a_min=None, a_max=None, *, min=None, max=None):
    low, high = min if a_min is None else a_min, max if a_max is None else a_max
    a = +a if low is None else np.maximum(a, low)
    return a if high is None else np.minimum(a, high)


def dot(a, b):
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    if np.ndim(b) > 2:
        raise TypeError(f"np.dot has a derivative for y of at most 2 axes, got {np.ndim(b)}")
    return np.matmul(a, b)


def inner(a, b):
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    return tensordot(a, b, (-1, -1))


def tensordot(a, b, axes=2):
    m, n = np.ndim(a), np.ndim(b)
    mine, theirs = (range(m - axes, m), range(axes)) if np.ndim(axes) == 0 else axes
    mine, theirs = [i % m for i in np.ravel(mine)], [i % n for i in np.ravel(theirs)]
    left = [i for i in range(m) if i not in mine]
    right = [i for i in range(n) if i not in theirs]
    shape = [np.shape(a)[i] for i in left] + [np.shape(b)[i] for i in right]
    summed = math.prod(np.shape(a)[i] for i in mine)
    rows = np.reshape(np.transpose(a, left + mine), (-1, summed) if np.size(a) else (0, summed))
    columns = np.reshape(np.transpose(b, theirs + right), (summed, -1))
    return np.reshape(np.matmul(rows, columns), shape)


def kron(a, b):
    n = max(np.ndim(a), np.ndim(b))
    a, b = (np.reshape(x, (1,) * (n - np.ndim(x)) + np.shape(x)) for x in (a, b))
    odd, even = tuple(range(1, 2 * n, 2)), tuple(range(0, 2 * n, 2))
    product = np.expand_dims(a, odd) * np.expand_dims(b, even)
    return np.reshape(product, tuple(i * j for i, j in zip(a.shape, b.shape, strict=True)))


def full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None):
    if not is_tensor(fill_value):
        return np.full_like(plain(a), fill_value, dtype, order, subok, shape)
    if not (dtype in (None, float, np.float64) and shape is None):
        raise TypeError("np.full_like has a derivative by fill_value without dtype and shape")
    return np.broadcast_to(fill_value, a.shape)


def slogdet(a):
    result = np.linalg.slogdet(plain(a))
    return type(result)(result.sign, log_abs_det(a))


def select(condlist, choicelist, default=0):
    result = default
    for condition, choice in zip(condlist[::-1], choicelist[::-1], strict=True):
        result = np.where(condition, choice, result)
    return result


def vstack(tup):
    return np.concatenate([x if np.ndim(x) > 1 else np.reshape(x, (1, -1)) for x in tup])


def hstack(tup):
    tup = [np.reshape(x, -1) if np.ndim(x) < 2 else x for x in tup]
    return np.concatenate(tup, axis=int(np.ndim(tup[0]) > 1))


# Functions that are differentiated as they are written out here, in terms of those above. NumPy's
# own function is called first, with the numbers: what it refuses is refused, in its words.
WRITTEN_OUT = {
    np.clip: clip,
    np.copy: lambda a: +a,
    np.dot: dot,
    np.inner: inner,
    np.outer: lambda a, b: np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1)),
    np.tensordot: tensordot,
    np.kron: kron,
    np.full_like: full_like,
    np.linalg.slogdet: slogdet,
    np.select: select,
    np.sort: sort,
    np.trace: lambda a, offset=0, axis1=0, axis2=1: np.sum(
        np.diagonal(a, offset, axis1, axis2), axis=-1
    ),
    np.vstack: vstack,
    np.hstack: hstack,
    np.pad: pad,
}

WRITTEN_OUT |= {
    function: moving(function)
    for function in (
        *(np.take, np.take_along_axis, np.repeat, np.tile, np.roll, np.rot90, np.fliplr, np.flipud),
        *(np.diag, np.diagonal, np.tril, np.triu),
    )
}

# Questions: the answer is a boolean, a position or a shape, plain and without a derivative.
QUESTIONS = {
    *(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal),
    *(np.isnan, np.isinf, np.isfinite, np.signbit, np.logical_not, np.logical_and, np.logical_or),
    *(np.any, np.all, np.argmax, np.argmin, np.argsort, np.count_nonzero, np.nonzero),
    *(np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like),
    *(np.allclose, np.isclose, np.array_equal, np.result_type, np.iscomplexobj, np.isrealobj),
}
