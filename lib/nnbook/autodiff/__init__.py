"""Reverse-mode automatic differentiation of plain NumPy code.

A `Tensor` is an array that remembers how it was computed: the function and its arguments. NumPy's
own functions, called with a tensor, compute as ever and record the call. Walking the record
backwards, from the result to the inputs, gives the derivative by all inputs at once, for about the
price of a few evaluations of the function; the rule of each function is a line of `rules`.

Everything is computed in float64; integers are converted. The values of tensors are read-only, and
arrays and lists that take part in a recorded operation are copied: an array may be written to by
way of any of its views, and that must not change a derivative. What would lose a derivative
silently is an error. (SciPy's logsumexp takes no tensor: np.logaddexp.reduce is the same.)

Source: Griewank and Walther, Evaluating Derivatives, 2nd edition, 2008, chapter 3.
"""

import array
import functools
import inspect
import itertools
import operator

import numpy as np

from nnbook._arrays import MASKED, as_floats, as_number, check_function, is_masked, whole
from nnbook.autodiff.rules import (
    BASIC,
    CHECKS,
    LIST_RULES,
    QUESTIONS,
    RULES,
    WRITTEN_OUT,
    log_sum_exp,
)

_number = itertools.count().__next__
_NO_OPTIONS = {}
_float = np.float64


