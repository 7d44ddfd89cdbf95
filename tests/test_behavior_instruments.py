import hashlib
import json
import os
import shutil

import numpy as np
import pandas as pd
import pytest

from lib import behavior_tests, human_behavior, instruments, paths, texts
from lib.errors import StudyError
from lib.persons import PERSONS
from lib.planning import make_plan, prompts, standing_plan
from lib.values import CODES, CONDITIONS

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
        ('contribution = ["UN", "BE"]', 'contribution = ["UN", "XX"]', r"\[peaks\] has unknown value\(s\) XX"),
        ('modes = ["likelihood"]', 'tongues = ["likelihood"]', r"\[asked\] has unknown tongues; there is inductions"),
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
        texts.text_source({"type": "pdf"})
    with pytest.raises(StudyError, match="type package"):
        texts.text_source({"type": "package", "url": "x"})


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


# ── The behaviour tests ─────────────────────────────────────────────────────────────────────────────────────────────


def test_catalogue_and_item_file_agree():
    table, instrument = behavior_tests.catalogue(), instruments.load("behavior_tests")
    assert len(table) == 135 and set(instrument.scales) == set(table.index)
    assert set(balance(instrument).values()) == {(20, 20)}
    lines = np.array([int(i.id.rsplit("_", 1)[1]) for i in instrument.items])
    assert (lines < table.loc[[i.scale for i in instrument.items], "statements"].to_numpy()).all()


def test_what_is_conservative_is_political_and_has_a_reason():
    table = behavior_tests.catalogue()
    conservative = table[table["conservative"] == "yes"]
    assert set(conservative["group"]) == {"politics"} and len(conservative) == 5
    assert table["reason"].str.len().min() > 5


@has_texts
def test_the_shipped_draw_is_the_seeds():
    shipped = pd.read_csv(paths.INSTRUMENTS / "behavior_tests.csv")
    pd.testing.assert_frame_equal(behavior_tests.draw_items(), shipped)
    assert not behavior_tests.draw_items(seed=1).equals(shipped)


@pytest.mark.parametrize("wanted", [1, 7, 0])
def test_an_odd_number_of_statements_is_refused(wanted):
    with pytest.raises(StudyError, match="must be an even number"):
        behavior_tests.draw_items(wanted)


def responses(effect: dict[str, float], missing: str | None = None) -> pd.DataFrame:
    """Answers to the behaviour tests in which the named conditions raise agreeableness by so much."""
    instrument = instruments.load("behavior_tests")
    index = pd.MultiIndex.from_tuples(
        [("definition", "imagine", "I", c) for c in CONDITIONS], names=["induction", "wording", "person", "condition"]
    )
    noise = np.random.default_rng(0).standard_normal((len(index), len(instrument.key)))
    items = pd.DataFrame(noise, index, list(instrument.key))
    mine = [i.id for i in instrument.items if i.scale == "agreeableness"]
    for condition, size in effect.items():
        items.loc[pd.IndexSlice[:, :, :, condition], mine] += size
    if missing:
        items[[i.id for i in instrument.items if i.scale == missing][:25]] = np.nan
    return items


def test_answers_to_another_draw_are_left_out():
    tests = instruments.load("behavior_tests")
    answers = pd.DataFrame({"item": [tests.items[0].id, "agreeableness_9999"]})
    assert behavior_tests.of_this_draw(answers, tests)["item"].tolist() == [tests.items[0].id]
    with pytest.raises(StudyError, match="None of the 5,400 statements drawn was asked. Ask them: make ask"):
        behavior_tests.of_this_draw(answers.iloc[1:], tests)


def test_agreement_table_finds_what_was_put_in():
    table = behavior_tests.agreement_table(responses({"BE": 3.0, "PO": -3.0}), instruments.load("behavior_tests"))
    assert len(table) == 135 * 11
    mine = table[table["behavior"] == "agreeableness"].set_index("condition")
    assert mine.loc["BE", "low"] > 2 and mine.loc["PO", "high"] < -2
    assert mine.loc["BE", "share"] > 0.9 and mine.loc["BE", "statements"] == 40
    wide = behavior_tests.by_higher_order(table)
    assert wide.loc["agreeableness"].idxmax() == "TRANS" and wide.loc["agreeableness"].idxmin() == "ENH"


