"""What an artist draws, taken apart: a template, which is text, and the numbers that stand in it.

A `Recorder` is matplotlib's SVG renderer, but for three things. Coordinates of paths stay numbers
and never become text. Nothing is cut off at the figure's edge, so that a drawing has the same
numbers wherever its points lie. A text is kept as its words, its place and its numbers, apart from
the glyphs that show it.

In a template a sign of the private range stands where a number goes:

    PATH "MLL" END   the vertices of a path, two numbers for each letter but z
    NUMBER           a coordinate, a width, an opacity
    COLOUR           a colour, three numbers
    TEXT             a text: its anchor, two numbers, then the numbers that are written in it
"""

import io
import re
from contextlib import contextmanager
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from explorable import svg
from explorable.digits import value_of

NUMBER, COLOUR, PATH, END, TEXT, WRITTEN, DIGIT = "\ue001\ue002\ue003\ue004\ue005\ue006\ue007"
FARTHEST = 1e6  # points; farther out a coordinate says nothing that is seen

_LETTERS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", 79: "z"}
_IN_TEXT = re.compile(r"[-+\N{MINUS SIGN}]?\d+(?:\.\d+)?(?:e[-+\N{MINUS SIGN}]?\d+)?")


class Writing(NamedTuple):
    """A text as it was drawn."""

    string: str
    words: str  # with WRITTEN in the place of each number
    written: tuple  # these numbers, as they stand there
    artist: object  # the Text, or None
    layout: str  # the SVG of its glyphs; DIGIT stands for each digit when `steady`
    offset: tuple  # of the layout from the anchor
    steady: bool  # the digits that are drawn are those of the string, in its order
    font: tuple  # what draws it again: properties, ismath


class Drawing(NamedTuple):
    """What a unit draws."""

    template: str
    numbers: np.ndarray
    kinds: str  # for each number: x, y, c(olour), o(ther), t(ext)
    writings: tuple


