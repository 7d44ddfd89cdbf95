"""A study of populations: its parameters, the six strategies composed, and their people simulated."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from lib import behavior_tables, human_behavior, instruments, population, strategies
from lib import population_measures as measures
from lib.errors import StudyError
from lib.instruments import Instrument
from lib.population import Distributions
from lib.querying import archive
from lib.strategies import Population
from lib.study import Study
from lib.values import NO_VALUE

#: Below this the bootstrap has too few people in a batch.
FEWEST = 1_000


@dataclass(frozen=True)
class PopulationStudy(Study):
    """A study of populations: the six parameters of all notebooks, and these.

    Attributes:
        n_respondents: people simulated for each strategy, from 1,000.
        threshold, shares_from, order: which shares of people with a dominant value (`strategies.dominant_shares`); the
            sample is also that of the profiles of `h_profile`.
        slope: of the link from endorsement to rating (`population.link`); by default `population.default_slope`.
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
        return population.default_slope(self._chosen(self.answers))

    def distributions(self, instrument: Instrument, slope: float | None = None) -> Distributions:
        """Returns a questionnaire's answer distributions, with the study's slope unless another is given.

        Raises:
            StudyError: not recorded, or no wording and person with all conditions.
        """
        answers = archive.read(self.model, instrument.id, self.mode)
        return population.distributions(self._chosen(answers), instrument, self.link_slope if slope is None else slope)

    def _chosen(self, answers: pd.DataFrame) -> pd.DataFrame:
        return answers[answers["induction"].isin([self.induction, NO_VALUE])]


def compose(study: PopulationStudy, temperature: float) -> dict[str, Population]:
    """Returns the six strategies as populations, by name, with the study's shares."""
    shares = strategies.dominant_shares(study.shares_from, study.threshold, study.order)
    found = (
        strategies.uniform(),
        strategies.model_specific(study.scores()),
        strategies.h_norm(shares),
        strategies.h_even(shares),
        strategies.h_np(shares),
        strategies.h_profile(study.shares_from, temperature),
    )
    return {one.strategy: one for one in found}


def value_estimates(
    study: PopulationStudy, one: Population, asked: Distributions, draws: int = measures.DRAWS
) -> measures.Estimates:
    """Returns the statistics of the study's number of people of one population, who answer the value questionnaire."""
    people = population.draw(one, asked.cells, study.n_respondents, study.seed)
    scores = population.scores(population.respond(people, asked, study.seed), asked.instrument)
    return measures.estimates(people, scores, study.seed, draws=draws)


def behavior_estimates(
    study: PopulationStudy, one: Population, values: Distributions, asked: Distributions
) -> measures.Estimates:
    """Returns the statistics of people who answer a questionnaire of behaviour too, from the cells that both have.

    Raises:
        StudyError: they have none in common.
    """
    cells = values.cells.intersection(asked.cells)
    if cells.empty:
        raise StudyError(
            f"{values.instrument.id} and {asked.instrument.id} share no wording and person. Ask both under the same."
        )
    people = population.draw(one, cells, study.n_respondents, study.seed)
    ratings = population.respond(people, values, study.seed)
    fallback = population.readiness(ratings, values.instrument) if study.mode == "likelihood" else None
    behaviors = population.scores(population.respond(people, asked, study.seed), asked.instrument, fallback)
    return measures.estimates(people, population.scores(ratings, values.instrument), study.seed, behaviors)


@dataclass(frozen=True, eq=False)
class Target:
    """Human value-behaviour relations that a questionnaire can be compared with: `cells` of one reference."""

    measure: str
    reference: str
    instrument: str
    cells: pd.DataFrame


#: Which scopes of `behavior_tables.targets` populations are compared in, and what the measure is then called.
_SCOPES = {behavior_tables.ALL: "behavior", behavior_tables.SHARED: "behavior_shared"}


def targets() -> list[Target]:
    """Returns the references that give coefficients: `behavior`, and what the two surveys share, `behavior_shared`."""
    known = human_behavior.behavior_references()
    known = [name for name, reference in known.items() if reference.kind in ("coefficients", "secondhand")]
    asked = sorted({instrument for name in known for instrument in human_behavior.cells(name)["instrument"]})
    return [
        Target(_SCOPES[scope], reference, name, cells.drop_duplicates(["scale", "value"]))
        for name in asked
        for (reference, scope), cells in behavior_tables.targets(instruments.load(name)).items()
        if reference in known and scope in _SCOPES
    ]


@dataclass(frozen=True, eq=False)
class Comparison:
    """All strategies simulated: the values of everyone, and for each questionnaire of behaviour another draw.

    Attributes:
        value_side: strategy → statistics of the values.
        behavior_side: questionnaire → strategy → statistics with its behaviours.
        targets: what those are compared with.
        messages: what was left out and why.
    """

    value_side: Mapping[str, measures.Estimates]
    behavior_side: Mapping[str, Mapping[str, measures.Estimates]]
    targets: tuple[Target, ...]
    messages: tuple[str, ...]


def compare(study: PopulationStudy, composed: Mapping[str, Population]) -> Comparison:
    """Returns the simulated strategies; a questionnaire of behaviour that cannot be used is named in `messages`."""
    asked, known = study.distributions(study.questionnaire), targets()
    values = {name: value_estimates(study, one, asked) for name, one in composed.items()}
    behaviors, messages = {}, []
    for name in dict.fromkeys(target.instrument for target in known):
        try:
            other = study.distributions(instruments.load(name))
            behaviors[name] = {n: behavior_estimates(study, p, asked, other) for n, p in composed.items()}
        except StudyError as error:
            messages.append(f"Relations of the values with {name} are left out. {error}")
    used = tuple(target for target in known if target.instrument in behaviors)
    return Comparison(values, behaviors, used, tuple(messages))
