"""Mathematics as a student types it -> SymPy expression. Nothing is evaluated as Python.

Recursive descent: sum > product > sign > power > atom. What could be read in two ways is refused,
or read by the usual rule; the reader is always told what was read.
"""

import re
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
_SIGNS = {"**", "<=", ">=", "==", "!=", *"+-*/^(),<>[]{}|√∛∜&%"}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_ALIKE = {  # characters that mean another one
    **dict.fromkeys("−–—‐‑‒﹣－", "-"), **dict.fromkeys("·×⋅∗•∙", "*"), **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("∣│", "|"), "≤": "<=", "≥": ">=", "≠": "!=",
    "ϕ": "φ", "µ": "μ", "ϵ": "ε", "ϑ": "θ", "ϱ": "ρ", "ς": "σ", "ϰ": "κ",
}  # fmt: skip
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_TEX = {
    "cdot": "*", "times": "*", "ast": "*", "div": "/", "ne": "!=", "neq": "!=", "lt": "<",
    "gt": ">", "lbrace": "{", "rbrace": "}", "le": "<=", "leq": "<=", "ge": ">=", "geq": ">=",
    "vert": "|", "lvert": "|", "rvert": "|", "mid": "|",
}  # fmt: skip
_TEX_SKIPPED = {"left", "right", "quad", "qquad", "displaystyle", "textstyle", "limits"}
_TEX_SIZES = re.compile("[bB]igg?[lrm]?")
_TEX_IF = {"if", "for", "when", "where", "falls", "wenn", "für", "若", "当"}
_TEX_ELSE = {"otherwise", "else", "sonst", "True"}
_EATEN = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\v": "\\v"}  # LaTeX in quotes without an r before
_EATEN_WORDS = re.compile(
    "\t(?=(?:imes|anh?|heta|au|ext|frac)(?![a-z]))|\r(?=(?:ho|ight|vert)(?![a-z]))"
)
_BASED = re.compile(r"(\w*?)log(_[0-9]+|_\{[0-9]+\}|[₀-₉]+)(\w*)")
_DECIMALS = re.compile("[0-9]+(?:[eE][+−–-]?[0-9]+)?")
_ROOTS = {"√": 2, "∛": 3, "∜": 4}
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
    text = "".join(_EATEN.get(c, c) for c in text)
    text = _EATEN_WORDS.sub(lambda eaten: "\\t" if eaten[0] == "\t" else "\\r", text)
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
            if c.isspace() or _invisible(c) or c in "$~":
                i += 1
                glued = glued and _invisible(c)
                continue
            if c == "\\":
                i = self.command(text, i, tokens, glued)
            elif _raised(c):
                while i < len(text) and _raised(text[i]):
                    i += 1
                tokens += self.raised(text[start:i], start + 1, glued)
            elif c in "0123456789" or c == "." and text[i + 1 : i + 2] in tuple("0123456789"):
                i = self.figures(text, i, tokens, glued)
            elif re.fullmatch("[0-9]+⁄[0-9]+", unicodedata.normalize("NFKC", c)):
                value = sp.Rational(unicodedata.normalize("NFKC", c).replace("⁄", "/"))
                tokens.append(_Token("number", c, start + 1, glued, value))
                i += 1
            elif (
                c.isalpha()
                and any(t.text == "\\frac" for t in tokens[-1:])
                or (
                    c.isalpha()
                    and len(tokens) > 1
                    and tokens[-2].text == "\\frac"
                    and tokens[-1].text not in _CLOSING
                )
            ):  # \frac xy takes one letter each
                tokens += self.words(c, start + 1, glued)
                i += 1
            elif c.isalpha() or c == "_":
                while i < len(text) and _in_a_word(text[i]):
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
                if c in "'′’" and tokens and tokens[-1].kind == "name":
                    raise ValueError(f"the derivative {tokens[-1].text}{c} is not read here: write "
                                     "it out")  # fmt: skip
                if sign == "=":
                    raise ValueError(f"'=' at position {i + 1} has no meaning here: write one "
                                     "formula alone")  # fmt: skip
                if (
                    sign not in ("**", "<=", ">=", "==", "!=")
                    and sign not in "+-*/^(),<>[]{}|√∛∜&%"
                ):
                    raise ValueError(f"the character {c!r} at position {i + 1} has no meaning here")
                tokens.append(_Token("sign", sign, start + 1, glued))
                i += 2 if text.startswith(sign, i) and len(sign) == 2 else 1
            glued = True
        return [*tokens, _Token("end", "", len(text) + 1)]

    def raised(self, text, at, glued):
        """x², e⁻ˣ: a whole number, or a power in brackets."""
        plain = "".join(_RAISED.get(c) or unicodedata.normalize("NFKC", c) for c in text)
        if re.fullmatch("[+-]?[0-9]+", plain):
            return [_Token("raised", text, at, glued, _whole(plain))]
        if plain in ("+", "-") or not plain.isprintable():
            raise ValueError(f"the raised {text!r} at position {at} is no power: write ^(...)")
        inner = [_Token(t.kind, t.text, at, t.glued, t.value, t.word) for t in self.split(plain)]
        power, opening, closing = (_Token("sign", sign, at, True) for sign in "^()")
        return [power, opening, *inner[:-1], closing]

    def command(self, text, i, tokens, glued):
        """A LaTeX command, from its backslash."""
        end = i + 1
        while end < len(text) and text[end].isascii() and text[end].isalpha():
            end += 1
        name = text[i + 1 : end]
        if not name:
            if text[end : end + 1] == "\\":
                tokens.append(_Token("sign", "\\\\", i + 1, glued))
                return end + 1
            if text[end : end + 1] in tuple(",;:! ()[]"):
                return end + 1
            if text[end : end + 1] in tuple("{}|%"):
                return end
            raise ValueError(f"the backslash at position {i + 1} has no meaning here")
        if name in _TEX_FONTS and text[end : end + 1] == "{" and text.find("}", end) > 0:
            stop = text.find("}", end)
            word = text[end + 1 : stop].strip(" ,:;.~")
            if word not in _TEX_IF:
                word = "otherwise" if word in _TEX_ELSE else word
                tokens += self.words(word, end + 2, glued)
            return stop + 1
        if name in ("begin", "end"):
            if text[end : end + 7] not in ("{cases}", "{dcases"):
                raise ValueError(f"the LaTeX at position {i + 1} is not read here: \\{name}")
            kind = "name" if name == "begin" else "sign"
            tokens.append(_Token(kind, f"\\{name}", i + 1, glued))
            return text.find("}", end) + 1
        if name in _TEX:
            tokens.append(_Token("sign", _TEX[name], i + 1, glued))
        elif name in ("frac", "dfrac", "tfrac", "cfrac"):
            tokens.append(_Token("name", "\\frac", i + 1, glued))
        elif name == "sqrt":
            tokens.append(_Token("name", "\\sqrt", i + 1, glued))
        elif name in ("max", "min"):
            tokens.append(_Token("name", name, i + 1, glued))
        elif name not in _TEX_SKIPPED and not _TEX_SIZES.fullmatch(name):
            name = name.removeprefix("var") if name.startswith("var") else name
            if name == "log" and (based := re.match(r"_[0-9]|_\{[0-9]+\}", text[end:])):
                tokens += self.words(name + based[0], i + 1, glued)
                return end + based.end()
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
        if based := _BASED.fullmatch(word):  # log_2 x, log₂x
            before, digits, after = based.groups()
            tokens = self.words(before, at, glued) if before else []
            base = sp.Integer(_fold(digits))
            if base < 2:
                raise ValueError(f"the base of log at position {at} must be 2 or more")
            tokens += [_Token("name", "log", at, glued), _Token("base", digits, at, True, base)]
            return tokens + (self.words(after, at, True) if after else [])
        if unclear := re.search(r"log(2|10)([^\W\d]\w*)", word):
            shown, base, of = unclear[0], *unclear.groups()
            self.two_ways(shown, f"log{base}({of})", f"log({base}{of})")
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

    def two_ways(self, shown, first, second):
        raise ValueError(f"{shown} could be read in two ways: write {first} or {second}")

    def between(self, start, end):
        """The text of some tokens."""
        return "".join(token.text for token in self.tokens[start:end])

    def ahead(self):
        """The next factor in short, for a message."""
        return "(...)" if self.peek() in _CLOSING else self.next.text

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
            ("(", "[", "{", *_ROOTS) if self.bars else ("(", "[", "{", *_ROOTS, "|")
        )

    def product(self):
        value, slash = self.signed(), None
        while True:
            if self.peek() == "*":
                self.take()
                value, slash = _finite(value * self.signed()), None
            elif self.peek() == "/":
                slash = self.at
                self.take()
                below = self.signed()
                if below.is_zero:
                    raise ValueError("it has no finite value: it divides by zero")
                value = _finite(value / below)
            elif self.starts_a_factor():
                if slash:
                    above, below = self.tokens[slash - 1].text, self.between(slash + 1, self.at)
                    after = self.ahead()
                    self.two_ways(f"{above}/{below}{after}", f"{above}/({below}*{after})",
                                  f"({above}/{below})*{after}")  # fmt: skip
                self.no_number_here()
                value = _finite(value * self.power())
            else:
                return value

    def no_number_here(self):
        before, token = self.tokens[self.at - 1], self.next
        if token.kind == "number":
            if before.kind == "number":
                if token.glued and not token.text.isdigit() and before.text.isdigit():  # 1½
                    self.two_ways(before.text + token.text, f"{before.text} + {token.text}",
                                  f"{before.text}*{token.text}")  # fmt: skip
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
        start = self.at
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
        below = self.between(start, self.at)
        self.take()
        bare, start = self.peek() not in _CLOSING, self.at
        self.deeper("powers within powers")
        exponent = self.signed()
        self.depth -= 1
        value = self.to_the(base, exponent)
        if bare:
            self.power_ends(base, below, self.between(start, self.at))
        return value

    def power_ends(self, base, below, above):
        """Refuses what may or may not belong to an exponent without brackets.

        x^2y, e^x(1-x) and e^x y are products by the usual rule; e^2x, e^xy and x^1/2 are not clear.
        """
        last, token = self.tokens[self.at - 1], self.next
        shown, raised = f"{below}^{above}", f"{below}^({above})"
        if self.peek() == "/" and above.lstrip("+-") == "1":
            after = self.tokens[self.at + 1].text
            self.two_ways(f"{shown}/{after}", f"{below}^({above}/{after})", f"{raised}/{after}")
        if not (token.glued and self.starts_a_factor()):
            return
        factor = last.kind == "name" and self.peek() in _CLOSING
        if token.word and token.word == last.word or base.is_number and not factor:
            after = self.ahead()
            self.two_ways(f"{shown}{after}", f"{below}^({above}*{after})", f"{raised}*{after}")

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
        if self.peek() in _ROOTS:
            root, bare = self.take().text, self.peek() not in _CLOSING
            self.deeper("roots within roots")
            value = self.atom()
            self.depth -= 1
            if bare and (self.next.kind == "raised" or self.peek() in ("^", "**")):
                under = self.tokens[self.at - 1].text
                self.two_ways(f"{root}{under} with a power", f"{root}({under}^...)",
                              f"({root}{under})^...")  # fmt: skip
            return self.root(value, _ROOTS[root])
        return self.fail("a number, a name or '('")

    def root(self, value, n):
        return sp.sqrt(value) if n == 2 else self.to_the(value, sp.Integer(1) / n)

    def number(self):
        token = self.take()
        fraction = self.tokens[self.at + 1] if self.peek() == "," and not self.calls else None
        if fraction and self.next.glued and fraction.glued and _DECIMALS.fullmatch(fraction.text):
            thousands = len(fraction.text) == 3 and not token.text.startswith("0")
            if thousands or not token.text.isdigit():
                raise ValueError(
                    f"'{token.text},{fraction.text}' could be read in two ways: write a point for "
                    f"decimals, and nothing between thousands"
                )
            self.at += 2
            text = f"{token.text}.{fraction.text}"
            value = sp.Rational(text.replace("−", "-").replace("–", "-"))
            return value / 100 if self.peek() == "%" and self.take() else value
        if self.peek() == "%":
            self.take()
            return token.value / 100
        if self.peek() == "," and not self.calls:
            self.fail("a number has a decimal point, not a comma: an operator")
        return token.value

    def bracket(self, calls, decimal=False):
        """[values] between brackets; decimal: a comma within a number belongs to it."""
        closing = _CLOSING[self.take().text]
        before, self.calls, self.bars, bars = self.calls, calls and not decimal, 0, self.bars
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
        if name == "\\sqrt":
            n = self.bracket(False)[0] if self.peek() == "[" else sp.Integer(2)
            if not (n.is_Integer and 2 <= n <= 9):
                raise ValueError(f"a root must be one of 2 to 9, got {_shown(n)}")
            value = self.bracket(False)[0] if self.peek() in _CLOSING else self.atom()
            return self.root(value, n)
        if name == "\\begin":
            return self.cases()
        meaning = self.names.get(name, self.folded.get(name))
        if meaning is not None:
            return meaning if isinstance(meaning, sp.Basic) else meaning(*self.arguments(name))
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name == "Piecewise":
            return self.piecewise()
        if name in _MANY:
            start = self.at
            value = _finite(_MANY[name](*self.arguments(name)))
            self.no_decimal_commas(name, self.tokens[start + 1 : self.at - 1])
            return value
        if not self.function(name):
            self.unknown(name, token.at, False)
        return self.call(name)

    def call(self, name):
        """sin(x), sin x, sin^2(x), log(x, 2)"""
        function, exponent = self.function(name), None
        if name == "log" and self.next.kind == "base":
            base = self.take().value
            function = lambda x: sp.log(x) / sp.log(base)  # noqa: E731
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
        start, bare = self.at, self.peek() not in _CLOSING
        values = [self.bare(name)] if bare else self.arguments(name, decimal=name != "log")
        if name == "log" and len(values) == 2:
            number = self.between(start, self.at).strip("()")
            if re.fullmatch("[0-9]+,[0-9]+", number) and self.tokens[start + 3].glued:
                self.two_ways(f"log({number})", f"log({number.replace(',', ', ')}) with a space",
                              f"log({number.replace(',', '.')})")  # fmt: skip
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
        start, open_ended = self.at, self.peek() != "|"  # |x| ends by itself
        value = self.signed()
        while (
            open_ended
            and self.next.glued
            and self.next.kind == "name"
            and not self.function(self.next.text)
        ):
            value = value * self.power()
        self.depth -= 1
        after = self.next
        function = after.kind == "name" and self.function(after.text)
        if self.peek() == "/" or self.starts_a_factor() and not function:
            of, sign = self.between(start, self.at), "/" if self.peek() == "/" else "*"
            self.at += sign == "/"
            rest = self.ahead()
            self.two_ways(f"{name} {of}{sign.replace('*', ' ')}{rest}",
                          f"{name}({of}{sign}{rest})", f"{name}({of}){sign}{rest}")  # fmt: skip
        return value

    def arguments(self, name, decimal=False):
        if self.peek() not in _CLOSING:
            self.fail(f"'(' after {name}")
        return self.bracket(calls=True, decimal=decimal)

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

    def no_decimal_commas(self, name, tokens):
        """Refuses max(0, 0,5x), where one comma separates and another may be a decimal one."""
        glued = [a.kind == c.kind == "number" and b.glued and c.glued
                 for a, b, c in zip(tokens, tokens[1:], tokens[2:], strict=False)
                 if b.text == ","]  # fmt: skip
        if len(glued) > 1 and any(glued) and not all(glued):
            raise ValueError(f"the commas in {name}(...) could be read in two ways: write a point "
                             "for decimals")  # fmt: skip

    def cases(self):
        r"""\begin{cases} value & condition \\ ... \end{cases}"""
        before, self.calls, self.bars, bars = self.calls, True, 0, self.bars
        pieces = []
        while not pieces or self.peek() == "\\\\":
            if pieces:
                self.take()
                if self.next.text == "\\end":
                    break
            value = self.sum()
            if self.peek() == ",":
                self.take()
            self.expect("&")
            pieces.append((value, self.condition()))
            if self.peek() == ",":
                self.take()
        if self.take().text != "\\end":
            self.at -= 1
            self.fail(r"\end{cases}")
        self.calls, self.bars = before, bars
        return _finite(sp.Piecewise(*pieces))

    def piece(self):
        self.expect("(")
        value = self.sum()
        self.expect(",")
        condition = self.condition()
        self.expect(")")
        return value, condition

    def condition(self):
        if self.next.text in ("True", "otherwise"):
            self.take()
            return sp.true
        left = self.sum()
        if self.peek() not in _RELATIONS:
            self.fail("one of < <= > >= == !=")
        return _RELATIONS[self.take().text](left, self.sum())


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


def _in_a_word(c):
    return c.isalpha() and not _raised(c) or c in "_0123456789₀₁₂₃₄₅₆₇₈₉"


def _raised(c):
    """², ⁻, ˣ: a small character of an exponent."""
    return c in _RAISED or unicodedata.decomposition(c).startswith("<super>")


def _invisible(c):
    """A byte-order mark, a space of no width and the like."""
    return unicodedata.category(c) == "Cf"


def _same(c):
    """The usual form of a character; one for one, so that positions stay."""
    if _raised(c) or c in _LOWERED or _invisible(c):
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
