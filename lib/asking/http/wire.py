"""Requests as OpenAI-compatible servers want them, and their responses as replies. Knows no network."""

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple

import orjson

from lib.answers.reply import Reply
from lib.asking.http.faults import ForeignModelError, NoLogprobsError, UnusableError
from lib.asking.http.labels import label_shares
from lib.asking.http.names import is_same_model
from lib.asking.http.parsing import parse, without_reasoning
from lib.asking.prompting import Prompt
from lib.asking.requests import Request, choice_reply
from lib.asking.settings import HttpSettings

CHAT, COMPLETIONS = "/chat/completions", "/completions"
#: Longest reply kept in the answers, in characters.
MESSAGE_LENGTH = 4_000
#: More tokens than a number of the answers holds.
_MOST_TOKENS = 2**31
#: Ways in which a reply comes to its end, by any server's name for them. Any other is a fault: `error`, `abort`.
_ENDS = frozenset(
    {None, "", "stop", "length", "tool_calls", "function_call", "eos", "eos_token", "stop_sequence", "end_turn"}
    | {"max_tokens", "model_length", "complete", "completed", "finished", "eot"}
)
_FILTERS = frozenset(
    {"content_filter", "safety", "recitation", "prohibited_content", "blocklist", "refusal", "sensitive"}
)


def path(mode: str) -> str:
    """Returns where a mode's requests go, below the base address."""
    return COMPLETIONS if mode == "likelihood" else CHAT


def body(settings: HttpSettings, request: Request) -> dict[str, Any]:
    """Returns the request body. Sampling is always spelled out, since servers' defaults differ.

    What the settings leave out is left out, unless `body` brings it back in the server's own form.
    """
    own = _fields(settings, request)
    if settings.leave_out:
        left_out = {settings.max_tokens_field if name == "max_tokens" else name for name in settings.leave_out}
        own = {name: value for name, value in own.items() if name not in left_out}
    return {"model": settings.model, **settings.body, **own}


def _fields(settings: HttpSettings, request: Request) -> dict[str, Any]:
    prompt = request.prompt
    if prompt.mode == "likelihood":
        text = f"{prompt.prime} {prompt.text}"
        # One token is generated and dropped: several servers refuse to generate none.
        return {"prompt": text, "echo": True, "logprobs": 1, "max_tokens": 1, "temperature": 0.0}
    chat = {"messages": _messages(settings, prompt)}
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


class _Tokens(NamedTuple):
    read: int
    written: int


def decoded(content: bytes) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Returns a response body. What is plain in its meaning, if no JSON by the letter, is read: NaN, lone surrogates.

    Raises:
        UnusableError: no JSON.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    try:
        return _without_surrogates(json.loads(content.decode("utf-8", "replace")))
    except (ValueError, RecursionError) as error:
        raise UnusableError("the response is not JSON") from error


def _without_surrogates(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_without_surrogates(one) for one in value]
    if isinstance(value, dict):
        return {_without_surrogates(name): _without_surrogates(one) for name, one in value.items()}
    return value


def reply(settings: HttpSettings, request: Request, payload: object) -> Reply:
    """Returns the reply that a response body holds.

    Raises:
        NoLogprobsError: no log-probabilities where the mode needs them.
        ForeignModelError: another model answered.
        UnusableError: not the shape of an OpenAI response, a reply broken off, numbers that are no probabilities.
    """
    try:
        if payload["choices"] == []:
            raise UnusableError("the response holds no choices")
        choice, served = payload["choices"][0], payload.get("model")
        if served and not is_same_model(settings.model, str(served), settings.answers_as):
            raise ForeignModelError(f"the reply is of the model {served!r}, not of {settings.model!r}")
        tokens = _tokens(payload.get("usage"))
        if words := _refusal(choice):
            return Reply("refused", tokens_in=tokens.read, message=words[:MESSAGE_LENGTH], tokens_out=tokens.written)
        return _READERS[request.prompt.mode](settings, request.prompt, choice, tokens)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise UnusableError("the response has not the shape of an OpenAI response") from error


