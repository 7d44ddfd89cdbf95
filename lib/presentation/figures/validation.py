"""The figure of coverage and error rates; `charts.save` writes it."""

import altair as alt
import pandas as pd

from lib.presentation.charts import ACCENT, BARE, line_at
from lib.presentation.tables import rounded

#: Kind of check → title, the share it should have, and the domain of its axis.
_PANELS = {
    "coverage": ("95 % intervals: share that covers the truth", 0.95, (0.0, 1.0)),
    "rejection": ("p values: share at or below .05 where the null is true", 0.05, (0.0, 0.2)),
}


def shares(table: pd.DataFrame) -> alt.VConcatChart:
    """Returns the share of simulated studies for each check, with twice its standard error, beside what it should be.

    Args:
        table: `kind`, `what`, `truth`, `share`, `error` (as `make validate` records it).
    """
    charts = []
    for kind, (title, nominal, domain) in _PANELS.items():
        rows = table[table["kind"] == kind]
        rows = rows.assign(label=rows["what"] + ": " + rows["truth"])
        rows = rows.assign(
            low=(rows["share"] - 2 * rows["error"]).clip(0), high=(rows["share"] + 2 * rows["error"]).clip(0, 1)
        )
        data = rounded(rows[["label", "share", "low", "high"]])
        y = alt.Y("label:N", sort=list(data["label"]), title=None, axis=alt.Axis(labelLimit=460, **BARE))
        x = {"scale": alt.Scale(domain=list(domain), clamp=True, nice=False), "title": "share of simulated studies"}
        base = alt.Chart(data, width=320, height=26 * len(data), title=alt.TitleParams(title, frame="group")).encode(
            y=y
        )
        charts.append(
            alt.layer(
                line_at(nominal),
                base.mark_rule(color=ACCENT, strokeWidth=2.5).encode(x=alt.X("low:Q", **x), x2="high:Q"),
                base.mark_point(filled=True, size=80, color=ACCENT, opacity=1).encode(x=alt.X("share:Q", **x)),
                data=data,
            )
        )
    return alt.vconcat(*charts, spacing=18)
