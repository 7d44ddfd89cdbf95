"""The typeface of figures and pages, which comes with the project so that text has the same widths everywhere."""

import base64
from functools import cache
from pathlib import Path

import vl_convert

from lib.errors import StudyError

# The first name, which no system carries, is what figures are measured and drawn with. The others, of the same widths,
# are for browsers that show an SVG file.
_NAME = "Induced Values Sans"
FAMILY = f"{_NAME}, Liberation Sans, Arial, sans-serif"

_FOLDER = Path(__file__).with_name("fonts")
_FILES = {"normal": "InducedValuesSans-Regular.ttf", "bold": "InducedValuesSans-Bold.ttf"}


def files() -> dict[str, Path]:
    """Returns the font file of each weight.

    Raises:
        StudyError: one is missing.
    """
    paths = {weight: _FOLDER / name for weight, name in _FILES.items()}
    missing = [path.name for path in paths.values() if not path.is_file()]
    if missing:
        raise StudyError(f"Missing in {_FOLDER}: {', '.join(missing)}. Figures need them; git restores them.")
    return paths


@cache
def register() -> None:
    """Makes the font known to what draws the figures, once.

    Raises:
        StudyError: a font file is missing (without it some font of the system's would be taken, and nothing said).
    """
    files()
    vl_convert.register_font_directory(str(_FOLDER))


def faces() -> str:
    """Returns the font as CSS with the files in it, for a page that loads nothing.

    Raises:
        StudyError: a font file is missing.
    """
    return "\n".join(
        f'@font-face {{ font-family: "{_NAME}"; font-weight: {weight}; '
        f'src: url(data:font/ttf;base64,{base64.b64encode(path.read_bytes()).decode()}) format("truetype"); }}'
        for weight, path in files().items()
    )
