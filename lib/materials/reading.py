"""Files that people make, read as they meant them or refused: text, TOML entries, tables from a spreadsheet.

What can be meant in one way only is read so, whatever program saved it: byte-order marks, UTF-16, semicolons or tabs
between the columns, a minus sign that is none on the keyboard, "1,500", ".30**". Everything else is refused with file,
line and column.
"""

import codecs
import csv
import io
import math
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lib.errors import StudyError

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_DELIMITERS = ",;\t"
#: Hyphens and dashes that typesetting puts for a minus.
_MINUS = str.maketrans(dict.fromkeys("\u2212\u2013\u2010\u2011\u2012\ufe63\uff0d", "-"))
_UNKNOWN = {"", "NA", "NaN", "nan"}
_STARS = re.compile(r"\s*\*{1,4}$")
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_WHOLE = re.compile(r"(\d{1,3}(?:[, '’\u00a0\u2009\u202f]\d{3})+|\d+)(?:\.0{1,2})?", re.ASCII)
#: Surveys put such numbers where an answer is missing.
_MISSING_CODES = range(66, 100)
_KINDS = {
    str: "text in quotes",
    bool: "true or false",
    int: "a whole number",
    list: "a list in brackets",
    dict: "a table",
}


def text(path: Path) -> str:
    """Returns a file's text: UTF-8, or UTF-16 where it begins with that mark; a byte-order mark is left out.

    Raises:
        StudyError: the file cannot be read, or is in another encoding.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise StudyError(f"{path} cannot be read: {error.strerror}.") from error
    encoding = next((name for mark, name in _MARKS.items() if raw.startswith(mark)), "utf-8")
    advice = "Save it as UTF-8 (in Excel “CSV UTF-8”)."
    try:
        found = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise StudyError(
            f"{path}, line {line}: the byte 0x{raw[error.start]:02x} is no {encoding.upper()}. {advice}"
        ) from error
    if "\0" in found:
        raise StudyError(f"{path}: not a text file, or in an encoding that it does not name. {advice}")
    return found


def toml(path: Path) -> dict[str, Any]:
    """Returns a TOML file as a dictionary.

    Raises:
        StudyError: the file cannot be read, or is no TOML; the message says where.
    """
    try:
        return tomllib.loads(text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise StudyError(f"{path}: not a readable TOML file: {error}.") from error


def fields(
    where: str,
    given: Mapping[str, Any],
    needed: Mapping[str, type],
    optional: Mapping[str, type] | None = None,
    blank: Collection[str] = (),
) -> None:
    """Checks an entry of a TOML file: all that is needed is there, nothing unknown, everything of its kind.

    Args:
        where: what the message begins with.
        given: the entry.
        needed: the kind of each key that must be there.
        optional: the kind of each key that may be there.
        blank: the keys whose text may be empty.

    Raises:
        StudyError: the first of these that does not hold.
    """
    if not isinstance(given, Mapping):
        raise StudyError(f"{where} must be a table of {', '.join(needed)}.")
    known = {**needed, **(optional or {})}
    lacking = [f"lacks {', '.join(absent)}"] if (absent := [k for k in needed if k not in given]) else []
    surplus = [f"has unknown {', '.join(odd)}"] if (odd := [k for k in given if k not in known]) else []
    if lacking or surplus:
        raise StudyError(f"{where} {' and '.join(lacking + surplus)}. Its keys are {', '.join(known)}.")
    for key, value in given.items():
        if not isinstance(value, known[key]) or (isinstance(value, bool) and known[key] is not bool):
            raise StudyError(f"{where}: {key} is {value!r}; it must be {_KINDS[known[key]]}.")
        if isinstance(value, str) and not value.strip() and key not in blank:
            raise StudyError(f"{where}: {key} is empty.")


def texts(where: str, listed: object, known: Collection[str] | None = None) -> tuple[str, ...]:
    """Returns a list of an entry, which must hold texts, each once, and where given only known ones.

    Raises:
        StudyError: it is something else.
    """
    if not isinstance(listed, list) or not listed or not all(isinstance(t, str) and t.strip() for t in listed):
        raise StudyError(f"{where} is {listed!r}; it must be a list of texts, such as [{_example(known)}].")
    plain = [t.strip().casefold() for t in listed]
    if twice := [t for t, p in zip(listed, plain, strict=True) if plain.count(p) > 1]:
        raise StudyError(f"{where} names {twice[0]!r} more than once.")
    if odd := [t for t in listed if known is not None and t not in known]:
        raise StudyError(f"{where} has unknown {', '.join(odd)}. There is: {', '.join(sorted(known))}.")
    return tuple(listed)


def _example(known: Collection[str] | None) -> str:
    return ", ".join(f'"{name}"' for name in list(known or ("never", "often"))[:2])


@dataclass(frozen=True)
class Row:
    """One row of a table: its cells by column, without white space around them, and where it stands."""

    path: Path
    line: int
    cells: Mapping[str, str]

    @property
    def where(self) -> str:
        """The file and line, for messages."""
        return f"{self.path}, line {self.line}"

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def text(self, column: str) -> str:
        """Returns a cell that must not be blank.

        Raises:
            StudyError: it is.
        """
        if not self.cells[column]:
            raise StudyError(f"{self.where}: missing {column}.")
        return self.cells[column]

    def number(self, column: str, low: float, high: float) -> float:
        """Returns a cell's number, NaN where the cell is blank (or NA).

        No such column reaches a thousand, so that a comma can only be the decimal one.

        Raises:
            StudyError: no number, or one beyond `low` and `high`.
        """
        shown = self.cells[column]
        if shown in _UNKNOWN:
            return math.nan
        plain = _STARS.sub("", shown).translate(_MINUS).replace(",", ".", 1)
        if not _DECIMAL.fullmatch(plain):
            raise self._no_number(column, "a number")
        return self._within(column, float(plain), low, high)

    def whole(self, column: str, low: int, high: int) -> int:
        """Returns a cell's whole number, in which commas or spaces may part the thousands.

        Raises:
            StudyError: no whole number, or one beyond `low` and `high`.
        """
        found = _WHOLE.fullmatch(self.cells[column])
        if not found:
            raise self._no_number(column, "a whole number")
        return int(self._within(column, int(re.sub(r"\D", "", found[1])), low, high))

    def _no_number(self, column: str, kind: str) -> StudyError:
        advice = "Leave the cell blank where nothing is known." if kind == "a number" else "Write it in digits."
        return StudyError(f"{self.where}, column {column}: {self.cells[column]!r} is not {kind}. {advice}")

    def _within(self, column: str, number: float, low: float, high: float) -> float:
        # Programs print a correlation of 1 as 1.0000000000000002.
        if low - 1e-9 <= number <= high + 1e-9:
            return number
        hint = " It looks like the code of a missing answer, which is no number to reckon with."
        raise StudyError(
            f"{self.where}, column {column}: {number:g} lies beyond {low:g} and {high:g}."
            + (hint if number in _MISSING_CODES else "")
        )


def rows(path: Path, columns: Collection[str]) -> list[Row]:
    """Returns the rows of a table with columns between commas, semicolons or tabs; blank rows are left out.

    Args:
        path: the file; its first line names the columns.
        columns: those that must be there, by which it is told what stands between them.

    Raises:
        StudyError: a missing or doubled column, a row that does not fit the first line, no rows at all.
    """
    content = text(path)
    delimiter = max(_DELIMITERS, key=lambda d: len({*columns} & {*_header(content, d)}))
    header = _header(content, delimiter)
    if absent := {*columns} - {*header}:
        raise StudyError(f"{path}, line 1: missing column(s) {', '.join(sorted(absent))}.")
    if twice := {name for name in header if name and header.count(name) > 1}:
        raise StudyError(f"{path}, line 1: column {min(twice)} stands there twice.")
    found = list(_rows(path, content, delimiter, header))
    if not found:
        raise StudyError(f"{path}: no rows.")
    return found


def _header(content: str, delimiter: str) -> list[str]:
    first = next(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter), [])
    return [name.strip() for name in first]


def _rows(path: Path, content: str, delimiter: str, header: list[str]) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    try:
        next(reader)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Row(path, reader.line_num, _named(f"{path}, line {reader.line_num}", cells, header))
    except csv.Error as error:
        raise StudyError(
            f"{path}, line {reader.line_num}: {error}. Look for a quotation mark that is not closed."
        ) from error


def _named(where: str, cells: list[str], header: list[str]) -> dict[str, str]:
    fitting, rest = cells[: len(header)], cells[len(header) :]
    if len(fitting) < len(header) or any(cell.strip() for cell in rest):
        raise StudyError(
            f"{where}: {len(cells)} fields, but the first line names {len(header)}. Text that holds the sign "
            "between the columns must stand in quotation marks."
        )
    return {name: cell.strip() for name, cell in zip(header, fitting, strict=True)}


def unique(found: list[Row], columns: Collection[str]) -> None:
    """Checks that no two rows agree in these columns.

    Raises:
        StudyError: two rows that do, with both lines: which of them holds cannot be told.
    """
    first: dict[tuple[str, ...], int] = {}
    for row in found:
        key = tuple(row[column] for column in columns)
        if key in first:
            raise StudyError(
                f"{row.where}: duplicate {', '.join(columns)} {', '.join(key)!r}, first on line {first[key]}. "
                "Keep one of the two."
            )
        first[key] = row.line


def frame(found: list[Row]) -> pd.DataFrame:
    """Returns rows as a data frame of texts."""
    return pd.DataFrame([dict(row.cells) for row in found])
