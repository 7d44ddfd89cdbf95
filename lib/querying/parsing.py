"""The strict parser of sampled replies: which option was chosen, or why none can be told. It never guesses.

An answer counts where it is *stated*: a reply that is nothing else, JSON, a last line of its own, "Answer: 4", "I would
say 4", or a number that opens the reply. A number that merely occurs in a sentence is no answer.
"""

import re
import unicodedata
from dataclasses import dataclass

import orjson

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER = rf"(?:[-−]?\d+(?:[.,]\d+)?|{'|'.join(_WORDS)})"
_OPEN, _CLOSE = r"[\s\"'“”‘’(\[{<$]*", r"[\s\"'“”‘’)\]}>$]*"
#: Several numbers at once ("3 or 4", "3-4", "3/4") are found first, so that none of them passes for the answer.
_JOIN = r"\s*(?:-|–|—|/|\bor\b|\bto\b|\band\b)\s*"
_STATED = rf"(?P<stated>{_NUMBER}(?:{_JOIN}{_NUMBER})*)"

_REASONING_TAGS = "think|thinking|thought|reasoning|reflection|analysis"
_REASONING = re.compile(rf"<({_REASONING_TAGS})>.*?(?:</\1>|\Z)", re.IGNORECASE | re.DOTALL)
_REASONING_END = re.compile(rf"</(?:{_REASONING_TAGS})>", re.IGNORECASE)
_MARKUP = re.compile(r"\\boxed|\\text|\*+|`+|~~|^\s*#+\s*|(?<![A-Za-z])_+|_+(?![A-Za-z])", re.MULTILINE)
_FENCE = re.compile(r"```[a-zA-Z]*\n?|```")
_JSON_OBJECT = re.compile(r"\{[^{}]*\}")
_JSON_KEYS = {"answer", "response", "rating", "score", "choice", "number", "value", "option", "final_answer"}

_BARE = re.compile(rf"^{_OPEN}(?:option\s+|number\s+)?{_STATED}{_CLOSE}[.!]?{_CLOSE}$", re.IGNORECASE)
_NOUNS = r"(?:answer|response|rating|score|choice|reply|number|option|selection)"
_VERBS = (
    r"(?:rate|say|choose|pick|select|answer|give|go\s+with|respond\s+with|reply\s+with|settle\s+on|be|is|it's|that's)"
)
_FILLER = (
    r"(?:(?:it|this|that|statement|myself|him|her|them|as|at|with|an?|the|number|option|rating|score|of|about)\s+)*"
)
_END = r"(?=\s*(?:$|[.,;:!?)\]}\"'”’=–—]|-\s|\bbecause\b|\bsince\b|\bas\b|\bon\b|\bhere\b|\bfor\b|\())"
_DECLARED = re.compile(
    rf"(?:\b{_NOUNS}\b[^.\n\d]{{0,30}}?(?:\bis\b|\bwould\s+be\b|:|=|→|->)|\b{_VERBS}\b)\s*{_FILLER}{_OPEN}{_STATED}{_END}",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"(?:\bnot|n't|n’t|\bnever|\bcannot|\bneither)\b[^.,;!?\n]*$", re.IGNORECASE)
_OPENING = re.compile(rf"^{_OPEN}(?:option\s+)?{_STATED}{_CLOSE}(?:[.):,;=–—]|-\s|\n|\s\()", re.IGNORECASE)
_REFUSED = re.compile(
    r"\b(?:as an? (?:ai|artificial|language model|large language)|i(?:'m| am) (?:just |only )?an? (?:ai|language model)"
    r"|(?:can(?:no|')t|can not|unable to|not able to|won't|will not|decline to|not comfortable|must decline)"
    r"|i (?:do not|don't) have (?:personal|any personal|feelings|opinions|beliefs|values|preferences)"
    r"|(?:i'm|i am) sorry|i apologi[sz]e|not appropriate for me)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a reply says: a status, and for `ok` the place of the chosen label among those shown, from 0."""

    status: str
    place: int | None = None


UNPARSED = Parsed("unparsed")


def without_reasoning(reply: str) -> str:
    """Returns the reply without tagged reasoning; nothing is left of one that never came to its end."""
    text = _REASONING.sub("", reply)
    return _REASONING_END.split(text)[-1].strip()


def parse(reply: str, n_options: int) -> Parsed:
    """Returns the option that a reply states, the labels being 1 to `n_options`.

    Returns:
        `ok` with its place; `out_of_range` for a stated number that is no label; `refused` where the model declines
        and states none; `unparsed` for everything else, several answers at once included.
    """
    text = _plain(without_reasoning(reply), n_options)
    if not text:
        return UNPARSED
    stated = _in_json(text) or _whole(text) or _last_line(text) or _declared(text) or _opening(text)
    if stated is None:
        return Parsed("refused") if _REFUSED.search(text) else UNPARSED
    return _option(stated, n_options)


def _plain(text: str, n: int) -> str:
    """Takes off markup, the scale's own "out of 6" and "from 1 to 6"."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'")
    text = _MARKUP.sub("", _FENCE.sub("", text))
    text = re.sub(
        rf"(?:\b(?:from|between)\s+|\()?\b1\s*(?:-|–|—|to|and|through)\s*{n}\b\)?",
        " ",
        text,
        flags=re.IGNORECASE,
    )
    text = re.sub(rf"(?<=[\d\w])\s*(?:/|out\s+of|of)\s*{n}(?![\d.]*\d)", "", text, flags=re.IGNORECASE)
    return re.sub(r"(\d)\.0+(?!\d)", r"\1", text).strip()


def _in_json(text: str) -> str | None:
    """The answer in the last JSON object, if the object has exactly one."""
    for found in reversed(_JSON_OBJECT.findall(text)):
        try:
            held = orjson.loads(found)
        except orjson.JSONDecodeError:
            continue
        named = [v for k, v in held.items() if k.lower() in _JSON_KEYS]
        values = named or list(held.values())
        if len(values) == 1 and isinstance(values[0], (int, float, str)) and not isinstance(values[0], bool):
            return _whole(str(values[0])) or "unclear"
        return "unclear" if named else None
    return None


def _whole(text: str) -> str | None:
    match = _BARE.match(text)
    return match["stated"] if match else None


def _last_line(text: str) -> str | None:
    return _whole(text.splitlines()[-1].strip())


def _declared(text: str) -> str | None:
    """The last statement of the kind "Answer: 4" or "I would say 4" that is not negated."""
    found = [m for m in _DECLARED.finditer(text) if not _NEGATED.search(text[: m.start("stated")])]
    return found[-1]["stated"] if found else None


def _opening(text: str) -> str | None:
    """A number that opens the reply, unless other numbers follow: then it may be the start of a list."""
    match = _OPENING.match(text)
    if match is None:
        return None
    others = set(re.findall(r"(?<![\w.])\d+(?![\w])", text[match.end() :])) - {match["stated"]}
    return "unclear" if others else match["stated"]


def _option(stated: str, n: int) -> Parsed:
    word = stated.strip().lower()
    number = str(_WORDS.index(word)) if word in _WORDS else word.replace("−", "-")
    if not re.fullmatch(r"-?\d+", number):
        return UNPARSED
    return Parsed("ok", int(number) - 1) if 1 <= int(number) <= n else Parsed("out_of_range")
