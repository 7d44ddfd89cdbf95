"""Faults that could pass for answers, answers that could pass for faults, servers that want to be asked otherwise."""

import asyncio
import gzip
import json
import random
import time

import pytest
from aiohttp import web
from asking import plan, remote
from server import FakeServer, status, tokens_choice

from lib.answers import archive
from lib.asking import batches, planning, settings
from lib.asking.cache import ReplyCache
from lib.asking.http import faults, names, traffic, transports, wire
from lib.asking.http.labels import label_shares, spelled
from lib.asking.recording import collect, record
from lib.asking.runner import ask, requests
from lib.errors import StudyError

TRANSPORTS = settings.TRANSPORTS
THINKS = [("<think>", 0.9999992), ("1", 8e-7)]


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(traffic, "_FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(traffic, "ATTEMPTS", 3)


def replies(endpoint, rows=1, mode="choice", **more):
    return [reply for _, reply in endpoint.ask(requests(plan(mode, rows, **more), endpoint.identity))]


def one(mode="choice", rows=1, entry=None, **server):
    """The first reply of a server, and how often it was asked."""
    with FakeServer(**server) as fake, remote(fake, **(entry or {})) as endpoint:
        return replies(endpoint, rows, mode)[0], fake.arrivals


def choosing(*pairs, **more):
    return lambda payload: payload | {"choices": [tokens_choice(*pairs, **more)]}


def changed(**fields):
    return lambda payload: payload | {"choices": [payload["choices"][0] | fields]}


# ── Noise in the mode choice ──


@pytest.mark.parametrize(
    ("on_options", "least", "ended"),
    [(8e-7, None, "unparsed"), (0.049, None, "unparsed"), (0.051, None, "ok"), (0.33, None, "ok"), (8e-7, 0, "ok")]
    + [(0.33, 0.5, "unparsed"), (0.0, 0, "unparsed")],
)
def test_what_falls_on_the_options_must_be_more_than_noise(on_options, least, ended):
    entry = {} if least is None else {"least_on_options": least}
    reply, arrivals = one(alter=choosing(("<think>", 0.999 - on_options), ("1", on_options)), entry=entry)
    assert (reply.status, arrivals) == (ended, 1)
    assert reply.unmatched == pytest.approx(1 - on_options, abs=1e-3)
    assert (reply.probabilities is None) == (ended == "unparsed")
    assert reply.message == ("<think>" if ended == "unparsed" else "")


def test_the_floor_is_part_of_the_identity_and_of_what_is_recorded(tmp_path):
    plain, own = (
        settings.http_settings("m", {"base_url": "http://a/v1"} | more) for more in ({}, {"least_on_options": 0})
    )
    assert plain.identity == "openai:http://a/v1:m"
    assert own.identity == 'openai:http://a/v1:m#choice={"least_on_options":0.0}'
    with FakeServer() as server, remote(server) as endpoint, ReplyCache(tmp_path / "replies") as cache:
        ask(plan(rows=3), endpoint, cache, progress=False)
        manifest = record(plan(rows=3), "m", cache, tmp_path / "answers", endpoint.identity)
    assert json.loads(manifest.read_text())["asked"]["reading"] == {"least_on_options": 0.05}


def test_recorded_answers_of_the_default_model_lie_above_the_floor():
    for instrument, mode in archive.recorded(settings.DEFAULT_MODEL):
        if mode == "choice":
            answers = archive.read(settings.DEFAULT_MODEL, instrument, mode, order=None)
            assert set(answers["status"]) == {"ok"}
            assert (1 - answers["unmatched"]).min() > settings.LEAST_ON_OPTIONS


def test_a_run_of_noise_stops_with_advice(tmp_path):
    with (
        FakeServer(alter=choosing(*THINKS)) as server,
        remote(server) as endpoint,
        ReplyCache(tmp_path) as cache,
        pytest.raises(StudyError, match=r"first 50 replies .* '<think>'.*enable_thinking.*--modes text"),
    ):
        ask(plan(), endpoint, cache, progress=False)
    assert server.arrivals < 150


@pytest.mark.parametrize("said", ["", "<think>I would say 5, as he"])
def test_a_run_that_never_comes_out_of_its_reasoning_stops_with_advice(tmp_path, said):
    with (
        FakeServer(said=said) as server,
        remote(server) as endpoint,
        ReplyCache(tmp_path) as cache,
        pytest.raises(StudyError, match=r"first 50 replies .* max_tokens"),
    ):
        ask(plan("text"), endpoint, cache, progress=False)


def test_a_run_with_some_noise_goes_on(tmp_path):
    count = iter(range(10_000))

    def mostly_noise(payload):
        return payload if next(count) % 10 == 3 else choosing(*THINKS)(payload)

    with FakeServer(alter=mostly_noise) as server, remote(server) as endpoint, ReplyCache(tmp_path) as cache:
        assert ask(plan(), endpoint, cache, progress=False).statuses == {"ok": 44, "unparsed": 396}


SPELLED = [
    " 4",
    "\n4",
    "４",
    "Ġ4",
    "▁4",
    "Ċ4",
    '"4',
    "“4",
    "(4",
    "[4",
    "**4",
    "4.",
    "(4)",
    "٤",
    "④",
    "<0x34>",
    "bytes:\\x34",
]


@pytest.mark.parametrize("token", [*SPELLED, "\u200b4", "\ufeff4", "▁(4", "`4`"])
def test_a_label_counts_however_a_vocabulary_spells_it(token):
    reply, _ = one(alter=choosing((token, 0.6), ("5", 0.2)))
    assert (reply.status, [round(p, 9) for p in reply.probabilities]) == ("ok", [0, 0, 0, 0.6, 0.2, 0])


@pytest.mark.parametrize("token", ["44", "-4", "4.5", "four", "I", "¼", "4th", "<think>"])
def test_what_is_no_label_does_not_count(token):
    assert spelled(token) not in set("123456")


@pytest.mark.parametrize("nothing", [None, float("-inf"), -9999.0])
def test_an_impossible_alternative_has_probability_nothing(nothing):
    def spoil(payload):
        choice = tokens_choice(("4", 0.9), ("3", 0.05), ("1", 0.01))
        choice["logprobs"]["content"][0]["top_logprobs"][2]["logprob"] = nothing
        return payload | {"choices": [choice]}

    reply, arrivals = one(alter=spoil)
    assert (reply.status, arrivals) == ("ok", 1)
    assert reply.probabilities == pytest.approx([0, 0, 0.05, 0.9, 0, 0])


@pytest.mark.parametrize("logprob", [None, float("-inf"), float("nan")])
def test_alternatives_that_are_all_impossible_are_a_fault(logprob):
    with pytest.raises(faults.UnusableError, match="add up to"):
        label_shares(("1", "2"), [{"token": token, "logprob": logprob} for token in "12"])


# ── Faults in the dress of answers ──

BROKEN = {
    "finish error": changed(finish_reason="error"),
    "aborted": changed(finish_reason="abort"),
    "error in the choice": changed(error={"code": 502, "message": "upstream died"}),
    "error beside choices": lambda payload: {"error": {"code": 502, "message": "upstream died"}},
    "error as words": lambda payload: {"error": "upstream died"},
    "another model": lambda payload: payload | {"model": "some-other-model-7b"},
}


@pytest.mark.parametrize("mode", ["choice", "text"])
@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_off_reply_is_asked_again_and_never_an_answer(kind, mode):
    times = iter(range(100))

    def at_first(payload):
        return BROKEN[kind](payload) if next(times) in (1, 2) else payload

    with FakeServer(alter=at_first) as server, remote(server, concurrency=1) as endpoint:
        _, disturbed = replies(endpoint, 2, mode)
        assert (disturbed.status, server.arrivals) == ("ok", 4)
    if kind != "another model":
        reply, arrivals = one(mode, alter=BROKEN[kind])
        assert (reply.status, reply.response, reply.probabilities, arrivals) == ("error", None, None, 3)


def test_an_error_in_an_http_200_counts_as_the_status_it_names():
    for code, words in ((402, "no credit left"), (401, "rejects the key"), (404, "does not know the model")):
        body = {"error": {"code": code, "message": "so it is"}}
        with FakeServer(always=status(200, body)) as server, remote(server) as endpoint:
            with pytest.raises(StudyError, match=words):
                replies(endpoint, 40)
            assert server.arrivals <= 8
    reply, arrivals = one(always=status(200, {"error": {"code": 400, "message": "too long"}}))
    assert (reply.status, reply.message, arrivals) == ("error", "HTTP 400: 400 too long", 1)


def test_another_model_stops_the_run_unless_it_is_called_so():
    with FakeServer("some-other-model-7b") as server, remote(server) as endpoint:
        with pytest.raises(StudyError, match=r"some-other-model-7b.*not of 'fake'.*--answers-as"):
            replies(endpoint, 100)
        assert server.arrivals <= 3 + 8
    reply, _ = one(model="some-other-model-7b", entry={"answers_as": "Some-Other-Model-7B"})
    assert reply.status == "ok"


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
        ("gpt-4-0613", "gpt-4"),
        ("claude-sonnet-4", "anthropic/claude-sonnet-4-20250514"),
        ("mistral-small-latest", "mistral-small-2409"),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b-instruct"),
        ("llama3", "llama3:latest"),
        ("meta-llama/llama-3-8b:free", "meta-llama/llama-3-8b"),
        ("SmolLM2-135M-Instruct", "/models/SmolLM2-135M-Instruct.Q4_1.gguf"),
        ("smollm2-135m-instruct", r"C:\models\SmolLM2-135M-Instruct-Q4_K_M.gguf"),
        ("qwen2.5:0.5b", "qwen2.5:0.5b"),
        ("gemini-2.5-flash", "models/gemini-2.5-flash-preview-05-20"),
        ("m", ""),
    ],
)
def test_a_path_a_date_or_a_packaging_makes_no_other_model(asked, served):
    assert names.is_same_model(asked, served)


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("gpt-4o", "gpt-4o-mini-2024-07-18"),
        ("gpt-4", "gpt-4.1"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06"),
        ("claude-opus-4", "claude-opus-4-1-20250805"),
        ("llama-3-70b", "llama-3-8b"),
        ("llama-3-8b", "llama-3-8b-instruct"),
        ("m", "some-other-model-7b"),
    ],
)
def test_a_size_a_version_or_another_name_is_another_model(asked, served):
    assert not names.is_same_model(asked, served)
    assert names.is_same_model(asked, served, (served,))


