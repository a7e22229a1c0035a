"""The words of a page, without its formulas: for its description and for excerpts."""

from docutils import nodes


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
