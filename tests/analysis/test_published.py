from dataclasses import replace

import numpy as np
import pytest

from lib import paths
from lib.analysis import published
from lib.analysis.alignment import ALL, Evidence, Target, align, chosen, table
from lib.analysis.study import Study
from lib.errors import StudyError
from lib.presentation import tables

KEYS = {"model": "smollm2-135m", "mode": "likelihood", "instrument": "pvq40", "source": "none", "prime": ""}
KEYS |= {"wording": ALL, "cells": ALL}
NUMBERS = np.linspace(-1, 1, 45)
ROW = align(Evidence("structure", KEYS, 10, NUMBERS), Target("people", "portrait", NUMBERS**3))
STUDY = Study()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "PROCESSED", tmp_path)
    return tmp_path


def test_a_table_is_read_as_it_was_made(folder):
    """Text that is empty, in some rows or in all, stays text; "none" stays a word; missing numbers stay missing."""
    made = table([ROW, replace(ROW, source="definition", prime="definition")])
    tables.write_csv(made, "structure_alignment", folder)
    found = published.read(STUDY, "structure_alignment")
    assert found["prime"].tolist() == ["", "definition"] and found["source"].tolist() == ["none", "definition"]
    assert (found["covers"] == "").all() and (found["beyond"] == "").all() and found["p"].isna().all()
    assert len(chosen(found)) == 2 and found["estimate"].tolist() == pytest.approx(made["estimate"].tolist())


def test_what_is_missing_is_told_with_the_notebook_that_makes_it(folder):
    assert not published.has(STUDY, "behavior_alignment")
    with pytest.raises(StudyError, match="behavior_alignment.csv is not there: run 04_value_behavior"):
        published.read(STUDY, "behavior_alignment")
    with pytest.raises(StudyError, match=f"nothing published in {folder}. Run the notebooks before this one"):
        published.there(STUDY)
    tables.write_csv(table([ROW]), "structure_alignment", folder)
    found, messages = published.there(STUDY)
    assert list(found) == ["structure_alignment"] and published.has(STUDY, "structure_alignment")
    assert len(messages) == len(published.PRODUCERS) - 1
    assert "population_alignment is left out: 05_population has not been run with these parameters." in messages


def test_a_study_with_other_parameters_reads_its_own(folder):
    tables.write_csv(table([ROW]), "structure_alignment", folder)
    assert not published.has(Study(induction="name"), "structure_alignment")


def test_a_models_table_is_found_wherever_its_notebook_put_it(folder):
    tables.write_csv(table([ROW]), "structure_alignment", folder)
    tables.write_csv(table([replace(ROW, model="other")]), "structure_alignment", folder / "other+name")
    for model in ("smollm2-135m", "other"):
        assert set(published.of_model(model, "structure_alignment")["model"]) == {model}
    with pytest.raises(StudyError, match="structure_alignment of third is not published yet: make all MODEL=third"):
        published.of_model("third", "structure_alignment")


@pytest.mark.parametrize("name", published.PRODUCERS)
def test_everything_that_is_read_is_published_by_the_notebook_that_is_named(name):
    assert (paths.ROOT / "data" / "processed" / f"{name}.csv").exists()
    notebook = (paths.ROOT / "notebooks" / f"{published.PRODUCERS[name]}.ipynb").read_text()
    assert f'\\"{name}\\"' in notebook
