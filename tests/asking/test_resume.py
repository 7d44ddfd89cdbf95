"""Killed at any moment, the run goes on where it was: nothing lost, doubled or invented."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time

import orjson
import pandas as pd
from asking import plan
from server import FakeServer

from lib import paths
from lib.asking import settings
from lib.asking.cache import ReplyCache
from lib.asking.http import wire
from lib.asking.recording import collect
from lib.asking.requests import Endpoint
from lib.asking.runner import ask

CONCURRENCY = 16
REPLICATES = 46  # 20,240 questions
#: What a kill may lose: replies not yet flushed, those handed over meanwhile, and those on their way.
UNFLUSHED = 2_000 + 8 * CONCURRENCY
CHANCES = {"429": 0.002, "500": 0.005, "reset": 0.005, "broken_json": 0.005, "no_choices": 0.005, "cut_off": 0.005}

ASKING = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from asking import plan, remote
from lib.asking import runner
from lib.asking.http import traffic
from lib.asking.cache import ReplyCache
traffic._FIRST_WAIT_S = 0.01
with remote(sys.argv[2], concurrency=int(sys.argv[4])) as endpoint, ReplyCache(Path(sys.argv[3])) as cache:
    print("asking", flush=True)
    runner.ask(plan("text", replicates=int(sys.argv[5])), endpoint, cache, progress=False)
"""


class Undisturbed(Endpoint):
    """Gives what the server gives, without a network that could fail."""

    modes = ("text",)

    def __init__(self, identity, server):
        self.identity, self.server = identity, server
        self.settings = settings.http_settings("fake", {"base_url": server.url})

    def ask(self, asked):
        for request in asked:
            body = wire.body(self.settings, request)
            name = hashlib.sha256(orjson.dumps(body)).hexdigest()
            yield request, wire.reply(self.settings, request, self.server._payload("/v1/chat/completions", body, name))


def test_five_kills_lose_nothing(tmp_path):
    rows = plan("text", replicates=REPLICATES)
    chance = random.Random(3)
    with FakeServer(chances=CHANCES) as server:
        command = [sys.executable, "-c", ASKING, str(paths.ROOT / "tests"), server.url, str(tmp_path / "killed")]
        command += [str(CONCURRENCY), str(REPLICATES)]
        for kill in range(1, 6):
            process = subprocess.Popen(command, cwd=paths.ROOT, stdout=subprocess.PIPE)
            assert process.stdout.readline() == b"asking\n"
            # The moment is random in what is done, not in time: so the test does not depend on the machine's speed.
            wanted = len(server.log) + chance.randrange(1_000, 3_000)
            while len(server.log) < wanted and process.poll() is None:
                time.sleep(0.002)
            assert process.poll() is None
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            asked_twice = server.log.total() - len(server.log)
            assert asked_twice <= kill * UNFLUSHED
        subprocess.run(command, cwd=paths.ROOT, stdout=subprocess.DEVNULL, check=True, timeout=300)
        asked_twice = server.log.total() - len(server.log)
        assert 0 < asked_twice <= 5 * UNFLUSHED
        assert len(server.log) == len(rows)
        identity = "openai:http://localhost/v1:fake"
    with ReplyCache(tmp_path / "killed") as cache:
        killed = collect(rows, identity, cache)
    assert len(killed) == len(rows)
    assert killed["key"].is_unique
    assert set(killed["status"]) == {"ok"}
    with ReplyCache(tmp_path / "calm") as cache:
        ask(rows, Undisturbed(identity, server), cache, progress=False)
        pd.testing.assert_frame_equal(killed, collect(rows, identity, cache))
