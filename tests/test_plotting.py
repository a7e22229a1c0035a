"""Figures: colours that hold for everybody and on every page, SVG that suits the page around it."""

import itertools
import re
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from nnbook import plotting

NAMES = ["BLUE", "ORANGE", "GREEN", "RED", "PURPLE", "GREY"]
LIGHT = {name: getattr(plotting, name) for name in NAMES}
DARK = {name: plotting._DARK[name.lower()] for name in NAMES}


def linear(colour):
    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(a, b):
    """WCAG 2: (L1 + 0.05) / (L2 + 0.05) of the relative luminances."""
    low, high = sorted(linear(c) @ [0.2126, 0.7152, 0.0722] for c in (a, b))
    return (high + 0.05) / (low + 0.05)


# Machado, Oliveira and Fernandes (2009), severity 1, for linear RGB.
SEEN_BY = {
    "all": np.eye(3),
    "protanopes": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopes": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopes": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def lab(rgb):
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = matrix @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("name", NAMES)
def test_colours_stand_out_on_their_pages(name):
    assert contrast(LIGHT[name], "#ffffff") >= 3
    assert contrast(LIGHT[name], "#121212") >= 3
    assert contrast(DARK[name], "#121212") >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("who", SEEN_BY)
def test_colours_are_told_apart(palette, who):
    for a, b in itertools.combinations(NAMES, 2):
        seen = [lab(np.array(SEEN_BY[who]) @ linear(palette[name])) for name in (a, b)]
        assert np.linalg.norm(seen[0] - seen[1]) >= 10, (a, b)


def example():
    fig, (left, right) = plotting.figure(1, 2)
    x = np.linspace(-1, 1, 20)
    left.contourf(x, x, x**2 + x[:, None] ** 2, 5, cmap=plotting.TERRAIN)
    left.plot(x, x**2, "o-", color=plotting.ORANGE, label="path")
    left.legend()
    right.semilogy(x, np.exp(x))
    right.set_title(r"$e^x$ & more")
    right.fill_between(x, 1, np.exp(x), alpha=0.2, hatch="//")
    return fig


def test_an_ordinary_figure_in_the_style_of_the_book_and_no_global_state():
    before = dict(mpl.rcParams)
    fig, ax = plotting.figure()
    assert type(fig) is Figure and fig.get_size_inches().tolist() == [5.6, 2.8]
    (line,) = ax.plot([0, 1], [0, 1])
    title = ax.set_title("title")
    assert line.get_color() == plotting.BLUE and line.get_linewidth() == 1.8
    assert title.get_fontsize() == 10 and title.get_color() == plotting.INK
    assert ax.get_legend_handles_labels() == ([], [])
    assert not ax.spines["top"].get_visible() and not ax.spines["right"].get_visible()
    assert dict(mpl.rcParams) == before
    fig, axes = plotting.figure(2, 3, width=6, height=4, sharex=True)
    assert axes.shape == (2, 3) and fig.get_size_inches().tolist() == [6, 4]


def test_the_svg_is_the_same_every_time_and_scales():
    fig = example()
    markup = plotting.svg(fig)
    assert markup == plotting.svg(fig) == plotting.svg(example())
    root = ET.fromstring(markup)
    assert root.get("viewBox") == "0 0 403.2 201.6"
    assert root.get("width") is None and root.get("height") is None
    assert "width:100%" in root.get("style")
    assert not re.search(r"<metadata|<!--|<style|<\?xml|<!DOCTYPE|\d{4}-\d\d-\d\dT", markup)


def test_colours_are_the_page_s():
    markup = plotting.svg(example())
    for colour in (plotting.INK, plotting.GRID, plotting.PAPER, "#000000"):
        assert colour not in markup
    assert "currentColor" in markup and "var(--nn-grid," in markup
    assert "var(--nn-orange,#cc8400)" in markup and "var(--nn-blue,#0072b2)" in markup
    naked = re.sub(r"var\(--nn-[a-z]+,#[0-9a-f]+\)", "", markup)
    assert set(re.findall(r"(?:fill|stroke): ?(#[0-9a-f]+)", naked)) <= {plotting.BLUE}
    for name in DARK:
        assert f"--nn-{name.lower()}:{DARK[name]}" in plotting.CSS


def test_a_foreign_figure_is_legible_too():
    fig = Figure()
    ax = fig.subplots()
    ax.plot([0, 1], [0, 1], "k", label="a")
    ax.legend()
    markup = plotting.svg(fig)
    legend = "fill: var(--nn-paper,#fff); opacity: 0.8; stroke: var(--nn-grid,#8883)"
    assert legend in markup
    assert "#000000" not in markup and "#ffffff" not in markup  # its ground is the page


def test_show():
    shown = plotting.show(example(), 'A "path".')
    bundle = shown._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain", "application/vnd.nnbook.figure+json"}
    assert bundle["text/plain"] == bundle[plotting.MIME]["alt"] == 'A "path".'
    wanted = '<div class="nn-figure" role="img" aria-label="A &quot;path&quot;."><svg'
    assert wanted in bundle["text/html"]


@pytest.mark.parametrize("alt", ["", "  ", None, 3])
def test_a_figure_without_words_is_refused(alt):
    with pytest.raises(ValueError, match="alt must be a text"):
        plotting.show(example(), alt)


@pytest.mark.parametrize("size", [0, -1, float("nan"), float("inf"), "5", 1000])
def test_sizes_are_inches(size):
    with pytest.raises(ValueError, match="width must be a number of inches"):
        plotting.figure(width=size)
    with pytest.raises(ValueError, match="height must be a number of inches"):
        plotting.figure(height=size)


def test_only_figures_are_drawn():
    with pytest.raises(ValueError, match="figure must be a matplotlib Figure, got Axes"):
        plotting.svg(example().axes[0])
