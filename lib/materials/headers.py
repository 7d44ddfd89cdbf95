"""Headers of questionnaires: read from TOML and checked whole, so that no later step stumbles over one."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from lib.errors import StudyError
from lib.materials import induction, reading
from lib.materials.persons import PERSONS
from lib.materials.questions import ALL_MODES
from lib.materials.texts import text_source
from lib.materials.values import CODES

KINDS = ("values", "behavior")
#: What an analysis of its own is made for: short statements by the hundred (`tests`), the behaviours that people's
#: coefficients are known of (`survey`), each value's own acts (`acts`), a choice among causes (`causes`).
ROLES = ("tests", "survey", "acts", "causes")
_NEEDED: Mapping[str, type] = {
    "id": str,
    "title": str,
    "kind": str,
    "licence": str,
    "citation": str,
    "validated_on_humans": bool,
    "question": str,
    "options": list,
}
_OPTIONAL: Mapping[str, type] = {"note": str, "role": str, "text": dict, "scales": dict, "peaks": dict, "asked": dict}


def read(path: Path) -> dict[str, Any]:
    """Returns a header; lists as tuples, and the source of its texts as `text_source` where it has one.

    Raises:
        StudyError: what breaks a rule, with file and key.
    """
    header = reading.toml(path)
    reading.fields(f"{path}", header, _NEEDED, _OPTIONAL, blank=("note",))
    _check_names(path, header)
    header["options"] = reading.texts(f"{path}: options", header["options"])
    if not 2 <= len(header["options"]) <= 9:
        raise StudyError(f"{path}: {len(header['options'])} response options; from 2 to 9 can be labelled.")
    _check_blanks(f"{path}: question", header["question"], "noun")
    for option in header["options"]:
        _check_blanks(f"{path}: options", option, "object")
    header["asked"] = _asked(path, header.get("asked", {}))
    if "text" in header:
        header["text_source"] = text_source(header.pop("text"), str(path))
    return header


def _check_names(path: Path, header: Mapping[str, Any]) -> None:
    if header["id"] != path.stem:
        raise StudyError(f"{path}: its id is {header['id']!r}, the file's name says {path.stem!r}.")
    if not re.fullmatch(r"\w[\w.+-]*", path.stem, re.ASCII):
        raise StudyError(f"{path}: an id holds letters, digits and _ . + - only, as answers are filed under it.")
    if header["kind"] not in KINDS:
        raise StudyError(f"{path}: kind {header['kind']!r} is none of {', '.join(KINDS)}.")
    if header.get("role", ROLES[0]) not in ROLES:
        raise StudyError(f"{path}: role {header['role']!r} is none of {', '.join(ROLES)}.")


def _check_blanks(where: str, template: str, allowed: str) -> None:
    """Only one blank, spelled plainly, may stand in braces: anything else would fail at the first question."""
    try:
        blanks = [blank for blank in Formatter().parse(template) if blank[1] is not None]
    except ValueError:
        blanks = [("", None, None, None)]
    if any(name != allowed or how or conversion for _, name, how, conversion in blanks):
        raise StudyError(f"{where}: only {{{allowed}}} may stand in braces ({template!r}).")


def _asked(path: Path, given: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    known: Mapping[str, Collection[str]] = {
        "modes": ALL_MODES,
        "inductions": induction.inductions(),
        "wordings": induction.wordings(),
        "persons": tuple(PERSONS),
    }
    reading.fields(f"{path}: [asked]", given, {}, dict.fromkeys(known, list))
    return {key: reading.texts(f"{path}: [asked] {key}", listed, known[key]) for key, listed in given.items()}


def scale_tables(
    path: Path, header: dict[str, Any], scales: Collection[str]
) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Takes `[scales]` and `[peaks]` out of a header: title and expected values of each of the item file's scales.

    Raises:
        StudyError: other scales than those, a title that is no text, a value that does not exist.
    """
    titles, peaks = header.pop("scales", {}), header.pop("peaks", {})
    for name, table in (("scales", titles), ("peaks", peaks)):
        if table and (odd := {*scales} ^ table.keys()):
            raise StudyError(f"{path}: [{name}] and the item file differ in {', '.join(sorted(odd))}.")
    reading.fields(f"{path}: [scales]", titles, dict.fromkeys(titles, str))
    return titles, {s: reading.texts(f"{path}: [peaks] {s}", codes, CODES) for s, codes in peaks.items()}
