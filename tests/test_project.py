"""The repository itself: lists that must agree, published files that must say the same."""

import json
import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from making import made_by
from packaging.requirements import Requirement
from packaging.version import Version

from lib import paths
from lib.presentation import tables


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


# ── What is published ───────────────────────────────────────────────────────────────────────────────────────────────


def published(folder: str, endings: str = "*") -> list[Path]:
    return sorted((paths.ROOT / folder).glob(f"*.{endings}"))


def test_every_published_file_has_exactly_one_producer():
    files = [file for made in made_by().values() for file in made]
    assert len(files) == len(set(files)) > 30
    there = {str(p.relative_to(paths.ROOT)) for folder in ("figures", "data/processed") for p in published(folder)}
    assert there == set(files)


def test_the_readmes_map_names_what_is_made_where_it_is_made():
    section = (paths.ROOT / "README.md").read_text().split("## What is made where")[1].split("\n## ")[0]
    named: dict[str, set[str]] = {}
    for row in re.findall(r"^\| [^|]+ \| `(\d\d_\w+)` \|(.*)\|(.*)\|$", section, re.MULTILINE):
        notebook, figures, tables = row
        found = named.setdefault(notebook, set())
        found |= {f"figures/{name}" for name in re.findall(r"`(\w+)`", figures)}
        found |= {f"data/processed/{name}" for name in re.findall(r"`(\w+)`", tables)}
    made = {name: {file.split(".")[0] for file in files} for name, files in made_by().items()}
    assert named == made


def test_the_readme_shows_pictures_and_its_links_lead_to_files():
    text = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)
    assert shown and set(shown) <= {file for made in made_by().values() for file in made}
    linked = {link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link}
    assert [link for link in linked if not (paths.ROOT / link).is_file()] == []


def test_every_figure_has_three_forms_and_every_table_the_same_columns_in_both_texts():
    assert {p.name.split(".", 1)[1] for p in published("figures")} == {"svg", "png", "vl.json"}
    for path in published("data/processed", "md"):
        shown = [c.strip() for c in path.read_text().splitlines()[2].strip("|").split("|")]
        table = pd.read_csv(path.with_suffix(".csv"), nrows=0)
        assert set(shown) <= set(table.columns), path
        header = next(line for line in path.with_suffix(".tex").read_text().splitlines() if line.endswith(r"\\"))
        assert header.removesuffix(r" \\").replace("\\_", "_").split(" & ") == shown, path


@pytest.mark.parametrize("path", published("data/processed", "md"), ids=lambda p: p.stem)
def test_published_tables_are_the_csv_in_apa_style(path):
    """Each cell of the Markdown is that of the CSV, its number rounded; text as it is."""
    table = pd.read_csv(path.with_suffix(".csv"), keep_default_na=False)
    header, _, *rows = path.read_text().splitlines()[2:]
    columns, *cells = ([c.strip() for c in line.strip("|").split("|")] for line in (header, *rows))
    assert len(cells) == len(table)
    for column, *shown in zip(columns, *cells, strict=True):
        for text, number in zip(shown, table[column].astype(str), strict=True):
            assert text == number.strip() or agrees(text, number), (column, text, number)


def agrees(text: str, number: str) -> bool:
    """Whether a number in APA style is that of the CSV, to the decimals that are shown."""
    if text == "–":
        return number == ""
    if text == "< .001":
        return 0 <= float(number) < 0.001
    decimals = len(text.partition(".")[2])
    plain = text.replace("−", "-").replace(",", "")
    return abs(float(plain) - float(number)) <= 0.5 * 10**-decimals + 1e-9


@pytest.mark.parametrize("path", published("data/processed", "csv"), ids=lambda p: p.stem)
def test_published_numbers_have_as_many_digits_as_are_the_same_everywhere(path):
    floats = pd.read_csv(path).select_dtypes("float")
    assert floats.equals(tables.rounded(floats)) and not floats.isin([float("inf"), -float("inf")]).any(axis=None)


def test_vega_specifications_are_whole():
    for path in (paths.ROOT / "figures").glob("*.vl.json"):
        assert json.loads(path.read_text())["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
