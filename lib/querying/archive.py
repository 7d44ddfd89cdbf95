"""Recorded answers: one Parquet file for each instrument and mode of a model, and a manifest that vouches for them."""

import hashlib
import json
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lib import paths
from lib.errors import StudyError, unknown
from lib.planning import QUESTION
from lib.querying.cache import ReplyCache
from lib.querying.endpoints import SCHEMA_VERSION, STATUSES, Reply, model_identity
from lib.querying.runner import requests

_CHUNK = 50_000
_ANSWER = ["status", "logprob", "probabilities", "unmatched", "tokens_in", "tokens_scored", "message"]
_SCHEMA = pa.schema(
    [
        *((name, pa.dictionary(pa.int16(), pa.string())) for name in QUESTION[:-1]),
        ("replicate", pa.int32()),
        ("status", pa.dictionary(pa.int8(), pa.string())),
        ("logprob", pa.float32()),
        ("probabilities", pa.list_(pa.float32())),
        ("unmatched", pa.float32()),
        ("tokens_in", pa.int32()),
        ("tokens_scored", pa.int32()),
        ("message", pa.string()),
        ("key", pa.binary(16)),
    ]
)


def collect(plan: pd.DataFrame, identity: str, cache: ReplyCache) -> pd.DataFrame:
    """Returns the answers table: the plan's columns, the reply's, and `key` (32 hexadecimal digits).

    A question that has no reply stands there with the status `error`; nothing is left out and nothing is made up.
    """
    stream, parts = requests(plan, identity), []
    missing = Reply("error", message="not answered")
    while keys := [request.key for request in islice(stream, _CHUNK)]:
        known = cache.get_many(keys)
        replies = [known.get(key, missing) for key in keys]
        parts.append(pd.DataFrame({name: [getattr(r, name) for r in replies] for name in _ANSWER} | {"key": keys}))
    return pd.concat([plan.reset_index(drop=True), pd.concat(parts, ignore_index=True)], axis=1)


def write(answers: pd.DataFrame, model: str, folder: Path = paths.ANSWERS) -> Path:
    """Writes the answers table as Parquet, one file for each instrument and mode, and updates the manifest.

    Returns the manifest's path. A file appears only when it is whole.
    """
    target = folder / model
    target.mkdir(parents=True, exist_ok=True)
    manifest = _manifest(target) if (target / "manifest.json").exists() else {"files": {}}
    for (instrument, mode), part in answers.groupby(["instrument", "mode"], observed=True):
        name = f"{instrument}_{mode}.parquet"
        part = part.assign(key=[bytes.fromhex(k) for k in part["key"]])
        table = pa.Table.from_pandas(part, schema=_SCHEMA, preserve_index=False)
        table = table.replace_schema_metadata({"schema_version": str(SCHEMA_VERSION)})
        unfinished = target / f"{name}.part"
        pq.write_table(table, unfinished, compression="zstd", compression_level=19, use_byte_stream_split=["logprob"])
        unfinished.replace(target / name)
        counts = part["status"].value_counts()
        manifest["files"][name] = {
            "rows": len(part),
            "status": {s: int(counts.get(s, 0)) for s in STATUSES},
            "sha256": _checksum(target / name),
        }
    manifest |= {
        "schema_version": SCHEMA_VERSION,
        "model": model,
        "identity": model_identity(model),
        "written": datetime.now(UTC).date().isoformat(),
        "software": _software(),
    }
    path = target / "manifest.json"
    path.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return path


def recorded_models(folder: Path = paths.ANSWERS) -> list[str]:
    """Returns the models that have recorded answers."""
    return sorted(p.parent.name for p in folder.glob("*/manifest.json"))


def recorded(model: str, folder: Path = paths.ANSWERS) -> list[tuple[str, str]]:
    """Returns the (instrument, mode) pairs recorded of a model.

    Raises:
        StudyError: nothing is recorded of it.
    """
    if model not in recorded_models(folder):
        raise unknown("model", model, recorded_models(folder))
    files = _manifest(folder / model)["files"]
    return sorted(tuple(name.removesuffix(".parquet").rsplit("_", 1)) for name in files)


def read(model: str, instrument: str, mode: str, folder: Path = paths.ANSWERS) -> pd.DataFrame:
    """Returns the recorded answers, checked: columns as `collect` gives them, and `model`.

    Raises:
        StudyError: not recorded (the message lists what is); a file altered, cut short or of another schema version.
    """
    known = recorded(model, folder)
    if (instrument, mode) not in known:
        raise unknown(f"answers of {model}", f"{instrument}, {mode}", [", ".join(k) for k in known])
    name = f"{instrument}_{mode}.parquet"
    path = folder / model / name
    check(path, _manifest(folder / model)["files"][name])
    table = pq.read_table(path).to_pandas()
    table["logprob"] = table["logprob"].astype("float64")
    return table.assign(key=[k.hex() for k in table["key"]], model=model)


def status_counts(model: str, folder: Path = paths.ANSWERS) -> pd.DataFrame:
    """Returns how a model's questions ended: `model`, `instrument`, `mode`, `questions`, one column for each status.

    `unmatched` is the mean probability that fell on no response option (`choice` only).
    """
    rows = []
    for instrument, mode in recorded(model, folder):
        answers = read(model, instrument, mode, folder)
        counts = answers["status"].value_counts()
        row = {"model": model, "instrument": instrument, "mode": mode, "questions": len(answers)}
        row |= {status: int(counts.get(status, 0)) for status in STATUSES}
        rows.append(row | {"unmatched": answers["unmatched"].astype("float64").mean()})
    return pd.DataFrame(rows)


def check(path: Path, entry: dict[str, Any]) -> None:
    """Raises StudyError unless the file is the one its manifest entry describes."""
    repair = f"Restore it (git checkout -- {path.name}) or ask again (make ask)."
    if not path.exists():
        raise StudyError(f"{path} is missing, though its manifest names it. {repair}")
    if _checksum(path) != entry["sha256"]:
        raise StudyError(f"{path} is not the file that was recorded: altered or cut short. {repair}")


def fill_cache(model: str, cache: ReplyCache, folder: Path = paths.ANSWERS) -> int:
    """Puts a model's recorded answers into the cache; returns how many were usable.

    Answers of other weights than the listed ones are left out: their keys would never be asked for.
    """
    if model not in recorded_models(folder) or _manifest(folder / model)["identity"] != model_identity(model):
        return 0
    count = 0
    for instrument, mode in recorded(model, folder):
        answers = read(model, instrument, mode, folder)
        answers = answers[answers["status"] != "error"]
        for start in range(0, len(answers), _CHUNK):
            part = answers.iloc[start : start + _CHUNK]
            cache.put_many({row.key: _reply(row) for row in part[[*_ANSWER, "key"]].itertuples(index=False)})
        count += len(answers)
    return count


def _reply(row: Any) -> Reply:  # noqa: ANN401 - a named tuple of pandas
    chosen = row.probabilities is not None
    return Reply(
        str(row.status),
        logprob=None if chosen else float(row.logprob),
        probabilities=tuple(float(p) for p in row.probabilities) if chosen else None,
        unmatched=float(row.unmatched) if chosen else None,
        tokens_in=int(row.tokens_in),
        tokens_scored=int(row.tokens_scored),
        message=row.message or "",
    )


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


def _checksum(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _software() -> dict[str, str]:
    found = {}
    for package in ("llama-cpp-python", "openai", "diskcache"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
