"""The sub-commands: what they print, what they leave behind, and their exit codes."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from core.cli import Outcome, run_command_line
from core.cli.options import Device, Method
from core.cli.projects import Format
from core.cli.session import opened
from core.domain import Decision, Review
from core.edits import Initiator, SetReview
from core.errors import StorageProblem
from core.export.exporters import EXPORTERS
from core.jobs.work.searching import Search
from core.settings import BY_KEY
from core.store.opening import open_project
from tests.core.cli.conftest import interrupt_at, lines, run

SEARCH = (
    *("--method", "pawtrait", "paper", "--device", "auto", "cuda", "--max-rotation", "--no-mirror", "--max-memory"),
    "--paper-long-side",
)
COMMANDS = ("demo", "import", "register", "reconcile", "open", "export", "stats", "tidy")


def _import(folders: Path) -> int:
    return run("import", folders / "p", "--originals", folders / "originals", "--designers", folders / "designers")


def _decide(project: Path, **decisions: Decision) -> None:
    store = open_project(project, "ann")
    for pair in store.pairs(store.pair_ids()):
        if pair.name in decisions:
            store.apply([SetReview(pair.id, Review(), Review(decisions[pair.name]))], Initiator("ann"))
    store.close()


def test_help_is_complete(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    text = capsys.readouterr().out
    assert all(command in text for command in COMMANDS)
    assert "Without a sub-command the desk opens" in text


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("demo", ["DIR", "--photos", "--no-window", "pawtrait-demo"]),
        ("import", ["PROJECT", "--originals", "--designers", "--pairs", "pair,original,designer", "--photos-alone"]),
        (
            "register",
            [
                *("ORIGINAL", "DESIGNER", "--mask", "--json", "--pairs", "--out", "--masks", "--workers"),
                *("--footprint", "--painted", "--prior", "landmarks", *SEARCH),
            ],
        ),
        ("reconcile", ["PROJECT", "--all", "--workers", *SEARCH]),
        ("open", ["PROJECT"]),
        ("export", ["PROJECT", "--format", "masks", "cutouts", "--out", "--state", "accepted"]),
        ("stats", ["PROJECT", "--json"]),
        ("tidy", ["PROJECT", "--dry-run", "--json"]),
    ],
)
def test_help_of_each_command_names_its_options(
    capsys: pytest.CaptureFixture[str], command: str, words: list[str]
) -> None:
    assert run(command, "--help") == 0
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
        ["reconcile", "p", "--max-rotation", "200"],
        ["register", "one.jpg", "two.jpg", "--max-rotation", "nan"],
        ["register", "one.jpg", "two.jpg", "--max-memory", "1"],
        ["register", "one.jpg", "two.jpg", "--paper-long-side", "-5"],
        ["register", "--pairs", "pairs.csv", "--out", "o.jsonl", "--prior", "p.json"],
        ["register", "--pairs", "pairs.csv", "--out", "o.jsonl", "--painted", "p.png"],
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
    (tmp_path / "pairs.csv").write_text("pair,original,designer\n", "utf-8")
    assert run(*args) == 2
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
    assert run(*args) == 1
    assert "No pair was found" in capsys.readouterr().out
    assert not (folders / "p").exists(), "nothing is left of it"
    _import(folders)
    assert run(*args) == 1
    assert (folders / "p" / "project.sqlite").exists(), "what was there before stays"


def test_a_table_of_pairs_needs_no_folders(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = folders / "elsewhere" / "pairs.csv"
    table.parent.mkdir()
    rows = [f"{name},{folders}/originals/{name}.png,{folders}/designers/{name}.png" for name in ("ada", "bob")]
    table.write_text("\n".join(["pair,original,designer", *rows]))
    assert run("import", folders / "p", "--pairs", table) == 0
    shown = capsys.readouterr().out
    assert "Imported 2 pairs." in shown
    assert "Without a partner" not in shown


def test_an_import_wants_a_folder_or_a_table(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("import", folders / "p") == 2
    assert "Name the folder of the photos (--originals) or a table of pairs (--pairs)." in capsys.readouterr().err
    assert not (folders / "p").exists()


def test_photos_alone_come_in_and_nothing_waits_for_a_reconciliation(
    folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("import", folders / "p", "--originals", folders / "originals") == 0
    assert "Imported 3 pairs (3 without a designer image)." in capsys.readouterr().out
    assert run("reconcile", folders / "p") == 0
    assert "Nothing to reconcile." in capsys.readouterr().out
    assert run("stats", folders / "p") == 0
    assert "without a designer image   3" in capsys.readouterr().out
    args = ["import", folders / "p", "--originals", folders / "originals", "--designers", folders / "designers"]
    assert run(*args) == 0
    assert "The designer image was added to 3 photos that were there alone." in capsys.readouterr().out
    (folders / "originals" / "zoe.png").write_bytes((folders / "originals" / "ada.png").read_bytes() + b"other")
    assert run(*args, "--photos-alone") == 0
    assert "Imported 1 pair (1 without a designer image), 3 already there." in capsys.readouterr().out


def test_a_table_that_makes_no_sense_leaves_no_project_behind(folders: Path) -> None:
    (folders / "pairs.csv").write_text("name,photo\n", "utf-8")
    args = ["--originals", folders / "originals", "--designers", folders / "designers"]
    assert run("import", folders / "p", *args, "--pairs", folders / "pairs.csv") in (1, 2)
    assert not (folders / "p").exists()


def test_the_version_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out.startswith("pawtrait ")


def test_import_as_json(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    args = ["import", folders / "p", "--originals", folders / "originals", "--designers", folders / "designers"]
    assert run(*args, "--json") == 0
    *progress, report = lines(capsys.readouterr().out)
    assert {line["event"] for line in progress} == {"progress"}
    assert (report["event"], report["added"], report["cancelled"]) == ("report", 3, False)


def test_reconcile_does_what_is_left_and_all_on_demand(
    folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str]
) -> None:
    _import(folders)
    assert run("reconcile", folders / "p", "--method", "paper", "--device", "cpu") == 0
    assert "2 placed, 1 without a match." in capsys.readouterr().out
    assert {(task.options.method, task.options.device) for task in found} == {("paper", "cpu")}
    assert run("reconcile", folders / "p") == 0
    assert "Nothing to reconcile." in capsys.readouterr().out
    assert run("reconcile", folders / "p", "--all") == 0
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
    assert run("reconcile", folders / "p", "--json") == 1
    shown = capsys.readouterr()
    (failure,) = [line for line in lines(shown.out) if line["event"] == "failed"]
    assert failure["item"] == "ada"
    assert failure["remedy"]
    report = lines(shown.out)[-1]
    assert (report["done"], len(report["failures"])) == (2, 1)


def test_export_stats_and_the_state_option(
    folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str]
) -> None:
    _import(folders)
    run("reconcile", folders / "p")
    assert run("export", folders / "p", "--format", "masks", "--out", folders / "out") == 0
    assert "No pair is accepted or corrected yet" in capsys.readouterr().out
    _decide(folders / "p", ada=Decision.ACCEPTED, cleo=Decision.REJECTED)
    assert run("export", folders / "p", "--format", "masks", "--out", folders / "out") == 0
    assert [path.name for path in (folders / "out").iterdir()] == ["ada.png"]
    states = ["--state", "accepted", "--state", "rejected"]
    assert run("export", folders / "p", "--format", "cutouts", "--out", folders / "cut", *states) == 0
    assert sorted(path.name for path in (folders / "cut").iterdir()) == ["ada.png", "cleo.png"]
    capsys.readouterr()
    assert run("stats", folders / "p", "--json") == 0
    (numbers,) = lines(capsys.readouterr().out)
    assert (numbers["pairs"], numbers["reconciled"], numbers["matched"]) == (3, 3, 2)
    assert numbers["decisions"]["accepted"] == 1
    assert run("stats", folders / "p") == 0
    assert "Decision: second review" in capsys.readouterr().out


def test_export_where_pictures_live_is_refused(
    folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str]
) -> None:
    _import(folders)
    run("reconcile", folders / "p")
    _decide(folders / "p", ada=Decision.ACCEPTED)
    before = (folders / "originals" / "ada.png").read_bytes()
    assert run("export", folders / "p", "--format", "masks", "--out", folders / "originals") == 2
    assert "destroy" in capsys.readouterr().err
    assert (folders / "originals" / "ada.png").read_bytes() == before


def test_no_project_is_a_sentence_and_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["reconcile"], ["stats"], ["export", "--format", "masks", "--out", str(tmp_path / "o")]):
        assert run(command[0], tmp_path / "none", *command[1:]) == 1
        shown = capsys.readouterr().err
        assert shown.startswith("pawtrait: ")
        assert "Traceback" not in shown


def test_a_project_that_somebody_else_has_made_meanwhile_is_not_taken_away(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import that brings nothing takes its new project away; another import may have been quicker to make it."""
    (folders / "void").mkdir()
    _import(folders)
    monkeypatch.setattr("core.cli.projects.is_project", lambda folder: False)
    assert run("import", folders / "p", "--originals", folders / "void") == 1
    store = open_project(folders / "p", "ann")
    assert len(store.pair_ids()) == 3
    store.close()


