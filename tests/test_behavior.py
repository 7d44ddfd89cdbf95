import importlib.util

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from lib import agreement, behavior, human, human_behavior, scoring, simulation, variance
from lib.errors import StudyError
from lib.instruments import Instrument, Item, load
from lib.scoring import RESPONDENT
from lib.values import CODES, angles

VALUES, SURVEY = load("open_portraits"), load("social_survey")


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return simulation.respondents(VALUES, human.structure("gss2012_us").to_numpy(), 2_000, seed=1)


@pytest.fixture(scope="module")
def planted(people) -> np.ndarray:
    """The survey's own relations where it has them, none elsewhere, as far as ipsative scores can have them."""
    target = human_behavior.matrix(human_behavior.cells("gss2012_us"))
    full = target.reindex(list(SURVEY.scales)).fillna(0.0).to_numpy()
    return simulation.feasible(full, people, VALUES)


def primed(n_items: int, seed: int, wordings=("a", "b"), persons=("I", "he"), names=None) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([["definition"], wordings, persons, CODES], names=RESPONDENT)
    columns = names or [f"i{k}" for k in range(n_items)]
    return pd.DataFrame(np.random.default_rng(seed).standard_normal((len(index), len(columns))), index, columns)


def behavior_instrument(keys: dict[str, tuple[str, bool]]) -> Instrument:
    items = tuple(Item(name, scale, turned) for name, (scale, turned) in keys.items())
    options = ("no", "yes")
    return Instrument("made_up", "Made up", "behavior", "", "", False, "Is it so of {noun}?", options, items)


# ── Relations ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_planted_relations_are_recovered(people, planted):
    items = simulation.behaviors(people, VALUES, SURVEY, planted, seed=2)
    found = behavior.matrix(behavior.pair(people, VALUES, items, SURVEY))
    assert agreement.measure("pearson", found.to_numpy().ravel(), planted.ravel()) > 0.95
    assert agreement.measure("slope", found.to_numpy().ravel(), planted.ravel()) == pytest.approx(1, abs=0.1)


def test_without_relations_p_values_are_uniform():
    target = human_behavior.matrix(human_behavior.cells("gss2012_us"))
    scales = list(target.index)[:6]
    instrument = behavior_instrument({f"{s}_{k}": (s, bool(k)) for s in scales for k in range(2)})
    none = np.zeros((len(scales), len(CODES)))
    goal = target.loc[scales].to_numpy().ravel()
    structure, p_values = human.structure("gss2012_us").to_numpy(), []
    for seed in range(200):
        values = simulation.respondents(VALUES, structure, 40, seed)
        items = simulation.behaviors(values, VALUES, instrument, none, seed + 10_000)
        paired = behavior.pair(values, VALUES, items, instrument)
        observed = float(agreement.measure("pearson", behavior.matrix(paired).to_numpy().ravel(), goal))
        null = behavior.permuted(paired, seed, draws=99).reshape(99, -1)
        p_values.append(agreement.p_value("pearson", observed, agreement.measure("pearson", null, goal)))
    assert kstest(p_values, "uniform").pvalue > 0.05
    assert 0.01 <= np.mean(np.array(p_values) <= 0.05) <= 0.1


def test_relations_are_the_correlation_within_cells():
    rng = np.random.default_rng(0)
    values, behaviors = rng.standard_normal((3, 10, 10)), rng.standard_normal((3, 10, 4))
    shifted = behaviors + 5 * np.arange(3)[:, None, None]
    assert np.allclose(behavior.relations(values, shifted), behavior.relations(values, behaviors))
    one = behavior.relations(values[:1], behaviors[:1])
    assert one[2, 3] == pytest.approx(np.corrcoef(behaviors[0, :, 2], values[0, :, 3])[0, 1])


def test_a_prime_that_raises_every_statement_is_no_behaviour():
    instrument = behavior_instrument({f"i{k}": ("a" if k < 6 else "b", k % 3 == 0) for k in range(12)})
    items = primed(12, seed=3)
    sign = np.array([-1.0 if i.reversed else 1.0 for i in instrument.items])
    louder = items + np.outer(np.arange(len(items)), sign)
    assert np.allclose(behavior.centred(items, instrument), behavior.centred(louder, instrument))


def test_a_single_scale_falls_back_on_the_value_questionnaire():
    instrument = behavior_instrument({f"i{k}": ("a", False) for k in range(5)})
    items = primed(5, seed=4)
    mean = items.mean(axis=1)
    assert np.allclose(behavior.centred(items, instrument), items)
    assert np.allclose(behavior.centred(items, instrument, mean), items.sub(mean, axis=0))


def test_bootstrap_and_permutation_are_seeded_and_keep_their_shape():
    values = primed(40, seed=5, names=list(VALUES.key))
    items = primed(len(SURVEY.key), seed=6, names=list(SURVEY.key))
    paired = behavior.pair(values, VALUES, items, SURVEY, values.mean(axis=1))
    for draw in (behavior.bootstrapped, behavior.permuted):
        first = draw(paired, seed=1, draws=20)
        assert first.shape[1:] == (len(SURVEY.scales), 10) and 15 <= len(first) <= 20
        assert np.array_equal(first, draw(paired, seed=1, draws=20))
        assert not np.array_equal(first, draw(paired, seed=2, draws=20))


def test_a_behaviour_with_too_few_answers_is_dropped_and_named():
    values = primed(40, seed=7, names=list(VALUES.key))
    items = primed(len(SURVEY.key), seed=8, names=list(SURVEY.key))
    items[[i for i in items.columns if i.startswith("zoos_")][:3]] = np.nan
    paired = behavior.pair(values, VALUES, items, SURVEY, values.mean(axis=1))
    assert paired.dropped == ("zoos",)
    assert "zoos" not in behavior.matrix(paired).index and behavior.matrix(paired).notna().to_numpy().all()


