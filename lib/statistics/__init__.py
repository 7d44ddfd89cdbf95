"""Arrays in, arrays out: the statistics of the study, each in one place and checked there against another program.

Nothing here knows of frames of answers, files or figures; numpy and scipy are all it stands on.
"""

from lib.statistics.circle import (
    CircleOrder,
    StructuralSummary,
    angular_distance,
    axis_shares,
    by_steps,
    circle_order,
    structural_summary,
)
from lib.statistics.maps import ValueMap, fit_to, permuted_stress, protest, value_map
from lib.statistics.matrices import (
    correlations,
    pairs,
    pearson,
    prime_correlations,
    relabelled,
    relations,
    residuals,
    square,
    standardised,
)
from lib.statistics.measures import MEASURES, Measure
from lib.statistics.nulls import (
    exchanged_relations,
    random_correlations,
    random_orders,
    random_relations,
    random_scores,
    random_structure,
)
from lib.statistics.reliability import alpha, omega, over_primes
from lib.statistics.resampling import (
    BOOTSTRAP,
    FEWEST_CELLS,
    PERMUTATIONS,
    RANDOM,
    cell_weights,
    false_discovery,
    holm,
    interval,
    item_weights,
    p_value,
    stream,
)
from lib.statistics.scoring import respondent_level, scale_scores

__all__ = [
    "BOOTSTRAP",
    "FEWEST_CELLS",
    "MEASURES",
    "PERMUTATIONS",
    "RANDOM",
    "CircleOrder",
    "Measure",
    "StructuralSummary",
    "ValueMap",
    "alpha",
    "angular_distance",
    "axis_shares",
    "by_steps",
    "cell_weights",
    "circle_order",
    "correlations",
    "exchanged_relations",
    "false_discovery",
    "fit_to",
    "holm",
    "interval",
    "item_weights",
    "omega",
    "over_primes",
    "p_value",
    "pairs",
    "pearson",
    "permuted_stress",
    "prime_correlations",
    "protest",
    "random_correlations",
    "random_orders",
    "random_relations",
    "random_scores",
    "random_structure",
    "relabelled",
    "relations",
    "residuals",
    "respondent_level",
    "scale_scores",
    "square",
    "standardised",
    "stream",
    "structural_summary",
    "value_map",
]
