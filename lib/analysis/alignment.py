"""Alignment: what respondents show, laid beside what people show. The study's central word, in its one form.

**Evidence** is what one kind of respondents shows, as plain numbers (45 correlations of values, relations of behaviours
with values, ten mean scores), with the same numbers under resampling and under chance. A **target** is what one human
result says of them. `align` makes an **alignment** of the two by a measure: estimate, interval, p, null, ceiling.
Whatever answered (an induction, the unprimed model, word overlap, random answers, a population, people), this is the
one way it is compared, and `table` the one schema.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.statistics import MEASURES, Measure, holm, interval, p_value, relabelled, residuals

#: The rows that pool all wordings; all cells that a source has, or those that all inductions have in common.
ALL, COMMON = "all", "common"
#: A relabelled prime is keyed by the value whose definition it carries.
BY_DEFINITION = "shuffled, by definition"
#: What is taken out of both sides before they are compared: nothing, or one who goes by it.
BEYOND: Mapping[str, tuple[str, ...]] = {
    "": (),
    "words": ("words",),
    "embedding": ("embedding",),
    "two camps": ("two camps",),
    "all": ("characters", "words", "embedding", "two camps"),
}
#: Scopes of a comparison with relations on behaviour: all that a reference has, those both surveys have, no behaviours.
SHARED, CHECK = "shared", "check"
#: One family of p values: the questionnaires, references and scopes that a source is compared on in one way.
_FAMILY = ["model", "mode", "side", "source", "prime", "cells", "wording", "measure", "beyond"]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What one kind of respondents shows.

    Attributes:
        side: what the numbers are: `structure`, `primes`, `behavior`, `behavior by prime`, `behavior tests`,
            `hierarchy`, `spread`, `distribution`.
        keys: model, mode, instrument, source, prime, wording, cells.
        n_respondents: how many.
        numbers: n.
        drawn: bootstrap draws x n; None where there is nothing to draw.
        covers: what the draws draw.
        orders: for the pairs of a matrix, relabellings (draws x size); what chance is for them.
        exchanged: for relations of values and behaviours, draws x n under exchanged conditions; likewise.
        random: draws x n, as many respondents who answer at random.
        controls: what is at hand to be taken out → its numbers (n, or k x n where it is more than one).
    """

    side: str
    keys: Mapping[str, str]
    n_respondents: int
    numbers: np.ndarray
    drawn: np.ndarray | None = None
    covers: str = ""
    orders: np.ndarray | None = None
    exchanged: np.ndarray | None = None
    random: np.ndarray | None = None
    controls: Mapping[str, np.ndarray] = field(default_factory=dict)

    @cached_property
    def left(self) -> dict[str, "_Left"]:
        """What is left beyond each of `BEYOND`, as far as it was asked for."""
        return {}


@dataclass(frozen=True, eq=False)
class Target:
    """What a human result says.

    Attributes:
        reference: its id.
        kind: portrait or other (samples), coefficients, secondhand, signs, theory.
        numbers: n.
        scope: which part of the reference it is; `all` where there are no parts.
        places: where among the evidence's numbers the target's stand; None where it has all of them in order.
        others: samples x n, the human samples whose agreement with this one is the ceiling.
        measures: what can be measured against it.
    """

    reference: str
    kind: str
    numbers: np.ndarray
    scope: str = ALL
    places: np.ndarray | None = None
    others: np.ndarray | None = None
    measures: tuple[str, ...] = ("pearson", "spearman", "rmse")

    def of(self, stack: np.ndarray) -> np.ndarray:
        """Returns those of the evidence's numbers that the target speaks of (… x n)."""
        return stack if self.places is None else stack[..., self.places]


