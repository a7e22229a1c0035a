"""Questions that check the reader's answer, a formula, a number or some lines of Python, and say
what is wrong with it.

    question = expects(sp.exp(-x) / (1 + sp.exp(-x)) ** 2, hint="Begin with the chain rule.")
    question("sigma(x) (1 - sigma(x))")  # right

What a reader types is read as mathematics, over a fixed list of names; it is never run as Python,
but for lines that answer a question of `expects_code`.
"""

import html
import math
from dataclasses import dataclass
from numbers import Real

import sympy as sp

from nnbook._page import on_page, sheet
from nnbook._record import mathml, rebuilt, written
from nnbook.exercises.code import asserts, functions, judged
from nnbook.exercises.reading import Reading, reading
from nnbook.proof import SECONDS, TimeUp, expression, limited, prove

MIME = "application/vnd.nnbook.answer+json"
_LONGEST = 200  # characters of a reading that is shown


@dataclass(frozen=True)
class Verdict:
    """What is said about an answer; true in a condition only if the answer is right.

    state: "right", "wrong", "open" (not answered yet), "unreadable" or "undecided"; lines: the
    message; reading: the answer as it was read, as text, or None for what was not read; mathml: the
    same as a MathML element; question: the record from which `from_record` makes the question.
    """

    state: str
    lines: tuple
    reading: str | None = None
    mathml: str | None = None
    question: dict | None = None

    def __bool__(self):
        return self.state == "right"

    def _rows(self):
        """(text, element of HTML) row by row."""
        first, *rest = self.lines
        if self.reading is not None:
            shown = self.mathml or html.escape(self.reading)
            yield f"I read: {self.reading}", f"<p>I read: {shown}</p>"
        yield first, f"<p><strong>{html.escape(first)}</strong></p>"
        yield from ((line, f"<p>{html.escape(line)}</p>") for line in rest)
        if self.state != "open":
            return
        code = self.question if self.question and self.question["kind"] == "code" else {}
        for part in ("start", "tests") if code else ():
            body = f"<pre>{html.escape(code[part])}</pre>"
            yield f"{part}:\n{code[part]}", f'<div class="nn-{part}"><p>{part}</p>{body}</div>'
        if not on_page():
            line = _HOW_CODE.format(functions(code["start"])[-1]) if code else _HOW
            yield line, f"<p>{line}</p>"

    def __repr__(self):
        return "\n".join(text for text, _ in self._rows())

    def _repr_mimebundle_(self, include=None, exclude=None):
        record = {
            "state": self.state, "lines": list(self.lines), "reading": self.reading,
            "mathml": self.mathml, "question": self.question,
        }  # fmt: skip
        return {"text/plain": repr(self), "text/html": self._repr_html_(), MIME: record}

    def _repr_html_(self):
        look = {"right": "nn-right", "wrong": "nn-wrong"}.get(self.state, "nn-open")
        body = "".join(element for _, element in self._rows())
        return f'{sheet()}<div class="nn-exercise {look}" role="status">{body}</div>'


_HOW = "To answer, type your answer between the quotes and run the cell."
_HOW_CODE = (
    "To answer, complete the lines in a cell of their own and run question({0}), or type them "
    "between triple quotes."
)


class Question:
    """What `expects`, `expects_number`, `expects_code` and `from_record` return: call it with an
    answer -> Verdict.

    record: the question as JSON can hold it.
    """

    def __init__(self, record, wanted, judge, read):
        self.record = {key: record[key] for key in sorted(record)}
        self._wanted, self._judge, self._read = wanted, judge, read

    def __call__(self, answer):
        """The verdict, within a budget of time; an empty answer is open, not wrong."""
        return self._answered(answer, self._judge)

    def read(self, answer):
        """How the answer is understood, before it is judged -> Verdict, open or unreadable."""
        return self._answered(answer, lambda given: ("open", ["Being checked."]))

    def _answered(self, answer, judge):
        if _is_open(answer):
            return Verdict("open", (f"Not answered yet. {self._wanted}",), question=self.record)
        text = element = None
        try:
            given = limited(SECONDS, self._read, answer)
            if isinstance(given, Reading):
                text = _shortened(given.text)
                element = limited(SECONDS, mathml, given.value)
            state, lines = limited(SECONDS, judge, given)
        except TimeUp:
            state, lines = "undecided", _not_decided(self.record["kind"])
        except ValueError as error:
            shown = _shortened(str(answer), 60)
            state, lines = "unreadable", [f"Cannot read this: {shown}", *str(error).splitlines()]
        if state == "wrong":
            lines = [*lines, f"Hint: {self.record['hint']}"]
        return Verdict(state, tuple(lines), text, element, self.record)


