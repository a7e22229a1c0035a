"""Optimizers: the recurrences by another route, closed forms, conventions, purity, refusals."""

import inspect
import math
import re
import warnings
from fractions import Fraction
from typing import NamedTuple

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from nnbook import terrains
from nnbook.autodiff import grad
from nnbook.networks import fit, initialize, predict
from nnbook.optimizers import (
    Optimizer,
    adagrad,
    adam,
    adamw,
    ema_momentum,
    minimize,
    rmsprop,
    sgd,
    trajectory,
)

EACH = {
    "sgd": sgd(0.05),
    "sgd with decay": sgd(0.05, weight_decay=0.3),
    "momentum": sgd(0.05, momentum=0.8),
    "momentum with decay": sgd(0.05, momentum=0.8, weight_decay=0.3),
    "momentum with dampening": sgd(0.05, momentum=0.8, dampening=0.4),
    "nesterov": sgd(0.05, momentum=0.8, nesterov=True),
    "nesterov with decay": sgd(0.05, momentum=0.8, nesterov=True, weight_decay=0.3),
    "ema_momentum": ema_momentum(0.05, beta=0.7),
    "adagrad": adagrad(0.2, eps=0.01),
    "rmsprop": rmsprop(0.03, alpha=0.9, eps=0.01),
    "adam": adam(0.1, betas=(0.8, 0.95), eps=0.01),
    "adam with decay": adam(0.1, betas=(0.8, 0.95), eps=0.01, weight_decay=0.3),
    "adamw": adamw(0.1, betas=(0.8, 0.95), eps=0.01, weight_decay=0.3),
}
each = pytest.mark.parametrize("opt", EACH.values(), ids=EACH.keys())


def refused(text):
    return pytest.raises(ValueError, match=re.escape(text))


def two_valleys(theta):
    return terrains.two_valleys_gradient(theta)


def constant(g):
    return lambda theta: np.asarray(g, dtype=float)


def close(a, b, rtol=1e-12, atol=1e-14):
    np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


# The recurrences, by another route: from all gradients so far, number by number ------------------


def weighted(values, beta):
    """The average of the values with the weights β^age, which are made to sum to 1."""
    weights = [beta**age for age in reversed(range(len(values)))]
    return math.fsum(w * x for w, x in zip(weights, values, strict=True)) / math.fsum(weights)


def discounted(values, beta):
    return math.fsum(x * beta**age for age, x in enumerate(reversed(values)))


def squares(values):
    return [x * x for x in values]


def dampened(gs, mu, d):
    return [gs[0]] + [(1 - d) * g for g in gs[1:]]


def adam_direction(gs, eps):
    return weighted(gs, 0.8) / (math.sqrt(weighted(squares(gs), 0.95)) + eps)


# What is subtracted from a coordinate x, after the gradients gs (with decay: gs + λ x, all so far).
STEPS = {
    "sgd": lambda x, gs: 0.05 * gs[-1],
    "momentum": lambda x, gs: 0.05 * discounted(gs, 0.8),
    "momentum with dampening": lambda x, gs: 0.05 * discounted(dampened(gs, 0.8, 0.4), 0.8),
    "nesterov": lambda x, gs: 0.05 * (gs[-1] + 0.8 * discounted(gs, 0.8)),
    "ema_momentum": lambda x, gs: 0.05 * (1 - 0.7) * discounted(gs, 0.7),
    "adagrad": lambda x, gs: 0.2 * gs[-1] / (math.sqrt(math.fsum(squares(gs))) + 0.01),
    "rmsprop": lambda x, gs: (
        0.03 * gs[-1] / (math.sqrt((1 - 0.9) * discounted(squares(gs), 0.9)) + 0.01)
    ),
    "adam": lambda x, gs: 0.1 * adam_direction(gs, 0.01),
    "adamw": lambda x, gs: 0.1 * adam_direction(gs, 0.01) + 0.1 * 0.3 * x,
}
COUPLED = {
    "sgd with decay": "sgd",
    "momentum with decay": "momentum",
    "nesterov with decay": "nesterov",
    "adam with decay": "adam",
}


@pytest.mark.parametrize("name", EACH)
def test_recurrence(name):
    step, decay = STEPS[COUPLED.get(name, name)], 0.3 if name in COUPLED else 0.0
    x, y = 0.9, -0.4
    path, by_x, by_y = [(x, y)], [], []
    for _ in range(40):
        gx, gy = two_valleys([x, y])
        by_x.append(float(gx) + decay * x)
        by_y.append(float(gy) + decay * y)
        x, y = x - step(x, by_x), y - step(y, by_y)
        path.append((x, y))
    computed = trajectory(EACH[name], two_valleys, [0.9, -0.4], 40)
    close(computed, path, rtol=1e-10, atol=1e-12)
    assert np.ptp(computed[:, 0]) > 0.1


