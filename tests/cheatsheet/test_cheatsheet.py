"""The cheat sheet: nothing of the library is missing on it, and nothing wrong gets onto it."""

import ast
import inspect
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
import sympy as sp

import notebook
from nnbook import activations, initializers, losses, normalization, optimizers, penalties, scaling
from nnbook.cheatsheet import Sheet
from nnbook.cheatsheet.notation import latex, parse
from nnbook.cheatsheet.rows import Row, SheetError
from reading_latex import reread

ROOT = Path(__file__).parents[2]
BUILT = nbformat.read(ROOT / "book" / "cheatsheet.ipynb", as_version=4)
OUTPUTS = [output.data for cell in BUILT.cells for output in cell.get("outputs", [])]
PLAIN = "\n".join(output["text/plain"] for output in OUTPUTS)
MARKDOWN = "\n".join(output["text/markdown"] for output in OUTPUTS)


# Nothing is missing


def public(module, *others):
    """The functions that a module defines for its users, without those named."""
    return {
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and name[0] != "_"
    } - set(others)


WANTED = {
    "activations": {f.name for f in activations.ALL} | {"softmax", "log_softmax"},
    "losses": {loss.__name__ for loss in losses.ALL},
    "initializers": public(initializers, "fan_in_fan_out"),
    "normalization": public(normalization, "normalize"),  # what the layers are made of
    "optimizers": public(optimizers, "trajectory", "minimize"),
    "penalties": public(penalties) | {"soft_threshold"},
    "scaling": public(scaling),
}


def test_every_formula_has_a_row():
    names = re.findall(r"^[✓∘≈] (.+)$", PLAIN, flags=re.MULTILINE)
    shown = {name for line in names for name in line.split(", ")}
    assert {module: wanted - shown for module, wanted in WANTED.items() if wanted - shown} == {}
    variants = {"sgd(momentum)", "sgd(nesterov)"}
    assert shown - set().union(*WANTED.values()) == {"linear", "cosine"} | variants
    assert len(names) == len({*names}) > 50


def test_every_function_is_explained_where_it_is_shown():
    """What a row takes for known is defined on the sheet, or is notation of the words above."""
    used = {function.func.__name__ for _, text in formulas() for function in functions(text)}
    defined = set(re.findall(r"^ *(\w+)\([\w, ]+\) =", PLAIN, flags=re.MULTILINE))
    assert used - defined <= {"mean", "norm", "dot", "total", "min", "max", "median", "Q1", "Q3"}
    assert {"σ", "Φ", "φ", "D", "cos"} <= defined


def functions(text):
    return parse(text).atoms(sp.core.function.AppliedUndef)


def formulas():
    """(left side or None, right side) of all lines in the plain text."""
    for line in PLAIN.splitlines():
        if line[0] not in "✓∘≈":
            *left, right = re.split(r" [=←] ", line.strip(), maxsplit=1)
            yield (left[0] if left else None), right


# What is shown is what was verified


def evaluated(e):
    return e.func(*map(evaluated, e.args)) if e.args else e


def same(one, two):
    a, b = evaluated(parse(one)), evaluated(parse(two))
    return a == b or sp.expand(a - b) == 0


