import subprocess
import sys

import pytest

from lib import paths
from lib.__main__ import main


def test_help_lists_the_commands():
    run = subprocess.run([sys.executable, "-m", "lib", "--help"], cwd=paths.ROOT, capture_output=True, text=True)
    assert run.returncode == 0
    for command in (
        "plan",
        "ask",
        "answers",
        "batch-write",
        "verify",
        "bench",
        "overlap",
        "draw-statements",
        "run",
        "page",
    ):
        assert f"\n    {command}" in run.stdout


def test_errors_are_one_line_and_status_one(capsys):
    assert main(["verify", "--model", "nobody"]) == 1
    error = capsys.readouterr().err
    assert error == "error: Unknown model 'nobody'. There is: smollm2-135m.\n"


def test_unlisted_instrument_is_refused_with_the_list(capsys):
    with pytest.raises(SystemExit):
        main(["ask", "--instruments", "nothing"])
    assert "'open_portraits'" in capsys.readouterr().err


def test_make_alone_prints_help():
    run = subprocess.run(["make"], cwd=paths.ROOT, capture_output=True, text=True)
    assert run.returncode == 0
    for target in ("all", "test", "ask", "verify", "bench", "lab", "clean"):
        assert f"\n{target} " in run.stdout


def test_an_odd_number_of_statements_is_refused(capsys):
    assert main(["draw-statements", "--statements", "3"]) == 1
    assert capsys.readouterr().err == "error: 3 statements for each behaviour; it must be an even number from 2.\n"


@pytest.mark.parametrize("model", ["../x", "..", "", "-x"])
@pytest.mark.parametrize("command", ["plan", "ask", "answers", "verify"])
def test_a_model_that_no_folder_can_be_named_after_is_refused_at_once(command, model, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(paths.CACHE_VARIABLE, str(tmp_path / "cache"))
    assert main([command, f"--model={model}"]) == 1
    assert capsys.readouterr().err.startswith(f"error: No folder can be named after {model!r}. A model's name holds")
    assert not (tmp_path / "cache").exists()


def test_help_and_the_list_of_commands_load_nothing_heavy():
    script = "import sys\nfrom lib.__main__ import _parser\n_parser([])\nprint({'pandas', 'numpy'} & {*sys.modules})"
    run = subprocess.run([sys.executable, "-c", script], cwd=paths.ROOT, capture_output=True, text=True)
    assert run.stdout == "set()\n"
