"""Derivations: every step is proved when written, and shown with its reason and mark."""

import pytest
import sympy as sp

from nnbook.derivation import Derivation, DerivationError

x, y = sp.symbols("x y", real=True)
u = sp.Symbol("u")
alpha = sp.Symbol("alpha", positive=True)
sigma = 1 / (1 + sp.exp(-x))


def sigmoid_slope():
    d = Derivation(sp.Derivative(sigma, x), title="Slope of the sigmoid")
    d.step(sp.exp(-x) / (1 + sp.exp(-x)) ** 2, because="chain rule")
    return d.step(sigma * (1 - sigma), because="σ appears twice")


def test_steps_are_kept_as_written():
    d = sigmoid_slope()
    assert d.start == sp.Derivative(sigma, x)
    assert d.result == sigma * (1 - sigma)
    assert d.status == "computed"
    assert [s.because for s in d.steps] == ["chain rule", "σ appears twice"]
    assert [s.proof.status for s in d.steps] == ["computed", "proved"]


def test_text():
    assert str(sigmoid_slope()) == (
        "Slope of the sigmoid\n"
        "  Derivative(1/(1 + exp(-x)), x)\n"
        "= exp(-x)/(1 + exp(-x))**2              chain rule      ∘\n"
        "= (1 - 1/(1 + exp(-x)))/(1 + exp(-x))   σ appears twice ✓"
    )


def test_latex():
    d = Derivation(x + x).step(2 * x, because="x + x = 2 x")
    assert d._repr_mimebundle_() == {
        "text/latex": "$$\n\\begin{aligned}\n&2 x \\\\[7pt]\n"
        "&= 2 x && \\text{x + x = 2 x} \\;\\circ\n\\end{aligned}\n$$",
        "text/plain": "  2*x\n= 2*x   x + x = 2 x ∘",
        "application/vnd.nnbook.derivation+json": {
            "title": None,
            "start": "2 x",
            "line": (line := "Mul(Integer(2), Symbol('x', real=True))"),
            "names": {"x": "Symbol('x', real=True)"},
            "domain": None,
            "steps": [
                {"latex": "2 x", "because": "x + x = 2 x", "status": "computed", "line": line}
            ],
        },
    }


def test_wide_lines_carry_their_reason_below():
    long = sp.Add(*(x**k for k in range(12)))
    d = Derivation(long).step(sp.factor(long), because="factored into a product")
    assert r"\\ &\qquad \text{factored into a product} \;\checkmark" in d.latex()
    assert " && " not in d.latex()


@pytest.mark.parametrize(
    ("words", "latex"),
    [
        ("50% of $a_1$ & {b}^2", r"\text{50}\%\text{ of }\$\text{a}\_\text{1}\$\text{ }\&\text{ }"
         r"\{\text{b}\}\hat{}\text{2}"),
        (r"a \ b # ~", r"\text{a }\backslash\text{ b }\#\text{ }\sim"),
        ("按定义", r"\text{按定义}"),
    ],
)  # fmt: skip
def test_words_are_escaped(words, latex):
    assert latex in Derivation(x).step(x, because=words).latex()


def test_unevaluated_expressions_are_shown_as_given():
    swapped = sp.Add(y, x, 3, evaluate=False)
    twice = sp.Add(x, x, evaluate=False)
    product = sp.Mul(2, sp.Add(1, 2, evaluate=False), evaluate=False)
    total = sp.Sum(u, (u, 1, 3))
    d = Derivation(swapped)
    assert "&y + x + 3" in d.latex()
    assert str(d) == "  y + x + 3"
    assert "x + x" in Derivation(2 * x).step(twice, because="twice").latex()
    shown = Derivation(total).step(product, because="counted").latex()
    assert r"\sum_{u=1}^{3} u" in shown
    assert r"2 \left(1 + 2\right)" in shown


def test_a_checked_step_is_marked():
    d = Derivation(sp.asinh(sp.sinh(x))).step(x, because="inverse functions")
    assert d.status == "checked"
    assert d.latex().count(r"\approx") == 1
    assert str(d).endswith("inverse functions ≈")


def test_matrices_and_undefined_functions():
    a = sp.Matrix([[x, 1], [0, y]])
    d = Derivation(sp.MatMul(a, a, evaluate=False)).step(a * a, because="row by column")
    assert d.status == "computed"
    f, g = sp.Function("f"), sp.Function("g")
    d = Derivation(sp.Derivative(f(x) * g(x), x))
    d.step(f(x) * g(x).diff(x) + g(x) * f(x).diff(x), because="product rule")
    assert d.status == "computed"


def test_domain():
    d = Derivation(sp.Max(alpha * x, x) + 0 * y, domain={alpha: (0, 1)})
    d.step(sp.Piecewise((x, x > 0), (alpha * x, True)), because="α x < x when x > 0")
    assert d.status == "proved"
    with pytest.raises(DerivationError):
        Derivation(sp.Max(alpha * x, x)).step(
            sp.Piecewise((x, x > 0), (alpha * x, True)), because="α x < x when x > 0"
        )
    ends = Derivation(x - x + u, domain={u: (0, 1)}).step(sp.Abs(u), because="u > 0")
    assert ends.status == "proved"


