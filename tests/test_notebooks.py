"""The notebooks: a guided walk, thin; from end to end as papermill and Jupyter run them."""

import ast
import re
import shutil
from itertools import groupby
from pathlib import Path

import nbformat
import papermill
import pytest
from making import made_by
from nbclient import NotebookClient

from lib import paths

NOTEBOOKS = sorted((paths.ROOT / "notebooks").glob("*.ipynb"))
PARAMETERS = ["model", "instrument", "mode", "induction", "reference", "seed"]
each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


def cells(path: Path, kind: str | None = None) -> list:
    return [c for c in nbformat.read(path, as_version=4).cells if kind in (None, c.cell_type)]


def prose(path: Path) -> str:
    return "\n\n".join(c.source for c in cells(path, "markdown"))


# ── How they are written ────────────────────────────────────────────────────────────────────────────────────────────


@each
def test_notebooks_are_thin_and_clean(path):
    code = cells(path, "code")
    assert all(not c.outputs and c.execution_count is None for c in code)
    tagged = [c for c in code if "parameters" in c.metadata.get("tags", [])]
    assert tagged == code[:1]
    assert re.findall(r"^(\w+) =", tagged[0].source, re.MULTILINE)[: len(PARAMETERS)] == PARAMETERS
    lines = [line for c in code for line in c.source.splitlines()]
    assert not [line for line in lines if re.match(r"\s*(def|class|lambda|for .*range)\b", line)]
    assert len(lines) <= 90
    assert max(len(c.source.splitlines()) for c in code) <= 18


@each
def test_how_columns_are_written_is_no_notebooks_business(path):
    calls = [n for c in cells(path, "code") for n in ast.walk(ast.parse(c.source)) if isinstance(n, ast.Call)]
    tables = [c for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr in ("write", "write_csv")]
    given = [argument for call in tables for argument in (*call.args, *(k.value for k in call.keywords))]
    assert not [a for a in given if isinstance(a, ast.Dict)] and "styles" not in "".join(c.source for c in cells(path))


@each
def test_every_step_is_told_before_it_is_done(path):
    """A title, then parameters, imports and the study; then never more than two code cells without a word between."""
    kinds = [(kind, len(list(run))) for kind, run in groupby(cells(path), key=lambda c: c.cell_type)]
    assert kinds[0] == ("markdown", 1) and kinds[-1][0] == "markdown"
    assert kinds[1] == ("code", 3)
    assert max(n for kind, n in kinds[2:] if kind == "code") <= 2
    headings = [c.source.splitlines()[0] for c in cells(path, "markdown") if c.source.startswith("#")]
    assert headings[0].startswith("# ") and all(h.startswith("## ") for h in headings[1:])


@each
def test_the_last_cell_says_what_was_saved_what_is_not_shown_and_where_it_goes_on(path):
    last, place = cells(path)[-1].source, NOTEBOOKS.index(path)
    assert last.startswith("## What was saved, and what this does not show")
    assert "**Saved**: " in last and "**Not shown**: " in last
    linked = re.findall(r"\]\((.*?)\)", last)
    following, first = NOTEBOOKS[place + 1 : place + 2], NOTEBOOKS[:1] if place else []
    assert linked == [p.name for p in (*following, *first)]


def test_the_map_lists_the_whole_walk_in_order():
    listed = re.findall(r"^\| \[(\w+)\]\(\1\.ipynb\) \|", cells(NOTEBOOKS[0])[0].source, re.MULTILINE)
    assert listed == [p.stem for p in NOTEBOOKS[1:]]


@each
def test_links_and_paths_lead_somewhere(path):
    for link in re.findall(r"\]\((?!https?:)(.*?)(?:#.*?)?\)", prose(path)):
        assert (path.parent / link).exists(), link
    for named in re.findall(r"`((?:lib|docs|data|tests|notebooks)/[\w./]+)`", prose(path)):
        assert (paths.ROOT / named).exists(), named
    for named in re.findall(r"`(0\d_\w+)`", prose(path)):
        assert (path.parent / f"{named}.ipynb").exists(), named


