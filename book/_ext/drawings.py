"""Figures that do not move, in fewer bytes: what is drawn stays the same to the last digit.

A page's figures share one sheet of letters and of markers' shapes, where each brings its own to a
notebook; the points of a curve are told by their distances, which are short and repeat; the style
that comes with each figure is in the site's.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx

from nnbook.plotting import CSS

DRAWING = re.compile(r'(?<=<div class="nn-figure")[^>]*><svg\b.*?</svg>', re.S)
SHAPE = re.compile(r'<path id="([^"]+)"( d="[^"]*"[^>]*/>)')
USED = re.compile(r'(?<=href="#)[^"]+')
SHEET = '<svg class="nn-glyphs" width="0" height="0" aria-hidden="true" style="position:absolute">'
PATH = re.compile(r'(?<= d=")M[^"]*')
PART = re.compile(r"([A-Za-z])([^A-Za-z]*)")


def hundredths(number: int) -> str:
    """-120 -> "-1.2", 5 -> ".05"."""
    whole, rest = divmod(abs(number), 100)
    text = (str(whole) if whole or not rest else "") + (f".{rest:02d}".rstrip("0") if rest else "")
    return f"-{text}" if number < 0 else text


def relative(path: str) -> str:
    """A path of M, L, Q, C and z in distances from point to point; another is left as it is."""
    parts, x, y, start, last = [], 0, 0, (0, 0), ""
    for command, numbers in PART.findall(path):
        if command == "z":
            parts.append(command)
            (x, y), last = start, command
            continue
        if command not in "MLQC":
            return path
        values = [round(100 * float(number)) for number in numbers.split()]
        if command == "M":
            told = values
        else:
            told = [v - (y if i % 2 else x) for i, v in enumerate(values)]
            command = command.lower()
        x, y = values[-2:]
        if command == "M":
            start = (x, y)
        text = " ".join(map(hundredths, told)).replace(" -", "-")
        joint = "" if text.startswith("-") else " "
        parts.append(joint + text if command == last else command + text)
        last = command
    return "".join(parts)


def lighter(body: str) -> str:
    """The page's figures with shared shapes and short paths."""
    names: dict[str, str] = {}  # what a shape is: its name on the page

    def shared(drawing) -> str:
        new = {}

        def take(shape) -> str:
            new[shape[1]] = names.setdefault(shape[2], f"glyph-{len(names)}")
            return ""

        text = SHAPE.sub(take, drawing[0])
        return USED.sub(lambda used: new.get(used[0], used[0]), text)

    body = DRAWING.sub(shared, body.replace(f"<style>{CSS}</style>", ""))
    body = DRAWING.sub(lambda found: PATH.sub(lambda d: relative(d[0]), found[0]), body)
    shapes = "".join(f'<path id="{name}"{shape}' for shape, name in names.items())
    return f"{SHEET}<defs>{shapes}</defs></svg>{body}" if shapes else body


def write_style(app: Sphinx, config) -> None:
    folder = Path(app.outdir).parent / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "figures.css").write_text(CSS, encoding="utf-8")
    config.html_static_path.append(str(folder))


def lighten(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    context["body"] = lighter(context.get("body") or "")


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", write_style)
    app.connect("html-page-context", lighten, priority=600)
    app.add_css_file("figures.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
