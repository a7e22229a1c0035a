"""Answers of readers: right, wrong, open, unreadable; nothing is run as Python."""

import json
import re

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook.exercises import MIME, expects, expects_number, from_record
from nnbook.exercises.reading import read
from nnbook.proof import prove

x = sp.Symbol("x")
alpha = sp.Symbol("alpha", positive=True)
sigma = 1 / (1 + sp.exp(-x))
slope = expects(alpha * sp.exp(-x) / (1 + sp.exp(-x)) ** 2, hint="Use the chain rule.")
names = {"x": x, "alpha": alpha}


@pytest.mark.parametrize(
    "answer",
    ["alpha sigma(x) (1 - sigma(x))", "α*σ(x)*σ(-x)", "alpha/(2 + 2cosh(x))",
     "alpha/4*(1-tanh(x/2)^2)", "alpha exp(-x)/(1+e^-x)²", "α e^(-x) / (1 + e^(−x))**2"],
)  # fmt: skip
def test_right(answer):
    verdict = slope(answer)
    assert verdict
    assert verdict.state == "right"
    read, said = repr(verdict).splitlines()
    assert read == f"I read: {verdict.reading}"
    assert said.startswith("✓ Right (")
    assert '<div class="nn-exercise nn-right"' in verdict._repr_html_()


def test_wrong_gets_a_counterexample_and_the_hint():
    verdict = slope("alpha sigma(x)")
    assert not verdict
    assert repr(verdict) == (
        "I read: alpha/(1 + exp(-x))\n"
        "✗ Not equal to the answer.\n"
        "At alpha = 1, x = 0 your answer is 1/2; it should be 1/4.\n"
        "Hint: Use the chain rule."
    )
    assert '<div class="nn-exercise nn-wrong"' in verdict._repr_html_()
    assert "not a real number" in repr(slope("sqrt(-1)"))
    kink = expects(sp.Piecewise((1, x > 0), (0, True)), hint="At 0 it is 0.")
    assert kink("Piecewise((1, x > 0), (0, True))")
    assert "At x = 0 your answer is 1/2; it should be 0." in repr(kink("(1 + sign(x))/2"))


@pytest.mark.parametrize("answer", ["", "  ", "...", ..., None])
def test_not_answered_yet(answer, monkeypatch):
    monkeypatch.delenv("NNBOOK_STATIC", raising=False)
    for question in (slope, expects_number(1, hint="Count.")):
        verdict = question(answer)
        assert (bool(verdict), verdict.state) == (False, "open")
        assert verdict.lines[0].startswith("Not answered yet. Wanted: a ")
        assert "type your answer between the quotes" in repr(verdict)
        assert "nn-open" in verdict._repr_html_()


def test_what_is_wanted_is_said(monkeypatch):
    assert slope("").lines == ("Not answered yet. Wanted: a formula in alpha, x.",)
    exact = expects(sp.pi / 4, hint="A quarter.")
    assert "an exact number, such as 2/3" in repr(exact(""))
    for rtol, digits in ((1e-3, 4), (0.01, 3), (0.05, 2), (1e-6, 7), (5e-3, 3)):
        question = expects_number(1.0049, "h", rtol=rtol, unit="m")
        assert f"a number in m; {digits} digits are enough" in repr(question(""))
        assert question(f"{1.0049:.{digits - 1}e}")
    assert "between" not in str(slope("").lines)
    monkeypatch.setenv("NNBOOK_STATIC", "1")
    assert "between the quotes" not in repr(slope("")) + slope("")._repr_html_()


