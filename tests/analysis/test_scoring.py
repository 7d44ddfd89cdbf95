import os
from pathlib import Path

import numpy as np
import pandas as pd
import planted
import pytest
import simulated_people

from lib.analysis import scoring
from lib.analysis.reliability import value_reliability
from lib.analysis.respondents import Respondents, respondents
from lib.errors import StudyError
from lib.materials import instruments, references
from lib.materials.values import CODES, cosine_matrix

PVQ40, SURVEY = instruments.load("pvq40"), instruments.load("social_survey")


def answer(condition, item, wording="plain", person="he", induction="name", **fields):
    base = {"status": "ok", "logprob": np.nan, "probabilities": None, "mode": "likelihood", "response": np.nan}
    keys = {"induction": induction, "wording": wording, "person": person, "condition": condition, "item": item}
    return keys | base | fields


def neutral(item, **fields):
    return answer("none", item, induction="none", **fields)


def group_of(items: pd.DataFrame, source="definition") -> Respondents:
    return respondents(items, PVQ40, source, source)


# ── Responses ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_endorsement_is_the_gain_over_the_neutral_prime_of_the_same_person():
    answers = pd.DataFrame(
        [
            neutral("pvq40_01", person="he", logprob=-3.0),
            neutral("pvq40_01", person="she", logprob=-5.0),
            answer("PO", "pvq40_01", person="he", logprob=-2.5),
            answer("PO", "pvq40_01", person="she", logprob=-6.0),
        ]
    )
    assert scoring.endorsements(answers).tolist() == [0.0, 0.0, 0.5, -1.0]


def test_what_is_not_ok_is_missing_not_filled_in():
    answers = pd.DataFrame(
        [
            neutral("pvq40_01", logprob=-3.0),
            answer("PO", "pvq40_01", logprob=-1.0, status="error"),
            answer("PO", "pvq40_02", logprob=-1.0),  # its neutral answer was never recorded
        ]
    )
    assert scoring.endorsements(answers).isna().tolist() == [False, True, True]
    stated = pd.DataFrame([answer("PO", "pvq40_01", response=r, status=s) for r, s in ((4, "ok"), (9, "out_of_range"))])
    assert scoring.stated_ratings(stated).tolist() == pytest.approx([4, np.nan], nan_ok=True)


def test_expected_rating_leaves_unmatched_mass_out():
    shares = [(0.1, 0.0, 0.0, 0.0, 0.0, 0.1), (0.0, 0.0, 0.3, 0.1, 0.0, 0.0)]
    answers = pd.DataFrame([answer("PO", "pvq40_01", mode="choice", probabilities=p) for p in shares])
    assert scoring.expected_ratings(answers).tolist() == pytest.approx([3.5, 3.25])


def test_reversed_items_are_turned_round():
    items = [instruments.Item("a", "PO", False), instruments.Item("b", "PO", True)]
    instrument = instruments.Instrument("x", "", "values", "", "", False, "", tuple("123456"), tuple(items))
    rows = [answer("PO", i, mode="choice", probabilities=(0, 0.5, 0, 0, 0, 0)) for i in "ab"]
    assert scoring.item_responses(pd.DataFrame(rows), instrument).iloc[0].tolist() == [2.0, 5.0]
    rows = [neutral(i, logprob=-2.0) for i in "ab"] + [answer("PO", i, logprob=-1.0) for i in "ab"]
    wide = scoring.item_responses(pd.DataFrame(rows), instrument)
    assert wide.xs("PO", level="condition").iloc[0].tolist() == [1.0, -1.0]


def test_replicates_are_averaged():
    rows = [answer("PO", "pvq40_01", mode="text", response=r) for r in (2, 5)]
    assert scoring.item_responses(pd.DataFrame(rows), PVQ40)["pvq40_01"].tolist() == [3.5]


def test_without_a_prime_the_statements_log_probabilities_themselves_are_the_responses():
    rows = [neutral("pvq40_01", logprob=-3.0), answer("PO", "pvq40_01", logprob=-1.0)]
    assert scoring.unprimed_responses(pd.DataFrame(rows), PVQ40)["pvq40_01"].tolist() == [-3.0]
    rated = pd.DataFrame([neutral("pvq40_01", mode="choice", probabilities=(0, 0, 0, 1, 0, 0))])
    assert scoring.unprimed_responses(rated, PVQ40)["pvq40_01"].tolist() == [4.0]


def test_foreign_items_and_several_modes_are_refused():
    with pytest.raises(StudyError, match=r"pvq40 has no item\(s\) other"):
        scoring.item_responses(pd.DataFrame([answer("PO", "other", logprob=-1.0)]), PVQ40)
    with pytest.raises(StudyError, match=r"one mode are scored at a time; these have \['likelihood', 'text'\]"):
        scoring.item_responses(pd.DataFrame([answer("PO", "pvq40_01"), answer("PO", "pvq40_01", mode="text")]), PVQ40)


