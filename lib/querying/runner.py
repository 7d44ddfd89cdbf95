"""The asking loop: plan in, replies in the cache; what was answered before is never asked again."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import pandas as pd
from tqdm.auto import tqdm

from lib import planning
from lib.errors import StudyError
from lib.querying.cache import ReplyCache
from lib.querying.endpoints import Endpoint, Reply, Request, request_key

_CHUNK = 10_000
_FLUSH_REPLIES = 1_000
_FLUSH_SECONDS = 2.0


@dataclass
class Tally:
    """How a run went: questions met in the cache, asked now, and asked without an answer."""

    known: int = 0
    asked: int = 0
    errors: int = 0


def requests(plan: pd.DataFrame, identity: str) -> Iterator[Request]:
    """Yields the request of each row of the plan, in order."""
    for prompt, replicate in zip(planning.prompts(plan), plan["replicate"], strict=True):
        yield Request(request_key(identity, prompt, int(replicate)), prompt)


def ask(plan: pd.DataFrame, endpoint: Endpoint, cache: ReplyCache, progress: bool = True) -> Tally:
    """Asks every question of the plan that has no reply in the cache, and stores the replies as they come.

    On Ctrl-C (or any exception) everything answered so far is stored before it goes on up. Replies with the status
    `error` are not stored, so the next run asks them again.

    Raises:
        StudyError: the plan has a mode that the endpoint lacks.
    """
    if lacking := set(plan["mode"].unique()) - set(endpoint.modes):
        raise StudyError(f"{endpoint.identity} cannot answer in mode {', '.join(sorted(lacking))}.")
    tally = Tally()
    with tqdm(total=len(plan), unit=" questions", smoothing=0.05, disable=not progress) as bar:
        buffer = _Buffer(cache)
        try:
            for _, reply, key in _replies(plan, endpoint, cache, tally, bar):
                tally.asked += 1
                tally.errors += reply.status == "error"
                buffer.add(key, reply)
                bar.update()
        finally:
            buffer.flush()
    return tally


def _replies(
    plan: pd.DataFrame, endpoint: Endpoint, cache: ReplyCache, tally: Tally, bar: tqdm
) -> Iterator[tuple[Request, Reply, str]]:
    for request, reply in endpoint.ask(_unanswered(plan, endpoint.identity, cache, tally, bar)):
        yield request, reply, request.key


def _unanswered(plan: pd.DataFrame, identity: str, cache: ReplyCache, tally: Tally, bar: tqdm) -> Iterator[Request]:
    """Yields what the cache lacks, chunk by chunk, so that memory does not grow with the plan."""
    stream = requests(plan, identity)
    seen: set[str] = set()
    while chunk := list(islice(stream, _CHUNK)):
        known = cache.get_many(r.key for r in chunk)
        for request in chunk:
            if request.key in known or request.key in seen:
                tally.known += 1
                bar.update()
            else:
                seen.add(request.key)
                yield request


@dataclass
class _Buffer:
    """Replies on their way to the cache, written in batches: at most two seconds' worth can be lost to a kill."""

    cache: ReplyCache
    waiting: dict[str, Reply] = field(default_factory=dict)
    flushed: float = field(default_factory=time.monotonic)

    def add(self, key: str, reply: Reply) -> None:
        if reply.status != "error":
            self.waiting[key] = reply
        if len(self.waiting) >= _FLUSH_REPLIES or time.monotonic() - self.flushed > _FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        if self.waiting:
            self.cache.put_many(self.waiting)
        self.waiting, self.flushed = {}, time.monotonic()
