"""What a model is to the rest of the project: something that answers requests in a stream."""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from lib import paths
from lib.errors import StudyError, unknown
from lib.prompting import Prompt

#: Part of every cache key: a change in what an answer means makes old ones unreachable instead of wrong.
SCHEMA_VERSION = 1
STATUSES = ("ok", "refused", "unparsed", "out_of_range", "error")


@dataclass(frozen=True, slots=True)
class Request:
    """One question as an endpoint gets it; `key` identifies request, endpoint and replicate together."""

    key: str
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Attributes:
        status: one of `STATUSES`.
        logprob: `likelihood`: the statement's mean log-probability for each of its tokens, in nats.
        probabilities: `choice`: the probability of each response option, lowest first; their sum is 1 - `unmatched`.
        unmatched: `choice`: the probability that fell on no option, from 0 to 1.
        tokens_in: tokens of the whole prompt (statement included).
        tokens_scored: `likelihood`: tokens of the statement; `choice`: 1.
        message: for any status but `ok`: what went wrong, or what the model said.
    """

    status: str
    logprob: float | None = None
    probabilities: tuple[float, ...] | None = None
    unmatched: float | None = None
    tokens_in: int = 0
    tokens_scored: int = 0
    message: str = ""

    def to_json(self) -> str:
        """Returns the reply as JSON text, the form in which the cache holds it."""
        return json.dumps({k: v for k, v in asdict(self).items() if v not in (None, "")}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Reply":
        """Returns the reply that `to_json` wrote."""
        fields = json.loads(text)
        if "probabilities" in fields:
            fields["probabilities"] = tuple(fields["probabilities"])
        return cls(**fields)


class Endpoint(Protocol):
    """A model that can be asked."""

    identity: str
    modes: tuple[str, ...]

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Reply]]:
        """Yields a reply for each request, in any order, while it draws requests as it needs them."""
        ...

    def close(self) -> None:
        """Frees what the endpoint holds."""
        ...


def request_key(identity: str, prompt: Prompt, replicate: int) -> str:
    """Returns the cache key: 32 hexadecimal digits, blake2b over the canonical JSON of all an answer depends on."""
    body = [SCHEMA_VERSION, identity, prompt.mode, prompt.prime, prompt.text, prompt.labels, replicate]
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def models() -> dict[str, dict[str, Any]]:
    """Returns the models of `data/raw/models.toml` by name."""
    return tomllib.loads((paths.RAW / "models.toml").read_text(encoding="utf-8"))


def model_identity(name: str) -> str:
    """Returns what tells this model's answers from any other's: backend and checksum of the weights."""
    entry = _entry(name)
    return f"{entry['backend']}:{entry['sha256']}"


def open_endpoint(name: str) -> Endpoint:
    """Returns the endpoint of a listed model, ready to be asked.

    Raises:
        StudyError: unlisted model, or software or weights that are missing, with the command that installs them.
    """
    entry = _entry(name)
    if entry["backend"] != "llama.cpp":
        raise StudyError(f"{name}: backend {entry['backend']!r} is not known.")
    from lib.querying.local import LocalEndpoint

    return LocalEndpoint(entry, model_identity(name))


def _entry(name: str) -> dict[str, Any]:
    listed = models()
    if name not in listed:
        raise unknown("model", name, listed)
    return listed[name]
