"""The library beside the frameworks: what it claims of their conventions, against recorded runs."""

import re
from itertools import pairwise

import numpy as np
import pytest

from nnbook import activations, frameworks, losses, penalties, scaling
from nnbook.autodiff import grad, jacobian
from nnbook.frameworks import names, recorded, versions
from nnbook.initializers import kaiming_normal, kaiming_uniform, xavier_normal, xavier_uniform
from nnbook.normalization import (
    RunningStatistics,
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    rms_norm,
)
from nnbook.optimizers import adagrad, adam, adamw, rmsprop, sgd


def same(value, expected, tolerance=1e-12):
    np.testing.assert_allclose(value, expected, rtol=tolerance, atol=tolerance)


def differs(value, other):
    return not np.allclose(value, other, rtol=1e-3, atol=1e-3)


# The file and its reader -------------------------------------------------------------------------


def test_every_recording_can_be_read():
    assert list(versions()) == ["torch", "keras", "jax", "optax", "flax", "mlx", "onnx", "sklearn"]
    for framework, version in versions().items():
        assert names(framework)
        for name in names(framework):
            recording = recorded(framework, name)
            assert recording.version == version and recording.call and recording.outputs


def test_versions_are_the_pins():
    pins = (frameworks.files("nnbook") / ".." / ".." / "requirements-frameworks.txt").read_text()
    for framework, version in versions().items():
        package = {"sklearn": "scikit-learn", "mlx": "mlx[cpu]"}.get(framework, framework)
        assert f"\n{package}=={version}\n" in pins


def test_arrays_are_arrays_and_cannot_be_written_to():
    recording = recorded("torch", "momentum")
    assert recording.call == "torch.optim.SGD(lr=0.1, momentum=0.9)"
    assert recording.inputs["lr"] == 0.1 and recording.outputs["path"].shape == (7, 3)
    with pytest.raises(ValueError, match="read-only"):
        recording.outputs["path"][0] = 0