# ── Filters are answers ──

AZURE = {"message": "The response was filtered.", "code": "content_filter", "innererror": {"code": "x"}}
INNER = {"message": "No.", "code": None, "innererror": {"code": "ResponsibleAIPolicyViolation"}}
FLAGGED = {
    "code": 403,
    "message": "model requires moderation",
    "metadata": {"reasons": ["violence"], "flagged_input": "…"},
}


@pytest.mark.parametrize("mode", ["choice", "text"])
@pytest.mark.parametrize(
    ("code", "error"),
    [
        (400, AZURE),
        (400, INNER),
        (403, FLAGGED),
        (200, FLAGGED),
        (403, {"message": "Your input was flagged by moderation"}),
    ]
    + [(400, {"message": "Content Exists Risk", "type": "invalid_request_error"})],
)
def test_a_filter_is_a_refusal_once_and_with_its_words(code, error, mode):
    reply, arrivals = one(mode, always=status(code, {"error": error}))
    assert (reply.status, arrivals) == ("refused", 1)
    assert error["message"] in reply.message


@pytest.mark.parametrize("mode", ["choice", "text"])
def test_a_filtered_reply_is_a_refusal_with_log_probabilities_too(mode):
    reply, arrivals = one(mode, alter=changed(finish_reason="content_filter"))
    assert (reply.status, reply.probabilities, reply.response, arrivals) == ("refused", None, None, 1)


