// The drawing of an explorer at any values of its controls. Python's `nodes.py` says how numbers are interpolated, and
// `recorder.py` how a drawing is put together from a template and its numbers.

const unpack = async (text) => {
  const bytes = Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const all = new Uint8Array(await new Response(stream).arrayBuffer());
  const size = new DataView(all.buffer).getUint32(0, true);
  return { ...JSON.parse(new TextDecoder().decode(all.subarray(4, 4 + size))), stream: all.subarray(4 + size) };
};

// Numbers of 7 bits in a byte, the eighth says that more follow; the lowest bit is the sign.
const reader = (bytes) => {
  let at = 0;
  return () => {
    let n = 0, unit = 1, byte;
    do { byte = bytes[at++]; n += (byte & 127) * unit; unit *= 128; } while (byte > 127);
    return n % 2 ? -(n + 1) / 2 : n / 2;
  };
};
// Numbers of nodes, channel by channel; what is read are their differences along every axis.
const readArray = (read, shape, steps) => {
  const whole = [steps.length, ...shape], nodes = shape.reduce((n, m) => n * m, 1);
  const out = Float64Array.from({ length: steps.length * nodes }, read);
  for (let axis = 0, after = out.length; axis < whole.length; axis++) {
    const row = after;
    after /= whole[axis];
    for (let i = 0; i < out.length; i++) if (i % row >= after) out[i] += out[i - after];
  }
  return out.map((value, i) => value * steps[Math.floor(i / nodes)]);
};

const lagrange = (x, u) => x.map((a, i) => x.reduce((w, b, j) => j === i ? w : w * (u - b) / (a - b), 1));
// -> nodes of the cell, those of the polynomial with their weights, the nearest one
const stencil = (x, u, order) => {
  const n = x.length;
  let cell = n - 2;
  while (cell > 0 && x[cell] > u) cell--;
  if (n === 1) return { cell: 0, corners: [0], nodes: [0], weights: [1], near: 0, u, x };
  const near = u - x[cell] <= x[cell + 1] - u ? cell : cell + 1;
  if (order === 0) return { cell: near, corners: [near], nodes: [near], weights: [1], near, u, x };
  const size = Math.min(order, n), first = Math.min(Math.max(cell - (Math.floor(size / 2) - 1), 0), n - size);
  const nodes = [...Array(size).keys()].map((i) => first + i);
  return { cell, corners: [cell, cell + 1], nodes, weights: lagrange(nodes.map((i) => x[i]), u), near, u, x };
};
const outerWeights = (degrees, cross, t) => {
  const each = degrees.map((d, i) => {
    const x = t[i];
    return d === 1 ? [1 - x, x] : [4 * x * (1 - x), (1 - x) * (1 - 2 * x), x * (2 * x - 1)];
  });
  if (!cross) return each.reduce((all, w) => all.flatMap((a) => w.map((b) => a * b)), [1]);
  return [1 + each.reduce((sum, w) => sum + w[0] - 1, 0), ...each.flatMap((w) => w.slice(1))];
};

// A number on a logarithmic axis as the power of ten that it stands for.
const powered = ({ power: [c, s] }, j, z) => s[j] ? 10 ** Math.min(Math.max((z - c[j]) / s[j], -300), 300) : z;

