"""Sliders for matplotlib figures that work twice: live with a kernel, and in a page that has none.

    from explorable import explore

    explore(figure, update, alt="...", eta=[0.1, 0.2, 0.3], method=["plain", "momentum"])

With a kernel the controls are ipywidgets, and `update` runs at every move. Without one (a published
page, a file opened from disk) every combination was drawn beforehand, and native inputs put the
drawings in place.
"""

import inspect
import itertools
import math
import os
from pathlib import Path

from matplotlib.figure import Figure

from explorable import frames, live, page, svg
from explorable.controls import checked_start, controls_of
from explorable.controls import log as log

#: The type of the record that stands beside an explorer's markup in a notebook.
MIME = "application/vnd.explorable+json"
MOST_COMBINATIONS = 2000


def explore(
    figure=None, update=None, /, *, alt=None, start=None, labels=None, static=False, **controls
):
    """Let the reader move through combinations of values and see a figure change.

    figure: a matplotlib Figure.
    update: called as update(**values); changes artists of the figure by their set_ methods, and
        depends on its values alone. It must not add or remove artists.
    alt: what the figure shows, for those who cannot see it.
    start: {control: value} to begin with; a control begins with its first value otherwise.
    labels: {control: what stands beside it}; its name otherwise.
    static: no live half, also where a kernel runs: for a notebook that is executed to be published.
    controls: each a sequence of at least two numbers (a slider) or strings (a choice).

    Every combination is drawn here and now, so what goes wrong goes wrong here: a ValueError names
    the argument or the combination. Rasterized artists are drawn as vectors.
    """
    return Explorer(figure, update, controls, alt=alt, start=start, labels=labels, static=static)


class Explorer:
    """Shows itself: live when there is a `widget`, as a page (`html`), or in words (`alt`).

    `record` says what it offers: {"alt": ..., "controls": {name: {"label": ..., "values": [...]}},
    "start": {name: value}, "frames": how many}. In a notebook it stands beside the markup, with its
    names sorted; the order of the controls, by which frames are numbered, is in `data-controls`.

    Made as by `explore`, but for the controls, a mapping, and for
    colours: {"#rrggbb": what stands for it in CSS}; `svg.COLOURS` otherwise,
    css: rules of the page's own, after those of every explorer.
    """

    def __init__(
        self, figure, update, controls, *, alt=None, start=None, labels=None, static=False,
        colours=svg.COLOURS, css="",
    ):  # fmt: skip
        if not isinstance(figure, Figure):
            raise ValueError(f"figure must be a matplotlib Figure, got {type(figure).__name__}")
        if not isinstance(alt, str) or not alt.strip():
            raise ValueError(f"alt must be a text that says what the figure shows, got {alt!r}")
        checked = controls_of(controls, labels)
        start, labels = checked_start(start, checked), {c.name: c.label for c in checked}
        controls = _values(checked, start)
        _check_update(update, start)
        values = itertools.product(*controls.values())
        combinations = [dict(zip(controls, each, strict=True)) for each in values]
        frame = combinations.index(start)
        drawn = frames.draw(figure, update, combinations, frame, colours)
        self.alt = alt
        self.html = page.element(drawn, frame, controls, start, labels, alt, css)
        self.record = {
            "alt": alt,
            "controls": {
                name: {"label": labels[name], "values": values} for name, values in controls.items()
            },
            "start": start,
            "frames": len(combinations),
        }
        self.widget = None
        if not static and live.possible():
            self.widget = live.widget(figure, update, controls, start, labels, alt, colours, css)

    def __repr__(self):
        return self.alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        view = self.widget._repr_mimebundle_() if self.widget else {}
        return {**view, "text/html": self.html, MIME: self.record, "text/plain": self.alt}

    def save(self, path, title=None):
        """Write a page of its own, which needs no other file and no network.

        title: what the browser calls the page; the alternative text otherwise.
        """
        if not isinstance(path, str | os.PathLike):
            raise ValueError(f"path must be where to write the page, got {path!r}")
        if title is not None and (not isinstance(title, str) or not title.strip()):
            raise ValueError(f"title must be a text, got {title!r}")
        Path(path).write_text(page.document(self.html, title or self.alt), encoding="utf-8")


def _values(controls, start):
    """The values at which each control is drawn, when there are not too many combinations."""
    values = {}
    for control in controls:
        places = control.values or [control.at(k / 20) for k in range(21)]
        values[control.name] = sorted({*places, start[control.name]}, key=control.place)
    count = math.prod(map(len, values.values()))
    if count > MOST_COMBINATIONS:
        each = " × ".join(f"{len(values)} ({name})" for name, values in values.items())
        raise ValueError(
            f"{each} = {count} combinations, more than the limit of {MOST_COMBINATIONS}; "
            "give fewer values"
        )
    return values


def _check_update(update, values):
    if not callable(update):
        raise ValueError(f"update must be a function of the controls, got {update!r}")
    try:
        signature = inspect.signature(update)
        signature.bind(**values)
    except TypeError as error:
        raise ValueError(
            f"update{signature} cannot be called with the controls {', '.join(values)}: {error}"
        ) from None
