"""Mathematics as a student types it -> SymPy expression. Nothing is evaluated as Python.

Recursive descent: sum > product > sign > power > atom. What could be read in two ways is refused,
or read by the usual rule; the reader is always told what was read.
"""

import unicodedata
from dataclasses import dataclass
from numbers import Real

import mpmath
import sympy as sp

from nnbook.proof import TimeUp, expression, limited

_LONGEST = 400  # characters of an answer
_DEEPEST = 40  # brackets within brackets
_LARGEST_EXPONENT = 200
_LARGEST_ARGUMENT = 1000  # of exp, cosh, sinh for a number
_SECONDS = 5.0


def _sigmoid(x):
    return 1 / (1 + sp.exp(-x))


def _normal_distribution(x):
    return (1 + sp.erf(x / sp.sqrt(2))) / 2


def _normal_density(x):
    return sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)


def _relu(x):
    return sp.Max(0, x)


_ONE = {  # functions of one argument
    "sigma": _sigmoid,
    "sigmoid": _sigmoid,
    "exp": sp.exp,
    "log": sp.log,
    "ln": sp.log,
    "sqrt": sp.sqrt,
    "sin": sp.sin,
    "cos": sp.cos,
    "tan": sp.tan,
    "cot": lambda x: 1 / sp.tan(x),
    "sec": lambda x: 1 / sp.cos(x),
    "csc": lambda x: 1 / sp.sin(x),
    "sinh": sp.sinh,
    "cosh": sp.cosh,
    "tanh": sp.tanh,
    "coth": lambda x: 1 / sp.tanh(x),
    "sech": lambda x: 1 / sp.cosh(x),
    "csch": lambda x: 1 / sp.sinh(x),
    "erf": sp.erf,
    "erfc": sp.erfc,
    "Phi": _normal_distribution,
    "phi": _normal_density,
    "abs": sp.Abs,
    "Abs": sp.Abs,
    "sign": sp.sign,
    "sgn": sp.sign,
    "relu": _relu,
    "ReLU": _relu,
}
for _short in ("sin", "cos", "tan", "cot"):
    for _prefix in ("a", "arc"):
        _ONE[_prefix + _short] = getattr(sp, "a" + _short)
for _short in ("sinh", "cosh", "tanh", "coth"):
    for _prefix in ("a", "ar", "arc"):
        _ONE[_prefix + _short] = getattr(sp, "a" + _short)
_MANY = {"Max": sp.Max, "max": sp.Max, "Min": sp.Min, "min": sp.Min}
_BASES = {"log2": 2, "log10": 10}
_CONSTANTS = {"pi": sp.pi, "e": sp.E, "E": sp.E}
_RELATIONS = {"<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge, "==": sp.Eq, "!=": sp.Ne}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_ALIKE = {  # characters that mean another one
    **dict.fromkeys("−–—‐‑‒﹣－", "-"), **dict.fromkeys("·×⋅∗•∙", "*"), **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("∣│", "|"), "≤": "<=", "≥": ">=", "≠": "!=",
    "ϕ": "φ", "µ": "μ", "ϵ": "ε", "ϑ": "θ", "ϱ": "ρ", "ς": "σ", "ϰ": "κ",
}  # fmt: skip
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_TEX = {
    "cdot": "*", "times": "*", "div": "/", "le": "<=", "leq": "<=", "ge": ">=", "geq": ">=",
    "vert": "|", "lvert": "|", "rvert": "|", "mid": "|",
}  # fmt: skip
_TEX_SKIPPED = {"left", "right", "quad", "qquad", "displaystyle", "big", "Big", "bigl", "bigr"}
_TEX_FONTS = {"mathrm", "operatorname", "text", "mathbf", "mathit"}


@dataclass(frozen=True)
class Reading:
    """value: the expression; text: it as a line, with every product and bracket written."""

    value: sp.Expr
    text: str


def read(text, names):
    """Mathematics as a SymPy expression: + - * / ^, brackets, |x|, 2x for 2*x, functions and
    constants of a fixed list, simple LaTeX.

    names: {name: SymPy symbol} that may occur. Raises ValueError that says what cannot be read, and
    where. Nothing is evaluated as Python; length, depth, exponents and time are limited.
    """
    return reading(text, names).value


