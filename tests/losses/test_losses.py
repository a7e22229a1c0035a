"""Losses: by the rules every one of them keeps, and against SymPy, SciPy, scikit-learn and loops.

What holds for all losses is tested over `ALL`: a new loss needs no test of its own, if it takes
what another one takes; otherwise a line in `SAMPLES` that makes examples for its check.
"""

import functools
import inspect
import math
import re
import warnings

import mpmath
import numpy as np
import pytest
import scipy.special
import sklearn.metrics
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from nnbook import losses
from nnbook.activations import log_softmax, sigmoid, softmax
from nnbook.autodiff import Tensor, check_gradients, grad, jacobian, value_and_grad
from nnbook.losses import (
    ALL,
    arguments,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    bpr,
    contrastive,
    cross_entropy,
    dot_product,
    huber,
    info_nce,
    kl_divergence,
    mae,
    mape,
    mse,
    nt_xent,
    softmax_cross_entropy,
    triplet,
)
from nnbook.losses.record import Loss, as_loss

every_loss = pytest.mark.parametrize("f", ALL, ids=lambda f: f.__name__)


@pytest.fixture(autouse=True)
def warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


# Examples for each check, at points where the losses are smooth


def distribution(rng, n=4, c=3):
    return softmax(rng.normal(size=(n, c)) / 2)


SAMPLES = {
    arguments.regression: lambda rng: rng.normal(size=(2, 3, 2)) * 2,
    arguments.percentage: lambda rng: rng.normal(size=(2, 3, 2)) + [3, -3],
    arguments.binary_probability: lambda rng: rng.uniform(0.1, 0.9, size=(2, 2, 3)),
    arguments.binary_logit: lambda rng: (rng.normal(size=6) * 3, [0, 1, 0, 1, 0.3, 0.5]),
    arguments.probability_and_one_hot: lambda rng: (distribution(rng), np.eye(3)[[2, 0, 1, 1]]),
    arguments.p_and_q: lambda rng: (distribution(rng), distribution(rng)),
    arguments.logits_and_labels: lambda rng: (rng.normal(size=(4, 3)), [2, 0, 1, 1]),
    arguments.distance_and_same: lambda rng: (rng.uniform(0, 3, size=8), [0, 1] * 4),
    arguments.triplets: lambda rng: rng.normal(size=(3, 5, 2)),
    arguments.query_and_others: lambda rng: (
        *rng.normal(size=(2, 4, 3)),
        rng.normal(size=(4, 2, 3)),
    ),
    arguments.views: lambda rng: rng.normal(size=(2, 4, 3)),
    arguments.scores: lambda rng: rng.normal(size=(2, 3, 2)) * 3,
    arguments.users_and_items: lambda rng: (*rng.normal(size=(2, 5, 3)), [0, 1, 1, 0, 0.4]),
}
# Numbers other than the defaults.
OTHERS = [
    (huber, {"delta": 0.3}),
    (huber, {"delta": 4}),
    (contrastive, {"margin": 0}),
    (contrastive, {"margin": 2.5}),
    (triplet, {"margin": 0}),
    (triplet, {"margin": 3}),
    (info_nce, {"temperature": 0.02}),
    (info_nce, {"temperature": 2}),
    (nt_xent, {"temperature": 0.05}),
    (nt_xent, {"temperature": 2}),
]
# Other examples for losses whose arguments come in two kinds.
SOFT = np.array([[0.2, 0.3, 0.5], [1, 0, 0], [0, 0.5, 0.5], [0.1, 0.1, 0.8]])
KINDS = [
    (softmax_cross_entropy, lambda rng: (rng.normal(size=(4, 3)), SOFT)),
    (cross_entropy, lambda rng: (distribution(rng), SOFT)),
    (kl_divergence, lambda rng: (distribution(rng)[0], distribution(rng)[0])),
]


def sample(f, seed=0):
    return tuple(np.array(part) for part in SAMPLES[f.check](np.random.default_rng(seed)))


CASES = [
    *[(f, {}, functools.partial(sample, f)) for f in ALL],
    *[(f, numbers, functools.partial(sample, f)) for f, numbers in OTHERS],
    *[(f, {}, lambda seed=0, make=make: make(np.random.default_rng(seed))) for f, make in KINDS],
]
every_case = pytest.mark.parametrize(
    "f, numbers, examples",
    CASES,
    ids=[f"{f.__name__}{list(numbers.values()) or ''}" for f, numbers, _ in CASES],
)


def test_all_holds_every_loss_of_the_module():
    assert set(ALL) == {f for f in vars(losses).values() if isinstance(f, Loss)}
    assert len(set(ALL)) == len(ALL)
    for f in ALL:
        assert getattr(losses, f.__name__) is f


def test_every_check_has_examples_and_every_number_another_value():
    assert {f.check for f in ALL} <= set(SAMPLES)
    for f in ALL:
        assert {name for g, numbers in OTHERS if g is f for name in numbers} == set(f.bounds)


# The gradient, several ways


def several(result):
    return result if isinstance(result, tuple) else (result,)


def bare(f, args, numbers):
    """The losses of the examples as a function of what has a derivative, without any check."""
    defaults = {n: p.default for n, p in inspect.signature(f.__wrapped__).parameters.items()}
    given = {name: numbers.get(name, defaults[name]) for name in f.bounds}

    def each(*parts):
        whole = list(args)
        for i, part in zip(f.argnums, parts, strict=True):
            whole[i] = part
        return f.__wrapped__(*whole, **given)

    return each


def gradients(f, args, numbers):
    """The gradient of a weighted sum: by hand, and by ways that do not share its code."""
    each = bare(f, args, numbers)
    parts = [args[i] for i in f.argnums]
    g = np.random.default_rng(1).uniform(0.5, 2, np.shape(each(*parts)))

    def weighted(*parts):
        return np.sum(g * each(*parts))

    def difference(i):
        found = np.empty(parts[i].shape)
        for at in np.ndindex(found.shape):
            h = np.zeros(found.shape)
            h[at] = 1e-5
            moved = [[p + s * h if j == i else p for j, p in enumerate(parts)] for s in (1, -1)]
            found[at] = (weighted(*moved[0]) - weighted(*moved[1])) / 2e-5
        return found

    places = tuple(range(len(parts)))
    return {
        "by hand": several(f.vjp(g, *args, **numbers)),
        "traced": grad(weighted, places)(*parts),
        "differences": tuple(map(difference, places)),
    }


def disagreements(f, args, numbers):
    """The ways that contradict the gradient by hand."""
    ways = gradients(f, args, numbers)
    found = []
    for way, tolerance in (("traced", 1e-12), ("differences", 1e-7)):
        for mine, other in zip(ways["by hand"], ways[way], strict=True):
            scale = max(1, np.max(np.abs(other)))
            if mine.shape != other.shape or not np.all(np.abs(mine - other) <= tolerance * scale):
                found.append(way)
                break
    return found


@every_case
@pytest.mark.parametrize("seed", range(4))
def test_the_ways_agree(f, numbers, examples, seed):
    assert disagreements(f, examples(seed), numbers) == []


@every_case
def test_a_tensor_goes_by_the_gradient_by_hand(f, numbers, examples):
    args = examples()
    for reduction in ("sum", "mean"):
        value, gradient = value_and_grad(f, f.argnums)(*args, **numbers, reduction=reduction)
        assert value == f(*args, **numbers, reduction=reduction)
        by_hand = several(f.grad(*args, **numbers, reduction=reduction))
        for a, b in zip(gradient, by_hand, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-14, atol=1e-300)
    tensors = [Tensor(a) if i in f.argnums else a for i, a in enumerate(args)]
    each = f(*tensors, **numbers, reduction="none")
    assert each.function.__name__ == f.__name__
    assert np.array_equal(each.value, f(*args, **numbers, reduction="none"))
    g = np.random.default_rng(2).normal(size=each.shape)
    each.backward(g)
    for i, b in zip(f.argnums, several(f.vjp(g, *args, **numbers)), strict=True):
        assert np.array_equal(tensors[i].grad, b)


