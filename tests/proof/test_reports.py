"""Statements on which computer algebra went wrong, by kind: none gets a false answer."""

import signal
import threading
import time

import pytest
import sympy as sp

from nnbook.proof import prove
from nnbook.proof.budget import TimeUp, limited, within

R = sp.Rational
x, t, a = sp.symbols("x t a", real=True)
p = sp.Symbol("p", positive=True)
n, k = sp.symbols("n k", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
X, Y = sp.IndexedBase("X"), sp.IndexedBase("Y")
f = sp.Function("f")
rational = sp.Symbol("q", rational=True)
y, b = sp.symbols("y b", real=True)
A, B = sp.MatrixSymbol("A", 2, 2), sp.MatrixSymbol("B", 2, 2)
D, Integral, Sum, Piecewise = sp.Derivative, sp.Integral, sp.Sum, sp.Piecewise
root, roots = sp.sqrt(5 + 2 * sp.sqrt(6)), sp.sqrt(2) + sp.sqrt(3)
shift = sp.floor(roots * 10**53)


def sinc(at_0):
    slope = sp.cos(x) / x - sp.sin(x) / x**2
    return D(Piecewise((sp.sin(x) / x, sp.Ne(x, 0)), (1, True)), x), Piecewise(
        (slope, sp.Ne(x, 0)), (at_0, True)
    )


def where(*conditions):
    """1 where all conditions hold, else 0."""
    return Piecewise((1, sp.And(*conditions)), (0, True))


def total(body, index=i, low=1, high=n):
    return Sum(body, (index, low, high))


TRUTHS = {
    "integral over kinks": (Integral(sp.Abs(sp.sin(x)), (x, 2 * sp.pi, 4 * sp.pi)), 4),
    "endpoint singularity": (Integral(1 / sp.sqrt(t), (t, 0, R(1, 4))), 1),
    "double integral": (Integral(x * t, (x, 0, 1), (t, 0, 1)), R(1, 4)),
    "slope at a filled point": (D(Piecewise((x, sp.Ne(x, 0)), (0, True)), x), 1),
    "slope at a filled hole": sinc(0),
    "slope at a smooth seam": (D(x * sp.Abs(x), x), 2 * sp.Abs(x)),
    "maximum and pieces": (D(sp.Max(0, x), x), D(Piecewise((x, x > 0), (0, True)), x)),
    "jump": (D(Piecewise((1, x > 0), (0, True)), x), 0),
    "not monotone": (sp.sin(root * 10**53 - shift), sp.sin(roots * 10**53 - shift)),
    "names of indices": (total(X[i]), total(X[j], j)),
    "indices shifted": (total(X[i]), total(X[i + 1], i, 0, n - 1)),
    "entries by number": (total(X[i], i, 1, 2), X[1] + X[2]),
    "entry": (X[k], X[k]),
    "binomial": (sp.binomial(n + 1, k), sp.binomial(n, k) + sp.binomial(n, k - 1)),
    "exponential series": (Sum(p**k / sp.factorial(k), (k, 0, sp.oo)), sp.exp(p)),
    "slow series": (Sum(1 / k**2, (k, 1, sp.oo)), sp.pi**2 / 6),
    "limit with a parameter": (sp.Limit(sp.sin(a * x) / x, x, 0), a),
    "exceptional point out of reach": (Piecewise((x, sp.Eq(sp.cos(x), x)), (x, True)), x),
    "seam that is 0 on a half line": (D(where(sp.Max(x, 0) > 0), x), 0),
    "seam of even order": (D(Piecewise((x, x**2 > 0), (0, True)), x), 1),
    "seam in a factor": (
        D(sp.Max(x**2, x), x),
        Piecewise((2 * x, x < 0), (1, x < 1), (2 * x, True)),
    ),
    "digits of special functions": (sp.exp(sp.LambertW(p)) * sp.LambertW(p), p),
    "beyond a branch point, two parts": (sp.loggamma(x + 1), sp.loggamma(x) + sp.log(x)),
    "root without a formula": (sp.CRootOf(x**5 - x - 1, 0) ** 5, sp.CRootOf(x**5 - x - 1, 0) + 1),
    "determinant of a product": (sp.Determinant(A * B), sp.Determinant(A) * sp.Determinant(B)),
    "entry of an inverse": (A.inv()[0, 0] * sp.Determinant(A), A[1, 1]),
    "no whole root": (where(sp.Eq(3**n, 7 * 2**i)), 0),
    "no rational root": (where(sp.Eq(sp.exp(rational), 2)), 0),
    "Leibniz with a kink": (D(Integral(sp.Abs(t), (t, -1, x)), x), sp.Abs(x)),
    "a value in an integral": (sp.Subs(Integral(t * y, (t, 0, 2)), y, x), 2 * x),
    "values that change places": (sp.Subs(x * y**2, (x, y), (y, x)), y * x**2),
}
FALSEHOODS = {
    "integral over kinks": (Integral(sp.Abs(sp.sin(x)), (x, 2 * sp.pi, 4 * sp.pi)), 0),
    "integral over a kink": (Integral(sp.Abs(x - R(1, 4)), (x, 0, 1)), R(5, 17)),
    "slope of a piece": (
        D(Piecewise((x, sp.Ne(x, 0)), (0, True)), x),
        Piecewise((1, sp.Ne(x, 0)), (0, True)),
    ),
    "slope at a filled hole": sinc(5),
    "slope at a smooth seam": (
        D(x * sp.Abs(x), x),
        Piecewise((2 * sp.Abs(x), sp.Ne(x, 0)), (1, True)),
    ),
    "float of 16 digits": (sp.Float(1.000000000000001) * x, x),
    "float of 24 digits": (sp.Float("1.00000000000000000000001", 30) * x, x),
    "product of sums": (total(X[i] * Y[i]), total(X[i]) * total(Y[i]) / n),
    "index shift": (total(X[i]), total(X[i + 1])),
    "great power": (p ** (10**16), p),
    "a value in an integral over kinks": (
        sp.Subs(Integral(y * sp.Abs(sp.sin(t)), (t, 2 * sp.pi, 4 * sp.pi)), y, x),
        0,
    ),
    "values that change places": (sp.Subs(x * y**2, (x, y), (y, x)), x**3),
    "exceptional point": (Piecewise((0, sp.Eq(sp.cos(x), x)), (1, True)), 1),
    "exceptional root": (Piecewise((0, sp.Eq(x**5 - x - 1, 0)), (x, True)), x),
    "two arguments": (D(f(x, t), x) * (2 + t / 2), D(f(x, t), t) * (1 + x / 2)),
    "1e-40": (sp.exp(x), sp.exp(x) + R(1, 10**40)),
    "jump far out": (sp.floor(p / 10**12), 0),
    "remainder far out": (sp.Mod(p, 10**12), p),
    "corner far in": (sp.Max(sp.log(p), -(10**6)), sp.log(p)),
    "point of four symbols": (where(*(sp.Eq(v, R(k, 17)) for k, v in enumerate((x, y, a, b)))), 0),
    "box": (where(*(sp.And(v > 2, v < 2 + R(1, 10**9)) for v in (x, y, a, b))), 0),
    "centre of a circle": (where(sp.Eq((x - R(17, 3)) ** 2 + (y + R(3, 19)) ** 2, 0)), 0),
    "small circle": (where((x - R(17, 3)) ** 2 + (y + R(3, 19)) ** 2 < R(1, 10**20)), 0),
    "two curves meet": (where(sp.Eq(x**2 + y**2, 25), sp.Eq(x - y, 1)), 0),
    "a set": (where(sp.Contains(x, sp.Interval(R(22, 7), R(22, 7) + R(1, 10**9)))), 0),
    "large entries": (sp.Max(X[k], 100), 100),
    "small entries": (sp.floor(X[k] * 10**30) / 10**30, X[k]),
    "an entry at a point": (total(where(sp.Eq(X[i], R(22, 7)))), 0),
    "divergent series": (Sum(a**k, (k, 0, sp.oo)), 1 / (1 - a)),
    "divergent integral": (Integral(sp.exp(-a * t), (t, 0, sp.oo)), 1 / a),
    "antiderivative with a jump": (
        Integral(1 / (2 + sp.cos(t)), (t, 0, a)),
        2 * sp.atan(sp.tan(a / 2) / sp.sqrt(3)) / sp.sqrt(3),
    ),
    "slope on a seam that is 0 on a half line": (
        D(sp.sign(sp.Max(x, 0)), x),
        Piecewise((7, x < 0), (0, True)),
    ),
    "slope at a seam of even order": (D(Piecewise((x, x**2 > 0), (0, True)), x), sp.sign(x) ** 2),
    "entry of an inverse": (A.inv()[0, 0] * A[0, 0], 1),
    "value of a step far out": (where(sp.Eq(sp.floor(x), 10**9)), 0),
    "square with a remainder": (where(sp.Eq(sp.Mod(n**2, 1000), 996)), 0),
    "value of a maximum": (where(sp.Eq(sp.Max(x, 3), 10**9)), 0),
    "value of gamma": (where(sp.Eq(sp.gamma(x), 24)), 0),
}  # fmt: skip
NEVER_TRUE = {  # no enclosure: not refuted, but never accepted
    "endpoint singularity": (Integral(1 / sp.sqrt(t), (t, 0, R(1, 4))), 2),
    "pole": (Integral(1 / x, (x, -1, 1)), 0),
    "square of a pole": (Integral(1 / x**2, (x, -1, 1)), -2),
    "across a pole for x < 0": (Integral(1 / t, (t, 1, x)), sp.log(sp.Abs(x))),
    "across the square of a pole": (Integral(t**-2, (t, x, 1)), 1 / x - 1),
    "more terms than memory": (Sum(1 / k**2, (k, 1, 10**9)), sp.pi**2 / 6),
    "no value for x < -1": (Integral(t**x, (t, 0, 1)), 1 / (x + 1)),
    "limit at a step": (sp.Limit(sp.floor(x + t), t, 0, "-"), sp.floor(x)),
    "a value that is called like a variable within": (
        sp.Subs(Integral(t * y, (t, 0, 1)), y, t),
        R(1, 3),
    ),
    "divergence": (Sum(1 / k, (k, 1, sp.oo)), 5),
    "limit": (sp.Limit(sp.sin(a * x) / x, x, 0), 1),
    "double integral": (Integral(x * t, (x, 0, 1), (t, 0, 1)), R(1, 3)),
    "Leibniz at a jump": (D(Integral(sp.sign(t) ** 2, (t, -1, x)), x), sp.sign(x) ** 2),
    "Leibniz with a moving jump": (D(Integral(where(t < x), (t, 0, 1)), x), 0),
    "twice below an integral": (D(Integral(sp.Abs(x - t), (t, 0, 1)), x, 2), 0),
    "flat at the seam": (
        D(Piecewise((sp.exp(-1 / x**2), sp.Ne(x, 0)), (0, True)), x),
        Piecewise((2 * sp.exp(-1 / x**2) / x**3, sp.Ne(x, 0)), (1, True)),
    ),
    "an integral that is not real": (
        sp.Abs(Integral(sp.sqrt(t - 2), (t, 0, 1))) ** 2,
        Integral(sp.sqrt(t - 2), (t, 0, 1)) ** 2,
    ),
    "a sum that changes far out": (total(sp.Min(k, 10**5), k), n * (n + 1) / 2),
}


@pytest.mark.parametrize("name", TRUTHS)
def test_a_truth_is_accepted(name):
    answer = prove(*TRUTHS[name])
    assert answer, str(answer)
    rests_on_the_system = any(sp.sympify(e).has(Integral, sp.Limit) for e in TRUTHS[name])
    assert not (rests_on_the_system and answer.status == "proved")


@pytest.mark.parametrize("name", FALSEHOODS)
def test_a_falsehood_is_refuted(name):
    answer = prove(*FALSEHOODS[name])
    assert answer.status == "refuted", str(answer)
    assert len(set(answer.values())) == 2


@pytest.mark.parametrize("name", NEVER_TRUE)
def test_a_falsehood_is_not_accepted(name):
    assert not prove(*NEVER_TRUE[name])


# --- the budget ---------------------------------------------------------------------------------


def forever():
    while True:
        sum(range(1000))


def test_an_inner_limit_keeps_the_outer_one():
    def work():
        within(0.1, forever)
        within(100, forever)

    start = time.process_time()
    assert within(0.5, work) is None
    assert time.process_time() - start < 2


def test_a_timer_of_the_caller_rings():
    rung = []
    before = signal.signal(signal.SIGVTALRM, lambda *_: rung.append(1))
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.3)
    try:
        within(0.8, forever)
        assert rung == [1]
        signal.setitimer(signal.ITIMER_VIRTUAL, 50)
        within(0.1, forever)
        assert 40 < signal.getitimer(signal.ITIMER_VIRTUAL)[0] < 50
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def test_another_thread_is_given_up_as_well():
    answers = []

    def work():
        answers.append(within(0.2, forever))
        try:
            limited(0.2, forever)
        except TimeUp:
            answers.append("up")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert answers == [None, "up"]


def test_an_alarm_in_a_finalizer_rings_again():
    class Slow:
        def __del__(self):
            end = time.process_time() + 0.3
            while time.process_time() < end:
                pass

    def work():
        slow = Slow()
        del slow
        forever()

    assert within(0.1, work) is None
