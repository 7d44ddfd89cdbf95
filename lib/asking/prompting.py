"""Questions in words: from a row of the plan to what the model reads."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lib.errors import unknown
from lib.materials.induction import prime
from lib.materials.instruments import Instrument, item_texts, load
from lib.materials.persons import PERSONS
from lib.materials.questions import ALL_MODES, LISTED, ORDERS


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


@dataclass(frozen=True)
class Composer:
    """Puts questions into words; instruments are read and primes made once each."""

    instruments: dict[str, Instrument]
    texts: dict[str, dict[tuple[str, str], str]]
    primes: dict[tuple[str, ...], str]

    @classmethod
    def of(cls, plan: pd.DataFrame) -> "Composer":
        """Returns a composer for the instruments of a plan."""
        used = {name: load(name) for name in plan["instrument"].unique()}
        return cls(used, {name: item_texts(i) for name, i in used.items()}, {})

    def prompt(self, row: tuple) -> Prompt:
        """Returns the prompt of one question, given as its `QUESTION` columns."""
        name, mode, wording, person, induction, condition, item, order, replicate = row
        named = (induction, condition, wording, person)
        if named not in self.primes:
            self.primes[named] = prime(*named)
        statement = self.texts[name][item, person]
        if mode == "likelihood":
            return likelihood_prompt(self.primes[named], statement)
        instrument = self.instruments[name]
        respondent = (name, item, wording, person, induction, condition, replicate)
        shown = option_order(order, len(instrument.options), respondent)
        return prompt(mode, self.primes[named], statement, instrument, person, shown)
