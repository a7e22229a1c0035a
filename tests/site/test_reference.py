"""The library reference: every public name is on it, documented, and linked to its place.

What a docstring of the numbers floor must say is decided here, name by name. The page is read as
`make book` has built it.
"""

import ast
import gzip
import importlib
import inspect
import json
import re
from functools import cache
from pathlib import Path
from types import FunctionType, SimpleNamespace

import numpy as np
import pytest
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

from browser import open_page
from built_site import CHAPTERS, ROOT, SITE, text
from opening import rest
from reference import Section, blocks, find, find_places

SOURCE_PAGE = ROOT / "book" / "reference.md"
LIBRARY = ROOT / "lib" / "nnbook"
#: The doors of the library, and what all losses share.
DOORS = sorted(
    path.parent.name if path.stem == "__init__" else path.stem
    for path in (*LIBRARY.glob("[a-z]*.py"), *LIBRARY.glob("*/__init__.py"))
)
MODULES = [*DOORS, "losses.record"]
NUMBERS = ["activations", "losses", "normalization", "penalties", "initializers"]
NUMBERS += ["scaling", "optimizers"]
# Not for readers, since they serve other modules of the library: the page says which.
SERVICE = {
    module: set(without.split())
    for module, without in re.findall(
        r"^```\{library\} (\S+)\n(?::chapter: \S+\n)?:without: (.*)", text(SOURCE_PAGE), re.M
    )
}

# What a docstring says ---------------------------------------------------------------------------

FORMULA = re.compile(r"[·²√Σ‖∂←]|e\^|max\(0|\S / \S|~ [NU]\(|log\(|x for x > 0|Φ\(|\|\w|σ\(")
SHAPES = re.compile(
    r"[Aa]ny shape|of one shape|of any shape|in the shape of|shape of|shape \(|"
    r"\((N|n|fan_out|steps \+ 1)\b[^()]*,|of one axis or more|structure"
)
ERRORS = re.compile(r"ValueError|[Ee]rrors as `?\w|Raises as `?\w")
SOURCE = re.compile(r"^Sources?: (?=.*\b(19|20)\d\d\b)", re.M | re.S)
MEAN = r"mean is over all|\(N,\) losses|\(2N,\) losses"

