"""Replies become recorded answers, and recorded answers fill the cache."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lib import paths
from lib.answers import archive
from lib.answers.files import ANSWER, SCHEMA, SMALL, Writers, answer_table, check, completed, json_texts
from lib.answers.reply import SCHEMA_VERSION, Reply
from lib.asking import homes
from lib.asking.cache import ReplyCache
from lib.asking.endpoints import model_identity
from lib.asking.prompting import Composer
from lib.asking.runner import request_keys
from lib.errors import StudyError

_Input, _Result = TypeVar("_Input"), TypeVar("_Result")
_CHUNK = 25_000
#: The more answers are sorted at once, the fewer pages of a large cache are touched; all are stored or none.
_SORTED = 150_000


def collect(plan: pd.DataFrame, identity: str, cache: ReplyCache) -> pd.DataFrame:
    """Returns the answers table: the plan's columns, the reply's, and `key` (32 hexadecimal digits).

    A question that has no reply stands there with the status `error`; nothing is left out and nothing is made up.
    """
    parts = [archive.frame(table) for table in _tables(plan, identity, cache)]
    answers = pd.concat(parts, ignore_index=True)
    return pd.concat([plan.reset_index(drop=True), answers[[*ANSWER, "key"]]], axis=1)


def _tables(plan: pd.DataFrame, identity: str, cache: ReplyCache) -> Iterator[pa.Table]:
    """Yields the answers chunk by chunk, straight from the cache's JSON."""
    composer = Composer.of(plan)
    missing = Reply("error", message="not answered").to_json()

    def held(start: int) -> tuple[pd.DataFrame, list[str], list[str]]:
        questions = plan.iloc[start : start + _CHUNK]
        keys = request_keys(questions, identity, composer)
        known = cache.texts(keys)
        return questions, keys, [known.get(key, missing) for key in keys]

    for chunk in _ahead(held, range(0, len(plan), _CHUNK), threads=2):
        try:
            table = answer_table(*chunk)
        except pa.ArrowException as error:
            raise _damaged(cache, _unreadable(*chunk)) from error
        yield table


def _unreadable(questions: pd.DataFrame, keys: list[str], texts: list[str]) -> list[str]:
    """The keys of the replies that are none, found by halving."""
    try:
        answer_table(questions, keys, texts)
    except pa.ArrowException:
        half = len(keys) // 2
        parts = [slice(half), slice(half, None)] if half else []
        return [k for p in parts for k in _unreadable(questions[p], keys[p], texts[p])] if half else keys
    return []


def _damaged(cache: ReplyCache, keys: list[str]) -> StudyError:
    cache.drop(keys)
    return StudyError(
        f"{len(keys)} of the replies in the cache {cache.folder} were damaged ({', '.join(keys[:3])}) and have been "
        "taken out; nothing was recorded. “python -m lib ask” asks them anew, then records."
    )


def _ahead(work: Callable[[_Input], _Result], inputs: Iterable[_Input], threads: int) -> Iterator[_Result]:
    """Yields what `work` makes of each input, in order, made in threads while the one before it is worked on."""
    with ThreadPoolExecutor(threads) as pool:
        coming: deque[Future[_Result]] = deque()
        for one in inputs:
            coming.append(pool.submit(work, one))
            if len(coming) > threads:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


def write(
    answers: pd.DataFrame,
    model: str,
    folder: Path = paths.ANSWERS,
    identity: str = "",
    notes: Mapping[str, Any] | None = None,
) -> Path:
    """Writes the answers table as Parquet, one file for each instrument and mode, and updates the manifest.

    Recorded answers to other questions stay. A file appears only when it is whole.

    Args:
        answers: as `collect` returns them.
        model: the name they are recorded under.
        folder: where all models' answers lie.
        identity: the model's identity; by default that of the listed model.
        notes: who answered and when (`ReplyCache.notes`).

    Returns:
        The manifest's path.
    """
    packed = answers.assign(key=[bytes.fromhex(key) for key in answers["key"]])
    tables = [pa.Table.from_pandas(packed, schema=SCHEMA, preserve_index=False)]
    return _write(tables, len(answers), model, folder, identity or model_identity(model), notes or {})


