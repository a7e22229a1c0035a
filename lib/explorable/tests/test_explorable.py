"""Every frame of the page equals matplotlib's own drawing, and bad input is told apart."""

import ast
import html
import io
import itertools
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axis import XAxis
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import ConnectionPatch

import explorable
from explorable import Explorer, explore, live, svg
from explorable import page as html_page
from explorable.controls import checked_start, controls_of, texts
from explorable.frames import frozen_layout
from explorable.inputs import markup
from in_node import drawings
from reading_svg import decoded, same, shapes

X = np.linspace(0, 1, 30)
ALT = "A figure."


def figure(nrows=1, ncols=1, layout="constrained", dpi=72, **subplots_kw):
    fig = Figure(figsize=(5.6, 2.8), layout=layout, dpi=dpi)
    return fig, fig.subplots(nrows, ncols, **subplots_kw)


def by_matplotlib(fig):
    """The figure as `savefig` writes it, with its axes where they are."""
    text = io.StringIO()
    settings = {"svg.fonttype": "path", "image.composite_image": False}
    with frozen_layout(fig), mpl.rc_context(settings):
        fig.savefig(text, format="svg", dpi=fig.dpi)
    return text.getvalue()


# ---- Figures of many kinds. Each returns (figure, update, controls).


def lines():
    fig, (left, right) = figure(1, 2)
    (path,) = left.plot([], [], "o-")
    left.set(xlim=(-1, 1), ylim=(-1, 1))
    right.set(xlim=(0, 9), ylim=(1e-6, 10), yscale="log")
    (loss,) = right.plot([], [])

    def update(eta, kappa):
        t = np.array([[(1 - eta) ** k, (1 - eta * kappa / 4) ** k] for k in range(10)])
        path.set_data(t.T)
        loss.set_data(range(10), (t**2).sum(axis=1))
        right.set_title(rf"$\eta = {eta}$, $\kappa = {kappa}$")

    return fig, update, {"eta": [0.1, 0.4, 0.9], "kappa": [1, 2]}


def scatter():
    fig, ax = figure()
    dots = ax.scatter(X, X, c=X, s=9)
    return fig, lambda k: dots.set_offsets(np.c_[X, X**k]), {"k": [1, 2, 3]}


def scatter_colours():
    fig, ax = figure()
    dots = ax.scatter(X, X, c=X, s=9)
    return fig, lambda k: dots.set_array(X**k), {"k": [1, 2, 3]}


def segments():
    fig, ax = figure()
    bundle = ax.add_collection(LineCollection([[(0, 0), (1, 1)]]))
    return fig, lambda k: bundle.set_segments([[(0, 0), (1, k)], [(0, k), (1, 0)]]), {"k": [0.1, 1]}


def filled():
    fig, ax = figure()
    area = ax.fill_between(X, 0, X, alpha=0.3)
    return fig, lambda k: area.set_data(X, 0, X**k), {"k": [1, 2, 3]}


def filled_by_vertices():
    fig, ax = figure()
    area = ax.fill_between(X, 0, X, hatch="//")
    return fig, lambda k: area.set_verts([np.c_[X, X**k]]), {"k": [1, 2, 3]}


def bars():
    fig, ax = figure()
    boxes = ax.bar(range(3), [1, 1, 1])

    def update(k):
        for i, box in enumerate(boxes):
            box.set_height(k / (i + 1))

    return fig, update, {"k": [0.1, 0.4, 0.8]}


def image():
    fig, ax = figure()
    picture = ax.imshow(np.eye(5))
    return fig, lambda k: picture.set_data(np.eye(5) * k), {"k": [0.2, 0.5, 0.7]}


def images():
    fig, ax = figure()
    ax.imshow(np.eye(5), extent=(0, 1, 0, 1))
    picture = ax.imshow(np.eye(5), extent=(1, 2, 0, 1))
    ax.set_xlim(0, 2)
    return fig, lambda k: picture.set_data(np.eye(5) * k), {"k": [0.2, 0.5, 0.7]}


def title_over_ticks():
    fig, ax = figure()
    ax.xaxis.tick_top()
    ax.set_title("Above the ticks")
    texts = {"low": "1", "high": "a\nhigh\nlabel"}
    return fig, lambda k: ax.set_xticks([0.5], labels=[texts[k]]), {"k": list(texts)}


