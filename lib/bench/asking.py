"""How fast asking is.

A server that answers at once has one core, the client another. Bare transports do the same requests in the same run, so
that the ratios hold on any machine; the rates do not.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import harmonic_mean

import aiohttp
import openai
import orjson
import pandas as pd

from lib.answers.reply import Reply
from lib.asking import planning, recording, settings
from lib.asking.cache import ReplyCache
from lib.asking.endpoints import open_endpoint
from lib.asking.http import wire
from lib.asking.requests import Endpoint, Request
from lib.asking.runner import ask, requests

_MODEL, _CONCURRENCY, _ROUNDS = "bench", 64, 9
_TOP = [{"token": str(n), "logprob": -0.5 - n, "bytes": [48 + n]} for n in range(20)]
_PAYLOAD = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_700_000_000,
    "model": _MODEL,
    "system_fingerprint": "fp_1",
    "choices": [
        {
            "index": 0,
            "finish_reason": "length",
            "message": {"role": "assistant", "content": "1"},
            "logprobs": {"content": [{"token": "1", "logprob": -0.5, "bytes": [49], "top_logprobs": _TOP}]},
        }
    ],
    "usage": {"prompt_tokens": 120, "completion_tokens": 1, "total_tokens": 121},
}


class _Server(asyncio.Protocol):
    """Answers every POST with the same response, as fast as Python can."""

    content = orjson.dumps(_PAYLOAD)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    response = head.encode() + content

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            length = self.buffer[:end].lower().split(b"content-length:")[1].split(b"\r\n")[0]
            whole = end + 4 + int(length)
            if len(self.buffer) < whole:
                return
            self.buffer = self.buffer[whole:]
            self.transport.write(self.response)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def _server() -> Iterator[str]:
    """Runs the server on the first core and puts this process on the others; yields its address."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    process = subprocess.Popen([sys.executable, "-m", __spec__.name, "serve"], stdout=subprocess.PIPE, text=True)
    try:
        if len(cores) > 1:
            os.sched_setaffinity(process.pid, cores[:1])
            os.sched_setaffinity(0, cores[1:2])
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
    finally:
        process.kill()
        if len(cores) > 1:
            os.sched_setaffinity(0, cores)


def _plan(questions: int) -> pd.DataFrame:
    """A plan of so many questions: one instrument, one wording, as many replicates as it takes."""
    one = planning.make_plan(["open_portraits"], ["choice"], ["definition"], ["imagine"], ["I"])
    whole = planning.make_plan(
        ["open_portraits"], ["choice"], ["definition"], ["imagine"], ["I"], replicates=-(-questions // len(one))
    )
    return whole.iloc[:questions]


async def _bare(n: int, post: Callable) -> None:
    numbers = iter(range(n))

    async def worker() -> None:
        for number in numbers:
            await post(number)

    await asyncio.gather(*(worker() for _ in range(_CONCURRENCY)))


async def _bare_aiohttp(url: str, bodies: list[dict]) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=_CONCURRENCY)) as session:

        async def post(number: int) -> None:
            async with session.post(url + wire.CHAT, data=orjson.dumps(bodies[number])) as response:
                orjson.loads(await response.read())

        await _bare(len(bodies), post)


async def _bare_openai(url: str, bodies: list[dict]) -> None:
    async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:
        await _bare(len(bodies), lambda number: client.chat.completions.create(**bodies[number]))


def _asked(url: str, transport: str, plan: pd.DataFrame) -> None:
    with tempfile.TemporaryDirectory() as folder, ReplyCache(Path(folder)) as cache:
        endpoint = open_endpoint(_MODEL, [url], transport=transport)
        try:
            tally = ask(plan, endpoint, cache, progress=False)
        finally:
            endpoint.close()
    assert tally.statuses == {"ok": len(plan)}, tally


def _measured(n: int, work: Callable[[], object]) -> tuple[float, float]:
    """Returns how many a second, and the processor time of each in microseconds."""
    started, used = time.perf_counter(), time.process_time()
    work()
    return n / (time.perf_counter() - started), (time.process_time() - used) / n * 1e6


