"""The hand-derived network of the activation chapter, against routes that share no code with it."""

import numpy as np
import pytest
from scipy.special import expit, logsumexp

from nnbook.saturation import SHAPES, forward, gradient, shapes, start, train

SIGMOID = (expit, lambda h: h * (1 - h))
TANH = (np.tanh, lambda h: 1 - h**2)


def loss_again(params, x, labels, f):
    """The loss, written again from the formula, example by example."""
    total = 0.0
    for example, label in zip(x, labels, strict=True):
        h = example
        for w, b in params[:-1]:
            h = f(w @ h + b)
        w, b = params[-1]
        z = w @ h + b
        total += logsumexp(z) - z[label]
    return total / len(x)


@pytest.mark.parametrize("f, slope", [SIGMOID, TANH], ids=["sigmoid", "tanh"])
@pytest.mark.parametrize("sizes", [(3, 2), (3, 4, 2), (5, 4, 3, 6, 3)])
def test_gradient_against_central_differences(f, slope, sizes):
    rng = np.random.default_rng(1)
    params = [(2 * w, rng.normal(size=b.shape)) for w, b in start(sizes, rng)]
    x, labels = rng.normal(size=(7, sizes[0])), rng.integers(0, sizes[-1], 7)
    loss, grads = gradient(params, x, labels, f, slope)
    assert loss == pytest.approx(loss_again(params, x, labels, f), rel=1e-13)
    for layer, pair in enumerate(params):
        for which, array in enumerate(pair):
            for place in np.ndindex(array.shape):
                ends = []
                for h in (1e-5, -1e-5):
                    moved = [[w.copy(), b.copy()] for w, b in params]
                    moved[layer][which][place] += h
                    ends.append(loss_again(moved, x, labels, f))
                difference = (ends[0] - ends[1]) / 2e-5
                assert grads[layer][which][place] == pytest.approx(difference, abs=2e-9)


def test_forward_gives_every_hidden_layer_and_the_logits():
    params = [(np.array([[1.0, -2.0]]), np.array([0.5])), (np.array([[3.0], [4.0]]), np.zeros(2))]
    hidden, logits = forward(params, [[1.0, 1.0]], np.tanh)
    assert np.allclose(hidden[0], np.tanh(-0.5)) and len(hidden) == 1
    assert np.allclose(logits, [[3 * np.tanh(-0.5), 4 * np.tanh(-0.5)]])


def test_start_is_the_standard_initialization():
    params = start((400, 300, 3), np.random.default_rng(0))
    assert [w.shape for w, _ in params] == [(300, 400), (3, 300)]
    w, b = params[0]
    assert not b.any() and abs(w).max() <= 1 / 20
    assert abs(w).max() > 0.999 / 20
    assert w.std() == pytest.approx(1 / 20 / np.sqrt(3), rel=0.01)


def test_training_steps_down_the_gradient_and_leaves_its_input_alone():
    rng = np.random.default_rng(2)
    params = start((4, 3, 2), rng)
    before = [(w.copy(), b.copy()) for w, b in params]
    x, labels = rng.normal(size=(1, 4)), np.array([1])  # one example: every batch is known
    options = dict(lr=0.3, steps=3, batch=2, every=2, watch=lambda p: p)
    seen = train(params, x, labels, *TANH, np.random.default_rng(0), **options)
    assert len(seen) == 3  # before steps 0 and 2, and at the end
    by_hand = before
    for _ in range(3):
        _, grads = gradient(by_hand, x, labels, *TANH)
        pairs = zip(by_hand, grads, strict=True)
        by_hand = [(w - 0.3 * dw, b - 0.3 * db) for (w, b), (dw, db) in pairs]
    for (w, b), (w2, b2) in zip(seen[-1], by_hand, strict=True):
        assert np.allclose(w, w2, rtol=0, atol=1e-14) and np.allclose(b, b2, rtol=0, atol=1e-14)
    for (w, b), (w2, b2) in zip(params, before, strict=True):
        assert np.array_equal(w, w2) and np.array_equal(b, b2)


