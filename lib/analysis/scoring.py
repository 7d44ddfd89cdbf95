"""From answers to item responses, and what a prime raises.

Scoring follows Schwartz's instructions for the Portrait Values Questionnaire: a value's score is the mean of its items;
the centred score is that minus the person's mean over all items (MRAT). `statistics.scale_scores` does it, for
`Respondents` and for whole populations alike.
"""

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from lib.analysis.respondents import Respondents, level_signs
from lib.errors import StudyError
from lib.materials.instruments import Instrument
from lib.materials.questions import RESPONDENT
from lib.materials.values import HIGHER_ORDER, NO_VALUE
from lib.statistics import respondent_level

_CELL = ["wording", "person", "item"]


def endorsements(answers: pd.DataFrame) -> pd.Series:
    """Returns how much the prime raises each statement's mean token log-probability above the neutral prime's, in nats.

    endorsement = logprob(statement | prime) - logprob(statement | neutral prime of the same wording and person); NaN
    where either answer is not `ok`. The neutral prime's own answers are 0.
    """
    logprob = answers["logprob"].where(answers["status"] == "ok")
    is_neutral = answers["condition"] == NO_VALUE
    neutral = answers.loc[is_neutral, _CELL].assign(neutral=logprob[is_neutral]).drop_duplicates(_CELL)
    joined = answers[_CELL].merge(neutral, on=_CELL, how="left")["neutral"].to_numpy()
    return pd.Series(logprob.to_numpy() - joined, index=answers.index, name="endorsement")


def expected_ratings(answers: pd.DataFrame) -> pd.Series:
    """Returns the expected rating, from 1 to the number of options, given that an option was chosen.

    rating = sum(k p_k) / sum(p_k) over the options k; the mass that fell on no option is left out. NaN where the answer
    is not `ok`.
    """
    valid = (answers["status"] == "ok") & answers["probabilities"].notna()
    out = pd.Series(np.nan, index=answers.index, name="rating")
    if valid.any():
        shares = np.stack(answers.loc[valid, "probabilities"].to_numpy()).astype(float)
        out[valid] = shares @ np.arange(1, shares.shape[1] + 1) / shares.sum(axis=1)
    return out


def stated_ratings(answers: pd.DataFrame) -> pd.Series:
    """Returns the option that was stated, 1 for the lowest; NaN where the answer is not `ok`."""
    return answers["response"].where(answers["status"] == "ok").astype("float64").rename("rating")


_RESPONSES = {"likelihood": endorsements, "choice": expected_ratings, "text": stated_ratings}


def item_responses(answers: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Returns respondents x items: index `RESPONDENT`, columns item ids in order, reverse-keyed items turned round.

    Args:
        answers: one instrument's answers in one mode (`archive.read`). `likelihood` gives endorsements in nats,
            `choice` expected ratings, `text` stated ones. Answers that are not `ok` are NaN; replicates are averaged.
        instrument: the questionnaire they belong to.

    Raises:
        StudyError: answers of more than one mode, or of items that the instrument does not have.
    """
    modes = list(answers["mode"].unique())
    if len(modes) != 1:
        raise StudyError(f"Answers of one mode are scored at a time; these have {modes}.")
    if foreign := set(answers["item"].unique()) - set(instrument.key):
        more = f" and {len(foreign) - 3:,} more" if len(foreign) > 3 else ""
        raise StudyError(f"{instrument.id} has no item(s) {', '.join(sorted(foreign)[:3])}{more}.")
    return _wide(answers, _RESPONSES[modes[0]](answers), instrument, modes[0])


def unprimed_responses(answers: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Returns what the model answers with no value induced, in the form of `item_responses`.

    Under `likelihood` endorsements are 0 here by definition, so the responses are the statements' mean token
    log-probabilities themselves (reverse-keyed ones with the sign turned). Otherwise they are the ratings.

    Args:
        answers: one instrument's answers in one mode.
        instrument: the questionnaire they belong to.
    """
    neutral = answers[answers["condition"] == NO_VALUE]
    mode = str(neutral["mode"].iloc[0])
    if mode != "likelihood":
        return item_responses(neutral, instrument)
    return _wide(neutral, neutral["logprob"].where(neutral["status"] == "ok"), instrument, mode)


def _wide(answers: pd.DataFrame, response: pd.Series, instrument: Instrument, mode: str) -> pd.DataFrame:
    table = answers[[*RESPONDENT, "item"]].astype(str).assign(response=response)
    wide = table.pivot_table(index=RESPONDENT, columns="item", values="response", dropna=False, observed=True)
    wide = wide.reindex(columns=list(instrument.key)).dropna(how="all")
    turned = [item.id for item in instrument.items if item.reversed]
    top = 0 if mode == "likelihood" else len(instrument.options) + 1
    wide[turned] = top - wide[turned]
    return wide


def without_level(items: pd.DataFrame, instrument: Instrument, level: pd.Series | None = None) -> pd.DataFrame:
    """Returns item responses with the respondents' level taken out: item - s m, s the level's sign (`level_signs`).

    Args:
        items: `item_responses`.
        instrument: the questionnaire.
        level: m by respondent, where a questionnaire of a single scale would lose everything to its own mean; without
            it such a questionnaire is left as it is.
    """
    sign = level_signs(instrument)
    if len(instrument.scales) > 1:
        known = respondent_level(items.to_numpy(float), sign)
    else:
        known = np.zeros(len(items)) if level is None else level.reindex(items.index).to_numpy()
    return items - np.outer(known, sign)


def higher_order_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Returns the four higher-order values, each the mean of its values' columns: respondents (or any rows) x four.

    Hedonism counts to both openness to change and self-enhancement.
    """
    return pd.DataFrame({h.code: scores[list(h.members)].mean(axis=1) for h in HIGHER_ORDER})


def lifts(respondents: Respondents) -> np.ndarray:
    """Returns what each prime raises: a respondent's centred score minus the mean over the ten primes of its cell.

    cell x condition x value; a prime that takes has its largest lift in its own value's place.
    """
    scores = respondents.scores()
    return scores - scores.mean(axis=1, keepdims=True)


def own_ranks(lift: np.ndarray) -> np.ndarray:
    """Returns the rank of each condition's own value among all values by lift: 1 (took) to 10; ties share their mean.

    Args:
        lift: … x condition x value, both in the order of `CODES`.
    """
    return np.diagonal(rankdata(-lift, axis=-1), axis1=-2, axis2=-1)
