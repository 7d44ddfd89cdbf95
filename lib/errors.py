"""The one exception that users meet: what is wrong and what to do next; and how faulty files are left out."""

import warnings
from collections.abc import Callable, Iterable
from typing import TypeVar

_Name = TypeVar("_Name")


class StudyError(Exception):
    """Bad input, a missing file or an unknown name, told in words meant for the user.

    Raised by every module of `lib`. The command line prints its message alone, and so does a notebook.
    """

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return [f"StudyError: {self}"]


class LeftOutWarning(UserWarning):
    """One of several files is faulty: the others are gone on with."""


def unknown(kind: str, name: object, known: Iterable[object]) -> StudyError:
    """Returns the error for a name that does not exist, listing in one line those that do."""
    listed = ", ".join(sorted(str(k) for k in known))
    return StudyError(f"Unknown {kind} {name!r}. There is: {listed or '(none)'}.")


def sound(names: Iterable[_Name], read: Callable[[_Name], object]) -> list[_Name]:
    """Returns the names that can be read, so that one faulty file does not stop the others.

    What is left out is said in a warning. Whoever asks for it by name gets the error.
    """
    found = []
    for name in names:
        try:
            read(name)
        except StudyError as error:
            warnings.warn(f"Left out: {error}", LeftOutWarning, stacklevel=3)
        else:
            found.append(name)
    return found
