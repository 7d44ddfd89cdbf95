"""The paper's tables and claims beside this study's, read from the tables that the other notebooks publish.

What the paper reports is second-hand: a third party's summary of its first version, over seven larger models and
against human samples that are not known in detail. The figures stand side by side; they do not test one another.
"""

from collections.abc import Iterator, Mapping

import pandas as pd
from IPython.display import Image
from scipy.stats import binomtest

from lib import behavior_report, human, paths
from lib.alignment import ALL_WORDINGS
from lib.behavior_tables import ALL, PAPER_NAMES, SURVEYS
from lib.errors import StudyError
from lib.population_tables import PAPER_STRATEGIES
from lib.strategies import LABELS
from lib.study import Study
from lib.tables import apa_interval, apa_p_is, apa_r
from lib.values import CODES

#: The tables that the report reads, and who publishes them.
PRODUCERS = {
    "induction_ranks": "01_value_induction",
    "structure_alignment": "02_value_structure",
    "behavior_structure": "03_behavior_tests",
    "behavior_alignment": "04_value_behavior",
    "population_alignment": "05_population",
    "population_differences": "05_population",
    "baselines": "06_robustness",
}
#: Whether a claim of the paper holds here.
YES, NO, PARTLY, UNDECIDED, UNTESTED = "yes", "no", "partly", "undecided", "not tested"
#: Where an instrument has several human references, the surest first.
_SUREST = ("coefficients", "secondhand", "theory")

Published = Mapping[str, pd.DataFrame]


def published(study: Study) -> tuple[Published, list[str]]:
    """Returns the study's published tables by name, and a message for each one that is not there.

    Raises:
        StudyError: not one of them is there.
    """
    found, messages = {}, []
    for name, notebook in PRODUCERS.items():
        path = study.tables / f"{name}.csv"
        if path.exists():
            found[name] = pd.read_csv(path)
        else:
            messages.append(f"{name} is left out: {notebook} has not been run with these parameters.")
    if not found:
        raise StudyError(
            f"There is nothing to report on in {study.tables}. Run the notebooks before this one: make all."
        )
    return found, messages


def picture(study: Study, name: str) -> Image | str:
    """Returns a figure that another notebook published, for display; a sentence where it did not."""
    path = study.figures / f"{name}.png"
    return Image(filename=str(path), width=900) if path.exists() else f"{name} was not drawn with these parameters."


def comparison(study: Study, found: Published) -> pd.DataFrame:
    """Returns every figure that the paper is said to report beside this study's, as correlations.

    Columns: `table`; `item` (model, questionnaire or strategy); `paper` with its `certainty`; `ours` with its 95 %
    interval `low`, `high`, and what it was taken `against`; `n_respondents`; `ceiling` (what other humans reach).
    Empty where one of the two has no such figure.
    """
    reported = pd.read_csv(paths.RAW / "paper_reported.csv")
    parts = {"value_structure": _structure, "value_behavior": _behavior, "population_strategy": _population}
    rows = [
        {"table": name} | row
        for name, part in parts.items()
        for row in part(study, found, reported[reported["table"] == name].set_index("item"))
    ]
    columns = ["table", "item", "paper", "certainty", "ours", "low", "high", "against", "n_respondents", "ceiling"]
    return pd.DataFrame(rows, columns=columns).fillna({"against": ""})


def _theirs(reported: pd.DataFrame, item: str) -> dict:
    row = reported.loc[item]
    return {"item": item, "paper": row["value_percent"] / 100, "certainty": row["certainty"]}


def _structure(study: Study, found: Published, reported: pd.DataFrame) -> Iterator[dict]:
    yield from (_theirs(reported, item) for item in reported.index)
    if (mine := _own_structure(study, found)) is not None:
        label = human.references()[study.reference].label
        interval = {"ours": mine["r"], "low": mine["r_low"], "high": mine["r_high"]}
        size = {"n_respondents": mine["n_respondents"], "ceiling": mine["ceiling"]}
        yield {"item": study.model, **interval, "against": label, **size}


