"""The tables of populations: strategies compared by what their people look like, beside humans."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from lib import agreement, behavior_tables, human, human_behavior, instruments, paths
from lib import population_measures as measures
from lib.population_study import Comparison, PopulationStudy, Target, value_estimates
from lib.strategies import Population, h_profile
from lib.structure import pairs, pearson
from lib.values import BY_CODE, CODES, CONDITIONS

TEMPERATURES = (0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2, 1.6, 2.4, 3.2)
#: Slopes of the link that are tried, as multiples of the study's.
SLOPE_FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
BASELINE = "uniform"
#: Measures that are correlations, so that a share of the ceiling can be told.
_CORRELATIONS = ("structure", "hierarchy", "hierarchy_pearson", "behavior", "behavior_shared")
#: The strategies as the paper names them.
PAPER_STRATEGIES = {
    "h_np": "H-NP",
    "h_even": "H-Even",
    "h_norm": "H-Norm",
    "uniform": "Uniform",
    "model_specific": "Model-Specific",
}


@dataclass(frozen=True, eq=False)
class Compared:
    """One measure against one reference: every strategy's estimate, followed by its bootstrap draws.

    `ceiling` is what other humans reach, NaN where that is not known.
    """

    measure: str
    reference: str
    ceiling: float
    draws: Mapping[str, np.ndarray]


def compared(comparison: Comparison) -> list[Compared]:
    """Returns every measure against every human sample that it can be taken against.

    Measures: `population_measures.MEASURES`; `behavior`, the value-behaviour relations with all behaviours of a
    reference; `behavior_shared`, with those that the two surveys share, whose agreement is the ceiling.
    """
    found = []
    for measure, function in measures.MEASURES.items():
        for reference in human.references() if measure == "structure" else human.with_means():
            draws = {name: function(one, reference) for name, one in comparison.value_side.items()}
            found.append(Compared(measure, reference, measures.human_level(measure, reference), draws))
    limit = behavior_tables.ceilings()["pearson"]
    for target in comparison.targets:
        scales = instruments.load(target.instrument).scales
        estimates = comparison.behavior_side[target.instrument]
        draws = {name: measures.relations(one, target.cells, scales) for name, one in estimates.items()}
        ceiling = limit if target.measure == "behavior_shared" else np.nan
        found.append(Compared(target.measure, target.reference, ceiling, draws))
    return found


def alignment_table(study: PopulationStudy, found: list[Compared]) -> pd.DataFrame:
    """Returns how human each strategy's people are, one row for each strategy x measure x reference.

    Columns: `model`, `strategy`, `measure`, `reference`, `estimate`; `low`, `high`: 95 % interval by bootstrap over
    wordings, persons and people; `n_respondents`; `ceiling` (`population_measures.human_level`; of `behavior_shared`
    the agreement of the two surveys); `share_of_ceiling` for correlations; `paper`: for `structure`, the average over
    seven models that the paper is said to report for the strategy (second-hand; its human sample is not known).
    """
    rows = []
    for one in found:
        for strategy, draws in one.draws.items():
            keys = {"model": study.model, "strategy": strategy, "measure": one.measure, "reference": one.reference}
            row = {"n_respondents": study.n_respondents, "ceiling": one.ceiling}
            share = draws[0] / one.ceiling if one.measure in _CORRELATIONS else np.nan
            paper = paper_reported(strategy) if one.measure == "structure" else np.nan
            rows.append(keys | _interval(draws) | row | {"share_of_ceiling": share, "paper": paper})
    return pd.DataFrame(rows)


def _interval(draws: np.ndarray, name: str = "estimate") -> dict[str, float]:
    low, high = np.quantile(draws[1:], [0.025, 0.975])
    return {name: draws[0], "low": low, "high": high}


def paper_reported(strategy: str) -> float:
    """Returns the paper's figure for a strategy as a correlation, NaN where there is none; second-hand."""
    table = pd.read_csv(paths.RAW / "paper_reported.csv").query("table == 'population_strategy'").set_index("item")
    return float(table["value_percent"].get(PAPER_STRATEGIES.get(strategy, ""), np.nan)) / 100


def difference_table(study: PopulationStudy, found: list[Compared]) -> pd.DataFrame:
    """Returns the difference of every pair of strategies, by measure and reference.

    Columns: `model`, `measure`, `reference`, `strategy`, `other`, `difference` (strategy - other; of `wasserstein` less
    is better, of `variance_ratio` what is closer to 1); `low`, `high`: its 95 % interval, from draws that have the same
    wordings and persons for both; `p`: two-sided, from the share of draws on either side of zero; `p_holm`: over the 15
    pairs of a measure and reference (Holm).
    """
    rows = []
    for one in found:
        for other, strategy in combinations(one.draws, 2):
            difference = one.draws[strategy] - one.draws[other]
            keys = {"model": study.model, "measure": one.measure, "reference": one.reference}
            keys |= {"strategy": strategy, "other": other}
            rows.append(keys | _interval(difference, "difference") | {"p": _two_sided(difference[1:])})
    table = pd.DataFrame(rows)
    family = table.groupby(["measure", "reference"], sort=False)["p"]
    return table.assign(p_holm=family.transform(agreement.holm))


def _two_sided(drawn: np.ndarray) -> float:
    tail = min((drawn <= 0).sum(), (drawn >= 0).sum()) + 1
    return float(min(1.0, 2 * tail / (len(drawn) + 1)))


