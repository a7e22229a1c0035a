"""Where the site is published, from `_config.yml` or the environment.

`html: baseurl:` or BOOK_URL for absolute addresses (social cards, sitemap), `repository: url:` or
BOOK_REPOSITORY for launch and repository buttons. Without them a site has no such tags and buttons,
and everything else.
"""

import os

from sphinx.application import Sphinx


def read_settings(app: Sphinx, config) -> None:
    base = os.environ.get("BOOK_URL") or config.html_baseurl
    config.html_baseurl = base.rstrip("/") + "/" if base else ""
    theme = config.html_theme_options
    if repository := os.environ.get("BOOK_REPOSITORY"):
        theme.update(repository_url=repository, use_repository_button=True)
    if not theme.get("repository_url"):
        theme["launch_buttons"] = {}


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", read_settings)
    return {"parallel_read_safe": True}
