"""The commands, end to end, against a server on the loopback."""

import json
import re

import pytest
from asking import OPEN
from server import FakeServer

from lib import __main__, paths
from lib.querying import archive

ONE = ["--instruments", OPEN, "--inductions", "name", "--wordings", "imagine", "--persons", "I"]


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Runs a command on the server's model, with answers and cache of its own; returns what it printed."""
    monkeypatch.setenv("INDUCED_VALUES_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    for function in (archive.record, archive.fill_cache, archive.recorded_models, archive.recorded, archive.read):
        defaults = [tmp_path / "answers" if value == paths.ANSWERS else value for value in function.__defaults__]
        monkeypatch.setattr(function, "__defaults__", tuple(defaults))
    with FakeServer() as server:

        def run(name, *options, status=0):
            given = [name, "--model", "m", "--base-url", server.url, *ONE, "--modes", "choice", *options]
            assert __main__.main(given) == status
            printed = capsys.readouterr()
            return printed.out if status == 0 else printed.err

        run.server = server
        yield run


def row(printed, name="total"):
    return re.split(r"\s{2,}|\s(?=[\d$])", next(line for line in printed.splitlines() if name in line).strip())


def test_plan_asks_nothing_and_ask_does_what_was_planned(command, tmp_path):
    assert row(command("plan"))[1:5] == ["440", "440", "0", "440"]
    assert command.server.arrivals == 0
    assert "0 were answered before, 440 asked now, 0 without an answer" in command("ask")
    assert command.server.arrivals == 440
    assert row(command("plan"))[1:5] == ["440", "440", "440", "0"]
    assert "440 were answered before, 0 asked now" in command("ask")
    manifest = json.loads((tmp_path / "answers" / "m" / "manifest.json").read_text())
    assert manifest["identity"] == f"openai:{command.server.url}:m"
    assert manifest["asked"]["served"] == {"fake-1 fp_1": 440}
    assert len(archive.read("m", OPEN, "choice")) == 440


def test_recorded_answers_are_enough_without_the_cache(command, tmp_path, monkeypatch):
    command("ask")
    monkeypatch.setenv("INDUCED_VALUES_CACHE", str(tmp_path / "another"))
    assert "440 were answered before, 0 asked now" in command("ask")
    assert command.server.arrivals == 440


def test_a_budget_stops_and_the_rest_is_asked_later(command):
    told = command("ask", "--max-questions", "100", "--cache-only")
    assert "100 asked now" in told
    assert "budget of 100 questions is used up" in told
    assert "100 were answered before, 340 asked now" in command("ask")


def test_answers_records_what_is_there(command):
    command("ask", "--max-questions", "100", "--cache-only")
    command("answers")
    assert archive.read("m", OPEN, "choice")["status"].value_counts().to_dict() == {"error": 340, "ok": 100}
    assert command.server.arrivals == 100


def test_a_batch_goes_out_and_comes_back(command, tmp_path):
    assert "440 requests" in command("batch-write", "--folder", str(tmp_path / "out"))
    results = []
    for line in (tmp_path / "out" / "batch_0000.jsonl").read_text().splitlines():
        asked = json.loads(line)
        body = command.server._payload(asked["url"], asked["body"], asked["custom_id"])
        results.append({"custom_id": asked["custom_id"], "response": {"status_code": 200, "body": body}})
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "r.jsonl").write_text("\n".join(map(json.dumps, results)))
    assert "440 asked now, 0 without an answer" in command("batch-read", "--folder", str(tmp_path / "in"))
    assert "440 were answered before, 0 asked now" in command("ask")
    assert command.server.arrivals == 0


def test_a_fault_is_one_message_and_what_was_answered_is_kept(command):
    command("ask", "--max-questions", "50")
    command.server.always = "401"
    assert command("ask", status=1).splitlines()[-1].startswith("error: http://127.0.0.1")
    command.server.always = None
    assert "50 were answered before, 390 asked now" in command("ask")


def test_shards_and_orders_are_options(command):
    first = command("ask", "--orders", "listed", "reversed", "--shard", "0/2", "--cache-only")
    second = command("ask", "--orders", "listed", "reversed", "--shard", "1/2")
    asked = [int(re.search(r"(\d+) asked now", told)[1]) for told in (first, second)]
    assert sum(asked) == 880
    assert min(asked) > 300
    assert archive.read("m", OPEN, "choice", order=None)["order"].value_counts().to_dict() == {
        "listed": 440,
        "reversed": 440,
    }


def test_a_shard_must_be_spelled_out(command):
    with pytest.raises(SystemExit):
        command("ask", "--shard", "half")
