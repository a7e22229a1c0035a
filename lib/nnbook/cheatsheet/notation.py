"""Formulas as text: read into SymPy expressions in the order of writing, and set in LaTeX.

    parse("σ(x)*(1 - σ(x))")        latex(parse("exp(-x)/2"))

Letters are Greek or Latin, and y_hat is ŷ. A name with brackets behind it, z[i], is a vector, one
with an argument, σ(x), a function: one of SymPy's (see `KNOWN`), or one without a meaning yet.
Besides, there are

    Σ(f, k)             the sum over all k
    cases(a, c, b)      a where c holds, b elsewhere; more pairs may follow
    on(t)               1 for t > 0, else 0: Iverson's bracket [t > 0]
"""

import re
from tokenize import TokenError

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.parsing.sympy_parser import parse_expr
from sympy.printing.latex import LatexPrinter

COUNT = sp.Symbol("count", integer=True, positive=True)  # how many entries a vector has

# What SymPy would name otherwise or set otherwise.
LETTERS = {
    **{"α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon"},
    **{"η": r"\eta", "θ": r"\theta", "λ": r"\lambda", "μ": r"\mu", "σ": r"\sigma", "τ": r"\tau"},
    **{"Φ": r"\Phi", "φ": r"\varphi", "β_1": r"\beta_1", "β_2": r"\beta_2", "du": "u'", "df": "f'"},
    **{"n_in": r"n_\text{in}", "n_out": r"n_\text{out}", "s_pos": "s_+", "s_neg": "s_-"},
    **{"q_pos": "q_+", "Q1": "Q_1", "Q3": "Q_3"},
}
_KNOWN = (sp.exp, sp.log, sp.sqrt, sp.tanh, sp.erf, sp.sign, sp.Max, sp.KroneckerDelta)
KNOWN = {function.__name__: function for function in _KNOWN} | {"Eq": sp.Eq}


def _cases(*given):
    pairs = zip(given[::2], given[1::2], strict=False)
    return sp.Piecewise(*pairs, (given[-1], True), evaluate=False)


OURS = {
    "Σ": lambda term, index: sp.Sum(term, (index, 1, COUNT)),
    "cases": _cases,
    "on": lambda t: sp.Heaviside(t, 0),
    "abs": lambda x: sp.Abs(x, evaluate=False),
}
AROUND = {
    "mean": r"\overline{{{}}}",
    "norm": r"\lVert {}\rVert",
    "dot": r"{}\cdot {}",
    "total": r"{{\textstyle\sum}}\,{}",
}
WORDS = {"min", "max", "log", "tanh", "exp", "cos"}  # functions for which TeX has a command


def parse(text):
    """The SymPy expression that `text` writes, nothing evaluated, every letter real.

    Raises ValueError for what is not a formula.
    """
    known = OURS.copy()
    for name, behind in re.findall(r"([^\W\d]\w*)([\[(]?)", text):
        if behind == "[":  # x[k] and x may stand in one formula
            known[f"entry_of_{name}"] = sp.IndexedBase(name, real=True)
        elif behind == "(":
            known.setdefault(name, KNOWN.get(name) or sp.Function(name, real=True))
        elif name not in ("pi", "True"):
            known[name] = letter(name)
    code = re.sub(r"([^\W\d]\w*)(?=\[)", r"entry_of_\1", text)
    try:
        return sp.sympify(parse_expr(code, local_dict=known, evaluate=False))
    except (SyntaxError, TypeError, AttributeError, TokenError) as error:
        raise ValueError(f"text must be a formula, got {text!r}: {error}") from error


def letter(name):
    """The symbol of this name: i, j, k count, all others are real numbers."""
    return sp.Symbol(name, **({"integer": True} if name in ("i", "j", "k") else {"real": True}))


def latex(expression):
    """LaTeX for what `read` gave, and for the expressions of the library's records."""
    return _Printer().doprint(expression)


