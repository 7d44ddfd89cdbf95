"""What the paper reports: second-hand figures, a third party's summary of its first version over seven models."""

from functools import cache
from pathlib import Path

import pandas as pd

from lib import paths
from lib.errors import StudyError, unknown
from lib.materials import reading

REPORTED_FILE = paths.RAW / "paper_reported.csv"
#: The paper's tables: correlation with the human value structure by model, and averages over the models by
#: questionnaire and by strategy.
TABLES = ("value_structure", "value_behavior", "population_strategy")
STRUCTURE, BEHAVIOR, POPULATION = TABLES
#: The questionnaires as the paper names them.
PAPER_NAMES = {
    "charity_game": "Paired charity game",
    "everyday_behaviors": "Everyday behavior",
    "bfi2": "Big Five (BFI-2)",
    "donation_causes": "Donation causes",
    "prosocialness": "Prosocialness",
}
#: The strategies as the paper names them.
PAPER_STRATEGIES = {
    "h_np": "H-NP",
    "h_even": "H-Even",
    "h_norm": "H-Norm",
    "uniform": "Uniform",
    "model_specific": "Model-Specific",
}
_COLUMNS = {"table", "item", "metric", "value_percent", "certainty"}


@cache
def reported(path: Path = REPORTED_FILE) -> pd.DataFrame:
    """Returns every figure: `table`, `item` (model, questionnaire or strategy), `metric`, `value_percent`, `certainty`.

    Raises:
        StudyError: a missing column, or a table that the paper does not have.
    """
    rows = reading.rows(path, _COLUMNS)
    for row in rows:
        if row["table"] not in TABLES:
            raise StudyError(f"{row.where}: {unknown('table', row['table'], TABLES)}")
    return reading.frame(rows).assign(value_percent=[row.number("value_percent", -100, 100) for row in rows])


def in_table(table: str) -> pd.DataFrame:
    """Returns the figures of one of `TABLES`, by `item`."""
    found = reported()
    return found[found["table"] == table].set_index("item")


def of_questionnaire(instrument_id: str) -> float:
    """Returns the figure for a questionnaire of behaviour as a correlation, NaN where there is none."""
    return _correlation(BEHAVIOR, PAPER_NAMES.get(instrument_id))


def of_strategy(strategy: str) -> float:
    """Returns the figure for a strategy as a correlation, NaN where there is none."""
    return _correlation(POPULATION, PAPER_STRATEGIES.get(strategy))


def _correlation(table: str, item: str | None) -> float:
    figures = in_table(table)["value_percent"]
    return float(figures[item]) / 100 if item in figures.index else float("nan")
