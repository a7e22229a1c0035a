"""The multilayer perceptron: shapes, gradients by hand, training, and what it refuses."""

import re
from typing import NamedTuple

import numpy as np
import pytest

import nnbook.networks
import nnbook.optimizers
from nnbook.autodiff import check_gradients, grad
from nnbook.networks import accuracy, fit, initialize, layers, predict


class Optimizer(NamedTuple):
    init: object
    update: object


def descent(lr):
    """Plain gradient descent, with a count of the steps as its state."""
    return Optimizer(
        lambda theta: 0,
        lambda theta, gradient, state: (
            [p - lr * g for p, g in zip(theta, gradient, strict=True)],
            state + 1,
        ),
    )


def normal(shape, rng):
    return rng.normal(size=shape)


def squared(parameters, x, y):
    return np.mean((predict(parameters, x, np.tanh) - y) ** 2)


def refused(text):
    return pytest.raises(ValueError, match=re.escape(text))


def test_initialize():
    parameters = initialize([3, 5, 2], normal, np.random.default_rng(0))
    assert [(w.shape, b.shape) for w, b in parameters] == [((5, 3), (5,)), ((2, 5), (2,))]
    rng = np.random.default_rng(0)
    for w, b in parameters:
        np.testing.assert_array_equal(w, rng.normal(size=w.shape))
        np.testing.assert_array_equal(b, 0)


def test_layers_are_w_x_plus_b():
    rng = np.random.default_rng(1)
    (v, c), (w, b) = initialize([3, 5, 2], normal, rng)
    c, b = rng.normal(size=5), rng.normal(size=2)
    x = rng.normal(size=(4, 3))
    computed = layers([(v, c), (w, b)], x, np.tanh)
    assert [a.shape for a in computed] == [(4, 3), (4, 5), (4, 2)]
    for i, example in enumerate(x):
        hidden = np.tanh(v @ example + c)
        np.testing.assert_allclose(computed[1][i], hidden, rtol=1e-13)
        np.testing.assert_allclose(computed[2][i], w @ hidden + b, rtol=1e-13, atol=1e-15)
    np.testing.assert_array_equal(predict([(v, c), (w, b)], x, np.tanh), computed[-1])
    np.testing.assert_array_equal(predict([(v, c)], x, np.tanh), x @ v.T + c)


def test_gradients_by_hand():
    rng = np.random.default_rng(2)
    parameters = initialize([3, 5, 2], normal, rng)
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    assert check_gradients(lambda p: squared(p, x, y), parameters) < 1e-8
    (by_v, by_c), (by_w, by_b) = grad(squared)(parameters, x, y)

    _, hidden, output = layers(parameters, x, np.tanh)
    delta = 2 * (output - y) / output.size
    np.testing.assert_allclose(by_w, delta.T @ hidden, rtol=1e-12)
    np.testing.assert_allclose(by_b, delta.sum(axis=0), rtol=1e-12)
    below = (delta @ parameters[1][0]) * (1 - hidden**2)
    np.testing.assert_allclose(by_v, below.T @ x, rtol=1e-12)
    np.testing.assert_allclose(by_c, below.sum(axis=0), rtol=1e-12)


def test_one_step_of_full_batch_is_gradient_descent():
    rng = np.random.default_rng(3)
    parameters = initialize([3, 5, 2], normal, rng)
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    trained, history = fit(squared, parameters, descent(0.1), (x, y), rng, epochs=1)
    gradient = grad(squared)(parameters, x, y)
    for pair, old, g in zip(trained, parameters, gradient, strict=True):
        for i in range(2):
            np.testing.assert_allclose(pair[i], old[i] - 0.1 * g[i], rtol=1e-12, atol=1e-14)
    assert history.measured == []
    np.testing.assert_allclose(history.loss, [squared(parameters, x, y)])


def test_mini_batches_cover_the_data_once_an_epoch():
    seen = []

    def loss(parameters, x, labels):
        seen.append((x[:, 0].copy(), labels))
        return np.sum(parameters[0][0] * 0) + x.sum() * 0

    x, labels = np.arange(10.0)[:, None], np.arange(10)
    _, history = fit(
        loss, [(np.ones((1, 1)), np.ones(1))], descent(0), (x, labels), np.random.default_rng(4),
        epochs=2, batch_size=4, measure=lambda parameters: len(seen),
    )  # fmt: skip
    assert [len(rows) for rows, _ in seen] == [4, 4, 2, 4, 4, 2]
    assert history.measured == [0, 3, 6] and history.loss.shape == (6,)
    epochs = [np.concatenate([rows for rows, _ in seen[i : i + 3]]) for i in (0, 3)]
    for rows in epochs:
        np.testing.assert_array_equal(np.sort(rows), np.arange(10))
    assert not np.array_equal(*epochs)
    for rows, given in seen:
        np.testing.assert_array_equal(rows, given)


