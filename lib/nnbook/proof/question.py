"""A statement as it is given: checked, floats exact, its symbols real, its entries one by one."""

import itertools

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean
from sympy.matrices.expressions.matexpr import MatrixElement

from nnbook.proof.decimals import exact
from nnbook.proof.sampling import FACTS


def expression(given, name):
    """The argument as a SymPy expression or explicit matrix, floats as exact decimals."""
    wanted = f"{name} must be a number, a SymPy expression or a SymPy matrix"
    if isinstance(given, (str, bool)):
        raise ValueError(f"{wanted}, got {given!r}")
    if isinstance(given, float):
        given = _decimal(repr(float(given)), name)
    try:
        value = sp.sympify(given, strict=True)
    except (sp.SympifyError, TypeError, ValueError) as error:
        raise ValueError(f"{wanted}, got {given!r}") from error
    if isinstance(value, sp.MatrixBase | sp.MatrixExpr):
        try:
            value = sp.ImmutableDenseMatrix(value.doit().as_explicit())
        except (ValueError, TypeError, NotImplementedError, AttributeError) as error:
            raise ValueError(f"{name} is a matrix without explicit entries: {value}") from error
    value = value.replace(lambda e: isinstance(e, (*_OF_MATRICES, sp.Contains)), _written_out)
    if isinstance(value, Relational | Boolean) and not isinstance(value, sp.Symbol):
        raise ValueError(f"{wanted}, got the relation {value}: give its sides as lhs and rhs")
    if not isinstance(value, sp.Expr | sp.MatrixBase):
        raise ValueError(f"{wanted}, got {given!r}")
    if value.has(sp.nan):
        raise ValueError(f"{wanted}, got {value}, which has no value")
    floats = {number: _decimal(number, name) for number in value.atoms(sp.Float)}
    return value.xreplace(floats) if floats else value


_OF_MATRICES = (sp.Determinant, sp.Trace, MatrixElement)


def _written_out(e):
    """Determinant, trace or entry of a matrix expression by the entries of its symbols; membership
    of a set as relations.
    """
    if isinstance(e, sp.Contains):
        try:
            return e.args[1].as_relational(e.args[0])
        except (AttributeError, NotImplementedError, TypeError, ValueError):
            return e
    if isinstance(e, MatrixElement) and isinstance(e.parent, sp.MatrixSymbol):
        return e
    try:
        entries = sp.Matrix(e.args[0].doit().as_explicit())
        if isinstance(e, MatrixElement):
            return entries[e.i, e.j]
        return entries.det() if isinstance(e, sp.Determinant) else entries.trace()
    except (ValueError, TypeError, NotImplementedError, AttributeError, IndexError):
        return e


def _decimal(number, name):
    text = str(number)
    if text in ("inf", "+inf", "oo"):
        return sp.oo
    if text in ("-inf", "-oo"):
        return -sp.oo
    try:
        return exact(number) if isinstance(number, sp.Float) else sp.Rational(text)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must have finite numbers, got {text}") from error


def shape(value):
    return f"{value.rows}×{value.cols}" if isinstance(value, sp.MatrixBase) else "a scalar"


def entries_of(left, right):
    """[(position or None, lhs, rhs), ...]: one statement for each entry, elements of matrix symbols
    as plain symbols.
    """
    if isinstance(left, sp.MatrixBase):
        if not len(left):
            raise ValueError("lhs and rhs are matrices without entries: there is nothing to prove")
        places = itertools.product(range(left.rows), range(left.cols))
        triples = [((i, j), left[i, j], right[i, j]) for i, j in places]
    else:
        triples = [(None, left, right)]
    loose, sequences = set(), set()
    for _, a, b in triples:
        for e in (a, b):
            loose |= {x for x in e.atoms(MatrixElement)}
            for x in e.atoms(sp.Indexed):
                if all(i.is_Integer for i in x.indices):
                    loose.add(x)
                else:
                    sequences.add(x.base)
    loose = {x for x in loose if not isinstance(x, sp.Indexed) or x.base not in sequences}
    swap = {x: sp.Symbol(str(x).replace(" ", ""), real=True) for x in loose}
    return [(where, a.xreplace(swap), b.xreplace(swap)) for where, a, b in triples]


def symbols_of(*expressions):
    """The free symbols; neither entries of a sequence nor its name."""
    found = set()
    for e in expressions:
        names = {base.label for base in e.atoms(sp.IndexedBase)}
        found |= {s for s in e.free_symbols if isinstance(s, sp.Symbol) and s not in names}
    return found


def _free(entries):
    return symbols_of(*(e for _, a, b in entries for e in (a, b)))


