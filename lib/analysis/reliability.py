"""How reliable the scales are that everything else is computed from."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lib.analysis.behavior.relations import Pair
from lib.analysis.respondents import Respondents, level_signs
from lib.statistics import alpha, omega, over_primes, respondent_level


def centred_items(group: Respondents) -> np.ndarray:
    """Returns item responses with the respondents' level taken out: cell x condition x item."""
    shape, sign = group.items.shape, level_signs(group.instrument)
    flat = group.items.reshape(-1, shape[2])
    level = respondent_level(flat, sign) if group.level is None else group.level.reshape(-1)
    return (flat - level[:, None] * sign).reshape(shape)


def value_reliability(group: Respondents) -> pd.DataFrame:
    """Returns each value's reliability on what its structure is computed from: centred items, cells' means taken out.

    Columns: `scale`, `n_items` (those that count in every cell), `n_respondents`, `alpha` (Cronbach), `omega`
    (McDonald's total, one factor). No interval: respondents of the same prime in other wordings are no independent
    people.
    """
    items = centred_items(group)
    within = (items - items.mean(axis=1, keepdims=True)).reshape(group.n, -1)
    whole = ~np.isnan(within).any(axis=0)
    rows = []
    for i, scale in enumerate(group.scales):
        part = within[:, whole & (group.key[:, i] > 0)]
        row = {"scale": scale, "n_items": part.shape[1], "n_respondents": group.n}
        rows.append(row | {"alpha": alpha(part), "omega": omega(part)})
    return pd.DataFrame(rows)


def behavior_reliability(found: Mapping[str, Pair]) -> pd.DataFrame:
    """Returns each behaviour's reliability: would other statements of it say the same of the ten primes?

    Columns: `instrument`, `scale`, `title`, `n_items`, `reliability` (`statistics.over_primes`: items drawn within the
    way they are keyed), `halves`: Pearson r over the primes between its statements and its reverse-keyed ones, turned;
    below 0 where a prime raises a statement and its opposite alike.
    """
    rows = []
    for name, one in found.items():
        group = one.behavior_side
        items = centred_items(group)
        whole = ~np.isnan(items).any(axis=(0, 1))
        turned = np.array([item.reversed for item in group.instrument.items])
        for i, scale in enumerate(group.scales):
            own = whole & (group.key[:, i] > 0)
            row = {"instrument": name, "scale": scale, "title": group.instrument.title_of(scale)}
            row |= {"n_items": int(own.sum()), "reliability": over_primes(items[..., own], turned[own])}
            rows.append(row | {"halves": _halves(items, own & ~turned, own & turned)})
    return pd.DataFrame(rows)


def _halves(items: np.ndarray, forward: np.ndarray, reverse: np.ndarray) -> float:
    if not (forward.any() and reverse.any()):
        return float("nan")
    primes = items.mean(axis=0)
    return float(np.corrcoef(primes[:, forward].mean(axis=1), primes[:, reverse].mean(axis=1))[0, 1])
