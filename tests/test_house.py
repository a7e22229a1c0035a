"""The house: doors, rooms and floors are as CONTRIBUTING describes them.

`make lint` runs the import contracts; here is what they cannot say: that no folder lacks its
contract, and that what draws stands on the page.
"""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "lib" / "nnbook"
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]
FLOORS = CONTRACTS[0]["layers"]
ROOMS = sorted(path.parent.name for path in LIBRARY.glob("*/__init__.py"))
BELOW_THE_PAGE = {  # what stands below the lowest module that draws
    module for layer in FLOORS[FLOORS.index("plotting") + 1 :] for module in layer.split(" : ")
}


def test_every_room_serves_its_door_alone():
    doors = {
        tuple(c["protected_modules"]): c["allowed_importers"]
        for c in CONTRACTS
        if c["type"] == "protected"
    }
    wanted = {
        (f"nnbook.{room}.*",): [f"nnbook.{room}"]
        for room in ROOMS
        if len(list((LIBRARY / room).glob("*.py"))) > 1
    }
    assert doors == wanted


def imported(path):
    """The names that a file imports, {dotted module: [names]}."""
    found = {}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update({alias.name: [] for alias in node.names})
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.setdefault(node.module, []).extend(alias.name for alias in node.names)
    return found


@pytest.mark.parametrize("module", sorted(BELOW_THE_PAGE))
def test_what_is_below_the_page_draws_nothing(module):
    files = [LIBRARY / f"{module}.py", *(LIBRARY / module).glob("*.py")]
    packages = {name.split(".")[0] for f in files if f.exists() for name in imported(f)}
    assert not packages & {"matplotlib", "ipywidgets", "IPython", "networkx"}


@pytest.mark.parametrize("room", ROOMS)
def test_a_door_offers_what_it_defines(room):
    """No name is imported at a door only to be found there."""
    tree = ast.parse((LIBRARY / room / "__init__.py").read_text())
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    here = [
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nnbook")
        for alias in node.names
    ]
    assert [name for name in here if name not in used] == []


@pytest.mark.parametrize("source", sorted((ROOT / "nbsrc").glob("*.md")), ids=lambda p: p.stem)
def test_a_chapter_imports_from_doors_alone(source):
    lines = source.read_text(encoding="utf-8").splitlines()
    used = [line.split()[1] for line in lines if line.startswith(("from nnbook", "import nnbook"))]
    assert [module for module in used if module.count(".") > 1 or "._" in module] == []


def test_one_version_for_book_library_and_changes():
    cited = re.search(r"^version: (\S+)\ndate-released: (\S+)$", read("CITATION.cff"), re.M)
    newest = re.search(r"^## (\S+) \((\S+)\)$", read("CHANGELOG.md"), re.M)
    assert cited.groups() == newest.groups()
    assert tomllib.loads(read("lib/pyproject.toml"))["project"]["version"] == cited[1]


def read(file):
    return (ROOT / file).read_text(encoding="utf-8")
