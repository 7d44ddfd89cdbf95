"""Simulated populations: any number of respondents, drawn from the recorded answer distributions.

An answer is a distribution over the response options, so a person is drawn and not asked: first the cell (wording and
grammatical person) that speaks for it, then its condition, then a rating of every item. One person can answer several
questionnaires: it keeps its cell and its condition (or its mixture of conditions).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from lib.analysis.population.strategies import Population
from lib.analysis.respondents import level_signs, usable
from lib.analysis.scoring import endorsements
from lib.errors import StudyError
from lib.materials.instruments import Instrument
from lib.materials.values import CODES, CONDITIONS, NO_VALUE
from lib.statistics import respondent_level, scale_scores

#: The standard deviation of the logistic distribution.
LOGISTIC_SD = float(np.pi / np.sqrt(3))
#: People who are drawn at a time, so that the numbers stay in the processor's cache.
_BLOCK = 1_024


@dataclass(frozen=True, eq=False)
class Distributions:
    """One questionnaire's answer distributions under one induction.

    Attributes:
        instrument: the questionnaire.
        cells: (wording, person) that count (`respondents.usable`).
        answered: the conditions with answers, True or False in the order of `CONDITIONS`.
        above: cell x condition x (options - 1) x item, P(rating > k) for k = 1, 2, … of the statement as it was put
            (reverse-keyed items not turned); NaN for an item that does not count in the cell.
        scales: the scales that count.
    """

    instrument: Instrument
    cells: pd.MultiIndex
    answered: np.ndarray
    above: np.ndarray
    scales: tuple[str, ...]

    @property
    def key(self) -> np.ndarray:
        """Item x scale, 1 where the item belongs to the scale."""
        return np.array([[float(item.scale == s) for s in self.scales] for item in self.instrument.items])


def link(endorsement: np.ndarray, options: int, slope: float) -> np.ndarray:
    """Returns the ordered-logistic link from endorsement to rating: P(rating > k) for k = 1 … options - 1, last axis.

    P(rating > k) = logistic(slope · e - logit(k / K)), K options, e the endorsement in nats per token relative to the
    neutral prime (`scoring.endorsements`). The thresholds make e = 0, the unprimed model, choose all options alike: the
    link adds no preference of its own, so that whatever a population shows comes from the primes.
    """
    thresholds = logit(np.arange(1, options) / options)
    return expit(slope * np.asarray(endorsement)[..., None] - thresholds)


def default_slope(answers: pd.DataFrame) -> float:
    """Returns the slope at which what a prime says of the items is as large as the chance in answering them.

    slope = (π / √3) / s, s the pooled standard deviation of the endorsements over the items within a prime (cell x
    condition) and π / √3 that of the logistic distribution: half of the latent variance of an item's answer is the
    prime's. No human sample goes into it.

    Args:
        answers: `likelihood` answers to the value questionnaire, one induction.

    Raises:
        StudyError: no two answers of a prime differ.
    """
    table = answers[["wording", "person", "condition"]].astype(str).assign(e=endorsements(answers))
    table = table[table["condition"] != NO_VALUE].dropna()
    spread = np.sqrt(table.groupby(["wording", "person", "condition"])["e"].var().mean())
    if not spread > 0:
        raise StudyError("The primes endorse all items alike, so no slope can be derived; give `slope` a number.")
    return float(LOGISTIC_SD / spread)


def _exceedances(answers: pd.DataFrame, options: int, slope: float) -> np.ndarray:
    """P(rating > k) of each answer: answers x (options - 1), NaN where it is not valid."""
    mode, valid = answers["mode"].iloc[0], (answers["status"] == "ok").to_numpy()
    if mode == "likelihood":
        return link(endorsements(answers).to_numpy(), options, slope)
    out = np.full((len(answers), options - 1), np.nan)
    if mode == "choice":
        valid = valid & answers["probabilities"].notna().to_numpy()
        if valid.any():
            shares = np.stack(answers.loc[valid, "probabilities"].to_numpy()).astype(float)
            out[valid] = 1 - np.cumsum(shares, axis=1)[:, :-1] / shares.sum(axis=1, keepdims=True)
        return out
    stated = answers["response"].to_numpy(dtype=float, na_value=np.nan)[:, None]
    return np.where(valid[:, None], stated > np.arange(1, options), np.nan)


def distributions(answers: pd.DataFrame, instrument: Instrument, slope: float | None = None) -> Distributions:
    """Returns the answer distributions of a questionnaire.

    Args:
        answers: one instrument's answers in one mode, one induction and `none`. `likelihood`: see `link`; `choice`: the
            recorded probabilities divided by their sum over the options; `text`: the shares of the stated options.
            Orders and replicates are averaged.
        instrument: the questionnaire they belong to.
        slope: of the link, for `likelihood` only; `default_slope` of these answers unless given. It must be that of
            the value questionnaire where several are answered.

    Raises:
        StudyError: answers of more than one mode or induction, or no cell in which every condition has answers.
    """
    for column, several in (("mode", answers["mode"]), ("induction", answers["induction"])):
        if len(found := sorted(set(several.astype(str)) - {NO_VALUE})) > 1:
            raise StudyError(f"A population is drawn from one {column} at a time; these are {', '.join(found)}.")
    if answers["mode"].iloc[0] == "likelihood" and slope is None:
        slope = default_slope(answers)
    rows = _exceedances(answers, len(instrument.options), slope)
    valid = ~np.isnan(rows[:, 0])
    cell = pd.MultiIndex.from_frame(answers.loc[valid, ["wording", "person"]].astype(str))
    cells = cell.unique().sort_values()
    condition, item = (
        pd.Index(known).get_indexer(answers.loc[valid, column].astype(str))
        for column, known in (("condition", CONDITIONS), ("item", instrument.key))
    )
    place = (cells.get_indexer(cell), condition, slice(None), item)
    sums = np.zeros((len(cells), len(CONDITIONS), len(instrument.options) - 1, len(instrument.key)))
    counts = np.zeros_like(sums)
    np.add.at(sums, place, rows[valid])
    np.add.at(counts, place, 1)
    with np.errstate(invalid="ignore"):
        return _whole(instrument, cells, sums / counts)


def _whole(instrument: Instrument, cells: pd.MultiIndex, above: np.ndarray) -> Distributions:
    """Leaves out conditions that have no answers, then items, cells and scales that do not count."""
    there = ~np.isnan(above[:, :, 0])
    answered = there.any(axis=(0, 2))
    key = np.array([[item.scale == s for s in instrument.scales] for item in instrument.items])
    counted, kept, scales = usable(there[:, answered], key, instrument.kind == "values")
    if not kept.any():
        raise StudyError(
            f"{instrument.id} has no wording and person in which all of its conditions were answered. Ask the rest."
        )
    above = np.where(counted[:, None, None, :], above, np.nan)[kept]
    named = tuple(s for s, counts in zip(instrument.scales, scales, strict=True) if counts)
    return Distributions(instrument, cells[kept], answered, above, named)


@dataclass(frozen=True, eq=False)
class People:
    """Simulated people in the order of their cells and conditions.

    Attributes:
        cells: the (wording, person) pairs they come from.
        cell: n whole numbers, each person's place in `cells`.
        condition: n whole numbers, each person's place in `CONDITIONS`; -1 for people with a mixture.
        mixture: n x 10, each person's weights of the ten primes; None where everyone has one condition.
    """

    cells: pd.MultiIndex
    cell: np.ndarray
    condition: np.ndarray
    mixture: np.ndarray | None = None

    def groups(self) -> Iterator[tuple[int, int, int, int]]:
        """Yields start, stop, cell and condition of the people who have both in common."""
        changes = np.flatnonzero(np.diff(self.cell * (len(CONDITIONS) + 1) + self.condition)) + 1
        edges = [0, *changes.tolist(), len(self.cell)]
        for start, stop in pairwise(edges):
            yield start, stop, int(self.cell[start]), int(self.condition[start])


def draw(population: Population, cells: pd.MultiIndex, n: int, rng: np.random.Generator) -> People:
    """Returns n people: each draws a cell, all alike, then a condition by the population's weights (or a profile).

    Args:
        population: how it is composed.
        cells: (wording, person) pairs; where several questionnaires are answered, those that all of them have.
        n: how many people, from 1.
        rng: of the draw.

    Raises:
        StudyError: n below 1.
    """
    if n < 1:
        raise StudyError(f"n_respondents is {n}; it must be a whole number from 1.")
    if population.profiles is not None:
        cell = np.repeat(np.arange(len(cells)), rng.multinomial(n, np.full(len(cells), 1 / len(cells))))
        return People(cells, cell, np.full(n, -1), population.profiles.draw(n, rng))
    shares = np.outer(np.full(len(cells), 1 / len(cells)), population.weights).ravel()
    cell, condition = np.divmod(np.repeat(np.arange(len(shares)), rng.multinomial(n, shares)), len(CONDITIONS))
    return People(cells, cell, condition)


def respond(people: People, asked: Distributions, rng: np.random.Generator) -> np.ndarray:
    """Returns the people's ratings: n x items, int8 from 1 to the number of options, 0 where the cell has no answer.

    Reverse-keyed items are as rated, not turned (`scores` turns them).

    Raises:
        StudyError: people of a cell or with a condition that the questionnaire has no answers for.
    """
    places = asked.cells.get_indexer(people.cells)
    if (places < 0).any():
        missing = ", ".join(map(str, people.cells[places < 0]))
        raise StudyError(f"{asked.instrument.id} has no answers for wording, person {missing}.")
    needed = range(len(CODES)) if people.mixture is not None else np.unique(people.condition)
    if lacking := [CONDITIONS[i] for i in needed if not asked.answered[i]]:
        raise StudyError(
            f"{asked.instrument.id} has no valid answers under {', '.join(lacking)}, which the population needs. "
            "Ask them (make ask), or take weights that leave them out."
        )
    ratings = np.empty((len(people.cell), asked.above.shape[3]), dtype=np.int8)
    for start, stop, cell, condition in people.groups():
        above = asked.above[places[cell]]
        for here in (slice(i, min(i + _BLOCK, stop)) for i in range(start, stop, _BLOCK)):
            if people.mixture is None:
                _rate(ratings[here], above[condition].astype(np.float32), rng)
            else:
                _rate_mixed(ratings[here], people.mixture[here], above[: len(CODES)], rng)
        ratings[start:stop, np.isnan(above[0, 0])] = 0
    return ratings


def _rate(ratings: np.ndarray, above: np.ndarray, rng: np.random.Generator) -> None:
    """Fills in ratings of people of one cell and condition; 1 and one more for each threshold passed."""
    chance = rng.random(ratings.shape, dtype=np.float32)
    ratings[:] = 1
    for threshold in above:
        ratings += chance < threshold


def _rate_mixed(ratings: np.ndarray, mixture: np.ndarray, above: np.ndarray, rng: np.random.Generator) -> None:
    """The same for people with mixtures; double precision, so that rounding does not decide ratings."""
    chance = rng.random(ratings.shape)
    ratings[:] = 1
    for k in range(above.shape[1]):
        ratings += chance < mixture @ above[:, k]


def scores(ratings: np.ndarray, asked: Distributions, level: np.ndarray | None = None) -> np.ndarray:
    """Returns the people's centred scale scores, n x scales, in units of the response range (lowest to highest: 1).

    Scored like any other respondents (`statistics.scale_scores`).

    Args:
        ratings: of `respond`.
        asked: the questionnaire that they belong to.
        level: the people's level for a questionnaire of a single scale (`readiness` in the value questionnaire); 0
            without it.
    """
    single = len(asked.instrument.scales) == 1
    own = (np.zeros(len(ratings)) if level is None else level) if single else None
    return scale_scores(_turned(ratings, asked.instrument), asked.key, level_signs(asked.instrument), level=own)


def readiness(ratings: np.ndarray, instrument: Instrument) -> np.ndarray:
    """Returns each person's mean rating over all statements as put, from -.5 (lowest option) to .5 of the range."""
    return respondent_level(_turned(ratings, instrument), _turns(instrument))


def _turned(ratings: np.ndarray, instrument: Instrument) -> np.ndarray:
    """Ratings as distances from the middle option in units of the range, reverse-keyed ones turned; NaN without one."""
    options = len(instrument.options)
    distance = (ratings - (options + 1) / 2) / (options - 1) * _turns(instrument)
    return np.where(ratings > 0, distance, np.nan)


def _turns(instrument: Instrument) -> np.ndarray:
    return np.array([-1.0 if item.reversed else 1.0 for item in instrument.items])
