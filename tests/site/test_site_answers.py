"""Answers in the built page, in real Chromium: from disk with the network off, and over HTTP.

The engine that judges in the page is the library itself, run by Pyodide; that it says what CPython
says is tested on every question of the book and on the prover's table of statements.
"""

import gzip
import html
import json
import re
import subprocess
import sys

import pytest

import worker
from browser import PHONE, open_page
from built_site import CHAPTERS, PAGES, SITE, text
from nnbook._record import names_in, written
from nnbook.exercises import expects, expects_code
from proof_cases import CASES, sigma, x

PAGE = next(page for page in CHAPTERS if page.stem.startswith("03"))
DONE = """form => {
  const { verdict } = form.querySelector("[role=status]").dataset;
  return verdict && verdict !== "waiting";
}"""
SWISH = expects(sigma(x) + x * sigma(x) * (1 - sigma(x)), hint="The product rule.")
LINES = expects_code(
    "def relu(x):\n    return x",
    "assert relu(2) == 2, 'relu(2) is 2'\nassert relu(-2) == 0, 'relu(-2) is 0'",
    "Below 0 it is 0.",
)
# A question of the tests' own in the place of the page's.
INSTEAD = """([form, record]) => {
  form.dataset.record = JSON.stringify(record);
  form.elements.answer.outerHTML = '<textarea name="answer"></textarea>';
}"""


def answered(form, answer):
    form.locator("[name=answer]").fill(answer)
    form.locator("[type=submit]").click()


def replied(page, form, answer, within=40_000):
    """The verdict on an answer, and its words."""
    answered(form, answer)
    page.wait_for_function(DONE, arg=form.element_handle(), timeout=within)
    status = form.locator("[role=status]")
    return status.get_attribute("data-verdict"), status.inner_text()


@pytest.fixture(scope="module")
def opened(chromium):
    """A chapter from disk, the network off, its derivations and cards open."""
    with open_page(chromium, PAGE.as_uri(), offline=True, viewport=PHONE, has_touch=True) as found:
        found[0].evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        yield found


@pytest.fixture
def form(opened):
    return opened[0].locator("form[data-exercise]").first


def asked(opened, question):
    """A form of the page that asks `question` instead."""
    page, *_ = opened
    form = page.locator("form[data-exercise]").last
    page.evaluate(INSTEAD, [form.element_handle(), question.record])
    return form


def test_a_page_that_is_only_read_loads_nothing_of_the_engine(opened):
    page, _, requests = opened
    page.wait_for_load_state("networkidle")
    assert not any("/engine/" in url for url in requests)


def test_a_wrong_derivative_of_swish_gets_the_point_where_it_fails(opened):
    page, complaints, requests = opened
    form = asked(opened, SWISH)
    verdict, words = replied(page, form, "sigma(x) + x sigma(x)")
    assert verdict == "wrong" and "At x = 1 your answer is 1.46212" in words
    assert "Hint: The product rule." in words
    assert form.locator(".nn-read math").count() == 1  # as it was read
    assert replied(page, form, "σ(x) + x*σ(x)*(1 − σ(x))")[0] == "right"
    assert replied(page, form, "x +")[0] == "unread"
    loaded = [url for url in requests if "/engine/" in url]
    assert len(loaded) == len(set(loaded)) == len(list((SITE / "_static/engine").iterdir()))
    assert complaints == []


def test_what_a_student_writes_is_not_run(opened):
    page, complaints, _ = opened
    form = asked(opened, SWISH)
    for hostile in ("__import__('js').fetch('x')", "<img src=x onerror=alert(1)>", "x.__class__"):
        assert replied(page, form, hostile)[0] == "unread"
    assert page.locator("form img").count() == 0
    assert complaints == []


def test_lines_of_python_run_in_the_worker_without_network_or_storage(opened):
    page, complaints, _ = opened
    form = asked(opened, LINES)
    verdict, words = replied(page, form, "def relu(x):\n    return x")
    assert verdict == "wrong" and "relu(-2)" in words and "Below 0 it is 0." in words
    assert replied(page, form, "def relu(x):\n    return max(x, 0)")[0] == "right"
    assert replied(page, form, "def relu(x) return")[0] == "unread"
    assert replied(page, form, "import js")[0] == "wrong"
    # Through the classes of everything there is, to whatever module is still there.
    search = (
        "def relu(x):\n"
        "    every = [c for c in object.__subclasses__()]\n"
        "    spaces = [c.__init__.__globals__ for c in every if repr(c.__init__)[1] == 'f']\n"
        "    modules = [s['sys'].modules for s in spaces if 'sys' in s][0]\n"
        "    raise ValueError([m for m in modules if m.strip('_')[:7] in ('js', 'pyodide')])\n"
    )
    assert "ValueError: []" in replied(page, form, search)[1]
    assert complaints == []


