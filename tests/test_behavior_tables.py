from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lib import behavior, behavior_figures, behavior_report, behavior_tables, human, human_behavior, simulation
from lib.errors import StudyError
from lib.instruments import load
from lib.scoring import RESPONDENT
from lib.values import CODES

VALUES, SURVEY = load("open_portraits"), load("social_survey")
STUDY = SimpleNamespace(model="made-up", instrument="open_portraits", mode="choice", induction="definition", seed=1)


def simulated(scale: float, n: int = 200, seed: int = 1) -> behavior_tables.Result:
    """A social survey answered by people with the American relations, made larger by `scale` (0: no relations)."""
    people = simulation.respondents(VALUES, human.structure("gss2012_us").to_numpy(), n, seed)
    target = human_behavior.matrix(human_behavior.cells("gss2012_us")).reindex(list(SURVEY.scales)).fillna(0.0)
    planted = scale * simulation.feasible(target.to_numpy(), people, VALUES)
    items = simulation.behaviors(people, VALUES, SURVEY, planted, seed + 1)
    paired = behavior.pair(people, VALUES, items, SURVEY)
    drawn, null = behavior.bootstrapped(paired, 1, draws=10), behavior.permuted(paired, 1, draws=99)
    return behavior_tables.Result(SURVEY, items, paired, behavior.matrix(paired), drawn, null, None)


@pytest.fixture(scope="module")
def human_like() -> dict[str, behavior_tables.Result]:
    return {"social_survey": simulated(2.0)}


@pytest.fixture(scope="module")
def table(human_like) -> pd.DataFrame:
    return behavior_tables.behavior_alignment(STUDY, human_like)


def one(table, reference, measure, scope="all"):
    found = table.query("reference == @reference and measure == @measure and scope == @scope")
    assert len(found) == 1
    return found.iloc[0]


def test_a_human_like_respondent_is_found_human_like(table):
    gss = one(table, "gss2012_us", "pearson")
    assert gss["estimate"] > 0.9 and gss["low"] > gss["null_edge"] and gss["p"] == pytest.approx(0.01)
    assert one(table, "gss2012_us", "sign")["estimate"] > 0.85
    assert one(table, "gss2012_us", "slope")["estimate"] == pytest.approx(2, abs=0.2)
    assert one(table, "ess9_be", "pearson", "shared")["estimate"] > 0.5


def test_a_respondent_without_relations_is_not():
    found = behavior_tables.behavior_alignment(STUDY, {"social_survey": simulated(0.0)})
    gss = one(found, "gss2012_us", "pearson")
    assert gss["p"] > 0.05 and gss["estimate"] < gss["null_edge"]


def test_scopes_ceiling_and_counts(table):
    assert one(table, "gss2012_us", "pearson")["n_cells"] == 210
    assert one(table, "gss2012_us", "pearson", "check")["n_cells"] == 30
    shared = one(table, "ess9_be", "pearson", "shared")
    assert shared["n_cells"] == 100 and shared["ceiling"] == pytest.approx(0.727, abs=0.001)
    assert np.isnan(one(table, "ess9_be", "pearson")["ceiling"])
    assert set(table["scope"]) == {"all", "shared", "check"} and (table["p_holm"] >= table["p"]).all()


def test_checks_take_no_part_in_the_alignment(human_like, table):
    changed = dict(human_like)
    matrix = human_like["social_survey"].matrix.copy()
    matrix.loc[["female", "age", "education"]] *= -1
    result = human_like["social_survey"]
    changed["social_survey"] = behavior_tables.Result(
        SURVEY, result.items, result.paired, matrix, result.drawn, result.null, None
    )
    other = behavior_tables.behavior_alignment(STUDY, changed)
    assert one(other, "gss2012_us", "pearson")["estimate"] == one(table, "gss2012_us", "pearson")["estimate"]
    assert one(other, "gss2012_us", "pearson", "check")["estimate"] < 0


def test_profiles_find_the_human_places(human_like):
    profiles = behavior_tables.behavior_profiles(STUDY, human_like)
    religious = profiles.query("reference == 'gss2012_us' and scale == 'religiousness'").iloc[0]
    assert religious["distance"] < 15 and religious["model_value"] == religious["human_value"] == "TR"
    assert profiles.query("reference == 'gss2012_us' and scope == 'all'")["distance"].median() < 25
    assert (profiles["q"] >= profiles["p"] - 1e-12).all() and set(profiles["scope"]) == {"all", "check"}


def test_word_overlap_takes_no_size_from_the_model():
    """What raises all of the model's statements alike must not reach the respondent who only compares letters."""
    index = pd.MultiIndex.from_product([["definition"], ["imagine", "plain"], ["I"], CODES], names=RESPONDENT)
    values = np.random.default_rng(0).standard_normal((len(index), len(VALUES.key)))
    found = []
    for loudness in (0.0, 5.0):
        items = pd.DataFrame(values + loudness * np.arange(len(index))[:, None], index, list(VALUES.key))
        study = SimpleNamespace(items=lambda items=items: items, questionnaire=VALUES)
        asked = pd.DataFrame(0.0, index, list(load("prosocialness").key))
        found.append(behavior_tables._lexical(study, asked, load("prosocialness")))
    pd.testing.assert_frame_equal(*found)
    elsewhere = asked.rename(index={"imagine": "shouted"})
    assert behavior_tables._lexical(study, elsewhere, load("prosocialness")) is None


