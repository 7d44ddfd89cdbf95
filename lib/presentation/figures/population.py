"""Figures of populations, drawn with Altair; `charts.save` writes them."""

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.alignment import SHARED
from lib.analysis.population.strategies import LABELS
from lib.materials import reported
from lib.materials.values import CODES, CONDITIONS, pole
from lib.presentation.charts import ACCENT, BARE, CEILING, FURTHER, GREY, INK, POLES, line_at
from lib.presentation.figures.alignments import reference_label
from lib.presentation.figures.forest import OTHERS, REPORTED, forest, panels
from lib.presentation.tables import rounded

_STRATEGIES = alt.Scale(domain=list(LABELS.values()), range=[INK, *FURTHER])
_SHAPES = alt.Scale(
    domain=list(LABELS.values()), range=["circle", "square", "diamond", "cross", "triangle-up", "triangle-down"]
)
#: The panels of populations: side and measure → title and domain.
_PANELS = {
    ("structure", "pearson"): ("value structure (r)", (-0.2, 1.0)),
    ("hierarchy", "spearman"): ("value hierarchy (rho)", (-1.0, 1.0)),
    ("spread", "variance_ratio"): ("variance ratio (1 is human)", (0.0, 2.5)),
    ("distribution", "wasserstein"): ("Wasserstein distance", (0.0, 0.25)),
    ("behavior", "pearson"): ("value and behaviour (r)", (-0.4, 1.0)),
}


def alignment(table: pd.DataFrame, reference: str) -> alt.VConcatChart:
    """Returns how human each strategy's people are: a panel for each measure, and for each reference on behaviour.

    Args:
        table: `population_alignment`.
        reference: the sample that is shown with intervals (the first one where a measure cannot be taken against it);
            the others are rings.
    """
    charts = []
    for (side, measure), (title, domain) in _PANELS.items():
        rows = table[(table["side"] == side) & (table["measure"] == measure) & (table["scope"] != SHARED)]
        rows = rows.assign(label=rows["source"].map(LABELS))
        shown = list(dict.fromkeys(rows["reference"]))
        shown = shown if side == "behavior" else [reference] if reference in shown else shown[:1]
        for name in shown:
            mine = rows[rows["reference"] == name]
            marks = rows[rows["reference"] != name].assign(kind=OTHERS) if side != "behavior" else rows[:0]
            if side == "structure":
                paper = mine.assign(estimate=mine["source"].map(reported.of_strategy), kind=REPORTED)
                marks = pd.concat([marks, paper.dropna(subset="estimate")])
            lines = [LABELS[s] for s in LABELS if s in set(mine["source"])]
            named = len(charts) % 4 == 0
            charts.append(
                forest(mine, title, domain, marks, title, reference_label(name), width=220, named=named, order=lines)
            )
    return panels(charts, 4)


def weights(table: pd.DataFrame) -> alt.LayerChart:
    """Returns each strategy's weights of the eleven conditions (`population.tables.weight_table`)."""
    data = rounded(table[["strategy", "condition", "weight"]].replace({"strategy": LABELS}))
    axis = alt.Axis(orient="top", labelAngle=0, **BARE)
    base = alt.Chart(data, width=46 * len(CONDITIONS), height=30 * table["strategy"].nunique()).encode(
        x=alt.X("condition:N", sort=list(CONDITIONS), title=None, axis=axis),
        y=alt.Y("strategy:N", sort=list(LABELS.values()), title=None, axis=alt.Axis(**BARE)),
    )
    legend = alt.Legend(format=".0%", title="share")
    color = alt.Color("weight:Q", scale=alt.Scale(scheme="blues", domain=[0, 0.55], clamp=True), legend=legend)
    dark = alt.condition("datum.weight > 0.3", alt.value("white"), alt.value(INK))
    text = base.mark_text(fontSize=11).encode(text=alt.Text("weight:Q", format=".1%"), color=dark)
    return alt.layer(base.mark_rect(stroke="white").encode(color=color), text)


def _padded(values: np.ndarray | pd.Series, log: bool = False) -> alt.Scale:
    """A scale that keeps marks off the axis: a twentieth of the range on either side."""
    ends = np.array([np.nanmin(values), np.nanmax(values)])
    ends = np.log(ends) if log else ends
    ends += np.array([-0.05, 0.05]) * (ends[1] - ends[0])
    domain = [float(f"{end:.4g}") for end in (np.exp(ends) if log else ends)]
    return alt.Scale(domain=domain, nice=False, zero=False, type="log" if log else "linear")


