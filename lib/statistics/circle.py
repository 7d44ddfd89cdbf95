"""The circle of values: whether the order on it holds, and where on it a profile of relations points."""

from typing import NamedTuple

import numpy as np

from lib.errors import StudyError
from lib.statistics.matrices import pairs, relabelled
from lib.statistics.nulls import random_orders
from lib.statistics.resampling import PERMUTATIONS, p_value


def steps_apart(n: int) -> np.ndarray:
    """Returns how many steps lie between two of n points on a circle: n x n whole numbers from 0 to n // 2."""
    gap = np.abs(np.arange(n)[:, None] - np.arange(n)[None, :])
    return np.minimum(gap, n - gap)


class CircleOrder(NamedTuple):
    """The test of the order on the circle: correspondence index, what it counts, and p."""

    ci: float
    agreements: int
    predictions: int
    p: float


def circle_order(correlations: np.ndarray, rng: np.random.Generator, draws: int = PERMUTATIONS) -> CircleOrder:
    """Returns the test that things closer on the circle correlate more (RANDALL).

    Hubert & Arabie (1987, *Psychological Bulletin* 102:172-178): of all predictions "pair p lies closer on the circle
    than pair q, so r_p > r_q", agreements minus violations over predictions is the correspondence index, from -1 to 1;
    p is the share of relabellings (the observed one counted) with as many agreements. The index equals that of rthor
    0.2.1 (`rthor.test`), which the tests check.

    Args:
        correlations: n x n, in the order of the circle.
        rng: of the relabellings.
        draws: how many of them.

    Raises:
        StudyError: fewer than four things, which have no order on a circle.
    """
    n = len(correlations)
    if n < 4:
        raise StudyError(f"An order on the circle needs at least four things; this matrix has {n}.")
    r = pairs(correlations)
    steps = pairs(steps_apart(n))
    predicted = steps[:, None] < steps[None, :]
    agreements = int((predicted & (r[:, None] > r[None, :])).sum())
    ties = int((predicted & (r[:, None] == r[None, :])).sum())
    total = int(predicted.sum())
    drawn = [(predicted & (d[:, None] > d[None, :])).sum() for d in relabelled(r, random_orders(n, rng, draws))]
    return CircleOrder((2 * agreements + ties - total) / total, agreements, total, p_value(agreements, np.array(drawn)))


def by_steps(correlations: np.ndarray) -> np.ndarray:
    """Returns the mean correlation of two things 1, 2, … n // 2 steps apart on the circle."""
    steps, r = pairs(steps_apart(len(correlations))), pairs(correlations)
    return np.array([r[steps == step].mean() for step in range(1, steps.max() + 1)])


def axis_shares(correlations: np.ndarray, angles: np.ndarray, first: float) -> tuple[float, float]:
    """Returns how much of the variance of n standardised scores lies along two perpendicular axes of the circle.

    With u_v = cos(θ_v - φ) and w_v = sin(θ_v - φ), both of length 1, the shares are u'Ru / n and w'Rw / n. A circle has
    both, equally; scores that know two camps only have the first. Independent scores have 1 / n along either, and
    1 / (n - 1) once they are centred.

    Args:
        correlations: n x n, R.
        angles: of the n places, in degrees.
        first: φ, where the first axis points, in degrees.
    """
    turned = np.deg2rad(angles - first)
    axes = np.stack([np.cos(turned), np.sin(turned)])
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    one, two = np.einsum("ai,ij,aj->a", axes, correlations, axes) / len(angles)
    return float(one), float(two)


class StructuralSummary(NamedTuple):
    """The sinusoids that fit profiles of relations round the circle, one number each for each profile."""

    elevation: np.ndarray
    amplitude: np.ndarray
    peak: np.ndarray
    fit: np.ndarray


def structural_summary(profiles: np.ndarray, angles: np.ndarray) -> StructuralSummary:
    """Returns the sinusoid that fits each profile of relations round the circle.

    For a profile r_v at n evenly spaced angles θ_v: elevation e = mean r_v, X = (2/n) Σ r_v cos θ_v,
    Y = (2/n) Σ r_v sin θ_v, amplitude = sqrt(X² + Y²) in units of r, peak = atan2(Y, X) in degrees from 0 to 360,
    fit = 1 - Σ (r_v - r̂_v)² / Σ (r_v - e)² with r̂_v = e + X cos θ_v + Y sin θ_v (Gurtman & Pincus 2003, in *Handbook of
    Psychology* 2; Zimmermann & Wright 2017, *Assessment* 24:3-23). The same numbers as circumplex 0.3.0
    (`ssm_analyze_profile`) gives, which the tests check.

    Args:
        profiles: profiles x n, complete.
        angles: of the n places, in degrees.
    """
    theta, n = np.deg2rad(angles), len(angles)
    elevation = profiles.mean(axis=1)
    x, y = 2 / n * profiles @ np.cos(theta), 2 / n * profiles @ np.sin(theta)
    fitted = elevation[:, None] + np.outer(x, np.cos(theta)) + np.outer(y, np.sin(theta))
    fit = 1 - ((profiles - fitted) ** 2).sum(axis=1) / ((profiles - elevation[:, None]) ** 2).sum(axis=1)
    # Rounded, or a peak at 0 would be 360 on some processors.
    peak = np.rad2deg(np.arctan2(y, x)).round(9) % 360
    return StructuralSummary(elevation, np.hypot(x, y), peak, fit)


def angular_distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Returns how far apart two angles lie, in degrees from 0 to 180."""
    return np.abs((np.asarray(a) - np.asarray(b) + 180) % 360 - 180)
