"""Value induction: from a condition to the words that the model reads.

The primes are data (`data/raw/inductions.toml`): induction → wording → grammatical person. A new wording is a new table
in that file.
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lib import paths
from lib.errors import StudyError, unknown
from lib.instruments import Instrument
from lib.persons import PERSONS, in_person
from lib.values import BY_CODE, CODES, NO_VALUE, VALUES

#: Response modes that yield a distribution in one request, which a plan holds unless told otherwise: the probability
#: of a statement, the probabilities of the response options.
MODES = ("likelihood", "choice")
#: All response modes: also a sampled reply.
ALL_MODES = (*MODES, "text")
#: In which order the response options stand: lowest first, highest first, or drawn for each respondent and item.
ORDERS = ("listed", "reversed", "shuffled")
LISTED = ORDERS[0]
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


@dataclass(frozen=True, slots=True)
class Prompt:
    """What one question puts to a model.

    Attributes:
        mode: one of `ALL_MODES`.
        prime: the induction; in the modes `choice` and `text` it opens the conversation.
        text: `likelihood`: the statement whose probability is asked. Otherwise: the question with its options.
        labels: the labels an option is named by, in the order shown; empty for `likelihood`.
        order: which option stands at each place shown, counted from the lowest as 0; empty where they stand as
            listed. What a label means is read off with `option`, and only there.
    """

    mode: str
    prime: str
    text: str
    labels: tuple[str, ...] = ()
    order: tuple[int, ...] = ()

    def option(self, place: int) -> int:
        """Returns the option (0 is the lowest) that was shown at a place (0 is the first)."""
        return self.order[place] if self.order else place

    def by_option(self, shown: Sequence[float]) -> tuple[float, ...]:
        """Returns numbers that stand in the order shown, one for each option, lowest option first."""
        if not self.order:
            return tuple(shown)
        sorted_out = [0.0] * len(shown)
        for place, number in enumerate(shown):
            sorted_out[self.option(place)] = number
        return tuple(sorted_out)


@cache
def templates(path: Path = INDUCTIONS_FILE) -> Templates:
    """Returns the checked prime templates, induction → wording → person.

    Raises:
        StudyError: unreadable file, a person without its template, a wording that lacks the neutral prime, or a
            template with a placeholder it may not have.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise StudyError(f"{path}: {error}") from error
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
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise StudyError(f"{path}: {error}") from error
    if found.keys() != BY_CODE.keys() or not all(isinstance(text, str) for text in found.values()):
        raise StudyError(f"{path} must have one text for each of {', '.join(CODES)}.")
    return found


def likelihood_prompt(prime_text: str, statement: str) -> Prompt:
    """Returns the question how probable a statement is after the prime."""
    return Prompt("likelihood", prime_text, statement)


def option_order(order: str, n: int, respondent: Sequence[object]) -> tuple[int, ...]:
    """Returns which option stands at each place; empty for the order as listed.

    Args:
        order: one of `ORDERS`.
        n: how many options, up to 16.
        respondent: what the shuffled order is seeded with: all that tells one respondent and item from another.

    Raises:
        StudyError: an unknown order.
    """
    if order not in ORDERS:
        raise unknown("order", order, ORDERS)
    if order == LISTED:
        return ()
    if order == "reversed":
        return tuple(reversed(range(n)))
    digest = hashlib.blake2b("|".join(map(str, respondent)).encode()).digest()
    return tuple(sorted(range(n), key=lambda option: digest[4 * option : 4 * option + 4]))


def options_prompt(
    mode: str, prime_text: str, statement: str, instrument: Instrument, person: str, order: tuple[int, ...] = ()
) -> Prompt:
    """Returns the question which response option is chosen; the statement comes last, so that prefixes are shared."""
    who = PERSONS[person]
    options = [o.format(object=who.object) for o in instrument.options]
    shown = [options[i] for i in order] if order else options
    lines = [
        instrument.question.format(noun=who.noun),
        *(f"{label} = {option}" for label, option in zip(instrument.labels, shown, strict=True)),
        "Reply with the number alone.",
        "",
        f'Statement: "{statement}"',
    ]
    return Prompt(mode, prime_text, "\n".join(lines), instrument.labels, order)


def prompt(
    mode: str, prime_text: str, statement: str, instrument: Instrument, person: str, order: tuple[int, ...] = ()
) -> Prompt:
    """Returns the prompt of a question in the given response mode."""
    if mode not in ALL_MODES:
        raise unknown("mode", mode, ALL_MODES)
    if mode == "likelihood":
        return likelihood_prompt(prime_text, statement)
    return options_prompt(mode, prime_text, statement, instrument, person, order)
