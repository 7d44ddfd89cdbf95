from dataclasses import replace

import numpy as np
import pandas as pd
import populations
import pytest
from scipy.stats import chisquare

from lib import behavior, human, instruments, population, population_bench, scoring, strategies, structure
from lib.errors import StudyError
from lib.population import LOGISTIC_SD
from lib.values import CODES, CONDITIONS

PVQ, SURVEY = instruments.load("pvq40"), instruments.load("social_survey")
UNIFORM = strategies.uniform()
HUMAN = human.structure("pvq40_us_2017").to_numpy()
CIRCLE = populations.likelihood(PVQ, populations.of_values(PVQ, populations.symmetric_root(HUMAN)))


def of_one(code: str) -> strategies.Population:
    return strategies.Population("one", pd.Series({code: 1.0}))


def within_cells(people: population.People, scores: np.ndarray) -> np.ndarray:
    means = np.stack([scores[people.cell == c].mean(axis=0) for c in range(len(people.cells))])
    return np.corrcoef((scores - means[people.cell]).T)


def answered(answers, n, seed=1, one=UNIFORM, instrument=PVQ, slope=None):
    asked = population.distributions(answers, instrument, slope)
    people = population.draw(one, asked.cells, n, seed)
    return people, population.respond(people, asked, seed)


# ── The link ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("options", [2, 5, 6])
def test_no_endorsement_or_no_slope_is_uniform(options):
    uniform = 1 - np.arange(1, options) / options
    assert np.allclose(population.link(0.0, options, 3.0), uniform)
    assert np.allclose(population.link(np.array([-2.0, 5.0]), options, 0.0), uniform)


def test_the_link_rises_and_is_symmetric():
    endorsed = np.linspace(-4, 4, 41)
    above = population.link(endorsed, 6, 1.7)
    assert (np.diff(above, axis=0) > 0).all() and (np.diff(above, axis=1) < 0).all()
    assert np.allclose(above, 1 - population.link(-endorsed, 6, 1.7)[:, ::-1])


def test_the_default_slope_makes_prime_and_chance_equal():
    spread = np.tile([0.3, -0.3], 20)
    slope = population.default_slope(populations.likelihood(PVQ, np.tile(spread, (10, 1))))
    assert slope == pytest.approx(LOGISTIC_SD / np.std(spread, ddof=1))
    with pytest.raises(StudyError, match="give `slope` a number"):
        population.default_slope(populations.likelihood(PVQ, np.zeros((10, 40))))


def test_expected_ratings_are_the_formulas():
    """E(rating) = 1 + Σ P(rating > k); 40 items of two endorsements, each mean within 4 standard errors."""
    endorsed = np.tile([0.0, 0.8], 20)
    _, ratings = answered(populations.likelihood(PVQ, np.tile(endorsed, (10, 1))), 40_000, slope=1.5)
    expected = 1 + population.link(endorsed, 6, 1.5).sum(axis=1)
    error = ratings.std(axis=0) / np.sqrt(len(ratings))
    assert (np.abs(ratings.mean(axis=0) - expected) < 4 * error).all()
    assert expected[0] == pytest.approx(3.5)


# ── Distributions ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_choice_is_drawn_as_recorded_without_the_mass_on_no_option():
    shares = np.array([0.05, 0.1, 0.4, 0.1, 0.2, 0.05])
    _, ratings = answered(populations.choice(PVQ, shares), 5_000)
    counts = np.bincount(ratings.ravel(), minlength=7)[1:]
    assert ratings.dtype == np.int8 and counts.sum() == ratings.size
    assert chisquare(counts, shares / shares.sum() * ratings.size).pvalue > 0.01


def test_stated_ratings_are_drawn_by_their_shares():
    answers = populations.choice(PVQ, np.full(6, 1 / 6)).assign(mode="text", probabilities=None)
    replicates = pd.concat([answers.assign(response=r) for r in (2, 2, 5)] + [answers.assign(status="refused")])
    asked = population.distributions(replicates, PVQ)
    assert np.allclose(asked.above[0, 3, :, 7], [1, 1 / 3, 1 / 3, 1 / 3, 0])


def test_one_mode_and_one_induction_at_a_time():
    with pytest.raises(StudyError, match="one mode at a time; these are choice, likelihood"):
        population.distributions(pd.concat([CIRCLE, populations.choice(PVQ, np.full(6, 1 / 6))]), PVQ)
    with pytest.raises(StudyError, match="one induction at a time; these are definition, name"):
        population.distributions(pd.concat([CIRCLE, CIRCLE.assign(induction="name")]), PVQ)


