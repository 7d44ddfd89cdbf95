"""The paper's tables and claims beside this study's, read from the tables that the other notebooks publish.

What the paper reports is second-hand: a third party's summary of its first version, over seven larger models and
against human samples that are not known in detail. The figures stand side by side; they do not test one another.

Every claim has a **rule**, written before its result was looked at: what it must beat, by which test, what counts as
yes, partly, no, undecided, not tested. `p < .05` throughout; where several human samples are asked, Holm's correction.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from IPython.display import Image
from scipy.stats import binomtest

from lib.analysis.alignment import ALL, chosen
from lib.analysis.population.strategies import LABELS
from lib.analysis.population.tables import BASELINE
from lib.analysis.study import Study
from lib.materials import reported
from lib.materials.behavior_references import SURVEYS
from lib.materials.values import CODES
from lib.presentation.figures.alignments import reference_label, title_of
from lib.presentation.sentences.alignment import chance, estimate
from lib.presentation.tables import apa_interval, apa_p_is, apa_r

#: Whether a claim of the paper holds here.
YES, NO, PARTLY, UNDECIDED, UNTESTED = "yes", "no", "partly", "undecided", "not tested"
#: Where an instrument has several human references, the surest first.
_SUREST = ("coefficients", "secondhand", "theory")
#: What a claim about structure or behaviour must beat besides random answers.
_BEYOND = ("two camps", "words", "embedding")

Published = Mapping[str, pd.DataFrame]
Judgement = tuple[str, str]
_MISSING = ("The table it needs was not published.", UNTESTED)
_TOO_FEW = "Too few wordings and persons for an interval."


@dataclass(frozen=True)
class Claim:
    """One claim of the paper: its words, the rule it is judged by here, and the function that applies the rule."""

    claim: str
    rule: str
    judge: Callable[[Study, Published], Judgement]


def picture(study: Study, name: str) -> Image | str:
    """Returns a figure that another notebook published, for display; a sentence where it did not."""
    path = study.figures / f"{name}.png"
    return Image(filename=str(path), width=900) if path.exists() else f"{name} was not drawn with these parameters."


def comparison(study: Study, found: Published) -> pd.DataFrame:
    """Returns every figure that the paper is said to report beside this study's, as correlations.

    Columns: `table`; `item` (model, questionnaire or strategy); `paper` with its `certainty`; `ours` with its 95 %
    interval `low`, `high`, and what it was taken `against`; `n_respondents`; `null_low`, `null_high` (random answers);
    `ceiling` (what other humans reach). Empty where one of the two has no such figure.
    """
    parts = {reported.STRUCTURE: _structure, reported.BEHAVIOR: _behavior, reported.POPULATION: _population}
    rows = [{"table": name} | row for name, part in parts.items() for row in part(study, found)]
    columns = ["table", "item", "paper", "certainty", "ours", "low", "high", "against", "n_respondents"]
    columns += ["null_low", "null_high", "ceiling"]
    texts = ["against", "certainty"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(texts, object)).fillna(dict.fromkeys(texts, ""))


def _theirs(table: str, item: str) -> dict:
    row = reported.in_table(table).loc[item]
    return {"item": item, "paper": row["value_percent"] / 100, "certainty": row["certainty"]}


def _ours(row: pd.Series) -> dict:
    keys = ["low", "high", "n_respondents", "null_low", "null_high", "ceiling"]
    return {"ours": row["estimate"], "against": reference_label(row["reference"])} | row[keys].to_dict()


def _structure(study: Study, found: Published) -> Iterator[dict]:
    yield from (_theirs(reported.STRUCTURE, item) for item in reported.in_table(reported.STRUCTURE).index)
    if (mine := own_structure(study, found)) is not None:
        yield {"item": study.model} | _ours(mine)


def own_structure(study: Study, found: Published, **keys: str) -> pd.Series | None:
    """Returns the study's own row of `structure_alignment`; None where it is not published."""
    if "structure_alignment" not in found:
        return None
    mine = {"side": "structure", "mode": study.mode, "instrument": study.instrument, "source": study.induction}
    rows = chosen(found["structure_alignment"], **mine | {"reference": study.reference, "cells": ALL} | keys)
    return rows.iloc[0] if len(rows) else None


def _behavior(study: Study, found: Published) -> Iterator[dict]:
    ours = own_behavior(study, found)
    for instrument, item in reported.PAPER_NAMES.items():
        rows = ours[ours["instrument"] == instrument]
        yield _theirs(reported.BEHAVIOR, item) | (_ours(rows.iloc[0]) if len(rows) else {})
    surveys = ours[ours["reference"].isin(SURVEYS)]
    yield from ({"item": "Social survey", **_ours(row)} for _, row in surveys.iterrows())


