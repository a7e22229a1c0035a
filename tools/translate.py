"""The catalogues of a translation: `python tools/translate.py`, which is `make translate`.

    locale/zh_CN/LC_MESSAGES/book/03-activations.po      the page's text, a message a paragraph
    locale/zh_CN/LC_MESSAGES/records/03-activations.po   what its outputs say: cards, explorers, ...
    locale/zh_CN/LC_MESSAGES/records/shared.po           what three pages or more say
    locale/zh_CN/LC_MESSAGES/sphinx.po                   the words of buttons, search and messages

Sphinx gathers the text, `book/_ext/records.py` what is in outputs. Catalogues are brought up to
date: translations of messages that stay are kept, also where a message moved to another catalogue;
one that is gone is listed with the message that came in its place.

    python tools/translate.py                  gather, bring up to date, list what is stale
    python tools/translate.py check FILE ...   is a catalogue right? a second; without FILE, all
    python tools/translate.py terms            the glossary's terms with their Chinese names
"""

import ast
import difflib
import io
import json
import subprocess
import sys
from collections import defaultdict
from functools import partial
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import records  # noqa: E402
from catalogues import FOLDER, LANGUAGE, catalogue, faults, terms  # noqa: E402
from messages import words_in  # noqa: E402
from patterns import PATTERNS  # noqa: E402

WORK = ROOT / "_build" / "gettext"  # apart from the site: pages are read for another builder
GATHERED = WORK / "_build" / "gettext"
SHARED = 3  # pages


def messages(path: Path) -> list[str]:
    """Those of a template that Sphinx wrote."""
    with path.open("rb") as file:
        return [message.id for message in read_po(file) if message.id]


def of_pages() -> dict[str, list[str]]:
    """{catalogue: messages} of the text and of the templates."""
    builder = ["--builder", "custom", "--custom-builder", "gettext", "--path-output", WORK, "--all"]
    command = [sys.executable, ROOT / "tools" / "book.py", *builder]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode:
        sys.exit(made.stdout + made.stderr)
    gathered = {
        path.relative_to(GATHERED).with_suffix("").as_posix(): messages(path)
        for path in sorted(GATHERED.rglob("*.pot"))
    }
    gathered["sphinx"] += [*of_code(), *of_formulas()]
    return gathered


def of_code() -> list[str]:
    """What the site's own extensions say by `_("...")`."""
    return [
        node.args[0].value
        for path in sorted((ROOT / "book" / "_ext").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"
    ]


def of_formulas() -> list[str]:
    """The words in the formulas of the text, and SymPy's word for the last of several cases."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "book").glob("*.md"))]
    for path in sorted((ROOT / "book").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts += ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    texts.append(r"\text{otherwise}")
    return list(dict.fromkeys(words for text in texts for words in words_in(text)))


def _note(found: dict, message: str) -> str:
    return found.setdefault(message, message)


def of_outputs() -> dict[str, list[str]]:
    """{catalogue: messages} of what the outputs of the executed notebooks say."""
    pages, where = {}, defaultdict(set)
    for path in sorted((ROOT / "book").glob("*.ipynb"), key=lambda p: (p.stem == "index", p.stem)):
        found = {}
        note = partial(_note, found)
        records.said(json.loads(path.read_text(encoding="utf-8")), note)
        pages[path.stem] = list(found)
        for message in found:
            where[message].add(path.stem)
    shared = [m for m, names in where.items() if len(names) >= SHARED and m not in PATTERNS]
    shared += PATTERNS
    taken, gathered = set(shared), {"records/shared": shared}
    for name, found in pages.items():
        gathered[f"records/{name}"] = [message for message in found if message not in taken]
        taken.update(found)
    return {name: found for name, found in gathered.items() if found}


def known() -> dict[str, str]:
    """All translations there are, wherever they stand."""
    found = {}
    for path in sorted(FOLDER.rglob("*.po")):
        old = catalogue(path)
        for message in [*old, *old.obsolete.values()]:
            if message.id and message.string and not message.fuzzy:
                found.setdefault(message.id, message.string)
    return found


def update(path: Path, wanted: list[str], translations: dict[str, str]) -> list[str]:
    """Write the catalogue with these messages -> the messages whose English is gone."""
    old = catalogue(path) if path.exists() else Catalog(locale=LANGUAGE)
    own = {message.id: message.string for message in old if message.id and message.string}
    new = Catalog(locale=LANGUAGE, project="Neural Networks from First Derivatives", fuzzy=False)
    notes = {m.id: (m.user_comments, m.auto_comments) for m in old}
    for message in dict.fromkeys(wanted):
        user, auto = notes.get(message, ((), ()))
        string = own.get(message) or translations.get(message, "")
        new.add(message, string, user_comments=user, auto_comments=auto)
    text = io.BytesIO()
    write_po(text, new, width=None, omit_header=True)
    head = (
        f'msgid ""\nmsgstr ""\n"Language: {LANGUAGE}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + text.getvalue().decode().strip() + "\n", encoding="utf-8")
    return [message for message in own if message not in set(wanted)]


def main() -> None:
    translations, gathered = known(), of_pages() | of_outputs()
    everywhere = {message for found in gathered.values() for message in found}
    for name, wanted in gathered.items():
        path = FOLDER / f"{name}.po"
        gone = [m for m in update(path, wanted, translations) if m not in everywhere]
        now = catalogue(path)
        missing = [message.id for message in now if message.id and not message.string]
        if missing or gone:
            print(f"{path.relative_to(ROOT)}: {len(missing)} of {len(now)} to translate")
        for message in gone:
            print(f"  gone:   {message}\n  it was: {translations.get(message, '')}")
            near = difflib.get_close_matches(message, missing, 1, 0.6)
            print(f"  now:    {near[0]}" if near else "  nothing like it is there now")
    for path in sorted(FOLDER.rglob("*.po")):
        if path.relative_to(FOLDER).with_suffix("").as_posix() not in gathered:
            print(f"{path.relative_to(ROOT)} is of no page any more: removed")
            path.unlink()


def check(paths: list[Path]) -> None:
    found = {path: faults(path) for path in paths or sorted(FOLDER.rglob("*.po"))}
    for path, lines in found.items():
        for line in lines:
            print(f"{path.name}: {line}")
    sys.exit(f"{sum(map(len, found.values()))} faults" if any(found.values()) else 0)


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            main()
        case ["check", *names]:
            check([Path(name) for name in names])
        case ["terms"]:
            print("\n".join(f"{term}\t{' / '.join(names)}" for term, names in terms().items()))
        case _:
            sys.exit(__doc__)
