"""The specification curve: every combination once, each with the number that the rest of the study would give it."""

import numpy as np
import pandas as pd
import pytest

from lib import human, scoring, specifications
from lib.errors import StudyError
from lib.instruments import load
from lib.querying import archive
from lib.specifications import ALL, LINKS, MEASURES, TEMPERATURES
from lib.structure import cells_to_correlation, pairs, pearson
from lib.study import Study
from lib.values import CODES

PVQ40 = load("pvq40")
LIKELIHOOD = len(MEASURES) * len(human.references()) * len(LINKS) * 2 * 2
CHOICE = len(MEASURES) * len(human.references()) * len(TEMPERATURES) * 2 * 2


@pytest.fixture(scope="module")
def curve() -> pd.DataFrame:
    return specifications.specification_curve("smollm2-135m", 2026)


def test_there_are_as_many_as_the_product_says(curve):
    for (instrument, mode, order, induction), part in curve.groupby(["instrument", "mode", "order", "induction"]):
        answers = archive.read("smollm2-135m", instrument, mode, order=order)
        cells = answers.loc[answers["induction"] == induction, ["wording", "person"]].drop_duplicates()
        levels = [n + (n > 1) for n in (cells["wording"].nunique(), cells["person"].nunique())]
        assert len(part) == np.prod(levels) * (LIKELIHOOD if mode == "likelihood" else CHOICE), (instrument, induction)
    assert not curve.duplicated([c for c in curve.columns if c not in ("r", "null_high")]).any()
    assert curve["r"].between(-1, 1).all() and curve["null_high"].between(0.1, 0.6).all()


def test_the_default_specification_is_what_the_rest_of_the_study_shows(curve):
    chosen = {"instrument": "pvq40", "mode": "likelihood", "order": "listed", "wording": ALL, "person": ALL}
    chosen |= {"items": ALL, "centred": "yes", "link": "none", "measure": "pearson"}
    rows = curve[(curve[list(chosen)] == pd.Series(chosen)).all(axis=1)]
    shown = rows.set_index(["induction", "reference"])["r"]
    array, _ = scoring.by_cell(Study().scores())
    for name in human.references():
        r = pearson(pairs(cells_to_correlation(array)), pairs(human.structure(name).to_numpy()))
        assert shown["definition", name] == pytest.approx(float(r), abs=5e-5)


def test_null_quantile_is_that_of_simulated_respondents():
    found = specifications.null_quantile("pvq40", ALL, True, 1, "pearson", "pvq40_us_2017", 0)
    people = pairs(human.structure("pvq40_us_2017").to_numpy())
    rng = np.random.default_rng(1)
    answers = [pd.DataFrame(rng.standard_normal((10, 40)), columns=list(PVQ40.key)) for _ in range(600)]
    drawn = [scoring.value_scores(a, PVQ40)[list(CODES)].corr().to_numpy() for a in answers]
    assert found == pytest.approx(np.quantile(pearson(pairs(np.stack(drawn)), people), 0.975), abs=0.05)