@pytest.mark.parametrize(
    "args, text",
    [
        (("torch", "momentun"), "name must be one of names('torch'), such as momentum, "),
        (("torch", 3), "name must be one of names('torch'), got 3"),
        (("tensorflow", "momentum"), "framework must be one of ['torch', 'keras', "),
    ],
)
def test_unknown_names_are_refused(args, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        recorded(*args)


# Optimizers --------------------------------------------------------------------------------------

NO_OPTIONS = ("theta", "gradients", "rates", "eps_in_sqrt")
KEYS = {"learning_rate": "lr", "epsilon": "eps", "rho": "alpha", "decay": "alpha"}


def options(recording):
    given = {KEYS.get(k, k): v for k, v in recording.inputs.items()}
    for first, second in (("beta_1", "beta_2"), ("b1", "b2")):
        if first in given:
            given["betas"] = (given.pop(first), given.pop(second))
    if "betas" in given:
        given["betas"] = tuple(map(float, given["betas"]))
    return {k: v for k, v in given.items() if k not in NO_OPTIONS}


def ours(optimizer, recording, decayed=False):
    """The path of the library's optimizer, with the options and gradients of the recording.

    `decayed`: weight_decay · theta is added to the gradient here, not by the optimizer.
    """
    given = options(recording)
    strength = given.pop("weight_decay") if decayed else 0
    opt = optimizer(**given)
    theta = recording.inputs["theta"]
    state, path = opt.init(theta), [theta]
    for gradient in recording.inputs["gradients"]:
        theta, state = opt.update(theta, gradient + strength * theta, state)
        path.append(theta)
    return np.array(path)


SAME = [
    *(("torch", name, sgd) for name in ("sgd", "sgd_weight_decay", "momentum_dampening")),
    *(("torch", name, sgd) for name in ("momentum", "momentum_weight_decay")),
    *(("torch", name, sgd) for name in ("nesterov", "nesterov_weight_decay")),
    *(("torch", name, adam) for name in ("adam", "adam_weight_decay")),
    ("torch", "adamw", adamw),
    ("torch", "rmsprop", rmsprop),
    ("torch", "adagrad", adagrad),
    *(("keras", name, sgd) for name in ("sgd", "sgd_weight_decay", "momentum", "nesterov")),
    *(("optax", name, sgd) for name in ("sgd", "momentum", "nesterov")),
    *(("optax", f"{name}_decayed_weights", sgd) for name in ("sgd", "momentum")),
    *(("optax", name, adam) for name in ("adam", "adam_decayed_weights")),
    ("optax", "adamw", adamw),
    ("optax", "rmsprop_eps_outside", rmsprop),
]


@pytest.mark.parametrize("framework, name, optimizer", SAME)
def test_the_same_path(framework, name, optimizer):
    recording = recorded(framework, name)
    same(ours(optimizer, recording), recording.outputs["path"])


def test_the_first_velocity_of_torch_is_the_gradient_whatever_the_dampening():
    recording = recorded("torch", "momentum_dampening")
    assert recording.inputs["dampening"] == 0.5
    same(recording.outputs["momentum_buffer"][0], recording.inputs["gradients"][0])
    g, v = recording.inputs["gradients"], recording.outputs["momentum_buffer"]
    same(v[1], 0.9 * v[0] + 0.5 * g[1])


def test_momentum_of_torch_has_no_factor_of_the_gradient():
    recording = recorded("torch", "momentum")
    g, v = recording.inputs["gradients"], recording.outputs["momentum_buffer"]
    for i in range(1, len(g)):
        same(v[i], 0.9 * v[i - 1] + g[i])
        assert differs(v[i], 0.9 * v[i - 1] + 0.1 * g[i])


def test_a_new_rate_acts_at_once_in_torch_and_bit_by_bit_in_keras():
    ours_, keras = recorded("torch", "momentum_rates"), recorded("keras", "momentum_rates")
    theta = ours_.inputs["theta"]
    state, v, w = sgd(0.1, 0.9).init(theta), 0, theta
    path, keras_path = [theta], [theta]
    for rate, gradient in zip(ours_.inputs["rates"], ours_.inputs["gradients"], strict=True):
        theta, state = sgd(rate, 0.9).update(theta, gradient, state)
        path.append(theta)
        v = 0.9 * v - rate * gradient
        w = w + v
        keras_path.append(w)
    same(path, ours_.outputs["path"])
    same(keras_path, keras.outputs["path"])
    assert differs(path, keras_path)


@pytest.mark.parametrize(
    "name, optimizer",
    [
        ("sgd", sgd),
        ("momentum", sgd),
        ("adam", adam),
        ("rmsprop", rmsprop),
        ("adagrad", adagrad),
    ],
)
def test_weight_decay_of_keras_is_decoupled_in_every_optimizer(name, optimizer):
    """theta <- (1 - lr λ) theta first, and then the step that the gradient alone would make."""
    plain, decayed = recorded("keras", name), recorded("keras", f"{name}_weight_decay")
    rate, strength = decayed.inputs["learning_rate"], decayed.inputs["weight_decay"]
    steps = np.diff(plain.outputs["path"], axis=0)
    theta, path = decayed.inputs["theta"], [decayed.inputs["theta"]]
    for step in steps:
        theta = (1 - rate * strength) * theta + step
        path.append(theta)
    same(path, decayed.outputs["path"])
    if name == "sgd":  # without an average the two ways are one
        same(ours(sgd, decayed), decayed.outputs["path"])
    elif name in ("momentum", "adam"):
        assert differs(ours(optimizer, decayed), decayed.outputs["path"])


@pytest.mark.parametrize("name", ["rmsprop", "adagrad"])
def test_weight_decay_of_torch_is_part_of_the_gradient(name):
    recording = recorded("torch", f"{name}_weight_decay")
    optimizer = {"rmsprop": rmsprop, "adagrad": adagrad}[name]
    same(ours(optimizer, recording, decayed=True), recording.outputs["path"])


def test_adam_of_keras_has_its_epsilon_before_the_correction():
    """lr √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε): the form that the paper calls efficient."""
    recording = recorded("keras", "adam")
    rate, eps = recording.inputs["learning_rate"], recording.inputs["epsilon"]
    theta, m, v, path = recording.inputs["theta"], 0, 0, [recording.inputs["theta"]]
    for t, g in enumerate(recording.inputs["gradients"], start=1):
        m, v = 0.8 * m + 0.2 * g, 0.95 * v + 0.05 * g**2
        theta = theta - rate * np.sqrt(1 - 0.95**t) / (1 - 0.8**t) * m / (np.sqrt(v) + eps)
        path.append(theta)
    same(path, recording.outputs["path"])
    assert differs(ours(adam, recording), path)


@pytest.mark.parametrize("framework, key", [("keras", "rho"), ("optax", "decay")])
def test_rmsprop_of_keras_and_optax_has_its_epsilon_within_the_root(framework, key):
    recording = recorded(framework, "rmsprop")
    eps = recording.inputs["epsilon" if framework == "keras" else "eps"]
    alpha, theta, v = recording.inputs[key], recording.inputs["theta"], 0
    path = [theta]
    for g in recording.inputs["gradients"]:
        v = alpha * v + (1 - alpha) * g**2
        theta = theta - 0.1 * g / np.sqrt(v + eps)
        path.append(theta)
    same(path, recording.outputs["path"])
    assert differs(ours(rmsprop, recording), path)


@pytest.mark.parametrize("framework, key", [("keras", "epsilon"), ("optax", "eps")])
def test_adagrad_of_keras_and_optax_starts_at_a_tenth_with_epsilon_within(framework, key):
    recording = recorded(framework, "adagrad")
    eps, theta, total = recording.inputs[key], recording.inputs["theta"], 0.1
    path = [theta]
    for g in recording.inputs["gradients"]:
        total = total + g**2
        theta = theta - 0.1 * g / np.sqrt(total + eps)
        path.append(theta)
    same(path, recording.outputs["path"])
    assert differs(ours(adagrad, recording), path)


def test_adam_with_weight_decay_is_adamw_in_keras_but_not_in_torch():
    def path(framework, name):
        return recorded(framework, name).outputs["path"]

    same(path("keras", "adam_weight_decay"), path("keras", "adamw"))
    assert differs(path("torch", "adam_weight_decay"), path("torch", "adamw"))


def test_nesterov_of_torch_wants_momentum():
    error = recorded("torch", "nesterov_without_momentum").outputs["error"]
    assert error == "ValueError: Nesterov momentum requires a momentum and zero dampening"
    with pytest.raises(ValueError, match="nesterov must come with momentum"):
        sgd(0.1, nesterov=True)


def test_defaults_of_optimizers():
    torch = recorded("torch", "optimizer_defaults").outputs
    keras = recorded("keras", "optimizer_defaults").outputs
    optax = recorded("optax", "optimizer_defaults").outputs
    assert (torch["SGD"]["momentum"], torch["SGD"]["dampening"], torch["SGD"]["lr"]) == (0, 0, 1e-3)
    for kind, function in (("Adam", adam), ("AdamW", adamw)):
        found, default = (
            torch[kind],
            dict(zip(("lr", "betas", "eps", "weight_decay"), function.__defaults__, strict=True)),
        )
        assert {
            k: tuple(v) if k == "betas" else v for k, v in found.items() if k in default
        } == default
    assert torch["RMSprop"]["alpha"] == 0.99 and torch["RMSprop"]["eps"] == 1e-8
    assert rmsprop.__defaults__ == (0.99, 1e-8)
    assert torch["Adagrad"]["eps"] == 1e-10 and adagrad.__defaults__ == (1e-10,)
    assert keras["RMSprop"]["rho"] == optax["rmsprop"]["decay"] == 0.9
    assert optax["rmsprop"]["eps_in_sqrt"] is True
    assert (
        keras["Adam"]["epsilon"] == keras["Adagrad"]["epsilon"] == optax["adagrad"]["eps"] == 1e-7
    )
    assert keras["Adagrad"]["initial_accumulator_value"] == 0.1
    assert optax["adagrad"]["initial_accumulator_value"] == 0.1
    assert keras["AdamW"]["weight_decay"] == 0.004 and optax["adamw"]["weight_decay"] == 1e-4


# Normalization -----------------------------------------------------------------------------------

NORMALIZED = {
    ("torch", "layer_norm_sequences"): layer_norm,
    ("torch", "layer_norm_last_two"): lambda x: layer_norm(x, axes=(1, 2)),
    ("torch", "layer_norm_images"): lambda x: layer_norm(x, axes=(1, 2, 3)),
    ("torch", "layer_norm_images_last"): layer_norm,
    ("torch", "instance_norm_1d"): lambda x: instance_norm(x, axes=(2,)),
    ("torch", "instance_norm_1d_features"): lambda x: instance_norm(x, axes=(1,)),
    ("torch", "instance_norm_images"): instance_norm,
    ("torch", "group_norm_images"): lambda x: group_norm(x, 2),
    ("torch", "batch_norm_images"): batch_norm,
    ("torch", "batch_norm_1d"): lambda x: batch_norm(x, axes=(0,)),
    ("torch", "batch_norm_1d_sequences"): lambda x: batch_norm(x, axes=(0, 2)),
    ("torch", "batch_norm_batch_of_one_long"): lambda x: batch_norm(x, axes=(0, 2)),
    ("torch", "rms_norm"): lambda x: rms_norm(x, eps=np.finfo(float).eps),
    ("torch", "rms_norm_eps"): lambda x: rms_norm(x, eps=0.1),
    ("keras", "layer_norm_sequences"): lambda x: layer_norm(x, eps=1e-3),
    ("keras", "batch_norm_sequences"): lambda x: batch_norm(x, axes=(0, 1), eps=1e-3),
    ("keras", "group_norm_images"): lambda x: group_norm(x, 2, eps=1e-3),
    ("keras", "rms_norm"): lambda x: rms_norm(x, eps=1e-6),
    ("jax", "standardize"): layer_norm,
}


@pytest.mark.parametrize("framework, name", NORMALIZED)
def test_normalization(framework, name):
    recording = recorded(framework, name)
    tolerance = 1e-6 if framework == "keras" else 1e-12
    same(NORMALIZED[framework, name](recording.inputs["x"]), recording.outputs["y"], tolerance)


def test_handed_sequences_the_instance_norm_of_torch_is_its_layer_norm():
    instance, layer = (
        recorded("torch", "instance_norm_1d"),
        recorded("torch", "layer_norm_sequences"),
    )
    same(instance.inputs["x"], layer.inputs["x"])
    same(instance.outputs["y"], layer.outputs["y"])
    assert differs(recorded("torch", "instance_norm_1d_features").outputs["y"], layer.outputs["y"])


def test_running_statistics_are_those_of_torch():
    recording = recorded("torch", "batch_norm_running")
    statistics = RunningStatistics.start(axes=(0,))
    for i, batch in enumerate(recording.inputs["batches"]):
        statistics = statistics.update(batch)
        same(statistics.mean[0], recording.outputs["running_mean"][i])
        same(statistics.var[0], recording.outputs["running_var"][i])
    same(statistics.normalize(recording.inputs["batches"][0]), recording.outputs["y_eval"])


@pytest.mark.parametrize(
    "framework, mean_name, var_name, weight, tolerance",
    [
        ("keras", "moving_mean", "moving_variance", 0.01, 1e-6),
        ("flax", "running_mean", "running_var", 0.01, 1e-6),
        ("onnx", "running_mean", "running_var", 0.1, 1e-6),
    ],
)
def test_others_average_the_variance_divided_by_n(
    framework, mean_name, var_name, weight, tolerance
):
    recording = recorded(framework, "batch_norm_running")
    mean, var = 0, 1
    for i, batch in enumerate(recording.inputs["batches"]):
        mean = (1 - weight) * mean + weight * np.mean(batch, 0)
        var = (1 - weight) * var + weight * np.var(batch, 0)
        same(mean, recording.outputs[mean_name][i], tolerance)
        same(var, recording.outputs[var_name][i], tolerance)


def test_a_batch_of_one():
    for name in ("batch_norm_batch_of_one", "instance_norm_one_place"):
        assert (
            recorded("torch", name).outputs["error"].startswith("ValueError: Expected more than 1")
        )
    same(recorded("keras", "batch_norm_batch_of_one").outputs["y"], np.zeros((1, 3)))
    same(batch_norm(np.ones((1, 3)), axes=(0,)), np.zeros((1, 3)))


# Initialization ----------------------------------------------------------------------------------


class Asked:
    """In place of a generator: every draw is one standard deviation, or at the upper bound."""

    def standard_normal(self, shape):
        return np.ones(shape)

    def uniform(self, low, high, shape):
        return np.full(shape, high)


INITIALIZERS = {
    "kaiming_normal": kaiming_normal,
    "kaiming_normal_fan_out": kaiming_normal,
    "kaiming_normal_relu": kaiming_normal,
    "kaiming_normal_slope": kaiming_normal,
    "kaiming_uniform": kaiming_uniform,
    "kaiming_uniform_sqrt5": kaiming_uniform,
    "xavier_normal": xavier_normal,
    "xavier_normal_gain": xavier_normal,
    "xavier_uniform": xavier_uniform,
}


@pytest.mark.parametrize("kernel", ["", "_kernel"])
@pytest.mark.parametrize("name", INITIALIZERS)
def test_initializers_ask_for_what_torch_asks_for(name, kernel, monkeypatch):
    monkeypatch.setattr("nnbook.initializers.check_rng", lambda rng: None)
    recording = recorded("torch", name + kernel)
    given = {k: v for k, v in recording.inputs.items() if k not in ("shape", "nonlinearity")}
    if "a" in given:
        given["negative_slope"] = given.pop("a")
    shape = tuple(map(int, recording.inputs["shape"]))
    w = INITIALIZERS[name](shape, Asked(), **given)
    same(w[0], recording.outputs["std" if "normal" in name else "high"])


def test_with_nonlinearity_relu_torch_disregards_the_slope():
    a, b = (recorded("torch", f"kaiming_normal_relu{end}").outputs["std"] for end in ("_slope", ""))
    assert a == b > recorded("torch", "kaiming_normal_slope").outputs["std"]
    assert recorded("torch", "initializer_defaults").outputs["kaiming_normal_"]["a"] == 0
    assert recorded("torch", "initializer_defaults").outputs["kaiming_uniform_"]["a"] == 0


@pytest.mark.parametrize("name", ["linear_layer", "conv_layer"])
def test_layers_of_torch_start_within_one_over_the_root_of_fan_in(name):
    recording = recorded("torch", name)
    for part in ("weight", "bias"):
        same(recording.outputs[part]["high"], recording.inputs["fan_in"] ** -0.5)
        same(recording.outputs[part]["low"], -(recording.inputs["fan_in"] ** -0.5))


def test_gains_of_torch():
    gains = recorded("torch", "gains").outputs
    assert gains["linear"] == gains["conv2d"] == gains["sigmoid"] == 1
    assert (gains["tanh"], gains["relu"], gains["selu"]) == (5 / 3, 2**0.5, 3 / 4)
    same(gains["leaky_relu"], np.sqrt(2 / (1 + 0.01**2)))
    same(gains["leaky_relu(0.2)"], np.sqrt(2 / (1 + 0.2**2)))
    for name in ("gelu", "silu", "elu"):
        assert "Unsupported nonlinearity" in recorded("torch", f"gain_{name}").outputs["error"]


@pytest.mark.parametrize("framework", ["keras", "jax"])
@pytest.mark.parametrize(
    "name, variance, cut",
    [
        ("he_normal", 2 / 600, 2 / 0.8796),
        ("he_uniform", 2 / 600, 3**0.5),
        ("glorot_normal", 2 / 800, 2 / 0.8796),
        ("glorot_uniform", 2 / 800, 3**0.5),
        ("lecun_normal", 1 / 600, 2 / 0.8796),
    ],
)
def test_initializers_of_keras_and_jax(framework, name, variance, cut):
    """120,000 weights: the standard error of std is 0.2%; normal ones are cut at two deviations."""
    found = recorded(framework, name).outputs
    assert abs(found["std"] / variance**0.5 - 1) < 0.01
    assert 0.999 * cut < found["largest"] / variance**0.5 <= cut * 1.0001


def test_default_initializers_of_layers():
    keras = recorded("keras", "layer_initializers").outputs
    for kind in ("Dense", "Conv2D"):
        assert keras[kind]["kernel_initializer"] == "glorot_uniform"
        assert keras[kind]["bias_initializer"] == "zeros"
    for name in ("linear_layer", "conv_layer"):
        flax = recorded("flax", name)
        assert abs(flax.outputs["kernel"]["std"] * flax.inputs["fan_in"] ** 0.5 - 1) < 0.01
        assert flax.outputs["kernel"]["largest"] * flax.inputs["fan_in"] ** 0.5 < 2 / 0.8796
        assert flax.outputs["bias"] == {"mean": 0, "std": 0, "largest": 0}


# Activations -------------------------------------------------------------------------------------

ACTIVATIONS = [
    *(
        ("torch", n, n)
        for n in ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "gelu_tanh")
    ),
    *(("jax", n, n) for n in ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus")),
    *((framework, "silu", "swish") for framework in ("torch", "jax", "keras")),
    ("jax", "gelu", "gelu_tanh"),
    ("jax", "gelu_exact", "gelu"),
    *(("keras", n, n) for n in ("elu", "gelu", "softplus")),
]


@pytest.mark.parametrize("framework, name, function", ACTIVATIONS)
def test_activations_and_their_slopes(framework, name, function):
    recording = recorded(framework, name)
    function, x = getattr(activations, function), recording.inputs["x"]
    same(function(x), recording.outputs["y"])
    away = x != 0  # at a kink each has a convention of its own
    same(function.grad(x)[away], recording.outputs["gradient"][away])


def test_defaults_of_activations():
    assert recorded("torch", "activation_defaults").outputs["GELU"]["approximate"] == "none"
    assert recorded("jax", "activation_defaults").outputs["gelu"]["approximate"] is True
    keras = recorded("keras", "activation_defaults").outputs
    assert keras["gelu"]["approximate"] is False
    assert (keras["leaky_relu"]["negative_slope"], keras["LeakyReLU"]["negative_slope"]) == (
        0.2,
        0.3,
    )
    same(
        activations.leaky_relu(recorded("keras", "leaky_relu").inputs["x"], 0.2),
        recorded("keras", "leaky_relu").outputs["y"],
    )
    for kind in ("torch", "jax"):
        defaults = recorded(kind, "activation_defaults").outputs
        leaky = defaults["LeakyReLU" if kind == "torch" else "leaky_relu"]
        assert leaky["negative_slope"] == 0.01


def test_softplus_of_torch_is_x_beyond_20():
    recording = recorded("torch", "softplus")
    x, y = recording.inputs["x"], recording.outputs["y"]
    assert np.array_equal(y[x > 20], x[x > 20])
    same(y[x <= 20], activations.softplus(x[x <= 20]))
    assert activations.softplus(21.0) > 21


@pytest.mark.parametrize("framework", ["torch", "jax", "keras"])
def test_a_leaky_relu_steeper_than_1(framework):
    recording = recorded(framework, "leaky_relu_steep")
    same(activations.leaky_relu(recording.inputs["x"], 2.0), recording.outputs["y"])


def test_mlx_takes_the_maximum():
    recording = recorded("mlx", "leaky_relu_steep")
    x = recording.inputs["x"]
    same(np.maximum(x, 2 * x), recording.outputs["y"])
    assert differs(activations.leaky_relu(x, 2.0), recording.outputs["y"])


@pytest.mark.parametrize("framework", ["torch", "jax"])
def test_softmax(framework):
    recording = recorded(framework, "softmax")
    same(activations.softmax(recording.inputs["z"]), recording.outputs["softmax"])
    same(activations.log_softmax(recording.inputs["z"]), recording.outputs["log_softmax"])


# Losses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, loss, kwargs",
    [
        ("mse", losses.mse, {}),
        ("mae", losses.mae, {}),
        ("huber", losses.huber, {}),
        ("huber_delta", losses.huber, {"delta": 0.5}),
    ],
)
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_regression(name, loss, kwargs, reduction):
    recording = recorded("torch", name)
    a = recording.inputs["prediction"], recording.inputs["target"]
    same(loss(*a, **kwargs, reduction=reduction), recording.outputs[reduction])
    if reduction != "none":
        expected = recording.outputs[f"gradient_{reduction}"]
        same(loss.grad(*a, **kwargs, reduction=reduction), expected)


