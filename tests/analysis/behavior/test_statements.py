"""The behaviour tests: endorsements that were put in, and behaviours that are related as the values are in people."""

import numpy as np
import pandas as pd
import planted
import pytest
from scipy.stats import ttest_1samp

from lib.analysis.alignment import ALL, chosen
from lib.analysis.behavior import statements
from lib.analysis.respondents import CAMPS, PERSONAL
from lib.analysis.study import Study
from lib.errors import StudyError
from lib.materials.instruments import load
from lib.materials.questions import RESPONDENT
from lib.materials.statements import catalogue
from lib.materials.values import CODES, CONDITIONS, HIGHER_ORDER, cosine_matrix

TESTS, STUDY = load("behavior_tests"), Study()
TURNED = np.array([-1.0 if item.reversed else 1.0 for item in TESTS.items])
BEHAVIORS = catalogue().index


def responses(effect: dict[str, float], missing: str = "", cells=(("imagine", "I"),), seed=0) -> pd.DataFrame:
    """Answers to the behaviour tests in which the named conditions raise agreeableness by so much."""
    index = pd.MultiIndex.from_tuples(
        [("definition", *cell, c) for cell in cells for c in CONDITIONS], names=RESPONDENT
    )
    noise = np.random.default_rng(seed).standard_normal((len(index), len(TESTS.key)))
    items = pd.DataFrame(noise, index, list(TESTS.key))
    mine = [i.id for i in TESTS.items if i.scale == "agreeableness"]
    for condition, size in effect.items():
        items.loc[pd.IndexSlice[:, :, :, condition], mine] += size
    if missing:
        items[[i.id for i in TESTS.items if i.scale == missing][:25]] = np.nan
    return items


# ── Endorsements ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_endorsement_finds_what_was_put_in():
    table = statements.endorsement_table(responses({"BE": 3.0, "PO": -3.0}), TESTS)
    assert len(table) == 135 * 11
    mine = table[table["behavior"] == "agreeableness"].set_index("condition")
    assert mine.loc["BE", "low"] > 2 and mine.loc["PO", "high"] < -2
    assert mine.loc["BE", "share"] > 0.9 and mine.loc["BE", "statements"] == 40
    wide = statements.by_higher_order(table)
    assert wide.loc["agreeableness"].idxmax() == "TRANS" and wide.loc["agreeableness"].idxmin() == "ENH"
    assert list(wide.columns) == [h.code for h in HIGHER_ORDER]


def test_endorsement_is_the_mean_over_cells_then_statements_with_students_interval():
    """By scipy; the mean answer as put is taken out of each respondent first."""
    items = responses({}, cells=planted.TWO)
    louder = items + np.outer(np.arange(len(items)), TURNED)  # a prime that raises every statement
    table = statements.endorsement_table(louder, TESTS).set_index(["behavior", "condition"])
    level = (items * TURNED).mean(axis=1)
    without = items - np.outer(level, TURNED)
    own = [i.id for i in TESTS.items if i.scale == BEHAVIORS[5]]
    answers = without.xs("CO", level="condition")[own].mean(axis=0)
    found, expected = table.loc[(BEHAVIORS[5], "CO")], ttest_1samp(answers, 0).confidence_interval()
    assert found["endorsement"] == pytest.approx(answers.mean()) and found["share"] == (answers > 0).mean()
    assert found[["low", "high"]].tolist() == pytest.approx([expected.low, expected.high])


def test_a_behaviour_with_too_few_answers_has_no_figures():
    table = statements.endorsement_table(responses({}, missing="narcissism"), TESTS)
    mine = table[table["behavior"] == "narcissism"]
    assert (mine["statements"] == 15).all() and mine["endorsement"].isna().all()
    assert "narcissism" not in statements.profiles(table).index


def test_statements_that_were_not_asked_are_not_held_against_a_behaviour():
    items = responses({"BE": 3.0})
    asked = [i.id for k, i in enumerate(TESTS.items) if k % 4 == 0]
    table = statements.endorsement_table(items[asked].reindex(columns=items.columns), TESTS, asked)
    assert (table["statements"] == 10).all() and table["endorsement"].notna().all()


def test_answers_to_another_draw_are_left_out(tmp_path):
    asked = TESTS.items[0]
    other = asked.id.rsplit("_", 1)[0] + "_99999"
    answers = planted.likelihood(TESTS, np.zeros((10, len(TESTS.items))), planted.TWO[:1])
    answers = answers[answers["item"].isin([i.id for i in TESTS.items[:2]])]
    foreign = answers[answers["item"] == asked.id].assign(item=other)
    with planted.recorded(tmp_path, both=[answers, foreign], foreign=[foreign]):
        items, instrument = statements.asked_items(Study("both", "pvq40"))
        assert instrument.id == TESTS.id and items.notna().any().sum() == 2
        with pytest.raises(StudyError, match="None of the 5,400 statements drawn was asked. Ask them: make ask"):
            statements.asked_items(Study("foreign", "pvq40"))


# ── Structure over behaviours ───────────────────────────────────────────────────────────────────────────────────────


