"""The strict parser of sampled replies: which option was chosen, or why none can be told. It never guesses.

An answer counts where it is *stated*; a number that merely occurs in a sentence is none. A reply is read in stages:

1. Reasoning is set aside (`lib.asking.http.reasoning`). A mark that may delimit reasoning and is not known: unparsed.
2. Markup, the scale's own "out of 6" and "from 1 to 6", and other scripts' digits are made plain.
3. JSON, `<answer>` and LaTeX's box say where the answer is, so nothing else is looked at.
4. The rest is cut into statements: at line ends and at ends of sentences. Numbers that count lines are no answers.
5. A statement is *labelled* if it says that its number is the answer ("Answer: 4", "so I'd say 4", "4 is my answer"),
   *bare* if the number is all there is ("4", "Definitely a 4.", "4 - somewhat like me"). After the number may come the
   option's words, a reason, or text without another number; anything else ("4, maybe 5", "2 people") makes it none.
6. Without any number, option words count where a statement is nothing else, or says that they are the answer.

All statements of a reply must agree, number and words too. Only a final answer overrules others ("final", "on second
thought", "no wait").
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import orjson

from lib.asking.http import reply_words as words
from lib.asking.http.reasoning import has_unknown_mark, without_reasoning
from lib.asking.http.stated_numbers import read
from lib.asking.http.statements import Scale, Stated, agreed, cut, scale_of

__all__ = ["UNPARSED", "Parsed", "parse", "without_reasoning"]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a reply says: a status, and for `ok` the place of the chosen label among those shown, from 0."""

    status: str
    place: int | None = None


UNPARSED = Parsed("unparsed")
#: What follows takes back what went before.
_REVISED = re.compile(
    r"(?:^|(?<=[.!?;,—–-]\s)|(?<=\n))(?:on reflection|on second thoughts?)\b"
    r"|\b(?:no,? wait|wait,? no|scratch that|correction(?=[:,])|i take that back"
    r"|let me (?:revise|correct|change)(?: (?:that|this|it|myself|my answer))?\b"
    r"|i(?:'ll| will)? change my (?:mind|answer)|no,(?= (?:an? |it's )?\d)"
    r"|actually,?(?=(?: no,?| make that)?(?: an?)? \d))",
    re.IGNORECASE,
)
_OPTION_LINE = re.compile(r"^(\d+) = (.+)$", re.MULTILINE)


def parse(reply: str, n_options: int, question: str = "") -> Parsed:
    """Returns the option that a reply states, the labels being 1 to `n_options`.

    Args:
        reply: what the model said.
        n_options: how many options there are.
        question: what it was asked; lines like "4 = somewhat like me" tell the options' words.

    Returns:
        `ok` with its place; `out_of_range` for a stated number that is no label; `refused` where the model declines
        and states none; `unparsed` for everything else, several answers at once included.
    """
    # Most replies by far are a digit and nothing else but marks that say nothing.
    bare = reply.strip(" \n\t*_`\"'()").rstrip(".")
    if len(bare) == 1 and "0" <= bare <= "9":
        return _option(int(bare), n_options)
    text = without_reasoning(reply)
    if not text or has_unknown_mark(text):
        return UNPARSED
    text = _plain(text, n_options)
    scale = scale_of(_shown(question, n_options))
    told = _marked(text, scale) or _told(text, scale)
    refused = (told is None or told.in_words) and words.REFUSED.search(text)
    if refused:
        return Parsed("refused")
    return UNPARSED if told is None or told.number is None else _option(told.number, n_options)


def _option(number: int, n: int) -> Parsed:
    return Parsed("ok", number - 1) if 1 <= number <= n else Parsed("out_of_range")


def _shown(question: str, n: int) -> tuple[str, ...]:
    """The options' words as the question gave them."""
    lines = _OPTION_LINE.findall(question)[:n]
    return tuple(said for _, said in lines) if [int(k) for k, _ in lines] == list(range(1, n + 1)) else ()


# ── Plain text ──────────────────────────────────────────────────────────────────────────────────────────────────────
_FORMAT_TAG = re.compile(r"</?(?:b|i|u|em|strong|span|code|pre|sub|sup|s|del|mark)\b[^<>]*>", re.IGNORECASE)
_LINE_TAG = re.compile(r"</?(?:p|br|hr|div|ul|ol|li|h[1-6]|table|tr|blockquote)\b[^<>]*>", re.IGNORECASE)
_FENCE = re.compile(r"```[a-zA-Z]*\n?|```")
#: A heading over a number is its label.
_HEADING = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+([^\n\d]+?)|\*\*([^\n\d*]+)\*\*)[ \t:]*\n+(?=\W*\d)", re.MULTILINE)
_STRUCK = re.compile(r"~~[^~\n]*~~|<(s|del)>[^<]*</\1>")
_LATEX = re.compile(r"\\(?:text|mathbf|textbf|mathrm)\{([^{}]*)\}")
_BOXED = re.compile(r"\$*\\(?:boxed|fbox)\{([^{}]*)\}\$*")
_MARKUP = frozenset("*`~#_")
_EMPHASIS = re.compile(r"\*+|`+|^\s*#+\s*|(?<![A-Za-z])_+|_+(?![A-Za-z])", re.MULTILINE)
#: Not digits of the answer: marks that take no room, what follows a key-cap digit; raised and broken numbers are none.
_NO_WIDTH = re.compile("[\u00ad\u200c-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\u20e3\ufeff]")
_RINGED, _RAISED, _BROKEN = (re.compile(f"[{marks}]") for marks in ("①-⑩❶-❿➀-➓", "²³¹⁰-⁹", "¼-¾⅐-⅞"))
_PERCENT = re.compile(r"\d+(?:[.,]\d+)?\s*%")