def test_states_have_the_letters_of_the_papers():
    g = np.array([2.0, -3.0])
    for name, letters in {
        "sgd": {},
        "momentum": {"v": g + 0.8 * g},
        "momentum with dampening": {"v": 0.6 * g + 0.8 * g},
        "ema_momentum": {"m": 0.3 * g + 0.7 * 0.3 * g},
        "adagrad": {"G": 2 * g**2},
        "rmsprop": {"v": 0.1 * g**2 + 0.9 * 0.1 * g**2},
        "adam": {"m": 0.2 * g + 0.8 * 0.2 * g, "v": 0.05 * g**2 + 0.95 * 0.05 * g**2},
        "adamw": {"m": 0.2 * g + 0.8 * 0.2 * g, "v": 0.05 * g**2 + 0.95 * 0.05 * g**2},
    }.items():
        init, update = EACH[name]
        state = init(g)
        assert state._fields == ("t", *letters) and state.t == 0
        for average in state[1:]:
            np.testing.assert_array_equal(average, np.zeros(2))
        theta, state = update(g, g, state)
        theta, state = update(theta, g, state)
        assert state.t == 2
        for letter, wanted in letters.items():
            close(getattr(state, letter), wanted)


def test_defaults():
    for optimizer, wanted in {
        sgd: "(lr, momentum=0.0, dampening=0.0, nesterov=False, weight_decay=0.0)",
        ema_momentum: "(lr, beta=0.9)",
        adagrad: "(lr, eps=1e-10)",
        rmsprop: "(lr, alpha=0.99, eps=1e-08)",
        adam: "(lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.0)",
        adamw: "(lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.01)",
    }.items():
        assert str(inspect.signature(optimizer)) == wanted


# Closed forms -----------------------------------------------------------------------------------


@pytest.mark.parametrize("eps", [0, 1e-8, 0.5])
@pytest.mark.parametrize("decay", [0, 0.3])
def test_first_step_of_adam(eps, decay):
    theta = np.array([1.0, -2.0, 0.5, 3.0])
    g = np.array([1e-6, -1.0, 40.0, -1e8])
    moved = trajectory(adam(0.01, eps=eps, weight_decay=decay), constant(g), theta, 1)[1]
    coupled = g + decay * theta
    close(moved, theta - 0.01 * coupled / (np.abs(coupled) + eps), rtol=1e-11)
    moved = trajectory(adamw(0.01, eps=eps, weight_decay=decay), constant(g), theta, 1)[1]
    close(moved, theta - 0.01 * (g / (np.abs(g) + eps) + decay * theta), rtol=1e-11)


def test_adam_keeps_its_pace_where_the_gradient_is_constant():
    path = trajectory(adam(0.01, eps=0), constant([3.0, -1e-3]), np.zeros(2), 50)
    close(path, np.arange(51)[:, None] * [-0.01, 0.01], rtol=1e-10)


def test_first_steps_of_the_others():
    """As long as their docstrings say: the accumulators start at 0 and are not corrected."""
    g = np.array([5.0, -0.2])
    signs = np.sign(g)
    for opt, step in (
        (adagrad(0.1, eps=0), 0.1 * signs),
        (rmsprop(0.1, alpha=0.99, eps=0), 1.0 * signs),
        (rmsprop(0.1, alpha=0.9, eps=0), 0.1 / math.sqrt(0.1) * signs),
        (ema_momentum(0.1, beta=0.9), 0.01 * g),
        (sgd(0.1, momentum=0.9), 0.1 * g),
        (sgd(0.1, momentum=0.9, dampening=0.9), 0.1 * g),
        (sgd(0.1, momentum=0.9, nesterov=True), 0.19 * g),
    ):
        close(trajectory(opt, constant(g), np.ones(2), 1)[1], 1 - step)
    steps = -np.diff(trajectory(adagrad(0.1, eps=0), constant(5.0), 1.0, 9))
    close(steps, 0.1 / np.sqrt(np.arange(1, 10)), rtol=1e-10)


def test_momentum_where_the_gradient_is_constant():
    beta, t = 0.9, np.arange(1, 31)
    steps = -np.diff(trajectory(sgd(1.0, momentum=beta), constant(2.0), 0.0, 30))
    close(steps, 2 * (1 - beta**t) / (1 - beta))
    steps = -np.diff(trajectory(ema_momentum(1.0, beta), constant(2.0), 0.0, 30))
    close(steps, 2 * (1 - beta**t))


