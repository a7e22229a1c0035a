"""Random truths and falsehoods for `prove`, each verdict compared with what is known.

An expression of the field is rewritten by identities that are true: a truth. One side is then
broken on purpose: a falsehood, which Arb (python-flint) confirms at a point where both sides have
values, in ball arithmetic that shares no code with the prover. A truth must not be refuted, a
falsehood not be accepted, and Arb must see the two sides apart at each counterexample.

One statement in three is of another kind: sums over sequences X[i], sums in closed form, limits,
slopes at seams, matrices, statements on a domain. There a falsehood is false by how it is made: by
a factor or a term that is known not to be 0.

    python tools/fuzz.py [N] [first seed]
"""

import os
import random
import sys
from collections import Counter

os.environ["SYMPY_GROUND_TYPES"] = "python"  # or SymPy would compute with the second opinion

import flint  # noqa: E402
import sympy as sp  # noqa: E402

from nnbook.proof import prove  # noqa: E402

x, y = sp.symbols("x y", real=True)
p = sp.Symbol("p", positive=True)
R = sp.Rational


def sigma(u):
    return 1 / (1 + sp.exp(-u))


# pairs (before, after) that are equal for every real u
IDENTITIES = [
    (sp.tanh, lambda u: 2 * sigma(2 * u) - 1),
    (sp.tanh, lambda u: (sp.exp(u) - sp.exp(-u)) / (sp.exp(u) + sp.exp(-u))),
    (sigma, lambda u: 1 - sigma(-u)),
    (sigma, lambda u: (1 + sp.tanh(u / 2)) / 2),
    (sigma, lambda u: sp.exp(u) / (1 + sp.exp(u))),
    (lambda u: sp.log(1 + sp.exp(u)), lambda u: u + sp.log(1 + sp.exp(-u))),
    (lambda u: sp.Max(u, 0), lambda u: (u + sp.Abs(u)) / 2),
    (lambda u: sp.Max(u, 0), lambda u: sp.Piecewise((u, u > 0), (0, True))),
    (sp.Abs, lambda u: sp.sqrt(u**2)),
    (sp.Abs, lambda u: sp.Max(u, -u)),
    (lambda u: sp.erf(u), lambda u: 1 - sp.erfc(u)),
    (lambda u: sp.sin(u) ** 2, lambda u: 1 - sp.cos(u) ** 2),
    (lambda u: (u + 1) ** 2, lambda u: u**2 + 2 * u + 1),
    (lambda u: 1 / sp.cosh(u) ** 2, lambda u: 1 - sp.tanh(u) ** 2),
    (lambda u: sp.exp(-(u**2)), lambda u: 1 / sp.exp(u**2)),
]


def inner(rng):
    """A small expression in x and y."""
    a, b = rng.randint(-3, 3) or 1, R(rng.randint(-4, 4), rng.randint(1, 3))
    return rng.choice([a * x + b, x, a * x, x**2 + b, a * x + y, x * y, x - y])


def truth(rng):
    """(lhs, rhs): sums and products of terms, each written in two ways; or a slope in two ways."""
    lhs, rhs = sp.S.Zero, sp.S.Zero
    for _ in range(rng.randint(1, 2)):
        before, after = rng.choice(IDENTITIES)
        u, factor = inner(rng), R(rng.randint(-3, 3) or 2)
        lhs, rhs = lhs + factor * before(u), rhs + factor * after(u)
    if rng.random() < 0.3:
        v = inner(rng)
        lhs, rhs = lhs * v, sp.expand(rhs * v) if rng.random() < 0.5 else rhs * v
    if rng.random() < 0.25 and not lhs.has(sp.Abs, sp.Max) and not rhs.has(sp.Piecewise):
        return sp.Derivative(lhs, x), rhs.diff(x)
    return lhs, rhs


# --- other kinds: (lhs, rhs, domain, what breaks it) ----------------------------------------------

n, m = sp.symbols("n m", integer=True, positive=True)
i, j, k = sp.symbols("i j k", integer=True)
X, Y = sp.IndexedBase("X"), sp.IndexedBase("Y")


