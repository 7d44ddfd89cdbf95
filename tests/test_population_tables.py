from types import SimpleNamespace

import numpy as np
import pandas as pd
import populations
import pytest
from scipy.stats import norm, wasserstein_distance

from lib import human, instruments, population, population_report, strategies, structure
from lib import population_measures as measures
from lib import population_tables as tables
from lib.errors import StudyError
from lib.population_study import Comparison, PopulationStudy, Target, compare, compose, targets
from lib.study import Study
from lib.values import CODES

PVQ = instruments.load("pvq40")
HUMAN = human.structure("gss2012_us").to_numpy()
MEANS = human.means("gss2012_us")["cent_mean"].to_numpy()
STUDY = SimpleNamespace(model="made-up", n_respondents=4_000)


def people_like(cells: pd.MultiIndex, n: int, seed: int, shift: float = 0.0) -> tuple[population.People, np.ndarray]:
    """People whose scores have the American moments, drawn and not simulated; `shift` moves the second cell."""
    rng = np.random.default_rng(seed)
    mean, sd = measures.human_moments("gss2012_us")
    scores = mean + rng.multivariate_normal(np.zeros(10), HUMAN * np.outer(sd, sd), size=n, method="eigh")
    cell = np.sort(rng.integers(len(cells), size=n))
    return population.People(cells, cell, np.zeros(n, dtype=int)), scores + shift * (cell == 1)[:, None]


TWO = pd.MultiIndex.from_tuples([("imagine", "I"), ("plain", "I")], names=["wording", "person"])
ONE = TWO[:1]


# ── Statistics ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_estimates_are_the_plain_statistics_and_cells_are_taken_out():
    people, scores = people_like(TWO, 3_000, 1, shift=0.5)
    behaviors = np.random.default_rng(2).standard_normal((3_000, 2)) + scores[:, :2]
    found = measures.estimates(people, scores, 1, behaviors, draws=0)
    apart = scores - np.stack([scores[people.cell == c].mean(axis=0) for c in (0, 1)])[people.cell]
    own = behaviors - np.stack([behaviors[people.cell == c].mean(axis=0) for c in (0, 1)])[people.cell]
    assert np.allclose(found.correlation[0], np.corrcoef(np.hstack([apart, own]).T)[:10])
    assert np.allclose(found.mean[0], scores.mean(axis=0)) and np.allclose(found.sd[0], scores.std(axis=0))
    below = measures.estimates(people, scores, 1, draws=0).below
    assert below[0, 3, 60] == (scores[:, 3] < measures.GRID[60]).mean()


def test_the_bootstrap_knows_the_standard_error_of_people():
    """One cell: no wording to resample; the draws of a mean spread by sd / sqrt(n)."""
    people, scores = people_like(ONE, 8_000, 3)
    found = measures.estimates(people, scores, 3, draws=600)
    ratio = found.mean[1:].std(axis=0) / (scores.std(axis=0) / np.sqrt(8_000))
    assert ratio.mean() == pytest.approx(1, abs=0.15)
    assert 0.99 < np.quantile(measures.structure(found, "gss2012_us")[1:], 0.025) < 1


def test_wordings_that_differ_widen_the_intervals():
    same, apart = (measures.estimates(*people_like(TWO, 4_000, 4, shift), 4, draws=300) for shift in (0.0, 0.3))
    assert apart.mean[1:].std(axis=0).min() > 10 * same.mean[1:].std(axis=0).max()


def test_people_with_human_moments_are_human_by_every_measure():
    found = measures.estimates(*people_like(ONE, 40_000, 5), 5, draws=0)
    assert measures.structure(found, "gss2012_us")[0] > 0.99
    assert measures.hierarchy(found, "gss2012_us")[0] > 0.97
    assert measures.hierarchy(found, "gss2012_us", ranks=False)[0] > 0.999
    assert np.allclose(measures.variance_ratios(found, "gss2012_us"), 1, atol=0.05)
    assert (measures.wasserstein(found, "gss2012_us") < 0.004).all()


def test_wasserstein_is_scipys():
    people, scores = people_like(ONE, 4_000, 6)
    found = measures.wasserstein(measures.estimates(people, scores, 6, draws=0), "ess9_de")[0]
    mean, sd = measures.human_moments("ess9_de")
    normal = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    expected = [wasserstein_distance(scores[:, i], mean[i] + sd[i] * normal) for i in range(10)]
    assert np.allclose(found, expected, atol=1e-3)


