"""A resolved page as plain Markdown, which JupyterLab, VS Code, Colab and GitHub all show.

Sphinx has resolved the roles: what is left are words, formulas and links. A node that has no
Markdown here is a warning, so that nothing of a page is left out unnoticed.
"""

import base64
import html
import mimetypes
import re
from collections.abc import Callable
from pathlib import Path

from docutils import nodes
from sphinx.util import logging

LOG = logging.getLogger(__name__)

ADMONITIONS = [
    "attention",
    "caution",
    "danger",
    "error",
    "hint",
    "important",
    "note",
    "tip",
    "warning",
    "seealso",
]
# Without words of their own, or drawn elsewhere.
SILENT = (
    *("comment", "index", "pending", "substitution_definition", "target", "toctree", "meta"),
    *("tabular_col_spec", "system_message", "colspec", "sd_tab_input"),
)
# Only what is inside counts.
OPEN = (
    *("compound", "container", "document", "legend", "inline", "generated", "glossary", "desc"),
    *("desc_content", "desc_signature_line", "figure", "only", "start_of_file", "place", "topic"),
    *("bibliography", "problematic", "versionmodified", "hlist", "hlistcol", "acks", "centered"),
    *("section", "citation_reference"),
)
AMS = re.compile(r"\\(begin|end)\{(align|gather|alignat|eqnarray|multline|equation|flalign)(\*?)\}")


