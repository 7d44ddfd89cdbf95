"""The one rule of completeness, and respondents as everyone else sees them."""

import numpy as np
import pandas as pd
import planted
import pytest

from lib.analysis.behavior.relations import pair
from lib.analysis.population.study import PopulationStudy
from lib.analysis.respondents import UNPRIMED, paired, respondents, unprimed, usable
from lib.analysis.robustness.specifications import half, specification_curve
from lib.analysis.scoring import unprimed_responses
from lib.analysis.structure.alignments import structure_alignment
from lib.analysis.study import Study
from lib.errors import StudyError
from lib.materials.instruments import Instrument, Item, load
from lib.materials.questions import RESPONDENT
from lib.materials.values import CODES

PVQ, SURVEY = load("pvq40"), load("social_survey")
KEY = np.array([[item.scale == code for code in CODES] for item in PVQ.items])
POWER = [i for i, scale in enumerate(PVQ.key.values()) if scale == "PO"]


def answered(instrument: Instrument, cells=planted.FOUR, seed=0, induction="definition") -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples([(induction, *c, code) for c in cells for code in CODES], names=RESPONDENT)
    numbers = np.random.default_rng(seed).standard_normal((len(index), len(instrument.key)))
    return pd.DataFrame(numbers, index, list(instrument.key))


def made_up(**scales: int) -> Instrument:
    items = [Item(f"{s}{i}", s, i % 2 == 1) for s, n in scales.items() for i in range(n)]
    return Instrument("made_up", "Made up", "behavior", "", "", False, "?", ("no", "yes"), tuple(items))


# ── The rule ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_item_refused_under_one_prime_counts_under_none_of_its_cell():
    items = answered(PVQ)
    items.loc[("definition", "plain", "he", "HE"), "pvq40_02"] = np.nan
    group, place = respondents(items, PVQ, "definition"), list(PVQ.key).index("pvq40_02")
    cell = list(group.cells).index(("plain", "he"))
    assert np.isnan(group.items[cell, :, place]).all() and np.isnan(group.items).sum() == 10
    left = items.drop(columns="pvq40_02").loc[("definition", "plain", "he", "ST")]
    own = [i for i in left.index if PVQ.key[i] == PVQ.key["pvq40_02"]]
    score = group.scores()[cell, CODES.index("ST"), CODES.index(PVQ.key["pvq40_02"])]
    assert score == pytest.approx(left[own].mean() - left.mean())


@pytest.mark.parametrize(("lost", "cells"), [(1, 4), (2, 3)])
def test_a_cell_needs_half_of_the_items_of_every_value(lost, cells):
    """Power has three items: two are enough, one is not."""
    items = answered(PVQ)
    items.iloc[[0], POWER[:lost]] = np.nan
    assert len(respondents(items, PVQ, "definition").cells) == cells


def test_half_is_enough():
    valid = np.ones((1, 10, 40), dtype=bool)
    four = [i for i, scale in enumerate(PVQ.key.values()) if scale == "AC"]
    valid[0, 3, four[:2]] = False
    assert usable(valid, KEY, True)[1].tolist() == [True]
    valid[0, 4, four[2]] = False  # under another prime
    assert usable(valid, KEY, True)[1].tolist() == [False]


def test_a_condition_that_was_not_asked_makes_its_cell_no_cell():
    items = answered(PVQ).drop(("definition", "plain", "he", "ST"))
    assert list(respondents(items, PVQ, "definition").cells) == [
        c for c in sorted(planted.FOUR) if c != ("plain", "he")
    ]
    with pytest.raises(StudyError, match="pvq40, definition: no wording and person in which all 10 primes"):
        respondents(answered(PVQ).drop("ST", level="condition"), PVQ, "definition")


def test_a_behaviour_short_in_most_cells_is_left_out_and_one_short_in_few_costs_the_cell():
    instrument = made_up(often=4, seldom=4, never=4)
    items = answered(instrument)
    wording, person = (items.index.get_level_values(level) for level in ("wording", "person"))
    items.loc[~((wording == "plain") & (person == "he")), ["often0", "often1", "often2"]] = np.nan
    items.loc[(wording == "imagine") & (person == "I"), ["seldom0", "seldom1", "seldom2"]] = np.nan
    group = respondents(items, instrument, "definition")
    assert group.scales == ("seldom", "never") and len(group.cells) == 3
    assert ("imagine", "I") not in list(group.cells) and np.isfinite(group.scores()).all()


def test_one_refused_item_leaves_the_same_cells_everywhere(tmp_path):
    """Structure, behaviour, populations and specifications count the same wordings and persons.

    Under one prime a single item is refused in the person I, the only one of power that the half of the items has; in
    one cell two of power's three are.
    """
    rng = np.random.default_rng(0)
    answers = planted.likelihood(PVQ, rng.standard_normal((10, 40)), noise=0.5)
    only = next(i for i, kept in zip(PVQ.key, half("pvq40", Study.seed), strict=True) if kept and PVQ.key[i] == "PO")
    answers = planted.refused(answers, condition="HE", item=only, person="I")
    lost = [list(PVQ.key)[i] for i in POWER[:2]]
    answers = planted.refused(answers, condition="BE", item=lost, wording="plain", person="he")
    survey = planted.likelihood(SURVEY, rng.standard_normal((10, 148)))
    with planted.recorded(tmp_path, partly=[answers, survey]):
        study = Study("partly")
        group, both = study.respondents(), pair(study, "social_survey")
        asked = PopulationStudy("partly").distributions(PVQ)
        table, curve = structure_alignment(study), specification_curve(study)
    expected = [c for c in sorted(planted.FOUR) if c != ("plain", "he")]
    assert list(group.cells) == list(both.value_side.cells) == list(both.behavior_side.cells) == expected
    assert list(asked.cells) == expected
    assert np.array_equal(np.isnan(asked.above[:, 0, 0]), np.isnan(group.items[:, 0]))
    whole = curve[(curve["wording"] == "all") & (curve["person"] == "all") & (curve["items"] == "all")]
    assert set(whole["cells"]) == {3} and curve["r"].notna().all()
    rows = table[(table["source"] == "definition") & (table["wording"] == "all")]
    assert set(rows["n_respondents"]) == {30}
    shown = whole.query("centred == 'yes' and link == 'none' and measure == 'pearson'").set_index("reference")["r"]
    mine = rows.query("side == 'structure' and measure == 'pearson' and beyond == ''").set_index("reference")[
        "estimate"
    ]
    assert shown.to_dict() == pytest.approx(mine.to_dict(), abs=5e-5)


