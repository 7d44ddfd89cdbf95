import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib import human, instruments, scoring, simulation
from lib.errors import StudyError
from lib.values import CODES, cosine_matrix

PVQ40 = instruments.load("pvq40")


def answer(condition, item, wording="plain", person="he", induction="name", **fields):
    base = {"status": "ok", "logprob": np.nan, "probabilities": None, "mode": "likelihood"}
    keys = {"induction": induction, "wording": wording, "person": person, "condition": condition, "item": item}
    return keys | base | fields


def likelihood_answers(rng):
    rows = []
    for person in ("he", "she"):
        for item in PVQ40.key:
            rows.append(answer("none", item, person=person, induction="none", logprob=rng.normal(-3)))
            rows += [answer(c, item, person=person, logprob=rng.normal(-3)) for c in CODES]
    return pd.DataFrame(rows)


def test_endorsement_is_the_gain_over_the_neutral_prime_of_the_same_person():
    answers = pd.DataFrame(
        [
            answer("none", "pvq40_01", person="he", induction="none", logprob=-3.0),
            answer("none", "pvq40_01", person="she", induction="none", logprob=-5.0),
            answer("PO", "pvq40_01", person="he", logprob=-2.5),
            answer("PO", "pvq40_01", person="she", logprob=-6.0),
        ]
    )
    assert scoring.endorsements(answers).tolist() == [0.0, 0.0, 0.5, -1.0]


def test_what_is_not_ok_is_missing_not_filled_in():
    answers = pd.DataFrame(
        [
            answer("none", "pvq40_01", induction="none", logprob=-3.0),
            answer("PO", "pvq40_01", logprob=-1.0, status="error"),
            answer("PO", "pvq40_02", logprob=-1.0),  # its neutral answer was never recorded
        ]
    )
    assert scoring.endorsements(answers).isna().tolist() == [False, True, True]


def test_expected_rating_leaves_unmatched_mass_out():
    shares = [(0.1, 0.0, 0.0, 0.0, 0.0, 0.1), (0.0, 0.0, 0.3, 0.1, 0.0, 0.0)]
    answers = pd.DataFrame([answer("PO", "pvq40_01", mode="choice", probabilities=p) for p in shares])
    assert scoring.expected_ratings(answers).tolist() == pytest.approx([3.5, 3.25])


def test_reversed_items_are_turned_round():
    items = [instruments.Item("a", "PO", False), instruments.Item("b", "PO", True)]
    instrument = instruments.Instrument("x", "", "values", "", "", False, "", tuple("123456"), tuple(items))
    rows = [answer("PO", i, mode="choice", probabilities=(0, 0.5, 0, 0, 0, 0)) for i in "ab"]
    assert scoring.item_responses(pd.DataFrame(rows), instrument).iloc[0].tolist() == [2.0, 5.0]
    rows = [answer("none", i, induction="none", logprob=-2.0) for i in "ab"]
    rows += [answer("PO", i, logprob=-1.0) for i in "ab"]
    wide = scoring.item_responses(pd.DataFrame(rows), instrument)
    assert wide.xs("PO", level="condition").iloc[0].tolist() == [1.0, -1.0]


def test_centred_once_by_the_mean_over_items():
    items = scoring.item_responses(likelihood_answers(np.random.default_rng(0)), PVQ40)
    scores = scoring.value_scores(items, PVQ40)
    key = pd.Series(PVQ40.key)
    by_hand = items.loc[:, key == "UN"].mean(axis=1) - items.mean(axis=1)
    assert np.allclose(scores["UN"], by_hand)
    weights = key.value_counts()[list(CODES)]
    assert np.allclose((scores * weights).sum(axis=1), 0)  # item-weighted: the mean of the ten scores is not 0
    assert not np.allclose(scores.mean(axis=1), 0)
    assert np.allclose(scores, scoring.value_scores(items.add(5.0), PVQ40))


def test_higher_order_scores_count_hedonism_twice():
    scores = pd.DataFrame([dict.fromkeys(CODES, 0.0) | {"HE": 3.0}])
    assert scoring.higher_order_scores(scores).iloc[0].to_dict() == {"OPEN": 1.0, "TRANS": 0.0, "CONS": 0.0, "ENH": 1.0}


def test_lift_finds_the_induced_value():
    answers = likelihood_answers(np.random.default_rng(1))
    own = answers["item"].map(PVQ40.key) == answers["condition"]
    answers.loc[own, "logprob"] += 5.0
    lift = scoring.lifts(scoring.value_scores(scoring.item_responses(answers, PVQ40), PVQ40))
    assert "none" not in lift.index.get_level_values("condition")
    assert (scoring.own_ranks(lift) == 1).all()
    assert np.allclose(lift.groupby(level="person").mean(), 0)


