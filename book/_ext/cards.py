"""The picture that stands beside a shared link."""

import hashlib
import textwrap
from pathlib import Path

from records import HAN

# Fonts with Chinese characters, of the systems there are.
CHINESE = [
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Hiragino Sans GB"),
    *("Microsoft YaHei", "WenQuanYi Micro Hei", "Noto Sans CJK JP"),
]


def card(title: str, book: str, store: Path) -> Path | None:
    """1200 by 630: the title of the page, a function and its derivative; made once for a title.

    None for a Chinese title where no font has its characters: boxes are worse than no picture.
    """
    name = hashlib.sha256(f"{title}\n{book}\n{Path(__file__).read_text()}".encode()).hexdigest()
    path = store / f"{name[:16]}.png"
    if not path.exists():
        import numpy as np
        from matplotlib import font_manager, rc_context
        from matplotlib.figure import Figure

        installed = {font.name for font in font_manager.fontManager.ttflist}
        chinese = [font for font in CHINESE if font in installed]
        wide = HAN.search(title + book)
        if wide and not chinese:
            return None
        figure = Figure(figsize=(12, 6.3), dpi=100, facecolor="#fbfaf7")
        axes = figure.add_axes((0, 0, 1, 0.42))
        x = np.linspace(-6, 6, 400)
        y = 1 / (1 + np.exp(-x))
        axes.plot(x, y, color="#0072b2", linewidth=6)
        axes.plot(x, y * (1 - y), color="#b35900", linewidth=4, dashes=(4, 2))
        axes.set(xlim=(-6, 6), ylim=(-0.15, 1.15))
        axes.axis("off")
        letters = (30 if len(title) > 24 else 24) // (2 if wide else 1)
        lines = textwrap.fill(title, letters)
        with rc_context({"font.sans-serif": ["DejaVu Sans", *chinese]}):
            figure.text(0.06, 0.88, book, fontsize=24, color="#444b57")
            figure.text(0.06, 0.79, lines, fontsize=50, weight="bold", va="top", color="#14181f")
            store.mkdir(parents=True, exist_ok=True)
            figure.savefig(path)
    return path
