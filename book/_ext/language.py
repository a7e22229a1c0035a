"""The edition in another language: its outputs, its addresses, and the way to the same place of the
other one.

Sphinx puts the catalogues' text into the pages; here outputs are said anew (`records.py`) from
catalogues of their own, before forms are made of them. A translated edition lies in a folder of the
first one's site, and takes what is heavy and the same from there.
"""

import json
import os
from pathlib import Path

from sphinx.application import Sphinx

import records
from catalogues import FOLDER, LANGUAGE, catalogue
from patterns import ORDERED

EDITIONS = {"en": "English", "zh": "中文"}
LANGUAGES = {"en": "en", "zh": "zh-Hans"}
FOLDERS = {"en": "", "zh": "zh/"}
BEFORE_FORMS = 400


class Outputs:
    """Translations of what outputs say; a message that has none is said in English."""

    def __init__(self):
        self.known = {}
        for path in sorted((FOLDER / "records").glob("*.po")):
            for message in catalogue(path):
                if message.id and message.string:
                    self.known[message.id] = message.string

    def __call__(self, message: str) -> str:
        return self.known.get(message, message)


def translated(app: Sphinx) -> bool:
    return app.config.language == LANGUAGE


def edition(app: Sphinx) -> str:
    return "zh" if translated(app) else "en"


def place_edition(app: Sphinx, config) -> None:
    """The edition's own address is a folder of the book's."""
    if translated(app):
        app.outputs, app.said = Outputs(), {}
        if config.html_baseurl:
            config.html_baseurl += f"{edition(app)}/"


def say_outputs(app: Sphinx, docname: str, source: list) -> None:
    path = str(app.env.doc2path(docname))
    if translated(app) and path.endswith(".ipynb"):
        for file in [*sorted((FOLDER / "records").glob("*.po")), records.__file__]:
            app.env.note_dependency(str(file))
        source[0] = app.said[path] = said(app, source[0])


def said(app: Sphinx, notebook: str) -> str:
    """A notebook with its outputs in the edition's language."""
    return json.dumps(records.said(json.loads(notebook), app.outputs))


def notebook_at(app: Sphinx, path: Path) -> str:
    """An executed notebook as the edition has it."""
    if not translated(app):
        return path.read_text(encoding="utf-8")
    if str(path) not in app.said:  # read in an earlier build
        app.said[str(path)] = said(app, path.read_text(encoding="utf-8"))
    return app.said[str(path)]


def shared(app: Sphinx) -> str:
    """From the top of the edition to the top of the site."""
    return "../" if translated(app) else ""


def addresses(app: Sphinx, pagename: str) -> dict[str, str]:
    """{language: published address} of a page in the editions that are built."""
    base = app.config.html_baseurl.removesuffix(FOLDERS[edition(app)])
    built = EDITIONS if app.both_editions else [edition(app)]
    return {LANGUAGES[each]: f"{base}{FOLDERS[each]}{pagename}.html" for each in built}


def others(app: Sphinx, pagename: str) -> list[dict]:
    """The same page in the other editions: name, language, address from this page."""
    here, up = edition(app), "../" * pagename.count("/")
    published = addresses(app, pagename) if app.config.html_baseurl else {}
    return [
        {
            "name": EDITIONS[each],
            "language": LANGUAGES[each],
            "href": f"{up}{shared(app)}{FOLDERS[each]}{pagename}.html",
            "address": published.get(LANGUAGES[each], ""),
        }
        for each in EDITIONS
        if each != here
    ]


def write_sentences(app: Sphinx, exception) -> None:
    """What the prover in the page says, and how to say it: see `answers.js`."""
    if not exception and app.builder.format == "html" and translated(app):
        pairs = json.dumps([[p, app.outputs(p)] for p in ORDERED], ensure_ascii=False)
        path = Path(app.outdir) / "_static" / "sentences.js"
        path.write_text(f"nnSentences({pairs});\n", encoding="utf-8")


def add_languages(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    context["edition"], context["lang"] = edition(app), LANGUAGES[edition(app)]
    context["others"] = others(app, pagename) if app.both_editions else []


def setup(app: Sphinx) -> dict:
    app.both_editions = os.environ.get("BOOK_EDITIONS", "en") != "en"
    app.connect("config-inited", place_edition, priority=600)  # after address.py
    app.connect("source-read", say_outputs, priority=BEFORE_FORMS)
    app.connect("html-page-context", add_languages, priority=450)
    app.connect("build-finished", write_sentences)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