class Recorder(svg.Renderer):
    def __init__(self, width, height, image_dpi, colours):
        self.text, self.colours = io.StringIO(), colours
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        super().__init__(width, height, self.text, image_dpi=image_dpi, metadata=nothing)
        self.paths, self.writings, self.definitions = [], [], []
        self.defined = set()  # texts in whose fonts all digits are defined
        self.plain = set()  # words of texts whose numbers are part of the words
        self._from = self._position()

    def _position(self):
        self.writer.flush()
        self.writer._XMLWriter__flush(indent=False)  # also the bracket of the last tag
        return self.text.tell()

    def take(self):
        """What was drawn since the last call, as a list of pieces: Drawing or plain text.

        Plain text is what was written outside of a unit; a unit is between two marks.
        """
        end = self._position()
        self.text.seek(self._from)
        raw = self.text.read(end - self._from)
        self._from = end
        raw = re.sub(r"<defs>.*?</defs>", self._keep, raw, flags=re.DOTALL)
        raw = re.sub(r"\s*\n\s*", "", raw)  # lines and their indents, which tell how deep it stands
        pieces, paths, writings = [], iter(self.paths), iter(self.writings)
        for i, piece in enumerate(re.split(r"<!-- explorable:(\S+) -->", raw)):
            if i % 2:
                name = piece
            elif i == 0 or name == "/":
                pieces.append(("/", _between(piece)))
            else:
                pieces.append(
                    (int(name), _drawing(piece, paths, writings, self.colours, self.plain))
                )
        self.paths, self.writings = [], []
        return pieces

    def _keep(self, match):
        self.definitions.append(match[0])
        return ""

    def mark(self, name):
        self.writer.comment(f"explorable:{name}")

    def digits(self, writing):
        """Define the glyphs of all digits in the fonts of a text."""
        prop, ismath = writing.font
        string = re.sub(r"\d+", "0", writing.string)  # each number stands in one font
        if (string, ismath, hash(prop)) in self.defined:
            return
        self.defined.add((string, ismath, hash(prop)))
        for k in range(10):
            text = string.replace("0", str(k))
            draw = self._text2path.get_glyphs_mathtext
            font = (prop,)
            if not ismath:
                draw = self._text2path.get_glyphs_with_font
                font = (self._text2path._get_font(prop),)
            _, new, _ = draw(*font, text, glyph_map=self._glyph_map, return_new_glyphs_only=True)
            self._update_glyph_map_defs(new)

    def draw_path(self, gc, path, transform, rgbFace=None):
        data = self._noted(path, self._make_flip_transform(transform), gc.get_sketch_params())
        if gc.get_url() is not None:
            self.writer.start("a", {"xlink:href": gc.get_url()})
        style = self._get_style(gc, rgbFace)
        self.writer.element("path", d=data, **self._get_clip_attrs(gc), style=style)
        if gc.get_url() is not None:
            self.writer.end("a")

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        """Markers as one path with a marker at each of its points; one or two are used as such."""
        flipped = self._make_flip_transform(trans)
        points = [v[-2:] for v, _ in path.iter_segments(flipped, simplify=False) if len(v)]
        if not points:
            return
        shape = self._convert_path(marker_path, marker_trans + Affine2D().scale(1.0, -1.0))
        style = self._get_style(gc, rgbFace)
        name = self._make_id("m", (shape, style, len(points) > 2))
        self.writer.start("defs")
        if len(points) > 2:
            self.writer.start("marker", id=name, overflow="visible", markerUnits="userSpaceOnUse")
            self.writer.element("path", d=shape, style=style)
            self.writer.end("marker")
        else:
            self.writer.element("path", id=name, d=shape, style=style)
        self.writer.end("defs")
        if gc.get_url() is not None:
            self.writer.start("a", {"xlink:href": gc.get_url()})
        clip = self._get_clip_attrs(gc)
        if len(points) > 2:
            data = self._noted(Path(points), None)
            look = f"fill: none; marker: url(#{name})"
            self.writer.element("path", d=data, **clip, style=look)
        else:
            self.writer.start("g", **clip)
            for x, y in np.clip(points, -FARTHEST, FARTHEST):
                at = {"x": repr(float(x)), "y": repr(float(y))}
                self.writer.element("use", attrib={"xlink:href": f"#{name}", **at})
            self.writer.end("g")
        if gc.get_url() is not None:
            self.writer.end("a")

    def _get_clippath_id(self, clippath):
        return clippath.vertices.tobytes()  # named by what it is, not by the object

    def draw_path_collection(self, *args, **kwargs):
        self._path_collection_id = 0  # its shapes are named by what they are, not by their turn
        super().draw_path_collection(*args, **kwargs)

    def _noted(self, path, transform, sketch=None):
        """The letters of a path; its vertices are kept."""
        clean = path.cleaned(
            transform=transform, remove_nans=True, simplify=False, curves=True, sketch=sketch
        )
        codes, vertices = clean.codes[:-1], clean.vertices[:-1]  # the last one says stop
        self.paths.append(np.clip(vertices[codes != 79], -FARTHEST, FARTHEST).ravel())
        return PATH + "".join(_LETTERS[code] for code in codes.tolist()) + END

    def _draw_text_as_path(self, gc, x, y, s, prop, angle, ismath, mtext=None):
        anchor = (0.0, 0.0)
        if mtext is not None:
            x0, y0 = mtext.get_transform().transform(mtext.get_unitless_position())
            anchor = (float(x0), float(self.height - y0))
        self.writings.append((s, mtext, anchor, (float(x), float(y)), (prop, bool(ismath))))
        self.writer.comment("text")
        super()._draw_text_as_path(gc, x, y, s, prop, angle, ismath, mtext)
        self.writer.comment("end")