class Tensor:
    """An array with a history.

    Tensor(value) is an input: a float64 copy of a number, an array or a list of numbers. Every
    other tensor comes from an operation on tensors.

    value      the float64 array, read-only, or np.float64
    grad       after `backward()`: the gradient by this tensor, of its shape, read-only
    function   the NumPy function that gave it, None for an input
    args       its arguments, tensors among them
    number     counts the tensors made so far: what is computed later has the larger number

    Operators, indexing and NumPy's functions work as on arrays; t += a makes a new tensor, which
    no other name of t sees. A comparison, `len`, `shape` and
    other questions give plain answers. Writing to a tensor, and turning it into a plain array or
    number without `.value`, are errors (TypeError).
    """

    __slots__ = ("value", "grad", "function", "rules", "args", "options", "number")
    __hash__ = None
    is_traced = True  # so that checks of arguments let it through as it is

    def __init__(self, value):
        if isinstance(value, Tensor):
            raise TypeError("Tensor(value) takes plain numbers, got a Tensor")
        self.value = _frozen(np.array(as_floats(value, "value")))
        self.grad = self.function = None
        self.rules, self.args, self.options = (), (), _NO_OPTIONS
        self.number = _number()

    shape = property(lambda self: self.value.shape)
    ndim = property(lambda self: self.value.ndim)
    size = property(lambda self: self.value.size)
    strides = property(lambda self: self.value.strides)
    dtype = property(lambda self: self.value.dtype)
    T = property(lambda self: apply(np.transpose, _transposed, _TRANSPOSE, (self,)))

    @property
    def parents(self):
        """The tensors this one was computed from."""
        return tuple(arg for arg in self.args if type(arg) is Tensor)

    def backward(self, cotangent=None):
        """Set `.grad` of this tensor and of all it was computed from, anew in every call.

        A scalar y gives ∂y/∂x for every x. Otherwise there is one derivative for each entry of y,
        and `cotangent`, of the shape of y, says how to weigh them: x.grad is the gradient of
        Σ cotangent · y, the vector-Jacobian product. Ones give the gradient of the sum.
        """
        if cotangent is None:
            if self.shape != ():
                raise ValueError(
                    f"backward() starts from a scalar, this tensor has shape {self.shape}: reduce "
                    "it (sum, mean), or give a cotangent of that shape (ones for the sum)"
                )
            cotangent = 1.0
        cotangent = _frozen(np.array(as_floats(cotangent, "cotangent")))
        if cotangent.shape != self.shape:
            raise ValueError(
                f"cotangent must have the shape of the tensor, {self.shape}, "
                f"got shape {cotangent.shape}"
            )
        reached, _ = _reached(self)
        for tensor, gradient in _pull_back(reached, cotangent):
            tensor.grad = gradient if type(gradient) is _float else _frozen(gradient)

    def __copy__(self):
        return self  # read-only, and a copy with the same number would be taken for this one

    def __deepcopy__(self, memo):
        return self

    def __reduce_ex__(self, protocol):
        raise TypeError(
            "a tensor cannot be pickled, its record belongs to this process: take .value"
        )

    def reshape(self, *shape):
        return np.reshape(self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes):
        return np.transpose(self, axes[0] if len(axes) == 1 else axes or None)

    def clip(self, min=None, max=None):
        return np.clip(self, min, max)

    def __getitem__(self, index):
        index = tuple(map(_index, index)) if isinstance(index, tuple) else _index(index)
        return apply(operator.getitem, operator.getitem, RULES[operator.getitem], (self, index))

    def __setitem__(self, index, value):
        raise TypeError(
            "a tensor cannot be written to, its value is part of a record: build a new one, "
            "with np.where, np.concatenate or np.stack"
        )

    def __len__(self):
        return len(self.value)

    def __iter__(self):
        return (self[i] for i in range(len(self.value)))

    def __bool__(self):
        return bool(self.value)

    def __repr__(self):
        array = np.asarray(self.value)
        return f"Tensor({np.array2string(array, separator=', ', prefix='Tensor(')})"

    def __format__(self, spec):
        return format(self.value, spec)

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            "a tensor cannot become a plain array, which would lose its derivative: combine "
            "tensors with np.stack or np.concatenate, or take .value to leave the record on purpose"
        )

    def __float__(self):
        raise TypeError(
            "a tensor cannot become a plain number, which would lose its derivative: use NumPy's "
            "functions in place of math's, or take .value to leave the record on purpose"
        )

    __int__ = __index__ = __complex__ = item = tolist = __float__

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        if method == "__call__" and not options and ufunc in RULES:
            return apply(ufunc, ufunc, RULES[ufunc], tuple(map(_operand, inputs)))
        if method == "__call__" and ufunc in QUESTIONS and "out" not in options:
            return ufunc(*map(_value, inputs), **{k: _value(v) for k, v in options.items()})
        if "out" in options:
            raise TypeError(
                f"{_name(ufunc)} cannot write a tensor into a plain array, which would lose its "
                "derivative: write a = a + t in place of a += t, and leave out= away"
            )
        if ufunc is np.logaddexp and method == "reduce":
            return self.__array_function__(log_sum_exp, (Tensor,), inputs, options)
        if method != "__call__" or ufunc not in RULES:
            raise TypeError(_no_rule(ufunc, "" if method == "__call__" else f".{method}"))
        raise TypeError(f"{_name(ufunc)} of a tensor takes no option {', '.join(options)}")

    def __array_function__(self, function, types, args, options):
        if function in RULES:
            _check_call(function, RULES[function][-1], 2, len(args), *options)
            if function in CHECKS:
                CHECKS[function](*args, **options)
            rules, args = RULES[function], tuple(map(_copied, args))
            _check_places(function, rules, args, options)
            options = {name: _copied(option) for name, option in options.items()}
            return apply(function, function, rules, args, options)
        if function in QUESTIONS:
            return function(*map(_plain, args), **{k: _plain(v) for k, v in options.items()})
        if function in WRITTEN_OUT:
            written = WRITTEN_OUT[function]
            if not hasattr(written, "__wrapped__"):
                _check_call(function, written, 0, len(args), *options)
                function(*map(_plain, args), **{k: _plain(v) for k, v in options.items()})
            return written(*args, **options)
        if function in LIST_RULES:
            arrays, *rest = args
            options = options | dict(zip(("axis", "out"), rest, strict=False))
            _check_call(function, _of_list(function, 1)[1][0], 2, len(args), *options)
            arrays = tuple(map(_operand, arrays))
            compute, rules = _of_list(function, len(arrays))
            return apply(function, compute, rules, arrays, options)
        raise TypeError(_no_rule(function))


