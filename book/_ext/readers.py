"""Readers' notebooks: the executed chapters with the book's words in place of its roles.

Each page becomes a notebook in `_build/notebooks`, and that is what the page's download button
gives. Words, numbers and links are those of the page, since they come from the same resolved
document; code and outputs are those of the executed notebook. Figures are pictures, which also
show where a notebook is not trusted; where it is, a script puts the explorer in its place.
"""

import html
import json
import posixpath
import re
import shutil
from functools import cache
from importlib import resources
from pathlib import Path

import nbformat
from docutils import nodes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sphinx.application import Sphinx
from sphinx.locale import _

from as_markdown import Writer, fenced, folded
from explorable.page import still
from language import notebook_at

SUFFIX = ".ipynb"
HIDDEN = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
SVG = re.compile(r"<svg\b.*?</svg>", re.S)
LABEL = re.compile(r'role="img" aria-label="([^"]*)"')
RULE = re.compile(r"(@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}|[^{}@]+\{[^{}]*\})", re.S)
# A notebook that is not trusted loses its sheet of style, and keeps what an element says of itself.
CARD = re.compile(r'<section class="nn-card')
FRAMED = (
    '<section style="border: 1px solid #8888; padding: 0.8em 1em; margin: 1em 0" class="nn-card'
)
PAGE_LINK = re.compile(r'(href=")([\w-]+)\.html(#[^"]*)?"')


# Where things are ------------------------------------------------------------------------------


def library(repository: str) -> str:
    """The first cell: what to do where the book's library is missing."""
    if not repository:
        return (
            "# The book's own library:\n"
            "try:\n"
            "    import nnbook\n"
            "except ModuleNotFoundError:\n"
            '    raise ModuleNotFoundError("in the folder of the book: '
            'pip install ./lib/explorable ./lib scikit-learn") from None'
        )
    parts = {"explorable": "lib/explorable", "nnbook": "lib"}
    wanted = [f'"{name} @ git+{repository}#subdirectory={at}"' for name, at in parts.items()]
    return (
        "# The book's own library, fetched where it is missing:\n"
        "try:\n"
        "    import nnbook\n"
        "except ModuleNotFoundError:\n"
        f"    %pip install --quiet {' '.join(wanted)} scikit-learn"
    )


class Places:
    """Addresses and numbers of one page, as its notebook gives them."""

    def __init__(self, app: Sphinx, page: str):
        self.env, self.page, self.base = app.env, page, app.config.html_baseurl
        self.formats = app.config.numfig_format

    def link(self, node) -> str | None:
        if "refid" in node:
            return f"#{node['refid']}"
        if name := node.get("filename"):  # a file to download lies beside the page
            return self.address(posixpath.join("_downloads", name))
        if not (uri := node.get("refuri")):
            return None
        if re.match(r"[a-z]+:", uri):
            return uri
        path, _, fragment = uri.partition("#")
        if not path:
            return f"#{fragment}"
        target = posixpath.normpath(posixpath.join(posixpath.dirname(self.page), path))
        return self.to(target.removesuffix(".html"), fragment)

    def to(self, page: str, fragment: str = "") -> str:
        """The published page where there is one, the notebook beside this one otherwise."""
        end = f"#{fragment}" if fragment else ""
        if self.base:
            return f"{self.base}{page}.html{end}"
        return f"{posixpath.basename(page)}{SUFFIX}{end}"

    def address(self, path: str) -> str | None:
        return f"{self.base}{path}" if self.base else None

    def number(self, node) -> str:
        if isinstance(node, nodes.math_block):
            return f"({node['number']})" if node.get("number") else ""
        if isinstance(node, nodes.section):
            numbers = self.env.toc_secnumbers.get(self.page, {})
            first = not isinstance(node.parent, nodes.section)
            found = numbers.get("" if first else f"#{node['ids'][0]}")
            return ".".join(map(str, found)) + "." if found else ""
        kind = self.env.get_domain("std").get_enumerable_node_type(node)
        known = self.env.toc_fignumbers.get(self.page, {}).get(kind, {})
        for name in node.get("ids", []):
            if name in known:
                return self.formats[kind] % ".".join(map(str, known[name])) + "."
        return ""


# Outputs ---------------------------------------------------------------------------------------


def picture(markup: str) -> str:
    """The first drawing in some HTML as an <img>, which every front end shows, trusted or not."""
    return still(SVG.search(markup)[0], html.unescape(LABEL.search(markup)[1]))


def explorer(markup: str) -> str:
    """A picture, and a script that puts the explorer in its place where scripts run."""
    words = json.dumps(markup, ensure_ascii=False).replace("</", "<\\/").replace("<!--", "<\\!--")
    return (
        f"<div>{picture(markup)}<script>((here) => here.replaceChildren(document.createRange()"
        f".createContextualFragment({words})))(document.currentScript.parentElement)</script></div>"
    )


@cache
def rules() -> list[str]:
    sheet = (resources.files("nnbook") / "style" / "cards.css").read_text(encoding="utf-8")
    return [
        " ".join(rule.split()) for rule in RULE.findall(re.sub(r"/\*.*?\*/", "", sheet, flags=re.S))
    ]


def styled(markup: str) -> str:
    """With the rules that its classes need: an output out of sight takes its own along."""
    used = set(re.findall(r"nn-[\w-]+", markup))
    if not used:
        return markup
    wanted = [
        r for r in rules() if (named := set(re.findall(r"\.(nn-[\w-]+)", r))) <= used or not named
    ]
    return f"<style>{''.join(wanted)}</style>{CARD.sub(FRAMED, markup)}"


