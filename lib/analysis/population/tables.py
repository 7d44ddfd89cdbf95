"""The tables of populations: strategies compared by what their people look like, beside humans."""

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from lib.analysis import people
from lib.analysis.alignment import ALL, Evidence, Target, align, table
from lib.analysis.behavior.relations import BEHAVIOR
from lib.analysis.population.estimates import (
    DISTRIBUTION,
    HIERARCHY,
    SPREAD,
    Estimates,
    by_wording,
    evidence,
    numbers,
)
from lib.analysis.population.strategies import Population
from lib.analysis.population.study import Comparison, PopulationStudy, profile, value_estimates
from lib.analysis.structure.evidence import STRUCTURE
from lib.materials import instruments, references
from lib.materials.values import BY_CODE, CODES, CONDITIONS
from lib.statistics import FEWEST_CELLS, MEASURES, holm, pairs, pearson, square

TEMPERATURES = (0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2, 1.6, 2.4, 3.2)
#: Slopes of the link that are tried, as multiples of the study's.
SLOPE_FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
BASELINE = "uniform"
#: The kind of the sample that shares and temperature were taken from: no independent test of means and spread.
CHOSEN_ON = "settings chosen on it"
#: What is compared of the values; behaviour is by Pearson's r.
VALUE_SIDES = (STRUCTURE, HIERARCHY, SPREAD, DISTRIBUTION)
_KEYS = ["side", "measure", "reference", "scope"]


def population_alignment(study: PopulationStudy, comparison: Comparison) -> pd.DataFrame:
    """Returns how human each strategy's people are: a table of alignments, the strategy as `source`.

    Sides: `structure` (45 correlations), `hierarchy` (ten mean scores, by rank and as they are), `spread` (geometric
    mean of the variance ratios, 1 is human), `distribution` (Wasserstein distance, 0 is human), `behavior` (relations
    of values with behaviours). Intervals cover wordings, persons and people, not items.
    """
    rows = []
    for side, instrument, found, targets in _sides(study, comparison):
        shown = {name: _evidence(study, one, side, instrument, name) for name, one in found.items()}
        rows += [align(one, t, m) for t in targets for m in _measures(t, side) for one in shown.values()]
    found = table(rows)
    settled = (found["reference"] == study.shares_from) & (found["side"] != STRUCTURE) & (found["side"] != BEHAVIOR)
    return found.assign(kind=found["kind"].mask(settled, CHOSEN_ON))


def _sides(
    study: PopulationStudy, comparison: Comparison
) -> Iterator[tuple[str, str, Mapping[str, Estimates], list[Target]]]:
    """Everything that is compared: side, questionnaire, each strategy's statistics, human results."""
    for side in VALUE_SIDES:
        yield side, study.instrument, comparison.value_side, list(people.samples(side))
    for instrument, found in comparison.behavior_side.items():
        yield BEHAVIOR, instrument, found, comparison.targets(instrument)


def _measures(target: Target, side: str) -> tuple[str, ...]:
    return ("pearson",) if side in (STRUCTURE, BEHAVIOR) else target.measures


def _evidence(study: PopulationStudy, found: Estimates, side: str, instrument: str, strategy: str) -> Evidence:
    keys = {"model": study.model, "mode": study.mode, "instrument": instrument}
    return evidence(found, side, keys | {"source": strategy, "prime": study.induction}, study.seed)


def difference_table(study: PopulationStudy, comparison: Comparison) -> pd.DataFrame:
    """Returns the difference of every pair of strategies, by side, measure and reference.

    A difference is taken in each wording apart, and Student's t over the wordings tells whether it holds: people can be
    simulated without end, but the model was asked in a few wordings only. Columns: `model`, `side`, `measure`,
    `reference`, `scope`, `strategy`, `other`; `difference` (strategy - other, all wordings together; of a distance less
    is better, of a ratio what is closer to 1); `low`, `high`: its 95 % interval, difference ± t s / √w over w
    `wordings`; `p`: two-sided; `p_holm`: over the 15 pairs of a measure and reference. NaN with fewer than three
    wordings.
    """
    rows = []
    for side, _, found, targets in _sides(study, comparison):
        for target in targets:
            for name in _measures(target, side):
                by = MEASURES[name]
                reached = {s: by.of(target.of(by_wording(one, side)), target.numbers) for s, one in found.items()}
                keys = {"model": study.model, "side": side, "measure": name}
                keys |= {"reference": target.reference, "scope": target.scope}
                for other, strategy in combinations(reached, 2):
                    pair = {"strategy": strategy, "other": other}
                    rows.append(keys | pair | t_test(reached[strategy] - reached[other]))
    found_table = pd.DataFrame(rows)
    return found_table.assign(p_holm=found_table.groupby(_KEYS, sort=False)["p"].transform(holm))


