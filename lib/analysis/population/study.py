"""A study of populations: its parameters, the six strategies composed, and their people simulated."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from lib.analysis import people
from lib.analysis.population import estimates, sampling, strategies
from lib.analysis.population.estimates import Estimates
from lib.analysis.population.sampling import Distributions
from lib.analysis.population.strategies import Population
from lib.analysis.study import Study
from lib.errors import StudyError
from lib.materials import behavior_references, instruments
from lib.materials.instruments import Instrument
from lib.materials.values import NO_VALUE
from lib.statistics import BOOTSTRAP

#: Below this the bootstrap has too few people in a batch.
FEWEST = 1_000
#: What kinds of results on behaviour populations are compared with.
KINDS = ("coefficients", "secondhand")


@dataclass(frozen=True)
class PopulationStudy(Study):
    """A study of populations: the six parameters of all notebooks, and these.

    Attributes:
        n_respondents: people simulated for each strategy, from 1,000.
        threshold, shares_from, order: which shares of people with a dominant value (`strategies.dominant_shares`); the
            sample is also that of the profiles of `h_profile`.
        slope: of the link from endorsement to rating (`sampling.link`); by default `sampling.default_slope`.
    """

    n_respondents: int = 10_000
    threshold: float = 0.62
    shares_from: str = "ess11_europe"
    order: str = "TR-CO"
    slope: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.n_respondents, int) or self.n_respondents < FEWEST:
            raise StudyError(f"n_respondents is {self.n_respondents!r}; it must be a whole number from {FEWEST:,}.")
        if self.slope is not None and not self.slope >= 0:
            raise StudyError(f"slope is {self.slope!r}; it must be 0 or more, or None for the default.")
        strategies.dominant_shares(self.shares_from, self.threshold, self.order)

    @cached_property
    def link_slope(self) -> float | None:
        """The link's slope, the same for all questionnaires; None where the answers are ratings."""
        if self.mode != "likelihood" or self.slope is not None:
            return self.slope
        return sampling.default_slope(self._chosen(self.answers()))

    def distributions(self, instrument: Instrument, slope: float | None = None) -> Distributions:
        """Returns a questionnaire's answer distributions, with the study's slope unless another is given.

        Raises:
            StudyError: not recorded, or no wording and person that counts.
        """
        chosen = self._chosen(self.answers(instrument.id))
        return sampling.distributions(chosen, instrument, self.link_slope if slope is None else slope)

    def _chosen(self, answers: pd.DataFrame) -> pd.DataFrame:
        return answers[answers["induction"].isin([self.induction, NO_VALUE])]


def compose(study: PopulationStudy, temperature: float) -> dict[str, Population]:
    """Returns the six strategies as populations, by name, with the study's shares."""
    shares = strategies.dominant_shares(study.shares_from, study.threshold, study.order)
    found = (
        strategies.uniform(),
        strategies.model_specific(study.respondents()),
        strategies.h_norm(shares),
        strategies.h_even(shares),
        strategies.h_np(shares),
        profile(study, temperature),
    )
    return {one.strategy: one for one in found}


def profile(study: PopulationStudy, temperature: float) -> Population:
    """Returns the strategy `h_profile` with the study's sample at a temperature."""
    return strategies.h_profile(study.shares_from, temperature, study.rng("profile weights"))


def value_estimates(study: PopulationStudy, one: Population, asked: Distributions, draws: int = BOOTSTRAP) -> Estimates:
    """Returns the statistics of the study's number of people of one population, who answer the value questionnaire."""
    name = asked.instrument.id
    drawn = sampling.draw(one, asked.cells, study.n_respondents, study.rng("people", one.strategy, name))
    ratings = sampling.respond(drawn, asked, study.rng("ratings", one.strategy, name))
    rngs = {"cells": study.rng("population cells", name), "people": study.rng("batches", one.strategy, name)}
    return estimates.estimates(drawn, sampling.scores(ratings, asked), rngs, draws=draws)


def behavior_estimates(
    study: PopulationStudy, one: Population, values: Distributions, asked: Distributions
) -> Estimates:
    """Returns the statistics of people who answer a questionnaire of behaviour too, from the cells that both have.

    Raises:
        StudyError: they have none in common.
    """
    cells = values.cells.intersection(asked.cells)
    if cells.empty:
        raise StudyError(
            f"{values.instrument.id} and {asked.instrument.id} share no wording and person. Ask both under the same."
        )
    use = (one.strategy, asked.instrument.id)
    drawn = sampling.draw(one, cells, study.n_respondents, study.rng("people", *use))
    ratings = sampling.respond(drawn, values, study.rng("value ratings", *use))
    level = sampling.readiness(ratings, values.instrument) if study.mode == "likelihood" else None
    behaviors = sampling.scores(sampling.respond(drawn, asked, study.rng("ratings", *use)), asked, level)
    rngs = {"cells": study.rng("population cells", asked.instrument.id), "people": study.rng("batches", *use)}
    return estimates.estimates(drawn, sampling.scores(ratings, values), rngs, behaviors)


@dataclass(frozen=True, eq=False)
class Comparison:
    """All strategies simulated: the values of everyone, and for each questionnaire of behaviour another draw.

    Attributes:
        value_side: strategy → statistics of the values.
        behavior_side: questionnaire → strategy → statistics with its behaviours.
        scales: questionnaire → its behaviours, in the order of the statistics.
        messages: what was left out and why.
    """

    value_side: Mapping[str, Estimates]
    behavior_side: Mapping[str, Mapping[str, Estimates]]
    scales: Mapping[str, tuple[str, ...]]
    messages: tuple[str, ...]

    def targets(self, instrument: str) -> list[people.Target]:
        """Returns the human coefficients that a questionnaire's relations are compared with."""
        found = people.behaviors(instruments.load(instrument), self.scales[instrument])
        return [target for target in found if target.kind in KINDS and target.scope != people.CHECK]


def compare(study: PopulationStudy, composed: Mapping[str, Population]) -> Comparison:
    """Returns the simulated strategies; a questionnaire of behaviour that cannot be used is named in `messages`."""
    asked = study.distributions(study.questionnaire)
    values = {name: value_estimates(study, one, asked) for name, one in composed.items()}
    behaviors, scales, messages = {}, {}, []
    for name in _with_coefficients():
        try:
            other = study.distributions(instruments.load(name))
            behaviors[name] = {n: behavior_estimates(study, p, asked, other) for n, p in composed.items()}
            scales[name] = other.scales
        except StudyError as error:
            messages.append(f"Relations of the values with {name} are left out. {error}")
    return Comparison(values, behaviors, scales, tuple(messages))


def _with_coefficients() -> list[str]:
    """The questionnaires of behaviour that some human coefficients are known for."""
    known = behavior_references.behavior_references()
    names = [name for name, reference in known.items() if reference.kind in KINDS]
    return sorted({instrument for name in names for instrument in behavior_references.cells(name)["instrument"]})