def test_without_their_level_responses_average_to_zero_as_they_were_put():
    items = scoring.item_responses(
        planted.likelihood(SURVEY, np.random.default_rng(0).standard_normal((10, 148))), SURVEY
    )
    put = [-1.0 if item.reversed else 1.0 for item in SURVEY.items]
    assert (scoring.without_level(items, SURVEY) * put).mean(axis=1).to_numpy() == pytest.approx(0)
    single = instruments.load("prosocialness")
    ones = pd.DataFrame(1.0, items.index, list(single.key))
    assert (scoring.without_level(ones, single) == 1).all(axis=None)
    level = pd.Series(np.arange(len(ones)), items.index)
    assert scoring.without_level(ones, single, level)[single.items[0].id].tolist() == (1 - level).tolist()


# ── What a prime raises ─────────────────────────────────────────────────────────────────────────────────────────────


def test_lift_finds_the_induced_value():
    own = np.array([[scale == code for scale in PVQ40.key.values()] for code in CODES])
    noise = np.random.default_rng(1).standard_normal((4, 10, 40))
    group = group_of(scoring.item_responses(planted.likelihood(PVQ40, 5 * own + noise), PVQ40))
    lift = scoring.lifts(group)
    assert (scoring.own_ranks(lift) == 1).all() and lift.mean(axis=1) == pytest.approx(0)


def test_without_an_effect_the_ranks_are_chance():
    answers = planted.likelihood(PVQ40, np.random.default_rng(0).standard_normal((4, 10, 40)), planted.FOUR)
    ranks = [scoring.own_ranks(scoring.lifts(group_of(items))) for items in _many(answers, 20)]
    assert np.mean(ranks) == pytest.approx(5.5, abs=0.4)  # standard error .1


def _many(answers: pd.DataFrame, n: int):
    items = scoring.item_responses(answers, PVQ40)
    for seed in range(n):
        yield items.add(np.random.default_rng(seed).standard_normal(items.shape))


def test_ranks_that_tie_share_their_mean():
    assert scoring.own_ranks(np.zeros((10, 10))).tolist() == [5.5] * 10
    lift = np.array([[1.0, 1.0, 0.0], [3.0, 2.0, 1.0], [0.0, 0.0, 1.0]])
    assert scoring.own_ranks(lift).tolist() == [1.5, 2.0, 1.0]


def test_higher_order_scores_count_hedonism_twice():
    scores = pd.DataFrame([dict.fromkeys(CODES, 0.0) | {"HE": 3.0}])
    assert scoring.higher_order_scores(scores).iloc[0].to_dict() == {"OPEN": 1.0, "TRANS": 0.0, "CONS": 0.0, "ENH": 1.0}


# ── People ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def people(items: pd.DataFrame) -> Respondents:
    """People as one cell, whose "conditions" they are."""
    one = pd.MultiIndex.from_tuples([("-", "-")], names=["wording", "person"])
    return Respondents("people", "", PVQ40, items.to_numpy()[None], one, tuple(map(str, range(len(items)))), CODES)


def test_a_planted_structure_is_recovered():
    """Scores without noise are the values less their mean over items: covariances A C A', A = 1 - (shares of items)."""
    truth = cosine_matrix().to_numpy()
    simulated = simulated_people.respondents(PVQ40, truth, 5_000, seed=1, reliability=1.0)
    out = np.eye(10) - np.array([list(PVQ40.key.values()).count(code) for code in CODES]) / 40
    expected = out @ truth @ out.T
    sd = np.sqrt(np.diag(expected))
    assert np.abs(np.corrcoef(people(simulated).scores()[0].T) - expected / np.outer(sd, sd)).max() < 0.05


def test_real_people_score_as_published():
    """151 US adults (R package smacof, data PVQ40; not part of this project) against the published figures."""
    path = Path(os.environ.get("INDUCED_VALUES_TEXTS", "none")) / "smacof" / "pvq40.csv"
    if not path.exists():
        pytest.skip("needs smacof/pvq40.csv in the folder INDUCED_VALUES_TEXTS")
    answered = pd.read_csv(path).drop(columns=["id", "gender_code", "age"])
    answered = 7 - answered.where(answered > 0)
    key = {f"pvq40_{i:02d}": name for i, name in enumerate(answered.columns, 1)}
    items = answered.rename(columns={name: item for item, name in key.items()})
    assert [PVQ40.key[i].lower() for i in key] == [name[:2] for name in key.values()]
    published, scores = references.means("pvq40_us_2017"), people(items).frame()
    assert np.allclose(scores.mean(), published["cent_mean"], atol=0.02)
    assert np.abs(scores.corr().to_numpy() - references.structure("pvq40_us_2017").to_numpy()).max() < 0.02
    assert set(value_reliability(people(items))["scale"]) == set(CODES)
