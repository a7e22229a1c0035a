"""Symbolic proofs: methods that reduce a difference to 0, each with its budget of time."""

import sympy as sp
from sympy.core.relational import Relational

from nnbook.proof.budget import interruptible, within
from nnbook.proof.points import differentiated, seams_of


def reduce(lhs, rhs, intervals, clock):
    """The words for the first method that reduces lhs - rhs to 0, or None."""
    if lhs == rhs:
        return "both sides are the same expression"
    a, b = (within(clock.at_most(4.0), _carried_out, e) for e in (lhs, rhs))
    if a is None or b is None:
        return None
    d = _on_interval(a - b, intervals)
    if d.is_infinite or d.has(sp.nan, sp.zoo):
        return None
    for words, method, seconds in _METHODS:
        if seconds > 2 and not interruptible():
            continue  # without a clock only what is known to end
        if within(clock.at_most(seconds), method, d):
            return words
    return None


def _carried_out(e):
    return sp.sympify(differentiated(e).doit())


def _on_interval(d, intervals):
    """d with each bounded symbol written in terms of a positive one, so that SymPy knows the
    interval.
    """
    swap = {}
    for v, (low, high) in intervals.items():
        if v not in d.free_symbols or v.is_integer:
            continue
        t = sp.Dummy("t", positive=True)
        if low == 0 and high == sp.oo:
            swap[v] = t
        elif low.is_finite and high.is_finite:
            swap[v] = (low + high * t) / (1 + t)
        elif low.is_finite:
            swap[v] = low + t
        elif high.is_finite:
            swap[v] = high - t
    return d.xreplace(swap)


def _expanded(d):
    return _is_null(sp.expand(d))


def _is_null(e):
    return e.is_zero is True or e == 0


def _exponentials(d):
    hyperbolic = (sp.tanh, sp.sinh, sp.cosh, sp.coth, sp.sech, sp.csch)
    return _numerator_vanishes(d.rewrite(hyperbolic, sp.exp))


def _numerator_vanishes(d):
    numerator = sp.fraction(sp.together(d))[0]
    for _ in range(3):
        numerator, before = sp.expand(numerator), numerator
        if _is_null(numerator):
            return True
        if numerator == before:
            break
    return _is_null(sp.expand(sp.powsimp(numerator)))


def _error_functions(d):
    e = d.rewrite((sp.erfc, sp.erfcx) if hasattr(sp, "erfcx") else sp.erfc, sp.erf)
    return e != d and _numerator_vanishes(e)


def _logarithms(d):
    """Logarithms with factored arguments, expanded; else exp(d) = 1 for a real d."""
    if not d.has(sp.log, sp.asinh, sp.acosh, sp.atanh):
        return False
    e = d.rewrite((sp.tanh, sp.sinh, sp.cosh), sp.exp).rewrite(
        (sp.asinh, sp.acosh, sp.atanh), sp.log
    )
    opened = e.replace(
        sp.log, lambda u: sp.expand_log(sp.log(sp.factor(sp.together(sp.expand(u)))))
    )
    if _numerator_vanishes(opened):
        return True
    if d.is_extended_real and d.is_finite is not False:
        numerator = sp.expand(sp.fraction(sp.together(opened))[0])
        power = sp.expand(sp.exp(sp.expand(opened)), power_exp=True)
        if _numerator_vanishes(power - 1):
            return True
        return _numerator_vanishes(sp.expand(sp.exp(numerator), power_exp=True) - 1)
    return False


def _sums(d):
    """Sums over the same range joined, each with its factors inside."""
    terms, rest = {}, []
    for term in sp.Add.make_args(sp.expand(d)):
        factors, sums = term.as_independent(sp.Sum)
        if isinstance(sums, sp.Sum):
            inside = terms.get(sums.limits, 0) + factors * sums.function
            terms[sums.limits] = inside
        else:
            rest.append(term)
    zero = all(_numerator_vanishes(inside) for inside in terms.values())
    return bool(terms) and zero and _numerator_vanishes(sp.Add(*rest))