def test_the_tests_that_judge_lines_of_python_stand_below_them():
    questions = [q for _, q in records() if q["kind"] == "code"]
    shown = "\n".join(text(path) for path in PAGES)
    assert questions
    for question in questions:
        assert f"<p>tests</p><pre>{html.escape(question['tests'])}</pre>" in shown


def test_the_worker_has_given_up_its_reach(opened):
    """What code in the worker can name, had it found its way out of Python."""
    page, *_ = opened
    source = (SITE.parent.parent / "book/_ext/worker.js").read_text(encoding="utf-8")
    left = page.evaluate(
        """async (source) => {
      const look = `shut();
        const names = ["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "importScripts",
          "indexedDB", "caches", "Worker", "BroadcastChannel", "navigator", "eval", "Function"];
        const made = [];
        for (const kind of [() => 0, async () => 0, function* () {}])
          try { kind.constructor("return 1"); made.push("code"); } catch {}
        const loaded = await import("data:text/javascript,1").then(() => "import", () => "");
        post([...names.filter((name) => self[name] !== undefined), ...made, loaded]);`;
      const text = source + "(async () => {" + look + "})()";
      const worker = new Worker(URL.createObjectURL(new Blob([text])));
      return new Promise((done) => worker.onmessage = ({data}) => done(data));
    }""",
        source,
    )
    assert left == [""]


def test_a_stuck_worker_is_ended_and_the_next_answer_judged(opened, form):
    page, complaints, _ = opened
    page.clock.install()
    form = asked(opened, LINES)
    form.locator("[name=answer]").fill("def relu(x):\n    while True: pass")
    form.locator("[type=submit]").click()
    form.get_by_text("Checking").wait_for(timeout=40_000)
    page.clock.fast_forward(21_000)
    form.get_by_text("Not decided in 20 s.").wait_for()
    page.clock.resume()
    assert form.locator("[role=status]").get_attribute("data-verdict") == "undecided"
    assert replied(page, form, "def relu(x):\n    return max(x, 0)")[0] == "right"
    assert complaints == []


HOSTILE = ("__import__('js').fetch('x')", "<img src=x onerror=alert(1)>", "(" * 5000, "9**9**9**9")
KINDS = ("formula", "number", "code", "step", "proof")


def own(page, kind):
    """A form of the page of this kind, with a right and a wrong answer."""
    if kind == "code":
        form = asked((page,), LINES)
        return form, "def relu(x):\n    return max(x, 0)", "def relu(x):\n    return x"
    if kind == "step":
        form = page.locator("form[data-derivation]").first
        return form, "sigma(x) (1 - sigma(x))", "sigma(x)"
    if kind == "proof":
        form = page.locator("form[data-proof]:has([name=answer]:not([value='']))").first
        return form, form.locator("[name=answer]").get_attribute("value"), "7/3 + 1/7"
    for form in page.locator("form[data-exercise]").all():
        record = json.loads(form.get_attribute("data-record"))
        if record["kind"] == kind == "formula":
            return form, str(worker.rebuilt(record["correct"])).replace("**", "^"), "7/3 + 1/7"
        if record["kind"] == kind == "number":
            return form, repr(record["value"]), repr(record["value"] + 1)
    raise LookupError(kind)


def judged(page, kind):
    """Right, wrong, unreadable, hostile answers have their verdicts -> the form, a right one."""
    form, right, wrong = own(page, kind)
    assert replied(page, form, right)[0] == "right"
    assert replied(page, form, wrong)[0] == "wrong"
    assert replied(page, form, "x + ) 1")[0] == "unread"
    for hostile in HOSTILE[:3] if kind == "code" else HOSTILE:  # 9**9**9**9 would be computed
        assert replied(page, form, hostile)[0] in ("unread", "undecided", "wrong")
    assert page.locator("form img").count() == 0
    return form, right


@pytest.mark.parametrize("kind", KINDS)
def test_answers_of_every_kind(opened, kind):
    """And one whose worker says nothing any more."""
    page, complaints, _ = opened
    form, right = judged(page, kind)
    # Its worker gets the task, and never answers.
    page.evaluate("Worker.prototype.kept = Worker.prototype.postMessage, 0")
    page.evaluate(
        """() => {
          Worker.prototype.postMessage = function (data) { if (!data.task) this.kept(data); };
        }"""
    )
    page.clock.install()
    answered(form, right)
    form.get_by_text("Checking").wait_for(timeout=40_000)
    page.clock.fast_forward(21_000)
    form.get_by_text("Not decided in 20 s.").wait_for()
    page.clock.resume()
    assert form.locator("[role=status]").get_attribute("data-verdict") == "undecided"
    page.evaluate("Worker.prototype.postMessage = Worker.prototype.kept, 0")
    assert replied(page, form, right)[0] == "right"
    assert complaints == []


