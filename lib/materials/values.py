"""The theory: Schwartz's ten basic values, their order on the circle and the four higher-order values.

Sources: Schwartz, S. H. (1992), Universals in the content and structure of values, *Advances in Experimental Social
Psychology* 25, 1-65; names, definitions and circle in the wording of Schwartz, S. H. (2012), An overview of the
Schwartz theory of basic values, *Online Readings in Psychology and Culture* 2(1), pp. 5-9.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Value:
    """One basic value.

    Attributes:
        code: two letters, as in the human reference tables.
        name: the value's name, in lower case.
        definition: Schwartz's statement of its defining goal, as it stands in the prime after "You value".
    """

    code: str
    name: str
    definition: str


@dataclass(frozen=True)
class HigherOrderValue:
    """One of the four poles of the circle, with the codes of the values that it joins."""

    code: str
    name: str
    members: tuple[str, ...]
    color: str


#: The ten values in their order round the circle. Tradition and conformity share one wedge in the theory (tradition on
#: the outside); in a sequence one of them must come first: here tradition, as in the reference matrices.
VALUES: tuple[Value, ...] = (
    Value("PO", "power", "social status and prestige, control or dominance over people and resources"),
    Value(
        "AC",
        "achievement",
        "personal success through demonstrating competence according to social standards",
    ),
    Value("HE", "hedonism", "pleasure or sensuous gratification for oneself"),
    Value("ST", "stimulation", "excitement, novelty, and challenge in life"),
    Value("SD", "self-direction", "independent thought and action: choosing, creating, exploring"),
    Value(
        "UN",
        "universalism",
        "understanding, appreciation, tolerance, and protection for the welfare of all people and for nature",
    ),
    Value(
        "BE",
        "benevolence",
        "preserving and enhancing the welfare of those with whom one is in frequent personal contact",
    ),
    Value(
        "TR",
        "tradition",
        "respect, commitment, and acceptance of the customs and ideas that one's culture or religion provides",
    ),
    Value(
        "CO",
        "conformity",
        "restraint of actions, inclinations, and impulses likely to upset or harm others and violate social "
        "expectations or norms",
    ),
    Value("SE", "security", "safety, harmony, and stability of society, of relationships, and of self"),
)

CODES: tuple[str, ...] = tuple(v.code for v in VALUES)
BY_CODE: dict[str, Value] = {v.code: v for v in VALUES}

#: The condition in which no value is induced.
NO_VALUE = "none"
CONDITIONS: tuple[str, ...] = (*CODES, NO_VALUE)

#: Hedonism shares elements of openness and of self-enhancement (Schwartz 2012, p. 8), so both count it.
HIGHER_ORDER: tuple[HigherOrderValue, ...] = (
    HigherOrderValue("OPEN", "openness to change", ("SD", "ST", "HE"), "#e69f00"),
    HigherOrderValue("TRANS", "self-transcendence", ("UN", "BE"), "#009e73"),
    HigherOrderValue("CONS", "conservation", ("TR", "CO", "SE"), "#0072b2"),
    HigherOrderValue("ENH", "self-enhancement", ("PO", "AC", "HE"), "#d55e00"),
)


def angles() -> pd.Series:
    """Returns each value's angle on the circle in degrees (index: code), ten equal steps of 36°.

    Turned as the circle is usually drawn: universalism right of the top, self-direction left of it.
    """
    return pd.Series((252.0 - 36.0 * np.arange(len(CODES))) % 360.0, index=list(CODES), name="angle")


def circle() -> pd.DataFrame:
    """Returns the theoretical map: ten points on the unit circle, columns `x` and `y`, index code."""
    radians = np.deg2rad(angles())
    return pd.DataFrame({"x": np.cos(radians), "y": np.sin(radians)})


def cosine_matrix() -> pd.DataFrame:
    """Returns the ideal correlations of the circle, cos(angle between the values), 10 x 10 in [-1, 1]."""
    points = circle().to_numpy()
    return pd.DataFrame(points @ points.T, index=list(CODES), columns=list(CODES))


def steps_apart() -> pd.DataFrame:
    """Returns how many steps lie between two values on the circle: 10 x 10 whole numbers from 0 to 5."""
    position = np.arange(len(CODES))
    gap = np.abs(position[:, None] - position[None, :])
    return pd.DataFrame(np.minimum(gap, len(CODES) - gap), index=list(CODES), columns=list(CODES))


def pole(code: str) -> HigherOrderValue:
    """Returns the higher-order value a value is drawn with; hedonism, which has two, counts to openness there."""
    return next(h for h in HIGHER_ORDER if code in h.members)
