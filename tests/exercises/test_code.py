"""Lines of Python as answers: judged by visible tests, told where and why they fail."""

import json
import time

import pytest

from nnbook.exercises import MIME, expects_code, from_record
from nnbook.exercises.code import judged, shown

START = """
import math

def softplus(x):
    return math.log(1 + math.exp(x))
"""
TESTS = """
import math

for x in (0.0, 1.5, -3.0):
    assert math.isclose(softplus(x), math.log(1 + math.exp(x))), "it is log(1 + e^x)"
assert softplus(1000.0) == 1000.0, "a large x must not overflow"
"""
question = expects_code(START, TESTS, hint="Take x out of the exponential.")
GOOD = """
import math

def softplus(x):
    return max(x, 0) + math.log1p(math.exp(-abs(x)))
"""


def softplus_of_a_notebook(x):
    return 1 / (x - 1.5)


def test_right():
    verdict = question(GOOD)
    assert verdict and verdict.lines == ("✓ Right: all 2 tests passed.",)
    assert (verdict.reading, verdict.mathml) == (None, None)


def test_one_test_and_all_names_of_it():
    start, test = "def f(x):\n    ...", "a = 3\nb = 5\nassert f(a) - b == f(b) - a"
    assert judged("def f(x):\n    return 2", start, "assert f(1) == 2") == (
        "right",
        ["✓ Right: 1 test passed."],
    )
    said = judged("def f(x):\n    return x + 1", start, test)[1]
    assert said[1] == "Here f(a) = 4; b = 5; f(b) = 6; a = 3."


@pytest.mark.parametrize(
    "test", ["assert all(f(k) > b for k in (1, 2))", "assert list(map(f, [b])) == [b]"]
)
def test_values_of_names_without_functions_and_inner_names(test):
    said = judged("def f(x):\n    return x + 1", "def f(x):\n    ...", f"b = 5\n{test}")[1]
    assert said[1] == "Here b = 5."


@pytest.mark.parametrize(
    ("most", "more"),
    [("x = 1  #" + "-" * 292, "-"), ("x = [\n" + "[\n" * 49 + "]" * 50, "\nx = " + "[\n" * 51)],
    ids=["wide", "deep"],
)
def test_the_widest_line_and_the_deepest_brackets(most, more):
    assert judged(most, "x = 0", "assert x")[0] == "right"
    assert judged(most + more, "x = 0", "assert x")[1][1] == "it goes on for too long."


def test_lines_that_raise_are_told_with_their_line_and_the_test():
    assert question(START).state == "wrong"
    assert question(START).lines == (
        "✗ Line 5: return math.log(1 + math.exp(x))",
        "OverflowError: math range error.",
        'It was called by the test: assert softplus(1000.0) == 1000.0, "a large x must not '
        'overflow"',
        "Hint: Take x out of the exponential.",
    )


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("def softplus(x):\n    return x / 2", ["This test fails: math.isclose(softplus(x)",
         "it is log(1 + e^x).", "Here softplus(x) = 0; x = 0."]),
        ("def softplus(x):\n    pass", ["cannot be computed", "TypeError", "= None"]),
        ("def sofplus(x):\n    return x", ["Your lines define no softplus."]),
        ("1/0", ["✗ Line 1: 1/0", "ZeroDivisionError: division by zero."]),
        ("import os", ["Line 1: import os", "math and random alone"]),
        ("from os import path", ["math and random alone"]),
        ("open('/etc/passwd')", ["NameError: name 'open' is not defined"]),
        ("eval('1')", ["NameError"]), ("__import__('sys')", ["math and random alone"]),
        ("raise ValueError", ["✗ Line 1", "ValueError."]),
        ("def softplus(x):\n    return softplus(x)", ["Line 2", "RecursionError"]),
        ("def softplus(x):\n    print('at', x)\n    return x", ["It printed: at 0.0"]),
        ("import random\ndef softplus(x):\n    return random.choice([])", ["Line 3", "IndexError"]),
    ],
)  # fmt: skip
def test_wrong(answer, said):
    verdict = question(answer)
    assert verdict.state == "wrong"
    assert all(words in repr(verdict) for words in said)
    assert verdict.lines[-1].startswith(("Hint: Take x out", "It printed"))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("def softplus(x:\n    return x", "Cannot read line 1: def softplus(x:"),
        ("  x\n y", "Cannot read line"),
        ("return 3", "Cannot read line 1: return 3"),
        ("x = '\0'", "Cannot read"),
        ("(" * 500, "goes on for too long"),
        ("\n".join("[" * 60), "Cannot read line 51"),
        ("-" * 400 + "1", "goes on for too long"),
        ("try:\n    x\nexcept:\n    pass", "name the error"),
        ("while 1:\n  try:\n    x=1\n  finally:\n    continue", "finally must not"),
        (3, "of type int: lines of Python are wanted"),
        ([], "of type list"),
    ],
)
def test_unreadable(answer, said):
    verdict = question(answer)
    assert verdict.state == "unreadable"
    assert said in repr(verdict) and "Hint" not in repr(verdict)


