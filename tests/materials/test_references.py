import re
import shutil

import numpy as np
import pandas as pd
import pytest

from lib import paths
from lib.errors import LeftOutWarning, StudyError
from lib.materials import references
from lib.materials.values import CODES


def test_every_sample_has_a_structure_and_provenance():
    for name, reference in references.references().items():
        matrix = references.structure(name)
        assert matrix.shape == (10, 10)
        assert reference.n > 100
        assert reference.citation
        assert reference.microdata
    stored = {p.stem for p in (paths.HUMAN / "structure").glob("*.csv")}
    assert stored == set(references.references())


def test_means_rank_benevolence_high_and_power_low():
    for name in ("ess11_europe", "gss2012_us", "ess9_de"):
        means = references.means(name)["cent_mean"]
        assert means.idxmin() == "PO"
        assert means["BE"] > 0.5


def test_unknown_references_are_listed():
    with pytest.raises(StudyError, match="Unknown reference 'mars'. There is: ess11_europe, ess9_be"):
        references.structure("mars")
    with pytest.raises(StudyError, match="Unknown reference with means 'svs_uk'"):
        references.means("svs_uk")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    shutil.copytree(paths.HUMAN, tmp_path / "human")
    monkeypatch.setattr(paths, "HUMAN", tmp_path / "human")
    return tmp_path / "human"


def edit(path, *changes):
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([("PO,1.0", "PO,1.5")], r"line 2, column PO: 1\.5 lies beyond -1 and 1"),
        ([("PO,1.0", "PO,0.9")], "is not a correlation matrix: row PO, column PO is not 1"),
        ([("PO,1.0,0.1904", "PO,1.0,0.2904")], "row PO, column AC is not the same as its mirror image"),
        ([("PO,1.0,0.1904", "PO,1.0,88")], r"line 2, column AC: 88 lies beyond .* code of a missing answer"),
        ([("PO,1.0,0.1904", "PO,1.0,n.s.")], r"line 2, column AC: 'n\.s\.' is not a number"),
        ([("PO,1.0,0.1904", "PO,1.0,"), ("AC,0.1904", "AC,")], "row PO, column AC is blank"),
        ([(",HE", ",XX")], r"line 1: missing column\(s\) HE"),
        ([("\nHE,", "\nXX,")], "its rows must be PO, AC, HE.* differ in HE, XX"),
        ([("\nHE,", "\nAC,")], "duplicate  'AC', first on line 3"),
        (
            [("0.1904,1.0", "-0.1904,1.0"), ("1.0,0.1904", "1.0,-0.1904")],
            "no scores can correlate so. Look for a turned",
        ),
        ([("-0.4324", "0.4324"), ("-0.4324", "0.4324")], r"lowest eigenvalue 0\.\d+, not 0.* look for a turned sign"),
    ],
)
def test_a_table_that_is_no_correlation_matrix(folder, changes, message):
    edit(folder / "structure" / "ess9_be.csv", *changes)
    with pytest.raises(StudyError, match=message):
        references.structure("ess9_be")


def test_raw_scores_and_turned_values_are_told_from_centred_scores(folder):
    sound, path = references.structure("ess9_be"), folder / "structure" / "ess9_be.csv"
    (0.7 * sound + 0.3).to_csv(path)
    with pytest.raises(StudyError, match="not the correlations of centred scores .* Subtract each person's mean"):
        references.structure("ess9_be")
    sign = np.where(np.array(CODES) == "UN", -1, 1)
    (sound * np.outer(sign, sign)).to_csv(path)
    with pytest.raises(StudyError, match="the signs of UN are turned"):
        references.structure("ess9_be")