def asking(questions: int) -> dict[str, float]:
    """Returns questions a second by each transport and by the bare one, and the ratio of the two.

    Both transports take turns, and rates and ratios are of all rounds together; `ratio_…_lowest` and `_highest` are of
    single rounds and tell how quiet the machine was. `cpu_ratio` is that of the client's processor time.
    """
    found: dict[str, float] = {}
    with _server() as url:
        chosen = settings.http_settings(_MODEL, settings.model_entry(_MODEL, [url]))
        for transport, bare, n in (("bulk", _bare_aiohttp, questions), ("openai", _bare_openai, questions // 10)):
            plan = _plan(n)
            bodies = [wire.body(chosen, request) for request in requests(plan, chosen.identity)]
            rounds = []
            for _ in range(_ROUNDS):
                plain = _measured(n, lambda: asyncio.run(bare(url, bodies)))  # noqa: B023 - called at once
                rounds.append((*_measured(n, lambda: _asked(url, transport, plan)), *plain))  # noqa: B023
            rates, used, plains, plain_used = zip(*rounds, strict=True)
            ratios = [rate / plain for rate, plain in zip(rates, plains, strict=True)]
            found[f"asked_per_s_{transport}"] = harmonic_mean(rates)
            found[f"bare_per_s_{transport}"] = harmonic_mean(plains)
            found[f"ratio_{transport}"] = harmonic_mean(rates) / harmonic_mean(plains)
            found |= {f"ratio_{transport}_lowest": min(ratios), f"ratio_{transport}_highest": max(ratios)}
            found[f"cpu_ratio_{transport}"] = sum(plain_used) / sum(used)
    return found


class _Instant(Endpoint):
    """An endpoint that answers at once, in process: what is left is the client's own work and memory."""

    identity, modes = "instant", ("choice",)

    def ask(self, asked: Iterable[Request]) -> Iterator[tuple[Request, Reply]]:
        """Yields the same reply to all."""
        shares = (0.5, 0.2, 0.1, 0.1, 0.05, 0.04)
        for request in asked:
            yield request, Reply("ok", None, shares, 0.01, 120, 1, tokens_out=1)

    def close(self) -> None:
        """Has nothing to free."""


def _stage(stage: str, questions: int, folder: Path) -> dict[str, float]:
    """Runs one stage of a plan's life in this process; returns its rate and the process's peak memory."""
    # An import needs no plan, which takes memory of its own.
    plan = _plan(1 if stage == "import" else questions)
    with ReplyCache(folder / ("imported" if stage == "import" else "replies")) as cache:
        work = {
            "asked": lambda: ask(plan, _Instant(), cache, progress=False),
            "cached": lambda: ask(plan, _Instant(), cache, progress=False),
            "export": lambda: recording.record(plan, _MODEL, cache, folder / "answers", _Instant.identity),
            "import": lambda: recording.fill_cache(_MODEL, cache, folder / "answers", _Instant.identity),
        }[stage]
        rate, used = _measured(questions, work)
    # Kilobytes on Linux, bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return {f"{stage}_per_s": rate, f"{stage}_per_cpu_s": 1e6 / used, f"{stage}_peak_mb": peak}


def holding(questions: int) -> dict[str, float]:
    """Returns rates and peak memory (MB) of asking, asking again, exporting and importing, each in its own process."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for stage in ("asked", "cached", "export", "import"):
            command = [sys.executable, "-m", __spec__.name, "stage", stage, str(questions), folder]
            found |= json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def bench(questions: int, plans: Iterable[int]) -> dict[str, object]:
    """Returns `asking` of so many questions, and `holding` of plans of these sizes."""
    return {**asking(questions), **{f"plan_of_{size}": holding(size) for size in plans}}


def _child(arguments: list[str]) -> None:
    """What the bench starts in processes of their own: the server, and each stage of a plan's life."""
    if arguments[0] == "serve":
        asyncio.run(_serve())
    else:
        stage, questions, folder = arguments[1:]
        print(json.dumps(_stage(stage, int(questions), Path(folder))))


if __name__ == "__main__":
    _child(sys.argv[1:])
