"""Statements with the answer `prove` has to give: (name, expected status, lhs, rhs, domain)."""

import sympy as sp

R = sp.Rational
x, y, z, a, b = sp.symbols("x y z a b", real=True)
p, q, alpha = sp.symbols("p q alpha", positive=True)
plain = sp.Symbol("w")
beta = sp.Symbol("beta", real=True)
n, t = sp.symbols("n t", integer=True, positive=True)
m = sp.Symbol("m", integer=True)
k = sp.Symbol("k", integer=True)
nonneg = sp.Symbol("s", nonnegative=True)
neg = sp.Symbol("v", negative=True)
f, g = sp.Function("f"), sp.Function("g")
h = sp.IndexedBase("h")
z1, z2, z3 = zs = sp.symbols("z1:4", real=True)


def sigma(u):
    return 1 / (1 + sp.exp(-u))


def Phi(u):
    return (1 + sp.erf(u / sp.sqrt(2))) / 2


def phi(u):
    return sp.exp(-(u**2) / 2) / sp.sqrt(2 * sp.pi)


def spliced(condition, there, elsewhere):
    return sp.Piecewise((there, condition), (elsewhere, True))


relu = sp.Piecewise((x, x > 0), (0, True))
step = sp.Piecewise((1, x > 0), (0, True))
elu = sp.Piecewise((x, x > 0), (alpha * (sp.exp(x) - 1), True))
gelu_tanh = x / 2 * (1 + sp.tanh(sp.sqrt(2 / sp.pi) * (x + R(44715, 10**6) * x**3)))
total = sum(sp.exp(u) for u in zs)
softmax = sp.Matrix([sp.exp(u) / total for u in zs])
jacobian = sp.Matrix(3, 3, lambda i, j: softmax[i] * ((1 if i == j else 0) - softmax[j]))
swish = x * sigma(x)
bce = -y * sp.log(sigma(x)) - (1 - y) * sp.log(1 - sigma(x))
tiny = R(1, 10**20)
sliver = R(1, 10**12)

