import numpy as np
import pytest

from lib.analysis import people
from lib.analysis.alignment import ALL, SHARED, Evidence, align, table
from lib.analysis.behavior.relations import BEHAVIOR
from lib.analysis.people import behaviors, sample
from lib.analysis.robustness.ceilings import ceilings
from lib.analysis.study import Study
from lib.materials import references
from lib.materials.instruments import load

SURVEY, STUDY = load("social_survey"), Study()
KEYS = {"model": "m", "mode": "likelihood", "instrument": "pvq40", "source": "definition", "prime": "definition"}
KEYS |= {"wording": ALL, "cells": ALL}
RNG = np.random.default_rng(0)


def rows(side: str, reference: str, noise: float, **keys):
    """What those show who are like a sample but for noise, against that sample, by every measure."""
    target = sample(side, reference)
    numbers = target.numbers + noise * RNG.random(len(target.numbers))
    return [align(Evidence(side, KEYS | keys, 1, numbers), target, m) for m in target.measures]


@pytest.fixture(scope="module")
def found():
    shared = next(t for t in behaviors(SURVEY, SURVEY.scales) if t.scope == SHARED)
    acts = RNG.standard_normal(len(SURVEY.scales) * 10)
    alignments = [
        *rows("structure", "gss2012_us", 0.3),
        *rows("structure", "wvs6", 0.3),
        *rows("structure", "gss2012_us", 9.0, source="words"),  # another source
        *rows("structure", "gss2012_us", 9.0, source="uniform"),  # a population comes after the respondents
        *rows("hierarchy", "ess9_be", 0.1, source="uniform"),
        *rows("spread", "ess9_be", 0.1, source="uniform"),
        *rows("distribution", "ess9_be", 0.1, source="uniform"),
        align(Evidence(BEHAVIOR, KEYS | {"instrument": "social_survey"}, 1, acts), shared),
    ]
    made = table(alignments)
    return made, ceilings(STUDY, made).set_index(["side", "measure", "reference", "scope"])


def test_ceilings_are_those_of_people(found):
    limits = people.ceilings().set_index(["side", "measure", "reference", "scope"])
    assert found[1][limits.columns].equals(limits)


def test_shares_are_of_the_studys_own_alignments(found):
    made, limits = found
    own = made[(made["source"] == "definition") & (made["reference"] == "gss2012_us") & (made["side"] == "structure")]
    for name, estimate in own.set_index("measure")["estimate"].items():
        row = limits.loc["structure", name, "gss2012_us", ALL]
        assert row["model"] == estimate
        share = row["ceiling"] / estimate if name == "rmse" else estimate / row["ceiling"]
        assert row["share"] == pytest.approx(share)
        assert row["variance"] == pytest.approx(share**2) if name == "pearson" else np.isnan(row["variance"])


def test_populations_stand_in_where_no_respondents_are(found):
    made, limits = found
    row = limits.loc["hierarchy", "pearson", "ess9_be", ALL]
    assert row["model"] == made.query("side == 'hierarchy' and measure == 'pearson'")["estimate"].iloc[0]
    apart = limits.loc["distribution", "wasserstein", "ess9_be", ALL]
    assert apart["share"] == pytest.approx(apart["ceiling"] / apart["model"])
    assert np.isnan(limits.loc["spread", "variance_ratio", "ess9_be", ALL]["share"])  # 1 is best, more is not


def test_of_samples_without_portraits_no_share_is_told(found):
    limits = found[1]
    row = limits.loc["structure", "pearson", "wvs6", ALL]
    assert np.isfinite(row["model"]) and np.isnan(row["share"]) and np.isnan(row["variance"])
    assert not references.references()["wvs6"].portrait


def test_behaviours_are_those_that_both_surveys_have(found):
    row = found[1].loc["behavior", "pearson", "gss2012_us", SHARED]
    assert row["ceiling"] == pytest.approx(0.727, abs=1e-3) and row["share"] == pytest.approx(
        row["model"] / row["ceiling"]
    )
