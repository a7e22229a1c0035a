"""Reads an explorer out of its page, and an SVG into what it draws, however it is written.

Definitions are resolved, transformations applied and styles inherited: what is left is a list of
shapes, each with its points on the page, its colours and its clip. Shares no code with the library.
"""

import base64
import json
import math
import re
import xml.etree.ElementTree as ET
import zlib

import numpy as np

HREF = "{http://www.w3.org/1999/xlink}href"
INK, GRID, PAPER = "#1f2022", "#dcdddf", "#fefdfc"
BLACK = {"fill": "#000000"}
STYLES = {
    "fill",
    "stroke",
    "stroke-width",
    "opacity",
    "fill-opacity",
    "stroke-opacity",
    "stroke-dasharray",
}


def decoded(page):
    """Of a page with one explorer: the base SVG, the data of its script, the bytes of numbers."""
    packed = re.search(r'<script type="application/x-explorer-frames">(.*?)</script>', page)[1]
    whole = zlib.decompress(base64.b64decode(packed), wbits=-15)
    size = 4 + int.from_bytes(whole[:4], "little")
    return re.search(r"<svg.*?</svg>", page, re.DOTALL)[0], json.loads(whole[4:size]), whole[size:]


def shapes(markup):
    """[(kind, commands, points (n, 2), style, clip), ...] in drawing order."""
    markup = re.sub(r"<\?xml.*?\?>|<!DOCTYPE.*?>", "", markup, flags=re.DOTALL)
    root = ET.fromstring(markup)
    for element in root.iter():
        element.tag = element.tag.split("}")[-1]
    ids = {e.get("id"): e for e in root.iter() if e.get("id")}
    return [shape for child in root for shape in _walk(child, np.eye(3), BLACK, None, ids)]


def _walk(element, matrix, style, clip, ids):
    if element.tag in ("defs", "metadata", "style"):
        return
    style = style | _style(element)
    if element.get("clip-path"):
        content = ids[element.get("clip-path")[5:-1]]
        clip = [c for child in content for c in _walk(child, np.eye(3), BLACK, None, ids)]
    matrix = matrix @ _transform(element.get("transform", ""))
    if element.tag == "use":
        moved = matrix @ _translation(float(element.get("x", 0)), float(element.get("y", 0)))
        target = ids[(element.get("href") or element.get(HREF))[1:]]
        yield from _walk(target, moved, style, clip, ids)
    elif element.tag in ("path", "rect"):
        commands, points = _points(element)
        if style.get("fill", "").startswith("url("):  # a hatch
            hatch = [c for child in ids[style["fill"][5:-1]] for c in _hatch(child, ids)]
            style = style | {"fill": str(hatch)}
        look = tuple(sorted((k, _colour(v)) for k, v in style.items() if k in STYLES))
        if "marker" in style:
            for x, y in points:
                for child in ids[style["marker"][5:-1]]:
                    yield from _walk(child, matrix @ _translation(x, y), BLACK, clip, ids)
        elif points.size and not {("fill", "none")} >= set(look) - {("stroke", "none")}:
            page = np.c_[points, np.ones(len(points))] @ matrix.T
            yield element.tag, commands, page[:, :2], look, clip
    elif element.tag == "image":
        href = re.sub(r"\s", "", element.get("href") or element.get(HREF))
        box = [float(element.get(k, 0)) for k in ("x", "y", "width", "height")]
        yield "image", href, (np.array([[*box[:2], 1]]) @ matrix.T)[:, :2], tuple(box[2:]), clip
    else:
        for child in element:
            yield from _walk(child, matrix, style, clip, ids)


def _hatch(element, ids):
    for _, commands, points, look, _ in _walk(element, np.eye(3), BLACK, None, ids):
        yield commands, points.round(1).tolist(), look


def _style(element):
    pairs = re.findall(r"([\w-]+): *([^;]+)", element.get("style", ""))
    return {name: value.strip() for name, value in pairs}


def _colour(value):
    """A colour of the page as the colour it stands for; text, paper and grid by their roles."""
    value = re.sub(r"var\(--[a-z-]+,(#\w+)\)", r"\1", value)
    return {
        "currentColor": INK,
        "#000000": INK,
        "#fff": PAPER,
        "#ffffff": PAPER,
        "#8883": GRID,
        "#cccccc": GRID,
    }.get(value, value)


def _translation(x, y):
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def _transform(text):
    matrix = np.eye(3)
    for kind, given in re.findall(r"(\w+)\(([^)]*)\)", text):
        v = [float(number) for number in re.split(r"[ ,]+", given.strip())]
        if kind == "translate":
            step = _translation(v[0], v[1] if len(v) > 1 else 0)
        elif kind == "scale":
            step = np.diag([v[0], v[-1], 1.0])
        elif kind == "rotate":
            c, s = np.cos(np.radians(v[0])), np.sin(np.radians(v[0]))
            step = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
        else:
            step = np.array([[v[0], v[2], v[4]], [v[1], v[3], v[5]], [0, 0, 1.0]])
        matrix = matrix @ step
    return matrix