CASES = [
    # truths of the book
    ("sigmoid slope", "proved", sp.Derivative(sigma(x), x), sigma(x) * (1 - sigma(x)), None),
    ("sigmoid by cosh", "proved", sigma(x), sp.exp(x / 2) / (2 * sp.cosh(x / 2)), None),
    ("sigmoid mirrored", "proved", 1 - sigma(x), sigma(-x), None),
    ("sigmoid product", "proved", sigma(x) * sigma(-x), 1 / (2 + 2 * sp.cosh(x)), None),
    ("sigmoid curvature", "proved", sp.Derivative(sigma(x), x, 2),
     sigma(x) * (1 - sigma(x)) * (1 - 2 * sigma(x)), None),
    ("sigmoid inverted", "proved", sp.log(sigma(x) / (1 - sigma(x))), x, None),
    ("tanh by sigmoid", "proved", sp.tanh(x), 2 * sigma(2 * x) - 1, None),
    ("tanh slope", "proved", sp.Derivative(sp.tanh(x), x), 1 / sp.cosh(x) ** 2, None),
    ("cosh and sinh", "proved", sp.cosh(x) ** 2 - sp.sinh(x) ** 2, 1, None),
    ("cosh and sinh far out", "proved", sp.cosh(x) ** 2 - sp.sinh(x) ** 2, 1, {x: (10**7, 10**8)}),
    ("swish slope", "proved", sp.Derivative(swish, x), sigma(x) + swish * (1 - sigma(x)), None),
    ("gelu slope", "computed", sp.Derivative(x * Phi(x), x), Phi(x) + x * phi(x), None),
    ("gelu by erfc", "proved", x * Phi(x), x * sp.erfc(-x / sp.sqrt(2)) / 2, None),
    ("elu slope", "proved", sp.Derivative(elu, x), spliced(x > 0, 1, elu + alpha), None),
    ("elu as maximum", "proved", elu,
     sp.Max(x, 0) + alpha * (sp.exp(sp.Min(x, 0)) - 1), None),
    ("relu as maximum", "proved", relu, sp.Max(0, x), None),
    ("relu by modulus", "proved", relu, (x + sp.Abs(x)) / 2, None),
    ("relu by Heaviside", "proved", relu, x * sp.Heaviside(x), None),
    ("leaky relu as maximum", "proved", sp.Max(alpha * x, x), spliced(x > 0, x, alpha * x),
     {alpha: (0, 1)}),
    ("hinge of two", "proved", sp.Max(x, y), (x + y + sp.Abs(x - y)) / 2, None),
    ("softplus mirrored", "proved", sp.log(1 + sp.exp(x)), x + sp.log(1 + sp.exp(-x)), None),
    ("softplus slope", "proved", sp.Derivative(sp.log(1 + sp.exp(x)), x), sigma(x), None),
    ("stable cross-entropy", "proved", bce,
     sp.Max(x, 0) - x * y + sp.log(1 + sp.exp(-sp.Abs(x))), None),
    ("cross-entropy slope", "proved", sp.Derivative(bce, x), sigma(x) - y, None),
    ("log-sum-exp shifted", "proved", sp.log(total),
     z1 + sp.log(1 + sp.exp(z2 - z1) + sp.exp(z3 - z1)), None),
    ("log-sum-exp slope", "computed", sp.Derivative(sp.log(total), z2), softmax[1], None),
    ("softmax Jacobian", "proved", softmax.jacobian(zs), jacobian, None),
    ("softmax sums to 1", "proved", sum(softmax), 1, None),
    ("softmax of two", "proved", sp.exp(x) / (sp.exp(x) + sp.exp(y)), sigma(x - y), None),
    ("softmax shifted", "proved", softmax[0],
     softmax[0].subs({u: u + a for u in zs}, simultaneous=True), None),
    ("entropy of softmax", "proved",
     -sp.log(softmax[0]), sp.log(total) - z1, None),
    ("Lagrange identity", "proved",
     (a**2 + b**2) * (x**2 + y**2) - (a * x + b * y) ** 2, (a * y - b * x) ** 2, None),
    ("Cauchy-Schwarz quotient", "proved",
     (a * x + b * y) ** 2 / ((a**2 + b**2) * (x**2 + y**2)),
     1 - (a * y - b * x) ** 2 / ((a**2 + b**2) * (x**2 + y**2)), None),
    ("slope of a norm", "computed", sp.Derivative(sp.sqrt(x**2 + y**2), x),
     x / sp.sqrt(x**2 + y**2), None),
    ("Frobenius norm", "computed", sp.Matrix([[x, y], [z, a]]).norm() ** 2,
     sp.trace(sp.Matrix([[x, y], [z, a]]).T * sp.Matrix([[x, y], [z, a]])), None),
    ("inverse matrix", "proved",
     sp.Matrix([[a, b], [b, a]]).inv() * sp.Matrix([[a, b], [b, a]]), sp.eye(2), None),
    ("geometric sum", "proved", sp.Sum(beta**k, (k, 0, t - 1)), (1 - beta**t) / (1 - beta),
     {beta: (0, 1)}),
    ("Adam bias", "proved", (1 - beta) * sp.Sum(beta ** (t - k), (k, 1, t)), 1 - beta**t,
     {beta: (0, 1)}),
    ("sum of squares", "proved", sp.Sum(k**2, (k, 1, n)), n * (n + 1) * (2 * n + 1) / 6, None),
    ("a sum is linear", "proved", sp.Sum(a * h[k] + b * h[k], (k, 1, n)),
     (a + b) * sp.Sum(h[k], (k, 1, n)), None),
    ("geometric series", "computed", sp.Sum(beta**k, (k, 0, sp.oo)), 1 / (1 - beta),
     {beta: (0, 1)}),
    ("variance of a normal", "computed", sp.Integral(x**2 * phi(x), (x, -sp.oo, sp.oo)), 1, None),
    ("second moment of relu", "computed",
     sp.Integral(relu**2 * phi(x), (x, -sp.oo, sp.oo)), R(1, 2), None),
    ("variance of a uniform", "computed",
     sp.Integral(x**2 / (2 * p), (x, -p, p)), p**2 / 3, None),
    ("Gaussian integral of any width", "computed",
     sp.Integral(sp.exp(-alpha * x**2), (x, -sp.oo, sp.oo)), sp.sqrt(sp.pi / alpha), None),
    ("Gaussian integral anywhere", "computed",
     sp.Integral((x - a) ** 2 * phi(x - a), (x, -sp.oo, sp.oo)), 1, None),
    ("mean of a sigmoid", "checked",
     sp.Integral(sigma(x) * phi(x), (x, -sp.oo, sp.oo)), R(1, 2), None),
    ("binomial theorem", "checked",
     sp.Sum(sp.binomial(n, k) * p**k * q ** (n - k), (k, 0, n)), (p + q) ** n, None),
    ("chain rule", "computed", sp.Derivative(f(g(x)), x),
     sp.Derivative(f(g(x)), g(x)) * sp.Derivative(g(x), x), None),
    ("product rule", "computed", sp.Derivative(f(x) * g(x), x),
     f(x) * sp.Derivative(g(x), x) + g(x) * sp.Derivative(f(x), x), None),
    ("root of a square, positive", "computed", sp.sqrt(p**2), p, None),
    ("root of a square, on an interval", "proved", sp.sqrt((1 - x) ** 2), 1 - x, {x: (-1, 1)}),
    ("log of a quotient, positive", "proved", sp.log(p / q), sp.log(p) - sp.log(q), None),
    ("a removable hole", "proved", (x**2 - 1) / (x - 1), x + 1, None),
    ("parity", "computed", (-1) ** (2 * m), 1, None),
    ("a float is its decimal", "computed", 0.1 * plain + 0.2, plain / 10 + R(1, 5), None),
    ("factorial", "proved", sp.gamma(n + 1), sp.factorial(n), None),
    ("Euler", "proved", sp.exp(sp.I * x), sp.cos(x) + sp.I * sp.sin(x), None),
    ("inverse tanh", "proved", sp.atanh(x), sp.log((1 + x) / (1 - x)) / 2, {x: (-1, 1)}),
    ("equal everywhere, no method", "checked", sp.asinh(sp.sinh(x)), x, None),
    ("equal where positive, no method", "checked", sp.acosh(sp.cosh(p)), p, None),
    # falsehoods
    ("root of a square, real", "refuted", sp.sqrt(plain**2), plain, None),
    ("root of a square, negative", "refuted", sp.sqrt(neg**2), neg, None),
    ("value at a kink", "refuted", step, sp.Piecewise((1, x >= 0), (0, True)), None),
    ("no slope of a maximum at 0", "proved", sp.Derivative(sp.Max(0, x), x), step, None),
    ("slope of a maximum below 0", "refuted", sp.Derivative(sp.Max(0, x), x), x * step, None),
    ("sign at 0", "refuted", sp.sign(x) ** 2, 1, None),
    ("one point of a line", "refuted", spliced(sp.Eq(x, R(1, 3)), 0, sigma(x)), sigma(x), None),
    ("irrational point", "refuted", spliced(sp.Eq(x**2, 2), 0, sigma(x)), sigma(x), None),
    ("narrow strip", "refuted",
     sp.Piecewise((x, x < 1), (x + 1, x < 1 + sliver), (x, True)), x, None),
    ("narrow strip at log 2", "refuted",
     sp.Piecewise((x, sp.exp(x) < 2), (x + 1, sp.exp(x) < 2 + sliver), (x, True)), x, None),
    ("narrow strip, no formula for it", "refuted",
     sp.Piecewise((x, x + sp.exp(x) < 0), (x + 1, x + sp.exp(x) < sliver), (x, True)), x, None),
    ("narrow diagonal strip", "refuted",
     sp.Piecewise((x + y, x + y < 7), (0, x + y < 7 + sliver), (x + y, True)), x + y, None),
    ("a corner", "refuted", spliced(sp.And(x > 3, y < -2), 0, 1), 1, None),
    ("one point of a plane", "refuted",
     spliced(sp.And(sp.Eq(x, R(7, 3)), sp.Eq(y, -R(5, 7))), 0, 1), 1, None),
    ("far from a seam, beyond 0", "refuted", sp.Piecewise((x, x > 1), (sp.Abs(x), True)), x, None),
    ("far out", "refuted", spliced(x < 1000, x, x + 1), x, None),
    ("far out, below all digits", "refuted", sp.tanh(x), spliced(x < 5000, sp.tanh(x), 1), None),
    ("only beyond 10^6", "refuted", sp.Max(x, 10**6), spliced(x < 10**7, sp.Max(x, 10**6), 0),
     None),
    ("by 1e-20", "refuted", sigma(x) + tiny, sigma(x), None),
    ("by a factor 1 + 1e-20", "refuted", sigma(x) * (1 + tiny), sigma(x), None),
    ("by e^-10000", "refuted", 1 + sp.exp(-10000), 1, None),
    ("a constant near another", "refuted", sp.exp(sp.pi * sp.sqrt(163)), 640320**3 + 744, None),
    ("log of a square", "refuted", sp.log(plain**2), 2 * sp.log(plain), None),
    ("power of a logarithm", "refuted", sp.exp(sp.log(x) / 2) ** 2 + 0 * y, sp.Abs(x), None),
    ("alpha above 1", "refuted", sp.Max(alpha * x, x), spliced(x > 0, x, alpha * x), None),
    ("gelu is not its tanh form", "refuted", x * Phi(x), gelu_tanh, None),
    ("tanh x/2", "refuted", sp.tanh(x / 2), 2 * sigma(2 * x) - 1, None),
    ("sigmoid slope without factor", "refuted", sp.Derivative(sigma(x), x), sigma(x), None),
    ("swish slope", "refuted", sp.Derivative(swish, x), swish + sigma(x) * (1 - sigma(x)), None),
    ("softmax Jacobian off the diagonal", "refuted", softmax.jacobian(zs),
     sp.diag(*[u * (1 - u) for u in softmax]), None),
    ("Adam bias, one off", "refuted",
     (1 - beta) * sp.Sum(beta ** (t - k), (k, 1, t)), 1 - beta ** (t + 1), {beta: (0, 1)}),
    ("sum of squares", "refuted", sp.Sum(k**2, (k, 1, n)), n * (n + 1) / 2, None),
    ("chain rule, inner forgotten", "refuted", sp.Derivative(f(g(x)), x),
     sp.Derivative(f(x), x) * sp.Derivative(g(x), x), None),
    ("product of slopes", "refuted", sp.Derivative(f(x) * g(x), x),
     sp.Derivative(f(x), x) * sp.Derivative(g(x), x), None),
    ("parity", "refuted", (-1) ** m, 1, None),
    ("floor", "refuted", sp.floor(x), x, None),
    ("integer only", "computed", sp.floor(m), m, None),
    ("one matrix entry", "refuted", sp.Matrix([[x, y], [z, a]]), sp.Matrix([[x, y], [a, z]]), None),
    ("log-sum-exp without shift", "refuted", sp.log(total),
     sp.log(1 + sp.exp(z2 - z1) + sp.exp(z3 - z1)), None),
    ("relu variance", "refuted", sp.Integral(relu**2 * phi(x), (x, -sp.oo, sp.oo)),
     R(1, 2) - R(1, 1000), None),
    ("a hole that is a step", "refuted", x / sp.Abs(x), 1, None),
    ("zero to a power", "refuted", sp.Pow(0, nonneg), 0, None),
]  # fmt: skip
