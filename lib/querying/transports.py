"""Two ways to post a request, with one signature: the official client, and a bare one for servers of one's own.

Both return whatever the server answered, whatever its status, and raise `UnreachableError` where there was no answer;
what to make of either is decided in one place (`remote`). Neither retries.
"""

import asyncio
import time
from collections.abc import Mapping
from itertools import takewhile
from typing import Any, NamedTuple, Protocol

import aiohttp
import httpx2
import openai
import orjson
import yarl

from lib.querying.settings import Secret


class UnreachableError(Exception):
    """No answer: refused, reset, cut off or too late."""


class Answer(NamedTuple):
    """What a server sent: HTTP status, headers (any case) and the undecoded body."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Transport(Protocol):
    """Posts JSON. Belongs to the event loop it was made in."""

    async def post(self, base_url: str, path: str, body: Mapping[str, Any]) -> Answer:
        """Returns the server's answer.

        Raises:
            UnreachableError: there was none.
        """
        ...

    async def close(self) -> None:
        """Closes all connections."""
        ...


class BulkTransport:
    """aiohttp and orjson: about a tenth of the official client's work for each request.

    One watch looks after the time-outs of all requests: a timer for each would take a tenth of the whole request.
    """

    def __init__(self, key: str | None, concurrency: int, timeout_s: float) -> None:
        self._urls: dict[tuple[str, str], yarl.URL] = {}
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        self._session = aiohttp.ClientSession(
            headers=headers,
            connector=aiohttp.TCPConnector(limit=concurrency),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
        )
        self._timeout_s = timeout_s
        self._started: dict[asyncio.Task, float] = {}
        self._late: set[asyncio.Task] = set()
        self._watch: asyncio.Task | None = None

    async def post(self, base_url: str, path: str, body: Mapping[str, Any]) -> Answer:
        """Returns the server's answer; redirects are not followed, as they would carry the key elsewhere.

        A task may wait for one answer at a time.
        """
        task = asyncio.current_task()
        self._started[task] = time.monotonic()
        self._watch = self._watch or asyncio.create_task(self._cancel_late())
        try:
            async with self._session.post(
                self._url(base_url, path), data=orjson.dumps(body), allow_redirects=False
            ) as response:
                return Answer(response.status, response.headers, await response.read())
        except asyncio.CancelledError as error:
            # As in asyncio.timeout: a task that others cancelled too is theirs.
            if task in self._late and task.uncancel() == 0:
                raise UnreachableError("timed out") from error
            raise
        except (aiohttp.ClientError, OSError) as error:
            raise UnreachableError(_described(error)) from error
        finally:
            del self._started[task]
            self._late.discard(task)

    async def _cancel_late(self) -> None:
        while True:
            await asyncio.sleep(self._timeout_s / 60)
            earliest = time.monotonic() - self._timeout_s
            # The longest under way come first.
            for task in takewhile(lambda task: self._started[task] < earliest, [*self._started]):  # noqa: B023
                if task not in self._late:
                    self._late.add(task)
                    task.cancel()

    def _url(self, base_url: str, path: str) -> yarl.URL:
        known = self._urls.get((base_url, path))
        return known or self._urls.setdefault((base_url, path), yarl.URL(base_url + path))

    async def close(self) -> None:
        """Closes all connections."""
        if self._watch:
            self._watch.cancel()
        await self._session.close()


class OpenAITransport:
    """The official client, one for each address, its own retries switched off."""

    def __init__(self, key: str | None, concurrency: int, timeout_s: float) -> None:
        self._key, self._timeout_s = Secret(key or "none"), timeout_s
        self._limits = httpx2.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
        self._clients: dict[str, openai.AsyncOpenAI] = {}

    async def post(self, base_url: str, path: str, body: Mapping[str, Any]) -> Answer:
        """Returns the server's answer."""
        client = self._clients.get(base_url) or self._client(base_url)
        try:
            response = await client.post(path, cast_to=httpx2.Response, body=dict(body))
            return Answer(response.status_code, response.headers, response.content)
        except openai.APIStatusError as error:
            return Answer(error.status_code, error.response.headers, error.response.content)
        except openai.APITimeoutError as error:
            raise UnreachableError("timed out") from error
        except (openai.APIError, httpx2.HTTPError) as error:
            raise UnreachableError(_described(error.__cause__ or error)) from error

    def _client(self, base_url: str) -> openai.AsyncOpenAI:
        http = httpx2.AsyncClient(limits=self._limits, timeout=self._timeout_s, follow_redirects=False)
        client = openai.AsyncOpenAI(
            base_url=base_url, api_key=self._key.value, max_retries=0, timeout=self._timeout_s, http_client=http
        )
        return self._clients.setdefault(base_url, client)

    async def close(self) -> None:
        """Closes all connections."""
        for client in self._clients.values():
            await client.close()


def _described(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


BY_NAME: dict[str, type[BulkTransport] | type[OpenAITransport]] = {
    "bulk": BulkTransport,
    "openai": OpenAITransport,
}
