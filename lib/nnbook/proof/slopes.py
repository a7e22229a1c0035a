"""The derivative of a function that is put together from pieces.

Away from its seams a function is what its piece says, and so is its slope. At a point where a seam
s is 0, f has the slope that the pieces on both sides share, if they join there; else it has none
(nan). A hole that is filled in (sin x / x, and 1 at 0) is met by its Taylor coefficients. Where
this does not decide, the slope is `Unknown`, which nothing can evaluate or cancel.
"""

import sympy as sp
from sympy.core.relational import Relational

_KINKS = (sp.Abs, sp.sign, sp.Heaviside, sp.DiracDelta)
_JUMPS = (sp.floor, sp.ceiling, sp.frac, sp.Mod)
_LIMITS = (sp.Integral, sp.Sum, sp.Product, sp.Limit)
_PIECES = (sp.Piecewise, sp.Max, sp.Min, *_KINKS)


class Unknown(sp.Function):
    """A number about which nothing is known."""

    nargs = 1

    def _eval_is_extended_real(self):
        return True

    def _eval_is_zero(self):
        return None


def slope(f, x):
    """df/dx as one expression, its values at the seams included."""
    pieces = (node for node in f.atoms(*_LIMITS) if x in node.free_symbols)
    if any(jump.has(x) for jump in f.atoms(*_JUMPS)) or any(_broken(node, x) for node in pieces):
        return Unknown(sp.Derivative(f, x, evaluate=False))
    seams = _seams(f, x)
    if any(s.has(*_PIECES) for s in seams):  # such a seam may be 0 on a whole stretch
        f = sp.piecewise_fold(_piecewise(f))
        seams = _seams(f, x)
    if not seams:
        return f.diff(x)
    between = f.diff(x).replace(sp.DiracDelta, lambda *_: sp.S.Zero)
    pieces = []
    for s in seams:
        others = [o for o in seams if o != s]
        alone = sp.And(*(sp.Ne(o, 0) for o in others))
        pieces.append((_at(f, s, x), sp.And(sp.Eq(s, 0), alone)))
        if others:
            pieces.append((Unknown(s), sp.And(sp.Eq(s, 0), sp.Not(alone))))
    return sp.Piecewise(*pieces, (between, True))


def _broken(node, x):
    """Whether an integral, a sum or a limit has seams that x moves or, in an integral up to x,
    jumps: there it need not have the slope that differentiation inside gives.
    """
    limits = [limit[1:] if isinstance(limit, sp.Tuple) else limit for limit in node.args[1:]]
    jumps = node.args[0].has(sp.Piecewise, *_JUMPS, *_KINKS[1:])
    return jumps and any(ends.has(x) for ends in limits) or bool(_seams(node.args[0], x))


def _piecewise(f):
    return f.rewrite((sp.Max, sp.Min, sp.Abs, sp.sign, sp.Heaviside), sp.Piecewise)


def _seams(f, x):
    """The expressions whose zeros are seams in x, each once."""
    found = {}
    nodes = sp.preorder_traversal(f)
    for node in nodes:
        parts = []
        if isinstance(node, _LIMITS):
            nodes.skip()  # `_broken` has seen to it
        if isinstance(node, Relational):
            parts = [node.lhs - node.rhs]
        elif isinstance(node, _KINKS):
            parts = [node.args[0]]
        elif isinstance(node, sp.Max | sp.Min):
            args = node.args
            parts = [a - b for i, a in enumerate(args) for b in args[:i]]
        for part in parts:
            if part.has(x):
                for factor in _factors(part, x):
                    found[factor] = None
    return list(found)


def _factors(part, x):
    """The factors that may vanish, without signs and constants."""
    if part.has(sp.Piecewise, sp.Max, sp.Min, sp.Abs):
        return [part]
    numerator = sp.fraction(sp.together(part))[0]
    if not numerator.is_polynomial():
        return [-part if part.could_extract_minus_sign() else part]
    factors = [f for f, _ in sp.factor_list(numerator)[1] if f.has(x)]
    return [-f if f.could_extract_minus_sign() else f for f in factors]


