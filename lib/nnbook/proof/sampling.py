"""Where to compare two expressions: at seams and beside them, near 0, far out, and at random,
always the same points.
"""

import itertools
import math
import random
from fractions import Fraction

import sympy as sp
from sympy.core.relational import Relational

from nnbook.proof.budget import within
from nnbook.proof.enclosure import Evaluator

SEED = 20260101
# what SymPy may know about a symbol that restricts its values
FACTS = (
    *("positive", "negative", "nonnegative", "nonpositive", "zero", "nonzero", "integer", "even"),
    *("noninteger", "odd", "prime", "composite", "rational", "irrational"),
)
_STEPS = (sp.floor, sp.ceiling, sp.Mod, sp.frac)
_NOT_CONTINUOUS = (
    *_STEPS,
    *(sp.sign, sp.Heaviside, sp.Piecewise, sp.tan, sp.cot),
    *(sp.sec, sp.csc, sp.gamma, sp.Sum, sp.Product, sp.Integral, sp.Limit, sp.Derivative),
)
_NICE = [*map(sp.Rational, (0, 1, -1, 2, -2, "1/2", "-1/2", 3, -3, "1/3", -5, 7, 10, -10))]
_SIZES = ("1e-30", "1e-10", "1e-3", "30", "100", "710", "1e3", "1e4", "1e6", "1e8", "1e-100",
          "1e15", "1e40")  # fmt: skip
_FAR = [sign * sp.Rational(size) for size in _SIZES for sign in (1, -1)]
_TINY = [sp.Rational(v) for v in ("1e-3", "1e-12", "1e-30")]


def seams_of(*expressions):
    """Expressions whose zeros are where a piece ends: kinks, jumps, exceptional points."""
    found, seen, stack = set(), set(), list(expressions)
    while stack:  # each node once, however often it occurs
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack += node.args
            if isinstance(node, Relational):
                found.add(node.lhs - node.rhs)
            elif isinstance(node, sp.Abs | sp.sign | sp.Heaviside | sp.DiracDelta):
                found.add(node.args[0])
            elif isinstance(node, sp.Max | sp.Min):
                found |= {a - b for a, b in itertools.combinations(node.args, 2)}
    return sorted((s for s in found if s.free_symbols and s.is_finite is not False), key=str)


def jumps_of(*expressions):
    """Expressions whose zeros are the jumps of floor, ceiling, frac and Mod nearest to 0."""
    steps = set().union(*(e.atoms(*_STEPS) for e in expressions))
    found = set()
    for node in steps:
        u, step = node.args if isinstance(node, sp.Mod) else (node.args[0], sp.S.One)
        found |= {u, u - step, u + step}
    return sorted((s for s in found if s.free_symbols and s.is_finite is not False), key=str)


def equalities_of(*expressions):
    """Expressions whose zeros a condition names as exceptions."""
    conditions = set().union(*(e.atoms(sp.Eq, sp.Ne) for e in expressions))
    return sorted((c.lhs - c.rhs for c in conditions if c.free_symbols), key=str)


def roots_of(seam, v):
    """Zeros of a seam in its only symbol: exact where SymPy finds them, else bracketed between
    rationals.
    """
    if seam.free_symbols != {v}:
        return set()
    if seam.has(*_STEPS):  # floor(x) = c is met at x = c
        smooth = seam.replace(lambda e: isinstance(e, _STEPS), lambda e: e.args[0])
        return roots_of(smooth, v) | _brackets(seam, v)
    if seam.has(sp.Max, sp.Min):
        node = next(e for e in sp.preorder_traversal(seam) if isinstance(e, sp.Max | sp.Min))
        pieces = [seam.xreplace({node: piece}) for piece in node.args]
        return set().union(*(roots_of(piece, v) for piece in pieces))
    numerator = sp.fraction(sp.together(seam))[0]
    if numerator.is_polynomial(v):
        roots = within(1.0, lambda: sp.Poly(numerator, v).real_roots())
        if roots is not None:
            return {_near(r) if isinstance(r, sp.CRootOf) else r for r in roots}
    exact = within(1.0, sp.solve, numerator, v)
    if isinstance(exact, list) and exact:
        exact = {r for r in exact if r.is_number and r.is_real and r.is_comparable}
        if exact:
            return exact
    return _brackets(numerator, v)


