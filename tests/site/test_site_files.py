"""The built site as files: where its links lead, what stands in its heads, what it is made of."""

import re
from urllib.parse import unquote, urlsplit

import pytest
from fontTools.ttLib import TTFont

from built_site import CHAPTERS, CHINESE, PAGES, ROOT, SITE, attributes, name, text

BOOK = [page for page in PAGES if page.parent.name == "book"]


@pytest.fixture(scope="module")
def anchors():
    return {page.resolve(): set(attributes(text(page), "id")) for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_within_the_site_lead_somewhere(page, anchors):
    """Every link and every file that a page names, and every place in a page that a link names."""
    content = text(page)
    dead = []
    for link in {*attributes(content, "href"), *attributes(content, "src")}:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        # The page for an address that does not exist can only name the root of the server.
        folder = SITE if page.stem == "404" else page.parent
        place = unquote(parts.path).lstrip("/" if page.stem == "404" else "")
        target = (folder / place).resolve() if parts.path else page.resolve()
        anchor = unquote(parts.fragment)
        if not target.is_file() or anchor and target in anchors and anchor not in anchors[target]:
            dead.append(link)
    assert dead == []


def test_a_dead_link_would_be_found(anchors):
    assert "no-such-place" not in anchors[CHAPTERS[0].resolve()]
    assert len(anchors[CHAPTERS[0].resolve()]) > 20


@pytest.mark.parametrize("page", BOOK, ids=name)
def test_head(page):
    """A title, a description of its own, an icon, an address to share."""
    head = text(page).split("</head>")[0]
    assert len(re.findall(r"<title>[^<]+</title>", head)) == 1
    assert re.search(r'<link rel="icon" href="[^"]+favicon.svg"', head)
    assert re.search(r'<meta property="og:title" content="[^"]+"', head)
    described = re.search(r'<meta name="description" content="([^"]+)"', head)
    assert described and 40 <= len(described[1]) <= 200, described
    assert "…" not in described[1].rstrip("…") and "\\" not in described[1]


def test_descriptions_differ():
    found = [re.search(r'name="description" content="([^"]+)"', text(page)) for page in BOOK]
    said = [each[1] for each in found if each]
    assert len(said) == len(set(said))


@pytest.mark.parametrize("page", CHAPTERS, ids=name)
def test_a_chapter_and_its_figures_have_the_number_of_its_file(page):
    number = str(int(page.stem[:2]))  # 0 for the primer
    title = re.search(r'<h1><span class="section-number">(\d+)\. ?</span>', text(page))
    assert title[1] == number
    figures = re.findall(r'caption-number">Fig\. ([\d.]+) ?<', text(page))
    assert figures == [f"{number}.{i}" for i in range(1, len(figures) + 1)] != []


@pytest.mark.parametrize("page", CHAPTERS, ids=name)
def test_sections_have_addresses_and_chapters_neighbours(page):
    content = text(page)
    assert 'class="left-prev"' in content and 'class="right-next"' in content
    for title in re.findall(r"<h[23]>(.*?)</h[23]>", content.split("<article", 1)[1], re.DOTALL):
        assert 'class="headerlink"' in title, title


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_icon_is_drawn(page):
    drawn = set(re.findall(r"\.(fa-[\w-]+)\s*{\s*--icon", text(SITE / "_static" / "site.css")))
    used = set(re.findall(r'<(?:i|span) class="[^"]*\b(?:fas|fa-solid) +(fa-[\w-]+)', text(page)))
    assert used <= drawn
    assert used or page not in CHAPTERS


def test_the_site_holds_no_more_than_it_shows():
    """Not the scripts and sheets that were joined, nor the theme's icons in 1.4 MB."""
    static = [path for path in (SITE / "_static").rglob("*") if path.suffix in (".js", ".css")]
    # What all pages say, and what their links show, is loaded when it is asked for.
    asked = {"places.js", "previews", "engine"}
    static = [path for path in static if not asked.intersection(path.parts)]
    assert max(path.stat().st_size for path in static) < 300_000
    assert not (SITE / "_static" / "scripts").exists()


def test_what_the_workflow_uses_is_pinned():
    workflow = text(ROOT / ".github" / "workflows" / "book.yml")
    used = re.findall(r"uses: (\S+)", workflow)
    assert used and all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each) for each in used)
    assert re.search(r"^permissions:\n  contents: read\n\n", workflow, re.M)


# {font, as the browser's cascade has it: characters in it}
IN_FONTS = """() => {
  const found = {};
  for (const formula of document.querySelectorAll(".katex-html")) {
    const texts = document.createTreeWalker(formula, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const style = getComputedStyle(texts.currentNode.parentElement);
      const font = [style.fontFamily.split(",")[0], style.fontStyle, style.fontWeight].join(" ");
      found[font] = (found[font] ?? "") + texts.currentNode.data;
    }
  }
  return found;
}"""
FACES = {"normal 400": "Regular", "normal 700": "Bold", "italic 400": "Italic"}
FACES["italic 700"] = "BoldItalic"


def characters(file):
    return set(map(chr, TTFont(file).getBestCmap()))


@pytest.mark.parametrize("site", [SITE, CHINESE], ids=["en", "zh"])
def test_formulas_find_their_letters_in_the_site_s_fonts(chromium, site):
    """Each font has only those that formulas take from it; a missing one would look otherwise."""
    lacking, taken = {}, 0
    with chromium.new_context(offline=True) as context:
        page = context.new_page()
        for chapter in BOOK:
            page.goto((site / chapter.relative_to(SITE)).as_uri())
            for font, found in page.evaluate(IN_FONTS).items():
                family, face = font.split(" ", 1)
                file = f"katex/fonts/{family}-{FACES[face]}.woff2"
                own = site / "_static" / file  # an edition links to the other's where they agree
                letters = set(found) & characters(ROOT / "_build" / "static" / file)
                given = characters(own if own.exists() else SITE / "_static" / file)
                lacking[file, name(chapter)] = letters - given
                taken += len(letters)
    assert {where: letters for where, letters in lacking.items() if letters} == {}
    assert taken > 500
