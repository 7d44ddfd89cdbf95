"""Folders of recorded answers: whose they are, two that record at once, disks that are full or read-only."""

import errno
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from asking import OPEN, plan

from lib import paths
from lib.answers import archive
from lib.answers.reply import Reply
from lib.asking import homes, identities, recording
from lib.asking.cache import ReplyCache
from lib.asking.runner import requests
from lib.errors import StudyError

WHO = "openai:http://localhost/v1:m"


def answered(rows, cache, who=WHO):
    reply = Reply("ok", None, (0.5, 0.1, 0.1, 0.1, 0.1, 0.1), 0.0, 90, 1)
    cache.put_many({request.key: reply for request in requests(rows, who)})


@pytest.fixture
def recorded(tmp_path):
    with ReplyCache(tmp_path / "replies") as cache:
        answered(plan(), cache)
        recording.record(plan(), "m", cache, tmp_path, WHO)
        yield tmp_path, cache


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("http://127.0.0.1:8000/v1", "http://localhost/v1"),
        ("http://localhost:1234/v1/", "http://localhost/v1"),
        ("https://[::1]:8443/v1", "http://localhost/v1"),
        ("http://0.0.0.0:8000/v1", "http://localhost/v1"),
        ("http://127.8.9.1/v1", "http://localhost/v1"),
        ("http://box.localhost:81", "http://localhost"),
        ("http://127.0.0.1:8000/other/v1", "http://localhost/other/v1"),
        ("http://10.0.0.1:8000/v1", "http://10.0.0.1:8000/v1"),
        ("http://localhost.example.org:8000/v1", "http://localhost.example.org:8000/v1"),
        ("https://api.openai.com/v1", "https://api.openai.com/v1"),
    ],
)
def test_on_this_machine_a_port_is_no_identity(url, named):
    assert identities.place(url) == named


def test_sections_of_other_modes_do_not_count():
    both = 'a:b#all={"x":1}#choice={"y":2}#text={"z":3}'
    assert identities.of_mode(both, "choice") == 'a:b#all={"x":1}#choice={"y":2}'
    assert identities.of_mode(both, "likelihood") == 'a:b#all={"x":1}'
    assert identities.of_mode("a:b", "text") == "a:b"


def test_a_setting_of_another_mode_leaves_the_answers_as_they_are(recorded):
    folder, cache = recorded
    other = WHO + '#text={"temperature":0.5}'
    homes.check("m", other, folder)
    assert recording.fill_cache("m", cache, folder, other) == 440
    recording.record(plan(), "m", cache, folder, other)
    assert set(archive.read("m", OPEN, "choice", folder)["status"]) == {"ok"}
    with pytest.raises(StudyError, match="holds answers recorded under"):
        homes.check("m", WHO + '#choice={"top_logprobs":5}', folder)


@pytest.mark.parametrize(
    ("before", "now", "service"),
    [
        ("openai:http://a:8101/v1:m", "openai:http://b/v1:m", "http://a:8101/v1"),
        ("openai:http://a:8101/v1:m", "openai:http://a:8102/v1:m", "http://a:8101/v1"),
        ("openai:http://a/v1:qwen2.5:0.5b", "openai:http://localhost/v1:qwen2.5:0.5b", "http://a/v1"),
        ("openai:http://a/v1:m", "openai:https://a/v1:m", "http://a/v1"),
        ("openai:ours:m", "openai:http://a/v1:m", "ours"),
        ("openai:http://a/v1:m", "openai:http://a/v1:m2", ""),
        ("openai:http://a/v1:m", "openai:http://b/v1:m#all={}", ""),
        ("llama.cpp:123", "openai:http://b/v1:m", ""),
    ],
)
def test_the_way_out_names_the_service_that_goes_on_with_the_answers(before, now, service):
    assert homes._service(before, now) == service
    assert (f'service = "{service}"' in str(homes._foreign(paths.ANSWERS, before, now))) == bool(service)


@pytest.mark.parametrize("name", ["org/m", "org:m", "org__m", "org_m"])
def test_two_names_of_one_folder_are_told_apart_before_anything_is_asked(tmp_path, name):
    first = "org m"
    with ReplyCache(tmp_path / "replies") as cache:
        recording.record(plan(rows=3), first, cache, tmp_path, WHO)
    if paths.slug(name) == "org_m":
        with pytest.raises(StudyError, match=f"holds answers of 'org m'; '{name}' would have the same folder"):
            homes.check(name, WHO, tmp_path)
    else:
        homes.check(name, WHO, tmp_path)


RECORDING = """
import sys
from pathlib import Path
sys.path.insert(0, "tests")
from asking import plan
from lib.asking import recording
from lib.asking.cache import ReplyCache
folder, part = Path(sys.argv[1]), int(sys.argv[2])
rows = plan(replicates=6)
with ReplyCache(folder / "replies") as cache:
    for _ in range(4):
        recording.record(rows.iloc[part * 880 : part * 880 + 1760], "m", cache, folder, sys.argv[3])
"""


def test_two_that_record_at_once_lose_nothing(tmp_path):
    rows = plan(replicates=6)
    with ReplyCache(tmp_path / "replies") as cache:
        answered(rows, cache)
    command = [sys.executable, "-c", RECORDING, str(tmp_path)]
    both = [subprocess.Popen([*command, part, WHO], cwd=paths.ROOT, stderr=subprocess.PIPE, text=True) for part in "01"]
    assert [(p.communicate()[1], p.returncode) for p in both] == [("", 0), ("", 0)]
    read = archive.read("m", OPEN, "choice", tmp_path)
    assert sorted(read["key"]) == sorted(r.key for r in requests(rows, WHO))
    assert set(read["status"]) == {"ok"}
    assert not list(tmp_path.rglob("*.part"))


def test_a_disk_that_is_full_while_recording(recorded, monkeypatch):
    folder, cache = recorded
    before = {path.name: path.read_bytes() for path in (folder / "m").iterdir()}

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(
        StudyError, match="cannot be recorded in .*: No space left on device.*replies are safe in the cache"
    ):
        recording.record(plan(), "m", cache, folder, WHO)
    assert {path.name: path.read_bytes() for path in (folder / "m").iterdir()} == before


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_asked(tmp_path):
    (tmp_path / "answers").write_text("a file, so that nobody, root neither, can make a folder here")
    with pytest.raises(StudyError, match="cannot be recorded in .*With --cache-only they stay in the cache"):
        homes.check("m", WHO, tmp_path / "answers")


def test_checking_leaves_nothing_behind(tmp_path):
    homes.check("m", WHO, tmp_path / "answers")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    ['{"status":"ok","logprob":', '{"status":"fine"}', "{}", '{"status":"ok","mood":1}', '{"status":"ok"}\n{}', "[]"],
)
def test_a_damaged_reply_is_taken_out_and_asked_anew(tmp_path, text):
    rows = plan()
    with ReplyCache(tmp_path / "replies") as cache:
        answered(rows, cache)
        spoiled = next(iter(requests(rows.iloc[277:278], WHO))).key
        cache._cache.set(spoiled, text)
        with pytest.raises(StudyError, match=f"1 of the replies in the cache .* damaged \\({spoiled}\\)"):
            recording.record(rows, "m", cache, tmp_path, WHO)
        assert not (tmp_path / "m" / "manifest.json").exists()
        recording.record(rows, "m", cache, tmp_path, WHO)
    assert archive.read("m", OPEN, "choice", tmp_path)["status"].value_counts().to_dict() == {"ok": 439, "error": 1}
