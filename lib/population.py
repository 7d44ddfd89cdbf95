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

from lib.errors import StudyError
from lib.instruments import Instrument
from lib.scoring import RESPONDENT, endorsements
from lib.strategies import Population
from lib.values import CODES, CONDITIONS, NO_VALUE

#: The induction that simulated respondents stand under in a table of item responses.
SIMULATED = "simulated"
#: The standard deviation of the logistic distribution.
LOGISTIC_SD = float(np.pi / np.sqrt(3))
#: People who are drawn at a time, so that the numbers stay in the processor's cache.
_BLOCK = 1_024


@dataclass(frozen=True, eq=False)
class Distributions:
    """One questionnaire's answer distributions under one induction.

    Attributes:
        instrument: the questionnaire.
        cells: (wording, person) in which every condition has answers.
        answered: the conditions with answers, True or False in the order of `CONDITIONS`.
        above: cell x condition x (options - 1) x item, P(rating > k) for k = 1, 2, … of the statement as it was put
            (reverse-keyed items not turned); NaN for an item that lacks a valid answer in some condition of the cell.
    """

    instrument: Instrument
    cells: pd.MultiIndex
    answered: np.ndarray
    above: np.ndarray


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
    """Leaves out conditions that have no answers, then items and cells that lack some."""
    there = ~np.isnan(above[:, :, 0])
    answered = there.any(axis=(0, 2))
    valid = there[:, answered].all(axis=1)
    scale = np.array([[item.scale == s for s in instrument.scales] for item in instrument.items])
    kept = (valid @ scale).all(axis=1) if len(cells) else np.zeros(0, dtype=bool)
    if not kept.any():
        raise StudyError(
            f"{instrument.id} has no wording and person in which all of its conditions were answered. Ask the rest."
        )
    above = np.where(valid[:, None, None, :], above, np.nan)[kept]
    return Distributions(instrument, cells[kept], answered, above)


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


def draw(population: Population, cells: pd.MultiIndex, n: int, seed: int) -> People:
    """Returns n people: each draws a cell, all alike, then a condition by the population's weights (or a profile).

    Args:
        population: how it is composed.
        cells: (wording, person) pairs; where several questionnaires are answered, those that all of them have.
        n: how many people, from 1.
        seed: of the draw.

    Raises:
        StudyError: n below 1.
    """
    if n < 1:
        raise StudyError(f"n_respondents is {n}; it must be a whole number from 1.")
    rng = np.random.default_rng(seed)
    if population.profiles is not None:
        cell = np.repeat(np.arange(len(cells)), rng.multinomial(n, np.full(len(cells), 1 / len(cells))))
        return People(cells, cell, np.full(n, -1), population.profiles.draw(n, rng))
    shares = np.outer(np.full(len(cells), 1 / len(cells)), population.weights).ravel()
    cell, condition = np.divmod(np.repeat(np.arange(len(shares)), rng.multinomial(n, shares)), len(CONDITIONS))
    return People(cells, cell, condition)


def respond(people: People, asked: Distributions, seed: int) -> np.ndarray:
    """Returns the people's ratings: n x items, int8 from 1 to the number of options, 0 where the cell has no answer.

    Reverse-keyed items are as rated, not turned (`scores` and `item_responses` turn them). The same seed gives other
    random numbers for another questionnaire.

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
    rng = np.random.default_rng([seed, *asked.instrument.id.encode()])
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


def scores(ratings: np.ndarray, instrument: Instrument, fallback: np.ndarray | None = None) -> np.ndarray:
    """Returns the people's scale scores, n x scales, in units of the response range (lowest to highest option: 1).

    Values: mean of the value's items minus the person's mean over all items (MRAT), as `scoring.value_scores`.
    Behaviours: as `behavior.centred`, mean of sign · (rating - m), sign -1 for reverse-keyed items and m the person's
    mean rating before they are turned.

    Args:
        ratings: of `respond`.
        instrument: the questionnaire they belong to.
        fallback: m for a questionnaire of a single scale (`readiness` in the value questionnaire); 0 without it.
    """
    rated, sign, key = ratings > 0, _signs(instrument), _key(instrument)
    # Twice the distance from the middle option is a whole number, so that the sums are exact in single precision.
    middle = len(instrument.options) + 1
    doubled = np.where(rated, 2 * ratings.astype(np.float32) - middle, np.float32(0))
    items = rated.astype(np.float32) @ key
    turned = (doubled @ (sign[:, None] * key)).astype(float) / items
    unit = 2 * (len(instrument.options) - 1)
    if instrument.kind == "values":
        return (turned - ((doubled @ sign).astype(float) / rated.sum(axis=1))[:, None]) / unit
    if len(instrument.scales) > 1:
        mean = readiness(ratings, instrument)
    else:
        mean = np.zeros(len(ratings)) if fallback is None else fallback
    return turned / unit - mean[:, None] * (rated.astype(np.float32) @ (sign[:, None] * key)).astype(float) / items


def readiness(ratings: np.ndarray, instrument: Instrument) -> np.ndarray:
    """Returns each person's mean rating over all statements as put, from -.5 (lowest option) to .5 of the range."""
    rated, options = ratings > 0, len(instrument.options)
    total = (2 * ratings.astype(np.int64) - (options + 1) * rated).sum(axis=1)
    return total / (2 * (options - 1) * rated.sum(axis=1))


def _signs(instrument: Instrument) -> np.ndarray:
    return np.array([-1 if item.reversed else 1 for item in instrument.items], dtype=np.float32)


def _key(instrument: Instrument) -> np.ndarray:
    return np.array([[item.scale == s for s in instrument.scales] for item in instrument.items], dtype=np.float32)


def item_responses(people: People, ratings: np.ndarray, instrument: Instrument) -> pd.DataFrame:
    """Returns simulated people in the form of `scoring.item_responses`.

    Reverse-keyed items are turned; NaN where there is no answer. The induction is `simulated`; the condition of people
    with a mixture is `profile`.
    """
    turned = np.where(_signs(instrument) < 0, len(instrument.options) + 1 - ratings, ratings)
    names = np.array([*CONDITIONS, "profile"])
    levels = [people.cells.get_level_values(level).to_numpy()[people.cell] for level in ("wording", "person")]
    index = pd.MultiIndex.from_arrays(
        [np.full(len(ratings), SIMULATED), *levels, names[people.condition]], names=RESPONDENT
    )
    return pd.DataFrame(np.where(ratings > 0, turned, np.nan), index=index, columns=list(instrument.key))


def simulate(
    answers: pd.DataFrame,
    instrument: Instrument,
    population: Population,
    n: int,
    seed: int,
    slope: float | None = None,
) -> pd.DataFrame:
    """Returns n simulated people's item responses to one questionnaire, in the form of `scoring.item_responses`.

    The short way for one questionnaire; see `distributions`, `draw` and `respond` for the steps and the errors.
    """
    asked = distributions(answers, instrument, slope)
    people = draw(population, asked.cells, n, seed)
    return item_responses(people, respond(people, asked, seed), instrument)