def _own_structure(study: Study, found: Published) -> pd.Series | None:
    if "structure_alignment" not in found:
        return None
    keys = {"instrument": study.instrument, "mode": study.mode, "induction": study.induction}
    return _only(found["structure_alignment"], **keys, wording=ALL_WORDINGS, reference=study.reference)


def _behavior(study: Study, found: Published, reported: pd.DataFrame) -> Iterator[dict]:
    ours = _own_behavior(found)
    for instrument, item in PAPER_NAMES.items():
        rows = ours[ours["instrument"] == instrument]
        yield _theirs(reported, item) | (_ours(rows.iloc[0]) if len(rows) else {})
    surveys = ours[ours["reference"].isin(SURVEYS)]
    yield from ({"item": "Social survey", **_ours(row)} for _, row in surveys.iterrows())


def _own_behavior(found: Published) -> pd.DataFrame:
    """Pearson alignments over all behaviours, of each questionnaire the surest reference first."""
    if "behavior_alignment" not in found:
        return pd.DataFrame(columns=["instrument", "reference"])
    table = _rows(found["behavior_alignment"], measure="pearson", scope=ALL)
    order = table["kind"].map({kind: i for i, kind in enumerate(_SUREST)})
    table = table.loc[order.sort_values(kind="stable").index]
    return table.assign(against=behavior_report.reference_labels(table["reference"]))


def _ours(row: pd.Series) -> dict:
    keys = ["low", "high", "against", "n_respondents", "ceiling"]
    return {"ours": row["estimate"]} | row[keys].to_dict()


def _population(study: Study, found: Published, reported: pd.DataFrame) -> Iterator[dict]:
    ours = pd.DataFrame(columns=["strategy"])
    if "population_alignment" in found:
        ours = _rows(found["population_alignment"], measure="structure", reference=study.reference)
        ours = ours.assign(against=human.references()[study.reference].label)
    for strategy, item in PAPER_STRATEGIES.items():
        rows = ours[ours["strategy"] == strategy]
        yield _theirs(reported, item) | (_ours(rows.iloc[0]) if len(rows) else {})
    beyond = ours[~ours["strategy"].isin(PAPER_STRATEGIES)]
    yield from ({"item": f"{LABELS[row['strategy']]} (not in the paper)", **_ours(row)} for _, row in beyond.iterrows())


def claims(study: Study, found: Published) -> pd.DataFrame:
    """Returns what the paper claims, what this study finds, and whether the claim holds for its model.

    Columns: `claim`, `here` (a sentence with the figures), `holds`: yes, no, partly (for some of the human samples),
    undecided (the intervals overlap, or nothing is beyond chance), or not tested. The rules are those of the functions
    below, at the 5 % level.
    """
    judges = {
        "One sentence makes a model take on a value.": _takes,
        "The structure of the induced values is human-like.": _human_structure,
        "Values order behaviours as the circle says (behaviour tests).": _ordered_behavior,
        "Values go with behaviours as in people.": _human_behavior,
        "Composing a population as people hold values makes it more human-like than a uniform one.": _better_population,
        "A prime in words does better than value scores in numbers.": _beats_scores,
    }
    rows = [{"claim": claim, **judge(study, found)} for claim, judge in judges.items()]
    size = {"claim": "How large a model is does not predict how human-like it is.", "here": "One model was asked."}
    return pd.DataFrame([*rows, {**size, "holds": UNTESTED}])


def _verdict(here: str, holds: str) -> dict[str, str]:
    return {"here": here, "holds": holds}


_MISSING = _verdict("The table it needs was not published.", UNTESTED)


def _takes(study: Study, found: Published) -> dict[str, str]:
    """Holds if more values rank first under their own prime than one in ten would by chance (binomial)."""
    if "induction_ranks" not in found:
        return _MISSING
    keys = {"instrument": study.instrument, "mode": study.mode, "induction": study.induction}
    ranks = _rows(found["induction_ranks"], **keys, wording=ALL_WORDINGS)["rank"]
    first = int((ranks == 1).sum())
    p = binomtest(first, len(ranks), 1 / len(CODES), alternative="greater").pvalue
    return _verdict(f"{first} of {len(ranks)} values rank first under their own prime.", YES if p < 0.05 else NO)


