"""The picture of the README: runs its first example, and photographs the page that it writes."""

import os
import re
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent


def main():
    example = re.search(r"```python\n(.*?)```", (HERE / "README.md").read_text("utf-8"), re.DOTALL)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.chdir(folder)
        exec(example[1], {})
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 700, "height": 500}, device_scale_factor=2)
        page.goto((Path(folder) / "wave.html").as_uri())
        explorer = page.locator("figure.explorer[data-ready]")
        state = {"frequency": 3, "damping": 0.1}
        explorer.evaluate(
            """(explorer, detail) => new Promise((drawn) => {
                explorer.addEventListener("explorer:drawn", () => drawn(), { once: true });
                explorer.dispatchEvent(new CustomEvent("explorer:set", { detail }));
            })""",
            state,
        )
        explorer.screenshot(path=HERE / "explorer.png", animations="disabled")
        browser.close()
        os.chdir(HERE)


if __name__ == "__main__":
    main()