def test_xor_is_learned():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    y = np.array([[0], [1], [1], [0]])
    rng = np.random.default_rng(5)
    start = initialize([2, 8, 1], normal, rng)
    kept = [(w.copy(), b.copy()) for w, b in start]
    trained, history = fit(
        squared, start, descent(0.3), (x, y), rng, epochs=500, measure=lambda p: squared(p, x, y)
    )
    assert history.loss[-1] < 0.01 < history.loss[0]
    assert len(history.measured) == 501 and history.measured[0] == history.loss[0]
    np.testing.assert_array_equal(predict(trained, x, np.tanh) > 0.5, y)
    for old, pair in zip(kept, start, strict=True):
        np.testing.assert_array_equal(old[0], pair[0])
        np.testing.assert_array_equal(old[1], pair[1])
    assert x.flags.writeable


def test_an_optimizer_that_writes_cannot_harm_the_start():
    def update(theta, gradient, state):
        for p, g in zip(theta, gradient, strict=True):
            p -= g
        return theta, state

    start = [(np.ones((1, 1)), np.ones(1))]
    data = (np.ones((2, 1)), np.zeros((2, 1)))
    writing = Optimizer(lambda theta: None, update)
    trained, _ = fit(squared, start, writing, data, np.random.default_rng(0), epochs=1)
    assert start[0][0] == start[0][1] == 1 and trained[0][0] == -3


def test_the_same_seed_gives_the_same_history():
    def run(seed):
        rng = np.random.default_rng(seed)
        data = (np.ones((6, 2)) * np.arange(6)[:, None], np.arange(6.0)[:, None])
        parameters = initialize([2, 3, 1], normal, rng)
        return fit(squared, parameters, descent(0.01), data, rng, epochs=3, batch_size=2)[1].loss

    np.testing.assert_array_equal(run(7), run(7))
    assert not np.array_equal(run(7), run(8))


def test_accuracy():
    assert accuracy([[1, 0], [0, 1], [1, 0], [2, 1]], [0, 1, 1, 0]) == 0.75
    with refused("logits and labels must have shapes (N, K) and (N,), got (2, 2) and (3,)"):
        accuracy(np.eye(2), [0, 1, 1])


@pytest.mark.parametrize(
    "progress, static, shown", [(True, False, True), (False, False, False), (True, True, False)]
)
def test_the_progress_bar(monkeypatch, progress, static, shown):
    bars = []
    original = nnbook.networks.tqdm

    def spy(**options):
        bars.append(original(**options))
        assert options["delay"] == 1
        return bars[-1]

    monkeypatch.setattr(nnbook.networks, "tqdm", spy)
    monkeypatch.delenv("NNBOOK_STATIC", raising=False)
    if static:
        monkeypatch.setenv("NNBOOK_STATIC", "1")
    rng = np.random.default_rng(0)
    data = (np.ones((5, 1)), np.ones((5, 1)))
    fit(squared, [(np.ones((1, 1)), np.ones(1))], descent(0.1), data, rng, epochs=2, batch_size=2,
        progress=progress)  # fmt: skip
    (bar,) = bars  # counts unless it is disabled
    assert (bar.n, bar.total) == (6 if shown else 0, 6)


