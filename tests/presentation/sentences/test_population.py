import pandas as pd
import planted_tables as planted
from planted_tables import BEHAVIOR, NONE, at

from lib.presentation.sentences import population as sentences


def test_strategies_are_told_with_the_differences_that_hold():
    table = planted.alignments(
        at(0.75, source="uniform"),
        at(0.63, source="h_np"),
        at(0.5, source="uniform", reference="wvs6"),
        at(0.3, source="uniform", side="hierarchy", measure="spearman", ceiling=NONE),
        at(0.4, source="uniform", **BEHAVIOR),
        at(0.99, source="uniform", **BEHAVIOR, scope="shared"),
        at(0.99, source="uniform", measure="rmse"),
    )
    differences = planted.differences(
        {"difference": -0.12, "low": -0.2, "high": -0.04, "p_holm": 0.03},
        {"strategy": "h_norm", "p_holm": 0.05},
        {"other": "h_even", "p_holm": 0.001},
        {"reference": "wvs6", "p_holm": 0.001},
        {"side": "hierarchy", "measure": "spearman", "p_holm": NONE},
        {
            "side": "behavior",
            "reference": "gss2012_us",
            "difference": 0.02,
            "low": 0.01,
            "high": 0.03,
            "p_holm": 0.0001,
        },
    )
    assert sentences.strategies(table, differences, "pvq40_us_2017") == [
        "Value structure (r), pvq40_us_2017: uniform .75, H-NP .63; other people .92. Different from uniform over "
        "these wordings (t, corrected): H-NP −.12 [−.20, −.04], p = .030.",
        "Value hierarchy (rank order, rho), pvq40_us_2017: uniform .30. Different from uniform over these wordings (t, "
        "corrected): none.",
        "Relations of values with behaviour (r), gss2012_us: uniform .40; other people .92. Different from uniform "
        "over these wordings (t, corrected): H-NP .02 [.01, .03], p < .001.",
    ]


def test_what_a_strategy_loses_with_and_wins_with():
    rows = [
        {"side": side, "reference": reference, "strategy": strategy, "title": title, "drives": x}
        for side, reference, strategy in (
            ("structure", "pvq40_us_2017", "h_np"),
            ("structure", "wvs6", "h_np"),
            ("behavior", "ess9_be", "h_norm"),
            ("structure", "pvq40_us_2017", "uniform"),
        )
        for title, x in (("power", 0.2), ("security", -0.3), ("tradition", 0.01), ("hedonism", -0.001))
    ]
    assert sentences.largest_drivers(pd.DataFrame(rows), "pvq40_us_2017", how_many=2) == [
        "structure, pvq40_us_2017, H-NP: loses with security (−.30), hedonism (.00); wins with power (+.20), "
        "tradition (+.01).",
        "behavior, ess9_be, H-Norm: loses with security (−.30), hedonism (.00); wins with power (+.20), "
        "tradition (+.01).",
    ]


def test_a_sample_without_means_is_stood_in_for_by_one_that_has_them():
    assert sentences.with_means("pvq40_us_2017") == "pvq40_us_2017"
    assert sentences.with_means("svs_uk") == "pvq40_us_2017"
