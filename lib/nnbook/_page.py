"""What outputs need to know of the page they land on: is it the book's, its style, its marks."""

import os
from importlib import resources

#: How sure a line is, in a derivation, on a card and on the cheat sheet.
MARKS = {"proved": "✓", "computed": "∘", "checked": "≈"}


def on_page():
    """Is the output made for the published page, where no kernel is? NNBOOK_STATIC says so."""
    return bool(os.environ.get("NNBOOK_STATIC"))


def sheet():
    """A <style> element, or "" for outputs of the book's page, which links the same sheet."""
    if on_page():
        return ""
    file = resources.files("nnbook") / "style" / "cards.css"
    return f"<style>{file.read_text(encoding='utf-8')}</style>"
