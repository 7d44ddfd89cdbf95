"""The figure of the specification curve; `charts.save` writes it."""

import altair as alt
import numpy as np
import pandas as pd

from lib.presentation.charts import ACCENT, BARE, GREY
from lib.presentation.tables import rounded

_KEY = "dot and bar: median and range of a bin · dashed: 97.5 % of random answers stay below"


def specification_curve(bins: pd.DataFrame, shares: pd.DataFrame) -> alt.VConcatChart:
    """Returns the sorted alignments above, and below which choices they come from.

    A choice's cell is the darker, the larger the share of the bin that made this choice, beside its share of all
    specifications: half as many or fewer is white, twice as many or more is black.

    Args:
        bins: `specifications.by_bin`.
        shares: `specifications.choices_by_bin`.
    """
    x = alt.X("bin:O", axis=None)
    base = alt.Chart(rounded(bins), width=9 * len(bins), height=190)
    y = {"scale": alt.Scale(domain=[-0.5, 1], clamp=True), "title": "Pearson or Spearman r with people"}
    upper = alt.layer(
        base.mark_line(color=GREY, strokeDash=[5, 3]).encode(x=x, y=alt.Y("null:Q", **y)),
        base.mark_bar(color=ACCENT, opacity=0.5, width=7).encode(x=x, y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(filled=True, size=22, color=ACCENT, opacity=1).encode(x=x, y=alt.Y("median:Q", **y)),
    )
    key = alt.TitleParams(_KEY, fontWeight="normal", fontSize=11)
    return alt.vconcat(upper, _matrix(shares, x), spacing=6, title=key).resolve_scale(x="shared")


def _matrix(shares: pd.DataFrame, x: alt.X) -> alt.Chart:
    data = shares.assign(shade=np.log2(shares["ratio"].clip(0.5, 2)).round(2))
    order = list(dict.fromkeys(data["row"]))
    y = alt.Y("row:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, labelFontSize=10, **BARE))
    words = "datum.value < 0 ? 'half as often' : datum.value > 0 ? 'twice as often' : 'as overall'"
    scale = alt.Scale(range=["#ffffff", "#b8b8b8", "#000000"], domain=[-1, 0, 1])
    legend = alt.Legend(values=[-1, 0, 1], labelExpr=words, gradientLength=120)
    tiles = alt.Chart(data[["row", "bin", "shade"]], height=13 * len(order)).mark_rect()
    return tiles.encode(x=x, y=y, color=alt.Color("shade:Q", title="in this bin", scale=scale, legend=legend))
