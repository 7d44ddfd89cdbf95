"""Value structure: correlations, alignment of two matrices, and the order on the circle.

Maps (MDS, Procrustes) are in `maps`.
"""

from collections.abc import Callable, Sequence
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
    reached = pearson(_relabelled(a, seed, draws), y) >= r - 1e-12
    rho = float(pearson(rankdata(x), rankdata(y)))
    return MatrixAlignment(r, rho, float(np.sqrt(((x - y) ** 2).mean())), float((reached.sum() + 1) / (draws + 1)))


def _relabelled(matrix: np.ndarray, seed: int, draws: int) -> np.ndarray:
    """Returns the pairs of a matrix whose rows and columns change places together at random: draws x pairs."""
    order = np.random.default_rng(seed).permuted(np.tile(np.arange(len(matrix)), (draws, 1)), axis=1)
    rows, columns = np.triu_indices(len(matrix), 1)
    return matrix[order[:, rows], order[:, columns]]


@dataclass(frozen=True)
class Partial:
    """Two sets of relations, what a third explains taken out of both: the correlation left, and its one-sided p."""

    r: float
    p: float


def residuals(y: np.ndarray, controls: Sequence[np.ndarray]) -> np.ndarray:
    """Returns what least squares on an intercept and the controls (vectors or columns) leave of y (... x cells)."""
    basis, _ = np.linalg.qr(np.column_stack([np.ones(y.shape[-1]), *controls]))
    return y - (y @ basis) @ basis.T


def partial_alignment(
    a: np.ndarray, b: np.ndarray, controls: list[np.ndarray], seed: int, draws: int = 4_999
) -> Partial:
    """Returns the agreement of two correlation matrices beyond what the control matrices share with both.

    r is the partial correlation over the pairs. Its p is that of the partial Mantel test in the form that relabels
    residuals: the pairs of `a` that the controls do not explain are relabelled, the controls taken out again and
    correlated with what is left of `b` (Legendre 2000, *Journal of Statistical Computation and Simulation* 67:37-73).
    NaN where the controls leave nothing of `a`.
    """
    known = [pairs(c) for c in controls]
    left_a, left_b = residuals(pairs(a), known), residuals(pairs(b), known)
    if np.linalg.norm(left_a) < 1e-9 * max(1.0, float(np.linalg.norm(pairs(a)))):
        return Partial(float("nan"), float("nan"))
    r = float(pearson(left_a, left_b))
    square = np.zeros_like(a)
    square[np.triu_indices(len(a), 1)] = left_a
    drawn = residuals(_relabelled(square + square.T, seed, draws), known)
    return Partial(r, float(((pearson(drawn, left_b) >= r - 1e-12).sum() + 1) / (draws + 1)))


def prime_structure(scores: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Returns how alike the primes are in what they raise: correlations of conditions over values, pooled within cells.

    `cells_to_correlation` does not know which prime is which: it correlates the values over the primes, whatever these
    are called. Here rows and columns are primes, so that it shows which value a prime stands for. A value's mean over
    the primes is taken out first.

    Args:
        scores: cell x condition x value, centred.
        weights: as in `cells_to_correlation`.
    """
    lifts = scores - scores.mean(axis=1, keepdims=True)
    return cells_to_correlation(lifts.swapaxes(1, 2), weights)


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
    scores: np.ndarray,
    cells: pd.MultiIndex,
    reference: np.ndarray,
    seed: int,
    draws: int = 2_000,
    structure: Callable[..., np.ndarray] = cells_to_correlation,
) -> tuple[float, float]:
    """Returns the 95 % percentile interval of the alignment r over wordings and persons.

    It says how far r hangs on how the prime was worded; it does not cover the choice of items or of values.
    `structure` is `cells_to_correlation` or `prime_structure`.
    """
    weights = bootstrap_weights(cells, seed, draws)
    weights = weights[weights.sum(axis=1) > 0]
    drawn = pearson(pairs(structure(scores, weights)), pairs(reference))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def random_structure(key: dict[str, str]) -> np.ndarray:
    """Returns the correlations to be expected of centred scores when all answers are independent: 10 x 10, exact.

    With n_v of N items of value v, cov(v, w) = [v = w] / n_v - 1 / N. Were all n_v equal, every correlation would be
    -1/9; so negative correlations are no sign of opposed values by themselves.
    """
    counts = np.array([sum(s == code for s in key.values()) for code in CODES], dtype=float)
    covariance = np.diag(1 / counts) - 1 / len(key)
    sd = np.sqrt(np.diag(covariance))
    return covariance / np.outer(sd, sd)


def random_scores(
    key: dict[str, str], cells: int, seed: int, draws: int = 1_000, conditions: int = len(CODES), centred: bool = True
) -> np.ndarray:
    """Returns scores of respondents who answer at random: draws x cell x condition x value.

    A value's score is the mean of its n_v independent normal answers, so it is drawn as one of variance 1 / n_v.
    """
    counts = np.array([sum(s == code for s in key.values()) for code in CODES], dtype=float)
    scores = np.random.default_rng(seed).standard_normal((draws, cells, conditions, len(CODES))) / np.sqrt(counts)
    return scores - (scores @ counts / counts.sum())[..., None] if centred else scores


def random_pairs(
    key: dict[str, str], cells: int, seed: int, draws: int = 1_000, conditions: int = len(CODES), centred: bool = True
) -> np.ndarray:
    """Returns the correlations of the values among respondents who answer at random: draws x 45 pairs.

    Scored, centred and pooled within cells like any others (`random_scores`, `cells_to_correlation`).
    """
    scores = random_scores(key, cells, seed, draws, conditions, centred)
    # Deviations of all of a draw's cells lie in one block, whose cross-products are the pooled ones.
    deviations = (scores - scores.mean(axis=2, keepdims=True)).reshape(draws, -1, len(CODES))
    products = deviations.swapaxes(1, 2) @ deviations
    sd = np.sqrt(np.diagonal(products, axis1=1, axis2=2))
    return pairs(products / (sd[:, :, None] * sd[:, None, :]))


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
    drawn = _relabelled(correlations, seed, draws)
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
