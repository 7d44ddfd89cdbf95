"""The table of behaviour: every questionnaire's relations with the values against every human result."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from lib.analysis import people, scoring
from lib.analysis.alignment import ALL, BEYOND, COMMON, Alignment, Evidence, Target, align, at_random, table
from lib.analysis.behavior.relations import BY_PRIME, Pair, camp_contrasts, evidence, lexical, pair, two_camps
from lib.analysis.respondents import CAMPS, RANDOM, Respondents, paired, unprimed
from lib.analysis.respondents import usable as completeness
from lib.analysis.structure.alignments import common_cells, relabelled, usable
from lib.analysis.study import Study
from lib.errors import StudyError
from lib.materials import instruments

#: The study's induction by one half of a questionnaire's items only.
FORWARD, REVERSED = "statements alone", "reverse-keyed alone"


def pairs_of(study: Study) -> tuple[dict[str, Pair], list[str]]:
    """Returns the study's respondents paired with every recorded questionnaire of behaviour, and what was left out.

    The behaviour tests are left to their own notebook. A questionnaire that cannot be used is named with the reason and
    the rest goes on.

    Raises:
        StudyError: no questionnaire of behaviour can be used.
    """
    found, messages = {}, []
    for name in instruments.of_relations():
        try:
            found[name] = pair(study, name)
        except StudyError as error:
            messages.append(f"{name} is left out. {error}")
            continue
        if dropped := [s for s in instruments.load(name).scales if s not in found[name].behavior_side.scales]:
            messages.append(f"{name}: too few valid answers for {', '.join(dropped)}.")
    if not found:
        raise StudyError("No questionnaire of behaviour can be used. " + " ".join(messages))
    return found, messages


def behavior_alignment(study: Study, found: dict[str, Pair]) -> pd.DataFrame:
    """Returns the alignment of value-behaviour relations with every human result on behaviour.

    A table of alignments (`alignment.Alignment`). By `source`: the study's induction, by every measure that the
    reference allows, and with word overlap, two camps or all of it taken out (`beyond`); those who go by the overlap of
    the same primes in both questionnaires (`words`, `characters`, `embedding`); the study's induction by its
    `statements alone` and by its `reverse-keyed alone`. Where several inductions are recorded
    of a questionnaire, the others too, on all of their cells and on the `common` ones, the unprimed model (`none`) and
    relations with which prime was read (`behavior by prime`). `random` answers beside each.
    """
    return table(row for name, one in found.items() for row in _rows(study, name, one))


def _rows(study: Study, name: str, one: Pair) -> Iterator[Alignment]:
    targets = people.behaviors(one.behavior_side.instrument, one.behavior_side.scales)
    yield from _induction(study, one, targets, ALL, every_measure=True)
    chance = evidence(study, one)
    yield from (at_random(chance, target, RANDOM) for target in targets if target.kind != "signs")
    yield from (row for keyed in _by_key(one) for row in _against(evidence(study, keyed), targets))
    behaviors, values = usable(study, name), usable(study)
    both = {}
    for how in behaviors.keys() & values.keys():
        try:
            both[how] = Pair(*paired(values[how], behaviors[how]))
        except StudyError:
            continue
    if len(both) < 2:
        return
    ordered = {how: both[how] for how in values if how in both}
    common = common_cells(group.behavior_side for group in ordered.values())
    for how, group in ordered.items():
        surveys = _surveys(group)
        if how != study.induction:
            yield from _induction(study, group, surveys, ALL)
        if 0 < len(common) < len(group.behavior_side.cells):
            narrow = Pair(group.value_side.within(common), group.behavior_side.within(common))
            yield from _induction(study, narrow, surveys, COMMON)
        yield from _by_prime(study, group, surveys)
    if (without := _unprimed(study, name)) is not None:
        yield from _against(evidence(study, without), _surveys(without))


def _surveys(one: Pair) -> list[Target]:
    """Human coefficients as targets; of each pair anew, since an induction may lack a behaviour that another has."""
    targets = people.behaviors(one.behavior_side.instrument, one.behavior_side.scales)
    return [target for target in targets if target.kind == "coefficients"]


def _induction(
    study: Study, one: Pair, targets: list[Target], cells: str, every_measure: bool = False
) -> Iterator[Alignment]:
    """One induction as it is and beyond what explains it; then those who go by words."""
    others = lexical(one)
    controls = {m: other.relations.ravel() for m, other in others.items()}
    controls[CAMPS] = camp_contrasts(len(one.behavior_side.scales))
    whole = evidence(study, one, cells=cells, controls=controls)
    for target in targets:
        for measure in target.measures if every_measure else ("pearson",):
            yield align(whole, target, measure)
        if "pearson" in target.measures:
            yield from (align(whole, target, beyond=beyond) for beyond in BEYOND if beyond)
    for other in (*others.values(), two_camps(one)):
        yield from _against(evidence(study, other, cells=cells), targets)


def _against(one: Evidence, targets: list[Target]) -> Iterator[Alignment]:
    return (align(one, target) for target in targets if "pearson" in target.measures)


def _by_key(one: Pair) -> Iterator[Pair]:
    """The statements alone, and the reverse-keyed ones alone: whether an alignment hangs on one of the two.

    In the cells that count on these items alone.
    """
    turned = np.array([item.reversed for item in one.behavior_side.instrument.items])
    if len(one.behavior_side.scales) == 1 or not turned.any():
        return
    for source, kept in ((FORWARD, ~turned), (REVERSED, turned)):
        group = one.behavior_side
        sound = completeness(~np.isnan(group.items[..., kept]), group.key[kept] > 0, all_scales=True)[1]
        if all(group.key[kept].sum(axis=0) > 0) and sound.any():
            half = replace(group, source=source, items=np.where(kept, group.items, np.nan)).within(group.cells[sound])
            yield Pair(replace(one.value_side.within(half.cells), source=source), half)


def _by_prime(study: Study, one: Pair, targets: list[Target]) -> Iterator[Alignment]:
    """Relations with which prime was read; of shuffled ones also by whose definition it carries."""
    yield from _against(evidence(study, one, BY_PRIME), targets)
    if one.value_side.source == "shuffled":
        turned = Pair(relabelled(one.value_side), relabelled(one.behavior_side))
        yield from _against(evidence(study, turned, BY_PRIME), targets)


def _unprimed(study: Study, name: str) -> Pair | None:
    """The unprimed model's answers to both questionnaires, in the wordings and persons that both were asked in."""
    sides: list[Respondents] = []
    tables = [scoring.unprimed_responses(study.answers(n), instruments.load(n)) for n in (study.instrument, name)]
    both = tables[0].dropna().index.intersection(tables[1].dropna().index)
    for items, instrument in zip(tables, (study.instrument, name), strict=True):
        if (group := unprimed(items.loc[both], instruments.load(instrument))) is None:
            return None
        sides.append(group)
    return Pair(*sides)


def positions(target: Target, relations_: np.ndarray) -> np.ndarray:
    """Returns the relations (behaviour x value) that a target speaks of, in its order."""
    return target.of(relations_.reshape(*relations_.shape[:-2], -1))
