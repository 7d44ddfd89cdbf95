"""How a question ended: the reply, the form in which it is kept, and the version of both."""

from typing import NamedTuple

import orjson

#: Part of every cache key: a change in what an answer means makes old ones unreachable instead of wrong.
SCHEMA_VERSION = 1
STATUSES = ("ok", "refused", "unparsed", "out_of_range", "error")


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