def output_of(output, places: Places):
    data = output.get("data", {})
    if "text/html" in data:
        markup = data["text/html"]
        if "application/vnd.explorable+json" in data:
            markup = explorer(markup)
        elif "application/vnd.nnbook.figure+json" in data:
            markup = picture(markup)
        else:
            markup = styled(links(markup, places))
        data["text/html"] = markup
    return output


def links(markup: str, places: Places) -> str:
    """Links of an output to other pages."""
    folder = posixpath.dirname(places.page)

    def moved(match):
        page = posixpath.join(folder, match[2])
        if page not in places.env.found_docs:
            return match[0]
        return f'{match[1]}{html.escape(places.to(page, (match[3] or "#")[1:]))}"'

    return PAGE_LINK.sub(moved, markup)


# Cells -----------------------------------------------------------------------------------------


def flat(node):
    """The nodes below sections, in order, sections' titles among them."""
    for child in node.children:
        if isinstance(child, nodes.section):
            yield from flat(child)
        else:
            yield child


def prose(doctree, count: int) -> tuple[dict, dict]:
    """{cell: its nodes} for Markdown, and {cell: the figures} for code."""
    text, figures, cell = {}, {}, 0
    for node in flat(doctree):
        if node.get("nb_element") == "cell_code":
            cell = node["cell_index"]
            found = [n for n in node.findall(nodes.figure)]
            figures[cell], cell = found, cell + 1
        else:
            # MyST-NB numbers the lines of cell 0 from 10,000, of cell 1 from 20,000.
            line = node.line or next((n.line for n in node.findall() if n.line), None) or 0
            cell = min(max(cell, line // 10_000 - 1), count)
            text.setdefault(cell, []).append(node)
    return text, figures


def solution(cell) -> str:
    """A solution to open; as a code cell, Run All would print it under the question."""
    said = "".join(
        output["text"] for output in cell.outputs if output.output_type == "stream"
    ).strip("\n")
    said = f"\n\n{fenced(said, 'text')}" if said else ""
    return folded(_("Solution in Python"), fenced(cell.source, "python") + said)


def code_cell(cell, places: Places):
    tags = set(cell.metadata.get("tags", []))
    metadata = {"tags": sorted(tags)} if tags else {}
    if HIDDEN & tags:
        metadata["jupyter"] = {"source_hidden": True}
    if {"hide-output", "hide-cell", "remove-output", "remove-cell"} & tags:
        metadata.setdefault("jupyter", {})["outputs_hidden"] = True
    outputs = [output_of(output, places) for output in cell.outputs]
    made = new_code_cell(cell.source, id=cell.id, metadata=metadata, outputs=outputs)
    made.execution_count = cell.execution_count
    return made


def notebook_of(app: Sphinx, doctree, page: str):
    """The reader's notebook of a page."""
    source = Path(app.env.doc2path(page))
    cells = []
    if source.suffix == SUFFIX:
        cells = nbformat.reads(notebook_at(app, source), as_version=4).cells
    places = Places(app, page)
    writer = Writer(places.link, places.number, Path(app.srcdir))
    text, figures = prose(doctree, max(len(cells) - 1, 0))
    made = []
    if any(cell.cell_type == "code" for cell in cells):
        made.append(new_code_cell(library(repository(app)), id="library"))
    for index, cell in enumerate(cells or [new_markdown_cell(id="page")]):
        if cell.cell_type == "code" and "solution" in cell.metadata.get("tags", []):
            made.append(new_markdown_cell(solution(cell), id=cell.id))
        elif cell.cell_type == "code":
            made.append(code_cell(cell, places))
        # What stands in `text` under a code cell came after it without a Markdown cell between.
        if words := writer.blocks(text.get(index, [])):
            made.append(new_markdown_cell(words, id=cell.id))
        for number, figure in enumerate(figures.get(index, [])):
            captions = [n for n in figure.children if isinstance(n, nodes.caption | nodes.legend)]
            names = "".join(f'<a id="{html.escape(name)}"></a>' for name in figure["ids"])
            words = names + writer.blocks(captions)
            made.append(new_markdown_cell(words, id=f"{cell.id}-caption-{number}"))
    made_of = new_notebook(cells=made)
    made_of.metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python", "file_extension": ".py"},
    }
    return made_of


def repository(app: Sphinx) -> str:
    return app.config.html_theme_options.get("repository_url") or ""


# The build -------------------------------------------------------------------------------------


def folder(app: Sphinx) -> Path:
    return Path(app.outdir).parent / "notebooks"


def write_notebook(app: Sphinx, doctree, page: str) -> None:
    if app.builder.format != "html":
        return
    made = notebook_of(app, doctree, page)
    nbformat.validate(made)
    target = folder(app) / f"{posixpath.basename(page)}{SUFFIX}"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(nbformat.writes(made) + "\n", encoding="utf-8")


def give_to_button(app: Sphinx, exception) -> None:
    """The download button links what Sphinx copied: the executed notebook."""
    if exception or app.builder.format != "html":
        return
    for copied in sorted(Path(app.outdir).glob("_sources/**/*.*")):
        made = folder(app) / copied.name
        if copied.suffix == ".js":
            continue
        if copied.suffix == SUFFIX and made.exists():
            shutil.copyfile(made, copied)
        # From disk nothing is downloaded, but a script can be loaded (download.js).
        text = json.dumps(copied.read_text(encoding="utf-8"), ensure_ascii=False)
        Path(f"{copied}.js").write_text(f"var SOURCE = {text};\n", encoding="utf-8")


def setup(app: Sphinx) -> dict:
    app.connect("doctree-resolved", write_notebook, priority=900)
    app.connect("build-finished", give_to_button)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
