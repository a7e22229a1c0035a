"""An explorer in the dress of the book, in real Chromium: its colours are those of the book's page.

What every explorer does in a page is tested in lib/explorable.
"""

import numpy as np
import pytest

from browser import open_page
from nnbook import plotting
from nnbook.explore import explore

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Explorer</title>
<style>html[data-theme=light]{{--pst-color-background:#fff;--pst-color-text-base:#222}}
html[data-theme=dark]{{--pst-color-background:#121212;--pst-color-text-base:#ddd}}</style></head>
<body>{0}</body></html>"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    fig, ax = plotting.figure(height=2)
    x = np.linspace(0, 1, 20)
    (line,) = ax.plot(x, x, "o-", color=plotting.ORANGE, label="path", markevery=5)
    ax.legend(frameon=True, facecolor="white")

    def update(k, way):
        line.set_data(x, x**k)
        line.set_linestyle(way)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NNBOOK_STATIC", "1")
        shown = explore(fig, update, alt="A path.", k=[1, 2, 3], way=["-", "--"])
    file = tmp_path_factory.mktemp("page") / "explorer.html"
    file.write_text(PAGE.format(shown.html), encoding="utf-8")
    return file.as_uri()


COLOURS = """() => {
    const of = (selector, property) => getComputedStyle(document.querySelector(selector))[property];
    return {
        path: of(".explorer [data-part] path", "stroke"),
        text: of(".explorer svg g[style*=currentColor]", "fill"),
        paper: of(".explorer svg [style*=nn-paper]", "fill"),
        chosen: of(".explorer-choice input:checked + span", "borderTopColor"),
    };
}"""


def test_the_colours_follow_the_page(chromium, address):
    with open_page(chromium, address, offline=True) as (page, complaints, requests):
        for theme, wanted in (
            ("light", ["204, 132, 0", "34, 34, 34", "255, 255, 255", "0, 114, 178"]),
            ("dark", ["240, 173, 31", "221, 221, 221", "18, 18, 18", "86, 180, 233"]),
        ):
            page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
            found = page.evaluate(COLOURS)
            assert found == dict(zip(found, [f"rgb({c})" for c in wanted], strict=True)), theme
        assert complaints == [] and requests == [address]
