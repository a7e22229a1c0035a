"""The built site, as a reader meets it: opened from disk, in real Chromium, with the network off.

`make test` builds the site before it runs this file.
"""

import re

import pytest

from browser import open_page
from built_site import CHAPTERS, PAGES, ROOT, SITE, name
from explorable.words import spoken
from opening import rest

WIDTHS = (1280, 768, 360)


@pytest.fixture(scope="module", params=PAGES, ids=name)
def loaded(request, chromium):
    """Each page once, for tests that only look at it: (path, page, complaints, requests)."""
    how = {"offline": True, "color_scheme": "dark"}
    with open_page(chromium, request.param.as_uri(), **how) as opened:
        opened[0].wait_for_load_state("networkidle")
        yield request.param, *opened


def test_the_site_is_built():
    notebooks = {path.stem for path in (ROOT / "nbsrc").glob("*.md")}
    assert notebooks <= {path.stem for path in PAGES}, "run `make book` first"
    assert {path.stem for path in CHAPTERS} == {stem for stem in notebooks if stem[0].isdigit()}


def test_page_stands_on_its_own(loaded):
    """No request leaves the site, the console stays silent, no formula is left as it was typed."""
    _, page, complaints, requests = loaded
    assert [url for url in requests if not url.startswith((SITE.as_uri(), "data:", "blob:"))] == []
    assert complaints == []
    assert page.locator(".katex-error").all_inner_texts() == []
    shown = page.locator("main").inner_text()
    assert not re.search(r"\\(frac|begin|mathrm|left|sigma|eta)\b|\$\$", visible(shown))


def visible(text: str) -> str:
    """The text without code, where a backslash may be wanted."""
    return "\n".join(line for line in text.splitlines() if "sp." not in line and '"' not in line)


def test_in_print(loaded):
    """The text and the figures as they stand, black on white; nothing to press."""
    path, page, *_ = loaded
    page.emulate_media(media="print")
    explorers = page.locator(".explorer")
    assert explorers.locator(".explorer-figure svg:visible").count() == explorers.count()
    pressed = ".explorer-controls :is(input, button), .prev-next-footer"
    pressed += ", #pst-primary-sidebar, #pst-secondary-sidebar"
    assert page.locator(f":is({pressed}, .bd-header-article, .copybtn):visible").count() == 0
    ground = page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
    page.emulate_media(media="screen")
    if path.parent.name == "book":  # a page of the theme's
        assert ground in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")


