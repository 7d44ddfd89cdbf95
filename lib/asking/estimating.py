"""What a plan will take, before anything is asked: questions, tokens, money, time."""

import numpy as np
import pandas as pd

from lib.asking.cache import ReplyCache
from lib.asking.runner import CHARACTERS_A_TOKEN, TOKENS_OUT, requests
from lib.asking.settings import Prices, dollars

_CHUNK = 50_000


def summary(plan: pd.DataFrame, identity: str, cache: ReplyCache, prices: Prices | None = None) -> pd.DataFrame:
    """Returns what a plan will take, one row for each instrument and mode, and one for all (`total`).

    Columns: `questions`; `distinct` requests among them; `answered` of those already; `to_ask`; of what is to be asked
    `tokens_in` (a token for every three characters, on the high side) and `tokens_out` (the most a reply may have);
    `cost` in US dollars, missing where prices are unknown; `hours`, at the rate of the model's last run (missing before
    the first); `longest_prompt` in tokens.

    Raises:
        StudyError: the text of a licensed instrument is not to be had.
    """
    groups = plan.groupby(["instrument", "mode"], observed=True, sort=False)
    rows = [
        {"instrument": instrument, "mode": mode} | _counts(part, mode, identity, cache)
        for (instrument, mode), part in groups
    ]
    table = pd.DataFrame(rows)
    total = table.drop(columns=["instrument", "mode", "longest_prompt"]).sum()
    longest = table["longest_prompt"].max()
    table.loc[len(table)] = {"instrument": "total", "mode": "", "longest_prompt": longest} | total.to_dict()
    table["cost"] = (prices or Prices()).cost(table["tokens_in"], table["tokens_out"])
    table["hours"] = table["to_ask"] / 3600 / cache.notes(identity).get("rate", np.nan)
    return table


def _counts(part: pd.DataFrame, mode: str, identity: str, cache: ReplyCache) -> dict[str, int]:
    """Counts of one instrument and mode; the memory is 13 bytes a question."""
    keys = np.empty(len(part), np.uint64)
    known = np.empty(len(part), bool)
    characters = np.empty(len(part), np.int32)
    chunk: list[str] = []
    for i, request in enumerate(requests(part, identity)):
        chunk.append(request.key)
        # Half the key tells five million requests apart: a clash has a chance of one in a million.
        keys[i] = int(request.key[:16], 16)
        characters[i] = len(request.prompt.prime) + len(request.prompt.text)
        if len(chunk) == _CHUNK or i == len(part) - 1:
            found = cache.texts(chunk)
            known[i + 1 - len(chunk) : i + 1] = [key in found for key in chunk]
            chunk = []
    distinct = np.unique(keys, return_index=True)[1]
    lacking = distinct[~known[distinct]]
    return {
        "questions": len(part),
        "distinct": len(distinct),
        "answered": int(known[distinct].sum()),
        "to_ask": len(lacking),
        "tokens_in": int(characters[lacking].sum(dtype=np.int64) / CHARACTERS_A_TOKEN),
        "tokens_out": len(lacking) * TOKENS_OUT[mode],
        "longest_prompt": int(characters.max() / CHARACTERS_A_TOKEN),
    }


def shown(table: pd.DataFrame) -> str:
    """Returns a summary as text for the terminal."""
    whole = dict.fromkeys(table.columns[2:].drop("cost"), "{:,.0f}".format)
    told = table.assign(cost=[dollars(cost) for cost in table["cost"]])
    return told.to_string(index=False, formatters=whole | {"hours": "{:.2f}".format}, na_rep="not known yet")