def hierarchy(spread: pd.DataFrame, columns: int = 3) -> alt.FacetChart:
    """Returns the ten mean centred scores, simulated and human, in shares of the response range: a panel a strategy.

    Args:
        spread: `population.tables.spread_table` of one reference.
        columns: panels in a row.
    """
    data = spread[["strategy", "value", "mean", "human_mean"]].replace({"strategy": LABELS})
    data = rounded(data.assign(pole=[pole(c).name for c in data["value"]]))
    x = {"scale": _padded(data[["mean", "human_mean"]].to_numpy()), "title": "mean centred score"}
    x["axis"] = alt.Axis(values=[i / 10 for i in range(-9, 10)], format=".1~f")
    base = alt.Chart(data, width=230, height=190).encode(
        y=alt.Y("value:N", sort=list(CODES), title=None, axis=alt.Axis(grid=True, gridColor="#eeeeee", **BARE))
    )
    color = alt.Color("pole:N", scale=POLES, title=None, legend=alt.Legend(orient="bottom"))
    layers = [
        line_at(0),
        base.mark_rule(strokeWidth=2, opacity=0.5).encode(x=alt.X("human_mean:Q", **x), x2="mean:Q", color=color),
        base.mark_tick(color=INK, thickness=2.5, size=13).encode(x=alt.X("human_mean:Q", **x)),
        base.mark_point(filled=True, size=55, opacity=1).encode(x=alt.X("mean:Q", **x), color=color),
    ]
    facet = alt.Facet("strategy:N", sort=list(LABELS.values()), title=None)
    heading = f"Mean scores, black ticks: {_sample(spread)}"
    return alt.layer(*layers, data=data).facet(facet, columns=columns, title=heading)


def _sample(spread: pd.DataFrame) -> str:
    return reference_label(spread["reference"].iloc[0])


def spread(table: pd.DataFrame) -> alt.HConcatChart:
    """Returns each value's variance ratio and Wasserstein distance by strategy (`spread_table` of one reference)."""
    data = rounded(table[["strategy", "value", "variance_ratio", "wasserstein"]].replace({"strategy": LABELS}))
    dots = alt.Chart(data, width=330, height=330).mark_point(size=60, strokeWidth=1.8, opacity=0.9)
    dots = dots.encode(
        y=alt.Y("value:N", sort=list(CODES), title=None, axis=alt.Axis(grid=True, gridColor="#eeeeee", **BARE)),
        color=alt.Color("strategy:N", scale=_STRATEGIES, title=None),
        shape=alt.Shape("strategy:N", scale=_SHAPES, title=None),
    )
    ratio = alt.X(
        "variance_ratio:Q",
        scale=_padded(data["variance_ratio"], log=True),
        title="simulated over human variance (green: as in people)",
        axis=alt.Axis(values=[0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4]),
    )
    one = line_at(1, color=CEILING, strokeWidth=2, strokeDash=[1, 0])
    distance = alt.X(
        "wasserstein:Q",
        scale=_padded(data["wasserstein"]),
        title="Wasserstein distance (share of the response range)",
        axis=alt.Axis(tickCount=6),
    )
    both = alt.hconcat(alt.layer(one, dots.encode(x=ratio), data=data), dots.encode(x=distance), spacing=24)
    return both.properties(title=f"Spread of the scores beside {_sample(table)}")


def slopes(table: pd.DataFrame) -> alt.FacetChart:
    """Returns each measure by the link's slope, a line for each strategy (`population.tables.slope_table`)."""
    data = _shown(table).replace({"strategy": LABELS})
    color = alt.Color("strategy:N", scale=_STRATEGIES, title=None)
    shape = alt.Shape("strategy:N", scale=_SHAPES, title=None)
    return _lines(data, "factor", "slope, times the study's", 1.0, color=color, shape=shape)


def temperatures(table: pd.DataFrame, sample: str, chosen: float) -> alt.FacetChart:
    """Returns each measure of `h_profile` by its temperature, a line for each human sample.

    Args:
        table: `population.tables.temperature_table`.
        sample: the one that the temperature was chosen on.
        chosen: the temperature.
    """
    data = _shown(table)
    mine = f"{reference_label(sample)} (chosen on)"
    data = data.assign(sample=np.where(data["reference"] == sample, mine, "other samples"))
    color = alt.Color("sample:N", scale=alt.Scale(domain=[mine, "other samples"], range=[ACCENT, GREY]), title=None)
    return _lines(data, "temperature", "temperature", chosen, color=color, detail="reference:N")


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the panels of values, with the panel's title."""
    titles = {key: title for key, (title, _) in _PANELS.items() if key[0] != "behavior"}
    panel = [titles.get(key) for key in zip(table["side"], table["measure"], strict=True)]
    return table.assign(panel=panel).dropna(subset="panel")


def _lines(data: pd.DataFrame, by: str, title: str, ours: float, **encoding: object) -> alt.FacetChart:
    """A panel for each measure, a doubling from one label to the next, a line at what the study uses."""
    base = alt.Chart(rounded(data), width=190, height=170)
    low, high = float(data[by].min()), float(data[by].max())
    ticks = [low * 2**i for i in range(int(np.log2(high / low) + 1.01))]
    axis = alt.Axis(values=ticks, format="~g", labelOverlap=False)
    x = alt.X(f"{by}:Q", title=title, scale=_padded(data[by], log=True), axis=axis)
    y = alt.Y("estimate:Q", title=None, scale=alt.Scale(zero=False))
    lines = base.mark_line(strokeWidth=1.8, point=alt.OverlayMarkDef(size=40)).encode(x=x, y=y, **encoding)
    facet = alt.Facet("panel:N", sort=[title for title, _ in _PANELS.values()], title=None)
    layers = alt.layer(line_at(ours), lines, data=base.data)
    return layers.facet(facet, columns=4).resolve_scale(y="independent")
