import pytest

from lib import instruments
from lib.persons import PERSONS, in_person


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ("I", "I always want what is mine. My friends know me; I rely on myself."),
        ("he", "He always wants what is mine. His friends know him; he relies on himself."),
        ("she", "She always wants what is mine. Her friends know her; she relies on herself."),
        ("they", "They always want what is mine. Their friends know them; they rely on themselves."),
    ],
)
def test_pronouns_and_verbs(person, expected):
    assert in_person("I always want what is mine. My friends know me; I rely on myself.", person) == expected


@pytest.mark.parametrize(
    ("verb", "he", "they"),
    [
        ("am", "is", "are"),
        ("have", "has", "have"),
        ("do", "does", "do"),
        ("don't", "doesn't", "don't"),
        ("was", "was", "were"),
        ("try", "tries", "try"),
        ("obey", "obeys", "obey"),
        ("wish", "wishes", "wish"),
        ("go", "goes", "go"),
        ("should", "should", "should"),
    ],
)
def test_conjugation(verb, he, they):
    assert in_person(f"Today I {verb} it.", "he") == f"Today he {he} it."
    assert in_person(f"Today I {verb} it.", "they") == f"Today they {they} it."


def test_the_open_instrument_says_the_same_in_every_person():
    """Forty portraits were written out in four persons; the derivation must give the same."""
    for item in instruments.load("open_portraits").items:
        for person in PERSONS:
            assert in_person(item.texts["I"], person) == item.texts[person]
