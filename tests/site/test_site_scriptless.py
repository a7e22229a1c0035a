"""The built site for those who have no scripts."""

import pytest

from browser import open_page
from built_site import CHAPTERS, name

NARROW = {"width": 360, "height": 740}


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_readable_without_scripts(chromium, path):
    """Figures, formulas and folded code are there; buttons that would do nothing are not."""
    how = {"offline": True, "java_script_enabled": False, "viewport": NARROW}
    with open_page(chromium, path.as_uri(), **how) as (page, complaints, _):
        figures = page.locator(".explorer")
        assert figures.locator(".explorer-figure svg:visible").count() == figures.count() > 0
        assert figures.locator(".explorer-controls:visible").count() == 0
        assert page.locator("article .katex-html").first.is_visible()
        dead = ":is(.pst-js-only, .sidebar-toggle, [data-bs-toggle=dropdown]):visible"
        assert page.locator(dead).count() == 0
        folded = page.locator("article details").first
        folded.locator("summary").click()
        assert folded.locator("pre").first.is_visible()
        assert complaints == []
