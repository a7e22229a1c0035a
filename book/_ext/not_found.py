"""The page for an address where there is none (book/_templates/404.html)."""

from sphinx.application import Sphinx


def add_page(app: Sphinx, config) -> None:
    config.html_additional_pages["404"] = "404.html"


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", add_page)
    return {"parallel_read_safe": True}
