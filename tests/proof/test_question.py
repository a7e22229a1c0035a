"""The statement as it is given: what is refused with which words, what is taken as one."""

import pytest
import sympy as sp

from nnbook.proof import prove
from nnbook.proof.question import expression, intervals_of, real_symbols, symbols_of

x, y = sp.symbols("x y", real=True)
p = sp.Symbol("p", positive=True)
X = sp.IndexedBase("X")
f = sp.Function("f")
INFINITY = float("inf")


@pytest.mark.parametrize(
    ("arguments", "domain", "message"),
    [
        ((f(x), f(x, y)), None, "the function f is used with different numbers of arguments"),
        ((p, p), {p: (-2, -1)}, r"cannot be compared: no .* \(lhs is p, rhs is p\)"),
        ((sp.Matrix([[x, p]]),) * 2, {p: (-2, -1)}, r"compared in entry \(0, 1\): no admissible"),
        ((X[1], X[1] + x), {sp.Symbol("X"): (0, 1)}, "names X, but the symbols .* are: X.1., x"),
    ],
)
def test_what_is_refused(arguments, domain, message):
    with pytest.raises(ValueError, match=message):
        prove(*arguments, domain=domain)


def test_a_domain_may_be_written_in_floats_and_name_either_symbol():
    assert prove(sp.Abs(x), -x, domain={x: (-INFINITY, 0)}).status == "proved"
    assert prove(sp.Abs(x), x, domain={x: (0, INFINITY)}).status == "proved"
    plain = sp.Symbol("x")
    assert intervals_of({plain: (-INFINITY, 0.5)}, [(None, x, y)]) == {
        x: (-sp.oo, sp.Rational(1, 2))
    }


def test_indices_are_whole_and_sequences_are_no_symbols():
    i, j, k, n = sp.symbols("i j k n")
    assert symbols_of(sp.Sum(X[k], (k, 1, n)) + x) == {n, x}
    names = real_symbols([(None, sp.Sum(X[i] * k, (k, 1, 3)), X[j] + sp.Symbol("y"))])
    assert [names[s].is_integer for s in (i, j, k)] == [True] * 3
    assert names[sp.Symbol("y")].is_integer is None
    assert all(new.is_real for new in names.values())


def test_floats_are_decimals_sets_relations_and_traces_sums():
    a = sp.MatrixSymbol("A", 2, 2)
    assert expression(0.1 * x + 0.25, "lhs") == x / 10 + sp.Rational(1, 4)
    assert expression(sp.Trace(a), "lhs") == a[0, 0] + a[1, 1]
    inside = sp.Piecewise((1, sp.Contains(x, sp.Interval(2, 3))), (0, True))
    assert not expression(inside, "lhs").has(sp.Contains)
    with pytest.raises(ValueError, match="the bound x of .* must be an integer"):
        prove(sp.Sum(y, (sp.Symbol("k", integer=True), 1, x)), y)
