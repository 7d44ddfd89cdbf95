"""Requests as OpenAI-compatible servers want them, and their responses as replies. Knows no network."""

from collections.abc import Mapping, Sequence
from functools import cache
from math import exp, isfinite
from typing import Any

from lib.prompting import Prompt
from lib.querying.endpoints import Reply, Request
from lib.querying.parsing import parse, without_reasoning
from lib.querying.settings import HttpSettings

CHAT, COMPLETIONS = "/chat/completions", "/completions"
#: Longest reply kept in the answers, in characters.
MESSAGE_LENGTH = 4_000
_MOST_TOKENS = 100_000


class UnusableError(Exception):
    """A response that holds no answer through a fault of the server's; asking again may help."""


class NoLogprobsError(UnusableError):
    """A response without the log-probabilities that were asked for."""


def path(mode: str) -> str:
    """Returns where a mode's requests go, below the base address."""
    return COMPLETIONS if mode == "likelihood" else CHAT


def body(settings: HttpSettings, request: Request) -> dict[str, Any]:
    """Returns the request body. Sampling is always spelled out, since servers' defaults differ."""
    prompt = request.prompt
    common = {"model": settings.model, **settings.body}
    if prompt.mode == "likelihood":
        text = f"{prompt.prime} {prompt.text}"
        # One token is generated and dropped: several servers refuse to generate none.
        return common | {"prompt": text, "echo": True, "logprobs": 1, "max_tokens": 1, "temperature": 0.0}
    chat = common | {"messages": _messages(settings, prompt)}
    if prompt.mode == "choice":
        asked = {"logprobs": True, "top_logprobs": settings.top_logprobs, settings.max_tokens_field: 1}
        return chat | asked | {"temperature": 1.0, "top_p": 1.0}
    sampling = settings.sampling
    limit = {settings.max_tokens_field: sampling.pop("max_tokens")}
    # The seed follows from the key, so that replicates differ and a repetition is the same request.
    return chat | sampling | limit | {"seed": int(request.key[:7], 16)}


def _messages(settings: HttpSettings, prompt: Prompt) -> list[dict[str, str]]:
    if settings.system_role:
        return [{"role": "system", "content": prompt.prime}, {"role": "user", "content": prompt.text}]
    return [{"role": "user", "content": f"{prompt.prime}\n\n{prompt.text}"}]


def reply(request: Request, payload: object) -> Reply:
    """Returns the reply that a response body holds.

    Raises:
        NoLogprobsError: no log-probabilities where the mode needs them.
        UnusableError: not the shape of an OpenAI response, or numbers that are no probabilities.
    """
    try:
        choice = payload["choices"][0]
        usage = payload.get("usage") or {}
        tokens_in, tokens_out = int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
        return _READERS[request.prompt.mode](request.prompt, choice, tokens_in, tokens_out)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise UnusableError(f"the response has not the shape of an OpenAI response ({_shown(payload)})") from error


def who_answered(payload: Mapping[str, Any]) -> str:
    """Returns the model snapshot and the system's fingerprint as the response gives them."""
    return f"{payload.get('model') or ''} {payload.get('system_fingerprint') or ''}".strip()


def _shown(payload: object) -> str:
    if isinstance(payload, Mapping) and payload.get("choices") == []:
        return "no choices"
    text = repr(payload)
    return text if len(text) <= 120 else text[:117] + "..."


def _choice(prompt: Prompt, choice: Mapping[str, Any], tokens_in: int, tokens_out: int) -> Reply:
    if refusal := choice["message"].get("refusal"):
        return Reply("refused", tokens_in=tokens_in, message=refusal[:MESSAGE_LENGTH], tokens_out=tokens_out)
    content = (choice.get("logprobs") or {}).get("content")
    if not content or not content[0].get("top_logprobs"):
        if choice.get("finish_reason") == "content_filter":
            return Reply("refused", tokens_in=tokens_in, message="content filter", tokens_out=tokens_out)
        raise NoLogprobsError("the response holds no log-probabilities")
    first = content[0]["top_logprobs"]
    shares = label_shares(prompt.labels, first)
    total = sum(shares)
    if total == 0:
        said = max(first, key=lambda t: t["logprob"])["token"]
        return Reply("unparsed", unmatched=1.0, tokens_in=tokens_in, message=said, tokens_out=tokens_out)
    return Reply(
        "ok",
        probabilities=prompt.by_option(shares),
        unmatched=max(0.0, 1.0 - total),
        tokens_in=tokens_in,
        tokens_scored=1,
        tokens_out=tokens_out,
    )


