"""Ceilings: how well people agree with people, by every measure that models are compared with people by."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from lib import agreement, behavior, behavior_baselines, behavior_tables, human, human_behavior, scoring
from lib.querying import archive
from lib.structure import cells_to_correlation, fisher_mean, pairs
from lib.study import Study
from lib.values import CODES

#: Measures of which less is better; the share is then ceiling / model.
DISTANCES = ("rmse", "rmse_z")


def ceilings(study: Study) -> pd.DataFrame:
    """Returns human-human agreement for every measure, and the model's share of it.

    One row for each side x measure x reference: value `structure` (45 correlations), value `hierarchy` (ten mean
    centred scores) and value-behaviour relations (`behavior`, the behaviours that both surveys have; left out where the
    social survey is not recorded). Columns: `samples`, how many other human samples are compared with the reference;
    `ceiling`: their mean agreement with it (Fisher's z for correlations), `low` and `high`: the least and the most;
    `model`: the same measure of the study's model, all wordings and persons (for the hierarchy: its ten primes
    in equal parts); `share`: model / ceiling, of distances (`rmse`, `rmse_z`) ceiling / model, of slopes none.
    """
    table = pd.DataFrame([*_structure(study), *_hierarchy(study), *_behavior(study)])
    ratio = table["model"] / table["ceiling"]
    ratio = ratio.where(~table["measure"].isin(DISTANCES), 1 / ratio)
    return table.assign(share=ratio.where(table["measure"] != "slope"))


def measured(measure: str, a: np.ndarray, b: np.ndarray) -> float:
    """Returns `pearson`, `spearman` or `rmse` of two sets of numbers."""
    if measure == "rmse":
        return float(np.sqrt(((a - b) ** 2).mean()))
    return float(agreement.measure(measure, a[None], b)[0])


def _row(side: str, measure: str, reference: str, others: list[float], model: float) -> dict:
    mean = float(np.mean(others)) if measure in (*DISTANCES, "sign", "slope") else fisher_mean(np.array(others))
    limits = {"ceiling": mean, "low": min(others), "high": max(others)}
    return (
        {"side": side, "measure": measure, "reference": reference, "samples": len(others)} | limits | {"model": model}
    )


def _structure(study: Study) -> Iterator[dict]:
    array, _ = scoring.by_cell(study.scores())
    model = pairs(cells_to_correlation(array))
    people = {name: pairs(human.structure(name).to_numpy()) for name in human.references()}
    portraits = [r.id for r in human.references().values() if r.portrait]
    for measure in ("pearson", "spearman", "rmse"):
        for name, target in people.items():
            others = [measured(measure, people[other], target) for other in portraits if other != name]
            yield _row("structure", measure, name, others, measured(measure, model, target))


def _hierarchy(study: Study) -> Iterator[dict]:
    array, _ = scoring.by_cell(study.scores())
    model = array.mean(axis=(0, 1))
    people = {name: human.means(name)["cent_mean"].to_numpy() for name in human.with_means()}
    portraits = human.with_means(portrait=True)
    for measure in ("pearson", "spearman"):
        for name, target in people.items():
            others = [measured(measure, people[other], target) for other in portraits if other != name]
            yield _row("hierarchy", measure, name, others, measured(measure, model, target))


def _behavior(study: Study) -> Iterator[dict]:
    survey = replace(study, instrument=behavior_baselines.INSTRUMENT)
    if (survey.instrument, study.mode) not in archive.recorded(study.model):
        return
    model = behavior.matrix(behavior_baselines.pair(study, study.items(), survey.items()))
    scales, limits = list(human_behavior.shared()["scale"]), behavior_tables.ceilings()
    for measure in agreement.MEASURES:
        for name in behavior_tables.SURVEYS:
            people = human_behavior.matrix(human_behavior.cells(name)).loc[scales, list(CODES)].to_numpy().ravel()
            found = agreement.measure(measure, model.loc[scales].to_numpy().ravel()[None], people)
            yield _row("behavior", measure, name, [limits[measure]], float(found[0]))
