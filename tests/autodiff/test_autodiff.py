"""The engine against central differences, closed forms and SymPy; every rule; what it refuses."""

import copy
import functools
import gc
import operator
import pickle
import re
import sys
import weakref
from collections import namedtuple

import hypothesis.extra.numpy as hnp
import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erf, erfc, expit

from nnbook import autodiff
from nnbook.autodiff import (
    Tensor,
    apply,
    check_gradients,
    grad,
    jacobian,
    value_and_grad,
    with_rule,
)
from nnbook.autodiff.rules import (
    LIST_RULES,
    QUESTIONS,
    RULES,
    WRITTEN_OUT,
    log_abs_det,
    log_sum_exp,
    scatter,
)

RNG = np.random.default_rng(1)
M = RNG.normal(size=(3, 4))  # no ties, no zeros
N = RNG.normal(size=(3, 4))
P = RNG.uniform(0.3, 0.9, size=(3, 4))  # positive, below 1
ROW = RNG.normal(size=4)
COLUMN = RNG.normal(size=(3, 1))
STACK = RNG.normal(size=(2, 3, 4))
MASK = np.array([[True, False, True, True]] * 3)
ZEROS = M * [[1, 1, 1, 1], [1, 0, 1, 1], [0, 1, 0, 1]]
SQUARES = RNG.normal(size=(2, 3, 3)) + 2 * np.eye(3)
TWICE = np.array([0, 2, 0, 1])  # a repeated index


def options(function, **given):
    return functools.partial(function, **given)


def listed(function, **given):
    return lambda *xs: function(list(xs), **given)


unary = {
    np.negative: M, np.positive: M, np.square: M, np.sqrt: P, np.reciprocal: P, np.exp: M,
    np.exp2: M, np.expm1: M, np.log: P, np.log2: P, np.log10: P, np.log1p: P, np.sin: M,
    np.cos: M, np.tan: P, np.arcsin: P, np.arccos: P, np.arctan: M, np.sinh: M, np.cosh: M,
    np.tanh: M, expit: M, erf: M, erfc: M, np.absolute: M,
}  # fmt: skip
binary = (np.add, np.subtract, np.multiply, np.hypot, np.logaddexp, np.maximum, np.minimum)
reductions = (np.max, np.min, np.amax, np.amin)
steps = (np.sign, np.floor, np.ceil)

