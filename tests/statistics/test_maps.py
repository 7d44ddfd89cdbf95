"""Value maps: published stress, other programs, planted configurations, every order there is."""

import warnings
from itertools import permutations

import numpy as np
import pytest
from scipy.spatial import procrustes
from scipy.spatial.distance import pdist, squareform
from scipy.stats import kstest

from lib.materials import references
from lib.materials.values import circle, cosine_matrix
from lib.statistics import fit_to, permuted_stress, protest, value_map
from lib.statistics.maps import classical, dissimilarities, smacof

CIRCLE = circle().to_numpy()

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
    found = smacof(squareform(colours), classical(colours), ordinal=True)
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
    assert smacof(delta, classical(colours)).stress == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("ordinal", [False, True])
def test_a_planted_map_is_recovered(ordinal):
    points = np.random.default_rng(0).standard_normal((12, 2))
    found = smacof(pdist(points), classical(squareform(pdist(points))), ordinal)
    assert found.stress < 1e-4
    assert fit_to(found.points, points).congruence == pytest.approx(1, abs=1e-6)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def of_people(name: str, seed: int = 0, ordinal: bool = False):
    return value_map(references.structure(name).to_numpy(), CIRCLE, rng(seed), ordinal)


def test_dissimilarity_is_the_distance_of_standardised_variables():
    scores = rng().standard_normal((30, 6))
    z = (scores - scores.mean(axis=0)) / scores.std(axis=0) / np.sqrt(30)
    assert np.allclose(dissimilarities(np.corrcoef(scores.T)), squareform(pdist(z.T)))


def test_classical_scaling_gives_distances_in_the_plane_back():
    points = rng(2).standard_normal((9, 2))
    found = classical(squareform(pdist(points)))
    assert np.allclose(pdist(found), pdist(points))
    assert found.mean(axis=0) == pytest.approx([0, 0], abs=1e-12)


def test_the_ideal_circle_maps_onto_itself():
    found = value_map(cosine_matrix().to_numpy(), CIRCLE, rng())
    assert found.stress < 1e-6
    assert np.allclose(found.points, CIRCLE, atol=1e-3)


def test_start_and_orientation_do_not_depend_on_the_seed():
    one, other = (of_people("ess9_de", seed) for seed in (1, 2))
    assert one.stress == pytest.approx(other.stress, abs=1e-5)
    assert np.allclose(one.points, other.points, atol=0.01)


def test_stress_is_kruskals_formula_with_the_best_scale():
    found = of_people("gss2012_us")
    target, d = squareform(dissimilarities(references.structure("gss2012_us").to_numpy())), pdist(found.points)
    residuals = target - d * (target @ d) / (d @ d)
    assert found.stress == pytest.approx(np.sqrt((residuals**2).sum() / (target**2).sum()), abs=1e-6)
    by_point = squareform(residuals**2).sum(axis=1)
    assert found.point_stress == pytest.approx(by_point / by_point.sum(), abs=1e-4)
    assert found.point_stress.sum() == pytest.approx(1)


def test_maps_are_centred_and_of_size_one():
    points = of_people("wvs6").points
    assert points.mean(axis=0) == pytest.approx([0, 0], abs=1e-9) and (points**2).sum() == pytest.approx(10)


def test_ordinal_fits_at_least_as_well_as_metric():
    assert of_people("gss2012_us", ordinal=True).stress < of_people("gss2012_us").stress


def test_an_ordinal_map_knows_the_order_only():
    matrix = references.structure("svs_uk").to_numpy()
    stretched = 1 - (1 - matrix) ** 3 / 4  # falls where the correlation falls
    one, other = (value_map(m, CIRCLE, rng(), ordinal=True).stress for m in (matrix, stretched))
    assert one == pytest.approx(other, abs=1e-3)


def test_procrustes_undoes_any_similarity():
    rng = np.random.default_rng(1)
    points = rng.standard_normal((10, 2))
    turn = np.array([[np.cos(1.1), -np.sin(1.1)], [np.sin(1.1), np.cos(1.1)]]) @ np.diag([1, -1])
    fit = fit_to(points, 3.5 * points @ turn + [4, -2])
    assert fit.m2 == pytest.approx(0, abs=1e-12)
    assert fit.congruence == pytest.approx(1)
    assert np.allclose(fit.points, 3.5 * points @ turn + [4, -2])


def test_procrustes_disparity_equals_scipys():
    rng = np.random.default_rng(2)
    a, b = rng.standard_normal((2, 10, 2))
    assert fit_to(a, b).m2 == pytest.approx(procrustes(b, a)[2])


def test_without_dilation_sizes_stay():
    rng = np.random.default_rng(3)
    a, b = rng.standard_normal((2, 10, 2))
    assert np.allclose(pdist(fit_to(a, b, dilate=False).points), pdist(a))


def test_either_map_may_be_fitted_to_the_other():
    a, b = rng(4).standard_normal((2, 10, 2))
    assert fit_to(a, b).m2 == pytest.approx(fit_to(b, a).m2)
    assert fit_to(a, b).congruence == pytest.approx(fit_to(b, a).congruence)


def test_protests_p_nears_that_of_every_order():
    a, b = rng(5).standard_normal((2, 6, 2))
    b += 0.5 * a
    fits = np.array([fit_to(a[list(order)], b).m2 for order in permutations(range(6))])
    exact = (fits <= fit_to(a, b).m2 + 1e-12).mean()
    assert protest(a, b, rng(), 9_999) == pytest.approx(exact, abs=0.015)


def test_protest_finds_a_relation_and_is_uniform_without_one():
    draw = rng(4)
    points = draw.standard_normal((10, 2))
    assert protest(points, points + 0.1 * draw.standard_normal((10, 2)), draw, 999) == 0.001
    p = [protest(*draw.standard_normal((2, 10, 2)), draw, 199) for _ in range(300)]
    assert kstest(p, "uniform").pvalue > 0.01


def test_real_structure_has_less_stress_than_permuted():
    matrix = references.structure("ess11_europe").to_numpy()
    chance = permuted_stress(matrix, False, rng(), 60)
    assert value_map(matrix, CIRCLE, rng()).stress < np.quantile(chance, 0.05)
    assert chance.std() > 0.001
