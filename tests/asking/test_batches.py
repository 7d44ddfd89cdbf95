"""Batch files in OpenAI's format: out, answered elsewhere, and back."""

import json

import pytest
from asking import plan, remote
from server import FakeServer

from lib.asking import batches, settings
from lib.asking.cache import ReplyCache
from lib.asking.recording import collect
from lib.asking.runner import ask
from lib.errors import StudyError

MODEL = settings.http_settings(
    "m", {"base_url": "https://api.openai.com/v1", "model": "m-1", "price_in": 1e6 / 50, "price_out": 0}
)


@pytest.fixture
def cache(tmp_path):
    with ReplyCache(tmp_path / "replies") as opened:
        yield opened


def lines(folder):
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


def answered(written, spoil=()):
    """What a provider makes of batch lines: in another order, some failed."""
    server = FakeServer(said="Answer: 3")
    for i, line in reversed(list(enumerate(written))):
        body = server._payload("/v1/chat/completions", line["body"], line["custom_id"])
        result = {"id": f"r{i}", "custom_id": line["custom_id"], "response": {"status_code": 200, "body": body}}
        yield result | {"error": None} | dict(spoil).get(i, {})


def write_results(folder, results):
    folder.mkdir()
    (folder / "results.jsonl").write_text("".join(json.dumps(result) + "\n" for result in results))
    return [folder / "results.jsonl"]


def test_files_hold_what_lacks_an_answer_once(tmp_path, cache, monkeypatch):
    monkeypatch.setattr(batches, "MOST_REQUESTS", 300)
    rows = plan(replicates=2)
    files = batches.write(rows, MODEL, cache, tmp_path / "out")
    assert [n for _, n in files] == [300, 300, 280]
    written = lines(tmp_path / "out")
    assert len({line["custom_id"] for line in written}) == len(rows)
    assert {(line["method"], line["url"]) for line in written} == {("POST", "/v1/chat/completions")}
    assert {line["body"]["model"] for line in written} == {"m-1"}
    assert all(len(line["custom_id"]) <= 64 for line in written)


def test_files_keep_below_the_size_a_provider_takes(tmp_path, cache, monkeypatch):
    monkeypatch.setattr(batches, "MOST_BYTES", 20_000)
    files = batches.write(plan(), MODEL, cache, tmp_path / "out")
    assert len(files) > 10
    assert all(path.stat().st_size <= 20_000 for path, _ in files)
    assert sum(n for _, n in files) == 440


@pytest.mark.parametrize("mode", ["choice", "text"])
def test_results_give_the_replies_that_live_asking_gives(tmp_path, cache, mode):
    rows = plan(mode, orders=["shuffled"])
    batches.write(rows, MODEL, cache, tmp_path / "out")
    files = write_results(tmp_path / "in", answered(lines(tmp_path / "out")))
    tally = batches.read(rows, MODEL, cache, files)
    assert (tally.asked, tally.statuses["ok"], tally.errors) == (440, 440, 0)
    assert tally.cost == pytest.approx(440)
    table = collect(rows, MODEL.identity, cache)
    assert set(table["status"]) == {"ok"}
    assert cache.notes(MODEL.identity)["served"] == {"m-1 fp_1": 440}
    assert batches.write(rows, MODEL, cache, tmp_path / "again") == []
    if mode == "text":
        with (
            FakeServer(said="Answer: 3") as server,
            ReplyCache(tmp_path / "live") as live,
            remote(server, service="x") as endpoint,
        ):
            ask(rows, endpoint, live, progress=False)
            same_orders = collect(rows, endpoint.identity, live)
        assert same_orders["response"].tolist() == table["response"].tolist()


def test_failed_lines_stay_to_be_asked(tmp_path, cache):
    rows = plan()
    batches.write(rows, MODEL, cache, tmp_path / "out")
    spoiled = {
        0: {"response": {"status_code": 500, "body": {"error": {"message": "x"}}}},
        1: {"response": None, "error": {"code": "batch_expired"}},
        2: {"response": {"status_code": 200, "body": {"choices": []}}},
        3: {"custom_id": "of another plan"},
    }
    files = write_results(tmp_path / "in", answered(lines(tmp_path / "out"), spoiled))
    tally = batches.read(rows, MODEL, cache, files + files)
    assert (tally.statuses["ok"], len(cache)) == (436, 436)
    assert tally.statuses.keys() == {"ok", "error"}
    (rest,) = batches.write(rows, MODEL, cache, tmp_path / "rest")
    assert rest[1] == 4


def test_shards_share_out_the_files(tmp_path, cache):
    for k in range(2):
        batches.write(plan(), MODEL, cache, tmp_path / str(k), (k, 2))
    written = [{line["custom_id"] for line in lines(tmp_path / str(k))} for k in range(2)]
    assert len(written[0] | written[1]) == len(written[0]) + len(written[1]) == 440


def test_faults_are_told(tmp_path, cache):
    batches.write(plan(rows=3), MODEL, cache, tmp_path / "out")
    with pytest.raises(StudyError, match="holds batch files already"):
        batches.write(plan(rows=3), MODEL, cache, tmp_path / "out")
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="file cannot be written to: File exists. Make room, or choose another"):
        batches.write(plan(rows=3), MODEL, cache, tmp_path / "file")
    with pytest.raises(StudyError, match="no result files"):
        batches.read(plan(rows=3), MODEL, cache, [])
    (tmp_path / "broken.jsonl").write_text('{"custom_id": "a", "response": {"status_code": 200}}\n{"custom')
    with pytest.raises(StudyError, match=r"broken\.jsonl, line 2"):
        batches.read(plan(rows=3), MODEL, cache, [tmp_path / "broken.jsonl"])
