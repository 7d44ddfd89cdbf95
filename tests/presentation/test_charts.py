"""What all figures share: the files, the palette, the matrix of tiles, lines at numbers."""

import json
import re

import altair as alt
import numpy as np
import pandas as pd
import pytest
from drawn import Drawn

from lib import paths
from lib.materials.values import CODES
from lib.presentation import charts
from lib.presentation.figures import structure as figures


@pytest.fixture
def lift():
    values = np.random.default_rng(0).normal(0, 0.2, (10, 10)) + 0.3 * np.eye(10)
    return pd.DataFrame(values, index=list(CODES), columns=list(CODES))


def test_a_figure_is_written_in_three_forms_and_again_to_the_byte(lift, tmp_path):
    for folder in ("one", "two"):
        charts.save(figures.lift_heatmap(lift, "nats"), "lift", tmp_path / folder)
    names = {"lift.svg", "lift.png", "lift.vl.json"}
    assert {p.name for p in (tmp_path / "one").iterdir()} == names
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert json.loads((tmp_path / "one" / "lift.vl.json").read_text())["$schema"].endswith(".json")


def test_the_last_bit_does_not_show(lift, tmp_path):
    charts.save(figures.lift_heatmap(lift, "nats"), "lift", tmp_path / "one")
    charts.save(figures.lift_heatmap(lift * (1 + 1e-15), "nats"), "lift", tmp_path / "two")
    assert (tmp_path / "one" / "lift.vl.json").read_bytes() == (tmp_path / "two" / "lift.vl.json").read_bytes()


def test_text_from_a_model_stays_text(tmp_path):
    """Names end up in SVG files that browsers open."""
    points = {"<script>alert(1)</script>": np.random.default_rng(0).standard_normal((10, 2))}
    charts.save(figures.value_maps(points, dict.fromkeys(points, "<b>")), "map", tmp_path)
    svg = (tmp_path / "map.svg").read_text()
    assert "<script" not in svg and "&lt;script&gt;" in svg


@pytest.mark.parametrize(
    ("values", "end"),
    [([0.43, -0.1], 0.45), ([-0.51, 0.2], 0.55), ([2.0, 1], 2.0), ([0.0, 0.0], 1.0), ([0.013], 0.015), ([7.2], 7.5)],
)
def test_a_scale_ends_at_a_round_number_that_no_value_exceeds(values, end):
    assert charts.limit(pd.Series(values)) == pytest.approx(end) and end >= max(map(abs, values))


def test_tiles_write_numbers_without_a_zero_before_the_point_and_with_a_true_minus():
    rows = {"x": list(CODES[:5]), "y": "PO", "r": [0.456, -0.456, -0.001, 1.0, -1.25]}
    found = Drawn(charts.heatmap(pd.DataFrame(rows), ("x", None), ("y", None), "r", "r", 2.0, 29))
    assert [t for t in found.texts() if "." in t][:5] == [".46", "−.46", ".00", "1.00", "−1.25"]


def test_a_line_at_a_number_is_drawn_once_and_in_every_panel():
    data = pd.DataFrame({"a": [1, 2, 3, 4], "panel": ["p", "p", "q", "q"]})
    dots = alt.Chart(data).mark_point().encode(x="a:Q")
    layers = alt.layer(charts.line_at(1.5, color=charts.CEILING), dots, data=data)
    assert len(Drawn(layers).marks("rule", charts.CEILING)) == 1
    found = Drawn(layers.facet("panel:N"))
    assert len(found.marks("rule", charts.CEILING)) == 2 and len(found.marks("point")) == 4


def test_no_two_colours_with_a_meaning_are_alike():
    meant = [charts.INK, charts.GREY, charts.ACCENT, charts.CEILING, charts.NULL, charts.WORDS, charts.PAPER]
    assert len({*meant, *charts.FURTHER}) == len(meant) + len(charts.FURTHER)


def test_colours_of_figures_are_those_of_the_palette():
    """A colour of its own in a module would have a meaning that no other figure knows."""
    allowed = {"#ffffff", "#b8b8b8", "#000000", "#555555", "#eeeeee", "#dddddd", "#eef4f9"}
    for path in (paths.ROOT / "lib/presentation/figures").glob("*.py"):
        assert set(re.findall(r"#[0-9a-f]{6}", path.read_text())) <= allowed, path
