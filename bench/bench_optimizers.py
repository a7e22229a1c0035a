"""What an optimizer costs: a step of the MLP 784-128-64-10 against the update written by hand.

By hand means NumPy, array by array, as one would copy the recurrence from paper, without checks and
for this one structure, a list of arrays. It is written twice. Pure, with new arrays for parameters
and state, as the library's own: that is the fair comparison. And in place, parameters and state
overwritten, which is what one gives up for an update that can be repeated.

The ways run in turn, round after round, in one process; a figure is the median over the rounds of
the ratio within a round, so that a slow moment of the machine weighs on all. The C library's habit
of handing freed memory back to the system, and taking it anew, weighs on whatever makes new arrays,
so it is switched off first (MALLOC_TRIM_THRESHOLD_, MALLOC_MMAP_THRESHOLD_); then the same again as
it comes. Each setting is a process of its own, since the C library reads its environment once.
"""

import os
import platform
import subprocess
import sys
import time

import numpy as np

from nnbook.optimizers import adagrad, adam, adamw, ema_momentum, rmsprop, sgd

SIZES, ROUNDS = (784, 128, 64, 10), 300
LR, MU, ALPHA, BETA1, BETA2, EPS, DECAY = 0.01, 0.9, 0.99, 0.9, 0.999, 1e-8, 0.01
SETTINGS = {
    "no malloc trimming": {
        "MALLOC_TRIM_THRESHOLD_": "2000000000",
        "MALLOC_MMAP_THRESHOLD_": "2000000000",
    },
    "malloc as it comes": {},
}


# By hand, pure: (t, theta, g, *averages) -> (theta, *averages) -----------------------------------


def sgd_by_hand(t, theta, g):
    return ([p - LR * d for p, d in zip(theta, g, strict=True)],)


def momentum_by_hand(t, theta, g, v):
    v = [MU * w + d for w, d in zip(v, g, strict=True)]
    return [p - LR * w for p, w in zip(theta, v, strict=True)], v


def ema_by_hand(t, theta, g, m):
    m = [MU * w + (1 - MU) * d for w, d in zip(m, g, strict=True)]
    return [p - LR * w for p, w in zip(theta, m, strict=True)], m


def adagrad_by_hand(t, theta, g, s):
    s = [w + d**2 for w, d in zip(s, g, strict=True)]
    return [p - LR * d / (np.sqrt(w) + EPS) for p, d, w in zip(theta, g, s, strict=True)], s


def rmsprop_by_hand(t, theta, g, v):
    v = [ALPHA * w + (1 - ALPHA) * d**2 for w, d in zip(v, g, strict=True)]
    return [p - LR * d / (np.sqrt(w) + EPS) for p, d, w in zip(theta, g, v, strict=True)], v


def adam_by_hand(t, theta, g, m, v):
    m = [BETA1 * w + (1 - BETA1) * d for w, d in zip(m, g, strict=True)]
    v = [BETA2 * w + (1 - BETA2) * d**2 for w, d in zip(v, g, strict=True)]
    m_hat = [w / (1 - BETA1**t) for w in m]
    v_hat = [w / (1 - BETA2**t) for w in v]
    steps = zip(theta, m_hat, v_hat, strict=True)
    return [p - LR * a / (np.sqrt(b) + EPS) for p, a, b in steps], m, v


def adamw_by_hand(t, theta, g, m, v):
    m = [BETA1 * w + (1 - BETA1) * d for w, d in zip(m, g, strict=True)]
    v = [BETA2 * w + (1 - BETA2) * d**2 for w, d in zip(v, g, strict=True)]
    m_hat = [w / (1 - BETA1**t) for w in m]
    v_hat = [w / (1 - BETA2**t) for w in v]
    steps = zip(theta, m_hat, v_hat, strict=True)
    return [p - LR * (a / (np.sqrt(b) + EPS) + DECAY * p) for p, a, b in steps], m, v


# By hand, in place: theta and the averages are overwritten --------------------------------------


def sgd_in_place(t, theta, g):
    for p, d in zip(theta, g, strict=True):
        p -= LR * d


def momentum_in_place(t, theta, g, v):
    for p, d, w in zip(theta, g, v, strict=True):
        w *= MU
        w += d
        p -= LR * w


