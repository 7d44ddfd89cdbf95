"""Our side of every comparison: the statistic of `lib.statistics` on the inputs that the other programs are given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist
from scipy.stats import binomtest

from lib import paths
from lib.analysis import people
from lib.materials import references
from lib.materials.values import CODES, circle
from lib.statistics import (
    BOOTSTRAP,
    MEASURES,
    PERMUTATIONS,
    alpha,
    axis_shares,
    circle_order,
    correlations,
    exchanged_relations,
    false_discovery,
    fit_to,
    holm,
    interval,
    item_weights,
    omega,
    over_primes,
    p_value,
    pairs,
    prime_correlations,
    protest,
    random_correlations,
    random_orders,
    random_structure,
    relabelled,
    relations,
    residuals,
    scale_scores,
    structural_summary,
    value_map,
)
from lib.statistics.maps import classical, dissimilarities

from . import inputs

SAMPLES = tuple(references.references())
#: Samples whose maps and order on the circle are held against other programs.
MAPPED = ("pvq40_us_2017", "ess11_europe", "wvs6")
ONE = "model"
PAIRS = tuple(f"{a}-{b}" for i, a in enumerate(CODES) for b in CODES[i + 1 :])

Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Compared:
    """One statistic that others compute too.

    Attributes:
        title: what it is called on the page.
        where: the function in `lib.statistics`.
        numbers: computes it, by case.
        tolerance: how far from another program's a number may lie, beyond Monte Carlo error.
        drawn: the standard error of our own draws by case, where there are any.
        why: what a difference comes from, where it is not rounding.
    """

    title: str
    where: str
    numbers: Callable[[], Numbers]
    tolerance: float = 1e-6
    drawn: Callable[[Numbers], Numbers] | None = None
    why: str = ""


# ── The data ───────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def human(name: str) -> np.ndarray:
    return references.structure(name).to_numpy()


@cache
def human_pairs(name: str) -> np.ndarray:
    return pairs(human(name))


def _key(name: str) -> tuple[np.ndarray, list[str]]:
    scale = inputs.keys(name)["scale"]
    scales = list(CODES) if name == inputs.VALUES else list(dict.fromkeys(scale))
    return np.array([[float(s == one) for one in scales] for s in scale]), scales


def _signs(name: str) -> np.ndarray:
    put = name == inputs.BEHAVIOR
    return np.where(put & (inputs.keys(name)["reversed"] == "yes"), -1.0, 1.0)


@cache
def scores(name: str) -> np.ndarray:
    items = inputs.items(name)
    found = scale_scores(items.reshape(-1, items.shape[2]), _key(name)[0], _signs(name))
    return found.reshape(*items.shape[:2], -1)


@cache
def model() -> np.ndarray:
    return correlations(scores(inputs.VALUES))


@cache
def model_pairs() -> np.ndarray:
    return pairs(model())


@cache
def centred_within() -> np.ndarray:
    """Items of values without the respondents' level and the cells' means: respondents x items."""
    items = inputs.items(inputs.VALUES)
    items = items - items.mean(axis=2, keepdims=True)
    return (items - items.mean(axis=1, keepdims=True)).reshape(-1, items.shape[2])


@cache
def controls() -> dict[str, np.ndarray]:
    return {name: column.to_numpy() for name, column in inputs.read("controls").items()}


def distances(correlation: np.ndarray) -> np.ndarray:
    return dissimilarities(correlation)


@cache
def survey() -> pd.DataFrame:
    table = pd.read_csv(paths.HUMAN / "behavior" / "gss2012_us.csv", index_col="variable")
    return table[list(CODES)]


@cache
def moments(name: str) -> tuple[np.ndarray, np.ndarray]:
    table = references.means(name)
    return table["cent_mean"].to_numpy(), table["cent_sd"].to_numpy()


def _rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def _one(number: float) -> Numbers:
    return {ONE: float(number)}


def _named(matrix: np.ndarray, rows: Sequence[str], columns: Sequence[str]) -> Numbers:
    return {f"{r}-{c}": float(matrix[i, j]) for i, r in enumerate(rows) for j, c in enumerate(columns)}


def _by_pair(numbers: np.ndarray) -> Numbers:
    return dict(zip(PAIRS, map(float, numbers), strict=True))


def _by_scale(name: str, of: Callable[[np.ndarray], float]) -> Numbers:
    key, scales = _key(name)
    return {scale: of(key[:, i] > 0) for i, scale in enumerate(scales)}


def _errors_of_p(found: Numbers) -> Numbers:
    return {case: np.sqrt(p * (1 - p) / PERMUTATIONS) for case, p in found.items()}


# ── The statistics ─────────────────────────────────────────────────────────────────────────────────────────────────


def _relations() -> Numbers:
    both = inputs.read(inputs.VALUES)[["wording", "person"]].drop_duplicates()
    asked = inputs.read(inputs.BEHAVIOR)[["wording", "person"]].drop_duplicates()
    kept = both.apply(tuple, axis=1).isin(asked.apply(tuple, axis=1)).to_numpy()
    found = relations(scores(inputs.BEHAVIOR), scores(inputs.VALUES)[kept])
    return _named(found, _key(inputs.BEHAVIOR)[1], CODES)


def _exchanged() -> Numbers:
    both = inputs.read(inputs.VALUES)[["wording", "person"]].drop_duplicates().apply(tuple, axis=1)
    asked = inputs.read(inputs.BEHAVIOR)[["wording", "person"]].drop_duplicates().apply(tuple, axis=1)
    a, b = scores(inputs.BEHAVIOR), scores(inputs.VALUES)[both.isin(asked).to_numpy()]
    drawn = exchanged_relations(a, b, random_orders(10, _rng()))
    return {"mean r^2": p_value(float((relations(a, b) ** 2).mean()), (drawn**2).mean(axis=(1, 2)))}


def _measure(name: str) -> Callable[[], Numbers]:
    return lambda: _one(MEASURES[name].of(model_pairs(), human_pairs(SAMPLES[0])))


def _partial(names: Sequence[str]) -> tuple[float, float]:
    out = [controls()[name] for name in names]
    ours, theirs = residuals(model_pairs(), out), residuals(human_pairs(SAMPLES[0]), out)
    r = MEASURES["pearson"].of
    drawn = residuals(relabelled(ours, random_orders(10, _rng())), out)
    return float(r(ours, theirs)), p_value(float(r(ours, theirs)), r(drawn, theirs))


@cache
def _mantel() -> dict[str, tuple[float, float]]:
    orders, r = random_orders(10, _rng()), MEASURES["pearson"].of
    drawn = relabelled(model_pairs(), orders)
    found = {name: float(r(model_pairs(), human_pairs(name))) for name in SAMPLES}
    return {name: (one, p_value(one, r(drawn, human_pairs(name)))) for name, one in found.items()}


@cache
def _partials() -> dict[str, tuple[float, float]]:
    return {name: _partial([name]) for name in controls()} | {"all": _partial(list(controls()))}


@cache
def _fits() -> dict[str, tuple[float, float, float]]:
    found, own = {}, classical(distances(model()))
    for name in MAPPED:
        target = classical(distances(human(name)))
        fit = fit_to(own, target)
        found[name] = (fit.m2, fit.congruence, protest(own, target, _rng()))
    return found


@cache
def _orders() -> dict[str, tuple[float, float, float]]:
    matrices = {ONE: model()} | {name: human(name) for name in MAPPED}
    found = {name: circle_order(m, _rng()) for name, m in matrices.items()}
    return {name: (one.ci, one.agreements, one.p) for name, one in found.items()}


def _part(of: Callable[[], Mapping[str, tuple]], place: int) -> Callable[[], Numbers]:
    return lambda: {name: float(one[place]) for name, one in of().items()}


def _stress(ordinal: bool) -> Numbers:
    matrices = {name: human(name) for name in SAMPLES} | ({} if ordinal else {ONE: model()})
    return {name: value_map(m, circle().to_numpy(), _rng(), ordinal).stress for name, m in matrices.items()}


def _summary() -> Numbers:
    found = structural_summary(survey().to_numpy(), np.arange(10) * 36.0)
    return _named(np.column_stack(found), list(survey().index), ("elevation", "amplitude", "peak", "fit"))


def _corrected(of: Callable[[np.ndarray], np.ndarray]) -> Numbers:
    return {str(i): float(p) for i, p in enumerate(of(np.array(inputs.P_VALUES)), start=1)}


def _bootstrap() -> Numbers:
    """SDs of the mean that a prime raises a scale's items by, items drawn within the way they are keyed."""
    items = inputs.items(inputs.BEHAVIOR)
    raised = items[:, CODES.index("AC")].mean(axis=0) - items.mean(axis=(0, 1))
    turned = _signs(inputs.BEHAVIOR)

    def sd(own: np.ndarray) -> float:
        weights = item_weights(turned[own], _rng(), 20 * BOOTSTRAP)
        return float((weights @ raised[own] / own.sum()).std(ddof=1))

    return _by_scale(inputs.BEHAVIOR, sd)