def _binary(function, operation):
    """The operator and its reflection. They skip NumPy's dispatch, which costs more than they."""
    rules = RULES[function]

    def forward(self, other):
        if type(other) is Tensor:
            value = operation(self.value, other.value)
        else:
            other = _operand(other)
            value = operation(self.value, other)
        return _recorded(value, function, rules, (self, other))

    def reflected(self, other):
        other = _operand(other)
        return _recorded(operation(other, self.value), function, rules, (other, self))

    return forward, reflected


def _unary(function, operation):
    return lambda self: apply(function, operation, RULES[function], (self,))


def _question(operation):
    return lambda self, other: operation(self.value, _value(other))


def _method(function):
    return lambda self, *args, **options: function(self, *args, **options)


Tensor.__add__, Tensor.__radd__ = _binary(np.add, operator.add)
Tensor.__sub__, Tensor.__rsub__ = _binary(np.subtract, operator.sub)
Tensor.__mul__, Tensor.__rmul__ = _binary(np.multiply, operator.mul)
Tensor.__truediv__, Tensor.__rtruediv__ = _binary(np.divide, operator.truediv)
Tensor.__pow__, Tensor.__rpow__ = _binary(np.power, operator.pow)
Tensor.__matmul__, Tensor.__rmatmul__ = _binary(np.matmul, operator.matmul)
Tensor.__neg__ = _unary(np.negative, operator.neg)
Tensor.__pos__ = _unary(np.positive, operator.pos)
Tensor.__abs__ = _unary(np.absolute, operator.abs)
for _comparison in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Tensor, f"__{_comparison}__", _question(getattr(operator, _comparison)))

for _name_of_it in (
    *("sum", "mean", "max", "min", "var", "std", "prod", "cumsum", "cumprod", "trace"),
    *("any", "all", "argmax", "argmin", "argsort", "nonzero"),
    *("copy", "diagonal", "dot", "ravel", "repeat", "squeeze", "swapaxes", "take"),
):
    setattr(Tensor, _name_of_it, _method(getattr(np, _name_of_it)))
Tensor.flatten = Tensor.ravel

_TRANSPOSE = RULES[np.transpose]
_transposed = operator.attrgetter("T")


# The record, forwards --------------------------------------------------------------------------


def apply(function, compute, rules, args, options=_NO_OPTIONS):
    """The tensor compute(*args, **options), for functions that come with rules of their own.

    compute gets plain arrays in place of tensors and gives float64. rules[i](g, z, *args,
    **options) is the gradient by args[i], for g by the result z; it gets plain arrays, or tensors
    when its own derivative is wanted. `function` stands in the record, for whoever reads it.
    """
    value = compute(*[a.value if type(a) is Tensor else a for a in args], **options)
    return _recorded(value, function, rules, args, options)


def _recorded(value, function, rules, args, options=_NO_OPTIONS):
    tensor = _new(Tensor)
    tensor.value = value if type(value) is _float else _frozen(value)
    tensor.grad = None
    tensor.function = function
    tensor.rules = rules
    tensor.args = args
    tensor.options = options
    tensor.number = _number()
    return tensor


_new = object.__new__


