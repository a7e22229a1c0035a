"""The record of a computation as a graph: listed, counted, and drawn.

A tensor knows the tensors it was computed from. All of them together, with the result at the end,
are a directed graph without cycles: one node for each operation, one edge for each use of a value.
The drawing puts each node in the column just before its first use, and gives an edge that crosses a
column a place of its own there, so that it does not run through a node.

Source of the layout: Sugiyama, Tagawa and Toda, Methods for visual understanding of hierarchical
system structures, 1981; the places within the columns are those of networkx.
"""

from typing import NamedTuple

import networkx as nx
import numpy as np

from nnbook._arrays import as_floats
from nnbook.autodiff import Tensor
from nnbook.plotting import BLUE, GREY, INK, ORANGE, PAPER

_SIGNS = {
    **{"add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "matmul": "@", "power": "^"},
    **{"negative": "−", "square": "(·)²", "sqrt": "√", "absolute": "|·|", "sum": "Σ"},
    **{"transpose": "(·)ᵀ", "getitem": "[·]"},
}
# These move or repeat numbers, and calculate nothing.
_MOVES = {
    *("positive", "reshape", "ravel", "squeeze", "expand_dims", "transpose", "swapaxes"),
    *("moveaxis", "flip", "broadcast_to", "getitem", "concatenate", "stack"),
}
_ELEMENTWISE = {
    *("add", "subtract", "multiply", "divide", "negative", "square", "sqrt", "reciprocal"),
    *("power", "exp", "log", "log1p", "expm1", "tanh", "sin", "cos", "expit", "logaddexp"),
}


def record(*results):
    """All tensors that the results were computed from, and themselves, in order of computation."""
    found = {}
    waiting = list(results)
    while waiting:
        tensor = waiting.pop()
        if not isinstance(tensor, Tensor):
            raise ValueError(f"results must be tensors, got {type(tensor).__name__}")
        if tensor.number not in found:
            found[tensor.number] = tensor
            waiting.extend(tensor.parents)
    return [found[number] for number in sorted(found)]


def operations(*results):
    """How many arithmetic operations on single numbers it took to compute the results.

    One for each entry of the result of an elementwise function, n - 1 for a sum of n numbers (and a
    division more for a mean), m p (2n - 1) for the product of matrices (m, n) and (n, p). Moving,
    repeating and rearranging numbers is free. An operation is counted once, however often its
    result is used, and not at all if no tensor takes part: that is not in the record. A function
    that is not in this list is a ValueError.
    """
    return sum(_cost(tensor) for tensor in record(*results))


def _cost(tensor):
    if tensor.function is None:
        return 0
    name = tensor.function.__name__
    size = int(np.size(tensor.value))
    if name in _MOVES:
        return 0
    if name in _ELEMENTWISE:
        return size
    if name in ("sum", "mean"):
        added = int(np.size(tensor.parents[0].value)) - size
        return added + size * (name == "mean")
    if name == "matmul":
        inner = np.shape(getattr(tensor.args[0], "value", tensor.args[0]))[-1]
        return size * (2 * inner - 1)
    raise ValueError(f"results must use functions whose operations can be counted, got {name}")


class Picture(NamedTuple):
    """The artists of a drawn graph; the lists have one entry a tensor, in order of computation."""

    tensors: list  # as `record` gives them
    boxes: list  # Text: the operation, or the name of an input
    values: list  # Text above the box
    gradients: list  # Text below the box, empty where there is no gradient yet
    edges: dict  # {(parent, child): Line2D}, by position in `tensors`


def draw_graph(ax, result, names=None, fontsize=10.5):
    """Draw what `result` was computed from, inputs on the left, on axes without frame -> Picture.

    names: {name: tensor}. A value stands above its box, its gradient (if `backward` was called)
    below; of an array, the shape. A plain number beside a tensor is part of the operation: "× 2".
    """
    tensors = record(result)
    names = _checked(names or {}, tensors)
    place = {tensor.number: i for i, tensor in enumerate(tensors)}
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(tensors)))
    graph.add_edges_from(
        (place[parent.number], i) for i, tensor in enumerate(tensors) for parent in tensor.parents
    )
    positions, bends = _layout(graph)

    ax.axis("off")
    ax.set(xlim=(-0.06, 1.06), ylim=(-0.2, 1.2))
    edges = {}
    for parent, child in graph.edges:
        points = [positions[node] for node in (parent, *bends[parent, child], child)]
        (edges[parent, child],) = ax.plot(*zip(*points, strict=True), color=GREY, lw=1.1, zorder=1)
    boxes, values, gradients = [], [], []
    for i, tensor in enumerate(tensors):
        x, y = positions[i]
        name = names.get(tensor.number)
        is_input = tensor.function is None
        box = {"boxstyle": "round,pad=0.32", "facecolor": PAPER, "edgecolor": INK, "lw": 0.9}
        box["edgecolor"] = BLUE if is_input else INK
        label = name or "" if is_input else _operation(tensor)
        middle = {"ha": "center", "fontsize": fontsize, "zorder": 3}
        boxes.append(ax.text(x, y, label or "·", va="center", bbox=box, **middle))
        above = shown(tensor.value)
        if name and not is_input:
            above = f"{name}\n{above}"
        offset = {"xytext": (0, 1.3 * fontsize), "textcoords": "offset points"}
        values.append(ax.annotate(above, (x, y), va="bottom", color=INK, **middle, **offset))
        below = "" if tensor.grad is None else shown(tensor.grad)
        offset["xytext"] = (0, -1.3 * fontsize)
        gradients.append(ax.annotate(below, (x, y), va="top", color=ORANGE, **middle, **offset))
    return Picture(tensors, boxes, values, gradients, edges)


