"""The SVG of a figure: short, always the same, with names and colours that suit its page."""

import itertools
import re
import xml.etree.ElementTree as ET

import numpy as np
from matplotlib.figure import Figure

from explorable import svg
from reading_svg import shapes


def figure(**options):
    fig = Figure(figsize=(5.6, 2.8), layout="constrained", **options)
    return fig, fig.subplots()


def example():
    fig, ax = figure()
    x = np.linspace(-1, 1, 20)
    ax.contourf(x, x, x**2 + x[:, None] ** 2, 5)
    ax.plot(x, x**2, "o-", label="path")
    ax.fill_between(x, 1, np.exp(x), alpha=0.2, hatch="//")
    ax.set_title(r"$e^x$ & more")
    ax.legend()
    return fig


def test_it_is_the_same_every_time_and_scales():
    fig = example()
    markup = svg.draw(fig)
    assert markup == svg.draw(fig) == svg.draw(example())
    root = ET.fromstring(markup)
    assert root.get("viewBox") == "0 0 403.2 201.6"
    assert root.get("width") is None and root.get("height") is None
    assert "width:100%" in root.get("style")
    assert not re.search(r"<metadata|<!--|<style|<\?xml|<!DOCTYPE|\d{4}-\d\d-\d\dT", markup)


def test_coordinates_are_short_and_glyphs_keep_their_scale():
    markup = svg.draw(example())
    coordinates = re.findall(r' (?:d|x|y)="([^"]*)"|translate\(([^)]*)\)', markup)
    assert not re.search(r"\.\d{3}", " ".join(itertools.chain(*coordinates)))
    assert "scale(0.015625)" in markup


def test_zero_has_no_sign():
    fig, ax = figure()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_axis_off()
    fig.set_layout_engine("none")
    ax.set_position([0, 0, 1, 1])
    ax.plot([-1e-6, 1], [1 + 1e-6, 0.5])  # 0.0004 points outside, in the corner
    (line,) = [s for s in shapes(svg.draw(fig)) if s[1] == "ML"]
    assert line[2][0].tolist() == [0, 0]
    assert not re.search(r"[ ML]-0(?![.\d])", svg.draw(fig))


def test_names_are_found_in_their_own_figure_only():
    fig, ax = figure()
    ax.plot([0, 1], [0, 1], "o-")
    ids = []
    for markup in (svg.draw(fig), svg.draw(example())):
        here = re.findall(r' id="([^"]*)"', markup)
        used = re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', markup)
        assert len(here) == len(set(here))
        assert {"".join(pair) for pair in used} == set(here)
        ids.append(set(here))
    assert not ids[0] & ids[1]


def test_an_address_in_the_figure_stays_as_it_is():
    fig, ax = figure()
    ax.scatter([0, 1], [0, 1]).set_urls(["mailto:a@example.org"] * 2)
    assert 'href="mailto:a@example.org"' in svg.draw(fig)


def test_equal_markers_become_one_path_that_draws_them_all():
    fig, ax = figure()
    ax.plot(range(50), range(50), "s", color="#ff0000")
    markup = svg.draw(fig)
    squares = [s for s in shapes(markup) if ("fill", "#ff0000") in s[3]]
    assert len(squares) == 50
    assert len({tuple(s[2].mean(axis=0).round(2)) for s in squares}) == 50
    assert markup.count("<use") < 80  # the ticks and their labels, not the squares


def test_markers_of_several_looks_stay_apart():
    """Also when they have the edge in common: to matplotlib they are then one shape."""
    fig, ax = figure()
    for colour in ("#ff0000", "#00ff00"):
        ax.plot([0, 1, 2], [0, 1, 2], "s", color=colour)
    for colour in ("#880000", "#008800"):
        ax.plot([0, 1, 2], [0, 1, 2], "s", mec="k", mfc=colour)
    ax.scatter([0, 1, 2, 3], [3, 2, 1, 0], color=["#101010", "#202020", "#303030", "#404040"])
    looks = [dict(s[3]).get("fill") for s in shapes(svg.draw(fig))]
    for colour in ("#ff0000", "#00ff00", "#880000", "#008800"):
        assert looks.count(colour) == 3
    assert looks.count("#303030") == 1


def test_only_markers_of_one_look_become_one_path():
    def drawing(*colours):
        uses = [f'<use xlink:href="#m" x="1" y="2" style="fill: {c}"/>' for c in colours]
        return svg.taken_apart(f"<svg><g>{''.join(uses)}</g></svg>", {})

    body, definitions = drawing("red", "red", "red")
    assert "<use" not in body and any(d.startswith("<marker") for d in definitions)
    body, definitions = drawing("red", "red", "blue")
    assert body.count("<use") == 3 and not definitions


def test_colours_are_exchanged_where_they_colour():
    fig, ax = figure()
    ax.plot([0, 1], [0, 1], color="#123456")
    markup = svg.draw(fig, {"#123456": "var(--blue,#123456)"})
    assert markup.count("stroke: var(--blue,#123456)") == 1 == markup.count("#123456")
    assert "#000000" in markup  # nothing else is
