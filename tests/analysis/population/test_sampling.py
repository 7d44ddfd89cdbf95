from dataclasses import replace

import numpy as np
import pandas as pd
import planted
import pytest
from scipy.stats import chisquare

from lib.analysis.population import sampling, strategies
from lib.analysis.population.sampling import LOGISTIC_SD
from lib.analysis.respondents import Respondents
from lib.errors import StudyError
from lib.materials import instruments, references
from lib.materials.values import CODES, CONDITIONS
from lib.statistics import pairs, pearson

PVQ, SURVEY = instruments.load("pvq40"), instruments.load("social_survey")
UNIFORM = strategies.uniform()
HUMAN = planted.human()


def likelihood(instrument: instruments.Instrument, endorsed: np.ndarray) -> pd.DataFrame:
    return planted.likelihood(instrument, endorsed, planted.TWO)


CIRCLE = likelihood(PVQ, planted.of_values(PVQ, planted.symmetric_root(HUMAN)))


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def of_one(code: str) -> strategies.Population:
    return strategies.Population("one", pd.Series({code: 1.0}))


def answered(answers, n, seed=1, one=UNIFORM, instrument=PVQ, slope=None):
    asked = sampling.distributions(answers, instrument, slope)
    people = sampling.draw(one, asked.cells, n, rng(seed))
    return people, sampling.respond(people, asked, rng(seed + 100)), asked


def as_respondents(ratings: np.ndarray, instrument: instruments.Instrument, level=None) -> Respondents:
    """The same people as one cell of respondents with their ratings turned, 0 in the middle of the scale."""
    top = len(instrument.options) + 1
    rated = np.where(ratings > 0, ratings - top / 2, np.nan) * [-1 if i.reversed else 1 for i in instrument.items]
    one = pd.MultiIndex.from_tuples([("-", "-")], names=["wording", "person"])
    names = tuple(map(str, range(len(ratings))))
    return Respondents("people", "", instrument, rated[None], one, names, instrument.scales, level)


# ── The link ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("options", [2, 5, 6])
def test_no_endorsement_or_no_slope_is_uniform(options):
    uniform = 1 - np.arange(1, options) / options
    assert np.allclose(sampling.link(0.0, options, 3.0), uniform)
    assert np.allclose(sampling.link(np.array([-2.0, 5.0]), options, 0.0), uniform)


def test_the_link_rises_and_is_symmetric():
    endorsed = np.linspace(-4, 4, 41)
    above = sampling.link(endorsed, 6, 1.7)
    assert (np.diff(above, axis=0) > 0).all() and (np.diff(above, axis=1) < 0).all()
    assert np.allclose(above, 1 - sampling.link(-endorsed, 6, 1.7)[:, ::-1])


def test_the_default_slope_makes_prime_and_chance_equal():
    spread = np.tile([0.3, -0.3], 20)
    slope = sampling.default_slope(likelihood(PVQ, np.tile(spread, (10, 1))))
    assert slope == pytest.approx(LOGISTIC_SD / np.std(spread, ddof=1))
    with pytest.raises(StudyError, match="give `slope` a number"):
        sampling.default_slope(likelihood(PVQ, np.zeros((10, 40))))


def test_expected_ratings_are_the_formulas():
    """E(rating) = 1 + Σ P(rating > k); 40 items of two endorsements, each mean within 4 standard errors."""
    endorsed = np.tile([0.0, 0.8], 20)
    _, ratings, _ = answered(likelihood(PVQ, np.tile(endorsed, (10, 1))), 20_000, slope=1.5)
    expected = 1 + sampling.link(endorsed, 6, 1.5).sum(axis=1)
    error = ratings.std(axis=0) / np.sqrt(len(ratings))
    assert (np.abs(ratings.mean(axis=0) - expected) < 4 * error).all()
    assert expected[0] == pytest.approx(3.5)


# ── Distributions ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_choice_is_drawn_as_recorded_without_the_mass_on_no_option():
    shares = np.array([0.05, 0.1, 0.4, 0.1, 0.2, 0.05])
    _, ratings, _ = answered(planted.choice(PVQ, shares), 5_000)
    counts = np.bincount(ratings.ravel(), minlength=7)[1:]
    assert ratings.dtype == np.int8 and counts.sum() == ratings.size
    assert chisquare(counts, shares / shares.sum() * ratings.size).pvalue > 0.01


