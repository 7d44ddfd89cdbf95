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

_MODALS = {"can", "cannot", "could", "may", "might", "must", "ought", "shall", "should", "will", "would"}
_ADVERBS = {"already", "also", "almost", "always", "even", "ever", "first", "just", "never", "not", "now", "often"}
_ADVERBS |= {"quite", "rather", "seldom", "sometimes", "soon", "still", "then", "therefore", "too", "very"}
#: Verbs that end as adverbs do.
_NO_ADVERBS = {"ally", "apply", "bully", "comply", "fly", "imply", "multiply", "rally", "rely", "reply", "supply"}
#: Verbs of the present that end as the past does; so do those in -eed.
_NO_PAST = {"bed", "embed", "shed", "shred", "wed"}
_IRREGULAR = {
    "am": {"he": "is", "she": "is", "they": "are"},
    "have": {"he": "has", "she": "has"},
    "haven't": {"he": "hasn't", "she": "hasn't"},
    "do": {"he": "does", "she": "does"},
    "don't": {"he": "doesn't", "she": "doesn't"},
    "was": {"they": "were"},
    "wasn't": {"they": "weren't"},
}
_PAST = set(
    "ate became began bought broke brought built came caught chose did drew drove fell felt forgave forgot "
    "fought found gave got grew had heard held hid kept knew led left lost made meant met paid ran rose said "
    "sat saw sent slept sold spent spoke stood stole taught told took thought understood was went woke won wore "
    "wrote".split()
)
#: Past participles that make "I'd" stand for "I had"; those that are infinitives too do not ("I'd come" is "would").
_PARTICIPLES = {"been", "better", "broken", "chosen", "done", "fallen", "forgotten", "given", "gone", "grown", "known"}
_PARTICIPLES |= {"seen", "shown", "spoken", "taken", "written"} | _PAST - {"came", "did", "found", "saw", "was", "went"}
#: Verbs that stand before their "I" in questions.
_BEFORE = {"am", "do", "don't", "was", *_MODALS}
#: What stands in a word for "I" and its verb.
_CONTRACTED = {"i'm": "am", "i've": "have", "i'll": "will", "i'd": "would"}
_TOKEN = re.compile(r"[A-Za-z'’]+|[^A-Za-z'’]+")
_SENTENCE_END = re.compile(r"[.!?;:]")
_SHARED = re.compile(r"(?:^|[.!?;:,]\s+)(?:my|our|the|you)(?: \w+)? and $", re.IGNORECASE)


def in_person(statement: str, person: str) -> str:
    """Returns a first-person statement put into another person, verbs agreeing with "I" conjugated with it.

    Knows simple English: each finite verb of the speaker must follow its own "I", with at most adverbs between; "am" is
    the speaker's wherever it stands. "I'm", "I've", "I'll" and "I'd" are spelled out.
    """
    if person == "I":
        return statement
    who, words, verb_due = PERSONS[person], [], False
    tokens = _spelled_out(_TOKEN.findall(statement))
    for i, token in enumerate(tokens):
        if token == "I":
            word, verb_due = who.subject, not (_asks(tokens, i - 2) or _of_several(tokens, i))
        elif not token[0].isalpha():
            word, verb_due = token, verb_due and not _SENTENCE_END.search(token)
        elif token.lower() == "am" or _asks(tokens, i) or (verb_due and not _stands_before_verb(tokens, i)):
            word, verb_due = _conjugate(token, person), False
        else:
            word = _pronoun(token, who)
        words.append(_match_case(word, token, words))
    return "".join(words)


def _spelled_out(tokens: list[str]) -> list[str]:
    found = []
    for i, token in enumerate(tokens):
        verb = _CONTRACTED.get(_plain(token))
        if verb == "would" and _next_verb(tokens[i + 1 :]) in _PARTICIPLES:
            verb = "had"
        found += ["I", " ", verb] if verb else [token]
    return found


def _plain(word: str) -> str:
    return word.lower().replace("’", "'")


def _next_verb(tokens: list[str]) -> str:
    return next((t.lower() for t in tokens if t[0].isalpha() and not _is_adverb(t)), "")


def _is_adverb(word: str) -> bool:
    lower = word.lower()
    return lower in _ADVERBS or (lower.endswith("ly") and lower not in _NO_ADVERBS)


def _asks(tokens: list[str], i: int) -> bool:
    """Whether a word is the speaker's verb and stands before the "I": "why do I", "then am I"."""
    return i >= 0 and tokens[i + 1 : i + 3] == [" ", "I"] and tokens[i].lower() in _BEFORE


def _of_several(tokens: list[str], i: int) -> bool:
    """Whether an "I" is one of several who share a verb: "I and my friends like", "my friends and I like"."""
    before, after = "".join(tokens[:i]), "".join(tokens[i + 1 : i + 4])
    return after.startswith(" and ") or bool(_SHARED.search(before))


def _stands_before_verb(tokens: list[str], i: int) -> bool:
    """Whether a word between "I" and its verb is an adverb, or joins two: "fully and openly share"."""
    joins = tokens[i] in ("and", "or", "but") and _is_adverb(tokens[max(i - 2, 0)])
    return joins or _is_adverb(tokens[i])


def _pronoun(token: str, who: Person) -> str:
    forms = {"me": who.object, "my": who.possessive, "myself": who.reflexive}
    return forms.get(token.lower(), token)


def _conjugate(verb: str, person: str) -> str:
    lower = _plain(verb)
    if lower in _IRREGULAR:
        found = _IRREGULAR[lower].get(person)
        return found.replace("'", "’" if "’" in verb else "'") if found else verb
    if person == "they" or lower in _MODALS or lower in _PAST or lower.endswith(("n't", "'ve")) or _is_past(lower):
        return verb
    if re.search(r"(s|x|z|ch|sh|o)$", lower):
        return verb + "es"
    if re.search(r"[^aeiou]y$", lower):
        return verb[:-1] + "ies"
    return verb + "s"


def _is_past(lower: str) -> bool:
    return lower.endswith("ed") and not lower.endswith("eed") and lower not in _NO_PAST


def _match_case(word: str, token: str, before: list[str]) -> str:
    """Capitals at the start of a sentence only: "I" is always one, "he" is not."""
    starts_sentence = not before or bool(re.search(r"[.!?]\s+$", before[-1]))
    if token == "I" or word != token:
        return word[:1].upper() + word[1:] if starts_sentence else word
    return word
