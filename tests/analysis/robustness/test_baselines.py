"""One number, one producer: what robustness, the claims and the comparison of models show is what structure made."""

from dataclasses import replace

import numpy as np
import planted
import pytest

from lib import paths
from lib.analysis import published
from lib.analysis.alignment import ALL, BY_DEFINITION, COMMON, SHARED, chosen
from lib.analysis.behavior.alignments import behavior_alignment
from lib.analysis.behavior.relations import pair
from lib.analysis.robustness import baselines
from lib.analysis.structure.alignments import other_label, structure_alignment
from lib.analysis.structure.evidence import of_study
from lib.analysis.study import Study
from lib.materials.instruments import load
from lib.presentation import claims, tables
from lib.statistics import pairs

PVQ, SURVEY, US = load("pvq40"), load("social_survey"), "pvq40_us_2017"
HUMAN = planted.human()
PRIMES = planted.of_values(PVQ, planted.symmetric_root(HUMAN))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A study with its tables of structure and behaviour, published: three inductions, two of them in fewer cells."""
    rng = np.random.default_rng(0)
    answers = [planted.likelihood(PVQ, PRIMES, noise=0.3)]
    answers += [planted.likelihood(PVQ, PRIMES, planted.FOUR[:2], name, noise=0.3) for name in ("name", "shuffled")]
    answers += [planted.likelihood(SURVEY, rng.standard_normal((10, 148)), noise=1.0)]
    folder = tmp_path_factory.mktemp("processed")
    recorded = planted.recorded(tmp_path_factory.mktemp("answers"), model=answers)
    with recorded, planted.fewer_draws(199), pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "PROCESSED", folder)
        study = Study("model")
        structure = structure_alignment(study)
        behavior = behavior_alignment(study, {"social_survey": pair(study, "social_survey")})
        tables.write_csv(structure, "structure_alignment", study.tables)
        tables.write_csv(behavior, "behavior_alignment", study.tables)
        yield study, structure, behavior


def mine(table):
    """The study's own row."""
    keys = {"source": "definition", "cells": ALL, "reference": US, "side": "structure"}
    rows = chosen(table, **keys)
    assert len(rows) == 1
    return rows.iloc[0]


NUMBERS = ["estimate", "low", "high", "p", "p_holm", "null_low", "null_high", "ceiling"]


def test_r_of_the_study_is_one_number(made):
    """Of the table, the baselines, the claims (read back) and the table of models."""
    study, structure, behavior = made
    expected = mine(structure)
    assert expected["estimate"] == pytest.approx(np.corrcoef(pairs(of_study(study)), pairs(HUMAN))[0, 1])
    side, _ = baselines.sides(study, structure, behavior).values()
    found, _ = published.there(study)
    models = baselines.pooled(published.of_model("model", "structure_alignment"), study)
    shown = [mine(side), claims.own_structure(study, found), mine(models)]
    for row in shown:
        assert row[NUMBERS].astype(float).tolist() == pytest.approx(expected[NUMBERS].tolist(), rel=1e-7)
    row = next(r for r in claims.comparison(study, found).to_dict("records") if r["item"] == "model")
    assert [row["ours"], row["null_high"], row["ceiling"]] == pytest.approx(
        expected[["estimate", "null_high", "ceiling"]].tolist(), rel=1e-7
    )


def test_baselines_are_rows_of_the_tables_on_the_same_cells(made):
    study, structure, behavior = made
    shown = baselines.baselines(baselines.sides(study, structure, behavior))
    both = shown[shown["side"] == "structure"]
    assert set(both["source"]) >= {"definition", "name", "shuffled", "words", "own value", "two camps", "random"}
    rows = chosen(both, source=["definition", "name", "shuffled"])
    assert rows.set_index("source")["cells"].to_dict() == {"definition": COMMON, "name": ALL, "shuffled": ALL}
    assert set(rows["n_respondents"]) == {20} and rows["null_high"].nunique() == 1
    original = structure.merge(both, how="inner")
    assert len(original) == len(both)
    acts = shown[shown["side"] == "behavior"]
    assert set(acts["reference"]) == {"gss2012_us"} and set(acts["scope"]) == {SHARED}
    assert len(behavior.merge(acts, how="inner")) == len(acts)


def test_the_survey_is_the_studys_sample_or_the_first(made):
    assert baselines.survey_of(replace(made[0], reference="ess9_be")) == "ess9_be"
    assert baselines.survey_of(replace(made[0], reference="svs_uk")) == "gss2012_us"


def test_without_behaviour_there_is_one_side(made):
    study, structure, _ = made
    (title,) = baselines.sides(study, structure, None)
    assert title.startswith("Value structure: ")


def test_what_the_model_follows_and_what_the_other_label_would_give(made):
    """All primes were answered by their name here."""
    study, structure, _ = made
    found = baselines.followed(study, structure).set_index("source")
    assert found.loc["shuffled", "estimate"] > 0.8 and found.loc["definition", "estimate"] > 0.8
    assert found.loc[BY_DEFINITION, "estimate"] == pytest.approx(other_label(HUMAN), abs=0.15)
    assert found.loc[["shuffled", BY_DEFINITION], "expected"].tolist() == [pytest.approx(other_label(HUMAN))] * 2
    assert found.loc[["definition", "name"], "expected"].isna().all()
    assert baselines.followed(study, structure[structure["source"] != "shuffled"]).empty


def test_models_are_compared_by_their_inductions_alone(made):
    study, structure, _ = made
    assert set(baselines.pooled(structure, study)["source"]) == {"definition", "name", "shuffled"}
