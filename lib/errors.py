"""The one exception that users meet: a message that says what is wrong and what to do next."""

from collections.abc import Iterable


class StudyError(Exception):
    """Bad input, a missing file or an unknown name, told in words meant for the user.

    Raised by every module of `lib`. The command line prints its message alone, and so does a notebook.
    """

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return [f"StudyError: {self}"]


def unknown(kind: str, name: object, known: Iterable[object]) -> StudyError:
    """Returns the error for a name that does not exist, listing in one line those that do."""
    listed = ", ".join(sorted(str(k) for k in known))
    return StudyError(f"Unknown {kind} {name!r}. There is: {listed or '(none)'}.")