def test_a_value_without_answers_is_an_error_only_where_it_is_needed():
    lacking = CIRCLE.assign(status=CIRCLE["status"].mask(CIRCLE["condition"] == "TR", "error"))
    with pytest.raises(StudyError, match="pvq40 has no valid answers under TR, which the population needs. Ask them"):
        answered(lacking, 100)
    _, ratings = answered(lacking, 100, one=of_one("CO"))
    assert (ratings > 0).all()
    with pytest.raises(StudyError, match="under TR"):
        answered(lacking, 100, one=strategies.h_profile("ess11_europe", 1.0))


def test_nothing_that_was_answered_is_an_error():
    with pytest.raises(StudyError, match="has no wording and person in which all of its conditions"):
        population.distributions(CIRCLE.assign(status="refused"), PVQ, slope=1.0)


def test_an_item_without_a_valid_answer_is_left_out_of_its_cell():
    lost = (CIRCLE["wording"] == "plain") & (CIRCLE["item"] == "pvq40_02") & (CIRCLE["condition"] == "HE")
    people, ratings = answered(CIRCLE.assign(status=CIRCLE["status"].mask(lost, "refused")), 2_000)
    plain = people.cell == list(people.cells).index(("plain", "he"))
    assert (ratings[plain, 1] == 0).all() and (ratings[~plain, 1] > 0).all()
    assert (np.delete(ratings, 1, axis=1) > 0).all()
    items = population.item_responses(people, ratings, PVQ)
    assert items["pvq40_02"].isna().to_numpy().tolist() == plain.tolist()
    assert np.allclose(population.scores(ratings, PVQ), scoring.value_scores(items, PVQ) / 5)


# ── People ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_people_are_drawn_by_weight_and_all_cells_alike():
    people = population.draw(
        strategies.h_np(strategies.dominant_shares()),
        pd.MultiIndex.from_tuples([(w, p) for w in "abcd" for p in "xy"], names=["wording", "person"]),
        50_000,
        3,
    )
    shares = np.bincount(people.condition, minlength=11) / 50_000
    expected = strategies.h_np(strategies.dominant_shares()).weights.to_numpy()
    assert (np.abs(shares - expected) < 4 * np.sqrt(expected / 50_000)).all()
    assert np.bincount(people.cell) == pytest.approx(np.full(8, 6_250), abs=350)
    groups = list(people.groups())
    assert groups[0][0] == 0 and groups[-1][1] == 50_000
    assert all((people.condition[a:b] == c).all() and (people.cell[a:b] == k).all() for a, b, k, c in groups)


def test_a_seed_gives_the_same_people_again():
    first, again, other = (answered(CIRCLE, 300, seed)[1] for seed in (5, 5, 6))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_equal_weights_under_another_name_change_nothing():
    even = strategies.h_even(pd.Series(0.1, index=list(CODES)))
    assert np.array_equal(answered(CIRCLE, 500, one=even)[1], answered(CIRCLE, 500, one=UNIFORM)[1])


def test_nobody_is_no_population():
    with pytest.raises(StudyError, match="n_respondents is 0"):
        answered(CIRCLE, 0)


def test_a_person_keeps_its_cell_and_prime_in_every_questionnaire():
    """One prime endorses everything in both, so who rates high in one rates high in the other."""
    endorsed = {i.id: np.repeat(np.r_[9.0, np.zeros(9)][:, None], len(i.key), axis=1) for i in (PVQ, SURVEY)}
    asked = [population.distributions(populations.likelihood(i, endorsed[i.id]), i, 1.0) for i in (PVQ, SURVEY)]
    people = population.draw(UNIFORM, asked[0].cells, 2_000, 1)
    values, survey = (population.respond(people, a, 1) for a in asked)
    primed = people.condition == CONDITIONS.index("PO")
    assert np.array_equal(values.mean(axis=1) > 5.5, primed) and np.array_equal(survey.mean(axis=1) > 4.5, primed)


def test_questionnaires_get_random_numbers_of_their_own():
    """Two whose answers are all at random are not related, person by person."""
    other = replace(PVQ, id="other")
    asked = [population.distributions(populations.likelihood(i, np.zeros((10, 40))), i, 1.0) for i in (PVQ, other)]
    people = population.draw(UNIFORM, asked[0].cells, 2_000, 1)
    one, two = (population.respond(people, a, 1).ravel() for a in asked)
    assert abs(np.corrcoef(one, two)[0, 1]) < 4 / np.sqrt(len(one))


def test_people_of_another_cell_are_refused():
    asked = population.distributions(CIRCLE[CIRCLE["wording"] == "plain"], PVQ)
    people = population.draw(UNIFORM, population.distributions(CIRCLE, PVQ).cells, 10, 1)
    with pytest.raises(StudyError, match="no answers for wording, person .*imagine"):
        population.respond(people, asked, 1)