SOURCES = {
    *("relu", "leaky_relu", "elu", "gelu", "gelu_tanh", "swish", "softplus", "softmax"),
    *("huber", "kl_divergence", "contrastive", "triplet", "info_nce", "nt_xent", "bpr"),
    *("batch_norm", "layer_norm", "instance_norm", "group_norm", "rms_norm", "RunningStatistics"),
    *("l1", "l2", "soft_threshold"),
    *("xavier_normal", "xavier_uniform", "kaiming_normal", "kaiming_uniform"),
    *("sgd", "adagrad", "rmsprop", "adam", "adamw"),
}
# Older than any paper one would cite, or defined by the line that says it.
NO_SOURCE = {
    *("sigmoid", "tanh", "log_softmax", "normalize", "ema_momentum", "trajectory", "minimize"),
    *("mse", "mae", "mape", "binary_cross_entropy", "binary_cross_entropy_with_logits"),
    *("cross_entropy", "softmax_cross_entropy", "dot_product"),
    *("fan_in_fan_out", "normal", "uniform", "constant", "zeros"),
    *("min_max", "z_score", "max_abs", "robust", "log", "l1_normalize", "l2_normalize"),
}
# A choice that another book or framework makes otherwise, and the words that say which one is made.
CONVENTIONS = {
    "relu": "at 0.* taken as 0",
    "leaky_relu": "at 0.* taken as negative_slope",
    "elu": "At 0 the derivative is alpha",
    "softmax": "-inf has probability 0",
    "log_softmax": "-inf gives -inf",
    **dict.fromkeys(("mse", "mae", "huber", "mape"), MEAN),
    **dict.fromkeys(("binary_cross_entropy", "binary_cross_entropy_with_logits"), MEAN),
    **dict.fromkeys(("cross_entropy", "softmax_cross_entropy", "kl_divergence"), MEAN),
    **dict.fromkeys(("contrastive", "triplet", "info_nce", "nt_xent"), MEAN),
    **dict.fromkeys(("bpr", "dot_product"), MEAN),
    "normalize": r"√\(v \+ eps\)",
    **dict.fromkeys(("batch_norm", "layer_norm", "instance_norm"), "gamma and beta"),
    "group_norm": "not cut",
    "rms_norm": r"√\(mean\(x²\) \+ eps\)",
    "RunningStatistics": "unbiased variance",
    "l1": "at w = 0.* taken as 0",
    "l2": "without ½",
    "soft_threshold": "at ±amount.* taken as 0",
    "xavier_normal": r"gain² · 2",
    "xavier_uniform": r"√\(6",
    "kaiming_normal": "n_in or",
    "kaiming_uniform": r"√\(6",
    "min_max": "constant column gives `low`",
    "z_score": "divided by n, not n - 1",
    "max_abs": "column of zeros stays zero",
    "robust": "range of 0 counts as 1",
    "log": "natural",
    "l1_normalize": "zero row stays",
    "l2_normalize": "zero row stays",
    **dict.fromkeys(("sgd", "ema_momentum", "adagrad", "rmsprop", "adam", "adamw"), "Conventions"),
}
# The ½ there or not there, a second thing that must be said of some.
HALVES = {"mse": "No ½", "huber": "½ r²", "contrastive": "No ½", "l2": "without ½", "sgd": "½ λ"}
# Nothing to write as a formula (of RunningStatistics, the methods have them).
NOT_FORMULAS = {"trajectory", "minimize", "zeros", "constant", "fan_in_fan_out"}
NOT_FORMULAS |= {"RunningStatistics"}


def missing(name: str, doc: str) -> list[str]:
    """What the docstring of a function of the numbers floor does not say."""
    beginning = "\n\n".join(doc.split("\n\n")[:2])
    flat = re.sub(r"\n(?!\n|Source)\s*", " ", doc)  # a line each, but for the source
    wanted = {
        "formula": (None if name in NOT_FORMULAS else FORMULA, beginning),
        "shapes": (SHAPES, flat),
        "errors": (ERRORS, flat),
        "source": (SOURCE if name in SOURCES else None, doc),
        "convention": (CONVENTIONS.get(name), flat),
        "half": (HALVES.get(name), flat),
    }
    return [
        what for what, (words, where) in wanted.items() if words and not re.search(words, where)
    ]


def loaded(module: str):
    return importlib.import_module(f"nnbook.{module}")


def defined(module: str) -> set[str]:
    """Public functions, classes and records, read from the source."""
    tree = ast.parse(text(Path(loaded(module).__file__)))
    names = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    return {name for name in names if not name.startswith("_")} - SERVICE.get(module, set())


def doc(module: str, name: str) -> str:
    return inspect.getdoc(getattr(loaded(module), name)) or ""


ENTRIES = [(module, name) for module in MODULES for name in sorted(defined(module))]
MATHEMATICAL = [
    (module, name)
    for module, name in ENTRIES
    if module in NUMBERS and not name.endswith("State") and name != "Optimizer"
]
each = pytest.mark.parametrize
ids = ".".join


@each("entry", MATHEMATICAL, ids=ids)
def test_a_docstring_says_formula_shapes_convention_errors_and_source(entry):
    assert missing(entry[1], doc(*entry)) == []


def test_it_is_decided_who_has_a_source():
    assert {name for _, name in MATHEMATICAL} == SOURCES | NO_SOURCE
    assert not SOURCES & NO_SOURCE
    assert {*CONVENTIONS, *HALVES, *NOT_FORMULAS} <= SOURCES | NO_SOURCE


