import re
import shutil

import numpy as np
import pandas as pd
import pytest

from lib import paths
from lib.errors import LeftOutWarning, StudyError
from lib.materials import behavior_references, instruments


def test_every_variable_of_the_surveys_is_asked_for():
    for name, n in (("gss2012_us", 24), ("ess9_be", 23)):
        table = behavior_references.cells(name)
        assert table["variable"].nunique() == n and len(table) == 10 * n
    assert set(behavior_references.cells("gss2012_us").query("role == 'check'")["scale"]) == {
        "female",
        "age",
        "education",
    }


def test_a_coefficient_of_each_survey_is_where_it_belongs():
    gss, ess = (behavior_references.cells(n).set_index(["scale", "value"])["r"] for n in ("gss2012_us", "ess9_be"))
    assert gss["prayer", "TR"] == 0.266 and gss["gay_marriage", "CO"] == -0.282
    assert ess["immigration", "SE"] == -0.21 and ess["prayer", "TR"] == 0.208


def test_unknown_cells_stay_unknown():
    table = behavior_references.cells("parks_leduc_2015_secondhand")
    assert len(table) == 20 and not table["r"].isna().any()
    assert behavior_references.matrix(table).isna().to_numpy().sum() == 5 * 10 - 20 - 10  # neuroticism has no row


def test_signs_have_no_size():
    table = behavior_references.cells("directional")
    assert table["r"].isna().all() and set(table["sign"]) == {-1, 1}
    own = table[table["instrument"] == "everyday_behaviors"]
    assert (own["scale"] == own["value"]).all() and len(own) == 10


def test_the_circle_predicts_a_cosine_from_the_peaks():
    cells = behavior_references.theory_cells(instruments.load("everyday_behaviors")).set_index(["scale", "value"])["r"]
    assert cells["PO", "PO"] == pytest.approx(1) and cells["PO", "UN"] == pytest.approx(-1)
    midway = behavior_references.theory_cells(instruments.load("charity_game")).set_index("value")["r"]
    assert midway["UN"] == pytest.approx(midway["BE"]) == pytest.approx(np.cos(np.deg2rad(18)))


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(paths.HUMAN, tmp_path / "human")
    return tmp_path / "human"


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("behavior_map.csv", "gss2012_us,pray,", "gss2012_us,prey,", "lacks gss2012_us's pray"),
        ("behavior_map.csv", "social_survey,prayer", "social_survey,prayers", "social_survey has no scale prayers"),
        ("behavior_map.csv", "age,check", "age,control", "role control is none of behavior, check"),
        ("behavior/gss2012_us.csv", ",PO,AC", ",POWER,AC", "missing column.* PO"),
        ("behavior/gss2012_us.csv", "-0.082,", "-8.2,", r"line 2, column PO: -8\.2 lies beyond -1 and 1"),
        ("behavior/gss2012_us.csv", "-0.082,", "77,", r"77 lies beyond -1 and 1\. It looks like the code of a missing"),
        (
            "behavior/gss2012_us.csv",
            "-0.082,",
            "n.s.,",
            r"line 2, column PO: 'n\.s\.' is not a number. Leave the cell blank",
        ),
        ("behavior/gss2012_us.csv", "-0.082,", "–,", "line 2, column PO: '–' is not a number"),
        ("behavior/gss2012_us.csv", ",1279,", ",many,", "line 2, column n: 'many' is not a whole number"),
        ("behavior/gss2012_us.csv", ",pray,", ",attend,", "line 3: duplicate variable 'attend', first on line 2"),
        ("behavior_map.csv", "gss2012_us,pray,", "gss2012_us,attend,", "lacks gss2012_us's pray"),
        ("behavior_references.toml", "label = ", "titel = ", r"\[gss2012_us\] lacks label and has unknown titel"),
        ("behavior_references.toml", 'kind = "coefficients"', 'kind = "guess"', "kind 'guess' is none of"),
    ],
)
def test_faulty_references_are_named(folder, file, old, new, message):
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    with pytest.raises(StudyError, match=message):
        behavior_references.cells("gss2012_us", folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "name", "message"),
    [
        (
            "directional.csv",
            '"SD,UN",,abstract',
            '"SD,UN",UN,abstract',
            "directional",
            "openness and UN: line 3 says the con",
        ),
        ("directional.csv", '"SD,UN",,abstract', '"SD,UM",,abstract', "directional", "line 3: unknown value 'UM'"),
        ("parks_leduc_2015_secondhand.csv", "\nAC,", "\nPO,", "parks_leduc_2015_secondhand", "duplicate value 'PO'"),
    ],
)
def test_findings_that_contradict_each_other(folder, file, old, new, name, message):
    path = folder / "behavior" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StudyError, match=message):
        behavior_references.cells(name, folder)


def test_tables_as_others_typeset_them_are_the_same(folder):
    sound = behavior_references.cells("gss2012_us", folder)
    path = folder / "behavior" / "gss2012_us.csv"
    text = path.read_text(encoding="utf-8").replace(",1279,", ',"1,279",').replace(",-0.", ",\u2212.")
    path.write_text(re.sub(r",(0\.[23]\d*)", r",\1**", text), encoding="utf-8")
    pd.testing.assert_frame_equal(behavior_references.cells("gss2012_us", folder), sound)


def test_one_faulty_result_does_not_stop_the_others(folder):
    path = folder / "behavior" / "gss2012_us.csv"
    path.write_text(path.read_text().replace(",pray,", ",attend,"))
    with pytest.warns(LeftOutWarning, match="duplicate variable 'attend'"):
        assert list(behavior_references.behavior_references(folder)) == [
            "ess9_be",
            "parks_leduc_2015_secondhand",
            "directional",
        ]
    assert len(behavior_references.cells("ess9_be", folder)) == 230


def test_an_unknown_reference_lists_those_there_are():
    with pytest.raises(StudyError, match=r"Unknown behaviour reference 'mars'. There is: directional, ess9_be"):
        behavior_references.cells("mars")
