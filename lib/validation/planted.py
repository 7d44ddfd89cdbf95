"""Respondents with a planted truth: what a prime does to a value, and what items, wordings and persons add to it."""

from dataclasses import dataclass, replace

import numpy as np

from lib.analysis.reliability import centred_items
from lib.analysis.respondents import Respondents


@dataclass(frozen=True, eq=False)
class Planted:
    """Where respondents are drawn from: their truth, and how large the other parts are.

    A response is truth + item + wording + person + rest: what the prime does to the scale in general, and what is
    particular to this item, to this wording, to this grammatical person, and to this answer. All but the truth are
    drawn anew each time, normal, with the standard deviations that the recorded answers have.

    Attributes:
        group: the recorded respondents, whose design (cells, items, key) is kept.
        truth: condition x scale, what the primes do.
        item, wording, person, rest: standard deviations.
    """

    group: Respondents
    truth: np.ndarray
    item: float
    wording: float
    person: float
    rest: float

    def draw(self, rng: np.random.Generator) -> Respondents:
        """Returns respondents drawn anew: other items, wordings and persons of the same kind."""
        cells, conditions, items = self.group.items.shape
        scale = self.group.key.argmax(axis=1)
        drawn = self.truth[:, scale] + rng.normal(0, self.item, (conditions, items))
        for level, size in (("wording", self.wording), ("person", self.person)):
            codes = np.unique(self.group.cells.get_level_values(level), return_inverse=True)[1]
            drawn = drawn + rng.normal(0, size, (codes.max() + 1, conditions, self.truth.shape[1]))[codes][:, :, scale]
        return replace(self.group, items=drawn + rng.normal(0, self.rest, (cells, conditions, items)), level=None)


def like(group: Respondents, truth: np.ndarray | None = None) -> Planted:
    """Returns a source of respondents as variable as recorded ones.

    Standard deviations are those around the recorded means, made larger by sqrt(n / (n - 1)) for the n that each mean
    is taken over.

    Args:
        group: recorded respondents.
        truth: condition x scale; what the recorded ones show by default.
    """
    items = centred_items(group)
    within = items - items.mean(axis=1, keepdims=True)
    mean, key = within.mean(axis=0), group.key / group.key.sum(axis=0)
    shown, scale = mean @ key, group.key.argmax(axis=1)
    parts = {}
    for level in ("wording", "person"):
        names = group.cells.get_level_values(level)
        own = np.stack([within[names == name].mean(axis=0) for name in dict.fromkeys(names)])
        parts[level] = ((own - mean) @ key).std() * _enlarged(len(own))
    size = _enlarged(group.key.sum(axis=0).mean())
    rest = (within - mean).std()
    truth = shown if truth is None else truth
    return Planted(group, truth, (mean - shown[:, scale]).std() * size, parts["wording"], parts["person"], rest)


def _enlarged(n: float) -> float:
    return float(np.sqrt(n / (n - 1))) if n > 1 else 1.0
