"""Human results as targets: what is compared with what, and the ceilings by hand."""

import numpy as np
import pytest
from scipy.stats import norm, spearmanr

from lib.analysis import people
from lib.analysis.alignment import ALL, CHECK, SHARED
from lib.materials import behavior_references, references
from lib.materials.behavior_references import SURVEYS
from lib.materials.instruments import load
from lib.materials.values import CODES
from lib.statistics import pairs

SURVEY = load("social_survey")
PORTRAIT = ("pvq40_us_2017", "gss2012_us", "ess11_europe", "ess9_de", "ess9_be")
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
    assert people.agreement().loc[pair] == pytest.approx(r, abs=0.001)


# ── Samples ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_structure_is_the_pairs_of_its_matrix():
    target = people.sample("structure", "ess9_be")
    assert np.array_equal(target.numbers, pairs(references.structure("ess9_be").to_numpy()))
    assert (target.kind, target.scope, target.places) == ("portrait", ALL, None)
    assert people.sample("structure", "wvs6").kind == "other"
    assert {t.reference for t in people.samples("structure")} == set(references.references())


def test_means_and_spread_are_in_shares_of_the_response_range():
    assert people.sample("hierarchy", "ess9_be").numbers[0] == pytest.approx(-1.0404 / 5)
    assert people.sample("spread", "ess9_be").numbers[0] == pytest.approx(0.8041 / 5)
    assert "svs_uk" not in {t.reference for t in people.samples("hierarchy")}


def test_distributions_are_normal_ones_with_the_samples_moments():
    numbers = people.sample("distribution", "ess9_be").numbers.reshape(10, -1)
    assert numbers[0, 37] == pytest.approx(norm.cdf(people.GRID[37], -1.0404 / 5, 0.8041 / 5))


def test_the_ceiling_is_set_by_the_other_samples_that_answered_portraits():
    for name, members in (("ess9_de", 4), ("wvs6", 5)):
        target = people.sample("structure", name)
        others = [pairs(references.structure(o).to_numpy()) for o in PORTRAIT if o != name]
        assert len(target.others) == members and np.array_equal(target.others, others)


# ── Ceilings ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def ceilings():
    return people.ceilings().set_index(["side", "measure", "reference", "scope"])


def test_ceiling_of_structure_is_the_fisher_mean_of_the_published_agreements(ceilings):
    others = np.array([0.9186, 0.9351, 0.9237, 0.9019])
    row = ceilings.loc["structure", "pearson", "pvq40_us_2017", ALL]
    assert row["ceiling"] == pytest.approx(np.tanh(np.arctanh(others).mean()), abs=0.001)
    assert row[["samples", "low", "high"]].tolist() == pytest.approx([4, 0.9019, 0.9351], abs=1e-3)
    assert ceilings.loc["structure", "pearson", "wvs6", ALL]["ceiling"] < 0.75


def test_ceilings_of_means_and_spread_by_hand(ceilings):
    means = {name: references.means(name) for name in PORTRAIT}
    own = means.pop("ess9_de")
    of = {
        m: ceilings.loc[side, m, "ess9_de", ALL]["ceiling"]
        for side, m in (("hierarchy", "pearson"), ("hierarchy", "spearman"), ("spread", "variance_ratio"))
    }
    r = np.array([np.corrcoef(m["cent_mean"], own["cent_mean"])[0, 1] for m in means.values()])
    assert of["pearson"] == pytest.approx(np.tanh(np.arctanh(r).mean()))
    rho = np.array([spearmanr(m["cent_mean"], own["cent_mean"]).statistic for m in means.values()])
    assert of["spearman"] == pytest.approx(np.tanh(np.arctanh(np.minimum(rho, 0.999)).mean()))
    ratio = [np.log(m["cent_sd"] / own["cent_sd"]).mean() * 2 for m in means.values()]
    assert of["variance_ratio"] == pytest.approx(np.exp(np.mean(ratio)))
    assert 0 < ceilings.loc["distribution", "wasserstein", "ess9_de", ALL]["ceiling"] < 0.1


def test_ceiling_of_behaviour_is_what_the_two_surveys_share(ceilings):
    for name in SURVEYS:
        row = ceilings.loc["behavior", "pearson", name, SHARED]
        assert row["ceiling"] == pytest.approx(0.727, abs=0.001) and row["samples"] == 1
    slopes = [ceilings.loc["behavior", "slope", name, SHARED]["ceiling"] for name in SURVEYS]
    assert np.prod(slopes) == pytest.approx(0.727**2, abs=0.002)  # of a on b and of b on a


# ── Behaviour ───────────────────────────────────────────────────────────────────────────────────────────────────────


def targets(instrument=SURVEY, scales=None) -> dict[tuple[str, str], people.Target]:
    found = people.behaviors(instrument, scales or instrument.scales)
    assert len({(t.reference, t.scope) for t in found}) == len(found)
    return {(t.reference, t.scope): t for t in found}


def test_a_survey_speaks_of_all_its_behaviours_those_shared_and_what_is_none():
    found = targets()
    assert len(found["gss2012_us", ALL].numbers) == 210 and len(found["gss2012_us", CHECK].numbers) == 30
    shared = found["ess9_be", SHARED]
    assert len(shared.numbers) == 100 and shared.others.shape == (1, 100)
    assert np.corrcoef(shared.others[0], shared.numbers)[0, 1] == pytest.approx(0.727, abs=0.001)
    assert found["ess9_be", ALL].others is None


def test_numbers_stand_where_the_evidence_has_them():
    for scales in (SURVEY.scales, SURVEY.scales[5:25]):
        target = targets(scales=scales)["gss2012_us", ALL]
        known = behavior_references.matrix(behavior_references.cells("gss2012_us"))
        for place, r in zip(target.places, target.numbers, strict=True):
            assert known.loc[scales[place // 10], CODES[place % 10]] == r
        grid = np.arange(len(scales) * 10)
        assert np.array_equal(target.of(grid), target.places)


def test_a_reference_with_gaps_or_signs_is_compared_by_what_it_has():
    big_five = targets(load("bfi2"))
    assert set(big_five) == {("parks_leduc_2015_secondhand", ALL), ("directional", ALL)}
    assert big_five["directional", ALL].measures == ("sign",)
    assert set(big_five["directional", ALL].numbers) <= {-1.0, 1.0}
    causes = targets(load("donation_causes"))
    assert set(causes) == {("circle", ALL)} and "slope" not in causes["circle", ALL].measures


def test_shared_behaviours_agree():
    table = people.shared()
    assert {"attendance", "prayer", "religiousness", "politics_right", "trust"} <= set(table["scale"])
    assert len(table) == 10 and (table["r"] > 0).all()
    known = [behavior_references.matrix(behavior_references.cells(name)).loc["prayer"] for name in SURVEYS]
    assert table.set_index("scale").loc["prayer", "r"] == pytest.approx(np.corrcoef(*known)[0, 1])
