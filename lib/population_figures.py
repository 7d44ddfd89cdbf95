"""Figures of populations, drawn with Altair; `figures.save` writes them."""

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from lib.figures import ACCENT, GREY, INK
from lib.tables import rounded
from lib.values import CODES, CONDITIONS, HIGHER_ORDER, pole

LABELS = {
    "uniform": "uniform",
    "model_specific": "model-specific",
    "h_norm": "H-Norm",
    "h_even": "H-Even",
    "h_np": "H-NP",
    "h_profile": "H-Profile",
}
TITLES = {
    "structure": "value structure (r)",
    "hierarchy": "value hierarchy (rho)",
    "hierarchy_pearson": "value hierarchy (r)",
    "variance_ratio": "variance ratio",
    "wasserstein": "Wasserstein distance",
    "behavior": "value and behaviour (r)",
}
#: What the figures show of each measure; the tables have all of them.
_SHOWN = ("structure", "hierarchy", "variance_ratio", "wasserstein")
_STRATEGIES = alt.Scale(
    domain=list(LABELS.values()), range=["#000000", "#56b4e9", "#e69f00", "#009e73", "#0072b2", "#d55e00"]
)
_SHAPES = alt.Scale(domain=list(LABELS.values()), range=["circle", "square", "diamond", "cross", "triangle", "stroke"])
_POLES = alt.Scale(domain=[h.name for h in HIGHER_ORDER], range=[h.color for h in HIGHER_ORDER])
_BARE = {"ticks": False, "domain": False}


def weights(table: pd.DataFrame) -> alt.LayerChart:
    """Returns each strategy's weights of the eleven conditions (`population_tables.weight_table`)."""
    data = rounded(table[["strategy", "condition", "weight"]].replace({"strategy": LABELS}))
    axis = alt.Axis(orient="top", labelAngle=0, **_BARE)
    base = alt.Chart(data, width=46 * len(CONDITIONS), height=30 * table["strategy"].nunique()).encode(
        x=alt.X("condition:N", sort=list(CONDITIONS), title=None, axis=axis),
        y=alt.Y("strategy:N", sort=list(LABELS.values()), title=None, axis=alt.Axis(**_BARE)),
    )
    legend = alt.Legend(format=".0%", title="share")
    color = alt.Color("weight:Q", scale=alt.Scale(scheme="blues", domain=[0, 0.55]), legend=legend)
    dark = alt.condition("datum.weight > 0.3", alt.value("white"), alt.value(INK))
    text = base.mark_text(fontSize=11).encode(text=alt.Text("weight:Q", format=".1%"), color=dark)
    return alt.layer(base.mark_rect(stroke="white").encode(color=color), text)


def alignment(table: pd.DataFrame, reference: str, labels: Mapping[str, str]) -> alt.VConcatChart:
    """Returns how human each strategy's people are: a panel for each measure, and for each reference on behaviour.

    Args:
        table: `population_tables.alignment_table`.
        reference: the human sample that is shown with intervals; the others are rings.
        labels: reference → how it is written.
    """
    panels = []
    for measure in _SHOWN:
        rows = table[table["measure"] == measure]
        here = rows[rows["reference"] == reference]
        panels.append(_forest(here, rows[rows["reference"] != reference], TITLES[measure], labels.get(reference, "")))
    behaviors = table[table["measure"] == "behavior"]
    for name in dict.fromkeys(behaviors["reference"]):
        rows = behaviors[behaviors["reference"] == name]
        panels.append(_forest(rows, rows.iloc[:0], TITLES["behavior"], labels.get(name, name)))
    rows = [alt.hconcat(*panels[i : i + 4], spacing=16) for i in range(0, len(panels), 4)]
    return alt.vconcat(*rows, spacing=18)


def _forest(here: pd.DataFrame, others: pd.DataFrame, title: str, subtitle: str) -> alt.LayerChart:
    data, rest = (rounded(t.replace({"strategy": LABELS})) for t in (here, others))
    size = {"width": 200, "height": 24 * len(LABELS)}
    x = {"scale": alt.Scale(zero=False, nice=True), "title": None}
    y = alt.Y("strategy:N", sort=list(LABELS.values()), title=None, axis=alt.Axis(**_BARE))
    shown = alt.Chart(data, **size).encode(y=y)
    layers = [
        alt.Chart(rest, **size).mark_point(size=26, color=GREY).encode(x=alt.X("estimate:Q", **x), y=y),
        shown.mark_rule(color=ACCENT, strokeWidth=2.5).encode(x=alt.X("low:Q", **x), x2="high:Q"),
        shown.mark_point(filled=True, size=75, color=ACCENT, opacity=1).encode(x=alt.X("estimate:Q", **x)),
        shown.transform_filter("isValid(datum.ceiling)")
        .mark_tick(color="#009e73", thickness=3, size=20)
        .encode(x=alt.X("ceiling:Q", **x)),
        shown.transform_filter("isValid(datum.paper)")
        .mark_point(shape="diamond", size=55, stroke="#cc79a7", fill="white", opacity=1)
        .encode(x=alt.X("paper:Q", **x)),
    ]
    return alt.layer(*layers).properties(title=alt.TitleParams(title, subtitle=subtitle))


