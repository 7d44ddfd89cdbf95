"""Value structure: correlations, alignment of two matrices, and the order on the circle.

Maps (MDS, Procrustes) are in `maps`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from lib.errors import StudyError
from lib.values import CODES, steps_apart

#: Permutations and bootstrap draws, unless told otherwise.
DRAWS = 9_999


def cells_to_correlation(scores: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Returns the correlations of the values over conditions, pooled within cells.

    A cell is one wording in one grammatical person and holds every condition once. Its mean is taken out, since what a
    wording does to all conditions alike is no relation between values:
    r_vw = Σ_cells g_c S_c[v, w] / sqrt(…), S_c the cross-products of the scores around the cell's means.

    Args:
        scores: cell x condition x value, centred.
        weights: how often each cell counts (draws x cells); once each by default.

    Returns:
        value x value, or draws x value x value.
    """
    deviations = scores - scores.mean(axis=1, keepdims=True)
    products = np.einsum("cki,ckj->cij", deviations, deviations)
    sums = products.sum(axis=0) if weights is None else np.tensordot(weights, products, axes=1)
    scale = np.sqrt(np.diagonal(sums, axis1=-2, axis2=-1))
    return sums / (scale[..., :, None] * scale[..., None, :])


def pairs(matrix: np.ndarray) -> np.ndarray:
    """Returns the cells above the diagonal (45 of ten values), for a matrix or a stack of them."""
    return matrix[..., *np.triu_indices(matrix.shape[-1], 1)]


def pearson(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Returns Pearson's r along the last axis of two broadcastable arrays."""
    a = a - a.mean(axis=-1, keepdims=True)
    b = b - b.mean(axis=-1, keepdims=True)
    return (a * b).sum(axis=-1) / np.sqrt((a**2).sum(axis=-1) * (b**2).sum(axis=-1))


@dataclass(frozen=True)
class MatrixAlignment:
    """How far two correlation matrices agree: Pearson and Spearman over the pairs, RMSE, and Mantel's p."""

    r: float
    rho: float
    rmse: float
    mantel_p: float


def align_matrices(a: np.ndarray, b: np.ndarray, seed: int, draws: int = DRAWS) -> MatrixAlignment:
    """Returns the agreement of two correlation matrices over their off-diagonal pairs.

    Mantel's p is one-sided: the share of relabellings of the values (the observed one counted) whose r is at least the
    observed one (Mantel 1967, *Cancer Research* 27:209-220).
    """
    x, y = pairs(a), pairs(b)
    r = float(pearson(x, y))
    order = np.random.default_rng(seed).permuted(np.tile(np.arange(len(a)), (draws, 1)), axis=1)
    shuffled = a[order[:, :, None], order[:, None, :]]
    reached = pearson(pairs(shuffled), y) >= r - 1e-12
    rho = float(pearson(rankdata(x), rankdata(y)))
    return MatrixAlignment(r, rho, float(np.sqrt(((x - y) ** 2).mean())), float((reached.sum() + 1) / (draws + 1)))


def bootstrap_weights(cells: pd.MultiIndex, seed: int, draws: int) -> np.ndarray:
    """Returns bootstrap weights, draws x cells, from drawing wordings and persons with replacement, each on its own.

    A cell's weight is how often its wording was drawn times how often its person was; a facet with one level only is
    not drawn.
    """
    rng = np.random.default_rng(seed)
    weights = np.ones((draws, len(cells)))
    for level in ("wording", "person"):
        codes, names = pd.factorize(cells.get_level_values(level))
        counts = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
        weights *= counts[:, codes]
    return weights


def bootstrap_alignment(
    scores: np.ndarray, cells: pd.MultiIndex, reference: np.ndarray, seed: int, draws: int = 2_000
) -> tuple[float, float]:
    """Returns the 95 % percentile interval of the alignment r over wordings and persons.

    It says how far r hangs on how the prime was worded; it does not cover the choice of items or of values.
    """
    weights = bootstrap_weights(cells, seed, draws)
    weights = weights[weights.sum(axis=1) > 0]
    drawn = pearson(pairs(cells_to_correlation(scores, weights)), pairs(reference))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def random_alignments(key: dict[str, str], reference: np.ndarray, seed: int, draws: int = 2_000) -> np.ndarray:
    """Returns the alignment r of respondents who answer at random, scored and centred like any others.

    Ten respondents (one for each condition) give independent normal answers to every item. Centring alone makes their
    values correlate at about -1/9 (ipsative data), which the reference shares: this null has it too.
    """
    rng = np.random.default_rng(seed)
    items = rng.standard_normal((draws, len(CODES), len(key)))
    items -= items.mean(axis=2, keepdims=True)
    scale = np.array([[s == code for code in CODES] for s in key.values()], dtype=float)
    scores = items @ (scale / scale.sum(axis=0))
    deviations = scores - scores.mean(axis=1, keepdims=True)
    matrices = np.einsum("dki,dkj->dij", deviations, deviations)
    sd = np.sqrt(np.diagonal(matrices, axis1=1, axis2=2))
    return pearson(pairs(matrices / (sd[:, :, None] * sd[:, None, :])), pairs(reference))


def circle_order(correlations: np.ndarray, seed: int, draws: int = DRAWS) -> dict[str, float]:
    """Returns the test that values closer on the circle correlate more (RANDALL).

    Hubert & Arabie (1987, *Psychological Bulletin* 102:172-178): of all predictions "pair p lies closer on the circle
    than pair q, so r_p > r_q", agreements minus violations over predictions is the correspondence index `ci`, from -1
    to 1; `p` is the share of relabellings (the observed one counted) with as many agreements. The index equals that of
    rthor 0.2.1 (`rthor.test`), which the tests check.

    Raises:
        StudyError: not a matrix of the ten values.
    """
    if correlations.shape != (len(CODES), len(CODES)):
        raise StudyError(f"The circle has {len(CODES)} values; this matrix is {correlations.shape}.")
    steps, r = pairs(steps_apart().to_numpy()), pairs(correlations)
    predicted = steps[:, None] < steps[None, :]
    rng = np.random.default_rng(seed)
    orders = rng.permuted(np.tile(np.arange(len(CODES)), (draws, 1)), axis=1)
    drawn = pairs(correlations[orders[:, :, None], orders[:, None, :]])
    agreements = int((predicted & (r[:, None] > r[None, :])).sum())
    ties = int((predicted & (r[:, None] == r[None, :])).sum())
    total = int(predicted.sum())
    as_many = sum(int((predicted & (d[:, None] > d[None, :])).sum()) >= agreements for d in drawn)
    index = (2 * agreements + ties - total) / total
    return {"ci": index, "agreements": agreements, "predictions": total, "p": (as_many + 1) / (draws + 1)}


def by_steps(correlations: np.ndarray) -> pd.Series:
    """Returns the mean correlation of two values by their distance on the circle (index: 1 to 5 steps)."""
    steps = pairs(steps_apart().to_numpy())
    return pd.Series(pairs(correlations)).groupby(steps).mean().rename_axis("steps").rename("r")


def fisher_mean(correlations: np.ndarray) -> float:
    """Returns the mean of correlations by way of Fisher's z."""
    return float(np.tanh(np.arctanh(correlations).mean()))
