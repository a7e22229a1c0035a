"""Optimizers: what becomes of the parameters theta, given the gradient g of the loss at theta.

An optimizer is a pair of pure functions:

    state = opt.init(theta)                                # t = 0, all averages 0
    theta, state = opt.update(theta, gradient, state)      # one step

theta is an array, or a list, tuple or dict of such, nested as one likes; the gradient and the
averages in the state have its structure and its shapes. Every coordinate goes its own way. What is
given is never written to, and what comes back shares no memory with it: the same call gives the
same result, and a cell that begins with `init` can be run again.

The state is a NamedTuple: t, the number of steps taken, and averages with the letters of the
papers. No hyper-parameter is in it: `adam(lr_t).update(theta, gradient, state)` with another lr in
every step is a schedule.

Everything is float64. An inf or NaN in the gradient is not refused, since training may diverge and
be looked at: it makes that coordinate of theta inf or NaN, for good. Where squares are averaged or
summed, those of |g| > 1e154 overflow, with NumPy's warning, and the coordinate makes no more steps.
With eps = 0 a divisor of 0 counts as 1: that coordinate had no gradient yet, or one so small
(1e-160) that its square is 0.

`init` and `update` raise ValueError where theta, gradient or state is not made of real numbers, or
where structures or shapes differ, and name the place. So do the optimizers for hyper-parameters out
of range: lr >= 0, eps >= 0, weight_decay >= 0, each beta (momentum, dampening, alpha) in [0, 1).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nnbook._arrays import as_floats, as_number, check_function
from nnbook.autodiff import grad, mapped


class Optimizer(NamedTuple):
    """init(theta) -> state and update(theta, gradient, state) -> (theta, state), both pure."""

    init: Callable
    update: Callable


class SGDState(NamedTuple):
    """t steps taken."""

    t: int


class MomentumState(NamedTuple):
    """t steps taken; v, the velocity."""

    t: int
    v: object


class EMAState(NamedTuple):
    """t steps taken; m, the moving average of g."""

    t: int
    m: object


class AdagradState(NamedTuple):
    """t steps taken; G, the sum of g²."""

    t: int
    G: object


class RMSPropState(NamedTuple):
    """t steps taken; v, the moving average of g²."""

    t: int
    v: object


class AdamState(NamedTuple):
    """t steps taken; m and v, the moving averages of g and g², not yet corrected."""

    t: int
    m: object
    v: object


def sgd(lr, momentum=0.0, dampening=0.0, nesterov=False, weight_decay=0.0):
    """Gradient descent, with momentum β, dampening d and coupled decay λ:

        g ← g + λ θ
        v ← β v + (1 − d) g        in the first step v ← g
        θ ← θ − lr v               with nesterov θ ← θ − lr (g + β v)

    Without momentum θ ← θ − lr g: d plays no part, and there is no v in the state.

    Conventions, those of PyTorch's SGD:
    - No factor 1 − β: where g is constant, v tends to g / (1 − β). `ema_momentum` has the factor,
      and is the same with another lr: sgd((1 − β) lr, β) takes the path of ema_momentum(lr, β).
    - The first v is g whatever d is, so that d = β is not yet that average: v = m + βᵗ g₁.
    - lr multiplies v where v is used. Sutskever et al. and Keras have it within, v ← β v − lr g and
      θ ← θ + v: the same path as long as lr stays; a new lr acts at once here, bit by bit there.
    - Nesterov's gradient is taken at θ, as in Keras. Sutskever et al. take it at θ + β v, with
      their v: that point takes the path that θ takes here.
    - λ θ is the gradient of ½ λ Σθ², and passes through v. Plain: θ ← (1 − lr λ) θ − lr g.

    theta of any shape or structure. Raises ValueError for nesterov without momentum or with
    dampening, and for a hyper-parameter out of its range.

    Sources: Polyak, Some methods of speeding up the convergence of iteration methods, 1964;
    Sutskever, Martens, Dahl and Hinton, On the importance of initialization and momentum in deep
    learning, 2013.
    """
    lr, weight_decay = _size(lr, "lr"), _size(weight_decay, "weight_decay")
    momentum, dampening = _share(momentum, "momentum"), _share(dampening, "dampening")
    if not isinstance(nesterov, bool | np.bool_):
        raise ValueError(f"nesterov must be True or False, got {nesterov!r}")
    if nesterov and (momentum == 0 or dampening != 0):
        raise ValueError(
            "nesterov must come with momentum > 0 and dampening = 0, "
            f"got momentum={momentum}, dampening={dampening}"
        )

    def plain(t, theta, g):
        g = _decayed(g, theta, weight_decay)
        return (_less(theta, lr * g),)

    def with_momentum(t, theta, g, v):
        g = _decayed(g, theta, weight_decay)
        fresh = (1 - dampening) * g if dampening else g
        v = _averaged(momentum, v, fresh) if t > 1 else +g  # a copy
        return _less(theta, lr * (g + momentum * v if nesterov else v)), v

    return _optimizer(MomentumState, with_momentum) if momentum else _optimizer(SGDState, plain)


def ema_momentum(lr, beta=0.9):
    """Momentum as an exponential moving average of the gradients:

        m ← β m + (1 − β) g
        θ ← θ − lr m

    Conventions: m starts at 0 and is not corrected, so that the first step is lr (1 − β) g; where g
    is constant, m = (1 − βᵗ) g. It is the m of `adam`. With the velocity v of `sgd`, m = (1 − β) v.

    theta of any shape or structure. Raises ValueError for lr < 0 and beta outside [0, 1).
    """
    lr, beta = _size(lr, "lr"), _share(beta, "beta")

    def step(t, theta, g, m):
        m = _averaged(beta, m, (1 - beta) * g)
        return _less(theta, lr * m), m

    return _optimizer(EMAState, step)


def adagrad(lr, eps=1e-10):
    """Adagrad: a rate for each coordinate, by the sum of its squared gradients so far.

        G ← G + g²
        θ ← θ − lr g / (√G + ε)

    Conventions: G starts at 0 and ε stands outside the root, as in the paper (its diagonal form,
    where ε is δ) and in PyTorch. So the first step is lr g / (|g| + ε), and with a constant g the
    t-th is lr / √t. Keras and optax start G at 0.1, with ε = 1e-7 within the root.

    theta of any shape or structure. Raises ValueError for lr < 0 and eps < 0.
    Source: Duchi, Hazan and Singer, Adaptive subgradient methods for online learning and stochastic
    optimization, 2011.
    """
    lr, eps = _size(lr, "lr"), _size(eps, "eps")

    def step(t, theta, g, G):
        G = G + g**2
        return _less(theta, lr * _ratio(g, G, eps)), G

    return _optimizer(AdagradState, step)


def rmsprop(lr, alpha=0.99, eps=1e-8):
    """RMSProp: the gradient, divided by the root of a moving average of its square.

        v ← α v + (1 − α) g²
        θ ← θ − lr g / (√v + ε)

    Conventions: v starts at 0 and is not corrected, so that the first step is lr / √(1 − α) long:
    10 lr at α = 0.99. α is PyTorch's name and default; Hinton's slides have 0.9, as have Keras
    (rho) and optax (decay). ε stands outside the root, as in PyTorch; in Keras, and in optax unless
    told otherwise, within it.

    theta of any shape or structure. Raises ValueError for lr < 0, eps < 0 and alpha outside [0, 1).
    Source: Tieleman and Hinton, Neural networks for machine learning, lecture 6.5, 2012.
    """
    lr, alpha, eps = _size(lr, "lr"), _share(alpha, "alpha"), _size(eps, "eps")

    def step(t, theta, g, v):
        v = _averaged(alpha, v, (1 - alpha) * g**2)
        return _less(theta, lr * _ratio(g, v, eps)), v

    return _optimizer(RMSPropState, step)


def adam(lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
    """Adam, with coupled decay λ:

        g ← g + λ θ
        m ← β₁ m + (1 − β₁) g          m̂ = m / (1 − β₁ᵗ)
        v ← β₂ v + (1 − β₂) g²         v̂ = v / (1 − β₂ᵗ)
        θ ← θ − lr m̂ / (√v̂ + ε)

    betas = (β₁, β₂); t = 1 in the first step, which is lr g / (|g| + ε). With ε = 0 a gradient
    scaled by any positive number gives the same path. m and v in the state are not corrected.

    Conventions: ε stands outside the root and is added after the correction, as in the paper's
    Algorithm 1, PyTorch and optax (whose eps_root is one more, within). Keras and TensorFlow have
    the form that the paper calls efficient, lr √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε̂): an ε of
    ε̂ / √(1 − β₂ᵗ) here, in the first step 32 times ε̂.

    λ θ is the gradient of ½ λ Σθ², and passes through m and v as in PyTorch's Adam: a coordinate
    with large gradients decays less. (In Keras, the weight_decay of every optimizer is decoupled.)

    theta of any shape or structure. Raises ValueError for lr, eps or weight_decay < 0 and for betas
    that are not two numbers in [0, 1).
    Source: Kingma and Ba, Adam: a method for stochastic optimization, 2015.
    """
    lr, eps, weight_decay = _size(lr, "lr"), _size(eps, "eps"), _size(weight_decay, "weight_decay")
    betas = _pair(betas)

    def step(t, theta, g, m, v):
        direction, m, v = _adam(t, _decayed(g, theta, weight_decay), m, v, betas, eps)
        return _less(theta, lr * direction), m, v

    return _optimizer(AdamState, step)


def adamw(lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    """Adam with decoupled decay λ: m, v, m̂ and v̂ as in `adam`, from g alone, and

        θ ← θ − lr (m̂ / (√v̂ + ε) + λ θ)

    Every coordinate decays by the factor 1 − lr λ in a step, whatever its gradients are.

    Conventions: the decay is scaled by lr, as in PyTorch, optax and Keras. In the paper it is not:
    θ ← θ − η (α m̂ / (√v̂ + ε) + λ′ θ), where α is the learning rate, and η, 1 at first, the
    schedule for both. That is lr = η α and λ = λ′ / α here: a scheduled lr is the same, but who
    tries another α there leaves the decay, and here changes it.

    theta of any shape or structure. Raises ValueError as `adam` does.
    Source: Loshchilov and Hutter, Decoupled weight decay regularization, 2019, Algorithm 2.
    """
    lr, eps, weight_decay = _size(lr, "lr"), _size(eps, "eps"), _size(weight_decay, "weight_decay")
    betas = _pair(betas)

    def step(t, theta, g, m, v):
        direction, m, v = _adam(t, g, m, v, betas, eps)
        return _less(theta, lr * _decayed(direction, theta, weight_decay)), m, v

    return _optimizer(AdamState, step)


def trajectory(opt, gradient, theta, steps):
    """The path of `steps` steps from theta, itself first: shape (steps + 1, *theta.shape).

    theta is an array, or a list of numbers; gradient(theta) has its shape. A path that diverges
    runs on through inf and NaN, without a warning.

    Raises ValueError as `update` does, and for steps that is not a whole number from 0 on.
    """
    if not isinstance(opt, Optimizer):
        raise ValueError(f"opt must be an Optimizer, a pair (init, update), got {opt!r:.60}")
    if not isinstance(steps, int | np.integer) or isinstance(steps, bool) or steps < 0:
        raise ValueError(f"steps must be a whole number from 0 on, got {steps!r}")
    if steps > 0:
        check_function(gradient=gradient)
    theta = as_floats(theta, "theta")
    path = np.empty((steps + 1, *theta.shape))
    path[0] = theta
    theta, state = path[0].copy(), opt.init(theta)
    with np.errstate(over="ignore", invalid="ignore"):
        for i in range(steps):
            theta, state = opt.update(theta, gradient(theta), state)
            path[i + 1] = theta
    return path


def minimize(opt, f, theta, steps):
    """The `trajectory` of `steps` steps down f from theta, and the value of f at each point of it.

    f(theta) is a scalar, differentiated by `autodiff`; the values have the shape (steps + 1,).
    Raises ValueError as `trajectory` does, and for an f whose result is not a scalar.
    """
    check_function(f=f)
    path = trajectory(opt, grad(f), theta, steps)
    with np.errstate(over="ignore", invalid="ignore"):
        return path, np.array([f(point) for point in path])


# One step of one array -------------------------------------------------------------------------


def _less(theta, step):
    """theta - step, in the memory of `step` where that is an array: no new one is asked for."""
    return np.subtract(theta, step, out=step) if type(step) is np.ndarray else theta - step


def _averaged(beta, average, fresh):
    """beta · average + fresh, in one new array."""
    average = beta * average
    average += fresh
    return average


def _decayed(g, theta, weight_decay):
    return g + weight_decay * theta if weight_decay else g


def _ratio(g, v, eps):
    """g / (√v + eps), where a divisor of 0 counts as 1."""
    return g / (np.sqrt(v) + eps if eps else np.sqrt(np.where(v == 0, 1, v)))


def _adam(t, g, m, v, betas, eps):
    """Adam's direction m̂ / (√v̂ + ε) in step t, and the new m and v."""
    beta1, beta2 = betas
    m = _averaged(beta1, m, (1 - beta1) * g)
    v = _averaged(beta2, v, (1 - beta2) * g**2)
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return _ratio(m_hat, v_hat, eps), m, v