def hierarchy(spread: pd.DataFrame, columns: int = 3) -> alt.Chart:
    """Returns the ten mean centred scores, people's across and each strategy's upwards, in shares of the range.

    Args:
        spread: `population_tables.spread_table` of one reference.
        columns: panels in a row.
    """
    data = spread[["strategy", "value", "mean", "human_mean"]].replace({"strategy": LABELS})
    data = rounded(data.assign(pole=[pole(c).name for c in data["value"]]))
    reach = float(np.ceil(data[["mean", "human_mean"]].abs().max().max() * 20) / 20)
    scale = alt.Scale(domain=[-reach, reach])
    x = alt.X("human_mean:Q", title="people", scale=scale, axis=alt.Axis(format=".1f", tickCount=5))
    y = alt.Y("mean:Q", title="simulated", scale=scale, axis=alt.Axis(format=".1f", tickCount=5))
    names = alt.Chart(data, width=220, height=220).mark_text(fontSize=12, fontWeight="bold")
    names = names.encode(x=x, y=y, text="value:N", color=alt.Color("pole:N", scale=_POLES, title=None))
    line = alt.Chart(data).mark_line(color=GREY, strokeDash=[3, 3], strokeWidth=1).encode(x=x, y="human_mean:Q")
    facet = alt.Facet("strategy:N", sort=list(LABELS.values()), title=None)
    return alt.layer(line, names, data=data).facet(facet, columns=columns)


def spread(table: pd.DataFrame) -> alt.HConcatChart:
    """Returns each value's variance ratio and Wasserstein distance by strategy (`spread_table` of one reference)."""
    data = rounded(table[["strategy", "value", "variance_ratio", "wasserstein"]].replace({"strategy": LABELS}))
    base = alt.Chart(data, width=330, height=330).encode(
        y=alt.Y("value:N", sort=list(CODES), title=None, axis=alt.Axis(grid=True, gridColor="#eeeeee", **_BARE)),
        color=alt.Color("strategy:N", scale=_STRATEGIES, title=None),
        shape=alt.Shape("strategy:N", scale=_SHAPES, title=None),
    )
    dots = base.mark_point(size=60, strokeWidth=1.8)
    log = alt.Scale(type="log", base=2, nice=False)
    ratio = dots.encode(x=alt.X("variance_ratio:Q", scale=log, title="simulated over human variance (1 is human)"))
    one = alt.Chart(data).mark_rule(color="#009e73", strokeWidth=2).encode(x=alt.datum(1))
    distance = dots.encode(x=alt.X("wasserstein:Q", title="Wasserstein distance (share of the response range)"))
    return alt.hconcat(alt.layer(one, ratio), distance, spacing=24)


def sensitivity(table: pd.DataFrame, by: str, title: str, columns: int = 4) -> alt.Chart:
    """Returns each measure by the link's slope (`population_tables.slope_table`), a line for each strategy.

    Args:
        table: rows of one reference.
        by: the column across, on a log scale.
        title: of that axis.
        columns: panels in a row.
    """
    data = table[table["measure"].isin(_SHOWN)].replace({"strategy": LABELS, "measure": TITLES})
    color = alt.Color("strategy:N", scale=_STRATEGIES, title=None)
    shape = alt.Shape("strategy:N", scale=_SHAPES, title=None)
    return _lines(data, by, title, columns, color=color, shape=shape)


def temperatures(table: pd.DataFrame, sample: str, chosen: float, labels: Mapping[str, str]) -> alt.Chart:
    """Returns each measure of `h_profile` by its temperature, a line for each human sample.

    Args:
        table: `population_tables.temperature_table`.
        sample: the one that the temperature was chosen on.
        chosen: the temperature.
        labels: reference → how it is written.
    """
    data = table[table["measure"].isin(_SHOWN)].replace({"measure": TITLES})
    mine = f"{labels[sample]} (chosen on)"
    data = data.assign(strategy=np.where(data["reference"] == sample, mine, "other samples"), at=chosen)
    color = alt.Color("strategy:N", scale=alt.Scale(domain=[mine, "other samples"], range=[ACCENT, GREY]), title=None)
    return _lines(data, "temperature", "temperature", 4, color=color, detail="reference:N")


def _lines(data: pd.DataFrame, by: str, title: str, columns: int, **encoding: object) -> alt.Chart:
    base = alt.Chart(rounded(data), width=190, height=170)
    x = alt.X(f"{by}:Q", title=title, scale=alt.Scale(type="log"), axis=alt.Axis(values=sorted(set(data[by]))))
    lines = base.mark_line(strokeWidth=1.8, point=alt.OverlayMarkDef(size=40)).encode(
        x=x, y=alt.Y("estimate:Q", title=None, scale=alt.Scale(zero=False)), **encoding
    )
    layers = [lines]
    if "at" in data:
        layers.insert(0, base.mark_rule(color="#009e73", strokeDash=[4, 3]).encode(x=alt.X("at:Q")))
    order = [TITLES[m] for m in _SHOWN]
    facet = alt.Facet("measure:N", sort=order, title=None)
    return alt.layer(*layers).facet(facet, columns=columns).resolve_scale(y="independent")
