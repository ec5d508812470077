"""The sub-commands: what they print, what they leave behind, and their exit codes."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from core.cli import Outcome, run_command_line
from core.cli.options import Device, Method
from core.cli.projects import Format
from core.domain import Decision, Placement, Review
from core.edits import Initiator, SetReview
from core.export.exporters import EXPORTERS
from core.jobs.work.searching import Search
from core.settings import BY_KEY
from core.store.opening import open_project

COMMANDS = ("demo", "import", "register", "reconcile", "open", "export", "stats")


def _run(*args: object) -> int:
    outcome = run_command_line([str(arg) for arg in args])
    assert outcome.desk_project is None
    return outcome.exit_code


def _import(folders: Path) -> int:
    return _run("import", folders / "p", "--originals", folders / "originals", "--designers", folders / "designers")


def _decide(project: Path, **decisions: Decision) -> None:
    store = open_project(project, "ann")
    for pair in store.pairs(store.pair_ids()):
        if pair.name in decisions:
            store.apply([SetReview(pair.id, Review(), Review(decisions[pair.name]))], Initiator("ann"))
    store.close()


def _lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_help_is_complete(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--help") == 0
    text = capsys.readouterr().out
    assert all(command in text for command in COMMANDS)
    assert "Without a sub-command the desk opens" in text


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("demo", ["DIR", "--photos", "--no-window", "pawtrait-demo"]),
        ("import", ["PROJECT", "--originals", "--designers", "--pairs", "pair,original,designer"]),
        (
            "register",
            [
                *("ORIGINAL", "DESIGNER", "--mask", "--json", "--pairs", "--out", "--masks", "--workers"),
                *("--method", "pawtrait", "paper", "--device", "auto", "cuda"),
            ],
        ),
        ("reconcile", ["PROJECT", "--all", "--method", "--device", "--workers"]),
        ("open", ["PROJECT"]),
        ("export", ["PROJECT", "--format", "masks", "cutouts", "--out", "--state", "accepted"]),
        ("stats", ["PROJECT", "--json"]),
    ],
)
def test_help_of_each_command_names_its_options(
    capsys: pytest.CaptureFixture[str], command: str, words: list[str]
) -> None:
    assert _run(command, "--help") == 0
    text = capsys.readouterr().out
    assert [word for word in words if word not in text] == []


def test_choices_are_those_of_the_program() -> None:
    assert tuple(Method) == BY_KEY["reconcile.method"].choices
    assert tuple(Device) == BY_KEY["reconcile.device"].choices
    assert set(Format) == set(EXPORTERS)


@pytest.mark.parametrize(
    "args",
    [
        ["nonsense"],
        ["import", "p"],
        ["import", "p", "--originals", "none", "--designers", "none"],
        ["reconcile"],
        ["reconcile", "p", "--method", "magic"],
        ["reconcile", "p", "--workers", "0"],
        ["export", "p", "--format", "hologram", "--out", "o"],
        ["export", "p", "--format", "masks", "--out", "o", "--state", "nice"],
        ["register"],
        ["register", "one.jpg"],
        ["register", "one.jpg", "two.jpg", "--out", "o.jsonl"],
    ],
    ids=" ".join,
)
def test_bad_usage_is_2_and_no_traceback(
    capsys: pytest.CaptureFixture[str], args: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _run(*args) == 2
    shown = capsys.readouterr()
    assert shown.err
    assert "Traceback" not in shown.err + shown.out


def test_import_makes_the_project_and_reports(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _import(folders) == 0
    assert "Imported 3 pairs." in capsys.readouterr().out
    (folders / "originals" / "dora.png").write_bytes((folders / "originals" / "ada.png").read_bytes())
    assert _import(folders) == 0
    shown = capsys.readouterr().out
    assert "Imported 0 pairs, 3 already there." in shown
    assert f"Without a partner (1):\n  {folders / 'originals' / 'dora.png'}" in shown


def test_an_unreadable_file_makes_it_1_and_is_named_with_a_remedy(
    folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folders / "originals" / "bob.png").write_bytes(b"")
    assert _import(folders) == 1
    shown = capsys.readouterr().out
    assert "Imported 2 pairs." in shown
    assert "bob.png is empty. Copy it again" in shown


def test_an_import_without_any_pair_is_no_success(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folders / "empty").mkdir()
    args = ["import", folders / "p", "--originals", folders / "originals", "--designers", folders / "empty"]
    assert _run(*args) == 1
    assert "No pair was found" in capsys.readouterr().out


def test_a_table_that_makes_no_sense_leaves_no_project_behind(folders: Path) -> None:
    (folders / "pairs.csv").write_text("name,photo\n", "utf-8")
    args = ["--originals", folders / "originals", "--designers", folders / "designers"]
    assert _run("import", folders / "p", *args, "--pairs", folders / "pairs.csv") in (1, 2)
    assert not (folders / "p").exists()


def test_the_version_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--version") == 0
    assert capsys.readouterr().out.startswith("pawtrait ")


def test_import_as_json(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    args = ["import", folders / "p", "--originals", folders / "originals", "--designers", folders / "designers"]
    assert _run(*args, "--json") == 0
    *progress, report = _lines(capsys.readouterr().out)
    assert {line["event"] for line in progress} == {"progress"}
    assert (report["event"], report["added"], report["cancelled"]) == ("report", 3, False)


def test_reconcile_does_what_is_left_and_all_on_demand(
    folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str]
) -> None:
    _import(folders)
    assert _run("reconcile", folders / "p", "--method", "paper", "--device", "cpu") == 0
    assert "2 placed, 1 without a match." in capsys.readouterr().out
    assert {(task.options.method, task.options.device) for task in found} == {("paper", "cpu")}
    assert _run("reconcile", folders / "p") == 0
    assert "Nothing to reconcile." in capsys.readouterr().out
    assert _run("reconcile", folders / "p", "--all") == 0
    assert len(found) == 6
    store = open_project(folders / "p", "ann")
    assert sorted(pair.reconciliation is not None for pair in store.pairs(store.pair_ids())) == [True] * 3
    store.close()


def test_a_pair_that_fails_is_named_and_makes_it_1(
    folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str]
) -> None:
    _import(folders)
    (folders / "originals" / "ada.png").write_bytes(b"\x1b[2J")
    capsys.readouterr()
    assert _run("reconcile", folders / "p", "--json") == 1
    shown = capsys.readouterr()
    (failure,) = [line for line in _lines(shown.out) if line["event"] == "failed"]
    assert failure["item"] == "ada"
    assert failure["remedy"]
    report = _lines(shown.out)[-1]
    assert (report["done"], len(report["failures"])) == (2, 1)


def test_export_stats_and_the_state_option(
    folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str]
) -> None:
    _import(folders)
    _run("reconcile", folders / "p")
    _decide(folders / "p", ada=Decision.ACCEPTED, cleo=Decision.REJECTED)
    assert _run("export", folders / "p", "--format", "masks", "--out", folders / "out") == 0
    assert [path.name for path in (folders / "out").iterdir()] == ["ada.png"]
    states = ["--state", "accepted", "--state", "rejected"]
    assert _run("export", folders / "p", "--format", "cutouts", "--out", folders / "cut", *states) == 0
    assert sorted(path.name for path in (folders / "cut").iterdir()) == ["ada.png", "cleo.png"]
    capsys.readouterr()
    assert _run("stats", folders / "p", "--json") == 0
    (numbers,) = _lines(capsys.readouterr().out)
    assert (numbers["pairs"], numbers["reconciled"], numbers["matched"]) == (3, 3, 2)
    assert numbers["decisions"]["accepted"] == 1
    assert _run("stats", folders / "p") == 0
    assert "Decision: second review" in capsys.readouterr().out


def test_export_where_pictures_live_is_refused(
    folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str]
) -> None:
    _import(folders)
    _run("reconcile", folders / "p")
    _decide(folders / "p", ada=Decision.ACCEPTED)
    before = (folders / "originals" / "ada.png").read_bytes()
    assert _run("export", folders / "p", "--format", "masks", "--out", folders / "originals") == 2
    assert "destroy" in capsys.readouterr().err
    assert (folders / "originals" / "ada.png").read_bytes() == before


def test_no_project_is_a_sentence_and_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["reconcile"], ["stats"], ["export", "--format", "masks", "--out", str(tmp_path / "o")]):
        assert _run(command[0], tmp_path / "none", *command[1:]) == 1
        shown = capsys.readouterr().err
        assert shown.startswith("pawtrait: ")
        assert "Traceback" not in shown


def test_a_project_that_somebody_has_open_is_not_written(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _import(folders)
    holder = open_project(folders / "p", "bea")
    try:
        assert _run("reconcile", folders / "p") == 1
        assert "bea" in capsys.readouterr().err
        assert _run("stats", folders / "p") == 0
    finally:
        holder.close()


def test_open_asks_for_the_desk(folders: Path) -> None:
    _import(folders)
    assert run_command_line(["open", str(folders / "p")]) == Outcome(1, str(folders / "p"))


def test_a_damaged_settings_file_is_a_sentence(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folders / "home").mkdir()
    (folders / "home" / "settings.json").write_text("{")
    assert _import(folders) == 1
    assert "settings.json is damaged" in capsys.readouterr().err


KEYS = ["pair", "matrix", "mirrored", "rotation_deg", "scale", "confidence", "reason", "seconds"]


def test_register_two_files(folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str]) -> None:
    ada, bob = ([folders / kind / f"{name}.png" for kind in ("originals", "designers")] for name in ("ada", "bob"))
    mask = folders / "masks" / "m.png"
    assert _run("register", *ada, "--mask", mask) == 0
    assert "Found: turned by 90.00°, scale 2.0000." in capsys.readouterr().out
    assert mask.is_file()
    assert _run("register", *ada, "--json", "--method", "paper") == 0
    (line,) = _lines(capsys.readouterr().out)
    assert list(line) == KEYS
    assert line["matrix"] == [list(row) for row in Placement(2.0, 90.0, False, 3.0, 4.0).matrix()]
    assert _run("register", *bob) == 0
    assert capsys.readouterr().out.startswith("No match.")
    (folders / "originals" / "ada.png").write_bytes(b"")
    assert _run("register", *ada) == 1
    assert "ada.png is empty" in capsys.readouterr().err


def _table(folders: Path, *rows: str) -> Path:
    path = folders / "pairs.csv"
    path.write_text("\n".join(["pair,original,designer", *rows]), "utf-8")
    return path


def test_register_a_table(folders: Path, found: list[Search]) -> None:
    (folders / "designers" / "cut.png").write_bytes((folders / "designers" / "ada.png").read_bytes()[:60])
    table = _table(
        folders,
        "Zoë/1,originals/ada.png,designers/ada.png",
        "gone,originals/none.png,designers/ada.png",
        ",originals/ada.png,designers/ada.png",
        "other,originals/bob.png,designers/bob.png",
    )
    out = folders / "new" / "out.jsonl"
    assert _run("register", "--pairs", table, "--out", out, "--masks", folders / "masks", "--workers", 1) == 1
    lines = _lines(out.read_text("utf-8"))
    assert [line["pair"] for line in lines] == ["Zoë/1", "gone", "pairs.csv, line 4", "other"]
    assert ["error" in line for line in lines] == [False, True, True, False]
    assert list(lines[0]) == KEYS == list(lines[3])
    assert lines[3]["matrix"] is None
    assert [path.name for path in (folders / "masks").iterdir()] == ["Zoë_1.png"]
    assert [path.name for path in out.parent.iterdir()] == ["out.jsonl"]


def test_register_a_table_with_events(folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str]) -> None:
    table = _table(folders, "a,originals/ada.png,designers/ada.png")
    assert _run("register", "--pairs", table, "--out", folders / "o.jsonl", "--json") == 0
    events = _lines(capsys.readouterr().out)
    assert {event["event"] for event in events} == {"progress", "result", "report"}


def test_register_does_not_write_over_its_own_table(folders: Path, found: list[Search]) -> None:
    table = _table(folders, "a,originals/ada.png,designers/ada.png")
    before = table.read_bytes()
    assert _run("register", "--pairs", table, "--out", table) == 2
    assert table.read_bytes() == before


def _interrupt_at(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Ctrl-C while the search with this number (from 1) goes on."""
    from core.jobs.work import reconciling

    real, calls = reconciling.search, 0

    def search(task: Search) -> object:
        nonlocal calls
        calls += 1
        if calls == number:
            signal.raise_signal(signal.SIGINT)
        return real(task)

    monkeypatch.setattr(reconciling, "search", search)


