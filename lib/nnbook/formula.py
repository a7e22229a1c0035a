"""Double entry: a formula is written three times over, and the three must agree.

A record holds what the book says (`expr`, SymPy), how NumPy computes it (`fn`) and the derivative
as derived by hand (`dfn`). The symbolic derivative, the LaTeX, the rule for automatic
differentiation and the check follow from these.
"""

import functools
import inspect

import mpmath
import numpy as np
import sympy as sp

from nnbook._arrays import as_floats, as_number, check_function
from nnbook.autodiff import Tensor, apply, grad
from nnbook.verification import Verification, compare, evaluate, grid


def formula(expr, symbol):
    """Decorator: the function below it computes `expr`, elementwise in `symbol`.

    The function's first argument stands for `symbol`; every further argument is a parameter with a
    default and has a symbol of the same name in `expr`, whose assumptions (positive, nonnegative)
    are its bounds. A kink is written as `Piecewise`: the branch that owns the point also gives the
    derivative there. The result is a `Formula`.

    The body is plain NumPy on arrays (conversion is done outside), keeps to functions that
    `autodiff` can follow, and has no kink that `expr` does not have: exp(-|x|) would compute the
    right sigmoid, with a traced derivative of 0 at 0.
    """
    return functools.partial(Formula, expr, symbol)


