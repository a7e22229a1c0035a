"""Every function with a rule, called in every way NumPy allows: right, or refused.

For each function there are shapes that its arrays may have and values for each option of NumPy's
signature, those that no rule knows among them. A call takes some, by position or by name, for
arrays in either memory order. Then one of three must hold: NumPy refuses the call and so does the
tensor; or the tensor refuses it, with a text of its own; or the value is NumPy's and the gradient
agrees with central differences.
"""

import inspect
import operator
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook.autodiff import Tensor, check_gradients
from nnbook.autodiff.rules import LIST_RULES, RULES, WRITTEN_OUT, log_abs_det, log_sum_exp, scatter

MASK = np.array([[True, False, True, True]] * 3)
SQUARE, MATRIX, STACK = ((3, 3),), ((3, 4),), ((2, 3, 4),)
ANY = [SQUARE, MATRIX, STACK, ((4,),), ((),), ((1, 3),)]
AXIS = [None, 0, 1, -1, (0, 1), (), 7]
OUT, DTYPE = [None, "buffer"], [None, np.float64, np.float32, int]
REDUCED = {"axis": AXIS, "dtype": DTYPE, "out": OUT, "keepdims": [False, True]}
NAMED = {"initial": [0.5], "where": [True, MASK]}
DDOF = {"axis": AXIS, "dtype": DTYPE, "out": OUT, "ddof": [0, 1, 2], "keepdims": [False, True]}
EXTREME = {"axis": AXIS, "out": OUT, "keepdims": [False, True], "initial": [0.5]}
ORDER = ["C", "F", "A", "K"]
K = {"k": [0, 1, -1, 5]}
PLACED = {"offset": [0, 1, -1], "axis1": [0, 1, 2], "axis2": [1, 0, -1]}
INDICES = [0, [0, 2], [True, False, True], [[1, -1], [0, 0]], np.array([2, 1]), 5]
LISTED = [((3, 4), (3, 4)), ((2,), (2,)), ((2, 3), (1, 3)), ((), ())]

