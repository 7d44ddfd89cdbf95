"""Where everything lies: one constant for each folder, independent of the working directory."""

import os
from pathlib import Path

import platformdirs

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
    """
    named = os.environ.get(CACHE_VARIABLE)
    folder = Path(named).expanduser() if named else Path(platformdirs.user_cache_dir("induced-values"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
