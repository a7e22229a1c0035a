"""Readers' notebooks, as the build leaves them in `_build/notebooks` and under the button."""

import base64
import builtins
import html
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from docutils.core import publish_doctree
from IPython.core.inputtransformer2 import TransformerManager
from myst_parser.docutils_ import Parser
from nbconvert import HTMLExporter

from as_markdown import Writer
from browser import open_page
from built_site import ROOT, SITE
from readers import Places, library

FOLDER = ROOT / "_build" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
EXECUTED = sorted((ROOT / "book").glob("*.ipynb"))

# Roles, directives, their options and ends, targets, substitutions, comments, attributes.
RAW = re.compile(
    r"\{[\w:+.-]+\}`|^\s*:{3,}|^\s*`{3,}\{|^:\w[\w-]*:\s|^\([\w-]+\)=\s*$|\{\{|^%\s|\]\{[.#]", re.M
)
CODE = re.compile(r"^(`{3,})(?!\{).*?^\1$|(?<!`)(`{1,2})(?!`)(?:(?!\2).)+\2", re.M | re.S)
DRAWN = {"application/vnd.explorable+json", "application/vnd.nnbook.figure+json"}
LINK = re.compile(r"\]\(([^)\s]+)\)")


def read(path: Path):
    return nbformat.read(path, as_version=4)


def prose(notebook) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def without_code(text: str) -> str:
    """Code may show what it likes; a role's own backticks are not code."""
    return re.sub(CODE, lambda m: m[0] if text[m.start() - 1 : m.start()] == "}" else "`", text)


def test_every_page_is_there_and_every_notebook_under_its_button():
    pages = {path.stem for path in (SITE / "book").glob("*.html")}
    assert {path.stem for path in NOTEBOOKS} == pages, "run `make book` first"
    for path in EXECUTED:
        given = SITE / "_sources" / "book" / path.name
        assert given.read_bytes() == (FOLDER / path.name).read_bytes()
        page = (SITE / "book" / f"{path.stem}.html").read_text("utf-8")
        assert f'href="../_sources/book/{path.name}"' in page


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_role_and_no_directive_is_left(path):
    notebook = read(path)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            found = RAW.search(without_code(cell.source))
            assert not found, f"{cell.id}: {cell.source[max(found.start() - 60, 0) :][:160]}"


def test_a_role_would_be_found():
    sources = [prose(read(path)) for path in EXECUTED]
    assert sum(len(RAW.findall(without_code(text))) for text in sources) > 400
    for raw in ("{eq}`a`", ":::{note}\nx", "```{math}\nx\n```", "(here)=\n", "{{ name }}"):
        assert RAW.search(without_code(f"Words.\n\n{raw}\n"))
    assert not RAW.search(without_code("`{term}` and\n\n```python\n{'a': `b`}\n```"))


@pytest.mark.parametrize("path", EXECUTED, ids=lambda path: path.stem)
def test_code_is_the_executed_one_and_solutions_wait(path):
    mine = [c.source for c in read(FOLDER / path.name).cells if c.cell_type == "code"]
    cells = [c for c in read(path).cells if c.cell_type == "code"]
    plain = [c.source for c in cells if "solution" not in c.metadata.get("tags", [])]
    assert mine[1:] == plain and "import nnbook" in mine[0]
    folded = prose(read(FOLDER / path.name))
    for cell in cells:
        if cell.source not in plain:
            assert f"<details>\n<summary>Solution in Python</summary>\n\n```python\n{cell.source}"
            assert cell.source in folded


def heading(text: str) -> str:
    """A heading without its marks: formulas are TeX here and drawn there."""
    return re.sub(r"\$[^$]*\$|[\s\\`*#“”’']", "", html.unescape(re.sub("<[^>]*>", "", text)))