def over_entries(rng):
    """Σ over the entries of a sequence, its index renamed, shifted or turned, its terms parted."""
    a, b, shift = R(rng.randint(-5, 5) or 1, 3), R(rng.randint(-5, 5) or 2), rng.randint(1, 4)
    f = rng.choice([X[i], X[i] ** 2, X[i] * Y[i], sp.Max(X[i], 0), sp.tanh(X[i]), i * X[i]])
    whole = sp.Sum(f, (i, 1, n))
    lhs, rhs = rng.choice([
        (whole, sp.Sum(f.xreplace({i: j}), (j, 1, n))),
        (whole, sp.Sum(f.xreplace({i: i + shift}), (i, 1 - shift, n - shift))),
        (whole, sp.Sum(f.xreplace({i: n + 1 - i}), (i, 1, n))),
        (sp.Sum(a * f + b, (i, 1, n)), a * whole + n * b),
        (sp.Sum((X[i] - sp.Sum(X[j], (j, 1, n)) / n) ** 2, (i, 1, n)),
         sp.Sum(X[i] ** 2, (i, 1, n)) - sp.Sum(X[i], (i, 1, n)) ** 2 / n),
        (sp.Sum(f, (i, 1, n + 1)), whole + f.xreplace({i: n + 1})),
    ])  # fmt: skip
    at = R(rng.randint(-40, 40), 7)
    met = sp.Sum(sp.Piecewise((1, sp.Eq(X[i], at)), (0, True)), (i, 1, n))
    return lhs, rhs, None, [rhs + X[n] ** 2 + 1, rhs + R(1, 10**40), rhs + met]


def closed_form(rng):
    """Σ (F(k) - F(k - 1)) = F(n) - F(0)."""
    a, b = rng.randint(1, 4), R(rng.randint(-4, 4) or 1, 2)
    F = rng.choice([k**2 + b * k, a * k**3, x**k, k * 2**k, 1 / (k + a), p**k * k])
    rhs = F.xreplace({k: n}) - F.xreplace({k: sp.S.Zero})
    late = rng.choice([50, 500])
    wrong = [
        rhs + 1,
        rhs + b * (n - 1),
        rhs + R(1, 10**40),
        rhs + sp.Piecewise((1, n > late), (0, True)),
        rhs + sp.Piecewise((1, sp.Eq(n, late)), (0, True)),
        rhs + sp.floor(n / 10**9),
    ]
    return sp.Sum(sp.expand(F - F.xreplace({k: k - 1})), (k, 1, n)), rhs, None, wrong


def limit(rng):
    a, b = R(rng.randint(1, 5)), R(rng.randint(-5, 5) or 1, 2)
    lhs, rhs = rng.choice([
        (sp.Limit(sp.sin(a * x) / x, x, 0), a),
        (sp.Limit((sp.exp(a * x) - 1) / x, x, 0), a),
        (sp.Limit((1 + b / x) ** x, x, sp.oo), sp.exp(b)),
        (sp.Limit(sp.tanh(a * x), x, sp.oo), 1),
        (sp.Limit(sp.Abs(x) / x, x, 0, "-"), -1),
        (sp.Limit((a * x**2 + x) / (x**2 + b), x, sp.oo), a),
        (sp.Limit(sp.log(1 + sp.exp(a * x)) / x, x, sp.oo), a),
    ])  # fmt: skip
    return lhs, rhs, None, [rhs + 1, rhs * 2, rhs + R(1, 1000), -rhs]