def with_rule(function, vjp, argnums=(0,), both=None):
    """`function`, differentiated by its own rule in place of its body.

    function(*args, **options) takes and gives plain arrays. vjp(g, *args, **options) is the
    gradient of Σ g · function(*args, **options): one array by the argument `argnums[0]`, or, for
    several argnums, a tuple of one array each. A tensor in any other place is a TypeError.

    Where value and gradient share most of their work, both(*args, **options) may give them at one
    go: the value, and a function of g that gives what vjp gives. It serves first derivatives.
    """

    check_function(function=function, vjp=vjp)
    places = isinstance(argnums, tuple) and bool(argnums)
    if not places or not all(type(i) is int and i >= 0 for i in argnums):
        raise ValueError(f"argnums must be a tuple of positions, got {argnums!r:.60}")

    def rules_of(vjp):
        rules = [None] * (max(argnums) + 1)
        for i, argnum in enumerate(argnums):
            rules[argnum] = _from_vjp(vjp, i if len(argnums) > 1 else None)
        return rules

    rules = rules_of(vjp)

    @functools.wraps(function)
    def wrapped(*args, **options):
        if Tensor not in map(type, args) and Tensor not in map(type, options.values()):
            return function(*args, **options)
        _check_places(function, rules, args, options)
        args = tuple(map(_copied, args))
        options = {name: _copied(option) for name, option in options.items()}
        if both is None:
            return apply(function, function, rules, args, options)
        value, product = both(*map(_value, args), **options)

        def first_or_second(g, *args, **options):
            second = type(g) is Tensor or Tensor in map(type, args)
            return vjp(g, *args, **options) if second else product(g)

        return _recorded(value, function, rules_of(first_or_second), args, options)

    return wrapped


def _from_vjp(vjp, i):
    if i is None:
        return lambda g, z, *args, **options: vjp(g, *args, **options)
    return lambda g, z, *args, **options: vjp(g, *args, **options)[i]


def _frozen(value):
    """A float64 result, read-only; a scalar as np.float64, which is immutable and much faster."""
    if type(value) is _float:
        return value
    if type(value) is np.ndarray and value.dtype == np.float64 and value.ndim:
        value.flags.writeable = False
        return value
    if isinstance(value, np.ndarray | np.generic) and value.dtype == np.float64:
        return value[()]
    raise TypeError(f"a tensor holds float64, got {type(value).__name__} {value!r:.60}")


def _operand(x):
    """A number or array beside a tensor, as a float64 that nobody else can write to."""
    if type(x) is Tensor or type(x) is float or type(x) is int or type(x) is _float:
        return x
    array = as_floats(x, "an operand of a tensor")
    return array.copy() if array.ndim else array[()]


def _copied(x):
    """An argument of a recorded call, as what nobody else can write to."""
    if type(x) is np.ndarray:
        return x.copy()
    if isinstance(x, _CONSTANT):
        return x
    if isinstance(x, list | tuple):
        return type(x)(map(_copied, x)) if type(x) in (list, tuple) else x
    if is_masked(x):
        raise ValueError(f"an argument beside a tensor must be a plain array, got {MASKED}")
    return np.array(x) if hasattr(x, "__array__") or isinstance(x, _BUFFERS) else x


_CONSTANT = (Tensor, bool, int, float, complex, str, bytes, type(None), np.generic, np.dtype, type)
_BUFFERS = (memoryview, bytearray, array.array)


def _index(i):
    if isinstance(i, BASIC):
        return i
    if type(i) is Tensor:
        raise TypeError("a tensor cannot be an index: take its .value and convert it to integers")
    if is_masked(i):
        raise ValueError(f"an index of a tensor must be a plain array, got {MASKED}")
    places = np.array(i)
    return places if places.size or isinstance(i, np.ndarray) else places.astype(np.intp)


def _value(x):
    return x.value if type(x) is Tensor else x


def _plain(x):
    return type(x)(map(_plain, x)) if type(x) in (list, tuple) else _value(x)


@functools.cache
def _of_list(function, count):
    """A function of a list of arrays, as a function of `count` arrays, and its rules."""
    rules = tuple(LIST_RULES[function](i) for i in range(count))
    return lambda *arrays, **options: function(arrays, **options), rules


@functools.cache
def _check_call(function, rule, first, count, *options):
    """Raise for arguments and options that the rule, from its parameter `first` on, does not know.

    The names and the order of those that it knows are NumPy's, and a test says so: what stands in a
    place of NumPy's call stands in the same place of the rule.
    """
    parameters = list(inspect.signature(rule).parameters.values())[first:]
    kinds = [p.kind for p in parameters]
    known = [p.name for p in parameters]
    positions = sum(kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for kind in kinds)
    if inspect.Parameter.VAR_POSITIONAL not in kinds and count > positions:
        raise TypeError(
            f"{_name(function)} of a tensor takes {', '.join(known)}, "
            f"got {count} arguments by position"
        )
    for option in options:
        if option not in known:
            raise TypeError(
                f"{_name(function)} of a tensor takes {', '.join(known)}, got the option {option}"
            )


