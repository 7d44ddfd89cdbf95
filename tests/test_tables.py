import pandas as pd
import pytest

from lib import tables


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


def test_csv_markdown_and_latex_say_the_same(tmp_path):
    table = pd.DataFrame(
        {"sample": ["ess9_de", "a & b"], "r": [-0.756789012345, 0.5], "p": [0.0001, 0.04], "hidden": 1}
    )
    shown = tables.write(table, "t", tmp_path, {"sample": "", "r": "r", "p": "p"}, "A caption, 95 %.")
    assert (tmp_path / "t.csv").read_text().splitlines() == [
        "sample,r,p,hidden",
        "ess9_de,-0.75678901,0.0001,1",
        "a & b,0.5,0.04,1",
    ]
    assert shown.iloc[0].tolist() == ["ess9_de", "−.76", "< .001"]
    markdown = (tmp_path / "t.md").read_text()
    assert markdown.startswith("A caption, 95 %.\n\n| sample")
    assert "| −.76 |" in markdown
    latex = (tmp_path / "t.tex").read_text()
    assert r"ess9\_de & $-$.76 & $<$ .001 \\" in latex
    assert r"\caption{A caption, 95 \%.}" in latex
    assert not list(tmp_path.glob("*.part"))


def test_text_from_outside_cannot_become_latex():
    assert tables._escape(r"\input{x} 5% $a_b$ #1 ~ ^") == (
        r"\textbackslash{}input\{x\} 5\% \$a\_b\$ \#1 \textasciitilde{} \textasciicircum{}"
    )
