"""The reference pages, as sources: what each entry must have, and that the names are those in use.

That the links lead somewhere is checked by the build, in which a warning is an error.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BOOK, LIBRARY = ROOT / "book", ROOT / "lib" / "nnbook"
HAN = re.compile("[\u4e00-\u9fff]")
LINK = re.compile(r"\((?:(\d): )?\[\]\((\w[\w-]*)\.(?:ipynb|md)#\S+\)\)$")


def entries():
    """The glossary as (terms, definition), in order."""
    body = re.search(r"```\{glossary\}\n(.*?)```", (BOOK / "glossary.md").read_text(), re.S)[1]
    found = []
    for block in body.strip().split("\n\n"):
        lines = block.splitlines()
        terms = [line for line in lines if not line.startswith("  ")]
        found.append((terms, " ".join(line.strip() for line in lines[len(terms) :])))
    return found


ENTRIES = entries()


def test_there_are_enough_terms_each_once_and_in_order():
    english = [terms[0].casefold() for terms, _ in ENTRIES]
    every = [term.casefold() for terms, _ in ENTRIES for term in terms]
    assert len(ENTRIES) >= 80
    assert english == sorted(english)
    assert sorted(every) == sorted(set(every))


@pytest.mark.parametrize("terms, definition", ENTRIES, ids=[terms[0] for terms, _ in ENTRIES])
def test_an_entry_has_both_languages_one_sentence_and_a_link(terms, definition):
    first, *others = terms
    assert not HAN.search(first)
    assert others and all(HAN.search(term) for term in others)
    link = LINK.search(definition)
    assert link, definition
    number, page = link.groups()
    assert page == "index" if number is None else page.startswith(f"0{number}-")
    sentence = re.sub(r"\$[^$]*\$", "", definition[: link.start()]).strip()
    assert re.fullmatch(r"[^.]+(\d\.\d+[^.]*)*\.", sentence)
    assert definition.count("$") % 2 == 0


def names():
    """Every name in the library's code: of functions, arguments, fields and variables."""
    trees = [ast.parse(module.read_text()) for module in LIBRARY.rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    fields = ("name", "arg", "id", "attr")
    return {getattr(node, field, None) for node in nodes for field in fields}


def test_names_in_the_notation_are_those_of_the_library():
    rows = [line for line in (BOOK / "notation.md").read_text().splitlines() if line[:2] == "| "]
    code = " ".join(re.findall(r"`([^`]+)`", " ".join(rows)))
    used = {word for word in re.findall(r"(?<![\w.])[A-Za-z]\w+", re.sub('"[^"]*"', "", code))}
    assert len(used) > 50
    assert used - {"np", "len"} <= names()
