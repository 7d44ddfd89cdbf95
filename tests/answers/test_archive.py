import json
import subprocess
import sys

import numpy as np
import pytest

from lib import paths
from lib.answers import archive
from lib.asking import endpoints, planning, recording
from lib.asking.cache import ReplyCache
from lib.asking.runner import ask, requests
from lib.errors import LeftOutWarning, StudyError
from lib.materials import questions

MODEL = "smollm2-135m"


@pytest.fixture
def recorded(tmp_path, endpoint, monkeypatch):
    """Answers of the arithmetic model, recorded under a listed model's name."""
    monkeypatch.setattr(endpoint, "identity", endpoints.model_identity(MODEL), raising=False)
    plan = planning.make_plan(["open_portraits"], inductions=["name", "definition"], wordings=["plain"], persons=["he"])
    with ReplyCache(tmp_path / "cache") as cache:
        ask(plan, endpoint, cache, progress=False)
        answers = recording.collect(plan, endpoint.identity, cache)
    recording.write(answers, MODEL, tmp_path)
    return tmp_path, answers


def test_what_is_written_is_read(recorded):
    folder, answers = recorded
    assert archive.recorded(MODEL, folder) == [("open_portraits", "choice"), ("open_portraits", "likelihood")]
    for mode in ("choice", "likelihood"):
        part = answers[answers["mode"] == mode].reset_index(drop=True)
        read = archive.read(MODEL, "open_portraits", mode, folder)
        for column in questions.QUESTION:
            assert (read[column].astype(str) == part[column].astype(str)).all()
        assert (read["key"] == part["key"]).all()
        if mode == "likelihood":
            assert np.allclose(read["logprob"], part["logprob"], atol=1e-6)
        else:
            assert np.allclose(np.stack(read["probabilities"]), np.stack(part["probabilities"]), atol=1e-6)


def test_recorded_answers_fill_an_empty_cache(recorded, endpoint):
    folder, answers = recorded
    plan = answers[questions.QUESTION]
    with ReplyCache(folder / "new") as cache:
        assert recording.fill_cache(MODEL, cache, folder) == len(answers)
        tally = ask(plan, endpoint, cache, progress=False)
    assert (tally.known, tally.asked) == (len(plan), 0)


def test_a_file_cut_in_half(recorded):
    path = recorded[0] / MODEL / "open_portraits_choice.parquet"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(StudyError, match="not the file that was recorded: altered or cut short"):
        archive.read(MODEL, "open_portraits", "choice", recorded[0])


def test_one_altered_byte(recorded):
    path = recorded[0] / MODEL / "open_portraits_likelihood.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(StudyError, match="altered or cut short"):
        archive.read(MODEL, "open_portraits", "likelihood", recorded[0])


def test_a_file_that_is_gone(recorded):
    (recorded[0] / MODEL / "open_portraits_choice.parquet").unlink()
    with pytest.raises(StudyError, match="is missing, though its manifest names it"):
        archive.read(MODEL, "open_portraits", "choice", recorded[0])


def test_another_schema_version(recorded):
    path = recorded[0] / MODEL / "manifest.json"
    manifest = json.loads(path.read_text()) | {"schema_version": 99}
    path.write_text(json.dumps(manifest))
    with pytest.raises(StudyError, match="schema version 99, this project reads 1"):
        archive.read(MODEL, "open_portraits", "choice", recorded[0])


def test_a_broken_manifest(recorded):
    (recorded[0] / MODEL / "manifest.json").write_text("{")
    with pytest.raises(StudyError, match=r"manifest\.json cannot be read"):
        archive.read(MODEL, "open_portraits", "choice", recorded[0])


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "null",
        '{"schema_version": 1, "model": "smollm2-135m", "iden',
        '{"schema_version": 1}',
        '{"schema_version": 1, "model": 1, "identity": "x", "files": {}}',
        '{"schema_version": 1, "model": "m", "identity": "x", "files": []}',
        '{"schema_version": 1, "model": "m", "identity": "x", "files": {"a_choice.parquet": {"rows": 1}}}',
        '{"schema_version": 1, "model": "m", "identity": "x", "files": '
        '{"../a.parquet": {"rows": 1, "status": {"error": 0}, "sha256": ""}}}',
        "\xff",
    ],
)
def test_a_damaged_manifest_is_named_and_does_not_stop_the_others(recorded, endpoint, text):
    folder, answers = recorded
    recording.write(answers, "other", folder, identity="test:1")
    (folder / MODEL / "manifest.json").write_text(text, encoding="latin-1")
    for reading in (archive.recorded, archive.status_counts):
        with pytest.raises(StudyError, match=r"manifest\.json cannot be read.*git checkout.*, or move its folder away"):
            reading(MODEL, folder)
    with pytest.raises(StudyError, match=r"manifest\.json cannot be read"):
        recording.write(answers, MODEL, folder)
    with pytest.warns(LeftOutWarning, match=r"Left out: .*manifest\.json cannot be read"):
        assert archive.recorded_models(folder) == ["other"]
    assert len(archive.read("other", "open_portraits", "choice", folder)) == 840


