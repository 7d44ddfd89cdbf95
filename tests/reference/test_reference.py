"""The statistics against other programs' stored results; `docs/methods.md` shows the same comparison."""

import pandas as pd
import pytest
from reference import inputs, ours, table

from lib import paths


@pytest.mark.parametrize("one", table.stored(), ids=lambda s: f"{s.statistic} ({s.program})")
def test_equals_another_program(one):
    row = table.compared(one)
    assert row.holds, f"{row.case}: {row.ours} here, {row.theirs} there"


def test_every_statistic_is_held_against_a_program_that_is_named_with_version_and_call():
    assert {one.statistic for one in table.stored()} == set(ours.COMPARED)
    assert all(one.program and one.version[0].isdigit() and one.call and one.numbers for one in table.stored())


def test_errors_are_allowed_for_chance_only():
    for one in table.stored():
        _, errors = table.numbers(one.statistic)
        assert not one.error or errors or one.statistic == "random answers, structure"
        assert all(0 <= error < 0.01 for error in {**one.error, **errors}.values())


def test_the_page_shows_what_is_stored():
    text = table.PAGE.read_text(encoding="utf-8")
    assert text == table.page(text), "python -m tests.reference.table writes it anew"
    assert table.markdown().count("\n") > 25


def test_the_other_programs_were_given_todays_data():
    for name, made in inputs.tables().items():
        pd.testing.assert_frame_equal(inputs.read(name), made.reset_index(drop=True), atol=2 * 10**-inputs.DECIMALS)


def test_inputs_hold_numbers_by_item_id_and_no_text():
    for name in (inputs.VALUES, inputs.BEHAVIOR):
        table_ = inputs.read(name)
        assert list(table_.columns) == ["wording", "person", "condition", *inputs.keys(name)["id"]]
        assert table_.drop(columns=["wording", "person", "condition"]).dtypes.eq(float).all()


def test_make_runs_every_script():
    scripts = {path.stem for path in (paths.ROOT / "tests/reference/r").glob("*.R")} - {"common"}
    kept = {path.stem for path in (paths.ROOT / "tests/reference/stored").glob("*.json")}
    assert scripts <= kept | {"boot"} and "survey" in kept
