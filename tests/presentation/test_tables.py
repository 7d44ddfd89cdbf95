import re
from pathlib import Path

import pandas as pd
import pytest

from lib import paths
from lib.presentation import tables


@pytest.mark.parametrize(
    ("x", "bounded", "text"),
    [
        (0.456, True, ".46"),
        (-0.456, True, "−.46"),
        (1.0, True, "1.00"),
        (0.999, True, "1.00"),
        (-0.001, True, ".00"),
        (0.456, False, "0.46"),
        (-12.345, False, "−12.35"),
        (10.06, True, "10.06"),
        (float("nan"), True, "–"),
    ],
)
def test_apa_numbers(x, bounded, text):
    assert tables.apa_number(x, bounded) == text


@pytest.mark.parametrize(
    ("p", "text"), [(0.0004, "< .001"), (0.001, ".001"), (0.0314, ".031"), (1.0, "1.000"), (float("nan"), "–")]
)
def test_apa_p(p, text):
    assert tables.apa_p(p) == text


def test_rounding_hides_the_last_bit():
    table = pd.DataFrame({"x": [0.1 + 0.2, 1 / 3, -0.0, 123456.123456789], "n": [1, 2, 3, 4]})
    other = table.assign(x=table["x"] * (1 + 1e-15))
    assert tables.rounded(table).to_csv() == tables.rounded(other).to_csv()
    assert tables.rounded(table)["x"].astype(str).tolist() == ["0.3", "0.33333333", "0.0", "123456.12"]


def test_what_is_said_in_sentences():
    assert tables.apa_interval(0.452, 0.309, -0.57) == ".45 [.31, −.57]"
    assert (tables.apa_p_is(0.0004), tables.apa_p_is(0.012)) == ("p < .001", "p = .012")
    assert tables.apa_r(-0.0001) == ".00"


# ── One style a column ──────────────────────────────────────────────────────────────────────────────────────────────

SAMPLE = pd.DataFrame(
    {
        "sample": ["ess9_de", "a & b"],
        "estimate": [-0.756789012345, float("nan")],
        "p": [0.0001, 0.04],
        "n_respondents": [12345, 7],
        "lift": [0.5, -12.345],
        "unheard_of": [0.923, 1.0],
        "whole": [1, 2],
    }
)


def test_columns_are_written_in_their_style():
    shown = tables.apa_table(SAMPLE)
    assert shown.loc[0].tolist() == ["ess9_de", "−.76", "< .001", "12,345", "0.50", ".92", "1"]
    assert shown.loc[1].tolist() == ["a & b", "–", ".040", "7", "−12.35", "1.00", "2"]
    assert list(tables.apa_table(SAMPLE, ["p", "sample"])) == ["p", "sample"]


def test_counts_with_gaps_are_written_whole():
    assert tables.apa_table(pd.DataFrame({"questions": [1200.0, float("nan")]}))["questions"].tolist() == ["1,200", "–"]


def test_text_in_a_column_of_numbers_stays_text():
    shown = tables.apa_table(pd.DataFrame({"p": ["", "none"], "level": ["0.5", ""]}))
    assert shown.to_numpy().tolist() == [["", "0.5"], ["none", ""]]


def test_every_style_is_known_and_what_a_table_of_alignments_shows_is_in_it():
    from dataclasses import fields

    from lib.analysis.alignment import Alignment

    assert set(tables.COLUMN_STYLES.values()) <= tables._STYLES.keys()
    known = {f.name: f.type for f in fields(Alignment)}
    assert set(tables.ALIGNMENT) <= known.keys()
    assert {name for name, kind in known.items() if kind is not str} <= tables.COLUMN_STYLES.keys()


def test_csv_markdown_and_latex_say_the_same(tmp_path):
    shown = tables.write(SAMPLE, "t", tmp_path, "A caption, 95 %.", ["sample", "estimate", "p"])
    assert (tmp_path / "t.csv").read_text().splitlines() == [
        "sample,estimate,p,n_respondents,lift,unheard_of,whole",
        "ess9_de,-0.75678901,0.0001,12345,0.5,0.923,1",
        "a & b,,0.04,7,-12.345,1.0,2",
    ]
    assert shown.to_numpy().tolist() == [["ess9_de", "−.76", "< .001"], ["a & b", "–", ".040"]]
    markdown = (tmp_path / "t.md").read_text()
    assert markdown.startswith("A caption, 95 %.\n\n| sample") and "| −.76 " in markdown
    latex = (tmp_path / "t.tex").read_text()
    assert r"ess9\_de & $-$.76 & $<$ .001 \\" in latex and r"a \& b & -- & .040 \\" in latex
    assert r"\caption{A caption, 95 \%.}" in latex and r"\label{tab:t}" in latex


def test_a_csv_alone_has_the_same_digits(tmp_path):
    tables.write_csv(SAMPLE[["estimate"]], "t", tmp_path)
    assert (tmp_path / "t.csv").read_text() == 'estimate\n-0.75678901\n""\n'
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv"]


def test_a_file_appears_only_when_it_is_whole(tmp_path, monkeypatch):
    tables.write_csv(SAMPLE, "t", tmp_path)
    before = (tmp_path / "t.csv").read_bytes()
    written = Path.write_text

    def interrupted(path, text, **how):
        written(path, text[:9], **how)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", interrupted)
    with pytest.raises(KeyboardInterrupt):
        tables.write_csv(SAMPLE.assign(p=0.0), "t", tmp_path)
    assert (tmp_path / "t.csv").read_bytes() == before


@pytest.mark.parametrize("path", sorted((paths.ROOT / "data/processed").glob("*.md")), ids=lambda p: p.stem)
def test_no_published_table_has_a_number_without_style(path):
    """More than three decimals, or "nan": a column that no style is written down for."""
    caption, _, body = path.read_text().partition("\n")
    assert caption.endswith(".") and not re.search(r"\d\.\d{4}|\| *(nan|None|True|False) *\|", body)


def test_text_from_outside_cannot_become_latex():
    assert tables._escape(r"\input{x} 5% $a_b$ #1 ~ ^") == (
        r"\textbackslash{}input\{x\} 5\% \$a\_b\$ \#1 \textasciitilde{} \textasciicircum{}"
    )
