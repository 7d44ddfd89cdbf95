"""The forest plot: a planted table's dots, lines, bands and ceilings stand where they must, and nothing else."""

import pandas as pd
import planted_tables as planted
import pytest
from drawn import Drawn
from planted_tables import BARE, NONE, at

from lib.presentation.charts import ACCENT, CEILING, INK, NULL, WORDS
from lib.presentation.figures.forest import CAMPS, EMBEDDINGS, KEY, MARKS, SHARED_WORDS, forest, panels

X = "Pearson r"
ROWS = planted.alignments(
    at(0.71, null_low=-0.3, null_high=0.31, ceiling=0.92),
    {"estimate": -0.2, "null_low": -0.1, "null_high": 0.2, "ceiling": NONE} | BARE,
    at(0.4, null_low=NONE, null_high=NONE, ceiling=0.8),
).assign(label=["first", "second", "third"])
EXTRA = pd.DataFrame({"label": ["first", "third"], "estimate": [0.35, 0.1], "kind": [SHARED_WORDS, CAMPS]})


def drawn(rows=ROWS, domain=(-0.5, 1.0), marks=None, **other) -> Drawn:
    return Drawn(forest(rows, X, domain, marks, **other))


def test_dots_lines_bands_and_ceilings_are_those_of_the_table():
    found = drawn()
    dots = {m.said["label"]: m.number(X) for m in found.marks("point", ACCENT)}
    assert dots == pytest.approx({"first": 0.71, "second": -0.2, "third": 0.4})
    lines = {m.said["label"]: (m.number(X), m.number("high")) for m in found.marks("rule", ACCENT)}
    assert lines == {"first": pytest.approx((0.61, 0.81)), "third": pytest.approx((0.3, 0.5))}, "none without interval"
    bands = {m.said["label"]: (m.number(X), m.number("null_high")) for m in found.marks("bar", NULL)}
    assert bands == {"first": (-0.3, 0.31), "second": (-0.1, 0.2)}
    people = {m.said["label"]: m.number(X) for m in found.marks("point", CEILING)}
    assert people == {"first": 0.92, "third": 0.8}
    assert len(found.marks()) == 3 + 2 + 2 + 2 + 1, "and the line at zero"
    assert not found.legends(), "no legend without further marks"


def test_lines_stand_in_the_tables_order_or_in_the_one_asked_for():
    assert [t for t in drawn().texts() if t in set(ROWS["label"])] == ["first", "second", "third"]
    order = ["third", "nothing", "first", "second"]
    assert [t for t in drawn(order=order).texts() if t in order] == order
    assert not set(drawn(named=False).texts()) & set(ROWS["label"])


def test_axis_has_the_domain_asked_for_and_what_lies_beyond_stands_at_its_end():
    found = drawn(domain=(-0.1, 0.5), width=420)
    assert found.axes()[0] == f"X-axis titled '{X}' for a linear scale with values from −0.1 to 0.5"
    left = {m.said["label"]: float(m.element.get("transform")[10:].split(",")[0]) for m in found.marks("point", ACCENT)}
    assert left == pytest.approx({"first": 420, "second": 0, "third": 350})


@pytest.mark.parametrize(
    ("domain", "width", "labels"),
    [
        ((-0.75, 1.0), 330, ["−0.75", "−0.5", "−0.25", "0", "0.25", "0.5", "0.75", "1"]),
        ((-0.75, 1.0), 420, ["−0.6", "−0.4", "−0.2", "0", "0.2", "0.4", "0.6", "0.8", "1"]),
        ((-0.5, 1.0), 170, ["−0.5", "0", "0.5", "1"]),
        ((0.0, 0.25), 220, ["0", "0.1", "0.2"]),
        ((0.0, 2.5), 220, ["0", "0.5", "1", "1.5", "2", "2.5"]),
    ],
)
def test_ticks_stand_at_round_numbers_and_say_them_in_full(domain, width, labels):
    found = drawn(domain=domain, width=width)
    assert [t for t in found.texts() if t[-1].isdigit()] == labels
    low, high = (f"{end:g}".replace("-", "−") for end in domain)
    assert found.axes()[0].endswith(f"values from {low} to {high}")


def test_further_marks_have_their_shape_and_colour_and_a_legend_of_these_kinds_only():
    found = drawn(marks=EXTRA)
    marks = [(m.said["label"], m.number(X), m.color, m.said["kind"]) for m in found.marks("point") if "kind" in m.said]
    assert marks == [("first", 0.35, WORDS, SHARED_WORDS), ("third", 0.1, INK, CAMPS)]
    assert found.legends() == ["for shape and stroke color with 2 values: shared words, two camps"]
    assert len(set(MARKS.values())) == len(MARKS), "no two kinds look alike"
    height = {m.element.get("transform").split(",")[1] for m in found.marks("point", ACCENT)}
    assert not height & {m.element.get("transform").split(",")[1] for m in found.marks() if "kind" in m.said}


def test_no_marks_is_no_legend():
    assert drawn(marks=EXTRA[:0]).svg == drawn().svg


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a & b", "datum.x'\"]", "…\n{}", "null"])
def test_a_models_name_is_only_data(name):
    found = drawn(ROWS.assign(label=[name, "b", "c"]), marks=EXTRA.assign(label=name))
    assert "<script" not in found.svg
    assert {m.said["label"] for m in found.marks("point", ACCENT)} == {name, "b", "c"}


def test_title_and_key():
    found = drawn(title="Alignment", subtitle=KEY)
    assert {"Alignment", KEY} <= set(found.texts())
    assert KEY not in drawn(title="Alignment").texts()


def test_panels_share_one_key_and_one_legend():
    charts = [forest(ROWS, X, (-0.5, 1.0), EXTRA.assign(kind=kind)) for kind in (CAMPS, EMBEDDINGS, CAMPS)]
    found = Drawn(panels(charts, 2))
    assert found.texts().count(KEY) == 1
    assert len(found.legends()) == 1 and CAMPS in found.legends()[0] and EMBEDDINGS in found.legends()[0]
    assert len(found.marks("point", ACCENT)) == 9
    assert {"All of it", KEY} <= set(Drawn(panels(charts, 2, "All of it")).texts())
