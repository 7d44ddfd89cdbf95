"""People: what human samples say, as targets of alignment, and how far they agree with one another."""

from functools import cache

import numpy as np
import pandas as pd
from scipy.stats import norm

from lib.analysis.alignment import ALL, CHECK, SHARED, Target
from lib.materials import behavior_references, references
from lib.materials.behavior_references import SURVEYS, THEORY
from lib.materials.instruments import Instrument, load
from lib.materials.values import CODES
from lib.statistics import MEASURES, pairs, pearson

#: Human means stand on six response options, so that their range is five.
HUMAN_RANGE = 5.0
#: Where distribution functions are taken, in units of the response range. Scores are multiples of small fractions,
#: and the odd offset keeps the points between them, where rounding decides nothing.
GRID = np.arange(-1.0, 1.0, 0.02) + 0.0003
#: What can be measured against each kind of result on behaviour.
_RELATIONS = ("pearson", "spearman", "sign", "rmse_z", "slope")
_MEASURES = {"coefficients": _RELATIONS, "secondhand": _RELATIONS, "theory": _RELATIONS[:3], "signs": ("sign",)}


def structures() -> dict[str, np.ndarray]:
    """Returns each sample's correlations of the ten values as its 45 pairs."""
    return {name: pairs(references.structure(name).to_numpy()) for name in references.references()}


def hierarchies() -> dict[str, np.ndarray]:
    """Returns each sample's ten mean centred scores, in units of the response range; samples with means only."""
    return {name: _moments(name, "cent_mean") for name in references.with_means()}


def spreads() -> dict[str, np.ndarray]:
    """Returns each sample's ten standard deviations, in units of the response range."""
    return {name: _moments(name, "cent_sd") for name in references.with_means()}


def distributions() -> dict[str, np.ndarray]:
    """Returns each sample's distribution functions of the ten scores on `GRID`, one after the other: 10 x GRID numbers.

    As no microdata stand behind most samples, they are normal ones with the sample's means and standard deviations: an
    approximation.
    """
    found = {}
    for name in references.with_means():
        mean, sd = _moments(name, "cent_mean"), _moments(name, "cent_sd")
        found[name] = norm.cdf((GRID - mean[:, None]) / sd[:, None]).ravel()
    return found


def _moments(name: str, column: str) -> np.ndarray:
    return references.means(name)[column].to_numpy() / HUMAN_RANGE


#: What a side's numbers are in people, and what is measured of it.
_SAMPLES = {
    "structure": (structures, ("pearson", "spearman", "rmse")),
    "hierarchy": (hierarchies, ("spearman", "pearson")),
    "spread": (spreads, ("variance_ratio",)),
    "distribution": (distributions, ("wasserstein",)),
}


@cache
def samples(side: str) -> tuple[Target, ...]:
    """Returns the human samples as targets of a side of the values, in the file's order.

    A sample's ceiling is the mean agreement of the *other* samples that answered a portrait questionnaire. Samples that
    did not have one too, but no share of it is told: their questions differ more than people do.

    Args:
        side: structure, hierarchy, spread or distribution.
    """
    of, measures = _SAMPLES[side]
    numbers, known = of(), references.references()
    return tuple(
        Target(
            name,
            "portrait" if known[name].portrait else "other",
            own,
            others=np.stack([numbers[o] for o in numbers if known[o].portrait and o != name]),
            measures=measures,
        )
        for name, own in numbers.items()
    )


def sample(side: str, reference: str) -> Target:
    """Returns one of `samples`."""
    return next(target for target in samples(side) if target.reference == reference)


