"""One style sheet and one script for the whole site, with the rules it uses and no others.

The theme and the extensions link a dozen style sheets and two dozen scripts, most of whose rules
select nothing here, and one script of 1.4 MB draws a dozen icons. The layout in `_templates` links
`site.css` and `site.js` instead; they are joined from the same files when all pages are written.
Icons are drawn by `icons.css`, menus are opened by `menus.js`.
"""

import hashlib
import json
import posixpath
import re
import shutil
import subprocess
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from node import run_node

# The theme links these from a template of its own, not through Sphinx.
THEME_STYLES = ["styles/theme.css", "styles/pydata-sphinx-theme.css"]
THEME_SCRIPTS = ["scripts/pydata-sphinx-theme.js"]
# Nothing of these is published as it comes: joined, or left out with the icon script.
FOLDERS_LEFT_OUT = ["scripts", "styles", "vendor", "locales"]

DRAWN = re.compile(r"<(svg|script|style)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[a-z][^>]*")
WORD = re.compile(r"[\w-]+")
IMPORT = re.compile(r"""@import\s+["']([^"']+)["']\s*;""")
# What every browser that opens the sliders' frames can read is woff2.
OLDER_FONTS = re.compile(r""",url\([^)]*\.(?:woff|ttf)\) format\("\w+"\)""")
ICON_FONT = re.compile(r"@font-face\s*{[^}]*vendor/fontawesome[^}]*}")
URL = re.compile(r"""url\((?!["']?(?:data:|#))["']?([^"')]+)["']?\)""")


def note_files(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """What Sphinx would link from a page, which has to be the same on all pages."""

    def order(file) -> int:  # Sphinx sorts after this event
        return file.priority

    styles = [name(style) for style in sorted(context["css_files"], key=order)]
    scripts = [script_text(script) for script in sorted(context["script_files"], key=order)]
    noted = ([s for s in styles if s], [s for s in scripts if s])
    if not hasattr(app, "joined_files"):
        app.joined_files = noted
    elif noted != app.joined_files:
        raise ExtensionError(
            f"{pagename} links files that other pages do not: {noted}, not {app.joined_files}"
        )


def name(file) -> str:
    return str(getattr(file, "filename", file) or "").removeprefix("_static/").split("?")[0]


def script_text(script) -> tuple[str, str]:
    """("file", name) or ("text", code); nothing for code that is about one page."""
    if file := name(script):
        return ("file", file)
    body = script.attributes.get("body", "")
    return () if body.startswith("DOCUMENTATION_OPTIONS.") else ("text", body)


def join_scripts(app: Sphinx, static: Path) -> str:
    parts = [*app.joined_files[1], *(("file", file) for file in THEME_SCRIPTS)]
    texts = [
        (static / part).read_text(encoding="utf-8") if kind == "file" else part
        for kind, part in dict.fromkeys(parts)
    ]
    return ";\n".join(re.sub(r"\n//# sourceMappingURL=.*", "", text) for text in texts)


def style_sheet(static: Path, file: str) -> str:
    """A style sheet with those it imports in it, its own links made relative to `_static`."""
    folder = posixpath.dirname(file)

    def place(link: str) -> str:
        return posixpath.normpath(posixpath.join(folder, link))

    text = (static / file).read_text(encoding="utf-8").removeprefix("\ufeff")
    text = re.sub(r'^@charset "[^"]*";|/\*# sourceMappingURL=.*?\*/', "", text)
    text = ICON_FONT.sub("", OLDER_FONTS.sub("", text))
    text = URL.sub(lambda found: f"url({place(found[1])})", text)
    return IMPORT.sub(lambda found: style_sheet(static, place(found[1])), text)


def join_styles(app: Sphinx, static: Path) -> str:
    """All style sheets in the order of their links."""
    files = dict.fromkeys([*THEME_STYLES, *app.joined_files[0]])
    return "\n".join(style_sheet(static, file) for file in files)


def words_of(page: str) -> set[str]:
    """Every word in the page's tags: names of elements, classes, attributes and what is in them."""
    words = {"svg", "path"}
    for tag in TAG.findall(DRAWN.sub("", page)):
        words.update(WORD.findall(tag))
    return words


def shortened(css: str, words: set[str], script: str, store: Path) -> dict[str, str]:
    """Both as short as they can be, `css` without the rules that no word can select; made once."""
    known = sorted(words & set(WORD.findall(css)))
    task = json.dumps({"css": css, "words": known, "script": script})
    kept = store / f"shortened-{hashlib.sha256(task.encode()).hexdigest()[:16]}.json"
    if not kept.exists():
        node = run_node("shorten.cjs", store, stderr=subprocess.PIPE)
        answer, complaint = node.communicate(task)
        if node.returncode != 0:
            raise ExtensionError(f"purgecss or esbuild failed: {complaint.strip()}")
        for old in store.glob("shortened-*.json"):
            old.unlink()
        kept.write_text(answer, encoding="utf-8")
    return json.loads(kept.read_text(encoding="utf-8"))


def write_joined(app: Sphinx, exception) -> None:
    if exception or not hasattr(app, "joined_files"):  # when no page was written, all is there
        return
    out = Path(app.outdir)
    static = out / "_static"
    script, styles = join_scripts(app, static), join_styles(app, static)
    # Classes that scripts add are words of theirs.
    words = set(WORD.findall(script))
    for page in out.rglob("*.html"):
        words |= words_of(page.read_text(encoding="utf-8"))
    short = shortened(styles, words, script, Path(app.outdir).parent)
    styles = short["css"]
    (static / "site.js").write_text(short["script"], encoding="utf-8")
    (static / "site.css").write_text(styles, encoding="utf-8")
    for file in ["basic.css", "webpack-macros.html", "sbt-webpack-macros.html"]:
        (static / file).unlink(missing_ok=True)
    for file in [
        *app.joined_files[0],
        *(part for kind, part in app.joined_files[1] if kind == "file"),
    ]:
        (static / file).unlink(missing_ok=True)
    for folder in FOLDERS_LEFT_OUT:
        shutil.rmtree(static / folder, ignore_errors=True)
    missing = {link for link in URL.findall(styles) if not (static / link).exists()}
    if missing:
        raise ExtensionError(f"site.css links files that are not there: {sorted(missing)}")


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", note_files, priority=990)
    app.connect("build-finished", write_joined, priority=990)  # the theme writes pygments.css then
    return {"parallel_read_safe": True}
