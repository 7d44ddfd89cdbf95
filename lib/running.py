"""Running a notebook with other parameters than the published, their names and values checked before it starts.

papermill takes a misspelt name with no more than a line in its log, and the published study would run.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lib import paths
from lib.analysis.study import Study, side_by_side
from lib.errors import StudyError, unknown
from lib.materials import instruments

NOTEBOOKS = paths.ROOT / "notebooks"
BUILD = paths.ROOT / "build"
_KINDS = {int: "a whole number", float: "a number", bool: "True or False"}


def pairs(words: Sequence[str]) -> dict[str, str]:
    """Returns parameters given as `--name value` or `--name=value`, by name (`_` and `-` are the same).

    Raises:
        StudyError: a name without value, a value without name, a name twice.
    """
    given: dict[str, str] = {}
    rest = [part for word in words for part in (word.split("=", 1) if word.startswith("--") else [word])]
    if len(rest) % 2 or not all(name.startswith("--") for name in rest[::2]):
        raise StudyError(f"Parameters are given as --name value, not as {' '.join(words)!r}.")
    for name, value in zip(rest[::2], rest[1::2], strict=True):
        plain = name.removeprefix("--").replace("-", "_")
        if plain in given:
            raise StudyError(f"{name} is given twice.")
        given[plain] = value
    return given


def run(name: str, given: Mapping[str, str]) -> str:
    """Runs a notebook; returns, in words, where its tables, figures and executed copy are.

    Args:
        name: the notebook's number or name.
        given: parameters by name, as text.

    Raises:
        StudyError: no such notebook or parameter, a value that it cannot have; or the notebook ended in an error.
    """
    notebook = find(name)
    published = parameters(notebook)
    chosen = published | checked(notebook, published, given)
    figures, tables = _places(notebook, chosen)
    if chosen != published and tables == paths.ROOT / "data" / "processed":
        raise StudyError(
            f"With other {', '.join(given)}, {notebook.stem} would write over the published figures and tables. Name "
            f"another place for them in the environment variable {paths.OUTPUT_VARIABLE}."
        )
    executed = BUILD / tables.relative_to(paths.PROCESSED) / notebook.name
    executed.parent.mkdir(parents=True, exist_ok=True)
    _execute(notebook, executed, {key: chosen[key] for key in given})
    return f"Tables in {tables}, figures in {figures}; the executed notebook is {executed}."


def find(name: str) -> Path:
    """Returns a notebook by its number (`02` or `2`) or name.

    Raises:
        StudyError: there is none.
    """
    known = {path.stem: path for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
    wanted = Path(name).stem if name.endswith(".ipynb") else name
    found = [path for stem, path in known.items() if wanted in (stem, stem.partition("_")[0], stem[1:2])]
    if not found:
        raise unknown("notebook", name, known)
    return found[0]


def parameters(notebook: Path) -> dict[str, Any]:
    """Returns a notebook's parameters as published, by name."""
    import papermill

    return {name: ast.literal_eval(e["default"]) for name, e in papermill.inspect_notebook(str(notebook)).items()}


def checked(notebook: Path, published: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Returns the parameters given as text as what the published ones are.

    Raises:
        StudyError: a name that the notebook does not have, a value of another kind.
    """
    for name in given:
        if name not in published:
            close = get_close_matches(name, published, 1)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise StudyError(f"{unknown(f'parameter of {notebook.stem}', name, published)}{hint}")
    return {name: _value(name, text, published[name]) for name, text in given.items()}


def _value(name: str, text: str, published: object) -> object:
    if isinstance(published, str):
        return text
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        found = text
    if isinstance(published, float) and type(found) is int:
        found = float(found)
    if published is not None and type(found) is not type(published):
        kind = _KINDS.get(type(published), "of its kind")
        raise StudyError(f"{name} is {text!r}; it must be {kind} (published: {published!r}).")
    return found


def _places(notebook: Path, chosen: Mapping[str, Any]) -> tuple[Path, Path]:
    """Where figures and tables go; the names of model, questionnaire and so on are checked on the way."""
    if "side_by_side(" in notebook.read_text(encoding="utf-8"):
        return side_by_side(chosen["model"])[1:]
    instruments.of_values(chosen["instrument"])
    study = Study(**{f.name: chosen[f.name] for f in fields(Study) if f.name in chosen})
    return study.figures, study.tables


def _execute(notebook: Path, executed: Path, given: Mapping[str, Any]) -> None:
    import papermill

    try:
        papermill.execute_notebook(str(notebook), str(executed), dict(given), progress_bar=False)
    except papermill.PapermillExecutionError as error:
        raise StudyError(f"{notebook.stem} ended in {error.ename}: {error.evalue} ({executed} shows where.)") from error
