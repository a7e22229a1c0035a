"""Draw a figure where its controls ask for it, and keep only what a page needs to draw it anywhere.

A figure is drawn once in full. After that each unit (an artist that is drawn as one piece) is drawn
alone, at its own nodes: which controls it depends on is found by trying. Its drawing is text with
numbers in it (`recorder`), and between nodes the numbers are interpolated (`nodes`). At random
places the figure is drawn anew and compared with what the page would show: that is the report.
"""

import itertools
import math
import re
from functools import partial
from itertools import zip_longest
from typing import NamedTuple

import numpy as np
from matplotlib.axis import Axis
from matplotlib.collections import Collection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from explorable import digits, nodes, packing, svg
from explorable.digits import value_of
from explorable.recorder import END, PATH, TEXT, Drawing, Writing, recording, taken_apart
from explorable.stage import Stage, call, frozen_layout, named

MOST_COMBINATIONS = 20000
EVERY = 2000  # so many combinations of stops are all drawn
PLACES = 200  # at which the drawing is compared with matplotlib's
STOPS = 40  # places of an explorer without a continuous control: nothing is interpolated there
LAST = 100  # pixels that an error of a last printed digit counts for
LIMIT = 0.5  # CSS pixels of error, at most
MARGIN = 20  # points around what is seen: a marker there still shows
WIDTH = 690  # CSS pixels of a figure, in which errors are measured
__all__ = ["Drawn", "call", "draw", "frozen_layout"]


class Drawn(NamedTuple):
    """What a page needs."""

    base: str  # SVG; unit k is <g data-part="k">, drawn as at the start
    data: dict  # for the page's script, see `picture.js`
    integers: list  # and its numbers, quantized
    report: dict

    @property
    def count(self):
        return self.report["drawings"]


class Case:
    """A unit for one combination of choices: its groups of numbers and what stays."""

    def __init__(self, template, numbers, problem, *given):
        self.template, self.numbers, self.problem, self.given = template, numbers, problem, given
        self.groups = problem.groups(*given)

    def many(self, places):
        """At each place: the template, the numbers, whether a node is shown in place of an
        interpolation.
        """
        size = max([len(self.numbers), *(len(group.channels) for group in self.groups)])
        numbers = np.tile(np.pad(self.numbers, (0, size - len(self.numbers))), (len(places), 1))
        templates = np.full(len(places), self.template)
        snapped = np.zeros(len(places), bool)
        for group in self.groups:
            numbers[:, group.channels], found, snaps = group.many(places)
            templates, snapped = (found if group.mixed else templates), snapped | snaps
        return list(zip(templates.tolist(), numbers, snapped.tolist(), strict=True))

    def at(self, place):
        return self.many([place])[0]

    def mend(self, place, bad, snap):
        """Numbers (a mask) are off at a place: once more from the start, if they depend on more
        than was found; else more nodes, or with `snap` the nearer node is shown there.
        """
        if self.problem.missed(self.groups, place, bad):
            self.groups = self.problem.groups(*self.given)
            return
        try:
            for group in self.groups:
                if np.any(bad[group.channels[group.channels < len(bad)]]):
                    group.improve(place, snap)
        except nodes.Varies:
            self.mix()

    def mix(self):
        """All numbers in one group, which depends on all controls that the unit does."""
        self.groups = self.problem.mixed()

    @property
    def whole(self):
        """Which numbers are interpolated along all controls of the unit."""
        groups = [g for g in self.groups if len(g.places) + len(g.outer) == len(self.problem.axes)]
        return {channel for group in groups for channel in group.channels.tolist()}


