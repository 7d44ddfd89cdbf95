"""`python -m lib run`: names and values are checked before papermill starts, and it says where the output went."""

import nbformat
import pytest

from lib import __main__, paths, running
from lib.errors import StudyError

PARAMETERS = """model = "smollm2-135m"
instrument = "pvq40"
mode = "likelihood"
induction = "definition"
reference = "pvq40_us_2017"
seed = 2026
n_respondents = 10_000
threshold = 0.62
slope = None"""


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    """A folder with one small notebook, which writes its parameters down."""
    told = "f'{instrument} {seed} {threshold}'"
    code = f"from pathlib import Path\nPath({str(tmp_path / 'ran')!r}).write_text({told})"
    cells = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}), nbformat.v4.new_code_cell(code)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    (tmp_path / "notebooks").mkdir()
    nbformat.write(notebook, tmp_path / "notebooks" / "02_small.ipynb")
    monkeypatch.setattr(running, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(running, "BUILD", tmp_path / "build")
    return tmp_path


def test_a_run_says_where_its_output_went(notebooks, capsys):
    assert __main__.main(["run", "02", "--instrument", "open_portraits", "--seed=7"]) == 0
    assert (notebooks / "ran").read_text() == "open_portraits 7 0.62"
    told = capsys.readouterr().out
    assert f"Tables in {paths.PROCESSED / 'open_portraits+7'}, figures in {paths.FIGURES / 'open_portraits+7'}" in told
    assert (notebooks / "build" / "open_portraits+7" / "02_small.ipynb").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--instrumnet", "open_portraits"], "Unknown parameter of 02_small 'instrumnet'. .* Did you mean instrument?"),
        (["--instrument", "open_portrait"], "Unknown instrument 'open_portrait'. There is: behavior_tests"),
        (["--instrument", "bfi2"], "bfi2 asks for behaviour; this needs .* the ten values: open_portraits, pvq40"),
        (["--mode", "guess"], "Unknown mode 'guess'"),
        (["--model", "nobody"], "Unknown model 'nobody'"),
        (["--seed", "many"], "seed is 'many'; it must be a whole number .published: 2026"),
        (["--seed", "7.5"], "seed is '7.5'; it must be a whole number"),
        (["--seed", "True"], "seed is 'True'; it must be a whole number"),
        (["--seed", "-1"], "seed is -1; it must be a whole number from 0"),
        (["--threshold", "high"], "threshold is 'high'; it must be a number"),
        (["--seed"], "Parameters are given as --name value, not as '--seed'"),
        (["seed", "7"], "Parameters are given as --name value, not as 'seed 7'"),
        (["--seed", "7", "--seed=8"], "--seed is given twice"),
        (["--n-respondents", "2_000"], "would write over the published figures and tables. Name another place"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(notebooks, capsys, given, message):
    assert __main__.main(["run", "02_small", *given]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1
    with pytest.raises(StudyError, match=message):
        raise StudyError(error)
    assert not (notebooks / "ran").exists() and not (notebooks / "build").exists()


@pytest.mark.parametrize("name", ["2", "02", "02_small", "02_small.ipynb", "notebooks/02_small.ipynb"])
def test_a_notebook_is_found_by_number_or_name(notebooks, name):
    assert running.find(name).stem == "02_small"


def test_an_unknown_notebook_lists_those_there_are(notebooks):
    with pytest.raises(StudyError, match="Unknown notebook '99'. There is: 02_small"):
        running.find("99")


def test_values_are_what_the_published_ones_are(notebooks):
    notebook = running.find("02")
    published = running.parameters(notebook)
    given = {"n_respondents": "2_000", "threshold": "1", "slope": "0.5", "model": "7"}
    found = running.checked(notebook, published, given)
    assert found == {"n_respondents": 2_000, "threshold": 1.0, "slope": 0.5, "model": "7"}


def test_an_error_in_a_notebook_is_its_last_line(notebooks):
    path = notebooks / "notebooks" / "02_small.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = "from lib.errors import StudyError\nraise StudyError('nothing recorded')"
    nbformat.write(notebook, path)
    with pytest.raises(
        StudyError, match=r"02_small ended in StudyError: nothing recorded \(.*02_small\.ipynb shows where"
    ):
        running.run("02", {"instrument": "open_portraits"})


def test_every_notebook_takes_its_own_parameters():
    for path in sorted((paths.ROOT / "notebooks").glob("*.ipynb")):
        published = running.parameters(path)
        assert running._places(path, published) == (paths.FIGURES, paths.PROCESSED)
