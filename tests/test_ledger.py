"""The ledger shows what the cards say, and its filters show what they are asked for."""

import re

import pytest
from bs4 import BeautifulSoup

from browser import open_page
from built_site import SITE
from nnbook.claims import IDS, Card, Evidence
from nnbook.ledger import VERDICTS, Ledger, title, weighed

PROOF = Evidence("a", True, "proved")
COUNTER = Evidence("b", False, "proved")
CHECK = Evidence("c", True, "checked", "", 433)
FIGURE = Evidence("d", True, "measured", "3 of 4")


def card(id="AC-1", verdict="holds", pieces=(PROOF,), notebook="03-activations.ipynb"):
    evidence = (("stated", tuple(pieces)),)
    return Card(id, "s < t", "notes 1", verdict, "proved", evidence, "x < y", notebook)


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ([PROOF], "1 proof"),
        ([PROOF, PROOF, COUNTER], "2 proofs, 1 counterexample"),
        ([CHECK, CHECK], "2 checks at 866 points"),
        ([Evidence("a", True, "proved", "", 99), CHECK], "1 proof, 1 check at 433 points"),
        ([Evidence("a", True, "computed", "", 12), PROOF], "1 proof, 1 computation"),
        ([Evidence("e", True, "checked")], "1 check"),
        ([Evidence("e", False, "checked"), FIGURE], "1 measurement, 1 counterexample"),
    ],
)
def test_evidence_is_counted(pieces, words):
    assert weighed(card(pieces=pieces)) == words


def test_an_entry_shows_its_card_and_leads_to_it(monkeypatch):
    monkeypatch.setenv("NNBOOK_STATIC", "1")
    page = Ledger([card()])._repr_mimebundle_()["text/html"]
    assert 'href="03-activations.html#claim-AC-1"' in page
    assert "s &lt; t" in page and "x &lt; y" in page
    monkeypatch.delenv("NNBOOK_STATIC")
    assert (
        'href="03-activations.ipynb#claim-AC-1"'
        in Ledger([card()])._repr_mimebundle_()["text/html"]
    )
    here = Ledger([card(notebook="")])._repr_mimebundle_()["text/html"]
    assert 'href="#claim-AC-1"' in here


def shown(cards, **options):
    return BeautifulSoup(Ledger(cards, **options)._repr_mimebundle_()["text/html"], "html.parser")


@pytest.mark.parametrize(("verdict", "words"), VERDICTS.items())
def test_an_entry_says_its_verdict(verdict, words):
    page = BeautifulSoup(
        Ledger([card(verdict=verdict)])._repr_mimebundle_()["text/html"], "html.parser"
    )
    entry = page.select_one(".nn-entry")
    assert entry.select_one(".nn-verdict").text == verdict and f"nn-{verdict}" in entry["class"]
    assert entry.select_one(".nn-instead").text == f"{words} x < y"
    assert entry["data-chapter"] == "03"


def test_the_filters_are_the_verdicts_and_the_chapters_with_all_chosen_first():
    cards = [card(), card("OP-1", "measured", notebook="07-optimizers.ipynb")]
    page = BeautifulSoup(
        Ledger(cards, filters=True)._repr_mimebundle_()["text/html"], "html.parser"
    )
    buttons = page.select("input[type=radio]")
    orders = ["by-verdict", "by-book"]
    assert [b["value"] for b in buttons] == ["all", *VERDICTS, "all", "03", "07", *orders]
    assert [b["value"] for b in buttons if b.has_attr("checked")] == ["all", "all", "by-verdict"]


def test_with_filters_what_needs_attention_comes_first():
    cards = [card(f"AC-{n}", verdict) for n, verdict in enumerate(reversed(VERDICTS), start=1)]
    assert [c.verdict for c in Ledger(cards, filters=True).cards] == list(VERDICTS)
    assert [c.verdict for c in Ledger(cards).cards] == list(reversed(VERDICTS))
    entries = shown(cards, filters=True).select(".nn-entry")
    assert [e["style"] for e in entries] == [f"--place:{n}" for n in reversed(range(len(cards)))]
    assert "nn-filters" not in Ledger(cards)._repr_mimebundle_()["text/html"]


def test_totals():
    cards = [card("OP-1", notebook="07-optimizers.ipynb"), card("AC-1"), card("AC-2", "measured")]
    assert Ledger(cards).totals() == {
        "03-activations.ipynb": dict.fromkeys(VERDICTS, 0) | {"holds": 1, "measured": 1},
        "07-optimizers.ipynb": dict.fromkeys(VERDICTS, 0) | {"holds": 1},
    }
    assert Ledger(cards).verdicts() == dict.fromkeys(VERDICTS, 0) | {"holds": 2, "measured": 1}


def test_title():
    assert title("02-gradient-descent.ipynb") == "2 gradient descent"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_filters_show_what_they_are_asked_for(chromium, scripts):
    """Each choice alone and two together, with the keyboard too; no script is needed."""
    address = (SITE / "book" / "ledger.html").as_uri()
    with open_page(chromium, address, offline=True, java_script_enabled=scripts) as (page, said, _):
        shown = page.locator(".nn-entry:visible")
        assert shown.count() == len(IDS)

        rows = page.locator(".nn-filters fieldset", has_not_text="order")
        for choice in rows.locator("label").all():
            words = choice.inner_text()
            choice.click()
            if words != "all":
                assert shown.count() == int(re.search(r"\d+$", words)[0]), words
            if "optimizers" in words:
                page.locator(".nn-filters label", has_text="corrected").click()
                assert 0 < shown.count() < 8
                page.keyboard.press("ArrowRight")
                page.locator(".nn-filters label", has_text="conditional").locator(
                    ":checked"
                ).wait_for()
            page.locator(".nn-filters [value=all]").first.check()
            page.locator(".nn-filters [value=all]").last.check()
            assert shown.count() == len(IDS)
        assert said == []
