"""Questionnaires as data: an item file (CSV) and a header (TOML) each, read and checked.

Item file, one row an item: `id`, `scale` (for a value questionnaire a value's code), `reversed` (yes/no) and, where the
text may be shared, one column of text for each grammatical person. Header: title, licence, citation, question, response
options from lowest to highest, and for licensed texts a table `[text]` that says where the text is had. Those of
behaviour may also have `[scales]`, each scale's title, and `[peaks]`, the value or values that the theory expects it to
go with most, and `role`, an analysis of its own. `[asked]` narrows what is asked of it where nothing is said: modes,
inductions, wordings, persons.
`headers` checks the one, this module the other and that they agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from lib import paths
from lib.errors import StudyError, sound, unknown
from lib.materials import headers, reading
from lib.materials.persons import PERSONS, in_person
from lib.materials.texts import Source, licensed_texts
from lib.materials.values import CODES


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
    what a standing plan keeps to; `role` the analysis of its own that it has (`headers.ROLES`).
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
    role: str = ""
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


def names(folder: Path = paths.INSTRUMENTS) -> list[str]:
    """Returns the ids of all instruments in the folder, sorted, sound or not."""
    return sorted(p.stem for p in folder.glob("*.toml"))


def available(folder: Path = paths.INSTRUMENTS) -> list[str]:
    """Returns the ids of all sound instruments in the folder, sorted; what is wrong with another is said."""
    return sound(names(folder), lambda name: load(name, folder))


def in_role(role: str) -> list[str]:
    """Returns the ids of the instruments that have a role (`headers.ROLES`), sorted."""
    return [name for name in available() if load(name).role == role]


def of_relations() -> list[str]:
    """Returns the ids of the questionnaires of behaviour that relations with values are computed of, sorted.

    All but the behaviour tests, which have an analysis of their own.
    """
    known = (load(name) for name in available())
    return [one.id for one in known if one.kind == "behavior" and one.role != "tests"]


def load(name: str, folder: Path = paths.INSTRUMENTS) -> Instrument:
    """Returns an instrument, read and checked; a licensed one comes without its text (see `item_texts`).

    Raises:
        StudyError: no such instrument; a header or item file that breaks a rule, naming file, line and rule.
    """
    if name not in names(folder):
        raise unknown("instrument", name, names(folder))
    path = folder / f"{name}.toml"
    header = headers.read(path)
    items = _read_items(path.with_suffix(".csv"), header["kind"], licensed="text_source" in header)
    titles, peaks = headers.scale_tables(path, header, {item.scale for item in items})
    asked = MappingProxyType(header.pop("asked"))
    return Instrument(
        **header, items=items, titles=MappingProxyType(titles), peaks=MappingProxyType(peaks), asked=asked
    )


def of_values(name: str, folder: Path = paths.INSTRUMENTS) -> Instrument:
    """Returns an instrument as `load` does, if it asks for values.

    Raises:
        StudyError: as `load`; or it asks for behaviour.
    """
    found = load(name, folder)
    if found.kind != "values":
        known = [one for one in available(folder) if load(one, folder).kind == "values"]
        raise StudyError(
            f"{name} asks for behaviour; this needs a questionnaire that asks for the ten values: {', '.join(known)}."
        )
    return found


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


def _read_items(path: Path, kind: str, licensed: bool) -> tuple[Item, ...]:
    columns = ("id", "scale", "reversed", *(() if licensed else PERSONS))
    rows = reading.rows(path, columns)
    items = tuple(_read_item(row, kind, licensed) for row in rows)
    reading.unique(rows, ["id"])
    if kind == "values" and (lacking := [code for code in CODES if code not in {item.scale for item in items}]):
        raise StudyError(
            f"{path}: no items for {', '.join(lacking)}. A questionnaire of the kind values asks for all ten; one that "
            'asks for some of them is of the kind "behavior".'
        )
    return items


def _read_item(row: reading.Row, kind: str, licensed: bool) -> Item:
    item_id, scale = row.text("id"), row.text("scale")
    if kind == "values" and scale not in CODES:
        raise StudyError(f"{row.where}: unknown value {scale!r}; one of {', '.join(CODES)}.")
    if row["reversed"] not in ("yes", "no"):
        raise StudyError(f"{row.where}: reversed is {row['reversed']!r}, must be yes or no.")
    texts = {} if licensed else {person: row[person] for person in PERSONS}
    if blank := [person for person, text in texts.items() if not text]:
        raise StudyError(f"{row.where}: missing text of {item_id!r} in person {', '.join(blank)}.")
    return Item(item_id, scale, row["reversed"] == "yes", MappingProxyType(texts))
