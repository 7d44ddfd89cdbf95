"""The order of the response options: seeded, recorded, undone; and the keys that recorded answers are found by."""

import hashlib
from collections import Counter

import pandas as pd
import pytest
from asking import OPEN, plan

from lib.asking import planning, prompting
from lib.asking.prompting import Prompt
from lib.asking.requests import request_key
from lib.asking.runner import request_keys, requests
from lib.errors import StudyError
from lib.materials import questions
from lib.materials.persons import PERSONS


def test_recorded_answers_are_found_by_the_same_keys_as_ever():
    prompt = Prompt("likelihood", "Imagine that you are a person.", "I make up my own mind.")
    assert request_key("llama.cpp:b179", prompt, 0) == "53ba891a779fad8722a8716490d01843"
    labels = ("1", "2", "3")
    assert (
        request_key("llama.cpp:b179", Prompt("choice", "Prime “ü”.", 'Say "1"\n', labels), 7)
        == "4964a07eaea5f55bbadee9bff4cb672e"
    )


def test_keys_of_a_whole_plan_stay():
    made = planning.make_plan([OPEN], inductions=["definition"], wordings=["imagine"], persons=tuple(PERSONS))
    keys = "".join(r.key for r in requests(made, "llama.cpp:b179"))
    assert (len(made), hashlib.blake2b(keys.encode(), digest_size=8).hexdigest()) == (3520, "9f4d44220dd0f6d6")


@pytest.mark.parametrize("seed", range(3))
def test_the_quick_keys_are_those_of_the_formula(seed):
    """Row by row, without anything shared, of rows in any order with repetitions."""
    parts = [plan(mode, orders=questions.ORDERS, replicates=3) for mode in questions.ALL_MODES]
    whole = pd.concat(parts, ignore_index=True).astype(dict.fromkeys(questions.QUESTION[:-1], "category"))
    some = whole.sample(300, random_state=seed, replace=True)
    rows = pd.concat([some, whole.iloc[:200], some.iloc[:1], some.iloc[:1]], ignore_index=True)
    composer = prompting.Composer.of(rows)
    prompts = [composer.prompt(row) for row in rows[questions.QUESTION].itertuples(index=False, name=None)]
    slow = [request_key("m#text=1", p, r) for p, r in zip(prompts, rows["replicate"], strict=True)]
    assert request_keys(rows, "m#text=1") == slow
    assert [(r.key, r.prompt) for r in requests(rows, "m#text=1")] == list(zip(slow, prompts, strict=True))
    assert request_keys(rows.iloc[:0], "m") == []


def test_shown_and_meant_are_inverse():
    prompt = Prompt("choice", "", "", tuple("1234"), (2, 0, 3, 1))
    assert [prompt.option(place) for place in range(4)] == [2, 0, 3, 1]
    assert prompt.by_option([0.1, 0.2, 0.3, 0.4]) == (0.2, 0.4, 0.1, 0.3)
    assert Prompt("choice", "", "", tuple("12")).by_option([0.1, 0.9]) == (0.1, 0.9)


@pytest.mark.parametrize("order", questions.ORDERS)
def test_labels_stand_in_order_and_options_as_the_order_says(order):
    for prompt in list(planning.prompts(plan(orders=[order], replicates=2)))[:80]:
        lines = prompt.text.splitlines()[1:7]
        assert [line.split(" = ")[0] for line in lines] == list(prompt.labels)
        listed = next(planning.prompts(plan(rows=1))).text.splitlines()[1:7]
        meant = [listed[prompt.option(place)].split(" = ")[1] for place in range(6)]
        assert [line.split(" = ")[1] for line in lines] == meant


def test_shuffled_orders_are_seeded_by_respondent_and_item():
    rows = plan(orders=["shuffled"], replicates=20)
    orders = [p.order for p in planning.prompts(rows)]
    assert orders == [p.order for p in planning.prompts(rows)]
    by_first = Counter(order[0] for order in orders)
    expected = len(orders) / 6
    assert all(abs(n - expected) < 5 * expected**0.5 for n in by_first.values())
    one_item = rows["item"] == rows["item"].iloc[0]
    assert len({o for o, chosen in zip(orders, one_item, strict=True) if chosen}) > 100
    assert prompting.option_order("shuffled", 6, ("pinned", 1)) == (1, 4, 0, 2, 3, 5)


def test_choice_and_text_show_a_respondent_the_same_order():
    shown = [[p.order for p in planning.prompts(plan(mode, 40, orders=["shuffled"]))] for mode in ("choice", "text")]
    assert shown[0] == shown[1]


def test_where_no_options_are_shown_there_is_no_order():
    assert set(plan("likelihood", orders=["reversed", "shuffled"])["order"]) == {"listed"}
    assert set(plan("choice", orders=["reversed", "listed"])["order"]) == {"listed", "reversed"}


def test_a_part_of_a_plan_has_the_prompts_of_the_whole():
    rows = plan(orders=["listed", "shuffled"], replicates=2)
    assert list(planning.prompts(rows))[500:700] == list(planning.prompts(rows.iloc[500:700]))


def test_unknown_orders_are_told():
    with pytest.raises(StudyError, match="Unknown order"):
        plan(orders=["sideways"])
    with pytest.raises(StudyError, match="Unknown order"):
        prompting.option_order("sideways", 6, ())