def arrows():
    fig, ax = figure()
    field = ax.quiver(X, X, X, X)
    return fig, lambda k: field.set_UVC(X * k, X), {"k": [0.1, 0.5]}


def limits():
    fig, ax = figure()
    ax.plot(X, X, "s--")
    return fig, lambda k: ax.set_xlim(0, k), {"k": [0.1, 0.2, 1.0]}


def scale():
    fig, ax = figure()
    ax.plot(X, X)
    return fig, lambda k: ax.set_yscale(k), {"k": ["linear", "log", "symlog"]}


def scale_between_equal_limits():
    fig, ax = figure()
    ax.plot(1 + 8 * X, X)
    ax.set(xlim=(1, 9), ylim=(0, 1))
    return fig, lambda k: ax.set_xscale(k), {"k": ["linear", "log"]}


def line_between_axes():
    fig, (left, right) = figure(1, 2)
    ends = {"xyA": (0.5, 0.5), "xyB": (0.5, 0.5)}
    fig.add_artist(ConnectionPatch(**ends, coordsA=left.transData, coordsB=right.transData))
    return fig, lambda k: right.set_xlim(0, k), {"k": [1, 2, 3, 4, 5, 6]}


def markers_that_differ_in_their_filling():
    fig, ax = figure()
    (path,) = ax.plot(X, X, "s", mec="k", mfc="r")
    ax.plot(X, 1 - X, "s", mec="k", mfc="g")
    return fig, lambda k: path.set_markerfacecolor(k), {"k": ["r", "b", "y"]}


def tight():
    fig, ax = figure(layout="tight")
    (line,) = ax.plot(X, X)
    return fig, lambda k: (line.set_ydata(k * X), ax.set_ylim(0, k)), {"k": [1, 10, 1000]}


def image_of_many_dots():
    fig, ax = figure(dpi=200)
    picture = ax.imshow(np.eye(5), interpolation="bilinear")
    return fig, lambda k: picture.set_data(np.eye(5) * k), {"k": [0.2, 0.5, 0.7]}


def legend_text():
    fig, ax = figure()
    ax.plot(X, X, label="a")
    text = ax.legend().get_texts()[0]
    return fig, lambda k: text.set_text(f"$x^{k}$"), {"k": [1, 2, 3]}


def legend_best():
    fig, ax = figure()
    (line,) = ax.plot(X, X, label="a")
    ax.legend()
    return fig, lambda k: line.set_ydata(X if k == 1 else 1 - X), {"k": [1, 2]}


def twins():
    fig, ax = figure()
    ax.plot(X, X)
    other = ax.twinx()
    (line,) = other.plot(X, X**2)

    def update(k):
        line.set_ydata(X**k)
        other.set_ylim(0, k)

    return fig, update, {"k": [1, 2, 3]}


def inset():
    fig, ax = figure()
    small = ax.inset_axes([0.6, 0.1, 0.3, 0.3])
    (line,) = small.plot(X, X)

    def update(k):
        line.set_ydata(X**k)
        small.set_xlim(0, k)

    return fig, update, {"k": [1, 2, 3]}


def annotation():
    fig, ax = figure()
    note = ax.annotate("", (0, 0), (0.5, 0.7), arrowprops={"arrowstyle": "->"})

    def update(k):
        note.xy = (k, k)
        note.set_text(f"k = {k}")

    return fig, update, {"k": [0.1, 0.2, 0.3]}


def equal_aspect():
    fig, ax = figure()
    ax.plot(X, X)
    ax.set_aspect("equal")
    return fig, lambda k: ax.set_ylim(0, k), {"k": [1, 2, 3]}


def polar():
    fig, ax = figure(subplot_kw={"projection": "polar"})
    (line,) = ax.plot(X, X)
    return fig, lambda k: line.set_ydata(X**k), {"k": [1, 2]}


def in_three_dimensions():
    fig, ax = figure(subplot_kw={"projection": "3d"})
    ax.plot(X, X, X)
    return fig, lambda k: ax.view_init(azim=k), {"k": [1, 20]}


def coming_and_going():
    fig, ax = figure()
    (line,) = ax.plot(X, X)
    return fig, lambda k: line.set_visible(k == "on"), {"k": ["off", "on"]}


def foreign():
    fig = Figure(figsize=(4, 3), dpi=100)
    ax = fig.subplots()
    (line,) = ax.plot(X, X, "k", label="a")
    ax.legend()

    def update(k):
        line.set_data(X * k, X)
        ax.relim()
        ax.autoscale_view()

    return fig, update, {"k": [1, 2, 3]}


