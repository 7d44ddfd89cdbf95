import pandas as pd
import planted_tables as planted
from planted_tables import BARE, NONE, at

from lib.presentation.sentences import robustness as sentences

SIDE = planted.alignments(
    at(0.75),
    at(0.73, cells="common", p_holm=0.004),
    at(0.24, source="scores", prime="scores", p_holm=0.3),
    at(0.21, source="words", cells="common"),
    at(0.69, source="embedding", cells="common"),
    at(0.38, beyond="all", cells="common", p=0.02),
    at(0.1, beyond="all", source="scores", prime="scores", p=0.4),
    {"source": "none", "prime": "", "estimate": 0.03} | BARE,
    {"source": "own value", "prime": "", "estimate": 0.13} | BARE,
    {"source": "two camps", "prime": "", "estimate": 0.66} | BARE,
    {"source": "random", "prime": "", "estimate": 0.01, "null_high": 0.33} | BARE,
)


def test_inductions_are_told_beside_who_goes_by_their_words_and_what_no_induction_gives():
    assert sentences.baselines({"Structure": SIDE}) == [
        "Structure. People agree with people at .92; 97.5 % of random answers stay below .33.",
        "- name and definition: r = .73 [.63, .83], beyond chance (p = .004) corrected. Overlap with the same primes: "
        "words .21, embedding .69. Beyond all of it .38 [.28, .48], beyond chance (p = .020).",
        "- ten scores in numbers: r = .24 [.14, .34], not beyond chance (p = .300) corrected. Beyond all of it "
        ".10 [.00, .20], not beyond chance (p = .400).",
        "- Without induction: no value induced .03, own items and nothing else .13, two camps of values .66.",
    ]


def test_no_ceiling_is_not_told():
    bare = planted.alignments(at(0.5, ceiling=NONE), {"source": "random", "prime": "", "ceiling": NONE} | BARE)
    lines = sentences.baselines({"Behaviour": bare})
    assert lines[0] == "Behaviour. 97.5 % of random answers stay below .31." and len(lines) == 2


def test_the_curve_is_told_by_mode_with_the_choice_that_matters_most():
    rows = [("choice", "all of them", "", 7056, 0.067, 0.054, 0.5), ("choice", "person", "I", 800, 0.0, 0.0, 0.1)]
    rows += [("choice", "person", "he", 800, 0.1, 0.0, 0.1), ("choice", "instrument", "pvq40", 9, 0.0, 0.0, 0.3)]
    rows += [("likelihood", "all of them", "", 1000, 0.42, 0.6, 0.8), ("likelihood", "items", "all", 9, 0, 0, 0.2)]
    columns = ["mode", "choice", "level", "specifications", "median", "above_null", "eta2"]
    above = (
        "% lie above the 97.5 % quantile of random answers, where 2.5 % would by chance (they are not independent). "
    )
    above += "The choice that matters most"
    assert sentences.curve(pd.DataFrame(rows, columns=columns)) == [
        f"choice: 7,056 specifications, median r = .07; 5 {above} is instrument (30 % of the variance).",
        f"likelihood: 1,000 specifications, median r = .42; 60 {above} is items (20 % of the variance).",
    ]


def test_orders_are_compared_on_the_specifications_that_have_both():
    keys = {"mode": "choice", "instrument": "pvq40", "induction": "definition", "null_high": 0.3}
    rows = [
        keys | {"wording": "plain", "person": "I", "order": "listed", "r": 0.4},
        keys | {"wording": "plain", "person": "I", "order": "reversed", "r": 0.2},
        keys | {"wording": "imagine", "person": "I", "order": "listed", "r": 0.9},
        keys | {"wording": "plain", "person": "I", "order": "", "r": 0.9, "mode": "likelihood"},
    ]
    found = sentences.by_order(pd.DataFrame(rows))
    assert found.loc[("pvq40", "listed")].tolist() == [1, 0.4, 1.0]
    assert found.loc[("pvq40", "reversed")].tolist() == [1, 0.2, 0.0]
