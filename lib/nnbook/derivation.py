"""A derivation whose every step is proved when it is written.

    d = Derivation(sp.Derivative(1 / (1 + sp.exp(-x)), x), title="Derivative of the sigmoid")
    d.step(sp.exp(-x) / (1 + sp.exp(-x)) ** 2, because="chain rule")

A step that does not follow from the line before raises `DerivationError` with a counterexample. The
derivation shows itself as aligned LaTeX or as text, with the reason of each step and a mark: ✓
proved, ∘ computed by the system, ≈ checked at many points. Equality holds wherever both sides are
defined, so a chain of equal lines may change its value at a hole: the last line is compared with
the first one as well.
"""

from dataclasses import dataclass

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

from nnbook._page import MARKS
from nnbook._record import domain_written, latex_words, names_in, written
from nnbook.proof import Proof, expression, prove, worst

_PHONE = 40  # characters that fit beside one another on a narrow screen
_IN_LATEX = {"proved": r"\checkmark", "computed": r"\circ", "checked": r"\approx"}
MIME = "application/vnd.nnbook.derivation+json"


class DerivationError(ValueError):
    """A step that does not follow; `proof` holds the refutation, if there is one."""

    proof: Proof | None = None


@dataclass(frozen=True)
class Step:
    """One line: the expression as written, the reason in words, and the proof that it equals the
    line before.
    """

    expression: sp.Basic
    because: str
    proof: Proof


class Derivation:
    """A chain of equal expressions, from `start` to `result`.

    start, and the expression of each step: a number, a SymPy expression or matrix, shown as
    written, unevaluated derivatives, sums and integrals included. title: one line of words. domain:
    {symbol: (low, high)}, open intervals in which every step has to hold, as for `prove`.

    Raises ValueError for what is not an expression, and for a domain that names no symbol of
    `start`.
    """

    def __init__(self, start, title=None, domain=None):
        if title is not None:
            title = _words(title, "title")
        expression(start, "start")
        self.start = sp.sympify(start)
        self.title = title
        self.domain = dict(domain) if isinstance(domain, dict) else domain
        self.steps = ()
        self.whole = None  # the proof that the last line equals the first
        if domain is not None:
            prove(self.start, self.start, domain=domain)  # says what is wrong with the domain

    def step(self, following, because):
        """Append a line that equals the one before, for the reason given -> self.

        Raises DerivationError with a counterexample if the two differ.
        """
        number = len(self.steps) + 1
        because = _words(because, f"because of step {number}")
        expression(following, f"the expression of step {number}")
        following = sp.sympify(following)
        step = f"step {number} ({because})"
        proof = self._compared(self.result, following, step, "the line before")
        whole = proof
        if not proof:
            raise _does_not_follow(step, "the line before", self.result, following, proof)
        if self.steps:
            whole = self._compared(self.start, following, step, "the first line")
            if whole.status == "refuted":
                raise _does_not_follow(step, "the first line", self.start, following, whole)
        self.steps += (Step(following, because, proof),)
        self.whole = whole
        return self

    def _compared(self, before, following, step, name):
        try:
            return prove(before, following, domain=self._domain_of(before, following))
        except ValueError as error:
            text = str(error).replace("lhs", name).replace("rhs", "the step")
            raise DerivationError(f"{step}: {text}") from error

    def _domain_of(self, before, following):
        """The part of the domain whose symbols occur in this step."""
        if not self.domain:
            return None
        names = {str(s) for s in before.free_symbols | following.free_symbols}
        return {s: interval for s, interval in self.domain.items() if s.name in names} or None

    @property
    def result(self):
        """The last expression."""
        return self.steps[-1].expression if self.steps else self.start

    @property
    def statement(self):
        """(first line, last line, domain), as of a proof."""
        return self.start, self.result, self.domain

    @property
    def status(self):
        """The weakest of the steps' answers, and of the answer for the last line against the first
        one ("checked" if that was not decided).
        """
        whole = [self.whole.status] if self.whole and self.whole.status != "computed" else []
        weakest = worst([*(s.proof.status for s in self.steps), *whole])
        return "checked" if weakest == "undecided" else weakest

    def latex(self):
        r"""An `aligned` environment; the reason stands beside its line, or below it if a line would
        be too wide."""
        lines = [self.start, *(s.expression for s in self.steps)]
        reason = max((len(s.because) for s in self.steps), default=0)
        beside = max(map(_width, lines)) + reason + 4 <= _PHONE
        rows = [f"&{_latex(self.start)}"]
        if self.title:
            rows.insert(0, rf"&{latex_words(self.title, 'textbf')}")
        for s in self.steps:
            reason = rf"{latex_words(s.because)} \;{_IN_LATEX[s.proof.status]}"
            between = " && " if beside else r" \\ &\qquad "
            rows.append(f"&= {_latex(s.expression)}{between}{reason}")
        body = " \\\\[7pt]\n".join(rows)
        return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"

    def __str__(self):
        expressions = [_text(s.expression) for s in self.steps]
        wide = max(map(len, expressions), default=0)
        reasons = max((len(s.because) for s in self.steps), default=0)
        lines = [self.title] if self.title else []
        lines.append(f"  {_text(self.start)}")
        for s, text in zip(self.steps, expressions, strict=True):
            lines.append(f"= {text:<{wide}}   {s.because:<{reasons}} {MARKS[s.proof.status]}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {
            "text/latex": f"$$\n{self.latex()}\n$$",
            "text/plain": str(self),
            MIME: self.record(),
        }

    def record(self):
        """The derivation as data: title, start and steps, expressions as LaTeX and as `srepr`; the
        domain, and the names that a further step may use.
        """
        steps = [
            {
                "latex": _latex(s.expression),
                "because": s.because,
                "status": s.proof.status,
                "line": written(s.expression),
            }
            for s in self.steps
        ]
        names = names_in(self.start, *(s.expression for s in self.steps))
        return {
            "title": self.title,
            "start": _latex(self.start),
            "steps": steps,
            "line": written(self.start),
            "domain": domain_written(self.domain),
            "names": {name: written(symbol) for name, symbol in names.items()},
        }


def _does_not_follow(step, name, before, following, proof):
    if proof.status == "undecided":
        text = f"{step} is not decided against {name}: {proof.method}"
    else:
        there, here = proof.values()
        text = f"{step} does not follow{proof.where()}: {name} is {there}, the step is {here}"
    error = DerivationError(
        f"{text}\n  {name + ':':16} {_text(before)}\n  {'step:':16} {_text(following)}"
    )
    error.proof = proof
    return error


def _words(text, name):
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{name} must be some plain words, got {text!r}")
    return " ".join(text.split())


class _AsGiven:
    """Sums in the author's order if SymPy would have put them otherwise (`evaluate=False`)."""

    def _as_ordered_terms(self, expr, order=None):
        if sp.Add(*expr.args) != expr:
            return list(expr.args)
        return super()._as_ordered_terms(expr, order=order)


class _Latex(_AsGiven, LatexPrinter):
    pass


class _Str(_AsGiven, StrPrinter):
    pass


def _latex(e):
    return _Latex().doprint(e)


def _text(e):
    return " ".join(_Str().doprint(e).split())


def _width(e):
    return max(map(len, sp.pretty(e, wrap_line=False, use_unicode=True).splitlines()))
