"""How far two sets of value-behaviour relations agree, cell by cell, and the shape of one behaviour's relations."""

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from statsmodels.stats.multitest import multipletests

from lib.structure import pearson
from lib.values import CODES, angles

#: The measures of agreement; of `rmse_z` less is better.
MEASURES = ("pearson", "spearman", "sign", "rmse_z", "slope")
_SMALLER_IS_BETTER = {"rmse_z"}
_LARGEST_R = 0.999


def measure(name: str, model: np.ndarray, human: np.ndarray) -> np.ndarray:
    """Returns a measure of agreement along the last axis, for one set of relations or a stack of them.

    Args:
        name: `pearson` and `spearman` of the relations; `sign`: share of cells with the human sign (cells without one
            left out), 0 to 1; `rmse_z`: root mean square difference after Fisher's z (relations capped at .999);
            `slope`: b of the model's relations on the human ones, above 1 where the model's are too strong.
        model: relations, ... x cells.
        human: relations, cells; for `sign` their signs will do.
    """
    if name == "pearson":
        return pearson(model, human)
    if name == "spearman":
        return pearson(rankdata(model, axis=-1), rankdata(human))
    if name == "sign":
        signed = human != 0
        return (np.sign(model[..., signed]) == np.sign(human[signed])).mean(axis=-1)
    if name == "rmse_z":
        return np.sqrt(((_fisher(model) - _fisher(human)) ** 2).mean(axis=-1))
    deviation = human - human.mean()
    return (model @ deviation) / (deviation @ deviation)


def _fisher(r: np.ndarray) -> np.ndarray:
    return np.arctanh(np.clip(r, -_LARGEST_R, _LARGEST_R))


def interval(name: str, estimate: float, drawn: np.ndarray) -> tuple[float, float]:
    """Returns the 95 % interval of a measure, estimate ± 1.96 bootstrap SDs; correlations on Fisher's z.

    Not percentiles: a resampled scale holds fewer different items than the scale itself, so that agreements drawn lie
    lower than the estimate as a whole, and percentiles with them. `sign` is kept within 0 and 1, `rmse_z` above 0.

    Args:
        name: one of `MEASURES`.
        estimate: the measure of the whole sample.
        drawn: the same measure of the bootstrap draws.
    """
    if name in ("pearson", "spearman"):
        half = 1.96 * _fisher(drawn).std(ddof=1)
        middle = float(_fisher(np.array(estimate)))
        return float(np.tanh(middle - half)), float(np.tanh(middle + half))
    half = 1.96 * drawn.std(ddof=1)
    least, most = {"sign": (0.0, 1.0), "rmse_z": (0.0, np.inf)}.get(name, (-np.inf, np.inf))
    return float(max(estimate - half, least)), float(min(estimate + half, most))


def p_value(name: str, observed: float, null: np.ndarray) -> float:
    """Returns the one-sided p: the share of the null's draws (the observed one counted) that agree as well."""
    as_good = null <= observed + 1e-12 if name in _SMALLER_IS_BETTER else null >= observed - 1e-12
    return float((as_good.sum() + 1) / (len(null) + 1))


def holm(p: pd.Series) -> pd.Series:
    """Returns the p values of a family, corrected for their number by Holm's method; those that are NaN stay so."""
    known = p.dropna()
    return pd.Series(multipletests(known, method="holm")[1], known.index).reindex(p.index) if len(known) else p


def structural_summary(profiles: pd.DataFrame) -> pd.DataFrame:
    """Returns the sinusoid that fits each profile of relations round the circle.

    For a profile r_v at the values' angles θ_v (ten equal steps): elevation e = mean r_v, X = (2/10) Σ r_v cos θ_v,
    Y = (2/10) Σ r_v sin θ_v, amplitude = sqrt(X² + Y²), peak = atan2(Y, X), fit = 1 - Σ (r_v - r̂_v)² / Σ (r_v - e)²
    with r̂_v = e + X cos θ_v + Y sin θ_v (Gurtman & Pincus 2003, in *Handbook of Psychology* 2; Zimmermann & Wright
    2017, *Assessment* 24:3-23).

    Args:
        profiles: behaviours x the ten values, complete.

    Returns:
        The same rows; `elevation`, `amplitude` (in r), `peak` (degrees, 0 to 360), `fit` (0 to 1), `value` (the code
        nearest to the peak).
    """
    theta = np.deg2rad(angles()[list(CODES)].to_numpy())
    r = profiles[list(CODES)].to_numpy(float)
    elevation = r.mean(axis=1)
    x, y = 0.2 * r @ np.cos(theta), 0.2 * r @ np.sin(theta)
    fitted = elevation[:, None] + np.outer(x, np.cos(theta)) + np.outer(y, np.sin(theta))
    fit = 1 - ((r - fitted) ** 2).sum(axis=1) / ((r - elevation[:, None]) ** 2).sum(axis=1)
    peak = np.rad2deg(np.arctan2(y, x)) % 360
    nearest = np.abs(angular_distance(peak[:, None], np.rad2deg(theta)[None, :])).argmin(axis=1)
    table = {"elevation": elevation, "amplitude": np.hypot(x, y), "peak": peak, "fit": fit}
    return pd.DataFrame(table | {"value": [CODES[i] for i in nearest]}, index=profiles.index)


def angular_distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Returns how far apart two angles lie, in degrees from 0 to 180."""
    return np.abs((np.asarray(a) - np.asarray(b) + 180) % 360 - 180)
