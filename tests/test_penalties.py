"""Penalties: values, gradients by four routes, and the proximal step by brute force."""

import re
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from nnbook.autodiff import Tensor, check_gradients, grad, jacobian
from nnbook.penalties import l1, l2, soft_threshold

W = np.array([[1.5, -2.0, 0.25], [-0.5, 4.0, -1.0]])
both = pytest.mark.parametrize("penalty", [l1, l2])


@pytest.fixture(autouse=True)
def warnings_are_errors():
    with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
        yield


def refused(text):
    return pytest.raises(ValueError, match="^" + re.escape(text))


def test_values_by_hand():
    assert l1(W, 2) == 2 * 9.25
    assert l2(W, 3) == 3 * (2.25 + 4 + 0.0625 + 0.25 + 16 + 1)  # neither halved nor averaged
    assert l1(-3, 0.5) == 1.5 and l2(-3, 0.5) == 4.5
    for penalty in (l1, l2):
        assert type(penalty(W, 1)) is np.float64
        assert penalty([], 1) == 0 and penalty(W, 0) == 0
        assert penalty(W.astype(int), 1) == penalty(W.astype(int).tolist(), 1.0)


def test_gradients_by_hand():
    np.testing.assert_array_equal(l1.grad(W, 0.5), [[0.5, -0.5, 0.5], [-0.5, 0.5, -0.5]])
    np.testing.assert_array_equal(l2.grad(W, 0.5), W)
    np.testing.assert_array_equal(l2.grad([3, -1], 2), [12, -4])
    assert l1.grad(0, 7) == 0 and l2.grad(0, 7) == 0
    np.testing.assert_array_equal(l1.grad([0.0, -0.0, 5e-324, -5e-324], 2), [0, 0, 2, -2])
    assert l1.grad([], 1).shape == (0,)


@both
def test_gradients_by_the_other_routes(penalty):
    for strength in (0, 0.3, 7):
        by_hand = penalty.grad(W, strength)
        np.testing.assert_array_equal(grad(penalty)(W, strength), by_hand)
        by_name = grad(lambda w, s=strength: penalty(w, strength=s))(W)
        np.testing.assert_array_equal(by_name, by_hand)
        np.testing.assert_allclose(grad(penalty.__wrapped__)(W, strength), by_hand, rtol=1e-15)
        assert check_gradients(lambda w, s=strength: penalty(w, s), W) < 1e-8
        tripled = grad(lambda w, s=strength: 3 * penalty(w, s))(W)
        np.testing.assert_allclose(tripled, 3 * by_hand, rtol=1e-15)
    assert penalty(Tensor(W), 1).parents[0].shape == W.shape


def test_gradients_by_sympy():
    w, strength = sp.symbols("w1:4", real=True), sp.Symbol("lambda", positive=True)
    at = dict(zip(w, (sp.Rational(3, 2), -2, sp.Rational(1, 4)), strict=True)) | {strength: 5}
    for penalty, expr in ((l1, sum(map(sp.Abs, w))), (l2, sum(v**2 for v in w))):
        exact = [float(sp.diff(strength * expr, v).subs(at)) for v in w]
        np.testing.assert_array_equal(penalty.grad([1.5, -2, 0.25], 5), exact)


def test_second_derivatives():
    np.testing.assert_array_equal(jacobian(grad(lambda w: l2(w, 3)))(W[0]), 6 * np.eye(3))
    np.testing.assert_array_equal(jacobian(grad(lambda w: l1(w, 3)))(W[0]), np.zeros((3, 3)))


def test_weight_decay_is_twice_the_strength():
    """A step on the loss with l2 is a step on the loss beside a decay by lr · 2 · strength."""
    lr, strength, slope = 0.1, 0.25, np.cos(W)
    stepped = W - lr * (slope + l2.grad(W, strength))
    np.testing.assert_allclose(stepped, (1 - lr * 2 * strength) * W - lr * slope, rtol=1e-14)


@both
def test_bad_penalties(penalty):
    for call in (penalty, penalty.grad):
        for strength in (-1, -1e-300, np.nan, np.inf, "1", None, True, [1]):
            with refused("strength must be a finite number >= 0, got"):
                call(W, strength)
        for bad in ("ab", None, [1j], [[1], [2, 3]]):
            with refused("w must be an array of real numbers"):
                call(bad, 1)
    with pytest.raises(TypeError, match="pass the tensor w by position"):
        penalty(w=Tensor(W), strength=1)


