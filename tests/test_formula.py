"""The record behind every formula: what it holds, what it takes, what it refuses."""

import fractions
import pydoc
import re

import numpy as np
import pytest
import sympy as sp
from scipy.special import erfc

from nnbook.activations import elu
from nnbook.autodiff import Tensor, check_gradients, grad, jacobian
from nnbook.formula import Formula, as_floats, as_number, formula
from nnbook.verification import grid

x = sp.Symbol("x", real=True)
width = sp.Symbol("width", positive=True)
power_of_two = sp.Symbol("power_of_two", nonnegative=True)
shift = sp.Symbol("shift", real=True)


def bump():
    @formula(sp.exp(-(x**2) / width), x)
    def gauss(x, width=2.0):
        """A bell."""
        return np.exp(-(x**2) / width)

    @gauss.derivative
    def _(x, width):
        return -2 * x / width * np.exp(-(x**2) / width)

    return gauss


def refused(text):
    return pytest.raises(ValueError, match=re.escape(text))


def test_record():
    gauss = bump()
    assert isinstance(gauss, Formula)
    assert (gauss.name, gauss.symbol, gauss.argument) == ("gauss", x, "x")
    assert gauss.expr == sp.exp(-(x**2) / width)
    assert sp.simplify(gauss.dexpr + 2 * x / width * gauss.expr) == 0
    assert gauss.defaults == {"width": 2.0}
    assert gauss.fn(3.0) == np.exp(-4.5)
    assert gauss.dfn(3.0, 2.0) == gauss.grad(3.0)
    assert repr(gauss) == "gauss(x, width=2.0)"
    assert gauss.latex == r"e^{- \frac{x^{2}}{width}}"
    assert gauss._repr_latex_() == (
        r"$\displaystyle \operatorname{gauss}(x) = e^{- \frac{x^{2}}{width}}$"
    )


def test_an_underscore_in_a_name_is_escaped_in_latex():
    @formula(2**power_of_two * x, x)
    def times_power(x, power_of_two=3):
        return 2**power_of_two * x

    assert times_power.latex == r"2^{\mathrm{power\_of\_two}\,} x"
    assert times_power._repr_latex_() == (
        r"$\displaystyle \operatorname{times\_power}(x) = 2^{\mathrm{power\_of\_two}\,} x$"
    )


def test_help_reads_like_that_of_a_function():
    gauss = bump()
    assert gauss.__doc__ == "A bell."
    assert gauss.__wrapped__ is gauss.fn
    assert gauss.__name__ == "gauss"
    page = pydoc.plain(pydoc.render_doc(gauss))
    assert "gauss(x, width=2.0)" in page and "A bell." in page


def test_scalars_arrays_and_lists():
    gauss = bump()
    for scalar in (1, 1.0, True, np.float32(1), np.array(1)):
        for result in (gauss(scalar), gauss.grad(scalar)):
            assert type(result) is np.float64
        assert gauss(scalar) == np.exp(-0.5)
        assert gauss.grad(scalar) == -np.exp(-0.5)
    for shape in [(0,), (3,), (2, 0), (2, 3), (1, 2, 3)]:
        for dtype in (np.int8, np.float16, np.float64):
            for result in (gauss(np.zeros(shape, dtype)), gauss.grad(np.zeros(shape, dtype))):
                assert result.shape == shape and result.dtype == np.float64
    assert np.array_equal(gauss([[1, 2]]), gauss(np.array([[1.0, 2.0]])))


def test_parameters_by_position_and_by_name():
    gauss = bump()
    assert gauss(2, 4) == gauss(2, width=4) == gauss(x=2, width=4) == np.exp(-1)
    assert gauss.grad(2, 4) == gauss.grad(2, width=np.float32(4)) == -np.exp(-1)
    assert gauss(2, width=fractions.Fraction(4)) == np.exp(-1)


@pytest.mark.parametrize(
    "value", ["1", None, 1j, [1, 1j], ["a"], [None], {}, [[1, 2], [3]], object(), 10**30]
)
def test_only_real_numbers(value):
    gauss = bump()
    for call in (gauss, gauss.grad):
        with refused("x must be an array of real numbers, got "):
            call(value)
    with refused("logits must be an array of real numbers, got "):
        as_floats(value, "logits")


def test_what_was_given_is_named():
    with refused("t must be an array of real numbers, got str of dtype <U2: 'ab'"):
        as_floats("ab", "t")
    with refused("t must be an array of real numbers, got a ragged one: [[1, 2], [3]]"):
        as_floats([[1, 2], [3]], "t")
    with pytest.raises(ValueError) as long:
        as_floats(["a" * 1000], "t")
    assert len(str(long.value)) < 160


