"""Recorded answers: one Parquet file for each instrument and mode of a model, and a manifest that vouches for them."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lib import paths
from lib.answers.files import check, completed
from lib.answers.reply import SCHEMA_VERSION, STATUSES
from lib.errors import StudyError, sound, unknown
from lib.materials.questions import LISTED

_ENTRY = {"rows", "status", "sha256"}


def recorded_models(folder: Path = paths.ANSWERS) -> list[str]:
    """Returns the models that have recorded answers; one whose manifest is damaged is left out, and that said."""
    homes = sorted(path.parent for path in folder.glob("*/manifest.json"))
    return sorted(manifest(home)["model"] for home in sound(homes, manifest))


def home(model: str, folder: Path) -> Path:
    """Returns a model's folder; a name such as org/model is one folder, not two.

    Raises:
        StudyError: a name that no folder can be called by.
    """
    return folder / paths.slug(model)


def recorded(model: str, folder: Path = paths.ANSWERS) -> list[tuple[str, str]]:
    """Returns the (instrument, mode) pairs recorded of a model.

    Raises:
        StudyError: nothing is recorded of it, or its manifest is damaged.
    """
    place = home(model, folder)
    held = manifest(place) if (place / "manifest.json").exists() else {"model": None}
    if held["model"] != model:
        raise unknown("model", model, recorded_models(folder))
    files = held["files"]
    return sorted(tuple(name.removesuffix(".parquet").rsplit("_", 1)) for name in files)


def read(
    model: str, instrument: str, mode: str, folder: Path = paths.ANSWERS, order: str | None = LISTED
) -> pd.DataFrame:
    """Returns the recorded answers, checked: columns of question and reply, `key` (32 hexadecimal digits), `model`.

    Answers to differently ordered options are never analysed together, so those of one order are returned: as listed
    unless told otherwise, of every order where `order` is None.

    Raises:
        StudyError: not recorded (the message lists what is); a file altered, cut short or of another schema version.
    """
    table = frame(_read_table(model, instrument, mode, folder)).assign(model=model)
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
    path = home(model, folder) / name
    check(path, manifest(home(model, folder))["files"][name])
    return completed(pq.read_table(path))


def frame(table: pa.Table) -> pd.DataFrame:
    """Returns answers as the columns that `read` gives, but for `model`."""
    answers = table.to_pandas()
    numbers = {"logprob": "float64", "unmatched": "float64", "response": "float64"}
    return answers.astype(numbers).assign(key=[key.hex() for key in answers["key"]])


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


def manifest(folder: Path) -> dict[str, Any]:
    """Returns the manifest in a model's folder.

    Raises:
        StudyError: unreadable, or of another schema version.
    """
    path = folder / "manifest.json"
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path, error) from error
    if not isinstance(held, dict):
        raise _damaged(path, "it is no manifest")
    found = held.get("schema_version")
    if found != SCHEMA_VERSION:
        raise StudyError(
            f"{path}: answers of schema version {found}, this project reads {SCHEMA_VERSION}. Use the release they "
            "were recorded with, or ask again (make ask)."
        )
    if not _is_whole(held):
        raise _damaged(path, "it lacks what a manifest holds")
    return held


def _is_whole(held: dict[str, Any]) -> bool:
    files = held.get("files")
    named = isinstance(held.get("model"), str) and isinstance(held.get("identity"), str) and isinstance(files, dict)
    return named and all(
        Path(name).name == name and isinstance(entry, dict) and entry.keys() >= _ENTRY and "error" in entry["status"]
        for name, entry in files.items()
    )


def _damaged(path: Path, cause: object) -> StudyError:
    return StudyError(
        f"{path} cannot be read: {cause}. Restore it (git checkout -- {path}), or move its folder away and record "
        "again what the cache holds (python -m lib answers)."
    )