def test_a_name_that_no_folder_can_have_is_a_sentence_and_1(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("import", folders / ("x" * 300), "--originals", folders / "originals") == 1
    assert "File name too long" in capsys.readouterr().err


def test_a_project_that_somebody_has_open_is_not_written(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _import(folders)
    holder = open_project(folders / "p", "bea")
    try:
        assert run("reconcile", folders / "p") == 1
        assert "bea" in capsys.readouterr().err
        assert run("stats", folders / "p") == 0
    finally:
        holder.close()


def test_a_command_that_only_reads_keeps_nobody_from_deciding(folders: Path) -> None:
    _import(folders)
    with opened(folders / "p") as services:
        desk = open_project(folders / "p", "bea")
        assert desk.info.read_only_reason == ""
        desk.close()
        with pytest.raises(StorageProblem, match="opened only to be read"):
            services.project().put_mask(b"", 1, 1)


def test_open_asks_for_the_desk(folders: Path) -> None:
    _import(folders)
    assert run_command_line(["open", str(folders / "p")]) == Outcome(1, str(folders / "p"))


def test_a_damaged_settings_file_is_a_sentence(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folders / "home").mkdir()
    (folders / "home" / "settings.json").write_text("{")
    assert _import(folders) == 1
    assert "settings.json is damaged" in capsys.readouterr().err


def test_ctrl_c_in_a_batch_is_130_and_keeps_what_was_done(
    folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _import(folders)
    before = signal.getsignal(signal.SIGINT)
    interrupt_at(2, monkeypatch)
    assert run("reconcile", folders / "p") == 130
    assert "Interrupted. What was reconciled is kept" in capsys.readouterr().out
    assert signal.getsignal(signal.SIGINT) is before
    store = open_project(folders / "p", "ann")
    assert store.statistics().reconciled == 2
    assert store.runs()[0].outcome == "cancelled"
    store.close()


def test_a_bug_is_not_dressed_up(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **how: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("core.cli.projects.import_pairs", broken)
    with pytest.raises(ZeroDivisionError):
        _import(folders)
