"""Human results on values and behaviour, brought to one form: a table of cells, behaviour x value.

`docs/references.md` describes the files and how to add a study's table.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib import paths
from lib.errors import StudyError, sound, unknown
from lib.materials import reading
from lib.materials.instruments import Instrument, load
from lib.materials.references import entry
from lib.materials.values import CODES, angles

MAP = paths.HUMAN / "behavior_map.csv"
#: The circle's own prediction, for instruments that say where on the circle their behaviours belong.
THEORY = "circle"
#: The scale name in the map that stands for each value's own acts.
OWN = "own"
#: The two surveys whose shared behaviours set the ceiling.
SURVEYS = ("gss2012_us", "ess9_be")
_COLUMNS = ["reference", "instrument", "scale", "variable", "role", "value", "r", "sign", "n"]
_KINDS = ("coefficients", "secondhand", "signs")
_ROLES = ("behavior", "check")
#: Variable, value, r, sign, n.
_Cell = tuple[str, str, float, int, float]


@dataclass(frozen=True)
class BehaviorReference:
    """One human result; `kind` says whether it gives coefficients, second-hand coefficients or signs only."""

    id: str
    label: str
    kind: str
    sample: str
    citation: str
    note: str


def behavior_references(folder: Path = paths.HUMAN) -> dict[str, BehaviorReference]:
    """Returns the results of `behavior_references.toml` by id, in the file's order.

    One whose entry, table or part of the map is faulty is left out, and what is wrong with it said.
    """
    return dict(_behavior_references(folder))


@cache
def _behavior_references(folder: Path) -> dict[str, BehaviorReference]:
    return {name: _reference(name, folder) for name in sound(_entries(folder), lambda name: cells(name, folder))}


def _entries(folder: Path) -> dict[str, Any]:
    return reading.toml(folder / "behavior_references.toml")


def _reference(name: str, folder: Path) -> BehaviorReference:
    path, entries = folder / "behavior_references.toml", _entries(folder)
    if name not in entries:
        raise unknown("behaviour reference", name, entries)
    found = entry(BehaviorReference, path, name, entries[name])
    if found.kind not in _KINDS:
        raise StudyError(f"{path}, [{name}]: kind {found.kind!r} is none of {', '.join(_KINDS)}.")
    return found


def cells(name: str, folder: Path = paths.HUMAN) -> pd.DataFrame:
    """Returns a reference's cells, one row for each behaviour x value that it says something about.

    Columns: `reference`, `instrument`, `scale`, `variable`, `role` (behavior, or check for what is no behaviour),
    `value`, `r` (NaN where only the sign is known), `sign` (-1, 0 or 1), `n` (people; NaN where not stated).

    Raises:
        StudyError: an unknown reference; a cell that is no correlation, a variable that stands there twice, findings
            that contradict each other; a variable that the map lacks, a scale that its instrument lacks.
    """
    kind = _reference(name, folder).kind
    path = folder / "behavior" / f"{name}.csv"
    long = {"coefficients": _coefficients, "secondhand": _transposed, "signs": _signs}[kind](path)
    joined = pd.DataFrame(long, columns=["variable", "value", "r", "sign", "n"])
    if joined.empty:
        raise StudyError(f"{path}: no cell says anything.")
    joined = joined.merge(_mapping(name, folder), on="variable", how="left")
    if (lost := joined["scale"].isna()).any():
        raise StudyError(f"{folder / MAP.name} lacks {name}'s {', '.join(joined.loc[lost, 'variable'].unique())}.")
    joined["scale"] = joined["scale"].where(joined["scale"] != OWN, joined["value"])
    return joined.assign(reference=name)[_COLUMNS]


def _mapping(name: str, folder: Path) -> pd.DataFrame:
    columns = ["reference", "variable", "instrument", "scale", "role"]
    rows = [row for row in reading.rows(folder / MAP.name, columns) if row["reference"] == name]
    reading.unique(rows, columns[1:4])
    for row in rows:
        if row["scale"] not in {*load(row["instrument"]).scales, OWN}:
            raise StudyError(f"{row.where}: {row['instrument']} has no scale {row['scale']}.")
        if row["role"] not in _ROLES:
            raise StudyError(f"{row.where}: role {row['role']} is none of {', '.join(_ROLES)}.")
    return pd.DataFrame([dict(row.cells) for row in rows], columns=columns)[columns[1:]]


def _coefficients(path: Path) -> list[_Cell]:
    """One row a behaviour: `variable`, `n`, a column for each value's r."""
    rows = reading.rows(path, ["variable", "n", *CODES])
    reading.unique(rows, ["variable"])
    return [
        (row.text("variable"), code, r, int(np.sign(r)), row.whole("n", 1, 10**9))
        for code in CODES
        for row in rows
        if not math.isnan(r := row.number(code, -1, 1))
    ]


