"""Respondents: whoever answered a questionnaire, as one array, and how they are scored and drawn again.

A respondent is one condition (a prime) in one cell (a wording in a grammatical person). An induction of a model, the
unprimed model, one who goes by word overlap, one who holds two camps: each is `Respondents`, and every analysis takes
those. `analysis.alignment` lays what they show beside people.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from lib.errors import StudyError
from lib.materials.instruments import Instrument
from lib.materials.questions import RESPONDENT
from lib.materials.values import CODES, NO_VALUE
from lib.statistics import cell_weights, item_weights, scale_scores

#: A scale needs valid answers to at least this share of its questions.
ENOUGH = 0.5
#: What no induction gives: who raises the own value's items and nothing else, who knows two camps of values only, the
#: model without a value, random answers, the best of all splits in two.
OWN, CAMPS, UNPRIMED, RANDOM, SPLIT = "own value", "two camps", NO_VALUE, "random", "best split"
#: Schwartz's personal focus (the others have a social one): Schwartz et al. (2012), *Journal of Personality and Social
#: Psychology* 103:663-688, Figure 1.
PERSONAL = ("PO", "AC", "HE", "ST", "SD")


@dataclass(frozen=True, eq=False)
class Respondents:
    """Respondents to one questionnaire.

    Attributes:
        source: what they are called: an induction, a baseline.
        prime: the induction that primed them; empty where there was none.
        instrument: the questionnaire.
        items: cell x condition x item, reverse-keyed items turned; NaN where an item does not count in the cell.
        cells: (wording, person) of each cell.
        conditions: what tells the respondents of a cell apart, values in the order of `CODES`.
        scales: the scales that are scored.
        level: cell x condition, what is taken out as the respondents' level where it is not their own mean (`scored`).
    """

    source: str
    prime: str
    instrument: Instrument
    items: np.ndarray
    cells: pd.MultiIndex
    conditions: tuple[str, ...]
    scales: tuple[str, ...]
    level: np.ndarray | None = None

    @property
    def n(self) -> int:
        """How many there are."""
        return len(self.cells) * len(self.conditions)

    @cached_property
    def key(self) -> np.ndarray:
        """Item x scale, 1 where the item belongs to the scale."""
        return np.array([[float(item.scale == s) for s in self.scales] for item in self.instrument.items])

    @property
    def counts(self) -> np.ndarray:
        """Items of each scale."""
        return self.key.sum(axis=0)

    def scores(self, weights: np.ndarray | None = None) -> np.ndarray:
        """Returns centred scores, cell x condition x scale (draws first with `weights`, draws x items).

        Values: the respondent's mean over all items (MRAT) is taken out. Behaviours: the mean answer as put, before
        reverse-keyed statements are turned, since a prime may raise the probability of any statement whatever.
        `statistics.scale_scores` has the formula.
        """
        n_cells, n_conditions, n_items = self.items.shape
        level = None if self.level is None else self.level.reshape(-1)
        flat = scale_scores(self.items.reshape(-1, n_items), self.key, level_signs(self.instrument), weights, level)
        return flat.reshape(*flat.shape[:-2], n_cells, n_conditions, len(self.scales))

    def item_weights(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Returns bootstrap weights of the items, draws x items, within scale and key."""
        strata = pd.factorize(pd.Index([(i.scale, i.reversed) for i in self.instrument.items]))[0]
        return item_weights(strata, rng, draws)

    def cell_weights(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Returns bootstrap weights of the cells, draws x cells; wordings and persons are drawn, each on its own."""
        facets = [self.cells.get_level_values(level).to_numpy() for level in ("wording", "person")]
        return cell_weights(facets, rng, draws)

    def within(self, cells: pd.MultiIndex) -> "Respondents":
        """Returns those of some cells."""
        kept = self.cells.isin(cells)
        level = None if self.level is None else self.level[kept]
        return replace(self, items=self.items[kept], cells=self.cells[kept], level=level)

    def renamed(self, source: str, conditions: tuple[str, ...]) -> "Respondents":
        """Returns the same respondents whose conditions are called otherwise, put into the order of `CODES`."""
        order = [conditions.index(code) for code in CODES]
        level = None if self.level is None else self.level[:, order]
        return replace(self, source=source, items=self.items[:, order], conditions=CODES, level=level)

    def frame(self) -> pd.DataFrame:
        """Returns the scores as a table: index `RESPONDENT`, a column for each scale."""
        rows = [(self.prime or self.source, *cell, condition) for cell in self.cells for condition in self.conditions]
        index = pd.MultiIndex.from_tuples(rows, names=RESPONDENT)
        return pd.DataFrame(self.scores().reshape(self.n, -1), index=index, columns=list(self.scales))


def level_signs(instrument: Instrument) -> np.ndarray:
    """Returns the sign that a respondent's level enters each item with: -1 for reverse-keyed items of behaviour."""
    put = instrument.kind == "behavior"
    return np.array([-1.0 if put and item.reversed else 1.0 for item in instrument.items])


def usable(valid: np.ndarray, key: np.ndarray, all_scales: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns which items count in which cells, which cells and which scales count: the one rule of completeness.

    An item counts in a cell (a wording and person) where every condition of the cell has a valid answer to it, so that
    conditions are compared on the same items. A cell counts where at least half of the items of every scale do. Of
    questionnaires of behaviour a scale that falls short in most cells is left out first; a questionnaire of values
    needs all of its scales.

    Args:
        valid: cell x condition x item.
        key: item x scale.
        all_scales: whether no scale may be left out.

    Returns:
        cell x item, cells, scales: True where they count.
    """
    counted = valid.all(axis=1)
    sound = counted.astype(float) @ key >= ENOUGH * key.sum(axis=0)
    scales = np.ones(key.shape[1], dtype=bool) if all_scales else sound.mean(axis=0) >= ENOUGH
    return counted, sound[:, scales].all(axis=1) & scales.any(), scales


def respondents(
    items: pd.DataFrame, instrument: Instrument, source: str, prime: str = "", level: pd.Series | None = None
) -> Respondents:
    """Returns the primed respondents of one induction in the cells and scales that count (`usable`).

    Args:
        items: `scoring.item_responses` of one induction; rows without a value are left out.
        instrument: the questionnaire.
        source: what they are called.
        prime: the induction, where one primed them.
        level: the respondents' level where the questionnaire has a single scale and would lose everything to its own
            mean; without it such a questionnaire is scored as it is.

    Raises:
        StudyError: answers of more than one induction, or no cell that counts.
    """
    primed = items[items.index.get_level_values("condition") != NO_VALUE]
    inductions = primed.index.get_level_values("induction").unique()
    if len(inductions) > 1:
        raise StudyError(f"Respondents are of one induction at a time; these are of {', '.join(inductions)}.")
    rows = primed.droplevel("induction")
    cells = rows.index.droplevel("condition").unique().sort_values()
    place = pd.MultiIndex.from_tuples([(*cell, code) for cell in cells for code in CODES], names=rows.index.names)
    array = rows.reindex(place).to_numpy(float).reshape(len(cells), len(CODES), len(instrument.items))
    key = np.array([[item.scale == s for s in instrument.scales] for item in instrument.items])
    counted, kept, scales = usable(~np.isnan(array), key, instrument.kind == "values")
    if not kept.any():
        raise StudyError(
            f"{instrument.id}, {source}: no wording and person in which all {len(CODES)} primes have answers to half "
            "of each scale's items. Ask the rest: make ask"
        )
    array = np.where(counted[:, None, :], array, np.nan)[kept]
    named = tuple(s for s, there in zip(instrument.scales, scales, strict=True) if there)
    own = _level(level, place, kept) if len(instrument.scales) == 1 else None
    return Respondents(source, prime, instrument, array, cells[kept], CODES, named, own)


def _level(level: pd.Series | None, place: pd.MultiIndex, kept: np.ndarray) -> np.ndarray:
    """The respondents' level as an array; 0 where it is not known from elsewhere."""
    if level is None:
        return np.zeros((int(kept.sum()), len(CODES)))
    known = level[level.index.get_level_values("condition") != NO_VALUE].droplevel("induction")
    return known.reindex(place).to_numpy(float).reshape(len(kept), len(CODES))[kept]


def unprimed(items: pd.DataFrame, instrument: Instrument, cells: pd.MultiIndex | None = None) -> Respondents | None:
    """Returns the model without a value: one cell, whose "conditions" are the wordings and persons.

    None with fewer than three of them, whose correlations are 1 or -1 whatever they answer.

    Args:
        items: `scoring.unprimed_responses`; rows with an invalid answer are left out.
        instrument: the questionnaire.
        cells: which wordings and persons; all by default.
    """
    rows = items.dropna()
    if cells is not None:
        rows = rows[rows.index.droplevel(["induction", "condition"]).isin(cells)]
    if len(rows) < 3:
        return None
    names = tuple(f"{wording}, {person}" for _, wording, person, _ in rows.index)
    one = pd.MultiIndex.from_tuples([("-", "-")], names=["wording", "person"])
    level = np.zeros((1, len(rows))) if len(instrument.scales) == 1 else None
    return Respondents(UNPRIMED, "", instrument, rows.to_numpy()[None], one, names, instrument.scales, level)


def without_model(source: str, instrument: Instrument) -> Respondents:
    """Returns ten respondents of a kind that no model is needed for, in one cell.

    `own value`: who raises the own value's items by 1 and nothing else. `two camps`: who raises the items of the own
    camp by 1 and lowers those of the other, the camps being the values of personal and of social focus (`PERSONAL`).
    """
    same = {OWN: lambda a, b: float(a == b), CAMPS: lambda a, b: 1.0 if (a in PERSONAL) == (b in PERSONAL) else -1.0}
    items = np.array([[same[source](code, item.scale) for item in instrument.items] for code in CODES])
    one = pd.MultiIndex.from_tuples([("-", "-")], names=["wording", "person"])
    return Respondents(source, "", instrument, items[None], one, CODES, instrument.scales)


def paired(values: Respondents, behaviors: Respondents) -> tuple[Respondents, Respondents]:
    """Returns the respondents who answered both questionnaires: those of the cells that count in both.

    Raises:
        StudyError: there is none.
    """
    common = values.cells.intersection(behaviors.cells)
    if not len(common):
        raise StudyError(
            f"{behaviors.instrument.id} and {values.instrument.id} share no wording and person in which all "
            f"{len(values.conditions)} conditions were answered. Ask both under the same wordings, persons and "
            "inductions."
        )
    return values.within(common), behaviors.within(common)
