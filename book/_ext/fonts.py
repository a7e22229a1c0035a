"""The formulas' fonts, each with the letters that the book's formulas take from it."""

import hashlib
import html
import logging
import re
import shutil
from collections import defaultdict
from pathlib import Path

from sphinx.application import Sphinx

FORMULA = re.compile(
    r'<span class="katex-html".*?(?=<math\b|<p\b|<div\b|</p>|</div>|</td>|$)', re.S
)
LEAF = re.compile(r'<span(?: class="([^"]*)")?[^>]*>([^<]+)')
# KaTeX's style sheet: the font of a class. What has no such class is in Main-Regular; what has no
# class at all may be a piece of a tall bracket too.
FONTS = {
    "mathnormal": "Math-Italic", "boldsymbol": "Math-BoldItalic",
    "mathit": "Main-Italic", "textit": "Main-Italic", "mathbf": "Main-Bold", "textbf": "Main-Bold",
    "amsrm": "AMS-Regular", "mathbb": "AMS-Regular", "textbb": "AMS-Regular",
    "mathcal": "Caligraphic-Regular", "mathfrak": "Fraktur-Regular", "mathscr": "Script-Regular",
    "mathsf": "SansSerif-Regular", "textsf": "SansSerif-Regular",
    "mathtt": "Typewriter-Regular", "texttt": "Typewriter-Regular",
    "small-op": "Size1-Regular", "large-op": "Size2-Regular",
    "size1": "Size1-Regular", "size2": "Size2-Regular", "size3": "Size3-Regular",
    "size4": "Size4-Regular",
}  # fmt: skip
OF_PIECES = ["Main-Regular", "Size1-Regular", "Size4-Regular"]


def letters_of(pages: list[str]) -> dict[str, set[str]]:
    """font's file: characters that formulas take from it; some of the words between come along."""
    letters = defaultdict(set)
    for page in pages:
        for formula in FORMULA.findall(page):
            for names, text in LEAF.findall(formula):
                fonts = [FONTS[name] for name in names.split() if name in FONTS]
                for font in fonts or (["Main-Regular"] if names else OF_PIECES):
                    letters[f"KaTeX_{font}.woff2"].update(html.unescape(text))
    return letters


def subset_fonts(fonts: list[Path], letters: dict[str, set[str]], folder: Path) -> None:
    from fontTools import subset

    logging.getLogger("fontTools").setLevel(logging.ERROR)  # the fonts' dates of birth look old
    folder.mkdir(parents=True)
    for path in fonts:
        options = subset.Options(flavor="woff2", hinting=False)  # hints are for coarse screens
        font = subset.load_font(str(path), options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=map(ord, letters[path.name]))
        subsetter.subset(font)
        subset.save_font(font, str(folder / path.name), options)


def write_fonts(app: Sphinx, exception) -> None:
    if exception or app.builder.format != "html":
        return
    out, store = Path(app.outdir), Path(app.outdir).parent
    letters = letters_of([page.read_text("utf-8") for page in sorted(out.rglob("*.html"))])
    fonts = sorted((store / "static" / "katex" / "fonts").glob("*.woff2"))
    task = repr([(path.name, sorted(letters[path.name])) for path in fonts]).encode()
    task += b"".join(path.read_bytes() for path in fonts)
    kept = store / f"letters-{hashlib.sha256(task).hexdigest()[:16]}"
    if not kept.exists():
        for old in [*store.glob("letters-*"), store / "letters"]:
            shutil.rmtree(old, ignore_errors=True)
        subset_fonts(fonts, letters, store / "letters")
        (store / "letters").rename(kept)
    shutil.copytree(kept, out / "_static" / "katex" / "fonts", dirs_exist_ok=True)


def setup(app: Sphinx) -> dict:
    app.connect("build-finished", write_fonts)
    return {"parallel_read_safe": True}
