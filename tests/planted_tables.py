"""Published tables with made-up numbers, for the tests of what is shown of them."""

from dataclasses import fields

import pandas as pd

from lib.analysis.alignment import Alignment

#: The study's own structure in every respect; a row names what is other in it.
_ROW = {
    "model": "smollm2-135m",
    "mode": "likelihood",
    "side": "structure",
    "instrument": "pvq40",
    "source": "definition",
    "prime": "definition",
    "wording": "all",
    "cells": "all",
    "reference": "pvq40_us_2017",
    "kind": "portrait",
    "scope": "all",
    "measure": "pearson",
    "beyond": "",
    "n_respondents": 160,
    "n_numbers": 45,
    "estimate": 0.71,
    "low": 0.61,
    "high": 0.81,
    "covers": "items, wordings, persons",
    "p": 0.0004,
    "p_holm": 0.004,
    "null_low": -0.3,
    "null_high": 0.31,
    "ceiling": 0.92,
}
NONE = float("nan")
#: A row that has no interval.
BARE = {"low": NONE, "high": NONE, "covers": ""}
BEHAVIOR = {"side": "behavior", "instrument": "social_survey", "reference": "gss2012_us", "kind": "coefficients"}


def alignments(*rows: dict) -> pd.DataFrame:
    """Returns a table of alignments; each row is given by what is other in it than in the study's own."""
    assert [*_ROW] == [f.name for f in fields(Alignment)]
    assert not {key for row in rows for key in row} - _ROW.keys()
    return pd.DataFrame([_ROW | row for row in rows], columns=list(_ROW))


def at(estimate: float, **other: object) -> dict:
    """Returns a row with this estimate and an interval of a tenth on either side."""
    return {"estimate": estimate, "low": estimate - 0.1, "high": estimate + 0.1} | other


def order(*rows: dict) -> pd.DataFrame:
    """Returns `behavior_order`, all behaviours first."""
    own = {"group": "all", "behaviors": 135, "ci": 0.46, "agreements": 583, "predictions": 800, "p": 0.004}
    return pd.DataFrame([own | {"overlap": 0.27} | row for row in rows or ({},)])


def differences(*rows: dict) -> pd.DataFrame:
    """Returns `population_differences`: of the value structure, from uniform, unless told otherwise."""
    own = {"model": "smollm2-135m", "side": "structure", "measure": "pearson", "reference": "pvq40_us_2017"}
    own |= {"scope": "all", "strategy": "h_np", "other": "uniform", "difference": 0.1, "low": 0.05, "high": 0.15}
    own |= {"wordings": 4, "p": 0.001, "p_holm": 0.01}
    return pd.DataFrame([own | row for row in rows], columns=list(own))


def ranks(*of: int, **keys: str) -> pd.DataFrame:
    """Returns `induction_ranks` of ten values in all wordings, in which the values have these ranks."""
    from lib.materials.values import CODES

    own = {"model": "smollm2-135m", "instrument": "pvq40", "mode": "likelihood", "induction": "definition"}
    own |= {"wording": "all", "lift": 0.2} | keys
    some = zip(CODES, of, strict=True)
    return pd.DataFrame([own | {"value": c, "rank": r, "took": 12 if r == 1 else 4, "n": 16} for c, r in some])
