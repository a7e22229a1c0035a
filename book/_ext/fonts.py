"""The formulas' fonts, with the letters that the book's formulas have: half the bytes."""

import hashlib
import html
import logging
import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx

FORMULA = re.compile(
    r'<span class="katex-html".*?(?=<math\b|<p\b|<div\b|</p>|</div>|</td>|$)', re.S
)
MARKUP = re.compile(r"<[^>]*>")


def letters_of(page: str) -> set[str]:
    """All characters that stand in formulas; a few of the words after them come along."""
    return set(html.unescape("".join(MARKUP.sub("", text) for text in FORMULA.findall(page))))


def subset_fonts(fonts: list[Path], letters: set[str], folder: Path) -> None:
    from fontTools import subset

    logging.getLogger("fontTools").setLevel(logging.ERROR)  # the fonts' dates of birth look old
    folder.mkdir(parents=True)
    for path in fonts:
        options = subset.Options(flavor="woff2", hinting=False)  # hints are for coarse screens
        font = subset.load_font(str(path), options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=map(ord, letters))
        subsetter.subset(font)
        subset.save_font(font, str(folder / path.name), options)


def write_fonts(app: Sphinx, exception) -> None:
    if exception or app.builder.format != "html":
        return
    out, store = Path(app.outdir), Path(app.outdir).parent
    letters = set().union(*(letters_of(p.read_text("utf-8")) for p in out.rglob("*.html")))
    fonts = sorted((store / "static" / "katex" / "fonts").glob("*.woff2"))
    task = "".join(sorted(letters)).encode() + b"".join(path.read_bytes() for path in fonts)
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
