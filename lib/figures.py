"""Figures, drawn with Altair: functions from tables to charts, and the one that writes them."""

import io
import re
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd

from lib.tables import rounded
from lib.values import CODES, HIGHER_ORDER, VALUES, angles, circle, pole

INK, GREY, ACCENT = "#222222", "#9a9a9a", "#0072b2"
_POLE_COLORS = alt.Scale(domain=[h.name for h in HIGHER_ORDER], range=[h.color for h in HIGHER_ORDER])
_ORDER = list(CODES)

# In a notebook a figure shows as a picture, so that the executed notebook needs no network to be read.
alt.renderers.enable("png", scale_factor=2)


def save(chart: alt.TopLevelMixin, name: str, folder: Path) -> alt.TopLevelMixin:
    """Writes `name`.svg, .png (twice the size) and .vl.json (the Vega-Lite specification); returns the styled chart."""
    folder.mkdir(parents=True, exist_ok=True)
    styled = _styled(chart)
    (folder / f"{name}.svg").write_text(_svg(styled), encoding="utf-8")
    styled.save(folder / f"{name}.png", scale_factor=2)
    (folder / f"{name}.vl.json").write_text(styled.to_json(indent=1) + "\n", encoding="utf-8")
    return styled


def _svg(chart: alt.TopLevelMixin) -> str:
    """The chart as SVG; Vega numbers gradients and clips on through a session, here each figure starts at 0."""
    text = io.StringIO()
    chart.save(text, format="svg")
    numbers: dict[str, str] = {}
    return re.sub(
        r"\b(gradient_|clip)(\d+)\b", lambda m: m[1] + numbers.setdefault(m[0], str(len(numbers))), text.getvalue()
    )


def _styled(chart: alt.TopLevelMixin) -> alt.TopLevelMixin:
    return (
        chart.configure(font="Liberation Sans", background="white", padding=10)
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=11, titleFontSize=12, titleFontWeight="normal", labelColor=INK, grid=False)
        .configure_legend(labelFontSize=11, titleFontSize=12, titleFontWeight="normal", labelLimit=260)
        .configure_title(fontSize=13, fontWeight="bold", anchor="start", color=INK, subtitleFontSize=11)
        .configure_header(labelFontSize=12, titleFontSize=12)
    )


def value_circle() -> alt.LayerChart:
    """Returns the circle of the ten values, coloured by higher-order value (hedonism belongs to two)."""
    # Vega measures arcs clockwise from the top, the theory's angles run the other way from the right.
    middle = np.deg2rad(90.0 - angles())
    step = np.deg2rad(18.0)
    wedges = pd.DataFrame(
        {
            "value": [v.name for v in VALUES],
            "higher-order value": [pole(v.code).name for v in VALUES],
            "start": (middle - step).to_numpy(),
            "end": (middle + step).to_numpy(),
            "x": circle()["x"].to_numpy() * 0.76,
            "y": circle()["y"].to_numpy() * 0.76,
        }
    )
    size = {"width": 560, "height": 400}
    scales = {
        "x": alt.X("x:Q", scale=alt.Scale(domain=[-1.75, 1.75]), axis=None),
        "y": alt.Y("y:Q", scale=alt.Scale(domain=[-1.25, 1.25]), axis=None),
    }
    data = rounded(wedges)
    arcs = (
        alt.Chart(data, **size)
        .mark_arc(innerRadius=64, outerRadius=160, stroke="white", strokeWidth=2, opacity=0.9)
        .encode(
            theta=alt.Theta("start:Q", scale=None),
            theta2="end:Q",
            color=alt.Color("higher-order value:N", scale=_POLE_COLORS, legend=None),
        )
    )
    names = alt.Chart(data).mark_text(fontSize=10.5, color="white", fontWeight="bold").encode(**scales, text="value:N")
    outer = alt.Chart(rounded(_pole_labels())).encode(
        **scales, text="name:N", color=alt.Color("name:N", scale=_POLE_COLORS, legend=None)
    )
    left, right = (outer.transform_filter(f"datum.x {side} 0") for side in "<>")
    style = {"fontSize": 13, "fontWeight": "bold"}
    return alt.layer(arcs, names, left.mark_text(align="right", **style), right.mark_text(align="left", **style))


