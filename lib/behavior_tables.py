"""The tables of value and behaviour: alignment with people, each behaviour's place on the circle."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from lib import agreement, behavior, human_behavior, instruments, overlap, paths, scoring
from lib.errors import StudyError
from lib.instruments import Instrument
from lib.querying import archive
from lib.structure import pearson
from lib.study import Study
from lib.values import CODES, NO_VALUE

#: All behaviours of a reference, or those that the two surveys share.
ALL, SHARED, CHECK = "all", "shared", "check"
#: The two surveys whose shared behaviours set the ceiling.
SURVEYS = ("gss2012_us", "ess9_be")
#: The questionnaires as the paper names them.
PAPER_NAMES = {
    "charity_game": "Paired charity game",
    "everyday_behaviors": "Everyday behavior",
    "bfi2": "Big Five (BFI-2)",
    "donation_causes": "Donation causes",
    "prosocialness": "Prosocialness",
}


@dataclass(frozen=True)
class Result:
    """One questionnaire's relations with the values.

    Attributes:
        instrument: the questionnaire.
        items: respondents x items, as `behavior.centred` gives them.
        paired: the responses they were computed from.
        matrix: behaviours x values.
        drawn: bootstrap draws x behaviour x value.
        null: permutations x behaviour x value.
        lexical: behaviours x values of respondents who go by word overlap; None where that of these primes is not
            recorded.
    """

    instrument: Instrument
    items: pd.DataFrame
    paired: behavior.Paired
    matrix: pd.DataFrame
    drawn: np.ndarray
    null: np.ndarray
    lexical: pd.DataFrame | None


def results(study: Study) -> tuple[dict[str, Result], list[str]]:
    """Returns the relations for every recorded questionnaire of behaviour, and messages about what was left out.

    The behaviour tests are left to their own notebook. A questionnaire that cannot be used is named with the reason and
    the rest goes on.

    Raises:
        StudyError: no questionnaire of behaviour can be used.
    """
    found, messages = {}, []
    for name in instruments.available():
        instrument = instruments.load(name)
        if instrument.kind != "behavior" or name == "behavior_tests":
            continue
        try:
            found[name] = result(study, instrument)
        except StudyError as error:
            messages.append(f"{name} is left out. {error}")
            continue
        if dropped := found[name].paired.dropped:
            messages.append(f"{name}: too few valid answers for {', '.join(dropped)}.")
    if not found:
        raise StudyError("No questionnaire of behaviour can be used. " + " ".join(messages))
    return found, messages


def result(study: Study, instrument: Instrument) -> Result:
    """Returns one questionnaire's relations with the value scores of the study's value questionnaire.

    Raises:
        StudyError: no recorded answers, or none that can be paired.
    """
    answers = archive.read(study.model, instrument.id, study.mode)
    items = scoring.item_responses(answers[answers["induction"].isin([study.induction, NO_VALUE])], instrument)
    fallback = study.items().mean(axis=1) if study.mode == "likelihood" else None
    paired = behavior.pair(study.items(), study.questionnaire, items, instrument, fallback)
    return Result(
        instrument,
        behavior.centred(items, instrument, fallback),
        paired,
        behavior.matrix(paired),
        behavior.bootstrapped(paired, study.seed),
        behavior.permuted(paired, study.seed),
        _lexical(study, items, instrument),
    )


def _lexical(study: Study, items: pd.DataFrame, instrument: Instrument) -> pd.DataFrame | None:
    """The model's values with the behaviour of respondents who compare the letters of prime and statement."""
    primed = items.index[items.index.get_level_values("condition") != NO_VALUE]
    if not overlap.recorded(instrument, primed):
        return None
    fallback = overlap.items(instruments.load("open_portraits"), "characters", primed).mean(axis=1)
    lexical = overlap.items(instrument, "characters", primed)
    return behavior.matrix(behavior.pair(study.items(), study.questionnaire, lexical, instrument, fallback))


