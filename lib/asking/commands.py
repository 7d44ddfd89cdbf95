"""The commands that ask: `plan`, `ask`, `answers`, `batch-write`, `batch-read`, `verify`."""

import argparse
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lib.asking import batches, estimating, homes, planning, recording, settings
from lib.asking.cache import ReplyCache
from lib.asking.endpoints import model_identity, model_modes, model_prices, open_endpoint
from lib.asking.runner import Budget, Tally, ask
from lib.asking.settings import DEFAULT_MODEL
from lib.asking.verify import TOLERANCE, compare, draw
from lib.errors import StudyError
from lib.materials import induction, instruments, questions
from lib.materials.persons import PERSONS


def add(name: str, parser: argparse.ArgumentParser) -> None:
    """Adds a command's options to its parser."""
    parser.set_defaults(run=_RUN[name])
    if name == "verify":
        _add_verify(parser)
        return
    _add_plan(parser)
    if name in ("plan", "ask", "batch-read"):
        parser.add_argument("--price-in", type=float, metavar="USD", help="for a million tokens read (models.toml's)")
        parser.add_argument(
            "--price-out", type=float, metavar="USD", help="for a million tokens written (models.toml's)"
        )
    if name in ("ask", "batch-read"):
        told = "what the server calls the model in its replies, where that is another name"
        parser.add_argument("--answers-as", nargs="+", metavar="NAME", help=told)
    if name == "ask":
        parser.add_argument("--concurrency", type=_positive, metavar="N", help="most requests in flight (64)")
        parser.add_argument(
            "--timeout", type=float, metavar="S", dest="timeout_s", help="longest wait for a reply (60)"
        )
        parser.add_argument("--cache-only", action="store_true", help="keep the replies in the cache, record nothing")
        parser.add_argument("--transport", choices=settings.TRANSPORTS, help="client (by address)")
        parser.add_argument("--max-questions", type=int, metavar="N", help="stop after asking N questions")
        parser.add_argument("--max-cost", type=float, metavar="USD", help="stop before more than this is spent")
    if name in ("ask", "batch-write"):
        parser.add_argument("--shard", type=_shard, default=(0, 1), metavar="K/N", help="part K of N, from 0")
    if name == "batch-write":
        parser.add_argument("--folder", type=Path, required=True, help="where the files go")
    if name == "batch-read":
        parser.add_argument("--folder", type=Path, required=True, help="where the result files (*.jsonl) lie")


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default=DEFAULT_MODEL, help="a model with recorded answers (%(default)s)")
    parser.add_argument("--sample", type=_positive, default=240, help="how many questions (%(default)s)")
    parser.add_argument("--seed", type=int, default=None, help="of the draw (another one each time)")


def _add_plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default=DEFAULT_MODEL, help="of data/raw/models.toml, or a server's (%(default)s)")
    parser.add_argument("--base-url", nargs="+", default=(), metavar="URL", help="where a server of one's own answers")
    _choice(parser, "instruments", instruments.names(), "questionnaires", None, "all whose texts are to be had")
    _choice(parser, "modes", questions.ALL_MODES, "response modes", default=None, otherwise="the model's")
    header = "what the questionnaire's header says, or all"
    _choice(parser, "inductions", induction.inductions(), "ways to put a value (none is always asked)", None, header)
    _choice(parser, "wordings", induction.wordings(), "wordings of the prime", None, header)
    by_mode = "; ".join(f"{mode}: {', '.join(persons)}" for mode, persons in questions.PERSONS_OF_MODE.items())
    _choice(parser, "persons", tuple(PERSONS), "grammatical persons", None, f"what the header says, or {by_mode}")
    _choice(parser, "orders", questions.ORDERS, "orders of the response options", ["listed"], "listed")
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


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def _shard(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form K/N")
    return int(found[1]), int(found[2])


def _plan(options: argparse.Namespace) -> pd.DataFrame:
    return planning.standing_plan(
        options.instruments or planning.to_be_had(),
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


def _own(options: argparse.Namespace) -> dict[str, object]:
    """The settings given as options, to be used instead of the listed ones."""
    names = ("transport", "concurrency", "timeout_s", "price_in", "price_out", "answers_as")
    return {name: getattr(options, name, None) for name in names}


def _http_settings(options: argparse.Namespace) -> settings.HttpSettings:
    return settings.http_settings(options.model, settings.model_entry(options.model, options.base_url, **_own(options)))


def _summary(options: argparse.Namespace, plan: pd.DataFrame, cache: ReplyCache) -> str:
    prices = model_prices(options.model, options.base_url, **_own(options))
    table = estimating.summary(plan, _identity(options), cache, prices)
    context = settings.model_entry(options.model, options.base_url).get("context", 0)
    longest = int(table["longest_prompt"].iloc[-1])
    if 0 < context < longest:
        raise StudyError(f"{options.model} reads {context:,} tokens at most; the longest prompt has about {longest:,}.")
    return estimating.shown(table)


def run_plan(options: argparse.Namespace) -> int:
    """Prints what a run would take."""
    with ReplyCache() as cache:
        recording.fill_cache(options.model, cache, identity=_identity(options))
        print(_summary(options, _plan(options), cache))
    homes.held(options.model, _identity(options))
    return 0


def run_ask(options: argparse.Namespace) -> int:
    """Shows what the run will take, asks, and records."""
    identity = _identity(options)
    if not options.cache_only:
        homes.check(options.model, identity)
    plan = _plan(options)
    with ReplyCache() as cache:
        recording.fill_cache(options.model, cache, identity=identity)
        print(_summary(options, plan, cache), flush=True)
        endpoint = open_endpoint(options.model, options.base_url, **_own(options))
        budget = Budget(options.max_questions, options.max_cost)
        try:
            tally = ask(plan, endpoint, cache, budget=budget, shard=options.shard)
        finally:
            endpoint.close()
        _tell(tally)
        if not options.cache_only:
            print(f"Recorded in {recording.record(plan, options.model, cache, identity=identity).parent}.")
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
    homes.check(options.model, _identity(options))
    with ReplyCache() as cache:
        recording.fill_cache(options.model, cache, identity=_identity(options))
        path = recording.record(_plan(options), options.model, cache, identity=_identity(options))
    print(f"Recorded in {path.parent}.")
    return 0


def run_batch_write(options: argparse.Namespace) -> int:
    """Writes the requests that are not answered yet."""
    homes.held(options.model, _identity(options))
    with ReplyCache() as cache:
        recording.fill_cache(options.model, cache, identity=_identity(options))
        files = batches.write(_plan(options), _http_settings(options), cache, options.folder, options.shard)
    print("\n".join(f"{path}: {n:,} requests" for path, n in files) or "Everything is answered; nothing was written.")
    return 0


def run_batch_read(options: argparse.Namespace) -> int:
    """Takes results in and records them."""
    homes.check(options.model, _identity(options))
    plan, identity = _plan(options), _identity(options)
    with ReplyCache() as cache:
        _tell(batches.read(plan, _http_settings(options), cache, sorted(options.folder.glob("*.jsonl"))))
        print(f"Recorded in {recording.record(plan, options.model, cache, identity=identity).parent}.")
    return 0


def run_verify(options: argparse.Namespace) -> int:
    """Asks a sample of recorded questions again and tells the largest difference."""
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


_RUN = {
    "plan": run_plan,
    "ask": run_ask,
    "answers": run_answers,
    "batch-write": run_batch_write,
    "batch-read": run_batch_read,
    "verify": run_verify,
}
