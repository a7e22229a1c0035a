"""The whole book as one file for each language, from the built site: `make pdf`, which is

    python tools/pdf.py                  _build/book.pdf and _build/book-zh.pdf
    python tools/pdf.py --language zh    one of them

The articles of all pages, in the order of the contents, are put into one document, whose links stay
within it. Headless Chromium prints it by the rules for paper of the site (print.css), with an
outline and with a number on every sheet.
"""

import html
import logging
import os
import re
import shutil
import sys
import tempfile
import unicodedata
from pathlib import Path

import yaml
from playwright.sync_api import sync_playwright
from pypdf import PdfWriter
from pypdf.generic import NameObject, TextStringObject

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
EDITIONS = {"en": SITE, "zh": SITE / "zh"}
TARGETS = {"en": ROOT / "_build" / "book.pdf", "zh": ROOT / "_build" / "book-zh.pdf"}

ARTICLE = re.compile(r"<article class=\"bd-article\">(.*)</article>", re.S)
STYLE = re.compile(r"<style\b.*?</style>", re.S)
SCRIPT = re.compile(r"<script\b.*?</script>", re.S)
STYLE_LINK = re.compile(r'<link[^>]*rel="stylesheet"[^>]*>')
TAG = re.compile(r"<[a-zA-Z][^>]*>")
NAMED = re.compile(r'(\s)(id|href|xlink:href|for|src)="([^"]*)"')
LANGUAGE = re.compile(r'<html lang="([^"]+)"')
# Two characters that look alike are boxes: no font has them.
HAS_FONT = """() => {
  const drawn = (character) => {
    const brush = new OffscreenCanvas(60, 60).getContext("2d");
    brush.font = "40px system-ui, sans-serif";
    brush.fillText(character, 5, 45);
    return brush.getImageData(0, 0, 60, 60).data.join();
  };
  return drawn("中") !== drawn("文");
}"""
# In a font's table of characters: <glyph> <radical>
RADICAL = re.compile(rb"(?<=> )<(2[EF][0-9A-Fa-f]{2})>(?=\s)")
# Unicode has the character of a radical, but not of the simplified ones.
RADICALS = "⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰"
SIMPLIFIED = dict(zip(RADICALS, "民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙", strict=True))
NO_FONT = (
    "No font of this system has Chinese characters; the book would be printed in boxes. "
    "Install one, such as Noto Sans CJK: apt-get install fonts-noto-cjk"
)
WITHIN = re.compile(r"url\((&quot;|['\"]?)#")


def pages(toc: dict) -> list[str]:
    """The pages in the order of the contents: "book/index", "book/00-primer", ..."""
    return [toc["root"], *(each["file"] for part in toc["parts"] for each in part["chapters"])]


def article(page: str, text: str, known: list[str], base: str) -> str:
    """What a page says, its names made the book's own and its links kept within the book."""
    mark = Path(page).name

    def renamed(match):
        space, kind, value = match.groups()
        if kind in ("id", "for"):
            value = f"{mark}--{value}"
        elif value.startswith("#"):
            value = f"#{mark}--{value[1:]}"
        elif kind == "href" and not re.match(r"[a-z]+:", value):
            path, _, fragment = value.partition("#")
            name = Path(path).stem
            if f"book/{name}" not in known:  # a page or file that only the site has
                return f'{space}href="{base.rstrip("/")}/book/{value}"' if base else ""
            value = f"#{name}--{fragment}" if fragment else f"#{name}"
        return f'{space}{kind}="{value}"'

    def tag(match):
        named = NAMED.sub(renamed, match[0])
        return WITHIN.sub(lambda m: f"url({m[1]}#{mark}--", named)

    body = TAG.sub(tag, SCRIPT.sub("", ARTICLE.search(text)[1]))
    return f'<article class="bd-article" id="{mark}">{body}</article>'


def document(order: list[str], base: str, site: Path = SITE) -> str:
    texts = {page: (site / f"{page}.html").read_text(encoding="utf-8") for page in order}
    first = texts[order[0]]
    title = html.unescape(re.search(r"<title>(.*?)</title>", first)[1]).split(" — ")[-1]
    body = "\n".join(article(page, text, order, base) for page, text in texts.items())
    styles = dict.fromkeys(STYLE.findall(body))  # each figure brings the same: once is enough
    return (
        f'<!doctype html><html lang="{LANGUAGE.search(first)[1]}" data-theme="light">'
        f'<head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title>{''.join(STYLE_LINK.findall(first))}"
        f"{''.join(styles)}</head>"
        '<body><main class="bd-main nn-whole"><div class="bd-content"><div '
        f'class="bd-article-container">{STYLE.sub("", body)}</div></div></main></body></html>'
    )


