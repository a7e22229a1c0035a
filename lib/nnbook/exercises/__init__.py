"""Questions that check the reader's answer, symbolic or numeric, and say what is wrong with it.

    question = expects(sp.exp(-x) / (1 + sp.exp(-x)) ** 2, hint="Begin with the chain rule.")
    question("sigma(x) (1 - sigma(x))")  # right

What a reader types is read as mathematics, over a fixed list of names; it is never run as Python.
"""

import html
import math
import re
import unicodedata
from dataclasses import dataclass
from numbers import Real

import sympy as sp

from nnbook._page import sheet
from nnbook.proof import expression, prove

MIME = "application/vnd.nnbook.answer+json"
_LONGEST = 400  # characters of an answer
_DEEPEST = 40  # brackets within brackets
_LARGEST_EXPONENT = 200


@dataclass(frozen=True)
class Verdict:
    """What is said about an answer; true in a condition only if the answer is right.

    state: "right", "wrong", "open" (not answered yet) or "unreadable"; lines: the message.
    """

    state: str
    lines: tuple

    def __bool__(self):
        return self.state == "right"

    def __repr__(self):
        return "\n".join(self.lines)

    def _repr_mimebundle_(self, include=None, exclude=None):
        record = {"state": self.state, "lines": list(self.lines)}
        return {"text/plain": repr(self), "text/html": self._repr_html_(), MIME: record}

    def _repr_html_(self):
        look = {"right": "nn-right", "wrong": "nn-wrong"}.get(self.state, "nn-open")
        first, *rest = (html.escape(line) for line in self.lines)
        body = "".join(f"<p>{line}</p>" for line in rest)
        body = f"<p><strong>{first}</strong></p>{body}"
        return f'{sheet()}<div class="nn-exercise {look}" role="status">{body}</div>'


def expects(correct, hint, domain=None):
    """A question whose answer is a formula: returns a function of the answer (text) -> Verdict.

    correct: a number or SymPy expression; its symbols are the names the reader may use. hint: words
    for a wrong answer. domain: {symbol: (low, high)} as for `prove`. Raises ValueError for an
    author's mistakes.
    """
    correct_value = expression(correct, "correct")
    if isinstance(correct_value, sp.MatrixBase):
        raise ValueError(
            f"correct is a matrix ({correct_value.rows}×{correct_value.cols}): a scalar is wanted"
        )
    hint = _words(hint)
    prove(correct_value, correct_value, domain=domain)  # says what is wrong with the question
    names = _names(correct_value)

    def question(answer):
        if _is_open(answer):
            return _OPEN
        try:
            given = read(answer, names)
            proof = prove(given, correct_value, domain=domain)
        except ValueError as error:
            return _unreadable(answer, error)
        if proof:
            return Verdict("right", (f"✓ Right ({proof}).",))
        yours, right = proof.values()
        point = proof.where().strip() or "as a number"
        compared = f"{point[0].upper()}{point[1:]} your answer is {yours}; it should be {right}."
        return Verdict("wrong", ("✗ Not equal to the answer.", compared, f"Hint: {hint}"))

    return question


def expects_number(value, hint, rtol=1e-3, unit=""):
    """A question whose answer is a number: returns a function of the answer (text or number) ->
    Verdict.

    Right within rtol·|value| (within rtol if value is 0). hint: words for a wrong answer; unit: may
    follow the number. Raises ValueError for an author's mistakes: no finite value, no hint, rtol
    outside (0, 1).
    """
    hint = _words(hint)
    right = _finite(value)
    if right is None:
        raise ValueError(f"value is {value!r}: a finite real number is wanted")
    if not isinstance(rtol, Real) or isinstance(rtol, bool) or not 0 < rtol < 1:
        raise ValueError(f"rtol is {rtol!r}: a number between 0 and 1 is wanted")
    if not isinstance(unit, str):
        raise ValueError(f"unit is {unit!r}: text is wanted")

    def question(answer):
        if _is_open(answer):
            return _OPEN
        try:
            if isinstance(answer, str):
                text = answer.strip()
                number = _finite(read(text.removesuffix(unit) if unit else text, _names(sp.S.Zero)))
            else:
                number = _finite(answer)
            if number is None:
                raise ValueError("a finite real number is wanted")
        except ValueError as error:
            return _unreadable(answer, error)
        shown = f"{number:.6g} {unit}".strip()
        if abs(number - right) <= rtol * (abs(right) or 1):
            return Verdict("right", (f"✓ Right: {shown}.",))
        return Verdict("wrong", (f"✗ {shown} {_how_wrong(number, right, rtol)}", f"Hint: {hint}"))

    return question


_OPEN = Verdict("open", ("Not answered yet: type your answer between the quotes.",))


def _is_open(answer):
    return (
        answer is None
        or answer is ...
        or (isinstance(answer, str) and answer.strip() in ("", "...", "…"))
    )


