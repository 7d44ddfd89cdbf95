"""What is asked and of whom: a request, its key, and what a model is to the rest of the project."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol

import orjson

from lib.answers.reply import SCHEMA_VERSION, Reply
from lib.asking.identities import of_mode
from lib.asking.prompting import Prompt
from lib.asking.settings import Prices


class Request(NamedTuple):
    """One question as an endpoint gets it; `key` identifies request, endpoint and replicate together."""

    key: str
    prompt: Prompt


class Endpoint(Protocol):
    """A model that can be asked; endpoints derive from it, and so have what is common to those that are one's own.

    Attributes:
        identity: what tells this model's answers from any other's.
        modes: the response modes it can be asked in.
        prices: what it costs; nothing unless told otherwise.
        reading: the settings by which its replies become answers; the manifest names them.
    """

    identity: str
    modes: tuple[str, ...]
    prices: Prices = Prices()
    reading: Mapping[str, float] = MappingProxyType({})

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Reply]]:
        """Yields a reply for each request, in any order, while it draws requests as it needs them."""
        ...

    def served(self) -> dict[str, int]:
        """Returns what the server says it answered with (model snapshot, fingerprint), and how often since last called.

        Nothing where no server is asked.
        """
        return {}

    def close(self) -> None:
        """Frees what the endpoint holds."""
        ...


def request_key(identity: str, prompt: Prompt, replicate: int) -> str:
    """Returns the cache key: 32 hexadecimal digits, blake2b over the canonical JSON of all an answer depends on.

    Sections of the identity that concern another mode (`#text=…`) are left out. The order of the options is part of
    the text they are shown in.
    """
    return finish_key(key_stem(identity, prompt), replicate)


def key_stem(identity: str, prompt: Prompt) -> "hashlib.blake2b":
    """Returns the hash of the part of the key's JSON that all replicates share."""
    body = [SCHEMA_VERSION, of_mode(identity, prompt.mode), prompt.mode, prompt.prime, prompt.text, prompt.labels]
    return hashlib.blake2b(orjson.dumps(body)[:-1], digest_size=16)


def finish_key(stem: "hashlib.blake2b", replicate: int) -> str:
    """Returns the key of one replicate."""
    whole = stem.copy()
    whole.update(b",%d]" % replicate)
    return whole.hexdigest()


def choice_reply(
    prompt: Prompt,
    shares: Sequence[float],
    least: float,
    likeliest: Callable[[], str],
    tokens_in: int,
    tokens_out: int = 0,
) -> Reply:
    """Returns the reply in the mode `choice`: an answer where enough of the probability fell on the options.

    Args:
        prompt: the question.
        shares: the probability of each label, in the order shown.
        least: `least_on_options`; below it the reply is `unparsed`.
        likeliest: gives the likeliest first token, told of a reply that is no answer.
        tokens_in: tokens of the prompt.
        tokens_out: tokens written.
    """
    total = sum(shares)
    unmatched = max(0.0, 1.0 - total)
    if total == 0 or total < least:
        return Reply("unparsed", unmatched=unmatched, tokens_in=tokens_in, message=likeliest(), tokens_out=tokens_out)
    probabilities = prompt.by_option(shares)
    return Reply("ok", None, probabilities, unmatched, tokens_in, tokens_scored=1, tokens_out=tokens_out)
