"""Is this environment whole, where it was made, and new enough? Prints "sound" if so.

A virtual environment that was moved or only half made cannot be mended by installing into it: its
commands name the Python that they were written for.
"""

import sys
from pathlib import Path

here = Path(sys.prefix)
pip = here / "bin" / "pip"
if sys.version_info >= (3, 11) and str(here) in pip.read_text(encoding="utf-8"):
    import pip as _  # noqa: F401  (interrupted while it was made, it has no pip)

    print("sound")