def test_stated_ratings_are_drawn_by_their_shares():
    answers = planted.choice(PVQ, np.full(6, 1 / 6)).assign(mode="text", probabilities=None)
    replicates = pd.concat([answers.assign(response=r) for r in (2, 2, 5)] + [answers.assign(status="refused")])
    asked = sampling.distributions(replicates, PVQ)
    assert np.allclose(asked.above[0, 3, :, 7], [1, 1 / 3, 1 / 3, 1 / 3, 0])


def test_one_mode_and_one_induction_at_a_time():
    with pytest.raises(StudyError, match="one mode at a time; these are choice, likelihood"):
        sampling.distributions(pd.concat([CIRCLE, planted.choice(PVQ, np.full(6, 1 / 6))]), PVQ)
    with pytest.raises(StudyError, match="one induction at a time; these are definition, name"):
        sampling.distributions(pd.concat([CIRCLE, CIRCLE.assign(induction="name")]), PVQ)


def test_a_value_without_answers_is_an_error_only_where_it_is_needed():
    lacking = CIRCLE.assign(status=CIRCLE["status"].mask(CIRCLE["condition"] == "TR", "error"))
    with pytest.raises(StudyError, match="pvq40 has no valid answers under TR, which the population needs. Ask them"):
        answered(lacking, 100)
    assert (answered(lacking, 100, one=of_one("CO"))[1] > 0).all()
    with pytest.raises(StudyError, match="under TR"):
        answered(lacking, 100, one=strategies.h_profile("ess11_europe", 1.0, rng(0)))


def test_nothing_that_was_answered_is_an_error():
    with pytest.raises(StudyError, match="has no wording and person in which all of its conditions"):
        sampling.distributions(CIRCLE.assign(status="refused"), PVQ, slope=1.0)


def test_an_item_without_a_valid_answer_is_left_out_of_its_cell():
    lost = planted.refused(CIRCLE, wording="plain", item="pvq40_02", condition="HE")
    people, ratings, asked = answered(lost, 2_000)
    plain = people.cell == list(people.cells).index(("plain", "he"))
    assert (ratings[plain, 1] == 0).all() and (ratings[~plain, 1] > 0).all()
    assert (np.delete(ratings, 1, axis=1) > 0).all()
    expected = as_respondents(ratings, PVQ).scores()[0] / 5
    assert np.allclose(sampling.scores(ratings, asked), expected) and not np.isnan(expected).any()


def test_a_behaviour_short_in_most_cells_is_no_scale_of_a_population():
    prayer = [item.id for item in SURVEY.items if item.scale == "prayer"][:3]
    answers = planted.refused(likelihood(SURVEY, rng(0).standard_normal((10, 148))), item=prayer, condition="PO")
    asked = sampling.distributions(answers, SURVEY)
    assert "prayer" not in asked.scales and len(asked.scales) == 36 and len(asked.cells) == 2
    _, ratings, _ = answered(answers, 100, instrument=SURVEY)
    assert sampling.scores(ratings, asked).shape == (100, 36)


# ── People ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_people_are_drawn_by_weight_and_all_cells_alike():
    cells = pd.MultiIndex.from_tuples([(w, p) for w in "abcd" for p in "xy"], names=["wording", "person"])
    one = strategies.h_np(strategies.dominant_shares())
    people = sampling.draw(one, cells, 50_000, rng(3))
    shares, expected = np.bincount(people.condition, minlength=11) / 50_000, one.weights.to_numpy()
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
    asked = [sampling.distributions(likelihood(i, endorsed[i.id]), i, 1.0) for i in (PVQ, SURVEY)]
    people = sampling.draw(UNIFORM, asked[0].cells, 2_000, rng(1))
    values, survey = (sampling.respond(people, a, rng(k)) for k, a in enumerate(asked))
    primed = people.condition == CONDITIONS.index("PO")
    assert np.array_equal(values.mean(axis=1) > 5.5, primed) and np.array_equal(survey.mean(axis=1) > 4.5, primed)


def test_people_of_another_cell_are_refused():
    asked = sampling.distributions(CIRCLE[CIRCLE["wording"] == "plain"], PVQ)
    people = sampling.draw(UNIFORM, sampling.distributions(CIRCLE, PVQ).cells, 10, rng(1))
    with pytest.raises(StudyError, match="no answers for wording, person .*imagine"):
        sampling.respond(people, asked, rng(1))


