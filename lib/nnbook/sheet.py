"""The style of cards and exercises where the book's site is not around them: in a notebook."""

import os
from importlib import resources


def sheet():
    """A <style> element, or "" for outputs of the book's page, which links the same sheet."""
    if os.environ.get("NNBOOK_STATIC"):
        return ""
    file = resources.files("nnbook") / "style" / "cards.css"
    return f"<style>{file.read_text(encoding='utf-8')}</style>"
