"""Are a cell's outputs those that stand in the notebook? Drawings are compared by what they draw.

Everything must be equal: texts, records, markup, scripts, colours, metadata. Only this may differ,
since the last digits of a computation vary between processors: the coordinates of a drawing by
0.05 points, the pixels of an image by 4 of 255 levels. A drawing's names come from a hash of all
of it, so each stands for what it names; an explorer's numbers are compared one by one.

A long training may make more of such digits than of anything else. Of a cell with the tag
`chaotic` only the words and the kinds of what is drawn must be equal, numbers and places not.
"""

import base64
import contextlib
import io
import itertools
import os
import re
import xml.etree.ElementTree as ET
import zlib

import numpy as np
from PIL import Image

from explorable import MIME, packing

POINTS, LEVELS = 0.05, 4
_NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")
_NAME = re.compile(r'(?:(?<=id=")|(?<=href="#)|(?<=url\(#))n[0-9a-f]{8}(?=-[0-9a-f]+\b)')
_REFERENCE = re.compile(r"url\(#([^)]*)\)")
_DRAWN = re.compile(
    r'(<svg\b.*?</svg>|<script type="application/x-explorer-frames">.*?</script>)', re.DOTALL
)


def differences(test, reference, chaotic=False):
    """In words, for two lists of outputs. The streams come first: their place may vary."""
    found = []
    for name in ("stdout", "stderr"):
        a, b = ("".join(o["text"] for o in each if o.get("name") == name)
                for each in (test, reference))  # fmt: skip
        if a != b and not (chaotic and _words(a) == _words(b)):
            found.append(f"{name}: {b!r} in the notebook, {a!r} when executed again")
    test, reference = ([o for o in each if o["output_type"] != "stream"]
                       for each in (test, reference))  # fmt: skip
    if len(test) != len(reference):
        found.append(f"{len(reference)} outputs in the notebook, {len(test)} when executed again")
    for a, b in zip(test, reference, strict=False):
        for key in sorted({*a, *b} - {"data", "execution_count", "traceback"}):
            if a.get(key) != b.get(key):
                found.append(f"{key}: {b.get(key)!r} in the notebook, {a.get(key)!r} now")
        one, other = a.get("data", {}), b.get("data", {})
        for mime in sorted({*one, *other}):
            if mime not in one or mime not in other:
                found.append(f"{mime} in {'the notebook' if mime in other else 'the new run'} only")
            elif why := _differ(mime, one[mime], other[mime], chaotic):
                found.append(f"{mime}: {why}")
    return found


def _words(text):
    return " ".join(_NUMBER.sub("#", text).split())


def _differ(mime, a, b, chaotic):
    if a == b:
        return ""
    if mime == "image/png":
        return _images(a, b)
    if mime == MIME:  # what was measured is a result of numbers that are compared by themselves
        a, b = ({k: v for k, v in each.items() if k != "measured"} for each in (a, b))
        if a == b:
            return ""
    if mime in ("text/html", "image/svg+xml"):
        return pages(a, b, chaotic)
    return f"{b!r} in the notebook, {a!r} when executed again"


def pages(a, b, chaotic=False):
    """ "" when two pieces of HTML show the same, else the first difference."""
    pieces, others = _DRAWN.split(a), _DRAWN.split(b)
    if len(pieces) != len(others):
        return f"{len(others) // 2} drawings in the notebook, {len(pieces) // 2} now"
    definitions, other_definitions = _Definitions(), _Definitions()
    for i, (one, other) in enumerate(zip(pieces, others, strict=True)):
        if i % 2 == 0:
            if one != other and not (chaotic and _words(one) == _words(other)):
                at = len(os.path.commonprefix([one, other]))
                was, now = (text[max(at - 20, 0) : at + 60] for text in (other, one))
                return f"{was!r} in the notebook, {now!r} now"
        elif one.startswith("<svg") and other.startswith("<svg"):
            definitions, other_definitions = _Definitions(one), _Definitions(other)
            definitions.alike = definitions.plain(one) == other_definitions.plain(other)
            if why := _drawings(one, other, definitions, other_definitions, chaotic):
                return why
        elif why := _frames(one, other, definitions, other_definitions, chaotic):
            return why
    return ""


def _frames(a, b, definitions, other_definitions, chaotic):
    """Of two packed scripts: the same templates and places, and the same numbers but for digits."""
    one, other = _unpacked(a), _unpacked(b)
    if one is None or other is None:
        return "frames that cannot be read"
    (data, numbers), (other_data, other_numbers) = one, other
    if chaotic:
        same = [len(data["units"]), data["handles"]] == [
            len(other_data["units"]),
            other_data["handles"],
        ]
        return "" if same else "other units or handles"
    for name in ("templates", "layouts"):
        if _names(data[name]) != _names(other_data[name]):
            return f"other {name}"
        for key in _names(data[name]):
            pair = data[name][key], other_data[name][key]
            if name == "layouts":
                (x, y, _), (u, v, _) = pair
                if max(abs(x - u), abs(y - v)) > POINTS:
                    return f"layout {key} has another place"
                pair = pair[0][2], pair[1][2]
            if why := _drawings(*pair, definitions, other_definitions):
                return f"{name[:-1]} {key}: {why}"
    fonts = [[definitions.get(n) for n in names] for names in data["fonts"]]
    others = [[other_definitions.get(n) for n in names] for names in other_data["fonts"]]
    if [[_glyph(g) for g in font] for font in fonts] != [[_glyph(g) for g in f] for f in others]:
        return "other digits"
    for name in ("units", "forms", "said", "handles"):
        if data[name] != other_data[name]:
            return f"other {name}"
    for k, (x, y) in enumerate(zip(numbers, other_numbers, strict=True)):
        if x.shape != y.shape or np.any(np.abs(x - y) > POINTS):
            return f"other numbers in table {k}"
    return ""


