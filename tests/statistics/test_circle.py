"""The order on the circle and the sinusoid round it: published counts, other programs, planted circles."""

from itertools import permutations

import numpy as np
import pytest
from circumplex.core.parameters import ssm_parameters
from hypothesis import given
from hypothesis import strategies as st
from rthor import _core as rthor_core
from scipy.stats import kstest

from lib.errors import StudyError
from lib.materials import references
from lib.materials.values import angles, cosine_matrix, steps_apart
from lib.statistics import (
    angular_distance,
    axis_shares,
    by_steps,
    circle,
    circle_order,
    random_structure,
    structural_summary,
)

HUMAN = references.structure("pvq40_us_2017").to_numpy()
COSINE = cosine_matrix().to_numpy().round(10)  # so that equal cosines are ties
ANGLES = angles().to_numpy()


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def ideal(n: int) -> np.ndarray:
    theta = 2 * np.pi * np.arange(n) / n
    return np.cos(theta[:, None] - theta[None, :]).round(10)


# ── Order ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("n", "predictions"), [(6, 72), (8, 288), (10, 800)])
def test_a_circle_makes_as_many_predictions_as_published(n, predictions):
    """72 for the six types of the hexagon (Rounds, Tracey & Hubert 1992), 288 for an octagon."""
    found = circle_order(ideal(n), rng(), 99)
    assert (found.predictions, found.agreements, found.ci) == (predictions, predictions, 1)


def test_a_circle_turned_inside_out_meets_none():
    found = circle_order(-ideal(8), rng(), 99)
    assert (found.agreements, found.ci, found.p) == (0, -1, 1)


def test_ties_count_half():
    found = circle_order(np.full((6, 6), 0.3), rng(), 9)
    assert (found.agreements, found.ci) == (0, 0)


@pytest.mark.parametrize("name", ["pvq40_us_2017", "ess11_europe", "wvs6", "ideal"])
def test_correspondence_index_equals_rthors(name):
    """The parts of rthor 0.2.1 that rthor.test(matrix, order=steps) is made of."""
    matrix = COSINE if name == "ideal" else references.structure(name).to_numpy()
    order = [int(s) for s in steps_apart().to_numpy()[np.triu_indices(10, 1)]]
    hypothesis, _, predictions = rthor_core.generate_hypothesis(order, 10)
    agreements, ties = rthor_core.calculate_fit(matrix, hypothesis)
    found = circle_order(matrix, rng(), 9)
    assert (found.agreements, found.predictions) == (agreements, predictions)
    assert found.ci == pytest.approx(rthor_core.calculate_ci(agreements, ties, predictions))


def test_the_best_order_of_six_is_found_by_two_in_twelve_relabellings_of_sixty():
    """Of 720 orders the twelve turns and reflections of a perfect hexagon fit as well: p = 1/60, exact."""
    matrix = ideal(6)
    fits = [circle_order(matrix[np.ix_(order, order)], rng(), 1).agreements for order in permutations(range(6))]
    assert np.mean(np.array(fits) == 72) == 1 / 60
    assert circle_order(matrix, rng(), 9_999).p == pytest.approx(1 / 60, abs=0.005)


def test_p_is_uniform_without_a_circle():
    draw = rng(3)
    p = [circle_order(np.corrcoef(draw.standard_normal((7, 12))), draw, 99).p for _ in range(300)]
    assert kstest(p, "uniform").pvalue > 0.01


def test_people_lie_on_a_circle():
    assert circle_order(HUMAN, rng(), 999).p == 0.001


def test_an_order_needs_four():
    with pytest.raises(StudyError, match="at least four things; this matrix has 3"):
        circle_order(np.eye(3), rng())


def test_mean_correlation_by_steps_is_the_cosine_on_a_circle_and_falls_in_people():
    assert by_steps(COSINE) == pytest.approx([np.cos(np.deg2rad(36 * s)) for s in range(1, 6)])
    assert (np.diff(by_steps(HUMAN)) < 0).all()
    assert by_steps(np.arange(9).reshape(3, 3)).tolist() == [(1 + 2 + 5) / 3]


def test_steps_are_those_of_the_theory():
    assert (circle.steps_apart(10) == steps_apart().to_numpy()).all()


# ── Axes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_circle_has_both_axes_and_two_camps_have_one():
    assert axis_shares(COSINE, ANGLES, 0.0) == pytest.approx((0.5, 0.5))
    camp = np.sign(np.cos(np.deg2rad(ANGLES - ANGLES[2])))
    first, second = axis_shares(np.outer(camp, camp), ANGLES, ANGLES[2])
    assert second == pytest.approx(0, abs=1e-12) and first > 0.8


@given(st.floats(0, 360))
def test_independent_scores_lie_along_every_axis_alike(first):
    assert axis_shares(np.eye(10), ANGLES, first) == pytest.approx((0.1, 0.1))
    assert axis_shares(random_structure(np.full(10, 4)), ANGLES, first) == pytest.approx((1 / 9, 1 / 9))


def test_a_share_is_the_variance_of_scores_seen_along_the_axis():
    z = rng(6).standard_normal((50, 10))
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    u = np.cos(np.deg2rad(ANGLES - 72))
    assert axis_shares(np.corrcoef(z.T), ANGLES, 72.0)[0] == pytest.approx((z @ u).var() / (u @ u) / 10)


# ── Sinusoid ───────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.floats(-0.5, 0.5), st.floats(0.05, 1), st.floats(0, 359.9), st.integers(4, 12))
def test_a_sinusoid_is_found_again(elevation, amplitude, peak, n):
    at = np.arange(n) * 360 / n
    profile = elevation + amplitude * np.cos(np.deg2rad(at - peak))
    found = structural_summary(profile[None], at)
    assert found.elevation[0] == pytest.approx(elevation, abs=1e-9)
    assert found.amplitude[0] == pytest.approx(amplitude)
    assert angular_distance(found.peak[0], peak) == pytest.approx(0, abs=1e-6)
    assert found.fit[0] == pytest.approx(1)


def test_a_peak_at_the_start_is_0_and_not_360():
    assert structural_summary(np.cos(np.deg2rad(ANGLES))[None], ANGLES).peak[0] == 0


def test_a_sinusoid_of_twice_the_frequency_does_not_fit():
    found = structural_summary(np.cos(2 * np.deg2rad(ANGLES))[None], ANGLES)
    assert found.fit[0] == pytest.approx(0, abs=1e-12) and found.amplitude[0] == pytest.approx(0, abs=1e-12)


def test_summaries_equal_circumplex():
    profiles = rng(5).standard_normal((8, 10))
    ours = structural_summary(profiles, ANGLES)
    for i, profile in enumerate(profiles):
        theirs = ssm_parameters(profile, np.deg2rad(ANGLES))
        expected = [theirs[part] for part in ("elevation", "amplitude", "fit")]
        assert [ours.elevation[i], ours.amplitude[i], ours.fit[i]] == pytest.approx(expected)
        assert ours.peak[i] == pytest.approx(np.rad2deg(theirs["displacement"]))


@given(st.floats(-720, 720), st.floats(-720, 720))
def test_angles_are_apart_the_short_way_round(a, b):
    found = float(angular_distance(a, b))
    assert 0 <= found <= 180
    assert np.cos(np.deg2rad(found)) == pytest.approx(np.cos(np.deg2rad(a - b)), abs=1e-9)
    assert found == pytest.approx(float(angular_distance(b, a)), abs=1e-9)


def test_angles_worked_by_hand():
    assert angular_distance(np.array([350, 0, 90]), np.array([10, 180, 90])).tolist() == [20, 180, 0]