@pytest.mark.parametrize("name, beta", [("smooth_l1", 1.0), ("smooth_l1_beta", 0.5)])
def test_smooth_l1_is_huber_over_beta(name, beta):
    recording = recorded("torch", name)
    a = recording.inputs["prediction"], recording.inputs["target"]
    same(losses.huber(*a, delta=beta, reduction="none") / beta, recording.outputs["none"])


def test_kl_div_of_torch_takes_log_q_then_p_and_its_mean_is_over_entries():
    recording = recorded("torch", "kl_div")
    p, q = recording.inputs["p"], recording.inputs["q"]
    each = losses.kl_divergence(p, q, reduction="none")
    assert differs(each, losses.kl_divergence(q, p, reduction="none"))
    same(np.sum(recording.outputs["none"], axis=1), each)
    same(recording.outputs["batchmean"], np.mean(each))
    same(recording.outputs["mean"], np.sum(each) / p.size)
    same(recorded("optax", "kl_divergence").outputs["none"], each)
    assert recorded("torch", "kl_div_misread").outputs["batchmean"] < 0


def test_bce_of_torch_is_cut_off_at_100():
    recording = recorded("torch", "binary_cross_entropy")
    a = recording.inputs["probability"], recording.inputs["target"]
    mine = losses.binary_cross_entropy(*a, reduction="none")
    same(np.minimum(mine, 100), recording.outputs["none"])
    assert np.sum(np.isinf(mine)) == np.sum(recording.outputs["none"] == 100) == 2


