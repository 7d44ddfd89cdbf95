"""The study's two main tables: did each prime take, and how human is the structure that results."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from lib import human, instruments, maps, paths, prompting, scoring, structure
from lib.querying import archive
from lib.values import BY_CODE, CODES, NO_VALUE

#: The row that pools all wordings.
ALL_WORDINGS = "all"


def induction_ranks(model: str) -> pd.DataFrame:
    """Returns how each value's own items fare under its own prime, for all that is recorded of a model.

    One row for each instrument x mode x induction x wording (and `all`) x value. Columns: `lift` (centred, in the
    response's unit, see `scoring.lifts`; persons averaged), `rank` of the value's own items among the ten values by
    that lift (1 best), `took` (in how many of the `n` wording x person cells the rank is 1) and `n`.
    """
    rows = []
    for keys, scores in _scored(model):
        lift = scoring.lifts(scores)
        for wording, part in _wordings(lift):
            rows += _own_rows({**keys, "wording": wording}, part)
    return pd.DataFrame(rows)


def _own_rows(keys: dict[str, str], lift: pd.DataFrame) -> list[dict]:
    mean, cell_ranks = lift.groupby(level="condition").mean(), scoring.own_ranks(lift)
    rows = []
    for code in CODES:
        cells = cell_ranks.xs(code, level="condition")
        rows.append(
            keys
            | {
                "value": code,
                "lift": mean.loc[code, code],
                "rank": int(mean.loc[code].rank(ascending=False)[code]),
                "took": int((cells == 1).sum()),
                "n": len(cells),
            }
        )
    return rows


def structure_alignment(model: str, seed: int) -> pd.DataFrame:
    """Returns the alignment of a model's value structure with each human sample, for all that is recorded of it.

    One row for each instrument x mode x induction x wording (and `all`) x reference. Columns:

    * `r`, `rho`: Pearson and Spearman over the 45 pairs of values; `r_low`, `r_high`: 95 % interval of `r` by bootstrap
      over wordings and persons; `rmse`: difference of the correlations themselves; `mantel_p`.
    * `congruence`, `m2`, `protest_p`: fit of the metric value maps after Procrustes.
    * `n_conditions`, `n_respondents`: values induced, and simulated respondents (conditions x wordings x persons).
    * `ceiling`: mean agreement of other human samples with this reference (`human.ceiling`).
    * `null_mean`, `null_low`, `null_high`: mean, 2.5 and 97.5 % quantile of `r` for random answers, centred alike.
    """
    targets = {name: human.structure(name).to_numpy() for name in human.references()}
    target_maps = {name: maps.value_map(matrix, seed=seed) for name, matrix in targets.items()}
    rows = []
    for keys, scores in _scored(model):
        key = instruments.load(keys["instrument"]).key
        random = structure.random_pairs(key, 1, seed, draws=2_000)
        nulls = {n: structure.pearson(random, structure.pairs(m)) for n, m in targets.items()}
        for wording, part in _wordings(scores):
            array, cells = scoring.by_cell(part)
            matrix = structure.cells_to_correlation(array)
            found = maps.value_map(matrix, seed=seed)
            for name, target in targets.items():
                low, high = structure.bootstrap_alignment(array, cells, target, seed)
                rows.append(
                    {**keys, "wording": wording, "reference": name}
                    | _matrix_columns(matrix, target, seed)
                    | {"r_low": low, "r_high": high}
                    | _map_columns(found, target_maps[name], seed)
                    | {"n_conditions": array.shape[1], "n_respondents": array.shape[0] * array.shape[1]}
                    | {"ceiling": human.ceiling(name), "null_mean": nulls[name].mean()}
                    | dict(zip(["null_low", "null_high"], np.quantile(nulls[name], [0.025, 0.975]), strict=True))
                )
    return pd.DataFrame(rows)


def _matrix_columns(matrix: np.ndarray, target: np.ndarray, seed: int) -> dict[str, float]:
    found = structure.align_matrices(matrix, target, seed)
    return {"r": found.r, "rho": found.rho, "rmse": found.rmse, "mantel_p": found.mantel_p}


def _map_columns(found: maps.ValueMap, target: maps.ValueMap, seed: int) -> dict[str, float]:
    fit = maps.fit_to(found.points, target.points)
    p = maps.protest(found.points, target.points, seed)
    return {"congruence": fit.congruence, "m2": fit.m2, "protest_p": p, "stress": found.stress}


def model_comparison(models: list[str], reference: str, seed: int) -> pd.DataFrame:
    """Returns each model's alignment with one human sample, and what the paper reports of its models.

    Columns: `model`, `source` (`measured`, or `paper, second-hand`: a third party's summary, whose human sample is not
    known), `instrument`, `mode`, `induction`, `r` with its interval `r_low`, `r_high` (all wordings, see
    `structure_alignment`), `n_respondents`, `ceiling`.
    """
    target = human.structure(reference).to_numpy()
    rows = []
    for model in models:
        for keys, scores in _scored(model):
            array, cells = scoring.by_cell(scores)
            low, high = structure.bootstrap_alignment(array, cells, target, seed)
            r = structure.pearson(structure.pairs(structure.cells_to_correlation(array)), structure.pairs(target))
            found = {"r": float(r), "r_low": low, "r_high": high, "n_respondents": array.shape[0] * array.shape[1]}
            rows.append({"source": "measured", **keys, **found, "ceiling": human.ceiling(reference)})
    return pd.concat([pd.DataFrame(rows), _reported()], ignore_index=True)


def _reported() -> pd.DataFrame:
    reported = pd.read_csv(paths.RAW / "paper_reported.csv").query("table == 'value_structure'")
    reported = reported.assign(source="paper, " + reported["certainty"], r=reported["value_percent"] / 100)
    known = {"instrument": "pvq40", "mode": "text", "induction": "definition"}
    return reported.rename(columns={"item": "model"})[["source", "model", "r"]].assign(**known)


def order_tests(matrices: dict[str, np.ndarray], seed: int) -> pd.DataFrame:
    """Returns the circle-order test of each correlation matrix: `sample`, `ci`, `agreements`, `predictions`, `p`."""
    return pd.DataFrame([{"sample": name, **structure.circle_order(m, seed)} for name, m in matrices.items()])


def stress_tests(matrices: dict[str, np.ndarray], seed: int) -> pd.DataFrame:
    """Returns each matrix's Stress-1 in two dimensions against that of the same dissimilarities in random places.

    Columns: `sample`, `scaling` (metric, ordinal), `stress`, `start` (of the best map), `permuted_mean`,
    `permuted_low` (5 % quantile: a stress below it is better than chance at p < .05).
    """
    rows = []
    for name, matrix in matrices.items():
        for scaling in ("metric", "ordinal"):
            found = maps.value_map(matrix, ordinal=scaling == "ordinal", seed=seed)
            chance = maps.permuted_stress(matrix, scaling == "ordinal", seed)
            row = {"sample": name, "scaling": scaling, "stress": found.stress, "start": found.start}
            rows.append(row | {"permuted_mean": chance.mean(), "permuted_low": np.quantile(chance, 0.05)})
    return pd.DataFrame(rows)


def distance_profiles(models: dict[str, np.ndarray], humans: dict[str, np.ndarray]) -> pd.DataFrame:
    """Returns the mean correlation by steps on the circle: `sample`, `kind` (model, human), `steps`, `r`."""
    parts = []
    for kind, matrices in (("model", models), ("human", humans)):
        for name, matrix in matrices.items():
            parts.append(structure.by_steps(matrix).reset_index().assign(sample=name, kind=kind))
    return pd.concat(parts, ignore_index=True)[["sample", "kind", "steps", "r"]]


def _scored(model: str) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    """Yields keys and centred scores of every recorded value questionnaire x mode x induction."""
    for name, mode in archive.recorded(model):
        instrument = instruments.load(name)
        if instrument.kind != "values":
            continue
        answers = archive.read(model, name, mode)
        items = scoring.item_responses(answers, instrument)
        for induction in prompting.inductions():
            chosen = items[items.index.get_level_values("induction").isin([induction, NO_VALUE])]
            if induction in chosen.index.get_level_values("induction"):
                keys = {"model": model, "instrument": name, "mode": mode, "induction": induction}
                yield keys, scoring.value_scores(chosen, instrument)


def _wordings(scores: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yields all wordings together, then each alone."""
    primed = scores[scores.index.get_level_values("condition") != NO_VALUE]
    yield ALL_WORDINGS, primed
    for wording, part in primed.groupby(level="wording"):
        yield str(wording), part


def word_overlap(instrument_id: str) -> pd.DataFrame:
    """Returns which words of an item's text also stand in the prime of its own value.

    Columns: `item`, `value`, `name_words` and `definition_words` (shared with the value's name and definition; common
    function words left out, plural and verb endings taken off), each a space-separated list. Text in the person I.

    Raises:
        StudyError: a licensed instrument whose text is not to be had.
    """
    instrument = instruments.load(instrument_id)
    texts = instruments.item_texts(instrument)
    rows = []
    for item in instrument.items:
        words, value = stems(texts[item.id, "I"]), BY_CODE[item.scale]
        shared = {
            "name_words": words & stems(value.name),
            "definition_words": words & stems(value.definition),
        }
        rows.append({"item": item.id, "value": item.scale} | {k: " ".join(sorted(v)) for k, v in shared.items()})
    return pd.DataFrame(rows)


_FUNCTION_WORDS = set(
    "a about after all am an and any anything are as at be been being by can could do does doing for from had has have "
    "he her him his how i if in into is it its me my myself no not of off on one or other others over own so someone "
    "than that the their them themselves there they things this those through to was were what when where whether "
    "which who whom with without would you your".split()
)


def stems(text: str) -> set[str]:
    """Returns the content words of a text, lower case, plural and verb endings taken off."""
    words = "".join(c.lower() if c.isalpha() else " " for c in text).split()
    stems = set()
    for word in words:
        if word not in _FUNCTION_WORDS:
            for ending in ("ing", "ies", "es", "ed", "s", "y", "e"):
                if word.endswith(ending) and len(word) - len(ending) >= 4:
                    word = word.removesuffix(ending)
                    break
            stems.add(word)
    return stems
