import numpy as np
import pytest

from lib.errors import StudyError
from lib.materials import reported


def test_every_name_of_the_papers_is_in_its_table():
    assert set(reported.PAPER_NAMES.values()) == set(reported.in_table(reported.BEHAVIOR).index)
    assert set(reported.PAPER_STRATEGIES.values()) == set(reported.in_table(reported.POPULATION).index)
    assert len(reported.in_table(reported.STRUCTURE)) == 7


def test_figures_are_correlations_by_our_own_names():
    assert reported.of_questionnaire("bfi2") == pytest.approx(0.644)
    assert reported.of_strategy("h_np") == pytest.approx(0.8281)
    assert np.isnan(reported.of_questionnaire("social_survey"))
    assert np.isnan(reported.of_strategy("h_profile"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("certainty", "surety", r"line 1: missing column\(s\) certainty"),
        ("value_structure,Mix", "values,Mix", "line 2: Unknown table 'values'"),
    ],
)
def test_a_faulty_file_is_named(tmp_path, old, new, message):
    path = tmp_path / "paper_reported.csv"
    path.write_text(reported.REPORTED_FILE.read_text().replace(old, new, 1))
    with pytest.raises(StudyError, match=f"paper_reported.csv, {message}"):
        reported.reported(path)