# ── What they are ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_scores_are_value_means_less_the_mean_over_items():
    items, group = answered(PVQ), respondents(answered(PVQ), PVQ, "definition")
    by_hand = items.T.groupby(PVQ.key).mean().T[list(CODES)].sub(items.mean(axis=1), axis=0)
    pd.testing.assert_frame_equal(group.frame().sort_index(), by_hand.sort_index(), check_names=False)
    louder = respondents(items.add(np.arange(len(items)), axis=0), PVQ, "definition")
    assert louder.scores() == pytest.approx(group.scores())


def test_a_prime_that_raises_every_statement_is_no_behaviour():
    instrument = made_up(a=6, b=4)
    items, turned = answered(instrument), np.array([-1.0 if i.reversed else 1.0 for i in instrument.items])
    louder = items + np.outer(np.arange(len(items)), turned)
    one, other = (respondents(table, instrument, "definition").scores() for table in (items, louder))
    assert one == pytest.approx(other)


def test_a_single_scale_takes_the_level_it_is_given_or_none():
    instrument = made_up(a=1)
    items, level = answered(instrument), answered(PVQ).mean(axis=1)
    assert respondents(items, instrument, "definition").frame()["a"].to_dict() == pytest.approx(items["a0"].to_dict())
    group = respondents(items, instrument, "definition", "definition", level)
    assert group.frame()["a"].to_dict() == pytest.approx((items["a0"] - level).to_dict())
    narrow = group.within(group.cells[:1]).frame()["a"]
    assert narrow.to_dict() == pytest.approx((items["a0"] - level)[narrow.index].to_dict())


def test_drawn_items_count_as_often_as_they_were_drawn():
    group = respondents(answered(PVQ), PVQ, "definition")
    weights = np.ones((2, 40))
    weights[1, POWER[0]] = 2.0
    twice = np.concatenate([group.items, group.items[..., [POWER[0]]]], axis=-1)
    expected = twice[..., [*POWER, 40]].mean(axis=-1) - twice.mean(axis=-1)
    assert group.scores(weights)[1][..., CODES.index("PO")] == pytest.approx(expected)
    assert group.scores(weights)[0] == pytest.approx(group.scores())


def test_items_are_drawn_within_value_and_key():
    group = respondents(answered(SURVEY), SURVEY, "definition")
    weights = group.item_weights(np.random.default_rng(0), 50)
    turned = np.array([i.reversed for i in SURVEY.items])
    for scale in SURVEY.scales[:5]:
        own = np.array([i.scale == scale for i in SURVEY.items])
        for part in (own & turned, own & ~turned):
            assert weights[:, part].sum(axis=1) == pytest.approx(np.full(50, part.sum()))


def test_renamed_respondents_are_put_into_the_order_of_the_circle():
    group = respondents(answered(PVQ), PVQ, "definition")
    turned = group.renamed("turned", tuple(np.roll(CODES, 1)))
    assert turned.conditions == CODES and turned.source == "turned"
    assert np.array_equal(turned.items[:, CODES.index("PO")], group.items[:, CODES.index("AC")])


def test_respondents_are_of_one_induction():
    both = pd.concat([answered(PVQ), answered(PVQ, induction="name")])
    with pytest.raises(StudyError, match="one induction at a time; these are of definition, name"):
        respondents(both, PVQ, "definition")


def test_those_who_answered_both_are_paired_cell_by_cell():
    values = respondents(answered(PVQ, planted.FOUR[:3]), PVQ, "definition")
    behaviors = respondents(answered(SURVEY, planted.FOUR[1:]), SURVEY, "definition")
    one, other = paired(values, behaviors)
    assert list(one.cells) == list(other.cells) == sorted(planted.FOUR[1:3])
    with pytest.raises(StudyError, match="social_survey and pvq40 share no wording and person"):
        paired(values.within(values.cells[:1]), behaviors.within(behaviors.cells[-1:]))


def test_the_unprimed_model_is_one_cell_of_wordings_and_persons():
    answers = planted.likelihood(PVQ, np.zeros((10, 40)))
    spread = np.random.default_rng(0).standard_normal(len(answers))
    items = unprimed_responses(answers.assign(logprob=answers["logprob"] + spread), PVQ)
    group = unprimed(items, PVQ)
    assert (group.source, group.n, group.items.shape) == (UNPRIMED, 4, (1, 4, 40))
    assert pytest.approx(group.frame().to_numpy().T) == group.scores()[0].T
    assert unprimed(items, PVQ, group_cells(items)[:2]) is None  # two always correlate at 1 or -1
    assert unprimed(items, PVQ, group_cells(items)[:3]).n == 3


def group_cells(items: pd.DataFrame) -> pd.MultiIndex:
    return items.index.droplevel(["induction", "condition"])
