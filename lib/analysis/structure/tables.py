"""The other tables of value structure: did each prime take, is it a circle, is a plane enough, how do maps compare?"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from lib.analysis import people, scoring
from lib.analysis.alignment import ALL
from lib.analysis.respondents import Respondents
from lib.analysis.structure.alignments import usable
from lib.analysis.structure.evidence import STRUCTURE, random_structures
from lib.analysis.study import Study
from lib.materials.values import CODES, angles, circle
from lib.statistics import (
    ValueMap,
    axis_shares,
    by_steps,
    circle_order,
    correlations,
    fit_to,
    permuted_stress,
    protest,
    square,
    value_map,
)

#: An ordinal map that fits so well has collapsed into two camps, which can always be drawn without error.
DEGENERATE = 0.001


def induction_ranks(study: Study) -> pd.DataFrame:
    """Returns how each value's own items fare under its own prime, for all that is recorded of the study's model.

    One row for each instrument x mode x induction x wording (and `all`) x value. Columns: `lift` (centred, in the
    response's unit, see `scoring.lifts`; persons averaged), `rank` of the value's own items among the ten values by
    that lift (1 best), `took` (in how many of the `n` wording x person cells the rank is 1) and `n`.
    """
    rows = []
    for one in study.of_values():
        for name, group in usable(one).items():
            keys = {"model": one.model, "instrument": one.instrument, "mode": one.mode, "induction": name}
            for wording, part in _by_wording(group):
                rows += [{**keys, "wording": wording, **row} for row in _own_rows(scoring.lifts(part))]
    return pd.DataFrame(rows)


def _by_wording(group: Respondents) -> Iterator[tuple[str, Respondents]]:
    """All wordings together, then each alone."""
    yield ALL, group
    wordings = group.cells.get_level_values("wording")
    for wording in dict.fromkeys(wordings):
        yield wording, group.within(group.cells[wordings == wording])


def _own_rows(lift: np.ndarray) -> Iterator[dict]:
    mean, ranks = lift.mean(axis=0), scoring.own_ranks(lift)
    own, took = scoring.own_ranks(mean), (ranks == 1).sum(axis=0)
    for i, code in enumerate(CODES):
        yield {"value": code, "lift": mean[i, i], "rank": int(own[i]), "took": int(took[i]), "n": len(ranks)}


def mean_lifts(group: Respondents) -> pd.DataFrame:
    """Returns what each prime raises over all cells: conditions x values, in the response's unit."""
    return pd.DataFrame(scoring.lifts(group).mean(axis=0), index=list(group.conditions), columns=list(group.scales))


def matrix(structure: np.ndarray) -> pd.DataFrame:
    """Returns a 10 x 10 array as a table with the values' codes."""
    return pd.DataFrame(structure, index=list(CODES), columns=list(CODES))


def order_tests(study: Study, matrices: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Returns the circle-order test of each correlation matrix: `sample`, `ci`, `agreements`, `predictions`, `p`."""
    found = {name: circle_order(m, study.rng("circle order", name)) for name, m in matrices.items()}
    return pd.DataFrame([{"sample": name, **order._asdict()} for name, order in found.items()])


def study_map(study: Study, correlations_: np.ndarray, name: str, ordinal: bool = False) -> ValueMap:
    """Returns the two-dimensional map of a correlation matrix; `name` tells its random starts from others'."""
    rng = study.rng("map starts", name, "ordinal" if ordinal else "metric")
    return value_map(correlations_, circle().to_numpy(), rng, ordinal)


def stress_tests(study: Study, matrices: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Returns each matrix's Stress-1 in two dimensions against that of the same dissimilarities in random places.

    Columns: `sample`, `scaling` (metric, ordinal), `stress`, `start` (of the best map), `permuted_mean`,
    `permuted_low` (5 % quantile: a stress below it is better than chance at p < .05), `degenerate`: yes for a map that
    fits without error because it has collapsed, which says nothing of the structure.
    """
    rows = []
    for name, correlation in matrices.items():
        for scaling in ("metric", "ordinal"):
            found = study_map(study, correlation, name, scaling == "ordinal")
            chance = permuted_stress(correlation, scaling == "ordinal", study.rng("permuted stress", name, scaling))
            degenerate = found.stress < DEGENERATE
            # What is left of a collapsed map's stress is rounding, which hangs on the processor.
            row = {"sample": name, "scaling": scaling, "stress": 0.0 if degenerate else found.stress}
            row["start"] = found.start
            row |= {"permuted_mean": chance.mean(), "permuted_low": np.quantile(chance, 0.05)}
            rows.append(row | {"degenerate": "yes" if degenerate else "no"})
    return pd.DataFrame(rows)


def map_fits(study: Study) -> pd.DataFrame:
    """Returns how well the map of each recorded induction fits the map of each human sample after Procrustes.

    One row for each instrument x mode x induction x reference, all wordings. Columns: `stress` (Stress-1 of the model's
    map), `congruence` (cosine of the two maps' distances), `m2` (Procrustes disparity), `protest_p`.
    """
    targets = {
        t.reference: study_map(study, square(t.numbers) + np.eye(len(CODES)), t.reference).points
        for t in people.samples(STRUCTURE)
    }
    rows = []
    for one in study.of_values():
        for name, group in usable(one).items():
            keys = {"model": one.model, "instrument": one.instrument, "mode": one.mode, "induction": name}
            found = study_map(study, correlations(group.scores()), "/".join(keys.values()))
            for reference, target in targets.items():
                fit = fit_to(found.points, target)
                row = {"reference": reference, "stress": found.stress, "congruence": fit.congruence, "m2": fit.m2}
                row["protest_p"] = protest(found.points, target, study.rng("protest", reference, *keys.values()))
                rows.append(keys | row)
    return pd.DataFrame(rows)


def circle_axes(study: Study, matrices: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Returns how much of the variance of the ten values lies along the circle's two axes (`statistics.axis_shares`).

    The first axis is that of the two camps, personal against social focus, from hedonism to the values opposite; the
    second is perpendicular to it, from values that expand to values that protect (universalism, self-direction against
    power, security). Columns: `sample`, `kind` (model, people), `first`, `second`, `ratio` (second / first: 1 on a
    circle), `null_low`, `null_high`: 2.5 and 97.5 % quantiles of `second` for as many respondents who answer at random.
    """
    turn = angles()
    group = study.respondents()
    random = random_structures(study.seed, study.instrument, STRUCTURE, len(group.cells), len(group.conditions))
    share = [axis_shares(square(r) + np.eye(len(CODES)), turn.to_numpy(), turn["HE"])[1] for r in random]
    low, high = np.quantile(share, [0.025, 0.975])
    rows = []
    for name, matrix_ in matrices.items():
        first, second = axis_shares(matrix_, turn.to_numpy(), turn["HE"])
        row = {"sample": name, "kind": "model" if name == study.model else "people"}
        row |= {"first": first, "second": second, "ratio": second / first}
        rows.append(row | {"null_low": low, "null_high": high})
    return pd.DataFrame(rows)


def distance_profiles(models: Mapping[str, np.ndarray], humans: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Returns the mean correlation by steps on the circle: `sample`, `kind` (model, human), `steps`, `r`."""
    rows = [
        {"sample": name, "kind": kind, "steps": step, "r": r}
        for kind, matrices in (("model", models), ("human", humans))
        for name, correlation in matrices.items()
        for step, r in enumerate(by_steps(correlation), start=1)
    ]
    return pd.DataFrame(rows)