# From one array to any structure of arrays -----------------------------------------------------


def _optimizer(kind, step):
    """The optimizer that does step(t, theta, g, *averages) -> (theta, *averages) on each array.

    `kind` is the class of its state: t, and the averages.
    """
    letters = kind._fields[1:]

    def init(theta):
        shapes = [array.shape for array in _arrays(theta, theta, "theta")]
        return kind(0, *(_like(theta, map(np.zeros, shapes)) for _ in letters))

    def update(theta, gradient, state):
        if type(state) is not kind:
            raise ValueError(f"state must be the {kind.__name__} of init, got {state!r:.60}")
        t = state.t + 1
        columns = [_arrays(theta, theta, "theta"), _arrays(gradient, theta, "gradient")]
        for letter in letters:
            columns.append(_arrays(getattr(state, letter), theta, f"state.{letter}"))
        results = [step(t, *arrays) for arrays in zip(*columns, strict=True)]
        new = [_like(theta, (r[i] for r in results)) for i in range(1 + len(letters))]
        return new[0], kind(t, *new[1:])

    return Optimizer(init, update)


def _arrays(tree, theta, *path):
    """The arrays of `tree` in one list, if it has the structure and the shapes of theta.

    path: the name of the tree, then the keys and places that lead to this part of it.
    """
    if _fits(tree, theta):  # most of them, and at once
        return [tree]
    found = []
    if isinstance(theta, dict):
        if not isinstance(tree, dict) or tree.keys() != theta.keys():
            got = f"the keys {list(tree)}" if isinstance(tree, dict) else f"{tree!r:.60}"
            raise ValueError(f"{_at(path)} must be a dict with the keys {list(theta)}, got {got}")
        for key, part in theta.items():
            found += _arrays(tree[key], part, *path, key)
    elif isinstance(theta, (list, tuple)):
        if not isinstance(tree, (list, tuple)) or len(tree) != len(theta):
            got = f"{len(tree)} parts" if isinstance(tree, (list, tuple)) else f"{tree!r:.60}"
            raise ValueError(
                f"{_at(path)} must be a list of {len(theta)} parts, as theta, got {got}"
            )
        for i, (part, like) in enumerate(zip(tree, theta, strict=True)):
            found += _arrays(part, like, *path, i)
    else:
        array = as_floats(tree, _at(path))
        shape = np.shape(theta)
        if array.shape != shape:
            raise ValueError(f"{_at(path)} must have the shape {shape} of theta, got {array.shape}")
        found.append(array)
    return found


def _fits(part, like):
    """Are both plain arrays of one shape, the part of floats?"""
    plain = type(part) is type(like) is np.ndarray
    return plain and part.shape == like.shape and part.dtype == np.float64


def _at(path):
    name, *keys = path
    return name + "".join(f"[{key!r}]" for key in keys)


def _like(theta, arrays):
    """The structure of theta, filled with these arrays in its order."""
    arrays = iter(arrays)
    return mapped(lambda _: next(arrays), theta)


# Hyper-parameters ------------------------------------------------------------------------------


def _size(value, name):
    return as_number(value, name, at_least=0)


def _share(value, name):
    number = as_number(value, name, at_least=0)
    if number >= 1:
        raise ValueError(f"{name} must be a number below 1, got {value!r}")
    return number


def _pair(betas):
    if not isinstance(betas, (list, tuple)) or len(betas) != 2:
        raise ValueError(f"betas must be two numbers, got {betas!r}")
    return tuple(_share(beta, f"betas[{i}]") for i, beta in enumerate(betas))
