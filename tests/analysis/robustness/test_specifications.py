"""The specification curve: every combination once, each with the number that the rest of the study would give it."""

import numpy as np
import pandas as pd
import planted
import pytest
from scipy.stats import spearmanr

from lib.analysis.alignment import ALL
from lib.analysis.population.sampling import default_slope
from lib.analysis.robustness import specifications
from lib.analysis.robustness.specifications import LINKS, TEMPERATURES, specification_curve
from lib.analysis.structure.evidence import evidence, of_study
from lib.analysis.study import Study
from lib.errors import StudyError
from lib.materials import references
from lib.materials.instruments import load
from lib.materials.values import CODES
from lib.statistics import correlations, pairs, pearson

PVQ, US = load("pvq40"), "pvq40_us_2017"
HUMAN = planted.human()
MEASURES = 2
RNG = np.random.default_rng(0)
ENDORSED = planted.of_values(PVQ, planted.symmetric_root(HUMAN)) + 0.5 * RNG.standard_normal((4, 10, 40))
SHARES = RNG.dirichlet(np.ones(6), size=(2, 11, 40))


@pytest.fixture(scope="module", autouse=True)
def models(tmp_path_factory):
    answers = [planted.likelihood(PVQ, ENDORSED), planted.likelihood(PVQ, ENDORSED[:1], planted.FOUR[:1], "name")]
    answers += [planted.choice(PVQ, SHARES, planted.TWO)]
    behavior = planted.likelihood(load("prosocialness"), np.zeros((10, 16)))
    with planted.recorded(tmp_path_factory.mktemp("answers"), model=answers, acting=[behavior]):
        yield


@pytest.fixture(scope="module")
def curve(models) -> pd.DataFrame:
    return specification_curve(Study("model"))


def r_of(curve: pd.DataFrame, **choices: str) -> pd.Series:
    base = {"mode": "likelihood", "order": "listed", "induction": "definition", "wording": ALL, "person": ALL}
    base |= {"items": ALL, "centred": "yes", "link": "none", "temperature": "", "measure": "pearson"} | choices
    rows = curve[(curve[list(base)] == pd.Series(base)).all(axis=1)]
    assert len(rows) == len(references.references())
    return rows.set_index("reference")["r"]


# ── Every specification once ────────────────────────────────────────────────────────────────────────────────────────


def test_there_are_as_many_as_the_product_says(curve):
    """Wordings and persons: each alone and together, of a single cell once; then items, centring, reading, measures."""
    every = MEASURES * len(references.references()) * 2 * 2
    expected = {"definition": 9 * len(LINKS) * every, "name": len(LINKS) * every}
    counts = curve[curve["mode"] == "likelihood"]["induction"].value_counts()
    assert counts.to_dict() == expected
    # Two cells in two wordings and persons: each, both, and either way of naming each.
    assert (curve["mode"] == "choice").sum() == 7 * len(TEMPERATURES) * every
    assert not curve.duplicated([c for c in curve.columns if c not in ("r", "null_high")]).any()
    assert curve["r"].between(-1, 1).all() and curve["null_high"].between(0.1, 0.6).all()


def test_the_default_is_what_the_rest_of_the_study_shows(curve):
    plain, shown = pairs(of_study(Study("model"))), r_of(curve)
    for name in references.references():
        assert shown[name] == pytest.approx(np.corrcoef(plain, pairs(planted.human(name)))[0, 1], abs=5e-5)
    alone = Study("model").respondents()
    alone = alone.within(alone.cells[alone.cells.get_level_values("wording") == "plain"])
    numbers = evidence(Study("model"), alone).numbers
    assert r_of(curve, wording="plain")[US] == pytest.approx(np.corrcoef(numbers, pairs(HUMAN))[0, 1], abs=5e-5)
    assert r_of(curve, measure="spearman")[US] == pytest.approx(spearmanr(plain, pairs(HUMAN)).statistic, abs=5e-5)


def scored(items: np.ndarray, kept=slice(None), centred=True) -> float:
    """r of cell x condition x item with people, by plain means."""
    scale = np.array(list(PVQ.key.values()))[kept]
    chosen = items[..., kept]
    scores = np.stack([chosen[..., scale == code].mean(axis=-1) for code in CODES], axis=-1)
    scores = scores - chosen.mean(axis=-1, keepdims=True) if centred else scores
    return float(pearson(pairs(correlations(scores)), pairs(HUMAN)))


