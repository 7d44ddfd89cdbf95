"""The command line, `python -m lib ask|verify|bench`, which the Makefile calls."""

import argparse
import json
import secrets
import sys
from collections.abc import Sequence

import pandas as pd

from lib import instruments, planning, prompting
from lib.errors import StudyError
from lib.persons import PERSONS
from lib.querying import archive
from lib.querying.cache import ReplyCache
from lib.querying.endpoints import model_identity, open_endpoint
from lib.querying.runner import ask
from lib.querying.verify import TOLERANCE, compare, draw

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
        print(
            "\nStopped. Everything answered so far is kept; the same command goes on from there.",
            file=sys.stderr,
        )
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lib", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    about = "ask a model what is not answered yet, and record it; without choices, what the instruments' headers say"
    asking = commands.add_parser("ask", help=about)
    asking.add_argument("--model", default=DEFAULT_MODEL, help="a model of data/raw/models.toml (%(default)s)")
    _choice(asking, "instruments", instruments.available(), "questionnaires")
    _choice(asking, "modes", prompting.MODES, "response modes")
    _choice(asking, "inductions", prompting.inductions(), "ways to put a value (none is always asked)")
    _choice(asking, "wordings", prompting.wordings(), "wordings of the prime")
    _choice(asking, "persons", tuple(PERSONS), "grammatical persons")
    asking.add_argument("--cache-only", action="store_true", help="keep the replies in the cache, record nothing")
    asking.set_defaults(run=_ask)
    verifying = commands.add_parser("verify", help="ask a random sample of recorded questions again and compare")
    verifying.add_argument("--model", default=DEFAULT_MODEL, help="a model with recorded answers (%(default)s)")
    verifying.add_argument("--sample", type=_positive, default=240, help="how many questions (%(default)s)")
    verifying.add_argument("--seed", type=int, default=None, help="of the draw (another one each time)")
    verifying.set_defaults(run=_verify)
    benching = commands.add_parser("bench", help="print the local model's speed as JSON")
    benching.add_argument("--model", default=DEFAULT_MODEL, help="a local model (%(default)s)")
    benching.set_defaults(run=_bench)
    return parser


def _choice(parser: argparse.ArgumentParser, name: str, known: Sequence[str], what: str) -> None:
    listed = f"{what}: {', '.join(known)} (default: all)"
    parser.add_argument(f"--{name}", nargs="+", choices=known, metavar="NAME", help=listed)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def _ask(options: argparse.Namespace) -> int:
    plan = _plan(options)
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


def _plan(options: argparse.Namespace) -> pd.DataFrame:
    """What was chosen, or without any choice what each instrument's header says."""
    names = ("instruments", "modes", "inductions", "wordings", "persons")
    chosen = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    if not chosen:
        return planning.standing_plan()
    return planning.make_plan(chosen.pop("instruments", instruments.available()), **chosen)


def _verify(options: argparse.Namespace) -> int:
    seed = secrets.randbelow(2**31) if options.seed is None else options.seed
    drawn, skipped = draw(options.model, options.sample, seed)
    endpoint = open_endpoint(options.model)
    try:
        found = compare(drawn, endpoint, skipped)
    finally:
        endpoint.close()
    if skipped:
        print(f"Left out, for want of their licensed text: {', '.join(skipped)} (checksums are right).")
    print(f"{found.asked} recorded questions asked again (seed {seed}); {found.changed} in other words than recorded.")
    print(f"Largest difference {found.largest:.2g} (tolerance {TOLERANCE:g}) at {found.where}.")
    print("passed" if found.passed else "FAILED")
    return 0 if found.passed else 1


def _bench(options: argparse.Namespace) -> int:
    from lib.querying.bench_local import bench

    print(json.dumps({name: round(value, 3) for name, value in bench(options.model).items()}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
