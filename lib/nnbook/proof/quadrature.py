"""Definite integrals between two bounds that are certain to hold them.

On each piece [m - r, m + r] the integrand is its Taylor polynomial at m plus a remainder whose
coefficient is enclosed over the whole piece (Moore, Interval Analysis, 1966), so the piece's
integral is sum of 2 c_k r^(k+1)/(k+1) over even k, plus the remainder's. Pieces are halved until
that is narrow; around a kink a piece stays, short and of order 0. The tail of an infinite range is
bounded by C x^m exp(-c x^d). Intervals are pairs of Python floats, each operation rounded outwards.
Where this does not work (an endpoint at which the integrand grows without bound, a pole, no decay
that the rules know) it says so and gives no number.
"""

import itertools
import math
from functools import lru_cache

import sympy as sp
from sympy.core.relational import Relational

from nnbook.proof.budget import check


class Undefined(ArithmeticError):
    """The expression has no value here: a pole, log 0, no branch of a Piecewise."""


class Blurred(ArithmeticError):
    """Not decided at this precision, or beyond what can be computed."""


class Missing(Blurred):
    """A value that no rule gives, with all digits: the slope at a seam that did not decide."""


ORDER = 16
PIECES = 1200
WIDTH = 1e-13  # of a piece, aimed at, relative to the whole
_LAST_BITS = 2.0**-49  # what a system's exp, log, ... may be off by, and more


def integral(function, x, low, high):
    """(low, high) around the integral of a function of x alone; the ends are numbers, intervals of
    mpmath or infinite. Raises Blurred.
    """
    ends = [
        e if isinstance(e, sp.Expr) else (_outward(e.a, _down), _outward(e.b, _up))
        for e in (low, high)
    ]
    try:
        return _integral(function, x, *ends)
    except (OverflowError, ValueError, ZeroDivisionError, TypeError, RecursionError) as error:
        raise Blurred from error


@lru_cache(maxsize=2000)
def _integral(function, x, low, high):
    if low == high:
        return 0.0, 0.0
    if low == sp.oo or high == -sp.oo or (_finite(low) and _finite(high) and low[0] > high[1]):
        a, b = _integral(function, x, high, low)
        return -b, -a
    total, edges = (0.0, 0.0), []
    for end, sign in ((low, -1), (high, 1)):
        if _finite(end):
            edges.append(end)
        else:
            if stays_large(function.xreplace({x: sign * x}), x, 30):
                raise Undefined  # it does not tend to 0, and keeps its sign: no value
            reach, tail = _tail(function.xreplace({x: sign * x}), x)
            edges.append((sign * reach, sign * reach))
            total = _add(total, (-tail, tail))
    (a0, a1), (b0, b1) = edges
    if a1 > b0:
        raise Blurred
    for edge in edges:  # an end that is known to the last bits
        if edge[0] != edge[1]:
            value = _jet(function, x, edge, 0)[0]
            total = _add(total, _mul((0.0, _up(edge[1] - edge[0])), value))
    total = _add(total, _between(function, x, a1, b0))
    if not (math.isfinite(total[0]) and math.isfinite(total[1])):
        raise Blurred
    return total


def series_tail(function, k, start):
    """A bound of the sum of |function| over the integers k > start."""
    t = sp.Dummy("t", positive=True, integer=True)
    try:
        decay = _decay(function.xreplace({k: t}), t, float(start))
        bound = _tail_bound(decay, float(start))
    except (OverflowError, ValueError, ZeroDivisionError, TypeError, RecursionError) as error:
        raise Blurred from error
    size, m, c, d = decay
    falls = m <= 0 or (c > 0 and start >= (m / (0.999 * c * d)) ** (1 / d))
    if bound is None or not falls:
        raise Blurred
    return bound


