"""How much of an answer is the value, the item, the wording, the person: a mixed model."""

import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd
from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from lib.errors import StudyError
from lib.materials.questions import RESPONDENT
from lib.materials.values import NO_VALUE

#: What an answer is split into.
SOURCES = ("item", "value", "wording", "person", "residual")


def variance_shares(items: pd.DataFrame) -> pd.Series:
    """Returns the share of each source in the variance of the primed respondents' answers; they sum to 1.

    Mixed model, fitted by restricted maximum likelihood (statsmodels `MixedLM`), with the item as group:
    y_icwp = μ + item_i + value_ic + wording_iw + person_ip + e_icwp, every term random, so that an item may answer to
    each prime, wording and person in its own way. `value` is what the prime does to an item: the part that a relation
    between value and behaviour can come from.

    Args:
        items: respondents x items (index `questions.RESPONDENT`), one induction, without NaN rows to speak of.

    Returns:
        index `SOURCES`; a facet with one level only is 0.

    Raises:
        StudyError: fewer than two items, two conditions or two cells (with one answer for each item and prime, what
            the value does cannot be told from the rest), or answers that no such model can be fitted to.
    """
    long = _long(items)
    cells = long[["wording", "person"]].drop_duplicates()
    if min(len(set(long["item"])), len(set(long["value"])), len(cells)) < 2:
        raise StudyError("Shares of variance need at least two items, two conditions and two wordings or persons.")
    # In units of the answers' SD: the optimiser's steps and tolerances are absolute.
    y = (long["y"] / long["y"].std(ddof=0)).to_numpy()
    facets = [f for f in ("value", "wording", "person") if len(set(long[f])) > 1]
    one = np.ones((len(y), 1))
    model = MixedLM(y, one, long["item"].to_numpy(), exog_re=one, exog_vc=_components(long, facets))
    with warnings.catch_warnings():
        # A source without variance lies on the boundary, which is reported as a lack of convergence.
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            fitted = model.fit(reml=True, method=["lbfgs", "powell"])
        except np.linalg.LinAlgError as error:
            raise StudyError("No mixed model can be fitted to these answers: too few wordings and persons.") from error
    found = {"item": float(fitted.cov_re[0, 0]), "residual": float(fitted.scale)}
    found |= dict(zip(facets, fitted.vcomp, strict=True))
    return _shares(found)


def _long(items: pd.DataFrame) -> pd.DataFrame:
    primed = items[items.index.get_level_values("condition") != NO_VALUE]
    long = primed.copy().reset_index().melt(RESPONDENT, var_name="item", value_name="y").dropna(subset="y")
    return long.rename(columns={"condition": "value"}).sort_values("item", kind="stable", ignore_index=True)


def _components(long: pd.DataFrame, facets: list[str]) -> VCSpec:
    """One variance for each facet, the same in all items; statsmodels takes a design matrix for each item's number."""
    columns, designs = [], []
    for facet in facets:
        parts = [pd.get_dummies(part[facet], dtype=float) for _, part in long.groupby("item")]
        designs.append({i: part.to_numpy() for i, part in enumerate(parts)})
        columns.append({i: list(part.columns) for i, part in enumerate(parts)})
    return VCSpec(facets, columns, designs)


def _shares(variances: Mapping[str, float]) -> pd.Series:
    shares = pd.Series({source: max(0.0, variances.get(source, 0.0)) for source in SOURCES})
    return shares / shares.sum()
