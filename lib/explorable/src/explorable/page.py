"""An explorer as HTML: a figure, native inputs, the frames, the script that puts them in place."""

import base64
import html
import json
import re
from importlib import resources

from explorable import frames, packing, svg
from explorable.inputs import actions, described, markup
from explorable.panels import panels

SCRIPTS = ("picture.js", "controls.js", "hand.js", "start.js")
MOST_BYTES = 1_500_000  # of compressed frames in a page

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>body{{margin:2rem auto;max-width:46rem;padding:0 1rem;font:1rem sans-serif}}</style>
</head><body>
{body}
</body></html>
"""


def element(fig, drawn, controls, start, handles, alt, css):
    """The element, a string: `drawn` shows the values of `start`, and `css` stands after the style
    of its own.
    """
    packed = packing.packed(drawn.data, drawn.integers)
    if len(packed) > MOST_BYTES:
        costs = drawn.report["bytes of"]
        most = max(costs, key=costs.get)
        raise ValueError(
            f"the drawings take {len(packed):,} bytes compressed, more than the limit of "
            f"{MOST_BYTES:,}; most are for {most}, at {drawn.report['nodes'][most]} nodes: give it "
            "fewer values or a shorter range, or change less of the figure"
        )
    about = {control.name: described(control) for control in controls}
    rows = "".join(markup(control, start[control.name]) for control in controls)
    drag = [handle.described() for handle in handles]
    with frames.frozen_layout(fig), svg.canvas(fig) as (renderer, _):
        boxes = panels(fig, renderer)
    setting = ", ".join(f"{c.label} = {c.text(start[c.name])}" for c in controls)
    return (
        f'<figure class="explorer" data-controls="{_attribute(about)}" '
        f'data-state="{_attribute(start)}" data-drag="{_attribute(drag)}" '
        f'data-panels="{_attribute(boxes)}" data-letters="{_smallest(fig):g}" '
        f'style="--explorer-rows:{len(controls)}">'
        f"{style(css)}<noscript><style>.explorer-controls{{display:none}}</style></noscript>"
        f"{picture(drawn.base, alt, fig)}"
        f'<p class="explorer-setting">{html.escape(setting)}</p>'
        '<form class="explorer-controls" autocomplete="off" data-lm-suppress-shortcuts="true">'
        f"<fieldset disabled>{rows}</fieldset>{actions(controls)}</form>"
        '<p class="explorer-said" aria-live="polite"></p>'
        f'<script type="application/x-explorer-frames">{packed}</script>'
        f"<script>{script()}</script></figure>"
    )


def script():
    """The parts of the script in one closure, without their comments."""
    return "(() => {\n" + "\n".join(map(_file, SCRIPTS)) + "\n})();"


def _smallest(fig):
    """The size of the smallest labels of ticks, in points."""
    sizes = [
        label.get_fontsize()
        for ax in fig.axes
        for axis in (ax.xaxis, ax.yaxis)
        for label in axis.get_ticklabels()
        if label.get_visible() and label.get_text()
    ]
    return min(sizes, default=10)


def style(css):
    return f"<style>{_file('explorer.css')}{css}</style>"


def picture(drawing, alt, fig, ghost=""):
    """A drawing with its alternative text, no larger than reads well, over another, pale one."""
    width, height = fig.get_size_inches()
    size = f"--explorer-own:{width:g};--explorer-shape:{width / height:.3f}"
    pale = f'<div class="explorer-ghost" aria-hidden="true">{ghost}</div>' if ghost else ""
    return (
        f'<div class="explorer-figure" style="{size}">{pale}<div role="img" '
        f'aria-label="{html.escape(alt)}">{drawing}</div></div>'
    )


def still(svg, alt):
    """A drawing as an <img>: it is shown also where a notebook is not trusted, or has no kernel."""
    width, height, inside = re.search(
        r'<svg\b[^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>(.*)</svg>', svg, re.DOTALL
    ).groups()
    # Inline SVG needs neither the namespaces nor a size.
    alone = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width} {height}" width="{width}pt" height="{height}pt" '
        f'stroke-linejoin="round">{inside}</svg>'
    )
    data = base64.b64encode(alone.encode()).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{data}" alt="{html.escape(alt)}" '
        'style="width:100%;max-width:620px;background-color:#ffffff">'
    )


def document(element, title):
    """A whole page with nothing but an explorer."""
    return _PAGE.format(title=html.escape(title), body=element)


def _attribute(value):
    return html.escape(json.dumps(value))


def _file(name):
    """Style or script, without its comments: each explorer of a page brings a copy."""
    text = (resources.files("explorable") / name).read_text(encoding="utf-8")
    return re.sub(r"^\s*(//.*|/\*.*?\*/)\n| // .*", "", text, flags=re.MULTILINE).strip()
