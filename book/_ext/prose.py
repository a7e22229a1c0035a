"""The words of a page, without its formulas, noted once for its description and for excerpts."""

from docutils import nodes
from sphinx.application import Sphinx


def prose(doctree: nodes.document) -> list[str]:
    """The page's paragraphs without their formulas; those in the footnotes of formulas included."""
    found = []
    for paragraph in doctree.findall(nodes.paragraph):
        copy = paragraph.deepcopy()
        for markup in list(copy.findall(nodes.raw)):
            markup.parent.remove(markup)
        for formula in list(copy.findall(lambda node: isinstance(node, (nodes.math, nodes.image)))):
            formula.parent.replace(formula, nodes.Text("…"))
        found.append(" ".join(copy.astext().split()))
    return found


def note_prose(app: Sphinx, doctree: nodes.document) -> None:
    app.env.metadata[app.env.docname]["prose"] = prose(doctree)


def setup(app: Sphinx) -> dict:
    app.connect("doctree-read", note_prose)
    return {"parallel_read_safe": True}