def _trigonometry(d):
    if not d.has(sp.sin, sp.cos, sp.tan, sp.cot, sp.I):
        return False
    return _is_null(sp.trigsimp(d)) or _numerator_vanishes(
        d.rewrite((sp.sin, sp.cos, sp.tan, sp.cot), sp.exp)
    )


def _factorials(d):
    return d.has(sp.factorial, sp.binomial, sp.gamma) and _is_null(sp.expand(sp.gammasimp(d)))


def _radicals(d):
    return _is_null(sp.cancel(sp.together(d))) or _is_null(sp.radsimp(sp.together(d)))


def _simplified(d):
    return _is_null(sp.simplify(d))


def _cases(d, depth=4):
    """A proof by cases: a symbol v at a seam, above it and below it."""
    d = _decided(d.rewrite((sp.Max, sp.Min, sp.Abs, sp.sign, sp.Heaviside), sp.Piecewise))
    if not d.has(sp.Piecewise):
        return _plain(d)
    if depth == 0:
        return False
    for seam in seams_of(d):
        for v in sorted(seam.free_symbols, key=str):
            split = _split(seam, v)
            if split:
                return all(_cases(d.xreplace({v: case}), depth - 1) for case in split)
    return False


def _plain(d):
    return any(
        method(d) for method in (_expanded, _exponentials, _error_functions, _logarithms, _radicals)
    )


def _split(seam, v):
    """[v on the seam, above, below] for a seam linear in v, in terms of a new positive symbol;
    else None.
    """
    numerator = sp.fraction(sp.together(seam))[0]
    if not numerator.is_polynomial(v):
        return None
    linear = [f for f, _ in sp.factor_list(numerator)[1] if f.has(v) and sp.degree(f, v) == 1]
    if not linear or v.is_integer:
        return None
    slope = linear[0].coeff(v, 1)
    if not slope.is_nonzero:
        return None
    root = sp.together(-linear[0].coeff(v, 0) / slope)
    t = sp.Dummy("t", positive=True)
    if v.is_positive and root.is_positive:
        return [root, root + t, root / (1 + t)]
    if v.is_negative and root.is_negative:
        return [root, root - t, root / (1 + t)]
    return [root, root + t, root - t]


def _decided(d):
    """Relations that follow from the signs of the symbols replaced by true or false."""
    truth = {}
    for relation in d.atoms(Relational):
        difference = sp.factor(sp.together(relation.lhs - relation.rhs))
        if (
            difference.is_number
            or difference.is_positive
            or difference.is_negative
            or difference.is_zero
        ):
            truth[relation] = relation.func(difference, 0)
        elif isinstance(relation, sp.Eq | sp.Ne) and difference.is_nonzero:
            truth[relation] = sp.true if isinstance(relation, sp.Ne) else sp.false
        elif difference.is_nonnegative and isinstance(relation, sp.Ge | sp.Lt):
            truth[relation] = sp.true if isinstance(relation, sp.Ge) else sp.false
        elif difference.is_nonpositive and isinstance(relation, sp.Le | sp.Gt):
            truth[relation] = sp.true if isinstance(relation, sp.Le) else sp.false
    return d.xreplace(truth)


_METHODS = [  # words, method, seconds of processor time
    ("by expanding", _expanded, 1.0),
    ("by rewriting in exponentials", _exponentials, 2.0),
    ("by rewriting in error functions", _error_functions, 1.0),
    ("by combining logarithms", _logarithms, 2.0),
    ("by joining sums", _sums, 1.0),
    ("by cases", _cases, 2.0),
    ("by trigonometric identities", _trigonometry, 2.0),
    ("by simplifying factorials", _factorials, 1.0),
    ("by reducing fractions and roots", _radicals, 1.0),
    ("by simplification", _simplified, 3.0),
]
