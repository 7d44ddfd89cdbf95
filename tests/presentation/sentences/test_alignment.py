"""The one sentence of an alignment."""

import pandas as pd
import planted_tables as planted
import pytest
from planted_tables import BARE, NONE, at

from lib.presentation.sentences.alignment import chance, estimate, listed, told


def row(**other) -> pd.Series:
    return planted.alignments(at(0.45, p=0.002) | other).iloc[0]


def test_an_alignment_is_told_whole():
    assert told(row()) == (
        "r = .45 [.35, .55], beyond chance (p = .002); 97.5 % of random answers stay below .31; people reach .92."
    )
    assert told(row(p=0.2, ceiling=NONE)) == (
        "r = .45 [.35, .55], not beyond chance (p = .200); 97.5 % of random answers stay below .31."
    )
    assert told(row(null_high=NONE, ceiling=NONE)) == "r = .45 [.35, .55], beyond chance (p = .002)."


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0004, "beyond chance (p < .001)"),
        (0.0499, "beyond chance (p = .050)"),
        (0.05, "not beyond chance (p = .050)"),
        (0.9, "not beyond chance (p = .900)"),
        (NONE, "not beyond chance (p = –)"),
    ],
)
def test_beyond_chance_is_said_below_five_per_cent_only(p, text):
    assert chance(p) == text


def test_an_estimate_without_interval_stands_alone():
    assert estimate(row()) == ".45 [.35, .55]"
    assert estimate(planted.alignments({"estimate": -0.45} | BARE).iloc[0]) == "−.45"


def test_estimates_are_listed_with_their_names():
    table = planted.alignments(at(0.684), at(-0.2), at(NONE))
    assert listed(table, pd.Series(["name", "scores", "words"])) == "name .68, scores −.20, words –"