def stays_large(function, x, start):
    """Whether |function| >= c from x = start on, for some c > 0. (A continuous one keeps its sign;
    for the terms of a series the sign does not matter.)
    """
    least = 1.0
    for factor in sp.Mul.make_args(function):
        if factor.is_Pow and factor.exp.has(x) and not factor.base.has(x):
            factor = sp.Abs(factor.base) ** factor.exp
        try:
            low, high = _jet(factor, x, (float(start), math.inf), 0)[0]
        except (ArithmeticError, ValueError, TypeError, RecursionError):
            return False
        least = _down(least * (low if low > 0 else -high if high < 0 else 0.0))
    return least > 0


def _outward(end, step):
    nearest = float(end)
    return nearest if nearest == end else step(nearest)


def _finite(end):
    return not isinstance(end, sp.Expr)


def _between(function, x, low, high):
    inner = (-30.0, -8.0, -3.0, -1.0, 0.0, 1.0, 3.0, 8.0, 30.0)
    cuts = [low, *(c for c in inner if low < c < high), high]
    pieces = list(itertools.pairwise(cuts))
    total, count = (0.0, 0.0), 0
    size = _rough_size(function, x, cuts)
    least = (high - low) * 2.0**-44
    while pieces:
        check()
        count += 1
        if count > PIECES:
            raise Blurred
        a, b = pieces.pop()
        middle = a + (b - a) / 2
        try:
            value = _piece(function, x, a, b, middle)
        except (Blurred, Undefined, OverflowError, ZeroDivisionError, ValueError):
            value = None
        wide = value is None or value[1] - value[0] > max(
            WIDTH * size, 1e-12 * max(map(abs, value)), 1e-30
        )
        if wide and b - a > least:
            pieces += [(a, middle), (middle, b)]
            continue
        if value is None:
            value = _mul((_down(b - a), _up(b - a)), _jet(function, x, (a, b), 0)[0])
        total = _add(total, value)
    return total


def _rough_size(function, x, cuts):
    size = 0.0
    for a, b in itertools.pairwise(cuts):
        for k in range(16):
            at = a + (b - a) * (k + 0.5) / 16
            try:
                size += abs(_jet(function, x, (at, at), 0)[0][0]) * (b - a) / 16
            except (ArithmeticError, ValueError):
                continue
    return size


def _piece(function, x, a, b, middle):
    near = _jet(function, x, (middle, middle), ORDER - 1)
    over = _jet(function, x, (a, b), ORDER)
    last = over[ORDER] if len(over) > ORDER else (0.0, 0.0)  # (t - m)^16 >= 0: one for all t
    total = (0.0, 0.0)
    left, right = _exactly(middle - a, a, middle), _exactly(b - middle, middle, b)
    for k, c in enumerate([*near, *[(0.0, 0.0)] * (ORDER - len(near)), last]):
        weight = _sub(_power(right, k + 1), _power((-left[1], -left[0]), k + 1))
        total = _add(total, _mul(c, _div(weight, (k + 1.0, k + 1.0))))
    return total


def _exactly(difference, low, high):
    """The difference of two floats, enclosed."""
    if low + difference == high:
        return _down(difference), _up(difference)
    return _down(_down(difference)), _up(_up(difference))


# --- intervals of floats ------------------------------------------------------------------------


def _down(v):
    return math.nextafter(v, -math.inf)


def _up(v):
    return math.nextafter(v, math.inf)


def _add(a, b):
    return _down(a[0] + b[0]), _up(a[1] + b[1])


def _sub(a, b):
    return _down(a[0] - b[1]), _up(a[1] - b[0])


def _mul(a, b):
    products = (a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1])
    if any(p != p for p in products):
        raise Blurred
    return _down(min(products)), _up(max(products))


def _div(a, b):
    if b[0] <= 0 <= b[1]:
        raise Blurred
    quotients = (a[0] / b[0], a[0] / b[1], a[1] / b[0], a[1] / b[1])
    if any(q != q for q in quotients):
        raise Blurred
    return _down(min(quotients)), _up(max(quotients))


def _power(a, n):
    if n % 2 == 0 and a[0] < 0:
        size = max(-a[0], a[1])
        if a[1] > 0:
            return 0.0, _up(size**n * (1 + _LAST_BITS))
        a = (-a[1], -a[0])
    return _loose(a[0] ** n, a[1] ** n)


