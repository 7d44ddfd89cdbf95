"""The HTTP endpoint against a real server on the loopback: what is asked, what is read, what every fault ends as."""

import asyncio
import random
import threading

import pytest
from asking import plan, remote
from server import LABELS, FakeServer

from lib.asking import settings
from lib.asking.access import Secret
from lib.asking.cache import ReplyCache
from lib.asking.http import traffic
from lib.asking.http.faults import LateError
from lib.asking.http.transports import BulkTransport
from lib.asking.requests import Request, request_key
from lib.asking.runner import ask, requests
from lib.errors import StudyError

TRANSPORTS = settings.TRANSPORTS


@pytest.fixture(autouse=True)
def impatient(monkeypatch, request):
    monkeypatch.setattr(traffic, "_FIRST_WAIT_S", 0.001 if "waits" not in request.node.name else 0.5)
    monkeypatch.setattr(traffic, "_FIRST_BENCH_S", 0.05)
    monkeypatch.setattr(traffic, "ATTEMPTS", 3)


def replies(endpoint, rows=3, mode="choice", **more):
    return [reply for _, reply in endpoint.ask(requests(plan(mode, rows, **more), endpoint.identity))]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_choice_asks_for_one_token_with_its_alternatives(transport):
    with FakeServer() as server, remote(server, transport=transport) as endpoint:
        (reply,) = replies(endpoint, 1)
    (body,) = server.bodies
    assert body["max_tokens"] == 1
    assert body["logprobs"] is True
    assert body["top_logprobs"] == 20
    assert (body["temperature"], body["top_p"]) == (1.0, 1.0)
    assert [m["role"] for m in body["messages"]] == ["system", "user"]
    assert reply.status == "ok"
    assert sum(reply.probabilities) + reply.unmatched == pytest.approx(1)
    assert reply.unmatched > 0.01  # "The" is no label, and the server keeps one per cent back
    assert (reply.tokens_in, reply.tokens_out) == (50, 1)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_text_is_sampled_with_a_seed_of_its_own_for_each_replicate(transport):
    with FakeServer(said="Answer: **4**") as server, remote(server, transport=transport) as endpoint:
        got = replies(endpoint, 2, "text", replicates=2)
    assert [(r.status, r.response, r.message) for r in got] == [("ok", 4, "Answer: **4**")] * 2
    seeds = {body["seed"] for body in server.bodies}
    assert len(seeds) == 2
    assert {body["temperature"] for body in server.bodies} == {1.0}
    assert len({body["messages"][1]["content"] for body in server.bodies}) == 1


def test_both_transports_give_the_same_replies():
    with FakeServer() as server, remote(server, transport="bulk") as bulk, remote(server, transport="openai") as client:
        for mode in settings.HTTP_MODES:
            asked = list(requests(plan(mode, 10), bulk.identity))
            found = [{q.key: r for q, r in endpoint.ask(asked)} for endpoint in (bulk, client)]
            assert found[0] == found[1]


def test_likelihood_scores_the_statement_alone():
    with FakeServer() as server, remote(server) as endpoint:
        (request,) = requests(plan("likelihood", 1), endpoint.identity)
        ((_, reply),) = endpoint.ask([request])
    assert server.bodies[-1]["prompt"] == f"{request.prompt.prime} {request.prompt.text}"
    assert server.bodies[-1]["echo"] is True
    assert reply.status == "ok"
    assert reply.tokens_scored == len(request.prompt.text.split(" "))
    assert reply.logprob < 0


@pytest.mark.parametrize("fault", ["not_echoed", "no_logprobs", "flat", "400"])
def test_likelihood_refuses_a_server_whose_numbers_mean_nothing(fault):
    got = []
    with FakeServer(always=fault) as server, remote(server) as endpoint:
        for _ in range(2):
            with pytest.raises(StudyError, match="likelihood"):
                got.extend(endpoint.ask(requests(plan("likelihood", 200), endpoint.identity)))
    assert got == []
    assert server.arrivals <= 2 * 3
    assert {body["prompt"].split(".")[0] for body in server.bodies} == {"The capital of France is Paris"}


