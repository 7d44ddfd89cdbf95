import csv
import io
import json
import re
import shutil

import pytest

from lib import paths
from lib.errors import LeftOutWarning, StudyError
from lib.materials import instruments, texts
from lib.materials.values import CODES

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
    from lib.analysis.overlap import word_overlap

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
    with pytest.raises(StudyError, match="not a readable TOML file"):
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


# ── Item files as spreadsheets save them ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "saved",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: as_table(text, ";").encode("utf-8-sig"),
        lambda text: as_table(text, "\t").encode("utf-16"),
        lambda text: (text + ",,,,,,\n\n").encode(),
    ],
    ids=["mark", "utf-16", "crlf", "semicolons", "unicode text", "blank rows"],
)
def test_item_files_from_a_spreadsheet_are_the_same(folder, saved):
    sound = instruments.load("open_portraits", folder)
    for suffix in (".csv", ".toml"):
        path = folder / f"open_portraits{suffix}"
        text = path.read_text(encoding="utf-8")
        path.write_bytes(saved(text) if suffix == ".csv" else text.encode("utf-8-sig"))
    assert instruments.load("open_portraits", folder) == sound


def as_table(text, delimiter):
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows(csv.reader(io.StringIO(text)))
    return written.getvalue()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            b"id,scale\na,I\x92m",
            r"open_portraits\.csv, line 2: the byte 0x92 is no UTF-8\. Save it as UTF-8 \(in Excel",
        ),
        (
            "id,scale\na".encode("utf-16-le"),
            "not a text file, or in an encoding that it does not name. Save it as UTF-8",
        ),
        (b"", r"line 1: missing column\(s\) I, he, id"),
        (b"id,scale,reversed,I,he,she,they\n", "no rows"),
        (b"id,scale,reversed,I,he,she,they,I\n", "line 1: column I stands there twice"),
        (
            b"id,scale,reversed,I,he,she,they\na,PO,no,I lead, always,He,She,They\n",
            "line 2: 8 fields, but the first line na",
        ),
        (b"id,scale,reversed,I,he,she,they\na,PO,no,I lead\n", "line 2: 4 fields, but the first line names 7"),
        (b'id,scale,reversed,I,he,she,they\na,PO,no,"I lead,He,She,They\n', "a quotation mark that is not closed"),
        (b"id,scale,reversed,I,he,she,they\na,PO,no,%b,b,c,d\n" % (b"x" * 140_000), "field larger than field limit"),
    ],
    ids=["cp1252", "utf-16 without its mark", "empty", "header only", "twice", "more", "fewer", "quote", "long"],
)
def test_item_files_that_cannot_be_read_are_named_with_line_and_advice(folder, raw, message):
    (folder / "open_portraits.csv").write_bytes(raw)
    with pytest.raises(StudyError, match=message):
        instruments.load("open_portraits", folder)


# ── Headers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "{noun}",
            "{nuon}",
            r"question: only {noun} may stand in braces \('How well does this statement describe {nuon}",
        ),
        ("{noun}", "{noun", "question: only {noun} may stand in braces"),
        ("{noun}", "{noun.__class__}", "question: only {noun} may stand in braces"),
        ("{noun}", "{noun!r}", "question: only {noun} may stand in braces"),
        ("{noun}", "{}", "question: only {noun} may stand in braces"),
        ('"like {object}"', '"like {me}"', r"options: only {object} may stand in braces \('like {me}'\)"),
        ('"like {object}"', '"like {noun}"', "options: only {object} may stand in braces"),
        ('"like {object}"', '"Not like {object} "', "options names 'not like {object}' more than once"),
        ('"like {object}"', '" "', "options is .* must be a list of texts"),
        ('"like {object}"', "4", "options is .* must be a list of texts"),
        ("validated_on_humans = false", "", "open_portraits.toml lacks validated_on_humans. Its keys are id, title"),
        ("validated_on_humans = false", 'validated_on_humans = "no"', "is 'no'; it must be true or false"),
        ('title = "Open Portraits, 40 statements"', 'title = " "', "title is empty"),
        ('title = "Open Portraits, 40 statements"', "title = 40", "title is 40; it must be text in quotes"),
        ("validated_on_humans = false", "validated_on_humans = false\nlang = 'en'", "has unknown lang"),
    ],
)
def test_headers_are_checked_whole(folder, old, new, message):
    edit(folder, old, new, "open_portraits.toml")
    with pytest.raises(StudyError, match=message):
        instruments.load("open_portraits", folder)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('[asked]\nmodes = "choice"', r"\[asked\]: modes is 'choice'; it must be a list in brackets"),
        ('[asked]\nmodes = ["guess"]', r"\[asked\] modes has unknown guess. There is: choice, likelihood, text"),
        ('[asked]\ninductions = ["none"]', r"\[asked\] inductions has unknown none"),
        ("[asked]\nwordings = []", r"\[asked\] wordings is \[\]; it must be a list of texts"),
        ('[asked]\npersons = ["he", "he"]', r"\[asked\] persons names 'he' more than once"),
        ('[asked]\npersons = ["we"]', r"\[asked\] persons has unknown we. There is: I, he, she, they"),
        ("[scales]\nPO = 1", r"\[scales\] and the item file differ in AC"),
        ("[peaks]\n" + "\n".join(f'{c} = "{c}"' for c in CODES), r"\[peaks\] PO is 'PO'; it must be a list of texts"),
        ("[scales]\n" + "\n".join(f"{c} = 1" for c in CODES), r"\[scales\]: PO is 1; it must be text in quotes"),
    ],
)
def test_tables_of_a_header_are_checked_too(folder, table, message):
    path = folder / "open_portraits.toml"
    path.write_text(path.read_text() + "\n" + table + "\n")
    with pytest.raises(StudyError, match=message):
        instruments.load("open_portraits", folder)