def _loose(low, high):
    """Two values of a system's function, their last bits given up."""
    tiny = 5e-324
    return low - abs(low) * _LAST_BITS - tiny, high + abs(high) * _LAST_BITS + tiny


def _rising(f):
    return lambda a: _loose(f(a[0]), f(a[1]))


def _wave(a, shift):
    """sin(x + shift) over an interval, shift = 0 or pi/2."""
    f = math.sin if shift == 0 else math.cos
    if not max(map(abs, a)) < 1e5:
        raise Blurred
    low, high = sorted((f(a[0]), f(a[1])))
    for top in (1, -1):
        first = math.pi / 2 * top - shift
        k = math.ceil((a[0] - first) / (2 * math.pi) - 1e-6)
        if first + 2 * math.pi * k <= a[1] + 1e-6:
            low, high = (low, 1.0) if top == 1 else (-1.0, high)
    return _loose(low, high)


# --- Taylor coefficients over an interval -------------------------------------------------------

_ONE = (1.0, 1.0)


def _plus(a, b):
    long, short = (a, b) if len(a) >= len(b) else (b, a)
    return [_add(u, v) for u, v in zip(long, short, strict=False)] + long[len(short) :]


def _times(a, b, order):
    if len(a) == 1 or len(b) == 1:
        constant, other = (a[0], b) if len(a) == 1 else (b[0], a)
        return [_mul(constant, u) for u in other]
    product = []
    for k in range(min(len(a) + len(b) - 1, order + 1)):
        value = (0.0, 0.0)
        for i in range(max(0, k - len(b) + 1), min(k, len(a) - 1) + 1):
            value = _add(value, _mul(a[i], b[k - i]))
        product.append(value)
    return product


def _long(a, order):
    return a + [(0.0, 0.0)] * (order + 1 - len(a))


def _over(a, b, order):
    if len(b) == 1:
        return [_div(u, b[0]) for u in a]
    a, b, quotient = _long(a, order), _long(b, order), []
    for k in range(order + 1):
        value = a[k]
        for i in range(k):
            value = _sub(value, _mul(quotient[i], b[k - i]))
        quotient.append(_div(value, b[0]))
    return quotient


def _chain(start, slope, a, order):
    """y with y(0) = start and y' = slope a', when slope's coefficients are known."""
    a, slope, y = _long(a, order), _long(slope, order), [start]
    for k in range(1, order + 1):
        y.append(_grown(a, slope, k))
    return y


def _grown(a, slope, k):
    """The coefficient k of y with y' = a' · slope: Σ i a_i slope_(k-i) / k."""
    value = (0.0, 0.0)
    for i in range(1, k + 1):
        value = _add(value, _mul(_mul((i, i), a[i]), slope[k - i]))
    return _div(value, (k, k))


def _exponential(a, order):
    a, y = _long(a, order), [_rising(math.exp)(a[0])]
    y[0] = (max(y[0][0], 0.0), y[0][1])
    for k in range(1, order + 1):
        y.append(_grown(a, y, k))
    return y


def _real_power(a, r, order):
    """a^r for a > 0 (at order 0 also for a >= 0 and r > 0)."""
    if a[0][0] < 0 or (a[0][0] == 0 and (order or r[0] <= 0)):
        raise Blurred
    if a[0][0] == 0:
        return [(0.0, _loose(0.0, max(a[0][1] ** r[0], a[0][1] ** r[1]))[1])]
    corners = [u**v for u in a[0] for v in r]
    start = _loose(min(corners), max(corners))
    a, y = _long(a, order), [start]
    for k in range(1, order + 1):
        value = (0.0, 0.0)
        for i in range(1, k + 1):
            weight = _sub(_mul((i, i), r), (float(k - i), float(k - i)))
            value = _add(value, _mul(_mul(weight, a[i]), y[k - i]))
        y.append(_div(value, _mul((k, k), a[0])))
    return y


