"""What induction buys: nulls at their expectation, planted respondents recovered, partial alignments as they should."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pingouin as pg
import pytest

from lib import baselines, behavior_baselines, ceilings, human, prompting, scoring, structure
from lib.errors import StudyError
from lib.instruments import load
from lib.structure import cells_to_correlation, pairs, pearson, prime_structure
from lib.study import Study
from lib.values import CODES

PVQ40 = load("pvq40")
SAMPLES = ("pvq40_us_2017", "gss2012_us")
HUMAN = human.structure("pvq40_us_2017").to_numpy()


# ── Random answers and the artefact of centring ─────────────────────────────────────────────────────────────────────


def test_centring_makes_equal_scales_correlate_at_minus_one_ninth():
    equal = {f"{code}{i}": code for code in CODES for i in range(4)}
    assert pairs(structure.random_structure(equal)) == pytest.approx(-1 / 9)


def test_expected_random_structure_is_what_many_random_respondents_have():
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product([["r"], ["w"], ["p"], range(40_000)], names=scoring.RESPONDENT)
    items = pd.DataFrame(rng.standard_normal((40_000, 40)), index, list(PVQ40.key))
    found = scoring.value_scores(items, PVQ40)[list(CODES)].corr().to_numpy()
    expected = structure.random_structure(PVQ40.key)
    np.testing.assert_allclose(pairs(found), pairs(expected), atol=0.02)
    assert pairs(expected).mean() == pytest.approx(-1 / 9, abs=0.002)
    assert np.ptp(pairs(expected)) > 0.05


def test_random_scores_are_centred_by_items_and_uncentred_ones_do_not_correlate():
    counts = pd.Series(list(PVQ40.key.values())).value_counts()[list(CODES)].to_numpy()
    scores = structure.random_scores(PVQ40.key, 2, seed=1, draws=400)
    assert scores.shape == (400, 2, 10, 10)
    np.testing.assert_allclose(scores @ counts, 0, atol=1e-9)
    each = np.stack([pairs(cells_to_correlation(one)) for one in scores])
    assert np.allclose(each, structure.random_pairs(PVQ40.key, 2, seed=1, draws=400))
    raw = structure.random_scores(PVQ40.key, 2, seed=1, draws=400, centred=False)
    mean = [np.mean([pairs(cells_to_correlation(s)).mean() for s in drawn]) for drawn in (scores, raw)]
    assert mean == pytest.approx([-1 / 9, 0], abs=0.01)


def test_alignment_of_random_answers_nears_its_expectation_with_more_respondents():
    expected = float(pearson(pairs(structure.random_structure(PVQ40.key)), pairs(HUMAN)))
    drawn = structure.random_scores(PVQ40.key, 4_000, seed=0, draws=1)[0]
    found = float(pearson(pairs(cells_to_correlation(drawn)), pairs(HUMAN)))
    assert found == pytest.approx(expected, abs=0.15)
    few = pearson(baselines.random_pairs("pvq40", 1, baselines.VALUES, 0), pairs(HUMAN))
    assert few.mean() == pytest.approx(0, abs=0.06) and few.std() == pytest.approx(1 / np.sqrt(44), abs=0.03)


# ── Shuffled primes ─────────────────────────────────────────────────────────────────────────────────────────────────


def planted() -> np.ndarray:
    """One cell of ten respondents whose primes are as alike as the values are in people."""
    spectrum, vectors = np.linalg.eigh(HUMAN)
    rows = vectors * np.sqrt(np.clip(spectrum, 0, None))
    return rows[None]


def test_what_the_model_follows_shows_in_the_structure_of_the_primes():
    followed_name = planted()
    lent = [CODES.index(prompting.SHUFFLED[code]) for code in CODES]
    followed_definition = followed_name[:, lent]
    own = prime_structure(followed_name)
    expected = float(pearson(pairs(baselines.relabelled(own)), pairs(own)))
    for truth, by_name, by_definition in ((followed_name, 1.0, expected), (followed_definition, expected, 1.0)):
        found = [truth, baselines.relabelled_columns(truth)]
        r = [float(pearson(pairs(prime_structure(scores)), pairs(own))) for scores in found]
        assert r == pytest.approx([by_name, by_definition])
    assert abs(expected) < 0.3


def test_value_structure_does_not_know_what_a_prime_is_called():
    scores = np.random.default_rng(0).standard_normal((3, 10, 10))
    turned = cells_to_correlation(baselines.relabelled_columns(scores))
    np.testing.assert_allclose(turned, cells_to_correlation(scores))


def test_shuffled_definitions_tell_nothing_of_the_circle():
    assert sorted(prompting.SHUFFLED.values()) == sorted(CODES)
    for name in human.references():
        matrix = human.structure(name).to_numpy()
        assert abs(pearson(pairs(baselines.relabelled(matrix)), pairs(matrix))) < 0.3


def test_relations_by_prime_follow_the_label():
    """A behaviour that only the prime of power raises goes with power, by definition with what power was lent."""
    index = pd.MultiIndex.from_product([["shuffled"], ["w"], ["I"], CODES], names=scoring.RESPONDENT)
    rng, survey = np.random.default_rng(0), load("social_survey")
    values = pd.DataFrame(rng.standard_normal((10, 40)), index, list(PVQ40.key))
    items = pd.DataFrame(0.0, index, list(survey.key))
    items.loc[("shuffled", "w", "I", "PO"), [i.id for i in survey.items if i.scale == "voting"]] = 1.0
    study = Study()
    paired = behavior_baselines.pair(study, values, items + rng.standard_normal(items.shape) * 1e-6)
    by_name, by_definition = (behavior_baselines.by_prime(paired, by_definition=turned) for turned in (False, True))
    relations = [behavior_baselines.behavior.matrix(p).loc["voting"].idxmax() for p in (by_name, by_definition)]
    assert relations == ["PO", prompting.SHUFFLED["PO"]]


# ── Partial alignment ───────────────────────────────────────────────────────────────────────────────────────────────


def symmetric(values: np.ndarray) -> np.ndarray:
    square = np.eye(10)
    square[np.triu_indices(10, 1)] = values
    return square + np.triu(square, 1).T


def test_partial_alignment_is_the_partial_correlation_over_the_pairs():
    drawn = np.random.default_rng(0).standard_normal((4, 45))
    drawn[0] += drawn[2]
    drawn[1] += drawn[2] + drawn[0]
    found = structure.partial_alignment(*map(symmetric, drawn[:2]), [symmetric(d) for d in drawn[2:]], seed=0)
    table = pd.DataFrame(drawn.T, columns=["a", "b", "c", "d"])
    oracle = pg.partial_corr(table, x="a", y="b", covar=["c", "d"])
    assert found.r == pytest.approx(float(oracle["r"].iloc[0]), abs=1e-8) and found.p < 0.05


def test_who_goes_by_overlap_alone_has_nothing_left():
    words = symmetric(np.random.default_rng(1).standard_normal(45))
    found = structure.partial_alignment(0.3 * words + 0.1, HUMAN, [words], seed=0)
    assert np.isnan(found.r) and np.isnan(found.p)
    rng = np.random.default_rng(2)
    left = [
        structure.partial_alignment(symmetric(pairs(words) + rng.normal(0, 1, 45)), HUMAN, [words], seed=0, draws=99)
        for _ in range(60)
    ]
    assert np.mean([one.r for one in left]) == pytest.approx(0, abs=0.06)
    assert np.mean([one.p <= 0.1 for one in left]) < 0.25


def test_who_is_human_beyond_words_keeps_it():
    words = symmetric(np.random.default_rng(1).standard_normal(45))
    found = structure.partial_alignment(HUMAN + 0.2 * words, HUMAN, [words], seed=0)
    assert found.r == pytest.approx(1) and found.p < 0.001


# ── Tables ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def respondents(inductions: dict[str, list[tuple[str, str]]]) -> dict[str, pd.DataFrame]:
    rng, found = np.random.default_rng(0), {}
    for name, cells in inductions.items():
        rows = [(name, *cell, code) for cell in cells for code in CODES]
        index = pd.MultiIndex.from_tuples(rows, names=scoring.RESPONDENT)
        found[name] = pd.DataFrame(rng.standard_normal((len(rows), 40)), index, list(PVQ40.key))
    return found


def test_inductions_are_compared_on_the_cells_they_share():
    tables = respondents({"definition": [("imagine", "I"), ("plain", "I")], "persona": [("imagine", "I")]})
    chosen = baselines.chosen_cells(tables)
    assert {k: list(v) for k, v in chosen["common"].items()} == {key: [("imagine", "I")] for key in tables}
    assert {k: len(v) for k, v in chosen["all"].items()} == {"definition": 2}
    tables["definition"].iloc[3, 7] = np.nan
    assert list(baselines.whole_cells(tables["definition"])) == [("plain", "I")]
    with pytest.raises(StudyError, match="definition, persona share no wording and person"):
        baselines.chosen_cells(tables)
    with pytest.raises(StudyError, match="No induction has a wording and person"):
        baselines.chosen_cells({})


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Of two human samples, for speed."""
    known = human.references()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(human, "references", lambda: {name: known[name] for name in SAMPLES})
        patched.setattr(human, "ceiling", dict(zip(SAMPLES, (0.9, 0.8), strict=True)).__getitem__)
        found = list(baselines.structure_rows(replace(Study(), instrument="open_portraits")))
    return baselines.corrected(pd.DataFrame(found))


