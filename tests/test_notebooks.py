"""The notebooks from end to end, as papermill and Jupyter run them."""

import shutil
from pathlib import Path

import nbformat
import papermill
import pytest
from nbclient import NotebookClient

from lib import paths

NOTEBOOKS = sorted((paths.ROOT / "notebooks").glob("*.ipynb"))


def execute(path, tmp_path, **parameters):
    papermill.execute_notebook(
        path, tmp_path / "out.ipynb", parameters=parameters, progress_bar=False, cwd=str(paths.ROOT), log_output=False
    )


def what_the_report_reads(folder):
    """Puts the other notebooks' published tables where the report looks for them."""
    target = folder / "data" / "processed"
    target.mkdir(parents=True)
    tables = [p for p in (paths.ROOT / "data" / "processed").glob("*.csv") if not p.stem.startswith("paper_")]
    return [Path(shutil.copy(p, target)) for p in tables]


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("INDUCED_VALUES_OUTPUT", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_published_outputs_are_reproduced_to_the_byte(path, elsewhere):
    """Run from the notebooks' own folder, as JupyterLab does, without any parameter."""
    given = what_the_report_reads(elsewhere) if path.stem == "07_report" else []
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()
    made = [p for p in elsewhere.rglob("*") if p.is_file() and p not in given]
    assert made
    for file in made:
        published = paths.ROOT / file.relative_to(elsewhere)
        assert file.read_bytes() == published.read_bytes(), published


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"model": "gpt-9"}, "StudyError: Unknown model 'gpt-9'. There is: .*smollm2-135m"),
        ({"instrument": "pvq"}, "StudyError: Unknown instrument 'pvq'. There is: .*open_portraits, .*pvq40"),
        ({"reference": "mars"}, "StudyError: Unknown reference 'mars'. There is: ess11_europe, "),
        ({"induction": "moral"}, "StudyError: Unknown induction 'moral'. There is: definition, name"),
    ],
)
def test_unknown_parameters_give_one_clear_line(parameters, message, elsewhere):
    with pytest.raises(papermill.PapermillExecutionError, match=message) as caught:
        execute(NOTEBOOKS[0], elsewhere, **parameters)
    assert len(str(caught.value).strip().splitlines()) <= 4


def test_another_questionnaire_goes_to_a_folder_of_its_own(elsewhere):
    execute(
        paths.ROOT / "notebooks" / "01_value_induction.ipynb", elsewhere, instrument="open_portraits", mode="choice"
    )
    assert (elsewhere / "figures" / "open_portraits+choice" / "induction_lift.svg").exists()
    assert not (elsewhere / "figures" / "induction_lift.svg").exists()
