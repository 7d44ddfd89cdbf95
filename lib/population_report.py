"""What the notebook shows of populations beside the main tables: sentences, and what drives most."""

import pandas as pd

from lib import human
from lib.population_tables import BASELINE
from lib.strategies import LABELS
from lib.tables import apa_r

_NAMES = {
    "structure": "value structure",
    "hierarchy": "value hierarchy (rank order)",
    "variance_ratio": "variance ratio",
    "wasserstein": "Wasserstein distance",
    "behavior": "relations of values with behaviour",
}


def with_means(reference: str) -> str:
    """Returns the reference, or the first sample with means where it has none."""
    known = human.with_means()
    return reference if reference in known else known[0]


def largest_drivers(drivers: pd.DataFrame, reference: str, how_many: int = 3) -> list[str]:
    """Returns a sentence for each strategy: where it loses and where it wins most against `uniform`.

    Args:
        drivers: `population_tables.driver_table`.
        reference: the sample for the structure; of behaviour all are told.
        how_many: values or behaviours on either side.
    """
    told = (drivers["measure"] != "structure") | (drivers["reference"] == reference)
    lines = []
    chosen = drivers[told & (drivers["strategy"] != BASELINE)]
    for (measure, sample, strategy), part in chosen.groupby(["measure", "reference", "strategy"], sort=False):
        ordered = part.sort_values("drives", kind="stable")
        lost, won = (_listed(t) for t in (ordered.head(how_many), ordered.tail(how_many)[::-1]))
        lines.append(f"{measure}, {sample}, {LABELS[strategy]}: loses with {lost}; wins with {won}.")
    return lines


def _listed(part: pd.DataFrame) -> str:
    return ", ".join(f"{row.title} ({_signed(row.drives)})" for row in part.itertuples())


def verdicts(table: pd.DataFrame, differences: pd.DataFrame, reference: str) -> list[str]:
    """Returns a sentence for each measure: the best strategy, uniform beside it, people, and which differences hold.

    Args:
        table: `population_tables.alignment_table`.
        differences: `population_tables.difference_table`.
        reference: the sample for values; of behaviour all are told.
    """
    sentences = []
    for (measure, sample), rows in table.groupby(["measure", "reference"], sort=False):
        if measure in _NAMES and (measure == "behavior" or sample == reference):
            apart = differences[(differences["measure"] == measure) & (differences["reference"] == sample)]
            sentences.append(_verdict(measure, sample, rows.set_index("strategy"), apart))
    return sentences


def _verdict(measure: str, sample: str, rows: pd.DataFrame, apart: pd.DataFrame) -> str:
    listed = ", ".join(f"{LABELS[s]} {apa_r(x)}" for s, x in rows["estimate"].items())
    ceiling = rows["ceiling"].iloc[0]
    people = f"; other people {apa_r(ceiling)}" if pd.notna(ceiling) else ""
    held = apart[(apart["other"] == BASELINE) & (apart["p_holm"] < 0.05)]
    told = ", ".join(f"{LABELS[row.strategy]} ({_signed(row.difference)})" for row in held.itertuples())
    return f"{_NAMES[measure]}, {sample}: {listed}{people}. Different from uniform: {told or 'none'}."


def _signed(number: float) -> str:
    return ("+" if number > 0 else "") + apa_r(number)