// Numbers at a place into `out`: -> [template, whether the nearer node is shown]
const interpolate = (group, controls, values, out, nearest) => {
  const names = Object.keys(group.places), stencils = {};
  for (const name of names) {
    const c = controls[name], log = c.scale === "log" ? Math.log : (x) => x;
    const u = Math.min(Math.max((log(values[name]) - log(c.low)) / (log(c.high) - log(c.low)), 0), 1);
    stencils[name] = stencil(group.places[name], u, group.stops.includes(name) ? 0 : group.order);
  }
  const size = group.steps.length;
  const tables = group.nodes.map((matter, k) => {
    let stride = 1;
    const steps = new Map();
    for (const name of [...matter].reverse()) { steps.set(name, stride); stride *= group.places[name].length; }
    // Nodes as the product over the controls that matter.
    const product = (pick) => matter.reduce((all, name) => {
      const [nodes, weights] = pick(stencils[name]);
      return all.flatMap(([i, w]) => nodes.map((n, j) => [i + n * steps.get(name), w * weights[j]]));
    }, [[0, 1]]);
    return { product, templates: group.templates?.[k], values: group.values[k], nodes: stride };
  });
  const corners = (s) => [s.corners, s.corners], near = (s) => [[s.near], [1]];
  let snap = nearest || group.snapped.has(names.map((name) => stencils[name].cell).join());
  if (!snap && group.templates) {
    const found = new Set(tables.flatMap((t) => t.product(corners).map(([i]) => t.templates[i])));
    snap = found.size > 1;
  }
  const total = new Float64Array(size), weights = outerWeights(group.outer.map((o) => o[1]), group.cross, group.outer.map(([name]) => {
    const c = controls[name];
    return (values[name] - c.low) / (c.high - c.low);
  }));
  let template = null;
  tables.forEach((table, k) => {
    const here = table.product(near)[0][0];
    template = table.templates ? table.templates[here] : null;
    let chosen = snap ? [[here, 1]] : table.product((s) => [s.nodes, s.weights]);
    if (!snap && table.templates && chosen.some(([i]) => table.templates[i] !== template)) {
      chosen = table.product((s) => s.corners.length > 1 ? [s.corners, lagrange(s.corners.map((i) => s.x[i]), s.u)] : [s.corners, [1]]);
    }
    const index = Int32Array.from(chosen, (c) => c[0]), w = Float64Array.from(chosen, (c) => c[1]), { values } = table;
    for (let j = 0, first = 0; j < size; j++, first += table.nodes) {
      let z = 0;
      for (let i = 0; i < index.length; i++) z += w[i] * values[first + index[i]];
      total[j] += weights[k] * (group.power && !group.early?.[j] ? powered(group, j, z) : z);
    }
  });
  group.channels.forEach((channel, i) => {
    const j = group.columns[i], s = group.power ? group.power[1][j] : 0;
    out[channel] = s ? group.power[0][j] + s * Math.log10(Math.max(total[j], 1e-300)) : total[j];
  });
  return [template, snap];
};

// A number as Python's format writes it.
const formatted = (value, [kind, digits, plus, minus, signed]) => {
  if (!signed) value = Math.abs(value);
  const power = (text) => text.replace(/e([+-])(\d)$/, "e$10$2");
  let text;
  if (kind === "f") text = value.toFixed(digits);
  else if (kind === "e") text = power(value.toExponential(digits));
  else {
    const size = +value.toExponential(Math.max(digits, 1) - 1).split("e")[1];
    const short = (t) => t.includes(".") ? t.replace(/\.?0+$/, "") : t;
    if (size < -4 || size >= digits) {
      const [m, e] = value.toExponential(Math.max(digits, 1) - 1).split("e");
      text = power(`${short(m)}e${e}`);
    } else text = short(value.toFixed(Math.max(digits - 1 - size, 0)));
  }
  if (text[0] === "-" && !+text) text = text.slice(1);
  if (plus && text[0] !== "-") text = `+${text}`;
  return text.replaceAll("-", minus);
};

const two = (x) => Math.round(x * 100) / 100 + 0;
const hex = (x) => Math.min(Math.max(Math.round(x), 0), 255).toString(16).padStart(2, "0");

