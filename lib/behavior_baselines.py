"""What induction buys for behaviour: the baselines of `baselines`, put through the analysis of `behavior`.

Behaviours are those of the social survey, people those of the two surveys that the study has coefficients of. The
respondents who go by word overlap do so in both questionnaires. `own value` has no row: one who raises nothing but the
items of the own value has no behaviour.

Of the two structures, `values` relates a behaviour to the respondents' own value scores, as everywhere else; `primes`
relates it to which prime they read, so that it hangs on what the prime is called.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from lib import agreement, behavior, behavior_tables, instruments, overlap, scoring
from lib.baselines import (
    BY_DEFINITION,
    COMMON,
    CONTROLS,
    PRIMES,
    RANDOM,
    UNPRIMED,
    VALUES,
    chosen_cells,
    in_cells,
    induced,
    relabelled_columns,
    unprimed,
    varies,
    whole_cells,
)
from lib.behavior import Paired, Responses
from lib.querying import archive
from lib.structure import pearson, random_scores, residuals
from lib.study import Study
from lib.values import CODES

INSTRUMENT = "social_survey"
SCOPES = (behavior_tables.ALL, behavior_tables.SHARED)
_PERMUTATIONS, _DRAWS, _RANDOM = 1_999, 500, 500


@dataclass(frozen=True)
class Relations:
    """Relations of value and behaviour of one kind of respondents (`baselines.Group`), with what is drawn of them.

    Attributes:
        baseline: their name in the table.
        prime: the induction that primed them; empty where there was none.
        paired: the responses.
        controls: measure → relations, behaviours x values, of those who go by word overlap with the same primes.
        of: values or primes.
        shuffled: whether another name of the prime has an expected alignment.
    """

    baseline: str
    prime: str
    paired: Paired
    controls: dict[str, np.ndarray] = field(default_factory=dict)
    of: str = VALUES
    shuffled: bool = False


def behavior_baselines(study: Study) -> pd.DataFrame:
    """Returns the alignment of every baseline's relations of value and behaviour with the two surveys.

    Columns as in `baselines.baselines`, and `behaviors`: `all` that a survey has, or those that are `shared` by both,
    for which alone there is a ceiling. The interval is that of `agreement.interval` over items, wordings and persons;
    p comes from permuted conditions (`behavior.permuted`), of the partial correlations too. `expected` of random
    answers is 0. Empty where the social survey is not recorded in the study's mode.
    """
    if (INSTRUMENT, study.mode) not in archive.recorded(study.model):
        return pd.DataFrame()
    return pd.DataFrame(list(_rows(study)))


def _rows(study: Study) -> Iterator[dict]:
    survey = replace(study, instrument=INSTRUMENT)
    values, behaviors = induced(study), induced(survey)
    both = {i: behaviors[i].loc[_answered(values[i], behaviors[i])] for i in behaviors if i in values}
    targets = behavior_tables.targets(survey.questionnaire)
    chosen = {k: cells for k, cells in targets.items() if k[0] in behavior_tables.SURVEYS and k[1] in SCOPES}
    for scope, cells in chosen_cells(both).items():
        kinds = [k for i, c in cells.items() for k in _induction(study, i, values[i], in_cells(both[i], c))]
        if scope == COMMON:
            kinds += _unprimed(study, survey)
        random = _random(study, kinds[0].paired)
        for kind in kinds:
            yield from _kind_rows(study, scope, kind, chosen, random)
        for key, table in chosen.items():
            row = _random_row(study, scope, key, _at(random, kinds[0].paired, table), table["r"].to_numpy())
            yield row | {"n_respondents": kinds[0].paired.respondents}


def _answered(values: pd.DataFrame, behaviors: pd.DataFrame) -> pd.MultiIndex:
    """The respondents of cells in which the value questionnaire was answered too."""
    return in_cells(behaviors, whole_cells(values)).index


def pair(study: Study, values: pd.DataFrame, behaviors: pd.DataFrame) -> Paired:
    """Returns the responses to the study's value questionnaire and the social survey, paired as `behavior` does it."""
    fallback = values.mean(axis=1) if study.mode == "likelihood" else None
    return behavior.pair(values, study.questionnaire, behaviors, instruments.load(INSTRUMENT), fallback)


def _induction(study: Study, induction: str, values: pd.DataFrame, behaviors: pd.DataFrame) -> Iterator[Relations]:
    values = values.loc[behaviors.index]
    paired, lexical = pair(study, values, behaviors), {}
    survey = instruments.load(INSTRUMENT)
    for measure in overlap.MEASURES:
        alike = pair(study, *(overlap.items(i, measure, behaviors.index) for i in (study.questionnaire, survey)))
        if varies(alike.behavior_side.items):
            lexical[measure] = alike
    shuffled = induction == "shuffled"
    for of, build in ((VALUES, lambda p: p), (PRIMES, by_prime)):
        controls = {m: behavior.matrix(build(p)).to_numpy() for m, p in lexical.items()}
        yield Relations(induction, induction, build(paired), controls, of, shuffled and of == PRIMES)
    if shuffled:
        controls = {m: relabelled_columns(table) for m, table in controls.items()}
        yield Relations(BY_DEFINITION, induction, by_prime(paired, by_definition=True), controls, PRIMES, True)
    for measure, one in lexical.items():
        yield Relations(measure, induction, one)