KINDS = [
    lines, scatter, scatter_colours, segments, filled, filled_by_vertices, bars, image,
    images, title_over_ticks, arrows,
    limits, scale, legend_text, legend_best, twins, inset, annotation, equal_aspect, polar,
    in_three_dimensions, coming_and_going, foreign, scale_between_equal_limits, line_between_axes,
    markers_that_differ_in_their_filling, tight, image_of_many_dots,
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_frame_is_what_matplotlib_draws(kind):
    fig, update, controls = kind()
    page = explore(fig, update, alt=ALT, **controls).html
    combinations = [
        dict(zip(controls, each, strict=True)) for each in itertools.product(*controls.values())
    ]
    different = set()
    for shown, values in zip(drawings(page, combinations), combinations, strict=True):
        update(**values)
        drawn = shapes(shown["svg"])
        assert not (difference := same(drawn, shapes(by_matplotlib(fig)))), (values, difference)
        assert not shown["snapped"]
        different.add(json.dumps([[s[1], s[2].round(1).tolist(), s[3]] for s in drawn]))
    assert len(different) == len(combinations)


def test_a_figure_without_sliders_is_what_matplotlib_draws():
    fig, update, _ = lines()
    update(0.4, 2)
    markup = svg.draw(fig)
    assert not same(shapes(markup), shapes(by_matplotlib(fig)))


def test_the_base_is_the_start_and_the_figure_is_left_in_it():
    fig, update, controls = lines()
    start = {"eta": 0.4, "kappa": 2}
    before = {"layout": fig.get_layout_engine(), "dpi": fig.dpi}
    page = explore(fig, update, alt=ALT, start=start, **controls).html
    assert attributes(page)["state"] == start
    base, data, _ = decoded(page)
    (shown,) = drawings(page, [start])
    assert not same(shapes(shown["svg"]), shapes(base), tolerance=0.011)
    assert fig.axes[1].get_title() == r"$\eta = 0.4$, $\kappa = 2$"
    assert before == {"layout": fig.get_layout_engine(), "dpi": fig.dpi}
    assert all("draw" not in vars(artist) for artist in fig.findobj())


def test_what_does_not_depend_is_not_multiplied():
    fig, ax = figure()
    (a,), (b,) = ax.plot(X, X), ax.plot(X, 1 - X)

    def update(first, second):
        a.set_ydata(X**first)
        b.set_ydata(1 - X**second)

    explorer = explore(fig, update, alt=ALT, first=[1, 2, 3], second=[1, 2])
    _, data, _ = decoded(explorer.html)
    nodes = [{n: len(x) for g in u["cases"][0]["groups"] for n, x in g["places"].items()}
             for u in data["units"]]  # fmt: skip
    assert nodes == [{"first": 3}, {"second": 2}]
    assert explorer.report["nodes"] == {"first": 3, "second": 2}


def test_the_page_is_the_same_every_time_and_names_do_not_meet():
    pages = [explore(*(made := lines())[:2], alt=ALT, **made[2]).html for _ in range(2)]
    assert pages[0] == pages[1]
    fig, update, controls = scatter()
    other = explore(fig, update, alt=ALT, **controls).html
    ids = [set(re.findall(r' id="([^"]+)"', page)) for page in (pages[0], other)]
    assert ids[0] and ids[1] and not ids[0] & ids[1]
    for page in (pages[0], other):
        base, data, _ = decoded(page)
        text = base + "".join([*data["templates"], *(w[2] for w in data["layouts"].values())])
        known = re.findall(r' id="([^"]+)"', base)
        assert len(known) == len(set(known))
        assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text)) != set()
        for pair in re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text):
            assert "".join(pair) in known


def test_the_figure_keeps_its_size():
    fig, ax = figure(dpi=150)
    (line,) = ax.plot(X, X)
    explore(fig, lambda k: line.set_ydata(X**k), alt=ALT, k=[1, 2])
    assert fig.dpi == 150


