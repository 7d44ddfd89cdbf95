"""The asking loop: plan in, replies in the cache; what was answered before is never asked again."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pandas as pd
from tqdm.auto import tqdm

from lib.answers.reply import Reply
from lib.asking import planning
from lib.asking.cache import ReplyCache
from lib.asking.prompting import Composer, Prompt
from lib.asking.requests import Endpoint, Request, finish_key, key_stem
from lib.asking.settings import dollars
from lib.errors import StudyError

_CHUNK = 10_000
#: A kill loses what was answered since the last flush, of the last two seconds at most, and the requests in flight.
_FLUSH_REPLIES = 2_000
_FLUSH_SECONDS = 2.0
#: Until this many answers tell what one costs, it is estimated: on the high side, so that a budget holds.
_ENOUGH_ANSWERS = 20
#: When so many replies, the first of a run, all hold nothing that could be read, the rest would not either.
_ALL_SILENT = 50
CHARACTERS_A_TOKEN = 3.0
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
        silent: number of replies in which nothing was said that could be read.
        cost: of the replies, in US dollars; estimated where the server does not tell the tokens; nan where prices are
            unknown.
        stopped: why the run ended before the plan did; empty if it did not.
    """

    known: int = 0
    asked: int = 0
    errors: int = 0
    elsewhere: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    silent: int = 0
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


def requests(plan: pd.DataFrame, identity: str, composer: Composer | None = None) -> Iterator[Request]:
    """Yields the request of each row of the plan, in order."""
    for prompt, keys in _keyed(plan, identity, composer):
        for key in keys:
            yield Request(key, prompt)


def request_keys(plan: pd.DataFrame, identity: str, composer: Composer | None = None) -> list[str]:
    """Returns the keys of the requests alone, which is several times faster."""
    return [key for _, keys in _keyed(plan, identity, composer) for key in keys]


def _keyed(plan: pd.DataFrame, identity: str, composer: Composer | None) -> Iterator[tuple[Prompt, list[str]]]:
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
        StudyError: the plan has a mode that the endpoint lacks; no such shard; a budget of money and no prices; nothing
            to be read in any of the first replies; what the endpoint raises.
    """
    if lacking := set(plan["mode"].unique()) - set(endpoint.modes):
        raise StudyError(f"{endpoint.identity} cannot answer in mode {', '.join(sorted(lacking))}.")
    if not 0 <= shard[0] < shard[1]:
        raise StudyError(f"There is no shard {shard[0]} of {shard[1]}: they count from 0.")
    if budget and budget.money is not None and not endpoint.prices.known:
        raise StudyError(
            "A budget of money needs prices: price_in and price_out in the model's table in data/raw/models.toml, or "
            "--price-in and --price-out (US dollars for a million tokens; 0 for a server of one's own)."
        )
    with tqdm(total=len(plan), unit=" questions", smoothing=0.05, disable=not progress) as bar:
        composer = Composer.of(plan)
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
    composer: Composer
    tally: Tally = field(default_factory=Tally)
    handed: int = 0
    unflushed: set[str] = field(default_factory=set)
    waiting: dict[str, str] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    flushed: float = field(default_factory=time.monotonic)

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
            self.cache.note(self.endpoint.identity, self.endpoint.served(), rate, self.endpoint.reading)

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
        prices = self.endpoint.prices
        cost = prices.cost(reply.tokens_in, reply.tokens_out) if reply.tokens_in else self._estimate(request)
        self.tally.count(reply, cost)
        if reply.status == "error":
            self.unflushed.discard(request.key)
        else:
            self.waiting[request.key] = reply.to_json()
        self._notice_silence(request, reply)
        self.bar.update()
        if len(self.waiting) >= _FLUSH_REPLIES or time.monotonic() - self.flushed > _FLUSH_SECONDS:
            self._flush()

    def _notice_silence(self, request: Request, reply: Reply) -> None:
        """Stops a run whose replies so far hold no option, or nothing outside of reasoning."""
        mode = request.prompt.mode
        if reply.status != "unparsed" or (mode == "text" and reply.message):
            return
        self.tally.silent += 1
        if self.tally.silent == self.tally.asked >= _ALL_SILENT:
            raise StudyError(f"{self.endpoint.identity}: {_silence(mode, self.tally.silent, reply.message)}")

    def _flush(self) -> None:
        if self.waiting:
            self.cache.put_texts(self.waiting)
            self.unflushed.difference_update(self.waiting)
        self.waiting, self.flushed = {}, time.monotonic()
        self.bar.set_postfix_str(
            f"{self.tally.share_not_ok:.1%} not ok, cost {dollars(self.tally.cost)}", refresh=False
        )

    def _spent(self, request: Request) -> bool:
        """Whether the next question would go beyond the budget, those under way counted in."""
        budget, tally = self.budget, self.tally
        if budget.questions is not None and self.handed >= budget.questions:
            tally.stopped = f"the budget of {budget.questions:,} questions is used up"
        elif budget.money is not None:
            each = tally.cost / tally.asked if tally.asked >= _ENOUGH_ANSWERS else self._estimate(request)
            if tally.cost + (self.handed - tally.asked + 1) * each > budget.money:
                spent = dollars(tally.cost, digits=4)
                tally.stopped = f"the budget of {dollars(budget.money)} is used up ({spent} spent)"
        return bool(tally.stopped)

    def _estimate(self, request: Request) -> float:
        tokens_in = (len(request.prompt.prime) + len(request.prompt.text)) / CHARACTERS_A_TOKEN
        return self.endpoint.prices.cost(tokens_in, TOKENS_OUT[request.prompt.mode])


def _silence(mode: str, n: int, likeliest: str) -> str:
    """What to do about a model that has said nothing to be read in its first n replies."""
    thinking = (
        "switch its reasoning off (in models.toml body = { chat_template_kwargs = { enable_thinking = false } }, where "
        "the server knows that)"
    )
    if mode == "text":
        return (
            f"none of the first {n} replies says anything outside of reasoning. Give it more room (in models.toml "
            f"text = {{ max_tokens = 4096 }}), or {thinking}."
        )
    return (
        f"in none of the first {n} replies did the options get enough of the probability; the likeliest first token "
        f"was {likeliest!r}. If the model reasons before it answers, {thinking}, or ask it in the mode 'text' "
        "(--modes text). How much is enough is least_on_options in models.toml."
    )
