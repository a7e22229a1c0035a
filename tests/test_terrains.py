"""The landscapes of the pictures, against SymPy, and their bad input."""

import numpy as np
import pytest
import sympy as sp

from nnbook import terrains

x, y = sp.symbols("x y", real=True)
TWO_VALLEYS = x**4 / 4 + x**3 / 6 - 3 * x**2 / 4 + (y - x**2 / 2) ** 2 / 2
POINTS = np.random.default_rng(0).normal(scale=2, size=(40, 2))


def values(expression, points):
    return np.array([float(expression.subs({x: a, y: b})) for a, b in points])


@pytest.mark.parametrize("kappa", [0.5, 1, 30])
def test_bowl(kappa):
    height = (x**2 + sp.Rational(kappa) * y**2) / 2
    np.testing.assert_allclose(terrains.bowl(POINTS, kappa), values(height, POINTS), rtol=1e-13)
    for i, v in enumerate((x, y)):
        np.testing.assert_allclose(
            terrains.bowl_gradient(POINTS, kappa)[:, i], values(height.diff(v), POINTS), rtol=1e-13
        )


@pytest.mark.parametrize("kappa", [1, 7.5, 400])
@pytest.mark.parametrize("level", [1e-3, 2])
def test_every_point_of_an_ellipse_has_the_height_of_its_level(kappa, level):
    curve = terrains.level_ellipse(level, kappa, points=50)
    assert curve.shape == (50, 2)
    np.testing.assert_allclose(terrains.bowl(curve, kappa), level, rtol=1e-12)
    np.testing.assert_allclose(curve[0], curve[-1], atol=1e-12)
    assert np.ptp(curve[:, 0]) == pytest.approx(2 * np.sqrt(2 * level), rel=1e-2)


def test_two_valleys():
    np.testing.assert_allclose(
        terrains.two_valleys(POINTS), values(TWO_VALLEYS, POINTS), rtol=1e-11, atol=1e-13
    )
    for i, v in enumerate((x, y)):
        np.testing.assert_allclose(
            terrains.two_valleys_gradient(POINTS)[:, i],
            values(TWO_VALLEYS.diff(v), POINTS),
            rtol=1e-11,
            atol=1e-13,
        )


def test_the_stationary_points_are_these_three_and_no_other():
    found = sp.solve([TWO_VALLEYS.diff(x), TWO_VALLEYS.diff(y)], [x, y], dict=True)
    named = {terrains.SADDLE, terrains.SHALLOW, terrains.DEEP}
    assert {(float(s[x]), float(s[y])) for s in found} == named
    for point, height, curvatures in (
        (terrains.DEEP, -63 / 64, (0.58, 6.42)),
        (terrains.SHALLOW, -1 / 3, (0.65, 3.85)),
        (terrains.SADDLE, 0, (-1.5, 1)),
    ):
        assert terrains.two_valleys(point) == pytest.approx(height, abs=1e-15)
        hessian = sp.hessian(TWO_VALLEYS, (x, y)).subs(dict(zip((x, y), point, strict=True)))
        eigenvalues = np.linalg.eigvalsh(np.array(hessian, dtype=float))
        np.testing.assert_allclose(eigenvalues, curvatures, atol=5e-3)


def test_the_ridge_is_never_left():
    ridge = np.stack([np.zeros(9), np.linspace(-3, 3, 9)], axis=-1)
    assert (terrains.two_valleys_gradient(ridge)[:, 0] == 0).all()


def test_far_out_is_infinite_and_never_nan():
    far = [[-1e155, 0], [1e155, 1e200], [-1e155, 1e200], [0, 1e200]]
    with np.errstate(over="ignore"):
        assert not np.isnan(terrains.two_valleys(far)).any()
        assert not np.isnan(terrains.two_valleys_gradient(far)).any()


def test_input_is_left_alone_and_lists_are_taken():
    points = POINTS.copy()
    terrains.two_valleys_gradient(points)
    np.testing.assert_array_equal(points, POINTS)
    assert terrains.bowl([3, 1], 2) == 5.5
    assert terrains.bowl_gradient([[[3, 1]]], 2).shape == (1, 1, 2)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: terrains.bowl(1.0, 2), "point"),
        (lambda: terrains.two_valleys([1, 2, 3]), "point"),
        (lambda: terrains.bowl([1, 2], 0), "kappa"),
        (lambda: terrains.bowl_gradient([1, 2], np.nan), "kappa"),
        (lambda: terrains.bowl_gradient([1, 2], [1, 2]), "kappa"),
        (lambda: terrains.level_ellipse(0, 2), "level"),
        (lambda: terrains.level_ellipse(np.inf, 2), "level"),
        (lambda: terrains.level_ellipse(1, -2), "kappa"),
        (lambda: terrains.level_ellipse(1, 2, points=2.5), "points"),
        (lambda: terrains.level_ellipse(1, 2, points=10**12), "points"),
    ],
)
def test_bad_input_names_the_argument(call, name):
    with pytest.raises(ValueError, match=f"^{name} must"):
        call()


@pytest.mark.parametrize("bad", [[None, 1.0], ["1", "2"], [1j, 2], [[1, 2], [3]], "ab"])
def test_only_real_numbers(bad):
    for f in (terrains.two_valleys, terrains.two_valleys_gradient, lambda p: terrains.bowl(p, 3)):
        with pytest.raises(ValueError, match="^point must be an array of real numbers, got"):
            f(bad)
    for wrong in ("2", None, 1j, True):
        with pytest.raises(ValueError, match="^kappa must be a finite number > 0, got"):
            terrains.bowl([1, 2], wrong)
        with pytest.raises(ValueError, match="^level must be a finite number > 0, got"):
            terrains.level_ellipse(wrong, 2)
