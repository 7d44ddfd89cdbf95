"""The table of structure: every induction, every null, word overlap and two camps against every human sample."""

from collections.abc import Iterable, Iterator
from itertools import product

import numpy as np
import pandas as pd

from lib.analysis import people, scoring
from lib.analysis.alignment import (
    ALL,
    BEYOND,
    BY_DEFINITION,
    COMMON,
    Alignment,
    Evidence,
    align,
    at_random,
    table,
)
from lib.analysis.respondents import CAMPS, OWN, RANDOM, SPLIT, Respondents, unprimed, without_model
from lib.analysis.structure.evidence import PRIMES, STRUCTURE, controls_of, evidence, lexical
from lib.analysis.study import Study
from lib.errors import StudyError
from lib.materials.induction import SHUFFLED
from lib.materials.values import CODES
from lib.statistics import pairs, pearson


def structure_alignment(study: Study) -> pd.DataFrame:
    """Returns the alignment of value structure with every human sample, for all that is recorded of the study's model.

    A table of alignments (`alignment.Alignment`). By `source`: each induction, all wordings and each alone, by Pearson
    and Spearman over the 45 pairs of values and by the RMSE of the correlations; with word overlap, two camps or all of
    it taken out (`beyond`); on the cells common to all inductions where it has more; as the structure of the `primes`.
    And what no induction gives: `none`, the unprimed model; `random` answers; those who go by the overlap of the same
    primes (`words`, `characters`, `embedding`); `own value`, who raises the own value's items and nothing else; `two
    camps`, who tells values of personal from values of social focus and nothing else; `best split`, of all ways to
    part the ten values in two the one that agrees best with the sample itself.

    Raises:
        StudyError: no questionnaire of values has an induction with a cell that counts.
    """
    rows = [row for one in study.of_values() for row in _rows(one)]
    if not rows:
        raise StudyError(f"{study.model} has no questionnaire of values with a wording and person answered whole.")
    return table(rows)


def usable(study: Study, instrument: str | None = None) -> dict[str, Respondents]:
    """Returns the respondents of every recorded induction that has a cell that counts."""
    found = {}
    for name in study.inductions(instrument):
        try:
            found[name] = study.respondents(name, instrument)
        except StudyError:
            continue
    return found


def common_cells(groups: Iterable[Respondents]) -> pd.MultiIndex:
    """Returns the wordings and persons that all groups have; none where they share none."""
    first, *others = groups
    cells = first.cells
    for group in others:
        cells = cells.intersection(group.cells)
    return cells


def _rows(study: Study) -> Iterator[Alignment]:
    groups = usable(study)
    if not groups:
        return
    common = common_cells(groups.values())
    for group in groups.values():
        yield from _induction(study, group, ALL)
        for wording in _wordings(group):
            yield from _against_all(evidence(study, _only(group, wording), wording=wording))
        if 0 < len(common) < len(group.cells):
            yield from _induction(study, group.within(common), COMMON)
    for group in _nulls(study, common):
        yield from _against_all(evidence(study, group))
    yield from _best_splits(study)
    largest = max(groups.values(), key=lambda group: len(group.cells))
    chance = evidence(study, largest)
    yield from (at_random(chance, target, RANDOM) for target in people.samples(STRUCTURE))


def _induction(study: Study, group: Respondents, cells: str) -> Iterator[Alignment]:
    """One induction: as it is by every measure, beyond what explains it, by its primes; then those who go by words."""
    others = lexical(study, group)
    whole = evidence(study, group, cells=cells, controls=controls_of(group, others))
    for target in people.samples(STRUCTURE):
        yield from (align(whole, target, measure) for measure in target.measures)
        yield from (align(whole, target, beyond=beyond) for beyond in BEYOND if beyond)
    for one in (group, *([relabelled(group)] if group.source == "shuffled" else [])):
        yield from _against_all(evidence(study, one, PRIMES, cells=cells))
    for one in others.values():
        yield from _against_all(evidence(study, one, cells=cells))


def _against_all(one: Evidence) -> Iterator[Alignment]:
    return (align(one, target) for target in people.samples(STRUCTURE))


def _wordings(group: Respondents) -> list[str]:
    return list(dict.fromkeys(group.cells.get_level_values("wording")))


def _only(group: Respondents, wording: str) -> Respondents:
    return group.within(group.cells[group.cells.get_level_values("wording") == wording])


def relabelled(group: Respondents) -> Respondents:
    """Returns respondents of `shuffled` primes, each called by the value whose definition its prime carries."""
    return group.renamed(BY_DEFINITION, tuple(SHUFFLED[code] for code in group.conditions))


def _nulls(study: Study, common: pd.MultiIndex) -> Iterator[Respondents]:
    items = scoring.unprimed_responses(study.answers(), study.questionnaire)
    if (without := unprimed(items, study.questionnaire, common if len(common) else None)) is not None:
        yield without
    yield from (without_model(name, study.questionnaire) for name in (OWN, CAMPS))


def _best_splits(study: Study) -> Iterator[Alignment]:
    """For each sample the split of the ten values in two that agrees with it best, of all 511: chosen on the sample."""
    members = np.array(list(product((1.0, -1.0), repeat=len(CODES) - 1)))[1:]
    signs = np.column_stack([np.ones(len(members)), members])
    structures = pairs(signs[:, :, None] * signs[:, None, :])
    keys = {"model": study.model, "mode": study.mode, "instrument": study.instrument, "source": SPLIT}
    for target in people.samples(STRUCTURE):
        best = structures[np.argmax(pearson(structures, target.numbers))]
        yield align(Evidence(STRUCTURE, keys | {"prime": "", "wording": ALL, "cells": ALL}, len(CODES), best), target)


def other_label(target: np.ndarray) -> float:
    """Returns what a model that follows the one label of shuffled primes has when it is keyed by the other.

    That is a human matrix's agreement (Pearson r over the pairs) with itself, relabelled by `induction.SHUFFLED`.

    Args:
        target: 10 x 10 correlations in people.
    """
    lent = [CODES.index(SHUFFLED[code]) for code in CODES]
    return float(pearson(pairs(target[np.ix_(lent, lent)]), pairs(target)))
