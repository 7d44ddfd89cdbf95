"""What the notebook on populations says in sentences."""

import pandas as pd

from lib.analysis.alignment import SHARED
from lib.analysis.population.strategies import LABELS
from lib.analysis.population.tables import BASELINE
from lib.materials import references
from lib.presentation.sentences.alignment import listed
from lib.presentation.tables import apa_interval, apa_p_is, apa_r

_NAMES = {
    ("structure", "pearson"): "Value structure (r)",
    ("hierarchy", "spearman"): "Value hierarchy (rank order, rho)",
    ("spread", "variance_ratio"): "Variance ratio (1 is human)",
    ("distribution", "wasserstein"): "Wasserstein distance (0 is human)",
    ("behavior", "pearson"): "Relations of values with behaviour (r)",
}


def with_means(reference: str) -> str:
    """Returns the reference, or the first sample with means where it has none."""
    known = references.with_means()
    return reference if reference in known else known[0]


def largest_drivers(drivers: pd.DataFrame, reference: str, how_many: int = 3) -> list[str]:
    """Returns a sentence for each strategy: where it loses and where it wins most against `uniform`.

    Args:
        drivers: `population.tables.driver_table`.
        reference: the sample for the structure; of behaviour all are told.
        how_many: values or behaviours on either side.
    """
    wanted = (drivers["side"] != "structure") | (drivers["reference"] == reference)
    lines = []
    chosen = drivers[wanted & (drivers["strategy"] != BASELINE)]
    for (side, sample, strategy), part in chosen.groupby(["side", "reference", "strategy"], sort=False):
        ordered = part.sort_values("drives", kind="stable")
        lost, won = (_parts(t) for t in (ordered.head(how_many), ordered.tail(how_many)[::-1]))
        lines.append(f"{side}, {sample}, {LABELS[strategy]}: loses with {lost}; wins with {won}.")
    return lines


def _parts(part: pd.DataFrame) -> str:
    return ", ".join(f"{row.title} ({_signed(row.drives)})" for row in part.itertuples())


def strategies(table: pd.DataFrame, differences: pd.DataFrame, reference: str) -> list[str]:
    """Returns a sentence for each measure: every strategy, people, and which differences from uniform hold.

    Args:
        table: `population_alignment`.
        differences: `population_differences`.
        reference: the sample for values; of behaviour all are told.
    """
    sentences = []
    for (side, measure, sample, scope), rows in table.groupby(["side", "measure", "reference", "scope"], sort=False):
        told = side == "behavior" or sample == reference
        if (side, measure) in _NAMES and told and scope != SHARED:
            keys = {"side": side, "measure": measure, "reference": sample, "scope": scope, "other": BASELINE}
            apart = differences[(differences[list(keys)] == pd.Series(keys)).all(axis=1)]
            sentences.append(f"{_NAMES[side, measure]}, {sample}: {_sentence(rows, apart)}")
    return sentences


def _sentence(rows: pd.DataFrame, apart: pd.DataFrame) -> str:
    ceiling = rows["ceiling"].iloc[0]
    people = f"; other people {apa_r(ceiling)}" if pd.notna(ceiling) else ""
    held = [_difference(row) for row in apart.itertuples() if row.p_holm < 0.05]
    return (
        f"{listed(rows, rows['source'].map(LABELS))}{people}. Different from uniform over these wordings (t, "
        f"corrected): {'; '.join(held) or 'none'}."
    )


def _difference(row: tuple) -> str:
    return f"{LABELS[row.strategy]} {apa_interval(row.difference, row.low, row.high)}, {apa_p_is(row.p_holm)}"


def _signed(number: float) -> str:
    return ("+" if number > 0 else "") + apa_r(number)
