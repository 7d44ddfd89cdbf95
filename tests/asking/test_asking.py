"""The asking loop: every question once, budgets, shards, several processes, what is kept when something breaks."""

import subprocess
import sys
from collections import Counter
from itertools import islice

import pandas as pd
import pytest
from asking import ONE, OPEN, plan, remote
from server import FakeServer

from lib import paths
from lib.answers.reply import Reply
from lib.asking import estimating, planning, runner
from lib.asking.cache import ReplyCache
from lib.asking.recording import collect
from lib.asking.requests import Endpoint
from lib.asking.runner import Budget, ask
from lib.asking.settings import Prices
from lib.errors import StudyError


class Echo(Endpoint):
    """An endpoint in process that counts what it is asked."""

    identity, modes, prices = "echo", ("choice", "likelihood", "text"), Prices(1.0, 2.0)

    def __init__(self, fail_at=None, statuses=("ok",), ahead=1):
        self.keys, self.fail_at, self.statuses, self.ahead = Counter(), fail_at, statuses, ahead

    def ask(self, requests):
        requests = iter(requests)
        while block := list(islice(requests, self.ahead)):
            for request in block:
                if self.fail_at is not None and self.keys.total() >= self.fail_at:
                    raise KeyboardInterrupt
                self.keys[request.key] += 1
                status = self.statuses[self.keys.total() % len(self.statuses)]
                yield request, Reply(status, tokens_in=100, tokens_out=10)

    def served(self):
        return {"echo-1": self.keys.total()}

    def close(self):
        pass


@pytest.fixture
def cache(tmp_path):
    with ReplyCache(tmp_path / "replies") as opened:
        yield opened


def run(rows, endpoint, cache, **more):
    return ask(rows, endpoint, cache, progress=False, **more)


@pytest.mark.parametrize("ahead", [1, 7, 100, 5000])
@pytest.mark.parametrize("chunk", [10, 333, 10_000])
def test_every_question_is_asked_once_whatever_the_chunks(cache, monkeypatch, ahead, chunk):
    monkeypatch.setattr(runner, "_CHUNK", chunk)
    monkeypatch.setattr(runner, "_FLUSH_REPLIES", 50)
    rows = plan()
    twice = pd.concat([rows, rows.iloc[:100], rows.iloc[:20]], ignore_index=True)
    endpoint = Echo(ahead=ahead)
    tally = run(twice, endpoint, cache)
    assert set(endpoint.keys.values()) == {1}
    assert (tally.asked, tally.known) == (len(rows), 120)
    again = run(twice, endpoint, cache)
    assert (again.asked, again.known, endpoint.keys.total()) == (0, len(twice), len(rows))


def test_errors_are_asked_again_and_other_statuses_are_not(cache):
    endpoint = Echo(statuses=("ok", "error", "refused", "unparsed", "out_of_range"))
    first = run(plan(), endpoint, cache)
    assert first.errors == first.statuses["error"] == 88
    assert first.share_not_ok == pytest.approx(0.8)
    second = run(plan(), Echo(), cache)
    assert (second.asked, second.known) == (88, 352)


def test_what_was_answered_before_a_break_is_kept(cache):
    with pytest.raises(KeyboardInterrupt):
        run(plan(), Echo(fail_at=123), cache)
    endpoint = Echo()
    assert run(plan(), endpoint, cache).known == 123
    assert endpoint.keys.total() == 440 - 123


def test_a_budget_of_questions_stops_cleanly(cache):
    tally = run(plan(), Echo(ahead=64), cache, budget=Budget(questions=100))
    assert tally.asked == 100
    assert "100 questions" in tally.stopped
    assert len(cache.get_many(collect(plan(), "echo", cache)["key"])) == 100
    assert run(plan(), Echo(), cache, budget=Budget(questions=340)).stopped == ""


@pytest.mark.parametrize("ahead", [1, 64])
def test_a_budget_of_money_is_not_overspent(cache, ahead):
    each = Prices(1.0, 2.0).cost(100, 10)
    tally = run(plan(), Echo(ahead=ahead), cache, budget=Budget(money=200.5 * each))
    assert tally.cost <= 200.5 * each
    assert 100 < tally.asked <= 200
    assert "$0.02" in tally.stopped


def test_a_budget_of_money_holds_where_the_server_tells_no_tokens(cache):
    class Silent(Echo):
        def ask(self, requests):
            yield from ((q, Reply(r.status)) for q, r in super().ask(requests))

    tally = run(plan(), Silent(), cache, budget=Budget(money=0.01))
    assert 0 < tally.cost <= 0.01
    assert 10 < tally.asked < 440


