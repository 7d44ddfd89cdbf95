"""What the notebooks on induction and structure say in sentences."""

import pandas as pd

from lib.analysis.alignment import ALL, chosen
from lib.analysis.study import Study
from lib.materials import references
from lib.materials.values import BY_CODE
from lib.presentation.figures.alignments import STEPS, reference_label, title_of
from lib.presentation.sentences.alignment import chance, estimate, told
from lib.presentation.tables import apa_r


def induction(ranks: pd.DataFrame, study: Study) -> list[str]:
    """Returns a sentence for each recorded questionnaire, mode and induction: how many values rank first.

    Args:
        ranks: `induction_ranks`.
        study: the study; its own questionnaire and mode come first.
    """
    pooled = ranks[ranks["wording"] == ALL]
    own = (pooled["instrument"] == study.instrument) & (pooled["mode"] == study.mode)
    lines = []
    for part in (pooled[own], pooled[~own]):
        for (instrument, mode, name), rows in part.groupby(["instrument", "mode", "induction"], sort=False):
            first, others = int((rows["rank"] == 1).sum()), rows[rows["rank"] > 1]
            share = rows["took"].sum() / rows["n"].sum()
            told_ = ", ".join(f"{BY_CODE[r.value].name} {int(r.rank)}" for r in others.itertuples())
            missed = f"; not first: {told_}" if 0 < len(others) <= 4 else ""
            lines.append(
                f"{title_of(str(instrument))}, {mode}, {name}: {first} of {len(rows)} values rank first under their "
                f"own prime, and {100 * share:.0f} % of all single wordings and persons (by chance 10 %){missed}."
            )
    return lines


def alignment(table: pd.DataFrame, study: Study) -> list[str]:
    """Returns what the study's own alignment comes to, and what is left of it beyond what explains it.

    Args:
        table: `structure_alignment`.
        study: the study.
    """
    keys = {"side": "structure", "mode": study.mode, "instrument": study.instrument, "source": study.induction}
    keys |= {"reference": study.reference, "cells": ALL}
    own = chosen(table, **keys).iloc[0]
    single = chosen(table, **keys, wording=[w for w in table["wording"].unique() if w != ALL])
    lines = [
        f"{title_of(study.instrument)}, {study.induction}, against {reference_label(study.reference)}: {told(own)}",
    ]
    if len(single):
        low, high = (apa_r(r) for r in (single["estimate"].min(), single["estimate"].max()))
        lines.append(f"Single wordings lie between {low} and {high}.")
    for beyond in [b for b in STEPS if b]:
        for _, row in chosen(table, **keys, beyond=beyond).iterrows():
            lines.append(f"{STEPS[beyond].capitalize()}: r = {estimate(row)} is left, {chance(row['p'])}.")
    camps = chosen(table, **(keys | {"source": "two camps"}))
    for _, row in camps.iterrows():
        lines.append(f"Two camps of values and nothing else reach r = {estimate(row)}.")
    return lines


def axes(table: pd.DataFrame, study: Study) -> list[str]:
    """Returns how much of the circle's two axes the model has, beside people and chance.

    Args:
        table: `circle_axes`.
        study: the study.
    """
    rows = table.set_index("sample")
    own, people = rows.loc[study.model], rows.loc[list(references.references())]
    second = "beyond" if own["second"] > own["null_high"] else "not beyond"
    return [
        f"The axis of the two camps carries {apa_r(own['first'])} of the variance (people "
        f"{apa_r(people['first'].min())} to {apa_r(people['first'].max())}), the axis across it "
        f"{apa_r(own['second'])} (people {apa_r(people['second'].min())} to {apa_r(people['second'].max())}); "
        f"97.5 % of answers at random have less than {apa_r(own['null_high'])} along it: the second axis is {second} "
        "chance."
    ]
