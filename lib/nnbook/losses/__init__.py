"""Losses: the formula for each example, and below it the gradient derived by hand.

All are called as loss(..., reduction="mean"): "none" gives the loss of each example, "sum" and
"mean" add up and average these. Where examples are single numbers (`mse` to
`binary_cross_entropy_with_logits`, `contrastive`, `bpr`), arrays of any shape are taken, and the
mean is over all their elements; where they are vectors, these lie along the last axis, (N, D) in
most cases, and the mean is over the N. No broadcasting: (N,) against (N, 1) is an error, not N²
differences. Logarithms are natural.

`.grad(...)`, `.vjp(g, ...)` and a `Tensor` in the place of an argument: see `record.Loss`. A loss
has a derivative by what a model puts out, and none by the targets and labels; by a probability or
a distribution it is the partial derivative, which takes the entries for independent numbers.

Probabilities may be exactly 0 and 1. Certain and right costs 0; certain and wrong costs inf, with
an infinite gradient, and without a warning. What a model puts out as numbers of any size (a
prediction, a logit, a score, a vector) may be infinite or NaN, since training may diverge: the
loss is then NaN, or the limit where there is one. So it is where differences, distances or products
of them overflow, beyond 1.8e308. Everything else that is out of range is a ValueError.
"""

import numpy as np

from nnbook._arrays import in_units, unit
from nnbook.activations import log_sum, sigmoid, softplus
from nnbook.autodiff import Tensor
from nnbook.losses import arguments
from nnbook.losses.record import as_loss, by_row

# Regression


@as_loss(arguments.regression, by="prediction")
def mse(prediction, target):
    """Squared error, (prediction - target)²; its mean is the MSE. No ½.

    prediction and target of one shape, any; the mean is over all elements. In the squared unit of
    the target. Gradient by prediction 2 (prediction - target).

    Many texts have ½ (…)², with the gradient prediction - target. Raises ValueError for unequal
    shapes and a target that is not finite.
    """
    return (prediction - target) ** 2


@mse.derivative
def _(g, prediction, target):
    return g * 2 * (prediction - target)


@as_loss(arguments.regression, by="prediction")
def mae(prediction, target):
    """Absolute error, |prediction - target|; its mean is the MAE.

    prediction and target of one shape, any; the mean is over all elements. In the unit of the
    target. Gradient by prediction sign(prediction - target), and 0 at the kink, where they are
    equal.

    Raises ValueError for unequal shapes and a target that is not finite.
    """
    return np.abs(prediction - target)


@mae.derivative
def _(g, prediction, target):
    return g * np.sign(prediction - target)


@as_loss(arguments.regression, by="prediction", delta={"above": 0})
def huber(prediction, target, delta=1.0):
    """Huber loss: ½ r² for |r| <= delta and delta (|r| - ½ delta) beyond, r = prediction - target.

    prediction and target of one shape, any; the mean is over all elements. delta > 0 is in the unit
    of the target. Gradient by prediction: r, clipped to ±delta; the two pieces meet in value and in
    slope, so there is no kink.

    Computed as c (r - ½ c) with c = r clipped to ±delta. Frameworks: PyTorch's HuberLoss is the
    same, its SmoothL1Loss is this divided by its beta = delta. Raises ValueError for delta <= 0,
    unequal shapes and a target that is not finite.

    Source: Huber, Robust Estimation of a Location Parameter, 1964.
    """
    residual = prediction - target
    clipped = np.clip(residual, -delta, delta)
    return clipped * (residual - clipped / 2)


@huber.derivative
def _(g, prediction, target, delta):
    return g * np.clip(prediction - target, -delta, delta)


@as_loss(arguments.percentage, by="prediction")
def mape(prediction, target):
    """Absolute percentage error, 100 |prediction - target| / |target|; its mean is the MAPE.

    prediction and target of one shape, any; the mean is over all elements. In percent: 50 means
    half of the target. Gradient by prediction 100 sign(prediction - target) / |target|, and 0 at
    the kink, where they are equal.

    Frameworks: scikit-learn's is a fraction, not percent, and divides by an epsilon where the
    target is 0, so that one such target outweighs all others. Raises ValueError for a target of 0,
    one that is not finite, and unequal shapes.
    """
    return 100 * np.abs((prediction - target) / target)


@mape.derivative
def _(g, prediction, target):
    return g * 100 * np.sign(prediction - target) / np.abs(target)


