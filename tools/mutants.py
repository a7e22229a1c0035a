"""Mutation testing: python tools/mutants.py [--sample N] [activations proof.sums ...]

Each module named (else those changed since the last release) is broken in one place at a time, by
cosmic-ray's operators, and its tests, which lie where the module lies, must notice. They run once
whole, under coverage, which records the tests that reach each line. A mutant then meets those that
reach its line, quickest first, up to 30 s of them, until one fails; a run of over twice their time
counts as noticed. Two mutants at a time, each in a copy of its own under mutants/.

Survivors that were read and change nothing are listed in tests/equivalent_mutants.toml. The others
are printed. With --sample, N mutants per module, drawn with a fixed seed.
"""

import argparse
import ast
import gc
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path

os.environ.update(SYMPY_GROUND_TYPES="python", OPENBLAS_NUM_THREADS="1", NNBOOK_STATIC="1")
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"

# What the tests import, but for the library: paid for once, each run is a fork of this process.
import hypothesis.extra.numpy  # noqa: E402, F401
import matplotlib.pyplot  # noqa: E402, F401
import nbval.plugin  # noqa: E402, F401
import playwright.sync_api  # noqa: E402, F401
import pytest  # noqa: E402
import scipy.stats  # noqa: E402, F401
import sympy.physics.units  # noqa: E402, F401
from cosmic_ray.ast import ast_nodes, get_ast  # noqa: E402
from cosmic_ray.mutating import mutate_code  # noqa: E402
from cosmic_ray.plugins import get_operator, operator_names  # noqa: E402
from coverage import Coverage  # noqa: E402

