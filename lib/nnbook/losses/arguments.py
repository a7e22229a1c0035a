"""What losses take: each check gives its arguments as arrays, or raises ValueError.

What a model puts out as numbers of any size (predictions, logits, scores, vectors) may be infinite
or NaN, since training may diverge; targets, labels and probabilities may not. A `Tensor` passes
where its value does.
"""

import numpy as np

from nnbook._arrays import as_floats, same_shape
from nnbook.autodiff import Tensor

# How far from 1 the entries of a distribution may add up: a softmax in float32 ends well inside.
SUM_TOLERANCE = 1e-6


def regression(prediction, target):
    prediction, target = as_floats(prediction, "prediction"), _finite(target, "target")
    same_shape(prediction=prediction, target=target)
    return prediction, target


def percentage(prediction, target):
    prediction, target = regression(prediction, target)
    if np.any(target == 0):
        raise ValueError(
            "target must not hold 0: a percentage of it is undefined, "
            f"got {np.count_nonzero(target == 0)} of them in shape {target.shape}"
        )
    return prediction, target


def binary_probability(probability, target):
    probability, target = _fraction(probability, "probability"), _fraction(target, "target")
    same_shape(probability=probability, target=target)
    return probability, target


def binary_logit(logit, target):
    logit, target = as_floats(logit, "logit"), _fraction(target, "target")
    same_shape(logit=logit, target=target)
    return logit, target


def probability_and_one_hot(probability, one_hot):
    return _distributions(probability=probability, one_hot=one_hot)


def p_and_q(p, q):
    return _distributions(p=p, q=q)


def logits_and_labels(logits, labels):
    logits = as_floats(logits, "logits")
    if logits.ndim == 0 or logits.shape[-1] == 0:
        raise ValueError(f"logits must have a class axis, (N, C), got shape {logits.shape}")
    if type(labels) is not np.ndarray:
        as_floats(labels, "labels")  # for its errors: as floats, integers cannot be told
    array, classes = np.asarray(labels), logits.shape[-1]
    if array.shape == logits.shape:
        return logits, _distribution(array, "labels")
    if array.shape != logits.shape[:-1]:
        raise ValueError(
            f"labels must be integers of shape {logits.shape[:-1]} or distributions of shape "
            f"{logits.shape}, to go with the logits, got shape {array.shape}"
        )
    if array.dtype.kind not in "iu":
        raise ValueError(
            f"labels of shape {array.shape} must be integers, each the index of a class, "
            f"got dtype {array.dtype}"
        )
    if array.size and not (array.min() >= 0 and array.max() < classes):
        wrong = array[(array < 0) | (array >= classes)][0]
        raise ValueError(f"labels must be from 0 to {classes - 1}, the last class, got {wrong}")
    return logits, array.astype(np.intp, copy=False)


def distance_and_same(distance, same):
    distance, same = as_floats(distance, "distance"), as_floats(same, "same")
    same_shape(distance=distance, same=same)
    if np.any(distance < 0):
        raise ValueError(f"distance must not be negative, got {np.min(_values(distance))}")
    if not np.all((same == 0) | (same == 1)):
        raise ValueError(f"same must be 0 or 1, got {same[(same != 0) & (same != 1)][0]}")
    return distance, same


def triplets(anchor, positive, negative):
    return _vectors(anchor=anchor, positive=positive, negative=negative)


def query_and_others(query, positive, negatives):
    query, positive = _vectors(query=query, positive=positive)
    negatives = as_floats(negatives, "negatives")
    *n, d = query.shape
    if negatives.ndim != query.ndim + 1 or negatives.shape != (*n, negatives.shape[-2], d):
        raise ValueError(
            f"negatives must have shape {(*n, 'K', d)}, to go with query of shape {query.shape}, "
            f"got {negatives.shape}"
        )
    if negatives.shape[-2] == 0:
        raise ValueError(f"negatives must hold at least one for a query, got {negatives.shape}")
    return query, positive, negatives


def views(view_a, view_b):
    view_a, view_b = _vectors(view_a=view_a, view_b=view_b)
    if view_a.ndim != 2 or len(view_a) == 0:
        raise ValueError(f"view_a and view_b must have shape (N, D), N >= 1, got {view_a.shape}")
    return view_a, view_b


def scores(positive_score, negative_score):
    positive = as_floats(positive_score, "positive_score")
    negative = as_floats(negative_score, "negative_score")
    same_shape(positive_score=positive, negative_score=negative)
    return positive, negative


def users_and_items(user, item, label):
    user, item = _vectors(user=user, item=item)
    label = _fraction(label, "label")
    if label.shape != user.shape[:-1]:
        raise ValueError(
            f"label must have shape {user.shape[:-1]}, one for each user and item of shape "
            f"{user.shape}, got {label.shape}"
        )
    return user, item, label


# The parts they are made of


def _finite(x, name):
    x = as_floats(x, name)
    if not np.all(np.isfinite(x)):
        raise ValueError(f"{name} must be finite, got {_values(x)[~np.isfinite(x)][0]}")
    return x


def _fraction(x, name):
    x = as_floats(x, name)
    inside = (x >= 0) & (x <= 1)
    if not np.all(inside):
        raise ValueError(f"{name} must be from 0 to 1, got {_values(x)[~inside][0]}")
    return x


def _distribution(x, name):
    x = as_floats(x, name)
    values = _values(x)
    if values.ndim == 0:
        raise ValueError(f"{name} must have a class axis, (N, C), got the scalar {values}")
    if not np.all(values >= 0):
        raise ValueError(f"{name} must not be negative, got {values[~(values >= 0)][0]}")
    sums = np.sum(values, axis=-1)
    off = np.abs(sums - 1) > SUM_TOLERANCE
    if np.any(off):
        raise ValueError(f"{name} must add up to 1 along the last axis, got {sums[off][0]:.8g}")
    return x


def _distributions(**arrays):
    arrays = {name: _distribution(x, name) for name, x in arrays.items()}
    same_shape(**arrays)
    return tuple(arrays.values())


def _vectors(**arrays):
    arrays = {name: as_floats(x, name) for name, x in arrays.items()}
    same_shape(**arrays)
    (name, array), *_ = arrays.items()
    if array.ndim == 0 or array.shape[-1] == 0:
        raise ValueError(f"{name} must hold vectors, (N, D), got shape {array.shape}")
    return tuple(arrays.values())


def _values(x):
    return x.value if type(x) is Tensor else x
