"""What Sphinx takes for a message that translates, and what it would miss: cells of tables.

A message is a paragraph, an item, a heading, a caption, a cell: MyST source, formulas and roles in
it. The catalogues lie in `locale/`; `tools/translate.py` gathers them.
"""

import json
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import glossary
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.nodes import extract_messages

from messages import speaks


class Messages(SphinxTransform):
    """Runs before messages are read; MyST does not say where a cell of a table comes from."""

    default_priority = 5

    def apply(self, **kwargs) -> None:
        for entry in self.document.findall(nodes.entry):
            for paragraph in entry.findall(nodes.paragraph):
                paragraph.source = paragraph.source or self.document["source"]
                paragraph.line = paragraph.line or entry.line or 1
        for element in self.document.findall(nodes.TextElement):
            formula = isinstance(element, nodes.math_block | nodes.raw)
            # The glossary has its terms in both languages; the names of a module are links.
            term = isinstance(element, nodes.term) and isinstance(
                element.parent.parent.parent, glossary
            )
            if formula or term or element.rawsource and not speaks(element.rawsource):
                element["translatable"] = False


class Noted(SphinxTransform):
    """What the page's messages are, before they are translated: tests compare the catalogues."""

    default_priority = 15

    def apply(self, **kwargs) -> None:
        if not str(self.document["source"]).endswith("<translated>"):
            found = [text for _node, text in extract_messages(self.document)]
            self.env.metadata[self.env.docname]["messages"] = found


def write_messages(app: Sphinx, exception) -> None:
    if not exception and app.builder.format == "html":
        noted = {
            page: meta["messages"] for page, meta in app.env.metadata.items() if "messages" in meta
        }
        path = Path(app.outdir).parent / "messages.json"
        path.write_text(json.dumps(noted, ensure_ascii=False), encoding="utf-8")


def setup(app: Sphinx) -> dict:
    app.add_transform(Messages)
    app.add_transform(Noted)
    app.connect("build-finished", write_messages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