def table_of(profile: np.ndarray) -> pd.DataFrame:
    """An endorsement table with these numbers, behaviours x values."""
    wide = pd.DataFrame(profile, BEHAVIORS, list(CODES)).rename_axis(index="behavior").reset_index()
    return wide.melt("behavior", var_name="condition", value_name="endorsement")


def like(structure: np.ndarray, seed: int = 0) -> pd.DataFrame:
    """135 behaviours over which the values correlate as in a matrix."""
    draws = np.random.default_rng(seed).standard_normal((135, 10))
    return table_of(draws @ planted.symmetric_root(structure))


@pytest.fixture(scope="module", autouse=True)
def fewer():
    with planted.fewer_draws(499):
        yield


def structure_of(table: pd.DataFrame) -> pd.DataFrame:
    return statements.behavior_structure(STUDY, responses({}), table)


def row(table, source="definition", scope=ALL, **keys):
    rows = chosen(table, **keys, source=source, scope=scope, reference="pvq40_us_2017")
    assert len(rows) == 1
    return rows.iloc[0]


def test_behaviours_that_go_together_as_values_do_are_found_so():
    found = structure_of(like(planted.human()))
    assert row(found)["estimate"] > 0.9 and row(found)["low"] > row(found)["null_high"] and row(found)["p"] == 1 / 500
    assert row(found)["covers"] == "behaviours" and row(found)["n_respondents"] == 10
    for beyond in ("two camps", "all"):
        assert row(found, beyond=beyond)["estimate"] > 0.8 and row(found, beyond=beyond)["p"] < 0.01
    assert row(found, CAMPS)["estimate"] == pytest.approx(0.66, abs=0.005)
    assert row(found, scope="personality")["n_numbers"] == 45 and np.isnan(row(found, scope="personality")["low"])


def test_behaviours_without_order_are_no_finding():
    found = structure_of(like(np.eye(10)))
    assert row(found)["null_low"] < row(found)["estimate"] < row(found)["null_high"] and row(found)["p_holm"] > 0.05


def test_beyond_two_camps_nothing_is_left_of_two_camps():
    camps = np.where([code in PERSONAL for code in CODES], 1.0, -1.0)
    profile = np.outer(np.random.default_rng(0).standard_normal(135), camps)
    assert row(structure_of(table_of(profile)))["estimate"] == pytest.approx(0.66, abs=0.01)
    noisy = profile + 0.05 * np.random.default_rng(1).standard_normal(profile.shape)
    assert abs(row(structure_of(table_of(noisy)), beyond="two camps")["estimate"]) < 0.3


def test_who_goes_by_letters_is_the_row_of_that_name():
    lexical = statements.lexical_profiles()
    found = structure_of(table_of(lexical.loc[BEHAVIORS].to_numpy()))
    assert row(found)["estimate"] == pytest.approx(row(found, "characters")["estimate"])
    assert np.isnan(row(found, beyond="all")["estimate"])
    order = statements.behavior_order(STUDY, table_of(lexical.loc[BEHAVIORS].to_numpy())).set_index("group")
    assert order["overlap"].to_numpy() == pytest.approx(1)


def test_that_some_behaviours_are_endorsed_more_is_no_likeness_of_values():
    profile = np.random.default_rng(0).standard_normal((135, 10))
    one, other = (table_of(p) for p in (profile, profile + 10 * np.random.default_rng(1).standard_normal((135, 1))))
    correlations = [statements.value_correlations(statements.profiles(t)) for t in (one, other)]
    assert correlations[0].to_numpy() == pytest.approx(correlations[1].to_numpy())
    assert correlations[0].to_numpy()[np.triu_indices(10, 1)].mean() == pytest.approx(-1 / 9, abs=0.01)


def test_order_is_that_of_the_circle_that_was_put_in():
    order = statements.behavior_order(STUDY, like(cosine_matrix().to_numpy())).set_index("group")
    assert order.loc[ALL, "ci"] > 0.8 and order.loc[ALL, "p"] < 0.001 and order.loc[ALL, "behaviors"] == 135
    assert (order["behaviors"] >= 8).all() and abs(order.loc[ALL, "overlap"]) < 0.15
    none = statements.behavior_order(STUDY, like(np.eye(10))).set_index("group").loc[ALL]
    assert abs(none["ci"]) < 0.3 and none["p"] > 0.05


def test_what_is_written_of_word_overlap_is_what_is_read(tmp_path, monkeypatch):
    """Without the licensed texts: letters counted over stand-ins."""
    monkeypatch.setattr(statements, "OVERLAP", tmp_path / "overlap.csv")
    index = pd.MultiIndex.from_tuples([("definition", "imagine", "I", c) for c in CODES], names=RESPONDENT)
    items = pd.DataFrame(np.random.default_rng(0).random((10, len(TESTS.key))), index, list(TESTS.key))
    monkeypatch.setattr(statements.overlap, "computed", lambda *_: None)
    monkeypatch.setattr(statements.overlap, "turned", lambda *_: items)
    statements.write_overlap()
    expected = statements.profiles(statements.endorsement_table(items, TESTS))
    assert statements.lexical_profiles().to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-4)
