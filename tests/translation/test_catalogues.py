"""The catalogues: whole, like their sources in all that has to be, and of the book as it is."""

import json
import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]

import catalogues  # noqa: E402
import translate  # noqa: E402
from catalogues import FOLDER, catalogue, exceptions, faults, faults_of  # noqa: E402

ALL = sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.po"))
SOURCE = (
    "The {term}`learning rate` $\\eta$ is 0.1 in `sgd`, "
    "see [below](#steps) and {cite:t}`kingma2015adam`."
)
RIGHT = "{term}`学习率`$\\eta$在`sgd`中是0.1，见[下文](#steps)和{cite:t}`kingma2015adam`。"


@pytest.mark.parametrize("name", ALL)
def test_a_catalogue_is_whole_and_like_its_source(name):
    path = FOLDER / f"{name}.po"
    found = faults(path, whole=name not in exceptions()["untranslated"])
    assert not found, "\n".join(found)


def test_what_is_not_translated_is_a_catalogue():
    assert set(exceptions()["untranslated"]) <= set(ALL)


def test_outputs_have_the_messages_of_their_catalogues():
    wanted = defaultdict(set)
    for name, found in translate.of_outputs().items():
        wanted[name] = set(found)
    for name in (name for name in ALL if name.startswith("records/")):
        here = {message.id for message in catalogue(FOLDER / f"{name}.po") if message.id}
        assert wanted[name] == here, f"make translate: {sorted(wanted[name] ^ here)[:5]}"


def test_pages_have_the_messages_of_their_catalogues():
    """As the site was built: a paragraph that changed is named."""
    built = json.loads((ROOT / "_build" / "messages.json").read_text(encoding="utf-8"))
    parts = re.findall(r"caption: (.+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    built["book/index"] += parts
    for page, found in built.items():
        here = {message.id for message in catalogue(FOLDER / f"{page}.po") if message.id}
        stale, new = sorted(here - set(found)), sorted(set(found) - here)
        assert not (stale or new), f"{page}, make translate: stale {stale[:3]}, new {new[:3]}"


def test_the_interface_has_the_messages_of_its_catalogue():
    here = {message.id for message in catalogue(FOLDER / "sphinx.po") if message.id}
    assert {*translate.of_code(), *translate.of_formulas()} <= here


def test_a_right_translation_has_no_fault():
    assert faults_of(SOURCE, RIGHT) == []


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (RIGHT.replace("\\eta", "\\epsilon"), "formulas"),
        (RIGHT.replace("0.1", "0.2"), "numbers"),
        (RIGHT.replace("`sgd`", "`adam`"), "code"),
        (RIGHT.replace("#steps", "#下文"), "links"),
        (RIGHT.replace("kingma2015adam", "ruder2016"), "roles"),
        (RIGHT.replace("{term}`学习率`", "步长"), "term"),
        (RIGHT.replace("，", ","), "half-width"),
        (RIGHT.replace("是0.1", "是 0.1"), "a space"),
        (RIGHT + "It is often tried on a grid.", "English left"),
        (SOURCE, "is the source"),
    ],
)
def test_a_fault_is_found(wrong, fault):
    assert any(fault in each for each in faults_of(SOURCE, wrong)), faults_of(SOURCE, wrong)


def test_places_of_numbers_have_to_be_there():
    assert faults_of("{0} checks", "核验", plain=True)


def test_every_term_of_the_glossary_has_a_chinese_name():
    assert len(catalogues.terms()) > 150
    assert all(catalogues.terms().values())


def test_bringing_up_to_date_keeps_what_stays_and_names_what_is_gone(tmp_path):
    path = tmp_path / "page.po"
    translate.update(path, ["one", "two"], {"one": "一", "two": "二"})
    gone = translate.update(path, ["two", "three"], {})
    assert gone == ["one"]
    assert {m.id: m.string for m in catalogue(path) if m.id} == {"two": "二", "three": ""}
    assert not list(catalogue(path).obsolete) and not any(m.fuzzy for m in catalogue(path) if m.id)