def test_what_other_humans_reach():
    assert measures.human_level("structure", "ess9_de") == human.ceiling("ess9_de")
    means = {n: human.means(n) for n in ("pvq40_us_2017", "gss2012_us", "ess11_europe", "ess9_be", "ess9_de")}
    own = means.pop("ess9_de")
    r = [np.corrcoef(m["cent_mean"], own["cent_mean"])[0, 1] for m in means.values()]
    assert measures.human_level("hierarchy_pearson", "ess9_de") == pytest.approx(structure.fisher_mean(np.array(r)))
    ratio = [np.log(m["cent_sd"] / own["cent_sd"]).mean() * 2 for m in means.values()]
    assert measures.human_level("variance_ratio", "ess9_de") == pytest.approx(np.exp(np.mean(ratio)))
    assert 0 < measures.human_level("wasserstein", "ess9_de") < 0.1
    assert measures.human_level("hierarchy", "ess9_de") <= 0.999


# ── A truth that was put in ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Primes with the American structure and means; `same` is uniform by another name, `other` has one prime only."""
    endorsed = populations.symmetric_root(HUMAN) + MEANS / 2
    asked = population.distributions(populations.likelihood(PVQ, populations.of_values(PVQ, endorsed)), PVQ)
    survey = instruments.load("social_survey")
    target = next(t for t in targets() if (t.measure, t.reference) == ("behavior", "gss2012_us"))
    planted = target.cells.pivot(index="value", columns="scale", values="r").reindex(list(CODES))
    planted = planted.reindex(columns=list(survey.scales)).fillna(0.0)
    signs = np.array([-1.0 if i.reversed else 1.0 for i in survey.items])
    follows = 4 * planted[[i.scale for i in survey.items]].to_numpy() * signs
    answered = population.distributions(populations.likelihood(survey, follows), survey, 2.0)
    estimates, behaviors = {}, {}
    for name, one in {"uniform": strategies.uniform(), "same": strategies.uniform(), "other": of_one("BE")}.items():
        people = population.draw(one, asked.cells, 4_000, 7)
        scores = population.scores(population.respond(people, asked, 7), PVQ)
        acts = population.scores(population.respond(people, answered, 7), survey)
        estimates[name] = measures.estimates(people, scores, 7, draws=199)
        behaviors[name] = measures.estimates(people, scores, 7, acts, draws=199)
    return Comparison(estimates, {"social_survey": behaviors}, (target,), ())


def of_one(code: str) -> strategies.Population:
    return strategies.Population("other", pd.Series({code: 1.0}))


@pytest.fixture(scope="module")
def found(comparison) -> list[tables.Compared]:
    return tables.compared(comparison)


@pytest.fixture(scope="module")
def alignment(found) -> pd.DataFrame:
    return tables.alignment_table(STUDY, found)


def one(table: pd.DataFrame, strategy: str, measure: str, reference: str = "gss2012_us") -> pd.Series:
    rows = table.query("strategy == @strategy and measure == @measure and reference == @reference")
    assert len(rows) == 1
    return rows.iloc[0]


def test_human_like_primes_are_found_human_like(alignment):
    assert one(alignment, "uniform", "structure")["estimate"] > 0.9
    assert one(alignment, "uniform", "hierarchy_pearson")["estimate"] > 0.95
    assert one(alignment, "uniform", "behavior")["estimate"] > 0.8
    assert one(alignment, "other", "structure")["estimate"] < 0.5
    assert (alignment["low"] <= alignment["high"]).all() and (alignment["n_respondents"] == 4_000).all()


def test_ceilings_shares_and_the_papers_figures(alignment):
    row = one(alignment, "uniform", "structure")
    assert row["share_of_ceiling"] == pytest.approx(row["estimate"] / human.ceiling("gss2012_us"))
    assert row["paper"] == pytest.approx(0.794)
    assert np.isnan(one(alignment, "uniform", "hierarchy")["paper"])
    assert np.isnan(one(alignment, "uniform", "wasserstein")["share_of_ceiling"])
    assert set(alignment.query("measure == 'hierarchy'")["reference"]) == set(human.with_means())
    assert set(alignment.query("measure == 'structure'")["reference"]) == set(human.references())


def test_a_strategy_does_not_differ_from_itself(found):
    table = tables.difference_table(STUDY, found)
    same = table.query("strategy == 'same' and other == 'uniform'")
    assert (same["difference"] == 0).all() and (same["p"] == 1).all() and (same["p_holm"] == 1).all()
    other = table.query("strategy == 'other' and other == 'uniform' and measure == 'structure'")
    assert (other["high"] < 0).all() and (other["p"] < 0.02).all()