# Calls that exercise each rule: (a function of arrays, the arrays). No kinks and no ties here.
CASES = {
    **{f: [(f, x), (f, x[0, 0])] for f, x in unary.items()},
    **{f: [(f, M, N), (f, M, ROW), (f, COLUMN, ROW), (f, M[0, 0], N)] for f in binary},
    np.divide: [(np.divide, M, P), (np.divide, ROW, P), (np.divide, M, P[:, :1])],
    np.power: [
        (np.power, P, M),
        (np.power, P[:, :1], ROW),
        *((options(lambda x, n: x**n, n=n), M) for n in (0, 1, 2, 3, np.array([0, 1, 2, 3]))),
        (lambda x: x**-1, P),
        (options(lambda x, n: n**x, n=2), M),
    ],
    np.where: [(functools.partial(np.where, MASK), x, y) for x, y in ((M, N), (ROW, COLUMN))],
    **{f: [(lambda x, f=f: f(x) * x, M)] for f in steps},
    np.heaviside: [(lambda x, y: np.heaviside(x, y) * x + y, M, N)],
    **{
        f: [
            (options(f, axis=a, keepdims=k), STACK)
            for a, k in ((None, True), (-1, True), (1, False))
        ]
        + [(f, STACK), (options(f, axis=(0, 2)), STACK), (lambda x, f=f: f(x, 1), STACK)]
        for f in (np.sum, np.mean, np.var, np.std, *reductions)
    },
    np.cumsum: [(np.cumsum, M), (options(np.cumsum, axis=0), M), (lambda x: np.cumsum(x, -1), M)],
    np.matmul: [
        (np.matmul, M, N.T),
        (lambda x, y: x @ y.T, M, N),
        (np.matmul, M, ROW),
        (np.matmul, COLUMN[:, 0], M),
        (np.matmul, ROW, M[0]),
        (np.matmul, STACK, N.T),
        (np.matmul, M[:, :3], STACK),
        (np.matmul, STACK, ROW),
        (np.matmul, COLUMN[:, 0], STACK),
        (np.matmul, STACK, np.swapaxes(STACK, 1, 2)),
        (lambda x, y: np.sum(x @ y), M, N.T),
    ],
    np.dot: [(np.dot, M, N.T), (np.dot, M, ROW), (np.dot, M, 2.5), (np.dot, STACK, ROW)],
    np.einsum: [
        (functools.partial(np.einsum, "ij,kj->ik"), M, N),
        (functools.partial(np.einsum, "ij,kj"), M, N),
        (functools.partial(np.einsum, "ij,kl->k"), M, N),
        (functools.partial(np.einsum, "ij,ij->"), M, N),
        (functools.partial(np.einsum, "nij, j -> jn"), STACK, ROW),
        (functools.partial(np.einsum, "ij,ij->ij"), M, COLUMN),
        (functools.partial(np.einsum, "ij,ij->i"), COLUMN, M),
        (functools.partial(np.einsum, "ij->j"), M),
        (functools.partial(np.einsum, "ij,jk,lk->il"), M, N.T, N[:, :3]),
        (functools.partial(np.einsum, "ij,j,i"), M, ROW, COLUMN[:, 0]),
        *((functools.partial(np.einsum, s), SQUARES[0]) for s in ("ii", "ii->i", "ii->ii"[:4])),
        *((functools.partial(np.einsum, s), SQUARES[0], SQUARES[1]) for s in ("ii,ij->j", "ij,jj")),
        (functools.partial(np.einsum, "nii->n"), SQUARES),
        (functools.partial(np.einsum, "iii,i->i"), SQUARES[0] * np.ones((3, 1, 1)), COLUMN[:, 0]),
    ],
    np.outer: [(np.outer, ROW, M)],
    np.inner: [(np.inner, M, N), (np.inner, ROW, STACK), (np.inner, M, 2.5), (np.inner, ROW, ROW)],
    np.tensordot: [
        (options(np.tensordot, axes=1), STACK, N.T),
        (np.tensordot, STACK, STACK[0].reshape(3, 4, 1)),
        (options(np.tensordot, axes=([2, 0], [-1, 1])), STACK, np.ones((3, 2, 4)) * ROW),
        (options(np.tensordot, axes=0), ROW, M),
        (options(np.tensordot, axes=(-1, 1)), M, N),
    ],
    np.kron: [(np.kron, M, COLUMN), (np.kron, ROW, M), (np.kron, M, STACK), (np.kron, 2.0, ROW)],
    np.prod: [
        (np.prod, M),
        (np.prod, ZEROS[:2]),
        (options(np.prod, axis=1), ZEROS[:2]),
        (options(np.prod, axis=(2, 0), keepdims=True), STACK),
        (lambda x: x.prod(-1), STACK),
        (np.prod, 2.0),
    ],
    np.cumprod: [
        (np.cumprod, ZEROS),
        (options(np.cumprod, axis=0), ZEROS),
        (lambda x: x.cumprod(1), STACK),
        (np.cumprod, 2.0),
    ],
    np.linalg.norm: [
        (np.linalg.norm, M),
        (np.linalg.norm, STACK),
        (options(np.linalg.norm, axis=1), M),
        (options(np.linalg.norm, axis=(0, 2), keepdims=True), STACK),
        (options(np.linalg.norm, ord="fro", axis=(2, 1)), STACK),
        *((options(np.linalg.norm, ord=p, axis=-1), M) for p in (1, 2, 3, 1.5, np.inf, -np.inf)),
        (lambda x: np.linalg.norm(x, 3, 0, True), M),
        (options(np.linalg.norm, ord=1), ROW),
        *((options(np.linalg.norm, ord=p), M) for p in (1, -1, np.inf, -np.inf)),
        (options(np.linalg.norm, ord=-1, axis=(2, 0)), STACK),
    ],
    np.linalg.solve: [
        (np.linalg.solve, SQUARES[0], M),
        (np.linalg.solve, SQUARES, M),
        (np.linalg.solve, SQUARES, COLUMN[:, 0]),
        (np.linalg.solve, SQUARES[1], STACK),
    ],
    np.linalg.inv: [(np.linalg.inv, SQUARES)],
    np.linalg.det: [(np.linalg.det, SQUARES), (np.linalg.det, SQUARES[0])],
    np.linalg.slogdet: [(lambda x: np.linalg.slogdet(x).logabsdet, SQUARES)],
    log_abs_det: [(log_abs_det, SQUARES), (log_abs_det, SQUARES[0])],
    log_sum_exp: [
        (np.logaddexp.reduce, M),
        (options(np.logaddexp.reduce, axis=None), STACK),
        (lambda x: np.logaddexp.reduce(x, -1, keepdims=True), STACK),
        (log_sum_exp, ROW),
    ],
    np.trace: [
        (np.trace, M),
        (options(np.trace, offset=1, axis1=2, axis2=0), STACK),
        (lambda x: x.trace(-1), M),
    ],
    np.diag: [(np.diag, ROW), (np.diag, M), (options(np.diag, k=-1), ROW), (np.diag, M[:0, 0])],
    np.diagonal: [(np.diagonal, M), (options(np.diagonal, offset=1, axis1=1, axis2=2), STACK)],
    np.tril: [(np.tril, M), (options(np.tril, k=1), STACK)],
    np.triu: [(np.triu, M), (options(np.triu, k=-1), STACK)],
    np.sort: [(np.sort, M), (options(np.sort, axis=0), M), (options(np.sort, axis=None), STACK)],
    np.fliplr: [(np.fliplr, M)],
    np.flipud: [(np.flipud, M)],
    np.rot90: [(np.rot90, M), (options(np.rot90, k=3, axes=(2, 0)), STACK)],
    np.roll: [
        (options(np.roll, shift=2), M),
        (options(np.roll, shift=(1, -2), axis=(0, 1)), M),
        (lambda x: np.roll(x, 1, 1), M),
    ],
    np.repeat: [
        (options(np.repeat, repeats=2), M),
        (options(np.repeat, repeats=[2, 0, 1], axis=0), M),
        (lambda x: x.repeat(3, 1), M),
        (options(np.repeat, repeats=3), 2.0),
    ],
    np.tile: [(options(np.tile, reps=(2, 1, 3)), M), (options(np.tile, reps=2), M)],
    np.pad: [
        (options(np.pad, pad_width=1), M),
        (options(np.pad, pad_width=((1, 2), (0, 3)), constant_values=4.5), M),
        *(
            (options(np.pad, pad_width=2, mode=mode), M)
            for mode in ("edge", "reflect", "symmetric")
        ),
        (options(np.pad, pad_width=2, mode="wrap"), M),
    ],
    np.full_like: [(np.full_like, M, 2.5), (np.full_like, M, ROW)],
    np.reshape: [(options(np.reshape, shape=(2, 6)), M), (lambda x: np.reshape(x, -1), M)],
    np.ravel: [(np.ravel, M)],
    np.squeeze: [(np.squeeze, COLUMN), (options(np.squeeze, axis=1), COLUMN)],
    np.expand_dims: [
        (options(np.expand_dims, axis=1), M),
        (options(np.expand_dims, axis=(0, -1)), M),
    ],
    np.transpose: [
        (np.transpose, STACK),
        (options(np.transpose, axes=(1, 2, 0)), STACK),
        (lambda x: np.transpose(x, (-1, 0, 1)), STACK),
    ],
    np.swapaxes: [(options(np.swapaxes, axis1=0, axis2=2), STACK)],
    np.moveaxis: [
        (options(np.moveaxis, source=0, destination=-1), STACK),
        (options(np.moveaxis, source=(0, 1), destination=(2, 0)), STACK),
    ],
    np.flip: [(np.flip, M), (options(np.flip, axis=1), M)],
    np.broadcast_to: [
        (options(np.broadcast_to, shape=(2, 3, 4)), x) for x in (M, ROW, COLUMN, 2.5)
    ],
    operator.getitem: [
        (lambda x, i=i: x[i], STACK)
        for i in (
            *(0, -1, slice(None, None, 2), (0, 1, 2), (slice(None), 1), (..., 0), (0, None, 1)),
            *(
                TWICE[:2] // 2,
                [0, 1, 0],
                ([0, 0, 1], slice(None), [1, 1, 2]),
                STACK > 0,
                (0, M > 0),
            ),
            *(np.int64(1), [], ([0], [0])),
        )
    ],
    scatter: [
        (options(scatter, index=TWICE, shape=(5,)), ROW),
        (lambda x: scatter(x, 1, (2, 4)), ROW),
    ],
    np.take: [(options(np.take, indices=TWICE), M), (options(np.take, indices=[1, 1], axis=-1), M)],
    np.take_along_axis: [
        (options(np.take_along_axis, indices=np.array([[1], [1], [3]]), axis=1), M),
        (options(np.take_along_axis, indices=TWICE, axis=None), M),
    ],
    np.concatenate: [
        (listed(np.concatenate), M, N, ROW[None]),
        (listed(np.concatenate, axis=-1), M, COLUMN, N),
        (listed(np.concatenate, axis=None), M, ROW),
        (listed(np.concatenate, axis=None), ROW, M, COLUMN),
        (lambda x: np.concatenate((x, x, N), 1), M),
    ],
    np.stack: [
        (listed(np.stack), M, N),
        (listed(np.stack, axis=-1), M, N),
        (listed(np.stack), 1.0, 2),
    ],
    np.vstack: [(listed(np.vstack), M, ROW)],
    np.hstack: [(listed(np.hstack), M, COLUMN), (listed(np.hstack), ROW, ROW)],
    np.clip: [
        (lambda x: np.clip(x, -0.5, 0.5), M),
        (lambda x, low: np.clip(x, low, None), M, ROW),
        (options(np.clip, a_max=0.5, a_min=-0.5), M),
        (lambda x: x.clip(max=0.1), M),
    ],
    np.copy: [(np.copy, M), (lambda x: x.copy(), ROW)],
    np.select: [(lambda x, y: np.select([MASK, M > 0], [x, y * y], 3.0), M, N)],
}
EACH_CASE = [
    pytest.param(*case, id=f"{f.__name__}-{i}")
    for f, cases in CASES.items()
    for i, case in enumerate(cases)
]


def refused(kind, text):
    return pytest.raises(kind, match=re.escape(text))


def test_every_rule_has_its_cases():
    assert set(CASES) == {*RULES, *LIST_RULES, *WRITTEN_OUT}


@pytest.mark.parametrize("case", [pytest.param(p.values, id=p.id) for p in EACH_CASE])
def test_rules_against_central_differences(case):
    f, *args = case
    plain = f(*args)
    recorded = f(*map(Tensor, args))
    assert type(recorded) is Tensor
    assert recorded.shape == np.shape(plain)
    np.testing.assert_allclose(recorded.value, plain, rtol=1e-14, atol=1e-14)
    assert check_gradients(f, *args) < 1e-7