def reading(text, names):
    """As `read` -> Reading, with what was read in words."""
    if not isinstance(text, str):
        if isinstance(text, Real | sp.Expr) and not isinstance(text, bool):
            value = expression(text, "the answer")
            return Reading(value, _shown(value))
        raise ValueError(f"it is of type {type(text).__name__}: text between quotes is wanted")
    if len(text) > _LONGEST:
        raise ValueError(f"it has {len(text)} characters: at most {_LONGEST} are read")
    try:
        return limited(_SECONDS, _reading, text, names)
    except TimeUp:
        raise ValueError("it takes too long to read: a simpler form is wanted") from None
    except (RecursionError, OverflowError, MemoryError):
        raise ValueError("it is too large or nested too deeply to be read") from None
    except (TypeError, AttributeError, ArithmeticError, NotImplementedError):
        raise ValueError("it has no real value that can be worked with") from None


def _reading(text, names):
    reader = _Reader(text, names)
    value = reader.whole()
    return Reading(value, _shown(value))


def _shown(value):
    if value.is_Rational and (not value.is_Integer or abs(value) > 10**9):
        return mpmath.nstr(mpmath.mpf(value.p) / value.q, 12)
    return sp.sstr(value).replace("**", "^")


@dataclass(frozen=True)
class _Token:
    kind: str  # "number", "name", "sign", "raised", "end"
    text: str
    at: int  # position in the text, from 1
    glued: bool = False  # no space before it
    value: object = None
    word: int = 0  # names cut from one word share its number


