"""Tables as files: CSV with full figures, Markdown and LaTeX in APA style."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

#: Significant digits of every published figure: enough for any use, and the same on every processor.
SIGNIFICANT = 8


def rounded(table: pd.DataFrame, digits: int = SIGNIFICANT) -> pd.DataFrame:
    """Returns the table with floats rounded to that many significant digits; -0 becomes 0."""
    floats = table.select_dtypes("floating").columns
    return table.assign(**{c: [_significant(x, digits) for x in table[c]] for c in floats})


def _significant(x: float, digits: int) -> float:
    return x if not np.isfinite(x) else float(f"{x:.{digits - 1}e}") + 0.0


def apa_number(x: float, bounded: bool = False, decimals: int = 2) -> str:
    """Returns a number in APA style: fixed decimals, and no zero before the point for what cannot exceed 1 (`bounded`).

    Missing is an en dash; minus is a true minus sign.
    """
    if x is None or not np.isfinite(x):
        return "–"
    text = f"{x:.{decimals}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    if bounded and abs(float(text)) < 1:
        text = text.replace("0.", ".", 1)
    return text.replace("-", "−")


def apa_p(p: float) -> str:
    """Returns a p value in APA style: three decimals, "< .001" below that, never ".000"."""
    if p is None or not np.isfinite(p):
        return "–"
    return "< .001" if p < 0.001 else apa_number(p, bounded=True, decimals=3)


def apa_r(r: float) -> str:
    """Returns a correlation, or any number that cannot exceed 1, in APA style: two decimals."""
    return apa_number(r, bounded=True)


def apa_interval(r: float, low: float, high: float) -> str:
    """Returns a correlation and its interval, e.g. ".45 [.31, .57]"."""
    return f"{apa_r(r)} [{apa_r(low)}, {apa_r(high)}]"


def apa_p_is(p: float) -> str:
    """Returns a p value in a sentence: "p = .012", "p < .001"."""
    written = apa_p(p)
    return f"p {written}" if written.startswith("<") else f"p = {written}"


_STYLES = {
    "r": apa_r,
    "x": apa_number,
    "n": lambda x: f"{int(x):,}" if np.isfinite(x) else "–",
    "p": apa_p,
    "": str,
}
#: How each column is written, wherever it stands: `r` what cannot exceed 1 (or is near it), `x` any number, `n` a whole
#: number, `p` a p value; other columns with decimals as `r` (human samples side by side), and text as it is.
COLUMN_STYLES: dict[str, str] = {
    column: style
    for style, columns in {
        "r": "r first second ratio reliability halves error estimate low high ceiling null_low null_high null_mean "
        "alpha omega stress permuted_mean permuted_low congruence m2 ci overlap share variance model paper ours weight "
        "difference drives median above_null eta2 value item wording person residual unmatched model_fit human_fit",
        "x": "lift distance mean human_mean sd human_sd variance_ratio wasserstein",
        "n": "n_respondents n_numbers n_items n questions ok refused unparsed out_of_range error rank took agreements "
        "predictions behaviors statements items respondents samples specifications wordings studies",
        "p": "p p_holm q protest_p",
    }.items()
    for column in columns.split()
}
#: What a table of alignments shows; the CSV has all of it.
ALIGNMENT = (
    "side instrument mode source prime wording cells reference scope measure beyond n_respondents estimate low high p "
    "p_holm null_high ceiling"
).split()


def apa_table(table: pd.DataFrame, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Returns the table as text, each column in its style (`COLUMN_STYLES`).

    Args:
        table: any table.
        columns: those that are shown, in order; all by default.
    """
    shown = {}
    for column in columns or table.columns:
        kind = table[column].dtype.kind
        style = COLUMN_STYLES.get(column, "r" if kind == "f" else "") if kind in "fiu" else ""
        shown[column] = [_STYLES[style](x) for x in table[column]]
    return pd.DataFrame(shown, index=table.index)


def write(
    table: pd.DataFrame, name: str, folder: Path, caption: str, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Writes `name`.csv (all columns), `name`.md and `name`.tex (the styled ones); returns the styled table.

    Numbers in the CSV have `SIGNIFICANT` significant digits; a file appears only when it is whole.
    """
    table = rounded(table)
    shown = apa_table(table, columns)
    latex = shown.map(_escape).rename(columns=_escape)
    _write(folder / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
    _write(folder / f"{name}.md", f"{caption}\n\n{shown.to_markdown(index=False, disable_numparse=True)}\n")
    _write(
        folder / f"{name}.tex",
        latex.to_latex(index=False, caption=_escape(caption), label=f"tab:{name}", escape=False),
    )
    return shown


def write_csv(table: pd.DataFrame, name: str, folder: Path) -> None:
    """Writes a table as CSV only, with `SIGNIFICANT` significant digits."""
    _write(folder / f"{name}.csv", rounded(table).to_csv(index=False, lineterminator="\n"))


_LATEX = {
    "\\": r"\textbackslash{}",
    **{c: "\\" + c for c in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": "$-$",
    "–": "--",
    "<": "$<$",
    ">": "$>$",
}


def _escape(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
