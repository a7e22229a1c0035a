"""Forms for answers: under each open question, each derivation, each proof on a card.

A notebook's outputs carry what a worker needs (`question`, `line`, ...) beside what they show; here
the page's copy of an output gets its form. What a form does is in `_static/answers.js`.
"""

import html
import json
import re

from sphinx.application import Sphinx
from sphinx.locale import _

from language import shared, translated
from nnbook._record import mathml, rebuilt
from nnbook.exercises.reading import read
from records import ANSWER, key_of

CLAIM = "application/vnd.nnbook.claim+json"
DERIVATION = "application/vnd.nnbook.derivation+json"
HEADING = re.compile(r"^#+ .*?\bExercise (\d+\.\d+)", re.M)
HEAD = re.compile(r'<section id="exercises">.*?</h2>', re.S)
ASKING = re.compile(r'^\w+\(""\)$')
PLAIN = 'autocomplete="off" autocorrect="off" autocapitalize="none" spellcheck="false"'
SIGNS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "phi": "φ", "omega": "ω",
}  # fmt: skip


def attribute(data) -> str:
    return html.escape(data if isinstance(data, str) else json.dumps(data, ensure_ascii=False))


def form(kind: str, number: str, record: dict, label: str, rows: str, keys=(), key="") -> str:
    signs, key = [SIGNS.get(name, name) for name in keys], key or key_of(record)
    return (
        f'<form class="nn-ask pst-js-only" data-{kind}="{number}" data-key="{key}"'
        f' data-keys="{attribute(signs)}" data-record="{attribute(record)}" novalidate>'
        f'<label for="{kind}-{number}">{label}</label><div class="nn-row">{rows}'
        f'<button type="submit">{_("check")}</button></div>'
        f'<div class="nn-meter"><progress hidden aria-label="{_("Loading the prover")}"></progress>'
        '<span class="nn-bytes" hidden></span></div>'
        '<p class="nn-read" hidden></p><div role="status"></div></form>'
    )


def folded(words: str, asked: str) -> str:
    return f'<details class="nn-try pst-js-only"><summary>{words}</summary>{asked}</details>'


def field(name: str, mode="text", value="") -> str:
    value = attribute(value)
    return f'<input id="{name}" name="answer" inputmode="{mode}" value="{value}" {PLAIN}>'


def listed(names: list[str]) -> str:
    return ", ".join(f"<code>{html.escape(name)}</code>" for name in names)


def question_form(number: str, record: dict, key: str) -> str:
    """For an exercise: a line for a formula or a number, some lines for code."""
    name, lines, tests = f"exercise-{number}", "", ""
    keys = record.get("names", ())
    if record["kind"] == "code":
        lines, start = " nn-lines", record["start"]
        rows = (
            f'<textarea id="{name}" name="answer" rows="{start.count(chr(10)) + 3}" {PLAIN}>\n'
            f"{html.escape(start)}</textarea>"
        )
        label = _("Your lines")
        tests = html.escape(record["tests"])
        tests = f'<div class="nn-tests"><p>{_("tests")}</p><pre>{tests}</pre></div>'
    elif record["kind"] == "number":
        unit = f" ({html.escape(record['unit'])})" if record.get("unit") else ""
        rows, label = field(name, "decimal"), _("Your answer, a number") + unit
    else:
        rows = field(name)
        label = _("Your answer, in %s") % listed(keys) if keys else _("Your answer")
    asked = form("exercise", number, record, label, rows, keys, key)
    return (
        f'<div class="nn-exercise nn-open">{asked}{tests}<div class="nn-blank{lines}"></div></div>'
    )


def derivation_form(number: str, derivation: dict) -> str:
    """For a step of the reader's own, after any line."""
    lines = [derivation["line"], *(step["line"] for step in derivation["steps"])]
    names = list(derivation["names"])
    named = [_("line %d") % n for n in range(1, len(lines))] + [_("the last line")]
    rows = "".join(
        f'<option value="{n}"{" selected" if n == len(lines) - 1 else ""}>{name}</option>'
        for n, name in enumerate(named)
    )
    choice = f'<select name="line" aria-label="{_("Equal to which line?")}">{rows}</select>'
    record = {"lines": lines, "names": derivation["names"], "domain": derivation["domain"]}
    asked = form(
        "derivation",
        number,
        record,
        _("Your step, in %s") % listed(names) if names else _("Your step"),
        choice + field(f"derivation-{number}"),
        names,
    )
    return folded(_("try a step"), asked)


