"""One number, one producer; one rule which cells count; random answers get no yes."""

import numpy as np
import pandas as pd
import planted
import pytest

from lib.analysis.alignment import chosen
from lib.analysis.behavior.alignments import behavior_alignment, pairs_of
from lib.analysis.population.sampling import distributions
from lib.analysis.robustness import baselines, specifications
from lib.analysis.structure.alignments import structure_alignment
from lib.analysis.structure.tables import induction_ranks
from lib.analysis.study import Study
from lib.materials.instruments import load
from lib.presentation import claims

PVQ, SURVEY, US = load("pvq40"), load("social_survey"), "pvq40_us_2017"
ROOT = planted.of_values(PVQ, planted.symmetric_root(planted.human()))


@pytest.fixture(scope="module", autouse=True)
def models(tmp_path_factory):
    rng = np.random.default_rng(4)
    whole = planted.likelihood(PVQ, ROOT, noise=0.05)
    first = {"wording": "plain", "person": ["I", "he"], "condition": "PO", "item": "pvq40_02"}
    answers = {"refuses": [planted.refused(whole, **first)]}
    for n in (1, 2, 4):
        cells = planted.FOUR[:n]
        answers[f"dice{n}"] = [
            planted.likelihood(one, rng.standard_normal((n, 10, len(one.items))), cells) for one in (PVQ, SURVEY)
        ]
    with planted.recorded(tmp_path_factory.mktemp("answers"), **answers):
        yield


def test_one_refused_item_leaves_every_analysis_with_the_same_cells_and_items(models):
    """Under one prime in half of the cells: the item is left out there for every prime, and no cell is lost."""
    study = Study("refuses")
    group = study.respondents()
    gone = np.isnan(group.items)
    assert len(group.cells) == 4
    assert gone.any(axis=1).sum() == 2
    assert (gone.any(axis=1) == gone.all(axis=1)).all()
    table = structure_alignment(study)
    assert chosen(table, source="definition", reference=US, side="structure")["n_respondents"].item() == 40
    asked = distributions(study.answers(), PVQ)
    assert list(asked.cells) == list(group.cells)
    assert (np.isnan(asked.above[:, 0, 0]) == gone[:, 0]).all()
    curve = specifications.specification_curve(study)
    assert curve["cells"].max() == 4


def test_the_curves_plain_specification_is_the_tables_number(models):
    study = Study("refuses")
    own = chosen(structure_alignment(study), source="definition", reference=US, side="structure")["estimate"].item()
    curve = specifications.specification_curve(study)
    plain = {"wording": "all", "person": "all", "items": "all", "centred": "yes", "link": "none", "measure": "pearson"}
    rows = curve[(curve[list(plain)] == pd.Series(plain)).all(axis=1) & (curve["reference"] == US)]
    assert rows["r"].item() == pytest.approx(own, abs=5e-5)


def test_robustness_and_claims_show_the_rows_that_structure_made(models):
    study = Study("refuses")
    table = structure_alignment(study)
    own = chosen(table, source="definition", reference=US, side="structure").iloc[0]
    shown = chosen(baselines.baselines(baselines.sides(study, table, None)), source="definition").iloc[0]
    assert shown.equals(own)
    assert claims.own_structure(study, {"structure_alignment": table}).equals(own)


@pytest.mark.parametrize("wordings_and_persons", [1, 2, 4])
def test_random_answers_get_no_yes(models, wordings_and_persons):
    study = Study(f"dice{wordings_and_persons}")
    pairs, _ = pairs_of(study)
    found = {
        "induction_ranks": induction_ranks(study),
        "structure_alignment": structure_alignment(study),
        "behavior_alignment": behavior_alignment(study, pairs),
    }
    judged = claims.claims(study, found).set_index("claim")["holds"]
    assert "yes" not in set(judged)
    if wordings_and_persons < 3:
        assert found["structure_alignment"]["low"].isna().all()
        assert judged["The structure of the induced values is human-like."] == "not tested"
        assert judged["Values go with behaviours as in people."] == "not tested"
