"""What only a published site has: a book of two pages, built with an address and a repository."""

import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from built_site import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))

import cards  # noqa: E402
import language  # noqa: E402
import sitemap  # noqa: E402
import tags  # noqa: E402

URL, REPOSITORY = "https://example.org/notes", "https://github.com/owner/name"


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    def build(pages, **environment):
        folder = tmp_path_factory.mktemp("book")
        shutil.copy(ROOT / "_config.yml", folder)
        shutil.copy(ROOT / "CITATION.cff", folder)
        for part in ["_ext", "_static", "_templates"]:
            shutil.copytree(ROOT / "book" / part, folder / "book" / part)
        shutil.copytree(ROOT / "lib" / "nnbook", folder / "lib" / "nnbook")
        (folder / "book" / "references.bib").write_text("")
        (folder / "_toc.yml").write_text("format: jb-book\nroot: book/index\n"
                                         "chapters:\n  - file: book/chapter\n")  # fmt: skip
        for file, content in pages.items():
            (folder / "book" / file).write_text(content, encoding="utf-8")
        (folder / "_build").mkdir()
        for made in ["node-*", "engine-*"]:  # the longest part of a build
            for kept in (ROOT / "_build").glob(made):
                (folder / "_build" / kept.name).symlink_to(kept)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("BOOK_")}
        done = subprocess.run(
            [Path(sys.executable).parent / "jupyter-book", "build", folder, "-W", "--keep-going"],
            env={**clean, **environment},
            capture_output=True,
            text=True,
        )
        return done, folder / "_build" / "html"

    return build


def pages(chapter="# Learning rate & co\n\nHow far $x$ steps. It depends on the bowl."):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(chapter)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    index = "# A book\n\nA sentence that says what it is about. Another one says more of it."
    return {"index.md": index, "chapter.ipynb": nbformat.writes(notebook)}


@pytest.fixture(scope="module")
def published(build):
    done, site = build(pages(), BOOK_URL=URL, BOOK_REPOSITORY=REPOSITORY)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return site


def test_sitemap(published):
    places = re.findall("<loc>(.*?)</loc>", (published / "sitemap.xml").read_text())
    assert places == [f"{URL}/book/chapter.html", f"{URL}/book/index.html"]
    assert all((published / place.removeprefix(f"{URL}/")).is_file() for place in places)
    assert f"Sitemap: {URL}/sitemap.xml" in (published / "robots.txt").read_text()


def test_the_sitemap_of_two_editions_names_each_page_in_both():
    config = SimpleNamespace(html_baseurl=f"{URL}/", language="en")
    env = SimpleNamespace(found_docs={"book/chapter"})
    app = SimpleNamespace(config=config, env=env, both_editions=True)
    english, chinese = f"{URL}/book/chapter.html", f"{URL}/zh/book/chapter.html"
    entries = sitemap.urls(app)
    assert [re.search("<loc>(.*?)</loc>", entry)[1] for entry in entries] == [english, chinese]
    for entry in entries:
        links = re.findall('hreflang="(.*?)" href="(.*?)"', entry)
        assert links == [("en", english), ("zh-Hans", chinese)]
    there = SimpleNamespace(html_baseurl=f"{URL}/zh/", language="zh_CN")
    app = SimpleNamespace(config=there, env=env, both_editions=True)
    assert language.addresses(app, "book/chapter") == {"en": english, "zh-Hans": chinese}
    (other,) = language.others(app, "book/chapter")
    assert other["address"] == english and other["href"] == "../../book/chapter.html"


def test_a_card_and_a_description_in_chinese(tmp_path, monkeypatch):
    made = cards.card("激活函数", "从一阶导数出发的神经网络", tmp_path)
    other = cards.card("损失函数", "从一阶导数出发的神经网络", tmp_path)
    if made:  # where a font has the characters
        assert made.read_bytes() != other.read_bytes()  # no boxes
    monkeypatch.setattr(cards, "CHINESE", ["no such font"])
    assert cards.card("优化器", "从一阶导数出发的神经网络", tmp_path) is None
    assert cards.card("Optimizers", "A book", tmp_path).is_file()
    assert tags.description(["第一句话。第二句。公式…在这里。"]) == "第一句话。第二句。"
    assert tags.description(["One. Two. A … three."]) == "One. Two."


def test_social_card(published):
    head = (published / "book" / "index.html").read_text().split("</head>")[0]
    assert f'<link rel="canonical" href="{URL}/book/index.html"' in head
    assert f'<meta property="og:url" content="{URL}/book/index.html">' in head
    assert "A sentence that says what it is about. Another one says more of it." in head
    card = re.search(rf'og:image" content="{URL}/([^"]+)"', head)[1]
    png = (published / card).read_bytes()
    assert struct.unpack(">II", png[16:24]) == (1200, 630)


def test_launch_and_repository_buttons(published):
    chapter = (published / "book" / "chapter.html").read_text()
    assert f'href="{REPOSITORY}"' in chapter
    place = "v2/gh/owner/name/main?urlpath=lab/tree/book/chapter.ipynb"
    assert f"https://mybinder.org/{place}" in chapter


def test_page_not_found_leads_back_from_anywhere(published):
    page = (published / "404.html").read_text()
    assert f'href="{URL}/book/index.html"' in page
    assert not re.search(r'(?:href|src)="(?!https://example.org)', page)


def test_without_an_address_there_is_nothing_to_be_wrong(build):
    done, site = build(pages())
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    chapter = (site / "book" / "chapter.html").read_text()
    assert not (site / "sitemap.xml").exists()
    assert "og:image" not in chapter and "canonical" not in chapter
    assert "mybinder" not in chapter and "github.com" not in chapter
    assert '<meta property="og:title"' in chapter


def test_a_formula_that_cannot_be_typeset_stops_the_build(build):
    done, _ = build(pages(r"# A chapter" "\n\n" r"It says $\frac{1}{$ at least."))
    assert done.returncode != 0
    assert r"\frac{1}{" in done.stdout + done.stderr
