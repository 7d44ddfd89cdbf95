"""Value and behaviour: which behaviours go with which values, and how far that agrees with people.

**What a relation is.** In people it is the correlation, over respondents, of a centred value score with a behaviour.
Its like in a model is the correlation over *primed respondents*: a respondent is a prime in one wording and one
grammatical person, its value scores are those of its own answers to the value questionnaire (not the label of its
prime), its behaviour is its own answer to the other questionnaire. What a wording or a person does to all primes alike
is no such relation, so the mean of each cell (wording x person) is taken out first. With ten primes and no individual
differences within a prime the relations come out larger than in people: the *pattern* is compared by correlation, the
size by the slope.

**Scores.** Under `likelihood` a prime can raise the probability of any statement whatever. As in scoring for
acquiescence, a respondent's mean over all statements of the questionnaire (before reverse-keyed ones are turned) is
taken out; it cancels anyway where half of a scale's statements are reverse-keyed. A questionnaire of a single scale
with no reverse-keyed statements would lose everything, so there the respondent's mean over the value questionnaire is
used.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.errors import StudyError
from lib.instruments import Instrument
from lib.structure import DRAWS, bootstrap_weights
from lib.values import CODES, NO_VALUE

#: A behaviour needs valid answers to at least this share of its questions.
ENOUGH = 0.5
_NOTHING = 1e-12


@dataclass(frozen=True)
class Responses:
    """One questionnaire's centred responses of the primed respondents.

    Attributes:
        items: cell x condition x item, NaN where there is no valid answer.
        scales: the scales that are scored.
        key: item x scale, 1 where the item belongs to the scale.
        strata: what items are drawn from together in a bootstrap: same scale, keyed the same way.
    """

    items: np.ndarray
    scales: tuple[str, ...]
    key: np.ndarray
    strata: np.ndarray

    def scores(self, counts: np.ndarray | None = None) -> np.ndarray:
        """Returns cell x condition x scale: mean of the valid items, each counted `counts` times (once by default)."""
        weights = self.key if counts is None else self.key * counts[:, None]
        valid = ~np.isnan(self.items)
        with np.errstate(invalid="ignore", divide="ignore"):
            return (np.nan_to_num(self.items) @ weights) / (valid @ weights)


@dataclass(frozen=True)
class Paired:
    """Value and behaviour responses of the same respondents, and the cells (wording, person) they stand in.

    `dropped` names the behaviours with too few valid answers.
    """

    value_side: Responses
    behavior_side: Responses
    cells: pd.MultiIndex
    conditions: tuple[str, ...]
    dropped: tuple[str, ...] = ()

    @property
    def respondents(self) -> int:
        """How many primed respondents there are."""
        return self.value_side.items.shape[0] * self.value_side.items.shape[1]


def centred(items: pd.DataFrame, instrument: Instrument, fallback: pd.Series | None = None) -> pd.DataFrame:
    """Returns item responses without the respondent's readiness to endorse any statement.

    Args:
        items: `scoring.item_responses`, reverse-keyed items turned round.
        instrument: the questionnaire they belong to.
        fallback: the respondents' means to take out where the questionnaire has a single scale (see the module's text);
            without it such a questionnaire is left as it is.

    Returns:
        turned item - sign x mean, sign -1 for reverse-keyed items, in the unit of the items.
    """
    sign = pd.Series({i.id: -1.0 if i.reversed else 1.0 for i in instrument.items}).reindex(items.columns)
    if len(instrument.scales) > 1:
        mean = (items * sign).mean(axis=1)
    elif fallback is not None:
        mean = fallback.reindex(items.index)
    else:
        return items
    return items - np.outer(mean, sign)


def pair(
    value_items: pd.DataFrame,
    value_instrument: Instrument,
    items: pd.DataFrame,
    instrument: Instrument,
    fallback: pd.Series | None = None,
) -> Paired:
    """Returns value and behaviour responses of the respondents that answered both questionnaires.

    Args:
        value_items: respondents x items of the value questionnaire under one induction (`scoring.item_responses`).
        value_instrument: the value questionnaire.
        items: the same of the behaviour questionnaire.
        instrument: the behaviour questionnaire.
        fallback: see `centred`; under `likelihood` the respondents' means over the value questionnaire.

    Behaviours with valid answers to less than half of their questions are left out and named in `dropped`.

    Raises:
        StudyError: no cell in which every condition answered both, or no behaviour with enough valid answers.
    """
    values = value_items.sub(value_items.mean(axis=1), axis=0)
    behaviors = centred(items, instrument, fallback)
    both = values.index.intersection(behaviors.index)
    both = both[both.get_level_values("condition") != NO_VALUE]
    cells, conditions = _whole_cells(both, value_items, value_instrument, instrument)
    scales, dropped = _enough(behaviors.loc[both], instrument)
    if not scales:
        raise StudyError(f"{instrument.id}: no behaviour has valid answers to half of its questions.")
    return Paired(
        _responses(values, value_instrument, CODES, cells, conditions),
        _responses(behaviors, instrument, scales, cells, conditions),
        cells.droplevel("induction"),
        tuple(conditions),
        dropped,
    )


def _whole_cells(
    index: pd.MultiIndex, value_items: pd.DataFrame, value_instrument: Instrument, instrument: Instrument
) -> tuple[pd.MultiIndex, list[str]]:
    primed = value_items.index[value_items.index.get_level_values("condition") != NO_VALUE]
    conditions = list(dict.fromkeys(primed.get_level_values("condition")))
    counts = index.to_frame(index=False).groupby(["induction", "wording", "person"], observed=True).size()
    cells = counts.index[counts == len(conditions)]
    if not len(cells):
        raise StudyError(
            f"{instrument.id} and {value_instrument.id} share no wording and person in which all {len(conditions)} "
            "conditions were answered. Ask both under the same wordings, persons and inductions."
        )
    if len(set(cells.get_level_values("induction"))) > 1:
        raise StudyError("Relations are computed for one induction at a time.")
    return cells, conditions


def _enough(items: pd.DataFrame, instrument: Instrument) -> tuple[tuple[str, ...], tuple[str, ...]]:
    valid = items.notna().mean().groupby(pd.Series(instrument.key)).mean()
    kept = tuple(s for s in instrument.scales if valid.get(s, 0.0) >= ENOUGH)
    return kept, tuple(s for s in instrument.scales if s not in kept)


def _responses(
    items: pd.DataFrame, instrument: Instrument, scales: Sequence[str], cells: pd.MultiIndex, conditions: list[str]
) -> Responses:
    used = [item for item in instrument.items if item.scale in scales and item.id in items.columns]
    rows = [(*cell, condition) for cell in cells for condition in conditions]
    array = items.loc[rows, [i.id for i in used]].to_numpy(float).reshape(len(cells), len(conditions), len(used))
    key = np.array([[float(i.scale == s) for s in scales] for i in used])
    strata = pd.factorize(pd.Index([(i.scale, i.reversed) for i in used]))[0]
    return Responses(array, tuple(scales), key, strata)


def relations(values: np.ndarray, behaviors: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Returns the correlations of behaviours with values over conditions, pooled within cells: behaviour x value.

    r_bv = Σ_c w_c Σ_k b'_ckb v'_ckv / sqrt(Σ_c w_c Σ_k b'²_ckb · Σ_c w_c Σ_k v'²_ckv), with deviations b', v' from the
    cell's means; 0 for a behaviour that no condition moves.

    Args:
        values: cell x condition x value.
        behaviors: cell x condition x behaviour.
        weights: how often each cell counts; once by default.
    """
    v, b = (x - x.mean(axis=1, keepdims=True) for x in (values, behaviors))
    if weights is not None:
        root = np.sqrt(weights)[:, None, None]
        v, b = v * root, b * root
    v, b = (x.reshape(-1, x.shape[2]) for x in (v, b))
    return _over(b.T @ v, np.sqrt(np.outer((b**2).sum(axis=0), (v**2).sum(axis=0))))


