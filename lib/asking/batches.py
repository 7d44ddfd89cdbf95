"""Batch files in OpenAI's format: what is not answered yet goes out, results come back into the cache.

Several providers and vLLM's `run-batch` take the same files. A request's `custom_id` is its cache key, so that results
may come in any order, twice, or from several machines.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pandas as pd

from lib.answers.reply import Reply
from lib.asking.cache import ReplyCache
from lib.asking.http import faults, wire
from lib.asking.requests import Request
from lib.asking.runner import Tally, requests
from lib.asking.settings import HttpSettings
from lib.errors import StudyError

#: OpenAI's limits for one file.
MOST_REQUESTS, MOST_BYTES = 50_000, 190_000_000
_CHUNK = 10_000


def write(
    plan: pd.DataFrame, settings: HttpSettings, cache: ReplyCache, folder: Path, shard: tuple[int, int] = (0, 1)
) -> list[tuple[Path, int]]:
    """Writes the plan's requests that have no reply, each once, as `batch_0000.jsonl` and so on.

    Returns the files, each with its number of requests.

    Raises:
        StudyError: the folder holds batch files already, which a later run must not mix with its own; or it cannot be
            written to.
    """
    try:
        return _write(plan, settings, cache, folder, shard)
    except OSError as error:
        raise StudyError(f"{folder} cannot be written to: {error.strerror}. Make room, or choose another.") from error


def _write(
    plan: pd.DataFrame, settings: HttpSettings, cache: ReplyCache, folder: Path, shard: tuple[int, int]
) -> list[tuple[Path, int]]:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.glob("batch_*.jsonl")):
        raise StudyError(f"{folder} holds batch files already. Choose another folder, or remove them.")
    files: list[tuple[Path, int]] = []
    lines: list[bytes] = []
    size = 0
    for request in _lacking(plan, settings.identity, cache, shard):
        line = orjson.dumps(_line(settings, request))
        if len(lines) == MOST_REQUESTS or size + len(line) + 1 > MOST_BYTES:
            files.append(_write_file(folder, len(files), lines))
            lines, size = [], 0
        lines.append(line)
        size += len(line) + 1
    return [*files, _write_file(folder, len(files), lines)] if lines else files


def _lacking(plan: pd.DataFrame, identity: str, cache: ReplyCache, shard: tuple[int, int]) -> Iterator[Request]:
    k, n = shard
    seen: set[int] = set()
    for start in range(0, len(plan), _CHUNK):
        chunk = {r.key: r for r in requests(plan.iloc[start : start + _CHUNK], identity)}
        known = cache.texts(list(chunk))
        for key, request in chunk.items():
            number = int(key, 16)
            # Half the key is enough to tell requests apart, and takes half the memory.
            if key not in known and number % n == k and number >> 64 not in seen:
                seen.add(number >> 64)
                yield request


def _line(settings: HttpSettings, request: Request) -> dict[str, Any]:
    url = "/v1" + wire.path(request.prompt.mode)
    return {"custom_id": request.key, "method": "POST", "url": url, "body": wire.body(settings, request)}


def _write_file(folder: Path, number: int, lines: list[bytes]) -> tuple[Path, int]:
    path = folder / f"batch_{number:04d}.jsonl"
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(b"\n".join(lines) + b"\n")
    unfinished.replace(path)
    return path, len(lines)


def read(plan: pd.DataFrame, settings: HttpSettings, cache: ReplyCache, files: Sequence[Path]) -> Tally:
    """Puts the results that belong to a plan into the cache; lines of other plans, and failed ones, are left.

    Returns how the results went; `errors` counts lines without a usable answer, which stay to be asked.

    Raises:
        StudyError: no result files, or a line that is not JSON, naming file and line.
    """
    if not files:
        raise StudyError("There are no result files (*.jsonl) in that folder.")
    tally, served = Tally(), {}
    for start in range(0, len(plan), _CHUNK * 50):
        wanted = {r.key: r for r in requests(plan.iloc[start : start + _CHUNK * 50], settings.identity)}
        replies: dict[str, Reply] = {}
        for key, status, payload in _results(files):
            if key in wanted and key not in replies:
                reply = _reply(settings, wanted[key], status, payload)
                tally.count(reply, settings.prices.cost(reply.tokens_in, reply.tokens_out))
                if reply.status != "error":
                    replies[key] = reply
                    who = wire.who_answered(payload)
                    served[who] = served.get(who, 0) + 1
        cache.put_many(replies)
    cache.note(settings.identity, served, reading={"least_on_options": settings.least_on_options})
    return tally


def _results(files: Sequence[Path]) -> Iterator[tuple[str, int, Any]]:
    """Yields the key, the HTTP status and the body of each result; one that has neither is a fault of the batch's."""
    for path in files:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                try:
                    found = orjson.loads(line)
                    response = found.get("response") or {}
                except (orjson.JSONDecodeError, AttributeError) as error:
                    raise StudyError(f"{path}, line {number}: not a line of a batch result ({error}).") from error
                if response or found.get("error"):
                    yield found.get("custom_id", ""), response.get("status_code", 200), response.get("body") or {}


def _reply(settings: HttpSettings, request: Request, status: int, payload: Any) -> Reply:  # noqa: ANN401 - JSON
    status = (faults.status_within(payload) or 200) if status == 200 else status
    if status != 200:
        said = faults.explanation(orjson.dumps(payload))
        return Reply("refused" if said.is_filter(status) else "error", message=said.words[: wire.MESSAGE_LENGTH])
    try:
        return wire.reply(settings, request, payload)
    except faults.UnusableError as error:
        return Reply("error", message=str(error))
