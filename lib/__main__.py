"""The command line, `python -m lib COMMAND`, which the Makefile calls; `--help` lists the commands."""

import argparse
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module

from lib import paths
from lib.errors import LeftOutWarning, StudyError

#: Command → what it does, and the module whose `add` gives it its options. That module alone is loaded, when it is
#: called, so that help and refusals come at once.
COMMANDS = {
    "plan": ("say what a run would take, and ask nothing", "lib.asking.commands"),
    "ask": ("ask a model everything that is not answered yet, and record it", "lib.asking.commands"),
    "answers": ("record what is answered so far, and ask nothing", "lib.asking.commands"),
    "batch-write": ("write what is not answered yet as OpenAI batch files", "lib.asking.commands"),
    "batch-read": ("take in the result files of a batch", "lib.asking.commands"),
    "verify": ("ask a random sample of recorded questions again and compare", "lib.asking.commands"),
    "bench": ("print the speed of the local model, of asking or of simulating people as JSON", "lib.bench.commands"),
    "validate": (
        "count how often intervals cover and p values reject where the truth is planted",
        "lib.commands",
    ),
    "overlap": ("record how alike primes and statements are in words", "lib.commands"),
    "draw-statements": ("draw the behaviour tests' statements anew, for the next ask", "lib.commands"),
    "run": ("run a notebook with other parameters, checked first", "lib.commands"),
    "page": ("write an executed notebook as one HTML page that loads nothing", "lib.commands"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status. A `StudyError` ends it with one message and status 1."""
    arguments = sys.argv[1:] if arguments is None else arguments
    with warnings.catch_warnings():
        warnings.showwarning = _tell
        return _run(arguments)


def _tell(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object) -> None:
    """Shows what is left out as a line for the user, any other warning with its place in the code."""
    plain = issubclass(category, LeftOutWarning)
    where = "" if plain else f"{filename}:{lineno}: {category.__name__}: "
    print(f"{where}{message}", file=sys.stderr)


def _run(arguments: Sequence[str]) -> int:
    try:
        options = _parser(arguments).parse_args(arguments)
        if "model" in options:
            # Answers go to a folder of the model's name: refused before anything is read or written.
            paths.slug(options.model)
        return options.run(options)
    except StudyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Everything answered so far is kept; the same command goes on from there.", file=sys.stderr)
        return 130


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lib", description=__doc__)
    listed = parser.add_subparsers(required=True, metavar="command")
    for name, (what, module) in COMMANDS.items():
        command = listed.add_parser(name, help=what, description=what)
        if name in arguments[:1]:
            import_module(module).add(name, command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
