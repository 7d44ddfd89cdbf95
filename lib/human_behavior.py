"""Human results on values and behaviour, brought to one form: a table of cells, behaviour x value.

`docs/references.md` describes the files and how to add a study's table.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lib import paths
from lib.errors import StudyError, unknown
from lib.instruments import Instrument, load
from lib.structure import pearson
from lib.values import CODES, angles

MAP = paths.HUMAN / "behavior_map.csv"
#: The circle's own prediction, for instruments that say where on the circle their behaviours belong.
THEORY = "circle"
#: The scale name in the map that stands for each value's own acts.
OWN = "own"
_COLUMNS = ["reference", "instrument", "scale", "variable", "role", "value", "r", "sign", "n"]
_KINDS = ("coefficients", "secondhand", "signs")
_ROLES = ("behavior", "check")


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

    Raises:
        StudyError: an entry with an unknown kind.
    """
    path = folder / "behavior_references.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    found = {name: BehaviorReference(id=name, **entry) for name, entry in table.items()}
    for reference in found.values():
        if reference.kind not in _KINDS:
            raise StudyError(f"{path}, [{reference.id}]: kind {reference.kind!r} is none of {', '.join(_KINDS)}.")
    return found


def cells(name: str, folder: Path = paths.HUMAN) -> pd.DataFrame:
    """Returns a reference's cells, one row for each behaviour x value that it says something about.

    Columns: `reference`, `instrument`, `scale`, `variable`, `role` (behavior, or check for what is no behaviour),
    `value`, `r` (NaN where only the sign is known), `sign` (-1, 0 or 1), `n` (people; NaN where not stated).

    Raises:
        StudyError: an unknown reference, a variable that the map lacks, a scale that its instrument lacks, a
            correlation beyond 1 in size.
    """
    if name not in behavior_references(folder):
        raise unknown("behaviour reference", name, behavior_references(folder))
    path = folder / "behavior" / f"{name}.csv"
    readers = {"coefficients": _coefficients, "secondhand": _transposed, "signs": _signs}
    long = readers[behavior_references(folder)[name].kind](path)
    joined = long.merge(_mapping(name, folder), on="variable", how="left")
    if (lost := joined["scale"].isna()).any():
        raise StudyError(f"{folder / MAP.name} lacks {name}'s {', '.join(joined.loc[lost, 'variable'].unique())}.")
    if not joined["r"].dropna().between(-1, 1).all():
        raise StudyError(f"{path}: a correlation lies beyond -1 and 1.")
    joined["scale"] = joined["scale"].where(joined["scale"] != OWN, joined["value"])
    return joined.assign(reference=name)[_COLUMNS]


def _mapping(name: str, folder: Path) -> pd.DataFrame:
    path = folder / MAP.name
    table = pd.read_csv(path)
    table = table[table["reference"] == name]
    for instrument, part in table.groupby("instrument"):
        if foreign := set(part["scale"]) - set(load(str(instrument)).scales) - {OWN}:
            raise StudyError(f"{path}: {instrument} has no scale {', '.join(sorted(foreign))}.")
    if odd := set(table["role"]) - set(_ROLES):
        raise StudyError(f"{path}: role {', '.join(sorted(odd))} is none of {', '.join(_ROLES)}.")
    return table[["variable", "instrument", "scale", "role"]]


def _read(path: Path, columns: set[str]) -> pd.DataFrame:
    table = pd.read_csv(path)
    if absent := columns - set(table.columns):
        raise StudyError(f"{path}: missing column(s) {', '.join(sorted(absent))}.")
    return table


def _coefficients(path: Path) -> pd.DataFrame:
    """One row a behaviour: `variable`, `n`, a column for each value's r."""
    table = _read(path, {"variable", "n", *CODES})
    long = table.melt(["variable", "n"], list(CODES), "value", "r").dropna(subset="r")
    return long.assign(sign=np.sign(long["r"]).astype(int))


def _transposed(path: Path) -> pd.DataFrame:
    """One row a value: `value`, a column for each behaviour, `note`. Blanks are unknown."""
    table = _read(path, {"value"}).drop(columns="note", errors="ignore")
    if foreign := set(table["value"]) - set(CODES):
        raise StudyError(f"{path}: unknown value(s) {', '.join(sorted(foreign))}.")
    long = table.melt("value", var_name="variable", value_name="r").dropna(subset="r")
    long["r"] = long["r"].astype(float)
    return long.assign(sign=np.sign(long["r"]).astype(int), n=np.nan)


def _signs(path: Path) -> pd.DataFrame:
    """One row a finding: `behavior`, and the values it goes with in `positive` and `negative`."""
    table = _read(path, {"behavior", "positive", "negative"})
    rows = [
        {"variable": row.behavior, "value": code, "sign": sign}
        for row in table.itertuples()
        for sign, listed in ((1, row.positive), (-1, row.negative))
        for code in (str(listed).split(",") if pd.notna(listed) else [])
    ]
    found = pd.DataFrame(rows)
    if foreign := set(found["value"]) - set(CODES):
        raise StudyError(f"{path}: unknown value(s) {', '.join(sorted(foreign))}.")
    return found.drop_duplicates().assign(r=np.nan, n=np.nan)


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


def shared(first: str = "gss2012_us", second: str = "ess9_be") -> pd.DataFrame:
    """Returns the behaviours that two references both have, and how far people in the two agree on them.

    Columns: `scale`, `first` and `second` (the variables), `r`: Pearson over the ten values. Over all cells of these
    behaviours the two samples set the ceiling for a model.
    """
    one, two = (cells(name) for name in (first, second))
    one, two = (t[t["role"] == "behavior"] for t in (one, two))
    a, b = matrix(one), matrix(two)
    scales = [s for s in a.index if s in b.index]
    variable = [t.drop_duplicates("scale").set_index("scale")["variable"][scales].to_numpy() for t in (one, two)]
    r = pearson(a.loc[scales].to_numpy(), b.loc[scales].to_numpy())
    return pd.DataFrame({"scale": scales, "first": variable[0], "second": variable[1], "r": r})