@pytest.mark.parametrize("case", [pytest.param(p.values, id=p.id) for p in EACH_CASE])
def test_second_derivatives_against_central_differences(case):
    f, *args = case
    rng = np.random.default_rng(3)
    weights = rng.normal(size=np.shape(f(*args)))
    every = tuple(range(len(args)))
    first = grad(lambda *xs: np.sum(weights * np.sin(f(*xs))), every)
    second = [rng.normal(size=np.shape(x)) for x in args]
    check_gradients(
        lambda *xs: sum(np.sum(w * g) for w, g in zip(second, first(*xs), strict=True)), *args
    )


def places():
    for f, rules in RULES.items():
        for i, rule in enumerate(rules):
            if rule is not None:
                yield pytest.param(f, i, id=f"{f.__name__}-{i}")


def wrong(rule):
    @functools.wraps(rule)
    def off_by_a_little(*args, **given):
        return rule(*args, **given) * 1.00001 + 1e-5

    return off_by_a_little


@pytest.mark.parametrize("function, place", list(places()))
def test_a_slightly_wrong_rule_is_caught(function, place, monkeypatch):
    rules = list(RULES[function])
    rules[place] = wrong(rules[place])
    monkeypatch.setitem(RULES, function, rules)
    caught = 0
    for f, *args in CASES[function]:
        try:
            check_gradients(f, *args)
        except ValueError as error:
            assert "is wrong by" in str(error)
            caught += 1
    assert caught


@pytest.mark.parametrize("function", [pytest.param(f, id=f.__name__) for f in LIST_RULES])
def test_a_slightly_wrong_rule_of_a_list_is_caught(function, monkeypatch):
    right = LIST_RULES[function]
    autodiff._of_list.cache_clear()
    monkeypatch.setitem(LIST_RULES, function, lambda i: wrong(right(i)))
    for f, *args in CASES[function]:
        with refused(ValueError, "is wrong by"):
            check_gradients(f, *args)
    autodiff._of_list.cache_clear()


# Random graphs ---------------------------------------------------------------------------------

SMOOTH = (np.sin, np.tanh, np.arctan, lambda x: np.exp(np.sin(x)), lambda x: -x, lambda x: x**2 / 9)
COMBINED = (
    operator.add,
    operator.sub,
    lambda x, y: np.sin(x) * y,
    lambda x, y: x / (2 + np.cos(y)),
    lambda x, y: np.where(np.sin(3 * M[0, 0]) > 0, x, y),
    np.logaddexp,
)
RESHAPED = (
    lambda x: np.sum(x, axis=tuple(range(x.ndim))[:1], keepdims=True),
    lambda x: np.mean(x),
    lambda x: x[..., ::-1] if x.ndim else x,
    lambda x: x * 1.0,
    lambda x: np.reshape(np.concatenate([np.ravel(x), np.ravel(x)]), (2, *x.shape))[1],
    lambda x: np.broadcast_to(x, (2, *x.shape))[0],
)


@st.composite
def programs(draw):
    """Shapes that broadcast against one another, and steps on what has been computed so far."""
    shapes = draw(hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3))
    steps = []
    for i in range(3, 3 + draw(st.integers(1, 8))):
        kind = draw(st.sampled_from((SMOOTH, COMBINED, COMBINED, RESHAPED)))
        f = draw(st.sampled_from(kind))
        operands = draw(st.lists(st.integers(0, i - 1), min_size=2, max_size=2))
        steps.append((f, operands[: 2 if kind is COMBINED else 1]))
    return shapes.input_shapes, steps, draw(st.integers(0, 2**32 - 1))


@settings(max_examples=150)
@given(programs())
def test_random_graphs_against_central_differences(program):
    shapes, steps, seed = program
    rng = np.random.default_rng(seed)

    def run(*inputs):
        pool = list(inputs)
        for f, operands in steps:
            pool.append(f(*(pool[i] for i in operands)))
        return sum(np.sum(np.tanh(x)) for x in pool)

    check_gradients(run, *(rng.uniform(-1, 1, shape) for shape in shapes), rng=rng)


X, Y = sp.symbols("x y", real=True)


def expressions():
    def larger(smaller):
        return st.one_of(
            st.builds(sp.Add, smaller, smaller),
            st.builds(sp.Mul, smaller, smaller),
            st.builds(lambda a, b: a / (2 + b**2), smaller, smaller),
            st.builds(
                lambda f, a: f(a), st.sampled_from((sp.sin, sp.cos, sp.tanh, sp.atan)), smaller
            ),
            st.builds(lambda a: sp.exp(-(a**2)), smaller),
            st.builds(lambda a: sp.log(2 + sp.sin(a)), smaller),
            st.builds(lambda a: sp.sqrt(1 + a**2), smaller),
            st.builds(lambda a, b: sp.Piecewise((a, X > Y), (b, True)), smaller, smaller),
        )

    leaves = st.sampled_from((X, Y, sp.Integer(2), sp.Rational(-1, 3)))
    return st.recursive(leaves, larger, max_leaves=6)


@settings(max_examples=100)
@given(expressions(), st.floats(-2, 2), st.floats(-2, 2))
def test_random_expressions_against_sympy(expr, x, y):
    if x == y:  # on the seam of a Piecewise SymPy takes one side's derivative
        y += 0.5
    f = sp.lambdify((X, Y), expr, "numpy")
    engine = grad(lambda x, y: f(x, y) + 0 * x, (0, 1))(x, y)
    at = {X: sp.Rational(x), Y: sp.Rational(y)}
    for symbol, computed in zip((X, Y), engine, strict=True):
        wanted = float(sp.diff(expr, symbol).subs(at).evalf(30))
        assert abs(computed - wanted) <= 1e-11 * max(1, abs(wanted))


# Closed forms ----------------------------------------------------------------------------------


@pytest.mark.parametrize("ord", [2, -2, "nuc"])
def test_norms_by_singular_values(ord):
    assert check_gradients(options(np.linalg.norm, ord=ord), M) < 1e-8
    assert check_gradients(options(np.linalg.norm, ord=ord, axis=(2, 0)), STACK) < 1e-8
    with refused(TypeError, "np.linalg.svd has no derivative rule"):
        jacobian(grad(options(np.linalg.norm, ord=ord)))(M)


def test_softmax_cross_entropy():
    labels = np.array([1, 0, 3])

    def loss(z):
        shifted = z - np.max(z, axis=1, keepdims=True)
        log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
        return -np.mean(log_p[np.arange(3), labels])

    p = np.exp(M) / np.sum(np.exp(M), axis=1, keepdims=True)
    wanted = (p - np.eye(4)[labels]) / 3
    np.testing.assert_allclose(grad(loss)(M), wanted, rtol=0, atol=1e-15)


def test_least_squares():
    def loss(w):
        return np.sum((M @ w - COLUMN[:, 0]) ** 2) / 2

    value, gradient = value_and_grad(loss)(ROW)
    assert type(value) is np.float64 and abs(value - loss(ROW)) < 1e-14
    np.testing.assert_allclose(gradient, M.T @ (M @ ROW - COLUMN[:, 0]), rtol=1e-14)
    np.testing.assert_allclose(jacobian(grad(loss))(ROW), M.T @ M, rtol=1e-13)


def test_reused_nodes_add_up():
    x = Tensor(3.0)
    y = x * x
    z = y * x + y  # x³ + x²
    z.backward()
    assert (x.grad, y.grad, z.grad) == (33, 4, 1)
    z.backward()
    assert x.grad == 33  # anew in every call
    assert z.parents[1] is y and y.parents == (x, x) and x.parents == ()
    assert (z.function, y.function, x.function) == (np.add, np.multiply, None)


