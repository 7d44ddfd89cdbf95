"""The walls: a room imports only from rooms below it, what their faces name, and nowhere in a circle."""

import ast
import json
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

from lib import paths

#: Room → rooms that it may import from. `lib.paths` and `lib.errors` are open to all; statistics takes errors only.
BELOW = {
    "materials": set(),
    "answers": {"materials"},
    "statistics": set(),
    "asking": {"materials", "answers"},
    "analysis": {"materials", "answers", "statistics"},
    "validation": {"materials", "answers", "statistics", "analysis"},
    "presentation": {"analysis", "materials", "answers", "statistics"},
    "bench": {"materials", "answers", "statistics", "asking", "analysis", "presentation"},
}
OPEN = {"paths", "errors"}
#: Modules above all rooms: the command line.
ABOVE = {"__init__", "__main__", "commands", "running"}
#: What statistics is made of: arrays, no frames.
ARRAYS = {"numpy", "scipy"}
FILES = {".".join(p.relative_to(paths.ROOT).with_suffix("").parts): p for p in (paths.ROOT / "lib").rglob("*.py")}
MODULES = {name.removesuffix(".__init__"): path for name, path in FILES.items()}
NOTEBOOKS = {path.stem: path for path in (paths.ROOT / "notebooks").glob("*.ipynb")}


def source(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text
    return "\n".join("".join(c["source"]) for c in json.loads(text)["cells"] if c["cell_type"] == "code")


def imported(path: Path, everywhere: bool = True) -> Iterator[str]:
    """Yields the modules that a file imports, of lib as far as it goes down; without `everywhere` as it is loaded."""
    tree = ast.parse(source(path))
    for node in ast.walk(tree) if everywhere else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            full = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if name in MODULES else str(node.module) for name in full)


def room_of(module: str) -> str:
    return module.split(".")[1]


def of_room(room: str) -> dict[str, Path]:
    return {name: path for name, path in MODULES.items() if f"{name}.".startswith(f"lib.{room}.")}


def test_everything_is_in_a_room():
    inside = {p.stem if p.suffix == ".py" else p.name for p in (paths.ROOT / "lib").iterdir() if p.name[:3] != "__p"}
    assert inside == {*BELOW, *OPEN, *ABOVE}


@pytest.mark.parametrize("room", BELOW)
def test_a_room_imports_only_from_rooms_below(room):
    open_to_all = OPEN - ({"paths"} if room == "statistics" else set())
    for name, path in of_room(room).items():
        ours = [m for m in imported(path) if m.startswith("lib.")]
        above = {m for m in ours if room_of(m) not in {room} | BELOW[room] | open_to_all}
        assert not above, f"{name} imports {above}"


def test_statistics_knows_arrays_only():
    for name, path in of_room("statistics").items():
        foreign = {m.split(".")[0] for m in imported(path)} - {*sys.stdlib_module_names, *ARRAYS, "lib"}
        assert not foreign, f"{name} imports {foreign}"


@pytest.mark.parametrize("room", BELOW)
def test_no_circle_within_a_room(room):
    graph = {n: set(imported(p, everywhere=False)) & set(of_room(room)) for n, p in of_room(room).items()}
    list(TopologicalSorter(graph).static_order())


def faces() -> dict[str, set[str]]:
    """Folder of lib → what its `__init__` names for use from outside: modules, of statistics functions."""
    folders = [name for name, path in MODULES.items() if path.name == "__init__.py" and name != "lib"]
    return {name: set(import_module(name).__all__) for name in folders}


def test_from_outside_only_what_the_face_names_is_used():
    """The bench may look behind it: it measures the parts."""
    for name, path in (MODULES | NOTEBOOKS).items():
        for target in imported(path):
            folder, _, module = target.rpartition(".")
            if folder in faces() and not f"{name}.".startswith((f"{folder}.", "lib.bench.")):
                assert module in faces()[folder], f"{name} imports {target}, which {folder} does not name"


def test_nothing_private_is_taken_from_elsewhere():
    for name, path in (MODULES | NOTEBOOKS).items():
        taken = [n for n in ast.walk(ast.parse(source(path))) if isinstance(n, ast.ImportFrom)]
        private = [a.name for n in taken for a in n.names if a.name.startswith("_") and str(n.module).startswith("lib")]
        assert not private, f"{name} imports {private}"


def test_faces_name_what_there_is():
    for folder, named in faces().items():
        for one in named:
            assert f"{folder}.{one}" in MODULES or hasattr(import_module(folder), one), f"{folder} has no {one}"


def test_faces_load_nothing():
    """But for that of statistics, which names functions."""
    for name, path in MODULES.items():
        if path.name == "__init__.py" and name != "lib.statistics":
            kinds = [type(node) for node in ast.parse(source(path)).body]
            assert kinds in ([ast.Expr, ast.Assign], [ast.Expr]), f"{name} does more than name what may be used"
