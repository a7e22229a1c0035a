"""What students write is read, or refused with a word on why; never run, never endless."""

import time

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook.exercises import MIME, expects, expects_number
from nnbook.exercises.reading import read, reading
from nnbook.proof import prove

x, y, alpha, beta1, x1 = sp.symbols("x y alpha beta1 x1")
NAMES = {s.name: s for s in (x, y, alpha, beta1, x1)}


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("|x|", abs(x)), ("||x|-1|", abs(abs(x) - 1)), ("|x-|x-1||", abs(x - abs(x - 1))),
        ("|x||y|", abs(x) * abs(y)), ("2|x|", 2 * abs(x)), ("√x", sp.sqrt(x)),
        ("√(x+1)", sp.sqrt(x + 1)), ("√2", sp.sqrt(2)), ("x⁴", x**4), ("x⁻¹", 1 / x),
        ("x²³", x**23), ("½x", x / 2), ("⅓", sp.Rational(1, 3)), ("xy", x * y), ("πx", sp.pi * x),
        ("αx", alpha * x), ("xsin(x)", x * sp.sin(x)), ("sin x", sp.sin(x)),
        ("sin^2(x)", sp.sin(x) ** 2), ("sin²(x)", sp.sin(x) ** 2), ("sin^2 x", sp.sin(x) ** 2),
        ("sin x cos x", sp.sin(x) * sp.cos(x)), ("exp x", sp.exp(x)), ("cos2x", sp.cos(2 * x)),
        ("sin 2x", sp.sin(2 * x)), ("[x+1]{x}", x * (x + 1)), ("(1 - [x])", 1 - x),
        ("x − 1", x - 1), ("x – 1", x - 1), ("x ∕ 2", x / 2), ("x ÷ 2", x / 2), ("x·y", x * y),
        ("x × y", x * y), ("x ⋅ y", x * y), ("x ∗ y", x * y), ("tan(x)", sp.tan(x)),
        ("relu(x)", sp.Max(0, x)), ("sgn(x)", sp.sign(x)), ("sech(x)", 1 / sp.cosh(x)),
        ("csch x", 1 / sp.sinh(x)), ("coth(x)", 1 / sp.tanh(x)), ("arctan(x)", sp.atan(x)),
        ("atan(x)", sp.atan(x)), ("artanh(x)", sp.atanh(x)), ("arsinh(x)", sp.asinh(x)),
        ("arcosh(x)", sp.acosh(x)), ("acosh(x)", sp.acosh(x)), ("log(x, 2)", sp.log(x) / sp.log(2)),
        ("log_2(x)", sp.log(x) / sp.log(2)), ("log₂(x)", sp.log(x) / sp.log(2)),
        ("log10(x)", sp.log(x) / sp.log(10)), ("β_1", beta1), ("β₁", beta1), ("beta_1", beta1),
        ("x_1", x1), ("x₁", x1), ("x_{1}", x1), ("\ufeffx", x), ("x\u00a0+\u20091", x + 1),
        ("ｘ", x), ("𝑥", x), ("3,14", sp.Rational(157, 50)), ("2e-1", sp.Rational(1, 5)),
        (r"\frac{1}{1+e^{-x}}", 1 / (1 + sp.exp(-x))), (r"\frac12 x", x / 2),
        (r"\sqrt{x}\cdot\left(x+1\right)", sp.sqrt(x) * (x + 1)), (r"\alpha x^{2}", alpha * x**2),
        (r"\beta_1", beta1), (r"\beta_{1} \ln x", beta1 * sp.log(x)), (r"\tanh(x)", sp.tanh(x)),
        ("sinh(x)", sp.sinh(x)), ("cos(x)", sp.cos(x)), ("cosh x", sp.cosh(x)),
        ("erf(x)", sp.erf(x)), ("erfc(x)", sp.erfc(x)), ("min(x, y)", sp.Min(x, y)),
        ("Min(x, y)", sp.Min(x, y)), ("Max(x, y)", sp.Max(x, y)), ("sin(x)", sp.sin(x)),
        ("ϕ(x)", sp.exp(-x**2 / 2) / sp.sqrt(2 * sp.pi)), ("1/2*3x", 3 * x / 2),
        ("phi(x)", sp.exp(-x**2 / 2) / sp.sqrt(2 * sp.pi)),
        ("Piecewise((1, x == 0), (2, True))", sp.Piecewise((1, sp.Eq(x, 0)), (2, True))),
        ("Piecewise((1, x != 0), (2, True))", sp.Piecewise((1, sp.Ne(x, 0)), (2, True))),
        (r"\operatorname{relu}(x)", sp.Max(0, x)), ("exp\u2061(x)", sp.exp(x)),
        ("exp(1000)", sp.exp(1000)),
        ("2,5e-3", sp.Rational(1, 400)), ("5%", sp.Rational(1, 20)), ("2,5 %", sp.Rational(1, 40)),
        ("max(0,x,y)", sp.Max(0, x, y)), ("max(0,5)", sp.Integer(5)), ("ln|x|", sp.log(abs(x))),
        ("0,125x", x / 8), ("exp(0,5x)", sp.exp(x / 2)), ("sin(1,5)", sp.sin(sp.Rational(3, 2))),
        ("x^2y", x**2 * y), ("3x^2y", 3 * x**2 * y), ("x^2(1-x)", x**2 * (1 - x)),
        ("e^x(1-x)", sp.exp(x) * (1 - x)), ("e^-x(1-x)", sp.exp(-x) * (1 - x)),
        ("e^x y", sp.exp(x) * y), ("x^3/3", x**3 / 3), ("e⁻ˣ", sp.exp(-x)), ("eˣ", sp.exp(x)),
        ("x⁽¹⁻ʸ⁾", x ** (1 - y)), ("log₂x", sp.log(x) / sp.log(2)), ("∛x", x ** sp.Rational(1, 3)),
        ("log₂ x", sp.log(x) / sp.log(2)), ("log_3(x)", sp.log(x) / sp.log(3)),
        ("ylog_2x", y * sp.log(x) / sp.log(2)), ("log(8, 2)", sp.log(8) / sp.log(2)),
        (r"\log_{10} x", sp.log(x) / sp.log(10)), (r"\log_2x", sp.log(x) / sp.log(2)),
        (r"\sqrt[3]{x}", x ** sp.Rational(1, 3)), (r"\sqrt x", sp.sqrt(x)),
        (r"\max\{0,x\}", sp.Max(0, x)), (r"\min\left(1, x\right)", sp.Min(1, x)),
        (r"\frac xy", x / y), (r"\frac x2", x / 2), (r"\cfrac{1}{2}", sp.Rational(1, 2)),
        (r"\biggl(x\biggr)~y", x * y), (r"\(x+1\)", x + 1), (r"\[x+1\]", x + 1),
        (r"\begin{cases} x, & \text{if } x>0, \\ y & \text{otherwise.} \end{cases}",
         sp.Piecewise((x, x > 0), (y, True))),
        (r"2\begin{cases}1 & x \ge 0\\-1 & x<0\\\end{cases}",
         2 * sp.Piecewise((1, x >= 0), (-1, x < 0))),
        ("\frac{1}{2}", sp.Rational(1, 2)), ("\beta_1", beta1), ("\alpha x", alpha * x),
        ("2\times x", 2 * x), ("\tanh(x)", sp.tanh(x)), ("(x\right)", x),
        ("x^-200", x**-200), ("2^-200", sp.Integer(2) ** -200),
    ],
)  # fmt: skip
def test_what_students_write(text, meaning):
    assert read(text, NAMES) == meaning


