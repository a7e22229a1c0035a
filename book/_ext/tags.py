"""What a page says of itself in its head: a description, and the card of a shared link."""

import re
import shutil
import textwrap
from pathlib import Path

from sphinx.application import Sphinx

from cards import card
from prose import prose

DESCRIPTION = 160  # characters that search engines show


def description(paragraphs: list[str]) -> str:
    """The first sentences that fit; formulas do not show, so a sentence with one ends it."""
    text = ""
    for sentence in re.split(r"(?<=[.?!])\s+|(?<=[。？！])", paragraphs[0] if paragraphs else ""):
        if "…" in sentence or (text and len(text) + len(sentence) >= DESCRIPTION):
            break
        text = f"{text}{sentence}" if text[-1:] in "。？！" else f"{text} {sentence}"
    return textwrap.shorten(text, DESCRIPTION, placeholder=" …")


def add_tags(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    context["base"] = app.config.html_baseurl
    # As it is resolved: "Fig. 0.1", not the name of a target.
    context["description"] = description(prose(doctree) if doctree is not None else [])
    if doctree is not None and app.config.html_baseurl:
        context["card"] = f"{app.config.html_baseurl}_static/cards/{pagename}.png"
        title = re.sub(r"<[^>]*>", "", context["title"])
        target = Path(app.outdir) / "_static" / "cards" / f"{pagename}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        made = card(title, app.config.html_title, Path(app.outdir).parent / "cards")
        if made:
            shutil.copy(made, target)
        else:
            context["card"] = ""


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", add_tags)
    return {"parallel_read_safe": True}
