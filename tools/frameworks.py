"""Record what PyTorch, Keras, JAX, scikit-learn and others return, in lib/nnbook/frameworks.json.

    make frameworks

makes an environment of their own for this, .venv-frameworks, from requirements-frameworks.txt. The
book reads the file with `nnbook.frameworks`; nobody who reads, builds or tests it installs them.

All is computed in float64 (but Keras, with JAX beneath it, goes through float32 in its layers and
losses, and Flax and ONNX do for running averages), on the CPU, with one thread, and from seeds, so
that recording again with the same versions gives the same file. What a framework refuses is
recorded as {"error": "TypeOfError: its first line"}.
"""

import inspect
import json
import os
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from unittest import mock

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_ENABLE_X64"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import keras  # noqa: E402
import mlx.core as mx  # noqa: E402
import mlx.nn  # noqa: E402
import numpy as np  # noqa: E402
import onnx  # noqa: E402
import optax  # noqa: E402
import torch  # noqa: E402
from flax import nnx  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402
from sklearn import linear_model, metrics, preprocessing  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

FILE = Path(__file__).parent.parent / "lib" / "nnbook" / "frameworks.json"
PACKAGES = {name: name for name in ("torch", "keras", "jax", "optax", "flax", "mlx", "onnx")}
PACKAGES["sklearn"] = "scikit-learn"
RECORDS = {name: {} for name in PACKAGES}

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")
mx.set_default_device(mx.cpu)


def record(framework, name, call, inputs=None, **outputs):
    """Keep one recording: the call in words, what went in, and what came out by name."""
    if name in RECORDS[framework]:
        raise ValueError(f"{name} of {framework} is recorded twice")
    RECORDS[framework][name] = {
        "call": call,
        "inputs": {key: plain(value) for key, value in (inputs or {}).items()},
        "outputs": {key: plain(value) for key, value in outputs.items()},
    }


def plain(value):
    """Numbers, lists, strings and dicts in place of arrays and tensors."""
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, torch.Tensor):
        value = value.detach().numpy()
    if isinstance(value, np.ndarray | np.generic | jax.Array):
        return np.asarray(value).tolist()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return getattr(value, "__name__", None) or str(value)


def refusal(f, *args, **kwargs):
    """The error of f(*args, **kwargs), in one line."""
    try:
        f(*args, **kwargs)
    except Exception as error:
        first_line = str(error).strip().splitlines()[0]
        return {"error": f"{type(error).__name__}: {first_line}"}
    raise ValueError(f"{f} was expected to refuse {args}, {kwargs}")


def defaults(function):
    """The default of each argument of `function` that has one."""
    arguments = inspect.signature(function).parameters.values()
    return {a.name: a.default for a in arguments if a.default is not a.empty}


def tensor(x, grad=False):
    return torch.tensor(np.asarray(x, dtype=float), requires_grad=grad)


def torch_grad(f, *args):
    """f(*args) and its gradients (of the sum, for a vector), by PyTorch."""
    leaves = [tensor(x, grad=True) for x in args]
    value = f(*leaves)
    value.sum().backward()
    return value, [leaf.grad for leaf in leaves]


def jax_grad(f, *args):
    """f(*args) and its gradients (of the sum, for a vector), by JAX."""
    args = [jnp.asarray(x, dtype=float) for x in args]
    gradients = jax.grad(lambda *a: jnp.sum(f(*a)), argnums=tuple(range(len(args))))(*args)
    return f(*args), list(gradients)


# Optimizers ------------------------------------------------------------------------------------

# Six steps of given gradients: some repeat, some change sign, one coordinate is at 0 for a while.
THETA = [1.0, -2.0, 3.0]
GRADIENTS = [
    [0.5, -1.0, 0.0],
    [0.5, 2.0, 0.0],
    [0.5, -1.0, 0.25],
    [0.5, 0.125, -0.25],
    [-4.0, 0.125, 0.25],
    [0.5, 0.0, 1.0],
]
EPS = 0.1  # large, so that its place shows

TORCH = {
    "sgd": ("SGD", {"lr": 0.1}),
    "sgd_weight_decay": ("SGD", {"lr": 0.1, "weight_decay": 0.3}),
    "momentum": ("SGD", {"lr": 0.1, "momentum": 0.9}),
    "momentum_dampening": ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.5}),
    "momentum_weight_decay": ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.3}),
    "nesterov": ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    "nesterov_weight_decay": (
        "SGD",
        {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.3},
    ),
    "adagrad": ("Adagrad", {"lr": 0.1, "eps": EPS}),
    "adagrad_weight_decay": ("Adagrad", {"lr": 0.1, "eps": EPS, "weight_decay": 0.3}),
    "adagrad_lr_decay": ("Adagrad", {"lr": 0.1, "eps": EPS, "lr_decay": 0.5}),
    "rmsprop": ("RMSprop", {"lr": 0.1, "alpha": 0.9, "eps": EPS}),
    "rmsprop_weight_decay": (
        "RMSprop",
        {"lr": 0.1, "alpha": 0.9, "eps": EPS, "weight_decay": 0.3},
    ),
    "rmsprop_momentum": ("RMSprop", {"lr": 0.1, "alpha": 0.9, "eps": EPS, "momentum": 0.8}),
    "rmsprop_centered": ("RMSprop", {"lr": 0.1, "alpha": 0.9, "eps": EPS, "centered": True}),
    "adam": ("Adam", {"lr": 0.1, "betas": (0.8, 0.95), "eps": EPS}),
    "adam_weight_decay": (
        "Adam",
        {"lr": 0.1, "betas": (0.8, 0.95), "eps": EPS, "weight_decay": 0.3},
    ),
    "adam_amsgrad": ("Adam", {"lr": 0.1, "betas": (0.8, 0.95), "eps": EPS, "amsgrad": True}),
    "adamw": ("AdamW", {"lr": 0.1, "betas": (0.8, 0.95), "eps": EPS, "weight_decay": 0.3}),
}
KERAS = {
    "sgd": ("SGD", {"learning_rate": 0.1}),
    "sgd_weight_decay": ("SGD", {"learning_rate": 0.1, "weight_decay": 0.3}),
    "momentum": ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    "momentum_weight_decay": (
        "SGD",
        {"learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0.3},
    ),
    "nesterov": ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    "adagrad": ("Adagrad", {"learning_rate": 0.1, "epsilon": EPS}),
    "adagrad_weight_decay": (
        "Adagrad",
        {"learning_rate": 0.1, "epsilon": EPS, "weight_decay": 0.3},
    ),
    "rmsprop": ("RMSprop", {"learning_rate": 0.1, "rho": 0.9, "epsilon": EPS}),
    "rmsprop_weight_decay": (
        "RMSprop",
        {"learning_rate": 0.1, "rho": 0.9, "epsilon": EPS, "weight_decay": 0.3},
    ),
    "adam": ("Adam", {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.95, "epsilon": EPS}),
    "adam_weight_decay": (
        "Adam",
        {
            "learning_rate": 0.1,
            "beta_1": 0.8,
            "beta_2": 0.95,
            "epsilon": EPS,
            "weight_decay": 0.3,
        },
    ),
    "adamw": (
        "AdamW",
        {
            "learning_rate": 0.1,
            "beta_1": 0.8,
            "beta_2": 0.95,
            "epsilon": EPS,
            "weight_decay": 0.3,
        },
    ),
}
ADAM = {"b1": 0.8, "b2": 0.95, "eps": EPS}
OPTAX = {
    "sgd": ("sgd", {"learning_rate": 0.1}),
    "momentum": ("sgd", {"learning_rate": 0.1, "momentum": 0.9}),
    "nesterov": ("sgd", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    "adagrad": ("adagrad", {"learning_rate": 0.1, "eps": EPS}),
    "rmsprop": ("rmsprop", {"learning_rate": 0.1, "decay": 0.9, "eps": EPS}),
    "rmsprop_eps_outside": (
        "rmsprop",
        {"learning_rate": 0.1, "decay": 0.9, "eps": EPS, "eps_in_sqrt": False},
    ),
    "adam": ("adam", {"learning_rate": 0.1, **ADAM}),
    "adamw": ("adamw", {"learning_rate": 0.1, **ADAM, "weight_decay": 0.3}),
}


def called(name, options):
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in options.items())})"