@pytest.mark.parametrize(
    "typeset",
    [
        lambda text: text.replace("-", "\u2212"),
        lambda text: re.sub(r"(0\.[3-5]\d*)", r"\1**", text),
        lambda text: text.replace(",", ";").replace(".", ","),
        lambda text: text.replace(",", "\t"),
        lambda text: "\ufeff" + text.replace("\n", "\r\n"),
        lambda text: text.replace("0.", "."),
        lambda text: "\n".join(
            ",".join(cells[: i + 1] + [""] * (10 - i) if i else cells)
            for i, cells in enumerate(line.split(",") for line in text.strip().split("\n"))
        ),
    ],
    ids=["minus", "stars", "semicolons", "tabs", "mark", "points", "half"],
)
def test_tables_as_others_typeset_them_are_the_same(folder, typeset):
    sound = references.structure("ess9_be")
    path = folder / "structure" / "ess9_be.csv"
    path.write_text(typeset(path.read_text()), encoding="utf-8")
    pd.testing.assert_frame_equal(references.structure("ess9_be"), sound)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("PO,3.301", "PO,66", r"line 2, column raw_mean: 66 lies beyond 1 and 6\. It looks like the code of a missing"),
        ("-1.0404", "1.0404", r"row PO has raw_mean - cent_mean = 2\.26, the others about 4\.34"),
        ("0.901", "", "row PO, column raw_sd is blank"),
        ("AC,", "HE,", "duplicate  'HE', first on line 3"),
        ("AC,", "XX,", "its rows must be PO, AC"),
        ("raw_mean", "mean", r"missing column\(s\) raw_mean"),
    ],
)
def test_faulty_means_are_named(folder, old, new, message):
    edit(folder / "means" / "ess9_be.csv", (old, new))
    with pytest.raises(StudyError, match=rf"ess9_be\.csv.*{message}"):
        references.means("ess9_be")
    with pytest.warns(LeftOutWarning, match=message):
        assert "ess9_be" not in references.with_means()
    assert "ess9_be" in references.references()


def test_a_scale_the_wrong_way_round(folder):
    turned = references.means("ess9_be")
    turned = turned.assign(raw_mean=7 - turned["raw_mean"], cent_mean=-turned["cent_mean"])
    turned.to_csv(folder / "means" / "ess9_be.csv")
    with pytest.raises(StudyError, match="power is rated above benevolence.*turn the scale"):
        references.means("ess9_be")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('note = ""\n', "", r"\[gss2012_us\] lacks note\. Its keys are label, n,"),
        ('note = ""\n', 'note = ""\nyear = 2012\n', r"\[gss2012_us\] has unknown year"),
        ("n = 1283", 'n = "1,283"', r"\[gss2012_us\]: n is '1,283'; it must be a whole number"),
        ("n = 1283", "n = 0", r"\[gss2012_us\]: n is 0; it must count people"),
        (
            'portrait = true\ncitation = "Smith',
            'portrait = 1\ncitation = "Smith',
            "portrait is 1; it must be true or fal",
        ),
        ("[gss2012_us]", '["../gss2012_us"]', "a name holds letters, digits"),
    ],
)
def test_one_faulty_entry_does_not_stop_the_others(folder, old, new, message):
    edit(folder / "references.toml", (old, new))
    with pytest.warns(LeftOutWarning, match=message):
        assert len(references.references()) == 6
    assert len(references.structure("ess9_be")) == 10
    if "../" not in new:
        with pytest.raises(StudyError, match=message):
            references.structure("gss2012_us")


def test_a_sample_without_its_table_does_not_stop_the_others(folder):
    (folder / "structure" / "ess9_de.csv").unlink()
    with pytest.warns(LeftOutWarning, match=r"ess9_de\.csv cannot be read: No such file"):
        assert "ess9_de" not in references.references()
    assert references.structure("ess9_be").shape == (10, 10)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",0.4,1.2,", ",41,1.2,", "line 2: the percentages of the ten values do not add up to pct_classified"),
        (",0.4,1.2,", ",-0.4,1.2,", "line 2, column AC: -0.4 lies beyond 0 and 100"),
        (",0.6,21716", ",0.5636,21716", "line 3: duplicate sample, TRCO_order, spearman_threshold .* first on line 2"),
        (",21716,", ',"21,71",', "line 2, column n: '21,71' is not a whole number"),
    ],
)
def test_faulty_dominant_values_are_named(folder, old, new, message):
    edit(folder / "dominant_values.csv", (old, new))
    with pytest.raises(StudyError, match=message):
        references.dominant_values()


def test_thousands_may_be_parted(folder):
    sound = references.dominant_values()
    edit(
        folder / "dominant_values.csv",
        (",21716,", ',"21,716",'),
        (",21716,", ",21\u202f716,"),
        (",21716,", ",21716.0,"),
    )
    pd.testing.assert_frame_equal(references.dominant_values(), sound)
