"""The rules of axe-core, on every page: for those who do not see it, or not well.

axe-core comes with the build's packages (book/_ext/package.json).
"""

import pytest

from browser import DESKTOP, open_page
from built_site import CHINESE, PAGES, ROOT, SITE, name
from opening import rest

# Of the Chinese pages those with most kinds of what is there.
OURS = ["index", "03-activations", "ledger", "glossary"]
BOTH = [*PAGES, *(CHINESE / "book" / f"{page}.html" for page in OURS)]
FIRST = (SITE / "book" / "index.html").as_uri()  # a light page, with all that opens
NARROW = {"width": 360, "height": 740}
AXE = """async ([where, rules]) => (await axe.run(where, {
      resultTypes: ["violations"],
      ...(rules && {runOnly: rules}),
    })).violations
    .map(({id, nodes}) => id + ": " + nodes.slice(0, 3).map((node) => node.html.slice(0, 120)))"""
# Most of a page's elements are formulas, as they are drawn and as MathML, the insides of pictures
# and the coloured words of code. The first of each kind stay.
THIN = """() => {
  const rest = (selector, kept) => [...document.querySelectorAll(selector)].slice(kept);
  rest(".katex-html", 12).forEach((each) => each.replaceChildren());
  rest("math", 12).forEach((each) => each.textContent = "x");
  rest(".nn-figure svg, .explorer-figure svg", 40).forEach((each) => each.replaceChildren());
  rest(".highlight pre", 40).forEach((each) => each.textContent = each.textContent);
}"""
# All rules once; then those that another scheme and another width can break.
LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]


def axe():
    found = sorted((ROOT / "_build").glob("node-*/node_modules/axe-core/axe.min.js"))
    assert found, "axe-core is not there; run `make book` first"
    return max(found, key=lambda path: path.stat().st_mtime)


def violations(page, where=None, rules=None):
    page.add_script_tag(path=axe())
    return page.evaluate(AXE, [where or {"include": ["html"]}, rules])


@pytest.mark.parametrize("path", BOTH, ids=name)
def test_axe_has_nothing_to_say(chromium, path):
    """With all folded cells open: light and wide, then dark and narrow."""
    with open_page(chromium, path.as_uri(), offline=True) as (page, _, _):
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        rest(page)  # the scripts look again at what scrolls
        page.evaluate(THIN)
        assert violations(page) == []
        page.set_viewport_size(NARROW)
        page.emulate_media(color_scheme="dark")
        page.wait_for_function("(document.documentElement.dataset.theme ?? 'dark') === 'dark'")
        rest(page)
        assert violations(page, rules=LOOKS) == []


def test_axe_would_have_something_to_say(chromium):
    with open_page(chromium, FIRST, offline=True) as (page, _, _):
        page.evaluate("document.querySelector('article').prepend(new Image())")
        page.evaluate("document.querySelector('article p').style.color = '#999'")
        said = " ".join(violations(page))
        assert "image-alt" in said and "color-contrast" in said


OPENERS = {
    "search": (DESKTOP, ".search-button-field"),
    "downloads": (DESKTOP, ".dropdown-toggle"),
    "chapters": (NARROW, ".primary-toggle"),
    "contents": (NARROW, ".secondary-toggle"),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("opener", OPENERS)
def test_axe_has_nothing_to_say_of_what_opens(chromium, opener, scheme):
    window, button = OPENERS[opener]
    how = {"viewport": window, "offline": True, "color_scheme": scheme}
    with open_page(chromium, FIRST, **how) as (page, _, _):
        page.locator(button).first.click()
        opened = page.locator("dialog[open], .dropdown-menu.show")
        opened.wait_for()
        rest(page)
        assert violations(page, {"include": ["html"], "exclude": ["article"]}) == []
        page.keyboard.press("Escape")
        opened.wait_for(state="hidden")
