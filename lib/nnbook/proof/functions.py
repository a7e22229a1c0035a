"""Undefined functions, f(x), and their derivatives: a smooth function of numbers in their place."""

import sympy as sp
from sympy.core.function import AppliedUndef

from nnbook.proof.estimates import UNEVALUATED
from nnbook.proof.slopes import slope


def differentiated(e):
    """Derivatives and substitutions carried out, sums and integrals left as they are."""

    def carried_out(d):
        if isinstance(d, sp.Subs):
            return d.doit(deep=False) if isinstance(d.expr, sp.Derivative) else _put_in(d)
        f = d.expr
        for x, count in d.variable_count:
            if isinstance(x, AppliedUndef) or not count.is_Integer:
                return d.doit(deep=False)
            for _ in range(int(count)):
                f = slope(f, x)
        return f

    e = e.replace(lambda d: isinstance(d, sp.Derivative | sp.Subs), carried_out)
    return e.replace(sp.KroneckerDelta, lambda i, j, *_: sp.Piecewise((1, sp.Eq(i, j)), (0, True)))


def _put_in(d):
    """The expression of a `Subs` with the values in it, all at once. An integral, a sum or a limit
    stays one: SymPy's `doit` takes its value from the system, right or wrong.
    """
    values = dict(zip(d.variables, d.point, strict=True))
    free = set(values).union(*(value.free_symbols for value in values.values()))
    for node in d.expr.atoms(*UNEVALUATED):
        if not free.isdisjoint(getattr(node, "variables", node.args[1:2])):
            raise NotImplementedError(f"a value would be taken for the variable of {node}")
    return d.expr.subs(values, simultaneous=True)


def _named(derivative):
    """d f(g(x)) / d g(x), as SymPy writes the chain rule, in terms of a name for the inner
    function.
    """
    if not any(isinstance(v, AppliedUndef) for v in derivative.variables):
        return derivative
    inner = {
        v: sp.Dummy("u", real=True) for v in derivative.variables if isinstance(v, AppliedUndef)
    }
    outer = derivative.expr.xreplace(inner)
    counts = [(inner.get(v, v), n) for v, n in derivative.variable_count]
    return sp.Subs(sp.Derivative(outer, *counts), tuple(inner.values()), tuple(inner))


def concrete(functions, variant):
    """{undefined function: a smooth function of numbers in its place}."""
    u = sp.Symbol("u", real=True)
    shapes = [
        lambda a: a**2 / 2 + 3 * a + 5,
        lambda a: sp.exp(a / 2) + a / 3,
        lambda a: sp.sin(a) + a**3 / 7 + 2,
        lambda a: 1 / (1 + a**2) + 2 * a,
    ]
    chosen = {}
    for k, f in enumerate(sorted(functions, key=str)):
        arity = next(iter(functions[f]))
        if arity == 1:
            chosen[f] = sp.Lambda((u,), shapes[(k + variant) % len(shapes)](u))
            continue
        # of several arguments: different functions of different mixtures, and a product
        u_all = sp.symbols(f"u1:{arity + 1}", real=True)
        body = sp.prod(u_all) / (2 + k + variant)
        for j in range(arity):
            mixed = sum(
                x * sp.Rational(1 + (i * (j + 2) + variant) % 5, 2 + j) for i, x in enumerate(u_all)
            )
            body += shapes[(k + variant + j) % len(shapes)](mixed) + u_all[j] * (j + 1)
        chosen[f] = sp.Lambda(u_all, body)
    return chosen


def undefined_functions(*expressions):
    found = {}
    for e in expressions:
        for call in e.atoms(AppliedUndef):
            found.setdefault(call.func, set()).add(len(call.args))
    return found


def with_functions(e, chosen):
    e = e.replace(lambda d: isinstance(d, sp.Derivative), _named)
    for f, body in chosen.items():
        e = e.replace(f, body)
    return differentiated(e)
