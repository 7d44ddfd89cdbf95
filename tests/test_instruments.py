import shutil

import pytest

from lib import instruments, paths
from lib.errors import StudyError
from lib.values import CODES

PVQ40_COUNTS = {"SD": 4, "ST": 3, "HE": 3, "AC": 4, "PO": 3, "SE": 5, "CO": 4, "TR": 4, "BE": 4, "UN": 6}


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(paths.INSTRUMENTS, tmp_path, dirs_exist_ok=True)
    return tmp_path


def edit(folder, old, new, name="open_portraits.csv"):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("name", ["open_portraits", "pvq40"])
def test_item_counts_are_those_of_pvq40(name):
    instrument = instruments.load(name)
    counts = {code: list(instrument.key.values()).count(code) for code in CODES}
    assert counts == PVQ40_COUNTS
    assert instrument.labels == ("1", "2", "3", "4", "5", "6")
    assert instrument.scales == CODES


def test_pvq40_key_is_schwartzs():
    key = instruments.load("pvq40").key
    assert [n for n in range(1, 41) if key[f"pvq40_{n:02d}"] == "UN"] == [3, 8, 19, 23, 29, 40]
    assert [n for n in range(1, 41) if key[f"pvq40_{n:02d}"] == "SE"] == [5, 14, 21, 31, 35]
    assert [n for n in range(1, 41) if key[f"pvq40_{n:02d}"] == "PO"] == [2, 17, 39]


def test_licensed_header_holds_no_text():
    instrument = instruments.load("pvq40")
    assert all(not item.texts for item in instrument.items)
    assert (paths.INSTRUMENTS / "pvq40.csv").read_text().splitlines()[0] == "id,scale,reversed"


def test_open_texts_do_not_name_their_value():
    from lib.alignment import word_overlap

    overlap = word_overlap("open_portraits")
    assert (overlap["name_words"] == "").all()
    assert (overlap["definition_words"] != "").sum() <= 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("portrait_02,", "portrait_01,", r"line 3: duplicate id 'portrait_01', first on line 2"),
        ("portrait_05,SE", "portrait_05,XX", r"line 6: unknown value 'XX'; one of PO, AC"),
        ("portrait_01,SD,no", "portrait_01,SD,maybe", r"line 2: reversed is 'maybe'"),
        ("portrait_01,", ",", r"line 2: missing id"),
        ("id,scale,reversed,I,he", "id,scale,reversed,I,him", r"line 1: missing column\(s\) he"),
    ],
)
def test_broken_item_files_name_file_line_and_rule(folder, old, new, message):
    edit(folder, old, new)
    with pytest.raises(StudyError, match=r"open_portraits\.csv, " + message):
        instruments.load("open_portraits", folder)


def test_missing_text_is_named(folder):
    path = folder / "open_portraits.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[3] = "portrait_03,UN,no,I think so.,,She thinks so.,They think so."
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(StudyError, match="line 4: missing text of 'portrait_03' in person he"):
        instruments.load("open_portraits", folder)


def test_broken_headers(folder):
    edit(folder, 'kind = "values"', 'kind = "mood"', "open_portraits.toml")
    with pytest.raises(StudyError, match="kind 'mood' is none of"):
        instruments.load("open_portraits", folder)
    (folder / "open_portraits.toml").write_text("id = [", encoding="utf-8")
    with pytest.raises(StudyError, match="not a readable TOML header"):
        instruments.load("open_portraits", folder)


def test_unknown_instrument_lists_what_there_is():
    with pytest.raises(StudyError, match="Unknown instrument 'pvq'. There is: .*open_portraits, .*pvq40"):
        instruments.load("pvq")


def test_licensed_text_from_a_folder_is_checked(tmp_path, monkeypatch):
    monkeypatch.setenv("INDUCED_VALUES_TEXTS", str(tmp_path))
    pvq40 = instruments.load("pvq40")
    with pytest.raises(StudyError, match=r"no valuebench/value_orientation\.csv in"):
        instruments.item_texts(pvq40)
    (tmp_path / "valuebench").mkdir()
    (tmp_path / "valuebench" / "value_orientation.csv").write_text("questionnaire,item\nPVQ40,I lie.\n")
    with pytest.raises(StudyError, match="is not the pinned file"):
        instruments.item_texts(pvq40)


def test_licensed_text_out_of_reach_says_how_to_get_it(monkeypatch):
    import pooch

    def refuse(*_, **__):
        raise ConnectionError("no route")

    monkeypatch.delenv("INDUCED_VALUES_TEXTS", raising=False)
    monkeypatch.setattr(pooch, "retrieve", refuse)
    with pytest.raises(StudyError, match="licensed and not part of this project.*INDUCED_VALUES_TEXTS"):
        instruments.item_texts(instruments.load("pvq40"))