def _names(group):
    return range(len(group)) if isinstance(group, list) else sorted(group)


def _glyph(element):
    return None if element is None else (element.tag, element.get("d"))


def _unpacked(script):
    """-> the data of an explorer, and its tables of numbers, in coordinates or digits."""
    try:
        packed = script[script.index(">") + 1 : script.rindex("<")]
        data, numbers = packing.unpacked(packed)
        tables, numbers = [], np.array(numbers)
        for unit in data["units"]:
            for case in unit["cases"]:
                shapes = [([], case["steps"])]
                for group in case["groups"]:
                    pairs = zip(group["tables"], group["nodes"], strict=True)
                    kept = {t: [len(group["places"][n]) for n in names] for t, names in pairs}
                    shapes += [(kept[t], group["steps"]) for t in sorted(kept)]
                for shape, steps in shapes:
                    size = len(steps) * int(np.prod(shape))
                    table = numbers[:size].reshape(len(steps), *shape)
                    numbers = numbers[size:]
                    for axis in range(table.ndim):
                        table = np.cumsum(table, axis=axis)
                    # A step is 1/100 or 1/20 of a point; of a number in a text 1/1000 of its digit.
                    worth = np.array([s if s in (0.01, 0.05) else 0.01 for s in steps])
                    tables.append(table * worth.reshape(-1, *[1] * len(shape)))
        return None if len(numbers) else (data, tables)
    except (ValueError, zlib.error, KeyError, TypeError):
        return None


class _Definitions(dict):
    """{name: element} of an SVG; `alike` when the other's text is the same but for the hash."""

    alike = False

    def __init__(self, svg=""):
        with contextlib.suppress(ET.ParseError):  # said where the drawings are compared
            super().__init__({e.get("id"): e for e in _parsed(svg).iter() if e.get("id")})
        self.own = {name.split("-")[0] for name in self}

    def plain(self, markup):
        """The text without the hash in names of its own; a stranger's stays."""
        return _NAME.sub(lambda m: "" if m[0] in self.own else m[0], markup)


def _parsed(markup):
    return ET.fromstring(f"<g>{markup}</g>")


def _drawings(a, b, definitions, other_definitions, chaotic=False):
    if definitions.alike and definitions.plain(a) == other_definitions.plain(b):
        return ""
    try:
        x, y = _parsed(a), _parsed(b)
    except ET.ParseError as error:
        return f"a drawing that is not well formed: {error}"
    drawn = _tokens(x, definitions), _tokens(y, other_definitions)
    for one, other in itertools.zip_longest(*drawn):
        if one != other and not _close(one, other, chaotic):
            return f"draws {str(other)[:120]} in the notebook, {str(one)[:120]} now"
    return ""


def _tokens(element, definitions, seen=()):
    """What an element draws, in order: (tag, attribute, text), names replaced by what they name."""
    if element.tag == "defs":
        return
    yield element.tag, "", (element.text or "").strip()
    for key, value in sorted(element.attrib.items()):
        if key == "id":
            continue
        names = [value[1:]] if value.startswith("#") else _REFERENCE.findall(value)
        plain = "#" if value.startswith("#") else _REFERENCE.sub("url()", value)
        yield element.tag, key, plain if names else value
        for name in names:
            if name not in definitions or name in seen:
                yield "missing", name, ""
            else:
                yield from _tokens(definitions[name], definitions, (*seen, name))
    for child in element:
        yield from _tokens(child, definitions, seen)
    yield element.tag, "end", (element.tail or "").strip()


def _close(one, other, chaotic):
    """Equal but for the last digits of coordinates, or of an image's pixels."""
    if one is None or other is None or one[:2] != other[:2]:
        return False
    (_, key, a), (_, _, b) = one, other
    if chaotic:  # the path of a digit is another digit's
        return key in ("d", "href", "transform") or _words(a) == _words(b)
    if key == "href" and a.startswith("data:image/png") and b.startswith("data:image/png"):
        return not _images(a.split(",", 1)[1], b.split(",", 1)[1])
    if key == "transform":  # a scale is no coordinate
        scales = [re.findall(r"(?:scale|matrix)\([^)]*\)", text) for text in (a, b)]
        if scales[0] != scales[1]:
            return False
    elif key not in ("d", "x", "y", "width", "height", "points", "x1", "x2", "y1", "y2"):
        return False
    if _NUMBER.sub("#", a) != _NUMBER.sub("#", b):
        return False
    x, y = (np.array([float(n) for n in _NUMBER.findall(text)]) for text in (a, b))
    return bool(np.all(np.abs(x - y) <= POINTS + 1e-9))


def _images(a, b):
    try:
        x, y = (
            np.asarray(Image.open(io.BytesIO(base64.b64decode(text))).convert("RGBA"), dtype=int)
            for text in (a, b)
        )
    except (ValueError, OSError) as error:
        return f"an image that cannot be read: {error}"
    if x.shape != y.shape:
        return f"an image of {y.shape[1::-1]} pixels in the notebook, of {x.shape[1::-1]} now"
    if (gap := np.abs(x - y).max(initial=0)) > LEVELS:
        return f"an image whose pixels differ by {gap} of 255"
    return ""
