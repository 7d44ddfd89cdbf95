"""Grammatical person: turns an English statement in the first person into one about him, her or them.

Licensed questionnaires come in one person only, while a model is best asked in the person of its prime.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """One grammatical person: its pronouns, and how it is asked about."""

    id: str
    subject: str
    object: str
    possessive: str
    reflexive: str
    noun: str


PERSONS: dict[str, Person] = {
    "I": Person("I", "I", "me", "my", "myself", "you"),
    "he": Person("he", "he", "him", "his", "himself", "this man"),
    "she": Person("she", "she", "her", "her", "herself", "this woman"),
    "they": Person("they", "they", "them", "their", "themselves", "this person"),
}

_MODALS = {"can", "cannot", "could", "may", "might", "must", "shall", "should", "will", "would"}
_ADVERBS = {"always", "also", "deeply", "greatly", "just", "never", "often", "rarely", "really", "seldom"}
_ADVERBS |= {"still", "strongly", "truly", "usually"}
_IRREGULAR = {
    "am": {"he": "is", "she": "is", "they": "are"},
    "have": {"he": "has", "she": "has"},
    "do": {"he": "does", "she": "does"},
    "don't": {"he": "doesn't", "she": "doesn't"},
    "was": {"they": "were"},
}
_PAST = {"was", "were", "had", "did", "learned", "grew"}
_TOKEN = re.compile(r"[A-Za-z']+|[^A-Za-z']+")


def in_person(statement: str, person: str) -> str:
    """Returns a first-person statement put into another person, verbs agreeing with "I" conjugated with it.

    Knows simple English: each finite verb of the speaker must follow its own "I", with at most adverbs between.
    """
    if person == "I":
        return statement
    who, words, verb_due = PERSONS[person], [], False
    for token in _TOKEN.findall(statement):
        if token == "I":
            word, verb_due = who.subject, True
        elif verb_due and token.strip() and token.lower() not in _ADVERBS:
            word, verb_due = _conjugate(token, person), False
        else:
            word = _pronoun(token, who)
        words.append(_match_case(word, token, words))
    return "".join(words)


def _pronoun(token: str, who: Person) -> str:
    forms = {"me": who.object, "my": who.possessive, "myself": who.reflexive}
    return forms.get(token.lower(), token)


def _conjugate(verb: str, person: str) -> str:
    lower = verb.lower()
    if lower in _IRREGULAR:
        return _IRREGULAR[lower].get(person, verb)
    if person == "they" or lower in _MODALS or lower in _PAST:
        return verb
    if re.search(r"(s|x|z|ch|sh|o)$", lower):
        return verb + "es"
    if re.search(r"[^aeiou]y$", lower):
        return verb[:-1] + "ies"
    return verb + "s"


def _match_case(word: str, token: str, before: list[str]) -> str:
    """Capitals at the start of a sentence only: "I" is always one, "he" is not."""
    starts_sentence = not before or bool(re.search(r"[.!?]\s+$", before[-1]))
    if token == "I" or word != token:
        return word[:1].upper() + word[1:] if starts_sentence else word
    return word
