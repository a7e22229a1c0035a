"""Code that the primer and chapters 1 to 4 ask for: solutions go through, typical mistakes do not.

The exercises are read from the sources of the chapters; the mistakes are changes of the solutions.
"""

import ast
import re
from pathlib import Path

import pytest

import notebook
from nnbook.exercises import expects_code

SOURCES = Path(__file__).parents[2] / "nbsrc"
CHAPTERS = sorted(SOURCES.glob("0[0-4]-*.md"))

# Exercise: (what of the solution is replaced, by what, what the reader is told).
MISTAKES = {
    "0.4": [
        ("max(abs(x) for x in v)", "max(v)", "right triangle"),
        ("    if largest == 0:\n        return 0.0\n", "", "ZeroDivisionError"),
        ("return largest * ", "return ", "right triangle"),
    ],
    "0.5": [
        ("(f(moved(i, h)) - f(moved(i, -h))) / (2 * h)", "(f(moved(i, h)) - f(x)) / h", "one side"),
        ("(2 * h)", "h", "3y is 8"),
        ("return x[:i] + [x[i] + step] + x[i + 1:]", "x[i] += step\n        return x", "3y is 8"),
        ("range(len(x))", "range(2)", "one slope for each number"),
    ],
    "1.3": [
        ("gi if", "1.0 if", "g passes"),
        ("zi > 0", "zi >= 0", "the slope at the kink is 0"),
        ("zi > 0", "gi > 0", "nothing passes"),
        ("zi > 0", "zi > 0 and gi > 0", "a negative gradient"),
    ],
    "1.4": [
        (" * (1 - h**2)", " * (1 - h)", "nudging b"),
        (" + w / 5", "", "nudging w"),
        ("w / 5", "w**2 / 10", "nudging w"),
        ("by_z * x", "by_z", "nudging w"),
        ("h, (h - y)", "h, (y - h + 1)", "forward pass stays"),
    ],
    "1.6": [
        ("sum(gn[i] for gn in g)", "g[0][i]", "three rows of g are added"),
        ("sum(gn[i] for gn in g)", "sum(gn[i] for gn in g) / len(g)", "three rows of g are added"),
        ("gn[i] * xn[j]", "gn[i]", "row i is g_i times the inputs"),
        ("for j in columns] for i in rows]", "for i in rows] for j in columns]", "row i is g_i"),
    ],
    "1.9": [
        ("complex(x, delta)", "x + delta", "to all digits|a real number"),
        ("1e-20", "1e-5", "to all digits"),
        (".imag", "", "to all digits|TypeError|real number"),
        (" / delta", "", "to all digits"),
    ],
    "2.2": [
        ("by_a, by_b = slopes(a, b)\n        a, b = a - rate * by_a, b - rate * by_b",
         "b = b - rate * slopes(a, b)[1]\n        a = a - rate * slopes(a, b)[0]",
         "both slopes are taken"),
        ("a - rate", "a + rate", "both slopes are taken"),
        ("    return a, b", "        return a, b", "without a step|TypeError|taken at"),
    ],
    "2.7": [
        ("2 * rate if rate == first else rate", "rate", "should have arrived"),
        ("2 * rate if rate == first else rate", "2 * rate", "and is handed on"),
        (" - rate * g**2 / 2", "", "should have arrived"),
        ("rate / 2\n", "rate / 10\n", "1.5 do not pay"),
    ],
    "3.2": [
        ("x >= 0", "x >= -2000", "OverflowError"),
        ("x >= 0", "x < 0", "OverflowError"),
        ("return math.exp(x) / (1 + math.exp(x))", "return 1 - 1 / (1 + math.exp(x))",
         "small, but not 0"),
        ("math.exp(x) / (1 + math.exp(x))", "0.0 if x < -709 else 1 / (1 + math.exp(-x))",
         "smaller still"),
        ("math.exp(x) / (1 + math.exp(x))", "math.exp(x)", r"1/\(1 \+ e\^2\)"),
    ],
    "3.5": [
        ("math.log1p(small)", "math.log(1 + small)", "math.log1p"),
        ("(1.0 if x >= 0 else small)", "small", "nudging x|slope 1"),
        ("max(x, 0.0)", "x", "nudging x|it is e"),
        ("math.exp(-abs(x))", "math.exp(x)", "OverflowError|nudging x"),
        ("(1.0 if x >= 0 else small) / (1 + small)", "1 / (1 + math.exp(-x))", "OverflowError"),
        ("x >= 0", "x > 1", "nudging x"),
    ],
    "4.2": [
        ("shape[1:]", "shape", "784 products"),
        ("math.prod(shape[1:])", "shape[1]", "under a kernel"),
        ("shape[1:]", "shape[:-1]", "784 products"),
    ],
    "4.6": [
        ("random.gauss(0, 1)", "random.uniform(-1, 1)", "an identity needs no gain"),
        ("1 / math.sqrt(squares / count)", "math.sqrt(squares / count)", "halves"),
        ("1 / math.sqrt(squares / count)", "count / squares", "halves"),
        ("f(random.gauss(0, 1))", "f(1.0)", "halves"),
    ],
}  # fmt: skip


