"""What fits a narrow window without scrolling: no sign alone on a line, prints that wrap, tables
that stack.

Only on the page: a reader's notebook is written before.
"""

import re
from unicodedata import east_asian_width

from docutils import nodes
from sphinx.application import Sphinx

AFTER_READERS = 950
HAN, OPENING = "\u3400-\u9fff", "(\\[（“‘《"
# What stays with the formula before it: signs, or a short ending such as -th. A line of Chinese
# may end after each of its characters.
TAIL = re.compile(
    rf"[，。；：、！？）”’》]+|[^\s\w{OPENING}]+(?=\s|$|[{HAN}])"
    rf"|[^\s{OPENING}{HAN}]{{1,5}}(?=[\s.,;:]|$)[.,;:]?"
)
HEAD = re.compile(r"(?<!\S)[(\[“‘]+$|[（“‘《]+$")
ALIGNED = re.compile(r"\S(?:  |\t)")
OWN_STACK = {"nn-notation", "nn-letters"}
NARROW = 45  # letters that a phone shows in a row of a table


def keep_signs(doctree) -> None:
    """A formula's own breaks stay; none comes between it and the sign after or before it."""
    for formula in list(doctree.findall(nodes.math)):
        parent, at = formula.parent, formula.parent.index(formula)
        after = parent[at + 1] if at + 1 < len(parent) else None
        before = parent[at - 1] if at else None
        tail = isinstance(after, nodes.Text) and TAIL.match(after)
        head = isinstance(before, nodes.Text) and HEAD.search(before)
        if not (tail or head):
            continue
        kept = nodes.inline("", classes=["nn-kept"])
        first, last = at, at + 1
        if head:
            kept += nodes.Text(head[0])
            first -= 1
        kept += formula.deepcopy()
        if tail:
            kept += nodes.Text(tail[0])
            last += 1
        rest = [nodes.Text(before[: head.start()])] if head else []
        rest += [kept] + ([nodes.Text(after[tail.end() :])] if tail else [])
        parent[first:last] = [each for each in rest if each.astext()]


def wrap_prints(doctree) -> None:
    """What is printed wraps, unless its columns are aligned by blanks."""
    for block in doctree.findall(nodes.literal_block):
        if "output" in block["classes"] and not ALIGNED.search(block.astext()):
            block["classes"].append("nn-wraps")


def width(text: str) -> int:
    """In letters; a Chinese character is as wide as two."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


def stack_tables(doctree) -> None:
    """In a row that becomes a block, each cell says what column it is of."""
    for table in doctree.findall(nodes.table):
        head = next(iter(table.findall(nodes.thead)), None)
        if head is None or OWN_STACK & set(table["classes"]):
            continue
        rows = list(table.findall(nodes.row))
        widest = [
            max(width(cell.astext()) for cell in column) for column in zip(*rows, strict=True)
        ]
        if len(widest) < 3 or sum(widest) <= NARROW:
            continue
        table["classes"].append("nn-stacks")
        names = list(head.findall(nodes.entry))
        for row in rows[len(list(head.findall(nodes.row))) :]:
            for name, cell in list(zip(names, row, strict=True))[1:]:
                if name.children and cell.children:
                    label = nodes.inline("", "", classes=["nn-label"])
                    label.extend(child.deepcopy() for child in name[0].children)
                    cell[0].insert(0, label)


def fit(app: Sphinx, doctree, docname: str) -> None:
    if app.builder.format == "html":
        keep_signs(doctree)
        wrap_prints(doctree)
        stack_tables(doctree)


def setup(app: Sphinx) -> dict:
    app.connect("doctree-resolved", fit, priority=AFTER_READERS)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
