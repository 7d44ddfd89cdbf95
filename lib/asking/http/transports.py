"""Two ways to post a request, with one signature: the official client, and a bare one for servers of one's own.

Both return whatever the server answered, whatever its status, and raise `UnreachableError` where there was no answer;
what to make of either is decided in one place (`remote`). Neither retries, and neither follows a redirect, which would
carry the key elsewhere.
"""

import zlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple, Protocol

import aiohttp
import httpx2
import openai
import orjson
import yarl

from lib.asking.access import Secret, joined, proxy_of
from lib.asking.http.faults import NoConnectionError, UnreachableError
from lib.asking.http.watch import Line, Watch
from lib.asking.settings import HttpSettings

#: Largest response, packed or unpacked: a few thousand times what an answer takes.
MOST_BYTES = 16_000_000
#: Longest wait for a connection: an address where nothing is must not take the time of a reply.
CONNECT_S = 4.0
#: Encodings that can be unpacked up to a limit; a client's own unpacking has none.
_PACKED = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_ACCEPTED = "gzip, deflate"


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


def _headers(settings: HttpSettings, key: Secret) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Accept-Encoding": _ACCEPTED}
    if key.value:
        word = "Bearer " if settings.key_header.lower() == "authorization" else ""
        headers[settings.key_header] = word + key.value
    return headers


def _too_large() -> UnreachableError:
    return UnreachableError(f"the response is larger than {MOST_BYTES / 1e6:.0f} MB")


def unpacked(content: bytes, encoding: str) -> bytes:
    """Returns a body without its encoding.

    Raises:
        UnreachableError: it cannot be unpacked, or is too large.
    """
    if encoding not in _PACKED:
        return content
    try:
        unpacking = zlib.decompressobj(_PACKED[encoding])
        whole = unpacking.decompress(content, MOST_BYTES + 1)
    except zlib.error as error:
        raise UnreachableError(f"the response cannot be unpacked ({error})") from error
    if len(whole) > MOST_BYTES:
        raise _too_large()
    if not unpacking.eof:
        raise UnreachableError("the response was cut off")
    return whole


class BulkTransport:
    """aiohttp and orjson: about a tenth of the official client's work for each request."""

    def __init__(self, settings: HttpSettings, key: Secret) -> None:
        self._targets: dict[tuple[str, str], tuple[yarl.URL, str | None, Line]] = {}
        self._session = aiohttp.ClientSession(
            headers=_headers(settings, key),
            connector=aiohttp.TCPConnector(limit=settings.concurrency),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_S),
            auto_decompress=False,
        )
        self._watch = Watch(settings.timeout_s)

    async def post(self, base_url: str, path: str, body: Mapping[str, Any]) -> Answer:
        """Returns the server's answer."""
        url, proxy, line = self._targets.get((base_url, path)) or self._target(base_url, path)
        data = orjson.dumps(body)
        try:
            with line:
                async with self._session.post(url, data=data, allow_redirects=False, proxy=proxy) as response:
                    return Answer(response.status, response.headers, await _content(response))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NoConnectionError(_described(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            raise UnreachableError(_described(error)) from error

    def _target(self, base_url: str, path: str) -> tuple[yarl.URL, str | None, Line]:
        target = yarl.URL(joined(base_url, path)), proxy_of(base_url), self._watch.line(base_url)
        return self._targets.setdefault((base_url, path), target)

    async def close(self) -> None:
        """Closes all connections."""
        self._watch.close()
        await self._session.close()


async def _content(response: aiohttp.ClientResponse) -> bytes:
    parts, size = [], 0
    while part := await response.content.readany():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise _too_large()
    content = parts[0] if len(parts) == 1 else b"".join(parts)
    encoding = response.headers.get("Content-Encoding")
    return unpacked(content, encoding.lower()) if encoding else content


class OpenAITransport:
    """The official client, one for each address, its own retries and time-outs switched off."""

    def __init__(self, settings: HttpSettings, key: Secret) -> None:
        self._settings, self._key = settings, key
        headers: dict[str, Any] = _headers(settings, key)
        if key.value and "Authorization" not in headers:
            headers["Authorization"] = openai.Omit()
        self._options: openai.RequestOptions = {"headers": headers}
        self._clients: dict[str, openai.AsyncOpenAI] = {}
        self._watch = Watch(settings.timeout_s)

    async def post(self, base_url: str, path: str, body: Mapping[str, Any]) -> Answer:
        """Returns the server's answer."""
        client = self._clients.get(base_url) or self._client(base_url)
        try:
            with self._watch.line(base_url):
                response = await client.post(
                    joined(base_url, path), cast_to=httpx2.Response, body=dict(body), options=self._options
                )
            return Answer(response.status_code, response.headers, response.content)
        except openai.APIStatusError as error:
            return Answer(error.status_code, error.response.headers, error.response.content)
        except (openai.APIError, httpx2.HTTPError) as error:
            raise _unreachable(error.__cause__ or error) from error

    def _client(self, base_url: str) -> openai.AsyncOpenAI:
        most, waits = self._settings.concurrency, httpx2.Timeout(None, connect=CONNECT_S)
        # A transport of one's own keeps the client from looking for proxies itself, but not for certificates.
        limits = httpx2.Limits(max_connections=most, max_keepalive_connections=most)
        way = httpx2.AsyncHTTPTransport(limits=limits, proxy=proxy_of(base_url))
        client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=self._key.value or "none",
            max_retries=0,
            timeout=waits,
            http_client=_LimitedClient(transport=way, timeout=waits, follow_redirects=False),
        )
        return self._clients.setdefault(base_url, client)

    async def close(self) -> None:
        """Closes all connections."""
        self._watch.close()
        for client in self._clients.values():
            await client.close()


class _LimitedClient(httpx2.AsyncClient):
    """Reads no response beyond the limit."""

    async def send(self, request: httpx2.Request, **how: Any) -> httpx2.Response:  # noqa: ANN401 - the client's own
        """Sends a request and reads the response as it comes."""
        response = await super().send(request, **(how | {"stream": True}))
        try:
            content = await _read(response.aiter_raw())
        finally:
            await response.aclose()
        headers = [(name, value) for name, value in response.headers.items() if name.lower() != "content-encoding"]
        content = unpacked(content, response.headers.get("Content-Encoding", "").lower())
        return httpx2.Response(response.status_code, headers=headers, content=content, request=request)


async def _read(chunks: AsyncIterator[bytes]) -> bytes:
    parts, size = [], 0
    async for part in chunks:
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise _too_large()
    return b"".join(parts)


def _unreachable(error: BaseException) -> UnreachableError:
    if isinstance(error, UnreachableError):
        return error
    connecting = isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError))
    return (NoConnectionError if connecting else UnreachableError)(_described(error))


def _described(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


BY_NAME: dict[str, type[BulkTransport] | type[OpenAITransport]] = {
    "bulk": BulkTransport,
    "openai": OpenAITransport,
}
