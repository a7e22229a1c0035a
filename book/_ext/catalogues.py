"""Is a translation whole? What a catalogue must hold, message by message: `faults(path)`.

Formulas, code, roles, links, numbers and places of a translation are those of its source; a term of
the glossary is said by one of its Chinese names, and punctuation is Chinese. What has to be
otherwise stands in `locale/zh_CN/exceptions.toml`, with a reason.
"""

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from messages import speaks

ROOT = Path(__file__).resolve().parent.parent.parent
LANGUAGE = "zh_CN"
FOLDER = ROOT / "locale" / LANGUAGE / "LC_MESSAGES"
EXCEPTIONS = ROOT / "locale" / LANGUAGE / "exceptions.toml"

FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$]+\$", re.S)
ROLE = re.compile(r"\{([\w:]+)\}`([^`]*)`")
CODE = re.compile(r"(?<!\})(`+)(?!`)(.+?)(?<!`)\1(?!`)")
LINK = re.compile(r"\]\(([^)]*)\)")
TAG = re.compile(r"</?[a-z][^>]*>")
PLACE = re.compile(r"\{\d+\}")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*|[½¼¾⅓⅔]")
HAN = r"[\u3400-\u9fff]"
HALF = re.compile(rf"{HAN}[,.;:!?]|{HAN} *\((?![\w./-]*\))|[,;:!?]{HAN}")
SPACED = re.compile(rf"{HAN} +\S|[^\s#>*|.✓✗∘≈-] +{HAN}")
BETWEEN = re.compile(rf"{HAN} +{HAN}")
ENGLISH = re.compile(r"\b[A-Za-z]+(?:[ ,]+[a-z]+){4,}\b")


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


@cache
def terms() -> dict[str, tuple[str, ...]]:
    """{English term: its Chinese names} of the glossary."""
    text = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8")
    found = {}
    body = re.search(r"```\{glossary\}.*?\n(.*?)\n```", text, re.S)[1]
    for entry in re.findall(r"(?:^\S.*\n)+(?=^ )", body + "\n", re.M):
        names = [name.split(" : ")[0].strip() for name in entry.splitlines() if name.strip()]
        chinese = tuple(name for name in names if re.search(HAN, name))
        for name in names:
            if not re.search(HAN, name):
                found[name] = chinese
    return found


@cache
def exceptions() -> dict[str, dict[str, str]]:
    """{what is excepted: {beginning of a message: reason}}"""
    return tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8")) if EXCEPTIONS.exists() else {}


def excepted(kind: str, message: str) -> bool:
    return any(message.startswith(begins) for begins in exceptions().get(kind, {}))


@cache
def said_by() -> list[tuple[re.Pattern, str]]:
    """How each term is found in English, the longest first; one in capitals as it stands."""
    ordered = sorted(terms(), key=len, reverse=True)
    return [
        (
            re.compile(rf"\b{re.escape(term)}(?:s|es)?\b", 0 if re.search("[A-Z]", term) else re.I),
            term,
        )
        for term in ordered
    ]


def prose(text: str) -> str:
    """Without formulas, code and targets; the words of links and of roles stay."""
    text = FORMULA.sub(" ", text)
    text = ROLE.sub(lambda role: f" {role[2].split('<')[0]} " if role[1] == "term" else " ", text)
    return TAG.sub(" ", LINK.sub("] ", CODE.sub(" ", text)))


def target(role: re.Match) -> tuple[str, str]:
    """What a role leads to; a term by its English name, in whatever language it is named."""
    name, content = role[1], role[2]
    inner = re.search(r"<([^<>]*)>\s*$", content)
    aim = inner[1] if inner else content
    if name == "term":
        for english, chinese in terms().items():
            if aim.lower() == english.lower() or aim in chinese:
                return name, "/".join(chinese)
    return name, aim


def parts(text: str) -> dict[str, Counter]:
    """What has to be the same in both languages."""
    rest = FORMULA.sub(" ", text)
    bare = TAG.sub(" ", LINK.sub("] ", CODE.sub(" ", ROLE.sub(" ", rest))))
    return {
        "formulas": Counter(FORMULA.findall(text)),
        "roles": Counter(target(role) for role in ROLE.finditer(rest)),
        "code": Counter(code[1] for code in CODE.findall(ROLE.sub(" ", rest))),
        "links": Counter(LINK.findall(rest)),
        "tags": Counter(TAG.findall(rest)),
        "places": Counter(PLACE.findall(rest)),
        "numbers": Counter(NUMBER.findall(PLACE.sub(" ", bare))),
    }


def missing_terms(source: str, translation: str) -> list[str]:
    """Terms that the translation does not name; what is an ordinary word as well only by itself."""
    rest, missing, said = prose(source), [], translation.replace(" ", "")
    for pattern, term in said_by():
        if not pattern.search(rest):
            continue
        if term in exceptions().get("ordinary", {}) and source.strip() != term:
            continue
        rest = pattern.sub(" ", rest)
        names = terms()[term]
        named = any(name.replace(" ", "") in said for name in names)
        if names and not named and term not in translation:
            missing.append(term)
    return missing


def faults_of(source: str, translation: str, plain: bool = False) -> list[str]:
    """What is wrong with the translation of a message that is there.

    plain: it may stand where no style sheet makes the gap between Chinese and Latin letters, in a
    figure or read aloud, and may have blanks of its own.
    """
    found = []
    here, there = parts(source), parts(translation)
    for kind in here:
        if here[kind] != there[kind] and not excepted(kind, source):
            lost, new = here[kind] - there[kind], there[kind] - here[kind]
            found.append(f"{kind}: {_listed(lost)} lost, {_listed(new)} added")
    if not excepted("terms", source):
        for term in missing_terms(source, translation):
            found.append(f"term: {term!r} is {' or '.join(terms()[term])}")
    bare = CODE.sub("x", ROLE.sub("x", FORMULA.sub("x", translation)))
    bare = LINK.sub("]", re.sub(r"\{\d+\}", "0", bare))
    if hit := HALF.search(bare):
        found.append(f"half-width punctuation: {hit[0]!r}")
    if hit := (BETWEEN if plain else SPACED).search(bare):
        found.append(f"a space beside a Chinese character: {hit[0]!r}")
    english = ENGLISH.search(prose(translation))
    if english and not excepted("english", source):
        found.append(f"English left: {english[0]!r}")
    same = translation == source and len(re.findall(r"[A-Za-z]{2,}", prose(source))) > 2
    if same and speaks(source) and not excepted("english", source):
        found.append("is the source")
    return found


def _listed(counter: Counter) -> str:
    return ", ".join(map(str, counter.elements())) or "nothing"


def faults(path: Path, whole: bool = True) -> list[str]:
    """A line per fault of a catalogue; `whole`: an untranslated message is one."""
    found, plain, messages = [], path.parent.name != "book", catalogue(path)
    for message in messages:
        if not message.id:
            continue
        begins = " ".join(message.id.split())[:70]
        if message.fuzzy:
            found.append(f"{begins}\n    fuzzy")
        if message.string:
            wrong = faults_of(message.id, message.string, plain)
            found += [f"{begins}\n    {fault}" for fault in wrong]
        elif whole:
            found.append(f"{begins}\n    not translated")
    found += [f"{m.id[:70]}\n    obsolete" for m in messages.obsolete.values()]
    return found
