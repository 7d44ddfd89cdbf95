"""The Makefile, asked what it would do and what it knows."""

import os
import subprocess
from pathlib import Path

from lib import paths


def make(*arguments: str, folder: Path = paths.ROOT, status: int = 0) -> str:
    """Runs make without an active environment; returns what it prints (on the error stream if it is to fail)."""
    environment = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "CONDA_DEFAULT_ENV", "MAKEFLAGS")}
    run = subprocess.run(["make", *arguments], cwd=folder, capture_output=True, text=True, env=environment)
    assert run.returncode == status, run.stderr
    return run.stdout if status == 0 else run.stderr


def told(variable: str, *arguments: str) -> str:
    """Returns a variable's value."""
    return make("-s", "--eval", f"told: ; $(info $({variable}))", "told", *arguments).strip()


def made_by() -> dict[str, list[str]]:
    """Returns the files that each notebook makes with the published parameters, by its name."""
    names = sorted(p.stem for p in (paths.ROOT / "notebooks").glob("*.ipynb"))
    lines = told("foreach n,$(sort $(NOTEBOOKS)),$(info $(MADE_$(call number,$(n))))").splitlines()
    return {name: line.split() for name, line in zip(names, lines, strict=True)}
