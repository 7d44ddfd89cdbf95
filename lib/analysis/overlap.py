"""Word overlap: how alike prime and statement are, and what a respondent would answer who knew only that.

Three measures, each in the place that the model's endorsement has in the mode `likelihood`:

* `characters`: cosine of TF-IDF vectors of runs of 3 to 5 letters, so that "honest" and "honesty" meet;
* `words`: the same of whole words;
* `embedding`: cosine of the two texts' embeddings in the default model, the mean of its last layer's states.

The texts of some instruments may not be shipped and not everyone has the model, so the figures are recorded once
(`data/raw/overlap/`, one file for each instrument) and read from there.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lib import paths
from lib.errors import StudyError, unknown
from lib.materials import instruments
from lib.materials.induction import inductions, prime, templates
from lib.materials.instruments import Instrument, item_texts
from lib.materials.questions import RESPONDENT
from lib.materials.values import BY_CODE, CODES, NO_VALUE

MEASURES = ("characters", "words", "embedding")
FOLDER = paths.RAW / "overlap"
#: The grammatical persons that questionnaires of behaviour are asked in.
_BEHAVIOR_PERSONS = ("I", "he")
#: Figures are recorded to six decimals, which any machine's arithmetic gives alike.
_DECIMALS = 6
_SIZES = (3, 4, 5)

Terms = Callable[[str], Counter[str]]
Embed = Callable[[Sequence[str]], np.ndarray]


def words(text: str) -> Counter[str]:
    """Returns how often each word occurs, in lower case."""
    return Counter("".join(c.lower() if c.isalpha() else " " for c in text).split())


def characters(text: str) -> Counter[str]:
    """Returns how often each run of 3 to 5 letters occurs within words (a word with a space on either side)."""
    runs: Counter[str] = Counter()
    for word, count in words(text).items():
        padded = f" {word} "
        for n in _SIZES:
            for i in range(len(padded) - n + 1):
                runs[padded[i : i + n]] += count
    return runs


def similarity(primes: Sequence[str], statements: Sequence[str], terms: Terms = characters) -> np.ndarray:
    """Returns the cosine of the TF-IDF vectors of prime and statement, primes x statements in [0, 1].

    idf = ln((1 + texts) / (1 + texts with the term)) + 1 over all the texts given.
    """
    counts = [terms(text) for text in (*primes, *statements)]
    vocabulary = {term: i for i, term in enumerate(dict.fromkeys(t for c in counts for t in c))}
    table = np.zeros((len(counts), len(vocabulary)))
    for row, count in zip(table, counts, strict=True):
        row[[vocabulary[t] for t in count]] = list(count.values())
    table *= np.log((1 + len(table)) / (1 + (table > 0).sum(axis=0))) + 1
    return _cosines(table[: len(primes)], table[len(primes) :])


def _cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = (x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12) for x in (a, b))
    return a @ b.T


def computed(instrument: Instrument, cells: Iterable[tuple[str, str, str]], embed: Embed | None = None) -> pd.DataFrame:
    """Returns the overlap of every prime with every statement, beyond that of the neutral prime.

    Columns: `induction`, `wording`, `person`, `condition`, `item`, and one for each measure: similarity(prime,
    statement) - similarity(neutral prime, statement), before reverse-keyed items are turned round; without `embed` the
    measure `embedding` is left out.

    Args:
        instrument: the questionnaire.
        cells: induction, wording, person.
        embed: texts → their embeddings, texts x numbers.

    Raises:
        StudyError: the text of a licensed instrument is not to be had.
    """
    texts, parts = item_texts(instrument), []
    for induction, wording, person in cells:
        primes = [prime(induction, code, wording, person) for code in CODES]
        primes.append(prime(NO_VALUE, NO_VALUE, wording, person))
        statements = [texts[item, person] for item in instrument.key]
        alike = {"characters": similarity(primes, statements), "words": similarity(primes, statements, words)}
        if embed is not None:
            alike["embedding"] = _cosines(embed(primes), embed(statements))
        index = pd.MultiIndex.from_product([[induction], [wording], [person], CODES, instrument.key])
        values = {name: (table[:-1] - table[-1]).ravel() for name, table in alike.items()}
        parts.append(pd.DataFrame(values, index=index.set_names([*RESPONDENT, "item"])))
    return pd.concat(parts).reset_index()


def cells_of(instrument: Instrument) -> list[tuple[str, str, str]]:
    """Returns the inductions, wordings and persons that are recorded of an instrument.

    All of them for questionnaires of values; for those of behaviour the inductions that are asked, and of the social
    survey, whose behaviours people's coefficients are known of, the ablations too.
    """
    is_behavior = instrument.kind == "behavior"
    plain = is_behavior and instrument.role != "survey"
    asked = instrument.asked.get("inductions", ("definition",)) if plain else inductions()
    persons = _BEHAVIOR_PERSONS if is_behavior else instrument.persons
    return [(i, w, p) for i in asked for w in templates()[i] for p in persons]


def write(instrument: Instrument, embed: Embed, folder: Path = FOLDER) -> Path:
    """Writes the overlap of an instrument (`computed`, all measures) as Parquet; returns its path.

    Raises:
        StudyError: the text of a licensed instrument is not to be had.
    """
    table = computed(instrument, cells_of(instrument), embed)
    table = table.astype(dict.fromkeys([*RESPONDENT, "item"], "category"))
    numbers = table[list(MEASURES)].round(_DECIMALS).astype("float32") + 0.0
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{instrument.id}.parquet"
    unfinished = path.with_suffix(".part")
    table.assign(**numbers).to_parquet(unfinished, index=False, compression="zstd", compression_level=19)
    unfinished.replace(path)
    return path


def read(instrument_id: str, folder: Path = FOLDER) -> pd.DataFrame:
    """Returns the recorded overlap of an instrument, as `computed` gives it.

    Raises:
        StudyError: not recorded; lists the instruments that are.
    """
    path = folder / f"{instrument_id}.parquet"
    if not path.exists():
        recorded = [p.stem for p in folder.glob("*.parquet")]
        raise unknown("recorded word overlap (make overlap)", instrument_id, recorded)
    table = pd.read_parquet(path)
    return table.astype(dict.fromkeys([*RESPONDENT, "item"], "str") | dict.fromkeys(MEASURES, "float64"))


def recorded(instrument: Instrument, index: pd.MultiIndex) -> bool:
    """Returns whether the overlap of an instrument is recorded for all these respondents (`scoring.RESPONDENT`)."""
    if not (FOLDER / f"{instrument.id}.parquet").exists():
        return False
    table = read(instrument.id)[RESPONDENT].drop_duplicates()
    return bool(index.isin(pd.MultiIndex.from_frame(table)).all())


def items(instrument: Instrument, measure: str, index: pd.MultiIndex) -> pd.DataFrame:
    """Returns what respondents would answer who go by word overlap alone, in the form of `scoring.item_responses`.

    Args:
        instrument: the questionnaire.
        measure: one of `MEASURES`.
        index: the respondents (`scoring.RESPONDENT`), all of them primed.

    Raises:
        StudyError: an unknown measure, or a respondent whose prime is not recorded.
    """
    if measure not in MEASURES:
        raise unknown("measure of word overlap", measure, MEASURES)
    return turned(read(instrument.id), instrument, measure, index)


def turned(table: pd.DataFrame, instrument: Instrument, measure: str, index: pd.MultiIndex) -> pd.DataFrame:
    """Returns one measure of an overlap table as respondents x items, reverse-keyed items turned round.

    Raises:
        StudyError: a respondent that is not in the table.
    """
    wide = table.pivot(index=RESPONDENT, columns="item", values=measure)[list(instrument.key)]
    if len(absent := index.difference(wide.index)):
        raise StudyError(
            f"No word overlap of {instrument.id} is recorded for {', '.join(absent[0])}. Record it with: make overlap"
        )
    return wide.loc[index] * [-1.0 if item.reversed else 1.0 for item in instrument.items]


def studied() -> list[Instrument]:
    """Returns the questionnaires whose overlap is recorded: all but the behaviour tests, which have a file of theirs.

    (`behavior.statements.write_overlap`: thousands of statements are too many to keep one by one.)
    """
    known = (instruments.load(name) for name in instruments.available())
    return [one for one in known if one.role != "tests"]


def word_overlap(instrument_id: str) -> pd.DataFrame:
    """Returns which words of an item's text also stand in the prime of its own value.

    Columns: `item`, `value`, `name_words` and `definition_words` (shared with the value's name and definition; common
    function words left out, plural and verb endings taken off), each a space-separated list. Text in the person I.

    Raises:
        StudyError: a licensed instrument whose text is not to be had.
    """
    instrument = instruments.load(instrument_id)
    texts = item_texts(instrument)
    rows = []
    for item in instrument.items:
        words, value = stems(texts[item.id, "I"]), BY_CODE[item.scale]
        shared = {
            "name_words": words & stems(value.name),
            "definition_words": words & stems(value.definition),
        }
        rows.append({"item": item.id, "value": item.scale} | {k: " ".join(sorted(v)) for k, v in shared.items()})
    return pd.DataFrame(rows)


_FUNCTION_WORDS = set(
    "a about after all am an and any anything are as at be been being by can could do does doing for from had has have "
    "he her him his how i if in into is it its me my myself no not of off on one or other others over own so someone "
    "than that the their them themselves there they things this those through to was were what when where whether "
    "which who whom with without would you your".split()
)


def stems(text: str) -> set[str]:
    """Returns the content words of a text, lower case, plural and verb endings taken off."""
    words = "".join(c.lower() if c.isalpha() else " " for c in text).split()
    stems = set()
    for word in words:
        if word not in _FUNCTION_WORDS:
            for ending in ("ing", "ies", "es", "ed", "s", "y", "e"):
                if word.endswith(ending) and len(word) - len(ending) >= 4:
                    word = word.removesuffix(ending)
                    break
            stems.add(word)
    return stems
