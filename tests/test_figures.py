import numpy as np
import pandas as pd
import pytest

from lib import figures
from lib.values import CODES, cosine_matrix


@pytest.fixture
def lift():
    values = np.random.default_rng(0).normal(0, 0.2, (10, 10)) + 0.3 * np.eye(10)
    return pd.DataFrame(values, index=list(CODES), columns=list(CODES))


def test_a_figure_is_written_in_three_forms_and_again_to_the_byte(lift, tmp_path):
    for folder in ("one", "two"):
        figures.save(figures.lift_heatmap(lift, "nats"), "lift", tmp_path / folder)
    names = {"lift.svg", "lift.png", "lift.vl.json"}
    assert {p.name for p in (tmp_path / "one").iterdir()} == names
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_last_bit_does_not_show(lift, tmp_path):
    figures.save(figures.lift_heatmap(lift, "nats"), "lift", tmp_path / "one")
    figures.save(figures.lift_heatmap(lift * (1 + 1e-15), "nats"), "lift", tmp_path / "two")
    assert (tmp_path / "one" / "lift.vl.json").read_bytes() == (tmp_path / "two" / "lift.vl.json").read_bytes()


def test_colour_scales_have_zero_in_the_middle(lift):
    scale = figures.lift_heatmap(lift, "nats").to_dict()["layer"][0]["encoding"]["color"]["scale"]
    assert scale["domainMid"] == 0
    assert scale["domain"][0] == -scale["domain"][1]
    assert scale["domain"][1] >= lift.abs().to_numpy().max()


def test_matrices_share_one_scale_and_leave_the_diagonal_out():
    matrix = cosine_matrix()
    chart = figures.matrices({"a": matrix, "b": matrix * 0.1}).to_dict()
    domains = [panel["layer"][0]["encoding"]["color"]["scale"]["domain"] for panel in chart["hconcat"]]
    assert domains == [[-1.0, 1.0]] * 2
    assert all(len(rows) == 90 for rows in chart["datasets"].values())


def test_text_from_a_model_stays_text(tmp_path):
    """Names end up in SVG files that browsers open."""
    points = {"<script>alert(1)</script>": np.random.default_rng(0).standard_normal((10, 2))}
    figures.save(figures.value_maps(points, dict.fromkeys(points, "<b>")), "map", tmp_path)
    svg = (tmp_path / "map.svg").read_text()
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