def test_a_403_without_moderation_is_about_the_key():
    refusing_all = status(403, {"error": {"message": "country not supported"}})
    with (
        FakeServer(always=refusing_all) as server,
        remote(server) as endpoint,
        pytest.raises(StudyError, match="rejects the key"),
    ):
        replies(endpoint)


def test_filters_and_faults_of_a_batch_end_likewise(tmp_path):
    chosen = settings.http_settings("m", {"base_url": "http://a/v1"})
    rows = plan(rows=4)
    keys = [request.key for request in requests(rows, chosen.identity)]
    good = FakeServer()._payload("/v1/chat/completions", {"model": "m", "logprobs": True}, "x")
    results = [
        {"response": {"status_code": 400, "body": {"error": AZURE}}},
        {"response": {"status_code": 200, "body": BROKEN["finish error"](good)}},
        {"response": {"status_code": 200, "body": good | {"model": "some-other-model-7b"}}},
        {"response": {"status_code": 200, "body": {"error": FLAGGED}}},
    ]
    lines = [json.dumps({"custom_id": key, **result}) for key, result in zip(keys, results, strict=True)]
    (tmp_path / "r.jsonl").write_text("\n".join(lines))
    with ReplyCache(tmp_path / "replies") as cache:
        tally = batches.read(rows, chosen, cache, [tmp_path / "r.jsonl"])
        assert tally.statuses == {"refused": 2, "error": 2}
        assert list(collect(rows, chosen.identity, cache)["status"]) == ["refused", "error", "error", "refused"]


