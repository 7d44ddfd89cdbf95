"""Chance and uncertainty: streams that are apart, weights that vary as means do, p values, families."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest
from statsmodels.stats.multitest import multipletests

from lib.statistics import (
    MEASURES,
    cell_weights,
    false_discovery,
    holm,
    interval,
    item_weights,
    p_value,
    stream,
)

FOUR = np.zeros(4, dtype=int)

# ── Streams ────────────────────────────────────────────────────────────────────────────────────────────────────────


def counts(of_items: np.random.Generator, of_wordings: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """How often each of four items and each of four wordings counts in 500 draws."""
    return item_weights(FOUR, of_items, 500), cell_weights([np.arange(4)], of_wordings, 500)


def test_items_and_wordings_are_not_drawn_by_the_same_numbers():
    items, wordings = counts(stream(2026, "items", "pvq40"), stream(2026, "cells", "pvq40"))
    alike = (items == wordings).all(axis=1).mean()
    # Two draws of three among four are the same counts in 5.8 % of pairs.
    assert alike < 0.12
    r = np.corrcoef(items.T, wordings.T)[:4, 4:]
    assert np.abs(r).max() < 4 / np.sqrt(500)


def test_one_bare_seed_would_draw_them_all_alike():
    """What named streams are for: with a seed handed down, all 500 draws of items are those of wordings."""
    items, wordings = counts(np.random.default_rng(2026), np.random.default_rng(2026))
    assert np.array_equal(items, wordings)


def test_the_same_names_give_the_same_numbers_and_others_others():
    first = stream(1, "items", "pvq40").random(2_000)
    assert np.array_equal(first, stream(1, "items", "pvq40").random(2_000))
    others = [(2, "items", "pvq40"), (1, "items"), (1, "pvq40", "items"), (1, "itemspvq40"), (1, "items", "pvq40", "")]
    for seed, *names in others:
        other = stream(seed, *names).random(2_000)
        assert not np.isin(first, other).any()
        assert abs(np.corrcoef(first, other)[0, 1]) < 4 / np.sqrt(2_000)


@given(st.integers(0, 2**63), st.lists(st.text(max_size=8), max_size=4))
def test_any_seed_and_names_make_a_stream(seed, names):
    assert 0 <= stream(seed, *names).random() < 1


# ── Weights ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("n", [2, 4, 12])
def test_a_mean_varies_as_a_mean_of_n_does(n):
    """s² / n, where a plain bootstrap has (n - 1) / n of it."""
    x = np.random.default_rng(n).standard_normal(n)
    drawn = item_weights(np.zeros(n), np.random.default_rng(0), 40_000) @ x / n
    assert drawn.mean() == pytest.approx(x.mean(), abs=0.02)
    assert drawn.var() == pytest.approx(x.var(ddof=1) / n, rel=0.03)


def test_weights_are_one_on_average_and_keep_every_stratums_sum():
    strata = np.array([0, 0, 1, 1, 1, 2, 1])
    weights = item_weights(strata, np.random.default_rng(0), 20_000)
    assert weights.mean(axis=0) == pytest.approx(np.ones(7), abs=0.03)
    for stratum in range(3):
        assert np.allclose(weights[:, strata == stratum].sum(axis=1), (strata == stratum).sum())


def test_a_stratum_of_one_is_not_drawn():
    weights = item_weights(np.array(["a", "b", "b", "c"]), np.random.default_rng(0), 50)
    assert (weights[:, [0, 3]] == 1).all() and weights[:, 1].std() > 0


def test_wordings_and_persons_are_drawn_each_on_its_own():
    wording, person = (x.ravel() for x in np.meshgrid(list("abc"), list("IhX"), indexing="ij"))
    table = cell_weights([wording, person], np.random.default_rng(0), 4_000).reshape(-1, 3, 3)
    of_wording, of_person = table.mean(axis=2), table.mean(axis=1)
    assert np.allclose(table, of_wording[:, :, None] * of_person[:, None, :])
    assert abs(np.corrcoef(of_wording[:, 0], of_person[:, 0])[0, 1]) < 4 / np.sqrt(4_000)
    assert table.mean(axis=0) == pytest.approx(np.ones((3, 3)), abs=0.1)


def test_a_facet_of_one_level_is_not_drawn():
    weights = cell_weights([np.array(list("abcd")), np.array(["he"] * 4)], np.random.default_rng(0), 300)
    assert np.allclose(weights.sum(axis=1), 4)
    assert (cell_weights([np.array(["a"]), np.array(["he"])], np.random.default_rng(0), 9) == 1).all()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=6, unique=True))
def test_some_cell_is_always_drawn(cells):
    """Also where wordings and persons are not crossed, and most products are 0."""
    facets = [np.array(facet) for facet in zip(*cells, strict=True)]
    assert (cell_weights(facets, np.random.default_rng(0), 200).sum(axis=1) > 0).all()


# ── Interval ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_intervals_lie_round_the_estimate_as_wide_as_the_draws():
    drawn = np.array([0.1, 0.2, 0.3])
    assert interval(MEASURES["slope"], 1.0, drawn) == pytest.approx((1 - 0.196, 1 + 0.196))
    assert interval(MEASURES["sign"], 0.9, drawn) == pytest.approx((0.704, 1.0))
    assert interval(MEASURES["rmse_z"], 0.1, drawn) == pytest.approx((0.0, 0.296))
    half = 1.96 * np.arctanh(drawn).std(ddof=1)
    low, high = interval(MEASURES["pearson"], 0.5, drawn)
    assert np.arctanh([low, high]) == pytest.approx([np.arctanh(0.5) - half, np.arctanh(0.5) + half])


def test_without_variation_there_is_no_interval():
    for drawn in (np.full(9, 0.3), np.array([]), np.array([np.nan, 0.2]), np.full(5, np.nan)):
        assert np.isnan(interval(MEASURES["pearson"], 0.5, drawn)).all()
    assert np.isnan(interval(MEASURES["pearson"], float("nan"), np.array([0.1, 0.2]))).all()


def test_the_interval_of_a_mean_over_items_covers_it():
    """Four items in two strata, known truth; the normal quantile for t makes it a little too narrow."""
    rng, strata, covered = np.random.default_rng(0), np.repeat([0, 1], 12), []
    for _ in range(400):
        x = rng.standard_normal(24) + strata
        drawn = item_weights(strata, rng, 200) @ x / 24
        low, high = interval(MEASURES["slope"], x.mean(), drawn)
        covered.append(low <= 0.5 <= high)
    assert 0.91 <= np.mean(covered) <= 0.98


# ── p values ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_p_counts_the_observed_draw_and_knows_which_way_is_better():
    null = np.linspace(0, 1, 99)
    assert p_value(2.0, null) == pytest.approx(1 / 100)
    assert p_value(2.0, null, smaller=True) == 1
    assert p_value(-1.0, null, smaller=True) == pytest.approx(1 / 100)
    assert p_value(0.5, null) == pytest.approx(51 / 100)
    assert np.isnan(p_value(float("nan"), null))


def test_a_draw_that_differs_by_rounding_is_as_good():
    assert p_value(0.3, np.array([0.1 + 0.2 - 1e-15, 0.0])) == pytest.approx(2 / 3)


def test_p_of_one_among_equals_is_uniform():
    rng = np.random.default_rng(3)
    p = [p_value(x[0], x[1:]) for x in rng.standard_normal((500, 100))]
    assert kstest(p, "uniform").pvalue > 0.01
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.03)


# ── Families ───────────────────────────────────────────────────────────────────────────────────────────────────────

P = st.lists(st.one_of(st.floats(0, 1), st.just(float("nan")), st.sampled_from([0.01, 0.02])), max_size=12)


@settings(max_examples=20)
@given(P)
def test_corrections_equal_statsmodels(p):
    p = np.array(p, dtype=float)
    known = ~np.isnan(p)
    for ours, method in ((holm, "holm"), (false_discovery, "fdr_bh")):
        expected = np.full(len(p), np.nan)
        if known.any():
            expected[known] = multipletests(p[known], method=method)[1]
        np.testing.assert_allclose(ours(p), expected, rtol=1e-12, atol=1e-15)


def test_corrections_of_a_published_family():
    """Benjamini & Hochberg (1995), section 3.2: of fifteen p values their method rejects four at .05, Holm's three."""
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.324,
        0.4262,
        0.5719,
        0.6528,
        0.759,
        1,
    ]
    assert (false_discovery(np.array(p)) <= 0.05).sum() == 4
    assert (holm(np.array(p)) <= 0.05).sum() == 3


def test_what_is_corrected_is_left_as_it_was():
    p = np.array([0.04, np.nan, 0.01])
    holm(p), false_discovery(p)
    assert p[0] == 0.04 and p[2] == 0.01
