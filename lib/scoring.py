"""From answers to scores: respondents x items, respondents x values, and how reliable they are.

Scoring follows Schwartz's instructions for the Portrait Values Questionnaire: a value's score is the mean of its items;
the centred score is that minus the person's mean over all items (MRAT). Reliability is computed on raw items,
correlations and maps on centred scores.
"""

import numpy as np
import pandas as pd

from lib.errors import StudyError
from lib.instruments import Instrument
from lib.values import CODES, HIGHER_ORDER, NO_VALUE

#: What tells one simulated respondent from another.
RESPONDENT = ["induction", "wording", "person", "condition"]
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


def value_scores(items: pd.DataFrame, instrument: Instrument, centred: bool = True) -> pd.DataFrame:
    """Returns respondents x scales: the mean of each scale's items, NaN ones left out.

    With `centred`, minus the respondent's mean over all items (MRAT), once; the unit is that of the items.
    """
    if centred:
        items = items.sub(items.mean(axis=1), axis=0)
    scale = pd.Series(instrument.key).reindex(items.columns)
    return items.T.groupby(scale).mean().T[list(instrument.scales)]


def higher_order_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Returns the four higher-order values, each the mean of its values' columns: respondents (or any rows) x four.

    Hedonism counts to both openness to change and self-enhancement.
    """
    return pd.DataFrame({h.code: scores[list(h.members)].mean(axis=1) for h in HIGHER_ORDER})


def lifts(scores: pd.DataFrame) -> pd.DataFrame:
    """Returns what each prime raises: a respondent's score minus the mean over the ten primes of the same cell.

    Args:
        scores: centred scores (respondents x values); the unprimed respondents are left out.

    Returns:
        The same shape without `none`. A prime that takes has its largest lift in its own value's column.
    """
    primed = scores[scores.index.get_level_values("condition") != NO_VALUE]
    return primed - primed.groupby(level=["induction", "wording", "person"]).transform("mean")


def own_ranks(lift: pd.DataFrame) -> pd.Series:
    """Returns the rank of each respondent's own value among all values by lift: 1 (took) to 10."""
    ranks = lift.rank(axis=1, ascending=False)
    conditions = ranks.index.get_level_values("condition")
    own = [ranks[c].to_numpy()[i] for i, c in enumerate(conditions)]
    return pd.Series(own, index=ranks.index, name="rank")


def reliability(items: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Returns each scale's reliability on raw items.

    Columns: `scale`, `n_items`, `n` (respondents with every item), `alpha` with Feldt's 95 % interval `alpha_low`,
    `alpha_high` (pingouin), `omega` (McDonald's total, one factor). A scale of one item has none.
    """
    import pingouin as pg  # here, since it takes seconds to load and nothing else of scoring needs it

    rows = []
    for scale in instrument.scales:
        part = items[[i for i in items.columns if instrument.key[i] == scale]].dropna()
        row = {"scale": scale, "n_items": part.shape[1], "n": len(part)}
        if part.shape[1] > 1 and len(part) > 2:
            alpha, (low, high) = pg.cronbach_alpha(data=part)
            row |= {"alpha": alpha, "alpha_low": low, "alpha_high": high, "omega": omega(part)}
        rows.append(row)
    return pd.DataFrame(rows, columns=["scale", "n_items", "n", "alpha", "alpha_low", "alpha_high", "omega"])


def omega(items: pd.DataFrame) -> float:
    """Returns McDonald's omega of a one-factor model, (Σλ)² / ((Σλ)² + Σψ), by principal-axis factoring.

    Loadings λ and uniquenesses ψ are those of the standardised items times their SDs, so that omega belongs to the
    plain sum score (McDonald 1999, *Test Theory*, p. 89). NaN below three items, where one factor is not identified.
    """
    from statsmodels.multivariate.factor import Factor  # likewise

    if items.shape[1] < 3:
        return float("nan")
    fitted = Factor(endog=items.to_numpy(float), n_factor=1, method="pa").fit(maxiter=500, tol=1e-10)
    sd = items.std(ddof=1).to_numpy()
    loadings = fitted.loadings[:, 0] * sd
    common = loadings.sum() ** 2
    return float(common / (common + (fitted.uniqueness * sd**2).sum()))


def by_cell(scores: pd.DataFrame) -> tuple[np.ndarray, pd.MultiIndex]:
    """Returns the primed respondents' scores as an array and its cells (wording, person).

    The array is cell x condition x value, conditions and values in the order of `CODES`.

    Raises:
        StudyError: more than one induction, or a cell that lacks a condition.
    """
    primed = scores[scores.index.get_level_values("condition") != NO_VALUE]
    inductions = primed.index.get_level_values("induction").unique()
    if len(inductions) != 1:
        raise StudyError(f"Structure is computed for one induction at a time; these are {', '.join(inductions)}.")
    table = primed.droplevel("induction").unstack("condition")
    if table.isna().to_numpy().any():
        cells = table.index[table.isna().any(axis=1)].tolist()
        raise StudyError(f"No valid answers for some condition in wording, person {cells[:3]}.")
    array = np.stack([table[code][list(CODES)].to_numpy() for code in scores.columns], axis=2)
    return array, table.index