def spread_table(study: PopulationStudy, comparison: Comparison) -> pd.DataFrame:
    """Returns mean and spread of each value's centred score, simulated and human, in units of the response range.

    Columns: `model`, `strategy`, `reference`, `value`; `mean` with its interval `mean_low`, `mean_high`, `human_mean`;
    `sd`, `human_sd`; `variance_ratio` and `wasserstein` with their intervals (`population_measures`).
    """
    rows = []
    for strategy, one in comparison.value_side.items():
        for reference in human.with_means():
            people = human.means(reference) / measures.HUMAN_RANGE
            columns = {
                "mean": one.mean,
                "variance_ratio": measures.variance_ratios(one, reference),
                "wasserstein": measures.wasserstein(one, reference),
            }
            for i, code in enumerate(CODES):
                row = {"model": study.model, "strategy": strategy, "reference": reference, "value": code}
                row |= {"human_mean": people.loc[code, "cent_mean"], "human_sd": people.loc[code, "cent_sd"]}
                row["sd"] = one.sd[0, i]
                for name, draws in columns.items():
                    low, high = np.quantile(draws[1:, i], [0.025, 0.975])
                    row |= {name: draws[0, i], f"{name}_low": low, f"{name}_high": high}
                rows.append(row)
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

    Columns: `model`, `measure`, `reference`, `strategy`, `part` (a value's code, a behaviour), `title`, `estimate`,
    `drives`.

    * `structure`: `estimate` is r without the pairs of one value. `drives` is how much of the strategy's lead over
      `uniform` goes with that value: the lead over all pairs minus the lead without its pairs.
    * `behavior`: `estimate` is the r of one behaviour's ten relations, `drives` its lead over `uniform`'s.
    """
    rows = []
    for reference in human.references():
        target = human.structure(reference).to_numpy()
        for strategy, one in comparison.value_side.items():
            ours, base = (e.correlation[0, :, : len(CODES)] for e in (one, comparison.value_side[BASELINE]))
            lead = _without(ours, target) - _without(base, target)
            for i, code in enumerate(CODES):
                drives = lead - (_without(ours, target, i) - _without(base, target, i))
                row = {"part": code, "title": BY_CODE[code].name, "estimate": _without(ours, target, i)}
                rows.append(
                    {"measure": "structure", "reference": reference, "strategy": strategy, **row, "drives": drives}
                )
    for target in comparison.targets:
        if target.measure == "behavior":
            rows += _behavior_drivers(target, comparison.behavior_side[target.instrument])
    table = pd.DataFrame(rows)
    table.insert(0, "model", study.model)
    return table


def _without(ours: np.ndarray, target: np.ndarray, left_out: int | None = None) -> float:
    """Pearson r over the pairs of values, those of one value left out."""
    kept = [i for i in range(len(ours)) if i != left_out]
    return float(pearson(pairs(ours[np.ix_(kept, kept)]), pairs(target[np.ix_(kept, kept)])))


def _behavior_drivers(target: Target, estimates: Mapping[str, measures.Estimates]) -> list[dict]:
    """Behaviours with known relations to all ten values."""
    instrument = instruments.load(target.instrument)
    wide = human_behavior.matrix(target.cells).dropna()
    places = [len(CODES) + instrument.scales.index(s) for s in wide.index]
    r = {n: pearson(e.correlation[0][:, places].T, wide.to_numpy()) for n, e in estimates.items()}
    return [
        {"measure": target.measure, "reference": target.reference, "strategy": strategy, "part": scale}
        | {"title": instrument.title_of(scale), "estimate": profile[i], "drives": profile[i] - r[BASELINE][i]}
        for strategy, profile in r.items()
        for i, scale in enumerate(wide.index)
    ]


def temperature_table(study: PopulationStudy) -> pd.DataFrame:
    """Returns how human the people of `h_profile` are by temperature.

    Columns: `temperature`, `measure`, `reference`, `estimate`. The profiles are those of the study's `shares_from`.
    """
    asked = study.distributions(study.questionnaire)
    rows = []
    for temperature in TEMPERATURES:
        one = value_estimates(study, h_profile(study.shares_from, temperature), asked, draws=0)
        rows += [{"temperature": temperature} | row for row in _plain(one, human.with_means())]
    return pd.DataFrame(rows)


def chosen_temperature(table: pd.DataFrame, sample: str) -> float:
    """Returns the temperature with the least mean Wasserstein distance to the sample that the profiles come from.

    The criterion looks at means and spread only: structure takes no part in it, nor does any other sample.
    """
    rows = table[(table["measure"] == "wasserstein") & (table["reference"] == sample)]
    return float(rows.set_index("temperature")["estimate"].idxmin())


def slope_table(study: PopulationStudy, composed: Mapping[str, Population]) -> pd.DataFrame:
    """Returns every measure of the values by the link's slope, against the study's reference.

    Columns: `slope` (per nat per token), `factor` (of the study's slope), `strategy`, `measure`, `reference`,
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
    return pd.DataFrame(rows, columns=["slope", "factor", "strategy", "measure", "reference", "estimate"])


def _plain(one: measures.Estimates, references: list[str]) -> list[dict]:
    """Every measure of the values that can be taken against the references."""
    known = human.with_means()
    return [
        {"measure": measure, "reference": reference, "estimate": function(one, reference)[0]}
        for measure, function in measures.MEASURES.items()
        for reference in references
        if measure == "structure" or reference in known
    ]