def _check_places(function, rules, args, options):
    """Raise for a tensor in a place that has no derivative."""
    for i, arg in enumerate(args):
        if type(arg) is Tensor and (i >= len(rules) or rules[i] is None):
            raise TypeError(
                f"{_name(function)} has no derivative by its argument {i}: give plain numbers there"
            )
    for option, arg in options.items():
        if type(arg) is Tensor:
            raise TypeError(f"{_name(function)}: pass the tensor {option} by position, not by name")


def _name(function):
    module = getattr(function, "__module__", None)  # scipy.special's functions have none
    return f"{module.replace('numpy', 'np')}.{function.__name__}" if module else function.__name__


def _no_rule(function, method=""):
    ours = {"getitem", "scatter", "log_abs_det", "log_sum_exp"}
    names = {f.__name__ for f in (*RULES, *LIST_RULES, *WRITTEN_OUT)} - ours
    return (
        f"{_name(function)}{method} has no derivative rule. "
        f"There are rules for: {', '.join(sorted(names))}"
    )


# The record, backwards -------------------------------------------------------------------------


def _reached(root, oldest=0):
    """All that root was computed from, later ones first; was there anything older than `oldest`?

    Tensors are numbered as they are made, so that in falling order a tensor comes after all that
    was computed from it. Those made before number `oldest` are left out.
    """
    if root.number < oldest:
        return [], True
    reached, seen, older = [root], {root.number}, False
    for tensor in reached:  # the list grows while it is walked
        for arg in tensor.args:
            if type(arg) is Tensor and arg.number not in seen:
                if arg.number < oldest:
                    older = True
                    continue
                seen.add(arg.number)
                reached.append(arg)
    reached.sort(key=_by_number, reverse=True)
    return reached, older


def _pull_back(reached, cotangent, oldest=0, recorded=False):
    """Yield (tensor, gradient) for the tensors reached, from the first one on: the chain rule.

    With `recorded`, the rules compute with tensors, and their results can be differentiated again.
    """
    if not reached:
        return
    gradients = {reached[0].number: cotangent}
    summed = set()  # gradients in an array of our own, which may be added to in place
    for tensor in reached:
        gradient = gradients.pop(tensor.number, None)
        if gradient is None:
            continue
        yield tensor, gradient
        args = tensor.args
        if recorded:
            result, operands = tensor, args
        else:
            result = tensor.value
            operands = [a.value if type(a) is Tensor else a for a in args]
        for i, arg in enumerate(args):
            if type(arg) is not Tensor or arg.number < oldest:
                continue
            part = tensor.rules[i](gradient, result, *operands, **tensor.options)
            if type(part) is not _float or type(arg.value) is not _float:
                part = _fitted(part, arg.value.shape)
            number = arg.number
            if number not in gradients:
                gradients[number] = part
            elif number in summed and type(part) is np.ndarray:
                gradients[number] += part
            else:
                gradients[number] = gradients[number] + part
                if type(part) is np.ndarray:
                    summed.add(number)


_by_number = operator.attrgetter("number")


def _fitted(g, shape):
    """g, summed over the axes that broadcasting stretched; a scalar as np.float64."""
    if g.shape != shape:
        if g.ndim > len(shape):
            g = g.sum(axis=tuple(range(g.ndim - len(shape))))
        stretched = tuple(i for i, n in enumerate(shape) if n == 1 != g.shape[i])
        if stretched:
            g = g.sum(axis=stretched, keepdims=True)
    return g[()] if shape == () and type(g) is np.ndarray else g


# Functions of functions ------------------------------------------------------------------------


