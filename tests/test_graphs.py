"""The record as a graph: its order, its price, and a drawing in which nothing hides anything."""

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg

from nnbook.autodiff import Tensor, value_and_grad
from nnbook.graphs import _layout, draw_graph, operations, record, shown
from nnbook.plotting import figure


def neuron():
    w, x, b = Tensor(0.8), Tensor(1.5), Tensor(-0.4)
    error = np.tanh(w * x + b) - 1
    return np.square(error) + 0.1 * np.square(w), {"w": w, "x": x, "b": b}


def test_a_record_holds_every_tensor_once_arguments_first():
    loss, inputs = neuron()
    tensors = record(loss)
    assert len(tensors) == 11 and tensors[-1] is loss
    numbers = [tensor.number for tensor in tensors]
    assert numbers == sorted(set(numbers))
    assert all(parent.number in numbers for tensor in tensors for parent in tensor.parents)
    assert [t for t in tensors if t.function is None] == list(inputs.values())


def test_records_of_several_results_are_joined():
    x = Tensor(2.0)
    a, b = x * 3, np.exp(x)
    assert [t.number for t in record(b, a)] == [x.number, a.number, b.number]


def test_a_record_can_be_long():
    x = y = Tensor(1.0)
    for _ in range(20_000):
        y = y + x
    assert len(record(y)) == 20_001


def test_a_record_does_not_follow_every_path():
    y = Tensor(1.0)
    for _ in range(60):
        y = y + y
    assert len(record(y)) == 61


@pytest.mark.parametrize("wrong", [1.0, np.ones(2), None])
def test_only_tensors_have_a_record(wrong):
    with pytest.raises(ValueError, match="results must be tensors"):
        record(wrong)


@pytest.mark.parametrize(
    ("f", "price"),
    [
        (lambda x: x + 1, 12),
        (lambda x: np.tanh(x) * x, 24),
        (lambda x: np.sum(x), 11),
        (lambda x: np.sum(x, axis=0), 8),
        (lambda x: np.mean(x), 12),
        (lambda x: np.mean(x, axis=1), 12),
        (lambda x: x @ np.ones((4, 5)), 3 * 5 * 7),
        (lambda x: np.ones((2, 3)) @ x, 2 * 4 * 5),
        (lambda x: np.ones(3) @ x, 4 * 5),
        (lambda x: x.T.reshape(2, 6)[0], 0),
        (lambda x: np.broadcast_to(np.sum(x), (100, 100)), 11),
    ],
)
def test_the_price_of_an_operation(f, price):
    assert operations(f(Tensor(np.ones((3, 4))))) == price


def test_what_is_used_twice_is_paid_once():
    x = Tensor(np.ones(5))
    e = np.exp(x)
    assert operations(e * e) == 10
    assert operations(e, e * e) == 10


def test_what_cannot_be_counted_is_an_error():
    with pytest.raises(ValueError, match="operations can be counted, got maximum"):
        operations(np.maximum(Tensor(1.0), 0))


@pytest.mark.parametrize("n", [2, 3, 10, 100])
def test_a_product_reaches_the_bound_of_baur_and_strassen(n):
    def product(factors):
        result = factors[0]
        for factor in factors[1:]:
            result = result * factor
        return result

    value, gradients = value_and_grad(product)([Tensor(1.5)] * n)
    assert operations(value) == n - 1
    assert operations(value, *gradients) == 3 * (n - 1)


def test_the_price_of_a_dense_layer_and_its_gradient():
    n, m, p = 7, 5, 3
    x = np.ones((n, m))
    value, gradient = value_and_grad(lambda w: np.sum(np.square(x @ w)))(Tensor(np.ones((m, p))))
    forward = n * p * (2 * m - 1) + n * p + (n * p - 1)
    backward = 2 * n * p + m * p * (2 * n - 1)  # g · 2z, and then xᵀ g
    assert operations(value) == forward
    assert operations(value, gradient) == forward + backward


def drawn(result, names=None, **options):
    fig, ax = figure(height=2.9)
    return fig, draw_graph(ax, result, names, **options)


def test_the_drawing_says_what_was_computed():
    loss, inputs = neuron()
    loss.backward()
    _, picture = drawn(loss, inputs | {"L": loss})
    labels = [text.get_text() for text in picture.boxes]
    assert labels == ["w", "x", "b", "×", "+", "tanh", "− 1", "(·)²", "(·)²", "0.1 ×", "+"]
    values = [text.get_text() for text in picture.values]
    assert values[:4] == ["0.8", "1.5", "−0.4", "1.2"]
    assert values[-1] == f"L\n{shown(loss.value)}"
    slopes = [text.get_text() for text in picture.gradients]
    assert slopes == [shown(tensor.grad) for tensor in picture.tensors]


def test_no_gradient_before_the_walk_back():
    _, picture = drawn(neuron()[0])
    assert all(text.get_text() == "" for text in picture.gradients)


