"""The picture that stands beside a shared link."""

import hashlib
import textwrap
from pathlib import Path


def card(title: str, book: str, store: Path) -> Path:
    """1200 by 630: the title of the page, a function and its derivative; made once for a title."""
    name = hashlib.sha256(f"{title}\n{book}\n{Path(__file__).read_text()}".encode()).hexdigest()
    path = store / f"{name[:16]}.png"
    if not path.exists():
        import numpy as np
        from matplotlib.figure import Figure

        figure = Figure(figsize=(12, 6.3), dpi=100, facecolor="#fbfaf7")
        axes = figure.add_axes((0, 0, 1, 0.42))
        x = np.linspace(-6, 6, 400)
        y = 1 / (1 + np.exp(-x))
        axes.plot(x, y, color="#0072b2", linewidth=6)
        axes.plot(x, y * (1 - y), color="#b35900", linewidth=4, dashes=(4, 2))
        axes.set(xlim=(-6, 6), ylim=(-0.15, 1.15))
        axes.axis("off")
        lines = textwrap.fill(title, 30 if len(title) > 24 else 24)
        figure.text(0.06, 0.88, book, fontsize=24, color="#444b57")
        figure.text(0.06, 0.79, lines, fontsize=50, weight="bold", va="top", color="#14181f")
        store.mkdir(parents=True, exist_ok=True)
        figure.savefig(path)
    return path
