"""Outputs in another language: what a reader sees of one is taken text by text, and said anew.

The executed notebooks stay English, and nothing is executed again. `said(notebook, say)` changes a
copy of a notebook: `say` gets each text that holds a word, and returns the one to stand there.
Gathering messages and translating them are the same walk, so that no text is missed.

Numbers that differ from output to output are places in a message: "check at {0} points". The words
of a figure are labels (`data-words`, see `explorable.svg`), which are drawn as glyphs; in another
language they are text. The frames of an explorer have their words apart from their numbers.
"""

import ast
import hashlib
import html
import json
import re

from explorable.packing import deflated, inflated
from messages import speaks
from nnbook._record import latex_words
from nnbook.derivation import MIME as DERIVATION
from patterns import LISTS, match

ANSWER = "application/vnd.nnbook.answer+json"
SHUT = re.compile(r"<(script|style|math|pre|textarea|template)\b.*?</\1>", re.S)
TAG = re.compile(r"(<[^>]+>)")
SPOKEN = re.compile(r'(?<= )(aria-label|title|placeholder|alt)="([^"]*)"')
# Beside a label that a reader of Chinese can be read as it stands, signs and all.
ENGLISH_NAMES = re.compile(r'(<input type="range"[^>]*?)(?: aria-label="[^"]*")?>')
VALUE = re.compile(r'aria-valuetext="[^"]*"(.*?<output[^>]*>)([^<]*)', re.S)
SETTING = re.compile(r'(?<=<p class="explorer-setting">)[^<]*')
DATA = re.compile(r'(?<= data-controls=")[^"]*(?=")')
FRAMES = re.compile(r'(?<=<script type="application/x-explorer-frames">)[^<]*')
LABEL = re.compile(
    r'<g data-words="([^"]*)" data-anchor="(\w+)" data-width="([\d.]+)">'
    r'<g style="([^"]*)" transform="([^"]*?) ?scale\(([\d.]+) [^"]*">.*?</g></g>',
    re.S,
)
DRAWN = LABEL.pattern.replace('data-words="([^"]*)" ', "")
HAN = re.compile(r"[\u4e00-\u9fff]")
NUMBER = re.compile(r"\$[^$]*\$|(?<![\w.])[-+−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+−]?\d+)?(?!\w)")
PLACE = re.compile(r"\{(\d+)\}")
# Where numbers are places: in what a card's evidence says, in a table of checks, in filters, tiles.
COUNTED = re.compile(r'class="[^"]*\bnn-(?:detail|where|filters|fourway|exercise|tiles)\b')
VOID = {"input", "br", "img", "wbr", "use", "path", "hr", "meta", "link"}
WRITTEN, TEXT, END, WHOLE = "\ue006", "\ue005", "\ue004", "\ue008"
SIZE = 0.01  # points of a letter, for a scale of 1


def counted(text: str) -> tuple[str, list[str]]:
    """ "3 checks at 12 points" -> ("{0} checks at {1} points", ["3", "12"]); formulas stay."""
    numbers = []

    def place(found) -> str:
        if found[0].startswith("$"):
            return found[0]
        numbers.append(found[0])
        return f"{{{len(numbers) - 1}}}"

    return NUMBER.sub(place, text), numbers


class Sayer:
    """Looks texts up in a catalogue: as sentences of code, whole, or with places for numbers."""

    def __init__(self, look_up):
        self.look_up = look_up

    def text(self, text: str, count: bool = False) -> str:
        if not speaks(text) or HAN.search(text):
            return text
        head, body, tail = re.fullmatch(r"(\s*)(.*?)(\s*)", text, re.S).groups()
        return head + self.sentence(" ".join(body.split()), count) + tail

    def sentence(self, text: str, count: bool) -> str:
        if LISTS.fullmatch(text):
            parts = (self.made(part) or part for part in text.split(", "))
            return self.look_up(", ").join(parts)
        if said := self.made(text):
            return said
        if not count:
            return self.look_up(text)
        message, numbers = counted(text)
        said = self.look_up(message) if speaks(message) else message
        return PLACE.sub(lambda place: numbers[int(place[1])], said)

    def made(self, text: str) -> str:
        """A sentence that code made; "" for another one."""
        found = match(text)
        if found is None:
            return ""
        pattern, values = found
        if pattern == "Hint: {0}":
            values = [self.text(values[0])]
        values = [self.made(value) or value for value in values]
        return PLACE.sub(lambda place: values[int(place[1])], self.look_up(pattern))

    def form(self, words: str, sign: str) -> str:
        """A text of frames, where a sign stands for each number."""
        if not speaks(words):
            return words
        places = iter(range(words.count(sign)))
        message = re.sub(sign, lambda _found: f"{{{next(places)}}}", words)
        return PLACE.sub(sign, self.look_up(message))


