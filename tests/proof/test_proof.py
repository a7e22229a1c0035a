"""The prover: what it proves, refutes, checks and rejects; broken statements do not pass."""

import signal
import subprocess
import sys
import threading
from dataclasses import FrozenInstanceError
from fractions import Fraction
from types import SimpleNamespace

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook.proof import Proof, _Work, prove, worst
from nnbook.proof.budget import Clock, TimeUp, within
from nnbook.proof.comparison import value_at
from nnbook.proof.rewriting import reduce
from nnbook.proof.sampling import Points, ladder, seams_of
from proof_cases import CASES, Phi, f, g, k, n, p, phi, sigma, x, y, z

R = sp.Rational
v = sp.Symbol("v", negative=True)
TRUTHS = [case for case in CASES if case[1] != "refuted"]
FALSEHOODS = [case for case in CASES if case[1] == "refuted"]


def names(cases):
    return [f"{case[1]}-{case[0]}" for case in cases]


@pytest.mark.parametrize(("name", "expected", "lhs", "rhs", "domain"), CASES, ids=names(CASES))
def test_answer(name, expected, lhs, rhs, domain):
    answer = prove(lhs, rhs, domain=domain)
    assert answer.status == expected, str(answer)
    assert bool(answer) is (expected != "refuted")
    assert str(answer).startswith(expected)
    assert (answer.counterexample is None) is (expected != "refuted")


@pytest.mark.parametrize(("name", "_", "lhs", "rhs", "domain"), TRUTHS, ids=names(TRUTHS))
def test_a_truth_with_a_small_error_is_refuted(name, _, lhs, rhs, domain):
    """Whatever is proved must fall when 1e-20 is added to one side, at one entry for a matrix."""
    error = R(1, 10 ** (20 if not (lhs + lhs).has(sp.Integral) else 8))
    if name == "cosh and sinh far out":  # some 10^8 digits would be needed
        with pytest.raises(ValueError, match="cannot be compared"):
            prove(lhs, rhs + error, domain=domain)
        return
    if isinstance(lhs, sp.MatrixBase):
        spoiled = sp.Matrix(rhs)
        spoiled[spoiled.rows - 1, 0] += error
    else:
        spoiled = rhs + error
    assert prove(lhs, spoiled, domain=domain).status == "refuted"


@pytest.mark.parametrize(("name", "_", "lhs", "rhs", "domain"), FALSEHOODS, ids=names(FALSEHOODS))
def test_a_counterexample_is_one(name, _, lhs, rhs, domain):
    """At the point named, the two sides differ by SymPy's own evaluation."""
    answer = prove(lhs, rhs, domain=domain)
    point = answer.counterexample
    for symbol, value in point.items():
        if isinstance(symbol, sp.Symbol):
            assert symbol.is_positive is not True or value > 0
            assert symbol.is_integer is not True or value.is_integer
            low, high = (domain or {}).get(symbol, (-sp.oo, sp.oo))
            assert low < value < high
    assert answer.lhs_value != answer.rhs_value
    functions = {s: v for s, v in point.items() if not isinstance(s, sp.Symbol)}
    if functions or lhs.has(sp.Integral):
        return  # SymPy's evaluation of these is what the prover itself uses
    a, b = (e[answer.entry] if answer.entry else sp.sympify(e) for e in (lhs, rhs))
    a, b = (e.doit().subs(point).doit() for e in (a, b))
    both = [sp.N(e, 40, maxn=12000) if e.is_number else e for e in (a - b, a, b)]
    assert both[0] != 0


def test_counterexamples_are_telling():
    kink = sp.Piecewise((1, x > 0), (0, True))
    assert str(prove(sp.Heaviside(x), kink)) == "refuted at x = 0: 1/2 against 0"
    w = sp.Symbol("w")
    answer = prove(sp.sqrt(w**2), w)
    assert answer.counterexample == {w: -1}
    assert (answer.lhs_value, answer.rhs_value) == (1, -1)
    assert str(prove(1 + sp.exp(-10000), 1)) == "refuted: 1 against 1 - 1.14e-4343"
    assert str(prove(x + R(1, 10**20), x)) == "refuted at x = 0: 1e-20 against 0"
    assert str(prove(sp.log(x**2), 2 * sp.log(x))) == (
        "refuted at x = -1: 0 against not a real number"
    )
    wrong = prove(sp.Matrix([x, y]), sp.Matrix([x, y + 1]))
    assert wrong.entry == (1, 0)
    assert str(wrong) == "refuted in entry (1, 0) at y = 0: 0 against 1"
    chain = prove(f(g(x)).diff(x), f(x).diff(x) * g(x).diff(x))
    assert set(chain.counterexample) == {x, f, g} or {str(key) for key in chain.counterexample} == {
        "x",
        "f",
        "g",
    }