def draw(fig, update, controls, start, colours=svg.COLOURS, handles=()):
    """`fig`, which `update(**values)` changes, as controls (a list of Control) ask for it.

    `start` are the values that the base shows, and that the figure is left in.
    `colours` is as for `svg.draw`.
    """
    call(update, start)
    with svg.canvas(fig) as (renderer, _):
        fig.draw(renderer)  # the layout engine finds its places; from here on nothing moves
    plain = set()
    while True:
        with frozen_layout(fig), recording(fig, colours) as recorder:
            recorder.plain = plain
            try:
                return _Studio(fig, update, controls, start, recorder, handles).drawn()
            except _Plain as found:  # once more, with this text as words
                plain.add(found.args[0])


class _Studio:
    def __init__(self, fig, update, controls, start, recorder, handles=()):
        self.fig, self.update, self.start, self.recorder = fig, update, start, recorder
        self.handles = handles
        self.controls = {control.name: control for control in controls}
        self.smooth = {control.name for control in controls if control.kind == "continuous"}
        self.precise, self.now, self.drawings = digits.precise(update), start, 0
        self.stage = Stage(fig, recorder)
        self.units = self.stage.units
        self.templates, self.kinds, self.written, self.forms = {}, [], {}, {}
        self.layouts = {}  # {(template, which text, its form): Writing}
        self.words, self.seen, self.speaking = {}, {}, {}
        self.longer = None, 0, {}  # values, for how many units, what they say with more digits
        self.depends = {}  # {unit: the controls that change it}
        self.beside, self.fetched = {}, set()  # drawings to be asked for yet; places of others
        self.voice, self.sentence = (
            len(self.units),
            None,
        )  # what update returns is a unit of its own
        self.boxes, self.looks = {}, {}
        self.logs = set()  # (template, number) of numbers that stand as logarithms
        self.rng = np.random.default_rng(0)

    # ---- Drawing

    def put(self, values):
        """Call update, if it is not these values that the figure shows."""
        if self.now != values:
            self._call(values)
            self.stage.settle()

    def _call(self, values):
        said = call(self.update, values)
        self.sentence = said if isinstance(said, str) else None
        self.stage.check_same(values)
        self.now = values

    def show(self, values):
        """Call update and give the units that it touched."""
        self.stage.forget()
        self._call(values)
        touched = {self.units.index(unit) for unit in self.stage.touched()}
        return touched | ({self.voice} if self.sentence else set())

    def whole(self):
        """The figure as matplotlib draws it: [(number of a unit, Drawing) or ("/", text), ...]."""
        self.recorder.take()
        try:
            for number, unit in enumerate(self.units):
                unit.draw = self._marking(number, unit.draw)
            self.fig.draw(self.recorder)
        finally:
            for unit in self.units:
                unit.__dict__.pop("draw", None)
        return self.recorder.take()

    def _marking(self, number, original):
        def draw(renderer):
            self.recorder.mark(number)
            original(renderer)
            self.recorder.mark("/")

        return draw

    def alone(self, number):
        """The Drawing of one unit, as the figure is now."""
        if number == self.voice:
            return spoken(self.sentence or "", self.recorder.plain)
        self.drawings += 1
        self._marking(number, self.units[number].draw)(self.recorder)
        return self.recorder.take()[1][1]

    def sample(self, number, values):
        """-> number of the template, numbers of the unit at these values."""
        longer = self._longer(number, values)
        key = number, *values.values()
        if key not in self.beside:
            self.put(values)
            self.beside[key] = self._again(number)
            # Where all stops are drawn, one call of update serves the units that need its values.
            names = self.depends.get(number, ())
            if not any(self.controls[name].kind == "continuous" for name in names):
                for other in [k for k, found in self.depends.items() if found == names]:
                    if (other, *key[1:]) not in self.fetched:
                        self.beside[other, *key[1:]] = self._again(other)
        self.fetched.add(key)
        return self.known(self.beside.pop(key), longer)

    def _again(self, number):
        """The Drawing of a unit. Drawing a text takes long; most differ in their digits only."""
        unit = self.units[number] if number != self.voice else None
        if type(unit) is not Text:
            return self.alone(number)
        string, plain = unit.get_text(), self.recorder.plain
        key = (
            number, unit.get_visible(), unit.get_color(), unit.get_alpha(), unit.get_size(),
            unit.get_rotation(), unit.get_unitless_position(),
            form_of_string(string) if taken_apart(string, plain)[1] else string,
        )  # fmt: skip
        if key in self.seen:
            return again(self.seen[key], string)
        drawing = self.alone(number)
        if [w.steady and w.artist is unit for w in drawing.writings] == [True]:
            self.seen[key] = drawing
        return drawing

    def _longer(self, number, values):
        """{Text: what it says with more digits}, for units that have shown numbers in texts."""
        if number not in self.speaking or not self.smooth:  # at a stop, as it is printed
            return {}
        if self.longer[:2] != (values, len(self.speaking)):  # one call for all units
            self.now = None
            try:
                told = {self.voice: {None: self.precise(**values)}}
                for k in self.speaking.keys() - told.keys():
                    told[k] = {artist: artist.get_text() for artist in self.speaking[k]}
            except Exception:  # a format that means something else; the printed digits must do
                told = {}
            self.longer = values, len(self.speaking), told
        return self.longer[2].get(number, {})

    def known(self, drawing, longer):
        """A drawing's template as a number, and its numbers, those in texts beyond their digits."""
        template = self.templates.setdefault(drawing.template, len(self.templates))
        if template == len(self.kinds):
            self.kinds.append(drawing.kinds)
        numbers, slots = drawing.numbers.copy(), slots_of(drawing.kinds)
        texts = [(w, text, k) for w in drawing.writings for k, text in enumerate(w.written)]
        for slot, (writing, text, k) in zip(slots, texts, strict=True):
            value = value_of(text)
            _, more = taken_apart(longer.get(writing.artist) or "")
            self.words[template, slot] = writing.words
            if k < len(more) and digits.form_of([(value_of(more[k]), text)]):
                value = value_of(more[k])
            pairs = self.written.setdefault((template, slot), {})
            if len(pairs) < 4000:
                pairs[text] = value
                if not digits.holds(self.forms.get((template, slot)), value, text):
                    del self.forms[template, slot]
            log = (template, slot) in self.logs
            numbers[slot] = digits.logged(value) if log else value
        for k, writing in enumerate(drawing.writings):
            self.layouts.setdefault((template, k, form(writing)), writing)
        return template, numbers

    # ---- What depends on what

    def random(self, rng=None):
        """Values of all controls, stops and choices among them."""
        rng = rng or self.rng
        return {
            name: control.at(float(rng.random())) if control.kind == "continuous"
            else control.values[int(rng.integers(len(control.values)))]
            for name, control in self.controls.items()
        }  # fmt: skip

    def dependence(self):
        """{unit: the controls that change its drawing}, found by trying."""
        depends, touched = {}, set()
        bases = [self.start, self.random(), self.random()]
        for values in bases:
            touched |= self.show(values)
        for base in bases:
            self.put(base)
            before = {k: self.known(self.alone(k), {}) for k in sorted(touched)}
            for name, control in self.controls.items():
                for value in self._others(control, base[name]):
                    values = base | {name: value}
                    touched |= self.show(values)
                    for k in sorted(touched):
                        if k not in before:
                            self.put(base)
                            before[k] = self.known(self.alone(k), {})
                            self.put(values)
                        if name not in depends.get(k, ()):
                            now = self.known(self.alone(k), {})
                            if differ(before[k], now):
                                depends.setdefault(k, set()).add(name)
        return depends

    def _others(self, control, value):
        if control.kind == "continuous":
            special = [mark for _, mark in control.marks]
            return [*special, *(control.at(float(u)) for u in self.rng.random(2))]
        others = [v for v in control.values if v != value]
        count = min(len(others), 4)
        return [others[i] for i in sorted(self.rng.choice(len(others), count, replace=False))]

    def _counts(self, depends):
        """Numbers that are whole wherever they are tried, and few, are counts: they jump where a
        control is continuous. A text that has no others is told as words.
        """
        numbers = {}
        if not self.smooth or self.precise is self.update:  # then what .0f prints looks whole
            return
        rng = np.random.default_rng(1)
        for values in [self.random(rng) for _ in range(12)]:
            self.now = None
            try:
                said = self.precise(**values)
            except Exception:  # a format that means something else
                return
            for k in [k for k, names in depends.items() if self.smooth & names]:
                if k == self.voice or type(self.units[k]) is Text:
                    text = (said or "") if k == self.voice else self.units[k].get_text()
                    words, written = taken_apart(text, self.recorder.plain)
                    numbers.setdefault(words, []).append(written)
        for words, each in numbers.items():
            whole = all(re.fullmatch(r"\W?\d+", number) for written in each for number in written)
            if whole and 1 < len(set(each)) <= 6:
                raise _Plain(words)

    # ---- A unit

    def cases(self, number, names):
        """{choices: Case} of a unit that depends on the controls `names`."""
        choices = [n for n in self.controls if n in names and self.controls[n].kind == "choice"]
        numeric = [n for n in self.controls if n in names and n not in choices]
        combinations = list(itertools.product(*(self.controls[n].values for n in choices)))
        self.most = nodes.MOST_NODES // len(combinations) + 100
        return choices, {
            each: self._case(number, dict(zip(choices, each, strict=True)), numeric)
            for each in combinations
        }

    def _case(self, number, fixed, numeric):
        drawing = self.alone(number)
        if "t" in drawing.kinds and not (
            number < self.voice and isinstance(self.units[number], Axis)
        ):
            self.speaking[number] = {w.artist for w in drawing.writings if w.artist is not None}
        axes = {}
        for name in numeric:
            c = self.controls[name]
            axes[name] = None if c.kind == "continuous" else [c.place(v) for v in c.values]
        memory = {}

        def sample(place):
            key = tuple(place[n] for n in numeric)
            if key not in memory:
                at = {n: self.controls[n].at(place[n]) for n in numeric}
                memory[key] = self.sample(number, self.start | fixed | at)
            return memory[key]

        ratios = {n: self.controls[n].high / self.controls[n].low
                  if self.controls[n].scale == "log" else 1 for n in numeric}  # fmt: skip
        scale = partial(self.scale, number)
        marks = {n: [self.controls[n].place(v) for _, v in self.controls[n].marks] for n in numeric}
        problem = nodes.Problem(sample, scale, axes, ratios, self.rng, self.most, marks)
        template, numbers = sample({n: 0.5 if axes[n] is None else axes[n][0] for n in axes})
        if not axes:
            return Case(template, numbers, problem, self.kinds[template], None)
        if "t" in self.kinds[template]:
            tried = [sample(problem.random()) for _ in range(12)]
            self._logs(template, [z for t, z in tried if t == template])
            memory.clear()
            template, numbers = sample({n: 0.5 if axes[n] is None else axes[n][0] for n in axes})
        kinds = self.kinds[template]
        power, on_axis = np.zeros((2, len(kinds))), self._power(number)
        for channel, kind in enumerate(kinds):
            if (template, channel) in self.logs:
                power[1, channel] = 1
            elif kind in on_axis:
                power[:, channel] = on_axis[kind]
        return Case(template, numbers, problem, kinds, power)

    def _logs(self, template, tried):
        """Numbers of a text whose size varies are interpolated as logarithms."""
        for channel, kind in enumerate(self.kinds[template]):
            values = [numbers[channel] for numbers in tried]
            if kind == "t" and min(values, default=0) > 0:
                shape = self.form(template, channel)
                if shape and shape[0] in "eg" and max(values) > 3 * min(values):
                    self.logs.add((template, channel))

    def _power(self, number):
        """For numbers of this unit that stand on a logarithmic axis: (c, s) by kind."""
        ax, power = None, {}
        if number != self.voice:
            unit = self.units[number]
            ax = unit.axes
        if ax is None or isinstance(unit, Text) or ax.name != "rectilinear":
            return power
        height = self.fig.get_size_inches()[1] * 72
        ends = ax.transData.transform([(ax.get_xlim()[k], ax.get_ylim()[k]) for k in (0, 1)])
        for a, (kind, limits) in enumerate((("x", ax.get_xlim()), ("y", ax.get_ylim()))):
            if getattr(ax, f"get_{kind}scale")() == "log":
                here = ends[:, a] if kind == "x" else height - ends[:, a]
                low, high = np.log10(limits)
                s = (here[1] - here[0]) / (high - low)
                power[kind] = here[0] - low * s, s
        return power

    def scale(self, number, numbers, channels, template):
        """What an error of each of a unit's numbers is worth, in CSS pixels of a figure that is
        WIDTH wide; numbers (..., channels) may stand for many places.
        """
        look = self._look(number, template, channels)
        factor = np.tile(look.worth, (*numbers.shape[:-1], 1))
        width, hidden = self.fig.get_size_inches()[0] * 72, []
        for way, (low, high) in enumerate(self.box(number)):
            # Far off, an error moves what is seen of a line by less; and not at all where its
            # neighbours are on the same side of what is seen.
            at = look.at[way]
            z = numbers[..., at]
            out = np.maximum(np.maximum(low - z, z - high), 0)
            factor[..., at] = WIDTH / width / (1 + out / (high - low))
            if look.hides:
                both = z < low - MARGIN, z > high + MARGIN
                hidden.append(np.logical_or(*(look.around(each, way) for each in both)))
        if look.hides and look.paired:
            hidden = [hidden[0] | hidden[1]] * 2
        for at, there in zip(look.at, hidden, strict=False):
            factor[..., at] *= ~there
        for i in look.texts:
            log = (template, channels[i]) in self.logs
            value = digits.unlogged(numbers[..., i]) if log else numbers[..., i]
            unit = self.unit_of(template, channels[i], value)
            factor[..., i] = LAST / unit * (value * math.log(10) if log else 1)
        return factor

    def _look(self, number, template, channels):
        key = number, template, tuple(channels)
        if key not in self.looks:
            unit = self.units[number] if number < self.voice else None
            text = list(self.templates)[template]
            letters = set("".join(re.findall(rf"{PATH}([A-Za-z]*){END}", text)))
            lines = isinstance(unit, Line2D | Collection | Patch)
            self.looks[key] = _Look(
                self.kinds[template], channels, lines, straight=letters <= {"M", "L"}
            )
        return self.looks[key]

    def box(self, number):
        """Where a unit is seen, in SVG coordinates: (left, right), (top, bottom)."""
        if number not in self.boxes:
            width, height = self.fig.get_size_inches() * 72
            unit = self.units[number] if number != self.voice else None
            box = (0, width), (0, height)
            clips = isinstance(unit, Line2D | Collection | Patch) and unit.get_clip_on()
            if clips and unit.axes is not None and unit.clipbox is unit.axes.bbox:
                left, bottom, right, top = unit.axes.bbox.extents
                box = (left, right), (height - top, height - bottom)
            self.boxes[number] = box
        return self.boxes[number]

    def unit_of(self, template, channel, value):
        shape = self.form(template, channel)
        return digits.unit_of(value, shape) if shape else 1e-6

    def form(self, template, channel):
        key = template, channel
        if key not in self.forms:
            pairs = [(value, text) for text, value in self.written.get(key, {}).items()]
            self.forms[key] = digits.form_of(pairs)
            if not self.forms[key]:
                raise _Plain(self.words[key])
        return self.forms[key]

    def tell(self, template, channel):
        """From the start again, with a text whose numbers cannot be packed told as words."""
        raise _Plain(self.words[template, channel])

    # ---- All of it

    def drawn(self):
        self.show(self.start)
        base = self.base = self.whole()
        self.first = {k: self.known(drawing, {}) for k, drawing in base if k != "/"}
        self.first[self.voice] = self.known(self.alone(self.voice), {})
        depends = self.depends = self.dependence()
        if not depends:
            self.check(self.start)  # what is drawn behind matplotlib's back is told first
            raise ValueError(
                "update changes nothing that is drawn, wherever it was tried; it should change "
                "artists of the figure it was given (set_data, set_text, ...)"
            )
        for template, slot in self.written:  # what is no number is told before most is drawn
            self.form(template, slot)
        self._counts(depends)
        cases = {k: self.cases(k, names) for k, names in sorted(depends.items())}
        continuous = bool(self.smooth)
        most = PLACES if continuous else STOPS
        # Measured first, then mended: by nodes, later by showing the nearer one. Those that were
        # mended are measured again until nothing is found, then all. A round of all that finds
        # nothing is the report, or the last one.
        again = set()
        for turn in range(20):
            chosen = again if turn < 19 else set()
            report, again = self.compare(cases, most, turn > 1, chosen)
            if not chosen and not again:
                break
        if not continuous and report["worst"] > LIMIT:
            raise ValueError(
                f"at {named(report['at'])}, the figure is not drawn as before: update must depend "
                "on its values alone"
            )
        if report["off"] > 0.9:
            where = report["at"]
            names = ", ".join(n for n, c in self.controls.items() if c.kind == "continuous")
            raise ValueError(
                f"the drawing cannot be interpolated along {names}: nearly everywhere, for one at "
                f"{named(where)}, it differs from its neighbours by more than lines that move; "
                "give stops (low, high, step) instead"
            )
        cases = dict(sorted(cases.items()))
        for values in (*self.tour(), self.start):
            self.show(values)
            self.check(values, cases)
        page = packing.Page(self, base, cases)
        call(self.update, self.start)
        return Drawn(page.base, page.data, page.integers, report | page.counts)

    def tour(self):
        """A few values, in which stops and choices take their turns."""
        longest = max(len(control.values) for control in self.controls.values())
        return [
            self.random() | {n: c.values[i % len(c.values)]
                             for n, c in self.controls.items() if c.values}
            for i in range(min(max(longest, 2), 6))
        ]  # fmt: skip

    def check(self, values, cases=()):
        """The figure must be as matplotlib draws it: what depends on nothing as at first, the rest
        as it is alone.
        """
        for (k, now), (same, before) in zip_longest(self.whole(), self.base, fillvalue=("/", None)):
            if k == same == "/":
                wrong = now != before
            elif k != same:
                wrong = True
            elif k in cases and values is not self.start:
                wrong = not alike(now, self.alone(k))
            else:
                wrong = not alike(now, before)
            if wrong:
                what = "the figure" if k == "/" or same == "/" else f"a {self.what(k)}"
                raise ValueError(
                    f"at {named(values)}, {what} is not drawn as before, or not as matplotlib "
                    "knows: update must depend on its values alone, and change artists by their "
                    "set_ methods rather than their data in place"
                )

    def what(self, number):
        return type(self.units[number]).__name__ if number < len(self.units) else "sentence"

    def said(self, cases):
        """What is read aloud: the numbers of units that say it, and texts that stay."""
        if self.voice in cases:
            return [self.voice_in(cases)]
        if self.sentence:
            return self.sentence
        numbers, said = list(cases), []
        for ax in self.fig.axes:
            for text in (ax.title, ax._left_title, ax._right_title):
                k = self.units.index(text) if text in self.units else None
                if k in cases:
                    said.append(numbers.index(k))
                elif text.get_text().strip():
                    said.append(text.get_text())
        return said if any(isinstance(each, int) for each in said) else None

    def voice_in(self, cases):
        return list(cases).index(self.voice)

    def compare(self, cases, count, snap, chosen=()):
        """Draw at random places, measure what the page would show there, and mend what is off; for
        the units that are chosen, else for all. -> report, units that were mended

        worst and p95: of the largest errors at each place, in CSS pixels; snaps: the share of
        places at which a node is shown instead; misread: how many numbers in texts read otherwise;
        off: the share of places that snap or are off; at: one of these.
        """
        errors, snaps, misread, off, at, mended = [], 0, 0, 0, None, set()
        tried = [self.random() for _ in range(count)]
        tried = list({tuple(values.values()): values for values in tried}.values())
        places = [{n: c.place(values[n]) for n, c in self.controls.items()} for values in tried]
        shown = _Shown(cases, tried, places)
        for i, values in enumerate(tried):
            worst, snapped = 0.0, False
            if i < STOPS and not chosen:
                self._missed(cases, values)
            for k in chosen or list(cases):
                sample, found = self.sample(k, values), shown.at(k, i)
                if found[2]:
                    snapped = True
                    continue
                error, wrong, bad = self._compared(k, found, sample)
                worst, misread = max(worst, error), misread + wrong
                if np.any(bad):
                    mended.add(k)
                    self._mend(cases, k, values, places[i], bad, snap)
                    shown.forget(k)
            errors.append(worst)
            snaps += snapped
            if snapped or worst > LIMIT:
                off, at = off + 1, at or values
        return {
            "places": len(tried), "worst": max(errors), "p95": float(np.percentile(errors, 95)),
            "snaps": snaps / len(tried), "misread": misread, "off": off / len(tried), "at": at,
        }, mended  # fmt: skip

    def _mend(self, cases, k, values, place, bad, snap):
        """Draw what is off at a place more finely; or for controls that were not seen to matter."""
        choices, made = cases[k]
        case = made[tuple(values[n] for n in choices)]
        case.mend(place, bad, snap)
        found = case.at(place)
        if found[2] or not np.any(bad := self._compared(k, found, self.sample(k, values))[2]):
            return
        seen = case.problem.axes
        if seen and not case.whole.issuperset(np.flatnonzero(bad).tolist()):
            case.mix()
        elif len(seen) + len(choices) < len(self.controls):
            cases[k] = self.cases(k, list(self.controls))

    def _missed(self, cases, values):
        """Take in the units that change here and were not seen to change where it was tried."""
        for k in sorted(self.show(values) - set(cases)):
            if differ(self.known(self.alone(k), {}), self.first[k]):
                cases[k] = self.cases(k, list(self.controls))

    def _compared(self, k, found, sample):
        """-> the largest error in pixels, how many numbers read otherwise, which to mend."""
        (template, numbers, _), (same, true) = found, sample
        if template != same:
            return math.inf, 0, np.ones(len(true), bool)
        each = np.abs(numbers[: len(true)] - true) * self.scale(k, true, range(len(true)), template)
        slots = slots_of(self.kinds[template])
        wrong = [slot for slot in slots if self.reads(template, slot, numbers, true)]
        each[slots] = 0
        bad = each > LIMIT
        bad[wrong] = True
        return float(np.max(each, initial=0)), len(wrong), bad

    def reads(self, template, slot, numbers, true):
        """Whether a number in a text reads as something else."""
        shape, two = self.form(template, slot), [numbers[slot], true[slot]]
        if (template, slot) in self.logs:
            two = [digits.unlogged(z) for z in two]
        return digits.written(two[0], shape) != digits.written(two[1], shape)