@dataclass(frozen=True)
class Alignment:
    """One kind of respondents held against one human result by one measure: a row of every table of alignments.

    Attributes:
        model, mode: what was asked and how.
        side, instrument: what is compared (`Evidence.side`), and the questionnaire behind it.
        source, prime: what answered, and the induction that primed it (empty where none did).
        wording: `all`, or the only one.
        cells: wordings and persons: `all` of the source, or those `common` to all inductions.
        reference, kind, scope: the human result, see `Target`.
        measure: see `statistics.MEASURES`.
        beyond: what was taken out of both sides first; empty where nothing was.
        n_respondents, n_numbers: respondents, and numbers compared.
        estimate, low, high: the measure with its 95 % interval; NaN where there are too few cells for one.
        covers: what the interval draws.
        p, p_holm: one-sided, by permutation (the source's conditions or values change places); Holm over the
            questionnaires, references and scopes that the source is compared on by this measure (nulls claim nothing
            and have none).
        null_low, null_high: 2.5 and 97.5 % quantile of as many respondents who answer at random.
        ceiling: mean of other human samples by the same measure, beyond the same.
    """

    model: str
    mode: str
    side: str
    instrument: str
    source: str
    prime: str
    wording: str
    cells: str
    reference: str
    kind: str
    scope: str
    measure: str
    beyond: str
    n_respondents: int
    n_numbers: int
    estimate: float
    low: float
    high: float
    covers: str
    p: float
    p_holm: float
    null_low: float
    null_high: float
    ceiling: float


def align(evidence: Evidence, target: Target, measure: str = "pearson", beyond: str = "") -> Alignment:
    """Returns the alignment of respondents with a human result.

    With `beyond`, what least squares on the controls explains is taken out of both sides first, so that Pearson's r is
    the partial correlation; its p is that of the partial Mantel test with relabelled residuals (Legendre 2000, *Journal
    of Statistical Computation and Simulation* 67:37-73) for matrices, and of exchanged conditions, treated alike, for
    relations. NaN where the controls leave nothing.

    Args:
        evidence: what the respondents show.
        target: what people show.
        measure: one of `statistics.MEASURES`.
        beyond: one of `BEYOND`; controls that the evidence does not have (primes that share all their words) explain
            nothing.
    """
    ours, by = _left(evidence, target, beyond), MEASURES[measure]
    theirs, others = _people(evidence, target, beyond)
    estimate = float("nan") if ours.explained else float(by.of(ours.numbers, theirs))
    low = high = np.nan
    if ours.drawn is not None:
        low, high = interval(by, estimate, by.of(ours.drawn, theirs))
    tested = by.tested and ours.chance is not None
    return Alignment(
        **_keys(evidence, target, measure, beyond),
        estimate=estimate,
        low=low,
        high=high,
        covers=evidence.covers if np.isfinite(low) else "",
        p=p_value(estimate, by.of(ours.chance, theirs), by.smaller) if tested else np.nan,
        p_holm=np.nan,
        **_band(ours.random, theirs, by),
        ceiling=by.mean(by.of(others, theirs)) if len(others) else np.nan,
    )


def at_random(evidence: Evidence, target: Target, source: str) -> Alignment:
    """Returns the row of random answers: their mean alignment, in the band that 95 % of them lie in."""
    by, drawn = MEASURES["pearson"], target.of(evidence.random)
    theirs, others = _people(evidence, target, "")
    keys = _keys(evidence, target, by.name, "") | {"source": source, "prime": "", "covers": ""}
    none = dict.fromkeys(("low", "high", "p", "p_holm"), np.nan)
    estimate = float(by.of(drawn, theirs).mean())
    ceiling = by.mean(by.of(others, theirs)) if len(others) else np.nan
    return Alignment(**keys, estimate=estimate, **none, **_band(drawn, theirs, by), ceiling=ceiling)


class _Left(NamedTuple):
    """What the controls leave of the evidence; `chance` is what permutation makes of it."""

    numbers: np.ndarray
    drawn: np.ndarray | None
    chance: np.ndarray | None
    random: np.ndarray | None
    explained: bool


