"""How often intervals cover a planted truth, and how often p values reject a true null: the study's own functions.

Two truths are told apart for an interval that draws items: that of scales of the *same length* (other items of the same
kind, as many: what the estimate comes to on average), and the *true scores* (infinitely many items). A finite scale's
correlation is weakened by its unreliability, so the second is covered less.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from lib import paths
from lib.analysis import people
from lib.analysis.alignment import ALL, Alignment, align
from lib.analysis.behavior import relations
from lib.analysis.behavior.relations import Pair, pair
from lib.analysis.population.tables import t_test
from lib.analysis.respondents import CAMPS, without_model
from lib.analysis.structure import evidence as structure
from lib.analysis.study import Study
from lib.materials import instruments
from lib.materials.behavior_references import SURVEYS
from lib.materials.values import CODES, circle
from lib.statistics import circle_order, correlations, fit_to, pairs, protest, square, value_map
from lib.validation.planted import Planted, like

#: Simulated studies for each row: the standard error of a share of .95 is then .013, of .05 likewise.
STUDIES = 300
LEVEL = 0.05
#: What was counted last, which notebooks read: to count anew takes minutes.
RECORDED = paths.RAW / "validation.csv"


@dataclass(frozen=True)
class Row:
    """One check: what share of the simulated studies covers the truth, or rejects a true null at .05."""

    kind: str
    what: str
    truth: str
    studies: int
    share: float

    @property
    def error(self) -> float:
        """Standard error of the share."""
        return float(np.sqrt(self.share * (1 - self.share) / self.studies))


def validation(study: Study, studies: int = STUDIES, report: Callable[[str], None] = print) -> pd.DataFrame:
    """Returns every check as a table: `kind` (coverage, rejection), `what`, `truth`, `studies`, `share`, `error`.

    Args:
        study: whose recorded answers say how variable items, wordings and persons are.
        studies: how many are simulated for each row.
        report: told what is done next.
    """
    rows = []
    for check in (_structure, _behavior, _structure_null, _behavior_null, _camps_null, _order, _differences):
        report(f"{check.__name__.removeprefix('_').replace('_', ' ')} …")
        rows += list(check(study, studies))
    return pd.DataFrame([{**row.__dict__, "error": row.error} for row in rows])


def record(study: Study, studies: int = STUDIES, path: Path = RECORDED) -> Path:
    """Writes the checks to the file that the notebook on validation reads; returns its path."""
    table = validation(study, studies).round(4)
    unfinished = path.with_suffix(".part")
    table.to_csv(unfinished, index=False, lineterminator="\n")
    unfinished.replace(path)
    return path


def _covered(what: str, found: list[Alignment], true_scores: float) -> Iterator[Row]:
    """The share of intervals that hold the estimates' own mean (same length), and the true scores' alignment."""
    estimates = np.array([one.estimate for one in found])
    same = float(np.tanh(np.arctanh(estimates).mean()))
    for truth, value in (("same length", same), ("true scores", true_scores)):
        share = float(np.mean([one.low <= value <= one.high for one in found]))
        yield Row("coverage", what, truth, len(found), share)


def _rejected(what: str, null: str, p: list[float]) -> Row:
    return Row("rejection", what, null, len(p), float(np.mean(np.array(p) <= LEVEL)))


def _drawn(study: Study, source: Planted, use: str, studies: int) -> Iterator[tuple[Study, object]]:
    """Simulated studies, each with streams of its own."""
    for n in range(studies):
        other = replace(study, seed=study.seed + 1 + n)
        yield other, source.draw(other.rng("planted", use))
        structure.orders.cache_clear()
        structure.random_structures.cache_clear()


def _structure(study: Study, studies: int) -> Iterator[Row]:
    source, target = like(study.respondents()), people.sample("structure", study.reference)
    found = [align(structure.evidence(s, group), target) for s, group in _drawn(study, source, "structure", studies)]
    truth = _of_truth(source.truth, target.numbers)
    yield from _covered("value structure, r", found, truth)


def _of_truth(truth: np.ndarray, target: np.ndarray) -> float:
    return float(np.corrcoef(pairs(correlations(truth[None])), target)[0, 1])


def _behavior(study: Study, studies: int) -> Iterator[Row]:
    one = pair(study, instruments.in_role("survey")[0])
    values, behaviors = like(one.value_side), like(one.behavior_side)
    target = next(t for t in _targets(one) if t.reference == SURVEYS[0])
    found = [align(relations.evidence(s, drawn), target) for s, drawn in _pairs(study, values, behaviors, studies)]
    truth = relations.relations(behaviors.truth[None], values.truth[None]).ravel()
    yield from _covered("value and behaviour, r", found, float(np.corrcoef(target.of(truth), target.numbers)[0, 1]))


def _targets(one: Pair) -> list[people.Target]:
    return [t for t in people.behaviors(one.behavior_side.instrument, one.behavior_side.scales) if t.scope == ALL]


def _pairs(study: Study, values: Planted, behaviors: Planted, studies: int) -> Iterator[tuple[Study, Pair]]:
    for other, group in _drawn(study, values, "values", studies):
        yield other, Pair(group, behaviors.draw(other.rng("planted", "behaviours")))
        relations.clear()


def _structure_null(study: Study, studies: int) -> Iterator[Row]:
    """Primes that do nothing in common to a value's items: no structure but that of centring."""
    source, target = like(study.respondents()), people.sample("structure", study.reference)
    empty = replace(source, truth=np.zeros_like(source.truth))
    for_all = list(_drawn(study, empty, "structure null", studies))
    found = [align(structure.evidence(s, group), target) for s, group in for_all]
    yield _rejected("value structure, p by relabelling", "no structure", [one.p for one in found])
    above = [float(one.estimate > one.null_high) for one in found]
    yield Row("above null_high", "value structure, r", "no structure", len(above), float(np.mean(above)))
    theirs = value_map(square(target.numbers) + np.eye(len(CODES)), circle().to_numpy(), study.rng("map")).points
    p = []
    for s, group in for_all:
        ours = value_map(correlations(group.scores()), circle().to_numpy(), s.rng("map"), random_starts=2)
        p.append(protest(fit_to(ours.points, theirs).points, theirs, s.rng("protest"), draws=999))
    yield _rejected("value maps, PROTEST", "no structure", p)


