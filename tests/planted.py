"""Answers with a known truth, and models that gave them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.analysis.behavior import relations, statements
from lib.analysis.structure import evidence
from lib.answers import archive
from lib.answers.reply import Reply
from lib.asking import recording
from lib.materials import references
from lib.materials.instruments import Instrument
from lib.materials.questions import QUESTION
from lib.materials.values import CODES, CONDITIONS, NO_VALUE
from lib.statistics import random_orders, stream

TWO = (("imagine", "I"), ("plain", "he"))
FOUR = tuple(product(("imagine", "plain"), ("I", "he")))


def likelihood(
    instrument: Instrument, endorsed: np.ndarray, cells=FOUR, induction="definition", noise=0.0, base=-3.0
) -> pd.DataFrame:
    """Returns `likelihood` answers with these endorsements: (cell x) the ten values x items.

    Args:
        noise: SD of what is added to each answer on its own.
        base: log-probability of every statement after the neutral prime.
    """
    rng = np.random.default_rng(len(instrument.key))
    full = np.zeros((len(cells), len(CONDITIONS), len(instrument.key)))
    full[:, : len(CODES)] = endorsed + noise * rng.standard_normal(full[:, : len(CODES)].shape)
    return _answers(instrument, cells, induction, "likelihood").assign(logprob=base + full.ravel())


def choice(instrument: Instrument, shares: np.ndarray, cells=TWO, induction="definition") -> pd.DataFrame:
    """Returns `choice` answers with these probabilities of the options: one for all, or (cell x) condition x item x."""
    shape = (len(cells), len(CONDITIONS), len(instrument.key), len(instrument.options))
    every = np.broadcast_to(shares, shape).reshape(-1, shape[-1])
    return _answers(instrument, cells, induction, "choice").assign(probabilities=list(every))


def _answers(instrument: Instrument, cells, induction: str, mode: str) -> pd.DataFrame:
    rows = [(*cell, condition, item) for cell in cells for condition in CONDITIONS for item in instrument.key]
    table = pd.DataFrame(rows, columns=["wording", "person", "condition", "item"])
    primed = table["condition"] != NO_VALUE
    fixed = {"instrument": instrument.id, "mode": mode, "order": "listed", "replicate": 0, "status": "ok"}
    empty = {"logprob": np.nan, "probabilities": None, "unmatched": np.nan, "response": np.nan}
    return table.assign(induction=primed.map({True: induction, False: NO_VALUE}), **fixed, **empty)


def refused(answers: pd.DataFrame, **keys: object) -> pd.DataFrame:
    """Returns the answers, those with these keys (one or several each) refused."""
    hit = pd.Series(True, index=answers.index)
    for column, value in keys.items():
        hit &= answers[column].isin(value if isinstance(value, list | tuple) else [value])
    assert hit.any()
    return answers.assign(status=answers["status"].mask(hit, "refused"))


@contextmanager
def recorded(folder: Path, **models: list[pd.DataFrame]) -> Iterator[None]:
    """Records answers of models by their names; while it lasts, those are the only ones that there are."""
    defaults = {"tokens_in": 1, "tokens_scored": 1, "tokens_out": 0, "message": ""}
    assert {*defaults, "status", "logprob", "probabilities", "unmatched", "response"} == set(Reply._fields)
    for name, tables in models.items():
        answers = pd.concat(tables, ignore_index=True).drop_duplicates(QUESTION, ignore_index=True)
        keys = [f"{i:032x}" for i in range(len(answers))]
        recording.write(answers.assign(**defaults, key=keys), name, folder, f"planted:{name}")
    with pytest.MonkeyPatch.context() as patch:
        for read in (archive.recorded_models, archive.recorded, archive.read):
            patch.setattr(read, "__defaults__", (folder, *read.__defaults__[1:]))
        yield


@contextmanager
def fewer_draws(permutations: int = 999, bootstrap: int = 100) -> Iterator[None]:
    """While it lasts, chance and intervals are counted over fewer draws, for speed."""

    @cache
    def orders(seed: int, n: int = len(CODES)) -> np.ndarray:
        return random_orders(n, stream(seed, "fewer"), permutations)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evidence, "orders", orders)
        patch.setattr(statements, "orders", orders)
        patch.setattr(relations, "_orders", orders)
        for module in (evidence, relations, statements):
            patch.setattr(module, "BOOTSTRAP", bootstrap)
        yield


def human(name: str = "pvq40_us_2017") -> np.ndarray:
    """Returns a human sample's correlations of the values, 10 x 10."""
    return references.structure(name).to_numpy()


def of_values(instrument: Instrument, values: np.ndarray) -> np.ndarray:
    """Returns endorsements of items (… x items) from those of their values (… x 10)."""
    return values[..., [CODES.index(item.scale) for item in instrument.items]]


def symmetric_root(matrix: np.ndarray) -> np.ndarray:
    """Returns S with S S = matrix: as ten primes, S gives values that correlate as the matrix says."""
    eigenvalues, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(np.sqrt(np.maximum(eigenvalues, 0))) @ vectors.T
