"""The command `bench`, and what it can measure: `local`, `asking`, `population`."""

import argparse
import json
from collections.abc import Mapping

from lib.asking.settings import DEFAULT_MODEL


def add(name: str, parser: argparse.ArgumentParser) -> None:
    """Adds the options of `bench` to its parser; without a name the default local model is measured."""
    parser.set_defaults(run=_local, model=DEFAULT_MODEL)
    listed = parser.add_subparsers(metavar="asking|local|population")
    asking = listed.add_parser("asking", help="questions a second over HTTP, and plans held")
    asking.add_argument(
        "--questions", type=int, default=20_000, help="asked over HTTP in each of 9 rounds (%(default)s)"
    )
    asking.add_argument("--plan", type=int, nargs="*", default=[500_000], help="sizes of plans held (%(default)s)")
    asking.set_defaults(run=_asking)
    local = listed.add_parser("local", help="tokens a second of the local model (unless another is named)")
    local.add_argument("--model", default=DEFAULT_MODEL, help="a local model (%(default)s)")
    local.set_defaults(run=_local)
    population = listed.add_parser("population", help="simulated people a second")
    population.add_argument("--people", type=int, default=200_000, help="how many people (%(default)s)")
    population.set_defaults(run=_population)


def _asking(options: argparse.Namespace) -> int:
    from lib.bench import asking

    return _show(asking.bench(options.questions, options.plan))


def _local(options: argparse.Namespace) -> int:
    from lib.bench import local

    return _show(local.bench(options.model))


def _population(options: argparse.Namespace) -> int:
    from lib.bench import population

    return _show(population.bench(options.people))


def _show(found: Mapping[str, object]) -> int:
    print(json.dumps(_rounded(found), indent=1))
    return 0


def _rounded(found: object) -> object:
    if isinstance(found, Mapping):
        return {name: _rounded(value) for name, value in found.items()}
    return round(found, 3) if found < 10 else round(found)
