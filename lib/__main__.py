"""The command line, `python -m lib plan|ask|answers|batch-write|batch-read|verify|bench|overlap`, as make calls it."""

import argparse
import json
import secrets
import sys

from lib import instruments, overlap
from lib.errors import StudyError
from lib.querying import commands
from lib.querying.commands import DEFAULT_MODEL
from lib.querying.endpoints import open_endpoint
from lib.querying.verify import TOLERANCE, compare, draw


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
    listed = parser.add_subparsers(required=True, metavar="command")
    commands.add(listed)
    verifying = listed.add_parser("verify", help="ask a random sample of recorded questions again and compare")
    verifying.add_argument("--model", default=DEFAULT_MODEL, help="a model with recorded answers (%(default)s)")
    verifying.add_argument("--sample", type=_positive, default=240, help="how many questions (%(default)s)")
    verifying.add_argument("--seed", type=int, default=None, help="of the draw (another one each time)")
    verifying.set_defaults(run=_verify)
    benching = listed.add_parser("bench", help="print the local model's speed as JSON")
    benching.add_argument("--model", default=DEFAULT_MODEL, help="a local model (%(default)s)")
    benching.set_defaults(run=_bench)
    overlapping = listed.add_parser("overlap", help="record how alike primes and statements are in words")
    names = [instrument.id for instrument in overlap.studied()]
    overlapping.add_argument("--instruments", nargs="+", choices=names, default=names, metavar="NAME", help="(all)")
    overlapping.set_defaults(run=_overlap)
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


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
    print(f"{found.asked} recorded questions asked again (seed {seed}), {found.changed} in other words than recorded.")
    print(f"Largest difference {found.largest:.2g} (tolerance {TOLERANCE:g}) at {found.where}.")
    print("passed" if found.passed else "FAILED")
    return 0 if found.passed else 1


def _bench(options: argparse.Namespace) -> int:
    from lib.querying.bench_local import bench

    print(json.dumps({name: round(value, 3) for name, value in bench(options.model).items()}, indent=1))
    return 0


def _overlap(options: argparse.Namespace) -> int:
    from lib.querying.embedding import Embedder

    embed = Embedder(DEFAULT_MODEL)
    try:
        for name in options.instruments:
            print(overlap.write(instruments.load(name), embed), flush=True)
    finally:
        embed.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