@each
def test_what_a_notebook_says_it_makes_is_what_it_makes(path):
    text = prose(path)
    sentences = re.findall(r"(?:[Mm]akes|\*\*Saved\*\*:) (.*?)\.(?:\s|$)", text, re.DOTALL)
    said = {name for sentence in sentences for name in re.findall(r"`(\w+)`", sentence)}
    assert said == {Path(file).name.split(".")[0] for file in made_by()[path.stem]}


# ── What they do ────────────────────────────────────────────────────────────────────────────────────────────────────


def execute(path, tmp_path, **parameters):
    papermill.execute_notebook(
        path, tmp_path / "out.ipynb", parameters=parameters, progress_bar=False, cwd=str(paths.ROOT), log_output=False
    )


def what_others_publish(notebook: str, folder: Path) -> set[Path]:
    """Puts the other notebooks' published tables where those look that build on them; figures are shown if there."""
    target = folder / "data" / "processed"
    target.mkdir(parents=True)
    tables = [f for name, files in made_by().items() if name != notebook for f in files if f.endswith(".csv")]
    return {Path(shutil.copy(paths.ROOT / file, target)) for file in tables}


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("INDUCED_VALUES_OUTPUT", str(tmp_path))
    return tmp_path


@each
def test_published_outputs_are_reproduced_to_the_byte(path, elsewhere):
    """Run from the notebooks' own folder, as JupyterLab does, without any parameter."""
    given = what_others_publish(path.stem, elsewhere) if path.stem[:2] in ("06", "07", "08") else set()
    before = {file: file.read_bytes() for file in given}
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()
    assert all(file.read_bytes() == there for file, there in before.items()), "what others publish is only read"
    made = {str(p.relative_to(elsewhere)) for p in elsewhere.rglob("*") if p.is_file() and p not in given}
    assert made == set(made_by()[path.stem])
    changed = [f for f in sorted(made) if (elsewhere / f).read_bytes() != (paths.ROOT / f).read_bytes()]
    assert not changed, changed


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"model": "gpt-9"}, "StudyError: Unknown model 'gpt-9'. There is: .*smollm2-135m"),
        ({"induction": "moral"}, "StudyError: Unknown induction 'moral'. There is: definition, name"),
    ],
)
def test_unknown_parameters_give_one_clear_line_in_a_notebook_too(parameters, message, elsewhere):
    with pytest.raises(papermill.PapermillExecutionError, match=message) as caught:
        execute(NOTEBOOKS[0], elsewhere, **parameters)
    assert len(str(caught.value).strip().splitlines()) <= 4


@pytest.mark.parametrize(
    ("notebook", "message"),
    [
        ("06_robustness", "structure_alignment.csv is not there: run 02_value_structure with these parameters first"),
        ("07_report", "There is nothing published in .*. Run the notebooks before this one: make all."),
        ("08_models", "structure_alignment of smollm2-135m is not published yet: make all MODEL=smollm2-135m"),
    ],
)
def test_without_what_it_reads_a_notebook_says_what_to_run(notebook, message, elsewhere):
    with pytest.raises(papermill.PapermillExecutionError, match=f"StudyError: .*{message}"):
        execute(paths.ROOT / "notebooks" / f"{notebook}.ipynb", elsewhere)
    assert not list(elsewhere.rglob("*.csv"))


def test_another_questionnaire_goes_to_a_folder_of_its_own(elsewhere):
    execute(
        paths.ROOT / "notebooks" / "01_value_induction.ipynb", elsewhere, instrument="open_portraits", mode="choice"
    )
    assert (elsewhere / "figures" / "open_portraits+choice" / "induction_lift.svg").exists()
    assert not (elsewhere / "figures" / "induction_lift.svg").exists()