def from_record(record):
    """The question that a verdict's record holds: same judge, same words. Raises ValueError for
    what is no such record.
    """
    try:
        kind, hint = record["kind"], record["hint"]
        if kind == "formula":
            domain = {
                rebuilt(name): tuple(map(rebuilt, ends))
                for name, ends in (record["domain"] or {}).items()
            }
            return expects(rebuilt(record["correct"]), hint, domain or None)
        if kind == "number":
            return expects_number(record["value"], hint, record["rtol"], record["unit"])
        if kind == "code":
            return expects_code(record["start"], record["tests"], hint)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"record must be a question's, got {record!r}") from error
    raise ValueError(f"record must have the kind formula, number or code, got {kind!r}")


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

    def judge(given):
        try:
            proof = prove(given.value, correct_value, domain=domain)
        except ValueError:  # its words are about both sides: the right one stays untold
            return "undecided", _not_decided("formula")
        if proof.status == "undecided":
            return "undecided", _not_decided("formula")
        if proof:
            return "right", [f"✓ Right ({proof})."]
        yours, right = proof.values()
        point = proof.where().strip() or "as a number"
        compared = f"{point[0].upper()}{point[1:]} your answer is {yours}; it should be {right}."
        return "wrong", ["✗ Not equal to the answer.", compared]

    ends = {
        written(s): [written(expression(end, "domain")) for end in interval]
        for s, interval in (domain or {}).items()
    }
    record = {
        "kind": "formula", "correct": written(correct_value), "names": sorted(names),
        "domain": ends or None, "hint": hint,
    }  # fmt: skip
    listed = ", ".join(sorted(names))
    wanted = f"a formula in {listed}" if names else "an exact number, such as 2/3 or sqrt(2)"
    return Question(record, f"Wanted: {wanted}.", judge, lambda answer: reading(answer, names))


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
    digits = math.ceil(math.log10(5 / rtol) - 1e-9)  # so many, and rounding costs rtol at most

    def read(answer):
        if isinstance(answer, str):
            text = answer.strip()
            return reading(text.removesuffix(unit) if unit else text, {})
        number = _finite(answer)
        if number is None:
            raise ValueError("a finite real number is wanted")
        return Reading(expression(number, "the answer"), f"{number:.12g}")

    def judge(given):
        number = _finite(given.value)
        if number is None:
            raise ValueError("a finite real number is wanted")
        shown = f"{number:.{max(6, digits)}g} {unit}".strip()
        if abs(number - right) <= rtol * (abs(right) or 1):
            exact = f"{right:.{max(6, digits)}g} {unit}".strip()
            more = [] if exact == shown else [f"The value is {exact}."]
            return "right", [f"✓ Right: {shown}.", *more]
        return "wrong", [f"✗ {shown} {_how_wrong(number, right, rtol, digits)}"]

    record = {
        "kind": "number", "value": right, "rtol": float(rtol), "unit": unit, "hint": hint,
    }  # fmt: skip
    measured = f" in {unit}" if unit else ""
    wanted = f"Wanted: a number{measured}; {digits} digits are enough."
    return Question(record, wanted, judge, read)


def expects_code(start, tests, hint):
    """A question whose answer is some lines of Python: returns a function of the answer (text, or a
    function) -> Verdict.

    start: the lines that the reader completes or mends, with at least one function; tests: `assert`
    lines with messages, shown to the reader; hint: words for a wrong answer. Answer and tests run
    together in a fresh namespace with few builtins, where math and random alone can be imported; a
    function is tried under the name that start gives it. Raises ValueError for an author's
    mistakes.
    """
    hint = _words(hint)
    for name, text in (("start", start), ("tests", tests)):
        try:
            compile(text, name, "exec")
        except (TypeError, SyntaxError, ValueError) as error:
            raise ValueError(f"{name} must be lines of Python, got {text!r}") from error
    start, tests = start.strip(), tests.strip()
    if not functions(start):
        raise ValueError(f"start must define a function, got {start!r}")
    if not asserts(tests) or not all(each.msg for each in asserts(tests)):
        raise ValueError(f"tests must hold assert lines, each with a message, got {tests!r}")

    def read(answer):
        if isinstance(answer, str) or callable(answer):
            return answer
        raise ValueError(f"it is of type {type(answer).__name__}: lines of Python are wanted, or "
                         "a function")  # fmt: skip

    record = {"kind": "code", "start": start, "tests": tests, "hint": hint}
    wanted = "Wanted: Python that passes the tests."
    return Question(record, wanted, lambda answer: judged(answer, start, tests), read)


def _not_decided(kind):
    if kind == "code":
        return ["Not decided: it did not end in time.", "Does a loop of yours never stop?"]
    return ["Not decided.", "Your answer could not be compared: try a simpler form of it."]


def _is_open(answer):
    return (
        answer is None
        or answer is ...
        or (isinstance(answer, str) and answer.strip() in ("", "...", "…"))
    )


def _shortened(text, longest=_LONGEST):
    return text if len(text) <= longest else text[: longest - 3] + "..."


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


def _how_wrong(given, right, rtol, digits):
    if right == 0 or given == 0:
        return "is too large." if given > right else "is too small."
    if abs(given + right) <= rtol * abs(right):
        return "has the wrong sign."
    if given * right < 0:
        return "has the wrong sign, and the wrong size."
    agree = max((d for d in range(2, digits) if given == float(f"{right:.{d - 1}e}")), default=0)
    if agree:
        return f"is right to {agree} digits: {digits} are wanted."
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