def targets(instrument: Instrument) -> dict[tuple[str, str], pd.DataFrame]:
    """Returns what an instrument is compared with: (reference, scope) → cells (`human_behavior.cells`).

    Scopes: `all` behaviours of the reference; `shared`, those both surveys have (with a human ceiling); `check`, what
    is no behaviour. References without a cell for this instrument are left out.
    """
    found = {}
    common = set(human_behavior.shared()["scale"])
    for name in human_behavior.behavior_references():
        table = human_behavior.cells(name)
        table = table[table["instrument"] == instrument.id]
        is_behavior = table["role"] == "behavior"
        found[name, ALL] = table[is_behavior]
        found[name, CHECK] = table[~is_behavior]
        if name in SURVEYS:
            found[name, SHARED] = table[is_behavior & table["scale"].isin(common)]
    found[human_behavior.THEORY, ALL] = human_behavior.theory_cells(instrument)
    return {key: table for key, table in found.items() if len(table)}


def measures_for(reference: str) -> tuple[str, ...]:
    """Returns the measures that a reference allows: signs only, the pattern (theory), or all of them."""
    if reference == human_behavior.THEORY:
        return ("pearson", "spearman", "sign")
    kind = human_behavior.behavior_references()[reference].kind
    return ("sign",) if kind == "signs" else agreement.MEASURES


def behavior_alignment(study: Study, found: dict[str, Result]) -> pd.DataFrame:
    """Returns how far the model's relations agree with people's, for each instrument x reference x scope x measure.

    Columns: `model`, `values`, `mode`, `induction`, `instrument`, `reference`, `kind` (of the reference), `scope`,
    `measure`, `estimate`; `low`, `high`: 95 % interval by bootstrap over items, wordings and persons
    (`agreement.interval`); `p`: one-sided, by permutation of the conditions; `p_holm`: over all comparisons by that
    measure (Holm);
    `n_cells`, `n_behaviors`, `n_respondents`; `null_mean`, `null_edge`: mean of the permutations and the 97.5 %
    quantile in the direction of agreement; `ceiling`: the same measure between the two surveys (scope `shared`);
    `lexical`: the same measure of respondents who go by word overlap; `paper`: the average over seven models that the
    paper is said to report (second-hand), as r.
    """
    keys = {"model": study.model, "values": study.instrument, "mode": study.mode, "induction": study.induction}
    limits, rows = ceilings(), []
    for name, one in found.items():
        for (reference, scope), cells in targets(one.instrument).items():
            rows += [keys | {"instrument": name} | row for row in _alignment_rows(one, reference, scope, cells, limits)]
    table = pd.DataFrame(rows)
    table["p_holm"] = table.groupby("measure")["p"].transform(agreement.holm)
    return table


def _alignment_rows(
    one: Result, reference: str, scope: str, cells: pd.DataFrame, limits: Mapping[str, float]
) -> Iterator[dict]:
    cells = cells[cells["scale"].isin(one.matrix.index)].drop_duplicates(["scale", "value"])
    for name in measures_for(reference):
        human = cells["sign" if name == "sign" else "r"].to_numpy(float)
        null = agreement.measure(name, _at(one.null, one, cells), human)
        drawn = agreement.measure(name, _at(one.drawn, one, cells), human)
        observed = float(agreement.measure(name, _at(one.matrix.to_numpy()[None], one, cells), human)[0])
        low, high = agreement.interval(name, observed, drawn)
        lexical = None if one.lexical is None else one.lexical.to_numpy()[None]
        yield {
            "reference": reference,
            "kind": kind_of(reference),
            "scope": scope,
            "measure": name,
            "estimate": observed,
            "low": low,
            "high": high,
            "p": agreement.p_value(name, observed, null),
            "n_cells": len(cells),
            "n_behaviors": cells["scale"].nunique(),
            "n_respondents": one.paired.respondents,
            "null_mean": null.mean(),
            "null_edge": np.quantile(null, 0.025 if name == "rmse_z" else 0.975),
            "ceiling": limits[name] if scope == SHARED else np.nan,
            "lexical": np.nan
            if lexical is None
            else float(agreement.measure(name, _at(lexical, one, cells), human)[0]),
            "paper": paper_reported(one.instrument.id) if name == "pearson" and scope == ALL else np.nan,
        }


