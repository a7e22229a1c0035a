"""The makers of the cheat sheet's rows: a formula and its derivatives, verified when a row is made.

A row is made of a record of the library and of formulas as text (see `notation`). The text is what
the sheet shows; before it does, every derivative is proved from its formula, and both are compared
with what the record computes. What does not agree is a `SheetError`, so that a sheet with an error
in it cannot be built. Vectors are proved at the size of the numbers given for the comparison.
"""

import re

import numpy as np
import sympy as sp

from nnbook._page import MARKS
from nnbook.autodiff import grad
from nnbook.cheatsheet.meaning import SHARED, defined, put
from nnbook.cheatsheet.notation import COUNT, latex, letter, parse
from nnbook.cheatsheet.rows import (
    Row,
    SheetError,
    agree,
    at_entry,
    exact,
    gradient_of,
    letter_of,
    parted,
    prove_gradients,
    proved,
    row,
    symbols,
)
from nnbook.proof import worst


class Letters:
    """Letters that rows take for known, by their keys in `SHARED`, each with what it stands for."""

    def __init__(self, *keys):
        self.sides = [(SHARED[key].left, SHARED[key].right) for key in keys]

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/markdown": " ".join(map(_set, self.sides)), "text/plain": str(self)}

    def __str__(self):
        return "\n".join(" ".join(side) for side in self.sides)

    __repr__ = __str__


class Sheet:
    """Rows under the heads of their three columns: a table in Markdown, and text."""

    def __init__(self, head, *rows):
        self.head, self.rows = head, rows

    def _repr_mimebundle_(self, include=None, exclude=None):
        lines = [self.head, ["---"] * 3]
        for entry in self.rows:
            names = " ".join(map(_name, entry.names))
            sides = (" ".join(map(_set, side)) for side in (entry.formulas, entry.derivatives))
            lines.append([f"{MARKS[entry.status]} {names}", *sides])
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return {"text/markdown": table, "text/plain": str(self)}

    def __str__(self):
        lines = []
        for entry in self.rows:
            lines.append(f"{MARKS[entry.status]} {', '.join(entry.names)}")
            sides = (*entry.formulas, *entry.derivatives)
            lines += [f"    {left} {right}" if left else f"    {right}" for left, right in sides]
        return "\n".join(lines)

    __repr__ = __str__


def _name(name):
    """A name as code, in one line or broken behind an underscore."""
    broken = name.replace("_", r"\_<wbr>")
    return f'<code class="nn-name">{broken}</code>'


SIGNS = {"=": "=", "←": r"\leftarrow "}


def _set(sides):
    left, right = sides
    body, sign = left[:-1].strip(), SIGNS.get(left[-1:], "")
    if found := re.fullmatch(r"∂(.+?)/∂(.+)", body):
        above, below = (latex(parse(part)) for part in found.groups())
        body = rf"\partial {above}/\partial {below}"
    elif body:
        body = latex(parse(body))
    return f"$\\displaystyle {body}{sign}{latex(parse(right))}$"


def linear(network, form, gradients, weights, biases, x, g):
    """A layer without activation, "z[i] = …", and with g = ∂L/∂z its gradients.

    They are those of one example: the library, whose gradients are traced, has those by "W[i, j]"
    and "b[i]" summed over the batch x. weights are square: all sums run over one count.
    """
    (_, right), n = parted(form), len(biases)
    small = {COUNT.name: n, "W": [symbols(f"W{i}", n) for i in range(n)]}
    small |= {letter: symbols(letter, n) for letter in "xbg"}
    batch = [
        {COUNT.name: n, "W": exact(weights), "b": exact(biases), "x": exact(x_), "g": exact(g_)}
        for x_, g_ in zip(x, g, strict=True)
    ]
    z = [[put(parse(right), values, {"i": i}) for i in range(n)] for values in batch]
    agree("linear", "the result", z, network([(weights, biases)], x, np.positive))

    def total(x, weights, biases):
        return np.sum(g * network([(weights, biases)], x, np.positive))

    whole, statuses = sum(put(parse(f"g[i]*({right})"), small, {"i": i}) for i in range(n)), []
    found = grad(total, argnums=(0, 1, 2))(x, weights, biases)
    for (by, text), computed in zip(gradients.items(), found, strict=True):
        indices = re.findall(r"[ij]", by)
        places = [dict(zip(indices, at, strict=True)) for at in np.ndindex((n,) * len(indices))]
        for place in places:
            stated, entry = (put(parse(formula), small, place) for formula in (text, by))
            what = f"the gradient by {by}"
            statuses.append(proved("linear", what, stated, whole.diff(entry)))
        table = np.array([[put(parse(text), v, place) for place in places] for v in batch], float)
        table = table if by[0] == "x" else table.sum(axis=0)
        agree("linear", f"the gradient by {by}", np.reshape(table, computed.shape), computed)
    return row(("linear",), (form,), gradients, statuses)


