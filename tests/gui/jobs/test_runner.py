"""The runner: one end for each job, nothing stale, the last progress, cancel, and no thread left."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace

import pytest
from pytestqt.qtbot import QtBot

from core.errors import FileProblem, UserFacingError
from core.jobs.context import ItemFailed, JobContext
from core.jobs.services import Services
from core.jobs.specs import OpenProject, Spec
from gui.jobs.handle import Handle, Listener, State
from gui.jobs.runner import LANES, Runner
from tests.gui.conftest import Gate, load_spec


@dataclass
class Heard:
    """Notes all that a listener is told."""

    done: list[object] = field(default_factory=list)
    failed: list[UserFacingError] = field(default_factory=list)
    cancelled: int = 0
    parts: list[object] = field(default_factory=list)
    progress: list[tuple[int, int, str]] = field(default_factory=list)
    threads: set[threading.Thread] = field(default_factory=set)

    def listener(self, shown: bool = False) -> Listener:
        return Listener(
            self.done.append, self.failed.append, self._on_cancelled, self.parts.append, self._on_progress, shown
        )

    def _on_cancelled(self) -> None:
        self.cancelled += 1

    def _on_progress(self, done: int, total: int, label: str) -> None:
        self.progress.append((done, total, label))
        self.threads.add(threading.current_thread())

    @property
    def ends(self) -> int:
        return len(self.done) + len(self.failed) + self.cancelled


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_an_answer_arrives_in_the_gui_thread(
    runner: Runner, gate: Gate, services: Services, heard: Heard, qtbot: QtBot
) -> None:
    worked_in: list[threading.Thread] = []

    def work(spec: Spec, ctx: JobContext) -> object:
        worked_in.append(threading.current_thread())
        ctx.progress(1, 1)
        return "answer"

    gate.do = work
    handle = runner.submit(load_spec(), services, heard.listener())
    qtbot.waitUntil(lambda: heard.ends == 1)
    assert heard.done == ["answer"]
    assert handle.state is State.DONE
    assert heard.threads == {threading.main_thread()}
    assert worked_in != [threading.main_thread()]
    assert runner.jobs() == []


def test_progress_is_thinned_out_but_the_last_one_arrives(
    runner: Runner, gate: Gate, services: Services, heard: Heard, qtbot: QtBot
) -> None:
    def work(spec: Spec, ctx: JobContext) -> object:
        for done in range(20_000):
            ctx.progress(done + 1, 20_000, f"file {done}")
        gate.wait(ctx)
        return None

    gate.do = work
    runner.submit(load_spec(), services, heard.listener())
    qtbot.waitUntil(lambda: bool(heard.progress) and heard.progress[-1][0] == 20_000)
    assert heard.ends == 0, "the last progress came while the job was still at work"
    gate.go.set()
    qtbot.waitUntil(lambda: heard.ends == 1)
    assert heard.progress[-1] == (20_000, 20_000, "file 19999")
    assert len(heard.progress) < 200


def test_progress_said_just_before_the_end_arrives_before_the_end(
    runner: Runner, gate: Gate, services: Services, qtbot: QtBot
) -> None:
    events: list[object] = []

    def work(spec: Spec, ctx: JobContext) -> object:
        ctx.progress(1, 3)
        ctx.progress(3, 3)
        return None

    gate.do = work
    listener = Listener(done=lambda _answer: events.append("end"), progress=lambda *now: events.append(now[0]))
    runner.submit(load_spec(), services, listener)
    qtbot.waitUntil(lambda: "end" in events)
    assert events[-2:] == [3, "end"]


def test_a_cancelled_job_ends_for_the_user_although_its_worker_is_deaf(
    runner: Runner, gate: Gate, services: Services, heard: Heard, qtbot: QtBot
) -> None:
    def deaf(spec: Spec, ctx: JobContext) -> object:
        gate.go.wait(20)
        ctx.partial(ItemFailed("a.png", "It is broken.", ""))
        return "too late"

    gate.do = deaf
    handle = runner.submit(load_spec(), services, heard.listener())
    qtbot.waitUntil(lambda: handle.state is State.RUNNING)
    handle.cancel()
    assert handle.state is State.STOPPING
    qtbot.waitUntil(lambda: heard.cancelled == 1)
    assert not gate.go.is_set()
    gate.go.set()
    qtbot.waitUntil(lambda: len(heard.parts) == 1)
    assert (heard.cancelled, heard.ends) == (1, 1), "the late answer was dropped, the part was not"


def test_a_cancelled_job_may_still_report_what_it_did(
    runner: Runner, gate: Gate, services: Services, heard: Heard, qtbot: QtBot
) -> None:
    def work(spec: Spec, ctx: JobContext) -> object:
        while True:
            try:
                ctx.check()
            except Exception:
                return "half done"
            time.sleep(0.001)

    gate.do = work
    handle = runner.submit(load_spec(), services, heard.listener())
    qtbot.waitUntil(lambda: handle.state is State.RUNNING)
    handle.cancel()
    qtbot.waitUntil(lambda: heard.ends == 1)
    assert heard.done == ["half done"]


def test_a_job_cancelled_in_the_queue_never_starts(
    runner: Runner, gate: Gate, services: Services, heard: Heard, qtbot: QtBot
) -> None:
    gate.do = lambda spec, ctx: gate.wait(ctx)
    first, second = OpenProject("/one", "anna"), OpenProject("/two", "anna")
    runner.submit(first, services, Listener())
    qtbot.waitUntil(gate.begun.is_set)
    runner.submit(second, services, heard.listener()).cancel()
    qtbot.waitUntil(lambda: heard.cancelled == 1)
    gate.go.set()
    qtbot.waitUntil(lambda: runner.jobs() == [])
    assert gate.order == [first]


def test_a_superseded_group_is_silent(
    runner: Runner, gate: Gate, services: Services, heard: Heard, qtbot: QtBot
) -> None:
    def work(spec: Spec, ctx: JobContext) -> object:
        gate.go.wait(20)
        ctx.progress(1, 1)
        ctx.partial("part")
        return spec

    gate.do = work
    stale = [load_spec(number) for number in range(8)]
    for spec in stale:
        runner.submit(spec, services, heard.listener(), group="scene")
    qtbot.waitUntil(lambda: len(gate.order) == LANES["io"])
    runner.supersede("scene")
    fresh = Heard()
    runner.submit(load_spec(99), services, fresh.listener(), group="scene")
    gate.go.set()
    qtbot.waitUntil(lambda: fresh.ends == 1)
    assert (heard.ends, heard.parts, heard.progress) == (0, [], [])
    assert len(gate.order) == LANES["io"] + 1, "those in the queue were dropped unstarted"


@pytest.mark.parametrize("how", ["cancelled", "superseded", "shut down"])
def test_an_answer_that_nobody_wants_is_handed_back(
    runner: Runner, gate: Gate, services: Services, heard: Heard, qtbot: QtBot, how: str
) -> None:
    def deaf(spec: Spec, ctx: JobContext) -> object:
        gate.go.wait(20)
        return "an open project"

    unwanted: list[object] = []
    gate.do = deaf
    handle = runner.submit(load_spec(), services, replace(heard.listener(), unwanted=unwanted.append), group="g")
    qtbot.waitUntil(gate.begun.is_set)
    if how == "cancelled":
        handle.cancel()
        qtbot.waitUntil(lambda: heard.cancelled == 1)
    elif how == "superseded":
        runner.supersede("g")
    else:
        assert not runner.shut_down(0)
    gate.go.set()
    qtbot.waitUntil(lambda: unwanted == ["an open project"])
    assert heard.done == []


def test_higher_priority_goes_first(runner: Runner, gate: Gate, services: Services, heard: Heard, qtbot: QtBot) -> None:
    gate.do = lambda spec, ctx: gate.wait(ctx)
    specs = [OpenProject(f"/{number}", "anna") for number in range(4)]
    runner.submit(specs[0], services, heard.listener())
    qtbot.waitUntil(gate.begun.is_set)
    for spec, priority in zip(specs[1:], (0, 0, 5), strict=True):
        runner.submit(spec, services, heard.listener(), priority=priority)
    gate.go.set()
    qtbot.waitUntil(lambda: heard.ends == 4)
    assert gate.order == [specs[0], specs[3], specs[1], specs[2]]


def test_an_error_of_the_environment_fails_the_job(
    runner: Runner, gate: Gate, services: Services, heard: Heard, qtbot: QtBot
) -> None:
    def work(spec: Spec, ctx: JobContext) -> object:
        raise FileProblem("a.png is gone.", "Put it back.")

    gate.do = work
    handle = runner.submit(load_spec(), services, heard.listener())
    qtbot.waitUntil(lambda: heard.ends == 1)
    assert heard.failed[0].remedy == "Put it back."
    assert handle.error is heard.failed[0]


def test_a_bug_is_logged_reported_and_ends_the_job(
    runner: Runner,
    gate: Gate,
    services: Services,
    heard: Heard,
    qtbot: QtBot,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def work(spec: Spec, ctx: JobContext) -> object:
        raise ZeroDivisionError("oops")

    bugs: list[tuple[str, str]] = []
    runner.on_bug = lambda title, text: bugs.append((title, text))
    gate.do = work
    runner.submit(load_spec(), services, heard.listener())
    qtbot.waitUntil(lambda: heard.ends == 1)
    assert "bug" in heard.failed[0].message
    assert [title for title, _ in bugs] == ["Load picture"]
    assert "ZeroDivisionError: oops" in bugs[0][1]
    assert any(record.exc_info for record in caplog.records)
    caplog.clear()
    gate.do = lambda spec, ctx: "still at work"
    runner.submit(load_spec(), services, heard.listener())
    qtbot.waitUntil(lambda: heard.done == ["still at work"])


def test_running_out_of_memory_is_no_bug(
    runner: Runner, gate: Gate, services: Services, heard: Heard, qtbot: QtBot
) -> None:
    def work(spec: Spec, ctx: JobContext) -> object:
        raise MemoryError

    gate.do = work
    runner.submit(load_spec(), services, heard.listener())
    qtbot.waitUntil(lambda: heard.ends == 1)
    assert "memory" in heard.failed[0].message


def test_observers_hear_of_shown_jobs_only(
    runner: Runner, gate: Gate, services: Services, heard: Heard, qtbot: QtBot
) -> None:
    class Observer:
        states: list[State] = []  # noqa: RUF012 - of this test alone

        def job_changed(self, handle: Handle) -> None:
            self.states.append(handle.state)

    runner.observe(Observer())
    runner.submit(load_spec(0), services, heard.listener(shown=False))
    qtbot.waitUntil(lambda: heard.ends == 1)
    assert Observer.states == []
    runner.submit(load_spec(1), services, heard.listener(shown=True))
    qtbot.waitUntil(lambda: heard.ends == 2)
    assert Observer.states == [State.QUEUED, State.RUNNING, State.DONE]


def test_abandoning_waits_for_the_workers_and_leaves_the_lanes_usable(
    runner: Runner, gate: Gate, services: Services, heard: Heard, qtbot: QtBot
) -> None:
    ended: list[bool] = []

    def work(spec: Spec, ctx: JobContext) -> object:
        try:
            gate.wait(ctx)
        finally:
            ended.append(True)
        return None

    gate.do = work
    runner.submit(load_spec(), services, heard.listener())
    qtbot.waitUntil(gate.begun.is_set)
    assert runner.abandon_all(10)
    assert ended == [True]
    gate.do = lambda spec, ctx: "next"
    after = Heard()
    runner.submit(load_spec(), services, after.listener())
    qtbot.waitUntil(lambda: after.ends == 1)
    assert heard.ends == 0


def test_shutting_down_ends_all_threads(runner: Runner, gate: Gate, services: Services, heard: Heard) -> None:
    before = set(threading.enumerate())
    gate.do = lambda spec, ctx: gate.wait(ctx)
    for number in range(10):
        runner.submit(load_spec(number), services, heard.listener())
    assert set(threading.enumerate()) > before
    assert runner.shut_down()
    assert set(threading.enumerate()) == before
    assert runner.shut_down(), "twice is harmless"
