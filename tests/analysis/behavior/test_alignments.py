"""The table of behaviour, called with answers whose right result is known beforehand."""

import numpy as np
import planted
import pytest

from lib import statistics
from lib.analysis import overlap, people
from lib.analysis.alignment import ALL, CHECK, COMMON, SHARED, chosen
from lib.analysis.behavior.alignments import FORWARD, REVERSED, behavior_alignment, pairs_of, positions
from lib.analysis.behavior.relations import BY_PRIME, lexical, pair
from lib.analysis.respondents import CAMPS
from lib.analysis.study import Study
from lib.errors import StudyError
from lib.materials import behavior_references
from lib.materials.instruments import load
from lib.materials.questions import RESPONDENT
from lib.materials.values import CODES

VALUES, SURVEY = load("open_portraits"), load("social_survey")
ONE = {"wording": "plain", "person": "he"}
ROOT = planted.symmetric_root(planted.human("gss2012_us"))
VALUED = planted.of_values(VALUES, ROOT)
SCALES = [SURVEY.scales.index(item.scale) for item in SURVEY.items]
TURNED = np.array([-1.0 if item.reversed else 1.0 for item in SURVEY.items])


def acts() -> np.ndarray:
    """Endorsements of the survey, condition x item, by which behaviours go with the values as in Americans."""
    known = behavior_references.matrix(behavior_references.cells("gss2012_us"))
    wanted = known.reindex(list(SURVEY.scales)).fillna(0.0).to_numpy()
    behavior = ROOT @ np.linalg.pinv(planted.human("gss2012_us"), rcond=1e-2) @ wanted.T
    return behavior[:, SCALES] * TURNED


def words(instrument) -> np.ndarray:
    """What those endorse who go by shared words alone: cell x condition x item, as put."""
    table = overlap.read(instrument.id).pivot(index=RESPONDENT, columns="item", values="words")[list(instrument.key)]
    return np.stack([[table.loc[("definition", *cell, code)] for code in CODES] for cell in planted.FOUR])


@pytest.fixture(scope="module", autouse=True)
def models(tmp_path_factory):
    rng = np.random.default_rng(0)
    valued, acted = (planted.likelihood(i, e, noise=0.05) for i, e in ((VALUES, VALUED), (SURVEY, acts())))
    cells = planted.FOUR[:2]
    named = [planted.likelihood(i, rng.standard_normal((2, 10, len(i.key))), cells, "name") for i in (VALUES, SURVEY)]
    lost = [item.id for item in SURVEY.items if item.scale == "prayer"][:3]
    half = [item.id for item in SURVEY.items if item.scale == "trust" and not item.reversed]
    partly = planted.refused(planted.refused(acted, item=lost, condition="PO"), item=half, condition="PO", **ONE)
    answers = {
        "human": [valued, acted, *named],
        "random": [planted.likelihood(i, rng.standard_normal((4, 10, len(i.key)))) for i in (VALUES, SURVEY)],
        "words": [planted.likelihood(i, words(i), base=0.0) for i in (VALUES, SURVEY)],
        "partly": [valued, partly, *named],
        "mute": [valued],
    }
    with planted.recorded(tmp_path_factory.mktemp("answers"), **answers), planted.fewer_draws(499):
        yield


def study_of(model: str) -> Study:
    return Study(model, instrument="open_portraits", reference="gss2012_us")


@pytest.fixture(scope="module")
def tables(models):
    names = ("human", "random", "words", "partly")
    return {name: behavior_alignment(study_of(name), pairs_of(study_of(name))[0]) for name in names}


def row(table, source="definition", reference="gss2012_us", scope=ALL, side="behavior", **keys):
    keys = {"cells": ALL} | ({"prime": "definition"} if source in ("words", CAMPS) else {}) | keys
    rows = chosen(table, **keys, source=source, reference=reference, scope=scope, side=side)
    assert len(rows) == 1
    return rows.iloc[0]


def test_relations_like_peoples_are_found_so(tables):
    found = row(tables["human"])
    assert found["estimate"] > 0.85 and found["low"] > found["null_high"] and found["p_holm"] < 0.02
    assert (found["n_respondents"], found["n_numbers"]) == (40, 210)
    assert row(tables["human"], measure="sign")["estimate"] > 0.8
    assert row(tables["human"], measure="slope")["estimate"] > 1  # ten primes without individual differences
    assert row(tables["human"], scope=SHARED, reference="ess9_be")["estimate"] > 0.5


@pytest.mark.parametrize("beyond", ["words", "embedding", "two camps", "all"])
def test_what_is_human_stays_so_beyond_words_and_camps(tables, beyond):
    assert row(tables["human"], beyond=beyond)["estimate"] > 0.6
    assert row(tables["human"], beyond=beyond)["p"] < 0.01


def test_random_answers_are_no_finding(tables):
    for reference in ("gss2012_us", "ess9_be"):
        found = row(tables["random"], reference=reference)
        assert found["null_low"] < found["estimate"] < found["null_high"] and found["p_holm"] > 0.05
        assert found["low"] < found["null_high"]