gc.freeze()  # no fork has to collect what was imported here
ROOT = Path(__file__).resolve().parent.parent
COPIES = ROOT / "mutants"
COPIED = ("lib", "tests", "tools", "nbsrc", "book", "conftest.py", "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("*.egg-info", "__pycache__", ".*")
MODULES = {
    ".".join(path.relative_to(package).with_suffix("").parts).removesuffix(".__init__"): str(
        path.relative_to(ROOT)
    )
    for package in (ROOT / "lib" / "nnbook", ROOT / "lib" / "explorable" / "src")
    for path in sorted(package.rglob("*.py"))
}
# One replacement an operator, its opposite or its neighbour: the others die the same death.
# (ExceptionReplacer stumbles over dotted names.)
OPERATORS = re.compile(
    r"core/(?!Replace(Binary|Unary|Comparison)Operator|ExceptionReplacer)"
    r"|.*_(Add_Sub|Sub_Add|Mul_Div|Div_Mul|Pow_Mul|Delete_\w+|Eq_NotEq|NotEq_Eq|Is_IsNot|IsNot_Is)$"
    r"|.*_(Gt_GtE|GtE_Gt|Lt_LtE|LtE_Lt|Gt_LtE|LtE_Gt|Lt_GtE|GtE_Lt)$"
)
LONGEST = 30  # seconds of tests for one mutant, as coverage slows them: some 10 without
MEMORY = 8 * 2**30


def tests_of(module):
    """The tests that lie where the module lies: tests/losses/ or tests/test_scaling.py."""
    door = module.split(".")[0]
    if door == "explorable":  # those without a browser
        return tuple(f"lib/explorable/tests/test_explorable{part}.py" for part in ("", "_svg"))
    return tuple(
        str(path) for path in (Path("tests") / door, Path(f"tests/test_{door}.py")) if path.exists()
    )


def changed_modules():
    """Those that differ from the last release, or from where the branch left origin/main."""

    def git(*words):
        return subprocess.run(["git", *words], capture_output=True, text=True).stdout.split()

    since = git("describe", "--tags", "--abbrev=0") or git("merge-base", "HEAD", "origin/main")
    if not since:
        sys.exit("neither a tag nor origin/main to compare with: name modules")
    changed = git("diff", "--name-only", since[0])
    return [module for module, path in MODULES.items() if path in changed]


# --- a run of tests, in a fork


def in_a_fork(function, *arguments):
    """The exit status of function(*arguments); what it prints is lost."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            status = function(*arguments)
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def run(tests, plugin, *options):
    here = Path.cwd()
    explorable = here / "lib" / "explorable"
    sys.path[:0] = map(str, (here / "lib", explorable / "src", explorable / "tests"))
    words = ["-q", "-o", "addopts=", "-p", "no:cacheprovider", f"--rootdir={here}", *options]
    words += ["--ignore-glob=*/test_fuzz.py"]  # a minute of random trials
    return pytest.main([*words, *tests], plugins=[plugin])


class Recorder:
    """Which tests reach which line of which file, and how long each takes."""

    def __init__(self):
        self.seconds = {}
        self.coverage = Coverage(data_file=None, source=["lib"])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self.coverage.switch_context(item.nodeid)
        start = time.process_time()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.process_time() - start


def record(tests):
    """For each module {line: tests that reach it, "" where it runs on import}; {test: seconds}."""
    recorder = Recorder()
    recorder.coverage.start()
    if run(tests, recorder) != pytest.ExitCode.OK:
        raise RuntimeError(f"the tests fail without any mutation: {' '.join(tests)}")
    recorder.coverage.stop()
    data = recorder.coverage.get_data()
    lines = {path: data.contexts_by_lineno(str(Path(path).resolve())) for path in MODULES.values()}
    return lines, recorder.seconds


class Chosen:
    """These tests alone, in this order."""

    def __init__(self, tests):
        self.tests = tests

    def pytest_collection_modifyitems(self, items):
        by_name = {item.nodeid: item for item in items}
        items[:] = [by_name[test] for test in self.tests if test in by_name]


def passes(tests, seconds):
    limit = int(2 * sum(map(seconds.get, tests)) + 5)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.alarm(5 * limit)
    sys.dont_write_bytecode = True
    files = dict.fromkeys(test.split("::")[0] for test in tests)
    status = run(files, Chosen(tests), "-x")
    return 0 if status == pytest.ExitCode.NO_TESTS_COLLECTED else status


# --- mutants


@cache
def pieces(code):
    """The statements of a module as text: a mutant is made in one of them, not in 600 lines."""
    return [child.get_code() for child in get_ast(code).children]


def places(code):
    """(piece, operator's name, occurrence) for all mutants of a module."""
    for k, piece in enumerate(pieces(code)):
        nodes = list(ast_nodes(get_ast(piece)))
        for name in filter(OPERATORS.match, operator_names()):
            operator = get_operator(name)
            if not operator.arguments():
                count = sum(len(list(operator().mutation_positions(node))) for node in nodes)
                yield from ((k, name, occurrence) for occurrence in range(count))


def mutant(code, k, name, occurrence):
    before, piece, after = pieces(code)[:k], pieces(code)[k], pieces(code)[k + 1 :]
    return "".join([*before, mutate_code(piece, get_operator(name)(), occurrence), *after])


def difference(old, new):
    """(row, text before, text after) of the first line that differs."""
    pairs = list(zip(old.splitlines(), new.splitlines(), strict=False))
    row = next(i for i, (before, after) in enumerate(pairs) if before != after)
    before, after = pairs[row]
    while re.match(r"\s*(#|$)", before):  # a decorator was taken away, with what precedes it
        row, before, after = row + 1, pairs[row + 1][0], ""
    return row + 1, " ".join(before.split()), " ".join(after.split())


def around(code, row):
    """The rows of the innermost statement about a row: all the function's for its signature."""
    spans = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.stmt | ast.ExceptHandler):
            start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            whole = isinstance(node, ast.FunctionDef) or not hasattr(node, "body")
            end = node.end_lineno if whole else max(start, node.body[0].lineno - 1)
            spans.append(range(start, end + 1))
    return min((span for span in spans if row in span), key=len)


def tests_for(code, row, lines, seconds):
    """The tests that reach the row, or its statement; where it runs on import, then all others."""
    first = set(lines.get(row, ())) - {""}
    if not first:
        first = {test for each in around(code, row) for test in lines.get(each, ())} - {""}
    others = seconds.keys() if "" in lines.get(row, ()) else set()
    tests, spent = [], 0
    for test in sorted(first | others, key=lambda test: (test not in first, seconds[test])):
        if spent + seconds[test] <= LONGEST:
            tests.append(test)
            spent += seconds[test]
    return tests


def trial(module, path, equivalent, lines, seconds, place):
    """(what became of it, its row, the line before, the line after)"""
    code = Path(path).read_text()
    broken = mutant(code, *place)
    row, before, after = difference(code, broken)
    if (before, after) in equivalent:
        return "equivalent", row, before, after
    tests = tests_for(code, row, lines, seconds)
    noticed = False
    if tests:
        Path(path).write_text(broken)
        try:
            noticed = in_a_fork(passes, tests, seconds) != 0
        finally:
            Path(path).write_text(code)
    return "killed" if noticed else "left", row, before, after


def own_copy():
    copy = COPIES / str(os.getpid())
    shutil.copytree(COPIES / "whole", copy)
    os.chdir(copy)


def main(modules, sample):
    listed = tomllib.loads((ROOT / "tests" / "equivalent_mutants.toml").read_text())
    shutil.rmtree(COPIES, ignore_errors=True)
    whole = COPIES / "whole"
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, whole / name, ignore=LEFT_OUT)
        else:
            shutil.copy2(ROOT / name, whole / name)
    os.chdir(whole)
    fork = get_context("fork")
    groups = sorted({tests_of(module) for module in modules} - {()})
    with fork.Pool(2, maxtasksperchild=1) as pool:
        records = dict(zip(groups, pool.map(record, groups, chunksize=1), strict=True))
    total = Counter()
    with ProcessPoolExecutor(2, fork, own_copy) as workers:
        for module in modules:
            path, tests, start = MODULES[module], tests_of(module), time.monotonic()
            if not tests:
                print(f"{module}: no tests of its own", flush=True)
                continue
            lines, seconds = records[tests]
            equivalent = {
                (entry["before"], after): entry
                for entry in listed.get(module, ())
                for after in entry["after"]
            }
            chosen = list(places(Path(path).read_text()))
            if sample:  # the smaller samples are parts of the larger ones
                random.Random(0).shuffle(chosen)
                chosen = chosen[:sample]
            counts, met = Counter(), set()
            jobs = [
                workers.submit(trial, module, path, set(equivalent), lines[path], seconds, place)
                for place in chosen
            ]
            for job in jobs:
                outcome, row, before, after = job.result()
                counts[outcome] += 1
                met.add((before, after))
                if outcome == "left":
                    print(f"{module}:{row}: {before}\n    -> {after}", flush=True)
            if not sample:
                for before, after in equivalent.keys() - met:
                    print(f"{module}: stale in the list: {before}\n    -> {after}")
            total += counts
            minutes = (time.monotonic() - start) / 60
            print(f"{module}: {told(counts)}, {minutes:.0f} min", flush=True)
    print(f"all: {told(total)}")


def told(counts):
    number = counts.total()
    accounted = (number - counts["left"]) / number if number else 1
    return (
        f"{number} mutants, {counts['killed']} killed, {counts['equivalent']} equivalent, "
        f"{counts['left']} left: {accounted:.1%}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, help="this many mutants a module, not all")
    parser.add_argument("modules", nargs="*", help="by default those changed since a release")
    given = parser.parse_args()
    unknown = set(given.modules) - MODULES.keys()
    if unknown:
        parser.error(f"no such module: {', '.join(sorted(unknown))}")
    main(given.modules or changed_modules(), given.sample)