def _points(element):
    if element.tag == "rect":
        x, y, w, h = (float(element.get(k)) for k in ("x", "y", "width", "height"))
        return "rect", np.array([[x, y], [x + w, y + h]])
    d = element.get("d", "")
    numbers = [float(number) for number in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", d)]
    return "".join(re.findall(r"[A-Za-z]", d)), np.array(numbers).reshape(-1, 2)


def same(a, b, tolerance=0.03):
    """ "" when two lists of shapes draw the same, else the first difference in words."""
    # The ground of the figure comes first, where it has one.
    ground = b and (b[0][0] == "rect" or "z" in b[0][1].lower())
    size = np.max(b[0][2], axis=0) if ground else np.full(2, 1e9)
    a, b = ([s for s in shapes if _touches(s, size)] for shapes in (a, b))
    if len(a) != len(b):
        return f"{len(a)} shapes against {len(b)}"
    for i, (one, other) in enumerate(zip(a, b, strict=True)):
        if one[0] != other[0] or not _alike(one[3], other[3]):
            return f"shape {i}: {one[0], one[1][:40], one[3]} against {other[:2], other[3]}"
        far = math.inf
        if one[1] == other[1]:
            far = np.abs(one[2] - other[2]).max()
        if far > tolerance and set(one[1] + other[1]) <= {"M", "L"}:
            # matplotlib cuts lines off at the figure's edge.
            far = _apart(_seen(*one[1:3], *_box(one, size)), _seen(*other[1:3], *_box(other, size)))
        if far > tolerance:
            return f"shape {i} ({one[1][:40]}) is {far:.3f} points off {other[1][:40]}"
        if (one[4] is None) != (other[4] is None) or (
            one[4] is not None and same(one[4], other[4], tolerance)
        ):
            return f"shape {i} is clipped differently"
    return ""


def _touches(shape, size):
    """Whether something of it may be seen: matplotlib leaves out, or cuts, what is not."""
    if shape[0] == "image":
        return True
    if set(shape[1]) <= {"M", "L"}:
        return len(_seen(*shape[1:3], *_box(shape, size))) > 0
    low, high = _box(shape, size)
    return bool(
        np.all(shape[2].max(axis=0) >= low - 1) and np.all(shape[2].min(axis=0) <= high + 1)
    )


def _box(shape, size):
    """Two corners of where something of a shape may be seen: its clip, in the figure."""
    low, high = np.zeros(2), size
    for clip in shape[4] or ():
        low, high = np.maximum(low, clip[2].min(axis=0)), np.minimum(high, clip[2].max(axis=0))
    return low, high


def _alike(one, other):
    """Whether two looks are the same, but for the last digits of what fades."""
    return len(one) == len(other) and all(
        a == b or (a[0] == b[0] and "opacity" in a[0] and abs(float(a[1]) - float(b[1])) < 0.02)
        for a, b in zip(one, other, strict=True)
    )


def _apart(one, other):
    """The largest distance of an end of one list of segments (n, 2, 2) from the other's lines."""
    if not len(one) or not len(other):
        rest = np.concatenate([one, other])
        return float(np.sum(np.hypot(*(rest[:, 1] - rest[:, 0]).T)))
    return max(_reach(one, other), _reach(other, one))


def _reach(ends, lines):
    start, step = lines[:, 0], lines[:, 1] - lines[:, 0]
    there = ends.reshape(-1, 1, 2) - start
    along = np.clip(np.sum(there * step, 2) / np.sum(step * step, 1), 0, 1)
    return float(np.max(np.min(np.hypot(*np.moveaxis(there - along[..., None] * step, 2, 0)), 1)))


def _seen(commands, points, corner, end):
    """The segments (n, 2, 2) of a line of which something lies well within a box."""
    found = []
    for k in range(1, len(points)):
        if commands[k] == "M":
            continue
        start, step = points[k - 1], points[k] - points[k - 1]
        low, high = 0.0, 1.0
        for axis in (0, 1):
            if step[axis] == 0:
                if not corner[axis] <= start[axis] <= end[axis]:
                    high = -1.0
                continue
            ends = sorted((np.array([corner[axis], end[axis]]) - start[axis]) / step[axis])
            low, high = max(low, ends[0]), min(high, ends[1])
        if (high - low) * np.hypot(*step) > 0.1:
            found.append([start + low * step, start + high * step])
    return np.array(found).reshape(-1, 2, 2)