def given(options):
    return {"theta": THETA, "gradients": GRADIENTS, **options}


def torch_path(make, rates=None):
    """theta after each step, and the optimizer's averages after each step by their name."""
    theta = tensor(THETA, grad=True)
    optimizer = make([theta])
    path, averages = [THETA], {}
    for i, gradient in enumerate(GRADIENTS):
        if rates:
            optimizer.param_groups[0]["lr"] = rates[i]
        theta.grad = tensor(gradient)
        optimizer.step()
        path.append(plain(theta))
        for key, value in optimizer.state[theta].items():
            averages.setdefault(key, []).append(plain(value))
    return {"path": path, **averages}


def keras_path(optimizer, rates=None):
    theta = keras.Variable(np.array(THETA), dtype="float64", name="theta")
    path = [THETA]
    for i, gradient in enumerate(GRADIENTS):
        if rates:
            optimizer.learning_rate = rates[i]
        optimizer.apply([jnp.asarray(gradient)], [theta])
        path.append(plain(theta.value))
    return {"path": path}


def optax_path(optimizer):
    theta = jnp.asarray(THETA)
    state, path = optimizer.init(theta), [THETA]
    for gradient in GRADIENTS:
        updates, state = optimizer.update(jnp.asarray(gradient), state, theta)
        theta = optax.apply_updates(theta, updates)
        path.append(plain(theta))
    return {"path": path}


def optimizers():
    rates = [0.1, 0.1, 0.01, 0.01, 0.1, 0.1]
    for name, (kind, options) in TORCH.items():
        make = getattr(torch.optim, kind)
        output = torch_path(lambda theta, make=make, options=options: make(theta, **options))
        record("torch", name, called(f"torch.optim.{kind}", options), given(options), **output)
    output = torch_path(lambda theta: torch.optim.SGD(theta, lr=0.1, momentum=0.9), rates)
    call = "torch.optim.SGD(momentum=0.9), another lr in each step"
    record("torch", "momentum_rates", call, given({"momentum": 0.9, "rates": rates}), **output)
    refused = refusal(torch.optim.SGD, [tensor(THETA, True)], lr=0.1, nesterov=True)
    record("torch", "nesterov_without_momentum", "torch.optim.SGD(nesterov=True)", **refused)

    for name, (kind, options) in KERAS.items():
        output = keras_path(getattr(keras.optimizers, kind)(**options))
        record("keras", name, called(f"keras.optimizers.{kind}", options), given(options), **output)
    output = keras_path(keras.optimizers.SGD(0.1, momentum=0.9), rates)
    call = "keras.optimizers.SGD(momentum=0.9), another learning_rate in each step"
    record("keras", "momentum_rates", call, given({"momentum": 0.9, "rates": rates}), **output)

    for name, (kind, options) in OPTAX.items():
        output = optax_path(getattr(optax, kind)(**options))
        record("optax", name, called(f"optax.{kind}", options), given(options), **output)
    decay = optax.add_decayed_weights(0.3)
    for name in ("sgd", "momentum", "adam", "rmsprop"):
        kind, options = OPTAX[name]
        call = f"optax.chain(optax.add_decayed_weights(0.3), {called(f'optax.{kind}', options)})"
        output = optax_path(optax.chain(decay, getattr(optax, kind)(**options)))
        inputs = given(options | {"weight_decay": 0.3})
        record("optax", f"{name}_decayed_weights", call, inputs, **output)

    kinds = ("SGD", "Adagrad", "RMSprop", "Adam", "AdamW")
    record(
        "torch",
        "optimizer_defaults",
        "inspect.signature(torch.optim....)",
        **{kind: defaults(getattr(torch.optim, kind)) for kind in kinds},
    )
    record(
        "keras",
        "optimizer_defaults",
        "inspect.signature(keras.optimizers....)",
        **{kind: defaults(getattr(keras.optimizers, kind)) for kind in kinds},
    )
    kinds = ("sgd", "adagrad", "rmsprop", "adam", "adamw")
    record(
        "optax",
        "optimizer_defaults",
        "inspect.signature(optax....)",
        **{kind: defaults(getattr(optax, kind)) for kind in kinds},
    )


def schedules_and_clipping():
    gradient = [3.0, 4.0, 12.0]
    for limit in (1.0, 100.0):
        leaf = tensor(THETA, grad=True)
        leaf.grad = tensor(gradient)
        norm = nn.utils.clip_grad_norm_([leaf], limit)
        name = "clip_grad_norm" if limit == 1 else "clip_grad_norm_short"
        call = f"torch.nn.utils.clip_grad_norm_([theta], {limit})"
        record(
            "torch",
            name,
            call,
            {"gradient": gradient, "max_norm": limit},
            norm=norm,
            clipped=leaf.grad,
        )
    leaf.grad = tensor(gradient)
    nn.utils.clip_grad_value_([leaf], 3.5)
    call = "torch.nn.utils.clip_grad_value_([theta], 3.5)"
    record("torch", "clip_grad_value", call, {"gradient": gradient}, clipped=leaf.grad)
    clip = optax.clip_by_global_norm(1.0)
    clipped, _ = clip.update(jnp.asarray(gradient), clip.init(jnp.asarray(THETA)))
    call = "optax.clip_by_global_norm(1.0)"
    record("optax", "clip_by_global_norm", call, {"gradient": gradient}, clipped=clipped)

    def torch_rates(make, steps=8):
        optimizer = torch.optim.SGD([tensor(THETA, True)], lr=0.1)
        schedule, rates = make(optimizer), []
        for _ in range(steps):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        return rates

    kinds = torch.optim.lr_scheduler
    record(
        "torch",
        "schedules",
        "torch.optim.lr_scheduler...., lr of eight steps from lr=0.1",
        step=torch_rates(lambda o: kinds.StepLR(o, step_size=3, gamma=0.5)),
        exponential=torch_rates(lambda o: kinds.ExponentialLR(o, gamma=0.5)),
        cosine=torch_rates(lambda o: kinds.CosineAnnealingLR(o, T_max=8)),
        linear_warm_up=torch_rates(lambda o: kinds.LinearLR(o, start_factor=0.2, total_iters=4)),
    )
    warm = optax.warmup_cosine_decay_schedule(0.0, 0.1, warmup_steps=4, decay_steps=12)
    record(
        "optax",
        "warmup_cosine",
        "optax.warmup_cosine_decay_schedule(0.0, 0.1, warmup_steps=4, decay_steps=12)",
        rates=[float(warm(i)) for i in range(14)],
    )


# Normalization ---------------------------------------------------------------------------------


