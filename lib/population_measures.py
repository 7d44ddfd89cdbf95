"""What a simulated population looks like, and how sure that is: correlations, means and spread with bootstrap draws.

**Whose variation.** Correlations are pooled within cells (wording x grammatical person), as everywhere in the project:
what a wording does to everyone alike is no relation between values. Means and spread are those of all people together.

**Bootstrap.** Wordings and grammatical persons are resampled as in `structure.bootstrap_weights`, people within their
cell. Every statistic is a function of sums over people, and people are resampled in `BATCHES` batches of random
members a cell: the same in expectation as one by one, at a cost that does not grow with their number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata

from lib import human
from lib.population import People
from lib.structure import bootstrap_weights, fisher_mean, pairs, pearson
from lib.values import CODES

BATCHES, DRAWS = 20, 999
#: Agreements of 1 have no Fisher z; they count as this.
LARGEST_R = 0.999
#: Human means stand on six response options, so that their range is five.
HUMAN_RANGE = 5.0
#: Where distribution functions are taken, in units of the response range. Scores are multiples of small fractions,
#: and the odd offset keeps the points between them, where rounding decides nothing.
STEP = 0.02
GRID = np.arange(-1.0, 1.0, STEP) + 0.0003


@dataclass(frozen=True, eq=False)
class Estimates:
    """A population's statistics; along the first axis the estimate and then the bootstrap draws.

    Attributes:
        correlation: draws x value x (values, then behaviours), pooled within cells.
        mean: draws x value, mean centred scores in units of the response range.
        sd: draws x value, their standard deviations over all people.
        below: draws x value x `GRID`, the share of people whose score lies below.
    """

    correlation: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    below: np.ndarray


def estimates(
    people: People, values: np.ndarray, seed: int, behaviors: np.ndarray | None = None, draws: int = DRAWS
) -> Estimates:
    """Returns the statistics of simulated people with their bootstrap draws.

    Args:
        people: as `population.draw` gives them.
        values: their value scores, n x 10 (`population.scores`).
        seed: of the bootstrap; the wordings and persons drawn with it are the same for all strategies.
        behaviors: their behaviour scores, n x behaviours, for `correlation`; `below` is then left out.
        draws: of the bootstrap.
    """
    rng = np.random.default_rng(seed)
    chosen = bootstrap_weights(people.cells, seed, draws)
    weights = np.vstack([np.ones(len(people.cells)), chosen[chosen.sum(axis=1) > 0]])
    both = values if behaviors is None else np.hstack([values, behaviors])
    k, d = values.shape[1], both.shape[1]
    points = GRID if behaviors is None else GRID[:0]
    pooled = [np.zeros((len(weights), width)) for width in (1, k, k, k * len(points), k * d, d)]
    for cell in np.unique(people.cell):
        members = rng.permutation(np.flatnonzero(people.cell == cell))
        batches = np.stack([_sums(both[b], k, points) for b in np.array_split(members, min(BATCHES, len(members)))])
        counts = rng.multinomial(len(batches), np.full(len(batches), 1 / len(batches)), size=len(weights))
        counts[0] = 1
        n, first, square, product, tally = np.split(counts @ batches, np.cumsum([1, d, d, k * d]), axis=1)
        outer = (first[:, :k, None] * first[:, None, :]).reshape(product.shape)
        parts = (n, first[:, :k], square[:, :k], tally, product - outer / n, square - first**2 / n)
        for total, part in zip(pooled, parts, strict=True):
            total += weights[:, [cell]] * part
    n, first, square, tally, cross, within = pooled
    mean = first / n
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = cross.reshape(-1, k, d) / np.sqrt(within[:, :k, None] * within[:, None, :])
    below = (tally / n).reshape(len(n), k, len(points))
    return Estimates(correlation, mean, np.sqrt(square / n - mean**2), below)


def _sums(rows: np.ndarray, k: int, points: np.ndarray) -> np.ndarray:
    """What everything is computed from, summed over people: 1, x, x², value · x, and how many lie below each point."""
    values = rows[:, :k]
    tally = (values[:, :, None] < points).sum(axis=0)
    parts = ([len(rows)], rows.sum(axis=0), (rows**2).sum(axis=0), (values.T @ rows).ravel(), tally.ravel())
    return np.concatenate(parts).astype(float)


def structure(found: Estimates, reference: str) -> np.ndarray:
    """Returns the alignment of the value structures: Pearson r over the 45 pairs of values, one for each draw."""
    return pearson(pairs(found.correlation[:, :, : len(CODES)]), pairs(_structure(reference)))


def hierarchy(found: Estimates, reference: str, ranks: bool = True) -> np.ndarray:
    """Returns the alignment of the ten mean centred scores: Spearman's rho, or Pearson's r without `ranks`."""
    ours, theirs = found.mean, human_moments(reference)[0]
    return pearson(rankdata(ours, axis=-1), rankdata(theirs)) if ranks else pearson(ours, theirs)


def variance_ratios(found: Estimates, reference: str) -> np.ndarray:
    """Returns, for each value, the simulated variance of its score over the human one, both on a 0-1 scale."""
    return (found.sd / human_moments(reference)[1]) ** 2


def wasserstein(found: Estimates, reference: str) -> np.ndarray:
    """Returns, for each value, the Wasserstein distance of the score's distribution to the human one.

    W = ∫ |F_simulated - F_human| in units of the response range. As no human microdata are shipped, F_human is the
    normal distribution with the human mean and standard deviation: an approximation.
    """
    return np.abs(found.below - human_below(reference)).sum(axis=-1) * STEP


def human_below(reference: str) -> np.ndarray:
    """Returns the normal distribution function of a sample's ten scores: value x `GRID`."""
    mean, sd = human_moments(reference)
    return norm.cdf((GRID - mean[:, None]) / sd[:, None])


