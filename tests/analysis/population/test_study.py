from dataclasses import replace

import numpy as np
import planted
import pytest

from lib.analysis import study as plain
from lib.analysis.alignment import CHECK
from lib.analysis.population import strategies
from lib.analysis.population.sampling import default_slope
from lib.analysis.population.study import PopulationStudy, behavior_estimates, compare, compose, value_estimates
from lib.errors import StudyError
from lib.materials.instruments import load

PVQ, SURVEY = load("pvq40"), load("social_survey")
ACTS = planted.likelihood(SURVEY, np.random.default_rng(0).standard_normal((10, 148)), planted.TWO)
VALUES = planted.likelihood(PVQ, planted.of_values(PVQ, planted.symmetric_root(planted.human())), planted.TWO)


@pytest.fixture(scope="module", autouse=True)
def models(tmp_path_factory):
    elsewhere = planted.likelihood(SURVEY, np.zeros((10, 148)), [("matters", "I")])
    rated = planted.choice(PVQ, np.full(6, 1 / 6))
    answers = {"whole": [VALUES, ACTS, rated], "apart": [VALUES, elsewhere], "alone": [VALUES]}
    with planted.recorded(tmp_path_factory.mktemp("answers"), **answers):
        yield


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_respondents": 10}, "n_respondents is 10; it must be a whole number from 1,000"),
        ({"threshold": 0.5}, "Unknown threshold 0.5"),
        ({"shares_from": "svs_uk"}, "Unknown sample with dominant values 'svs_uk'"),
        ({"order": "CO"}, "Unknown order 'CO'"),
        ({"slope": -1.0}, "slope is -1.0; it must be 0 or more"),
        ({"model": "gpt-9"}, "Unknown model 'gpt-9'"),
    ],
)
def test_parameters_are_checked(parameters, message):
    with pytest.raises(StudyError, match=message):
        PopulationStudy(**{"model": "whole"} | parameters)


def test_another_number_of_people_goes_to_a_folder_of_its_own():
    assert PopulationStudy("whole").tables == plain.Study("whole").tables
    assert PopulationStudy("whole", n_respondents=2_000, order="CO-TR").figures.name == "whole+2000+CO-TR"


def test_the_slope_is_that_of_the_values_for_every_questionnaire():
    study = PopulationStudy("whole")
    assert study.link_slope == pytest.approx(default_slope(VALUES), rel=1e-5)
    assert PopulationStudy("whole", slope=2.0).link_slope == 2.0
    assert PopulationStudy("whole", mode="choice").link_slope is None
    default, given = study.distributions(SURVEY), study.distributions(SURVEY, study.link_slope)
    assert np.array_equal(default.above, given.above)


def test_the_six_strategies_are_composed_with_the_studys_shares():
    composed = compose(PopulationStudy("whole", order="CO-TR", shares_from="ess9_de"), 0.5)
    assert tuple(composed) == tuple(strategies.LABELS)
    shares = strategies.dominant_shares("ess9_de", 0.62, "CO-TR")
    assert composed["h_norm"].weights["CO"] == pytest.approx(shares["CO"] / shares.sum())
    profiles = strategies.h_profile("ess9_de", 0.5, np.random.default_rng(0)).profiles
    assert np.array_equal(composed["h_profile"].profiles.mean, profiles.mean)
    assert composed["model_specific"].weights.sum() == pytest.approx(1)


def test_strategies_and_questionnaires_have_people_of_their_own():
    """But the same study gives the same people again."""
    study, one = PopulationStudy("whole", n_respondents=1_000), strategies.uniform()
    asked, acted = study.distributions(PVQ), study.distributions(SURVEY)
    first, again = (value_estimates(study, one, asked, draws=0) for _ in range(2))
    other = value_estimates(study, replace(one, strategy="other"), asked, draws=0)
    both = behavior_estimates(study, one, asked, acted)
    assert np.array_equal(first.mean, again.mean)
    assert not np.array_equal(first.mean, other.mean) and not np.array_equal(first.mean[0], both.mean[0])
    assert both.correlation.shape[1:] == (10, 47)


def test_everything_is_simulated_and_compared_with_what_people_give():
    study = PopulationStudy("whole", n_respondents=1_000)
    result = compare(study, {"uniform": strategies.uniform()})
    assert set(result.behavior_side) == {"social_survey"} and result.scales["social_survey"] == SURVEY.scales
    targets = result.targets("social_survey")
    assert {t.reference for t in targets} == {"gss2012_us", "ess9_be"} and CHECK not in {t.scope for t in targets}
    assert result.messages[0].startswith("Relations of the values with bfi2 are left out. Unknown answers of whole")


@pytest.mark.parametrize(("model", "why"), [("alone", "Unknown answers of alone"), ("apart", "share no wording")])
def test_behaviour_that_cannot_be_used_is_named(model, why):
    result = compare(PopulationStudy(model, n_respondents=1_000), {"uniform": strategies.uniform()})
    assert not result.behavior_side
    assert any("with social_survey are left out." in m and why in m for m in result.messages)
