"""Figures of populations, drawn with Altair; `figures.save` writes them."""

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from lib.figures import ACCENT, GREY, INK
from lib.strategies import LABELS
from lib.tables import rounded
from lib.values import CODES, CONDITIONS, HIGHER_ORDER, pole

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
_SHAPES = alt.Scale(
    domain=list(LABELS.values()), range=["circle", "square", "diamond", "cross", "triangle-up", "triangle-down"]
)
_POLES = alt.Scale(domain=[h.name for h in HIGHER_ORDER], range=[h.color for h in HIGHER_ORDER])
#: The mark of what people reach.
HUMAN = "#009e73"
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
        reference: the human sample that is shown with intervals (the first one where a measure cannot be taken against
            it); the others are rings.
        labels: reference → how it is written.
    """
    panels = []
    for measure in _SHOWN:
        rows = table[table["measure"] == measure]
        name = reference if (rows["reference"] == reference).any() else rows["reference"].iloc[0]
        panels.append(_forest(rows, name, TITLES[measure], labels[name]))
    behaviors = table[table["measure"] == "behavior"]
    for name, rows in behaviors.groupby("reference", sort=False):
        panels.append(_forest(rows, str(name), TITLES["behavior"], labels[str(name)]))
    lines = [alt.hconcat(*panels[i : i + 4], spacing=16) for i in range(0, len(panels), 4)]
    return alt.vconcat(*lines, spacing=18)


def _forest(rows: pd.DataFrame, reference: str, title: str, subtitle: str) -> alt.LayerChart:
    data = rounded(rows.replace({"strategy": LABELS}))
    own = data["reference"] == reference
    ends = [data["estimate"], data.loc[own, ["low", "high", "ceiling", "paper"]].to_numpy().ravel()]
    x = {"scale": _padded(np.concatenate(ends)), "title": None, "axis": alt.Axis(tickCount=5)}
    size = {"width": 200, "height": 24 * len(LABELS)}
    y = alt.Y("strategy:N", sort=list(LABELS.values()), title=None, axis=alt.Axis(**_BARE))
    shown = alt.Chart(data[own], **size).encode(y=y)
    ceiling, paper = (shown.transform_filter(f"isValid(datum.{c})") for c in ("ceiling", "paper"))
    rings = alt.Chart(data[~own], **size).mark_point(size=26, color=GREY)
    layers = [
        rings.encode(x=alt.X("estimate:Q", **x), y=y),
        shown.mark_rule(color=ACCENT, strokeWidth=2.5).encode(x=alt.X("low:Q", **x), x2="high:Q"),
        shown.mark_point(filled=True, size=75, color=ACCENT, opacity=1).encode(x=alt.X("estimate:Q", **x)),
        ceiling.mark_tick(color=HUMAN, thickness=3, size=20).encode(x=alt.X("ceiling:Q", **x)),
        paper.mark_point(shape="diamond", size=55, stroke="#cc79a7", fill="white", opacity=1).encode(
            x=alt.X("paper:Q", **x)
        ),
    ]
    return alt.layer(*layers).properties(title=alt.TitleParams(title, subtitle=subtitle))


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
        spread: `population_tables.spread_table` of one reference.
        columns: panels in a row.
    """
    data = spread[["strategy", "value", "mean", "human_mean"]].replace({"strategy": LABELS})
    data = rounded(data.assign(pole=[pole(c).name for c in data["value"]]))
    x = {"scale": _padded(data[["mean", "human_mean"]].to_numpy()), "title": "mean centred score"}
    x["axis"] = alt.Axis(values=[i / 10 for i in range(-9, 10)], format="~f")
    base = alt.Chart(data, width=230, height=190).encode(
        y=alt.Y("value:N", sort=list(CODES), title=None, axis=alt.Axis(grid=True, gridColor="#eeeeee", **_BARE))
    )
    color = alt.Color("pole:N", scale=_POLES, title=None, legend=alt.Legend(orient="bottom"))
    layers = [
        alt.Chart(data).mark_rule(color=GREY, strokeDash=[3, 3]).encode(x=alt.datum(0)),
        base.mark_rule(strokeWidth=2, opacity=0.5).encode(x=alt.X("human_mean:Q", **x), x2="mean:Q", color=color),
        base.mark_tick(color=INK, thickness=2.5, size=13).encode(x=alt.X("human_mean:Q", **x)),
        base.mark_point(filled=True, size=55, opacity=1).encode(x=alt.X("mean:Q", **x), color=color),
    ]
    facet = alt.Facet("strategy:N", sort=list(LABELS.values()), title=None)
    return alt.layer(*layers, data=data).facet(facet, columns=columns)


