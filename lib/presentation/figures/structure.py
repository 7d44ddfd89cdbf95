"""Figures of the theory and of value structure; `charts.save` writes them."""

import altair as alt
import numpy as np
import pandas as pd

from lib.materials.values import CODES, HIGHER_ORDER, VALUES, angles, circle, pole
from lib.presentation.charts import ACCENT, BARE, FURTHER, GREY, INK, ORDER, POLES, heatmap, limit, line_at
from lib.presentation.tables import rounded

_STEPS = [
    ("raw data", "theory, items,\nprimes, humans", "data/raw"),
    ("plan", "every question,\none row each", "lib/asking"),
    ("ask", "endpoint, cache,\nstatus", "lib/asking"),
    ("answers", "recorded,\nwith checksums", "data/raw/answers"),
    ("score", "respondents\n× scales", "lib/analysis"),
    ("align", "evidence beside\npeople and chance", "lib/analysis"),
    ("publish", "tables,\nfigures", "data/processed, figures"),
]


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
            color=alt.Color("higher-order value:N", scale=POLES, legend=None),
        )
    )
    names = alt.Chart(data).mark_text(fontSize=10.5, color="white", fontWeight="bold").encode(**scales, text="value:N")
    outer = alt.Chart(rounded(_pole_labels())).encode(
        **scales, text="name:N", color=alt.Color("name:N", scale=POLES, legend=None)
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


def pipeline() -> alt.LayerChart:
    """Returns the flow of the study: one box a step, left to right, with what it does and where."""
    steps = pd.DataFrame(_STEPS, columns=["step", "does", "where"])
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
    return heatmap(long, ("value", "items of value"), ("condition", "prime"), "lift", unit, limit(long["lift"]), 34)


def matrices(panels: dict[str, pd.DataFrame]) -> alt.HConcatChart:
    """Returns correlation matrices side by side in the order of the circle, all on one scale from -1 to 1."""
    charts = []
    for title, matrix in panels.items():
        long = matrix.rename_axis("row").reset_index().melt("row", var_name="column", value_name="r")
        long = long[long["row"] != long["column"]]
        charts.append(heatmap(long, ("column", None), ("row", None), "r", "r", 1.0, 29).properties(title=title))
    return alt.hconcat(*charts, spacing=24)


def lift_by_induction(ranks: pd.DataFrame, unit: str) -> alt.LayerChart:
    """Returns each value's lift under its own prime, inductions compared: a tick for each wording, a dot for all.

    Args:
        ranks: rows of `structure.tables.induction_ranks` of one instrument and mode.
        unit: of the lift.
    """
    y = alt.Y("value:N", sort=ORDER, title=None, axis=alt.Axis(**BARE))
    offset = alt.YOffset("induction:N")
    color = alt.Color("induction:N", scale=alt.Scale(range=[ACCENT, *FURTHER]), title=None)
    # A rank stands right of the dot and of all ticks.
    ranks = ranks.assign(end=ranks.groupby(["induction", "value"])["lift"].transform("max"))
    base = alt.Chart(rounded(ranks), width=460, height=520)
    said = {"title": f"lift of own items ({unit})", "axis": alt.Axis(tickCount=6)}
    x, right = alt.X("lift:Q", **said), alt.X("end:Q", **said)
    ticks = base.transform_filter("datum.wording != 'all'").mark_tick(thickness=1.2, size=8, opacity=0.6)
    dots = base.transform_filter("datum.wording == 'all'").mark_point(filled=True, size=70, opacity=1)
    labels = base.transform_filter("datum.wording == 'all' && datum.rank > 1").mark_text(dx=12, fontSize=10)
    encoded = [layer.encode(x=x, y=y, yOffset=offset, color=color) for layer in (ticks, dots)]
    return alt.layer(*encoded, labels.encode(x=right, y=y, yOffset=offset, text="rank:N"), line_at(0), data=base.data)


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
        data = data.assign(name=[v.name for v in VALUES], pole=[pole(c).name for c in CODES], code=ORDER)
        axes = {"x": alt.X("x:Q", scale=scale, axis=None), "y": alt.Y("y:Q", scale=scale, axis=None)}
        base = alt.Chart(rounded(data), width=330, height=330).encode(**axes)
        color = alt.Color("pole:N", scale=POLES, title=None, legend=alt.Legend(orient="bottom"))
        dots = base.mark_point(filled=True, size=80, opacity=1).encode(color=color)
        names = base.mark_text(dy=-11, fontSize=11).encode(text="name:N", color=alt.Color("pole:N", scale=POLES))
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


def correlation_by_distance(by_steps: pd.DataFrame) -> alt.LayerChart:
    """Returns the mean correlation of two values by their distance on the circle, model and human samples.

    Args:
        by_steps: columns `sample`, `kind` (model or human), `steps` (1 to 5), `r`.
    """
    color = alt.Color("kind:N", scale=alt.Scale(domain=["model", "human"], range=[ACCENT, GREY]), title=None)
    base = alt.Chart(rounded(by_steps), width=380, height=260).encode(
        x=alt.X("steps:O", title="steps apart on the circle", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("r:Q", title="mean correlation"),
        color=color,
    )
    # The model comes last, so that it is not covered.
    lines = [
        base.transform_filter(f"datum.kind == '{kind}'")
        .mark_line(point=alt.OverlayMarkDef(size=45), strokeWidth=2.2)
        .encode(detail="sample:N")
        for kind in ("human", "model")
    ]
    return alt.layer(line_at(0, "y"), *lines, data=base.data)
