"""Chance and uncertainty: named random streams, bootstrap weights, the interval, the p value, families of p."""

from zlib import crc32

import numpy as np
from scipy.stats import false_discovery_control

from lib.statistics.measures import Measure

#: Permutations for a p value: its standard error at .05 is .002, and the least p is .0001.
PERMUTATIONS = 9_999
#: Bootstrap draws for an interval: the SD that it rests on is known to 2 %.
BOOTSTRAP = 1_000
#: Random respondents for a null: 50 draws lie beyond its 97.5 % quantile.
RANDOM = 2_000
#: Fewer cells (wordings x persons) than this say nothing of how much hangs on the wording: no interval.
FEWEST_CELLS = 3


def stream(seed: int, *names: str) -> np.random.Generator:
    """Returns the random stream of one use, told from all others by its names.

    Two uses with the same bare seed would draw the same numbers (items drawn like wordings); streams with other names
    are independent (`numpy.random.SeedSequence`), and adding a use changes none of the others.

    Args:
        seed: of the study.
        names: what the stream is for, e.g. "items", "pvq40", "definition".
    """
    key = tuple(crc32(name.encode()) for name in names)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def item_weights(strata: np.ndarray, rng: np.random.Generator, draws: int = BOOTSTRAP) -> np.ndarray:
    """Returns bootstrap weights of items, draws x items, drawn within strata (same scale, keyed the same way).

    Of a stratum's n members n - 1 are drawn with replacement, each draw counting n / (n - 1): a plain bootstrap of n
    has (n - 1) / n of the variance it should have, which is a half where a stratum has two (McCarthy & Snowden 1985,
    *Vital and Health Statistics* 2(95)). A stratum of one is not drawn.
    """
    weights = np.ones((draws, len(strata)))
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        if (n := len(members)) > 1:
            weights[:, members] = rng.multinomial(n - 1, np.full(n, 1 / n), size=draws) * (n / (n - 1))
    return weights


def cell_weights(facets: list[np.ndarray], rng: np.random.Generator, draws: int = BOOTSTRAP) -> np.ndarray:
    """Returns bootstrap weights of cells, draws x cells: each facet drawn on its own, as `item_weights` draws.

    A cell's weight is the product of its levels' weights; a facet with one level only is not drawn. Where facets are
    not fully crossed a draw may hold no cell at all; such draws are drawn again.

    Args:
        facets: for each facet (wordings, persons) each cell's level.
        rng: the stream.
        draws: how many.
    """
    weights = np.zeros((draws, len(facets[0])))
    while (empty := weights.sum(axis=1) <= 0).any():
        weights[empty] = 1.0
        for codes in (np.unique(facet, return_inverse=True)[1] for facet in facets):
            levels = item_weights(np.zeros(codes.max() + 1, dtype=int), rng, int(empty.sum()))
            weights[empty] *= levels[:, codes]
    return weights


def interval(measure: Measure, estimate: float, drawn: np.ndarray) -> tuple[float, float]:
    """Returns the 95 % interval of a measure, estimate ± 1.96 bootstrap SDs on the measure's scale (Fisher's z for r).

    Not percentiles: a resampled scale holds fewer different items than the scale itself, so that agreements drawn lie
    lower than the estimate as a whole, and percentiles with them. NaN where the draws do not vary.

    Args:
        measure: what was measured.
        estimate: the measure of the whole sample.
        drawn: the same of the bootstrap draws.
    """
    valid = drawn[np.isfinite(drawn)]
    if len(valid) < 2 or not np.isfinite(estimate) or np.ptp(valid) == 0:
        return float("nan"), float("nan")
    half, middle = 1.96 * measure.scale(valid).std(ddof=1), measure.scale(np.array(estimate))
    low, high = (float(measure.back(end)) for end in (middle - half, middle + half))
    return max(low, measure.limits[0]), min(high, measure.limits[1])


def p_value(observed: float, null: np.ndarray, smaller: bool = False) -> float:
    """Returns the one-sided p: the share of the null's draws, the observed one counted, that agree as well or better.

    p = (k + 1) / (draws + 1), k draws ≥ observed (≤ where `smaller` is better); differences of 1e-12 are rounding.
    """
    if not np.isfinite(observed):
        return float("nan")
    as_good = null <= observed + 1e-12 if smaller else null >= observed - 1e-12
    return float((as_good.sum() + 1) / (len(null) + 1))


def holm(p: np.ndarray) -> np.ndarray:
    """Returns the p values of a family corrected by Holm's method; NaN ones stay NaN.

    p_(i) → max over j ≤ i of min(1, (m - j + 1) p_(j)) (Holm 1979, *Scandinavian Journal of Statistics* 6:65-70). Four
    lines, since statsmodels collects all garbage at each call and there are hundreds of families; the tests hold them
    equal to its `multipletests`.
    """
    corrected, known = _known(p)
    order = known[np.argsort(corrected[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    corrected[order] = np.maximum.accumulate(np.minimum(1.0, corrected[order] * factors))
    return corrected


def false_discovery(p: np.ndarray) -> np.ndarray:
    """Returns the false discovery rates of a family by Benjamini and Hochberg's method; NaN ones stay NaN."""
    corrected, known = _known(p)
    if len(known):
        corrected[known] = false_discovery_control(corrected[known])
    return corrected


def _known(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A copy as numbers, and where they are not NaN."""
    numbers = np.array(p, dtype=float)
    return numbers, np.flatnonzero(~np.isnan(numbers))
