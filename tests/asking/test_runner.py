import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import ArithmeticEndpoint

from lib import paths
from lib.answers.reply import Reply
from lib.asking import planning, recording
from lib.asking.cache import ReplyCache
from lib.asking.runner import ask
from lib.errors import StudyError


@pytest.fixture
def plan():
    return planning.make_plan(["open_portraits"], wordings=["plain"], persons=["he"])


def test_everything_is_asked_once_and_never_again(plan, endpoint, tmp_path):
    with ReplyCache(tmp_path) as cache:
        first = ask(plan, endpoint, cache, progress=False)
        second = ask(plan, endpoint, cache, progress=False)
    assert (first.asked, first.known) == (len(plan), 0)
    assert (second.asked, second.known) == (0, len(plan))
    assert len(endpoint.asked) == len(set(endpoint.asked)) == len(plan)


@pytest.mark.parametrize("failure", [KeyboardInterrupt, StudyError])
def test_an_interruption_keeps_what_was_answered(plan, tmp_path, failure):
    with ReplyCache(tmp_path) as cache:
        with pytest.raises(failure):
            ask(plan, ArithmeticEndpoint(fail_after=700, failure=failure), cache, progress=False)
        assert len(cache) == 700
        rest = ask(plan, ArithmeticEndpoint(), cache, progress=False)
    assert rest.asked == len(plan) - 700


def test_errors_are_asked_again_and_never_ok(plan, tmp_path):
    class Failing(ArithmeticEndpoint):
        @staticmethod
        def answer(request):
            return Reply("error", message="500 Internal Server Error")

    with ReplyCache(tmp_path) as cache:
        assert ask(plan, Failing(), cache, progress=False).errors == len(plan)
        table = recording.collect(plan, ArithmeticEndpoint.identity, cache)
        assert (table["status"] == "error").all()
        assert table["logprob"].isna().all()
        assert ask(plan, ArithmeticEndpoint(), cache, progress=False).asked == len(plan)


def test_a_mode_that_the_endpoint_lacks_is_refused(plan, tmp_path):
    endpoint = ArithmeticEndpoint()
    endpoint.modes = ("choice",)
    with ReplyCache(tmp_path) as cache, pytest.raises(StudyError, match="cannot answer in mode likelihood"):
        ask(plan, endpoint, cache, progress=False)


SCRIPT = """
import sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from conftest import ArithmeticEndpoint
from lib.asking import planning
from lib.asking.cache import ReplyCache
from lib.asking.runner import ask

class Slow(ArithmeticEndpoint):
    def ask(self, requests):
        for pair in super().ask(requests):
            time.sleep(0.002)
            yield pair

plan = planning.make_plan(["open_portraits"], wordings=["plain"], persons=["he"])
with ReplyCache(Path({folder!r})) as cache:
    ask(plan, Slow(), cache, progress=False)
"""


def test_a_kill_in_the_middle_costs_two_seconds_at_most(plan, tmp_path):
    script = SCRIPT.format(tests=str(paths.ROOT / "tests"), folder=str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", script], cwd=paths.ROOT)
    deadline = time.monotonic() + 60
    while _size(tmp_path) < 100 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with ReplyCache(tmp_path) as cache:
        kept = len(cache)
        assert 100 <= kept < len(plan)
        tally = ask(plan, ArithmeticEndpoint(), cache, progress=False)
        assert (tally.known, tally.asked) == (kept, len(plan) - kept)
        whole = recording.collect(plan, ArithmeticEndpoint.identity, cache)
    with ReplyCache(tmp_path / "other") as cache:
        ask(plan, ArithmeticEndpoint(), cache, progress=False)
        undisturbed = recording.collect(plan, ArithmeticEndpoint.identity, cache)
    assert whole.equals(undisturbed)


def _size(folder):
    if not (folder / "cache.db").exists():
        return 0
    with ReplyCache(folder) as cache:
        return len(cache)