class Writer:
    """Turns nodes into Markdown.

    link: a reference node -> its address, or None where nothing is to be linked to.
    number: a section, figure, table or formula node -> the number that stands before its words.
    folder: where the pictures' addresses begin.
    """

    def __init__(self, link: Callable, number: Callable, folder: Path):
        self.link, self.number, self.folder = link, number, folder

    # Structure --------------------------------------------------------------------------------

    def blocks(self, children) -> str:
        """Nodes one below the other, paragraphs apart."""
        written = map(self.block, children)
        return "\n\n".join(text.strip("\n") for text in written if text.strip())

    def block(self, node) -> str:
        name = type(node).__name__
        if name in SILENT:
            return ""
        if name in ADMONITIONS or name == "admonition":
            return self.admonition(node)
        if write := getattr(self, name, None):
            return write(node)
        if isinstance(node, nodes.Text | nodes.Inline):
            return self.inline(node)
        if not (name in OPEN or "refid" in node):
            LOG.warning("no Markdown for a %s", name, location=node)
        return anchors(node) + self.blocks(node.children)

    def section(self, node) -> str:
        return self.blocks(node.children)

    def title(self, node) -> str:
        parent = node.parent
        if not isinstance(parent, nodes.section):
            return f"**{self.words(node)}**"
        depth = 1
        while isinstance(parent.parent, nodes.section):
            parent, depth = parent.parent, depth + 1
        number = self.number(node.parent)
        words = " ".join(filter(None, [number, self.words(node)]))
        return f"{anchors(node.parent)}\n\n{'#' * min(depth, 6)} {words}".strip()

    def subtitle(self, node) -> str:
        return f"*{self.words(node)}*"

    rubric = title

    def paragraph(self, node) -> str:
        return anchors(node) + line_starts(self.inlines(node))

    def compact_paragraph(self, node) -> str:
        return self.paragraph(node)

    attribution = paragraph

    def admonition(self, node) -> str:
        name = type(node).__name__
        children = list(node.children)
        if children and isinstance(children[0], nodes.title):
            title = self.words(children.pop(0))
        else:
            title = {"seealso": "See also"}.get(name, name.capitalize())
        if "dropdown" in node.get("classes", []):
            return folded(title, self.blocks(children))
        return quoted(f"{anchors(node)}**{title}**\n\n{self.blocks(children)}")

    def block_quote(self, node) -> str:
        return quoted(self.blocks(node.children))

    def sidebar(self, node) -> str:
        return quoted(self.blocks(node.children))

    def dropdown_main(self, node) -> str:
        title, *rest = node.children
        return anchors(node) + folded(self.words(title), self.blocks(rest))

    def sd_tab_label(self, node) -> str:
        return f"**{self.words(node)}**"

    def transition(self, node) -> str:
        return "---"

    # Lists ------------------------------------------------------------------------------------

    def bullet_list(self, node) -> str:
        return self.items(node, lambda i: "- ")

    def enumerated_list(self, node) -> str:
        first = int(node.get("start", 1))
        return self.items(node, lambda i: f"{first + i}. ")

    def items(self, node, mark) -> str:
        written = [
            mark(i) + indented(self.blocks(item.children), len(mark(i)))
            for i, item in enumerate(node.children)
        ]
        loose = any(len(item.children) > 1 for item in node.children)
        return ("\n\n" if loose else "\n").join(written)

    def definition_list(self, node) -> str:
        written = []
        for item in node.children:
            terms = [n for n in item.children if isinstance(n, nodes.term)]
            rest = [n for n in item.children if not isinstance(n, nodes.term | nodes.classifier)]
            names = " · ".join(f"**{self.inlines(term).strip()}**" for term in terms)
            places = "".join(anchors(term) for term in terms)
            written.append(f"{places}{names}\n\n{self.blocks(rest)}")
        return "\n\n".join(written)

    def definition(self, node) -> str:
        return self.blocks(node.children)

    def field_list(self, node) -> str:
        fields = [(field[0], field[1]) for field in node.children]
        written = [f"- **{self.inlines(a)}**: {indented(self.blocks(b), 2)}" for a, b in fields]
        return "\n".join(written)

    def option_list(self, node) -> str:
        items = [(item[0].astext(), self.blocks(item[1].children)) for item in node.children]
        return "\n".join(f"- `{option}`: {indented(text, 2)}" for option, text in items)

    def line_block(self, node) -> str:
        return "  \n".join(self.line(n) for n in node.children)

    def line(self, node) -> str:
        if isinstance(node, nodes.line_block):
            return self.line_block(node)
        return line_starts(self.inlines(node)).replace("\n", " ")

    # Blocks -----------------------------------------------------------------------------------

    def literal_block(self, node) -> str:
        language = node.get("language") or (node.get("classes") or [""])[-1]
        language = {"ipython3": "python", "default": "", "none": "", "myst-ansi": ""}.get(
            language, language
        )
        return fenced(node.astext(), language)

    def doctest_block(self, node) -> str:
        return fenced(node.astext(), "python")

    def math_block(self, node) -> str:
        # An environment of its own stands within $$ in no more than one of its two forms.
        tex = AMS.sub(lambda m: rf"\{m[1]}{{{INNER[m[2]]}}}", node.astext().strip())
        tag = rf" \tag{{{number.strip('()')}}}" if (number := self.number(node)) else ""
        return f"{anchors(node)}$$\n{tex}{tag}\n$$"

    def raw(self, node) -> str:
        return node.astext() if "html" in node.get("format", "").split() else ""

    def image(self, node) -> str:
        uri, alt = node.get("uri", ""), node.get("alt", "")
        path = self.folder / uri
        if "://" not in uri and not uri.startswith("data:") and path.is_file():
            kind = mimetypes.guess_type(path.name)[0] or "image/png"
            uri = f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
        width = f' width="{node["width"]}"' if "width" in node else ""
        return f'<img src="{html.escape(uri)}" alt="{html.escape(alt)}"{width}>'

    def caption(self, node) -> str:
        number = self.number(node.parent)
        return f"**{number}** {self.inlines(node)}" if number else self.inlines(node)

    def figure(self, node) -> str:
        return anchors(node) + self.blocks(node.children)

    def table(self, node) -> str:
        children = list(node.children)
        head = ""
        if children and isinstance(children[0], nodes.title):
            number = self.number(node)
            head = f"**{number}** " if number else ""
            head += self.words(children.pop(0)) + "\n\n"
        rows = [[self.entry(entry) for entry in row.children] for row in node.findall(nodes.row)]
        titled = next(iter(node.findall(nodes.thead)), None)
        widest = max(map(len, rows))
        if titled is None:
            rows.insert(0, [""] * widest)
        rows = [row + [""] * (widest - len(row)) for row in rows]
        rows.insert(1, ["---"] * widest)
        lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        return f"{anchors(node)}{head}{lines}"

    def entry(self, node) -> str:
        """A cell of a table: one line, no bar that would end it."""
        text = "<br>".join(self.block(child) for child in node.children).replace("\n", " ")
        return re.sub(r"(?<!\\)\|", r"\\|", in_math(text, no_bars))

    def footnote(self, node) -> str:
        label = node.children[0].astext()
        return f"{anchors(node)}{label}. {self.blocks(node.children[1:])}"

    def citation(self, node) -> str:
        rest = [n for n in node.children if not isinstance(n, nodes.label)]
        return anchors(node) + self.blocks(rest)

    def desc_signature(self, node) -> str:
        return f"{anchors(node)}**`{' '.join(node.astext().split())}`**"

    # Within a line ----------------------------------------------------------------------------

    def words(self, node) -> str:
        """All in one line, without links: a title."""
        return " ".join(self.inlines(node, linked=False).split())

    def inlines(self, node, linked: bool = True) -> str:
        return "".join(self.inline(child, linked) for child in node.children)

    def inline(self, node, linked: bool = True) -> str:
        if isinstance(node, nodes.Text):
            return escaped(node.astext())
        name = type(node).__name__
        if name in SILENT:
            return ""
        if name == "math":
            return f"${' '.join(node.astext().split())}$"
        if name in ("literal", "literal_strong", "desc_inline"):
            return code(node.astext())
        inside = self.inlines(node, linked)
        if name in MARKED:
            return surrounded(inside, *MARKED[name])
        if name == "abbreviation":
            title = html.escape(node.get("explanation", ""))
            return f'<abbr title="{title}">{inside}</abbr>'
        if name == "image":
            return self.image(node)
        if name == "raw":
            return self.raw(node) if linked else ""  # an icon in a title
        if name == "footnote_reference":
            inside = f"<sup>{inside}</sup>"
        if name in LINKS:
            address = self.link(node) if linked else None
            return f"[{inside}]({closed(address)})" if address else inside
        if not isinstance(node, nodes.Inline | nodes.paragraph) and name not in OPEN:
            LOG.warning("no Markdown for a %s", name, location=node)
        return inside


