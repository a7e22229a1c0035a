"""What the text cites is listed, what is listed is cited, and can be found.

That a key exists is checked by the build, in which a warning is an error.
"""

import re
from pathlib import Path

import pytest

BOOK = Path(__file__).parents[2] / "book"
TEXTS = [*BOOK.parent.glob("nbsrc/*.md"), *BOOK.glob("*.md")]
ENTRY = re.compile(r"^@(\w+)\{(\w+),\n(.*?)^\}", re.MULTILINE | re.DOTALL)
FIELD = re.compile(r"^ {2}(\w+) *= \{(.*)\},?$", re.MULTILINE)
ENTRIES = {
    key: (kind, dict(FIELD.findall(body)))
    for kind, key, body in ENTRY.findall((BOOK / "references.bib").read_text(encoding="utf-8"))
}
# In print only: a book of 1964.
WITHOUT_ADDRESS = {"vanzwet1964convex"}


def test_all_entries_are_read():
    text = (BOOK / "references.bib").read_text(encoding="utf-8")
    assert len(ENTRIES) == text.count("\n@") + text.startswith("@") > 70


@pytest.mark.parametrize("key", ENTRIES)
def test_a_source_can_be_found(key):
    kind, fields = ENTRIES[key]
    assert {"author", "title", "year"} <= set(fields)
    assert re.fullmatch(r"(1[89]|20)\d\d", fields["year"])
    if key in WITHOUT_ADDRESS:
        assert kind == "book" and {"publisher", "address"} <= set(fields)
    else:
        assert re.fullmatch(r"10\.\d{4,}/\S+", fields.get("doi", "")) or re.fullmatch(
            r"https://\S+", fields.get("url", "")
        )


def test_what_is_cited_is_what_is_listed():
    text = "".join(path.read_text(encoding="utf-8") for path in TEXTS)
    cited = {key.strip() for keys in re.findall(r"\{cite:\w+\}`([^`]+)`", text)
             for key in keys.split(",")}  # fmt: skip
    assert cited == set(ENTRIES)