def test_as_floats_does_not_copy_without_need():
    a = np.arange(3.0)
    assert as_floats(a, "a") is a
    assert as_floats([1, 2], "a").dtype == np.float64
    assert np.array_equal(as_floats([np.nan, np.inf], "a"), [np.nan, np.inf], equal_nan=True)


@pytest.mark.parametrize(
    "value",
    [np.nan, np.inf, -np.inf, "1", None, 1j, [1.0], np.zeros(1), True, np.True_, 10**400],
)
def test_a_parameter_is_a_finite_number(value):
    with refused(f"width must be a finite number > 0, got {value!r}"):
        bump()(1.0, width=value)
    with refused(f"n must be a finite number, got {value!r}"):
        as_number(value, "n")


def test_bounds_of_a_parameter():
    for value in (0, -1, -1e-300):
        with refused(f"width must be a finite number > 0, got {value!r}"):
            bump()(1.0, width=value)
        with refused(f"width must be a finite number > 0, got {value!r}"):
            bump().verify(width=value)
    with refused("n must be a finite number > 2, got 2"):
        as_number(2, "n", above=2)
    with refused("n must be a finite number >= 2, got 1"):
        as_number(1, "n", at_least=2)
    for number in (as_number(2, "n", at_least=2), as_number(np.int8(2), "n", above=1)):
        assert number == 2 and type(number) is float
    assert as_number(np.finfo(float).max, "n") == np.finfo(float).max
    assert as_number(-np.finfo(float).max, "n") == -np.finfo(float).max

    @formula(2**power_of_two * x, x)
    def scaled(x, power_of_two=3):
        return 2**power_of_two * x

    assert scaled(1, 0) == 1
    with refused("power_of_two must be a finite number >= 0, got -1"):
        scaled(1, -1)

    @formula(x + shift, x)
    def shifted(x, shift=0):
        return x + shift

    assert shifted(1, -5) == -4


def test_a_call_with_wrong_names_or_numbers_of_arguments():
    gauss = bump()
    for call in (gauss, gauss.grad):
        with refused("gauss(x, width=2.0) cannot be called like this: missing a required"):
            call()
        with refused("cannot be called like this: got an unexpected keyword argument 'height'"):
            call(1, height=2)
        with refused("cannot be called like this: too many positional arguments"):
            call(1, 2, 3)
    with refused("gauss(x, width=2.0) has no parameter height"):
        gauss.verify(height=2)


def test_a_declaration_that_does_not_fit_its_expression():
    with refused("f: the parameters are [], but those of the expression are ['width']"):

        @formula(x / width, x)
        def f(x):
            return x

    with refused("f: the parameters are ['width'], but those of the expression are []"):

        @formula(x, x)
        def f(x, width=1.0):
            return x

    with refused("f: every parameter needs a default, in f(x, width)"):

        @formula(x / width, x)
        def f(x, width):
            return x

    with refused("width must be a finite number > 0, got -1.0"):

        @formula(x / width, x)
        def f(x, width=-1.0):
            return x


@pytest.mark.parametrize(
    "expr", [sp.Max(0, x), sp.Min(x, 1), sp.Abs(x), x * sp.sign(x), sp.Heaviside(x)]
)
def test_a_kink_must_be_a_piecewise(expr):
    with refused(f"relu: write the kink in {expr} as a Piecewise"):

        @formula(expr, x)
        def relu(x):
            return x


def test_the_derivative_takes_the_same_arguments():
    gauss = bump()
    with refused("the derivative of gauss must take ['x', 'width'], takes ['x']"):

        @gauss.derivative
        def _(x):
            return x

    with refused("the derivative of gauss must take ['x', 'width'], takes ['x', 'height']"):

        @gauss.derivative
        def _(x, height):
            return x


def test_no_derivative_yet():
    @formula(x**2, x)
    def square(x):
        return x**2

    assert square(3) == 9
    with refused("square has no derivative yet: write @square.derivative"):
        square.grad(3)
    with refused("square has no derivative yet"):
        square.verify()


def test_a_body_must_keep_the_shape():
    @formula(sp.Integer(1), x)
    def one(x):
        return 1.0

    with refused("one: the body gave shape () for an input of shape (2,)"):
        one([1, 2])
    assert one(5) == 1


def test_an_underflow_is_an_answer_and_an_overflow_is_not():
    @formula(sp.exp(x), x)
    def exponential(x):
        return np.exp(x)

    with np.errstate(all="raise"):
        assert exponential(-1e4) == 0
        with pytest.raises(FloatingPointError):
            exponential(1e4)