@pytest.mark.parametrize(
    "framework, name",
    [("torch", "binary_cross_entropy_with_logits"), ("optax", "sigmoid_binary_cross_entropy")],
)
def test_bce_with_logits(framework, name):
    recording = recorded(framework, name)
    a = recording.inputs["logit"], recording.inputs["target"]
    loss = losses.binary_cross_entropy_with_logits
    same(loss(*a, reduction="none"), recording.outputs["none"])
    if framework == "torch":
        same(loss.grad(*a, reduction="sum"), recording.outputs["gradient"])


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_cross_entropy(reduction):
    loss = losses.softmax_cross_entropy
    plain = recorded("torch", "cross_entropy")
    z, labels = plain.inputs["logits"], plain.inputs["labels"]
    same(loss(z, labels, reduction=reduction), plain.outputs[reduction])
    soft = recorded("torch", "cross_entropy_soft")
    same(loss(z, soft.inputs["soft"], reduction=reduction), soft.outputs[reduction])
    smooth = recorded("torch", "cross_entropy_smoothing")
    targets = 0.9 * np.eye(3)[labels] + 0.1 / 3  # of all three classes, the right one among them
    same(targets, recorded("optax", "smooth_labels").outputs["labels"][labels])
    same(loss(z, targets, reduction=reduction), smooth.outputs[reduction])
    if reduction != "none":
        expected = plain.outputs[f"gradient_{reduction}"]
        same(loss.grad(z, labels, reduction=reduction), expected)