@each("entry", MATHEMATICAL, ids=ids)
def test_what_is_taken_out_of_a_docstring_is_missed(entry):
    name, whole = entry[1], doc(*entry)
    assert {"shapes", "errors"} <= set(missing(name, ""))
    assert ("formula" in missing(name, "")) == (name not in NOT_FORMULAS)
    assert missing(name, re.sub("[Ee]rrors? ?", "", whole)) == ["errors"]
    if name in SOURCES:
        assert "source" in missing(name, re.sub(r"Sources?: [^$]*", "", whole))
        assert missing(name, re.sub(r"\b(19|20)\d\d\b", "", whole)) == ["source"]
    if name in CONVENTIONS:
        flat = re.sub(r"\n(?!\n|Source)\s*", " ", whole)
        assert "convention" in missing(name, re.sub(CONVENTIONS[name], "", flat))


@each("entry", ENTRIES, ids=ids)
def test_every_public_name_is_documented(entry):
    """By words of its own: dataclasses and tuples would get their signature for a docstring."""
    module, name = entry
    value = getattr(loaded(module), name)
    made = isinstance(value, type) and doc(*entry).startswith(f"{name}(")
    assert doc(*entry) and not made
    assert loaded(module).__doc__
    for member, method in vars(value).items() if isinstance(value, type) else ():
        if not member.startswith("_") and isinstance(method, FunctionType | classmethod | property):
            assert inspect.getdoc(method) or hasattr(np.ndarray, member), f"{name}.{member}"


# From text to nodes ------------------------------------------------------------------------------


def test_a_docstring_is_taken_apart():
    written = """A summary, f(x) =
    continued.

    Words, a list:
    - one
      and more
    - two
    Source: Somebody, 1900.

        θ ← θ − lr g

    x     first
          and on
    name  second

    figure: a thing.
    update: called
        often.
    """
    assert blocks(inspect.cleandoc(written)) == [
        ("text", "A summary, f(x) = continued."),
        ("text", "Words, a list:"),
        ("items", ["one and more", "two"]),
        ("text", "Source: Somebody, 1900."),
        ("code", "θ ← θ − lr g"),
        ("terms", [("x", "first and on"), ("name", "second")]),
        ("terms", [("figure", "a thing."), ("update", "called often.")]),
    ]


def test_columns_that_are_not_aligned_are_code_or_words():
    assert blocks("    a  b\n    cc    d") == [("code", "a  b\ncc    d")]
    assert blocks("a  b\nand so on") == [("text", "a  b and so on")]
    assert blocks("    one  line") == [("code", "one  line")]


# Where a name is introduced ----------------------------------------------------------------------


def chapters(*sections):
    """An environment with one chapter of these (title, kind, uses), and one that is read later."""
    made = [Section(str(i), *section) for i, section in enumerate(sections)]
    other = [Section("far", "Huber", 0, {"nnbook.losses.mae": 1})]
    objects = dict.fromkeys(("nnbook.losses.mse", "nnbook.losses.huber"))
    return SimpleNamespace(
        nn_sections={"book/06-losses": made, "book/08-training": other},
        domaindata={"py": {"objects": objects}},
        toc_secnumbers={},
        nn_places={},
    )


def found(env, name, words=None):
    place = find(env, f"nnbook.losses.{name}", "book/06-losses", words or name)
    return place and place[1].anchor


def test_a_heading_goes_before_code_and_code_before_prose():
    code, folded, prose = ({"nnbook.losses.huber": 1}, {"nnbook.losses.huber": 2}, {"huber": 3})
    title = ("Huber's loss", 0, {})
    ways = [("Opening", 2, code), ("a", 0, prose), ("b", 0, folded), ("c", 0, code), title]
    assert found(chapters(*ways), "huber") == "4"
    assert found(chapters(*ways[:4]), "huber") == "3"
    assert found(chapters(*ways[:3]), "huber") == "2"
    assert found(chapters(*ways[:2]), "huber") == "1"
    assert found(chapters(*ways[:1]), "huber") == "0"
    assert found(chapters(("Exercise 1", 1, code), ways[1]), "huber") == "1"
    assert found(chapters(title, title), "huber") == "0"