def test_a_profile_answers_from_the_mixture_of_its_primes():
    endorsed = np.repeat(np.linspace(-2, 2, 10)[:, None], 40, axis=1)
    asked = population.distributions(populations.likelihood(PVQ, endorsed), PVQ, 1.0)
    people = population.draw(strategies.h_profile("ess9_be", 0.5), asked.cells, 20_000, 2)
    ratings = population.respond(people, asked, 2)
    expected = people.mixture @ (1 + population.link(endorsed[:, 0], 6, 1.0).sum(axis=1))
    residual = ratings.mean(axis=1) - expected
    assert abs(residual.mean()) < 4 * residual.std() / np.sqrt(len(residual))
    slope = np.polyfit(expected, ratings.mean(axis=1), 1)[0]
    assert slope == pytest.approx(1, abs=0.03)


# ── Scores ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_scores_are_those_of_the_projects_scoring():
    people, ratings = answered(CIRCLE, 400)
    items = population.item_responses(people, ratings, PVQ)
    assert np.allclose(population.scores(ratings, PVQ), scoring.value_scores(items, PVQ) / 5)


def test_behaviours_are_centred_as_in_the_project():
    rng = np.random.default_rng(0)
    answers = populations.likelihood(SURVEY, rng.standard_normal((10, len(SURVEY.key))))
    people, ratings = answered(answers, 300, instrument=SURVEY)
    items = population.item_responses(people, ratings, SURVEY)
    turned = [item.id for item in SURVEY.items if item.reversed]
    assert np.array_equal(items[turned], 6 - ratings[:, [item.reversed for item in SURVEY.items]])
    unturned = items.sub(3)  # from the middle option, so that turning is a change of sign
    centred = behavior.centred(unturned, SURVEY)
    expected = centred.T.groupby(pd.Series(SURVEY.key)).mean().T[list(SURVEY.scales)]
    assert np.allclose(population.scores(ratings, SURVEY), expected / 4)


def test_a_single_scale_takes_the_readiness_from_elsewhere():
    scale = instruments.load("prosocialness")
    ratings = np.tile(np.array([[1], [3], [5]], dtype=np.int8), (1, len(scale.key)))
    assert population.readiness(ratings, scale).tolist() == [-0.5, 0, 0.5]
    assert population.scores(ratings, scale).ravel().tolist() == [-0.5, 0, 0.5]
    own = population.readiness(ratings, scale)
    assert np.allclose(population.scores(ratings, scale, own), 0)


# ── Known truths ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_human_structure_that_was_put_in_is_found():
    people, ratings = answered(CIRCLE, 20_000)
    found = within_cells(people, population.scores(ratings, PVQ))
    assert structure.pearson(structure.pairs(found), structure.pairs(HUMAN)) > 0.95


def test_a_hierarchy_that_was_put_in_is_found():
    means = human.means("gss2012_us")["cent_mean"].to_numpy()
    endorsed = populations.symmetric_root(HUMAN) + means
    _, ratings = answered(populations.likelihood(PVQ, populations.of_values(PVQ, endorsed)), 20_000)
    found = population.scores(ratings, PVQ).mean(axis=0)
    assert np.corrcoef(found, means)[0, 1] > 0.97
    assert (found.argsort() == means.argsort()).mean() >= 0.8


def centring_artefact(instrument) -> np.ndarray:
    """Correlations of centred scores of independent items: -1/N over the square root of (1/n_v - 1/N)(1/n_w - 1/N)."""
    sizes = np.array([sum(i.scale == code for i in instrument.items) for code in CODES])
    variance = 1 / sizes - 1 / sizes.sum()
    return -1 / (sizes.sum() * np.sqrt(np.outer(variance, variance)))


@pytest.mark.parametrize("equal", [True, False])
def test_random_answers_show_the_artefact_of_centring_alone(equal):
    kept = [i for code in CODES for i in [i for i in PVQ.items if i.scale == code][:3]]
    instrument = replace(PVQ, items=tuple(kept)) if equal else PVQ
    answers = populations.likelihood(instrument, np.zeros((10, len(instrument.items))))
    people, ratings = answered(answers, 40_000, instrument=instrument, slope=1.0)
    found = structure.pairs(within_cells(people, population.scores(ratings, instrument)))
    expected = structure.pairs(centring_artefact(instrument))
    assert np.abs(found - expected).max() < 4.5 / np.sqrt(40_000)
    assert found.mean() == pytest.approx(-1 / 9 if equal else expected.mean(), abs=0.002)


def test_simulate_is_the_short_way():
    people, ratings = answered(CIRCLE, 50, seed=4)
    items = population.simulate(CIRCLE, PVQ, UNIFORM, 50, 4)
    pd.testing.assert_frame_equal(items, population.item_responses(people, ratings, PVQ))
    assert items.index.names == scoring.RESPONDENT and set(items.index.get_level_values("induction")) == {"simulated"}


def test_the_benchmark_tells_its_ratio():
    found = population_bench.bench(people=200)
    assert found["ratio"] == pytest.approx(found["per_second"] / found["bare_per_second"])
    assert min(found.values()) > 0
