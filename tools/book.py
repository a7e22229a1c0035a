"""Build the site: `python tools/book.py`, which is `jupyter-book build . -W -n --keep-going`.

A second faster: jsonschema imports a grammar of Internet addresses if there is one, and nothing
here has it check an address.
"""

import sys

sys.modules["rfc3987_syntax"] = None

from jupyter_book.cli.main import main  # noqa: E402

sys.argv = ["jupyter-book", "build", ".", "-W", "-n", "--keep-going"]
main()