def _unreadable(answer, error):
    shown = str(answer)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return Verdict("unreadable", (f"Cannot read this: {shown}", *str(error).splitlines()))


def _words(hint):
    if not isinstance(hint, str) or not hint.strip():
        raise ValueError(f"hint is {hint!r}: some words that help are wanted")
    return hint.strip()


def _finite(value):
    """A finite float, or None."""
    if isinstance(value, bool | str) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _how_wrong(given, right, rtol):
    if right == 0 or given == 0:
        return "is too large." if given > right else "is too small."
    if abs(given + right) <= rtol * abs(right):
        return "has the wrong sign."
    if given * right < 0:
        return "has the wrong sign, and the wrong size."
    ratio = given / right
    power = round(math.log10(ratio))
    if power and abs(ratio / 10.0**power - 1) <= rtol:
        return f"is off by a power of ten: it is 10^{power} times the answer."
    large = abs(given) > abs(right)
    much = "much " if abs(math.log10(ratio)) >= 1 else ""
    size = "" if right > 0 else " in absolute value"
    return f"is {much}too {'large' if large else 'small'}{size}."


# --- reading mathematics ------------------------------------------------------------------------


def _normal_distribution(x):
    return (1 + sp.erf(x / sp.sqrt(2))) / 2


def _normal_density(x):
    return sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)


def _sigmoid(x):
    return 1 / (1 + sp.exp(-x))


_FUNCTIONS = {  # name: (function, number of arguments, or None for one or more)
    "sigma": (_sigmoid, 1),
    "sigmoid": (_sigmoid, 1),
    "exp": (sp.exp, 1),
    "log": (sp.log, 1),
    "ln": (sp.log, 1),
    "sqrt": (sp.sqrt, 1),
    "sin": (sp.sin, 1),
    "cos": (sp.cos, 1),
    "tanh": (sp.tanh, 1),
    "cosh": (sp.cosh, 1),
    "sinh": (sp.sinh, 1),
    "erf": (sp.erf, 1),
    "erfc": (sp.erfc, 1),
    "Phi": (_normal_distribution, 1),
    "phi": (_normal_density, 1),
    "Max": (sp.Max, None),
    "max": (sp.Max, None),
    "Min": (sp.Min, None),
    "min": (sp.Min, None),
    "Abs": (sp.Abs, 1),
    "abs": (sp.Abs, 1),
    "sign": (sp.sign, 1),
}
_CONSTANTS = {"pi": sp.pi, "e": sp.E, "E": sp.E}
_RELATIONS = {"<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge, "==": sp.Eq, "!=": sp.Ne}
_SIGNS = str.maketrans(
    {"−": "-", "–": "-", "·": "*", "×": "*", "⋅": "*", "÷": "/", "≤": "<=", "≥": ">="}
)
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+(?![\w.]))?)|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign>\*\*|<=|>=|==|!=|[-+*/^(),<>]))"
)


def _names(correct):
    """{name: symbol or function} a reader may use, beside the usual functions and constants."""
    names = {s.name: s for s in correct.free_symbols if isinstance(s, sp.Symbol)}
    names |= {
        call.func.__name__: call.func for call in correct.atoms(sp.core.function.AppliedUndef)
    }
    return names


def read(text, names):
    """Mathematics as a SymPy expression: + - * / ^, brackets, 2x for 2*x, functions and constants
    of a fixed list.

    names: {name: SymPy symbol} that may occur. Raises ValueError that says what cannot be read, and
    where. Nothing is evaluated as Python; length, depth and exponents are limited, so that every
    answer is read at once.
    """
    if not isinstance(text, str):
        if isinstance(text, Real | sp.Expr) and not isinstance(text, bool):
            return expression(text, "the answer")
        raise ValueError(f"it is of type {type(text).__name__}: text between quotes is wanted")
    if len(text) > _LONGEST:
        raise ValueError(f"it has {len(text)} characters: at most {_LONGEST} are read")
    return _Reader(text, names).whole()


