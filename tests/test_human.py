import numpy as np
import pytest

from lib import human, paths
from lib.errors import StudyError

#: As computed by another program when the matrices were made (rounded to three places).
REPORTED = {
    ("pvq40_us_2017", "ess11_europe"): 0.919,
    ("pvq40_us_2017", "gss2012_us"): 0.935,
    ("pvq40_us_2017", "wvs6"): 0.661,
    ("ess9_de", "ess9_be"): 0.960,
    ("gss2012_us", "svs_uk"): 0.781,
    ("svs_uk", "wvs6"): 0.604,
}


@pytest.mark.parametrize(("pair", "r"), REPORTED.items())
def test_agreement_as_reported(pair, r):
    assert human.agreement().loc[pair] == pytest.approx(r, abs=0.001)


def test_every_sample_has_a_structure_and_provenance():
    for name, reference in human.references().items():
        matrix = human.structure(name)
        assert matrix.shape == (10, 10)
        assert reference.n > 100
        assert reference.citation
        assert reference.microdata
    stored = {p.stem for p in (paths.HUMAN / "structure").glob("*.csv")}
    assert stored == set(human.references())


def test_ceiling_is_the_mean_over_the_other_portrait_samples():
    others = [0.9186, 0.9351, 0.9237, 0.9019]
    assert human.ceiling("pvq40_us_2017") == pytest.approx(np.tanh(np.arctanh(others).mean()), abs=0.001)
    assert human.ceiling("wvs6") < 0.75


def test_means_rank_benevolence_high_and_power_low():
    for name in ("ess11_europe", "gss2012_us", "ess9_de"):
        means = human.means(name)["cent_mean"]
        assert means.idxmin() == "PO"
        assert means["BE"] > 0.5


def test_unknown_references_are_listed():
    with pytest.raises(StudyError, match="Unknown reference 'mars'. There is: ess11_europe, ess9_be"):
        human.structure("mars")
    with pytest.raises(StudyError, match="Unknown reference with means 'svs_uk'"):
        human.means("svs_uk")


def test_a_table_that_is_no_correlation_matrix(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "HUMAN", tmp_path)
    (tmp_path / "structure").mkdir()
    text = (paths.ROOT / "data/raw/human/structure/ess9_be.csv").read_text()
    (tmp_path / "references.toml").write_text((paths.ROOT / "data/raw/human/references.toml").read_text())
    (tmp_path / "structure" / "ess9_be.csv").write_text(text.replace("1.0", "1.5", 1))
    with pytest.raises(StudyError, match="is not a correlation matrix"):
        human.structure("ess9_be")
    (tmp_path / "structure" / "ess9_be.csv").write_text(text.replace("HE", "XX"))
    with pytest.raises(StudyError, match="rows and columns must be"):
        human.structure("ess9_be")