OUT_OF_REACH = """() => [...document.querySelectorAll("article *")]
  .filter((e) => !e.closest("svg, .katex") && e.scrollWidth > e.clientWidth + 1
      && ["auto", "scroll"].includes(getComputedStyle(e).overflowX))
  .filter((e) => e.tabIndex < 0 && !e.querySelector("a, button, input"))
  .filter((e) => e.checkVisibility()) // what is folded is seen to when it opens
  .map((e) => e.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(loaded, width):
    """Formulas, tables and code are as wide as they are, each in its own frame, within reach."""
    path, page, *_ = loaded
    page.set_viewport_size({"width": width, "height": 900})
    rest(page)  # the scripts look again at what scrolls
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(OUT_OF_REACH) == []


def test_every_picture_has_an_alternative_text(loaded):
    path, page, *_ = loaded
    missing = page.evaluate(
        """() => [...document.querySelectorAll("article img, article .output svg")]
             .filter(e => !e.closest("button, .katex, [role=img][aria-label]"))
             .filter(e => !(e.alt ?? "").trim())
             .map(e => e.outerHTML.slice(0, 80))"""
    )
    pictures = page.locator("article :is(.nn-figure, .explorer)").count()
    numbered = page.locator(
        "article figure:has(.nn-figure, .explorer) > figcaption .caption-number"
    )
    assert missing == []
    assert numbered.count() == pictures
    if path in CHAPTERS:
        assert page.locator("article .explorer").count() >= 3


MOVES = """async explorer => {
  const drawn = () => explorer.querySelector("svg").innerHTML;
  const painted = () => new Promise(done => requestAnimationFrame(() => setTimeout(done, 20)));
  const stuck = [];
  for (const control of explorer.querySelectorAll(".explorer-control")) {
    const slider = control.querySelector("input[type=range]");
    const menu = control.querySelector("select");
    const options = [...control.querySelectorAll("input[type=radio]")];
    const places = slider ? 12 : menu ? menu.options.length : options.length;
    const seen = new Set();
    for (let at = 0; at < places; at++) {
      if (slider) slider.value = +slider.min + (slider.max - slider.min) * at / (places - 1);
      else if (menu) menu.selectedIndex = at;
      else options[at].checked = true;
      (slider ?? menu ?? options[at]).dispatchEvent(new Event("input", {bubbles: true}));
      await painted();
      seen.add(drawn());
    }
    if (seen.size < 2) stuck.push(control.innerText);
  }
  return stuck;
}"""


@pytest.fixture(scope="module", params=CHAPTERS, ids=name)
def explored(request, chromium):
    with open_page(chromium, request.param.as_uri(), offline=True) as opened:
        yield opened


def test_every_control_moves_its_figure(explored):
    """Each control, taken along its scale, changes the drawing; the others stay."""
    page, complaints, _ = explored
    explorers = page.locator(".explorer").all()
    for explorer in explorers:
        explorer.scroll_into_view_if_needed()
        rest(page, 200)
        others = [e.locator("svg").inner_html() for e in explorers if e != explorer]
        assert explorer.evaluate(MOVES) == []
        assert others == [e.locator("svg").inner_html() for e in explorers if e != explorer]
    assert complaints == []


KEYS = (
    "Home",
    "ArrowRight",
    "ArrowUp",
    "ArrowLeft",
    "End",
    "ArrowDown",
    "PageDown",
    "Home",
    "PageUp",
)


def test_sliders_by_keyboard(explored):
    """Arrows and Page Up and Down go their way, Home and End to the ends; each value is said.

    All keys on the first slider of a page, the last few on the others.
    """
    page, complaints, _ = explored
    sliders = page.locator(".explorer input[type=range]").all()
    assert sliders
    for slider in sliders:
        slider.scroll_into_view_if_needed()
        slider.focus()
        low, high = (float(slider.get_attribute(end)) for end in ("min", "max"))
        said = slider.locator("xpath=ancestor::*[contains(@class, 'explorer-control')]/output")
        for key in KEYS if slider is sliders[0] else KEYS[-5:]:
            before = float(slider.input_value())
            page.keyboard.press(key)
            at = float(slider.input_value())
            if key in ("Home", "End"):
                assert at == pytest.approx(low if key == "Home" else high, abs=1e-9), key
            elif key in ("ArrowRight", "ArrowUp", "PageUp"):
                assert before < at <= high + 1e-9 or before == at == pytest.approx(high), key
            else:
                assert low - 1e-9 <= at < before or before == at == pytest.approx(low, abs=1e-9), (
                    key
                )
            text = slider.get_attribute("aria-valuetext")
            assert text.startswith(spoken(said.inner_text())), (text, said.inner_text())
        assert slider.evaluate("(input) => input.labels.length") == 1
    assert complaints == []


def test_the_chosen_scheme_is_kept(chromium):
    with open_page(chromium, CHAPTERS[0].as_uri(), offline=True) as (page, complaints, _):
        scheme = "document.documentElement.dataset.theme"
        assert page.evaluate(scheme) == "light"
        page.locator(".theme-switch-button").first.click()
        assert page.evaluate(scheme) == "dark"
        page.goto(CHAPTERS[1].as_uri())
        assert page.evaluate(scheme) == "dark"
        assert complaints == []


def test_a_menu_opens_and_closes(chromium):
    with open_page(chromium, CHAPTERS[0].as_uri(), offline=True) as (page, _, _):
        button = page.locator(".dropdown-toggle").first
        menu = page.locator(".dropdown-menu").first
        button.focus()
        page.keyboard.press("Enter")
        assert menu.is_visible() and button.get_attribute("aria-expanded") == "true"
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.classList.contains('dropdown-item')")
        page.keyboard.press("Escape")
        assert not menu.is_visible() and button.get_attribute("aria-expanded") == "false"
        button.click()
        page.locator("article h1").click()
        assert not menu.is_visible()