def _waves(a, order):
    """(sin a, cos a)."""
    a = _long(a, order)
    s, c = [_wave(a[0], 0)], [_wave(a[0], math.pi / 2)]
    for k in range(1, order + 1):
        grown = _grown(a, c, k), _sub((0.0, 0.0), _grown(a, s, k))
        s.append(grown[0])
        c.append(grown[1])
    return s, c


def _hyperbolic_tangent(a, order):
    a, y = _long(a, order), [_rising(math.tanh)(a[0])]
    slope = []
    for k in range(1, order + 1):
        square = _times(y, y, k - 1)
        slope = [
            _sub(_ONE if j == 0 else (0.0, 0.0), q) for j, q in enumerate(_long(square, k - 1))
        ]
        y.append(_grown(a, slope, k))
    return y


def _erf_slope(a, order, sign):
    square = [(-v, -u) for u, v in _times(a, a, order)]
    factor = _loose(sign * 2 / math.sqrt(math.pi), sign * 2 / math.sqrt(math.pi))
    return [_mul(factor, u) for u in _exponential(square, order)]


def _jet(e, x, at, order):
    """The Taylor coefficients of e in x, 0 to order, enclosed over an interval."""
    memo = {}

    def jet(e):
        if e not in memo:
            memo[e] = compute(e)
        return memo[e]

    def compute(e):
        if e == x:
            return [at, _ONE][: order + 1]
        if e.is_Rational:
            value = int(e.p) / int(e.q)
            return [(value, value) if e.q == 1 and abs(e.p) < 2**53 else (_down(value), _up(value))]
        if isinstance(e, sp.NumberSymbol):
            return [_loose(float(e), float(e))]
        if e.is_Add:
            total = jet(e.args[0])
            for term in e.args[1:]:
                total = _plus(total, jet(term))
            return total
        if e.is_Mul:
            product = jet(e.args[0])
            for factor in e.args[1:]:
                product = _times(product, jet(factor), order)
            return product
        if e.is_Pow:
            return power(e)
        a = jet(e.args[0]) if e.args and not isinstance(e, sp.Piecewise) else None
        degree = 0 if a and len(a) == 1 else order
        if isinstance(e, sp.exp):
            return _exponential(a, degree)
        if isinstance(e, sp.log):
            if a[0][0] <= 0:
                raise Blurred
            return _chain(_rising(math.log)(a[0]), _over([_ONE], a, degree), a, degree)
        if isinstance(e, sp.sin | sp.cos):
            return _waves(a, degree)[isinstance(e, sp.cos)]
        if isinstance(e, sp.tanh):
            return _hyperbolic_tangent(a, degree)
        if isinstance(e, sp.erf):
            return _chain(_rising(math.erf)(a[0]), _erf_slope(a, degree, 1), a, degree)
        if isinstance(e, sp.erfc):
            start = _loose(math.erfc(a[0][1]), math.erfc(a[0][0]))
            return _chain(start, _erf_slope(a, degree, -1), a, degree)
        if isinstance(e, sp.atan):
            slope = _over([_ONE], _plus([_ONE], _times(a, a, degree)), degree)
            return _chain(_rising(math.atan)(a[0]), slope, a, degree)
        if isinstance(e, sp.sinh | sp.cosh):
            u, v = (_exponential(b, degree) for b in (a, [(-h, -w) for w, h in a]))
            both = _plus(u, v if isinstance(e, sp.cosh) else [(-h, -w) for w, h in v])
            return [_mul((0.5, 0.5), b) for b in both]
        if isinstance(e, sp.Abs | sp.sign | sp.Heaviside | sp.Max | sp.Min | sp.Piecewise):
            return seam(e)
        raise Blurred

    def power(e):
        base, exponent = e.args
        if exponent.is_Integer and abs(exponent) < 200:
            a, n = jet(base), int(exponent)
            product = [_ONE]
            if order == 0 or len(a) == 1:
                product = [_power(a[0], abs(n))]
            else:
                for _ in range(abs(n)):
                    product = _times(product, a, order)
            return product if n > 0 else _over([_ONE], product, order)
        if exponent.has(x):
            return _exponential(_times(jet(exponent), jet(sp.log(base)), order), order)
        a, r = jet(base), jet(exponent)[0]
        return _real_power(a, r, 0 if len(a) == 1 else order)

    def hull(jets):
        if order and len(jets) > 1:
            raise Blurred  # a kink may lie here: to be cut finer
        firsts = [j[0] for j in jets]
        if len(jets) == 1:
            return jets[0]
        return [(min(f[0] for f in firsts), max(f[1] for f in firsts))]

    def seam(e):
        if isinstance(e, sp.Piecewise):
            possible = []
            for value, condition in e.args:
                truth = holds(condition)
                if truth is not False:
                    possible.append(jet(value))
                if truth is True:
                    return hull(possible)
            raise Blurred
        if isinstance(e, sp.Max | sp.Min):
            side = 1 if isinstance(e, sp.Max) else -1
            jets = [jet(a) for a in e.args]
            for j in jets:
                others = [k for k in jets if k is not j]
                if all(_clear(_sub(j[0], k[0])) == side for k in others):
                    return j
            if order:
                raise Blurred
            pick = max if side > 0 else min
            return [(pick(j[0][0] for j in jets), pick(j[0][1] for j in jets))]
        a = jet(e.args[0])
        sign = _clear(a[0])
        if sign == 0 and order:
            raise Blurred
        if isinstance(e, sp.Abs):
            if sign == 0:
                return [(0.0, max(-a[0][0], a[0][1]))]
            return a if sign > 0 else [(-v, -u) for u, v in a]
        low = -1.0 if isinstance(e, sp.sign) else 0.0
        return [{1: _ONE, -1: (low, low), 0: (low, 1.0)}[sign]]

    def holds(condition):
        """True, False, or None where both occur."""
        if condition in (sp.true, sp.false):
            return bool(condition)
        if isinstance(condition, sp.And | sp.Or):
            truths = [holds(c) for c in condition.args]
            stop = isinstance(condition, sp.Or)
            return stop if stop in truths else None if None in truths else not stop
        if isinstance(condition, sp.Not):
            truth = holds(condition.args[0])
            return None if truth is None else not truth
        if not isinstance(condition, Relational):
            raise Blurred
        sign = _clear(_sub(jet(condition.lhs)[0], jet(condition.rhs)[0]))
        if sign == 0:
            return None
        if isinstance(condition, sp.Eq | sp.Ne):
            return isinstance(condition, sp.Ne)
        return (sign > 0) == isinstance(condition, sp.Gt | sp.Ge)

    return jet(e)


