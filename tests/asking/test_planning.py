from itertools import pairwise

import pytest

from lib.asking import planning
from lib.errors import StudyError
from lib.materials import questions
from lib.materials.induction import inductions, templates, wordings


def test_plan_holds_every_question_once():
    plan = planning.make_plan(["open_portraits"])
    wordings_of = [len(templates()[induction]) for induction in inductions()]
    n_primes = 10 * sum(wordings_of) + len(wordings())
    assert (plan["mode"] == "likelihood").sum() == 40 * 4 * n_primes
    assert (plan["mode"] == "choice").sum() == 40 * 1 * n_primes
    assert not plan.duplicated(questions.QUESTION).any()


def test_questions_of_one_prime_stand_in_a_row():
    plan = planning.make_plan(["open_portraits"], ["likelihood"], ["name"], ["plain"], ["I"])
    primes = [p.prime for p in planning.prompts(plan)]
    changes = sum(a != b for a, b in pairwise(primes))
    assert changes == 10


def test_persons_may_be_named():
    plan = planning.make_plan(["open_portraits"], persons=["he", "she"])
    assert set(plan.loc[plan["mode"] == "choice", "person"]) == {"he", "she"}


def test_the_neutral_prime_is_always_asked():
    plan = planning.make_plan(["open_portraits"], ["choice"], ["definition"], ["plain"], ["he"])
    assert (plan["condition"] == "none").sum() == 40


def test_replicates_are_questions_of_their_own():
    plan = planning.make_plan(["open_portraits"], ["choice"], ["name"], ["plain"], ["he"], replicates=3)
    assert sorted(plan["replicate"].unique()) == [0, 1, 2]
    assert len(plan) == 3 * 11 * 40


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"modes": ["guess"]}, "Unknown mode 'guess'"),
        ({"wordings": ["loud"]}, "Unknown wording"),
        ({"persons": ["we"]}, "Unknown person"),
        ({"inductions": ["none"]}, "Unknown induction"),
        ({"instrument_ids": ["x"]}, "Unknown instrument"),
        ({"replicates": 0}, "at least one answer"),
    ],
)
def test_unknown_names(change, message):
    with pytest.raises(StudyError, match=message):
        planning.make_plan(**({"instrument_ids": ["open_portraits"]} | change))
