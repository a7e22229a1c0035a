"""What controls offer, where their thumbs stand, how they read; what of them is refused."""

import math

import numpy as np
import pytest
from matplotlib.figure import Figure

from explorable import explore, log
from explorable.controls import checked_start, controls_of
from explorable.inputs import ticks
from explorable.panels import panels
from explorable.svg import canvas
from explorable.words import spoken


def one(offer, **more):
    return controls_of({"k": offer}, **more)[0]


@pytest.mark.parametrize(
    ("offer", "kind", "scale", "values"),
    [
        ((0.0, 2.2), "continuous", "linear", ()),
        ((0, 2.2), "continuous", "linear", ()),
        ((np.float64(-1), np.int64(1)), "continuous", "linear", ()),
        (log(1, 100), "continuous", "log", ()),
        ((0, 3), "stops", "linear", (0, 1, 2, 3)),
        ((0, 10, 4), "stops", "linear", (0, 4, 8)),
        ((0, 0.5, 0.1), "stops", "linear", (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)),
        ((-0.3, 0.3, 0.3), "stops", "linear", (-0.3, 0.0, 0.3)),
        ([5, 1, 3], "stops", "linear", (1, 3, 5)),
        (range(1, 4), "stops", "linear", (1, 2, 3)),
        ([1, 3, 10, 30], "stops", "log", (1, 3, 10, 30)),
        ([5, 10, 20, 50, 100], "stops", "log", (5, 10, 20, 50, 100)),
        ([0, 1, 10, 100], "stops", "linear", (0, 1, 10, 100)),
        ([1, 100], "stops", "linear", (1, 100)),
        ([10, 20, 30], "stops", "linear", (10, 20, 30)),
        (["b", "a"], "choice", "linear", ("b", "a")),
        (("b", "a"), "choice", "linear", ("b", "a")),
    ],
)
def test_controls_say_what_interact_says(offer, kind, scale, values):
    control = one(offer)
    assert (control.kind, control.scale, control.values) == (kind, scale, values)
    assert [type(v) for v in control.values] == [type(v) for v in values]
    for u in np.linspace(0, 1, 41):
        value = control.at(u)
        assert values == () or value in values
        if kind != "choice":
            assert control.low <= value <= control.high
            assert control.at(control.place(value)) == pytest.approx(value, rel=1e-12, abs=1e-15)
            assert control.nearest(value) == value


def test_a_place_is_the_value_s_place_on_its_scale():
    eta, kappa, stops = one((-1.0, 3.0)), one(log(0.01, 100)), one([0, 1, 4])
    assert [eta.place(v) for v in (-1, 0, 3)] == [0, 0.25, 1]
    assert eta.at(0.75) == 2 and eta.at(-7) == -1 and eta.at(7) == 3
    assert kappa.place(1) == pytest.approx(0.5) and kappa.at(0.75) == pytest.approx(10)
    assert kappa.at(0) == 0.01 and kappa.at(1) == 100
    assert [stops.at(u) for u in (0, 0.12, 0.13, 0.6, 0.7)] == [0, 0, 1, 1, 4]


@pytest.mark.parametrize(
    ("offer", "value", "text", "short"),
    [
        ((0.0, 2.2), 1.9, "1.90", "1.9"),
        ((0.0, 2.2), 2.0, "2.00", "2"),
        ((0.0, 1.0), 1 / 3, "0.333", "0.333"),
        ((-2.0, 2.0), -0.5, "−0.50", "−0.5"),
        ((-2.0, 2.0), -0.001, "0.00", "0"),
        ((0.0, 5000.0), 1234.0, "1234", "1234"),
        (log(1, 1000), 12.345, "12.3", "12.3"),
        (log(1e-6, 1), 3.21e-5, "3.21e-5", "3.21e-5"),
        ((0, 40), 7, "7", "7"),
        ([1e-6, 1e-3, 1], 1e-6, "1e-6", "1e-6"),
    ],
)
def test_values_read_with_the_digits_that_a_hand_can_set(offer, value, text, short):
    assert (one(offer).text(value), one(offer).text(value, short=True)) == (text, short)


def test_ticks_are_round_and_few():
    assert ticks(one((0.0, 2.2))) == [0, 0.5, 1, 1.5, 2]
    assert ticks(one(log(1e-3, 1))) == pytest.approx([1e-3, 1e-2, 0.1, 1])
    assert ticks(one(log(1, 10))) == pytest.approx([1, 2, 5, 10])
    assert ticks(one((0, 40))) == [0, 10, 20, 30, 40]
    assert ticks(one([1, 2, 5])) == [1, 2, 5]
    assert ticks(one([round(2 ** (k / 6), 3) for k in range(-6, 25)])) == [0.5, 1, 2, 4, 8]
    assert ticks(one((0, 60, 4))) == [0, 20, 40, 60]
    for offer in ((0.0, 1e-7), (-1e9, 1e9), log(1e-30, 1e30), (3.3, 3.4), (0, 1999), (0, 13)):
        assert 2 <= len(ticks(one(offer))) <= 13