def test_training_repeats_itself():
    x, labels = shapes(50, np.random.default_rng(0))
    options = dict(lr=0.5, steps=20, batch=5, every=20, watch=lambda p: p[0][0].sum())
    runs = [
        train(start((144, 8, 3), rng), x, labels, *SIGMOID, rng, **options)
        for rng in (np.random.default_rng(3), np.random.default_rng(3))
    ]
    assert runs[0] == runs[1]


def test_shapes_are_pictures_of_every_kind():
    images, labels = shapes(600, np.random.default_rng(0), size=16)
    assert images.shape == (600, 256) and set(np.unique(images)) == {0.0, 1.0}
    assert all(150 < np.sum(labels == label) < 250 for label in range(len(SHAPES)))
    area = images.sum(axis=1)
    assert area.min() > 3 and area.max() < 0.6 * 256
    disc, bar, triangle = (area[labels == label].mean() for label in range(3))
    # Of one radius: a disc of area π, a bar of 1.53, a triangle of height 1.6 on a base of 1.6.
    assert bar / disc == pytest.approx(1.53 / np.pi, abs=0.06)
    assert triangle / disc == pytest.approx(1.28 / np.pi, abs=0.06)


def good():
    rng = np.random.default_rng(0)
    return start((4, 3, 2), rng), rng.normal(size=(5, 4)), np.array([0, 1, 0, 1, 1])


@pytest.mark.parametrize(
    "call, words",
    [
        (
            lambda p, x, y: shapes(0, np.random.default_rng(0)),
            "n must be .* >= 1, got 0",
        ),
        (lambda p, x, y: shapes(3, np.random.default_rng(0), 2), "size must be .* >= 4, got 2"),
        (lambda p, x, y: start((4,), np.random.default_rng(0)), "sizes must hold at least"),
        (lambda p, x, y: start((4, 0), np.random.default_rng(0)), "every size in sizes"),
        (lambda p, x, y: forward(p, x[:, :3], np.tanh), r"x must have shape \(N, 4\)"),
        (lambda p, x, y: forward(p, x[0], np.tanh), r"x must have shape \(N, 4\)"),
        (lambda p, x, y: forward(p, x[:0], np.tanh), "N >= 1"),
        (lambda p, x, y: gradient(p, x, y[:4], *TANH), "labels must be 5 integers"),
        (lambda p, x, y: gradient(p, x, y + 0.0, *TANH), "labels must be 5 integers"),
        (lambda p, x, y: gradient(p, x, y + 1, *TANH), "labels must be from 0 to 1, got 1 to 2"),
        (lambda p, x, y: gradient(p, x, y - 1, *TANH), "labels must be from 0 to 1, got -1 to 0"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call(*good())


@pytest.mark.parametrize(
    "option, value",
    [("lr", 0), ("lr", -1), ("lr", np.nan), ("steps", 0), ("batch", 1.5), ("every", 0)],
)
def test_bad_training_options_are_named(option, value):
    params, x, labels = good()
    options = dict(lr=0.1, steps=2, batch=2, every=1, watch=lambda p: None) | {option: value}
    with pytest.raises(ValueError, match=f"{option} must be"):
        train(params, x, labels, *TANH, np.random.default_rng(0), **options)


def test_only_real_numbers():
    p, _, y = good()
    for x in ([[None, 1.0, 1, 1]], [["1", "2", "3", "4"]], [[1j, 2, 3, 4]], [[1, 2], [3]]):
        with pytest.raises(ValueError, match="x must be an array of real numbers, got "):
            forward(p, x, np.tanh)
    with pytest.raises(ValueError, match="params must be a list of pairs"):
        forward(None, [[1.0]], np.tanh)
    with pytest.raises(ValueError, match=r"params\[1\] must be a pair"):
        forward([p[0], 7], np.ones((1, 4)), np.tanh)
    with pytest.raises(ValueError, match="f must be a function, got None"):
        forward(p, np.ones((1, 4)), None)
    with pytest.raises(ValueError, match="labels must be an array of real numbers"):
        gradient(p, np.ones((1, 4)), np.ma.array([0]), *TANH)
    with pytest.raises(ValueError, match="rng must be a numpy.random.Generator, got 0"):
        start((4, 2), 0)
