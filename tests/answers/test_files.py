"""Recorded answers: written from the cache in a stream, added to, read back from today's and from older files."""

import json
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from asking import OPEN, plan

from lib import paths
from lib.answers import archive
from lib.answers.files import checksum
from lib.answers.reply import Reply
from lib.asking import recording
from lib.asking.cache import ReplyCache
from lib.asking.runner import requests
from lib.errors import StudyError

WHO = "openai:http://a/v1:m"


@pytest.fixture
def cache(tmp_path):
    with ReplyCache(tmp_path / "replies") as opened:
        yield opened


def answered(rows, cache, mode="choice"):
    draws = np.random.default_rng(1)
    replies = {}
    for i, request in enumerate(requests(rows, WHO)):
        if mode == "choice":
            shares = tuple(float(p) for p in draws.dirichlet(np.ones(7)))
            reply = Reply("ok", None, shares[:6], shares[6], 90, 1, tokens_out=1)
        elif i % 3:
            reply = Reply("ok", message=f"Answer: {i % 6 + 1}", response=i % 6 + 1, tokens_in=80, tokens_out=3)
        else:
            reply = Reply("refused", message="I can't, “really”\n.", tokens_in=80)
        replies[request.key] = reply
    cache.put_many(replies)
    return replies


def test_a_reply_survives_its_json():
    for reply in (
        Reply("ok", logprob=-1.25, tokens_in=3, tokens_scored=2),
        Reply("ok", None, (0.0, 0.25, 1 / 3), 0.0, 90, 1, tokens_out=1),
        Reply("refused", message="No “thanks”\n"),
        Reply("ok", response=1, message="1"),
    ):
        assert Reply.from_json(reply.to_json()) == reply


@pytest.mark.parametrize("mode", ["choice", "text"])
def test_recording_is_collecting_and_writing(tmp_path, cache, mode):
    rows = plan(mode, orders=["listed", "shuffled"], replicates=2)
    answered(rows.iloc[:-7], cache, mode)
    collected = recording.collect(rows, WHO, cache)
    recording.record(rows, "m", cache, tmp_path / "a", WHO)
    recording.write(collected, "m", tmp_path / "b", WHO)
    read = [archive.read("m", OPEN, mode, tmp_path / folder, order=None) for folder in "ab"]
    pd.testing.assert_frame_equal(*read)
    assert (read[0]["status"] == "error").sum() == 7
    assert list(read[0]["order"].unique()) == ["listed", "shuffled"]
    assert read[0]["message"].tolist() == collected["message"].tolist()
    assert np.array_equal(read[0]["response"], collected["response"], equal_nan=True)
    shown = collected["probabilities"].iloc[0]
    assert (shown is None) == (mode == "text")


@pytest.mark.parametrize("chunk", [recording._CHUNK, 70])
@pytest.mark.parametrize("mode", ["choice", "text"])
def test_an_archive_fills_an_empty_cache(tmp_path, cache, mode, chunk, monkeypatch):
    """Also one whose file has many parts, which are taken in several at a time."""
    monkeypatch.setattr(recording, "_CHUNK", chunk)
    monkeypatch.setattr(recording, "_SORTED", 3 * chunk)
    rows = plan(mode, orders=["shuffled"])
    replies = answered(rows, cache, mode)
    recording.record(rows, "m", cache, tmp_path / "a", WHO)
    with ReplyCache(tmp_path / "other") as other:
        assert recording.fill_cache("m", other, tmp_path / "a", WHO) == len(replies)
        filled = other.get_many(replies)
        assert recording.fill_cache("m", other, tmp_path / "a", "openai:http://b/v1:m") == 0
    for key, reply in replies.items():
        assert filled[key].status == reply.status
        assert (filled[key].message, filled[key].response) == (reply.message, reply.response)
        assert filled[key].tokens_in == reply.tokens_in
        if reply.probabilities:
            assert filled[key].probabilities == pytest.approx(reply.probabilities, rel=1e-6)


def test_what_was_recorded_of_other_questions_stays(tmp_path, cache):
    rows = plan(replicates=2)
    answered(rows, cache)
    recording.record(rows.iloc[:500], "m", cache, tmp_path, WHO)
    first = archive.read("m", OPEN, "choice", tmp_path)
    recording.record(rows.iloc[400:], "m", cache, tmp_path, WHO)
    both = archive.read("m", OPEN, "choice", tmp_path)
    assert sorted(both["key"]) == sorted(r.key for r in requests(rows, WHO))
    kept = both.set_index("key").loc[first["key"]].reset_index()
    pd.testing.assert_frame_equal(kept[first.columns], first, check_categorical=False)
    manifest = json.loads((tmp_path / "m" / "manifest.json").read_text())
    assert manifest["files"][f"{OPEN}_choice.parquet"]["rows"] == 880
    assert manifest["files"][f"{OPEN}_choice.parquet"]["status"]["ok"] == 880


def test_answers_of_another_model_of_the_same_name_are_not_written_over(tmp_path, cache):
    rows = plan()
    answered(rows, cache)
    recording.record(rows, "m", cache, tmp_path, WHO)
    before = {path.name: path.read_bytes() for path in (tmp_path / "m").iterdir()}
    for other in ("openai:http://b/v1:m", WHO + '#all={"seed":1}', "openai:http://a/v1:m2"):
        with pytest.raises(
            StudyError, match=f"recorded under the identity {WHO}; these would be recorded under"
        ) as told:
            recording.record(rows.iloc[:10], "m", cache, tmp_path, other)
        assert other in str(told.value)
    assert {path.name: path.read_bytes() for path in (tmp_path / "m").iterdir()} == before