def who_answered(payload: Mapping[str, Any]) -> str:
    """Returns the model snapshot and the system's fingerprint as the response gives them."""
    return f"{payload.get('model') or ''} {payload.get('system_fingerprint') or ''}".strip()


def _tokens(usage: object) -> _Tokens:
    """The tokens that a response says it took; 0 for what is no number of tokens."""
    if not isinstance(usage, dict):
        return _Tokens(0, 0)
    return _Tokens(_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))


def _count(number: object) -> int:
    return number if isinstance(number, int) and 0 <= number < _MOST_TOKENS else 0


def _refusal(choice: Mapping[str, Any]) -> str:
    """The words of a refusal, the model's own or a filter's; empty where there is none.

    Raises:
        UnusableError: the reply came to another end than a reply does.
    """
    message, ended = choice.get("message") or {}, choice.get("finish_reason")
    ended = ended if ended in _ENDS else str(ended).lower()
    if choice.get("error") or not (ended in _ENDS or ended in _FILTERS):
        raise UnusableError(f"the reply was broken off ({choice.get('error') or ended})")
    if refusal := message.get("refusal"):
        return str(refusal)
    if ended in _FILTERS:
        return without_reasoning(_words(message.get("content"))) or ended.replace("_", " ")
    return ""


def _words(content: object) -> str:
    """A message's text, which some servers send in parts, or as the number that it is."""
    if isinstance(content, list):
        return "".join(_words(part.get("text") if isinstance(part, Mapping) else part) for part in content)
    return content if isinstance(content, str) else "" if content is None else str(content)


def _choice(settings: HttpSettings, prompt: Prompt, choice: Mapping[str, Any], tokens: _Tokens) -> Reply:
    content = (choice.get("logprobs") or {}).get("content")
    if not content or not content[0].get("top_logprobs"):
        raise NoLogprobsError("the response holds no log-probabilities")
    first = content[0]["top_logprobs"]
    shares = label_shares(prompt.labels, first)
    return choice_reply(prompt, shares, settings.least_on_options, lambda: _likeliest(first), *tokens)


def _likeliest(first_tokens: Sequence[Mapping[str, Any]]) -> str:
    possible = [first for first in first_tokens if first["logprob"] is not None]
    return max(possible, key=lambda first: first["logprob"])["token"]


def _text(settings: HttpSettings, prompt: Prompt, choice: Mapping[str, Any], tokens: _Tokens) -> Reply:
    # Reasoning in a field of its own (`reasoning`, `reasoning_content`) is not looked at.
    said = without_reasoning(_words(choice["message"].get("content")))
    parsed = parse(said, len(prompt.labels), prompt.text)
    # A reply that was cut off has not come to its answer, whatever numbers it holds so far.
    cut = choice.get("finish_reason") == "length" and len(said.split()) > 3
    status, place = ("unparsed", None) if cut else (parsed.status, parsed.place)
    response = None if place is None else prompt.option(place) + 1
    said = said[:MESSAGE_LENGTH]
    return Reply(status, tokens_in=tokens.read, message=said, response=response, tokens_out=tokens.written)


def _likelihood(settings: HttpSettings, prompt: Prompt, choice: Mapping[str, Any], tokens: _Tokens) -> Reply:
    logprobs = choice.get("logprobs")
    if not logprobs or not logprobs.get("token_logprobs"):
        raise NoLogprobsError("the response holds no log-probabilities of the prompt")
    scored = statement_logprobs(prompt, logprobs["tokens"], logprobs["token_logprobs"])
    mean = sum(scored) / len(scored)
    return Reply("ok", logprob=mean, tokens_in=tokens.read, tokens_scored=len(scored), tokens_out=tokens.written)


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
