"""The commands, end to end, against a server on the loopback."""

import json
import re
import shutil

import pytest
from asking import OPEN
from server import FakeServer

from lib import __main__, paths
from lib.answers import archive
from lib.asking import homes, planning, recording, settings
from lib.errors import LeftOutWarning, StudyError
from lib.materials import instruments, texts

ONE = ["--instruments", OPEN, "--inductions", "name", "--wordings", "imagine", "--persons", "I"]


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Runs a command on the server's model, with answers and cache of its own; returns what it printed."""
    monkeypatch.setenv("INDUCED_VALUES_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    written = (recording.record, recording.fill_cache, homes.check, homes.held)
    for function in (*written, archive.recorded_models, archive.recorded, archive.read):
        defaults = [tmp_path / "answers" if value == paths.ANSWERS else value for value in function.__defaults__]
        monkeypatch.setattr(function, "__defaults__", tuple(defaults))
    with FakeServer() as server:

        def run(name, *options, status=0, url=server.url):
            given = [name, "--model", "m", "--base-url", url, *ONE, "--modes", "choice", *options]
            assert __main__.main(given) == status
            printed = capsys.readouterr()
            run.said = printed.err
            return printed.out if status == 0 else printed.err

        run.server = server
        yield run


def row(printed, name="total"):
    return re.split(r"\s{2,}|\s(?=[\d$])", next(line for line in printed.splitlines() if name in line).strip())


def test_plan_asks_nothing_and_ask_does_what_was_planned(command, tmp_path):
    assert row(command("plan"))[1:5] == ["440", "440", "0", "440"]
    assert command.server.arrivals == 0
    assert "0 were answered before, 440 asked now, 0 without an answer" in command("ask")
    assert command.server.arrivals == 440
    assert row(command("plan"))[1:5] == ["440", "440", "440", "0"]
    assert "440 were answered before, 0 asked now" in command("ask")
    manifest = json.loads((tmp_path / "answers" / "m" / "manifest.json").read_text())
    assert manifest["identity"] == "openai:http://localhost/v1:m"
    assert manifest["asked"]["served"] == {"m fp_1": 440}
    assert len(archive.read("m", OPEN, "choice")) == 440


def test_recorded_answers_are_enough_without_the_cache(command, tmp_path, monkeypatch):
    command("ask")
    monkeypatch.setenv("INDUCED_VALUES_CACHE", str(tmp_path / "another"))
    assert "440 were answered before, 0 asked now" in command("ask")
    assert command.server.arrivals == 440


def test_a_budget_stops_and_the_rest_is_asked_later(command):
    told = command("ask", "--max-questions", "100", "--cache-only")
    assert "100 asked now" in told
    assert "budget of 100 questions is used up" in told
    assert "100 were answered before, 340 asked now" in command("ask")


def test_answers_records_what_is_there(command):
    command("ask", "--max-questions", "100", "--cache-only")
    command("answers")
    assert archive.read("m", OPEN, "choice")["status"].value_counts().to_dict() == {"error": 340, "ok": 100}
    assert command.server.arrivals == 100


def test_a_batch_goes_out_and_comes_back(command, tmp_path):
    assert "440 requests" in command("batch-write", "--folder", str(tmp_path / "out"))
    results = []
    for line in (tmp_path / "out" / "batch_0000.jsonl").read_text().splitlines():
        asked = json.loads(line)
        body = command.server._payload(asked["url"], asked["body"], asked["custom_id"])
        results.append({"custom_id": asked["custom_id"], "response": {"status_code": 200, "body": body}})
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "r.jsonl").write_text("\n".join(map(json.dumps, results)))
    assert "440 asked now, 0 without an answer" in command("batch-read", "--folder", str(tmp_path / "in"))
    assert "440 were answered before, 0 asked now" in command("ask")
    assert command.server.arrivals == 0


def test_a_fault_is_one_message_and_what_was_answered_is_kept(command):
    command("ask", "--max-questions", "50")
    command.server.always = "401"
    assert command("ask", status=1).splitlines()[-1].startswith("error: http://127.0.0.1")
    command.server.always = None
    assert "50 were answered before, 390 asked now" in command("ask")


def test_shards_and_orders_are_options(command):
    first = command("ask", "--orders", "listed", "reversed", "--shard", "0/2", "--cache-only")
    second = command("ask", "--orders", "listed", "reversed", "--shard", "1/2")
    asked = [int(re.search(r"(\d+) asked now", told)[1]) for told in (first, second)]
    assert sum(asked) == 880
    assert min(asked) > 300
    assert archive.read("m", OPEN, "choice", order=None)["order"].value_counts().to_dict() == {
        "listed": 440,
        "reversed": 440,
    }


def test_a_shard_must_be_spelled_out(command):
    with pytest.raises(SystemExit):
        command("ask", "--shard", "half")


def test_an_unknown_price_is_unknown_and_not_nothing(command):
    told = command("plan")
    assert re.search(r"total .* unknown not known yet", told)
    assert "$" not in told
    told = command("plan", "--price-in", "2", "--price-out", "1000000")
    assert "$440." in told
    assert "$0.00" in command("plan", "--price-in", "0", "--price-out", "0")
    assert "unknown" in command("plan", "--price-in", "2")


def test_a_budget_of_money_needs_prices_and_names_their_settings(command):
    told = command("ask", "--max-cost", "1", status=1)
    for named in ("price_in", "price_out", "models.toml", "--price-in", "--price-out"):
        assert named in told
    assert command.server.arrivals == 0
    told = command("ask", "--max-cost", "0.0105", "--price-in", "2", "--price-out", "0", "--cache-only")
    assert "the budget of $0.01 is used up" in told
    assert 0 < command.server.arrivals <= 105