def test_other_words_and_other_names_can_be_looked_for():
    env = chapters(("Four ways", 0, {}), ("b", 0, {"nnbook.losses.huber": 1}))
    assert found(env, "mse", "four ways") == "0"
    assert found(env, "mse", "huber") == "1"
    assert found(env, "mae") == "far"
    assert found(env, "mse") is None
    assert found(env, "huber") == "1"
    assert found(env, "huber", "three ways") is None  # not somewhere else without a word


def test_a_name_without_a_place_stops_the_build():
    env = chapters(("Four ways", 0, {}))
    env.nn_wanted = {"book/reference": {"nnbook.losses.mse": ("book/06-losses", "four ways")}}
    assert find_places(None, env) == ["book/reference"]
    assert find_places(None, env) == []  # the same links: the page need not be written again
    env.nn_sections["book/06-losses"] = [Section("new", "Four ways", 0, {})]
    assert find_places(None, env) == ["book/reference"]
    env.nn_sections["book/06-losses"] = [Section("0", "Three ways", 0, {})]
    with pytest.raises(ExtensionError, match=r"no section .* nnbook.losses.mse .*four ways"):
        find_places(None, env)


# The page ----------------------------------------------------------------------------------------

PAGE = SITE / "book" / "reference.html"
DRAWN = re.compile(r"<(svg|script|style)\b.*?</\1>", re.DOTALL)


@cache
def article(path):
    return BeautifulSoup(DRAWN.sub("", text(path)), "html.parser").find("article")


def entry_of(full: str):
    """The <dl> of an entry."""
    return article(PAGE).find("dt", id=full).parent


def words(shown: str) -> list[str]:
    return re.findall(r"\w+", shown)


def imports() -> set[str]:
    """What the chapters import from the modules on the page."""
    found = set()
    for path in sorted((ROOT / "book").glob("*.ipynb")):
        for cell in json.loads(text(path))["cells"]:
            if cell["cell_type"] == "code":
                for node in ast.walk(ast.parse("".join(cell["source"]))):
                    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                        "nnbook."
                    ):
                        found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_every_public_name_is_on_the_page_and_no_other():
    anchors = [dt["id"] for dt in article(PAGE).find_all("dt", id=True)]
    inside = {f"nnbook.{module}.{name}" for module, name in ENTRIES if "." in module}
    shown = [anchor for anchor in anchors if anchor.count(".") == 2 or anchor in inside]
    constants = {name for name in shown if name.rpartition(".")[2].isupper()}
    wanted = {f"nnbook.{module}.{name}" for module, name in ENTRIES}
    assert len(shown) == len(set(shown))
    assert set(shown) - constants == wanted
    assert imports() <= set(shown)
    assert len(imports()) > 80 and len(wanted) > 90
    for name in constants:
        assert entry_of(name).dd.p.get_text().strip()


def test_every_door_is_on_it():
    assert set(re.findall(r"^```\{library\} (\S+)", text(SOURCE_PAGE), re.M)) == set(MODULES)


@each("entry", ENTRIES, ids=ids)
def test_an_entry_says_what_the_docstring_says(entry):
    """Every word, in its order, with the signature, and nothing of the text's own markup."""
    module, name = entry
    value = getattr(loaded(module), name)
    shown = BeautifulSoup(str(entry_of(f"nnbook.{module}.{name}")), "html.parser").dl
    signature = words(shown.dt.get_text())
    if not (isinstance(value, type) and issubclass(value, Exception)):
        parameters = [p for p in inspect.signature(value).parameters if p != "self"]
        assert [word for word in signature if word in parameters][-len(parameters) :] == parameters
    for more in shown.dd.select("dl.py, div.math, .nn-place"):
        more.decompose()
    assert words(shown.dd.get_text(" ")) == words(doc(*entry))
    assert "`" not in shown.dd.get_text()


