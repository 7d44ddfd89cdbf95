"""Licensed questionnaire texts: taken from their source on demand, never kept in the project."""

import csv
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pooch

from lib import paths
from lib.errors import StudyError


@dataclass(frozen=True)
class TextSource:
    """Where a licensed text is had.

    Attributes:
        url: a file at a pinned commit.
        path: the same file's place in a folder that stands in for the download.
        sha256: the file's checksum, in hexadecimal.
        column: the CSV column that holds the statements.
        where: column values that pick the questionnaire's rows, which stand in item order.
    """

    url: str
    path: str
    sha256: str
    column: str
    where: Mapping[str, str]


def licensed_texts(instrument_id: str, source: TextSource) -> list[str]:
    """Returns the statements in order, from `INDUCED_VALUES_TEXTS` if set, else downloaded once and kept.

    Raises:
        StudyError: the text cannot be had, or the file is not the pinned one.
    """
    path = _stand_in(instrument_id, source) or _downloaded(instrument_id, source)
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [r for r in csv.DictReader(stream) if all(r[k] == v for k, v in source.where.items())]
    return [" ".join(row[source.column].split()) for row in rows]


def _stand_in(instrument_id: str, source: TextSource) -> Path | None:
    folder = os.environ.get(paths.TEXTS_VARIABLE)
    if not folder:
        return None
    path = Path(folder).expanduser() / source.path
    if not path.exists():
        raise StudyError(f"{instrument_id}: no {source.path} in {folder} ({paths.TEXTS_VARIABLE}).")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != source.sha256:
        raise StudyError(f"{instrument_id}: {path} is not the pinned file (sha256 {found}, not {source.sha256}).")
    return path


def _downloaded(instrument_id: str, source: TextSource) -> Path:
    target = paths.cache_folder() / "texts" / source.path
    pooch.get_logger().setLevel("WARNING")
    try:
        pooch.retrieve(
            source.url,
            known_hash=f"sha256:{source.sha256}",
            fname=target.name,
            path=target.parent,
            progressbar=False,
        )
    except (OSError, ValueError) as error:
        raise StudyError(
            f"{instrument_id}: its text is licensed and not part of this project, and it could not be downloaded from "
            f"{source.url} ({type(error).__name__}). Connect to the network, or put the file as {source.path} into a "
            f"folder and name that folder in {paths.TEXTS_VARIABLE}."
        ) from error
    return target