def test_how_a_server_is_asked_can_be_told_without_an_entry(command):
    command("ask", "--concurrency", "2", "--timeout", "9", "--max-questions", "30", "--cache-only")
    assert command.server.most_active <= 2
    command.server.model = "another-7b"
    assert "--answers-as" in command("ask", "--cache-only", status=1)
    assert "410 asked now, 0 without" in command("ask", "--answers-as", "another-7b", "--cache-only")
    assert "timeout_s is a number from 0.01" in command("ask", "--timeout", "0", status=1)


def test_another_port_of_this_machine_is_the_same_model(command):
    command("ask", "--max-questions", "100")
    with FakeServer() as moved:
        url = moved.url.replace("127.0.0.1", "localhost")
        assert row(command("plan", url=url))[1:5] == ["440", "440", "100", "340"]
        assert "100 were answered before, 340 asked now" in command("ask", url=url)
    assert set(archive.read("m", OPEN, "choice")["status"]) == {"ok"}


@pytest.mark.parametrize("name", ["ask", "answers", "plan", "batch-write", "batch-read"])
def test_another_address_is_refused_before_the_first_question(command, tmp_path, monkeypatch, name):
    command("ask")
    files = {path: path.read_bytes() for path in (tmp_path / "answers").rglob("*.*")}
    monkeypatch.setattr(settings, "place", lambda url: f"{url}?elsewhere")
    monkeypatch.setenv("INDUCED_VALUES_CACHE", str(tmp_path / "another"))
    more = ["--folder", str(tmp_path)] if "batch" in name else []
    told = command(name, *more, status=1)
    assert "holds answers recorded under the identity openai:http://localhost/v1:m" in told
    assert f"these would be recorded under openai:{command.server.url}?elsewhere:m" in told
    assert 'service = "http://localhost/v1"' in told
    assert command.server.arrivals == 440
    assert {path: path.read_bytes() for path in (tmp_path / "answers").rglob("*.*")} == files


def test_the_cache_alone_may_be_filled_from_another_address(command, monkeypatch):
    command("ask", "--max-questions", "100")
    monkeypatch.setattr(settings, "place", lambda url: f"{url}?elsewhere")
    assert "0 were answered before, 440 asked now" in command("ask", "--cache-only")
    assert archive.read("m", OPEN, "choice")["status"].value_counts().to_dict() == {"error": 340, "ok": 100}


def test_two_names_of_one_folder_are_refused_before_the_first_question(command, tmp_path):
    assert "440 asked now" in command("ask", "--model", "org/m")
    assert "holds answers of 'org/m'; 'org_m' would have the same folder" in command(
        "ask", "--model", "org_m", status=1
    )
    assert command.server.arrivals == 440


def test_a_folder_that_cannot_be_written_to_is_told_before_the_first_question(command, tmp_path):
    (tmp_path / "answers").write_text("")
    assert "With --cache-only they stay in the cache" in command("ask", status=1)
    assert command.server.arrivals == 0
    assert "440 asked now" in command("ask", "--cache-only")


# ── Questionnaires that are faulty, or whose texts are not at hand ──────────────────────────────────────────────────


@pytest.fixture
def questionnaires(tmp_path, monkeypatch):
    """The open questionnaire, one whose text cannot be had, and a faulty one."""
    folder = tmp_path / "instruments"
    folder.mkdir()
    for name in (OPEN, "pvq40", "bfi2"):
        for suffix in (".csv", ".toml"):
            shutil.copy(paths.INSTRUMENTS / f"{name}{suffix}", folder)
    header = folder / "bfi2.toml"
    header.write_text(header.read_text().replace("validated_on_humans", "validated"))
    for function in (instruments.names, instruments.available, instruments.load):
        monkeypatch.setattr(function, "__defaults__", (folder,))

    def unreachable(instrument_id, *_):
        raise StudyError(f"{instrument_id}: its text is licensed. Connect to the network.")

    monkeypatch.setattr(texts, "_file", unreachable)
    return folder


def test_of_all_questionnaires_those_are_planned_and_asked_that_can_be(command, questionnaires, monkeypatch):
    monkeypatch.setitem(command.__globals__, "ONE", ONE[2:])
    for name in ("plan", "ask"):
        assert row(command(name))[1] == "440"
        said = command.said.splitlines()
        assert "Left out: pvq40: its text is licensed. Connect to the network." in said
        assert any("bfi2.toml lacks validated_on_humans and has unknown validated" in line for line in said)
    assert archive.recorded("m") == [(OPEN, "choice")]


def test_what_is_named_must_be_had(command, questionnaires):
    assert "pvq40: its text is licensed" in command("plan", "--instruments", OPEN, "pvq40", status=1)
    assert "bfi2.toml lacks validated_on_humans" in command("ask", "--instruments", "bfi2", status=1)
    assert "440" in row(command("plan", "--instruments", OPEN))


def test_nothing_to_be_had_is_said(questionnaires):
    (questionnaires / f"{OPEN}.toml").unlink()
    with pytest.warns(LeftOutWarning), pytest.raises(StudyError, match="No questionnaire can be asked"):
        planning.to_be_had()


def test_help_does_not_die_of_a_faulty_questionnaire(questionnaires, capsys):
    with pytest.raises(SystemExit) as ended:
        __main__.main(["ask", "--help"])
    assert ended.value.code == 0
    assert "bfi2" in capsys.readouterr().out
