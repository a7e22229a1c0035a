"""The version of the book, from CITATION.cff, at the foot of every page."""

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.locale import _


def version_of(folder: Path) -> str:
    found = re.search(r"^version: (\S+)$", (folder / "CITATION.cff").read_text("utf-8"), re.M)
    return found[1]


def note_version(app: Sphinx, config) -> None:
    config.version = config.release = version = version_of(Path(app.srcdir))
    config.html_theme_options["extra_footer"] = f"<p>{_('Version')} {version}</p>"


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", note_version)
    return {"parallel_read_safe": True}
