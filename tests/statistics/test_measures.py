"""The measures of agreement: worked examples, closed forms, scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, spearmanr, wasserstein_distance

from lib.statistics import MEASURES

X = np.array([0.2, -0.4, -0.6, 0.5])
Y = np.array([0.1, -0.2, 0.3, 0.0])


def of(name: str, ours, theirs) -> float:
    return float(MEASURES[name].of(np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)))


@pytest.mark.parametrize("name", MEASURES)
@settings(max_examples=20)
@given(numbers=st.lists(st.integers(50, 900), min_size=3, max_size=12, unique=True).map(lambda x: np.array(x) / 1000))
def test_whoever_agrees_wholly_has_the_best_there_is(name, numbers):
    assert of(name, numbers, numbers) == pytest.approx(MEASURES[name].best, abs=1e-9)


def test_measures_worked_by_hand():
    assert of("sign", X, Y) == pytest.approx(2 / 3)
    assert of("rmse", X, Y) == pytest.approx(np.sqrt((0.01 + 0.04 + 0.81 + 0.25) / 4))
    assert of("rmse_z", X, Y) == pytest.approx(np.sqrt(np.mean((np.arctanh(X) - np.arctanh(Y)) ** 2)))
    assert of("slope", 2 * Y + 0.1, Y) == pytest.approx(2)
    assert of("variance_ratio", [2.0, 1.0], [1.0, 1.0]) == pytest.approx(2)
    assert of("pearson", [1, 2, 3], [2, 4, 9]) == pytest.approx(7 / np.sqrt(2 * 26))


def test_slope_is_r_times_the_ratio_of_deviations():
    assert of("slope", X, Y) == pytest.approx(of("pearson", X, Y) * X.std() / Y.std())
    assert of("slope", X, Y) == pytest.approx(np.polyfit(Y, X, 1)[0])


def test_spearman_is_the_textbooks_without_ties_and_scipys_with():
    x, y = np.random.default_rng(0).permuted(np.tile(np.arange(10.0), (2, 1)), axis=1)
    assert of("spearman", x, y) == pytest.approx(1 - 6 * ((x - y) ** 2).sum() / (10 * 99))
    tied = np.array([1, 1, 2, 2, 2, 5, 6, 7, 7, 9.0])
    assert of("spearman", tied, y) == pytest.approx(spearmanr(tied, y).statistic)


def test_numbers_alike_but_for_rounding_are_ties():
    ours = np.array([0.1 + 0.2, 0.3, 0.5, 0.7])
    assert of("spearman", ours, [2, 1, 3, 4]) == of("spearman", [0.3, 0.3, 0.5, 0.7], [1, 2, 3, 4])


def test_no_sign_in_people_takes_no_part_and_none_in_the_model_is_no_agreement():
    assert of("sign", [1, -1, 0], [1, 0, 1]) == 0.5


def test_wasserstein_of_normals_that_differ_in_place_is_how_far_they_lie_apart():
    grid = np.arange(-1.0, 1.0, 0.02) + 0.0003
    there = norm.cdf(grid, 0.0, 0.15)
    for shift in (0.05, -0.2):
        assert of("wasserstein", norm.cdf(grid, shift, 0.15), there) == pytest.approx(abs(shift), abs=1e-4)


def test_wasserstein_of_samples_equals_scipys_within_the_grid():
    grid, rng = np.arange(-1.0, 1.0, 0.02) + 0.0003, np.random.default_rng(0)
    samples = [rng.normal(mean, 0.1, 500) for mean in (0.0, 0.13)]
    shares = [(sample <= grid[:, None]).mean(axis=1) for sample in samples]
    assert of("wasserstein", *shares) == pytest.approx(wasserstein_distance(*samples), abs=0.002)


@pytest.mark.parametrize("name", MEASURES)
def test_a_stack_is_measured_row_by_row(name):
    stack, theirs = np.random.default_rng(1).uniform(0.05, 0.9, (4, 9)), np.linspace(0.1, 0.8, 9)
    assert MEASURES[name].of(stack, theirs) == pytest.approx([of(name, row, theirs) for row in stack])


def test_means_are_taken_on_the_measures_scale():
    assert MEASURES["pearson"].mean(np.array([0.0, 0.9])) == pytest.approx(np.tanh(np.arctanh(0.9) / 2))
    assert MEASURES["variance_ratio"].mean(np.array([0.5, 2.0])) == pytest.approx(1)
    assert MEASURES["rmse"].mean(np.array([0.1, 0.3])) == pytest.approx(0.2)
    assert MEASURES["pearson"].mean(np.array([1.0, 1.0])) == pytest.approx(0.999)
    assert np.isnan(MEASURES["pearson"].mean(np.array([])))
