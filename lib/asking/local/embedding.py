"""What a text is to the local model: the mean of its last layer's states."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lib.asking.local.weights import dequantised_weights, require_llama_cpp
from lib.asking.settings import model_entry
from lib.errors import StudyError

_CONTEXT_TOKENS = 512


class Embedder:
    """Embeds texts with a local model of `models.toml`, each distinct text once."""

    def __init__(self, model: str) -> None:
        """Loads the weights.

        Raises:
            StudyError: an unknown model, one that does not run in process, or software or weights are missing.
        """
        entry: dict[str, Any] = model_entry(model)
        if "package" not in entry:
            raise StudyError(f"{model} does not run in this process; embeddings need a local model of models.toml.")
        lib = require_llama_cpp()
        self._model = lib.Llama(
            str(dequantised_weights(entry)),
            embedding=True,
            pooling_type=lib.LLAMA_POOLING_TYPE_MEAN,
            n_ctx=_CONTEXT_TOKENS,
            n_batch=_CONTEXT_TOKENS,
            n_threads=1,
            n_threads_batch=1,  # threads that wait for one another crawl on a machine that is busy with asking
            # As in asking: flash attention and 16-bit keys would let a figure hang on how texts were put together.
            flash_attn=False,
            type_k=0,
            type_v=0,
            verbose=False,
        )
        self._known: dict[str, np.ndarray] = {}

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Returns the texts' embeddings, texts x dimensions."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known |= zip(new, np.array(self._model.embed(new, truncate=False)), strict=True)
        return np.stack([self._known[text] for text in texts])

    def close(self) -> None:
        """Frees the model."""
        self._model.close()
