"""The other tables of value and behaviour: each behaviour's place on the circle, shares of variance, first choices."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from lib.analysis import people
from lib.analysis.alignment import SHARED, Target
from lib.analysis.behavior.relations import Pair, exchanged
from lib.analysis.behavior.variance import SOURCES, variance_shares
from lib.analysis.scoring import without_level
from lib.analysis.study import Study
from lib.errors import StudyError
from lib.materials.values import CODES, NO_VALUE, angles
from lib.statistics import angular_distance, false_discovery, p_value, pearson, structural_summary


def summarised(profiles: pd.DataFrame) -> pd.DataFrame:
    """Returns the sinusoid that fits each profile of relations round the circle (`statistics.structural_summary`).

    Args:
        profiles: behaviours x the ten values, complete.

    Returns:
        The same rows; `elevation`, `amplitude` (in r), `peak` (degrees, 0 to 360), `fit` (0 to 1), `value` (the code
        nearest to the peak).
    """
    turn = angles()[list(CODES)].to_numpy()
    found = structural_summary(profiles[list(CODES)].to_numpy(float), turn)
    nearest = angular_distance(found.peak[:, None], turn[None, :]).argmin(axis=1)
    table = pd.DataFrame(found._asdict(), index=profiles.index)
    return table.assign(value=[CODES[i] for i in nearest])


def behavior_profiles(study: Study, found: Mapping[str, Pair]) -> pd.DataFrame:
    """Returns each behaviour's place on the circle, model and people, one row for each behaviour x reference.

    Columns: `model`, `instrument`, `scale`, `title`, `reference`, `scope` (all, or check), `r` (Pearson over the ten
    values), `p` (one-sided, primes exchanged), `q` (false discovery rate over the behaviours of one reference,
    Benjamini-Hochberg); of either profile (`model_`, `human_`) `amplitude`, `peak` (degrees), `fit`, `value` (nearest
    to the peak); `distance` of the peaks, 0 to 180 degrees (90 by chance). References without all ten values are left
    out.
    """
    rows = []
    for name, one in found.items():
        summary, chance = summarised(one.matrix()), exchanged(study, one)
        for target in people.behaviors(one.behavior_side.instrument, one.behavior_side.scales):
            if target.scope != SHARED and target.kind != "signs":
                keys = {"model": study.model, "instrument": name, "reference": target.reference, "scope": target.scope}
                rows += [keys | row for row in _profile_rows(one, summary, chance, human_matrix(one, target))]
    table = pd.DataFrame(rows)
    family = table.groupby(["instrument", "reference", "scope"])["p"]
    return table.assign(q=family.transform(false_discovery))


def human_matrix(one: Pair, target: Target) -> pd.DataFrame:
    """Returns a target's relations as behaviours x values; behaviours that are not known of all ten are left out."""
    full = np.full(len(one.behavior_side.scales) * len(CODES), np.nan)
    full[target.places] = target.numbers
    wide = pd.DataFrame(full.reshape(-1, len(CODES)), index=list(one.behavior_side.scales), columns=list(CODES))
    # In the order of the reference's own table.
    order = dict.fromkeys(one.behavior_side.scales[place // len(CODES)] for place in target.places)
    return wide.loc[list(order)].dropna()


def _profile_rows(one: Pair, summary: pd.DataFrame, chance: np.ndarray, humans: pd.DataFrame) -> Iterator[dict]:
    places = summarised(humans) if len(humans) else humans
    model = one.matrix()
    for scale in humans.index:
        here, human = model.index.get_loc(scale), humans.loc[scale].to_numpy()
        r = float(pearson(model.loc[scale].to_numpy(), human))
        row = {"scale": scale, "title": one.behavior_side.instrument.title_of(scale), "r": r}
        row["p"] = p_value(r, pearson(chance[:, here], human))
        for side, place in (("model", summary.loc[scale]), ("human", places.loc[scale])):
            row |= {f"{side}_{c}": place[c] for c in ("amplitude", "peak", "fit", "value")}
        yield row | {"distance": float(angular_distance(row["model_peak"], row["human_peak"]))}


def variance_table(study: Study, found: Mapping[str, Pair]) -> pd.DataFrame:
    """Returns the shares of variance (`variance.variance_shares`) of each questionnaire's answers.

    Columns: `model`, `instrument`, `items`, `respondents`, and one for each source; empty where too few wordings and
    persons were asked to tell them apart. Rounded to four decimals, to which
    the optimiser's result is the same on every machine.
    """
    rows = []
    for name, one in found.items():
        group = one.behavior_side
        level = study.items(group.prime).mean(axis=1) if study.mode == "likelihood" else None
        items = without_level(study.items(group.prime, name), group.instrument, level)
        items = items[items.index.get_level_values("condition") != NO_VALUE].dropna(axis=1, how="all")
        keys = {"model": study.model, "instrument": name, "items": items.shape[1], "respondents": len(items)}
        try:
            rows.append(keys | variance_shares(items).round(4).to_dict())
        except StudyError:
            rows.append(keys | dict.fromkeys(SOURCES, np.nan))
    return pd.DataFrame(rows)


def first_choices(one: Pair, how_many: int = 3) -> pd.DataFrame:
    """Returns the behaviours that each value raises most, by name, first to last: values x 1, 2, ….

    A behaviour's score is its mean over wordings and persons minus its mean over all primes.
    """
    group = one.behavior_side
    scores = group.scores().mean(axis=0)
    order = np.argsort(-(scores - scores.mean(axis=0)), axis=1, kind="stable")[:, :how_many]
    titles = np.array([group.instrument.title_of(s) for s in group.scales])
    return pd.DataFrame(titles[order], index=list(group.conditions), columns=range(1, how_many + 1))
