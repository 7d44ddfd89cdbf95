"""What the other programs are given: small tables from recorded answers and human samples, written by this script.

`python -m tests.reference.inputs` writes `inputs/`; the human matrices and the questionnaires' keys are read where they
lie, in `data/raw`. No text of a questionnaire is among them: items go by their ids.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from lib import paths
from lib.analysis.respondents import Respondents
from lib.analysis.structure.evidence import controls_of, lexical
from lib.analysis.study import Study
from lib.materials.values import CODES

HERE = Path(__file__).parent
INPUTS = HERE / "inputs"
VALUES, BEHAVIOR, TARGET = "pvq40", "bfi2", "pvq40_us_2017"
#: Families of p values to be corrected: ties, ones near 1, one that is not known.
P_VALUES = (0.01, 0.04, 0.03, 0.05, 0.005, 0.03, 0.6, 0.0001, np.nan, 0.98, 0.2, 0.013)
#: As many decimals as are written, so that every program starts from the same numbers.
DECIMALS = 6


def written(group: Respondents) -> pd.DataFrame:
    """Answers as they were put (reverse-keyed items not turned): a row a respondent, a column an item."""
    rows = [(*cell, condition) for cell in group.cells for condition in group.conditions]
    turned = np.array([-1.0 if item.reversed else 1.0 for item in group.instrument.items])
    items = pd.DataFrame(group.items.reshape(group.n, -1) * turned, columns=list(group.instrument.key))
    return pd.concat([pd.DataFrame(rows, columns=["wording", "person", "condition"]), items], axis=1)


def tables() -> dict[str, pd.DataFrame]:
    """Returns the inputs by name, rounded as they are written."""
    study = Study(instrument=VALUES)
    values, behaviors = study.respondents(), study.respondents(instrument=BEHAVIOR)
    camps = controls_of(values, lexical(study, values))
    found = {VALUES: written(values), BEHAVIOR: written(behaviors), "controls": pd.DataFrame(camps)}
    found["p_values"] = pd.DataFrame({"p": P_VALUES})
    return {name: table.round(DECIMALS) for name, table in found.items()}


@cache
def read(name: str) -> pd.DataFrame:
    """Returns an input as it is stored."""
    return pd.read_csv(INPUTS / f"{name}.csv")


@cache
def items(name: str) -> np.ndarray:
    """Returns stored answers, cell x condition x item, reverse-keyed items turned."""
    table, key = read(name), keys(name)
    turned = np.where(key["reversed"] == "yes", -1.0, 1.0)
    return (table[key["id"]].to_numpy() * turned).reshape(-1, len(CODES), len(key))


@cache
def keys(name: str) -> pd.DataFrame:
    """Returns a questionnaire's key: `id`, `scale`, `reversed`."""
    return pd.read_csv(paths.INSTRUMENTS / f"{name}.csv")[["id", "scale", "reversed"]]


def main() -> None:
    for name, table in tables().items():
        table.to_csv(INPUTS / f"{name}.csv", index=False, lineterminator="\n", na_rep="NA")


if __name__ == "__main__":
    main()