def test_a_proof_says_how():
    assert str(prove(x + x, 2 * x)) == "computed: both sides are the same expression"
    assert str(prove(sp.Derivative(x**2, x), 2 * x)) == "computed: SymPy's differentiation"
    half = prove(sp.Integral(x, (x, 0, 1)), R(1, 2))
    assert str(half) == "computed: SymPy's integral; a number agrees"
    assert str(prove((x + y) ** 2, x**2 + 2 * x * y + y**2)) == "proved: by expanding"
    assert prove(sp.tanh(x), 2 * sigma(2 * x) - 1).method == "by rewriting in exponentials"
    assert prove(sp.Max(x, y), (x + y + sp.Abs(x - y)) / 2).method == "by cases"
    checked = prove(sp.asinh(sp.sinh(x)), x)
    assert checked.points > 100
    assert checked.digits == 30
    assert str(checked) == f"checked at {checked.points} points to 30 digits"


def test_what_an_answer_says():
    assert str(Proof("checked", "by numbers", 1)) == "checked to 30 digits"
    assert str(Proof("checked", "by numbers", 2, 12)) == "checked at 2 points to 12 digits"
    assert (
        str(Proof("undecided", "why", 1)) == repr(Proof("undecided", "why", 1)) == "undecided: why"
    )
    assert Proof("proved", "m", 1, statement=(x, y, None)) == Proof("proved", "m", 1)
    assert Proof("proved", "m", 1) != Proof("proved", "m", 2)
    assert prove(1, 2).points == 1 and prove(x + R(1, 10**20), x).points == 1
    assert [bool(Proof(s, "", 9)) for s in ("checked", "refuted", "undecided")] == [1, 0, 0]
    with pytest.raises(FrozenInstanceError):
        Proof("proved", "m", 1).status = "checked"
    with pytest.raises(TypeError, match="positional"):
        prove(x, y, {x: (0, 1)})
    with pytest.raises(ValueError, match="among proved, computed, checked, undecided, got 'a'"):
        worst(["proved", "a", "b"])
    assert worst([]) == "proved" and worst(["checked", "undecided", "proved"]) == "undecided"


def entries(*tried, **facts):
    """What is known of the entries of a statement when the time is up."""
    work = _Work()
    given = {"status": None, "enough": False, "trivial": False, "digits": 30, "method": "m"} | facts
    work.statements = [SimpleNamespace(tried=n, **given) for n in tried]
    return work


def test_what_is_said_when_the_time_is_up():
    assert str(entries().so_far("why")) == "undecided: why; 0 points agree"
    assert entries().so_far("why").points == 0
    assert str(entries(3).so_far("why")) == "undecided: why; 3 points agree"
    assert str(entries(3, 2).so_far("why")) == "undecided: why; 2 points agree in 2 of 2 entries"
    two = entries(3, 2, 50)
    two.statements[2].enough = True
    assert str(two.so_far("why")) == "undecided: why; 2 points agree in 2 of 3 entries"
    assert two.so_far("why").points == 2
    assert str(entries(40, 30, enough=True).so_far("why")) == "checked at 30 points to 30 digits"
    assert str(entries(4, enough=True, digits=11).so_far("")) == "checked at 4 points to 11 digits"
    done = entries(9, 8, status="proved", enough=True)
    done.statements[0].status, done.statements[0].method = "computed", "n"
    assert str(done.so_far("why")) == "computed: n; m" and done.so_far("why").points == 8
    done.statements[0].trivial = True
    assert str(done.so_far("why")) == "proved: m"


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (RecursionError("deep"), "an expression is nested too deeply"),
        (OverflowError(), "a number is too large"),
        (MemoryError("no room"), "no room"),
        (TimeUp(), "the time ran out"),
    ],
)
def test_why_nothing_was_decided(error, why, monkeypatch):
    def fails(*_):
        raise error

    monkeypatch.setattr("nnbook.proof.limited", fails)
    answer = prove(x, y)
    assert str(answer) == f"undecided: {why}; 0 points agree"
    assert answer.statement == (x, y, None)


