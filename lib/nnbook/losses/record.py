"""What all losses have in common: checks, reductions, and a gradient derived by hand.

A loss is written as the formula for each example and, below it, its vector-Jacobian product. The
reduction, `.grad` and the rule for automatic differentiation follow from these two.
"""

import functools
import inspect
import math

import numpy as np

from nnbook._arrays import as_floats, as_number
from nnbook.autodiff import Tensor, with_rule

# log 0 is -inf and 1/0 is inf: what certain and wrong costs. What overflows is left to be seen, and
# so is NaN.
_quiet = np.errstate(divide="ignore", under="ignore")
REDUCTIONS = {
    "none": lambda each: each,
    "sum": lambda each: each.sum(),
    "mean": lambda each: each.mean(),
}


def entries(first, *others):
    """The shape of the losses where every entry is an example."""
    return first.shape


def by_row(first, *others):
    """The shape of the losses where a vector along the last axis is an example."""
    return first.shape[:-1]


def as_loss(check, by, examples=entries, **bounds):
    """Decorator: the function below it gives the loss of each example. The result is a `Loss`.

    check     check(*arrays) gives the array arguments, those without a default, converted and found
              good, or raises ValueError
    by        the name of the argument that has a derivative, or a tuple of names
    examples  examples(*arrays) is the shape of the losses: `entries`, `rows` or the like
    bounds    for each number among the arguments, those with a default, the bounds of `as_number`

    The body is plain NumPy that `autodiff` can follow.
    """
    return functools.partial(Loss, check, by, examples, bounds)


class Loss:
    """A loss, called as loss(*arguments, reduction="mean").

    reduction  "none" for the losses of the examples, "sum" or "mean" for theirs

    Called with a `Tensor`, it is recorded as one operation, whose rule is the product derived by
    hand. `__wrapped__` is the bare body, for each example, which can be traced. A tensor is given
    by its position or its name; where there is no derivative it is a TypeError. Raises ValueError
    for an unknown reduction, for no examples, and as documented.
    """

    def __init__(self, check, by, examples, bounds, body):
        functools.update_wrapper(self, body)
        self.check, self.examples, self.bounds, self._both = check, examples, bounds, None
        self.by = (by,) if isinstance(by, str) else by
        self._body_signature = inspect.signature(body)
        arguments = self._body_signature.parameters.values()
        arrays = [a.name for a in arguments if a.default is a.empty]
        numbers = {a.name for a in arguments} - set(arrays)
        if not set(self.by) <= set(arrays) or numbers != set(bounds):
            raise ValueError(
                f"{self.__name__} has the arrays {arrays} and the numbers {sorted(numbers)}, "
                f"but derivatives by {list(self.by)} and bounds for {sorted(bounds)}"
            )
        self.argnums = tuple(arrays.index(name) for name in self.by)
        self._arrays = len(arrays)
        self._defaults = [a.default for a in arguments if a.name in numbers]
        reduction = inspect.Parameter("reduction", inspect.Parameter.KEYWORD_ONLY, default="mean")
        self.__signature__ = inspect.Signature([*arguments, reduction])

    def __repr__(self):
        return f"{self.__name__}{self.__signature__}"

    def derivative(self, vjp):
        """Decorator: the function below it, vjp(g, *arguments), is the product derived by hand.

        g holds a cotangent for each example, or is one number for all. The result is the gradient
        of Σ g · loss: an array, or a tuple of arrays for several arguments with a derivative.
        """
        wanted = ["g", *self._body_signature.parameters]
        given = list(inspect.signature(vjp).parameters)
        if given != wanted:
            raise ValueError(f"the vjp of {self.__name__} must take {wanted}, takes {given}")
        self._vjp = _quiet(vjp)
        self._reduced = {reduction: self._with(reduction) for reduction in REDUCTIONS}
        return vjp

    def in_one_pass(self, both):
        """Decorator: the function below it, for plain arrays, gives the losses and their product.

        both(*arguments) is the pair of the losses and a function of g, which gives what the vjp
        gives. For a loss whose two share most of their work: a training step wants both.
        """
        self._both = _quiet(both)
        self._reduced = {reduction: self._with(reduction) for reduction in REDUCTIONS}
        return both

    def _with(self, reduction):
        """The losses, reduced, as one operation."""
        reduce = REDUCTIONS[reduction]

        def reduced_vjp(g, *args):
            return self._vjp(g / self._count(args) if reduction == "mean" else g, *args)

        @functools.wraps(self.__wrapped__)
        def reduced(*args):
            return reduce(self.__wrapped__(*args))

        def reduced_both(*args):
            each, product = self._both(*args)
            n = self._count(args) if reduction == "mean" else 1
            return reduce(each), lambda g: product(g / n)

        both = reduced_both if self._both else None
        return with_rule(_quiet(reduced), reduced_vjp, self.argnums, both)

    def __call__(self, *args, reduction="mean", **named):
        if not isinstance(reduction, str) or reduction not in REDUCTIONS:
            raise ValueError(f"reduction must be one of {[*REDUCTIONS]}, got {reduction!r}")
        return _plain(self._reduced[reduction](*self._checked(args, named)))

    def grad(self, *args, reduction="mean", **named):
        """The gradient derived by hand, by what has a derivative, with the arguments of the loss.

        An array of the shape of the argument; a tuple of them, in the order of the arguments, where
        several have a derivative. Raises ValueError where the loss does, and for the reduction
        "none", which gives many losses, and a gradient belongs to one: `vjp` weighs them.
        """
        if reduction not in ("sum", "mean"):
            raise ValueError(
                f"a gradient needs the reduction 'sum' or 'mean', got {reduction!r}"
                + (": weigh the losses of the examples with vjp(g, ...)" * (reduction == "none"))
            )
        args = self._checked(args, named)
        g = np.float64(1 / self._count(args) if reduction == "mean" else 1)
        return self._product(g, args)

    def vjp(self, g, *args, **named):
        """The gradient of Σ g · loss(..., reduction="none"), derived by hand.

        g holds a cotangent for each example. An array, or a tuple, as for `grad`. Raises ValueError
        for g of another shape, and where the loss does.
        """
        args, g = self._checked(args, named), as_floats(g, "g")
        shape = self.examples(*args[: self._arrays])
        if g.shape != shape:
            raise ValueError(f"g must hold a number for each loss, shape {shape}, got {g.shape}")
        return self._product(g, args)

    def _checked(self, args, named):
        numbers = self._defaults
        if named or len(args) != self._arrays:  # in a training step binding is worth avoiding
            bound = self._body_signature.bind(*args, **named)
            bound.apply_defaults()
            args, rest = bound.args[: self._arrays], list(bound.arguments.items())[self._arrays :]
            numbers = [as_number(value, name, **self.bounds[name]) for name, value in rest]
        for i, arg in enumerate(args):
            if type(arg) is Tensor and i not in self.argnums:
                name = list(self._body_signature.parameters)[i]
                raise TypeError(
                    f"{self.__name__} has no derivative by {name}: give plain numbers there"
                )
        args = *self.check(*args), *numbers
        if self._count(args) == 0:
            raise ValueError(f"{self.__name__} needs at least one example, got none")
        return args

    def _count(self, args):
        return math.prod(self.examples(*args[: self._arrays]))

    def _product(self, g, args):
        gradients = self._vjp(g, *args)
        return tuple(map(_plain, gradients)) if len(self.by) > 1 else _plain(gradients)


def _plain(x):
    """A scalar as np.float64 in place of an array without axes."""
    return x if type(x) is Tensor else np.asarray(x)[()]