def drawn(seed, *shape):
    """Random numbers with three digits."""
    return np.round(np.random.default_rng(seed).normal(1, 2, shape), 3)


def normalizations():
    sequences = drawn(1, 2, 3, 4)  # (N, L, D) or, for what asks for channels first, (N, C, L)
    images = drawn(2, 2, 4, 2, 3)
    rows = drawn(3, 5, 3)
    x = tensor(sequences)
    layers = {
        "instance_norm_1d": ("InstanceNorm1d(3)", nn.InstanceNorm1d(3), sequences),
        "layer_norm_sequences": ("LayerNorm(4)", nn.LayerNorm(4), sequences),
        "layer_norm_last_two": ("LayerNorm([3, 4])", nn.LayerNorm([3, 4]), sequences),
        "batch_norm_1d_sequences": ("BatchNorm1d(3)", nn.BatchNorm1d(3), sequences),
        "batch_norm_1d": ("BatchNorm1d(3)", nn.BatchNorm1d(3), rows),
        "rms_norm": ("RMSNorm(4)", nn.RMSNorm(4), sequences),
        "rms_norm_eps": ("RMSNorm(4, eps=0.1)", nn.RMSNorm(4, eps=0.1), sequences),
        "layer_norm_images": ("LayerNorm([4, 2, 3])", nn.LayerNorm([4, 2, 3]), images),
        "layer_norm_images_last": ("LayerNorm(3)", nn.LayerNorm(3), images),
        "group_norm_images": ("GroupNorm(2, 4)", nn.GroupNorm(2, 4), images),
        "instance_norm_images": ("InstanceNorm2d(4)", nn.InstanceNorm2d(4), images),
        "batch_norm_images": ("BatchNorm2d(4)", nn.BatchNorm2d(4), images),
    }
    for name, (call, layer, values) in layers.items():
        record("torch", name, f"torch.nn.{call}(x)", {"x": values}, y=layer(tensor(values)))
    transposed = nn.InstanceNorm1d(4)(x.transpose(1, 2)).transpose(1, 2)
    call = "torch.nn.InstanceNorm1d(4)(x of (N, D, L)), handed back as (N, L, D)"
    record("torch", "instance_norm_1d_features", call, {"x": sequences}, y=transposed)

    batches = [rows, drawn(4, 5, 3)]
    layer = nn.BatchNorm1d(3)
    means, variances = [], []
    for batch in batches:
        layer(tensor(batch))
        means.append(plain(layer.running_mean))
        variances.append(plain(layer.running_var))
    layer.eval()
    record(
        "torch",
        "batch_norm_running",
        "torch.nn.BatchNorm1d(3), two batches; then eval() on the first",
        {"batches": batches},
        running_mean=means,
        running_var=variances,
        y_eval=layer(tensor(rows)),
    )
    call = "torch.nn.BatchNorm1d(3)(x), x of shape (1, 3)"
    record("torch", "batch_norm_batch_of_one", call, **refusal(nn.BatchNorm1d(3), x[:1, 0, :3]))
    call = "torch.nn.BatchNorm1d(3)(x), x of shape (1, 3, 4)"
    y = nn.BatchNorm1d(3)(x[:1])
    record("torch", "batch_norm_batch_of_one_long", call, {"x": sequences[:1]}, y=y)
    call = "torch.nn.BatchNorm1d(3).eval()(x), x of shape (1, 3)"
    y = nn.BatchNorm1d(3).eval()(x[:1, 0, :3])
    record("torch", "batch_norm_batch_of_one_eval", call, {"x": sequences[:1, 0, :3]}, y=y)
    call = "torch.nn.InstanceNorm2d(4)(x), x of shape (2, 4, 1, 1)"
    one_place = tensor(images[:, :, :1, :1])
    record("torch", "instance_norm_one_place", call, **refusal(nn.InstanceNorm2d(4), one_place))
    call = "torch.nn.LayerNorm(1)(x), x of shape (5, 1)"
    record("torch", "layer_norm_one_feature", call, y=nn.LayerNorm(1)(tensor(rows[:, :1])))

    kinds = ("BatchNorm1d", "BatchNorm2d", "InstanceNorm1d", "InstanceNorm2d", "LayerNorm")
    kinds += ("GroupNorm", "RMSNorm", "Dropout")
    found = {kind: defaults(getattr(nn, kind)) for kind in kinds}
    record("torch", "normalization_defaults", "inspect.signature(torch.nn....)", **found)

    layers = {
        "layer_norm_sequences": ("LayerNormalization()", keras.layers.LayerNormalization()),
        "batch_norm_sequences": ("BatchNormalization()", keras.layers.BatchNormalization()),
        "rms_norm": ("RMSNormalization()", keras.layers.RMSNormalization()),
    }
    for name, (call, layer) in layers.items():
        y = layer(jnp.asarray(sequences), training=True) if "batch" in name else layer(sequences)
        record("keras", name, f"keras.layers.{call}(x)", {"x": sequences}, y=y)
    layer = keras.layers.GroupNormalization(groups=2, axis=1)
    call = "keras.layers.GroupNormalization(groups=2, axis=1)(x)"
    record("keras", "group_norm_images", call, {"x": images}, y=layer(images))
    layer = keras.layers.BatchNormalization()
    means, variances = [], []
    for batch in batches:
        layer(jnp.asarray(batch), training=True)
        means.append(plain(layer.moving_mean.value))
        variances.append(plain(layer.moving_variance.value))
    record(
        "keras",
        "batch_norm_running",
        "keras.layers.BatchNormalization(), two batches with training=True; then training=False",
        {"batches": batches},
        moving_mean=means,
        moving_variance=variances,
        y_eval=layer(jnp.asarray(rows), training=False),
    )
    layer = keras.layers.BatchNormalization()
    y = layer(jnp.asarray(rows[:1]), training=True)
    call = "keras.layers.BatchNormalization()(x, training=True), x of shape (1, 3)"
    record("keras", "batch_norm_batch_of_one", call, {"x": rows[:1]}, y=y)
    kinds = ("BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization")
    found = {kind: defaults(getattr(keras.layers, kind).__init__) for kind in kinds}
    record("keras", "normalization_defaults", "inspect.signature(keras.layers....)", **found)
    layer = nnx.BatchNorm(3, use_running_average=False, rngs=nnx.Rngs(0), param_dtype=jnp.float64)
    means, variances = [], []
    for batch in batches:
        layer(jnp.asarray(batch))
        means.append(plain(layer.mean.get_value()))
        variances.append(plain(layer.var.get_value()))
    call = "flax.nnx.BatchNorm(3), two batches"
    outputs = {"running_mean": means, "running_var": variances}
    record("flax", "batch_norm_running", call, {"batches": batches}, **outputs)
    kinds = ("BatchNorm", "LayerNorm", "GroupNorm", "RMSNorm")
    found = {kind: defaults(getattr(nnx, kind).__init__) for kind in kinds}
    found = {k: {n: d[n] for n in ("momentum", "epsilon") if n in d} for k, d in found.items()}
    record("flax", "normalization_defaults", "inspect.signature(flax.nnx....)", **found)
    onnx_batch_norm(batches)
    call = "jax.nn.standardize(x)"
    y = jax.nn.standardize(jnp.asarray(sequences))
    record("jax", "standardize", call, {"x": sequences}, y=y)