def test_the_same_call_gives_the_same_text():
    statements = [(sp.asinh(sp.sinh(x)), x), (sigma(x), sp.tanh(x)), (sp.Max(x, y), sp.Abs(x))]
    assert [str(prove(*s)) for s in statements] == [str(prove(*s)) for s in statements]


@pytest.mark.parametrize("far", [40, 700, 10**4, 10**6])
def test_a_truth_is_not_refuted_because_digits_cancel(far):
    assert prove(1 - sigma(x), sp.exp(-x) / (1 + sp.exp(-x)), domain={x: (far, far + 1)})
    assert prove(1 - sp.tanh(x) ** 2, 1 / sp.cosh(x) ** 2, domain={x: (far, far + 1)})
    assert prove(1 - sigma(far), sigma(-far))


def test_symbols_of_one_name():
    assert prove(sp.Symbol("r"), sp.Symbol("r", real=True)).status == "computed"
    assert prove(sp.Symbol("r"), sp.Symbol("r", real=True), domain={sp.Symbol("r"): (0, 1)})
    with pytest.raises(ValueError, match="two different symbols are called r"):
        prove(sp.Symbol("r"), sp.Symbol("r", positive=True))


def test_undefined_points_and_regions():
    assert prove(x / x**2, 1 / x).status == "computed"
    assert prove((x - 1) / (x**2 - 1), 1 / (x + 1)).status == "proved"
    assert prove(sp.log(sp.exp(x)), x).status == "computed"
    half = prove(sp.exp(sp.log(x) * R(3, 2)), sp.sqrt(x) ** 3)
    assert half  # both undefined over the reals for x < 0
    assert prove(sp.log(x), sp.log(sp.Abs(x))).status == "refuted"
    assert prove(sp.sqrt(x), sp.sqrt(sp.Abs(x)), domain={x: (0, 5)}).status == "proved"
    assert prove(sp.sqrt(x), sp.sqrt(sp.Abs(x)), domain={x: (-5, 5)}).status == "refuted"
    with pytest.raises(ValueError, match="cannot be compared"):
        prove(sp.log(-1 - x**2), sp.sqrt(-1 - x**2))


def test_domain():
    assert prove(sp.Abs(x), x, domain={x: (0, sp.oo)}).status == "proved"
    assert prove(sp.Abs(x), x, domain={x: (-1, sp.oo)}).status == "refuted"
    assert prove(sp.Abs(x - 0.3), x - 0.3, domain={x: (0.3, 5)}).status == "proved"
    assert prove(sp.Heaviside(x), 1, domain={x: (0, 1)}).status == "proved"  # open: not at 0
    kink = sp.Piecewise((1, x >= 1), (0, True))
    assert prove(kink, 0, domain={x: (-1, 1)}).status == "proved"
    assert not prove(kink, 0, domain={x: (-1, R(10**9 + 1, 10**9))})