def test_a_function_of_the_notebook_is_an_answer():
    verdict = question(softplus_of_a_notebook)
    assert verdict.state == "wrong" and "= -0.666667" in repr(verdict)
    assert question(lambda x: max(x, 0) + __import__("math").log1p(2.718281828459045 ** -abs(x)))
    twice = expects_code(
        "def one(x):\n    return x\n\ndef two(x):\n    return one(x)",
        "assert two(3) == 6, 'twice'", hint="h",
    )  # fmt: skip

    def one(x):
        return 2 * x

    assert twice(one)
    assert not twice(lambda x: x)


def test_a_function_of_the_notebook_that_raises():
    tests = "assert softplus(1.5) == 0, 'zero'"
    verdict = expects_code(START, tests, "h")(softplus_of_a_notebook)
    assert "ZeroDivisionError" in repr(verdict) and "It was called by the test" in repr(verdict)


def test_a_test_within_a_function_and_an_error_within_a_test():
    tests = """
def check(f, wanted):
    got = f(2.0)
    assert got == wanted, "at 2"
check(double, 4.0)
double(3, 4)
"""
    doubling = expects_code("def double(x):\n    return x", tests, "h")
    assert "Here got = 2; wanted = 4." in repr(doubling("def double(x):\n    return x"))
    verdict = repr(doubling("def double(x):\n    return 2 * x"))
    assert "cannot be computed: double(3, 4)" in verdict and "TypeError" in verdict


@pytest.mark.parametrize(
    "answer",
    ["while True:\n    pass", "def softplus(x):\n    while True:\n        x = x + 1",
     "def softplus(x):\n    while True:\n        try:\n            x = 1 / 0\n"
     "        except Exception:\n            x = 1"],
)  # fmt: skip
def test_a_loop_without_an_end_is_ended(answer, monkeypatch):
    monkeypatch.setattr("nnbook.exercises.SECONDS", 0.3)
    start = time.process_time()
    verdict = question(answer)
    assert time.process_time() - start < 5
    assert (bool(verdict), verdict.state) == (False, "undecided")
    assert "loop" in repr(verdict)


def test_each_answer_runs_in_a_namespace_of_its_own():
    assert question(GOOD)
    assert "define no softplus" in repr(question("x = 1"))


def test_the_open_question_shows_start_and_tests(monkeypatch):
    monkeypatch.delenv("NNBOOK_STATIC", raising=False)
    verdict = question("")
    assert verdict.state == "open"
    assert START.strip() in repr(verdict) and TESTS.strip() in repr(verdict)
    assert "run question(softplus)" in repr(verdict)
    page = verdict._repr_html_()
    assert "<pre>import math\n\ndef softplus(x):" in page and "&quot;it is log" in page
    monkeypatch.setenv("NNBOOK_STATIC", "1")
    assert "question(softplus)" not in question("")._repr_html_()


def test_rebuilt_from_its_record():
    record = json.loads(json.dumps(question("")._repr_mimebundle_()[MIME]["question"]))
    assert record == {
        "kind": "code", "start": START.strip(), "tests": TESTS.strip(),
        "hint": "Take x out of the exponential.",
    }  # fmt: skip
    again = from_record(record)
    for answer in ("", START, GOOD, "1/0", "x ="):
        assert again(answer) == question(answer)


def test_values_are_short():
    assert shown([0.1 + 0.2, (1, 2.0)]) == "[0.3, (1, 2)]"
    assert len(shown("x" * 1000)) == 120


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: expects_code("def f(:", TESTS, "h"), "start must be lines of Python"),
        (lambda: expects_code("x = 1", TESTS, "h"), "start must define a function"),
        (lambda: expects_code(START, "x = 1", "h"), "tests must hold assert lines"),
        (lambda: expects_code(START, "assert softplus(0)", "h"), "each with a message"),
        (lambda: expects_code(START, None, "h"), "tests must be lines of Python, got None"),
        (lambda: expects_code(START, TESTS, ""), "hint must be"),
    ],
)
def test_an_author_s_mistakes(act, message):
    with pytest.raises(ValueError, match=message):
        act()


def test_a_test_that_fails_within_the_reader_s_call():
    tests = """
def loss(w):
    assert w > 0, "w stays positive"
    return w

assert call(loss) == 1, "one"
"""
    verdict = expects_code("def call(f):\n    pass", tests, "h")("def call(f):\n    return f(-1)")
    assert verdict.lines[:3] == ("✗ This test fails: w > 0", "w stays positive.", "Here w = -1.")