# fault → what it ends as when it does not pass, how often it is put, and a piece of the message
FAULTS = {
    "429": ("error", 3, "HTTP 429: rate_limit_exceeded slow down"),
    "500": ("error", 3, "HTTP 500: internal"),
    "503": ("error", 3, "HTTP 503"),
    "400": ("error", 1, "HTTP 400: the prompt is too long"),
    "redirect": ("error", 1, "HTTP 307"),
    "reset": ("error", 3, "127.0.0.1"),
    "cut_off": ("error", 3, "127.0.0.1"),
    "hang": ("error", 3, "timed out"),
    "broken_json": ("error", 3, "not JSON"),
    "html": ("error", 3, "not JSON"),
    "no_choices": ("error", 3, "no choices"),
    "null_choices": ("error", 3, "shape"),
    "list": ("error", 3, "shape"),
    "certain": ("error", 3, "add up to a probability of"),
    "absurd": ("error", 3, "shape"),
}


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays_ends_as_an_error(fault, transport):
    status, attempts, message = FAULTS[fault]
    with FakeServer(always=fault) as server, remote(server, transport=transport, timeout_s=0.3) as endpoint:
        (reply,) = replies(endpoint, 1)
    assert reply.status == status
    assert message in reply.message
    assert server.arrivals == attempts
    assert reply.probabilities is None


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("fault", [f for f, (_, attempts, _) in FAULTS.items() if attempts > 1] + ["no_logprobs"])
def test_a_fault_that_passes_leaves_no_trace(fault, transport):
    with FakeServer(script=[fault, fault]) as server, remote(server, transport=transport, timeout_s=0.3) as endpoint:
        (reply,) = replies(endpoint, 1)
        assert server.arrivals == 3
        (undisturbed,) = replies(endpoint, 1)
    assert reply == undisturbed
    assert reply.status == "ok"


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    ("fault", "words"),
    [("401", "rejects the key in OPENAI_API_KEY"), ("404", "does not know the model"), ("quota", "no credit left")],
)
def test_what_no_repetition_cures_stops_the_run_at_once(fault, words, transport):
    with FakeServer(always=fault) as server, remote(server, transport=transport) as endpoint:
        with pytest.raises(StudyError, match=words):
            replies(endpoint, 400)
        assert server.arrivals <= 8


def test_no_logprobs_is_told_instead_of_changing_the_mode():
    with FakeServer(always="no_logprobs") as server, remote(server) as endpoint:
        with pytest.raises(StudyError, match="--modes text"):
            replies(endpoint, 400)
        assert server.arrivals <= 3 + 8


def test_errors_in_a_row_stop_the_run():
    with FakeServer(always="400") as server, remote(server) as endpoint:
        with pytest.raises(StudyError, match=r"50 questions in a row .* the prompt is too long"):
            replies(endpoint, 400)
        assert server.arrivals <= 50 + 8


def test_refusals_and_odd_texts_are_answers_but_not_ok():
    cases = {
        "I'm sorry, I can't do that.": "refused",
        "7": "out_of_range",
        "maybe 3 or 4": "unparsed",
        "": "unparsed",
    }
    for said, status in cases.items():
        with FakeServer(said=said) as server, remote(server) as endpoint:
            (reply,) = replies(endpoint, 1, "text")
        assert (reply.status, reply.response, reply.message) == (status, None, said)
        assert server.arrivals == 1


def test_an_option_may_be_named_by_its_words():
    with FakeServer(said="Somewhat like me.") as server, remote(server) as endpoint:
        (reply,) = replies(endpoint, 1, "text")
    assert (reply.status, reply.response, reply.message) == ("ok", 4, "Somewhat like me.")


def test_reasoning_is_set_aside_wherever_it_stands():
    for said in ("<think>2?</think>4", {"content": "4", "reasoning_content": "2?", "reasoning": "3?"}):
        with FakeServer(said=said) as server, remote(server) as endpoint:
            (reply,) = replies(endpoint, 1, "text")
        assert (reply.status, reply.response, reply.message) == ("ok", 4, "4")
    with FakeServer(said={"content": None, "refusal": "I won't."}) as server, remote(server) as endpoint:
        (reply,) = replies(endpoint, 1, "text")
    assert (reply.status, reply.message) == ("refused", "I won't.")


@pytest.mark.parametrize("mode", ["choice", "text"])
def test_the_order_of_the_options_is_undone(mode):
    """A server that always takes the first label shown has chosen the highest option when they stand reversed."""
    rows = plan(mode, 4, orders=["reversed"])
    with FakeServer(said="1") as server, remote(server) as endpoint:
        asked = list(requests(rows, endpoint.identity))
        got = {q.key: r for q, r in endpoint.ask(asked)}
        plain = [Request(q.key, type(q.prompt)(mode, q.prompt.prime, q.prompt.text, q.prompt.labels)) for q in asked]
        unaware = {q.key: r for q, r in endpoint.ask(plain)}
    for key, reply in got.items():
        if mode == "text":
            assert (reply.response, unaware[key].response) == (6, 1)
        else:
            assert reply.probabilities == unaware[key].probabilities[::-1]
            assert reply.probabilities != unaware[key].probabilities


