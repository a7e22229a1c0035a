"""The committed notebooks are what their sources build: same cells, all executed, no error in them.

What their outputs say and draw is compared by nbval in the same test run (`same_outputs`).
"""

import gzip
import html
import json
import re
from fractions import Fraction
from pathlib import Path

import nbformat
import pytest

import notebook
from explorable import MIME
from in_node import drawings
from reading_svg import decoded, same, shapes

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "nbsrc").glob("*.md"))
CHAPTERS = [path for path in SOURCES if path.stem[:2].isdigit()]  # not the cheat sheet


def committed(source: Path) -> nbformat.NotebookNode:
    return nbformat.read(ROOT / "book" / f"{source.stem}.ipynb", as_version=4)


def problems(source: nbformat.NotebookNode, built: nbformat.NotebookNode) -> list[str]:
    """What keeps `built` from being `source`, executed from the top without an error."""
    found = []
    if len(source.cells) != len(built.cells):
        found.append(f"{len(source.cells)} cells in the source, {len(built.cells)} in the notebook")
    for a, b in zip(source.cells, built.cells, strict=False):
        if (a.id, a.cell_type, a.source, a.metadata) != (b.id, b.cell_type, b.source, b.metadata):
            found.append(f"{b.id} differs from the source")
    code = [cell for cell in built.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, start=1):
        if cell.execution_count != number:
            found.append(f"{cell.id} was not executed in order: [{cell.execution_count}]")
        for output in cell.outputs:
            if output.get("execution_count", number) != number:
                found.append(f"{cell.id} holds the output of [{output.execution_count}]")
            if output.output_type == "error" or output.get("name") == "stderr":
                found.append(f"{cell.id} holds an error or a warning")
            if "application/vnd.jupyter.widget-view+json" in output.get("data", {}):
                found.append(f"{cell.id} holds a widget, which a page without a kernel cannot show")
    if "widgets" in built.metadata:
        found.append("the notebook holds widget state")
    return found


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_notebook_is_what_its_source_builds(source):
    assert problems(notebook.read_source(source), committed(source)) == []


def test_every_notebook_has_a_source():
    assert {p.stem for p in (ROOT / "book").glob("*.ipynb")} == {p.stem for p in SOURCES}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_notebook_is_light(source):
    assert (ROOT / "book" / f"{source.stem}.ipynb").stat().st_size <= notebook.MAX_BYTES


BREAKS = {
    "a cell edited by hand": lambda nb: nb.cells[-1].update(source="1 + 1"),
    "a cell removed": lambda nb: nb.cells.pop(0),
    "a tag lost": lambda nb: nb.cells[1].metadata.update(tags=[]),
    "never executed": lambda nb: nb.cells[1].update(execution_count=None),
    "executed out of order": lambda nb: nb.cells[1].update(execution_count=7),
    "an output of another execution": lambda nb: nb.cells[1].outputs[0].update(execution_count=7),
    "an error kept": lambda nb: nb.cells[1].outputs.append(
        nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])
    ),
    "widget state kept": lambda nb: nb.metadata.update(widgets={}),
}


@pytest.mark.parametrize("breaking", BREAKS.values(), ids=BREAKS.keys())
def test_a_broken_notebook_is_noticed(breaking, tmp_path):
    path = tmp_path / "x.md"
    header = "---\nkernelspec:\n  name: python3\n  display_name: Python 3\n---\n"
    path.write_text(header + "# T\n\n```{code-cell}\n:tags: [hide-input]\n1 + 2\n```\n")
    source, built = notebook.read_source(path), notebook.read_source(path)
    notebook.execute(built, tmp_path)
    for cell in built.cells:
        cell.metadata.pop("execution", None)
    assert problems(source, built) == []
    breaking(built)
    assert problems(source, built)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_code_cells_are_short(source):
    for cell in notebook.read_source(source).cells:
        folded = {"hide-input", "hide-cell"} & set(cell.metadata.get("tags", []))
        if cell.cell_type == "code" and not folded:
            assert len(cell.source.splitlines()) <= 15, cell.id


@pytest.mark.parametrize("source", CHAPTERS, ids=lambda path: path.stem)
def test_exercises(source):
    """At least six exercises, four of them checked, and every hidden solution is accepted."""
    cells = committed(source).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert len(re.findall(r"^### Exercise ", text, flags=re.MULTILINE)) >= 6
    solutions = [c for c in cells if "solution" in c.metadata.get("tags", [])]
    answers = [
        output.data["text/html"]
        for cell in solutions
        for output in cell.outputs
        if "nn-exercise" in output.get("data", {}).get("text/html", "")
    ]
    assert len(answers) >= 4
    assert all("nn-right" in answer for answer in answers)
    asked = [
        c
        for c in cells
        if "nn-open" in "".join(str(o.get("data", "")) for o in c.get("outputs", []))
    ]
    assert len(asked) == len(answers)


def explorers(source):
    for cell in committed(source).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if MIME in data:
                yield data["text/html"], data[MIME]


@pytest.mark.parametrize("source", CHAPTERS, ids=lambda path: path.stem)
def test_explorers_hold_what_their_controls_promise(source):
    """Each part is in the page, which begins as the record says."""
    found = list(explorers(source))
    assert len(found) >= 3
    for page, record in found:
        base, data, _ = decoded(page)
        about = json.loads(html.unescape(re.search(r'data-controls="([^"]*)"', page)[1]))
        assert set(about) == set(record["controls"])
        state = json.loads(html.unescape(re.search(r'data-state="([^"]*)"', page)[1]))
        assert state == record["start"]
        parts = [unit["part"] for unit in data["units"] if unit["part"] is not None]
        assert parts and all(f'<g data-part="{k}">' in base for k in parts)
        (shown,) = drawings(page, [state])
        assert not same(shapes(shown["svg"]), shapes(base), tolerance=0.3)


REFUTED = re.compile(r"refuted[^:\n]*: (\S+) against ([^\s<]+)")


def against(text: str) -> list[tuple[float, float]]:
    """The two values of each refutation in an output that has them as numbers."""
    value = r"-?[\d.]+(?:e[-+]?\d+)?(?:/\d+)?"
    return [
        (float(Fraction(one)), float(Fraction(other)))
        for one, other in REFUTED.findall(text)
        if re.fullmatch(value, one) and re.fullmatch(value, other)
    ]


def test_refutations_are_read():
    found = against(
        "refuted at w = 0: 19.9466666666666640 against 1496/75\n✗ refuted: 0 against 1</p>"
    )
    assert found == [(pytest.approx(1496 / 75), 1496 / 75), (0, 1)]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_refutation_is_an_error_of_rounding(source):
    """A letter that was overwritten by a number makes exact sides differ in their last digits."""
    text = "\n".join(
        html.unescape(output.get("text", "") or str(output.get("data", {}).get("text/html", "")))
        for cell in committed(source).cells
        if cell.cell_type == "code"
        for output in cell.outputs
    )
    for one, other in against(text):
        assert one != pytest.approx(other, rel=1e-6), (one, other)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_explorers_are_as_exact_and_as_light_as_was_promised(source):
    for page, record in explorers(source):
        measured, names = record["measured"], list(record["controls"])
        continuous = any(c["kind"] == "continuous" for c in record["controls"].values())
        assert measured["places"] >= 200 or not continuous, names
        assert measured["worst"] <= 0.5 and measured["misread"] == 0, names
        assert measured["snaps"] <= 0.1, names
        assert len(gzip.compress(page.encode())) <= 150_000, names
