"""The comparison of `ours` with what is stored of other programs, and the table of it in `docs/methods.md`.

`python -m tests.reference.table` writes the table anew.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from lib import paths

from . import inputs
from .ours import COMPARED, Compared, Numbers

STORED = inputs.HERE / "stored"
PAGE = paths.ROOT / "docs" / "methods.md"
BEGIN, END = "<!-- table: python -m tests.reference.table -->", "<!-- end of table -->"
#: Two draws of the same chance lie within so many standard errors of each other.
ERRORS = 4
#: Below this two numbers are the same: nine digits are stored.
SAME = 1e-8
#: Differences of iterations that end at the same place hang on the processor.
SETTLED = 1e-6


@dataclass(frozen=True)
class Stored:
    """What one program says of one statistic."""

    statistic: str
    program: str
    version: str
    call: str
    numbers: Numbers
    error: Numbers


@dataclass(frozen=True)
class Row:
    """A statistic held against one program: the case that differs most, for its size (numbers below 1 as they are)."""

    stored: Stored
    case: str
    ours: float
    theirs: float
    difference: float
    allowed: float

    @property
    def holds(self) -> bool:
        return self.difference <= self.allowed


@cache
def stored() -> tuple[Stored, ...]:
    """Returns all that is stored, statistics in the order of `COMPARED`."""
    found = []
    for path in sorted(STORED.glob("*.json")):
        held = json.loads(path.read_text(encoding="utf-8"))
        for name, one in held["statistics"].items():
            known = {case: np.nan if v is None else v for case, v in one["values"].items()}
            found.append(Stored(name, held["program"], held["version"], one["call"], known, one.get("error", {})))
    return tuple(sorted(found, key=lambda s: list(COMPARED).index(s.statistic)))


@cache
def numbers(statistic: str) -> tuple[Numbers, Numbers]:
    """Returns our numbers of a statistic and their Monte Carlo errors, by case."""
    one = COMPARED[statistic]
    found = one.numbers()
    return found, one.drawn(found) if one.drawn else {}


def compared(one: Stored) -> Row:
    """Returns the case of a statistic in which we differ most from a program, beyond what is allowed or not at all."""
    ours, errors = numbers(one.statistic)
    rows = [_row(COMPARED[one.statistic], one, case, ours[case], errors.get(case, 0.0)) for case in one.numbers]
    worst = max(rows, key=lambda row: row.difference / row.allowed)
    return rows[0] if worst.difference < SAME else worst


def _row(of: Compared, one: Stored, case: str, ours: float, error: float) -> Row:
    theirs = one.numbers[case]
    size = max(1.0, abs(theirs)) if np.isfinite(theirs) else 1.0
    alike = np.isnan(ours) and np.isnan(theirs)
    difference = 0.0 if alike else abs(ours - theirs) / size
    chance = np.hypot(one.error.get(case, 0.0), error)
    return Row(one, case, ours, theirs, np.inf if np.isnan(difference) else difference, of.tolerance + ERRORS * chance)


def rows() -> Iterator[Row]:
    """Yields the comparisons in the order of the page."""
    return (compared(one) for one in stored())


def markdown() -> str:
    """Returns the table as it stands on the page."""
    head = "| statistic | numbers | function | ours | reference | difference | allowed | program |"
    lines = [head, "|" + "---|" * 8, *map(_line, rows())]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    of, one = COMPARED[row.stored.statistic], row.stored
    difference = "0" if row.difference < SAME else "< 1e-6" if row.difference < SETTLED else _digits(row.difference, 1)
    allowed = _digits(row.allowed, 1)
    if of.why and row.difference >= SAME:
        allowed += f" ({of.why})"
    elif row.allowed > of.tolerance:
        allowed += " (Monte Carlo)"
    cells = [of.title, str(len(one.numbers)), f"`{of.where}`", _digits(row.ours, 5), _digits(row.theirs, 5)]
    return "| " + " | ".join([*cells, difference, allowed, f"{one.program} {one.version}"]) + " |"


def _digits(x: float, digits: int) -> str:
    """A number below 1 without its leading zero, as the project writes them."""
    return f"{x:.{digits}g}".replace("-0.", "-.").removeprefix("0") if abs(x) < 1 and x else f"{x:.{digits}g}"


def page(text: str) -> str:
    """Returns the page with the table of today's numbers in its place."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{markdown()}\n{END}{after}"


def main(path: Path = PAGE) -> None:
    path.write_text(page(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
