"""Code without most of its tags: names, signs, operators and spaces have the colour of the text,
and neighbours of one colour are one element.

They are more than half of a page's elements, and 8% of its bytes as they are sent.
"""

import re

from sphinx.application import Sphinx

UNCOLOURED = re.compile(r'<span class="(?:n|nn|o|p|w)">([^<]*)</span>')
# Kinds of one colour in the styles that the site has for light and for dark.
COLOURS = {
    "k": ["kc", "kn", "ow", "ne"], "mi": ["mf", "nb", "nd"], "s2": ["s1", "sa", "sd", "se", "si"],
}  # fmt: skip
KIND = {kind: colour for colour, kinds in COLOURS.items() for kind in kinds}
COLOURED = re.compile(rf'(?<=<span class=")(?:{"|".join(KIND)})(?=">)')
RUN = re.compile(
    rf'<span class="({"|".join(COLOURS)})">[^<]*</span>(?:\s*<span class="\1">[^<]*</span>)+'
)
TAG = re.compile(r"<[^>]*>")


def fewer_tags(html: str) -> str:
    html = COLOURED.sub(lambda kind: KIND[kind[0]], UNCOLOURED.sub(r"\1", html))
    return RUN.sub(lambda run: f'<span class="{run[1]}">{TAG.sub("", run[0])}</span>', html)


def lighten(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    context["body"] = fewer_tags(context.get("body") or "")


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", lighten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
