"""What was asked before: replies by request key, on disk, as text only."""

import hashlib
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import diskcache
import orjson
from diskcache.core import MODE_PICKLE, MODE_RAW

from lib import paths
from lib.answers.reply import Reply
from lib.errors import StudyError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_LOOKUP = 1_000
_CACHE_PAGES = 2**14
#: A page of the index is written again with every batch of random keys. SQLite moves pages from its log (of 128 MB at
#: most) into the database every 1,000 by default, waiting for the disk; so seldom, most are moved once for many writes.
_LOG_PAGES = 2**15
_PICKLED = f"mode = {MODE_PICKLE} OR raw = 0"
_NOTE = "note:"
#: diskcache counts its entries row by row, by triggers that take as long as the rest; here a batch is counted at once.
_COUNTING = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'Settings_%_insert'"
_ROWS = 200
#: Errors that are the file's or the disk's, not the program's.
_OF_THE_FILE = (sqlite3.DatabaseError, sqlite3.OperationalError)


@cache
def _insertion(rows: int) -> str:
    """The statement that stores so many rows; its first parameter is the time. An entry that is there stays."""
    values = ", ".join(f"(?{2 * i + 2}, 1, ?1, ?1, {MODE_RAW}, ?{2 * i + 3})" for i in range(rows))
    return f"INSERT OR IGNORE INTO Cache (key, raw, store_time, access_time, mode, value) VALUES {values}"


@cache
def _lookup(keys: int) -> str:
    """The statement that finds the replies to so many keys: in one row of lines, so that other threads go on meanwhile.

    The line is empty for an entry that has another form than `_insertion` gives it.
    """
    text = f"CASE WHEN mode = {MODE_RAW} AND filename IS NULL THEN value ELSE '' END"
    lines = f"group_concat(key, char(10)), group_concat({text}, char(10))"
    return f"SELECT {lines} FROM Cache WHERE raw = 1 AND key IN ({','.join('?' * keys)})"


def _paired(names: str, lines: str) -> dict[str, str]:
    """The keys and texts that a lookup found; texts are left empty where one is damaged so that it has two lines."""
    keys, texts = names.split("\n"), lines.split("\n")
    return dict(zip(keys, texts, strict=True)) if len(keys) == len(texts) else dict.fromkeys(keys, "")


class TextDisk(diskcache.Disk):
    """diskcache's storage without pickle: whoever can write to a cache folder must not be able to run code."""

    def put(self, key: str) -> tuple[Any, bool]:
        """Stores a key, which must be text."""
        if not isinstance(key, str):
            raise TypeError(f"Cache keys are text, not {type(key).__name__}.")
        return super().put(key)

    def get(self, key: Any, raw: bool) -> str:  # noqa: ANN401 - whatever SQLite holds
        """Reads a key."""
        if not raw:
            raise _pickled(self._directory)
        return super().get(key, raw)

    def store(self, value: str, read: bool, key: Any = diskcache.UNKNOWN) -> tuple:  # noqa: ANN401
        """Stores a value, which must be text."""
        if not isinstance(value, str):
            raise TypeError(f"Cached values are text, not {type(value).__name__}.")
        return super().store(value, read, key)

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> str:  # noqa: ANN401
        """Reads a value; one that was pickled is refused unread."""
        if mode == MODE_PICKLE:
            raise _pickled(self._directory)
        return super().fetch(mode, filename, value, read)


def _pickled(folder: str) -> StudyError:
    return StudyError(
        f"The cache {folder} holds a pickled entry, which this project never writes and does not open: it could run "
        "code. Move the folder away; recorded answers are read back from data/raw/answers."
    )


def _unusable(folder: Path, done: str, cause: BaseException) -> StudyError:
    if type(cause) is sqlite3.DatabaseError:
        return StudyError(
            f"The cache {folder} is damaged: {cause}. Move the folder away: recorded answers are taken in again from "
            "data/raw/answers, the others are asked anew (“sqlite3 cache.db .recover” may save some)."
        )
    return StudyError(
        f"The cache {folder} cannot be {done}: {cause}. What it held is safe. {paths.CACHE_VARIABLE} names another one."
    )


