"""The lock holds what is installed: the pins, and all that they bring along."""

import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PIN = re.compile(r"^([\w.-]+)(?:\[\w,]+\])?==(\S+)(?:\s*;\s*(.+))?$", re.MULTILINE)


def pins(file):
    """{name: version} of the lines of a file that hold on this Python and system."""
    found = PIN.findall((ROOT / file).read_text(encoding="utf-8"))
    return {
        canonicalize_name(name): version
        for name, version, marker in found
        if not marker or Marker(marker).evaluate()
    }


LOCKED = pins("requirements.lock")


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_is_in_the_lock(file):
    wanted = pins(file)
    assert len(wanted) > 8
    assert {name: LOCKED.get(name) for name in wanted} == wanted


def test_what_the_pins_bring_along_is_in_the_lock():
    """Every requirement of a locked distribution that holds here is locked itself."""
    missing = set()
    for name in LOCKED:
        for line in metadata.requires(name) or []:
            requirement, _, marker = line.partition(";")
            if not marker or Marker(marker).evaluate({"extra": ""}):
                needed = canonicalize_name(re.match(r"[\w.-]+", requirement)[0])
                if needed not in LOCKED:
                    missing.add((name, needed))
    assert missing == set()


def test_what_is_installed_is_what_is_locked():
    assert {name: metadata.version(name) for name in LOCKED} == LOCKED
