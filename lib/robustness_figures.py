"""Figures of baselines, partial alignments and the specification curve; `figures.save` writes them."""

import altair as alt
import numpy as np
import pandas as pd

from lib.baselines import OWN, RANDOM, UNPRIMED
from lib.figures import ACCENT, GREY, INK
from lib.tables import rounded

CEILING, WORDS = "#009e73", "#d55e00"
#: How baselines are written, in the order shown: inductions, then nulls.
TITLES = {
    "definition": "name and definition",
    "name": "name alone",
    "persona": "life story, no value words",
    "scores": "ten scores in numbers",
    "shuffled": "name and another's definition",
    UNPRIMED: "no value induced",
    OWN: "own items and nothing else",
    RANDOM: "random answers",
}
_BARE = {"ticks": False, "domain": False}
_OVERLAPS = {"words": "shared words", "characters": "shared runs of letters", "embedding": "embeddings"}


def induction_buys(panels: dict[str, pd.DataFrame]) -> alt.HConcatChart:
    """Returns what each way of inducing a value reaches, with nulls below and ceiling above: one panel a side.

    Args:
        panels: title → rows of `baselines` of one questionnaire, reference, choice of cells and structure `values`.
    """
    charts = []
    for i, (title, rows) in enumerate(panels.items()):
        key = ["grey: 95 % of random answers · green line: people with people"]
        heading = alt.TitleParams(title, subtitle=key if i == 0 else [" "])
        charts.append(_ladder(rows, first=i == 0).properties(title=heading))
    return alt.hconcat(*charts, spacing=18).resolve_scale(color="shared", shape="shared")


def _ladder(rows: pd.DataFrame, first: bool) -> alt.LayerChart:
    order = list(TITLES.values())
    main = rows[rows["baseline"].isin(TITLES)].assign(label=lambda t: t["baseline"].map(TITLES))
    is_null = main["baseline"].isin([UNPRIMED, OWN, RANDOM])
    main = main.assign(kind=np.where(is_null, "model without value, or no model", "induction"))
    words = rows[rows["baseline"].isin(_OVERLAPS) & rows["prime"].isin(TITLES)]
    words = words.assign(label=words["prime"].map(TITLES), kind=words["baseline"].map(_OVERLAPS))
    shown = ["label", "kind", "r", "low", "high", "null_low", "null_high", "ceiling"]
    data = rounded(pd.concat([main, words])[shown])
    y = alt.Y("label:N", sort=order, title=None, scale=alt.Scale(domain=order), axis=alt.Axis(labels=first, **_BARE))
    kinds = ["induction", "model without value, or no model", *_OVERLAPS.values()]
    legend = alt.Legend(orient="bottom", columns=3, symbolOpacity=1)
    colors = alt.Scale(domain=kinds, range=[ACCENT, INK, *[WORDS] * 3])
    shapes = alt.Scale(domain=kinds, range=["circle", "square", "diamond", "triangle", "cross"])
    look = {
        "color": alt.Color("kind:N", title=None, scale=colors, legend=legend),
        "shape": alt.Shape("kind:N", title=None, scale=shapes, legend=legend),
    }
    x = alt.X("r:Q", title="Pearson r with people", scale=alt.Scale(domain=[-0.6, 1], clamp=True))
    base = alt.Chart(data, width=330, height=31 * len(order))
    ours = base.transform_filter(alt.FieldOneOfPredicate("kind", kinds[:2]))
    theirs = base.transform_filter(alt.FieldOneOfPredicate("kind", kinds[2:]))
    return alt.layer(
        ours.mark_bar(color="#e6e6e6", height=25).encode(x=alt.X("null_low:Q"), x2="null_high:Q", y=y),
        _rule(data["ceiling"].max(), CEILING, []),
        _rule(0.0, GREY, [3, 3]),
        ours.mark_rule(strokeWidth=3, yOffset=-4).encode(x="low:Q", x2="high:Q", y=y, color=look["color"]),
        ours.mark_point(size=95, filled=True, opacity=1, yOffset=-4).encode(x=x, y=y, **look),
        theirs.mark_point(size=42, filled=False, strokeWidth=1.5, opacity=1, yOffset=7).encode(x=x, y=y, **look),
    )


