import numpy as np
import pytest

from lib import statistics
from lib.analysis.overlap import stems
from lib.asking import prompting
from lib.errors import StudyError
from lib.materials import instruments
from lib.materials.induction import SHUFFLED, biographies, inductions, prime, templates, wordings
from lib.materials.persons import PERSONS
from lib.materials.values import BY_CODE, CODES, cosine_matrix, steps_apart


def test_the_papers_own_wording():
    assert prime("definition", "HE", "imagine", "I") == (
        "Imagine that you are a person who greatly values hedonism. You value pleasure or sensuous gratification for "
        "oneself."
    )


def test_every_wording_exists_in_every_person_and_names_its_value():
    assert len(wordings()) >= 4
    for induction in inductions():
        for wording in templates()[induction]:
            primes = {prime(induction, c, wording, p) for c in CODES for p in PERSONS}
            assert len(primes) == len(CODES) * len(PERSONS)


def test_name_induction_has_the_name_without_the_definition():
    text = prime("name", "SE", "plain", "she")
    assert text == "She greatly values security."


def test_scores_name_every_value_and_raise_one():
    text = prime("scores", "UN", "plain", "he")
    assert text.startswith("His scores for ten values") and "universalism 6" in text
    assert text.count(" 3,") + text.count(" 3.") == 9
    assert all(v.name in text for v in BY_CODE.values())


def test_persona_tells_of_acts_and_never_of_the_value():
    assert "She waits for the green light" in prime("persona", "CO", "imagine", "she")
    for code, text in biographies().items():
        words = stems(BY_CODE[code].name) | stems(BY_CODE[code].definition)
        assert not words & stems(text), code


def test_shuffled_gives_each_value_the_definition_of_one_that_is_far_off():
    text = prime("shuffled", "PO", "plain", "I")
    assert text == f"I greatly value power. I value {BY_CODE['HE'].definition}."
    lent = [CODES.index(SHUFFLED[code]) for code in CODES]
    assert sorted(lent) == list(range(10))
    assert steps_apart().to_numpy()[range(10), lent].min() == 2
    circle = cosine_matrix().to_numpy()
    kept = statistics.pearson(statistics.pairs(circle), statistics.pairs(circle[np.ix_(lent, lent)]))
    assert abs(kept) < 0.02
    assert abs(circle[range(10), lent].mean()) < 0.01


@pytest.mark.parametrize(("toml", "message"), [('PO = "I rule."', "one text for each of PO, AC"), ("PO", "Expected")])
def test_broken_biographies(tmp_path, toml, message):
    path = tmp_path / "biographies.toml"
    path.write_text(toml)
    with pytest.raises(StudyError, match=message):
        biographies(path)


def test_neutral_prime_is_the_same_for_all():
    assert prime("none", "none", "plain", "they") == "They are a person."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("moral", "PO", "plain", "I"),
            "Unknown induction 'moral'. There is: definition, name, none, persona, scores, shuffled",
        ),
        (("name", "PO", "loud", "I"), "Unknown wording 'loud'. There is: imagine"),
        (("name", "PO", "plain", "we"), "Unknown person 'we'. There is: I, he, she, they"),
        (("name", "LOVE", "plain", "I"), "Unknown condition 'LOVE'. There is: AC, BE"),
    ],
)
def test_unknown_names_are_listed(arguments, message):
    with pytest.raises(StudyError, match=message):
        prime(*arguments)


def test_choice_prompt_shows_every_option_once_and_the_statement_last():
    instrument = instruments.load("open_portraits")
    prompt = prompting.prompt("choice", "He is a person.", "He sings.", instrument, "he")
    assert prompt.labels == ("1", "2", "3", "4", "5", "6")
    assert prompt.text.count(" = ") == 6
    assert "6 = very much like him\n" in prompt.text
    assert prompt.text.startswith("How well does this statement describe this man?\n1 = ")
    assert prompt.text.endswith('Statement: "He sings."')


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('[none.a]\nI = "x"\n', "must have the persons I, he, she, they"),
        ('[none.a]\nI="{name}"\nhe="x"\nshe="x"\nthey="x"\n', "a neutral prime names no value"),
        ('[name.a]\nI="{name}"\nhe="{name}"\nshe="{name}"\nthey="{name}"\n', r"add \[none\.a\]"),
        ('[none.a]\nI="{age}"\nhe="x"\nshe="x"\nthey="x"\n', "only {name}, {definition}, .* may stand in braces"),
        ("[none", "Expected"),
    ],
)
def test_broken_induction_files(tmp_path, toml, message):
    path = tmp_path / "inductions.toml"
    path.write_text(toml)
    with pytest.raises(StudyError, match=message):
        templates(path)