def _clear(a):
    return 1 if a[0] > 0 else -1 if a[1] < 0 else 0


# --- tails --------------------------------------------------------------------------------------


def _tail(function, x):
    """(T, bound of the integral of |function| from T to infinity)."""
    t = sp.Dummy("t", positive=True)
    function = function.xreplace({x: t})
    for reach in (8.0, 16.0, 32.0, 64.0, 256.0, 2048.0):
        bound = _tail_bound(_decay(function, t, reach), reach)
        if bound is not None and bound < 1e-18:
            break
    if bound is None:
        raise Blurred
    return reach, bound


def _tail_bound(decay, reach):
    """Bound of the integral of C x^m exp(-c x^d) from T to infinity, or None."""
    size, m, c, d = decay
    if size == 0:
        return 0.0
    if c > 0:
        s, m = c * reach ** (d - 1), max(math.ceil(m), 0)
        terms = (math.perm(m, k) * reach ** (m - k) / s ** (k + 1) for k in range(m + 1))
        return 1.001 * size * math.exp(max(math.log(sum(terms)) - s * reach, -690.0))
    if m < -1:
        return 1.001 * size * reach ** (m + 1) / (-m - 1)
    return None


def _number(e):
    return _jet(e, sp.Dummy(), (0.0, 0.0), 0)[0]


