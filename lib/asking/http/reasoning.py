"""Reasoning in a reply, by the marks of the model families that put it there. What is inside is set aside, unread.

Three kinds of marks: delimiters around the reasoning (`<think>`, `[THINK]`, `◁think▷`, `<|START_THINKING|>`), messages
with a header each (`<|channel|>analysis<|message|>`), and what is left of those where a server drops special tokens
(`analysis…assistantfinal`). Reasoning that never comes to its end leaves nothing, and a mark that is not known is left
standing, so that the parser sees it and reads nothing.
"""

import html
import re
from collections.abc import Iterator

_STEMS = (
    r"think|thought|reason|reflect|analy[sz]|scratchpad|monolog|deliberat|ponder|contemplat|introspect|rationale|"
    r"chain.?of|\bcot\b|cot_budget|inner_(?:pre|suf)fix|\bdetails\b|unused1[67]"
)
#: Anything that a family might use as a delimiter: `<a>`, `</a>`, `<|a|>`, `<|a>`, `<a|>`, `[A]`, `◁a▷`, and Granite's
#: two sentences.
_MARK = re.compile(
    r"<[|｜]?(?P<angle>/?[A-Za-z][^<>|｜\n]{0,60})[|｜]?>|\[(?P<square>/?[A-Z_]{3,40}|unused1[67])\]|◁(?P<triangle>[^◁▷\n]{1,40})▷|"
    r"(?P<granite>[Hh]ere(?:'s| is) my (?:thought process|response):)"
)
_REASONING = re.compile(_STEMS, re.IGNORECASE)
_CLOSES = re.compile(r"^[<\[◁][|｜]?/|\bend\b|\bend_|_end\b|suffix|unused17|my response", re.IGNORECASE)
_NO_NAME = re.compile(r"(?<![a-z])(?:start|begin|end|of|prefix|suffix)(?![a-z])|[^a-z]")
_TURN = "/turn"
#: Ends a message in the formats with headers, and a turn in all.
_END = r"<\|(?:end|return|call|eom|eot|start|begin|channel)\|>"
_HEADED = re.compile(
    rf"(?P<header>[^<>]*(?:<\|constrain\|>\s*\w*\s*)?)<\|(?:message|content)\|>(?P<body>.*?)(?={_END}|\Z)", re.DOTALL
)
_ASIDE = re.compile(r"analysis|comment|think|thought|reason|to=(?!user)")
_TURN_END = re.compile(
    r"<[|｜](?:im_end|eot_id|eot|eom|end|endoftext|end_of_text|return|end▁of▁sentence)[|｜]>|</s>|<eos>|<end_of_turn>"
)
#: Delimiters of the answer itself, which say nothing, and a server's own leftovers.
_SILENT = re.compile(
    r"<\|(?:START_RESPONSE|END_RESPONSE|(?:begin|end)_of_(?:solution|box)|assistant|im_start)\|>(?:assistant\b)?|<s>|<bos>"
)
_BARE_START = re.compile(
    r"(?:assistant)?(?:analysis|commentary)(?=[A-Z\"'\d])|(?:thought|thinking|think|analysis)\s*\n"
)
_BARE_FINAL = "assistantfinal"
_FENCED = re.compile(
    r"^```[ ]*(?:think|thought|reason|analysis)\w*[ ]*\n.*?(?:^```|\Z)", re.DOTALL | re.MULTILINE | re.IGNORECASE
)
_SIGNS = re.compile(r"[<\[◁]|&lt;|```|[Hh]ere(?:'s| is) my|^(?:assistant|analysis|comment|th)")
#: Tags that only format, or hold the answer; any other may be a mark of reasoning that nobody has told of yet.
_HARMLESS = (
    "b|i|u|p|br|hr|em|strong|span|div|code|pre|sub|sup|ul|ol|li|s|del|mark|h[1-6]|table|tr|td|th|blockquote|"
    "answer|final_?answer|response|output|final|conclusion|solution|result|rating|score|choice|number|option"
)
_UNKNOWN = re.compile(
    rf"<[|｜]|[|｜]>|[◁▷]|<(?!/?(?:{_HARMLESS})\b)/?[A-Za-z][\w:.-]*[^<>\n]{{0,60}}>|\[/?(?!ANSWER\b)[A-Z_]{{3,40}}\]",
    re.IGNORECASE,
)


def without_reasoning(reply: str) -> str:
    """Returns the reply without its reasoning; nothing is left of reasoning that never came to its end."""
    text = reply.strip()
    if not _SIGNS.search(text):
        return text
    text = _FENCED.sub("", html.unescape(text) if "&lt;" in text else text)
    if _BARE_FINAL in text:
        text = text.rpartition(_BARE_FINAL)[2]
    elif _BARE_START.match(text):
        return ""
    text = _last_message(text) if "<|message|>" in text or "<|content|>" in text else text
    return _SILENT.sub("", _first_turn("".join(_outside(text)))).strip()


def has_unknown_mark(text: str) -> bool:
    """Returns whether a mark is left that may delimit reasoning, of a family that is not known."""
    return _UNKNOWN.search(text) is not None


def _last_message(text: str) -> str:
    """The last message that is meant for the reader, in formats where each has a header; empty where none is."""
    bodies = [m["body"] for m in _HEADED.finditer(text) if not _ASIDE.search(m["header"])]
    return bodies[-1] if bodies else ""


def _outside(text: str) -> Iterator[str]:
    """Yields the parts that lie outside all reasoning; a closing mark alone closes what was open from the start."""
    kept: list[str] = []
    opened: list[str] = []
    position = 0
    for mark in _MARK.finditer(text):
        name, closes = _name(mark), _closes(mark)
        if name not in opened and not (name and _is_reasoning(mark)) and not (opened and name == _TURN):
            continue
        if not opened:
            kept.append(text[position : mark.start()])
        position = mark.end()
        if not closes and not mark[0].endswith("/>"):
            opened.append(name)
        elif closes and not opened:
            kept.clear()
        elif closes and name in (*opened, _TURN):
            # From the outermost of that name: special tokens do not nest, a name inside is only talked about.
            del opened[0 if name == _TURN else opened.index(name) :]
    yield from kept
    if not opened:
        yield text[position:]


def _name(mark: re.Match[str]) -> str:
    """What opening and closing mark have in common: `think` of `<|START_THINKING|>` and `[/think]`."""
    if mark["granite"]:
        return "granite"
    if _TURN_END.fullmatch(mark[0]):
        return _TURN
    words = _NO_NAME.sub(" ", mark[mark.lastgroup or 0].lower()).split()
    telling = [word for word in words if _REASONING.search(word)] or words or [""]
    return telling[0][:5]


def _closes(mark: re.Match[str]) -> bool:
    return mark[0] == "<channel|>" or _name(mark) == _TURN or _CLOSES.search(mark[0]) is not None


def _is_reasoning(mark: re.Match[str]) -> bool:
    return bool(mark["granite"]) or mark[0] in ("<|channel>", "<channel|>") or _REASONING.search(mark[0]) is not None


def _first_turn(text: str) -> str:
    """What was said before the model went on to talk to itself."""
    turns = [turn for turn in _TURN_END.split(text) if turn.strip()]
    return turns[0] if turns else ""