def test_several_addresses_share_evenly_and_a_dead_one_sits_out():
    with FakeServer(delay=0.005) as a, FakeServer(delay=0.005) as b, remote(a, b) as endpoint:
        replies(endpoint, 200)
        assert abs(a.arrivals - b.arrivals) <= 20
    with FakeServer() as gone:
        dead = gone.url
    with FakeServer() as server, remote(dead, server) as endpoint:
        got = replies(endpoint, 200)
    assert {r.status for r in got} == {"ok"}


def test_several_addresses_are_one_model():
    one = settings.http_settings("m", {"base_url": ["http://a/v1"]}).identity
    two = settings.http_settings("m", {"base_url": ["http://a/v1", "http://b/v1/"]}).identity
    other = settings.http_settings("m", {"base_url": "http://b/v1"}).identity
    assert one == two != other
    assert settings.http_settings("m", {"base_url": "http://b/v1", "service": "http://a/v1"}).identity == one


def test_settings_of_one_mode_leave_the_keys_of_the_others():
    plain = settings.http_settings("m", {"base_url": "http://a/v1"}).identity
    hot = settings.http_settings("m", {"base_url": "http://a/v1", "text": {"temperature": 0.3}}).identity
    thinking = settings.http_settings("m", {"base_url": "http://a/v1", "body": {"reasoning_effort": "low"}}).identity
    prompts = {r.prompt.mode: r.prompt for mode in ("choice", "text") for r in requests(plan(mode, 1), "")}
    assert request_key(plain, prompts["choice"], 0) == request_key(hot, prompts["choice"], 0)
    assert request_key(plain, prompts["text"], 0) != request_key(hot, prompts["text"], 0)
    assert len({request_key(i, prompts["choice"], 0) for i in (plain, thinking)}) == 2


def test_odd_names_do_not_fall_together():
    names = ["m", "m#x", "m#text={}", "m#y", "m%23x#"]
    prompt = next(requests(plan(rows=1), "")).prompt
    identities = [settings.http_settings(n, {"base_url": "http://a/v1"}).identity for n in names]
    stops = [{"stop": "#a"}, {"stop": "#b"}]
    identities += [settings.http_settings("m", {"base_url": "http://a/v1", "body": body}).identity for body in stops]
    assert len({request_key(identity, prompt, 0) for identity in identities}) == len(identities)


def test_a_server_that_asks_for_patience_gets_it():
    breaker = traffic.Breaker("m", patience_s=0.0)
    breaker.failed("429", 1000.0)
    breaker.failed("429")
    with pytest.raises(StudyError, match="no answer for"):
        traffic.Breaker("m", patience_s=0.0).failed("reset")


def test_waits_grow_vary_and_never_undercut_the_server():
    chance = random.Random(1)
    waits = [[traffic.backoff(attempt, None, chance) for _ in range(50)] for attempt in (1, 3, 20)]
    assert len(set(waits[0])) == 50
    assert max(waits[0]) < min(waits[1]) < max(waits[1]) < min(waits[2]) <= max(waits[2]) <= 30
    assert traffic.backoff(1, 7.0, chance) >= 7


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3),
        ({"retry-after": "0.5"}, 0.5),
        ({"Retry-After-Ms": "250", "Retry-After": "9"}, 0.25),
        ({"Retry-After": "Mon, 01 Jan 2001 00:00:00 GMT"}, 0),
        ({"Retry-After": "Thu, 01 Jan 2099 00:00:00 GMT"}, 600),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers, seconds):
    assert traffic.retry_after(headers) == seconds


def test_the_transport_follows_the_address():
    local = settings.http_settings("m", {"base_url": "http://10.0.0.7:8000/v1"})
    hosted = settings.http_settings("m", {"base_url": "https://eu.api.openai.com/v1"})
    assert (local.hosted, hosted.hosted) == (False, True)
    mixed = settings.http_settings("m", {"base_url": ["https://api.openai.com/v1", "https://api.openai.com.evil/v1"]})
    assert not mixed.hosted


def test_429_lowers_how_many_are_in_flight():
    with FakeServer(chances={"429": 0.3}, delay=0.005) as server, remote(server, concurrency=32) as endpoint:
        got = replies(endpoint, 300)
        assert endpoint._throttle.limit < 32
    assert {r.status for r in got} <= {"ok", "error"}
    with FakeServer(delay=0.005) as server, remote(server, concurrency=32) as endpoint:
        replies(endpoint, 300)
        assert endpoint._throttle.limit == 32
        assert server.most_active == 32


def test_it_works_inside_a_running_event_loop():
    async def cell():
        with FakeServer() as server, remote(server) as endpoint:
            return replies(endpoint, 20)

    assert {r.status for r in asyncio.run(cell())} == {"ok"}


