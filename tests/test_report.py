from types import SimpleNamespace

import pandas as pd
import pytest

from lib import report
from lib.errors import StudyError

KEYS = {"instrument": "pvq40", "mode": "likelihood", "induction": "definition", "wording": "all"}
STUDY = SimpleNamespace(model="made-up", reference="pvq40_us_2017", **{k: KEYS[k] for k in list(KEYS)[:3]})


def ranks(first: int) -> pd.DataFrame:
    return pd.DataFrame([KEYS | {"rank": 1 if i < first else 4} for i in range(10)])


def structure(r: float, mantel_p: float) -> pd.DataFrame:
    row = {"reference": STUDY.reference, "r": r, "r_low": r - 0.1, "r_high": r + 0.1, "n_respondents": 160}
    return pd.DataFrame([KEYS | row | {"ceiling": 0.92, "null_high": 0.35, "mantel_p": mantel_p}])


def behaviors(*p_holm: float) -> pd.DataFrame:
    names = ["gss2012_us", "ess9_be"][: len(p_holm)]
    rows = {"instrument": "social_survey", "reference": names, "kind": "coefficients", "p_holm": p_holm}
    rows |= {"scope": "all", "measure": "pearson", "estimate": 0.4, "low": 0.3, "high": 0.5}
    extra = {
        "instrument": "bfi2",
        "reference": ["parks_leduc_2015_secondhand", "circle"],
        "kind": ["secondhand", "theory"],
    }
    extra |= {"scope": "all", "measure": "pearson", "estimate": [0.7, 0.2], "low": 0.1, "high": 0.9, "p_holm": 0.01}
    table = pd.concat([pd.DataFrame(extra)[::-1], pd.DataFrame(rows)], ignore_index=True)
    return table.assign(n_respondents=80, ceiling=float("nan"))


def differences(*rows: tuple[str, float, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["strategy", "difference", "p_holm"])
    return table.assign(measure="structure", reference=STUDY.reference, other="uniform", low=-0.1, high=0.1)


def baselines(definition: float, scores: float, width: float = 0.05) -> pd.DataFrame:
    rows = {"instrument": "pvq40", "reference": STUDY.reference, "baseline": ["definition", "scores"]}
    rows |= {"cells": "common", "of": "values"}
    r = pd.Series([definition, scores])
    return pd.DataFrame(rows | {"r": r, "low": r - width, "high": r + width, "null_high": 0.35})


def holds(**found: pd.DataFrame) -> dict[str, str]:
    table = report.claims(STUDY, found)
    return {claim.split(".")[0]: verdict for claim, verdict in zip(table["claim"], table["holds"], strict=True)}


INFORMED = ("h_np", "h_even", "h_norm")


@pytest.mark.parametrize(
    ("claim", "found", "verdict"),
    [
        ("One sentence", {"induction_ranks": ranks(9)}, "yes"),
        ("One sentence", {"induction_ranks": ranks(2)}, "no"),
        ("The structure", {"structure_alignment": structure(0.75, 0.001)}, "yes"),
        ("The structure", {"structure_alignment": structure(0.30, 0.001)}, "no"),
        ("The structure", {"structure_alignment": structure(0.75, 0.2)}, "no"),
        ("Values go", {"behavior_alignment": behaviors(0.01, 0.01)}, "yes"),
        ("Values go", {"behavior_alignment": behaviors(0.01, 0.30)}, "partly"),
        ("Values go", {"behavior_alignment": behaviors(0.2, 0.30)}, "no"),
        ("Values go", {"behavior_alignment": behaviors()}, "not tested"),
        ("Composing", {"population_differences": differences(*((s, 0.1, 0.01) for s in INFORMED))}, "yes"),
        ("Composing", {"population_differences": differences(*((s, -0.1, 0.01) for s in INFORMED))}, "no"),
        ("Composing", {"population_differences": differences(("h_np", 0.1, 0.01), ("h_even", 0.1, 0.9))}, "partly"),
        ("A prime in words", {"baselines": baselines(0.7, 0.4)}, "yes"),
        ("A prime in words", {"baselines": baselines(0.4, 0.7)}, "no"),
        ("A prime in words", {"baselines": baselines(0.5, 0.55)}, "undecided"),
        ("A prime in words", {"baselines": baselines(0.3, -0.2)}, "undecided"),
        ("How large", {}, "not tested"),
    ],
)
def test_claims_are_judged_by_their_rules(claim, found, verdict):
    verdicts = holds(**found)
    assert [v for c, v in verdicts.items() if c.startswith(claim)] == [verdict]
    assert all(v == "not tested" for c, v in verdicts.items() if not c.startswith(claim))


def test_figures_stand_beside_those_of_the_paper():
    found = {"structure_alignment": structure(0.75, 0.001), "behavior_alignment": behaviors(0.01, 0.01)}
    table = report.comparison(STUDY, found).set_index("item")
    assert (table["certainty"].dropna() == "second-hand").all() and table["paper"].notna().sum() == 17
    assert table.loc["Mixtral-8x7B", "paper"] == pytest.approx(0.8666)
    assert table.loc["made-up", ["ours", "ceiling"]].tolist() == [0.75, 0.92]
    big_five = table.loc["Big Five (BFI-2)"]
    assert (big_five["paper"], big_five["ours"]) == (pytest.approx(0.644), 0.7), "second-hand goes before the circle"
    assert table.loc["H-NP", ["paper"]].tolist() == [pytest.approx(0.8281)] and pd.isna(table.loc["H-NP", "ours"])
    assert len(table.loc[["Social survey"]]) == 2


def test_tables_that_are_not_there_are_named(tmp_path):
    study = SimpleNamespace(tables=tmp_path)
    with pytest.raises(StudyError, match="nothing to report on .* make all"):
        report.published(study)
    ranks(3).to_csv(tmp_path / "induction_ranks.csv", index=False)
    found, messages = report.published(study)
    assert list(found) == ["induction_ranks"]
    assert "baselines is left out: 06_robustness has not been run with these parameters." in messages
