import numpy as np
import pandas as pd
import pingouin as pg
import planted
import pytest
import simulated_people

from lib.analysis.behavior.relations import Pair
from lib.analysis.reliability import behavior_reliability, centred_items, value_reliability
from lib.analysis.respondents import Respondents, respondents
from lib.materials.instruments import Instrument, Item, load
from lib.materials.questions import RESPONDENT
from lib.materials.values import CODES

PVQ = load("pvq40")
ONE = pd.MultiIndex.from_tuples([("-", "-")], names=["wording", "person"])


def people(n: int, reliability: float) -> Respondents:
    items = simulated_people.respondents(PVQ, np.eye(10), n, 3, reliability).to_numpy()[None]
    return Respondents("people", "", PVQ, items, ONE, tuple(map(str, range(n))), CODES)


def test_values_of_planted_reliability_have_it():
    """Items with common correlation r: alpha = omega = k r / (1 + (k - 1) r) (Cronbach 1951).

    Taking out the mean of all 40 items makes r = .5 a little smaller: exactly what the covariances with it say.
    """
    table = value_reliability(people(20_000, 0.5)).set_index("scale")
    for scale, k in (("UN", 6), ("PO", 3), ("SE", 5)):
        share = 1 / 40  # of the respondent's mean in each item: cov(x_i, m)
        mean = (np.bincount(list(map(CODES.index, PVQ.key.values()))) ** 2).sum() * 0.5 / 1600 + 0.5 * share
        shared = mean - 2 * (k * 0.5 + 0.5) * share
        r = (0.5 + shared) / (1 + shared)
        assert table.loc[scale, "alpha"] == pytest.approx(k * r / (1 + (k - 1) * r), abs=0.012)
        assert table.loc[scale, "omega"] == pytest.approx(table.loc[scale, "alpha"], abs=0.01)
        assert table.loc[scale, ["n_items", "n_respondents"]].tolist() == [k, 20_000]


def test_alpha_is_pingouins_on_centred_items_within_cells():
    index = pd.MultiIndex.from_tuples(
        [("definition", *cell, code) for cell in planted.FOUR for code in CODES], names=RESPONDENT
    )
    items = pd.DataFrame(np.random.default_rng(0).standard_normal((40, 40)), index, list(PVQ.key))
    items += 2 * np.repeat(np.arange(4), 10)[:, None] + np.random.default_rng(1).standard_normal((40, 1))
    items.iloc[7, 5] = np.nan
    lost = list(PVQ.key)[5]
    table = value_reliability(respondents(items, PVQ, "definition")).set_index("scale")
    # The item that is missing once counts nowhere in that cell, and has no part in any scale.
    cell = items.index.droplevel(["induction", "condition"])
    kept = items.copy()
    kept.loc[cell == cell[7], lost] = np.nan
    centred = kept.sub(kept.mean(axis=1), axis=0)
    within = centred - centred.groupby(level=["wording", "person"]).transform("mean")
    for code in CODES:
        own = [i for i, scale in PVQ.key.items() if scale == code and i != lost]
        assert table.loc[code, "alpha"] == pytest.approx(pg.cronbach_alpha(within[own])[0])
        assert table.loc[code, "n_items"] == len(own)


def test_behaviours_are_as_reliable_over_primes_as_was_planted():
    """k items that share a profile of variance 1 over primes, each with noise of variance 2: 1 - (2 / k) / (1 + 2 / k).

    Reverse-keyed ones of the second scale say the opposite (turned: the same profile below zero).
    """
    k, rng = 400, np.random.default_rng(0)
    items = [Item(f"{s}{i}", s, i % 2 == 1) for s in ("real", "torn") for i in range(k)]
    instrument = Instrument("made_up", "Made up", "behavior", "", "", False, "?", ("no", "yes"), tuple(items))
    profile = np.linspace(-1, 1, 10)
    profile = profile / profile.std(ddof=1)
    torn = np.where(np.arange(k) % 2 == 1, -1.0, 1.0)
    answers = np.hstack([np.tile(profile[:, None], k), profile[:, None] * torn])
    answers = answers + np.sqrt(2) * rng.standard_normal((10, 2 * k))
    group = Respondents("x", "", instrument, answers[None], ONE, CODES, ("real", "torn"))
    table = behavior_reliability({"made_up": Pair(group, group)}).set_index("scale")
    assert table.loc["real", "reliability"] == pytest.approx(1 / (1 + 2 / k), abs=0.003)
    assert table.loc["real", "halves"] > 0.95 and table.loc["torn", "halves"] < -0.9
    assert table.loc["torn", "reliability"] < table.loc["real", "reliability"]
    assert table["n_items"].tolist() == [k, k] and (table["instrument"] == "made_up").all()


def test_centred_items_of_a_single_scale_lose_the_level_they_are_given():
    single = load("prosocialness")
    items, level = np.ones((1, 10, len(single.key))), np.arange(10.0)[None]
    group = Respondents("x", "", single, items, ONE, CODES, single.scales, level)
    assert centred_items(group)[0, :, 0] == pytest.approx(1 - level[0])