@pytest.mark.parametrize(("text", "letter"), [("µ + 1", "mu"), ("ϵ + 1", "epsilon")])
def test_letters_that_look_alike(text, letter):
    symbol = sp.Symbol(letter)
    assert read(text, {letter: symbol}) == symbol + 1


def test_a_known_longer_name_is_never_split():
    xy = sp.Symbol("xy")
    assert read("xy", {"x": x, "y": y, "xy": xy}) == xy


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 000", "between 1 and 000 an operator is missing"),
        ("1,000", "could be read in two ways"),
        ("x²2", "between a power and a number"),
        ("2e-1x", "could be read in two ways"),
        ("e^2x", "could be read in two ways"),
        ("e^xy", "could be read in two ways"),
        ("sin^-1 x", "could be read in two ways"),
        ("sin⁻¹(x)", "could be read in two ways"),
        ("sin x/2", "could be read in two ways"),
        ("x+1/(1/0)", "divides by zero"),
        ("х", "cyrillic"),
        (r"\sqrt[x]{x}", "a root must be one of 2 to 9"),
        ("e^⁻x", "write ^(...)"),
        ("e^2x", "write e^(2*x) or e^(2)*x"),
        ("e^xy", "write e^(x*y) or e^(x)*y"),
        ("e^2(x+1)", "write e^(2*(...)) or e^(2)*(...)"),
        ("x^1/2", "write x^(1/2) or x^(1)/2"),
        ("1/2x", "write 1/(2*x) or (1/2)*x"),
        ("x y/2x", "write y/(2*x) or (y/2)*x"),
        ("sin x/2", "write sin(x/2) or sin(x)/2"),
        ("sin x y", "write sin(x*y) or sin(x)*y"),
        ("log2x", "write log2(x) or log(2x)"),
        ("log10x", "write log10(x) or log(10x)"),
        ("log(8,2)", "write log(8, 2) with a space or log(8.2)"),
        ("√x²", "write √(x^...) or (√x)^..."),
        ("1½", "write 1 + ½ or 1*½"),
        ("max(0, 0,5x)", "commas in max(...) could be read in two ways"),
        ("ln|x|y", "write ln(|x|*y) or ln(|x|)*y"),
        ("⅟₂", "has no meaning here"),
        ("x + # y", "the character '#' at position 5 has no meaning here"),
        ("5%2", "'*' before a number"),
        ("12,345", "could be read in two ways"),
        ("log_1(x)", "must be 2 or more"),
        ("sigma'(x)", "derivative sigma' is not read here"),
        ("y = 2x", "write one formula alone"),
        (r"\begin{matrix}x\end{matrix}", r"not read here: \begin"),
        (r"\begin{cases}1 & x>0", r"\end{cases} is wanted"),
        (r"\partial x", r"LaTeX command \partial"),
        (r"x + \foo(x)", r"\foo at position 5 is not read"),
        (r"\operatorname{foo}(x)", "'foo' at position 15 is not known"),
        ("exp(1000.5)", "exp of a number beyond 1000 is too large"),
        ("exp(x, 2)", "written with a point"),
        ("x^-201", "exponent is too large"),
        ("(9^200)^-200", "too many digits"),
        ("Piecewise((1, sqrt(-1) < 1), (2, True))", "no real value"),
        ("x^exp(exp(exp(exp(9))))", "too large"),
        ("Piecewise((1, exp(exp(exp(99))) > exp(exp(exp(98)))), (2, True))", "too large"),
    ],
)
def test_refused_with_a_clear_word(text, message):
    with pytest.raises(ValueError) as error:
        read(text, NAMES)
    assert message in str(error.value)


