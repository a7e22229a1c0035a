"""Mutation testing: python tools/mutants.py [--sample N] formula activations ...

Each module named is broken in one place at a time, by cosmic-ray's operators, in a copy of the
library under mutants/, and its tests, which lie where the module lies, must notice. The survivors
are printed, then the share that was killed. With --sample, N mutants per module, drawn with a fixed
seed. Each mutant runs in a fork of this process, which has paid for the imports; a test run of over
two minutes counts as noticed.
"""

import argparse
import os
import random
import re
import shutil
import signal
import sys
from pathlib import Path

import hypothesis.extra.numpy  # noqa: F401  (imported here once for all forks)
import pytest
import scipy.stats  # noqa: F401
import sympy  # noqa: F401
from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "mutants"
LIBRARY, EXPLORABLE = ROOT / "lib" / "nnbook", ROOT / "lib" / "explorable" / "src"
MODULES = {
    ".".join(path.relative_to(package).with_suffix("").parts).removesuffix(".__init__"): path
    for package in (LIBRARY, EXPLORABLE)
    for path in sorted(package.rglob("*.py"))
}
# One replacement an operator, its opposite or its neighbour: the others die the same death.
# (ExceptionReplacer stumbles over dotted names.)
OPERATORS = re.compile(
    r"core/(?!Replace(Binary|Unary|Comparison)Operator|ExceptionReplacer)"
    r"|.*_(Add_Sub|Sub_Add|Mul_Div|Div_Mul|Pow_Mul|Delete_\w+|Eq_NotEq|NotEq_Eq|Is_IsNot|IsNot_Is)$"
    r"|.*_(Gt_GtE|GtE_Gt|Lt_LtE|LtE_Lt|Gt_LtE|LtE_Gt|Lt_GtE|GtE_Lt)$"
)
OPTIONS = ["-x", "-q", "-o", "addopts=", "--hypothesis-seed=0"]
OPTIONS += [word for name in ("cacheprovider", "xdist", "nbval") for word in ("-p", f"no:{name}")]


def tests_of(module):
    """The tests that lie where the module lies: tests/losses/ or tests/test_scaling.py."""
    door = module.split(".")[0]
    if door == "explorable":  # those without a browser
        return [f"lib/explorable/tests/test_explorable{part}.py" for part in ("", "_svg")]
    return [
        str(path) for path in (Path("tests") / door, Path(f"tests/test_{door}.py")) if path.exists()
    ]


def mutants(path):
    code, tree = path.read_text(), get_ast_from_path(path)
    for name in filter(OPERATORS.match, operator_names()):
        operator = get_operator(name)
        if operator.arguments():
            continue
        operator = operator()
        places = sum(len(list(operator.mutation_positions(node))) for node in ast_nodes(tree))
        for occurrence in range(places):
            yield mutate_code(code, operator, occurrence)


def passes(path, code, tests):
    path.write_text(code)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.alarm(120)
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            status = pytest.main([*OPTIONS, f"--rootdir={COPY}", *tests])
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


def changed(old, new):
    lines = zip(old.splitlines(), new.splitlines(), strict=False)
    row, (before, after) = next((i, pair) for i, pair in enumerate(lines, 1) if pair[0] != pair[1])
    return f"{row}: {before.strip()}\n    -> {after.strip()}"


def main(modules, sample):
    shutil.rmtree(COPY, ignore_errors=True)
    shutil.copytree(ROOT / "lib", COPY / "lib", ignore=shutil.ignore_patterns("*.egg-info"))
    shutil.copytree(ROOT / "tests", COPY / "tests")
    os.chdir(COPY)
    explorable = COPY / "lib" / "explorable"
    sys.path[:0] = [str(COPY / "lib"), str(explorable / "src"), str(explorable / "tests")]
    sys.dont_write_bytecode = True
    for module in modules:
        path = COPY / MODULES[module].relative_to(ROOT)
        tests = tests_of(module)
        if not tests:
            print(f"{module}: no tests of its own", flush=True)
            continue
        code = path.read_text()
        if not passes(path, code, tests):
            sys.exit(f"the tests of {module} fail without any mutation: {' '.join(tests)}")
        outcomes = []
        chosen = list(mutants(path))
        if sample and sample < len(chosen):
            chosen = random.Random(0).sample(chosen, sample)
        for mutant in chosen:
            outcomes.append(not passes(path, mutant, tests))
            if not outcomes[-1]:
                print(f"{module}:{changed(code, mutant)}", flush=True)
            path.write_text(code)
        killed, total = sum(outcomes), len(outcomes)
        print(f"{module}: {killed} of {total} mutants killed, {killed / total:.0%}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, help="this many mutants a module, not all")
    parser.add_argument("modules", nargs="*", choices=list(MODULES), default=[])
    given = parser.parse_args()
    main(given.modules or list(MODULES), given.sample)
