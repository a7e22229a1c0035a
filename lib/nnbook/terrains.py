"""Landscapes with two parameters, for pictures of descent: a bowl and a pair of valleys.

A point is an array (..., 2); a value has the shape (...), a gradient the shape (..., 2).
"""

import numpy as np

from nnbook._arrays import as_floats, as_number, whole

SADDLE = (0.0, 0.0)  #: The pass between the valleys of `two_valleys`, height 0.
SHALLOW = (1.0, 0.5)  #: The local minimum of `two_valleys`, height -1/3.
DEEP = (-1.5, 1.125)  #: The lowest point of `two_valleys`, height -63/64.


def bowl(point, kappa):
    """Quadratic bowl ½(x² + κ y²): curvatures 1 along x and κ along y, minimum 0 at the origin."""
    x, y = _coordinates(point)
    return (x**2 + _curvature(kappa) * y**2) / 2


def bowl_gradient(point, kappa):
    """Gradient (x, κ y) of `bowl`."""
    x, y = _coordinates(point)
    return np.stack([x, _curvature(kappa) * y], axis=-1)


def level_ellipse(level, kappa, points=73):
    """The set where `bowl` equals `level` > 0, as a closed curve of shape (points, 2).

    An ellipse with the half-axes √(2 level) along x and √(2 level / κ) along y.
    """
    level = as_number(level, "level", above=0)
    whole(points, "points", at_least=4, at_most=10**6)
    angle = np.linspace(0, 2 * np.pi, points)
    radius = np.sqrt(2 * level)
    return np.stack(
        [radius * np.cos(angle), radius / np.sqrt(_curvature(kappa)) * np.sin(angle)], axis=-1
    )


def two_valleys(point):
    """x⁴/4 + x³/6 − 3x²/4 + ½(y − x²/2)²: two valleys of different depth and width, and a pass.

    Its stationary points are `DEEP` (height −63/64, curvatures 0.58 and 6.42), `SHALLOW` (height
    −1/3, curvatures 0.65 and 3.85) and `SADDLE` (height 0, curvatures −3/2 and 1). On the line
    x = 0 the gradient has no x-component: who starts there stays there.
    """
    x, y = _coordinates(point)
    return x**2 * (x * (x / 4 + 1 / 6) - 3 / 4) + (y - x**2 / 2) ** 2 / 2


def two_valleys_gradient(point):
    """Gradient of `two_valleys`: (x³ + x²/2 − 3x/2 − x(y − x²/2), y − x²/2)."""
    x, y = _coordinates(point)
    # Nested, so that a finite point far out gives an infinite slope and never inf - inf.
    return np.stack([x * (x * (1.5 * x + 0.5) - 1.5 - y), y - x**2 / 2], axis=-1)


def _coordinates(point):
    point = as_floats(point, "point")
    if point.ndim == 0 or point.shape[-1] != 2:
        raise ValueError(f"point must have the shape (..., 2), got {point.shape}")
    return point[..., 0], point[..., 1]


def _curvature(kappa):
    return as_number(kappa, "kappa", above=0)