# ── Fields that a server refuses ──


def refusing(*fields, code=400):
    """A server that refuses requests with all of these fields."""

    async def respond(request):
        body = await request.json()
        if all(field in body for field in fields):
            words = f"Unsupported parameter: '{' and '.join(fields)}' is not supported with this model."
            return await status(code, {"error": {"message": words}})(request)
        return await status(200, FakeServer(said="4")._payload(request.path, body, "x"))(request)

    return respond


@pytest.mark.parametrize(
    ("fields", "left_out"),
    [
        (["seed"], ["seed"]),
        (["top_p"], ["top_p"]),
        (["temperature", "top_p"], ["top_p"]),
        (["temperature"], ["temperature"]),
    ],
)
def test_a_field_that_is_refused_can_be_left_out_and_the_fault_says_how(fields, left_out):
    reply, arrivals = one("text", always=refusing(*fields))
    assert (reply.status, arrivals) == ("error", 1)
    assert f'leave_out = ["{left_out[0]}"]' in reply.message
    reply, _ = one("text", always=refusing(*fields), entry={"leave_out": left_out})
    assert (reply.status, reply.response) == ("ok", 4)


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        (
            "'max_tokens' is not supported. Use 'max_completion_tokens' instead.",
            'max_tokens_field = "max_completion_tokens"',
        ),
        ("top_logprobs must be at most 5", "top_logprobs = 5"),
        ("logprobs are not supported with this model", 'leave_out = ["logprobs"], or the mode "text"'),
        ("Only user and assistant roles: system role not supported", "system_role = false"),
        ("the prompt is too long", ""),
    ],
)
def test_a_refused_request_names_the_setting(words, cure):
    reply, _ = one(always=status(422, {"error": {"message": words}}))
    assert cure in reply.message
    assert ("models.toml" in reply.message) == bool(cure)


def test_what_is_left_out_is_part_of_the_identity_and_may_come_back_in_the_servers_form():
    entry = {"base_url": "http://a/v1", "leave_out": ["top_p", "logprobs"], "body": {"logprobs": 5}}
    chosen = settings.http_settings("m", entry)
    (request,) = requests(plan(rows=1), chosen.identity)
    body = wire.body(chosen, request)
    assert ("top_p" in body, body["logprobs"]) == (False, 5)
    assert '"leave_out":["logprobs","top_p"]' in chosen.identity
    renamed = {"leave_out": "max_tokens", "max_tokens_field": "max_completion_tokens"}
    assert "max_completion_tokens" not in wire.body(
        settings.http_settings("m", {"base_url": "http://a/v1"} | renamed), request
    )