def test_many_contributions_to_one_array():
    x = Tensor(M)
    total = x + x + x * 2 + x[:2].sum() + np.sum(x.T @ x)
    total.backward(np.ones((3, 4)))
    wanted = 4 + 12.0 * (np.arange(3) < 2)[:, None] + 24 * np.sum(M, axis=1, keepdims=True)
    np.testing.assert_allclose(x.grad, np.tile(wanted, 4), rtol=1e-13)


def test_a_gradient_under_way_is_not_written_to():
    x = Tensor([1.0, 2.0])
    y = x * 1
    z = x * 2
    np.sum(((x + y) + z) * 1.0).backward()  # x and y get one array, and x more, before y is done
    np.testing.assert_array_equal(y.grad, [1, 1])
    np.testing.assert_array_equal(x.grad, [4, 4])


def test_an_empty_mask_is_not_an_empty_list():
    t = Tensor(np.ones((0, 3)))
    assert t[np.ones((0, 3), bool)].shape == (0,)
    assert Tensor(M)[[]].shape == Tensor(M)[np.array([], int)].shape == (0, 4)


def test_ties_share_equally():
    shares = grad(np.max)(np.array([1.0, 3.0, 3.0, 3.0, 0.0]))
    np.testing.assert_array_equal(shares, [0, 1 / 3, 1 / 3, 1 / 3, 0])
    x = np.array([[2.0, 2.0], [1.0, 5.0]])
    shares = grad(lambda x: np.sum(np.min(x, axis=1)))(x)
    np.testing.assert_array_equal(shares, [[0.5, 0.5], [1, 0]])
    for f in (np.maximum, np.minimum):
        assert grad(f, (0, 1))(2.0, 2.0) == (0.5, 0.5)
    np.testing.assert_array_equal(
        grad(lambda x: np.sum(np.maximum(x, 0)))(np.array([-1.0, 0, 1])), [0, 0.5, 1]
    )
    np.testing.assert_array_equal(
        grad(lambda x: np.sum(np.clip(x, 0, 1)))(np.array([0.0, 0.5, 1])), [0.5, 1, 0.5]
    )


def test_conventions_at_kinks_and_edges():
    assert grad(np.abs)(0.0) == 0
    assert grad(np.sign)(0.0) == grad(np.floor)(1.0) == 0
    assert grad(lambda x: x**0)(0.0) == 0
    assert grad(lambda x: x**1)(0.0) == 1
    assert grad(lambda x: x**2)(0.0) == 0
    assert grad(lambda x, y: x**y, 1)(0.0, 2.0) == 0
    assert grad(np.heaviside, 1)(0.0, 0.5) == 1


def test_cotangent():
    x = Tensor([1.0, 2.0, 3.0])
    y = x**2
    y.backward([1, 0, -1])
    np.testing.assert_array_equal(x.grad, [2, 0, -6])
    ones, total = np.ones(3), np.sum(y)
    y.backward(ones)
    of_ones = x.grad
    total.backward()
    np.testing.assert_array_equal(x.grad, of_ones)
    with refused(ValueError, "cotangent must have the shape of the tensor, (3,), got shape (2,)"):
        y.backward([1, 2])


def test_backward_needs_a_scalar():
    with refused(
        ValueError, "this tensor has shape (2,): reduce it (sum, mean), or give a cotangent"
    ):
        (2 * Tensor([1.0, 2.0])).backward()
    with refused(ValueError, "a gradient needs a scalar result, <lambda> gave shape (2,)"):
        grad(lambda x: x * 2)([1.0, 2.0][0] * np.ones(2))


# Slopes where a rounded result would spoil them, and at the ends of the range -------------------


@pytest.mark.parametrize("far", [1e12, 1e15, 1e16, 1e300])
def test_logaddexp_of_large_numbers(far):
    assert grad(np.logaddexp, (0, 1))(far, far) == (0.5, 0.5)
    assert grad(np.logaddexp, (0, 1))(-far, far) == (0, 1)
    halves = grad(lambda x: np.logaddexp.reduce(x))(np.array([far, far, 0.0]))
    np.testing.assert_array_equal(halves, [0.5, 0.5, 0])


def test_logaddexp_of_infinities():
    inf = np.inf
    for x, y, slope in ((inf, 1, 1), (-inf, 1, 0), (inf, inf, 0.5), (-inf, -inf, 0.5)):
        assert grad(np.logaddexp, (0, 1))(x, y) == (slope, 1 - slope)
        np.testing.assert_array_equal(
            grad(lambda x: np.logaddexp.reduce(x))(np.array([x, y])), [slope, 1 - slope]
        )
    assert abs(grad(np.logaddexp)(1e15, 1e15 - 1) - expit(1)) < 1e-16


SLOPES = {  # the derivative, for mpmath
    np.expm1: (mpmath.exp, [-700, -30, -1e-9, 1e-9, 3]),
    np.tanh: (lambda x: mpmath.sech(x) ** 2, [-300, -15, 1e-9, 1, 15, 40]),
    expit: (lambda x: mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2, [-700, -40, 0, 40, 700]),
    np.arcsin: (lambda x: 1 / mpmath.sqrt(1 - x**2), [1 - 1e-12, -1 + 1e-9, 0.5]),
    np.arccos: (lambda x: -1 / mpmath.sqrt(1 - x**2), [1 - 1e-12, -1 + 1e-9, 0.5]),
    np.arctan: (lambda x: 1 / (1 + x**2), [1e-9, 1, 1e100, -1e150]),
    np.log1p: (lambda x: 1 / (1 + x), [-1 + 1e-12, 1e-20, 1e300]),
    np.log10: (lambda x: 1 / (x * mpmath.log(10)), [1e-300, 1e307]),
    np.sqrt: (lambda x: 1 / (2 * mpmath.sqrt(x)), [5e-324, 1e-300, 1e308]),
    np.reciprocal: (lambda x: -1 / x**2, [1e-150, 1e150]),
    np.tan: (lambda x: mpmath.sec(x) ** 2, [1.5707963, 1e-9, 100]),
    np.exp: (mpmath.exp, [-700, 700]),
    erfc: (lambda x: -2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-(x**2)), [-5, 3, 20]),
}


@pytest.mark.parametrize("f", [pytest.param(f, id=f.__name__) for f in SLOPES])
def test_slopes_have_all_their_digits(f):
    slope, places = SLOPES[f]
    with mpmath.workdps(50):
        for x in places:
            wanted = float(slope(mpmath.mpf(x)))
            assert abs(grad(f)(float(x)) - wanted) <= 1e-13 * abs(wanted)


@pytest.mark.parametrize("size", [5e-324, 1e-310, 1e-200, 1.0, 1e200, 1.2e308])
def test_lengths_at_the_ends_of_the_range(size):
    half = np.sqrt(0.5)
    np.testing.assert_allclose(grad(np.hypot, (0, 1))(size, -size), (half, -half), rtol=1e-15)
    with np.errstate(over="ignore"):  # NumPy's own value
        slope = grad(np.linalg.norm)(np.array([size, -size]))
        cubic = grad(lambda x: np.linalg.norm(x, 3))(np.array([size, -size]))
    np.testing.assert_allclose(slope, [half, -half], rtol=1e-15)
    np.testing.assert_allclose(cubic, [2 ** (-2 / 3), -(2 ** (-2 / 3))], rtol=1e-15)


def test_lengths_and_deviations_of_zero():
    assert grad(np.hypot, (0, 1))(0.0, 0.0) == (0, 0)
    assert grad(np.hypot, (0, 1))(np.inf, -3.0) == (1, 0)
    for ord in (None, 2, 3, np.inf, -np.inf):
        slope = grad(lambda x, p=ord: np.sum(np.linalg.norm(x, p, axis=1)))(
            np.array([[0.0, 0], [3, 0]])
        )
        np.testing.assert_array_equal(slope, [[0, 0], [0 if ord == -np.inf else 1, 0]])
    slope = grad(lambda x: np.sum(np.std(x, axis=1)))(np.array([[2.0, 2], [0.1, 0.5]]))
    np.testing.assert_allclose(slope, [[0, 0], [-0.5, 0.5]])
    with np.errstate(all="raise"):
        assert not np.any(grad(np.std)(np.full(3, 0.1)))  # whose mean rounds


