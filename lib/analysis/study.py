"""One study: which model, questionnaire, response mode and induction is looked at, against which humans."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from lib import paths
from lib.analysis import scoring
from lib.analysis.respondents import Respondents, respondents
from lib.answers import archive
from lib.errors import StudyError, unknown
from lib.materials import instruments, questions, references
from lib.materials.induction import inductions
from lib.materials.instruments import Instrument
from lib.materials.values import NO_VALUE
from lib.statistics import stream


@dataclass(frozen=True)
class Study:
    """The parameters that the notebooks share, checked against what there is.

    Attributes:
        model: a model with recorded answers.
        instrument: a questionnaire.
        mode: response mode, `likelihood`, `choice` or `text`.
        induction: how the value is put, e.g. `definition` or `name`.
        reference: the human sample that is shown beside the model.
        seed: of every random draw.

    Raises:
        StudyError: on construction, for a name that does not exist; lists those that do.
    """

    model: str = "smollm2-135m"
    instrument: str = "pvq40"
    mode: str = "likelihood"
    induction: str = "definition"
    reference: str = "pvq40_us_2017"
    seed: int = 2026

    def __post_init__(self) -> None:
        known = {
            "model": archive.recorded_models(),
            "instrument": instruments.available(),
            "mode": questions.ALL_MODES,
            "induction": inductions(),
            "reference": references.references(),
        }
        for kind, names in known.items():
            if getattr(self, kind) not in names:
                raise unknown(kind, getattr(self, kind), names)
        instruments.of_values(self.instrument)
        if not isinstance(self.seed, int) or self.seed < 0:
            raise StudyError(f"seed is {self.seed!r}; it must be a whole number from 0.")

    def rng(self, *names: str) -> np.random.Generator:
        """Returns the study's random stream of one use (`statistics.stream`): other names, other numbers."""
        return stream(self.seed, *names)

    @cached_property
    def questionnaire(self) -> Instrument:
        """The instrument, loaded."""
        return instruments.load(self.instrument)

    @cached_property
    def _responses(self) -> dict[str, pd.DataFrame]:
        return {}

    def answers(self, instrument: str | None = None) -> pd.DataFrame:
        """Returns the recorded answers to a questionnaire (the study's by default), options as listed."""
        return archive.read(self.model, instrument or self.instrument, self.mode)

    def recorded(self, instrument: str) -> bool:
        """Returns whether the model's answers to a questionnaire are recorded in the study's mode."""
        return (instrument, self.mode) in archive.recorded(self.model)

    def items(self, induction: str | None = None, instrument: str | None = None) -> pd.DataFrame:
        """Returns respondents x items under one induction (the study's by default), `none` among the conditions."""
        name = instrument or self.instrument
        if name not in self._responses:
            self._responses[name] = scoring.item_responses(self.answers(name), instruments.load(name))
        every = self._responses[name]
        return every[every.index.get_level_values("induction").isin([induction or self.induction, NO_VALUE])]

    def inductions(self, instrument: str | None = None) -> list[str]:
        """Returns the inductions that are recorded of a questionnaire, in the order of their file."""
        self.items(instrument=instrument)
        there = self._responses[instrument or self.instrument].index.get_level_values("induction").unique()
        return [name for name in inductions() if name in there]

    def respondents(self, induction: str | None = None, instrument: str | None = None) -> Respondents:
        """Returns the primed respondents of one induction (the study's by default) in the cells that count.

        Raises:
            StudyError: no cell that counts (`respondents.usable`).
        """
        name, how = instrument or self.instrument, induction or self.induction
        level = None
        if name != self.instrument and self.mode == "likelihood":
            primed = self.items(how).drop(NO_VALUE, level="condition", errors="ignore")
            counted = primed.notna().groupby(level=["wording", "person"]).transform("all")
            level = primed.where(counted).mean(axis=1)
        return respondents(self.items(how, name), instruments.load(name), how, how, level)

    @property
    def figures(self) -> Path:
        """Where this study's figures go: `figures/`, and with other parameters than the defaults a folder in it."""
        return paths.FIGURES / self._variant()

    @property
    def tables(self) -> Path:
        """Where this study's tables go: `data/processed/`, or a folder in it."""
        return paths.PROCESSED / self._variant()

    def _variant(self) -> str:
        return variant([getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default])

    @property
    def label(self) -> str:
        """How the study is named in figures."""
        return f"{self.model}, {self.questionnaire.title.split(',')[0]} ({self.mode}, {self.induction})"

    @property
    def unit(self) -> str:
        """The unit of the study's responses."""
        return "nats per token" if self.mode == "likelihood" else "scale points"

    def of_values(self) -> Iterator["Study"]:
        """Yields a study for every questionnaire of values and response mode that is recorded of the model."""
        for name, mode in archive.recorded(self.model):
            if instruments.load(name).kind == "values":
                yield replace(self, instrument=name, mode=mode)


def variant(changed: list[object]) -> str:
    """Returns the folder for what differs from the defaults, so that no run writes over the published outputs."""
    return "+".join(paths.slug(str(part)) for part in changed)


def side_by_side(names: str) -> tuple[list[str], Path, Path]:
    """Returns the models in a list separated by spaces, and where figures and tables that compare them go.

    A name with spaces stands for one model where it is alone and recorded.

    Raises:
        StudyError: a model without recorded answers, or none at all.
    """
    models = [names] if names in archive.recorded_models() else names.split()
    for model in models or [""]:
        if model not in archive.recorded_models():
            raise unknown("model", model, archive.recorded_models())
    folder = "" if models == [Study.model] else variant(models)
    return models, paths.FIGURES / folder, paths.PROCESSED / folder
