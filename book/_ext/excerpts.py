"""The words of all pages in one script, from which the search page takes its excerpts."""

import json
from pathlib import Path

from sphinx.application import Sphinx


def write_texts(app: Sphinx, exception) -> None:
    if exception or app.builder.format != "html":
        return
    pages = sorted(app.env.found_docs)
    texts = {page: " ".join(app.env.metadata[page].get("prose", [])) for page in pages}
    code = f"const TEXTS = {json.dumps(texts, ensure_ascii=False)};\n"
    (Path(app.outdir) / "_static" / "texts.js").write_text(code, encoding="utf-8")


def setup(app: Sphinx) -> dict:
    app.connect("build-finished", write_texts, priority=980)
    return {"parallel_read_safe": True}
