"""The Makefile where it must agree with Python, and what it makes anew."""

import os
from dataclasses import fields

import pytest
from making import make, told

from lib import paths
from lib.analysis.study import Study, variant

NAMES = [
    "smollm2-135m-x",
    "llama3:8b",
    "qwen2.5:0.5b",
    "org/model name",
    "it's a model",
    'a "quoted" one',
    "Müller-7b",
    "c++",
    "a__b",
    "a :/\\ b",
    "x(1),y",
    "*?[~]1",
    "tab\there",
]


@pytest.mark.parametrize("name", NAMES)
def test_make_names_folders_as_python_does(name):
    assert told("V", f"MODEL={name}", "INSTRUMENT=pvq40", "MODE=likelihood") == variant([name]) + "/"
    assert told("RECORDED", f"MODEL={name}") == f"data/raw/answers/{paths.slug(name)}"


@pytest.mark.parametrize("name", ["../x", "..", "-x", "://", "ü", ""])
def test_make_refuses_what_python_refuses(name):
    error = make("plan", f"MODEL={name}", status=2)
    assert f"No folder can be named after the model '{name}'. A model's name holds a letter" in error


@pytest.mark.parametrize("name", [*NAMES, "../x"])
def test_make_helps_whatever_the_model(name):
    assert f"model: {name};" in make("help", f"MODEL={name}")


def test_folders_follow_the_order_of_the_studys_fields():
    changed = {
        "model": "m",
        "instrument": "bfi2",
        "mode": "choice",
        "induction": "name",
        "reference": "wvs6",
        "seed": 7,
    }
    assert list(changed) == [f.name for f in fields(Study)]
    given = [f"{name.upper()}={value}" for name, value in changed.items()]
    assert told("V", *given) == variant(list(changed.values())) + "/"
    assert [told(f.name.upper()) for f in fields(Study)] == [str(f.default) for f in fields(Study)]
    assert told("V") == ""


@pytest.fixture
def made(tmp_path):
    """A copy of the project, its files empty, in which everything is made."""
    for pattern in ("lib/**/*.py", "notebooks/*.ipynb", "data/raw/**/*.*", "requirements*.lock", "pyproject.toml"):
        for path in paths.ROOT.glob(pattern):
            copy = tmp_path / path.relative_to(paths.ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.touch()
    (tmp_path / "Makefile").write_bytes((paths.ROOT / "Makefile").read_bytes())
    for folder in (".venv", "build", "figures", "data/processed"):
        (tmp_path / folder).mkdir()
    for name in told("foreach v,$(filter MADE_%,$(.VARIABLES)),$($(v))").split():
        (tmp_path / name).touch()
    make("--touch", "all", folder=tmp_path)
    return tmp_path


def remade(folder, changed=None, target="all"):
    """The notebooks that are executed after a file has changed; a stand-in for Python puts a file where one is due."""
    python = folder / "python"
    python.write_text('#!/bin/bash\ntouch "${@: -1}"\n')
    python.chmod(0o755)
    if changed:
        os.utime(folder / changed)
    lines = make(target, f"PY={python}", folder=folder).splitlines()
    return {line.split("/")[1][:2] for line in lines if line.startswith("notebooks/") and line.endswith(" …")}


def test_what_asks_and_what_measures_makes_no_notebook_anew(made):
    for changed in (
        "lib/asking/runner.py",
        "lib/asking/http/wire.py",
        "lib/bench/asking.py",
        "lib/validation/planted.py",
    ):
        assert remade(made, changed) == set()
    assert remade(made, "lib/materials/values.py") == {path.name[:2] for path in (made / "notebooks").iterdir()}


@pytest.mark.parametrize(
    ("notebook", "others"),
    [("05_population", {"06", "07"}), ("01_value_induction", {"07"}), ("07_report", set()), ("08_models", set())],
)
def test_a_notebook_is_made_anew_with_those_that_read_what_it_publishes(made, notebook, others):
    assert remade(made, f"notebooks/{notebook}.ipynb") == {notebook[:2], *others}
    assert remade(made) == set()


def test_a_deleted_figure_is_made_anew(made):
    assert remade(made, target="figures/value_maps.svg") == set()
    (made / "figures" / "value_maps.svg").unlink()
    assert remade(made, target="figures/value_maps.svg") == {"02"}