def test_questionnaires_answered_under_different_wordings_cannot_be_paired():
    values = primed(40, seed=9, wordings=("a",), names=list(VALUES.key))
    items = primed(len(SURVEY.key), seed=9, wordings=("b",), names=list(SURVEY.key))
    with pytest.raises(StudyError, match="share no wording and person"):
        behavior.pair(values, VALUES, items, SURVEY, values.mean(axis=1))


# ── Measures and shapes ─────────────────────────────────────────────────────────────────────────────────────────────


def test_intervals_lie_round_the_estimate_as_wide_as_the_draws():
    drawn = np.array([0.1, 0.2, 0.3])
    assert agreement.interval("slope", 1.0, drawn) == pytest.approx((1 - 0.196, 1 + 0.196))
    assert agreement.interval("sign", 0.9, drawn) == pytest.approx((0.704, 1.0))
    assert agreement.interval("rmse_z", 0.1, drawn) == pytest.approx((0.0, 0.296))
    half = 1.96 * np.arctanh(drawn).std(ddof=1)
    low, high = agreement.interval("pearson", 0.5, drawn)
    assert np.arctanh([low, high]) == pytest.approx([np.arctanh(0.5) - half, np.arctanh(0.5) + half])


def test_measures_on_numbers_worked_by_hand():
    human_r, model = np.array([0.1, -0.2, 0.3, 0.0]), np.array([0.2, -0.4, -0.6, 0.5])
    assert agreement.measure("sign", model, human_r) == pytest.approx(2 / 3)
    assert agreement.measure("slope", 2 * human_r + 0.1, human_r) == pytest.approx(2)
    assert agreement.measure("pearson", 2 * human_r, human_r) == pytest.approx(1)
    assert agreement.measure("spearman", human_r**3, human_r) == pytest.approx(1)
    expected = np.sqrt(np.mean((np.arctanh(model) - np.arctanh(human_r)) ** 2))
    assert agreement.measure("rmse_z", model, human_r) == pytest.approx(expected)


def test_p_values_count_the_observed_draw_and_know_which_way_is_better():
    null = np.linspace(0, 1, 99)
    assert agreement.p_value("pearson", 2.0, null) == pytest.approx(1 / 100)
    assert agreement.p_value("rmse_z", 2.0, null) == pytest.approx(1)


def test_structural_summary_of_a_pure_sinusoid():
    theta = np.deg2rad(angles().to_numpy() - 100)
    profile = pd.DataFrame([0.1 + 0.4 * np.cos(theta)], index=["x"], columns=list(CODES))
    found = agreement.structural_summary(profile).loc["x"]
    assert found["elevation"] == pytest.approx(0.1) and found["amplitude"] == pytest.approx(0.4)
    assert found["peak"] == pytest.approx(100) and found["fit"] == pytest.approx(1)
    assert found["value"] == "SD"  # at 108 degrees


@pytest.mark.skipif(importlib.util.find_spec("circumplex") is None, reason="circumplex is not installed")
def test_structural_summary_equals_circumplex():
    from circumplex.core.parameters import ssm_parameters

    profiles = human_behavior.matrix(human_behavior.cells("gss2012_us"))
    ours = agreement.structural_summary(profiles)
    for name, row in profiles.iterrows():
        theirs = ssm_parameters(row.to_numpy(), np.deg2rad(angles().to_numpy()))
        theirs["displacement"] = np.rad2deg(theirs["displacement"])
        found = [theirs[key] for key in ("elevation", "amplitude", "displacement", "fit")]
        assert found == pytest.approx(list(ours.loc[name, ["elevation", "amplitude", "peak", "fit"]]), abs=1e-6)


def test_angular_distance_goes_the_short_way_round():
    assert agreement.angular_distance(350, 10) == pytest.approx(20)
    assert agreement.angular_distance(0, 180) == pytest.approx(180)


# ── Variance ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_shares_of_variance_are_recovered():
    rng, planted_sd = np.random.default_rng(0), {"item": 1.0, "value": 0.8, "wording": 0.6, "person": 0.5, "e": 0.7}
    items = primed(150, seed=1, wordings=list("abcd"), persons=("I", "he", "she", "they")) * planted_sd["e"]
    items = items + rng.standard_normal(150) * planted_sd["item"]
    for facet, level in (("value", "condition"), ("wording", "wording"), ("person", "person")):
        codes, names = pd.factorize(items.index.get_level_values(level))
        items = items + planted_sd[facet] * rng.standard_normal((len(names), 150))[codes]
    expected = np.array([sd**2 for sd in planted_sd.values()])
    found = variance.variance_shares(items.iloc[:, :40])
    assert list(found.index) == list(variance.SOURCES) and found.sum() == pytest.approx(1)
    assert found.to_numpy() == pytest.approx(expected / expected.sum(), abs=0.08)


def test_shares_of_variance_need_more_than_one_item():
    with pytest.raises(StudyError, match="two items"):
        variance.variance_shares(primed(1, seed=0))


def test_scores_of_reverse_keyed_items_are_turned_in_either_mode():
    instrument = behavior_instrument({"i0": ("a", False), "i1": ("a", True)})
    rows = [("imagine", "I", "definition", "PO", item, "ok", [p, 1 - p]) for item, p in (("i0", 0.2), ("i1", 0.2))]
    columns = ["wording", "person", "induction", "condition", "item", "status", "probabilities"]
    answers = pd.DataFrame(rows, columns=columns).assign(mode="choice")
    found = scoring.item_responses(answers, instrument).iloc[0]
    assert found["i0"] == pytest.approx(1.8) and found["i1"] == pytest.approx(1.2)
