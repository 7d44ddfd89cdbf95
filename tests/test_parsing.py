import pytest

from lib.querying.parsing import Parsed, parse, without_reasoning

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
