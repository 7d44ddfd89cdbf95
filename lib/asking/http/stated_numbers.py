"""Statements with a number: whether they say that it is the answer.

What goes before the number, the number, and what follows it must all be of a known kind; a sentence in which a number
only occurs has something else before or after it.
"""

import re
from collections.abc import Iterator

from lib.asking.http import reply_words as words
from lib.asking.http.statements import CLAUSE, FINAL, REASON, STATED, Scale, Stated, in_words

_OPEN = r"[^\w<>=≥≤+%/\\?~±^.,:;!-]*"
_JOIN = r"(?:\s*(?:[-–—/~⁄]|\.\.+)\s*|\s+(?:or|to|and|bis|oder|und|ou|et|o|y|e|или|lub|of)\s+)"
#: Several numbers at once ("3 or 4", "3-4", "3/4") are found together, so that none of them passes for the answer.
_NUMBERS = rf"{_OPEN}(?P<stated>{words.NUMBER}(?:{_JOIN}{words.NUMBER})*)"

# ── Before the number ───────────────────────────────────────────────────────────────────────────────────────────────
_AUXILIARY = r"(?:'d|'ll|'m|\s+(?:would|will|should|must|have to|had to|am|is|are|want to|going to))"
_SAYING = (
    rf"(?<!\w)(?:{words.SUBJECTS}(?:(?:{_AUXILIARY}|\s+{words.ADVERB})*|'ve|\s+have)\s*(?<!\w)"
    rf"(?:(?:{words.VERBS})(?!\w)\s*[:,]?|(?:describe|see|view|consider)s? (?:myself|him|her|them|it|this)\b)\s*"
    rf"|(?:{words.FOREIGN_VERBS})(?!\w)\s*"
    rf"|(?:i|he|she|they)(?:'m|'s|'re|'d be|\s+(?:am|is|are|would be))\s+{words.ADVERB}*an?\s+"
    r"|(?:(?:put|mark) me (?:down )?(?:for|as|at)|let's (?:say|go with)|call it|make (?:it|that)|going with)\s+"
    r"|if (?:i (?:had|have|must|were) to (?:choose|pick|answer|say|rate|give|guess)|asked|pressed|forced)"
    r"[^,;:\d]{0,40}[,:]\s*)"
)
_POINTING = (
    r"(?<!\w)(?:it|this|that|the statement|this statement|this one|that one)(?:'s"
    rf"|\s+(?:is worth|is|would be|will be|gets|deserves|rates|scores|earns|sounds like|feels like))\s+{words.ADVERB}*"
)
_LABELLED = re.compile(
    rf"(?:{words.LABEL}|(?P<saying>{_SAYING})|(?P<pointing>{_POINTING})){words.FILLER}{{0,6}}+{_NUMBERS}", re.IGNORECASE
)
_BARE = re.compile(
    rf"(?:[-•·‣–—]\s+|[=-]>\s*)?{words.ADVERB}*(?:(?:an?|the)\s+)?{words.ADVERB}*{_NUMBERS}", re.IGNORECASE
)
_REVERSED = re.compile(
    rf"{_NUMBERS}(?:\s*\([^()]*\))?(?:'s|\s+(?:is|would be|it is))\s+"
    rf"(?:(?:my|the|his|her|their)\s+(?:(?:{words.ADJECTIVES})\s+)*{words.NOUN}{words.WHICH}?"
    r"|what i(?:'d| would) (?:say|choose|pick|answer))"
    r"|(?P<fits>\b\d+\b)\s+(?:best\s+)?(?:describes|fits|suits|represents|reflects)\s+(?:me|him|her|them|this|my)"
    r"(?:\s+(?:best|well|most))?",
    re.IGNORECASE,
)
_CLOSE = re.compile(rf"{words.CLOSE_STATED[0]}(?P<stated>{words.CLOSE_NUMBER}){words.CLOSE_STATED[1]}", re.IGNORECASE)
_WORDS_THEN = re.compile(
    r"(?P<words>[^\d]{2,80}?)[\"'”]?\s*"
    r"(?:[:=–—(,]|\s-\s|,? (?:which|that) (?:is|means|would be|equals)(?: an?)?\s)"
    rf"\s*{_NUMBERS}[\s)\]\"'.!]*",
    re.IGNORECASE,
)
#: "Or 5", "Maybe 5", "For my wife: 5": no answer, but it takes another one away.
_DOUBTED = re.compile(
    r"(?:for (?:my|his|her|their|others?|the|some)\b[^:,\d]{0,40}[:,]\s*"
    r"|(?:or|and|but|maybe|perhaps|possibly|probably|even|almost|nearly|at least|at most|less than|more than|under|over"
    r"|above|below|between|sometimes|either|it|that|this|could|might|may|also|be|a|an)\s+)+"
    rf"{_NUMBERS}(?:\W+\w+){{0,4}}\W*",
    re.IGNORECASE,
)

