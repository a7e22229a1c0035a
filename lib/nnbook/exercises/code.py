"""A few lines of Python against visible tests: what fails is said with its line and its values.

The lines run in a fresh namespace with few builtins, and without imports but math and random. That
keeps an exercise small and an accident harmless; it is no prison for hostile code.
"""

import ast
import builtins
import math
import random

_MINE, _TESTS = "<your lines>", "<tests>"
_MODULES = {"math": math, "random": random}
_BUILTINS = (
    abs, all, any, bool, complex, dict, divmod, enumerate, filter, float, frozenset, int,
    isinstance, iter, len, list, map, max, min, next, object, pow, range, repr, reversed, round,
    set, sorted, str, sum, super, tuple, zip, property, staticmethod, classmethod, callable,
    builtins.__build_class__, ArithmeticError, AssertionError, Exception, IndexError, KeyError,
    NotImplementedError, OverflowError, RuntimeError, StopIteration, TypeError, ValueError,
    ZeroDivisionError,
)  # fmt: skip
_MOST_PRINTED = 10  # lines
_WIDEST, _DEEPEST = 300, 50  # characters of a line, brackets that are open at its end
_LONGEST = 120  # characters of a value that is shown


def functions(source):
    """The names of the functions that the lines define, in their order."""
    return [each.name for each in ast.parse(source).body if isinstance(each, ast.FunctionDef)]


def asserts(tests):
    """The `assert` statements of the tests."""
    return [each for each in ast.walk(ast.parse(tests)) if isinstance(each, ast.Assert)]


def judged(answer, start, tests):
    """The lines or the function under the tests -> (state, [what is to be said])."""
    printed = []
    space = {"__name__": "exercise", "__builtins__": _few_builtins(printed)}
    try:
        state, lines = _run(answer, start, tests, space)
    except SyntaxError as error:
        at = "your lines"
        if error.lineno:
            text = [*answer.splitlines(), ""][min(error.lineno, len(answer.splitlines()) + 1) - 1]
            at = f"line {error.lineno}: {_short(text.strip())}"
        return "unreadable", [f"Cannot read {at}", f"{error.msg}."]
    if printed:
        more = " ..." if len(printed) > _MOST_PRINTED else ""
        lines.append("It printed: " + " / ".join(printed[:_MOST_PRINTED]) + more)
    return state, lines


def _run(answer, start, tests, space):
    """Everything within one fresh namespace; what goes wrong is told, not raised."""
    if callable(answer):
        mine, source = getattr(getattr(answer, "__code__", None), "co_filename", None), ""
        lines = compile(start, "<start>", "exec")
    else:
        mine, source = _MINE, answer
        lines = compile(_checked(answer), _MINE, "exec")
    theirs = set()
    try:
        exec(lines, space)
        if callable(answer):
            names, name = functions(start), getattr(answer, "__name__", None)
            space[name if name in names else names[-1]] = answer
        theirs = {name for name in space if not name.startswith("__")}
        for statement in ast.parse(tests).body:
            exec(compile(ast.Module([statement], []), _TESTS, "exec"), space)
    except (Exception, SystemExit, GeneratorExit) as error:
        frames = list(_frames(error))
        space["__builtins__"]["print"] = lambda *_, **__: None  # for calls that are shown again
        at = next(((line, frame) for file, line, frame in reversed(frames) if file == mine), None)
        if frames[-1][0] == _TESTS or at is None:
            return "wrong", _failed(error, frames, tests, theirs)
        return "wrong", _broken(error, at[0], source, frames, tests)
    number = len(asserts(tests))
    return "right", [f"✓ Right: {'all ' if number > 1 else ''}{number} "
                     f"test{'s' * (number > 1)} passed."]  # fmt: skip


def _few_builtins(printed):
    def note(*values, sep=" ", end="\n"):
        if len(printed) <= _MOST_PRINTED:
            printed.append((sep or " ").join(map(str, values))[:_LONGEST])

    def fetch(name, *_):
        if name in _MODULES:
            return _MODULES[name]
        raise ImportError(f"{name} is not here: math and random alone can be imported")

    few = {each.__name__: each for each in _BUILTINS}
    return few | {"print": note, "__import__": fetch}