def _near(root):
    return sp.Rational(str(sp.N(root, 40)))


def _brackets(seam, v):
    """Numbers on both sides of each change of sign on a grid, 1e-20 apart (integers: neighbours),
    and the points of the grid that are zeros, as far as an enclosure can tell.
    """

    def sign(x):
        try:
            value = Evaluator({v: x}, 50)(seam)
            return (value > 0) - (value < 0) if isinstance(value, Fraction) or value != 0 else 0
        except ArithmeticError:
            return None
        except TypeError:  # an interval around 0 has no sign
            return "open"

    far = (12, 16, 25, 50, 100, 700, 2000, 10**4, 10**6, 10**9)
    steps = [Fraction(k, 4) for k in range(41)] + [Fraction(k) for k in far]
    if v.is_integer:
        steps = [*map(Fraction, range(1001)), *map(Fraction, far[-4:])]
    grid = [-x for x in reversed(steps[1:])] + steps
    signs = [sign(x) for x in grid]
    found = set()
    for (a, sa), (b, sb) in itertools.pairwise(zip(grid, signs, strict=True)):
        zeros = [x for x, s, t in ((a, sa, sb), (b, sb, sa)) if s in (0, "open") and t in (1, -1)]
        found |= {sp.Rational(x.numerator, x.denominator) for x in zeros}
        if {sa, sb} == {1, -1}:
            while b - a > (1 if v.is_integer else Fraction(1, 10**20)):
                middle = (a + b) // 2 if v.is_integer else (a + b) / 2
                sm = sign(middle)
                if sm in (None, "open"):
                    break
                if sm == sa:
                    a = middle
                else:
                    b = middle
            found |= {sp.Rational(x.numerator, x.denominator) for x in (a, b)}
    return found


def enclosed_roots(seam, v):
    """[(low, high), ...]: intervals that hold a zero of a continuous seam without a formula for
    it, since its signs at the ends differ.
    """
    numerator = sp.fraction(sp.together(seam))[0]
    if seam.free_symbols != {v} or seam.has(*_NOT_CONTINUOUS):
        return []
    if numerator.is_polynomial(v):
        factors = [f for f, _ in sp.factor_list(numerator)[1]]
    else:
        factors = [numerator]
    found = []
    for factor in factors:
        ends = sorted(_brackets(factor, v)) if factor.has(v) else []
        for low, high in itertools.pairwise(ends):
            if 0 < high - low <= sp.Rational(1, 10**20):
                found.append((low, high))
    return found


def _admits(symbol, value, intervals):
    """Whether a number is allowed for a symbol by its assumptions and its interval."""
    low, high = intervals.get(symbol, (-sp.oo, sp.oo))
    if not (low < value) or not (value < high):
        return False
    facts = symbol.assumptions0
    return all(getattr(value, f"is_{f}") is facts[f] for f in FACTS if f in facts)


def ladder(roots):
    """The zeros themselves, the middles between them, points beside and beyond them."""
    roots = sorted(set(roots), key=sp.N)
    steps = list(roots)
    steps += [_between(a, b) for a, b in itertools.pairwise(roots)]
    if roots:
        steps += [_rational(roots[0]) - 1, _rational(roots[-1]) + 1]
    steps += [_rational(r) + sign * tiny for r in roots for tiny in _TINY for sign in (1, -1)]
    steps += [_rational(r) * factor for r in roots if r != 0 for factor in (2, sp.S.Half)]
    return steps


def _special(seam):
    """Points {symbol: value} of a seam of several symbols where it is stationary: (x - 1)² + y² is
    0 at one point, and that is where it is least.
    """
    numerator = sp.fraction(sp.together(seam))[0]
    symbols = sorted(numerator.free_symbols, key=str)
    if len(symbols) < 2 or not numerator.is_polynomial():
        return []
    return _solved([numerator.diff(v) for v in symbols], symbols)


