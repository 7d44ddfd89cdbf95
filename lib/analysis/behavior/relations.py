"""Value and behaviour: which behaviours go with which values, as evidence to be laid beside people.

**What a relation is.** In people it is the correlation, over respondents, of a centred value score with a behaviour.
Its like in a model is the correlation over *primed respondents*: a respondent is a prime in one wording and one
grammatical person, its value scores are those of its own answers to the value questionnaire (not the label of its
prime), its behaviour is its own answer to the other questionnaire. What a wording or a person does to all primes alike
is no such relation, so the mean of each cell (wording x person) is taken out first. With ten primes and no individual
differences within a prime the relations come out larger than in people: the *pattern* is compared by correlation, the
size by the slope.

**Scores.** Under `likelihood` a prime can raise the probability of any statement whatever. As in scoring for
acquiescence, a respondent's mean over all statements of the questionnaire (before reverse-keyed ones are turned) is
taken out; it cancels anyway where half of a scale's statements are reverse-keyed. A questionnaire of a single scale
with no reverse-keyed statements would lose everything, so there the respondent's mean over the value questionnaire is
used (`Respondents.level`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
import pandas as pd

from lib.analysis import overlap
from lib.analysis.alignment import ALL, Evidence
from lib.analysis.respondents import CAMPS, PERSONAL, Respondents, paired, respondents, without_model
from lib.analysis.structure.evidence import DRAWN, varies
from lib.analysis.study import Study
from lib.materials import instruments
from lib.materials.values import CODES
from lib.statistics import (
    BOOTSTRAP,
    FEWEST_CELLS,
    exchanged_relations,
    random_orders,
    random_relations,
    relations,
    stream,
)

BEHAVIOR, BY_PRIME = "behavior", "behavior by prime"


@dataclass(frozen=True, eq=False)
class Pair:
    """The same respondents' answers to a questionnaire of values and one of behaviour.

    Attributes:
        value_side: those to the questionnaire of values.
        behavior_side: those to the other.
    """

    value_side: Respondents
    behavior_side: Respondents

    @cached_property
    def relations(self) -> np.ndarray:
        """Behaviour x value."""
        return relations(self.behavior_side.scores(), self.value_side.scores())

    def matrix(self) -> pd.DataFrame:
        """Returns the relations as a table, behaviours x values."""
        return pd.DataFrame(self.relations, index=list(self.behavior_side.scales), columns=list(CODES))


def pair(study: Study, instrument: str, induction: str | None = None) -> Pair:
    """Returns the study's respondents who answered a questionnaire of behaviour too.

    Raises:
        StudyError: not recorded, or no wording and person that counts in both.
    """
    return Pair(*paired(study.respondents(induction), study.respondents(induction, instrument)))


def lexical(one: Pair) -> dict[str, Pair]:
    """Returns those who go by the overlap of prime and statement in *both* questionnaires, by measure (`overlap`).

    This is what "word overlap alone" means everywhere: a respondent who has nothing else, neither the model's values
    nor its behaviour. The behaviours are those of the pair. Measures in which the primes do not differ, or that are not
    recorded, are left out.
    """
    index, found = one.behavior_side.frame().index, {}
    sides = (one.value_side.instrument, one.behavior_side.instrument)
    if not all(overlap.recorded(instrument, index) for instrument in sides):
        return found
    for measure in overlap.MEASURES:
        values, behaviors = (overlap.items(instrument, measure, index) for instrument in sides)
        group = respondents(values, sides[0], measure, one.value_side.prime)
        other = respondents(behaviors, sides[1], measure, one.value_side.prime, values.mean(axis=1))
        other = replace(other, scales=one.behavior_side.scales)
        if varies(other):
            found[measure] = Pair(group, other)
    return found


def two_camps(one: Pair) -> Pair:
    """Returns the model's behaviours beside one number a value: to which of the two camps its prime belongs.

    Its relations are what the single contrast of personal and social focus carries of the model's.
    """
    group = without_model(CAMPS, one.value_side.instrument)
    items = np.broadcast_to(group.items, (len(one.value_side.cells), *group.items.shape[1:]))
    values = Respondents(
        CAMPS, one.value_side.prime, group.instrument, items, one.value_side.cells, group.conditions, group.scales
    )
    return Pair(values, one.behavior_side)


def camp_contrasts(behaviors: int) -> np.ndarray:
    """Returns what two camps can say of relations: the contrast of personal and social focus, one for each behaviour.

    behaviour x (behaviour x value); taken out, what is left of a behaviour's profile lies within the camps.
    """
    contrast = np.array([1.0 if code in PERSONAL else -1.0 for code in CODES])
    return np.kron(np.eye(behaviors), contrast)


def evidence(
    study: Study,
    one: Pair,
    side: str = BEHAVIOR,
    cells: str = ALL,
    controls: Mapping[str, np.ndarray] | None = None,
) -> Evidence:
    """Returns relations as evidence: behaviour x value row by row, with bootstrap, exchanged primes, random answers.

    Items of both questionnaires, wordings and persons are drawn, each from a stream of its own; with fewer than three
    cells there is no interval.

    Args:
        study: which model, mode and seed.
        one: the respondents.
        side: `behavior` relates behaviours to the respondents' own value scores; `behavior by prime` to which prime
            they read (1 or 0), so that it hangs on what the prime is called.
        cells: `all`, or `common` if they were narrowed to the cells that all inductions have.
        controls: what is at hand to be taken out.
    """
    by_prime = side == BY_PRIME
    use = (side, one.behavior_side.instrument.id, study.mode, one.value_side.source, one.value_side.prime, cells)
    values = _labels(one) if by_prime else one.value_side.scores()
    behaviors = one.behavior_side.scores()
    drawn = None
    if len(one.value_side.cells) >= FEWEST_CELLS:
        moved = one.behavior_side.scores(one.behavior_side.item_weights(study.rng("behaviour items", *use), BOOTSTRAP))
        weights = one.value_side.cell_weights(study.rng("cells", *use), BOOTSTRAP)
        other = values
        if not by_prime:
            other = one.value_side.scores(one.value_side.item_weights(study.rng("value items", *use), BOOTSTRAP))
        drawn = relations(moved, other, weights).reshape(BOOTSTRAP, -1)
    chance = exchanged_relations(behaviors, values, _orders(study.seed, len(one.value_side.conditions)))
    return Evidence(
        side,
        _keys(study, one, cells),
        one.value_side.n,
        relations(behaviors, values).ravel(),
        drawn,
        DRAWN,
        exchanged=chance.reshape(len(chance), -1),
        random=_random(study.seed, one.value_side.instrument.id, *behaviors.shape),
        controls=controls or {},
    )


def exchanged(study: Study, one: Pair) -> np.ndarray:
    """Returns the relations when behaviours are those of another prime: draws x behaviour x value."""
    orders = _orders(study.seed, len(one.value_side.conditions))
    return exchanged_relations(one.behavior_side.scores(), one.value_side.scores(), orders)


def _labels(one: Pair) -> np.ndarray:
    """Which prime a respondent read, 1 or 0: cell x condition x value."""
    label = np.array([[float(code == condition) for code in CODES] for condition in one.value_side.conditions])
    return np.broadcast_to(label, (len(one.value_side.cells), *label.shape))


def _keys(study: Study, one: Pair, cells: str) -> dict[str, str]:
    names = {"model": study.model, "mode": study.mode, "instrument": one.behavior_side.instrument.id}
    return names | {"source": one.value_side.source, "prime": one.value_side.prime, "wording": ALL, "cells": cells}


@cache
def _orders(seed: int, conditions: int) -> np.ndarray:
    return random_orders(conditions, stream(seed, "exchanged conditions", str(conditions)))


@cache
def _random(seed: int, instrument_id: str, cells: int, conditions: int, behaviors: int) -> np.ndarray:
    """Relations of as many respondents who answer both at random: draws x (behaviour x value)."""
    key = list(instruments.load(instrument_id).key.values())
    counts = np.array([key.count(code) for code in CODES], dtype=float)
    rng = stream(seed, "random relations", instrument_id, str(cells), str(conditions), str(behaviors))
    found = random_relations(counts, behaviors, cells, conditions, rng)
    return found.reshape(len(found), -1)


def clear() -> None:
    """Forgets the draws that are kept for one seed; for whoever goes through many."""
    _orders.cache_clear()
    _random.cache_clear()