def test_halves_hold_half_of_each_values_items():
    kept = specifications.half("pvq40", 1)
    counts = pd.Series(list(PVQ40.key.values())).value_counts()
    found = pd.Series([s for s, k in zip(PVQ40.key.values(), kept, strict=True) if k]).value_counts()
    assert (found[list(CODES)] == counts[list(CODES)] // 2).all()
    assert kept == specifications.half("pvq40", 1) != specifications.half("pvq40", 2)


def test_each_alone_and_all_together():
    cells = pd.MultiIndex.from_tuples(
        [("imagine", "I"), ("imagine", "he"), ("plain", "I"), ("plain", "he")], names=["wording", "person"]
    )
    found = {(w, p): int(inside.sum()) for w, p, inside in specifications.subsets(cells)}
    assert len(found) == 9 and found[ALL, ALL] == 4 and found["imagine", ALL] == 2 and found["plain", "he"] == 1
    assert [(w, p) for w, p, _ in specifications.subsets(cells[:1])] == [("imagine", "I")]


def test_link_is_the_middle_of_the_scale_at_no_endorsement_and_linear_when_flat():
    assert specifications.expected_ratings(np.zeros(3), 5.0, 6) == pytest.approx([3.5] * 3)
    assert specifications.expected_ratings(np.array([50.0, -50.0]), 5.0, 6) == pytest.approx([6.0, 1.0])
    e = np.linspace(-1, 1, 9)
    flat = specifications.expected_ratings(e, 0.01, 6)
    assert np.corrcoef(e, flat)[0, 1] == pytest.approx(1, abs=1e-6)
    probabilities = 1 / (1 + np.exp(-(2 * 0.3 - np.log(np.arange(1, 6) / np.arange(5, 0, -1)))))
    assert specifications.expected_ratings(np.array([0.3]), 2.0, 6)[0] == pytest.approx(1 + probabilities.sum())


def test_temperature_sharpens_and_flattens():
    answers = pd.DataFrame({"probabilities": [(0.1, 0.3), None]})
    warm, same, cold = (specifications.cooled(answers, t)["probabilities"] for t in (2.0, 1.0, 0.5))
    assert same[0] == pytest.approx([0.25, 0.75]) and cold[0] == pytest.approx([0.1, 0.9])
    assert warm[0] == pytest.approx(np.sqrt([1, 3]) / (1 + np.sqrt(3))) and same[1] is None
    with pytest.raises(StudyError, match="temperature is 0; it must be above 0"):
        specifications.cooled(answers, 0)


def test_explained_variance_is_that_of_the_planted_choices():
    """In a balanced design the type-II share of a main effect is its sum of squares over the total."""
    levels = pd.MultiIndex.from_product([["a", "b"], ["I", "he", "she"], range(50)]).to_frame(index=False)
    noise = np.tile(np.linspace(-1, 1, 50), 6)
    effect = levels[0].map({"a": 1.0, "b": -1.0}) + levels[1].map({"I": 0.5, "he": -0.5, "she": 0.0})
    same = dict.fromkeys(specifications.CHOICES, "x")
    table = pd.DataFrame({**same, "mode": "likelihood", "wording": levels[0], "person": levels[1], "r": effect + noise})
    found = specifications.explained(table).set_index("choice")["eta2"]
    total = 1 + 1 / 6 + noise.var()
    assert found.to_dict() == pytest.approx(
        {"wording": 1 / total, "person": (1 / 6) / total, "all of them": (1 + 1 / 6) / total}
    )


def test_summary_counts_what_beats_chance(curve):
    summary = specifications.summary(curve)
    whole = summary[summary["choice"] == "all of them"].set_index("mode")
    for mode, part in curve.groupby("mode"):
        assert whole.loc[mode, "specifications"] == len(part)
        assert whole.loc[mode, "above_null"] == pytest.approx((part["r"] > part["null_high"]).mean())
    levels = summary[(summary["mode"] == "likelihood") & (summary["choice"] == "induction")]
    assert levels["specifications"].sum() == whole.loc["likelihood", "specifications"]


def test_a_model_without_value_questionnaires_is_told(monkeypatch):
    monkeypatch.setattr(archive, "recorded", lambda model: [("bfi2", "likelihood")])
    with pytest.raises(StudyError, match="smollm2-135m has no wording and person"):
        specifications.specification_curve("smollm2-135m", 1)


def test_bins_of_the_figure_worked_by_hand():
    table = pd.DataFrame(dict.fromkeys(specifications.CHOICES, "same"), index=range(4))
    table = table.assign(r=[0.4, 0.1, 0.3, 0.2], null_high=0.35, mode="likelihood", items=["all", "half", "all", "all"])
    ranked = specifications.ranked(table, bins=2)
    assert ranked["r"].tolist() == [0.1, 0.2, 0.3, 0.4] and ranked["bin"].tolist() == [0, 0, 1, 1]
    bins = specifications.by_bin(ranked)
    assert bins[["low", "high"]].to_numpy().tolist() == [[0.1, 0.2], [0.3, 0.4]]
    shares = specifications.choices_by_bin(ranked).set_index(["row", "bin"])["ratio"]
    assert shares.to_dict() == pytest.approx(
        {("items: all", 0): 2 / 3, ("items: half", 0): 2.0, ("items: all", 1): 4 / 3, ("items: half", 1): 0.0}
    )
