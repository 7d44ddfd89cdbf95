"""Human references: value structures and means of real samples, with where they come from."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from lib import paths
from lib.errors import StudyError, unknown
from lib.structure import fisher_mean, pairs, pearson
from lib.values import CODES


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


def references() -> Mapping[str, Reference]:
    """Returns the samples of `data/raw/human/references.toml` by id, in the file's order."""
    return _references(paths.HUMAN / "references.toml")


@cache
def _references(path: Path) -> Mapping[str, Reference]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: Reference(id=name, **entry) for name, entry in table.items()}


def structure(name: str) -> pd.DataFrame:
    """Returns a sample's correlations of the ten centred value scores, 10 x 10 in the order of `CODES`.

    Raises:
        StudyError: an unknown sample, or a table that is no correlation matrix of the ten values.
    """
    if name not in references():
        raise unknown("reference", name, references())
    path = paths.HUMAN / "structure" / f"{name}.csv"
    matrix = pd.read_csv(path, index_col=0)
    if set(matrix.index) != set(CODES) or set(matrix.columns) != set(CODES):
        raise StudyError(f"{path}: rows and columns must be {', '.join(CODES)}.")
    matrix = matrix.loc[list(CODES), list(CODES)]
    values = matrix.to_numpy()
    if not (np.allclose(values, values.T) and np.allclose(np.diag(values), 1) and (np.abs(values) <= 1).all()):
        raise StudyError(f"{path} is not a correlation matrix.")
    return matrix


def with_means(portrait: bool = False) -> tuple[str, ...]:
    """Returns the samples that have means, in the file's order; with `portrait` those that set the ceiling."""
    known = references().values()
    return tuple(r.id for r in known if (paths.HUMAN / "means" / f"{r.id}.csv").exists() and r.portrait >= portrait)


def means(name: str) -> pd.DataFrame:
    """Returns a sample's value means: index code; `raw_mean`, `raw_sd`, `cent_mean`, `cent_sd` on its response scale.

    Raises:
        StudyError: an unknown sample, or one without means.
    """
    if name not in with_means():
        raise unknown("reference with means", name, with_means())
    return pd.read_csv(paths.HUMAN / "means" / f"{name}.csv", index_col=0).loc[list(CODES)]


def agreement() -> pd.DataFrame:
    """Returns how far the human structures agree with one another: Pearson r over the 45 pairs, sample x sample."""
    names = list(references())
    stacked = np.stack([pairs(structure(name).to_numpy()) for name in names])
    return pd.DataFrame(pearson(stacked[:, None, :], stacked[None, :, :]), index=names, columns=names)


@cache
def ceiling(name: str) -> float:
    """Returns the human-human ceiling: a reference's mean agreement (Fisher z) with the portrait samples but itself.

    A model that agrees as well as this is as close to the reference as other humans are.
    """
    others = [r.id for r in references().values() if r.portrait and r.id != name]
    return fisher_mean(agreement().loc[name, others].to_numpy())