def test_a_weighted_mean_of_torch_divides_by_the_weights():
    recording = recorded("torch", "cross_entropy_weight")
    each = recording.outputs["none"]
    same(recording.outputs["mean"], np.sum(each) / np.sum(recording.inputs["weight"]))


def test_triplet_of_torch_adds_a_millionth():
    recording = recorded("torch", "triplet")
    a, p, n = (recording.inputs[key] for key in ("anchor", "positive", "negative"))
    mine = losses.triplet(a, p, n, reduction="none")
    same(mine, recording.outputs["none"], 3e-6)
    assert differs(mine[1], 0) is False and not np.array_equal(mine, recording.outputs["none"])
    near, far = (np.linalg.norm(a - other + 1e-6, axis=1) for other in (p, n))
    same(np.maximum(0, near - far + 1), recording.outputs["none"])


def test_nt_xent_of_optax():
    recording = recorded("optax", "nt_xent")
    views, temperature = recording.inputs["views"], recording.inputs["temperature"]
    same(losses.nt_xent(views[:3], views[3:], temperature), recording.outputs["mean"], 1e-9)


def test_l2_loss_of_optax_has_a_half():
    recording = recorded("optax", "l2_loss")
    a = recording.inputs["prediction"], recording.inputs["target"]
    same(losses.mse(*a, reduction="none") / 2, recording.outputs["none"])