def label_shares(labels: tuple[str, ...], first_tokens: Sequence[Mapping[str, Any]]) -> list[float]:
    """Returns the probability of each label: that of all tokens that spell it, whatever their spaces and case.

    Args:
        labels: what a token may spell.
        first_tokens: the likeliest first tokens, each with `token` and `logprob`.

    Raises:
        UnusableError: log-probabilities above 0, or probabilities that add up to more than 1.
    """
    total = 0.0
    shares = [0.0] * len(labels)
    places = _places(labels)
    for first in first_tokens:
        probability = exp(first["logprob"])
        total += probability
        if (place := places[first["token"]]) is not None:
            shares[place] += probability
    if not total <= 1.01:
        raise UnusableError(f"the server's log-probabilities add up to a probability of {total:.3g}")
    return shares


class _Places(dict[str, int | None]):
    """Which label a token spells; the same few hundred tokens come back with every response."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        self.spelled = {label.casefold(): place for place, label in reversed(list(enumerate(labels)))}

    def __missing__(self, token: str) -> int | None:
        place = self.spelled.get(token.strip().casefold())
        if len(self) < _MOST_TOKENS:
            self[token] = place
        return place


_places = cache(_Places)


def _text(prompt: Prompt, choice: Mapping[str, Any], tokens_in: int, tokens_out: int) -> Reply:
    message = choice["message"]
    # Reasoning in a field of its own (`reasoning`, `reasoning_content`) is not looked at.
    said = without_reasoning(message.get("content") or "")
    if refusal := message.get("refusal"):
        status, place, said = "refused", None, refusal
    elif choice.get("finish_reason") == "content_filter":
        status, place = "refused", None
    else:
        parsed = parse(said, len(prompt.labels))
        # A reply that was cut off has not come to its answer, whatever numbers it holds so far.
        cut = choice.get("finish_reason") == "length" and len(said.split()) > 3
        status, place = ("unparsed", None) if cut else (parsed.status, parsed.place)
    response = None if place is None else prompt.option(place) + 1
    said = said[:MESSAGE_LENGTH]
    return Reply(status, tokens_in=tokens_in, message=said, response=response, tokens_out=tokens_out)


def _likelihood(prompt: Prompt, choice: Mapping[str, Any], tokens_in: int, tokens_out: int) -> Reply:
    logprobs = choice.get("logprobs")
    if not logprobs or not logprobs.get("token_logprobs"):
        raise NoLogprobsError("the response holds no log-probabilities of the prompt")
    scored = statement_logprobs(prompt, logprobs["tokens"], logprobs["token_logprobs"])
    mean = sum(scored) / len(scored)
    return Reply("ok", logprob=mean, tokens_in=tokens_in, tokens_scored=len(scored), tokens_out=tokens_out)


def statement_logprobs(prompt: Prompt, tokens: Sequence[str], logprobs: Sequence[float | None]) -> list[float]:
    """Returns the log-probabilities of the statement's tokens out of those echoed for prime and statement.

    Raises:
        NoLogprobsError: the tokens do not spell the prompt, so the server did not echo it.
        UnusableError: a token that lies across prime and statement, or a number that is no log-probability.
    """
    spelled, whole = "".join(tokens), f"{prompt.prime} {prompt.text}"
    # Some servers spell out a start-of-text token first.
    start = spelled.find(whole, 0, len(whole) + 40)
    if start < 0:
        raise NoLogprobsError("the server does not echo the prompt with its log-probabilities")
    border, end = start + len(prompt.prime), start + len(whole)
    scored, position = [], 0
    for token, logprob in zip(tokens, logprobs, strict=True):
        after = position + len(token)
        if position < border < after:
            raise UnusableError(f"the token {token!r} lies across prime and statement")
        if border <= position < end:
            if logprob is None or not isfinite(logprob) or logprob > 1e-6:
                raise UnusableError(f"{logprob} is no log-probability")
            scored.append(logprob)
        position = after
    return scored


_READERS = {"likelihood": _likelihood, "choice": _choice, "text": _text}
