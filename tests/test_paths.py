import pytest

from lib import paths
from lib.errors import StudyError


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("smollm2-135m", "smollm2-135m"),
        ("qwen2.5:0.5b", "qwen2.5_0.5b"),
        ("org/model name", "org_model_name"),
        ("a :/ b", "a_b"),
        ("a__b", "a__b"),
        ("Ünï-8b+x", "_n_-8b+x"),
    ],
)
def test_a_folders_name_is_made_of_plain_characters(name, folder):
    assert paths.slug(name) == folder


@pytest.mark.parametrize("name", ["", "..", "../x", ".hidden", "-x", "--model", "://", "üö", "_+_"])
def test_names_without_a_folder_are_refused(name):
    with pytest.raises(StudyError, match="A model's name holds a letter"):
        paths.slug(name)
