import sqlite3
import threading

import pytest

from lib.answers.reply import Reply
from lib.asking.cache import ReplyCache
from lib.asking.prompting import Prompt
from lib.asking.requests import request_key
from lib.errors import StudyError


def test_replies_come_back_as_they_were(tmp_path):
    replies = {
        "a": Reply("ok", logprob=-1.25, tokens_in=9, tokens_scored=4),
        "b": Reply("ok", probabilities=(0.25, 0.5), unmatched=0.25, tokens_in=3, tokens_scored=1),
        "c": Reply("refused", message='As an AI "model" …'),
    }
    with ReplyCache(tmp_path) as cache:
        cache.put_many(replies)
    with ReplyCache(tmp_path) as cache:
        assert cache.get_many(["a", "b", "c", "d"]) == replies
        assert len(cache) == 3


def test_the_first_answer_stays(tmp_path):
    with ReplyCache(tmp_path) as cache:
        cache.put_many({"a": Reply("ok", logprob=-1.0)})
        cache.put_many({"a": Reply("ok", logprob=-2.0)})
        assert cache.get_many(["a"])["a"].logprob == -1.0


def test_nothing_is_ever_evicted(tmp_path):
    with ReplyCache(tmp_path) as cache:
        inner = cache._cache
        assert inner.eviction_policy == "none"
        assert inner.cull_limit == 0
        assert inner.size_limit >= 2**50


def test_two_writers_at_once_lose_nothing(tmp_path):
    def write(start):
        with ReplyCache(tmp_path) as cache:
            for i in range(start, start + 200, 20):
                cache.put_many({str(k): Reply("ok", logprob=-float(k)) for k in range(i, i + 20)})

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ReplyCache(tmp_path) as cache:
        assert cache.get_many(str(k) for k in range(400)) == {
            str(k): Reply("ok", logprob=-float(k)) for k in range(400)
        }


def test_a_full_disk_loses_nothing_that_was_there(tmp_path):
    """SQLite says "database or disk is full", for real, when the file may not grow."""
    with ReplyCache(tmp_path) as cache:
        cache.put_many({"a": Reply("ok", logprob=-1.0)})
        pages = cache._cache._sql("PRAGMA page_count").fetchone()[0]
        cache._cache._sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StudyError, match="disk is full.*What it held is safe"):
            cache.put_many({str(k): Reply("refused", message="no" * 500) for k in range(200)})
        assert set(cache.get_many(["a", *map(str, range(200))])) == {"a"}


def test_keys_tell_apart_all_that_an_answer_depends_on():
    prompts = [
        Prompt("likelihood", "a", "b"),
        Prompt("likelihood", "b", "a"),
        Prompt("likelihood", "ab", ""),
        Prompt("choice", "a", "b"),
        Prompt("choice", "a", "b", ("1", "2")),
    ]
    keys = {request_key(identity, p, replicate) for identity in "xy" for p in prompts for replicate in (0, 1)}
    assert len(keys) == 2 * 2 * len(prompts)


def test_diskcache_finds_its_own_counts_right_after_a_batch(tmp_path):
    with ReplyCache(tmp_path) as cache:
        cache.put_many({str(k): Reply("ok", logprob=-1.0) for k in range(450)})
        cache.put_many({str(k): Reply("ok", logprob=-2.0) for k in range(400, 700)})
        cache._cache["one more"] = "{}"
        assert cache._cache.check() == []
        assert len(cache) == len(cache._cache) == 701


def test_a_batch_that_fails_leaves_counting_on(tmp_path):
    with ReplyCache(tmp_path) as cache:
        with pytest.raises(TypeError):
            cache.put_texts({"a": "{}", 1: "{}"})
        with pytest.raises(sqlite3.ProgrammingError):
            cache.put_texts({"a": "{}", "b": object()})
        assert len(cache) == 0
        cache._cache["c"] = "{}"
        assert cache._cache.check() == []
        assert len(cache._cache) == 1


@pytest.mark.parametrize("damage", ["cut", "middle", "text"])
def test_a_damaged_cache_is_told_with_the_way_out(tmp_path, damage):
    with ReplyCache(tmp_path) as cache:
        cache.put_many({str(k): Reply("refused", message=str(k) * 200) for k in range(3_000)})
    path = tmp_path / "cache.db"
    whole = path.read_bytes()
    third = len(whole) // 3
    spoiled = {
        "cut": whole[:third],
        "middle": whole[:4096] + b"x" * third + whole[4096 + third :],
        "text": b"x" * 5_000,
    }
    path.write_bytes(spoiled[damage])
    with pytest.raises(StudyError, match="is damaged: .*Move the folder away: recorded answers are taken in again"):  # noqa: SIM117
        with ReplyCache(tmp_path) as cache:
            cache.get_many(map(str, range(3_000)))
            cache.put_many({str(k): Reply("ok", logprob=-1.0) for k in range(9_000, 12_000)})


def test_a_cache_that_cannot_be_opened(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="cannot be opened: .*INDUCED_VALUES_CACHE names another one"):
        ReplyCache(tmp_path / "file")
    monkeypatch.setenv("INDUCED_VALUES_CACHE", str(tmp_path / "file"))
    with pytest.raises(StudyError, match="file cannot be made: .*INDUCED_VALUES_CACHE names another one"):
        ReplyCache()


def test_a_read_only_cache_is_told(tmp_path):
    with ReplyCache(tmp_path) as cache:
        cache._cache._sql("PRAGMA query_only = 1")
        with pytest.raises(StudyError, match="cannot be written: attempt to write a readonly database"):
            cache.put_many({"a": Reply("ok", logprob=-1.0)})
        with pytest.raises(StudyError, match="cannot be written"):
            cache.note("m", {"m": 1})


def test_a_damaged_note_is_no_note(tmp_path):
    with ReplyCache(tmp_path) as cache:
        cache.note("m", {"m": 1})
        cache._cache.set("note:m", "{")
        assert cache.notes("m") == {}