def test_momentum_on_a_parabola_is_a_recurrence_of_second_order():
    """In fractions, θ(t+1) = (1 + μ − lr h) θ(t) − μ θ(t−1), where the slope is h θ."""
    lr, h, mu = Fraction(1, 8), Fraction(3), Fraction(3, 4)
    path = [Fraction(1), 1 - lr * h]
    for _ in range(30):
        path.append((1 + mu - lr * h) * path[-1] - mu * path[-2])
    computed = trajectory(sgd(1 / 8, momentum=0.75), lambda x: 3 * x, 1.0, 31)
    close(computed, [float(x) for x in path])
    nesterov = [Fraction(1), 1 - lr * h * (1 + mu)]
    for _ in range(30):
        a, b = nesterov[-2:]
        nesterov.append((1 + mu) * (1 - lr * h) * b - mu * (1 - lr * h) * a)
    computed = trajectory(sgd(1 / 8, momentum=0.75, nesterov=True), lambda x: 3 * x, 1.0, 31)
    close(computed, [float(x) for x in nesterov])


def test_descent_on_a_bowl():
    t = np.arange(41)[:, None]
    start, curvatures = np.array([3.0, 0.2]), np.array([1, 12])
    path = trajectory(sgd(0.15), lambda p: terrains.bowl_gradient(p, 12), start, 40)
    close(path, start * (1 - 0.15 * curvatures) ** t, atol=1e-13)
    path = trajectory(sgd(0.15, weight_decay=0.5), constant([0, 0]), start, 40)
    close(path, start * (1 - 0.15 * 0.5) ** t)
    path = trajectory(adamw(0.15, weight_decay=0.5), constant([0, 0]), start, 40)
    close(path, start * (1 - 0.15 * 0.5) ** t)


def test_bias_correction_is_a_geometric_sum():
    beta, g = sp.symbols("beta g", positive=True)
    t, i = sp.symbols("t i", positive=True, integer=True)
    m = sp.Function("m")
    solved = sp.rsolve(m(t) - beta * m(t - 1) - (1 - beta) * g, m(t), {m(0): 0})
    total = sp.summation((1 - beta) * beta ** (t - i), (i, 1, t))
    assert sp.simplify(solved - g * (1 - beta**t)) == 0
    assert sp.simplify(total - (1 - beta**t)) == 0

    average = sp.lambdify((beta, g, t), solved)
    for beta1, beta2 in ((0.9, 0.999), (0.5, 0.99999), (0, 0)):
        init, update = adam(0.01, (beta1, beta2))
        theta, state = np.array(1.0), init(np.array(1.0))
        for step in range(1, 30):
            theta, state = update(theta, 3.0, state)
            close(state.m, average(beta1, 3, step))
            close(state.v, average(beta2, 9, step), rtol=1e-10)
        close(theta, 1 - 0.01 * 29 * 3 / (3 + 1e-8), rtol=1e-10)


def test_the_average_of_gradients_is_unbiased_only_corrected():
    """With gradients of mean 2 (all sign patterns of the noise), the mean of m̂ is 2, of m less."""
    beta, patterns = 0.9, np.array(np.meshgrid(*[[-1, 1]] * 6)).reshape(6, -1)
    init, update = adam(0.0, betas=(beta, 0.99))
    theta = np.zeros(patterns.shape[1])
    state = init(theta)
    for noise in patterns:
        theta, state = update(theta, 2 + 5 * noise, state)
    close(np.mean(state.m), 2 * (1 - beta**6))
    close(np.mean(state.v), (4 + 25) * (1 - 0.99**6))


# Conventions, and the ways from one to the other -------------------------------------------------


@pytest.mark.parametrize("beta", [0, 0.5, 0.9, 0.99])
def test_the_two_conventions_of_momentum_differ_in_the_learning_rate(beta):
    start = [0.9, -0.4]
    averaged = trajectory(ema_momentum(0.3, beta), two_valleys, start, 60)
    close(trajectory(sgd((1 - beta) * 0.3, beta), two_valleys, start, 60), averaged, rtol=1e-9)
    if beta:
        other = trajectory(sgd(0.3, beta), two_valleys, start, 60)
        assert np.max(np.abs(other - averaged)) > 0.1


def test_dampening_is_an_average_but_for_its_first_step():
    gradients = np.random.default_rng(0).normal(size=(20, 3))
    dampened, averaged = sgd(0.1, 0.9, dampening=0.9), ema_momentum(0.1, 0.9)
    theta = np.zeros(3)
    state, other = dampened.init(theta), averaged.init(theta)
    for t, g in enumerate(gradients, start=1):
        _, state = dampened.update(theta, g, state)
        _, other = averaged.update(theta, g, other)
        close(state.v, other.m + 0.9**t * gradients[0])


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_with_the_learning_rate_within(nesterov):
    """Keras: v ← μ v − lr g, θ ← θ + v, or with nesterov θ ← θ + μ v − lr g."""
    theta, v = np.array([0.9, -0.4]), 0
    path = [theta]
    for _ in range(30):
        g = two_valleys(theta)
        v = 0.8 * v - 0.05 * g
        theta = theta + (0.8 * v - 0.05 * g if nesterov else v)
        path.append(theta)
    close(trajectory(sgd(0.05, 0.8, nesterov=nesterov), two_valleys, path[0], 30), path, rtol=1e-9)