@every_case
def test_the_body_can_be_traced_without_the_rule(f, numbers, examples):
    args = examples()
    each = bare(f, args, numbers)(*[Tensor(args[i]) for i in f.argnums])
    names = operations(each)
    assert len(names) > 1 and f.__name__ not in names
    np.testing.assert_array_equal(each.value, f(*args, **numbers, reduction="none"))


def operations(tensor):
    names = {tensor.function.__name__} if tensor.function else set()
    return names.union(*map(operations, tensor.parents))


@every_case
def test_second_derivatives(f, numbers, examples):
    args = examples()
    each, parts = bare(f, args, numbers), [args[i] for i in f.argnums]

    def by_rule(x):
        whole = list(args)
        whole[f.argnums[0]] = x
        return f(*whole, **numbers, reduction="sum")

    hessian = jacobian(grad(by_rule))(parts[0])
    by_body = jacobian(grad(lambda x: np.sum(each(x, *parts[1:]))))(parts[0])
    np.testing.assert_allclose(hessian, by_body, rtol=1e-9, atol=1e-9 * np.max(np.abs(by_body)))


@every_case
def test_reductions(f, numbers, examples):
    args = examples()
    each = f(*args, **numbers, reduction="none")
    assert f(*args, **numbers) == f(*args, **numbers, reduction="mean") == np.mean(each)
    assert f(*args, **numbers, reduction="sum") == np.sum(each)
    assert type(f(*args, **numbers)) is np.float64
    assert np.all(each >= 0)
    total = several(f.grad(*args, **numbers, reduction="sum"))
    average = several(f.grad(*args, **numbers))
    weighed = several(f.vjp(np.ones(np.shape(each)), *args, **numbers))
    for i, a, b, c in zip(f.argnums, total, average, weighed, strict=True):
        assert a.shape == b.shape == args[i].shape and a.dtype == np.float64
        assert np.array_equal(a, c)
        np.testing.assert_allclose(a, b * np.size(each), rtol=1e-14)
    assert isinstance(f.grad(*args, **numbers), tuple) == (len(f.argnums) > 1)


SHAPES = {  # of the losses of the examples above
    "nt_xent": (8,),
    "info_nce": (4,),
    "triplet": (5,),
    "dot_product": (5,),
    "cross_entropy": (4,),
    "softmax_cross_entropy": (4,),
    "kl_divergence": (4,),
}


@every_loss
def test_shapes_and_inputs(f):
    args = sample(f)
    each = f(*args, reduction="none")
    assert each.shape == SHAPES.get(f.__name__, args[0].shape)
    ways = (f, f.grad, lambda *args: f(*args, reduction="none"))
    wanted = [several(way(*args)) for way in ways]
    laid_out = [
        [a.tolist() for a in args],
        [np.asfortranarray(a) for a in args],
        [np.repeat(a, 2, axis=0)[::2] for a in args],
    ]
    for other in laid_out:
        kept = [np.array(a) for a in other]
        for a in other:
            if isinstance(a, np.ndarray):
                a.flags.writeable = False
        for way, results in zip(ways, wanted, strict=True):
            for a, b in zip(several(way(*other)), results, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-13)
                assert not any(np.shares_memory(a, x) for x in other if isinstance(x, np.ndarray))
        assert all(np.array_equal(a, b) for a, b in zip(other, kept, strict=True))
    names = list(inspect.signature(f).parameters)[: len(args)]
    assert f(**dict(zip(names, args, strict=True))) == f(*args)


@every_loss
def test_examples_do_not_mix(f):
    """Each example by itself gives the same loss; in `nt_xent` alone the batch matters."""
    args = sample(f)
    each = f(*args, reduction="none")
    if f is nt_xent:
        assert not np.allclose(f(*[a[:2] for a in args], reduction="none")[:2], each[:2])
        return
    for i in range(len(each)):
        one = f(*[a[i] for a in args], reduction="none")
        np.testing.assert_allclose(one, each[i], rtol=1e-13)
        np.testing.assert_allclose(f(*[a[i : i + 1] for a in args], reduction="none"), [each[i]])
    if len(np.shape(each[0])) == 0:
        assert type(one) is np.float64


@pytest.mark.parametrize("f", [softmax_cross_entropy, kl_divergence, triplet, info_nce])
def test_examples_in_several_axes(f):
    """(2, 3, ...) is (6, ...) in another shape: sequences, as a grid of examples."""
    rng = np.random.default_rng(10)
    flat = {
        softmax_cross_entropy: (rng.normal(size=(6, 5)), rng.integers(5, size=6)),
        kl_divergence: (distribution(rng, 6), distribution(rng, 6)),
        triplet: tuple(rng.normal(size=(3, 6, 2))),
        info_nce: (*rng.normal(size=(2, 6, 3)), rng.normal(size=(6, 4, 3))),
    }[f]
    folded = [a.reshape(2, 3, *a.shape[1:]) for a in flat]
    assert f(*folded) == pytest.approx(f(*flat), rel=1e-14)
    each = f(*folded, reduction="none")
    np.testing.assert_allclose(each, f(*flat, reduction="none").reshape(2, 3), rtol=1e-14)
    for a, b in zip(several(f.grad(*folded)), several(f.grad(*flat)), strict=True):
        np.testing.assert_allclose(a.reshape(b.shape), b, rtol=1e-13, atol=1e-16)


def test_signatures():
    for f in ALL:
        *_, reduction = inspect.signature(f).parameters.values()
        assert (reduction.name, reduction.default) == ("reduction", "mean")
    wanted = "huber(prediction, target, delta=1.0, *, reduction='mean')"
    assert repr(huber) == wanted
    defaults = {f.__name__: f._defaults for f in ALL if f.bounds}
    assert defaults == {
        "huber": [1.0],
        "contrastive": [1.0],
        "triplet": [1.0],
        "info_nce": [0.1],
        "nt_xent": [0.5],
    }
    for f in ALL:
        for wanted in ("Gradient", "Raises ValueError"):
            assert re.search(wanted, f.__doc__, re.IGNORECASE), (f.__name__, wanted)


@pytest.mark.parametrize("f, number", [(huber, 0.4), (triplet, 2.0), (nt_xent, 0.1)])
def test_numbers_by_position_and_by_name(f, number):
    args, (name,) = sample(f), f.bounds
    assert f(*args, number) == f(*args, **{name: number}) != f(*args)
    for a, b in zip(
        several(f.grad(*args, number)), several(f.grad(*args, **{name: number})), strict=True
    ):
        assert np.array_equal(a, b)


# On paper: each loss at one point, and its gradient, by SymPy

a, b = sp.symbols("a b", real=True)
m, t = sp.symbols("m t", positive=True)
x, y, z = sp.symbols("x1:4"), sp.symbols("y1:4"), sp.symbols("z1:4")
BCE = -(b * sp.log(a) + (1 - b) * sp.log(1 - a))
SIGMOID = 1 / (1 + sp.exp(-a))


def norm(v):
    return sp.sqrt(sum(c**2 for c in v))


def minus(v, w):
    return [c - d for c, d in zip(v, w, strict=True)]


def dot(v, w):
    return sum(c * d for c, d in zip(v, w, strict=True))


def cosine(v, w):
    return dot(v, w) / (norm(v) * norm(w))


def two_pairs(view_a, view_b):
    """NT-Xent for N = 2, its four losses written out, averaged."""
    vectors = [view_a[:2], view_a[2:], view_b[:2], view_b[2:]]

    def e(i, k):
        return sp.exp(cosine(vectors[i], vectors[k]) / t)

    each = [-sp.log(e(i, (i + 2) % 4) / sum(e(i, k) for k in range(4) if k != i)) for i in range(4)]
    return sum(each) / 4


