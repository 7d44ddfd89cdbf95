"""Places on the circle, shares of variance, first choices: what was put in is found."""

from dataclasses import replace
from itertools import cycle

import numpy as np
import pandas as pd
import planted
import pytest

from lib.analysis.alignment import ALL, CHECK
from lib.analysis.behavior import panels, relations, tables
from lib.analysis.behavior.relations import Pair
from lib.analysis.respondents import Respondents
from lib.analysis.study import Study
from lib.materials import behavior_references
from lib.materials.instruments import load
from lib.materials.values import CODES, angles, cosine_matrix
from lib.statistics import false_discovery

VALUES, SURVEY = load("open_portraits"), load("social_survey")
#: Three items of each value, so that what centring takes out is the mean over the circle, which is 0.
EVEN = replace(VALUES, items=tuple(i for code in CODES for i in [i for i in VALUES.items if i.scale == code][:3]))
TURN = np.deg2rad(angles()[list(CODES)].to_numpy())
CELLS = pd.MultiIndex.from_tuples([("imagine", "I")], names=["wording", "person"])
PEAKS = dict(zip(SURVEY.scales, cycle([0.0, 45.0, 100.0, 200.0, 333.0]), strict=False))


def circular(peaks: dict[str, float]) -> Pair:
    """Ten primes on a perfect circle whose behaviours point where they are told: relations are cosines."""
    values = planted.of_values(EVEN, cosine_matrix().to_numpy())
    raised = np.stack([np.cos(TURN - np.deg2rad(peaks[item.scale])) for item in SURVEY.items], axis=1)
    sides = [
        Respondents("definition", "definition", instrument, array[None], CELLS, CODES, instrument.scales)
        for instrument, array in ((EVEN, values), (SURVEY, raised))
    ]
    return Pair(*sides)


@pytest.fixture(scope="module")
def profiles():
    with planted.fewer_draws(199):
        yield tables.behavior_profiles(Study(), {"social_survey": circular(PEAKS)})


def test_a_planted_sinusoid_has_its_peak_amplitude_and_fit(profiles):
    rows = profiles[profiles["reference"] == "gss2012_us"]
    expected = rows["scale"].map(PEAKS)
    gap = np.abs((rows["model_peak"] - expected + 180) % 360 - 180)
    assert gap.to_numpy() == pytest.approx(0, abs=1e-6)
    assert rows["model_amplitude"].to_numpy() == pytest.approx(1) and rows["model_fit"].to_numpy() == pytest.approx(1)
    nearest = [CODES[np.abs((angles().to_numpy() - peak + 180) % 360 - 180).argmin()] for peak in expected]
    assert rows["model_value"].tolist() == nearest


def test_r_distance_and_families_of_profiles(profiles):
    known = behavior_references.matrix(behavior_references.cells("gss2012_us"))
    rows = profiles[profiles["reference"] == "gss2012_us"]
    assert set(profiles["scope"]) == {ALL, CHECK}
    for _, row in rows.iloc[::5].iterrows():
        human = known.loc[row["scale"]].to_numpy()
        model = np.cos(TURN - np.deg2rad(PEAKS[row["scale"]]))
        assert row["r"] == pytest.approx(np.corrcoef(model, human)[0, 1])
        peak = np.rad2deg(np.arctan2(human @ np.sin(TURN), human @ np.cos(TURN)))
        assert row["human_peak"] == pytest.approx(peak % 360)
        assert row["distance"] == pytest.approx(abs((PEAKS[row["scale"]] - peak + 180) % 360 - 180))
    for _, family in profiles.groupby(["instrument", "reference", "scope"]):
        assert family["q"].to_numpy() == pytest.approx(false_discovery(family["p"]))


def test_profiles_at_the_human_places_lie_near_people():
    known = behavior_references.matrix(behavior_references.cells("gss2012_us"))
    human = tables.summarised(known)["peak"]
    peaks = {scale: human.get(scale, 0.0) for scale in SURVEY.scales}
    rows = tables.behavior_profiles(Study(), {"social_survey": circular(peaks)}).query("reference == 'gss2012_us'")
    assert rows["distance"].max() < 1e-6
    assert (rows["model_value"] == rows["human_value"]).all() and rows["r"].median() > 0.8
    religious = rows[rows["scale"] == "religiousness"].iloc[0]
    assert religious["human_value"] == "TR" and religious["p"] < 0.05


