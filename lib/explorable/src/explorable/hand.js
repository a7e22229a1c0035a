// In the figure: handles to drag, panels that stand under one another where there is little room, a ghost to compare.

const READABLE = 11, USUAL = 1.54, STACKED = 1.36; // pixels; pixels for each point, and those of panels under one another

// Panels in rows as wide as the page: where each panel moves, and the whole that they make.
const arranged = (panels, room) => {
  const rows = [];
  for (const panel of panels) {
    const [, , w] = panel.box, last = rows.at(-1);
    if (last && last.row === panel.row && last.width + w <= room) { last.items.push(panel); last.width += w; }
    else rows.push({ row: panel.row, items: [panel], width: w });
  }
  const width = Math.max(...rows.map((row) => row.width));
  const shifts = new Map();
  let top = 0;
  for (const row of rows) {
    let left = 0;
    for (const panel of row.items) {
      const [x, y, w] = panel.box;
      shifts.set(panel, [left - x, top - y]);
      left += w;
    }
    top += Math.max(...row.items.map((panel) => panel.box[3]));
  }
  return { shifts, width, height: top };
};

const panelsOf = (explorer, changed) => {
  const frame = explorer.querySelector(".explorer-figure"), svg = frame.querySelector("svg");
  const panels = JSON.parse(explorer.dataset.panels), letters = +explorer.dataset.letters;
  const wide = svg.getAttribute("viewBox"), [, , width] = wide.split(" ").map(Number);
  const groups = panels.map((panel) => panel.axes.map((n) => svg.querySelector(`[data-axes="${n}"]`)));
  const can = panels.length > 1 && groups.flat().every(Boolean);
  let now = "";
  const arrange = () => {
    const room = explorer.clientWidth;
    if (!can || !room) return;
    const crowded = Math.min(room, 620) / width * letters < READABLE;
    const found = crowded ? arranged(panels, room * letters / READABLE) : null;
    const viewBox = found ? `0 0 ${found.width.toFixed(2)} ${found.height.toFixed(2)}` : wide;
    if (viewBox === now) return;
    now = viewBox;
    svg.setAttribute("viewBox", viewBox);
    const size = found ? found.width * Math.max(STACKED, READABLE / letters) / USUAL : width;
    frame.style.setProperty("--explorer-own", size / 72);
    explorer.toggleAttribute("data-stacked", crowded);
    panels.forEach((panel, k) => {
      const [dx, dy] = found?.shifts.get(panel) ?? [0, 0];
      panel.shift = [dx, dy];
      for (const group of groups[k]) {
        if (found) group.setAttribute("transform", `translate(${dx.toFixed(2)} ${dy.toFixed(2)})`);
        else group.removeAttribute("transform");
      }
    });
    changed();
  };
  new ResizeObserver(arrange).observe(explorer);
  arrange();
  return {
    // How far the panel at a place of the whole figure stands from there now.
    shift(x, y) {
      const inside = ({ box: [left, top, w, h] }) => x >= left && x <= left + w && y >= top && y <= top + h;
      return panels.find(inside)?.shift ?? [0, 0];
    },
  };
};

const fromScale = ([, p0, p1, v0, v1, scale], p) => {
  const t = (p - p0) / (p1 - p0);
  return scale === "log" ? v0 * (v1 / v0) ** t : v0 + t * (v1 - v0);
};
const toScale = ([, p0, p1, v0, v1, scale], v) =>
  p0 + (p1 - p0) * (scale === "log" ? Math.log(v / v0) / Math.log(v1 / v0) : (v - v0) / (v1 - v0));

// Handles: a ring of 44 pixels over each point that can be dragged. `set` takes {control: number}.
const handlesOf = (explorer, point, values, set) => {
  const frame = explorer.querySelector(".explorer-figure");
  const svg = () => frame.querySelector("[role=img] svg"); // a live figure draws another each time
  const handles = JSON.parse(explorer.dataset.drag).map((drag) => {
    const ring = document.createElement("span"), ways = ["x", "y"].filter((way) => drag[way]);
    ring.className = `explorer-handle explorer-${ways.join("")}`;
    ring.setAttribute("aria-hidden", "true"); // by keyboard and for assistive tools there are the sliders
    frame.append(ring);
    return { drag, ring };
  });
  let panels = null, held = null;
  const place = ({ drag }, k) => {
    const drawn = point(k) ?? drag.at, state = values();
    return ["x", "y"].map((way, i) => drag[way] ? toScale(drag[way], state[drag[way][0]]) : drawn[i]);
  };
  function show() {
    const [, , width, height] = svg().getAttribute("viewBox").split(" ").map(Number);
    handles.forEach((handle, k) => {
      const [x, y] = place(handle, k), [dx, dy] = panels?.shift(...handle.drag.at) ?? [0, 0];
      handle.ring.style.left = `${(x + dx) / width * 100}%`;
      handle.ring.style.top = `${(y + dy) / height * 100}%`;
    });
  }
  const inSvg = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg().getScreenCTM().inverse());
  handles.forEach((handle, k) => {
    const { ring } = handle;
    ring.addEventListener("pointerdown", (event) => {
      if (event.button || !event.isPrimary) return;
      event.preventDefault();
      // Of rings that lie over one another, the one whose middle is nearest.
      const far = (each) => { const box = each.ring.getBoundingClientRect();
        return Math.hypot(box.x + box.width / 2 - event.clientX, box.y + box.height / 2 - event.clientY); };
      const chosen = handles.reduce((best, each) => far(each) < far(best) ? each : best, handle);
      const at = inSvg(event), [x, y] = place(chosen, handles.indexOf(chosen)), [dx, dy] = panels.shift(...chosen.drag.at);
      held = { chosen, id: event.pointerId, off: [at.x - x - dx, at.y - y - dy], dx, dy };
      ring.setPointerCapture(event.pointerId);
      explorer.dataset.dragging = "";
    });
    ring.addEventListener("pointermove", (event) => {
      if (event.pointerId !== held?.id) return;
      const at = inSvg(event), { drag } = held.chosen;
      const p = [at.x - held.off[0] - held.dx, at.y - held.off[1] - held.dy], wanted = {};
      ["x", "y"].forEach((way, i) => { if (drag[way]) wanted[drag[way][0]] = fromScale(drag[way], p[i]); });
      set(wanted);
    });
    for (const end of ["pointerup", "pointercancel"]) ring.addEventListener(end, (event) => {
      if (event.pointerId !== held?.id) return;
      held = null;
      delete explorer.dataset.dragging;
    });
  });
  panels = panelsOf(explorer, show);
  show();
  return { show };
};

// A pale copy of what changes, under what is drawn now; its texts would only stand in one another's way.
const ghostOf = (explorer) => {
  let copies = [];
  return {
    get kept() { return copies.length > 0; },
    keep() {
      for (const group of explorer.querySelectorAll(".explorer-figure svg [data-part]")) {
        const copy = group.cloneNode(true);
        copy.removeAttribute("data-part");
        copy.setAttribute("class", "explorer-ghost");
        copy.querySelectorAll("text").forEach((text) => text.remove());
        // Letters that are drawn as shapes are scaled up from a font's own units.
        copy.querySelectorAll('g[transform*="scale("]').forEach((text) => text.remove());
        if (!copy.querySelector("path, use, image, line, circle, polygon, polyline, rect")) continue;
        group.before(copy);
        copies.push(copy);
      }
    },
    release() { copies.forEach((copy) => copy.remove()); copies = []; },
  };
};
