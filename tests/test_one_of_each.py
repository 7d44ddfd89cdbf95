"""One of each: what is done in one place is done nowhere else."""

import ast
from collections.abc import Callable, Iterator

import pytest

from lib import paths

SOURCES = {str(p.relative_to(paths.ROOT / "lib")): p.read_text("utf-8") for p in (paths.ROOT / "lib").rglob("*.py")}


def where(is_it: Callable[[ast.AST], bool]) -> list[str]:
    """Returns module and function of everything in lib that is such a thing, each once."""
    return list(dict.fromkeys(place for name, text in SOURCES.items() for place in _places(name, text, is_it)))


def _places(module: str, text: str, is_it: Callable[[ast.AST], bool]) -> Iterator[str]:
    def visit(node: ast.AST, function: str) -> Iterator[str]:
        function = node.name if isinstance(node, ast.FunctionDef) else function
        if is_it(node):
            yield f"{module}: {function}"
        for child in ast.iter_child_nodes(node):
            yield from visit(child, function)

    yield from visit(ast.parse(text), "")


def called(*names: str) -> Callable[[ast.AST], bool]:
    return lambda n: isinstance(n, ast.Call) and getattr(n.func, "attr", getattr(n.func, "id", "")) in names


def said(*beginnings: str) -> Callable[[ast.AST], bool]:
    return lambda n: isinstance(n, ast.Constant) and isinstance(n.value, str) and n.value.startswith(beginnings)


def plus_one_over_plus_one(node: ast.AST) -> bool:
    def plus_one(side: ast.AST) -> bool:
        return isinstance(side, ast.BinOp) and isinstance(side.op, ast.Add) and ast.unparse(side.right) == "1"

    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and all(map(plus_one, (node.left, node.right)))


@pytest.mark.parametrize(
    ("is_it", "place"),
    [
        pytest.param(said("null_low:", "ceiling:"), "presentation/figures/forest.py: forest", id="forest plot"),
        pytest.param(plus_one_over_plus_one, "statistics/resampling.py: p_value", id="p value"),
        pytest.param(called("accumulate", "multipletests"), "statistics/resampling.py: holm", id="Holm"),
        pytest.param(called("false_discovery_control"), "statistics/resampling.py: false_discovery", id="FDR"),
        pytest.param(called("SeedSequence"), "statistics/resampling.py: stream", id="random streams"),
        pytest.param(said("paper_reported"), "materials/reported.py: ", id="reader of what the paper reported"),
        pytest.param(called("corr", "pearsonr", "spearmanr", "partial_corr"), None, id="others' correlations"),
    ],
)
def test_it_is_done_in_one_place(is_it, place):
    assert where(is_it) == ([place] if place else [])


@pytest.mark.parametrize(
    ("function", "module"),
    [
        ("correlations", "statistics/matrices.py"),  # pooled within cells
        ("pearson", "statistics/matrices.py"),
        ("residuals", "statistics/matrices.py"),
        ("scale_scores", "statistics/scoring.py"),
        ("respondent_level", "statistics/scoring.py"),
        ("interval", "statistics/resampling.py"),
        ("align", "analysis/alignment.py"),
        ("told", "presentation/sentences/alignment.py"),
        ("apa_number", "presentation/tables.py"),
        ("heatmap", "presentation/charts.py"),
    ],
)
def test_it_is_defined_once(function, module):
    assert where(lambda n: isinstance(n, ast.FunctionDef) and n.name == function) == [f"{module}: {function}"]


def test_alignments_are_made_in_one_module_and_scores_by_one_function():
    assert {place.split(":")[0] for place in where(called("Alignment"))} == {"analysis/alignment.py"}
    scored = {"respondents.py", "population/sampling.py", "robustness/specifications.py"}
    assert {place.split(":")[0] for place in where(called("scale_scores"))} <= {f"analysis/{name}" for name in scored}
