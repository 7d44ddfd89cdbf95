import re

import pytest

from lib.materials import instruments
from lib.materials.persons import PERSONS, in_person


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


#: The first person, he and they; she is he with other pronouns.
SENTENCES = [
    ("I'm calm.", "He is calm.", "They are calm."),
    ("I’m calm.", "He is calm.", "They are calm."),
    ("I'm not averse to risk", "He is not averse to risk", "They are not averse to risk"),
    (
        "I show my feelings when I'm happy.",
        "He shows his feelings when he is happy.",
        "They show their feelings when they are happy.",
    ),
    ("Every plan I’m part of works.", "Every plan he is part of works.", "Every plan they are part of works."),
    ("I'd rather win.", "He would rather win.", "They would rather win."),
    ("I’d always help.", "He would always help.", "They would always help."),
    ("I'd need a rest.", "He would need a rest.", "They would need a rest."),
    ("I'd better go.", "He had better go.", "They had better go."),
    ("I'd never been there.", "He had never been there.", "They had never been there."),
    ("I'd come if asked.", "He would come if asked.", "They would come if asked."),
    ("I've tried.", "He has tried.", "They have tried."),
    ("I've always had my way.", "He has always had his way.", "They have always had their way."),
    ("The work I’ve done is mine.", "The work he has done is mine.", "The work they have done is mine."),
    ("I'll stay.", "He will stay.", "They will stay."),
    ("I’ll never lie to my friends.", "He will never lie to his friends.", "They will never lie to their friends."),
    ("I haven't got time.", "He hasn't got time.", "They haven't got time."),
    ("I haven’t got time.", "He hasn’t got time.", "They haven’t got time."),
    ("I wasn't there.", "He wasn't there.", "They weren't there."),
    ("I wasn’t there.", "He wasn’t there.", "They weren’t there."),
    ("I don't care.", "He doesn't care.", "They don't care."),
    ("I don’t care.", "He doesn’t care.", "They don’t care."),
    ("I can't wait.", "He can't wait.", "They can't wait."),
    ("I won’t wait.", "He won’t wait.", "They won’t wait."),
    ("I shouldn't wait.", "He shouldn't wait.", "They shouldn't wait."),
    ("I didn't wait.", "He didn't wait.", "They didn't wait."),
    ("I couldn't have known.", "He couldn't have known.", "They couldn't have known."),
    ("I could've known.", "He could've known.", "They could've known."),
    ("I and my friends like it.", "He and his friends like it.", "They and their friends like it."),
    ("My friends and I like it.", "His friends and he like it.", "Their friends and they like it."),
    ("I cook and I clean.", "He cooks and he cleans.", "They cook and they clean."),
    ("I sincerely care.", "He sincerely cares.", "They sincerely care."),
    ("I only ever do good.", "He only ever does good.", "They only ever do good."),
    ("I fully and openly share it.", "He fully and openly shares it.", "They fully and openly share it."),
    ("I sometimes act first.", "He sometimes acts first.", "They sometimes act first."),
    ("I rely on myself.", "He relies on himself.", "They rely on themselves."),
    ("I bully nobody.", "He bullies nobody.", "They bully nobody."),
    ("I worked hard.", "He worked hard.", "They worked hard."),
    ("I need and I succeed.", "He needs and he succeeds.", "They need and they succeed."),
    ("I told a lie that I made up.", "He told a lie that he made up.", "They told a lie that they made up."),
    ("I ought to lead.", "He ought to lead.", "They ought to lead."),
    ("I, too, like it.", "He, too, likes it.", "They, too, like it."),
    ("I am poor and am content.", "He is poor and is content.", "They are poor and are content."),
    (
        "Why do I care, and how could I not know?",
        "Why does he care, and how could he not know?",
        "Why do they care, and how could they not know?",
    ),
    ("Only then am I at ease.", "Only then is he at ease.", "Only then are they at ease."),
    (
        "It's true that I see what people don't.",
        "It's true that he sees what people don't.",
        "It's true that they see what people don't.",
    ),
    ("That is who I am. I'm glad.", "That is who he is. He is glad.", "That is who they are. They are glad."),
]


@pytest.mark.parametrize(("first", "he", "they"), SENTENCES)
def test_sentences_in_every_person(first, he, they):
    pronouns = {"he": "she", "him": "her", "his": "her", "himself": "herself"}
    she = re.sub(r"\b(he|him|his|himself)\b", lambda m: case(pronouns[m[0].lower()], m[0]), he, flags=re.IGNORECASE)
    assert {p: in_person(first, p) for p in PERSONS} == {"I": first, "he": he, "she": she, "they": they}


def case(word, like):
    return word.capitalize() if like[0].isupper() else word


def test_no_word_of_the_first_person_is_left():
    for first, *_ in SENTENCES:
        for person in ("he", "she", "they"):
            words = re.findall(r"[\w'’]+", in_person(first, person))
            assert not {"I", "me", "my", "myself", "am"} & {*words}, words
            assert not [w for w in words if re.match(r"I['’]", w)]