class Formula:
    """A scalar formula, called elementwise on an array of any shape.

    expr      what the book says: a SymPy expression in `symbol` and the parameters
    fn        how NumPy computes it: the bare body, without checks and conversion
    dfn       its derivative, as derived by hand
    dexpr     its derivative, as SymPy derives it from `expr`
    latex     `expr` in LaTeX
    defaults  the parameters and their default values

    Float64 in and out; a scalar gives a scalar; NaN gives NaN; an infinity gives the limit, where
    there is one. Raises ValueError for anything but real numbers, naming the argument.

    Called with a `Tensor`, it is recorded as one operation, whose rule is the derivative derived by
    hand. `fn` and `grad`, called with a `Tensor`, are recorded operation by operation; so is a
    formula that has no derivative yet. A parameter is a plain number in every case.
    """

    def __init__(self, expr, symbol, fn):
        check_function(fn=fn)
        if not isinstance(symbol, sp.Symbol):
            raise ValueError(f"symbol must be a SymPy symbol, got {symbol!r:.60}")
        if not isinstance(expr, sp.Expr | int | float):
            raise ValueError(f"expr must be a SymPy expression, got {expr!r:.60}")
        functools.update_wrapper(self, fn)
        self.name, self.expr, self.symbol, self.fn = fn.__name__, sp.sympify(expr), symbol, fn
        self.dfn = None
        self._rules = (self._rule,)
        self.__signature__ = inspect.signature(fn)
        argument, *parameters = self.__signature__.parameters.values()
        self.argument = argument.name
        self.defaults = {p.name: p.default for p in parameters}

        if inspect.Parameter.empty in self.defaults.values():
            raise ValueError(f"{self.name}: every parameter needs a default, in {self!r}")
        self._symbols = {s.name: s for s in self.expr.free_symbols - {symbol}}
        if set(self._symbols) != set(self.defaults):
            raise ValueError(
                f"{self.name}: the parameters are {sorted(self.defaults)}, "
                f"but those of the expression are {sorted(self._symbols)}"
            )
        if self.expr.has(sp.Max, sp.Min, sp.Abs, sp.sign, sp.Heaviside):
            raise ValueError(f"{self.name}: write the kink in {self.expr} as a Piecewise")
        self.defaults = self._parameters(self.defaults)
        pieces = [e for e, _ in self.expr.args] if self.expr.is_Piecewise else [self.expr]
        # Where x is passed on or replaced by a number, no product can underflow.
        self._underflows = not all(e == symbol or e.is_Number for e in pieces)

    def __repr__(self):
        return f"{self.name}{self.__signature__}"

    def _repr_latex_(self):
        name = self.name.replace("_", r"\_")
        return rf"$\displaystyle \operatorname{{{name}}}({sp.latex(self.symbol)}) = {self.latex}$"

    def __call__(self, *args, **kwargs):
        x, parameters = self._arguments(*args, **kwargs)
        if type(x) is Tensor and self.dfn:
            return apply(self, self._value, self._rules, (x,), parameters)
        return self._computed(self.fn, x, parameters)

    def grad(self, *args, **kwargs):
        """The derivative derived by hand, with the arguments of the formula itself."""
        if self.dfn is None:
            raise ValueError(f"{self.name} has no derivative yet: write @{self.name}.derivative")
        return self._computed(self.dfn, *self._arguments(*args, **kwargs))

    def derivative(self, dfn):
        """Decorator: the function below it is the derivative, derived by hand."""
        check_function(dfn=dfn)
        wanted, given = list(self.__signature__.parameters), list(inspect.signature(dfn).parameters)
        if given != wanted:
            raise ValueError(f"the derivative of {self.name} must take {wanted}, takes {given}")
        self.dfn = dfn
        return dfn

    @functools.cached_property
    def dexpr(self):
        """The derivative of `expr` by its symbol; at a kink, that of the branch with the point."""
        return sp.diff(self.expr, self.symbol)

    @property
    def latex(self):
        """`expr` in LaTeX, parameters with long names in upright letters."""
        words = {s: s.name.replace("_", r"\_") for s in self._symbols.values() if "_" in s.name}
        names = {symbol: rf"\mathrm{{{word}}}\," for symbol, word in words.items()}
        return sp.latex(self.expr, symbol_names=names)

    @np.errstate(all="ignore")  # what matters is caught where the bodies are run
    def verify(self, **parameters):
        """Compare the three statements, and the derivative four ways; see `Verification`.

        The expression and its symbolic derivative are evaluated by mpmath with 50 digits, with 350
        where the value is so small that digits may have cancelled. With these are compared:

        value                 |error| <= 1e-12 |value|, down to 1e-300
        derivative by hand    |error| <= 1e-12 max(|derivative|, 0.01): it may end in a difference
                              whose digits cancel, as 1 - tanh² does far out
        autodiff              |error| the same; the body of `fn` is traced operation by operation,
                              and the derivative by hand has no part in it
        central differences   |error| <= 1e-7 max(|derivative|, 1), with steps of 1e-5 max(1, |x|)

        at more than 400 points: a grid, ±1e-8 to ±1e4, the kinks and beside them, random ones.
        A kink is left out of the last two, which would give a mean of its two slopes. A way
        that overflows, divides by 0 or gives NaN at a point is wrong there.

        Raises ValueError for bad parameters and TypeError for a body that cannot be traced.
        """
        parameters = self._parameters(self.defaults | parameters)
        kinks = self._kinks(parameters)
        x = grid(kinks)
        value = self._truth(self.expr, x, parameters)
        slope = self._truth(self.dexpr, x, parameters)
        h = 1e-5 * np.maximum(1, np.abs(x))
        smooth = np.all(np.abs(np.subtract.outer(x, kinks)) > h[:, None], axis=1)

        def computed(function, at):
            return evaluate(functools.partial(function, **parameters), at)

        by_hand = computed(self.grad, x)
        traced = computed(grad(lambda x, **given: np.sum(self.fn(x, **given))), x)
        apart = ~np.isin(x, kinks)
        differences = (computed(self, x + h) - computed(self, x - h)) / ((x + h) - (x - h))
        ways = [
            compare("value", computed(self, x), value, x, 1e-12, 1e-300),
            compare("derivative by hand", by_hand, slope, x, 1e-12, 0.01),
            compare("autodiff", traced[apart], slope[apart], x[apart], 1e-12, 0.01),
            compare("central differences", differences[smooth], slope[smooth], x[smooth], 1e-7, 1),
        ]
        alike = compare("", differences[smooth], by_hand[smooth], x[smooth], 1e-7, 1).agrees
        chosen = {p: v for p, v in parameters.items() if v != self.defaults[p]}
        given = ", ".join(f"{p}={v:g}" for p, v in chosen.items())
        title = f"{self.name}({given})" if given else self.name
        return Verification(title, self.symbol.name, ways, alike)

    def _arguments(self, *args, **kwargs):
        if len(args) == 1 and not kwargs:  # most calls: half the time would go into what follows
            return as_floats(args[0], self.argument), self.defaults
        try:
            given = self.__signature__.bind(*args, **kwargs).arguments
        except TypeError as error:
            raise ValueError(f"{self!r} cannot be called like this: {error}") from None
        x = as_floats(given.pop(self.argument), self.argument)
        return x, self._parameters(self.defaults | given)

    def _computed(self, body, x, parameters):
        if self._underflows:  # to 0, the right answer; an overflow is not, and is left to be seen
            with np.errstate(under="ignore"):
                result = body(x, **parameters)
        else:
            result = body(x, **parameters)
        if type(result) is not Tensor and type(result) is not np.float64:
            result = np.asarray(result, dtype=np.float64)[()]
        return self._shaped(result, x)

    def _shaped(self, result, x):
        shape = getattr(result, "shape", ())
        if shape != x.shape:
            raise ValueError(
                f"{self.name}: the body gave shape {shape} for an input of shape {x.shape}"
            )
        return result

    def _value(self, x, **parameters):
        return self._computed(self.fn, x, parameters)

    def _rule(self, g, z, x, **parameters):
        if not self._underflows:
            return g * self._shaped(self.dfn(x, **parameters), x)
        with np.errstate(under="ignore"):
            return g * self._shaped(self.dfn(x, **parameters), x)

    def _parameters(self, given):
        unknown = sorted(set(given) - set(self.defaults))
        if unknown:
            raise ValueError(f"{self!r} has no parameter {', '.join(unknown)}")
        checked = {}
        for name, value in given.items():
            symbol = self._symbols[name]
            above = 0 if symbol.is_positive else None
            at_least = 0 if symbol.is_nonnegative and not symbol.is_positive else None
            checked[name] = as_number(value, name, above=above, at_least=at_least)
        return checked

    def _substitute(self, expr, parameters):
        exact = {self._symbols[name]: sp.Rational(value) for name, value in parameters.items()}
        return expr.subs(exact)

    def _kinks(self, parameters):
        """The seams of the pieces, as floats in increasing order."""
        seams = set()
        for piecewise in self._substitute(self.expr, parameters).atoms(sp.Piecewise):
            for _, condition in piecewise.args:
                for relation in condition.atoms(sp.core.relational.Relational):
                    seams |= set(relation.as_set().boundary)
        return np.array(sorted(float(seam) for seam in seams))

    def _truth(self, expr, points, parameters):
        evaluate = sp.lambdify(self.symbol, self._substitute(expr, parameters), "mpmath")
        values = np.empty(len(points))
        for i, point in enumerate(points):
            for digits in (50, 350):
                with mpmath.workdps(digits):
                    try:
                        exact = evaluate(mpmath.mpf(point))
                    except ZeroDivisionError:
                        exact = mpmath.nan
                if not abs(exact) < 1e-30:
                    break
            values[i] = mpmath.nan if mpmath.im(exact) else exact.real
        return values