def slope_at_seam(rng):
    """A function of pieces that join at a seam with one slope, and its derivative there."""
    s = R(rng.randint(-20, 20), rng.randint(1, 7))
    u = x - s
    f, df = rng.choice([
        (u * sp.Abs(u), 2 * sp.Abs(u)),
        (sp.Max(u, 0) ** 2, 2 * sp.Max(u, 0)),
        (sp.Piecewise((u**2, u > 0), (-(u**2), True)), 2 * sp.Abs(u)),
        (sp.Piecewise((sp.exp(u) - 1, u > 0), (u, True)), sp.Max(1, sp.exp(u))),
        (sp.Piecewise((u, u**2 > 0), (0, True)), sp.S.One),
        (sp.Abs(u) ** 3, 3 * u * sp.Abs(u)),
    ])  # fmt: skip
    wrong = [
        df + sp.Piecewise((1, sp.Eq(x, s)), (0, True)),
        df + sp.Piecewise((1, x < s), (0, True)),
        -df - 1,
        df + R(1, 10**40),
        df + sp.Piecewise((1, sp.And(x > s, x < s + R(1, 10**9))), (0, True)),
    ]
    return sp.Derivative(f, x), df, None, wrong


def matrices(rng):
    A, B = (sp.MatrixSymbol(name, 2, 2) for name in "AB")
    rows = [[inner(rng) for _ in range(2)] for _ in range(2)]
    M = sp.Matrix(rows)
    lhs, rhs = rng.choice([
        ((A * B).T, B.T * A.T),
        (A * (B + A), A * B + A**2),
        (M * M.adjugate(), M.det() * sp.eye(2)),
        (M**2, M.trace() * M - M.det() * sp.eye(2)),
    ])  # fmt: skip
    rhs = sp.Matrix(sp.Matrix(rhs.as_explicit() if hasattr(rhs, "as_explicit") else rhs))
    lhs = sp.Matrix(lhs.as_explicit() if hasattr(lhs, "as_explicit") else lhs)
    place = sp.zeros(2, 2)
    place[rng.randint(0, 1), rng.randint(0, 1)] = 1
    at = R(rng.randint(-20, 20), 3)
    odd = sp.Piecewise((1, sp.Eq(x, at)), (0, True))
    return lhs, rhs, None, [rhs + place, rhs + R(1, 10**40) * place, rhs + odd * place]


def on_a_domain(rng):
    low = R(rng.randint(-20, 20), 3)
    high = low + R(1, rng.choice([1, 10, 10**6]))
    lhs, rhs = rng.choice([
        (sp.Abs(x - low), x - low),
        (sp.Max(x, high), high),
        (sp.sqrt((x - high) ** 2), high - x),
        (sp.sign(x - low), sp.S.One),
        (sp.Piecewise((x, x > low), (0, True)), x),
    ])  # fmt: skip
    width = high - low
    at = low + width * R(rng.randint(1, 99), 100)
    wrong = [
        rhs + sp.Piecewise((1, sp.Eq(x, at)), (0, True)),
        rhs + sp.Piecewise((1, x > high - width / 10**9), (0, True)),
        rhs + sp.Piecewise((1, x < low + width / 10**9), (0, True)),
        rhs + R(1, 10**40),
        rhs + sp.floor((x - low) / width * 2),
    ]
    return lhs, rhs, {x: (low, high)}, wrong


KINDS = (over_entries, closed_form, limit, slope_at_seam, matrices, on_a_domain)


def special(rng):
    """One statement of another kind: (kind, verdict, None or what is wrong)."""
    make = rng.choice(KINDS)
    lhs, rhs, domain, wrong = make(rng)
    true = rng.random() < 0.5
    if not true:
        rhs = rng.choice(wrong)
    answer = prove(lhs, rhs, domain=domain)
    error = None
    if true and answer.status == "refuted":
        error = "a truth is refuted"
    elif not true and answer:
        error = "a falsehood is accepted"
    kind = make.__name__.replace("_", " ") + (", true" if true else ", false")
    return kind, answer.status, error and f"{error}: {lhs} = {rhs} on {domain}: {answer}"


