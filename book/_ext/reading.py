"""How long a chapter takes to read, under its title; and where its first slider is, to skip to."""

import re
from math import ceil

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import _

WORDS_A_MINUTE = 200  # a careful reader, in a language that may not be their first
HAN_A_MINUTE = 350
DISPLAY, FIGURE = 0.4, 0.75  # minutes for a displayed formula, and for a figure
FIRST_EXPLORER = re.compile(
    r'<figure\b[^>]*\bid="([^"]+)"[^>]*>(?:(?!</figure>).)*?class="explorer"', re.DOTALL
)


def minutes(prose: list[str], displays: int, figures: int) -> int:
    """Rounded up to whole fives, since no two readers are alike."""
    text = " ".join(prose)
    han = len(re.findall(r"[\u4e00-\u9fff]", text))
    words = len(re.findall(r"[^\W\u4e00-\u9fff]+", text))
    spent = words / WORDS_A_MINUTE + han / HAN_A_MINUTE + DISPLAY * displays + FIGURE * figures
    return 5 * ceil(spent / 5)


def add_reading(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    if doctree is None:
        return
    found = FIRST_EXPLORER.search(context["body"])
    context["first_explorer"] = found and found[1]
    if app.env.titles[pagename].get("secnumber"):
        prose = app.env.metadata[pagename].get("prose", [])
        displays = sum(1 for _each in doctree.findall(nodes.math_block))
        spent = minutes(prose, displays, context["body"].count("<figcaption"))
        line = _("About %d minutes to read") % spent
        tag = f'</h1>\n<p class="reading-time" data-minutes="{spent}">{line}</p>'
        context["body"] = context["body"].replace("</h1>", tag, 1)


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", add_reading, priority=410)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
