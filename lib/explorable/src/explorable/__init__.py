"""Sliders for matplotlib figures that work twice: live with a kernel, and in a page that has none.

    from explorable import explore

    explore(figure, update, alt="...", eta=(0.0, 2.2), method=["plain", "momentum"])

With a kernel the controls are ipywidgets, and `update` runs at every move. Without one (a published
page, a file opened from disk) the drawings were made beforehand, and native inputs put them in
place.
"""

import inspect
import math
import os
from pathlib import Path

from matplotlib.figure import Figure

from explorable import frames, live, page, panels, svg
from explorable.controls import checked_start, controls_of, record
from explorable.controls import log as log
from explorable.drag import check_places, checked_drag

#: The type of the record that stands beside an explorer's markup in a notebook.
MIME = "application/vnd.explorable+json"


def explore(
    figure=None, update=None, /, *, alt=None, start=None, labels=None, marks=None, play=None,
    drag=None, static=False, **controls,
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
    static: no live half, also where a kernel runs: for a notebook that is executed to be published.
    controls: what each offers, as ipywidgets' `interact` takes it:
        (0.0, 2.2) continuous · log(1, 100) continuous, on a log scale · (0, 40) every integer ·
        (0, 1, 0.1) stepped · [1, 3, 10] its own stops · ["plain", "momentum"] a choice.

    The page is drawn here and now, so what goes wrong goes wrong here: a ValueError names the
    argument or the combination. Rasterized artists are drawn as vectors.
    """
    return Explorer(
        figure, update, controls, alt=alt, start=start, labels=labels, marks=marks, play=play,
        drag=drag, static=static,
    )  # fmt: skip


class Explorer:
    """Shows itself: live when there is a `widget`, as a page (`html`), or in words (`alt`).

    `record` says what it offers: {"alt": ..., "controls": {name: {"label", "kind", "low", "high",
    "scale", "values", "marks", "play"}}, "start": {name: value}, "drag": [{"x": name, "y": name}],
    "nodes": {name: at how many places it was drawn}, "frames": how many drawings were made,
    "measured": {"places", "worst", "snaps", "misread"}}: what of the report `measured` keeps. In a
    notebook it stands beside the markup, with its names sorted; the order of the controls is in
    `data-controls`. `report` says how the drawing between nodes compares with matplotlib's: see
    `frames`.

    Made as by `explore`, but for the controls, a mapping, and for
    colours: {"#rrggbb": what stands for it in CSS}; `svg.COLOURS` otherwise,
    css: rules of the page's own, after those of every explorer.
    """

    def __init__(
        self, figure, update, controls, *, alt=None, start=None, labels=None, marks=None, play=None,
        drag=None, static=False, colours=svg.COLOURS, css="",
    ):  # fmt: skip
        if not isinstance(figure, Figure):
            raise ValueError(f"figure must be a matplotlib Figure, got {type(figure).__name__}")
        if not isinstance(alt, str) or not alt.strip():
            raise ValueError(f"alt must be a text that says what the figure shows, got {alt!r}")
        controls = controls_of(controls, labels, marks, play)
        start = checked_start(start, controls)
        handles = checked_drag(drag, controls, figure)
        _check_update(update, start)
        check_places(handles, lambda values: frames.call(update, values), controls, start)
        panels.labelled(figure)
        with panels.named(figure):
            drawn = frames.draw(figure, update, controls, start, colours, handles)
        self.alt, self.report, self.widget = alt, drawn.report, None
        alive = not static and live.possible()
        if alive:
            self.still, hidden = live.still(drawn.base, alt)
            css = hidden + css
        self.html = page.element(figure, drawn, controls, start, handles, alt, css)
        self.record = {
            "alt": alt,
            "controls": {control.name: record(control) for control in controls},
            "start": start,
            "drag": [handle.names for handle in handles],
            "nodes": drawn.report["nodes"],
            "frames": drawn.count,
            "measured": measured(drawn.report),
        }
        if alive:
            self.widget = live.widget(figure, update, controls, start, handles, alt, colours, css)

    def __repr__(self):
        return self.alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        view = self.widget._repr_mimebundle_() if self.widget else {}
        return {**view, "text/html": self.html, MIME: self.record, "text/plain": self.alt}

    def _ipython_display_(self):
        """With a kernel, a picture before the widget: what a saved notebook shows without one."""
        if not self.widget:
            raise NotImplementedError  # IPython then asks for the bundle
        from IPython.display import display

        display({"text/html": self.still, "text/plain": self.alt}, raw=True)
        display(self._repr_mimebundle_(), raw=True)

    def save(self, path, title=None):
        """Write a page of its own, which needs no other file and no network.

        title: what the browser calls the page; the alternative text otherwise.
        """
        if not isinstance(path, str | os.PathLike):
            raise ValueError(f"path must be where to write the page, got {path!r}")
        if title is not None and (not isinstance(title, str) or not title.strip()):
            raise ValueError(f"title must be a text, got {title!r}")
        Path(path).write_text(page.document(self.html, title or self.alt), encoding="utf-8")


def measured(report):
    """Of a report what a notebook keeps: at how many places a drawing was compared, the largest
    error in CSS pixels (rounded up to a tenth), the share of places that show a node (to a
    hundredth), how many numbers read otherwise.
    """
    worst = math.ceil(min(report["worst"], 1000) * 10 - 1e-6) / 10
    return {
        "places": report["places"], "worst": worst,
        "snaps": round(report["snaps"], 2), "misread": report["misread"],
    }  # fmt: skip


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
