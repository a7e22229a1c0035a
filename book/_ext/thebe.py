"""Thebe left out: the page asks no kernel elsewhere, and Thebe's script names a CDN."""

from sphinx.application import Sphinx


def leave_thebe_out(app: Sphinx, config) -> None:
    """Jupyter Book loads it for every site."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if listener.handler.__module__ == "sphinx_thebe":
                app.disconnect(listener.id)
    styles = app.registry.css_files
    styles[:] = [style for style in styles if style[0] != "sphinx-thebe.css"]


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", leave_thebe_out)
    return {"parallel_read_safe": True}
