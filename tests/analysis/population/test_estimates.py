"""Statistics of people against plain computation, and their bootstrap against analytic standard errors."""

import numpy as np
import pandas as pd
import planted
import pytest
from scipy.stats import norm, wasserstein_distance

from lib.analysis.alignment import align
from lib.analysis.behavior.relations import BEHAVIOR
from lib.analysis.people import GRID, hierarchies, sample, spreads
from lib.analysis.population import estimates
from lib.analysis.population.estimates import DISTRIBUTION, HIERARCHY, SPREAD, by_wording, evidence, numbers
from lib.analysis.population.sampling import People
from lib.analysis.structure.evidence import STRUCTURE
from lib.statistics import pairs

TWO = pd.MultiIndex.from_tuples([("imagine", "I"), ("plain", "I")], names=["wording", "person"])
ONE = TWO[:1]
KEYS = {"model": "m", "mode": "choice", "instrument": "pvq40", "source": "uniform", "prime": "definition"}


def people_like(cells: pd.MultiIndex, n: int, seed: int, shift: float = 0.0) -> tuple[People, np.ndarray]:
    """People whose scores have the American moments, drawn and not simulated; `shift` moves the second cell."""
    rng = np.random.default_rng(seed)
    mean, sd = hierarchies()["gss2012_us"], spreads()["gss2012_us"]
    covariance = planted.human("gss2012_us") * np.outer(sd, sd)
    scores = mean + rng.multivariate_normal(np.zeros(10), covariance, size=n, method="eigh")
    cell = np.sort(rng.integers(len(cells), size=n))
    return People(cells, cell, np.zeros(n, dtype=int)), scores + shift * (cell == 1)[:, None]


def estimated(people, scores, behaviors=None, draws=0, seed=0) -> estimates.Estimates:
    rngs = {name: np.random.default_rng([seed, i]) for i, name in enumerate(("cells", "people"))}
    return estimates.estimates(people, scores, rngs, behaviors, draws)


def test_estimates_are_the_plain_statistics_and_cells_are_taken_out():
    people, scores = people_like(TWO, 3_000, 1, shift=0.5)
    behaviors = np.random.default_rng(2).standard_normal((3_000, 2)) + scores[:, :2]
    found = estimated(people, scores, behaviors)
    both = pd.DataFrame(np.hstack([scores, behaviors]))
    apart = both - both.groupby(people.cell).transform("mean")
    assert np.allclose(found.correlation[0], apart.corr().to_numpy()[:10])
    assert np.allclose(found.mean[0], scores.mean(axis=0)) and np.allclose(found.sd[0], scores.std(axis=0))
    assert estimated(people, scores).below[0, 3, 60] == (scores[:, 3] < GRID[60]).mean()
    assert (found.wordings, found.people) == (2, 3_000)


def test_rows_of_wordings_are_the_statistics_of_their_people():
    people, scores = people_like(TWO, 3_000, 1, shift=0.5)
    found = estimated(people, scores, scores[:, :3])
    for row, cell in ((1, 0), (2, 1)):
        own = scores[people.cell == cell]
        assert np.allclose(by_wording(found, HIERARCHY)[row], own.mean(axis=0))
        assert np.allclose(by_wording(found, SPREAD)[row], own.std(axis=0))
        assert np.allclose(by_wording(found, STRUCTURE)[row], pairs(np.corrcoef(own.T)))
        assert np.allclose(by_wording(found, BEHAVIOR)[row], np.corrcoef(own.T)[:3].ravel())
        below = by_wording(estimated(people, scores), DISTRIBUTION)[row].reshape(10, -1)
        assert below[4, 50] == (own[:, 4] < GRID[50]).mean()


def test_relations_stand_behaviour_by_behaviour():
    people, scores = people_like(ONE, 500, 1)
    behaviors = np.random.default_rng(0).standard_normal((500, 2)) + scores[:, [3, 7]] * 5
    found = numbers(estimated(people, scores, behaviors), BEHAVIOR)[0].reshape(2, 10)
    assert found[1, 4] == pytest.approx(np.corrcoef(behaviors[:, 1], scores[:, 4])[0, 1])