def lay_out(folder: Path, language: str) -> Path:
    """The site's files as beside its pages, which link to them -> the edition's folder."""
    for part in SITE.iterdir():
        if part != EDITIONS["zh"]:
            (folder / part.name).symlink_to(part)
    if language == "en":
        return folder
    edition = folder / language
    edition.mkdir()
    for part in EDITIONS[language].iterdir():
        (edition / part.name).symlink_to(part)
    return edition


def write(chromium, target: Path, order: list[str], base: str = "", language: str = "en") -> None:
    """Print the pages `order`; `base`, where the site is published, for what only the site has."""
    with tempfile.TemporaryDirectory() as folder:
        whole = lay_out(Path(folder), language) / "paper" / "whole.html"
        whole.parent.mkdir()
        whole.write_text(document(order, base, EDITIONS[language]), encoding="utf-8")
        with chromium.new_context(offline=True) as context:
            page = context.new_page()
            if language == "zh" and not page.evaluate(HAS_FONT):
                sys.exit(NO_FONT)
            page.set_default_timeout(240_000)
            page.emulate_media(media="print")  # no layout for a screen first
            page.goto(whole.as_uri())
            page.evaluate("document.fonts.ready")
            headings = page.locator(":is(h1, h2, h3, h4, h5, h6):visible").all_inner_texts()
            title = page.title()
            page.pdf(path=target, prefer_css_page_size=True, outline=True, tagged=True)
    name_outline(target, title, [" ".join(heading.split()) for heading in headings])


def name_outline(path: Path, title: str, headings: list[str]) -> None:
    """Chromium takes the words of a heading that begins a sheet twice; here are the headings'."""
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # Chromium counts an object too few
    pdf = PdfWriter(clone_from=path)
    entries = list(outline(pdf.root_object["/Outlines"].get_object()))
    if len(entries) != len(headings):
        sys.exit(f"{len(entries)} entries in the outline, {len(headings)} headings in the book")
    for entry, heading in zip(entries, headings, strict=True):
        entry[NameObject("/Title")] = TextStringObject(heading)
    pdf.add_metadata({"/Title": title})
    say_characters(pdf)
    pdf.write(path)


def say_characters(pdf: PdfWriter) -> None:
    """Fonts have one glyph for 一 and for the radical ⼀, and Chromium names the radical: with that
    nothing would be found in the book, and what is copied would look right and be wrong.
    """
    seen = set()
    for sheet in pdf.pages:
        for font in sheet.get("/Resources", {}).get("/Font", {}).values():
            names = font.get_object().get("/ToUnicode")
            if names is None or id(names := names.get_object()) in seen:
                continue
            seen.add(id(names))
            data = names.get_data()
            said = RADICAL.sub(lambda found: b"<%04X>" % character(int(found[1], 16)), data)
            if said != data:
                names.set_data(said)


def character(code: int) -> int:
    """0x2F00, a radical, -> 0x4E00, the character."""
    return ord(SIMPLIFIED.get(chr(code)) or unicodedata.normalize("NFKC", chr(code)))


def outline(parent):
    """The entries below `parent`, in the order of the book."""
    entry = parent.get("/First")
    while entry:
        entry = entry.get_object()
        yield entry
        yield from outline(entry)
        entry = entry.get("/Next")


def main(languages: list[str]) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser:
        sys.exit("make pdf prints with Chromium, which is not on the path")
    if unknown := set(languages) - set(EDITIONS):
        sys.exit(f"--language must be en or zh, got {', '.join(unknown)}")
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-gpu"]
        )
        for language in languages:
            base = os.environ.get("BOOK_URL", "").rstrip("/")
            base += "/zh" if base and language == "zh" else ""
            write(chromium, TARGETS[language], pages(toc), base, language)
            print(f"The book: {TARGETS[language]}")
        chromium.close()


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            main(list(EDITIONS))
        case ["--language", *languages]:
            main(languages)
        case _:
            sys.exit(__doc__)
