"""Does a built page show what its notebook says? Both are read back and compared, in words.

A page is read with BeautifulSoup, as it is sent, before any script has run.
"""

import json
import re
from urllib.parse import urlsplit

from bs4 import BeautifulSoup

from explorable.packing import inflated

CARD = "application/vnd.nnbook.claim+json"
OUTSIDE = re.compile(r"(?:https?:)?//[\w.-]+\.\w+", re.I)


def soup(page):
    return BeautifulSoup(page, "html.parser")


def flat(text):
    return " ".join(text.split())


def _outputs(notebook):
    for cell in notebook.cells:
        # What is taken off the page is not looked for on it.
        if not {"remove-output", "remove-cell"} & set(cell.metadata.get("tags", [])):
            yield from cell.get("outputs", [])


def records(notebook):
    """The records of a notebook's claim cards, in order."""
    return [o.data[CARD] for o in _outputs(notebook) if CARD in o.get("data", {})]


def _said(statement):
    """-> what a card or an entry states, without where the notes say it; and where."""
    where = flat(statement.select_one(".nn-where").get_text())
    return flat(statement.get_text()).removesuffix(where).strip(), where


def wrong_cards(page, wanted):
    """Where the cards of a page, read by `soup`, are not the records of its notebook."""
    found, cards = [], []
    for card in page.select("section.nn-card"):
        statement, where = _said(card.select_one(".nn-statement"))
        instead = card.select_one(".nn-instead")
        shown = {
            "id": card.select_one(".nn-id").get_text(),
            "verdict": card.select_one(".nn-verdict").get_text(),
            "kind": card.select_one(".nn-kind").get_text(),
            "statement": statement,
            "where": where,
            "instead": flat(instead.get_text()) if instead else "",
        }
        if card["id"] != f"claim-{shown['id']}" or f"nn-{shown['verdict']}" not in card["class"]:
            found.append(f"{shown['id']}: {card['id']}, {card['class']}")
        cards.append(shown)
    wanted = [{k: flat(r[k]) for k in ("id", "verdict", "kind", "statement", "where", "instead")}
              for r in wanted]  # fmt: skip
    if len(cards) != len(wanted):
        found.append(f"{len(cards)} cards on the page, {len(wanted)} in the notebook")
    return found + [
        f"{each} is on one side only"
        for each in (*cards, *wanted)
        if each not in cards or each not in wanted
    ]


def wrong_entries(ledger, wanted):
    """`wanted` is {page: the records of its notebook}: each has its entry, which leads to it."""
    shown = sorted(
        (
            entry.select_one(".nn-id a").get_text(),
            entry.select_one(".nn-id a")["href"],
            entry.select_one(".nn-verdict").get_text(),
            f"nn-{entry.select_one('.nn-verdict').get_text()}" in entry["class"],
            _said(entry.select_one(".nn-statement"))[0],
        )
        for entry in ledger.select("li.nn-entry")
    )
    wanted = sorted(
        (r["id"], f"{page}#claim-{r['id']}", r["verdict"], True, flat(r["statement"]))
        for page, each in wanted.items()
        for r in each
    )
    return [f"{each} is on one side only" for each in sorted({*shown} ^ {*wanted})] + (
        [] if len(shown) == len(wanted) else [f"{len(shown)} entries, {len(wanted)} records"]
    )


def missing_texts(page, notebook):
    """What was printed, in order, and is not in its place on the page."""
    shown = [e.get_text().strip() for e in page.select(".cell_output .output.stream pre")]
    said = [o["text"].strip() for o in _outputs(notebook) if o.output_type == "stream"]
    found = [f"{text!r} is not printed on the page" for text in said if text not in shown]
    return found or ([] if shown == said else ["printed in another order, or more than once"])


def squeezed(tex):
    """TeX without its spaces, which the build may set anew."""
    return re.sub(r"\s+", "", tex)


def missing_formulas(page, notebook):
    """TeX of the Markdown cells and of the outputs that the page does not typeset, each counted."""
    shown = [squeezed(a.get_text()) for a in page.select(".katex annotation")]
    wanted = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"```(?!\{math\}).*?```|(?<!`)`[^`\n]+`", "", cell.source, flags=re.S)
            for display, inline in re.findall(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$]+?)\$", text, re.S):
                wanted.append(squeezed(display or inline))
    missing = []
    for tex in wanted:
        if tex in shown:
            shown.remove(tex)
        else:
            missing.append(f"{tex} is not typeset on the page")
    return missing


def raw_tex(page):
    """Text outside formulas and code that looks like TeX. Changes the page."""
    for each in page.select("script, style, svg, pre, code, .katex, textarea, title, [hidden]"):
        each.decompose()
    text = page.get_text("\n")
    return re.findall(r"\\[a-zA-Z]{2,}|\$[^\s$][^$\n]*\$|\\[()\[\]]", text)


def links_elsewhere(page):
    """What a page would ask others for by itself; links that a reader follows are not meant."""
    found = []
    for link in page.select("link[href]"):
        if not {"canonical", "alternate", "license", "author"} & set(link.get("rel", [])):
            found.append(link["href"])
    for each in page.select("[src], [srcset], [poster], object[data], form[action], a[ping]"):
        found += [each[k] for k in ("src", "srcset", "poster", "data", "action", "ping")
                  if k in each.attrs]  # fmt: skip
    for each in page.select("style, [style]"):
        css = each.get_text() if each.name == "style" else each["style"]
        found += re.findall(r"(?:url\(|@import)\s*['\"]?([^'\")\s;]+)", css)
    for script in page.select("script:not([type='application/ld+json'])"):
        code = script.get_text()
        calls = r"(?:fetch|sendBeacon|open|WebSocket|EventSource|importScripts|import)\s*\(([^)]*)"
        found += [address for call in re.findall(calls, code)
                  for address in re.findall(r"['\"`]([^'\"`]+)", call)]  # fmt: skip
        if "sendBeacon" in code:
            found.append("//beacon.invalid")
    return [address for address in found if OUTSIDE.search(address) or urlsplit(address).netloc]


def frames(explorer, shapes):
    """What an explorer's frames say, with letters and markers in place of their names, which are
    the page's own."""
    data, numbers = inflated(explorer.select_one("[type='application/x-explorer-frames']").text)
    named = re.compile(r"\b(?:glyph-\d+|n[0-9a-f]{8}-\w+)\b")
    return named.sub(lambda name: shapes.get(name[0], name[0]), json.dumps(data)), numbers


def explorers(page):
    """Of each explorer: its controls, its start, what sliders say, and all frames."""
    shapes = {path["id"]: path["d"] for path in page.select("path[id][d]")}
    return [
        (
            each.get("data-controls"),
            each.get("data-state"),
            each.get("data-drag"),
            [(i.get("min"), i.get("aria-valuetext"), i.get("value"), i.get("max"))
             for i in each.select("input[type=range]")],
            frames(each, shapes),
        )
        for each in page.select("figure.explorer")
    ]  # fmt: skip


def wrong_explorers(page, notebook):
    """Explorers of the page that are not the notebook's, their frames and spoken values included.

    That the notebook's frames belong to their values is known from executing it again.
    """
    outputs = (o.get("data", {}).get("text/html", "") for o in _outputs(notebook))
    wanted = [e for html in outputs if 'class="explorer"' in html for e in explorers(soup(html))]
    shown = explorers(page)
    if len(shown) != len(wanted):
        return [f"{len(shown)} explorers on the page, {len(wanted)} in the notebook"]
    return [f"explorer {i} differs" for i, (a, b) in enumerate(zip(shown, wanted, strict=True))
            if a != b]  # fmt: skip
