"""Outputs in another language: each text is said anew, and nothing else changes."""

import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import patterns  # noqa: E402
import records  # noqa: E402
from explorable.packing import inflated  # noqa: E402
from messages import speaks  # noqa: E402

CHAPTERS = sorted((ROOT / "book").glob("0*.ipynb"))


def upside(message: str) -> str:
    """A language of Chinese letters, in which places stay."""
    return "字" + "".join(records.PLACE.findall(message) and re.findall(r"\{\d+\}", message))


def sayer(**known):
    return records.Sayer(lambda message: known.get(message, message))


def test_texts_attributes_and_labels_are_said_and_code_is_not():
    text = (
        '<section aria-label="a card"><style>.red{}</style><p>two steps</p><code>two steps</code>'
        '<svg><g data-words="learning rate" data-anchor="middle" data-width="60.0">'
        '<g style="fill: red" transform="translate(5 6) rotate(-90) scale(0.1 -0.1)"><use/></g></g>'
        "</svg></section>"
    )
    words = {"a card": "卡片", "two steps": "两步", "learning rate": "学习率"}
    said = records.markup(text, records.Sayer(lambda m: words.get(m, m)))
    assert (
        '<section aria-label="卡片"><style>.red{}</style><p>两步</p><code>two steps</code>' in said
    )
    assert (
        'transform="translate(5 6) rotate(-90)" x="30.0" font-size="10" text-anchor="middle">'
        in said
    )
    assert "学习率</text>" in said and "<use/>" not in said


@pytest.mark.parametrize(
    ("text", "message", "said", "result"),
    [
        ("slope 0.25", "slope {0}", "斜率 {0}", "斜率 0.25"),
        ("step 3 of 1,000", "step {0} of {1}", "{1} 步中的第 {0} 步", "1,000 步中的第 3 步"),
    ],
)
def test_numbers_are_places(text, message, said, result):
    assert records.counted(text)[0] == message
    speaker = records.Sayer(lambda m: said if m == message else m)
    assert speaker.text(text, count=True) == result


@pytest.mark.parametrize(
    ("sentence", "pattern"),
    [
        ("refuted at x = 1/2, y = 2: -7/24 against -23/24", "refuted at {0}: {1} against {2}"),
        ("✓ Right: 3.63689.", "✓ Right: {0}."),
        ("✓ Right: all 3 tests passed.", "✓ Right: all {0} tests passed."),
        ("✗ 2.0000 is much too large.", "✗ {0} is much too large."),
        ("Not answered yet.", "Not answered yet."),
        ("Hint: Begin with the chain rule.", "Hint: {0}"),
        ("At x = 0 your answer is 3/4; it should be 1/4.",
         "At {0} your answer is {1}; it should be {2}."),
    ],
)  # fmt: skip
def test_sentences_of_code_have_a_pattern(sentence, pattern):
    assert patterns.match(sentence)[0] == pattern


def test_what_fills_a_place_is_said_too():
    words = {
        "✓ Right ({0}).": "✓ 正确（{0}）。",
        "proved: {0}": "已证明：{0}",
        "by cases": "分情形",
    }
    speaker = records.Sayer(lambda m: words.get(m, m))
    assert speaker.text("✓ Right (proved: by cases).") == "✓ 正确（已证明：分情形）。"


def test_the_answer_of_every_exercise_is_read_by_a_pattern():
    """What the questions of the book say is made by code, so it must be in the list."""
    for path in CHAPTERS:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", ()):
                record = output.get("data", {}).get(records.ANSWER)
                for line in record["lines"] if record else ():
                    assert patterns.match(line), f"{path.stem}: {line}"


@pytest.mark.parametrize("path", CHAPTERS[:2], ids=lambda path: path.stem)
def test_a_chapter_in_another_language_has_the_same_records_and_drawings(path):
    here = json.loads(path.read_text(encoding="utf-8"))
    there = records.said(json.loads(path.read_text(encoding="utf-8")), upside)
    for cell, said in zip(here["cells"], there["cells"], strict=True):
        assert cell["source"] == said["source"]
        for one, other in zip(cell.get("outputs", ()), said.get("outputs", ()), strict=True):
            html, new = ("".join(o.get("data", {}).get("text/html", "")) for o in (one, other))
            assert html.count("<path") == new.count("<path")
            if frames := records.FRAMES.search(html):
                data, numbers = inflated(frames[0])
                changed, same = inflated(records.FRAMES.search(new)[0])
                assert numbers == same
                assert [len(text) for text in (data["layouts"], data["units"])] <= [
                    len(text) for text in (data["layouts"], changed["units"])
                ]
                places = [text.count(records.WRITTEN) for text in data["templates"]]
                assert places == [text.count(records.WRITTEN) for text in changed["templates"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x < 0: slope at least 1% of that on x > 0", True),  # no tag between < and >
        ("a < b", False),
        ("see <span class='name'>2</span>", True),
        ("<span class='name'>2</span> and `code`", True),
        ("<span class='name'>2</span>, `code of two words`, $\\text{slope}$", False),
    ],
)
def test_what_has_words_is_a_message(text, said):
    assert speaks(text) == said
