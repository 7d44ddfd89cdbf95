"""The repository itself: lists that must agree, notebooks that must stay thin."""

import json
import re
import subprocess
import tomllib

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from lib import paths

NOTEBOOKS = sorted((paths.ROOT / "notebooks").glob("*.ipynb"))
PARAMETERS = ["model", "instrument", "mode", "induction", "reference", "seed"]


def declared() -> dict[str, Requirement]:
    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text())
    lines = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    return {r.name: r for r in map(Requirement, lines)}


def test_conda_and_pip_name_the_same_packages():
    lines = re.findall(r"^ +- ([\w.-]+(?:[<>=!].*)?)$", (paths.ROOT / "environment.yml").read_text(), re.MULTILINE)
    conda = {r.name: r for r in map(Requirement, (line for line in lines if line != "conda-forge"))}
    tools = {"python", "pip", "make"}
    assert conda.keys() - tools == declared().keys()
    for name, requirement in declared().items():
        assert conda[name].specifier == requirement.specifier, name


def test_the_lock_pins_every_declared_package_within_its_bounds():
    lock = [Requirement(line) for line in (paths.ROOT / "requirements.lock").read_text().splitlines() if "==" in line]
    for name, requirement in declared().items():
        pins = [r for r in lock if r.name == name]
        assert pins, f"{name} is not locked: make lock"
        assert any(requirement.specifier.contains(Version(next(iter(p.specifier)).version)) for p in pins), name


def test_the_local_extra_is_the_local_lock():
    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text())
    lock = (paths.ROOT / "requirements-local.lock").read_text().splitlines()
    assert sorted(project["project"]["optional-dependencies"]["local"]) == sorted(s for s in lock if "==" in s)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_are_thin_and_clean(path):
    notebook = nbformat.read(path, as_version=4)
    code = [c for c in notebook.cells if c.cell_type == "code"]
    assert all(not c.outputs and c.execution_count is None for c in code)
    tagged = [c for c in code if "parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1
    assert re.findall(r"^(\w+) =", tagged[0].source, re.MULTILINE)[: len(PARAMETERS)] == PARAMETERS
    lines = [line for c in code for line in c.source.splitlines()]
    assert not [line for line in lines if re.match(r"\s*(def|class|lambda)\b", line)]
    assert len(lines) <= 90
    assert max(len(c.source.splitlines()) for c in code) <= 18
    assert notebook.cells[0].cell_type == "markdown"


def make_database() -> str:
    run = subprocess.run(
        ["make", "--print-data-base", "--dry-run", "--question", "help"], cwd=paths.ROOT, capture_output=True, text=True
    )
    return run.stdout


def test_every_published_file_has_exactly_one_producer():
    made = re.findall(r"^MADE_\d\d := (.*)$", make_database(), re.MULTILINE)
    files = [f for line in made for f in line.split()]
    assert len(files) == len(set(files)) > 30
    tracked = [p for folder in ("figures", "data/processed") for p in (paths.ROOT / folder).glob("*.*")]
    assert {str(p.relative_to(paths.ROOT)) for p in tracked} == set(files)


def test_published_tables_are_the_csv_rounded():
    """Each styled number in structure_alignment.md is the CSV's number in APA style."""
    import pandas as pd

    from lib.tables import apa_number

    table = pd.read_csv(paths.ROOT / "data/processed/structure_alignment.csv")
    rows = (paths.ROOT / "data/processed/structure_alignment.md").read_text().splitlines()[4:]
    assert len(rows) == len(table)
    for row, r in zip(rows, table["r"], strict=True):
        assert [c.strip() for c in row.split("|")][6] == apa_number(r, bounded=True)


def test_vega_specifications_are_whole():
    for path in (paths.ROOT / "figures").glob("*.vl.json"):
        assert json.loads(path.read_text())["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