@pytest.mark.parametrize("path", EXECUTED, ids=lambda path: path.stem)
def test_titles_and_captions_have_the_numbers_of_the_page(path):
    page = (SITE / "book" / path.with_suffix(".html").name).read_text("utf-8")
    text = prose(read(FOLDER / path.name))
    body = re.sub(r'<span class="math.*?</math>.*?</span>', "", page, flags=re.S)
    numbers = re.findall(r'<h[1-4]>(?:<a[^>]*>)?<span class="section-number">([\d.]+)', body)
    assert re.findall(r"^#+ (\d[\d.]*) ", text, re.M) == numbers
    captions = re.findall(r'<span class="caption-number">(Fig\. [\d.]+)\s*</span>', page)
    assert re.findall(r"^<a id=[^>]*></a>\*\*(Fig\. [\d.]+)\.\*\* ", text, re.M) == captions
    assert len(captions) == sum("figure" in c.metadata.get("mystnb", {}) for c in read(path).cells)


def test_links_lead_to_a_notebook_and_to_a_place_in_it():
    places = {}
    for path in NOTEBOOKS:
        notebook = read(path)
        markup = [o["data"].get("text/html", "") for c in notebook.cells if "outputs" in c
                  for o in c.outputs if "data" in o]  # fmt: skip
        places[path.name] = set(re.findall(r'\bid="([^"]+)"', prose(notebook) + " ".join(markup)))
    followed = 0
    for path in NOTEBOOKS:
        for address in LINK.findall(without_code(prose(read(path)))):
            if re.match(r"[a-z]+:", address):
                continue
            name, _, fragment = address.partition("#")
            assert (name or path.name) in places, f"{path.name}: {address}"
            if fragment:
                assert fragment in places[name or path.name], f"{path.name}: {address}"
            followed += 1
    assert followed > 900


def test_figures_are_pictures_that_show_without_trust():
    """The sanitizer of JupyterLab drops SVG, style and script, and keeps <img>."""
    for path in EXECUTED:
        for cell in read(FOLDER / path.name).cells:
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                if {"application/vnd.explorable+json", "application/vnd.nnbook.figure+json"} & {
                    *data
                }:
                    left = re.sub(
                        r"<(script|style|svg)\b.*?</\1>", "", data["text/html"], flags=re.S
                    )
                    (source,) = re.findall(r'<img src="data:image/svg\+xml;base64,([^"]+)"', left)
                    root = ElementTree.fromstring(base64.b64decode(source))
                    assert root.tag == "{http://www.w3.org/2000/svg}svg" and len(root) > 1
                    assert re.search(r'alt="[^"]{10,}"', left)
                elif "application/vnd.nnbook.claim+json" in data:
                    assert ".nn-card" in data["text/html"].split("</style>")[0]


def test_nbconvert_shows_it_with_sliders(chromium, tmp_path):
    name = "03-activations"
    body, _ = HTMLExporter(template_name="lab").from_filename(str(FOLDER / f"{name}.ipynb"))
    (tmp_path / "page.html").write_text(body, encoding="utf-8")
    with open_page(chromium, (tmp_path / "page.html").as_uri(), offline=True) as (page, *_):
        explorer = page.locator("figure.explorer")
        assert explorer.count() == 4
        assert page.locator(".jp-OutputArea img").count() > 4
        assert page.locator(".jp-OutputArea img").evaluate_all(
            "all => all.every((image) => image.naturalWidth > 100)"
        )
        slider = explorer.first.locator("input[type=range]").first
        slider.scroll_into_view_if_needed()
        before = explorer.first.locator("svg").inner_html()
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "was => document.querySelector('figure.explorer svg').innerHTML != was", arg=before
        )
        text = page.locator("body").inner_text()
    assert "Fig. 3.1." in text and not RAW.search(re.sub(r"[^\n]*sp\.[^\n]*", "", text))


# One kind after the other ----------------------------------------------------------------------