def test_every_way_of_scoring_is_what_it_says(curve):
    half = np.array(specifications.half("pvq40", Study.seed))
    assert r_of(curve, centred="no")[US] == pytest.approx(scored(ENDORSED, centred=False), abs=1e-4)
    assert r_of(curve, items="half")[US] == pytest.approx(scored(ENDORSED, half), abs=1e-4)
    slope = default_slope(planted.likelihood(PVQ, ENDORSED))
    for link, factor in LINKS.items():
        if factor:
            thresholds = np.log(np.arange(1, 6) / np.arange(5, 0, -1))
            rated = 1 + (1 / (1 + np.exp(thresholds - factor * slope * ENDORSED[..., None]))).sum(axis=-1)
            assert r_of(curve, link=link)[US] == pytest.approx(scored(rated), abs=1e-4)


def test_choices_are_read_at_every_temperature(curve):
    for temperature in TEMPERATURES:
        powered = SHARES[:, :10] ** (1 / temperature)
        rated = (powered / powered.sum(axis=-1, keepdims=True)) @ np.arange(1, 7)
        found = r_of(curve, mode="choice", link="", temperature=f"{temperature:g}")
        assert found[US] == pytest.approx(scored(rated), abs=1e-3)


def test_a_model_without_value_questionnaires_is_told():
    with pytest.raises(StudyError, match="acting has no wording and person of a value questionnaire"):
        specification_curve(Study("acting"))


# ── Its parts ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_null_quantile_is_that_of_simulated_respondents():
    rng, scale = np.random.default_rng(1), np.array(list(PVQ.key.values()))
    for centred, kept in ((True, np.ones(40, dtype=bool)), (False, np.array(specifications.half("pvq40", 0)))):
        found = specifications.null_quantile("pvq40", ALL if kept.all() else "half", centred, 1, "pearson", US, 0)
        items = rng.standard_normal((4_000, 10, 40))[..., kept]
        scores = np.stack([items[..., scale[kept] == code].mean(axis=-1) for code in CODES], axis=-1)
        scores -= items.mean(axis=-1, keepdims=True) if centred else 0
        drawn = pearson(pairs(correlations(scores[:, None])), pairs(HUMAN))
        assert found == pytest.approx(np.quantile(drawn, 0.975), abs=0.03)


def test_halves_hold_half_of_each_values_items():
    kept = specifications.half("pvq40", 1)
    counts = pd.Series(list(PVQ.key.values())).value_counts()
    found = pd.Series([s for s, k in zip(PVQ.key.values(), kept, strict=True) if k]).value_counts()
    assert (found[list(CODES)] == counts[list(CODES)] // 2).all()
    assert kept == specifications.half("pvq40", 1) != specifications.half("pvq40", 2)


def test_each_alone_and_all_together():
    cells = pd.MultiIndex.from_tuples(planted.FOUR, names=["wording", "person"])
    found = {(w, p): int(inside.sum()) for w, p, inside in specifications.subsets(cells)}
    assert len(found) == 9 and found[ALL, ALL] == 4 and found["imagine", ALL] == 2 and found["plain", "he"] == 1
    assert [(w, p) for w, p, _ in specifications.subsets(cells[:1])] == [("imagine", "I")]


def test_link_is_the_middle_of_the_scale_at_no_endorsement_and_linear_when_flat():
    assert specifications.expected_ratings(np.zeros(3), 5.0, 6) == pytest.approx([3.5] * 3)
    assert specifications.expected_ratings(np.array([50.0, -50.0]), 5.0, 6) == pytest.approx([6.0, 1.0])
    e = np.linspace(-1, 1, 9)
    assert np.corrcoef(e, specifications.expected_ratings(e, 0.01, 6))[0, 1] == pytest.approx(1, abs=1e-6)


def test_temperature_sharpens_and_flattens():
    answers = pd.DataFrame({"probabilities": [(0.1, 0.3), None]})
    warm, same, cold = (specifications.cooled(answers, t)["probabilities"] for t in (2.0, 1.0, 0.5))
    assert same[0] == pytest.approx([0.25, 0.75]) and cold[0] == pytest.approx([0.1, 0.9])
    assert warm[0] == pytest.approx(np.sqrt([1, 3]) / (1 + np.sqrt(3))) and same[1] is None
    with pytest.raises(StudyError, match="temperature is 0; it must be above 0"):
        specifications.cooled(answers, 0)


# ── What the curve says ─────────────────────────────────────────────────────────────────────────────────────────────


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
        assert whole.loc[mode, ["low", "median", "high"]].tolist() == pytest.approx(
            np.quantile(part["r"], [0.025, 0.5, 0.975]).tolist()
        )
    assert whole.loc["likelihood", "above_null"] > 0.5 > 0.2 > whole.loc["choice", "above_null"]
    levels = summary[(summary["mode"] == "likelihood") & (summary["choice"] == "induction")]
    assert levels["specifications"].sum() == whole.loc["likelihood", "specifications"]


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
