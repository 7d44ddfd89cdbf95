"""The typeface of the figures: it is the project's own, complete, and no font of the system's can take its place."""

import base64
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import decoy_fonts
import pytest
from fontTools.ttLib import TTFont

from lib import paths
from lib.errors import StudyError
from lib.presentation import fonts

FIGURES = sorted((paths.ROOT / "figures").glob("*.svg"))
FAMILY, *_ = fonts.FAMILY.split(", ")

# Draws the same chart twice: as figures are drawn, and with a font that a system may have or not.
DRAW = """
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from lib.materials.values import CODES
from lib.presentation import charts
from lib.presentation.figures.structure import lift_heatmap

folder = Path(sys.argv[1])
lift = pd.DataFrame(np.eye(10) - 0.5, list(CODES), list(CODES))
chart = lift_heatmap(lift, "α → β").properties(title="Bold: AVAV, 12 × 3 ≤ 40")
styled = charts.save(chart, "figure", folder)
(folder / "figure_shown.png").write_bytes(styled._repr_mimebundle_(None, None)[0]["image/png"])
for ending in ("svg", "png"):
    chart.configure(font="Liberation Sans").save(folder / f"control.{ending}")
"""


def draw(folder: Path, **environment: str) -> dict[str, bytes]:
    """What a new process draws, by file name."""
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-c", DRAW, str(folder)], cwd=paths.ROOT, env={**os.environ, **environment}, check=True
    )
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.skipif(sys.platform != "linux", reason="the fonts of the system are told otherwise")
def test_figures_are_the_same_whatever_fonts_the_system_has(tmp_path):
    plain = draw(tmp_path / "plain")
    other = draw(tmp_path / "other", FONTCONFIG_FILE=str(decoy_fonts.make(tmp_path / "fonts")))
    assert plain.keys() == other.keys()
    changed = {name for name in plain if plain[name] != other[name]}
    assert changed == {"control.svg", "control.png"}


@pytest.mark.parametrize("figure", FIGURES, ids=lambda p: p.stem)
def test_every_character_of_the_figures_is_in_the_font(figure):
    """What the font lacks would be taken from the system's."""
    there = {weight: TTFont(path).getBestCmap().keys() for weight, path in fonts.files().items()}
    texts = list(ElementTree.parse(figure).iter("{http://www.w3.org/2000/svg}text"))
    assert texts
    for text in texts:
        assert text.get("font-family") == fonts.FAMILY
        assert text.get("font-style", "normal") == "normal"
        characters = {ord(c) for c in "".join(text.itertext())}
        assert characters <= there[text.get("font-weight", "normal")], text.text


@pytest.mark.parametrize("weight", fonts.files())
def test_the_font_has_a_name_of_its_own_and_the_licence(weight):
    names = TTFont(fonts.files()[weight])["name"]
    assert names.getDebugName(1) == FAMILY
    assert not [n for n in (1, 3, 4, 6) if re.search("Liberation|Arimo", names.getDebugName(n))]  # reserved names
    assert "Red Hat" in names.getDebugName(0) and "SIL Open Font License" in names.getDebugName(13)


def test_a_missing_file_is_said(monkeypatch, tmp_path):
    fonts.register.cache_clear()
    monkeypatch.setattr(fonts, "_FOLDER", tmp_path)
    with pytest.raises(StudyError, match=r"InducedValuesSans-Regular.ttf, InducedValuesSans-Bold.ttf"):
        fonts.register()


def test_a_page_holds_the_font():
    found = re.findall(
        r'font-weight: (\w+); src: url\(data:font/ttf;base64,([\w+/=]+)\) format\("truetype"\)', fonts.faces()
    )
    assert {weight: base64.b64decode(data) for weight, data in found} == {
        weight: path.read_bytes() for weight, path in fonts.files().items()
    }
    assert len(fonts.faces()) < 150_000
