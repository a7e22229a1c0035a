"""matplotlib's SVG, made fit to stand inside a page.

A drawing is text. It loses what would disturb the page around it (a style rule for every element,
names that two figures would share), its coordinates are cut to 1/100 point, and its colours become
the page's. What several drawings of a figure have in common, the definitions of glyphs, markers
and clip paths, is gathered in one place.

`draw` makes the SVG of a figure. Who has several drawings of a figure to make draws on a `canvas`,
takes what was drawn apart (`taken_apart`) and puts the element together again (`put_together`).
"""

import hashlib
import io
import re
from contextlib import contextmanager

import matplotlib as mpl
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.layout_engine import ConstrainedLayoutEngine, TightLayoutEngine

#: What a page puts in place of a colour, unless it is told otherwise: black is the colour of the
#: text around the figure, white that of the page.
COLOURS = {"#000000": "currentColor", "#ffffff": "var(--explorer-paper,#fff)"}

SETTINGS = {"svg.hashsalt": "explorable", "svg.fonttype": "path", "image.composite_image": False}
_SPEAKS = re.compile(r"[^\W\d_]{2,}")
_OWN = "\ue000"  # begins the names of a drawing until it has names of its own; no figure writes it


def draw(fig, colours=COLOURS):
    """The figure as an SVG element: as wide as its column, the same every time.

    colours: {"#rrggbb": what stands for it in CSS}.
    """
    with canvas(fig) as (renderer, text):
        fig.draw(renderer)
    return put_together(fig, *taken_apart(text.getvalue(), colours))[0]


class Renderer(RendererSVG):
    """Glyphs are drawn; a label with a word in it says which, how wide it is, and which end of it
    stays if the words change, so that it can be written in another language:
    <g data-words="learning rate" data-anchor="middle" data-width="61.9">.
    """

    def _draw_text_as_path(self, gc, x, y, s, prop, angle, ismath, mtext=None):
        speaks = _SPEAKS.search(re.sub(r"\$[^$]*\$", "", s))
        if speaks:
            side = mtext.get_horizontalalignment() if mtext is not None else "left"
            if mtext is not None and mtext.get_rotation() and mtext.get_rotation_mode() != "anchor":
                side = "center"
            anchor = {"left": "start", "right": "end"}.get(side, "middle")
            wide = f"{self.get_text_width_height_descent(s, prop, ismath)[0]:.1f}"
            about = {"data-words": s, "data-anchor": anchor, "data-width": wide}
            self.writer.start("g", attrib=about)
        super()._draw_text_as_path(gc, x, y, s, prop, angle, ismath, mtext)
        if speaks:
            self.writer.end("g")


@contextmanager
def canvas(fig):
    """matplotlib's own SVG renderer on an empty page of the figure's size, and what it writes."""
    text, dpi = io.StringIO(), fig.dpi
    width, height = fig.get_size_inches()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with mpl.rc_context(SETTINGS):
        try:
            fig.dpi = 72  # an SVG counts in points
            reset_layout(fig)
            renderer = Renderer(width * 72, height * 72, text, image_dpi=dpi, metadata=nothing)
            yield renderer, text
            renderer.finalize()
        finally:
            fig.dpi = dpi


def taken_apart(text, colours):
    """What was drawn on a canvas, fit for a page: -> the drawing, {definition: its name}."""
    return hoist(tidy(text, colours))


def put_together(fig, body, definitions, groups=()):
    """-> the SVG element, and groups of other drawings that share its definitions.

    All get names of their own, made of all that bears them: only equal figures share a name. The
    definitions are part of the element, as what is hidden defines nothing.
    """
    width, height = fig.get_size_inches() * 72
    defs = "".join(d.replace("id=%", f'id="{name}"', 1) for d, name in definitions.items())
    whole = (
        f'<svg viewBox="0 0 {width:g} {height:g}" fill="currentColor" stroke-linejoin="round" '
        f'style="width:100%;height:auto" aria-hidden="true"><defs>{defs}</defs>{body}</svg>'
    )
    bearers = "\n".join([whole, *(drawing for group in groups for drawing in group)])
    own = f"n{hashlib.sha256(bearers.encode()).hexdigest()[:8]}-"
    groups = [[drawing.replace(_OWN, own) for drawing in group] for group in groups]
    return whole.replace(_OWN, own), groups