def _random_alignment() -> Numbers:
    r = _random_r()
    low, high = np.quantile(r, [0.025, 0.975])
    return {"mean": r.mean(), "sd": r.std(ddof=1), "q2.5": low, "q97.5": high}


@cache
def _random_r() -> np.ndarray:
    counts = _key(inputs.VALUES)[0].sum(axis=0)
    drawn = random_correlations(counts, 16 * 9, _rng(), 20 * BOOTSTRAP)
    return MEASURES["pearson"].of(pairs(drawn), human_pairs(SAMPLES[0]))


def _random_errors(found: Numbers) -> Numbers:
    parts = np.array_split(_random_r(), 20)
    of = {
        "mean": np.mean,
        "sd": np.std,
        "q2.5": lambda x: np.quantile(x, 0.025),
        "q97.5": lambda x: np.quantile(x, 0.975),
    }
    return {case: float(np.std([of[case](x) for x in parts], ddof=1) / np.sqrt(20)) for case in found}


def _interval() -> Numbers:
    """Round r = .749, from draws whose Fisher z have a standard deviation of .1."""
    z = np.arctanh(0.749) + 0.1 * np.array([-1.0, 1.0]) / np.sqrt(2)
    return dict(zip(("low", "high"), interval(MEASURES["pearson"], 0.749, np.tanh(z)), strict=True))


