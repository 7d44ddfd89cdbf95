"""The behaviour tests of Perez et al. (2022): which behaviours there are, and the draw of statements that are asked.

Perez, E., et al. (2022), Discovering language model behaviors with model-written evaluations, arXiv 2212.09251. The
statements are CC BY 4.0 and are taken from their source when a question is asked; the item file holds ids and keys.
"""

import json
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from lib import overlap, paths, texts
from lib.behavior import ENOUGH, centred
from lib.errors import StudyError
from lib.instruments import Instrument, load
from lib.scoring import RESPONDENT, higher_order_scores
from lib.structure import align_matrices, circle_order, pairs, pearson
from lib.values import CODES, NO_VALUE

INSTRUMENT = "behavior_tests"
CATALOGUE = paths.RAW / "behavior_tests.csv"
OVERLAP = paths.RAW / "behavior_tests_overlap.csv"
#: The shipped draw.
STATEMENTS, SEED = 40, 2026


def catalogue(path: Path = CATALOGUE) -> pd.DataFrame:
    """Returns the behaviours: index `behavior`; `group`, `conservative` (yes/no), `reason`, `statements`, `sha256`.

    What counts as politically conservative, and why, was written down before any answer was looked at.

    Raises:
        StudyError: a file that lacks a column, or a `conservative` other than yes and no.
    """
    table = pd.read_csv(path, index_col="behavior")
    if absent := {"group", "conservative", "reason", "statements", "sha256"} - set(table.columns):
        raise StudyError(f"{path}: missing column(s) {', '.join(sorted(absent))}.")
    if odd := set(table["conservative"]) - {"yes", "no"}:
        raise StudyError(f"{path}: conservative is {sorted(odd)}, must be yes or no.")
    return table


