"""The page for an address where there is none (book/_templates/404.html).

A server sends the one at the root for whatever is missing, in the folder of another edition as
well: so it knows the other language's words.
"""

from sphinx.application import Sphinx

from catalogues import FOLDER, catalogue
from language import LANGUAGES, translated

WORDS = {"title": "Page not found", "head": "The gradient vanished here",
         "text": "There is no page at this address.", "first": "The beginning of the book",
         "search": "Search"}  # fmt: skip


def add_page(app: Sphinx, config) -> None:
    config.html_additional_pages["404"] = "404.html"


def add_words(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    if pagename == "404" and app.both_editions and not translated(app):
        known = {message.id: message.string for message in catalogue(FOLDER / "sphinx.po")}
        words = {name: known.get(said) or said for name, said in WORDS.items()}
        context["elsewhere"] = {"zh": words | {"lang": LANGUAGES["zh"]}}


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", add_page)
    app.connect("html-page-context", add_words)
    return {"parallel_read_safe": True}