def value_and_grad(f, argnums=0):
    """The function that gives f(*args) and its gradient by the argument `argnums`.

    f returns a scalar. An argument is a number, an array, or a nested list, tuple or dict of them,
    and its gradient has the same structure, in float64 (integers are converted). With a tuple of
    argnums the gradient is a tuple. f may be called with tensors, and then gives a tensor: so the
    gradient of a gradient is `grad(grad(f))`.

    Raises ValueError for a result that is not a scalar, and for arguments that are not numbers.
    """
    check_function(f=f)

    @functools.wraps(f, updated=())
    def value_and_gradient(*args, **kwargs):
        result, tensors, inputs = _traced(f, argnums, args, kwargs)
        if np.shape(result) != ():
            raise ValueError(
                f"a gradient needs a scalar result, {_called(f)} gave shape {np.shape(result)}: "
                "reduce it (sum, mean), or use jacobian"
            )
        (gradients,), nested = _gradients(result, [np.float64(1)], inputs)
        gradients = iter(gradients)
        return result if nested else _value(result), mapped(lambda _: next(gradients), tensors)

    return value_and_gradient


def grad(f, argnums=0):
    """The function that gives the gradient of f by the argument `argnums`; see value_and_grad."""
    both = value_and_grad(f, argnums)

    @functools.wraps(f, updated=())
    def gradient(*args, **kwargs):
        return both(*args, **kwargs)[1]

    return gradient


def jacobian(f, argnums=0):
    """The function that gives ∂f_i/∂x_j, of shape f(x).shape + x.shape, x the argument `argnums`.

    x is one number or array. One walk backwards for each entry of f(x): meant for small functions.
    `jacobian(grad(f))` is the Hessian.
    """
    check_function(f=f)

    @functools.wraps(f, updated=())
    def jacobian_of_f(*args, **kwargs):
        result, x, inputs = _traced(f, argnums, args, kwargs)
        if type(x) is not Tensor:
            raise ValueError("jacobian takes the derivative by one array, got several")
        shape = np.shape(result)
        size = int(np.prod(shape))
        units = np.eye(size).reshape(size, *shape)
        rows = [row for (row,) in _gradients(result, units, inputs)[0]]
        return np.stack(rows).reshape(shape + x.shape) if rows else np.zeros(shape + x.shape)

    return jacobian_of_f


def _traced(f, argnums, args, kwargs):
    """f's result with tensors in place of the chosen arguments, these, and a flat list of them.

    Within a derivative of a derivative an argument may be a tensor already: then the same value,
    but a new beginning, so that what was computed before is not gone through again.
    """
    chosen = argnums if isinstance(argnums, tuple) else (argnums,)
    possible = all(isinstance(argnum, int) and 0 <= argnum < len(args) for argnum in chosen)
    if not possible or len(set(chosen)) < len(chosen):
        raise ValueError(
            f"argnums must be different positions among the {len(args)} positional arguments, "
            f"got {argnums!r}"
        )
    name = f"each array in the arguments of {_called(f)}"
    inputs, locked = [], []

    def as_input(x):
        inputs.append(+x if type(x) is Tensor else locked_input(x))
        return inputs[-1]

    def locked_input(x):
        value = np.array(as_floats(x, name))
        if type(x) is np.ndarray and x.base is None and x.flags.writeable:
            # f reads its argument as a tensor: what it writes to the array would not be seen.
            x.flags.writeable = False
            locked.append(x)
        return _recorded(value, None, (), ())

    try:
        tensors = {argnum: mapped(as_input, args[argnum]) for argnum in chosen}
        result = f(*(tensors.get(i, arg) for i, arg in enumerate(args)), **kwargs)
    finally:
        for x in locked:
            x.flags.writeable = True
    if type(result) is not Tensor:
        result = as_floats(result, f"the result of {_called(f)}")[()]
    if not isinstance(argnums, tuple):
        return result, tensors[argnums], inputs
    return result, tuple(tensors[argnum] for argnum in argnums), inputs


