"""Addresses, keys and proxies: what is refused, where a key goes, and that no form of it is shown."""

from base64 import b64encode
from urllib.parse import quote

import pytest
from asking import plan, remote
from server import FakeServer, status

from lib.asking import access, settings
from lib.asking.access import Secret
from lib.asking.cache import ReplyCache
from lib.asking.endpoints import model_identity, open_endpoint
from lib.asking.runner import ask, requests
from lib.errors import StudyError

KEY = "sk-made-up/9f1c7e52+d0aa4be8"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def replies(endpoint, rows=1, mode="choice"):
    return [reply for _, reply in endpoint.ask(requests(plan(mode, rows), endpoint.identity))]


@pytest.mark.parametrize(
    "url",
    [
        "http://user:SECRET-word@127.0.0.1:8000/v1",
        "https://SECRET-word@gateway.example/v1",
        "http://us/er:SECRET-word@host/v1",
        "user:SECRET-word@host/v1",
        "http://host/v1?api_key=SECRET-word",
        "http://host/v1?api-version=2024-10-21&subscription-key=SECRET-word",
        "http://host/v1?access_token=SECRET-word",
        "http://user:SECRET-word@host:99999/v1",
    ],
)
def test_an_address_with_a_secret_is_refused_without_showing_it(url):
    for entry in ({"base_url": url}, {"base_url": ["http://a/v1", url]}, {"base_url": "http://a/v1", "service": url}):
        if "://" in url or "service" not in entry:
            with pytest.raises(StudyError) as refused:
                settings.http_settings("m", entry)
            assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8000", "ftp://a/v1", "http://a:99999/v1", "http://[::1/v1", "http:///v1"]
)
def test_an_address_that_is_none_is_told(url):
    with pytest.raises(StudyError, match="must hold addresses such as"):
        settings.http_settings("m", {"base_url": url})


@pytest.mark.parametrize("transport", settings.TRANSPORTS)
def test_a_query_stays_at_the_end_of_an_address(transport):
    base = "http://127.0.0.1:8000/openai/deployments/gpt/?api-version=2024-10-21"
    (checked,) = settings.http_settings("m", {"base_url": base}).base_url
    assert checked == "http://127.0.0.1:8000/openai/deployments/gpt?api-version=2024-10-21"
    assert access.joined(checked, "/chat/completions") == checked.replace("?", "/chat/completions?")
    with FakeServer() as server, remote(server.url + "?api-version=1", transport=transport) as endpoint:
        assert [r.status for r in replies(endpoint)] == ["ok"]
    assert server.paths == ["/v1/chat/completions?api-version=1"]


@pytest.mark.parametrize("transport", settings.TRANSPORTS)
@pytest.mark.parametrize("around", ["{}\r", "{}\n", " {} ", "\t{}\r\n"])
def test_white_space_around_a_key_is_none_of_it(monkeypatch, transport, around):
    monkeypatch.setenv("OPENAI_API_KEY", around.format(KEY))
    with FakeServer() as server, remote(server, transport=transport) as endpoint:
        assert [r.status for r in replies(endpoint)] == ["ok"]
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("key", ["“{}”", "{}\r\n{}", "{} {}", "{}\x7f", "{}é"])
def test_a_key_that_can_be_none_is_refused_by_its_variable(monkeypatch, key):
    monkeypatch.setenv("MY_KEY", key.format(KEY, KEY))
    with pytest.raises(StudyError, match="The key in MY_KEY holds a character") as refused:
        remote("http://127.0.0.1:9/v1", key_variable="MY_KEY").__enter__()
    assert KEY not in str(refused.value)


