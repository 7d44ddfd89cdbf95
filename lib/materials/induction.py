"""Value induction: the sentence that puts a condition to the model.

The primes are data (`data/raw/inductions.toml`): induction → wording → grammatical person. A new wording is a new table
in that file.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from lib import paths
from lib.errors import StudyError, unknown
from lib.materials import reading
from lib.materials.persons import PERSONS, in_person
from lib.materials.values import BY_CODE, CODES, NO_VALUE, VALUES

INDUCTIONS_FILE = paths.RAW / "inductions.toml"
BIOGRAPHIES_FILE = paths.RAW / "biographies.toml"
#: Whose definition each value is given in the induction `shuffled`: no value its own or a neighbour's. Of 20,000 such
#: draws (seed 1992) the one that tells least of the circle: its cosine matrix so relabelled correlates at -.02 with
#: itself, and a value and its lender lie at right angles on average. A rotation would have kept the circle whole.
SHUFFLED: Mapping[str, str] = dict(
    zip(CODES, ("HE", "ST", "SE", "UN", "TR", "PO", "CO", "SD", "BE", "AC"), strict=True)
)
#: The numbers in the induction `scores`: of the induced value, of the others.
SCORES = (6, 3)
Templates = Mapping[str, Mapping[str, Mapping[str, str]]]


@cache
def templates(path: Path = INDUCTIONS_FILE) -> Templates:
    """Returns the checked prime templates, induction → wording → person.

    Raises:
        StudyError: unreadable file, a person without its template, a wording that lacks the neutral prime, or a
            template with a placeholder it may not have.
    """
    found = reading.toml(path)
    for induction, wordings in found.items():
        for wording, by_person in wordings.items():
            where = f"{path}: [{induction}.{wording}]"
            if by_person.keys() != PERSONS.keys():
                raise StudyError(f"{where} must have the persons {', '.join(PERSONS)}.")
            if wording not in found.get("none", {}):
                raise StudyError(f"{where} has no neutral prime: add [none.{wording}].")
            for template in by_person.values():
                _check_template(where, induction, template)
    return found


_BLANKS = ("name", "definition", "shuffled_definition", "biography", "scores")


def _check_template(where: str, induction: str, template: str) -> None:
    named = any(f"{{{blank}}}" in template for blank in _BLANKS)
    try:
        template.format(**dict.fromkeys(_BLANKS, ""))
    except (KeyError, IndexError, ValueError) as error:
        allowed = ", ".join(f"{{{blank}}}" for blank in _BLANKS)
        raise StudyError(f"{where}: only {allowed} may stand in braces ({template!r}).") from error
    if named == (induction == NO_VALUE):
        raise StudyError(f"{where}: a neutral prime names no value, every other names one ({template!r}).")


def inductions() -> tuple[str, ...]:
    """Returns the inductions that put a value (not `none`)."""
    return tuple(i for i in templates() if i != NO_VALUE)


def wordings() -> tuple[str, ...]:
    """Returns the wordings; each exists in every induction's table or is skipped there."""
    return tuple(templates()["none"])


def prime(induction: str, condition: str, wording: str, person: str) -> str:
    """Returns the prime, e.g. "Imagine a man who greatly values power. …".

    Args:
        induction: a table of the inductions file; `none` for the neutral prime.
        condition: a value's code, or `none` with the induction `none`.
        wording: a wording of that induction.
        person: I, he, she or they.

    Raises:
        StudyError: a name that is not in the file.
    """
    table = templates()
    if induction not in table:
        raise unknown("induction", induction, table)
    if wording not in table[induction]:
        raise unknown("wording", wording, table[induction])
    if person not in PERSONS:
        raise unknown("person", person, PERSONS)
    template = table[induction][wording][person]
    if induction == NO_VALUE:
        return template
    if condition not in BY_CODE:
        raise unknown("condition", condition, BY_CODE)
    value, (high, low) = BY_CODE[condition], SCORES
    return template.format(
        name=value.name,
        definition=value.definition,
        shuffled_definition=BY_CODE[SHUFFLED[condition]].definition,
        biography=in_person(biographies()[condition], person),
        scores=", ".join(f"{v.name} {high if v is value else low}" for v in VALUES),
    )


@cache
def biographies(path: Path = BIOGRAPHIES_FILE) -> Mapping[str, str]:
    """Returns the checked biographies by value, in the first person.

    Raises:
        StudyError: unreadable file, or a value without its biography.
    """
    found = reading.toml(path)
    if found.keys() != BY_CODE.keys() or not all(isinstance(text, str) for text in found.values()):
        raise StudyError(f"{path} must have one text for each of {', '.join(CODES)}.")
    return found
