"""Symbolic proofs: methods that reduce a difference to 0, each with its budget of time."""

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from nnbook.proof.budget import interruptible, within
from nnbook.proof.functions import differentiated
from nnbook.proof.sampling import seams_of
from nnbook.proof.slopes import Unknown
from nnbook.proof.sums import by_induction, spread


def reduce(lhs, rhs, intervals, clock):
    """What reduces lhs - rhs to 0: (status, words, trivial, witness wanted), or None."""
    if lhs == rhs:
        return "computed", "both sides are the same expression", True, False
    a, b = (within(clock.at_most(4.0), _differentiated, e) for e in (lhs, rhs))
    if a is None or b is None:
        return None
    if a == b and not a.has(Unknown):
        # d/dx of an integral, an infinite sum or a limit: the order of two limits is exchanged
        doubtful = _exchanges(lhs) or _exchanges(rhs)
        return "computed", "SymPy's differentiation", not doubtful, False
    a, b = (within(clock.at_most(2.0), _aligned, e) for e in (a, b))
    if a is None or b is None:
        return None
    d = _on_interval(a - b, intervals)
    if d.is_infinite or d.has(sp.nan, sp.zoo) and not d.has(sp.Piecewise):
        return None
    words = _first_method(_hidden(d) if d.has(*LIMITS) else d, clock)
    if not words and d.has(sp.Sum):
        words = within(clock.at_most(1.0), _sums, d) and "by joining sums"
    if not words and d.has(sp.Sum):
        words = _finite_sums(_with_signs(a - b, intervals), clock)
    if words:
        if _exchanges(lhs) or _exchanges(rhs):
            return "computed", f"SymPy's differentiation, then {words}", False, False
        return "proved", words, False, False
    if not d.has(*LIMITS):
        return None
    done = within(clock.at_most(5.0), lambda: d.doit())
    if done is None or done.has(sp.nan, sp.zoo, sp.oo, -sp.oo, *LIMITS):
        return None
    if _is_null(done) or _first_method(done, clock):
        kinds = {_NAMES[type(node)] for node in d.atoms(*LIMITS)}
        return "computed", "SymPy's " + " and ".join(sorted(kinds)), False, True
    return None


def _first_method(d, clock):
    for words, method, seconds in _METHODS:
        if seconds > 2 and not interruptible():
            continue  # without a clock only what is known to end
        if within(clock.at_most(seconds), method, d):
            return words
    return None


LIMITS = (sp.Integral, sp.Sum, sp.Product, sp.Limit)  # what `doit` takes from the system
_NAMES = {sp.Integral: "integral", sp.Sum: "sum", sp.Product: "product", sp.Limit: "limit"}
_COMPLEX = (sp.log, sp.Pow, sp.asin, sp.acos, sp.atanh, sp.acosh, sp.LambertW, sp.loggamma)
_FEW = 200  # terms of a sum that are written out


def _differentiated(e):
    e = differentiated(e)
    if e.has(AppliedUndef) and not e.has(*LIMITS):
        e = e.doit()
    return sp.sympify(e)


def _exchanges(e):
    """Whether a derivative is taken of an integral, an infinite sum or a limit."""
    return any(
        node.has(sp.Integral, sp.Limit) or any(s.has(sp.oo) for s in node.atoms(sp.Sum, sp.Product))
        for node in e.atoms(sp.Derivative)
    )


