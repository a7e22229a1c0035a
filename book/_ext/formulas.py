"""Formulas as static HTML: KaTeX runs at build time, its style sheet and fonts join the site.

Sheet and fonts must be of the typesetter's own version (a newer sheet misplaces fractions), so all
three come from one npm package.
"""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

from sphinx.application import Sphinx
from sphinxcontrib import katex

from node import node_modules, run_node


class Typesetter:
    """KaTeX in a process of its own, started with the first formula.

    A pipe, where `sphinxcontrib-katex` has a socket. A network socket waits 90 ms for each
    formula: each message goes in two packets, and the second waits until the first is acknowledged.
    A Unix socket is there a moment before anybody listens on it.
    """

    def __init__(self, store: Path):
        self.store = store

    @cache  # noqa: B019  (there is one typesetter, as long as the build lasts)
    def process(self) -> subprocess.Popen:
        return run_node("typeset.cjs", self.store, bufsize=1)

    def html(self, latex: str, options: dict | None = None) -> str:
        node = self.process()
        task = {"latex": latex, "options": {**katex.KATEX_DEFAULT_OPTIONS, **(options or {})}}
        node.stdin.write(json.dumps(task) + "\n")
        node.stdin.flush()
        answer = json.loads(node.stdout.readline() or '{"error": "the typesetter is gone"}')
        if "error" in answer:
            raise katex.KaTeXError(f"{answer['error']} (in {latex!r})")
        return answer["html"]


def add_katex(app: Sphinx, config) -> None:
    # A formula that cannot be typeset stops the build; letters such as σ in its words do not.
    katex.KATEX_DEFAULT_OPTIONS.update(throwOnError=True, strict="ignore")
    store = Path(app.outdir).parent
    katex.render_latex = Typesetter(store).html
    files, static = node_modules(store) / "katex" / "dist", store / "static"
    shutil.rmtree(static, ignore_errors=True)
    (static / "katex" / "fonts").mkdir(parents=True)
    shutil.copy(files / "katex.min.css", static / "katex")
    # A formula that is copied is copied as TeX.
    shutil.copy(files / "contrib" / "copy-tex.min.js", static / "katex")
    for font in files.glob("fonts/*.woff2"):
        shutil.copy(font, static / "katex" / "fonts")
    config.html_static_path.append(str(static))
    config.katex_css_path = "katex/katex.min.css"


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", add_katex)
    return {"parallel_read_safe": True}
