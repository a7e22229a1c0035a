"""Numbers as short text, and floats as the decimals that they print."""

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from nnbook.proof.decimals import exact, show, show_apart

R = sp.Rational
u = sp.Symbol("u")
TEXTS = [
    (sp.nan, "undefined"),
    (10**9 - 1, "999999999"),
    (10**9, "1e9"),
    (-(10**9), "-1e9"),
    (123456789012, "1.23456789012e11"),
    (R(1, 3), "1/3"),
    (R(-999999, 10**4), "-999999/10000"),
    (R(10**6, 3), "333333"),
    (R(1, 10**4), "1/10000"),
    (R(1, 10001), "9.999e-5"),
    (R(1, 10**5), "1e-5"),
    (R(123456789, 10**7), "12.3456789"),
    (R(-10001, 2 * 10**8), "-5.0005e-5"),
    (R(17, 10**5), "0.00017"),
    (R(-123456, 10**8), "-0.00123456"),
    (1 + R(1, 10**39), "1.000000000000000000000000000000000000001"),
    (1 + R(1, 10**40), "1"),
    (1 + R(1, 2**1100), "1"),
    (R(1, 3**60), "2.35898e-29"),
    (sp.Float("123456.789"), "123457"),
    (sp.Float("99999999.6"), "100000000"),
    (sp.Float("-0.00012"), "-0.00012"),
    (sp.Float("1e-5"), "1e-5"),
    (sp.exp(-(10**6)).evalf(), "3.29683e-434295"),
    (7 ** sp.Integer(5000), "3.09172e4225"),
    (-1 / 7 ** sp.Integer(5000), "-3.23445e-4226"),
    (sp.Float("1e-40000"), "1e-40000"),
    (sp.sqrt(2), "sqrt(2)"),
    (sp.Lambda(u, u**2), "(u -> u**2)"),
]
APART = [
    (1, 1 + R(1, 10**8), ["1", "1.00000001"]),
    (1, 1 + R(1, 10**50), ["1", "1 + 1e-50"]),
    (1, 1 - R(1, 10**50), ["1", "1 - 1e-50"]),
    (sp.nan, 1, ["undefined", "1"]),
    (1, sp.nan, ["1", "undefined"]),
    (sp.I, 1, ["not a real number", "1"]),
    (2, sp.I, ["2", "not a real number"]),
    (1 + sp.I, 1 + 2 * sp.I, ["1 + 1*I", "1 + 2*I"]),
    (sp.Float(1), sp.Float(1), ["1", "1"]),
    (sp.Float(1, 500), 1 + sp.Float("1e-450", 500), ["1", "1 + 1e-450"]),
    (sp.Float(1, 30) / 3, sp.Float(1, 30) / 3 + R(1, 10**9), ["0.333333333333", "0.333333334333"]),
    (sp.Float(1, 30) / 3, sp.Float(1, 30) / 3 + R(1, 10**7), ["0.333333333333", "0.333333433333"]),
    (R(1, 3**90), R(1, 3**90) + R(1, 10**90), ["1.14574e-43", "1.14574e-43 + 1e-90"]),
]


@pytest.mark.parametrize(("number", "text"), TEXTS, ids=[text[:30] for _, text in TEXTS])
def test_show(number, text):
    assert show(sp.sympify(number)) == text


@pytest.mark.parametrize(("a", "b", "texts"), APART, ids=[texts[1] for *_, texts in APART])
def test_show_apart(a, b, texts):
    assert show_apart(*map(sp.sympify, (a, b))) == texts


@given(st.floats(1e-300, 1e300), st.sampled_from([1, -1]))
def test_a_float_is_its_shortest_decimal(x, sign):
    assert exact(sp.Float(sign * x)) == R(repr(sign * x))  # as Python prints it


@pytest.mark.parametrize("text", ["0.1", "1.000000000000001", "123456789.125", "1e-300", "0.7e22"])
def test_a_float_of_a_decimal_is_this_decimal(text):
    assert exact(sp.Float(text, 16)) == R(text) == exact(sp.Float(text, 60))


def test_0_and_floats_of_few_digits():
    assert show(sp.Float(0)) == "0"  # which does not equal the integer
    assert show_apart(sp.Float(0), sp.Float(0)) == ["0", "0"]
    for text in ("3", "0.5", "7e20"):
        assert exact(sp.Float(text, 1)) == R(text)


def test_a_gap_far_behind_the_point():
    gap = R(1, 10**90)
    assert show_apart(R(1, 3), R(1, 3) + gap) == ["1/3", "1/3 + 1e-90"]  # not 0.333333
    a, b = (sp.Float(R(1, 3) + k * gap, 100) for k in (0, 1))
    assert show_apart(a, b) == ["0.333333", "0.333333 + 1e-90"]
    assert show_apart(b, a) == ["0.333333", "0.333333 - 1e-90"]
    assert show_apart(R(1, 3), R(34, 100)) == ["1/3", "17/50"]