def _pole_labels() -> pd.DataFrame:
    """Where the higher-order values' names stand: outside the ring, in the middle of their values."""
    rows = []
    for higher in HIGHER_ORDER:
        middle = circle().loc[[m for m in higher.members if m != "HE"]].mean()
        rows.append({"name": higher.name, **(1.08 * middle / np.hypot(middle["x"], middle["y"])).to_dict()})
    return pd.DataFrame(rows)


def pipeline(steps: pd.DataFrame) -> alt.LayerChart:
    """Returns the flow of the study: one box a step, left to right, from columns `step`, `does` and `where`."""
    boxes = steps.assign(left=np.arange(len(steps)) * 1.25, right=np.arange(len(steps)) * 1.25 + 1.05)
    boxes = boxes.assign(middle=(boxes["left"] + boxes["right"]) / 2, tip=boxes["right"] + 0.1)
    x = alt.X("left:Q", axis=None, scale=alt.Scale(domain=[0, float(boxes["right"].max())]))
    base = alt.Chart(rounded(boxes), width=150 * len(steps), height=110)
    y, y2 = alt.YDatum(0, axis=None, scale=alt.Scale(domain=[0, 1])), alt.Y2Datum(1)
    rects = base.mark_rect(cornerRadius=6, fill="#eef4f9", stroke=ACCENT).encode(x=x, x2="right:Q", y=y, y2=y2)
    arrows = base.transform_filter(alt.datum.left < float(boxes["left"].max()))
    arrows = arrows.mark_text(text="→", fontSize=18, color=ACCENT).encode(x="tip:Q", y=alt.YDatum(0.5))
    lines = [
        ("step", 0.78, 14, "bold", INK),
        ("does", 0.5, 11, "normal", INK),
        ("where", 0.2, 10, "normal", "#555555"),
    ]
    texts = [
        base.mark_text(fontSize=size, fontWeight=weight, color=color, lineBreak="\n", baseline="middle").encode(
            x="middle:Q", y=alt.YDatum(height), text=f"{column}:N"
        )
        for column, height, size, weight, color in lines
    ]
    return alt.layer(rects, arrows, *texts)


def lift_heatmap(lift: pd.DataFrame, unit: str) -> alt.LayerChart:
    """Returns what each prime (row) raises (column): conditions x values, own cells framed; colour centred on zero."""
    long = lift.rename_axis("condition").reset_index().melt("condition", var_name="value", value_name="lift")
    return _heatmap(long, ("value", "items of value"), ("condition", "prime"), "lift", unit, _limit(long["lift"]), 34)


def matrices(panels: dict[str, pd.DataFrame]) -> alt.HConcatChart:
    """Returns correlation matrices side by side in the order of the circle, all on one scale from -1 to 1."""
    charts = []
    for title, matrix in panels.items():
        long = matrix.rename_axis("row").reset_index().melt("row", var_name="column", value_name="r")
        long = long[long["row"] != long["column"]]
        charts.append(_heatmap(long, ("column", None), ("row", None), "r", "r", 1.0, 29).properties(title=title))
    return alt.hconcat(*charts, spacing=24)


def _heatmap(
    long: pd.DataFrame,
    x: tuple[str, str | None],
    y: tuple[str, str | None],
    color: str,
    unit: str,
    limit: float,
    cell: int,
) -> alt.LayerChart:
    n_x, n_y = long[x[0]].nunique(), long[y[0]].nunique()
    base = alt.Chart(rounded(long), width=cell * n_x, height=cell * n_y).encode(
        x=alt.X(
            f"{x[0]}:N",
            sort=_ORDER,
            title=x[1],
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False),
        ),
        y=alt.Y(f"{y[0]}:N", sort=_ORDER, title=y[1], axis=alt.Axis(ticks=False, domain=False)),
    )
    scale = alt.Scale(scheme="redblue", reverse=True, domain=[-limit, limit], domainMid=0)
    tiles = base.mark_rect(stroke="white").encode(color=alt.Color(f"{color}:Q", scale=scale, title=unit))
    dark = f"abs(datum.{color}) > {0.62 * limit}"
    text = f"replace(replace(format(datum.{color}, '.2f'), /^([-−])?0\\./, '$1.'), '-', '−')"
    labels = base.transform_calculate(label=text).mark_text(fontSize=10)
    labels = labels.encode(text="label:N", color=alt.condition(dark, alt.value("white"), alt.value(INK)))
    frames = base.transform_filter(f"datum.{x[0]} == datum.{y[0]}")
    return alt.layer(tiles, labels, frames.mark_rect(fill=None, stroke=INK, strokeWidth=1.5))


