"""Verdicts are computed from the evidence, and evidence that contradicts a verdict is refused."""

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
import sympy as sp
from bs4 import BeautifulSoup

from nnbook import claims
from nnbook.activations import sigmoid
from nnbook.claims import CLAIMS, IDS, MIME, audit, claim, gather, ledger
from nnbook.claims.__main__ import main
from nnbook.proof import prove

x = sp.symbols("x", real=True)
TRUE = prove(sp.sin(x) ** 2 + sp.cos(x) ** 2, 1)
FALSE = prove(sp.sqrt(x**2), x)
ROOT = Path(__file__).parents[2]


def settled(status, points=0):
    """A result that came out right."""
    return SimpleNamespace(status=status, points=points)


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
        ({"stated": {"a": settled("computed")}}, "holds", "computed"),
        ({"stated": {"a": TRUE, "b": settled("computed")}}, "holds", "computed"),
        ({"stated": {"a": settled("computed"), "b": settled("checked")}}, "holds", "checked"),
        (  # one failure is enough, however much else is good
            {"stated": {"a": TRUE, "b": FALSE}, "corrected": {"c": TRUE}, "instead": "c"},
            "corrected",
            "proved",
        ),
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
        (
            {"within": {"a": TRUE}, "outside": {"b": FALSE}, "instead": " \n"},
            "says in `instead`",
        ),
        ({"stated": {"a": settled("undecided")}}, "the result of 'a'"),
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


BAD_IDS = ["AC13", "ac-13", "AC-0", f"AC-{CLAIMS['AC'] + 1}", "XX-1", "", None, 13]


@pytest.mark.parametrize("id", BAD_IDS)
def test_bad_id(id):
    with pytest.raises(ValueError, match=f"id must be that of a claim.*AC-1 to {CLAIMS['AC']}"):
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


def test_evidence_keeps_its_kind_and_its_points():
    pieces = {
        "proof": TRUE,
        "counterexample": FALSE,
        "rule": settled("computed", 12),
        "check": settled("checked", 40),
        "ways": sigmoid.verify(),
        "truth": True,
    }
    card = make(stated=pieces, corrected={"c": TRUE}, instead="c")
    found = {e.label: (e.kind, e.good, e.points) for e in dict(card.evidence)["stated"]}
    assert found == {
        "proof": ("proved", True, 0),
        "counterexample": ("proved", False, 0),
        "rule": ("computed", True, 12),
        "check": ("checked", True, 40),
        "ways": ("checked", True, sigmoid.verify().points),
        "truth": ("checked", True, 0),
    }
    figures = make(measured={"share": 1 / 3, "count": 7, "text": "3 of 4"})
    assert [e.detail for e in figures.evidence[0][1]] == ["0.333", "7", "3 of 4"]


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ({"stated": {"a": TRUE}}, ["holds", "proved", "as stated", "✓"]),
        (
            {"stated": {"a": False}, "corrected": {"b": TRUE}, "instead": "c"},
            ["corrected", "checked", "as stated", "✗", "corrected", "✓"],
        ),
        (
            {"within": {"a": TRUE}, "outside": {"b": FALSE}, "instead": "c"},
            ["conditional", "proved", "within the condition", "✓", "outside it", "✗"],
        ),
        ({"measured": {"a": 1}}, ["measured", "measured", "measured", "·"]),
        (
            {"definition": {"a": settled("computed")}},
            ["definition", "computed", "the library computes", "✓"],
        ),
    ],
)
def test_a_card_shows_its_verdict_its_kind_and_each_part(evidence, words):
    page = BeautifulSoup(make(**evidence)._repr_mimebundle_()["text/html"], "html.parser")
    shown = page.select(".nn-verdict, .nn-kind, dt, .nn-mark")
    assert [each.text for each in shown] == words
    assert f"nn-{words[0]}" in page.section["class"]


def test_cards_are_gathered_in_the_order_of_their_ids(tmp_path):
    ids = ["AC-10", "OP-1", "AC-9", "BP-2"]
    outputs = [
        nbformat.v4.new_output("display_data", data=claim(id, "s", where="w", stated={"a": TRUE})
                               ._repr_mimebundle_())
        for id in ids
    ]  # fmt: skip
    cells = [nbformat.v4.new_code_cell("", outputs=outputs)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "01-a.ipynb")
    assert [card.id for card in gather(tmp_path)] == ["BP-2", "AC-9", "AC-10", "OP-1"]


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


@pytest.mark.parametrize("text", ["{", "[]", '{"nbformat": 4}'])
def test_what_is_no_notebook_is_named(tmp_path, text):
    (tmp_path / "a.ipynb").write_text(text)
    with pytest.raises(ValueError, match=r"a\.ipynb must be a Jupyter notebook"):
        gather(tmp_path)
    with pytest.raises(ValueError, match="folder must be a path"):
        gather(3)


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
    "01-backpropagation.ipynb": ["BP"],
    "02-gradient-descent.ipynb": ["GD"],
    "03-activations.ipynb": ["AC"],
    "04-initialization.ipynb": ["IN"],
    "05-normalization.ipynb": ["NO"],
    "06-losses.ipynb": ["LO"],
    "07-optimizers.ipynb": ["OP"],
}


@pytest.mark.parametrize(("notebook", "subjects"), SETTLED.items())
def test_every_claim_of_a_chapter_has_its_verdict(notebook, subjects):
    found = {card.id for card in gather(ROOT / "book") if card.notebook == notebook}
    assert found == {id for id in IDS if id.split("-")[0] in subjects}


def test_every_subject_has_its_chapter():
    assert [subject for subjects in SETTLED.values() for subject in subjects] == list(CLAIMS)