def t_test(differences: np.ndarray) -> dict[str, float]:
    """Returns a difference with its interval and two-sided p by Student's t over wordings.

    Args:
        differences: of all wordings together, then of each.
    """
    whole, single = float(differences[0]), differences[1:]
    row = {"difference": whole, "low": np.nan, "high": np.nan, "wordings": len(single), "p": np.nan}
    if len(single) >= FEWEST_CELLS and np.ptp(single) > 0:
        error, freedom = single.std(ddof=1) / np.sqrt(len(single)), len(single) - 1
        half = stats.t.ppf(0.975, freedom) * error
        row |= {"low": whole - half, "high": whole + half, "p": float(2 * stats.t.sf(abs(whole) / error, freedom))}
    return row


def spread_table(study: PopulationStudy, comparison: Comparison) -> pd.DataFrame:
    """Returns mean and spread of each value's centred score, simulated and human, in units of the response range.

    Columns: `model`, `strategy`, `reference`, `value`; `mean`, `human_mean`; `sd`, `human_sd`; `variance_ratio` and
    `wasserstein` of the value alone (`statistics.MEASURES`).
    """
    means, sds, below = people.hierarchies(), people.spreads(), people.distributions()
    rows = []
    for strategy, one in comparison.value_side.items():
        for reference in means:
            keys = {"model": study.model, "strategy": strategy, "reference": reference}
            theirs = below[reference].reshape(len(CODES), -1)
            apart = MEASURES["wasserstein"].of(one.below[0], theirs)
            for i, code in enumerate(CODES):
                row = {"value": code, "mean": one.mean[0, i], "human_mean": means[reference][i]}
                row |= {"sd": one.sd[0, i], "human_sd": sds[reference][i]}
                row["variance_ratio"] = (row["sd"] / row["human_sd"]) ** 2
                rows.append(keys | row | {"wasserstein": apart[i]})
    return pd.DataFrame(rows)


def weight_table(study: PopulationStudy, composed: Mapping[str, Population]) -> pd.DataFrame:
    """Returns each strategy's weights: `model`, `strategy`, `condition`, `weight` (of `h_profile` the mean)."""
    rows = [
        {"model": study.model, "strategy": name, "condition": condition, "weight": one.weights[condition]}
        for name, one in composed.items()
        for condition in CONDITIONS
    ]
    return pd.DataFrame(rows)


def driver_table(study: PopulationStudy, comparison: Comparison) -> pd.DataFrame:
    """Returns which values and which behaviours make the strategies differ, one row for each part x strategy.

    Columns: `model`, `side`, `reference`, `strategy`, `part`, `title`; `estimate`: of a value, r over the pairs without
    it; of a behaviour with known relations to all ten values, r of its profile; `drives`: of a value, how much of the
    strategy's lead over `uniform` goes with it (the lead with all values minus the lead without this one's pairs); of a
    behaviour, the lead of its profile.
    """
    rows = []
    for target in people.samples(STRUCTURE):
        base = numbers(comparison.value_side[BASELINE], STRUCTURE)[0]
        for strategy, one in comparison.value_side.items():
            keys = {"side": STRUCTURE, "reference": target.reference, "strategy": strategy}
            rows += [keys | row for row in _value_drivers(numbers(one, STRUCTURE)[0], base, target.numbers)]
    for instrument, found in comparison.behavior_side.items():
        for target in (t for t in comparison.targets(instrument) if t.scope == ALL):
            rows += _behavior_drivers(instrument, target, found, comparison.scales[instrument])
    return pd.DataFrame([{"model": study.model, **row} for row in rows])