def test_the_bootstrap_knows_the_standard_error_of_people():
    """One cell: no wording to resample. SD of a mean: sd / √n; of r: (1 - r²) / √n; of an SD: sd / √2n."""
    people, scores = people_like(ONE, 8_000, 3)
    found = estimated(people, scores, draws=600)
    drawn = {side: numbers(found, side)[2:].std(axis=0) for side in (HIERARCHY, SPREAD, STRUCTURE)}
    sd, r = scores.std(axis=0), pairs(np.corrcoef(scores.T))
    for side, expected in ((HIERARCHY, sd), (SPREAD, sd / np.sqrt(2)), (STRUCTURE, 1 - r**2)):
        assert (drawn[side] / (expected / np.sqrt(8_000))).mean() == pytest.approx(1, abs=0.15), side


def test_wordings_that_differ_widen_the_intervals():
    same, apart = (estimated(*people_like(TWO, 4_000, 4, shift), draws=300) for shift in (0.0, 0.3))
    assert apart.mean[3:].std(axis=0).min() > 10 * same.mean[3:].std(axis=0).max()


def test_strategies_are_compared_over_the_same_wordings_drawn():
    """Two populations whose wordings differ alike: the wordings drawn go together, draw by draw."""
    one, other = (estimated(*people_like(TWO, 4_000, seed, 0.3), draws=200) for seed in (4, 5))
    assert np.corrcoef(one.mean[3:, 0], other.mean[3:, 0])[0, 1] > 0.95


def test_people_with_human_moments_are_human_by_every_measure():
    found = estimated(*people_like(ONE, 40_000, 5), draws=50)
    shown = {side: evidence(found, side, KEYS, 2026) for side in (STRUCTURE, HIERARCHY, SPREAD, DISTRIBUTION)}
    own = {side: sample(side, "gss2012_us") for side in shown}
    assert align(shown[STRUCTURE], own[STRUCTURE]).estimate > 0.99
    assert align(shown[HIERARCHY], own[HIERARCHY], "pearson").estimate > 0.999
    assert align(shown[HIERARCHY], own[HIERARCHY], "spearman").estimate > 0.97
    assert align(shown[SPREAD], own[SPREAD], "variance_ratio").estimate == pytest.approx(1, abs=0.03)
    assert align(shown[DISTRIBUTION], own[DISTRIBUTION], "wasserstein").estimate < 0.004
    row = align(shown[STRUCTURE], own[STRUCTURE])
    assert row.covers == estimates.COVERS and row.n_respondents == 40_000 and row.source == "uniform"
    assert np.isfinite(row.low) and np.isnan(row.p)
    assert np.isnan(align(shown[SPREAD], own[SPREAD], "variance_ratio").null_high)


def test_wasserstein_is_scipys():
    people, scores = people_like(ONE, 4_000, 6)
    apart = align(
        evidence(estimated(people, scores), DISTRIBUTION, KEYS, 1), sample(DISTRIBUTION, "ess9_de"), "wasserstein"
    )
    mean, sd = hierarchies()["ess9_de"], spreads()["ess9_de"]
    normal = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    expected = np.mean([wasserstein_distance(scores[:, i], mean[i] + sd[i] * normal) for i in range(10)])
    assert apart.estimate == pytest.approx(expected, abs=1e-3)


def test_the_null_is_people_who_answer_at_random():
    """As many people, each item a draw of its own: structure and hierarchy agree with people as widely as the band."""
    rng, target = np.random.default_rng(0), {side: sample(side, "gss2012_us") for side in (STRUCTURE, HIERARCHY)}
    counts = np.array([3, 4, 3, 3, 4, 6, 4, 4, 4, 5])
    scores = rng.standard_normal((200, 300, 10)) / np.sqrt(counts)
    scores -= (scores @ counts / 40)[..., None]
    plain = {STRUCTURE: np.stack([pairs(np.corrcoef(s.T)) for s in scores]), HIERARCHY: scores.mean(axis=1)}
    people, own = people_like(ONE, 300, 0)
    for side, found in plain.items():
        random = evidence(estimated(people, own), side, KEYS, 2026).random
        r = [[np.corrcoef(one, target[side].numbers)[0, 1] for one in draws] for draws in (found, random)]
        assert np.mean(r[0]) == pytest.approx(np.mean(r[1]), abs=0.08), side
        assert np.std(r[0]) == pytest.approx(np.std(r[1]), rel=0.2), side
