"""What is counted in the notebooks, and that nothing is counted that is not there."""

from pathlib import Path

import nbformat
import pytest
import sympy as sp

from nnbook.activations import sigmoid
from nnbook.claims import claim
from nnbook.derivation import Derivation
from nnbook.exercises import expects
from nnbook.explore import explore
from nnbook.plotting import figure, show
from nnbook.tally import Tiles, tally

x, a = sp.symbols("x a", positive=True)
BOOK = Path(__file__).parent.parent / "book"


def write(folder, name, *shown, text="### Exercise 1.1: a\n\n### Exercise 1.2: b"):
    cells = [nbformat.v4.new_markdown_cell(text)]
    for number, each in enumerate(shown, start=1):
        bundle = {}
        if hasattr(each, "_repr_mimebundle_"):
            bundle = each._repr_mimebundle_()
        elif hasattr(each, "_repr_html_"):
            bundle = {"text/html": each._repr_html_()}
        bundle.setdefault("text/plain", repr(each))
        output = nbformat.v4.new_output("execute_result", data=bundle, execution_count=number)
        cells.append(nbformat.v4.new_code_cell("", outputs=[output], execution_count=number))
    cells.append(nbformat.v4.new_code_cell("never executed"))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / name)


@pytest.fixture
def explorer(monkeypatch):
    monkeypatch.setenv("NNBOOK_STATIC", "1")
    fig, ax = figure()
    (line,) = ax.plot([0, 1], [0, 1])
    return explore(fig, lambda b, c: line.set_ydata([b, c]), alt="a line", b=[0, 1], c=[0, 1, 2])


def test_everything_is_counted_once(tmp_path, explorer):
    steps = Derivation(x**2 - 1).step((x - 1) * (x + 1), because="factor")
    steps.step(sp.expand((x - 1) * (x + 1)), because="expand")
    card = claim(
        "AC-1", "s", where="w", instead="i",
        stated={"fails": False}, corrected={"ways": sigmoid.verify(), "number": True},
    )  # fmt: skip
    question = expects(x, hint="h")
    picture = show(figure()[0], "nothing")
    write(tmp_path, "01-a.ipynb", steps, card, question("x"), question("2 x"), question(""))
    write(tmp_path, "02-b.ipynb", picture, explorer, steps, text="no exercise")
    write(tmp_path, "ledger.ipynb", steps, explorer)  # not a chapter
    assert tally(tmp_path) == {
        "chapters": 2,
        "code cells": 8,
        "derivations": 2,
        "steps proved": 4,
        "pieces of evidence": 3,
        "checks": 2,
        "counterexamples": 1,
        "exercises": 2,
        "answers": 1,
        "figures": 1,
        "explorers": 1,
        "frames": 27,
    }


def test_a_step_that_is_only_checked_is_counted_as_such(tmp_path):
    steps = Derivation(sp.asinh(sp.sinh(x))).step(x, because="inverse")
    wanted = ("steps checked", "steps proved")
    wanted = wanted if steps.status == "checked" else wanted[::-1]
    write(tmp_path, "01-a.ipynb", steps)
    counts = tally(tmp_path)
    assert (counts[wanted[0]], counts[wanted[1]]) == (1, 0)


def test_the_book_has_what_it_claims():
    counts = tally(BOOK)
    chapters = len(list(BOOK.glob("[0-9]*.ipynb")))
    assert counts["chapters"] == chapters >= 8
    assert counts["exercises"] >= 6 * chapters and counts["answers"] >= 4 * chapters
    steps = [counts[f"steps {status}"] for status in ("proved", "computed", "checked")]
    assert sum(steps) > 30 and steps[0] > sum(steps) / 2


def test_tiles():
    tiles = Tiles({"a < b": 1234, "c": "8 of 9"})
    assert "a &lt; b" in tiles._repr_html_() and "1,234" in tiles._repr_html_()
    assert "8 of 9  c" in repr(tiles)