def test_a_reference_with_gaps_or_signs_is_compared_by_what_it_has():
    big_five = behavior_tables.targets(load("bfi2"))
    assert set(big_five) == {("parks_leduc_2015_secondhand", "all"), ("directional", "all")}
    assert behavior_tables.measures_for("directional") == ("sign",)
    assert "slope" not in behavior_tables.measures_for("circle")
    assert set(behavior_tables.targets(load("donation_causes"))) == {("circle", "all")}


def test_instruments_without_human_coefficients_are_named(human_like):
    causes = {"donation_causes": human_like["social_survey"], "bfi2": human_like["social_survey"]}
    messages = behavior_report.without_reference(human_like | causes)
    assert len(messages) == 2 and messages[0].endswith("no human result at all.") and "second-hand" in messages[1]


def test_the_papers_figures_are_second_hand_and_by_instrument():
    assert behavior_tables.paper_reported("bfi2") == pytest.approx(0.644)
    assert np.isnan(behavior_tables.paper_reported("social_survey"))


def test_verdicts_say_chance_and_ceiling(table):
    lines = behavior_report.verdicts(table)
    assert len(lines) == (table["measure"] == "pearson").sum()
    assert any("people reach .73" in line for line in lines)
    assert "more than permuted primes (p = .010)" in next(
        line for line in lines if "General Social Survey 2012:" in line
    )


def test_verdicts_of_the_behaviour_tests_name_the_ends():
    structure = pd.DataFrame({"group": ["all", "a", "b"], "behaviors": 9, "ci": 0.5, "ci_p": [0.001, 0.2, 0.01]})
    structure = structure.assign(r=0.6, low=0.2, high=0.7, mantel_p=0.03)
    overlap = pd.DataFrame({"group": ["all"], "r": [0.1], "lexical_structure": [0.2]})
    lines = behavior_report.test_verdicts(structure, overlap, pd.Series(range(10), index=list(CODES)))
    assert lines[0].endswith("CI = .50, more than relabelled values (p = .001).")
    assert lines[3].endswith(": b.")
    assert "most by security, conformity and tradition, least by power" in lines[4]


def test_first_choices_name_what_a_value_raises(human_like):
    found = behavior_report.first_choices(human_like["social_survey"])
    assert found.shape == (200, 3) and set(found[1]) <= set(SURVEY.titles.values())


def test_panels_without_the_survey_say_so():
    with pytest.raises(StudyError, match="social_survey is not recorded for made-up"):
        behavior_report.survey_panels(STUDY, {}, "gss2012_us")


def test_panels_share_rows_and_the_difference_is_theirs(human_like):
    panels = behavior_report.survey_panels(STUDY, human_like, "gss2012_us")
    people, model, difference = panels.values()
    assert list(people.index) == list(model.index) == list(difference.index) and len(people) == 21
    assert list(panels) == ["US, General Social Survey 2012", "made-up", "difference"]
    assert np.allclose(model - people, difference)


# ── Figures: what is drawn is what is in the table ────────────────────────────────────────────────────────────────


def rows_of(chart) -> list[dict]:
    return [row for rows in chart.to_dict()["datasets"].values() for row in rows]


def test_heatmaps_keep_the_sign_of_small_correlations(human_like):
    panels = behavior_report.survey_panels(STUDY, human_like, "gss2012_us")
    rows = rows_of(behavior_figures.relation_heatmaps(panels, SURVEY.titles))
    assert len(rows) == 3 * 210
    for row in rows:
        assert np.sign(row["r"]) == np.sign(row["shade"]) and row["shade"] ** 2 == pytest.approx(abs(row["r"]))


def test_profiles_are_drawn_to_one_size(human_like):
    humans = {"US": human_behavior.matrix(human_behavior.cells("gss2012_us").query("role == 'behavior'"))}
    chart = behavior_figures.circle_profiles(human_like["social_survey"].matrix, humans, SURVEY.titles)
    rows = pd.DataFrame(rows_of(chart))
    size = rows.groupby(["behavior", "sample"])["shape"].agg(lambda s: np.sqrt((s**2).mean()))
    assert len(size) == 2 * 21 and np.allclose(size, 1)


def test_the_forest_shows_every_row(table):
    pearson = table[table["measure"] == "pearson"]
    pearson = pearson.assign(label=behavior_report.forest_labels(pearson))
    assert pearson["label"].is_unique
    rows = [r for r in rows_of(behavior_figures.alignment_forest(pearson, "r", (-0.6, 1.0))) if "label" in r]
    assert {r["label"] for r in rows} == set(pearson["label"])


def test_labels_of_the_behaviour_tests_stay_unique():
    from lib.behavior_tests import catalogue

    wide = pd.DataFrame(0.5, index=catalogue().index, columns=["OPEN", "TRANS", "CONS", "ENH"])
    wide.iloc[0] = 0.7
    chart = behavior_figures.higher_order_agreement(wide, catalogue()["group"])
    assert len({r["behavior"] for r in rows_of(chart)}) == 135


def test_agreement_by_value_leaves_out_the_unprimed():
    table = pd.DataFrame({"behavior": "b", "condition": [*CODES, "none"], "agreement": 0.1, "low": 0.0, "high": 0.2})
    rows = rows_of(behavior_figures.agreement_by_value(table, {"b": "B"}, "nats"))
    assert len([r for r in rows if "value" in r]) == 10
