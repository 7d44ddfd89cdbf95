"""The specification curve: the alignment of value structure under every combination of defensible choices.

After Simonsohn, Simmons & Nelson (2020), *Nature Human Behaviour* 4:1208-1214. The choices:

* what is asked: `instrument`, `mode`, option `order` (`choice` only), `induction`, `wording` and `person` (each alone,
  and all that are recorded together), `items` (all, or a seeded half of each value's);
* how it is scored: `centred` (yes, no); `link` (`likelihood` only): endorsements as they are (`none`), or turned into
  expected ratings by the populations' link (`population.link`) of slope `default` or `steep`; as the slope falls the
  expected rating becomes linear in the endorsement, so a flat link is `none`; `temperature` (`choice` only): p^(1/T),
  made to sum to 1;
* how it is compared: `measure` (Pearson, Spearman) and `reference`.

Combinations that are the same by construction are left out: `all` of a single wording or person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import pandas as pd

from lib.analysis import people
from lib.analysis.alignment import ALL
from lib.analysis.population.sampling import default_slope, link
from lib.analysis.respondents import Respondents, level_signs, respondents, usable
from lib.analysis.scoring import item_responses
from lib.analysis.structure.evidence import STRUCTURE
from lib.analysis.study import Study
from lib.answers import archive
from lib.errors import StudyError
from lib.materials import instruments, questions
from lib.materials.induction import inductions
from lib.materials.instruments import Instrument
from lib.materials.values import CODES, NO_VALUE
from lib.statistics import MEASURES, correlations, pairs, random_correlations, residuals, scale_scores, stream

HALF = "half"
#: Slopes of the link as multiples of the default one.
LINKS = {"none": 0.0, "default": 1.0, "steep": 4.0}
TEMPERATURES = (0.5, 1.0, 2.0)
_COMPARED = ("pearson", "spearman")
CHOICES = ["instrument", "order", "induction", "wording", "person", "items", "centred", "link", "temperature"]
CHOICES += ["measure", "reference"]
#: The same in the order of a figure: those of the questions first, what is said before how.
_SHOWN = ["instrument", "induction", "order", *CHOICES[3:]]


@dataclass(frozen=True)
class Asked:
    """What one block of answers holds: respondents under one instrument, mode, option order and induction.

    Attributes:
        keys: instrument, mode, order, induction.
        cells: wordings and persons.
        readings: how the answers are read (link or temperature) → cell x condition x item.
    """

    keys: dict[str, str]
    cells: pd.MultiIndex
    readings: dict[tuple[str, str], np.ndarray]


def specification_curve(study: Study) -> pd.DataFrame:
    """Returns one row for each specification, for all value questionnaires recorded of the study's model.

    Columns: `mode`, the choices (`CHOICES`; empty where a choice does not arise), `cells` (wordings x persons), `r`
    with the human sample to four decimals, and `null_high`, the 97.5 % quantile of r for as many respondents who answer
    the same items at random and are scored and compared alike.

    Raises:
        StudyError: no questionnaire of values with a wording and person that counts.
    """
    tables = [_specified(block, study.seed) for block in _asked(study.model)]
    if not tables:
        raise StudyError(f"{study.model} has no wording and person of a value questionnaire with every prime answered.")
    return pd.concat(tables, ignore_index=True)


def _asked(model: str) -> Iterator[Asked]:
    for name, mode in archive.recorded(model):
        instrument = instruments.load(name)
        if instrument.kind != "values":
            continue
        every = archive.read(model, name, mode, order=None)
        for order, induction in product(questions.ORDERS, inductions()):
            chosen = every[(every["order"] == order) & every["induction"].isin([induction, NO_VALUE])]
            if induction in set(chosen["induction"]):
                keys = {"instrument": name, "mode": mode, "order": order, "induction": induction}
                if (block := _block(chosen, instrument, keys)) is not None:
                    yield block


def _block(answers: pd.DataFrame, instrument: Instrument, keys: dict[str, str]) -> Asked | None:
    """One induction's answers in the cells that count, read in every way; text replies are read as they are."""
    plain = {("none" if keys["mode"] == "likelihood" else "", ""): answers}
    if keys["mode"] == "choice":
        plain = {("", f"{t:g}"): cooled(answers, t) for t in TEMPERATURES}
    try:
        groups = {how: _group(table, instrument, keys["induction"]) for how, table in plain.items()}
    except StudyError:
        return None
    readings = {how: group.items for how, group in groups.items()}
    if keys["mode"] == "likelihood":
        slope = default_slope(answers)
        for name, factor in LINKS.items():
            if factor:
                rated = expected_ratings(readings["none", ""], factor * slope, len(instrument.options))
                readings[name, ""] = rated
    return Asked(keys, next(iter(groups.values())).cells, readings)