class _Shown:
    """What the page shows at many places; by units, since one may change while it is mended."""

    def __init__(self, cases, tried, places):
        self.cases, self.tried, self.places, self.found = cases, tried, places, {}

    def at(self, k, i):
        if (k, i) not in self.found:
            choices, made = self.cases[k]
            chosen = [tuple(values[n] for n in choices) for values in self.tried]
            same = [j for j in range(i, len(chosen)) if chosen[j] == chosen[i]]
            found = made[chosen[i]].many([self.places[j] for j in same])
            self.found |= {(k, j): each for j, each in zip(same, found, strict=True)}
        return self.found[k, i]

    def forget(self, k):
        self.found = {key: each for key, each in self.found.items() if key[0] != k}


class _Look:
    """Which of a unit's numbers are coordinates or stand in texts, and what others are worth."""

    def __init__(self, kinds, channels, lines, straight):
        channels = np.array(channels, int)
        whole = np.array([*kinds, *"-" * (1 + max(channels, default=0))], "U1")
        own = whole[channels]
        worth = {"c": 0.25, "o": 25, "m": 25}
        self.worth = np.array([worth.get(kind, 0) for kind in own], float)
        self.at = [np.flatnonzero(own == kind) for kind in "xy"]
        self.texts = np.flatnonzero(own == "t").tolist()
        self.hides, self.straight = lines, straight  # what is seen where its points are
        each = [np.flatnonzero(whole == kind) for kind in "xy"]
        self.paired = len(each[0]) == len(each[1]) == len(self.at[0]) == len(self.at[1])
        self.ranks = [np.searchsorted(all_, channels[at])
                      for all_, at in zip(each, self.at, strict=True)]  # fmt: skip
        self.counts = [len(all_) for all_ in each]

    def around(self, out, way):
        """Of rows of x or y, those that are out together with their neighbours in the drawing;
        where there are curves, or lines that return to their start, with all others.
        """
        rank, count = self.ranks[way], self.counts[way]
        if not self.straight:
            all_out = out.all(axis=-1, keepdims=True) & (out.shape[-1] == count)
            return np.broadcast_to(all_out, out.shape)
        every = np.zeros((*out.shape[:-1], count + 2), bool)
        every[..., [0, -1]] = True
        every[..., rank + 1] = out
        return (every[..., :-2] & every[..., 1:-1] & every[..., 2:])[..., rank]