const picture = (explorer) => {
  const parts = [...explorer.querySelectorAll("svg [data-part]")];
  const controls = JSON.parse(explorer.dataset.controls);
  let data = null, shown = [], now = [];

  // The texts of a template with its numbers: -> its SVG, or null when the glyphs of a text are unknown
  const filled = (t, numbers) => {
    let at = 0, which = 0, known = true;
    const words = [];
    const svg = data.templates[t].replace(/\ue003([A-Za-z]*)\ue004|\ue001|\ue002|\ue005([^\ue004]*)\ue004/g, (all, path, text) => {
      if (path !== undefined) {
        let d = "", left = 0; // of the vertices of a curve only the first has a letter
        for (const letter of path) {
          d += left ? " " : letter;
          left = left ? left - 1 : letter === "Q" ? 1 : letter === "C" ? 2 : 0;
          if (letter !== "z") d += `${two(numbers[at++])} ${two(numbers[at++])}`;
        }
        return d;
      }
      if (all === "\ue001") return +numbers[at++].toFixed(4);
      if (all === "\ue002") return `#${hex(numbers[at++])}${hex(numbers[at++])}${hex(numbers[at++])}`;
      const [x, y] = [numbers[at++], numbers[at++]];
      const string = text.replace(/\ue006/g, () => {
        const form = data.forms[`${t},${at}`], z = numbers[at++];
        return formatted(!form[5] ? z : z > -299 ? 10 ** z : 0, form); // the logarithm of 0 is kept as -300
      });
      const key = `${t},${which++},`, found = data.layouts[key + string.replace(/\d/g, "0")] ?? data.layouts[key + string];
      words.push(string);
      if (!found) { known = false; return ""; }
      const digits = string.match(/\d/g) ?? [];
      let k = 0;
      // In another language a text is letters, not glyphs: \ue008 stands for all of it.
      return found[2].replace("\ue005", `${two(x + found[0])} ${two(y + found[1])}`)
        .replace("\ue008", () => string.replace(/[&<]/g, (sign) => `&#${sign.charCodeAt()};`))
        .replace(/\ue007(\d+);/g, (_, font) => `#${data.fonts[font][+digits[k++]]}`);
    });
    return { svg, words, known };
  };

  const drawnUnit = (unit, values, nearest) => {
    const which = unit.choices.reduce((n, name) => n * controls[name].values.length + controls[name].values.indexOf(values[name]), 0);
    const { numbers, groups, template } = unit.cases[which], out = numbers.slice();
    let t = template, snapped = false;
    for (const group of groups) {
      const [found, snap] = interpolate(group, controls, values, out, nearest);
      t = found ?? t;
      snapped ||= snap;
    }
    return { t, numbers: out, snapped };
  };

  return {
    async load() {
      const found = await unpack(explorer.querySelector('script[type="application/x-explorer-frames"]').textContent);
      const read = reader(found.stream);
      for (const unit of found.units) {
        for (const each of unit.cases) {
          each.numbers = Array.from(readArray(read, [], each.steps));
          for (const group of each.groups) {
            const tables = [];
            group.values = group.nodes.map((matter, k) =>
              tables[group.tables[k]] ??= readArray(read, matter.map((name) => group.places[name].length), group.steps));
            for (const table of tables) { // powers are taken here for all nodes, not at each move
              const nodes = table.length / group.steps.length;
              group.early?.forEach((early, j) => {
                if (early) for (let i = j * nodes; i < (j + 1) * nodes; i++) table[i] = powered(group, j, table[i]);
              });
            }
            group.snapped = new Set(group.snapped);
          }
        }
      }
      data = found;
      shown = data.units.map(() => null);
    },
    draw(values) {
      let snapped = false;
      data.units.forEach((unit, k) => {
        let drawn = drawnUnit(unit, values, false), text = filled(drawn.t, drawn.numbers);
        if (!text.known) {
          drawn = drawnUnit(unit, values, true);
          drawn.snapped = true;
          text = filled(drawn.t, drawn.numbers);
        }
        snapped ||= drawn.snapped;
        now[k] = { ...drawn, words: text.words };
        if (unit.part !== null && text.svg !== shown[k]) {
          parts[unit.part].innerHTML = text.svg;
          shown[k] = text.svg;
        }
      });
      return snapped;
    },
    // What was drawn last, for those who measure it: for each unit its template, its numbers, its texts.
    numbers: () => now,
    point: (k) => {
      const handle = data.handles[k];
      return handle && now[handle[0]] ? [now[handle[0]].numbers[handle[1]], now[handle[0]].numbers[handle[1] + 1]] : null;
    },
    words: () => data.said === null ? "" : typeof data.said === "string" ? data.said
      : data.said.flatMap((k) => typeof k === "number" ? now[k]?.words ?? [] : [k]).map((text) => text.replace(/\\([A-Za-z]+)/g, "$1").replace(/[${}]/g, "")).join("; "),
  };
};
