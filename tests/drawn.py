"""What is really drawn: the marks and texts of a chart's SVG, as a browser gets them."""

import io
import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree

import altair as alt

from lib.presentation import charts  # noqa: F401 (the typeface)

_SVG = "{http://www.w3.org/2000/svg}"


class Mark(NamedTuple):
    """One mark: its kind (bar, point, rule, tick, rect, …), its colour, and what it stands for by axis or field."""

    kind: str
    color: str
    said: dict[str, str]
    element: ElementTree.Element

    def number(self, name: str) -> float:
        return float(self.said[name].replace("−", "-"))


class Drawn:
    """A chart as it is drawn."""

    def __init__(self, chart: alt.TopLevelMixin):
        text = io.StringIO()
        chart.save(text, format="svg")
        self.svg = text.getvalue()
        self.root = ElementTree.fromstring(self.svg)

    def marks(self, kind: str | None = None, color: str | None = None) -> list[Mark]:
        """Returns the marks, in the order in which they are drawn."""
        return [m for m in self._marks() if kind in (None, m.kind) and color in (None, m.color)]

    def _marks(self) -> Iterator[Mark]:
        for element in self.root.iter():
            described = element.get("aria-roledescription", "").removesuffix(" container").removesuffix(" mark")
            if element.get("role") != "graphics-symbol" or described in ("axis", "legend", "title", "subtitle"):
                continue
            if element.tag == f"{_SVG}g":  # a line at a number says nothing of itself
                yield from (Mark(described, str(line.get("stroke")), {}, line) for line in element)
                continue
            parts = [p.split(": ", 1) for p in element.get("aria-label", "").split("; ") if ": " in p]
            fill, stroke = element.get("fill"), element.get("stroke")
            color = stroke if stroke and fill in (None, "none", "white", "transparent") else fill
            yield Mark(described, str(color), dict(parts), element)

    def texts(self) -> list[str]:
        """Returns everything that is written."""
        return ["".join(t.itertext()) for t in self.root.iter(f"{_SVG}text") if t.get("opacity") != "0"]

    def legends(self) -> list[str]:
        """Returns what each legend says of itself."""
        said = [e.get("aria-label", "") for e in self.root.iter() if e.get("aria-roledescription") == "legend"]
        return [re.sub(r"^.*?legend ", "", label) for label in said]

    def axes(self) -> list[str]:
        """Returns what each axis says of itself."""
        return [e.get("aria-label", "") for e in self.root.iter() if e.get("aria-roledescription") == "axis"]
