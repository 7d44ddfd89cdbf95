"""The one way from item answers to scale scores, for frames, bootstrap draws and whole populations alike."""

import numpy as np


def respondent_level(items: np.ndarray, sign: np.ndarray, counts: np.ndarray | None = None) -> np.ndarray:
    """Returns each respondent's level m = Σ c_i s_i x_i / Σ c_i over the valid items (`scale_scores` for the letters).

    respondents, or draws x respondents with `counts` (draws x items); in the unit of the items.
    """
    valid = ~np.isnan(items)
    once = np.ones(items.shape[1]) if counts is None else counts
    with np.errstate(invalid="ignore", divide="ignore"):
        return (once @ (np.where(valid, items, 0.0) * sign).T) / (once @ valid.T.astype(float))


def scale_scores(
    items: np.ndarray,
    key: np.ndarray,
    sign: np.ndarray,
    counts: np.ndarray | None = None,
    level: np.ndarray | None = None,
) -> np.ndarray:
    """Returns the respondents' scale scores, centred: mean of the scale's items, the respondent's level taken out.

    With x_i the items (reverse-keyed ones turned), c_i their counts and s_i the sign that the level enters with,
    level m = Σ c_i s_i x_i / Σ c_i and score_v = Σ_{i in v} c_i (x_i - s_i m) / Σ_{i in v} c_i. With all s_i = 1 it is
    Schwartz's correction for scale use (m is MRAT, the mean over all *items*); with s_i = -1 for reverse-keyed items m
    is the respondent's mean answer as put, which is what takes acquiescence out.

    Args:
        items: respondents x items, NaN where there is no valid answer.
        key: item x scale, 1 where the item belongs to the scale.
        sign: items, 1 or -1.
        counts: draws x items, how often each item counts; once by default.
        level: respondents (or draws x respondents), m where it is known from elsewhere.

    Returns:
        respondents x scales, or draws x respondents x scales; NaN for a scale without a valid answer.
    """
    valid = ~np.isnan(items)
    known, there = np.where(valid, items, 0.0), valid.astype(float)
    weights = key if counts is None else counts[:, :, None] * key
    if level is None:
        level = respondent_level(items, sign, counts)
    if valid.all():
        there = there[:1]
    with np.errstate(invalid="ignore", divide="ignore"):
        size = there @ weights
        return (known @ weights) / size - level[..., None] * ((there * sign) @ weights) / size