def ema_in_place(t, theta, g, m):
    for p, d, w in zip(theta, g, m, strict=True):
        w *= MU
        w += (1 - MU) * d
        p -= LR * w


def adagrad_in_place(t, theta, g, s):
    for p, d, w in zip(theta, g, s, strict=True):
        w += d**2
        p -= LR * d / (np.sqrt(w) + EPS)


def rmsprop_in_place(t, theta, g, v):
    for p, d, w in zip(theta, g, v, strict=True):
        w *= ALPHA
        w += (1 - ALPHA) * d**2
        p -= LR * d / (np.sqrt(w) + EPS)


def adam_in_place(t, theta, g, m, v, decay=0.0):
    for p, d, a, b in zip(theta, g, m, v, strict=True):
        a *= BETA1
        a += (1 - BETA1) * d
        b *= BETA2
        b += (1 - BETA2) * d**2
        if decay:
            p *= 1 - LR * decay
        p -= LR / (1 - BETA1**t) * a / (np.sqrt(b) / (1 - BETA2**t) ** 0.5 + EPS)


def adamw_in_place(t, theta, g, m, v):
    adam_in_place(t, theta, g, m, v, DECAY)


WAYS = {
    "sgd": (sgd(LR), sgd_by_hand, sgd_in_place),
    "sgd, momentum": (sgd(LR, momentum=MU), momentum_by_hand, momentum_in_place),
    "ema_momentum": (ema_momentum(LR, MU), ema_by_hand, ema_in_place),
    "adagrad": (adagrad(LR, EPS), adagrad_by_hand, adagrad_in_place),
    "rmsprop": (rmsprop(LR, ALPHA, EPS), rmsprop_by_hand, rmsprop_in_place),
    "adam": (adam(LR, (BETA1, BETA2), EPS), adam_by_hand, adam_in_place),
    "adamw": (adamw(LR, (BETA1, BETA2), EPS, DECAY), adamw_by_hand, adamw_in_place),
}


def seconds(call, *args):
    start = time.perf_counter()
    result = call(*args)
    return time.perf_counter() - start, result


def measure(opt, by_hand, in_place):
    """Median ratios to the two ways by hand, and what the pure one takes."""
    rng = np.random.default_rng(0)
    start = []
    for fan_in, fan_out in zip(SIZES[:-1], SIZES[1:], strict=True):
        start += [rng.normal(size=(fan_out, fan_in)), np.zeros(fan_out)]
    pure = [start, *opt.init(start)[1:]]
    written = [[a.copy() for a in tree] for tree in pure]

    # A way takes its own parameters and state and gives the next; in place, the same arrays again.
    ways = [
        lambda t, g, now: opt.update(now[0], g, now[1]),
        lambda t, g, now: by_hand(t, now[0], g, *now[1:]),
        lambda t, g, now: in_place(t, now[0], g, *now[1:]) or now,
    ]
    nows = [(start, opt.init(start)), pure, written]
    rounds = []
    for t in range(1, ROUNDS + 1):
        g = [rng.normal(size=a.shape) for a in start]
        times = [0.0, 0.0, 0.0]
        for i in (t % 3, (t + 1) % 3, (t + 2) % 3):  # the one that starts finds a colder cache
            times[i], nows[i] = seconds(ways[i], t, g, nows[i])
        rounds.append((times[0] / times[1], times[0] / times[2], times[1]))
    for other in nows[1:]:
        for a, b in zip(nows[0][0], other[0], strict=True):
            assert np.max(np.abs(a - b)) < 1e-10
    return np.median(rounds, axis=0)


def report():
    for name, ways in WAYS.items():
        pure, in_place, hand = measure(*ways)
        print(
            f"    {name}:".ljust(24) + f"{pure:.2f} × by hand, pure ({hand * 1e3:.2f} ms)"
            f"   {in_place:.2f} × by hand, in place"
        )


def main():
    print(
        f"optimizers: Python {platform.python_version()}, NumPy {np.__version__}, "
        f"{os.cpu_count()} cores"
    )
    print(
        f"one step of an MLP {'-'.join(map(str, SIZES))} (a list of weights and biases), float64, "
        f"median of {ROUNDS} rounds in turn"
    )
    others = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_")}
    for described, settings in SETTINGS.items():
        print(f"  {described}", flush=True)
        subprocess.run([sys.executable, __file__, "report"], env=others | settings, check=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        report()
    else:
        main()
