"""Respondents to a questionnaire of values as evidence: the correlations of the values, or of the primes.

**Two structures.** `structure`: correlations of the values over primes, what the study calls value structure. It does
not know what a prime is called: were every prime given another's text, it would come out the same. `primes`:
correlations of the primes over values, whose rows are named by what the prime was called; there the induction
`shuffled` tells whether the model follows the name or the definition.
"""

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

from lib.analysis import overlap
from lib.analysis.alignment import ALL, Evidence
from lib.analysis.respondents import CAMPS, Respondents, respondents, without_model
from lib.analysis.study import Study
from lib.errors import StudyError
from lib.materials import instruments
from lib.materials.values import CODES
from lib.statistics import (
    BOOTSTRAP,
    FEWEST_CELLS,
    correlations,
    pairs,
    prime_correlations,
    random_correlations,
    random_orders,
    random_scores,
    stream,
)

STRUCTURE, PRIMES = "structure", "primes"
_OF: Mapping[str, Callable[..., np.ndarray]] = {STRUCTURE: correlations, PRIMES: prime_correlations}
#: What a bootstrap of respondents draws.
DRAWN = "items, wordings, persons"


def evidence(
    study: Study,
    group: Respondents,
    side: str = STRUCTURE,
    wording: str = ALL,
    cells: str = ALL,
    controls: Mapping[str, np.ndarray] | None = None,
) -> Evidence:
    """Returns the structure that respondents show: 45 correlations, with bootstrap, relabelling and random answers.

    Items, wordings and persons are drawn with one weight each in a draw, from streams of their own; with fewer than
    three cells there is no interval.

    Args:
        study: which model, mode and seed.
        group: the respondents.
        side: `structure` or `primes`.
        wording: the only wording that they stand for, if it is one.
        cells: `all`, or `common` if they were narrowed to the cells that all inductions have.
        controls: what is at hand to be taken out (`controls_of`).
    """
    of = _OF[side]
    use = (side, group.instrument.id, study.mode, group.source, group.prime, wording, cells)
    drawn = None
    if len(group.cells) >= FEWEST_CELLS:
        scores = group.scores(group.item_weights(study.rng("items", *use), BOOTSTRAP))
        drawn = pairs(of(scores, group.cell_weights(study.rng("cells", *use), BOOTSTRAP)))
    return Evidence(
        side,
        _keys(study, group, wording, cells),
        group.n,
        pairs(of(group.scores())),
        drawn,
        DRAWN,
        orders=orders(study.seed),
        random=random_structures(study.seed, group.instrument.id, side, len(group.cells), len(group.conditions)),
        controls=controls or {},
    )


def _keys(study: Study, group: Respondents, wording: str, cells: str) -> dict[str, str]:
    names = {"model": study.model, "mode": study.mode, "instrument": group.instrument.id}
    return names | {"source": group.source, "prime": group.prime, "wording": wording, "cells": cells}


@cache
def orders(seed: int) -> np.ndarray:
    """Returns the relabellings of the ten values that p values of structures count: draws x 10."""
    return random_orders(len(CODES), stream(seed, "relabelled values"))


@cache
def random_structures(seed: int, instrument_id: str, side: str, cells: int, conditions: int) -> np.ndarray:
    """Returns the structures of as many respondents who answer at random: draws x 45 pairs."""
    key = list(instruments.load(instrument_id).key.values())
    counts = np.array([key.count(code) for code in CODES], dtype=float)
    rng = stream(seed, "random answers", side, instrument_id, str(cells), str(conditions))
    if side == STRUCTURE:
        return pairs(random_correlations(counts, cells * (conditions - 1), rng))
    return pairs(prime_correlations(random_scores(counts, cells, conditions, rng)))


def lexical(study: Study, group: Respondents) -> dict[str, Respondents]:
    """Returns those who go by the overlap of the same primes with the same statements, by measure (`overlap`).

    Measures in which the primes do not differ are left out (the induction `scores` has the same words in all).
    """
    index = group.frame().index
    if not overlap.recorded(group.instrument, index):
        return {}
    found = {}
    for measure in overlap.MEASURES:
        one = respondents(overlap.items(group.instrument, measure, index), group.instrument, measure, group.prime)
        if varies(one):
            found[measure] = one
    return found


def varies(group: Respondents) -> bool:
    """Returns whether the responses tell one condition from another."""
    return bool(np.nanmax(np.ptp(group.items, axis=1)) > 1e-9)


def controls_of(group: Respondents, others: Mapping[str, Respondents], side: str = STRUCTURE) -> dict[str, np.ndarray]:
    """Returns what can be taken out of a structure: word overlap with the same primes, and the two camps of values."""
    known = dict(others) | {CAMPS: without_model(CAMPS, group.instrument)}
    return {name: pairs(_OF[side](one.scores())) for name, one in known.items()}


def of_study(study: Study) -> np.ndarray:
    """Returns the study's own value structure, 10 x 10: its induction, all cells that count.

    Raises:
        StudyError: every answer is the same, so that nothing correlates.
    """
    found = correlations(study.respondents().scores())
    if not np.abs(pairs(found)).max() > 0:
        raise StudyError(
            f"{study.label}: no prime moves any answer, so there is no structure to look at. See answer_status."
        )
    return found