def _rule(at: float, color: str, dash: list[int]) -> alt.Chart:
    line = alt.Chart(pd.DataFrame({"at": [float(at)]}))
    return line.mark_rule(color=color, strokeWidth=2.5 if not dash else 1, strokeDash=dash).encode(x="at:Q")


def partial_alignment(panels: dict[str, pd.DataFrame]) -> alt.HConcatChart:
    """Returns each induction's alignment as it is and with word overlap taken out: one panel a side.

    Filled: p < .05, corrected for multiple comparisons.

    Args:
        panels: as in `induction_buys`.
    """
    columns = {"r": "as it is", "partial_words": "without words", "partial_embedding": "without embeddings"}
    columns |= {"partial_all": "without any overlap"}
    tests = {"r": "p_holm", "partial_words": "partial_words_p_holm", "partial_embedding": "partial_embedding_p_holm"}
    tests |= {"partial_all": "partial_all_p_holm"}
    charts = []
    for i, (title, rows) in enumerate(panels.items()):
        main = rows[rows["partial_all"].notna()]
        long = pd.concat(
            [
                pd.DataFrame({"label": main["baseline"].map(TITLES), "r": main[c], "step": t, "p": main[tests[c]]})
                for c, t in columns.items()
            ]
        )
        long = long.assign(found=long["p"] < 0.05)
        heading = alt.TitleParams(title, subtitle=["filled: p < .05 · open: no more than chance" if i == 0 else " "])
        charts.append(_steps(long, list(columns.values()), first=i == 0).properties(title=heading))
    return alt.hconcat(*charts, spacing=18)


def _steps(long: pd.DataFrame, steps: list[str], first: bool) -> alt.LayerChart:
    order = [t for t in TITLES.values() if t in set(long["label"])]
    base = alt.Chart(rounded(long.drop(columns="p")), width=300, height=44 * len(order)).encode(
        y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labels=first, **_BARE)),
        yOffset=alt.YOffset("step:N", sort=steps),
        x=alt.X("r:Q", title="Pearson r with people", scale=alt.Scale(domain=[-0.4, 1])),
    )
    colors = alt.Scale(domain=steps, range=[ACCENT, "#e69f00", "#cc79a7", INK])
    color = alt.Color("step:N", title=None, scale=colors, legend=alt.Legend(orient="bottom", columns=4))
    points = base.mark_point(size=75, strokeWidth=1.8, opacity=1).encode(color=color)
    filled = base.transform_filter("datum.found").mark_point(size=75, filled=True, opacity=1).encode(color=color)
    return alt.layer(_rule(0.0, GREY, [3, 3]), points, filled)


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
    y = {"scale": alt.Scale(domain=[-0.5, 1]), "title": "Pearson or Spearman r with people"}
    upper = alt.layer(
        base.mark_line(color=GREY, strokeDash=[5, 3]).encode(x=x, y=alt.Y("null:Q", **y)),
        base.mark_bar(color=ACCENT, opacity=0.5, width=7).encode(x=x, y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(filled=True, size=22, color=ACCENT, opacity=1).encode(x=x, y=alt.Y("median:Q", **y)),
    )
    return alt.vconcat(upper, _matrix(shares, x), spacing=6).resolve_scale(x="shared")


def _matrix(shares: pd.DataFrame, x: alt.X) -> alt.Chart:
    data = shares.assign(shade=np.log2(shares["ratio"].clip(0.5, 2)).round(2))
    order = list(dict.fromkeys(data["row"]))
    y = alt.Y("row:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, labelFontSize=10, **_BARE))
    words = "datum.value < 0 ? 'half as often' : datum.value > 0 ? 'twice as often' : 'as overall'"
    scale = alt.Scale(range=["#ffffff", "#b8b8b8", "#000000"], domain=[-1, 0, 1])
    legend = alt.Legend(values=[-1, 0, 1], labelExpr=words, gradientLength=120)
    tiles = alt.Chart(data[["row", "bin", "shade"]], height=13 * len(order)).mark_rect()
    return tiles.encode(x=x, y=y, color=alt.Color("shade:Q", title="in this bin", scale=scale, legend=legend))
