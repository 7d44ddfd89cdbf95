"""What a simulated population looks like, and how sure that is: correlations, means and spread with bootstrap draws.

**Whose variation.** Correlations are pooled within cells (wording x grammatical person), as everywhere in the project:
what a wording does to everyone alike is no relation between values. Means and spread are those of all people together.

**Bootstrap.** Wordings and grammatical persons are resampled as for all respondents (`statistics.cell_weights`), people
within their cell. Every statistic is a function of sums over people, and people are resampled in `BATCHES` batches of
random members a cell: the same in expectation as one by one, at a cost that does not grow with their number. Items are
not drawn: an interval here is one *over these items*, and says so (`COVERS`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from lib.analysis.alignment import ALL, Evidence
from lib.analysis.behavior.relations import BEHAVIOR
from lib.analysis.people import GRID
from lib.analysis.population.sampling import People
from lib.analysis.structure.evidence import STRUCTURE
from lib.materials import instruments
from lib.materials.values import CODES
from lib.statistics import (
    BOOTSTRAP,
    RANDOM,
    cell_weights,
    pairs,
    random_correlations,
    random_scores,
    standardised,
    stream,
)

BATCHES = 20
COVERS = "wordings, persons, people"
#: The sides of a population that are compared with people.
HIERARCHY, SPREAD, DISTRIBUTION = "hierarchy", "spread", "distribution"


@dataclass(frozen=True, eq=False)
class Estimates:
    """A population's statistics; along the first axis the estimate, then one for each wording, then bootstrap draws.

    Attributes:
        correlation: … x value x (values, then behaviours), pooled within cells.
        mean: … x value, mean centred scores in units of the response range.
        sd: … x value, their standard deviations over all people.
        below: … x value x `GRID`, the share of people whose score lies below.
        wordings: how many of the rows stand for single wordings.
        people: how many people.
    """

    correlation: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    below: np.ndarray
    wordings: int
    people: int


def estimates(
    people: People,
    values: np.ndarray,
    rngs: Mapping[str, np.random.Generator],
    behaviors: np.ndarray | None = None,
    draws: int = BOOTSTRAP,
) -> Estimates:
    """Returns the statistics of simulated people, by wording too, with their bootstrap draws.

    Args:
        people: as `sampling.draw` gives them.
        values: their value scores, n x 10 (`sampling.scores`).
        rngs: of the `cells` (the same for all strategies, so that their draws have the same wordings) and the `people`.
        behaviors: their behaviour scores, n x behaviours, for `correlation`; `below` is then left out.
        draws: of the bootstrap.
    """
    names = people.cells.get_level_values("wording")
    single = [(names == wording).astype(float) for wording in dict.fromkeys(names)]
    facets = [people.cells.get_level_values(level).to_numpy() for level in ("wording", "person")]
    fixed = np.vstack([np.ones(len(people.cells)), *single])
    weights = np.vstack([fixed, cell_weights(facets, rngs["cells"], draws)])
    both = values if behaviors is None else np.hstack([values, behaviors])
    k, d = values.shape[1], both.shape[1]
    points = GRID if behaviors is None else GRID[:0]
    pooled = [np.zeros((len(weights), width)) for width in (1, k, k, k * len(points), k * d, d)]
    for cell in np.unique(people.cell):
        members = rngs["people"].permutation(np.flatnonzero(people.cell == cell))
        batches = np.stack([_sums(both[b], k, points) for b in np.array_split(members, min(BATCHES, len(members)))])
        counts = np.ones((len(weights), len(batches)))
        share = np.full(len(batches), 1 / len(batches))
        counts[len(fixed) :] = rngs["people"].multinomial(len(batches), share, size=draws)
        n, first, square, product, tally = np.split(counts @ batches, np.cumsum([1, d, d, k * d]), axis=1)
        outer = (first[:, :k, None] * first[:, None, :]).reshape(product.shape)
        parts = (n, first[:, :k], square[:, :k], tally, product - outer / n, square - first**2 / n)
        for total, part in zip(pooled, parts, strict=True):
            total += weights[:, [cell]] * part
    n, first, square, tally, cross, within = pooled
    mean = first / n
    correlation = standardised(cross.reshape(-1, k, d), within[:, :k], within)
    below = (tally / n).reshape(len(n), k, len(points))
    return Estimates(correlation, mean, np.sqrt(square / n - mean**2), below, len(single), len(people.cell))


def _sums(rows: np.ndarray, k: int, points: np.ndarray) -> np.ndarray:
    """What everything is computed from, summed over people: 1, x, x², value · x, and how many lie below each point."""
    values = rows[:, :k]
    tally = (values[:, :, None] < points).sum(axis=0)
    parts = ([len(rows)], rows.sum(axis=0), (rows**2).sum(axis=0), (values.T @ rows).ravel(), tally.ravel())
    return np.concatenate(parts).astype(float)


def numbers(found: Estimates, side: str) -> np.ndarray:
    """Returns what a side of a population is compared by, … x n.

    45 pairs, ten means, ten standard deviations, 10 x GRID shares, or behaviour x value relations.
    """
    if side == STRUCTURE:
        return pairs(found.correlation[:, :, : len(CODES)])
    if side == BEHAVIOR:
        relations = found.correlation[:, :, len(CODES) :].swapaxes(1, 2)
        return relations.reshape(len(relations), -1)
    return {HIERARCHY: found.mean, SPREAD: found.sd}.get(side, found.below.reshape(len(found.below), -1))


def evidence(found: Estimates, side: str, keys: Mapping[str, str], seed: int) -> Evidence:
    """Returns one side of a population as evidence, with as many people who answer at random.

    Args:
        found: the population's statistics.
        side: `structure`, `hierarchy`, `spread`, `distribution`, or `behavior` where behaviours were asked.
        keys: model, mode, instrument, source (the strategy) and prime.
        seed: of the random people.
    """
    stack, skipped = numbers(found, side), 1 + found.wordings
    return Evidence(
        side,
        {**keys, "wording": ALL, "cells": ALL},
        found.people,
        stack[0],
        stack[skipped:] if len(stack) > skipped else None,
        COVERS,
        random=_random(seed, side, keys["instrument"], found.people),
    )


def by_wording(found: Estimates, side: str) -> np.ndarray:
    """Returns a side's numbers for all people and then for those of each wording: (1 + wordings) x n."""
    return numbers(found, side)[: 1 + found.wordings]


@cache
def _random(seed: int, side: str, instrument_id: str, people: int) -> np.ndarray | None:
    """What people who answer at random look like: draws x n; None for sides that have no such level."""
    if side not in (STRUCTURE, HIERARCHY):
        return None
    key = list(instruments.load(instrument_id).key.values())
    counts = np.array([key.count(code) for code in CODES], dtype=float)
    rng = stream(seed, "random people", side, instrument_id, str(people))
    if side == HIERARCHY:
        return random_scores(counts, 1, 1, rng)[:, 0, 0]
    return pairs(random_correlations(counts, people - 1, rng, RANDOM))