def shown(value):
    """A number to three digits (two if it is far from 1: 2.1e−4), an array as its shape."""
    value = as_floats(value, "value")
    if value.ndim:
        return str(value.shape)
    ordinary = value == 0 or 1e-3 <= abs(value) < 1e4
    text = f"{float(value):.3g}" if ordinary else f"{float(value):.1e}".replace(".0e", "e")
    return text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e").replace("-", "−")


def _checked(names, tensors):
    numbers = {tensor.number for tensor in tensors}
    for name, tensor in names.items():
        if not isinstance(tensor, Tensor) or tensor.number not in numbers:
            raise ValueError(f"names[{name!r}] must be a tensor the result was computed from")
    return {tensor.number: name for name, tensor in names.items()}


def _operation(tensor):
    sign = _SIGNS.get(tensor.function.__name__, tensor.function.__name__)
    plain = [arg for arg in tensor.args if isinstance(arg, int | float | np.number)]
    if len(tensor.args) != 2 or len(plain) != 1:
        return sign
    number = shown(plain[0])
    return f"{sign} {number}" if isinstance(tensor.args[0], Tensor) else f"{number} {sign}"


def _layout(graph):
    """Places of the nodes in the unit square, and the bends {edge: nodes} of the long edges."""
    column = {}
    for i, generation in enumerate(nx.topological_generations(graph.reverse())):
        column.update((node, -i) for node in generation)
    # A long edge becomes a chain of short ones, with a bend in every column that it crosses.
    chains, bends = nx.DiGraph(), {}
    chains.add_nodes_from(graph)
    for parent, child in graph.edges:
        between = [(parent, child, i) for i in range(column[parent] + 1, column[child])]
        column.update((bend, bend[2]) for bend in between)
        bends[parent, child] = between
        nx.add_path(chains, [parent, *between, child])
    columns = [[node for node in chains if column[node] == i] for i in sorted({*column.values()})]
    _untangle(chains, columns)
    # align="vertical" makes each column a vertical line; the places within it are evenly spaced.
    places = nx.multipartite_layout(chains, subset_key=dict(enumerate(columns)))
    points = np.array([places[node] for node in chains])
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    middle = np.where(extent > 1e-9, low, low - 0.5)
    extent = np.where(extent > 1e-9, extent, 1)
    return {node: tuple((places[node] - middle) / extent) for node in chains}, bends


def _untangle(chains, columns, sweeps=6):
    """Order each column by the mean place of its neighbours in the column before, to and fro."""
    height = {node: i - (len(nodes) - 1) / 2 for nodes in columns for i, node in enumerate(nodes)}
    for sweep in range(sweeps):
        neighbours = chains.pred if sweep % 2 else chains.succ
        for nodes in columns if sweep % 2 else columns[::-1]:
            mean = {
                node: np.mean([height[other] for other in neighbours[node]] or [height[node]])
                for node in nodes
            }
            nodes.sort(key=mean.get)
            for i, node in enumerate(nodes):
                height[node] = i - (len(nodes) - 1) / 2
