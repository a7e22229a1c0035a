"""Sentences that code makes, with places for what differs: of the prover, the reader of answers,
the cards and the explorers. They are messages (`records/shared.po`), and what fills a place is one
in its turn where it fits one. The page's script matches the same list, since the prover in the page
speaks English (`answers.js`).
"""

import re
from pathlib import Path

PATTERNS = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
LISTS = re.compile(r"\d+ (?:proof|computation|check|measurement|counterexample)s?\b.*")


def regex(pattern: str) -> re.Pattern:
    return re.compile(re.sub(r"\\\{\d+\\\}", "(.+?)", re.escape(pattern)), re.S)


# The longest text outside of places first: "Not answered yet." before "Not answered yet. {0}".
ORDERED = sorted(PATTERNS, key=lambda p: (-len(re.sub(r"\{\d\}", "", p)), p.count("{")))
MATCHERS = [(pattern, regex(pattern)) for pattern in ORDERED]


def match(text: str) -> tuple[str, list[str]] | None:
    """The pattern of a text, and what fills its places."""
    for pattern, matcher in MATCHERS:
        if found := matcher.fullmatch(text):
            return pattern, list(found.groups())
    return None