class ReplyCache:
    """Replies by request key. Any number of processes may use one folder; use it as a context manager."""

    def __init__(self, folder: Path | None = None) -> None:
        """Opens or creates the cache in a folder, by default in the user's cache folder.

        Raises:
            StudyError: the cache holds pickled entries, is damaged, or cannot be read or written here.
        """
        self.folder = folder or paths.cache_folder() / "replies"
        with self._told("opened"):
            self._cache = self._opened()
            # The index holds nothing but the entries that must not be there, so that looking for them takes no time.
            self._cache._sql(f"CREATE INDEX IF NOT EXISTS Cache_pickled ON Cache (mode) WHERE {_PICKLED}")
            pickled = self._cache._sql(f"SELECT 1 FROM Cache WHERE {_PICKLED} LIMIT 1").fetchall()
        if pickled:
            self._cache.close()
            raise _pickled(str(self.folder))
        self._claims: int | None = None

    def _opened(self) -> diskcache.Cache:
        # The defaults of diskcache would silently drop the oldest answers beyond 1 GiB.
        return diskcache.Cache(
            str(self.folder),
            disk=TextDisk,
            eviction_policy="none",
            cull_limit=0,
            size_limit=2**60,
            sqlite_cache_size=_CACHE_PAGES,
            # Mapped pages make nothing faster here and count once for each thread.
            sqlite_mmap_size=0,
            sqlite_wal_autocheckpoint=_LOG_PAGES,
            # Nothing is ever deleted, so there is no room to win back.
            sqlite_auto_vacuum=0,
            timeout=600,
        )

    @contextmanager
    def _told(self, done: str) -> Iterator[None]:
        """Turns what the disk or SQLite reports into words."""
        try:
            yield
        except (OSError, sqlite3.DatabaseError, diskcache.Timeout) as error:
            if isinstance(error, sqlite3.DatabaseError) and type(error) not in _OF_THE_FILE:
                raise
            # diskcache calls every failure to begin a time-out. SQLite has rolled back by itself by then, and
            # diskcache's own roll-back fails on top of the cause.
            cause = error.__context__ if isinstance(error.__context__, sqlite3.Error | OSError) else error
            raise _unusable(self.folder, done, cause) from error

    def __enter__(self) -> "ReplyCache":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self._cache.close()

    def __len__(self) -> int:
        counted = self._cache._sql("SELECT COUNT(*) FROM Cache WHERE key >= ? AND key < ?", (_NOTE, _NOTE[:-1] + ";"))
        return len(self._cache) - counted.fetchone()[0]

    def get_many(self, keys: Iterable[str]) -> dict[str, Reply]:
        """Returns the replies that are there, by key."""
        return {key: Reply.from_json(text) for key, text in self.texts(list(keys)).items()}

    def texts(self, keys: Sequence[str]) -> dict[str, str]:
        """Returns the JSON texts of the replies that are there, by key."""
        found: dict[str, str] = {}
        # Sorted here as in `put_texts`: neighbours lie on the same page.
        ordered = sorted(keys)
        with self._told("read"):
            for start in range(0, len(ordered), _LOOKUP):
                part = ordered[start : start + _LOOKUP]
                names, lines = self._cache._sql(_lookup(len(part)), part).fetchone()
                found.update(_paired(names, lines) if names is not None else ())
            if "" in found.values():
                found |= {key: self._cache.get(key) for key, text in found.items() if not text}
        return found

    def put_many(self, replies: Mapping[str, Reply]) -> None:
        """Stores replies in one transaction: all of them or none. One that is there already stays.

        Raises:
            StudyError: the disk is full; nothing of this batch is stored, everything before it is.
        """
        self.put_texts({key: reply.to_json() for key, reply in replies.items()})

    def put_texts(self, texts: Mapping[str, str]) -> None:
        """Stores replies as `put_many` does, given their JSON texts."""
        # In the order of the keys, so that neighbours go to the same page.
        pairs = [word for key in sorted(texts) for word in (key, texts[key])]
        with self._told("written"), self._cache.transact():
            self._insert(pairs)

    def drop(self, keys: Iterable[str]) -> None:
        """Takes damaged replies out, so that they are asked anew."""
        with self._told("written"):
            for key in keys:
                self._cache.delete(key)

    def _insert(self, pairs: list[str]) -> None:
        """Inserts key, text, key, text, … in a transaction, which a kill or a full disk undoes, triggers included."""
        sql, now, stored = self._cache._sql, time.time(), 0
        triggers = sql(_COUNTING).fetchall()
        for name, _ in triggers:
            sql(f"DROP TRIGGER {name}")
        for start in range(0, len(pairs), 2 * _ROWS):
            part = pairs[start : start + 2 * _ROWS]
            stored += sql(_insertion(len(part) // 2), [now, *part]).rowcount
        sql("UPDATE Settings SET value = value + ? WHERE key = 'count'", (stored,))
        for _, statement in triggers:
            sql(statement)

    def note(
        self,
        identity: str,
        served: Mapping[str, int],
        rate: float | None = None,
        reading: Mapping[str, float] | None = None,
    ) -> None:
        """Adds to what is known of a model's runs: who answered how often, when, how many a second, how it was read."""
        today = datetime.now(UTC).date().isoformat()
        with self._told("written"), self._cache.transact():
            known = self.notes(identity)
            counts = Counter(known.get("served", {}))
            counts.update(served)
            known |= {"first": known.get("first", today), "last": today, "served": dict(counts)}
            known |= {} if rate is None else {"rate": rate}
            known |= {"reading": dict(reading)} if reading else {}
            self._cache.set(_NOTE + identity, orjson.dumps(known).decode())

    def notes(self, identity: str) -> dict[str, Any]:
        """Returns what `note` gathered: `first` and `last` day, `served` (counts), `rate` (a second), `reading`."""
        with self._told("read"), suppress(orjson.JSONDecodeError):
            return orjson.loads(self._cache.get(_NOTE + identity, default="{}"))
        return {}

    def has_taken_in(self, checksum: str) -> bool:
        """Whether a file of recorded answers is in the cache already."""
        with self._told("read"):
            return f"{_NOTE}file:{checksum}" in self._cache

    def take_note_of(self, checksum: str) -> None:
        """Notes that a file of recorded answers is in the cache."""
        with self._told("written"):
            self._cache.set(f"{_NOTE}file:{checksum}", "{}")

    def claim(self, name: str, wait: bool = False) -> bool:
        """Takes a part of the work for this process, until `release` or its end, however it ends.

        Returns False if another process has it; with `wait`, waits for that one instead. Where the system has no file
        locks every claim is granted: then two processes may ask the same question, and one reply is kept.
        """
        if fcntl is None:
            return True
        if self._claims is None:
            with self._told("written"):
                self._claims = os.open(self.folder / "claims.lock", os.O_RDWR | os.O_CREAT)
        place = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=7).digest(), "big")
        try:
            fcntl.lockf(self._claims, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), 1, place)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Gives back everything claimed."""
        if self._claims is not None:
            os.close(self._claims)
            self._claims = None
