"""An explorer as HTML: a figure, native inputs, the frames, the script that puts them in place."""

import base64
import html
import json
import re
import zlib
from importlib import resources

from explorable.controls import markup

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


def element(drawn, frame, controls, start, labels, alt, css):
    """The element, a string: `drawn` shows `frame`, and `css` stands after the style of its own."""
    packed = _packed({"parts": drawn.parts, "frames": drawn.frames})
    if len(packed) > MOST_BYTES:
        raise ValueError(
            f"{len(drawn.frames)} frames take {len(packed):,} bytes compressed, more than the "
            f"limit of {MOST_BYTES:,}; give fewer values, or change less of the figure"
        )
    inputs = [markup(name, labels[name], v, start[name]) for name, v in controls.items()]
    return (
        f'<figure class="explorer" data-controls="{_attribute(controls)}" '
        f'data-state="{_attribute(start)}" '
        f'data-frames="{len(drawn.frames)}" data-frame="{frame}">'
        f"{style(css)}<noscript><style>.explorer-controls{{display:none}}</style></noscript>"
        f"{picture(drawn.base, alt)}"
        '<form class="explorer-controls" autocomplete="off" data-lm-suppress-shortcuts="true">'
        f"<fieldset disabled>{''.join(inputs)}</fieldset></form>"
        f'<script type="application/x-explorer-frames">{packed}</script>'
        f"<script>{_file('explorer.js')}</script></figure>"
    )


def style(css):
    return f"<style>{_file('explorer.css')}{css}</style>"


def picture(svg, alt):
    """A drawing with its alternative text."""
    return f'<div class="explorer-figure" role="img" aria-label="{html.escape(alt)}">{svg}</div>'


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


def _packed(data):
    deflate = zlib.compressobj(9, wbits=-15)
    packed = deflate.compress(json.dumps(data, separators=(",", ":")).encode()) + deflate.flush()
    return base64.b64encode(packed).decode()


def _attribute(value):
    return html.escape(json.dumps(value))


def _file(name):
    """Style or script, without its comments: each explorer of a page brings a copy."""
    text = (resources.files("explorable") / name).read_text(encoding="utf-8")
    return re.sub(r"^\s*(//.*|/\*.*?\*/)\n| // .*", "", text, flags=re.MULTILINE).strip()
