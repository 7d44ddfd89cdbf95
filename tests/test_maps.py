import warnings

import numpy as np
import pytest
from scipy.spatial import procrustes
from scipy.spatial.distance import pdist, squareform

from lib import human, maps
from lib.values import circle, cosine_matrix

# Ekman (1954), similarity of 14 colours (434 to 674 nm), below the diagonal.
EKMAN = [
    [0.86],
    [0.42, 0.50],
    [0.42, 0.44, 0.81],
    [0.18, 0.22, 0.47, 0.54],
    [0.06, 0.09, 0.17, 0.25, 0.61],
    [0.07, 0.07, 0.10, 0.10, 0.31, 0.62],
    [0.04, 0.07, 0.08, 0.09, 0.26, 0.45, 0.73],
    [0.02, 0.02, 0.02, 0.02, 0.07, 0.14, 0.22, 0.33],
    [0.07, 0.04, 0.01, 0.01, 0.02, 0.08, 0.14, 0.19, 0.58],
    [0.09, 0.07, 0.02, 0.00, 0.02, 0.02, 0.05, 0.04, 0.37, 0.74],
    [0.12, 0.11, 0.01, 0.01, 0.01, 0.02, 0.02, 0.03, 0.27, 0.50, 0.76],
    [0.13, 0.13, 0.05, 0.02, 0.02, 0.02, 0.02, 0.02, 0.20, 0.41, 0.62, 0.85],
    [0.16, 0.14, 0.03, 0.04, 0.00, 0.01, 0.00, 0.02, 0.23, 0.28, 0.55, 0.68, 0.76],
]


@pytest.fixture(scope="module")
def colours():
    matrix = np.zeros((14, 14))
    for i, row in enumerate(EKMAN, start=1):
        matrix[i, :i] = matrix[:i, i] = 1 - np.array(row)
    return matrix


def test_ordinal_stress_of_ekmans_colours(colours):
    """smacof (R), mds(ekman.d, type = "ordinal") with dissimilarities 1 - similarity: Stress-1 value 0.023."""
    found = maps.smacof(squareform(colours), maps.classical(colours), ordinal=True)
    assert found.stress == pytest.approx(0.023, abs=0.0005)


def test_metric_stress_equals_scikit_learns(colours):
    """scikit-learn 1.9.1, MDS(metric="precomputed", init="classical_mds"), its stress put on the scale of Stress-1."""
    from sklearn.manifold import MDS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = MDS(
            2, metric="precomputed", metric_mds=True, init="classical_mds", n_init=1, max_iter=3000, eps=1e-12,
            normalized_stress=False,
        ).fit_transform(colours)  # fmt: skip
    delta, d = squareform(colours), pdist(theirs)
    expected = np.sqrt(1 - (delta @ d) ** 2 / ((delta @ delta) * (d @ d)))
    assert maps.smacof(delta, maps.classical(colours)).stress == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("ordinal", [False, True])
def test_a_planted_map_is_recovered(ordinal):
    points = np.random.default_rng(0).standard_normal((12, 2))
    found = maps.smacof(pdist(points), maps.classical(squareform(pdist(points))), ordinal)
    assert found.stress < 1e-4
    assert maps.fit_to(found.points, points).congruence == pytest.approx(1, abs=1e-6)


def test_the_ideal_circle_maps_onto_itself():
    found = maps.value_map(cosine_matrix().to_numpy())
    assert found.stress < 1e-6
    assert np.allclose(found.points, circle(), atol=1e-3)


def test_start_and_orientation_do_not_depend_on_the_seed():
    matrix = human.structure("ess9_de").to_numpy()
    one, other = (maps.value_map(matrix, seed=s) for s in (1, 2))
    assert one.stress == pytest.approx(other.stress, abs=1e-5)
    assert np.allclose(one.points, other.points, atol=0.01)


def test_point_stress_sums_to_one():
    found = maps.value_map(human.structure("wvs6").to_numpy())
    assert found.point_stress.sum() == pytest.approx(1)
    assert (found.point_stress >= 0).all()


def test_ordinal_fits_at_least_as_well_as_metric():
    matrix = human.structure("gss2012_us").to_numpy()
    assert maps.value_map(matrix, ordinal=True).stress < maps.value_map(matrix).stress


def test_procrustes_undoes_any_similarity():
    rng = np.random.default_rng(1)
    points = rng.standard_normal((10, 2))
    turn = np.array([[np.cos(1.1), -np.sin(1.1)], [np.sin(1.1), np.cos(1.1)]]) @ np.diag([1, -1])
    fit = maps.fit_to(points, 3.5 * points @ turn + [4, -2])
    assert fit.m2 == pytest.approx(0, abs=1e-12)
    assert fit.congruence == pytest.approx(1)
    assert np.allclose(fit.points, 3.5 * points @ turn + [4, -2])


def test_procrustes_disparity_equals_scipys():
    rng = np.random.default_rng(2)
    a, b = rng.standard_normal((2, 10, 2))
    assert maps.fit_to(a, b).m2 == pytest.approx(procrustes(b, a)[2])


def test_without_dilation_sizes_stay():
    rng = np.random.default_rng(3)
    a, b = rng.standard_normal((2, 10, 2))
    assert np.allclose(pdist(maps.fit_to(a, b, dilate=False).points), pdist(a))


def test_protest_finds_a_relation_and_none():
    rng = np.random.default_rng(4)
    points = rng.standard_normal((10, 2))
    assert maps.protest(points, points + 0.1 * rng.standard_normal((10, 2)), seed=0, draws=999) == 0.001
    p = [maps.protest(*rng.standard_normal((2, 10, 2)), seed=s, draws=199) for s in range(200)]
    assert np.mean(p) == pytest.approx(0.5, abs=0.07)


def test_real_structure_has_less_stress_than_permuted():
    matrix = human.structure("ess11_europe").to_numpy()
    chance = maps.permuted_stress(matrix, ordinal=False, seed=0, draws=60)
    assert maps.value_map(matrix).stress < np.quantile(chance, 0.05)
    assert chance.std() > 0.001