def typed(text: str, names: dict) -> str:
    """The formula as a reader would type it; "" if it would be read as another one, or not at all.

    A derivative or an integral has no such form.
    """
    value = rebuilt(text)
    words = str(value).replace("**", "^")
    try:
        return words if read(words, {n: rebuilt(s) for n, s in names.items()}) == value else ""
    except ValueError:
        return ""


def proof_form(number: str, statement: dict) -> str:
    """For what a card says is equal, to be proved here, and altered."""
    line, other, names = statement["line"], statement["other"], statement["names"]
    words = typed(other, names)
    if not words and (words := typed(line, names)):
        line, other = other, line
    record = {"lines": [line], "other": other, "names": names, "domain": statement["domain"]}
    label = _("Is %s equal to this?") % mathml(rebuilt(line))
    rows = field(f"proof-{number}", value=words)
    if not words:
        rows = rows.replace("value=", f'placeholder="{_("as on the card")}" value=')
    asked = form("proof", number, record, label, rows, list(names))
    return folded(_("prove this here"), asked)


def with_proofs(shown: str, claim: dict) -> str:
    """The card, with a form at each piece of evidence that is a proof."""
    pieces = [piece for part in claim["evidence"].values() for piece in part]
    forms = iter(
        proof_form(f"{claim['id']}-{n}", piece["statement"]) if piece.get("statement") else ""
        for n, piece in enumerate(pieces, 1)
    )
    return re.sub("</span></li>", lambda end: next(forms) + end[0], shown)


def put_forms(app: Sphinx, docname: str, source: list) -> None:
    """The page's copy of a notebook, with forms where its outputs carry what they need."""
    if not str(app.env.doc2path(docname)).endswith(".ipynb") or app.builder.format != "html":
        return
    notebook = json.loads(source[0])
    page = docname.split("/")[-1].split("-")[0]
    exercise, seen, derivations, keys = None, {}, 0, {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            found = HEADING.findall("".join(cell["source"]))
            exercise = found[-1] if found else exercise
            continue
        for output in list(cell.get("outputs", ())):
            data = output.get("data", {})
            answer, derivation = data.get(ANSWER, {}), data.get(DERIVATION, {})
            if CLAIM in data:
                data["text/html"] = with_proofs("".join(data["text/html"]), data[CLAIM])
            if answer.get("state") == "open" and answer.get("question"):
                name = exercise or page
                seen[name] = seen.get(name, 0) + 1
                number = name if seen[name] == 1 else f"{name}.{seen[name]}"
                keys[number] = key = answer.get("key") or key_of(answer["question"])
                data["text/html"] = question_form(number, answer["question"], key)
                if ASKING.match("".join(cell["source"]).strip()):
                    cell["metadata"].setdefault("tags", []).append("remove-input")
            elif derivation and "Matrix" not in derivation.get("line", "Matrix"):
                derivations += 1
                shown = {"text/html": derivation_form(f"{page}-{derivations}", derivation)}
                added = {"output_type": "display_data", "metadata": {}, "data": shown}
                cell["outputs"].insert(cell["outputs"].index(output) + 1, added)
    app.env.metadata[docname]["exercises"] = keys
    source[0] = json.dumps(notebook)


def put_engine(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Where the engine lies, on pages with a form; how far the reader is, where exercises begin."""
    body = context.get("body") or ""
    chapters = {d: m["exercises"] for d, m in app.env.metadata.items() if m.get("exercises")}
    first = pagename == app.config.root_doc or pagename == "book/index"
    shown = [pagename] if pagename in chapters else sorted(chapters) if first else []
    if not shown and 'class="nn-ask' not in body:
        return
    rows = [
        {
            "title": re.sub(r"<[^>]*>", "", app.env.titles[name].astext()),
            "href": context["pathto"](name) if first else "",
            "keys": chapters[name],
        }
        for name in shown
    ]
    place = f'<div class="nn-progress pst-js-only" data-chapters="{attribute(rows)}"></div>'
    if shown and not first:
        body = HEAD.sub(lambda found: found[0] + place, body, count=1)
    elif shown:
        body += place
    engine = app.engine_about
    folder = context["pathto"](f"{shared(app)}_static/engine/", 1)
    sentences = ""
    if translated(app):
        sentences = f' data-sentences="{context["pathto"]("_static/sentences.js", 1)}"'
    body += (
        f'<template id="nn-engine" data-folder="{folder}"{sentences}'
        f' data-version="{engine["version"]}" data-pieces="{engine["pieces"]}"'
        f' data-bytes="{engine["bytes"]}"></template>'
    )
    context["body"] = body


def setup(app: Sphinx) -> dict:
    app.connect("source-read", put_forms)
    app.connect("html-page-context", put_engine)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
