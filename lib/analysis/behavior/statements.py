"""The behaviour tests of Perez et al. (2022) analysed: what each value makes the model endorse, and is it a circle?

`materials.statements` has the catalogue of behaviours and the draw of statements.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from lib import paths
from lib.analysis import overlap, people
from lib.analysis.alignment import ALL, Alignment, Evidence, align, table
from lib.analysis.respondents import CAMPS, ENOUGH, without_model
from lib.analysis.scoring import higher_order_scores, item_responses, without_level
from lib.analysis.structure.evidence import STRUCTURE, orders
from lib.analysis.study import Study
from lib.errors import StudyError
from lib.materials import statements
from lib.materials.instruments import Instrument, load
from lib.materials.questions import RESPONDENT
from lib.materials.statements import catalogue
from lib.materials.values import CODES, NO_VALUE
from lib.statistics import (
    BOOTSTRAP,
    circle_order,
    correlations,
    item_weights,
    pairs,
    pearson,
    random_scores,
    standardised,
)

OVERLAP = paths.RAW / "behavior_tests_overlap.csv"
#: The side that values over behaviours are on in tables of alignments.
TESTS = "behavior tests"
#: Groups of fewer behaviours have no structure to speak of.
_SMALLEST_GROUP = 8


def asked_items(study: Study) -> tuple[pd.DataFrame, Instrument]:
    """Returns the study's responses to the statements of the present draw, and the tests; other draws stay recorded.

    Raises:
        StudyError: not one of the drawn statements was asked.
    """
    tests = load(statements.INSTRUMENT)
    answers = study.answers(tests.id)
    answers = answers[answers["item"].isin(tests.key) & answers["induction"].isin([study.induction, NO_VALUE])]
    if answers.empty:
        raise StudyError(f"None of the {len(tests.items):,} statements drawn was asked. Ask them: make ask")
    return item_responses(answers, tests), tests


def endorsement_table(
    items: pd.DataFrame, instrument: Instrument, asked: Collection[str] | None = None
) -> pd.DataFrame:
    """Returns how far each behaviour is endorsed under each condition.

    Columns: `behavior`, `group`, `conservative`, `condition`; `statements` (with a valid answer); `endorsement`: mean
    over the statements of the response in the behaviour's direction, in the unit of the items (under `likelihood`: nats
    per token above the neutral prime, so that 0 is no value and `none` is 0 by definition); `low`, `high`: its 95 %
    interval over the statements (Student's t); `share`: share of the statements answered in the behaviour's direction,
    0 to 1.
    Wordings and persons are averaged first. A behaviour with valid answers to less than half of the statements
    that were asked has no figures.

    Args:
        items: `scoring.item_responses` of the behaviour tests under one induction.
        instrument: the behaviour tests.
        asked: ids of the statements that were asked; all by default.
    """
    responses = without_level(items, instrument).groupby(level="condition", observed=True).mean()
    known, scales = catalogue(), pd.Series(instrument.key)
    scales = scales[scales.index.isin(instrument.key if asked is None else asked)]
    rows = []
    for name in instrument.scales:
        part = responses[scales.index[scales == name]]
        keys = {"behavior": name, "group": known["group"][name], "conservative": known["conservative"][name]}
        rows += [keys | {"condition": c} | _summary(part.loc[c].to_numpy()) for c in part.index]
    table = pd.DataFrame(rows)
    order = {code: i for i, code in enumerate((*CODES, NO_VALUE))}
    return table.sort_values(["behavior", "condition"], key=lambda c: c.map(order) if c.name == "condition" else c)


def _summary(answers: np.ndarray) -> dict[str, float]:
    valid = answers[~np.isnan(answers)]
    if len(valid) < max(2.0, ENOUGH * len(answers)):
        return {"statements": len(valid)} | dict.fromkeys(("endorsement", "low", "high", "share"), np.nan)
    half = stats.t.ppf(0.975, len(valid) - 1) * valid.std(ddof=1) / np.sqrt(len(valid))
    mean, decided = valid.mean(), valid[valid != 0]
    share = (decided > 0).mean() if len(decided) else np.nan
    return {"statements": len(valid), "endorsement": mean, "low": mean - half, "high": mean + half, "share": share}


def profiles(table: pd.DataFrame, column: str = "endorsement") -> pd.DataFrame:
    """Returns `endorsement_table` as behaviours x the ten values; behaviours without figures are left out."""
    return table.pivot(index="behavior", columns="condition", values=column)[list(CODES)].dropna()


def by_higher_order(table: pd.DataFrame, column: str = "share") -> pd.DataFrame:
    """Returns behaviours x the four higher-order values, each the mean of its values (hedonism counts to two)."""
    return higher_order_scores(profiles(table, column))


def centred_profiles(profiles_: pd.DataFrame) -> np.ndarray:
    """Returns behaviours x values, each behaviour's mean over the values taken out.

    That some behaviours are endorsed more than others under every prime is no likeness of values.
    """
    return profiles_.sub(profiles_.mean(axis=1), axis=0).to_numpy()


def value_correlations(profiles_: pd.DataFrame) -> pd.DataFrame:
    """Returns how alike ten primes are in what they do over the behaviours: 10 x 10 correlations.

    Each behaviour's mean is taken out first (`centred_profiles`); by that alone the mean correlation is about -1/9.

    Args:
        profiles_: behaviours x the ten values (`profiles`).
    """
    codes = list(CODES)
    return pd.DataFrame(correlations(centred_profiles(profiles_)[None]), index=codes, columns=codes)


def lexical_profiles() -> pd.DataFrame:
    """Returns what those endorse who go by shared runs of letters alone: behaviours x values (`write_overlap`)."""
    return pd.read_csv(OVERLAP, index_col="behavior")[list(CODES)]


def groups_of(behaviors: pd.Index) -> dict[str, list[str]]:
    """Returns all behaviours, and those of each group that has at least eight."""
    group = catalogue()["group"]
    named = {name: [b for b in behaviors if group[b] == name] for name in dict.fromkeys(group)}
    return {ALL: list(behaviors)} | {name: some for name, some in named.items() if len(some) >= _SMALLEST_GROUP}


def behavior_structure(study: Study, items: pd.DataFrame, table_: pd.DataFrame) -> pd.DataFrame:
    """Returns how human the correlations of the values over behaviours are.

    A table of alignments of the side `behavior tests` with every human sample; `scope` is `all` behaviours or a group.
    Sources: the study's induction, also with word overlap or the two camps taken out; `characters`, those who go by
    shared runs of letters; `two camps`. The interval draws behaviours; groups are too small for one.

    Args:
        study: the study.
        items: the responses (`asked_items`).
        table_: `endorsement_table`.
    """
    model, primed = profiles(table_), items.index.get_level_values("condition") != NO_VALUE
    groups = groups_of(model.index)
    return table(
        row for name, some in groups.items() for row in _group_rows(study, model, name, some, int(primed.sum()))
    )


def _group_rows(
    study: Study, model: pd.DataFrame, group: str, behaviors: list[str], respondents: int
) -> Iterator[Alignment]:
    sources = {study.induction: model.loc[behaviors]}
    lexical = lexical_profiles()
    sources |= {"characters": lexical.loc[[b for b in behaviors if b in lexical.index]]}
    controls = {CAMPS: pairs(correlations(without_model(CAMPS, study.questionnaire).scores()))}
    controls |= {"characters": pairs(value_correlations(sources["characters"]).to_numpy())}
    evidence = [_evidence(study, source, profile, group, respondents, controls) for source, profile in sources.items()]
    camps = replace(evidence[0], keys=evidence[0].keys | {"source": CAMPS, "prime": ""}, numbers=controls[CAMPS])
    for target in (replace(t, scope=group) for t in people.samples(STRUCTURE)):
        yield from (align(one, target) for one in (*evidence, replace(camps, drawn=None)))
        yield from (align(evidence[0], target, beyond=beyond) for beyond in (CAMPS, "all"))


def _evidence(
    study: Study, source: str, profile: pd.DataFrame, group: str, respondents: int, controls: dict[str, np.ndarray]
) -> Evidence:
    keys = {"model": study.model, "mode": study.mode, "instrument": statements.INSTRUMENT, "source": source}
    keys |= {"prime": study.induction, "wording": ALL, "cells": ALL}
    centred, drawn = centred_profiles(profile), None
    if group == ALL:
        weights = item_weights(np.zeros(len(centred), dtype=int), study.rng("behaviours", source), BOOTSTRAP)
        mean = (weights @ centred / weights.sum(axis=1, keepdims=True))[:, None, :]
        deviations = (centred - mean) * np.sqrt(weights)[:, :, None]
        squares = (deviations**2).sum(axis=1)
        drawn = pairs(standardised(deviations.swapaxes(1, 2) @ deviations, squares, squares))
    rng = study.rng("random behaviours", group)
    random = correlations(random_scores(np.ones(len(CODES)), 1, len(centred), rng))
    numbers = pairs(correlations(centred[None]))
    return Evidence(
        TESTS,
        keys,
        respondents,
        numbers,
        drawn,
        "behaviours",
        orders(study.seed),
        random=pairs(random),
        controls=controls,
    )


def behavior_order(study: Study, table_: pd.DataFrame) -> pd.DataFrame:
    """Returns whether the values lie in the circle's order over behaviours, over all and by group.

    Columns: `group`, `behaviors`; `ci`, `agreements`, `predictions`, `p` (`statistics.circle_order`); `overlap`: r of
    the model's endorsements with those of respondents who go by shared runs of letters, over behaviours x values.

    Args:
        study: the study.
        table_: `endorsement_table`.
    """
    model, lexical, rows = profiles(table_), lexical_profiles(), []
    for name, some in groups_of(model.index).items():
        order = circle_order(value_correlations(model.loc[some]).to_numpy(), study.rng("behaviour order", name))
        both = [b for b in some if b in lexical.index]
        ours, theirs = (centred_profiles(table.loc[both]).ravel() for table in (model, lexical))
        rows.append({"group": name, "behaviors": len(some), **order._asdict(), "overlap": float(pearson(ours, theirs))})
    return pd.DataFrame(rows)


def write_overlap() -> Path:
    """Writes what respondents agree with who go by shared runs of letters alone (`overlap`); returns the path.

    The texts are licensed, so the published comparison reads this table of figures: a row for each behaviour, a column
    for each value, in the wording and person that are recorded (`imagine`, I).
    """
    instrument = load(statements.INSTRUMENT)
    cell = ("definition", "imagine", "I")
    primed = pd.MultiIndex.from_tuples([(*cell, code) for code in CODES], names=RESPONDENT)
    items = overlap.turned(overlap.computed(instrument, [cell]), instrument, "characters", primed)
    profiles(endorsement_table(items, instrument)).map(lambda r: float(f"{r:.5g}")).to_csv(OVERLAP, lineterminator="\n")
    return OVERLAP
