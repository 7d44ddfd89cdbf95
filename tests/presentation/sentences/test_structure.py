from dataclasses import replace

import pandas as pd
import planted_tables as planted
from planted_tables import BARE, at

from lib.analysis.study import Study
from lib.presentation.sentences import structure as sentences

STUDY = Study()


def test_values_that_rank_first_are_counted_and_the_others_named():
    table = planted.ranks(1, 1, 1, 1, 2, 1, 1, 3, 1, 1)
    assert sentences.induction(table, STUDY) == [
        "Portrait Values Questionnaire, likelihood, definition: 8 of 10 values rank first under their own prime, and "
        "65 % of all single wordings and persons (by chance 10 %); not first: self-direction 2, tradition 3."
    ]
    all_first, most_missed = (sentences.induction(planted.ranks(*of), STUDY)[0] for of in ([1] * 10, [1] * 5 + [2] * 5))
    assert "10 of 10" in all_first and "5 of 10" in most_missed
    assert "not first" not in all_first + most_missed


def test_the_studys_own_questionnaire_and_mode_come_first_and_single_wordings_are_not_counted():
    other = planted.ranks(*[1] * 10, instrument="open_portraits")
    alone = planted.ranks(*[5] * 10, wording="plain")
    lines = sentences.induction(pd.concat([other, alone, planted.ranks(*[2] * 10)]), STUDY)
    assert [line.split(",")[0] for line in lines] == ["Portrait Values Questionnaire", "Open Portraits"]
    assert ": 0 of 10" in lines[0] and ": 10 of 10" in lines[1]


TABLE = planted.alignments(
    at(0.75, p=0.0004),
    {"wording": "plain", "estimate": 0.7} | BARE,
    {"wording": "imagine", "estimate": -0.08} | BARE,
    at(0.5, beyond="two camps", p=0.03),
    at(0.4, beyond="embedding", p=0.06),
    {"source": "two camps", "prime": "", "estimate": 0.66} | BARE,
    at(0.1, instrument="open_portraits"),
    at(0.2, mode="choice"),
    at(0.3, reference="wvs6"),
)


def test_the_studys_own_alignment_is_told_and_what_is_left_of_it():
    assert sentences.alignment(TABLE, STUDY) == [
        "Portrait Values Questionnaire, definition, against US adults, PVQ-40: r = .75 [.65, .85], beyond chance "
        "(p < .001); 97.5 % of random answers stay below .31; people reach .92.",
        "Single wordings lie between −.08 and .70.",
        "Beyond embeddings: r = .40 [.30, .50] is left, not beyond chance (p = .060).",
        "Beyond two camps: r = .50 [.40, .60] is left, beyond chance (p = .030).",
        "Two camps of values and nothing else reach r = .66.",
    ]


def test_another_study_has_its_own_rows():
    first, *_ = sentences.alignment(TABLE, replace(STUDY, reference="wvs6"))
    assert first.startswith("Portrait Values Questionnaire, definition, against World Values Survey wave 6: r = .30 [")
    (only,) = sentences.alignment(TABLE, replace(STUDY, mode="choice"))
    assert "r = .20" in only
