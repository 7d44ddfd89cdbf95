"""The one record: every number of a row against hand computation and other programs, on small arrays."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pingouin as pg
import pytest
from scipy.stats import pearsonr, spearmanr
from statsmodels.stats.multitest import multipletests

from lib.analysis.alignment import (
    ALL,
    BY_DEFINITION,
    CHECK,
    COMMON,
    SHARED,
    Evidence,
    Target,
    align,
    at_random,
    chosen,
    compared,
    table,
)
from lib.statistics import random_orders

RNG = np.random.default_rng(0)
OURS, THEIRS, WORDS, CAMPS, MORE = RNG.standard_normal((5, 45))
OURS = OURS + THEIRS + WORDS
DRAWN = OURS + 0.3 * RNG.standard_normal((50, 45))
RANDOM = RNG.standard_normal((200, 45))
OTHERS = THEIRS + RNG.standard_normal((3, 45))
ORDERS = random_orders(10, np.random.default_rng(1), 99)
KEYS = {"model": "m", "mode": "likelihood", "instrument": "i", "source": "definition", "prime": "definition"}
KEYS |= {"wording": ALL, "cells": ALL}
CONTROLS = {"words": WORDS, "two camps": CAMPS}
EVIDENCE = Evidence("structure", KEYS, 160, OURS, DRAWN, "items", ORDERS, random=RANDOM, controls=CONTROLS)
RELATIONS = replace(EVIDENCE, side="behavior", orders=None, exchanged=RNG.standard_normal((99, 45)))
TARGET = Target("people", "portrait", THEIRS, others=OTHERS)


def r(a, b) -> float:
    return float(pearsonr(a, b).statistic)


def matrix(pairs_) -> np.ndarray:
    full = np.zeros((10, 10))
    full[np.triu_indices(10, 1)] = pairs_
    return full + full.T


# ── A row by hand ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_estimate_is_the_measure_and_the_keys_are_those_of_both_sides():
    found = align(EVIDENCE, TARGET)
    assert found.estimate == pytest.approx(r(OURS, THEIRS))
    assert align(EVIDENCE, TARGET, "spearman").estimate == pytest.approx(spearmanr(OURS, THEIRS).statistic)
    assert align(EVIDENCE, TARGET, "rmse").estimate == pytest.approx(np.sqrt(np.mean((OURS - THEIRS) ** 2)))
    assert (found.source, found.reference, found.kind, found.scope) == ("definition", "people", "portrait", ALL)
    assert (found.n_respondents, found.n_numbers, found.covers) == (160, 45, "items")


def test_the_interval_is_1_96_standard_deviations_of_the_draws_in_fishers_z():
    found = align(EVIDENCE, TARGET)
    spread = np.std(np.arctanh([r(one, THEIRS) for one in DRAWN]), ddof=1)
    assert np.arctanh([found.low, found.high]) == pytest.approx(
        np.arctanh(found.estimate) + np.array([-1, 1]) * 1.96 * spread
    )


def test_p_counts_the_relabellings_that_agree_as_well_with_the_observed_among_them():
    moved = [matrix(OURS)[np.ix_(order, order)][np.triu_indices(10, 1)] for order in ORDERS]
    close = sum(r(one, THEIRS) >= r(OURS, THEIRS) for one in moved)
    assert align(EVIDENCE, TARGET).p == (close + 1) / 100
    weak = replace(EVIDENCE, numbers=WORDS)
    moved = [matrix(WORDS)[np.ix_(order, order)][np.triu_indices(10, 1)] for order in ORDERS]
    assert align(weak, TARGET).p == (sum(r(one, THEIRS) >= r(WORDS, THEIRS) for one in moved) + 1) / 100
    near = sum(np.mean((one - THEIRS) ** 2) <= np.mean((WORDS - THEIRS) ** 2) for one in moved)
    assert align(weak, TARGET, "rmse").p == (near + 1) / 100  # of a distance, less is better


def test_p_of_relations_counts_exchanged_conditions():
    exchanged = RNG.standard_normal((99, 45)) + THEIRS
    one = replace(EVIDENCE, orders=None, exchanged=exchanged)
    assert align(one, TARGET).p == (sum(r(e, THEIRS) >= r(OURS, THEIRS) for e in exchanged) + 1) / 100
    assert np.isnan(align(one, TARGET, "slope").p)  # no size is too large to be chance


def test_the_null_is_the_band_of_random_answers_and_the_ceiling_the_mean_of_other_samples():
    found = align(EVIDENCE, TARGET)
    low, high = np.quantile([r(one, THEIRS) for one in RANDOM], [0.025, 0.975])
    assert (found.null_low, found.null_high) == pytest.approx((low, high))
    assert found.ceiling == pytest.approx(np.tanh(np.mean(np.arctanh([r(one, THEIRS) for one in OTHERS]))))
    ceiling = align(EVIDENCE, TARGET, "rmse").ceiling
    assert ceiling == pytest.approx(np.mean(np.sqrt(((OTHERS - THEIRS) ** 2).mean(axis=1))))
    chance = at_random(EVIDENCE, TARGET, "random")
    assert chance.estimate == pytest.approx(np.mean([r(one, THEIRS) for one in RANDOM]))
    assert (chance.null_low, chance.null_high, chance.ceiling) == (found.null_low, found.null_high, found.ceiling)
    assert (chance.source, chance.prime, chance.covers) == ("random", "", "") and np.isnan([chance.low, chance.p]).all()


def test_what_was_not_drawn_has_no_interval_and_covers_nothing():
    for drawn in (None, np.repeat(OURS[None], 5, axis=0)):
        found = align(replace(EVIDENCE, drawn=drawn), TARGET)
        assert np.isnan([found.low, found.high]).all() and found.covers == ""
    bare = align(Evidence("structure", KEYS, 10, OURS), Target("people", "portrait", THEIRS))
    assert np.isnan([bare.low, bare.p, bare.null_low, bare.null_high, bare.ceiling]).all()


def test_a_target_that_speaks_of_some_numbers_is_compared_with_those():
    places = np.array([3, 1, 20, 7, 44])
    found = align(RELATIONS, Target("some", "signs", THEIRS[places], "some", places))
    assert found.estimate == pytest.approx(r(OURS[places], THEIRS[places])) and found.n_numbers == 5


# ── Beyond ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("beyond", "covariates"),
    [("words", ["words"]), ("two camps", ["two camps"]), ("all", ["words", "two camps"]), ("embedding", [])],
)
def test_beyond_is_the_partial_correlation_of_pingouin(beyond, covariates):
    frame = pd.DataFrame({"ours": OURS, "theirs": THEIRS, **CONTROLS})
    expected = pg.partial_corr(frame, "ours", "theirs", covariates)["r"].iloc[0] if covariates else r(OURS, THEIRS)
    assert align(EVIDENCE, TARGET, beyond=beyond).estimate == pytest.approx(expected, abs=1e-8)


def test_beyond_takes_the_controls_out_of_draws_nulls_and_other_samples_too():
    found, x = align(EVIDENCE, TARGET, beyond="words"), np.vstack([np.ones(45), WORDS]).T

    def left(y):
        return y - x @ np.linalg.lstsq(x, y, rcond=None)[0]

    theirs = left(THEIRS)
    assert found.ceiling == pytest.approx(np.tanh(np.mean(np.arctanh([r(left(o), theirs) for o in OTHERS]))))
    assert found.null_high == pytest.approx(np.quantile([r(left(o), theirs) for o in RANDOM], 0.975))
    spread = np.std(np.arctanh([r(left(o), theirs) for o in DRAWN]), ddof=1)
    assert np.arctanh(found.high) - np.arctanh(found.estimate) == pytest.approx(1.96 * spread)
    moved = [left(matrix(left(OURS))[np.ix_(o, o)][np.triu_indices(10, 1)]) for o in ORDERS]
    assert found.p == (sum(r(one, theirs) >= found.estimate - 1e-12 for one in moved) + 1) / 100


def test_who_is_made_of_a_control_has_nothing_left_and_who_is_human_beyond_it_keeps_it():
    nothing = align(replace(EVIDENCE, numbers=0.3 * WORDS + 0.1), TARGET, beyond="words")
    assert np.isnan([nothing.estimate, nothing.low, nothing.high, nothing.p]).all() and nothing.covers == ""
    human = align(replace(EVIDENCE, numbers=THEIRS + 5 * WORDS), TARGET, beyond="words")
    assert human.estimate == pytest.approx(1) and human.p == 0.01


def test_beyond_words_a_noisy_word_counter_agrees_by_chance_only():
    found = [
        align(replace(EVIDENCE, numbers=WORDS + RNG.standard_normal(45)), TARGET, beyond="words") for _ in range(60)
    ]
    assert np.mean([one.estimate for one in found]) == pytest.approx(0, abs=0.06)
    assert np.mean([one.p <= 0.1 for one in found]) < 0.2


def test_what_is_left_of_one_target_is_not_taken_for_another():
    """Numbers are taken from the same evidence for targets of all and of some numbers, in any order."""
    places, one = np.arange(20), replace(RELATIONS)
    some = Target("some", "portrait", THEIRS[places], places=places)
    first = [align(one, target, beyond="words").estimate for target in (TARGET, some)]
    second = [align(replace(RELATIONS), target, beyond="words").estimate for target in (some, TARGET)]
    assert first == second[::-1]


# ── The table ───────────────────────────────────────────────────────────────────────────────────────────────────────


def row(p=0.01, **keys):
    return replace(align(EVIDENCE, TARGET), p=p, **keys)


def test_families_are_statsmodels_holm_and_nulls_and_checks_stand_apart():
    p = [0.01, 0.04, 0.03, 0.2]
    one = [
        row(p, reference=name, instrument=i)
        for p, (name, i) in zip(p, [("a", "x"), ("b", "x"), ("a", "y"), ("b", "y")], strict=True)
    ]
    others = [row(0.02, scope=SHARED), row(0.04, scope=CHECK), row(0.03, scope=CHECK, reference="b")]
    apart = [row(0.03, **{key: "other"}) for key in ("model", "mode", "side", "cells", "wording", "measure", "beyond")]
    null = [
        row(0.001, source=source, prime=prime)
        for source, prime in (("words", "definition"), ("none", ""), ("random", ""))
    ]
    found = table([*one, *others, *apart, *null])["p_holm"].to_numpy()
    assert found[:5] == pytest.approx(multipletests([*p, 0.02], method="holm")[1])
    assert found[5:7] == pytest.approx(multipletests([0.04, 0.03], method="holm")[1])
    assert found[7:14] == pytest.approx(0.03) and np.isnan(found[14:]).all()


def test_shuffled_primes_by_definition_are_a_family_of_their_own():
    rows = [row(0.01, source="shuffled", prime="shuffled"), row(0.02, source=BY_DEFINITION, prime="shuffled")]
    assert table(rows)["p_holm"].tolist() == [0.01, 0.02]


def test_a_p_that_is_missing_stays_so_and_does_not_count():
    found = table([row(0.01, reference="a"), row(np.nan, reference="b"), row(0.03, reference="c")])["p_holm"]
    assert found.tolist() == pytest.approx([0.02, np.nan, 0.03], nan_ok=True)


def test_chosen_means_all_wordings_pearson_and_nothing_taken_out_unless_told():
    rows = table(
        [row(), row(wording="plain"), row(measure="rmse"), row(beyond="words"), row(source="name", prime="name")]
    )
    assert chosen(rows).index.tolist() == [0, 4]
    assert chosen(rows, source="definition", beyond=["", "words"]).index.tolist() == [0, 3]
    assert chosen(rows, wording="plain").index.tolist() == [1]
    assert chosen(rows, source=("definition", "name"), measure=("rmse", "pearson")).index.tolist() == [0, 2, 4]


def test_compared_takes_common_cells_where_a_source_has_more():
    rows = table([row(), row(cells=COMMON), row(source="name", prime="name"), row(reference="other")])
    assert compared(rows).index.tolist() == [1, 2, 3]