def behaviors(instrument: Instrument, scales: tuple[str, ...]) -> list[Target]:
    """Returns what is known of people's relations of the values with an instrument's behaviours, as targets.

    Scopes: `all` behaviours of the reference; `shared`, those both surveys have, whose agreement is the ceiling;
    `check`, what is no behaviour. References without a cell for this instrument are left out.

    Args:
        instrument: a questionnaire of behaviour.
        scales: its behaviours in the order of the evidence's numbers (behaviour x value, row by row).
    """
    found = []
    for name in behavior_references.behavior_references():
        cells = behavior_references.cells(name)
        cells = cells[(cells["instrument"] == instrument.id) & cells["scale"].isin(scales)]
        kind = behavior_references.behavior_references()[name].kind
        is_behavior = cells["role"] == "behavior"
        found.append(_target(name, kind, ALL, cells[is_behavior], scales))
        if name in SURVEYS:
            common = cells[is_behavior & cells["scale"].isin(shared()["scale"])]
            other = behavior_references.matrix(behavior_references.cells(SURVEYS[1 - SURVEYS.index(name)]))
            found.append(_target(name, kind, SHARED, common, scales, other))
        found.append(_target(name, kind, CHECK, cells[~is_behavior], scales))
    found.append(_target(THEORY, "theory", ALL, behavior_references.theory_cells(instrument), scales))
    return [target for target in found if len(target.numbers)]


def _target(
    reference: str,
    kind: str,
    scope: str,
    cells: pd.DataFrame,
    scales: tuple[str, ...],
    other: pd.DataFrame | None = None,
) -> Target:
    cells = cells[cells["scale"].isin(scales)]
    place = np.array(
        [scales.index(s) * len(CODES) + CODES.index(v) for s, v in zip(cells["scale"], cells["value"], strict=True)],
        dtype=int,
    )
    numbers = (cells["sign"] if kind == "signs" else cells["r"]).to_numpy(float)
    others = None
    if other is not None:
        others = np.array([[other.loc[s, v] for s, v in zip(cells["scale"], cells["value"], strict=True)]])
    return Target(reference, kind, numbers, scope, place, others, _MEASURES[kind])


@cache
def shared() -> pd.DataFrame:
    """Returns the behaviours that the two surveys both have, and how far people in the two agree on them.

    Columns: `scale`, `first` and `second` (the surveys' variables), `r`: Pearson over the ten values.
    """
    tables = [behavior_references.cells(name) for name in SURVEYS]
    tables = [table[table["role"] == "behavior"] for table in tables]
    a, b = (behavior_references.matrix(table) for table in tables)
    scales = [s for s in a.index if s in b.index]
    one, two = (t.drop_duplicates("scale").set_index("scale")["variable"][scales].to_numpy() for t in tables)
    r = pearson(a.loc[scales].to_numpy(), b.loc[scales].to_numpy())
    return pd.DataFrame({"scale": scales, "first": one, "second": two, "r": r})


def agreement() -> pd.DataFrame:
    """Returns how far the human structures agree with one another: Pearson r over the 45 pairs, sample x sample."""
    known = structures()
    stacked = np.stack(list(known.values()))
    return pd.DataFrame(pearson(stacked[:, None, :], stacked[None, :, :]), index=list(known), columns=list(known))


def ceilings() -> pd.DataFrame:
    """Returns how well people agree with people, for every side, measure and reference.

    Columns: `side`, `measure`, `reference`, `scope`, `samples` (how many others are compared with it), `ceiling` (their
    mean on the measure's scale), `low` and `high` (the least and the most).
    """
    known = [(side, target) for side in _SAMPLES for target in samples(side)]
    survey = {scale for name in SURVEYS for scale in behavior_references.cells(name)["scale"]}
    from_surveys = next(iter(behavior_references.cells(SURVEYS[0])["instrument"]))
    targets = behaviors(load(from_surveys), tuple(sorted(survey)))
    known += [("behavior", target) for target in targets if target.others is not None]
    rows = []
    for side, target in known:
        for name in target.measures:
            reached = MEASURES[name].of(target.others, target.numbers)
            row = {"side": side, "measure": name, "reference": target.reference, "scope": target.scope}
            row |= {"samples": len(reached), "ceiling": MEASURES[name].mean(reached)}
            rows.append(row | {"low": reached.min(), "high": reached.max()})
    return pd.DataFrame(rows)
