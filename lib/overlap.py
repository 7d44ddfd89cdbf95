"""Word overlap: how alike prime and statement are as strings, and what a respondent would answer who knew only that."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from lib import prompting
from lib.instruments import Instrument, item_texts
from lib.values import NO_VALUE

_SIZES = (3, 4, 5)


def similarity(primes: Sequence[str], statements: Sequence[str]) -> np.ndarray:
    """Returns the cosine of the TF-IDF vectors of prime and statement, primes x statements in [0, 1].

    Terms are the runs of 3 to 5 letters within words (a word with a space on either side), so that "honest" and
    "honesty" meet; idf = ln((1 + texts) / (1 + texts with the term)) + 1 over all the texts given.
    """
    counts = [_terms(text) for text in (*primes, *statements)]
    vocabulary = {term: i for i, term in enumerate(dict.fromkeys(t for c in counts for t in c))}
    table = np.zeros((len(counts), len(vocabulary)))
    for row, count in zip(table, counts, strict=True):
        row[[vocabulary[t] for t in count]] = list(count.values())
    table *= np.log((1 + len(table)) / (1 + (table > 0).sum(axis=0))) + 1
    table /= np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-12)
    return table[: len(primes)] @ table[len(primes) :].T


def _terms(text: str) -> Counter[str]:
    words = "".join(c.lower() if c.isalpha() else " " for c in text).split()
    padded = [f" {word} " for word in words]
    return Counter(w[i : i + n] for w in padded for n in _SIZES for i in range(len(w) - n + 1))


def lexical_items(instrument: Instrument, index: pd.MultiIndex) -> pd.DataFrame:
    """Returns what respondents would answer who go by word overlap alone, in the form of `scoring.item_responses`.

    response = similarity(prime, statement) - similarity(neutral prime, statement), turned round for reverse-keyed
    items: the likelihood mode's endorsement with string similarity in the place of the model.

    Args:
        instrument: the questionnaire.
        index: the respondents (`scoring.RESPONDENT`).

    Raises:
        StudyError: the text of a licensed instrument is not to be had.
    """
    texts, sign = item_texts(instrument), [-1.0 if i.reversed else 1.0 for i in instrument.items]
    parts = []
    for (wording, person), part in index.to_frame(index=False).groupby(["wording", "person"], sort=False):
        primes = [prompting.prime(r.induction, r.condition, wording, person) for r in part.itertuples()]
        neutral = prompting.prime(NO_VALUE, NO_VALUE, wording, person)
        alike = similarity([neutral, *primes], [texts[item, person] for item in instrument.key])
        rows = pd.MultiIndex.from_frame(part)
        parts.append(pd.DataFrame((alike[1:] - alike[0]) * sign, index=rows, columns=list(instrument.key)))
    return pd.concat(parts)