def draw_items(per_behavior: int = STATEMENTS, seed: int = SEED) -> pd.DataFrame:
    """Returns a draw of statements: `id`, `scale` (the behaviour), `reversed`, as many of either key as there are.

    An id is the behaviour and the statement's line (from 0) in its file. A statement whose behaviour-matching answer is
    No is reverse-keyed.

    Args:
        per_behavior: how many statements of each behaviour, an even number.
        seed: of the draw.

    Raises:
        StudyError: the statements cannot be had, or a behaviour has too few of one key.
    """
    if per_behavior < 2 or per_behavior % 2:
        raise StudyError(f"{per_behavior} statements for each behaviour; it must be an even number from 2.")
    source = load(INSTRUMENT).text_source
    rng, rows = np.random.default_rng(seed), []
    for behavior in catalogue().index:
        matching = _matching_answers(source, behavior)
        for answer, turned in (("Yes", "no"), ("No", "yes")):
            lines = np.flatnonzero(matching == answer)
            if len(lines) < per_behavior // 2:
                raise StudyError(f"{behavior}: {len(lines)} statements are keyed {answer}, {per_behavior // 2} wanted.")
            drawn = np.sort(rng.choice(lines, per_behavior // 2, replace=False))
            rows += [(f"{behavior}_{line:04d}", behavior, turned) for line in drawn]
    return pd.DataFrame(rows, columns=["id", "scale", "reversed"])


def _matching_answers(source: texts.FolderSource, behavior: str) -> np.ndarray:
    lines = texts.folder_lines(INSTRUMENT, source, behavior)
    return np.array([json.loads(line)["answer_matching_behavior"].strip() for line in lines])


def write_items(items: pd.DataFrame) -> Path:
    """Writes a draw as the instrument's item file, from which the next `ask` asks; returns its path."""
    path = paths.INSTRUMENTS / f"{INSTRUMENT}.csv"
    items.to_csv(path, index=False, lineterminator="\n")
    return path


def of_this_draw(answers: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Returns the answers to the statements of the present item file; those to other draws stay recorded.

    Raises:
        StudyError: not one of them was asked.
    """
    drawn = answers[answers["item"].isin(instrument.key)]
    if drawn.empty:
        raise StudyError(f"None of the {len(instrument.items):,} statements drawn was asked. Ask them: make ask")
    return drawn


def agreement_table(items: pd.DataFrame, instrument: Instrument, asked: Collection[str] | None = None) -> pd.DataFrame:
    """Returns how far each behaviour is agreed with under each condition.

    Columns: `behavior`, `group`, `conservative`, `condition`; `statements` (with a valid answer); `agreement`: mean
    over the statements of the response in the behaviour's direction, in the unit of the items (under `likelihood`: nats
    per token above the neutral prime, so that 0 is no value and `none` is 0 by definition); `low`, `high`: its 95 %
    interval over the statements (Student's t); `share`: share of the statements answered in the behaviour's direction,
    0 to 1.
    Wordings and persons are averaged first. A behaviour with valid answers to less than half of the statements
    that were asked has no figures.

    Args:
        items: `scoring.item_responses` of the behaviour tests under one induction.
        instrument: the behaviour tests.
        asked: ids of the statements that were asked; all by default.
    """
    responses = centred(items, instrument).groupby(level="condition", observed=True).mean()
    known, scales = catalogue(), pd.Series(instrument.key)
    scales = scales[scales.index.isin(instrument.key if asked is None else asked)]
    rows = []
    for name in instrument.scales:
        part = responses[scales.index[scales == name]]
        keys = {"behavior": name, "group": known["group"][name], "conservative": known["conservative"][name]}
        rows += [keys | {"condition": c} | _summary(part.loc[c].to_numpy()) for c in part.index]
    table = pd.DataFrame(rows)
    order = {code: i for i, code in enumerate((*CODES, NO_VALUE))}
    return table.sort_values(["behavior", "condition"], key=lambda c: c.map(order) if c.name == "condition" else c)


def _summary(answers: np.ndarray) -> dict[str, float]:
    valid = answers[~np.isnan(answers)]
    if len(valid) < max(2.0, ENOUGH * len(answers)):
        return {"statements": len(valid)} | dict.fromkeys(("agreement", "low", "high", "share"), np.nan)
    half = stats.t.ppf(0.975, len(valid) - 1) * valid.std(ddof=1) / np.sqrt(len(valid))
    mean, decided = valid.mean(), valid[valid != 0]
    share = (decided > 0).mean() if len(decided) else np.nan
    return {"statements": len(valid), "agreement": mean, "low": mean - half, "high": mean + half, "share": share}


def profiles(table: pd.DataFrame, column: str = "agreement") -> pd.DataFrame:
    """Returns `agreement_table` as behaviours x the ten values; behaviours without figures are left out."""
    return table.pivot(index="behavior", columns="condition", values=column)[list(CODES)].dropna()


def by_higher_order(table: pd.DataFrame, column: str = "share") -> pd.DataFrame:
    """Returns behaviours x the four higher-order values, each the mean of its values (hedonism counts to two)."""
    return higher_order_scores(profiles(table, column))


def value_correlations(table: pd.DataFrame) -> pd.DataFrame:
    """Returns how alike ten primes are in what they do over the behaviours: 10 x 10 correlations.

    Each behaviour's mean over the ten primes is taken out first, since that some behaviours are agreed with more than
    others under every prime is no likeness of values. By that alone the mean correlation is about -1/9.
    """
    wide = profiles(table)
    return wide.sub(wide.mean(axis=1), axis=0).corr()


def structure_tests(table: pd.DataFrame, human: np.ndarray, seed: int, draws: int = 1_000) -> pd.DataFrame:
    """Returns how circular and how human the correlations of the values over behaviours are, over all and by group.

    One row for `all` and each group of at least eight behaviours. Columns: `group`, `behaviors`; `ci` and `ci_p`:
    correspondence index of the circle's order (`structure.circle_order`); `r`: Pearson with the human value structure
    over the 45 pairs, `low`, `high`: 95 % interval by bootstrap over behaviours; `mantel_p`.

    Args:
        table: `agreement_table`.
        human: correlations of the ten values in people.
        seed: of the draws.
        draws: of the bootstrap.
    """
    groups = {"all": table} | dict(list(table.groupby("group")))
    rows = []
    for name, part in groups.items():
        wide = profiles(part)
        if len(wide) < _SMALLEST_GROUP:
            continue
        found = value_correlations(part).to_numpy()
        order, alike = circle_order(found, seed), align_matrices(found, human, seed)
        low, high = np.quantile(_bootstrap(wide, human, seed, draws), [0.025, 0.975])
        row = {"group": name, "behaviors": len(wide), "ci": order["ci"], "ci_p": order["p"]}
        rows.append(row | {"r": alike.r, "low": low, "high": high, "mantel_p": alike.mantel_p})
    return pd.DataFrame(rows)


_SMALLEST_GROUP = 8


def write_overlap() -> Path:
    """Writes what respondents agree with who go by shared runs of letters alone (`overlap`); returns the path.

    The texts are licensed, so the published comparison reads this table of figures: a row for each behaviour, a column
    for each value, in the wording and person that are recorded (`imagine`, I).
    """
    instrument = load(INSTRUMENT)
    cell = ("definition", "imagine", "I")
    primed = pd.MultiIndex.from_tuples([(*cell, code) for code in CODES], names=RESPONDENT)
    items = overlap.turned(overlap.computed(instrument, [cell]), instrument, "characters", primed)
    profiles(agreement_table(items, instrument)).map(lambda r: float(f"{r:.5g}")).to_csv(OVERLAP, lineterminator="\n")
    return OVERLAP


def overlap_comparison(table: pd.DataFrame, human: np.ndarray) -> pd.DataFrame:
    """Returns what word overlap explains of the agreement: one row for all behaviours and each group.

    Columns: `group`, `behaviors`; `r`: Pearson of the model's agreement with that of respondents who go by word
    overlap, over behaviours x values, each behaviour's mean taken out; `lexical_structure` and `model_structure`:
    Pearson of the value correlations over behaviours with the human ones, of either.

    Args:
        table: `agreement_table`.
        human: correlations of the ten values in people.
    """
    known, lexical, rows = catalogue(), pd.read_csv(OVERLAP, index_col="behavior")[list(CODES)], []
    model = profiles(table)
    for group in ("all", *dict.fromkeys(known["group"])):
        names = [b for b in model.index if group in ("all", known["group"][b])]
        if len(names) < _SMALLEST_GROUP:
            continue
        ours, theirs = (w.loc[names].sub(w.loc[names].mean(axis=1), axis=0) for w in (model, lexical))
        fit = [float(pearson(pairs(w.corr().to_numpy()), pairs(human))) for w in (theirs, ours)]
        r = float(pearson(ours.to_numpy().ravel(), theirs.to_numpy().ravel()))
        row = {"group": group, "behaviors": len(names), "r": r}
        rows.append(row | dict(zip(("lexical_structure", "model_structure"), fit, strict=True)))
    return pd.DataFrame(rows)


def _bootstrap(wide: pd.DataFrame, human: np.ndarray, seed: int, draws: int) -> np.ndarray:
    rng, centred = np.random.default_rng(seed), wide.sub(wide.mean(axis=1), axis=0).to_numpy()
    picks = rng.integers(0, len(centred), (draws, len(centred)))
    return np.array([pearson(pairs(np.corrcoef(centred[pick].T)), pairs(human)) for pick in picks])
