"""From item answers to scale scores: the formula by brute force, and what must not matter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.materials import instruments
from lib.materials.values import CODES
from lib.statistics import respondent_level, scale_scores

PVQ40 = instruments.load("pvq40")
KEY = np.array([[float(item.scale == code) for code in CODES] for item in PVQ40.items])
ONES = np.ones(40)


@st.composite
def questionnaires(draw):
    """Answers (some missing), a key, signs: every scale has at least one item."""
    scales, respondents = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    of = [*range(scales), *draw(st.lists(st.integers(0, scales - 1), max_size=8))]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    items = rng.standard_normal((respondents, len(of)))
    items[rng.random(items.shape) < draw(st.sampled_from([0.0, 0.3]))] = np.nan
    sign = rng.choice([-1.0, 1.0], len(of))
    return items, np.eye(scales)[of], sign, rng


def by_hand(items, key, sign, times):
    """Respondent by respondent, scale by scale, each answer as often as it counts."""
    scores = np.full((len(items), key.shape[1]), np.nan)
    for r, answers in enumerate(items):
        listed = [(i, x) for i, x in enumerate(answers) for _ in range(times[i]) if not np.isnan(x)]
        for v in range(key.shape[1]):
            own = [(i, x) for i, x in listed if key[i, v]]
            if own:
                level = sum(sign[i] * x for i, x in listed) / len(listed)
                scores[r, v] = sum(x - sign[i] * level for i, x in own) / len(own)
    return scores


@given(questionnaires())
def test_scores_are_the_formulas(drawn):
    items, key, sign, _ = drawn
    expected = by_hand(items, key, sign, [1] * len(key))
    np.testing.assert_allclose(scale_scores(items, key, sign), expected, atol=1e-12)


@given(questionnaires())
def test_counts_are_items_that_stand_there_more_than_once(drawn):
    items, key, sign, rng = drawn
    times = rng.integers(0, 4, len(key))
    found = scale_scores(items, key, sign, np.array([times, np.ones(len(key))], dtype=float))
    np.testing.assert_allclose(found[0], by_hand(items, key, sign, times), atol=1e-12)
    again = scale_scores(np.repeat(items, times, axis=1), np.repeat(key, times, axis=0), np.repeat(sign, times))
    np.testing.assert_allclose(found[0], again, atol=1e-12)
    np.testing.assert_allclose(found[1], scale_scores(items, key, sign), atol=1e-12)


@given(questionnaires(), st.floats(-50, 50))
def test_a_constant_in_all_answers_as_put_is_taken_out(drawn, constant):
    """Of values all signs are 1; of behaviour reverse-keyed items are turned, so that yes to all is plus and minus."""
    items, key, sign, _ = drawn
    np.testing.assert_allclose(
        scale_scores(items + constant * sign, key, sign), scale_scores(items, key, sign), atol=1e-10
    )


@given(questionnaires())
def test_the_order_of_the_items_does_not_matter(drawn):
    items, key, sign, rng = drawn
    order = rng.permutation(len(key))
    found = scale_scores(items[:, order], key[order], sign[order])
    np.testing.assert_allclose(found, scale_scores(items, key, sign), atol=1e-12)


def test_mrat_is_taken_out_once_and_over_items():
    items = np.random.default_rng(0).standard_normal((30, 40))
    scores = scale_scores(items, KEY, ONES)
    assert np.allclose(scores @ KEY.sum(axis=0), 0)
    assert np.abs(scores.mean(axis=1)).max() > 0.01
    raw = np.stack([items[:, KEY[:, v] > 0].mean(axis=1) for v in range(10)], axis=1)
    assert np.allclose(raw - scores, items.mean(axis=1, keepdims=True))
    assert np.allclose(respondent_level(items, ONES), items.mean(axis=1))


def test_a_level_from_elsewhere_is_used_as_it_is():
    items, level = np.random.default_rng(1).standard_normal((6, 5)), np.arange(6.0)
    found = scale_scores(items, np.ones((5, 1)), np.ones(5), level=level)
    assert np.allclose(found[:, 0], items.mean(axis=1) - level)
    drawn = scale_scores(items, np.ones((5, 1)), np.ones(5), np.ones((3, 5)), level)
    assert drawn.shape == (3, 6, 1) and np.allclose(drawn, found)


def test_missing_answers_take_no_part_and_an_empty_scale_is_missing():
    items = np.array([[1.0, 3.0, np.nan, 5.0]])
    key = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    assert scale_scores(items, key, np.ones(4)) == pytest.approx(np.array([[2 - 3.0, 5 - 3.0]]))
    items[0, 3] = np.nan
    found = scale_scores(items, key, np.ones(4))
    assert found[0, 0] == 0 and np.isnan(found[0, 1])
