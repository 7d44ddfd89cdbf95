"""The table of structure, called with answers whose right result is known beforehand."""

from itertools import combinations

import numpy as np
import planted
import pytest

from lib.analysis import overlap
from lib.analysis.alignment import ALL, BY_DEFINITION, COMMON, chosen
from lib.analysis.respondents import CAMPS, OWN, PERSONAL, SPLIT
from lib.analysis.structure.alignments import other_label, structure_alignment, usable
from lib.analysis.study import Study
from lib.errors import StudyError
from lib.materials import induction, references
from lib.materials.instruments import load
from lib.materials.questions import RESPONDENT
from lib.materials.values import CODES
from lib.statistics import pairs

PVQ, US = load("pvq40"), "pvq40_us_2017"
HUMAN = planted.human()
PRIMES = planted.of_values(PVQ, planted.symmetric_root(HUMAN))
LENT = [CODES.index(induction.SHUFFLED[code]) for code in CODES]
CAMP = np.array([[1.0 if (a in PERSONAL) == (b in PERSONAL) else -1.0 for b in CODES] for a in CODES])


def words() -> np.ndarray:
    """What those endorse who go by shared words alone: cell x condition x item."""
    table = overlap.read("pvq40").pivot(index=RESPONDENT, columns="item", values="words")[list(PVQ.key)]
    return np.stack([[table.loc[("definition", *cell, code)] for code in CODES] for cell in planted.FOUR])


@pytest.fixture(scope="module", autouse=True)
def models(tmp_path_factory):
    noise = np.random.default_rng(3)
    answers = {
        "human": [
            planted.likelihood(PVQ, PRIMES, noise=0.05),
            planted.likelihood(PVQ, noise.standard_normal((2, 10, 40)), planted.FOUR[:2], "name"),
        ],
        "random": [planted.likelihood(PVQ, noise.standard_normal((4, 10, 40)))],
        "camps": [planted.likelihood(PVQ, planted.of_values(PVQ, CAMP))],
        "words": [planted.likelihood(PVQ, words(), base=0.0)],
        "by_name": [planted.likelihood(PVQ, PRIMES, induction="shuffled")],
        "by_definition": [planted.likelihood(PVQ, PRIMES[LENT], induction="shuffled")],
        "silent": [planted.refused(planted.likelihood(PVQ, PRIMES), person=["I", "he"])],
    }
    with planted.recorded(tmp_path_factory.mktemp("answers"), **answers), planted.fewer_draws():
        yield


@pytest.fixture(scope="module")
def tables(models):
    return {name: structure_alignment(Study(name)) for name in ("human", "random", "camps", "words")}


def row(table, source="definition", reference=US, side="structure", **keys):
    rows = chosen(table, **{"cells": ALL} | keys, source=source, reference=reference, side=side)
    assert len(rows) == 1
    return rows.iloc[0]


def test_a_human_structure_that_was_put_in_is_found(tables):
    found = row(tables["human"])
    assert found["estimate"] > 0.98 and found["low"] > 0.95 and found["p_holm"] < 0.01
    assert found["n_respondents"] == 40 and found["n_numbers"] == 45
    assert row(tables["human"], measure="rmse")["estimate"] < 0.06
    assert row(tables["human"], side="primes")["estimate"] > 0.98


@pytest.mark.parametrize("beyond", ["words", "embedding", "two camps", "all"])
def test_what_is_human_stays_so_beyond_words_and_camps(tables, beyond):
    found = row(tables["human"], beyond=beyond)
    assert found["estimate"] > 0.95 and found["p"] < 0.01


def test_random_answers_are_no_finding(tables):
    assert row(tables["random"])["null_low"] < row(tables["random"])["estimate"]
    for reference in references.references():
        found = row(tables["random"], reference=reference)
        assert found["low"] < found["estimate"] < found["null_high"] and found["p_holm"] > 0.05


def test_beyond_two_camps_nothing_is_left_of_who_sees_two_camps(tables):
    found, left = row(tables["camps"]), row(tables["camps"], beyond="two camps")
    assert found["estimate"] == pytest.approx(0.66, abs=0.005)
    assert found["estimate"] == pytest.approx(row(tables["camps"], CAMPS)["estimate"])
    assert np.isnan(left[["estimate", "low", "high", "p", "p_holm"]].astype(float)).all()


