"""The one exception that users meet: a message that says what is wrong and what to do next."""


class StudyError(Exception):
    """Bad input, a missing file or an unknown name, told in words meant for the user.

    Raised by every module of `lib`; the command line prints its message alone, without a traceback.
    """


def unknown(kind: str, name: object, known: object) -> StudyError:
    """Returns the error for a name that does not exist, listing in one line those that do."""
    listed = ", ".join(sorted(str(k) for k in known))
    return StudyError(f"Unknown {kind} {name!r}. There is: {listed or '(none)'}.")