# Markup ----------------------------------------------------------------------------------------


def markup(text: str, sayer: Sayer, forms=None) -> str:
    """HTML with its texts said anew; scripts, styles, formulas and code stay.

    forms: what `frames` found, for an explorer.
    """
    labels = []

    def label(found) -> str:
        labels.append(written(found, sayer, forms or {}))
        return f"<svg-label {len(labels) - 1}>"

    text = LABEL.sub(label, text)
    parts, at = [], 0
    for shut in SHUT.finditer(text):
        parts += [plain(text[at : shut.start()], sayer), shut[0]]
        at = shut.end()
    text = "".join([*parts, plain(text[at:], sayer)])
    return re.sub(r"<svg-label (\d+)>", lambda found: labels[int(found[1])], text)


def plain(text: str, sayer: Sayer) -> str:
    """HTML without anything shut in it."""
    pieces, within = TAG.split(text), []  # (element, counted, code) around

    def spoken(found) -> str:
        said = sayer.text(html.unescape(found[2]))
        return f'{found[1]}="{html.escape(said)}"'

    for i, piece in enumerate(pieces):
        if i % 2:
            name = re.match(r"</?([\w-]+)", piece)
            pieces[i] = SPOKEN.sub(spoken, piece)
            if not name or name[1] in VOID or piece.endswith("/>"):
                continue
            if piece.startswith("</"):
                while within and within.pop()[0] != name[1]:
                    pass
            else:
                _, counts, code = within[-1] if within else ("", False, False)
                counts = counts or bool(COUNTED.search(piece))
                shut = name[1] in ("code", "kbd") or "explorer-setting" in piece
                within.append((name[1], counts, code or shut))
        elif piece.strip():
            _, counts, code = within[-1] if within else ("", False, False)
            if not code and (said := sayer.text(html.unescape(piece), counts)) != html.unescape(
                piece
            ):
                pieces[i] = html.escape(said, quote=False)
    return "".join(pieces)


# Figures ---------------------------------------------------------------------------------------


def lettering(anchor, width, style, transform, scale, words) -> str:
    """A label as text, which stands where its fixed end was."""
    size, wide = float(scale) / SIZE, float(width)
    x = {"start": 0, "middle": wide / 2, "end": wide}[anchor]
    return (
        f'<text class="nn-said" style="{style}" transform="{transform}" x="{x:.1f}" '
        f'font-size="{size:g}" text-anchor="{anchor}">{words}</text>'
    )


def written(found, sayer: Sayer, forms: dict) -> str:
    words, *about = found.groups()
    words = html.unescape(words)
    said = filled(words, forms) or sayer.text(words, count=True)
    return found[0] if said == words else lettering(*about, html.escape(said, quote=False))


def filled(string: str, forms: dict) -> str:
    """A text whose form is known, in the other language, with its numbers; "" for another one."""
    for words, instead in forms.items():
        pattern = re.escape(words).replace(WRITTEN, r"([-+−]?\d+(?:\.\d+)?(?:e[-+−]?\d+)?)")
        if found := re.fullmatch(pattern, string):
            values = iter(found.groups())
            return re.sub(WRITTEN, lambda _sign, values=values: next(values), instead)
    return ""