@cache
def human_moments(reference: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns mean and standard deviation of a sample's ten centred scores, in units of the response range."""
    table = human.means(reference) / HUMAN_RANGE
    return table["cent_mean"].to_numpy(), table["cent_sd"].to_numpy()


@cache
def _structure(reference: str) -> np.ndarray:
    return human.structure(reference).to_numpy()


def human_level(measure: str, reference: str) -> float:
    """Returns how other human portrait samples do by a measure against a reference: the ceiling.

    `structure`: `human.ceiling`. `hierarchy`, `hierarchy_pearson`: mean over the samples by way of Fisher's z;
    `variance_ratio`: geometric mean; `wasserstein`: mean distance, here a floor.
    """
    if measure == "structure":
        return human.ceiling(reference)
    others = [r for r in human.with_means(portrait=True) if r != reference]
    levels = np.array([MEASURES[measure](_as_estimates(other), reference)[0] for other in others])
    if measure == "wasserstein":
        return float(levels.mean())
    if measure == "variance_ratio":
        return float(np.exp(np.log(levels).mean()))
    return fisher_mean(np.clip(levels, -LARGEST_R, LARGEST_R))


def _as_estimates(sample: str) -> Estimates:
    """A human sample's means and spread in the form of a population's, without draws."""
    means = human.means(sample) / HUMAN_RANGE
    none = np.full((1, len(CODES), len(CODES)), np.nan)
    return Estimates(
        none, means[["cent_mean"]].to_numpy().T, means[["cent_sd"]].to_numpy().T, human_below(sample)[None]
    )


def _hierarchy_pearson(found: Estimates, reference: str) -> np.ndarray:
    return hierarchy(found, reference, ranks=False)


def _mean_variance_ratio(found: Estimates, reference: str) -> np.ndarray:
    return np.exp(np.log(variance_ratios(found, reference)).mean(axis=-1))


def _mean_wasserstein(found: Estimates, reference: str) -> np.ndarray:
    return wasserstein(found, reference).mean(axis=-1)


#: What is compared of the values, one number for each draw; over the ten values the geometric mean of the variance
#: ratios (1 is human) and the mean of the Wasserstein distances (0 is human).
MEASURES: dict[str, Callable[[Estimates, str], np.ndarray]] = {
    "structure": structure,
    "hierarchy": hierarchy,
    "hierarchy_pearson": _hierarchy_pearson,
    "variance_ratio": _mean_variance_ratio,
    "wasserstein": _mean_wasserstein,
}


def relations(found: Estimates, cells: pd.DataFrame, scales: tuple[str, ...]) -> np.ndarray:
    """Returns the alignment of the value-behaviour relations with human cells (`human_behavior.cells`): Pearson r.

    Args:
        found: of people with behaviours.
        cells: behaviour x value.
        scales: the behaviours in the order of `found`.
    """
    behavior = [len(CODES) + scales.index(s) for s in cells["scale"]]
    value = [CODES.index(v) for v in cells["value"]]
    return pearson(found.correlation[:, value, behavior], cells["r"].to_numpy())
