"""The figures of alignment: which rows of the tables stand in which forest plot, and how they are written."""

import altair as alt
import pandas as pd

from lib.analysis.alignment import ALL, BEYOND, CHECK, SHARED, chosen, compared
from lib.analysis.respondents import CAMPS, OWN, RANDOM, SPLIT, UNPRIMED
from lib.analysis.study import Study
from lib.materials import behavior_references, instruments, references, reported
from lib.presentation.figures.forest import (
    EMBEDDINGS,
    KEY,
    LETTERS,
    REPORTED,
    SHARED_WORDS,
    SINGLE,
    forest,
    panels,
)

#: How sources are written, in the order shown: inductions, then what no induction gives.
SOURCES = {
    "definition": "name and definition",
    "name": "name alone",
    "persona": "life story, no value words",
    "scores": "ten scores in numbers",
    "shuffled": "name and another's definition",
    UNPRIMED: "no value induced",
    OWN: "own items and nothing else",
    CAMPS: "two camps of values",
    SPLIT: "best two camps for these people",
    RANDOM: "random answers",
}
OVERLAPS = {"words": SHARED_WORDS, "characters": LETTERS, "embedding": EMBEDDINGS}
#: What is left when something is taken out.
STEPS = {
    "": "as it is",
    "words": "beyond words",
    "embedding": "beyond embeddings",
    CAMPS: "beyond two camps",
    "all": "beyond all of it",
}
_R = (-0.75, 1.0)


def reference_label(name: str) -> str:
    """Returns how a human result is written in figures and tables."""
    known = references.references() | behavior_references.behavior_references()
    return known[name].label if name in known else "theory's circle"


def title_of(instrument: str) -> str:
    """Returns how a questionnaire is written, without what follows a comma."""
    return instruments.load(instrument).title.split(",")[0]


def structure(table: pd.DataFrame, study: Study) -> alt.LayerChart:
    """Returns the study's induction against each human sample; rings are single wordings.

    Args:
        table: `structure_alignment`.
        study: which questionnaire, mode and induction.
    """
    keys = {"mode": study.mode, "instrument": study.instrument, "side": "structure", "source": study.induction}
    mine = chosen(table, **keys, cells=ALL, wording=table["wording"].unique())
    mine = mine.assign(label=mine["reference"].map(reference_label))
    single = mine[mine["wording"] != ALL].assign(kind=SINGLE)
    heading = f"Value structure: {title_of(study.instrument)}, {study.induction}"
    axis = "Pearson r over the 45 pairs of values"
    return forest(mine[mine["wording"] == ALL], axis, (-0.5, 1.0), single, heading, KEY)


def behavior_label(row: pd.Series) -> str:
    """Returns how an alignment on behaviour is written: questionnaire, reference and scope."""
    scope = {SHARED: ", behaviours both surveys have", CHECK: ", check"}.get(row["scope"], "")
    return f"{title_of(row['instrument'])}: {reference_label(row['reference'])}{scope}"


def behavior(table: pd.DataFrame, study: Study) -> alt.LayerChart:
    """Returns the study's induction against every human result on behaviour, with word overlap and the paper's figure.

    Args:
        table: `behavior_alignment`.
        study: the study.
    """
    rows = chosen(table, side="behavior", mode=study.mode, prime=study.induction, cells=ALL)
    rows = rows.assign(label=rows.apply(behavior_label, axis=1))
    mine = rows[rows["source"] == study.induction]
    overlaps = rows[rows["source"].isin(OVERLAPS)]
    marks = overlaps.assign(kind=overlaps["source"].map(OVERLAPS))
    paper = mine.assign(kind=REPORTED, estimate=mine["instrument"].map(reported.of_questionnaire))
    paper = paper[(paper["scope"] == ALL) & (paper["kind"] == REPORTED) & paper["estimate"].notna()]
    axis = "Pearson r of the relations of values with behaviours"
    return forest(mine, axis, _R, pd.concat([marks, paper]), "Values and behaviours", KEY)