def test_derivations_continue_and_cards_are_proved_again(opened):
    page, complaints, _ = opened
    step = page.locator("form[data-derivation]").first
    assert replied(page, step, "sigma(x) (1 - sigma(x))")[0] == "right"
    verdict, words = replied(page, step, "sigma(x)")
    assert verdict == "wrong" and "the line is" in words
    again = page.locator("form[data-proof]:has([name=answer]:not([value='']))").first
    as_given = again.locator("[name=answer]").input_value()
    assert replied(page, again, as_given)[0] in ("right", "wrong")
    assert replied(page, again, "7/3 + 1/7")[0] in ("wrong", "undecided")
    assert complaints == []


def test_a_right_answer_is_remembered_and_can_be_forgotten(opened):
    page, *_ = opened
    form = page.locator("form[data-exercise]").first
    record = json.loads(form.get_attribute("data-record"))
    answer = str(record.get("value") or record.get("correct"))
    if record["kind"] == "formula":
        answer = str(worker.rebuilt(answer)).replace("**", "^")
    assert replied(page, form, answer)[0] == "right"
    assert re.search(r"[1-9] of \d+ right", page.locator(".nn-progress").inner_text())
    page.reload()
    status = page.locator("form[data-exercise]").first.locator("[role=status]")
    assert status.get_attribute("data-verdict") == "right"
    page.get_by_role("button", name="forget my answers").click()
    assert status.get_attribute("data-verdict") is None
    page.reload()
    assert page.locator("[data-verdict=right]").count() == 0


def test_a_row_of_keys_on_a_phone(opened):
    page, *_ = opened
    form = page.locator("form[data-exercise]").first
    form.locator("[name=answer]").fill("")
    form.locator("[name=answer]").focus()
    form.get_by_role("button", name="√").click()
    assert form.locator("[name=answer]").input_value() == "√"
    assert page.evaluate("document.activeElement.name") == "answer"


@pytest.fixture
def server():
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    with subprocess.Popen(
        command, cwd=SITE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        yield re.search(r"http://[\d.]+:\d+", process.stdout.readline())[0]
        process.terminate()


def test_over_http_as_from_disk(chromium, server):
    address = f"{server}/{PAGE.relative_to(SITE).as_posix()}"
    with open_page(chromium, address) as (page, complaints, requests):
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        for kind in KINDS:
            judged(page, kind)
        assert all(url.startswith((server, "blob:", "data:")) for url in requests)
        assert complaints == []


def test_the_engine_is_at_most_8_megabytes_as_a_server_sends_it():
    files = sorted((SITE / "_static" / "engine").iterdir())
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) <= 8_000_000


def records():
    """Every question of the book, with the author's answer and a wrong one."""
    for path in PAGES:
        for found in worker_forms(text(path)):
            yield path.stem, found


def worker_forms(page):
    for shown in re.findall(r'<form[^>]* data-exercise="[^"]*"[^>]*data-record="([^"]*)"', page):
        yield json.loads(html.unescape(shown))


def tasks():
    """(task, what CPython says of it: of statements, the prover's own tests see to that)."""
    found = []
    for _, question in records():
        if question["kind"] == "formula":
            right = str(worker.rebuilt(question["correct"])).replace("**", "^")
        else:
            right = repr(question["value"]) if question["kind"] == "number" else question["start"]
        for answer in (right, "7/3", "x +"):
            task = {"kind": "answer", "question": question, "answer": answer}
            found.append((task, json.loads(worker.answer(json.dumps(task)))["state"]))
    for _, expected, lhs, rhs, domain in CASES:
        try:
            step = {
                "kind": "step", "line": written(lhs), "other": written(rhs), "answer": "",
                "names": {n: written(s) for n, s in names_in(lhs, rhs).items()},
                "domain": {written(s): [written(worker.sp.sympify(e)) for e in ends]
                           for s, ends in (domain or {}).items()} or None,
            }  # fmt: skip
            worker.rebuilt(step["line"]), worker.rebuilt(step["other"])
        except (ValueError, TypeError):
            continue
        states = {"refuted": "wrong", "undecided": "undecided"}
        found.append((step, states.get(expected, "right")))
    # After lines of a reader's the worker begins anew, unless more of them follow.
    return sorted(found, key=lambda pair: pair[0].get("question", {}).get("kind") == "code")


def test_the_engine_says_what_cpython_says(opened):
    """For all questions of the book, and the held-up statements of the prover.

    A missing module could only ever turn a verdict into "undecided", which has to be said.
    """
    page, *_ = opened
    form = page.locator("form[data-exercise]").first
    replied(page, form, "1")
    every = tasks()
    assert len(every) > 100
    differing = [
        (task, expected, there)
        for task, expected in every
        if (there := page.evaluate("nnEngine.ask", task)["state"]) != expected
    ]
    assert [pair for pair in differing if pair[2] != "undecided"] == []
    assert [pair for pair in differing if pair[0]["kind"] == "answer"] == []
    assert len(differing) <= 10, differing  # no clock stops a method in a browser
