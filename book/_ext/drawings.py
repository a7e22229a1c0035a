"""Figures and explorers in fewer bytes: what is drawn stays the same to the last digit.

A page's drawings share one sheet of letters and of markers' shapes, where each brings its own to a
notebook, and its formulas one root sign; explorers share one style and one script. The points of a
curve are told by their distances, which are short and repeat; the style that comes with each figure
is in the site's.
"""

import json
import re
from collections import Counter
from pathlib import Path

from sphinx.application import Sphinx

from explorable.packing import deflated, inflated
from nnbook.plotting import CSS
from records import FRAMES

DRAWING = re.compile(r'(?<=<div class="nn-figure")[^>]*><svg\b.*?</svg>', re.S)
SHAPE = re.compile(r'<path id="([^"]+)"( d="[^"]*"[^>]*/>)')
NAME = re.compile(r"\bn[0-9a-f]{8}-[0-9a-z]+")
USED = re.compile(r'(?<=href="#)[^"]+')
SHEET = '<svg class="nn-glyphs" width="0" height="0" aria-hidden="true" style="position:absolute">'
EXPLORER = re.compile(r'<figure class="explorer".*?</figure>', re.S)
STYLE = re.compile(r"<style>@layer explorer .*?</style>", re.S)
SCRIPT = re.compile(r"<script>\(\(\) => \{.*?</script>(?=</figure>)", re.S)
# What KaTeX stretches: signs of roots, arrows, braces.
STRETCHED = re.compile(r'(?<= slice">)<path( d="[^"]*")></path>(?=</svg>)')
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
    """The page's figures with shared shapes and short paths, its explorers with one script."""
    names: dict[str, str] = {}  # what a shape is: its name on the page

    def shared(text: str) -> tuple[str, dict[str, str]]:
        new = {}

        def take(shape) -> str:
            new[shape[1]] = names.setdefault(shape[2], f"glyph-{len(names)}")
            return ""

        text = SHAPE.sub(take, text)
        return USED.sub(lambda used: new.get(used[0], used[0]), text), new

    def explorer(found) -> str:
        text, new = shared(found[0])

        def renamed(frames) -> str:
            data, numbers = inflated(frames[0])
            said = NAME.sub(lambda name: new.get(name[0], name[0]), json.dumps(data))
            return deflated(json.loads(said), numbers)

        return FRAMES.sub(renamed, text)

    def drawing(found) -> str:
        return PATH.sub(lambda d: relative(d[0]), shared(found[0])[0])

    def stretched(found) -> str:
        # Shapes of the sheet are outside of `.katex svg path`, which has no stroke.
        name = names.setdefault(f'{found[1]} stroke="none"/>', f"glyph-{len(names)}")
        return f'<use href="#{name}"/>'

    body = body.replace(f"<style>{CSS}</style>", "")
    body = STRETCHED.sub(stretched, EXPLORER.sub(explorer, DRAWING.sub(drawing, body)))
    # The first style is there before an explorer is; the last script finds them all.
    body = once(STYLE, body)
    body = once(SCRIPT, body, last=True)
    shapes = "".join(f'<path id="{name}"{shape}' for shape, name in names.items())
    return f"{SHEET}<defs>{shapes}</defs></svg>{body}" if shapes else body


def once(part: re.Pattern, body: str, last: bool = False) -> str:
    """Of parts that are the same, the first or the last."""
    left = Counter(part.findall(body))
    whole = Counter()

    def kept(found) -> str:
        whole[found[0]] += 1
        return found[0] if whole[found[0]] == (left[found[0]] if last else 1) else ""

    return part.sub(kept, body)


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
