"""Mutation testing: python tools/mutants.py [--sample N --seed 0] [activations proof.sums ...]

Each module named (else those changed since the last release) is broken in one place at a time, by
cosmic-ray's operators, and its tests, which lie where the module lies, must notice. They run once
whole, under coverage, which records the tests that reach each line; the record of a file of tests
is kept under mutants/ until that file or the library changes. A mutant then meets those that reach
its line, quickest first, up to 30 s of them, until one fails or takes over twice its time. Two
mutants at a time (--workers), each in a copy of its own.

Survivors that were read and change nothing are listed in tests/equivalent_mutants.toml. The others
are printed. With --sample, N mutants per module. Once the survivors of one sample have found their
tests, only another seed gives a fair share.
"""

import argparse
import ast
import gc
import hashlib
import inspect
import os
import pickle
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
COPIES, RECORDS = ROOT / "mutants" / "copies", ROOT / "mutants" / "records"
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
SLOWEST = 5  # seconds of one test, as coverage slows it
MEMORY = 8 * 2**30


def tests_of(module):
    """The files of tests that lie where the module lies: in tests/losses/, or test_scaling.py."""
    door = module.split(".")[0]
    if door == "explorable":  # those without a browser
        return tuple(f"lib/explorable/tests/test_explorable{part}.py" for part in ("", "_svg"))
    paths = sorted({*Path("tests").glob(f"test_{door}.py"), *Path("tests", door).glob("test_*.py")})
    return tuple(str(path) for path in paths if path.name != "test_fuzz.py")  # a minute of trials


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


def start_fork(function, *arguments):
    """The number of a process whose exit status is function(*arguments); its prints are lost."""
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
    return child


def in_a_fork(function, *arguments):
    return os.waitpid(start_fork(function, *arguments), 0)[1]


def run(tests, plugin, *options):
    here = Path.cwd()
    explorable = here / "lib" / "explorable"
    sys.path[:0] = map(str, (here / "lib", explorable / "src", explorable / "tests"))
    words = ["-q", "-o", "addopts=", "-p", "no:cacheprovider", f"--rootdir={here}", *options]
    return pytest.main([*words, *tests], plugins=[plugin])


