"""The prover for the page: Python, SymPy and the library's own files, in scripts that hold base64.

Scripts load from a disk as well as from a server, where `fetch` and modules do not. All pages share
the folder `_static/engine`; nothing of it loads before a reader answers. It is made once for its
sources, into `_build`.
"""

import base64
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from language import translated
from node import run_node

HERE = Path(__file__).parent
LIBRARY = HERE.parent.parent / "lib"
MADE_BY = ["engine.py", "engine.cjs", "engine_pack.py", "package-lock.json", "worker.js"]
OURS = ["__init__.py", "_page.py", "_record.py", "derivation.py", "proof/*.py", "exercises/*.py"]
PIECE = 384 * 1024  # bytes, before base64

# What a computation may import late, when a method is tried that is seldom needed; of the other
# folders, what is imported at the start.
WHOLE = [
    "assumptions", "calculus", "concrete", "core", "discrete", "external", "functions", "integrals",
    "logic", "matrices", "ntheory", "polys", "series", "sets", "simplify", "solvers",
]  # fmt: skip
LEFT_OUT = {"tests", "benchmarks"}
STARTED = """
import json, sys
import worker
worker.warm_up()
import sympy.codegen.ast, sympy.physics.units  # asked for by `lambdify` and by `simplify`
names = [n for n in sys.modules if n.split(".")[0] in ("sympy", "mpmath")]
print(json.dumps([sys.modules[n].__file__ for n in names]))
"""


def our_files() -> dict[str, Path]:
    """{name in the engine: file} of the library, as the notebooks and the tests run it."""
    ours = (path for pattern in OURS for path in (LIBRARY / "nnbook").glob(pattern))
    files = {path.relative_to(LIBRARY).as_posix(): path for path in ours}
    return files | {"worker.py": HERE / "worker.py"}


def all_files() -> dict[str, Path]:
    """{name in the engine: file}, with the modules of SymPy and mpmath."""
    python = [sys.executable, "-c", STARTED]
    asked = subprocess.run(python, cwd=HERE, capture_output=True, text=True)
    if asked.returncode != 0:
        raise ExtensionError(f"the library cannot be imported: {asked.stderr.strip()}")
    started = [Path(name) for name in json.loads(asked.stdout)]
    packages = next(p for p in started if p.parts[-2:] == ("sympy", "__init__.py")).parent.parent
    found = {path for path in started if path.suffix == ".py"}
    for folder in [*(packages / "sympy" / name for name in WHOLE), packages / "mpmath"]:
        found |= {p for p in folder.rglob("*.py") if not LEFT_OUT & {*p.parts}}
    return {path.relative_to(packages).as_posix(): path for path in found} | our_files()


def packed(folder: Path) -> bytes:
    """The files of a folder behind a list of their names and lengths, compressed."""
    paths = sorted(folder.iterdir())
    contents = [path.read_bytes() for path in paths]
    listed = [[path.name, len(content)] for path, content in zip(paths, contents, strict=True)]
    head = json.dumps(listed).encode()
    whole = len(head).to_bytes(4, "little") + head + b"".join(contents)
    return gzip.compress(whole, 9, mtime=0)


def engine(store: Path) -> Path:
    """The folder of the engine's scripts, made unless it is there."""
    made_of = [*sorted(our_files().values()), *(HERE / name for name in MADE_BY)]
    versions = f"{version('sympy')} {version('mpmath')}".encode()
    digest = hashlib.sha256(versions + b"".join(path.read_bytes() for path in made_of))
    kept = store / f"engine-{digest.hexdigest()[:12]}"
    if kept.exists():
        return kept
    texts = {name: path.read_text(encoding="utf-8") for name, path in sorted(all_files().items())}
    task = json.dumps({"sources": texts})
    for old in store.glob("engine-*"):  # one that was left unfinished, too
        shutil.rmtree(old)
    parts, scratch = store / "engine-new" / "parts", store / "engine-new" / "scripts"
    parts.mkdir(parents=True)
    scratch.mkdir()
    node = run_node("engine.cjs", store, [parts], stderr=subprocess.PIPE)
    _, complaint = node.communicate(task)
    if node.returncode != 0:
        raise ExtensionError(f"the engine could not be made: {complaint.strip()}")
    write_scripts(packed(parts), (HERE / "worker.js").read_text(encoding="utf-8"), scratch)
    scratch.rename(kept)
    shutil.rmtree(store / "engine-new")
    return kept


def write_scripts(whole: bytes, worker: str, folder: Path) -> None:
    """Pieces named after what is in them, so that a browser never mixes two versions."""
    name = hashlib.sha256(whole + worker.encode()).hexdigest()[:8]
    pieces = [whole[at : at + PIECE] for at in range(0, len(whole), PIECE)]
    for n, piece in enumerate(pieces):
        text = f'nnEngine({n}, "{base64.b64encode(piece).decode()}");\n'
        (folder / f"{name}-{n}.js").write_text(text, encoding="utf-8")
    text = f'nnEngine("worker", {json.dumps(worker)});\n'
    (folder / f"{name}-worker.js").write_text(text, encoding="utf-8")
    about = {"version": name, "pieces": len(pieces), "bytes": len(whole)}
    (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")


def make_engine(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.engine = engine(Path(app.outdir).parent)
        app.engine_about = json.loads((app.engine / "about.json").read_text(encoding="utf-8"))


def copy_engine(app: Sphinx, exception) -> None:
    if exception or app.builder.format != "html" or translated(app):  # one for all editions
        return
    target = Path(app.outdir) / "_static" / "engine"
    wanted = {path.name for path in app.engine.glob("*.js")}
    if target.exists() and {path.name for path in target.iterdir()} == wanted:
        return
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(app.engine, target, ignore=shutil.ignore_patterns("*.json"))


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", make_engine)
    app.connect("build-finished", copy_engine, priority=985)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
