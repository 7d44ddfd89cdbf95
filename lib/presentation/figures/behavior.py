"""Figures of value and behaviour, drawn with Altair; `charts.save` writes them."""

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from lib.materials.instruments import Instrument
from lib.materials.values import BY_CODE, CODES, HIGHER_ORDER, pole
from lib.presentation.charts import ACCENT, BARE, CEILING, INK, ORDER, PAPER, POLES, line_at, short_number
from lib.presentation.tables import rounded

_DARK_GREY = "#555555"


def relation_heatmaps(panels: Mapping[str, pd.DataFrame], instrument: Instrument) -> alt.HConcatChart:
    """Returns behaviours x values side by side, rows in the order given, all on one scale with zero in the middle.

    Colour goes by the square root of the size, so that a human r of .10 still shows its sign beside a model's .80.

    Args:
        panels: title → behaviours x values (correlations, or their difference).
        instrument: the questionnaire, which says how its behaviours are written.
    """
    titles = {s: instrument.title_of(s) for s in instrument.scales}
    order = [titles[s] for s in next(iter(panels.values())).index]
    charts = []
    for i, (title, matrix) in enumerate(panels.items()):
        long = matrix.rename(index=titles).rename_axis("behavior").reset_index().melt("behavior", None, "value", "r")
        chart = _tiles(long, order, first=i == 0)
        charts.append(chart.properties(title=alt.TitleParams(title, anchor="middle")))
    return alt.hconcat(*charts, spacing=14)


def _tiles(long: pd.DataFrame, order: list[str], first: bool) -> alt.LayerChart:
    data = rounded(long.assign(shade=np.sign(long["r"]) * np.sqrt(long["r"].abs())))
    axis = alt.Axis(labels=first, labelLimit=190, **BARE)
    base = alt.Chart(data, width=27 * len(ORDER), height=19 * len(order)).encode(
        x=alt.X("value:N", sort=ORDER, title=None, axis=alt.Axis(orient="top", labelAngle=0, **BARE)),
        y=alt.Y("behavior:N", sort=order, title=None, axis=axis),
    )
    scale = alt.Scale(scheme="redblue", reverse=True, domain=[-1, 1], domainMid=0, clamp=True)
    ticks = [float(np.sign(r) * np.sqrt(abs(r))) for r in (-0.8, -0.4, -0.1, 0, 0.1, 0.4, 0.8)]
    legend = alt.Legend(values=ticks, labelExpr="format(datum.value * abs(datum.value), '.1f')", gradientLength=180)
    rects = base.mark_rect(stroke="white").encode(color=alt.Color("shade:Q", scale=scale, title="r", legend=legend))
    labels = base.transform_calculate(label=short_number("r")).mark_text(fontSize=9)
    dark = "abs(datum.shade) > 0.7"
    return alt.layer(
        rects, labels.encode(text="label:N", color=alt.condition(dark, alt.value("white"), alt.value(INK)))
    )


def circle_profiles(
    model: pd.DataFrame, humans: Mapping[str, pd.DataFrame], instrument: Instrument, columns: int = 6
) -> alt.Chart:
    """Returns each behaviour's relations round the circle, model against people: one panel a behaviour.

    Every profile is divided by its own root mean square: shapes are compared, sizes are not (the slope tells those).

    Args:
        model: behaviours x values.
        humans: sample → behaviours x values; a behaviour is drawn for each sample that has it.
        instrument: the questionnaire, which says how its behaviours are written.
        columns: panels in a row.
    """
    titles = {s: instrument.title_of(s) for s in instrument.scales}
    scales = list(dict.fromkeys(s for matrix in humans.values() for s in matrix.index))
    parts = [_scaled(model.loc[scales], "model")] + [_scaled(matrix, name) for name, matrix in humans.items()]
    data = pd.concat(parts, ignore_index=True).replace({"behavior": titles})
    names = ["model", *humans]
    color = alt.Scale(domain=names, range=[ACCENT, _DARK_GREY, CEILING, PAPER][: len(names)])
    lines = alt.Chart(rounded(data), width=148, height=80).mark_line(strokeWidth=1.8, point=alt.OverlayMarkDef(size=14))
    encoded = lines.encode(
        x=alt.X("value:N", sort=ORDER, title=None, axis=alt.Axis(labelAngle=0, labelFontSize=8, ticks=False)),
        y=alt.Y("shape:Q", title=None, scale=alt.Scale(domain=[-2.2, 2.2]), axis=alt.Axis(values=[0], labels=False)),
        color=alt.Color("sample:N", scale=color, title=None, legend=alt.Legend(orient="top")),
    )
    facet = alt.Facet("behavior:N", sort=[titles[s] for s in scales], title=None)
    return alt.layer(line_at(0, "y"), encoded, data=encoded.data).facet(facet, columns=columns, spacing=12)