def test_a_question_is_rebuilt_from_its_record():
    bounded = expects(sp.sqrt(x) * sp.Max(0, x), hint="h", domain={x: (0, sp.oo)})
    quarter = expects_number(0.25, "h", rtol=0.01, unit="m")
    for question, answers in (
        (slope, ["", "alpha sigma(x)", "alpha sigma(x) sigma(-x)", "x +"]),
        (bounded, ["x^(3/2)", "x|x|"]),
        (quarter, ["0.25 m", "0.3", "0.2501", "x"]),
    ):
        record = json.loads(json.dumps(question.record))
        again = from_record(record)
        assert again.record == question.record
        for answer in answers:
            before, after = question(answer), again(answer)
            assert before == after
            assert before._repr_mimebundle_()[MIME]["question"] == record


@pytest.mark.parametrize(
    "record",
    [{}, None, {"kind": "essay", "hint": "h"}, {"kind": "number", "hint": "h"},
     {"kind": "formula", "hint": "h", "domain": {}, "correct": "__import__('os').getpid()"},
     {"kind": "formula", "hint": "h", "domain": {}, "correct": "Symbol('x').name"},
     {"kind": "formula", "hint": "h", "domain": {}, "correct": "plot"},
     {"kind": "formula", "hint": "h", "domain": {}, "correct": "x ="}],
)  # fmt: skip
def test_no_other_record_is_taken(record):
    with pytest.raises(ValueError, match="must"):
        from_record(record)


def test_an_answer_is_read_before_it_is_judged():
    first = slope.read("sigma(x) alpha")
    assert (first.state, first.reading) == ("open", "alpha/(1 + exp(-x))")
    assert first.mathml.startswith("<math><mrow><mfrac><mi>&#945;</mi>")
    assert slope("sigma(x) alpha").mathml == first.mathml
    assert first.mathml in slope("sigma(x) alpha")._repr_html_()
    assert "&Exp" not in first.mathml and "&Inv" not in slope.read("2x").mathml
    assert slope.read("x +") == slope("x +")
    assert slope.read("x +").state == "unreadable"
    assert slope.read("") == slope("")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("sigma(x", "it ends too early: ')' is wanted"),
        ("x +", "it ends too early"),
        ("2^^3", "'^' at position 3"),
        ("x = 1", "'=' at position 3"),
        ("x.__class__", "'.' at position 2"),
        ("__import__('os').system('true')", "the name '__import__' at position 1"),
        ("().__class__.__mro__", "'.' at position 3"),
        ("lambda: 0", "the name 'lambda' at position 1"),
        ("x: 0", "':' at position 2"),
        ("foo(x)", "the name 'foo' at position 1 is not known here"),
        ("eval(x)", "the name 'eval'"),
        ("Symbol", "the name 'Symbol'"),
        ("y", "symbols: alpha, x"),
        ("1/2x", "could be read in two ways"),
        ("exp(x, 2)", "exp takes 1 argument, got 2"),
        ("1/0", "no finite value"),
        ("log(0)", "no finite value"),
        ("9**9**9", "exponent is too large"),
        ("9^200^2", "exponent is too large"),
        ("((9^200)^200)^200", "too many digits"),
        ("x^1e9", "exponent is too large"),
        ("1e999999999", "too large or too small"),
        ("(" * 10000 + "x" + ")" * 10000, "20001 characters"),
        ("(" * 60 + "x" + ")" * 60, "more than 40 brackets"),
        ("-" * 300, "ends too early"),
        ("^".join("x" * 60), "more than 40 powers"),
        ("Piecewise((1, x), (0, True))", "one of < <= > >= == !="),
        ([1], "of type list"),
    ],
)
def test_unreadable(answer, message):
    verdict = slope(answer)
    assert (bool(verdict), verdict.state) == (False, "unreadable")
    text = repr(verdict)
    assert text.startswith("Cannot read this: ")
    assert message in text