def test_what_was_answered_elsewhere_meanwhile_is_not_forgotten(tmp_path, cache):
    """Two machines with caches of their own and one folder: the second has no answer to what the first recorded."""
    rows = plan()
    answered(rows.iloc[:300], cache)
    recording.record(rows, "m", cache, tmp_path, WHO)
    first = archive.read("m", OPEN, "choice", tmp_path).set_index("key")
    with ReplyCache(tmp_path / "other") as other:
        answered(rows.iloc[200:], other)
        recording.record(rows, "m", other, tmp_path, WHO)
    both = archive.read("m", OPEN, "choice", tmp_path).set_index("key")
    assert len(both) == 440 and set(both["status"]) == {"ok"}
    kept = first.index[:200]
    pd.testing.assert_frame_equal(both.loc[kept], first.loc[kept], check_categorical=False)


def test_files_without_the_later_columns_are_read(tmp_path, cache):
    rows = plan()
    answered(rows, cache)
    recording.record(rows, "m", cache, tmp_path, WHO)
    today = archive.read("m", OPEN, "choice", tmp_path)
    path = tmp_path / "m" / f"{OPEN}_choice.parquet"
    older = pq.read_table(path).drop_columns(["order", "response", "tokens_out"])
    pq.write_table(older, path)
    manifest = json.loads((path.parent / "manifest.json").read_text())
    manifest["files"][path.name]["sha256"] = checksum(path)
    (path.parent / "manifest.json").write_text(json.dumps(manifest))
    read = archive.read("m", OPEN, "choice", tmp_path)
    pd.testing.assert_frame_equal(read, today.assign(tokens_out=np.int32(0)), check_categorical=False)


def test_a_damaged_file_is_not_added_to(tmp_path, cache):
    rows = plan()
    answered(rows, cache)
    recording.record(rows, "m", cache, tmp_path, WHO)
    path = tmp_path / "m" / f"{OPEN}_choice.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StudyError, match="altered or cut short"):
        recording.record(rows, "m", cache, tmp_path, WHO)


def test_the_manifest_says_who_answered(tmp_path, cache):
    rows = plan(rows=5)
    answered(rows, cache)
    cache.note(WHO, {"m-2025 fp_1": 3}, rate=9.0)
    cache.note(WHO, {"m-2025 fp_1": 1, "m-2025 fp_2": 1})
    manifest = json.loads(recording.record(rows, "m", cache, tmp_path, WHO).read_text())
    assert manifest["asked"]["served"] == {"m-2025 fp_1": 4, "m-2025 fp_2": 1}
    assert manifest["identity"] == WHO
    assert len(cache) == 5


IMPORTING = """
import os, signal, sys
from pathlib import Path
from lib.asking import cache, recording
recording._SORTED = 200
stored = cache.ReplyCache._insert
def insert(self, pairs):
    stored(self, pairs)
    if len(self._cache) == 600:  # counted, though the third batch is not yet committed
        os.kill(os.getpid(), signal.SIGKILL)
cache.ReplyCache._insert = insert
with cache.ReplyCache(Path(sys.argv[1])) as opened:
    recording.fill_cache("m", opened, Path(sys.argv[2]), sys.argv[3])
"""


def test_an_import_killed_half_way_and_repeated(tmp_path, cache):
    rows = plan(replicates=2)
    replies = answered(rows, cache)
    recording.record(rows, "m", cache, tmp_path / "a", WHO)
    command = [sys.executable, "-c", IMPORTING, str(tmp_path / "other"), str(tmp_path / "a"), WHO]
    assert subprocess.run(command, cwd=paths.ROOT).returncode == -signal.SIGKILL
    with ReplyCache(tmp_path / "other") as other:
        assert len(other) == 400
        assert recording.fill_cache("m", other, tmp_path / "a", WHO) == len(replies) == len(other)
        assert other._cache.check() == []
        recording.record(rows, "m", other, tmp_path / "b", WHO)
    first, again = (archive.read("m", OPEN, "choice", tmp_path / folder) for folder in "ab")
    pd.testing.assert_frame_equal(first, again)
    name = f"m/{OPEN}_choice.parquet"
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_texts_of_answers_are_json_whatever_they_hold(tmp_path, cache):
    held = [
        Reply("ok", None, (1.0, 0.0, 1e-30), 0.0, 9, 1),
        Reply("refused", message='"quoted" \\ \n\t\x01 “ü” \U0001f600'),
        Reply("unparsed", unmatched=1.0, tokens_in=3),
        Reply("ok", response=2, message=""),
        Reply("ok", None, (), 0.5),
    ]
    rows = plan(rows=len(held))
    keys = [r.key for r in requests(rows, WHO)]
    cache.put_many(dict(zip(keys, held, strict=True)))
    recording.record(rows, "m", cache, tmp_path / "a", WHO)
    with ReplyCache(tmp_path / "other") as other:
        recording.fill_cache("m", other, tmp_path / "a", WHO)
        back = other.get_many(keys)
    for key, reply in zip(keys, held, strict=True):
        assert back[key] == reply._replace(probabilities=back[key].probabilities)
        if reply.probabilities:
            assert back[key].probabilities == pytest.approx(reply.probabilities, rel=1e-6, abs=1e-36)
        else:
            assert back[key].probabilities == reply.probabilities


def test_a_disk_that_is_really_full(tmp_path):
    with ReplyCache(tmp_path) as cache:
        cache.put_many({"a" * 32: Reply("ok", logprob=-1.0)})
        pages = cache._cache._sql("PRAGMA page_count").fetchone()[0]
        cache._cache._sql(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StudyError, match="What it held is safe"):
            cache.put_many({str(k): Reply("ok", logprob=-2.0, message="x" * 100) for k in range(1000)})
        assert set(cache.get_many(["a" * 32, "0", "1"])) == {"a" * 32}
