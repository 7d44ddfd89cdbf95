"""One study: which model, questionnaire, response mode and induction is looked at, against which humans."""

import re
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import pandas as pd

from lib import human, instruments, paths, prompting, scoring
from lib.errors import StudyError, unknown
from lib.instruments import Instrument
from lib.querying import archive
from lib.values import NO_VALUE


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
            "mode": prompting.ALL_MODES,
            "induction": prompting.inductions(),
            "reference": human.references(),
        }
        for kind, names in known.items():
            if getattr(self, kind) not in names:
                raise unknown(kind, getattr(self, kind), names)
        if not isinstance(self.seed, int) or self.seed < 0:
            raise StudyError(f"seed is {self.seed!r}; it must be a whole number from 0.")

    @cached_property
    def questionnaire(self) -> Instrument:
        """The instrument, loaded."""
        return instruments.load(self.instrument)

    @cached_property
    def answers(self) -> pd.DataFrame:
        """The recorded answers of model, instrument and mode, all inductions."""
        return archive.read(self.model, self.instrument, self.mode)

    def items(self, induction: str | None = None) -> pd.DataFrame:
        """Returns respondents x items under one induction (the study's by default), `none` among the conditions."""
        wanted = self.answers["induction"].isin([induction or self.induction, NO_VALUE])
        return scoring.item_responses(self.answers[wanted], self.questionnaire)

    def scores(self, induction: str | None = None) -> pd.DataFrame:
        """Returns respondents x values, centred, under one induction (the study's by default)."""
        return scoring.value_scores(self.items(induction), self.questionnaire)

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


def variant(changed: list[object]) -> str:
    """Returns the folder for what differs from the defaults, so that no run writes over the published outputs."""
    return re.sub(r"[^\w.+-]+", "_", "+".join(map(str, changed)))


def side_by_side(names: str) -> tuple[list[str], Path, Path]:
    """Returns the models in a list separated by spaces, and where figures and tables that compare them go.

    Raises:
        StudyError: a model without recorded answers, or none at all.
    """
    models = names.split()
    for model in models or [""]:
        if model not in archive.recorded_models():
            raise unknown("model", model, archive.recorded_models())
    folder = "" if models == [Study.model] else variant(models)
    return models, paths.FIGURES / folder, paths.PROCESSED / folder
