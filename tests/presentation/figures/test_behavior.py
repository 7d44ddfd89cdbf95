import pandas as pd
import pytest
from drawn import Drawn

from lib.materials.instruments import load
from lib.materials.values import BY_CODE, CODES, HIGHER_ORDER
from lib.presentation.charts import ACCENT
from lib.presentation.figures import behavior as figures

SURVEY = load("social_survey")
FEW = list(SURVEY.scales)[:3]
TITLES = [SURVEY.title_of(s) for s in FEW]


def relations(*rows: float) -> pd.DataFrame:
    """A behaviour for each number: it goes so with power, the other way with benevolence, with nothing else."""
    table = pd.DataFrame(0.0, index=FEW[: len(rows)], columns=list(CODES))
    table["PO"], table["BE"] = rows, [-r for r in rows]
    return table


def test_relations_stand_in_the_order_given_on_one_scale_with_zero_in_the_middle():
    panels = {"people": relations(0.1, 0.2, 0.3).iloc[::-1], "<i>model</i>": relations(0.5, 0.6, 0.7).iloc[::-1]}
    chart = figures.relation_heatmaps(panels, SURVEY)
    scales = [p["layer"][0]["encoding"]["color"]["scale"] for p in chart.to_dict()["hconcat"]]
    assert all(s["domain"] == [-1, 1] and s["domainMid"] == 0 for s in scales)
    found = Drawn(chart)
    assert [t for t in found.texts() if t in TITLES] == TITLES[::-1], "named once, on the left"
    assert [t for t in found.texts() if t in CODES] == [*CODES] * 2
    for number in (".10", "−.10", ".70", "−.70"):
        assert found.texts().count(number) == 1 or number == ".10"
    assert len(found.marks("rect")) == 60 and len(found.legends()) == 1
    assert "<i>model</i>" in found.texts()


def test_profiles_are_drawn_for_the_samples_that_have_the_behaviour():
    humans = {"here": relations(0.1, 0.2), "there": relations(0.3)}
    found = Drawn(figures.circle_profiles(relations(0.5, 0.5, 0.5), humans, SURVEY))
    assert [t for t in found.texts() if t in TITLES] == TITLES[:2]
    points = found.marks("point")
    assert len(points) == 10 * (2 + 2 + 1) and sum(m.color == ACCENT for m in points) == 20
    assert "model, here, there" in found.legends()[0]
    sizes = {round(m.number("shape"), 3) for m in points if m.said["value"] == "PO"}
    assert sizes == {2.236}, "shapes are compared, not sizes"


def test_shares_by_group_are_sorted_by_self_transcendence_minus_self_enhancement():
    codes = [h.code for h in HIGHER_ORDER]
    rows = {"low-b": [0.5, 0.4, 0.5, 0.6], "high-b": [0.5, 0.8, 0.5, 0.2], "other": [0.5, 0.5, 0.5, 0.5]}
    wide = pd.DataFrame(rows, index=codes).T
    wide = wide.assign(TRANS=[0.4, 0.8, 0.5], ENH=[0.6, 0.2, 0.5])
    chart = figures.higher_order_endorsement(wide, pd.Series({"low-b": "one", "high-b": "one", "other": "two"}))
    found = Drawn(chart)
    assert [t for t in found.texts() if t in ("low b", "high b", "other")] == ["high b", "low b", "other"]
    assert {"one", "two", "80%", "20%"} <= set(found.texts()) and len(found.marks("rect")) == 12
    assert len(found.legends()) == 1 and "share" in found.legends()[0]
    assert all(found.texts().count(h.name) == 2 for h in HIGHER_ORDER)


def test_endorsement_has_a_dot_and_a_line_for_each_value():
    rows = [
        {"behavior": b, "condition": c, "endorsement": 0.1, "low": -0.1, "high": 0.3}
        for b in ("for-x", "not-shown")
        for c in (*CODES, "none")
    ]
    found = Drawn(figures.endorsement_by_value(pd.DataFrame(rows), {"for-x": "for x"}, "nats"))
    names = [v.name for v in BY_CODE.values()]
    assert [t for t in found.texts() if t in names] == names and "for x" in found.texts()
    assert {m.number("nats") for m in found.marks("point")} == {0.1} and len(found.marks("point")) == 10
    lines = [(m.number("nats"), m.number("high")) for m in found.marks("rule") if "high" in m.said]
    assert lines == [pytest.approx((-0.1, 0.3))] * 10
    assert len(found.legends()) == 1
