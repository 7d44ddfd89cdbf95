"""The likeliest first tokens read as labels of options."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from math import exp
from typing import Any

from lib.asking.http.faults import UnusableError

_MOST_TOKENS = 100_000
#: White space and its signs in vocabularies (Ġ, Ċ, ▁), quotes, brackets, marks of emphasis, full stops, nothing at all.
_AROUND = " \t\r\n\f\v\u00a0ĠĊĉ▁\"'`“”‘’„‚«»‹›()[]{}<>*_.\u200b\u200c\u200d\u2060\ufeff"
#: One byte, as SentencePiece and OpenAI write a token that is no text of its own.
_BYTE = re.compile(r"(?:<0x([0-9a-f]{2})>|bytes:\\x([0-9a-f]{2}))", re.IGNORECASE)


def label_shares(labels: tuple[str, ...], first_tokens: Sequence[Mapping[str, Any]]) -> list[float]:
    """Returns the probability of each label: that of all tokens that spell it.

    Args:
        labels: what a token may spell.
        first_tokens: the likeliest first tokens, each with `token` and `logprob`, which is null or -inf where the token
            is impossible.

    Raises:
        UnusableError: log-probabilities above 0, probabilities that add up to nothing or to more than 1.
    """
    total = 0.0
    shares = [0.0] * len(labels)
    places = _places(labels)
    for first in first_tokens:
        if (logprob := first["logprob"]) is None:
            continue
        probability = exp(logprob)
        total += probability
        if (place := places[first["token"]]) is not None:
            shares[place] += probability
    if not 0 < total <= 1.01:
        raise UnusableError(f"the server's log-probabilities add up to a probability of {total:.3g}")
    return shares


def spelled(token: str) -> str:
    """Returns what a token spells: without what stands around it, in lower case, digits of any script as ours."""
    if byte := _BYTE.fullmatch(token):
        token = chr(int(byte[1] or byte[2], 16))
    bare = unicodedata.normalize("NFKC", token).strip(_AROUND)
    return "".join(str(unicodedata.decimal(c, c)) for c in bare).casefold()


class _Places(dict[str, int | None]):
    """Which label a token spells; the same few hundred tokens come back with every response."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        self.spelled = {spelled(label): place for place, label in reversed(list(enumerate(labels)))}

    def __missing__(self, token: str) -> int | None:
        place = self.spelled.get(spelled(token))
        if len(self) < _MOST_TOKENS:
            self[token] = place
        return place


_places = cache(_Places)