class Recorder:
    """Which tests reach which line of which file, and how long each takes. A test of more than
    SLOWEST is given up: it is no test for mutants.
    """

    def __init__(self):
        self.seconds = {}
        self.coverage = Coverage(data_file=None, source=["lib"])

    def pytest_collection_modifyitems(self, items):
        """Without threads: an exception raised from outside in a traced one hangs it."""
        items[:] = [item for item in items if "Thread(" not in inspect.getsource(item.function)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        self.coverage.switch_context(item.nodeid)
        start = time.process_time()
        signal.signal(signal.SIGPROF, lambda *_: pytest.skip("slow"))
        signal.setitimer(signal.ITIMER_PROF, SLOWEST, 1)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self.seconds[item.nodeid] = time.process_time() - start


def fingerprint(test):
    """A hash of all that a run of one file of tests depends on: of every file but other tests."""
    found = hashlib.sha256()
    for path in sorted(Path().rglob("*")):
        other = path.name.startswith("test_") and path != Path(test)
        if path.is_file() and not other and path.name != "equivalent_mutants.toml":
            found.update(f"{path}\n".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def record(test, kept):
    """Writes, for each module, {line: tests that reach it, "" where it runs on import}, and
    {test: seconds}.
    """
    recorder = Recorder()
    recorder.coverage.start()
    status = run([test], recorder)
    recorder.coverage.stop()
    if status != pytest.ExitCode.OK:
        return status
    data = recorder.coverage.get_data()
    lines = {path: data.contexts_by_lineno(str(Path(path).resolve())) for path in MODULES.values()}
    quick = {test: seconds for test, seconds in recorder.seconds.items() if seconds < SLOWEST}
    for old in kept.parent.glob(kept.stem + ".*"):
        old.unlink()
    kept.write_bytes(pickle.dumps((lines, quick)))
    return 0


def records(files, workers):
    """{file of tests: its record}, from an earlier run where nothing has changed."""
    kept = {test: RECORDS / f"{test.replace('/', '-')[:-3]}.{fingerprint(test)}" for test in files}
    waiting, running = [test for test in files if not kept[test].exists()], {}
    while waiting or running:
        if waiting and len(running) < workers:
            test = waiting.pop()
            running[start_fork(record, test, kept[test])] = test
            continue
        child, status = os.wait()
        test = running.pop(child)
        if status:
            sys.exit(f"the tests fail without any mutation: {test}")
    return {test: pickle.loads(path.read_bytes()) for test, path in kept.items()}


def together(found, path):
    """Several records as one, for the lines of one module."""
    reached, seconds = {}, {}
    for lines, times in found:
        seconds |= times
        for line, tests in lines[path].items():
            reached.setdefault(line, set()).update(t for t in tests if t == "" or t in times)
    return reached, seconds


class Chosen:
    """These tests alone, in this order; one that takes far too long ends the process."""

    def __init__(self, tests, seconds):
        self.tests, self.seconds = tests, seconds

    def pytest_collection_modifyitems(self, items):
        by_name = {item.nodeid: item for item in items}
        items[:] = [by_name[test] for test in self.tests if test in by_name]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        signal.setitimer(signal.ITIMER_PROF, 2 * self.seconds[item.nodeid] + 2)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


def passes(tests, seconds):
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.alarm(int(10 * sum(map(seconds.get, tests)) + 30))  # for what waits and does nothing
    sys.dont_write_bytecode = True
    files = dict.fromkeys(test.split("::")[0] for test in tests)
    status = run(files, Chosen(tests, seconds), "-x")
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


def main(modules, sample, seed, workers):
    listed = tomllib.loads((ROOT / "tests" / "equivalent_mutants.toml").read_text())
    shutil.rmtree(COPIES, ignore_errors=True)
    RECORDS.mkdir(parents=True, exist_ok=True)
    whole = COPIES / "whole"
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, whole / name, ignore=LEFT_OUT)
        else:
            shutil.copy2(ROOT / name, whole / name)
    os.chdir(whole)
    fork = get_context("fork")
    files = sorted({test for module in modules for test in tests_of(module)})
    start = time.monotonic()
    recorded = records(files, workers)
    minutes = (time.monotonic() - start) / 60
    print(f"what {len(files)} files of tests reach: {minutes:.0f} min", flush=True)
    total = Counter()
    with ProcessPoolExecutor(workers, fork, own_copy) as pool:
        for module in modules:
            path, tests, start = MODULES[module], tests_of(module), time.monotonic()
            if not tests:
                print(f"{module}: no tests of its own", flush=True)
                continue
            lines, seconds = together([recorded[test] for test in tests], path)
            if in_a_fork(passes, sorted(seconds, key=seconds.get)[:20], seconds) != 0:
                sys.exit(f"{module}: what is not broken is noticed as well")
            equivalent = {
                (entry["before"], after): entry
                for entry in listed.get(module, ())
                for after in entry["after"]
            }
            chosen = list(places(Path(path).read_text()))
            if sample:  # the smaller samples are parts of the larger ones
                random.Random(seed).shuffle(chosen)
                chosen = chosen[:sample]
            counts, met = Counter(), set()
            jobs = [
                pool.submit(trial, module, path, set(equivalent), lines, seconds, place)
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
    parser.add_argument("--seed", type=int, default=0, help="which ones a sample holds")
    parser.add_argument("--workers", type=int, default=2, help="mutants at a time, 2 by default")
    parser.add_argument("modules", nargs="*", help="by default those changed since a release")
    given = parser.parse_args()
    unknown = set(given.modules) - MODULES.keys()
    if unknown:
        parser.error(f"no such module: {', '.join(sorted(unknown))}")
    main(given.modules or changed_modules(), given.sample, given.seed, given.workers)