# Classification


@as_loss(arguments.binary_probability, by="probability")
def binary_cross_entropy(probability, target):
    """Binary cross-entropy, -(y log p + (1 - y) log(1 - p)), p the probability and y the target.

    probability and target of one shape, any, all in [0, 1]; the mean is over all elements. A target
    strictly between 0 and 1 is a soft label. 0 log 0 counts as 0. Gradient by probability
    -y/p + (1 - y)/(1 - p): ±inf where certain and wrong, and ∓1 where certain and right.

    Frameworks: PyTorch's BCELoss cuts the logarithms off at -100, so that certain and wrong costs
    100. For a logit there is `binary_cross_entropy_with_logits`, which loses no digits near 1.
    Raises ValueError for what is not in [0, 1], NaN included, and for unequal shapes.
    """
    p = np.where(target == 0, 1, probability)  # for 0 log 0
    q = np.where(target == 1, 0, probability)
    return 0 - target * np.log(p) - (1 - target) * np.log1p(-q)


@binary_cross_entropy.derivative
def _(g, probability, target):
    p = np.where(target == 0, 1, probability)
    q = np.where(target == 1, 0, probability)
    return g * ((1 - target) / (1 - q) - target / p)


@as_loss(arguments.binary_logit, by="logit")
def binary_cross_entropy_with_logits(logit, target):
    """Binary cross-entropy of the probability σ(z): y log(1 + e^-z) + (1 - y) log(1 + e^z).

    z is the logit and y the target, of one shape, any; y in [0, 1], between them a soft label. The
    mean is over all elements. Finite for every finite logit, and accurate in both tails. Gradient
    by logit σ(z) - y, computed as (1 - y) σ(z) - y σ(-z).

    Raises ValueError for a target outside [0, 1] and for unequal shapes.
    """
    return _binary_loss(logit, target)


def _binary_loss(z, y):
    # A certain target does not count the other term, which is infinite for an infinite logit.
    yes = np.where(y == 0, 0, softplus.fn(-z))
    no = np.where(y == 1, 0, softplus.fn(z))
    return y * yes + (1 - y) * no


def _binary_slope(z, y):
    return (1 - y) * sigmoid.fn(z) - y * sigmoid.fn(-z)


@binary_cross_entropy_with_logits.derivative
def _(g, logit, target):
    return g * _binary_slope(logit, target)


@as_loss(arguments.probability_and_one_hot, by="probability", examples=by_row)
def cross_entropy(probability, one_hot):
    """Cross-entropy of distributions, -Σ_c y_c log p_c, p the probability and y the one-hot target.

    probability and one_hot of one shape, (N, C), each row a distribution: no negative entries, and
    a sum within 1e-6 of 1. Any distribution will do for a target (soft labels). 0 log 0 counts as
    0. (N,) losses. Gradient by probability -y_c / p_c, and 0 where y_c is 0, whatever p_c is.

    For logits there is `softmax_cross_entropy`. Raises ValueError for what is not a distribution,
    NaN included, and for unequal shapes.
    """
    p = np.where(one_hot == 0, 1, probability)  # for 0 log 0
    return 0 - np.sum(one_hot * np.log(p), axis=-1)


@cross_entropy.derivative
def _(g, probability, one_hot):
    p = np.where(one_hot == 0, 1, probability)
    return -g[..., None] * one_hot / p


@as_loss(arguments.logits_and_labels, by="logits", examples=by_row)
def softmax_cross_entropy(logits, labels):
    """Cross-entropy of softmax(z): log Σ_j e^z_j - z_y for the logits z and the label y.

    logits (N, C); labels are integers (N,) from 0 to C - 1, or distributions (N, C), for which it
    is log Σ_j e^z_j - Σ_c y_c z_c: no negative entries, and a sum within 1e-6 of 1. (N,) losses.
    Also without the axis N, for a single vector, or with several. Gradient by logits
    softmax(z) - y, with y as one-hot. A logit of -inf has probability 0; NaN, +inf, and a row of
    nothing but -inf give NaN.

    The largest logit is subtracted first, so that nothing overflows, and a loss near 0 keeps its
    digits. Frameworks: PyTorch's CrossEntropyLoss is the same (and takes logits, in spite of its
    name). Raises ValueError for labels out of range, integers written as floats, what is not a
    distribution, and shapes that do not fit.
    """
    return _label_loss(logits, labels)