# The arrays' shapes, the options by position or name, the options by name alone.
TABLE = {
    np.sum: (ANY, REDUCED, NAMED),
    np.mean: (ANY, REDUCED, {"where": [True, MASK]}),
    np.prod: (ANY, REDUCED, NAMED),
    np.var: (ANY, DDOF, {"where": [True, MASK], "correction": [1]}),
    np.std: (ANY, DDOF, {"where": [True, MASK], "correction": [1]}),
    **{f: (ANY, EXTREME, {"where": [True]}) for f in (np.max, np.min, np.amax, np.amin)},
    np.cumsum: (ANY, {"axis": AXIS, "dtype": DTYPE, "out": OUT}, {}),
    np.cumprod: (ANY, {"axis": AXIS, "dtype": DTYPE, "out": OUT}, {}),
    np.linalg.norm: (
        ANY,
        {
            "ord": [None, 1, 2, 3, 0.5, 0, -1, np.inf, -np.inf, "fro", "nuc", -2],
            "axis": [None, 0, -1, (0, 1), [1, 0], (0, 1, 2)],
            "keepdims": [False, True],
        },
        {},
    ),
    np.linalg.inv: ([SQUARE, ((2, 3, 3),), MATRIX], {}, {}),
    np.linalg.det: ([SQUARE, ((2, 3, 3),), MATRIX], {}, {}),
    np.linalg.slogdet: ([SQUARE, ((2, 3, 3),)], {}, {}),
    np.linalg.solve: (
        [((3, 3), (3, 2)), ((3, 3), (3,)), ((2, 3, 3), (3, 1)), ((3, 3), (2,))],
        {},
        {},
    ),
    np.ravel: (ANY, {"order": ORDER}, {}),
    np.reshape: (
        ANY,
        {"shape": [(-1,), (4, 3), (3, -1), 12, (2, 3, 4)], "order": ORDER},
        {"copy": [None, True]},
    ),
    np.copy: (ANY, {"order": ORDER, "subok": [False, True]}, {}),
    np.squeeze: ([*ANY, ((3, 1, 1),)], {"axis": [None, 0, -1, (1, 2)]}, {}),
    np.expand_dims: (ANY, {"axis": [0, -1, (0, 2), [0, 1]]}, {}),
    np.transpose: (ANY, {"axes": [None, (1, 0), [0, 2, 1], (-1, 0, 1), 0, ()]}, {}),
    np.swapaxes: (ANY, {"axis1": [0, 1, -1], "axis2": [1, 0, 2]}, {}),
    np.moveaxis: (ANY, {"source": [0, [0, 1], (0, -1)], "destination": [-1, [1, 0], (1, 0)]}, {}),
    np.flip: (ANY, {"axis": AXIS}, {}),
    np.fliplr: (ANY, {}, {}),
    np.flipud: (ANY, {}, {}),
    np.rot90: (ANY, {"k": [1, 2, -1], "axes": [(0, 1), [1, 0], (0, 2), (1, 1)]}, {}),
    np.broadcast_to: (ANY, {"shape": [(2, 3, 4), (3, 4), (3, 3), 4], "subok": [False, True]}, {}),
    np.tril: (ANY, K, {}),
    np.triu: (ANY, K, {}),
    np.diag: (ANY, K, {}),
    np.diagonal: (ANY, PLACED, {}),
    np.trace: (ANY, {**PLACED, "dtype": DTYPE, "out": OUT}, {}),
    np.roll: (ANY, {"shift": [1, -2, (1, 2), [1, 1]], "axis": [None, 0, 1, (0, 1), (0, 0)]}, {}),
    np.repeat: (
        ANY,
        {"repeats": [2, [1, 0, 2], np.array([2, 1, 1]), 0], "axis": [None, 0, 1, -1]},
        {},
    ),
    np.tile: (ANY, {"reps": [2, (2, 1), [1, 2, 2], 0]}, {}),
    np.pad: (
        ANY,
        {
            "pad_width": [1, (1, 2), ((0, 1), (2, 0)), 0, {0: 1}],
            "mode": [
                "constant",
                "edge",
                "reflect",
                "symmetric",
                "wrap",
                "mean",
                "linear_ramp",
                "empty",
            ],
        },
        {"constant_values": [0, 1.5, (1, 2)], "reflect_type": ["odd"], "stat_length": [1]},
    ),
    np.sort: (
        ANY,
        {"axis": [-1, 0, None, 5], "kind": [None, "stable", "quicksort"], "order": [None]},
        {"stable": [None, True]},
    ),
    np.take: (
        ANY,
        {
            "indices": INDICES,
            "axis": [None, 0, 1, -1, 2],
            "out": OUT,
            "mode": ["raise", "wrap", "clip"],
        },
        {},
    ),
    np.take_along_axis: (
        ANY,
        {
            "indices": [0, np.array([[0], [2], [1]]), np.array([[1, 0]]), np.array([2, 0, 0])],
            "axis": [-1, 0, None],
        },
        {},
    ),
    np.clip: (
        ANY,
        {"a_min": [None, -0.3, np.full(4, -0.2)], "a_max": [None, 0.4], "out": OUT},
        {"min": [None, -0.1], "max": [None, 0.2]},
    ),
    np.full_like: (
        [((3,), ()), ((2, 3), (3,)), ((3,), (2,))],
        {"dtype": DTYPE, "order": ORDER, "subok": [True, False], "shape": [None, (2,)]},
        {},
    ),
    np.dot: (
        [((3, 4), (4, 2)), ((4,), (4,)), ((2, 3, 4), (4,)), ((), (3,)), ((4,), (2, 4, 3))],
        {"out": OUT},
        {},
    ),
    np.inner: (
        [((3, 4), (2, 4)), ((4,), (4,)), ((4,), (2, 3, 4)), ((), (3,)), ((3,), (4,))],
        {},
        {},
    ),
    np.outer: ([((3,), (4,)), ((2, 2), (3,)), ((), (2,))], {"out": OUT}, {}),
    np.kron: ([((2, 3), (2, 2)), ((3,), (2, 2)), ((2, 1, 2), (3,)), ((), (2,))], {}, {}),
    np.tensordot: (
        [((3, 4), (4, 3)), ((2, 3, 4), (3, 4)), ((2, 3, 4), (4,)), ((3,), (3,)), ((3, 3), (3, 3))],
        {"axes": [0, 1, 2, (0, 0), ([1], [0]), [[0, 1], [1, 0]], ([-1], [0])]},
        {},
    ),
    np.concatenate: (
        LISTED,
        {"axis": [0, 1, -1, None], "out": OUT},
        {"dtype": DTYPE, "casting": ["safe"]},
    ),
    np.stack: (LISTED, {"axis": [0, 1, -1], "out": OUT}, {"dtype": DTYPE}),
    np.vstack: (LISTED, {}, {"dtype": DTYPE}),
    np.hstack: (LISTED, {}, {"dtype": DTYPE}),
    log_sum_exp: (ANY, {"axis": [None, 0, 1, -1]}, {"keepdims": [False, True]}),
}