@pytest.mark.parametrize("ord", [None, 3])
def test_curvature_beside_a_length_of_zero(ord):
    curvature = jacobian(grad(lambda x: np.sum(np.linalg.norm(x, ord, axis=1))))
    beside, alone = np.array([[0.0, 0], [3, 4]]), np.array([[3.0, 4]])
    with np.errstate(all="raise"):
        result = curvature(beside)
    assert np.all(np.isfinite(result))
    np.testing.assert_allclose(result[1, :, 1], curvature(alone)[0, :, 0], rtol=1e-14)


@pytest.mark.parametrize("ord", [0, 0.5, -1])
def test_what_is_no_norm_is_refused(ord):
    with refused(TypeError, f"for ord None, a number >= 1, inf and -inf, got ord={ord}"):
        np.linalg.norm(Tensor(ROW), ord)


def test_powers_of_zero_and_infinity():
    assert grad(lambda x: x**0)(np.inf) == grad(np.power)(np.inf, 0.0) == 0
    slope = grad(lambda x: np.sum(x ** np.array([0, 0, 1])))(np.array([np.inf, 0.0, 0.0]))
    np.testing.assert_array_equal(slope, [0, 0, 1])
    assert grad(np.power, (0, 1))(0.0, 0.0) == (0, 0)
    with np.errstate(invalid="ignore"):
        assert np.isnan(grad(np.power, 1)(-2.0, 2.0))  # x^y is no function of y for x < 0
    mixed = grad(lambda y: grad(np.power)(2.0, y))  # d/dy (y x^(y-1)) = x^(y-1) (1 + y log x)
    assert mixed(0.0) == 0.5
    assert abs(mixed(3.0) - 4 * (1 + 3 * np.log(2))) < 1e-14
    assert grad(grad(lambda x: np.hypot(x, 1.0)))(0.0) == 1


def test_products_with_zeros():
    np.testing.assert_array_equal(grad(np.prod)(np.array([0.0, 2, 3])), [6, 0, 0])
    np.testing.assert_array_equal(grad(np.prod)(np.array([0.0, 0, 3])), [0, 0, 0])
    np.testing.assert_array_equal(
        jacobian(np.cumprod)(np.array([2.0, 0, 3])), [[1, 0, 0], [0, 2, 0], [0, 6, 0]]
    )
    np.testing.assert_allclose(
        grad(np.linalg.det)(np.array([[1.0, 2], [2, 4]])), [[4, -2], [-2, 1]], atol=1e-14
    )
    assert grad(np.prod)(np.zeros(0)).shape == (0,)


@pytest.mark.parametrize("f", [np.sum, np.mean, np.var, np.std, np.prod, np.cumsum, np.cumprod])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_runs_forwards_runs_backwards(f):
    for shape in ((0, 3), (3, 0), (0,)):
        for axis in (None, 0, -1):
            try:
                gradient = grad(lambda x, a=axis: np.sum(f(x, axis=a)))(np.ones(shape))
            except ValueError as error:  # NumPy has no largest entry of none
                assert "zero-size" in str(error)
                continue
            assert gradient.shape == shape
    if f in (np.var, np.std):
        assert np.all(np.isnan(grad(lambda x: f(x, ddof=2))(np.ones(2))))


@pytest.mark.parametrize("f", [np.sum, np.max, np.min, np.prod, np.cumsum, np.cumprod])
def test_reductions_of_a_scalar_along_its_axis(f):
    assert grad(lambda x: np.sum(f(x, axis=0)))(2.0) == 1
    assert grad(lambda x: np.sum(f(x, axis=-1)))(2.0) == 1


# Arguments, structures, results ----------------------------------------------------------------

Layer = namedtuple("Layer", "w b")


def test_nested_arguments():
    def f(layers, scale):
        return scale * sum(np.sum(layer.w**2) + 3 * layer.b for layer in layers["all"])

    layers = {"all": [Layer(np.array([1.0, 2.0]), 1.0), Layer(np.array([[3]]), 2)]}
    value, (by_layers, by_scale) = value_and_grad(f, (0, 1))(layers, 2.0)
    assert value == 46 and by_scale == 23
    first, second = by_layers["all"]
    assert type(first) is Layer and isinstance(by_layers["all"], list)
    np.testing.assert_array_equal(first.w, [4, 8])
    np.testing.assert_array_equal(second.w, [[12]])
    assert first.b == second.b == 6
    assert grad(f, 1)(layers, 5) == 23
    assert grad(lambda x, *, n: x**n)(2.0, n=3) == 12
    assert check_gradients(lambda p: np.sum(p["a"] * p["b"][0]), {"a": M, "b": (N,)}) < 1e-8


def test_integers_are_converted():
    gradient = grad(lambda w: np.sum(w**2))(np.array([1, 2, 3]))
    assert gradient.dtype == np.float64
    np.testing.assert_array_equal(gradient, [2, 4, 6])
    assert Tensor([True, False]).dtype == Tensor(np.float32(1)).dtype == np.float64
    assert grad(lambda x: x * x)(3) == 6.0
    np.testing.assert_array_equal(
        grad(lambda x: np.sum(x ** np.array([0, 2], np.uint8)))(M[0, :2])[0], 0
    )


@pytest.mark.parametrize("value", ["1", None, 1j, object(), ["a"]])
def test_only_real_numbers(value):
    with refused(ValueError, "value must be an array of real numbers, got "):
        Tensor(value)
    with refused(
        ValueError, "each array in the arguments of <lambda> must be an array of real numbers, got "
    ):
        grad(lambda x: x)(value if not isinstance(value, list) else np.array(value))
    with refused(ValueError, "an operand of a tensor must be an array of real numbers, got "):
        Tensor(1.0) * value
    with refused(ValueError, "the result of <lambda> must be an array of real numbers"):
        grad(lambda x: value)(1.0)


def test_scalars_stay_scalars():
    x = Tensor(2)
    for y in (
        x,
        x + 1,
        np.sin(x),
        np.where(x > 0, x, 0),
        Tensor([1.0, 2])[0],
        np.sum(Tensor([1.0])),
    ):
        assert type(y.value) is np.float64
        y.backward()
        assert type(y.grad) is np.float64
    assert type(grad(lambda x: np.where(x > 0, x, 0))(1.0)) is np.float64


def test_gradients_are_arrays_of_their_own():
    a, b = np.ones(3), np.ones(3)
    by_a, by_b = grad(lambda a, b: np.sum(a + b), (0, 1))(a, b)
    for g in (by_a, by_b):
        assert g.flags.writeable and g.flags.owndata
    by_a += 1
    np.testing.assert_array_equal(by_b, 1)
    p, q = grad(lambda w: np.sum(w[0] + w[1]))([a, a])
    assert not np.shares_memory(p, q)
    p, q = grad(lambda w: np.sum(np.sin(w[0].ravel() + w[1].ravel())))([M, M])
    assert not np.shares_memory(p, q)
    kept = []
    g = grad(lambda w: (kept.append(w.T), np.sum(kept[0] * 2.0))[1])(M)
    kept[0].backward(np.ones((4, 3)))
    g[:] = 7
    np.testing.assert_array_equal(kept[0].value, M.T)
    half = grad(lambda w: np.sum(np.concatenate([w, w + 1]) * np.arange(4.0)))(np.ones(2))
    assert half.flags.owndata and half.tolist() == [2, 4]
    part = grad(lambda w: np.sum(np.concatenate([w, M[:, :2]]) * 2.0))(np.ones((1, 2)))
    assert part.base is None  # no view that keeps something larger alive
    assert not np.shares_memory(grad(lambda w: np.sum(w.T))(M), M)
    assert grad(lambda w: 0 * w[0])(np.ones(2)).tolist() == [0, 0]


