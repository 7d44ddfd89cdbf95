"""A causal language model in process, by llama.cpp: one prefix, many continuations, the logits of each.

The prefix stays in the KV cache; continuations are evaluated together, each as a sequence of its own that shares the
prefix's cells, so that a batch is one large matrix product.
"""

import ctypes
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from lib.asking.local.weights import require_llama_cpp
from lib.errors import StudyError

#: Tokens evaluated at once. Larger batches attend over more foreign cells, smaller ones waste the matrix product.
BATCH_TOKENS = 512
CONTEXT_TOKENS = 2048
MAX_BRANCHES = 63


class LlamaModel:
    """A loaded model. Not safe for use by several threads at once; close it when done."""

    def __init__(self, weights: Path, threads: int | None = None) -> None:
        """Loads the weights.

        Args:
            weights: a .gguf file.
            threads: how many threads compute; by default one for each core this process may use (`taskset`).

        Raises:
            StudyError: llama-cpp-python is missing or cannot load the file.
        """
        self._lib = require_llama_cpp()
        self._lib.llama_backend_init()
        threads = threads or _usable_cores()
        self._model = self._lib.llama_model_load_from_file(
            str(weights).encode(), self._lib.llama_model_default_params()
        )
        if not self._model:
            raise StudyError(f"llama.cpp could not load {weights}.")
        self._context = self._lib.llama_init_from_model(self._model, self._context_params(threads))
        self._vocabulary = self._lib.llama_model_get_vocab(self._model)
        self.n_vocabulary = self._lib.llama_vocab_n_tokens(self._vocabulary)
        self._memory = self._lib.llama_get_memory(self._context)
        self._batch = self._lib.llama_batch_init(CONTEXT_TOKENS, 0, 1)

    def _context_params(self, threads: int) -> ctypes.Structure:
        params = self._lib.llama_context_default_params()
        params.n_ctx = CONTEXT_TOKENS
        params.n_batch = params.n_ubatch = BATCH_TOKENS
        params.n_seq_max = MAX_BRANCHES + 1
        params.n_threads = params.n_threads_batch = threads
        # 32-bit keys and values: with the default 16 bits an answer would depend on how a batch was put together.
        params.type_k = params.type_v = 0
        # Flash attention is a fifth faster, but its answers hang on the batch by up to 7e-4 nats; without it by 1e-6.
        params.flash_attn_type = self._lib.LLAMA_FLASH_ATTN_TYPE_DISABLED
        params.kv_unified = True
        params.no_perf = True
        return params

    def tokenize(self, text: str, special: bool = False) -> list[int]:
        """Returns the token ids of a text; control tokens are read as such only if `special`."""
        data = text.encode()
        room = len(data) + 8
        tokens = (self._lib.llama_token * room)()
        n = self._lib.llama_tokenize(self._vocabulary, data, len(data), tokens, room, special, special)
        return list(tokens[:n])

    def piece(self, token: int) -> str:
        """Returns a token as text, control tokens spelled out."""
        buffer = ctypes.create_string_buffer(256)
        n = self._lib.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, True)
        return buffer.raw[: max(n, 0)].decode(errors="replace")

    def chat(self, system: str, user: str) -> str:
        """Returns the conversation in the model's own chat template, up to where the assistant's answer starts."""
        turns = [(b"system", system.encode()), (b"user", user.encode())]
        messages = (self._lib.llama_chat_message * 2)(*(self._lib.llama_chat_message(r, c) for r, c in turns))
        template = self._lib.llama_model_chat_template(self._model, None)
        buffer = ctypes.create_string_buffer(8 * (len(system) + len(user)) + 512)
        n = self._lib.llama_chat_apply_template(template, messages, 2, True, buffer, len(buffer))
        if n < 0:
            raise StudyError("The model's chat template is not one that llama.cpp knows.")
        return buffer.raw[:n].decode()

    def evaluate(self, tokens: Sequence[int]) -> np.ndarray:
        """Evaluates one sequence on its own, at most a batch long. Returns the logits after each token."""
        self._lib.llama_memory_clear(self._memory, False)
        return self._decode([(t, i, 0, True) for i, t in enumerate(tokens)])

    def set_prefix(self, tokens: Sequence[int]) -> np.ndarray:
        """Evaluates a prefix, which replaces the one before. Returns the logits after its last token."""
        self._lib.llama_memory_clear(self._memory, False)
        for start in range(0, len(tokens), BATCH_TOKENS):
            part = tokens[start : start + BATCH_TOKENS]
            logits = self._decode([(t, start + i, 0, i == len(part) - 1) for i, t in enumerate(part)])
        self._prefix_length = len(tokens)
        return logits[-1].copy()

    def branches(self, continuations: Sequence[Sequence[int]], last_only: bool) -> Iterator[tuple[int, np.ndarray]]:
        """Evaluates continuations of the prefix and forgets them again.

        Yields:
            (index of the continuation, logits after each of its tokens, or after the last only): an array of
            n x vocabulary that is valid until the next step. An empty continuation is not yielded.
        """
        for group in _packed(continuations):
            entries = []
            for branch, index in enumerate(group, start=1):
                self._lib.llama_memory_seq_cp(self._memory, 0, branch, -1, -1)
                tokens = continuations[index]
                entries += [
                    (t, self._prefix_length + i, branch, not last_only or i == len(tokens) - 1)
                    for i, t in enumerate(tokens)
                ]
            logits, row = self._decode(entries), 0
            for index in group:
                rows = 1 if last_only else len(continuations[index])
                yield index, logits[row : row + rows]
                row += rows
            for branch in range(1, len(group) + 1):
                self._lib.llama_memory_seq_rm(self._memory, branch, -1, -1)

    def _decode(self, entries: list[tuple[int, int, int, bool]]) -> np.ndarray:
        """Evaluates (token, position, sequence, wanted) entries; returns the wanted logits, n x vocabulary."""
        batch = self._batch
        batch.n_tokens = len(entries)
        for i, (token, position, sequence, wanted) in enumerate(entries):
            batch.token[i], batch.pos[i] = token, position
            batch.n_seq_id[i], batch.seq_id[i][0], batch.logits[i] = 1, sequence, wanted
        code = self._lib.llama_decode(self._context, batch)
        if code:
            raise StudyError(f"llama.cpp could not evaluate {len(entries)} tokens (code {code}).")
        wanted_rows = sum(e[3] for e in entries)
        pointer = self._lib.llama_get_logits(self._context)
        return np.ctypeslib.as_array(pointer, shape=(wanted_rows, self.n_vocabulary))

    def close(self) -> None:
        """Frees the model; safe to call twice."""
        if self._model:
            self._lib.llama_batch_free(self._batch)
            self._lib.llama_free(self._context)
            self._lib.llama_model_free(self._model)
            self._model = None


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _packed(continuations: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yields groups of indices whose tokens fit one batch together."""
    group: list[int] = []
    room = BATCH_TOKENS
    for index, tokens in enumerate(continuations):
        if not tokens:
            continue
        if len(tokens) > BATCH_TOKENS:
            raise StudyError(f"A text of {len(tokens)} tokens is longer than the {BATCH_TOKENS} that fit a batch.")
        if len(tokens) > room or len(group) == MAX_BRANCHES:
            yield group
            group, room = [], BATCH_TOKENS
        group.append(index)
        room -= len(tokens)
    if group:
        yield group


def log_softmax_at(logits: np.ndarray, tokens: Sequence[int]) -> np.ndarray:
    """Returns the log-probability of `tokens[i]` under row i of the logits, in nats."""
    out = np.empty(len(tokens))
    for i, token in enumerate(tokens):  # row by row: a row fits the processor's cache, the matrix does not
        row = logits[i]
        top = row.max()
        out[i] = row[token] - top - np.log(np.exp(row - top).sum(dtype=np.float64))
    return out
