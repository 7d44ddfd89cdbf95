"""Fonts under names that systems have, with letters twice as wide: what is drawn with one of them comes out otherwise.

`python tests/decoy_fonts.py FOLDER` makes them, and FOLDER/fonts.conf. A program started with FONTCONFIG_FILE set to
that file finds no font of the system's but these (on Linux; other systems have their own ways to find fonts).
"""

import sys
from pathlib import Path

from fontTools.ttLib import TTFont

from lib.presentation import fonts

NAMES = ("Liberation Sans", "Arial", "Helvetica", "DejaVu Sans", "sans-serif")
CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}</dir></fontconfig>
"""


def make(folder: Path) -> Path:
    """Writes the fonts, regular and bold, and returns the file to set FONTCONFIG_FILE to."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        for weight, source in fonts.files().items():
            font = TTFont(source)
            widen(font)
            rename(font, name)
            font.save(folder / f"{name}-{weight}.ttf")
    configuration = folder / "fonts.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder))
    return configuration


def widen(font: TTFont) -> None:
    widths = font["hmtx"].metrics
    for glyph, (advance, bearing) in widths.items():
        widths[glyph] = (2 * advance, bearing)


def rename(font: TTFont, name: str) -> None:
    for record in font["name"].names:
        text = record.toUnicode().replace("Induced Values Sans", name)
        record.string = text.replace("InducedValuesSans", name.replace(" ", ""))


if __name__ == "__main__":
    print(make(Path(sys.argv[1])))
