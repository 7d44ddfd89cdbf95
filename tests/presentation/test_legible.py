"""The published figures can be read: no text over another, none cut off at the edge."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from fontTools.ttLib import TTFont

from lib import paths
from lib.presentation import fonts

FIGURES = sorted((paths.ROOT / "figures").glob("*.svg"))


class Box(NamedTuple):
    """Where a line of text stands, in pixels of the figure."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def over(self, other: "Box") -> bool:
        """Whether the two share more than a pixel either way."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > 1 and down > 1


@cache
def widths(weight: str) -> tuple[dict, dict, int]:
    font = TTFont(fonts.files()[weight])
    return font.getBestCmap(), font["hmtx"].metrics, font["head"].unitsPerEm


def width(text: str, size: float, weight: str) -> float:
    glyphs, metrics, units = widths(weight)
    return sum(metrics[glyphs[ord(c)]][0] for c in text) * size / units


def level_texts(node: ElementTree.Element, x: float = 0, y: float = 0) -> Iterator[Box]:
    """Yields all that is written from left to right; turned text is left out."""
    transform = node.get("transform", "")
    if "rotate" in transform or node.get("opacity") == "0":
        return
    if moved := re.search(r"translate\(([-\d.e]+),([-\d.e]+)\)", transform):
        x, y = x + float(moved[1]), y + float(moved[2])
    if node.tag.endswith("}text"):
        size, weight = float(node.get("font-size", "11px")[:-2]), node.get("font-weight", "normal")
        for line in [node, *node][bool(len(node)) :]:
            text = "".join(line.itertext())
            long, base = width(text, size, weight), y + float(line.get("dy") or 0)
            left = x - long * {"start": 0, "middle": 0.5, "end": 1}[node.get("text-anchor", "start")]
            # Capitals and digits are about 0.7 of the size high.
            if text.strip():
                yield Box(text, left, base - 0.7 * size, left + long, base)
            y = base
        return
    for child in node:
        yield from level_texts(child, x, y)


@pytest.mark.parametrize("path", FIGURES, ids=lambda p: p.stem)
def test_nothing_written_is_covered_or_cut_off(path):
    root = ElementTree.parse(path).getroot()
    boxes = list(level_texts(root))
    across, down = float(root.get("width")), float(root.get("height"))
    assert boxes
    assert not [b for b in boxes if b.left < -1 or b.right > across + 1 or b.top < 0 or b.bottom > down]
    assert not [(a.text, b.text) for a, b in combinations(boxes, 2) if a.over(b)]


def test_the_check_finds_what_is_covered():
    texts = "".join(
        f'<g transform="translate(0,{y})"><text transform="translate({x},0)" text-anchor="{anchor}">{text}</text></g>'
        for x, y, anchor, text in ((10, 20, "start", "nine"), (40, 22, "end", "ten"), (10, 40, "middle", "far"))
    )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{texts}<text opacity="0">hidden</text></svg>'
    nine, ten, far = level_texts(ElementTree.fromstring(svg))
    assert nine.over(ten) and not nine.over(far) and not ten.over(far)
    assert far.left == pytest.approx(10 - (far.right - 10)) and ten.right == 40
