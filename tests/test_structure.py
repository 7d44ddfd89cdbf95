import numpy as np
import pandas as pd
import pytest
from rthor import _core as rthor_core
from scipy.stats import pearsonr, spearmanr

from lib import human, instruments, structure
from lib.errors import StudyError
from lib.values import cosine_matrix, steps_apart

HUMAN = human.structure("pvq40_us_2017").to_numpy()
COSINE = cosine_matrix().to_numpy()


def test_pooled_correlation_takes_cell_means_out():
    rng = np.random.default_rng(0)
    one = rng.standard_normal((1, 10, 10))
    several = np.concatenate([one + shift for shift in (0.0, 5.0, -3.0)])
    assert np.allclose(structure.cells_to_correlation(several), np.corrcoef(one[0].T))


def test_weights_repeat_cells():
    rng = np.random.default_rng(1)
    cells = rng.standard_normal((3, 10, 10))
    weighted = structure.cells_to_correlation(cells, np.array([[2.0, 0.0, 1.0]]))[0]
    assert np.allclose(weighted, structure.cells_to_correlation(cells[[0, 0, 2]]))


def test_alignment_equals_scipys():
    found = structure.align_matrices(HUMAN, COSINE, seed=0, draws=99)
    x, y = structure.pairs(HUMAN), structure.pairs(COSINE)
    assert len(x) == 45
    assert found.r == pytest.approx(pearsonr(x, y).statistic)
    assert found.rho == pytest.approx(spearmanr(x, y).statistic)
    assert found.rmse == pytest.approx(np.sqrt(np.mean((x - y) ** 2)))
    assert found.mantel_p == 0.01


def test_mantel_p_against_all_permutations():
    """Five objects have 120 relabellings: the exact p is counted, the drawn one must come close."""
    from itertools import permutations

    rng = np.random.default_rng(4)
    a, b = (np.corrcoef(rng.standard_normal((5, 8))) for _ in range(2))
    observed = structure.pearson(structure.pairs(a), structure.pairs(b))
    orders = [list(order) for order in permutations(range(5))]
    drawn = [structure.pearson(structure.pairs(a[np.ix_(o, o)]), structure.pairs(b)) for o in orders]
    exact = np.mean(np.array(drawn) >= observed - 1e-12)
    assert structure.align_matrices(a, b, seed=0, draws=20_000).mantel_p == pytest.approx(exact, abs=0.012)


def test_mantel_p_is_uniform_without_a_relation():
    rng = np.random.default_rng(8)
    p = [
        structure.align_matrices(
            *(np.corrcoef(rng.standard_normal((10, 12))) for _ in range(2)), seed=s, draws=199
        ).mantel_p
        for s in range(200)
    ]
    assert np.mean(p) == pytest.approx(0.5, abs=0.07)
    assert np.mean(np.array(p) <= 0.05) < 0.10


@pytest.mark.parametrize("matrix", [HUMAN, COSINE, human.structure("wvs6").to_numpy()])
def test_circle_order_index_equals_rthors(matrix):
    """The parts of rthor 0.2.1 that rthor.test(matrix, order=steps) is made of, without its 50,000 permutations."""
    matrix = matrix.round(10)  # so that the ideal circle's ties are ties in both
    order = [int(s) for s in structure.pairs(steps_apart().to_numpy())]
    hypothesis, _, predictions = rthor_core.generate_hypothesis(order, 10)
    agreements, ties = rthor_core.calculate_fit(matrix, hypothesis)
    found = structure.circle_order(matrix, seed=0, draws=199)
    assert (found["agreements"], found["predictions"]) == (agreements, predictions)
    assert found["ci"] == pytest.approx(rthor_core.calculate_ci(agreements, ties, predictions))


def test_circle_order_p_for_a_circle_and_for_noise():
    assert structure.circle_order(COSINE, seed=0, draws=999)["p"] == 0.001
    rng = np.random.default_rng(3)
    noise = [
        structure.circle_order(np.corrcoef(rng.standard_normal((10, 12))), seed=s, draws=99)["p"] for s in range(60)
    ]
    assert np.mean(noise) == pytest.approx(0.5, abs=0.12)


def test_circle_order_wants_ten_values():
    with pytest.raises(StudyError, match="has 10 values"):
        structure.circle_order(np.eye(9), seed=0)


def test_random_answers_do_not_align_on_average():
    key = instruments.load("pvq40").key
    drawn = structure.random_pairs(key, 1, seed=0, draws=2_000)
    null = structure.pearson(drawn, structure.pairs(HUMAN))
    assert null.mean() == pytest.approx(0, abs=0.03)
    assert np.quantile(null, 0.975) == pytest.approx(0.36, abs=0.03)


def test_centring_alone_makes_values_correlate_negatively():
    """Ten independent scales of equal length, centred: r = -1/9 for every pair."""
    rng = np.random.default_rng(0)
    scores = rng.standard_normal((1, 20_000, 10))
    scores -= scores.mean(axis=2, keepdims=True)
    assert structure.pairs(structure.cells_to_correlation(scores)).mean() == pytest.approx(-1 / 9, abs=0.002)


def test_bootstrap_interval_covers_what_varies():
    rng = np.random.default_rng(0)
    cells = pd.MultiIndex.from_product([["a", "b", "c", "d"], ["I", "he"]], names=["wording", "person"])
    signal = rng.multivariate_normal(np.zeros(10), COSINE, size=10, method="eigh")
    same = np.tile(signal, (8, 1, 1))
    low, high = structure.bootstrap_alignment(same, cells, HUMAN, seed=0, draws=200)
    assert low == pytest.approx(high)
    noisy = same + rng.standard_normal(same.shape)
    low, high = structure.bootstrap_alignment(noisy, cells, HUMAN, seed=0, draws=500)
    r = structure.pearson(structure.pairs(structure.cells_to_correlation(noisy)), structure.pairs(HUMAN))
    assert low < r < high
    assert high - low > 0.02


def test_bootstrap_draws_wordings_and_persons_each_on_its_own():
    cells = pd.MultiIndex.from_product([["a", "b", "c"], ["I", "he"]], names=["wording", "person"])
    weights = structure.bootstrap_weights(cells, seed=0, draws=400)
    assert (weights.sum(axis=1) == 6).all()
    table = weights.reshape(400, 3, 2)
    assert np.allclose(
        table * table.sum(axis=(1, 2), keepdims=True), table.sum(2, keepdims=True) * table.sum(1, keepdims=True)
    )


def test_mean_correlation_falls_with_distance_on_a_circle():
    by_steps = structure.by_steps(COSINE)
    assert by_steps.tolist() == pytest.approx([np.cos(np.deg2rad(36 * s)) for s in range(1, 6)])
    assert structure.by_steps(HUMAN).is_monotonic_decreasing


def test_fisher_mean():
    assert structure.fisher_mean(np.array([0.5, 0.5])) == pytest.approx(0.5)
    assert structure.fisher_mean(np.array([0.0, 0.9])) == pytest.approx(np.tanh(np.arctanh(0.9) / 2))
