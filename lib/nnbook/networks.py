"""A multilayer perceptron, as plain functions over its parameters: a list of pairs (W, b).

W has shape (fan_out, fan_in) and b shape (fan_out,). A layer takes X, of shape (N, fan_in), to
X Wᵀ + b, of shape (N, fan_out): y = W x + b for each of the N examples, the rows of X. Between two
layers stands an activation; after the last one there is none.
"""

from typing import NamedTuple

import numpy as np
from tqdm.auto import tqdm

from nnbook._arrays import as_floats, check_function, check_rng, layered, pairs, whole
from nnbook._page import on_page
from nnbook.autodiff import value_and_grad


def initialize(sizes, initializer, rng):
    """Parameters for layers of these sizes: weights initializer((fan_out, fan_in), rng), biases 0.

    `sizes` are the widths from the input to the output: [2, 8, 1] has two layers. `initializer` is
    one of `initializers`, or any function that gives an array of the shape it is asked for.

    Raises ValueError for fewer than two sizes, sizes that are not positive integers, and an
    initializer that gives another shape.
    """
    check_rng(rng)
    check_function(initializer=initializer)
    if not isinstance(sizes, tuple | list) or len(sizes) < 2:
        raise ValueError(f"sizes must hold at least inputs and outputs, got {sizes!r}")
    for size in sizes:
        whole(size, "every size in sizes", at_least=1)
    parameters = []
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:], strict=True):
        w = as_floats(initializer((fan_out, fan_in), rng), "what initializer gives")
        if w.shape != (fan_out, fan_in):
            raise ValueError(
                f"initializer must give shape {(fan_out, fan_in)}, it gave shape {w.shape}"
            )
        parameters.append((w, np.zeros(fan_out)))
    return parameters


def layers(parameters, x, activation):
    """What each layer of the network computes, as a list: the input, a⁽¹⁾, a⁽²⁾, ..., the output.

    h⁽ˡ⁾ = activation(h⁽ˡ⁻¹⁾ Wᵀ + b), h⁽⁰⁾ = x of shape (N, D); the last layer has no activation.

    Raises ValueError where the shapes of x and of the parameters do not fit.
    """
    check_function(activation=activation)
    x, parameters = as_floats(x, "x"), layered(parameters, "parameters")
    if x.ndim != 2:
        raise ValueError(f"x must have shape (N, D), a row for each example, got shape {x.shape}")
    if parameters[0][0].shape[1] != x.shape[1]:
        (w, b), *_ = parameters
        raise ValueError(
            f"parameters[0] must be (W, b) of shapes (fan_out, {x.shape[1]}) and (fan_out,), "
            f"got shapes {w.shape} and {b.shape}"
        )
    computed = [x]
    for i, (w, b) in enumerate(parameters):
        z = computed[-1] @ w.T + b
        computed.append(z if i == len(parameters) - 1 else activation(z))
    return computed


def predict(parameters, x, activation):
    """The output of the network, (N, D) -> (N, K): for a classifier, the logits. See `layers`."""
    return layers(parameters, x, activation)[-1]


def accuracy(logits, labels):
    """The share of the rows of `logits`, (N, K), whose largest entry is at the label, (N,).

    Of entries that tie the first counts as the largest, and of NaN the first one. Raises ValueError
    for shapes that do not fit, for no rows, and for labels that are not integers from 0 to K - 1.
    """
    logits = as_floats(logits, "logits")
    if type(labels) is not np.ndarray:
        as_floats(labels, "labels")  # for its errors: as floats, integers cannot be told
    labels = np.asarray(labels)
    if logits.ndim != 2 or labels.shape != logits.shape[:1]:
        raise ValueError(
            "logits and labels must have shapes (N, K) and (N,), "
            f"got {logits.shape} and {labels.shape}"
        )
    if logits.size == 0:
        raise ValueError(f"logits must hold at least one row and class, got {logits.shape}")
    classes = logits.shape[1]
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= classes:
        raise ValueError(
            f"labels must be integers from 0 to {classes - 1}, got dtype {labels.dtype}"
            + (f" from {labels.min()} to {labels.max()}" if labels.dtype.kind in "iuf" else "")
        )
    return np.mean(np.argmax(logits, axis=1) == labels)


class History(NamedTuple):
    """loss      the loss of each step, on its mini-batch, before the step was taken
    measured  what `measure` gave, before the first step and after each epoch
    """

    loss: np.ndarray
    measured: list


def fit(
    loss, parameters, optimizer, data, rng, *, epochs, batch_size=None, measure=None, progress=True
):
    """Train: give the parameters after `epochs` passes through the data, and the `History`.

    loss        loss(parameters, *batch) -> a scalar, differentiable by the engine of `autodiff`
    parameters  a list of (W, b); not modified
    optimizer   a pair (init, update), one of `optimizers`, over a list of arrays
    data        the arrays (inputs, labels, ...), a row for each example
    rng         draws the order of the examples, anew in each epoch
    batch_size  examples in a mini-batch (the last one of an epoch may be smaller); None for all
    measure     measure(parameters), kept in the history: a test accuracy, the parameters themselves
    progress    show a progress bar when it takes longer than a second (not on the built page,
                where no kernel is)

    A loss that becomes infinite or NaN stays in the history as it is: training may diverge.
    Raises ValueError for data of unequal lengths and for counts that are not positive integers.
    """
    check_rng(rng)
    check_function(loss=loss)
    if not isinstance(optimizer, tuple) or len(optimizer) != 2 or not all(map(callable, optimizer)):
        raise ValueError(f"optimizer must be a pair (init, update), got {optimizer!r:.60}")
    init, update = optimizer
    if not isinstance(data, tuple | list):
        raise ValueError(f"data must be a tuple of arrays, got {type(data).__name__}")
    for i, part in enumerate(data):
        as_floats(part, f"data[{i}]")  # for its errors: labels stay integers
    data = [np.array(part) for part in data]
    lengths = [len(part) if part.ndim else 0 for part in data]
    if not data or len(set(lengths)) > 1 or lengths[0] == 0:
        raise ValueError(
            "data must be arrays with the same number of rows, at least one, "
            f"got shapes {[part.shape for part in data]}"
        )
    n = lengths[0]
    batch_size = n if batch_size is None else batch_size
    for name, count in (("epochs", epochs), ("batch_size", batch_size)):
        whole(count, name, at_least=1)
    measure = (lambda parameters: None) if measure is None else measure
    check_function(measure=measure)

    step = value_and_grad(loss)
    theta = [part.copy() for part in _arrays(pairs(parameters, "parameters"))]
    state = init(theta)
    losses, measured = [], [measure(_pairs(theta))]
    bar = tqdm(
        total=epochs * -(-n // batch_size),
        delay=1,
        unit="step",
        leave=False,
        disable=not progress or on_page(),
    )
    with bar:
        for _ in range(epochs):
            order = rng.permutation(n)
            for start in range(0, n, batch_size):
                batch = [part[order[start : start + batch_size]] for part in data]
                value, gradient = step(_pairs(theta), *batch)
                theta, state = update(theta, _arrays(gradient), state)
                losses.append(value)
                bar.update()
            measured.append(measure(_pairs(theta)))
    return _pairs(theta), History(np.array(losses), measured if measured[0] is not None else [])


def _pairs(arrays):
    return list(zip(arrays[::2], arrays[1::2], strict=True))


def _arrays(pairs):
    return [array for pair in pairs for array in pair]