def _limit(values: pd.Series) -> float:
    """A round number that no value exceeds in size, for a scale with zero in the middle."""
    largest = float(values.abs().max())
    unit = 10.0 ** np.floor(np.log10(largest))
    return float(f"{np.ceil(largest / unit * 2) / 2 * unit:.6g}")


def lift_by_induction(ranks: pd.DataFrame, unit: str) -> alt.LayerChart:
    """Returns each value's lift under its own prime, inductions compared: a tick for each wording, a dot for all.

    Args:
        ranks: rows of `alignment.induction_ranks` of one instrument and mode.
        unit: of the lift.
    """
    y = alt.Y("value:N", sort=_ORDER, title=None, axis=alt.Axis(ticks=False, domain=False))
    offset = alt.YOffset("induction:N")
    color = alt.Color("induction:N", scale=alt.Scale(range=[ACCENT, "#d55e00", "#009e73", "#cc79a7", INK]))
    base = alt.Chart(rounded(ranks), width=460, height=520)
    x = alt.X("lift:Q", title=f"lift of own items ({unit})", axis=alt.Axis(tickCount=6))
    ticks = base.transform_filter("datum.wording != 'all'").mark_tick(thickness=1.2, size=8, opacity=0.6)
    dots = base.transform_filter("datum.wording == 'all'").mark_point(filled=True, size=70)
    labels = base.transform_filter("datum.wording == 'all' && datum.rank > 1").mark_text(dx=12, fontSize=10)
    zero = alt.Chart().mark_rule(color=GREY, strokeDash=[3, 3]).encode(x=alt.datum(0))
    encoded = [layer.encode(x=x, y=y, yOffset=offset, color=color) for layer in (ticks, dots)]
    return alt.layer(*encoded, labels.encode(x=x, y=y, yOffset=offset, text="rank:N"), zero, data=base.data)


def value_maps(panels: dict[str, np.ndarray], subtitles: dict[str, str]) -> alt.HConcatChart:
    """Returns value maps side by side on one scale, each over the theoretical circle, coloured by higher-order value.

    Args:
        panels: title → 10 x 2 coordinates in the order of `CODES`, turned to fit one another.
        subtitles: title → a line below it, e.g. the stress.
    """
    reach = 1.25 * max(float(np.abs(points).max()) for points in panels.values())
    scale = alt.Scale(domain=[-reach, reach], nice=False)
    charts = []
    for title, points in panels.items():
        data = pd.DataFrame(points, columns=["x", "y"])
        data = data.assign(name=[v.name for v in VALUES], pole=[pole(c).name for c in CODES], code=_ORDER)
        axes = {"x": alt.X("x:Q", scale=scale, axis=None), "y": alt.Y("y:Q", scale=scale, axis=None)}
        base = alt.Chart(rounded(data), width=330, height=330).encode(**axes)
        color = alt.Color("pole:N", scale=_POLE_COLORS, title=None, legend=alt.Legend(orient="bottom"))
        dots = base.mark_point(filled=True, size=80, opacity=1).encode(color=color)
        names = base.mark_text(dy=-11, fontSize=11).encode(text="name:N", color=alt.Color("pole:N", scale=_POLE_COLORS))
        heading = alt.TitleParams(title, subtitle=subtitles[title])
        charts.append(alt.layer(_ring(scale), dots, names).properties(title=heading))
    return alt.hconcat(*charts, spacing=20)


def _ring(scale: alt.Scale) -> alt.Chart:
    turn = np.deg2rad(np.arange(0, 361, 5))
    ring = rounded(pd.DataFrame({"x": np.cos(turn), "y": np.sin(turn), "order": np.arange(len(turn))}))
    encoded = alt.Chart(ring).mark_line(color="#dddddd", strokeWidth=1.5)
    return encoded.encode(
        x=alt.X("x:Q", scale=scale, axis=None), y=alt.Y("y:Q", scale=scale, axis=None), order="order:O"
    )