def _group(answers: pd.DataFrame, instrument: Instrument, induction: str) -> Respondents:
    return respondents(item_responses(answers, instrument), instrument, induction, induction)


def cooled(answers: pd.DataFrame, temperature: float) -> pd.DataFrame:
    """Returns `choice` answers at another temperature: p_k^(1/T) / Σ p_j^(1/T) over the response options.

    Raises:
        StudyError: a temperature that is not above 0.
    """
    if temperature <= 0:
        raise StudyError(f"temperature is {temperature:g}; it must be above 0.")
    valid = answers["probabilities"].notna()
    shares = np.stack(answers.loc[valid, "probabilities"].to_numpy()).astype(float)
    shares /= shares.max(axis=1, keepdims=True)
    powered = shares ** (1 / temperature)
    out = answers["probabilities"].astype(object).copy()
    out[valid] = list(powered / powered.sum(axis=1, keepdims=True))
    return answers.assign(probabilities=out)


def expected_ratings(endorsements: np.ndarray, slope: float, options: int) -> np.ndarray:
    """Returns expected ratings, from 1 to the number of options, by the populations' link: 1 + Σ_k P(rating > k)."""
    return 1 + link(endorsements, options, slope).sum(axis=-1)


@cache
def half(instrument_id: str, seed: int) -> tuple[bool, ...]:
    """Returns which items are in the seeded half: of n items of a value, n // 2 drawn without replacement."""
    key, rng = instruments.load(instrument_id).key, stream(seed, "half of the items", instrument_id)
    kept: set[str] = set()
    for code in CODES:
        own = [item for item, scale in key.items() if scale == code]
        kept |= {own[i] for i in rng.permutation(len(own))[: len(own) // 2]}
    return tuple(item in kept for item in key)


def subsets(cells: pd.MultiIndex) -> list[tuple[str, str, np.ndarray]]:
    """Returns wording, person and which cells they are: each alone, and `all` where there is more than one."""
    chosen = [sorted(set(cells.get_level_values(level))) for level in ("wording", "person")]
    chosen = [[*names, ALL] if len(names) > 1 else names for names in chosen]
    found = []
    for wording, person in product(*chosen):
        inside = np.array([wording in (ALL, w) and person in (ALL, p) for w, p in cells], dtype=float)
        if inside.any():
            found.append((wording, person, inside))
    return found


def _specified(block: Asked, seed: int) -> pd.DataFrame:
    """All specifications of one block: a row for each subset x items x centring x reading x measure x reference.

    A half of the items is compared in the cells that count on these items alone.
    """
    name, instrument = block.keys["instrument"], instruments.load(block.keys["instrument"])
    scale = np.array([[s == code for code in CODES] for s in instrument.key.values()], dtype=float)
    rows = []
    for items, centred, (reading, array) in product((ALL, HALF), (True, False), block.readings.items()):
        kept = np.array(half(name, seed)) if items == HALF else np.ones(len(scale), dtype=bool)
        sound = usable(~np.isnan(array[..., kept]), scale[kept] > 0, all_scales=True)[1]
        if not sound.any():
            continue
        parts = subsets(block.cells[sound])
        weights = np.stack([inside for _, _, inside in parts])
        sizes = weights.sum(axis=1).astype(int).tolist()
        flat = array[sound][..., kept].reshape(-1, int(kept.sum()))
        level = None if centred else np.zeros(len(flat))
        scores = scale_scores(flat, scale[kept], level_signs(instrument)[kept], level=level)
        found = pairs(correlations(scores.reshape(-1, len(CODES), len(CODES)), weights))
        for measure, reference in product(_COMPARED, people.structures()):
            compare = (measure, reference)
            null = {n: null_quantile(name, items, centred, n, *compare, seed) for n in set(sizes)}
            for (wording, person, _), n, r in zip(parts, sizes, compared(found, reference, measure), strict=True):
                how = (wording, person, items, "yes" if centred else "no", *reading, *compare)
                rows.append((*block.keys.values(), *how, n, r, null[n]))
    table = pd.DataFrame(rows, columns=[*block.keys, *CHOICES[3:], "cells", "r", "null_high"])
    return table[["mode", *CHOICES, "cells", "r", "null_high"]].round({"r": 4, "null_high": 4})


def compared(found: np.ndarray, reference: str, measure: str) -> np.ndarray:
    """Returns the alignment of structures (... x 45 pairs) with a human sample, Pearson or Spearman."""
    return MEASURES[measure].of(found, people.sample(STRUCTURE, reference).numbers)


@cache
def null_quantile(
    instrument_id: str, items: str, centred: bool, cells: int, measure: str, reference: str, seed: int
) -> float:
    """Returns the 97.5 % quantile of the alignment of as many respondents who answer at random."""
    drawn = _random_pairs(instrument_id, items, centred, cells, seed)
    return float(np.quantile(compared(drawn, reference, measure), 0.975))


@cache
def _random_pairs(instrument_id: str, items: str, centred: bool, cells: int, seed: int) -> np.ndarray:
    key = np.array(list(instruments.load(instrument_id).key.values()))
    key = key[list(half(instrument_id, seed))] if items == HALF else key
    counts = np.array([(key == code).sum() for code in CODES], dtype=float)
    rng = stream(seed, "random specifications", instrument_id, items, str(centred), str(cells))
    return pairs(random_correlations(counts, cells * (len(CODES) - 1), rng, centred=centred))


def explained(table: pd.DataFrame) -> pd.DataFrame:
    """Returns how much of the variance of r each choice explains, by mode.

    Columns: `mode`, `choice`, `eta2`: the fall of R² when the choice's levels are left out of a least-squares model of
    main effects (type II), 0 to 1. Choices that do not arise in a mode are left out.
    """
    rows = []
    for mode, part in table.groupby("mode"):
        varied = [c for c in CHOICES if len(part[c].unique()) > 1]
        dummies = {c: pd.get_dummies(part[c].astype(str)).to_numpy(float)[:, 1:].T for c in varied}
        r = part["r"].to_numpy()
        whole = _explained_share(r, list(dummies.values()))
        for choice in varied:
            without = _explained_share(r, [d for c, d in dummies.items() if c != choice])
            rows.append({"mode": mode, "choice": choice, "eta2": whole - without})
        rows.append({"mode": mode, "choice": "all of them", "eta2": whole})
    return pd.DataFrame(rows)


def _explained_share(r: np.ndarray, factors: list[np.ndarray]) -> float:
    left = residuals(r, factors)
    return float(1 - (left**2).sum() / ((r - r.mean()) ** 2).sum())


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Returns the spread of the alignment and how often it beats chance, by mode, for each level of each choice.

    Columns: `mode`, `choice` (`all of them` for the whole curve), `level`, `specifications`, `median`, `low` and `high`
    (2.5 and 97.5 % quantiles), `above_null`: the share whose r is above the random answers' 97.5 % quantile; `eta2` of
    the choice.
    """
    shares = explained(table).set_index(["mode", "choice"])["eta2"]
    rows = []
    for mode, part in table.assign(**{"all of them": ""}).groupby("mode"):
        for choice in ["all of them", *(c for c in CHOICES if len(part[c].unique()) > 1)]:
            for level, some in part.groupby(choice, sort=False):
                low, median, high = some["r"].quantile([0.025, 0.5, 0.975])
                row = {"mode": mode, "choice": choice, "level": level, "specifications": len(some), "median": median}
                row |= {"low": low, "high": high, "above_null": (some["r"] > some["null_high"]).mean()}
                rows.append(row | {"eta2": shares[mode, choice]})
    return pd.DataFrame(rows)


def ranked(table: pd.DataFrame, bins: int = 72) -> pd.DataFrame:
    """Returns specifications from the lowest r to the highest, with `bin`: their place among bins of equal number."""
    ordered = table.sort_values("r", kind="stable").reset_index(drop=True)
    return ordered.assign(bin=np.arange(len(ordered)) * bins // len(ordered))


def by_bin(table: pd.DataFrame) -> pd.DataFrame:
    """Returns `bin`, `median`, `low`, `high` of r, and `null` (mean null quantile), of `ranked` specifications."""
    grouped = table.groupby("bin")
    r = grouped["r"].agg(["median", "min", "max"]).set_axis(["median", "low", "high"], axis=1)
    return r.assign(null=grouped["null_high"].mean()).reset_index()


def choices_by_bin(table: pd.DataFrame) -> pd.DataFrame:
    """Returns how often each choice was made in a bin, relative to all specifications (1: as often).

    Columns: `row` ("choice: level", of the choices that differ), `bin`, `ratio`.
    """
    parts = []
    for choice in _SHOWN:
        levels = table[choice].astype(str)
        if len(levels.unique()) > 1:
            share = pd.crosstab(levels, table["bin"], normalize="columns")
            ratio = share.div(levels.value_counts(normalize=True)[share.index], axis=0)
            long = ratio.rename_axis(index="level").reset_index().melt("level", var_name="bin", value_name="ratio")
            parts.append(long.assign(row=choice + ": " + long["level"])[["row", "bin", "ratio"]])
    return pd.concat(parts, ignore_index=True)
