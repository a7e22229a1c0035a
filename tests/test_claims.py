"""Verdicts are computed from the evidence, and evidence that contradicts a verdict is refused."""

import json
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest
import sympy as sp

from nnbook import claims
from nnbook.activations import sigmoid
from nnbook.claims import CLAIMS, IDS, MIME, audit, claim, gather, ledger, main
from nnbook.proof import prove

x = sp.symbols("x", real=True)
TRUE = prove(sp.sin(x) ** 2 + sp.cos(x) ** 2, 1)
FALSE = prove(sp.sqrt(x**2), x)
ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def fresh_session(monkeypatch):
    monkeypatch.setattr(claims, "_session", {})


def make(**evidence):
    return claim("AC-13", "σ′ = σ(1 − σ)", where="notes 2", **evidence)


@pytest.mark.parametrize(
    ("evidence", "verdict", "kind"),
    [
        ({"stated": {"identity": TRUE}}, "holds", "proved"),
        ({"stated": {"identity": TRUE, "numbers": True}}, "holds", "checked"),
        ({"stated": {"numbers": np.bool_(True)}}, "holds", "checked"),
        (
            {"stated": {"a": FALSE}, "corrected": {"b": TRUE}, "instead": "√x² = |x|"},
            "corrected",
            "proved",
        ),
        (
            {"within": {"x > 0": TRUE}, "outside": {"x < 0": FALSE}, "instead": "for x > 0"},
            "conditional",
            "proved",
        ),
        ({"measured": {"share": 0.12345}}, "measured", "measured"),
        ({"definition": {"computes": True}}, "definition", "checked"),
    ],
)
def test_verdict_follows_from_the_evidence(evidence, verdict, kind):
    card = make(**evidence)
    assert (card.verdict, card.kind) == (verdict, kind)