def _label_loss_and_slope(z, labels):
    """The losses, and a function that gives their slopes: one pass over the exponentials."""
    rows = (np.arange(len(z)),) if z.ndim == 2 else np.indices(z.shape[:-1], sparse=True)
    top = (*rows, z.argmax(axis=-1))
    shifted = z - z[top][..., None]
    e = np.exp(shifted)
    e[top] -= 1  # which is the 1 of log1p, so that a loss near 0 keeps its digits
    rest = e.sum(axis=-1)
    if labels.shape == z.shape:
        at, one_hot = ..., labels
        right = np.sum(labels * np.where(labels == 0, 0, shifted), axis=-1)
    else:
        at, one_hot = (*rows, labels), 1
        right = shifted[at]

    def slope():
        p = e / (1 + rest)[..., None]
        p[top] += 1 / (1 + rest)
        p[at] -= one_hot
        return p

    return np.log1p(rest) - right, slope


def _label_loss(z, labels):
    if type(z) is not Tensor:
        return _label_loss_and_slope(z, labels)[0]
    shifted = z - np.max(z, axis=-1, keepdims=True)
    total = log_sum(shifted, -1)[..., 0]
    if labels.shape == z.shape:
        return total - np.sum(labels * np.where(labels == 0, 0, shifted), axis=-1)
    return total - shifted[(*np.indices(labels.shape, sparse=True), labels)]


def _label_slope(z, labels):
    if type(z) is not Tensor:
        return _label_loss_and_slope(z, labels)[1]()
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    one_hot = labels if labels.shape == z.shape else labels[..., None] == np.arange(z.shape[-1])
    return e / np.sum(e, axis=-1, keepdims=True) - one_hot


@softmax_cross_entropy.derivative
def _(g, logits, labels):
    return g[..., None] * _label_slope(logits, labels)


@softmax_cross_entropy.in_one_pass
def _(logits, labels):
    each, slope = _label_loss_and_slope(logits, labels)
    return each, lambda g: g[..., None] * slope()


@as_loss(arguments.p_and_q, by=("p", "q"), examples=by_row)
def kl_divergence(p, q):
    """Kullback-Leibler divergence KL(p ‖ q) = Σ_c p_c log(p_c / q_c).

    p and q of one shape, (N, C), each row a distribution: no negative entries, and a sum within
    1e-6 of 1. (N,) losses, in nats. Where p_c is 0 the term is 0, whatever q_c is; where q_c is 0
    and p_c is not, it is inf. Not symmetric. Never negative, but for rounding (1e-16 or so).

    Gradients: by p, log(p_c / q_c) + 1, which is -inf where p_c is 0 and +inf where q_c is, and is
    taken as 0 where both are; by q, -p_c / q_c, and 0 where p_c is 0.

    Frameworks: PyTorch's KLDivLoss takes (log q, p), in this order, and its "mean" divides by the
    number of entries, not of examples. Raises ValueError for what is not a distribution, NaN
    included, and for unequal shapes.

    Source: Kullback and Leibler, On Information and Sufficiency, 1951.
    """
    p_or_1, q_or_1 = np.where(p == 0, 1, p), np.where(p == 0, 1, q)
    return np.sum(p * (np.log(p_or_1) - np.log(q_or_1)), axis=-1)


@kl_divergence.derivative
def _(g, p, q):
    g = g[..., None]
    neither = (p == 0) & (q == 0)
    by_p = np.log(np.where(neither, 1, p)) - np.log(np.where(neither, 1, q)) + 1
    by_q = -p / np.where(p == 0, 1, q)
    return g * np.where(neither, 0, by_p), g * by_q


# Metric learning


@as_loss(arguments.distance_and_same, by="distance", margin={"at_least": 0})
def contrastive(distance, same, margin=1.0):
    """Contrastive loss, y D² + (1 - y) max(0, margin - D)², D the distance and y = same. No ½.

    distance and same of one shape, any: D >= 0 between the two of a pair, y = 1 for a pair that
    belongs together and 0 for one that does not; the mean is over all elements. margin >= 0 is a
    distance. Gradient by distance 2 y D - 2 (1 - y) max(0, margin - D): no kink at D = margin, and
    -2 margin at D = 0 for y = 0.

    The paper has ½ before both terms, and y the other way round. Raises ValueError for a negative
    distance or margin, for same other than 0 and 1, and for unequal shapes.

    Source: Hadsell, Chopra and LeCun, Dimensionality Reduction by Learning an Invariant Mapping,
    2006.
    """
    return np.where(same == 1, distance, np.maximum(0, margin - distance)) ** 2


