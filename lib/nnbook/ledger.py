"""The ledger: verdict cards as a list, an entry for each claim; as a page of its own, with filters.

The filters are radio buttons and a few lines of style (`:has`): they need no script.
"""

from collections import Counter
from html import escape
from pathlib import PurePath

from nnbook._page import on_page, sheet

#: What a reader of the notes needs comes first; with what the sentence behind the verdict says.
VERDICTS = {
    "corrected": "Instead:",
    "conditional": "More exactly:",
    "measured": "Found:",
    "holds": "Note:",
    "definition": "Note:",
}

# What a good piece of evidence of each kind is called, the strongest first.
EVIDENCE = {
    "proved": "proof",
    "computed": "computation",
    "checked": "check",
    "measured": "measurement",
}


class Ledger:
    """Cards as a list. With `filters`, sorted by verdict, and with a choice of verdict and chapter.

    cards: an iterable of `claims.Card` in the order of the book; with `filters` a reader can choose
    that order, too. An entry links to its card: in the same chapter, or in the notebook that the
    card was gathered from.
    """

    def __init__(self, cards, *, filters=False):
        self.cards, self.filters = tuple(cards), filters
        self._places = {card.id: place for place, card in enumerate(self.cards)}
        if filters:
            order = list(VERDICTS)
            self.cards = tuple(sorted(self.cards, key=lambda card: order.index(card.verdict)))

    def _repr_mimebundle_(self, include=None, exclude=None):
        entries = "".join(_entry(card, self._places[card.id]) for card in self.cards)
        choices = self._choices() if self.filters else ""
        html = f'{sheet()}<div class="nn-ledger">{choices}<ul>{entries}</ul></div>'
        return {"text/plain": str(self), "text/html": html}

    def __str__(self):
        return "\n".join(f"{c.id}\t{c.verdict}\t{c.kind}" for c in self.cards)

    def verdicts(self):
        """How many claims have each verdict."""
        counts = Counter(card.verdict for card in self.cards)
        return {verdict: counts[verdict] for verdict in VERDICTS}

    def totals(self):
        """How many claims there are of each verdict in each chapter: {notebook: {verdict: n}}."""
        found = {notebook: Counter() for notebook in sorted({c.notebook for c in self.cards})}
        for card in self.cards:
            found[card.notebook][card.verdict] += 1
        return {name: {v: counts[v] for v in VERDICTS} for name, counts in found.items()}

    def _choices(self):
        verdicts = {verdict: f"{verdict} {n}" for verdict, n in self.verdicts().items()}
        chapters = {
            _chapter(notebook): f"{title(notebook)} {sum(counts.values())}"
            for notebook, counts in self.totals().items()
        }
        everything = {"all": "all"}
        choices = _choice("verdict", everything | verdicts) + _choice(
            "chapter", everything | chapters
        )
        choices += _choice("order", {"by-verdict": "by verdict", "by-book": "of the book"})
        return f'<form class="nn-filters">{choices}</form>'


def title(notebook):
    """A short title from a file's name: "03-activations.ipynb" -> "3 activations"."""
    number, name = PurePath(notebook).stem.split("-", 1)
    return f"{int(number)} {name.replace('-', ' ')}"


def _chapter(notebook):
    return notebook[:2]


def _choice(name, options):
    """Radio buttons, of which the first is checked."""
    buttons = "".join(
        f'<label><input type="radio" name="nn-{name}" value="{value}"'
        f"{' checked' * (n == 0)}><span>{escape(words)}</span></label>"
        for n, (value, words) in enumerate(options.items())
    )
    return f"<fieldset><legend>{name}</legend>{buttons}</fieldset>"


def _entry(card, place):
    # The site's pages are named after the notebooks.
    page = card.notebook
    if on_page():
        page = page.replace(".ipynb", ".html")
    instead = f"<strong>{VERDICTS[card.verdict]}</strong> {escape(card.instead)}"
    instead = f'<p class="nn-instead">{instead}</p>' if card.instead else ""
    return (
        f'<li class="nn-entry nn-{card.verdict}" id="entry-{card.id}" style="--place:{place}" '
        f'data-chapter="{_chapter(card.notebook)}">'
        f'<p class="nn-id"><a href="{page}#claim-{card.id}">{card.id}</a> '
        f'<strong class="nn-verdict">{card.verdict}</strong> <a class="nn-self" '
        f'href="#entry-{card.id}" aria-label="Link to the entry {card.id}">#</a></p>'
        f'<div><p class="nn-statement">{escape(card.statement)} '
        f'<span class="nn-where">{escape(card.where)}</span></p>{instead}'
        f'<p class="nn-detail">{weighed(card)}</p></div></li>'
    )


def weighed(card):
    """The evidence of a card, counted: "2 proofs, 1 counterexample, 1 check at 433 points"."""
    pieces = [piece for _, part in card.evidence for piece in part]
    counts = Counter(map(kind_of, pieces))
    words = []
    for name in (*EVIDENCE.values(), "counterexample"):
        if n := counts[name]:
            points = sum(p.points for p in pieces if kind_of(p) == name == "check")
            at = f" at {points:,} points" if points else ""
            words.append(f"{n} {name}{'s' * (n > 1)}{at}")
    return ", ".join(words)


def kind_of(piece):
    """What a piece of evidence is: a value of `EVIDENCE`, or "counterexample"."""
    return EVIDENCE[piece.kind] if piece.good else "counterexample"