# Functions whose first arguments are no arrays: what stands there.
FIRST = {
    np.where: ([((3, 4), (3, 4)), ((4,), ()), ((3, 1), (2, 4))], [MASK, MASK.tolist(), MASK[0], 1]),
    np.einsum: (
        [((3, 4), (3, 4)), ((3, 3), (3, 3)), ((3, 3),), ((3, 4), (4,), (3,)), ((3, 1), (3, 4))],
        [
            "ij,kj->ik",
            "ij,ij",
            "ij,ij->ij",
            "ij",
            "ii",
            "ii->i",
            "ii,ij->j",
            "ji",
            "ij,j,i->i",
            "ij->",
        ],
    ),
    np.select: ([((3, 4), (3, 4)), ((4,), (4,))], [[MASK, ~MASK], [MASK[0], MASK[0]], [MASK]]),
}
UFUNCS = [f for f in RULES if isinstance(f, np.ufunc)]
UFUNC_OPTIONS = {"out": OUT}, {"where": [True, MASK], "dtype": DTYPE[1:], "casting": ["unsafe"]}
# SciPy's own ufuncs, called with plain arrays and a mask, write outside of their result in SciPy
# 1.17.1 and before (pull request 25127 of SciPy mends it). Tensors refuse a mask before that.
SCIPYS = [f for f in UFUNCS if getattr(np, f.__name__, None) is not f]


def test_every_function_is_called():
    elsewhere = {operator.getitem, scatter, log_abs_det}
    assert {*RULES, *LIST_RULES, *WRITTEN_OUT} - elsewhere == {*TABLE, *FIRST, *UFUNCS}


@pytest.mark.parametrize("function", [*TABLE], ids=lambda f: f.__name__)
def test_options_have_numpys_names_and_places(function):
    """A rule takes in a place what NumPy takes there: no option is read as another."""
    if function in RULES:
        rule = RULES[function][-1]
    elif function in LIST_RULES:
        rule = LIST_RULES[function](0)
    else:
        rule = WRITTEN_OUT[function]
    known = list(inspect.signature(rule).parameters.values())[0 if function in WRITTEN_OUT else 2 :]
    numpys = list(inspect.signature(function).parameters.values())
    arrays = len(RULES.get(function, [0]))
    for place, parameter in enumerate(known):
        if parameter.kind is parameter.VAR_KEYWORD or place < arrays:
            continue
        if parameter.kind is parameter.KEYWORD_ONLY:
            assert parameter.name in [p.name for p in numpys] or function is np.pad
        elif parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            assert parameter.name == numpys[place].name
            assert parameter.default == numpys[place].default or "no value" in str(
                numpys[place].default
            )