def _human_structure(study: Study, found: Published) -> dict[str, str]:
    """Holds if r lies above 97.5 % of random answers and relabelled values reach it in less than 5 %."""
    if (mine := _own_structure(study, found)) is None:
        return _MISSING
    holds = mine["r"] > mine["null_high"] and mine["mantel_p"] < 0.05
    here = f"r = {apa_interval(mine['r'], mine['r_low'], mine['r_high'])}; "
    here += f"random answers reach {apa_r(mine['null_high'])}, other people {apa_r(mine['ceiling'])}."
    return _verdict(here, YES if holds else NO)


def _ordered_behavior(study: Study, found: Published) -> dict[str, str]:
    """Holds if the order on the circle is better than that of relabelled values in 95 %."""
    if "behavior_structure" not in found:
        return _MISSING
    row = found["behavior_structure"].iloc[0]
    here = f"Over {row['behaviors']} behaviours CI = {apa_r(row['ci'])} ({apa_p_is(row['ci_p'])}); "
    here += f"r with people {apa_r(row['r'])}."
    return _verdict(here, YES if row["ci_p"] < 0.05 else NO)


def _human_behavior(study: Study, found: Published) -> dict[str, str]:
    """Holds if every reference with coefficients is met beyond permuted primes (Holm); partly, if some are."""
    rows = _own_behavior(found)
    rows = rows[rows["kind"] == "coefficients"] if len(rows) else rows
    if not len(rows):
        return _MISSING
    met = int((rows["p_holm"] < 0.05).sum())
    here = "; ".join(f"{r.against}: r = {apa_interval(r.estimate, r.low, r.high)}" for r in rows.itertuples())
    return _verdict(f"{here}.", YES if met == len(rows) else PARTLY if met else NO)


def _better_population(study: Study, found: Published) -> dict[str, str]:
    """Holds if every human-informed strategy of the paper beats `uniform` in structure (Holm); partly, if some do."""
    if "population_differences" not in found:
        return _MISSING
    table = _rows(found["population_differences"], measure="structure", reference=study.reference)
    informed = [s for s in PAPER_STRATEGIES if s.startswith("h_")]
    rows = table[table["strategy"].isin(informed) & (table["other"] == "uniform")]
    better = int(((rows["difference"] > 0) & (rows["p_holm"] < 0.05)).sum())
    here = "; ".join(f"{LABELS[r.strategy]}: {apa_interval(r.difference, r.low, r.high)}" for r in rows.itertuples())
    holds = YES if better == len(rows) else PARTLY if better else NO
    return _verdict(f"Difference of r from uniform: {here}.", holds)


def _beats_scores(study: Study, found: Published) -> dict[str, str]:
    """Holds if `definition` is beyond random answers and its interval above that of `scores`; not, if the other way.

    The intervals cover wordings and persons only, so that either may be narrow round a chance result.
    """
    if "baselines" not in found:
        return _MISSING
    keys = {"instrument": study.instrument, "reference": study.reference, "cells": "common", "of": "values"}
    words, numbers = (_only(found["baselines"], **keys, baseline=name) for name in ("definition", "scores"))
    if words is None or numbers is None:
        return _MISSING
    here = f"Definition r = {apa_interval(words['r'], words['low'], words['high'])}, scores r = "
    here += f"{apa_interval(numbers['r'], numbers['low'], numbers['high'])}."
    holds = UNDECIDED
    for better, worse, answer in ((words, numbers, YES), (numbers, words, NO)):
        if better["r"] > better["null_high"] and better["low"] > worse["high"]:
            holds = answer
    return _verdict(here, holds)


def _rows(table: pd.DataFrame, **keys: str) -> pd.DataFrame:
    kept = pd.Series(True, index=table.index)
    for column, value in keys.items():
        kept &= table[column] == value
    return table[kept]


def _only(table: pd.DataFrame, **keys: str) -> pd.Series | None:
    rows = _rows(table, **keys)
    return rows.iloc[0] if len(rows) else None
