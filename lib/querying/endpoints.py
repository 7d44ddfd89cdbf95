"""What a model is to the rest of the project: something that answers requests in a stream."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

import orjson

from lib.errors import StudyError
from lib.prompting import Prompt
from lib.querying import settings
from lib.querying.settings import Prices, models

__all__ = [
    "SCHEMA_VERSION",
    "STATUSES",
    "Endpoint",
    "Prices",
    "Reply",
    "Request",
    "model_identity",
    "model_modes",
    "models",
    "open_endpoint",
    "request_key",
]

#: Part of every cache key: a change in what an answer means makes old ones unreachable instead of wrong.
SCHEMA_VERSION = 1
STATUSES = ("ok", "refused", "unparsed", "out_of_range", "error")


class Request(NamedTuple):
    """One question as an endpoint gets it; `key` identifies request, endpoint and replicate together."""

    key: str
    prompt: Prompt


class Reply(NamedTuple):
    """What came back. Options are counted from the lowest, in whichever order they were shown.

    Attributes:
        status: one of `STATUSES`.
        logprob: `likelihood`: the statement's mean log-probability for each of its tokens, in nats.
        probabilities: `choice`: the probability of each response option, lowest first; their sum is 1 - `unmatched`.
        unmatched: `choice`: the probability that fell on no option, from 0 to 1.
        tokens_in: tokens of the whole prompt (statement included).
        tokens_scored: `likelihood`: tokens of the statement; `choice`: 1.
        message: `text`: what the model said, reasoning set aside. Otherwise, for any status but `ok`: what went
            wrong, or what the model said.
        response: `text`: the option that was chosen, 1 for the lowest.
        tokens_out: tokens the model wrote, reasoning included.
    """

    status: str
    logprob: float | None = None
    probabilities: tuple[float, ...] | None = None
    unmatched: float | None = None
    tokens_in: int = 0
    tokens_scored: int = 0
    message: str = ""
    response: int | None = None
    tokens_out: int = 0

    def to_json(self) -> str:
        """Returns the reply as JSON text, the form in which the cache holds it; defaults are left out."""
        named = zip(self._fields, self, _DEFAULTS, strict=True)
        return orjson.dumps({name: value for name, value, default in named if value != default}).decode()

    @classmethod
    def from_json(cls, text: str) -> "Reply":
        """Returns the reply that `to_json` wrote."""
        held = orjson.loads(text)
        if "probabilities" in held:
            held["probabilities"] = tuple(held["probabilities"])
        return cls(**held)


_DEFAULTS = tuple(Reply._field_defaults.get(name) for name in Reply._fields)


class Endpoint(Protocol):
    """A model that can be asked.

    It may also have `prices` (a `Prices`), and `served()`, which returns what the server says it answered with (model
    snapshot, fingerprint) and how often since it was last called.
    """

    identity: str
    modes: tuple[str, ...]

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Reply]]:
        """Yields a reply for each request, in any order, while it draws requests as it needs them."""
        ...

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
    if "#" in identity:
        service, *sections = identity.split("#")
        identity = "#".join([service, *(s for s in sections if s.startswith(("all=", prompt.mode + "=")))])
    body = [SCHEMA_VERSION, identity, prompt.mode, prompt.prime, prompt.text, prompt.labels]
    return hashlib.blake2b(orjson.dumps(body)[:-1], digest_size=16)


def finish_key(stem: "hashlib.blake2b", replicate: int) -> str:
    """Returns the key of one replicate."""
    whole = stem.copy()
    whole.update(b",%d]" % replicate)
    return whole.hexdigest()


def model_identity(name: str, base_url: Sequence[str] = ()) -> str:
    """Returns what tells this model's answers from any other's.

    Local: backend and checksum of the weights. Otherwise: service, the model's name there, settings.
    """
    entry = settings.model_entry(name, base_url)
    if entry["backend"] == settings.BACKEND:
        return settings.http_settings(name, entry).identity
    return f"{entry['backend']}:{entry['sha256']}"


def model_modes(name: str, base_url: Sequence[str] = ()) -> tuple[str, ...]:
    """Returns the response modes a model is asked in unless told otherwise."""
    entry = settings.model_entry(name, base_url)
    return tuple(entry.get("modes", settings.HttpSettings.modes))


def open_endpoint(name: str, base_url: Sequence[str] = (), transport: str = "") -> Endpoint:
    """Returns the endpoint of a model, ready to be asked.

    Args:
        name: a model of `models.toml`, or what a server at `base_url` or `OPENAI_BASE_URL` calls its model.
        base_url: addresses to use instead of the listed ones.
        transport: `openai` or `bulk` instead of the one chosen by address.

    Raises:
        StudyError: unknown model, missing software, weights or key, with what to do about it.
    """
    entry = settings.model_entry(name, base_url)
    if entry["backend"] == settings.BACKEND:
        from lib.querying.remote import RemoteEndpoint

        chosen = {"transport": transport} if transport else {}
        return RemoteEndpoint(settings.http_settings(name, entry | chosen))
    if entry["backend"] != "llama.cpp":
        raise StudyError(f"{name}: backend {entry['backend']!r} is not known.")
    from lib.querying.local import LocalEndpoint

    return LocalEndpoint(entry, model_identity(name))
