"""Sums of a symbolic length: what is proved by linearity and by induction, and what is not."""

import pytest
import sympy as sp

from nnbook.proof import prove
from nnbook.proof.sums import _is_finite, by_induction, spread

R, Sum = sp.Rational, sp.Sum
x, a, b = sp.symbols("x a b", real=True)
n = sp.Symbol("n", integer=True, positive=True)
i, j, k = sp.symbols("i j k", integer=True)
X, Y = sp.IndexedBase("X"), sp.IndexedBase("Y")


def total(body, index=k, low=1, high=n):
    return Sum(body, (index, low, high))


def mean(series):
    return total(series[j], j) / n


INDUCTION = {
    "numbers": (total(k), n * (n + 1) / 2),
    "cubes": (total(k**3), (n * (n + 1) / 2) ** 2),
    "geometric": (total(x**k, low=0), (1 - x ** (n + 1)) / (1 - x)),
    "exponentials": (total(sp.exp(-k), low=0), (1 - sp.exp(-n - 1)) / (1 - sp.exp(-1))),
    "telescope": (total(1 / (k * (k + 1))), n / (n + 1)),
    "a product": (total(k * 2**k), (n - 1) * 2 ** (n + 1) + 2),
    "factorials": (total(k * sp.factorial(k)), sp.factorial(n + 1) - 1),
    "alternating": (total((-1) ** k * k), ((-1) ** n * (2 * n + 1) - 1) / 4),
    "waves": (2 * sp.sin(x / 2) * total(sp.cos(k * x)), sp.sin((n + R(1, 2)) * x) - sp.sin(x / 2)),
    "a sum of sums": (total(Sum(1, (j, 1, i)), i), n * (n + 1) / 2),
}
LINEARITY = {
    "constant": (total(a), n * a),
    "affine": (total(a * X[k] + b), a * total(X[k]) + n * b),
    "deviations": (total(X[i] - mean(X), i), 0),
    "variance": (total((X[i] - mean(X)) ** 2, i) / n, total(X[i] ** 2, i) / n - mean(X) ** 2),
    "covariance": (
        total((X[i] - mean(X)) * (Y[i] - mean(Y)), i),
        total(X[i] * Y[i], i) - n * mean(X) * mean(Y),
    ),
    "double sum": (total(total(X[i] * Y[j], i), j), total(X[i], i) * total(Y[j], j)),
}
FALSE = {
    "start": (total(k), n * (n + 1) / 2 + 1),
    "step": (total(k), n * (n + 1) / 2 + R(1, 10**40) * (n - 1)),
    "length": (total(a), (n - 1) * a),
    "other mean": (total((X[i] - mean(X)) ** 2, i) / (n - 1), total(X[i] ** 2, i) / n - mean(X)**2),
    "other index": (total(total(X[i] * Y[i], i), j), total(X[i], i) * total(Y[j], j)),
}  # fmt: skip


@pytest.mark.parametrize("name", INDUCTION)
def test_induction(name):
    answer = prove(*INDUCTION[name])
    assert (answer.status, answer.method) == ("proved", "by induction"), str(answer)


@pytest.mark.parametrize("name", LINEARITY)
def test_linearity(name):
    answer = prove(*LINEARITY[name])
    assert (answer.status, answer.method) == ("proved", "by linearity of sums"), str(answer)


@pytest.mark.parametrize("name", FALSE)
def test_a_falsehood_is_refuted(name):
    assert prove(*FALSE[name]).status == "refuted"


@pytest.mark.parametrize(
    "late",
    [
        sp.Piecewise((1, n > 10**6), (0, True)),
        sp.floor(n / 10**6),
        sp.Heaviside(n - 10**6),
        sp.Abs(n - 10**6) / (n - 10**6) + 1,
    ],
)
def test_what_breaks_beyond_all_terms_is_not_accepted(late):
    assert not prove(total(k), n * (n + 1) / 2 + late)


@pytest.mark.parametrize("factor", [1, 1 / n, 1 / (n - 7), sp.Abs(n - 7) / (n - 7), n - 7])
def test_a_chain_must_not_be_broken(factor):
    """Where a value is missing, or a factor is 0, the next one does not follow."""
    d = spread(factor * (total(k) - n * (n + 1) / 2))
    proved = by_induction(d, lambda e: sp.simplify(e) == 0)
    assert proved == (factor in (1, 1 / n))


def test_a_start_is_asked_for():
    asked = []
    d = spread(total(k) - n * (n + 1) / 2)
    assert by_induction(d, lambda e: asked.append(sp.simplify(e)) or True)
    assert asked == [0, 0]
    assert not by_induction(d + 1, lambda e: sp.simplify(e) == 0)


m = sp.Symbol("m", integer=True, nonnegative=True)
r = sp.Symbol("r", nonnegative=True)
FINITE = [
    *(m, 1 / (m + 1), 1 / (m - R(1, 2)), (m - 7) ** 2, x**m, x**-m, 1 / x, 2**m, sp.sqrt(x)),
    *(sp.factorial(m), sp.factorial(m + 2), sp.exp(-m), sp.sin(m * x), X[m], sp.log(x) * m),
]
NOT_FINITE = [
    *(1 / m, 1 / (m - 7), sp.sqrt(m), (m - 7) ** (m - 7), x ** (m / 2), sp.log(m + 1)),
    *(sp.factorial(m - 1), sp.tan(m), sp.exp(1 / m), 1 / (m - x), sp.gamma(m)),
]


@pytest.mark.parametrize("e", FINITE, ids=str)
def test_what_is_finite_for_every_length(e):
    assert _is_finite(e, m)


@pytest.mark.parametrize("e", NOT_FINITE, ids=str)
def test_what_may_be_infinite_for_some_length(e):
    assert not _is_finite(e, m)


def counted(body, high=n, low=0):
    return Sum(body, (k, low, high))


@pytest.mark.parametrize(
    "d",
    [
        counted(x**k) - counted(x**k, n - 1),  # two lengths
        counted(x**k, low=1),
        counted(x**k, 2 * n),
        counted(x**k, n + sp.Symbol("l", integer=True, positive=True)),
        counted(x**k, r),
        counted(x**k, n - 5),  # which may be empty
        counted(n * x**k),
        counted(Sum(x**j, (j, 0, 3))),
        counted(x**k) + sp.Integral(sp.exp(-(x**2)), (x, 0, 1)),
        counted(x**k) ** 2,
        x * counted(x**k) ** 2 + counted(x**k),
        sp.sin(counted(x**k)),
        counted(x**k) + n / (n - 7),
        counted(1 / (k - 7)),
        counted(x**k) + sp.sqrt(n),
        n - 1 + x,
    ],
    ids=str,
)
def test_no_induction_over_what_is_not_of_its_form(d):
    assert not by_induction(d, lambda e: True)


@pytest.mark.parametrize("high", [n - 1, n, n + 3, m - 1, m])
def test_induction_from_the_shortest_sum_on(high):
    d = counted(k, high) - high * (high + 1) / 2
    for wrong in (0, 1, high, R(1, 10**40) * high):
        assert by_induction(d + wrong, lambda e: sp.simplify(e) == 0) == (wrong == 0)


def test_an_index_counts_from_0():
    for node in spread(total(sp.Abs(k - 1) + sp.sign(k) * x**k)).atoms(Sum):
        assert not node.has(sp.Abs, sp.sign)  # SymPy knows the index as nonnegative


def test_a_mean_has_no_start_at_0():
    assert prove(total(k) / n, (n + 1) / 2).method == "by induction"
