"""The parser against replies of many layouts, whose right reading was written down by hand (`data/replies.csv`)."""

import csv
from collections import Counter
from itertools import groupby

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lib import paths
from lib.asking.http.parsing import Parsed, parse, without_reasoning

OK = [
    ("4", 4),
    (" 4\n", 4),
    ("4.", 4),
    ("4.0", 4),
    ("**4**", 4),
    ("__4__", 4),
    ("`4`", 4),
    ("(4)", 4),
    ('"4"', 4),
    ("[4]", 4),
    ("４", 4),
    ("four", 4),
    ("Four.", 4),
    ("4/6", 4),
    ("4 / 6", 4),
    ("4 out of 6", 4),
    ("four out of 6", 4),
    ("Option 4", 4),
    (r"$\boxed{4}$", 4),
    ("Answer: 4", 4),
    ("**Answer:** 4", 4),
    ("Answer: **4**", 4),
    ("ANSWER = 4", 4),
    ("My answer is 4.", 4),
    ("The final answer is: 4", 4),
    ("My rating would be a 4.", 4),
    ("Rating: 4/6", 4),
    ("I would rate it 4.", 4),
    ("I'd say 4 because it fits.", 4),
    ("I would rate this statement as a 4 on a scale from 1 to 6.", 4),
    ("On a scale of 1-6, I choose 4.", 4),
    ("That would be a four.", 4),
    ("4 = somewhat like me", 4),
    ("4. Somewhat like me", 4),
    ("4 - somewhat like me", 4),
    ("4 (somewhat like me)", 4),
    ("4, as it describes me well.", 4),
    ("4\n\nI care about people.", 4),
    ('{"answer": 4}', 4),
    ('{"answer": "4"}', 4),
    ('```json\n{"rating": 4, "reason": "I have 2 cats"}\n```', 4),
    ('Here it is: {"response": "four"}', 4),
    ("<think>Maybe 2, or 3.</think>4", 4),
    ("<think>Maybe 2, or 3.</think>\n\nAnswer: 4", 4),
    ("Maybe 2.</think>4", 4),
    ("<reasoning>5</reasoning> 4", 4),
    ("First I thought: answer: 2. But the final answer is 4.", 4),
    ("Let me weigh it. It fits in 2 ways.\n\n4", 4),
    ("3\nOn reflection:\n4", 4),
    ("I would not say 5. I would say 4.", 4),
    ("As an AI I have no feelings, but my answer is 4.", 4),
    ("1", 1),
    ("6", 6),
]

NOT_OK = [
    ("", "unparsed"),
    ("   \n", "unparsed"),
    ("<think>It is 4, I believe", "unparsed"),
    ("<think>4</think>", "unparsed"),
    ("4.5", "unparsed"),
    ("4,5", "unparsed"),
    ("3 or 4", "unparsed"),
    ("3-4", "unparsed"),
    ("3/4", "unparsed"),
    ("Answer: 3 or 4", "unparsed"),
    ("I would say between 3 and 4.", "unparsed"),
    ("somewhat like me", "unparsed"),
    ("I have 3 children and love nature.", "unparsed"),
    ("I am a 5 year old.", "unparsed"),
    ("1. Not like me\n2. A little\n3. Like me a lot", "unparsed"),
    ("1 = not like me, 6 = very much like me. Which is it?", "unparsed"),
    ("No one knows.", "unparsed"),
    ("I would not say 4", "unparsed"),
    ('{"answer": null}', "unparsed"),
    ('{"answer": true}', "unparsed"),
    ('{"answer": [3, 4]}', "unparsed"),
    ('{"answer": 3, "score": 4}', "unparsed"),
    ('{"answer": 3.5}', "unparsed"),
    ("7", "out_of_range"),
    ("0", "out_of_range"),
    ("-4", "out_of_range"),
    ("zero", "out_of_range"),
    ("10", "out_of_range"),
    ("Answer: 9", "out_of_range"),
    ("I would say 10.", "out_of_range"),
    ("7/10", "unparsed"),
    ('{"answer": 7}', "out_of_range"),
    ("I'm sorry, but I can't help with that.", "refused"),
    ("As an AI language model, I do not have personal values.", "refused"),
    ("I cannot rate this on a scale from 1 to 6.", "refused"),
    ("I don't have personal opinions.", "refused"),
    ("I must decline.", "refused"),
]


@pytest.mark.parametrize(("reply", "number"), OK)
def test_a_stated_answer_is_read(reply, number):
    assert parse(reply, 6) == Parsed("ok", number - 1)


@pytest.mark.parametrize(("reply", "status"), NOT_OK)
def test_anything_else_is_no_answer(reply, status):
    assert parse(reply, 6) == Parsed(status)


def test_the_scale_decides_what_is_out_of_range():
    assert parse("5", 4) == Parsed("out_of_range")
    assert parse("5", 5) == Parsed("ok", 4)
    assert parse("4/5", 6) == Parsed("unparsed")