def test_the_formulas_read_back_are_those_that_were_verified():
    """A lost bracket in the LaTeX would be an error that no proof could find."""
    body = [line for line in MARKDOWN.splitlines() if line[2:3] in "✓∘≈" or line[0] == "$"]
    set_in_latex = re.findall(r"\$\\displaystyle (.*?)\$", "\n".join(body))
    stated = list(formulas())
    assert len(set_in_latex) == len(stated) > 120
    for (left, right), text in zip(stated, set_in_latex, strict=True):
        if left:
            shown, text = re.split(r"(?<!\\ne )=|\\leftarrow ", text, maxsplit=1)
            pairs = zip(left.split("/"), shown.split("/"), strict=True)
            for wanted, part in pairs:
                assert part.startswith(r"\partial ") == wanted.startswith("∂")
                part, wanted = part.removeprefix(r"\partial "), wanted.removeprefix("∂")
                assert same(reread(part), wanted), (part, wanted)
        assert same(reread(text), right), (text, right)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("-(a + b)*c", "(-a-b) c"),
        ("a - (b - c)", "a-(b-c)"),
        ("a/(b*c)", r"\frac{a}{b c}"),
        ("exp(-x/(2*τ))", r"e^{-x/(2 \tau)}"),
        ("exp(-x/(2 + τ))", r"e^{-x/(2+\tau)}"),
        ("sqrt(6/((1 + α**2)*n))", r"\sqrt{6/((1+\alpha^{2}) n)}"),
        ("1/2*(a + b)", r"\tfrac{1}{2}(a+b)"),
        ("(a + b)/2", r"\frac{a+b}{2}"),
        ("(-a)**2", r"(-a)^{2}"),
        ("(a*b)**2", r"(a b)^{2}"),
        ("(p[i]/q[i])**2", r"(p_{i}/q_{i})^{2}"),
        ("exp(x)**2", r"(e^{x})^{2}"),
        ("Σ(x[k], k)*a", r"({\textstyle\sum_{k}}x_{k}) a"),
        ("log(x)*y", r"(\log x) y"),
        ("log(x + y)", r"\log(x+y)"),
        ("log(x)**2", r"\log^{2} x"),
        ("dot(u, v)*a", r"(u\cdot v) a"),
        ("dot(u, v)**2", r"(u\cdot v)^{2}"),
        ("mean(x*y)**2", r"\overline{x y}^{2}"),
        ("norm(u)**2", r"\lVert u\rVert^{2}"),
        ("a*on(x - y)", r"a [x>y]"),
        ("a*cases(1, x > 0, 0)", r"a \left(\begin{cases}1&x>0\\[-1pt]0&x\le 0\end{cases}\right)"),
    ],
)
def test_formulas_keep_their_order_and_their_brackets(text, wanted):
    found = latex(parse(text))
    assert found.replace(r"\left(", "(").replace(r"\right)", ")") == wanted.replace(
        r"\left(", "("
    ).replace(r"\right)", ")")
    if "cases" not in text:
        assert same(reread(found), text)


@pytest.mark.parametrize("text", ["x +", "(x", "x y", "x[", "f("])
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(ValueError, match="text must be a formula"):
        parse(text)


# Nothing wrong gets onto the sheet


@pytest.fixture(scope="module")
def cells():
    """[(the statements before the sheet of a cell, its rows as text, their names)], once run."""
    names, found = {}, []
    for cell in notebook.read_source(ROOT / "nbsrc" / "cheatsheet.md").cells:
        if cell.cell_type == "code":
            *before, sheet = ast.parse(cell.source).body
            exec(compile(ast.Module(before, []), cell.id, "exec"), names)
            found.append((before, [ast.unparse(row) for row in sheet.value.args[1:]]))
    return names, found


def edited(cells, old, new):
    """The rows that hold `old`, made with `new` in its place; nothing to make is an error."""
    names, found = cells
    assert any(old in row for _, rows in found for row in rows) or any(
        old in ast.unparse(before) for statements, _ in found for before in statements
    ), old
    for before, rows in found:
        touched = [row for row in rows if old in row]
        setting = [ast.unparse(line) for line in before]
        if any(old in line for line in setting):
            names = dict(names)
            exec("\n".join(setting).replace(old, new), names)
            touched = [row for row in rows if "*" in row]  # those that take what was set
        for row in touched:
            eval(row.replace(old, new), names)


