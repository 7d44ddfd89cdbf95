"""What the notebooks on behaviour say in sentences."""

import pandas as pd

from lib.analysis.alignment import ALL, chosen
from lib.analysis.study import Study
from lib.materials.values import BY_CODE, CODES
from lib.presentation.figures.alignments import behavior_label
from lib.presentation.sentences.alignment import chance, estimate, listed, told
from lib.presentation.tables import apa_number, apa_p_is, apa_r


def relations(table: pd.DataFrame, study: Study) -> list[str]:
    """Returns a sentence for each alignment of the study's induction, and beneath it what else explains it.

    Args:
        table: `behavior_alignment`.
        study: the study.
    """
    mine = {"side": "behavior", "mode": study.mode, "prime": study.induction, "cells": ALL}
    rows, lines = chosen(table, **mine, source=study.induction), []
    for _, row in rows.iterrows():
        keys = {"instrument": row["instrument"], "reference": row["reference"], "scope": row["scope"]}
        overlaps = chosen(table, **mine, **keys, source=("words", "characters", "embedding"))
        left = chosen(table, **mine, **keys, source=study.induction, beyond="two camps")
        lines.append(f"{behavior_label(row)}: {told(row)}")
        if len(overlaps):
            names = overlaps["source"]
            lines.append(f"    Who goes by overlap alone: {listed(overlaps, names)}.")
        for _, part in left.iterrows():
            lines.append(f"    Beyond two camps of values: r = {estimate(part)}, {chance(part['p'])}.")
    return lines


def tests(structure: pd.DataFrame, order: pd.DataFrame, conservative: pd.DataFrame, study: Study) -> list[str]:
    """Returns what the behaviour tests say in sentences.

    Args:
        structure: `behavior_structure`.
        order: `behavior_order`.
        conservative: rows of `endorsement_table` of the conservative behaviours.
        study: the study.
    """
    whole = order[order["group"] == ALL].iloc[0]
    rows = chosen(structure, reference=study.reference, scope=ALL)
    own = rows[rows["source"] == study.induction].iloc[0]
    letters = rows[rows["source"] == "characters"].iloc[0]
    keys = {"reference": study.reference, "scope": ALL, "source": study.induction}
    camps = chosen(structure, **keys, beyond="two camps").iloc[0]
    held = order[(order["group"] != ALL) & (order["p"] < 0.05)]["group"]
    met = f"{whole['agreements']} of {whole['predictions']} predictions of the circle's order are met"
    return [
        f"Over {whole['behaviors']} behaviours {met} (CI = {apa_r(whole['ci'])}, {apa_p_is(whole['p'])}).",
        f"Agreement with the human value structure: {told(own)}",
        f"Beyond two camps of values r = {estimate(camps)} is left, {chance(camps['p'])}.",
        f"Who compares letters alone agrees with people at r = {apa_r(letters['estimate'])}; what the model endorses "
        f"goes with what he endorses at r = {apa_r(whole['overlap'])}.",
        f"Groups in which the circle's order holds by itself (p < .05): {', '.join(held) or 'none'}.",
        *conservative_positions(conservative, study),
    ]


def conservative_positions(table: pd.DataFrame, study: Study) -> list[str]:
    """Returns which values raise and which lower the conservative behaviours, three on either side."""
    mean = table[table["condition"].isin(CODES)].groupby("condition")["endorsement"].mean()
    ordered = mean.sort_values(ascending=False, kind="stable")
    most, least = ordered.head(3), ordered.tail(3)[::-1]
    raised = _told("raised most by", most[most > 0]) or _told("lowered least by", most)
    lowered = _told("lowered most by", least[least < 0]) or _told("raised least by", least)
    return [
        f"Conservative positions, mean over {table['behavior'].nunique()} behaviours in {study.unit} against no prime: "
        f"{raised}; {lowered}."
    ]


def _told(verb: str, means: pd.Series) -> str:
    """Values with what they do, e.g. "raised most by power (+0.20)"; empty where there are none."""
    parts = [f"{BY_CODE[code].name} ({'+' if x > 0 else ''}{apa_number(x)})" for code, x in means.items()]
    return f"{verb} {', '.join(parts)}" if parts else ""