# A sentence may lead to its answer with "so" and "but", or with a clause that tells from where the answer is given. "If
# I were rich," and "On Sundays," make it the answer to another question.
_INTRODUCED = (
    "given|based on|considering|since|because|as(?! an? (?:child|kid|teen|boy|girl|youth))|overall|all things|taking|"
    "looking|reading|thinking|reflecting|weighing|in (?:my|his|her|their) (?:opinion|view|case|eyes)|"
    "from (?:my|his|her|their)|for (?:me|myself|him|her|them|this (?:one|statement|question|item))|"
    r"to (?:me|be|answer|sum)|on (?:balance|the whole)|on (?:a|the|this|that)[^,;]* scale|according|"
    "with (?:this|that|these|all)|while|although|though|even though|despite|due to|out of|of|among|i|this|it|"
    "in (?:conclusion|summary|short|total)|when asked|"
    "after (?:careful |some |much )?(?:consideration|thought|reflection)|"
    "if (?:i (?:had|have|must|were) to|asked|pressed|forced|pushed)"
)
_CONCLUDED = "so|and|but|therefore|thus|hence|nevertheless|yet|daher|deshalb|donc|así que|por eso|quindi|dus|поэтому"
_LEAD = re.compile(
    rf"(?:.*(?<!\w)(?:{_CONCLUDED})(?!\w)[,:]?\s*)?"
    rf"(?:(?:{_INTRODUCED})(?!\w)[^,;:—–]*(?:[,;:—–]|\s-)\s*)*{_OPEN}{words.ADVERB}*"
    rf"(?:i (?:think|believe|feel|guess|suppose|reckon)(?: that| like)?\s+)?{_OPEN}",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(r"(?:i|we)\b", re.IGNORECASE)
_OTHERS = re.compile(
    r"\b(?:wife|husband|mother|father|mom|dad|brother|sister|friends?|neighbou?rs?|boss|colleagues?|partner|son|"
    r"daughter)\b",
    re.IGNORECASE,
)
_OVERRULES = re.compile(
    r"\b(?:final|finally|in the end|ultimately|endgültige?|finale|definitiva?|окончательный|settle)\b", re.IGNORECASE
)

# ── After the number ────────────────────────────────────────────────────────────────────────────────────────────────
#: "points on this scale for me, I think, not 5".
_AFTER = re.compile(
    r"(?:\s*(?:points?|punkte?|puntos?|pontos?|punti|балл\w*)\b)?"
    r"(?:\s*\b(?:on|in|auf|sur|en|su|op|по)\s+(?:[\w']+\s+){0,3}(?:scale|skala|échelle|escala|scala|schaal|шкале)\b"
    r"(?:\s*(?:of|from|von|de|da)\b)?)?"
    rf"(?:\s+(?:{words.VERBS_AFTER})(?!\w))?"
    r"(?:\s*,?\s*\b(?:for (?:me|him|her|them|myself)|(?:for|on|to) (?:this|that|it)(?: statement| one| question| item)?"
    r"|here|overall|personally|as (?:my|the) (?:final )?(?:answer|rating|response|choice|score)"
    r"|i think|i guess|i suppose|in my (?:case|opinion|view))\b)*"
    rf"(?:[\s,;(]*\b(?:(?:and|but) )?(?:not|rather than|instead of)\s+(?:an?\s+)?{words.NUMBER}\)?)?",
    re.IGNORECASE,
)
_SAME = re.compile(rf"\s*\(\s*(?P<same>{words.NUMBER})\s*\)", re.IGNORECASE)
_NOTHING = re.compile(r"[^\w?<>+%/\\=~±^-]*")
_ALTERNATIVE = re.compile(
    rf"\b(?:or|maybe|perhaps|possibly|between|sometimes)\b(?:\s+\w+){{0,3}}\s+(?:{words.NUMBER})", re.IGNORECASE
)
_SEPARATED = re.compile(r"\s*(?:[,;:=]|[.!](?=\s)|[(\[]|\s[-–—]+\s|[–—])\s*[\"'“”]*")
_TOUCHING = re.compile(r"[\s:=,;(\[\"'“”–—-]*")
#: Text after a number that does not leave it as it was.
_UNSURE = re.compile(
    r"(?:not|no(?! doubt| question)|never|or|and|maybe|perhaps|possibly|sometimes|almost|nearly|to|times|years?|hours?"
    r"|out)\b|.*(?:\d|\?\W*$"
    rf"|\b(?:{words.either(w for w, n in words.SPELLED.items() if n > 1)}|another|others?|more|less|higher|lower"
    r"|half)\b)",
    re.IGNORECASE | re.DOTALL,
)

_DIGIT = re.compile(rf"\d|{words.CLOSE_NUMBER}")
_WORD = re.compile(r"[^\s\d.,;:!?()\[\]{}\"'“”/|–—。、-]+")
#: "1 = not like me at all".
_KEY = re.compile(r"(\d{1,2})\s*(?:[=:(–—-]|means|is)\s*([^\d,;()=]+)")


def read(statement: str, scale: Scale) -> Iterator[Stated]:
    """Yields what a statement says is the answer: with a number, or else in the options' words."""
    if sum(scale.number(said) == int(number) for number, said in _KEY.findall(statement)) > 1:
        # The scale is explained, not used.
        return
    told = list(_with_number(statement, scale)) if _has_number(statement) else []
    yield from told
    if not told and (said := in_words(statement, scale)):
        yield said


def value(stated: str) -> int | None:
    """Returns the number that is written, none if it is no whole one or there are several."""
    word = stated.strip().lower()
    if re.fullmatch(r"-?\d+", word):
        # Nobody's scale has a million options; Python refuses to read some thousand digits.
        return int(word[:7])
    return words.SPELLED.get(word)


def _has_number(statement: str) -> bool:
    # A set is many times faster than a pattern of a hundred words, and most sentences hold no number.
    return _DIGIT.search(statement) is not None or not words.SPELLED.keys().isdisjoint(_WORD.findall(statement.lower()))


def _with_number(statement: str, scale: Scale) -> Iterator[Stated]:
    """Yields the labelled numbers, or else the bare one; what begins with a digit is bare in nearly all replies."""
    if statement[0].isdigit() and (bare := _unlabelled(statement, scale)):
        yield bare
        return
    labelled = [match for match in _LABELLED.finditer(statement) if _is_answer(match, statement)]
    for match in labelled:
        weight = FINAL if _OVERRULES.search(statement, 0, match.end()) else STATED
        yield Stated(_left_standing(match, statement, scale, labelled=True), weight)
    if not labelled and (bare := _unlabelled(statement, scale)):
        yield bare


def _is_answer(match: re.Match[str], statement: str) -> bool:
    """Whether it is the asked one who says it, and about the question."""
    lead = statement[: match.start()]
    if match["pointing"] and match["stated"].lower() == "one":
        return False
    somebody = match["saying"] and not _FIRST_PERSON.match(match["saying"]) and _OTHERS.search(lead)
    return not somebody and _LEAD.fullmatch(lead) is not None


def _unlabelled(statement: str, scale: Scale) -> Stated | None:
    """Reads "Somewhat like me (4)", "4 is my answer", "我选4分", "A solid 4", and what takes an answer away."""
    if said := _words_then_number(statement, scale):
        return said
    if match := _REVERSED.match(statement):
        return Stated(value(match["stated"] or match["fits"]) if _goes_on_well(statement[match.end() :]) else None)
    match = None if statement.isascii() else _CLOSE.match(statement)
    if match and _goes_on_well(statement[match.end() :]):
        return Stated(value(match["stated"]))
    wordless = not any(map(str.isalpha, statement))
    if match := _BARE.match(statement):
        number, rest = _left_standing(match, statement, scale, labelled=False), statement[match.end() :]
        # "4?", "4 5" and "4 - like me" take other answers away; "2 people" says nothing.
        unclear = wordless or not any(map(str.isalnum, rest)) or value(match["stated"]) is None
        return Stated(number) if number is not None or unclear or _contradicted(rest, scale) else None
    return Stated(None) if wordless or _DOUBTED.fullmatch(statement) else None


def _words_then_number(statement: str, scale: Scale) -> Stated | None:
    match = _WORDS_THEN.fullmatch(statement)
    said = in_words(match["words"], scale) if match else None
    if said is None:
        return None
    return Stated(said.number if said.number == value(match["stated"]) else None)


def _left_standing(match: re.Match[str], statement: str, scale: Scale, *, labelled: bool) -> int | None:
    """The number, unless what follows takes it back, names another one, or makes it a count of something."""
    number, rest = value(match["stated"]), statement[match.end() :]
    if number is None:
        return None
    if same := _SAME.match(rest):
        if value(same["same"]) != number:
            return None
        rest = rest[same.end() :]
    rest = rest[_AFTER.match(rest).end() :]
    said, after = _option_after(rest, scale)
    if said is not None:
        fine = not _ALTERNATIVE.search(after) and (REASON.match(after) or not re.search(r"\d", after))
        return number if said == number and fine else None
    # "Answer: 4 People matter to me": after a label another sentence may begin without a full stop.
    begins_anew = labelled and re.match(r"\s+[A-Z]", rest) and not re.search(r"\d", rest)
    return number if begins_anew or _goes_on_well(rest) else None


def _option_after(rest: str, scale: Scale) -> tuple[int | None, str]:
    """Which option's words touch the number, and what follows them."""
    clause = CLAUSE.match(rest, _TOUCHING.match(rest).end())
    return scale.number(clause[0]), rest[clause.end() :]


def _contradicted(rest: str, scale: Scale) -> bool:
    return _option_after(rest, scale)[0] is not None or _ALTERNATIVE.search(rest) is not None


def _goes_on_well(rest: str) -> bool:
    """Whether nothing follows but a reason, or text that names no other number."""
    if _NOTHING.fullmatch(rest):
        return True
    if REASON.match(rest):
        return not _ALTERNATIVE.search(rest)
    separated = _SEPARATED.match(rest)
    return separated is not None and not _UNSURE.match(rest, separated.end())
