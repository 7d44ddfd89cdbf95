"""Reliability: do the items of a scale rise and fall together?"""

import numpy as np

_ITERATIONS = 20_000
_TOLERANCE = 1e-11


def alpha(items: np.ndarray) -> float:
    """Returns Cronbach's alpha, k / (k - 1) · (1 - Σ var(item) / var(sum)), of respondents x k items.

    Cronbach (1951), *Psychometrika* 16:297-334; the same number as pingouin's `cronbach_alpha` and psych's `alpha`. NaN
    below two items or where nothing varies.
    """
    k, total = items.shape[1], items.sum(axis=1).var(ddof=1)
    if k < 2 or not total > 0:
        return float("nan")
    return float(k / (k - 1) * (1 - items.var(axis=0, ddof=1).sum() / total))


def omega(items: np.ndarray) -> float:
    """Returns McDonald's omega of a one-factor model, (Σλ)² / ((Σλ)² + Σψ), by principal-axis factoring.

    Loadings λ and uniquenesses ψ are those of the standardised items times their SDs, so that omega belongs to the
    plain sum score (McDonald 1999, *Test Theory*, p. 89). NaN where there is no such factor: below three items, where
    one is not identified, and where the solution is improper (an item with a uniqueness of 0 or less, a Heywood case)
    or does not settle.
    """
    if items.shape[1] < 3 or not (items.std(axis=0) > 0).all():
        return float("nan")
    loadings = _one_factor(np.corrcoef(items.T))
    if loadings is None or (loadings**2 >= 1).any():
        return float("nan")
    sd = items.std(axis=0, ddof=1)
    common = (loadings * sd).sum() ** 2
    return float(common / (common + ((1 - loadings**2) * sd**2).sum()))


def _one_factor(correlations: np.ndarray) -> np.ndarray | None:
    """Loadings on the one factor that explains itself: communalities in the diagonal until they change no more."""
    off = correlations - np.eye(len(correlations))
    communality = np.abs(off).max(axis=1)
    for _ in range(_ITERATIONS):
        roots, vectors = np.linalg.eigh(off + np.diag(communality))
        loadings = vectors[:, -1] * np.sqrt(max(roots[-1], 0.0))
        if np.abs(loadings**2 - communality).max() < _TOLERANCE:
            return loadings
        communality = loadings**2
    return None


def over_primes(items: np.ndarray, strata: np.ndarray) -> float:
    """Returns how reliable a scale's profile over conditions is: 1 - error variance / variance of the scale's mean.

    Items are averaged over cells first, their means over the n conditions taken out; the error variance of the mean
    over k items is Σ_s k_s v_s / k², v_s the variance of the items of stratum s (those keyed the same way) around their
    own mean, summed over conditions and divided by n - 1, since the items' means are gone. With a single stratum it is
    Cronbach's alpha over conditions (Hoyt 1941, *Psychometrika* 6:153-160). It asks whether *other statements* of the
    same kind would say the same of the conditions; below 0 the items of a stratum differ more than the conditions do.
    NaN where a stratum has one item only.

    Args:
        items: cell x condition x item of one scale, in the scale's direction.
        strata: each item's stratum.
    """
    primes = (items - items.mean(axis=1, keepdims=True)).mean(axis=0)
    k, error = primes.shape[1], 0.0
    for stratum in np.unique(strata):
        own = primes[:, strata == stratum]
        if own.shape[1] < 2:
            return float("nan")
        error += own.var(axis=1, ddof=1).sum() / (len(own) - 1) * own.shape[1] / k**2
    total = primes.mean(axis=1).var(ddof=1)
    return float(1 - error / total) if total > 0 else float("nan")