@contrastive.derivative
def _(g, distance, same, margin):
    return g * 2 * np.where(same == 1, distance, -np.maximum(0, margin - distance))


@as_loss(
    arguments.triplets,
    by=("anchor", "positive", "negative"),
    examples=by_row,
    margin={"at_least": 0},
)
def triplet(anchor, positive, negative, margin=1.0):
    """Triplet loss, max(0, ‖a - p‖ - ‖a - n‖ + margin), with Euclidean distances, not squared.

    anchor, positive and negative of one shape, (N, D); margin >= 0 is a distance. (N,) losses.
    Gradients, where the loss is positive, with the unit vectors u = (a - p)/‖a - p‖ and
    v = (a - n)/‖a - n‖: u - v by anchor, -u by positive, v by negative. All are 0 where the loss
    is 0, at the kink as well, and u or v is taken as 0 where its distance is 0.

    Frameworks: PyTorch's TripletMarginLoss adds 1e-6 to each entry of the differences; FaceNet has
    squared distances. Raises ValueError for a negative margin and for unequal shapes.

    Sources: Weinberger and Saul, Distance Metric Learning for Large Margin Nearest Neighbor
    Classification, 2009; Schroff, Kalenichenko and Philbin, FaceNet, 2015.
    """
    near, far = _length(anchor - positive), _length(anchor - negative)
    return np.maximum(0, near - far + margin)


@triplet.derivative
def _(g, anchor, positive, negative, margin):
    near, far = _length(anchor - positive), _length(anchor - negative)
    active = (g * (near - far + margin > 0))[..., None]
    u, v = unit(anchor - positive), unit(anchor - negative)
    return active * (u - v), -active * u, active * v


@as_loss(
    arguments.query_and_others,
    by=("query", "positive", "negatives"),
    examples=by_row,
    temperature={"above": 0, "divides": True},
)
def info_nce(query, positive, negatives, temperature=0.1):
    """InfoNCE, -log(e^(s₊/τ) / (e^(s₊/τ) + Σ_k e^(s_k/τ))), s the cosine similarity to the query.

    query and positive (N, D), negatives (N, K, D), each query with K >= 1 of its own; temperature
    τ > 0. (N,) losses: the softmax cross-entropy of the K + 1 similarities over τ, with the
    positive for a label. The similarity to a zero vector is 0, and so is the gradient by it.

    With p = softmax over the K + 1, the gradient by a similarity is (p - 1)/τ for the positive and
    p_k/τ for a negative. A vector's own gradient is perpendicular to it and goes with 1/length.
    Raises ValueError for τ < 1e-300 and shapes that do not fit.

    Source: van den Oord, Li and Vinyals, Representation Learning with Contrastive Predictive
    Coding, 2018 (there with a learned bilinear score in place of the cosine).
    """
    q, others = unit(query), unit(_beside(positive, negatives))
    return _label_loss(_similarities(q, others) / temperature, _first(others))


@info_nce.derivative
def _(g, query, positive, negatives, temperature):
    others = _beside(positive, negatives)
    q, u = unit(query), unit(others)
    by_similarity = _label_slope(_similarities(q, u) / temperature, _first(u)) / temperature
    weight = (g[..., None] * by_similarity)[..., None]
    by_others = _through_unit(weight * q[..., None, :], others)
    by_query = _through_unit(np.sum(weight * u, axis=-2), query)
    return by_query, by_others[..., 0, :], by_others[..., 1:, :]


def _beside(positive, negatives):
    return np.concatenate([positive[..., None, :], negatives], axis=-2)


def _similarities(q, others):
    return np.matmul(others, q[..., None])[..., 0]


def _first(others):
    return np.zeros(others.shape[:-2], dtype=np.intp)