def test_html_is_escaped():
    assert "<b>" not in slope("<b>")._repr_html_()
    assert "&lt;b&gt;" in slope("<b>")._repr_html_()


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("2x", 2 * x), ("x(1-x)", x * (1 - x)), ("(x)(x)", x**2), ("2 x x", 2 * x**2),
        ("-x^2", -(x**2)), ("2^-1", sp.Rational(1, 2)), ("2^3^2", sp.Integer(512)),
        ("1/2/x", 1 / (2 * x)), ("1/2*x", x / 2), ("0.1", sp.Rational(1, 10)), 
        ("1e-3", sp.Rational(1, 1000)),
        (".5", sp.Rational(1, 2)), ("2e", 2 * sp.E), ("pi e", sp.pi * sp.E), ("--x", x),
        ("ln(x)", sp.log(x)), ("max(0, x)", sp.Max(0, x)), ("|".replace("|", "abs(x)"), sp.Abs(x)),
        ("Phi(x)", (1 + sp.erf(x / sp.sqrt(2))) / 2), ("α x²", alpha * x**2),
        ("Piecewise((x, x >= 0), (alpha x, True))", sp.Piecewise((x, x >= 0), (alpha * x, True))),
    ],
)  # fmt: skip
def test_reading(text, meaning):
    assert prove(read(text, names), meaning).status in ("proved", "computed")


@settings(max_examples=300)
@given(st.text(alphabet="x2.e+-*/^()<>=,α σ_'\"[]{}:;exploginPwTru\n", max_size=30))
def test_any_text_is_read_or_refused_with_a_message(text):
    try:
        value = read(text, {"x": x})
    except ValueError as error:
        assert re.search(r"\w{3,}", str(error))
    else:
        assert isinstance(value, sp.Expr)
        assert value.free_symbols <= {x}


quarter = expects_number(0.25, hint="Where is it largest?", unit="m")


@pytest.mark.parametrize(
    "answer", ["1/4", "0.25 m", "0.25", 0.25, "0.2501", "2^-2", sp.Rational(1, 4)]
)
def test_right_number(answer):
    assert quarter(answer)


@pytest.mark.parametrize(
    ("answer", "message"),
    [("-0.25", "-0.25 m has the wrong sign."), ("2.5", "power of ten: it is 10^1 times"),
     (0.025, "it is 10^-1 times"), ("0.3", "0.3 m is too large."), ("0.2", "is too small."),
     ("100", "is much too large."), ("-3", "the wrong sign, and the wrong size"), 
     ("0", "is too small.")],
)  # fmt: skip
def test_wrong_number(answer, message):
    verdict = quarter(answer)
    assert verdict.state == "wrong"
    assert message in repr(verdict)
    assert "Hint: Where is it largest?" in repr(verdict)


@pytest.mark.parametrize(
    "answer", ["x", "nan", float("nan"), float("inf"), True, "0.25 kg", "sqrt(-1)", [1]]
)
def test_unreadable_number(answer):
    assert quarter(answer).state == "unreadable"


def test_numbers_near_zero_and_below():
    zero = expects_number(0, hint="Odd.", rtol=1e-3)
    assert zero(0.0005)
    assert "too large" in repr(zero(0.1))
    assert "too large in absolute value" in repr(expects_number(-2, hint="h")("-3"))


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: expects("x", hint="h"), "correct must be a number, a SymPy"),
        (lambda: expects(sp.eye(2), hint="h"), "correct must be a scalar"),
        (lambda: expects(x, hint=""), "hint must be .* got ''"),
        (lambda: expects(x, hint=None), "hint must be .* got None"),
        (lambda: expects(x, hint="h", domain={alpha: (0, 1)}), "domain names alpha"),
        (lambda: expects_number("1", hint="h"), "value must be .* got '1'"),
        (lambda: expects_number(float("nan"), hint="h"), "value must be .* got nan"),
        (lambda: expects_number(1, hint="h", rtol=0), "rtol must be .* got 0"),
        (lambda: expects_number(1, hint="h", unit=3), "unit must be text, got 3"),
        (lambda: expects_number(1, hint=" "), "hint must be .* got ' '"),
    ],
)
def test_an_author_s_mistakes(act, message):
    with pytest.raises(ValueError, match=message):
        act()
