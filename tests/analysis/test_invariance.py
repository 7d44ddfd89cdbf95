"""What must not matter to an alignment: the order of items, a respondent's level, the direction that options run in."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import choice

from lib.analysis import people, scoring
from lib.analysis.alignment import align
from lib.analysis.respondents import Respondents, level_signs, respondents
from lib.analysis.structure.evidence import STRUCTURE, evidence
from lib.analysis.study import Study
from lib.materials.instruments import Instrument, Item, load
from lib.materials.references import structure
from lib.materials.values import CODES
from lib.statistics import correlations

STUDY = Study(instrument="open_portraits")
QUESTIONNAIRE = STUDY.questionnaire
CELLS = pd.MultiIndex.from_product([["a", "b"], ["I", "he"]], names=["wording", "person"])
TARGET = people.sample(STRUCTURE, "pvq40_us_2017")


def group(seed: int = 0) -> Respondents:
    """Ten primes whose values hang together as in people, with error in every answer."""
    rng = np.random.default_rng(seed)
    values = rng.multivariate_normal(np.zeros(10), structure("pvq40_us_2017"), size=10)
    own = [CODES.index(item.scale) for item in QUESTIONNAIRE.items]
    items = values[:, own] + rng.standard_normal((len(CELLS), 10, len(own)))
    return Respondents("made", "made", QUESTIONNAIRE, items, CELLS, CODES, QUESTIONNAIRE.scales)


def row(made: Respondents, measure: str = "pearson") -> dict:
    found = align(evidence(STUDY, made), TARGET, measure)
    return {name: getattr(found, name) for name in ("estimate", "low", "high", "p", "null_low", "null_high", "ceiling")}


@pytest.fixture(scope="module")
def whole() -> dict:
    return row(group())


def test_the_order_of_the_items_does_not_matter(whole):
    order = np.random.default_rng(1).permutation(len(QUESTIONNAIRE.items))
    items = tuple(QUESTIONNAIRE.items[i] for i in order)
    turned = replace(group(), instrument=replace(QUESTIONNAIRE, items=items), items=group().items[..., order])
    found = row(turned)
    for name in ("estimate", "p", "null_low", "null_high", "ceiling"):
        assert found[name] == pytest.approx(whole[name]), name
    # Which items a draw holds is another matter: the interval is the same but for chance.
    assert [found["low"], found["high"]] == pytest.approx([whole["low"], whole["high"]], abs=0.05)


def test_a_constant_in_all_of_a_respondents_answers_does_not_matter(whole):
    levels = 3 * np.random.default_rng(2).standard_normal((len(CELLS), 10, 1))
    assert row(replace(group(), items=group().items + levels)) == pytest.approx(whole)


def test_what_a_cell_does_to_an_item_under_all_primes_does_not_matter(whole):
    shift = np.random.default_rng(3).standard_normal((len(CELLS), 1, len(QUESTIONNAIRE.items)))
    found = row(replace(group(), items=group().items + shift))
    assert [found[name] for name in ("estimate", "p")] == pytest.approx([whole[name] for name in ("estimate", "p")])


def test_the_unit_of_the_answers_does_not_matter(whole):
    assert row(replace(group(), items=group().items * 0.01)) == pytest.approx(whole)


def test_options_that_run_the_other_way_in_all_items_turn_scores_and_leave_the_structure(whole):
    turned = replace(group(), items=7 - group().items)
    assert np.allclose(turned.scores(), -group().scores())
    assert row(turned) == pytest.approx(whole)


def test_which_prime_is_called_what_does_not_matter_to_the_structure_of_values(whole):
    order = np.random.default_rng(4).permutation(10)
    assert row(replace(group(), items=group().items[:, order])) == pytest.approx(whole)


def test_the_order_of_the_values_matters():
    order = [3, 8, 1, 5, 0, 9, 2, 7, 4, 6]
    assert correlations(group().scores()) != pytest.approx(correlations(group().scores()[..., order]))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.01, 1), min_size=6, max_size=6), st.sets(st.integers(0, 5)))
def test_a_reversed_statement_answered_the_other_way_round_is_the_same_answer(shares, turned):
    """Reverse keys are an involution, of values as of behaviour."""
    shares = np.array(shares) / sum(shares)
    plain = made({})
    opposite = made(dict.fromkeys(turned, True))
    straight, reverse = choice(plain, shares), choice(opposite, shares)
    mirrored = reverse["item"].isin([item.id for item in opposite.items if item.reversed])
    reverse["probabilities"] = [
        list(np.flip(p)) if other else p for p, other in zip(reverse["probabilities"], mirrored, strict=True)
    ]
    one, other = scoring.item_responses(straight, plain), scoring.item_responses(reverse, opposite)
    np.testing.assert_allclose(one.to_numpy(), other.to_numpy(), atol=1e-12)


def made(turned: dict[int, bool], kind: str = "values") -> Instrument:
    items = tuple(Item(f"i{k}", CODES[k], turned.get(k, False)) for k in range(6))
    return Instrument("made_up", "Made up", kind, "", "", False, "", tuple("123456"), items)


def test_saying_yes_to_everything_is_no_behaviour():
    survey, rng = load("social_survey"), np.random.default_rng(5)
    answers = rng.standard_normal((len(CELLS), 10, len(survey.items)))
    louder = answers + rng.standard_normal((len(CELLS), 10, 1)) * level_signs(survey)
    one, other = (Respondents("made", "made", survey, x, CELLS, CODES, survey.scales) for x in (answers, louder))
    assert np.allclose(one.scores(), other.scores())


def test_rows_in_another_order_are_the_same_respondents():
    items = STUDY.items()
    shuffled = items.sample(frac=1, random_state=0)
    one, other = (respondents(x, QUESTIONNAIRE, "definition") for x in (items, shuffled))
    assert np.array_equal(one.items, other.items) and one.cells.equals(other.cells)