def induction_buys(tables: dict[str, pd.DataFrame]) -> alt.VConcatChart:
    """Returns what each way of inducing a value reaches and what none gives, one panel a side.

    Args:
        tables: title → alignments of one side, questionnaire, reference and scope (`robustness.baselines.sides`).
    """
    charts = []
    lines = [t for s, t in SOURCES.items() if any(s in set(rows["source"]) for rows in tables.values())]
    for i, (title, table) in enumerate(tables.items()):
        rows = chosen(compared(table))
        main = rows[rows["source"].isin(SOURCES)].drop_duplicates("source")
        words = rows[rows["source"].isin(OVERLAPS) & rows["prime"].isin(SOURCES)]
        marks = words.assign(label=words["prime"].map(SOURCES), kind=words["source"].map(OVERLAPS))
        main = main.assign(label=main["source"].map(SOURCES))
        axis = "Pearson r with people"
        side, what = title.split(": ", 1)
        charts.append(forest(main, axis, _R, marks, side, what, width=330, named=i == 0, order=lines))
    return panels(charts, 2)


def partial(tables: dict[str, pd.DataFrame]) -> alt.VConcatChart:
    """Returns what is left of each induction's alignment when something that explains it is taken out, a column each.

    Args:
        tables: as for `induction_buys`; one row of panels a side.
    """
    lines = []
    for title, table in tables.items():
        rows = chosen(compared(table), beyond=list(BEYOND))
        rows = rows[(rows["prime"] == rows["source"]) & rows["source"].isin(SOURCES)]
        rows = rows.assign(label=rows["source"].map(SOURCES))
        order = [t for s, t in SOURCES.items() if s in set(rows["source"])]
        charts = [
            forest(
                rows[rows["beyond"] == beyond],
                "partial r" if beyond else "Pearson r",
                (-0.5, 1.0),
                title=step,
                width=170,
                named=beyond == "",
                order=order,
            )
            for beyond, step in STEPS.items()
        ]
        lines.append(alt.hconcat(*charts, spacing=8).properties(title=title))
    return panels(lines, 1)


def models(table: pd.DataFrame, reference: str) -> alt.VConcatChart:
    """Returns every model's value structure beside one human sample, a panel for each questionnaire and mode.

    Args:
        table: the models' `structure_alignment`, one below the other.
        reference: the human sample.
    """
    rows = chosen(table, side="structure", cells=ALL, reference=reference, source="definition")
    rows, lines = rows.assign(label=rows["model"]), list(dict.fromkeys(rows["model"]))
    paper = reported.in_table(reported.STRUCTURE)["value_percent"] / 100
    marks = pd.DataFrame({"label": paper.index, "estimate": paper.to_numpy(), "kind": REPORTED})
    charts = []
    for (instrument, mode), part in rows.groupby(["instrument", "mode"], sort=False):
        # The paper asked the validated questionnaire.
        beside = marks if instruments.load(str(instrument)).validated_on_humans else marks[:0]
        heading = f"{title_of(str(instrument))}, {mode}"
        order = [*lines, *beside["label"]]
        charts.append(forest(part, "Pearson r with people", (-0.4, 1.0), beside, heading, width=280, order=order))
    return panels(charts, 2, f"Value structure by model, against {reference_label(reference)}")


def reported_and_found(comparison: pd.DataFrame) -> alt.VConcatChart:
    """Returns the paper's figures and this study's on one axis, a panel for each table of the paper.

    Args:
        comparison: `claims.comparison`.
    """
    titles = {
        "value_structure": "Value structure (by model)",
        "value_behavior": "Values and behaviour (by questionnaire)",
        "population_strategy": "Populations (by strategy, value structure)",
    }
    charts = []
    for name, rows in comparison.groupby("table", sort=False):
        label = rows["item"] + rows["against"].where(rows["against"] == "", " – " + rows["against"])
        rows = rows.assign(label=label, estimate=rows["ours"])
        marks = rows.assign(estimate=rows["paper"], kind=REPORTED).dropna(subset="estimate")
        charts.append(forest(rows, "Pearson r with people", _R, marks, titles[str(name)], order=list(label)))
    return panels(charts, 1, "Reported and found")
