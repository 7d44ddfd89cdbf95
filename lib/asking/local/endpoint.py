"""The local endpoint: prompts in, statement log-probabilities or option probabilities out."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import numpy as np

from lib.answers.reply import Reply
from lib.asking.local.llama import BATCH_TOKENS, CONTEXT_TOKENS, LlamaModel, log_softmax_at
from lib.asking.local.weights import dequantised_weights
from lib.asking.requests import Endpoint, Request, choice_reply
from lib.asking.settings import LEAST_ON_OPTIONS


class LocalEndpoint(Endpoint):
    """A model that runs in this process. Requests that share a prime are best asked in a row."""

    def __init__(self, entry: dict[str, Any], identity: str) -> None:
        """Finds, dequantises (once) and loads the weights of a `models.toml` entry.

        Raises:
            StudyError: software or weights are missing.
        """
        self.identity = identity
        self.modes = tuple(entry["modes"])
        self.reading = {"least_on_options": entry.get("least_on_options", LEAST_ON_OPTIONS)}
        self.model = LlamaModel(dequantised_weights(entry))
        self._label_tokens: dict[str, list[int]] = {}

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Reply]]:
        """Yields replies in the order of the requests, prime by prime."""
        for (mode, prime), group in groupby(requests, key=lambda r: (r.prompt.mode, r.prompt.prime)):
            block = list(group)
            yield from self._likelihoods(prime, block) if mode == "likelihood" else self._choices(block)

    def close(self) -> None:
        """Frees the model."""
        self.model.close()

    def _likelihoods(self, prime: str, block: list[Request]) -> Iterator[tuple[Request, Reply]]:
        prefix = self.model.tokenize(prime)
        texts = [self.model.tokenize(" " + r.prompt.text) for r in block]
        after_prime = self.model.set_prefix(prefix)[None]
        sums = [log_softmax_at(after_prime, tokens[:1]).sum() for tokens in texts]
        # The last token's own logits predict what follows the statement, which nobody asked.
        for i, logits in self.model.branches([tokens[:-1] for tokens in texts], last_only=False):
            sums[i] += log_softmax_at(logits, texts[i][1:]).sum()
        for request, tokens, total in zip(block, texts, sums, strict=True):
            yield (
                request,
                Reply(
                    "ok",
                    logprob=float(total / len(tokens)),
                    tokens_in=len(prefix) + len(tokens),
                    tokens_scored=len(tokens),
                ),
            )

    def _choices(self, block: list[Request]) -> Iterator[tuple[Request, Reply]]:
        chats = [self.model.tokenize(self.model.chat(r.prompt.prime, r.prompt.text), special=True) for r in block]
        shared = _common_prefix(chats)
        self.model.set_prefix(chats[0][:shared])
        replies: dict[int, Reply] = {}
        for i, logits in self.model.branches([c[shared:] for c in chats], last_only=True):
            replies[i] = self._choice(block[i], logits, len(chats[i]))
        for i, request in enumerate(block):
            yield request, replies[i]

    def _choice(self, request: Request, logits: np.ndarray, tokens_in: int) -> Reply:
        shares = [
            float(np.exp([log_softmax_at(logits, [t])[0] for t in self._tokens_of(label)]).sum())
            for label in request.prompt.labels
        ]
        least = self.reading["least_on_options"]
        return choice_reply(request.prompt, shares, least, lambda: self.model.piece(int(logits[0].argmax())), tokens_in)

    def _tokens_of(self, label: str) -> list[int]:
        """The single tokens that say a label: with and without a leading space."""
        if label not in self._label_tokens:
            spelled = [self.model.tokenize(form) for form in (label, " " + label)]
            self._label_tokens[label] = sorted({tokens[0] for tokens in spelled if len(tokens) == 1})
        return self._label_tokens[label]


def _common_prefix(token_lists: list[list[int]]) -> int:
    """How many first tokens all lists share, leaving each at least one of its own."""
    shortest = min(min(len(t) for t in token_lists) - 1, CONTEXT_TOKENS - BATCH_TOKENS)
    columns = zip(*(t[:shortest] for t in token_lists), strict=False)
    return next((i for i, column in enumerate(columns) if len(set(column)) > 1), shortest)
