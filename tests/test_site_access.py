"""The built site for those who do not point, have a narrow screen, have no scripts, or print it."""

import pytest

from browser import chromium, open_page  # noqa: F401  (chromium is a fixture)
from built_site import CHAPTERS, name

NARROW = {"width": 360, "height": 740}


def presses(last):
    """Keys, and where a slider of so many places may be after each."""
    keys = {
        "Home": {0},
        "ArrowRight": {1},
        "ArrowUp": {min(2, last)},
        "ArrowLeft": {min(2, last) - 1},
        "End": {last},
        "ArrowDown": {last - 1},
        "PageDown": set(range(last - 1)) if last > 1 else {0},
    }
    return [*keys.items(), ("Home", {0}), ("PageUp", set(range(1, last + 1)))]


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_sliders_by_keyboard(chromium, path):  # noqa: F811
    """Arrows by one, Page Up and Down by more where there is more, Home and End; each is said.

    All keys on the first slider of a page, the last few on the others.
    """
    with open_page(chromium, path.as_uri(), offline=True) as (page, complaints, _):
        sliders = page.locator(".nn-explorer input[type=range]").all()
        assert sliders
        for slider in sliders:
            slider.scroll_into_view_if_needed()
            slider.focus()
            last = int(slider.get_attribute("max"))
            texts = slider.evaluate("(input) => JSON.parse(input.dataset.texts)")
            assert len(texts) == last + 1
            keys = presses(last)
            for key, wanted in keys if slider is sliders[0] else keys[-5:]:
                page.keyboard.press(key)
                at = int(slider.input_value())
                assert at in wanted, (key, at, wanted)
                assert slider.get_attribute("aria-valuetext") == texts[at]
            assert slider.evaluate("(input) => input.labels.length") == 1
        assert complaints == []


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_readable_without_scripts(chromium, path):  # noqa: F811
    """Figures, formulas and folded code are there; buttons that would do nothing are not."""
    how = {"offline": True, "java_script_enabled": False, "viewport": NARROW}
    with open_page(chromium, path.as_uri(), **how) as (page, complaints, _):
        figures = page.locator(".nn-explorer")
        assert figures.locator(".nn-figure svg:visible").count() == figures.count() > 0
        assert figures.locator(".nn-controls:visible").count() == 0
        assert page.locator("article .katex-html").first.is_visible()
        dead = ":is(.pst-js-only, .sidebar-toggle, [data-bs-toggle=dropdown]):visible"
        assert page.locator(dead).count() == 0
        folded = page.locator("article details").first
        folded.locator("summary").click()
        assert folded.locator("pre").first.is_visible()
        assert complaints == []


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_in_print(chromium, path):  # noqa: F811
    """The text and the figures as they stand, black on white; nothing to press."""
    with open_page(chromium, path.as_uri(), offline=True, color_scheme="dark") as (page, _, _):
        page.emulate_media(media="print")
        assert page.locator(".nn-explorer svg").first.is_visible()
        pressed = ".nn-controls, #pst-primary-sidebar, #pst-secondary-sidebar, .prev-next-footer"
        assert page.locator(f":is({pressed}, .bd-header-article, .copybtn):visible").count() == 0
        light = "e => getComputedStyle(e).backgroundColor"
        assert page.locator("body").evaluate(light) in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
