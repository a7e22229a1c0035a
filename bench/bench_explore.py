"""What an explorer of 300 frames costs: to draw, to send, and to move.

Two panels: an ill-conditioned quadratic with filled contours and a path of markers, and the loss
on a logarithmic scale under a title that changes.
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
# One move: the input event, then everything that must happen before the screen can be painted.
MOVES = """async () => {
    const explorer = document.querySelector(".explorer");
    const sliders = explorer.querySelectorAll("input[type=range]");
    const frame = () => new Promise(requestAnimationFrame);
    const times = [];
    for (let i = 0; i < 250; i++) {
        const slider = sliders[i % 2];
        slider.value = (+slider.value + 1 + 7 * (i % 3)) % (+slider.max + 1);
        await frame();
        const callbacks = [];
        const real = window.requestAnimationFrame;
        window.requestAnimationFrame = (callback) => callbacks.push(callback);
        let start = performance.now();
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        let spent = performance.now() - start;
        await new Promise((done) => setTimeout(done));  // the promise of the loaded frames
        start = performance.now();
        callbacks.forEach((callback) => callback(performance.now()));
        explorer.getBoundingClientRect();  // forces style and layout
        explorer.querySelectorAll("svg [data-part]").forEach((group) => group.getBBox());
        spent += performance.now() - start;
        window.requestAnimationFrame = real;
        if (callbacks.length !== 1) throw new Error("a move that drew nothing");
        times.push(spent);
    }
    return times;
}"""


def descent():
    fig, (left, right) = plotting.figure(1, 2)
    x, y = np.linspace(-3, 3, 120), np.linspace(-2, 2, 100)
    left.contourf(x, y, x**2 + 10 * y[:, None] ** 2, 12, cmap=plotting.TERRAIN)
    left.set(xlim=(-3, 3), ylim=(-2, 2), xlabel=r"$\theta_1$", ylabel=r"$\theta_2$")
    (path,) = left.plot([], [], "o-", color=plotting.ORANGE)
    right.set(xlim=(0, STEPS), ylim=(1e-8, 1e3), yscale="log", xlabel="step", ylabel="loss")
    (loss,) = right.plot([], [], color=plotting.BLUE)

    def update(eta, kappa):
        factors = 1 - eta * np.array([1, kappa])
        points = np.array([-2.5, 1.5]) * factors ** np.arange(STEPS + 1)[:, None]
        losses = (points**2 @ [1, kappa]) / 2
        path.set_data(points.T)
        loss.set_data(range(STEPS + 1), losses)
        right.set_title(rf"$\eta = {eta:.3f}$, $\kappa = {kappa}$: {losses[-1]:.1e}")

    return fig, update, {"eta": np.linspace(0.01, 0.22, 60), "kappa": [1, 2, 4, 8, 10]}


def main():
    fig, update, controls = descent()
    seconds = []
    for _ in range(3):
        start = time.perf_counter(), time.process_time()
        page = explore(fig, update, alt="Gradient descent.", **controls).html
        seconds.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    wall, work = np.median(seconds, axis=0)
    print(f"explorer: 300 frames drawn in {wall:.2f} s, {work:.2f} s of processor time (target 3)")
    print(f"explorer: {len(gzip.compress(page.encode())) / 1000:.0f} KB compressed (target 150)")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "explorer.html"
        file.write_text(f"<!doctype html><meta charset=utf-8>{page}", encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGS)
        opened = browser.new_page()
        opened.goto(file.as_uri())
        opened.locator(".explorer input").first.fill("3")
        opened.wait_for_function("document.querySelector('.explorer').dataset.frame == 15")
        times = opened.evaluate(MOVES)
        browser.close()
    middle, high = np.percentile(times, [50, 95])
    print(f"explorer: a move takes {middle:.1f} ms, 95th percentile {high:.1f} ms (target 8)")


if __name__ == "__main__":
    main()
