"""Manners towards servers: how many requests at once, which address next, when to wait and when to give up."""

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import inf

from lib.errors import StudyError

#: Times one question is put before it ends as `error`.
ATTEMPTS = 8
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
_LONGEST_RETRY_AFTER_S = 600.0
_BENCH_AFTER, _FIRST_BENCH_S, _LONGEST_BENCH_S = 3, 1.0, 60.0
#: Longest time without a connection at the start of a run. The third attempt comes after 0.75 seconds at the earliest.
_DEAD_S = 0.7
#: Requests in flight at first: a server with one slot must not be left with a pile that it works off for nobody.
_FIRST_IN_FLIGHT = 4
#: Questions that may end as `error` in a row, with no answer between, before the run stops.
_HOPELESS = 50
#: Responses of one kind, with no answer before, that show what a server is like.
_SPOILED = 3


def backoff(attempt: int, retry_after: float | None, chance: random.Random) -> float:
    """Returns how long to wait before the next attempt, in seconds.

    Args:
        attempt: how often it was tried, from 1.
        retry_after: what the server asked for, in seconds; the longer of both counts.
        chance: source of the jitter, which keeps clients from coming back all at once.
    """
    longest = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** (attempt - 1))
    waited = longest * chance.uniform(0.5, 1.0)
    return waited if retry_after is None else max(waited, retry_after + waited * 0.1)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Returns the seconds a server asks to wait: `retry-after-ms`, or `Retry-After` as seconds or as a date."""
    named = {name.lower(): value for name, value in headers.items() if name.lower().startswith("retry-after")}
    try:
        if "retry-after-ms" in named:
            seconds = float(named["retry-after-ms"]) / 1000
        elif (value := named.get("retry-after", "").strip()).replace(".", "", 1).isdigit():
            seconds = float(value)
        else:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER_S)


class Throttle:
    """How many requests may be in flight: few at first, more with answers, fewer after a 429 or a time-out (AIMD)."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = float(min(most, _FIRST_IN_FLIGHT))
        self.active = 0
        self._waiting: deque[asyncio.Future] = deque()
        self._lowered = 0.0
        self._quickest = inf

    async def enter(self) -> None:
        """Waits for a place."""
        while self.active >= int(self.limit):
            place = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
            await place
        self.active += 1

    def leave(self) -> None:
        """Gives the place back."""
        self.active -= 1
        free = int(self.limit) - self.active
        while self._waiting and free > 0:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                free -= 1

    def answered(self, took_s: float) -> None:
        """Counts an answer and the seconds it took.

        It makes room for one more request while the server keeps pace: answers take as long as they did with few in
        flight, and none was refused or late. Otherwise for one more in every `limit` answers.
        """
        if self.limit < self.most:
            self._quickest = min(self._quickest, took_s)
            keeps_pace = not self._lowered and took_s < 2 * self._quickest + 0.1
            self.limit = min(self.most, self.limit + (1.0 if keeps_pace else 1 / self.limit))

    def overloaded(self) -> None:
        """Counts a 429 or a time-out; many at once are one sign, not many."""
        now = time.monotonic()
        if now - self._lowered > 0.25:
            self.limit, self._lowered = max(1.0, self.limit * 0.7), now


@dataclass
class _Server:
    url: str
    active: int = 0
    failures: int = 0
    benched_until: float = 0.0
    calls: int = 0
    is_dead: bool = False


class Servers:
    """The addresses of one model: the one with the fewest requests is next, one that fails sits out for a while."""

    def __init__(self, urls: Sequence[str]) -> None:
        self.all = [_Server(url) for url in urls]

    def next(self) -> _Server:
        """Returns the address for the next request; if all sit out, the one that is back first."""
        if len(self.all) == 1:
            server = self.all[0]
        else:
            now = time.monotonic()
            playing = [s for s in self.all if s.benched_until <= now]
            server = (
                min(playing, key=lambda s: (s.active, s.calls))
                if playing
                else min(self.all, key=lambda s: s.benched_until)
            )
        server.active += 1
        server.calls += 1
        return server

    def done(self, server: _Server, failed: bool, connected: bool = True) -> None:
        """Takes note of how a request to an address went; a 429 is no failure."""
        server.is_dead = not connected
        server.active -= 1
        if not failed:
            server.failures = 0
            return
        server.failures += 1
        if server.failures >= _BENCH_AFTER:
            bench = min(_LONGEST_BENCH_S, _FIRST_BENCH_S * 2 ** (server.failures - _BENCH_AFTER))
            server.benched_until = time.monotonic() + bench

    def are_dead(self) -> bool:
        """Whether none of the addresses could be connected to when last tried."""
        return all(server.is_dead for server in self.all)


class Breaker:
    """Stops a run that leads nowhere, instead of burning through the plan."""

    def __init__(self, who: str, patience_s: float) -> None:
        self.who, self.patience_s = who, patience_s
        self._last_answer = time.monotonic()
        self._hopeless = 0
        self._answers = 0
        self._spoiled: Counter[str] = Counter()

    def answered(self) -> None:
        """Counts a usable answer."""
        self._last_answer = time.monotonic()
        self._hopeless = 0
        self._answers += 1

    def failed(self, fault: str, told_to_wait_s: float = 0.0, dead: bool = False) -> None:
        """Counts a failed attempt; the time a server tells to wait is not held against it.

        Args:
            fault: what went wrong.
            told_to_wait_s: seconds that the server asked for.
            dead: whether nothing listens at any address.

        Raises:
            StudyError: nothing has been answered for longer than the patience, which is short where nothing listens.
        """
        now = time.monotonic()
        if told_to_wait_s:
            self._last_answer = max(self._last_answer, now + told_to_wait_s)
        waited = now - self._last_answer
        if dead and not self._answers and waited > _DEAD_S:
            raise StudyError(f"{self.who}: nothing answers there. {fault}. Check the address and that the server runs.")
        if waited > self.patience_s:
            raise StudyError(
                f"{self.who}: no answer for {waited:.0f} s. Last fault: {fault}. Check that the server runs at that "
                "address and try again; everything answered so far is kept. A slow server needs a longer --timeout or "
                "a lower --concurrency (timeout_s and concurrency in models.toml)."
            )

    def gave_up(self, fault: str) -> None:
        """Counts a question that ended as `error`.

        Raises:
            StudyError: so many in a row that the rest would end likewise.
        """
        self._hopeless += 1
        if self._hopeless >= _HOPELESS:
            raise StudyError(
                f"{self.who}: {self._hopeless} questions in a row had no answer. Last fault: {fault}. Everything "
                "answered so far is kept; errors are asked again by the next run."
            )

    def spoiled(self, kind: str, fault: str, advice: str) -> None:
        """Counts a response that is none in a way that may be all the server can.

        Raises:
            StudyError: the third of its kind, and the server has never answered otherwise.
        """
        self._spoiled[kind] += 1
        if self._answers == 0 and self._spoiled[kind] >= _SPOILED:
            raise StudyError(f"{self.who}: {fault}. {advice}")

    def resume(self) -> None:
        """Starts the patience anew, for a run that begins now."""
        self._last_answer = time.monotonic()
