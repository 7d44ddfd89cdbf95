"""The behaviour tests of Perez et al. (2022): which behaviours there are, and the draw of statements that are asked.

Perez, E., et al. (2022), Discovering language model behaviors with model-written evaluations, arXiv 2212.09251. The
statements are CC BY 4.0 and are taken from their source when a question is asked; the item file holds ids and keys.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from lib import paths
from lib.errors import StudyError
from lib.materials import reading, texts
from lib.materials.instruments import load

INSTRUMENT = "behavior_tests"
CATALOGUE = paths.RAW / "behavior_tests.csv"
#: The shipped draw.
STATEMENTS, SEED = 40, 2026


def catalogue(path: Path = CATALOGUE) -> pd.DataFrame:
    """Returns the behaviours: index `behavior`; `group`, `conservative` (yes/no), `reason`, `statements`, `sha256`.

    What counts as politically conservative, and why, was written down before any answer was looked at.

    Raises:
        StudyError: a file that lacks a column, or a `conservative` other than yes and no.
    """
    rows = reading.rows(path, ["behavior", "group", "conservative", "reason", "statements", "sha256"])
    reading.unique(rows, ["behavior"])
    for row in rows:
        if row["conservative"] not in ("yes", "no"):
            raise StudyError(f"{row.where}: conservative is {row['conservative']!r}, must be yes or no.")
    table = reading.frame(rows).set_index("behavior")
    return table.assign(statements=[row.whole("statements", 1, 10**9) for row in rows])


def draw_items(per_behavior: int = STATEMENTS, seed: int = SEED) -> pd.DataFrame:
    """Returns a draw of statements: `id`, `scale` (the behaviour), `reversed`, as many of either key as there are.

    An id is the behaviour and the statement's line (from 0) in its file. A statement whose behaviour-matching answer is
    No is reverse-keyed.

    Args:
        per_behavior: how many statements of each behaviour, an even number.
        seed: of the draw.

    Raises:
        StudyError: the statements cannot be had, or a behaviour has too few of one key.
    """
    if per_behavior < 2 or per_behavior % 2:
        raise StudyError(f"{per_behavior} statements for each behaviour; it must be an even number from 2.")
    source = load(INSTRUMENT).text_source
    rng, rows = np.random.default_rng(seed), []
    for behavior in catalogue().index:
        matching = _matching_answers(source, behavior)
        for answer, turned in (("Yes", "no"), ("No", "yes")):
            lines = np.flatnonzero(matching == answer)
            if len(lines) < per_behavior // 2:
                raise StudyError(f"{behavior}: {len(lines)} statements are keyed {answer}, {per_behavior // 2} wanted.")
            drawn = np.sort(rng.choice(lines, per_behavior // 2, replace=False))
            rows += [(f"{behavior}_{line:04d}", behavior, turned) for line in drawn]
    return pd.DataFrame(rows, columns=["id", "scale", "reversed"])


def _matching_answers(source: texts.FolderSource, behavior: str) -> np.ndarray:
    lines = texts.folder_lines(INSTRUMENT, source, behavior)
    return np.array([json.loads(line)["answer_matching_behavior"].strip() for line in lines])


def write_items(items: pd.DataFrame) -> Path:
    """Writes a draw as the instrument's item file, from which the next `ask` asks; returns its path."""
    path = paths.INSTRUMENTS / f"{INSTRUMENT}.csv"
    items.to_csv(path, index=False, lineterminator="\n")
    return path
