"""Respondents with a known truth: what an analysis must find is put in first."""

import numpy as np
import pandas as pd

from lib.instruments import Instrument
from lib.scoring import RESPONDENT
from lib.values import CODES


def respondents(
    instrument: Instrument, correlations: np.ndarray, n: int, seed: int, reliability: float = 0.7
) -> pd.DataFrame:
    """Returns n simulated people's item responses, shaped like `scoring.item_responses`.

    Each person's ten values are drawn from a multivariate normal with the given correlations; an item is its value plus
    independent noise, so that `reliability` is the share of an item's variance that is the value's.

    Args:
        instrument: a value questionnaire.
        correlations: 10 x 10, positive semi-definite, in the order of `CODES`.
        n: how many people.
        seed: of the draw.
        reliability: above 0, up to 1.

    Returns:
        n rows (standard normal items, in the columns of the instrument's item ids), induction `simulated`.
    """
    rng = np.random.default_rng(seed)
    values = rng.multivariate_normal(np.zeros(len(CODES)), correlations, size=n, method="eigh")
    column = [CODES.index(item.scale) for item in instrument.items]
    sign = np.array([-1.0 if item.reversed else 1.0 for item in instrument.items])
    noise = rng.standard_normal((n, len(column)))
    items = np.sqrt(reliability) * values[:, column] + np.sqrt(1 - reliability) * sign * noise
    index = pd.MultiIndex.from_tuples(
        [("simulated", "none", "none", f"person {i}") for i in range(n)], names=RESPONDENT
    )
    return pd.DataFrame(items, index=index, columns=list(instrument.key))