def test_losses_of_keras_average_the_last_axis_first():
    recording = recorded("keras", "mse")
    each = losses.mse(recording.inputs["y_pred"], recording.inputs["y_true"], reduction="none")
    same(np.mean(each, axis=1), recording.outputs["none"], 1e-6)
    same(np.mean(each), recording.outputs["sum_over_batch_size"], 1e-6)
    recording = recorded("keras", "kl_divergence")
    a = recording.inputs["y_true"], recording.inputs["y_pred"]
    same(losses.kl_divergence(*a, reduction="none"), recording.outputs["none"], 1e-6)


def test_bce_of_keras_is_cut_off_at_a_ten_millionth():
    recording = recorded("keras", "binary_cross_entropy")
    p, y = recording.inputs["y_pred"], recording.inputs["y_true"]
    cut = np.clip(p, 1e-7, 1 - 1e-7)
    mine = losses.binary_cross_entropy(cut, y, reduction="none")[:, 0]
    same(mine, recording.outputs["none"], 1e-6)


def test_mape_of_scikit_learn_is_a_fraction_and_one_target_of_0_outweighs_all():
    recording = recorded("sklearn", "mape")
    a = recording.inputs["y_pred"], recording.inputs["y_true"]
    same(losses.mape(*a) / 100, recording.outputs["value"])
    assert recording.outputs["with_a_target_of_0"] > 1e15