def _left(evidence: Evidence, target: Target, beyond: str) -> _Left:
    # The same for all targets that speak of all numbers; those are many.
    if target.places is not None:
        return _taken_out(evidence, target, beyond)
    if beyond not in evidence.left:
        evidence.left[beyond] = _taken_out(evidence, target, beyond)
    return evidence.left[beyond]


def _taken_out(evidence: Evidence, target: Target, beyond: str) -> _Left:
    known = _controls(evidence, target, beyond)

    def left(numbers: np.ndarray | None) -> np.ndarray | None:
        return None if numbers is None else residuals(target.of(numbers), known) if known else target.of(numbers)

    numbers = left(evidence.numbers)
    explained = known and np.linalg.norm(numbers) < 1e-9 * max(1.0, float(np.linalg.norm(evidence.numbers)))
    # Of a matrix, what the controls leave changes places, and they are taken out again.
    moved = evidence.exchanged if evidence.orders is None else relabelled(numbers, evidence.orders)
    return _Left(numbers, left(evidence.drawn), left(moved), left(evidence.random), bool(explained))


def _controls(evidence: Evidence, target: Target, beyond: str) -> list[np.ndarray]:
    return [target.of(evidence.controls[c]) for c in BEYOND[beyond] if c in evidence.controls]


def _people(evidence: Evidence, target: Target, beyond: str) -> tuple[np.ndarray, np.ndarray]:
    """The target's numbers and those of the samples that set its ceiling, the controls taken out."""
    known = _controls(evidence, target, beyond)
    others = target.numbers[None][:0] if target.others is None else target.others
    return (residuals(target.numbers, known), residuals(others, known)) if known else (target.numbers, others)


def _band(random: np.ndarray | None, theirs: np.ndarray, by: Measure) -> dict[str, float]:
    ends = (np.nan, np.nan) if random is None else np.quantile(by.of(random, theirs), [0.025, 0.975])
    return dict(zip(("null_low", "null_high"), map(float, ends), strict=True))


def _keys(evidence: Evidence, target: Target, measure: str, beyond: str) -> dict:
    return {
        **evidence.keys,
        "side": evidence.side,
        "reference": target.reference,
        "kind": target.kind,
        "scope": target.scope,
        "measure": measure,
        "beyond": beyond,
        "n_respondents": evidence.n_respondents,
        "n_numbers": len(target.numbers),
    }


def table(alignments: Iterable[Alignment]) -> pd.DataFrame:
    """Returns alignments as a table, one row each, columns as `Alignment` has them, with `p_holm` filled in."""
    rows = pd.DataFrame([asdict(one) for one in alignments], columns=[f.name for f in fields(Alignment)])
    tested = rows["prime"] == rows["source"].where(rows["source"] != BY_DEFINITION, "shuffled")
    families = [*(rows[column] for column in _FAMILY), rows["scope"] == CHECK]
    p = rows["p"].where(tested & (rows["prime"] != ""))
    return rows.assign(p_holm=p.groupby(families, sort=False).transform(holm))


def chosen(table: pd.DataFrame, **keys: str | Iterable[str]) -> pd.DataFrame:
    """Returns the rows of a table of alignments that have these keys.

    All wordings, Pearson's r and nothing taken out, unless told otherwise; a key may be several, as a list.
    """
    wanted = {"wording": ALL, "measure": "pearson", "beyond": ""} | keys
    kept = pd.Series(True, index=table.index)
    for column, value in wanted.items():
        kept &= table[column].isin([value] if isinstance(value, str) else list(value))
    return table[kept]


def compared(table: pd.DataFrame) -> pd.DataFrame:
    """Returns the rows in which inductions are compared on the same cells: `common` ones where a source has more."""
    same = [f.name for f in fields(Alignment)][: list(Alignment.__dataclass_fields__).index("n_respondents")]
    same.remove("cells")
    has_common = (table["cells"] == COMMON).groupby([table[c] for c in same]).transform("any")
    return table[(table["cells"] == COMMON) | ~has_common]
