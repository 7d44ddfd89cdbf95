"""Relations side by side, people's and the model's, in the order of the human peaks: what heat maps show."""

import pandas as pd

from lib.analysis import people
from lib.analysis.alignment import ALL, CHECK
from lib.analysis.behavior.relations import Pair
from lib.analysis.behavior.tables import human_matrix, summarised
from lib.materials import behavior_references
from lib.materials.behavior_references import SURVEYS, THEORY
from lib.materials.values import CODES, angles


def references_of(one: Pair) -> dict[str, pd.DataFrame]:
    """Returns the relations that are known of all ten values, by reference: behaviours x values (no checks)."""
    targets = people.behaviors(one.behavior_side.instrument, one.behavior_side.scales)
    known = {t.reference: human_matrix(one, t) for t in targets if t.scope == ALL and t.kind != "signs"}
    return {name: matrix for name, matrix in known.items() if len(matrix)}


def panels(one: Pair, reference: str, titles: tuple[str, str]) -> dict[str, pd.DataFrame]:
    """Returns human relations, the model's and their difference for one reference, in the order of the human peaks.

    Args:
        one: the respondents.
        reference: an id, `circle` for the theory's prediction.
        titles: of the human panel and of the model's.
    """
    humans = references_of(one)[reference]
    start = angles()[CODES[0]]
    turned = (start - summarised(humans)["peak"] + 18.0) % 360.0
    order = turned.sort_values(kind="stable").index
    model = one.matrix().loc[order]
    return {titles[0]: humans.loc[order], titles[1]: model, "difference": model - humans.loc[order]}


def surveys(one: Pair) -> dict[str, pd.DataFrame]:
    """Returns both surveys' relations by label, as far as the model has the behaviours: behaviours x values each."""
    known = behavior_references.behavior_references()
    return {known[name].label: matrix for name, matrix in references_of(one).items() if name in SURVEYS}


def without_reference(found: dict[str, Pair]) -> list[str]:
    """Returns a message for each instrument that no human coefficients are at hand for."""
    what = {"secondhand": "second-hand coefficients", "signs": "signs"}
    messages = []
    for name, one in found.items():
        targets = people.behaviors(one.behavior_side.instrument, one.behavior_side.scales)
        kinds = [t.kind for t in targets if t.scope != CHECK and t.reference != THEORY]
        if "coefficients" not in kinds:
            listed = " and ".join(what[kind] for kind in dict.fromkeys(kinds)) or "no human result at all"
            messages.append(f"{name}: no human coefficients that can be checked; {listed}.")
    return messages
