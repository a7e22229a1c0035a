"""What the executed notebooks hold, counted, and shown as tiles: a number and what it counts."""

import html
import json
import re
from collections import Counter
from pathlib import Path

from explorable import MIME as EXPLORER
from nnbook._page import sheet
from nnbook.claims import gather
from nnbook.derivation import MIME as DERIVATION
from nnbook.exercises import MIME as ANSWER
from nnbook.ledger import kind_of
from nnbook.plotting import MIME as FIGURE


def tally(folder="."):
    """Counts over the chapters in `folder`: {what: how many}.

    "chapters", "code cells" (executed), "derivations", "steps proved", "steps computed", "steps
    checked", "pieces of evidence" (on the verdict cards), "proofs", "computations", "checks",
    "counterexamples", "measurements" (among these), "exercises" and "answers" (accepted, of those
    that are checked), "figures", "explorers", "frames" (drawn for them). Raises ValueError for a
    folder without notebooks.
    """
    counts = Counter()
    for card in gather(Path(folder)):
        for piece in (piece for _, part in card.evidence for piece in part):
            counts["pieces of evidence"] += 1
            counts[f"{kind_of(piece)}s"] += 1
    for path in sorted(Path(folder).glob("[0-9]*.ipynb")):
        counts["chapters"] += 1
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            _count_cell(cell, counts)
    return counts


def _count_cell(cell, counts):
    source = "".join(cell["source"])
    counts["exercises"] += len(re.findall(r"^### Exercise ", source, re.MULTILINE))
    counts["code cells"] += cell.get("execution_count") is not None
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if derivation := data.get(DERIVATION):
            counts["derivations"] += 1
            counts.update(f"steps {step['status']}" for step in derivation["steps"])
        counts["answers"] += data.get(ANSWER, {}).get("state") == "right"
        counts["figures"] += FIGURE in data
        if explorer := data.get(EXPLORER):
            counts["explorers"] += 1
            counts["frames"] += explorer["frames"]


class Tiles:
    """Figures side by side, each with its words: Tiles({"steps proved": 35})."""

    def __init__(self, figures):
        self.figures = {
            words: f"{n:,}" if isinstance(n, int) else n for words, n in figures.items()
        }

    def _repr_html_(self):
        tiles = (
            f"<div><dt>{html.escape(words)}</dt><dd>{html.escape(figure)}</dd></div>"
            for words, figure in self.figures.items()
        )
        return f'{sheet()}<div class="nn-tiles"><dl>{"".join(tiles)}</dl></div>'

    def __repr__(self):
        return "\n".join(f"{figure:>8}  {words}" for words, figure in self.figures.items())
