"""Penalties on weights: what is added to the loss so that they stay small, or become 0.

`l1` and `l2` give a number, for weights of any shape, and `.grad(w, strength)` its gradient, in the
shape of w. There is no ½ and no mean in either: of l2 the gradient is 2 · strength · w. Called with
a tensor, they are differentiated by these gradients. `soft_threshold` is a formula (see `formula`).
"""

import numpy as np
import sympy as sp

from nnbook._arrays import as_floats, as_number
from nnbook.autodiff import with_rule
from nnbook.formula import formula

_w = sp.Symbol("w", real=True)
_amount = sp.Symbol("amount", nonnegative=True)


def l1(w, strength):
    """strength · Σ|w|.

    w of any shape -> a number, at least 0; strength at least 0. Kink at w = 0, where the derivative
    is taken as 0, out of the subgradients from -strength to strength: plain gradient descent leaves
    a weight of 0 at 0, but steps across 0 rather than onto it; that takes a `soft_threshold`.

    `l1.grad(w, strength)` is strength · sign(w). Raises ValueError for a negative strength and for
    anything but real numbers.
    Source: Tibshirani, Regression Shrinkage and Selection via the Lasso, 1996.
    """
    w, strength = _arguments(w, strength)
    return strength * np.sum(np.abs(w))


def _l1_grad(w, strength):
    """Gradient of l1 by w: strength · sign(w), 0 where w is 0. Errors as l1."""
    w, strength = _arguments(w, strength)
    return strength * np.sign(w)


def l2(w, strength):
    """strength · Σw², without ½.

    w of any shape -> a number, at least 0; strength at least 0. Smooth.

    `l2.grad(w, strength)` is 2 · strength · w: for plain gradient descent the same as a
    weight_decay of 2 · strength. Raises ValueError for a negative strength and for anything but
    real numbers.
    Source: Hoerl and Kennard, Ridge Regression: Biased Estimation for Nonorthogonal Problems, 1970.
    """
    w, strength = _arguments(w, strength)
    return strength * np.sum(np.square(w))


def _l2_grad(w, strength):
    """Gradient of l2 by w: 2 · strength · w. Errors as l2."""
    w, strength = _arguments(w, strength)
    return 2 * strength * w


l1 = with_rule(l1, lambda g, w, strength: g * _l1_grad(w, strength))
l2 = with_rule(l2, lambda g, w, strength: g * _l2_grad(w, strength))
l1.grad = _l1_grad
l2.grad = _l2_grad


@formula(
    sp.Piecewise((_w - _amount, _w > _amount), (_w + _amount, _w < -_amount), (0, True)),
    _w,
)
def soft_threshold(w, amount=1.0):
    """Soft threshold: sign(w) · max(|w| - amount, 0), amount at least 0.

    Any shape -> same shape: every entry moves by `amount` towards 0, and stops there. It is the
    proximal step of the L1 penalty, the u that minimizes ½ (u - w)² + amount |u|; after a gradient
    step of rate lr on the rest of the loss, amount is lr · strength. Kinks at ±amount, where the
    derivative is taken as 0: 1 for |w| > amount and 0 for |w| <= amount.

    Raises ValueError for a negative amount and for anything but real numbers.
    Sources: Donoho, De-noising by Soft-thresholding, 1995; Daubechies, Defrise and De Mol, An
    Iterative Thresholding Algorithm for Linear Inverse Problems with a Sparsity Constraint, 2004.
    """
    return w - np.clip(w, -amount, amount)


@soft_threshold.derivative
def _(w, amount):
    return np.select([np.abs(w) > amount, np.abs(w) <= amount], [1, 0], np.nan)


def _arguments(w, strength):
    return as_floats(w, "w"), as_number(strength, "strength", at_least=0)