def test_shards_share_out_the_plan(tmp_path):
    endpoint, parts = Echo(), []
    for k in range(3):
        with ReplyCache(tmp_path / str(k)) as cache:
            parts.append(run(plan(), endpoint, cache, shard=(k, 3)).asked)
    assert sum(parts) == 440
    assert set(endpoint.keys.values()) == {1}
    assert min(parts) > 100
    with ReplyCache(tmp_path / "x") as cache, pytest.raises(StudyError, match="no shard 3 of 3"):
        run(plan(), endpoint, cache, shard=(3, 3))


def test_a_mode_the_endpoint_lacks_is_told(cache):
    endpoint = Echo()
    endpoint.modes = ("choice",)
    with pytest.raises(StudyError, match="cannot answer in mode likelihood"):
        run(plan("likelihood"), endpoint, cache)


def test_who_answered_is_noted(cache):
    run(plan(rows=10), Echo(), cache)
    run(plan(rows=30), Echo(), cache)
    notes = cache.notes("echo")
    assert notes["served"] == {"echo-1": 30}
    assert notes["rate"] > 0
    assert notes["first"] <= notes["last"]


ASKING = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from asking import plan, remote
from lib.asking import runner
from lib.asking.cache import ReplyCache
runner._CHUNK = 40
with remote(sys.argv[2]) as endpoint, ReplyCache(Path(sys.argv[3])) as cache:
    tally = runner.ask(plan(), endpoint, cache, progress=False)
    print(tally.asked, tally.known)
"""


def test_two_processes_at_once_ask_nothing_twice(tmp_path):
    with FakeServer(delay=0.01) as server:
        command = [sys.executable, "-c", ASKING, str(paths.ROOT / "tests"), server.url, str(tmp_path / "replies")]
        both = [subprocess.Popen(command, cwd=paths.ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        told = [process.communicate(timeout=60)[0].split() for process in both]
    assert set(server.log.values()) == {1}
    assert sum(int(asked) for asked, _ in told) == 440
    with ReplyCache(tmp_path / "replies") as cache:
        answers = collect(plan(), "openai:http://localhost/v1:fake", cache)
    assert set(answers["status"]) == {"ok"}


def test_the_summary_says_what_a_run_will_take(cache):
    rows = plan(replicates=2)
    twice = pd.concat([rows, rows.iloc[:50]], ignore_index=True)
    run(rows.iloc[:100], Echo(), cache)
    cache.note("echo", {}, rate=2.0)
    table = estimating.summary(twice, "echo", cache, Prices(1e6, 0)).set_index("mode").loc["choice"]
    assert (table["questions"], table["distinct"], table["answered"], table["to_ask"]) == (930, 880, 100, 780)
    assert table["cost"] == table["tokens_in"]
    prompts = list(planning.prompts(rows.iloc[100:]))
    characters = sum(len(p.prime) + len(p.text) for p in prompts)
    assert table["tokens_in"] == characters // 3
    assert run(twice, Echo(), cache).asked == table["to_ask"]
    assert table["hours"] == pytest.approx(780 / 7200)


def test_the_summary_of_several_modes_adds_up(cache):
    made = planning.make_plan([OPEN], modes=["choice", "text", "likelihood"], **ONE)
    table = estimating.summary(made, "echo", cache)
    assert list(table["instrument"]) == [OPEN] * 3 + ["total"]
    assert table["questions"].iloc[-1] == len(made) == table["questions"].iloc[:-1].sum()
    assert table["longest_prompt"].iloc[-1] == table["longest_prompt"].iloc[:-1].max()
    assert "not known yet" in estimating.shown(table)


def test_memory_of_what_is_under_way_stays_small(cache):
    """Keys of answered questions are forgotten: with five million of them a set would take 600 MB."""
    rows = plan(replicates=30)
    endpoint, most = Echo(), 0
    runs = []
    plain = runner._Run._take

    def watched(self, request, reply):
        nonlocal most
        runs.append(self)
        plain(self, request, reply)
        most = max(most, len(self.unflushed))

    runner._Run._take = watched
    try:
        run(rows, endpoint, cache)
    finally:
        runner._Run._take = plain
    assert most <= runner._CHUNK + runner._FLUSH_REPLIES
    assert not runs[-1].unflushed


def test_faults_leave_the_table_as_it_would_have_been(tmp_path, monkeypatch):
    monkeypatch.setattr("lib.asking.http.traffic._FIRST_WAIT_S", 0.001)
    chances = dict.fromkeys(["429", "500", "503", "reset", "cut_off", "broken_json", "no_choices", "no_logprobs"], 0.02)
    tables = []
    for faults in ({}, chances):
        with (
            FakeServer(chances=faults) as server,
            remote(server, service="fake") as endpoint,
            ReplyCache(tmp_path / str(len(faults))) as cache,
        ):
            run(plan(), endpoint, cache)
            assert set(server.log.values()) == {1}
            tables.append(collect(plan(), endpoint.identity, cache))
    pd.testing.assert_frame_equal(*tables)
    assert set(tables[0]["status"]) == {"ok"}