four, more = sp.symbols("u1:5"), sp.symbols("v1:5")
# expression, then for each argument its symbols and values; arrays of a shape are given flat
PAPER = [
    (mse, (a - b) ** 2, [(a, 2), (b, 5)], {}),
    (mae, sp.Abs(a - b), [(a, 2), (b, 5)], {}),
    (huber, (a - b) ** 2 / 2, [(a, 2), (b, 2.5)], {m: ("delta", 0.75)}),
    (huber, m * (sp.Abs(a - b) - m / 2), [(a, 2), (b, 5)], {m: ("delta", 0.75)}),
    (huber, m * (sp.Abs(a - b) - m / 2), [(a, 5), (b, 2)], {m: ("delta", 0.75)}),
    (mape, 100 * sp.Abs((a - b) / b), [(a, 2), (b, 5)], {}),
    (mape, 100 * sp.Abs((a - b) / b), [(a, 2), (b, -5)], {}),
    (binary_cross_entropy, BCE, [(a, 0.3), (b, 1)], {}),
    (binary_cross_entropy, BCE, [(a, 0.3), (b, 0)], {}),
    (binary_cross_entropy, BCE, [(a, 0.3), (b, 0.6)], {}),
    (binary_cross_entropy_with_logits, BCE.subs(a, SIGMOID), [(a, -0.7), (b, 1)], {}),
    (binary_cross_entropy_with_logits, BCE.subs(a, SIGMOID), [(a, 2), (b, 0)], {}),
    (binary_cross_entropy_with_logits, BCE.subs(a, SIGMOID), [(a, 3), (b, 0.25)], {}),
    (cross_entropy, -sum(d * sp.log(c) for c, d in zip(x, y, strict=True)),
     [(x, (0.2, 0.3, 0.5)), (y, (0, 1, 0))], {}),
    (cross_entropy, -sum(d * sp.log(c) for c, d in zip(x, y, strict=True)),
     [(x, (0.2, 0.3, 0.5)), (y, (0.125, 0.75, 0.125))], {}),
    (softmax_cross_entropy, -sp.log(sp.exp(x[1]) / sum(map(sp.exp, x))),
     [(x, (0.2, -1.3, 2.5)), (None, 1)], {}),
    (softmax_cross_entropy,
     -sum(d * sp.log(sp.exp(c) / sum(map(sp.exp, x))) for c, d in zip(x, y, strict=True)),
     [(x, (0.2, -1.3, 2.5)), (y, (0.125, 0.75, 0.125))], {}),
    (kl_divergence, sum(c * sp.log(c / d) for c, d in zip(x, y, strict=True)),
     [(x, (0.2, 0.3, 0.5)), (y, (0.125, 0.75, 0.125))], {}),
    (contrastive, b * a**2 + (1 - b) * sp.Max(0, m - a) ** 2, [(a, 0.4), (b, 1)],
     {m: ("margin", 1.5)}),
    (contrastive, b * a**2 + (1 - b) * sp.Max(0, m - a) ** 2, [(a, 0.4), (b, 0)],
     {m: ("margin", 1.5)}),
    (contrastive, b * a**2 + (1 - b) * sp.Max(0, m - a) ** 2, [(a, 1.75), (b, 0)],
     {m: ("margin", 1.5)}),
    (triplet, sp.Max(0, norm(minus(x, y)) - norm(minus(x, z)) + m),
     [(x, (1, 2, 3)), (y, (0, -1, 2.5)), (z, (2, 2, 1))], {m: ("margin", 1.5)}),
    (triplet, sp.Max(0, norm(minus(x, y)) - norm(minus(x, z)) + m),
     [(x, (1, 2, 3)), (y, (1, 1.5, 2.5)), (z, (2, -2, 1))], {m: ("margin", 1.5)}),
    (info_nce, -sp.log(sp.exp(cosine(x, y) / t)
                       / (sp.exp(cosine(x, y) / t) + sp.exp(cosine(x, z) / t))),
     [(x, (1, 2, 3)), (y, (0, -1, 2.5)), (z, (2, 2, 1))], {t: ("temperature", 0.25)}),
    (nt_xent, two_pairs(four, more), [(four, (1, 2, -1, 0.5)), (more, (0.75, 1, 0, -2))],
     {t: ("temperature", 0.25)}),
    (bpr, -sp.log(1 / (1 + sp.exp(-(a - b)))), [(a, -0.5), (b, 1)], {}),
    (dot_product, (-(b * sp.log(a) + (1 - b) * sp.log(1 - a))).subs(a, SIGMOID).subs(a, dot(x, y)),
     [(x, (1, -2, 0.5)), (y, (0.25, 1, 1)), (b, 1)], {}),
    (dot_product, (-(b * sp.log(a) + (1 - b) * sp.log(1 - a))).subs(a, SIGMOID).subs(a, dot(x, y)),
     [(x, (1, -2, 0.5)), (y, (0.25, 1, 1)), (b, 0)], {}),
]  # fmt: skip


@pytest.mark.parametrize("f, expr, arguments, numbers", PAPER, ids=[f.__name__ for f, *_ in PAPER])
def test_on_paper(f, expr, arguments, numbers):
    point = {}
    for symbols, value in arguments:
        if symbols is not None:  # an integer label
            for symbol, entry in zip(np.ravel(symbols), np.ravel(value), strict=True):
                point[symbol] = sp.Rational(float(entry))
    point |= {symbol: sp.Rational(value) for symbol, (_, value) in numbers.items()}
    args = [np.array(value) for _, value in arguments]
    if f is info_nce:
        args[2] = args[2][None]
    if f is nt_xent:
        args = [a.reshape(2, 2) for a in args]
    given = dict(numbers.values())
    value = float(expr.subs(point).evalf(30))
    assert f(*args, **given) == pytest.approx(value, rel=1e-13, abs=1e-15)
    for i, by_hand in zip(f.argnums, several(f.grad(*args, **given)), strict=True):
        symbols = np.ravel(arguments[i][0])
        wanted = [float(expr.diff(s).subs(point).evalf(30)) for s in symbols]
        np.testing.assert_allclose(np.ravel(by_hand), wanted, rtol=1e-12, atol=1e-14)


def test_every_loss_stands_on_paper():
    assert {f for f, *_ in PAPER} == set(ALL)


# Against libraries that share no code, and plain loops

numbers_far_and_near = st.lists(
    st.tuples(st.floats(-50, 50), st.floats(-50, 50)), min_size=1, max_size=8
)


@given(numbers_far_and_near, st.floats(0.01, 100))
def test_regression_against_scikit_learn_and_scipy(pairs, delta):
    prediction, target = np.array(pairs).T
    close = functools.partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-300)
    close(mse(prediction, target), sklearn.metrics.mean_squared_error(target, prediction))
    close(mae(prediction, target), sklearn.metrics.mean_absolute_error(target, prediction))
    close(
        huber(prediction, target, delta, reduction="none"),
        scipy.special.huber(delta, prediction - target),
    )
    if np.all(np.abs(target) > 1e-3):
        wanted = 100 * sklearn.metrics.mean_absolute_percentage_error(target, prediction)
        close(mape(prediction, target), wanted)


def test_classification_against_scikit_learn():
    rng = np.random.default_rng(3)
    p, labels = distribution(rng, 50, 6), rng.integers(6, size=50)
    one_hot = np.eye(6)[labels]
    wanted = sklearn.metrics.log_loss(labels, p, labels=range(6))
    assert cross_entropy(p, one_hot) == pytest.approx(wanted, rel=1e-13)
    assert softmax_cross_entropy(np.log(p), labels) == pytest.approx(wanted, rel=1e-13)
    assert softmax_cross_entropy(np.log(p) + 700, one_hot) == pytest.approx(wanted, rel=1e-12)
    target, logit = rng.integers(2, size=50), rng.normal(size=50) * 4
    wanted = sklearn.metrics.log_loss(target, scipy.special.expit(logit))
    assert binary_cross_entropy_with_logits(logit, target) == pytest.approx(wanted, rel=1e-12)
    assert binary_cross_entropy(scipy.special.expit(logit), target) == pytest.approx(wanted)
    assert bpr(logit, 0 * logit) == pytest.approx(
        sklearn.metrics.log_loss(np.ones(50), scipy.special.expit(logit), labels=[0, 1])
    )


