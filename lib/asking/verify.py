"""Asking recorded questions again: are the shipped answers what the model really says?"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib import paths
from lib.answers import archive
from lib.answers.reply import Reply
from lib.asking.requests import Endpoint
from lib.asking.runner import requests
from lib.errors import StudyError
from lib.materials import instruments
from lib.materials.questions import QUESTION

#: Largest difference that passes, in nats per token or in probability: far above the arithmetic of another processor
#: (some 1e-5), far below what any analysis would notice.
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Verification:
    """What a verification found.

    Attributes:
        asked: how many recorded questions were asked again.
        largest: the largest difference, in nats per token or in probability.
        where: the question it was found at.
        changed: how many of them have other words today than when they were recorded.
        skipped: instruments left out because their licensed text is not at hand.
    """

    asked: int
    largest: float
    where: str
    changed: int
    skipped: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every answer was met within `TOLERANCE` by a question in the recorded words."""
        return self.asked > 0 and self.changed == 0 and self.largest <= TOLERANCE


def draw(model: str, sample: int, seed: int, folder: Path = paths.ANSWERS) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Returns a random sample of a model's recorded answers, and the instruments that had to be left out.

    All files are checked against the manifest first, those left out too.

    Raises:
        StudyError: an altered or missing file, nothing recorded, or no instrument whose text is at hand.
    """
    parts, skipped = [], []
    for instrument, mode in archive.recorded(model, folder):
        answers = archive.read(model, instrument, mode, folder, order=None)
        if _has_text(instrument):
            parts.append(answers[answers["status"] == "ok"])
        elif instrument not in skipped:
            skipped.append(instrument)
    if not parts:
        raise StudyError(f"{model}: the texts of {', '.join(skipped)} are licensed and not at hand; nothing to ask.")
    together = pd.concat([p.astype(dict.fromkeys(QUESTION[:-1], str)) for p in parts], ignore_index=True)
    drawn = together.sample(min(sample, len(together)), random_state=seed)
    return drawn.sort_values(QUESTION, ignore_index=True), tuple(skipped)


def _has_text(instrument: str) -> bool:
    try:
        instruments.item_texts(instruments.load(instrument))
    except StudyError:
        return False
    return True


def compare(drawn: pd.DataFrame, endpoint: Endpoint, skipped: Iterable[str] = ()) -> Verification:
    """Returns how the endpoint's answers today differ from the recorded ones in `drawn`."""
    asked = list(requests(drawn, endpoint.identity))
    replies = {request.key: reply for request, reply in endpoint.ask(asked)}
    differences = [_difference(row, replies[r.key]) for row, r in zip(drawn.itertuples(), asked, strict=True)]
    worst = int(np.argmax(differences))
    changed = sum(row.key != request.key for row, request in zip(drawn.itertuples(), asked, strict=True))
    where = " ".join(str(drawn.iloc[worst][c]) for c in QUESTION)
    return Verification(len(drawn), float(differences[worst]), where, changed, tuple(skipped))


def _difference(row: Any, reply: Reply) -> float:  # noqa: ANN401 - a named tuple of pandas
    if reply.status != "ok":
        return float("inf")
    if reply.probabilities is None:
        return abs(row.logprob - reply.logprob)
    return float(np.abs(np.asarray(row.probabilities) - reply.probabilities).max())
