"""What the worker behind a page does with an answer: a task in, a verdict out, both as JSON.

    {"kind": "answer", "question": its record, "answer": text}
    {"kind": "step", "line": the line before, "names": {...}, "domain": ..., "answer": text}
    the same with "other": what an empty answer stands for, when a card's proof is run again

Nothing that a reader types is run as Python here, apart from the few lines that a code exercise
asks for. The records come from the book itself.
"""

import json
import sys

import sympy as sp

from nnbook._record import mathml, rebuilt, written
from nnbook.derivation import Derivation, DerivationError
from nnbook.exercises import from_record
from nnbook.exercises.reading import reading
from nnbook.proof import SECONDS, TimeUp, limited

OUTSIDE = ("js", "pyodide", "pyodide_js", "_pyodide", "_pyodide_core")


def warm_up():
    """The first proof takes longer than the next ones: parts of SymPy start when they are asked."""
    x = sp.Symbol("x")
    step = {"kind": "step", "line": written(sp.exp(x) ** 2), "names": {"x": written(x)}}
    task = json.dumps(step | {"domain": None, "answer": "e^(2x) + x - x"})
    echo(task)
    answer(task)


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
    """How the answer is read, before it is judged: {"mathml": ...}, or {} if it is not."""
    task = json.loads(task)
    try:
        if task["kind"] == "step":
            shown = limited(SECONDS, mathml, _read(task))
        else:
            shown = from_record(task["question"]).read(task["answer"]).mathml
    except (TimeUp, Exception):  # the verdict says why
        shown = None
    return json.dumps({"mathml": shown} if shown else {})


def answer(task):
    """What is said of the answer: {"state", "lines"}."""
    task = json.loads(task)
    try:
        if task["kind"] == "step":
            state, lines = _step(task)
        else:
            verdict = from_record(task["question"])(task["answer"])
            state, lines = verdict.state, verdict.lines
    except (TimeUp, Exception) as error:
        # A part of SymPy that is not in the engine, too little room or time: nothing is known.
        state, lines = "undecided", [f"Not decided: the prover stopped ({type(error).__name__})."]
    return json.dumps({"state": state, "lines": list(lines)})


def _step(task):
    """Is the answer equal to the line, wherever both are defined?"""
    try:
        given = _read(task)
    except ValueError as error:
        return "unreadable", ["Cannot read this.", *str(error).splitlines()]
    line = rebuilt(task["line"])
    domain = {rebuilt(s): tuple(map(rebuilt, ends)) for s, ends in (task["domain"] or {}).items()}
    inside = {s: ends for s, ends in domain.items() if s in line.free_symbols}
    try:
        step = Derivation(line, domain=inside or None).step(given, because="your step").steps[0]
    except DerivationError as error:
        if error.proof is None or error.proof.status == "undecided":
            return "undecided", ["Not decided.", "It could not be compared: try a simpler form."]
        there, here = error.proof.values()
        at = error.proof.where().strip() or "as numbers"
        compared = f"{at[0].upper()}{at[1:]} the line is {there}; yours is {here}."
        return "wrong", ["✗ Not equal.", compared]
    return "right", [f"✓ Equal ({step.proof})."]


def _read(task):
    if not task["answer"].strip() and task.get("other"):  # as the card has it
        return rebuilt(task["other"])
    names = {name: rebuilt(text) for name, text in task["names"].items()}
    return limited(SECONDS, reading, task["answer"], names).value
