"""Figures of the book: one style, colours that everybody can tell apart, SVG that suits its page.

The colours derive from Okabe and Ito (2008): each has a contrast of 3:1 or more on white and on
near-black, and each pair stays distinct for the three kinds of colour blindness. In an SVG every
colour of the book is a CSS variable, which a dark page brightens; black counts as ink and takes
the colour of the text around it.
"""

import functools
import html

import matplotlib as mpl
from cycler import cycler
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure

import explorable.svg

# The type of the record that stands beside a figure in a notebook.
MIME = "application/vnd.nnbook.figure+json"

#: The colours of the book.
BLUE, ORANGE, GREEN = "#0072b2", "#cc8400", "#009e73"
#: The colours of the book.
RED, PURPLE, GREY = "#bf2a1b", "#c973a4", "#666666"
#: Stand-ins for the colours of the text, of a grid line and of the page, which only the page knows.
INK, GRID, PAPER = "#1f2022", "#dcdddf", "#fefdfc"

#: The six colours, in the order in which curves take them.
CYCLE = (BLUE, ORANGE, GREEN, RED, PURPLE, GREY)
#: For filled contours: a blue more and more opaque, so that the lowest level is the page itself,
#: light or dark.
TERRAIN = LinearSegmentedColormap.from_list("terrain", [to_rgba(BLUE, 0.04), to_rgba(BLUE, 0.62)])

_GRID, _PAPER = "var(--nn-grid,#8883)", "var(--nn-paper,#fff)"
_NAMES = ("blue", "orange", "green", "red", "purple", "grey")
# What an SVG says for a colour, and what a dark page makes of it.
IN_SVG = {
    "#000000": "currentColor",
    INK: "currentColor",
    GRID: _GRID,
    PAPER: _PAPER,
    # A figure that was made outside the book's style is white, and its legends have a grey frame.
    "#ffffff": _PAPER,
    "#cccccc": _GRID,
    **{colour: f"var(--nn-{name},{colour})" for name, colour in zip(_NAMES, CYCLE, strict=True)},
}
_DARK = {
    "blue": "#56b4e9",
    "orange": "#f0ad1f",
    "green": "#0fb585",
    "red": "#f5573d",
    "purple": "#e8a3cd",
    "grey": "#9a9a9a",
}
_DARK_PAGE = 'html[data-theme="dark"],body[data-jp-theme-light="false"],body.vscode-dark'
# The colours of the page, for the figures of the book and for explorers (see explorer.css).
CSS = (
    ".nn-figure{margin:0 auto;max-width:620px}.nn-figure svg{display:block;width:100%;height:auto}"
    ":is(.nn-figure,.explorer,.explorer-figure){"
    "--nn-paper:var(--pst-color-background,var(--jp-layout-color0,Canvas));"
    f"--explorer-accent:var(--nn-blue,{BLUE});--explorer-paper:var(--nn-paper)}}"
    f":is({_DARK_PAGE}) :is(.nn-figure,.explorer,.explorer-figure){{"
    f"{';'.join(f'--nn-{name}:{c}' for name, c in _DARK.items())}}}"
    # In dark mode the theme of the book puts every HTML output on a light card.
    ".text_html:has(.nn-figure){background:none!important;color:inherit!important;padding:0!important}"
)

STYLE = {
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "mathtext.fontset": "dejavusans",
    "axes.unicode_minus": True,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "grid.alpha": 1.0,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "axes.prop_cycle": cycler(color=CYCLE),
    "lines.linewidth": 1.8,
    "lines.markersize": 4.5,
    "legend.frameon": False,
    "figure.dpi": 72,
}
_MAKERS = (
    *("plot", "semilogx", "semilogy", "loglog", "scatter", "bar", "barh", "hist", "step", "stem"),
    *("errorbar", "fill_between", "fill_betweenx", "stackplot", "axhline", "axvline", "axline"),
    *("hlines", "vlines", "contour", "contourf", "quiver", "imshow", "pcolormesh", "text"),
    *("annotate", "legend", "clabel", "bar_label", "set_title", "set_xscale", "set_yscale", "grid"),
    *("twinx", "twiny", "inset_axes", "secondary_xaxis", "secondary_yaxis", "suptitle"),
    *("supxlabel", "supylabel", "colorbar", "add_subplot", "add_axes"),
)


def figure(nrows=1, ncols=1, *, width=5.6, height=2.8, **subplots_kw):
    """A figure of the book and its axes, as `Figure.subplots` gives them; sizes in inches.

    5.6 inches wide, its text is legible on a phone and looks right at 600 pixels. Black means ink.
    """
    for name, value in (("width", width), ("height", height)):
        if not (isinstance(value, int | float) and 0 < value < 100):
            raise ValueError(f"{name} must be a number of inches between 0 and 100, got {value!r}")
    with mpl.rc_context(STYLE):
        fig = Figure(figsize=(width, height), layout="constrained")
        axes = fig.subplots(nrows, ncols, **subplots_kw)
    # matplotlib looks sizes and colours up when it makes an artist: these methods make them.
    for owner in (fig, *fig.axes):
        for name in _MAKERS:
            if hasattr(owner, name):
                setattr(owner, name, _in_style(getattr(owner, name)))
    return fig, axes


def _in_style(method):
    @functools.wraps(method)
    def styled(*args, **kwargs):
        with mpl.rc_context(STYLE):
            return method(*args, **kwargs)

    return styled


def svg(fig):
    """The figure as inline SVG: as wide as its column, in the page's colours, always the same."""
    if not isinstance(fig, Figure):
        raise ValueError(f"figure must be a matplotlib Figure, got {type(fig).__name__}")
    return explorable.svg.draw(fig, IN_SVG)


class Show:
    """A figure with its alt text: SVG where HTML is shown, the alt text everywhere else."""

    def __init__(self, markup, alt):
        self.html, self.alt = markup, alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.html, MIME: {"alt": self.alt}, "text/plain": self.alt}


def show(fig, alt):
    """Display a figure with a text for those who cannot see it."""
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt must be a text that says what the figure shows, got {alt!r}")
    picture = f'<div class="nn-figure" role="img" aria-label="{html.escape(alt)}">{svg(fig)}</div>'
    return Show(f"<style>{CSS}</style>{picture}", alt)