@pytest.mark.parametrize(
    ("arguments", "domain", "message"),
    [
        (("x", x), None, "lhs must be .*, got 'x'"),
        ((x, "x"), None, "rhs must be .*, got 'x'"),
        ((x, None), None, "rhs must be .*, got None"),
        ((x, True), None, "rhs must be .*, got True"),
        ((x, [1, 2]), None, r"rhs must be .*, got \[1, 2\]"),
        ((x, float("nan")), None, "rhs must have finite numbers, got nan"),
        ((x, sp.nan), None, "rhs must be .*, got nan"),
        ((x > 0, x), None, "lhs must be .*, got the relation x > 0"),
        ((sp.Eq(x, y), x), None, "lhs must be .*, got the relation"),
        ((x, sp.Matrix([x])), None, "got a scalar and 1×1"),
        ((sp.eye(2), sp.eye(3)), None, "got 2×2 and 3×3"),
        ((sp.Matrix(0, 0, []), sp.Matrix(0, 0, [])), None, "without entries"),
        ((sp.Symbol("c", complex=True), x), None, "the symbol c must be real, got a complex"),
        ((sp.Symbol("c", imaginary=True), x), None, "the symbol c must be real"),
        ((x, x), {y: (0, 1)}, "domain names y, but the symbols of the statement are: x"),
        ((x, x), {"x": (0, 1)}, "a key of domain must be .*, got 'x'"),
        ((x, x), [0, 1], r"domain must be .*, got \[0, 1\]"),
        ((x, x), {x: (1, 0)}, "low < high"),
        ((x, x), {x: (1, 1)}, "low < high"),
        ((x, x), {x: 1}, r"must be \(low, high\), got"),
        ((x, x), {x: (0, 1, 2)}, r"must be \(low, high\), got"),
        ((x, x), {x: ("0", 1)}, r"must be \(low, high\), got"),
        ((x, x), {x: (0, y)}, "two real numbers"),
        ((x, x), {x: (0, sp.I)}, "two real numbers"),
        ((p, p), {p: (-2, -1)}, "cannot be compared"),
        ((n, n), {n: (R(1, 3), R(2, 3))}, "cannot be compared"),
        ((sp.Sum(k, (k, 1, x)), x), None, "the bound x .* must be an integer"),
        ((sp.MatrixSymbol("A", n, n), sp.eye(2)), None, "without explicit entries"),
    ],
)
def test_bad_input(arguments, domain, message):
    with pytest.raises(ValueError, match=message):
        prove(*arguments, domain=domain)


def nested(function, depth):
    e = x
    for _ in range(depth):
        e = function(e)
    return e


NASTY = {
    "power tower": lambda: (sp.Pow(9, sp.Pow(9, 9, evaluate=False), evaluate=False), x),
    "exponentials of exponentials": lambda: (nested(sp.exp, 6), nested(sp.exp, 5)),
    "x^x^x^x": lambda: (nested(lambda e: x**e, 4), x),
    "great power": lambda: ((x + y + z + 1) ** 60, (x + y + z) ** 60 + 1),
    "great equal powers": lambda: (
        (x + y + z + 1) ** 40,
        ((x + y + z) + 1) ** 20 * (1 + z + y + x) ** 20,
    ),
    "long sum": lambda: (sp.Sum(1 / k**2, (k, 1, 10**9)), sp.pi**2 / 6),
    "hopeless integral": lambda: (sp.Integral(sp.exp(sp.sin(x) + x**3), (x, 0, y)), y),
    "nested sines": lambda: (nested(sp.sin, 30), nested(sp.sin, 29) + x),
    "nested maxima": lambda: (nested(lambda e: sp.Max(e, y - e / 2), 4), x),
    "many pieces": lambda: (
        sp.Piecewise(*((j * x, x < j) for j in range(40)), (0, True)),
        sp.Piecewise(*((j * x, x < j) for j in range(40)), (1, True)),
    ),
    "great factorial": lambda: (sp.factorial(n) ** n, sp.gamma(n**n)),
    "deep": lambda: (nested(lambda e: sp.tanh(e + y), 40), x),
    "logs of sums of roots": lambda: (
        sum(sp.log(sp.sqrt(x**2 + j) + sp.sqrt(y**2 + j)) for j in range(1, 12)),
        sp.log(sp.prod(sp.sqrt(x**2 + j) + sp.sqrt(y**2 + j) for j in range(1, 12))),
    ),
    "infinite sum": lambda: (sp.Sum(sp.sin(k) / k**3, (k, 1, sp.oo)), x),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", NASTY)
def test_no_call_hangs(name):
    try:
        assert isinstance(prove(*NASTY[name]()), Proof)
    except ValueError as error:
        assert "cannot be compared" in str(error)


def test_interruption_leaves_no_trace():
    before = signal.getsignal(signal.SIGVTALRM)

    def forever():
        while True:
            try:
                sum(range(1000))
            except Exception:  # an ordinary time-out would be swallowed here
                continue

    assert within(0.05, forever) is None
    assert signal.getsignal(signal.SIGVTALRM) == before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_another_thread_can_prove():
    answers = []
    statements = [(sp.tanh(x), 2 * sigma(2 * x) - 1), (sigma(x), x), (x * Phi(x), x)]
    work = threading.Thread(target=lambda: answers.extend(prove(*s).status for s in statements))
    work.start()
    work.join(60)
    assert answers == ["proved", "refuted", "refuted"]


def test_only_sympy_mpmath_and_the_standard_library():
    code = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"numpy", "scipy", "matplotlib", "ipywidgets", "IPython"}:
            raise ImportError(name)
