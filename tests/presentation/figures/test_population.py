import pandas as pd
import planted_tables as planted
import pytest
from drawn import Drawn
from planted_tables import BEHAVIOR, at

from lib.analysis.population.strategies import LABELS
from lib.materials import reported
from lib.materials.values import CODES, CONDITIONS
from lib.presentation.charts import ACCENT, CEILING, GREY, PAPER
from lib.presentation.figures import population as figures

US, GSS, EUROPE = "US adults, PVQ-40", "US, General Social Survey 2012", "Europe, ESS round 11"


def test_alignments_have_a_panel_for_each_measure_and_each_reference_on_behaviour():
    table = planted.alignments(
        at(0.7, source="h_np"),
        at(0.6, source="uniform"),
        at(0.5, source="uniform", reference="ess9_de"),
        at(0.3, source="uniform", side="hierarchy", measure="spearman", reference="ess9_de"),
        at(0.4, source="uniform", **BEHAVIOR),
        at(0.99, source="uniform", **BEHAVIOR, scope="shared"),
        at(0.99, source="uniform", measure="rmse"),
    )
    found = Drawn(figures.alignment(table, "pvq40_us_2017"))
    dots = [(m.said["label"], m.number(next(iter(m.said)))) for m in found.marks("point", ACCENT)]
    assert sorted(dots) == [("H-NP", 0.7), ("uniform", 0.3), ("uniform", 0.4), ("uniform", 0.6)]
    marks = [(m.said["label"], m.number(next(iter(m.said))), m.color) for m in found.marks("point") if "kind" in m.said]
    np_, uniform = (pytest.approx(reported.of_strategy(s), abs=0.006) for s in ("h_np", "uniform"))
    assert sorted(marks) == [("H-NP", np_, PAPER), ("uniform", 0.5, GREY), ("uniform", uniform, PAPER)]
    lines = [t for t in found.texts() if t in ("uniform", "H-NP")]
    assert lines == ["uniform", "H-NP"], "in the strategies' order, named on the left of each row"
    assert {US, "Germany, ESS round 9", GSS} <= set(found.texts())


def test_weights_have_a_tile_for_each_strategy_and_condition():
    rows = [{"strategy": s, "condition": c, "weight": 1 / 11} for s in ("h_np", "uniform") for c in CONDITIONS]
    found = Drawn(figures.weights(pd.DataFrame(rows)))
    assert found.texts().count("9.1%") == 22 and len(found.legends()) == 1
    assert [t for t in found.texts() if t in CONDITIONS] == [*CONDITIONS]
    assert [t for t in found.texts() if t in LABELS.values()] == ["uniform", "H-NP"]


@pytest.fixture
def spread():
    rows = [
        {"strategy": s, "reference": "ess9_de", "value": c, "mean": 0.1, "human_mean": -0.1, "variance_ratio": 2.0}
        for s in LABELS
        for c in CODES
    ]
    return pd.DataFrame(rows).assign(wasserstein=[i / 600 for i in range(60)])


def test_hierarchy_has_a_dot_and_a_tick_of_people_for_each_value(spread):
    found = Drawn(figures.hierarchy(spread))
    assert {m.number("mean centred score") for m in found.marks("point")} == {0.1} and len(found.marks("point")) == 60
    assert {m.number("mean centred score") for m in found.marks("tick")} == {-0.1} and len(found.marks("tick")) == 60
    assert [t for t in found.texts() if t in CODES] == [*CODES] * 2
    assert "Mean scores, black ticks: Germany, ESS round 9" in found.texts()


def test_spread_shows_every_strategy_beside_people(spread):
    spread.loc[0, "variance_ratio"] = 0.5
    found = Drawn(figures.spread(spread))
    assert len(found.marks("point")) == 120 and len(found.marks("rule", CEILING)) == 1
    colors = {m.color for m in found.marks("point")}
    assert len(colors) == 6 and not colors & {ACCENT, CEILING, PAPER}, "colours that mean something else"
    assert len(found.legends()) == 1 and all(label in found.legends()[0] for label in LABELS.values())


def test_slopes_have_a_line_for_each_strategy_and_the_studys_own_slope_marked():
    rows = [
        {"side": "structure", "measure": m, "strategy": s, "factor": f, "estimate": 0.5}
        for m in ("pearson", "rmse")
        for s in ("uniform", "h_np")
        for f in (0.5, 1.0, 2.0)
    ]
    found = Drawn(figures.slopes(pd.DataFrame(rows)))
    assert len(found.marks("point")) == 6, "measures without a panel are left out"
    assert [m.color for m in found.marks("rule")] == [GREY]
    assert _left(found.marks("rule")[0]) == pytest.approx(95, abs=0.1), "in the middle of the panel"
    assert {"0.5", "1", "2"} <= set(found.texts())


def _left(mark) -> float:
    return float(mark.element.get("transform")[10:].split(",")[0])


def test_temperatures_tell_the_sample_that_was_chosen_on_from_the_others():
    rows = [
        {"side": "distribution", "measure": "wasserstein", "reference": r, "temperature": t, "estimate": t}
        for r in ("ess11_europe", "wvs6", "ess9_de")
        for t in (0.1, 0.2, 0.4)
    ]
    found = Drawn(figures.temperatures(pd.DataFrame(rows), "ess11_europe", 0.2))
    assert sum(m.color == ACCENT for m in found.marks("point")) == 3
    assert sum(m.color == GREY for m in found.marks("point")) == 6
    assert [_left(m) for m in found.marks("rule")] == [pytest.approx(95, abs=0.1)]
    assert f"{EUROPE} (chosen on), other samples" in found.legends()[0]
