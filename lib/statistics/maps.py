"""Value maps: multidimensional scaling by SMACOF, Procrustes fit, and the tests that go with them."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.spatial.distance import pdist, squareform

from lib.statistics.matrices import pairs
from lib.statistics.nulls import random_orders
from lib.statistics.resampling import PERMUTATIONS, p_value

_ITERATIONS = 2_000
_TOLERANCE = 1e-10


@dataclass(frozen=True)
class ValueMap:
    """A configuration in the plane.

    Attributes:
        points: n x 2, centred, root mean square distance from the centre 1.
        stress: Stress-1 (Kruskal 1964), from 0.
        point_stress: each point's share of the squared residuals; they sum to 1.
        start: which start it was reached from.
    """

    points: np.ndarray
    stress: float
    point_stress: np.ndarray
    start: str


def dissimilarities(correlations: np.ndarray) -> np.ndarray:
    """Returns sqrt(2 (1 - r)), the distance between two standardised variables, as a matrix with zero diagonal."""
    matrix = np.sqrt(np.maximum(0.0, 2.0 * (1.0 - correlations)))
    np.fill_diagonal(matrix, 0.0)
    return matrix


def value_map(
    correlations: np.ndarray,
    circle: np.ndarray,
    rng: np.random.Generator,
    ordinal: bool = False,
    random_starts: int = 8,
) -> ValueMap:
    """Returns the two-dimensional map of lowest stress over all starts, turned to fit the theoretical circle.

    Starts: the theoretical circle, the classical solution and random ones. Metric maps fit the dissimilarities up to
    scale (ratio MDS), ordinal ones up to any increasing transformation (primary approach to ties).

    Args:
        correlations: n x n.
        circle: n x 2, where the theory places the n things.
        rng: of the random starts.
        ordinal: whether only the order of the dissimilarities is fitted.
        random_starts: how many.
    """
    delta = pairs(dissimilarities(correlations))
    starts = {"circle": circle, "classical": classical(squareform(delta))}
    starts |= {f"random {i + 1}": rng.standard_normal((len(correlations), 2)) for i in range(random_starts)}
    fits = [smacof(delta, start, ordinal, name) for name, start in starts.items()]
    # A later start must be clearly better, not just in the last bit, to take the place of an earlier one.
    best = fits[0]
    for fit in fits[1:]:
        if fit.stress < best.stress - 1e-6:
            best = fit
    turned = fit_to(best.points, circle, dilate=False).points
    return ValueMap(turned, best.stress, best.point_stress, best.start)


def smacof(delta: np.ndarray, start: np.ndarray, ordinal: bool = False, name: str = "given") -> ValueMap:
    """Returns the map that majorisation reaches from a start (de Leeuw & Mair 2009, *J. Stat. Software* 31(3)).

    Args:
        delta: dissimilarities above the diagonal, n (n - 1) / 2 numbers, row by row.
        start: n x 2 start.
        ordinal: fit the dissimilarities' order only.
        name: recorded as the map's `start`.

    Stress-1 is sqrt(Σ (d̂ - b d)² / Σ d̂²) with the best scale b, d̂ the (transformed) dissimilarities: the same number as
    smacof's `stress`.
    """
    order = np.argsort(delta, kind="stable")
    points, n, last = start - start.mean(axis=0), len(start), np.inf
    for _ in range(_ITERATIONS):
        distances = pdist(points)
        target = _disparities(delta, distances, order, ordinal)
        stress = _stress(target, distances)
        if last - stress < _TOLERANCE:
            break
        last = stress
        ratio = np.divide(target, distances, out=np.zeros_like(target), where=distances > 1e-12)
        b = -squareform(ratio)
        np.fill_diagonal(b, -b.sum(axis=1))
        points = b @ points / n
    scaled = points / np.sqrt((points**2).sum() / n)
    return ValueMap(scaled, stress, _point_stress(target, distances), name)


def _disparities(delta: np.ndarray, distances: np.ndarray, order: np.ndarray, ordinal: bool) -> np.ndarray:
    if ordinal:
        # Primary approach: tied dissimilarities may get different disparities, in the order of the distances.
        by_tie = order[np.lexsort((distances[order], delta[order]))]
        target = np.empty_like(delta)
        target[by_tie] = isotonic_regression(distances[by_tie]).x
    else:
        target = delta
    return target * np.sqrt(len(delta) / (target**2).sum())


def _stress(target: np.ndarray, distances: np.ndarray) -> float:
    share = (target @ distances) ** 2 / ((target @ target) * (distances @ distances))
    return float(np.sqrt(max(0.0, 1.0 - share)))


def _point_stress(target: np.ndarray, distances: np.ndarray) -> np.ndarray:
    scale = (target @ distances) / (distances @ distances)
    residuals = squareform((target - scale * distances) ** 2).sum(axis=1)
    return residuals / residuals.sum() if residuals.sum() > 0 else residuals


def classical(distances: np.ndarray) -> np.ndarray:
    """Returns Torgerson's classical solution in two dimensions for a distance matrix."""
    n = len(distances)
    centre = np.eye(n) - 1.0 / n
    values, vectors = np.linalg.eigh(-0.5 * centre @ distances**2 @ centre)
    return vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 0.0))


