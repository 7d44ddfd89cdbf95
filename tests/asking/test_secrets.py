"""The key is nowhere afterwards, and a cache folder from somebody else cannot run code."""

import pickle
import sqlite3
import subprocess
import sys

import diskcache
import pytest
from asking import OPEN, plan, remote
from server import FakeServer

from lib import paths
from lib.asking.cache import ReplyCache
from lib.errors import StudyError

KEY = "sk-test-9f1c7e52d0aa4be8"
ARGUMENTS = ["--instruments", OPEN, "--inductions", "name", "--wordings", "imagine", "--persons", "I"]
COMMAND = """
import sys
from pathlib import Path
from lib import __main__, paths
from lib.answers import archive
from lib.asking import recording
folder = Path(sys.argv[1])
for function in (recording.record, recording.fill_cache, archive.recorded_models, archive.recorded, archive.read):
    names = function.__code__.co_varnames[:function.__code__.co_argcount]
    position = names.index("folder") - (len(names) - len(function.__defaults__))
    function.__defaults__ = (*function.__defaults__[:position], folder, *function.__defaults__[position + 1:])
sys.exit(__main__.main(sys.argv[2:]))
"""


@pytest.mark.parametrize(("fault", "status"), [(None, 0), ("401", 1)])
@pytest.mark.parametrize("transport", ["bulk", "openai"])
def test_the_key_is_written_nowhere(tmp_path, monkeypatch, fault, status, transport):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("INDUCED_VALUES_CACHE", str(tmp_path / "cache"))
    with FakeServer(always=fault) as server:
        command = [sys.executable, "-c", COMMAND, str(tmp_path / "answers"), "ask", "--model", "m"]
        command += ["--base-url", server.url, "--transport", transport, *ARGUMENTS, "--modes", "choice"]
        done = subprocess.run(command, cwd=paths.ROOT, capture_output=True, timeout=100)
    assert done.returncode == status, done.stderr.decode()
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    for output in (done.stdout, done.stderr):
        assert KEY.encode() not in output
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in written} >= {"cache.db"}
    if not fault:
        assert {path.name for path in written} >= {"manifest.json", f"{OPEN}_choice.parquet"}
    for path in written:
        assert KEY.encode() not in path.read_bytes(), path


def test_an_executed_notebook_does_not_hold_the_key(tmp_path, monkeypatch):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("INDUCED_VALUES_CACHE", str(tmp_path))
    with FakeServer(said=f"{KEY[:6]} 4") as server:
        cells = [
            "from lib.asking import planning\nfrom lib.asking.cache import ReplyCache\n"
            "from lib.asking.endpoints import open_endpoint\nfrom lib.asking.runner import ask",
            f"endpoint = open_endpoint('m', ['{server.url}'])\nendpoint",
            f"plan = planning.make_plan(['{OPEN}'], ['choice'], ['name'], ['imagine'], ['I'])\nplan",
            "with ReplyCache() as cache:\n    tally = ask(plan.iloc[:50], endpoint, cache)",
            "print(tally)\nvars(endpoint)",
        ]
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        nbclient.NotebookClient(notebook, timeout=60, resources={"metadata": {"path": paths.ROOT}}).execute()
    text = nbformat.writes(notebook)
    assert "asked=50" in text
    assert KEY not in text


class Trap:
    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return (exec, (f"open({str(self.trace)!r}, 'w').close()",))


def test_the_trap_works(tmp_path):
    """So that the tests below can fail."""
    pickle.loads(pickle.dumps(Trap(tmp_path / "trace")))
    assert (tmp_path / "trace").exists()


@pytest.mark.parametrize("where", ["value", "key", "large value"])
def test_a_pickled_entry_is_refused_unread(tmp_path, where):
    trace = tmp_path / "trace"
    with diskcache.Cache(str(tmp_path / "replies")) as foreign:
        if where == "key":
            foreign[Trap(trace)] = "{}"
        else:
            foreign["k"] = Trap(trace) if where == "value" else (Trap(trace), "x" * 100_000)
    with pytest.raises(StudyError, match="pickled entry"):
        ReplyCache(tmp_path / "replies")
    assert not trace.exists()


def test_a_pickled_entry_is_refused_even_if_it_came_later(tmp_path):
    trace = tmp_path / "trace"
    with ReplyCache(tmp_path / "replies") as cache:
        with diskcache.Cache(str(tmp_path / "replies")) as foreign:
            foreign["k"] = Trap(trace)
        with pytest.raises(StudyError, match="pickled entry"):
            cache.texts(["k"])
    assert not trace.exists()


def test_nothing_but_text_is_written(tmp_path):
    with ReplyCache(tmp_path) as cache:
        with pytest.raises(TypeError):
            cache._cache["k"] = {"a": 1}
        with pytest.raises(TypeError):
            cache._cache[1, 2] = "x"


def test_the_cache_never_drops_answers(tmp_path):
    with ReplyCache(tmp_path) as cache:
        settings = dict(cache._cache._sql("SELECT key, value FROM Settings").fetchall())
    assert settings["eviction_policy"] == "none"
    assert settings["cull_limit"] == 0
    assert settings["size_limit"] >= 2**50


def test_an_altered_index_does_not_hide_a_pickle(tmp_path):
    trace = tmp_path / "trace"
    with diskcache.Cache(str(tmp_path)) as foreign:
        foreign["k"] = Trap(trace)
    with sqlite3.connect(tmp_path / "cache.db") as database:
        database.execute("CREATE INDEX Cache_pickled ON Cache (mode) WHERE mode = 99")
    with pytest.raises(StudyError, match="pickled entry"), ReplyCache(tmp_path) as cache:
        cache.texts(["k"])
    assert not trace.exists()


def test_an_endpoint_shows_no_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with FakeServer() as server, remote(server) as endpoint:
        list(endpoint.ask([]))
        shown = f"{endpoint!r} {vars(endpoint)} {endpoint.identity} {endpoint.settings} {plan(rows=1)}"
        assert KEY not in shown