_FOREST_KEY = [
    "dot: all wordings, with 95 % interval · rings: single wordings",
    "green: how well other human samples agree · grey: random answers, 95 %",
]


def alignment_forest(alignment: pd.DataFrame, labels: dict[str, str]) -> alt.LayerChart:
    """Returns the alignment with each human sample: r and its interval, each wording, null below and ceiling above.

    Args:
        alignment: rows of `alignment.structure_alignment` of one instrument, mode and induction.
        labels: reference → how it is written.
    """
    data = rounded(alignment.assign(label=alignment["reference"].map(labels)))
    order = [labels[r] for r in dict.fromkeys(alignment["reference"])]
    y = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, ticks=False, domain=False))
    base = alt.Chart(data, width=460, height=36 * len(order))
    pooled = base.transform_filter("datum.wording == 'all'")
    null = pooled.mark_bar(color="#e6e6e6", height=22)
    ceiling = pooled.mark_tick(color="#009e73", thickness=3, size=22)
    interval = pooled.mark_rule(color=ACCENT, strokeWidth=3)
    dots = pooled.mark_point(filled=True, size=90, color=ACCENT, opacity=1)
    wordings = base.transform_filter("datum.wording != 'all'").mark_point(size=28, color=INK, opacity=0.7)
    x = alt.X("r:Q", title="Pearson r over the 45 pairs of values", scale=alt.Scale(domain=[-0.5, 1]))
    return alt.layer(
        null.encode(x="null_low:Q", x2="null_high:Q", y=y),
        ceiling.encode(x="ceiling:Q", y=y),
        interval.encode(x="r_low:Q", x2="r_high:Q", y=y),
        wordings.encode(x=x, y=y),
        dots.encode(x=x, y=y),
    ).properties(title=alt.TitleParams("Alignment with human value structures", subtitle=_FOREST_KEY))


def correlation_by_distance(by_steps: pd.DataFrame) -> alt.LayerChart:
    """Returns the mean correlation of two values by their distance on the circle, model and human samples.

    Args:
        by_steps: columns `sample`, `kind` (model or human), `steps` (1 to 5), `r`.
    """
    color = alt.Color("kind:N", scale=alt.Scale(domain=["model", "human"], range=["#d55e00", GREY]), title=None)
    base = alt.Chart(rounded(by_steps), width=380, height=260).encode(
        x=alt.X("steps:O", title="steps apart on the circle", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("r:Q", title="mean correlation"),
        color=color,
    )
    lines = base.mark_line(point=alt.OverlayMarkDef(size=45), strokeWidth=2.2).encode(detail="sample:N")
    zero = alt.Chart().mark_rule(color=GREY, strokeDash=[3, 3]).encode(y=alt.datum(0))
    return alt.layer(zero, lines, data=base.data)


def model_forest(comparison: pd.DataFrame, reference: str) -> alt.LayerChart:
    """Returns every model's alignment with one human sample, the paper's second-hand figures as open diamonds.

    Args:
        comparison: rows of `alignment.model_comparison`.
        reference: how the human sample is written.
    """
    parts = comparison[["model", "instrument", "mode", "induction"]]
    measured = parts.agg(", ".join, axis=1)
    reported = comparison["model"] + " (" + comparison["source"] + ")"
    data = rounded(comparison.assign(label=measured.where(comparison["source"] == "measured", reported)))
    order = list(data.sort_values(["source", "r"], ascending=[True, False])["label"])
    y = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=360, ticks=False, domain=False))
    x = alt.X("r:Q", title=f"Pearson r with {reference}", scale=alt.Scale(domain=[-0.5, 1]))
    base = alt.Chart(data, width=400, height=20 * len(order))
    ours = base.transform_filter("datum.source == 'measured'")
    theirs = base.transform_filter("datum.source != 'measured'")
    ceiling = alt.Chart().mark_rule(color="#009e73", strokeWidth=2).encode(x=alt.datum(float(data["ceiling"].max())))
    return alt.layer(
        ceiling,
        ours.mark_rule(color=ACCENT, strokeWidth=3).encode(x="r_low:Q", x2="r_high:Q", y=y),
        ours.mark_point(filled=True, size=70, color=ACCENT, opacity=1).encode(x=x, y=y),
        theirs.mark_point(shape="diamond", size=60, color=INK).encode(x=x, y=y),
        data=data,
    )