def own_behavior(study: Study, found: Published, **keys: str) -> pd.DataFrame:
    """Returns the study's alignments over all behaviours, of each questionnaire the surest reference first."""
    if "behavior_alignment" not in found:
        return pd.DataFrame(columns=["instrument", "reference", "kind"])
    mine = {"side": "behavior", "mode": study.mode, "source": study.induction, "scope": ALL, "cells": ALL}
    table = chosen(found["behavior_alignment"], **mine | keys)
    order = table["kind"].map({kind: i for i, kind in enumerate(_SUREST)})
    return table.loc[order.sort_values(kind="stable").index]


def _population(study: Study, found: Published) -> Iterator[dict]:
    ours = pd.DataFrame(columns=["source"])
    if "population_alignment" in found:
        ours = chosen(found["population_alignment"], side="structure", reference=study.reference)
    for strategy, item in reported.PAPER_STRATEGIES.items():
        rows = ours[ours["source"] == strategy]
        yield _theirs(reported.POPULATION, item) | (_ours(rows.iloc[0]) if len(rows) else {})
    beyond = ours[~ours["source"].isin(reported.PAPER_STRATEGIES)]
    yield from ({"item": f"{LABELS[row['source']]} (not in the paper)", **_ours(row)} for _, row in beyond.iterrows())


def claims(study: Study, found: Published) -> pd.DataFrame:
    """Returns what the paper claims, by which rule it is judged here, what is found, and whether it holds.

    Columns: `claim`, `rule`, `here` (a sentence with the figures), `holds` (yes, no, partly, undecided, not tested).
    """
    rows = []
    for one in _CLAIMS:
        here, holds = one.judge(study, found)
        rows.append({"claim": one.claim, "rule": one.rule, "here": here, "holds": holds})
    return pd.DataFrame(rows)


def _takes(study: Study, found: Published) -> Judgement:
    if "induction_ranks" not in found:
        return _MISSING
    ranks = found["induction_ranks"]
    keys = {"instrument": study.instrument, "mode": study.mode, "induction": study.induction, "wording": ALL}
    mine = ranks[(ranks[list(keys)] == pd.Series(keys)).all(axis=1)]
    if mine.empty:
        return _MISSING
    first = int((mine["rank"] == 1).sum())
    p = binomtest(first, len(CODES), 1 / len(CODES), alternative="greater").pvalue
    here = f"{first} of {len(CODES)} values rank first under their own prime ({apa_p_is(p)})."
    if p >= 0.05:
        return here, NO
    return here, YES if first > len(CODES) / 2 else PARTLY


def _human_structure(study: Study, found: Published) -> Judgement:
    mine = own_structure(study, found)
    if mine is None:
        return _MISSING
    here = (
        f"r = {estimate(mine)}, {chance(mine['p'])}; 97.5 % of random answers stay below {apa_r(mine['null_high'])}, "
    )
    here += f"other people reach {apa_r(mine['ceiling'])}."
    if not np.isfinite(mine["low"]):
        return f"{here} {_TOO_FEW}", UNTESTED
    left = {beyond: own_structure(study, found, beyond=beyond) for beyond in _BEYOND}
    here += " Beyond " + ", ".join(f"{b} {estimate(row)} ({apa_p_is(row['p'])})" for b, row in left.items()) + "."
    if mine["p"] >= 0.05 or mine["low"] <= mine["null_high"]:
        return here, NO
    return here, YES if all(row["p"] < 0.05 for row in left.values()) else PARTLY


def _ordered_behavior(study: Study, found: Published) -> Judgement:
    if "behavior_order" not in found or "behavior_structure" not in found:
        return _MISSING
    order = found["behavior_order"].iloc[0]
    keys = {"reference": study.reference, "scope": ALL, "source": study.induction}
    camps = chosen(found["behavior_structure"], **keys, beyond="two camps").iloc[0]
    here = (
        f"{order['agreements']} of {order['predictions']} predictions of the order are met over {order['behaviors']} "
    )
    here += f"behaviours (CI = {apa_r(order['ci'])}, {apa_p_is(order['p'])}); beyond two camps r = {estimate(camps)}, "
    here += f"{chance(camps['p'])}."
    if order["p"] >= 0.05:
        return here, NO
    return here, YES if camps["p"] < 0.05 else PARTLY


def _human_behavior(study: Study, found: Published) -> Judgement:
    rows = own_behavior(study, found, measure=["pearson", "sign"], beyond=["", "two camps"])
    rows = rows[rows["kind"] == "coefficients"] if len(rows) else rows
    if not len(rows):
        return _MISSING
    if rows["low"].isna().all():
        return _TOO_FEW, UNTESTED
    pattern = rows[(rows["measure"] == "pearson") & (rows["beyond"] == "")]
    here = "; ".join(
        f"{reference_label(r['reference'])}: r = {estimate(r)}, {chance(r['p_holm'])}" for _, r in pattern.iterrows()
    )
    others = rows.drop(pattern.index)
    parts = {"sign": "signs", "pearson": "beyond two camps"}
    here += "; " + ", ".join(
        f"{parts[r['measure']]} ({r['reference']}) {apa_r(r['estimate'])}, {apa_p_is(r['p_holm'])}"
        for _, r in others.iterrows()
    )
    met = pattern["p_holm"] < 0.05
    if met.all() and (others["p_holm"] < 0.05).all():
        return f"{here}.", YES
    return f"{here}.", PARTLY if met.any() else NO


