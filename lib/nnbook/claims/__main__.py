"""`python -m nnbook.claims [FOLDER]`: print the ledger gathered from executed notebooks."""

import argparse
import sys
from pathlib import Path

from nnbook.claims import gather, without_verdict


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m nnbook.claims", description="Print the ledger."
    )
    parser.add_argument("folder", type=Path, nargs="?", default=Path("book"))
    try:
        cards = gather(parser.parse_args(arguments).folder)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    for card in cards:
        print(card.id, card.verdict, card.kind, card.notebook, sep="\t")
    if missing := without_verdict(cards):
        print(f"no verdict on {', '.join(missing)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
