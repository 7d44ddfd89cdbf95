"""Strategies: how a population of primed respondents is composed, evenly, by the model or as people hold values.

The first five are the paper's (Yehudai, Rozen & Gera 2026): everyone has one prime, and a strategy says how many have
which. Three of them rest on the share of people with a dominant value (Witte, Stanciu & Boehnke 2020). The sixth,
`h_profile`, is this project's: nobody holds one value only, so each person draws a whole human value profile.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import softmax

from lib.analysis import scoring
from lib.analysis.respondents import Respondents
from lib.errors import StudyError, unknown
from lib.materials import references
from lib.materials.values import CODES, CONDITIONS, NO_VALUE

#: The strategies, and how they are written.
LABELS = {
    "uniform": "uniform",
    "model_specific": "model-specific",
    "h_norm": "H-Norm",
    "h_even": "H-Even",
    "h_np": "H-NP",
    "h_profile": "H-Profile",
}
#: How the table of dominant values names the samples that the project knows as …
_SAMPLES = {"ESS11_ed1_13countries": "ess11_europe", "ESS9_DE": "ess9_de", "ESS9_BE": "ess9_be"}
#: Profiles that the mean weights of `h_profile` are taken over, for the table of weights.
_DRAWN = 100_000


@dataclass(frozen=True, eq=False)
class Profiles:
    """Human value profiles and how a person turns one into answers.

    Attributes:
        mean: the ten mean centred scores z, in pooled standard deviations of the sample.
        root: 10 x 10, the symmetric square root of the covariances of z.
        temperature: above 0. Low: everyone follows the strongest value; high: all values count alike.
    """

    mean: np.ndarray
    root: np.ndarray
    temperature: float

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Returns n people's weights of the ten primes, softmax(z / temperature): n x 10, rows sum to one."""
        z = self.mean + rng.standard_normal((n, len(CODES))) @ self.root
        return softmax(z / self.temperature, axis=1)


@dataclass(frozen=True, eq=False)
class Population:
    """How a population is composed.

    Attributes:
        strategy: its name.
        weights: share of each of the eleven conditions; with `profiles`, the mean weight in the mixtures.
        profiles: where each person has a mixture of the ten primes, what it is drawn from.

    Raises:
        StudyError: on construction, for weights that `checked` refuses.
    """

    strategy: str
    weights: pd.Series
    profiles: Profiles | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", checked(self.weights))


def checked(weights: pd.Series) -> pd.Series:
    """Returns weights over the eleven conditions in the order of `CONDITIONS`; conditions left out weigh 0.

    Raises:
        StudyError: an unknown condition, a weight that is negative or no number, or a sum other than one.
    """
    if foreign := [str(c) for c in weights.index if c not in CONDITIONS]:
        raise unknown("condition", foreign[0], CONDITIONS)
    full = weights.astype(float).reindex(list(CONDITIONS), fill_value=0.0)
    if odd := [f"{c} {w:g}" for c, w in full.items() if not 0 <= w <= 1]:
        raise StudyError(f"Weights lie from 0 to 1; these do not: {', '.join(odd)}.")
    if abs(full.sum() - 1) > 1e-9:
        raise StudyError(f"Weights must sum to 1; these sum to {full.sum():.6g}. Divide them by their sum.")
    return full.rename("weight")


def dominant_shares(sample: str = "ess11_europe", threshold: float = 0.62, order: str = "TR-CO") -> pd.Series:
    """Returns the share of people with each dominant value (index code; sums to less than 1, the rest have none).

    Args:
        sample: a human reference in `data/raw/human/dominant_values.csv`, which names them otherwise (`_SAMPLES`).
        threshold: Spearman correlation with the value's ideal profile from which it counts as dominant. .62 was chosen
            so that 47 % have one, as in Witte et al. (2020); the shares by value are this project's own computation.
        order: which of tradition and conformity comes first on the circle, `TR-CO` or `CO-TR`: it swaps their shares.

    Raises:
        StudyError: a sample, threshold or order that is not in the table; lists those that are.
    """
    table = references.dominant_values().replace({"sample": _SAMPLES})
    asked = {"sample": sample, "TRCO_order": order, "spearman_threshold": threshold}
    names = {"sample": "sample with dominant values", "TRCO_order": "order", "spearman_threshold": "threshold"}
    for column, wanted in asked.items():
        found = table[table[column] == wanted]
        if found.empty:
            raise unknown(names[column], wanted, table[column].unique())
        table = found
    return table.iloc[0][list(CODES)].astype(float).rename("share") / 100


def uniform() -> Population:
    """Returns the population with a tenth of the people for each value."""
    return Population("uniform", pd.Series(1 / len(CODES), index=list(CODES)))


def model_specific(group: Respondents) -> Population:
    """Returns the population weighted by how well each value takes on the model.

    weight_v ∝ max(0, lift_v), lift_v the mean over wordings and persons of what the prime of v raises v's own centred
    score by (`scoring.lifts`): a value that the model does not take up is not asked of it.

    Args:
        group: the primed respondents to the value questionnaire.

    Raises:
        StudyError: no value takes at all.
    """
    mean = scoring.lifts(group).mean(axis=0)
    own = pd.Series(np.diagonal(mean), index=list(CODES)).clip(lower=0)
    if own.sum() == 0:
        raise StudyError("No prime raises its own value, so there is nothing to weight by; take another strategy.")
    return Population("model_specific", own / own.sum())


def h_norm(shares: pd.Series) -> Population:
    """Returns the population of the people who have a dominant value: their shares divided by their sum."""
    return Population("h_norm", shares / shares.sum())


def h_even(shares: pd.Series) -> Population:
    """Returns the population in which those without a dominant value are spread evenly over the ten."""
    return Population("h_even", shares + (1 - shares.sum()) / len(shares))


def h_np(shares: pd.Series) -> Population:
    """Returns the population in which those without a dominant value are respondents with no prime."""
    return Population("h_np", pd.concat([shares, pd.Series({NO_VALUE: 1 - shares.sum()})]))


def h_profile(sample: str, temperature: float, rng: np.random.Generator) -> Population:
    """Returns the population in which each person answers from a mixture of the ten primes, by a human profile.

    A profile is drawn from the multivariate normal with the sample's centred means, standard deviations and
    correlations, z = centred score / s with s² the mean variance of the ten values; each item is answered under one
    prime, drawn with softmax(z / temperature). Centred scores are ipsative and the published correlations rounded, so
    eigenvalues below zero are set to zero.

    Args:
        sample: a human reference with means.
        temperature: above 0.
        rng: of the profiles that the mean weights are taken over.

    Raises:
        StudyError: a sample without means, or a temperature that is not above 0.
    """
    if not temperature > 0:
        raise StudyError(f"temperature is {temperature!r}; it must be above 0.")
    means, correlations = references.means(sample), references.structure(sample).to_numpy()
    scale = np.sqrt((means["cent_sd"] ** 2).mean())
    sd = (means["cent_sd"] / scale).to_numpy()
    eigenvalues, vectors = np.linalg.eigh(correlations * np.outer(sd, sd))
    # The symmetric root does not hang on the signs that a linear algebra library gives the eigenvectors.
    root = vectors @ np.diag(np.sqrt(np.maximum(eigenvalues, 0))) @ vectors.T
    profiles = Profiles((means["cent_mean"] / scale).to_numpy(), root, temperature)
    weights = profiles.draw(_DRAWN, rng).mean(axis=0)
    return Population("h_profile", pd.Series(weights, index=list(CODES)), profiles)
