"""The budget of processor time: alarms that are not lost, timers that are kept, loops that ask."""

import gc
import signal
import sys
import threading
import time
import weakref
from types import SimpleNamespace

import pytest

from nnbook.proof import budget
from nnbook.proof.budget import check, within

TIMER = signal.ITIMER_VIRTUAL


def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def forever():
    while True:
        sum(range(1000))


class Slow:
    def __del__(self):
        spin(0.08)


def finalizer():
    slow = Slow()
    del slow


def callback_of_the_collector():
    def slow(phase, info):
        spin(0.04)

    gc.callbacks.append(slow)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(slow)


def callback_of_a_weak_reference():
    class Thing:
        pass

    thing = Thing()
    weakref.finalize(thing, spin, 0.08)
    del thing


def callback_of_a_weak_set():
    class Thing:
        pass

    class SlowList(list):
        def append(self, reference):
            spin(0.08)

    thing = Thing()
    things = weakref.WeakSet([thing])
    things._iterating, things._pending_removals = {"someone"}, SlowList()
    del thing


@pytest.mark.parametrize(
    "work",
    [
        finalizer,
        callback_of_the_collector,
        callback_of_a_weak_reference,
        callback_of_a_weak_set,
    ],
)
def test_no_alarm_is_lost_where_exceptions_are(work, monkeypatch):
    lost = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)
    monkeypatch.setattr(budget, "_RING", 0.02)
    assert within(0.05, lambda: (work(), forever())) is None
    assert lost == []


def test_an_inner_limit_rings_before_the_outer_one():
    start = time.process_time()
    assert within(6, lambda: (within(0.05, forever), "after")) == (None, "after")
    assert time.process_time() - start < 3


def test_of_three_limits_the_nearest_around_counts():
    """The innermost one asks for more than the one around it, and for less than the outermost."""
    start = time.process_time()
    assert within(6, lambda: (within(0.05, within, 3, forever), "after")) == (None, "after")
    assert time.process_time() - start < 2


def test_a_limit_that_is_over_passes_no_more():
    kept = []
    within(5, lambda: kept.append(budget._limits.stack[-1]))
    kept[0].end = 0.0
    assert not kept[0].passed() and budget._limits.stack == []


def test_where_a_computation_can_be_given_up(monkeypatch):
    def elsewhere(ask):
        found = []
        thread = threading.Thread(target=lambda: found.append(ask()))
        thread.start()
        thread.join()
        return found[0]

    def answers():
        return budget.interruptible(), elsewhere(budget.interruptible)

    assert (budget._by_signal(), elsewhere(budget._by_signal)) == (True, False)
    assert answers() == (True, True)
    monkeypatch.setattr(budget, "ctypes", SimpleNamespace())
    assert answers() == (True, False)
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert answers() == (False, False)


def test_without_timers_nothing_rings(monkeypatch):
    assert budget._by_signal() is True
    monkeypatch.setattr(budget, "signal", SimpleNamespace())
    assert budget._by_signal() is False
    monkeypatch.setattr(budget, "ctypes", SimpleNamespace())
    assert budget.interruptible() is False


@pytest.fixture
def rung():
    """How often a timer of the caller rang."""
    times = []
    before = signal.signal(signal.SIGVTALRM, lambda *_: times.append(1))
    yield times
    signal.setitimer(TIMER, 0)
    signal.signal(signal.SIGVTALRM, before)


def test_a_timer_of_the_caller_rings_again_and_again(rung, monkeypatch):
    monkeypatch.setattr(budget, "_RING", 0.01)
    signal.setitimer(TIMER, 0.06, 0.06)
    within(0.2, forever)
    assert 1 < len(rung) < 6
    assert signal.getitimer(TIMER)[1] == pytest.approx(0.06, abs=0.01)


def test_a_timer_that_is_not_due_keeps_its_time(rung):
    signal.setitimer(TIMER, 50)
    within(0.2, forever)
    assert rung == []
    assert 40 < signal.getitimer(TIMER)[0] < 50


def test_a_timer_that_was_due_rings_afterwards(rung):
    signal.setitimer(TIMER, 50)
    alarm = budget._Alarm()
    alarm.__enter__()
    alarm.due = time.process_time() - 1
    alarm.__exit__()
    spin(0.05)
    assert rung == [1]


def test_loops_ask_where_nothing_rings(monkeypatch):
    monkeypatch.setattr(budget, "interruptible", lambda: False)
    timers = []

    def ask():
        timers.append(signal.getitimer(TIMER))
        while True:
            check()

    def twice():
        return within(0.05, ask), within(0.05, ask)

    start = time.process_time()
    assert within(10, twice) == (None, None)
    assert time.process_time() - start < 5
    assert timers == [(0, 0), (0, 0)]


OVER, RUNNING = (SimpleNamespace(passed=lambda over=over: over) for over in (True, False))


@pytest.mark.parametrize(
    ("stack", "raised"),
    [([], 0), ([OVER], 1), ([RUNNING], 0), ([OVER, RUNNING], 0), ([RUNNING, RUNNING, OVER], 1)],
)
def test_a_watchman_raises_when_the_innermost_limit_has_passed(stack, raised):
    watchman, calls, waits = budget._Watchman(stack), [], iter([False, True])
    watchman.call = lambda *arguments: calls.append(arguments)
    watchman.done = SimpleNamespace(
        wait=lambda seconds: next(waits), set=lambda: calls.append("set")
    )
    watchman.watch()
    assert calls == [(watchman.thread, watchman.raised)] * raised
    watchman.__exit__()
    assert calls[raised:] == ["set", (watchman.thread, watchman.nothing)]
    assert watchman.raised.value is budget.TimeUp and not watchman.nothing
    assert watchman.thread.value == threading.get_ident()


def test_a_watchman_goes_home(monkeypatch):
    monkeypatch.setattr(budget, "_RING", 0.01)
    before = set(threading.enumerate())
    watchman = budget._Watchman([])
    watchman.call = lambda *_: None
    watchman.__enter__()
    (thread,) = set(threading.enumerate()) - before
    assert thread.daemon  # a program that ends does not wait for it
    watchman.__exit__()
    thread.join(5)
    assert not thread.is_alive()


def test_another_thread_is_given_up_when_a_limit_has_passed_and_no_sooner():
    answers = []

    def work():
        answers.append(within(5, lambda: [spin(0.12), "done"][1]))
        answers.append(within(0.05, forever))
        answers.append(within(5, lambda: [within(0.05, forever), "after"]))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(10)
    assert answers == ["done", None, [None, "after"]]
