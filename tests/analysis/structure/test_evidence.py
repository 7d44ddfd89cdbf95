import numpy as np
import pandas as pd
import planted
import pytest

from lib.analysis import overlap
from lib.analysis.respondents import CAMPS, OWN, PERSONAL, respondents, without_model
from lib.analysis.structure import evidence as structure
from lib.analysis.structure.evidence import PRIMES, STRUCTURE, evidence
from lib.analysis.study import Study
from lib.errors import StudyError
from lib.materials.instruments import load
from lib.materials.questions import RESPONDENT
from lib.materials.values import CODES
from lib.statistics import pairs, pearson

PVQ, STUDY = load("pvq40"), Study()
HUMAN = planted.human()


def answered(array: np.ndarray, cells=planted.FOUR, induction="definition"):
    """Respondents who gave these answers: cell x condition x item."""
    index = pd.MultiIndex.from_tuples([(induction, *c, code) for c in cells for code in CODES], names=RESPONDENT)
    items = pd.DataFrame(array.reshape(len(index), -1), index, list(PVQ.key))
    return respondents(items, PVQ, induction, induction)


def drawn(seed: int, cells: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((cells, 10, 40))


def test_the_numbers_are_correlations_within_cells_of_centred_scores():
    """By pandas: value means minus the mean over items, cells' means taken out."""
    array = drawn(0)
    flat = pd.DataFrame(array.reshape(40, 40), columns=list(PVQ.key))
    scores = flat.T.groupby(PVQ.key).mean().T[list(CODES)].sub(flat.mean(axis=1), axis=0)
    within = scores - scores.groupby(np.repeat(range(4), 10)).transform("mean")
    found = evidence(STUDY, answered(array))
    assert found.numbers == pytest.approx(pairs(within.corr().to_numpy())) and found.n_respondents == 40


def test_primes_that_are_as_alike_as_the_values_in_people_are_found_so():
    array = planted.of_values(PVQ, planted.symmetric_root(HUMAN))
    found = evidence(STUDY, answered(np.stack([array] * 4)), PRIMES)
    assert np.corrcoef(found.numbers, pairs(HUMAN))[0, 1] > 0.99


def test_value_structure_does_not_know_what_a_prime_is_called():
    one = answered(drawn(1))
    turned = one.renamed("turned", tuple(np.roll(CODES, 3)))
    assert evidence(STUDY, turned).numbers == pytest.approx(evidence(STUDY, one).numbers)
    assert evidence(STUDY, turned, PRIMES).numbers != pytest.approx(evidence(STUDY, one, PRIMES).numbers)


@pytest.mark.parametrize("side", [STRUCTURE, PRIMES])
def test_the_null_is_what_as_many_who_answer_at_random_show(side):
    """Mean and spread of the 45 correlations of 120 groups of random answers, scored as any others."""
    groups = (evidence_numbers(answered(drawn(seed, 2), planted.TWO), side) for seed in range(120))
    found, null = np.stack(list(groups)), structure.random_structures(2026, "pvq40", side, 2, 10)
    assert found.mean(axis=0) == pytest.approx(null.mean(axis=0), abs=0.1)
    assert found.std(axis=0).mean() == pytest.approx(null.std(axis=0).mean(), abs=0.01)
    r = [np.corrcoef(one, pairs(HUMAN))[0, 1] for one in found]
    band = np.quantile([np.corrcoef(one, pairs(HUMAN))[0, 1] for one in null], [0.025, 0.975])
    assert np.mean([band[0] <= one <= band[1] for one in r]) == pytest.approx(0.95, abs=0.05)


def evidence_numbers(group, side) -> np.ndarray:
    return pairs(structure._OF[side](group.scores()))


def test_fewer_than_three_cells_have_nothing_to_draw():
    assert evidence(STUDY, answered(drawn(0, 2), planted.TWO)).drawn is None
    assert evidence(STUDY, answered(drawn(0))).drawn.shape == (1_000, 45)


def test_items_and_cells_are_drawn_apart():
    """Item and cell weights of one draw have nothing to do with each other, also where both have four levels."""
    group = answered(drawn(0, 4), [(w, p) for w in ("imagine", "plain", "matters", "principle") for p in ("I",)])
    use = (STRUCTURE, "pvq40", STUDY.mode, "definition", "definition", "all", "all")
    items = group.item_weights(STUDY.rng("items", *use), 1_000)
    cells = group.cell_weights(STUDY.rng("cells", *use), 1_000)
    four = [i for i, s in enumerate(PVQ.key.values()) if s == "AC"]
    assert len(four) == 4
    for i in four:
        for c in range(4):
            assert abs(np.corrcoef(items[:, i], cells[:, c])[0, 1]) < 4.5 / np.sqrt(1_000)


def test_the_interval_is_as_wide_as_other_items_and_cells_would_make_it():
    """Respondents drawn anew from the same primes (items, wordings, persons of their own) differ as much as the draws.

    Effects of items and wordings lie on top of the primes' own, so that both facets matter.
    """
    prime, rng = 2 * planted.of_values(PVQ, planted.symmetric_root(HUMAN)), np.random.default_rng(0)
    cells = [(w, p) for w in ("imagine", "plain", "matters", "principle") for p in ("I", "he", "she", "they")]

    def group():
        of_item, of_wording = rng.standard_normal((10, 40)), rng.standard_normal((4, 1, 10, 40))
        return answered(prime + of_item + np.repeat(of_wording, 4, axis=1).reshape(16, 10, 40), cells)

    fresh, groups = [z(pairs(structure.correlations(group().scores()))) for _ in range(60)], [group() for _ in range(8)]
    spread = [z(evidence(STUDY, one).drawn).std() for one in groups]
    assert np.mean(spread) == pytest.approx(np.std(fresh), rel=0.3)


def z(numbers: np.ndarray) -> np.ndarray:
    return np.arctanh(pearson(numbers, pairs(HUMAN)))


def test_who_goes_by_overlap_reads_the_same_primes():
    group = answered(drawn(0))
    others = structure.lexical(STUDY, group)
    assert set(others) == {"characters", "words", "embedding"}
    table = overlap.read("pvq40").set_index([*RESPONDENT, "item"])["characters"]
    place = list(others["characters"].cells).index(("plain", "I")), CODES.index("HE"), 11
    assert others["characters"].items[place] == table["definition", "plain", "I", "HE", list(PVQ.key)[11]]


def test_primes_that_share_all_their_words_control_nothing():
    numbers = structure.lexical(STUDY, answered(drawn(0), induction="scores"))
    assert "words" not in numbers and "characters" not in numbers
    elsewhere = answered(drawn(0, 1), [("shouted", "I")])
    assert structure.lexical(STUDY, elsewhere) == {}


def test_two_camps_and_own_value_are_what_they_say():
    camps = without_model(CAMPS, PVQ).scores()[0]
    inside = [[(a in PERSONAL) == (b in PERSONAL) for b in CODES] for a in CODES]
    assert np.allclose(np.corrcoef(camps.T)[np.array(inside)], 1)
    assert np.allclose(np.corrcoef(camps.T)[~np.array(inside)], -1)
    own = structure.correlations(without_model(OWN, PVQ).scores())
    assert pairs(own).max() < 0.05  # no value goes with another


def test_a_model_that_no_prime_moves_has_no_structure(tmp_path):
    answers = planted.likelihood(PVQ, np.zeros((10, 40)))
    with planted.recorded(tmp_path, still=[answers]), pytest.raises(StudyError, match="no prime moves any answer"):
        structure.of_study(Study("still"))
