"""The tables of populations whose truth was put in: human-like primes, a strategy that is another by name only."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import planted
import pytest
from scipy.stats import ttest_1samp

from lib.analysis.alignment import ALL, chosen
from lib.analysis.people import ceilings
from lib.analysis.population import estimates, sampling, strategies, tables
from lib.analysis.population.study import Comparison, PopulationStudy
from lib.analysis.structure.evidence import STRUCTURE
from lib.materials import behavior_references, references
from lib.materials.instruments import load
from lib.materials.values import CODES
from lib.statistics import holm, pairs

PVQ, SURVEY = load("pvq40"), load("social_survey")
HUMAN, US = planted.human("gss2012_us"), "gss2012_us"
WORDINGS = [(w, "I") for w in ("imagine", "plain", "matters", "principle")]
STUDY = SimpleNamespace(
    model="made-up",
    mode="likelihood",
    instrument="pvq40",
    induction="definition",
    shares_from="ess11_europe",
    seed=2026,
)
ENDORSED = planted.of_values(PVQ, planted.symmetric_root(HUMAN) + references.means(US)["cent_mean"].to_numpy() / 2)


def one_prime(code: str, name: str = "other") -> strategies.Population:
    return strategies.Population(name, pd.Series({code: 1.0}))


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Primes with the American structure and means; `same` is uniform by another name, `other` has one prime only."""
    values = sampling.distributions(planted.likelihood(PVQ, ENDORSED, WORDINGS, noise=0.2), PVQ)
    known = behavior_references.matrix(behavior_references.cells(US)).reindex(list(SURVEY.scales)).fillna(0.0)
    follows = 4 * known.loc[[i.scale for i in SURVEY.items]].to_numpy().T
    follows = follows * [-1.0 if i.reversed else 1.0 for i in SURVEY.items]
    acts = sampling.distributions(planted.likelihood(SURVEY, follows, WORDINGS, noise=0.2), SURVEY, 2.0)
    valued, acted = {}, {}
    composed = {"uniform": strategies.uniform(), "same": strategies.uniform(), "other": one_prime("BE")}
    for name, population in composed.items():
        rng = np.random.default_rng(7)
        people = sampling.draw(population, values.cells, 4_000, rng)
        scores = sampling.scores(sampling.respond(people, values, rng), values)
        behaviors = sampling.scores(sampling.respond(people, acts, rng), acts)
        for found, more in ((valued, None), (acted, behaviors)):
            rngs = {use: np.random.default_rng(i) for i, use in enumerate(("cells", "people"))}
            found[name] = estimates.estimates(people, scores, rngs, more, draws=100)
    return Comparison(valued, {"social_survey": acted}, {"social_survey": SURVEY.scales}, ())


@pytest.fixture(scope="module")
def alignment(comparison) -> pd.DataFrame:
    return tables.population_alignment(STUDY, comparison)


@pytest.fixture(scope="module")
def differences(comparison) -> pd.DataFrame:
    return tables.difference_table(STUDY, comparison)


def row(table, source, side, measure="pearson", reference=US) -> pd.Series:
    rows = chosen(table, source=source, side=side, measure=measure, reference=reference, scope=ALL)
    assert len(rows) == 1
    return rows.iloc[0]


# ── Alignment ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_human_like_primes_make_human_like_people(alignment):
    assert row(alignment, "uniform", "structure")["estimate"] > 0.85
    assert row(alignment, "uniform", "hierarchy")["estimate"] > 0.95
    assert row(alignment, "uniform", "behavior")["estimate"] > 0.8
    assert row(alignment, "uniform", "structure")["low"] > row(alignment, "uniform", "structure")["null_high"]
    assert row(alignment, "other", "structure")["estimate"] < 0.5
    assert (alignment["low"] <= alignment["high"]).all() and (alignment["n_respondents"] == 4_000).all()


