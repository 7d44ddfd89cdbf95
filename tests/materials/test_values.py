import numpy as np
import pytest

from lib.materials import references, values
from lib.statistics import pairs, pearson


def test_ten_values_four_poles():
    assert len(set(values.CODES)) == 10
    joined = [m for h in values.HIGHER_ORDER for m in h.members]
    assert sorted(joined) == sorted([*values.CODES, "HE"])  # hedonism twice, every other once


def test_neighbours_are_36_degrees_apart():
    gaps = np.diff(np.append(values.angles(), values.angles().iloc[0])) % 360
    assert np.allclose(gaps, 324)


def test_opposites_and_steps():
    cosine, steps = values.cosine_matrix(), values.steps_apart()
    assert cosine.loc["PO", "UN"] == pytest.approx(-1)
    assert cosine.loc["PO", "AC"] == pytest.approx(np.cos(np.deg2rad(36)))
    assert steps.loc["PO", "SE"] == 1
    assert steps.to_numpy().max() == 5
    assert (np.argsort(-cosine.loc["ST"]).iloc[0]) == values.CODES.index("ST")


@pytest.mark.parametrize(
    ("sample", "r"),
    [("pvq40_us_2017", 0.869), ("ess11_europe", 0.822), ("ess9_de", 0.860), ("gss2012_us", 0.877), ("svs_uk", 0.838)],
)
def test_human_samples_fit_the_ideal_circle_as_reported(sample, r):
    """The figures were computed by another program when the reference matrices were made."""
    found = pearson(pairs(references.structure(sample).to_numpy()), pairs(values.cosine_matrix().to_numpy()))
    assert found == pytest.approx(r, abs=0.0006)


def test_hedonism_is_drawn_with_openness():
    assert values.pole("HE").code == "OPEN"
    assert values.pole("PO").code == "ENH"
