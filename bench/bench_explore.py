"""What an explorer costs: to draw, to send, and to move; and what the same picture costs others.

Two panels: an ill-conditioned quadratic with filled contours and a path of markers, and the loss
on a logarithmic scale under a title that changes. Ours has a continuous rate, a continuous
condition and a start that is dragged. The peers (pip install -r bench/requirements-peers.txt) have
300 frames, 60 rates for 5 conditions; who is not installed is left out, and says so.
"""

import gzip
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

os.environ["NNBOOK_STATIC"] = "1"
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browser import ARGS, executable  # noqa: E402
from nnbook import plotting  # noqa: E402
from nnbook.explore import explore  # noqa: E402

STEPS = 40
RATES, CONDITIONS = np.linspace(0.01, 0.22, 60), [1, 2, 4, 8, 10]
START = np.array([-2.5, 1.5])
# One move: what is set, then all that must happen before the screen can be painted. A hand moves
# one slider, or drags the start, which is two controls; a link sets all four.
MOVES = """async (all) => {
    const explorer = document.querySelector(".explorer"), times = [];
    const part = (k) => (k * 0.61803) % 1;
    for (let i = 0; i < 250; i++) {
        const eta = 0.01 + 0.21 * part(i), kappa = 1 + 9 * part(2 * i);
        const w0 = -3 + 6 * part(3 * i), w1 = -2 + 4 * part(5 * i);
        const values = all ? { eta, kappa, w0, w1 } : [{ eta }, { kappa }, { w0, w1 }][i % 3];
        await new Promise(requestAnimationFrame);
        const start = performance.now();
        explorer.dispatchEvent(new CustomEvent("explorer:set", { detail: values }));
        explorer.getBoundingClientRect();  // forces style and layout
        explorer.querySelectorAll("svg [data-part]").forEach((group) => group.getBBox());
        times.push(performance.now() - start);
    }
    return times;
}"""


def descent():
    fig, (left, right) = plotting.figure(1, 2)
    x, y = np.linspace(-3, 3, 120), np.linspace(-2, 2, 100)
    left.contourf(x, y, x**2 + 10 * y[:, None] ** 2, 12, cmap=plotting.TERRAIN)
    left.set(xlim=(-3, 3), ylim=(-2, 2), xlabel=r"$\theta_1$", ylabel=r"$\theta_2$")
    (path,) = left.plot([], [], "o-", color=plotting.ORANGE)
    (dot,) = left.plot([], [], "o", color=plotting.ORANGE)
    right.set(xlim=(0, STEPS), ylim=(1e-8, 1e3), yscale="log", xlabel="step", ylabel="loss")
    (loss,) = right.plot([], [], color=plotting.BLUE)
    title = right.set_title(" ")

    def update(eta, kappa, w0=START[0], w1=START[1]):
        points, losses = trajectory(eta, kappa, np.array([w0, w1]))
        path.set_data(points.T)
        dot.set_data([w0], [w1])
        loss.set_data(range(STEPS + 1), losses)
        title.set_text(rf"$\eta = {eta:.3f}$, $\kappa = {kappa:.1f}$: {losses[-1]:.1e}")

    return fig, update, dot


def trajectory(eta, kappa, start):
    factors = 1 - eta * np.array([1, kappa])
    points = start * factors ** np.arange(STEPS + 1)[:, None]
    return points, (points**2 @ [1, kappa]) / 2


def kilobytes(text):
    return len(gzip.compress(text.encode())) / 1000


