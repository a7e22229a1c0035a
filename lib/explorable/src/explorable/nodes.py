"""Where a drawing is made, so that its numbers can be interpolated everywhere else.

A function gives numbers (coordinates of a drawing) at places; a place is {control: u}, with u from
0 to 1 along the slider. Along each control the numbers are one of these:

    polynomial   of degree 1 or 2 in the control's value, as a path is in its start: 2 or 3 nodes
                 suffice. On a logarithmic axis the number's power of 10 is such a polynomial
    local        nodes where the measured error asks for them; between them a polynomial through
                 the nearest 2, 4 or 6
    stops        a node for each stop

For polynomial controls that add up, as w0 and w1 in a w0² + b w1², nodes lie on a cross, else on a
grid. Local nodes lie on a grid for each of these, without the controls that do not matter there.
Where a drawing jumps between neighbours, the nearer node is shown.
"""

import itertools
import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

TOLERANCE = 0.35  # CSS pixels at 690 px; half a pixel is promised
NARROW = 1 / 150  # of a slider: a jump is not looked for more closely
MOST_NODES, MOST_ALONG = 2500, 250  # of a table, and along one control
ORDERS = (2, 4, 6, 8, 12)


@dataclass
class Group:
    """Numbers of one drawing that depend on the same controls, and how they are interpolated."""

    channels: np.ndarray  # which numbers
    outer: list  # [(control, degree)]
    cross: bool
    places: dict  # {control: increasing places u}, local ones and stops
    order: int = 4
    stops: set = field(default_factory=set)  # those of `places` that are stops
    ratios: dict = field(default_factory=dict)  # {outer control: high / low on its log scale, or 1}
    improve: object = None  # improve(place, snap), where the error was too large
    mixed: bool = False  # its nodes have several templates, so it holds all numbers
    power: np.ndarray | None = None  # (2, channels): a number z is added up as 10 ** ((z - c) / s)
    early: np.ndarray | None = None  # of these, those that are interpolated as such powers
    snapped: set = field(default_factory=set)  # cells in which the nearer node is shown
    nodes: list = field(default_factory=list)  # [(outer place t, controls that matter)]
    values: list = field(default_factory=list)  # for each of these an array (..., channels)
    templates: list = field(default_factory=list)  # and of the numbers of its templates
    drawn: dict = field(default_factory=dict)  # what `sample` gave at nodes

    def at(self, place):
        """-> the numbers at a place, the template, whether the nearer node is shown."""
        numbers, templates, snapped = self.many([place])
        return numbers[0], int(templates[0]), bool(snapped[0])

    def many(self, places, orders=None):
        """The same for a list of places, as arrays; orders: {control: order there}."""
        u = {name: np.array([place[name] for place in places]) for name in self.places}
        found = {
            name: stencils(
                x, u[name], 0 if name in self.stops else (orders or {}).get(name, self.order)
            )
            for name, x in self.places.items()
        }
        cells = (
            np.stack([found[name].cell for name in self.places], axis=1) if self.places else None
        )
        snapped = np.zeros(len(places), bool)
        if self.snapped:
            snapped = np.array([tuple(cell) in self.snapped for cell in cells.tolist()])
        if self.mixed:
            kept = [self._gather(k, found, "corners", len(places)) for k in range(len(self.nodes))]
            both = np.concatenate(
                [self.templates[k].ravel()[i] for k, (i, _) in enumerate(kept)], 1
            )
            snapped |= np.any(both != both[:, :1], axis=1)
        t = [np.array([along(place[name], self.ratios[name]) for place in places])
             for name, _ in self.outer]  # fmt: skip
        weights = outer_weights([degree for _, degree in self.outer], self.cross, t)
        total = 0.0
        for k, weight in enumerate(weights):
            flat = self.values[k].reshape(-1, len(self.channels))
            if self.early is not None:
                flat = np.where(self.early, self._forth(flat), flat)
            near, _ = self._gather(k, found, "near", len(places))
            templates = self.templates[k].ravel()[near[:, 0]]
            index, w = self._gather(k, found, "wide", len(places))
            if self.mixed:  # where templates differ farther off, only the cell's corners
                same = np.all(self.templates[k].ravel()[index] == templates[:, None], axis=1)
                narrow, v = self._gather(k, found, "corners", len(places))
                z = np.einsum("pm,pmc->pc", v, flat[narrow])
                z[same] = np.einsum("pm,pmc->pc", w[same], flat[index[same]])
            else:
                z = np.einsum("pm,pmc->pc", w, flat[index])
            z[snapped] = flat[near[snapped, 0]]
            early = False if self.early is None else self.early
            total = total + np.reshape(weight, (-1, 1)) * np.where(early, z, self._forth(z))
        return self._back(total), templates, snapped

    def _gather(self, k, found, which, count):
        """Nodes (places, m) of table k in a stencil, as numbers in the flat table, and weights."""
        index, weights = np.zeros((count, 1), int), np.ones((count, 1))
        for name in self.nodes[k][1]:
            nodes, w = getattr(found[name], which)
            index = (index[:, :, None] * len(self.places[name]) + nodes[:, None, :]).reshape(
                count, -1
            )
            weights = (weights[:, :, None] * w[:, None, :]).reshape(count, -1)
        return index, weights

    def _forth(self, z):
        if self.power is None:
            return z
        c, s = self.power
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            return np.where(s == 0, z, 10.0 ** np.clip((z - c) / np.where(s == 0, 1, s), -300, 300))

    def _back(self, g):
        if self.power is None:
            return g
        c, s = self.power
        logs = np.log10(np.maximum(g, 1e-300))
        return np.where(s == 0, g, c + s * logs)

    def cell(self, place):
        """In which cell of its nodes a place lies."""
        return tuple(
            int(stencils(x, np.array([place[n]]), 0 if n in self.stops else 2).cell[0])
            for n, x in self.places.items()
        )

    @property
    def count(self):
        return sum(np.size(t) for t in self.templates)


