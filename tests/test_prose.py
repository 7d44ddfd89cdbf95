"""Every number in prose that claims a result is that of the published tables (`prose.toml` says which).

`python tests/test_prose.py` prints the sentences with their numbers in them, to be taken over into the text.
"""

import re
import tomllib
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from lib import paths
from lib.analysis import published
from lib.analysis.alignment import chosen
from lib.analysis.study import Study
from lib.materials import references
from lib.presentation import tables

PROSE = tomllib.loads(Path(__file__).with_name("prose.toml").read_text(encoding="utf-8"))
WORDS = "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()


# ── Numbers from tables ─────────────────────────────────────────────────────────────────────────────────────────────


def rows_of(of: str, keys: dict, rows: dict = PROSE["rows"]) -> pd.DataFrame:
    """The rows that a slot speaks of."""
    where = rows[of] | keys
    table = published.read(Study(), where.pop("table"))
    if "beyond" in table:
        return chosen(table, **where)
    return table[(table[list(where)] == pd.Series(where)).all(axis=1)] if where else table


def number(slot: dict) -> str:
    """What stands in a slot."""
    slot = dict(slot)
    of, show, over = slot.pop("of"), slot.pop("show"), slot.pop("over", None)
    found = rows_of(of, slot)
    how, _, column = show.rpartition(" ")
    if column == "is":
        how, column = column, how
    if column == "count":
        return _written(len(found), how, column)
    if over is None:
        assert len(found) == 1, f"{len(found)} rows of {of} with {slot}"
    if column == "interval":
        row = found.iloc[0]
        return tables.apa_interval(row["estimate" if "estimate" in row else "difference"], row["low"], row["high"])
    return _written(found[column].agg(over) if over else found[column].iloc[0], how, column)


def _written(x: float, how: str, column: str) -> str:
    if how == "is":
        return tables.apa_p_is(x)
    if how in ("word", "Word"):
        return WORDS[int(x)].capitalize() if how == "Word" else WORDS[int(x)]
    if how.startswith("%"):
        return tables.apa_number(100 * x, decimals=int(how[1:] or 0))
    return str(x) if column == "count" else tables.apa_table(pd.DataFrame({column: [x]})).iloc[0, 0]


def told(entry: dict) -> str:
    return folded(entry["sentence"].format(**{name: number(slot) for name, slot in entry["numbers"].items()}))


# ── The text ────────────────────────────────────────────────────────────────────────────────────────────────────────


def folded(text: str) -> str:
    return " ".join(text.split())


def prose(file: str) -> str:
    path = paths.ROOT / file
    if path.suffix != ".ipynb":
        return folded(path.read_text(encoding="utf-8"))
    return folded("\n\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown"))


def uncovered(text: str, sentences: list[str], allowed: list[str]) -> list[str]:
    """What is left of a text with a digit in it once sentences that are held against tables are taken out."""
    text = re.sub(r"`[^`]*`", "`…`", _without(_without(folded(text), sentences), allowed))
    sizes = {f"{one.n:,}" for one in references.references().values()}
    found = re.findall(r"\S*\d\S*", re.sub(r"\b(?:19|20)\d\d\b", "…", text))
    return [word for word in found if word.strip("*(),.;:[]") not in sizes]


def _without(text: str, parts: list[str]) -> str:
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, "…")
    return text


@pytest.mark.parametrize("entry", PROSE["said"], ids=lambda e: f"{e['file']}: {e['sentence'][:40]}")
def test_what_is_said_is_what_the_tables_say(entry):
    assert told(entry) in prose(entry["file"])


def test_no_number_among_the_findings_stands_there_unchecked():
    section = (paths.ROOT / "README.md").read_text(encoding="utf-8").split("## What is found")[1].split("\n## ")[0]
    assert not uncovered(section, [told(e) for e in PROSE["said"] if e["file"] == "README.md"], PROSE["allowed"])


# ── The check itself ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_number_that_no_sentence_covers_is_found():
    text = "At *r* = .75 [.63, .84] in 151 US\nadults (2017, `pvq40`); chance is .35, and 4 % are left."
    assert uncovered(text, [], []) == [".75", "[.63,", ".84]", ".35,", "4"]
    assert uncovered(text, ["At *r* = .75 [.63, .84] in 151 US adults"], ["chance is .35"]) == ["4"]


@pytest.mark.parametrize("entry", PROSE["said"], ids=lambda e: e["sentence"][:40])
def test_every_slot_has_a_number_and_every_number_a_slot(entry):
    assert set(re.findall(r"\{(\w+)\}", entry["sentence"])) == entry["numbers"].keys()
    assert "–" not in told(entry) and "nan" not in told(entry)


@pytest.mark.parametrize(
    ("show", "text"),
    [
        ("r", ".75"),
        ("p", "< .001"),
        ("p is", "p < .001"),
        ("share is", "p = .042"),
        ("% share", "4"),
        ("%1 share", "4.2"),
    ],
)
def test_numbers_are_written_as_asked(show, text, monkeypatch):
    table = pd.DataFrame({"r": [0.754], "p": [0.0004], "share": [0.042], "n": [7056], "sample": ["a"]})
    monkeypatch.setattr(published, "read", lambda study, name: table)
    monkeypatch.setitem(PROSE["rows"], "planted", {"table": "planted"})
    assert number({"of": "planted", "sample": "a", "show": show}) == text
    assert number({"of": "planted", "show": "n"}) == "7,056"
    assert number({"of": "planted", "show": "Word count"}) == "One"
    with pytest.raises(AssertionError, match="0 rows of planted"):
        number({"of": "planted", "sample": "b", "show": show})


if __name__ == "__main__":
    for entry in PROSE["said"]:
        print(f"{entry['file']}: {told(entry)}\n")
