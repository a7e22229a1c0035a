"""What PyTorch, Keras, JAX, scikit-learn and others really return: recordings of their runs.

    momentum = recorded("torch", "momentum")
    momentum.call                     'torch.optim.SGD(lr=0.1, momentum=0.9)'
    momentum.inputs["gradients"]      what was handed in, and the options
    momentum.outputs["path"]          what came out
    momentum.version                  of PyTorch

What the book says of a framework is compared with these. `make frameworks` (tools/frameworks.py)
records again, in an environment of its own: who reads the book installs none of the frameworks.
They ran in float64 on a CPU (Keras's layers and losses, and the running averages of Flax and ONNX,
in part in float32: six digits); the last digits may differ on another.
"""

import difflib
import functools
import json
from importlib.resources import files
from typing import NamedTuple

import numpy as np


class Recording(NamedTuple):
    """One call of a framework: in words, its inputs and outputs by name, the framework's version.

    Lists of numbers are NumPy arrays, float64 or, for integers alone, int64; all else is as in the
    file: numbers, strings, None, dicts. Where the framework refused, outputs["error"] has the type
    and the first line of its error. Arrays cannot be written to; a dict is shared by all callers.
    """

    call: str
    inputs: dict
    outputs: dict
    version: str


def recorded(framework, name):
    """The `Recording` of this name.

    framework  one of `versions()`: "torch", "keras", "jax", "optax", "sklearn", and, with a few
               recordings each, "flax", "mlx" and "onnx"
    name       one of `names(framework)`, such as "momentum", "layer_norm_images" or "max_ties"

    Raises ValueError for a framework or a name without a recording.
    """
    if name not in names(framework):
        close = difflib.get_close_matches(str(name), names(framework), n=5, cutoff=0.4)
        hint = f", such as {', '.join(close)}" if close else ""
        raise ValueError(f"name must be one of names({framework!r}){hint}, got {name!r}")
    return Recording(*_recordings()[framework][name].values(), versions()[framework])


def names(framework):
    """The names of all recordings of a framework, in order. Raises ValueError as `recorded`."""
    if framework not in versions():
        raise ValueError(f"framework must be one of {list(versions())}, got {framework!r}")
    return list(_recordings()[framework])


def versions():
    """The version of each framework that was recorded: {"torch": "2.13.0", ...}."""
    return dict(_file()["versions"])


def _recordings():
    return _file()["recordings"]


@functools.cache
def _file():
    text = files("nnbook").joinpath("frameworks.json").read_text(encoding="utf-8")
    return _with_arrays(json.loads(text))


def _with_arrays(value):
    """value, with arrays in place of its lists of numbers."""
    if isinstance(value, dict):
        return {key: _with_arrays(part) for key, part in value.items()}
    if not isinstance(value, list):
        return value
    array = np.array(value)
    if array.dtype.kind not in "if":
        return value
    array.flags.writeable = False
    return array