def test_what_was_read_is_said():
    assert reading("x + 1", NAMES).text == "x + 1"
    question = expects(x * sp.sin(x), hint="h")
    verdict = question("x sin x")
    assert verdict and verdict.reading == "x*sin(x)"
    assert "I read: x*sin(x)" in repr(verdict)
    assert verdict._repr_mimebundle_()[MIME]["reading"] == "x*sin(x)"
    assert reading("1e-400", NAMES).text == "1.0e-400"
    assert "I read: 0.2" in repr(expects_number(0.2, hint="h")("2e-1"))


SECRET = sp.exp(-x) / (1 + sp.exp(-x)) ** 2


@pytest.mark.parametrize(
    "answer",
    ["sin(1e16)", "abs(x-" * 20 + "x" + ")" * 20, "x^x^x^x", "log(x - x - 1)", "exp(exp(exp(x)))",
     "max(" + ",".join(f"x^{k}" for k in range(1, 75)) + ")"],
)  # fmt: skip
def test_no_answer_hangs_or_tells_the_right_one(answer):
    start = time.process_time()
    text = repr(expects(SECRET, hint="h")(answer))
    assert time.process_time() - start < 20
    assert "rhs" not in text and "lhs" not in text and "exp(-x)" not in text.replace(answer, "")
    assert "✓" not in text


def test_numbers_that_are_too_large():
    question = expects_number(1e-12, "h")
    assert question("1e305").state == "wrong"
    assert "too large" in repr(question("sin(exp(exp(20)))"))


def test_the_domain_counts():
    question = expects(x, hint="h", domain={x: (0, sp.oo)})
    assert question("|x|")
    assert not expects(x, hint="h")("|x|")


def test_the_border_of_the_tolerance_is_right_and_no_more():
    question = expects_number(4, hint="h", rtol=0.25)
    assert question(5) and question(3)
    assert not question(5.001)


def test_how_wrong():
    close = expects_number(2, hint="h", rtol=0.01)
    assert "has the wrong sign." in repr(close("-2.01"))
    assert "is much too large" in repr(close("30"))


WIDE = "x2.,e&ˣ∛+-*/^()<>=|[]{}\\_ασ√²⁻₁½·−×π \u00a0\ufeffхｘ'\":;exploginPwTrufac\n"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=WIDE, max_size=30) | st.text(max_size=20))
def test_any_text_is_read_or_refused_with_a_message(text):
    try:
        value = read(text, {"x": x})
    except ValueError as error:
        assert len(str(error)) > 10
    else:
        assert isinstance(value, sp.Expr) and value.free_symbols <= {x}


def test_both_sides_of_the_chapters_own_solution():
    assert expects_number(3.6368929184641337, "h")("2 arcosh(sqrt(10))")
    assert prove(read("sigma x", {"x": x}), 1 / (1 + sp.exp(-x)))
