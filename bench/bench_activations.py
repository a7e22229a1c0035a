"""What an activation and its derivative cost, as a multiple of ReLU's cost.

All are timed in turn, round after round, in one process; a figure is the median over the rounds of
the ratio to ReLU in the same round, so that a slow moment of the machine weighs on both.
"""

import os
import platform
import time

import numpy as np
import scipy

from nnbook.activations import ALL, relu

SIZE, ROUNDS = 1_000_000, 15


def seconds(call, x):
    start = time.perf_counter()
    call(x)
    return time.perf_counter() - start


def main():
    x = np.random.default_rng(0).normal(scale=3, size=SIZE)
    calls = {(f.name, kind): call for f in ALL for kind, call in (("f", f), ("f′", f.grad))}
    # Without care for large x and without checks: what the bare arithmetic costs.
    calls["bare x / (1 + e^-x)", "f"] = lambda x: x / (1 + np.exp(-x))
    for call in calls.values():  # once unmeasured: memory, caches
        call(x)
    rounds = [{key: seconds(call, x) for key, call in calls.items()} for _ in range(ROUNDS)]

    malloc = [f"{k}={v}" for k, v in sorted(os.environ.items()) if k.startswith("MALLOC_")]
    print(f"activations: cost as a multiple of ReLU, {SIZE:,} float64, median of {ROUNDS} rounds")
    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__}, "
        f"{os.cpu_count()} cores, malloc {' '.join(malloc) or 'as it comes'}"
    )
    base = np.median([r[relu.name, "f"] for r in rounds])
    print(f"ReLU itself: {base / SIZE * 1e9:.1f} ns an element")
    print(f"{'':19} {'f':>6} {'f′':>6}")
    for name in dict.fromkeys(name for name, _ in calls):
        ratios = [
            f"{np.median([r[name, kind] / r[relu.name, 'f'] for r in rounds]):6.1f}"
            for kind in ("f", "f′")
            if (name, kind) in calls
        ]
        print(f"{name:19} {' '.join(ratios)}")


if __name__ == "__main__":
    main()