def test_nesterov_of_the_paper_at_the_point_ahead():
    """Sutskever et al.: v ← μ v − lr ∇f(θ + μ v), θ ← θ + v; the point ahead takes our path."""
    theta, v = np.array([0.9, -0.4]), np.zeros(2)
    ahead = [theta]
    for _ in range(30):
        v = 0.8 * v - 0.05 * two_valleys(theta + 0.8 * v)
        theta = theta + v
        ahead.append(theta + 0.8 * v)
    close(trajectory(EACH["nesterov"], two_valleys, ahead[0], 30), ahead, rtol=1e-9)


def test_epsilon_of_adam_before_and_after_the_correction():
    """Keras and TensorFlow: lr √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε̂)."""
    theta, m, v, hat = np.array([0.9, -0.4]), 0, 0, 1e-3
    state = adam().init(theta)
    path = [theta]
    for t in range(1, 31):
        g = two_valleys(path[-1])
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        path.append(
            path[-1] - 0.01 * math.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + hat)
        )
        theta, state = adam(0.01, eps=hat / math.sqrt(1 - 0.999**t)).update(theta, g, state)
        close(theta, path[-1], rtol=1e-9)
    apart = trajectory(adam(0.01, eps=hat), two_valleys, path[0], 30) - path
    assert np.max(np.abs(apart)) > 1e-4
    close(1 / math.sqrt(1 - 0.999), 32, rtol=0.02)


def test_decay_of_the_paper_is_not_scaled_by_the_learning_rate():
    """Loshchilov and Hutter: θ ← θ − η (α m̂ / (√v̂ + ε) + λ′ θ), η the schedule, α the rate."""
    alpha, decay = 0.05, 0.004
    theta = paper = np.array([0.9, -0.4])
    state, plain = adamw().init(theta), adam().init(theta)
    for eta in (1.0, 0.7, 0.2, 0.9, 0.05):
        g = two_valleys(paper)
        stepped, plain = adam(eta * alpha).update(paper, g, plain)
        theta, state = adamw(eta * alpha, weight_decay=decay / alpha).update(theta, g, state)
        paper = stepped - eta * decay * paper
        close(theta, paper)


def test_published_examples():
    """One or two steps on x²/2 as the documentation of Keras prints them."""

    def path(opt, start, steps):
        return trajectory(opt, lambda x: x, start, steps)

    close(path(rmsprop(0.1, alpha=0.9), 10.0, 1)[1], 9.683772, rtol=1e-6)
    close(path(adam(0.1), 10.0, 1)[1], 9.9, rtol=1e-8)
    close(-np.diff(path(sgd(0.1, momentum=0.9), 1.0, 2)), [0.1, 0.18])


@given(st.integers(-20, 20))
def test_adam_does_not_see_the_scale_of_the_gradient(power):
    start = np.array([0.9, -0.4])
    path = trajectory(adam(0.1, eps=0), two_valleys, start, 30)
    scaled = trajectory(adam(0.1, eps=0), lambda p: 2.0**power * two_valleys(p), start, 30)
    np.testing.assert_array_equal(path, scaled)  # powers of two scale without rounding


def test_the_scale_of_each_coordinate_is_its_own():
    scales = np.array([1e9, 1e-6])
    for opt in (adam(0.1, eps=0), adagrad(0.1, eps=0), rmsprop(0.1, eps=0)):
        path = trajectory(opt, two_valleys, [0.9, -0.4], 30)
        scaled = trajectory(opt, lambda p: scales * two_valleys(p), [0.9, -0.4], 30)
        close(path, scaled, rtol=1e-9)
    path = trajectory(adam(0.1), two_valleys, [0.9, -0.4], 30)
    scaled = trajectory(adam(0.1), lambda p: 1e-9 * two_valleys(p), [0.9, -0.4], 30)
    assert np.max(np.abs(path - scaled)) > 0.1


def test_coupled_and_decoupled_decay():
    start, decay = np.array([0.9, -0.4]), 0.3
    plain = trajectory(adam(0.1), two_valleys, start, 30)
    np.testing.assert_array_equal(
        trajectory(adamw(0.1, weight_decay=0), two_valleys, start, 30), plain
    )
    for decayed, without in (
        (adam(0.1, weight_decay=decay), adam(0.1)),
        (sgd(0.05, 0.8, weight_decay=decay), sgd(0.05, 0.8)),
        (sgd(0.05, weight_decay=decay), sgd(0.05)),
    ):
        path = trajectory(decayed, two_valleys, start, 30)
        close(path, trajectory(without, lambda p: two_valleys(p) + decay * p, start, 30))
        assert np.max(np.abs(path - trajectory(without, two_valleys, start, 30))) > 1e-3

    theta, state = start, adamw().init(start)
    for _ in range(30):
        g = two_valleys(theta)
        (stepped, after), (decoupled, same) = (
            adam(0.1).update(theta, g, state),
            adamw(0.1, weight_decay=decay).update(theta, g, state),
        )
        close(decoupled, stepped - 0.1 * decay * theta)
        np.testing.assert_array_equal(after.m, same.m)
        np.testing.assert_array_equal(after.v, same.v)
        theta, state = decoupled, same