def activation(record, form, slope, *where, **letters):
    """An elementwise formula: `form` proved equal to its expression, `slope` to the derivative.

    where    definitions of letters of this row alone, shown with it
    letters  what the record's parameters are called on the sheet: negative_slope="α"
    """
    own = {symbol.name: symbol for symbol in record.expr.free_symbols}
    values = SHARED | defined(where) | {letters[name]: own[name] for name in letters}
    pairs = {"the formula": (form, record.expr), "the derivative": (slope, record.dexpr)}
    statuses = [
        proved(record.name, what, put(parse(text), values), wanted)
        for what, (text, wanted) in pairs.items()
    ]
    if not (verification := record.verify()):
        raise SheetError(f"{record.name}:\n{verification}")
    return Row(
        (record.name,), tuple(map(parted, (form, *where))), (("df =", slope),), worst(statuses)
    )


def vector_function(record, form, jacobian, z):
    """A function of a vector z, some numbers, as "s[i] = …", and its derivative by z[j]."""
    name, n, (_, right) = record.__name__, len(z), parted(form)
    small = SHARED | {COUNT.name: n, "z": symbols("z", n)}
    numbers = small | {"z": exact(z)}
    statuses, table = [], np.empty((n, n))
    for i, j in np.ndindex(n, n):
        wanted = put(parse(right), small, {"i": i}).diff(small["z"][j])
        stated = put(parse(jacobian), small, {"i": i, "j": j})
        statuses.append(proved(name, "the Jacobian", stated, wanted))
        table[i, j] = put(parse(jacobian), numbers, {"i": i, "j": j})
    agree(name, "the value", [put(parse(right), numbers, {"i": i}) for i in range(n)], record(z))
    agree(name, "the Jacobian", table, [record.vjp(unit, z) for unit in np.eye(n)])
    if hasattr(record, "jacobian"):
        agree(name, "the Jacobian", table, record.jacobian(z))
    of = parted(form)[0][:-2]
    return Row((name,), (parted(form),), ((f"∂{of}/∂z[j] =", jacobian),), worst(statuses))


def loss(record, form, gradients, *where, **arguments):
    """A loss of one example: each gradient proved from `form`, both compared with the record.

    gradients  {"y_hat" or "z[i]": formula}, in the order of the record's
    arguments  for each of the record's: (letter, numbers); numbers (N,), or (N, D) for vectors,
               are N examples, on both sides of each kink and on it
    """
    name = record.__name__
    if (wanted := [arguments[by][0] for by in record.by]) != [*map(letter_of, gradients)]:
        raise SheetError(f"{name} has gradients by {wanted}, the row has {[*gradients]}")
    arrays = {letter: np.asarray(numbers) for letter, numbers in arguments.values()}
    sizes = {letter: array.shape[1] for letter, array in arrays.items() if array.ndim == 2}
    common = SHARED | defined(where) | {COUNT.name: max(sizes.values(), default=0)}
    small = common | {letter: symbols(letter, n) for letter, n in sizes.items()}
    statuses = prove_gradients(name, put(parse(form), small), gradients, small)

    examples = range(max(len(array) for array in arrays.values() if array.ndim))
    numbers = [
        common | {x: exact(array[e] if array.ndim else array) for x, array in arrays.items()}
        for e in examples
    ]
    given = {argument: array for argument, (_, array) in arguments.items()}
    losses = [put(parse(form), values) for values in numbers]
    agree(name, "the loss", losses, record(**given, reduction="none"))
    computed = record.grad(**given, reduction="sum")
    for by, found in zip(gradients, computed if len(gradients) > 1 else [computed], strict=True):
        stated = [gradient_of(gradients, by, values) for values in numbers]
        agree(name, f"the gradient by {by}", stated, found)
    return row((name,), (form, *where), gradients, statuses)


def cosine(slope):
    """The derivative of the cosine similarity of u and v by u, proved in three dimensions."""
    small = SHARED | {COUNT.name: 3, "u": symbols("u", 3), "v": symbols("v", 3)}
    statuses = prove_gradients("cos", put(parse("cos(u, v)"), small), {"u": slope}, small)
    shown = [(SHARED[key].left, SHARED[key].right) for key in ("cos()", "u_hat", "v_hat")]
    return Row(("cosine",), tuple(shown), (("∂cos(u, v)/∂u =", slope),), worst(statuses))


