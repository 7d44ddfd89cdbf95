import json
import sys
from types import SimpleNamespace

import pytest

from lib.__main__ import main
from lib.bench import asking, population


def test_the_benchmark_tells_its_ratio():
    found = population.bench(people=200)
    assert found["ratio"] == pytest.approx(found["per_second"] / found["bare_per_second"])
    assert min(found.values()) > 0


def test_each_bench_is_a_subcommand_with_its_options(monkeypatch, capsys):
    monkeypatch.setattr(population, "bench", lambda people: {"per_second": people / 3})
    assert main(["bench", "population", "--people", "100"]) == 0
    assert json.loads(capsys.readouterr().out) == {"per_second": 33}
    monkeypatch.setattr(asking, "asking", lambda questions: {"ratio": questions / 7})
    monkeypatch.setattr(asking, "holding", lambda size: {"asked_per_s": size / 2})
    assert main(["bench", "asking", "--questions", "5", "--plan", "8", "9"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {"ratio": 0.714, "plan_of_8": {"asked_per_s": 4.0}, "plan_of_9": {"asked_per_s": 4.5}}


def test_without_a_name_the_local_model_is_measured(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "lib.bench.local", SimpleNamespace(bench=lambda model: {model: 1.0}))
    monkeypatch.setattr("lib.bench.local", sys.modules["lib.bench.local"], raising=False)
    assert main(["bench"]) == 0
    assert json.loads(capsys.readouterr().out) == {"smollm2-135m": 1.0}


def test_the_stages_of_a_plan_run_in_processes_of_their_own():
    found = asking.holding(50)
    assert {"asked_per_s", "cached_per_s", "export_per_s", "import_per_s", "import_peak_mb"} <= set(found)