def test_gradients_are_laid_out_for_speed():
    w = np.ones((5, 4))
    assert grad(lambda w: np.sum(np.sin(M @ w.T)))(w).flags.c_contiguous
    assert grad(lambda w: np.sum(np.sin(M @ w)))(w.T.copy()).flags.c_contiguous
    total = np.sum(Tensor(M) * 1.0)
    total.backward()
    assert 0 not in total.parents[0].grad.strides  # a number repeated, which BLAS cannot read


def test_a_constant_has_gradient_zero():
    value, gradient = value_and_grad(lambda x: 5)(np.ones((2, 2)))
    assert value == 5 and type(value) is np.float64
    np.testing.assert_array_equal(gradient, np.zeros((2, 2)))


def test_argnums():
    for argnums in (1, -1, (0, 2), "x", (0, 0)):
        with refused(ValueError, f"positions among the 1 positional arguments, got {argnums!r}"):
            grad(lambda x: x, argnums)(1.0)


def test_jacobian():
    np.testing.assert_array_equal(jacobian(lambda x: N @ x)(ROW), N)
    assert jacobian(lambda x: np.outer(x, x))(ROW).shape == (4, 4, 4)
    assert jacobian(lambda x: x[:0])(ROW).shape == (0, 4)
    np.testing.assert_array_equal(jacobian(lambda x: np.ones(2))(ROW), np.zeros((2, 4)))
    with refused(ValueError, "jacobian takes the derivative by one array, got several"):
        jacobian(lambda p: p[0])([1.0, 2.0])


def test_higher_derivatives():
    def cube(x):
        return x**3

    assert (grad(grad(cube))(2.0), grad(grad(grad(cube)))(2.0)) == (12, 6)
    a = M[:, :3]
    np.testing.assert_allclose(jacobian(grad(lambda x: x @ a @ x))(M[:, 3]), a + a.T, rtol=1e-13)
    # d/dx (x · d/dy (x y)) = d/dx (x · x) = 2x: the inner derivative sees y alone.
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6
    assert value_and_grad(lambda x: value_and_grad(cube)(x)[0])(2.0) == (8, 12)
    assert grad(lambda x: value_and_grad(lambda y: x)(1.0)[0])(3.0) == 1

    def inner(x):  # plain contributions to the gradient by y, then one that depends on x
        by_y = grad(lambda y: np.sum(y * y * x) + np.sum(y) + np.sum(y) + np.sum(y))(ROW)
        return np.sum(by_y)

    assert abs(grad(inner)(3.0) - 2 * np.sum(ROW)) < 1e-14


# Refusals --------------------------------------------------------------------------------------


def test_a_function_without_a_rule():
    t = Tensor([1.0, 2.0])
    for call, name in (
        (np.nancumsum, "np.nancumsum has no derivative rule. There are rules for: absolute, add, "),
        (np.fmod, "np.fmod has no derivative rule"),
        (np.unique, "np.unique has no derivative rule"),
        (np.add.reduce, "np.add.reduce has no derivative rule"),
        (np.linalg.pinv, "np.linalg.pinv has no derivative rule"),
    ):
        with refused(TypeError, name):
            call(t) if call is not np.fmod else call(t, 2)
    with refused(TypeError, "unsupported operand type(s) for //"):
        t // 2


@pytest.mark.parametrize(
    "escape", [np.asarray, np.array, float, int, list([0]).__getitem__, lambda t: np.array([t, t])]
)
def test_a_derivative_is_never_lost_silently(escape):
    for value in (1.0, [1.0]):
        with pytest.raises(TypeError, match="cannot become a plain"):
            escape(Tensor(value))


def test_options_the_rules_do_not_know():
    t = Tensor(M)
    for call, text in (
        (
            lambda: np.sum(t, dtype=np.float32),
            "np.sum of a tensor takes x, axis, keepdims, got the op",
        ),
        (lambda: np.sum(t, 0, None), "got 3 arguments by position"),
        (lambda: np.exp(t, where=M > 0), "np.exp of a tensor takes no option where"),
        (lambda: np.reshape(t, -1, order="F"), "got the option order"),
        (lambda: np.where(t, M, N), "np.where has no derivative by its argument 0"),
        (
            lambda: np.concatenate([t, t], 0, None),
            "np.concatenate of a tensor takes xs, axis, got ",
        ),
        (lambda: np.reshape(t, shape=t[0]), "np.reshape: pass the tensor shape by position"),
        (lambda: np.sum(t, t), "np.sum has no derivative by its argument 1"),
        (lambda: np.sum(a=t), "np.sum of a tensor takes x, axis, keepdims, got the option a"),
        (
            lambda: np.einsum("i,i,i,i", t[0], *[ROW] * 3),
            "np.einsum has a derivative for at most 3",
        ),
        (
            lambda: np.einsum("...j,j->j", t, ROW),
            "np.einsum has a derivative for at most 3 operands",
        ),
        (
            lambda: np.dot(M[0], Tensor(np.swapaxes(STACK, 1, 2))),
            "np.dot has a derivative for y of at",
        ),
        (lambda: t[Tensor(1.0)], "a tensor cannot be an index"),
    ):
        with refused(TypeError, text):
            call()


def test_writing_to_what_is_recorded():
    t = Tensor([1.0, 2.0])
    y = t * t
    with refused(TypeError, "a tensor cannot be written to"):
        t[0] = 5
    for array in (t.value, y.value, y[:1].value):
        with refused(ValueError, "read-only"):
            array[0] = 5
    with refused(TypeError, "np.add cannot write a tensor into a plain array"):
        a = np.ones(2)
        a += t
    with refused(TypeError, "np.exp cannot write a tensor into a plain array"):
        np.exp(t, out=np.ones(2))
    with pytest.raises((TypeError, ValueError)):
        np.ones(2)[0] = t[0]
    y.backward([1, 1])
    with refused(ValueError, "read-only"):
        t.grad[0] = 5


def test_later_writes_to_an_operand_change_nothing():
    x, factor, index = np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([0, 1])
    t = Tensor(x)
    y = np.sum((factor * t)[index] * factor)
    x[:], factor[:], index[:] = 0, 0, 0
    y.backward()
    np.testing.assert_array_equal(t.grad, [9, 16])

    owner = np.array([1.0, 2.0])
    view = owner[:]
    view.flags.writeable = False
    t = Tensor(view)
    y = np.sum(t * view)
    owner[:] = 7
    y.backward()
    np.testing.assert_array_equal(t.grad, [1, 2])


def test_a_function_cannot_write_to_its_own_argument():
    w = np.ones(2)

    def careless(v):
        y = np.sum(v * v)
        w[0] = 100
        return y

    with refused(ValueError, "read-only"):
        grad(careless)(w)
    assert w.flags.writeable and w[0] == 1
    grad(np.sum)(w)
    assert w.flags.writeable


def test_a_view_that_is_older_than_a_lock():
    w = np.ones(3)
    v = w[:2]

    def careless(x):
        y = np.sum(x * x)
        v[:] = 100
        return y

    np.testing.assert_array_equal(grad(careless)(w), [2, 2, 2])
    factor = np.ones(2)
    older = factor[:]
    factor.flags.writeable = False
    t = Tensor([1.0, 2.0])
    y = np.sum(t * factor)
    older[:] = 7
    y.backward()
    np.testing.assert_array_equal(t.grad, [1, 1])
    kept = []
    w = np.ones(2)
    grad(lambda x: kept.append(x * x) or np.sum(x))(w)
    w[:] = 5
    kept[0].backward([1, 1])
    np.testing.assert_array_equal(kept[0].parents[0].grad, [2, 2])