WRONG = {
    "a derivative": ("σ(x)*(1 - σ(x))", "σ(x)*(1 + σ(x))"),
    "a derivative that only holds far out": ("1 - tanh(x)**2", "1 - tanh(x)**4"),
    "a value at a kink": ("cases(1, x > 0, 0)", "cases(1, x >= 0, 0)"),
    "a formula": ("cases(x, x > 0, α*x)", "cases(x, x > 0, -α*x)"),
    "a constant": ("0.134145", "0.134"),
    "a Jacobian": ("s[i]*(KroneckerDelta(i, j) - s[j])", "s[i]*(KroneckerDelta(i, j) - s[i])"),
    "a factor 1/2 in a loss": ("'(y_hat - y)**2'", "'1/2*(y_hat - y)**2'"),
    "a gradient": ("'2*(y_hat - y)'", "'y_hat - y'"),
    "a loss and its gradient": ("sign(y_hat - y)/abs(y)", "sign(y_hat - y)/y"),
    "a loss, not its gradient": ("log(Σ(exp(z[j]), j)) -", "1 + log(Σ(exp(z[j]), j)) -"),
    "a gradient by a distribution": ("log(p[i]/q[i]) + 1", "log(p[i]/q[i])"),
    "a margin": ("2*(1 - y)*Max(0, m - D)", "2*(1 - y)*(m - D)"),
    "a sign": ("'p': '-on(t)*u'", "'p': 'on(t)*u'"),
    "a gradient missing": (", 'n': 'on(t)*v'", ""),
    "a gradient by a similarity": ("(q_pos - 1)/τ", "(q_pos - 1)"),
    "a gradient of the cosine": ("(v_hat - cos(u, v)*u_hat)/norm(u)", "(v_hat - u_hat)/norm(u)"),
    "a gradient by vectors": ("(σ(dot(u, v)) - y)*v", "(σ(dot(u, v)) - y)*u"),
    "a layer": ("Σ(g[i]*W[i, j], i)", "Σ(g[i]*W[j, i], i)"),
    "a normalization": ("- x_hat*mean(g_hat*x_hat)", "- mean(g_hat*x_hat)"),
    "axes": ("numbered(rows, (1,))", "numbered(rows, (0,))"),
    "a gradient by γ": ("total(g*x_hat)", "total(g)"),
    "a penalty": ("'λ*sign(w[i])'", "'sign(w[i])'"),
    "a threshold": ("Max(0, abs(w) - λ)", "Max(0, abs(w) + λ)"),
    "a scaler": ("(x - min(x))/(max(x) - min(x))", "(x - min(x))/max(x)"),
    "what a constant gives": ("'sign(x)'", "'1'"),
    "a variance": ("'σ**2'", "'σ'"),
    "a width and its variance": ("sqrt(6/(n_in + n_out))", "sqrt(3/(n_in + n_out))"),
    "a momentum": ("β*v + (1 - d)*g", "β*v + (1 + d)*g"),
    "a first step": ("cases(g, Eq(t, 1),", "cases(0, Eq(t, 1),"),
    "a look ahead": ("θ - η*(g + β*v)", "θ - η*(g + v)"),
    "a correction": ("m/(1 - β_1**t)", "m/(1 - β_1)"),
    "a decay": ("(sqrt(v_hat) + ε) + λ*θ)", "(sqrt(v_hat) + ε)) - λ*θ"),
    "an ε": ("η*g/(sqrt(G) + ε)", "η*g/sqrt(G + ε)"),
}


@pytest.mark.parametrize(("old", "new"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_refused(cells, old, new):
    with pytest.raises(SheetError):
        edited(cells, old, new)


def test_a_record_that_is_wrong_is_refused(cells, monkeypatch):
    """The sheet is right and the library is not: the same alarm."""
    monkeypatch.setattr(activations.relu, "dfn", lambda x: np.where(x >= 0, 1.0, 0.0))
    with pytest.raises(SheetError, match="relu"):
        edited(cells, "activations.relu", "activations.relu")


def test_rows_with_different_formulas_are_not_one():
    one = Row(("a",), (("", "x"),), (("", "1"),), "proved")
    two = Row(("b",), (("", "2*x"),), (("", "2"),), "proved")
    with pytest.raises(SheetError, match="same formulas"):
        one + two
    assert (one + one).names == ("a",)


def test_an_error_names_the_row_and_both_values():
    with pytest.raises(SheetError, match=r"tanh: the derivative is not .*tanh.* refuted at x = "):
        from nnbook.cheatsheet import activation

        activation(activations.tanh, "tanh(x)", "1 - tanh(x)")


def test_a_sheet_is_a_table_of_three_columns():
    sheet = Sheet(("a", "b", "c"), Row(("f_x", "g"), (("", "x"),), (("df =", "1"),), "checked"))
    table = sheet._repr_mimebundle_()["text/markdown"].splitlines()
    assert [line.count("|") for line in table] == [4, 4, 4]
    assert "≈" in table[2] and r"$\displaystyle f'=1$" in table[2]
    assert str(sheet) == "≈ f_x, g\n    x\n    df = 1"
