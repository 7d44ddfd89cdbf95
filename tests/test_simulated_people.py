import numpy as np
import planted
import pytest
import simulated_people

from lib.materials.instruments import load
from lib.materials.questions import RESPONDENT
from lib.materials.values import CODES

PVQ, SURVEY = load("pvq40"), load("social_survey")


def test_people_have_the_correlations_and_the_reliability_that_were_planted():
    """Two items of one value correlate at the reliability, of two values at that times the values' correlation."""
    found = simulated_people.respondents(PVQ, planted.human(), 20_000, seed=1, reliability=0.6)
    r, scales = found.corr().to_numpy(), list(PVQ.key.values())
    values = np.array([CODES.index(s) for s in scales])
    expected = 0.6 * planted.human()[np.ix_(values, values)]
    np.fill_diagonal(expected, 1.0)
    assert np.abs(r - expected).max() < 0.04
    assert found.index.names == RESPONDENT and list(found.columns) == list(PVQ.key)


def test_feasible_relations_are_left_as_they_are_and_others_moved_least():
    people = simulated_people.respondents(PVQ, planted.human(), 500, seed=1)
    wanted = np.random.default_rng(0).standard_normal((3, 10))
    once = simulated_people.feasible(wanted, people, PVQ)
    assert simulated_people.feasible(once, people, PVQ) == pytest.approx(once)
    assert not np.allclose(once, wanted) and np.corrcoef(once.ravel(), wanted.ravel())[0, 1] > 0.8


def test_a_seed_gives_the_same_people_again():
    one, again, other = (simulated_people.respondents(PVQ, np.eye(10), 5, seed) for seed in (1, 1, 2))
    assert one.equals(again) and not one.equals(other)
    acts = [simulated_people.behaviors(one, PVQ, SURVEY, np.zeros((37, 10)), seed) for seed in (1, 1, 2)]
    assert acts[0].equals(acts[1]) and not acts[0].equals(acts[2])
