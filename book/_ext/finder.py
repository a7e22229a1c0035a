"""What the search and the previews of links know, written as scripts: from disk nothing can be
fetched, but a script can be loaded. Each is loaded when it is first needed.

`_static/search/places.js`      all places of the book (`places.py`), and the search engine
`_static/previews/<page>.js`    what links to that page show (`previews.py`)
"""

import json
import shutil
from collections import defaultdict
from pathlib import Path

from sphinx.application import Sphinx

from mathtext import parsed
from node import node_modules
from places import places
from previews import previews, targets


def compact(data) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def write_places(pages: dict, out: Path, store: Path) -> None:
    listed = [
        [name, place.id, place.kind, place.number, place.title, place.trail, place.text]
        for name, page in pages.items()
        for place in places(page)
    ]
    folder = out / "_static" / "search"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "places.js").write_text(f"var PLACES = {compact(listed)};\n", encoding="utf-8")
    engine = node_modules(store) / "minisearch" / "dist" / "umd" / "index.js"
    shutil.copy(engine, folder / "minisearch.js")


def write_previews(pages: dict, out: Path) -> None:
    wanted = defaultdict(set)
    for name, page in pages.items():
        for there, anchor in targets(page, name):
            wanted[there].add(anchor)
    for there, anchors in wanted.items():
        if there in pages:
            found = previews(pages[there], anchors)
            file = out / "_static" / "previews" / f"{there}.js"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(
                f"(globalThis.PREVIEWS ??= {{}})[{compact(there)}] = {compact(found)};\n",
                encoding="utf-8",
            )


def write(app: Sphinx, exception) -> None:
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    files = {name: out / f"{name}.html" for name in sorted(app.env.found_docs)}
    pages = {name: parsed(file.read_bytes()) for name, file in files.items() if file.exists()}
    for file in ["searchtools.js", "language_data.js"]:
        (out / "_static" / file).unlink(missing_ok=True)
    write_places(pages, out, out.parent)
    write_previews(pages, out)


def own_search(app: Sphinx) -> None:
    """No index of Sphinx's beside it; the search page is one of ours."""
    app.builder.search = False
    app.config.html_additional_pages["search"] = "search.html"


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", own_search)
    app.connect("build-finished", write, priority=970)
    return {"parallel_read_safe": True}
