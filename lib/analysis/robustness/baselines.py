"""What induction buys: the alignments that structure and behaviour published, inductions and nulls side by side.

**Baselines.** The inductions (`definition`, `name` and the ablations `persona`, `scores`, `shuffled`); `none`, the
unprimed model, whose respondents are its answers in each wording and person; `random` answers; those who go by the
overlap of the same primes (`words`, `characters`, `embedding`); `own value`, who raises the items of the own value and
nothing else; `two camps`, who tells personal from social focus and nothing else. Nothing is computed anew here.
"""

import pandas as pd

from lib.analysis.alignment import ALL, BY_DEFINITION, SHARED, chosen, compared
from lib.analysis.structure.alignments import other_label
from lib.analysis.study import Study
from lib.materials import behavior_references, instruments, references
from lib.materials.behavior_references import SURVEYS

#: The inductions that tell what a prime is followed for.
_LABELLED = ("definition", "name", "shuffled", BY_DEFINITION)


def sides(study: Study, structure: pd.DataFrame, behavior: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """Returns the alignments of the study's own questionnaire and sample, and of one survey, by title.

    Args:
        study: the study.
        structure: `structure_alignment`.
        behavior: `behavior_alignment`; None where it is not published.
    """
    mine = (structure["mode"] == study.mode) & (structure["instrument"] == study.instrument)
    mine &= (structure["reference"] == study.reference) & (structure["side"] == "structure")
    title = instruments.load(study.instrument).title.split(",")[0]
    found = {f"Value structure: {title}, {references.references()[study.reference].label}": structure[mine]}
    if behavior is not None:
        survey = survey_of(study)
        own = (behavior["reference"] == survey) & (behavior["scope"] == SHARED) & (behavior["side"] == "behavior")
        label = behavior_references.behavior_references()[survey].label
        found[f"Value and behaviour: {label}"] = behavior[own]
    return {name: rows for name, rows in found.items() if len(rows)}


def survey_of(study: Study) -> str:
    """Returns the survey that behaviours are compared with: the study's sample if it is one, or else the first."""
    return study.reference if study.reference in SURVEYS else SURVEYS[0]


def baselines(sides_: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Returns the rows in which sources are compared on the same wordings and persons, side below side."""
    return pd.concat([compared(rows) for rows in sides_.values()], ignore_index=True)


def followed(study: Study, structure: pd.DataFrame) -> pd.DataFrame:
    """Returns the structure of the primes by name and by definition.

    Columns: `source`, `estimate`, `low`, `high`, `p_holm`, and `expected`: what a shuffled prime's *other* label would
    give if the model follows the one. Empty where the induction `shuffled` is not recorded.
    """
    keys = {"side": "primes", "mode": study.mode, "instrument": study.instrument, "reference": study.reference}
    rows = compared(chosen(structure, **keys, source=_LABELLED))
    if "shuffled" not in set(rows["source"]):
        return rows[:0]
    other = other_label(references.structure(study.reference).to_numpy())
    expected = rows["source"].isin(("shuffled", BY_DEFINITION)).map({True: other})
    return rows.assign(expected=expected)[["source", "estimate", "low", "high", "p_holm", "expected"]]


def pooled(structure: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Returns every recorded questionnaire, mode and induction against the study's reference, all wordings pooled."""
    rows = chosen(structure, side="structure", reference=study.reference, cells=ALL)
    return rows[rows["prime"] == rows["source"]]