def onnx_batch_norm(batches):
    """ONNX's own reference evaluator, whose BatchNormalization hands on mean and variance."""
    names = ["x", "scale", "bias", "mean", "var"]
    results = ["y", "new_mean", "new_var"]
    make, double = onnx.helper, onnx.TensorProto.DOUBLE
    node = make.make_node("BatchNormalization", names, results, training_mode=1)
    graph = make.make_graph(
        [node],
        "batch_norm",
        [make.make_tensor_value_info(name, double, None) for name in names],
        [make.make_tensor_value_info(name, double, None) for name in results],
    )
    opset = make.make_opsetid("", 15)
    evaluator = ReferenceEvaluator(make.make_model(graph, opset_imports=[opset]))
    mean, var, means, variances = np.zeros(3), np.ones(3), [], []
    for batch in batches:
        values = (batch, np.ones(3), np.zeros(3), mean, var)
        _, mean, var = evaluator.run(None, dict(zip(names, values, strict=True)))
        means.append(mean)
        variances.append(var)
    call = (
        "onnx.reference, BatchNormalization(training_mode=1), opset 15, momentum 0.9: two batches"
    )
    outputs = {"running_mean": means, "running_var": variances}
    record("onnx", "batch_norm_running", call, {"batches": batches}, **outputs)


def dropout():
    x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    torch.manual_seed(0)
    layer = nn.Dropout(0.25)
    y = layer(tensor(x))
    call = "torch.nn.Dropout(0.25)(x), in training and after eval()"
    record("torch", "dropout", call, {"x": x, "p": 0.25}, y_train=y, y_eval=layer.eval()(tensor(x)))
    layer = keras.layers.Dropout(0.25, seed=0)
    y, y_eval = (layer(jnp.asarray(x), training=training) for training in (True, False))
    call = "keras.layers.Dropout(0.25)(x, training=...)"
    record("keras", "dropout", call, {"x": x, "rate": 0.25}, y_train=y, y_eval=y_eval)


# Initialization --------------------------------------------------------------------------------


def asked(fill):
    """What `fill` asks PyTorch's generator for: the std of a normal, the bound of a uniform."""
    found = []
    methods = {name: getattr(torch.Tensor, name) for name in ("normal_", "uniform_")}

    def normal_(self, mean=0.0, std=1.0, **_):
        found.append({"mean": mean, "std": std})
        return methods["normal_"](self, mean, std)

    def uniform_(self, low=0.0, high=1.0, **_):
        found.append({"low": low, "high": high})
        return methods["uniform_"](self, low, high)

    with (
        mock.patch.object(torch.Tensor, "normal_", normal_),
        mock.patch.object(torch.Tensor, "uniform_", uniform_),
    ):
        fill()
    return found


