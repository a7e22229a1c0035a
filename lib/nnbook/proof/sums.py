"""Finite sums of a length that is a symbol: linearity, and induction over the length.

Sums come counted from 0, Σ f(k) for k = 0, ..., h. They are linear, so each is spread over its
terms, with what does not depend on k in front of it and Σ 1 = h + 1. What is left of a statement is
D(n) = c₁(n) S₁(n) + ... + r(n), of which is shown that it is 0 for the shortest sums, and that
D(n + 1) = q(n) D(n), where S(n + 1) = S(n) + f(h + 1). All of it must be finite for every n, or the
chain from one n to the next would be broken.
"""

import sympy as sp

_ENTIRE = (sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh)


def spread(e):
    """Sums distributed over their terms, with their constants in front, counted from 0."""

    def every(node):
        ends = [end for limit in node.limits for end in limit[1:]]
        if not all(end.is_finite for end in ends):
            return node
        body = node.function
        for limit in node.limits:  # the innermost one first
            body = _over(body, *limit)
        return body

    return e.replace(lambda n: isinstance(n, sp.Sum), every)


def _over(body, k, low, high):
    total = sp.S.Zero
    for term in sp.Add.make_args(sp.expand(body)):
        front, back = term.as_independent(k, as_Add=False)
        if back == 1:
            total += front * (high - low + 1)
            continue
        index = sp.Symbol(f"_k{_depth(back)}", integer=True, nonnegative=True)
        total += front * sp.Sum(back.subs(k, index + low), (index, 0, high - low))
    return total


def _depth(e):
    return max((1 + _depth(node.function) for node in e.atoms(sp.Sum)), default=0)


def by_induction(d, vanishes):
    """Whether d, spread, is 0 by induction; vanishes(e) says that an expression is 0."""
    found = d.atoms(sp.Sum)
    limits = {limit for node in found for limit in node.limits}
    if len(limits) != 1 or d.has(sp.Integral, sp.Product, sp.Limit):
        return False
    k, low, high = limits.pop()
    if low != 0 or len(high.free_symbols) != 1:
        return False
    (n,) = high.free_symbols
    if not n.is_integer or high.diff(n) != 1:
        return False
    if any(node.function.has(n) or node.function.has(sp.Sum) for node in found):
        return False
    for shortest in (-1, 0):  # the last k of the shortest sum
        if not (high - shortest).is_nonnegative:
            continue
        m = sp.Dummy("m", integer=True, nonnegative=True)
        here = {n: n - high + shortest + m}  # the sum goes to k = m + shortest
        if _chain(d.xreplace(here), found, k, m, shortest, here, vanishes):
            return True
    return False


def _chain(d, found, k, m, shortest, here, vanishes):
    names, new, first = {}, {}, {}
    for node in found:
        name = sp.Dummy("S", real=True)
        names[node.xreplace(here)] = name
        new[name] = name + node.function.xreplace({k: m + shortest + 1})
        first[name] = sp.S.Zero if shortest < 0 else node.function.xreplace({k: sp.S.Zero})
    given = d.xreplace(names)
    d = sp.expand(given)
    if d.has(sp.Sum) or any(d.coeff(s, 1) == 0 or d.diff(s).has(*new) for s in new):
        return False
    one = next(iter(new))
    ahead = sp.expand(given.xreplace({m: m + 1}).xreplace(new))
    factor = sp.together(ahead.coeff(one, 1) / d.coeff(one, 1))
    if not all(_is_finite(e, m) for e in (given, *new.values(), factor)):
        return False
    start = given.xreplace({m: sp.S.Zero}).xreplace(first)
    return vanishes(start) and vanishes(ahead - factor * d)


def _is_finite(e, m):
    """Whether e is finite for every m = 0, 1, 2, ..., other symbols apart."""
    for node in sp.preorder_traversal(e):
        if not node.has(m) or node.is_Symbol or node.is_Add or node.is_Mul:
            continue
        if node.is_Pow:
            base, exponent = node.args
            whole = exponent.is_integer and (exponent.is_nonnegative or base.is_nonzero)
            if whole or exponent.is_integer and not base.has(m):
                continue
            return False
        if isinstance(node, sp.factorial) and node.args[0].is_nonnegative:
            continue
        if not isinstance(node, (*_ENTIRE, sp.Indexed, sp.IndexedBase, sp.Tuple)):
            return False
    return True
