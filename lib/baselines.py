"""What induction buys: every way to put a value, and every null, through the same analysis of value structure.

**Baselines.** The inductions (`definition`, `name` and the ablations `persona`, `scores`, `shuffled`); `none`, the
unprimed model, whose respondents are its answers in each wording and person; `random` answers; the word-overlap
respondents `words`, `characters` and `embedding` (`overlap`); and `own value`, who raises the items of the own value
and nothing else.

**Two structures.** `values`: correlations of the values over primes, what the rest of the study calls value structure.
It does not know what a prime is called: were every prime given another's text, it would come out the same. `primes`:
correlations of the primes over values (`structure.prime_structure`), whose rows are named by what the prime was called.
There the induction `shuffled` tells what the model follows: keyed by name, or by whose definition it carries
(`shuffled, by definition`). A model that follows the one has, keyed by the other, the alignment `expected`: that of
the human matrix, relabelled by `prompting.SHUFFLED`, with itself.

`behavior_baselines` does the same for relations of value and behaviour.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import pandas as pd

from lib import agreement, human, instruments, overlap, prompting, scoring, structure
from lib.errors import StudyError
from lib.instruments import Instrument
from lib.querying import archive
from lib.structure import cells_to_correlation, pairs, pearson, prime_structure
from lib.study import Study
from lib.values import CODES, NO_VALUE

VALUES, PRIMES = "values", "primes"
STRUCTURES: dict[str, Callable[..., np.ndarray]] = {VALUES: cells_to_correlation, PRIMES: prime_structure}
#: Cells (wording, person) that all inductions have, or all that the one has.
COMMON, EVERY = "common", "all"
RANDOM, OWN, UNPRIMED = "random", "own value", NO_VALUE
BY_DEFINITION = "shuffled, by definition"
#: What is taken out of an alignment: the words, the embeddings, or all three measures of overlap.
CONTROLS = {"words": ("words",), "embedding": ("embedding",), "all": overlap.MEASURES}
_FAMILY = ["side", "instrument", "behaviors", "cells", "of"]


@dataclass(frozen=True)
class Group:
    """Respondents of one kind: what they are called, whose primes they read, and their scores.

    Attributes:
        baseline: their name in the table.
        prime: the induction that primed them; empty where there was none.
        scores: cell x condition x value, centred.
        cells: wordings and persons; None where there is nothing to draw an interval from.
        controls: measure → scores of those who go by word overlap with the same primes.
        of: the structure that is looked at, of the values or of the primes.
        shuffled: whether the primes bear the name of one value and the definition of another, so that an alignment is
            expected of the name that the model does not follow.
    """

    baseline: str
    prime: str
    scores: np.ndarray
    cells: pd.MultiIndex | None = None
    controls: dict[str, np.ndarray] = field(default_factory=dict)
    of: str = VALUES
    shuffled: bool = False

    @property
    def respondents(self) -> int:
        """How many there are."""
        return self.scores.shape[0] * self.scores.shape[1]


def baselines(study: Study) -> pd.DataFrame:
    """Returns the alignment of every baseline's value structure with every human sample.

    One row for each questionnaire of values recorded in the study's mode x `cells` (`common` to all inductions, and
    `all` where an induction has more) x `of` (values, primes) x baseline x reference. Columns:

    * `r`, with its 95 % interval `low`, `high` over wordings and persons (NaN where there are none); `p` of Mantel's
      test.
    * `n_respondents`; `null_low`, `null_high`: 2.5 and 97.5 % quantiles of as many respondents who answer at random;
      `ceiling`: human-human agreement, and `share_of_ceiling`.
    * `expected`, where theory gives it: of random answers, the alignment of `structure.random_structure`, which
      centring alone brings about and which ever more random respondents come to; of `shuffled`, see the module's text.
    * `partial_words`, `partial_embedding`, `partial_all`: what is left of `r` when the overlap of the same primes is
      taken out, each with its p (`r` itself where primes differ in no such overlap).

    `corrected` adds what multiple comparisons leave of p.

    Raises:
        StudyError: nothing recorded in this mode, or no induction with a whole cell.
    """
    names = [n for n, m in archive.recorded(study.model) if m == study.mode and instruments.load(n).kind == "values"]
    rows = [row for name in names for row in structure_rows(replace(study, instrument=name))]
    if not rows:
        raise StudyError(f"{study.model} has no questionnaire of values recorded in the mode {study.mode}.")
    return pd.DataFrame(rows)


def corrected(table: pd.DataFrame) -> pd.DataFrame:
    """Returns a table of baselines with each p corrected (`p_holm`, `partial_all_p_holm`, …): Holm within a family.

    A family is all inductions against all human samples, on the same questionnaire, behaviours, cells and structure.
    Nulls claim nothing, so they have no corrected p.
    """
    tested = table["prime"] == table["baseline"].where(table["baseline"] != BY_DEFINITION, "shuffled")
    names = ("p", *(f"partial_{control}_p" for control in CONTROLS))
    p = {f"{name}_holm": table[name].where(tested) for name in names}
    families = [table[column] for column in _FAMILY]
    return table.assign(
        **{name: column.groupby(families, sort=False).transform(agreement.holm) for name, column in p.items()}
    )


def whole_cells(items: pd.DataFrame) -> pd.MultiIndex:
    """Returns the wordings and persons in which every condition has a valid answer to every item."""
    primed = items[items.index.get_level_values("condition") != NO_VALUE].dropna()
    counts = primed.groupby(level=["wording", "person"]).size()
    return counts.index[counts == len(CODES)]


def in_cells(items: pd.DataFrame, cells: pd.MultiIndex) -> pd.DataFrame:
    """Returns the primed respondents of some wordings and persons."""
    primed = items[items.index.get_level_values("condition") != NO_VALUE]
    return primed[primed.index.droplevel(["induction", "condition"]).isin(cells)]


def chosen_cells(tables: dict[str, pd.DataFrame]) -> dict[str, dict[str, pd.MultiIndex]]:
    """Returns which cells each induction is compared on: `common` → induction → cells, and `all` where there are more.

    Raises:
        StudyError: no induction has a whole cell.
    """
    own = {name: cells for name, items in tables.items() if len(cells := whole_cells(items))}
    if not own:
        raise StudyError("No induction has a wording and person in which every condition was answered.")
    common = next(iter(own.values()))
    for cells in own.values():
        common = common.intersection(cells)
    if not len(common):
        raise StudyError(f"The inductions {', '.join(own)} share no wording and person; ask them under the same ones.")
    more = {name: cells for name, cells in own.items() if len(cells) > len(common)}
    return {COMMON: dict.fromkeys(own, common)} | ({EVERY: more} if more else {})


def induced(study: Study) -> dict[str, pd.DataFrame]:
    """Returns the item responses of every recorded induction, without the unprimed respondents."""
    recorded = study.answers["induction"].unique()
    return {i: study.items(i) for i in prompting.inductions() if i in recorded}


def structure_rows(study: Study) -> Iterator[dict]:
    """Yields the rows of one questionnaire of values (`baselines`)."""
    tables = induced(study)
    for scope, cells in chosen_cells(tables).items():
        groups = [g for i, chosen in cells.items() for g in _induction(study, i, in_cells(tables[i], chosen))]
        groups += _unprimed(study, next(iter(cells.values())) if scope == COMMON else None)
        if scope == COMMON:
            groups.append(Group(OWN, "", _scores(own_items(study.questionnaire), study.questionnaire)[0]))
        largest = max(len(g.scores) for g in groups)
        for reference in human.references():
            target, ceiling = human.structure(reference).to_numpy(), human.ceiling(reference)
            for group in groups:
                yield _keys(study, scope, reference, group) | _row(study, group, target, ceiling)
            random = Group(RANDOM, "", np.empty((largest, len(CODES), 0)))
            yield _keys(study, scope, reference, random) | _random_row(study, random, target, ceiling)


def _scores(items: pd.DataFrame, instrument: Instrument) -> tuple[np.ndarray, pd.MultiIndex]:
    return scoring.by_cell(scoring.value_scores(items, instrument))


def _induction(study: Study, induction: str, items: pd.DataFrame) -> Iterator[Group]:
    """The respondents of one induction by either structure, and those who go by the words of its primes."""
    instrument = study.questionnaire
    scores, cells = _scores(items, instrument)
    lexical = {m: _scores(overlap.items(instrument, m, items.index), instrument)[0] for m in overlap.MEASURES}
    lexical = {m: table for m, table in lexical.items() if varies(table)}
    for of in STRUCTURES:
        shuffled = induction == "shuffled" and of == PRIMES
        yield Group(induction, induction, scores, cells, lexical, of, shuffled)
        if shuffled:
            turned = {m: relabelled_columns(table) for m, table in lexical.items()}
            yield Group(BY_DEFINITION, induction, relabelled_columns(scores), cells, turned, of, shuffled)
    for measure, table in lexical.items():
        yield Group(measure, induction, table, cells)


def varies(scores: np.ndarray) -> bool:
    """Returns whether scores (cell x condition x any) tell one prime from another.

    The induction `scores` has the same words in every prime: who goes by words cannot tell them apart.
    """
    return bool(np.ptp(scores, axis=1).max() > 1e-9)


def relabelled(matrix: np.ndarray) -> np.ndarray:
    """Returns a 10 x 10 matrix as it is when each value's place is taken by the one whose definition it is lent."""
    lent = [CODES.index(prompting.SHUFFLED[code]) for code in CODES]
    return matrix[np.ix_(lent, lent)]