class _Reader:
    """Recursive descent: sum > product > sign > power > atom, one method each."""

    def __init__(self, text, names):
        self.text = text
        self.names = names
        self.tokens = self.split(text.translate(_SIGNS).rstrip())
        self.at = 0
        self.depth = 0

    def split(self, text):
        text = text.replace("²", "^2").replace("³", "^3")
        tokens, position = [], 0
        while position < len(text):
            match = _TOKEN.match(text, position)
            if not match:
                position += len(text[position:]) - len(text[position:].lstrip())
                raise ValueError(
                    f"the character {text[position]!r} at position {position + 1} "
                    f"has no meaning here"
                )
            kind = match.lastgroup
            tokens.append((kind, match[kind], match.start(kind) + 1))
            position = match.end()
        return [*tokens, ("end", "", len(text) + 1)]

    def peek(self):
        return self.tokens[self.at][1]

    def kind(self):
        return self.tokens[self.at][0]

    def take(self):
        self.at += 1
        return self.tokens[self.at - 1][1]

    def fail(self, wanted):
        kind, token, position = self.tokens[self.at]
        if kind == "end":
            raise ValueError(f"it ends too early: {wanted} is wanted")
        raise ValueError(f"{token!r} at position {position} is not expected: {wanted} is wanted")

    def expect(self, sign):
        if self.peek() != sign:
            self.fail(f"'{sign}'")
        self.take()

    def whole(self):
        value = self.sum()
        if self.kind() != "end":
            self.fail("an operator or the end")
        if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
            raise ValueError("it has no finite value: it divides by zero, or takes log 0")
        return value

    def sum(self):
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ValueError(f"there are more than {_DEEPEST} brackets within brackets")
        value = self.product()
        while self.peek() in ("+", "-"):
            value = value + self.product() if self.take() == "+" else value - self.product()
        self.depth -= 1
        return value

    def product(self):
        value, divided = self.signed(), False
        while True:
            if self.peek() == "*":
                self.take()
                value, divided = value * self.signed(), False
            elif self.peek() == "/":
                self.take()
                value, divided = value / self.signed(), True
            elif self.kind() in ("number", "name") or self.peek() == "(":
                if divided:
                    self.fail("'*' or brackets (1/2x could be read in two ways): an operator")
                value = value * self.power()
            else:
                return value

    def signed(self):
        negative = False
        while self.peek() in ("+", "-"):
            negative ^= self.take() == "-"
        value = self.power()
        return -value if negative else value

    def power(self):
        base = self.atom()
        if self.peek() not in ("^", "**"):
            return base
        self.take()
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ValueError(f"there are more than {_DEEPEST} powers within powers")
        exponent = self.signed()
        self.depth -= 1
        if exponent.is_number and not (abs(exponent) <= _LARGEST_EXPONENT) == sp.true:
            raise ValueError(f"an exponent is too large: at most {_LARGEST_EXPONENT} is read")
        if base.is_Rational and exponent.is_Rational and len(str(base)) * abs(exponent) > 2000:
            raise ValueError("a power has too many digits to be computed")
        return base**exponent

    def atom(self):
        kind = self.kind()
        if kind == "number":
            return self.number()
        if kind == "name":
            return self.named()
        if self.peek() == "(":
            self.take()
            value = self.sum()
            self.expect(")")
            return value
        return self.fail("a number, a name or '('")

    def number(self):
        token = self.take()
        mantissa, _, exponent = token.lower().partition("e")
        if exponent and abs(int(exponent)) > 400:
            raise ValueError(f"the number {token} is too large or too small to be read")
        return sp.Rational(mantissa.rstrip(".")) * sp.Rational(10) ** int(exponent or 0)

    def named(self):
        position = self.tokens[self.at][2]
        name = self.take()
        name = name if name in self.names else _latin(name)
        if name in self.names:
            meaning = self.names[name]
            return (
                meaning if isinstance(meaning, sp.Basic) else meaning(*self.arguments(name, None))
            )
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name == "Piecewise":
            return self.piecewise()
        if name in _FUNCTIONS:
            function, count = _FUNCTIONS[name]
            return function(*self.arguments(name, count))
        mine = ", ".join(sorted(self.names)) or "none"
        usual = ", ".join([*_FUNCTIONS, "Piecewise", *_CONSTANTS])
        raise ValueError(
            f"the name {name!r} at position {position} is not known here\n"
            f"symbols: {mine}\nfunctions and constants: {usual}"
        )

    def arguments(self, name, count):
        if self.peek() != "(":
            self.fail(f"'(' after {name}")
        self.take()
        values = [self.sum()]
        while self.peek() == ",":
            self.take()
            values.append(self.sum())
        self.expect(")")
        if count and len(values) != count:
            raise ValueError(f"{name} takes {count} argument, got {len(values)}")
        return values

    def piecewise(self):
        """Piecewise((value, condition), ..., (value, True))"""
        self.expect("(")
        pieces = [self.piece()]
        while self.peek() == ",":
            self.take()
            pieces.append(self.piece())
        self.expect(")")
        return sp.Piecewise(*pieces)

    def piece(self):
        self.expect("(")
        value = self.sum()
        self.expect(",")
        if self.peek() in ("True", "otherwise"):
            self.take()
            condition = sp.true
        else:
            left = self.sum()
            if self.peek() not in _RELATIONS:
                self.fail("one of < <= > >= == !=")
            relation = _RELATIONS[self.take()]
            condition = relation(left, self.sum())
        self.expect(")")
        return value, condition


def _latin(name):
    """alpha for α: the name of a single Greek letter."""
    if len(name) != 1 or name.isascii():
        return name
    words = unicodedata.name(name, "").split()
    if words[:1] != ["GREEK"] or len(words) != 4:
        return name
    letter = words[3].lower().replace("lamda", "lambda")
    return letter if words[1] == "SMALL" else letter.capitalize()