def frames(packed: str, sayer: Sayer) -> tuple[str, dict]:
    """The words of an explorer's frames: labels with numbers in them, and sentences.

    -> the frames, {text with signs in the place of numbers: the same in the other language}
    """
    data, numbers = inflated(packed)
    said = {}

    def template(found) -> str:
        said[found[1]] = words = sayer.form(found[1], WRITTEN)
        return f"{TEXT}{words}{END}"

    data["templates"] = [
        re.sub(rf"{TEXT}([^{END}]*){END}", template, text) for text in data["templates"]
    ]
    layouts = {}
    for key, (x, y, drawn) in data["layouts"].items():
        number, which, string = key.split(",", 2)
        instead = filled(string, said)
        if instead and instead != string:
            drawn = re.sub(DRAWN, lambda g: lettering(*g.groups(), WHOLE), drawn, flags=re.S)
        layouts[f"{number},{which},{instead or string}"] = [x, y, drawn]
    data["layouts"] = layouts
    if isinstance(data["said"], str):
        data["said"] = sayer.text(data["said"])
    elif data["said"]:
        data["said"] = [s if isinstance(s, int) else sayer.text(s) for s in data["said"]]
    return deflated(data, numbers), said


def controls(about: str, sayer: Sayer) -> str:
    """Labels of controls; the values of a choice are what a script is told, and stay."""
    found = json.loads(html.unescape(about))
    for control in found.values():
        control["label"] = sayer.text(control["label"])
        for mark in control.get("marks", ()):
            mark[0] = mark[2] = sayer.text(mark[0])  # "n = 1" is read as it stands, too
        if control["kind"] == "choice":
            control["texts"] = [sayer.text(text) for text in control["texts"]]
    return html.escape(json.dumps(found, ensure_ascii=False))


def setting(text: str, sayer: Sayer) -> str:
    """ "rate = 0.3, method = plain": the names and choices of the controls."""
    pairs = [pair.partition(" = ") for pair in html.unescape(text).split(", ")]
    said = (f"{sayer.text(name)}{sign}{sayer.text(value)}" for name, sign, value in pairs)
    return html.escape(", ".join(said))


# Outputs ---------------------------------------------------------------------------------------


def derivation(latex: str, record: dict, sayer: Sayer) -> str:
    """Title and reasons, which stand in the formula."""
    texts = [(record["title"], "textbf")] if record["title"] else []
    texts += [(step["because"], "text") for step in record["steps"]]
    for words, command in texts:
        latex = latex.replace(
            latex_words(words, command), latex_words(sayer.text(words), command), 1
        )
    return latex


def tests(source: str, sayer: Sayer) -> str:
    """The tests of an exercise in Python: what each says where it fails."""
    asserts = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert))
    texts = [node.msg for node in asserts if isinstance(node.msg, ast.Constant)]
    lines, said = [line.encode() for line in source.splitlines(keepends=True)], source.encode()

    def at(line: int, column: int) -> int:
        return sum(map(len, lines[: line - 1])) + column

    for text in sorted(texts, key=lambda node: node.lineno, reverse=True):
        start, end = at(text.lineno, text.col_offset), at(text.end_lineno, text.end_col_offset)
        message = sayer.look_up(text.value) if speaks(text.value) else text.value
        words = json.dumps(message, ensure_ascii=False)
        said = said[:start] + words.encode() + said[end:]
    return said.decode()


def key_of(record: dict) -> str:
    """Changes with the question, so that an answer to another one is not remembered for it."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:8]


def say_output(data: dict, sayer: Sayer) -> None:
    """Changes the data of an output in place."""
    if record := data.get(DERIVATION):
        data["text/latex"] = derivation("".join(data["text/latex"]), record, sayer)
    if question := data.get(ANSWER, {}).get("question"):
        data[ANSWER]["key"] = key_of(question)  # the same in all languages
        for part in ("hint", "unit"):
            if question.get(part):
                question[part] = sayer.text(question[part])
        if question["kind"] == "code":
            question["tests"] = tests(question["tests"], sayer)
    if "text/html" in data:
        text = "".join(data["text/html"])
        forms = None
        if "application/vnd.explorable+json" in data:
            text = DATA.sub(lambda found: controls(found[0], sayer), text)
            packed, forms = frames(FRAMES.search(text)[0], sayer)
            text = FRAMES.sub(packed, text)
            text = SETTING.sub(lambda found: setting(found[0], sayer), text)
            text = ENGLISH_NAMES.sub(r"\1>", text)
            text = VALUE.sub(r'aria-valuetext="\2"\1\2', text)
        data["text/html"] = markup(text, sayer, forms)


def said(notebook: dict, look_up) -> dict:
    """The notebook with its outputs in the language of `look_up(message) -> message`."""
    sayer = Sayer(look_up)
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            if "data" in output:
                say_output(output["data"], sayer)
    return notebook
