"""Reliability: published examples, covariances whose truth is known exactly, planted profiles."""

import numpy as np
import pingouin as pg
import pytest

from lib.statistics import alpha, omega, over_primes

#: Cronbach's alpha of pingouin's example (its documentation: .592): eleven items, twelve people.
PUBLISHED = 0.5917188485995826


def with_covariance(covariance: np.ndarray, n: int = 60) -> np.ndarray:
    """Items whose covariance in the sample is exactly this."""
    raw = np.random.default_rng(0).standard_normal((n, len(covariance)))
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw.T))).T
    return white @ np.linalg.cholesky(covariance).T + 3


def one_factor(loadings) -> np.ndarray:
    loadings = np.asarray(loadings)
    return np.outer(loadings, loadings) + np.diag(1 - loadings**2)


# ── Alpha and omega ────────────────────────────────────────────────────────────────────────────────────────────────


def test_alpha_of_a_published_example():
    data = pg.read_dataset("cronbach_alpha").pivot(index="Subj", columns="Items", values="Scores")
    assert alpha(data.to_numpy(float)) == pytest.approx(PUBLISHED)


@pytest.mark.parametrize(("k", "r"), [(2, 0.3), (3, 0.5), (6, 0.5), (10, 0.05)])
def test_alpha_of_items_that_correlate_alike_is_spearman_and_browns(k, r):
    items = with_covariance(np.full((k, k), r) + (1 - r) * np.eye(k))
    assert alpha(items) == pytest.approx(k * r / (1 + (k - 1) * r))


def test_alpha_of_right_and_wrong_answers_is_kuder_and_richardsons():
    answers = (
        np.random.default_rng(0).standard_normal((50, 1)) + np.random.default_rng(1).standard_normal((50, 8))
    ) > 0
    p, total = answers.mean(axis=0), answers.sum(axis=1).var()
    assert alpha(answers.astype(float)) == pytest.approx(8 / 7 * (1 - (p * (1 - p)).sum() / total))


@pytest.mark.parametrize("sd", [[1, 1, 1, 1], [0.5, 1, 2, 3]])
def test_omega_of_one_factor_is_the_formulas(sd):
    loadings, sd = np.array([0.9, 0.7, 0.5, 0.3]), np.array(sd, dtype=float)
    items = with_covariance(one_factor(loadings) * np.outer(sd, sd))
    common = (loadings * sd).sum() ** 2
    expected = common / (common + ((1 - loadings**2) * sd**2).sum())
    assert omega(items) == pytest.approx(expected, abs=1e-6)
    assert alpha(items) < omega(items)


def test_omega_is_alpha_where_all_items_load_alike():
    items = with_covariance(one_factor([0.6] * 5))
    assert omega(items) == pytest.approx(alpha(items), abs=1e-8)


def test_no_omega_of_an_item_with_less_than_no_error():
    """Correlations of .8, .8 and .3 would need a loading of 1.46."""
    heywood = np.array([[1, 0.8, 0.8], [0.8, 1, 0.3], [0.8, 0.3, 1]])
    assert np.isnan(omega(with_covariance(heywood)))


def test_too_few_items_or_nothing_that_varies_has_no_reliability():
    items = with_covariance(one_factor([0.6, 0.7]))
    assert np.isnan(omega(items)) and np.isfinite(alpha(items))
    assert np.isnan(alpha(items[:, :1])) and np.isnan(alpha(np.ones((9, 4))))
    assert np.isnan(omega(np.column_stack([items, np.ones(len(items))])))


# ── Profiles over conditions ───────────────────────────────────────────────────────────────────────────────────────


def test_with_one_key_a_profiles_reliability_is_alpha_over_conditions():
    """Hoyt (1941)."""
    items = np.random.default_rng(0).standard_normal((4, 10, 7)) + np.random.default_rng(1).standard_normal((10, 1))
    assert over_primes(items, np.zeros(7)) == pytest.approx(alpha(items.mean(axis=0)))


def test_independent_items_have_none():
    """Error and variance of the mean are then the same on average, whatever the keys."""
    draw = np.random.default_rng(0)
    found = [over_primes(draw.standard_normal((1, 10, 6)), np.array([0, 0, 0, 1, 1, 1])) for _ in range(4_000)]
    # 1 / (1 - reliability) is F with 9 and 36 degrees of freedom, whose mean is 36 / 34.
    assert np.mean(1 / (1 - np.array(found))) == pytest.approx(36 / 34, abs=0.04)


def test_a_planted_reliability_is_found():
    draw = np.random.default_rng(1)
    profile = draw.standard_normal((10_000, 1))
    items = profile + 1.5 * draw.standard_normal((10_000, 8))
    expected = 1 / (1 + 1.5**2 / 8)
    assert over_primes(items[None], np.repeat([0, 1], 4)) == pytest.approx(expected, abs=0.012)


def test_what_an_item_or_a_cell_adds_to_all_conditions_is_no_profile():
    draw, strata = np.random.default_rng(2), np.array([0, 0, 1, 1])
    items = draw.standard_normal((3, 10, 4))
    moved = items + 5 * draw.standard_normal((3, 1, 4))
    assert over_primes(moved, strata) == pytest.approx(over_primes(items, strata))


def test_keys_that_differ_on_the_whole_are_no_error():
    items = np.repeat(np.random.default_rng(3).standard_normal((1, 10, 2)), 3, axis=2)
    strata = np.repeat([0, 1], 3)
    assert over_primes(items, strata) == pytest.approx(1)
    assert over_primes(items, np.zeros(6)) < 1


def test_a_lone_item_of_a_key_leaves_the_error_unknown():
    items = np.random.default_rng(4).standard_normal((2, 10, 3))
    assert np.isnan(over_primes(items, np.array([0, 0, 1])))
