"""Rows of the cheat sheet, how they are shown, and what is asked before one is made."""

import re
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import sympy as sp

from nnbook.cheatsheet.meaning import put
from nnbook.cheatsheet.notation import parse
from nnbook.proof import prove, worst


class SheetError(ValueError):
    """A formula on the sheet that is not that of the library, or not the derivative it claims."""


@dataclass(frozen=True)
class Row:
    """Names of the library, formulas and derivatives as ("left side =", "right side")."""

    names: tuple[str, ...]
    formulas: tuple[tuple[str, str], ...]
    derivatives: tuple[tuple[str, str], ...]
    status: str

    def __add__(self, other):
        """One row for two names with the same formulas."""
        if (self.formulas, self.derivatives) != (other.formulas, other.derivatives):
            raise SheetError(f"{self.names} and {other.names} do not have the same formulas")
        names = dict.fromkeys(self.names + other.names)
        return replace(self, names=(*names,), status=worst([self.status, other.status]))


def parted(text):
    """("r =", "y_hat - y") for "r = y_hat - y", and ("", text) for a formula alone."""
    found = re.fullmatch(r"([\w()\[\]]+ [=←]) (.+)", text)
    return found.groups() if found else ("", text)


# What is asked -----------------------------------------------------------------------------------


def proved(name, what, stated, wanted):
    """The status of a proof that both are equal, or a SheetError with the counterexample."""
    proof = _asked(stated, wanted)
    if not proof:
        raise SheetError(f"{name}: {what} is not {stated}, but {wanted}: {proof}")
    return proof.status


@cache
def _asked(stated, wanted):
    """Once for all rows that state the same, such as the layers that differ in their axes."""
    return prove(_folded(stated), _folded(wanted))


def _folded(e):
    """The same with cases outermost, each multiplied out, which spares `prove` half a minute."""
    e = sp.piecewise_fold(e)
    if not isinstance(e, sp.Piecewise):
        return e
    return sp.Piecewise(*((value.expand(), condition) for value, condition in e.args))


def agree(name, what, stated, computed):
    """Both are equal in numbers, or it is a SheetError."""
    stated, computed = (np.asarray(x, dtype=float) for x in (stated, computed))
    if stated.shape != computed.shape or not np.allclose(stated, computed, rtol=1e-9, atol=1e-12):
        raise SheetError(f"{name}: {what} is {stated} on the sheet, {computed} by the library")


def letter_of(text):
    """z for z[i]."""
    return re.match(r"\w+", text)[0]


def symbols(name, n):
    return [sp.Symbol(f"{name}{m + 1}", real=True) for m in range(n)]


def exact(number):
    """A number, or an array as a list, for `put`."""
    if np.ndim(number):
        return [*map(exact, number)]
    return sp.Float(float(number))


def at_entry(index):
    """The place of this entry, for `put`, whichever letter counts."""
    return {"i": index, "k": index, None: index}


def prove_gradients(name, value, gradients, small):
    """One status a proof: is each gradient the derivative of `value`, entry by entry?"""
    statuses = []
    for by, text in gradients.items():
        entries = small.get(letter_of(by), [sp.Symbol(by, real=True)])
        for m, entry in enumerate(entries):
            stated = put(parse(text), small, at_entry(m))
            statuses.append(proved(name, f"the gradient by {by}", stated, value.diff(entry)))
    return statuses


def gradient_of(texts, by, values):
    """The number, or the numbers of the entries, that the gradient by this letter is."""
    size = len(values[letter_of(by)]) if isinstance(values[letter_of(by)], list) else None
    slope = parse(texts[by])
    return [put(slope, values, at_entry(m)) for m in range(size)] if size else put(slope, values)


def row(names, formulas, gradients, statuses, of="L"):
    """A `Row` with the gradients of L, or of another letter."""
    derivatives = ((f"∂{of}/∂{by} =", text) for by, text in gradients.items())
    return Row(names, tuple(map(parted, formulas)), tuple(derivatives), worst(statuses))
