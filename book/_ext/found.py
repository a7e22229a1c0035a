"""What helps to find and to share a page: descriptions, search excerpts, cards, sitemap, 404.

Addresses are absolute there, so the site's own is needed: `html: baseurl:` in `_config.yml`, or the
environment variable BOOK_URL. Launch and repository buttons need `repository: url:`, or
BOOK_REPOSITORY. Without them a site has no such tags and buttons, and everything else.
"""

import hashlib
import json
import os
import re
import shutil
import textwrap
from pathlib import Path
from xml.sax.saxutils import escape

from docutils import nodes
from sphinx.application import Sphinx

DESCRIPTION = 160  # characters that search engines show
REDIRECT = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<meta http-equiv="refresh" content="0; url={start}">
<link rel="canonical" href="{address}">
<main><h1>{title}</h1><p><a href="{start}">Begin here</a></p></main>
</html>
"""


def read_settings(app: Sphinx, config) -> None:
    base = os.environ.get("BOOK_URL") or config.html_baseurl
    config.html_baseurl = base.rstrip("/") + "/" if base else ""
    theme = config.html_theme_options
    if repository := os.environ.get("BOOK_REPOSITORY"):
        theme.update(repository_url=repository, use_repository_button=True)
    if not theme.get("repository_url"):
        theme["launch_buttons"] = {}
    config.html_additional_pages["404"] = "404.html"


def prose(doctree: nodes.document) -> list[str]:
    """The page's paragraphs without their formulas; those in the footnotes of formulas included."""
    found = []
    for paragraph in doctree.findall(nodes.paragraph):
        copy = paragraph.deepcopy()
        for markup in list(copy.findall(nodes.raw)):
            markup.parent.remove(markup)
        for formula in list(copy.findall(lambda node: isinstance(node, (nodes.math, nodes.image)))):
            formula.parent.replace(formula, nodes.Text("…"))
        found.append(" ".join(copy.astext().split()))
    return found


def description(paragraphs: list[str]) -> str:
    """The first sentences that fit; formulas do not show, so a sentence with one ends it."""
    text = ""
    for sentence in re.split(r"(?<=[.?!])\s+", paragraphs[0] if paragraphs else ""):
        if "…" in sentence or (text and len(text) + len(sentence) >= DESCRIPTION):
            break
        text = f"{text} {sentence}".strip()
    return textwrap.shorten(text, DESCRIPTION, placeholder=" …")


def note_prose(app: Sphinx, doctree: nodes.document) -> None:
    paragraphs = prose(doctree)
    noted = {"description": description(paragraphs), "prose": " ".join(paragraphs)}
    app.env.metadata[app.env.docname].update(noted)


def add_tags(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    context["base"] = app.config.html_baseurl
    context["description"] = app.env.metadata[pagename].get("description")
    if doctree is not None and app.config.html_baseurl:
        context["card"] = f"{app.config.html_baseurl}_static/cards/{pagename}.png"
        title = re.sub(r"<[^>]*>", "", context["title"])
        target = Path(app.outdir) / "_static" / "cards" / f"{pagename}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(card(title, app.config.html_title, Path(app.outdir).parent / "cards"), target)


def card(title: str, book: str, store: Path) -> Path:
    """The picture that stands beside a shared link, 1200 by 630: a function and its derivative."""
    name = hashlib.sha256(f"{title}\n{book}\n{Path(__file__).read_text()}".encode()).hexdigest()
    path = store / f"{name[:16]}.png"
    if not path.exists():
        import numpy as np
        from matplotlib.figure import Figure

        figure = Figure(figsize=(12, 6.3), dpi=100, facecolor="#fbfaf7")
        axes = figure.add_axes((0, 0, 1, 0.42))
        x = np.linspace(-6, 6, 400)
        y = 1 / (1 + np.exp(-x))
        axes.plot(x, y, color="#0072b2", linewidth=6)
        axes.plot(x, y * (1 - y), color="#b35900", linewidth=4, dashes=(4, 2))
        axes.set(xlim=(-6, 6), ylim=(-0.15, 1.15))
        axes.axis("off")
        lines = textwrap.fill(title, 30 if len(title) > 24 else 24)
        figure.text(0.06, 0.88, book, fontsize=24, color="#444b57")
        figure.text(0.06, 0.79, lines, fontsize=50, weight="bold", va="top", color="#14181f")
        store.mkdir(parents=True, exist_ok=True)
        figure.savefig(path)
    return path


def write_files(app: Sphinx, exception) -> None:
    """Excerpts for the search page, the page at the root, and the sitemap."""
    if exception or app.builder.format != "html":
        return
    out, start = Path(app.outdir), f"{app.config.root_doc}.html"
    pages = sorted(app.env.found_docs)
    texts = {page: app.env.metadata[page].get("prose", "") for page in pages}
    code = f"const TEXTS = {json.dumps(texts, ensure_ascii=False)};\n"
    (out / "_static" / "texts.js").write_text(code, encoding="utf-8")
    base = app.config.html_baseurl
    if app.config.root_doc != "index":
        (out / "index.html").write_text(
            REDIRECT.format(title=escape(app.config.html_title), start=start, address=base + start),
            encoding="utf-8",
        )
    if base:
        urls = "\n".join(f"<url><loc>{escape(base + page)}.html</loc></url>" for page in pages)
        (out / "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}\n</urlset>\n',
            encoding="utf-8",
        )


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", read_settings)
    app.connect("doctree-read", note_prose)
    app.connect("html-page-context", add_tags)
    app.connect("build-finished", write_files, priority=980)  # after the table of contents' own
    return {"parallel_read_safe": True}
