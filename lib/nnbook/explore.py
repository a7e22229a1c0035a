"""Sliders in the dress of the book: `explorable` with its colours, and no live half on its page.

explore(figure, update, alt="...", eta=[0.1, 0.2, 0.3], method=["plain", "momentum"])
"""

from explorable import Explorer
from nnbook import plotting
from nnbook._page import on_page


def explore(figure=None, update=None, /, *, alt=None, start=None, labels=None, **controls):
    """Let the reader move through combinations of values and see a figure change.

    figure: a matplotlib Figure.
    update: called as update(**values); changes artists of the figure by their set_ methods, and
        depends on its values alone. It must not add or remove artists.
    alt: what the figure shows, for those who cannot see it.
    start: {control: value} to begin with; a control begins with its first value otherwise.
    labels: {control: what stands beside it}; its name otherwise.
    controls: each a sequence of at least two numbers (a slider) or strings (a choice).

    With a kernel the controls are ipywidgets, and `update` runs at every move. Every combination is
    drawn here and now for the page, where there is none, so what goes wrong goes wrong here: a
    ValueError names the argument or the combination. Rasterized artists are drawn as vectors. There
    is no live half when the environment variable NNBOOK_STATIC is set.
    """
    return Explorer(
        figure, update, controls, alt=alt, start=start, labels=labels,
        static=on_page(), colours=plotting.IN_SVG, css=plotting.CSS,
    )  # fmt: skip
