"""A formula on paper, in a record and back: MathML for the eye, SymPy's own text for the next run.

Reading that text back runs no Python: it is taken apart by `ast`, and only SymPy's classes are
called.
"""

import ast
import re

import sympy as sp
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.printing.mathml import MathMLPresentationPrinter

_NAMED = {
    "pi": sp.pi, "E": sp.E, "I": sp.I, "oo": sp.oo, "zoo": sp.zoo, "nan": sp.nan,
    "true": sp.true, "false": sp.false, "EulerGamma": sp.EulerGamma, "GoldenRatio": sp.GoldenRatio,
    "ExprCondPair": ExprCondPair, "Function": sp.Function,
    "MutableDenseMatrix": sp.ImmutableDenseMatrix,
}  # fmt: skip


def written(value):
    """The text from which `rebuilt` makes an equal value, the same in every run.

    SymPy numbers its dummies by chance; here they are counted.
    """
    numbers = {}

    def counted(match):
        return f"dummy_index={numbers.setdefault(match[1], len(numbers) + 1)}"

    return re.sub(r"dummy_index=(-?\d+)", counted, sp.srepr(value))


def rebuilt(text):
    """The value that `written` wrote. Raises ValueError for any other text."""
    try:
        return _value(ast.parse(text, mode="eval").body)
    except (SyntaxError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"text must be a formula as SymPy writes it, got {text!r}") from error


def _value(node):
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(each) for each in node.elts]
    if isinstance(node, ast.Name):
        return _named(node.id)
    if isinstance(node, ast.Call):
        given = {each.arg: _value(each.value) for each in node.keywords}
        return _value(node.func)(*(_value(each) for each in node.args), **given)
    raise ValueError(f"text must be a formula as SymPy writes it, got {ast.unparse(node)!r}")


def _named(name):
    found = _NAMED.get(name, getattr(sp, name, None))
    if name in _NAMED or isinstance(found, type) and issubclass(found, sp.Basic):
        return found
    raise ValueError(f"text must be a formula as SymPy writes it, got the name {name!r}")


def names_in(*values):
    """{name: symbol or function} that a reader can type: free symbols, and undefined functions."""
    found = {}
    for e in map(sp.sympify, values):
        held = {part for each in e.atoms(sp.Indexed) for part in each.free_symbols}
        found |= {s.name: s for s in e.free_symbols - held if isinstance(s, sp.Symbol)}
        calls = e.atoms(sp.core.function.AppliedUndef)
        found |= {call.func.__name__: call.func for call in calls}
    return dict(sorted(found.items()))


def stated(result):
    """What a proof or a derivation is about, as text: {"line", "other", "names", "domain"}; None
    where there is nothing that a reader could type, as for matrices.
    """
    statement = getattr(result, "statement", None)
    if statement is None:
        return None
    line, other, domain = statement
    line, other = sp.sympify(line), sp.sympify(other)
    if not all(isinstance(e, sp.Expr) and e.is_Matrix is False for e in (line, other)):
        return None
    names = {name: written(symbol) for name, symbol in names_in(line, other).items()}
    return {
        "line": written(line), "other": written(other), "names": names,
        "domain": domain_written(domain),
    }  # fmt: skip


def domain_written(domain):
    """{symbol: (low, high)} as text; None for none."""
    return {
        written(symbol): [written(sp.sympify(end)) for end in ends]
        for symbol, ends in (domain or {}).items()
    } or None


def mathml(value):
    """The formula as a MathML element."""
    body = MathMLPresentationPrinter({"ln_notation": True}).doprint(value)
    # entities that name a letter or a sign of HTML's own list only, as characters
    for entity, character in (("&ExponentialE;", "e"), ("&InvisibleTimes;", "\u2062"),
                              ("<mi>True</mi>", "<mi>otherwise</mi>")):  # fmt: skip
        body = body.replace(entity, character)
    return f"<math>{body}</math>"


_SPECIAL = {c: "\\" + c for c in "#$%&_{}"} | {"\\": r"\backslash", "^": r"\hat{}", "~": r"\sim"}


def latex_words(words, command="text"):
    """Words inside \\text{}; signs that TeX would act on stand outside, where MathJax and KaTeX
    agree on them.
    """
    parts, plain = [], ""
    for c in words + "\0":
        if c in _SPECIAL or c == "\0":
            if plain:
                parts.append(f"\\{command}{{{plain}}}")
            parts.append(_SPECIAL.get(c, ""))
            plain = ""
        else:
            plain += c
    return "".join(parts)
