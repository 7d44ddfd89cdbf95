"""The plan: a table of every question, before anything is asked."""

from collections.abc import Iterator, Sequence
from itertools import product, repeat

import numpy as np
import pandas as pd

from lib.asking.prompting import Composer, Prompt
from lib.errors import StudyError, sound, unknown
from lib.materials import induction, instruments
from lib.materials.persons import PERSONS
from lib.materials.questions import ALL_MODES, LISTED, MODES, ORDERS, PERSONS_OF_MODE, QUESTION
from lib.materials.values import CODES, NO_VALUE

_CHUNK = 50_000


def make_plan(
    instrument_ids: Sequence[str],
    modes: Sequence[str] = MODES,
    inductions: Sequence[str] | None = None,
    wordings: Sequence[str] | None = None,
    persons: Sequence[str] | None = None,
    replicates: int = 1,
    orders: Sequence[str] = (LISTED,),
) -> pd.DataFrame:
    """Returns the plan, one row a question, columns `QUESTION` (categories; replicate: whole number from 0).

    Without `persons`, each mode is asked in its own (`PERSONS_OF_MODE`). The neutral prime (induction and condition
    `none`) is always part of it. Questions of one prime stand in a row, so
    that a model reads each prime once. Where no options are shown (`likelihood`) their order is always `listed`.

    Raises:
        StudyError: an unknown instrument, mode, induction, wording, person or order.
    """
    inductions = induction.inductions() if inductions is None else tuple(inductions)
    wordings = induction.wordings() if wordings is None else tuple(wordings)
    _check("mode", modes, ALL_MODES)
    _check("induction", inductions, induction.inductions())
    _check("wording", wordings, induction.wordings())
    _check("person", persons or (), PERSONS)
    _check("order", orders, ORDERS)
    if replicates < 1:
        raise StudyError(f"replicates is {replicates}; at least one answer must be asked for.")
    conditions = [(NO_VALUE, NO_VALUE), *((i, c) for i in inductions for c in CODES)]
    names = _Names()
    blocks = [
        _block(names, name, mode, wording, person, conditions, orders, replicates)
        for name, mode, wording in product(instrument_ids, modes, wordings)
        for person in persons or PERSONS_OF_MODE[mode]
    ]
    return _table(names, [block for block in blocks if block["replicate"].size])


def standing_plan(
    instrument_ids: Sequence[str] | None = None,
    offered: Sequence[str] = MODES,
    modes: Sequence[str] | None = None,
    inductions: Sequence[str] | None = None,
    wordings: Sequence[str] | None = None,
    persons: Sequence[str] | None = None,
    **more: object,
) -> pd.DataFrame:
    """Returns what is asked of a model unless told otherwise: of each instrument what its header's `[asked]` says.

    Args:
        instrument_ids: all by default.
        offered: the modes the model has; `[asked]` picks among them, and where it finds none all are kept.
        modes: instead of both.
        inductions: instead of those in `[asked]`.
        wordings: instead of those in `[asked]`.
        persons: instead of those in `[asked]`.
        **more: `replicates` and `orders` of `make_plan`.

    Raises:
        StudyError: a name that does not exist.
    """
    parts = []
    for name in instruments.available() if instrument_ids is None else instrument_ids:
        asked = instruments.load(name).asked
        wanted = modes or [m for m in offered if m in asked.get("modes", offered)] or offered
        chosen = {"inductions": inductions, "wordings": wordings, "persons": persons}
        chosen = {key: value or asked.get(key) for key, value in chosen.items()}
        parts.append(make_plan([name], wanted, **chosen, **more))
    return pd.concat(parts, ignore_index=True).astype(dict.fromkeys(QUESTION[:-1], "category"))


def to_be_had() -> list[str]:
    """Returns the instruments that can be asked; which are left out, and how their texts are had, is said.

    Raises:
        StudyError: none can.
    """
    found = sound(instruments.available(), lambda name: instruments.item_texts(instruments.load(name)))
    if not found:
        raise StudyError("No questionnaire can be asked: see what was left out, and why.")
    return found


