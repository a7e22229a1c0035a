"""Verdict cards: what the notes state, and what the evidence says of it.

A verdict cannot contradict its evidence. The author chooses what a piece of evidence speaks for;
the verdict follows from whether the pieces are good:

    holds        every piece of evidence for the statement as the notes make it is good
    corrected    the statement as made fails somewhere, and a corrected form passes everywhere
    conditional  it passes within a stated condition and fails outside it
    measured     an experiment was run, and its figures are reported, for or against
    definition   nothing to prove; the library computes what the statement says

`python -m nnbook.claims [FOLDER]` prints the ledger gathered from the executed notebooks of FOLDER
(default: `book`), a line for each claim: id, verdict, kind of evidence, notebook, separated by
tabs. It fails when a claim of the notes has no verdict.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from nnbook._page import sheet
from nnbook._record import stated
from nnbook.ledger import Ledger

MIME = "application/vnd.nnbook.claim+json"
#: How many claims the notes make, by subject.
CLAIMS = {"BP": 7, "GD": 6, "AC": 29, "IN": 17, "NO": 25, "LO": 17, "OP": 12}
IDS = tuple(f"{subject}-{n}" for subject, last in CLAIMS.items() for n in range(1, last + 1))

# Kinds of evidence, the weakest first: a card is as strong as its weakest piece.
KINDS = ("measured", "checked", "computed", "proved")

_session: dict[str, "Card"] = {}  # the cards shown in this session, by id, for ledger()


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence: a short label, whether it speaks for the statement, how strongly.

    `kind` is "proved" (symbolic, or an exact counterexample), "computed" (a rule of the computer
    algebra system gave the result, as its integral or its limit), "checked" (numbers) or
    "measured"; `points`: at how many points, where that is known; `statement`: what was proved or
    refuted, as text for the page to prove it again.
    """

    label: str
    good: bool
    kind: str
    detail: str = ""
    points: int = 0
    statement: dict | None = None


@dataclass(frozen=True)
class Card:
    """A claim with its verdict; displays as a card, and carries itself as JSON for the ledger.

    `notebook` is the file that it was gathered from, and empty in the session that shows it.
    """

    id: str
    statement: str
    where: str
    verdict: str
    kind: str
    evidence: tuple[tuple[str, tuple[Evidence, ...]], ...]
    instead: str = ""
    notebook: str = ""

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {"text/plain": str(self), "text/html": _card_html(self), MIME: _as_json(self)}

    def __str__(self) -> str:
        lines = [f"{self.id}  {self.verdict} ({self.kind})", f"  {self.statement}"]
        for part, pieces in self.evidence:
            lines.append(f"  {part}:")
            lines += [
                f"    {_mark(e)} {e.label}{': ' if e.detail else ''}{e.detail}" for e in pieces
            ]
        if self.instead:
            lines.append(f"  instead: {self.instead}")
        return "\n".join(lines)


def claim(
    id: str,
    statement: str,
    *,
    where: str,
    stated: Mapping | None = None,
    corrected: Mapping | None = None,
    within: Mapping | None = None,
    outside: Mapping | None = None,
    measured: Mapping | None = None,
    definition: Mapping | None = None,
    instead: str = "",
) -> Card:
    """Show the verdict on one claim of the notes.

    Each kind of evidence is a mapping from a short label to a result: a `Proof`, a `Derivation`, a
    four-way check, or a plain truth value; for `measured`, to the figure as text (or a number,
    shown to three digits). Give one of these combinations:

        stated=...                        all good: holds
        stated=, corrected=, instead=...  some of stated fails, all of corrected good: corrected
        within=, outside=, instead=...    all of within good, all of outside fails: conditional
        measured=...                      measured (`instead`: what the figures say of the claim)
        definition=...                    all good: definition

    `id` is the claim's number (`AC-13`), `where` its place in the notes, `instead` what is right
    instead, or the condition. Evidence that contradicts the combination is a `ValueError`: there is
    no way to state a verdict that the evidence does not carry.
    """
    if id not in IDS:
        wanted = ", ".join(f"{subject}-1 to {last}" for subject, last in CLAIMS.items())
        raise ValueError(f"id must be that of a claim of the notes, {wanted}, got {id!r}")
    for name, text in {"statement": statement, "where": where}.items():
        if not (isinstance(text, str) and text.strip()):
            raise ValueError(f"{id}: {name} must be a non-empty text, got {text!r}")
    given = {
        "stated": stated,
        "corrected": corrected,
        "within": within,
        "outside": outside,
        "measured": measured,
        "definition": definition,
    }
    pieces = {part: _evidence(id, part, x) for part, x in given.items() if x is not None}
    verdict = _verdict(id, pieces, instead)
    kinds = {e.kind for part in pieces.values() for e in part}
    kind = next(k for k in KINDS if k in kinds)
    card = Card(id, statement, where, verdict, kind, tuple(pieces.items()), instead)
    _session[id] = card
    return card


