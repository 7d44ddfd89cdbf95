import numpy as np
import pandas as pd
import planted
import pytest

from lib.analysis.population import strategies
from lib.analysis.respondents import respondents
from lib.analysis.scoring import item_responses
from lib.errors import StudyError
from lib.materials import instruments, references
from lib.materials.values import CODES, CONDITIONS

SHARES = strategies.dominant_shares()
PVQ = instruments.load("pvq40")


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


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
    assert even["BE"] == pytest.approx(0.135 + 0.0528) and even["none"] == 0
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


def test_model_specific_weights_are_the_positive_lifts():
    """A respondent's own centred score less the mean over the ten primes, by pandas."""
    raised = np.diag([1.0, 2.0, 0, 0, 3.0, 0, 0, 4.0, 0, -5.0])
    items = item_responses(planted.likelihood(PVQ, planted.of_values(PVQ, raised)), PVQ)
    group = respondents(items, PVQ, "definition")
    scores = group.frame()
    lift = scores - scores.groupby(level=["wording", "person"]).transform("mean")
    own = lift.groupby(level="condition").mean().loc[list(CODES)].to_numpy().diagonal()
    weights = strategies.model_specific(group).weights
    assert weights[list(CODES)].to_numpy() == pytest.approx(np.maximum(own, 0) / np.maximum(own, 0).sum())
    assert weights["TR"] > weights["SD"] > weights["AC"] > weights["PO"] and weights["SE"] == weights["none"] == 0


def test_no_lift_at_all_is_an_error():
    own = np.array([[scale == code for scale in PVQ.key.values()] for code in CODES])
    items = item_responses(planted.likelihood(PVQ, -1.0 * own), PVQ)
    with pytest.raises(StudyError, match="No prime raises its own value"):
        strategies.model_specific(respondents(items, PVQ, "definition"))


def test_profiles_have_the_samples_moments():
    profiles = strategies.h_profile("ess11_europe", 1.0, rng()).profiles
    means = references.means("ess11_europe")
    scale = np.sqrt((means["cent_sd"] ** 2).mean())
    assert np.allclose(profiles.mean, means["cent_mean"] / scale)
    sd = means["cent_sd"] / scale
    assert np.allclose(profiles.root, profiles.root.T)
    assert np.allclose(profiles.root @ profiles.root, planted.human("ess11_europe") * np.outer(sd, sd), atol=1e-10)


def test_a_matrix_that_is_not_positive_is_mended():
    """The correlations of svs_uk have an eigenvalue of -.0001; wvs6's lowest is rounded to below zero as well."""
    root = strategies.h_profile("wvs6", 1.0, rng()).profiles.root
    means = references.means("wvs6")
    sd = means["cent_sd"] / np.sqrt((means["cent_sd"] ** 2).mean())
    assert np.isfinite(root).all()
    assert np.allclose(root @ root, planted.human("wvs6") * np.outer(sd, sd), atol=1e-3)


def test_temperature_goes_from_the_strongest_value_to_all_alike():
    cold, hot = (strategies.h_profile("ess9_de", t, rng()).profiles.draw(500, rng(3)) for t in (1e-3, 1e6))
    assert np.allclose(cold.sum(axis=1), 1) and (cold.max(axis=1) > 0.99).mean() > 0.98
    assert np.allclose(hot, 0.1, atol=1e-5)


def test_mean_weights_of_profiles_are_those_of_the_people_drawn():
    one = strategies.h_profile("ess11_europe", 0.5, rng())
    drawn = one.profiles.draw(20_000, rng(9))
    assert one.weights[list(CODES)].to_numpy() == pytest.approx(drawn.mean(axis=0), abs=0.01)


def test_profiles_need_a_temperature_and_a_sample_with_means():
    with pytest.raises(StudyError, match="temperature is 0; it must be above 0"):
        strategies.h_profile("ess11_europe", 0, rng())
    with pytest.raises(StudyError, match="Unknown reference with means 'svs_uk'. There is: ess11_europe, "):
        strategies.h_profile("svs_uk", 1.0, rng())