def _better_population(study: Study, found: Published) -> Judgement:
    if "population_differences" not in found:
        return _MISSING
    table = found["population_differences"]
    keys = {"side": "structure", "measure": "pearson", "reference": study.reference, "other": BASELINE}
    table = table[(table[list(keys)] == pd.Series(keys)).all(axis=1)]
    rows = table[table["strategy"].isin([s for s in reported.PAPER_STRATEGIES if s.startswith("h_")])]
    if rows["p_holm"].isna().all():
        return "Too few wordings to tell a difference from their own.", UNTESTED
    here = "; ".join(f"{LABELS[r.strategy]}: {apa_interval(r.difference, r.low, r.high)}" for r in rows.itertuples())
    held = rows[rows["p_holm"] < 0.05]["difference"]
    better, worse = int((held > 0).sum()), int((held < 0).sum())
    here = f"Difference of r from uniform: {here}; {better} better, {worse} worse beyond the wordings (corrected)."
    if better:
        return here, YES if better == len(rows) else PARTLY
    return here, NO if worse else UNDECIDED


def _beats_scores(study: Study, found: Published) -> Judgement:
    if "structure_alignment" not in found:
        return _MISSING
    table = found["structure_alignment"]
    keys = {"side": "structure", "mode": study.mode, "reference": study.reference}
    verdicts, parts, too_few = [], [], False
    for instrument in dict.fromkeys(table["instrument"]):
        sources = [chosen(table, **keys, instrument=instrument, source=s) for s in ("definition", "scores")]
        if any(rows.empty for rows in sources):
            continue
        # On the same wordings and persons where one of them has more.
        words, numbers = (rows.sort_values("cells", key=lambda c: c != "common").iloc[0] for rows in sources)
        if not np.isfinite([words["low"], numbers["low"]]).all():
            too_few = True
            continue
        parts.append(f"{title_of(instrument)}: definition {estimate(words)}, scores {estimate(numbers)}")
        verdicts.append(_apart(words, numbers))
    if not verdicts:
        return (_TOO_FEW, UNTESTED) if too_few else _MISSING
    here = f"{'; '.join(parts)}."
    if len(set(verdicts)) == 1:
        return here, verdicts[0]
    return here, PARTLY if YES in verdicts else UNDECIDED


def _apart(words: pd.Series, numbers: pd.Series) -> str:
    """Whether one lies beyond random answers and above the other's interval."""
    for better, worse, answer in ((words, numbers, YES), (numbers, words, NO)):
        if better["low"] > better["null_high"] and better["low"] > worse["high"]:
            return answer
    return UNDECIDED


def _size(study: Study, found: Published) -> Judgement:
    return "One model was asked; models of one family in several sizes would be needed.", UNTESTED


_CLAIMS = (
    Claim(
        "One sentence makes a model take on a value.",
        "More values rank first under their own prime than one in ten would by chance (binomial): yes if more than "
        "half do, partly if fewer; else no.",
        _takes,
    ),
    Claim(
        "The structure of the induced values is human-like.",
        "The interval of r lies above random answers and relabelled values reach r in less than 5 %: yes if the same "
        "holds beyond two camps of values, beyond shared words and beyond embeddings, partly if not; else no.",
        _human_structure,
    ),
    Claim(
        "Values order behaviours as the circle says (behaviour tests).",
        "The order on the circle is better than that of relabelled values: yes if what two camps of values leave "
        "agrees with people too, partly if not; else no.",
        _ordered_behavior,
    ),
    Claim(
        "Values go with behaviours as in people.",
        "Pearson's r with each survey lies beyond exchanged primes (Holm): yes if the signs and what two camps leave "
        "do too, partly if some of it does; else no.",
        _human_behavior,
    ),
    Claim(
        "Composing a population as people hold values makes it more human-like than a uniform one.",
        "The paper's human-informed strategies differ from uniform in structure by more than wordings do (t over "
        "wordings, Holm): yes if all are better, partly if some are, no if none is and some are worse, else undecided.",
        _better_population,
    ),
    Claim(
        "A prime in words does better than value scores in numbers.",
        "The one's interval lies above random answers and above the other's, on the same wordings and persons: yes if "
        "on every questionnaire of values, partly if on some, no the other way round, else undecided.",
        _beats_scores,
    ),
    Claim(
        "How large a model is does not predict how human-like it is.",
        "Not judged with fewer than three sizes of one family.",
        _size,
    ),
)
