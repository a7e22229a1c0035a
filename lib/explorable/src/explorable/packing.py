"""What was drawn, as the page gets it: text in JSON, and its numbers in as few bytes as will do.

A number is a multiple of a step (1/100 point for a coordinate, 1/20 when it is interpolated). What
is written are differences along every control and from one number to the next, each in as many
bytes as it needs, and all is deflated.
"""

import base64
import html
import json
import re
import zlib

import numpy as np

from explorable import digits, svg
from explorable.recorder import COLOUR, DIGIT, END, NUMBER, PATH, TEXT

BETWEEN = 0.05
MOST = 2.0**48  # steps in a number: differences of these are exact, here and in the page
STEP = {"x": 0.01, "y": 0.01, "c": 1, "o": 0.001, "m": 1e-6}
_CUT = "\ue00f"


def packed(data, integers):
    """Base64 of the deflated page data: the length of the JSON (4 bytes), the JSON, the numbers."""
    return deflated(data, varints(integers))


def deflated(data, numbers):
    """Base64 of the data and of numbers that are bytes already."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()
    deflate = zlib.compressobj(9, wbits=-15)
    whole = len(text).to_bytes(4, "little") + text + numbers
    return base64.b64encode(deflate.compress(whole) + deflate.flush()).decode()


def unpacked(text):
    """The other way: -> the data and the numbers."""
    data, packed = inflated(text)
    numbers, n, unit = [], 0, 1
    for byte in packed:
        n += (byte & 127) * unit
        unit *= 128
        if byte < 128:
            numbers.append(-(n + 1) // 2 if n % 2 else n // 2)
            n, unit = 0, 1
    return data, numbers


def inflated(text):
    """-> the data, and the numbers as bytes."""
    whole = zlib.decompress(base64.b64decode(text), wbits=-15)
    size = 4 + int.from_bytes(whole[:4], "little")
    return json.loads(whole[4:size]), whole[size:]


def varints(integers):
    """7 bits a byte, the eighth says that more follow; the lowest bit is the sign."""
    out = bytearray()
    for value in integers:
        n = 2 * value if value >= 0 else -2 * value - 1
        while n > 127:
            out.append(n & 127 | 128)
            n >>= 7
        out.append(n)
    return bytes(out)


class Page:
    """The base figure, the data and the numbers of an explorer that was drawn in a studio."""

    def __init__(self, studio, pieces, cases):
        self.studio, self.integers = studio, []
        self.names = {}  # {number of a template: its number in the page}
        self.fonts = []
        self.nodes = {name: set() for name in studio.controls}
        self.bytes = {name: 0 for name in studio.controls}
        numbers = list(cases)
        units = [self._unit(k, i, *cases[k]) for i, k in enumerate(numbers)]
        layouts = {key: w for key, w in studio.layouts.items() if key[0] in self.names}
        static = [piece if name == "/" else piece.template for name, piece in pieces]
        for writing in [*layouts.values(), *(w for n, p in pieces if n != "/" for w in p.writings)]:
            if writing.font and writing.steady:
                studio.recorder.digits(writing)
        self._finish(pieces, cases, units, layouts, static)

    def _step(self, template, channel, kind, between=False):
        if kind != "t":
            return BETWEEN if between and kind in "xy" else STEP[kind]
        shape = self.studio.form(template, channel)
        if (template, channel) in self.studio.logs:
            return 10.0 ** -shape[1] / 5000
        values = [abs(v) for v in self.studio.written[template, channel].values() if v]
        step = min((digits.unit_of(v, shape) for v in values), default=1.0) / 1000
        if max(values, default=0) / step > MOST:
            self.studio.tell(template, channel)
        return step

    def _put(self, array, steps):
        """Numbers of nodes (..., channels), as differences along every axis, channels first."""
        whole = np.moveaxis(np.round(array / steps).astype(np.int64), -1, 0)
        for axis in range(whole.ndim):
            whole = np.diff(whole, axis=axis, prepend=0)
        self.integers += whole.ravel().tolist()

    def _template(self, number):
        return self.names.setdefault(number, len(self.names))

    def _unit(self, k, i, choices, cases):
        sentence = k >= len(self.studio.units)
        return {
            "part": None if sentence else i,
            "choices": choices,
            "cases": [self._case(case) for case in cases.values()],
        }

    def _case(self, case):
        kinds = self.studio.kinds[case.template]
        numbers = self._printed(case.template, range(len(kinds)), case.numbers)
        steps = [self._step(case.template, c, kind) for c, kind in enumerate(kinds)]
        self._put(numbers, np.array(steps))
        return {
            "template": self._template(case.template),
            "steps": steps,
            "groups": [self._group(case, group) for group in case.groups],
        }

    def _printed(self, template, channels, numbers):
        """Numbers in texts as they are printed, where they are shown as drawn: a tie that Python
        rounds to even, a page would round up."""
        numbers = numbers.copy()
        for i, channel in enumerate(channels):
            kinds = self.studio.kinds[template]
            log = (template, channel) in self.studio.logs
            if channel < len(kinds) and kinds[channel] == "t" and not log:
                shape = self.studio.form(template, channel)
                text = digits.written(float(numbers[i]), shape)
                numbers[i] = float(text.replace(digits.MINUS, "-"))
        return numbers

    def _group(self, case, group):
        if not group.outer and set(group.places) <= group.stops:
            for table, templates in zip(group.values, group.templates, strict=True):
                flat = table.reshape(-1, table.shape[-1])
                for i, t in enumerate(np.ravel(templates)):
                    flat[i] = self._printed(int(t), group.channels, flat[i])
        before = len(self.integers)
        found = sorted({int(t) for table in group.templates for t in np.ravel(table)})
        steps, between = [], len(group.places) > len(group.stops)
        for channel in group.channels:
            each = [self._step(t, channel, self.studio.kinds[t][channel], between)
                    for t in found if channel < len(self.studio.kinds[t])]  # fmt: skip
            steps.append(min(each))
        # Numbers that are always equal, as those of a line and of its markers, are written once.
        whole = np.concatenate([table.reshape(-1, len(steps)) for table in group.values])
        power = np.zeros((2, len(steps))) if group.power is None else group.power
        early = np.zeros(len(steps), bool) if group.early is None else group.early
        keys = [(whole[:, c].tobytes(), steps[c], *power[:, c].tolist(), bool(early[c]))
                for c in range(len(steps))]  # fmt: skip
        first = {key: c for c, key in reversed(list(enumerate(keys)))}
        kinds = self.studio.kinds[found[0]].ljust(1 + max(group.channels), "-")
        kept = sorted(first.values(), key=lambda c: (kinds[group.channels[c]], c))
        columns = [kept.index(first[key]) for key in keys]
        steps = [steps[c] for c in kept]
        tables, same = {}, []  # as w0² has the same at both ends
        for table in group.values:
            key = table.shape, np.round(table[..., kept] / steps).tobytes()
            if key not in tables:
                tables[key] = len(tables)
                self._put(table[..., kept], np.array(steps))
            same.append(tables[key])
        for name, places in group.places.items():
            self.nodes[name] |= {float(u) for u in places}
        for name, degree in group.outer:
            self.nodes[name] |= {0.0, 1.0} if degree == 1 else {0.0, 0.5, 1.0}
        for name in [*group.places, *(n for n, _ in group.outer)]:
            self.bytes[name] += len(varints(self.integers[before:]))
        return {
            "channels": group.channels.tolist(),
            "columns": columns,
            "tables": same,
            "outer": group.outer,
            "cross": group.cross,
            "order": group.order,
            "places": {n: [round(float(u), 7) for u in x] for n, x in group.places.items()},
            "stops": sorted(group.stops),
            "nodes": [matter for _, matter in group.nodes],
            "power": None if group.power is None else np.round(group.power[:, kept], 6).tolist(),
            "early": None if group.early is None else [int(group.early[c]) for c in kept],
            "snapped": [",".join(map(str, cell)) for cell in sorted(group.snapped)],
            "steps": steps,
            "templates": None if not group.mixed else [
                [self._template(int(t)) for t in np.ravel(table)] for table in group.templates
            ],
        }  # fmt: skip

    def _finish(self, pieces, cases, units, layouts, static):
        studio, recorder = self.studio, self.studio.recorder
        recorder.finalize()
        recorder.take()  # clips and hatches
        templates = [None] * len(self.names)
        for text, number in studio.templates.items():
            if number in self.names:
                templates[self.names[number]] = text
        shown = [w for name, piece in pieces if name != "/" for w in piece.writings]
        texts = [
            *templates,
            *(w.layout for w in layouts.values()),
            *(w.layout for w in shown),
            *static,
        ]
        texts = [re.sub(rf"{DIGIT}([^\"]*)", self._font, text) for text in texts]
        fonts = "".join(f'<use href="#{f}{k}"/>' for f in self.fonts for k in range(10))
        joined = _CUT.join([*texts, fonts, "".join(recorder.definitions)])
        body = svg.tidy(f"<svg>{joined}</svg>", recorder.colours, merge=False)
        body, definitions = svg.hoist(body)
        *texts, fonts, _ = body.split(_CUT)
        used = re.findall(r'href="#([^"]*)"', fonts)
        fonts = [used[i : i + 10] for i in range(0, len(used), 10)]
        templates, texts = texts[: len(templates)], texts[len(templates) :]
        drawn, texts = texts[: len(layouts)], texts[len(layouts) :]
        own, static = texts[: len(shown)], texts[len(shown) :]

        own, numbers, base = iter(own), {k: i for i, k in enumerate(cases)}, []
        for (name, piece), text in zip(pieces, static, strict=True):
            if name != "/":
                text = filled(text, piece, [next(own) for _ in piece.writings], fonts)
                if name in numbers:
                    text = f'<g data-part="{numbers[name]}">{text}</g>'
            base.append(text)
        layouts = {
            f"{self.names[t]},{k},{string}": [*(round(v, 2) for v in w.offset), text]
            for ((t, k, string), w), text in zip(layouts.items(), drawn, strict=True)
        }
        forms = {}
        for number, name in self.names.items():
            for channel, kind in enumerate(studio.kinds[number]):
                if kind == "t":
                    shape = studio.form(number, channel)
                    forms[f"{name},{channel}"] = [*shape, (number, channel) in studio.logs]
        data = {
            "templates": templates, "layouts": layouts, "forms": forms, "fonts": fonts,
            "units": units, "said": studio.said(cases), "handles": self._handles(cases),
        }  # fmt: skip
        text = json.dumps(data, ensure_ascii=False)
        whole, ((text,), *_) = svg.put_together(studio.fig, "".join(base), definitions, [[text]])
        self.base, self.data = whole, json.loads(text)
        self.counts = {
            "nodes": {name: len(u) for name, u in self.nodes.items()},
            "bytes of": self.bytes,
            "drawings": studio.drawings,
        }

    def _handles(self, cases):
        """For each point that a hand may drag: its unit and which number is its x; or None."""
        found = []
        for handle in self.studio.handles:
            k = self.studio.units.index(handle.artist)
            kinds = [
                self.studio.kinds[c.template] for c in (cases[k][1].values() if k in cases else ())
            ]
            same = len(set(kinds)) == 1 and "xy" in kinds[0]
            found.append([list(cases).index(k), kinds[0].rindex("xy")] if same else None)
        return found

    def _font(self, match):
        if match[1] not in self.fonts:
            self.fonts.append(match[1])
        return f"{DIGIT}{self.fonts.index(match[1])};"


def filled(template, drawing, layouts, fonts):
    """The SVG of a drawing, from its template and the layouts of its texts."""
    numbers, layouts, writings = (
        iter(drawing.numbers.tolist()),
        iter(layouts),
        iter(drawing.writings),
    )

    def place(match):
        if match[0] == NUMBER:
            return short(next(numbers), 4)
        if match[0] == COLOUR:
            return "#" + "".join(f"{round(next(numbers)):02x}" for _ in range(3))
        if match[0][0] == PATH:
            return path(match[1], numbers)
        writing, (x, y) = next(writings), (next(numbers), next(numbers))
        for _ in writing.written:
            next(numbers)
        found = iter(re.findall(r"\d", writing.string))
        text = re.sub(
            rf"{DIGIT}(\d+);", lambda m: f"#{fonts[int(m[1])][int(next(found))]}", next(layouts)
        )
        words = html.escape(writing.string)
        text = text.replace("<g data-anchor", f'<g data-words="{words}" data-anchor', 1)
        at = f"{short(x + writing.offset[0])} {short(y + writing.offset[1])}"
        return text.replace(TEXT, at)

    places = rf"{PATH}([A-Za-z]*){END}|{NUMBER}|{COLOUR}|{TEXT}[^{END}]*{END}"
    return re.sub(places, place, template)


def path(letters, numbers):
    """SVG's path data; a vertex of a curve that is not its last one has no letter of its own."""
    out, left = [], 0
    for letter in letters:
        out.append(" " if left else letter)
        left = left - 1 if left else {"Q": 1, "C": 2}.get(letter, 0)
        if letter != "z":
            out.append(f"{short(next(numbers))} {short(next(numbers))}")
    return "".join(out)


def short(number, decimals=2):
    text = f"{number:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