def test_the_numbers_are_those_of_the_people(alignment, comparison):
    ours = comparison.value_side["uniform"]
    assert row(alignment, "uniform", "structure")["estimate"] == pytest.approx(
        np.corrcoef(pairs(ours.correlation[0]), pairs(HUMAN))[0, 1]
    )
    means, sd = (references.means(US)[c].to_numpy() / 5 for c in ("cent_mean", "cent_sd"))
    assert row(alignment, "uniform", "hierarchy")["estimate"] == pytest.approx(np.corrcoef(ours.mean[0], means)[0, 1])
    ratio = np.exp(np.log(ours.sd[0] ** 2 / sd**2).mean())
    assert row(alignment, "uniform", "spread", "variance_ratio")["estimate"] == pytest.approx(ratio)


def test_what_other_people_reach_stands_beside_it(alignment):
    limits = ceilings().set_index(["side", "measure", "reference", "scope"])["ceiling"]
    for side, measure in (("structure", "pearson"), ("hierarchy", "spearman"), ("distribution", "wasserstein")):
        assert row(alignment, "same", side, measure)["ceiling"] == limits[side, measure, US, ALL]
    assert set(alignment.query("side == 'hierarchy'")["reference"]) == set(references.with_means())
    assert set(alignment.query("side == 'structure'")["reference"]) == set(references.references())


# ── Differences ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_strategy_does_not_differ_from_itself(differences):
    same = differences.query("strategy == 'same' and other == 'uniform'")
    assert (same["difference"] == 0).all() and same["p"].isna().all() and (same["wordings"] == 4).all()
    other = differences.query("strategy == 'other' and other == 'uniform' and side == 'structure'")
    assert (other["high"] < 0).all() and (other["p"] < 0.01).all()


def test_a_difference_is_tested_over_wordings_as_scipy_does(differences, comparison):
    by = [estimates.by_wording(comparison.value_side[s], STRUCTURE) for s in ("other", "uniform")]
    reached = [np.array([np.corrcoef(one, pairs(HUMAN))[0, 1] for one in rows]) for rows in by]
    whole, *single = reached[0] - reached[1]
    found = differences.query("strategy == 'other' and other == 'uniform' and side == 'structure'")
    found = found.set_index("reference").loc[US]
    assert found["difference"] == pytest.approx(whole) and found["wordings"] == 4
    # Scipy tests the wordings' mean; that of all people together is moved there.
    moved = np.array(single) - np.mean(single) + whole
    oracle = ttest_1samp(moved, 0)
    assert found["p"] == pytest.approx(oracle.pvalue)
    assert found[["low", "high"]].tolist() == pytest.approx(list(oracle.confidence_interval()))


def test_p_is_corrected_over_the_pairs_of_one_measure_and_reference(differences):
    for _, family in differences.groupby(["side", "measure", "reference", "scope"]):
        assert len(family) == 3
        assert family["p_holm"].tolist() == pytest.approx(holm(family["p"]).tolist(), nan_ok=True)


def test_two_wordings_tell_no_difference():
    assert np.isnan(tables.t_test(np.array([0.1, 0.1, 0.2]))["p"])
    found = tables.t_test(np.array([2.0, 1.0, 2.0, 3.0]))
    assert found["p"] == pytest.approx(ttest_1samp([1.0, 2.0, 3.0], 0).pvalue) and found["wordings"] == 3


# ── What differences hang on ────────────────────────────────────────────────────────────────────────────────────────


def test_drivers_tell_what_a_lead_hangs_on(comparison):
    table = tables.driver_table(STUDY, comparison)
    assert (table.query("strategy == 'uniform'")["drives"] == 0).all()
    kept = [i for i, code in enumerate(CODES) if code != "PO"]
    pair = [comparison.value_side[s].correlation[0] for s in ("other", "uniform")]
    whole, without = (
        [np.corrcoef(pairs(m[np.ix_(k, k)]), pairs(HUMAN[np.ix_(k, k)]))[0, 1] for m in pair]
        for k in (list(range(10)), kept)
    )
    rows = table.query("side == 'structure' and reference == @US and strategy == 'other'")
    row_ = rows.set_index("part").loc["PO"]
    assert row_["estimate"] == pytest.approx(without[0])
    assert row_["drives"] == pytest.approx(whole[0] - whole[1] - (without[0] - without[1]))
    behaviors = table.query("side == 'behavior' and strategy == 'uniform' and reference == @US")
    assert len(behaviors) == 21 and behaviors["estimate"].median() > 0.8


