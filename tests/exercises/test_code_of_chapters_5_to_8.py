"""Code that chapters 5 to 8 ask for: solutions go through, typical mistakes do not.

The exercises are read from the sources of the chapters; the mistakes are changes of the solutions.
"""

import ast
import re
from pathlib import Path

import pytest

import notebook
from nnbook.exercises import expects_code

SOURCES = Path(__file__).parents[2] / "nbsrc"
CHAPTERS = ["05-normalization", "06-losses", "07-optimizers", "08-training"]

# Exercise: (what of the solution is replaced, by what, what the reader is told).
MISTAKES = {
    "5.1": [
        ("in train) / len(train)) or 1", "in new) / len(new)) or 1", "statistics are those of 1"),
        ("sum(train) / len(train)", "sum(train + new) / len(train + new)", "whatever comes later"),
        ("/ len(train)) or 1", "/ (len(train) - 1)) or 1", "variance divided by n"),
        (" or 1", "", "a constant training column"),
        ("(v - mean) / sd for v in new", "v - mean for v in new", "2 lies three of them above"),
        ("math.sqrt(sum((v - mean) ** 2 for v in train) / len(train))",
         "sum((v - mean) ** 2 for v in train) / len(train)", "2 lies three of them above"),
    ],
    "5.7": [
        ("(1 - momentum) * mean + momentum * batch", "momentum * mean + (1 - momentum) * batch",
         "0.9 times the old 0"),
        ("/ (len(batch) - 1)", "/ len(batch)", "divided by n - 1"),
        ("(v - batch_mean)", "(v - mean)", "0.9 times the old 1"),
    ],
    "5.8": [
        ("v + 10 * unit", "v + 10", "layer norm's output should change"),
        ("v + 10 * example", "v + v * 9", "second way: batch norm's output should change"),
        ("v + 10 * example for v in row", "v + 10 * unit for unit, v in enumerate(row)",
         "the second way: layer norm's output should stay"),
    ],
    "5.9": [
        ("a - g_mean - h * along", "a - h * along", "must add up to 0"),
        ("a - g_mean - h * along", "a - g_mean", "at right angles to x"),
        ("u * c for", "u for", "the central differences"),
        ("/ root for a, h", "for a, h", "the central differences"),
    ],
    "6.3": [
        ("1 - y * z > 0", "y * z < 0", "right, but within the margin"),
        ("by_w -= y * x", "by_w -= x", "label -1 and score 2"),
        (" / len(points)", "", "the mean over four points"),
        ("-= y * x", "= -y * x", "the mean over four points"),
        ("1 - y * z > 0:", "y * z >= 1:\n            break\n        else:",
         "the mean over four points"),
        ("1 - y * z > 0", "z < 1 if y == 1 else z > 0", "the mean over four points"),
        ("1 - y * z > 0", "True", "nothing pulls"),
    ],
    "6.5": [
        ("largest = max(logits)", "largest = 0", "math domain error"),
        ("largest = max(logits)", "largest = logits[0]", "math range error"),
        ("return log_sum - (logits[k] - largest)",
         "return -math.log(math.exp(logits[k] - largest) / math.exp(log_sum))",
         "math domain error"),
        ("- (logits[k] - largest)", "- logits[k]", "two equal logits"),
        ("largest = max(logits)", "largest = sum(logits) / len(logits)", "math range error"),
    ],
    "6.9": [
        ("if j != i]", "]", "one of three candidates"),
        ("if j != i]", "if j not in (i, partner)]", "one of three candidates"),
        ("largest = max(logits)", "largest = 0", "temperature 0.001"),
        ("+ largest -", "-", "log 3"),
        ("largest = max(logits)", "largest = row[partner] / tau", "math range error"),
        ("largest - row[partner] / tau", "0", "views 0 and 2 alike"),
        ("total +=", "total = len(sims) *", "views 0 and 2 alike"),
    ],
    "7.1": [
        ("if length > limit:", "if max(g) > limit:", "although no coordinate is"),
        ("if length > limit:", "if True:", "stays as it is"),
        ("v * limit / length", "v / length", "is cut to length 5"),
        ("sum(v * v for v in g)", "g[0] ** 2 + g[1] ** 2", "is cut to length 5"),
        ("length > limit", "length > 5", "stays as it is"),
    ],
    "7.4": [
        ("1 / 4, 1 / 4", "0.2, 0.0", "curvature 1 is too slow"),
        ("1 / 4, 1 / 4", "1 / 4, 0.0", "the error grows"),
        ("1 / 4, 1 / 4", "1 / 4, 0.9", "curvature 1 is too slow"),
        ("1 / 4, 1 / 4", "1 / 4, 1 / 2", "curvature 1 is too slow"),
    ],
    "7.6": [
        (", start=1", "", "division by zero"),
        ("g**2", "g", "whatever the gradient"),
        ("(math.sqrt(v_hat) + eps)", "math.sqrt(v_hat + eps)", "eps stands beside the root"),
        ("m_hat = m / (1 - beta1**t)", "m_hat = m", "the first step is lr long"),
        ("v / (1 - beta2**t)", "v / (1 - beta2)", "50 equal steps"),
        ("theta -= lr * m_hat", "theta -= lr * g", "at -0.00105355"),
    ],
    "7.9": [
        ("m = beta1", "g = g + decay * theta\n    m = beta1", "the gradient of the loss alone"),
        ("- lr * decay * theta\n",
         "\n    theta = theta - lr * decay * theta\n", "the old theta"),
        ("- lr * decay * theta", "- decay * theta", "the share lr * decay"),
        ("- lr * decay * theta", "", "the share lr * decay"),
    ],
    "8.3": [
        ("loss < losses[best]", "loss <= losses[best]", "an equal loss"),
        ("loss < losses[best]", "epoch and loss < losses[epoch - 1]", "5, 4, 3 fall"),
        ("epoch - best >=", "epoch - best >", "two in a row are not"),
        ("return best, epoch + 1", "return epoch, epoch + 1", "never sees the 0"),
    ],
    "8.5": [
        ("len(points), size", "len(points) - size, size", "one batch, one step"),
        ("len(points), size", "len(points) - size + 1, size", "the last batch holds one point"),
        ("/ len(batch)", "/ size", "divide by 1"),
        ("            by_w = by", "            if epoch == first == 0:\n                by_w = by",
         "the new gradient alone"),
    ],
    "8.9": [
        ("sum(name in chosen for name in writers) < share * len(writers)",
         "len(chosen) < round(share * len(set(writers)))",
         "a share of the images, not of the writers"),
        ("random.Random(seed).shuffle(names)", "names.sort()", "should have a chance"),
        ("< share", "<= share", "one writer is enough"),
        ("name not in chosen", "True", "on one side only"),
        ("sorted(set(writers))", "list(set(writers))", "in another run"),
    ],
    "8.10": [
        ("mixed(row, order) for row", "[row[order.index(k)] for k in range(4)] for row",
         "the outputs of the image"),
        ("[mixed(row, order) for row in W]", "W[::-1]", "the outputs of the image"),
    ],
}  # fmt: skip


