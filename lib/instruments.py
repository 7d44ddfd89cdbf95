"""Questionnaires as data: an item file (CSV) and a header (TOML) each, read and checked.

Item file, one row an item: `id`, `scale` (for a value questionnaire a value's code), `reversed` (yes/no) and, where the
text may be shared, one column of text for each grammatical person. Header: title, licence, citation, question, response
options from lowest to highest, and for licensed texts a table `[text]` that says where the text is had. Those of
behaviour may also have `[scales]`, each scale's title, and `[peaks]`, the value or values that the theory expects it to
go with most. `[asked]` narrows what is asked of it where nothing is said: modes, inductions, wordings, persons.
"""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lib import paths
from lib.errors import StudyError, unknown
from lib.persons import PERSONS, in_person
from lib.texts import Source, licensed_texts, text_source
from lib.values import CODES

_REQUIRED_HEADER = {
    "id",
    "title",
    "kind",
    "licence",
    "citation",
    "validated_on_humans",
    "question",
    "options",
}
_OPTIONAL_HEADER = {"note", "text", "scales", "peaks", "asked"}
_ASKED = {"modes", "inductions", "wordings", "persons"}
_KINDS = ("values", "behavior")


@dataclass(frozen=True)
class Item:
    """One statement of a questionnaire; `texts` maps person to wording and is empty for licensed items."""

    id: str
    scale: str
    reversed: bool
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Instrument:
    """A questionnaire: its header and its items in order. `options` run from lowest to highest.

    `titles` says how a scale is written, `peaks` which values the theory expects it to go with (both by scale); `asked`
    what `planning.standing_plan` keeps to.
    """

    id: str
    title: str
    kind: str
    licence: str
    citation: str
    validated_on_humans: bool
    question: str
    options: tuple[str, ...]
    items: tuple[Item, ...]
    note: str = ""
    text_source: Source | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    peaks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels a choice is made by: "1" for the lowest option, and so on."""
        return tuple(str(n + 1) for n in range(len(self.options)))

    @property
    def key(self) -> dict[str, str]:
        """Scale of each item id."""
        return {item.id: item.scale for item in self.items}

    @property
    def scales(self) -> tuple[str, ...]:
        """The scales, values in their order on the circle, others in order of first item."""
        found = dict.fromkeys(item.scale for item in self.items)
        return tuple(c for c in CODES if c in found) if self.kind == "values" else tuple(found)

    def title_of(self, scale: str) -> str:
        """Returns how a scale is written in tables and figures."""
        return self.titles.get(scale, scale.replace("-", " ").replace("_", " "))

    @property
    def persons(self) -> tuple[str, ...]:
        """The grammatical persons the statements can be put in."""
        return tuple(PERSONS)


def available(folder: Path = paths.INSTRUMENTS) -> list[str]:
    """Returns the ids of all instruments in the folder, sorted."""
    return sorted(p.stem for p in folder.glob("*.toml"))


def load(name: str, folder: Path = paths.INSTRUMENTS) -> Instrument:
    """Returns an instrument, read and checked; a licensed one comes without its text (see `item_texts`).

    Raises:
        StudyError: no such instrument; a header or item file that breaks a rule, naming file, line and rule.
    """
    header_path = folder / f"{name}.toml"
    if not header_path.exists():
        raise unknown("instrument", name, available(folder))
    header = _read_header(header_path)
    items = _read_items(folder / f"{name}.csv", header)
    source = text_source(header.pop("text")) if "text" in header else None
    titles, peaks = _scale_tables(header_path, header, items)
    header["options"] = tuple(header["options"])
    header["asked"] = MappingProxyType({name: tuple(listed) for name, listed in header.get("asked", {}).items()})
    return Instrument(**header, items=items, text_source=source, titles=titles, peaks=peaks)


def _scale_tables(
    path: Path, header: dict[str, Any], items: tuple[Item, ...]
) -> tuple[Mapping[str, str], Mapping[str, tuple[str, ...]]]:
    """Takes `[scales]` and `[peaks]` out of the header, checked against the items' scales and the values."""
    scales, titles, peaks = {item.scale for item in items}, header.pop("scales", {}), header.pop("peaks", {})
    for name, table in (("scales", titles), ("peaks", peaks)):
        if table and (odd := scales ^ table.keys()):
            raise StudyError(f"{path}: [{name}] and the item file differ in {', '.join(sorted(odd))}.")
    if foreign := {code for codes in peaks.values() for code in codes} - set(CODES):
        raise StudyError(f"{path}: [peaks] has unknown value(s) {', '.join(sorted(foreign))}.")
    return MappingProxyType(titles), MappingProxyType({s: tuple(codes) for s, codes in peaks.items()})