def _camps_null(study: Study, studies: int) -> Iterator[Row]:
    """Respondents who know two camps of values and nothing else, as noisy as the recorded ones."""
    recorded = like(study.respondents())
    camps = without_model(CAMPS, study.questionnaire).scores()[0]
    size = recorded.truth.std() / camps.std()
    source = replace(recorded, truth=camps * size)
    target, p = people.sample("structure", study.reference), []
    for s, group in _drawn(study, source, "camps", studies):
        one = structure.evidence(s, group, controls=structure.controls_of(group, {}))
        p.append(align(one, target, beyond=CAMPS).p)
    yield _rejected("value structure beyond two camps, p", "two camps and nothing else", p)


def _behavior_null(study: Study, studies: int) -> Iterator[Row]:
    """Real values, behaviours whose primes are exchanged."""
    one = pair(study, instruments.in_role("survey")[0])
    values, behaviors = like(one.value_side), like(one.behavior_side)
    target = next(t for t in _targets(one) if t.reference == SURVEYS[0])
    p = []
    for s, drawn in _pairs(study, values, behaviors, studies):
        order = s.rng("exchanged").permutation(len(CODES))
        moved = replace(drawn.behavior_side, items=drawn.behavior_side.items[:, order])
        p.append(align(relations.evidence(s, Pair(drawn.value_side, moved)), target).p)
    yield _rejected("value and behaviour, p by exchanged primes", "no relation", p)


def _order(study: Study, studies: int) -> Iterator[Row]:
    """The order on the circle, of structures without one."""
    source = like(study.respondents())
    empty = replace(source, truth=np.zeros_like(source.truth))
    drawn = _drawn(study, empty, "order", studies)
    p = [circle_order(correlations(group.scores()), s.rng("order"), draws=999).p for s, group in drawn]
    yield _rejected("order on the circle, p", "no structure", p)


def _differences(study: Study, studies: int) -> Iterator[Row]:
    """Two strategies that differ by wording only, around a difference of 0 and of 1 (in SDs over wordings)."""
    rng = study.rng("planted", "differences")
    for truth, what in ((0.0, "no difference"), (1.0, "a difference")):
        single = truth + rng.standard_normal((10 * studies, 4))
        found = [t_test(np.array([row.mean(), *row])) for row in single]
        covered = float(np.mean([one["low"] <= truth <= one["high"] for one in found]))
        yield Row("coverage", "difference of populations, t over four wordings", what, len(found), covered)
        if truth == 0:
            yield _rejected("difference of populations, t over four wordings", what, [one["p"] for one in found])
