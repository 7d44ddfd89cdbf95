"""The command line: `python -m lib ask|verify|bench`, which the Makefile calls."""

import argparse
import sys

from lib import instruments, planning, prompting
from lib.errors import StudyError
from lib.persons import PERSONS
from lib.querying import archive
from lib.querying.cache import ReplyCache
from lib.querying.endpoints import model_identity, open_endpoint
from lib.querying.runner import ask

DEFAULT_MODEL = "smollm2-135m"


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
    commands = parser.add_subparsers(required=True, metavar="command")
    asking = commands.add_parser("ask", help="ask a model everything that is not answered yet, and record it")
    asking.add_argument("--model", default=DEFAULT_MODEL, help="a model of data/raw/models.toml (%(default)s)")
    _choice(asking, "instruments", instruments.available(), "questionnaires")
    _choice(asking, "modes", prompting.MODES, "response modes")
    _choice(asking, "inductions", prompting.inductions(), "ways to put a value (none is always asked)")
    _choice(asking, "wordings", prompting.wordings(), "wordings of the prime")
    _choice(asking, "persons", tuple(PERSONS), "grammatical persons")
    asking.add_argument("--cache-only", action="store_true", help="keep the replies in the cache, record nothing")
    asking.set_defaults(run=_ask)
    return parser


def _choice(parser: argparse.ArgumentParser, name: str, known: list[str] | tuple[str, ...], what: str) -> None:
    parser.add_argument(
        f"--{name}",
        nargs="+",
        choices=known,
        default=list(known),
        metavar="NAME",
        help=f"{what}: {', '.join(known)} (all)",
    )


def _ask(options: argparse.Namespace) -> int:
    plan = planning.make_plan(options.instruments, options.modes, options.inductions, options.wordings, options.persons)
    identity = model_identity(options.model)
    with ReplyCache() as cache:
        archive.fill_cache(options.model, cache)
        endpoint = open_endpoint(options.model)
        try:
            tally = ask(plan, endpoint, cache)
        finally:
            endpoint.close()
        print(f"{tally.known} were answered before, {tally.asked} asked now, {tally.errors} without an answer.")
        if not options.cache_only:
            path = archive.write(archive.collect(plan, identity, cache), options.model)
            print(f"Recorded in {path.parent}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