def test_a_profile_answers_from_the_mixture_of_its_primes():
    endorsed = np.repeat(np.linspace(-2, 2, 10)[:, None], 40, axis=1)
    profile = strategies.h_profile("ess9_be", 0.5, rng(0))
    people, ratings, _ = answered(likelihood(PVQ, endorsed), 10_000, one=profile, slope=1.0)
    expected = people.mixture @ (1 + sampling.link(endorsed[:, 0], 6, 1.0).sum(axis=1))
    residual = ratings.mean(axis=1) - expected
    assert abs(residual.mean()) < 4 * residual.std() / np.sqrt(len(residual))
    assert np.polyfit(expected, ratings.mean(axis=1), 1)[0] == pytest.approx(1, abs=0.04)


# ── Scores ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("instrument", "steps"), [(PVQ, 5), (SURVEY, 4)])
def test_people_score_as_respondents_with_the_same_ratings_do(instrument, steps):
    """In units of the response range; reverse-keyed statements turned."""
    endorsed = rng(0).standard_normal((10, len(instrument.key)))
    _, ratings, asked = answered(likelihood(instrument, endorsed), 300, instrument=instrument)
    assert np.allclose(sampling.scores(ratings, asked), as_respondents(ratings, instrument).scores()[0] / steps)


def test_a_single_scale_takes_the_readiness_from_elsewhere():
    scale = instruments.load("prosocialness")
    asked = sampling.distributions(likelihood(scale, rng(0).standard_normal((10, 16))), scale)
    ratings = np.tile(np.array([[1], [3], [5]], dtype=np.int8), (1, len(scale.key)))
    assert sampling.readiness(ratings, scale).tolist() == [-0.5, 0, 0.5]
    assert sampling.scores(ratings, asked).ravel().tolist() == [-0.5, 0, 0.5]
    own = sampling.readiness(ratings, scale)
    assert np.allclose(sampling.scores(ratings, asked, own), 0)
    assert np.allclose(as_respondents(ratings, scale, 4 * own[None]).scores(), 0)


# ── Known truths ────────────────────────────────────────────────────────────────────────────────────────────────────


def within_cells(people: sampling.People, scores: np.ndarray) -> np.ndarray:
    means = np.stack([scores[people.cell == c].mean(axis=0) for c in range(len(people.cells))])
    return np.corrcoef((scores - means[people.cell]).T)


def test_a_human_structure_that_was_put_in_is_found():
    people, ratings, asked = answered(CIRCLE, 20_000)
    found = within_cells(people, sampling.scores(ratings, asked))
    assert pearson(pairs(found), pairs(HUMAN)) > 0.95


def test_a_hierarchy_that_was_put_in_is_found():
    means = references.means("gss2012_us")["cent_mean"].to_numpy()
    endorsed = planted.symmetric_root(HUMAN) + means
    _, ratings, asked = answered(likelihood(PVQ, planted.of_values(PVQ, endorsed)), 20_000)
    found = sampling.scores(ratings, asked).mean(axis=0)
    assert np.corrcoef(found, means)[0, 1] > 0.97
    assert (found.argsort() == means.argsort()).mean() >= 0.8


@pytest.mark.parametrize("equal", [True, False])
def test_random_answers_show_the_artefact_of_centring_alone(equal):
    """Correlations of centred scores of independent items: -1/N over the root of (1/n_v - 1/N)(1/n_w - 1/N)."""
    kept = [i for code in CODES for i in [i for i in PVQ.items if i.scale == code][:3]]
    instrument = replace(PVQ, items=tuple(kept)) if equal else PVQ
    answers = likelihood(instrument, np.zeros((10, len(instrument.items))))
    people, ratings, asked = answered(answers, 40_000, instrument=instrument, slope=1.0)
    found = pairs(within_cells(people, sampling.scores(ratings, asked)))
    sizes = np.array([sum(i.scale == code for i in instrument.items) for code in CODES])
    variance = 1 / sizes - 1 / sizes.sum()
    expected = pairs(-1 / (sizes.sum() * np.sqrt(np.outer(variance, variance))))
    assert np.abs(found - expected).max() < 4.5 / np.sqrt(40_000)
    assert found.mean() == pytest.approx(-1 / 9 if equal else expected.mean(), abs=0.002)
