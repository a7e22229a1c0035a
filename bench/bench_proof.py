"""Prints what `prove` answers over the fixed cases of the tests, and how long it takes."""

import statistics
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from nnbook.proof import prove  # noqa: E402
from proof_cases import CASES  # noqa: E402


def main():
    answers, seconds, wrong = Counter(), [], []
    for name, expected, lhs, rhs, domain in CASES:
        start = time.perf_counter()
        status = prove(lhs, rhs, domain=domain).status
        seconds.append(time.perf_counter() - start)
        answers[status] += 1
        if status != expected:
            wrong.append(f"{name}: {status} instead of {expected}")
        if "-v" in sys.argv:
            print(f"{seconds[-1]:7.3f} s  {status:8}  {name}")
    counts = ", ".join(f"{answers[s]} {s}" for s in ("proved", "computed", "checked", "refuted"))
    print(f"prover: {len(CASES)} statements: {counts}; not as expected: {len(wrong)}")
    print(f"prover: median {statistics.median(seconds):.3f} s, longest {max(seconds):.2f} s")
    print("\n".join(wrong))


if __name__ == "__main__":
    main()