class _Reader:
    def __init__(self, text, names):
        self.names = names
        self.folded = {}
        for name, meaning in names.items():
            self.folded.setdefault(_fold(name), meaning)
        self.at = self.depth = self.bars = 0
        self.calls = False  # within the arguments of a function: a comma separates
        self.tokens = self.split(text)

    # --- tokens ---------------------------------------------------------------------------------

    def split(self, text):
        tokens, i, glued = [], 0, False
        text = "".join(_same(c) for c in text)
        while i < len(text):
            c, start = text[i], i
            if c.isspace() or _invisible(c) or c == "$":
                i += 1
                glued = glued and _invisible(c)
                continue
            if c == "\\":
                i = self.command(text, i, tokens, glued)
            elif c in _RAISED:
                while i < len(text) and text[i] in _RAISED:
                    i += 1
                digits = "".join(_RAISED[d] for d in text[start:i])
                if not digits.lstrip("+-").isdigit() or len(digits) - len(digits.lstrip("+-")) > 1:
                    raise ValueError(
                        f"the raised {text[start:i]!r} is no whole number: write ^(...)"
                    )
                number = _whole(digits)
                tokens.append(_Token("raised", text[start:i], start + 1, glued, number))
            elif c in "0123456789" or c == "." and text[i + 1 : i + 2] in tuple("0123456789"):
                i = self.figures(text, i, tokens, glued)
            elif unicodedata.category(c) == "No" and "FRACTION" in unicodedata.name(c, ""):
                value = sp.Rational(unicodedata.normalize("NFKC", c).replace("⁄", "/"))
                tokens.append(_Token("number", c, start + 1, glued, value))
                i += 1
            elif c.isalpha() or c == "_":
                while i < len(text) and (text[i].isalpha() or text[i] in "_0123456789₀₁₂₃₄₅₆₇₈₉"):
                    i += 1
                    if text[i - 1] == "_" and text[i : i + 1] == "{":
                        end = text.find("}", i)
                        if end > 0 and text[i + 1 : end].isalnum():
                            i = end + 1
                tokens += self.words(text[start:i], start + 1, glued)
            else:
                sign = next(
                    (s for s in ("**", "<=", ">=", "==", "!=") if text.startswith(s, i)),
                    _ALIKE.get(c, c),
                )
                if sign not in ("**", "<=", ">=", "==", "!=") and sign not in "+-*/^(),<>[]{}|√":
                    raise ValueError(f"the character {c!r} at position {i + 1} has no meaning here")
                tokens.append(_Token("sign", sign, start + 1, glued))
                i += 2 if text.startswith(sign, i) and len(sign) == 2 else 1
            glued = True
        return [*tokens, _Token("end", "", len(text) + 1)]

    def command(self, text, i, tokens, glued):
        """A LaTeX command, from its backslash."""
        end = i + 1
        while end < len(text) and text[end].isascii() and text[end].isalpha():
            end += 1
        name = text[i + 1 : end]
        if not name:
            if text[end : end + 1] in tuple(",;:! "):
                return end + 1
            if text[end : end + 1] in tuple("{}|"):
                return end
            raise ValueError(f"the backslash at position {i + 1} has no meaning here")
        if name in _TEX_FONTS and text[end : end + 1] == "{" and text.find("}", end) > 0:
            stop = text.find("}", end)
            tokens += self.words(text[end + 1 : stop].strip(), end + 2, glued)
            return stop + 1
        if name == "sqrt" and text[end:].lstrip().startswith("["):
            raise ValueError(r"\sqrt[n]{x} is not read here: write x^(1/n)")
        if name in _TEX:
            tokens.append(_Token("sign", _TEX[name], i + 1, glued))
        elif name in ("frac", "dfrac", "tfrac"):
            tokens.append(_Token("name", "\\frac", i + 1, glued))
        elif name not in _TEX_SKIPPED:
            name = name.removeprefix("var") if name.startswith("var") else name
            if text[end : end + 1] == "_":  # \beta_1, \beta_{12}
                stop = end + 1 + (text[end + 1 : end + 2] == "{")
                while stop < len(text) and text[stop].isdigit():
                    stop += 1
                if self.known(_fold(name + text[end:stop])):
                    closed = "{" in text[end:stop] and text[stop : stop + 1] == "}"
                    name, end = name + text[end:stop], stop + closed
            if not self.known(_fold(name)):
                raise ValueError(f"the LaTeX command \\{name} at position {i + 1} is not read here")
            tokens += self.words(name, i + 1, glued)
        return end

    def figures(self, text, i, tokens, glued):
        """A number, from its first digit."""
        start, digits = i, "0123456789"
        while i < len(text) and text[i] in digits:
            i += 1
        if text[i : i + 1] == ".":
            i += 1
            while i < len(text) and text[i] in digits:
                i += 1
        mantissa, power = text[start:i], 0
        if tokens and tokens[-1].text == "\\frac" and len(mantissa) == 2 and mantissa.isdigit():
            tokens += [_Token("number", d, start + k + 1, True, sp.Integer(int(d)))
                       for k, d in enumerate(mantissa)]  # fmt: skip
            return i
        if text[i : i + 1] in ("e", "E"):
            end = i + 1 + (text[i + 1 : i + 2] in ("+", "-", "−", "–"))
            stop = end
            while stop < len(text) and text[stop] in digits:
                stop += 1
            if stop > end:
                if text[stop : stop + 1].isalnum() or text[stop : stop + 1] in ("_", ".", "("):
                    raise ValueError(
                        f"{text[start : stop + 1]!r} at position {start + 1} could be read in two "
                        f"ways: write {mantissa}*10^... or {mantissa}*e"
                    )
                power = _whole(text[i + 1 : stop].replace("−", "-").replace("–", "-"))
                if abs(power) > 400:
                    raise ValueError(
                        f"the number {text[start:stop]} is too large or too small to be read"
                    )
                i = stop
        value = sp.Rational(mantissa.rstrip(".")) * sp.Integer(10) ** power
        tokens.append(_Token("number", text[start:i], start + 1, glued, value))
        return i

    def known(self, name):
        return name in self.folded or name in _CONSTANTS or self.function(name)

    def function(self, name):
        """The function of one argument that bears this name, or None; a symbol goes first."""
        if name in self.folded:
            meaning = self.folded[name]
            return None if isinstance(meaning, sp.Basic) else meaning
        if name in _BASES:
            return lambda x: sp.log(x) / sp.log(_BASES[name])
        return _ONE.get(name)

    def words(self, word, at, glued):
        """[name], or the names that a word is made of: xy, πx, cos2x."""
        whole = word if word in self.names else _fold(word)
        if whole in self.names or self.known(whole) or word in (*_MANY, "Piecewise", "True",
                                                               "otherwise"):  # fmt: skip
            return [_Token("name", whole if self.known(whole) else word, at, glued)]
        ways = self.ways(_fold(word)) if len(word) <= 40 else []
        if len(ways) != 1:
            self.unknown(word, at, len(ways) > 1)
        tokens = []
        for k, part in enumerate(ways[0]):
            if part.isdigit():
                tokens.append(_Token("number", part, at, k > 0 or glued, sp.Integer(part), at))
            else:
                tokens.append(_Token("name", part, at, k > 0 or glued, None, at))
        return tokens

    def ways(self, word):
        """Every way (two at most) to write a word as known names, digits only after a function."""
        lexicon = [*self.folded, *_CONSTANTS, *(f for f in _ONE if f not in self.folded)]
        lexicon = sorted({n for n in lexicon if n}, key=len, reverse=True)
        found = {len(word): [[]]}
        for start in range(len(word) - 1, -1, -1):
            here, rest = [], word[start:]
            if rest[0].isdigit():
                end = start + len(rest) - len(rest.lstrip("0123456789"))
                here = [[word[start:end], *tail] for tail in found.get(end, [])]
                if word[start - 1].isdigit():
                    here = []
            for name in lexicon:
                if rest.startswith(name):
                    for tail in found.get(start + len(name), []):
                        if tail and tail[0].isdigit() and name not in _ONE:
                            continue
                        here.append([name, *tail])
                    if here and len(name) > 1:
                        break  # a longer known name is never split
            found[start] = here[:2]
        return found[0]

    def unknown(self, word, at, many):
        for c in word:
            script = unicodedata.name(c, "").split(" ")[0]
            if c.isalpha() and script not in ("LATIN", "GREEK"):
                raise ValueError(
                    f"the letter {c!r} in {word!r} at position {at} is "
                    f"{unicodedata.name(c, 'unknown').lower()}: type a Latin or Greek letter"
                )
        mine = ", ".join(sorted(self.names)) or "none"
        usual = ", ".join([*_ONE, *_MANY, "Piecewise", *_CONSTANTS])
        why = "could be read in two ways: put * between the names" if many else "is not known here"
        raise ValueError(
            f"the name {word!r} at position {at} {why}\n"
            f"symbols: {mine}\nfunctions and constants: {usual}"
        )

    # --- grammar --------------------------------------------------------------------------------

    @property
    def next(self):
        return self.tokens[self.at]

    def peek(self):
        return self.next.text if self.next.kind in ("sign", "end") else None

    def take(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def fail(self, wanted):
        token = self.next
        if token.kind == "end":
            raise ValueError(f"it ends too early: {wanted} is wanted")
        raise ValueError(f"{token.text!r} at position {token.at} is not expected: "
                         f"{wanted} is wanted")  # fmt: skip

    def expect(self, sign):
        if self.peek() != sign:
            self.fail(f"'{sign}'")
        self.take()

    def deeper(self, what):
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ValueError(f"there are more than {_DEEPEST} {what}")

    def whole(self):
        value = self.sum()
        if self.next.kind != "end":
            self.fail("an operator or the end")
        return value

    def sum(self):
        self.deeper("brackets within brackets")
        value = self.product()
        while self.peek() in ("+", "-"):
            sign = self.take().text
            other = self.product()
            value = _finite(value + other if sign == "+" else value - other)
        self.depth -= 1
        return value

    def starts_a_factor(self):
        return self.next.kind in ("number", "name") or self.peek() in (
            ("(", "[", "{", "√") if self.bars else ("(", "[", "{", "√", "|")
        )

    def product(self):
        value, divided = self.signed(), False
        while True:
            if self.peek() == "*":
                self.take()
                value, divided = _finite(value * self.signed()), False
            elif self.peek() == "/":
                self.take()
                below = self.signed()
                if below.is_zero:
                    raise ValueError("it has no finite value: it divides by zero")
                value, divided = _finite(value / below), True
            elif self.starts_a_factor():
                if divided:
                    self.fail("'*' or brackets (1/2x could be read in two ways): an operator")
                self.no_number_here()
                value = _finite(value * self.power())
            else:
                return value

    def no_number_here(self):
        before, token = self.tokens[self.at - 1], self.next
        if token.kind == "number":
            if before.kind == "number":
                raise ValueError(
                    f"between {before.text} and {token.text} an operator is missing: write a "
                    f"number without spaces, or '*' between two"
                )
            self.fail("'*' before a number: an operator")

    def signed(self):
        negative = False
        while self.peek() in ("+", "-"):
            negative ^= self.take().text == "-"
        value = self.power()
        return -value if negative else value

    def power(self):
        base = self.atom()
        raised = False
        while self.next.kind == "raised":
            if raised:
                self.fail("an operator")
            base, raised = self.to_the(base, sp.Integer(self.take().value)), True
        if raised and self.next.kind == "number":
            self.fail("an operator between a power and a number: '*'")
        if self.peek() not in ("^", "**"):
            return base
        if raised:
            self.fail("brackets around the power: an operator")
        self.take()
        bare = self.peek() not in _CLOSING
        self.deeper("powers within powers")
        exponent = self.signed()
        self.depth -= 1
        value = self.to_the(base, exponent)
        token = self.next
        if bare and token.glued and self.starts_a_factor():
            cut = token.word and token.word == self.tokens[self.at - 1].word
            if base.is_number or cut:
                self.fail("brackets (e^2x could be read in two ways): an operator")
        return value

    def to_the(self, base, exponent):
        largest = _LARGEST_EXPONENT
        if exponent.is_number and not (abs(exponent) <= largest) == sp.true:
            raise ValueError(f"an exponent is too large: at most {largest} is read")
        if base.is_Rational and exponent.is_Rational and len(str(base)) * abs(exponent) > 2000:
            raise ValueError("a power has too many digits to be computed")
        if base.is_zero and exponent.is_negative:
            raise ValueError("it has no finite value: it divides by zero")
        return _finite(base**exponent)

    def atom(self):
        token = self.next
        if token.kind == "number":
            return self.number()
        if token.kind == "name":
            return self.named()
        if self.peek() in _CLOSING:
            return self.bracket(calls=False)[0]
        if self.peek() == "|":
            return self.modulus()
        if self.peek() == "√":
            self.take()
            self.deeper("roots within roots")
            value = self.atom()
            self.depth -= 1
            return sp.sqrt(value)
        return self.fail("a number, a name or '('")

    def number(self):
        token = self.take()
        fraction = self.tokens[self.at + 1] if self.peek() == "," and not self.calls else None
        if fraction and self.next.glued and fraction.glued and fraction.text.isdigit():
            if len(fraction.text) == 3 or not token.text.isdigit():
                raise ValueError(
                    f"'{token.text},{fraction.text}' could be read in two ways: write a point for "
                    f"decimals, and nothing between thousands"
                )
            self.at += 2
            return sp.Rational(f"{token.text}.{fraction.text}")
        if self.peek() == "," and not self.calls:
            self.fail("a number has a decimal point, not a comma: an operator")
        return token.value

    def bracket(self, calls):
        """[values] between brackets."""
        closing = _CLOSING[self.take().text]
        before, self.calls, self.bars, bars = self.calls, calls, 0, self.bars
        values = [self.sum()]
        while calls and self.peek() == ",":
            self.take()
            values.append(self.sum())
        self.expect(closing)
        self.calls, self.bars = before, bars
        return values

    def modulus(self):
        self.take()
        self.bars += 1
        value = self.sum()
        self.expect("|")
        self.bars -= 1
        return sp.Abs(value)

    def named(self):
        token = self.take()
        name = token.text
        if name == "\\frac":
            above, below = (self.bracket(False)[0] if self.peek() in _CLOSING else self.atom()
                            for _ in range(2))  # fmt: skip
            if below.is_zero:
                raise ValueError("it has no finite value: it divides by zero")
            return above / below
        meaning = self.names.get(name, self.folded.get(name))
        if meaning is not None:
            return meaning if isinstance(meaning, sp.Basic) else meaning(*self.arguments(name))
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name == "Piecewise":
            return self.piecewise()
        if name in _MANY:
            return _finite(_MANY[name](*self.arguments(name)))
        if not self.function(name):
            self.unknown(name, token.at, False)
        return self.call(name)

    def call(self, name):
        """sin(x), sin x, sin^2(x), log(x, 2)"""
        function, exponent = self.function(name), None
        if self.next.kind == "raised":
            exponent = sp.Integer(self.take().value)
        elif self.peek() in ("^", "**"):
            self.take()
            sign = -1 if self.peek() == "-" and self.take() else 1
            exponent = sign * self.atom()
        if exponent is not None and exponent.is_negative is not False and exponent.is_number:
            raise ValueError(
                f"{name}^{exponent} could be read in two ways: write 1/{name}(x) for a power, "
                f"and arcsin, artanh and the like for an inverse function"
            )
        values = self.arguments(name) if self.peek() in _CLOSING else [self.bare(name)]
        if name == "log" and len(values) == 2:
            value = sp.log(values[0]) / _finite(sp.log(values[1]))
        elif len(values) != 1:
            raise ValueError(
                f"{name} takes 1 argument, got {len(values)} (decimals are written with a point)"
            )
        else:
            _not_too_large(name, values[0])
            value = function(values[0])
        return self.to_the(_finite(value), exponent) if exponent is not None else _finite(value)

    def bare(self, name):
        """The argument of a function without brackets: what stands together, 2x in sin 2x."""
        if not (self.starts_a_factor() or self.peek() in ("+", "-")):
            self.fail(f"'(' after {name}")
        self.deeper("functions within functions")
        value = self.signed()
        while self.next.glued and self.next.kind == "name" and not self.function(self.next.text):
            value = value * self.power()
        self.depth -= 1
        after = self.next
        if self.peek() == "/" or (
            self.starts_a_factor() and not (after.kind == "name" and self.function(after.text))
        ):
            raise ValueError(f"what {name} is taken of could be read in two ways: "
                             f"write {name}(...) with brackets")  # fmt: skip
        return value

    def arguments(self, name):
        if self.peek() not in _CLOSING:
            self.fail(f"'(' after {name}")
        return self.bracket(calls=True)

    def piecewise(self):
        """Piecewise((value, condition), ..., (value, True))"""
        before, self.calls, self.bars, bars = self.calls, True, 0, self.bars
        self.expect("(")
        pieces = [self.piece()]
        while self.peek() == ",":
            self.take()
            pieces.append(self.piece())
        self.expect(")")
        self.calls, self.bars = before, bars
        return _finite(sp.Piecewise(*pieces))

    def piece(self):
        self.expect("(")
        value = self.sum()
        self.expect(",")
        if self.next.text in ("True", "otherwise"):
            self.take()
            condition = sp.true
        else:
            left = self.sum()
            if self.peek() not in _RELATIONS:
                self.fail("one of < <= > >= == !=")
            condition = _RELATIONS[self.take().text](left, self.sum())
        self.expect(")")
        return value, condition


def _whole(digits):
    """A whole number of few digits; large ones are large all the same."""
    digits = digits if len(digits) < 10 else digits[0] + "9" * 9
    return int(digits)


def _finite(value):
    if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        raise ValueError("it has no finite value: it divides by zero, or takes log 0")
    return value


def _not_too_large(name, argument):
    if name in ("exp", "sinh", "cosh", "sigma", "sigmoid") and argument.is_number:
        size = abs(argument).evalf(8)
        if size.is_Float and size > _LARGEST_ARGUMENT:
            raise ValueError(f"{name} of a number beyond {_LARGEST_ARGUMENT} is too large to read")


def _invisible(c):
    """A byte-order mark, a space of no width and the like."""
    return unicodedata.category(c) == "Cf"


def _same(c):
    """The usual form of a character; one for one, so that positions stay."""
    if c in _RAISED or c in _LOWERED or _invisible(c):
        return c
    alike = _ALIKE.get(c, c)
    if len(alike) > 1:
        return c
    folded = unicodedata.normalize("NFKC", alike)
    return folded if len(folded) == 1 else alike


def _fold(name):
    """beta1 for β_1, x1 for x₁ and x_{1}: letters of the Greek alphabet by their names."""
    letters = []
    for c in name:
        words = unicodedata.name(c, "").split()
        if words[:1] == ["GREEK"] and len(words) == 4:
            letter = words[3].lower().replace("lamda", "lambda")
            letters.append(letter if words[1] == "SMALL" else letter.capitalize())
        elif c not in "_{}":
            letters.append(_LOWERED.get(c, c))
    return "".join(letters)