def _at(stack: np.ndarray, one: Result, cells: pd.DataFrame) -> np.ndarray:
    """The cells of a stack of matrices: draws x cells."""
    rows = [one.matrix.index.get_loc(s) for s in cells["scale"]]
    return stack[:, rows, [CODES.index(v) for v in cells["value"]]]


def kind_of(reference: str) -> str:
    """Returns what a reference gives: coefficients, secondhand, signs, or theory."""
    if reference == human_behavior.THEORY:
        return "theory"
    return human_behavior.behavior_references()[reference].kind


@cache
def ceilings() -> Mapping[str, float]:
    """Returns how far the two surveys agree over the cells of the behaviours that both have, by each measure."""
    scales = human_behavior.shared()["scale"]
    one, two = (human_behavior.matrix(human_behavior.cells(n)).loc[scales].to_numpy().ravel() for n in SURVEYS)
    return {name: float(agreement.measure(name, two[None], one)[0]) for name in agreement.MEASURES}


def paper_reported(instrument_id: str) -> float:
    """Returns the paper's figure for a questionnaire as a correlation, NaN where there is none; second-hand."""
    table = pd.read_csv(paths.RAW / "paper_reported.csv").query("table == 'value_behavior'").set_index("item")
    return float(table["value_percent"].get(PAPER_NAMES.get(instrument_id, ""), np.nan)) / 100


def behavior_profiles(study: Study, found: dict[str, Result]) -> pd.DataFrame:
    """Returns each behaviour's place on the circle, model and people, one row for each behaviour x reference.

    Columns: `model`, `instrument`, `scale`, `title`, `reference`, `scope` (all, or check), `r` (Pearson over the ten
    values), `p` (one-sided, by permutation), `q` (false discovery rate over the behaviours of one reference,
    Benjamini-Hochberg); of either profile (`model_`, `human_`) `amplitude`, `peak` (degrees), `fit`, `value` (nearest
    to the peak); `distance` of the peaks, 0 to 180 degrees (90 by chance). References without all ten
    values are left out.
    """
    rows = []
    for name, one in found.items():
        summary = agreement.structural_summary(one.matrix)
        for (reference, scope), cells in targets(one.instrument).items():
            if scope == SHARED:
                continue
            humans = human_behavior.matrix(cells).dropna()
            humans = humans[humans.index.isin(one.matrix.index)]
            keys = {"model": study.model, "instrument": name, "reference": reference, "scope": scope}
            rows += [keys | row for row in _profile_rows(one, summary, humans)]
    table = pd.DataFrame(rows)
    family = table.groupby(["instrument", "reference", "scope"])["p"]
    return table.assign(q=family.transform(lambda p: multipletests(p, method="fdr_bh")[1]))


def _profile_rows(one: Result, summary: pd.DataFrame, humans: pd.DataFrame) -> Iterator[dict]:
    places = agreement.structural_summary(humans) if len(humans) else humans
    for scale in humans.index:
        here, human = one.matrix.index.get_loc(scale), humans.loc[scale].to_numpy()
        r = float(pearson(one.matrix.loc[scale].to_numpy(), human))
        row = {"scale": scale, "title": one.instrument.title_of(scale), "r": r}
        row["p"] = agreement.p_value("pearson", r, pearson(one.null[:, here], human))
        for side, place in (("model", summary.loc[scale]), ("human", places.loc[scale])):
            row |= {f"{side}_{c}": place[c] for c in ("amplitude", "peak", "fit", "value")}
        yield row | {"distance": float(agreement.angular_distance(row["model_peak"], row["human_peak"]))}