def _over(products: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Products over their scale; 0 where the scale is 0 but for rounding, NaN where it is NaN."""
    return np.divide(products, scale, out=np.zeros_like(products), where=~(scale < _NOTHING))


def matrix(paired: Paired) -> pd.DataFrame:
    """Returns the relations as behaviours x values."""
    found = relations(paired.value_side.scores(), paired.behavior_side.scores())
    return pd.DataFrame(found, index=list(paired.behavior_side.scales), columns=list(CODES))


def permuted(paired: Paired, seed: int, draws: int = DRAWS) -> np.ndarray:
    """Returns the relations when behaviours are those of another condition: draws x behaviour x value.

    One permutation of the conditions for all cells and behaviours at once. The value scores stay as they are, so their
    ipsative and circular structure is in every draw (a relabelling of the values would break it and find smooth
    profiles too easily), and so do the behaviours' relations with one another. Under no relation between value and
    behaviour all draws are equally likely, which makes the test exact.
    """
    values, behaviors = paired.value_side.scores(), paired.behavior_side.scores()
    v, b = (x - x.mean(axis=1, keepdims=True) for x in (values, behaviors))
    scale = np.sqrt(np.outer((b**2).sum(axis=(0, 1)), (v**2).sum(axis=(0, 1))))
    flat, rng = v.reshape(-1, v.shape[2]), np.random.default_rng(seed)
    found = np.empty((draws, b.shape[2], v.shape[2]))
    for i in range(draws):
        found[i] = b[:, rng.permutation(b.shape[1])].reshape(-1, b.shape[2]).T @ flat
    return _over(found, scale)


def bootstrapped(paired: Paired, seed: int, draws: int = 1_000) -> np.ndarray:
    """Returns the relations over resampled items, wordings and persons: draws x behaviour x value.

    Items are drawn within their scale and key, in both questionnaires; wordings and persons as in
    `structure.bootstrap_weights`. A stratum or facet of one is not drawn. Resampled scales hold fewer different items
    than the scales themselves, so that agreements drawn lie a little low (`agreement.interval` allows for it).
    """
    rng = np.random.default_rng(seed)
    value_counts, behavior_counts = (_counts(r.strata, rng, draws) for r in (paired.value_side, paired.behavior_side))
    weights = bootstrap_weights(paired.cells, seed, draws)
    kept = np.flatnonzero(weights.sum(axis=1) > 0)
    return np.stack(
        [
            relations(
                paired.value_side.scores(value_counts[i]), paired.behavior_side.scores(behavior_counts[i]), weights[i]
            )
            for i in kept
        ]
    )


def _counts(strata: np.ndarray, rng: np.random.Generator, draws: int) -> np.ndarray:
    counts = np.ones((draws, len(strata)))
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        counts[:, members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), size=draws)
    return counts
