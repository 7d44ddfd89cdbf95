"""What the notebooks show of value and behaviour beside the main tables: sentences, panels, shares, first choices."""

import numpy as np
import pandas as pd

from lib import agreement, human_behavior, instruments, variance
from lib.behavior_tables import ALL, CHECK, SHARED, SURVEYS, Result, kind_of
from lib.errors import StudyError
from lib.study import Study
from lib.tables import apa_interval, apa_p_is, apa_r
from lib.values import BY_CODE, CODES, NO_VALUE, angles


def verdicts(table: pd.DataFrame) -> list[str]:
    """Returns a sentence for each Pearson alignment: its size, and chance, ceiling and word overlap beside it."""
    rows = table[table["measure"] == "pearson"]
    return [
        f"{label}: r = {apa_interval(row.estimate, row.low, row.high)}, {_chance(row.p)}"
        + (f"; people reach {apa_r(row.ceiling)}" if np.isfinite(row.ceiling) else "")
        + (f"; word overlap alone {apa_r(row.lexical)}" if np.isfinite(row.lexical) else "")
        + "."
        for label, row in zip(forest_labels(rows), rows.itertuples(), strict=True)
    ]


def test_verdicts(structure: pd.DataFrame, overlap: pd.DataFrame, conservative: pd.Series) -> list[str]:
    """Returns what the behaviour tests say in sentences.

    Args:
        structure: `behavior_tests.structure_tests`.
        overlap: `behavior_tests.overlap_comparison`.
        conservative: mean agreement with the conservative behaviours, by value.
    """
    whole, words = structure.iloc[0], overlap.iloc[0]
    ordered = structure.iloc[1:].query("ci_p < 0.05")["group"]
    ranks = [BY_CODE[code].name for code in conservative.sort_values(ascending=False, kind="stable").index]
    return [
        f"Over {whole['behaviors']} behaviours the circle's order holds with CI = {apa_r(whole['ci'])}, "
        f"{_chance(whole['ci_p'], 'relabelled values')}.",
        f"Agreement with the human value structure: r = {apa_interval(whole['r'], whole['low'], whole['high'])}, "
        f"{_chance(whole['mantel_p'], 'relabelled values')}.",
        f"Word overlap alone agrees with people at r = {apa_r(words['lexical_structure'])}; what the model agrees with "
        f"goes with it at r = {apa_r(words['r'])}.",
        f"Groups in which the circle's order holds by itself (p < .05): {', '.join(ordered) or 'none'}.",
        f"Conservative positions are raised most by {ranks[0]}, {ranks[1]} and {ranks[2]}, least by {ranks[-1]}, "
        f"{ranks[-2]} and {ranks[-3]}.",
    ]


def _chance(p: float, what: str = "permuted primes") -> str:
    written = apa_p_is(p)
    return f"more than {what} ({written})" if p < 0.05 else f"no more than {what} may ({written})"


def variance_table(study: Study, found: dict[str, Result]) -> pd.DataFrame:
    """Returns the shares of variance (`variance.variance_shares`) of each questionnaire's answers.

    Columns: `model`, `instrument`, `items`, `respondents`, and one for each source. Rounded to four decimals, to which
    the optimiser's result is the same on every machine.
    """
    rows = []
    for name, one in found.items():
        items = one.items[one.items.index.get_level_values("condition") != NO_VALUE].dropna(axis=1, how="all")
        keys = {"model": study.model, "instrument": name, "items": items.shape[1], "respondents": len(items)}
        rows.append(keys | variance.variance_shares(items).round(4).to_dict())
    return pd.DataFrame(rows)


def first_choices(one: Result, how_many: int = 3) -> pd.DataFrame:
    """Returns the behaviours that each value raises most, by name, first to last: values x 1, 2, ….

    A behaviour's score is its mean over wordings and persons minus its mean over all primes.
    """
    scores = one.paired.behavior_side.scores().mean(axis=0)
    order = np.argsort(-(scores - scores.mean(axis=0)), axis=1, kind="stable")[:, :how_many]
    titles = np.array([one.instrument.title_of(s) for s in one.paired.behavior_side.scales])
    return pd.DataFrame(titles[order], index=list(one.paired.conditions), columns=range(1, how_many + 1))


def without_reference(found: dict[str, Result]) -> list[str]:
    """Returns a message for each instrument that no human coefficients are at hand for."""
    human = {n: human_behavior.cells(n)["instrument"].unique() for n in human_behavior.behavior_references()}
    messages = []
    for name in found:
        there = [kind_of(n) for n, covered in human.items() if name in covered]
        if "coefficients" not in there:
            what = {"secondhand": "second-hand coefficients", "signs": "signs"}
            listed = " and ".join(what[k] for k in dict.fromkeys(there)) or "no human result at all"
            messages.append(f"{name}: no human coefficients that can be checked; {listed}.")
    return messages


def survey_panels(study: Study, found: dict[str, Result], reference: str) -> dict[str, pd.DataFrame]:
    """Returns human relations, the model's and their difference for one survey, in the order of the human peaks.

    Raises:
        StudyError: the social survey is not among the results.
    """
    if "social_survey" not in found:
        raise StudyError(
            f"social_survey is not recorded for {study.model}; {reference} has nothing to be compared with."
        )
    cells = human_behavior.cells(reference)
    label = human_behavior.behavior_references()[reference].label
    return _panels(study, found["social_survey"], cells[cells["role"] == "behavior"], label)


def survey_relations(one: Result) -> dict[str, pd.DataFrame]:
    """Returns both surveys' relations by label, as far as the model has the behaviours: behaviours x values each."""
    known, found = human_behavior.behavior_references(), {}
    for name in SURVEYS:
        cells = human_behavior.cells(name)
        cells = cells[(cells["role"] == "behavior") & cells["scale"].isin(one.matrix.index)]
        found[known[name].label] = human_behavior.matrix(cells)
    return found


def theory_panels(study: Study, one: Result) -> dict[str, pd.DataFrame]:
    """Returns the circle's prediction, the model's relations and their difference, in the order of the peaks."""
    return _panels(study, one, human_behavior.theory_cells(one.instrument), "the circle's prediction")


def forest_labels(table: pd.DataFrame) -> pd.Series:
    """Returns how each row of an alignment is written in a figure: questionnaire, reference and scope."""
    titles = {name: instruments.load(name).title.split(",")[0] for name in table["instrument"].unique()}
    scope = table["scope"].map({ALL: "", SHARED: ", behaviours that both surveys have", CHECK: ", check"})
    return table["instrument"].map(titles) + ": " + reference_labels(table["reference"]) + scope


def reference_labels(references: pd.Series) -> pd.Series:
    """Returns how each reference on behaviour is written in figures and tables."""
    known = human_behavior.behavior_references()
    labels = {name: reference.label for name, reference in known.items()} | {human_behavior.THEORY: "theory's circle"}
    return references.map(labels)


def _panels(study: Study, one: Result, cells: pd.DataFrame, title: str) -> dict[str, pd.DataFrame]:
    humans = human_behavior.matrix(cells)
    humans = humans[humans.index.isin(one.matrix.index)]
    start = angles()[CODES[0]]
    turned = (start - agreement.structural_summary(humans)["peak"] + 18.0) % 360.0
    order = turned.sort_values(kind="stable").index
    model = one.matrix.loc[order]
    return {title: humans.loc[order], study.model: model, "difference": model - humans.loc[order]}