def test_what_is_not_touched_is_not_drawn_again(monkeypatch):
    drawn, draw_axis = [], XAxis.draw

    class Counted(Line2D):
        def draw(self, renderer):
            drawn.append("line")
            super().draw(renderer)

    def draw(self, renderer):  # an axis has ticks that are not on show, and these stay stale
        drawn.append("axis")
        draw_axis(self, renderer)

    monkeypatch.setattr(XAxis, "draw", draw)
    fig, ax = figure(layout=None)
    text = ax.text(0, 0, "")
    ax.add_line(Counted(X, X))
    explore(fig, lambda k: text.set_text(f"{k}"), alt=ALT, k=range(1, 41))
    assert drawn.count("axis") == drawn.count("line") == 9  # first, base and seven checks


def attributes(html_text):
    """The data-… attributes of the explorer's element, those in JSON read."""
    found = dict(re.findall(r' data-([a-z]+)="([^"]*)"', re.search("<figure [^>]*>", html_text)[0]))
    return {name: json.loads(html.unescape(text)) for name, text in found.items()}


def test_what_the_page_says_of_itself():
    fig, update, controls = lines()
    alt, labels = 'A "path" <on> ellipses', {"eta": "learning rate η"}
    shown = explore(fig, update, alt=alt, labels=labels, start={"kappa": 2}, **controls)
    bundle = shown._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain", "application/vnd.explorable+json"}
    assert bundle["text/plain"] == repr(shown) == alt
    page = bundle["text/html"]
    assert 'aria-label="A &quot;path&quot; &lt;on&gt; ellipses"' in page
    said = attributes(page)
    assert said["state"] == {"eta": 0.1, "kappa": 2} and said["drag"] == []
    assert {name: each["values"] for name, each in said["controls"].items()} == controls
    assert "learning rate η" in page and ">kappa<" in page
    for outside in ("http:", "https:", "src=", "@import", "link rel"):
        assert outside not in page


def stops(label, *values):
    numbers = {"values": list(values), "low": values[0], "high": values[-1], "scale": "linear"}
    return {"label": label, "kind": "stops", **numbers, "marks": {}, "play": False}


def test_a_record_stands_beside_the_markup():
    fig, update, controls = lines()
    shown = explore(
        fig, update, alt=ALT, labels={"eta": "η"}, start={"kappa": 2}, eta=np.array([0.1, 0.4]),
        kappa=range(1, 3),
    )  # fmt: skip
    record = {
        "alt": ALT,
        "controls": {
            "eta": stops("η", 0.1, 0.4),
            "kappa": stops("kappa", 1, 2),
        },
        "start": {"eta": 0.1, "kappa": 2},
        "drag": [],
        "nodes": {"eta": 2, "kappa": 2},
        "frames": shown.report["drawings"],
        "measured": {"places": 4, "worst": 0.0, "snaps": 0.0, "misread": 0},
    }
    assert shown.record == shown._repr_mimebundle_()[explorable.MIME] == record
    assert json.loads(json.dumps(record)) == record


def test_nothing_of_a_book_is_in_the_page():
    fig, update, controls = lines()
    text = explore(fig, update, alt=ALT, **controls).html
    base, data, _ = decoded(text)
    for drawn in (text, base, json.dumps(data)):
        assert not re.search(r"\bnn\b|nn-|nnbook", re.sub("[A-Za-z0-9+/=]{200,}", "", drawn))


def test_a_page_of_its_own(tmp_path):
    fig, update, controls = lines()
    shown = explore(fig, update, alt="A <figure>.", **controls)
    for path, title in ((tmp_path / "a.html", None), (str(tmp_path / "b.html"), "Paths & more")):
        shown.save(path, title=title)
        text = Path(path).read_text(encoding="utf-8")
        assert text.startswith("<!doctype html>") and shown.html in text
        said = html.escape(title or "A <figure>.")
        assert f"<title>{said}</title>" in text
    with pytest.raises(ValueError, match="path must be where to write the page, got 3"):
        shown.save(3)
    for title in ("", " ", 3):
        with pytest.raises(ValueError, match="title must be a text, got"):
            shown.save(tmp_path / "c.html", title=title)


def test_colours_and_rules_of_the_page():
    fig, ax = figure()
    (line,) = ax.plot(X, X, color="#123456")
    ways = {"colours": {"#123456": "var(--page-blue,#123456)"}, "css": ".explorer{margin:7px}"}
    shown = Explorer(fig, lambda k: line.set_ydata(X**k), {"k": [1, 2]}, alt=ALT, **ways)
    base, data, _ = decoded(shown.html)
    assert (
        "stroke: var(--page-blue,#123456)" in data["templates"][0]
        and "currentColor" not in base[200:]
    )
    rules = re.search("<style>(.*?)</style>", shown.html, re.DOTALL)[1]
    assert rules.endswith(".explorer{margin:7px}") and "--explorer-accent" in rules


