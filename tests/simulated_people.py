"""Respondents with a known truth: what an analysis must find is put in first."""

import numpy as np
import pandas as pd

from lib.analysis.respondents import level_signs
from lib.materials.instruments import Instrument
from lib.materials.questions import RESPONDENT
from lib.materials.values import CODES
from lib.statistics import scale_scores


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


def behaviors(
    value_items: pd.DataFrame, value_instrument: Instrument, instrument: Instrument, planted: np.ndarray, seed: int
) -> pd.DataFrame:
    """Returns simulated people's answers to a behaviour questionnaire with known relations to their value scores.

    A behaviour is drawn so that its correlations with the centred value scores are the planted ones; an item is its
    behaviour, turned round where it is reverse-keyed and turned back by scoring, plus half as much noise.

    Args:
        value_items: of `respondents`.
        value_instrument: the questionnaire they belong to.
        instrument: the behaviour questionnaire.
        planted: behaviours x the ten values, correlations that such value scores can have together (`feasible`).
        seed: of the noise.

    Returns:
        People x items, in the form of `scoring.item_responses`.
    """
    rng = np.random.default_rng(seed)
    scores = _scores(value_items, value_instrument)
    standard = (scores - scores.mean(axis=0)) / scores.std(axis=0)
    weights = np.linalg.pinv(np.corrcoef(standard.T), rcond=1e-8) @ planted.T
    explained = standard @ weights
    rest = np.sqrt(np.maximum(0.0, 1.0 - explained.var(axis=0)))
    behavior = explained + rest * rng.standard_normal(explained.shape)
    column = [instrument.scales.index(item.scale) for item in instrument.items]
    items = behavior[:, column] + 0.5 * rng.standard_normal((len(behavior), len(column)))
    return pd.DataFrame(items, index=value_items.index, columns=list(instrument.key))


def feasible(planted: np.ndarray, value_items: pd.DataFrame, value_instrument: Instrument) -> np.ndarray:
    """Returns the relations nearest to the planted ones that ipsative value scores can have.

    Centred scores sum to a constant, so no behaviour can go with all ten at once: the part of a profile along that sum
    is taken out.
    """
    scores = _scores(value_items, value_instrument)
    correlations = np.corrcoef(scores.T)
    return planted @ np.linalg.pinv(correlations, rcond=1e-8) @ correlations


def _scores(items: pd.DataFrame, instrument: Instrument) -> np.ndarray:
    key = np.array([[float(item.scale == scale) for scale in instrument.scales] for item in instrument.items])
    return scale_scores(items.to_numpy(float), key, level_signs(instrument))