def test_drivers_tell_what_a_lead_hangs_on(comparison):
    table = tables.driver_table(STUDY, comparison)
    assert (table.query("strategy == 'uniform'")["drives"] == 0).all()
    rows = table.query("measure == 'structure' and reference == 'gss2012_us' and strategy == 'other'")
    kept = [i for i, code in enumerate(CODES) if code != "PO"]
    pair = [comparison.value_side[s].correlation[0] for s in ("other", "uniform")]
    whole, without = (
        [structure.pearson(structure.pairs(m[np.ix_(k, k)]), structure.pairs(HUMAN[np.ix_(k, k)])) for m in pair]
        for k in (list(range(10)), kept)
    )
    row = rows.set_index("part").loc["PO"]
    assert row["estimate"] == pytest.approx(without[0])
    assert row["drives"] == pytest.approx(whole[0] - whole[1] - (without[0] - without[1]))
    behaviors = table.query("measure == 'behavior' and strategy == 'uniform'")
    assert len(behaviors) == 21 and behaviors["estimate"].median() > 0.8


def test_spread_is_in_shares_of_the_range(comparison):
    table = tables.spread_table(STUDY, comparison).query("strategy == 'uniform' and reference == 'ess9_be'")
    row = table.set_index("value").loc["PO"]
    assert row["human_mean"] == pytest.approx(-1.0404 / 5) and row["human_sd"] == pytest.approx(0.8041 / 5)
    assert row["variance_ratio"] == pytest.approx((row["sd"] / row["human_sd"]) ** 2)
    assert row["wasserstein_low"] <= row["wasserstein"] <= row["wasserstein_high"]


def test_the_temperature_is_the_one_nearest_to_its_sample():
    rows = [("wasserstein", "a", 0.3), ("wasserstein", "b", 0.1), ("structure", "a", 0.0)]
    table = pd.DataFrame(
        [
            {"temperature": t, "measure": m, "reference": r, "estimate": abs(t - x)}
            for t in (0.1, 0.3, 1.0)
            for m, r, x in rows
        ]
    )
    assert tables.chosen_temperature(table, "a") == 0.3 and tables.chosen_temperature(table, "b") == 0.1


def test_sentences_name_the_strategies_and_what_holds(alignment, found):
    renamed = {"same": "h_even", "other": "h_norm"}
    differences = tables.difference_table(STUDY, found).replace({"strategy": renamed, "other": renamed})
    sentences = population_report.verdicts(alignment.replace({"strategy": renamed}), differences, "gss2012_us")
    assert sentences[0].startswith("value structure, gss2012_us: uniform .9")
    assert "Different from uniform: H-Norm (−" in sentences[0]
    assert len(sentences) == 5


# ── The study ───────────────────────────────────────────────────────────────────────────────────────────────────────


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
        PopulationStudy(**parameters)


def test_another_number_of_people_goes_to_a_folder_of_its_own():
    assert PopulationStudy().tables == Study().tables
    assert PopulationStudy(n_respondents=2_000, order="CO-TR").figures == Study().figures / "2000+CO-TR"


def test_the_recorded_model_is_simulated_from_end_to_end():
    study = PopulationStudy(n_respondents=1_000)
    composed = compose(study, 0.5)
    assert tuple(composed) == tuple(strategies.LABELS)
    some = {name: composed[name] for name in ("uniform", "h_np")}
    result = compare(study, some)
    assert result.value_side["h_np"].correlation.shape == (1_000, 10, 10)
    assert all(t.instrument in result.behavior_side for t in result.targets)
    weights = tables.weight_table(study, composed).pivot_table(index="strategy", columns="condition", values="weight")
    assert np.allclose(weights.sum(axis=1), 1)


def test_behaviour_that_was_not_recorded_is_named(monkeypatch):
    known = [Target("behavior", "gss2012_us", "social_survey", pd.DataFrame())]
    monkeypatch.setattr("lib.population_study.targets", lambda: known)
    study = PopulationStudy(instrument="open_portraits", mode="choice", n_respondents=1_000)
    result = compare(study, {"uniform": strategies.uniform()})
    assert not result.behavior_side and not result.targets
    assert "Relations of the values with social_survey are left out." in result.messages[0]
    assert len(tables.slope_table(study, {})) == 0