def spread(table: pd.DataFrame) -> alt.HConcatChart:
    """Returns each value's variance ratio and Wasserstein distance by strategy (`spread_table` of one reference)."""
    data = rounded(table[["strategy", "value", "variance_ratio", "wasserstein"]].replace({"strategy": LABELS}))
    dots = alt.Chart(data, width=330, height=330).mark_point(size=60, strokeWidth=1.8, opacity=0.9)
    dots = dots.encode(
        y=alt.Y("value:N", sort=list(CODES), title=None, axis=alt.Axis(grid=True, gridColor="#eeeeee", **_BARE)),
        color=alt.Color("strategy:N", scale=_STRATEGIES, title=None),
        shape=alt.Shape("strategy:N", scale=_SHAPES, title=None),
    )
    ratio = alt.X(
        "variance_ratio:Q",
        scale=_padded(data["variance_ratio"], log=True),
        title="simulated over human variance",
        axis=alt.Axis(values=[0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4]),
    )
    one = alt.Chart(data).mark_rule(color=HUMAN, strokeWidth=2).encode(x=alt.datum(1))
    distance = alt.X(
        "wasserstein:Q",
        scale=_padded(data["wasserstein"]),
        title="Wasserstein distance (share of the response range)",
        axis=alt.Axis(tickCount=6),
    )
    return alt.hconcat(alt.layer(one, dots.encode(x=ratio)), dots.encode(x=distance), spacing=24)


def slopes(table: pd.DataFrame) -> alt.FacetChart:
    """Returns each measure by the link's slope, a line for each strategy (`population_tables.slope_table`)."""
    data = table[table["measure"].isin(_SHOWN)].replace({"strategy": LABELS, "measure": TITLES}).assign(at=1.0)
    color = alt.Color("strategy:N", scale=_STRATEGIES, title=None)
    shape = alt.Shape("strategy:N", scale=_SHAPES, title=None)
    return _lines(data, "factor", "slope, times the study's", 4, color=color, shape=shape)


def temperatures(table: pd.DataFrame, sample: str, chosen: float, labels: Mapping[str, str]) -> alt.FacetChart:
    """Returns each measure of `h_profile` by its temperature, a line for each human sample.

    Args:
        table: `population_tables.temperature_table`.
        sample: the one that the temperature was chosen on.
        chosen: the temperature.
        labels: reference → how it is written.
    """
    data = table[table["measure"].isin(_SHOWN)].replace({"measure": TITLES})
    mine = f"{labels[sample]} (chosen on)"
    data = data.assign(sample=np.where(data["reference"] == sample, mine, "other samples"), at=chosen)
    color = alt.Color("sample:N", scale=alt.Scale(domain=[mine, "other samples"], range=[ACCENT, GREY]), title=None)
    return _lines(data, "temperature", "temperature", 4, color=color, detail="reference:N")


def _lines(data: pd.DataFrame, by: str, title: str, columns: int, **encoding: object) -> alt.FacetChart:
    """A doubling from one label to the next."""
    base = alt.Chart(rounded(data), width=190, height=170)
    low, high = float(data[by].min()), float(data[by].max())
    ticks = [low * 2**i for i in range(int(np.log2(high / low) + 1.01))]
    axis = alt.Axis(values=ticks, format="~g", labelOverlap=False)
    x = alt.X(f"{by}:Q", title=title, scale=_padded(data[by], log=True), axis=axis)
    y = alt.Y("estimate:Q", title=None, scale=alt.Scale(zero=False))
    lines = base.mark_line(strokeWidth=1.8, point=alt.OverlayMarkDef(size=40)).encode(x=x, y=y, **encoding)
    rule = base.mark_rule(color=HUMAN, strokeDash=[4, 3]).encode(x="at:Q")
    facet = alt.Facet("measure:N", sort=[TITLES[m] for m in _SHOWN], title=None)
    return alt.layer(rule, lines).facet(facet, columns=columns).resolve_scale(y="independent")
