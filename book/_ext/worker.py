"""What the worker behind a page does with an answer: a task in, a verdict out, both as JSON.

    {"kind": "answer", "question": its record, "answer": text}
    {"kind": "step", "line": the line before, "names": [...], "domain": ..., "answer": text}

Nothing that a reader types is run as Python here, apart from the few lines that a code exercise
asks for. The records come from the book itself.
"""

import json
import sys

import sympy as sp
from sympy.printing.mathml import mathml

from nnbook._record import domain_from_texts, from_text, names_in
from nnbook.derivation import Derivation, DerivationError
from nnbook.exercises import from_record
from nnbook.exercises.reading import reading
from nnbook.proof import SECONDS, TimeUp, limited

OUTSIDE = ("js", "pyodide", "pyodide_js", "_pyodide", "_pyodide_core")


def warm_up():
    """The first proof takes longer than the next ones: parts of SymPy start when they are asked."""
    x = sp.Symbol("x")
    line = {"kind": "step", "line": sp.srepr(sp.exp(x) ** 2), "names": [sp.srepr(x)]}
    answer(json.dumps(line | {"domain": None, "answer": "e^(2x) + x - x"}))


def shut():
    """No way from Python to the page's JavaScript."""
    for name in list(sys.modules):
        if name.split(".")[0] in OUTSIDE:
            del sys.modules[name]
    sys.meta_path.insert(0, Nothing)


class Nothing:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] in OUTSIDE:
            raise ImportError(f"{name} is not for answers")


def echo(task):
    """How the answer is read, before it is judged: {"text", "mathml"}, or {} if it cannot be."""
    task = json.loads(task)
    try:
        given = _read(task)
    except (ValueError, RecursionError):
        given = None
    return json.dumps(given and {"text": _text(given), "mathml": _mathml(given)} or {})


def answer(task):
    """What is said of the answer: {"state", "lines"}."""
    task = json.loads(task)
    try:
        found = _step(task) if task["kind"] == "step" else _question(task)
    except TimeUp:
        found = _undecided("The time ran out.")
    except (ImportError, AttributeError, MemoryError, RecursionError, OverflowError) as error:
        # A part of SymPy that is not in the engine, or too little room: nothing is known.
        found = _undecided(f"The prover stopped ({type(error).__name__}).")
    return json.dumps(found)


def _question(task):
    verdict = from_record(task["question"])(task["answer"])
    return {"state": verdict.state, "lines": list(verdict.lines)}


def _step(task):
    """Is the answer equal to the line, wherever both are defined?"""
    try:
        given = limited(SECONDS, _read, task)
    except ValueError as error:
        return {"state": "unreadable", "lines": ["Cannot read this.", *str(error).splitlines()]}
    line, domain = from_text(task["line"]), domain_from_texts(task["domain"]) or {}
    inside = {s: ends for s, ends in domain.items() if s in line.free_symbols}
    try:
        step = Derivation(line, domain=inside or None).step(given, because="your step").steps[0]
    except DerivationError as error:
        if error.proof is None or error.proof.status == "undecided":
            return _undecided("It could not be compared: try a simpler form of it.")
        there, here = error.proof.values()
        at = error.proof.where().strip() or "as numbers"
        compared = f"{at[0].upper()}{at[1:]} the line is {there}, yours is {here}."
        return {"state": "wrong", "lines": ["✗ Not equal.", compared]}
    return {"state": "right", "lines": [f"✓ Equal ({step.proof})."]}


def _undecided(why):
    return {"state": "undecided", "lines": ["Not decided.", why]}


def _read(task):
    """The answer as an expression; None for lines of code."""
    if task["kind"] == "step":
        names = {}
        for text in task["names"]:
            name = from_text(text)
            names[getattr(name, "name", None) or name.__name__] = name
        return reading(task["answer"], names).value
    question = task["question"]
    if question["kind"] == "code":
        return None
    text, unit = task["answer"].strip(), question.get("unit")
    if question["kind"] == "number":
        return reading(text.removesuffix(unit) if unit else text, {}).value
    return reading(text, names_in(from_text(question["correct"]))).value


def _text(e):
    return str(e).replace("**", "^")


def _mathml(e):
    """For the page: no <mfenced>, which browsers no longer draw."""
    return mathml(e, printer="presentation", mul_symbol="")