KINDS = {
    "*a* **b** `c`": "*a* **b** `c`",
    "5 \\* 3 < 4 \\$ a_b_c": "5 \\* 3 &lt; 4 \\$ a_b_c",
    "$a_1 < b$": "$a_1 < b$",
    "- a\n- b\n\n  c": "- a\n\n- b\n\n  c",
    "3. a\n4. b": "3. a\n4. b",
    "> a\n>\n> b": "> a\n>\n> b",
    "a\n\n---\n\nb": "a\n\n---\n\nb",
    "| a | b |\n|---|---|\n| $\\lvert x\\rvert$ | `p|q` |".replace("p|q", "p\\|q"):
        "| a | b |\n| --- | --- |\n| $\\lvert x\\rvert$ | `p\\|q` |",
    "```python\nx = 1\n```": "```python\nx = 1\n```",
    "```{note}\nOne.\n\n- two\n```": "> **Note**\n>\n> One.\n>\n> - two",
    "```{admonition} Of $x$\nOne.\n```": "> **Of $x$**\n>\n> One.",
    "```{admonition} More\n:class: dropdown\nOne.\n```":
        "<details>\n<summary>More</summary>\n\nOne.\n\n</details>",
    "```{math}\na = b\n```": "$$\na = b\n$$",
    "\\begin{align}\na &= b\n\\end{align}": "$$\n\\begin{aligned}\na &= b\n\\end{aligned}\n$$",
    "a[^1]\n\n[^1]: Below.": "a[<sup>1</sup>](#footnote-1)\n\n---\n\n"
                              '<a id="footnote-1"></a>1. Below.',
    "(place)=\n## Title\n\nx": '<a id="title"></a><a id="place"></a>\n\n# Title\n\nx',
    "[words](https://example.org/a_(b))": "[words](https://example.org/a_%28b%29)",
    "H{sub}`2`O": "H<sub>2</sub>O",
    "```{rubric} Words\n```": "**Words**",
    "% nothing": "",
    "term\n: meaning": "**term**\n\nmeaning",
}  # fmt: skip


@pytest.mark.parametrize("source", KINDS)
def test_a_kind_of_markup(source):
    extensions = ["dollarmath", "amsmath", "deflist", "colon_fence"]
    tree = publish_doctree(
        source,
        parser=Parser(),
        settings_overrides={
            "myst_enable_extensions": extensions,
            "doctitle_xform": False,
            "report_level": 5,
        },
    )
    writer = Writer(lambda node: node.get("refuri") or f"#{node['refid']}", lambda node: "", ROOT)
    written = writer.blocks(tree.children)
    written = re.sub(r'<a id="(footnote-reference-\d+|id\d+)"></a>', "", written)
    assert re.sub(r"#id\d+", "#footnote-1", written) == KINDS[source]


# The first cell, and links where the book is published -----------------------------------------


@pytest.mark.parametrize("repository", ["", "https://github.com/owner/name"])
def test_the_first_cell_says_how_to_get_the_library(monkeypatch, repository):
    code = TransformerManager().transform_cell(library(repository))
    exec(code, {})  # here it is, and nothing happens
    real, asked = builtins.__import__, []

    def missing(name, *rest):
        if name == "nnbook":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    shell = SimpleNamespace(run_line_magic=lambda *magic: asked.append(magic))
    if repository:
        exec(code, {"get_ipython": lambda: shell})
        ((magic, words),) = asked
        assert magic == "pip" and f"git+{repository}#subdirectory=lib" in words
    else:
        with pytest.raises(ModuleNotFoundError, match="pip install ./lib/explorable ./lib"):
            exec(code, {})


def test_links_of_a_published_book_lead_to_its_pages():
    config = SimpleNamespace(html_baseurl="https://example.org/notes/", numfig_format={})
    places = Places(SimpleNamespace(env=None, config=config), "book/03-activations")
    assert places.link({"refuri": "02-x.html#a"}) == "https://example.org/notes/book/02-x.html#a"
    assert places.link({"refuri": "#a"}) == places.link({"refid": "a"}) == "#a"
    config.html_baseurl = ""
    places = Places(SimpleNamespace(env=None, config=config), "book/03-activations")
    assert places.link({"refuri": "02-x.html#a"}) == "02-x.ipynb#a"