def similarity_loss(record, form, gradients, *where, pull, temperature, examples, **arrays):
    """A loss by cosine similarities: s_pos to the positive, s[k] to the negatives.

    Its gradients are those by the similarities; times that of the cosine, `pull`, a row of
    `cosine`, they add up to those by the vectors, which the record has.

    examples   (query, positive, negatives) of each, as numbers of vectors
    arrays     the record's arguments; their vectors, (…, D), are counted through
    """
    name, n = record.__name__, len(examples[0][2])
    common = SHARED | defined(where) | {COUNT.name: n, "τ": exact(temperature)}
    small = common | {"s": symbols("s", n), "τ": letter("τ")}
    statuses = prove_gradients(name, put(parse(form), small), gradients, small)

    size = len(arrays[record.by[0]][0])
    vectors = np.concatenate([array.reshape(-1, size) for array in arrays.values()])
    losses, total = [], np.zeros(vectors.shape)
    for query, positive, negatives in examples:
        others = [positive, *negatives]
        s = [put(parse("cos(u, v)"), _pair(vectors[query], vectors[other])) for other in others]
        values = common | {"s_pos": s[0], "s": s[1:]}
        losses.append(put(parse(form), values))
        by_positive, by_negatives = (gradient_of(gradients, by, values) for by in gradients)
        for other, slope in zip(others, [by_positive, *by_negatives], strict=True):
            for one, two in ((query, other), (other, query)):
                pair = _pair(vectors[one], vectors[two])
                by_one = gradient_of({"u": pull.derivatives[0][1]}, "u", pair)
                total[one] += [float(slope * entry) for entry in by_one]
    given = arrays | {"temperature": temperature}
    agree(name, "the loss", losses, record(**given, reduction="none"))
    computed = record.grad(**given, reduction="sum")
    computed = np.concatenate([array.reshape(-1, size) for array in computed])
    agree(name, "the gradient by the vectors", total, computed)
    return row((name,), (form, *where), gradients, statuses)


def _pair(u, v):
    return SHARED | {COUNT.name: len(u), "u": exact(u), "v": exact(v)}


def layer(record, form, gradients, *where, x, g, gamma, beta, eps, together, **options):
    """A normalization: the gradients of Σ g y by x, γ and β, with g the gradient by y.

    x, g      arrays of one shape; gamma and beta broadcast against them
    together  for each entry of x a number: those with the same one are normalized together
    """
    name, (_, right) = record.__name__, parted(form)
    common = SHARED | defined([*where, "total(x) = x"])
    small = common | {COUNT.name: 3} | {letter: symbols(letter, 3) for letter in "xgγβ"}
    total = sum(put(parse(f"g*({right})"), small, at_entry(m)) for m in range(3))
    statuses = prove_gradients(name, total, gradients, small)

    arrays = {"x": x, "g": g, "γ": np.broadcast_to(gamma, x.shape)}
    arrays["β"] = np.broadcast_to(beta, x.shape)
    stated = {key: np.empty(x.shape) for key in ("y", *gradients)}
    for number in np.unique(together):
        inside = together == number
        values = common | {letter: exact(a[inside]) for letter, a in arrays.items()}
        values |= {COUNT.name: np.count_nonzero(inside), "ε": exact(eps)}
        for key, table in stated.items():
            text = parse(right if key == "y" else gradients[key])
            table[inside] = [put(text, values, at_entry(m)) for m in range(values[COUNT.name])]
    given = {"gamma": gamma, "beta": beta, "eps": eps, **options}
    agree(name, "the result", stated["y"], record(x, **given))
    found = record.vjp(g, x, **given)
    shapes = (x.shape, gamma.shape, beta.shape)
    for by, shape, computed in zip(gradients, shapes, found, strict=True):
        alone = np.reshape(computed, (1,) * (x.ndim - len(shape)) + shape)
        shared = tuple(axis for axis, n in enumerate(alone.shape) if n < x.shape[axis])
        agree(name, f"the gradient by {by}", stated[by].sum(axis=shared, keepdims=True), alone)
    return row((name,), (form, *where), gradients, statuses)


def penalty(record, form, gradient, w, strength):
    """A penalty on the weights w, with its gradient by w[i]."""
    name, n = record.__name__, len(w)
    gradients, small = {"w[i]": gradient}, {COUNT.name: n, "w": symbols("w", n)}
    statuses = prove_gradients(name, put(parse(form), small), gradients, small)
    values = {COUNT.name: n, "w": exact(w), "λ": exact(strength)}
    agree(name, "the value", put(parse(form), values), record(w, strength))
    stated = gradient_of(gradients, "w[i]", values)
    agree(name, "the gradient", stated, record.grad(w, strength))
    return row((name,), (form,), gradients, statuses, of="P")