INNER = {
    **dict.fromkeys(["align", "flalign", "eqnarray"], "aligned"),
    **dict.fromkeys(["gather", "multline", "equation"], "gathered"),
    "alignat": "alignedat",
}
MARKED = {
    **dict.fromkeys(["emphasis", "title_reference", "literal_emphasis"], ("*", "*")),
    "strong": ("**", "**"),
    "subscript": ("<sub>", "</sub>"),
    "superscript": ("<sup>", "</sup>"),
}
LINKS = ("reference", "number_reference", "footnote_reference", "citation_reference")
LINKS += ("download_reference", "pending_xref")
MARKUP = re.compile(r"([\\`*\[\]<$~]|(?<!\w)_|_(?!\w))")
LINE_START = re.compile(r"^(\s*)(?:([-+>#=|])|(\d+)([.)]))(?=\s|$)", re.M)
MATH = re.compile(r"\$\$.*?\$\$|(?<!\\)\$(?:\\.|[^$\\])+\$", re.S)


def escaped(text: str) -> str:
    """Words that mean themselves: no mark of Markdown's, no TeX, no HTML."""
    text = re.sub(r"&(?=#?\w+;)", "&amp;", text)
    return MARKUP.sub(lambda m: "&lt;" if m[0] == "<" else "\\" + m[0], text)


def line_starts(text: str) -> str:
    """No line begins a list, a title or a quotation unless it was meant to."""
    return LINE_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[2] else f"{m[1]}{m[3]}\\{m[4]}", text)


def in_math(text: str, change: Callable) -> str:
    return MATH.sub(lambda m: change(m[0]), text)


def no_bars(tex: str) -> str:
    """In a table a bar would end the cell."""
    return re.sub(r"(?<!\\)\|", r"\\vert ", tex.replace(r"\|", r"\Vert "))


def closed(address: str) -> str:
    """No bracket in an address ends the link."""
    return address.replace("(", "%28").replace(")", "%29").replace(" ", "%20")


def code(text: str) -> str:
    text = " ".join(text.split())
    longest = max(map(len, re.findall("`+", text)), default=0)
    ticks = "`" * (longest + 1)
    gap = " " if longest else ""
    return f"{ticks}{gap}{text}{gap}{ticks}"


def surrounded(text: str, before: str, after: str) -> str:
    """The marks stand next to the words, blanks outside."""
    inner = text.strip()
    if not inner:
        return text
    start = text.index(inner)
    return f"{text[:start]}{before}{inner}{after}{text[start + len(inner) :]}"


def fenced(text: str, language: str) -> str:
    longest = max(map(len, re.findall("`{3,}", text)), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks}{language}\n{text.strip(chr(10))}\n{ticks}"


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def indented(text: str, width: int) -> str:
    return re.sub(r"\n(?!\n)", "\n" + " " * width, text)


def folded(title: str, text: str) -> str:
    return f"<details>\n<summary>{title}</summary>\n\n{text}\n\n</details>"


def anchors(node) -> str:
    """Where links to the node lead; empty elements, since not all front ends give titles a name."""
    names = node.get("ids", [])
    return "".join(f'<a id="{html.escape(name)}"></a>' for name in names)