def test_a_key_in_an_address_is_refused(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with pytest.raises(StudyError, match="holds the key in OPENAI_API_KEY"):
        remote(f"http://127.0.0.1:9/{KEY}/v1").__enter__()


@pytest.mark.parametrize("transport", settings.TRANSPORTS)
def test_a_key_goes_into_the_header_that_the_server_wants(monkeypatch, transport):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with FakeServer() as server, remote(server, transport=transport, key_header="api-key") as endpoint:
        replies(endpoint)
    sent = {name.lower(): value for name, value in server.headers[0].items()}
    assert sent["api-key"] == KEY
    assert "authorization" not in sent


FORMS = [
    KEY,
    quote(KEY, safe=""),
    *(b64encode(lead + KEY.encode() + b"!").decode() for lead in (b"", b"x", b"Bearer ")),
]


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_a_key_is_left(form):
    told = access.strike(f"bad header b'{form}\\r' here", [Secret(None), Secret(KEY)])
    assert KEY not in told
    assert "***" in told
    assert not any(form[i : i + 8] in told for i in range(12, len(form) - 8))
    assert access.strike("none of these", [Secret("none")]) == "none of these"


def saying(words):
    return {"error": {"message": f"{'x' * 20} {words}", "code": "odd"}}


@pytest.mark.parametrize("transport", settings.TRANSPORTS)
@pytest.mark.parametrize("form", FORMS[:3])
@pytest.mark.parametrize("code", [200, 400, 401, 402, 404, 500])
def test_a_server_that_repeats_the_key_is_not_repeated(monkeypatch, transport, form, code):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr("lib.asking.http.traffic.ATTEMPTS", 1)
    with FakeServer(always=status(code, saying(form))) as server, remote(server, transport=transport) as endpoint:
        try:
            told = replies(endpoint)[0].message
        except StudyError as stopped:
            told = str(stopped)
    assert "***" in told
    assert form not in told


@pytest.mark.parametrize("pad", range(0, 330, 10))
def test_a_fault_is_cut_after_the_key_is_struck_out_not_before(monkeypatch, pad):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr("lib.asking.http.traffic.ATTEMPTS", 1)
    with FakeServer(always=status(200, {"odd": "x" * pad + KEY})) as server, remote(server) as endpoint:
        assert KEY[:4] not in replies(endpoint)[0].message


@pytest.mark.parametrize("mode", ["choice", "text"])
def test_a_key_in_a_reply_is_not_recorded(monkeypatch, tmp_path, mode):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def repeat(payload):
        (choice,) = payload["choices"]
        choice["message"]["content"] = f"Bearer {KEY}"
        if mode == "choice":
            choice["logprobs"]["content"][0]["top_logprobs"] = [{"token": f"Bearer {KEY}", "logprob": -0.1}]
        return payload | {"system_fingerprint": KEY}

    with (
        FakeServer(alter=repeat) as server,
        remote(server) as endpoint,
        ReplyCache(tmp_path) as cache,
    ):
        assert ask(plan(mode, 5), endpoint, cache, progress=False).statuses == {"unparsed": 5}
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        assert KEY.encode() not in path.read_bytes()


@pytest.mark.parametrize("transport", settings.TRANSPORTS)
def test_a_proxy_is_used_by_both_transports_and_never_for_this_machine(monkeypatch, transport):
    with FakeServer() as proxy, FakeServer() as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
        with remote("http://model.test/v1", transport=transport) as endpoint:
            assert [r.status for r in replies(endpoint)] == ["ok"]
        assert proxy.headers[0]["Host"] == "model.test"
        with remote(server, transport=transport) as endpoint:
            assert [r.status for r in replies(endpoint)] == ["ok"]
    assert (proxy.arrivals, server.arrivals) == (1, 1)


@pytest.mark.parametrize("transport", settings.TRANSPORTS)
@pytest.mark.parametrize(
    "proxy", ["socks://127.0.0.1:7891/", "socks5h://me:SECRET-word@127.0.0.1:7891", "http://a:99999"]
)
def test_a_proxy_that_cannot_be_used_is_told_by_its_variable(monkeypatch, transport, proxy):
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(StudyError, match="ALL_PROXY") as refused:
        remote("http://model.test/v1", transport=transport).__enter__()
    assert "SECRET" not in str(refused.value)
    monkeypatch.setenv("NO_PROXY", "model.test")
    assert access.proxy_of("http://model.test/v1") is None
    with FakeServer() as server, remote(server, transport=transport) as endpoint:
        assert [r.status for r in replies(endpoint)] == ["ok"]


def test_settings_of_a_server_are_none_of_a_model_in_process():
    with pytest.raises(StudyError, match="runs in this process; concurrency"):
        open_endpoint("smollm2-135m", concurrency=3)


def test_what_is_given_replaces_what_is_listed_and_leaves_the_identity(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    endpoint = open_endpoint("gpt-4o-mini", concurrency=3, timeout_s=5.0, price_in=1.0, transport=None)
    assert (endpoint.settings.concurrency, endpoint.settings.timeout_s) == (3, 5.0)
    assert (endpoint.prices.tokens_in, endpoint.prices.tokens_out) == (1.0, 0.60)
    assert endpoint.identity == model_identity("gpt-4o-mini")