def test_bad_input():
    rng = np.random.default_rng(0)
    for sizes in ([3], []):
        with refused(f"sizes must hold at least inputs and outputs, got {sizes!r}"):
            initialize(sizes, normal, rng)
    for sizes, wrong in (([3, 0], 0), ([3, 2.0], 2.0), ([True, 2], True)):
        with refused(f"every size in sizes must be a whole number >= 1, got {wrong!r}"):
            initialize(sizes, normal, rng)
    with refused("rng must be a numpy.random.Generator, got 0"):
        initialize([1, 2], normal, 0)
    with refused("initializer must give shape (2, 3), it gave shape (3, 2)"):
        initialize([3, 2], lambda shape, rng: np.zeros(shape[::-1]), rng)
    parameters = initialize([3, 2], normal, rng)
    with refused("x must have shape (N, D), a row for each example, got shape (3,)"):
        predict(parameters, np.ones(3), np.tanh)
    with refused("of shapes (fan_out, 4) and (fan_out,), got shapes (2, 3) and (2,)"):
        predict(parameters, np.ones((1, 4)), np.tanh)
    with refused("parameters[0] must be (W, b)"):
        predict([(np.ones((2, 3)), np.ones(3))], np.ones((1, 3)), np.tanh)
    x, y = np.ones((4, 3)), np.ones((4, 2))
    for data in ((x, y[:3]), (), (x[:0], y[:0]), (x, 1.0)):
        with refused("data must be arrays with the same number of rows"):
            fit(squared, parameters, descent(1), data, rng, epochs=1)
    with refused("epochs must be a whole number >= 1, got 0"):
        fit(squared, parameters, descent(1), (x, y), rng, epochs=0)
    with refused("batch_size must be a whole number >= 1, got 1.5"):
        fit(squared, parameters, descent(1), (x, y), rng, epochs=1, batch_size=1.5)
    with refused("rng must be a numpy.random.Generator, got None"):
        fit(squared, parameters, descent(1), (x, y), None, epochs=1)


def test_numbers_are_float64_and_real():
    rng = np.random.default_rng(0)
    parameters = initialize([2, 3], lambda shape, rng: rng.normal(size=shape), rng)
    assert predict(parameters, np.ones((1, 2), np.float32), np.tanh).dtype == np.float64
    assert predict([(np.ones((1, 2), np.float32), [0])], [[1, 2]], np.tanh).tolist() == [[3]]
    for x in ([[1j, 2]], [["1", "2"]], [[None, 1.0]], [[1, 2], [3]], np.ma.array([[1, 2]])):
        with refused("x must be an array of real numbers, got "):
            predict(parameters, x, np.tanh)
    with refused("parameters[0][0] must be an array of real numbers"):
        predict([([["1"]], [0.0])], [[1.0]], np.tanh)
    for wrong in (None, [], 3, "W"):
        with refused(f"parameters must be a list of pairs (W, b), got {wrong!r}"):
            predict(wrong, [[1.0]], np.tanh)
    with refused("parameters[0] must be a pair (W, b), got 3"):
        predict([3], [[1.0]], np.tanh)
    with refused("activation must be a function, got None"):
        predict(parameters, np.ones((1, 2)), None)


def test_accuracy_of_bad_labels():
    for labels, got in (
        (["a"], "labels must be an array of real numbers"),
        ([0.0], "dtype float64"),
    ):
        with refused(got):
            accuracy([[1, 2]], labels)
    for label in (2, -1):
        with refused("labels must be integers from 0 to 1, got dtype int64 from"):
            accuracy([[1, 2]], [label])
    with refused("logits must hold at least one row and class, got (0, 2)"):
        accuracy(np.zeros((0, 2)), np.zeros(0, int))
    with refused("labels must be an array of real numbers, got a masked array"):
        accuracy([[1, 2]], np.ma.array([1]))


def test_fit_names_what_is_bad():
    rng = np.random.default_rng(0)
    parameters = [(np.ones((1, 2)), np.zeros(1))]
    opt = nnbook.optimizers.sgd(0.1)

    def loss(p, x):
        return np.sum(predict(p, x, np.tanh))

    for data in ([["a", "b"]], [[[1, 2], [3]]], [np.ma.array([[1.0, 2.0]])]):
        with refused("data[0] must be an array of real numbers"):
            fit(loss, parameters, opt, data, rng, epochs=1)
    with refused("data must be a tuple of arrays, got NoneType"):
        fit(loss, parameters, opt, None, rng, epochs=1)
    with refused("optimizer must be a pair (init, update), got None"):
        fit(loss, parameters, None, [np.ones((1, 2))], rng, epochs=1)
    with refused("loss must be a function, got None"):
        fit(None, parameters, opt, [np.ones((1, 2))], rng, epochs=1)
    with refused("measure must be a function, got 3"):
        fit(loss, parameters, opt, [np.ones((1, 2))], rng, epochs=1, measure=3)
    with refused("parameters must be a list of pairs (W, b), got None"):
        fit(loss, None, opt, [np.ones((1, 2))], rng, epochs=1)
