import numpy as np
import pandas as pd
import pytest

from lib.analysis import overlap
from lib.analysis.overlap import MEASURES
from lib.errors import StudyError
from lib.materials import induction
from lib.materials.instruments import load
from lib.materials.questions import RESPONDENT
from lib.materials.values import CODES

OPEN, SURVEY = load("open_portraits"), load("social_survey")
CELL = ("definition", "imagine", "he")
PRIMED = pd.MultiIndex.from_tuples([(*CELL, code) for code in CODES], names=RESPONDENT)


# ── How alike two texts are ─────────────────────────────────────────────────────────────────────────────────────────


def test_similarity_is_one_with_itself_and_zero_without_common_letters():
    found = overlap.similarity(["honest people"], ["honest people", "honesty", "zzz www"])
    assert found[0, 0] == pytest.approx(1) and 0 < found[0, 1] < 1 and found[0, 2] == 0


def test_whole_words_do_not_meet_their_relatives():
    found = overlap.similarity(["honest people"], ["honest people", "honesty", "People!"], overlap.words)
    assert found[0, 0] == pytest.approx(1) and found[0, 1] == 0 and 0 < found[0, 2] < 1


def test_similarity_of_words_is_the_formula_worked_by_hand():
    """Three texts; "a" is in all (idf 1), "b" in two, "c" in one."""
    found = overlap.similarity(["a b"], ["a b b", "a c"], overlap.words)
    b, c = (np.log(4 / 3) + 1, np.log(4 / 2) + 1)
    first = (1 + 2 * b**2) / np.sqrt((1 + b**2) * (1 + 4 * b**2))
    assert found[0] == pytest.approx([first, 1 / np.sqrt((1 + b**2) * (1 + c**2))])


@pytest.mark.parametrize("terms", [overlap.words, overlap.characters])
def test_similarity_is_scikit_learns(terms):
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [induction.prime("definition", code, "imagine", "he") for code in CODES[:4]]
    sklearns = TfidfVectorizer(analyzer=lambda text: list(terms(text).elements())).fit_transform(texts).toarray()
    assert overlap.similarity(texts[:2], texts[2:], terms) == pytest.approx(sklearns[:2] @ sklearns[2:].T)


# ── What is recorded ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["open_portraits", "social_survey"])
def test_shipped_overlap_is_that_of_todays_words(name):
    cells = [CELL, ("name", "plain", "I"), ("persona", "plain", "he")]
    shipped, now = overlap.read(name), overlap.computed(load(name), cells)
    joined = now.merge(shipped, on=[*RESPONDENT, "item"], suffixes=("", "_shipped"))
    assert len(joined) == len(now) == 30 * len(load(name).key)
    for measure in ("characters", "words"):
        np.testing.assert_allclose(joined[f"{measure}_shipped"], joined[measure], atol=1e-6)


@pytest.mark.parametrize("instrument", overlap.studied(), ids=lambda i: i.id)
def test_shipped_overlap_covers_what_is_asked(instrument):
    table = overlap.read(instrument.id)
    assert len(table) == len(overlap.cells_of(instrument)) * len(CODES) * len(instrument.key)
    assert not table[list(MEASURES)].isna().to_numpy().any()
    assert (table[list(MEASURES)].abs().to_numpy() < 1).all()
    assert overlap.recorded(instrument, PRIMED)


def test_embeddings_are_compared_by_cosine_beyond_the_neutral_prime():
    seen = {}

    def embed(texts):
        for text in texts:
            seen.setdefault(text, np.array([np.cos(len(seen)), np.sin(len(seen))]))
        return np.stack([seen[text] for text in texts])

    found = overlap.computed(OPEN, [CELL], embed).set_index(["condition", "item"])["embedding"]
    order = list(seen)
    prime, neutral = order.index(induction.prime("definition", "PO", "imagine", "he")), order.index("Imagine a man.")
    statement = len(CODES) + 1
    assert found.iloc[0] == pytest.approx(np.cos(statement - prime) - np.cos(statement - neutral))


def test_what_is_written_is_read_as_it_was_computed(tmp_path, monkeypatch):
    monkeypatch.setattr(overlap, "cells_of", lambda instrument: [CELL])
    rng = np.random.default_rng(0)
    embedded = {}

    def embed(texts):
        return np.stack([embedded.setdefault(text, rng.standard_normal(5)) for text in texts])

    overlap.write(OPEN, embed, tmp_path)
    found, made = overlap.read(OPEN.id, tmp_path), overlap.computed(OPEN, [CELL], embed)
    pd.testing.assert_frame_equal(found, made.astype(found.dtypes), atol=1e-6)


def test_lexical_respondents_have_the_form_of_answers_with_reversed_items_turned():
    items = overlap.items(SURVEY, "words", PRIMED)
    assert items.shape == (10, 148) and list(items.columns) == list(SURVEY.key)
    table = overlap.read("social_survey").set_index([*RESPONDENT, "item"])["words"]
    for item in SURVEY.items[:8]:
        assert items.loc[(*CELL, "PO"), item.id] == table[(*CELL, "PO", item.id)] * (-1 if item.reversed else 1)
    assert any(item.reversed for item in SURVEY.items[:8])


def test_what_is_not_recorded_is_told():
    with pytest.raises(StudyError, match="Unknown recorded word overlap .make overlap. 'behavior_tests'"):
        overlap.read("behavior_tests")
    with pytest.raises(StudyError, match="Unknown measure of word overlap 'letters'"):
        overlap.items(OPEN, "letters", PRIMED)
    elsewhere = pd.MultiIndex.from_tuples([("definition", "shouted", "he", "PO")], names=RESPONDENT)
    with pytest.raises(StudyError, match="recorded for definition, shouted, he, PO.*make overlap"):
        overlap.items(OPEN, "words", elsewhere)
    assert not overlap.recorded(OPEN, elsewhere) and not overlap.recorded(load("behavior_tests"), PRIMED)


# ── Words that item and prime share ─────────────────────────────────────────────────────────────────────────────────


def test_content_words_meet_without_their_endings():
    assert overlap.stems("The exciting novelties of life") == {"excit", "novelt", "life"}
    assert overlap.stems("novelty") == overlap.stems("novelties") and overlap.stems("and with your") == set()


def test_shared_words_of_a_portrait_are_in_its_text_and_its_values_definition():
    table = overlap.word_overlap("open_portraits").set_index("item")
    shared = table["definition_words"].str.split().explode().dropna()
    assert len(table) == 40 and len(shared)
    for item, stem in shared.items():
        text = next(i.texts["I"] for i in OPEN.items if i.id == item)
        assert stem in text.lower()


# ── Embeddings by the model itself ──────────────────────────────────────────────────────────────────────────────────


def test_embedding_needs_a_local_model():
    from lib.asking.local.embedding import Embedder

    with pytest.raises(StudyError, match="gpt-4o-mini does not run in this process"):
        Embedder("gpt-4o-mini")


@pytest.mark.model
def test_a_text_is_embedded_alike_alone_and_among_others():
    from lib.asking.local.embedding import Embedder

    embed = Embedder("smollm2-135m")
    texts = ["I like to be in charge.", "He greatly values power.", "We sing."]
    together = embed(texts)
    embed._known.clear()
    alone = np.concatenate([embed([text]) for text in texts])
    embed.close()
    np.testing.assert_allclose(together / np.linalg.norm(together), alone / np.linalg.norm(alone), atol=1e-6)