@both
def test_weights_stay_as_they_are(penalty):
    w = W.copy()
    w.flags.writeable = False
    penalty(w, 2)
    assert not np.shares_memory(penalty.grad(w, 0.5), w)
    np.testing.assert_array_equal(w, W)


# The proximal step


@pytest.mark.parametrize("amount", [0, 0.3, 1, 50])
def test_the_ways_agree(amount):
    verification = soft_threshold.verify(amount=amount)
    assert verification, str(verification)


def test_soft_threshold_by_hand():
    w = [-3, -1, -0.5, 0, 0.5, 1, 3]
    np.testing.assert_array_equal(soft_threshold(w, 1), [-2, 0, 0, 0, 0, 0, 2])
    np.testing.assert_array_equal(soft_threshold(w, amount=0), w)
    np.testing.assert_array_equal(soft_threshold.grad(w, 1), [1, 0, 0, 0, 0, 0, 1])
    np.testing.assert_array_equal(soft_threshold.grad(w, 0), [1, 1, 1, 0, 1, 1, 1])
    np.testing.assert_array_equal(
        soft_threshold([np.inf, -np.inf, np.nan, 1e200, -1e308], 2),
        [np.inf, -np.inf, np.nan, 1e200, -1e308],
    )
    np.testing.assert_array_equal(soft_threshold.grad([np.inf, np.nan], 2), [1, np.nan])
    assert grad(lambda w: soft_threshold(w, 1))(1.0) == 0  # the convention at the kink


@given(st.integers(-64, 64), st.integers(0, 64))
def test_soft_threshold_is_the_argmin_by_brute_force(w, amount):
    """½ (u - w)² + amount |u| over a grid that holds the minimum, in exact arithmetic."""
    w, amount = Fraction(w, 16), Fraction(amount, 16)
    grid = [Fraction(k, 32) for k in range(-300, 301)]
    best = min(grid, key=lambda u: (u - w) ** 2 / 2 + amount * abs(u))
    assert soft_threshold(float(w), float(amount)) == float(best)


@given(st.floats(-1e3, 1e3), st.floats(0, 1e3), st.floats(-1e3, 1e3))
def test_nothing_costs_less_than_the_soft_threshold(w, amount, other):
    def cost(u):
        return (u - w) ** 2 / 2 + amount * abs(u)

    assert cost(soft_threshold(w, amount)) <= cost(other) + 1e-9


def test_the_penalty_and_its_proximal_step_belong_together():
    """Where u is not 0, it balances: (u - w) + the gradient of l1 at u is 0; elsewhere |w| ≤ λ."""
    u = soft_threshold(W, 0.75)
    moved = u != 0
    np.testing.assert_array_equal((u - W + l1.grad(u, 0.75))[moved], 0)
    assert np.all(np.abs(W[~moved]) <= 0.75) and 0 < np.sum(moved) < W.size


def test_exact_zeros_come_from_the_proximal_step_alone():
    """min ½ (w - 0.05)² + 0.1 |w| is at 0: one way arrives, the other steps across for ever."""
    subgradient = proximal = 1.0
    for _ in range(200):
        subgradient -= 0.3 * (subgradient - 0.05 + l1.grad(subgradient, 0.1))
        proximal = soft_threshold(proximal - 0.3 * (proximal - 0.05), 0.3 * 0.1)
    assert proximal == 0
    assert 1e-4 < abs(subgradient) < 0.1


def test_bad_amounts():
    for amount in (-1, np.nan, "1", None):
        with refused("amount must be a finite number >= 0"):
            soft_threshold(W, amount)
    with refused("w must be an array of real numbers"):
        soft_threshold("w", 1)


def test_documentation():
    for call in (l1, l2, soft_threshold):
        assert "Source" in call.__doc__ and "strength" in call.__doc__
    assert "0" in l1.__doc__ and "½" in l2.__doc__ and l1.grad.__doc__ and l2.grad.__doc__


def test_the_amount_is_1_if_none_is_given():
    assert soft_threshold([-2.5, 0.7, 1.5]).tolist() == [-1.5, 0, 0.5]
    assert soft_threshold.grad([-2.5, 0.7, 1.0, 1.5]).tolist() == [1, 0, 0, 1]
