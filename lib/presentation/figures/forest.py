"""The forest plot: every table of alignments is drawn by it, one line a row, between null and ceiling."""

import math
from collections.abc import Mapping

import altair as alt
import pandas as pd

from lib.presentation.charts import ACCENT, BARE, CEILING, GREY, INK, NULL, PAPER, WORDS, line_at
from lib.presentation.tables import rounded

#: Further marks beside the estimate: what they stand for → shape and colour.
SINGLE, OTHERS = "single wordings", "other human samples"
SHARED_WORDS, LETTERS, EMBEDDINGS, CAMPS = "shared words", "shared runs of letters", "embeddings", "two camps"
REPORTED = "the paper (second-hand)"
MARKS: Mapping[str, tuple[str, str]] = {
    SINGLE: ("circle", INK),
    OTHERS: ("circle", GREY),
    SHARED_WORDS: ("diamond", WORDS),
    LETTERS: ("triangle", WORDS),
    EMBEDDINGS: ("cross", WORDS),
    CAMPS: ("square", INK),
    REPORTED: ("triangle-down", PAPER),
}
KEY = "dot: estimate with its 95 % interval · grey: 95 % of random answers · green: other people"
_COLUMNS = ["label", "estimate", "low", "high", "null_low", "null_high", "ceiling"]


def forest(
    rows: pd.DataFrame,
    axis: str,
    domain: tuple[float, float],
    marks: pd.DataFrame | None = None,
    title: str | None = None,
    subtitle: str | list[str] = "",
    width: int = 420,
    named: bool = True,
    order: list[str] | None = None,
) -> alt.LayerChart:
    """Returns alignments line by line: estimate and interval, random answers below, other people above.

    Args:
        rows: a table of alignments (`analysis.alignment.Alignment`) with a column `label`, one row a line.
        axis: title of the measure's axis.
        domain: of that axis; what lies beyond it is drawn at its end.
        marks: further marks on the lines: columns `label`, `estimate`, `kind` (one of `MARKS`).
        title: of the figure or panel.
        subtitle: the line below it.
        width: of the panel.
        named: whether the lines' names are written.
        order: all lines from top to bottom, where panels side by side share them; those of `rows` by default.
    """
    lines = order or list(dict.fromkeys(rows["label"]))
    data = rounded(rows[_COLUMNS])
    label = alt.Axis(labels=named, labelLimit=420, **BARE)
    y = alt.Y("label:N", sort=lines, title=None, scale=alt.Scale(domain=lines), axis=label)
    ticks = alt.Axis(values=_ticks(domain, width // 40), format=".2~f", labelFlush=False)
    x = {"scale": alt.Scale(domain=list(domain), clamp=True, nice=False), "title": axis, "axis": ticks}
    base = alt.Chart(data, width=width, height=27 * len(lines)).encode(y=y)
    there = {c: base.transform_filter(f"isValid(datum.{c})") for c in ("estimate", "low", "null_low", "ceiling")}
    # Where there are further marks, they stand below the estimate and do not hide it.
    up = -4 if marks is not None and len(marks) else 0
    people = {"shape": "stroke", "angle": 90, "size": 240, "stroke": CEILING, "strokeWidth": 3}
    layers = [
        there["null_low"].mark_bar(color=NULL, height=17).encode(x=alt.X("null_low:Q", **x), x2="null_high:Q"),
        line_at(0),
        there["ceiling"].mark_point(opacity=1, **people).encode(x=alt.X("ceiling:Q", **x)),
        there["low"].mark_rule(color=ACCENT, strokeWidth=2.5, yOffset=up).encode(x=alt.X("low:Q", **x), x2="high:Q"),
    ]
    if marks is not None and len(marks):
        layers.append(_marks(marks, x, y, width, len(lines)))
    dots = there["estimate"].mark_point(filled=True, size=80, color=ACCENT, opacity=1, yOffset=up)
    layers.append(dots.encode(x=alt.X("estimate:Q", **x)))
    chart = alt.layer(*layers, data=data)
    if title is None:
        return chart
    below = {"subtitle": subtitle} if subtitle else {}
    return chart.properties(title=alt.TitleParams(title, frame="group", **below))


def _ticks(domain: tuple[float, float], most: int) -> list[float]:
    """Round numbers in the domain, zero among them, and no more than so many."""
    low, high = domain
    for step in (0.05, 0.1, 0.2, 0.25, 0.5):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            break
    return [round(i * step, 2) for i in range(first, last + 1)]


def _marks(marks: pd.DataFrame, x: dict, y: alt.Y, width: int, lines: int) -> alt.Chart:
    kinds = [kind for kind in MARKS if kind in set(marks["kind"])]
    shapes, colors = zip(*(MARKS[kind] for kind in kinds), strict=True)
    legend = alt.Legend(orient="bottom", columns=3, symbolOpacity=1, symbolStrokeWidth=1.6)
    look = {
        "shape": alt.Shape("kind:N", title=None, scale=alt.Scale(domain=kinds, range=list(shapes)), legend=legend),
        "stroke": alt.Stroke("kind:N", title=None, scale=alt.Scale(domain=kinds, range=list(colors)), legend=legend),
    }
    points = alt.Chart(rounded(marks[["label", "estimate", "kind"]]), width=width, height=27 * lines)
    points = points.mark_point(size=42, filled=False, strokeWidth=1.5, opacity=1, fill="white", yOffset=6)
    return points.encode(x=alt.X("estimate:Q", **x), y=y, **look)


def panels(charts: list[alt.TopLevelMixin], columns: int, title: str = "", spacing: int = 16) -> alt.VConcatChart:
    """Returns forests laid out in rows of so many columns, with one legend, and the key above them all.

    Args:
        charts: the panels.
        columns: how many stand side by side.
        title: of the figure; the key stands below it.
        spacing: between columns.
    """
    lines = [alt.hconcat(*charts[i : i + columns], spacing=spacing) for i in range(0, len(charts), columns)]
    key = alt.TitleParams(KEY, fontWeight="normal", fontSize=11)
    whole = alt.vconcat(*lines, spacing=18).resolve_scale(shape="shared", stroke="shared")
    return whole.properties(title=alt.TitleParams(title, subtitle=KEY) if title else key)
