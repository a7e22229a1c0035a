"""Sliders that work twice: live in a notebook with a kernel, and in a page that has none.

    explore(figure, update, alt="...", eta=[0.1, 0.2, 0.3], method=["plain", "momentum"])

With a kernel the controls are ipywidgets, and `update` runs at every move. Without one (the
published page, a file opened from disk) every combination was drawn beforehand, and native inputs
put the drawings in place.
"""

import base64
import html
import inspect
import itertools
import json
import math
import os
import zlib
from importlib import resources

from matplotlib.figure import Figure

from nnbook import frames, plotting, vector
from nnbook.controls import checked_labels, checked_start, checked_values, few, markup, texts

MOST_COMBINATIONS = 2000
MOST_BYTES = 1_500_000  # of compressed frames in a page


class Explorer:
    """Shows itself: live when there is a `widget`, as a page (`html`), or in words (`alt`)."""

    def __init__(self, html, alt, widget):
        self.html, self.alt, self.widget = html, alt, widget

    def __repr__(self):
        return self.alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        live = self.widget._repr_mimebundle_() if self.widget else {}
        return {**live, "text/html": self.html, "text/plain": self.alt}


def explore(figure=None, update=None, /, *, alt=None, start=None, labels=None, **controls):
    """Let the reader move through combinations of values and see a figure change.

    figure: a matplotlib Figure.
    update: called as update(**values); changes artists of the figure by their set_ methods, and
        depends on its values alone. It must not add or remove artists.
    alt: what the figure shows, for those who cannot see it.
    start: {control: value} to begin with; a control begins with its first value otherwise.
    labels: {control: what stands beside it}; its name otherwise.
    controls: each a sequence of at least two numbers (a slider) or strings (a choice).

    Every combination is drawn here and now, so what goes wrong goes wrong here: a ValueError names
    the argument or the combination. Rasterized artists are drawn as vectors. There is no live half
    when the environment variable NNBOOK_STATIC is set.
    """
    if not isinstance(figure, Figure):
        raise ValueError(f"figure must be a matplotlib Figure, got {type(figure).__name__}")
    plotting.checked_alt(alt)
    controls = _checked(controls)
    start, labels = checked_start(start, controls), checked_labels(labels, controls)
    _check_update(update, start)
    values = itertools.product(*controls.values())
    combinations = [dict(zip(controls, each, strict=True)) for each in values]
    drawn = frames.draw(figure, update, combinations, combinations.index(start))
    page = _page(drawn, combinations.index(start), alt, controls, start, labels)
    widget = _live(figure, update, alt, controls, start, labels) if _has_kernel() else None
    return Explorer(page, alt, widget)


def _checked(controls):
    """The values of each control as a list, when there are not too many combinations."""
    for name in ("figure", "update"):
        if name in controls:
            raise ValueError(
                f"a control cannot be called {name!r}: figure and update are arguments of explore, "
                "given first and without their names"
            )
    if not controls:
        raise ValueError("explore needs a control: a keyword with values, such as eta=[0.1, 0.2]")
    controls = {name: checked_values(name, given) for name, given in controls.items()}
    count = math.prod(len(values) for values in controls.values())
    if count > MOST_COMBINATIONS:
        each = " × ".join(f"{len(values)} ({name})" for name, values in controls.items())
        raise ValueError(
            f"{each} = {count} combinations, more than the limit of {MOST_COMBINATIONS}; "
            "give fewer values"
        )
    return controls


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


def _page(drawn, frame, alt, controls, start, labels):
    """The base figure, native inputs, the frames, and the script that puts them in place."""
    data = json.dumps({"parts": drawn.parts, "frames": drawn.frames}, separators=(",", ":"))
    base, data = vector.stamp(f"{drawn.base}\n{data}").split("\n", 1)
    deflate = zlib.compressobj(9, wbits=-15)
    packed = base64.b64encode(deflate.compress(data.encode()) + deflate.flush()).decode()
    if len(packed) > MOST_BYTES:
        raise ValueError(
            f"{len(drawn.frames)} frames take {len(packed):,} bytes compressed, more than the "
            f"limit of {MOST_BYTES:,}; give fewer values, or change less of the figure"
        )
    inputs = [markup(labels[name], values, start[name]) for name, values in controls.items()]
    return (
        f'<figure class="nn-explorer" data-controls="{html.escape(json.dumps(controls))}" '
        f'data-frames="{len(drawn.frames)}" data-frame="{frame}">'
        f"<style>{plotting.CSS}{_file('explore.css')}</style>"
        f"<noscript><style>.nn-controls{{display:none}}</style></noscript>"
        f"{plotting.framed(base, alt)}"
        f'<form class="nn-controls" autocomplete="off" data-lm-suppress-shortcuts="true">'
        f"<fieldset disabled>{''.join(inputs)}</fieldset></form>"
        f'<script type="application/x-nn-frames">{packed}</script>'
        f"<script>{_file('explore.js')}</script></figure>"
    )


def _file(name):
    return (resources.files("nnbook") / name).read_text(encoding="utf-8").strip()


def _has_kernel():
    if os.environ.get("NNBOOK_STATIC"):
        return False
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return hasattr(get_ipython(), "kernel")


def _live(figure, update, alt, controls, start, labels):
    """The same controls as ipywidgets, and the figure drawn anew at every move."""
    import ipywidgets as widgets

    width = f"{min(max(map(len, labels.values())), 24) * 0.6 + 1:.1f}em"
    inputs = {}
    for name, values in controls.items():
        if not isinstance(values[0], str):
            kind = widgets.SelectionSlider
        else:
            kind = widgets.ToggleButtons if few(values) else widgets.Dropdown
        inputs[name] = kind(
            options=list(zip(texts(values), values, strict=True)),
            value=start[name],
            description=labels[name],
            style={"description_width": width},
            layout=widgets.Layout(width="auto"),
        )
        if kind is widgets.ToggleButtons:
            inputs[name].style.button_width = "auto"
    picture, message = widgets.HTML(), widgets.HTML()

    def show(_=None):
        values = {name: control.value for name, control in inputs.items()}
        try:
            frames.call(update, values)
            with frames.frozen_layout(figure):
                drawing = plotting.framed(plotting.svg(figure), alt)
            picture.value = f"<style>{plotting.CSS}</style>{drawing}"
            message.value = ""
        except Exception as error:  # the last good picture stays, and says why it does not follow
            text = html.escape(str(error))
            message.value = f'<pre role="alert" style="white-space:pre-wrap">{text}</pre>'

    # The browser sends one change at a time and drops those it overtakes: a drag does not queue up.
    for control in inputs.values():
        control.observe(show, names="value")
    show()
    layout = widgets.Layout(max_width="620px")
    return widgets.VBox([picture, message, *inputs.values()], layout=layout)
