"""A budget of processor time for computations that might not end."""

import signal
import threading
import time

SECONDS = 16.0  # of processor time for one call of `prove`


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


def interruptible():
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def within(seconds, compute, *args):
    """compute(*args), or None after so many seconds of processor time or when SymPy gives up with
    an error.
    """
    if not interruptible():
        return _attempt(compute, *args)
    running = True

    def alarm(signum, frame):
        if running:
            raise TimeUp

    previous = signal.signal(signal.SIGVTALRM, alarm)
    try:
        # rings again every 0.1 s, in case the first ring came where exceptions are ignored
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 0.1)
        return _attempt(compute, *args)
    except TimeUp:
        return None
    finally:
        running = False
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)


def _attempt(compute, *args):
    try:
        return compute(*args)
    except Exception:  # SymPy's algorithms fail in many ways; the next method gets its turn
        return None
