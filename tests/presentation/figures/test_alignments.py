"""Which rows of the tables stand in which forest plot: planted rows come up where they belong, others nowhere."""

import pandas as pd
import planted_tables as planted
import pytest
from drawn import Drawn
from planted_tables import BARE, BEHAVIOR, NONE, at

from lib import paths
from lib.analysis.alignment import BEYOND, BY_DEFINITION
from lib.analysis.behavior.alignments import FORWARD, REVERSED
from lib.analysis.study import Study
from lib.materials import reported
from lib.presentation.charts import ACCENT, CEILING, INK, NULL, PAPER, WORDS
from lib.presentation.figures import alignments as figures

STUDY = Study()
US, GSS, BELGIUM = "US adults, PVQ-40", "US, General Social Survey 2012", "Belgium, ESS round 9"


def dots(found: Drawn) -> list[tuple[str, float]]:
    return [(m.said["label"], next(m.number(k) for k in m.said if k != "label")) for m in found.marks("point", ACCENT)]


def further(found: Drawn) -> list[tuple[str, float, str, str]]:
    marks = [m for m in found.marks("point") if "kind" in m.said]
    return [(m.said["label"], m.number(next(iter(m.said))), m.said["kind"], m.color) for m in marks]


# ── One study, many samples ─────────────────────────────────────────────────────────────────────────────────────────


def test_structure_shows_the_studys_own_rows_and_its_single_wordings():
    strangers = [
        {"mode": "choice"},
        {"instrument": "open_portraits"},
        {"side": "primes"},
        {"source": "name", "prime": "name"},
        {"source": "words"},
        {"cells": "common"},
        {"measure": "spearman"},
        {"beyond": "words"},
    ]
    table = planted.alignments(
        at(0.5),
        at(0.4, reference="gss2012_us"),
        {"wording": "plain", "estimate": 0.33} | BARE,
        *(at(0.99) | row for row in strangers),
    )
    found = Drawn(figures.structure(table, STUDY))
    assert dots(found) == [(US, 0.5), (GSS, 0.4)]
    assert further(found) == [(US, 0.33, "single wordings", INK)]
    assert "Value structure: Portrait Values Questionnaire, definition" in found.texts()


def test_behavior_shows_every_result_with_overlap_and_the_papers_figure():
    table = planted.alignments(
        at(0.45, **BEHAVIOR),
        at(0.47, **BEHAVIOR, scope="shared", ceiling=0.73),
        at(0.48, **BEHAVIOR, scope="check"),
        at(0.2, **BEHAVIOR, source="words"),
        at(0.1, **BEHAVIOR, source="embedding"),
        at(0.3, side="behavior", instrument="bfi2", reference="circle", kind="theory"),
        at(0.99, **BEHAVIOR, source="name", prime="name"),
        at(0.99, **BEHAVIOR, measure="sign"),
        at(0.99, **BEHAVIOR, beyond="words"),
        at(0.99),
    )
    found = Drawn(figures.behavior(table, STUDY))
    survey, both, check = (f"Social survey: {GSS}{s}" for s in ("", ", behaviours both surveys have", ", check"))
    bfi = "Big Five Inventory-2: theory's circle"
    assert dots(found) == [(survey, 0.45), (both, 0.47), (check, 0.48), (bfi, 0.3)]
    paper = round(reported.of_questionnaire("bfi2"), 2)
    assert sorted(further(found)) == sorted(
        [
            (survey, 0.2, "shared words", WORDS),
            (survey, 0.1, "embeddings", WORDS),
            (bfi, paper, "the paper (second-hand)", PAPER),
        ]
    )
    assert len(found.legends()) == 1


# ── Inductions and nulls ────────────────────────────────────────────────────────────────────────────────────────────

SIDES = {
    "Value structure: Q, people": planted.alignments(
        at(0.75),
        at(0.73, cells="common"),
        at(0.65, source="name", prime="name"),
        at(0.21, source="words", cells="common"),
        at(0.99, source="words"),
        at(0.66, source="embedding", prime="name"),
        {"source": "two camps", "prime": "", "estimate": 0.6} | BARE,
        {"source": "random", "prime": "", "estimate": 0.01} | BARE,
        at(0.5, cells="common", beyond="two camps"),
        at(0.4, source="name", prime="name", beyond="two camps"),
        at(0.3, source="name", prime="name", beyond="all"),
    ),
    "Value and behaviour: survey": planted.alignments(
        at(0.49, **BEHAVIOR, scope="shared"), {"source": "none", "prime": "", "estimate": -0.05} | BEHAVIOR | BARE
    ),
}