# Pure functions of any structure -----------------------------------------------------------------


class Layer(NamedTuple):
    w: object
    b: object


def arrays(tree):
    if isinstance(tree, dict):
        return [a for key in tree for a in arrays(tree[key])]
    if isinstance(tree, list | tuple):
        return [a for part in tree for a in arrays(part)]
    return [tree]


@each
def test_a_structure_of_arrays_goes_array_by_array(opt):
    rng = np.random.default_rng(1)

    def tree():
        return {
            "layers": [Layer(rng.normal(size=(3, 2)), rng.normal(size=3)), (rng.normal(size=2),)],
            "scale": rng.normal(),
            "none": [],
        }

    theta = tree()
    state = opt.init(theta)
    alone = [(a, opt.init(a)) for a in arrays(theta)]
    for _ in range(4):
        g = tree()
        g = {key: g[key] for key in reversed(g)}  # the order of keys says nothing
        theta, state = opt.update(theta, g, state)
        parts = [*arrays(g["layers"]), g["scale"]]
        alone = [opt.update(a, h, s) for (a, s), h in zip(alone, parts, strict=True)]
        for got, (wanted, _) in zip(arrays(theta), alone, strict=True):
            np.testing.assert_array_equal(got, wanted)
        for letter in state._fields[1:]:
            average = getattr(state, letter)
            assert list(average) == list(theta) and type(average["layers"][0]) is Layer
            for got, (_, s) in zip(arrays(average), alone, strict=True):
                np.testing.assert_array_equal(got, getattr(s, letter))
    assert type(theta["layers"][0]) is Layer and type(theta["layers"][1]) is tuple
    assert type(theta["scale"]) is np.float64 and theta["none"] == []


finite = st.floats(-1e6, 1e6)


@each
@given(data=st.data())
def test_update_is_pure(opt, data):
    shapes = data.draw(st.lists(hnp.array_shapes(min_dims=0, max_side=3), min_size=1, max_size=3))

    def drawn():
        return [data.draw(hnp.arrays(float, shape, elements=finite)) for shape in shapes]

    theta, gradient = drawn(), drawn()
    state = opt.init(theta)
    for _ in range(data.draw(st.integers(0, 2))):
        _, state = opt.update(theta, drawn(), state)
    given = arrays([theta, gradient, *state[1:]])
    kept = [np.copy(a) for a in given]
    for a in given:
        if isinstance(a, np.ndarray):
            a.flags.writeable = False

    first, second = (opt.update(theta, gradient, state) for _ in range(2))
    for a, b in zip(given, kept, strict=True):
        np.testing.assert_array_equal(a, b)
    assert first[1].t == second[1].t == state.t + 1
    new = arrays([first[0], *first[1][1:]])
    for a, b in zip(new, arrays([second[0], *second[1][1:]]), strict=True):
        np.testing.assert_array_equal(a, b)
    for i, a in enumerate(new):
        assert a.dtype == np.float64 and np.all(np.isfinite(a))
        assert not any(np.shares_memory(a, b) for b in given + new[:i])
        assert not isinstance(a, np.ndarray) or a.flags.writeable


@each
def test_states_share_no_memory_from_the_start(opt):
    theta = np.ones(3)
    state = opt.init(theta)
    for average in state[1:]:
        average += 1
    for average in opt.init(theta)[1:]:
        np.testing.assert_array_equal(average, 0)
    np.testing.assert_array_equal(theta, 1)
    averages = state[1:]
    assert not any(np.shares_memory(a, b) for a in averages for b in averages if a is not b)


@each
def test_whatever_numbers_come_in_float64_goes_out(opt):
    wanted, _ = opt.update(np.array([1.0, 2.0]), np.array([3.0, -4.0]), opt.init(np.zeros(2)))
    for kind in (np.float32, int):
        theta, g = np.array([1, 2], dtype=kind), np.array([3, -4], dtype=kind)
        got, state = opt.update(theta, g, opt.init(theta))
        np.testing.assert_array_equal(got, wanted)
        assert {a.dtype for a in (got, *state[1:])} == {np.dtype(np.float64)}
    got, _ = opt.update([1, 2], (3, -4), opt.init([1, 2]))
    assert type(got) is list
    np.testing.assert_array_equal(got, wanted)