def test_reasoning_is_set_aside():
    assert without_reasoning("<think>a\nb</think>\n4") == "4"
    assert without_reasoning("a 4 </THINK> five") == "five"
    assert without_reasoning("plain") == "plain"
    assert without_reasoning("a < b, [1] and {2}") == "a < b, [1] and {2}"


# ── The layouts ─────────────────────────────────────────────────────────────────────────────────────────────────────
#: How many of the replies that state a number are not read: "…, so 4." after another number, and colons after clauses.
LOST = 3
LIKE = ["not like me at all", "not like me", "a little like me", "somewhat like me", "like me", "very much like me"]
SCALES = {
    "pvq": LIKE,
    "reversed": LIKE[::-1],
    "agree": [
        "disagree strongly",
        "disagree a little",
        "neither agree nor disagree",
        "agree a little",
        "agree strongly",
    ],
    "likely": ["very unlikely", "unlikely", "as likely as not", "likely", "very likely"],
    "often": ["never", "rarely", "sometimes", "often", "nearly always"],
    "well": ["not at all", "hardly", "somewhat", "well", "exactly"],
    "yesno": ["no", "yes"],
}
with (paths.ROOT / "tests" / "data" / "replies.csv").open(encoding="utf-8", newline="") as _file:
    LAYOUTS = [row | {"reply": row["reply"].replace("⏎", "\n")} for row in csv.DictReader(_file)]
FAMILIES = {
    family: list(rows) for family, rows in groupby(sorted(LAYOUTS, key=lambda r: r["family"]), lambda r: r["family"])
}


def question(options):
    return "\n".join(
        ["How much like you is he?", *(f"{i} = {o}" for i, o in enumerate(options, 1)), "", 'Statement: "…"']
    )


def read(row, reply=None):
    options = SCALES[row["options"]]
    return parse(row["reply"] if reply is None else reply, len(options), question(options))


def right(row):
    return Parsed(row["status"], int(row["response"]) - 1 if row["response"] else None)


def test_the_layouts_are_many_and_each_has_one_reading():
    assert len(LAYOUTS) >= 800
    assert Counter(row["half"] for row in LAYOUTS).keys() == {"before", "after", "last"}
    assert len({row["id"] for row in LAYOUTS}) == len({(r["options"], r["reply"]) for r in LAYOUTS}) == len(LAYOUTS)
    assert all((row["status"] == "ok") == bool(row["response"]) for row in LAYOUTS)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_number_is_invented(family):
    assert [
        (r["id"], r["reply"]) for r in FAMILIES[family] if (got := read(r)).status == "ok" and got != right(r)
    ] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_what_states_no_number_ends_as_it_should(family):
    none = [row for row in FAMILIES[family] if row["status"] != "ok"]
    assert [(r["id"], r["reply"], read(r).status) for r in none if read(r) != right(r)] == []


def test_hardly_a_stated_number_is_lost():
    stating = [row for row in LAYOUTS if row["status"] == "ok"]
    assert len([row["id"] for row in stating if read(row) != right(row)]) <= LOST
    assert len(stating) > 100 * LOST


# ── Any text ────────────────────────────────────────────────────────────────────────────────────────────────────────
PIECES = st.lists(st.sampled_from([w for r in LAYOUTS for w in r["reply"].split(" ") if w]), max_size=12)


@given(st.text() | PIECES.map(" ".join), st.integers(2, 16))
def test_any_text_has_a_reading(text, n):
    got = parse(text, n, question(SCALES["pvq"]))
    assert got.status in ("ok", "unparsed", "out_of_range", "refused")
    assert (got.status == "ok") == (got.place is not None)
    assert got.place is None or 0 <= got.place < n


BETWEEN = st.text(" \n\t,.;:/|()[]{}*_'\"!?…→&-–—=", min_size=1, max_size=6) | st.sampled_from(
    [
        " or ",
        " and ",
        " maybe ",
        ", maybe ",
        " to ",
        " rather than not ",
        ". Perhaps ",
        " (or) ",
        " then ",
        ", or even ",
    ]
)


@given(st.integers(1, 8), BETWEEN, st.integers(1, 8), st.sampled_from(["", "I'd say ", "Answer: ", "A "]))
def test_two_numbers_are_no_answer(one, between, other, lead):
    assume(one != other)
    assert parse(f"{lead}{one}{between}{other}", 9).status != "ok"


PLAIN = [
    row for row in LAYOUTS if row["family"] not in ("reasoned", "json") and not set(row["reply"]) & set("*_#\n`~<$\\")
]


@given(st.sampled_from(PLAIN), st.sampled_from(["", "*", "**", "***", "__", "_"]), *[st.text(" \n\t", max_size=3)] * 2)
def test_white_space_and_emphasis_around_a_reply_change_nothing(row, mark, before, after):
    assume(row["reply"].strip())
    assert read(row, f"{before}{mark}{row['reply'].strip()}{mark}{after}") == read(row)