def _solved(equations, symbols):
    """The real solutions of a system that SymPy solves in a short time."""
    found = within(0.5, lambda: sp.solve(equations, symbols, dict=True)) or []
    full = [s for s in found if len(s) == len(symbols)]
    return [s for s in full if all(v.is_number and v.is_real for v in s.values())]


def _rational(number):
    return number if number.is_Rational else sp.Rational(str(sp.N(number, 45)))


def _between(a, b):
    return (_rational(a) + _rational(b)) / 2


class Points:
    """Where to compare: exact and telling points first, random ones later; always the same ones."""

    def __init__(self, symbols, seams, intervals):
        self.symbols = sorted(symbols, key=lambda s: s.name)
        self.seams = seams
        self.intervals = intervals
        self.rng = random.Random(SEED)
        self.known = {}

    def admits(self, symbol, value):
        key = (symbol, value)
        if key not in self.known:
            self.known[key] = _admits(symbol, value, self.intervals)
        return self.known[key]

    def values(self, symbol, wanted):
        return [v for v in dict.fromkeys(wanted) if self.admits(symbol, v)]

    def draw(self, symbol):
        """A random admissible value, mostly of ordinary size, or None."""
        low, high = self.intervals.get(symbol, (-sp.oo, sp.oo))
        for _ in range(200):
            x = sp.Rational(self.rng.randint(-500, 500), 100)
            if self.rng.random() < 0.2:
                x *= sp.Rational(10) ** self.rng.randint(-4, 3)
            share = sp.Rational(self.rng.randint(1, 999), 1000)
            if low.is_finite and high.is_finite:
                x = _rational(low) + (_rational(high) - _rational(low)) * share
            elif low.is_finite:
                x = _rational(low) + abs(x)
            elif high.is_finite:
                x = _rational(high) - abs(x)
            if symbol.is_integer:
                x = sp.Integer(round(x))
            elif symbol.is_extended_nonnegative:
                x = abs(x)
            elif symbol.is_extended_nonpositive:
                x = -abs(x)
            if self.admits(symbol, x):
                return x
        return None

    def nice(self, symbol):
        found = self.values(symbol, _NICE)
        low, high = self.intervals.get(symbol, (-sp.oo, sp.oo))
        if low.is_finite and high.is_finite:
            low, high = _rational(low), _rational(high)
            shares = [sp.Rational(s) for s in ("1/2", "1/4", "3/4", "1/10", "9/10")]
            found += self.values(symbol, [low + (high - low) * s for s in shares])
        return found

    def far(self, symbol):
        found = self.values(symbol, _FAR)
        for end, side in zip(self.intervals.get(symbol, ()), (1, -1), strict=False):
            if end.is_finite:
                edge = [_rational(end) + side * sp.Rational(t) for t in ("1e-2", "1e-6", "1e-30")]
                found += self.values(symbol, edge)
        return found

    def telling(self):
        """Seams, nice values, large and tiny ones."""
        if not self.symbols:
            yield {}
            return
        if len(self.symbols) == 1:
            (v,) = self.symbols
            roots = set().union(*(roots_of(s, v) for s in self.seams)) | self.ends(v)
            steps = ladder(r for r in roots if r.is_real)
            for value in self.values(v, steps + self.nice(v) + self.far(v)):
                yield {v: value}
            return
        nice = {
            v: self.nice(v) or [x for x in [self.draw(v)] if x is not None] for v in self.symbols
        }
        if not all(nice.values()):
            return
        yield from self.corners(nice)
        for value in _NICE:
            if all(self.admits(v, value) for v in self.symbols):
                yield dict.fromkeys(self.symbols, value)
        for _ in range(40):
            yield {v: self.rng.choice(nice[v]) for v in self.symbols}
        far = {v: self.far(v) for v in self.symbols}
        for v in self.symbols:
            for value in far[v]:
                yield {w: self.rng.choice(nice[w]) for w in self.symbols} | {v: value}
        for _ in range(40):
            yield {v: self.rng.choice(far[v] + nice[v]) for v in self.symbols}

    def corners(self, nice):
        """Products of seam values, then each seam solved for each symbol with the others held."""
        own, exact, inside = {}, {}, {}
        for v in self.symbols:
            roots = set().union(*(roots_of(s, v) for s in self.seams))
            roots |= self.ends(v) if roots else set()
            own[v] = self.values(v, ladder(roots)[: 2 * len(roots) + 1])
            exact[v] = [r for r in own[v] if r in roots] or nice[v][:1]
            inside[v] = [r for r in own[v] if r not in roots][: len(roots)] or nice[v][:1]
            own[v] = list(dict.fromkeys(own[v] + nice[v][:4]))
        yield from self.product(exact, 120)  # all on their seams at once: a single point
        yield from self.product(inside, 60)  # all between them: a box
        yield from self.product(own, 120)
        coupled = [s for s in self.seams if len(s.free_symbols) > 1]
        if not coupled:
            return
        bases = list(self.product({v: own[v][:4] for v in self.symbols}, 16))
        for base in bases[:2]:
            for point in self.together(coupled):
                if all(self.admits(v, value) for v, value in point.items()):
                    yield base | point
        for base in bases:
            for v in self.symbols:
                held = {w: value for w, value in base.items() if w != v}
                roots = set()
                for seam in coupled:
                    if v in seam.free_symbols:
                        roots |= roots_of(seam.xreplace(held), v)
                for value in self.values(v, ladder(roots)):
                    yield {**held, v: value}

    def ends(self, symbol):
        return {end for end in self.intervals.get(symbol, ()) if end.is_finite}

    def together(self, coupled):
        """Where seams of several symbols are stationary, and where two of them are met at once."""
        found = [point for seam in coupled[:4] for point in _special(seam)]
        for a, b in itertools.combinations(coupled[:4], 2):
            symbols = sorted(a.free_symbols | b.free_symbols, key=str)
            if len(symbols) == 2 and (a * b).is_polynomial():
                found += _solved([a, b], symbols)
        return found

    def exceptions(self, equalities):
        """(point, symbol, (low, high), expression that is 0): where a condition names a zero for
        which there is no number.
        """
        for v in self.symbols:
            others = [w for w in self.symbols if w != v]
            for seam in equalities:
                if v not in seam.free_symbols or v.is_rational is not None:
                    continue  # whether an unknown number is rational is unknown
                for _ in range(3 if others else 1):
                    held = {w: self.draw(w) for w in others}
                    if None in held.values():
                        return
                    for low, high in enclosed_roots(seam.xreplace(held), v):
                        if self.admits(v, low) and self.admits(v, high):
                            yield held, v, (low, high), seam

    def product(self, values, limit):
        if math.prod(map(len, values.values())) <= limit:
            for combination in itertools.product(*values.values()):
                yield dict(zip(values, combination, strict=True))
        else:
            for _ in range(limit):
                yield {v: self.rng.choice(options) for v, options in values.items()}

    def at_random(self, count):
        for _ in range(count if self.symbols else 0):
            point = {v: self.draw(v) for v in self.symbols}
            if None in point.values():
                return  # nothing is admitted, or next to nothing
            yield point

    def exhausted(self):
        """Whether the symbols have so few values that all of them are among the telling points."""
        for v in self.symbols:
            low, high = self.intervals.get(v, (-sp.oo, sp.oo))
            if not (v.is_integer and low >= -3 and high <= 4):
                return False
        return len(self.symbols) == 1

    def beside(self, point, reach, count):
        """Admissible points close by (the next integers for an integer)."""
        for _ in range(count):
            near = {}
            for v, value in point.items():
                if v.is_integer:
                    near[v] = value + self.rng.choice((-2, -1, 1, 2))
                else:
                    step = reach * sp.Rational(self.rng.randint(-999, 999) or 1, 999)
                    near[v] = _rational(value) + step
            if all(self.admits(v, x) for v, x in near.items()):
                yield near