def test_the_verification_prints_what_it_checked_and_no_last_digits():
    verification = bump().verify()
    assert verification
    assert str(verification) == repr(verification)
    assert str(verification) == (
        "gauss                 error ≤  points  agrees\n"
        "value                   1e-12     433  ✓\n"
        "derivative by hand      1e-12     433  ✓\n"
        "autodiff                1e-12     433  ✓\n"
        "central differences     1e-07     433  ✓\n"
        "all ways agree"
    )
    page = verification._repr_html_()
    assert page.startswith('<table class="nn-fourway"><caption>all ways agree</caption>')
    assert '<th scope="row">derivative by hand</th><td>1e-12</td><td>433</td><td>✓</td>' in page
    assert page.count("<tr>") == 5 and page.endswith("</table>")
    assert '<th scope="col">gauss</th><th scope="col">error ≤</th>' in page


def test_a_way_that_fails_says_how_far_off_and_where():
    gauss = bump()

    @gauss.derivative
    def _(x, width):
        exact = -2 * x / width * np.exp(-(x**2) / width)
        return np.where(x == 2, exact + 0.5, exact)

    verification = gauss.verify()
    assert not verification
    assert verification.disagreeing == ["derivative by hand"]
    assert verification.odd_one_out == "derivative by hand"
    value, by_hand, autodiff, differences = verification.ways
    assert value.agrees and autodiff.agrees and differences.agrees and not by_hand.agrees
    assert by_hand.where == 2
    assert by_hand.error == pytest.approx(0.5 / (2 * np.exp(-2)))
    assert "derivative by hand      1e-12     433  ✗ 1.8e+00 at x = 2\n" in str(verification)
    assert str(verification).endswith("the odd one out: derivative by hand")
    assert "<td>✗ 1.8e+00 at x = 2</td>" in verification._repr_html_()


def test_the_errors_are_kept_in_the_ways():
    for way in bump().verify().ways:
        assert 0 < way.error <= way.tolerance
        assert type(way.error) is float and -1e4 <= way.where <= 1e4


def test_verification_with_other_parameters():
    gauss = bump()
    assert gauss.verify(width=0.5)

    @gauss.derivative
    def _(x, width):
        return -x * np.exp(-(x**2) / width)  # right for width 2 only

    assert gauss.verify()
    assert not gauss.verify(width=3)


def test_an_expression_that_is_not_real_everywhere_does_not_agree():
    @formula(sp.sqrt(x), x)
    def root(x):
        return np.sqrt(x)

    @root.derivative
    def _(x):
        return 1 / (2 * np.sqrt(x))

    verification = root.verify()
    assert verification.disagreeing == [way.name for way in verification.ways]
    assert np.isnan(verification.ways[0].error)


@pytest.mark.parametrize("seam", [-3, sp.Rational(3, 32)])
def test_the_seams_are_among_the_points_but_not_of_the_differences(seam):
    at = float(seam)

    @formula(sp.Piecewise((2 * x, x > seam), (x + seam, True)), x)
    def bent(x):
        return np.where(x > at, 2 * x, x + at)

    @bent.derivative
    def _(x):
        return np.where(x > at, 2, 1)

    smooth = bent.verify()
    assert smooth
    points = {way.name: way.points for way in smooth.ways}
    assert points["value"] == points["derivative by hand"]
    assert points["autodiff"] == points["value"] - 1
    # The seam itself and the two points at 1e-8 of it.
    assert points["central differences"] == points["value"] - 3

    @bent.derivative
    def _(x):
        return np.where(x == at, 1.5, np.where(x > at, 2, 1))

    at_the_seam = bent.verify()
    assert at_the_seam.disagreeing == ["derivative by hand"]
    assert at_the_seam.ways[1].where == at


@pytest.mark.parametrize("offset", [-1e-3, -1e-8, 0, 1e-8, 1e-3])
def test_points_beside_a_seam(offset):
    seam = sp.Rational(3, 32)

    @formula(sp.Piecewise((2 * x, x > seam), (x + seam, True)), x)
    def bent(x):
        return np.where(x > 3 / 32, 2 * x, x + 3 / 32)

    @bent.derivative
    def _(x):
        wrong = np.abs(x - (3 / 32 + offset)) < 1e-9
        return np.where(wrong, 7, np.where(x > 3 / 32, 2, 1))

    assert bent.verify().disagreeing == ["derivative by hand"]


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("decade", range(-8, 4))
def test_no_decade_of_arguments_goes_unseen(sign, decade):
    @formula(x**2, x)
    def square(x):
        return x**2

    @square.derivative
    def _(x):
        inside = (sign * x > 1.001 * 10.0**decade) & (sign * x < 9.999 * 10.0**decade)
        return 2 * x + inside

    assert square.verify().disagreeing == ["derivative by hand"]