def _transposed(path: Path) -> list[_Cell]:
    """One row a value: `value`, a column for each behaviour, `note`. Blanks are unknown."""
    rows = reading.rows(path, ["value"])
    reading.unique(rows, ["value"])
    _check_codes((row, row["value"]) for row in rows)
    variables = [name for name in rows[0].cells if name not in ("value", "note", "")]
    return [
        (name, row["value"], r, int(np.sign(r)), math.nan)
        for name in variables
        for row in rows
        if not math.isnan(r := row.number(name, -1, 1))
    ]


def _signs(path: Path) -> list[_Cell]:
    """One row a finding: `behavior`, and the values it goes with in `positive` and `negative`."""
    said: dict[tuple[str, str], tuple[int, reading.Row]] = {}
    for row in reading.rows(path, ["behavior", "positive", "negative"]):
        for sign, column in ((1, "positive"), (-1, "negative")):
            codes = [code.strip() for code in row[column].split(",") if code.strip()]
            _check_codes((row, code) for code in codes)
            for cell in ((row.text("behavior"), code) for code in codes):
                before = said.setdefault(cell, (sign, row))
                if before[0] != sign:
                    raise StudyError(f"{row.where}: {' and '.join(cell)}: line {before[1].line} says the contrary.")
    return [(behavior, code, math.nan, sign, math.nan) for (behavior, code), (sign, _) in said.items()]


def _check_codes(named: Iterable[tuple[reading.Row, str]]) -> None:
    for row, code in named:
        if code not in CODES:
            raise StudyError(f"{row.where}: unknown value {code!r}; one of {', '.join(CODES)}.")


def theory_cells(instrument: Instrument) -> pd.DataFrame:
    """Returns what the circle predicts for an instrument with `[peaks]`, in the form of `cells`.

    r = cos(angle of the value - angle of the behaviour), the behaviour lying midway between the values it is expected
    to go with. It is a prediction of the pattern, not of the size of correlations, and no human result.
    """
    turn = np.deg2rad(angles())
    rows = []
    for scale, codes in instrument.peaks.items():
        here = np.arctan2(np.sin(turn[list(codes)]).sum(), np.cos(turn[list(codes)]).sum())
        rows += [(scale, code, np.cos(turn[code] - here)) for code in CODES]
    table = pd.DataFrame(rows, columns=["scale", "value", "r"])
    sign = np.where(table["r"].abs() < 1e-9, 0, np.sign(table["r"])).astype(int)
    table = table.assign(reference=THEORY, instrument=instrument.id, variable=table["scale"], role="behavior")
    return table.assign(sign=sign, n=np.nan)[_COLUMNS]


def matrix(table: pd.DataFrame, column: str = "r") -> pd.DataFrame:
    """Returns cells as behaviours x values (columns in the order of `CODES`), NaN where nothing is known.

    A cell that two studies speak of is the mean of what they say.
    """
    wide = table.pivot_table(index="scale", columns="value", values=column, sort=False, dropna=False)
    return wide.reindex(columns=list(CODES)).loc[list(dict.fromkeys(table["scale"]))].astype(float)