def _value_drivers(ours: np.ndarray, base: np.ndarray, target: np.ndarray) -> Iterator[dict]:
    lead = _without(ours, target) - _without(base, target)
    for i, code in enumerate(CODES):
        own = _without(ours, target, i)
        drives = lead - (own - _without(base, target, i))
        yield {"part": code, "title": BY_CODE[code].name, "estimate": own, "drives": drives}


def _without(ours: np.ndarray, target: np.ndarray, left_out: int | None = None) -> float:
    """Pearson r over the pairs of values, those of one value left out."""
    kept = [i for i in range(len(CODES)) if i != left_out]
    return float(pearson(*(pairs(square(one)[np.ix_(kept, kept)]) for one in (ours, target))))


def _behavior_drivers(
    instrument: str, target: Target, found: Mapping[str, Estimates], scales: tuple[str, ...]
) -> Iterator[dict]:
    """Behaviours with known relations to all ten values."""
    full = np.full(len(scales) * len(CODES), np.nan)
    full[target.places] = target.numbers
    wide = full.reshape(-1, len(CODES))
    known = np.flatnonzero(~np.isnan(wide).any(axis=1))
    reached = {
        s: pearson(numbers(one, BEHAVIOR)[0].reshape(-1, len(CODES))[known], wide[known]) for s, one in found.items()
    }
    for strategy, profiles in reached.items():
        for i, place in enumerate(known):
            title = instruments.load(instrument).title_of(scales[place])
            keys = {"side": BEHAVIOR, "reference": target.reference, "strategy": strategy, "part": scales[place]}
            yield keys | {"title": title, "estimate": profiles[i], "drives": profiles[i] - reached[BASELINE][i]}


def temperature_table(study: PopulationStudy) -> pd.DataFrame:
    """Returns how human the people of `h_profile` are by temperature.

    Columns: `temperature`, `side`, `measure`, `reference`, `estimate`. The profiles are those of the study's
    `shares_from`.
    """
    asked = study.distributions(study.questionnaire)
    rows = []
    for temperature in TEMPERATURES:
        one = value_estimates(study, profile(study, temperature), asked, draws=0)
        rows += [{"temperature": temperature} | row for row in _plain(one, references.with_means())]
    return pd.DataFrame(rows)


def chosen_temperature(table: pd.DataFrame, sample: str) -> float:
    """Returns the temperature with the least mean Wasserstein distance to the sample that the profiles come from.

    The criterion looks at means and spread only: structure takes no part in it, nor does any other sample.
    """
    rows = table[(table["measure"] == "wasserstein") & (table["reference"] == sample)]
    return float(rows.set_index("temperature")["estimate"].idxmin())


def slope_table(study: PopulationStudy, composed: Mapping[str, Population]) -> pd.DataFrame:
    """Returns every measure of the values by the link's slope, against the study's reference.

    Columns: `slope` (per nat per token), `factor` (of the study's slope), `strategy`, `side`, `measure`, `reference`,
    `estimate`. Empty where the answers are ratings, which need no link.
    """
    rows = []
    for factor in SLOPE_FACTORS if study.mode == "likelihood" else ():
        slope = factor * study.link_slope
        asked = study.distributions(study.questionnaire, slope)
        for name, population in composed.items():
            one = value_estimates(study, population, asked, draws=0)
            keys = {"slope": slope, "factor": factor, "strategy": name}
            rows += [keys | row for row in _plain(one, [study.reference])]
    columns = ["slope", "factor", "strategy", "side", "measure", "reference", "estimate"]
    return pd.DataFrame(rows, columns=columns)


def _plain(one: Estimates, wanted: list[str] | tuple[str, ...]) -> Iterator[dict]:
    """Every measure of the values that can be taken against the references, without uncertainty."""
    for side in VALUE_SIDES:
        for target in people.samples(side):
            for name in _measures(target, side) if target.reference in wanted else ():
                reached = float(MEASURES[name].of(numbers(one, side)[0], target.numbers))
                yield {"side": side, "measure": name, "reference": target.reference, "estimate": reached}