def along(u, ratio):
    """How far along its values a control is that is at u of its scale; the other way: `scaled`."""
    return u if ratio == 1 else (ratio**u - 1) / (ratio - 1)


def scaled(t, ratio):
    return t if ratio == 1 else math.log1p(t * (ratio - 1)) / math.log(ratio)


def outer_nodes(degrees, cross):
    """Places of the polynomial controls, t in [0, 1] along their values, first the centre."""
    each = [(0.0, 1.0) if degree == 1 else (0.5, 0.0, 1.0) for degree in degrees]
    if not cross:
        return list(itertools.product(*each))
    centre = tuple(t[0] for t in each)
    arms = [(*centre[:a], t, *centre[a + 1 :]) for a, ts in enumerate(each) for t in ts[1:]]
    return [centre, *arms]


def outer_weights(degrees, cross, t):
    each = [
        (1 - x, x) if degree == 1
        else (4 * x * (1 - x), (1 - x) * (1 - 2 * x), x * (2 * x - 1))
        for degree, x in zip(degrees, t, strict=True)
    ]  # fmt: skip
    if not cross:
        return [math.prod(w) for w in itertools.product(*each)]
    return [1 + sum(w[0] - 1 for w in each), *(x for w in each for x in w[1:])]


class Stencils(NamedTuple):
    """For many places along one control: the cell, and (nodes, weights) of three kinds."""

    cell: np.ndarray
    wide: tuple
    corners: tuple
    near: tuple


