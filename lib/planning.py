"""The plan: a table of every question, before anything is asked."""

from collections.abc import Iterator, Sequence

import pandas as pd

from lib import instruments, prompting
from lib.errors import StudyError, unknown
from lib.persons import PERSONS
from lib.prompting import Prompt
from lib.values import CODES, NO_VALUE

#: The columns that tell one question from another.
QUESTION = ["instrument", "mode", "wording", "person", "induction", "condition", "item", "replicate"]


def make_plan(
    instrument_ids: Sequence[str],
    modes: Sequence[str] = prompting.MODES,
    inductions: Sequence[str] | None = None,
    wordings: Sequence[str] | None = None,
    persons: Sequence[str] = tuple(PERSONS),
    replicates: int = 1,
) -> pd.DataFrame:
    """Returns the plan, one row a question, columns `QUESTION` (categories; replicate: whole number from 0).

    The neutral prime (induction and condition `none`) is always part of it. Questions of one prime stand in a row, so
    that a model reads each prime once.

    Raises:
        StudyError: an unknown instrument, mode, induction, wording or person.
    """
    inductions = prompting.inductions() if inductions is None else tuple(inductions)
    wordings = prompting.wordings() if wordings is None else tuple(wordings)
    _check("mode", modes, prompting.MODES)
    _check("induction", inductions, prompting.inductions())
    _check("wording", wordings, prompting.wordings())
    _check("person", persons, PERSONS)
    if replicates < 1:
        raise StudyError(f"replicates is {replicates}; at least one answer must be asked for.")
    conditions = [(NO_VALUE, NO_VALUE), *((i, c) for i in inductions for c in CODES)]
    parts = [
        _part(name, mode, wording, person, conditions, replicates)
        for name in instrument_ids
        for mode in modes
        for wording in wordings
        for person in persons
    ]
    plan = pd.concat(parts, ignore_index=True)
    return plan.astype(dict.fromkeys(QUESTION[:-1], "category"))


def standing_plan() -> pd.DataFrame:
    """Returns everything that is asked of a model unless told otherwise: each instrument as its `[asked]` says.

    Raises:
        StudyError: a header asks for what does not exist.
    """
    parts = [make_plan([name], **instruments.load(name).asked) for name in instruments.available()]
    return pd.concat(parts, ignore_index=True).astype(dict.fromkeys(QUESTION[:-1], "category"))


def _check(kind: str, asked: Sequence[str], known: Sequence[str]) -> None:
    for name in asked:
        if name not in known:
            raise unknown(kind, name, known)


def _part(
    name: str, mode: str, wording: str, person: str, conditions: list[tuple[str, str]], replicates: int
) -> pd.DataFrame:
    items = [item.id for item in instruments.load(name).items]
    known = prompting.templates()
    rows = [
        (name, mode, wording, person, induction, condition, item, replicate)
        for induction, condition in conditions
        if wording in known[induction]
        for item in items
        for replicate in range(replicates)
    ]
    return pd.DataFrame(rows, columns=QUESTION)


def prompts(plan: pd.DataFrame) -> Iterator[Prompt]:
    """Yields the prompt of each row of the plan, in order.

    Raises:
        StudyError: the text of a licensed instrument is not to be had.
    """
    used = {name: instruments.load(name) for name in plan["instrument"].unique()}
    texts = {name: instruments.item_texts(instrument) for name, instrument in used.items()}
    for row in plan[QUESTION].itertuples(index=False):
        prime = prompting.prime(row.induction, row.condition, row.wording, row.person)
        statement = texts[row.instrument][row.item, row.person]
        yield prompting.prompt(row.mode, prime, statement, used[row.instrument], row.person)