@pytest.mark.parametrize(
    ("evidence", "message"),
    [
        ({"stated": {"a": FALSE}}, "against it: a"),
        ({"definition": {"a": False}}, "against it: a"),
        ({"stated": {"a": TRUE}, "corrected": {"b": TRUE}, "instead": "b"}, "nothing to correct"),
        ({"stated": {"a": FALSE}, "corrected": {"b": FALSE}, "instead": "b"}, "fails too"),
        ({"stated": {"a": FALSE}, "corrected": {"b": TRUE}}, "says in `instead`"),
        ({"within": {"a": FALSE}, "outside": {"b": FALSE}, "instead": "c"}, "fails within"),
        (
            {"within": {"a": TRUE}, "outside": {"b": FALSE, "d": TRUE}, "instead": "c"},
            "outside its condition as well: d",
        ),
        ({"within": {"a": TRUE}, "outside": {"b": FALSE}}, "says in `instead`"),
        ({"within": {"a": TRUE}}, "got within"),
        ({}, "got none"),
        ({"stated": {}}, "must map labels"),
        ({"stated": TRUE}, "must map labels"),
        ({"stated": {"a": "yes"}}, "the result of 'a'"),
        ({"stated": {"a": 1}}, "the result of 'a'"),
        ({"stated": {"": TRUE}}, "non-empty text"),
        ({"measured": {"a": True}}, "the figure of 'a'"),
        ({"measured": {"a": None}}, "the figure of 'a'"),
    ],
)
def test_evidence_that_does_not_carry_a_verdict_is_refused(evidence, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        make(**evidence)
    with pytest.raises(ValueError):  # a refused claim leaves no card behind
        ledger()


@pytest.mark.parametrize("id", ["AC13", "ac-13", "AC-0", "AC-22", "XX-1", "", None, 13])
def test_bad_id(id):
    with pytest.raises(ValueError, match="id must be that of a claim.*AC-1 to 21"):
        claim(id, "s", where="w", stated={"a": TRUE})


@pytest.mark.parametrize("field", ["statement", "where"])
def test_empty_texts(field):
    texts = {"statement": "s", "where": "w"} | {field: " "}
    with pytest.raises(ValueError, match=field):
        claim("AC-1", texts["statement"], where=texts["where"], stated={"a": TRUE})


def test_card_shows_its_evidence_and_escapes_it():
    card = make(stated={"a < b": FALSE}, corrected={"b": TRUE}, instead="x < |x|")
    bundle = card._repr_mimebundle_()
    assert "✗ a < b" in bundle["text/plain"] and str(FALSE) in bundle["text/plain"]
    assert "a &lt; b" in bundle["text/html"] and "x &lt; |x|" in bundle["text/html"]
    assert json.loads(json.dumps(bundle[MIME]))["verdict"] == "corrected"


def test_cards_bring_their_style_where_the_site_does_not(monkeypatch):
    card = make(stated={"a": TRUE})
    monkeypatch.setenv("NNBOOK_STATIC", "1")
    assert "<style>" not in card._repr_mimebundle_()["text/html"]
    monkeypatch.delenv("NNBOOK_STATIC")
    assert ".nn-card" in card._repr_mimebundle_()["text/html"]
    assert ".nn-ledger" in ledger()._repr_mimebundle_()["text/html"]


def test_ledger_is_ordered_and_one_row_a_claim():
    for id in ("AC-10", "AC-2", "AC-2"):
        claim(id, "s", where="w", stated={"a": TRUE})
    assert str(ledger()) == "AC-2\tholds\tproved\nAC-10\tholds\tproved"


def write(folder: Path, name: str, *cards) -> None:
    cells = [
        nbformat.v4.new_code_cell(
            "", outputs=[nbformat.v4.new_output("execute_result", data=card._repr_mimebundle_())]
        )
        for card in cards
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / name)


def test_the_command_prints_the_ledger(tmp_path, capsys, monkeypatch):
    write(tmp_path, "03.ipynb", make(stated={"a": TRUE}))
    write(tmp_path, "02.ipynb", claim("GD-1", "s", where="w", measured={"m": "3 of 4"}))
    rows = "GD-1\tmeasured\tmeasured\t02.ipynb\nAC-13\tholds\tproved\t03.ipynb\n"
    assert main([str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert said.out == rows
    assert said.err.startswith("no verdict on BP-1, ") and "AC-13" not in said.err
    monkeypatch.setattr(claims, "IDS", ("GD-1", "AC-13"))
    assert main([str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert said.out == rows and not said.err


def test_a_card_comes_back_as_it_was(tmp_path):
    card = make(stated={"a": FALSE}, corrected={"b": TRUE, "c": True}, instead="x < |x|")
    write(tmp_path, "03-x.ipynb", card)
    assert gather(tmp_path) == [replace(card, notebook="03-x.ipynb")]


def test_the_audit_needs_a_verdict_on_every_claim(tmp_path):
    write(tmp_path, "03-x.ipynb", make(stated={"a": TRUE}))
    with pytest.raises(ValueError, match="have no verdict: BP-1, .*AC-12, AC-14"):
        audit(tmp_path)


def test_the_points_of_a_check_are_counted():
    card = make(stated={"four ways": sigmoid.verify(), "numbers": True})
    assert [piece.points for piece in card.evidence[0][1]] == [sigmoid.verify().points, 0]


def test_two_verdicts_on_one_claim_are_an_error(tmp_path, capsys):
    card = make(stated={"a": TRUE})
    write(tmp_path, "a.ipynb", card)
    write(tmp_path, "b.ipynb", card)
    with pytest.raises(ValueError, match="AC-13"):
        gather(tmp_path)
    assert main([str(tmp_path)]) == 1
    assert "AC-13" in capsys.readouterr().err


def test_an_empty_folder_is_an_error(tmp_path, capsys):
    assert main([str(tmp_path)]) == 1
    assert "must hold executed notebooks" in capsys.readouterr().err


SETTLED = {
    "01-backpropagation.ipynb": [f"BP-{n}" for n in range(1, 7)],
    "02-gradient-descent.ipynb": [f"GD-{n}" for n in range(1, 7)],
    "03-activations.ipynb": [f"AC-{n}" for n in range(1, 22)],
    "04-initialization.ipynb": [f"IN-{n}" for n in range(1, 14)],
    "05-normalization.ipynb": [f"NO-{n}" for n in range(1, 26)],
    "06-losses.ipynb": [f"LO-{n}" for n in range(1, 18)],
    "07-optimizers.ipynb": [f"OP-{n}" for n in range(1, 9)],
}


def test_the_claims_are_those_that_the_chapters_settle():
    assert sum(CLAIMS.values()) == 84
    assert list(IDS) == [id for ids in SETTLED.values() for id in ids]


@pytest.mark.parametrize(("notebook", "ids"), SETTLED.items())
def test_every_claim_of_a_chapter_has_its_verdict(notebook, ids):
    found = {card.id for card in gather(ROOT / "book") if card.notebook == notebook}
    assert found == set(ids)
