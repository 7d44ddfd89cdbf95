"""What chance gives: closed forms, two ways of drawing that must agree, brute force, every order there is."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import beta, chisquare, ks_2samp, kstest

from lib.statistics import (
    correlations,
    exchanged_relations,
    p_value,
    pairs,
    pearson,
    random_correlations,
    random_orders,
    random_relations,
    random_scores,
    random_structure,
    relations,
    scale_scores,
)

#: Items of each value in the PVQ-40.
COUNTS = np.array([3, 4, 3, 3, 4, 6, 4, 4, 4, 5], dtype=float)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


# ── Random answers ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_centring_makes_scales_of_one_length_correlate_at_minus_one_over_the_others():
    assert pairs(random_structure(np.full(10, 4))) == pytest.approx(-1 / 9)
    assert pairs(random_structure(np.full(5, 7))) == pytest.approx(-1 / 4)


def test_random_structure_is_what_many_random_answers_show():
    key = np.repeat(np.eye(10), COUNTS.astype(int), axis=0)
    scores = scale_scores(rng().standard_normal((60_000, 40)), key, np.ones(40))
    assert pairs(np.corrcoef(scores.T)) == pytest.approx(pairs(random_structure(COUNTS)), abs=4 / np.sqrt(60_000))


def test_random_scores_are_those_of_random_answers():
    scores = random_scores(COUNTS, 2, 5, rng(), 4_000)
    assert scores.shape == (4_000, 2, 5, 10) and np.allclose(scores @ COUNTS, 0)
    assert scores.std(axis=(0, 1, 2)) == pytest.approx(np.sqrt(1 / COUNTS - 1 / 40), rel=0.02)
    raw = random_scores(COUNTS, 2, 5, rng(), 4_000, centred=False)
    assert raw.std(axis=(0, 1, 2)) == pytest.approx(1 / np.sqrt(COUNTS), rel=0.02)
    assert np.corrcoef(raw.reshape(-1, 10).T)[0, 1] == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize(("cells", "conditions"), [(1, 4), (1, 10), (2, 10), (6, 10)])
def test_correlations_drawn_at_once_are_distributed_like_those_of_respondents(cells, conditions, centred):
    one = pairs(random_correlations(COUNTS, cells * (conditions - 1), rng(1), 4_000, centred))
    two = pairs(correlations(random_scores(COUNTS, cells, conditions, rng(2), 4_000, centred)))
    error = np.hypot(one.std(axis=0), two.std(axis=0)) / np.sqrt(4_000)
    assert (np.abs(one.mean(axis=0) - two.mean(axis=0)) < 4.5 * error).all()
    for pair in (0, 17, 44):
        assert ks_2samp(one[:, pair], two[:, pair]).pvalue > 0.001
    # Not only each correlation: their agreement with a pattern, which is what the null is of.
    pattern = rng(3).standard_normal(45)
    assert ks_2samp(pearson(one, pattern), pearson(two, pattern)).pvalue > 0.001


def test_correlations_of_ever_more_random_respondents_near_the_expected():
    found = random_correlations(COUNTS, 20_000, rng(), 50)
    assert found.mean(axis=0) == pytest.approx(random_structure(COUNTS), abs=0.005)
    assert np.allclose(np.diagonal(found, axis1=1, axis2=2), 1)


@pytest.mark.parametrize(("cells", "conditions"), [(1, 10), (4, 5)])
def test_random_relations_are_correlations_with_as_many_degrees_of_freedom(cells, conditions):
    """r² of independent normal numbers is Beta(1/2, (f - 1) / 2), f = cells x (conditions - 1)."""
    found = random_relations(COUNTS, 3, cells, conditions, rng(), 3_000)
    assert found.shape == (3_000, 3, 10)
    freedom = cells * (conditions - 1)
    for behavior, value in ((0, 0), (2, 5)):
        r = found[:, behavior, value]
        assert kstest(r**2, beta(0.5, (freedom - 1) / 2).cdf).pvalue > 0.001
        assert abs(r.mean()) < 4 * r.std() / np.sqrt(3_000)


# ── Orders ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_order_is_equally_likely():
    orders = random_orders(3, rng(), 6_000)
    assert (np.sort(orders, axis=1) == np.arange(3)).all()
    _, counts = np.unique(orders, axis=0, return_counts=True)
    assert len(counts) == 6 and chisquare(counts).pvalue > 0.001


def brute_force(a: np.ndarray, b: np.ndarray, order) -> np.ndarray:
    """Cell by cell the conditions of `a` change places, then deviations from the cells' means are correlated."""
    left, right = [], []
    for x, y in zip(a, b, strict=True):
        moved = np.array([x[k] for k in order])
        left.append(moved - moved.mean(axis=0))
        right.append(y - y.mean(axis=0))
    left, right = np.concatenate(left), np.concatenate(right)
    return np.array([[np.corrcoef(p, q)[0, 1] for q in right.T] for p in left.T])


def test_exchanged_relations_are_those_of_conditions_that_change_places():
    a, b, orders = rng(1).standard_normal((3, 6, 2)), rng(2).standard_normal((3, 6, 4)), random_orders(6, rng(), 5)
    found = exchanged_relations(a, b, orders)
    assert np.allclose(found, [brute_force(a, b, order) for order in orders])
    assert np.allclose(exchanged_relations(a, b, np.arange(6)[None])[0], relations(a, b))


def test_p_of_exchanged_conditions_nears_that_of_every_order():
    a, b = rng(1).standard_normal((2, 5, 1)), rng(2).standard_normal((2, 5, 3))
    b[..., :1] += 0.7 * a
    every = np.array([brute_force(a, b, order)[0, 0] for order in permutations(range(5))])
    exact = (every >= relations(a, b)[0, 0] - 1e-12).mean()
    drawn = exchanged_relations(a, b, random_orders(5, rng(), 9_999))[:, 0, 0]
    assert 1 / 120 < exact < 0.3
    assert p_value(float(relations(a, b)[0, 0]), drawn) == pytest.approx(exact, abs=0.015)


def test_p_of_exchanged_conditions_is_uniform_without_a_relation():
    """Values keep their structure, behaviours theirs: what primes raise is shared over cells in both."""
    draw, p = rng(4), []
    for _ in range(300):
        values = draw.standard_normal((1, 8, 4)) + 0.5 * draw.standard_normal((3, 8, 4))
        behaviors = draw.standard_normal((1, 8, 2)) + 0.5 * draw.standard_normal((3, 8, 2))
        values[..., 1] += values[..., 0]
        pattern = draw.standard_normal(8)
        drawn = exchanged_relations(behaviors, values, random_orders(8, draw, 199)).reshape(199, -1)
        p.append(p_value(float(pearson(relations(behaviors, values).ravel(), pattern)), pearson(drawn, pattern)))
    assert kstest(p, "uniform").pvalue > 0.01
    assert np.mean(np.array(p) <= 0.05) < 0.09