@as_loss(
    arguments.views,
    by=("view_a", "view_b"),
    examples=lambda view_a, view_b: (2 * len(view_a),),
    temperature={"above": 0, "divides": True},
)
def nt_xent(view_a, view_b, temperature=0.5):
    """NT-Xent: InfoNCE within a batch, each of the 2N vectors against the 2N - 1 others.

    L_i = -log(e^(s_ij/τ) / Σ_(k≠i) e^(s_ik/τ)), s the cosine similarity and j the other view of i.
    view_a and view_b (N, D), row by row two views of the same; temperature τ > 0. (2N,) losses,
    those of view_a first, and the mean is over all 2N. The denominator has the positive and
    2N - 2 negatives, and not i itself; for N = 1 it has no negative, and the loss is 0.

    The similarity to a zero vector is 0, and so is the gradient by it. Each vector has a gradient
    from its own loss and from the losses of all others. Raises ValueError for τ < 1e-300,
    unequal shapes and what is not (N, D).

    Source: Chen, Kornblith, Norouzi and Hinton, A Simple Framework for Contrastive Learning of
    Visual Representations (SimCLR), 2020.
    """
    u = unit(np.concatenate([view_a, view_b]))
    return _label_loss(_all_but_itself(u) / temperature, _other_view(u))


@nt_xent.derivative
def _(g, view_a, view_b, temperature):
    z = np.concatenate([view_a, view_b])
    u = unit(z)
    weight = g[..., None] * _label_slope(_all_but_itself(u) / temperature, _other_view(u))
    by_z = _through_unit((weight + weight.T) @ u / temperature, z)
    return by_z[: len(view_a)], by_z[len(view_a) :]


def _all_but_itself(u):
    return np.where(np.eye(len(u), dtype=bool), -np.inf, u @ u.T)


def _other_view(u):
    return np.roll(np.arange(len(u)), len(u) // 2)


# Recommenders


@as_loss(arguments.scores, by=("positive_score", "negative_score"))
def bpr(positive_score, negative_score):
    """Bayesian personalized ranking, -log σ(s₊ - s₋) = log(1 + e^-(s₊ - s₋)).

    positive_score and negative_score of one shape, any: a user's scores of an item that was chosen
    and of one that was not; the mean is over all elements. Gradient by positive_score -σ(s₋ - s₊),
    by negative_score the opposite.

    The paper adds a penalty on the parameters; here that is a matter of the optimizer or of
    `penalties`. Raises ValueError for unequal shapes.

    Source: Rendle, Freudenthaler, Gantner and Schmidt-Thieme, BPR: Bayesian Personalized Ranking
    from Implicit Feedback, 2009.
    """
    return softplus.fn(negative_score - positive_score)


@bpr.derivative
def _(g, positive_score, negative_score):
    by_negative = g * sigmoid.fn(negative_score - positive_score)
    return -by_negative, by_negative


@as_loss(arguments.users_and_items, by=("user", "item"), examples=by_row)
def dot_product(user, item, label):
    """Binary cross-entropy of the probability σ(user · item): is this item one for this user?

    user and item (N, D), row by row a pair; label (N,), 1 for a match and 0 for none, in between a
    soft label. (N,) losses. Gradients (σ(user · item) - label) item by user, and the same times
    user by item: both 0 where both vectors are 0, a saddle point.

    Raises ValueError for labels outside [0, 1] and for shapes that do not fit.
    """
    return _binary_loss(np.sum(user * item, axis=-1), label)


@dot_product.derivative
def _(g, user, item, label):
    by_score = (g * _binary_slope(np.sum(user * item, axis=-1), label))[..., None]
    return by_score * item, by_score * user


#: All of them, in the order of this module.
ALL = (
    *(mse, mae, huber, mape),
    *(binary_cross_entropy, binary_cross_entropy_with_logits),
    *(cross_entropy, softmax_cross_entropy, kl_divergence),
    *(contrastive, triplet, info_nce, nt_xent),
    *(bpr, dot_product),
)


# Vectors along the last axis


def _length(x):
    """‖x‖, the root of the sum of squares."""
    u, largest = in_units(x, -1)
    return (largest * _root_of_squares(u, largest))[..., 0]


def _through_unit(g, x):
    """The gradient by x, for g by unit(x): (g - (g · u) u) / ‖x‖, and 0 for a zero vector."""
    u, (x, largest) = unit(x), in_units(x, -1)
    across = g - np.sum(g * u, axis=-1, keepdims=True) * u
    zero = largest == 0
    # One factor of the length after the other: their product may be infinite or 0.
    return np.where(zero, 0, across / _root_of_squares(x, largest) / np.where(zero, 1, largest))


def _root_of_squares(u, largest):
    return np.sqrt(np.where(largest == 0, 1, np.sum(np.square(u), axis=-1, keepdims=True)))
