"""Numbers in texts: the form in which they are printed."""

import numpy as np
import pytest

from explorable import digits


@pytest.mark.parametrize(
    "early, late",
    [(spec, spec) for spec in ("+.2f", ".2f", ".0f", ".3e", "+.1e", ".4g", ".2g")]
    + [(".2f", ".3f")],
)
def test_a_form_is_found_anew_only_where_one_more_number_breaks_it(early, late):
    rng = np.random.default_rng(0)
    for minus in ("-", digits.MINUS):
        values = (rng.normal(size=60) * 10.0 ** rng.integers(-3, 4, 60)).tolist() + [0.0, 1e-9]
        values.sort(key=lambda value: (value < 0, rng.random()))  # a sign comes late
        form, pairs, found = None, [], 0
        for k, value in enumerate(values):
            text = f"{value:{early if k < 30 else late}}".replace("-", minus)
            pairs.append((value, text))
            if form is None or not digits.holds(form, value, text):
                form, found = digits.form_of(pairs), found + 1
            assert form == digits.form_of(pairs)
        assert form is None if early != late else form and found < 20


def test_the_worth_of_the_last_digit_of_many_is_that_of_each():
    values = [0.0, 1.0, 999.9, -1e-7, 123456.0, 1e3, np.inf]
    for kind in "efg":
        form = kind, 3, False, "-", True
        each = [digits.unit_of(value, form) for value in values]
        assert np.array_equal(np.broadcast_to(digits.unit_of(np.array(values), form), 7), each)
    assert digits.unit_of(123456.0, ("g", 3, False, "-", True)) == pytest.approx(1000)
    assert digits.unit_of(0.0123, ("e", 3, False, "-", True)) == pytest.approx(1e-5)