def initializations():
    names = ("linear", "conv1d", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu")
    gains = {name: nn.init.calculate_gain(name) for name in names}
    gains["leaky_relu(0.2)"] = nn.init.calculate_gain("leaky_relu", 0.2)
    gains["leaky_relu(sqrt 5)"] = nn.init.calculate_gain("leaky_relu", 5**0.5)
    call = "torch.nn.init.calculate_gain(name)"
    record("torch", "gains", call, **gains)
    for name in ("gelu", "silu", "elu"):
        refused = refusal(nn.init.calculate_gain, name)
        record("torch", f"gain_{name}", f"torch.nn.init.calculate_gain({name!r})", **refused)

    fills = {
        "kaiming_normal": (nn.init.kaiming_normal_, {}),
        "kaiming_normal_fan_out": (nn.init.kaiming_normal_, {"mode": "fan_out"}),
        "kaiming_normal_relu": (nn.init.kaiming_normal_, {"nonlinearity": "relu"}),
        "kaiming_normal_slope": (nn.init.kaiming_normal_, {"a": 0.2}),
        "kaiming_normal_relu_slope": (nn.init.kaiming_normal_, {"a": 0.2, "nonlinearity": "relu"}),
        "kaiming_uniform": (nn.init.kaiming_uniform_, {}),
        "kaiming_uniform_sqrt5": (nn.init.kaiming_uniform_, {"a": 5**0.5}),
        "xavier_normal": (nn.init.xavier_normal_, {}),
        "xavier_normal_gain": (nn.init.xavier_normal_, {"gain": 5 / 3}),
        "xavier_uniform": (nn.init.xavier_uniform_, {}),
    }
    for name, (fill, options) in fills.items():
        for shape in ((6, 24), (6, 8, 3, 5)):
            w = torch.empty(shape)
            (found,) = asked(lambda w=w, fill=fill, options=options: fill(w, **options))
            call = called(f"torch.nn.init.{fill.__name__}", {"w": shape} | options)
            end = "_kernel" if len(shape) > 2 else ""
            record("torch", name + end, call, {"shape": shape} | options, **found)

    weight, bias = asked(lambda: nn.Linear(24, 6))
    call = "torch.nn.Linear(24, 6): what weight and bias are drawn from"
    record("torch", "linear_layer", call, {"fan_in": 24, "fan_out": 6}, weight=weight, bias=bias)
    weight, bias = asked(lambda: nn.Conv2d(8, 6, (3, 5)))
    call = "torch.nn.Conv2d(8, 6, (3, 5)): what weight and bias are drawn from"
    inputs = {"fan_in": 8 * 15, "fan_out": 6 * 15}
    record("torch", "conv_layer", call, inputs, weight=weight, bias=bias)
    found = {}
    for kind in ("kaiming_normal_", "kaiming_uniform_", "xavier_normal_", "xavier_uniform_"):
        found[kind] = defaults(getattr(nn.init, kind))
    call = "inspect.signature(torch.nn.init....)"
    record("torch", "initializer_defaults", call, **found)

    def statistics(w):
        w = np.asarray(w)
        return {"mean": np.mean(w), "std": np.std(w), "largest": np.max(np.abs(w))}

    shape = (600, 200)  # (fan_in, fan_out)
    kinds = {
        "he_normal": "HeNormal",
        "he_uniform": "HeUniform",
        "glorot_normal": "GlorotNormal",
        "glorot_uniform": "GlorotUniform",
        "lecun_normal": "LecunNormal",
    }
    for name, kind in kinds.items():
        call = f"keras.initializers.{kind}(seed=0)({shape}): sample statistics"
        initializer = getattr(keras.initializers, kind)(seed=0)
        inputs = {"fan_in": 600, "fan_out": 200}
        record("keras", name, call, inputs, **statistics(initializer(shape)))
        call = f"jax.nn.initializers.{name}()(jax.random.key(0), {shape}): sample statistics"
        make = getattr(jax.nn.initializers, name)()
        drawn_weights = make(jax.random.key(0), shape, jnp.float64)
        record("jax", name, call, inputs, **statistics(drawn_weights))
    layer = nnx.Linear(*shape, rngs=nnx.Rngs(0), param_dtype=jnp.float64)
    outputs = {"kernel": statistics(layer.kernel.get_value())}
    outputs["bias"] = statistics(layer.bias.get_value())
    call = f"flax.nnx.Linear{shape}: sample statistics"
    record("flax", "linear_layer", call, inputs, **outputs)
    layer = nnx.Conv(40, 200, (3, 5), rngs=nnx.Rngs(0), param_dtype=jnp.float64)
    outputs = {"kernel": statistics(layer.kernel.get_value())}
    outputs["bias"] = statistics(layer.bias.get_value())
    call = "flax.nnx.Conv(40, 200, (3, 5)): sample statistics"
    record("flax", "conv_layer", call, {"fan_in": 600, "fan_out": 3000}, **outputs)
    found = {
        kind: defaults(getattr(keras.layers, kind).__init__)
        for kind in ("Dense", "Conv2D", "Embedding", "LSTM")
    }
    wanted = ("kernel_initializer", "bias_initializer", "embeddings_initializer")
    wanted += ("recurrent_initializer", "unit_forget_bias")
    found = {kind: {k: v for k, v in d.items() if k in wanted} for kind, d in found.items()}
    record("keras", "layer_initializers", "inspect.signature(keras.layers....)", **found)
    kinds = ("RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "Orthogonal")
    found = {kind: defaults(getattr(keras.initializers, kind).__init__) for kind in kinds}
    call = "inspect.signature(keras.initializers....)"
    record("keras", "initializer_defaults", call, **found)


# Activations -----------------------------------------------------------------------------------

X = [-30.0, -5.0, -2.0, -1.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0, 2.0, 5.0, 21.0, 30.0]


def activations():
    calls = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": F.relu,
        "leaky_relu": F.leaky_relu,
        "elu": F.elu,
        "gelu": F.gelu,
        "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
        "silu": F.silu,
        "softplus": F.softplus,
        "leaky_relu_steep": lambda x: F.leaky_relu(x, 2.0),
        "relu6": F.relu6,
        "hardswish": F.hardswish,
        "mish": F.mish,
        "selu": F.selu,
    }
    for name, f in calls.items():
        value, (slope,) = torch_grad(f, X)
        call = f"torch.nn.functional.{name}(x)"
        call = {
            "gelu_tanh": "torch.nn.functional.gelu(x, approximate='tanh')",
            "leaky_relu_steep": "torch.nn.functional.leaky_relu(x, 2.0)",
        }.get(name, call)
        record("torch", name, call, {"x": X}, y=value, gradient=slope)
    calls = {
        "sigmoid": jax.nn.sigmoid,
        "tanh": jnp.tanh,
        "relu": jax.nn.relu,
        "leaky_relu": jax.nn.leaky_relu,
        "elu": jax.nn.elu,
        "gelu": jax.nn.gelu,
        "gelu_exact": lambda x: jax.nn.gelu(x, approximate=False),
        "silu": jax.nn.silu,
        "softplus": jax.nn.softplus,
        "leaky_relu_steep": lambda x: jax.nn.leaky_relu(x, 2.0),
    }
    for name, f in calls.items():
        value, (slope,) = jax_grad(f, X)
        call = {
            "tanh": "jax.numpy.tanh(x)",
            "gelu_exact": "jax.nn.gelu(x, approximate=False)",
            "leaky_relu_steep": "jax.nn.leaky_relu(x, 2.0)",
        }.get(name, f"jax.nn.{name}(x)")
        record("jax", name, call, {"x": X}, y=value, gradient=slope)
    for name in ("leaky_relu", "elu", "gelu", "silu", "softplus"):
        value, (slope,) = jax_grad(getattr(keras.activations, name), X)
        record("keras", name, f"keras.activations.{name}(x)", {"x": X}, y=value, gradient=slope)
    value, (slope,) = jax_grad(lambda x: keras.activations.leaky_relu(x, 2.0), X)
    call = "keras.activations.leaky_relu(x, 2.0)"
    record("keras", "leaky_relu_steep", call, {"x": X}, y=value, gradient=slope)
    array = mx.array(X, dtype=mx.float64)
    call = "mlx.nn.leaky_relu(x, 2.0)"
    record("mlx", "leaky_relu_steep", call, {"x": X}, y=mlx.nn.leaky_relu(array, 2.0).tolist())
    call = "mlx.nn.leaky_relu(x)"
    record("mlx", "leaky_relu", call, {"x": X}, y=mlx.nn.leaky_relu(array).tolist())
    kinds = ("LeakyReLU", "ELU", "GELU", "SiLU", "Softplus", "PReLU", "Softmax", "Hardtanh")
    found = {kind: defaults(getattr(nn, kind)) for kind in kinds}
    record("torch", "activation_defaults", "inspect.signature(torch.nn....)", **found)
    kinds = ("leaky_relu", "elu", "gelu", "softmax")
    found = {kind: defaults(getattr(jax.nn, kind)) for kind in kinds}
    record("jax", "activation_defaults", "inspect.signature(jax.nn....)", **found)
    found = {kind: defaults(getattr(keras.activations, kind)) for kind in kinds}
    found["LeakyReLU"] = defaults(keras.layers.LeakyReLU.__init__)
    call = "inspect.signature(keras.activations....); LeakyReLU is the layer"
    record("keras", "activation_defaults", call, **found)
    z = [[1000.0, 1000.0, 0.0], [1.0, 2.0, 3.0], [-1000.0, 0.0, 1.0]]
    outputs = {"softmax": F.softmax(tensor(z), -1), "log_softmax": F.log_softmax(tensor(z), -1)}
    record("torch", "softmax", "torch.nn.functional.softmax(z, -1)", {"z": z}, **outputs)
    outputs = {"softmax": jax.nn.softmax(jnp.asarray(z))}
    outputs["log_softmax"] = jax.nn.log_softmax(jnp.asarray(z))
    record("jax", "softmax", "jax.nn.softmax(z)", {"z": z}, **outputs)


# Losses ----------------------------------------------------------------------------------------


def losses():
    prediction = [[0.0, 0.25, -0.5], [2.0, 3.0, -1.0]]
    target = [[0.0, 0.0, 0.5], [0.0, 3.5, 2.0]]
    each = {
        "mse": (F.mse_loss, {}),
        "mae": (F.l1_loss, {}),
        "huber": (F.huber_loss, {}),
        "huber_delta": (F.huber_loss, {"delta": 0.5}),
        "smooth_l1": (F.smooth_l1_loss, {}),
        "smooth_l1_beta": (F.smooth_l1_loss, {"beta": 0.5}),
    }
    inputs = {"prediction": prediction, "target": target}
    for name, (f, options) in each.items():
        outputs = {}
        for reduction in ("none", "mean", "sum"):
            value, (gradient, _) = torch_grad(
                lambda p, t, f=f, o=options, r=reduction: f(p, t, reduction=r, **o),
                prediction,
                target,
            )
            outputs |= {reduction: value, f"gradient_{reduction}": gradient}
        call = called(f"torch.nn.functional.{f.__name__}", options)
        record("torch", name, call, inputs | options, **outputs)

    p = [[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]]
    q = [[0.25, 0.25, 0.5], [0.3, 0.3, 0.4]]
    outputs = {
        reduction: F.kl_div(tensor(q).log(), tensor(p), reduction=reduction)
        for reduction in ("none", "mean", "sum", "batchmean")
    }
    call = "torch.nn.functional.kl_div(log q, p)"
    record("torch", "kl_div", call, {"p": p, "q": q}, **outputs)
    swapped = F.kl_div(tensor(p), tensor(q), reduction="batchmean")
    call = "torch.nn.functional.kl_div(p, q, reduction='batchmean'): no logarithm, wrong order"
    record("torch", "kl_div_misread", call, {"p": p, "q": q}, batchmean=swapped)

    probability, label = [0.0, 1.0, 0.0, 1.0, 0.25, 1e-30], [1.0, 0.0, 0.0, 1.0, 1.0, 1.0]
    value, (gradient, _) = torch_grad(
        lambda p, y: F.binary_cross_entropy(p, y, reduction="none"), probability, label
    )
    call = "torch.nn.functional.binary_cross_entropy(probability, target, reduction='none')"
    inputs = {"probability": probability, "target": label}
    record("torch", "binary_cross_entropy", call, inputs, none=value, gradient=gradient)
    logit, label = [-800.0, 800.0, -3.0, 0.0, 2.0, 0.5], [1.0, 0.0, 1.0, 1.0, 0.0, 0.3]
    value, (gradient, _) = torch_grad(
        lambda z, y: F.binary_cross_entropy_with_logits(z, y, reduction="none"), logit, label
    )
    call = "torch.nn.functional.binary_cross_entropy_with_logits(logit, target, reduction='none')"
    inputs = {"logit": logit, "target": label}
    name = "binary_cross_entropy_with_logits"
    record("torch", name, call, inputs, none=value, gradient=gradient)
    call = "torch.nn.functional.binary_cross_entropy(p, y), a p of 1.5"
    refused = refusal(F.binary_cross_entropy, tensor([1.5]), tensor([1.0]))
    record("torch", "binary_cross_entropy_out_of_range", call, **refused)

    logits, labels = [[2.0, 1.0, -1.0], [0.0, 0.0, 3.0], [-1.0, 800.0, 0.0]], [0, 1, 2]
    soft = [[0.7, 0.2, 0.1], [0.0, 1.0, 0.0], [0.25, 0.25, 0.5]]
    inputs = {"logits": logits, "labels": labels}
    options = {
        "cross_entropy": {},
        "cross_entropy_smoothing": {"label_smoothing": 0.1},
        "cross_entropy_weight": {"weight": [1.0, 2.0, 4.0]},
    }
    for name, option in options.items():
        used = {k: tensor(v) if k == "weight" else v for k, v in option.items()}
        outputs = {}
        for reduction in ("none", "mean", "sum"):
            value, (gradient,) = torch_grad(
                lambda z, r=reduction, u=used: F.cross_entropy(
                    z, torch.tensor(labels), reduction=r, **u
                ),
                logits,
            )
            outputs |= {reduction: value, f"gradient_{reduction}": gradient}
        call = called("torch.nn.functional.cross_entropy", option)
        record("torch", name, call, inputs | option, **outputs)
    outputs = {
        reduction: F.cross_entropy(tensor(logits), tensor(soft), reduction=reduction)
        for reduction in ("none", "mean", "sum")
    }
    call = "torch.nn.functional.cross_entropy(logits, distributions)"
    record("torch", "cross_entropy_soft", call, {"logits": logits, "soft": soft}, **outputs)

    anchor = [[0.0, 0.0], [1.0, 1.0], [1.0, 0.0]]
    positive = [[3.0, 4.0], [1.0, 1.0], [1.0, 0.5]]
    negative = [[0.0, 1.0], [4.0, 5.0], [1.0, 0.5]]
    inputs = {"anchor": anchor, "positive": positive, "negative": negative}
    value, gradients = torch_grad(
        lambda a, p, n: F.triplet_margin_loss(a, p, n, reduction="none"),
        anchor,
        positive,
        negative,
    )
    call = "torch.nn.functional.triplet_margin_loss(anchor, positive, negative, reduction='none')"
    by = dict(zip(("by_anchor", "by_positive", "by_negative"), gradients, strict=True))
    record("torch", "triplet", call, inputs, none=value, **by)
    y = [1.0, -1.0, -1.0]
    value = F.cosine_embedding_loss(
        tensor(anchor) + 1, tensor(positive), tensor(y), margin=0.5, reduction="none"
    )
    call = "torch.nn.functional.cosine_embedding_loss(anchor + 1, positive, y, margin=0.5)"
    inputs = {"anchor": anchor, "positive": positive, "y": y, "margin": 0.5}
    record("torch", "cosine_embedding", call, inputs, none=value)
    zero = F.cosine_similarity(tensor(anchor), tensor(positive))
    call = "torch.nn.functional.cosine_similarity(anchor, positive); anchor[0] is 0"
    record("torch", "cosine_similarity", call, {"x": anchor, "y": positive}, similarity=zero)
    distance = [0.0, 0.5, 1.0, 2.0]
    outputs = {
        str(int(sign)): F.hinge_embedding_loss(
            tensor(distance), tensor([sign] * 4), reduction="none"
        )
        for sign in (1.0, -1.0)
    }
    call = "torch.nn.functional.hinge_embedding_loss(distance, y, reduction='none'), by y"
    record("torch", "hinge_embedding", call, {"distance": distance}, **outputs)
    scores = [2.0, 0.0, -1.0]
    value = F.margin_ranking_loss(
        tensor(scores), tensor([1.0, 1.0, 1.0]), tensor([1.0] * 3), margin=0.5, reduction="none"
    )
    call = "torch.nn.functional.margin_ranking_loss(x1, x2=1, y=1, margin=0.5)"
    record("torch", "margin_ranking", call, {"x1": scores}, none=value)
    kinds = ("MSELoss", "L1Loss", "HuberLoss", "SmoothL1Loss", "BCELoss", "BCEWithLogitsLoss")
    kinds += ("CrossEntropyLoss", "NLLLoss", "KLDivLoss", "TripletMarginLoss")
    kinds += ("CosineEmbeddingLoss", "HingeEmbeddingLoss", "MarginRankingLoss")
    found = {kind: defaults(getattr(nn, kind)) for kind in kinds}
    record("torch", "loss_defaults", "inspect.signature(torch.nn....)", **found)
    call = "torch.nn.functional.mse_loss of (4,) and (4, 1)"
    with mock.patch("warnings.warn") as warned:
        value = F.mse_loss(tensor([0.0, 1, 2, 3]), tensor([[0.0], [1], [2], [3]]))
    record("torch", "mse_broadcast", call, mean=value, warns=warned.call_count > 0)

    # Keras: y_true comes first.
    def keras_values(make, truth, guess):
        truth, guess = np.asarray(truth), np.asarray(guess)
        reductions = ("none", "sum", "sum_over_batch_size", "mean_with_sample_weight")
        return {r: make(reduction=None if r == "none" else r)(truth, guess) for r in reductions}

    kinds = keras.losses
    keras_losses = {
        "mse": (kinds.MeanSquaredError, {}, target, prediction),
        "mae": (kinds.MeanAbsoluteError, {}, target, prediction),
        "huber": (kinds.Huber, {}, target, prediction),
        "mape": (kinds.MeanAbsolutePercentageError, {}, target, prediction),
        "kl_divergence": (kinds.KLDivergence, {}, p, q),
        "cosine_similarity": (kinds.CosineSimilarity, {}, positive, negative),
        "categorical_cross_entropy": (kinds.CategoricalCrossentropy, {}, p, q),
        "categorical_cross_entropy_smoothing": (
            kinds.CategoricalCrossentropy,
            {"from_logits": True, "label_smoothing": 0.1},
            np.eye(3),
            logits,
        ),
        "binary_cross_entropy": (
            kinds.BinaryCrossentropy,
            {},
            [[1.0], [0.0], [0.0], [1.0], [1.0], [1.0]],
            [[x] for x in probability],
        ),
        "binary_cross_entropy_logits": (
            kinds.BinaryCrossentropy,
            {"from_logits": True},
            [[x] for x in label],
            [[x] for x in logit],
        ),
    }
    for name, (kind, options, truth, guess) in keras_losses.items():
        outputs = keras_values(
            lambda kind=kind, options=options, **more: kind(**options, **more), truth, guess
        )
        call = called(f"keras.losses.{kind.__name__}", options) + "(y_true, y_pred)"
        record("keras", name, call, {"y_true": truth, "y_pred": guess} | options, **outputs)
    names = ("MeanSquaredError", "Huber", "BinaryCrossentropy", "CategoricalCrossentropy")
    found = {name: defaults(getattr(kinds, name).__init__) for name in names}
    record("keras", "loss_defaults", "inspect.signature(keras.losses....)", **found)
    found = {}
    weights = jnp.asarray([1.0, -2.0, 3.0])
    found = {"L1": keras.regularizers.L1(0.1)(weights), "L2": keras.regularizers.L2(0.1)(weights)}
    call = "keras.regularizers.L1(0.1)(w) and L2(0.1)(w)"
    record("keras", "penalties", call, {"w": weights, "strength": 0.1}, **found)

    a = [jnp.asarray(x, dtype=float) for x in (prediction, target)]
    inputs = {"prediction": prediction, "target": target}
    record("optax", "l2_loss", "optax.l2_loss(prediction, target)", inputs, none=optax.l2_loss(*a))
    value = optax.huber_loss(*a)
    record("optax", "huber", "optax.huber_loss(prediction, target)", inputs, none=value)
    a = [jnp.asarray(x) for x in (q, p)]
    value = optax.kl_divergence(jnp.log(a[0]), a[1])
    call = "optax.kl_divergence(log q, p)"
    record("optax", "kl_divergence", call, {"p": p, "q": q}, none=value)
    value = optax.softmax_cross_entropy_with_integer_labels(jnp.asarray(logits), np.array(labels))
    call = "optax.softmax_cross_entropy_with_integer_labels(logits, labels)"
    inputs = {"logits": logits, "labels": labels}
    record("optax", "softmax_cross_entropy", call, inputs, none=value)
    views = np.vstack([drawn(7, 3, 2), drawn(8, 3, 2)])
    value = optax.ntxent(jnp.asarray(views), jnp.array([0, 1, 2, 0, 1, 2]), temperature=0.5)
    call = "optax.ntxent(views, labels, temperature=0.5), two views of each of three"
    record("optax", "nt_xent", call, {"views": views, "temperature": 0.5}, mean=value)
    smooth = optax.smooth_labels(jnp.eye(3), 0.1)
    call = "optax.smooth_labels(one_hot, 0.1)"
    record("optax", "smooth_labels", call, {"one_hot": np.eye(3), "alpha": 0.1}, labels=smooth)
    value = optax.sigmoid_binary_cross_entropy(jnp.asarray(logit), jnp.asarray(label))
    call = "optax.sigmoid_binary_cross_entropy(logit, target)"
    inputs = {"logit": logit, "target": label}
    record("optax", "sigmoid_binary_cross_entropy", call, inputs, none=value)

    truth, guess = [1.0, 2.0, -4.0], [1.5, 1.0, -4.0]
    value = metrics.mean_absolute_percentage_error(truth, guess)
    zero = metrics.mean_absolute_percentage_error([1.0, 0.0], [1.0, 1.0])
    call = "sklearn.metrics.mean_absolute_percentage_error(y_true, y_pred)"
    inputs = {"y_true": truth, "y_pred": guess}
    record("sklearn", "mape", call, inputs, value=value, with_a_target_of_0=zero)
    call = "sklearn.metrics.log_loss([1, 0], [0.0, 0.25], labels=[0, 1])"
    value = metrics.log_loss([1, 0], [0.0, 0.25], labels=[0, 1])
    record("sklearn", "log_loss", call, value=value)


# Derivatives at kinks, and of what is not a number -----------------------------------------------


def kinks():
    tied = [1.0, 3.0, 3.0, 2.0, 3.0]
    torch_calls = {
        "max_ties": ("x.max()", lambda x: x.max(), [tied]),
        "max_dim_ties": ("torch.max(x, dim=0).values", lambda x: x.max(0).values, [tied]),
        "amax_ties": ("torch.amax(x, 0)", lambda x: x.amax(0), [tied]),
        "min_ties": ("x.min()", lambda x: x.min(), [[-value for value in tied]]),
        "maximum_ties": ("torch.maximum(x, y)", torch.maximum, [[2.0, 1.0], [2.0, 3.0]]),
        "minimum_ties": ("torch.minimum(x, y)", torch.minimum, [[2.0, 1.0], [2.0, 3.0]]),
        "relu_at_0": ("torch.relu(x)", torch.relu, [[0.0, -0.0]]),
        "leaky_relu_at_0": ("torch.nn.functional.leaky_relu(x)", F.leaky_relu, [[0.0]]),
        "elu_at_0": ("torch.nn.functional.elu(x, 2.0)", lambda x: F.elu(x, 2.0), [[0.0]]),
        "clamp_min_at_0": ("torch.clamp(x, min=0)", lambda x: x.clamp(min=0), [[0.0]]),
        "clamp_at_ends": ("torch.clamp(x, -1, 1)", lambda x: x.clamp(-1, 1), [[-1.0, 0, 1, 2]]),
        "abs_at_0": ("torch.abs(x)", torch.abs, [[0.0]]),
        "sign_at_0": ("torch.sign(x)", torch.sign, [[0.0]]),
        "sqrt_at_0": ("torch.sqrt(x)", torch.sqrt, [[0.0]]),
        "norm_at_0": ("torch.linalg.norm(x)", torch.linalg.norm, [[0.0, 0.0]]),
        "l1_loss_at_0": ("torch.nn.functional.l1_loss(x, 0 x)", _l1_loss, [[0.0]]),
        "power_at_0": ("x ** 0.5", lambda x: x**0.5, [[0.0]]),
        "x_log_x_at_0": ("torch.xlogy(x, x)", lambda x: torch.xlogy(x, x), [[0.0]]),
        "where_of_nan": (
            "torch.where(x > 0, torch.sqrt(x), 0)",
            lambda x: torch.where(x > 0, torch.sqrt(x), 0),
            [[0.0, 4.0]],
        ),
    }
    jax_calls = {
        "max_ties": ("jax.numpy.max(x)", jnp.max, [tied]),
        "min_ties": ("jax.numpy.min(x)", jnp.min, [[-value for value in tied]]),
        "maximum_ties": ("jax.numpy.maximum(x, y)", jnp.maximum, [[2.0, 1.0], [2.0, 3.0]]),
        "minimum_ties": ("jax.numpy.minimum(x, y)", jnp.minimum, [[2.0, 1.0], [2.0, 3.0]]),
        "relu_at_0": ("jax.nn.relu(x)", jax.nn.relu, [[0.0, -0.0]]),
        "maximum_with_0_at_0": ("jax.numpy.maximum(x, 0)", lambda x: jnp.maximum(x, 0), [[0.0]]),
        "leaky_relu_at_0": ("jax.nn.leaky_relu(x)", jax.nn.leaky_relu, [[0.0]]),
        "elu_at_0": ("jax.nn.elu(x, 2.0)", lambda x: jax.nn.elu(x, 2.0), [[0.0]]),
        "clip_at_ends": (
            "jax.numpy.clip(x, -1, 1)",
            lambda x: jnp.clip(x, -1, 1),
            [[-1.0, 0, 1, 2]],
        ),
        "abs_at_0": ("jax.numpy.abs(x)", jnp.abs, [[0.0]]),
        "sign_at_0": ("jax.numpy.sign(x)", jnp.sign, [[0.0]]),
        "sqrt_at_0": ("jax.numpy.sqrt(x)", jnp.sqrt, [[0.0]]),
        "norm_at_0": ("jax.numpy.linalg.norm(x)", jnp.linalg.norm, [[0.0, 0.0]]),
        "power_at_0": ("x ** 0.5", lambda x: x**0.5, [[0.0]]),
        "x_log_x_at_0": (
            "jax.scipy.special.xlogy(x, x)",
            lambda x: jax.scipy.special.xlogy(x, x),
            [[0.0]],
        ),
        "where_of_nan": (
            "jax.numpy.where(x > 0, jax.numpy.sqrt(x), 0)",
            lambda x: jnp.where(x > 0, jnp.sqrt(x), 0),
            [[0.0, 4.0]],
        ),
    }
    keras_calls = {
        "max_ties": ("keras.ops.max(x)", keras.ops.max, [tied]),
        "maximum_ties": ("keras.ops.maximum(x, y)", keras.ops.maximum, [[2.0, 1.0], [2.0, 3.0]]),
        "relu_at_0": ("keras.ops.relu(x)", keras.ops.relu, [[0.0]]),
        "leaky_relu_at_0": ("keras.ops.leaky_relu(x)", keras.ops.leaky_relu, [[0.0]]),
        "abs_at_0": ("keras.ops.abs(x)", keras.ops.abs, [[0.0]]),
        "sqrt_at_0": ("keras.ops.sqrt(x)", keras.ops.sqrt, [[0.0]]),
    }
    for framework, calls, differentiate in (
        ("torch", torch_calls, torch_grad),
        ("jax", jax_calls, jax_grad),
        ("keras", keras_calls, jax_grad),
    ):
        for name, (call, f, args) in calls.items():
            _, gradients = differentiate(f, *args)
            inputs = dict(zip("xy", args, strict=False))
            outputs = dict(zip(("by_x", "by_y"), gradients, strict=False))
            record(framework, name, f"the gradient of {call}", inputs, **outputs)


def _l1_loss(x):
    return F.l1_loss(x, torch.zeros_like(x.detach()))


def vectors():
    x = [1.0, 2.0, 3.0]
    leaf = tensor(x, True)
    call = "(x**2).backward(), x of shape (3,)"
    record("torch", "vector_backward", call, {"x": x}, **refusal((leaf**2).backward))
    (leaf**2).backward(torch.ones(3))
    call = "(x**2).backward(torch.ones(3)); x.grad"
    record("torch", "vector_backward_of_ones", call, {"x": x}, gradient=leaf.grad)
    (leaf**2).sum().backward()
    call = "a second backward without zero_grad(); x.grad"
    record("torch", "gradients_accumulate", call, {"x": x}, gradient=leaf.grad)
    call = "loss.backward() twice on one graph"
    loss = (leaf**2).sum()
    loss.backward()
    record("torch", "backward_twice", call, {"x": x}, **refusal(loss.backward))
    y = torch.autograd.functional.jacobian(lambda v: v**2, tensor(x))
    record("torch", "jacobian", "torch.autograd.functional.jacobian(x**2)", {"x": x}, jacobian=y)
    array = jnp.asarray(x)
    refused = refusal(jax.grad(lambda v: v**2), array)
    call = "jax.grad(lambda x: x**2)(x), x of shape (3,)"
    record("jax", "vector_grad", call, {"x": x}, **refused)
    refused = refusal(jax.grad(lambda v: jnp.sum(v**2)), jnp.asarray([1, 2]))
    record("jax", "integer_grad", "jax.grad of an array of integers", **refused)
    y = jax.jacobian(lambda v: v**2)(array)
    record("jax", "jacobian", "jax.jacobian(lambda x: x**2)(x)", {"x": x}, jacobian=y)
    _, pull = jax.vjp(lambda v: v**2, array)
    call = "jax.vjp(lambda x: x**2, x)[1](ones)"
    record("jax", "vjp_of_ones", call, {"x": x}, gradient=pull(jnp.ones(3))[0])


# Scalers and penalties of scikit-learn -----------------------------------------------------------


def scalers():
    train = [[1, 5, -2, 0.1], [2, 5, 0, 0.1], [4, 5, 1, 0.1], [9, 5, 2, 0.1], [4, 5, 3, 0.1]]
    test = [[10.0, 6.0, 3.0, 2.0], [0.0, 4.0, -3.0, 0.0]]
    kinds = {
        "standard_scaler": preprocessing.StandardScaler,
        "min_max_scaler": preprocessing.MinMaxScaler,
        "max_abs_scaler": preprocessing.MaxAbsScaler,
        "robust_scaler": preprocessing.RobustScaler,
    }
    for name, kind in kinds.items():
        scaler = kind().fit(train)
        learned = ("mean_", "var_", "center_", "scale_")
        found = {key: getattr(scaler, key) for key in learned if hasattr(scaler, key)}
        call = f"sklearn.preprocessing.{kind.__name__}().fit(train)"
        outputs = {"train": scaler.transform(train), "test": scaler.transform(test)}
        record("sklearn", name, call, {"train": train, "test": test}, **outputs, **found)
    rows = [[3.0, -4.0], [0.0, 0.0], [1.0, 1.0]]
    outputs = {norm: preprocessing.Normalizer(norm).transform(rows) for norm in ("l1", "l2", "max")}
    call = "sklearn.preprocessing.Normalizer(norm).transform(x), by norm"
    record("sklearn", "normalizer", call, {"x": rows}, **outputs)
    kinds = ("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "Normalizer")
    found = {kind: defaults(getattr(preprocessing, kind)) for kind in kinds}
    record("sklearn", "scaler_defaults", "inspect.signature(sklearn.preprocessing....)", **found)

    x, y = drawn(5, 8, 2), drawn(6, 8)
    ridge = linear_model.Ridge(alpha=2.0, fit_intercept=False, solver="cholesky").fit(x, y)
    call = "sklearn.linear_model.Ridge(alpha=2.0, fit_intercept=False).fit(x, y).coef_"
    record("sklearn", "ridge", call, {"x": x, "y": y, "alpha": 2.0}, coef=ridge.coef_)
    lasso = linear_model.Lasso(alpha=0.1, fit_intercept=False, tol=1e-14, max_iter=10**5).fit(x, y)
    call = "sklearn.linear_model.Lasso(alpha=0.1, fit_intercept=False, tol=1e-14).fit(x, y).coef_"
    record("sklearn", "lasso", call, {"x": x, "y": y, "alpha": 0.1}, coef=lasso.coef_)


def written(records, versions):
    """The file's text: one recording per line, so that a change is seen line by line."""
    lines = []
    for framework, recordings in records.items():
        parts = (f"   {json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(recordings.items()))
        lines.append(f"  {json.dumps(framework)}: {{\n" + ",\n".join(parts) + "\n  }")
    body = ",\n".join(lines)
    return f'{{\n "versions": {json.dumps(versions)},\n "recordings": {{\n{body}\n }}\n}}\n'


def main():
    warnings.simplefilter("ignore")
    optimizers()
    schedules_and_clipping()
    normalizations()
    dropout()
    initializations()
    activations()
    losses()
    kinks()
    vectors()
    scalers()
    versions = {name: version(package).split("+")[0] for name, package in PACKAGES.items()}
    FILE.write_text(written(RECORDS, versions), encoding="utf-8")
    counts = ", ".join(f"{name} {versions[name]}: {len(r)}" for name, r in RECORDS.items())
    print(f"{FILE.name}: {counts}")


if __name__ == "__main__":
    sys.exit(main())
