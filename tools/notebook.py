"""Build one executed notebook: `python tools/notebook.py nbsrc/CHAPTER.md book/CHAPTER.ipynb`.

The source is a MyST Markdown notebook. The result holds nothing that varies from run to run or from
machine to machine on its own account: no random cell ids, no timings, no versions of Python.
"""

import argparse
import os
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbclient.util import run_sync
from nbformat import NotebookNode

CELL_TIMEOUT = 120  # seconds
STARTUP_TIMEOUT = 60
MAX_BYTES = 3_000_000


def read_source(path: Path) -> NotebookNode:
    """The chapter's cells as they will stand in the notebook, not executed."""
    notebook = jupytext.read(path)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:03d}"
        cell.metadata.pop("lines_to_next_cell", None)
        tags = cell.metadata.get("tags", [])
        if {"hide-input", "hide-cell"} & set(tags):  # what the page folds, JupyterLab folds too
            cell.metadata["jupyter"] = {
                "source_hidden": True,
                "outputs_hidden": "hide-cell" in tags,
            }
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata = NotebookNode(
        kernelspec=NotebookNode(kernel), language_info=NotebookNode(name="python")
    )
    return notebook


def execute(notebook: NotebookNode, folder: Path) -> None:
    """Run all cells in place; a kernel that does not start is tried once more, and reported."""
    for attempt in (1, 2):
        client = NotebookClient(
            notebook,
            timeout=CELL_TIMEOUT,
            startup_timeout=STARTUP_TIMEOUT,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(folder)}},
        )
        try:
            client.create_kernel_manager()
            run_sync(client.async_start_new_kernel)()
            run_sync(client.async_start_new_kernel_client)()
        except (RuntimeError, TimeoutError) as error:
            print(f"the kernel did not start (attempt {attempt}): {error}", file=sys.stderr)
            if attempt == 2:
                raise
            continue
        client.execute(reset_kc=False)
        return


def build(source: Path, target: Path) -> None:
    """Execute `source` and write `target`; a notebook over 3 MB is refused."""
    os.environ["NNBOOK_STATIC"] = "1"  # outputs for the page: frames, no widgets with random ids
    os.environ["SYMPY_GROUND_TYPES"] = "python"  # whatever else is installed
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # several threads spin more than they compute here
    notebook = read_source(source)
    execute(notebook, target.parent)
    notebook.metadata.language_info = NotebookNode(name="python")
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    text = nbformat.writes(notebook)
    if len(text.encode()) > MAX_BYTES:
        sys.exit(f"{target}: {len(text.encode()):,} bytes, more than {MAX_BYTES:,}")
    target.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    try:
        build(arguments.source, arguments.target)
    except CellExecutionError as error:
        sys.exit(f"{arguments.source}: {error}")
