import numpy as np
import pandas as pd
import pytest

from lib.analysis.behavior.variance import SOURCES, variance_shares
from lib.errors import StudyError
from lib.materials.questions import RESPONDENT
from lib.materials.values import CODES


def primed(n_items: int, seed: int, wordings=("a", "b"), persons=("I", "he")) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([["definition"], wordings, persons, CODES], names=RESPONDENT)
    noise = np.random.default_rng(seed).standard_normal((len(index), n_items))
    return pd.DataFrame(noise, index, [f"i{k}" for k in range(n_items)])


def test_shares_of_variance_are_recovered():
    rng, planted_sd = np.random.default_rng(0), {"item": 1.0, "value": 0.8, "wording": 0.6, "person": 0.5, "e": 0.7}
    items = primed(40, seed=1, wordings=list("abcd"), persons=("I", "he", "she", "they")) * planted_sd["e"]
    of_item = rng.standard_normal(40)
    items = items + (of_item - of_item.mean()) / of_item.std() * planted_sd["item"]
    for facet, level in (("value", "condition"), ("wording", "wording"), ("person", "person")):
        codes, names = pd.factorize(items.index.get_level_values(level))
        items = items + planted_sd[facet] * rng.standard_normal((len(names), 40))[codes]
    expected = np.array([sd**2 for sd in planted_sd.values()])
    found = variance_shares(items)
    assert list(found.index) == list(SOURCES) and found.sum() == pytest.approx(1)
    assert found.to_numpy() == pytest.approx(expected / expected.sum(), abs=0.08)


def test_shares_do_not_hang_on_the_unit_and_a_facet_of_one_level_has_none():
    items = primed(12, seed=2, wordings=("a",)) + np.arange(12)
    found = variance_shares(items)
    assert found["wording"] == 0 and found["item"] > 0.8
    assert variance_shares(items * 1e4).to_numpy() == pytest.approx(found.to_numpy(), abs=1e-3)


def test_shares_of_variance_need_more_than_one_item():
    with pytest.raises(StudyError, match="two items"):
        variance_shares(primed(1, seed=0))
