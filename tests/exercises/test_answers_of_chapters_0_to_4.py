"""Formulas and numbers that the primer and chapters 1 to 4 ask for: other forms and typical slips.

The questions are rebuilt from the records in the committed notebooks, as the page does it.
"""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from nnbook.exercises import MIME, from_record

BOOK = Path(__file__).parents[2] / "book"

# Exercise: (an answer in another form, [typical slips]).
ANSWERS = {
    "0.1": ("64*10 + 10", ["640", "20800"]),
    "0.2": ("2,28%", ["0.9772", "0.0456"]),
    "0.3": ("3,2", ["sqrt(17)", "5"]),
    "0.6": ("√9", ["5", "9"]),
    "0.7": (r"\frac{v+k}{2}", ["v + k", "(v + k)/4"]),
    "0.8": ("2.000", ["4", "-2"]),
    "0.9": ("3^(1/2)", ["3", "1/sqrt(3)"]),
    "0.10": ("v*s + v*m²", ["v s", "v (s + m)"]),
    "1.1": ("2x e^(x²)/(1 + e^(x²))", ["2x sigma(x)", "sigma(x^2)", "2x e^(x^2)"]),
    "1.2": ("2^10", ["1023", "20"]),
    "1.5": ("2/8*0.4", ["0.4", "0.05"]),
    "1.7": ("e^L1/(e^L1 + e^L2)", ["1", "sigma(L2 - L1)"]),
    "1.8": ("(48 ε s/M)^0.25", ["(48 epsilon s/M)^(1/2)", "(24 epsilon s/M)^(1/4)"]),
    "1.10": ("266.9", ["1/266.9", "333"]),
    "2.1": ("-x y sigma(-x y w)", ["x y/(1 + exp(y w x))", "-x y/(1 + exp(-y w x))"]),
    "2.3": ("-0.3333", ["1/3", "0"]),
    "2.4": ("0,25", ["1/12", "1/2"]),
    "2.5": ("0.33333", ["4/3", "2/3"]),
    "2.6": ("87", ["86", "86.3"]),
    "2.8": ("33", ["100", "30"]),
    "2.9": ("2κ^(1/2)/(1 + κ)", ["2 kappa/(kappa + 1)", "1/sqrt(kappa)"]),
    "3.1": ("½ + t/2", ["(t - 1)/2", "t"]),
    "3.3": ("3.637", ["4.595", "1.818"]),
    "3.4": ("-1.000", ["1", "0"]),
    "3.6": (r"-\frac{s_1 s_2}{T}", ["-s1 s2", "s1 s2/T", "-s1 s2 T"]),
    "3.7": ("1.4142", ["0", "1"]),
    "3.8": ("(1+α²)/2 − (1−α)²/(2π)", ["(1 + alpha^2)/2", "(1-α)^2/(2 pi)"]),
    "3.9": ("e/2", ["1.673", "1"]),
    "3.10": ("c^-1", ["c", "1"]),
    "3.11": ("-0.5", ["1/2", "-1"]),
    "4.1": ("√3/√n", ["1/sqrt(n)", "3/n"]),
    "4.3": ("n^-1", ["2/n", "1/n^2"]),
    "4.4": ("3/1", ["2", "1.5"]),
    "4.5": ("54", ["53", "53.4"]),
    "4.7": ("2π/(n(π-1))", ["2/n", "2 pi/(pi - 1)"]),
    "4.8": ("0.4937", ["0.3183", "0.5"]),
    "4.9": ("k^d/k", ["k^d", "k"]),
    "4.10": ("2", ["1", "4"]),
}  # fmt: skip


@cache
def records():
    """{"2.1": the record of its question} of the formulas and numbers in the notebooks."""
    found, number = {}, None
    for path in sorted(BOOK.glob("0[0-4]-*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if heading := re.search(r"^### Exercise (\S+): ", "".join(cell["source"]), re.M):
                number = heading[1]
            for output in cell.get("outputs", []):
                answer = output.get("data", {}).get(MIME)
                if answer and answer["question"]["kind"] != "code":
                    found[number] = answer["question"]
    return found


def test_every_question_is_tried():
    assert set(records()) == set(ANSWERS)


@pytest.mark.parametrize("number", ANSWERS)
def test_another_form_is_right_and_a_slip_is_not(number):
    question = from_record(records()[number])
    right, slips = ANSWERS[number]
    assert question(right), question(right)
    for slip in slips:
        verdict = question(slip)
        assert verdict.state == "wrong", (slip, verdict)
        assert verdict.lines[-1].startswith("Hint: ")
        assert verdict.mathml.startswith("<math>")