def by_prime(paired: Paired, by_definition: bool = False) -> Paired:
    """Returns the same respondents with which prime they read, 1 or 0, in the place of their value scores.

    Args:
        paired: the responses.
        by_definition: whether a prime of the induction `shuffled` is named by whose definition it carries.
    """
    label = np.eye(len(CODES))[[CODES.index(code) for code in paired.conditions]]
    if by_definition:
        label = relabelled_columns(label)
    items = np.tile(label, (len(paired.value_side.items), 1, 1))
    return replace(paired, value_side=Responses(items, CODES, np.eye(len(CODES)), np.arange(len(CODES))))


def _unprimed(study: Study, survey: Study) -> list[Relations]:
    values, behaviors = (unprimed(scoring.unprimed_responses(s.answers, s.questionnaire)) for s in (study, survey))
    both = values.index.intersection(behaviors.index)
    # Correlations of fewer than three respondents are 1 or -1 whatever they answer.
    if len(both) < 3:
        return []
    return [Relations(UNPRIMED, "", pair(study, values.loc[both], behaviors.loc[both]))]


def _random(study: Study, paired: Paired) -> np.ndarray:
    """Relations of as many respondents who answer at random: draws x behaviour x value."""
    cells, conditions, _ = paired.behavior_side.items.shape
    scales = len(paired.behavior_side.scales)
    values = random_scores(study.questionnaire.key, cells, study.seed, _RANDOM, conditions)
    answers = np.random.default_rng([study.seed, 1]).standard_normal((_RANDOM, cells, conditions, scales))
    return np.stack([behavior.relations(v, b) for v, b in zip(values, answers, strict=True)])


def _kind_rows(study: Study, scope: str, kind: Relations, chosen: dict, random: np.ndarray) -> Iterator[dict]:
    found = behavior.matrix(kind.paired).to_numpy()[None]
    drawn = behavior.bootstrapped(kind.paired, study.seed, _DRAWS)
    null = behavior.permuted(kind.paired, study.seed, _PERMUTATIONS)
    for key, table in chosen.items():
        people = table["r"].to_numpy()
        model, chance = (_at(stack, kind.paired, table) for stack in (found, null))
        r = float(pearson(model[0], people))
        low, high = agreement.interval("pearson", r, pearson(_at(drawn, kind.paired, table), people))
        row = _keys(study, scope, key, kind.of, kind.baseline, kind.prime)
        row |= {"r": r, "low": low, "high": high, "p": agreement.p_value("pearson", r, pearson(chance, people))}
        row |= {"n_respondents": kind.paired.respondents, **_limits(r, key, _at(random, kind.paired, table), people)}
        row["expected"] = _expected(table) if kind.shuffled else np.nan
        for name, measures in CONTROLS.items() if kind.controls else ():
            known = [_at(kind.controls[m][None], kind.paired, table)[0] for m in measures if m in kind.controls]
            left, target = residuals(model[0], known), residuals(people, known)
            partial = float(pearson(left, target))
            p = agreement.p_value("pearson", partial, pearson(residuals(chance, known), target))
            row |= {f"partial_{name}": partial, f"partial_{name}_p": p}
        yield row


def _random_row(study: Study, scope: str, key: tuple[str, str], drawn: np.ndarray, people: np.ndarray) -> dict:
    row = _keys(study, scope, key, VALUES, RANDOM, "")
    mean = float(pearson(drawn, people).mean())
    return row | {"r": mean, **_limits(mean, key, drawn, people), "expected": 0.0}


def _keys(study: Study, scope: str, key: tuple[str, str], of: str, baseline: str, prime: str) -> dict[str, str]:
    return {
        "model": study.model,
        "mode": study.mode,
        "side": "behavior",
        "instrument": INSTRUMENT,
        "behaviors": key[1],
        "reference": key[0],
        "cells": scope,
        "of": of,
        "baseline": baseline,
        "prime": prime,
    }


def _limits(r: float, key: tuple[str, str], random: np.ndarray, people: np.ndarray) -> dict[str, float]:
    low, high = np.quantile(pearson(random, people), [0.025, 0.975])
    ceiling = behavior_tables.ceilings()["pearson"] if key[1] == behavior_tables.SHARED else np.nan
    return {"null_low": low, "null_high": high, "ceiling": ceiling, "share_of_ceiling": r / ceiling}


def _at(stack: np.ndarray, paired: Paired, table: pd.DataFrame) -> np.ndarray:
    """The cells of a stack of relations that people's are known of: draws x cells."""
    rows = [paired.behavior_side.scales.index(s) for s in table["scale"]]
    return stack[:, rows, [CODES.index(v) for v in table["value"]]]


def _expected(table: pd.DataFrame) -> float:
    """The alignment of people's relations with themselves, the values named by whose definition they are lent."""
    wide = table.pivot(index="scale", columns="value", values="r")[list(CODES)].to_numpy()
    return float(pearson(relabelled_columns(wide).ravel(), wide.ravel()))
