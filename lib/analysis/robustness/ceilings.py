"""Ceilings: how well people agree with people by every measure, and how far towards it the model gets."""

import numpy as np
import pandas as pd

from lib.analysis import people
from lib.analysis.alignment import ALL, chosen
from lib.analysis.study import Study
from lib.materials import references

#: Measures that a share of the ceiling can be told of: correlations, and distances turned round.
_CORRELATIONS, _DISTANCES = ("pearson", "spearman"), ("rmse", "rmse_z", "wasserstein")


def ceilings(study: Study, alignments: pd.DataFrame) -> pd.DataFrame:
    """Returns human-human agreement for every side, measure and reference, and the model's share of it.

    Columns: as `people.ceilings` has them, and `model`: the same measure of the study's induction (populations:
    `uniform`); `share`: model / ceiling for correlations, ceiling / model for distances; `variance`: (model / ceiling)²
    for Pearson's r, the share of the variance that people explain of one another. Neither is told of samples that did
    not answer a portrait questionnaire, whose questions keep people themselves apart.

    Args:
        study: the study.
        alignments: what the notebooks on structure, behaviour and populations publish, one below the other.
    """
    limits = people.ceilings()
    limits["model"] = [_model(study, alignments, row) for row in limits.to_dict("records")]
    ratio = (limits["model"] / limits["ceiling"]).where(limits["measure"].isin(_CORRELATIONS))
    distance = (limits["ceiling"] / limits["model"]).where(limits["measure"].isin(_DISTANCES))
    portrait = {name for name, one in references.references().items() if one.portrait}
    told = limits["reference"].isin(portrait) | (limits["side"] == "behavior")
    share = ratio.fillna(distance).where(told)
    return limits.assign(share=share, variance=(ratio**2).where(told & (limits["measure"] == "pearson")))


def _model(study: Study, alignments: pd.DataFrame, row: dict) -> float:
    keys = {k: row[k] for k in ("side", "measure", "reference", "scope")}
    found = chosen(alignments, **keys, cells=ALL, source=(study.induction, "uniform"))
    found = found[found["mode"] == study.mode]
    if row["side"] != "behavior":
        found = found[found["instrument"] == study.instrument]
    # The study's own respondents come before a population of them.
    own = found[found["source"] == study.induction]
    rows = own if len(own) else found
    return float(rows["estimate"].iloc[0]) if len(rows) else np.nan
