"""The reader's own copy of the notebooks: `make lab`, which is

    python tools/workbook.py [update] [--language zh]      in workbook/, or in workbook/zh/

`workbook/` belongs to the reader. What is there is never written over: chapters that are missing
are copied from the built ones, and `update` brings a newer edition of a chapter cell by cell. Cells
that the reader changed or added stay as they are; where the book changed the same cell, both stand
one below the other. What `update` replaces is kept in `workbook/before/`.
"""

import difflib
import shutil
import subprocess
import sys
import uuid
from datetime import datetime
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
BUILT, OWN = ROOT / "_build" / "notebooks", ROOT / "workbook"


def fill(built: Path, own: Path) -> tuple[list[Path], list[Path]]:
    """Copy what is missing; return what was copied, and what has a newer edition."""
    editions = own / ".editions"  # each chapter as it was handed out
    editions.mkdir(parents=True, exist_ok=True)
    new, newer = [], []
    for source in sorted(built.glob("*.ipynb")):
        mine, edition = own / source.name, editions / source.name
        if not mine.exists():
            shutil.copyfile(source, mine)
            shutil.copyfile(source, edition)
            new.append(mine)
        elif not edition.exists() or edition.read_bytes() != source.read_bytes():
            newer.append(mine)
    return new, newer


def update(built: Path, own: Path, kept: Path) -> list[Path]:
    """Bring newer editions, answers and all; return the notebooks that were written."""
    _, newer = fill(built, own)
    for mine in newer:
        edition, source = own / ".editions" / mine.name, built / mine.name
        answered = nbformat.read(mine, as_version=4)
        handed = nbformat.read(edition, as_version=4) if edition.exists() else None
        merged = merge(handed, answered, nbformat.read(source, as_version=4))
        kept.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(mine, kept / mine.name)
        nbformat.write(merged, mine)
        shutil.copyfile(source, edition)
    return newer


def merge(old, mine, new):
    """The new edition with the reader's cells: changed ones in place, added ones where they were.

    old: the edition that the reader began with; None where it is not known, and then every cell
    that the new edition does not have counts as the reader's.
    """
    old_cells = old.cells if old else []
    known = {cell.id: index for index, cell in enumerate(old_cells)}
    stays, instead = partners(old_cells, new.cells)
    here = {where: [cell] for where, cell in enumerate(new.cells)}
    here[-1] = []  # before the first cell
    place = -1  # where the reader's next cell goes
    there = {words(cell) for cell in new.cells}
    for cell in mine.cells:
        index = known.get(cell.id)
        if index is not None:
            place = stays.get(index, instead.get(index, place))
            if words(cell) == words(old_cells[index]):
                continue  # as it was handed out: the new edition has its own
            if index in stays:
                cell.id = new.cells[place].id
                here[place][0] = cell
                continue
        elif old is None and words(cell) in there:
            place = next(i for i, c in enumerate(new.cells) if words(c) == words(cell))
            continue
        cell.id = f"own-{uuid.uuid4().hex[:12]}"  # the book's names are the book's cells'
        here[place].append(cell)
    merged = new.copy()
    merged.cells = [cell for where in range(-1, len(new.cells)) for cell in here[where]]
    return merged


def partners(old: list, new: list) -> tuple[dict, dict]:
    """{place of an old cell: place of the same cell} and {place: where it was replaced}."""
    matcher = difflib.SequenceMatcher(None, [*map(words, old)], [*map(words, new)], autojunk=False)
    stays, instead = {}, {}
    for kind, a, b, c, d in matcher.get_opcodes():
        for i in range(a, b):
            if kind == "equal":
                stays[i] = c + i - a
            else:
                instead[i] = min(c + i - a, d - 1)
    return stays, instead


def words(cell) -> tuple[str, str]:
    return cell.cell_type, cell.source


def main(arguments: list[str]) -> None:
    built, own = BUILT, OWN
    wanted = [[], ["--language", "en"], ["--language", "zh"]]
    if [each for each in arguments if each != "update"] not in wanted:
        sys.exit(f"wanted [update] [--language en or zh], got {' '.join(arguments)}")
    if "zh" in arguments:
        built, own = built / "zh", own / "zh"
    if not any(built.glob("*.ipynb")):
        sys.exit("the notebooks are not built yet: make book")
    if "update" in arguments:
        kept = own / "before" / datetime.now().strftime("%Y-%m-%d %H.%M.%S")
        written = update(built, own, kept)
        for path in written:
            print(f"new edition: {path.relative_to(ROOT)}")
        said = f"as they were: {kept.relative_to(ROOT)}" if written else "nothing is new"
        print(said)
    else:
        written, newer = fill(built, own)
        if newer:
            print(f"{len(newer)} notebooks have a newer edition; make lab-update brings it, and "
                  "keeps your answers")  # fmt: skip
    if written:  # the reader's own machine made them: their pictures and sliders may run
        subprocess.run(
            [sys.executable, "-m", "jupyter", "trust", *written], check=True, capture_output=True
        )


if __name__ == "__main__":
    main(sys.argv[1:])
