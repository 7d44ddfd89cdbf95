"""What other Python programs say of the same inputs, stored in the form of the R scripts (`r/common.R`).

`python -m tests.reference.programs` writes them; scikit-learn, pingouin, rthor, circumplex, statsmodels and scipy are
all among the development packages.
"""

import json
import warnings
from collections.abc import Callable, Mapping
from importlib.metadata import version

import numpy as np
import pandas as pd
from scipy import stats
from scipy.spatial import procrustes
from scipy.spatial.distance import pdist, squareform

from lib.materials.values import CODES, steps_apart
from lib.statistics.maps import classical

from . import inputs
from .ours import (
    MAPPED,
    ONE,
    SAMPLES,
    centred_within,
    controls,
    distances,
    human,
    human_pairs,
    model,
    model_pairs,
    moments,
    survey,
)

STORED = inputs.HERE / "stored"
#: Statistic → (call, values by case, Monte Carlo errors by case).
Found = Mapping[str, tuple[str, Mapping[str, float], Mapping[str, float]]]


def scipy() -> Found:
    a, b = model_pairs(), human_pairs(SAMPLES[0])
    own = classical(distances(model()))
    shapes = {name: procrustes(classical(distances(human(name))), own)[2] for name in MAPPED}
    return {
        "Pearson r": ("pearsonr(a, b).statistic", {ONE: stats.pearsonr(a, b).statistic}, {}),
        "Spearman rho": ("spearmanr(a, b).statistic", {ONE: stats.spearmanr(a, b).statistic}, {}),
        "slope": ("linregress(b, a).slope", {ONE: stats.linregress(b, a).slope}, {}),
        "Procrustes m2": ("procrustes(y, x)[2]", shapes, {}),
        "Wasserstein distance": (
            "wasserstein_distance of 20,000 quantiles of either normal",
            {"ess11_europe": _wasserstein()},
            {},
        ),
    }


def _wasserstein() -> float:
    at = (np.arange(20_000) + 0.5) / 20_000
    samples = [stats.norm.ppf(at, *(x[:, None] / 5 for x in moments(name))) for name in ("ess11_europe", SAMPLES[0])]
    return float(np.mean([stats.wasserstein_distance(x, y) for x, y in zip(*samples, strict=True)]))


def statsmodels() -> Found:
    from statsmodels.stats.multitest import multipletests

    p = np.array(inputs.P_VALUES)
    found = {}
    for name, method in (("Holm", "holm"), ("false discovery rate", "fdr_bh")):
        known = np.full(len(p), np.nan)
        known[~np.isnan(p)] = multipletests(p[~np.isnan(p)], method=method)[1]
        values = {str(i): x for i, x in enumerate(known, start=1)}
        found[name] = (f"multipletests(p, method={method!r})[1]", values, {})
    return found


def pingouin() -> Found:
    import pingouin as pg

    scale = inputs.keys(inputs.VALUES)["scale"].to_numpy()
    items = {code: pd.DataFrame(centred_within()[:, scale == code]) for code in CODES}
    table = pd.DataFrame({"a": model_pairs(), "b": human_pairs(SAMPLES[0]), **controls()})
    names = {name: [name] for name in controls()} | {"all": list(controls())}
    partial = {
        name: float(pg.partial_corr(table, x="a", y="b", covar=covar)["r"].iloc[0]) for name, covar in names.items()
    }
    alphas = {code: float(pg.cronbach_alpha(x)[0]) for code, x in items.items()}
    return {
        "Cronbach's alpha": ("cronbach_alpha(items)[0]", alphas, {}),
        "partial r": ("partial_corr(a, b, covar)", partial, {}),
    }


def rthor() -> Found:
    import rthor as other

    np.random.seed(0)  # noqa: NPY002 (the stream that rthor draws from)
    steps = steps_apart().to_numpy()[np.triu_indices(len(CODES), 1)]
    matrices = {ONE: model()} | {name: human(name) for name in MAPPED}
    call = "test(matrix, order=steps)"
    found = {
        name: other.test(m.round(10), order=[int(s) for s in steps], labels=[name]).iloc[0]
        for name, m in matrices.items()
    }
    p = {name: float(row["p_value"]) for name, row in found.items()}
    draws = {name: int(row["n_permutations"]) for name, row in found.items()}
    return {
        "circle order": (call, {name: float(row["ci"]) for name, row in found.items()}, {}),
        "circle order, agreements": (call, {name: float(row["agreements"]) for name, row in found.items()}, {}),
        "circle order, p": (
            f"{call}, {min(draws.values()):,} relabellings",
            p,
            {name: np.sqrt(x * (1 - x) / draws[name]) for name, x in p.items()},
        ),
    }


def circumplex() -> Found:
    from circumplex.core.parameters import ssm_parameters

    theta, values = np.deg2rad(np.arange(10) * 36.0), {}
    for name, profile in survey().iterrows():
        one = ssm_parameters(profile.to_numpy(), theta)
        one["peak"] = np.rad2deg(one["displacement"])
        values |= {f"{name}-{part}": float(one[part]) for part in ("elevation", "amplitude", "peak", "fit")}
    return {"structural summary": ("ssm_parameters(profile, angles)", values, {})}


def scikit_learn() -> Found:
    from sklearn.manifold import MDS

    def stress(correlation: np.ndarray) -> float:
        """Of the map, with the best scale: scikit-learn's own stress has none."""
        delta = distances(correlation)
        starts = {"init": "classical_mds", "n_init": 1}, {"init": "random", "n_init": 8, "random_state": 0}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            options = {"metric": "precomputed", "metric_mds": True, "max_iter": 5000, "eps": 1e-12}
            maps = [MDS(2, **options, **start, normalized_stress=False).fit_transform(delta) for start in starts]
        d = squareform(delta, checks=False)
        return float(min(np.sqrt(1 - (d @ pdist(m)) ** 2 / ((d @ d) * (pdist(m) @ pdist(m)))) for m in maps))

    matrices = {ONE: model()} | {name: human(name) for name in SAMPLES}
    call = "MDS(2, metric='precomputed'), least of classical and 8 random starts"
    return {"metric Stress-1": (call, {name: float(f"{stress(m):.6g}") for name, m in matrices.items()}, {})}


PROGRAMS: Mapping[str, Callable[[], Found]] = {
    "scipy": scipy,
    "statsmodels": statsmodels,
    "pingouin": pingouin,
    "rthor": rthor,
    "circumplex": circumplex,
    "scikit-learn": scikit_learn,
}


def _text(program: str, found: Found) -> str:
    def numbers(values: Mapping[str, float]) -> str:
        parts = (f'"{k}": ' + ("null" if np.isnan(v) else f"{float(v):.9g}") for k, v in values.items())
        return "{" + ", ".join(parts) + "}"

    statistics = []
    for name, (call, values, errors) in found.items():
        lines = [f'      "call": {json.dumps(call)}']
        lines += [f'      "error": {numbers(errors)}'] if errors else []
        lines.append(f'      "values": {numbers(values)}')
        statistics.append(f'    "{name}": {{\n' + ",\n".join(lines) + "\n    }")
    head = f'  "program": "{program}",\n  "version": "{version(program)}",\n  "statistics": {{\n'
    return "{\n" + head + ",\n".join(statistics) + "\n  }\n}\n"


def main() -> None:
    for program, of in PROGRAMS.items():
        (STORED / f"{program}.json").write_text(_text(program, of()), encoding="utf-8")


if __name__ == "__main__":
    main()
