"""What can go wrong between a request and its reply, and what a server says of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson


class UnreachableError(Exception):
    """No answer: refused, reset, cut off, too late or too large."""


class LateError(UnreachableError):
    """No answer within the time it may take; a server may be at it still."""


class NoConnectionError(UnreachableError):
    """Nothing listens at the address."""


class UnusableError(Exception):
    """A response that holds no answer through a fault of the server's; asking again may help."""


class NoLogprobsError(UnusableError):
    """A response without the log-probabilities that were asked for."""


class ForeignModelError(UnusableError):
    """A response that another model gave."""


#: Server errors that stay the same however often one asks.
_LASTING = frozenset({501, 505, 506, 510, 511})
_QUOTA = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
#: A filter refused the question: in the error's code, or in its words where providers have no code for it.
_FILTERED = frozenset(
    {"content_filter", "content_policy_violation", "responsibleaipolicyviolation", "data_inspection_failed"}
    | {"datainspectionfailed", "moderation", "moderation_blocked", "prohibited_content"}
)
_FILTER_WORDS = re.compile(
    r"input was flagged|flagged by moderation|content management policy|content exists risk|violating our usage policy",
    re.IGNORECASE,
)
#: Words of a server that refuses a request → the setting that does without what it refuses; the first that fits.
_CURES = (
    (r"max_completion_tokens", 'max_tokens_field = "max_completion_tokens"'),
    (r"top_logprobs", "top_logprobs = 5, or as many as it takes"),
    (r"top_p", 'leave_out = ["top_p"]'),
    (r"temperature", 'leave_out = ["temperature"]'),
    (r"seed", 'leave_out = ["seed"]'),
    (r"logprobs", 'leave_out = ["logprobs"], or the mode "text", which asks for none'),
    (r"max_tokens", 'leave_out = ["max_tokens"]'),
    (r"system (?:role|message|prompt)|(?:role|message)\W+system", "system_role = false"),
)


def is_passing(status: int) -> bool:
    """Whether another attempt may cure an HTTP status."""
    return status in (408, 409, 425, 429) or (status >= 500 and status not in _LASTING)


def is_overload(status: int, told_to_wait: bool) -> bool:
    """Whether an HTTP status says that there are too many requests, or that one took too long."""
    return status in (408, 429, 504, 524) or (status == 503 and told_to_wait)


def status_within(payload: object) -> int | None:
    """Returns the HTTP status of an error in the body of an HTTP 200: the one it names, or 500; None without one.

    Gateways send their 200 before they know how the model fares.
    """
    if not isinstance(payload, Mapping) or not payload.get("error") or payload.get("choices"):
        return None
    error = payload["error"]
    code = str(error.get("code") or "") if isinstance(error, Mapping) else ""
    return int(code) if re.fullmatch(r"[45]\d\d", code) else 500


@dataclass(frozen=True)
class Explanation:
    """What an error body says.

    Attributes:
        words: code and message, or the whole body where it has another shape.
        codes: every code and type it names, in lower case.
        moderated: whether it names what a moderation took offence at.
    """

    words: str
    codes: frozenset[str] = frozenset()
    moderated: bool = False

    @property
    def is_quota(self) -> bool:
        """Whether the account has no credit left."""
        return bool(self.codes & _QUOTA) or any(word in self.words for word in _QUOTA)

    def is_filter(self, status: int) -> bool:
        """Whether a filter refused the question: an answer, not a fault."""
        if status not in (400, 403, 422, 451):
            return False
        return self.moderated or bool(self.codes & _FILTERED) or bool(_FILTER_WORDS.search(self.words))

    @property
    def cure(self) -> str:
        """The setting that does without what the server refuses; empty where there is none."""
        return next((cure for words, cure in _CURES if re.search(rf"\b(?:{words})\b", self.words, re.IGNORECASE)), "")


def explanation(content: bytes) -> Explanation:
    """Returns what the body of an error says, whatever its shape."""
    whole = content.decode("utf-8", "replace")
    try:
        payload = orjson.loads(content)
    except orjson.JSONDecodeError:
        return Explanation(whole)
    error = (payload.get("error") or payload) if isinstance(payload, Mapping) else payload
    if not isinstance(error, Mapping):
        return Explanation(error if isinstance(error, str) else whole)
    inner, metadata = (_mapping(error.get(name)) for name in ("innererror", "metadata"))
    named = (error.get("code"), error.get("type"), inner.get("code"), metadata.get("error_type"))
    words = " ".join(str(error[k]) for k in ("code", "message") if error.get(k))
    moderated = bool({"reasons", "flagged_input"} & metadata.keys())
    return Explanation(words or whole, frozenset(str(name).lower() for name in named), moderated)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
