"""Statements of a reply: where one ends, what several say together, and options told by their words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lib.asking.http import reply_words as words

#: How much a statement counts for: words that merely describe ("this is like me"), an answer, a final answer.
SAID, STATED, FINAL = 1, 2, 3
_LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class Stated:
    """What a statement says is the answer: a number, or none where it names several or a fraction."""

    number: int | None
    weight: int = STATED
    in_words: bool = False


def agreed(statements: Sequence[Stated]) -> Stated | None:
    """Returns what all statements of the greatest weight say: no number where they differ, None without any.

    A final answer overrules others; what is merely said to be so counts where nothing is stated.
    """
    if not statements:
        return None
    weight = max(told.weight for told in statements)
    said = [told for told in statements if told.weight == weight]
    return said[0] if len({told.number for told in said}) == 1 else Stated(None)


class Scale:
    """The options as they were shown, to be recognised by their words."""

    def __init__(self, options: tuple[str, ...]) -> None:
        bags = [_bag(option) for option in options]
        self._places = {bag: place for place, bag in enumerate(bags) if bags.count(bag) == 1}
        self._alone = {bag for bag in self._places if len(bag) == 1 and bag[0] in ("yes", "no")}

    def number(self, text: str) -> int | None:
        """Returns the number of the option whose words these are, in whatever order, and no others."""
        known = self._places and 0 < len(text) < 80 and not any(c.isdigit() for c in text)
        place = self._places.get(_bag(text)) if known else None
        return None if place is None else place + 1

    def stands_alone(self, text: str) -> bool:
        """Returns whether a comma may follow: "Yes, I do", but not "Like me, they …"."""
        return _bag(text) in self._alone


@lru_cache(maxsize=256)
def scale_of(options: tuple[str, ...]) -> Scale:
    """Returns the scale with these options."""
    return Scale(options)


_PERSON = re.compile(
    r"\b(?:(?:this|the|that) (?:person|man|woman|individual)|myself|himself|herself|him|her|them|you)\b"
)


def _bag(text: str) -> tuple[str, ...]:
    lower = _PERSON.sub("me", text.lower().replace("n't", " not"))
    return tuple(sorted(re.findall(r"[^\W\d_]+", lower)))


# ── Cutting ─────────────────────────────────────────────────────────────────────────────────────────────────────────
_ABBREVIATED = re.compile(r"\b(?:(?P<number>no|nr)\.\s*|(?P<other>vs|approx|ca|opt)\.\s+)(?=\d)", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？])")
_COUNTED = re.compile(r"^[ \t]*(\d{1,2})[.)][ \t]+(?=\S)", re.MULTILINE)
_RECITED = re.compile(r"\W*(\d{1,2})\W+(.{1,80})")
_LABEL_ALONE = re.compile(
    r"([:=]|\b(?:answer|response|rating|score|choice|antwort|réponse|respuesta)\W*)\n+\s*(?=\S)", re.IGNORECASE
)


def cut(text: str, scale: Scale) -> Iterator[str]:
    """Yields the statements: a line ends one, and so does a sentence. A label alone on its line belongs to the next.

    The scale recited is no statement, and numbers that count lines are no answers.
    """
    numbers = [int(n) for n in _COUNTED.findall(text)]
    if len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1)):
        text = _COUNTED.sub("", text)
    text = _ABBREVIATED.sub(lambda m: "number " if m["number"] else f"{m['other']} ", text)
    if "\n" in text:
        text = _LABEL_ALONE.sub(_with_next, text)
    lines = text.splitlines()
    if len(lines) > 3 and sum(recited := [_recites(line, scale) for line in lines]) > 2:
        lines = [line for line, drop in zip(lines, recited, strict=True) if not drop]
    for line in lines:
        yield from (s.strip() for s in _SENTENCE.split(line) if 0 < len(s) <= _LONGEST)


def _recites(line: str, scale: Scale) -> bool:
    found = _RECITED.fullmatch(line)
    return found is not None and scale.number(found[2]) == int(found[1])


def _with_next(match: re.Match[str]) -> str:
    label = match[1].rstrip()
    return label + (" " if label.endswith((":", "=")) else ": ")


# ── Option words ────────────────────────────────────────────────────────────────────────────────────────────────────
CLAUSE = re.compile(r"[^.,;:!?()\[\]\"“”\n–—]*")
REASON = re.compile(rf"[\s.,;:()\"'–—-]*{words.REASON}", re.IGNORECASE)
_SAID_TO_BE = re.compile(
    rf"(?:(?P<label>{words.LABEL}"
    r"|(?:meaning|label|description|category|level|interpretation|which means|that is|i\.e\.)\s*[:,]?\s)"
    rf"|{words.ADVERB}*(?:i(?: would |'d | )(?:say|think|feel|believe)(?: that)?\s+)?"
    r"(?:(?:(?:this|the|that) (?:statement|person|man|woman|individual|description)|it|this|that|he|she|they|i)"
    rf"(?:'s|'re|'m|\s+(?:is|are|am|sounds|seems|would be))?\s+)?{words.ADVERB}*)",
    re.IGNORECASE,
)
_OR = re.compile(r"(?:or|maybe|perhaps|possibly|sometimes)\b[\s,]*", re.IGNORECASE)
_ABOUT_IT = re.compile(r"\s+with (?:this|that|the|it)(?: statement)?$", re.IGNORECASE)
_QUOTE = re.compile(r"[\s\"'“”‘]*")
_WORDS_END = re.compile(r"[\s.!)\]\"'”:]*$|[\"'”]?\s*\(|[\"'”]?\s+[-–—]|[–—]")
_HEDGED = re.compile(r"\W*(?:but|or|and)\b", re.IGNORECASE)
_AND_WHY = re.compile(rf"\s+(?:{words.REASONS})(?!\w)|\s-\s", re.IGNORECASE)


def in_words(statement: str, scale: Scale) -> Stated | None:
    """Returns the option that a statement names by its words and nothing else, or says is the answer."""
    statement = statement.replace("n't", " not").strip(" \t\"'“”-•·([")
    if doubt := _OR.match(statement):
        return Stated(None) if scale.number(CLAUSE.match(statement, doubt.end())[0]) else None
    lead = _SAID_TO_BE.match(statement)
    for start in (0, lead.end()):
        clause = CLAUSE.match(statement, start + len(_QUOTE.match(statement, start)[0]))
        for end in (clause.end(), *(why.start() for why in _AND_WHY.finditer(statement, start, clause.end()))):
            number = scale.number(_ABOUT_IT.sub("", statement[clause.start() : end]))
            if number is not None and _words_end(statement[clause.start() : end], statement[end:], scale):
                return Stated(number, STATED if start == 0 or lead["label"] else SAID, in_words=True)
    return None


def _words_end(said: str, rest: str, scale: Scale) -> bool:
    if _WORDS_END.match(rest) or REASON.match(rest):
        return "?" not in rest[-2:]
    # "Yes, I do", but neither "Yes, or no" nor "Like me, they …".
    alone = scale.stands_alone(said) and rest[:1] == "," and not _HEDGED.match(rest)
    return alone and all(scale.number(word) is None for word in re.findall(r"\w+", rest))
