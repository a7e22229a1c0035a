"""The site that `make book` has built."""

import html
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
SITE = ROOT / "_build" / "html"
CHINESE = SITE / "zh"
PAGES = sorted(page for page in SITE.rglob("*.html") if CHINESE not in page.parents)
CHAPTERS = [page for page in PAGES if page.parent.name == "book" and page.stem[:2].isdigit()]


def name(page: Path) -> str:
    return page.relative_to(SITE).with_suffix("").as_posix().removeprefix("book/")


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def attributes(page: str, attribute: str) -> list[str]:
    """The values of an attribute in the page's tags, scripts left out."""
    page = re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL)
    found = re.findall(rf'<[a-z][^>]*?\s{attribute}="([^"]*)"', page)
    return [html.unescape(value) for value in found]
