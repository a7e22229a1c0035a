"""A budget of processor time for computations that might not end.

Limits nest: an inner one can only be shorter than the outer one, and leaves it as it was. On the
main thread a timer rings every 0.05 s and raises `TimeUp` when a limit has passed; on another
thread, where Python delivers no signals, a watchman raises it from outside. In a browser there is
neither: there only methods that are known to end are used, and loops ask `check`.
"""

import _weakrefset
import ctypes
import gc
import signal
import sys
import threading
import time
import weakref

SECONDS = 14.0  # of processor time for one call of `prove`
_RING = 0.05


class TimeUp(BaseException):
    """Not an Exception, so that no `except Exception` on the way swallows it."""


class Clock:
    """So many seconds of processor time, to be shared out."""

    def __init__(self, seconds):
        self.end = time.process_time() + seconds

    def at_most(self, seconds):
        return max(0.05, min(seconds, self.end - time.process_time()))

    def share(self, part, parts):
        """A part of what is left, divided among so many."""
        return self.at_most(SECONDS) * part / parts


def countdown(items):
    return [(len(items) - k, item) for k, item in enumerate(items)]


class _Limit:
    def __init__(self, end):
        self.end, self.running = end, True

    def passed(self):
        return self.running and time.process_time() >= self.end


class _Limits(threading.local):
    def __init__(self):
        self.stack = []


_limits = _Limits()


def interruptible():
    """Whether a computation can be given up from outside."""
    return sys.platform != "emscripten" and (_by_signal() or hasattr(ctypes, "pythonapi"))


def _by_signal():
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def check():
    """Raises TimeUp if a limit has passed: for loops, wherever nothing rings."""
    if _limits.stack and _limits.stack[-1].passed():
        raise TimeUp


def limited(seconds, compute, *args):
    """compute(*args); raises TimeUp after so many seconds of processor time, or when an outer
    limit passes first.
    """
    stack = _limits.stack
    end = time.process_time() + seconds
    limit = _Limit(min(end, stack[-1].end) if stack else end)
    if stack or not interruptible():
        return _under(limit, stack, compute, args)
    with _Alarm() if _by_signal() else _Watchman(stack):
        return _under(limit, stack, compute, args)


def _under(limit, stack, compute, args):
    depth = len(stack)
    try:
        stack.append(limit)
        return compute(*args)
    finally:
        limit.running = False
        del stack[depth:]


def within(seconds, compute, *args):
    """compute(*args), or None after so many seconds of processor time or when SymPy gives up with
    an error. An outer limit that has passed is passed on.
    """
    depth = len(_limits.stack)
    try:
        return limited(seconds, compute, *args)
    except TimeUp:
        del _limits.stack[depth:]
        check()
        return None
    except Exception:  # SymPy's algorithms fail in many ways; the next method gets its turn
        return None


class _Alarm:
    """A timer that rings again and again, for as long as the outermost limit lasts; a timer of the
    caller keeps its time.
    """

    def __enter__(self):
        self.before = signal.signal(signal.SIGVTALRM, self.ring)
        left, self.every = signal.setitimer(signal.ITIMER_VIRTUAL, _RING, _RING)
        self.due = time.process_time() + left if left else None

    def ring(self, signum, frame):
        if self.due is not None and time.process_time() >= self.due:
            self.due = time.process_time() + self.every if self.every else None
            if callable(self.before):
                self.before(signum, frame)
        stack = _limits.stack
        if stack and stack[-1].passed() and not _exceptions_are_ignored(frame):
            raise TimeUp

    def __exit__(self, *_):
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, self.before)
        if self.due is not None:
            left = max(self.due - time.process_time(), 1e-3)
            signal.setitimer(signal.ITIMER_VIRTUAL, left, self.every)


def _exceptions_are_ignored(frame):
    """Whether Python runs a finalizer, a callback of the garbage collector or one of a weak
    reference: what is raised there is printed and lost. The alarm rings again.
    """
    callbacks = {getattr(f, "__code__", None) for f in gc.callbacks}
    files = weakref.__file__, _weakrefset.__file__
    while frame is not None:
        code = frame.f_code
        if code.co_name == "__del__" or code in callbacks or code.co_filename in files:
            return True
        frame = frame.f_back
    return False


class _Watchman:
    """Raises TimeUp in the thread that called, from another thread."""

    def __init__(self, stack):
        self.stack = stack
        self.thread = ctypes.c_ulong(threading.get_ident())
        self.call = ctypes.pythonapi.PyThreadState_SetAsyncExc
        self.raised, self.nothing = ctypes.py_object(TimeUp), ctypes.py_object()

    def __enter__(self):
        self.done = threading.Event()
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while not self.done.wait(_RING):
            if self.stack and self.stack[-1].passed():
                self.call(self.thread, self.raised)

    def __exit__(self, *_):
        self.done.set()
        self.call(self.thread, self.nothing)  # what was raised too late