def test_a_schedule_is_another_optimizer_on_the_same_state():
    theta = np.array([0.9, -0.4])
    state = sgd(1, momentum=0.5).init(theta)
    theta, state = sgd(0.1, momentum=0.5).update(theta, np.ones(2), state)
    theta, state = sgd(0.01, momentum=0.5).update(theta, np.ones(2), state)
    close(theta, [0.9 - 0.1 - 0.015, -0.4 - 0.1 - 0.015])


def normal(shape, rng):
    return rng.normal(size=shape) / np.sqrt(shape[1])


def squared(parameters, x, y):
    return np.mean((predict(parameters, x, np.tanh) - y) ** 2)


@each
def test_networks_are_fitted(opt):
    """As by hand: over the pairs (W, b), where `fit` hands over a list of arrays."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(20, 2)), rng.normal(size=(20, 1))
    theta = start = initialize([2, 5, 1], normal, rng)
    state = opt.init(theta)
    for _ in range(5):
        theta, state = opt.update(theta, grad(squared)(theta, x, y), state)
    trained, history = fit(squared, start, opt, (x, y), rng, epochs=5)
    for pair, wanted in zip(trained, theta, strict=True):
        for a, b in zip(pair, wanted, strict=True):
            close(a, b, rtol=1e-9, atol=1e-12)
    assert history.loss[-1] < history.loss[0]


@pytest.mark.parametrize("opt", [sgd(0.3), sgd(0.05, 0.9), adam(0.01), adamw(0.01)])
def test_a_network_learns_a_circle(opt):
    rng = np.random.default_rng(4)
    x = rng.normal(size=(100, 2))
    y = np.where(np.sum(x**2, axis=1, keepdims=True) > 1.4, 1.0, -1.0)
    start = initialize([2, 12, 1], normal, rng)
    trained, history = fit(squared, start, opt, (x, y), rng, epochs=200, batch_size=20)
    assert np.mean(np.sign(predict(trained, x, np.tanh)) == y) > 0.95


# Pictures: trajectory and minimize ---------------------------------------------------------------


@each
def test_trajectory_is_update_after_update(opt):
    start = np.array([[0.9, -0.4], [1.5, 1.5], [-1.0, 0.3]])
    kept = start.copy()
    path = trajectory(opt, two_valleys, start, 7)
    assert path.shape == (8, 3, 2) and path.dtype == np.float64
    theta, state = start, opt.init(start)
    for point in path:
        np.testing.assert_array_equal(point, theta)
        theta, state = opt.update(theta, two_valleys(theta), state)
    np.testing.assert_array_equal(start, kept)
    assert not np.shares_memory(path, start)
    np.testing.assert_array_equal(trajectory(opt, two_valleys, start, np.int64(7)), path)
    for i, point in enumerate(start):
        np.testing.assert_array_equal(trajectory(opt, two_valleys, point, 7), path[:, i])


def test_trajectory_of_a_number_and_of_no_steps():
    path = trajectory(sgd(0.25), lambda x: x, 8, 3)
    assert path.shape == (4,)
    np.testing.assert_array_equal(path, [8, 6, 4.5, 3.375])
    np.testing.assert_array_equal(trajectory(sgd(0.25), None, [1, 2], 0), [[1.0, 2.0]])


def test_a_gradient_that_writes_to_its_argument_does_not_reach_the_start():
    def gradient(theta):
        theta *= 2
        return theta

    start = np.ones(2)
    path = trajectory(sgd(0.1), gradient, start, 3)
    np.testing.assert_array_equal(start, 1)
    np.testing.assert_array_equal(path[0], 1)


@each
def test_minimize(opt):
    def f(p):
        return terrains.bowl(p, 3) + np.sin(p[0])

    def valley(p):
        return p[0] ** 2 / 2 + 3 * p[1] ** 2 / 2 + np.sin(p[0])

    path, values = minimize(opt, valley, [1.0, -0.5], 25)
    assert path.shape == (26, 2) and values.shape == (26,)
    slope = lambda p: terrains.bowl_gradient(p, 3) + [np.cos(p[0]), 0]  # noqa: E731
    close(path, trajectory(opt, slope, [1.0, -0.5], 25), rtol=1e-9)
    close(values, [f(p) for p in path], rtol=1e-9)
    assert values[-1] < values[0]


def test_minimize_of_a_number():
    path, values = minimize(sgd(0.25), lambda x: x**2 / 2, 8.0, 3)
    np.testing.assert_array_equal(path, [8, 6, 4.5, 3.375])
    np.testing.assert_array_equal(values, path**2 / 2)
    with refused("scalar"):
        minimize(sgd(0.25), lambda x: x**2, [1.0, 2.0], 1)


def test_a_path_may_diverge_and_says_so_in_its_numbers():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path, values = minimize(sgd(1.0), lambda x: np.sum(x**4), [3.0, 0.0], 40)
    assert np.isnan(path[-1, 0]) and np.isnan(values[-1])
    assert path[1, 0] == 3 - 4 * 27
    np.testing.assert_array_equal(path[:, 1], 0)
    with np.errstate(all="ignore"):
        _, history = fit(
            lambda p, x: np.sum((x @ p[0][0].T + p[0][1]) ** 4),
            [(np.ones((1, 1)), np.zeros(1))], sgd(1.0), [np.ones((2, 1))],
            np.random.default_rng(0), epochs=20,
        )  # fmt: skip
    assert not np.isfinite(history.loss[-1])


# Where numbers end ------------------------------------------------------------------------------


@each
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_gradient_that_is_not_finite_spoils_its_coordinate_for_good(opt, bad):
    theta, g = np.array([1.0, 2.0]), np.array([0.5, 0.5])
    clean, spoiled = [opt.update(theta, g, opt.init(theta))] * 2
    with np.errstate(invalid="ignore"):
        for last in (np.array([bad, 0.5]), g, g):
            spoiled = opt.update(spoiled[0], last, spoiled[1])
            clean = opt.update(clean[0], g, clean[1])
            assert not np.isfinite(spoiled[0][0])
            assert spoiled[0][1] == clean[0][1]


ADAPTIVE = {
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": lambda lr, eps: adamw(lr, eps=eps, weight_decay=0),
}
adaptive = pytest.mark.parametrize("make", ADAPTIVE.values(), ids=ADAPTIVE.keys())


@adaptive
def test_a_coordinate_without_gradient_stays_without_epsilon(make):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for tiny in (0.0, 1e-170):
            path = trajectory(make(0.1, eps=0), constant([tiny, 1.0]), [2.0, 2.0], 3)
            np.testing.assert_array_equal(path[:, 0], 2)
            assert path[3, 1] < path[2, 1] < 2
        path = trajectory(make(0.1, eps=0), lambda p: [np.nan], [2.0], 1)
    assert np.isnan(path[1])


@adaptive
def test_a_square_that_overflows_stops_its_coordinate(make):
    theta = np.array([2.0, 2.0])
    opt = make(0.1, eps=1e-8)
    with pytest.warns(RuntimeWarning, match="overflow"):
        moved, _ = opt.update(theta, np.array([1e160, 1.0]), opt.init(theta))
    assert moved[0] == 2 and moved[1] < 2


# Bad input --------------------------------------------------------------------------------------

NOT_SIZES = [-1e-9, np.nan, np.inf, -np.inf, "0.1", None, [0.1], True, 1j]
NOT_SHARES = [-1e-9, 1, 1.5, *NOT_SIZES[1:]]


@pytest.mark.parametrize("bad", NOT_SIZES)
def test_sizes_out_of_range(bad):
    for make in (sgd, ema_momentum, adagrad, rmsprop, adam, adamw):
        with refused(f"lr must be a finite number >= 0, got {bad!r}"):
            make(bad)
    for make in (adagrad, rmsprop, adam, adamw):
        with refused(f"eps must be a finite number >= 0, got {bad!r}"):
            make(0.1, eps=bad)
    for make in (sgd, adam, adamw):
        with refused(f"weight_decay must be a finite number >= 0, got {bad!r}"):
            make(0.1, weight_decay=bad)


@pytest.mark.parametrize("bad", NOT_SHARES)
def test_shares_out_of_range(bad):
    for name, make in {
        "momentum": lambda x: sgd(0.1, momentum=x),
        "dampening": lambda x: sgd(0.1, momentum=0.5, dampening=x),
        "beta": lambda x: ema_momentum(0.1, beta=x),
        "alpha": lambda x: rmsprop(0.1, alpha=x),
        "betas[0]": lambda x: adam(betas=(x, 0.999)),
        "betas[1]": lambda x: adamw(betas=[0.9, x]),
    }.items():
        low = "below 1" if bad in (1, 1.5) and bad is not True else ">= 0"
        with pytest.raises(ValueError, match=rf"^{re.escape(name)} must be .*number {low}, got "):
            make(bad)


def test_ends_of_the_ranges_are_within():
    for opt in (
        sgd(0, momentum=0, dampening=0, weight_decay=0),
        ema_momentum(0, beta=0),
        adagrad(0, eps=0),
        rmsprop(0, alpha=0, eps=0),
        adam(0, betas=(0, 0), eps=0, weight_decay=0),
        adamw(0, betas=(0, 0), eps=0, weight_decay=0),
    ):
        path = trajectory(opt, lambda x: x, [1.0, 0.0], 2)
        np.testing.assert_array_equal(path, [[1, 0]] * 3)
    without = trajectory(sgd(0.1), two_valleys, [1.0, 0.0], 3)
    np.testing.assert_array_equal(
        trajectory(sgd(0.1, dampening=0.5), two_valleys, [1.0, 0.0], 3), without
    )


@pytest.mark.parametrize("bad", [0.9, (0.9,), (0.9, 0.99, 0.999), None, {0.9, 0.99}, "99"])
def test_betas_are_two(bad):
    for make in (adam, adamw):
        with refused(f"betas must be two numbers, got {bad!r}"):
            make(betas=bad)


def test_nesterov_needs_momentum_and_no_dampening():
    for settings in ({}, {"momentum": 0.9, "dampening": 0.1}, {"dampening": 0.1}):
        with refused("nesterov must come with momentum > 0 and dampening = 0, got momentum="):
            sgd(0.1, nesterov=True, **settings)
    with refused("nesterov must be True or False, got 0.0001"):
        sgd(0.1, 0.9, 0.0, 1e-4)
    assert isinstance(sgd(0.1, 0.9, nesterov=np.True_), Optimizer)


TREE = {"a": [np.ones((2, 3)), np.ones(2)], "b": np.ones(())}
MISFITS = {
    "gradient['a'][1] must have the shape (2,) of theta, got (1, 2)": {
        "a": [np.ones((2, 3)), np.ones((1, 2))], "b": 1.0,
    },
    "gradient['b'] must have the shape () of theta, got (1,)": {
        "a": [np.ones((2, 3)), np.ones(2)], "b": [1.0],
    },
    "gradient['a'] must be a list of 2 parts, as theta, got 1 parts": {
        "a": [np.ones((2, 3))], "b": 1.0,
    },
    "gradient['a'] must be a list of 2 parts, as theta, got array([1.": {
        "a": np.ones(2), "b": 1.0,
    },
    "gradient must be a dict with the keys ['a', 'b'], got the keys ['a']": {"a": []},
    "gradient must be a dict with the keys ['a', 'b'], got the keys ['a', 'c']": {
        "a": [np.ones((2, 3)), np.ones(2)], "c": 1.0,
    },
    "gradient must be a dict with the keys ['a', 'b'], got [1]": [1],
    "gradient['a'][1] must be an array of real numbers, got str": {
        "a": [np.ones((2, 3)), "xy"], "b": 1.0,
    },
    "gradient['b'] must be an array of real numbers, got NoneType": {
        "a": [np.ones((2, 3)), np.ones(2)], "b": None,
    },
}  # fmt: skip


@pytest.mark.parametrize("text", MISFITS)
def test_gradients_that_do_not_fit(text):
    for opt in EACH.values():
        with refused(text):
            opt.update(TREE, MISFITS[text], opt.init(TREE))


def test_broadcasting_is_not_taken_for_a_fit():
    for theta, gradient in ((np.ones(3), 1.0), (np.ones((3, 1)), np.ones(3)), (1.0, np.ones(1))):
        for opt in EACH.values():
            with refused("gradient must have the shape"):
                opt.update(theta, gradient, opt.init(theta))


@each
def test_states_that_do_not_fit(opt):
    theta = np.ones(3)
    for bad in (None, (), (0, theta), tuple(opt.init(theta))):
        with refused("state must be the"):
            opt.update(theta, theta, bad)
    state = opt.init(np.ones(2))
    for letter in state._fields[1:2]:
        with refused(f"state.{letter} must have the shape (3,) of theta, got (2,)"):
            opt.update(theta, theta, state)


def test_a_state_of_another_optimizer():
    theta = np.ones(3)
    with refused("state must be the AdamState of init, got MomentumState(t=0"):
        adam().update(theta, theta, sgd(0.1, 0.9).init(theta))


@each
def test_parameters_that_are_no_numbers(opt):
    for name, bad in {
        "theta[1]": [1.0, "2"],
        "theta['w']": {"w": None},
        "theta": np.array([1j]),
        "theta[0]": [np.array(["a"])],
    }.items():
        with refused(f"{name} must be an array of real numbers"):
            opt.init(bad)
        with refused(f"{name} must be an array of real numbers"):
            opt.update(bad, bad, opt.init(1.0))


def test_trajectories_refuse_what_update_refuses():
    for steps in (-1, 2.0, "3", None, True):
        with refused(f"steps must be a whole number from 0 on, got {steps!r}"):
            trajectory(sgd(0.1), two_valleys, [1.0, 1.0], steps)
    with refused("theta must be an array of real numbers, got dict"):
        trajectory(sgd(0.1), two_valleys, {"x": 1.0}, 3)
    with refused("gradient must have the shape (3,) of theta, got (2,)"):
        trajectory(sgd(0.1), lambda p: [1.0, 2.0], np.ones(3), 3)
    with refused("gradient must have the shape (2,) of theta, got ()"):
        trajectory(sgd(0.1), grad(lambda x: x), 1.0, 1)
        trajectory(sgd(0.1), lambda p: 0.0, np.ones(2), 3)
