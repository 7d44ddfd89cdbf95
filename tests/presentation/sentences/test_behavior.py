import pandas as pd
import planted_tables as planted
from planted_tables import BARE, BEHAVIOR, NONE, at

from lib.analysis.study import Study
from lib.materials.values import CODES
from lib.presentation.sentences import behavior as sentences

STUDY = Study()


def test_relations_are_told_beside_overlap_and_two_camps():
    table = planted.alignments(
        at(0.45, **BEHAVIOR, p=0.001, ceiling=NONE),
        at(0.12, **BEHAVIOR, source="words"),
        at(-0.05, **BEHAVIOR, source="embedding"),
        at(0.38, **BEHAVIOR, beyond="two camps", p=0.2),
        at(0.6, side="behavior", instrument="prosocialness", reference="circle", p=0.05, ceiling=NONE),
        at(0.99, **BEHAVIOR, measure="sign"),
        at(0.99, **BEHAVIOR, cells="common"),
        at(0.99, **BEHAVIOR, source="name", prime="name"),
        at(0.99, **BEHAVIOR, source="words", prime="name"),
        at(0.99),
    )
    assert sentences.relations(table, STUDY) == [
        "Social survey: US, General Social Survey 2012: r = .45 [.35, .55], beyond chance (p = .001); 97.5 % of random "
        "answers stay below .31.",
        "    Who goes by overlap alone: words .12, embedding −.05.",
        "    Beyond two camps of values: r = .38 [.28, .48], not beyond chance (p = .200).",
        "Prosocial acts: theory's circle: r = .60 [.50, .70], not beyond chance (p = .050); 97.5 % of random answers "
        "stay below .31.",
    ]


def conservative(**raised: float) -> pd.DataFrame:
    """Two behaviours that these primes raise (or lower), the others lower by .5; and `none`, which is no value."""
    level = dict.fromkeys(CODES, -0.5) | {"none": 9.0} | raised
    return pd.DataFrame(
        [{"behavior": b, "condition": c, "endorsement": x} for b in ("anti-x", "for-y") for c, x in level.items()]
    )


def test_behavior_tests_are_told_with_what_letters_reach():
    structure = planted.alignments(
        at(0.57, side="behavior tests", p=0.003),
        at(0.48, side="behavior tests", p=0.01, beyond="two camps"),
        {"side": "behavior tests", "source": "characters", "estimate": 0.17} | BARE,
        at(0.99, side="behavior tests", reference="wvs6"),
        at(0.99, side="behavior tests", scope="politics"),
    )
    order = planted.order({}, {"group": "politics", "p": 0.04}, {"group": "religion", "p": 0.06})
    lines = sentences.tests(structure, order, conservative(PO=0.2, SE=0.1, TR=-0.1, UN=-0.9, SD=-0.8, HE=-0.7), STUDY)
    assert lines == [
        "Over 135 behaviours 583 of 800 predictions of the circle's order are met (CI = .46, p = .004).",
        "Agreement with the human value structure: r = .57 [.47, .67], beyond chance (p = .003); 97.5 % of random "
        "answers stay below .31; people reach .92.",
        "Beyond two camps of values r = .48 [.38, .58] is left, beyond chance (p = .010).",
        "Who compares letters alone agrees with people at r = .17; what the model endorses goes with what he endorses "
        "at r = .27.",
        "Groups in which the circle's order holds by itself (p < .05): politics.",
        "Conservative positions, mean over 2 behaviours in nats per token against no prime: raised most by power "
        "(+0.20), security (+0.10); lowered most by universalism (−0.90), self-direction (−0.80), hedonism (−0.70).",
    ]
    none = sentences.tests(structure, planted.order(), conservative(), STUDY)
    assert none[-2].endswith("by itself (p < .05): none.")


def test_where_every_prime_lowers_them_none_is_said_to_raise_and_the_other_way_round():
    (line,) = sentences.conservative_positions(conservative(TR=-0.1, SE=-0.2, PO=-0.3), STUDY)
    assert "lowered least by tradition (−0.10), security (−0.20), power (−0.30); lowered most by " in line
    (line,) = sentences.conservative_positions(conservative(**{code: 1 + i for i, code in enumerate(CODES)}), STUDY)
    assert line.endswith("raised least by power (+1.00), achievement (+2.00), hedonism (+3.00).")
