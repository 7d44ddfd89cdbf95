import subprocess
import sys

import pytest

from lib import paths
from lib.__main__ import main


def test_help_lists_the_commands():
    run = subprocess.run([sys.executable, "-m", "lib", "--help"], cwd=paths.ROOT, capture_output=True, text=True)
    assert run.returncode == 0
    for command in ("ask", "verify", "bench"):
        assert f"\n    {command} " in run.stdout


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