@st.composite
def calls(draw, function):
    if function in TABLE:
        shapes, by_place, by_name = TABLE[function]
    elif function in FIRST:
        (shapes, firsts), by_place, by_name = FIRST[function], {}, {}
    else:
        places = [
            ((3, 4),) * function.nin,
            ((3, 1), (4,), ())[: function.nin],
            ((),) * function.nin,
        ]
        shapes, (by_place, by_name) = places, UFUNC_OPTIONS
        if function in SCIPYS:
            by_name = by_name | {"where": [True]}
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    chosen = draw(st.sampled_from(shapes))
    if function is np.matmul:
        chosen = draw(st.sampled_from([((3, 4), (4, 2)), ((4,), (4,)), ((2, 3, 4), (4,))]))
    low, high = (0.2, 0.9) if isinstance(function, np.ufunc) else (-1, 1)
    arrays = [
        np.array(rng.uniform(low, high, shape), order=draw(st.sampled_from("CF")))
        for shape in chosen
    ]
    if (
        getattr(function, "__module__", "") == "numpy.linalg"
        and function is not np.linalg.norm
        and chosen[0][-1] == chosen[0][-2]
    ):
        arrays[0] += 4 * np.eye(3)  # the diagonal outweighs the others: far from singular
    first = [draw(st.sampled_from(firsts))] if function in FIRST else []

    names = list(by_place)
    count = draw(st.integers(0, len(names))) if draw(st.booleans()) else 0
    positional = [draw(st.sampled_from(by_place[name])) for name in names[:count]]
    named = {}
    for name in [*names[count:], *by_name]:
        parameter = inspect.signature(function).parameters.get(name) if name in names else None
        needed = parameter is not None and parameter.default is parameter.empty
        if needed or draw(st.integers(0, 5)) < (3 if name in KNOWN else 1):
            named[name] = draw(st.sampled_from((by_place | by_name)[name]))
    return first, arrays, positional, named


def filled(values):
    """Options, with an array to write to where one is asked for."""
    return [np.zeros((3, 4)) if isinstance(v, str) and v == "buffer" else v for v in values]


def outcome(function, first, arrays, positional, named):
    positional, named = filled(positional), dict(zip(named, filled(named.values()), strict=True))
    listed = function in LIST_RULES or function in (np.vstack, np.hstack, np.select)
    arrays = [list(arrays)] if listed else arrays
    result = function(*first, *arrays, *positional, **named)
    return result.logabsdet if function is np.linalg.slogdet else result


KNOWN = {
    "axis",
    "keepdims",
    "ddof",
    "a_min",
    "a_max",
    "offset",
    "axis1",
    "axis2",
    "k",
    "mode",
    "indices",
    "ord",
}
accepted = Counter()


@pytest.mark.parametrize("function", [*TABLE, *FIRST, *UFUNCS], ids=lambda f: f.__name__)
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore:'where' used without 'out'")
def test_right_or_refused(function):
    @settings(max_examples=40, deadline=None)
    @given(calls(function))
    def run(call):
        first, arrays, positional, named = call
        if function in SCIPYS and named.get("where") is MASK:
            named["where"] = True  # see there
        refusals = (TypeError, ValueError, IndexError, AttributeError)  # some of them NumPy's
        try:
            plain = outcome(function, first, arrays, positional, named)
        except (*refusals, ZeroDivisionError):
            with pytest.raises(refusals):
                outcome(function, first, list(map(Tensor, arrays)), positional, named)
            return
        try:
            recorded = outcome(function, first, list(map(Tensor, arrays)), positional, named)
        except TypeError as error:
            assert len(str(error)) > 20
            return
        assert type(recorded) is Tensor
        assert recorded.shape == np.shape(plain)
        np.testing.assert_allclose(recorded.value, plain, rtol=1e-13, atol=1e-13)
        accepted[function] += 1
        if np.all(np.isfinite(plain)) and np.size(plain):
            check_gradients(
                lambda *xs: outcome(function, first, xs, positional, named), *arrays, directions=2
            )

    run()
    assert accepted[function] >= 2  # refusing everything would be right, too


@pytest.mark.parametrize("function", SCIPYS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("out", [{}, {"out": np.zeros((3, 4))}], ids=["new", "out"])
def test_a_mask_never_reaches_scipy(function, out):
    with pytest.raises(TypeError, match="where|out"):
        function(Tensor(np.full((3, 4), 0.5)), where=MASK, **out)