def test_beyond_words_nothing_is_left_of_who_goes_by_words(tables):
    """Who goes by the overlap is found equal to the baseline of that name, for every sample and side."""
    for reference in references.references():
        found = row(tables["words"], reference=reference)
        alone = row(tables["words"], "words", reference=reference)
        assert found["estimate"] == pytest.approx(alone["estimate"], abs=1e-9)
        assert np.isnan(row(tables["words"], beyond="words", reference=reference)["estimate"])
        assert np.isfinite(row(tables["words"], beyond="two camps", reference=reference)["estimate"])


def test_inductions_are_compared_on_the_cells_they_share(tables):
    wide, narrow = row(tables["human"]), row(tables["human"], cells=COMMON)
    assert (wide["n_respondents"], narrow["n_respondents"]) == (40, 20)
    assert row(tables["human"], "name")["n_respondents"] == 20
    assert chosen(tables["human"], source="name", cells=COMMON).empty
    assert np.isnan(narrow["low"])  # two cells say nothing of how much hangs on the wording


def test_every_wording_stands_alone_too(tables):
    rows = chosen(tables["human"], source="definition", reference=US, side="structure", wording=["imagine", "plain"])
    assert rows["estimate"].min() > 0.97 and (rows["n_respondents"] == 20).all() and rows["low"].isna().all()


def test_baselines_claim_nothing_and_inductions_are_corrected_apart(tables):
    table = tables["human"]
    corrected = table[table["p_holm"].notna()]
    assert set(corrected["source"]) == {"definition", "name"}
    assert (corrected["p_holm"] >= corrected["p"]).all()
    random = row(table, "random")
    assert abs(random["estimate"]) < 0.1 and random["null_low"] < random["estimate"] < random["null_high"]
    own, null = row(table, OWN), row(tables["random"], OWN)
    assert own["estimate"] == null["estimate"] and own["n_respondents"] == 10


def test_the_best_split_is_the_best_of_all(tables):
    """By brute force over the ways to choose one side of two."""
    reached = []
    for size in range(1, 6):
        for side in combinations(range(10), size):
            sign = np.where(np.isin(range(10), side), 1.0, -1.0)
            reached.append(np.corrcoef(pairs(np.outer(sign, sign)), pairs(HUMAN))[0, 1])
    found = row(tables["random"], SPLIT)
    assert found["estimate"] == pytest.approx(max(reached)) and np.isnan(found["p_holm"])
    assert found["estimate"] >= row(tables["random"], CAMPS)["estimate"]


def test_the_band_and_the_ceiling_are_those_of_the_respondents_beside_them(tables):
    """The same number of random respondents has the same band, whoever stands beside it."""
    assert row(tables["human"])["null_high"] == row(tables["random"])["null_high"] == row(tables["camps"])["null_high"]
    assert row(tables["human"], cells=COMMON)["null_high"] == row(tables["human"], "name")["null_high"]
    others = np.array([0.9186, 0.9351, 0.9237, 0.9019])  # published by another program
    assert row(tables["human"])["ceiling"] == pytest.approx(np.tanh(np.arctanh(others).mean()), abs=1e-3)


@pytest.mark.parametrize(("model", "by_name"), [("by_name", True), ("by_definition", False)])
def test_shuffled_primes_tell_what_the_model_follows(model, by_name):
    table = structure_alignment(Study(model, induction="shuffled"))
    named, defined = (row(table, source, side="primes")["estimate"] for source in ("shuffled", BY_DEFINITION))
    assert (named if by_name else defined) > 0.98
    assert (defined if by_name else named) == pytest.approx(other_label(HUMAN), abs=0.05)
    assert row(table, "shuffled")["estimate"] > 0.98  # correlations of values do not know a prime's name


def test_another_values_definition_tells_nothing_of_the_circle():
    assert sorted(induction.SHUFFLED.values()) == sorted(CODES)
    for name in references.references():
        matrix = planted.human(name)
        lent = matrix[np.ix_(LENT, LENT)]
        assert other_label(matrix) == pytest.approx(np.corrcoef(pairs(lent), pairs(matrix))[0, 1])
        assert abs(other_label(matrix)) < 0.3


def test_who_refused_everything_is_told():
    with pytest.raises(StudyError, match="silent has no questionnaire of values with a wording and person"):
        structure_alignment(Study("silent"))
    assert usable(Study("silent")) == {}