def _evidence(id: str, part: str, results: Mapping) -> tuple[Evidence, ...]:
    if not (isinstance(results, Mapping) and results):
        raise ValueError(f"{id}: {part} must map labels to results, got {results!r}")
    return tuple(_piece(id, part, label, result) for label, result in results.items())


def _piece(id: str, part: str, label: str, result) -> Evidence:
    if not (isinstance(label, str) and label.strip()):
        raise ValueError(f"{id}: a label in {part} must be a non-empty text, got {label!r}")
    if part == "measured":
        if isinstance(result, str) and result.strip():
            return Evidence(label, True, "measured", result)
        if isinstance(result, (int, float)) and not isinstance(result, bool):
            return Evidence(label, True, "measured", f"{result:.3g}")
        raise ValueError(
            f"{id}: the figure of {label!r} must be a text or a number, got {result!r}"
        )
    status = getattr(result, "status", None)
    if status in ("proved", "refuted"):  # a counterexample settles a claim as surely as a proof
        return Evidence(label, bool(result), "proved", _detail(result), 0, stated(result))
    if status in ("computed", "checked") or hasattr(result, "ways"):
        kind, points = status or "checked", getattr(result, "points", 0)
        return Evidence(label, bool(result), kind, _detail(result), points, stated(result))
    if type(result).__name__ in ("bool", "bool_"):
        return Evidence(label, bool(result), "checked")
    raise ValueError(
        f"{id}: the result of {label!r} must be a proof, a derivation, a check or True or False, "
        f"got {result!r}"
    )


def _detail(result) -> str:
    """What a proof says in one line; a longer result (a table) stands on the page already."""
    text = str(result)
    return "" if "\n" in text else text


def _verdict(id: str, pieces: dict[str, tuple[Evidence, ...]], instead: str) -> str:
    parts = set(pieces)
    good = {part: all(e.good for e in pieces[part]) for part in parts}
    bad = [f"{e.label} ({part})" for part in pieces for e in pieces[part] if not e.good]
    if parts in ({"stated"}, {"definition"}):
        if bad:
            raise ValueError(f"{id}: this evidence is against it: {'; '.join(bad)}")
        return "holds" if parts == {"stated"} else "definition"
    if parts == {"measured"}:
        return "measured"
    if parts == {"stated", "corrected"}:
        if good["stated"]:
            raise ValueError(f"{id}: nothing in stated fails, so there is nothing to correct")
        if not good["corrected"]:
            raise ValueError(f"{id}: the corrected form fails too: {'; '.join(bad)}")
        verdict = "corrected"
    elif parts == {"within", "outside"}:
        if not good["within"]:
            raise ValueError(f"{id}: it fails within its condition: {'; '.join(bad)}")
        passed = [e.label for e in pieces["outside"] if e.good]
        if passed:
            raise ValueError(f"{id}: it holds outside its condition as well: {'; '.join(passed)}")
        verdict = "conditional"
    else:
        raise ValueError(
            f"{id}: give stated, stated and corrected, within and outside, measured or definition; "
            f"got {', '.join(sorted(parts)) or 'none'}"
        )
    if not instead.strip():
        raise ValueError(f"{id}: a {verdict} claim says in `instead` what is right")
    return verdict