def _aligned(e):
    """Short sums written out; the others counted from 0, over an index of one name."""

    def sum_or_product(node):
        if len(node.limits) != 1 or len(node.limits[0]) != 3:
            return node
        k, low, high = node.limits[0]
        if low.is_Integer and high.is_Integer and -1 <= high - low < _FEW:
            terms = [node.function.subs(k, j) for j in range(int(low), int(high) + 1)]
            return (sp.Add if isinstance(node, sp.Sum) else sp.Mul)(*terms)
        if not low.is_finite:
            return node
        depth = len([1 for n in node.function.atoms(sp.Sum, sp.Product, sp.Integral)])
        index = sp.Symbol(f"_k{depth}", integer=True, nonnegative=True)
        return node.func(node.function.subs(k, index + low), (index, 0, high - low))

    def renamed(node):
        if any(len(limit) != 3 for limit in node.limits):
            return node
        for j, (x, *_) in enumerate(node.limits):
            new = sp.Symbol(f"_x{j}", real=True)
            if new in node.free_symbols:
                return node
            node = node.func(
                node.function.xreplace({x: new}),
                *((new if v == x else v, *rest) for v, *rest in node.limits),
            )
        return node

    e = e.replace(lambda n: isinstance(n, sp.Sum | sp.Product), sum_or_product)
    return e.replace(lambda n: isinstance(n, sp.Integral), renamed)


def _hidden(d):
    """Integrals, sums, products and limits as unknown numbers: what is left is finite. (If d is 0
    whatever their values are, it is 0 for the true ones.) They are real where what stands in them
    is.
    """
    names = {}

    def hide(e):
        if isinstance(e, LIMITS):
            inside = e.args[0]
            real = inside.is_extended_real or not inside.has(sp.I) and not inside.has(*_COMPLEX)
            return names.setdefault(e, sp.Dummy("u", real=True) if real else sp.Dummy("u"))
        return e.func(*map(hide, e.args)) if e.args and e.has(*LIMITS) else e

    return hide(d)


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


def _numerator(d):
    return sp.expand(sp.fraction(sp.together(d))[0])


def _vanishes(numerator):
    return _is_null(numerator) or _is_null(sp.expand(sp.powsimp(numerator)))


def _numerator_vanishes(d):
    return _vanishes(_numerator(d))


def _error_functions(d):
    e = d.rewrite(sp.erfc, sp.erf)
    return e != d and _numerator_vanishes(e)


def _logarithms(d):
    """Logarithms with factored arguments, expanded; else exp(d) = 1 for a real d, or numerator."""
    if not d.has(sp.log, sp.asinh, sp.acosh, sp.atanh):
        return False
    e = d.rewrite((sp.tanh, sp.sinh, sp.cosh), sp.exp).rewrite(
        (sp.asinh, sp.acosh, sp.atanh), sp.log
    )
    opened = e.replace(
        sp.log, lambda u: sp.expand_log(sp.log(sp.factor(sp.together(sp.expand(u)))))
    )
    numerator = _numerator(opened)
    if _vanishes(numerator):
        return True
    for e, real in ((sp.expand(opened), d), (numerator, numerator)):
        if not real.is_extended_real or real.is_finite is False:
            continue
        if _numerator_vanishes(sp.expand(sp.exp(e), power_exp=True) - 1):
            return True
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


def _with_signs(d, intervals):
    """d with each symbol of one sign in its interval as one that SymPy knows to have it."""
    swap = {}
    for v, (low, high) in intervals.items():
        if not v.is_integer and (low >= 0 or high <= 0):
            swap[v] = sp.Dummy(v.name, **{"positive" if low >= 0 else "negative": True})
    return d.xreplace(swap)


def _finite_sums(d, clock):
    d = within(clock.at_most(1.0), spread, d)
    if d is None:
        return None
    if _first_method(_hidden(d) if d.has(*LIMITS) else d, clock):
        return "by linearity of sums"
    done = within(clock.at_most(2.0), by_induction, d, lambda e: bool(_first_method(e, clock)))
    return "by induction" if done else None


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
    """A proof by cases: a symbol v at a seam, above it and below it. On a seam, nan is the slope at
    a corner: an isolated point without a value, where there is nothing to compare.
    """
    d = _decided(d.rewrite((sp.Max, sp.Min, sp.Abs, sp.sign, sp.Heaviside), sp.Piecewise))
    if d is sp.nan:
        return depth < 4
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
    ("by cases", _cases, 2.0),
    ("by trigonometric identities", _trigonometry, 2.0),
    ("by simplifying factorials", _factorials, 1.0),
    ("by reducing fractions and roots", _radicals, 1.0),
    ("by simplification", _simplified, 3.0),
]