def broken(rng, lhs, rhs):
    """(kind, lhs, rhs, a point where the sides differ unless lhs is 0 there)."""
    at = R(rng.randint(-40, 40), 7)
    near = {x: R(rng.randint(-30, 30), 7), y: R(rng.randint(-30, 30), 11)}
    kinds = {
        "sign": (-rhs, near),
        "factor": (rhs * R(rng.choice([2, 3, -1]), rng.choice([5, 7])), near),
        "1e-40": (rhs + R(1, 10**40), near),
        "slope": (rhs + R(1, 1000) * x, near | {x: R(3)}),
        "point": (sp.Piecewise((rhs + 1, sp.Eq(x, at)), (rhs, True)), near | {x: at}),
        "seam": (rhs + sp.Piecewise((1, x >= at), (0, x < at)), near | {x: at}),
        "far out": (sp.Piecewise((rhs, x < 500), (rhs + 1, True)), near | {x: R(501)}),
        "strip": (
            rhs + sp.Piecewise((1, sp.And(x > at, x < at + R(1, 10**9))), (0, True)),
            near | {x: at + R(1, 2 * 10**9)},
        ),
    }
    kind = rng.choice(list(kinds))
    return kind, lhs, *kinds[kind]


# --- the second opinion -------------------------------------------------------------------------


def ball(e, point):
    """Arb's enclosure of e at a point; raises ArithmeticError where it has none."""
    if e.is_Rational:
        return flint.arb(flint.fmpq(int(e.p), int(e.q)))
    if e in point:
        return ball(point[e], point)
    if isinstance(e, sp.Derivative):
        return ball(e.doit(), point)
    if isinstance(e, sp.Piecewise):
        for value, condition in e.args:
            if condition.xreplace(point) == sp.true or condition.subs(point) == sp.true:
                return ball(value, point)
        raise ArithmeticError
    args = [ball(a, point) for a in e.args]
    if e.is_Add:
        return sum(args[1:], args[0])
    if e.is_Mul:
        product = args[0]
        for a in args[1:]:
            product *= a
        return product
    if e.is_Pow:
        return args[0] ** int(e.exp) if e.exp.is_Integer else args[0] ** args[1]
    if isinstance(e, sp.Max):
        return max_of(args)
    if isinstance(e, sp.Abs):
        return abs(args[0])
    name = {sp.exp: "exp", sp.log: "log", sp.tanh: "tanh", sp.cosh: "cosh", sp.sinh: "sinh",
            sp.sin: "sin", sp.cos: "cos", sp.erf: "erf", sp.erfc: "erfc"}.get(e.func)  # fmt: skip
    if e is sp.pi:
        return flint.arb.pi()
    if name is None or not args:
        raise ArithmeticError(e)
    return getattr(args[0], name)()


def max_of(args):
    best = args[0]
    for a in args[1:]:
        best = best.max(a)
    return best


def apart(lhs, rhs, point):
    """Whether Arb sees that the two sides differ at a point."""
    for digits in (60, 600, 3000):
        flint.ctx.dps = digits
        try:
            difference = ball(lhs, point) - ball(rhs, point)
        except (ArithmeticError, ValueError, TypeError):
            return False
        if not difference.contains(0):
            return True
    return False


def trial(seed):
    """(kind, verdict, None or what is wrong) of one statement."""
    rng = random.Random(seed)
    if rng.random() < 1 / 3:
        kind, status, error = special(rng)
        return kind, status, error and f"{seed}: {error}"
    lhs, rhs = truth(rng)
    kind = "truth"
    if rng.random() < 0.5:
        kind, lhs, rhs, point = broken(rng, lhs, rhs)
        if not apart(lhs, rhs, point):
            return "not broken", "-", None
    answer = prove(lhs, rhs)
    wrong = None
    if kind == "truth" and answer.status == "refuted":
        wrong = "a truth is refuted"
    elif kind != "truth" and answer:
        wrong = "a falsehood is accepted"
    elif answer.status == "refuted" and not apart(lhs, rhs, answer.counterexample):
        wrong = "Arb does not see the counterexample"
    return kind, answer.status, wrong and f"{seed}: {wrong}: {lhs} = {rhs}: {answer}"


def main(count=20000, first=0):
    table, wrong = Counter(), []
    for seed in range(first, first + count):
        kind, status, error = trial(seed)
        table[kind, status] += 1
        if error:
            wrong.append(error)
            print(error, flush=True)
    for (kind, status), number in sorted(table.items()):
        print(f"{kind:22} {status:10} {number}")
    print(f"{count} statements, {len(wrong)} wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
