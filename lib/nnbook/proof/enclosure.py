"""The value of an expression at a point, enclosed between two bounds.

Rational numbers stay exact, so that a kink is met exactly; everything else is an interval that is
certain to hold the true value (Moore, Interval Analysis, 1966): lost digits widen an interval, they
cannot move it.
"""

import itertools
import math
import operator
import random
from fractions import Fraction
from functools import lru_cache

import mpmath
import sympy as sp
from mpmath.ctx_iv import MPIntervalContext

from nnbook.proof.budget import check, within
from nnbook.proof.quadrature import Blurred, Missing, Undefined, integral, series_tail, stays_large

_COMPARE = {
    sp.Eq: operator.eq,
    sp.Ne: operator.ne,
    sp.Lt: operator.lt,
    sp.Le: operator.le,
    sp.Gt: operator.gt,
    sp.Ge: operator.ge,
}
_ORDINARY_SIZE = 4000  # bits of an exact rational, above which it becomes an interval
_LARGEST = 10**30  # arguments beyond this are not computed
_LARGEST_POWER = 10**300
MOST_TERMS = 2000


@lru_cache(maxsize=256)
def _mpmath_function(function, arity):
    arguments = [sp.Dummy() for _ in range(arity)]
    return sp.lambdify(arguments, function(*arguments), "mpmath")


@lru_cache(maxsize=16)
def _context(digits):
    """Interval arithmetic with so many digits (mpmath's common context is left alone)."""
    context = MPIntervalContext()
    context.dps = digits
    return context


