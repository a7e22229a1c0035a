"""Between its nodes, a page shows what matplotlib draws: its script in Node, against full drawings.

Kinds of figures that a hand moves continuously; errors are in CSS pixels at 690 pixels' width.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from explorable import explore, log
from explorable.nodes import Problem
from in_node import drawings
from reading_svg import same, shapes
from test_explorable import ALT, by_matplotlib, figure

X = np.linspace(0, 1, 40)


def descent():
    """A path, its loss on a logarithmic axis and a title with numbers; the start is dragged."""
    fig, (left, right) = figure(1, 2)
    (path,) = left.plot([], [], "o-")
    (dot,) = left.plot([], [], "ro")
    left.set(xlim=(-3, 3), ylim=(-2, 2))
    right.set(xlim=(0, 20), ylim=(1e-8, 1e3), yscale="log")
    (loss,) = right.plot([], [])
    title = right.set_title(" ")

    def update(eta, w0, w1):
        points = np.array([w0, w1]) * (1 - eta * np.array([1, 10])) ** np.arange(21)[:, None]
        losses = (points**2 @ [1, 10]) / 2
        path.set_data(points.T)
        dot.set_data([w0], [w1])
        loss.set_data(range(21), losses)
        title.set_text(f"η = {eta:.3f}: {losses[-1]:.1e}")
        return f"The loss ends at {losses[-1]:.1e}."

    return fig, update, {"eta": (0.01, 0.22), "w0": (-3.0, 3.0), "w1": (-2.0, 2.0)}


def tangent():
    """A choice of functions, one with a kink, and a point with its tangent."""
    fig, ax = figure()
    grid = np.linspace(-4, 4, 81)
    (curve,) = ax.plot(grid, grid)
    (line,), (dot,) = ax.plot([0, 1], [0, 1]), ax.plot([0], [0], "o")
    ax.set(xlim=(-4, 4), ylim=(-2, 4))
    title = ax.set_title(" ")
    names = {
        "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
        "relu": (lambda x: np.maximum(x, 0), lambda x: 1.0 * (x > 0)),
    }

    def update(f, x, k):
        y, slope = names[f][0](k * x), k * names[f][1](k * x)
        curve.set_ydata(names[f][0](k * grid))
        line.set_data([x - 1, x + 1], [y - slope, y + slope])
        dot.set_data([x], [y])
        title.set_text(f"slope {slope:.2f}".replace("-", "−"))

    return fig, update, {"f": ["tanh", "relu"], "x": (-4.0, 4.0), "k": log(0.5, 4)}


def steps():
    """Time in whole steps, a bar for each part, bars that fade."""
    fig, ax = figure()
    bars = ax.bar(range(3), [1, 1, 1], color="#336699")
    ax.set_ylim(0, 1)
    note = ax.annotate("", (0, 0), ha="center")

    def update(t, p):
        for k, bar in enumerate(bars):
            bar.set_height(p ** ((k + 1) * t / 4))
            bar.set_alpha(p)
        note.xy = (1, p)
        note.set_position((1, p / 2))
        note.set_text(f"{100 * p:.0f} %")

    return fig, update, {"t": (0, 6), "p": (0.1, 0.9)}


def places(controls, count, seed):
    rng = np.random.default_rng(seed)

    def value(given):
        if isinstance(given, tuple):
            whole = all(isinstance(v, int) for v in given)
            return (
                int(rng.integers(given[0], given[1] + 1)) if whole else float(rng.uniform(*given))
            )
        if isinstance(given, list):
            return given[rng.integers(len(given))]
        return float(np.exp(rng.uniform(np.log(given.low), np.log(given.high))))

    return [{name: value(given) for name, given in controls.items()} for _ in range(count)]


@pytest.mark.parametrize("kind", [descent, tangent, steps], ids=lambda kind: kind.__name__)
def test_between_nodes_it_is_what_matplotlib_draws(kind):
    fig, update, controls = kind()
    explorer = explore(fig, update, alt=ALT, **controls)
    report = explorer.report
    assert report["places"] >= 200
    assert report["worst"] <= 0.5 and report["snaps"] <= 0.1 and report["misread"] == 0
    tried = places(controls, 60, seed=3)
    pages = drawings(explorer.html, tried)
    assert np.mean([page["snapped"] for page in pages]) <= 0.1
    half = 0.5 * 403.2 / 690 + 0.03  # half a pixel in points, and what rounding in text takes
    wrong = []
    for page, values in zip(pages, tried, strict=True):
        update(**values)
        if not page["snapped"]:
            why = same(shapes(page["svg"]), shapes(by_matplotlib(fig)), tolerance=half)
            wrong += [(values, why)] if why else []
    assert not wrong


def test_only_what_depends_is_drawn():
    fig, update, controls = descent()
    explorer = explore(fig, update, alt=ALT, **controls)
    assert explorer.report["nodes"]["w0"] <= 3 and explorer.report["nodes"]["w1"] <= 3
    assert explorer.report["drawings"] < 4000
    said = drawings(explorer.html, [{"eta": 0.1, "w0": 1.0, "w1": 1.0}])[0]["words"]
    assert said == f"The loss ends at {0.9**40 / 2:.1e}."


def test_a_point_to_drag_is_where_it_is_drawn():
    fig, ax = figure()
    (line,), (dot,) = ax.plot(X, X), ax.plot([0.5], [0.5], "o")
    ax.set(xlim=(0, 1), ylim=(0, 1))

    def update(a):
        dot.set_data([a], [a**2])
        line.set_ydata(a * X)

    (explorer,) = [explore(fig, update, alt=ALT, a=(0.0, 1.0), drag={dot: {"x": "a"}})]
    (page,) = drawings(explorer.html, [{"a": 0.3}], handles=1)
    x, y = ax.transData.transform((0.3, 0.09)) * 72 / fig.dpi
    assert np.allclose(page["points"][0], (x, 201.6 - y), atol=0.1)


def test_what_jumps_shows_the_nearer_node_and_is_counted():
    fig, ax = figure()
    (line,) = ax.plot(X, X)

    def update(a):
        line.set_data(X[: 3 if a < 0.35 else 5], X[: 3 if a < 0.35 else 5] * a)

    explorer = explore(fig, update, alt=ALT, a=(0.0, 1.0))
    assert 0 <= explorer.report["snaps"] <= 0.05
    tried = [{"a": a} for a in (0.1, 0.34, 0.349, 0.351, 0.36, 0.9)]
    pages = drawings(explorer.html, tried)
    for page, values in zip(pages, tried, strict=True):
        update(**values)
        wrong = same(shapes(page["svg"]), shapes(by_matplotlib(fig)), tolerance=0.3)
        assert page["snapped"] or not wrong, values
    assert not pages[0]["snapped"] and not pages[-1]["snapped"]


def test_at_a_mark_the_page_shows_the_drawing_itself():
    """No random place meets it, and only there the drawing is another."""
    fig, ax = figure()
    (line,), title = ax.plot(X, X), ax.set_title(" ")
    special = 2**0.5

    def update(a):
        line.set_ydata(np.where(abs(a - special) < 1e-9, 0, X * a))
        title.set_text("flat" if abs(a - special) < 1e-9 else "steep")

    explorer = explore(fig, update, alt=ALT, a=(1.0, 2.0), marks={"a": {"√2": special}})
    (page,) = drawings(explorer.html, [{"a": special}])
    update(special)
    assert not same(shapes(page["svg"]), shapes(by_matplotlib(fig)), tolerance=0.3)
    assert explorer.report["snaps"] <= 0.1


def test_noise_cannot_be_interpolated_and_says_so():
    fig = Figure(figsize=(4, 3))
    (line,) = fig.subplots().plot(X, X)

    def update(a):
        line.set_ydata(np.random.default_rng(int(a * 1e9)).random(40))

    with pytest.raises(ValueError, match=r"cannot be interpolated along a.*update\(a=0\.\d+"):
        explore(fig, update, alt=ALT, a=(0.0, 1.0))


@pytest.mark.parametrize("at", [0.02, 0.98])
def test_a_number_that_jumps_once_is_seen_to_depend(at):
    """Also where all random places lie on one side of the jump, as may be by chance."""
    chance = SimpleNamespace(random=lambda n=None: 0.6 if n is None else np.full(n, 0.6))

    def sample(place):
        return 0, np.array([float(place["z"] > at), 7.0])

    problem = Problem(sample, None, {"z": None}, {"z": 1}, chance)
    assert problem.dependence().tolist() == [[True, False]]


@pytest.mark.parametrize("b", [range(20), (0.0, 19.0)], ids=["stops", "continuous"])
def test_a_control_that_seldom_matters_is_found(b):
    """A line and a point that depend on b, and a title that changes, for two values of a only."""
    fig, (left, right) = figure(1, 2)
    (line,), (dot,) = left.plot([], []), right.plot([0.5], [0.5], "o")
    left.set(xlim=(-1, 2), ylim=(-1, 40))
    right.set(xlim=(0, 1), ylim=(0, 30))
    title = left.set_title("none")

    def update(a, b):
        rare = a >= 18
        line.set_data([0, 1], [a, a + (b if rare else 0)])
        dot.set_ydata([5 + (b if rare else 0)])
        title.set_text("many" if rare else "none")

    explorer = explore(fig, update, alt=ALT, a=range(20), b=b)
    tried = [{"a": a, "b": float(v)} for a in (0, 7, 17, 18, 19) for v in (0, 3, 11, 19)]
    for page, values in zip(drawings(explorer.html, tried), tried, strict=True):
        update(**values)
        assert same(shapes(page["svg"]), shapes(by_matplotlib(fig)), tolerance=0.35) == "", values


def test_a_count_jumps_and_what_rounds_to_zero_has_no_sign():
    fig, ax = figure()
    (line,), title = ax.plot(X, X), ax.set_title(" ")

    def update(a):
        line.set_ydata(a * X)
        title.set_text(f"{sum(a > each for each in (0.21, 0.52, 0.83))} of 3")
        return f"It is {a - 0.5:.1f}, that is {a - 0.5:+z.1f}."

    explorer = explore(fig, update, alt=ALT, a=(0.0, 1.0))
    assert explorer.report["snaps"] <= 0.1 and explorer.report["misread"] == 0
    tried = [{"a": a} for a in (0.1, 0.3, 0.47, 0.53, 0.8, 0.9)]
    pages = drawings(explorer.html, tried)
    numbers = ("-0.4", "-0.2", "0.0", "0.0", "0.3", "0.4")
    signed = ("-0.4", "-0.2", "+0.0", "+0.0", "+0.3", "+0.4")
    said = [f"It is {one}, that is {other}." for one, other in zip(numbers, signed, strict=True)]
    assert [page["words"] for page in pages] == said
    for page, values in zip(pages, tried, strict=True):
        update(**values)
        assert not same(shapes(page["svg"]), shapes(by_matplotlib(fig)), tolerance=0.3), values


def test_where_a_size_varies_nothing_is_nothing():
    """Such numbers are kept as logarithms. 0 has none, and is so seldom that it comes late."""
    fig, ax = figure()
    title = ax.set_title(" ")

    def update(w):
        size = abs(w / 8) ** 20
        title.set_text(f"size {size:.1e}")
        return f"It is {size:.2g}."

    explorer = explore(fig, update, alt=ALT, w=range(-60, 61), start={"w": 5})
    tried = [{"w": w} for w in (0, 7, 50)]
    for page, values in zip(drawings(explorer.html, tried), tried, strict=True):
        assert page["words"] == update(**values)
        assert not same(shapes(page["svg"]), shapes(by_matplotlib(fig)), tolerance=0.3), values


@pytest.mark.filterwarnings("error")
def test_a_number_that_is_too_large_to_be_packed_is_told_as_words():
    fig, ax = figure()
    title = ax.set_title(" ")

    def update(k):
        title.set_text(f"{-(10.0**k):.1f}")

    explorer = explore(fig, update, alt=ALT, k=[0, 3, 30])
    said = [page["words"] for page in drawings(explorer.html, [{"k": k} for k in (0, 3, 30)])]
    assert said == ["-1.0", "-1000.0", f"{-1e30:.1f}"]