def item_texts(instrument: Instrument) -> Mapping[tuple[str, str], str]:
    """Returns the statement of every (item id, person), for licensed instruments from their source.

    Raises:
        StudyError: a licensed text that is neither at hand nor to be downloaded; the message says how to get it.
    """
    if instrument.text_source is None:
        texts = {(i.id, person): i.texts[person] for i in instrument.items for person in PERSONS}
        return MappingProxyType(texts)
    statements = licensed_texts(instrument.id, instrument.text_source, list(instrument.key))
    if len(statements) != len(instrument.items):
        raise StudyError(
            f"{instrument.id}: {len(statements)} texts in its source, {len(instrument.items)} items in the key."
        )
    pairs = zip(instrument.items, statements, strict=True)
    return MappingProxyType({(i.id, p): in_person(text, p) for i, text in pairs for p in PERSONS})


def _read_header(path: Path) -> dict[str, Any]:
    try:
        header = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(f"{path}: not a readable TOML header: {error}") from error
    missing = _REQUIRED_HEADER - header.keys()
    surplus = header.keys() - _REQUIRED_HEADER - _OPTIONAL_HEADER
    if missing or surplus:
        raise StudyError(f"{path}: header lacks {sorted(missing)} and has unknown {sorted(surplus)}.")
    if header["id"] != path.stem:
        raise StudyError(f"{path}: its id is {header['id']!r}, the file's name says {path.stem!r}.")
    if header["kind"] not in _KINDS:
        raise StudyError(f"{path}: kind {header['kind']!r} is none of {', '.join(_KINDS)}.")
    if odd := header.get("asked", {}).keys() - _ASKED:
        raise StudyError(f"{path}: [asked] has unknown {', '.join(sorted(odd))}; there is {', '.join(sorted(_ASKED))}.")
    if not 2 <= len(header["options"]) <= 9:
        raise StudyError(f"{path}: {len(header['options'])} response options; from 2 to 9 can be labelled.")
    return header


def _read_items(path: Path, header: dict[str, Any]) -> tuple[Item, ...]:
    if not path.exists():
        raise StudyError(f"{path}: the item file of {header['id']!r} is missing.")
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        columns = {"id", "scale", "reversed"} | (set() if "text" in header else set(PERSONS))
        if absent := columns - set(reader.fieldnames or ()):
            raise StudyError(f"{path}, line 1: missing column(s) {', '.join(sorted(absent))}.")
        seen: dict[str, int] = {}
        items = []
        for row in reader:
            items.append(_read_item(f"{path}, line {reader.line_num}", row, header, seen))
            seen[items[-1].id] = reader.line_num
    if not items:
        raise StudyError(f"{path}: no items.")
    return tuple(items)


def _read_item(where: str, row: dict[str, str], header: dict[str, Any], seen: dict[str, int]) -> Item:
    item_id = (row["id"] or "").strip()
    if not item_id:
        raise StudyError(f"{where}: missing id.")
    if item_id in seen:
        raise StudyError(f"{where}: duplicate id {item_id!r}, first on line {seen[item_id]}.")
    if header["kind"] == "values" and row["scale"] not in CODES:
        raise StudyError(f"{where}: unknown value {row['scale']!r}; one of {', '.join(CODES)}.")
    if row["reversed"] not in ("yes", "no"):
        raise StudyError(f"{where}: reversed is {row['reversed']!r}, must be yes or no.")
    texts = {} if "text" in header else {person: (row[person] or "").strip() for person in PERSONS}
    if blank := [person for person, text in texts.items() if not text]:
        raise StudyError(f"{where}: missing text of {item_id!r} in person {', '.join(blank)}.")
    return Item(item_id, row["scale"], row["reversed"] == "yes", MappingProxyType(texts))