def _plain(text: str, n: int) -> str:
    """Takes off markup, the scale's own "out of 6" and "from 1 to 6", other scripts' digits."""
    if not text.isascii():
        text = _RINGED.sub(lambda digit: f" {unicodedata.numeric(digit[0]):.0f} ", text.replace("\u200b", " "))
        text = unicodedata.normalize("NFKC", _RAISED.sub("^", _BROKEN.sub(".5", _NO_WIDTH.sub("", text))))
        text = re.sub(r"\d", lambda digit: str(int(digit[0])), text.replace("’", "'").replace("−", "-"))
    if "<" in text:
        text = _LINE_TAG.sub("\n", _FORMAT_TAG.sub("", re.sub(r"<(\d+)>", r"\1", _STRUCK.sub("", text))))
    if "\\" in text:
        text = _BOXED.sub(r"<answer>\1</answer>", _LATEX.sub(r"\1", text))
    if not _MARKUP.isdisjoint(text):
        text = _HEADING.sub(
            lambda found: f"{(found[1] or found[2]).rstrip(': ')}: ", _FENCE.sub("", _STRUCK.sub("", text))
        )
        text = _EMPHASIS.sub("", re.sub(r"(?<=\d)[*_]+(?=\d)", " ", text))
    last, from_to, out_of = _scale_patterns(n)
    if last.search(text):
        text = out_of.sub("", from_to.sub(" ", text))
    if "%" in text:
        text = _PERCENT.sub("", text)
    return re.sub(r"(\d)[.,]0+(?!\d)", r"\1", text).strip()


@lru_cache(maxsize=64)
def _scale_patterns(n: int) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    from_to = rf"(?:\b(?:from|between)\s+|\()?(?<![\d.])1\s*(?:-|–|—|to|and|through|bis|à|a)\s*{n}(?![.]?\d)\)?"
    spelled = next((f"|{word}" for word, number in words.SPELLED.items() if number == n), "")
    last = rf"(?:{n}{spelled})"
    out_of = rf"(?<=\w)\s*\(?\s*(?:/|out\s+of|of|von|sur|de|su|из|av|van)\s*{last}(?![\d.]*\d|\w)\)?"
    first, second, third = (re.compile(pattern, re.IGNORECASE) for pattern in (last, from_to, out_of))
    return first, second, third


# ── Where the answer is marked ──────────────────────────────────────────────────────────────────────────────────────
_TAGGED = re.compile(
    r"<(answer|final_?answer|response|output|final|conclusion|solution|result|rating|score|choice|number|option)\b[^<>]*>"
    r"(.*?)(?:</\1>|\Z)|\[ANSWER\](.*?)(?:\[/ANSWER\]|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_JSON_OBJECT = re.compile(r"\{[^{}]*\}")
_KEY_WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+")
_KEYS = {
    *words.NOUNS.split("|"),
    "value",
    "final",
    "my",
    "the",
    "numeric",
    "label",
    "答案",
    "回答",
    "选择",
    "評価",
    "답변",
}


def _marked(text: str, scale: Scale) -> Stated | None:
    """The answer of JSON and of tags, if all of them agree."""
    held = [_settled(m[2] or m[3] or "", scale) for m in _TAGGED.finditer(text)] if "<" in text or "[A" in text else []
    if "{" in text:
        held += [_of_json(value, scale) for found in _json(text) for value in _named(found)]
    return agreed([told for told in held if told is not None])


def _json(text: str) -> Iterator[object]:
    """Yields the outermost JSON object, or where there are several those that hold no other."""
    for found in (text[text.find("{") : text.rfind("}") + 1], *_JSON_OBJECT.findall(text)):
        try:
            yield orjson.loads(found)
        except orjson.JSONDecodeError:
            continue
        if found.count("{") > 1:
            return


def _named(held: object) -> Iterator[object]:
    """Yields what stands under a name for the answer, at any depth."""
    if isinstance(held, Mapping):
        for key, value in held.items():
            spelled = {word.lower() for word in _KEY_WORD.findall(key)}
            named = spelled and spelled <= _KEYS and not isinstance(value, Mapping)
            yield from [value] if named else _named(value)
    elif isinstance(held, list):
        for value in held:
            yield from _named(value)


def _of_json(value: object, scale: Scale) -> Stated | None:
    if isinstance(value, str):
        return _settled(value, scale)
    whole = isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value)
    return Stated(int(value) if whole else None)


# ── Where it is said ────────────────────────────────────────────────────────────────────────────────────────────────
def _told(text: str, scale: Scale) -> Stated | None:
    """What the reply's statements say, or those after the last "no wait"; none if they say nothing."""
    revisions = [m.end() for m in _REVISED.finditer(text)]
    if not revisions:
        return _settled(text, scale)
    return _settled(text[revisions[-1] :].lstrip(" \n,.:;—–-"), scale) or Stated(None)


def _settled(text: str, scale: Scale) -> Stated | None:
    return agreed([told for statement in cut(text, scale) for told in read(statement, scale)])