def reset_layout(fig):
    """Put the axes where they began: what a layout engine finds depends on where it left them."""
    if isinstance(fig.get_layout_engine(), ConstrainedLayoutEngine | TightLayoutEngine):
        for ax in fig.axes:
            if spec := ax.get_subplotspec():
                ax._set_position(spec.get_position(fig))


def _rounded(match):
    number = f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if number == "-0" else number


def _short_path(match):
    numbers = re.sub(r"-?\d+\.\d+", _rounded, match[1])
    commands = re.sub(r"\s*([A-Za-z])\s*", r"\1", " ".join(numbers.split()))
    return f' d="{commands}"'


def _short_attribute(match):
    return re.sub(r"-?\d+\.\d+", _rounded, match[0])


def tidy(text, colours, merge=True):
    """matplotlib's SVG without prolog, comments and names of groups, its `colours` exchanged.

    Comments that begin with "explorable:" stay. Coordinates keep two decimals; a scale() keeps all
    of its digits, since glyphs are drawn a thousand times too large.
    """
    text = text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]
    text = re.sub(
        r"<defs>\s*<style.*?</defs>", "", text, flags=re.DOTALL
    )  # its rule would style the whole page
    text = re.sub(r"<!--(?! explorable:).*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r">\s+<", "><", text.strip().replace("base64,\n", "base64,"))
    text = re.sub(r'<g id="explorable-axes-(\d+)"', r'<g data-axes="\1"', text)
    text = re.sub(r"<(g|image)( [^>]*?)? id=\"[^\"]*\"", r"<\1\2", text)
    text = re.sub(r' d="([^"]*)"', _short_path, text)
    text = re.sub(r' [xy]="[^"]*"|translate\([^)]*\)', _short_attribute, text)
    text = text.replace("xlink:href", "href")
    if merge:
        uses = r"<g( clip-path=[^>]*)?>((?:<use href=[^>]*/>){3,})</g>"
        text = re.sub(uses, _markers_as_path, text)
    return re.sub(r"(?<=: )#[0-9a-f]{6}", lambda m: colours.get(m[0], m[0]), text)


def _markers_as_path(match):
    """Copies of a marker as one path with a marker at each point: less to send, parse and draw."""
    uses = re.findall(r'<use href="#([^"]*)" x="([^"]*)" y="([^"]*)" style="([^"]*)"/>', match[2])
    if len(uses) != match[2].count("<use") or len({(u[0], u[3]) for u in uses}) > 1:
        return match[0]
    shape, _, _, style = uses[0]  # a shape has another name for each style
    points = "L".join(f"{x} {y}" for _, x, y, _ in uses)
    marker = (
        f'<defs><marker id="{shape}-m" overflow="visible" markerUnits="userSpaceOnUse">'
        f'<use href="#{shape}" style="{style}"/></marker></defs>'
    )
    look = f"fill: none; marker: url(#{shape}-m)"
    return f'{marker}<path d="M{points}"{match[1] or ""} style="{look}"/>'


def hoist(text):
    """Move definitions (glyphs, markers, clip paths) out: -> the drawing, {definition: name}.

    Equal definitions get one name, whatever they were called.
    """
    definitions, names = {}, {}

    def renamed(text):
        pattern = r'(?<=href="#)[^"]+|(?<=url\(#)[^)]+'
        return re.sub(pattern, lambda m: names.get(m[0], m[0]), text)

    def take(match):
        elements = r'<(\w+)((?: [^>]*?)?) id="([^"]*)"((?:[^>]*?/>)|(?:.*?</\1>))'
        for tag, before, old, after in re.findall(elements, match[1]):
            definition = renamed(f"<{tag}{before} id=%{after}")
            names[old] = definitions.setdefault(definition, f"{_OWN}{len(definitions):x}")
        return ""

    return renamed(re.sub(r"<defs>(.*?)</defs>", take, text)), definitions
