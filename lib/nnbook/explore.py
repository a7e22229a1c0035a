"""Sliders in the dress of the book: `explorable` with its colours, and no live half on its page.

explore(figure, update, alt="...", eta=(0.0, 2.2), method=["plain", "momentum"])
"""

import explorable
from explorable import Explorer
from nnbook import plotting
from nnbook._page import on_page


def explore(
    figure=None, update=None, /, *, alt=None, start=None, labels=None, marks=None, play=None,
    drag=None, **controls,
):  # fmt: skip
    """Let the reader move through combinations of values and see a figure change.

    figure: a matplotlib Figure.
    update: called as update(**values); changes artists of the figure by their set_ methods, and
        depends on its values alone. It must not add or remove artists. It may return a sentence,
        which is read aloud after a move.
    alt: what the figure shows, for those who cannot see it.
    start: {control: value} to begin with; a control begins with its first value otherwise.
    labels: {control: what stands beside it}; its name otherwise.
    marks: {control: {label: value}}: special values, which a slider shows and catches.
    play: a control, or a list of controls, that are time and can be played.
    drag: {artist: {"x": control, "y": control}}, one or both: a line or a scatter of one point
        that stands where these controls say, in axes whose limits stay.
    controls: what each offers, as ipywidgets' `interact` takes it:
        (0.0, 2.2) continuous · log(1, 100) continuous, on a log scale · (0, 40) every integer ·
        (0, 1, 0.1) stepped · [1, 3, 10] its own stops · ["plain", "momentum"] a choice.

    With a kernel the controls are ipywidgets, and `update` runs at every move. The page is drawn
    here and now, as there is no kernel in it, so what goes wrong goes wrong here: a ValueError
    names the argument or the combination. Rasterized artists are drawn as vectors. There is no live
    half when the environment variable NNBOOK_STATIC is set.
    """
    return Explorer(
        figure, update, controls, alt=alt, start=start, labels=labels, marks=marks, play=play,
        drag=drag, static=on_page(), colours=plotting.IN_SVG, css=plotting.CSS,
    )  # fmt: skip


def log(low, high):
    """A continuous control from low to high on a logarithmic scale: `kappa=log(1, 100)`.

    Raises ValueError unless both are finite, and 0 < low < high.
    """
    return explorable.log(low, high)
