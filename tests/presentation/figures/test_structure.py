import numpy as np
import pandas as pd
import pytest
from drawn import Drawn

from lib.materials.values import CODES, HIGHER_ORDER, VALUES, circle, cosine_matrix
from lib.presentation.charts import ACCENT, GREY
from lib.presentation.figures import structure as figures

NAMES = [v.name for v in VALUES]


def codes(found: Drawn) -> list[str]:
    return [t for t in found.texts() if t in CODES]


def test_the_circle_names_all_ten_values_and_four_poles():
    found = Drawn(figures.value_circle())
    assert {*NAMES, *(h.name for h in HIGHER_ORDER)} <= set(found.texts())
    colors = {m.color for m in found.marks("arc")}
    assert len(found.marks("arc")) == 10 and colors == {h.color for h in HIGHER_ORDER}


def test_the_pipeline_goes_from_raw_data_to_what_is_published():
    steps = ["raw data", "plan", "ask", "answers", "score", "align", "publish"]
    found = Drawn(figures.pipeline())
    assert [t for t in found.texts() if t in steps] == steps and found.texts().count("→") == len(steps) - 1


@pytest.fixture
def lift():
    return pd.DataFrame(0.3 * np.eye(10) - 0.02, index=list(CODES), columns=list(CODES))


def test_lifts_stand_in_the_circles_order_with_zero_in_the_middle_of_the_colours(lift):
    shuffled = lift.iloc[::-1, ::-1]
    found, scale = Drawn(figures.lift_heatmap(shuffled, "nats")), _scale(figures.lift_heatmap(shuffled, "nats"))
    assert codes(found) == [*CODES, *CODES]
    assert scale["domain"] == [-0.3, 0.3] and scale["domainMid"] == 0
    assert found.texts().count(".28") == 10 and found.texts().count("−.02") == 90
    assert "nats" in found.legends()[0]


def _scale(chart) -> dict:
    return chart.to_dict()["layer"][0]["encoding"]["color"]["scale"]


def test_a_model_that_no_prime_moves_is_drawn_too(lift):
    assert _scale(figures.lift_heatmap(lift * 0, "nats"))["domain"] == [-1, 1]
    assert Drawn(figures.lift_heatmap(lift * 0, "nats")).texts().count(".00") == 100


def test_matrices_share_one_scale_and_leave_the_diagonal_out():
    chart = figures.matrices({"a <b>": cosine_matrix(), "b": cosine_matrix() * 0.1})
    assert [p["layer"][0]["encoding"]["color"]["scale"]["domain"] for p in chart.to_dict()["hconcat"]] == [[-1, 1]] * 2
    found = Drawn(chart)
    assert len(found.marks("rect")) == 180 and codes(found) == [*CODES] * 4
    assert {"a <b>", "b"} <= set(found.texts()) and len(found.legends()) == 1


def test_inductions_are_compared_with_a_dot_each_ticks_for_wordings_and_ranks_beside_both():
    rows = [
        {"induction": how, "wording": wording, "value": code, "lift": lift, "rank": rank}
        for code in CODES
        for how, wording, lift, rank in (
            ("definition", "all", 0.2, 1),
            ("definition", "plain", 0.3, 1),
            ("name", "all", 0.1, 4),
            ("name", "plain", 0.4, 2),
        )
    ]
    found = Drawn(figures.lift_by_induction(pd.DataFrame(rows), "nats"))
    x = "lift of own items (nats)"
    assert {(m.number(x), m.color) for m in found.marks("point", ACCENT)} == {(0.2, ACCENT)}
    assert len(found.marks("point")) == 20 and len(found.marks("tick")) == 20
    ranks = found.marks("text")
    assert [m.said["rank"] for m in ranks] == ["4"] * 10 and {m.number(x) for m in ranks} == {0.4}
    assert "definition, name" in found.legends()[0]
    assert found.axes()[0].startswith(f"X-axis titled '{x}' ")


def test_maps_have_every_value_once_and_one_scale():
    points = circle().to_numpy()
    found = Drawn(figures.value_maps({"one": points, "<script>": points / 2}, {"one": "s 0.1", "<script>": "<b>"}))
    assert [t for t in found.texts() if t in NAMES] == NAMES * 2
    assert {"s 0.1", "<b>", "<script>"} <= set(found.texts()) and "<script" not in found.svg
    assert len(found.marks("point")) == 20 and len(found.legends()) == 1


def test_the_model_is_drawn_over_people():
    rows = [
        {"sample": s, "kind": kind, "steps": step, "r": 0.5 - step / 5}
        for s, kind in (("m", "model"), ("a", "human"), ("b", "human"))
        for step in range(1, 6)
    ]
    found = Drawn(figures.correlation_by_distance(pd.DataFrame(rows)))
    lines = [m.color for m in found.marks() if m.kind in ("point", "line")]
    assert lines.index(ACCENT) > len(lines) - 1 - lines[::-1].index(GREY), "people first, the model last"
    assert "model, human" in found.legends()[0]