def test_where_digits_cancel_the_truth_is_found_with_more_of_them():
    @formula((1 + sp.erf(x)) / 2, x)
    def below(x):
        return erfc(-x) / 2

    @below.derivative
    def _(x):
        return np.exp(-(x**2)) / np.sqrt(np.pi)

    assert below.verify()
    with np.errstate(all="raise"):  # e^-x² underflows, which is no error
        assert below.verify()


def test_the_steps_of_central_differences():
    seen = []

    @formula(x**2, x)
    def square(x):
        seen.append(np.ravel(getattr(x, "value", x)))
        return x**2

    square.derivative(lambda x: 2 * x)
    assert square.verify()
    points = grid([])
    h = 1e-5 * np.maximum(1, np.abs(points))
    for step in (h, -h):
        assert np.isin(points + step, np.concatenate(seen)).all()


@pytest.mark.parametrize("error", [0.5e-7, 1.5e-7])
def test_the_tolerance_of_central_differences(error):
    @formula(x, x)
    def nearly(x):
        return x * (1 + error)

    nearly.derivative(lambda x: np.ones_like(x))
    assert ("central differences" in nearly.verify().disagreeing) == (error > 1e-7)

    @formula(sp.Piecewise((2 * x, x > 0), (0, True)), x)
    def half(x):  # function and derivative agree, so the expression is wrong
        return np.where(x > 0, x, 0)

    half.derivative(lambda x: np.where(x > 0, 1 + error, 0))
    assert half.verify().odd_one_out == ("expression" if error < 1e-7 else None)


def test_a_seam_may_depend_on_a_parameter():
    @formula(sp.Piecewise((x**2 / 2, x**2 <= width**2), (width * (x - width / 2), x > 0),
                          (-width * (x + width / 2), True)), x)  # fmt: skip
    def huber(x, width=1.0):
        a = np.where(x > 0, x, -x)
        return np.where(a <= width, a * a / 2, width * (a - width / 2))

    @huber.derivative
    def _(x, width):
        return np.clip(x, -width, width)

    assert huber.verify()
    assert huber.verify(width=0.3)
    assert list(huber._kinks({"width": 0.3})) == [-0.3, 0, 0.3]


# Recorded ---------------------------------------------------------------------------------------


def odd_rule():
    """A cube with a wrong derivative, so that it shows which one is taken."""

    @formula(width * x**3, x)
    def cube(x, width=2.0):
        return width * x**3

    @cube.derivative
    def _(x, width):
        return width * x**2

    return cube


def test_a_tensor_goes_by_the_derivative_by_hand():
    cube, t = odd_rule(), Tensor([[1.0, 2.0, -3.0]])
    y = cube(t)
    assert type(y) is Tensor and y.function is cube and y.parents == (t,)
    assert np.array_equal(y.value, cube(t.value))
    y.backward([[1, 10, 100]])
    assert np.array_equal(t.grad, [[2, 80, 1800]])
    assert grad(cube)(5.0) == cube.grad(5.0) == 50
    assert grad(cube.fn)(5.0, 2.0) == 150


@pytest.mark.parametrize("call", [
    lambda f, t: f(t, 4), lambda f, t: f(t, width=4), lambda f, t: f(x=t, width=np.float32(4)),
])  # fmt: skip
def test_a_tensor_with_a_parameter(call):
    cube, gauss = odd_rule(), bump()
    assert grad(lambda t: call(cube, t))(3.0) == cube.grad(3.0, 4) == 36
    assert call(cube, Tensor(3.0)).options == {"width": 4.0}
    assert check_gradients(lambda t: call(gauss, t), np.array([-1.0, 0.5, 3.0])) < 1e-8
    assert call(gauss, Tensor(2.0)).value == np.exp(-1)


def test_a_tensor_by_name():
    assert grad(lambda t: odd_rule()(x=t))(3.0) == 18