def test_black_and_white_are_those_of_the_page():
    fig, ax = figure()
    (line,) = ax.plot(X, X, "k")
    base, *_ = decoded(explore(fig, lambda k: line.set_ydata(X**k), alt=ALT, k=[1, 2]).html)
    assert "#000000" not in base and "#ffffff" not in base
    assert "var(--explorer-paper,#fff)" in base and "currentColor" in base


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ([0.1, 1.05, 10], ["0.1", "1.05", "10"]),
        ([1e-3, 1e-2, 1e-1], ["1e-3", "0.01", "0.1"]),
        ([-0.5, 0, 0.5], ["−0.5", "0", "0.5"]),
        (np.linspace(0, 1, 4).tolist(), ["0", "0.33", "0.67", "1"]),
        (np.arange(0, 0.5, 0.1).tolist(), ["0", "0.1", "0.2", "0.3", "0.4"]),
        ([1, 1.9999, 2], ["1", "1.9999", "2"]),
        ([100000, 200000, 123456], ["1e5", "2e5", "123456"]),
        ([1e-12, 1.5e-12], ["1e-12", "1.5e-12"]),
        ([1, 1 + 1e-14], ["1", "1.00000000000001"]),
        (["a", "b"], ["a", "b"]),
    ],
)
def test_numbers_read_short_and_apart(values, read):
    assert texts(values) == read


def one_input(values, start):
    (control,) = controls_of({"name": values}, {"name": "a <label>"})
    return markup(control, start)


@pytest.mark.parametrize("start", [0, 1, 4])
def test_a_slider_begins_where_it_should(start):
    text, at = one_input([0, 1, 4], start), start / 4
    assert f'min="0" max="4" step="any" value="{start}"' in text
    assert f'aria-valuetext="{start}"' in text and f">{start}</output>" in text
    assert f"--explorer-at:{at:.5f}" in text and ">a &lt;label&gt;</span>" in text


@pytest.mark.parametrize("start", ["one", "two", "<3>"])
@pytest.mark.parametrize("more", [[], ["four", "five", "six"]])
def test_a_choice_begins_where_it_should(start, more):
    names = ["one", "two", "<3>", *more]
    text, mark = one_input(names, start), "selected" if more else "checked"
    assert re.findall(rf'value="(\d)" {mark}>', text) == [str(names.index(start))]
    assert "<3>" not in text and "&lt;3&gt;" in text
    assert ("<select>" in text) == bool(more)
    assert text.count('type="radio" name="name"') == (0 if more else 3)


@pytest.mark.parametrize(
    ("values", "buttons"),
    [
        ("abcde", True),
        ("abcdef", False),
        (["a" * 18, "b" * 18], True),
        (["a" * 18, "b" * 19], False),
    ],
)
def test_few_words_are_buttons_and_many_a_menu(values, buttons):
    assert ("<select>" not in one_input(list(values), values[0])) == buttons


def test_a_start_is_a_value_but_for_rounding():
    controls = controls_of({"k": [0.3, 1, 100.0], "name": ["a", "b"]})
    for given, value in ((0.1 + 0.2, 0.3), (np.float64(1), 1), (100, 100.0)):
        assert checked_start({"k": given}, controls) == {"k": value, "name": "a"}
    for given in (0.3 + 1e-9, 1.005, "1", None, np.array([1])):
        with pytest.raises(ValueError, match="which is not among its values"):
            checked_start({"k": given}, controls)


# ---- Bad input.


