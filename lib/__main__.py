"""The command line, `python -m lib COMMAND`, which the Makefile calls; `--help` lists the commands."""

import argparse
import json
import secrets
import sys

from lib import behavior_tests, instruments, overlap
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


_DRAWN = "how many of each behaviour, half of them keyed the other way (%(default)s)"


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
    names = [*(instrument.id for instrument in overlap.studied()), behavior_tests.INSTRUMENT]
    overlapping.add_argument("--instruments", nargs="+", choices=names, default=names, metavar="NAME", help="(all)")
    overlapping.set_defaults(run=_overlap)
    drawing = listed.add_parser("draw-statements", help="draw the behaviour tests' statements anew, for the next ask")
    drawing.add_argument("--statements", type=_positive, default=behavior_tests.STATEMENTS, help=_DRAWN)
    drawing.add_argument("--seed", type=int, default=behavior_tests.SEED, help="of the draw (%(default)s)")
    drawing.set_defaults(run=_draw_statements)
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
            if name == behavior_tests.INSTRUMENT:
                print(behavior_tests.write_overlap(), flush=True)
            else:
                print(overlap.write(instruments.load(name), embed), flush=True)
    finally:
        embed.close()
    return 0


def _draw_statements(options: argparse.Namespace) -> int:
    items = behavior_tests.draw_items(options.statements, options.seed)
    path = behavior_tests.write_items(items)
    print(f"{len(items):,} statements of {items['scale'].nunique()} behaviours in {path}; ask asks them.")
    print("Then record their word overlap: python -m lib overlap --instruments behavior_tests")
    return 0


if __name__ == "__main__":
    sys.exit(main())