def test_higher_derivatives():
    gauss, at = bump(), np.array([-2.0, 0.0, 0.7])
    for order, exact in ((2, sp.diff(gauss.dexpr, x)), (3, sp.diff(gauss.dexpr, x, 2))):
        wanted = [float(exact.subs({x: sp.Rational(v), width: 2})) for v in at]
        f = gauss
        for _ in range(order):
            f = each(f)
        np.testing.assert_allclose(f(at), wanted, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(each(gauss.grad)(at), each(each(gauss))(at), rtol=1e-14)
    hessian = jacobian(grad(lambda t: np.sum(gauss(t))))(at)
    np.testing.assert_allclose(hessian, np.diag(each(gauss.grad)(at)), rtol=1e-13, atol=1e-16)


def each(f):
    """The elementwise derivative of an elementwise f."""
    return grad(lambda t: np.sum(f(t)))


def test_a_formula_inside_a_formula_goes_by_its_rule():
    cube = odd_rule()

    @formula(2 * x**3 + x, x)
    def more(x):
        return cube(x) + x

    assert grad(more.fn)(3.0) == cube.grad(3.0) + 1


def test_without_a_derivative_the_body_is_recorded():
    @formula(x**2, x)
    def square(x):
        return x**2

    assert grad(square)(3.0) == 6
    assert square(Tensor(3.0)).function is np.power


def test_tensors_are_checked_as_arrays_are():
    gauss, t = bump(), Tensor([1.0, 2.0])
    with refused("width must be a finite number > 0, got -1"):
        gauss(t, width=-1)
    with refused("width must be a finite number > 0, got Tensor(1.5)"):
        gauss(1.0, width=Tensor(1.5))
    with refused("cannot be called like this: too many positional arguments"):
        gauss(t, 2, 3)
    for bad in ([t, t], [Tensor(1.0)]):
        with pytest.raises((TypeError, ValueError)):
            gauss(bad)


def test_a_recorded_body_must_keep_the_shape():
    @formula(2 * x, x)
    def twice(x):
        return np.sum(2 * x)

    @twice.derivative
    def _(x):
        return np.float64(2)

    message = "twice: the body gave shape () for an input of shape (2,)"
    with refused(message):
        twice(Tensor([1.0, 2.0]))
    with refused(message):
        twice.grad(Tensor([1.0, 2.0]) * 1)
    y = twice(Tensor([1.0]).reshape(()))
    y.backward()
    assert y.parents[0].grad == 2

    @formula(2 * x, x)
    def double(x):
        return 2 * x

    double.derivative(lambda x: np.float64(2))
    with refused("double: the body gave shape () for an input of shape (2,)"):
        np.sum(double(Tensor([1.0, 2.0]))).backward()


def test_whole_numbers_from_a_body_are_floats():
    @formula(sp.Piecewise((1, x > 0), (0, True)), x)
    def step(x):
        return np.where(x > 0, 1, 0)

    step.derivative(lambda x: np.zeros_like(x))
    assert step(Tensor([1.0, -1.0])).value.dtype == np.float64
    assert each(step)(np.array([1.0, -1.0])).dtype == np.float64


@np.errstate(all="raise")
def test_an_underflow_is_an_answer_in_a_recorded_call_too():
    gauss, t = bump(), Tensor(1e3)
    y = gauss(t)
    assert y.value == 0
    y.backward()
    assert t.grad == 0


def test_the_arrays_given_stay_writable():
    a = np.array([1.0, 2.0])
    bump()(Tensor(a))
    each(bump())(a)
    a[0] = 5


def test_a_derivative_that_is_constant_has_derivative_0():
    @formula(2 * x, x)
    def double(x):
        return 2 * x

    double.derivative(lambda x: 2)
    slope = double.grad(Tensor(3.0))
    assert slope == 2 and type(slope) is np.float64
    assert grad(double)(3.0) == 2 and grad(grad(double))(3.0) == grad(double.grad)(3.0) == 0


def test_a_body_gets_its_parameters_as_floats():
    @formula(x + shift, x)
    def shifted(x, shift=fractions.Fraction(1, 4)):
        assert type(shift) is float
        return x + shift

    shifted.derivative(lambda x, shift: np.ones_like(x))
    for result in (shifted(1), shifted(1, shift=1 / 4), shifted(Tensor(1.0)).value):
        assert result == 1.25
    assert shifted.defaults == {"shift": 0.25} and shifted.verify()


def test_a_verification_names_the_parameters_that_were_given():
    assert str(elu.verify(alpha=1.673)).startswith("elu(alpha=1.673)")
    assert str(elu.verify()).startswith("elu ")


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((None, x, np.exp), "expr"), ((sp.exp(x), [1], np.exp), "symbol"), ((sp.exp(x), x, 3), "fn")],
)
def test_what_is_no_formula_is_refused(arguments, name):
    with pytest.raises(ValueError, match=f"{name} must be"):
        Formula(*arguments)


def test_what_is_no_derivative_is_refused():
    with pytest.raises(ValueError, match="dfn must be"):
        formula(sp.exp(x), x)(lambda x: np.exp(x)).derivative(None)