def test_arrays_show_their_shape():
    x = Tensor(np.ones((4, 2)))
    loss = np.sum(x @ np.ones((2, 3)))
    loss.backward()
    _, picture = drawn(loss, {"X": x})
    assert [t.get_text() for t in picture.values] == ["(4, 2)", "(4, 3)", "24"]
    assert [t.get_text() for t in picture.gradients] == ["(4, 2)", "(4, 3)", "1"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0.0, "0"), (1.0, "1"), (-0.40346, "−0.403"), (12.3456, "12.3"), (-0.001, "−0.001")),
        *((0.000221, "2.2e−4"), (-3e-12, "−3e−12"), (25_000.0, "2.5e4"), (1e100, "1e100")),
        *((np.ones((2, 3)), "(2, 3)"), (np.inf, "inf"), (np.nan, "nan")),
    ],
)
def test_numbers_are_short(value, text):
    assert shown(value) == text


def test_edges_join_arguments_to_results():
    loss, _ = neuron()
    _, picture = drawn(loss)
    number = {tensor.number: i for i, tensor in enumerate(picture.tensors)}
    wanted = {(number[p.number], number[t.number]) for t in picture.tensors for p in t.parents}
    assert set(picture.edges) == wanted
    for (parent, child), line in picture.edges.items():
        ends = np.transpose(line.get_data())
        assert tuple(ends[0]) == picture.boxes[parent].get_position()
        assert tuple(ends[-1]) == picture.boxes[child].get_position()
        assert np.all(np.diff(ends[:, 0]) > 0)


def test_edges_do_not_cross_where_they_need_not():
    a, b, c = (Tensor(float(i)) for i in range(3))
    late = [np.exp(x) for x in (c, a, b)]
    _, picture = drawn(np.tanh(late[0]) + np.tanh(late[2]) * np.tanh(late[1]))
    lines = [np.transpose(line.get_data()) for line in picture.edges.values()]
    segments = [piece for line in lines for piece in itertools.pairwise(line)]
    for (p, q), (r, t) in itertools.combinations(segments, 2):
        if p[0] == r[0]:  # in the same gap between columns: the order must not be reversed
            assert (p[1] - r[1]) * (q[1] - t[1]) > -1e-9


@pytest.mark.parametrize("stranger", [Tensor(1.0), 2.0])
def test_only_what_is_in_the_graph_has_a_name(stranger):
    with pytest.raises(ValueError, match=r"names\['s'\] must be a tensor the result was"):
        drawn(neuron()[0], {"s": stranger})


def test_a_single_tensor_can_be_drawn():
    _, picture = drawn(Tensor(3.0))
    assert np.all(np.isfinite(picture.boxes[0].get_position()))


def test_texts_do_not_overlap():
    loss, inputs = neuron()
    loss.backward()
    fig, picture = drawn(loss, inputs | {"L": loss})
    FigureCanvasAgg(fig).draw()
    texts = [*picture.boxes, *picture.values, *picture.gradients]
    extents = [text.get_window_extent() for text in texts]
    for (a, one), (b, other) in itertools.combinations(zip(texts, extents, strict=True), 2):
        assert not one.overlaps(other), (a.get_text(), b.get_text())
    assert all(fig.bbox.x0 <= e.x0 and e.x1 <= fig.bbox.x1 for e in extents)
    assert all(fig.bbox.y0 <= e.y0 and e.y1 <= fig.bbox.y1 for e in extents)


@st.composite
def graphs(draw):
    """Node i > 0 has one or two parents among those before it; all lead to the last node."""
    n = draw(st.integers(1, 14))
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n))
    for i in range(1, n):
        graph.add_edges_from((j, i) for j in draw(st.sets(st.integers(0, i - 1), max_size=2)))
    graph.add_edges_from((i, n - 1) for i in range(n - 1) if graph.out_degree(i) == 0)
    return graph


@given(graphs())
def test_the_layout_keeps_all_apart_and_reads_from_left_to_right(graph):
    positions, bends = _layout(graph)
    assert set(bends) == set(graph.edges)
    columns = sorted({round(x, 9) for x, _ in positions.values()})
    assert len({tuple(np.round(p, 9)) for p in positions.values()}) == len(positions)
    assert all(-1e-9 <= c <= 1 + 1e-9 for p in positions.values() for c in p)
    for (parent, child), between in bends.items():
        chain = [positions[node][0] for node in (parent, *between, child)]
        steps = np.diff(chain)
        assert np.allclose(steps, columns[1] - columns[0])
    assert np.allclose(np.diff(columns, 2), 0)
    if len(graph) > 1:  # an input stands right before what uses it first
        for node in graph:
            nearest = min((positions[c][0] for c in graph.successors(node)), default=None)
            if nearest is not None:
                assert np.isclose(nearest - positions[node][0], columns[1] - columns[0])


def test_the_layout_is_the_same_every_time():
    loss, _ = neuron()
    one, other = (drawn(loss)[1] for _ in range(2))
    assert [t.get_position() for t in one.boxes] == [t.get_position() for t in other.boxes]


@pytest.mark.parametrize("wrong", ["1", None, [1, [2]], 1j])
def test_only_numbers_are_shown(wrong):
    with pytest.raises(ValueError, match="value must be an array of real numbers"):
        shown(wrong)
