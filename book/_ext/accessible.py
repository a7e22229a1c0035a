"""What the theme and the extensions leave for those who do not see the page: small repairs.

Each is a rule that axe-core holds a page to, and `tests/site/test_site_axe.py` runs all of them.
"""

import re

from sphinx.application import Sphinx

from language import translated

REPAIRS = [
    # A folded cell is named by its visible words.
    (re.compile(r'<summary aria-label="Toggle hidden content">'), "<summary>"),
    # Chinese terms are read, and set, as Chinese.
    (re.compile(r'<dt id="([^"]+)">(?=[^<]*[\u4e00-\u9fff])'), r'<dt id="\1" lang="zh-Hans">'),
    # Roles that have been withdrawn, or whose children are of another kind.
    (re.compile(r' role="doc-biblioentry"'), ""),
    (re.compile(r'<div role="list" class="citation-list">'), '<div class="citation-list">'),
]

# In the Chinese edition the English names of terms are English.
ENGLISH_TERM = re.compile(r'<dt id="(term-[^"]+)">(?=[^<\u4e00-\u9fff]*<)')


def repair(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    for found, instead in REPAIRS:
        context["body"] = found.sub(instead, context.get("body") or "")
    if translated(app):
        context["body"] = ENGLISH_TERM.sub(r'<dt id="\1" lang="en">', context["body"])


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", repair)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
