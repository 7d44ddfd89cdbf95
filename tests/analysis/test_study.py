import numpy as np
import planted
import pytest

from lib import paths
from lib.analysis.study import Study, side_by_side
from lib.errors import StudyError
from lib.materials.instruments import load

PVQ, PROSOCIAL = load("pvq40"), load("prosocialness")


@pytest.fixture
def models(tmp_path):
    rng = np.random.default_rng(0)
    primed = planted.likelihood(PVQ, rng.standard_normal((10, 40)))
    named = planted.likelihood(PVQ, rng.standard_normal((10, 40)), planted.TWO, "name")
    acts = planted.likelihood(PROSOCIAL, rng.standard_normal((10, 16)))
    rated = planted.choice(PVQ, np.full(6, 1 / 6))
    with planted.recorded(tmp_path, one=[primed, named, acts, rated], **{"of two": [primed]}):
        yield


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"model": "gpt-9"}, "Unknown model 'gpt-9'. There is: .*smollm2-135m"),
        ({"instrument": "pvq"}, "Unknown instrument 'pvq'. There is: .*pvq40"),
        ({"mode": "guess"}, "Unknown mode 'guess'. There is: choice, likelihood, text"),
        ({"induction": "moral"}, "Unknown induction 'moral'"),
        ({"reference": "mars"}, "Unknown reference 'mars'"),
        ({"seed": -1}, "seed is -1; it must be a whole number from 0"),
        ({"seed": 1.5}, "seed is 1.5; it must be a whole number from 0"),
    ],
)
def test_unknown_parameters_are_told(parameters, message):
    with pytest.raises(StudyError, match=message):
        Study(**parameters)


def test_only_what_was_changed_names_the_folder():
    assert Study().tables == paths.PROCESSED and Study().figures == paths.FIGURES
    assert Study(induction="name", seed=7).tables == paths.PROCESSED / "name+7"


def test_streams_are_told_apart_by_seed_and_name():
    one, again, named, seeded = (
        s.rng(*names).random()
        for s, names in (
            (Study(), ("a", "b")),
            (Study(), ("a", "b")),
            (Study(), ("b", "a")),
            (Study(seed=1), ("a", "b")),
        )
    )
    assert one == again and len({one, named, seeded}) == 3


def test_what_is_recorded_is_what_is_studied(models):
    study = Study("one")
    assert study.inductions() == ["definition", "name"] and study.inductions("prosocialness") == ["definition"]
    assert study.recorded("prosocialness") and not study.recorded("bfi2")
    assert sorted((s.instrument, s.mode) for s in study.of_values()) == [("pvq40", "choice"), ("pvq40", "likelihood")]
    assert len(study.items()) == 4 * 11 and len(study.items("name")) == 2 * 10 + 4  # the unprimed among them
    assert study.respondents("name").n == 20
    assert study.unit == "nats per token" and Study("one", mode="choice").unit == "scale points"


def test_a_single_scale_loses_the_respondents_level_in_the_values(models):
    group, values = Study("one").respondents(instrument="prosocialness"), Study("one").items()
    assert group.level is not None
    row = group.frame().loc[("definition", "plain", "he", "SD"), "prosociality"]
    own = Study("one").items(instrument="prosocialness").loc[("definition", "plain", "he", "SD")]
    assert row == pytest.approx(own.mean() - values.loc[("definition", "plain", "he", "SD")].mean())


def test_the_level_too_is_taken_from_items_that_every_prime_answered(tmp_path):
    """An item refused under one prime is no part of the level of any prime of its cell."""
    endorsed = np.random.default_rng(0).standard_normal((10, 40))
    endorsed[:, 3] = 40.0
    values = planted.refused(planted.likelihood(PVQ, endorsed), item=list(PVQ.key)[3], condition="HE", person="I")
    acts = planted.likelihood(PROSOCIAL, np.zeros((10, 16)))
    with planted.recorded(tmp_path, one=[values, acts]):
        level = -Study("one").respondents(instrument="prosocialness").frame()["prosociality"]
    others = np.delete(endorsed, 3, axis=1).mean(axis=1)
    assert level.xs(("imagine", "I"), level=("wording", "person")).to_numpy() == pytest.approx(others, abs=1e-5)
    assert level.xs(("imagine", "he"), level=("wording", "person")).to_numpy() == pytest.approx(
        endorsed.mean(axis=1), abs=1e-5
    )


def test_models_stand_side_by_side(models):
    assert side_by_side("one")[0] == ["one"] and side_by_side("of two")[0] == ["of two"]
    assert side_by_side("one one")[2] == paths.PROCESSED / "one+one"
    for names in ("one gpt-9", ""):
        with pytest.raises(StudyError, match="Unknown model"):
            side_by_side(names)
    assert side_by_side("one")[1] != paths.FIGURES