def test_defaults_of_reductions():
    found = recorded("torch", "loss_defaults").outputs
    assert {loss["reduction"] for loss in found.values()} == {"mean"}
    assert found["HuberLoss"]["delta"] == found["SmoothL1Loss"]["beta"] == 1
    assert found["TripletMarginLoss"]["margin"] == 1 and found["TripletMarginLoss"]["eps"] == 1e-6
    found = recorded("keras", "loss_defaults").outputs
    assert {loss["reduction"] for loss in found.values()} == {"sum_over_batch_size"}


def test_penalties_of_keras_have_no_half():
    recording = recorded("keras", "penalties")
    w, strength = recording.inputs["w"], recording.inputs["strength"]
    same(penalties.l1(w, strength), recording.outputs["L1"])
    same(penalties.l2(w, strength), recording.outputs["L2"])


def test_ridge_and_lasso_of_scikit_learn_minimize_these():
    """Ridge Σ(y − xw)² + α Σw²; Lasso Σ(y − xw)² / 2n + α Σ|w|: their gradients are 0 there."""
    ridge, lasso = recorded("sklearn", "ridge"), recorded("sklearn", "lasso")
    x, y, w = ridge.inputs["x"], ridge.inputs["y"], ridge.outputs["coef"]
    same(2 * x.T @ (x @ w - y) + penalties.l2.grad(w, ridge.inputs["alpha"]), 0, 1e-9)
    w = lasso.outputs["coef"]
    assert np.all(w != 0)
    same(x.T @ (x @ w - y) / len(y) + penalties.l1.grad(w, lasso.inputs["alpha"]), 0, 1e-6)


# Derivatives at kinks ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "framework, name, f",
    [
        *((framework, "max_ties", np.max) for framework in ("torch", "jax", "keras")),
        ("torch", "amax_ties", np.max),
        *((framework, "min_ties", np.min) for framework in ("torch", "jax")),
        *((framework, "maximum_ties", np.maximum) for framework in ("torch", "jax", "keras")),
        *((framework, "minimum_ties", np.minimum) for framework in ("torch", "jax")),
        *((framework, "relu_at_0", activations.relu) for framework in ("torch", "jax", "keras")),
        ("torch", "abs_at_0", np.abs),
        ("torch", "leaky_relu_at_0", activations.leaky_relu),
        *((framework, "sqrt_at_0", np.sqrt) for framework in ("torch", "jax", "keras")),
        *((framework, "sign_at_0", np.sign) for framework in ("torch", "jax")),
        ("torch", "elu_at_0", lambda x: activations.elu(x, 2.0)),
    ],
)
def test_at_kinks(framework, name, f):
    recording = recorded(framework, name)
    args = [np.asarray(value, dtype=float) for value in recording.inputs.values()]
    with np.errstate(divide="ignore"):
        found = grad(lambda *a: np.sum(f(*a)), tuple(range(len(args))))(*args)
    for gradient, expected in zip(found, recording.outputs.values(), strict=True):
        same(gradient, expected)