def test_unknown_names_list_what_is_recorded(recorded):
    with pytest.raises(StudyError, match="Unknown model 'gpt'. There is: smollm2-135m"):
        archive.read("gpt", "open_portraits", "choice", recorded[0])
    with pytest.raises(StudyError, match="There is: open_portraits, choice, open_portraits, likelihood"):
        archive.read(MODEL, "pvq40", "choice", recorded[0])


def test_answers_of_other_weights_do_not_fill_the_cache(recorded):
    path = recorded[0] / MODEL / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"identity": "llama.cpp:other"}))
    with ReplyCache(recorded[0] / "new") as cache:
        assert recording.fill_cache(MODEL, cache, recorded[0]) == 0


def test_counts_by_status(recorded):
    counts = archive.status_counts(MODEL, recorded[0]).set_index("mode")
    assert (counts["ok"] == 840).all()
    assert (counts[["refused", "unparsed", "out_of_range", "error"]] == 0).to_numpy().all()
    assert np.isnan(counts.loc["likelihood", "unmatched"])


def test_shipped_answers_are_to_todays_words():
    """Whoever edits a portrait or a prime must ask again: the recorded keys name the exact prompts."""
    for mode in ("likelihood", "choice"):
        answers = archive.read(MODEL, "open_portraits", mode)
        keys = [r.key for r in requests(answers, endpoints.model_identity(MODEL))]
        assert list(answers["key"]) == keys


def test_shipped_answers_cover_every_question():
    for instrument in ("open_portraits", "pvq40"):
        for mode in ("likelihood", "choice"):
            answers = archive.read(MODEL, instrument, mode)
            plan = planning.make_plan([instrument], [mode])
            assert len(answers) == len(plan)
            assert (answers[questions.QUESTION].astype(str).to_numpy() == plan.astype(str).to_numpy()).all()


def test_a_name_with_a_slash_is_one_folder(recorded):
    folder, answers = recorded
    recording.write(answers, "org/model-7b", folder, identity="test:1")
    assert archive.recorded_models(folder) == ["org/model-7b", MODEL]
    assert len(archive.read("org/model-7b", "open_portraits", "choice", folder)) == 840
    with pytest.raises(StudyError, match="holds answers of 'org/model-7b'; 'org:model-7b' would have the same folder"):
        recording.write(answers, "org:model-7b", folder, identity="test:2")
    with pytest.raises(StudyError, match="No folder can be named after '../model'"):
        recording.write(answers, "../model", folder, identity="test:1")


def test_no_unfinished_file_is_left(recorded):
    assert not list(recorded[0].rglob("*.part"))
    assert paths.ANSWERS.exists()


def test_other_option_orders_are_read_only_when_asked_for(tmp_path, endpoint):
    plan = planning.make_plan(
        ["open_portraits"], ["choice"], ["definition"], ["plain"], orders=["listed", "reversed"], persons=["I"]
    )
    with ReplyCache(tmp_path / "cache") as cache:
        ask(plan, endpoint, cache, progress=False)
        recording.write(recording.collect(plan, endpoint.identity, cache), "m", tmp_path, identity="m:1")
    assert set(archive.read("m", "open_portraits", "choice", tmp_path)["order"]) == {"listed"}
    turned = archive.read("m", "open_portraits", "choice", tmp_path, order="reversed")
    assert set(turned["order"]) == {"reversed"} and len(turned) == 440
    assert len(archive.read("m", "open_portraits", "choice", tmp_path, order=None)) == 880
    assert archive.status_counts("m", tmp_path)["questions"].tolist() == [880]
    with pytest.raises(
        StudyError, match="Unknown option order of m, open_portraits, choice 'shuffled'. .* listed, rev"
    ):
        archive.read("m", "open_portraits", "choice", tmp_path, order="shuffled")


def test_reading_loads_nothing_of_asking():
    script = "import sys\nfrom lib.answers import archive\nprint([m for m in sys.modules if m.startswith(ASKING)])"
    script = "ASKING = ('lib.asking', 'diskcache', 'tqdm', 'openai', 'aiohttp')\n" + script
    run = subprocess.run([sys.executable, "-c", script], cwd=paths.ROOT, capture_output=True, text=True)
    assert run.stdout == "[]\n", run.stderr
