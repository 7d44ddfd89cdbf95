"""Correlations within cells, pairs of a matrix, what controls leave."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest, pearsonr

from lib.materials import references
from lib.materials.values import cosine_matrix
from lib.statistics import (
    correlations,
    p_value,
    pairs,
    pearson,
    prime_correlations,
    random_orders,
    relabelled,
    relations,
    residuals,
    square,
    standardised,
)

HUMAN = references.structure("pvq40_us_2017").to_numpy()
COSINE = cosine_matrix().to_numpy()


def drawn(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


# ── Pearson ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5], [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]),
        ([8, 8, 8, 8, 8, 8, 8, 19, 8, 8, 8], [6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.50, 5.56, 7.91, 6.89]),
    ],
)
def test_r_of_anscombes_data_is_as_published(x, y):
    """Anscombe (1973), American Statistician 27:17-21, sets 1 and 4: r = .816 and .817."""
    assert pearson(np.array(x, float), np.array(y)) == pytest.approx(0.8165, abs=5e-4)


def test_r_along_the_last_axis_equals_scipys_one_by_one():
    a, b = drawn(3, 1, 12), drawn(4, 12, seed=1)
    assert np.allclose(pearson(a, b), [[pearsonr(x[0], y).statistic for y in b] for x in a])


@given(st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-6), st.integers(3, 60))
def test_numbers_that_differ_by_rounding_alone_have_no_r(constant, n):
    nearly = np.nextafter(np.full(n, constant), np.where(np.arange(n) % 2, np.inf, -np.inf))
    for same in (np.full(n, constant), nearly):
        assert np.isnan(pearson(same, drawn(n)))


# ── Within cells ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_cell_means_are_taken_out():
    one = drawn(1, 10, 10)
    several = np.concatenate([one + shift for shift in (0.0, 5.0, -3.0)])
    assert np.allclose(correlations(several), np.corrcoef(one[0].T))


def test_relations_equal_least_squares_on_dummies_of_the_cells():
    a, b = drawn(4, 7, 3), drawn(4, 7, 5, seed=1) + 3 * drawn(4, 1, 5, seed=2)
    dummies = np.kron(np.eye(4), np.ones((7, 1)))
    left = [
        flat - dummies @ np.linalg.lstsq(dummies, flat, rcond=None)[0] for flat in (a.reshape(28, 3), b.reshape(28, 5))
    ]
    expected = [[pearsonr(x, y).statistic for y in left[1].T] for x in left[0].T]
    assert np.allclose(relations(a, b), expected)


def test_weights_repeat_cells():
    a, b = drawn(3, 10, 4), drawn(3, 10, 6, seed=1)
    weighted = relations(a, b, np.array([[2.0, 0.0, 1.0], [1.0, 1.0, 1.0]]))
    assert np.allclose(weighted[0], relations(a[[0, 0, 2]], b[[0, 0, 2]]))
    assert np.allclose(weighted[1], relations(a, b))


def test_draws_of_scores_and_of_weights_go_together():
    a, b, weights = drawn(5, 3, 8, 2), drawn(5, 3, 8, 4, seed=1), drawn(5, 3, seed=2) ** 2
    each = [relations(x, y, w[None])[0] for x, y, w in zip(a, b, weights, strict=True)]
    assert np.allclose(relations(a, b, weights), each)
    assert np.allclose(relations(a, b[0], weights)[2], relations(a[2], b[0], weights[2][None])[0])


def test_what_does_not_vary_correlates_at_zero_and_what_is_unknown_not_at_all():
    scores = drawn(2, 6, 3)
    scores[..., 1] = 0.1 + 0.2
    found = correlations(scores)
    assert found[1].tolist() == [0, 0, 0] and found[0, 2] != 0
    scores[0, 0, 1] = np.nan
    assert np.isnan(correlations(scores)[1]).all()


def test_rounding_beside_large_numbers_does_not_correlate():
    assert standardised(np.array([[1e-8]]), np.array([1e-27]), np.array([1e12])) == 0


def test_values_do_not_know_what_primes_are_called_and_primes_do():
    scores, order = drawn(3, 10, 10), np.random.default_rng(1).permutation(10)
    assert np.allclose(correlations(scores[:, order]), correlations(scores))
    assert np.allclose(prime_correlations(scores[:, order]), prime_correlations(scores)[np.ix_(order, order)])


def test_prime_correlations_are_those_of_what_primes_raise():
    scores = drawn(1, 5, 8)
    lifts = scores[0] - scores[0].mean(axis=0)
    assert np.allclose(prime_correlations(scores), np.corrcoef(lifts))


# ── Pairs and relabelling ──────────────────────────────────────────────────────────────────────────────────────────


@given(st.integers(2, 12))
def test_pairs_make_the_matrix_again(n):
    matrix = np.corrcoef(drawn(n, 20))
    assert len(pairs(matrix)) == n * (n - 1) / 2
    assert np.allclose(square(pairs(matrix)) + np.eye(n), matrix)


def test_pairs_run_row_by_row():
    assert pairs(np.arange(16).reshape(4, 4)).tolist() == [1, 2, 3, 6, 7, 11]


def test_relabelling_moves_rows_and_columns_together():
    orders = random_orders(10, np.random.default_rng(0), 5)
    found = relabelled(pairs(HUMAN), orders)
    assert np.allclose(found, [pairs(HUMAN[np.ix_(order, order)]) for order in orders])


def mantel(a: np.ndarray, b: np.ndarray, orders: np.ndarray) -> float:
    return p_value(float(pearson(pairs(a), pairs(b))), pearson(relabelled(pairs(a), orders), pairs(b)))


def test_mantels_p_nears_the_exact_one():
    a, b = (np.corrcoef(drawn(5, 8, seed=seed)) for seed in (4, 5))
    every = np.array(list(permutations(range(5))))
    exact = (mantel(a, b, every) * (len(every) + 1) - 1) / len(every)
    assert mantel(a, b, random_orders(5, np.random.default_rng(0), 20_000)) == pytest.approx(exact, abs=0.012)


def test_mantels_p_is_uniform_without_a_relation():
    rng = np.random.default_rng(8)
    p = [
        mantel(*(np.corrcoef(rng.standard_normal((10, 12))) for _ in range(2)), random_orders(10, rng, 199))
        for _ in range(300)
    ]
    assert kstest(p, "uniform").pvalue > 0.01


def test_people_match_the_circle_by_mantels_test():
    assert mantel(HUMAN, COSINE, random_orders(10, np.random.default_rng(0), 999)) == 0.001


# ── What controls leave ────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def designs(draw):
    """Controls as they come: none, zero, repeated, sums of others, nearly constant, several in a block."""
    n, rng = draw(st.integers(4, 45)), np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kinds = draw(st.lists(st.sampled_from(["new", "zero", "again", "sum", "constant", "block"]), max_size=5))
    controls: list[np.ndarray] = []
    for kind in kinds:
        known = [row for control in controls for row in np.atleast_2d(control)] or [rng.standard_normal(n)]
        controls.append(
            {
                "new": rng.standard_normal(n) * 10.0 ** draw(st.integers(-3, 3)),
                "zero": np.zeros(n),
                "again": -2.0 * known[0],
                "sum": np.sum(known, axis=0),
                "constant": np.full(n, 3.7),
                "block": rng.standard_normal((2, n)),
            }[kind]
        )
    return rng.standard_normal((3, n)), controls


@given(designs())
def test_residuals_equal_least_squares(design):
    y, controls = design
    x = np.vstack([np.ones(y.shape[1]), *controls]).T
    expected = y.T - x @ np.linalg.lstsq(x, y.T, rcond=None)[0]
    assert np.allclose(residuals(y, controls), expected.T, atol=1e-8)


def test_partial_r_is_the_textbooks():
    x, y, z = drawn(3, 45)
    x, y = x + z, y - 0.5 * z
    xy, xz, yz = pearson(x, y), pearson(x, z), pearson(y, z)
    expected = (xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2))
    assert pearson(residuals(x, [z]), residuals(y, [z])) == pytest.approx(expected)


def test_a_control_that_explains_everything_leaves_nothing():
    z = drawn(45)
    assert np.abs(residuals(0.3 * z + 0.1, [z])).max() < 1e-12
