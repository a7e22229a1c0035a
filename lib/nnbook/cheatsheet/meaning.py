"""What letters stand for: a formula with values put in, vectors entry by entry, sums written out.

One formula serves three times: set in LaTeX as it is, with symbols for entries to be proved, and
with numbers to be compared.
"""

import re

import sympy as sp
from sympy.core.function import AppliedUndef

from nnbook.cheatsheet.notation import COUNT, parse


class Defined:
    """A definition in text, as "r = y_hat - y", "σ(x) = …" or "s[i] = …"."""

    def __init__(self, text):
        left, self.right = (part.strip() for part in text.split("=", 1))
        self.left, self.body = f"{left} =", parse(self.right)
        name, *self.arguments = re.findall(r"\w+", left)
        self.key = f"{name}()" if "(" in left else name


def defined(texts):
    """{key: `Defined`}, a function under its name with brackets: D may be a number, D() cannot."""
    return {d.key: d for d in map(Defined, texts)}


SHARED = defined(
    [
        "σ(x) = 1/(1 + exp(-x))",
        "Φ(x) = 1/2*(1 + erf(x/sqrt(2)))",
        "φ(x) = exp(-x**2/2)/sqrt(2*pi)",
        "s[i] = exp(z[i])/Σ(exp(z[j]), j)",
        f"mean(x) = 1/{COUNT}*Σ(x[k], k)",
        "norm(x) = sqrt(Σ(x[k]**2, k))",
        "dot(u, v) = Σ(u[k]*v[k], k)",
        "D(a, b) = norm(a - b)",
        "u_hat = u/norm(u)",
        "v_hat = v/norm(v)",
        "cos(u, v) = dot(u_hat, v_hat)",
    ]
)


class _Argument:
    """What stands in the place of an argument, with the values and the place it was given in."""

    def __init__(self, expression, values, place):
        self.expression, self.values, self.place = expression, values, place

    def entry(self, number):
        return put(self.expression, self.values, self.place | {None: number})


def put(e, values, place=None):
    """The expression e with `values` in place of its letters.

    values  {name: number or expression, list of them for a vector, or `Defined`}; under the name
            of `COUNT` the length of vectors; under "f()" also a function of the list of entries
    place   {index: number from 0}; under None the entry meant where a vector stands without index
    """
    place = place or {}
    if isinstance(e, sp.Sum):
        index, length = e.limits[0][0].name, values[COUNT.name]
        return sp.Add(*(put(e.function, values, place | {index: m}) for m in range(length)))
    if isinstance(e, AppliedUndef):
        value = values[f"{e.func.__name__}()"]
        given = [_Argument(argument, values, place) for argument in e.args]
        if callable(value):
            return sp.sympify(value([given[0].entry(m) for m in range(values[COUNT.name])]))
        return put(value.body, values | dict(zip(value.arguments, given, strict=True)), place)
    if isinstance(e, sp.Indexed):
        at = [int(put(index, values, place)) for index in e.indices]
        return _looked_up(e, e.base.label.name, values, place, at)
    if isinstance(e, sp.Symbol):
        if e.name in place:
            return sp.Integer(place[e.name])
        return _looked_up(e, e.name, values, place, [])
    if isinstance(e, (sp.Max, sp.Heaviside)):  # with their slope, or value, of 0 at the kink
        t = put(e.args[0] if isinstance(e, sp.Heaviside) else e.args[-1], values, place)
        return sp.Piecewise((1 if isinstance(e, sp.Heaviside) else t, t > 0), (0, True))
    return e.func(*(put(a, values, place) for a in e.args)) if e.args else e


def _looked_up(e, name, values, place, at):
    value = values.get(name, e)
    if isinstance(value, Defined):
        return put(value.body, values, place | dict(zip(value.arguments, at, strict=True)))
    if isinstance(value, _Argument):
        return value.entry(at[0] if at else place.get(None))
    for number in at or [place.get(None)]:
        value = value[number] if isinstance(value, list) else value
    return value