# ── Manners ──


@pytest.mark.parametrize("told", ["0", "-5", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_server_cannot_make_the_waits_shorter(told):
    wait = traffic.retry_after({"Retry-After": told})
    plain, with_told = (traffic.backoff(5, w, random.Random(1)) for w in (None, wait))
    assert with_told == plain


@pytest.mark.parametrize("code", [408, 425, 500, 502, 520, 521, 523, 524, 529, 530, 598])
def test_passing_faults_are_asked_again(code):
    reply, arrivals = one(script=[status(code, {})] * 2)
    assert (reply.status, arrivals) == ("ok", 3)


@pytest.mark.parametrize("code", [400, 405, 413, 422, 501, 505])
def test_lasting_faults_are_not(code):
    reply, arrivals = one(always=status(code, {}))
    assert (reply.status, arrivals) == ("error", 1)


@pytest.mark.parametrize(
    "error", [{"code": None, "type": "insufficient_quota"}, {"code": "429", "type": "billing_not_active"}]
)
def test_a_quota_is_known_by_its_type(error):
    with FakeServer(always=status(429, {"error": error | {"message": "Check your plan."}})) as server:
        with remote(server) as endpoint, pytest.raises(StudyError, match="no credit left"):
            replies(endpoint, 40)
        assert server.arrivals <= 8


def packed(content):
    async def respond(_):
        return web.Response(body=content, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})

    return respond


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_response_has_a_size_limit_packed_and_unpacked(monkeypatch, transport):
    monkeypatch.setattr(transports, "MOST_BYTES", 1_000_000)
    for large in (status(200, {"choices": "x" * 1_100_000}), packed(gzip.compress(b" " * 50_000_000))):
        reply, arrivals = one(always=large, entry={"transport": transport})
        assert (reply.status, arrivals) == ("error", 3)
        assert "larger than 1 MB" in reply.message
    body = FakeServer()._payload("/v1/chat/completions", {"model": "fake", "logprobs": True}, "x")
    reply, _ = one(always=packed(gzip.compress(json.dumps(body).encode())), entry={"transport": transport})
    assert reply.status == "ok"
    reply, _ = one(always=packed(b"no gzip"), entry={"transport": transport})
    assert "cannot be unpacked" in reply.message


ODD = {
    "usage of words": lambda p: p | {"usage": {"prompt_tokens": "many", "completion_tokens": -3}},
    "usage as a list": lambda p: p | {"usage": [1]},
    "huge usage": lambda p: p | {"usage": {"prompt_tokens": 10**12, "completion_tokens": 1}},
    "no usage": lambda p: {k: v for k, v in p.items() if k != "usage"},
    "surrogate in a field": lambda p: p | {"system_fingerprint": "\ud800"},
    "NaN in a field": lambda p: p | {"created": float("nan")},
    "no finish reason": changed(finish_reason=None),
}


@pytest.mark.parametrize("mode", ["choice", "text"])
@pytest.mark.parametrize("odd", ODD)
def test_one_odd_field_does_not_discard_a_sound_answer(odd, mode, tmp_path):
    with FakeServer(alter=ODD[odd]) as server, remote(server) as endpoint, ReplyCache(tmp_path) as cache:
        assert ask(plan(mode, 2), endpoint, cache, progress=False).statuses == {"ok": 2}
        assert set(collect(plan(mode, 2), endpoint.identity, cache)["status"]) == {"ok"}
    assert server.arrivals == 2


@pytest.mark.parametrize(
    "content", [[{"type": "text", "text": "4"}], ["4"], 4, "\ud800 4"[2:], [{"type": "x"}, {"text": "4"}]]
)
def test_content_may_come_in_parts_or_as_a_number(content):
    reply, _ = one("text", said={"content": content})
    assert (reply.status, reply.response) == ("ok", 4)


def test_half_a_surrogate_in_the_words_is_told_as_a_question_mark():
    reply, _ = one("text", said="caf\ud800\nAnswer: 4")
    assert reply.message == "caf?\nAnswer: 4"


# ── Slow servers and dead ones ──


@pytest.mark.parametrize("mode", ["choice", "text"])
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_server_with_one_slot_is_asked_at_its_own_pace(mode, transport):
    """Forty requests take five time-outs together, and none is late; nothing is worked off for nobody."""
    with (
        FakeServer(slots=1, delay=0.05, said="4") as server,
        remote(server, transport=transport, timeout_s=0.4, concurrency=64) as endpoint,
    ):
        assert {reply.status for reply in replies(endpoint, 40, mode)} == {"ok"}
        assert server.arrivals == 40
        assert server.most_active < 20
        assert endpoint._throttle.limit < 20


def test_a_lost_request_is_late_though_others_are_answered():
    lost = iter(range(1_000))

    async def sometimes(request):
        if next(lost) == 0:
            await asyncio.sleep(3600)
        body = await request.json()
        return await status(200, FakeServer()._payload(request.path, body, "x"))(request)

    with FakeServer(always=sometimes, delay=0.01) as server, remote(server, timeout_s=0.3, concurrency=4) as endpoint:
        started = time.monotonic()
        assert {reply.status for reply in replies(endpoint, 200)} == {"ok"}
        assert server.arrivals == 201
        assert time.monotonic() - started < 5


def test_a_time_out_lowers_how_many_are_in_flight():
    with FakeServer(always="hang") as server, remote(server, timeout_s=0.3, concurrency=4) as endpoint:
        assert {reply.status for reply in replies(endpoint, 8)} == {"error"}
        assert endpoint._throttle.limit < 2


def test_a_run_starts_with_few_requests_and_goes_up_while_the_server_keeps_pace():
    throttle = traffic.Throttle(64)
    assert throttle.limit == 4
    for _ in range(60):
        throttle.answered(1.0)
    assert throttle.limit == 64
    slow = traffic.Throttle(64)
    for waiting in range(60):
        slow.answered(1.0 + waiting)
    assert 4 < slow.limit < 16
    assert traffic.Throttle(2).limit == 2


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("host", ["gone", "no-such-host.invalid"])
@pytest.mark.parametrize("rows", [1, 400])
def test_a_dead_address_says_so_within_five_seconds(monkeypatch, transport, host, rows):
    monkeypatch.setattr(traffic, "_FIRST_WAIT_S", 0.5)
    monkeypatch.setattr(traffic, "ATTEMPTS", 8)
    with FakeServer() as server:
        url = server.url if host == "gone" else f"http://{host}/v1"
    started = time.monotonic()
    with remote(url, transport=transport) as endpoint, pytest.raises(StudyError, match="nothing answers there"):
        replies(endpoint, rows)
    assert time.monotonic() - started < 5


def test_an_address_that_swallows_connections_is_dead_after_the_time_for_one():
    breaker, servers = traffic.Breaker("m", 180.0), traffic.Servers(["http://a", "http://b"])
    breaker._last_answer -= transports.CONNECT_S
    assert transports.CONNECT_S > traffic._DEAD_S
    servers.done(servers.all[0], failed=True, connected=False)
    breaker.failed("late", dead=servers.are_dead())
    servers.done(servers.all[1], failed=True, connected=False)
    with pytest.raises(StudyError, match="nothing answers there"):
        breaker.failed("late", dead=servers.are_dead())


def test_plans_of_two_modes_are_counted_together(tmp_path):
    """A mode that says nothing does not stop a run in which the other one does."""
    rows = planning.make_plan(["open_portraits"], ["choice", "text"], ["definition"], ["imagine"], ["I"])
    with FakeServer(said="") as server, remote(server) as endpoint, ReplyCache(tmp_path) as cache:
        assert ask(rows, endpoint, cache, progress=False).statuses == {"ok": 440, "unparsed": 440}