def exercises():
    """{"5.1": its cells} of all exercises of the four chapters."""
    found, cells = {}, None
    for chapter in CHAPTERS:
        for cell in notebook.read_source(SOURCES / f"{chapter}.md").cells:
            if heading := re.search(r"^### Exercise (\d+\.\d+): ", cell.source, re.MULTILINE):
                cells = found[heading[1]] = []
            elif cell.source.startswith("## "):
                cells = None
            if cells is not None:
                cells.append(cell)
    return found


EXERCISES = exercises()


def asked(number):
    """The question of an exercise, made by its own cell, which needs nothing of the chapter."""
    names = {"expects_code": expects_code}
    exec(EXERCISES[number][1].source, names)
    return names["question"]


def solution(number):
    """The text that the last cell of an exercise hands to its question."""
    (answer,) = (
        call.args[0].value
        for call in ast.walk(ast.parse(EXERCISES[number][-1].source))
        if isinstance(call, ast.Call) and getattr(call.func, "id", None) == "question"
    )
    return answer


def start(number):
    """The lines that the reader is given."""
    (call,) = (
        call
        for call in ast.walk(ast.parse(EXERCISES[number][1].source))
        if isinstance(call, ast.Call) and getattr(call.func, "id", None) == "expects_code"
    )
    return ast.literal_eval(next(word.value for word in call.keywords if word.arg == "start"))


def test_every_chapter_asks_for_code():
    code = [number for number, cells in EXERCISES.items() if "expects_code(" in cells[1].source]
    assert sorted(code) == sorted(MISTAKES)
    for chapter in "5678":
        assert sum(number[0] == chapter for number in code) >= 2
    assert all(len(mistakes) >= 2 for mistakes in MISTAKES.values())


@pytest.mark.parametrize("number", EXERCISES)
def test_form(number):
    """Text that names its section, the folded question, an open answer, the folded solution."""
    text, definition, ask, words, answer = (EXERCISES[number] + [None] * 5)[:5]
    assert re.search(r"^### Exercise .*\n\nFrom \[[^]]+\]\(#", text.source, re.MULTILINE)
    assert definition.metadata.tags == ["hide-cell"]
    assert re.search(r"^question = expects", definition.source, re.MULTILINE)
    assert (ask.source, ask.metadata.get("tags", [])) == ('question("")', [])
    assert words.source.startswith(":::{dropdown} Solution\n")
    assert answer.metadata.tags == ["hide-cell", "solution"]
    assert len(EXERCISES[number]) == 5


@pytest.mark.parametrize("number", MISTAKES)
def test_the_solution_goes_through_and_the_first_lines_do_not(number):
    question = asked(number)
    assert question(solution(number)).state == "right", question(solution(number))
    assert question(start(number)).state == "wrong", question(start(number))


@pytest.mark.parametrize("number", MISTAKES)
def test_a_mistake_is_found_and_named(number):
    question, right = asked(number), solution(number)
    for old, new, message in MISTAKES[number]:
        assert old in right
        verdict = question(right.replace(old, new))
        assert verdict.state == "wrong", new
        assert message and message in repr(verdict), f"{new}: {verdict!r}"
