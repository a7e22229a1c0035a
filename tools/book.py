"""Build the site: `python tools/book.py`, which is `jupyter-book build . -W -n --keep-going`.

A second faster: jsonschema imports a grammar of Internet addresses if there is one, and nothing
here has it check an address. After a build that failed the pages that were read are forgotten:
Sphinx warns of a broken reference only when it reads the page, and the next build would succeed.
"""

import shutil
import sys
from pathlib import Path

sys.modules["rfc3987_syntax"] = None

from jupyter_book.cli.main import main  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent


def build(arguments):
    sys.argv = ["jupyter-book", "build", str(ROOT), "-W", "-n", "--keep-going", *arguments]
    try:
        main()
    except (Exception, SystemExit) as end:
        if getattr(end, "code", 1):
            shutil.rmtree(ROOT / "_build" / ".doctrees", ignore_errors=True)
        raise


if __name__ == "__main__":
    build(sys.argv[1:])