def test_options_are_a_list(folder):
    path = folder / "charity_game.toml"
    path.write_text(re.sub("options = .*", 'options = "abcd"', path.read_text()))
    with pytest.raises(StudyError, match="options is 'abcd'; it must be a list in brackets"):
        instruments.load("charity_game", folder)


def test_literal_braces_are_spelled_twice(folder):
    edit(folder, '"like {object}"', '"like {object} {{really}}"', "open_portraits.toml")
    assert instruments.load("open_portraits", folder).options[4].format(object="me") == "like me {really}"


@pytest.mark.parametrize(
    "place", ["../../x.csv", "/etc/passwd", "a/../../x", "..", "", "..\\x", "C:\\x", "~/x", "a/..", "x\u0000"]
)
@pytest.mark.parametrize("key", ["path", "catalogue"])
def test_no_header_names_a_file_outside_of_the_texts_folder(folder, key, place, monkeypatch):
    if key == "path":
        name, old = "pvq40", "valuebench/value_orientation.csv"
    else:
        name, old = "behavior_tests", '"behavior_tests.csv"'
        place = place or ".."
    shown = json.dumps(place)
    edit(folder, old if old[0] == '"' else f'"{old}"', shown, f"{name}.toml")
    with pytest.raises(StudyError, match=f"{key} (is .* must stay within its folder|is empty)"):
        instruments.load(name, folder)


def test_not_even_a_catalogue_leads_outside(tmp_path, monkeypatch):
    monkeypatch.setenv("INDUCED_VALUES_TEXTS", str(tmp_path / "texts"))
    (tmp_path / "secret.jsonl").write_text("{}")
    monkeypatch.setattr(paths, "RAW", tmp_path)
    (tmp_path / "list.csv").write_text(f"behavior,sha256\n../secret,{'0' * 64}\n")
    source = texts.FolderSource("https://a", "tests", "list.csv", "statement")
    with pytest.raises(StudyError, match="must stay within its folder"):
        texts.folder_lines("x", source, "../secret")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("https://", "file://", "url is 'file://.* must begin with https://"),
        ("cb81699e", "xyz", "sha256 is .* must be 64 hexadecimal digits"),
        ('column = "item"', "column = 1", "column is 1; it must be text in quotes"),
        ("where = {", 'where = "PVQ40" #', "where is 'PVQ40'; it must be a table"),
    ],
)
def test_sources_of_texts_are_checked(folder, old, new, message):
    edit(folder, old, new, "pvq40.toml")
    with pytest.raises(StudyError, match=message):
        instruments.load("pvq40", folder)


# ── What is needed of a questionnaire ───────────────────────────────────────────────────────────────────────────────


def test_a_questionnaire_of_values_asks_for_all_ten(folder):
    path = folder / "open_portraits.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line for line in lines if ",HE," not in line), encoding="utf-8")
    with pytest.raises(StudyError, match="no items for HE. A questionnaire of the kind values asks for all ten"):
        instruments.load("open_portraits", folder)


def test_an_empty_scale_is_named(folder):
    edit(folder, "contribution,", " ,", "charity_game.csv")
    with pytest.raises(StudyError, match=r"charity_game\.csv, line 2: missing scale"):
        instruments.load("charity_game", folder)


def test_one_of_behaviour_is_refused_where_values_are_needed():
    assert instruments.of_values("pvq40").kind == "values"
    with pytest.raises(StudyError, match="bfi2 asks for behaviour; this needs .* ten values: open_portraits, pvq40"):
        instruments.of_values("bfi2")


def test_one_faulty_questionnaire_does_not_stop_the_others(folder):
    edit(folder, "validated_on_humans", "validated", "bfi2.toml")
    with pytest.warns(LeftOutWarning, match=r"Left out: .*bfi2\.toml lacks validated_on_humans"):
        known = instruments.available(folder)
    assert "bfi2" not in known and "pvq40" in known
    assert "bfi2" in instruments.names(folder)
    with pytest.raises(StudyError, match="lacks validated_on_humans"):
        instruments.load("bfi2", folder)


def test_an_id_is_a_name_that_answers_can_be_filed_under(folder):
    for suffix in (".csv", ".toml"):
        (folder / f"open_portraits{suffix}").rename(folder / f"a b{suffix}")
    edit(folder, '"open_portraits"', '"a b"', "a b.toml")
    with pytest.raises(StudyError, match="an id holds letters, digits"):
        instruments.load("a b", folder)
    with pytest.raises(StudyError, match="Unknown instrument '../a b'"):
        instruments.load("../a b", folder)
