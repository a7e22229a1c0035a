"""What a link shows before it is followed: the term, figure, formula, source, claim or section.

A preview is cut from the page that the link leads to, as it is built there.
"""

import posixpath
import re
from copy import deepcopy
from urllib.parse import unquote

from lxml import etree

from mathtext import markup
from places import HEADINGS, classes

GONE = {"headerlink", "copybtn", "explorer-controls", "eqno"}
NAMES = {"dt", "h1", "h2", "h3", "h4"}
ID = re.compile(r'(\sid="|url\(#|href="#)')


def targets(page, name: str) -> set[tuple[str, str]]:
    """(page, id) of all that the page's text links to within the book; the id may be empty."""
    found = set()
    for link in page.cssselect("article a[href]"):
        address, _, anchor = link.get("href").partition("#")
        if "headerlink" in classes(link) or ":" in address or (address and address[-5:] != ".html"):
            continue
        there = posixpath.normpath(posixpath.join(posixpath.dirname(name), address))
        found.add((there.removesuffix(".html") if address else name, unquote(anchor)))
    return found


def shown(page, ids: dict, anchor: str) -> list:
    """The elements that stand for an id; those of the page's beginning for none."""
    if not anchor:
        (section, *_) = page.cssselect("article section")
        return introduced(section)
    found = ids.get(anchor)
    if found is None:
        return []
    if found.tag == "dt":
        return entry(found)
    if found.tag == "span":  # a target that stands before what it names
        found = found.getnext() if found.getnext() is not None else found.getparent()
    if found.tag == "section" and "nn-card" in classes(found):
        return [found.xpath("./header")[0], *found.cssselect(".nn-statement, .nn-instead")]
    if found.tag == "section":
        return introduced(found)
    if "citation" in classes(found):
        return found.xpath("./p")
    return [found] if found.tag in ("figure", "div", "p", "tr") else []


def introduced(section) -> list:
    return [*section.xpath(HEADINGS)[:1], *section.xpath("./p")[:1]]


def entry(term) -> list:
    """A term of a list with its other names and its text; of a longer text the beginning."""
    group = [term]
    while group[0].getprevious() is not None and group[0].getprevious().tag == "dt":
        group.insert(0, group[0].getprevious())
    after = term.getnext()
    while after is not None and after.tag == "dt":
        group.append(after)
        after = after.getnext()
    return [*group, *([] if after is None else after.xpath("./p | ./div[@class='math']")[:2])]


def cut(element, sheet=()) -> str:
    """The element's markup without links, buttons and ids of the page that it comes from.

    sheet: the shapes that drawings of the page share (`drawings.py`): it takes its own along.
    """
    element = deepcopy(element)
    element.tail = None
    drawn = next(element.iter("svg"), None) is not None  # its parts refer to each other by id
    for child in list(element.iter(etree.Element)):
        if child.tag in ("script", "button") or not GONE.isdisjoint(classes(child)):
            child.drop_tree()
        elif child.tag == "a" and child is not element:
            child.drop_tag()
        else:
            child.attrib.pop("tabindex", None)
            if not drawn:
                child.attrib.pop("id", None)
    for drawing in element.iter("svg"):
        shapes = {use.get("href", "#")[1:] for use in drawing.iter("use")}
        own = [deepcopy(shape) for shape in sheet if shape.get("id") in shapes]
        if own:
            etree.SubElement(drawing, "defs").extend(own)
    html = markup(element)
    if element.tag in NAMES:
        html = f"<strong>{html[html.index('>') + 1 : html.rindex('<')]}</strong> "
    return ID.sub(r"\1preview-", html)


def previews(page, anchors: set[str]) -> dict[str, str]:
    """The markup for each of the page's ids."""
    ids = {element.get("id"): element for element in page.xpath("//*[@id]")}
    sheet = page.cssselect("svg.nn-glyphs path")
    cuts = {a: "".join(cut(each, sheet) for each in shown(page, ids, a)) for a in sorted(anchors)}
    return {anchor: html for anchor, html in cuts.items() if html}
