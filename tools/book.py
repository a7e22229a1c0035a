"""Build the site: `python tools/book.py`, which is `jupyter-book build . -W -n --keep-going`, once
for each language.

    python tools/book.py                   both editions at the same time; the Chinese one under zh/
    python tools/book.py --language zh     one edition; the other stays as it was built
    python tools/book.py --builder ...     what jupyter-book takes, in English

A second faster: jsonschema imports a grammar of Internet addresses if there is one, and nothing
here has it check an address. After a build that failed the pages that were read are forgotten:
Sphinx warns of a broken reference only when it reads the page, and the next build would succeed.
"""

import filecmp
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / "_build"
EDITIONS = {"en": BUILT, "zh": BUILT / "zh" / "_build"}
SOURCES = {"zh": ROOT / "locale" / "zh_CN" / "config.yml"}
URL = re.compile(r"url\(([^)]+)\)")


def run(arguments: list[str], folder: Path = BUILT) -> None:
    """jupyter-book, in this process."""
    sys.modules["rfc3987_syntax"] = None
    from jupyter_book.cli.main import main

    sys.argv = ["jupyter-book", "build", str(ROOT), "-W", "-n", "--keep-going", *arguments]
    try:
        main()
    except (Exception, SystemExit) as end:
        if getattr(end, "code", 1):
            shutil.rmtree(folder / ".doctrees", ignore_errors=True)
        raise


def merged(first: dict, second: dict) -> dict:
    """Settings of both; the second one's where both have them."""
    return first | {
        key: merged(first[key], value) if isinstance(value, dict) and key in first else value
        for key, value in second.items()
    }


def settings(language: str) -> Path:
    """The configuration of a translated edition."""
    import yaml

    whole = merged(
        yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8")),
        yaml.safe_load(SOURCES[language].read_text(encoding="utf-8")),
    )
    extensions = whole["sphinx"]["local_extensions"]
    whole["sphinx"]["local_extensions"] = {name: str(ROOT / at) for name, at in extensions.items()}
    # Words of templates are on every page: a change of them writes all pages again.
    words = SOURCES[language].parent.glob("LC_MESSAGES/sphinx.po")
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in words)).hexdigest()
    whole["sphinx"]["config"]["html_context"]["words"] = digest
    path = EDITIONS[language].parent / "_config.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(whole, allow_unicode=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return path


def contents(language: str) -> Path:
    """The table of contents with the captions of its parts translated."""
    from catalogues import FOLDER, catalogue

    said = {message.id: message.string for message in catalogue(FOLDER / "book" / "index.po")}
    text = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    text = re.sub(r"(?<=caption: ).+", lambda found: said.get(found[0]) or found[0], text)
    path = EDITIONS[language].parent / "_toc.yml"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return path


def share_tools() -> None:
    """What both builds need is made once, before them: npm's packages and the prover."""
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    from engine import engine
    from node import node_modules

    made = [node_modules(BUILT).parent, engine(BUILT)]
    EDITIONS["zh"].mkdir(parents=True, exist_ok=True)
    for link in [*EDITIONS["zh"].glob("node-*"), *EDITIONS["zh"].glob("engine-*")]:
        link.unlink()
    for folder in made:
        (EDITIONS["zh"] / folder.name).symlink_to(folder)


def build(language: str) -> subprocess.Popen:
    """An edition in a process of its own."""
    command = [sys.executable, __file__, "--only", language]
    return subprocess.Popen(command, env={**os.environ, "BOOK_EDITIONS": "en zh"})


def join(language: str) -> None:
    """Put a built edition into the site; the files that are the same there are linked there."""
    made, site = EDITIONS[language] / "html", BUILT / "html"
    target, there = site / language, site / "_static"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(made, target, copy_function=os.link)
    own = target / "_static"
    sheet = own / "site.css"
    text = sheet.read_text(encoding="utf-8")
    for name in {found.strip("\"'") for found in URL.findall(text)}:
        if name.startswith("data:") or not (there / name).is_file():
            continue
        if (own / name).is_file() and filecmp.cmp(own / name, there / name, shallow=False):
            text = text.replace(f"({name})", f"(../../_static/{name})")
            (own / name).unlink()
    sheet.unlink()  # the other end of the link stays as it was made
    sheet.write_text(text, encoding="utf-8")
    notebooks = BUILT / "notebooks" / language
    shutil.rmtree(notebooks, ignore_errors=True)
    shutil.copytree(EDITIONS[language] / "notebooks", notebooks)


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--only"]:
        language = arguments[1]
        given = []
        if language != "en":
            folder = EDITIONS[language].parent
            files = ["--config", str(folder / "_config.yml"), "--toc", str(folder / "_toc.yml")]
            given = ["--path-output", str(folder), *files]
        return run(given, EDITIONS[language])
    if arguments and arguments[0] != "--language":
        return run(arguments)
    wanted = arguments[1:] or ["en", "zh"]
    if unknown := set(wanted) - set(EDITIONS):
        sys.exit(f"--language must be en or zh, got {', '.join(unknown)}")
    share_tools()
    settings("zh")
    contents("zh")
    if "en" in wanted:
        shutil.rmtree(BUILT / "html" / "zh", ignore_errors=True)
    ends = [process.wait() for process in [build(language) for language in wanted]]
    if any(ends):
        sys.exit(max(ends))
    if (EDITIONS["zh"] / "html" / "book").exists():
        join("zh")


if __name__ == "__main__":
    main(sys.argv[1:])
