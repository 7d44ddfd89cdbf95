"""A model behind an OpenAI-compatible address, as an endpoint: requests in, replies out, faults dealt with.

The event loop has a thread of its own, so that it works in Jupyter, whose loop already runs. Requests go over in
batches, replies come back in batches; never more than a window of both is held.
"""

import asyncio
import queue
import random
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import orjson

from lib.errors import StudyError
from lib.prompting import Prompt
from lib.querying import traffic, wire
from lib.querying.endpoints import Reply, Request
from lib.querying.settings import HTTP_MODES, HttpSettings
from lib.querying.transports import BY_NAME, Answer, Transport, UnreachableError

#: HTTP statuses that another attempt may cure.
RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_HAND_OVER_S = 0.01
_QUOTA = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_TRUTH = Prompt("likelihood", "The capital of France is Paris.", "The capital of Italy is Rome.")
_SALAD = Prompt("likelihood", "The capital of France is Paris.", "Rome the Italy is of capital.")


class RemoteEndpoint:
    """A model behind one or several addresses."""

    def __init__(self, settings: HttpSettings) -> None:
        """Reads the key from the environment; nothing is sent before the first question.

        Raises:
            StudyError: a provider's address and no key.
        """
        self.settings = settings
        self.identity = settings.identity
        # Which of them the server is up to shows when it is asked; `settings.modes` are those asked by default.
        self.modes = HTTP_MODES
        self.prices = settings.prices
        self._key = settings.api_key()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._transport: Transport | None = None
        self._served: Counter[str] = Counter()
        self._probe: asyncio.Task | None = None
        self._chance = random.Random(0)
        self._throttle = traffic.Throttle(settings.concurrency)
        self._servers = traffic.Servers(settings.base_url)
        self._breaker = traffic.Breaker(f"{settings.title} at {settings.base_url[0]}", settings.patience_s)

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Reply]]:
        """Yields a reply for each request as it comes; draws at most a window of requests ahead.

        Raises:
            StudyError: key, address, quota or mode is wrong, or nothing answers.
        """
        stream = iter(requests)
        window = 8 * self.settings.concurrency
        exchange = _Exchange(self._started_loop())
        self._breaker.resume()
        outstanding = 0
        workers = asyncio.run_coroutine_threadsafe(self._work(exchange), exchange.loop)
        workers.add_done_callback(exchange.ended)
        try:
            while True:
                drawn = list(islice(stream, window - outstanding))
                exchange.send(drawn)
                outstanding += len(drawn)
                if not outstanding:
                    return
                replies = exchange.receive()
                outstanding -= len(replies)
                yield from replies
        finally:
            workers.cancel()

    def served(self) -> dict[str, int]:
        """Returns how often which model snapshot and fingerprint answered, and starts counting anew."""
        counted, self._served = self._served, Counter()
        return dict(counted)

    def close(self) -> None:
        """Closes all connections and ends the thread; safe to call twice."""
        if self._loop is None:
            return
        if self._transport is not None:
            asyncio.run_coroutine_threadsafe(self._transport.close(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._loop = self._transport = None

    def _started_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=_run_loop, args=(self._loop,), name="asking", daemon=True).start()
        return self._loop

    async def _work(self, exchange: "_Exchange") -> None:
        if self._transport is None:
            chosen = self.settings.transport or ("openai" if self.settings.hosted else "bulk")
            settings = self.settings
            self._transport = BY_NAME[chosen](self._key.value, settings.concurrency, settings.timeout_s)
        async with asyncio.TaskGroup() as group:
            for _ in range(self.settings.concurrency):
                group.create_task(self._worker(exchange))

    async def _worker(self, exchange: "_Exchange") -> None:
        while True:
            request = await exchange.next()
            if request.prompt.mode == "likelihood":
                await self._probed()
            exchange.put((request, await self._answer(request)))

    async def _answer(self, request: Request) -> Reply:
        """Puts a question until it is answered, its attempts are used up, or the breaker ends the run."""
        body, where = wire.body(self.settings, request), wire.path(request.prompt.mode)
        fault = ""
        for attempt in range(1, traffic.ATTEMPTS + 1):
            outcome, wait = await self._attempt(request, where, body)
            if isinstance(outcome, Reply):
                if outcome.status != "error":
                    self._breaker.answered()
                else:
                    self._breaker.gave_up(outcome.message)
                return outcome
            fault = outcome
            self._breaker.failed(fault, wait or 0.0)
            if attempt < traffic.ATTEMPTS:
                await asyncio.sleep(traffic.backoff(attempt, wait, self._chance))
        self._breaker.gave_up(fault)
        return Reply("error", message=f"{fault} ({traffic.ATTEMPTS} attempts)")

    async def _attempt(self, request: Request, where: str, body: dict[str, Any]) -> tuple[Reply | str, float | None]:
        """Returns a final reply, or the fault that another attempt may cure and how long the server says to wait."""
        await self._throttle.enter()
        server = self._servers.next()
        failed = True
        try:
            answer = await self._transport.post(server.url, where, body)
            failed = answer.status >= 500
        except UnreachableError as error:
            return f"{server.url}: {error}", None
        finally:
            self._servers.done(server, failed)
            self._throttle.leave()
        if answer.status == 200:
            return self._read(request, answer), None
        return self._refusal(answer, server.url)

    def _read(self, request: Request, answer: Answer) -> Reply | str:
        try:
            payload = orjson.loads(answer.content)
            reply = wire.reply(request, payload)
        except orjson.JSONDecodeError:
            return "the response is not JSON"
        except wire.NoLogprobsError as error:
            self._breaker.without_logprobs(str(error), request.prompt.mode)
            return str(error)
        except wire.UnusableError as error:
            return str(error)
        self._throttle.answered()
        self._served[wire.who_answered(payload)] += 1
        return reply

    def _refusal(self, answer: Answer, url: str) -> tuple[Reply | str, float | None]:
        """Sorts an HTTP status: to be cured by waiting, this question's own fault, or the end of the run."""
        said = _error_text(answer.content, self._key.value)
        fault = f"HTTP {answer.status}: {said}"
        settings = self.settings
        if answer.status in (401, 403):
            raise StudyError(f"{url} rejects the key in {settings.key_variable} ({fault}). Set the right one.")
        if answer.status == 402 or any(word in said for word in _QUOTA):
            raise StudyError(f"{url}: the account has no credit left ({fault}). Everything answered so far is kept.")
        if answer.status == 404:
            raise StudyError(f"{url} does not know the model {settings.model!r} or the path ({fault}).")
        if answer.status not in RETRIED:
            return Reply("error", message=fault), None
        wait = traffic.retry_after(answer.headers)
        if answer.status == 429 or (answer.status == 503 and wait is not None):
            self._throttle.refused()
        return fault, wait

    async def _probed(self) -> None:
        """Waits until the server's prompt log-probabilities are known to mean something."""
        if self._probe is None or self._probe.cancelled():
            self._probe = asyncio.create_task(self._compare_truth_and_salad())
        await asyncio.shield(self._probe)

    async def _compare_truth_and_salad(self) -> None:
        """Refuses a server whose prompt log-probabilities are missing or mean nothing, before any is recorded."""
        truth, salad = [await self._answer(Request("0" * 32, p)) for p in (_TRUTH, _SALAD)]
        if truth.status != "ok" or salad.status != "ok" or not truth.logprob > salad.logprob:
            raise StudyError(
                f"{self.settings.title} does not give the log-probabilities of a prompt (echo): a sentence and its "
                f"words out of order came back as {_outcome(truth)} and {_outcome(salad)}. The mode 'likelihood' needs "
                "them: vLLM has them; llama.cpp's server gives none, llama-cpp-python's those of the wrong tokens. "
                "Ask it in the mode 'choice' or 'text'."
            )


def _outcome(reply: Reply) -> str:
    return f"{reply.logprob:.3f}" if reply.logprob is not None else f"{reply.status} ({reply.message})"


def _error_text(content: bytes, key: str | None) -> str:
    """The server's own words, shortened, the key struck out should they repeat it."""
    try:
        error = orjson.loads(content).get("error", {})
        text = " ".join(str(error[k]) for k in ("code", "message") if error.get(k)) if error else content.decode()
    except (orjson.JSONDecodeError, AttributeError, TypeError, UnicodeDecodeError):
        text = content[:500].decode("utf-8", "replace")
    text = text if not key else text.replace(key, "***")
    return " ".join(text.split())[:300] or "no explanation"


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


class _Exchange:
    """Hands requests into the loop's thread and replies out of it, both in batches."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._todo: deque[Request] = deque()
        self._idle: deque[asyncio.Future] = deque()
        self._done: list[tuple[Request, Reply]] = []
        self._out: queue.SimpleQueue[list[tuple[Request, Reply]] | BaseException] = queue.SimpleQueue()

    def send(self, requests: list[Request]) -> None:
        """From outside: gives the workers something to do."""
        self._todo.extend(requests)
        # Waking the loop costs a system call, so it is left alone while its workers are busy. One who sees nothing to
        # do puts itself down as idle before it looks again, so that no request is left lying.
        if requests and self._idle:
            self.loop.call_soon_threadsafe(self._wake)

    def receive(self) -> list[tuple[Request, Reply]]:
        """From outside: waits for replies.

        Raises:
            StudyError: the run came to its end in the loop.
        """
        got = self._out.get()
        if isinstance(got, BaseException):
            raise got
        return got

    def ended(self, workers: Any) -> None:  # noqa: ANN401 - a future
        """From the loop: hands over what is left, and why the workers ended."""
        self._hand_over()
        if not workers.cancelled() and (error := workers.exception()):
            self._out.put(_first_cause(error))

    def put(self, reply: tuple[Request, Reply]) -> None:
        """From the loop: takes a reply, to go out with those of the next few milliseconds."""
        if not self._done:
            self.loop.call_later(_HAND_OVER_S, self._hand_over)
        self._done.append(reply)

    async def next(self) -> Request:
        """From the loop: waits for the next request."""
        while not self._todo:
            idle = self.loop.create_future()
            self._idle.append(idle)
            if self._todo:
                self._idle.pop()
            else:
                await idle
        return self._todo.popleft()

    def _wake(self) -> None:
        for _ in range(min(len(self._idle), len(self._todo))):
            idle = self._idle.popleft()
            if not idle.done():
                idle.set_result(None)

    def _hand_over(self) -> None:
        if self._done:
            self._out.put(self._done)
            self._done = []


def _first_cause(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
