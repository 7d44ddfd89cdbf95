"""What all figures share: palette, styles, the matrix of tiles, and the one function that writes them."""

import io
import re
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd

from lib.materials.values import CODES, HIGHER_ORDER
from lib.presentation import fonts
from lib.presentation.tables import rounded

INK, GREY = "#222222", "#9a9a9a"
#: One colour, one meaning: the model, what other people reach, random answers, who goes by words, what the paper says.
ACCENT, CEILING, NULL, WORDS, PAPER = "#0072b2", "#009e73", "#e6e6e6", "#d55e00", "#cc79a7"
#: For what is told apart only: strategies, further inductions.
FURTHER = ("#e69f00", "#56b4e9", "#8c510a", "#5e3c99", "#8a8a00")
POLES = alt.Scale(domain=[h.name for h in HIGHER_ORDER], range=[h.color for h in HIGHER_ORDER])
ORDER = list(CODES)
#: An axis without line and ticks.
BARE = {"ticks": False, "domain": False}

fonts.register()  # also for figures that a notebook shows and does not save
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
    text = {"labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal", "labelColor": INK, "titleColor": INK}
    heading = {"fontSize": 13, "fontWeight": "bold", "anchor": "start", "color": INK}
    return (
        chart.configure(font=fonts.FAMILY, background="white", padding=10)
        .configure_view(stroke=None)
        .configure_axis(**text, grid=False)
        .configure_legend(**text, labelLimit=260)
        .configure_title(**heading, subtitleFontSize=11, subtitleColor=INK)
        .configure_header(labelFontSize=12, titleFontSize=12, labelColor=INK, titleColor=INK)
    )


def line_at(at: float, along: str = "x", color: str = GREY, **style: object) -> alt.Chart:
    """Returns one dashed line at a number of an axis, as a layer of a chart that has the data.

    Of as many rows as the data has, one is left: else as many lines would be drawn, one over the other.

    Args:
        at: the number.
        along: the axis that it is a number of, x or y.
        color: of the line.
        style: further properties of the mark.
    """
    one = alt.Chart().transform_aggregate(rows="count()")
    return one.mark_rule(color=color, **{"strokeDash": [3, 3]} | style).encode(**{along: alt.datum(at)})


def short_number(field: str) -> str:
    """Returns the Vega expression that writes a number with two decimals, no zero before the point and a true minus."""
    return f"replace(replace(format(datum.{field}, '.2f'), /^([-−])?0\\./, '$1.'), '-', '−')"


def heatmap(
    long: pd.DataFrame,
    x: tuple[str, str | None],
    y: tuple[str, str | None],
    color: str,
    unit: str,
    limit: float,
    cell: int,
) -> alt.LayerChart:
    """Returns a matrix of numbers as coloured tiles, values in the circle's order, zero in the middle of the scale.

    Args:
        long: a row for each tile.
        x: column of the tile's place from left to right, and the axis' title; its names stand above.
        y: the same from top to bottom.
        color: column of the number.
        unit: title of the colours.
        limit: the end of the scale on either side.
        cell: width and height of a tile.
    """
    n_x, n_y = long[x[0]].nunique(), long[y[0]].nunique()
    base = alt.Chart(rounded(long), width=cell * n_x, height=cell * n_y).encode(
        x=alt.X(
            f"{x[0]}:N",
            sort=ORDER,
            title=x[1],
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False),
        ),
        y=alt.Y(f"{y[0]}:N", sort=ORDER, title=y[1], axis=alt.Axis(ticks=False, domain=False)),
    )
    scale = alt.Scale(scheme="redblue", reverse=True, domain=[-limit, limit], domainMid=0)
    tiles = base.mark_rect(stroke="white").encode(color=alt.Color(f"{color}:Q", scale=scale, title=unit))
    dark = f"abs(datum.{color}) > {0.62 * limit}"
    labels = base.transform_calculate(label=short_number(color)).mark_text(fontSize=10)
    labels = labels.encode(text="label:N", color=alt.condition(dark, alt.value("white"), alt.value(INK)))
    frames = base.transform_filter(f"datum.{x[0]} == datum.{y[0]}")
    return alt.layer(tiles, labels, frames.mark_rect(fill=None, stroke=INK, strokeWidth=1.5))


def limit(values: pd.Series) -> float:
    """Returns a round number that no value exceeds in size, for a scale with zero in the middle; 1 where all are 0."""
    largest = float(values.abs().max()) or 1.0
    unit = 10.0 ** np.floor(np.log10(largest))
    return float(f"{np.ceil(largest / unit * 2) / 2 * unit:.6g}")
