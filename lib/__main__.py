"""The command line, `python -m lib plan|ask|answers|batch-write|batch-read`, which the Makefile calls."""

import argparse
import sys

from lib.errors import StudyError
from lib.querying import commands


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns its exit status. A `StudyError` ends it with one message and status 1."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except StudyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Everything answered so far is kept; the same command goes on from there.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lib", description=__doc__)
    commands.add(parser.add_subparsers(required=True, metavar="command"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