sys.meta_path.insert(0, Blocked())
import sympy as sp
from nnbook.derivation import Derivation
x = sp.Symbol("x")
d = Derivation(sp.Derivative(sp.tanh(x), x)).step(1 / sp.cosh(x) ** 2, because="definition")
d.step(1 - sp.tanh(x) ** 2, because="cosh² − sinh² = 1")
assert not {"numpy", "scipy", "matplotlib", "ipywidgets"} & set(sys.modules)
print(d.status)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.stdout.strip(), done.stderr) == ("proved", "")


# --- the parts ----------------------------------------------------------------------------------

rationals = st.fractions(-30, 30, max_denominator=50).map(lambda v: R(v.numerator, v.denominator))
leaves = st.sampled_from([x, y, R(1, 3), R(-2), R(5)])
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda ab: ab[0] + ab[1]),
        st.tuples(inner, inner).map(lambda ab: ab[0] * ab[1]),
        inner.map(lambda e: sp.exp(-(e**2))),
        inner.map(sp.tanh),
        inner.map(sp.Abs),
        inner.map(sp.erf),
        inner.map(lambda e: sp.Max(e, R(1, 2))),
        inner.map(lambda e: 1 / (1 + e**2)),
        inner.map(lambda e: sp.log(1 + e**2)),
        inner.map(lambda e: sp.Piecewise((e, x > 1), (e + 1, True))),
    ),
    max_leaves=6,
)


@settings(max_examples=80)
@given(trees, rationals, rationals)
def test_enclosures_hold_the_value(e, at_x, at_y):
    """The interval contains what SymPy's adaptive evaluation gives."""
    value = value_at(e, {x: at_x, y: at_y}, 50)
    known = sp.N(e.subs({x: at_x, y: at_y}), 80, maxn=5000)
    if isinstance(value, Fraction):
        assert abs(R(value.numerator, value.denominator) - known) < R(1, 10**70)
        return
    with mpmath.workdps(80):
        exact = mpmath.mpf(str(known))
    with mpmath.workdps(90):
        low, high = (mpmath.mp.make_mpf(end) for end in value._mpi_)
        slack = mpmath.mpf(10) ** -75 * (1 + abs(exact))
        assert low - slack <= exact <= high + slack


@settings(max_examples=15)
@given(st.lists(rationals, min_size=2, max_size=4), st.integers(1, 3), rationals)
def test_polynomials(coefficients, power, at):
    """A product expanded is proved; one coefficient off is refuted."""
    product = sp.prod(x - c for c in coefficients) * (x + y) ** power
    assert prove(product, sp.expand(product)).status == "proved"
    assert prove(product, sp.expand(product) + (x - at) ** 2).status == "refuted"


@settings(max_examples=30)
@given(rationals, st.integers(3, 25))
def test_a_spoiled_point_or_strip_is_found(at, digits):
    strip = sp.And(x >= at, x <= at + R(1, 10**digits))
    assert prove(sp.Piecewise((0, sp.Eq(x, at)), (1, True)), 1).status == "refuted"
    assert prove(sp.Piecewise((0, strip), (sigma(x), True)), sigma(x)).status == "refuted"


def test_points_respect_what_is_known_of_a_symbol():
    even = sp.Symbol("j", even=True, positive=True)
    points = Points({p, n, even, x}, seams_of(sp.Abs(x - R(1, 3))), {x: (sp.S.Zero, sp.S.One)})
    tried = [*points.telling(), *points.at_random(50)]
    assert len(tried) > 100
    for point in tried:
        assert point[p] > 0
        assert point[n] >= 1 and point[n].is_integer
        assert point[even] >= 2 and point[even] % 2 == 0
        assert 0 < point[x] < 1
    assert any(point[x] == R(1, 3) for point in tried)