def spoken(sentence, plain):
    """A sentence as if it were drawn."""
    words, written = taken_apart(sentence, plain)
    writing = Writing(sentence, words, written, None, "", (0, 0), True, None)
    numbers = np.array([0, 0, *map(value_of, written)], float)
    return Drawing(f"{TEXT}{words}{END}", numbers, "xy" + "t" * len(written), (writing,))


def alike(one, other):
    """Whether two Drawings are the same."""
    return (
        one.template == other.template
        and len(one.numbers) == len(other.numbers)
        and np.allclose(one.numbers, other.numbers, rtol=0, atol=1e-6)
        and [w.string for w in one.writings] == [w.string for w in other.writings]
    )


def slots_of(kinds):
    """Which numbers stand in texts."""
    return [i for i, kind in enumerate(kinds) if kind == "t"]


def form_of_string(string):
    return re.sub(r"\d", "0", string)


class _Plain(Exception):
    """A text whose numbers are in no one format: they are part of its words."""


def again(drawing, string):
    """The drawing of a text with other digits."""
    numbers, (writing,) = drawing.numbers.copy(), drawing.writings
    written = taken_apart(string)[1] if writing.written else ()
    numbers[slots_of(drawing.kinds)] = [value_of(text) for text in written]
    writings = [writing._replace(string=string, written=written)]
    return drawing._replace(numbers=numbers, writings=tuple(writings))


def form(writing):
    """By what the layout of a text is known: its string, but which digits stand in it."""
    return re.sub(r"\d", "0", writing.string) if writing.steady else writing.string


def differ(one, other):
    """Whether two samples (template, numbers) draw something else."""
    return one[0] != other[0] or np.any(one[1] != other[1])