def test_what_induction_buys_puts_sources_on_the_same_cells_into_one_order():
    found = Drawn(figures.induction_buys(SIDES))
    definition, name, none, camps, random = (
        "name and definition",
        "name alone",
        "no value induced",
        "two camps of values",
        "random answers",
    )
    first, second = dots(found)[:4], dots(found)[4:]
    assert sorted(first) == sorted([(definition, 0.73), (name, 0.65), (camps, 0.6), (random, 0.01)])
    assert sorted(second) == sorted([(definition, 0.49), (none, -0.05)])
    assert sorted(further(found)) == [(name, 0.66, "embeddings", WORDS), (definition, 0.21, "shared words", WORDS)]
    lines = [definition, name, none, camps, random]
    assert [t for t in found.texts() if t in lines] == lines, "named once, on the left"
    assert {"Value structure", "Q, people", "Value and behaviour", "survey"} <= set(found.texts())


def test_what_is_left_stands_in_a_column_for_each_thing_taken_out():
    sides = {"Value structure: Q, people": SIDES["Value structure: Q, people"]}
    found = Drawn(figures.partial(sides))
    definition, name = "name and definition", "name alone"
    assert dots(found) == [(definition, 0.73), (name, 0.65), (definition, 0.5), (name, 0.4), (name, 0.3)]
    steps = ["as it is", "beyond words", "beyond embeddings", "beyond two camps", "beyond all of it"]
    assert [t for t in found.texts() if t in steps] == steps
    assert not found.legends(), "nothing but estimates, bands and people"


# ── Models, and the paper ───────────────────────────────────────────────────────────────────────────────────────────


def test_models_stand_below_one_another_and_the_papers_where_it_asked_the_same():
    odd = "<b>&'x\"</b>"
    table = planted.alignments(
        at(0.7),
        at(0.2, model=odd),
        at(0.6, instrument="open_portraits"),
        at(0.99, source="name"),
        at(0.99, reference="wvs6"),
        at(0.99, wording="plain"),
        at(0.99, source="words"),
    )
    found = Drawn(figures.models(table, STUDY.reference))
    assert dots(found) == [(STUDY.model, 0.7), (odd, 0.2), (STUDY.model, 0.6)]
    theirs = reported.in_table(reported.STRUCTURE)["value_percent"]
    beside = [(model, pytest.approx(x / 100, abs=0.006)) for model, x in theirs.items()]
    assert [(label, r) for label, r, *_ in further(found)] == beside
    assert {"Portrait Values Questionnaire, likelihood", "Open Portraits, likelihood"} <= set(found.texts())
    assert f"Value structure by model, against {US}" in found.texts()


def test_reported_and_found_stand_on_one_axis_and_what_was_not_measured_has_no_dot():
    columns = {"low": 0.3, "high": 0.5, "null_low": -0.1, "null_high": 0.1, "ceiling": NONE}
    empty = dict.fromkeys(["ours", *columns], NONE)
    rows = [
        {"table": "value_structure", "item": "Mixtral-8x7B", "paper": 0.87, "against": ""} | empty,
        {"table": "value_structure", "item": "mine", "paper": NONE, "ours": 0.4, "against": US} | columns,
        {"table": "population_strategy", "item": "H-NP", "paper": 0.8, "ours": 0.6, "against": US} | columns,
    ]
    found = Drawn(figures.reported_and_found(pd.DataFrame(rows)))
    assert dots(found) == [(f"mine – {US}", 0.4), (f"H-NP – {US}", 0.6)]
    assert [(label, r) for label, r, *_ in further(found)] == [("Mixtral-8x7B", 0.87), (f"H-NP – {US}", 0.8)]
    assert len(found.marks("bar", NULL)) == 2 and not found.marks("point", CEILING)


def test_references_and_questionnaires_are_written_for_people():
    assert figures.reference_label("ess9_be") == BELGIUM and figures.reference_label("circle") == "theory's circle"
    assert figures.title_of("pvq40") == "Portrait Values Questionnaire"


def test_whatever_is_published_has_a_name_in_the_figures():
    """A source or step without one would be left out in silence; parts of a questionnaire stand in tables only."""
    table = pd.read_csv(paths.PROCESSED / "baselines.csv", keep_default_na=False)
    assert set(table["source"]) <= {*figures.SOURCES, *figures.OVERLAPS, BY_DEFINITION, FORWARD, REVERSED}
    assert figures.STEPS.keys() == BEYOND.keys()
