"""The reader's own notebooks: never written over, updated without losing an answer."""

import tomllib

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import workbook


def notebook(*sources):
    cells = [new_code_cell(source, id=f"cell-{i:03d}") for i, source in enumerate(sources)]
    return new_notebook(cells=cells)


@pytest.fixture
def folders(tmp_path):
    built, own = tmp_path / "built", tmp_path / "workbook"
    built.mkdir()
    nbformat.write(notebook("a", 'question("")', "c", "d"), built / "x.ipynb")
    assert workbook.fill(built, own)[0] == [own / "x.ipynb"]
    return built, own


def sources(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


def answer(own):
    """An answer, a note of one's own, a changed cell; and outputs, as a run leaves them."""
    mine = nbformat.read(own / "x.ipynb", as_version=4)
    mine.cells[1].source = 'question("1/2")'
    mine.cells[3].source = "d, otherwise"
    mine.cells.insert(2, new_markdown_cell("my note"))
    mine.cells[0].outputs = [nbformat.v4.new_output("stream", text="ran")]
    nbformat.write(mine, own / "x.ipynb")


def test_what_is_there_is_not_written_over(folders):
    built, own = folders
    answer(own)
    was = (own / "x.ipynb").read_bytes()
    nbformat.write(notebook("new"), built / "x.ipynb")
    nbformat.write(notebook("y"), built / "y.ipynb")
    new, newer = workbook.fill(built, own)
    assert new == [own / "y.ipynb"] and newer == [own / "x.ipynb"]
    assert (own / "x.ipynb").read_bytes() == was


def test_an_update_keeps_answers_and_brings_the_news(folders, tmp_path):
    built, own = folders
    answer(own)
    was = (own / "x.ipynb").read_bytes()
    # A cell before, one changed that the reader left alone, one that both changed.
    nbformat.write(
        notebook("first", "a", 'question("")', "c, better", "d, better"), built / "x.ipynb"
    )
    assert workbook.update(built, own, tmp_path / "kept") == [own / "x.ipynb"]
    assert sources(own / "x.ipynb") == [
        "first", "a", 'question("1/2")', "my note", "c, better", "d, better", "d, otherwise",
    ]  # fmt: skip
    assert (tmp_path / "kept" / "x.ipynb").read_bytes() == was
    ids = [cell.id for cell in nbformat.read(own / "x.ipynb", as_version=4).cells]
    assert len(set(ids)) == len(ids)
    assert workbook.update(built, own, tmp_path / "again") == []
    # The next edition, with the reader's cells where they are now.
    nbformat.write(notebook("first", "a", 'question("")', "c, best"), built / "x.ipynb")
    workbook.update(built, own, tmp_path / "again")
    assert sources(own / "x.ipynb") == [
        "first", "a", 'question("1/2")', "my note", "c, best", "d, otherwise",
    ]  # fmt: skip


def test_a_copy_whose_beginning_is_not_known_loses_nothing(folders, tmp_path):
    built, own = folders
    answer(own)
    (own / ".editions" / "x.ipynb").unlink()
    nbformat.write(notebook("a", 'question("")', "c", "e"), built / "x.ipynb")
    workbook.update(built, own, tmp_path / "kept")
    assert sources(own / "x.ipynb") == [
        "a", 'question("1/2")', "my note", 'question("")', "c", "d, otherwise", "e",
    ]  # fmt: skip


def test_git_and_the_tests_look_past_it():
    root = workbook.ROOT
    assert "/workbook/" in (root / ".gitignore").read_text(encoding="utf-8").splitlines()
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert not any(
        "workbook" in path for path in project["tool"]["pytest"]["ini_options"]["testpaths"]
    )


@pytest.mark.parametrize("given", [["--language", "fr"], ["renew"], ["--language"]])
def test_what_it_does_not_know_it_says(given):
    with pytest.raises(SystemExit, match=f"wanted .*, got {' '.join(given)}"):
        workbook.main(given)