def mapped(f, tree):
    """`tree`, a leaf or a nested list, tuple or dict of leaves, with f applied to each leaf."""
    if isinstance(tree, dict):
        return {key: mapped(f, part) for key, part in tree.items()}
    if isinstance(tree, (list, tuple)):
        parts = [mapped(f, part) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return f(tree)


def _gradients(result, cotangents, inputs):
    """For each cotangent the gradients by the inputs; is the result part of a larger record?

    It is when it was computed from older tensors as well: then the gradients are tensors, too.
    """
    oldest = min([x.number for x in inputs], default=0)
    reached, nested = _reached(result, oldest) if type(result) is Tensor else ([], False)

    def by_each(cotangent):
        found = dict.fromkeys([x.number for x in inputs])
        for tensor, gradient in _pull_back(reached, cotangent, oldest, nested):
            if tensor.number in found:
                found[tensor.number] = gradient
        handed_out = set()
        for x in inputs:
            gradient = found[x.number]
            if gradient is None:
                gradient = np.zeros(x.shape)[()]
            elif type(gradient) is np.ndarray:
                memory = gradient if gradient.base is None else gradient.base
                shared = id(memory) in handed_out or np.size(memory) > gradient.size
                if shared or not gradient.flags.writeable:
                    memory = gradient = gradient.copy()
                handed_out.add(id(memory))
            yield gradient

    return [list(by_each(cotangent)) for cotangent in cotangents], nested


def _called(f):
    return getattr(f, "__name__", repr(f))


def check_gradients(f, *args, tolerance=1e-6, directions=5, rng=None):
    """The largest error of the gradient of f, compared with central differences; see below.

    For each array among the arguments and each of some random directions v (entries ±1), the
    derivative along v, (f(x + hv) - f(x - hv)) / 2h with h = 1e-5 max(1, max|x|), is compared with
    v · gradient. The error is relative to the larger one of |gradient| (Euclidean) and the
    difference; what rounding can explain does not count. If f gives an array, it is weighed
    with random numbers first. `rng`: a numpy.random.Generator, default_rng(0) if not given.

    Raises ValueError if the error exceeds the tolerance: at a kink, where f is not differentiable,
    or where a rule is wrong. NaN is an error, too.
    """
    check_function(f=f)
    tolerance = as_number(tolerance, "tolerance", above=0)
    whole(directions, "directions", at_least=1)
    rng = np.random.default_rng(0) if rng is None else rng
    args = mapped(lambda x: as_floats(x, "an argument"), args)
    shape = np.shape(f(*args))
    weights = rng.uniform(0.5, 1.5, shape) * rng.choice([-1, 1], shape)

    def scalar(*args):
        return np.sum(weights * f(*args)) if shape else f(*args)

    points, gradients = [], []
    mapped(points.append, args)
    mapped(gradients.append, grad(scalar, tuple(range(len(args))))(*args))

    def along(i, v, h):
        moved = iter([x + h * v if j == i else x for j, x in enumerate(points)])
        return scalar(*mapped(lambda _: next(moved), args))

    size = abs(scalar(*args))
    worst = 0.0
    for i, (x, gradient) in enumerate(zip(points, gradients, strict=True)):
        h = 1e-5 * np.maximum(1, np.max(np.abs(x), initial=0))
        for _ in range(directions):
            v = rng.choice([-1.0, 1.0], np.shape(x))
            numeric = (along(i, v, h) - along(i, v, -h)) / (2 * h)
            exact = np.sum(v * gradient)
            rounding = 1e-15 * size / h / tolerance
            scale = max(np.sqrt(np.sum(np.square(gradient))), abs(numeric), rounding)
            error = abs(numeric - exact) / scale if scale else abs(numeric - exact)
            if not error <= tolerance:
                raise ValueError(
                    f"the gradient of {_called(f)} is wrong by {error:.1e} of its size (tolerance "
                    f"{tolerance:.0e}) by array {i + 1} of {len(points)}, of shape {np.shape(x)}: "
                    f"{exact:.6g} along a direction where central differences give {numeric:.6g}"
                )
            worst = max(worst, float(error))
    return worst
