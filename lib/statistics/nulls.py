"""What chance gives: respondents who answer at random, and relabelled or exchanged conditions."""

import numpy as np
from scipy.stats import wishart

from lib.statistics.matrices import relations, standardised
from lib.statistics.resampling import PERMUTATIONS, RANDOM


def random_structure(counts: np.ndarray) -> np.ndarray:
    """Returns the correlations to be expected of centred scores when all answers are independent, exact.

    With n_v of N items of value v, cov(v, w) = [v = w] / n_v - 1 / N. Were all n_v of ten values equal, every
    correlation would be -1/9; so negative correlations are no sign of opposed values by themselves.

    Args:
        counts: number of items of each scale.
    """
    covariance = np.diag(1 / counts) - 1 / counts.sum()
    sd = np.sqrt(np.diag(covariance))
    return covariance / np.outer(sd, sd)


def random_scores(
    counts: np.ndarray,
    cells: int,
    conditions: int,
    rng: np.random.Generator,
    draws: int = RANDOM,
    centred: bool = True,
) -> np.ndarray:
    """Returns scores of respondents who answer at random: draws x cell x condition x scale.

    A scale's score is the mean of its n_v independent normal answers, so it is drawn as one of variance 1 / n_v; with
    `centred` the mean over all items is taken out.
    """
    scores = rng.standard_normal((draws, cells, conditions, len(counts))) / np.sqrt(counts)
    return scores - (scores @ counts / counts.sum())[..., None] if centred else scores


def random_correlations(
    counts: np.ndarray, freedom: int, rng: np.random.Generator, draws: int = RANDOM, centred: bool = True
) -> np.ndarray:
    """Returns the pooled correlations of respondents who answer at random: draws x scale x scale.

    The same in distribution as `correlations` of `random_scores`, at a cost that does not grow with their number:
    pooled cross-products of normal scores have a Wishart distribution. With A taking the mean over all items out of
    scores of variance 1 / n_v, they are A W A', W Wishart with `freedom` = cells x (conditions - 1) degrees of freedom.
    """
    if freedom < len(counts):
        scores = rng.standard_normal((draws, freedom, len(counts))) / np.sqrt(counts)
        drawn = scores.swapaxes(1, 2) @ scores
    else:
        drawn = wishart.rvs(freedom, np.diag(1 / counts), size=draws, random_state=rng)
    if centred:
        out = np.eye(len(counts)) - counts / counts.sum()
        drawn = out @ drawn @ out.T
    squares = np.diagonal(drawn, axis1=1, axis2=2)
    return standardised(drawn, squares, squares)


def random_relations(
    counts: np.ndarray,
    behaviors: int,
    cells: int,
    conditions: int,
    rng: np.random.Generator,
    draws: int = RANDOM,
) -> np.ndarray:
    """Returns relations of values with behaviours among respondents who answer both at random.

    draws x behaviour x value, scored, centred and pooled like any others.
    """
    values = random_scores(counts, cells, conditions, rng, draws)
    return relations(rng.standard_normal((draws, cells, conditions, behaviors)), values)


def random_orders(n: int, rng: np.random.Generator, draws: int = PERMUTATIONS) -> np.ndarray:
    """Returns relabellings of n things: draws x n, each row a permutation of 0 … n - 1."""
    return rng.permuted(np.tile(np.arange(n), (draws, 1)), axis=1)


def exchanged_relations(a: np.ndarray, b: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Returns `relations` when the conditions of `a` are exchanged: orders x p x q.

    One order of the conditions for all cells and columns at once. `b` stays as it is, so its ipsative and circular
    structure is in every draw (a relabelling of the values would break it and find smooth profiles too easily), and so
    do the relations within `a`. Under no relation between the two all draws are equally likely, which makes the test
    exact.

    Args:
        a: cell x condition x p.
        b: cell x condition x q.
        orders: draws x conditions (`random_orders`).
    """
    a, b = (x - x.mean(axis=1, keepdims=True) for x in (a, b))
    flat = b.reshape(-1, b.shape[2])
    products = np.stack([a[:, order].reshape(-1, a.shape[2]).T @ flat for order in orders])
    return standardised(products, (a**2).sum(axis=(0, 1)), (b**2).sum(axis=(0, 1)))