class Evaluator:
    """Encloses an expression at a point: a Fraction where it is rational, else an interval (real
    or complex).
    """

    def __init__(self, values, digits, zeros=()):
        self.values = dict(values)
        self.zeros = zeros
        self.digits = digits
        self.ctx = _context(digits)
        self.memo = {}

    def __call__(self, e):
        if e not in self.memo:
            check()
            self.memo[e] = self.evaluate(e)
        return self.memo[e]

    def evaluate(self, e):
        if e.is_Rational:
            return Fraction(int(e.p), int(e.q))
        if e in self.values:
            return self.values[e]
        if e.is_Add:
            return self.total(e)
        if e.is_Mul:
            product = Fraction(1)
            for x in e.args:
                product = self.times(product, self(x))
            return product
        if e.is_Pow:
            return self.power(self(e.base), self(e.exp))
        rule = getattr(self, f"on_{type(e).__name__}", None)
        if rule:
            return rule(e)
        if e is sp.I:
            return self.ctx.mpc(0, 1)
        if e in (sp.nan, sp.zoo, sp.oo, -sp.oo):
            raise Undefined  # nan: the slope at a corner
        if e.func in _BY_DEFINITION:
            return self(_BY_DEFINITION[e.func](*e.args))
        if isinstance(e, sp.NumberSymbol | sp.Function):
            return self.through_mpmath(e)
        raise Blurred(f"{type(e).__name__} has no rule")

    def total(self, e):
        exact, rest = Fraction(0), None
        for x in e.args:
            value = self(x)
            if isinstance(value, Fraction):
                exact += value
            else:
                rest = value if rest is None else rest + value
        if rest is None:
            return self.sized(exact)
        return rest + self.interval(exact) if exact else rest

    def interval(self, value):
        if isinstance(value, Fraction):
            return self.ctx.mpf(value.numerator) / self.ctx.mpf(value.denominator)
        return value

    def sized(self, value):
        large = value.numerator.bit_length() + value.denominator.bit_length() > _ORDINARY_SIZE
        return self.interval(value) if large else value

    def times(self, a, b):
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return self.sized(a * b)
        if (isinstance(a, Fraction) and not a) or (isinstance(b, Fraction) and not b):
            return Fraction(0)
        return self.interval(a) * self.interval(b)

    def is_complex(self, value):
        return isinstance(value, self.ctx.mpc)

    def sign(self, value, source):
        """-1, 0 or 1; an interval around 0 is 0 only if the expression `source` is known to be 0
        here, or is tiny and SymPy says so.
        """
        if source in self.zeros or -source in self.zeros:
            return 0
        if isinstance(value, Fraction):
            return (value > 0) - (value < 0)
        if self.is_complex(value):
            raise Undefined
        if value > 0:
            return 1
        if value < 0:
            return -1
        tiny = abs(value).b < mpmath.mpf(10) ** (-self.digits // 2)
        if tiny and self.digits <= 200 and _is_zero(source.xreplace(self.points())):
            return 0
        raise Blurred

    def points(self):
        return {
            k: sp.Rational(v.numerator, v.denominator)
            for k, v in self.values.items()
            if isinstance(v, Fraction)
        }

    def power(self, base, exponent):
        if isinstance(exponent, Fraction) and exponent.denominator == 1:
            return self.integer_power(base, exponent.numerator)
        if self.is_complex(exponent) or self.is_complex(base):
            return self.complex_exp(self.interval(exponent) * self.complex_log(base))
        if isinstance(base, Fraction):
            if base == 1:
                return base
            if base == 0:
                positive = exponent > 0
                if positive is None:
                    raise Blurred
                if not positive:
                    raise Undefined
                return Fraction(0)
            if base > 0 and isinstance(exponent, Fraction):
                root = _exact_root(base, exponent.denominator)
                if root is not None:
                    return self.integer_power(root, exponent.numerator)
        base = self.interval(base)
        if base < 0:
            return self.complex_exp(self.interval(exponent) * self.complex_log(base))
        if not base >= 0:
            raise Blurred  # the sign decides between a real and a complex power
        if exponent == Fraction(1, 2):
            return self.wider(self.ctx.sqrt(base))
        if not base > 0:
            raise Blurred
        return self.exp(self.interval(exponent) * self.wider(self.ctx.log(base)))

    def integer_power(self, base, n):
        if n == 0:
            return Fraction(1)
        if isinstance(base, Fraction):
            if base == 0 and n < 0:
                raise Undefined
            bits = max(base.numerator.bit_length(), base.denominator.bit_length())
            if abs(base) in (0, 1) or bits * abs(n) <= _ORDINARY_SIZE:
                return base**n
            base = self.interval(base)
        if abs(n) > _LARGEST_POWER:
            raise Blurred
        if n < 0 and 0 in base:
            raise Blurred
        if n < 0 and self.is_complex(base):
            return 1 / self.wider(base**-n)
        return self.wider(base**n)

    def exp(self, x):
        if self.is_complex(x):
            return self.complex_exp(x)
        if isinstance(x, Fraction):
            if x == 0:
                return Fraction(1)
            x = self.interval(x)
        if not abs(x) < _LARGEST:
            raise Blurred
        return self.wider(self.ctx.exp(x))

    def complex_exp(self, x):
        if not abs(x.real) < _LARGEST:
            raise Blurred
        return self.wider(self.ctx.exp(x))

    def complex_log(self, x):
        x = self.interval(x)
        if 0 in x:
            raise Blurred
        return self.wider(self.ctx.log(self.ctx.mpc(x.real, x.imag)))

    def on_exp(self, e):
        return self.exp(self(e.args[0]))

    def on_log(self, e):
        x = self(e.args[0])
        if isinstance(x, Fraction):
            if x == 0:
                raise Undefined
            if x == 1:
                return Fraction(0)
            x = self.interval(x)
        if self.is_complex(x) or x < 0:
            return self.complex_log(x)
        if not x > 0:
            raise Blurred
        return self.wider(self.ctx.log(x))

    def on_Unknown(self, e):
        raise Missing

    def on_Abs(self, e):
        return abs(self(e.args[0]))

    def on_sign(self, e):
        return Fraction(self.sign(self(e.args[0]), e.args[0]))

    def on_Heaviside(self, e):
        sign = self.sign(self(e.args[0]), e.args[0])
        return self(e.args[1]) if sign == 0 else Fraction((sign + 1) // 2)

    def on_DiracDelta(self, e):
        if self.sign(self(e.args[0]), e.args[0]) == 0:
            raise Undefined
        return Fraction(0)

    def on_Max(self, e):
        return self.extreme(e, 1)

    def on_Min(self, e):
        return self.extreme(e, -1)

    def extreme(self, e, side):
        best = None
        for x in e.args:
            value = self(x)
            if self.is_complex(value):
                raise Undefined
            if best is None:
                best = value
            elif isinstance(best, Fraction) and isinstance(value, Fraction):
                best = side * max(side * best, side * value)
            else:
                a, b = self.interval(best), self.interval(value)
                if side * b >= side * a:
                    best = value
                elif not side * a >= side * b:  # overlapping: the hull of the larger (smaller) ends
                    pick = max if side > 0 else min
                    low = pick(self.end(a, 0), self.end(b, 0))
                    high = pick(self.end(a, 1), self.end(b, 1))
                    best = self.ctx.mpf([low, high])
        return best

    def end(self, interval, which):
        return mpmath.mp.make_mpf(interval._mpi_[which])

    def on_floor(self, e):
        x = self(e.args[0])
        if isinstance(x, Fraction):
            return Fraction(math.floor(x))
        if self.is_complex(x):
            raise Undefined
        with mpmath.workprec(self.ctx.prec + 60):
            low, high = (mpmath.floor(self.end(x, k)) for k in (0, 1))
        if low != high:
            raise Blurred
        return Fraction(int(low))

    def on_ceiling(self, e):
        return -self(sp.floor(-e.args[0]))

    def on_Mod(self, e):
        a, b = e.args
        return self(a - b * sp.floor(a / b))

    def on_frac(self, e):
        return self(e.args[0] - sp.floor(e.args[0]))

    def on_factorial(self, e):
        n = self(e.args[0])
        if isinstance(n, Fraction) and n.denominator == 1:
            if n < 0:
                raise Undefined
            if n <= MOST_TERMS:
                return self.sized(Fraction(math.factorial(n.numerator)))
        return self.through_mpmath(e)

    def on_Piecewise(self, e):
        for value, condition in e.args:
            if self.holds(condition):
                return self(value)
        raise Undefined

    def holds(self, condition):
        if condition in (sp.true, True):
            return True
        if condition in (sp.false, False):
            return False
        if isinstance(condition, sp.And):
            return all(self.holds(c) for c in condition.args)
        if isinstance(condition, sp.Or):
            return any(self.holds(c) for c in condition.args)
        if isinstance(condition, sp.Not):
            return not self.holds(condition.args[0])
        if isinstance(condition, sp.ITE):
            asked, yes, no = condition.args
            return self.holds(yes if self.holds(asked) else no)
        if type(condition) not in _COMPARE:
            raise Blurred
        left, right = condition.args
        compare = _COMPARE[type(condition)]
        if right.is_infinite or left.is_infinite:
            ends = [
                0 if x.is_finite is not False else (1 if x == sp.oo else -1) for x in (left, right)
            ]
            return compare(*ends)
        a, b = self(left), self(right)
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return compare(a, b)
        a, b = self.interval(a), self.interval(b)
        return compare(self.sign(a - b, left - right), 0)

    def on_Sum(self, e):
        return self.series(e, lambda a, b: self.total_of(a, b), Fraction(0), -1)

    def total_of(self, a, b):
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return a + b
        return self.interval(a) + self.interval(b)

    def on_Product(self, e):
        return self.series(e, self.times, Fraction(1), None)

    def series(self, e, combine, start, reverse):
        """A finite sum or product; bounds the wrong way round by Karr's convention, as in SymPy."""
        *inner, (index, low, high) = e.limits
        body = e.func(e.function, *inner) if inner else e.function
        if high == sp.oo and reverse:
            return self.infinite(body, index, low)
        if low.is_infinite or high.is_infinite:
            raise Blurred
        low, high = self(low), self(high)
        for bound in (low, high):
            if not isinstance(bound, Fraction) or bound.denominator != 1:
                raise Blurred
        low, high, flip = int(low), int(high), high < low - 1
        if flip:
            low, high = high + 1, low - 1
        if high - low > (MOST_TERMS if not body.has(sp.Sum, sp.Product) else 50):
            raise Blurred
        value = start
        for k in range(low, high + 1):
            value = combine(value, self.at({index: Fraction(k)})(body))
        if flip:
            return self.times(value, Fraction(-1)) if reverse else self.power(value, Fraction(-1))
        return value

    def infinite(self, body, index, low):
        """A partial sum and a bound of the rest."""
        function = body.xreplace(self.points())
        if function.free_symbols - {index} or function.has(sp.Indexed, sp.Sum, sp.Integral):
            raise Blurred
        if stays_large(function, index, 30):
            raise Undefined  # its terms do not tend to 0
        for start in (30, 100, 300, 1000, MOST_TERMS):
            bound = series_tail(function, index, start)
            if bound < 1e-60:
                break
        value = self(sp.Sum(body, (index, low, start)))
        slack = self.ctx.mpf([-bound, bound])
        return self.interval(value) + slack

    def at(self, more):
        return Evaluator({**self.values, **more}, self.digits, self.zeros)

    def on_Indexed(self, e):
        """An entry x[k] of a sequence: some number, always the same for the same k."""
        place = [self(index) for index in e.indices]
        if not all(isinstance(k, Fraction) and k.denominator == 1 for k in place):
            raise Undefined
        return entry_of(e.base, tuple(map(int, place)))

    def on_Integral(self, e):
        """By quadrature with a rigorous error bound, to about 12 digits, or not at all."""
        function, (x, *ends) = e.function, e.limits[0]
        if len(e.limits) > 1 or len(ends) != 2:
            raise Blurred
        function = function.xreplace(self.points())
        if function.free_symbols - {x} or function.has(sp.Indexed):
            raise Blurred
        ends = [end if end.is_infinite else self.interval(self(end)) for end in ends]
        low, high = integral(function, x, *ends)
        return self.ctx.mpf([low, high])

    def on_ComplexRootOf(self, e):
        if not e.is_real:
            raise Blurred
        near = sp.Rational(1, 10**self.digits)
        root = e.eval_rational(dx=near, dy=near)
        low, high = (Fraction(int(v.p), int(v.q)) for v in (root - near, root + near))
        return self.ctx.mpf([self.end(self.interval(low), 0), self.end(self.interval(high), 1)])

    def on_LambertW(self, e):
        """The w with w e^w = x, between two that are seen to be too small and too large."""
        if len(e.args) > 1:
            raise Blurred
        x = self(e.args[0])
        if x == 0:
            return Fraction(0)
        if self.is_complex(x) or not x > -0.367:
            raise Blurred
        x = self.interval(x)
        with mpmath.workprec(self.ctx.prec + 30):
            middle = mpmath.lambertw(self.end(x.mid, 0)).real
            for bits in (10, 40, self.ctx.prec // 2):
                slack = abs(middle) * mpmath.ldexp(1, bits - self.ctx.prec) + abs(middle * x.delta)
                low, high = (self.ctx.mpf(middle + sign * slack) for sign in (-1, 1))
                if low * self.ctx.exp(low) <= x and high * self.ctx.exp(high) >= x and low > -1:
                    return self.ctx.mpf([self.end(low, 0), self.end(high, 1)])
        raise Blurred

    def on_atan2(self, e):
        y, x = e.args
        side, height = self.sign(self(x), x), self.sign(self(y), y)
        if side > 0:
            return self(sp.atan(y / x))
        if height:
            return self(height * sp.pi / 2 - sp.atan(x / y))
        if not side:
            raise Undefined
        return self(sp.pi)

    def on_acosh(self, e):
        x = self(e.args[0])
        if self.is_complex(x) or not x >= 1:
            return self.through_mpmath(e)
        return self(2 * sp.asinh(sp.sqrt((e.args[0] - 1) / 2)))  # near 1 no digits cancel

    def on_binomial(self, e):
        """0 for k < 0 and, as a falling factorial, for an integer n < k; else by gamma."""
        n, k = (self(x) for x in e.args)
        if not isinstance(k, Fraction) or k.denominator != 1:
            return self(e.rewrite(sp.gamma))
        if k > MOST_TERMS:
            raise Blurred
        if k < 0:
            return Fraction(0)
        if isinstance(n, Fraction) and n.denominator == 1 and n >= 0:
            return self.sized(Fraction(math.comb(int(n), int(k))))
        value = Fraction(1)
        for j in range(int(k)):
            value = self.times(value, self.total_of(n, Fraction(-j)))
            value = self.times(value, Fraction(1, j + 1))
        return value

    def on_gamma(self, e):
        return self.shifted(e, lambda value, x: value / x)

    def on_polygamma(self, e):
        order = e.args[0]
        if order != 0:
            return self.through_mpmath(e)
        return self.shifted(e, lambda value, x: value - 1 / x)

    def shifted(self, e, back):
        """A function of x < 0 by its value at x + 1, x + 2, ..."""
        x = self(e.args[-1])
        x = self.interval(x) if not isinstance(x, Fraction) else x
        if self.is_complex(x):
            return self.complex_function(e, [x])
        if isinstance(x, Fraction) and x <= 0 and x.denominator == 1:
            raise Undefined
        if x > 0:
            return self.through_mpmath(e)
        if not x > -200:
            raise Blurred
        steps = 1 + int(mpmath.floor(-self.end(self.interval(x), 0)))
        shift = sp.Dummy("x", positive=True)
        start = self.total_of(x, Fraction(steps))
        value = Evaluator({shift: start}, self.digits)(e.func(*e.args[:-1], shift))
        for j in reversed(range(steps)):
            step = self.interval(self.total_of(x, Fraction(j)))
            if 0 in step:
                raise Blurred
            value = back(self.interval(value), step)
        return value

    def through_mpmath(self, e):
        """A function without a rule of its own: mpmath at both ends of an argument on which it is
        monotone, or at an exact argument, rounded outwards.
        """
        arguments = [self(x) for x in e.args]
        if any(self.is_complex(x) for x in arguments):
            return self.complex_function(e, arguments)
        if e.func in _BY_INTERVALS:
            (x,) = arguments
            if x == 0:
                return self(e.func(0))
            x = self.interval(x)
            if not abs(x) < _LARGEST:
                raise Blurred
            return self.wider(getattr(self.ctx, _BY_INTERVALS[e.func])(x))
        known = all(isinstance(x, Fraction) for x in arguments)
        if not known:
            self.must_be_monotone(e, arguments)
        prec = self.ctx.prec
        # an argument of so many bits may be so near to where digits cancel, as in acos(1 - 1e-100)
        near = sum(
            x.numerator.bit_length() + x.denominator.bit_length()
            for x in arguments
            if isinstance(x, Fraction)
        )
        ends = []
        for x in arguments:
            if isinstance(x, Fraction):
                if abs(x) > _LARGEST:
                    raise Blurred
                with mpmath.workprec(prec + 200 + near):
                    ends.append({mpmath.mpf(x.numerator) / x.denominator})
            else:
                if not abs(x) < _LARGEST:
                    raise Blurred
                ends.append({self.end(x, 0), self.end(x, 1)})
        # what is not elementary may come out some units of the last place off: digits to spare
        more = 30 if e.func in _ELEMENTARY or not e.args else 200 + prec // 4
        with mpmath.workprec(prec + more + near):
            try:
                call = (
                    _mpmath_function(e.func, len(e.args))
                    if e.args
                    else lambda: e._to_mpmath(prec + 30)
                )
                values = [call(*corner) for corner in itertools.product(*ends)]
            except ZeroDivisionError as error:
                raise (Undefined if known else Blurred) from error
            except (ValueError, OverflowError, NotImplementedError, NameError) as error:
                raise (Undefined if known and "pole" in str(error) else Blurred) from error
            values = [mpmath.mpmathify(v) for v in values]
            if any(isinstance(v, mpmath.mpc) and v.imag for v in values):
                raise Blurred  # on a branch cut, where conventions differ
            values = [v.real for v in values]
            if not all(mpmath.isfinite(v) for v in values):
                raise Undefined if known else Blurred
            if set(values) == {0} and known and e.func not in _NEVER_ZERO:
                return Fraction(0)
            slack = max(abs(v) for v in values) * mpmath.ldexp(1, 8 - prec)
            return self.ctx.mpf([min(values) - slack, max(values) + slack])

    def must_be_monotone(self, e, arguments):
        """Blurred unless the function is monotone on the whole argument."""
        x = self.interval(arguments[-1])
        others = arguments[:-1]
        if e.func not in _MONOTONE or not all(isinstance(n, Fraction) for n in others):
            raise Blurred(f"{e.func} may turn within its argument")
        for low, high in _MONOTONE[e.func]:
            if x >= low and x <= high:
                return
        raise Blurred

    def wider(self, value):
        """The interval with the last bits of its ends given up."""
        slack = mpmath.ldexp(1, 4 - self.ctx.prec)
        one = self.ctx.mpf([1 - slack, 1 + slack])
        if self.is_complex(value):
            return self.ctx.mpc(value.real * one, value.imag * one)
        return value * one

    def complex_function(self, e, arguments):
        x = arguments[0]
        if e.func == sp.sin:
            return self.wider(self.ctx.sin(x))
        if e.func == sp.cos:
            return self.wider(self.ctx.cos(x))
        if e.func == sp.conjugate:
            return self.ctx.mpc(x.real, -x.imag)
        if e.func == sp.re:
            return x.real
        if e.func == sp.im:
            return x.imag
        rewritten = e.rewrite(sp.exp)
        if rewritten == e:
            raise Blurred
        return self(rewritten)


_BY_INTERVALS = {sp.sin: "sin", sp.cos: "cos", sp.tan: "tan"}
_BY_DEFINITION = {
    sp.cot: lambda x: sp.cos(x) / sp.sin(x),
    sp.sec: lambda x: 1 / sp.cos(x),
    sp.csc: lambda x: 1 / sp.sin(x),
    sp.cosh: lambda x: (sp.exp(x) + sp.exp(-x)) / 2,
    sp.coth: lambda x: 1 / sp.tanh(x),
    sp.sech: lambda x: 1 / sp.cosh(x),
    sp.csch: lambda x: 1 / sp.sinh(x),
    sp.acot: lambda x: sp.Piecewise((sp.pi / 2, sp.Eq(x, 0)), (sp.atan(1 / x), True)),
    sp.asec: lambda x: sp.acos(1 / x),
    sp.acsc: lambda x: sp.asin(1 / x),
    sp.acoth: lambda x: sp.atanh(1 / x),
    sp.asech: lambda x: sp.acosh(1 / x),
    sp.acsch: lambda x: sp.asinh(1 / x),
    sp.harmonic: lambda x: sp.digamma(x + 1) + sp.EulerGamma,
    sp.sinc: lambda x: sp.Piecewise((1, sp.Eq(x, 0)), (sp.sin(x) / x, True)),
}
_ELEMENTARY = {sp.tanh, sp.sinh, sp.atan, sp.asinh, sp.asin, sp.acos, sp.atanh, sp.erf}
_NEVER_ZERO = {sp.erfc, sp.gamma, sp.zeta}
_EVERYWHERE = ((-mpmath.inf, mpmath.inf),)
_AT_TURN = ((0, 1.46), (1.47, mpmath.inf))  # gamma falls until 1.4616..., then rises
_MONOTONE = {
    **dict.fromkeys((sp.tanh, sp.sinh, sp.atan, sp.asinh, sp.erf, sp.erfc, sp.erfi), _EVERYWHERE),
    **dict.fromkeys((sp.asin, sp.acos, sp.atanh, sp.erfinv), ((-1, 1),)),
    **dict.fromkeys((sp.gamma, sp.loggamma), _AT_TURN),
    **dict.fromkeys((sp.polygamma, sp.digamma, sp.trigamma, sp.Ei), ((0, mpmath.inf),)),
    sp.zeta: ((1.001, mpmath.inf),),
}


def _exact_root(value, n):
    if n > 12 or value.numerator.bit_length() + value.denominator.bit_length() > 400:
        return None
    roots = [sp.integer_nthroot(k, n) for k in (value.numerator, value.denominator)]
    return (
        Fraction(int(roots[0][0]), int(roots[1][0])) if all(exact for _, exact in roots) else None
    )


@lru_cache(maxsize=4096)
def entry_of(base, place):
    """The entry of a sequence at a place, as its assumptions want it; what is behind # in its name
    says which sequence is tried: small integers, decimals, digits, numbers of all sizes; and the
    values at seams, which one entry in two has then.
    """
    name, variant, *seams = base.label.name.split("#")
    rng = random.Random(f"{name} {variant} {list(place)}")
    draw = rng.randint
    value = [
        lambda: Fraction(draw(-3, 3)),
        lambda: Fraction(draw(-300, 300), 100),
        lambda: Fraction(draw(1, 9)),
        lambda: draw(-99, 99) * Fraction(10) ** draw(-40, 40),
    ][int(variant)]()
    if seams and rng.random() < 0.5:
        value = Fraction(rng.choice(seams))
    facts = base.label.assumptions0
    if facts.get("integer"):
        value = Fraction(round(value))
    if facts.get("positive"):
        value = abs(value) or Fraction(1)
    elif facts.get("negative"):
        value = -abs(value) or Fraction(-1)
    elif facts.get("nonnegative"):
        value = abs(value)
    elif facts.get("nonpositive"):
        value = -abs(value)
    elif facts.get("nonzero"):
        value = value or Fraction(1)
    return value


@lru_cache(maxsize=4096)
def _is_zero(number):
    """Whether SymPy shows that a constant expression is exactly 0."""
    if number.is_zero is not None:
        return number.is_zero
    reduced = within(0.5, sp.simplify, number)
    return reduced is not None and reduced.is_zero is True