def test_without_an_effect_the_ranks_are_chance():
    ranks = []
    for seed in range(20):
        scores = scoring.value_scores(
            scoring.item_responses(likelihood_answers(np.random.default_rng(seed)), PVQ40), PVQ40
        )
        ranks += scoring.own_ranks(scoring.lifts(scores)).tolist()
    assert np.mean(ranks) == pytest.approx(5.5, abs=0.45)  # standard error .14


def test_alpha_of_a_worked_example():
    """Items with unit variance and common correlation r: alpha = k r / (1 + (k - 1) r) (Cronbach 1951)."""
    simulated = simulation.respondents(PVQ40, np.eye(10), 20_000, seed=3, reliability=0.5)
    table = scoring.reliability(simulated, PVQ40).set_index("scale")
    for scale, k in (("UN", 6), ("PO", 3), ("SE", 5)):
        expected = k * 0.5 / (1 + (k - 1) * 0.5)
        assert table.loc[scale, "alpha"] == pytest.approx(expected, abs=0.012)
        assert table.loc[scale, "omega"] == pytest.approx(expected, abs=0.012)
        assert table.loc[scale, "alpha_low"] < table.loc[scale, "alpha"] < table.loc[scale, "alpha_high"]


def test_omega_with_unequal_loadings():
    """Planted one-factor model; alpha underestimates what omega finds."""
    rng = np.random.default_rng(5)
    loadings = np.array([0.9, 0.7, 0.5, 0.3])
    factor = rng.standard_normal((50_000, 1))
    items = pd.DataFrame(factor * loadings + rng.standard_normal((50_000, 4)) * np.sqrt(1 - loadings**2))
    expected = loadings.sum() ** 2 / (loadings.sum() ** 2 + (1 - loadings**2).sum())
    assert scoring.omega(items) == pytest.approx(expected, abs=0.006)
    assert np.isnan(scoring.omega(items.iloc[:, :2]))


def test_by_cell_wants_one_induction_and_every_condition():
    scores = scoring.value_scores(scoring.item_responses(likelihood_answers(np.random.default_rng(2)), PVQ40), PVQ40)
    array, cells = scoring.by_cell(scores)
    assert array.shape == (2, 10, 10)
    he = scores.xs(("name", "plain", "he", "ST"))
    position = [c[1] for c in cells].index("he"), CODES.index("ST")
    assert np.allclose(array[position], he)
    with pytest.raises(StudyError, match="No valid answers for some condition"):
        scoring.by_cell(scores.drop(("name", "plain", "he", "ST")))
    two = pd.concat([scores, scores.rename({"name": "definition"}, level="induction")])
    with pytest.raises(StudyError, match="one induction at a time"):
        scoring.by_cell(two)


def test_foreign_items_are_refused():
    with pytest.raises(StudyError, match=r"pvq40 has no item\(s\) other"):
        scoring.item_responses(pd.DataFrame([answer("PO", "other", logprob=-1.0)]), PVQ40)


def test_a_planted_structure_is_recovered():
    simulated = simulation.respondents(PVQ40, cosine_matrix().to_numpy(), 5_000, seed=1, reliability=1.0)
    found = scoring.value_scores(simulated, PVQ40, centred=False).corr()
    assert np.abs(found.to_numpy() - cosine_matrix().to_numpy()).max() < 0.05


def test_real_people_score_as_published():
    """151 US adults (R package smacof, data PVQ40; not part of this project) against the published figures."""
    path = Path(os.environ.get("INDUCED_VALUES_TEXTS", "none")) / "smacof" / "pvq40.csv"
    if not path.exists():
        pytest.skip("needs smacof/pvq40.csv in the folder INDUCED_VALUES_TEXTS")
    people = pd.read_csv(path).drop(columns=["id", "gender_code", "age"])
    people = 7 - people.where(people > 0)
    key = {f"pvq40_{i:02d}": name for i, name in enumerate(people.columns, 1)}
    items = people.rename(columns={name: item for item, name in key.items()})
    assert [PVQ40.key[i].lower() for i in key] == [name[:2] for name in key.values()]
    published = human.means("pvq40_us_2017")
    assert np.allclose(scoring.value_scores(items, PVQ40).mean(), published["cent_mean"], atol=0.02)
    alphas = scoring.reliability(items, PVQ40).set_index("scale")["alpha"]
    assert np.allclose(alphas, published["alpha"], atol=0.002)
    found = scoring.value_scores(items, PVQ40).corr().to_numpy()
    assert np.abs(found - human.structure("pvq40_us_2017").to_numpy()).max() < 0.02