def _decay(e, x, reach):
    """(C, m, c, d) with |e| <= C x^m exp(-c x^d) for all x >= reach >= 1, or Blurred."""
    if not e.has(x):
        return max(map(abs, _number(e))), 0.0, 0.0, 1
    if e == x:
        return 1.0, 1.0, 0.0, 1
    if e.is_Add or isinstance(e, sp.Max | sp.Min | sp.Piecewise):
        parts = [v for v, _ in e.args] if isinstance(e, sp.Piecewise) else e.args
        if isinstance(e, sp.Piecewise) and e.args[-1][1] != sp.true:
            raise Blurred
        parts = [_decay(part, x, reach) for part in parts]
        return (
            1.001 * sum(p[0] for p in parts),
            max(p[1] for p in parts),
            min(p[2] for p in parts),
            min(p[3] for p in parts),
        )
    if e.is_Mul:
        size, m, c, d = 1.0, 0.0, 0.0, 1
        for factor in e.args:
            s, n, k, j = _decay(factor, x, reach)
            size, m = 1.001 * size * s, m + n
            c, d = (c + k, d) if j == d else (c, d) if (d > j and c > 0) or k == 0 else (k, j)
        return size, m, c, d
    if isinstance(e, sp.exp):
        return _exponential_decay(e.args[0], x, reach)
    if e.is_Pow and e.exp.has(x):
        if not e.base.is_nonzero or e.base.has(x):
            raise Blurred
        if e.exp == x and abs(e.base) == 1:
            return 1.0, 0.0, 0.0, 1
        return _exponential_decay(sp.expand(e.exp * sp.log(abs(e.base))), x, reach)
    if e.is_Pow and e.exp == -1 and isinstance(e.base, sp.factorial) and e.base.args[0] == x:
        # 1/k! <= N^(N - k) / N! for k >= N
        size = reach * math.log(reach) - math.lgamma(reach + 1)
        return 1.001 * math.exp(size), 0.0, 0.999 * math.log(reach), 1
    if e.is_Pow and e.exp.is_Rational:
        n = float(e.exp)
        if e.base == x:
            return 1.001, n, 0.0, 1
        if n > 0:
            size, m, c, d = _decay(e.base, x, reach)
            return 1.001 * size**n, max(m, 0.0) * n, c * n * 0.999, d
        return 1.001 * _least(e.base, x, reach) ** n, 0.0, 0.0, 1
    if isinstance(e, sp.tanh | sp.erf | sp.sin | sp.cos | sp.sign | sp.Heaviside):
        return 1.0, 0.0, 0.0, 1
    if isinstance(e, sp.erfc | sp.atan):
        return 2.0, 0.0, 0.0, 1
    if isinstance(e, sp.Abs):
        return _decay(e.args[0], x, reach)
    if isinstance(e, sp.log) and e.args[0].is_Add and sp.S.One in e.args[0].args:
        rest = e.args[0] - 1  # log(1 + exp(p)) <= 1 + |p|
        if isinstance(rest, sp.exp):
            return _decay(1 + abs(rest.args[0]), x, reach)
    raise Blurred


def _exponential_decay(p, x, reach):
    poly = sp.Poly(p, x) if p.is_polynomial(x) else None
    if poly is None or poly.degree() < 1:
        raise Blurred
    d = poly.degree()
    c = 0.0
    for (j,), coefficient in poly.terms():
        c -= (
            _number(coefficient)[1]
            if j == d
            else max(_number(coefficient)[1], 0) * reach ** (j - d)
        )
    if not c > 0:
        raise Blurred
    return 1.0, 0.0, 0.999 * c, d


def _least(e, x, reach):
    """A positive lower bound of e for x >= reach, or Blurred."""
    value = 0.0
    for term in sp.Add.make_args(e):
        if not term.has(x):
            value = _down(value + _number(term)[0])
        elif term == x:
            value = _down(value + reach)
        elif not term.is_nonnegative:
            raise Blurred
    if not value > 0:
        raise Blurred
    return value
