"""The commands that ask: `plan`, `ask`, `answers`, `batch-write`, `batch-read`."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lib import instruments, planning, prompting
from lib.errors import StudyError
from lib.persons import PERSONS
from lib.querying import archive, batches, estimating, settings
from lib.querying.cache import ReplyCache
from lib.querying.endpoints import Prices, model_identity, model_modes, open_endpoint
from lib.querying.runner import Budget, Tally, ask

DEFAULT_MODEL = "smollm2-135m"


def add(commands: argparse._SubParsersAction) -> None:
    """Adds the commands to the command line's."""
    planned = _command(commands, "plan", "say what a run would take, and ask nothing", run_plan)
    asking = _command(commands, "ask", "ask a model everything that is not answered yet, and record it", run_ask)
    answers = _command(commands, "answers", "record what is answered so far, and ask nothing", run_answers)
    writing = _command(commands, "batch-write", "write what is not answered yet as OpenAI batch files", run_batch_write)
    reading = _command(commands, "batch-read", "take in the result files of a batch", run_batch_read)
    for parser in (planned, asking, answers, writing, reading):
        _add_plan(parser)
    asking.add_argument("--cache-only", action="store_true", help="keep the replies in the cache, record nothing")
    asking.add_argument("--transport", choices=settings.TRANSPORTS, default="", help="client (by address)")
    asking.add_argument("--max-questions", type=int, metavar="N", help="stop after asking N questions")
    asking.add_argument("--max-cost", type=float, metavar="USD", help="stop before more than this is spent")
    for parser in (asking, writing):
        parser.add_argument("--shard", type=_shard, default=(0, 1), metavar="K/N", help="part K of N, from 0")
    writing.add_argument("--folder", type=Path, required=True, help="where the files go")
    reading.add_argument("--folder", type=Path, required=True, help="where the result files (*.jsonl) lie")


def _command(commands: argparse._SubParsersAction, name: str, what: str, run: object) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=what, description=what)
    parser.set_defaults(run=run)
    return parser


def _add_plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default=DEFAULT_MODEL, help="of data/raw/models.toml, or a server's (%(default)s)")
    parser.add_argument("--base-url", nargs="+", default=(), metavar="URL", help="where a server of one's own answers")
    _choice(parser, "instruments", instruments.available(), "questionnaires")
    _choice(parser, "modes", prompting.ALL_MODES, "response modes", default=None, otherwise="the model's")
    header = "what the questionnaire's header says, or all"
    _choice(parser, "inductions", prompting.inductions(), "ways to put a value (none is always asked)", None, header)
    _choice(parser, "wordings", prompting.wordings(), "wordings of the prime", None, header)
    by_mode = "; ".join(f"{mode}: {', '.join(persons)}" for mode, persons in planning.PERSONS_OF_MODE.items())
    _choice(parser, "persons", tuple(PERSONS), "grammatical persons", None, f"what the header says, or {by_mode}")
    _choice(parser, "orders", prompting.ORDERS, "orders of the response options", ["listed"], "listed")
    parser.add_argument("--replicates", type=int, default=1, metavar="N", help="answers to each question (%(default)s)")


def _choice(
    parser: argparse.ArgumentParser,
    name: str,
    known: Sequence[str],
    what: str,
    default: Sequence[str] | None = (),
    otherwise: str = "all",
) -> None:
    chosen = list(known) if default == () else default
    listed = f"{what}: {', '.join(known)} ({otherwise})"
    parser.add_argument(f"--{name}", nargs="+", choices=known, default=chosen, metavar="NAME", help=listed)


def _shard(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form K/N")
    return int(found[1]), int(found[2])


def _plan(options: argparse.Namespace) -> pd.DataFrame:
    return planning.standing_plan(
        options.instruments,
        model_modes(options.model, options.base_url),
        options.modes,
        options.inductions,
        options.wordings,
        options.persons,
        replicates=options.replicates,
        orders=options.orders,
    )


def _identity(options: argparse.Namespace) -> str:
    return model_identity(options.model, options.base_url)


def _prices(options: argparse.Namespace) -> Prices:
    entry = settings.model_entry(options.model, options.base_url)
    return Prices(entry.get("price_in", 0.0), entry.get("price_out", 0.0))


def _summary(options: argparse.Namespace, plan: pd.DataFrame, cache: ReplyCache) -> str:
    table = estimating.summary(plan, _identity(options), cache, _prices(options))
    context = settings.model_entry(options.model, options.base_url).get("context", 0)
    longest = int(table["longest_prompt"].iloc[-1])
    if 0 < context < longest:
        raise StudyError(f"{options.model} reads {context:,} tokens at most; the longest prompt has about {longest:,}.")
    return estimating.shown(table)


def run_plan(options: argparse.Namespace) -> int:
    """Prints what a run would take."""
    with ReplyCache() as cache:
        archive.fill_cache(options.model, cache, identity=_identity(options))
        print(_summary(options, _plan(options), cache))
    return 0


def run_ask(options: argparse.Namespace) -> int:
    """Shows what the run will take, asks, and records."""
    plan, identity = _plan(options), _identity(options)
    with ReplyCache() as cache:
        archive.fill_cache(options.model, cache, identity=identity)
        print(_summary(options, plan, cache), flush=True)
        endpoint = open_endpoint(options.model, options.base_url, options.transport)
        budget = Budget(options.max_questions, options.max_cost)
        try:
            tally = ask(plan, endpoint, cache, budget=budget, shard=options.shard)
        finally:
            endpoint.close()
        _tell(tally)
        if not options.cache_only:
            print(f"Recorded in {archive.record(plan, options.model, cache, identity=identity).parent}.")
    return 0


def _tell(tally: Tally) -> None:
    print(f"{tally.known} were answered before, {tally.asked} asked now, {tally.errors} without an answer.")
    if tally.asked - tally.statuses["ok"]:
        print("Not ok: " + ", ".join(f"{n} {status}" for status, n in tally.statuses.items() if status != "ok") + ".")
    if tally.elsewhere:
        print(f"{tally.elsewhere} belong to other shards.")
    if tally.stopped:
        print(f"Stopped: {tally.stopped}. The same command goes on from there.")


def run_answers(options: argparse.Namespace) -> int:
    """Records what the cache holds of a plan."""
    with ReplyCache() as cache:
        archive.fill_cache(options.model, cache, identity=_identity(options))
        path = archive.record(_plan(options), options.model, cache, identity=_identity(options))
    print(f"Recorded in {path.parent}.")
    return 0


def run_batch_write(options: argparse.Namespace) -> int:
    """Writes the requests that are not answered yet."""
    with ReplyCache() as cache:
        archive.fill_cache(options.model, cache, identity=_identity(options))
        chosen = settings.http_settings(options.model, settings.model_entry(options.model, options.base_url))
        files = batches.write(_plan(options), chosen, cache, options.folder, options.shard)
    print("\n".join(f"{path}: {n:,} requests" for path, n in files) or "Everything is answered; nothing was written.")
    return 0


def run_batch_read(options: argparse.Namespace) -> int:
    """Takes results in and records them."""
    plan, identity = _plan(options), _identity(options)
    chosen = settings.http_settings(options.model, settings.model_entry(options.model, options.base_url))
    with ReplyCache() as cache:
        _tell(batches.read(plan, chosen, cache, sorted(options.folder.glob("*.jsonl"))))
        print(f"Recorded in {archive.record(plan, options.model, cache, identity=identity).parent}.")
    return 0
