"""Where others use it: the README's example, a bare Sphinx project, nbconvert, a wheel.

In each place the page is opened from disk, the network off, an explorer is moved, and what it shows
is what matplotlib draws.
"""

import io
import json
import re
import shutil
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import matplotlib as mpl
import nbformat
import pytest
from nbclient import NotebookClient

from opening import explorers, open_page
from reading_svg import same, shapes

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = {"svg.fonttype": "path", "image.composite_image": False}
SOURCE = """
import numpy as np
from matplotlib.figure import Figure
from explorable import explore

fig = Figure(figsize=(5, 2.5), dpi=72)
ax, x = fig.subplots(), np.linspace(0, 1, 30)
ax.set_ylim(0, 2)
(line,) = ax.plot(x, x, "o-")

def update(power, colour):
    line.set_ydata(x**power)
    line.set_color(colour)

def shown(**options):
    return explore(fig, update, alt="A power.", power=[1, 2, 4], colour=["r", "g"], **options)
"""


def moved(page, explorer, fig, update, **state):
    """Sets the explorer, and compares what it shows with what matplotlib draws."""
    explorer.evaluate(
        """(explorer, detail) => new Promise((drawn) => {
            explorer.addEventListener("explorer:drawn", () => drawn(), { once: true });
            explorer.dispatchEvent(new CustomEvent("explorer:set", { detail }));
        })""",
        state,
    )
    assert json.loads(explorer.get_attribute("data-state")) == state
    update(**state)
    text = io.StringIO()
    fig.set_layout_engine("none")
    with mpl.rc_context(SETTINGS | {"path.simplify": False}):  # it would leave points out
        fig.savefig(text, format="svg", dpi=fig.dpi)
    drawn = explorer.locator("svg").evaluate("e => e.outerHTML")
    assert not (difference := same(shapes(drawn), shapes(text.getvalue()))), (state, difference)


def check(page, explorer):
    """The explorer of SOURCE at three places, by its slider, its buttons and by event."""
    made = {}
    exec(SOURCE, made)
    explorer.scroll_into_view_if_needed()
    explorer.locator("input[type=range]").press("End")
    explorer.get_by_role("radio", name="g").check()
    assert json.loads(explorer.get_attribute("data-state")) == {"power": 4, "colour": "g"}
    for power, colour in ((4, "g"), (2, "r"), (1, "g")):
        moved(page, explorer, made["fig"], made["update"], power=power, colour=colour)


def test_the_example_of_the_readme(chromium, tmp_path, monkeypatch):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    assert len(example.splitlines()) <= 10
    monkeypatch.chdir(tmp_path)
    made = {}
    exec(example, made)
    with open_page(chromium, (tmp_path / "wave.html").as_uri()) as (page, complaints, requests):
        (explorer,) = explorers(page)
        for frequency, damping in ((1, 0), (8, 0.3), (3, 0.1)):
            moved(page, explorer, made["fig"], made["update"], frequency=frequency, damping=damping)
        assert complaints == [] and len(requests) == 1


def test_what_the_readme_names_is_there():
    """Variables, events, attributes and the record, by the names that the code gives them."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code = "".join(path.read_text() for path in ROOT.glob("src/explorable/*.[pjc][ys]*"))
    names = set(re.findall(r"--explorer-\w+|explorer:\w+|application/[\w.+]+|data-\w+", text))
    assert len(names) >= 11
    assert [name for name in sorted(names) if name not in code] == []
    settable = re.search(r"@layer explorer \{(.*?)\n\}", code, re.DOTALL)[1]
    settable = set(re.findall(r"(--explorer-\w+):", settable))
    assert settable == {name for name in names if name.startswith("--")}


PAGE = f"""---
file_format: mystnb
kernelspec: {{name: python3, display_name: Python 3}}
---

# A page

```{{code-cell}}
{SOURCE}
shown(static=True)
```

Between.

```{{code-cell}}
shown(static=True)
```
"""
CONF = """
extensions = ["myst_nb"]
html_theme = "alabaster"
nb_execution_mode = "force"
nb_execution_timeout = 60
nb_execution_raise_on_error = True
suppress_warnings = ["mystnb.unknown_mime_type"]
"""


def twice(run):
    """On a busy machine a kernel may not start; then it is tried once more."""
    try:
        return run()
    except (RuntimeError, TimeoutError, subprocess.SubprocessError) as error:
        warnings.warn(f"tried once more: {error}", stacklevel=2)
        return run()


def test_a_bare_sphinx_project_with_myst_nb(chromium, tmp_path):
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "index.md").write_text(PAGE)
    build = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", ".", "html"]
    twice(lambda: subprocess.run(build, cwd=tmp_path, check=True, timeout=120))
    with open_page(chromium, (tmp_path / "html" / "index.html").as_uri()) as (page, *said):
        complaints, requests = said
        for explorer in explorers(page, 2):
            check(page, explorer)
        assert complaints == []
        assert all(url.startswith(tmp_path.as_uri()) for url in requests)


def test_nbconvert_of_a_notebook(chromium, tmp_path):
    """As JupyterLab saves it, without the state of widgets, and with it but made to be static."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(f"{SOURCE}\nshown()"),
               nbformat.v4.new_code_cell("shown(static=True)")]
    )  # fmt: skip

    def execute():
        NotebookClient(
            notebook,
            timeout=60,
            startup_timeout=60,
            store_widget_state=False,
            kernel_name="python3",
        ).execute()

    twice(execute)
    bundles = [cell.outputs[-1].data for cell in notebook.cells]
    view = "application/vnd.jupyter.widget-view+json"
    assert [view in bundle for bundle in bundles] == [True, False]
    still = notebook.cells[0].outputs[0].data["text/html"]  # for where no widget lives
    assert "<img" in still and len(notebook.cells[1].outputs) == 1
    nbformat.write(notebook, tmp_path / "explorer.ipynb")
    convert = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", "explorer.ipynb"]
    subprocess.run(convert, cwd=tmp_path, check=True, timeout=120, capture_output=True)
    with open_page(chromium, (tmp_path / "explorer.html").as_uri()) as (page, complaints, _):
        for explorer in explorers(page, 2):
            check(page, explorer)
        assert page.locator("img").count() == 1 and not page.locator("img").is_visible()
        # The template asks for scripts of its own, which nothing here needs.
        assert [text for text in complaints if "Failed to load resource" not in text] == []


def test_a_wheel_has_all_it_needs(tmp_path):
    pytest.importorskip("setuptools")
    skip = shutil.ignore_patterns("tests", "*.egg-info", "__pycache__", "build")
    shutil.copytree(ROOT, tmp_path / "source", ignore=skip)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(tmp_path), str(tmp_path / "source")]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    (wheel,) = tmp_path.glob("explorable-*.whl")
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
        opened.extractall(tmp_path / "installed")
    for path in (ROOT / "src" / "explorable").glob("*.*"):
        assert f"explorable/{path.name}" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    code = "import explorable; print(explorable.__file__)\n" + SOURCE + "\nshown().save('a.html')"
    run = [sys.executable, "-c", code]
    alone = subprocess.run(
        run, cwd=tmp_path / "installed", check=True, timeout=60, capture_output=True, text=True
    )
    assert alone.stdout.startswith(str(tmp_path / "installed"))
    assert (tmp_path / "installed" / "a.html").stat().st_size > 10_000
