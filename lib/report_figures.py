"""The figure of the report: what the paper reports, and what this study finds."""

import altair as alt
import pandas as pd

from lib.figures import ACCENT, GREY
from lib.tables import rounded

_PURPLE, _GREEN = "#cc79a7", "#009e73"
_TITLES = {
    "value_structure": "Value structure (by model)",
    "value_behavior": "Values and behaviour (by questionnaire)",
    "population_strategy": "Populations (by strategy, value structure)",
}
_KEY = "blue: here, with 95 % interval · purple cross: the paper (second-hand) · green: other people"


def paper_and_ours(comparison: pd.DataFrame) -> alt.VConcatChart:
    """Returns the paper's figures and this study's on one axis, a panel for each table of the paper.

    Args:
        comparison: `report.comparison`.
    """
    panels = [_panel(rows, _TITLES[str(name)]) for name, rows in comparison.groupby("table", sort=False)]
    return alt.vconcat(*panels, spacing=14).properties(
        title=alt.TitleParams("Reported and found: correlation with people", subtitle=_KEY)
    )


def _panel(rows: pd.DataFrame, title: str) -> alt.LayerChart:
    against = rows["against"].fillna("")
    data = rounded(rows.assign(label=rows["item"] + against.where(against == "", " – " + against)))
    order = list(data["label"])
    heading = alt.TitleParams(title, frame="group")
    base = alt.Chart(data, width=400, height=22 * len(order), title=heading)
    y = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=420, ticks=False, domain=False))
    x = {"scale": alt.Scale(domain=[-0.6, 1.0], clamp=True), "title": "Pearson r"}
    found = base.transform_filter("isValid(datum.ours)")
    there = base.transform_filter("isValid(datum.paper)")
    people = base.transform_filter("isValid(datum.ceiling)")
    zero = alt.Chart(pd.DataFrame({"zero": [0.0]})).mark_rule(color=GREY, strokeDash=[3, 3]).encode(x="zero:Q")
    people = people.mark_point(shape="stroke", angle=90, size=220, stroke=_GREEN, strokeWidth=3, opacity=1)
    cross = there.mark_point(shape="cross", size=60, stroke=_PURPLE, fill=_PURPLE, opacity=1)
    return alt.layer(
        zero,
        found.mark_rule(color=ACCENT, strokeWidth=2.5).encode(x=alt.X("low:Q", **x), x2="high:Q", y=y),
        people.encode(x=alt.X("ceiling:Q", **x), y=y),
        cross.encode(x=alt.X("paper:Q", **x), y=y),
        found.mark_point(filled=True, size=75, color=ACCENT, opacity=1).encode(x=alt.X("ours:Q", **x), y=y),
    )
