"""The job strip and its words."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core.errors import StorageProblem
from core.jobs.answers import BatchReport, ExportReport, ImportReport
from core.jobs.context import ItemFailed, JobContext
from core.jobs.services import Services
from core.jobs.specs import (
    ExportPairs,
    OpenProject,
    PredictOptions,
    PredictPairs,
    ReconcileOptions,
    ReconcilePairs,
    Spec,
)
from gui.jobs.failures import FailureList, as_text
from gui.jobs.handle import Listener, State
from gui.jobs.runner import Runner
from gui.jobs.strip import JobStrip
from gui.jobs.time_left import in_words, seconds_left
from tests.gui.conftest import Gate

SPEC = OpenProject("/x", "anna")


@pytest.fixture
def strip(runner: Runner, qtbot: QtBot) -> JobStrip:
    made = JobStrip()
    qtbot.addWidget(made)
    runner.observe(made)
    return made


def _buttons(strip: JobStrip) -> set[str]:
    return {button.text() for button in strip.findChildren(QPushButton) if not button.isHidden()}


def test_it_is_quiet_while_nothing_runs(strip: JobStrip) -> None:
    assert strip.words == "No job is running"
    assert _buttons(strip) == set()


def test_a_running_job_shows_how_far_it_is_and_can_be_cancelled(
    strip: JobStrip, runner: Runner, gate: Gate, services: Services, qtbot: QtBot
) -> None:
    def work(spec: Spec, ctx: JobContext) -> object:
        ctx.progress(3, 12, "rex.jpg")
        gate.wait(ctx)
        return None

    gate.do = work
    handle = runner.submit(SPEC, services, Listener(shown=True))
    qtbot.waitUntil(lambda: handle.done == 3)
    assert strip.words == "Open project · 3 of 12 · rex.jpg"
    assert _buttons(strip) == {"Cancel"}
    next(button for button in strip.findChildren(QPushButton) if button.text() == "Cancel").click()
    qtbot.waitUntil(lambda: handle.state.ended)
    assert strip.words == "Open project · Cancelled after 3 of 12"
    assert _buttons(strip) == set()


def test_failures_are_counted_once_and_listed_with_file_and_remedy(
    strip: JobStrip, runner: Runner, gate: Gate, services: Services, qtbot: QtBot
) -> None:
    broken = ItemFailed("a.png", "a.png ends too early.", "Copy it again.")

    def work(spec: Spec, ctx: JobContext) -> object:
        ctx.partial(broken)
        return ImportReport(1, 0, unmatched=("/o/b.png",), unreadable=(broken,))

    gate.do = work
    handle = runner.submit(SPEC, services, Listener(shown=True))
    qtbot.waitUntil(lambda: handle.state.ended)
    assert [failure.item for _, failure in strip.failures()] == ["a.png", "/o/b.png"]
    assert "2 failures" in strip.words
    strip.show_failures()
    listed = strip.findChild(FailureList) or next(
        widget for widget in QGuiApplication.instance().topLevelWidgets() if isinstance(widget, FailureList)
    )
    next(button for button in listed.findChildren(QPushButton) if button.text() == "Copy").click()
    text = QGuiApplication.clipboard().text()
    assert "a.png ends too early." in text
    assert "Copy it again." in text
    assert "/o/b.png has no partner." in text
    listed.close()


def _run(runner: Runner, services: Services, qtbot: QtBot, spec: Spec = SPEC) -> None:
    handle = runner.submit(spec, services, Listener(shown=True))
    qtbot.waitUntil(lambda: handle.state.ended)


def test_the_list_can_be_shown_again_and_again(
    strip: JobStrip, runner: Runner, gate: Gate, services: Services, qtbot: QtBot
) -> None:
    gate.do = lambda spec, ctx: ImportReport(1, 0, unmatched=("/o/b.png",))
    _run(runner, services, qtbot)
    for _ in range(2):
        strip.show_failures()
        assert strip._list is not None
        with qtbot.waitSignal(strip._list.destroyed):
            strip._list.close()
    strip.show_failures()
    strip.show_failures()
    assert strip._list is not None
    assert strip._list.isVisible()
    strip._list.close()


def test_failures_stay_through_the_next_jobs_until_they_have_been_seen(
    strip: JobStrip, runner: Runner, gate: Gate, services: Services, qtbot: QtBot
) -> None:
    gate.do = lambda spec, ctx: ImportReport(1, 0, unmatched=("/o/b.png",))
    _run(runner, services, qtbot)
    _run(runner, services, qtbot)
    gate.do = lambda spec, ctx: BatchReport(1, 1, 1)
    _run(runner, services, qtbot)
    assert [failure.item for _, failure in strip.failures()] == ["/o/b.png"], "the same trouble is told once"
    strip.show_failures()
    assert strip._list is not None
    strip._list.close()
    assert len(strip.failures()) == 1, "it can be looked at again"
    _run(runner, services, qtbot)
    assert strip.failures() == []


def test_failures_can_be_dismissed_unseen(
    strip: JobStrip, runner: Runner, gate: Gate, services: Services, qtbot: QtBot
) -> None:
    gate.do = lambda spec, ctx: ImportReport(1, 0, unmatched=("/o/b.png",))
    _run(runner, services, qtbot)
    assert not strip._dismiss.isHidden()
    strip._dismiss.click()
    assert strip.failures() == []
    assert strip.words == "No job is running"
    assert strip._dismiss.isHidden()


def test_an_export_says_where_it_wrote_and_opens_the_folder(
    strip: JobStrip,
    runner: Runner,
    gate: Gate,
    services: Services,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    gate.do = lambda spec, ctx: ExportReport(3, 0)
    _run(runner, services, qtbot, ExportPairs("masks", "/out/of the way"))
    assert strip.words == "Export · 3 files written to /out/of the way"
    assert _buttons(strip) == {"Open folder"}
    strip._rest.timeout.emit()
    strip._folder.click()
    assert opened == ["/out/of the way"]
    gate.do = lambda spec, ctx: ExportReport(0, 3)
    _run(runner, services, qtbot, ExportPairs("masks", "/out"))
    assert _buttons(strip) == set(), "there is nothing to look at"


def test_a_message_of_several_lines_is_indented_throughout(qtbot: QtBot) -> None:
    listed = FailureList([("Import", ItemFailed("a.png", "a.png is bad.\nVery bad.", "Copy it again."))])
    qtbot.addWidget(listed)
    block, margins = listed._text.document().firstBlock(), {}
    while block.isValid():
        margins[block.text()] = block.blockFormat().leftMargin() > 0
        block = block.next()
    assert margins == {
        "Import: 1 failed": False,
        "a.png is bad.": True,
        "Very bad.": True,
        "What to do: Copy it again.": False,
    }


def test_an_error_that_stops_the_job_is_a_failure_too(
    strip: JobStrip, runner: Runner, gate: Gate, services: Services, qtbot: QtBot
) -> None:
    def work(spec: Spec, ctx: JobContext) -> object:
        raise StorageProblem("The disk is full.", "Free some space.")

    gate.do = work
    handle = runner.submit(SPEC, services, Listener(shown=True))
    qtbot.waitUntil(lambda: handle.state.ended)
    assert "The disk is full. Free some space." in strip.words
    assert _buttons(strip) == {"Show"}


def test_a_waiting_job_says_so(strip: JobStrip, runner: Runner, gate: Gate, services: Services, qtbot: QtBot) -> None:
    gate.do = lambda spec, ctx: gate.wait(ctx)
    first = runner.submit(SPEC, services, Listener())
    qtbot.waitUntil(gate.begun.is_set)
    runner.submit(SPEC, services, Listener(shown=True))
    assert strip.words == "Open project · Waits for the job before it"
    assert not first.listener.shown


def test_the_job_that_runs_is_shown_before_those_that_wait(
    strip: JobStrip, runner: Runner, gate: Gate, services: Services, qtbot: QtBot
) -> None:
    ends = threading.Event()

    def work(spec: Spec, ctx: JobContext) -> object:
        if spec == SPEC:
            ends.wait(10)
        else:
            gate.wait(ctx)
        return None

    gate.do = work
    shown = Listener(shown=True)
    short = runner.submit(SPEC, services, shown)
    qtbot.waitUntil(lambda: short.state is State.RUNNING)
    hidden = runner.submit(ReconcilePairs((1,), ReconcileOptions(), "anna"), services, Listener())
    qtbot.waitUntil(lambda: hidden.state is State.RUNNING)
    waits = runner.submit(ReconcilePairs((2,), ReconcileOptions(), "anna"), services, shown)
    runs = runner.submit(ExportPairs("masks", "/x"), services, shown)
    ends.set()
    qtbot.waitUntil(lambda: runs.state is State.RUNNING and short.state.ended)
    assert waits.state is State.QUEUED
    assert strip.words == "Export · Begins"


def test_equal_troubles_stand_together() -> None:
    text = as_text([("Import", ItemFailed(f"{n}.png", "It is empty.", "Copy it again.")) for n in range(3)])
    assert text.count("Copy it again.") == 1
    assert text.splitlines() == [
        "Import: 3 failed",
        "    0.png: It is empty.",
        "    1.png: It is empty.",
        "    2.png: It is empty.",
        "What to do: Copy it again.",
    ]


@pytest.mark.parametrize(
    ("done", "total", "elapsed", "left"),
    [(0, 10, 50.0, None), (1, 0, 50.0, None), (1, 10, 0.5, None), (5, 10, 20.0, 20.0), (12, 10, 20.0, 0.0)],
)
def test_seconds_left(done: int, total: int, elapsed: float, left: float | None) -> None:
    assert seconds_left(done, total, elapsed) == left


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a few seconds"),
        (9.9, "a few seconds"),
        (12, "about 10 seconds"),
        (54, "about 50 seconds"),
        (56, "about 1 minute"),
        (300, "about 5 minutes"),
        (5400, "about 2 hours"),
        (36000, "about 10 hours"),
    ],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


def test_a_failure_goes_when_a_later_job_has_done_it(
    strip: JobStrip, runner: Runner, gate: Gate, services: Services, qtbot: QtBot
) -> None:
    def fails(spec: Spec, ctx: JobContext) -> object:
        for pair_id in (1, 2):
            ctx.partial(ItemFailed(f"cat {pair_id}", "It is broken.", "Mend it.", pair_id))
        return None

    def again(*ids: int) -> ReconcilePairs:
        return ReconcilePairs(ids, ReconcileOptions())

    gate.do = fails
    _run(runner, services, qtbot, again(1, 2))
    assert "2 failures" in strip.words
    gate.do = lambda spec, ctx: None
    _run(runner, services, qtbot, PredictPairs((1,), PredictOptions()))
    assert "2 failures" in strip.words, "another kind of job mends nothing"
    _run(runner, services, qtbot, again(1))
    assert [failure.item for _, failure in strip.failures()] == ["cat 2"]
    strip.show_failures()
    assert strip._list is not None
    strip._list.close()
    _run(runner, services, qtbot, again(2))
    assert strip.failures() == []
    assert "failure" not in strip.words