PARTS = {
    "stated": "as stated",
    "corrected": "corrected",
    "within": "within the condition",
    "outside": "outside it",
    "measured": "measured",
    "definition": "the library computes",
}


def _mark(evidence: Evidence) -> str:
    if evidence.kind == "measured":
        return "·"
    return "✓" if evidence.good else "✗"


def _card_html(card: Card) -> str:
    rows = []
    for part, pieces in card.evidence:
        items = "".join(
            f'<li><span class="nn-mark">{_mark(e)}</span> <span>{escape(e.label)}'
            + (f' <span class="nn-detail">{escape(e.detail)}</span>' if e.detail else "")
            + "</span></li>"
            for e in pieces
        )
        rows.append(f"<dt>{PARTS[part]}</dt><dd><ul>{items}</ul></dd>")
    instead = f'<p class="nn-instead">{escape(card.instead)}</p>' if card.instead else ""
    return (
        f'{sheet()}<section class="nn-card nn-{card.verdict}" id="claim-{card.id}" '
        f'aria-label="Verdict on claim {card.id}">'
        f'<header><span class="nn-id">{card.id}</span> '
        f'<strong class="nn-verdict">{card.verdict}</strong> '
        f'<span class="nn-kind">{card.kind}</span></header>'
        f'<p class="nn-statement">{escape(card.statement)} '
        f'<span class="nn-where">{escape(card.where)}</span></p>'
        f"{instead}<dl>{''.join(rows)}</dl></section>"
    )


def _as_json(card: Card) -> dict:
    evidence = {
        part: [{k: v for k, v in vars(e).items() if v is not None} for e in pieces]
        for part, pieces in card.evidence
    }
    fields = ("id", "verdict", "kind", "statement", "where", "instead")
    return {name: getattr(card, name) for name in fields} | {"evidence": evidence}


def _from_json(found: dict, notebook: str) -> Card:
    evidence = tuple(
        (part, tuple(Evidence(**piece) for piece in found["evidence"][part]))
        for part in PARTS
        if part in found["evidence"]
    )
    return Card(**found | {"evidence": evidence, "notebook": notebook})


def ledger() -> Ledger:
    """The cards shown so far in this session, ordered by id."""
    if not _session:
        raise ValueError(
            "no claim has been shown in this session yet: run the chapter from the top"
        )
    return Ledger(_session[id] for id in IDS if id in _session)


def audit(folder: Path | str = ".") -> Ledger:
    """The ledger of the whole book, with filters: all cards in the notebooks of `folder`.

    Raises ValueError where a claim of the notes has no verdict, or several.
    """
    cards = _found(folder)
    if missing := without_verdict(cards):
        raise ValueError(f"these claims have no verdict: {', '.join(missing)}")
    return Ledger(cards, filters=True)


def without_verdict(cards: list[Card]) -> list[str]:
    """The ids of the notes' claims that none of the cards is about."""
    found = {card.id for card in cards}
    return [id for id in IDS if id not in found]


def gather(folder: Path | str) -> list[Card]:
    """The cards in the executed notebooks of `folder`, in the order of their ids.

    Raises ValueError where there is no notebook, and where a claim has more than one verdict.
    """
    return sorted(_found(folder), key=lambda card: IDS.index(card.id))


def _cells(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} must be a Jupyter notebook, with cells") from error


def _found(folder: Path) -> list[Card]:
    """The cards in the order of the book."""
    if not isinstance(folder, str | Path):
        raise ValueError(f"folder must be a path, got {folder!r:.60}")
    folder = Path(folder)
    notebooks = sorted(folder.glob("*.ipynb"))
    if not notebooks:
        raise ValueError(f"folder must hold executed notebooks, got {str(folder)!r} with none")
    cards = []
    for path in notebooks:
        for cell in _cells(path):
            for output in cell.get("outputs", []):
                if found := output.get("data", {}).get(MIME):
                    cards.append(_from_json(found, path.name))
    twice = [id for id, n in Counter(card.id for card in cards).items() if n > 1]
    if twice:
        raise ValueError(f"a claim has one verdict; these have several: {', '.join(twice)}")
    return cards