def relabelled_columns(table: np.ndarray) -> np.ndarray:
    """Returns a table whose ten columns are primes named by value, named by whose definition they carry instead."""
    lent = [CODES.index(prompting.SHUFFLED[code]) for code in CODES]
    return table[:, np.argsort(lent)]


def own_items(instrument: Instrument) -> pd.DataFrame:
    """Returns ten respondents who raise their own value's items by 1 and nothing else, as `scoring.item_responses`."""
    index = pd.MultiIndex.from_product([[OWN], ["-"], ["-"], CODES], names=scoring.RESPONDENT)
    rows = [[float(scale == code) for scale in instrument.key.values()] for code in CODES]
    return pd.DataFrame(rows, index=index, columns=list(instrument.key))


def unprimed(items: pd.DataFrame, cells: pd.MultiIndex | None = None) -> pd.DataFrame:
    """Returns the unprimed model's answers as one cell, whose "conditions" are the wordings and persons.

    Args:
        items: `scoring.unprimed_responses`.
        cells: which wordings and persons; all by default.
    """
    rows = items.dropna()
    if cells is not None:
        rows = rows[rows.index.droplevel(["induction", "condition"]).isin(cells)]
    names = [(UNPRIMED, "-", "-", f"{wording}, {person}") for _, wording, person, _ in rows.index]
    return rows.set_axis(pd.MultiIndex.from_tuples(names, names=scoring.RESPONDENT))


