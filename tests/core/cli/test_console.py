"""How running jobs show themselves, and Ctrl-C between and within them."""

from __future__ import annotations

import io
import signal
from pathlib import Path

import pytest

from core.cli import Outcome, run_command_line
from core.cli.console import failure_text, json_context, pick_context
from core.cli.interrupt import on_interrupt, stoppable
from core.errors import Cancelled
from core.jobs.context import ItemFailed, JobContext
from core.store import opening
from core.store.base import Store
from tests.core.cli.conftest import run

STEERS = "\x1b]0;owned\x07"
"""What sets a terminal's title; click takes nothing but colours and the like out of what goes into a pipe."""
FAILURE = ItemFailed(f"[/red] rex{STEERS}", "It is damaged.", "Copy it again.")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [_Terminal(), io.StringIO()], ids=["terminal", "pipe"])
def test_names_from_outside_neither_break_nor_steer_the_terminal(
    capsys: pytest.CaptureFixture[str], stream: io.StringIO
) -> None:
    partials: list[object] = []
    with pick_context(stream)("Reconcile", lambda: None, partials.append) as context:
        for done in range(11):
            context.progress(done, 10, f"[/bold] name{STEERS}")
        context.partial(FAILURE)
        context.log(f"[/done]{STEERS}")
        context.check()
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "It is damaged. Copy it again." in shown.err
    assert "\x1b" not in shown.err
    assert "[/done]" in shown.err
    assert partials == [FAILURE]


def test_a_pipe_gets_a_line_for_each_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    with pick_context(io.StringIO())("Reconcile", lambda: None, None) as context:
        for done in range(1001):
            context.progress(done, 1000)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert lines[-1] == "Reconcile: 1000 of 1000"


def test_json_lines_hold_one_event_each(capsys: pytest.CaptureFixture[str]) -> None:
    with json_context("Reconcile", lambda: None, None) as context:
        context.progress(1, 2, "rex")
        context.partial(FAILURE)
    first, second = capsys.readouterr().out.splitlines()
    assert first == '{"event": "progress", "done": 1, "total": 2, "label": "rex"}'
    assert '"event": "failed"' in second


def test_a_sentence_that_begins_with_the_name_does_not_say_it_twice() -> None:
    assert failure_text(ItemFailed("a.jpg", "a.jpg is empty.", "")) == "  ! a.jpg is empty."
    assert failure_text(ItemFailed("rex", "a.jpg is empty.", "")) == "  ! rex: a.jpg is empty."


def test_the_first_ctrl_c_asks_the_job_the_second_ends_the_program() -> None:
    with stoppable() as stop:
        stop.check()
        on_interrupt(signal.SIGINT, None)
        with pytest.raises(Cancelled):
            stop.check()
        with pytest.raises(SystemExit) as ended:
            on_interrupt(signal.SIGINT, None)
    assert ended.value.code == 130


def test_ctrl_c_between_jobs_is_130(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr("core.cli.demo.load_services", lambda: signal.raise_signal(signal.SIGINT))
    assert run_command_line(["demo", f"{tmp_path}/demo"]) == Outcome(130)


def test_ctrl_c_while_a_project_is_opened_is_heard(
    folders: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What opens it cannot be stopped half-way, but nothing else begins."""
    run("import", folders / "p", "--originals", folders / "originals")
    opens = opening.open_project

    def interrupted(folder: Path, who: str, *, to_read: bool) -> Store:
        store = opens(folder, who, to_read=to_read)
        signal.raise_signal(signal.SIGINT)
        return store

    with monkeypatch.context() as patched:
        patched.setattr(opening, "open_project", interrupted)
        capsys.readouterr()
        assert run("stats", folders / "p") == 130
    shown = capsys.readouterr()
    assert (shown.out, "Interrupted" in shown.err) == ("", True)
    again = opens(folders / "p", "bea")
    assert not again.info.read_only
    again.close()


def test_ctrl_c_in_a_job_with_nothing_to_report_is_130_and_a_word(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(spec: object, services: object, ctx: JobContext) -> None:
        signal.raise_signal(signal.SIGINT)
        ctx.check()

    monkeypatch.setattr("core.jobs.work.demo.make_demo", interrupted)
    assert run("demo", tmp_path / "demo") == 130
    assert "Interrupted" in capsys.readouterr().err


def test_names_in_a_report_or_an_error_do_not_steer_the_terminal(
    folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ("originals/ada.png,designers/ada.png", "originals/bob.png,designers/bob.png")
    table = folders / "pairs.csv"
    table.write_text("pair,original,designer\n" + "".join(f"rex{STEERS},{row}\n" for row in rows), "utf-8")
    run("import", folders / "p", "--originals", folders / "originals", "--pairs", table)
    shown = capsys.readouterr().out
    assert "claimed twice" in shown
    assert "\x1b" not in shown
    run("stats", folders / f"no{STEERS}project")
    assert "\x1b" not in capsys.readouterr().err
