"""The one sentence of an alignment: estimate and interval, what chance does, what people reach."""

import numpy as np
import pandas as pd

from lib.presentation.tables import apa_interval, apa_p_is, apa_r


def told(row: pd.Series) -> str:
    """Returns an alignment as a sentence without its subject, e.g. "r = .45 [.27, .59], beyond chance (p = .002); …".

    Args:
        row: of a table of alignments (`analysis.alignment.Alignment`).
    """
    parts = [f"r = {estimate(row)}, {chance(row['p'])}"]
    if np.isfinite(row["null_high"]):
        parts.append(f"97.5 % of random answers stay below {apa_r(row['null_high'])}")
    if np.isfinite(row["ceiling"]):
        parts.append(f"people reach {apa_r(row['ceiling'])}")
    return "; ".join(parts) + "."


def estimate(row: pd.Series) -> str:
    """Returns the estimate with its interval, or alone where there are too few cells for one."""
    return apa_interval(row["estimate"], row["low"], row["high"]) if np.isfinite(row["low"]) else apa_r(row["estimate"])


def chance(p: float) -> str:
    """Returns whether a p value lies beyond chance at the 5 % level, in words."""
    return f"beyond chance ({apa_p_is(p)})" if p < 0.05 else f"not beyond chance ({apa_p_is(p)})"


def listed(rows: pd.DataFrame, names: pd.Series) -> str:
    """Returns estimates side by side, each with its name: "name .68, scores .24"."""
    return ", ".join(f"{name} {apa_r(r)}" for name, r in zip(names, rows["estimate"], strict=True))
