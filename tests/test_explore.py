"""Explorers in the dress of the book: its colours, and no live half on its page.

What an explorer is, and that its frames are what matplotlib draws, is tested in lib/explorable.
"""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from explorable import MIME, live
from nnbook import plotting
from nnbook.explore import explore
from reading_svg import decoded

X = np.linspace(0, 1, 30)


@pytest.fixture
def page(monkeypatch):
    monkeypatch.setenv("NNBOOK_STATIC", "1")


@pytest.fixture
def notebook(monkeypatch):
    """A kernel, and outputs that are not for the page."""
    monkeypatch.delenv("NNBOOK_STATIC", raising=False)
    monkeypatch.setattr(live, "possible", lambda: True)


def terrain():
    fig, ax = plotting.figure()
    ax.contourf(X, X, X + X[:, None], 5, cmap=plotting.TERRAIN)
    (line,) = ax.plot(X, X, "o-", color=plotting.ORANGE, label="path")
    ax.legend()
    return fig, lambda k: line.set_ydata(X**k), {"k": [1, 2, 3]}


def foreign():
    fig = Figure()
    ax = fig.subplots()
    (line,) = ax.plot(X, X, "k", label="a")
    ax.legend()
    return fig, lambda k: line.set_ydata(X**k), {"k": [1, 2, 3]}


@pytest.mark.parametrize("kind", [terrain, foreign])
def test_the_colours_are_the_book_s(page, kind):
    fig, update, controls = kind()
    shown = explore(fig, update, alt="A path.", **controls)
    base, data, _ = decoded(shown.html)
    drawings = [base, *data["templates"], *(w[2] for w in data["layouts"].values())]
    found = {c for text in drawings for c in re.findall(r"(?:fill|stroke): ?([^;\"]+)", text)}
    own = {plotting.IN_SVG[c] for c in plotting.IN_SVG} | {"none", plotting.BLUE}
    assert found <= own  # BLUE itself: the levels of a terrain are more and more opaque
    if kind is terrain:
        assert "var(--nn-orange,#cc8400)" in found and "var(--nn-grid,#8883)" in found
    else:
        assert "var(--nn-paper,#fff)" in found
    for name in ("--explorer-accent:var(--nn-blue", "--explorer-paper:var(--nn-paper)"):
        assert name in shown.html
    assert shown.html.index("@layer explorer") < shown.html.index("--explorer-accent:var(--nn")


def test_what_it_is_given_arrives(page):
    fig, update, controls = terrain()
    (dot,) = fig.axes[0].plot([0], [1], "o")

    def update_both(k, y):
        update(k)
        dot.set_data([0], [y])

    shown = explore(
        fig, update_both, alt="A path.", start={"k": 2}, labels={"k": "power"}, play="k",
        marks={"y": {"half": 0.5}}, drag={dot: {"y": "y"}}, y=[0, 0.5, 1], **controls,
    )  # fmt: skip
    record = shown._repr_mimebundle_()[MIME]
    assert (record["alt"], record["start"]) == ("A path.", {"k": 2, "y": 0})
    assert record["drag"] == [{"y": "y"}] and record["controls"]["y"]["marks"] == {"half": 0.5}
    k = record["controls"]["k"]
    assert (k["label"], k["values"], k["play"]) == ("power", [1, 2, 3], True)


def test_a_control_may_have_any_other_name(page):
    """Colours, rules and the rest come from the book: their names are free for controls."""
    fig, ax = plotting.figure()
    (line,) = ax.plot(X, X)

    def update(static, colours, css):
        line.set_data(X * static, X**colours)
        line.set_linestyle(css)

    shown = explore(fig, update, alt="A.", static=[1, 2], colours=[1, 2], css=["-", "--"])
    assert list(shown.record["controls"]) == ["static", "colours", "css"]


def test_live_in_a_notebook_and_never_on_the_page(notebook, monkeypatch):
    fig, update, controls = terrain()
    shown = explore(fig, update, alt="A path.", **controls)
    picture = shown.widget.children[0].value
    assert "var(--nn-orange,#cc8400)" in picture and plotting.CSS in picture
    assert set(shown._repr_mimebundle_()) > {"application/vnd.jupyter.widget-view+json", MIME}
    monkeypatch.setenv("NNBOOK_STATIC", "1")
    assert explore(fig, update, alt="A path.", **controls).widget is None


def test_bad_input_is_told_apart(page):
    fig, update, controls = terrain()
    for given, message in (
        ((fig.axes[0], update), "figure must be a matplotlib Figure, got Axes"),
        ((fig, None), "update must be a function of the controls, got None"),
        ((), "figure must be a matplotlib Figure, got NoneType"),
    ):
        with pytest.raises(ValueError, match=message):
            explore(*given, alt="A path.", **controls)
    with pytest.raises(ValueError, match="alt must be a text"):
        explore(fig, update, **controls)
