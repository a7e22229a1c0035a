"""Integrals, infinite sums and limits by ordinary numerics, without a bound of the error.

Such a number refutes nothing. It is the second witness where the system's own antiderivative, sum
or limit says that two sides are equal: another method, which would not make the same mistake.
"""

import itertools

import mpmath
import sympy as sp

from nnbook.proof.budget import check
from nnbook.proof.sampling import roots_of, seams_of

UNEVALUATED = (sp.Integral, sp.Sum, sp.Product, sp.Limit)
_MOST_TERMS = 10_000
_CLOSE = mpmath.mpf(10) ** -8


def agree(lhs, rhs, point):
    """True, False, or None where a number can't be had."""
    with mpmath.workdps(25):
        values = [_value(e.xreplace(point)) for e in (lhs, rhs)]
        if None in values:
            return None
        a, b = values
        return bool(abs(a - b) <= _CLOSE * (1 + abs(b)))


def _value(e):
    check()
    nodes = {}
    for node in _outermost(e):
        value = _number(node)
        if value is None:
            return None
        nodes[node] = sp.Float(value, 25)
    value = sp.N(e.xreplace(nodes), 25)
    if not value.is_Float and not value.is_Integer and not value.is_Rational:
        return None
    return mpmath.mpf(value._to_mpmath(90))


def _outermost(e):
    if isinstance(e, UNEVALUATED):
        return {e}
    return set().union(*map(_outermost, e.args)) if e.args else set()


def _number(node):
    try:
        if isinstance(node, sp.Integral):
            return _quadrature(node.function, node.limits)
        if isinstance(node, sp.Limit):
            return _approached(node)
        if len(node.limits) == 1:
            return _series(node)
    except (ArithmeticError, ValueError, TypeError, NotImplementedError, NameError, AttributeError):
        return None
    return None


def _quadrature(function, limits):
    """tanh-sinh twice, with different cuts; several variables from the outside in."""
    *inner, (x, low, high) = limits
    low, high = (_end(end) for end in (low, high))
    if inner or function.has(*UNEVALUATED):

        def f(value):
            at = {x: sp.Float(value, 30)}
            return _quadrature(
                function.xreplace(at), [tuple(part.xreplace(at) for part in i) for i in inner]
            )

        if function.has(*UNEVALUATED) or len(inner) > 1:
            return None
    else:
        f = sp.lambdify(x, function, "mpmath")
    roots = set().union(*(roots_of(s, x) for s in seams_of(function))) if not inner else set()
    seams = sorted({mpmath.mpf(sp.N(r, 30)._to_mpmath(100)) for r in roots if r.is_real})
    values = []
    with mpmath.workdps(15 if inner else 25):
        for scale in (1, 1.7):
            sizes = (1,) if inner else (0.3, 1, 3, 10, 30, 100)
            cuts = [sign * scale * size for size in sizes for sign in (1, -1)]
            cuts = [c for c in sorted({*map(mpmath.mpf, cuts), *seams}) if low < c < high]
            values.append(mpmath.quad(f, [low, *cuts, high]))
            check()
    a, b = (mpmath.mpmathify(v) for v in values)
    if any(isinstance(v, mpmath.mpc) and abs(v.imag) > _CLOSE for v in (a, b)):
        return None
    a, b = a.real, b.real
    return a if mpmath.isfinite(a) and abs(a - b) <= 1e-9 * (1 + abs(a)) else None


def _end(e):
    return mpmath.mpf(sp.N(e, 30)._to_mpmath(100))


def _series(node):
    """Partial sums (products), extrapolated; twice, from different starts."""
    k, low, high = node.limits[0]
    function, ends = node.function, [low, high]
    if ends == [-sp.oo, sp.oo] or function.has(*UNEVALUATED):
        return None
    f = sp.lambdify(k, function, "mpmath")
    combine = mpmath.nsum if isinstance(node, sp.Sum) else mpmath.nprod
    low, high = (_end(end) for end in ends)
    if mpmath.isinf(low) or mpmath.isfinite(high) and high - low > _MOST_TERMS:
        return None  # mpmath makes a list of the terms of a finite sum
    join = (lambda a, b: a + b) if isinstance(node, sp.Sum) else (lambda a, b: a * b)
    first = combine(f, [low, high])
    if not mpmath.isinf(high):
        return first
    second = combine(f, [low + 7, high])
    for j in range(7):
        second = join(second, f(low + j))
    if isinstance(first, mpmath.mpc) or isinstance(second, mpmath.mpc):
        return None
    return first if abs(first - second) <= 1e-9 * (1 + abs(first)) else None


def _approached(node):
    """The function nearer and nearer to the place: what its last values settle on."""
    function, x, to, side = node.args
    if function.has(*UNEVALUATED):
        return None
    sides = {"+": (1,), "-": (-1,)}.get(str(side), (1, -1))
    f = sp.lambdify(x, function, "mpmath")
    found = []
    with mpmath.workdps(120):
        for sign in (1,) if to.is_infinite else sides:
            near = [mpmath.mpf(10) ** -n for n in (12, 16, 20)]
            if to.is_infinite:
                at = [(1 if to == sp.oo else -1) / h for h in near]
            else:
                at = [_end(to) + sign * h for h in near]
            values = [mpmath.mpmathify(f(a)) for a in at]
            if any(isinstance(v, mpmath.mpc) for v in values):
                return None
            a, b, c = values
            if not abs(b - c) <= 1e-9 * (1 + abs(c)) or not mpmath.isfinite(c):
                return None
            found.append(c)
    return found[0] if all(abs(u - v) <= 1e-9 for u, v in itertools.pairwise(found)) else None