@dataclass(frozen=True)
class Fit:
    """A map fitted to another.

    Attributes:
        points: the fitted map.
        m2: Procrustes disparity, 0 (same shape) to 1, as `scipy.spatial.procrustes` gives it.
        congruence: cosine of the two maps' distances, 0 to 1 (Borg & Groenen 2005, *Modern Multidimensional Scaling*,
            ch. 20).
    """

    points: np.ndarray
    m2: float
    congruence: float


def fit_to(points: np.ndarray, target: np.ndarray, dilate: bool = True) -> Fit:
    """Returns the map moved, turned, reflected and (if `dilate`) stretched to lie closest to the target."""
    x, y = points - points.mean(axis=0), target - target.mean(axis=0)
    u, singular, vt = np.linalg.svd(x.T @ y)
    x_size, y_size = (x**2).sum(), (y**2).sum()
    scale = singular.sum() / x_size if dilate else 1.0
    d, e = pdist(points), pdist(target)
    return Fit(
        points=scale * x @ (u @ vt) + target.mean(axis=0),
        m2=float(1.0 - singular.sum() ** 2 / (x_size * y_size)),
        congruence=float(d @ e / np.sqrt((d @ d) * (e @ e))),
    )


def protest(points: np.ndarray, target: np.ndarray, rng: np.random.Generator, draws: int = PERMUTATIONS) -> float:
    """Returns PROTEST's p: the share of relabellings (the observed counted) that fit the target as well or better.

    Jackson (1995), *Ecoscience* 2:297-303; `vegan::protest` in R.
    """
    x, y = points - points.mean(axis=0), target - target.mean(axis=0)
    fits = _singular_sum(np.einsum("dni,nj->dij", x[random_orders(len(x), rng, draws)], y))
    return p_value(float(_singular_sum(x.T @ y)), fits)


def _singular_sum(m: np.ndarray) -> np.ndarray:
    """Sum of the singular values of 2 x 2 matrices: sqrt(|M|² + 2 |det M|)."""
    determinant = m[..., 0, 0] * m[..., 1, 1] - m[..., 0, 1] * m[..., 1, 0]
    return np.sqrt((m**2).sum(axis=(-2, -1)) + 2.0 * np.abs(determinant))


def permuted_stress(correlations: np.ndarray, ordinal: bool, rng: np.random.Generator, draws: int = 200) -> np.ndarray:
    """Returns the stress of maps of the same dissimilarities put in random places: what a structureless matrix gives.

    As `smacof::permtest` (Mair, Borg & Rusch 2016, *Multivariate Behavioral Research* 51:772-789); each draw starts
    from the classical solution.
    """
    delta = pairs(dissimilarities(correlations))
    shuffled = (rng.permutation(delta) for _ in range(draws))
    return np.array([smacof(d, classical(squareform(d)), ordinal).stress for d in shuffled])