def _spread() -> Numbers:
    (_, one), (_, two) = moments("ess11_europe"), moments(SAMPLES[0])
    return {"ess11_europe": float(MEASURES["variance_ratio"].of(one, two))}


def _wasserstein() -> Numbers:
    known = people.distributions()
    return {"ess11_europe": float(MEASURES["wasserstein"].of(known["ess11_europe"], known[SAMPLES[0]]))}


def _people() -> Numbers:
    mean, sd = moments(SAMPLES[0])
    return {f"{c} mean": float(m) for c, m in zip(CODES, mean, strict=True)} | {
        f"{c} SD": float(s) for c, s in zip(CODES, sd, strict=True)
    }


_VALUES, _BEHAVIOR = inputs.VALUES, inputs.BEHAVIOR

COMPARED: Mapping[str, Compared] = {
    "scale scores": Compared(
        "Scale scores, MRAT out",
        "scale_scores",
        lambda: _named(scores(_VALUES)[0], CODES, CODES),
    ),
    "scale scores, acquiescence out": Compared(
        "Scale scores, acquiescence out",
        "scale_scores",
        lambda: _named(scores(_BEHAVIOR)[0], CODES, _key(_BEHAVIOR)[1]),
    ),
    "value structure": Compared("Correlations within cells", "correlations", lambda: _by_pair(model_pairs())),
    "structure of the primes": Compared(
        "Correlations of the primes",
        "prime_correlations",
        lambda: _by_pair(pairs(prime_correlations(scores(_VALUES)))),
    ),
    "relations with behaviour": Compared("Relations within cells", "relations", _relations),
    "Pearson r": Compared("Pearson's r over the pairs", "pearson", _measure("pearson")),
    "Spearman rho": Compared("Spearman's rho", 'MEASURES["spearman"]', _measure("spearman")),
    "RMSE": Compared("RMSE", 'MEASURES["rmse"]', _measure("rmse")),
    "RMSE of Fisher's z": Compared("RMSE of Fisher's z", 'MEASURES["rmse_z"]', _measure("rmse_z")),
    "slope": Compared("Slope on people", 'MEASURES["slope"]', _measure("slope")),
    "sign agreement": Compared("Share of signs met", 'MEASURES["sign"]', _measure("sign")),
    "mean by Fisher's z": Compared(
        "Mean of correlations",
        "Measure.mean",
        lambda: {"samples": MEASURES["pearson"].mean(np.array([r for r, _ in _mantel().values()]))},
    ),
    "variance ratio": Compared("Ratio of variances", 'MEASURES["variance_ratio"]', _spread),
    "Wasserstein distance": Compared(
        "Wasserstein distance", 'MEASURES["wasserstein"]', _wasserstein, 5e-4, why="grid of .02"
    ),
    "Mantel r": Compared("Mantel's r", "pearson", _part(_mantel, 0)),
    "Mantel p": Compared("Mantel's p", "relabelled, p_value", _part(_mantel, 1), drawn=_errors_of_p),
    "partial r": Compared("Partial r", "residuals", _part(_partials, 0)),
    "partial Mantel r": Compared("Partial Mantel r", "residuals", _part(_partials, 0)),
    "partial Mantel p": Compared(
        "Partial Mantel p",
        "residuals, relabelled",
        _part(_partials, 1),
        0.012,
        drawn=_errors_of_p,
        why="relabels residuals, vegan the matrix",
    ),
    "exchanged conditions, p": Compared(
        "p by exchanged conditions", "exchanged_relations", _exchanged, drawn=_errors_of_p
    ),
    "Cronbach's alpha": Compared(
        "Cronbach's alpha", "alpha", lambda: _by_scale(_VALUES, lambda own: alpha(centred_within()[:, own]))
    ),
    "McDonald's omega": Compared(
        "McDonald's omega",
        "omega",
        lambda: _by_scale(_VALUES, lambda own: omega(centred_within()[:, own])),
        2e-6,
    ),
    "profile reliability, one key": Compared(
        "Profile reliability, one key",
        "over_primes",
        lambda: _by_scale(_VALUES, lambda own: over_primes(inputs.items(_VALUES)[..., own], np.zeros(own.sum()))),
    ),
    "profile reliability": Compared(
        "Profile reliability",
        "over_primes",
        lambda: _by_scale(
            _BEHAVIOR, lambda own: over_primes(inputs.items(_BEHAVIOR)[..., own], _signs(_BEHAVIOR)[own])
        ),
    ),
    "classical scaling": Compared(
        "Classical scaling, distances",
        "classical",
        lambda: _by_pair(pdist(classical(distances(model())))),
    ),
    "metric Stress-1": Compared(
        "Metric Stress-1", "value_map", lambda: _stress(False), 5e-5, why="least of several starts"
    ),
    "ordinal Stress-1": Compared(
        "Ordinal Stress-1", "value_map", lambda: _stress(True), 5e-4, why="least of several starts"
    ),
    "Procrustes m2": Compared("Procrustes disparity", "fit_to", _part(_fits, 0)),
    "congruence of distances": Compared("Congruence of distances", "fit_to", _part(_fits, 1)),
    "PROTEST p": Compared("PROTEST's p", "protest", _part(_fits, 2), drawn=_errors_of_p),
    "circle order": Compared("Correspondence index", "circle_order", _part(_orders, 0)),
    "circle order, agreements": Compared("Predictions met", "circle_order", _part(_orders, 1)),
    "circle order, p": Compared("Circle order, p", "circle_order", _part(_orders, 2), drawn=_errors_of_p),
    "variance along the axes": Compared(
        "Variance along the axes",
        "axis_shares",
        lambda: dict(zip(("first", "second"), axis_shares(model(), np.arange(10) * 36.0, 72.0), strict=True)),
    ),
    "structural summary": Compared("Structural summary", "structural_summary", _summary),
    "Holm": Compared("Holm's correction", "holm", lambda: _corrected(holm)),
    "false discovery rate": Compared("False discovery rate", "false_discovery", lambda: _corrected(false_discovery)),
    "binomial p": Compared(
        "Binomial p",
        "scipy.stats.binomtest",
        lambda: {"9 of 10": float(binomtest(9, 10, 0.1, alternative="greater").pvalue)},
        1e-12,
    ),
    "bootstrap SD": Compared(
        "Bootstrap SD over items",
        "item_weights",
        _bootstrap,
        drawn=lambda found: {case: sd / np.sqrt(2 * 20 * BOOTSTRAP) for case, sd in found.items()},
    ),
    "standard error of a mean over items": Compared(
        "Bootstrap SD, closed form",
        "item_weights",
        _bootstrap,
        drawn=lambda found: {case: sd / np.sqrt(2 * 20 * BOOTSTRAP) for case, sd in found.items()},
    ),
    "interval": Compared("Interval on Fisher's z", "interval", _interval, 2e-5, why="1.96 for 1.959964"),
    "random answers, alignment": Compared(
        "Alignment of random answers", "random_correlations", _random_alignment, drawn=_random_errors
    ),
    "random answers, structure": Compared(
        "Structure of random answers",
        "random_structure",
        lambda: _by_pair(pairs(random_structure(_key(_VALUES)[0].sum(axis=0)))),
    ),
    "human structure": Compared(
        "Human correlations, raw answers",
        "data/raw/human/structure",
        lambda: _by_pair(human_pairs(SAMPLES[0])),
        6e-5,
        why="four decimals",
    ),
    "human means and SDs": Compared(
        "Human means and SDs, raw answers", "data/raw/human/means", _people, 6e-4, why="three to four decimals"
    ),
}