def record(plan: pd.DataFrame, model: str, cache: ReplyCache, folder: Path = paths.ANSWERS, identity: str = "") -> Path:
    """Writes what the cache holds of a plan as `write(collect(…))` would, in memory that does not grow with the plan.

    Returns the manifest's path.
    """
    identity = identity or model_identity(model)
    tables = _tables(plan, identity, cache)
    return _write(tables, len(plan), model, folder, identity, cache.notes(identity))


def _write(
    tables: Iterable[pa.Table], rows: int, model: str, folder: Path, identity: str, notes: Mapping[str, Any]
) -> Path:
    with homes.opened(model, identity, folder) as (target, manifest):
        with ExitStack() as stack:
            writers = Writers(target, stack, level=19 if rows <= SMALL else 3, before=manifest["files"])
            for table in tables:
                writers.add(table)
            writers.keep()
        manifest["files"] |= writers.finished()
        manifest |= {
            "schema_version": SCHEMA_VERSION,
            "model": model,
            "identity": identity,
            "written": datetime.now(UTC).date().isoformat(),
            "software": _software(),
        }
        manifest |= {"asked": dict(notes)} if notes else {}
        return _write_manifest(target / "manifest.json", manifest)


def _write_manifest(path: Path, manifest: Mapping[str, Any]) -> Path:
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    unfinished.replace(path)
    return path


def fill_cache(model: str, cache: ReplyCache, folder: Path = paths.ANSWERS, identity: str = "") -> int:
    """Puts a model's recorded answers into the cache; returns how many were usable.

    Answers of another identity than the given (by default the listed model's) are left out: their keys would never be
    asked for.
    """
    identity = identity or model_identity(model)
    home = archive.home(model, folder)
    manifest = archive.manifest(home) if (home / "manifest.json").exists() else {"model": model, "files": {}}
    if manifest["model"] != model:
        return 0
    files = {n: entry for n, entry in manifest["files"].items() if homes.agrees(n, manifest, identity)}
    for name, entry in files.items():
        if not cache.has_taken_in(entry["sha256"]):
            check(home / name, entry)
            _take_in(home / name, cache)
            cache.take_note_of(entry["sha256"])
    return sum(entry["rows"] - entry["status"]["error"] for entry in files.values())


def _take_in(path: Path, cache: ReplyCache) -> None:
    with pq.ParquetFile(path) as file:
        for texts in _ahead(_usable_texts, _bunches(file), threads=1):
            cache.put_texts(texts)
            # Or it would be held until the next is there.
            del texts


def _bunches(file: pq.ParquetFile) -> Iterator[list[pa.RecordBatch]]:
    """Yields the file's batches, several at a time: they never reach beyond the chunk they were written in."""
    bunch: list[pa.RecordBatch] = []
    for batch in file.iter_batches(_SORTED):
        bunch.append(batch)
        if sum(map(len, bunch)) >= _SORTED:
            yield bunch
            bunch = []
    if bunch:
        yield bunch


def _usable_texts(batches: list[pa.RecordBatch]) -> dict[str, str]:
    table = completed(pa.Table.from_batches(batches).unify_dictionaries())
    table = table.filter(pc.not_equal(table["status"].cast(pa.string()), "error"))
    # Text that is made in the order of its keys is also stored in it, which is several times faster.
    order, texts = pc.sort_indices(table["key"]), {}
    for start in range(0, len(table), _CHUNK):
        for batch in table.take(order.slice(start, _CHUNK)).combine_chunks().to_batches():
            texts |= json_texts(batch)
    return texts


def _software() -> dict[str, str]:
    found = {}
    for package in ("llama-cpp-python", "openai", "aiohttp", "diskcache"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
