"""Recorded answers: one Parquet file for each instrument and mode of a model, and a manifest that vouches for them."""

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

from lib import paths, planning
from lib.errors import StudyError, unknown
from lib.prompting import LISTED
from lib.querying.answer_files import ANSWER, SCHEMA, SMALL, Writers, answer_table, check, completed, json_texts
from lib.querying.cache import ReplyCache
from lib.querying.endpoints import SCHEMA_VERSION, STATUSES, Reply, model_identity
from lib.querying.runner import request_keys

_Input, _Result = TypeVar("_Input"), TypeVar("_Result")
_CHUNK = 25_000
#: The more answers are sorted at once, the fewer pages of a large cache are touched; all are stored or none.
_SORTED = 150_000


def collect(plan: pd.DataFrame, identity: str, cache: ReplyCache) -> pd.DataFrame:
    """Returns the answers table: the plan's columns, the reply's, and `key` (32 hexadecimal digits).

    A question that has no reply stands there with the status `error`; nothing is left out and nothing is made up.
    """
    parts = [_frame(table) for table in _tables(plan, identity, cache)]
    answers = pd.concat(parts, ignore_index=True)
    return pd.concat([plan.reset_index(drop=True), answers[[*ANSWER, "key"]]], axis=1)


def _tables(plan: pd.DataFrame, identity: str, cache: ReplyCache) -> Iterator[pa.Table]:
    """Yields the answers chunk by chunk, straight from the cache's JSON."""
    composer = planning.Composer.of(plan)
    missing = Reply("error", message="not answered").to_json()

    def held(start: int) -> tuple[pd.DataFrame, list[str], list[str]]:
        questions = plan.iloc[start : start + _CHUNK]
        keys = request_keys(questions, identity, composer)
        known = cache.texts(keys)
        return questions, keys, [known.get(key, missing) for key in keys]

    for questions, keys, texts in _ahead(held, range(0, len(plan), _CHUNK), threads=2):
        yield answer_table(questions, keys, texts)


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
    target = _home(model, folder)
    target.mkdir(parents=True, exist_ok=True)
    manifest = _kept_manifest(target, identity)
    with ExitStack() as stack:
        writers = Writers(target, stack, level=19 if rows <= SMALL else 3)
        for table in tables:
            writers.add(table)
        for name, old in ((n, e) for n, e in manifest["files"].items() if n in writers.open):
            writers.keep(name, old)
    manifest["files"] |= writers.finished()
    manifest |= {
        "schema_version": SCHEMA_VERSION,
        "model": model,
        "identity": identity,
        "written": datetime.now(UTC).date().isoformat(),
        "software": _software(),
    }
    manifest |= {"asked": dict(notes)} if notes else {}
    path = target / "manifest.json"
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    unfinished.replace(path)
    return path


def _kept_manifest(target: Path, identity: str) -> dict[str, Any]:
    """The manifest so far; answers of another model (or other weights) of the same name are not mixed with these."""
    if not (target / "manifest.json").exists():
        return {"files": {}}
    manifest = _manifest(target)
    return manifest if manifest["identity"] == identity else {"files": {}}


def recorded_models(folder: Path = paths.ANSWERS) -> list[str]:
    """Returns the models that have recorded answers."""
    return sorted(_manifest(p.parent)["model"] for p in folder.glob("*/manifest.json"))


def _home(model: str, folder: Path) -> Path:
    """A model's folder; a name such as org/model is one folder, not two."""
    return folder / model.replace("/", "_")


def recorded(model: str, folder: Path = paths.ANSWERS) -> list[tuple[str, str]]:
    """Returns the (instrument, mode) pairs recorded of a model.

    Raises:
        StudyError: nothing is recorded of it.
    """
    if model not in recorded_models(folder):
        raise unknown("model", model, recorded_models(folder))
    files = _manifest(_home(model, folder))["files"]
    return sorted(tuple(name.removesuffix(".parquet").rsplit("_", 1)) for name in files)


def read(
    model: str, instrument: str, mode: str, folder: Path = paths.ANSWERS, order: str | None = LISTED
) -> pd.DataFrame:
    """Returns the recorded answers, checked: columns as `collect` gives them, and `model`.

    Answers to differently ordered options are never analysed together, so those of one order are returned: as listed
    unless told otherwise, of every order where `order` is None.

    Raises:
        StudyError: not recorded (the message lists what is); a file altered, cut short or of another schema version.
    """
    table = _frame(_read_table(model, instrument, mode, folder)).assign(model=model)
    if order is None:
        return table
    chosen = table[table["order"] == order].reset_index(drop=True)
    if chosen.empty:
        raise unknown(f"option order of {model}, {instrument}, {mode}", order, table["order"].unique())
    return chosen


def _read_table(model: str, instrument: str, mode: str, folder: Path) -> pa.Table:
    known = recorded(model, folder)
    if (instrument, mode) not in known:
        raise unknown(f"answers of {model}", f"{instrument}, {mode}", [", ".join(k) for k in known])
    name = f"{instrument}_{mode}.parquet"
    path = _home(model, folder) / name
    check(path, _manifest(_home(model, folder))["files"][name])
    return completed(pq.read_table(path))


def _frame(table: pa.Table) -> pd.DataFrame:
    frame = table.to_pandas()
    numbers = {"logprob": "float64", "unmatched": "float64", "response": "float64"}
    return frame.astype(numbers).assign(key=[key.hex() for key in frame["key"]])


def status_counts(model: str, folder: Path = paths.ANSWERS) -> pd.DataFrame:
    """Returns how a model's questions ended: `model`, `instrument`, `mode`, `questions`, one column for each status.

    `unmatched` is the mean probability that fell on no response option (`choice` only).
    """
    rows = []
    for instrument, mode in recorded(model, folder):
        answers = read(model, instrument, mode, folder, order=None)
        counts = answers["status"].value_counts()
        row = {"model": model, "instrument": instrument, "mode": mode, "questions": len(answers)}
        row |= {status: int(counts.get(status, 0)) for status in STATUSES}
        rows.append(row | {"unmatched": answers["unmatched"].mean()})
    return pd.DataFrame(rows)


def fill_cache(model: str, cache: ReplyCache, folder: Path = paths.ANSWERS, identity: str = "") -> int:
    """Puts a model's recorded answers into the cache; returns how many were usable.

    Answers of another identity than the given (by default the listed model's) are left out: their keys would never be
    asked for.
    """
    identity = identity or model_identity(model)
    if model not in recorded_models(folder) or _manifest(_home(model, folder))["identity"] != identity:
        return 0
    files = _manifest(_home(model, folder))["files"]
    for name, entry in files.items():
        if not cache.has_taken_in(entry["sha256"]):
            check(_home(model, folder) / name, entry)
            _take_in(_home(model, folder) / name, cache)
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


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StudyError(f"{path} cannot be read: {error}") from error
    found = manifest.get("schema_version")
    if found != SCHEMA_VERSION:
        raise StudyError(
            f"{path}: answers of schema version {found}, this project reads {SCHEMA_VERSION}. Use the release they "
            "were recorded with, or ask again (make ask)."
        )
    return manifest


def _software() -> dict[str, str]:
    found = {}
    for package in ("llama-cpp-python", "openai", "aiohttp", "diskcache"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
