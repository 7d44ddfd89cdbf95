"""A model's folder of recorded answers while it is written to: whose it is, one writer at a time, faults in words."""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from typing import Any

from lib import paths
from lib.answers import archive
from lib.asking.identities import mode_of, of_mode
from lib.errors import StudyError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

#: Stays in the folder, empty: were it removed, two could hold locks on two files of that name.
_LOCK = ".lock"
_LATER = "“python -m lib answers” records them, with the same options"


def check(model: str, identity: str, folder: Path = paths.ANSWERS) -> None:
    """Checks before anything is asked that its answers can be recorded, beside those that are.

    Raises:
        StudyError: the folder holds answers of another model or identity, a manifest that cannot be read, or cannot be
            written to.
    """
    home = archive.home(model, folder)
    held(model, identity, folder)
    there = next(p for p in (home, *home.parents) if p.exists())
    with _told(model, home, f"With --cache-only they stay in the cache, until {_LATER}."):
        tempfile.TemporaryFile(dir=there).close()


def held(model: str, identity: str, folder: Path = paths.ANSWERS) -> dict[str, Any]:
    """Returns the manifest of a model's folder, with no files where there is none yet.

    Raises:
        StudyError: it is another model's, or was recorded under another identity: nothing recorded is overwritten.
    """
    home = archive.home(model, folder)
    if not (home / "manifest.json").exists():
        return {"files": {}}
    manifest = archive.manifest(home)
    if manifest["model"] != model:
        raise StudyError(
            f"{home} holds answers of {manifest['model']!r}; {model!r} would have the same folder. Give one of them "
            "another name."
        )
    if not all(agrees(name, manifest, identity) for name in manifest["files"]):
        raise _foreign(home, manifest["identity"], identity)
    return manifest


def agrees(name: str, manifest: Mapping[str, Any], identity: str) -> bool:
    """Returns whether a recorded file's answers are of this identity, as far as its mode is concerned."""
    return of_mode(manifest["identity"], mode_of(name)) == of_mode(identity, mode_of(name))


def _foreign(home: Path, before: str, now: str) -> StudyError:
    service = _service(before, now)
    moved = f'The same model at another address: give its table there service = "{service}". ' if service else ""
    return StudyError(
        f"{home} holds answers recorded under the identity {before}; these would be recorded under {now}. Recorded "
        "answers are not overwritten. Another model, or other settings: give it a name of its own in "
        f"data/raw/models.toml (a table with model = the server's name for it). {moved}To begin anew: move {home} away."
    )


def _service(before: str, now: str) -> str:
    """The service of an identity that differs from another in nothing else, or nothing."""
    (old, settings), (new, other) = (identity.partition("#")[::2] for identity in (before, now))
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old[::-1], new[::-1], strict=False)))
    # The model's name begins at a colon that is neither a scheme's nor a port's.
    name = re.search(r":(?!//|\d+(?:[/:]|$)).*", old[len(old) - same :])
    return old.partition(":")[2].removesuffix(name[0]) if name and settings == other and "://" in new else ""


@contextmanager
def opened(model: str, identity: str, folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yields a model's folder and its manifest, for one writer at a time; another one waits.

    Where the system has no file locks nobody waits.

    Raises:
        StudyError: as `check`; or the disk is full. What was recorded before is untouched then.
    """
    home = archive.home(model, folder)
    with _told(model, home, f"Make room, or the folder writable; then {_LATER}."):
        home.mkdir(parents=True, exist_ok=True)
        with _locked(home / _LOCK):
            try:
                yield home, held(model, identity, folder)
            finally:
                for left in home.glob("*.part"):
                    left.unlink()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if fcntl is not None:
            # Some file systems know no locks.
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _told(model: str, home: Path, advice: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StudyError(
            f"Answers of {model} cannot be recorded in {home}: {error.strerror or error}. What was recorded before is "
            f"as it was, and replies are safe in the cache. {advice}"
        ) from error
