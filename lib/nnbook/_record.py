"""Expressions as text, and back: what an output carries for the page's worker.

The text is SymPy's `srepr`, every symbol with its assumptions. It is read as Python, so only what
the book itself wrote is read.
"""

import sympy as sp
from sympy.functions.elementary.piecewise import ExprCondPair

_NAMES = {name: value for name, value in vars(sp).items() if name[0] != "_"}
_NAMES |= {"ExprCondPair": ExprCondPair, "Str": sp.core.symbol.Str, "__builtins__": {}}


def as_text(e):
    return sp.srepr(sp.sympify(e))


def from_text(text):
    return sp.sympify(eval(text, dict(_NAMES)))


def domain_as_texts(domain):
    """{symbol: (low, high)} -> [[symbol, low, high], ...]"""
    return [[as_text(part) for part in (s, *ends)] for s, ends in (domain or {}).items()]


def domain_from_texts(texts):
    """The other way; None for no domain."""
    rows = [[from_text(part) for part in row] for row in texts or ()]
    return {symbol: (low, high) for symbol, low, high in rows} or None


def names_in(*expressions):
    """{name: symbol or function} that a reader can type: free symbols, and undefined functions."""
    found = {}
    for e in map(sp.sympify, expressions):
        held = {part for i in e.atoms(sp.Indexed) for part in i.free_symbols}
        symbols = (s for s in e.free_symbols - held if isinstance(s, sp.Symbol))
        found |= {s.name: s for s in symbols}
        calls = e.atoms(sp.core.function.AppliedUndef)
        found |= {call.func.__name__: call.func for call in calls}
    return dict(sorted(found.items()))