def test_a_behaviours_estimate_is_r_of_its_profile(comparison):
    table = tables.driver_table(STUDY, comparison).query("side == 'behavior' and reference == @US")
    known = behavior_references.matrix(behavior_references.cells(US))
    place = SURVEY.scales.index("prayer")
    ours = {s: comparison.behavior_side["social_survey"][s].correlation[0][:, 10 + place] for s in ("other", "uniform")}
    r = {s: np.corrcoef(x, known.loc["prayer"])[0, 1] for s, x in ours.items()}
    found = table.query("part == 'prayer'").set_index("strategy")
    assert found.loc["other", "estimate"] == pytest.approx(r["other"])
    assert found.loc["other", "drives"] == pytest.approx(r["other"] - r["uniform"])


def test_spread_is_in_shares_of_the_range(comparison):
    table = tables.spread_table(STUDY, comparison).query("strategy == 'uniform' and reference == 'ess9_be'")
    found, ours = table.set_index("value").loc["PO"], comparison.value_side["uniform"]
    assert found["human_mean"] == pytest.approx(-1.0404 / 5) and found["human_sd"] == pytest.approx(0.8041 / 5)
    assert (found["mean"], found["sd"]) == (ours.mean[0, 0], ours.sd[0, 0])
    assert found["variance_ratio"] == pytest.approx((found["sd"] / found["human_sd"]) ** 2)
    whole = row(tables.population_alignment(STUDY, comparison), "uniform", "distribution", "wasserstein", "ess9_be")
    assert table["wasserstein"].mean() == pytest.approx(whole["estimate"])


def test_weights_are_those_of_the_strategies():
    composed = {"uniform": strategies.uniform(), "other": one_prime("BE")}
    wide = tables.weight_table(STUDY, composed).pivot_table(index="strategy", columns="condition", values="weight")
    assert wide.loc["other", "BE"] == 1 and wide.loc["uniform", "PO"] == 0.1 and wide.sum(axis=1).tolist() == [1, 1]


# ── Sensitivity ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_temperature_is_the_one_nearest_to_its_sample():
    rows = [("wasserstein", "a", 0.3), ("wasserstein", "b", 0.1), ("pearson", "a", 0.0)]
    found = pd.DataFrame(
        [
            {"temperature": t, "measure": m, "reference": r, "estimate": abs(t - x)}
            for t in (0.1, 0.3, 1.0)
            for m, r, x in rows
        ]
    )
    assert tables.chosen_temperature(found, "a") == 0.3 and tables.chosen_temperature(found, "b") == 0.1


@pytest.fixture
def study(tmp_path):
    answers = planted.likelihood(PVQ, ENDORSED, planted.TWO)
    with planted.recorded(tmp_path, model=[answers, planted.choice(PVQ, np.full(6, 1 / 6))]):
        yield lambda **more: PopulationStudy("model", reference=US, n_respondents=1_000, **more)


def test_hot_profiles_have_all_primes_alike(study, monkeypatch):
    """At a high temperature everyone answers from the mean of the ten primes: the values' structure is lost."""
    monkeypatch.setattr(tables, "TEMPERATURES", (0.05, 1e3))
    found = tables.temperature_table(study()).query("reference == @US and side == 'structure'")
    cold, hot = found.set_index("temperature")["estimate"]
    assert cold > 0.7 > hot
    assert set(tables.temperature_table(study())["reference"]) == set(references.with_means())


def test_a_flat_link_leaves_chance_and_a_steep_one_the_primes(study, monkeypatch):
    monkeypatch.setattr(tables, "SLOPE_FACTORS", (0.0, 1.0))
    one = study()
    found = tables.slope_table(one, {"uniform": strategies.uniform()}).query("side == 'structure'").set_index("factor")
    assert found.loc[1.0, "estimate"] > 0.85 and abs(found.loc[0.0, "estimate"]) < 0.4
    assert found.loc[1.0, "slope"] == pytest.approx(one.link_slope)
    assert tables.slope_table(study(mode="choice"), {}).empty  # ratings need no link