def test_a_behaviour_with_too_few_answers_has_no_figures():
    items = responses({}, missing="narcissism")
    table = behavior_tests.agreement_table(items, instruments.load("behavior_tests"))
    mine = table[table["behavior"] == "narcissism"]
    assert (mine["statements"] == 15).all() and mine["agreement"].isna().all()
    assert "narcissism" not in behavior_tests.profiles(table).index


def test_statements_that_were_not_asked_are_not_held_against_a_behaviour():
    instrument = instruments.load("behavior_tests")
    items = responses({"BE": 3.0})
    asked = [i.id for k, i in enumerate(instrument.items) if k % 4 == 0]
    table = behavior_tests.agreement_table(items[asked].reindex(columns=items.columns), instrument, asked)
    assert (table["statements"] == 10).all() and table["agreement"].notna().all()


# ── Human results ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_variable_of_the_surveys_is_asked_for():
    for name, n in (("gss2012_us", 24), ("ess9_be", 23)):
        table = human_behavior.cells(name)
        assert table["variable"].nunique() == n and len(table) == 10 * n
    assert set(human_behavior.cells("gss2012_us").query("role == 'check'")["scale"]) == {"female", "age", "education"}


def test_a_coefficient_of_each_survey_is_where_it_belongs():
    gss, ess = (human_behavior.cells(n).set_index(["scale", "value"])["r"] for n in ("gss2012_us", "ess9_be"))
    assert gss["prayer", "TR"] == 0.266 and gss["gay_marriage", "CO"] == -0.282
    assert ess["immigration", "SE"] == -0.21 and ess["prayer", "TR"] == 0.208


def test_unknown_cells_stay_unknown():
    table = human_behavior.cells("parks_leduc_2015_secondhand")
    assert len(table) == 20 and not table["r"].isna().any()
    assert human_behavior.matrix(table).isna().to_numpy().sum() == 5 * 10 - 20 - 10  # neuroticism has no row


def test_signs_have_no_size():
    table = human_behavior.cells("directional")
    assert table["r"].isna().all() and set(table["sign"]) == {-1, 1}
    own = table[table["instrument"] == "everyday_behaviors"]
    assert (own["scale"] == own["value"]).all() and len(own) == 10


def test_the_circle_predicts_a_cosine_from_the_peaks():
    cells = human_behavior.theory_cells(instruments.load("everyday_behaviors")).set_index(["scale", "value"])["r"]
    assert cells["PO", "PO"] == pytest.approx(1) and cells["PO", "UN"] == pytest.approx(-1)
    midway = human_behavior.theory_cells(instruments.load("charity_game")).set_index("value")["r"]
    assert midway["UN"] == pytest.approx(midway["BE"]) == pytest.approx(np.cos(np.deg2rad(18)))


def test_shared_behaviours_set_a_ceiling():
    table = human_behavior.shared()
    assert {"attendance", "prayer", "religiousness", "politics_right", "trust"} <= set(table["scale"])
    assert len(table) == 10 and (table["r"] > 0).all()


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(paths.HUMAN, tmp_path / "human")
    return tmp_path / "human"


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("behavior_map.csv", "gss2012_us,pray,", "gss2012_us,prey,", "lacks gss2012_us's pray"),
        ("behavior_map.csv", "social_survey,prayer", "social_survey,prayers", "social_survey has no scale prayers"),
        ("behavior_map.csv", "age,check", "age,control", "role control is none of behavior, check"),
        ("behavior/gss2012_us.csv", ",PO,AC", ",POWER,AC", "missing column.* PO"),
        ("behavior/gss2012_us.csv", "-0.082,", "-8.2,", "beyond -1 and 1"),
        ("behavior_references.toml", 'kind = "coefficients"', 'kind = "guess"', "kind 'guess' is none of"),
    ],
)
def test_faulty_references_are_named(folder, file, old, new, message):
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    with pytest.raises(StudyError, match=message):
        human_behavior.cells("gss2012_us", folder)


def test_an_unknown_reference_lists_those_there_are():
    with pytest.raises(StudyError, match=r"Unknown behaviour reference 'mars'. There is: directional, ess9_be"):
        human_behavior.cells("mars")


def test_the_open_statements_have_all_persons():
    assert {p for _, p in instruments.item_texts(instruments.load("social_survey"))} == set(PERSONS)