def example():
    fig, ax = figure()
    (line,) = ax.plot(X, X)
    return fig, lambda k: line.set_ydata(X**k)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"k": [1]}, "k needs at least two values"),
        ({"k": []}, "k needs at least two values"),
        ({"k": 3}, "k must be a list"),
        ({"k": "abc"}, "k must be a list"),
        ({"k": np.eye(2)}, "k must be a list"),
        ({"k": {1, 2}}, "k must be a list"),
        ({"k": [1, 2, 1]}, "k holds 1 more than once"),
        ({"k": [1, 1.0]}, "k holds 1 more than once"),
        ({"k": [1, float("nan")]}, "k must hold finite numbers, got nan"),
        ({"k": [1, np.inf]}, "k must hold finite numbers, got inf"),
        ({"k": [1, "2"]}, "k must hold only numbers or only strings"),
        ({"k": [True, False]}, "k must hold only numbers or only strings"),
        ({"k": [None, 1]}, "k must hold only numbers or only strings"),
        ({"k": ["a", " "]}, "k holds an empty string"),
        ({"k": range(2001)}, "k must have at most 2000 stops, got 2001"),
        ({"q": [1, 2]}, r"update\(k\) cannot be called with the controls k, q: got an unexpected"),
        ({"figure": [1, 2]}, "a control cannot be called 'figure'"),
        ({"update": [1, 2]}, "a control cannot be called 'update'"),
        ({"start": [1, 2]}, "start must be a mapping"),
        ({"labels": [1, 2]}, "labels must be a mapping"),
        ({"start": {"k": 7}}, r"start has k=7, which is not among its values \[1, 2, 3\]"),
        ({"start": {"z": 1}}, "start has 'z', but the controls are k"),
        ({"labels": {"z": "l"}}, "labels has 'z', but the controls are k"),
        ({"labels": {"k": ""}}, "labels must give k a text"),
        ({"alt": None}, "alt must be a text"),
        ({"alt": "  "}, "alt must be a text"),
        ({"alt": [1, 2]}, "alt must be a text"),
    ],
)
def test_bad_arguments_are_named_before_anything_is_drawn(change, message):
    fig, _ = example()
    calls = []
    with pytest.raises(ValueError, match=message):
        explore(fig, lambda k: calls.append(k), **({"alt": ALT, "k": [1, 2, 3]} | change))
    assert not calls


def test_a_figure_and_a_function_are_wanted():
    fig, update = example()
    for first in (None, fig.axes[0], "figure"):
        with pytest.raises(ValueError, match="figure must be a matplotlib Figure"):
            explore(first, update, alt=ALT, k=[1, 2])
    for second in (None, "update"):
        with pytest.raises(ValueError, match="update must be a function"):
            explore(fig, second, alt=ALT, k=[1, 2])
    with pytest.raises(ValueError, match="explore needs a control"):
        explore(fig, update, alt=ALT)


def adding(fig, line):
    return lambda k: fig.axes[0].plot(X, X)


def removing(fig, line):
    return lambda k: line.remove() if k == 2 else None


def reordering(fig, line):
    return lambda k: line.set_zorder(k)


def hiding_the_axes(fig, line):
    return lambda k: fig.axes[0].set_visible(k == 1)


def doing_nothing(fig, line):
    return lambda k: None


def remembering(fig, line):
    seen = []
    return lambda k: (seen.append(k), line.set_ydata(X ** len(seen)))


def going_behind(fig, line):
    def update(k):
        line._color = {1: "red", 2: "blue", 3: "green"}[k]

    return update


def leaving_out(fig, line):
    return lambda k: (line.set_animated(k == 3), line.set_ydata(X**k))


def failing(fig, line):
    return lambda k: line.set_ydata(X / (k - 2) if k != 2 else 1 / 0)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (adding, r"update\(k=1\) adds Line2D; it must change the artists that are there"),
        (removing, r"update\(k=2\) removes Line2D"),
        (reordering, r"update\(k=\d\) changes the order \(zorder\)"),
        (hiding_the_axes, r"update\(k=\d\) shows or hides a whole Axes"),
        (doing_nothing, "changes nothing that is drawn, wherever it was tried"),
        (remembering, "must depend on its values alone"),
        (going_behind, r"at update\(k=\d\), a Line2D is not drawn as"),
        (leaving_out, r"at update\(k=3\), .* is not drawn as before"),
        (failing, r"update\(k=2\) failed: ZeroDivisionError: division by zero"),
    ],
)
def test_a_bad_update_is_found_and_the_figure_is_whole_again(how, message):
    fig, ax = figure()
    (line,) = ax.plot(X, X)
    engine = fig.get_layout_engine()
    with pytest.raises(ValueError, match=message) as caught:
        explore(fig, how(fig, line), alt=ALT, k=[1, 2, 3])
    if how is failing:
        assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert fig.get_layout_engine() is engine
    assert all("draw" not in vars(artist) for artist in fig.findobj())


