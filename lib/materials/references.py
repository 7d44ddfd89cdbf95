"""Human references: value structures, means and dominant values of real samples, with where they come from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_type_hints

import numpy as np
import pandas as pd

from lib import paths
from lib.errors import StudyError, sound, unknown
from lib.materials import reading
from lib.materials.values import CODES

#: The response scale of all means.
LOWEST, HIGHEST = 1, 6
#: What a mean and its centred mean may differ by from value to value: people who left single items out.
_SHIFT = 0.05
#: Centred scores, weighted by their items, add up to nothing: the lowest eigenvalue of their correlations is 0. With
#: coefficients of two digits, and people who left items out, it stays within so much of it.
_SINGULAR = 0.06
_MEANS = {
    "raw_mean": (LOWEST, HIGHEST),
    "raw_sd": (0, HIGHEST - LOWEST),
    "cent_mean": (LOWEST - HIGHEST, HIGHEST - LOWEST),
    "cent_sd": (0, HIGHEST - LOWEST),
}
_DOMINANT = ["sample", "TRCO_order", "spearman_threshold"]


@dataclass(frozen=True)
class Reference:
    """One human sample; `portrait` says that it answered a portrait questionnaire."""

    id: str
    label: str
    n: int
    instrument: str
    portrait: bool
    citation: str
    microdata: str
    note: str


def entry(cls: type, path: Path, name: str, given: Mapping[str, Any]) -> Any:  # noqa: ANN401 - of that class
    """Returns an entry of a file of references as an object of the class whose fields are its keys.

    Raises:
        StudyError: a key that is missing, unknown or of another kind; a name that no file can be called by.
    """
    if not re.fullmatch(r"\w[\w.+-]*", name, re.ASCII):
        raise StudyError(
            f"{path}, [{name}]: a name holds letters, digits and _ . + - only, as its tables are called so."
        )
    hints = get_type_hints(cls)
    reading.fields(f"{path}, [{name}]", given, {f.name: hints[f.name] for f in fields(cls)[1:]}, blank=("note",))
    return cls(id=name, **given)


def references() -> Mapping[str, Reference]:
    """Returns the samples of `data/raw/human/references.toml` by id, in the file's order.

    One whose entry or structure is faulty is left out, and what is wrong with it said.
    """
    return _references(paths.HUMAN)


@cache
def _references(folder: Path) -> Mapping[str, Reference]:
    whole = sound(_entries(folder), lambda name: (_reference(folder, name), _structure(folder, name)))
    return MappingProxyType({name: _reference(folder, name) for name in whole})


def _entries(folder: Path) -> dict[str, Any]:
    return reading.toml(folder / "references.toml")


def _reference(folder: Path, name: str) -> Reference:
    entries = _entries(folder)
    if name not in entries:
        raise unknown("reference", name, references())
    found = entry(Reference, folder / "references.toml", name, entries[name])
    if found.n < 1:
        raise StudyError(f"{folder / 'references.toml'}, [{name}]: n is {found.n}; it must count people.")
    return found


def structure(name: str) -> pd.DataFrame:
    """Returns a sample's correlations of the ten centred value scores, 10 x 10 in the order of `CODES`.

    Half a matrix, above or below the diagonal, stands for the whole.

    Raises:
        StudyError: an unknown sample, or a table that is no correlation matrix of the ten centred values; the message
            names the cell or says what tells so.
    """
    _reference(paths.HUMAN, name)
    return _structure(paths.HUMAN, name)


def _structure(folder: Path, name: str) -> pd.DataFrame:
    path = folder / "structure" / f"{name}.csv"
    matrix = _by_code(path, dict.fromkeys(CODES, (-1, 1)))
    matrix = matrix.combine_first(matrix.T).loc[list(CODES), list(CODES)]
    for wrong, what in (
        (matrix.isna(), "is blank"),
        (~np.isclose(matrix, matrix.T, atol=1e-6), "is not the same as its mirror image"),
        (np.eye(len(CODES), dtype=bool) & ~np.isclose(matrix, 1), "is not 1"),
    ):
        if (cells := np.argwhere(np.asarray(wrong))).size:
            row, column = (CODES[i] for i in cells[0])
            raise StudyError(f"{path} is not a correlation matrix: row {row}, column {column} {what}.")
    _check_centred(path, matrix.to_numpy())
    return matrix


def _check_centred(path: Path, values: np.ndarray) -> None:
    """Centred scores are told by their one dependency, in which every value has the same sign."""
    eigenvalues, vectors = np.linalg.eigh(values)
    weights = vectors[:, 0] * np.sign(vectors[:, 0].sum())
    if eigenvalues[0] < -_SINGULAR:
        raise StudyError(f"{path} is not a correlation matrix: no scores can correlate so. Look for a turned sign.")
    if eigenvalues[0] > _SINGULAR:
        raise StudyError(
            f"{path}: not the correlations of centred scores (lowest eigenvalue {eigenvalues[0]:.2f}, not 0). "
            "Subtract each person's mean over all items before correlating; if that was done, look for a turned sign."
        )
    if turned := [code for code, weight in zip(CODES, weights, strict=True) if weight < 0]:
        raise StudyError(f"{path}: the signs of {', '.join(turned)} are turned: centred scores cannot correlate so.")


def _by_code(path: Path, columns: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """Returns a table whose first column holds the ten codes, each once; every column with its lowest and highest."""
    rows = reading.rows(path, columns)
    key = next(iter(rows[0].cells))
    reading.unique(rows, [key])
    if odd := {row[key] for row in rows} ^ set(CODES):
        raise StudyError(f"{path}: its rows must be {', '.join(CODES)}; they differ in {', '.join(sorted(odd))}.")
    found = {row[key]: {c: row.number(c, *ends) for c, ends in columns.items()} for row in rows}
    return pd.DataFrame.from_dict(found, orient="index").loc[list(CODES)]


def with_means(portrait: bool = False) -> tuple[str, ...]:
    """Returns the samples that have means, in the file's order; with `portrait` those that set the ceiling.

    Faulty means are left out, and what is wrong with them said.
    """
    return tuple(name for name in _with_means(paths.HUMAN) if references()[name].portrait >= portrait)


@cache
def _with_means(folder: Path) -> tuple[str, ...]:
    there = [name for name in _references(folder) if (folder / "means" / f"{name}.csv").exists()]
    return tuple(sound(there, lambda name: _means(folder, name)))


def means(name: str) -> pd.DataFrame:
    """Returns a sample's value means: index code; `raw_mean`, `raw_sd`, `cent_mean`, `cent_sd` on its response scale.

    Raises:
        StudyError: an unknown sample, or one without means; means that cannot be those of the ten values on a scale
            from `LOWEST` to `HIGHEST`.
    """
    if not (paths.HUMAN / "means" / f"{name}.csv").exists():
        raise unknown("reference with means", name, with_means())
    _reference(paths.HUMAN, name)
    return _means(paths.HUMAN, name)


def _means(folder: Path, name: str) -> pd.DataFrame:
    path = folder / "means" / f"{name}.csv"
    table = _by_code(path, _MEANS)
    if (blank := np.argwhere(table.isna().to_numpy())).size:
        raise StudyError(f"{path}: row {CODES[blank[0][0]]}, column {table.columns[blank[0][1]]} is blank.")
    _check_means(path, table)
    return table


def _check_means(path: Path, table: pd.DataFrame) -> None:
    shift = table["raw_mean"] - table["cent_mean"]
    off = (shift - shift.median()).abs()
    if off.max() > _SHIFT:
        raise StudyError(
            f"{path}: row {off.idxmax()} has raw_mean - cent_mean = {shift[off.idxmax()]:.2f}, the others about "
            f"{shift.median():.2f}, though every score is centred by the same mean. Look for a turned sign or the code "
            "of a missing answer."
        )
    if table["raw_mean"]["PO"] > table["raw_mean"]["BE"]:
        raise StudyError(
            f"{path}: power is rated above benevolence, which no known sample of people does. {HIGHEST} must mean very "
            "important: turn the scale."
        )


def dominant_values() -> pd.DataFrame:
    """Returns how many people have which dominant value (`data/raw/human/dominant_values.csv`).

    Columns: `sample`, `TRCO_order`, `spearman_threshold`, `n`, `pct_classified`, and a percentage for each code.

    Raises:
        StudyError: a cell that is no such number, percentages that do not add up, a row that stands there twice.
    """
    path = paths.HUMAN / "dominant_values.csv"
    rows = reading.rows(path, [*_DOMINANT, "n", "pct_classified", *CODES])
    reading.unique(rows, _DOMINANT)
    return pd.DataFrame([_dominant(row) for row in rows])


def _dominant(row: reading.Row) -> dict[str, Any]:
    shares = {column: row.number(column, 0, 100) for column in ("pct_classified", *CODES)}
    # Eleven figures, each rounded to a tenth.
    if not abs(sum(shares[code] for code in CODES) - shares["pct_classified"]) < 0.6:
        raise StudyError(f"{row.where}: the percentages of the ten values do not add up to pct_classified.")
    named = {"sample": row.text("sample"), "TRCO_order": row.text("TRCO_order")}
    return (
        named | {"spearman_threshold": row.number("spearman_threshold", -1, 1), "n": row.whole("n", 1, 10**9)} | shares
    )