def test_ctrl_c_in_a_batch_is_130_and_keeps_what_was_done(
    folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _import(folders)
    before = signal.getsignal(signal.SIGINT)
    _interrupt_at(2, monkeypatch)
    assert _run("reconcile", folders / "p") == 130
    assert "Interrupted. What was reconciled is kept" in capsys.readouterr().out
    assert signal.getsignal(signal.SIGINT) is before
    store = open_project(folders / "p", "ann")
    assert store.statistics().reconciled == 2
    assert store.runs()[0].outcome == "cancelled"
    store.close()


def test_an_interrupted_table_keeps_its_lines_under_another_name(
    folders: Path, found: list[Search], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = _table(folders, *(f"{name},originals/{name}.png,designers/{name}.png" for name in ("ada", "bob", "cleo")))
    out = folders / "out.jsonl"
    out.write_text("the last whole run\n")
    _interrupt_at(1, monkeypatch)
    assert _run("register", "--pairs", table, "--out", out) == 130
    assert out.read_text() == "the last whole run\n"
    assert [line["pair"] for line in _lines((folders / "out.jsonl.part").read_text())] == ["ada"]


def test_a_bug_is_not_dressed_up(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **how: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("core.cli.projects.import_pairs", broken)
    with pytest.raises(ZeroDivisionError):
        _import(folders)