def test_a_summary_names_the_value_nearest_to_the_peak():
    profile = pd.DataFrame([0.1 + 0.4 * np.cos(TURN - np.deg2rad(100))], index=["x"], columns=list(CODES))
    found = tables.summarised(profile).loc["x"]
    assert found[["elevation", "amplitude", "peak", "fit"]].tolist() == pytest.approx([0.1, 0.4, 100, 1])
    assert found["value"] == "SD"  # at 108 degrees


def test_first_choices_are_what_a_value_raises_most():
    """Prime i raises behaviours i, i + 1, i + 2 by 3, 2, 1; one that all raise alike is nobody's choice."""
    acts = np.zeros((10, len(SURVEY.items)))
    place = {scale: i for i, scale in enumerate(SURVEY.scales)}
    for k, item in enumerate(SURVEY.items):
        for i in range(10):
            acts[i, k] = max(0, 3 - abs(place[item.scale] - i)) if i <= place[item.scale] <= i + 2 else 0
        acts[:, k] += 50 * (item.scale == "happiness")
    group = Respondents("x", "x", SURVEY, acts[None], CELLS, CODES, SURVEY.scales)
    found = tables.first_choices(Pair(group, group))
    for i, code in enumerate(CODES):
        assert found.loc[code].tolist() == [SURVEY.title_of(SURVEY.scales[i + k]) for k in range(3)]
    assert list(found.columns) == [1, 2, 3] and tables.first_choices(Pair(group, group), 1).shape == (10, 1)


def test_variance_is_that_of_every_questionnaires_answers(tmp_path):
    """Endorsements that hang on hardly anything but the prime, in each item otherwise: the variance is the value's."""
    raised = np.random.default_rng(0).standard_normal((10, len(SURVEY.items)))
    answers = planted.likelihood(SURVEY, raised, noise=0.1)
    values = planted.likelihood(VALUES, np.random.default_rng(1).standard_normal((10, 40)))
    with planted.recorded(tmp_path, model=[answers, values]):
        study = Study("model", instrument="open_portraits")
        row = tables.variance_table(study, {"social_survey": relations.pair(study, "social_survey")}).iloc[0]
    assert row[["items", "respondents"]].tolist() == [148, 40] and row["value"] > 0.85


# ── Panels ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_panels_share_rows_in_the_order_of_the_human_peaks():
    one = circular(PEAKS)
    found = panels.panels(one, "gss2012_us", ("people", "model"))
    human, model, difference = found.values()
    assert list(found) == ["people", "model", "difference"] and len(human) == 21
    assert list(human.index) == list(model.index) == list(difference.index)
    assert difference.to_numpy() == pytest.approx(model.to_numpy() - human.to_numpy())
    assert model.loc["trust"].tolist() == pytest.approx(one.matrix().loc["trust"].tolist())
    start = (angles()["PO"] - tables.summarised(human)["peak"] + 18) % 360
    assert start.is_monotonic_increasing


def test_references_are_those_that_speak_of_all_ten_values():
    one = circular(PEAKS)
    assert set(panels.references_of(one)) == set(behavior_references.SURVEYS)
    labels = [behavior_references.behavior_references()[name].label for name in behavior_references.SURVEYS]
    assert list(panels.surveys(one)) == labels


def test_instruments_without_human_coefficients_are_named():
    def only(name: str) -> Pair:
        instrument = load(name)
        items = np.zeros((1, 10, len(instrument.items)))
        group = Respondents("x", "x", instrument, items, CELLS, CODES, instrument.scales)
        return Pair(group, group)

    found = {name: only(name) for name in ("donation_causes", "bfi2", "everyday_behaviors", "social_survey")}
    messages = panels.without_reference(found)
    assert [m.split(":")[0] for m in messages] == ["donation_causes", "bfi2", "everyday_behaviors"]
    assert messages[0].endswith("no human result at all.") and "second-hand coefficients and signs" in messages[1]