def test_later_writes_to_a_list_change_nothing():
    def gradient(make, shape=(2,)):
        x = Tensor(np.ones(shape))
        y, change = make(x)
        change()
        y.backward(np.ones(y.shape))
        return x.grad

    mask, branch, axes = [True, False], [5.0, 6.0], [1, 0]
    assert gradient(lambda x: (np.where(mask, x, 0.0), mask.reverse)).tolist() == [1, 0]
    assert gradient(lambda x: (x * np.where([1, 0], x, branch), branch.reverse)).tolist() == [2, 6]
    assert gradient(lambda x: (x * branch, branch.reverse)).tolist() == [6, 5]
    assert gradient(lambda x: (np.einsum("i,i->i", x, branch), branch.reverse)).tolist() == [5, 6]
    assert gradient(lambda x: (np.transpose(x, axes), axes.reverse), (2, 3)).shape == (2, 3)
    assert gradient(lambda x: (np.moveaxis(x, axes, [0, 1]), axes.reverse), (2, 3)).shape == (2, 3)
    assert gradient(lambda x: (x[axes], axes.clear)).tolist() == [1, 1]
    buffer = bytearray(b"\x01\x00")
    assert gradient(
        lambda x: (np.where(memoryview(buffer), x, 0.0), lambda: buffer.__setitem__(0, 0))
    ).tolist() == [1, 0]
    weights = [1.0, 2.0]
    dot = with_rule(
        lambda x, w, scale: np.sum(x * np.array(w) * np.array(scale)),
        lambda g, x, w, scale: g * np.array(w) * np.array(scale),
    )
    by_name = {"w": weights, "scale": [3.0, 3.0]}
    assert gradient(lambda x: (dot(x, **by_name), weights.reverse)).tolist() == [3, 6]


def test_a_cotangent_is_copied():
    x, cotangent = Tensor([1.0, 2.0]), np.ones(2)
    y = x * 1.0
    y.backward(cotangent)
    cotangent[:] = 7
    np.testing.assert_array_equal(y.grad, [1, 1])
    with refused(ValueError, "cotangent must have the shape of the tensor, (2,), got shape (1, 2)"):
        y.backward([[1, 1]])


def test_a_tensor_has_no_copies():
    a = Tensor(3.0)
    assert copy.copy(a) is a and copy.deepcopy({"a": [a]})["a"][0] is a
    (a * copy.copy(a)).backward()
    assert a.grad == 6
    with refused(TypeError, "a tensor cannot be pickled"):
        pickle.dumps(a)


def test_questions_take_no_values_along():
    t = Tensor([2.0, 5.0])
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.full_like(x, x[0])))(t.value), [2, 0])
    plain = np.full_like(t, 3, dtype=int)
    assert plain.dtype == int and plain.flags.writeable
    with refused(TypeError, "np.full_like has a derivative by fill_value without dtype and shape"):
        np.full_like(t, t[0], int)
    for f in QUESTIONS - {np.result_type, np.shape, np.nonzero, np.argsort, np.zeros_like}:
        args = (t, t) if getattr(f, "nin", 1) == 2 or f in (np.allclose, np.isclose) else (t,)
        if f is np.array_equal:
            args = t, t
        answer = np.asarray(f(*args))
        assert answer.dtype.kind in "bi" or f in (np.ones_like, np.empty_like)
    with refused(TypeError, "np.equal cannot write a tensor into a plain array"):
        np.equal(t, 1, out=t)


def test_what_numpy_refuses_is_refused():
    t = Tensor(M)
    for call in (
        lambda x: np.take(x, [0], axis=2),
        lambda x: x.transpose(0),
        lambda x: x.transpose(()),
        lambda x: np.take_along_axis(x, TWICE, 0),
        lambda x: np.clip(x, 0, 1, min=1),
        lambda x: np.clip(x, 0),
        lambda x: np.select([[1, 0, 1, 1]], [x]),
        lambda x: np.tensordot(x, x, 3),
        lambda x: np.diag(x[None]),
        lambda x: np.repeat(x, [1, 2, 3], 1),
        lambda x: np.linalg.norm(x, axis=(0, 0)),
    ):
        with pytest.raises((ValueError, TypeError, IndexError)):
            call(M)
        with pytest.raises((ValueError, TypeError, IndexError)):
            call(t)
    np.testing.assert_array_equal(np.take(Tensor([5, 7, 9]), [True, False, True]).value, [7, 5, 7])
    assert np.take(Tensor(3.0), 0, axis=0).value == 3
    assert np.clip(t, min=0.1, max=0.2).value.max() == 0.2
    np.testing.assert_array_equal(t.clip(0.1).value, M.clip(0.1))


def test_orders_in_memory_are_refused():
    for order in "CFAK":
        for call in (
            lambda x, o=order: x.ravel(o),
            lambda x, o=order: x.flatten(o),
            lambda x, o=order: np.ravel(x, o),
            lambda x, o=order: np.reshape(x, -1, o),
            lambda x, o=order: np.copy(x, o),
        ):
            with refused(TypeError, "arguments by position"):
                call(Tensor(M))


def test_masked_arrays_are_refused():
    masked, t = np.ma.array([1.0, 2.0], mask=[0, 1]), Tensor([1.0, 2.0])
    for call in (
        lambda: Tensor(masked),
        lambda: Tensor([masked]),
        lambda: t * masked,
        lambda: np.where(masked, t, 0),
        lambda: t[np.ma.array([0, 1], mask=[0, 1])],
        lambda: np.concatenate([t, masked]),
        lambda: grad(np.sum)(masked),
    ):
        with refused(ValueError, "got a masked array"):
            call()


def test_a_tensor_put_into_an_array():
    """NumPy has words of its own for it; ours are the cause, which a traceback shows first."""
    with refused(ValueError, "setting an array element with a sequence") as error:
        np.ones(2)[0] = Tensor(1.0)
    assert "a tensor cannot become a plain number" in str(error.value.__cause__)


def test_shapes_that_do_not_fit():
    with refused(ValueError, "operands could not be broadcast together"):
        Tensor([1.0, 2.0]) + np.ones(3)
    with refused(ValueError, "matmul"):
        Tensor(M) @ Tensor(N)


def test_a_checker_that_checks():
    assert check_gradients(np.sin, 0.3) < 1e-8
    for factor in (2, 1.0001, 0, -1, np.nan):
        sine = with_rule(np.sin, lambda g, x, c=factor: c * g * np.cos(x))
        with refused(ValueError, "the gradient of sin is wrong by"):
            check_gradients(sine, 0.3)
    one_entry = with_rule(
        np.sin, lambda g, x: g * np.cos(x) * (1 + 1e-3 * (np.arange(x.size) == 7))
    )
    with refused(ValueError, "the gradient of sin is wrong by"):
        check_gradients(one_entry, np.linspace(-1, 1, 100))
    with refused(ValueError, "is wrong by"):
        check_gradients(np.abs, 1e-7)
    assert check_gradients(lambda x: 0 * np.sum(x), M) == 0
    assert check_gradients(lambda x: 1e-12 * np.sin(x), 0.3) < 1e-6
    tiny = with_rule(lambda x: 1e-9 * np.sin(x), lambda g, x: 2e-9 * g * np.cos(x))
    with refused(ValueError, "is wrong by 5.0e-01 of its size"):
        check_gradients(tiny, 0.3)


