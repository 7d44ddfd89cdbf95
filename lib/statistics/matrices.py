"""Relations between columns of scores: pooled correlations, what is taken out of them, and their pairs."""

from collections.abc import Sequence

import numpy as np

#: Below this a sum of squares is rounding, not variance.
_NOTHING = 1e-12
#: Numbers that differ by less than this share of their size are one number, rounded.
_ROUNDING = 1e-13


def pearson(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Returns Pearson's r along the last axis of two broadcastable arrays; NaN where one of them does not vary."""
    (a, a_squares), (b, b_squares) = _deviations(a), _deviations(b)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (a * b).sum(axis=-1) / np.sqrt(a_squares * b_squares)


def _deviations(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Deviations from the mean of the last axis, and their sum of squares: NaN where they are no more than rounding."""
    mean = x.mean(axis=-1, keepdims=True)
    deviations = x - mean
    squares = (deviations**2).sum(axis=-1)
    return deviations, np.where(squares <= _ROUNDING**2 * x.shape[-1] * mean[..., 0] ** 2, np.nan, squares)


def standardised(products: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Returns correlations from sums of squares and cross-products: products_pq / sqrt(a_p b_q).

    Args:
        products: … x p x q, cross-products of deviations.
        a: … x p, sums of squares of the first set.
        b: … x q, of the second.

    Returns:
        … x p x q; 0 where either set does not vary at all, NaN where a sum is NaN.
    """
    still = (a < _NOTHING)[..., :, None] | (b < _NOTHING)[..., None, :]
    scale = np.sqrt(a[..., :, None] * b[..., None, :])
    return np.divide(products, scale, out=np.zeros_like(products), where=~still)


def relations(a: np.ndarray, b: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Returns the correlations of two sets of scores over conditions, pooled within cells.

    A cell holds every condition once (one wording in one grammatical person). What a cell does to all its conditions
    alike is no relation, so its mean is taken out first: with deviations a', b' from the cell's means,
    r_pq = Σ_c w_c Σ_k a'_ckp b'_ckq / sqrt(Σ_c w_c Σ_k a'²_ckp · Σ_c w_c Σ_k b'²_ckq).

    Args:
        a: … x cell x condition x p.
        b: … x cell x condition x q.
        weights: draws x cell, how often each cell counts; once by default. Where `a` and `b` have draws too, theirs
            and those of the weights go together.

    Returns:
        … x p x q, draws first where there are any; 0 for a column that no condition moves. The same number as
        least squares on dummies of the cells gives (R `lm`), which the tests check.
    """
    a, b = (x - x.mean(axis=-2, keepdims=True) for x in (a, b))
    parts = (a.swapaxes(-1, -2) @ b, (a**2).sum(axis=-2), (b**2).sum(axis=-2))
    return standardised(*(_summed(part, weights, at) for part, at in zip(parts, (-3, -2, -2), strict=True)))


def _summed(part: np.ndarray, weights: np.ndarray | None, cells: int) -> np.ndarray:
    """Sums over cells, each as often as it counts."""
    if weights is None:
        return part.sum(axis=cells)
    if part.ndim == -cells:
        return np.tensordot(weights, part, axes=1)
    return (part * weights.reshape(*weights.shape, *[1] * (-cells - 1))).sum(axis=cells)


def correlations(scores: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Returns the correlations of scores with one another: `relations` of a set with itself, … x p x p."""
    return relations(scores, scores, weights)


def prime_correlations(scores: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Returns how alike the conditions are in what they raise: correlations of conditions over scales.

    `correlations` does not know which condition is which: it would come out the same whatever they are called. Here
    rows and columns are the conditions. A scale's mean over the conditions of its cell is taken out first.

    Args:
        scores: … x cell x condition x scale.
        weights: as in `relations`.
    """
    lifts = scores - scores.mean(axis=-2, keepdims=True)
    return correlations(lifts.swapaxes(-1, -2), weights)


def pairs(matrix: np.ndarray) -> np.ndarray:
    """Returns the cells above the diagonal row by row (45 of ten values), for a matrix or a stack of them."""
    return matrix[..., *np.triu_indices(matrix.shape[-1], 1)]


def square(pairs_: np.ndarray) -> np.ndarray:
    """Returns the symmetric matrix whose cells above the diagonal are given; its diagonal is 0."""
    n = round((1 + np.sqrt(1 + 8 * len(pairs_))) / 2)
    matrix = np.zeros((n, n))
    matrix[np.triu_indices(n, 1)] = pairs_
    return matrix + matrix.T


def relabelled(pairs_: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Returns the pairs of a matrix whose rows and columns change places together: orders x pairs."""
    matrix = square(pairs_)
    rows, columns = np.triu_indices(len(matrix), 1)
    return matrix[orders[:, rows], orders[:, columns]]


def residuals(y: np.ndarray, controls: Sequence[np.ndarray]) -> np.ndarray:
    """Returns what least squares on an intercept and the controls leave of y (… x n).

    Args:
        y: … x n.
        controls: vectors of n numbers, or several of them as k x n; those that depend on others add nothing.
    """
    design = np.vstack([np.ones(y.shape[-1]), *controls])
    _, sizes, basis = np.linalg.svd(
        design / np.maximum(np.linalg.norm(design, axis=1, keepdims=True), 1.0), full_matrices=False
    )
    basis = basis[sizes > 1e-10 * sizes[0]]
    return y - (y @ basis.T) @ basis