def ours(folder, browser):
    fig, update, dot = descent()
    controls = {
        "eta": (0.01, 0.22), "kappa": (1.0, 10.0), "w0": (-3.0, 3.0), "w1": (-2.0, 2.0),
    }  # fmt: skip
    began = time.perf_counter(), time.process_time()
    explorer = explore(
        fig, update, alt="Gradient descent.", start={"w0": -2.5, "w1": 1.5},
        drag={dot: {"x": "w0", "y": "w1"}}, **controls,
    )  # fmt: skip
    wall, work = time.perf_counter() - began[0], time.process_time() - began[1]
    report = explorer.report
    print(f"explorer: drawn in {wall:.1f} s, {work:.1f} s of processor time (target 6)")
    print(f"explorer: {kilobytes(explorer.html):.0f} KB compressed (target 150)")
    print(
        f"explorer: at {report['places']} random places worst error {report['worst']:.2f} px, "
        f"95% {report['p95']:.2f} px (target 0.5), {report['misread']} numbers read otherwise, "
        f"{report['snaps']:.1%} show a node (target 10%); nodes {report['nodes']}"
    )
    file = folder / "explorer.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{explorer.html}", encoding="utf-8")
    opened = browser.new_page()
    opened.goto(file.as_uri())
    opened.wait_for_selector(".explorer[data-ready]")
    opened.evaluate(
        "document.querySelector('.explorer').dispatchEvent(new CustomEvent('explorer:set'))"
    )
    opened.wait_for_timeout(1000)
    for name, all_of_them in (("a move", False), ("four controls at once", True)):
        middle, high = np.percentile(opened.evaluate(MOVES, all_of_them), [50, 95])
        print(f"explorer: {name} takes {middle:.1f} ms, 95th percentile {high:.1f} ms (target 4)")
    opened.close()


def by_plotly(folder, browser):
    import plotly
    import plotly.graph_objects as go

    def traces(eta, kappa):
        points, losses = trajectory(eta, kappa, START)
        return [
            go.Scatter(x=points[:, 0], y=points[:, 1], mode="lines+markers"),
            go.Scatter(x=list(range(STEPS + 1)), y=losses, xaxis="x2", yaxis="y2"),
        ]

    places = [(eta, kappa) for eta in RATES for kappa in CONDITIONS]
    began = time.perf_counter()
    steps = [
        {"method": "animate", "args": [[str(k)], {"mode": "immediate"}]} for k in range(len(places))
    ]
    figure = go.Figure(
        data=traces(*places[0]),
        frames=[go.Frame(data=traces(*p), name=str(k)) for k, p in enumerate(places)],
        layout={
            "xaxis": {"domain": [0, 0.45], "range": [-3, 3]}, "yaxis": {"range": [-2, 2]},
            "xaxis2": {"domain": [0.55, 1]}, "yaxis2": {"anchor": "x2", "type": "log"},
            "sliders": [{"steps": steps}],
        },
    )  # fmt: skip
    page = figure.to_html(include_plotlyjs=False)
    library = kilobytes(plotly.offline.get_plotlyjs())
    return (
        f"Plotly {plotly.__version__}, 300 frames without contours: {kilobytes(page):.0f} KB and "
        f"{library:.0f} KB of library, {time.perf_counter() - began:.1f} s"
    )


def by_matplotlib(folder, browser):
    import matplotlib
    from matplotlib.animation import FuncAnimation

    fig, update, _ = descent()
    places = [(eta, kappa) for eta in RATES for kappa in CONDITIONS]
    began = time.perf_counter()
    with matplotlib.rc_context({"animation.embed_limit": 200}):
        page = FuncAnimation(fig, lambda p: update(*p), places).to_jshtml()
    return (
        f"matplotlib {matplotlib.__version__}, to_jshtml, 300 frames: {kilobytes(page):.0f} KB, "
        f"{time.perf_counter() - began:.1f} s"
    )


def by_panel(folder, browser):
    import panel
    from bokeh.resources import CDN

    fig, update, _ = descent()
    began = time.perf_counter()

    def view(eta, kappa):
        update(eta, kappa)
        return panel.pane.Matplotlib(fig, format="svg")

    rate = panel.widgets.DiscreteSlider(name="eta", options=RATES.tolist())
    condition = panel.widgets.DiscreteSlider(name="kappa", options=CONDITIONS)
    file = folder / "panel.html"
    panel.Column(rate, condition, panel.bind(view, rate, condition)).save(
        file, embed=True, max_opts=60, max_states=300, resources=CDN
    )
    return (
        f"Panel {panel.__version__}, embed, 300 states: {kilobytes(file.read_text()):.0f} KB, "
        f"{time.perf_counter() - began:.1f} s"
    )


def main():
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGS)
        folder = Path(name)
        ours(folder, browser)
        for peer in (by_plotly, by_matplotlib, by_panel):
            try:
                print(f"peer: {peer(folder, browser)}")
            except ImportError as missing:
                print(f"peer: {missing.name} is not installed, left out")
        browser.close()


if __name__ == "__main__":
    main()