def _scaled(matrix: pd.DataFrame, sample: str) -> pd.DataFrame:
    size = np.sqrt((matrix**2).mean(axis=1))
    long = matrix.div(size, axis=0).rename_axis("behavior").reset_index().melt("behavior", None, "value", "shape")
    return long.assign(sample=sample)


def higher_order_endorsement(wide: pd.DataFrame, groups: pd.Series, columns: int = 3) -> alt.HConcatChart:
    """Returns the share of statements endorsed for each behaviour under each higher-order value, in blocks by group.

    Args:
        wide: behaviours x higher-order codes, shares from 0 to 1.
        groups: behaviour → group.
        columns: how many columns the blocks are laid out in, each filled to about the same height.
    """
    reach = float(np.ceil((wide - 0.5).abs().max().max() * 20) / 20)
    sizes = groups[wide.index].value_counts(sort=False)
    filled: list[list[alt.LayerChart]] = [[] for _ in range(columns)]
    heights = [0] * columns
    for group in sizes.sort_values(ascending=False, kind="stable").index:
        column = int(np.argmin(heights))
        heights[column] += int(sizes[group]) + 4
        filled[column].append(_group_block(wide[groups[wide.index] == group], str(group), reach))
    return alt.hconcat(*(alt.vconcat(*blocks, spacing=8) for blocks in filled), spacing=16)


def _group_block(wide: pd.DataFrame, group: str, reach: float) -> alt.LayerChart:
    names = {h.code: h.name for h in HIGHER_ORDER}
    order = [_short(b) for b in wide.index[np.argsort(-(wide["TRANS"] - wide["ENH"]).to_numpy(), kind="stable")]]
    long = wide.rename(index=_short, columns=names).rename_axis("behavior").reset_index()
    data = rounded(long.melt("behavior", None, "value", "share"))
    scale = alt.Scale(scheme="redblue", reverse=True, domain=[0.5 - reach, 0.5 + reach], domainMid=0.5)
    axis = alt.Axis(orient="top", labelAngle=-35, labelFontSize=9, **BARE)
    title = alt.TitleParams(group, frame="group", anchor="end")
    base = alt.Chart(data, width=116, height=13 * len(order), title=title).encode(
        x=alt.X("value:N", sort=list(names.values()), title=None, axis=axis),
        y=alt.Y("behavior:N", sort=order, title=None, axis=alt.Axis(labelLimit=430, labelFontSize=9, **BARE)),
    )
    color = alt.Color("share:Q", scale=scale, title="share", legend=alt.Legend(format=".0%"))
    text = base.mark_text(fontSize=8).encode(
        text=alt.Text("share:Q", format=".0%"),
        color=alt.condition(f"abs(datum.share - 0.5) > {0.62 * reach}", alt.value("white"), alt.value(INK)),
    )
    return alt.layer(base.mark_rect(stroke="white").encode(color=color), text)


def _short(behavior: str) -> str:
    return behavior.replace("-", " ").replace("subscribes to ", "").replace("willingness to ", "willing to ")


def endorsement_by_value(table: pd.DataFrame, behaviors: Mapping[str, str], unit: str, columns: int = 3) -> alt.Chart:
    """Returns how far a few behaviours are endorsed by value, with 95 % intervals over statements, a panel each.

    Args:
        table: `behavior.statements.endorsement_table`.
        behaviors: behaviour → how it is written, in order.
        unit: of the endorsement.
        columns: panels in a row.
    """
    rows = table[table["behavior"].isin(behaviors) & table["condition"].isin(CODES)]
    data = rows.assign(
        title=rows["behavior"].map(dict(behaviors)),
        value=[BY_CODE[c].name for c in rows["condition"]],
        pole=[pole(c).name for c in rows["condition"]],
    )[["title", "value", "pole", "endorsement", "low", "high"]]
    y = alt.Y("value:N", sort=[v.name for v in BY_CODE.values()], title=None, axis=alt.Axis(**BARE))
    color = alt.Color("pole:N", scale=POLES, title=None, legend=alt.Legend(orient="bottom"))
    base = alt.Chart(rounded(data), width=190, height=160).encode(y=y, color=color)
    x = alt.X("endorsement:Q", title=unit)
    layers = alt.layer(
        line_at(0),
        base.mark_rule(strokeWidth=1.6).encode(x=alt.X("low:Q", title=unit), x2="high:Q"),
        base.mark_point(filled=True, size=50, opacity=1).encode(x=x),
        data=base.data,
    )
    return layers.facet(alt.Facet("title:N", sort=list(behaviors.values()), title=None), columns=columns)