@each("entry", ENTRIES, ids=ids)
def test_a_formula_is_typeset_with_its_derivative(entry):
    module, name = entry
    typeset = entry_of(f"nnbook.{module}.{name}").dd.find_all("div", class_="math", recursive=False)
    assert len(typeset) == (type(getattr(loaded(module), name)).__name__ == "Formula")
    for formula in typeset:
        assert formula.get_text().count(name.replace("_", "\\_")) >= 2


def overrides() -> dict[str, str]:
    """{full name: what is looked for instead}, from the page's source."""
    table = {}
    for module, body in re.findall(r"```\{library\} (\w+)\n(.*?)```", text(SOURCE_PAGE), re.S):
        for name, looked_for in re.findall(r"^(\w+): (.+)$", body, re.M):
            table[f"nnbook.{module}.{name}"] = looked_for
    return table


def test_overrides_are_few_and_of_public_names():
    assert len(overrides()) < 0.4 * len(ENTRIES)
    shown = {dt["id"] for dt in article(PAGE).find_all("dt", id=True)}
    assert set(overrides()) <= shown


PLACES = [
    *CHAPTERS,
    *(PAGE.parent / f"{page}.html" for page in ("ledger", "checked", "cheatsheet")),
]


def link(full: str) -> str:
    (link,) = entry_of(full).dd.find("p", class_="nn-place", recursive=False).find_all("a")
    return link["href"]


@each("entry", ENTRIES, ids=ids)
def test_an_entry_leads_to_a_section_that_names_it(entry):
    module, name = entry
    full = f"nnbook.{module}.{name}"
    page, anchor = link(full).split("#")
    section = article(PAGE.parent / page).find("section", id=anchor)
    assert PAGE.parent / page in PLACES and section.name == "section"
    looked_for = overrides().get(full, name)
    others = [f"nnbook.{module}.{looked_for}", f"nnbook.{looked_for}"]
    other = next((o for o in others if looked_for != name and article(PAGE).find("dt", id=o)), None)
    if other:
        assert link(other) == link(full)
    else:
        said = section.get_text().lower()
        parts = re.split("[ _]", looked_for.lower())
        assert looked_for.lower() in said or all(re.search(rf"\b{part}", said) for part in parts)


def test_search_finds_an_entry_by_its_name(chromium):
    for query in ("huber", "RunningStatistics", "kaiming_normal"):
        address = f"{(SITE / 'search.html').as_uri()}?q={query}"
        with open_page(chromium, address, offline=True) as (page, complaints, _):
            page.locator("#search-results .find-result").first.wait_for()
            links = page.locator("#search-results li a").all()
            names = [each.get_attribute("href").partition("#")[2] for each in links[:8]]
            assert any(name.endswith(query) and name.startswith("nnbook.") for name in names)
            assert complaints == []


def test_it_fits_a_narrow_window(chromium):
    """Signatures wrap; formulas and code scroll within themselves, by keyboard as well."""
    narrow = {"width": 360, "height": 740}
    with open_page(chromium, PAGE.as_uri(), offline=True, viewport=narrow) as (page, _, _):
        rest(page, 600)
        wide = """(tags) => [...document.querySelectorAll(tags)]
            .filter((e) => e.getBoundingClientRect().right > innerWidth)
            .map((e) => e.textContent)"""
        assert page.evaluate(wide, "article dt, article p, article pre, article div.math") == []
        out_of_reach = """() => [...document.querySelectorAll("article :is(pre, div.math)")]
            .filter((e) => e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0).length"""
        assert page.evaluate(out_of_reach) == 0


def test_it_is_light():
    assert len(gzip.compress(PAGE.read_bytes())) < 120_000