def test_the_step_of_the_checker():
    far = with_rule(lambda x: np.sin(x / 1e12), lambda g, x: 1.1e-12 * g * np.cos(x / 1e12))
    with refused(ValueError, "is wrong by"):  # the step goes with x
        check_gradients(far, 1e12)
    off = with_rule(lambda x: 1000 + 1e-3 * np.sin(x), lambda g, x: 1.1e-3 * g * np.cos(x))
    with refused(ValueError, "is wrong by"):  # what rounding explains is little
        check_gradients(off, 0.3)
    for wrong in (0, -1, np.nan, None, "1"):
        with refused(ValueError, "tolerance must be a finite number > 0, got"):
            check_gradients(np.sin, 0.3, tolerance=wrong)
    with refused(ValueError, "directions must be a whole number >= 1, got 0"):
        check_gradients(np.sin, 0.3, directions=0)
    for call in (grad, value_and_grad, jacobian, check_gradients):
        with refused(ValueError, "f must be a function, got None"):
            call(None)


def test_gradients_may_be_written_to():
    def read_only(g, x):
        g = g * np.ones(x.shape)
        g.flags.writeable = False
        return g

    assert grad(with_rule(np.sum, read_only))(np.ones(2)).flags.writeable
    base = np.ones(4)
    for inputs in ([base[:2], base], [base, base[:2]]):
        grad(lambda p: np.sum(p[0]) + np.sum(p[1]))(inputs)
        assert base.flags.writeable and all(x.flags.writeable for x in inputs)


def test_questions():
    t = Tensor([1.0, np.inf, np.nan, -0.0])
    for f in (np.isnan, np.isinf, np.isfinite, np.signbit, np.argsort, np.argmax, np.logical_not):
        np.testing.assert_array_equal(f(t), f(t.value))
    for f in (np.equal, np.less, np.greater_equal, np.logical_and, np.logical_or, np.array_equal):
        np.testing.assert_array_equal(f(t, 1), f(t.value, 1))
    assert np.nonzero(t)[0].tolist() == [0, 1, 2] and np.count_nonzero(t) == 3


def test_a_rule_of_its_own():
    calls = []

    def dot(x, y, scale=1.0):
        return scale * np.sum(np.asarray(x) * np.asarray(y))

    def vjp(g, x, y, scale=1.0):
        calls.append(type(x))
        return g * scale * y, g * scale * x

    product = with_rule(dot, vjp, argnums=(0, 1))
    assert product.__name__ == "dot" and product(ROW, ROW) == dot(ROW, ROW)
    assert check_gradients(options(product, scale=2.0), ROW, M[0]) < 1e-9
    assert set(calls) == {np.ndarray}
    by_first = with_rule(dot, lambda g, x, y: g * y)
    np.testing.assert_array_equal(grad(by_first)(ROW, M[0]), M[0])
    with refused(TypeError, "dot has no derivative by its argument 1"):
        grad(by_first, 1)(ROW, M[0])
    careless = with_rule(dot, lambda g, x, y: y)  # gives away a recorded array
    gradient = grad(careless)(ROW, M[0])
    assert gradient.flags.writeable and not np.shares_memory(gradient, M)
    with refused(TypeError, "dot: pass the tensor y by position"):
        by_first(ROW, y=Tensor(ROW))


# As arrays go ----------------------------------------------------------------------------------


def test_tensors_look_like_arrays():
    t = Tensor(M)
    assert (t.shape, t.ndim, t.size, len(t), t.dtype) == ((3, 4), 2, 12, 3, np.float64)
    assert t.T.shape == (4, 3) and t.reshape(2, 6).shape == t.reshape((2, 6)).shape == (2, 6)
    assert t.transpose(1, 0).shape == t.transpose().shape == (4, 3)
    rows = list(t)
    assert len(rows) == 3 and all(type(row) is Tensor for row in rows)
    for name in ("sum", "mean", "max", "min", "var", "std", "cumsum"):
        np.testing.assert_allclose(getattr(t, name)(axis=0).value, getattr(M, name)(axis=0))
    np.testing.assert_array_equal((t > 0), M > 0)
    assert type(t > 0) is np.ndarray and type(Tensor(1.0) > 0) is np.bool
    assert bool(Tensor(1.0)) and not Tensor(0.0) and t.argmax() == M.argmax()
    assert t.flatten().shape == t.ravel().shape == (12,)
    assert t.any() and t.swapaxes(0, 1).shape == (4, 3) and t.take([0, 1]).shape == (2,)
    assert repr(Tensor(1.5)) == "Tensor(1.5)" and repr(Tensor([1, 2])) == "Tensor([1., 2.])"
    assert f"{Tensor(1.5):.2f}" == "1.50"
    with pytest.raises(TypeError):
        hash(t)
    with pytest.raises(TypeError):
        len(Tensor(1.0))
    with refused(TypeError, "takes plain numbers, got a Tensor"):
        Tensor(t)
    for f in QUESTIONS & {np.shape, np.ndim, np.isnan, np.argmax, np.zeros_like, np.any}:
        np.testing.assert_array_equal(f(t), f(M))


def test_plain_numbers_on_either_side():
    t, other = Tensor([2.0, 3.0]), np.array([4.0, 5.0])
    for operation in (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow):
        for plain in (other, [4, 5], 4, 4.0, np.float64(4), np.int8(4), True):
            np.testing.assert_array_equal(operation(t, plain).value, operation(t.value, plain))
            np.testing.assert_array_equal(operation(plain, t).value, operation(plain, t.value))
            check_gradients(lambda x, f=operation, c=plain: f(x, c) + f(c, x), t.value)
    for plain in (np.float64(1), 1, other):
        assert isinstance(plain < t, np.ndarray) and isinstance(plain == t, np.ndarray)
    assert (other @ t).value == 23 and (t @ other).value == 23


# Size and memory -------------------------------------------------------------------------------


def test_a_long_chain_needs_no_recursion():
    assert sys.getrecursionlimit() < 100_000
    x = y = Tensor(1.0)
    for _ in range(50_000):
        y = y * 1.0
        y = y + x
    y.backward()
    assert x.grad == 50_001
    del y


def test_memory_is_freed_without_the_cycle_collector():
    gc.collect()
    gc.disable()
    try:
        x = Tensor(M)
        y = np.sum(np.tanh(x @ x.T) + np.concatenate([x, x])[:3, :3] ** 2)
        y.backward()
        kept = [weakref.ref(a) for a in (x.value, x.grad, y.parents[0].value)]
        del x, y
        assert [ref() for ref in kept] == [None] * 3

        arrays = []

        def f(w):
            z = np.exp(w)
            arrays.append(weakref.ref(z.value))
            return np.sum(z * z)

        value_and_grad(f)(M)
        jacobian(grad(f))(ROW)
        assert len(arrays) == 2 and [ref() for ref in arrays] == [None] * 2
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_step_through_the_record_by_hand():
    def twice(x):
        return 2 * x

    double = apply(twice, twice, (lambda g, z, x: 2 * g,), (Tensor(3.0),))
    double.backward()
    assert double.value == 6 and double.parents[0].grad == 2 and double.function is twice


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_matrix_of_numpy_is_refused():
    """Its * multiplies matrices: the tensor's would not."""
    matrix = np.matrix([[1.0, 2], [3, 4]])
    with pytest.raises(ValueError, match=r"np\.matrix"):
        grad(lambda x: np.sum(x * matrix))(np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"np\.matrix"):
        grad(lambda x: np.sum(x * x))(matrix)


@pytest.mark.parametrize("argnums", [None, 0, [0], (), ("a",), (-1,)])
def test_a_rule_has_places(argnums):
    with pytest.raises(ValueError, match="argnums must be"):
        with_rule(np.sin, lambda g, x: g, argnums)