def _side(f, s, sign, x, root):
    """f where s is positive, negative or 0 (and near to 0); None if that does not settle a
    condition.
    """
    open_ones = []

    def relation(r):
        found = _ratio(r.lhs - r.rhs, s, x, root)
        if found is None:
            if any(factor in (s, -s) for factor in _factors(r.lhs - r.rhs, x)):
                open_ones.append(r)
            return r
        ratio, n = found
        return r.func(sign**n * ratio, 0)

    g = f.replace(lambda r: isinstance(r, Relational), relation)
    if g.has(sp.nan):
        return g
    g = _piecewise(g) if g.has(sp.Max, sp.Min, *_KINKS) else g
    g = g.replace(lambda r: isinstance(r, Relational), relation)
    return None if open_ones else g


def _ratio(d, s, x, root):
    """(number, n): d has the sign of number * s^n near the zero of s; None if none is known."""
    if d == s:
        return sp.S.One, 1
    if d == -s:
        return sp.S.NegativeOne, 1
    if d.has(*_PIECES) or s.has(*_PIECES):
        return None
    for n in (1, 2, 3, 4):
        ratio = sp.cancel(d / s**n)
        if root is not None and ratio.is_polynomial(x):
            ratio = ratio.xreplace({x: root})
        if ratio.is_positive or ratio.is_negative:
            return sp.S.One if ratio.is_positive else sp.S.NegativeOne, n
    return None


def _at(f, s, x):
    """The slope of f at a zero of s, where the pieces of both sides and f itself must join."""
    if s.has(*_PIECES):
        return Unknown(sp.Tuple(s, x))  # it may be 0 on a whole stretch
    root = _root(s, x)
    put = (lambda e: e.xreplace({x: root})) if root is not None else (lambda e: e)
    above, on, below = sides = [_side(f, s, sign, x, root) for sign in (1, 0, -1)]
    if None in sides:
        return Unknown(sp.Tuple(s, x))
    values, slopes = [], []
    for piece in (above, below):
        value, rise = put(piece), put(piece.diff(x))
        if _bad(value) or _bad(rise):
            if root is None:
                return Unknown(sp.Tuple(s, x))
            series = _series(piece, x, root)
            if series is None:
                return Unknown(sp.Tuple(s, x))
            value, rise = series
        values.append(value)
        slopes.append(rise)
    here = put(on)
    if _bad(here):
        return sp.nan
    conditions = [_equal(values[0], here), _equal(values[1], here), _equal(*slopes)]
    return sp.Piecewise((slopes[0], sp.And(*conditions)), (sp.nan, True))


def _bad(e):
    return e.has(sp.nan, sp.zoo, sp.oo, -sp.oo)


def _equal(a, b):
    if a == b or sp.expand(a - b) == 0:
        return sp.true
    return sp.Eq(a, b)


def _root(s, x):
    """The only zero of s, if s is linear in x with a slope that is not 0."""
    if s.is_polynomial(x) and sp.degree(s, x) == 1:
        rise = sp.diff(s, x)
        if rise.is_nonzero:
            return sp.together(-s.xreplace({x: sp.S.Zero}) / rise)
    return None


def _series(piece, x, root, depth=6):
    """(value, slope) at a removable hole: the first Taylor coefficients of numerator over
    denominator; None if they do not decide.
    """
    numerator, denominator = sp.fraction(sp.together(piece))
    if denominator == 1:
        return None
    rows = []
    for part in (numerator, denominator):
        row = []
        for k in range(depth + 2):
            value = part.xreplace({x: root})
            if _bad(value):
                return None
            zero = True if value == 0 else value.is_zero or sp.expand(value) == 0
            if not zero and not value.is_nonzero:
                return None
            row.append(sp.S.Zero if zero else value / sp.factorial(k))
            part = part.diff(x)
        rows.append(row)
    top, bottom = rows
    order = next((k for k, c in enumerate(bottom) if c != 0), None)
    if order is None or order + 1 >= len(top) or any(c != 0 for c in top[:order]):
        return None
    a, b = top[order : order + 2], bottom[order : order + 2]
    return a[0] / b[0], sp.simplify((a[1] * b[0] - a[0] * b[1]) / b[0] ** 2)
