"""Answers with a known truth, for the tests of populations."""

import numpy as np
import pandas as pd

from lib.instruments import Instrument
from lib.values import CODES, CONDITIONS, NO_VALUE

CELLS = (("imagine", "I"), ("plain", "he"))


def likelihood(instrument: Instrument, endorsed: np.ndarray, cells=CELLS, base: float = -3.0) -> pd.DataFrame:
    """Returns `likelihood` answers with these endorsements (conditions x items, the ten values) in every cell."""
    full = np.vstack([endorsed, np.zeros(endorsed.shape[1])])
    return _answers(instrument, cells, "likelihood", lambda c, i: {"logprob": base + full[c, i]})


def choice(instrument: Instrument, shares: np.ndarray, cells=CELLS) -> pd.DataFrame:
    """Returns `choice` answers with these probabilities of the options, in every condition and of every item alike."""
    return _answers(instrument, cells, "choice", lambda c, i: {"probabilities": list(shares)})


def _answers(instrument, cells, mode, answer) -> pd.DataFrame:
    empty = {"logprob": np.nan, "probabilities": None, "response": np.nan}
    rows = [
        {"wording": wording, "person": person, "condition": condition, "item": item, "mode": mode, "status": "ok"}
        | {"induction": NO_VALUE if condition == NO_VALUE else "definition", "instrument": instrument.id}
        | empty
        | answer(c, i)
        for wording, person in cells
        for c, condition in enumerate(CONDITIONS)
        for i, item in enumerate(instrument.key)
    ]
    return pd.DataFrame(rows)


def of_values(instrument: Instrument, values: np.ndarray) -> np.ndarray:
    """Returns endorsements of items (conditions x items) from those of their values (conditions x 10)."""
    return values[:, [CODES.index(item.scale) for item in instrument.items]]


def symmetric_root(matrix: np.ndarray) -> np.ndarray:
    """Returns S with S S = matrix: as ten primes, S gives values that correlate as the matrix says."""
    eigenvalues, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(np.sqrt(np.maximum(eigenvalues, 0))) @ vectors.T