def test_one_endpoint_can_be_asked_again_and_leaves_no_thread():
    before = threading.active_count()
    with FakeServer() as server:
        with remote(server) as endpoint:
            assert replies(endpoint, 5) == replies(endpoint, 5)
            half = endpoint.ask(requests(plan(), endpoint.identity))
            next(half)
            half.close()
            assert len(replies(endpoint, 5)) == 5
        endpoint.close()
    for thread in threading.enumerate():
        if thread.name == "asking":
            thread.join(5)
    assert threading.active_count() <= before + 1  # the server's own may still be ending


def test_requests_are_drawn_as_they_are_needed():
    drawn = 0

    def stream():
        nonlocal drawn
        for request in requests(plan(replicates=50), "x"):
            drawn += 1
            yield request

    with FakeServer() as server, remote(server) as endpoint:
        answers = endpoint.ask(stream())
        next(answers)
        assert drawn <= 8 * 8
        answers.close()


def test_a_provider_without_a_key_is_told(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(StudyError, match="set the environment variable OPENAI_API_KEY"):
        remote("https://api.openai.com/v1").__enter__()


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"base_url": "127.0.0.1:8000"}, "must hold addresses"),
        ({}, "must hold addresses"),
        ({"base_url": 5}, "must hold addresses"),
        ({"base_url": "http://a/v1", "concurrency": "64"}, "concurrency is a whole number from 1"),
        ({"base_url": "http://a/v1", "price_in": -1}, "price_in is a number from 0"),
        ({"base_url": "http://a/v1", "leave_out": "messages"}, "Unknown field to leave out"),
        ({"base_url": "http://a/v1", "modes": ["chioce"]}, "Unknown mode"),
        ({"base_url": "http://a/v1", "transport": "carrier pigeon"}, "Unknown transport"),
        ({"base_url": "http://a/v1", "pricein": 3}, "unknown pricein"),
        ({"base_url": "http://a/v1", "text": {"temp": 3}}, "Unknown text setting"),
    ],
)
def test_a_wrong_entry_is_told(entry, words):
    with pytest.raises(StudyError, match=words):
        settings.http_settings("m", entry)


def test_an_unlisted_model_works_by_name(monkeypatch, tmp_path):
    from lib.asking.endpoints import model_identity, open_endpoint

    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(StudyError, match="OPENAI_BASE_URL"):
        open_endpoint("my-model")
    with FakeServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        endpoint = open_endpoint("my-model")
        with ReplyCache(tmp_path) as cache:
            assert ask(plan(rows=5), endpoint, cache, progress=False).statuses == {"ok": 5}
        endpoint.close()
    assert server.bodies[0]["model"] == "my-model"
    assert model_identity("my-model") == endpoint.identity == "openai:http://localhost/v1:my-model"


def test_late_requests_are_given_up_one_by_one_and_cancelled_ones_are_not_called_late():
    async def outcomes(url):
        chosen = settings.http_settings("m", {"base_url": url, "concurrency": 4, "timeout_s": 0.4})
        transport = BulkTransport(chosen, Secret(None))
        posts = [asyncio.create_task(transport.post(url, "/chat/completions", {"n": n})) for n in range(2)]
        await asyncio.sleep(0.2)
        posts.append(asyncio.create_task(transport.post(url, "/chat/completions", {"n": 2})))
        await asyncio.sleep(0)
        posts[1].cancel()
        await asyncio.wait([posts[0]])
        still_waiting = not posts[2].done()
        found = await asyncio.gather(*posts, return_exceptions=True)
        await transport.close()
        return still_waiting, found

    with FakeServer(always="hang") as server:
        still_waiting, found = asyncio.run(outcomes(server.url))
    assert still_waiting
    assert [type(error) for error in found] == [LateError, asyncio.CancelledError, LateError]
    assert str(found[0]) == "timed out"


def test_labels_are_matched_with_and_without_space_and_case():
    from lib.asking.http.faults import UnusableError
    from lib.asking.http.labels import label_shares

    def top(*pairs):
        return [{"token": token, "logprob": logprob} for token, logprob in pairs]

    assert label_shares(("A", "B"), top(("A", -1.0), (" a", -2.0), ("Ab", -3.0), ("b\n", -9999.0))) == pytest.approx(
        [0.3679 + 0.1353, 0.0], abs=1e-4
    )
    with pytest.raises(UnusableError):
        label_shares(tuple(LABELS), top(("1", 0.0), ("2", 0.0)))
    with pytest.raises(UnusableError):
        label_shares(tuple(LABELS), top(("1", float("nan"))))