STATISTICS = {
    "min()": min,
    "max()": max,
    "median()": lambda column: np.median(np.asarray(column, dtype=float)),
    "Q1()": lambda column: np.quantile(np.asarray(column, dtype=float), 0.25),
    "Q3()": lambda column: np.quantile(np.asarray(column, dtype=float), 0.75),
}


def scaler(record, form, constant, columns, *where, **arguments):
    """A scaler of `columns`, each a vector x of n entries; `constant` is what a constant x gives.

    arguments  of the record beside x: (letter or None, value)
    """
    name = record.__name__
    values = {x: exact(value) for x, value in arguments.values() if x}
    given = {argument: value for argument, (_, value) in arguments.items()}
    along = 0 if given.get("axis", 0) == 0 else 1

    def stated(text, x):
        at = (
            SHARED
            | STATISTICS
            | defined(where)
            | values
            | {COUNT.name: len(x), "n": len(x), "x": exact(x)}
        )
        return [put(parse(text), at, at_entry(m)) for m in range(len(x))]

    table = np.stack(columns, axis=1 - along)
    wanted = np.stack([stated(form, x) for x in columns], axis=1 - along)
    agree(name, "the result", wanted.astype(float), record(table, **given))
    if constant:
        for x in (np.full(3, 2.0), np.full(3, -2.0), np.zeros(3)):
            computed = record(np.expand_dims(x, 1 - along), **given).ravel()
            agree(name, "what a constant gives", stated(constant, x), computed)
    return Row(
        (name,), (parted(form), *map(parted, where)), (("", constant),) * bool(constant), "checked"
    )


def initializer(normal, uniform, widths, variance, shape, options, **letters):
    """Weights by N(0, σ²) and by U(-a, a): what is drawn is that width times the unit draws.

    widths   ("σ = …", "a = …"), with the same variance
    options  arguments of both, after shape and generator, as one tuple or a pair of them
    letters  the values of the letters in the widths
    """
    statuses, names = [], (normal.__name__, uniform.__name__)
    options = options if isinstance(options[0], tuple) else (options, options)
    values = {x: exact(value) for x, value in letters.items()}
    for record, width, given, part in zip((normal, uniform), widths, options, (1, 3), strict=True):
        name, right = record.__name__, parse(parted(width)[1])
        stated = put(right, {}) ** 2 / part
        statuses.append(proved(name, "the variance", put(parse(variance), {}), stated))
        one, two = np.random.default_rng(7), np.random.default_rng(7)
        unit = one.standard_normal(shape) if part == 1 else one.uniform(-1, 1, shape)
        agree(name, "a weight", float(put(right, values)) * unit, record(shape, two, *given))
    return Row(names, tuple(map(parted, widths)), (("Var(w) =", variance),), worst(statuses))


def constants(constant, zeros):
    """The two ways of starting with equal weights."""
    agree("constant", "a weight", np.full((2, 3), 0.7), constant((2, 3), 0.7))
    agree("zeros", "a weight", np.zeros((2, 3)), zeros((2, 3)))
    return Row(("constant", "zeros"), (("w =", "c"), ("w =", "0")), (("Var(w) =", "0"),), "checked")


def optimizer(name, opt, *steps, **numbers):
    """An optimizer: its assignments, run for five steps beside it on one parameter θ.

    steps    "m ← …", the last one that of θ; averages start at 0
    numbers  the values of the other letters
    """
    rng = np.random.default_rng(0)
    theta = np.float64(1.5)
    state = opt.init(theta)
    values = {x: exact(value) for x, value in numbers.items()} | {"θ": exact(theta)}
    values |= {average: sp.Float(0) for average in state._fields[1:]}
    assignments = [(letter_of(step), parse(parted(step)[1])) for step in steps]
    for t, gradient in enumerate(rng.normal(size=5), start=1):
        values |= {"t": sp.Integer(t), "g": exact(gradient)}
        for x, right in assignments:
            values[x] = put(right, values)
        theta, state = opt.update(theta, gradient, state)
        for x, computed in zip(state._fields[1:], state[1:], strict=True):
            agree(name, f"{x} after step {t}", values[x], computed)
        agree(name, f"θ after step {t}", values["θ"], theta)
    *averages, step = map(parted, steps)
    return Row((name,), tuple(averages), (step,), "checked")