@contextmanager
def recording(fig, colours):
    """A recorder on an empty page of the figure's size."""
    dpi = fig.dpi
    width, height = fig.get_size_inches()
    with mpl.rc_context(svg.SETTINGS):
        try:
            fig.dpi = 72
            svg.reset_layout(fig)
            yield Recorder(width * 72, height * 72, dpi, colours)
        finally:
            fig.dpi = dpi


_PLACES = re.compile(
    rf"{PATH}([A-Za-z]*){END}"
    r"|(?P<colour>(?<=: )#[0-9a-f]{6})"
    r"|<!-- text -->(?P<text>.*?)<!-- end -->"
    r"|(?<=translate\()(?P<shift>[^)]*)(?=\))"
    r"|(?<= (?P<axis>[xy])=\")(?P<at>-?[\d.e-]+)(?=\")"
    r"|(?<=opacity: )(?P<opacity>[\d.e-]+)"
    r"|(?<=matrix\()(?P<matrix>[^)]*)(?=\))",
    re.DOTALL,
)


def _drawing(raw, paths, writings, colours, plain):
    """A unit's SVG as template and numbers."""
    numbers, kinds, kept = [], [], []

    def place(match):
        kind = match.lastgroup
        if kind is None:
            points = next(paths)
            numbers.extend(points.tolist())
            kinds.append("xy" * (len(points) // 2))
            return match[0]
        if kind == "colour":
            if match[0] in colours:
                return match[0]
            numbers.extend(int(match[0][i : i + 2], 16) for i in (1, 3, 5))
            kinds.append("ccc")
            return COLOUR
        if kind == "text":
            writing, anchor = _writing(match[0], *next(writings), plain)
            kept.append(writing)
            numbers.extend([*anchor, *map(value_of, writing.written)])
            kinds.append("xy" + "t" * len(writing.written))
            return f"{TEXT}{writing.words}{END}"
        if kind == "at":
            numbers.append(float(match[0]))
            kinds.append(match["axis"])
            return NUMBER
        found = re.findall(r"-?[\d.]+(?:e-?\d+)?", match[0])
        numbers.extend(map(float, found))
        kinds.append("xy"[: len(found)] if kind == "shift" else "o" * len(found))
        if kind == "matrix":
            kinds[-1] = "mmmmxy"
        return " ".join([NUMBER] * len(found))

    raw = re.sub(r"<(g|image)( [^>]*?)? id=\"[^\"]*\"", r"<\1\2", raw)
    template = _PLACES.sub(place, raw)
    template = re.sub(r"<!--.*?-->", "", template, flags=re.DOTALL)
    return Drawing(template, np.array(numbers, float), "".join(kinds), tuple(kept))


def _between(raw):
    """What was written between units, without names that count how often they were drawn."""
    raw = re.sub(r'<g id="(?!explorable-)[^"]*"', "<g", raw)
    return re.sub(r"<!--.*?-->", "", raw, flags=re.DOTALL)


def taken_apart(string, plain=()):
    """-> a text with a sign in the place of each number, the numbers as they are written."""
    words = _IN_TEXT.sub(WRITTEN, string)
    return (string, ()) if words in plain else (words, tuple(_IN_TEXT.findall(string)))


def _writing(raw, string, artist, anchor, at, font, plain):
    raw = re.sub(r"<!--.*?-->", "", raw, flags=re.DOTALL)
    raw = re.sub(r' data-words="[^"]*"', "", raw)  # they come again with their digits
    drawn = re.findall(r'href="#\S+-3(\d)"', raw)
    steady = drawn == re.findall(r"\d", string)
    offset = at[0] - anchor[0], at[1] - anchor[1]
    raw = re.sub(r"translate\([^)]*\)", f"translate({TEXT})", raw, count=1)
    if steady:
        raw = re.sub(r'href="#(\S+-3)\d"', rf'href="{DIGIT}\1"', raw)
    words, written = taken_apart(string, plain)
    return Writing(string, words, written, artist, raw, offset, steady, font), anchor
