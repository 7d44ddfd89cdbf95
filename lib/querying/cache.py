"""What was asked before: replies by request key, on disk, as text only."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import diskcache
from diskcache.core import MODE_PICKLE

from lib import paths
from lib.errors import StudyError
from lib.querying.endpoints import Reply


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


class ReplyCache:
    """Replies by request key. Any number of processes may use one folder; use it as a context manager."""

    def __init__(self, folder: Path | None = None) -> None:
        """Opens or creates the cache in a folder, by default in the user's cache folder.

        Raises:
            StudyError: the cache holds pickled entries.
        """
        self.folder = folder or paths.cache_folder() / "replies"
        # The defaults of diskcache would silently drop the oldest answers beyond 1 GiB.
        self._cache = diskcache.Cache(
            str(self.folder),
            disk=TextDisk,
            eviction_policy="none",
            cull_limit=0,
            size_limit=2**60,
            timeout=600,
        )
        if self._cache._sql("SELECT 1 FROM Cache WHERE mode = ? OR raw = 0 LIMIT 1", (MODE_PICKLE,)).fetchall():
            self._cache.close()
            raise _pickled(str(self.folder))

    def __enter__(self) -> "ReplyCache":
        return self

    def __exit__(self, *_: object) -> None:
        self._cache.close()

    def __len__(self) -> int:
        return len(self._cache)

    def get_many(self, keys: Iterable[str]) -> dict[str, Reply]:
        """Returns the replies that are there, by key."""
        with self._cache.transact(retry=True):
            found = ((key, self._cache.get(key, retry=True)) for key in keys)
            return {key: Reply.from_json(text) for key, text in found if text is not None}

    def put_many(self, replies: dict[str, Reply]) -> None:
        """Stores replies in one transaction: all of them or none. One that is there already stays.

        Raises:
            StudyError: the disk is full; nothing of this batch is stored, everything before it is.
        """
        try:
            with self._cache.transact(retry=True):
                for key, reply in replies.items():
                    self._cache.add(key, reply.to_json(), retry=True)
        except OSError as error:
            raise StudyError(f"The cache {self.folder} cannot be written: {error}. What it held is safe.") from error