def test_every_baseline_meets_every_human_sample(rows):
    common = rows[(rows["cells"] == "common") & (rows["of"] == "values")]
    assert set(common["reference"]) == set(SAMPLES)
    assert {"definition", "name", "words", "characters", "embedding", "random", "own value", "none"} <= set(
        common["baseline"]
    )
    assert not common.duplicated(["reference", "baseline", "prime"]).any()
    corrected = rows[rows["p_holm"].notna()]
    assert (corrected["p_holm"] >= corrected["p"] - 1e-12).all()
    assert set(corrected["baseline"]) <= {*prompting.inductions(), baselines.BY_DEFINITION}
    random = common[common["baseline"] == "random"]
    assert random["r"].abs().max() < 0.15 and random["r"].between(random["null_low"], random["null_high"]).all()


def test_the_definition_is_what_the_rest_of_the_study_shows(rows):
    study = replace(Study(), instrument="open_portraits")
    array, _ = scoring.by_cell(study.scores())
    r = float(pearson(pairs(cells_to_correlation(array)), pairs(HUMAN)))
    widest = rows[(rows["baseline"] == "definition") & (rows["of"] == "values")].query("reference == 'pvq40_us_2017'")
    shown = widest.sort_values("n_respondents").iloc[-1]
    assert shown["r"] == pytest.approx(r) and shown["n_respondents"] == array.shape[0] * array.shape[1]
    assert shown["share_of_ceiling"] == pytest.approx(r / 0.9)


def test_an_unknown_mode_is_told():
    with pytest.raises(StudyError, match="no questionnaire of values recorded in the mode text"):
        baselines.baselines(Study(mode="text"))


def test_ceilings_are_agreements_of_people_and_shares_are_of_them():
    table = ceilings.ceilings(Study())
    assert set(table["side"]) == {"structure", "hierarchy", "behavior"}
    r = table[table["measure"] == "pearson"].set_index(["side", "reference"])
    assert r.loc[("structure", "pvq40_us_2017"), "ceiling"] == pytest.approx(human.ceiling("pvq40_us_2017"))
    assert (table["low"] <= table["ceiling"] + 1e-12).all() and (table["ceiling"] <= table["high"] + 1e-12).all()
    rmse = table[table["measure"] == "rmse"]
    np.testing.assert_allclose(rmse["share"], rmse["ceiling"] / rmse["model"])


def test_measures_worked_by_hand():
    a, b = np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 9.0])
    assert ceilings.measured("rmse", a, b) == pytest.approx(np.sqrt((1 + 4 + 36) / 3))
    assert ceilings.measured("spearman", a, b) == pytest.approx(1)
    assert ceilings.measured("pearson", a, b) == pytest.approx(np.corrcoef(a, b)[0, 1])
