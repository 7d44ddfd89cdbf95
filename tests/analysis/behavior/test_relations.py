"""Relations of values and behaviours: planted ones are recovered, exchanged primes are an exact null."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import planted
import pytest
import simulated_people
from scipy.stats import kstest

from lib.analysis import overlap, people
from lib.analysis.alignment import ALL, align
from lib.analysis.behavior import relations
from lib.analysis.behavior.relations import BY_PRIME, Pair, camp_contrasts, evidence, lexical, pair, two_camps
from lib.analysis.respondents import PERSONAL, Respondents, respondents
from lib.analysis.study import Study
from lib.errors import StudyError
from lib.materials import behavior_references
from lib.materials.instruments import Instrument, Item, load
from lib.materials.questions import RESPONDENT
from lib.materials.values import CODES
from lib.statistics import MEASURES, residuals

VALUES, SURVEY, STUDY = load("open_portraits"), load("social_survey"), Study(instrument="open_portraits")
ONE = pd.MultiIndex.from_tuples([("-", "-")], names=["wording", "person"])


def as_people(items: pd.DataFrame, instrument: Instrument) -> Respondents:
    """People as one cell, whose "conditions" they are."""
    names = tuple(map(str, range(len(items))))
    return Respondents("people", "", instrument, items.to_numpy()[None], ONE, names, instrument.scales)


def simulated(scale: float, n: int, seed: int, instrument: Instrument = SURVEY) -> tuple[Pair, np.ndarray]:
    """People with the American relations of values and behaviours made larger by `scale`, and those relations."""
    values = simulated_people.respondents(VALUES, planted.human("gss2012_us"), n, seed)
    known = behavior_references.matrix(behavior_references.cells("gss2012_us"))
    wanted = known.reindex(list(instrument.scales)).fillna(0.0).to_numpy()
    truth = scale * simulated_people.feasible(wanted, values, VALUES)
    items = simulated_people.behaviors(values, VALUES, instrument, truth, seed + 10_000)
    return Pair(as_people(values, VALUES), as_people(items, instrument)), truth


def primed(values: np.ndarray, behaviors: np.ndarray, cells=planted.FOUR, induction="definition") -> Pair:
    """Respondents who gave these answers (cell x condition x item) to both questionnaires."""
    index = pd.MultiIndex.from_tuples([(induction, *c, code) for c in cells for code in CODES], names=RESPONDENT)
    sides = ((values, VALUES), (behaviors, SURVEY))
    tables = [(pd.DataFrame(a.reshape(len(index), -1), index, list(i.key)), i) for a, i in sides]
    return Pair(*(respondents(table, instrument, induction, induction) for table, instrument in tables))


def noise(seed: int, cells: int = 4) -> Pair:
    rng = np.random.default_rng(seed)
    draws = rng.standard_normal((cells, 10, 40)), rng.standard_normal((cells, 10, 148))
    return primed(*draws, planted.FOUR[:cells])


# ── Relations ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_planted_relations_are_recovered_in_pattern_and_size():
    for scale in (1.0, 2.0):
        one, truth = simulated(scale, 2_000, 1)
        found = one.relations.ravel()
        assert MEASURES["pearson"].of(found, truth.ravel()) > 0.95
        assert MEASURES["slope"].of(found, truth.ravel()) == pytest.approx(1, abs=0.1)


def test_people_like_people_are_found_so_and_others_are_not():
    target = next(t for t in people.behaviors(SURVEY, SURVEY.scales) if (t.reference, t.scope) == ("gss2012_us", ALL))
    with planted.fewer_draws(199):
        human, none = (evidence(STUDY, simulated(scale, 200, 1)[0]) for scale in (2.0, 0.0))
    assert align(human, target).estimate > 0.9 and align(human, target).p == 1 / 200
    assert align(human, target, "slope").estimate == pytest.approx(2, abs=0.2)
    assert align(human, target, "sign").estimate > 0.85
    assert align(none, target).p > 0.05 and align(none, target).estimate < align(none, target).null_high


def test_relations_are_correlations_within_cells(tmp_path):
    """By pandas; what a wording does to all primes alike is no relation."""
    rng = np.random.default_rng(0)
    values, acts = rng.standard_normal((4, 10, 40)), rng.standard_normal((4, 10, 148))
    answers = planted.likelihood(VALUES, values), planted.likelihood(SURVEY, acts + np.arange(4)[:, None, None])
    with planted.recorded(tmp_path, model=list(answers)):
        one = pair(Study("model", instrument="open_portraits"), "social_survey")
    within = [
        g.frame() - g.frame().groupby(level=["wording", "person"]).transform("mean")
        for g in (one.value_side, one.behavior_side)
    ]
    expected = np.corrcoef(within[1].T, within[0].T)[:37, 37:]
    assert one.relations == pytest.approx(expected)
    assert one.matrix().loc["trust", "SD"] == pytest.approx(expected[SURVEY.scales.index("trust"), CODES.index("SD")])
    found = evidence(STUDY, one)
    assert found.numbers == pytest.approx(expected.ravel()) and found.n_respondents == 40


def test_questionnaires_answered_under_different_wordings_cannot_be_paired(tmp_path):
    rng = np.random.default_rng(0)
    answers = planted.likelihood(VALUES, rng.standard_normal((10, 40)), planted.FOUR[:2])
    other = planted.likelihood(SURVEY, rng.standard_normal((10, 148)), planted.FOUR[2:])
    with planted.recorded(tmp_path, model=[answers, other]), pytest.raises(StudyError, match="share no wording"):
        pair(Study("model", instrument="open_portraits"), "social_survey")


def test_a_behaviour_that_only_one_prime_raises_goes_with_that_primes_name():
    acts = np.zeros((4, 10, 148))
    voting = [i for i, item in enumerate(SURVEY.items) if item.scale == "voting"]
    acts[:, CODES.index("PO"), voting] = 1.0
    one = primed(np.random.default_rng(0).standard_normal((4, 10, 40)), acts)
    found = evidence(STUDY, one, BY_PRIME).numbers.reshape(37, 10)[SURVEY.scales.index("voting")]
    assert found == pytest.approx([1.0] + [-1 / 9] * 9)  # of labels 1 and 0, one in ten


def test_fewer_than_three_cells_have_nothing_to_draw():
    assert evidence(STUDY, noise(0, 2)).drawn is None
    assert evidence(STUDY, noise(0, 3)).drawn.shape == (1_000, 370)


# ── Chance ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_relations_p_values_are_uniform():
    """Ten primes of human structure and behaviours of their own: smooth in both, related by nothing."""
    scales = behavior_references.matrix(behavior_references.cells("gss2012_us")).index[:6]
    items = tuple(Item(f"{s}_{k}", s, bool(k)) for s in scales for k in range(2))
    survey = replace(SURVEY, id="some", items=items)
    target = next(t for t in people.behaviors(SURVEY, survey.scales) if (t.reference, t.scope) == ("gss2012_us", ALL))
    root, p_values = planted.symmetric_root(planted.human("gss2012_us")), []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        values = planted.of_values(VALUES, rng.standard_normal((10, 10)) @ root)
        acts = rng.standard_normal((10, 12))
        sides = [Respondents("x", "", i, a[None], ONE, CODES, i.scales) for i, a in ((VALUES, values), (survey, acts))]
        with planted.fewer_draws(99):
            p_values.append(align(evidence(STUDY, Pair(*sides)), target).p)
    assert kstest(p_values, "uniform").pvalue > 0.05
    assert 0.01 <= np.mean(np.array(p_values) <= 0.05) <= 0.1


def test_the_null_is_what_as_many_who_answer_both_at_random_show():
    target = next(t for t in people.behaviors(SURVEY, SURVEY.scales) if (t.reference, t.scope) == ("gss2012_us", ALL))
    found = np.stack([noise(seed, 2).relations.ravel() for seed in range(60)])
    null = relations._random(2026, "open_portraits", 2, 10, 37)
    assert found.std() == pytest.approx(null.std(), rel=0.03) and found.mean() == pytest.approx(null.mean(), abs=0.01)
    spread = [MEASURES["pearson"].of(target.of(one), target.numbers).std() for one in (found, null)]
    assert spread[0] == pytest.approx(spread[1], rel=0.3)


def test_items_of_both_questionnaires_and_cells_are_drawn_apart():
    """No weight of an item goes with that of another questionnaire's item or of a cell."""
    one, use = noise(0), ("behavior", "social_survey", STUDY.mode, "definition", "definition", "all")
    weights = [
        one.behavior_side.item_weights(STUDY.rng("behaviour items", *use), 1_000)[:, :8],
        one.value_side.item_weights(STUDY.rng("value items", *use), 1_000)[:, :8],
        one.value_side.cell_weights(STUDY.rng("cells", *use), 1_000),
    ]
    found = np.corrcoef(np.hstack(weights).T)
    for i, j in ((0, 8), (0, 16), (8, 16)):
        assert np.abs(found[i : i + 8, j : j + 8]).max() < 4.5 / np.sqrt(1_000)


