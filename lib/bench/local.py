"""How fast the local model answers, as ratios to two bare references measured in the same run."""

import time
from collections.abc import Callable
from statistics import median

import numpy as np
import pandas as pd

from lib.asking import planning
from lib.asking.endpoints import open_endpoint
from lib.asking.local.llama import BATCH_TOKENS, LlamaModel
from lib.asking.local.weights import dequantised_weights, shipped_weights
from lib.asking.requests import Request
from lib.asking.runner import requests
from lib.asking.settings import models

_ROUNDS = 5


def bench(model: str) -> dict[str, float]:
    """Returns the speed of asking one 40-item questionnaire under one prime in the mode `likelihood`.

    Three ways take turns, and the medians of `_ROUNDS` rounds are compared:

    * `tokens_per_s`: this project's endpoint, tokens evaluated a second (the prime once, then the statements).
    * `batch_tokens_per_s`: llama.cpp's own evaluation of one long batch, all logits wanted, same weights.
    * `naive_questions_per_s`: the weights as shipped, prime and statement evaluated anew for each item.

    `ratio_to_batch` compares the first two; `ratio_to_naive` the questions a second of the first and the last.
    """
    entry, endpoint = models()[model], open_endpoint(model)
    batch_model, naive_model = LlamaModel(dequantised_weights(entry)), LlamaModel(shipped_weights(entry))
    questions = list(requests(_one_prime(), endpoint.identity))
    primes, statements = _tokens(batch_model, questions)
    long_batch = np.random.default_rng(0).integers(100, batch_model.n_vocabulary, BATCH_TOKENS).tolist()
    took = _medians(
        {
            "ours": lambda: list(endpoint.ask(questions)),
            "batch": lambda: batch_model.evaluate(long_batch),
            "naive": lambda: [naive_model.evaluate(p + s) for p, s in zip(primes, statements, strict=True)],
        }
    )
    for held in (endpoint, batch_model, naive_model):
        held.close()
    # A statement's last token is not evaluated: what follows it is not asked.
    evaluated = len(primes[0]) + sum(len(s) - 1 for s in statements)
    ours, batch = evaluated / took["ours"], BATCH_TOKENS / took["batch"]
    return {
        "tokens_per_s": ours,
        "batch_tokens_per_s": batch,
        "ratio_to_batch": ours / batch,
        "questions_per_s": len(questions) / took["ours"],
        "naive_questions_per_s": len(questions) / took["naive"],
        "ratio_to_naive": took["naive"] / took["ours"],
    }


def _one_prime() -> pd.DataFrame:
    plan = planning.make_plan(["open_portraits"], ["likelihood"], ["definition"], ["imagine"], ["he"])
    return plan[plan["condition"] == "BE"]


def _tokens(model: LlamaModel, questions: list[Request]) -> tuple[list[list[int]], list[list[int]]]:
    prompts = [q.prompt for q in questions]
    return [model.tokenize(p.prime) for p in prompts], [model.tokenize(" " + p.text) for p in prompts]


def _medians(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median seconds of each way, all of them in turn, so that a slow moment of the machine hits all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(_ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
    return {name: median(values) for name, values in seconds.items()}