def stencils(x, u, order):
    """The nodes among x that count at u (an array), `order` of them; 0: the nearest."""
    n, ones = len(x), np.ones((len(u), 1))
    if n == 1:
        one = np.zeros((len(u), 1), int), ones
        return Stencils(one[0][:, 0], one, one, one)
    cell = np.clip(np.searchsorted(x, u, side="right") - 1, 0, n - 2)
    nearest = np.where(u - x[cell] <= x[cell + 1] - u, cell, cell + 1)
    near = nearest[:, None], ones
    if order == 0:
        return Stencils(nearest, near, near, near)
    size = min(order, n)
    first = np.clip(cell - (size // 2 - 1), 0, n - size)
    wide, corners = first[:, None] + np.arange(size), cell[:, None] + np.arange(2)
    return Stencils(cell, (wide, _lagrange(x[wide], u)), (corners, _lagrange(x[corners], u)), near)


def _lagrange(x, u):
    """Weights (places, m) of the polynomial through x (places, m) at u."""
    weights = np.ones(x.shape)
    for i in range(x.shape[1]):
        for j in range(x.shape[1]):
            if i != j:
                weights[:, i] *= (u - x[:, j]) / (x[:, i] - x[:, j])
    return weights


class Tried:
    """Places at which the drawing was made to be compared, and what it was."""

    def __init__(self, sample, scale):
        self.sample, self.scale = sample, scale
        self.places, self.templates = [], np.zeros(0, int)
        self.true = self.scales = None

    def add(self, place):
        template, true = self.sample(place)
        scale = self.scale(true, template)
        self.places.append(place)
        self.templates = np.append(self.templates, template)
        self.true = true[None] if self.true is None else np.vstack([self.true, true])
        self.scales = scale[None] if self.scales is None else np.vstack([self.scales, scale])


class Varies(Exception):
    """A drawing has another template than the few that were tried."""


class Problem:
    """Numbers of one unit as a function of places, to be interpolated.

    sample(place) -> (template, numbers);
    scale(numbers, channels, template) -> pixels that an error of each is worth, at one place or
    at many (places, numbers);
    axes: {name: the places of its stops, or None}; ratios: {name: high / low on a log scale, or 1};
    marks: {name: places that are nodes in any case, as a drawing may be special there};
    most: of so many nodes in a table, what is still off shows the nearer node.
    """

    def __init__(self, sample, scale, axes, ratios, rng, most=MOST_NODES, marks=None):
        self.sample, self.scale, self.axes, self.ratios, self.rng = sample, scale, axes, ratios, rng
        self.most, self.marks, self.bases, self.longest = most, marks or {}, [], 0

    def _places(self, names, t):
        return {n: scaled(x, self.ratios[n]) for n, x in zip(names, t, strict=True)}

    def random(self):
        return {n: float(self.rng.choice(stops) if stops is not None else self.rng.random())
                for n, stops in self.axes.items()}  # fmt: skip

    def corner(self):
        """Each control at one of its ends, or a little beside: there most things show."""
        return {n: u if self.axes[n] is not None else 0.02 + 0.96 * round(u)
                for n, u in self.random().items()}  # fmt: skip

    def missed(self, groups, place, bad):
        """Whether numbers that are off (a mask) depend on controls that their groups leave out.

        The place is then among those where dependence is tried.
        """
        _, here = self.sample(place)
        for name in self.axes:
            known = np.zeros(len(here), bool)
            for group in groups:
                if name in group.places or name in dict(group.outer):
                    known[group.channels[group.channels < len(here)]] = True
            for value in self._others(name, place[name]):
                _, moved = self.sample(place | {name: value})
                if len(moved) == len(here) and np.any((moved != here) & bad & ~known):
                    self.bases.append(place)
                    return True
        return False

    def _others(self, name, value, parts=3):
        """Some other places of a control, one in each part of it, both ends and the marks.

        What jumps once, as a slope of ReLU does, differs at one of the ends.
        """
        if self.axes[name] is None:
            return [
                0.0,
                1.0,
                *self.marks.get(name, []),
                *((self.rng.random(parts) + np.arange(parts)) / parts).tolist(),
            ]
        others = [u for u in self.axes[name] if u != value]
        count = min(len(others), 4)
        return [others[i] for i in sorted(self.rng.choice(len(others), count, replace=False))]

    def dependence(self):
        """{controls that matter: their numbers}, tried from random places; None: templates vary."""
        touched = None
        for base in [self.random(), *(self.corner() for _ in range(4)), self.random(), *self.bases]:
            template, numbers = self.sample(base)
            if touched is None:
                first, touched = template, np.zeros((len(self.axes), len(numbers)), bool)
                self.template = template
            for a, name in enumerate(self.axes):
                for value in self._others(name, base[name]):
                    other, moved = self.sample(base | {name: value})
                    if other != template or template != first:
                        return None
                    touched[a] |= moved != numbers
        return touched

    def groups(self, kinds, power):
        """Groups of numbers, each with its nodes.

        kinds: "t" for a number in a text, which is in no group with others; power: (2, numbers),
        the c and s of numbers on a logarithmic axis, s = 0 for others.
        """
        self.power = power
        touched = self.dependence()
        if touched is None:
            return self.mixed()
        sets = {}
        for channel in range(touched.shape[1]):
            if touched[:, channel].any():
                key = (*touched[:, channel].tolist(), kinds[channel] == "t")
                sets.setdefault(key, []).append(channel)
        try:
            return [
                self.solve(
                    np.array(channels), [n for n, on in zip(self.axes, key, strict=False) if on]
                )
                for key, channels in sets.items()
            ]
        except Varies:
            return self.mixed()

    def mixed(self):
        """One group for all numbers, whatever the template."""
        tried = [self.random() for _ in range(12)]
        # A stop may draw more than all others do: the last step of a path.
        tried += [self.random() | {n: u} for n, stops in self.axes.items() for u in stops or ()]
        self.longest = max(self.longest, *(len(self.sample(place)[1]) for place in tried))
        while True:
            try:
                return [self.solve(np.arange(self.longest), list(self.axes), mixed=True)]
            except Varies:  # a drawing with more numbers was found meanwhile
                continue

    # ---- One group

    def solve(self, channels, names, mixed=False):
        rest = {n: 0.5 if self.axes[n] is None else self.axes[n][0]
                for n in self.axes if n not in names}  # fmt: skip

        def sample(place):
            template, numbers = self.sample(rest | place)
            if not mixed:
                if template != self.template:
                    raise Varies
                return template, numbers[channels]
            if len(numbers) > len(channels):
                self.longest = len(numbers)
                raise Varies
            return template, np.pad(numbers, (0, len(channels) - len(numbers)))

        group = self._polynomial(sample, channels, names, mixed)
        inner = [n for n in names if n not in dict(group.outer)]
        local = [n for n in inner if self.axes[n] is None]
        begin = {1: 5, 2: 4}.get(len(local), 3)
        for n in inner:
            stops = self.axes[n]
            even = np.union1d(np.linspace(0, 1, begin), self.marks.get(n, []))
            group.places[n] = even if stops is None else np.array(stops)
        group.stops = {n for n in inner if self.axes[n] is not None}
        self._fill(group, sample)
        tried = Tried(sample, lambda true, template: self.scale(true, channels, template))
        if local:
            self._refine(group, sample, local, tried, 16 * (1 + len(names)))

        def improve(place, snap):
            """Take a place along at which the error was too large; or show a node there."""
            place = {n: place[n] for n in names}
            if self._missed(group, sample, place):
                self._fill(group, sample)
            elif snap and local:
                group.snapped.add(group.cell(place))
            elif local:
                tried.add(place)
                self._refine(group, sample, local, tried, 0)

        group.improve = improve
        return group

    def _polynomial(self, sample, channels, names, mixed):
        """A group that knows along which controls it is a polynomial."""
        plain = Group(channels, [], True, {}, ratios=self.ratios, mixed=mixed)
        candidates = [n for n in names if self.axes[n] is None]
        if mixed or not candidates:
            return plain
        spaces = [None, self.power[:, channels]] if np.any(self.power[1, channels]) else [None]
        best = plain
        for space in reversed(spaces):
            group = Group(channels, [], True, {}, power=space, ratios=self.ratios)
            for name in candidates:
                for degree in (1, 2):
                    if self._fits(sample, group, names, [(name, degree)], True):
                        group.outer.append((name, degree))
                        break
            if len(group.outer) > len(best.outer):
                best = group
        higher = [(name, 2) for name, _ in best.outer]
        for outer, cross in itertools.product((best.outer, higher), (True, False)):
            if not outer or self._fits(sample, best, names, outer, cross):
                best.outer, best.cross = outer, cross
                return best
        best.outer, best.cross = best.outer[:1], True  # one alone
        return best

    def _fits(self, sample, group, names, outer, cross):
        degrees, tried = [d for _, d in outer], [n for n, _ in outer]
        nodes = outer_nodes(degrees, cross)
        telling = 0  # where nothing changes along these controls, any polynomial fits
        special = [(k, u) for k, n in enumerate(tried) for u in self.marks.get(n, [])]
        for attempt in range(-len(special), 24):
            x = (0.2317, 0.8161, 0.6213, 0.0729)[attempt % 4]
            far = self.corner() if attempt % 2 else self.random()
            base = {n: v for n, v in far.items() if n in names}
            t = [(x + 0.37 * k) % 1 for k in range(len(outer))]
            if attempt < 0:
                k, u = special[attempt]
                t[k] = along(u, self.ratios[tried[k]])
            drawn = [sample(base | self._places(tried, node)) for node in nodes]
            template, true = sample(base | self._places(tried, t))
            if any(other != template for other, _ in drawn):
                return False
            weights = outer_weights(degrees, cross, t)
            total = sum(w * group._forth(z) for w, (_, z) in zip(weights, drawn, strict=True))
            scale = self.scale(true, group.channels, template)
            if np.max(np.abs(group._back(total) - true) * scale) > 0.1:
                return False
            telling += any(np.max(np.abs(z - true) * scale) > 1 for _, z in drawn)
            if telling >= 4 and attempt >= 0:
                break
        return telling >= 2

    def _fill(self, group, sample):
        """Draw at all nodes, but those that were drawn before."""
        names = list(group.places)
        outer = [n for n, _ in group.outer]
        if not group.nodes:
            for t in outer_nodes([d for _, d in group.outer], group.cross):
                fixed = self._places(outer, t)
                group.nodes.append((t, self._matter(group, sample, fixed, names)))
        group.values, group.templates = [], []
        for t, matter in group.nodes:
            fixed = self._places(outer, t)
            fixed |= {n: group.places[n][0] for n in names if n not in matter}
            shape = [len(group.places[n]) for n in matter]
            memory, drawn = group.drawn.setdefault((t, tuple(matter)), {}), []
            for u in itertools.product(*(group.places[n].tolist() for n in matter)):
                if u not in memory:
                    memory[u] = sample(fixed | dict(zip(matter, u, strict=True)))
                drawn.append(memory[u])
            group.values.append(np.array([z for _, z in drawn]).reshape(*shape, -1))
            group.templates.append(np.array([k for k, _ in drawn]).reshape(shape))

    def _missed(self, group, sample, place):
        """Take along controls that matter at a place, though they did not where it was tried."""
        outer, missed = [n for n, _ in group.outer], False
        for k, (t, matter) in enumerate(group.nodes):
            base = place | self._places(outer, t)
            here = sample(base)
            for n in [n for n in group.places if n not in matter]:
                moved = sample(base | {n: group.places[n][0]})
                if moved[0] != here[0] or np.any(moved[1] != here[1]):
                    matter = [name for name in group.places if name in {*matter, n}]
                    group.nodes[k], missed = (t, matter), True
        return missed

    def _matter(self, group, sample, fixed, names):
        if not fixed:
            return names
        matter = set()
        for _ in range(2):
            base = fixed | {n: v for n, v in self.random().items() if n in names}
            before = sample(base)
            for n in names:
                for value in self._others(n, base[n], parts=6):
                    moved = sample(base | {n: value})
                    if moved[0] != before[0] or np.any(moved[1] != before[1]):
                        matter.add(n)
        return [n for n in names if n in matter]

    def _errors(self, group, tried, orders=None):
        """-> the error at each place, inf for another template, nan where a node is shown."""
        numbers, templates, snapped = group.many(tried.places, orders)
        errors = np.max(np.abs(numbers - tried.true) * tried.scales, axis=1, initial=0)
        errors[templates != tried.templates] = math.inf
        errors[snapped] = math.nan
        return errors, numbers

    def _refine(self, group, sample, local, tried, fresh):
        names = [n for n, _ in group.outer] + list(group.places)
        quiet = 0
        while True:
            for place in self._doubtful(group, names, fresh) if tried.places else ():
                tried.add(place)
            for _ in range(fresh if not tried.places else fresh // 2):
                tried.add({n: v for n, v in self.random().items() if n in names})
            self._choose(group, tried)
            wanted = self._wanted(group, tried, local)
            if not wanted:
                quiet += 1
                if quiet == 2 or not fresh:
                    return
                continue
            quiet = 0
            longest = max(len(group.places[n]) for n in local)
            heavy = group.mixed and len(group.channels) > 20  # a sentence is light
            if group.count > (self.most // 4 if heavy else self.most) or longest > MOST_ALONG:
                errors, _ = self._errors(group, tried)
                for place, error in zip(tried.places, errors, strict=True):
                    if error > TOLERANCE:  # what cannot be had shows the nearer node
                        group.snapped.add(group.cell(place))
                return
            for name, cell in wanted:
                x = group.places[name]
                group.places[name] = np.sort([*x, (x[cell] + x[cell + 1]) / 2])
            group.snapped.clear()
            self._fill(group, sample)
            fresh = 8 if fresh and len(tried.places) < 400 else min(fresh, 2)

    def _choose(self, group, tried):
        """The order of interpolation, and for each number whether it is interpolated as a power.

        Beside a pole of its logarithm a number is a smooth power, elsewhere a smooth logarithm.
        """
        bad, ways = {}, [None] if group.power is None else [None, group.power[1] != 0]
        for order in ORDERS:
            group.order, each = order, []
            for group.early in ways:
                numbers, templates, snapped = group.many(tried.places)
                errors = np.minimum(np.abs(numbers - tried.true) * tried.scales, 50)
                errors[templates != tried.templates] = 50
                errors[snapped | np.isnan(errors).any(axis=1)] = 0
                each.append(np.where(errors > TOLERANCE, errors, 0))
            early = None if len(ways) == 1 else each[1].sum(axis=0) < each[0].sum(axis=0)
            best = each[0] if early is None else np.where(early, each[1], each[0])
            bad[order] = np.sum(np.max(best, axis=1, initial=0)), early
        group.order = min(bad, key=lambda order: bad[order][0])
        group.early = bad[group.order][1]

    def _doubtful(self, group, names, count):
        """Of many random places, those at which two orders of interpolation differ most."""
        if not count:
            return []
        places = [{n: v for n, v in self.random().items() if n in names} for _ in range(40 * count)]
        other = group.order - 2 if group.order > 2 else 4
        one, templates, snapped = group.many(places)
        two, *_ = group.many(places, dict.fromkeys(group.places, other))
        apart = np.zeros(len(places))
        for template in set(templates[~snapped].tolist()):
            some = ~snapped & (templates == template)
            scale = self.scale(one[some], group.channels, template)
            apart[some] = np.max(np.abs(one[some] - two[some]) * scale, axis=1, initial=0)
        return [
            places[i] for i in np.argsort(-apart, kind="stable")[:count] if apart[i] > TOLERANCE
        ]

    def _wanted(self, group, tried, local):
        """[(control, cell), ...] to be divided, from the right; none when all is well."""
        scores = {}
        errors, numbers = self._errors(group, tried)
        rough = {}
        for name in local:
            other, *_ = group.many(tried.places, {name: 2 if group.order > 2 else 0})
            rough[name] = np.max(np.abs(other - numbers) * tried.scales, axis=1, initial=0)
        for i, (place, error) in enumerate(zip(tried.places, errors, strict=True)):
            if error <= TOLERANCE:
                continue
            cell = group.cell(place)
            cells = dict(zip(group.places, cell, strict=True))
            width = {n: group.places[n][cells[n] + 1] - group.places[n][cells[n]] for n in local}
            if cell in group.snapped:
                continue
            if not math.isfinite(error):
                name = self._jumping(group, cells, local, width)
                if width[name] > NARROW:
                    key = name, cells[name]
                    scores[key] = max(scores.get(key, 0), 2 + 100 * width[name])
                elif math.isinf(error):
                    group.snapped.add(cell)
                continue
            name = max(local, key=lambda n: (rough[n][i], width[n]))
            if width[name] < NARROW / 4:
                group.snapped.add(cell)
                continue
            key = name, cells[name]
            scores[key] = max(scores.get(key, 0), error)
        best = sorted(scores, key=scores.get, reverse=True)
        chosen = best[: max(1, len(best) // 2)]
        return sorted(chosen, key=lambda key: -key[1])

    def _jumping(self, group, cells, local, width):
        """The control along which the templates around a place differ; of several, the widest."""
        differ = set()
        for (_, matter), templates in zip(group.nodes, group.templates, strict=True):
            for a, name in enumerate(matter):
                if name in local:
                    index = [
                        slice(cells[n], cells[n] + 2) if n in local else cells[n] for n in matter
                    ]
                    block = templates[tuple(index)]
                    axis = sum(n in local for n in matter[:a])
                    if np.any(np.diff(block, axis=axis)):
                        differ.add(name)
        return max(differ or local, key=lambda n: width[n])
