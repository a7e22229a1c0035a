"""The fixtures of the tests."""

import os

import pytest
from playwright.sync_api import sync_playwright

from browser import ARGS, executable


@pytest.fixture(scope="module")
def chromium():
    """A running Chromium. Where there is none, tests fail in CI and are skipped elsewhere."""
    if executable() is None:
        message = "no chromium on PATH; install the distribution's package (apt install chromium)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGS)
        try:
            yield browser
        finally:
            browser.close()
