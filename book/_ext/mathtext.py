"""A typeset page as plain words: formulas on one line, as they would be written in a message."""

import re

import lxml.html
from lxml import etree

MATH = "{http://www.w3.org/1998/Math/MathML}"
LOW = str.maketrans("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
HIGH = str.maketrans("0123456789+-−=()in⊤′", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁱⁿᵀ′")
ACCENTS = {"^": "\u0302", "ˉ": "\u0304", "¯": "\u0304", "~": "\u0303", "˙": "\u0307"}
LONG = 60  # letters; a longer formula is shown, not read
APART = {"p", "li", "dt", "dd", "td", "th", "div", "section", "figcaption", "h1", "h2", "h3", "br"}
LEFT_OUT = ("style", "script", "svg", "details", "button")
CHROME = ("headerlink", "copybtn", "explorer-controls", "katex-html")


def raised(text: str, table: dict, sign: str) -> str:
    if all(ord(letter) in table or letter in "′⊤" for letter in text):
        return text.translate(table)
    return f"{sign}{text}" if len(text) == 1 else f"{sign}({text})"


def formula(node) -> str:
    """MathML on one line: x₁², (a+b)/c, √(1−x)."""
    kind = node.tag.removeprefix(MATH)
    parts = [formula(child) for child in node if isinstance(child.tag, str)]
    if kind in ("annotation", "mspace"):
        return " " if kind == "mspace" else ""
    if kind in ("mi", "mo", "mn", "mtext"):
        return node.text or ""
    if kind == "msub":
        return parts[0] + raised(parts[1], LOW, "_")
    if kind == "msup":
        return parts[0] + raised(parts[1], HIGH, "^")
    if kind == "msubsup":
        return parts[0] + raised(parts[1], LOW, "_") + raised(parts[2], HIGH, "^")
    if kind == "mfrac":
        return "/".join(p if re.fullmatch(r"\w+", p) else f"({p})" for p in parts)
    if kind == "msqrt":
        inside = "".join(parts)
        return f"√{inside}" if re.fullmatch(r"\w+", inside) else f"√({inside})"
    if kind == "mover" and parts[1] in ACCENTS:
        return parts[0] + ACCENTS[parts[1]]
    return (" " if kind in ("mtr", "mtd") else "") + "".join(parts)


def line(node) -> str:
    """A formula that is short, else an ellipsis."""
    text = " ".join(formula(node).replace("\u2061", "").replace("\u200b", "").split())
    return text if len(text) <= LONG else "…"


def words(element, skip=lambda child: False) -> str:
    """The words of an element that a reader sees, without those that `skip` holds for."""
    found = []

    def walk(node) -> None:
        if not isinstance(node.tag, str):
            return
        tag = node.tag.removeprefix(MATH)
        classes = (node.get("class") or "").split()
        if tag == "math":
            found.append(line(node))
        elif tag not in LEFT_OUT and not any(c in classes for c in CHROME) and not skip(node):
            found.append(" " if tag in APART else "")
            found.append(node.text or "")
            for child in node:
                walk(child)
                found.append(child.tail or "")
            found.append(" " if tag in APART else "")

    walk(element)
    return re.sub(r"\s+([,.;:!?)])", r"\1", " ".join("".join(found).split()))


def plain(html: str) -> str:
    return words(lxml.html.fragment_fromstring(html, create_parent="div"))


def parsed(page: bytes):
    return lxml.html.document_fromstring(page, parser=lxml.html.HTMLParser(encoding="utf-8"))


def markup(element) -> str:
    return etree.tostring(element, encoding="unicode", method="html", with_tail=False)