def real_sequences(entries):
    """{sequence as given: a real one}."""
    swap = {}
    for _, a, b in entries:
        for base in a.atoms(sp.IndexedBase) | b.atoms(sp.IndexedBase):
            given = getattr(base.label, "assumptions0", {})
            facts = {k: v for k, v in given.items() if k in FACTS}
            swap[base] = sp.IndexedBase(sp.Dummy(str(base.label), **facts, real=True))
    return swap


def real_symbols(entries):
    """{symbol as given: symbol that SymPy knows to be real}."""
    every = set().union(*(e.atoms(sp.Symbol) for _, a, b in entries for e in (a, b)))
    free = _free(entries)
    names, indices = set(), set()
    for _, a, b in entries:
        for e in (a, b):
            names |= {base.label for base in e.atoms(sp.IndexedBase)}
            for entry in e.atoms(sp.Indexed):
                for index in entry.indices:
                    indices |= {s for s in index.free_symbols if isinstance(s, sp.Symbol)}
    summed = _summed(entries, indices - names)
    swap, seen = {}, {}
    for symbol in sorted(every - names, key=lambda s: (s.name, str(s.assumptions0))):
        new = symbol
        if symbol.is_real is None:
            if symbol.is_complex and "extended_real" not in symbol.assumptions0:
                raise ValueError(f"the symbol {symbol} must be real, got a complex one")
            whole = symbol in summed - free or symbol in indices
            kind = {"integer": True} if whole else {"real": True}
            given = symbol.assumptions0
            known = {k: v for k, v in given.items() if k in FACTS}
            new = sp.Symbol(symbol.name, **known | kind)
        elif symbol.is_real is False:
            raise ValueError(f"the symbol {symbol} must be real, got one that is not")
        if symbol in free and seen.setdefault(symbol.name, new) != new:
            raise ValueError(
                f"two different symbols are called {symbol.name}: {_facts(seen[symbol.name])} and "
                f"{_facts(new)}"
            )
        swap[symbol] = new
    return swap


def _summed(entries, indices):
    """The symbols over which is summed; their bounds must be integers."""
    summed = set()
    for _, a, b in entries:
        for series in a.atoms(sp.Sum, sp.Product) | b.atoms(sp.Sum, sp.Product):
            summed |= {limit[0] for limit in series.limits}
            for bound in itertools.chain.from_iterable(limit[1:] for limit in series.limits):
                if bound.is_integer is None and bound.free_symbols - summed - indices:
                    raise ValueError(
                        f"the bound {bound} of {series} must be an integer: "
                        f"declare its symbols with integer=True"
                    )
    return summed


def _facts(symbol):
    return (
        ", ".join(k for k, v in sorted(symbol.assumptions0.items()) if v and k in FACTS) or "real"
    )


def intervals_of(domain, entries):
    """{symbol: (low, high)} of the domain."""
    if domain is None:
        return {}
    if not isinstance(domain, dict):
        raise ValueError(f"domain must be a dict {{symbol: (low, high)}}, got {domain!r}")
    free, intervals = _free(entries), {}
    for symbol, interval in domain.items():
        if not isinstance(symbol, sp.Symbol):
            raise ValueError(f"a key of domain must be a SymPy symbol, got {symbol!r}")
        if symbol not in free:  # x and Symbol("x", real=True) are one symbol here
            others = [s for s in free if s.name == symbol.name and _facts(s) == _facts(symbol)]
            if not others:
                known = ", ".join(sorted(s.name for s in free)) or "none"
                raise ValueError(
                    f"domain names {symbol}, but the symbols of the statement are: {known}"
                )
            symbol = others[0]
        try:
            low, high = (expression(end, f"domain[{symbol}]") for end in interval)
        except (TypeError, ValueError) as error:
            raise ValueError(f"domain[{symbol}] must be (low, high), got {interval!r}") from error
        if not (
            low.is_extended_real and high.is_extended_real and low.is_number and high.is_number
        ):
            raise ValueError(f"domain[{symbol}] must be two real numbers, got {interval!r}")
        if not low < high:
            raise ValueError(f"domain[{symbol}] must have low < high, got {interval!r}")
        intervals[symbol] = (low, high)
    return intervals


def check_functions(entries):
    """An undefined function has one number of arguments."""
    arity = {}
    for _, a, b in entries:
        for call in a.atoms(AppliedUndef) | b.atoms(AppliedUndef):
            name = call.func.__name__
            if arity.setdefault(name, len(call.args)) != len(call.args):
                raise ValueError(f"the function {name} is used with different numbers of arguments")