def test_marks_stand_in_the_order_of_their_values():
    control = one((0.0, 2.2), marks={"k": {"2/λ": 2.0, "best": np.float64(1)}}, play="k")
    assert control.marks == (("best", 1), ("2/λ", 2)) and control.play
    assert one((0, 4), marks={"k": {"end": 4}}).marks == (("end", 4),)
    assert checked_start({"k": 1}, [control]) == {"k": 1}
    assert checked_start(None, [control]) == {"k": 0}
    assert checked_start(None, [one([5, 1, 3])]) == {"k": 5}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("η", "eta"), ("λ", "lambda"), ("w₀", "w 0"), ("β₁ = 2/λ", "beta 1 equals 2 over lambda"),
        ("−0.5", "minus 0.5"), ("-0.5", "minus 0.5"), ("1e-6", "1 times 10 to the minus 6"),
        ("2e5", "2 times 10 to the 5"), ("step t", "step t"), ("a rate η", "a rate eta"),
        ("√v̂ + ε", "root of v hat plus epsilon"), ("and/or", "and/or"), ("L2-norm", "L2-norm"),
        ("x²", "x squared"), ("batch size", "batch size"), ("10⁻³", "10 to the minus 3"),
    ],
)  # fmt: skip
def test_signs_are_said_in_words(text, said):
    assert spoken(text) == said


# ---- What is refused


@pytest.mark.parametrize(
    ("offer", "message"),
    [
        ((1, 0), "control k must have low below high"),
        ((0.5, 0.5), "control k must have low below high"),
        ((0, 1, 0), "control k must have a step above 0"),
        ((0, 1, -0.1), "control k must have a step above 0"),
        ((0, 1, 2), "control k must have a step that fits"),
        ((1, 2, 3, 4), r"control k must be \(low, high\)"),
        ((1.0,), r"control k must be \(low, high\)"),
        ((0.0, float("inf")), "control k must hold finite numbers"),
        ((float("nan"), 1.0), "control k must hold finite numbers"),
        ((0, 10**400), "control k must hold finite numbers"),
        ((0, 1, 1e-9), "control k must have at most 2000 stops"),
        ((0, 5000), "control k must have at most 2000 stops"),
        ((0, "1"), "control k must hold only numbers or only strings"),
        ((True, False), "control k must hold only numbers or only strings"),
        ((0, None), "control k must hold only numbers or only strings"),
        pytest.param(log, "control k must be a list", id="log"),
        (1.0, "control k must be a list"),
    ],
    ids=repr,
)
def test_a_wrong_offer_is_named(offer, message):
    with pytest.raises(ValueError, match=message):
        one(offer)


@pytest.mark.parametrize(
    ("ends", "message"),
    [
        ((0, 1), "low must be a finite number above 0, got 0"),
        ((-1, 1), "low must be a finite number above 0, got -1"),
        ((1, -1), "high must be a finite number above 0, got -1"),
        ((2, 1), "high must be above low = 2, got 1"),
        ((1, 1), "high must be above low = 1, got 1"),
        (("1", 2), "low must be a finite number above 0, got '1'"),
        ((1, math.inf), "high must be a finite number above 0, got inf"),
        ((True, 2), "low must be a finite number above 0, got True"),
    ],
)
def test_a_wrong_log_is_named(ends, message):
    with pytest.raises(ValueError, match=message):
        log(*ends)


