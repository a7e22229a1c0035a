"""Arguments that are numbers and arrays: checked, converted, and named where they are wrong.

And the direction of a vector, which scaling and losses have in common.
"""

import numbers
from contextlib import suppress

import numpy as np

MASKED = "a masked array, whose mask would be lost: leave entries out, or fill them, first"
MATRIX = "an np.matrix, which * multiplies in another way: take np.asarray of it"


def as_floats(value, name):
    """`value` as a float64 array (no copy if it is one), or a ValueError that names the argument.

    Real numbers only: booleans and integers become floats; complex numbers, text, None, ragged
    lists, masked arrays, np.matrix and other objects are refused. NaN and infinities are let
    through. So is a `Tensor`, as it is: it holds float64, and what is computed is recorded.
    """
    if type(value) is np.ndarray and value.dtype == np.float64:
        return value
    if getattr(value, "is_traced", False):
        return value
    if is_masked(value):
        raise ValueError(f"{name} must be an array of real numbers, got {MASKED}")
    if isinstance(value, np.matrix):
        raise ValueError(f"{name} must be an array of real numbers, got {MATRIX}")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"{name} must be an array of real numbers, got a ragged one: {value!r:.60}"
        ) from error
    if array.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} must be an array of real numbers, "
            f"got {type(value).__name__} of dtype {array.dtype}: {value!r:.60}"
        )
    return array.astype(np.float64, copy=False)


def is_masked(value):
    """Is it a masked array, or a list with one in it?"""
    if isinstance(value, list | tuple):
        return any(map(is_masked, value))
    return isinstance(value, np.ma.MaskedArray)


def as_number(value, name, *, above=None, at_least=None, divides=False):
    """`value` as a finite float, or a ValueError that names the argument and its bound.

    What `divides` has to be 1e-300 at least: beyond, numbers of ordinary size become infinite.
    """
    wanted = "a finite number"
    if above is not None:
        wanted += f" > {above}"
    if at_least is not None:
        wanted += f" >= {at_least}"
    number = np.nan
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        with suppress(OverflowError):  # an integer of more than 308 digits
            number = float(value)
    if (
        not np.isfinite(number)
        or (above is not None and number <= above)
        or (at_least is not None and number < at_least)
    ):
        raise ValueError(f"{name} must be {wanted}, got {value!r}")
    if divides and number < 1e-300:
        raise ValueError(f"{name} must be at least 1e-300, since it divides, got {value!r}")
    return number


def pairs(parameters, name):
    """Pairs (W, b) of arrays, of any shapes."""
    if not isinstance(parameters, tuple | list) or not parameters:
        raise ValueError(f"{name} must be a list of pairs (W, b), got {parameters!r:.60}")
    for i, pair in enumerate(parameters):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise ValueError(f"{name}[{i}] must be a pair (W, b), got {pair!r:.60}")
    return [
        (as_floats(w, f"{name}[{i}][0]"), as_floats(b, f"{name}[{i}][1]"))
        for i, (w, b) in enumerate(parameters)
    ]


def layered(parameters, name):
    """Layers as pairs (W, b), W (fan_out, fan_in), b (fan_out,): each takes what the last gives."""
    layers = pairs(parameters, name)
    fan_in = layers[0][0].shape[-1] if layers[0][0].ndim else 0
    for i, (w, b) in enumerate(layers):
        if w.ndim != 2 or w.shape[1] != fan_in or b.shape != w.shape[:1]:
            raise ValueError(
                f"{name}[{i}] must be (W, b) of shapes (fan_out, {fan_in}) and (fan_out,), "
                f"got shapes {w.shape} and {b.shape}"
            )
        fan_in = w.shape[0]
    return layers


def same_shape(**arrays):
    """A ValueError that names the two, unless all have the shape of the first."""
    (name, array), *others = arrays.items()
    for other, value in others:
        if value.shape != array.shape:
            raise ValueError(
                f"{other} must have the shape of {name}, {array.shape}, got {value.shape}"
            )


def check_axis(x, axis, name):
    """A ValueError unless `axis` is one that the array x, called `name`, has and has entries on."""
    if x.ndim == 0:
        raise ValueError(f"{name} must have at least one axis, got the scalar {x}")
    whole = isinstance(axis, numbers.Integral) and not isinstance(axis, bool)
    if not whole or not -x.ndim <= axis < x.ndim:
        raise ValueError(
            f"axis must be an integer from {-x.ndim} to {x.ndim - 1} for {name} of shape "
            f"{x.shape}, got {axis!r}"
        )
    if x.shape[axis] == 0:
        raise ValueError(f"{name} must have entries along axis {axis}, got shape {x.shape}")


def in_units(x, axis):
    """x in units of its largest entry along `axis`, and these: no square over- or underflows."""
    largest = np.max(np.abs(x), axis=axis, keepdims=True)
    return x / np.where(largest == 0, 1, largest), largest


def unit(x, axis=-1):
    """x / √(Σx²) along `axis`, and 0 for a vector of zeros; right to the ends of the range."""
    u, largest = in_units(x, axis)
    zero = largest == 0
    # At 0 the root has no derivative: there it is replaced by 1, whose derivative is 0.
    length = np.sqrt(np.where(zero, 1, np.sum(np.square(u), axis=axis, keepdims=True)))
    return np.where(zero, 0, u / length)


def check_rng(rng):
    """A ValueError unless `rng` is a generator: no seed, no global state."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng must be a numpy.random.Generator, got {rng!r}")


def check_function(**functions):
    """A ValueError that names the one which cannot be called: check_function(loss=loss)."""
    for name, function in functions.items():
        if not callable(function):
            raise ValueError(f"{name} must be a function, got {function!r:.60}")


def whole(value, name, at_least, at_most=None):
    """A ValueError unless `value` is an integer within its bounds."""
    integer = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not integer or value < at_least or (at_most is not None and value > at_most):
        bounds = f">= {at_least}" + (f" and <= {at_most}" if at_most is not None else "")
        raise ValueError(f"{name} must be a whole number {bounds}, got {value!r:.60}")


def cotangent(g, **of):
    """`g` as floats, in the shape of the one array that is named: cotangent(g, x=x)."""
    g = as_floats(g, "g")
    same_shape(**of, g=g)
    return g