class _Printer(LatexPrinter):
    """SymPy's, with sums and products in the order of writing, and compact."""

    def __init__(self):
        super().__init__({"order": "none"})
        self.small = False  # in exponents and roots, where a fraction is a/b

    def bracketed(self, inner):
        tall = re.search(r"\\(frac|sum|begin)", inner) and not self.small
        return rf"\left({inner}\right)" if tall else f"({inner})"

    def _print_Symbol(self, e, style=None):
        name = e.name.removesuffix("_hat")
        text = LETTERS.get(name, name)
        return text if name == e.name else rf"\hat {text}"

    def _print_Indexed(self, e):
        return f"{self._print_Symbol(e.base.label)}_{{{''.join(map(self._print, e.indices))}}}"

    def _print_KroneckerDelta(self, e, exp=None):
        return rf"\delta_{{{''.join(map(self._print, e.args))}}}"

    def _print_Add(self, e, order=None):
        terms = "".join(f"+{text}" for text in map(self._print, e.args))
        return terms.removeprefix("+").replace("+-", "-")

    def _print_Mul(self, e):
        over, under, sign = [], [], ""
        written = [factor for factor in _factors(e) if abs(factor) != 1]
        in_front = not written or written[0].is_number  # ½ (…), not (…)/2
        for factor in _factors(e):
            if factor.is_Number and factor.is_negative:
                sign, factor = ("" if sign else "-"), -factor
            if factor == 1:
                continue
            if factor.is_Pow and factor.exp.is_number and factor.exp.is_negative:
                power = -factor.exp
                base = factor.base if power == 1 else sp.Pow(factor.base, power, evaluate=False)
                under += _factors(base)
            else:
                over.append(factor)
        if not under:
            return sign + (self.product(over, alone=not sign) or "1")
        if self.small or [len(over), len(under)] == [1, 1] and all(map(_short, over + under)):
            below = self.product(under, alone=False)
            below = f"({below})" if len(under) > 1 else below
            return f"{sign}{self.product(over, alone=False) or 1}/{below}"
        if all(factor.is_Integer for factor in under) and (
            in_front or not any(factor.is_Add for factor in over)
        ):
            first = over.pop(0) if over and over[0].is_Integer else 1
            fraction = rf"{sign}\tfrac{{{first}}}{{{sp.prod(under)}}}"
            return fraction + self.product(over, alone=False)
        return rf"{sign}\frac{{{self.product(over) or 1}}}{{{self.product(under)}}}"

    def product(self, factors, alone=True):
        """Factors side by side, in brackets where one would reach into the next."""
        alone = alone and len(factors) == 1
        texts = [*map(self._print, factors)]
        for i, (factor, text) in enumerate(zip(factors, texts, strict=True)):
            sums = factor.is_Add or isinstance(factor, sp.Piecewise)
            sums = sums or _name(factor) == "dot" and len(factors) > 1
            bare = factor.is_Function and not isinstance(factor, sp.exp) and text[-1] not in ")|]"
            reaching = (bare or isinstance(factor, sp.Sum)) and i < len(factors) - 1
            if sums and not alone or reaching:
                texts[i] = self.bracketed(text)
        return " ".join(texts)

    def _print_Pow(self, e):
        base, exponent = e.base, e.exp
        if exponent.is_number and exponent.is_negative:
            return self._print_Mul(sp.Mul(1, e, evaluate=False))
        if exponent == sp.Rational(1, 2):
            return rf"\sqrt{{{self.flat(base)}}}"
        power = self.flat(exponent)
        if base.is_Function and not isinstance(base, (sp.exp, sp.Abs)):
            return self._print(base, exp=power)
        text = self._print(base)
        plain = base.is_Symbol or base.is_Number or isinstance(base, (sp.Indexed, sp.Abs))
        return f"{text if plain else self.bracketed(text)}^{{{power}}}"

    def flat(self, e):
        """With fractions as a/b."""
        outside, self.small = self.small, True
        text = self._print(e)
        self.small = outside
        return text

    def _print_ExpBase(self, e, exp=None):
        return f"e^{{{self.flat(e.exp)}}}"

    def _print_Function(self, e, exp=None):
        name = _name(e)
        arguments = list(map(self._print, e.args))
        if name in AROUND:
            text = AROUND[name].format(*arguments)
            around = name in ("mean", "norm")
            return f"{text if around else self.bracketed(text)}^{{{exp}}}" if exp else text
        command = rf"\{name}" if name in WORDS else LETTERS.get(name)
        command = command or (name if len(name) == 1 else rf"\operatorname{{{name}}}")
        inner = ",".join(arguments)
        first = e.args[0]
        bare = len(e.args) == 1 and len(name) > 2 and name not in ("sign", "Var")
        simple = first.is_Symbol or isinstance(first, (sp.Indexed, sp.Sum, sp.Abs))
        simple = simple or (isinstance(first, AppliedUndef) and name == "log")
        if bare and (simple or inner.startswith(r"\frac") and not first.is_Add):
            inner = f" {inner}"
        else:
            inner = self.bracketed(inner)
        return f"{command}^{{{exp}}}{inner}" if exp else command + inner

    _print_tanh = _print_log = _print_sign = _print_erf = _print_Function

    def _print_Abs(self, e, exp=None):
        text = rf"\lvert {self._print(e.args[0])}\rvert"
        return f"{text}^{{{exp}}}" if exp else text

    def _print_Max(self, e, exp=None):
        text = rf"\max({','.join(map(self._print, e.args))})"
        return f"{text}^{{{exp}}}" if exp else text

    def _print_Heaviside(self, e, exp=None):
        t = e.args[0]
        if t.is_Add and len(t.args) == 2 and t.args[1].could_extract_minus_sign():
            return f"[{self._print(t.args[0])}>{self._print(-t.args[1])}]"
        return f"[{self._print(t)}>0]"

    def _print_Sum(self, e):
        index = self._print(e.limits[0][0])
        return rf"{{\textstyle\sum_{{{index}}}}}{self.product([e.function], alone=False)}"

    def _print_Piecewise(self, e):
        rows = [(self._print(value), condition) for value, condition in e.args]
        texts = [rf"{value}&{self._print(condition)}" for value, condition in rows[:-1]]
        only = rows[0][1]
        plain = len(rows) > 2 or isinstance(only, sp.Eq)
        last = r"\text{else}" if plain else self._print(sp.Not(only))
        lines = r"\\[-1pt]".join([*texts, f"{rows[-1][0]}&{last}"])
        return rf"\begin{{cases}}{lines}\end{{cases}}"

    def _print_Relational(self, e):
        signs = {">": ">", "<": "<", ">=": r"\ge ", "<=": r"\le ", "==": "=", "!=": r"\ne "}
        return f"{self._print(e.lhs)}{signs[e.rel_op]}{self._print(e.rhs)}"


def _name(e):
    return e.func.__name__


def _short(e):
    """Is e a letter or close to one, so that a/b is as clear as a fraction?"""
    root = e.is_Pow and e.exp == sp.Rational(1, 2)
    return e.is_Symbol or isinstance(e, (sp.Indexed, sp.exp, AppliedUndef)) or root


def _factors(e):
    """The factors of nested products, in their order."""
    if not e.is_Mul:
        return [e]
    return [factor for arg in e.args for factor in _factors(arg)]
