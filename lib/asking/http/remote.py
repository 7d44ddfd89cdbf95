"""A model behind an OpenAI-compatible address, as an endpoint: requests in, replies out, faults dealt with.

The event loop has a thread of its own, so that it works in Jupyter, whose loop already runs. Requests go over in
batches, replies come back in batches; never more than a window of both is held.
"""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from lib.answers.reply import Reply
from lib.asking.access import proxy_of, proxy_password, strike
from lib.asking.http import faults, traffic, wire
from lib.asking.http.exchange import Exchange
from lib.asking.http.transports import BY_NAME, Answer, Transport
from lib.asking.prompting import Prompt
from lib.asking.requests import Endpoint, Request
from lib.asking.settings import HTTP_MODES, HttpSettings
from lib.errors import StudyError

#: Longest fault told, in characters.
_FAULT_LENGTH = 300
_TRUTH = Prompt("likelihood", "The capital of France is Paris.", "The capital of Italy is Rome.")
_SALAD = Prompt("likelihood", "The capital of France is Paris.", "Rome the Italy is of capital.")


class _Fault(NamedTuple):
    """What another attempt may cure, and how long the server says to wait."""

    words: str
    wait: float | None = None


class RemoteEndpoint(Endpoint):
    """A model behind one or several addresses."""

    def __init__(self, settings: HttpSettings) -> None:
        """Reads key and proxies from the environment; nothing is sent before the first question.

        Raises:
            StudyError: a provider's address and no key; a key or a proxy that cannot be used.
        """
        self.settings = settings
        self.identity = settings.identity
        # Which of them the server is up to shows when it is asked; `settings.modes` are those asked by default.
        self.modes = HTTP_MODES
        self.prices = settings.prices
        self.reading = {"least_on_options": settings.least_on_options}
        self._key = settings.api_key()
        self._secrets = (self._key, *(proxy_password(proxy_of(url)) for url in settings.base_url))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._transport: Transport | None = None
        self._served: Counter[str] = Counter()
        self._probe: asyncio.Task | None = None
        self._chance = random.Random(0)
        self._throttle = traffic.Throttle(settings.concurrency)
        self._servers = traffic.Servers(settings.base_url)
        patience_s = max(settings.patience_s, 2 * settings.timeout_s)
        self._breaker = traffic.Breaker(f"{settings.title} at {settings.base_url[0]}", patience_s)

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Reply]]:
        """Yields a reply for each request as it comes; draws at most a window of requests ahead.

        Raises:
            StudyError: key, address, quota or mode is wrong, or nothing answers.
        """
        stream = iter(requests)
        window = 8 * self.settings.concurrency
        exchange = Exchange(self._started_loop())
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
        return {strike(who, self._secrets): n for who, n in counted.items()}

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

    async def _work(self, exchange: Exchange) -> None:
        if self._transport is None:
            chosen = self.settings.transport or ("openai" if self.settings.hosted else "bulk")
            self._transport = BY_NAME[chosen](self.settings, self._key)
        async with asyncio.TaskGroup() as group:
            for _ in range(self.settings.concurrency):
                group.create_task(self._worker(exchange))

    async def _worker(self, exchange: Exchange) -> None:
        while True:
            request = await exchange.next()
            if request.prompt.mode == "likelihood":
                await self._probed()
            exchange.put((request, await self._answer(request)))

    async def _answer(self, request: Request) -> Reply:
        """Puts a question until it is answered, its attempts are used up, or the breaker ends the run."""
        body, where = wire.body(self.settings, request), wire.path(request.prompt.mode)
        for attempt in range(1, traffic.ATTEMPTS + 1):
            outcome = await self._attempt(request, where, body)
            if isinstance(outcome, Reply):
                if outcome.status != "error":
                    self._breaker.answered()
                else:
                    self._breaker.gave_up(outcome.message)
                return outcome
            self._breaker.failed(outcome.words, outcome.wait or 0.0, self._servers.are_dead())
            if attempt < traffic.ATTEMPTS:
                await asyncio.sleep(traffic.backoff(attempt, outcome.wait, self._chance))
        self._breaker.gave_up(outcome.words)
        return Reply("error", message=f"{outcome.words} ({traffic.ATTEMPTS} attempts)")

    async def _attempt(self, request: Request, where: str, body: dict[str, Any]) -> Reply | _Fault:
        """Puts a question once; returns a final reply, or a fault."""
        await self._throttle.enter()
        started, server = time.monotonic(), self._servers.next()
        failed = connected = True
        try:
            answer = await self._transport.post(server.url, where, body)
            failed = answer.status >= 500
        except faults.UnreachableError as error:
            connected = not isinstance(error, faults.NoConnectionError)
            if isinstance(error, faults.LateError):
                self._throttle.overloaded()
            return _Fault(self._told(f"{server.url}: {error}"))
        finally:
            self._servers.done(server, failed, connected)
            self._throttle.leave()
        outcome = self._read(request, answer, server.url)
        if isinstance(outcome, Reply) and outcome.status != "error":
            self._throttle.answered(time.monotonic() - started)
        return outcome

    def _read(self, request: Request, answer: Answer, url: str) -> Reply | _Fault:
        if answer.status != 200:
            return self._refusal(answer, url)
        payload = None
        try:
            payload = wire.decoded(answer.content)
            reply = wire.reply(self.settings, request, payload)
        except faults.UnusableError as error:
            if within := faults.status_within(payload):
                return self._refusal(answer._replace(status=within), url)
            return self._unusable(error, request.prompt.mode, answer.content)
        self._served[wire.who_answered(payload)] += 1
        # A server may repeat the headers of a request in what it makes the model say.
        return reply._replace(message=strike(reply.message, self._secrets)) if reply.message else reply

    def _unusable(self, error: faults.UnusableError, mode: str, content: bytes) -> _Fault:
        """Tells of a response that holds no answer, and stops the run where the server has no others."""
        words = self._told(f"{error} ({content.decode('utf-8', 'replace')})" if content else f"{error} (empty)")
        kind = type(error)
        if kind in _ADVICE:
            self._breaker.spoiled(kind.__name__, words, _ADVICE[kind].format(mode=mode))
        return _Fault(words)

    def _refusal(self, answer: Answer, url: str) -> Reply | _Fault:
        """Sorts an HTTP status: an answer, to be cured by waiting, this question's own fault, or the end of the run."""
        said, status = faults.explanation(answer.content), answer.status
        words = self._told(said.words) or "no explanation"
        fault = f"HTTP {status}: {words}"
        settings = self.settings
        if said.is_filter(status):
            return Reply("refused", message=words)
        if status in (401, 403):
            raise StudyError(f"{url} rejects the key in {settings.key_variable} ({fault}). Set the right one.")
        if status == 402 or said.is_quota:
            raise StudyError(f"{url}: the account has no credit left ({fault}). Everything answered so far is kept.")
        if status == 404:
            raise StudyError(f"{url} does not know the model {settings.model!r} or the path ({fault}).")
        if not faults.is_passing(status):
            cure = said.cure if status in (400, 422) else ""
            return Reply("error", message=f"{fault}{f'. Perhaps set {cure} in models.toml' if cure else ''}")
        wait = traffic.retry_after(answer.headers)
        if faults.is_overload(status, wait is not None):
            self._throttle.overloaded()
        return _Fault(fault, wait)

    def _told(self, words: str) -> str:
        """Returns the words of a fault as they are shown and kept: no secret, one line, not too long."""
        return " ".join(strike(words, self._secrets).split())[:_FAULT_LENGTH]

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


#: Responses that may be all a server has → what to do about them.
_ADVICE = {
    faults.NoLogprobsError: "It gives no log-probabilities, which the mode {mode!r} needs. Ask it in the mode 'text' "
    "(--modes text), or switch them on at the server; the mode is never changed silently.",
    faults.ForeignModelError: "If that is another name of the model asked for, say so with --answers-as NAME "
    "(answers_as in models.toml); otherwise the address serves another model.",
}


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