@given(st.integers(0, 10**6))
def test_divergence_against_scipy(seed):
    rng = np.random.default_rng(seed)
    p, q = (rng.dirichlet([0.3] * 5, size=3) for _ in range(2))
    p[0, 0], p[0] = 0, p[0] / p[0, 1:].sum()
    p[0, 0] = 0
    each = kl_divergence(p, q, reduction="none")
    np.testing.assert_allclose(
        each, scipy.special.rel_entr(p, q).sum(axis=-1), rtol=1e-11, atol=1e-14
    )
    assert np.all(each > -1e-15)
    assert kl_divergence(p, p) == 0


def similarity(v, w):
    length = math.hypot(*v) * math.hypot(*w)
    return sum(c * d for c, d in zip(v, w, strict=True)) / length if length else 0.0


@pytest.mark.parametrize("n, temperature", [(1, 0.5), (2, 0.1), (5, 0.5), (5, 3.0)])
def test_nt_xent_against_a_double_loop(n, temperature):
    views = np.random.default_rng(n).normal(size=(2, n, 3))
    if n == 5:
        views[1, 2] = 0
    vectors = [*views[0], *views[1]]
    for i, found in enumerate(nt_xent(*views, temperature, reduction="none")):
        j = (i + n) % (2 * n)
        below = 0.0
        for k in range(2 * n):
            if k != i:
                below += math.exp(similarity(vectors[i], vectors[k]) / temperature)
        above = math.exp(similarity(vectors[i], vectors[j]) / temperature)
        assert found == pytest.approx(-math.log(above / below), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("k", [1, 4])
def test_info_nce_against_a_loop(k):
    rng = np.random.default_rng(k)
    query, positive, negatives = *rng.normal(size=(2, 6, 3)), rng.normal(size=(6, k, 3))
    query[1], positive[2], negatives[3, 0] = 0, 0, 0
    for i, found in enumerate(info_nce(query, positive, negatives, 0.3, reduction="none")):
        scores = [similarity(query[i], v) / 0.3 for v in (positive[i], *negatives[i])]
        wanted = -math.log(math.exp(scores[0]) / sum(map(math.exp, scores)))
        assert found == pytest.approx(wanted, rel=1e-12)


def test_triplet_against_a_loop():
    anchor, positive, negative = np.random.default_rng(5).normal(size=(3, 9, 4))
    each = triplet(anchor, positive, negative, 0.5, reduction="none")
    for i, found in enumerate(each):
        near, far = math.dist(anchor[i], positive[i]), math.dist(anchor[i], negative[i])
        assert found == pytest.approx(max(0, near - far + 0.5), rel=1e-12)
    assert 0 < np.count_nonzero(each) < 9


def test_losses_that_are_the_same_thing():
    rng = np.random.default_rng(6)
    z, labels = rng.normal(size=(7, 4)), rng.integers(4, size=7)
    one_hot = np.eye(4)[labels]
    none = functools.partial(softmax_cross_entropy, reduction="none")
    close = functools.partial(np.testing.assert_allclose, rtol=1e-12)
    close(none(z, labels), -log_softmax(z)[np.arange(7), labels])
    close(none(z, one_hot), none(z, labels))
    close(none(z, one_hot.astype(int)), none(z, labels))
    close(none(z, labels.astype(np.uint8)), none(z, labels))
    close(cross_entropy(softmax(z), one_hot, reduction="none"), none(z, labels))
    close(kl_divergence(one_hot, softmax(z), reduction="none"), none(z, labels))
    close(softmax_cross_entropy.grad(z, labels, reduction="sum"), softmax(z) - one_hot, atol=1e-15)
    # two classes are one logit: the difference
    close(
        none(z[:, :2], labels % 2),
        binary_cross_entropy_with_logits(z[:, 1] - z[:, 0], labels % 2, reduction="none"),
    )
    p, q = distribution(rng), distribution(rng)
    entropy = -np.sum(p * np.log(p), axis=-1)
    close(cross_entropy(q, p, reduction="none"), entropy + kl_divergence(p, q, reduction="none"))
    user, item = rng.normal(size=(2, 6, 3))
    label = [0, 1, 0, 1, 1, 0]
    score = np.sum(user * item, axis=-1)
    close(dot_product(user, item, label), binary_cross_entropy_with_logits(score, label))
    close(dot_product(user, item, label), binary_cross_entropy(sigmoid(score), label))
    # one negative is a logistic loss of the difference of the similarities
    a, b, c = rng.normal(size=(3, 5, 3))
    near, far = ([similarity(*pair) for pair in zip(a, other, strict=True)] for other in (b, c))
    near, far = np.array(near) / 0.2, np.array(far) / 0.2
    close(info_nce(a, b, c[:, None], 0.2, reduction="none"), bpr(near, far, reduction="none"))


# Far out, at the boundary, at the kinks


@np.errstate(all="raise", under="ignore")
def test_logits_far_out():
    for big in (800, 1e4, 1e300):
        z = [[big, -big], [-big, big], [big, big]]
        for labels in ([0, 1, 0], np.eye(2)[[0, 1, 0]]):
            assert np.array_equal(
                softmax_cross_entropy(z, labels, reduction="none"), [0, 0, math.log(2)]
            )
            gradient = softmax_cross_entropy.grad(z, labels, reduction="sum")
            assert np.array_equal(gradient, [[0, 0], [0, 0], [-0.5, 0.5]])
        assert np.array_equal(
            softmax_cross_entropy(z, [1, 0, 1], reduction="none"), [2 * big, 2 * big, math.log(2)]
        )
        gradient = softmax_cross_entropy.grad(z, [1, 0, 1], reduction="sum")
        assert np.array_equal(gradient, [[1, -1], [-1, 1], [0.5, -0.5]])
        right = binary_cross_entropy_with_logits([big, -big], [1, 0], reduction="none")
        assert np.array_equal(right, [0, 0])
        wrong = binary_cross_entropy_with_logits([big, -big], [0, 1], reduction="none")
        assert np.array_equal(wrong, [big, big])
        slopes = binary_cross_entropy_with_logits.grad(
            [big, -big, big, -big], [1, 0, 0, 1], reduction="sum"
        )
        assert np.array_equal(slopes, [0, 0, 1, -1])
        assert bpr(big, -big / 2) == 0 and bpr(-big / 2, big) == 1.5 * big
        assert bpr.grad(big, -big / 2) == (0, 0) and bpr.grad(-big / 2, big) == (-1, 1)
        assert huber(big, 0, 0.5) == 0.5 * (big - 0.25) and huber.grad(-big, 0, 0.5) == -0.5
        assert mae(big, -big / 2) == 1.5 * big
        assert dot_product([big, 0], [-1, 7], 0) == 0 and dot_product([big, 0], [-1, 7], 1) == big


def test_a_loss_near_0_keeps_its_digits():
    with mpmath.workdps(60):
        for far in (30, 45, 100, 700):
            exact = float(mpmath.log1p(mpmath.exp(-far)))
            twice = float(mpmath.log1p(2 * mpmath.exp(-far)))
            slope = float(1 / (1 + mpmath.exp(far)))
            for found, wanted in [
                (binary_cross_entropy_with_logits(far, 1), exact),
                (binary_cross_entropy_with_logits(-far, 0), exact),
                (binary_cross_entropy_with_logits.grad(far, 1), -slope),
                (binary_cross_entropy_with_logits.grad(-far, 0), slope),
                (softmax_cross_entropy([far, 0, 0], 0), twice),
                (softmax_cross_entropy([far, 0, 0], [1, 0, 0]), twice),
                (bpr(far, 0), exact),
                (bpr.grad(far, 0)[1], slope),
                (binary_cross_entropy(math.exp(-far), 0), -math.log1p(-math.exp(-far))),
                (dot_product([far], [1], 1), exact),
            ]:
                assert found == pytest.approx(wanted, rel=1e-13, abs=0)


def test_ties_of_the_largest_logit():
    z = np.array([[2.0, 2, -1], [3, 3, 3]])
    for labels in ([0, 2], SOFT[:2]):
        args = z, np.array(labels)
        assert disagreements(softmax_cross_entropy, args, {}) == []
    each = softmax_cross_entropy(z, [0, 2], reduction="none")
    np.testing.assert_allclose(each, [math.log(2 + math.exp(-3)), math.log(3)], rtol=1e-15)


@np.errstate(all="raise", under="ignore")
def test_certain_probabilities():
    p = np.array([0, 1, 1, 0, 0, 1])
    y = np.array([0, 1, 0, 1, 0.5, 0.5])
    inf = np.inf
    assert np.array_equal(binary_cross_entropy(p, y, reduction="none"), [0, 0, inf, inf, inf, inf])
    assert np.array_equal(
        binary_cross_entropy.grad(p, y, reduction="sum"), [1, -1, inf, -inf, -inf, inf]
    )
    p, y = np.eye(3)[[0, 1, 2]], np.eye(3)[[0, 2, 2]]
    assert np.array_equal(cross_entropy(p, y, reduction="none"), [0, inf, 0])
    assert np.array_equal(
        cross_entropy.grad(p, y, reduction="sum"), [[-1, 0, 0], [0, 0, -inf], [0, 0, -1]]
    )
    assert kl_divergence(np.eye(3), np.eye(3)) == 0
    p, q = [0.5, 0.5, 0, 0], [1, 0, 0, 0]
    assert kl_divergence(p, q) == inf and kl_divergence(q, p) == math.log(2)
    by_p, by_q = kl_divergence.grad(p, q)
    assert np.array_equal(by_p, [math.log(0.5) + 1, inf, 0, 0])
    assert np.array_equal(by_q, [-0.5, -inf, 0, 0])
    by_p, by_q = kl_divergence.grad(q, p)
    np.testing.assert_allclose(by_p, [1 + math.log(2), -inf, 0, 0], rtol=1e-15)
    assert np.array_equal(by_q, [-2, 0, 0, 0])
    for f, args in [
        (binary_cross_entropy, ([0.0, 1], [1, 0])),
        (cross_entropy, ([[0.0, 1]], [[1, 0]])),
        (kl_divergence, ([[1.0, 0]], [[0, 1]])),
        (softmax_cross_entropy, ([[-inf, 0]], [0])),
    ]:
        value, gradient = value_and_grad(f)(*map(np.array, args))
        assert value == inf and not np.any(np.isnan(gradient))
    # certain and right is 0, not -0, which would be printed
    for zero in (
        mse(1, 1),
        huber(-1, -1),
        binary_cross_entropy([0, 1], [0, 1]),
        cross_entropy([0, 1], [0, 1]),
        kl_divergence([0, 1], [0, 1]),
        softmax_cross_entropy([0, -800], 0),
        softmax_cross_entropy([0, -800], [1, 0]),
        binary_cross_entropy_with_logits([-800, 800], [0, 1]),
    ):
        assert zero == 0 and not np.signbit(zero)


def test_a_logit_of_minus_infinity():
    z = np.array([[0.0, -np.inf, 0]])
    for labels in ([0], [[1, 0, 0]]):
        assert softmax_cross_entropy(z, labels) == math.log(2)
        assert np.array_equal(softmax_cross_entropy.grad(z, labels), [[-0.5, 0, 0.5]])
    for labels in ([1], [[0.5, 0.5, 0]]):
        assert softmax_cross_entropy(z, labels) == np.inf
    assert np.array_equal(softmax_cross_entropy.grad(z, [1]), [[0.5, -1, 0.5]])


@np.errstate(invalid="ignore")
def test_what_has_diverged_stays_visible():
    assert mse(np.inf, 0) == mae(-np.inf, 1) == huber(np.inf, 0) == mape(np.inf, 1) == np.inf
    assert huber.grad(np.inf, 0) == 1 and mae.grad(-np.inf, 0) == -1
    assert binary_cross_entropy_with_logits([np.inf, -np.inf], [1, 0]) == 0
    assert np.array_equal(binary_cross_entropy_with_logits.grad([np.inf, -np.inf], [1, 0]), [0, 0])
    assert binary_cross_entropy_with_logits(np.inf, 0) == np.inf
    assert bpr(np.inf, 0) == 0 and bpr(0, np.inf) == np.inf
    assert contrastive(np.inf, 1) == np.inf and contrastive(np.inf, 0) == 0
    for f in set(ALL) - {binary_cross_entropy, cross_entropy, kl_divergence}:
        args = sample(f)
        args[0].flat[0] = np.nan
        each = f(*args, reduction="none")
        assert np.isnan(each.flat[0]) and np.isnan(f(*args)), f.__name__
        if f is not nt_xent:
            assert np.count_nonzero(np.isnan(each)) == 1
        assert np.isnan(several(f.grad(*args))[0].flat[0]), f.__name__
    for z in ([np.inf, 0], [np.inf, np.inf], [-np.inf, -np.inf]):
        assert np.isnan(softmax_cross_entropy(z, 0))


def test_values_at_the_kinks():
    assert mae.grad(2, 2) == mape.grad(2, 2) == mse.grad(2, 2) == 0
    assert mae.grad(2 + 1e-15, 2) == 1 and mae.grad(2 - 1e-15, 2) == -1
    for delta in (0.5, 1):
        assert huber(2 + delta, 2, delta) == delta**2 / 2
        assert huber.grad(2 + delta, 2, delta) == delta == -huber.grad(2 - delta, 2, delta)
        assert huber.grad(2 + 3 * delta, 2, delta) == delta
    assert contrastive.grad(1.0, 0) == contrastive.grad(3.0, 0) == contrastive.grad(0, 1) == 0
    assert contrastive.grad(0, 0, 1.5) == -3 and contrastive(0, 0, 1.5) == 2.25
    # the hinge, exactly closed: ‖a - p‖ = 1, ‖a - n‖ = 2
    a, p, n = np.array([[0.0, 0]]), np.array([[0.0, 1]]), np.array([[2.0, 0]])
    assert triplet(a, p, n) == 0
    for part in triplet.grad(a, p, n):
        assert np.array_equal(part, [[0, 0]])
    by_a, by_p, by_n = triplet.grad(a, p, n, 1.5)
    assert triplet(a, p, n, 1.5) == 0.5
    assert np.array_equal(by_a, [[1, -1]])
    assert np.array_equal(by_p, [[0, 1]]) and np.array_equal(by_n, [[-1, 0]])
    # a distance of 0 has no direction
    by_a, by_p, by_n = triplet.grad(a, a, n, 3)
    assert np.array_equal(by_a, [[1, 0]])
    assert np.array_equal(by_p, [[0, 0]]) and np.array_equal(by_n, [[-1, 0]])
    traced = grad(lambda a, p, n: np.sum(triplet.__wrapped__(a, p, n, 3.0)), (0, 1, 2))(a, a, n)
    for mine, other in zip((by_a, by_p, by_n), traced, strict=True):
        assert np.array_equal(mine, other)
    assert triplet(a, a, a) == 1
    for part in triplet.grad(a, a, a):
        assert np.array_equal(part, [[0, 0]])


def test_zero_vectors_have_no_direction():
    zero, v, w = np.zeros((1, 2)), np.array([[3.0, 4]]), np.array([[[1.0, 0]]])
    assert info_nce(zero, v, w) == info_nce(v, zero, 0 * w) == math.log(2)
    by_zero, by_v, by_w = info_nce.grad(zero, v, w)
    for part in (by_zero, by_v, by_w[0]):
        assert np.array_equal(part, [[0, 0]])
    _, by_zero, by_w = info_nce.grad(v, zero, w)
    assert np.array_equal(by_zero, [[0, 0]]) and np.any(by_w != 0)
    a, b = np.array([[1.0, 2], [0, 0]]), np.array([[0.5, 1], [2, 1]])
    by_a, by_b = nt_xent.grad(a, b)
    assert np.array_equal(by_a[1], [0, 0]) and np.all(by_b != 0)
    for args in ((zero, zero, 0 * w), (zero, v, 0 * w)):
        for part in info_nce.grad(*args):
            assert not np.any(part)
    assert nt_xent([[1.0, 2]], [[3.0, -1]]) == 0
    for part in (*nt_xent.grad([[1.0, 2]], [[3.0, -1]]), *dot_product.grad(zero, zero, [1])):
        assert np.array_equal(part, [[0, 0]])


@pytest.mark.parametrize("scale", [1e-200, 1e-20, 1e20, 1e200])
@np.errstate(all="raise", under="ignore")
def test_vectors_of_any_length(scale):
    query, positive, negatives = sample(info_nce)
    for f, args in [(info_nce, sample(info_nce)), (nt_xent, sample(nt_xent))]:
        scaled = [scale * a for a in args]
        np.testing.assert_allclose(
            f(*scaled, reduction="none"), f(*args, reduction="none"), rtol=1e-12
        )
        for mine, wanted in zip(f.grad(*scaled), f.grad(*args), strict=True):
            np.testing.assert_allclose(mine * scale, wanted, rtol=1e-10, atol=1e-13)
        # each is perpendicular to its vector
        for part, gradient in zip(args, f.grad(*args), strict=True):
            assert np.max(np.abs(np.sum(part * gradient, axis=-1))) < 1e-13
    args = sample(triplet)
    each = triplet(*[scale * a for a in args], scale, reduction="none")
    np.testing.assert_allclose(each, scale * triplet(*args, reduction="none"), rtol=1e-12)
    np.testing.assert_allclose(
        triplet.grad(*[scale * a for a in args], scale)[0], triplet.grad(*args)[0], atol=1e-13
    )


def test_temperature_far_down():
    """The most similar negative takes it all; nothing overflows."""
    query, positive = np.array([[1.0, 0]]), np.array([[0.6, 0.8]])
    negatives = np.array([[[0.8, 0.6], [0.0, 1]]])
    with np.errstate(all="raise", under="ignore"):
        assert info_nce(query, positive, negatives, 1e-5) == pytest.approx(0.2e5)
        _, by_positive, by_negatives = info_nce.grad(query, positive, negatives, 1e-5)
        assert np.all(np.isfinite(nt_xent(query, positive, 1e-300)))
    assert np.array_equal(by_negatives[0, 1], [0, 0])
    np.testing.assert_allclose(by_negatives[0, 0], [0.36e5, -0.48e5], rtol=1e-12)
    np.testing.assert_allclose(by_positive[0], [-0.64e5, 0.48e5], rtol=1e-12)


# What is refused


def refused(text):
    return pytest.raises(ValueError, match="^" + re.escape(text))


REAL, P, V = np.zeros(3), np.full((2, 2), 0.5), np.ones((3, 2))
NEGATIVES = np.ones((3, 4, 2))
BAD = [
    (mse, (REAL, np.zeros((3, 1))), "target must have the shape of prediction, (3,), got (3, 1)"),
    (mse, (REAL, 0), "target must have the shape of prediction, (3,), got ()"),
    (mse, ("a", REAL), "prediction must be an array of real numbers, got str"),
    (mse, ([[1], [2, 3]], REAL), "prediction must be an array of real numbers, got a ragged one"),
    (mse, (REAL, [0, None, 1]), "target must be an array of real numbers"),
    (mse, (REAL, [0, np.nan, np.inf]), "target must be finite, got nan"),
    (mae, (REAL, [0, np.inf, 1]), "target must be finite, got inf"),
    (mse, ([], []), "mse needs at least one example, got none"),
    (huber, (REAL, REAL, 0), "delta must be a finite number > 0, got 0"),
    (huber, (REAL, REAL, -1), "delta must be a finite number > 0, got -1"),
    (huber, (REAL, REAL, np.inf), "delta must be a finite number > 0, got inf"),
    (huber, (REAL, REAL, REAL), "delta must be a finite number > 0, got array"),
    (mape, ([1, 2, 3, 4], [0, 3, 1, 0]), "target must not hold 0: a percentage of it is undefined, "
     "got 2 of them in shape (4,)"),
    (mape, ([1, 2], [np.nan, 3]), "target must be finite, got nan"),
    (binary_cross_entropy, ([0.5, 1.1, -1], [0, 1, 0]), "probability must be from 0 to 1, got 1.1"),
    (binary_cross_entropy, ([0.5, -0.1], [0, 1]), "probability must be from 0 to 1, got -0.1"),
    (binary_cross_entropy, ([0.5, np.nan], [0, 1]), "probability must be from 0 to 1, got nan"),
    (binary_cross_entropy, (2, 1), "probability must be from 0 to 1, got 2.0"),
    (binary_cross_entropy, ([0.5, 0.5], [0, 2]), "target must be from 0 to 1, got 2.0"),
    (binary_cross_entropy, ([0.5, 0.5], [-1, 1]), "target must be from 0 to 1, got -1.0"),
    (binary_cross_entropy, ([0.5], [[1]]), "target must have the shape of probability, (1,)"),
    (binary_cross_entropy_with_logits, ([3, -2], [1, -1]), "target must be from 0 to 1, got -1.0"),
    (binary_cross_entropy_with_logits, ([3], [1, 0]), "target must have the shape of logit, (1,)"),
    (cross_entropy, ([[0.5, 0.6], [1, 1]], P), "probability must add up to 1 along the last axis, "
     "got 1.1"),
    (cross_entropy, ([[0.5, 0.5 + 3e-6]], [[0, 1]]), "probability must add up to 1 along the last "
     "axis, got 1.000003"),
    (cross_entropy, ([[0, 2.5, -0.5, -1]], [[0, 1, 0, 0]]), "probability must not be negative, got "
     "-0.5"),
    (cross_entropy, ([[np.nan, 0.5]], [[0, 1]]), "probability must not be negative, got nan"),
    (cross_entropy, (P, [[1, 1], [0, 1]]), "one_hot must add up to 1 along the last axis, got 2"),
    (cross_entropy, (P, [1, 0]), "one_hot must have the shape of probability, (2, 2), got (2,)"),
    (cross_entropy, (P, 1), "one_hot must have a class axis, (N, C), got the scalar 1.0"),
    (cross_entropy, (np.zeros((0, 3)), np.zeros((0, 3))), "cross_entropy needs at least one"),
    (kl_divergence, (P, [[0.5, 0.4], [0.5, 0.5]]), "q must add up to 1 along the last axis"),
    (kl_divergence, ([[2, -1], [0, 1]], P), "p must not be negative, got -1.0"),
    (kl_divergence, (P, P[:1]), "q must have the shape of p, (2, 2), got (1, 2)"),
    (kl_divergence, (np.zeros((2, 0)), np.zeros((2, 0))), "p must add up to 1"),
    (softmax_cross_entropy, (V, [0, 2, -1]), "labels must be from 0 to 1, the last class, got 2"),
    (softmax_cross_entropy, (V, [0, -1, 1]), "labels must be from 0 to 1, the last class, got -1"),
    (softmax_cross_entropy, (V, [0.0, 1.0, 1.0]), "labels of shape (3,) must be integers, each the "
     "index of a class, got dtype float64"),
    (softmax_cross_entropy, (V, [True, False, True]), "labels of shape (3,) must be integers"),
    (softmax_cross_entropy, (V, [0, 1]), "labels must be integers of shape (3,) or distributions "
     "of shape (3, 2), to go with the logits, got shape (2,)"),
    (softmax_cross_entropy, (NEGATIVES, [0, 1]), "labels must be integers of shape (3, 4) or "
     "distributions of shape (3, 4, 2), to go with the logits, got shape (2,)"),
    (softmax_cross_entropy, (V, V), "labels must add up to 1 along the last axis, got 2"),
    (softmax_cross_entropy, (V, V * [2, -1]), "labels must not be negative, got -1.0"),
    (softmax_cross_entropy, (V, [["a"]]), "labels must be an array of real numbers"),
    (softmax_cross_entropy, (V, [[0], [1, 2], [0]]), "labels must be an array of real numbers"),
    (softmax_cross_entropy, (3, 0), "logits must have a class axis, (N, C), got shape ()"),
    (softmax_cross_entropy, (np.ones((3, 0)), [0, 0, 0]), "logits must have a class axis, (N, C)"),
    (softmax_cross_entropy, (V[:0], np.zeros(0, int)), "softmax_cross_entropy needs at least one"),
    (contrastive, ([1, -1], [0, 1]), "distance must not be negative, got -1.0"),
    (contrastive, ([1] * 4, [0, 1, 0.5, 3]), "same must be 0 or 1, got 0.5"),
    (contrastive, ([1, 1], [0, np.nan]), "same must be 0 or 1, got nan"),
    (contrastive, ([1, 1], [0]), "same must have the shape of distance, (2,), got (1,)"),
    (contrastive, ([1], [0], -1), "margin must be a finite number >= 0, got -1"),
    (triplet, (V, V, V[:2]), "negative must have the shape of anchor, (3, 2), got (2, 2)"),
    (triplet, (V, V[:, :1], V), "positive must have the shape of anchor, (3, 2), got (3, 1)"),
    (triplet, (V, V, V, "1"), "margin must be a finite number >= 0, got '1'"),
    (triplet, (1, 2, 3), "anchor must hold vectors, (N, D), got shape ()"),
    (triplet, (V[:, :0],) * 3, "anchor must hold vectors, (N, D), got shape (3, 0)"),
    (info_nce, (V, V, V), "negatives must have shape (3, 'K', 2), to go with query of shape (3"),
    (info_nce, (V, V, NEGATIVES[:2]), "negatives must have shape (3, 'K', 2)"),
    (info_nce, (V, V, NEGATIVES[:, :, :1]), "negatives must have shape (3, 'K', 2)"),
    (info_nce, (V, V, NEGATIVES[:, :0]), "negatives must hold at least one for a query"),
    (info_nce, (V, V, 1.0), "negatives must have shape (3, 'K', 2)"),
    (info_nce, (V, V[:1], NEGATIVES), "positive must have the shape of query, (3, 2), got (1, 2)"),
    (info_nce, (V, V, NEGATIVES, 0), "temperature must be a finite number > 0, got 0"),
    (nt_xent, (V, V, -0.5), "temperature must be a finite number > 0, got -0.5"),
    (nt_xent, (V, V[:2]), "view_b must have the shape of view_a, (3, 2), got (2, 2)"),
    (nt_xent, (V[0], V[0]), "view_a and view_b must have shape (N, D), N >= 1, got (2,)"),
    (nt_xent, (V[:0], V[:0]), "view_a and view_b must have shape (N, D), N >= 1, got (0, 2)"),
    (bpr, (REAL, REAL[:2]), "negative_score must have the shape of positive_score, (3,), got (2,)"),
    (bpr, (None, REAL), "positive_score must be an array of real numbers"),
    (dot_product, (V, V, [0, 1]), "label must have shape (3,), one for each user and item"),
    (dot_product, (NEGATIVES, NEGATIVES, [0, 1]), "label must have shape (3, 4), one for each"),
    (dot_product, (V, V, [0, 1, -1]), "label must be from 0 to 1, got -1.0"),
    (dot_product, (V, V[:2], [0, 1, 1]), "item must have the shape of user, (3, 2), got (2, 2)"),
]  # fmt: skip


@pytest.mark.parametrize(
    "f, args, message", BAD, ids=[f"{f.__name__}: {message[:40]}" for f, _, message in BAD]
)
def test_bad_input(f, args, message):
    for call in (f, f.grad, functools.partial(f, reduction="none"), functools.partial(f.vjp, 1.0)):
        with refused(message):
            call(*args)


def test_every_loss_refuses_something():
    assert {f for f, *_ in BAD} == set(ALL)


@every_loss
def test_bad_reductions_and_cotangents(f):
    args = sample(f)
    for bad in ("average", None, 0, ["mean"]):
        with refused(f"reduction must be one of ['none', 'sum', 'mean'], got {bad!r}"):
            f(*args, reduction=bad)
        with refused(f"a gradient needs the reduction 'sum' or 'mean', got {bad!r}"):
            f.grad(*args, reduction=bad)
    with refused("a gradient needs the reduction 'sum' or 'mean', got 'none': weigh the losses"):
        f.grad(*args, reduction="none")
    shape = f(*args, reduction="none").shape
    for g in (1.0, np.ones((*shape, 1))):
        with refused(f"g must hold a number for each loss, shape {shape}, got {np.shape(g)}"):
            f.vjp(g, *args)
    with refused("g must be an array of real numbers"):
        f.vjp("g", *args)
    with pytest.raises(TypeError, match="missing a required argument"):
        f(args[0])


@every_loss
def test_a_tensor_where_there_is_no_derivative(f):
    args, names = sample(f), list(inspect.signature(f).parameters)
    for i in set(range(len(args))) - set(f.argnums):
        tensors = [Tensor(a) if j == i else a for j, a in enumerate(args)]
        with pytest.raises(TypeError, match=f"{f.__name__} has no derivative by {names[i]}"):
            f(*tensors)
    named = dict(zip(names, [Tensor(args[0]), *args[1:]], strict=False))
    assert f(**named).value == f(*args)


def test_a_tensor_is_checked_as_an_array_is():
    for bad, wanted in [
        (lambda: binary_cross_entropy(Tensor([0.5, 2]), [0, 1]), "probability must be from 0 to 1"),
        (lambda: binary_cross_entropy(Tensor(2.0), 1), "probability must be from 0 to 1, got 2.0"),
        (lambda: cross_entropy(Tensor([[0.5, 2]]), [[0, 1]]), "probability must add up to 1"),
        (lambda: contrastive(Tensor([-1.0]), [1]), "distance must not be negative, got -1.0"),
        (lambda: mse(Tensor([1.0]), [1, 2]), "target must have the shape of prediction, (1,)"),
        (lambda: mse(Tensor([]), []), "mse needs at least one example, got none"),
        (lambda: softmax_cross_entropy(Tensor([[1.0, 2]]), [2]), "labels must be from 0 to 1"),
    ]:
        with refused(wanted):
            bad()


def test_a_distribution_in_float32_passes():
    rng = np.random.default_rng(8)
    p = softmax(rng.normal(size=(20, 5000)) * 5).astype(np.float32)
    assert np.isfinite(cross_entropy(p, p)) and kl_divergence(p, p) == 0
    assert np.isfinite(softmax_cross_entropy(np.log(p), p))


def test_what_is_written_to_later_changes_no_gradient():
    prediction, target = Tensor([1.0, 2]), np.array([0.0, 0])
    value = mse(prediction, target)
    target[:] = 100
    value.backward()
    assert np.array_equal(prediction.grad, [1, 2])


# The checker itself: a broken gradient is caught


def remade(f, vjp):
    """The loss f with another gradient by hand."""
    other = as_loss(f.check, by=f.by, examples=f.examples, **f.bounds)(f.__wrapped__)
    named = functools.wraps(f.__wrapped__)(lambda *args: vjp(*args))
    parameters = [inspect.Parameter("g", 1), *inspect.signature(f.__wrapped__).parameters.values()]
    named.__signature__ = inspect.Signature([p.replace(default=p.empty) for p in parameters])
    other.derivative(named)
    return other


@every_loss
def test_a_broken_gradient_is_caught(f):
    args = sample(f)
    assert disagreements(remade(f, f._vjp), args, {}) == []

    def changed(change):
        def vjp(*args):
            parts = change(*several(f._vjp(*args)))
            return parts if len(f.by) > 1 else parts[0]

        return remade(f, vjp)

    both = ["traced", "differences"]
    for i in range(len(f.by)):
        for wrong in (lambda x: 2 * x, lambda x: -x, lambda x: x / 2, lambda x: 0 * x):
            broken = changed(
                lambda *parts, i=i, wrong=wrong: tuple(
                    wrong(p) if j == i else p for j, p in enumerate(parts)
                )
            )
            assert disagreements(broken, args, {}) == both
    # one entry, by one part in a hundred thousand

    def nudged(first, *rest):
        return first * (1 + 1e-5 * (np.abs(first) == np.max(np.abs(first)))), *rest

    slightly = changed(nudged)
    assert disagreements(slightly, args, {}) == both
    if len(f.by) > 1:
        assert disagreements(changed(lambda *parts: parts[::-1]), args, {}) == both
    unweighed = remade(f, lambda g, *args: f._vjp(np.ones_like(g), *args))
    assert disagreements(unweighed, args, {}) == both


def test_a_broken_body_is_caught():
    """The gradient of softmax cross-entropy without its own largest logit, and the like."""
    half = as_loss(arguments.regression, by="prediction")(
        lambda prediction, target: prediction * 0.5
    )
    half.derivative(lambda g, prediction, target: g * 0.5)
    assert disagreements(half, sample(mse), {}) == []
    stepped = as_loss(arguments.regression, by="prediction")(
        lambda prediction, target: np.floor(prediction * 2.0**60) / 2.0**60
    )
    stepped.derivative(lambda g, prediction, target: g * 1.0)
    assert disagreements(stepped, sample(mse), {}) == ["traced"]


def test_a_record_that_does_not_fit():
    def body(prediction, target, delta=1.0):
        return prediction

    for by, bounds in (("target2", {"delta": {}}), ("delta", {"delta": {}}), ("prediction", {})):
        with refused("body has the arrays ['prediction', 'target'] and the numbers ['delta']"):
            as_loss(arguments.regression, by=by, **bounds)(body)
    made = as_loss(arguments.regression, by="prediction", delta={"above": 0})(body)
    with refused("the vjp of body must take ['g', 'prediction', 'target', 'delta'], takes ['g']"):
        made.derivative(lambda g: g)


def test_check_gradients_through_a_network():
    """A loss behind layers, as in training."""
    rng = np.random.default_rng(9)
    w, x, labels = rng.normal(size=(4, 3)), rng.normal(size=(6, 3)), rng.integers(4, size=6)
    assert check_gradients(lambda w: softmax_cross_entropy(x @ w.T, labels), w) < 1e-8
    assert check_gradients(lambda w, v: kl_divergence(softmax(w), softmax(v)), w, w[::-1]) < 1e-8
    assert check_gradients(lambda w: nt_xent(x @ w.T, np.tanh(x @ w.T)), w) < 1e-8


# The ends of the range, and one pass for value and gradient --------------------------------------


@pytest.mark.parametrize("size", [5e-324, 1e-310, 1e-160, 1.0, 1e160, 1.7e308])
def test_directions_at_the_ends_of_the_range(size):
    v, unit = np.array([[size, size]]), np.array([[1.0, 1.0]])
    negative = np.array([[[1.0, -1.0]]])
    found = info_nce(v, v, negative, temperature=1.0)
    assert abs(found - math.log1p(math.exp(-1))) < 1e-15
    views = np.concatenate([v, v * [1, -1]]), np.concatenate([v * [1, 0], v])
    unit_views = [np.sign(view) for view in views]
    assert abs(nt_xent(*views) - nt_xent(*unit_views)) < 1e-14
    if size < 1e100:
        by_anchor, *_ = triplet.grad(0 * v, -v, 3 * unit, margin=1e308)
        np.testing.assert_allclose(by_anchor, [[math.sqrt(2)] * 2], rtol=1e-15)


def test_gradients_of_small_and_large_vectors():
    rng = np.random.default_rng(0)
    q, p, n = rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), rng.normal(size=(2, 4, 3))
    wanted = info_nce.grad(q, p, n)
    for scale in (1e-200, 1e200):
        for mine, theirs in zip(
            info_nce.grad(q * scale, p * scale, n * scale), wanted, strict=True
        ):
            np.testing.assert_allclose(mine * scale, theirs, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("temperature", [5e-324, 1e-310, 1e-301])
def test_temperatures_that_divide_to_infinity(temperature):
    v = np.eye(2)
    for call in (
        lambda: nt_xent(v, v, temperature),
        lambda: info_nce.grad(v, v, v[:, None], temperature),
    ):
        with refused("temperature must be at least 1e-300, since it divides, got "):
            call()
    assert np.all(np.isfinite(nt_xent(v, v[::-1], 1e-300)))
    assert not np.any(np.isnan(nt_xent.grad(v, v[::-1], 1e-300)))


def test_certain_and_right_costs_no_minus_0():
    for f in (binary_cross_entropy, cross_entropy):
        for p in ([1.0, 0.0], [0.0, 1.0]):
            assert not np.any(np.signbit(f([p], [p], reduction="none")))


@pytest.mark.parametrize("reduction, share", [("none", 1), ("sum", 1), ("mean", 3)])
def test_the_recorded_gradient_of_each_reduction(reduction, share):
    z, labels = np.random.default_rng(0).normal(size=(3, 4)), np.array([1, 3, 0])
    for f, x, y in ((softmax_cross_entropy, z, labels), (mse, z[:, 0], z[:, 1])):
        t = Tensor(x)
        result = f(t, y, reduction=reduction)
        g = np.ones(result.shape) * 2
        result.backward(g)
        np.testing.assert_allclose(t.grad, f.vjp(np.full(3, 2 / share), x, y), rtol=1e-15)


def test_sums_of_distributions_have_a_tolerance():
    for off in (5e-7, -5e-7):
        cross_entropy([[0.5, 0.5 + off]], [[1.0, 0.0]])
    for off in (2e-6, -2e-6):
        with refused("probability must add up to 1 along the last axis, got "):
            cross_entropy([[0.5, 0.5 + off]], [[1.0, 0.0]])


@pytest.mark.parametrize(
    "z",
    [
        [[1.0, 2.0, 0.5], [1000.0, -1000.0, 0.0], [3.0, 3.0, 3.0]],
        [[40.0, 0.0, 0.0], [-1e300, 1e300, 0.0], [0.0, -np.inf, 1.0]],
        [[np.nan, 0.0, 1.0], [np.inf, 0.0, 0.0], [-np.inf, -np.inf, -np.inf]],
        [1.0, 2.0, 4.0],
        [[[1.0, 2.0, 4.0]], [[3.0, 3.0, 3.0]]],
    ],
)
@np.errstate(invalid="ignore", over="ignore")
def test_one_pass_is_the_same_as_two(z):
    """The plain body, the body traced and the product by hand are the same losses and slopes."""
    z = np.array(z)
    labels = np.ones(z.shape[:-1], int)
    one_hot = np.eye(3)[labels]
    for y in (labels, one_hot):
        t = Tensor(z)
        each = softmax_cross_entropy(t, y, reduction="none")
        traced = softmax_cross_entropy.__wrapped__(Tensor(z), y)
        np.testing.assert_allclose(each.value, traced.value, rtol=1e-14)
        each.backward(np.ones(each.shape))
        first = t.grad
        each.backward(np.ones(each.shape))  # once more: nothing was used up
        np.testing.assert_array_equal(t.grad, first)
        np.testing.assert_allclose(
            first, softmax_cross_entropy.vjp(np.ones(each.shape), z, y), rtol=1e-14, atol=1e-16
        )
        if np.all(np.isfinite(z)):
            np.testing.assert_allclose(first, softmax(z) - one_hot, rtol=1e-12, atol=1e-15)


def test_a_recorded_loss_near_0_keeps_its_digits():
    z = np.array([[50.0, 0.0, 0.0]])
    assert abs(softmax_cross_entropy(z, [0]) / (2 * math.exp(-50)) - 1) < 1e-15
    assert abs(softmax_cross_entropy(Tensor(z), [0]).value / (2 * math.exp(-50)) - 1) < 1e-15


def test_second_derivatives_of_softmax_cross_entropy():
    z, labels = np.random.default_rng(1).normal(size=(2, 3)), np.array([2, 0])
    by_z = grad(lambda z: softmax_cross_entropy(z, labels))
    hessian = jacobian(by_z)(z)
    for i, p in enumerate(softmax(z)):
        np.testing.assert_allclose(hessian[i, :, i], (np.diag(p) - np.outer(p, p)) / 2, atol=1e-15)


def test_masked_arrays_are_refused():
    masked = np.ma.array([1.0, 2.0], mask=[False, True])
    for call in (lambda: mse(masked, [1.0, 2.0]), lambda: mse([1.0, 2.0], masked)):
        with pytest.raises(
            ValueError, match="must be an array of real numbers, got a masked array"
        ):
            call()
    with refused("labels must be an array of real numbers, got a masked array"):
        softmax_cross_entropy(np.eye(2), np.ma.array([0, 1], mask=[0, 1]))
