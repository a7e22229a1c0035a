"""Formulas and numbers that chapters 5 to 8 ask for: other forms are right, typical slips are not.

The questions are made again from what the executed notebooks hold, as the page makes them.
"""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from nnbook.exercises import MIME, from_record

BOOK = Path(__file__).parents[2] / "book"

# Exercise: (right, in another form than the solution's; slips).
ANSWERS = {
    "5.2": ("(1-p)/sqrt(p-p^2)", ["sqrt(p/(1-p))", "(1-p)/p", "1/sqrt(p)"]),
    "5.3": ("a/(1+2mu) - lambda/(1+2mu)", ["(a-lambda)/(1+mu)", "a/(1+2mu) - lambda", "a-lambda"]),
    "5.4": ("(1/2)/(k/2-1)", ["1/(k-1)", "1", "2/(k-1)"]),
    "5.5": ("2rho/2", ["(1+rho)/(1-rho)", "1-rho", "rho^2"]),
    "5.6": (
        "1/sqrt(d^2+epsilon) - d^2/(d^2+epsilon)^(3/2)",
        ["d/sqrt(d^2+epsilon)", "1/sqrt(d^2+epsilon)", "0"],
    ),
    "6.1": ("delta r/sqrt(delta^2+r^2)", ["r/sqrt(1+r^2)", "r", "delta r/sqrt(1+(r/delta)^2)"]),
    "6.2": ("2q - 2q^2", ["q(1-q)", "2q", "-2q(1-q)"]),
    "6.4": ("80.0", ["50", "75", "79.5"]),
    "6.6": ("0.5003", ["0", "log(91)", "log(10)"]),
    "6.7": ("0.3333", ["1/2", "2/3", "0.3"]),
    "6.8": ("r^-1", ["r", "1/r^2", "log(r)"]),
    "7.2": ("sigma^2/(1-N)", ["sigma^2/(N-1)", "0", "-sigma^2/N"]),
    "7.3": ("(1-beta1)(1-beta2)^(-1/2)", ["1", "(1-beta1)/(1-beta2)", "1/sqrt(1-beta2)"]),
    "7.5": ("36.8", ["13.5", "50", "63.2", "0.368"]),
    "7.7": ("-(1-(1-eta lambda)^t)/lambda", ["-1/lambda", "-eta t", "(1-(1-eta lambda)^t)/lambda"]),
    "7.8": ("0.68", ["-0.68", "1/3", "1.73"]),
    "8.1": ("3530", ["3466", "3594", "3402"]),
    "8.2": ("0.75", ["2/3", "1/2", "0.25"]),
    "8.4": ("(b - b^2 + c - c^2 + 2 b c)/n", ["(b+c)/n", "(b(1-b)+c(1-c))/n", "(b-c)/n"]),
    "8.6": ("-log(1/19)", ["log(20)", "log(9)", "log(10)"]),
    "8.7": ("log(2)/2 + log(4)/2", ["log(3)", "0", "log(2)"]),
    "8.8": ("0.06", ["4", "0.0064", "0.0006"]),
}  # fmt: skip


@cache
def questions():
    """{"5.2": its question} of formulas and numbers."""
    found, number = {}, None
    for path in sorted(BOOK.glob("0[5-8]-*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if heading := re.search(r"^### Exercise (\d+\.\d+): ", source, re.MULTILINE):
                number = heading[1]
            for output in cell.get("outputs", []):
                record = output.get("data", {}).get(MIME, {})
                if record.get("state") == "open" and record["question"]["kind"] != "code":
                    found[number] = from_record(record["question"])
    return found


def test_every_question_has_its_line():
    assert sorted(questions()) == sorted(ANSWERS)


@pytest.mark.parametrize("number", ANSWERS)
def test_right_in_another_form_and_wrong_by_a_slip(number):
    question = questions()[number]
    right, slips = ANSWERS[number]
    assert question(right).state == "right", question(right)
    for slip in slips:
        verdict = question(slip)
        assert verdict.state == "wrong", verdict
        assert re.search(
            r"your answer is .*; it should be |too |wrong |off |right to ", repr(verdict)
        )
        assert repr(verdict).count("Hint: ") == 1