# ── Who has nothing but words or camps ──────────────────────────────────────────────────────────────────────────────


def test_word_overlap_alone_is_lexical_on_both_sides():
    """Neither the model's values nor its behaviours reach the respondent who only compares letters."""
    found = [lexical(noise(seed)) for seed in (0, 1)]
    assert set(found[0]) == {"characters", "words", "embedding"}
    for measure, one in found[0].items():
        assert np.array_equal(one.relations, found[1][measure].relations)
        for side, instrument in ((one.value_side, VALUES), (one.behavior_side, SURVEY)):
            index = side.frame().index
            mine = respondents(overlap.items(instrument, measure, index), instrument, measure)
            assert side.scores() == pytest.approx(mine.scores())


def test_a_behaviour_that_is_left_out_is_left_out_of_word_overlap_too():
    one = noise(0)
    narrow = Pair(one.value_side, replace(one.behavior_side, scales=SURVEY.scales[2:]))
    for measure, other in lexical(narrow).items():
        assert np.array_equal(other.relations, lexical(one)[measure].relations[2:])


def test_primes_whose_overlap_is_not_recorded_have_none():
    rng = np.random.default_rng(0)
    elsewhere = primed(rng.standard_normal((1, 10, 40)), rng.standard_normal((1, 10, 148)), [("shouted", "I")])
    assert lexical(elsewhere) == {}


