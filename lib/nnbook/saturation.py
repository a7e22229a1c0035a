"""A small deep classifier with its gradient by hand, and the shapes it learns to tell apart.

Hidden layer l computes h_l = f(h_(l-1) W_lᵀ + b_l) with h_0 = x; a last linear layer gives the
logits z; the loss is the mean of -log softmax(z)[label]. `params` is a list of pairs (W, b).

The activation comes as two functions: `f`, and `slope`, its derivative written in terms of the
*output*, as σ' = h (1 - h) for the sigmoid and 1 - h² for tanh: a layer need not keep its input.
"""

import numpy as np

from nnbook._arrays import as_floats, as_number, check_function, check_rng, layered, whole

#: What the labels 0, 1 and 2 mean.
SHAPES = ("disc", "bar", "triangle")


def shapes(n, rng, size=12):
    """n pictures of one shape each -> images (n, size²) of 0.0 and 1.0, labels (n,).

    A disc, a bar or a triangle (see `SHAPES`), each with chance 1/3, at a random place, angle and
    size. In the manner of the Shapeset stream of Glorot and Bengio (2010), but smaller and with one
    shape a picture. Raises ValueError for n < 1 or size < 4.
    """
    check_rng(rng)
    whole(n, "n", 1)
    whole(size, "size", 4)
    labels = rng.integers(0, len(SHAPES), n)
    centre = size * rng.uniform(0.3, 0.7, (2, n, 1, 1))
    radius = size * rng.uniform(0.18, 0.4, (n, 1, 1))
    angle = rng.uniform(0, 2 * np.pi, (n, 1, 1))
    dy, dx = np.mgrid[:size, :size][:, None] - centre
    u = (np.cos(angle) * dx + np.sin(angle) * dy) / radius
    v = (np.cos(angle) * dy - np.sin(angle) * dx) / radius
    disc = u**2 + v**2 <= 1
    bar = (np.abs(u) <= 0.85) & (np.abs(v) <= 0.45)
    triangle = (v >= -0.6) & (v <= 1 - 2 * np.abs(u))
    images = np.choose(labels[:, None, None], [disc, bar, triangle])
    return images.reshape(n, -1).astype(np.float64), labels


def start(sizes, rng):
    """Parameters for layers of these sizes, (inputs, hidden..., classes).

    W ~ U(-1/√fan_in, 1/√fan_in), b = 0: what Glorot and Bengio (2010) call the standard
    initialization. Raises ValueError for fewer than two sizes.
    """
    check_rng(rng)
    if not isinstance(sizes, tuple | list) or len(sizes) < 2:
        raise ValueError(f"sizes must hold at least inputs and classes, got {sizes!r}")
    for size in sizes:
        whole(size, "every size in sizes", 1)
    return [
        (rng.uniform(-1, 1, (fan_out, fan_in)) / np.sqrt(fan_in), np.zeros(fan_out))
        for fan_in, fan_out in zip(sizes, sizes[1:], strict=False)
    ]


def forward(params, x, f):
    """x (N, D) -> the outputs of the hidden layers, [h_1 (N, ·), ...], and logits (N, classes).

    Raises ValueError for params that are no layers one after the other, and for x that do not fit.
    """
    check_function(f=f)
    params, x = _batch(params, x)
    *hidden, logits = _forward(params, x, f)[1:]
    return hidden, logits


def gradient(params, x, labels, f, slope):
    """The loss and its gradient: -> loss, [(dW, db), ...], in the order of `params`.

    With δ the derivative of the loss by a layer's sums, at the top δ = (softmax(z) - one-hot) / N,

        dW = δᵀ h,   db = Σ δ over the batch,   and one layer down   δ ← (δ W) slope(h),

    where h is what the layer was given. x (N, D), labels integers (N,). Raises ValueError for
    shapes that do not fit the parameters and for labels that name no class.
    """
    check_function(f=f, slope=slope)
    params, x = _batch(params, x)
    labels = _classes(params, x, labels)
    return _gradient(params, x, labels, f, slope)


def train(params, x, labels, f, slope, rng, *, lr, steps, batch, every, watch):
    """Plain stochastic gradient descent: batches drawn with replacement, θ ← θ - lr · gradient.

    -> [watch(params) before step 0, before step `every`, ..., and after the last]; `params` is
    left as it was. Raises ValueError as `gradient` does, for lr that is not positive, and for
    counts below 1.
    """
    check_rng(rng)
    check_function(f=f, slope=slope, watch=watch)
    params, x = _batch(params, x)
    labels = _classes(params, x, labels)
    for name, count in {"steps": steps, "batch": batch, "every": every}.items():
        whole(count, name, 1)
    as_number(lr, "lr", above=0)
    seen = []
    for step in range(steps):
        if step % every == 0:
            seen.append(watch(params))
        rows = rng.integers(0, len(x), batch)
        _, grads = _gradient(params, x[rows], labels[rows], f, slope)
        params = [
            (w - lr * dw, b - lr * db) for (w, b), (dw, db) in zip(params, grads, strict=True)
        ]
    return [*seen, watch(params)]


def _forward(params, x, f):
    layers = [x]
    for w, b in params[:-1]:
        layers.append(f(layers[-1] @ w.T + b))
    w, b = params[-1]
    return [*layers, layers[-1] @ w.T + b]


def _gradient(params, x, labels, f, slope):
    *inputs, logits = _forward(params, x, f)
    rows = np.arange(len(x))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -np.mean(log_p[rows, labels])
    delta = np.exp(log_p)  # the softmax
    delta[rows, labels] -= 1
    delta /= len(x)
    grads = []
    for (w, _), h in zip(reversed(params), reversed(inputs), strict=True):
        grads.append((delta.T @ h, delta.sum(axis=0)))
        if h is not x:
            delta = (delta @ w) * slope(h)
    return loss, grads[::-1]


def _batch(params, x):
    params, x = layered(params, "params"), as_floats(x, "x")
    wanted = params[0][0].shape[1]
    if x.ndim != 2 or len(x) == 0 or x.shape[1] != wanted:
        raise ValueError(f"x must have shape (N, {wanted}) with N >= 1, got {x.shape}")
    return params, x


def _classes(params, x, labels):
    if type(labels) is not np.ndarray:
        as_floats(labels, "labels")  # for its errors: as floats, integers cannot be told
    labels, classes = np.asarray(labels), len(params[-1][1])
    if labels.shape != (len(x),) or labels.dtype.kind not in "iu":
        raise ValueError(
            f"labels must be {len(x)} integers, one for each row of x, "
            f"got shape {labels.shape} of {labels.dtype}"
        )
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(
            f"labels must be from 0 to {classes - 1}, got {labels.min()} to {labels.max()}"
        )
    return labels