def _unprimed(study: Study, cells: pd.MultiIndex | None) -> list[Group]:
    found = unprimed(scoring.unprimed_responses(study.answers, study.questionnaire), cells)
    # Correlations of fewer than three respondents are 1 or -1 whatever they answer.
    if len(found) < 3:
        return []
    return [Group(UNPRIMED, "", scoring.value_scores(found, study.questionnaire)[list(CODES)].to_numpy()[None])]


def _row(study: Study, group: Group, target: np.ndarray, ceiling: float) -> dict[str, float]:
    of = STRUCTURES[group.of]
    matrix = of(group.scores)
    found = structure.align_matrices(matrix, target, study.seed)
    low = high = np.nan
    if group.cells is not None:
        low, high = structure.bootstrap_alignment(group.scores, group.cells, target, study.seed, structure=of)
    random = random_pairs(study.instrument, group.scores.shape[0], group.of, study.seed, group.scores.shape[1])
    row = {"r": found.r, "low": low, "high": high, "p": found.mantel_p, "n_respondents": group.respondents}
    row |= _limits(found.r, pearson(random, pairs(target)), ceiling)
    row["expected"] = float(pearson(pairs(relabelled(target)), pairs(target))) if group.shuffled else np.nan
    for name, measures in CONTROLS.items() if group.controls else ():
        controls = [of(group.controls[m]) for m in measures if m in group.controls]
        left = structure.partial_alignment(matrix, target, controls, study.seed)
        row |= {f"partial_{name}": left.r, f"partial_{name}_p": left.p}
    return row


def _random_row(study: Study, group: Group, target: np.ndarray, ceiling: float) -> dict[str, float]:
    drawn = pearson(random_pairs(study.instrument, len(group.scores), VALUES, study.seed), pairs(target))
    expected = structure.random_structure(study.questionnaire.key)
    row = {"r": drawn.mean(), "n_respondents": group.respondents} | _limits(drawn.mean(), drawn, ceiling)
    return row | {"expected": float(pearson(pairs(expected), pairs(target)))}


def _keys(study: Study, scope: str, reference: str, group: Group) -> dict[str, str]:
    return {
        "model": study.model,
        "mode": study.mode,
        "side": "structure",
        "instrument": study.instrument,
        "behaviors": "",
        "reference": reference,
        "cells": scope,
        "of": group.of,
        "baseline": group.baseline,
        "prime": group.prime,
    }


def _limits(r: float, drawn: np.ndarray, ceiling: float) -> dict[str, float]:
    """Null and ceiling of an alignment, and the share of the ceiling that it reaches."""
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"null_low": low, "null_high": high, "ceiling": ceiling, "share_of_ceiling": r / ceiling}


@cache
def random_pairs(
    instrument_id: str, cells: int, of: str, seed: int, conditions: int = len(CODES), draws: int = 1_000
) -> np.ndarray:
    """Returns the structures of respondents who answer at random: draws x 45 pairs."""
    key = instruments.load(instrument_id).key
    if of == VALUES:
        return structure.random_pairs(key, cells, seed, draws, conditions)
    drawn = structure.random_scores(key, cells, seed, draws, conditions)
    return pairs(np.stack([STRUCTURES[of](scores) for scores in drawn]))
