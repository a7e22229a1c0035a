"""What automatic differentiation costs: a training step against hand-written NumPy, and a chain.

The two ways run in turn, round after round, in one process; a figure is the median over the rounds
of the ratio within a round, so that a slow moment of the machine weighs on both. The C library's
habit of handing freed memory back to the system, and taking it anew, would be most of what is
measured, so it is switched off (MALLOC_TRIM_THRESHOLD_, MALLOC_MMAP_THRESHOLD_); then the same
again as it comes. Every measurement is a process of its own, since BLAS and the C library read
their environment once.
"""

import os
import platform
import subprocess
import sys
import time

import numpy as np

from nnbook.autodiff import Tensor, value_and_grad
from nnbook.losses import softmax_cross_entropy

SIZES, BATCH, ROUNDS = (784, 128, 64, 10), 128, 200
CHAIN = 100_000
NO_TRIM = {"MALLOC_TRIM_THRESHOLD_": "2000000000", "MALLOC_MMAP_THRESHOLD_": "2000000000"}
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}


def traced_cross_entropy(logits, labels):
    """The same loss without its rule: the body, traced operation by operation."""
    return np.mean(softmax_cross_entropy.__wrapped__(logits, labels))


def network(cross_entropy):
    def loss(parameters, x, labels):
        *hidden, (w, b) = parameters
        for v, c in hidden:
            x = np.maximum(x @ v.T + c, 0)
        return cross_entropy(x @ w.T + b, labels)

    return loss


def by_hand(parameters, x, labels):
    """The same step as one would write it on paper: forwards, then backwards."""
    (w1, b1), (w2, b2), (w3, b3) = parameters
    z1 = x @ w1.T + b1
    a1 = np.maximum(z1, 0)
    z2 = a1 @ w2.T + b2
    a2 = np.maximum(z2, 0)
    z3 = a2 @ w3.T + b3

    rows = np.arange(len(labels))
    shifted = z3 - np.max(z3, axis=1, keepdims=True)
    e = np.exp(shifted)
    total = np.sum(e, axis=1, keepdims=True)
    value = np.mean(np.log(total[:, 0]) - shifted[rows, labels])

    d3 = e / total
    d3[rows, labels] -= 1
    d3 /= len(labels)
    d2 = (d3 @ w3) * (z2 > 0)
    d1 = (d2 @ w2) * (z1 > 0)
    return value, [
        (d1.T @ x, d1.sum(axis=0)),
        (d2.T @ a1, d2.sum(axis=0)),
        (d3.T @ a2, d3.sum(axis=0)),
    ]


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def training_step(loss):
    rng = np.random.default_rng(0)
    pairs = zip(SIZES[1:], SIZES[:-1], strict=True)
    parameters = [(rng.normal(size=(m, n)) * (2 / n) ** 0.5, np.zeros(m)) for m, n in pairs]
    x, labels = rng.normal(size=(BATCH, SIZES[0])), rng.integers(SIZES[-1], size=BATCH)
    engine = value_and_grad(loss)

    value, gradients = engine(parameters, x, labels)
    wanted_value, wanted = by_hand(parameters, x, labels)
    assert abs(value - wanted_value) < 1e-12
    for pair, wanted_pair in zip(gradients, wanted, strict=True):
        for a, b in zip(pair, wanted_pair, strict=True):
            assert np.max(np.abs(a - b)) < 1e-12

    rounds = []
    for _ in range(ROUNDS):
        engine_time = seconds(lambda: engine(parameters, x, labels))
        rounds.append((engine_time, seconds(lambda: by_hand(parameters, x, labels))))
    ratios = [engine_time / hand_time for engine_time, hand_time in rounds]
    hand = np.median([hand_time for _, hand_time in rounds])
    return f"{np.median(ratios):.2f} × hand-written NumPy ({hand * 1e3:.2f} ms)"


def chain():
    def step():
        x = y = Tensor(0.5)
        for _ in range(CHAIN // 2):
            y = y * 1.0000001
            y = y + x
        y.backward()

    step()
    times = [seconds(step) for _ in range(5)]
    return f"{np.median(times) / CHAIN * 1e6:.2f} µs an operation"


def formula_chain():
    from nnbook.activations import relu, sigmoid, tanh

    figures = []
    for f in (relu, sigmoid, tanh):

        def step(f=f):
            y = Tensor(0.5)
            for _ in range(CHAIN // 10):
                y = f(y)
            y.backward()

        step()
        figure = np.median([seconds(step) for _ in range(5)]) / (CHAIN // 10) * 1e6
        figures.append(f"{f.name} {figure:.1f}")
    return f"{', '.join(figures)} µs a call"


MEASUREMENTS = {
    "loss with its own rule": lambda: training_step(network(softmax_cross_entropy)),
    "loss in plain NumPy": lambda: training_step(network(traced_cross_entropy)),
    "chain": chain,
    "calls": formula_chain,
}


def measured(name, settings):
    """The figure that `name` gives in a process of its own, with these settings."""
    ours = ("OPENBLAS_", "MALLOC_", "OMP_NUM_THREADS")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    command = [sys.executable, __file__, name]
    run = subprocess.run(
        command, env=environment | settings, stdout=subprocess.PIPE, text=True, check=True
    )
    return run.stdout.strip()


def main():
    print(
        f"autodiff: Python {platform.python_version()}, NumPy {np.__version__}, "
        f"{os.cpu_count()} cores"
    )
    print(
        f"forward and backward of an MLP {'-'.join(map(str, SIZES))}, ReLU, softmax cross-entropy, "
        f"batch {BATCH}, float64, median of {ROUNDS} rounds in turn"
    )
    quiet = ONE_THREAD | NO_TRIM
    for settings, described in (
        (quiet, "one BLAS thread, no malloc trimming"),
        (ONE_THREAD, "one BLAS thread, malloc as it comes"),
        ({}, "all settings as they come"),
    ):
        for way in ("loss with its own rule", "loss in plain NumPy"):
            print(f"  {described}, {way}:".ljust(64), measured(way, settings))
    print(f"forward and backward of a chain of {CHAIN:,} scalar operations, in the first settings")
    print("  multiplications and additions:".ljust(64), measured("chain", quiet))
    print(f"  calls of a formula, {CHAIN // 10:,} of them:".ljust(64), measured("calls", quiet))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(MEASUREMENTS[sys.argv[1]]())
    else:
        main()
