import numpy as np
import pandas as pd
import populations
import pytest

from lib import human, instruments, scoring, strategies
from lib.errors import StudyError
from lib.values import CODES, CONDITIONS

SHARES = strategies.dominant_shares()
PVQ = instruments.load("pvq40")


def test_dominant_shares_are_the_tables():
    assert SHARES.sum() == pytest.approx(0.472)
    assert SHARES["BE"] == pytest.approx(0.135) and SHARES["TR"] == pytest.approx(0.113)
    assert list(SHARES.index) == list(CODES)
    assert strategies.dominant_shares("ess9_be", 0.7, "CO-TR")["CO"] == pytest.approx(0.055)


def test_order_swaps_tradition_and_conformity():
    swapped = strategies.dominant_shares(order="CO-TR")
    assert SHARES["TR"] > SHARES["CO"] and swapped["CO"] > swapped["TR"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sample": "gss2012_us"}, "'gss2012_us'. There is: ess11_europe, ess9_be, ess9_de"),
        ({"threshold": 0.5}, "Unknown threshold 0.5. There is: 0.5636, 0.6, 0.62"),
        ({"order": "TR"}, "Unknown order 'TR'. There is: CO-TR, TR-CO"),
    ],
)
def test_what_is_not_in_the_table_is_an_error_that_lists_it(arguments, message):
    with pytest.raises(StudyError, match=message):
        strategies.dominant_shares(**arguments)


def test_human_strategies_follow_their_formulas():
    norm, even, none = (f(SHARES).weights for f in (strategies.h_norm, strategies.h_even, strategies.h_np))
    assert norm["BE"] == pytest.approx(0.135 / 0.472) and norm["none"] == 0
    assert even["BE"] == pytest.approx(0.135 + 0.528 / 10) and even["PO"] == pytest.approx(0.002 + 0.0528)
    assert none["BE"] == pytest.approx(0.135) and none["none"] == pytest.approx(0.528)
    for weights in (norm, even, none, strategies.uniform().weights):
        assert weights.sum() == pytest.approx(1) and list(weights.index) == list(CONDITIONS)


def test_equal_shares_make_all_strategies_uniform():
    uniform = strategies.uniform().weights
    few, all_ten = (pd.Series(share, index=list(CODES)) for share in (0.03, 0.1))
    for population in (strategies.h_even(few), strategies.h_norm(few), strategies.h_np(all_ten)):
        assert np.allclose(population.weights, uniform)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"PO": 0.5, "AC": 0.4}, "sum to 0.9. Divide them by their sum"),
        ({"PO": 1.2, "AC": -0.2}, "PO 1.2, AC -0.2"),
        ({"PO": 1.0, "AC": np.nan}, "AC nan"),
        ({"PO": 0.5, "XX": 0.5}, "Unknown condition 'XX'. There is: AC, "),
    ],
)
def test_weights_that_are_none_are_refused(weights, message):
    with pytest.raises(StudyError, match=message):
        strategies.Population("mine", pd.Series(weights))


def scores_with_own_lift(lift: np.ndarray) -> pd.DataFrame:
    """Respondents whose own value is raised by so much above the mean of all primes."""
    items = populations.likelihood(PVQ, populations.of_values(PVQ, np.diag(lift) * 10 / 9))
    return scoring.value_scores(scoring.item_responses(items, PVQ), PVQ, centred=False)


def test_model_specific_weights_are_the_positive_lifts():
    lift = np.array([1.0, 2.0, 0, 0, 3.0, 0, 0, 4.0, 0, -5.0])
    weights = strategies.model_specific(scores_with_own_lift(lift)).weights
    assert np.allclose(weights[list(CODES)], np.maximum(lift, 0) / 10)


def test_no_lift_at_all_is_an_error():
    with pytest.raises(StudyError, match="No prime raises its own value"):
        strategies.model_specific(scores_with_own_lift(np.full(10, -1.0)))


def test_profiles_have_the_samples_moments():
    profiles = strategies.h_profile("ess11_europe", 1.0).profiles
    means = human.means("ess11_europe")
    scale = np.sqrt((means["cent_sd"] ** 2).mean())
    assert np.allclose(profiles.mean, means["cent_mean"] / scale)
    covariance = human.structure("ess11_europe").to_numpy() * np.outer(means["cent_sd"], means["cent_sd"]) / scale**2
    assert np.allclose(profiles.root, profiles.root.T)
    assert np.allclose(profiles.root @ profiles.root, covariance, atol=1e-10)


def test_a_matrix_that_is_not_positive_is_mended():
    """The correlations of svs_uk have an eigenvalue of -.0001; wvs6's lowest is rounded to below zero as well."""
    root = strategies.h_profile("wvs6", 1.0).profiles.root
    means = human.means("wvs6")
    sd = means["cent_sd"] / np.sqrt((means["cent_sd"] ** 2).mean())
    assert np.isfinite(root).all()
    assert np.allclose(root @ root, human.structure("wvs6").to_numpy() * np.outer(sd, sd), atol=1e-3)


def test_temperature_goes_from_the_strongest_value_to_all_alike():
    rng = np.random.default_rng(3)
    cold, hot = (strategies.h_profile("ess9_de", t).profiles.draw(500, rng) for t in (1e-3, 1e6))
    assert np.allclose(cold.sum(axis=1), 1) and (cold.max(axis=1) > 0.99).mean() > 0.98
    assert np.allclose(hot, 0.1, atol=1e-5)


def test_profiles_need_a_temperature_and_a_sample_with_means():
    with pytest.raises(StudyError, match="temperature is 0; it must be above 0"):
        strategies.h_profile("ess11_europe", 0)
    with pytest.raises(StudyError, match="Unknown reference with means 'svs_uk'. There is: ess11_europe, "):
        strategies.h_profile("svs_uk", 1.0)
