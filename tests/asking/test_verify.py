import numpy as np
import pytest

from lib.answers.reply import Reply
from lib.asking import planning, recording, verify
from lib.asking.cache import ReplyCache
from lib.asking.runner import ask


@pytest.fixture
def recorded(endpoint, tmp_path):
    plan = planning.make_plan(["open_portraits"], wordings=["plain"], persons=["he"])
    with ReplyCache(tmp_path) as cache:
        ask(plan, endpoint, cache, progress=False)
        return recording.collect(plan, endpoint.identity, cache)


def test_the_same_answers_pass(recorded, endpoint):
    found = verify.compare(recorded.sample(200, random_state=0), endpoint)
    assert found.passed
    assert (found.asked, found.changed, found.largest) == (200, 0, 0)


@pytest.mark.parametrize("mode", ["likelihood", "choice"])
def test_one_altered_answer_fails_and_is_named(recorded, endpoint, mode):
    drawn = recorded[recorded["mode"] == mode].head(50).reset_index(drop=True)
    if mode == "likelihood":
        drawn.loc[17, "logprob"] += 0.002
    else:
        drawn.at[17, "probabilities"] = tuple(np.asarray(drawn.at[17, "probabilities"]) + [0.002, 0, 0, 0, 0, 0])
    found = verify.compare(drawn, endpoint)
    assert not found.passed
    assert found.largest == pytest.approx(0.002, rel=1e-3)
    assert drawn.loc[17, "item"] in found.where


def test_changed_words_fail(recorded, endpoint):
    drawn = recorded.head(20).assign(key=["0" * 32, *recorded["key"].iloc[1:20]])
    found = verify.compare(drawn, endpoint)
    assert (found.changed, found.passed) == (1, False)


def test_an_error_is_no_agreement(recorded, endpoint, monkeypatch):
    monkeypatch.setattr(endpoint, "answer", lambda request: Reply("error"))
    assert verify.compare(recorded.head(5), endpoint).largest == float("inf")


def test_no_question_is_no_pass():
    assert not verify.Verification(0, 0.0, "", 0, ()).passed