def test_a_single_scale_of_words_takes_its_level_from_the_words_of_the_values():
    single = load("prosocialness")
    values = noise(0).value_side
    group = Respondents("x", "definition", single, np.zeros((4, 10, 16)), values.cells, CODES, single.scales)
    found = lexical(Pair(values, group))["characters"].behavior_side
    index = found.frame().index
    level = overlap.items(VALUES, "characters", index).mean(axis=1)
    expected = overlap.items(single, "characters", index).mean(axis=1) - level
    assert found.frame()[single.scales[0]].to_dict() == pytest.approx(expected.to_dict())


def test_camp_contrasts_take_out_exactly_what_is_constant_within_camps():
    rng, camp = np.random.default_rng(0), np.array([code in PERSONAL for code in CODES])
    level, within = rng.standard_normal((2, 37, 10))
    for inside in (camp, ~camp):
        level[:, inside] = level[:, inside].mean(axis=1, keepdims=True)
        within[:, inside] -= within[:, inside].mean(axis=1, keepdims=True)
    level -= level.mean(axis=1, keepdims=True)  # what a behaviour goes with on the whole is no contrast
    contrasts = camp_contrasts(37)
    assert residuals(level.ravel(), [contrasts]) == pytest.approx(0, abs=1e-12)
    assert residuals((3 * level + within).ravel(), [contrasts]) == pytest.approx(within.ravel())


def test_two_camps_see_of_a_behaviour_its_contrast_only():
    """Respondents who know of each prime but its camp: every relation is the same within a camp, opposite between."""
    one = two_camps(noise(0))
    camp = np.array([1.0 if code in PERSONAL else -1.0 for code in CODES])
    acts = one.behavior_side.scores()
    deviation = (acts - acts.mean(axis=1, keepdims=True)).reshape(40, -1)
    expected = [np.corrcoef(np.tile(camp, 4), column)[0, 1] for column in deviation.T]
    assert one.relations == pytest.approx(np.outer(expected, camp))


def test_a_pair_knows_nothing_of_files():
    """What answered needs no recorded model: any respondents will do."""
    study = SimpleNamespace(model="made-up", mode="choice", seed=1, rng=STUDY.rng)
    assert evidence(study, noise(0, 1)).keys["model"] == "made-up"