def _checked(source):
    """The parsed lines; an `except` or `finally` that would swallow the alarm is refused.

    So is what is nested so deeply that a browser's parser would run out of its stack.
    """
    depth = 0
    for number, line in enumerate(source.splitlines(), 1):
        depth += sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))
        if depth > _DEEPEST or len(line) > _WIDEST:
            raise SyntaxError("it goes on for too long", (_MINE, number, 1, line))
    try:
        tree = ast.parse(source)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error) or "nested too deeply") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            raise _refused("name the error: except ZeroDivisionError", node, source)
        if isinstance(node, ast.Try):
            for leaving in (each for part in node.finalbody for each in ast.walk(part)):
                if isinstance(leaving, ast.Continue | ast.Break | ast.Return):
                    raise _refused("finally must not end a loop or return", leaving, source)
    return tree


def _refused(words, node, source):
    text = source.splitlines()[node.lineno - 1]
    return SyntaxError(words, (_MINE, node.lineno, node.col_offset + 1, text))


def _frames(error):
    """(file, line, frame) from the outermost call to the innermost, without this module's."""
    trace = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        if code.co_filename != __file__:
            yield code.co_filename, trace.tb_lineno, trace.tb_frame
        trace = trace.tb_next


def _told(error):
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return _short(words)


def _broken(error, line, source, frames, tests):
    """An error within the reader's lines."""
    text = source.splitlines()[line - 1].strip() if source else ""
    said = [f"✗ Line {line}{': ' + text if text else ''}", f"{_told(error)}."]
    test = next((line for file, line, _ in frames if file == _TESTS), None)
    if test:
        said.append(f"It was called by the test: {tests.splitlines()[test - 1].strip()}")
    return said


def _failed(error, frames, tests, theirs):
    """A test that does not hold, or that cannot be computed."""
    _, line, frame = next(each for each in reversed(frames) if each[0] == _TESTS)
    statement = _statement(tests, line)
    text = ast.get_source_segment(tests, getattr(statement, "test", statement)).splitlines()
    shown = " ".join(part.strip() for part in text)
    if isinstance(error, AssertionError):
        said = [f"✗ This test fails: {shown}", *([f"{_told_by(error)}."] if str(error) else [])]
    elif isinstance(error, NameError) and error.name not in theirs:
        said = [f"✗ Your lines define no {error.name}.", f"The test was: {shown}"]
    else:
        said = [f"✗ This test cannot be computed: {shown}", f"{_told(error)}."]
    values = _values(getattr(statement, "test", statement), frame, theirs)
    return [*said, *([f"Here {'; '.join(values)}."] if values else [])]


def _told_by(error):
    return str(error).strip().rstrip(".")


def _statement(tests, line):
    """The innermost statement of the tests on a line."""
    return max(
        (each for each in ast.walk(ast.parse(tests))
         if isinstance(each, ast.stmt) and each.lineno <= line <= each.end_lineno),
        key=lambda each: each.lineno,
    )  # fmt: skip


def _values(node, frame, theirs):
    """What the reader's functions gave in this test, and the values of the names in it."""
    told, called = {}, set()  # told: a set in order
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
            called.add(each.func.id)
            if each.func.id in theirs:
                told[ast.unparse(each)] = None
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
            told[each.id] = None
    values = []
    for text in told:
        if text in called:
            continue
        try:
            value = eval(text, frame.f_globals, frame.f_locals)
        except Exception:  # a name of an inner scope, or an error that was told already
            continue
        if not callable(value) and value not in _MODULES.values():
            values.append(f"{text} = {shown(value)}")
    return values


def shown(value):
    """A value as a reader wants to see it: numbers to six digits, not too long."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        inner = ", ".join(map(shown, value))
        inner = f"[{inner}]" if isinstance(value, list) else f"({inner})"
        return _short(inner)
    return _short(repr(value))


def _short(text):
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
