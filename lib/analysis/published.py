"""The tables that the notebooks publish, read back by those that build on them: every number has one producer."""

from dataclasses import fields
from pathlib import Path

import pandas as pd

from lib import paths
from lib.analysis.alignment import Alignment
from lib.analysis.study import Study
from lib.errors import StudyError

#: Tables that other notebooks read, and who publishes them.
PRODUCERS = {
    "induction_ranks": "01_value_induction",
    "structure_alignment": "02_value_structure",
    "circle_order": "02_value_structure",
    "behavior_structure": "03_behavior_tests",
    "behavior_order": "03_behavior_tests",
    "behavior_alignment": "04_value_behavior",
    "population_alignment": "05_population",
    "population_differences": "05_population",
    "specification_summary": "06_robustness",
}


def read(study: Study, name: str) -> pd.DataFrame:
    """Returns a table that another notebook published with the study's parameters.

    Raises:
        StudyError: it was not published; the message says which notebook makes it.
    """
    path = study.tables / f"{name}.csv"
    if not path.exists():
        raise StudyError(
            f"{path} is not there: run {PRODUCERS[name]} with these parameters first (make all runs them in order)."
        )
    return _read(path)


def has(study: Study, name: str) -> bool:
    """Returns whether a table was published with the study's parameters."""
    return (study.tables / f"{name}.csv").exists()


def there(study: Study) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Returns all published tables by name, and a message for each one that is not there.

    Raises:
        StudyError: not one of them is there.
    """
    found, messages = {}, []
    for name, notebook in PRODUCERS.items():
        try:
            found[name] = read(study, name)
        except StudyError:
            messages.append(f"{name} is left out: {notebook} has not been run with these parameters.")
    if not found:
        raise StudyError(f"There is nothing published in {study.tables}. Run the notebooks before this one: make all.")
    return found, messages


def of_model(model: str, name: str) -> pd.DataFrame:
    """Returns a table that covers all that is recorded of a model, wherever its notebook put it.

    Raises:
        StudyError: no run published it.
    """
    for path in [paths.PROCESSED / f"{name}.csv", *sorted(paths.PROCESSED.glob(f"*/{name}.csv"))]:
        if path.exists():
            table = _read(path)
            if (table["model"] == model).all():
                return table
    raise StudyError(f"{name} of {model} is not published yet: make all MODEL={model}")


def _read(path: Path) -> pd.DataFrame:
    """A table as it was written: text that is empty means "none" and is no missing number."""
    texts = [f.name for f in fields(Alignment) if f.type is str]
    table = pd.read_csv(path)
    filled = [c for c in table if c in texts or not pd.api.types.is_numeric_dtype(table[c])]
    return table.astype(dict.fromkeys(filled, "object")).fillna(dict.fromkeys(filled, ""))
