"""The asking loop: plan in, replies in the cache; what was answered before is never asked again."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pandas as pd
from tqdm.auto import tqdm

from lib import planning
from lib.errors import StudyError
from lib.prompting import Prompt
from lib.querying.cache import ReplyCache
from lib.querying.endpoints import Endpoint, Prices, Reply, Request, finish_key, key_stem

_CHUNK = 10_000
#: A kill loses what was answered since the last flush, of the last two seconds at most, and the requests in flight.
_FLUSH_REPLIES = 2_000
_FLUSH_SECONDS = 2.0
#: Until this many answers tell what one costs, it is estimated: on the high side, so that a budget holds.
_ENOUGH_ANSWERS = 20
CHARACTERS_A_TOKEN = 3.0
_FREE = Prices()
TOKENS_OUT = {"likelihood": 1, "choice": 1, "text": 512}


@dataclass(frozen=True)
class Budget:
    """Where to stop: after so many questions, or before more than so much money (US dollars) is spent."""

    questions: int | None = None
    money: float | None = None


@dataclass
class Tally:
    """How a run went.

    Attributes:
        known: questions met in the cache, or met twice in the plan.
        asked: questions asked now, those without an answer included.
        errors: questions asked now that ended without an answer.
        elsewhere: questions of other shards.
        statuses: number of replies by status.
        cost: of the replies, in US dollars; estimated where the server does not tell the tokens.
        stopped: why the run ended before the plan did; empty if it did not.
    """

    known: int = 0
    asked: int = 0
    errors: int = 0
    elsewhere: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    cost: float = 0.0
    stopped: str = ""

    @property
    def share_not_ok(self) -> float:
        """The share of the replies that are not `ok`, from 0 to 1."""
        return 1 - self.statuses["ok"] / self.asked if self.asked else 0.0

    def count(self, reply: Reply, cost: float) -> None:
        """Counts a reply and what it cost."""
        self.asked += 1
        self.errors += reply.status == "error"
        self.statuses[reply.status] += 1
        self.cost += cost


def requests(plan: pd.DataFrame, identity: str, composer: planning.Composer | None = None) -> Iterator[Request]:
    """Yields the request of each row of the plan, in order."""
    for prompt, keys in _keyed(plan, identity, composer):
        for key in keys:
            yield Request(key, prompt)


def request_keys(plan: pd.DataFrame, identity: str, composer: planning.Composer | None = None) -> list[str]:
    """Returns the keys of the requests alone, which is several times faster."""
    return [key for _, keys in _keyed(plan, identity, composer) for key in keys]


def _keyed(plan: pd.DataFrame, identity: str, composer: planning.Composer | None) -> Iterator[tuple[Prompt, list[str]]]:
    for prompt, replicates in planning.runs(plan, composer):
        stem = key_stem(identity, prompt)
        yield prompt, [finish_key(stem, replicate) for replicate in replicates]


def ask(
    plan: pd.DataFrame,
    endpoint: Endpoint,
    cache: ReplyCache,
    progress: bool = True,
    budget: Budget | None = None,
    shard: tuple[int, int] = (0, 1),
) -> Tally:
    """Asks every question of the plan that has no reply in the cache, and stores the replies as they come.

    On Ctrl-C (or any exception) everything answered so far is stored before it goes on up. Replies with the status
    `error` are not stored, so the next run asks them again. Of several processes with one cache each asks a part; what
    another is at is waited for and then looked up.

    Args:
        plan: the questions.
        endpoint: the model.
        cache: where replies are looked up and stored.
        progress: whether to show a bar with rate, time left, cost and the share of replies that are not `ok`.
        budget: where to stop.
        shard: (k, n): of n machines with caches of their own, this is number k, from 0.

    Raises:
        StudyError: the plan has a mode that the endpoint lacks; no such shard; what the endpoint raises.
    """
    if lacking := set(plan["mode"].unique()) - set(endpoint.modes):
        raise StudyError(f"{endpoint.identity} cannot answer in mode {', '.join(sorted(lacking))}.")
    if not 0 <= shard[0] < shard[1]:
        raise StudyError(f"There is no shard {shard[0]} of {shard[1]}: they count from 0.")
    with tqdm(total=len(plan), unit=" questions", smoothing=0.05, disable=not progress) as bar:
        composer = planning.Composer.of(plan)
        run = _Run(plan, endpoint, cache, bar, budget or Budget(), shard, composer)
        todo: Sequence[int] = range(0, len(plan), _CHUNK)
        try:
            while todo := run.through(todo):
                cache.claim(run.claim_name(todo[0]), wait=True)
        finally:
            run.finish()
    return run.tally


@dataclass
class _Run:
    """One run over a plan. Memory does not grow with the plan: chunks come and go, and so do their keys."""

    plan: pd.DataFrame
    endpoint: Endpoint
    cache: ReplyCache
    bar: tqdm
    budget: Budget
    shard: tuple[int, int]
    composer: planning.Composer
    tally: Tally = field(default_factory=Tally)
    handed: int = 0
    unflushed: set[str] = field(default_factory=set)
    waiting: dict[str, str] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    flushed: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.prices: Prices = getattr(self.endpoint, "prices", _FREE)

    def through(self, starts: Sequence[int]) -> list[int]:
        """Asks the chunks that start at these rows; returns those that another process is at."""
        busy: list[int] = []
        try:
            for request, reply in self.endpoint.ask(self._unanswered(starts, busy)):
                self._take(request, reply)
        finally:
            self._flush()
        self.cache.release()
        return [] if self.tally.stopped else busy

    def finish(self) -> None:
        """Notes who answered and how fast; the claims end."""
        self._flush()
        self.cache.release()
        if self.tally.asked:
            rate = self.tally.asked / max(time.monotonic() - self.started, 1e-6)
            served = getattr(self.endpoint, "served", dict)()
            self.cache.note(self.endpoint.identity, served, rate)

    def claim_name(self, start: int) -> str:
        """What a chunk is claimed by: its first and last question, the same in every process with this plan."""
        k, n = self.shard
        ends = self.plan.iloc[[start, min(start + _CHUNK, len(self.plan)) - 1]]
        keys = (r.key for r in requests(ends, self.endpoint.identity, self.composer))
        return f"{' '.join(keys)} {k}/{n}"

    def _unanswered(self, starts: Sequence[int], busy: list[int]) -> Iterator[Request]:
        for start in starts:
            if not self.cache.claim(self.claim_name(start)):
                busy.append(start)
                continue
            for request in self._lacking(start):
                if self._spent(request):
                    return
                self.handed += 1
                yield request

    def _lacking(self, start: int) -> Iterator[Request]:
        """Yields the requests of a chunk that have no reply and are not under way."""
        k, n = self.shard
        rows = self.plan.iloc[start : start + _CHUNK]
        # Ten thousand objects at once, rather than text, would keep the garbage collector busy.
        chunk = {key: prompt for prompt, keys in _keyed(rows, self.endpoint.identity, self.composer) for key in keys}
        mine = [key for key in chunk if n == 1 or int(key, 16) % n == k]
        # First what is under way, then what is stored: a reply on its way from one to the other is seen in one.
        taken = set(self.unflushed)
        taken |= self.cache.texts(mine).keys()
        lacking = [key for key in mine if key not in taken]
        self.unflushed.update(lacking)
        self.tally.elsewhere += len(chunk) - len(mine)
        self.tally.known += len(rows) - len(chunk) + len(mine) - len(lacking)
        self.bar.update(len(rows) - len(lacking))
        yield from (Request(key, chunk[key]) for key in lacking)

    def _take(self, request: Request, reply: Reply) -> None:
        cost = self.prices.cost(reply.tokens_in, reply.tokens_out) if reply.tokens_in else self._estimate(request)
        self.tally.count(reply, cost)
        if reply.status == "error":
            self.unflushed.discard(request.key)
        else:
            self.waiting[request.key] = reply.to_json()
        self.bar.update()
        if len(self.waiting) >= _FLUSH_REPLIES or time.monotonic() - self.flushed > _FLUSH_SECONDS:
            self._flush()

    def _flush(self) -> None:
        if self.waiting:
            self.cache.put_texts(self.waiting)
            self.unflushed.difference_update(self.waiting)
        self.waiting, self.flushed = {}, time.monotonic()
        self.bar.set_postfix_str(f"{self.tally.share_not_ok:.1%} not ok, ${self.tally.cost:.2f}", refresh=False)

    def _spent(self, request: Request) -> bool:
        """Whether the next question would go beyond the budget, those under way counted in."""
        budget, tally = self.budget, self.tally
        if budget.questions is not None and self.handed >= budget.questions:
            tally.stopped = f"the budget of {budget.questions:,} questions is used up"
        elif budget.money is not None:
            each = tally.cost / tally.asked if tally.asked >= _ENOUGH_ANSWERS else self._estimate(request)
            if tally.cost + (self.handed - tally.asked + 1) * each > budget.money:
                tally.stopped = f"the budget of ${budget.money:,.2f} is used up (${tally.cost:,.4f} spent)"
        return bool(tally.stopped)

    def _estimate(self, request: Request) -> float:
        tokens_in = (len(request.prompt.prime) + len(request.prompt.text)) / CHARACTERS_A_TOKEN
        return self.prices.cost(tokens_in, TOKENS_OUT[request.prompt.mode])
