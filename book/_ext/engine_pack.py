"""Run by Pyodide when the site is built: sources to byte code without docstrings, in two archives.

`sources`: {file: text}. `library.zip` has them, `python.zip` those of Python's own modules that
they need, found by answering a question.
"""

import ast
import importlib.util
import marshal
import sys
import zipfile

STANDARD = "/lib/python314.zip"
# What is imported late, by a method that is seldom tried: a margin.
LATE = {
    "_ast_unparse", "_colorize", "_opcode_metadata", "_pylong", "ast",
    "bisect", "calendar", "cmath", "copy", "dataclasses", "decimal", "difflib", "encodings",
    "fractions", "hashlib", "heapq", "importlib", "inspect", "io", "itertools", "json",
    "linecache", "numbers", "operator", "pickle", "pprint", "queue", "random", "re", "statistics",
    "string", "struct", "textwrap", "threading", "tokenize", "traceback", "typing", "unicodedata",
    "warnings", "weakref",
}  # fmt: skip
ENCODINGS = {"__init__", "aliases", "ascii", "latin_1", "utf_8", "cp437"}


def without_words(tree, types):
    """Without docstrings; if `types` is true, without the types of arguments too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body[0] = ast.copy_location(ast.Pass(), first)
                if isinstance(node, ast.Module):  # `from __future__` stands first
                    del node.body[0]
        if types and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        if types and isinstance(node, ast.arg):
            node.annotation = None
    return tree


def without_lines(code):
    """Every instruction on no line (Objects/locations.md of CPython): a third of the bytes."""
    inner = (without_lines(c) if isinstance(c, type(code)) else c for c in code.co_consts)
    eights, rest = divmod(len(code.co_code) // 2, 8)
    nowhere = b"\xff" * eights + (bytes([0xF8 + rest - 1]) if rest else b"")
    return code.replace(co_consts=tuple(inner), co_linetable=nowhere)


def byte_code(name, text, archive):
    """A compiled module (.pyc); our own with its lines, which messages may name."""
    tree = without_words(ast.parse(text), types=name.startswith(("sympy/", "mpmath/")))
    if name == "mpmath/function_docs.py":  # docstrings as texts
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant):
                node.value = ""
    code = compile(tree, f"{archive}/{name[:-3]}.pyc", "exec", dont_inherit=True)
    if not name.startswith(("nnbook/", "worker")):
        code = without_lines(code)
    # Flags 0b01: a checksum in place of a date, never compared.
    head = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)
    return head + marshal.dumps(code)


def pack(archive, files):
    """Stored, not deflated: the whole is compressed once, and better."""
    with zipfile.ZipFile(archive, "w") as out:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name.removesuffix(".py") + ".pyc", (1980, 1, 1, 0, 0, 0))
            out.writestr(entry, byte_code(name, files[name], archive))


pack("/library.zip", sources)  # noqa: F821
sys.path.insert(0, "/library.zip")
import worker  # noqa: E402

worker.warm_up()
with zipfile.ZipFile(STANDARD) as archive:
    every = {name: archive.read(name).decode() for name in archive.namelist() if name[-3:] == ".py"}
used = {
    module.__file__.removeprefix(STANDARD + "/")
    for module in list(sys.modules.values())
    if (getattr(module, "__file__", None) or "").startswith(STANDARD)
}
late = {name for name in every if name.removesuffix(".py").split("/")[0] in LATE}
late -= {n for n in late if n.startswith("encodings/") and n[10:-3] not in ENCODINGS}
late -= {n for n in late if n.startswith("importlib/metadata/")}
pack("/python.zip", {name: every[name] for name in used | late})
