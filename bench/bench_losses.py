"""What softmax cross-entropy costs with integer labels and with the same labels as one-hot rows.

Memory is counted by tracemalloc, to the byte, and comes out the same on every machine: that of the
labels, and the most that the loss and its gradient hold at one time beyond logits and labels. Time
is the median of some rounds.
"""

import functools
import platform
import time
import tracemalloc

import numpy as np

from nnbook.losses import softmax_cross_entropy

SIZES = ((128, 10), (1024, 1000), (1024, 10_000))
ROUNDS = 9


def peak(call):
    tracemalloc.start()
    call()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main():
    print(f"losses: Python {platform.python_version()}, NumPy {np.__version__}")
    print("softmax cross-entropy: MB of the labels, peak MB and ms of the loss and of its gradient")
    for n, classes in SIZES:
        rng = np.random.default_rng(0)
        logits, labels = rng.normal(size=(n, classes)), rng.integers(classes, size=n)
        one_hot = np.zeros((n, classes))
        one_hot[np.arange(n), labels] = 1
        assert np.isclose(
            softmax_cross_entropy(logits, labels), softmax_cross_entropy(logits, one_hot)
        )

        for name, y in (("integers", labels), ("one-hot", one_hot)):
            calls = [
                functools.partial(softmax_cross_entropy, logits, y),
                functools.partial(softmax_cross_entropy.grad, logits, y),
            ]
            memory = [peak(call) / 1e6 for call in calls]
            times = [np.median([seconds(call) for _ in range(ROUNDS)]) * 1e3 for call in calls]
            figures = "  ".join(f"{m:9.3f} {t:8.2f}" for m, t in zip(memory, times, strict=True))
            print(f"  {n} × {classes}, {name}:".ljust(28), f"{y.nbytes / 1e6:9.3f}  {figures}")


if __name__ == "__main__":
    main()