def test_beyond_words_nothing_is_left_of_who_goes_by_words(tables):
    table = tables["words"]
    for reference, scope in (("gss2012_us", ALL), ("gss2012_us", CHECK), ("ess9_be", SHARED)):
        found, alone = (row(table, source, reference, scope) for source in ("definition", "words"))
        assert found["estimate"] == pytest.approx(alone["estimate"], abs=1e-9)
        assert np.isnan(row(table, reference=reference, scope=scope, beyond="words")["estimate"])


def test_scopes_ceiling_and_counts(tables):
    table = tables["human"]
    assert row(table, scope=CHECK)["n_numbers"] == 30
    shared = row(table, reference="ess9_be", scope=SHARED)
    assert shared["n_numbers"] == 100 and shared["ceiling"] == pytest.approx(0.727, abs=0.001)
    assert np.isnan(row(table, reference="ess9_be")["ceiling"])


def test_two_camps_are_the_mean_relation_within_each_camp(tables):
    """What two camps carry of the model's relations and what is left beyond them share nothing."""
    camps, left = row(tables["human"], CAMPS), row(tables["human"], beyond="two camps")
    assert 0 < camps["estimate"] < row(tables["human"])["estimate"] and left["n_numbers"] == camps["n_numbers"]


def test_other_inductions_and_the_unprimed_stand_beside(tables):
    table = tables["human"]
    assert row(table, "name")["n_respondents"] == 20
    assert row(table, cells=COMMON)["n_respondents"] == 20 and np.isnan(row(table, cells=COMMON)["low"])
    assert row(table, cells=COMMON)["null_high"] == row(table, "name")["null_high"]
    assert row(table, side=BY_PRIME)["estimate"] > 0.5
    assert set(table["source"]) >= {"definition", "name", "random", "none", "words", "characters", "embedding", CAMPS}
    assert set(table[table["p_holm"].notna()]["source"]) == {"definition", "name"}


def test_a_behaviour_that_one_induction_lacks_moves_no_other(tables):
    """Of "partly" too few of the statements on prayer count; all others are compared where they belong."""
    found, messages = pairs_of(study_of("partly"))
    one, whole = found["social_survey"], pair(study_of("human"), "social_survey")
    kept = [i for i, s in enumerate(SURVEY.scales) if s != "prayer"]
    assert "social_survey: too few valid answers for prayer." in messages
    assert one.behavior_side.scales == tuple(SURVEY.scales[i] for i in kept)
    target = next(t for t in people.behaviors(SURVEY, one.behavior_side.scales) if t.scope == ALL)
    assert row(tables["partly"])["n_numbers"] == 200
    expected = np.corrcoef(positions(target, lexical(whole)["words"].relations[kept]), target.numbers)[0, 1]
    assert row(tables["partly"], "words")["estimate"] == pytest.approx(expected)
    # The other induction has all of its behaviours.
    for key in ("estimate", "n_numbers", "null_high"):
        assert row(tables["partly"], "name")[key] == pytest.approx(row(tables["human"], "name")[key])


def test_each_half_of_the_statements_stands_alone(tables):
    """By plain means over the statements (or the reverse-keyed ones) of each behaviour, their mean as put taken out."""
    one, known = pair(study_of("human"), "social_survey"), behavior_references.cells("gss2012_us")
    known = known[known["role"] == "behavior"]
    for source, kept in ((FORWARD, TURNED > 0), (REVERSED, TURNED < 0)):
        put = one.behavior_side.items[..., kept] * TURNED[kept]
        turned = (put - put.mean(axis=-1, keepdims=True)) * TURNED[kept]
        scores = np.stack([turned[..., np.array(SCALES)[kept] == i].mean(axis=-1) for i in range(37)], axis=-1)
        found = statistics.relations(scores, one.value_side.scores())
        ours = [
            found[SURVEY.scales.index(s), CODES.index(v)] for s, v in zip(known["scale"], known["value"], strict=True)
        ]
        assert row(tables["human"], source)["estimate"] == pytest.approx(np.corrcoef(ours, known["r"])[0, 1])


def test_a_half_is_compared_where_all_of_its_behaviours_were_answered(tables):
    """In one cell of "partly" no statement on trust counts, but its reverse-keyed ones do: enough for the whole."""
    assert row(tables["partly"])["n_respondents"] == row(tables["partly"], REVERSED)["n_respondents"] == 40
    assert row(tables["partly"], FORWARD)["n_respondents"] == 30
    assert np.isfinite(row(tables["partly"], FORWARD)["estimate"])


def test_the_study_shows_the_one_number_everywhere(tables):
    """r of the study's own row is the correlation of its pair's relations with the survey's coefficients."""
    one = pair(study_of("human"), "social_survey")
    known = behavior_references.cells("gss2012_us").query("role == 'behavior'")
    ours = [one.matrix().loc[s, v] for s, v in zip(known["scale"], known["value"], strict=True)]
    assert row(tables["human"])["estimate"] == pytest.approx(np.corrcoef(ours, known["r"])[0, 1])


def test_what_cannot_be_used_is_named(tables):
    _, messages = pairs_of(study_of("human"))
    assert any(m.startswith("bfi2 is left out. Unknown answers of human") for m in messages)
    with pytest.raises(StudyError, match="No questionnaire of behaviour can be used. bfi2 is left out"):
        pairs_of(study_of("mute"))
