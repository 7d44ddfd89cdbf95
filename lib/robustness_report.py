"""What the notebook on robustness shows beside its tables: rows at a glance, panels, sentences."""

import pandas as pd

from lib import human, human_behavior, instruments, overlap
from lib.baselines import BY_DEFINITION, COMMON, OWN, PRIMES, RANDOM, UNPRIMED, VALUES
from lib.behavior_tables import SHARED, SURVEYS
from lib.study import Study
from lib.tables import apa_interval, apa_p_is, apa_r


def shown_rows(table: pd.DataFrame, study: Study) -> pd.Index:
    """Returns the rows of the baselines' table that the notebook displays: the study's own questionnaire and sample."""
    return table.index[_chosen(table, study, "structure") | _chosen(table, study, "behavior")]


def panels(table: pd.DataFrame, study: Study) -> dict[str, pd.DataFrame]:
    """Returns the rows of the figures by title: value structure, and behaviour where it is recorded."""
    sample = human.references()[study.reference].label
    survey = human_behavior.behavior_references()[_survey(study)].label
    title = instruments.load(study.instrument).title.split(",")[0]
    found = {
        f"Value structure: {title}, {sample}": table[_chosen(table, study, "structure")],
        f"Value and behaviour: {survey}": table[_chosen(table, study, "behavior")],
    }
    return {name: rows for name, rows in found.items() if len(rows)}


def _survey(study: Study) -> str:
    """The survey whose people are compared with: the study's sample if it is one of them, or else the first."""
    return study.reference if study.reference in SURVEYS else SURVEYS[0]


def _chosen(table: pd.DataFrame, study: Study, side: str, of: str = VALUES) -> pd.Series:
    behavior = side == "behavior"
    wanted = (table["side"] == side) & (table["of"] == of)
    wanted &= table["reference"] == (_survey(study) if behavior else study.reference)
    wanted &= (table["behaviors"] == SHARED) if behavior else (table["instrument"] == study.instrument)
    return wanted & (table["cells"] == COMMON)


def followed(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Returns the structure of the primes by name and by definition: side, baseline, `r`, `p_holm`, `expected`.

    Empty where the induction `shuffled` is not recorded.
    """
    rows = table[_chosen(table, study, "structure", PRIMES) | _chosen(table, study, "behavior", PRIMES)]
    rows = rows[rows["baseline"].isin(["definition", "name", "shuffled", BY_DEFINITION])]
    return rows[["side", "baseline", "r", "low", "high", "p_holm", "expected"]].round(3)


def by_order(curve: pd.DataFrame) -> pd.DataFrame:
    """Returns how the mode `choice` fares by the order of the options.

    Rows: instrument x order, of the specifications that exist in every order. Columns: `specifications`, `median` of r,
    `above_null` (share above the random answers' quantile).
    """
    choice = curve[curve["mode"] == "choice"]
    asked = ["instrument", "induction", "wording", "person"]
    orders = choice.groupby(asked)["order"].transform("nunique")
    same = choice[orders == choice["order"].nunique()].assign(above=lambda t: t["r"] > t["null_high"])
    grouped = same.groupby(["instrument", "order"])
    return grouped.agg(specifications=("r", "size"), median=("r", "median"), above_null=("above", "mean")).round(3)


def verdicts(table: pd.DataFrame, curve: pd.DataFrame, study: Study) -> list[str]:
    """Returns what the tables say in sentences: beyond chance, words and name, for structure and behaviour; the curve.

    Args:
        table: `baselines.corrected`.
        curve: `specifications.specification_curve`.
        study: the study.
    """
    lines = []
    for title, rows in panels(table, study).items():
        lines += _side(title, rows.set_index("baseline"))
    for mode, part in curve.groupby("mode"):
        above = (part["r"] > part["null_high"]).mean()
        lines.append(
            f"{mode}: {len(part):,} specifications, median r = {apa_r(part['r'].median())}, "
            f"{100 * above:.0f} % above what the best 2.5 % of random answers reach."
        )
    return lines


def _side(title: str, rows: pd.DataFrame) -> list[str]:
    induced = rows[rows["partial_all"].notna()]
    lines = [
        f"{title}. People agree with people at {apa_r(rows['ceiling'].max())}; 95 % of random answers lie between "
        f"{apa_r(rows['null_low'][RANDOM])} and {apa_r(rows['null_high'][RANDOM])}."
    ]
    for name, row in induced.iterrows():
        words = rows[(rows["prime"] == name) & rows.index.isin(overlap.MEASURES)]["r"].max()
        lines.append(
            f"- {name}: r = {apa_interval(row['r'], row['low'], row['high'])}, {apa_p_is(row['p_holm'])}, "
            f"{100 * row['share_of_ceiling']:.0f} % of the ceiling; word overlap with the same primes reaches at most "
            f"{apa_r(words)}; without it {apa_r(row['partial_all'])} is left, {apa_p_is(row['partial_all_p_holm'])}."
        )
    if {"definition", "name"} <= set(induced.index):
        gain = induced["r"]["definition"] - induced["r"]["name"]
        lines.append(f"- The definition adds {apa_r(gain)} to what the name alone reaches.")
    nulls = [f"{n} {apa_r(rows['r'][n])}" for n in (UNPRIMED, OWN) if n in rows.index]
    return lines + ([f"- Without induction: {', '.join(nulls)}."] if nulls else [])