def example():
    fig = Figure()
    ax, other = fig.subplots(1, 2)
    (dot,) = ax.plot([0.5], [0.5], "o")
    (path,) = other.plot([0, 1], [0, 1])
    (fixed,) = other.plot([0.5], [0.5], "o")
    ax.set(xlim=(0, 1), ylim=(0, 1))

    def update(k, name):
        dot.set_data([k], [0.5])
        path.set_ydata([0, k])
        if name == "b":
            other.set_xlim(0, 1 + k)

    return fig, update, {"dot": dot, "path": path, "fixed": fixed}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"start": {"k": 3}}, r"start has k=3, which is not between 0.0 and 1.0"),
        ({"start": {"k": math.nan}}, "start has k=nan, which is not between"),
        ({"start": {"k": "1"}}, "start has k='1', which is not between"),
        ({"marks": 3}, "marks must be a mapping"),
        ({"marks": {"z": {}}}, "marks has 'z', but the controls are k, name"),
        ({"marks": {"k": 1.0}}, "marks must give k a mapping"),
        ({"marks": {"k": {"far": 2.0}}}, "marks has 'far' at k=2.0, which is not between 0.0 and"),
        ({"marks": {"k": {1: 0.5}}}, "marks must give k labels that are texts, got 1"),
        ({"marks": {"k": {" ": 0.5}}}, "marks must give k labels that are texts"),
        ({"marks": {"name": {"a": 0}}}, "marks has 'name', which is a choice"),
        ({"play": 1}, "play must be a control or a list of controls, got 1"),
        ({"play": "z"}, "play has 'z', but the controls are k, name"),
        ({"play": ["k", None]}, "play has None, but the controls are k, name"),
        ({"play": "name"}, "play has 'name', which is a choice"),
        ({"drag": "k"}, "drag must be a mapping"),
        ({"drag": {"dot": "k"}}, r"drag must give a Line2D \{"),
        ({"drag": {"dot": {}}}, r"drag must give a Line2D \{"),
        ({"drag": {"dot": {"z": "k"}}}, r"drag must give a Line2D \{"),
        ({"drag": {"dot": {"x": "z"}}}, "drag has 'z', but the controls are k, name"),
        ({"drag": {"dot": {"x": ["k"]}}}, r"drag has \['k'\], but the controls are k, name"),
        ({"drag": {"dot": {"x": "name"}}}, "drag has 'name', which is a choice"),
        ({"drag": {"dot": {"x": "k", "y": "k"}}}, "drag must set two different controls"),
        ({"drag": {"dot": {"y": "k"}}}, r"one point whose y is k, but at .* it is 0.5"),
        ({"drag": {"path": {"x": "k"}}}, "drag must name lines or scatters of one point, got 2"),
        ({"drag": {"fixed": {"x": "k"}}, "start": {"name": "b"}}, "drag must name one point"),
        ({"drag": {Figure(): {"x": "k"}}}, "drag must name lines or scatters .* got Figure"),
        ({"drag": {Figure().subplots().plot(1, 1)[0]: {"x": "k"}}}, "stands in no axes of this"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(more, message):
    fig, update, artists = example()
    if isinstance(more.get("drag"), dict):
        more = {**more, "drag": {artists.get(a, a): to for a, to in more["drag"].items()}}
    with pytest.raises(ValueError, match=message):
        explore(fig, update, alt="A.", k=(0.0, 1.0), name=["a", "b"], **more)


def test_a_point_in_axes_that_move_is_refused():
    fig = Figure()
    ax = fig.subplots()
    (dot,) = ax.plot([0.5], [0.5], "o")

    def update(k):
        dot.set_data([k], [0.5])
        ax.set_xlim(0, 1 + k)

    with pytest.raises(ValueError, match="drag needs axes whose limits stay, but at"):
        explore(fig, update, alt="A.", k=(0.0, 1.0), drag={dot: {"x": "k"}})
    ax.set_xscale("symlog")
    with pytest.raises(ValueError, match="drag needs axes with a linear or a log scale"):
        explore(fig, update, alt="A.", k=(0.0, 1.0), drag={dot: {"x": "k"}})


# ---- Panels


def found(fig):
    with canvas(fig) as (renderer, _):
        fig.draw(renderer)
        return panels(fig, renderer)


def test_panels_that_share_an_axis_have_numbers_each():
    fig = Figure(layout="constrained")
    axes = fig.subplots(2, 2, sharex=True, sharey="row")
    explore(fig, lambda k: axes[0, 0].set_title(f"{k}"), alt="four panels", k=[1, 2])
    for ax in axes.flat:
        for axis in (ax.xaxis, ax.yaxis):
            assert all(tick.label1.get_visible() for tick in axis.get_major_ticks())


def test_panels_are_what_can_be_parted():
    """In rows from the left; twins and colour bars go with their axes; they cover the figure."""
    fig = Figure(figsize=(6, 4), layout="constrained")
    axes = fig.subplots(2, 2)
    axes[0, 1].twinx()
    fig.colorbar(axes[1, 0].imshow([[0, 1]], aspect="auto"), ax=axes[1, 0])
    boxes = found(fig)
    assert [(box["axes"], box["row"]) for box in boxes] == [
        ([0], 0), ([1, 4], 0), ([2, 5], 1), ([3], 1),
    ]  # fmt: skip
    assert sum(b["box"][2] * b["box"][3] for b in boxes) == pytest.approx(432 * 288, rel=1e-4)
    fig.suptitle("One title for all")
    assert len(found(fig)) == 1
    wide = Figure(figsize=(6, 4), layout="constrained")
    wide.subplot_mosaic([["a", "b"], ["c", "c"]])
    assert [box["axes"] for box in found(wide)] == [[0], [1], [2]]
    alone = Figure()
    alone.subplots()
    assert [box["box"] for box in found(alone)] == [[0, 0, 460.8, 345.6]]