# --- tests of the checker: derivatives broken on purpose ----------------------------------------

swish, gelu = x * sigma(x), x * Phi(x)
softplus = sp.log(1 + sp.exp(x))
elu = sp.Piecewise((x, x > 0), (sp.exp(x) - 1, True))
BROKEN_DERIVATIVES = [
    (sigma(x), sigma(x) * (1 + sigma(x))),
    (sigma(x), sigma(x) - sigma(x) ** 3),
    (sp.tanh(x), 1 - sp.tanh(x)),
    (sp.tanh(x), 1 + sp.tanh(x) ** 2),
    (swish, sigma(x) + swish * (1 + sigma(x))),
    (swish, sigma(x) + swish * (1 - swish)),
    (gelu, Phi(x) + phi(x)),
    (gelu, Phi(x) - x * phi(x)),
    (gelu, phi(x) + x * Phi(x)),
    (softplus, sigma(-x)),
    (elu, sp.Piecewise((1, x > 0), (sp.exp(x) - 1, True))),
    (elu, sp.Piecewise((1, x > 0), (elu, True))),
    (sp.Max(0, x), sp.Piecewise((1, x > -1), (0, True))),
    (sp.log(sigma(x)), 1 - sigma(x) ** 2),
    (sp.sqrt(x**2 + 1), 1 / sp.sqrt(x**2 + 1)),
    (x**3, 3 * x**2 + R(1, 10**20)),
]


@pytest.mark.parametrize(("function", "slope"), BROKEN_DERIVATIVES)
def test_a_broken_derivative_is_caught(function, slope):
    assert prove(sp.Derivative(function, x), slope).status == "refuted"


# --- the symbolic methods alone, without the points that would refute first ---------------------

SCALAR_FALSEHOODS = [case for case in FALSEHOODS if not isinstance(case[2], sp.MatrixBase)]


@pytest.mark.parametrize(
    ("name", "_", "lhs", "rhs", "domain"), SCALAR_FALSEHOODS, ids=names(SCALAR_FALSEHOODS)
)
def test_no_method_proves_a_falsehood(name, _, lhs, rhs, domain):
    intervals = {v: tuple(map(sp.sympify, ends)) for v, ends in (domain or {}).items()}
    assert reduce(sp.sympify(lhs), sp.sympify(rhs), intervals, Clock(3.0)) is None


@pytest.mark.parametrize(
    ("lhs", "rhs"),
    [
        (sp.Max(p, 1), p),  # wrong below 1 only
        (sp.Max(p, 1), sp.Integer(1)),  # wrong above 1 only
        (sp.Piecewise((p, sp.Ne(p, 1)), (0, True)), p),  # wrong at 1 only
        (sp.Abs(x - y), x - y),
        (sp.Abs(x - y), y - x),
        (sp.Max(x, 0) + sp.Max(y, 0), sp.Max(x, 0) + y),
        (sp.Max(v, -1), v),  # the same for a negative symbol
        (sp.Max(v, -1), -sp.S.One),
        (sp.Piecewise((v, sp.Ne(v, -1)), (0, True)), v),
        *(
            (sp.Piecewise((s + 1, sp.And(a < s, s < b)), (s, True)), s)  # wrong in between only
            for s, a, b in ((v, -1, -R(3, 4)), (p, R(3, 4), 1), (v, -R(5, 4), -1), (p, 1, R(5, 4)))
        ),
    ],
)
def test_cases_are_complete(lhs, rhs):
    assert reduce(lhs, rhs, {}, Clock(3.0)) is None


def test_aladder_has_the_seams_the_middles_and_both_ends():
    steps = ladder([sp.Integer(1), R(3, 2), sp.sqrt(5)])
    assert {sp.Integer(1), R(3, 2), sp.sqrt(5), sp.Integer(0), R(5, 4)} <= set(steps)
    assert any(R(3, 2) < s < sp.sqrt(5) and s.is_Rational for s in steps[3:5])
    assert max(steps) > 3
