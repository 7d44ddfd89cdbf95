"""The measures of agreement: how near two sets of numbers are, a model's and people's."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from lib.statistics.matrices import pearson

#: Relations of 1 have no Fisher z; they count as this.
_LARGEST_R = 0.999
#: Scores run over a response range of 1, centred ones from -1 to 1; distribution functions are taken over that width.
_WIDTH = 2.0
#: To how many decimals numbers are told apart where their order counts.
_DECIMALS = 12


Transform = Callable[[np.ndarray], np.ndarray]


def _as_it_is(x: np.ndarray) -> np.ndarray:
    return x


@dataclass(frozen=True)
class Measure:
    """One measure of agreement.

    Attributes:
        name: what it is called in tables.
        of: (… x n of ours, n of theirs) → … , the measure along the last axis.
        scale, back: the scale that means and intervals are taken on (Fisher's z for correlations, the logarithm for
            ratios), and the way back from it.
        best: what perfect agreement is; where it is 0, less is better.
        tested: whether more of it is better all the way, so that a p value against chance says something.
        limits: what it cannot go beyond.
    """

    name: str
    of: Callable[[np.ndarray, np.ndarray], np.ndarray]
    scale: Transform = _as_it_is
    back: Transform = _as_it_is
    best: float = 1.0
    tested: bool = True
    limits: tuple[float, float] = (-np.inf, np.inf)

    @property
    def smaller(self) -> bool:
        """Whether less is better."""
        return self.best == 0.0

    def mean(self, values: np.ndarray) -> float:
        """Returns the mean over samples, taken on the measure's scale; NaN of none."""
        return float(self.back(self.scale(np.asarray(values)).mean())) if len(values) else float("nan")


def fisher(r: np.ndarray) -> np.ndarray:
    """Returns Fisher's z, arctanh(r), of correlations, those beyond .999 in size counted as .999."""
    return np.arctanh(np.clip(r, -_LARGEST_R, _LARGEST_R))


def _spearman(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    # Numbers that differ in their last bits only are ties: which comes first would hang on the processor.
    return pearson(rankdata(ours.round(_DECIMALS), axis=-1), rankdata(theirs.round(_DECIMALS)))


def _sign(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Share of cells with the human sign, cells without one left out, 0 to 1."""
    signed = theirs != 0
    return (np.sign(ours[..., signed]) == np.sign(theirs[signed])).mean(axis=-1)


def _rmse(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    return np.sqrt(((ours - theirs) ** 2).mean(axis=-1))


def _rmse_z(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    return _rmse(fisher(ours), fisher(theirs))


def _slope(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Slope b of our relations on theirs: r times the ratio of their standard deviations."""
    deviation = theirs - theirs.mean()
    return (ours @ deviation) / (deviation @ deviation)


def _variance_ratio(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Geometric mean of our variances over theirs, from standard deviations; 1 is human."""
    return np.exp(2 * np.log(ours / theirs).mean(axis=-1))


def _wasserstein(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Mean over the scores of ∫ |F - G|, from distribution functions on one grid; 0 is human."""
    return np.abs(ours - theirs).mean(axis=-1) * _WIDTH


_ALL = (
    Measure("pearson", pearson, fisher, np.tanh),
    Measure("spearman", _spearman, fisher, np.tanh),
    Measure("sign", _sign, limits=(0.0, 1.0)),
    Measure("rmse", _rmse, best=0.0, limits=(0.0, np.inf)),
    Measure("rmse_z", _rmse_z, best=0.0, limits=(0.0, np.inf)),
    Measure("slope", _slope, tested=False),
    Measure("variance_ratio", _variance_ratio, np.log, np.exp, tested=False),
    Measure("wasserstein", _wasserstein, best=0.0, limits=(0.0, np.inf)),
)
#: Every measure by its name. `rmse` compares the numbers as they are, `rmse_z` after Fisher's z.
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _ALL}