def test_a_wrong_step_names_itself_and_a_counterexample():
    d = sigmoid_slope()
    with pytest.raises(DerivationError) as caught:
        d.step(1 - sigma, because="wishful thinking")
    text = str(caught.value)
    assert "step 3 (wishful thinking) does not follow at x = 0" in text
    assert "the line before is 1/4, the step is 1/2" in text
    assert caught.value.proof.counterexample == {x: 0}
    assert len(d.steps) == 2  # the wrong step is not part of the derivation


RIGHT = sp.exp(-x) / (1 + sp.exp(-x)) ** 2
relu = sp.Piecewise((x, x > 0), (0, True))
BROKEN_STEPS = [
    (sp.Derivative(sigma, x), -RIGHT),
    (sp.Derivative(sigma, x), RIGHT * (1 + sp.Rational(1, 10**20))),
    (sp.Derivative(sigma, x), sigma * (1 - sigma**2)),
    (sp.Derivative(x**2 * sp.exp(x), x), 2 * x * sp.exp(x)),
    (sp.Derivative(sp.log(x**2 + 1), x), 1 / (x**2 + 1)),
    (sp.Derivative(relu, x), sp.Piecewise((1, x >= -1), (0, True))),
    (sp.sqrt(x**2), x),
    (sp.log(x * y), sp.log(x) + sp.log(y)),
    (sp.exp(x + y), sp.exp(x) + sp.exp(y)),
    ((x + y) ** 2, x**2 + y**2),
    (1 / (x + y), 1 / x + 1 / y),
    (sp.Integral(x, (x, 0, 1)), sp.Integer(1)),
    (sp.Matrix([x, y]), sp.Matrix([y, x])),
]


@pytest.mark.parametrize(("start", "wrong"), BROKEN_STEPS)
def test_a_broken_step_is_caught(start, wrong):
    with pytest.raises(DerivationError, match="does not follow"):
        Derivation(start).step(wrong, because="it looks right")


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: Derivation("x"), "start must be .*, got 'x'"),
        (lambda: Derivation(x > 0), "start must be .*, got the relation"),
        (lambda: Derivation(x, title=""), "title must be .*, got ''"),
        (lambda: Derivation(x, title=3), "title must be .*, got 3"),
        (lambda: Derivation(x, domain={y: (0, 1)}), "domain names y"),
        (lambda: Derivation(x, domain=3), "domain must be .*, got 3"),
        (
            lambda: Derivation(x).step("x", because="same"),
            "expression of step 1 must .* got 'x'",
        ),
        (lambda: Derivation(x).step(x, because=""), "because of step 1 must be .*, got ''"),
        (lambda: Derivation(x).step(x, because=None), "because of step 1 must be .*, got None"),
        (lambda: Derivation(x).step(sp.Matrix([x]), because="m"), "step 1 .*the same shape"),
        (
            lambda: Derivation(x).step(sp.Eq(x, 1), because="m"),
            "step 1 must .* got the relation",
        ),
    ],
)
def test_bad_input(act, message):
    with pytest.raises(ValueError, match=message):
        act()


def test_the_title_is_the_first_line():
    rows = sigmoid_slope().latex().splitlines()
    assert rows[1].startswith(r"&\textbf{Slope of the sigmoid}")
    assert str(sigmoid_slope()).startswith("Slope of the sigmoid\n")


@pytest.mark.parametrize(("letters", "beside"), [(26, True), (27, False)])
def test_a_reason_stands_beside_its_line_up_to_forty_characters(letters, beside):
    name = sp.Symbol("a" * letters)  # and 10 characters of reason, and 4 for the signs
    assert (" && " in Derivation(name).step(name, because="ten lettrs").latex()) == beside
    assert (" && " in Derivation(name).step(2 * name / 2, because="ten lettrs").latex()) == beside


def test_a_wide_first_line_counts_as_well():
    wide = sp.Add(*sp.symbols("a:20", real=True))
    nothing = sp.Add(wide, -wide, evaluate=False)
    assert " && " not in Derivation(nothing).step(0, because="b").latex()
    assert " && " in Derivation(x - x).step(0, because="b").latex()


def test_the_result_is_compared_with_the_start():
    """Each step holds wherever both lines are defined; both skip the hole at 0."""
    hole = sp.Piecewise((1, sp.Ne(x, 0)), (1 / x, True))
    d = Derivation(sp.Piecewise((1, sp.Ne(x, 0)), (2, True))).step(hole, because="a hole")
    with pytest.raises(DerivationError, match="the first line is 2, the step is 1"):
        d.step(sp.Integer(1), because="over the hole")


def test_a_step_cannot_be_changed_afterwards():
    with pytest.raises(AttributeError):
        sigmoid_slope().steps[0].because = "magic"