def _check(kind: str, asked: Sequence[str], known: Sequence[str]) -> None:
    for name in asked:
        if name not in known:
            raise unknown(kind, name, known)


class _Names:
    """Small numbers for the names in a plan, so that five million rows are built without five million strings."""

    def __init__(self) -> None:
        self.of: dict[str, dict[str, int]] = {column: {} for column in QUESTION[:-1]}

    def code(self, column: str, name: str) -> int:
        return self.of[column].setdefault(name, len(self.of[column]))

    def codes(self, column: str, names: Sequence[str]) -> np.ndarray:
        return np.array([self.code(column, name) for name in names], dtype=np.int16)


def _block(
    names: _Names,
    name: str,
    mode: str,
    wording: str,
    person: str,
    conditions: list[tuple[str, str]],
    orders: Sequence[str],
    replicates: int,
) -> dict[str, np.ndarray]:
    """Returns the columns of one instrument, mode, wording and person, as codes: condition, order, item, replicate."""
    known = induction.templates()
    conditions = [(i, c) for i, c in conditions if wording in known[i]]
    orders = (LISTED,) if mode == "likelihood" else orders
    items = [item.id for item in instruments.load(name).items]
    shape = (len(conditions), len(orders), len(items), replicates)
    condition, order, item, replicate = np.unravel_index(np.arange(np.prod(shape)), shape)
    constant = {"instrument": name, "mode": mode, "wording": wording, "person": person}
    return {column: np.full(len(item), names.code(column, n), np.int16) for column, n in constant.items()} | {
        "induction": names.codes("induction", [i for i, _ in conditions])[condition],
        "condition": names.codes("condition", [c for _, c in conditions])[condition],
        "item": names.codes("item", items)[item],
        "order": names.codes("order", orders)[order],
        "replicate": replicate,
    }


def _table(names: _Names, blocks: list[dict[str, np.ndarray]]) -> pd.DataFrame:
    columns: dict[str, pd.Categorical | np.ndarray] = {}
    for column in QUESTION[:-1]:
        known = list(names.of[column])
        categories = sorted(known)
        position = np.array([categories.index(name) for name in known], dtype=np.int16)
        codes = position[np.concatenate([block.pop(column) for block in blocks])]
        columns[column] = pd.Categorical.from_codes(codes, categories)
    columns["replicate"] = np.concatenate([block.pop("replicate") for block in blocks])
    return pd.DataFrame(columns, copy=False)


def prompts(plan: pd.DataFrame, composer: Composer | None = None) -> Iterator[Prompt]:
    """Yields the prompt of each row of the plan, in order; rows with equal prompts in a row share one object.

    Args and errors as for `runs`.
    """
    for prompt, replicates in runs(plan, composer):
        yield from repeat(prompt, len(replicates))


def runs(plan: pd.DataFrame, composer: Composer | None = None) -> Iterator[tuple[Prompt, list[int]]]:
    """Yields each prompt and the replicates it is asked in: together the rows of the plan, in order.

    Args:
        plan: a plan or a part of one.
        composer: what puts the questions into words, if the caller has one from a part before.

    Raises:
        StudyError: the text of a licensed instrument is not to be had.
    """
    composer = composer or Composer.of(plan)
    for begin in range(0, len(plan), _CHUNK):
        chunk = plan.iloc[begin : begin + _CHUNK]
        starts = np.flatnonzero(_begins(chunk))
        replicates = chunk["replicate"].tolist()
        rows = zip(*(chunk[column].iloc[starts].tolist() for column in QUESTION), strict=True)
        for row, start, end in zip(rows, starts.tolist(), [*starts[1:].tolist(), len(chunk)], strict=True):
            yield composer.prompt(row), replicates[start:end]


def _begins(chunk: pd.DataFrame) -> np.ndarray:
    """Whether a row's words may differ from those of the row before."""
    begins = np.zeros(len(chunk), bool)
    begins[0] = True
    for column in QUESTION[:-1]:
        codes = chunk[column].astype("category").cat.codes.to_numpy()
        begins[1:] |= codes[1:] != codes[:-1]
    # The replicate changes the words only where it seeds the order of the options.
    return begins | (chunk["order"] == "shuffled").to_numpy()