def test_controls_have_names():
    fig, update = example()
    for controls in ({"1": [1, 2]}, {"a b": [1, 2]}, {3: [1, 2]}, {"": [1, 2]}):
        with pytest.raises(ValueError, match="a control must be called by a name of Python's, got"):
            Explorer(fig, update, controls, alt=ALT)
    with pytest.raises(ValueError, match="controls must be a mapping from names to values, got"):
        Explorer(fig, update, [("k", [1, 2])], alt=ALT)


def test_a_page_that_would_be_too_heavy(monkeypatch):
    fig, update, controls = scatter()
    monkeypatch.setattr(html_page, "MOST_BYTES", 100)
    with pytest.raises(
        ValueError, match=r"the drawings take .* bytes .* limit of 100; most are for k, at 3 nodes"
    ):
        explore(fig, update, alt=ALT, **controls)


# ---- Live, without a browser: the widgets and what they do.


def test_widgets_run_update_live(monkeypatch):
    monkeypatch.setattr(live, "possible", lambda: True)
    fig, ax = figure()
    (line,) = ax.plot(X, X)
    broken = set()

    def update(k, style, name):
        if k in broken:
            raise ArithmeticError("not <this> one")
        line.set_ydata(X**k)
        line.set_linestyle(style)

    names = [f"a choice of many words: {i}" for i in range(3)]
    shown = explore(
        fig, update, alt=ALT, start={"k": 2}, k=[1, 2, 3], style=["-", "--"], name=names
    )
    bundle = shown._repr_mimebundle_()
    assert bundle["text/plain"] == ALT and 'class="explorer"' in bundle["text/html"]
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == shown.widget.model_id
    picture, message, slider, buttons, menu, _ = shown.widget.children
    kinds = [type(control).__name__ for control in (slider, buttons, menu)]
    assert kinds == ["IntSlider", "ToggleButtons", "Dropdown"]
    assert slider.value == 2 and slider.description == "k"

    before = picture.value
    assert 'aria-label="A figure."' in before and not same(
        shapes(re.search("<svg.*</svg>", before)[0]), shapes(by_matplotlib(fig))
    )
    slider.value = 3
    assert picture.value != before and line.get_ydata()[1] == X[1] ** 3
    buttons.value = "--"
    assert "dasharray" in picture.value
    broken.add(1)
    last = picture.value
    slider.value = 1
    assert picture.value == last
    assert "update(k=1, style=&#x27;--&#x27;" in message.value
    assert "failed: ArithmeticError: not &lt;this&gt; one" in message.value
    slider.value = 3
    assert message.value == "" and picture.value == last


def test_the_live_figure_is_the_page_s(monkeypatch):
    """Also its layout: a label that takes more room does not shift the axes."""
    monkeypatch.setattr(live, "possible", lambda: True)
    fig, update, controls = title_over_ticks()
    shown = Explorer(fig, update, controls, alt=ALT, css=".explorer-figure{margin:7px}")
    pages = drawings(shown.html, [{"k": value} for value in controls["k"]])
    picture, _, buttons, _ = shown.widget.children
    for value, page in zip(controls["k"], pages, strict=True):
        buttons.value = value
        drawn = shapes(re.search("<svg.*</svg>", picture.value)[0])
        assert not same(drawn, shapes(page["svg"]))
    assert ".explorer-figure{margin:7px}</style>" in picture.value


class Shell:
    kernel = None


def test_a_widget_needs_a_kernel_and_leave(monkeypatch):
    fig, update = example()
    assert explore(fig, update, alt=ALT, k=[1, 2]).widget is None  # plain Python
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: object()))
    assert not live.possible()  # IPython in a terminal
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=Shell))
    assert live.possible()
    made = []
    monkeypatch.setattr(live, "widget", lambda *given: made.append(given))
    explore(fig, update, alt=ALT, k=[1, 2], static=True)
    assert made == []
    explore(fig, update, alt=ALT, k=[1, 2])
    assert len(made) == 1
    monkeypatch.setattr(live, "find_spec", lambda name: None)
    assert not live.possible()  # no ipywidgets


def test_it_needs_no_more_than_it_says():
    """What the package imports, anywhere in it; what is for the live half when it runs."""
    folder = Path(explorable.__file__).parent
    top, within = set(), set()
    for path in folder.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            (top if node in tree.body else within).update(name.split(".")[0] for name in names)
    assert within == {"IPython", "ipywidgets", "anywidget", "traitlets"}
    assert top - set(sys.stdlib_module_names) == {"matplotlib", "numpy", "explorable"}