def test_at_kinks_frameworks_differ():
    """At a kink what a framework returns is a convention, and not everywhere the same."""

    def slopes(name):
        return [
            recorded(framework, name).outputs["by_x"].tolist() for framework in ("torch", "jax")
        ]

    assert slopes("abs_at_0") == [[0], [1]]
    assert slopes("leaky_relu_at_0") == [[0.01], [1]]
    assert slopes("norm_at_0")[0] == [0, 0] and np.all(np.isnan(slopes("norm_at_0")[1]))
    assert recorded("torch", "clamp_at_ends").outputs["by_x"].tolist() == [1, 1, 1, 0]
    assert recorded("jax", "clip_at_ends").outputs["by_x"].tolist() == [0.5, 1, 0.5, 0]
    assert recorded("torch", "clamp_min_at_0").outputs["by_x"] == 1  # and relu's is 0
    assert recorded("jax", "maximum_with_0_at_0").outputs["by_x"] == 0.5  # and relu's is 0
    assert recorded("torch", "max_dim_ties").outputs["by_x"].tolist() == [0, 1, 0, 0, 0]


def test_vectors_have_no_gradient():
    error = recorded("torch", "vector_backward").outputs["error"]
    assert error == "RuntimeError: grad can be implicitly created only for scalar outputs"
    assert recorded("jax", "vector_grad").outputs["error"].startswith("TypeError: Gradient only")
    x = recorded("jax", "vector_grad").inputs["x"]
    with pytest.raises(ValueError, match="a gradient needs a scalar result"):
        grad(lambda x: x**2)(x)
    for framework in ("torch", "jax"):
        same(jacobian(lambda x: x**2)(x), recorded(framework, "jacobian").outputs["jacobian"])
    same(recorded("torch", "vector_backward_of_ones").outputs["gradient"], 2 * x)
    same(recorded("torch", "gradients_accumulate").outputs["gradient"], 4 * x)


# Scaling -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, f",
    [
        ("standard_scaler", scaling.z_score),
        ("min_max_scaler", scaling.min_max),
        ("max_abs_scaler", scaling.max_abs),
        ("robust_scaler", scaling.robust),
    ],
)
def test_scalers(name, f):
    recording = recorded("sklearn", name)
    train = recording.inputs["train"]
    assert np.ptp(train[:, 1]) == np.ptp(train[:, 3]) == 0  # constant columns
    same(f(train), recording.outputs["train"])


def test_normalizers_leave_a_zero_row():
    recording = recorded("sklearn", "normalizer")
    x = recording.inputs["x"]
    assert not np.any(x[1])
    same(scaling.l1_normalize(x), recording.outputs["l1"])
    same(scaling.l2_normalize(x), recording.outputs["l2"])


# Training ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("framework, key", [("torch", "p"), ("keras", "rate")])
def test_dropout_divides_what_it_keeps(framework, key):
    recording = recorded(framework, "dropout")
    x, y, p = recording.inputs["x"], recording.outputs["y_train"], recording.inputs[key]
    assert 0 < np.sum(y == 0) < len(y)
    same(y[y != 0], x[y != 0] / (1 - p))
    same(recording.outputs["y_eval"], x)


def test_clipping_of_norms():
    for framework, name in (("torch", "clip_grad_norm"), ("optax", "clip_by_global_norm")):
        recording = recorded(framework, name)
        g = recording.inputs["gradient"]
        same(recording.outputs["clipped"], g / np.linalg.norm(g), 1e-6)
    short = recorded("torch", "clip_grad_norm_short")
    same(short.outputs["clipped"], short.inputs["gradient"])


def test_schedules():
    found = recorded("torch", "schedules").outputs
    t = np.arange(8)
    same(found["exponential"], 0.1 * 0.5**t)
    same(found["step"], 0.1 * 0.5 ** (t // 3))
    same(found["cosine"], 0.05 * (1 + np.cos(np.pi * t / 8)))
    same(found["linear_warm_up"], 0.1 * np.minimum(1, 0.2 + 0.2 * t))
    rates = recorded("optax", "warmup_cosine").outputs["rates"]
    same(np.diff(rates[:5]), np.full(4, 0.025), 1e-6)
    assert all(later <= earlier for earlier, later in pairwise(rates[4:]))
