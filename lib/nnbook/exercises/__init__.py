"""Questions that check the reader's answer, symbolic or numeric, and say what is wrong with it.

    question = expects(sp.exp(-x) / (1 + sp.exp(-x)) ** 2, hint="Begin with the chain rule.")
    question("sigma(x) (1 - sigma(x))")  # right

What a reader types is read as mathematics, over a fixed list of names; it is never run as Python.
"""

import html
import math
from dataclasses import dataclass
from numbers import Real

import sympy as sp

from nnbook._page import sheet
from nnbook.exercises.reading import Reading, reading
from nnbook.proof import SECONDS, TimeUp, expression, limited, prove

MIME = "application/vnd.nnbook.answer+json"


@dataclass(frozen=True)
class Verdict:
    """What is said about an answer; true in a condition only if the answer is right.

    state: "right", "wrong", "open" (not answered yet) or "unreadable"; lines: the message;
    reading: the answer as it was read, where it could be read in two ways, else None.
    """

    state: str
    lines: tuple
    reading: str | None = None

    def __bool__(self):
        return self.state == "right"

    def __repr__(self):
        return "\n".join(self.lines)

    def _repr_mimebundle_(self, include=None, exclude=None):
        record = {"state": self.state, "lines": list(self.lines), "reading": self.reading}
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
            f"correct must be a scalar, got a matrix ({correct_value.rows}×{correct_value.cols})"
        )
    hint = _words(hint)
    prove(correct_value, correct_value, domain=domain)  # says what is wrong with the question
    names = _names(correct_value)

    def judge(answer):
        given = reading(answer, names)
        try:
            proof = prove(given.value, correct_value, domain=domain)
        except ValueError:  # its words are about both sides: the right one stays untold
            return _not_decided(given.text)
        if proof.status == "undecided":
            return _not_decided(given.text)
        if proof:
            return _verdict("right", (f"✓ Right ({proof}).",), given.text)
        yours, right = proof.values()
        point = proof.where().strip() or "as a number"
        compared = f"{point[0].upper()}{point[1:]} your answer is {yours}; it should be {right}."
        lines = "✗ Not equal to the answer.", compared, f"Hint: {hint}"
        return _verdict("wrong", lines, given.text)

    return _question(judge)


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
        raise ValueError(f"value must be a finite real number, got {value!r}")
    if not isinstance(rtol, Real) or isinstance(rtol, bool) or not 0 < rtol < 1:
        raise ValueError(f"rtol must be a number between 0 and 1, got {rtol!r}")
    if not isinstance(unit, str):
        raise ValueError(f"unit must be text, got {unit!r}")

    def judge(answer):
        given = Reading(answer, None)
        if isinstance(answer, str):
            text = answer.strip()
            given = reading(text.removesuffix(unit) if unit else text, {})
        number = _finite(given.value)
        if number is None:
            raise ValueError("a finite real number is wanted")
        shown = f"{number:.6g} {unit}".strip()
        if abs(number - right) <= rtol * (abs(right) or 1):
            return _verdict("right", (f"✓ Right: {shown}.",), given.text)
        lines = f"✗ {shown} {_how_wrong(number, right, rtol)}", f"Hint: {hint}"
        return _verdict("wrong", lines, given.text)

    return _question(judge)


def _question(judge):
    """judge(answer) -> Verdict, within a budget; what is open or cannot be read is not judged."""

    def question(answer):
        if _is_open(answer):
            return _OPEN
        try:
            return limited(SECONDS, judge, answer)
        except TimeUp:
            return _not_decided(None)
        except ValueError as error:
            return _unreadable(answer, error)

    return question


def _verdict(state, lines, text):
    if text is None:
        return Verdict(state, lines)
    shown = text if len(text) <= 200 else text[:197] + "..."
    return Verdict(state, (*lines, f"I read: {shown}"), shown)


def _not_decided(text):
    line = "Your answer could not be compared: try a simpler form of it."
    return _verdict("unreadable", ("Not decided.", line), text)


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
        raise ValueError(f"hint must be some words that help, got {hint!r}")
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
    decades = math.log10(abs(given)) - math.log10(abs(right))
    power = round(decades)
    if power and abs(10 ** (decades - power) - 1) <= rtol:
        return f"is off by a power of ten: it is 10^{power} times the answer."
    large = abs(given) > abs(right)
    much = "much " if abs(decades) >= 1 else ""
    size = "" if right > 0 else " in absolute value"
    return f"is {much}too {'large' if large else 'small'}{size}."


def _names(correct):
    """{name: symbol or function} a reader may use, beside the usual functions and constants."""
    names = {s.name: s for s in correct.free_symbols if isinstance(s, sp.Symbol)}
    names |= {
        call.func.__name__: call.func for call in correct.atoms(sp.core.function.AppliedUndef)
    }
    return names
