"""What an explorer's page draws: its own script, run by Node outside of a browser."""

import html
import json
import re
import shutil
import subprocess
from importlib import resources

import pytest

_HARNESS = """
const { controls, packed, count, places } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const parts = Array(count).fill(null);
const explorer = {
  dataset: { controls: JSON.stringify(controls) },
  querySelector: () => ({ textContent: packed }),
  querySelectorAll: () => parts.map((_, k) => ({ set innerHTML(text) { parts[k] = text; } })),
};
(async () => {
  const drawing = picture(explorer), out = [];
  await drawing.load();
  for (const values of places) {
    const snapped = drawing.draw(values);
    out.push({ snapped, parts: [...parts], words: drawing.words(), points: data_handles(drawing) });
  }
  console.log(JSON.stringify(out));
})();
"""


def drawings(page, places, handles=0):
    """[{"svg", "snapped", "words", "points"}] that the page shows for values of its controls."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on PATH")
    base = re.search(r"<svg.*?</svg>", page, re.DOTALL)[0]
    controls = json.loads(html.unescape(re.search(r' data-controls="([^"]*)"', page)[1]))
    packed = re.search(r'<script type="application/x-explorer-frames">(.*?)</script>', page)[1]
    script = (resources.files("explorable") / "picture.js").read_text(encoding="utf-8")
    points = f"const data_handles = (d) => [...Array({handles}).keys()].map((k) => d.point(k));"
    given = {
        "controls": controls, "packed": packed, "count": base.count('<g data-part="'),
        "places": places,
    }  # fmt: skip
    done = subprocess.run(
        [node, "-e", script + points + _HARNESS], input=json.dumps(given), text=True,
        capture_output=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return [{**each, "svg": _composed(base, each["parts"])} for each in found]


def _composed(base, parts):
    """The base with each group's content replaced, as a browser does it."""
    pieces = re.split(r'(<g data-part="\d+">)', base)
    out = [pieces[0]]
    for opening, rest in zip(pieces[1::2], pieces[2::2], strict=True):
        depth, end = 1, 0
        for tag in re.finditer(r"<g[ >]|</g>", rest):
            depth += -1 if tag[0] == "</g>" else 1
            if depth == 0:
                end = tag.start()
                break
        out += [opening, parts[int(re.search(r"\d+", opening)[0])], rest[end:]]
    return "".join(out)
