"""What the notebook on robustness says in sentences."""

import pandas as pd

from lib.analysis.alignment import chosen, compared
from lib.analysis.respondents import CAMPS, OWN, RANDOM, SPLIT, UNPRIMED
from lib.presentation.figures.alignments import OVERLAPS, SOURCES
from lib.presentation.sentences.alignment import chance, estimate, listed
from lib.presentation.tables import apa_r


def baselines(sides: dict[str, pd.DataFrame]) -> list[str]:
    """Returns each side in sentences: every induction beside who goes by its words, and what no induction gives.

    Args:
        sides: `robustness.baselines.sides`.
    """
    return [line for title, table in sides.items() for line in _side(title, table)]


def _side(title: str, table: pd.DataFrame) -> list[str]:
    rows = chosen(compared(table))
    by_source = rows.drop_duplicates("source").set_index("source")
    people = f" People agree with people at {apa_r(rows['ceiling'].max())};" if rows["ceiling"].notna().any() else ""
    lines = [f"{title}.{people} 97.5 % of random answers stay below {apa_r(by_source['null_high'][RANDOM])}."]
    for name in [s for s in SOURCES if s in by_source.index and by_source["prime"][s] == s]:
        row = by_source.loc[name]
        words = rows[(rows["prime"] == name) & rows["source"].isin(OVERLAPS)]
        left = compared(chosen(table, source=name, beyond="all"))
        beyond = "".join(f" Beyond all of it {estimate(part)}, {chance(part['p'])}." for _, part in left.iterrows())
        overlap = f" Overlap with the same primes: {listed(words, words['source'])}." if len(words) else ""
        lines.append(f"- {SOURCES[name]}: r = {estimate(row)}, {chance(row['p_holm'])} corrected.{overlap}{beyond}")
    nulls = [
        f"{SOURCES[n]} {apa_r(by_source['estimate'][n])}" for n in (UNPRIMED, OWN, CAMPS, SPLIT) if n in by_source.index
    ]
    return lines + ([f"- Without induction: {', '.join(nulls)}."] if nulls else [])


def curve(summary: pd.DataFrame) -> list[str]:
    """Returns each response mode's specifications in a sentence.

    Args:
        summary: `specification_summary`.
    """
    whole = summary[summary["choice"] == "all of them"]
    lines = []
    for row in whole.itertuples():
        mine = summary[(summary["mode"] == row.mode) & (summary["choice"] != "all of them")]
        first = mine.drop_duplicates("choice").sort_values("eta2", ascending=False).iloc[0]
        lines.append(
            f"{row.mode}: {row.specifications:,} specifications, median r = {apa_r(row.median)}; "
            f"{100 * row.above_null:.0f} % lie above the 97.5 % quantile of random answers, where 2.5 % would by "
            f"chance (they are not independent). The choice that matters most is {first['choice']} "
            f"({100 * first['eta2']:.0f} % of the variance)."
        )
    return lines


def by_order(curve_: pd.DataFrame) -> pd.DataFrame:
    """Returns how the mode `choice` fares by the order of the options.

    Rows: instrument x order, of the specifications that exist in every order. Columns: `specifications`, `median` of r,
    `above_null` (share above the random answers' 97.5 % quantile).
    """
    choice = curve_[curve_["mode"] == "choice"]
    asked = ["instrument", "induction", "wording", "person"]
    orders = choice.groupby(asked)["order"].transform("nunique")
    same = choice[orders == choice["order"].nunique()].assign(above=lambda t: t["r"] > t["null_high"])
    grouped = same.groupby(["instrument", "order"])
    return grouped.agg(specifications=("r", "size"), median=("r", "median"), above_null=("above", "mean")).round(3)