def exercises():
    """{"1.3": its cells} of all exercises of these chapters."""
    found, cells = {}, None
    for chapter in CHAPTERS:
        for cell in notebook.read_source(chapter).cells:
            if heading := re.search(r"^### Exercise (\d+\.\d+): ", cell.source, re.MULTILINE):
                cells = found[heading[1]] = []
            elif cell.source.startswith("## "):
                cells = None
            if cells is not None:
                cells.append(cell)
    return found


EXERCISES = exercises()
CODE = [n for n, cells in EXERCISES.items() if any("expects_code" in c.source for c in cells)]


def asked(number):
    """The question, made by its own cell, which needs nothing of the chapter."""
    names = {"expects_code": expects_code}
    exec(EXERCISES[number][1].source, names)
    return names["question"]


def solution(number):
    """The text that the last cell of an exercise hands to its question."""
    (answer,) = (
        call.args[0].value
        for call in ast.walk(ast.parse(EXERCISES[number][-1].source))
        if isinstance(call, ast.Call) and getattr(call.func, "id", None) == "question"
    )
    return answer


def test_at_least_two_in_each_chapter():
    assert sorted(CODE) == sorted(MISTAKES)
    assert all(sum(n.startswith(f"{chapter}.") for n in CODE) >= 2 for chapter in range(5))


@pytest.mark.parametrize("number", CODE)
def test_the_solution_goes_through_and_the_start_does_not(number):
    question = asked(number)
    assert question(solution(number)), question(solution(number))
    started = question(question.record["start"])
    assert started.state == "wrong" and len(started.lines) >= 3, started


@pytest.mark.parametrize(
    ("number", "mistake"), [(n, m) for n, each in MISTAKES.items() for m in each]
)
def test_a_mistake_is_told(number, mistake):
    right, wrong, told = mistake
    assert right in solution(number)
    verdict = asked(number)(solution(number).replace(right, wrong))
    assert verdict.state in ("wrong", "unreadable"), verdict
    assert re.search(told, repr(verdict)), verdict


@pytest.mark.parametrize("number", EXERCISES)
def test_an_exercise_has_one_form(number):
    """Its section, the definition folded, the open question alone, the solution last."""
    first, *rest = EXERCISES[number]
    assert re.search(r"^From \[.+\]\(#[\w-]+\)\.$", first.source, re.MULTILINE)
    tags = ["+".join(c.metadata.get("tags", [])) for c in rest if c.cell_type == "code"]
    asks = [c.source for c in rest if c.cell_type == "code" and not c.metadata.get("tags")]
    assert asks == ['question("")'][: len(asks)]
    assert tags == ["hide-cell", ""] * len(asks) + ["hide-cell+solution"] * (
        len(tags) - 2 * len(asks)
    )
    assert sum(":::{dropdown} Solution" in c.source for c in [first, *rest]) == 1
