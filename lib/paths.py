"""Where everything lies: one constant for each folder, independent of the working directory."""

import os
import re
from pathlib import Path

import platformdirs

from lib.errors import StudyError

ROOT = Path(__file__).resolve().parents[1]
RAW = ROOT / "data" / "raw"
INSTRUMENTS = RAW / "instruments"
HUMAN = RAW / "human"
ANSWERS = RAW / "answers"

TEXTS_VARIABLE = "INDUCED_VALUES_TEXTS"
CACHE_VARIABLE = "INDUCED_VALUES_CACHE"
OUTPUT_VARIABLE = "INDUCED_VALUES_OUTPUT"

# Another place for what the notebooks make, so that a trial run leaves the published outputs alone.
_OUTPUT = Path(os.environ.get(OUTPUT_VARIABLE) or ROOT)
PROCESSED = _OUTPUT / "data" / "processed"
FIGURES = _OUTPUT / "figures"


def cache_folder() -> Path:
    """Returns the user's cache folder (weights, downloads, asked answers), which it creates.

    `INDUCED_VALUES_CACHE` names another one.

    Raises:
        StudyError: it cannot be made.
    """
    named = os.environ.get(CACHE_VARIABLE)
    folder = Path(named).expanduser() if named else Path(platformdirs.user_cache_dir("induced-values"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudyError(
            f"The folder {folder} cannot be made: {error.strerror}. {CACHE_VARIABLE} names another one."
        ) from error
    return folder


def slug(name: str) -> str:
    """Returns what a folder is called after a name: runs of anything but ASCII letters, digits and _ . + - become _.

    The Makefile has the same rule.

    Raises:
        StudyError: a name without letter or digit, or one whose folder would begin with a dot or a dash.
    """
    made = re.sub(r"[^A-Za-z0-9_.+-]+", "_", name)
    if not re.match(r"(?![.-]).*[A-Za-z0-9]", made):
        raise StudyError(
            f"No folder can be named after {name!r}. A model's name holds a letter from A to Z or a digit, and begins "
            "with neither a dot nor a dash."
        )
    return made
