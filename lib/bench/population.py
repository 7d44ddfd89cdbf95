"""How fast people are simulated."""

import time
from statistics import median

import numpy as np

from lib.analysis.population import sampling, strategies
from lib.answers import archive
from lib.materials import instruments
from lib.materials.values import NO_VALUE
from lib.statistics import stream

_ROUNDS = 5


def bench(people: int = 200_000) -> dict[str, float]:
    """Returns the speed of simulating people who answer PVQ-40, one core.

    `per_second`: people drawn and answering all 40 items (`sampling.draw` and `sampling.respond`, uniform weights,
    recorded answers of the default model); `profiles_per_second`: the same with `h_profile`. `bare_per_second`: numpy
    alone, as many uniform numbers in single precision and one comparison with a constant; `ratio`: the first over it.
    Medians of five rounds, the three in turn.
    """
    pvq40 = instruments.load("pvq40")
    answers = archive.read("smollm2-135m", "pvq40", "likelihood")
    asked = sampling.distributions(answers[answers["induction"].isin(["definition", NO_VALUE])], pvq40)
    composed = (strategies.uniform(), strategies.h_profile("ess11_europe", 0.3, stream(0, "profile weights")))
    rounds = np.array([[*(_simulate(c, asked, people, s) for c in composed), _bare(people, s)] for s in range(_ROUNDS)])
    plain, profiles, bare = (people / median(seconds) for seconds in rounds.T.tolist())
    return {
        "per_second": plain,
        "profiles_per_second": profiles,
        "bare_per_second": bare,
        "ratio": plain / bare,
    }


def _simulate(one: strategies.Population, asked: sampling.Distributions, people: int, seed: int) -> float:
    start = time.perf_counter()
    drawn = sampling.draw(one, asked.cells, people, stream(seed, "people"))
    sampling.respond(drawn, asked, stream(seed, "ratings"))
    return time.perf_counter() - start


def _bare(people: int, seed: int) -> float:
    start = time.perf_counter()
    (np.random.default_rng(seed).random((people, 40), dtype=np.float32) < np.float32(0.5)).astype(np.int8)
    return time.perf_counter() - start
